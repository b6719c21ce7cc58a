//! Where an address lies, and what a browser is.

use std::net::IpAddr;

use super::Enriched;
use crate::event::Field;

impl Enriched<'_, '_> {
    pub(super) fn network(&mut self) {
        let Some(ip) = self.event.get(Field::SourceIp) else {
            return;
        };
        let Ok(ip) = ip.parse::<IpAddr>() else { return };
        let registers = self.house.registers;
        if let Some(name) = registers.network(ip) {
            self.put(Field::SourceNetwork, name);
        } else if registers.has_networks() || is_public(ip) {
            self.put(Field::SourceNetwork, "outside");
        } else {
            self.put(Field::SourceNetwork, "private");
        }
    }

    pub(super) fn agent(&mut self) {
        let Some(agent) = self.event.get(Field::UserAgent) else {
            return;
        };
        let legacy = agent.contains("MSIE ") || agent.contains("Trident/");
        self.put(
            Field::UserAgentLegacy,
            if legacy { "true" } else { "false" },
        );
    }
}

/// An address of the public internet: not private, shared, link-local, loopback, documentation or
/// otherwise special (RFC 6890), decided by code since no table is shipped.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || shared)
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public(IpAddr::V4(v4)),
            None => {
                !(v6.is_loopback()
                    || v6.is_unspecified()
                    || v6.is_multicast()
                    || v6.is_unique_local()
                    || v6.is_unicast_link_local())
            }
        },
    }
}
