//! The events of the YAML parser to a tree of nodes.
//!
//! Takes event after event with its place; gives the documents. Never knows what the values mean.

use std::collections::HashSet;
use std::sync::Arc;

use saphyr_parser::{Event, ScalarStyle, Span};

use super::{Key, MAX_DEPTH, Node, Value};
use crate::diagnostic::{Complaints, Place, Problem};

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

/// The tree as far as it has been read.
pub(super) struct Builder {
    file: Arc<str>,
    /// Lines of the file before the part that is read.
    before: usize,
    stack: Vec<Open>,
    documents: Vec<Node>,
}

impl Builder {
    /// Nothing read yet of this file, of which so many lines stand before the part.
    pub(super) fn new(file: Arc<str>, before: usize) -> Builder {
        Builder {
            file,
            before,
            stack: Vec::new(),
            documents: Vec::new(),
        }
    }

    /// The documents that were read whole.
    pub(super) fn into_documents(self) -> Vec<Node> {
        self.documents
    }

    /// The place of a line of the part, from 1, and a column, from 0.
    pub(super) fn place(&self, line: usize, column0: usize) -> Place {
        Place {
            file: self.file.clone(),
            line: (line + self.before) as u32,
            column: column0 as u32 + 1,
        }
    }

    /// Adds what the parser found. A doubled key is complained about and left out.
    ///
    /// # Errors
    /// What ends the reading: an alias, too deep nesting, a key that is no single value.
    pub(super) fn take(
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
