//! `geoip: country.mmdb`, or `geoip: { database: country.mmdb, countries: [JP, US] }`.
//!
//! Takes the value of the key; gives the file and the countries that are expected. Never opens the
//! file.

use std::path::Path;

use super::Named;
use super::keys::{entries, text, texts, wrong_kind};
use crate::diagnostic::{Complaints, Problem};
use crate::yaml::{Node, Value};

const KEYS: &[&str] = &["database", "countries"];
/// The country expected where none is named.
const HOME: &str = "JP";

/// A database of countries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeoIp {
    /// The file.
    pub database: Named,
    /// Countries to expect, ISO 3166-1 codes in upper case; Japan where none is named.
    pub expected: Vec<String>,
}

/// Reads the value of `geoip`.
pub(super) fn read(node: &Node, folder: &Path, complaints: &mut Complaints) -> Option<GeoIp> {
    if !matches!(node.value, Value::Map(_)) {
        return Some(GeoIp {
            database: named(node, "geoip", folder, complaints)?,
            expected: vec![HOME.to_owned()],
        });
    }
    let mut database = None;
    let mut expected = Vec::new();
    for (key, value) in entries(node, "geoip", KEYS, complaints) {
        match key.text.as_str() {
            "database" => database = named(value, "geoip.database", folder, complaints),
            _ => expected = countries(value, complaints),
        }
    }
    if node.get("database").is_none() {
        complaints.push(wrong_kind(node, "geoip", "{ database: country.mmdb }"));
    }
    if expected.is_empty() {
        expected.push(HOME.to_owned());
    }
    Some(GeoIp {
        database: database?,
        expected,
    })
}

fn named(node: &Node, what: &str, folder: &Path, complaints: &mut Complaints) -> Option<Named> {
    let name = text(node, what, complaints)?;
    Some(Named {
        path: folder.join(name),
        place: node.place.clone(),
    })
}

fn countries(node: &Node, complaints: &mut Complaints) -> Vec<String> {
    let mut codes = Vec::new();
    for (word, place) in texts(node, "geoip.countries", complaints) {
        if word.len() == 2 && word.bytes().all(|b| b.is_ascii_alphabetic()) {
            codes.push(word.to_ascii_uppercase());
            continue;
        }
        let problem = Problem::error(
            format!("\"{word}\" is no code of a country"),
            format!("「{word}」は国コードではありません"),
        );
        let problem = problem.at(place).found(&word).help(
            "write two letters, such as JP (ISO 3166-1)",
            "JP のように二文字で書いてください（ISO 3166-1）",
        );
        complaints.push(problem);
    }
    codes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Lang;

    fn geoip(text: &str) -> (Option<GeoIp>, Vec<String>) {
        let mut complaints = Complaints::new();
        let nodes = crate::yaml::read("y.yaml", text, &mut complaints);
        let found = read(&nodes[0], Path::new("house"), &mut complaints);
        let said = complaints.sorted();
        (found, said.iter().map(|p| p.render(Lang::En)).collect())
    }

    #[test]
    fn a_name_alone_expects_japan() {
        for (text, countries) in [
            ("a.mmdb", vec!["JP"]),
            ("{ database: a.mmdb }", vec!["JP"]),
            ("{ database: a.mmdb, countries: us }", vec!["US"]),
            (
                "{ database: a.mmdb, countries: [JP, us] }",
                vec!["JP", "US"],
            ),
        ] {
            let (found, said) = geoip(text);
            assert_eq!(said, [""; 0], "{text}");
            let found = found.expect("a database is named");
            assert_eq!(found.database.path, Path::new("house/a.mmdb"));
            assert_eq!(found.expected, countries, "{text}");
        }
    }

    #[test]
    fn every_mistake_is_named() {
        for (text, said) in [
            ("[a.mmdb]", "geoip: found a list, expected a single value"),
            (
                "{ countries: [JP] }",
                "geoip: found a map, expected { database: country.mmdb }",
            ),
            (
                "{ database: a, country: JP }",
                "unknown key \"country\" in geoip",
            ),
            (
                "{ database: a, countries: [Japan] }",
                "\"Japan\" is no code of a country",
            ),
            (
                "{ database: a, countries: [J9] }",
                "\"J9\" is no code of a country",
            ),
        ] {
            let (_, found) = geoip(text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].contains(said), "{text}: {found:?}");
        }
    }
}
