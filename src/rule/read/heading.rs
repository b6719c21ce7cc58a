//! What a document of a rule file is called, and which lines it takes, whether or not it could be
//! read.
//!
//! Takes the document or its bare text; gives the words by which people know it.

use std::sync::Arc;

use crate::diagnostic::Place;
use crate::yaml::{Node, Part};

/// What a document is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Its `id` as written, if it states one.
    pub id: Option<String>,
    /// Its `name`, if it states one.
    pub name: Option<String>,
    /// Its `title`, if it states one.
    pub title: Option<String>,
    /// The file as the user named it.
    pub file: Arc<str>,
    /// First and last line.
    pub lines: (u32, u32),
}

impl Heading {
    /// The heading of a document.
    pub(super) fn of(node: &Node, lines: (u32, u32)) -> Heading {
        let word = |key: &str| Some(node.get(key)?.as_str()?.to_owned());
        Heading {
            id: word("id"),
            name: word("name"),
            title: word("title"),
            file: node.place.file.clone(),
            lines,
        }
    }

    /// The heading of a text that is no YAML: from its lines, as far as they look like one.
    pub(super) fn guess(file: &str, part: &Part<'_>) -> Heading {
        let word = |key: &str| {
            let behind = |line: &'_ str| {
                let value = line.strip_prefix(key)?.strip_prefix(':')?.trim();
                let bare = value.trim_matches(['\'', '"']);
                (!bare.is_empty()).then(|| bare.to_owned())
            };
            part.text.lines().find_map(behind)
        };
        Heading {
            id: word("id"),
            name: word("name"),
            title: word("title"),
            file: Arc::from(file),
            lines: part.lines,
        }
    }

    /// By what it is known: its id, else its name, else its title, else where it stands.
    pub fn called(&self) -> String {
        let stated = [&self.id, &self.name, &self.title].into_iter().flatten();
        let mut stated = stated.filter(|word| !word.is_empty());
        match stated.next() {
            Some(word) => word.clone(),
            None => format!("{}:{}", self.file, self.lines.0),
        }
    }

    /// True when the place lies in the document.
    pub fn holds(&self, place: &Place) -> bool {
        self.file == place.file && (self.lines.0..=self.lines.1).contains(&place.line)
    }
}
