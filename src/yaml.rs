//! Reading YAML, JSON and TOML so that every value knows where it stands.
//!
//! Takes the text of a config, calendar or rule file; gives a tree of nodes with line and column
//! and the complaints found. Scalars keep their written form (`00000429`, `off` and `08:30` stay
//! text). A doubled key, an alias, too deep nesting and a too large file are refused here.
//! Never knows what the values mean.

use std::collections::HashSet;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::diagnostic::{Complaints, Lang, Place, Problem};

/// Largest file read, in bytes.
const MAX_BYTES: usize = 8 << 20;
/// Deepest nesting read.
const MAX_DEPTH: usize = 64;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the value begins.
    pub place: Place,
    /// The value.
    pub value: Value,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing was written (`key:`), or `~` or `null` without quotes.
    Null,
    /// A scalar in its written form.
    Scalar {
        /// The text as written, escapes resolved.
        text: String,
        /// True when it stood without quotes, so that `5` may be a number and `true` a boolean.
        plain: bool,
    },
    /// A list.
    Seq(Vec<Node>),
    /// A map in written order; keys are unique.
    Map(Vec<(Key, Node)>),
}

/// The key of a map entry and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The key's text.
    pub text: String,
    /// Where the key begins.
    pub place: Place,
}

impl Node {
    /// The text of a scalar; `None` for null, lists and maps.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The entries of a map; `None` for anything else.
    pub fn as_map(&self) -> Option<&[(Key, Node)]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items of a list; `None` for anything else.
    pub fn as_seq(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Seq(items) => Some(items),
            _ => None,
        }
    }

    /// The value under a key of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?
            .iter()
            .find(|(k, _)| k.text == key)
            .map(|(_, v)| v)
    }

    /// True for null.
    pub fn is_null(&self) -> bool {
        self.value == Value::Null
    }

    /// A whole number written without quotes.
    pub fn as_i64(&self) -> Option<i64> {
        match &self.value {
            Value::Scalar { text, plain: true } => text.parse().ok(),
            _ => None,
        }
    }

    /// `true` or `false` written without quotes (YAML 1.2: `yes`, `on` and their like are text).
    pub fn as_bool(&self) -> Option<bool> {
        match &self.value {
            Value::Scalar { text, plain: true } => match text.as_str() {
                "true" | "True" | "TRUE" => Some(true),
                "false" | "False" | "FALSE" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// What kind of value this is, for messages.
    pub fn kind(&self, lang: Lang) -> &'static str {
        match (&self.value, lang) {
            (Value::Null, Lang::En) => "nothing",
            (Value::Null, Lang::Ja) => "空",
            (Value::Scalar { .. }, Lang::En) => "a single value",
            (Value::Scalar { .. }, Lang::Ja) => "単独の値",
            (Value::Seq(_), Lang::En) => "a list",
            (Value::Seq(_), Lang::Ja) => "リスト",
            (Value::Map(_), Lang::En) => "a map",
            (Value::Map(_), Lang::Ja) => "キーと値の組",
        }
    }
}

/// Reads all documents of a text. What is well formed before the first syntax error is given.
///
/// `file` is the name used in places. JSON is read too, being a part of YAML.
pub fn read(file: &str, text: &str, complaints: &mut Complaints) -> Vec<Node> {
    let file: Arc<str> = Arc::from(file);
    let whole = Place {
        file: file.clone(),
        line: 0,
        column: 0,
    };
    if let Some(problem) = too_large(text) {
        complaints.push(problem.at(whole));
        return Vec::new();
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder {
        file,
        stack: Vec::new(),
        documents: Vec::new(),
    };
    for item in Parser::new_from_str(text) {
        let outcome = match item {
            Ok((event, span)) => builder.take(event, span, complaints),
            Err(error) => {
                let mark = error.marker();
                Err(Problem::error(
                    format!("not readable as YAML: {}", error.info()),
                    format!("YAML として読めません: {}", error.info()),
                )
                .at(builder.place(mark.line(), mark.col())))
            }
        };
        if let Err(problem) = outcome {
            complaints.push(problem);
            break;
        }
    }
    builder.documents
}

fn too_large(text: &str) -> Option<Problem> {
    let size = text.len();
    (size > MAX_BYTES).then(|| {
        Problem::error(
            format!("the file has {size} bytes; at most {MAX_BYTES} are read"),
            format!("ファイルが {size} バイトあります（上限 {MAX_BYTES}）"),
        )
    })
}

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

/// A collection whose end has not come yet.
enum Open {
    Seq(Place, Vec<Node>),
    Map(Place, Entries, Option<Key>),
}

/// The entries of a map, and the keys seen once there are more than a few: looking through all of
/// them for each new one would take quadratic time in a hostile file.
#[derive(Default)]
struct Entries {
    all: Vec<(Key, Node)>,
    seen: HashSet<String>,
}

/// Maps up to this many entries are looked through.
const FEW: usize = 16;

impl Entries {
    fn holds(&self, key: &str) -> bool {
        match self.all.len() {
            0..=FEW => self.all.iter().any(|(k, _)| k.text == key),
            _ => self.seen.contains(key),
        }
    }

    fn push(&mut self, key: Key, node: Node) {
        if self.all.len() >= FEW {
            if self.seen.is_empty() {
                self.seen
                    .extend(self.all.iter().map(|(k, _)| k.text.clone()));
            }
            self.seen.insert(key.text.clone());
        }
        self.all.push((key, node));
    }
}

struct Builder {
    file: Arc<str>,
    stack: Vec<Open>,
    documents: Vec<Node>,
}

impl Builder {
    fn place(&self, line: usize, column0: usize) -> Place {
        Place {
            file: self.file.clone(),
            line: line as u32,
            column: column0 as u32 + 1,
        }
    }

    fn take(
        &mut self,
        event: Event<'_>,
        span: Span,
        complaints: &mut Complaints,
    ) -> Result<(), Problem> {
        let place = self.place(span.start.line(), span.start.col());
        match event {
            Event::Scalar(text, style, _, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let null = plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                let value = if null {
                    Value::Null
                } else {
                    Value::Scalar {
                        text: text.into_owned(),
                        plain,
                    }
                };
                self.add(Node { place, value }, complaints)
            }
            Event::SequenceStart(..) => self.open(Open::Seq(place, Vec::new())),
            Event::MappingStart(..) => self.open(Open::Map(place, Entries::default(), None)),
            Event::SequenceEnd | Event::MappingEnd => self.close(complaints),
            Event::Alias(_) => Err(Problem::error(
                "an alias (*name) is not accepted: write the value out",
                "別名参照（*name）は使えません。値をそのまま書いてください",
            )
            .at(place)),
            _ => Ok(()),
        }
    }

    fn open(&mut self, open: Open) -> Result<(), Problem> {
        if self.stack.len() >= MAX_DEPTH {
            let (Open::Seq(place, _) | Open::Map(place, ..)) = &open;
            return Err(Problem::error(
                format!("nested deeper than {MAX_DEPTH} levels"),
                format!("入れ子が {MAX_DEPTH} 段を超えています"),
            )
            .at(place.clone()));
        }
        self.stack.push(open);
        Ok(())
    }

    fn close(&mut self, complaints: &mut Complaints) -> Result<(), Problem> {
        let node = match self.stack.pop() {
            Some(Open::Seq(place, items)) => Node {
                place,
                value: Value::Seq(items),
            },
            Some(Open::Map(place, entries, _)) => Node {
                place,
                value: Value::Map(entries.all),
            },
            None => return Ok(()),
        };
        self.add(node, complaints)
    }

    fn add(&mut self, node: Node, complaints: &mut Complaints) -> Result<(), Problem> {
        match self.stack.last_mut() {
            None => self.documents.push(node),
            Some(Open::Seq(_, items)) => items.push(node),
            Some(Open::Map(_, entries, pending)) => match pending.take() {
                Some(key) => {
                    if entries.holds(&key.text) {
                        complaints.push(doubled(&key));
                    } else {
                        entries.push(key, node);
                    }
                }
                None => *pending = Some(key_of(node)?),
            },
        }
        Ok(())
    }
}

fn doubled(key: &Key) -> Problem {
    Problem::error(
        format!("the key \"{}\" stands twice in one map", key.text),
        format!("キー「{}」が同じ階層に二度あります", key.text),
    )
    .at(key.place.clone())
    .help(
        "keep one of them, or join their values in a list",
        "一つにまとめてください",
    )
}

fn key_of(node: Node) -> Result<Key, Problem> {
    match node.value {
        Value::Scalar { text, .. } => Ok(Key {
            text,
            place: node.place,
        }),
        Value::Null => Ok(Key {
            text: String::new(),
            place: node.place,
        }),
        Value::Seq(_) | Value::Map(_) => Err(Problem::error(
            "a key must be a single value",
            "キーには単独の値だけが使えます",
        )
        .at(node.place)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (Vec<Node>, Complaints) {
        let mut complaints = Complaints::new();
        let nodes = read("t.yaml", text, &mut complaints);
        (nodes, complaints)
    }

    #[test]
    fn written_forms_and_places_are_kept() {
        let (docs, complaints) = one("a: 00000429\nb: [off, '5', 5]\n月: 08:30\n");
        assert!(complaints.is_empty());
        let doc = &docs[0];
        assert_eq!(doc.get("a").and_then(Node::as_str), Some("00000429"));
        let b = doc.get("b").and_then(Node::as_seq).expect("a list");
        assert_eq!(b[0].as_str(), Some("off"));
        assert_eq!((b[1].as_i64(), b[2].as_i64()), (None, Some(5)));
        assert_eq!(
            doc.get("月").map(|n| (n.place.line, n.place.column)),
            Some((3, 4))
        );
    }

    #[test]
    fn doubled_keys_aliases_and_depth_are_refused() {
        let (_, complaints) = one("a: 1\na: 2\n");
        assert!(
            complaints.sorted()[0]
                .message
                .en
                .contains("\"a\" stands twice")
        );
        let many: String = (0..40).map(|i| format!("k{i}: 1\n")).collect();
        for doubled in ["k3", "k15", "k16", "k17", "k39"] {
            let complaints = one(&format!("{many}{doubled}: 2\n")).1;
            let told = complaints.sorted();
            assert_eq!(told.len(), 1, "{doubled}");
            assert_eq!(told[0].place.as_ref().map(|p| p.line), Some(41));
        }
        assert!(!one(&many).1.has_errors());
        assert!(one("a: &x 1\nb: *x\n").1.has_errors());
        assert!(one(&"[".repeat(100)).1.has_errors());
    }

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
