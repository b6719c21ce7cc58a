//! Where an address lies, and what a browser is.

use std::net::IpAddr;

use super::Enriched;
use crate::event::Field;

impl<'r> Enriched<'_, 'r> {
    /// The network of where the event came from; of a lease, of the address that was leased.
    pub(super) fn source_network(&mut self) {
        let ip = self.source_address();
        self.network(ip, Field::SourceNetwork);
    }

    pub(super) fn destination_network(&mut self) {
        let ip = self.event.get(Field::DestinationIp);
        self.network(ip, Field::DestinationNetwork);
    }

    /// The address whose network `source.network` names.
    pub(super) fn source_address(&self) -> Option<&'r str> {
        let source = self.event.get(Field::SourceIp);
        source.or_else(|| self.event.get(Field::ClientIp))
    }

    fn network(&mut self, ip: Option<&'r str>, field: Field) {
        let Some(text) = ip else { return };
        if let Some(name) = self.memo.networks.get(text) {
            return self.put(field, name);
        }
        let Ok(ip) = text.parse::<IpAddr>() else {
            return;
        };
        let registers = self.house.registers;
        let name = match registers.network(ip) {
            Some(name) => name,
            None if registers.has_networks() || is_public(ip) => "outside",
            None => "private",
        };
        self.memo.networks.put(text, name);
        self.put(field, name);
    }

    /// The country of the address the user came from. An address of the house's own networks is at
    /// home, whatever a database says of it.
    pub(super) fn country(&mut self) {
        let ip = self.event.get(Field::SourceIp).map(str::parse::<IpAddr>);
        let registers = self.house.registers;
        let Some(Ok(ip)) = ip else { return };
        if registers.network(ip).is_some() {
            return;
        }
        if let Some((code, is_expected)) = registers.country(ip) {
            self.put(Field::SourceCountry, code);
            let word = if is_expected { "true" } else { "false" };
            self.put(Field::SourceCountryExpected, word);
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
