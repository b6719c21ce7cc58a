//! Reading YAML, JSON and TOML so that every value knows where it stands.
//!
//! Takes the text of a config, calendar or rule file; gives a tree of nodes with line and column
//! and the complaints found. Scalars keep their written form (`00000429`, `off` and `08:30` stay
//! text). A doubled key, too deep nesting, aliases that stand for too much and a too large file
//! are refused here. Never knows what the values mean.

mod builder;
mod toml;

use std::sync::Arc;

use saphyr_parser::Parser;

use crate::diagnostic::{Complaints, Lang, Place, Problem};

use builder::Builder;

pub use toml::read_toml;

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
    read_from(file, text, 0, complaints)
}

/// One document of a file that may hold several, apart from the others: a syntax error in one says
/// nothing about the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Part<'t> {
    /// What could be read, empty when the text holds none (or not readable YAML). More than one
    /// document only where `...` and directives part them.
    pub documents: Vec<Node>,
    /// Nothing was complained about: a document with a doubled key can be read, but not as it was
    /// meant.
    pub whole: bool,
    /// The text, with the `---` in front of it.
    pub text: &'t str,
    /// First and last line.
    pub lines: (u32, u32),
}

/// Reads the documents of a text one by one, parted at the lines that begin with `---`.
///
/// `file` is the name used in places.
pub fn read_parts<'t>(file: &str, text: &'t str, complaints: &mut Complaints) -> Vec<Part<'t>> {
    let name: Arc<str> = Arc::from(file);
    let whole_file = (0, u32::MAX);
    if too_large(text).is_some() {
        return vec![Part {
            documents: read(file, text, complaints),
            whole: false,
            text: "",
            lines: whole_file,
        }];
    }
    let mut parts = Vec::new();
    let mut before = 0;
    for text in split(text) {
        let lines = text.split_inclusive('\n').count();
        let mut own = Complaints::new();
        parts.push(Part {
            documents: read_from(name.clone(), text, before, &mut own),
            whole: !own.has_errors(),
            text,
            lines: (before as u32 + 1, (before + lines) as u32),
        });
        complaints.extend(own);
        before += lines;
    }
    parts
}

/// Cuts a text in front of each line that begins a document. YAML allows such a line nowhere
/// else, not even inside a quoted text.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut from, mut at) = (0, 0);
    for line in text.split_inclusive('\n') {
        let begins = line
            .strip_prefix("---")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']));
        if begins && at > from {
            parts.push(&text[from..at]);
            from = at;
        }
        at += line.len();
    }
    parts.push(&text[from..]);
    parts
}

fn read_from(file: Arc<str>, text: &str, before: usize, complaints: &mut Complaints) -> Vec<Node> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut builder = Builder::new(file, before);
    for item in Parser::new_from_str(text) {
        let outcome = match item {
            Ok((event, span)) => builder.take(event, span, complaints),
            Err(error) => {
                let mark = error.marker();
                // What is missing at the end is missed behind it; the next document has no part
                // in that.
                let (last, end) = end_of(text);
                let (line, column) = match mark.line() > last {
                    true => (last, end),
                    false => (mark.line(), mark.col()),
                };
                Err(Problem::error(
                    format!("not readable as YAML: {}", error.info()),
                    format!("YAML として読めません: {}", error.info()),
                )
                .at(builder.place(line, column)))
            }
        };
        if let Err(problem) = outcome {
            complaints.push(problem);
            break;
        }
    }
    builder.into_documents()
}

/// The last line of a text, from 1, and the characters in it.
fn end_of(text: &str) -> (usize, usize) {
    let last = text.lines().last().unwrap_or_default();
    (text.lines().count().max(1), last.chars().count())
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
    fn a_broken_document_leaves_the_others_readable() {
        let text = "# nothing yet\n--- # one\na: 1\n---\na: [1\n---\na: |\n  text\n  ---\n...\n";
        let mut complaints = Complaints::new();
        let parts = read_parts("t.yaml", text, &mut complaints);
        let read: Vec<_> = parts.iter().map(|p| (p.documents.len(), p.lines)).collect();
        assert_eq!(read, [(0, (1, 1)), (1, (2, 3)), (0, (4, 5)), (1, (6, 10))]);
        assert_eq!(parts[3].documents[0].place.line, 7);
        let told: Vec<_> = complaints
            .sorted()
            .iter()
            .map(|p| p.place.as_ref().map(|p| p.line))
            .collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(
            told[0].is_some_and(|line| (4..=5).contains(&line)),
            "{told:?}"
        );
    }

    #[test]
    fn an_alias_is_its_value_once_more() {
        let (node, complaints) = one("a: &x {k: [1, &y 2]}\nb: *x\nc: *y\n*y : d\n");
        assert!(!complaints.has_errors(), "{complaints:?}");
        let node = &node[0];
        let at = |key: &str| node.get(key).expect("the key is there");
        assert_eq!(at("b").place.line, 2);
        assert_eq!(at("b").value, at("a").value);
        assert_eq!(at("c").as_i64(), Some(2));
        assert_eq!(at("2").as_str(), Some("d"));
    }

    #[test]
    fn aliases_that_never_end_are_refused() {
        let (long, deep) = ("x".repeat(100_000), "[".repeat(40) + &"]".repeat(40));
        for text in [
            "a: &x [*x]\n",
            "a: *nobody\n",
            "a: &x 1\n---\nb: *x\n",
            &*format!("a: &x {long}\nb: [{}]\n", "*x, ".repeat(10)),
            &*format!("a: &x {deep}\nb: {}\n", deep.replace("[]", "[*x]")),
        ] {
            let mut complaints = Complaints::new();
            read("t.yaml", text, &mut complaints);
            assert!(complaints.has_errors(), "{}", &text[..text.len().min(40)]);
        }
    }

    #[test]
    fn doubled_keys_and_depth_are_refused() {
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
        assert!(one(&"[".repeat(100)).1.has_errors());
    }
}
