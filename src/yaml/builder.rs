//! The events of the YAML parser to a tree of nodes.
//!
//! Takes event after event with its place; gives the documents. An alias (`*name`) is its value
//! once more, as long as all of them together write out no more than [`MAX_REPEATED`] values: a
//! few lines of aliases of aliases could stand for more than any memory holds.
//! Never knows what the values mean.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use saphyr_parser::{Event, ScalarStyle, Span};

use super::{Key, MAX_DEPTH, Node, Value};
use crate::diagnostic::{Complaints, Place, Problem};

/// Most values that the aliases of a document may stand for.
const MAX_REPEATED: usize = 10_000;

/// A collection whose end has not come yet.
struct Open {
    place: Place,
    /// By which aliases speak of it; 0 for none.
    anchor: usize,
    parts: Parts,
}

/// What an open collection holds so far.
enum Parts {
    Seq(Vec<Node>),
    Map(Entries, Option<Key>),
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
    /// The values that aliases may speak of.
    anchored: BTreeMap<usize, Node>,
    /// Values that aliases stood for.
    repeated: usize,
}

impl Builder {
    /// Nothing read yet of this file, of which so many lines stand before the part.
    pub(super) fn new(file: Arc<str>, before: usize) -> Builder {
        Builder {
            file,
            before,
            stack: Vec::new(),
            documents: Vec::new(),
            anchored: BTreeMap::new(),
            repeated: 0,
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
    /// What ends the reading: too deep nesting, aliases that stand for too much or for themselves,
    /// a key that is no single value.
    pub(super) fn take(
        &mut self,
        event: Event<'_>,
        span: Span,
        complaints: &mut Complaints,
    ) -> Result<(), Problem> {
        let place = self.place(span.start.line(), span.start.col());
        match event {
            Event::Scalar(text, style, anchor, tag) => {
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
                self.add_anchored(Node { place, value }, anchor, complaints)
            }
            Event::SequenceStart(anchor, _) => self.open(place, anchor, Parts::Seq(Vec::new())),
            Event::MappingStart(anchor, _) => {
                self.open(place, anchor, Parts::Map(Entries::default(), None))
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(complaints),
            Event::Alias(anchor) => {
                let node = self.repeat(anchor, place)?;
                self.add(node, complaints)
            }
            Event::DocumentEnd => {
                self.anchored.clear();
                self.repeated = 0;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn open(&mut self, place: Place, anchor: usize, parts: Parts) -> Result<(), Problem> {
        if self.stack.len() >= MAX_DEPTH {
            return Err(too_deep(place));
        }
        self.stack.push(Open {
            place,
            anchor,
            parts,
        });
        Ok(())
    }

    fn close(&mut self, complaints: &mut Complaints) -> Result<(), Problem> {
        let Some(open) = self.stack.pop() else {
            return Ok(());
        };
        let value = match open.parts {
            Parts::Seq(items) => Value::Seq(items),
            Parts::Map(entries, _) => Value::Map(entries.all),
        };
        let place = open.place;
        self.add_anchored(Node { place, value }, open.anchor, complaints)
    }

    fn add_anchored(
        &mut self,
        node: Node,
        anchor: usize,
        complaints: &mut Complaints,
    ) -> Result<(), Problem> {
        if anchor != 0 {
            // Kept once more, it takes memory as an alias of it would.
            self.count(&node, &node.place)?;
            self.anchored.insert(anchor, node.clone());
        }
        self.add(node, complaints)
    }

    /// The value an alias at this place stands for.
    fn repeat(&mut self, anchor: usize, place: Place) -> Result<Node, Problem> {
        let Some(found) = self.anchored.get(&anchor) else {
            let problem = Problem::error(
                "this alias (*name) stands inside the value it names",
                "別名参照（*name）が、指している値そのものの中にあります",
            );
            return Err(problem.at(place));
        };
        let node = Node {
            place,
            value: found.value.clone(),
        };
        self.count(&node, &node.place)?;
        Ok(node)
    }

    /// Holds what is written out once more against the bounds.
    fn count(&mut self, node: &Node, place: &Place) -> Result<(), Problem> {
        let (values, depth) = extent(node);
        self.repeated += values;
        if self.repeated > MAX_REPEATED {
            let problem = Problem::error(
                format!("the aliases (*name) stand for more than {MAX_REPEATED} values"),
                format!("別名参照（*name）の指す値が合わせて {MAX_REPEATED} 個を超えています"),
            );
            return Err(problem.at(place.clone()));
        }
        match self.stack.len() + depth > MAX_DEPTH {
            true => Err(too_deep(place.clone())),
            false => Ok(()),
        }
    }

    fn add(&mut self, node: Node, complaints: &mut Complaints) -> Result<(), Problem> {
        match self.stack.last_mut().map(|open| &mut open.parts) {
            None => self.documents.push(node),
            Some(Parts::Seq(items)) => items.push(node),
            Some(Parts::Map(entries, pending)) => match pending.take() {
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

/// Values in a tree, itself included, and the levels of lists and maps. A long text counts as
/// several values.
fn extent(node: &Node) -> (usize, usize) {
    let text = |text: &str| 1 + text.len() / 64;
    let joined = |(values, depth), (key, part): (usize, &Node)| {
        let (more, deep) = extent(part);
        (values + key + more, usize::max(depth, deep + 1))
    };
    match &node.value {
        Value::Null => (1, 0),
        Value::Scalar { text: written, .. } => (text(written), 0),
        Value::Seq(items) => items.iter().map(|part| (0, part)).fold((1, 1), joined),
        Value::Map(entries) => {
            let parts = entries.iter().map(|(key, part)| (text(&key.text), part));
            parts.fold((1, 1), joined)
        }
    }
}

fn too_deep(place: Place) -> Problem {
    Problem::error(
        format!("nested deeper than {MAX_DEPTH} levels"),
        format!("入れ子が {MAX_DEPTH} 段を超えています"),
    )
    .at(place)
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
