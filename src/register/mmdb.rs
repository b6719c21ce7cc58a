//! Writing a small database of countries in MaxMind's format (MaxMind DB File Format
//! Specification 2.0), for tests.
//!
//! Gives networks set apart for documentation (RFC 5737, RFC 3849) made-up countries.

use std::net::IpAddr;

/// Size of a node: two records of 24 bits.
const NODE: usize = 6;
const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";

/// A value of the data section.
enum Data<'d> {
    Text(&'d str),
    Short(u16),
    Long(u32),
    Wide(u64),
    Map(&'d [(&'d str, Data<'d>)]),
    List(&'d [Data<'d>]),
}

/// The sample: Japan, the Netherlands, the United States, and a network that is only registered.
pub(super) fn sample() -> Vec<u8> {
    let networks = [
        ("198.51.100.0", 24, "country", "JP"),
        ("203.0.113.0", 25, "country", "NL"),
        ("2001:db8::", 32, "country", "US"),
        ("192.0.2.0", 24, "registered_country", "BR"),
    ];
    let mut tree = vec![[None::<usize>; 2]];
    let mut leaves = Vec::new();
    let mut data = Vec::new();
    for (address, prefix, kind, code) in networks {
        let country = [("iso_code", Data::Text(code))];
        leaves.push((bits(address, prefix), data.len()));
        write(&mut data, &Data::Map(&[(kind, Data::Map(&country))]));
    }
    let mut ends = Vec::new();
    for (bits, offset) in leaves {
        let (last, path) = bits.split_last().expect("a prefix is not empty");
        let mut node = 0;
        for &bit in path {
            let fresh = tree.len();
            node = match tree[node][bit] {
                Some(next) => next,
                None => {
                    tree[node][bit] = Some(fresh);
                    tree.push([None; 2]);
                    fresh
                }
            };
        }
        ends.push((node, *last, offset));
    }
    let count = tree.len();
    for (node, bit, offset) in ends {
        tree[node][bit] = Some(count + 16 + offset);
    }
    let mut out = Vec::with_capacity(count * NODE);
    for record in tree.iter().flatten() {
        let value = record.unwrap_or(count) as u32;
        out.extend(&value.to_be_bytes()[1..]);
    }
    out.extend([0; 16]);
    out.extend(data);
    out.extend(MARKER);
    let metadata = [
        ("node_count", Data::Long(count as u32)),
        ("record_size", Data::Short(24)),
        ("ip_version", Data::Short(6)),
        ("database_type", Data::Text("Invented-Country")),
        ("languages", Data::List(&[])),
        ("binary_format_major_version", Data::Short(2)),
        ("binary_format_minor_version", Data::Short(0)),
        ("build_epoch", Data::Wide(1_794_787_200)),
        ("description", Data::Map(&[])),
    ];
    write(&mut out, &Data::Map(&metadata));
    out
}

/// The bits of a network, an IPv4 one as the specification places it: below `::/96`.
fn bits(address: &str, prefix: usize) -> Vec<usize> {
    let (number, length) = match address.parse().expect("an address") {
        IpAddr::V4(ip) => (u128::from(ip.to_bits()), 96 + prefix),
        IpAddr::V6(ip) => (ip.to_bits(), prefix),
    };
    let bit = |at: usize| (number >> (127 - at) & 1) as usize;
    (0..length).map(bit).collect()
}

fn write(out: &mut Vec<u8>, value: &Data<'_>) {
    match value {
        Data::Text(text) => {
            control(out, 2, text.len());
            out.extend(text.as_bytes());
        }
        Data::Short(number) => {
            control(out, 5, 2);
            out.extend(number.to_be_bytes());
        }
        Data::Long(number) => {
            control(out, 6, 4);
            out.extend(number.to_be_bytes());
        }
        Data::Wide(number) => {
            control(out, 9, 8);
            out.extend(number.to_be_bytes());
        }
        Data::Map(entries) => {
            control(out, 7, entries.len());
            for (key, value) in *entries {
                write(out, &Data::Text(key));
                write(out, value);
            }
        }
        Data::List(items) => {
            control(out, 11, items.len());
            items.iter().for_each(|item| write(out, item));
        }
    }
}

/// Type and size; types above seven stand in a byte of their own.
fn control(out: &mut Vec<u8>, kind: u8, size: usize) {
    assert!(size < 29, "only short values are written");
    match kind {
        0..=7 => out.push(kind << 5 | size as u8),
        _ => out.extend([size as u8, kind - 7]),
    }
}
