//! From the documents of rule files to checked rules.
//!
//! Takes YAML with places; gives rules in which every name is resolved, or complaints. A mistake
//! refuses its own document and no other. Never guesses: what is not understood is refused.

mod as_of;
mod condition;
mod correlation;
mod detection;
mod encode;
mod expand;
mod expression;
mod filter;
mod heading;
mod lint;
mod meta;
mod modifier;
mod observe;
mod ours;
mod tests_inside;
mod value;
mod words;

use std::collections::BTreeMap;

use crate::diagnostic::{Complaints, Lang, Place, Problem, nearest};
use crate::yaml::{self, Key, Node};

use super::{Detection, FieldRef, Meta, StatedSource, taxonomy};

pub(super) use as_of::AsOfDraft;
pub(super) use correlation::{CorrelationDraft, Named};
pub(super) use filter::{FilterDraft, Scope};
pub use heading::Heading;
pub use lint::Lint;

/// Values of the placeholders of `expand`, by name without the percent signs.
pub type Placeholders = BTreeMap<String, Vec<String>>;

/// On which terms rules are read.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Values of placeholders.
    pub placeholders: Placeholders,
    /// The events keep the names they were written with: no name is a field of the table or of
    /// the taxonomy, and none is reserved.
    pub as_written: bool,
    /// Warn of what reads well and is not meant so.
    pub lint: Option<Lint>,
    /// Nobody asks for the tests inside the rules compiled in.
    pub untested: bool,
}

/// How much work at compiling regular expressions one file may ask for, in bytes of pattern,
/// counted repetitions written out; beside one for each of its own bytes, so that a file of many
/// ordinary rules is read like many files.
const REGEX_EFFORT: usize = 128 << 10;

/// One document of a rule file, read.
pub(super) enum Draft {
    Detection(Box<Detection>),
    Correlation(Box<CorrelationDraft>),
    Filter(Box<FilterDraft>),
    /// Refused; complaints about references to it would say nothing new.
    Refused {
        /// Its name and id, as far as they are readable.
        names: Vec<String>,
    },
}

impl Draft {
    /// What the document carries beside its condition.
    pub(super) fn meta_mut(&mut self) -> Option<&mut Meta> {
        match self {
            Draft::Detection(detection) => Some(&mut detection.meta),
            Draft::Correlation(correlation) => Some(&mut correlation.meta),
            Draft::Filter(filter) => Some(&mut filter.meta),
            Draft::Refused { .. } => None,
        }
    }
}

/// A document, read, and what it is called.
pub(super) struct Read {
    pub(super) heading: Heading,
    pub(super) draft: Draft,
}

/// What reading a document needs beside the document.
pub(super) struct Context<'c> {
    terms: &'c Terms,
    complaints: Complaints,
    regex_effort_left: usize,
    /// Which document of its file it is, from 1.
    ordinal: usize,
    /// The log source it states, once that is read.
    source: StatedSource,
}

impl Context<'_> {
    fn push(&mut self, problem: Problem) {
        self.complaints.push(problem);
    }

    /// Complains at a place and gives nothing, so that callers can end with it.
    fn refuse<T>(
        &mut self,
        place: &Place,
        en: impl Into<String>,
        ja: impl Into<String>,
    ) -> Option<T> {
        self.push(Problem::error(en, ja).at(place.clone()));
        None
    }

    /// The field of a name on the log source of the document.
    fn field(&self, name: &str) -> FieldRef {
        match self.terms.as_written {
            true => FieldRef::named(name),
            false => taxonomy::resolve(name, &self.source),
        }
    }
}

/// Reads all documents of a file. One that cannot be read as YAML is refused like any other.
pub(super) fn file(file: (&str, &str), terms: &Terms, complaints: &mut Complaints) -> Vec<Read> {
    let mut regex_effort_left = REGEX_EFFORT.saturating_add(file.1.len());
    let mut ordinal = 0;
    let mut all = Vec::new();
    for part in yaml::read_parts(file.0, file.1, complaints) {
        if !part.whole && part.documents.is_empty() {
            ordinal += 1;
            all.push(Read {
                heading: Heading::guess(file.0, &part),
                draft: Draft::Refused { names: Vec::new() },
            });
        }
        for node in &part.documents {
            ordinal += 1;
            // A document of nothing comes from a `---` at the end of a file.
            if node.is_null() {
                continue;
            }
            let mut context = Context {
                terms,
                complaints: Complaints::new(),
                regex_effort_left,
                ordinal,
                source: StatedSource::default(),
            };
            let draft = document(node, &mut context);
            regex_effort_left = context.regex_effort_left;
            let refused = !part.whole || context.complaints.has_errors();
            complaints.extend(context.complaints);
            all.push(Read {
                heading: Heading::of(node, part.lines),
                draft: draft.filter(|_| !refused).unwrap_or_else(|| refuse(node)),
            });
        }
    }
    all
}

fn refuse(node: &Node) -> Draft {
    let names = ["name", "id"]
        .into_iter()
        .filter_map(|k| node.get(k)?.as_str());
    Draft::Refused {
        names: names.map(str::to_owned).collect(),
    }
}

