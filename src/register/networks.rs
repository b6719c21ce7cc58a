//! The house's networks: which one holds an address.
//!
//! Takes `networks: { clinical: [10.20.0.0/16] }` of the config; gives the name of the narrowest
//! network around an address. Never resolves a host name.

use std::net::IpAddr;

use crate::diagnostic::{Complaints, Problem};
use crate::yaml::{Node, Value};

/// Networks, the narrowest first.
#[derive(Debug, Default)]
pub(super) struct Networks {
    names: Vec<String>,
    /// By version of the protocol, narrowest prefix first, then by address.
    v4: Vec<Network>,
    v6: Vec<Network>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    /// Length of the prefix, counted in 128 bits for both versions.
    prefix: u8,
    /// First address, v4 in the low 32 bits.
    first: u128,
    /// Index into the names.
    name: usize,
}

impl Networks {
    /// True when no network was configured.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// True when a network has this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.iter().any(|known| known == name)
    }

    /// Reads the map of names and networks; a name may stand for one network or a list.
    pub(super) fn read(node: &Node, complaints: &mut Complaints) -> Networks {
        let mut networks = Networks::default();
        let Some(entries) = node.as_map() else {
            if !node.is_null() {
                complaints.push(not_a_map(node));
            }
            return networks;
        };
        for (key, value) in entries {
            networks.names.push(key.text.clone());
            match &value.value {
                Value::Seq(items) => items.iter().for_each(|n| networks.add(n, complaints)),
                _ => networks.add(value, complaints),
            }
        }
        for list in [&mut networks.v4, &mut networks.v6] {
            list.sort_by_key(|n| (u8::MAX - n.prefix, n.first));
        }
        networks
    }

    fn add(&mut self, node: &Node, complaints: &mut Complaints) {
        let text = node.as_str().unwrap_or("");
        let (network, v4) = match parse(text) {
            Ok((prefix, first, v4)) => {
                let name = self.names.len() - 1;
                (
                    Network {
                        prefix,
                        first,
                        name,
                    },
                    v4,
                )
            }
            Err(problem) => return complaints.push(problem.at(node.place.clone()).found(text)),
        };
        let list = if v4 { &mut self.v4 } else { &mut self.v6 };
        let same = list
            .iter()
            .find(|n| (n.prefix, n.first) == (network.prefix, network.first));
        if let Some(same) = same {
            let problem = doubled(&self.names[same.name]);
            return complaints.push(problem.at(node.place.clone()).found(text));
        }
        list.push(network);
    }

    /// The name of the narrowest network that holds an address.
    pub(super) fn name_of(&self, ip: IpAddr) -> Option<&str> {
        let (number, list) = match ip.to_canonical() {
            IpAddr::V4(ip) => (u128::from(ip.to_bits()), &self.v4),
            IpAddr::V6(ip) => (ip.to_bits(), &self.v6),
        };
        let mut rest = list.as_slice();
        while let Some(narrowest) = rest.first() {
            let length = rest.partition_point(|n| n.prefix == narrowest.prefix);
            let (equal, wider) = rest.split_at(length);
            let first = number & mask(narrowest.prefix);
            if let Ok(found) = equal.binary_search_by_key(&first, |n| n.first) {
                return Some(&self.names[equal[found].name]);
            }
            rest = wider;
        }
        None
    }
}

pub(super) fn mask(prefix: u8) -> u128 {
    match prefix {
        0 => 0,
        prefix => u128::MAX << (128 - u32::from(prefix.min(128))),
    }
}

/// Prefix in 128 bits, first address, and whether it is IPv4.
pub(super) fn parse(text: &str) -> Result<(u8, u128, bool), Problem> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let ip: IpAddr = address.parse().map_err(|_| not_a_network())?;
    let (bits, number, v4) = match ip {
        IpAddr::V4(ip) => (32, u128::from(ip.to_bits()), true),
        IpAddr::V6(ip) => (128, ip.to_bits(), false),
    };
    let length: u8 = match length {
        None => bits,
        Some(length) => length.parse().map_err(|_| not_a_network())?,
    };
    if length > bits {
        return Err(not_a_network());
    }
    let prefix = length + (128 - bits);
    let first = number & mask(prefix);
    if first != number {
        let first = match v4 {
            true => IpAddr::V4((first as u32).into()),
            false => IpAddr::V6(first.into()),
        };
        return Err(inside(&format!("{first}/{length}")));
    }
    Ok((prefix, first, v4))
}

