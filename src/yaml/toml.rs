//! TOML as the tree that YAML gives.
//!
//! Takes the text of a document; gives its nodes in the order written, each with its place. Never
//! knows what the values mean.

use std::sync::Arc;

use super::{Key, Node, Value, too_large};
use crate::diagnostic::{Complaints, Place, Problem};

/// Reads a TOML document as the same tree of nodes.
///
/// `file` is the name used in places. Strings count as quoted; numbers, dates and booleans keep
/// their written form, as in YAML.
pub fn read_toml(file: &str, text: &str, complaints: &mut Complaints) -> Option<Node> {
    let mut places = TextPlaces {
        file: Arc::from(file),
        text: text.strip_prefix('\u{feff}').unwrap_or(text),
        lines: Vec::new(),
    };
    if let Some(problem) = too_large(text) {
        complaints.push(problem.at(places.whole()));
        return None;
    }
    let breaks = places.text.match_indices('\n').map(|(at, _)| at + 1);
    places.lines = std::iter::once(0).chain(breaks).collect();
    match toml::de::DeTable::parse(places.text) {
        Ok(table) => {
            let value = toml_map(table.get_ref(), &places);
            let place = places.at(0);
            Some(Node { place, value })
        }
        Err(error) => {
            let place = places.at(error.span().map_or(0, |span| span.start));
            complaints.push(
                Problem::error(
                    format!("not readable as TOML: {}", error.message()),
                    format!("TOML として読めません: {}", error.message()),
                )
                .at(place),
            );
            None
        }
    }
}

/// Turns byte offsets of a text into places.
struct TextPlaces<'t> {
    file: Arc<str>,
    text: &'t str,
    /// Offsets at which lines begin.
    lines: Vec<usize>,
}

impl TextPlaces<'_> {
    fn whole(&self) -> Place {
        Place {
            file: self.file.clone(),
            line: 0,
            column: 0,
        }
    }

    fn at(&self, offset: usize) -> Place {
        let line = self.lines.partition_point(|begin| *begin <= offset);
        let begin = line.checked_sub(1).and_then(|index| self.lines.get(index));
        let before = self.text.get(begin.copied().unwrap_or(0)..offset);
        Place {
            file: self.file.clone(),
            line: line as u32,
            column: before.map_or(0, |text| text.chars().count()) as u32 + 1,
        }
    }
}

fn toml_map(table: &toml::de::DeTable<'_>, places: &TextPlaces<'_>) -> Value {
    let mut entries: Vec<_> = table.iter().collect();
    // The parser sorts keys; the order written is the order of their places.
    entries.sort_by_key(|(key, _)| key.span().start);
    let entry = |(key, value): (&toml::Spanned<_>, &toml::Spanned<_>)| {
        let key: &toml::Spanned<toml::de::DeString<'_>> = key;
        let named = Key {
            text: key.get_ref().to_string(),
            place: places.at(key.span().start),
        };
        (named, toml_node(value, places))
    };
    Value::Map(entries.into_iter().map(entry).collect())
}

fn toml_node(node: &toml::Spanned<toml::de::DeValue<'_>>, places: &TextPlaces<'_>) -> Node {
    use toml::de::DeValue;
    let value = match node.get_ref() {
        DeValue::String(text) => Value::Scalar {
            text: text.to_string(),
            plain: false,
        },
        DeValue::Array(items) => {
            Value::Seq(items.iter().map(|item| toml_node(item, places)).collect())
        }
        DeValue::Table(table) => toml_map(table, places),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {
            Value::Scalar {
                text: places.text.get(node.span()).unwrap_or_default().to_owned(),
                plain: true,
            }
        }
    };
    Node {
        place: places.at(node.span().start),
        value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toml_gives_the_same_tree_with_places() {
        let mut complaints = Complaints::new();
        let text = "version = 1\nholidays = \"JP\"\n[calendars.clinic]\nname = \"内科\"\nhours = [\n  \"月 08:30-18:00\", \"x\",\n]\nfrom = 2026-04-01\n";
        let node = read_toml("c.toml", text, &mut complaints).expect("it is well formed");
        assert!(complaints.is_empty());
        assert_eq!(node.get("version").and_then(Node::as_i64), Some(1));
        let clinic = node
            .get("calendars")
            .and_then(|n| n.get("clinic"))
            .expect("a table");
        let keys: Vec<&str> = clinic
            .as_map()
            .expect("a map")
            .iter()
            .map(|(k, _)| &*k.text)
            .collect();
        assert_eq!(keys, ["name", "hours", "from"]);
        let hours = clinic.get("hours").and_then(Node::as_seq).expect("a list");
        assert_eq!(hours[0].as_str(), Some("月 08:30-18:00"));
        assert_eq!(hours[1].place.to_string(), "c.toml:6:20");
        assert_eq!(
            clinic.get("from").and_then(Node::as_str),
            Some("2026-04-01")
        );
    }

    #[test]
    fn broken_toml_is_refused_at_its_place() {
        let mut complaints = Complaints::new();
        assert!(read_toml("c.toml", "a = 1\nb = \n", &mut complaints).is_none());
        let place = complaints.sorted()[0].place.clone().expect("a place");
        assert_eq!((place.line, &*place.file), (2, "c.toml"));
    }
}