fn document(node: &Node, context: &mut Context<'_>) -> Option<Draft> {
    if node.as_map().is_none() {
        return context.refuse(
            &node.place,
            "a rule is a map of keys and values",
            "ルールはキーと値の組で書きます",
        );
    }
    let kinds = ["detection", "correlation", "filter"];
    let found: Vec<&str> = kinds
        .into_iter()
        .filter(|k| node.get(k).is_some())
        .collect();
    match found.as_slice() {
        ["detection"] => detection::read(node, context).map(|d| Draft::Detection(Box::new(d))),
        ["correlation"] => {
            correlation::read(node, context).map(|c| Draft::Correlation(Box::new(c)))
        }
        ["filter"] => filter::read(node, context).map(|f| Draft::Filter(Box::new(f))),
        [] => context.refuse(
            &node.place,
            "none of detection, correlation and filter: this is not a rule",
            "detection・correlation・filter のいずれもありません。ルールではありません",
        ),
        _ => context.refuse(
            &node.place,
            "a document is either a detection, a correlation or a filter; separate them with ---",
            "一つの文書に書けるのは detection・correlation・filter の一つだけです。--- で分けてください",
        ),
    }
}

/// The value under a key that must be there.
fn required<'n>(node: &'n Node, key: &str, context: &mut Context<'_>) -> Option<&'n Node> {
    match node.get(key).filter(|n| !n.is_null()) {
        Some(value) => Some(value),
        None => context.refuse(
            &node.place,
            format!("the key \"{key}\" is missing"),
            format!("キー「{key}」がありません"),
        ),
    }
}

/// The text of a value that must be a single one.
fn scalar<'n>(node: &'n Node, what: &str, context: &mut Context<'_>) -> Option<&'n str> {
    match node.as_str() {
        Some(text) => Some(text),
        None => wrong_kind(node, what, ("a single value", "単独の値"), context),
    }
}

/// The text under an optional key; absent and empty are `None`.
fn optional<'n>(node: &'n Node, key: &str, context: &mut Context<'_>) -> Option<&'n str> {
    scalar(node.get(key).filter(|n| !n.is_null())?, key, context)
}

/// The texts of a list, or of a single value; absent is empty.
fn texts<'n>(
    node: Option<&'n Node>,
    what: &str,
    context: &mut Context<'_>,
) -> Vec<(&'n str, &'n Place)> {
    let Some(node) = node.filter(|n| !n.is_null()) else {
        return Vec::new();
    };
    let items = node.as_seq().unwrap_or(std::slice::from_ref(node));
    let read = items
        .iter()
        .filter_map(|item| Some((scalar(item, what, context)?, &item.place)));
    read.collect()
}

/// The entries of a value that must be a map.
fn map<'n>(node: &'n Node, what: &str, context: &mut Context<'_>) -> Option<&'n [(Key, Node)]> {
    match node.as_map() {
        Some(entries) => Some(entries),
        None => wrong_kind(node, what, ("a map", "キーと値の組"), context),
    }
}

fn wrong_kind<T>(
    node: &Node,
    what: &str,
    wanted: (&str, &str),
    context: &mut Context<'_>,
) -> Option<T> {
    context.refuse(
        &node.place,
        format!(
            "{what}: expected {}, found {}",
            wanted.0,
            node.kind(Lang::En)
        ),
        format!(
            "{what}：{}が必要ですが、{}です",
            wanted.1,
            node.kind(Lang::Ja)
        ),
    )
}

/// Complains about each key that is not among the known ones.
fn known_keys(node: &Node, what: &str, known: &[&str], context: &mut Context<'_>) {
    for (key, _) in node.as_map().unwrap_or_default() {
        if !known.contains(&key.text.as_str()) {
            context.push(unknown(&key.text, what, known).at(key.place.clone()));
        }
    }
}

/// An unknown word, with the nearest known one.
fn unknown(word: &str, what: &str, known: &[&str]) -> Problem {
    let shown = known.join(", ");
    let problem = Problem::error(
        format!("unknown {what} \"{word}\"; expected one of: {shown}"),
        format!("「{word}」は {what} に使えません。使えるもの：{shown}"),
    )
    .found(word);
    match nearest(word, known.iter().copied()) {
        Some(near) => problem.help(format!("write {near}"), format!("{near} と書いてください")),
        None => problem,
    }
}

/// The length of a duration in nanoseconds: a number and s, m, h or d.
fn duration(node: &Node, what: &str, context: &mut Context<'_>) -> Option<i64> {
    let text = scalar(node, what, context)?;
    let seconds = text
        .strip_suffix(['s', 'm', 'h', 'd'])
        .filter(|number| number.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|number| number.parse::<i64>().ok())
        .and_then(|number| {
            number.checked_mul(match text.as_bytes().last() {
                Some(b's') => 1,
                Some(b'm') => 60,
                Some(b'h') => 3_600,
                _ => 86_400,
            })
        });
    match seconds.and_then(|s| s.checked_mul(crate::event::NANOS)) {
        Some(nanos) if nanos > 0 => Some(nanos),
        _ => {
            context.push(
                Problem::error(
                    format!("{what}: \"{text}\" is no length of time"),
                    format!("{what}：「{text}」は時間の長さとして読めません"),
                )
                .at(node.place.clone())
                .found(text)
                .help(
                    "write a number above zero and s, m, h or d, such as 15m",
                    "15m のように、0より大きい数と s・m・h・d で書いてください",
                ),
            );
            None
        }
    }
}
