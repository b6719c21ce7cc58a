//! The countries of addresses: a database in MaxMind's format, and the countries of the house.
//!
//! Takes the bytes of an `.mmdb` file (GeoLite2 Country, DB-IP Country Lite and their like) and
//! the codes to expect; gives the country of an address. Never downloads one and never guesses.

use std::net::IpAddr;

use maxminddb::{PathElement, Reader};

use crate::diagnostic::{Complaints, Place, Problem};

use super::RegisterFile;

/// The database and the countries that are expected.
#[derive(Debug)]
pub(super) struct Countries {
    database: Reader<Vec<u8>>,
    /// ISO 3166-1 codes, upper case.
    expected: Vec<String>,
}

impl Countries {
    /// Reads a database. A file that is none is complained about.
    pub(super) fn read(
        file: &RegisterFile<'_>,
        expected: &[String],
        complaints: &mut Complaints,
    ) -> Option<Countries> {
        match Reader::from_source(file.bytes.to_vec()) {
            Ok(database) => Some(Countries {
                database,
                expected: expected.to_vec(),
            }),
            Err(_) => {
                complaints.push(not_a_database(file.name));
                None
            }
        }
    }

    /// The ISO 3166-1 code of the country an address lies in, else of the one it is registered in.
    /// What the database does not know, or tells in a damaged way, is not known.
    pub(super) fn of(&self, ip: IpAddr) -> Option<&str> {
        let found = self.database.lookup(ip.to_canonical()).ok()?;
        let told = |name: &'static str| {
            let path = [PathElement::Key(name), PathElement::Key("iso_code")];
            found.decode_path::<&str>(&path).ok().flatten()
        };
        let code = told("country").or_else(|| told("registered_country"))?;
        is_code(code).then_some(code)
    }

    /// True when the country is one the house expects.
    pub(super) fn expects(&self, code: &str) -> bool {
        self.expected.iter().any(|known| known == code)
    }
}

/// True for two upper-case letters, as ISO 3166-1 has it.
fn is_code(code: &str) -> bool {
    code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase())
}

fn not_a_database(name: &str) -> Problem {
    let place = Place {
        file: name.into(),
        line: 1,
        column: 1,
    };
    Problem::error(
        "this is no database of countries",
        "国のデータベースとして読めません",
    )
    .at(place)
    .help(
        "give a country database in MaxMind's format, whose name ends in .mmdb",
        "MaxMind 形式（.mmdb）の国データベースを指定してください",
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::mmdb;
    use super::*;

    fn read(bytes: &[u8]) -> (Option<Countries>, usize) {
        let mut complaints = Complaints::new();
        let file = RegisterFile {
            name: "country.mmdb",
            bytes,
        };
        let countries = Countries::read(&file, &["JP".to_owned()], &mut complaints);
        (countries, complaints.sorted().len())
    }

    fn country(countries: &Countries, ip: &str) -> String {
        let code = countries.of(ip.parse().unwrap());
        code.unwrap_or("-").to_owned()
    }

    #[test]
    fn an_address_lies_in_the_country_of_its_network() {
        let (countries, complaints) = read(&mmdb::sample());
        let countries = countries.unwrap();
        assert_eq!(complaints, 0);
        for (ip, code) in [
            ("198.51.100.0", "JP"),
            ("198.51.100.255", "JP"),
            ("::ffff:198.51.100.7", "JP"),
            ("198.51.101.0", "-"),
            ("203.0.113.9", "NL"),
            ("203.0.113.128", "-"),
            ("2001:db8::1", "US"),
            ("192.0.2.1", "BR"),
            ("10.0.0.1", "-"),
            ("::1", "-"),
        ] {
            assert_eq!(country(&countries, ip), code, "{ip}");
        }
        assert!(countries.expects("JP") && !countries.expects("NL"));
    }

    #[test]
    fn what_is_no_database_is_complained_about() {
        for bytes in [&b""[..], b"mac,ip,name\n", &[0xff; 400]] {
            let (countries, complaints) = read(bytes);
            assert!(countries.is_none());
            assert_eq!(complaints, 1);
        }
    }

    #[test]
    fn the_checked_in_sample_is_the_one_made_here() {
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/geoip/country.mmdb");
        if std::env::var_os("UPDATE_GEOIP").is_some() {
            std::fs::write(&path, mmdb::sample()).expect("the folder is writable");
        }
        let kept = std::fs::read(&path).expect("the sample is there");
        assert_eq!(kept, mmdb::sample());
    }

    proptest! {
        #[test]
        fn damage_never_panics(
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
            ips in proptest::collection::vec(any::<IpAddr>(), 1..8),
        ) {
            let mut bytes = mmdb::sample();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let (Some(countries), _) = read(&bytes) {
                for ip in ips {
                    let _ = countries.of(ip);
                }
                for ip in ["198.51.100.1", "203.0.113.9", "2001:db8::1"] {
                    let _ = countries.of(ip.parse().unwrap());
                }
            }
        }
    }
}