fn not_a_map(node: &Node) -> Problem {
    Problem::error(
        "networks must be names with their addresses",
        "networks には名前とアドレスの組を書いてください",
    )
    .at(node.place.clone())
    .help(
        "write networks: { clinical: [10.20.0.0/16] }",
        "networks: { clinical: [10.20.0.0/16] } のように書いてください",
    )
}

fn not_a_network() -> Problem {
    Problem::error("this is no network", "ネットワークとして読めません").help(
        "write an address and the length of its prefix: 10.20.0.0/16 or 2001:db8::/32",
        "10.20.0.0/16 や 2001:db8::/32 のように、アドレスとプレフィックス長を書いてください",
    )
}

fn inside(network: &str) -> Problem {
    Problem::error(
        "the address lies inside the network instead of at its beginning",
        "ネットワークの先頭ではないアドレスです",
    )
    .help(
        format!("the network is {network}"),
        format!("ネットワークは {network} です"),
    )
}

fn doubled(name: &str) -> Problem {
    Problem::error(
        format!("this network stands under \"{name}\" already"),
        format!("同じネットワークが「{name}」にもあります"),
    )
    .help("keep one of them", "どちらか一つにしてください")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn networks(text: &str) -> (Networks, Vec<String>) {
        let mut complaints = Complaints::new();
        let nodes = crate::yaml::read("yomawari.yaml", text, &mut complaints);
        let networks = Networks::read(&nodes[0], &mut complaints);
        let said = complaints.sorted();
        (
            networks,
            said.iter()
                .map(|p| p.render(crate::diagnostic::Lang::En))
                .collect(),
        )
    }

    #[test]
    fn the_narrowest_network_names_an_address() {
        let (networks, complaints) = networks(
            "clinical: [10.20.0.0/16, '2001:db8::/32']\nicu: 10.20.3.0/24\nprinter: 10.20.3.9\nall6: ['::/0']\n",
        );
        assert_eq!(complaints, [""; 0]);
        let name = |ip: &str| networks.name_of(ip.parse().unwrap()).map(str::to_owned);
        assert_eq!(name("10.20.0.0").as_deref(), Some("clinical"));
        assert_eq!(name("10.20.255.255").as_deref(), Some("clinical"));
        assert_eq!(name("10.20.3.8").as_deref(), Some("icu"));
        assert_eq!(name("10.20.3.9").as_deref(), Some("printer"));
        assert_eq!(name("::ffff:10.20.3.8").as_deref(), Some("icu"));
        assert_eq!(name("2001:db8::1").as_deref(), Some("clinical"));
        assert_eq!(name("2001:db9::1").as_deref(), Some("all6"));
        assert_eq!(name("10.21.0.0"), None);
    }

    #[test]
    fn every_mistake_is_named_with_its_place() {
        let (_, complaints) =
            networks("a: [10.20.0.1/16, 10.0.0.0/33, x]\nb: [10.1.0.0/16]\nc: 10.1.0.0/16\n");
        assert_eq!(complaints.len(), 4);
        assert!(complaints[0].starts_with("yomawari.yaml:1:5: error: the address lies inside"));
        assert!(complaints[0].contains("help: the network is 10.20.0.0/16"));
        assert!(complaints[3].contains("stands under \"b\" already"));
        assert!(!networks("[a]").1.is_empty());
    }

    proptest! {
        #[test]
        fn lookups_equal_a_walk_over_all_networks(
            nets in proptest::collection::vec((0u32..16, 0u8..=6), 0..12),
            ip in 0u32..16,
        ) {
            // All the variety lies in bits 28 to 24: prefixes of 2 to 8, addresses of one octet.
            let mut list = Networks::default();
            for (address, length) in nets {
                let prefix = 96 + 2 + length;
                let first = u128::from(address << 24) & mask(prefix);
                if !list.v4.iter().any(|n| (n.prefix, n.first) == (prefix, first)) {
                    list.names.push(format!("{prefix} {first}"));
                    list.v4.push(Network { prefix, first, name: list.names.len() - 1 });
                }
            }
            let number = u128::from(ip << 24);
            let walked = list.v4.iter().filter(|n| number & mask(n.prefix) == n.first)
                .max_by_key(|n| n.prefix).map(|n| list.names[n.name].clone());
            list.v4.sort_by_key(|n| (u8::MAX - n.prefix, n.first));
            let found = list.name_of(IpAddr::V4((ip << 24).into())).map(str::to_owned);
            prop_assert_eq!(found, walked);
        }
    }
}
