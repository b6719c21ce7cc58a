//! Nodes of a document → maps, lists and words, with every complaint at its place.
//!
//! Takes nodes of any shape; gives those of the shape asked for, or nothing and a complaint. Never
//! knows what a calendar is.

use super::Load;
use super::grammar::Slip;
use crate::diagnostic::{self, Complaints, Lang, Place, Problem};
use crate::yaml::{Key, Node, Value};

/// Reads nodes and collects complaints.
pub(super) struct Reader<'r> {
    pub(super) load: Load<'r>,
    pub(super) complaints: &'r mut Complaints,
}

impl Reader<'_> {
    /// The entries of a map whose keys are all known; `what` names the map in complaints.
    pub(super) fn map<'n>(&mut self, node: &'n Node, known: &[&str]) -> &'n [(Key, Node)] {
        let Some(entries) = node.as_map() else {
            self.expected(node, "keys and values", "キーと値");
            return &[];
        };
        for (key, _) in entries {
            if !known.contains(&key.text.as_str()) {
                self.unknown_key(key, known);
            }
        }
        entries
    }

    fn unknown_key(&mut self, key: &Key, known: &[&str]) {
        let problem = Problem::error(
            format!("unknown key \"{}\"", key.text),
            format!("キー「{}」は使えません", key.text),
        )
        .at(key.place.clone());
        let list = known.join(", ");
        self.complaints.push(
            match diagnostic::nearest(&key.text, known.iter().copied()) {
                Some(near) => {
                    problem.help(format!("did you mean {near}?"), format!("{near} ですか"))
                }
                None => problem.help(format!("known keys: {list}"), format!("使えるキー: {list}")),
            },
        );
    }

    /// Complains that something else was expected here.
    pub(super) fn expected(&mut self, node: &Node, en: &str, ja: &str) {
        let (kind_en, kind_ja) = (node.kind(Lang::En), node.kind(Lang::Ja));
        let problem = Problem::error(
            format!("expected {en}, found {kind_en}"),
            format!("{ja}が必要ですが、{kind_ja}があります"),
        );
        self.complaints.push(problem.at(node.place.clone()));
    }

    /// The text of a single value.
    pub(super) fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        let text = node.as_str();
        if text.is_none() {
            self.expected(node, "a single value", "単独の値");
        }
        text
    }

    /// The items of a list; nothing written is an empty list.
    pub(super) fn list<'n>(&mut self, node: &'n Node) -> &'n [Node] {
        if node.is_null() {
            return &[];
        }
        node.as_seq().unwrap_or_else(|| {
            self.expected(node, "a list", "リスト");
            &[]
        })
    }

    /// The items of a list, or a single value as a list of one.
    pub(super) fn one_or_many<'n>(&mut self, node: &'n Node) -> &'n [Node] {
        match &node.value {
            Value::Scalar { .. } => std::slice::from_ref(node),
            _ => self.list(node),
        }
    }

    /// Complains about a slip inside a scalar, at its very character.
    pub(super) fn slip(&mut self, node: &Node, slip: Slip) {
        let quoted = matches!(node.value, Value::Scalar { plain: false, .. });
        let mut place = node.place.clone();
        place.column += u32::try_from(slip.at).unwrap_or(0) + u32::from(quoted);
        let found = node.as_str().unwrap_or_default();
        self.complaints.push(slip.problem.at(place).found(found));
    }

    /// The bytes of a file named in the document.
    pub(super) fn open(&mut self, file: &str, place: &Place) -> Option<Vec<u8>> {
        match (self.load)(file) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                let problem = match error.kind() {
                    std::io::ErrorKind::NotFound => Problem::error(
                        format!("there is no file {file}"),
                        format!("ファイル {file} がありません"),
                    ),
                    _ => Problem::error(
                        format!("cannot read {file}: {error}"),
                        format!("{file} を読めません: {error}"),
                    ),
                };
                self.complaints.push(problem.at(place.clone()).help(
                    "paths are relative to the file that names them",
                    "パスはこのファイルからの相対パスです",
                ));
                None
            }
        }
    }

    /// Complains that a key is missing from a map.
    pub(super) fn missing(&mut self, node: &Node, key: &str) {
        self.complaints.push(
            Problem::error(
                format!("the key {key} is missing"),
                format!("キー {key} がありません"),
            )
            .at(node.place.clone()),
        );
    }
}

/// Whether a text holds Japanese letters.
pub(super) fn is_japanese(text: &str) -> bool {
    let japanese = |c| matches!(c, '\u{3005}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}');
    text.chars().any(japanese)
}

/// Whether any text of a document is Japanese, keys included.
pub(super) fn speaks_japanese(node: &Node) -> bool {
    match &node.value {
        Value::Null => false,
        Value::Scalar { text, .. } => is_japanese(text),
        Value::Seq(items) => items.iter().any(speaks_japanese),
        Value::Map(entries) => entries
            .iter()
            .any(|(key, value)| is_japanese(&key.text) || speaks_japanese(value)),
    }
}
