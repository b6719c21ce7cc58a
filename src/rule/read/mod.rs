//! From the documents of rule files to checked rules.
//!
//! Takes YAML with places; gives rules in which every name is resolved, or complaints. A mistake
//! refuses its own document and no other. Never guesses: what is not understood is refused.

mod condition;
mod correlation;
mod detection;
mod encode;
mod expand;
mod expression;
mod meta;
mod modifier;
mod ours;
mod tests_inside;
mod value;
mod words;

use std::collections::BTreeMap;

use crate::diagnostic::{Complaints, Lang, Place, Problem, nearest};
use crate::yaml::{self, Key, Node};

use super::Detection;

pub(super) use correlation::{CorrelationDraft, Named};

/// Values of the placeholders of `expand`, by name without the percent signs.
pub type Placeholders = BTreeMap<String, Vec<String>>;

/// How much work at compiling regular expressions one file may ask for, in bytes of pattern,
/// counted repetitions written out.
const REGEX_EFFORT: usize = 128 << 10;

/// One document of a rule file, read.
pub(super) enum Draft {
    Detection(Box<Detection>),
    Correlation(Box<CorrelationDraft>),
    /// Refused; complaints about references to it would say nothing new.
    Refused {
        /// Its name and id, as far as they are readable.
        names: Vec<String>,
    },
}

/// What reading a document needs beside the document.
pub(super) struct Context<'c> {
    placeholders: &'c Placeholders,
    complaints: Complaints,
    regex_effort_left: usize,
    /// Which document of its file it is, from 1.
    ordinal: usize,
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
}

/// Reads all documents of a file.
pub(super) fn file(
    file: (&str, &str),
    placeholders: &Placeholders,
    complaints: &mut Complaints,
) -> Vec<Draft> {
    let mut unreadable = Complaints::new();
    let documents = yaml::read(file.0, file.1, &mut unreadable);
    let marred = lines_of(&unreadable);
    complaints.extend(unreadable);
    let mut regex_effort_left = REGEX_EFFORT;
    let mut drafts = Vec::new();
    for (at, node) in documents.iter().enumerate() {
        // A document of nothing comes from a `---` at the end of a file.
        if node.is_null() {
            continue;
        }
        let next = documents.get(at + 1).map_or(u32::MAX, |n| n.place.line);
        let whole = !marred
            .iter()
            .any(|line| (node.place.line..next).contains(line));
        let mut context = Context {
            placeholders,
            complaints: Complaints::new(),
            regex_effort_left,
            ordinal: at + 1,
        };
        let draft = document(node, &mut context);
        regex_effort_left = context.regex_effort_left;
        let names = ["name", "id"]
            .into_iter()
            .filter_map(|k| node.get(k)?.as_str());
        drafts.push(match draft {
            Some(draft) if whole && !context.complaints.has_errors() => draft,
            _ => Draft::Refused {
                names: names.map(str::to_owned).collect(),
            },
        });
        complaints.extend(context.complaints);
    }
    drafts
}

/// The lines complained about: a document with a doubled key reads well, but not as it was meant.
fn lines_of(complaints: &Complaints) -> Vec<u32> {
    let places = complaints
        .sorted()
        .into_iter()
        .filter_map(|p| p.place.as_ref());
    places.map(|place| place.line).collect()
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
        ["filter"] => context.refuse(
            &node.place,
            "filters are not supported yet; write the exception into the rule's condition",
            "filter はまだ使えません。例外はルールの condition に書いてください",
        ),
        [] => context.refuse(
            &node.place,
            "neither detection nor correlation: this is not a rule",
            "detection も correlation もありません。ルールではありません",
        ),
        _ => context.refuse(
            &node.place,
            "a document is either a detection or a correlation, not both; separate them with ---",
            "一つの文書に detection と correlation は併記できません。--- で分けてください",
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
