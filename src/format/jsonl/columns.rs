//! The `jsonl:` section of a source: which path holds which field, and which of its words mean
//! which of ours.
//!
//! ```yaml
//! jsonl:
//!   columns: { "@timestamp": [date, time], user.id: actor.login, patient.id: [pid, chart.pid] }
//!   values: { event.action: { OPEN: chart-view } }
//! ```
//! Paths are dotted whether the log nests or not. Several paths of a field: the first that has a
//! value counts; those of `@timestamp` are joined with a blank. What is not mapped keeps its ECS
//! name.

use std::collections::HashMap;

use crate::diagnostic::{Complaints, Lang, Problem, nearest};
use crate::event::{Action, Field};
use crate::yaml::{Key, Node};

/// The name of the time, which is no field of the table.
const TIMESTAMP: &str = "@timestamp";
/// Most parts a time can be written in.
pub(super) const TIME_PARTS: usize = 4;
const OUTCOMES: [&str; 3] = ["success", "failure", "unknown"];

/// Where the value of a path goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The part of the time with this number; several parts are joined in their order.
    Time(usize),
    /// A field, from its path of this rank: only the lowest rank with a value counts.
    Field(Field, usize),
}

/// Their words and ours.
type Words = HashMap<Box<str>, Box<str>>;

/// What the section says, or the ECS names alone.
pub(super) struct Columns {
    places: HashMap<Box<str>, Place, foldhash::fast::RandomState>,
    /// Their words and ours, for the few fields that have any.
    values: Vec<(Field, Words)>,
}

impl Columns {
    /// Reads the section; everything wrong goes to `complaints`.
    pub(super) fn read(section: Option<&Node>, complaints: &mut Complaints) -> Columns {
        let mut columns = Columns {
            places: HashMap::default(),
            values: Vec::new(),
        };
        columns.places.insert(TIMESTAMP.into(), Place::Time(0));
        for &field in Field::ALL.iter().filter(|field| !field.is_derived()) {
            columns
                .places
                .insert(field.name().into(), Place::Field(field, 0));
        }
        let Some(section) = section.filter(|section| !section.is_null()) else {
            return columns;
        };
        for (key, node) in entries(section, complaints) {
            match key.text.as_str() {
                "columns" => columns.read_columns(node, complaints),
                "values" => columns.read_values(node, complaints),
                other => complaints.push(unknown(key, nearest(other, ["columns", "values"]))),
            }
        }
        columns
    }

    /// Where the value of a dotted path goes; `None`: it is kept under the path.
    #[inline]
    pub(super) fn place(&self, path: &str) -> Option<Place> {
        self.places.get(path).copied()
    }

    /// Our word for a value of a field, where the config gives one.
    #[inline]
    pub(super) fn word(&self, field: Field, value: &str) -> Option<&str> {
        let (_, words) = self.values.iter().find(|(mapped, _)| *mapped == field)?;
        words.get(value).map(|word| &**word)
    }

    fn read_columns(&mut self, node: &Node, complaints: &mut Complaints) {
        for (key, node) in entries(node, complaints) {
            let names = Field::ALL.iter().filter(|field| !field.is_derived());
            let field = Field::from_name(&key.text).filter(|field| !field.is_derived());
            if field.is_none() && key.text != TIMESTAMP {
                let names = names.map(|field| field.name()).chain([TIMESTAMP]);
                complaints.push(unknown(key, nearest(&key.text, names)));
                continue;
            }
            // What the config maps is read where it says, and nowhere else.
            self.places.retain(|_, place| match (*place, field) {
                (Place::Time(_), None) => false,
                (Place::Field(mapped, _), Some(field)) => mapped != field,
                _ => true,
            });
            let paths = paths(node, complaints);
            if field.is_none() && paths.len() > TIME_PARTS {
                complaints.push(too_many_parts(node));
            }
            for (rank, path) in paths.into_iter().enumerate() {
                let place = match field {
                    Some(field) => Place::Field(field, rank),
                    None => Place::Time(rank),
                };
                self.places.insert(path.into(), place);
            }
        }
    }

    fn read_values(&mut self, node: &Node, complaints: &mut Complaints) {
        for (key, words) in entries(node, complaints) {
            let Some(field) = Field::from_name(&key.text).filter(|field| !field.is_derived())
            else {
                let names = Field::ALL.iter().map(|field| field.name());
                complaints.push(unknown(key, nearest(&key.text, names)));
                continue;
            };
            let mut mapped = Words::new();
            for (theirs, node) in entries(words, complaints) {
                let Some(ours) = node.as_str() else {
                    complaints.push(not_a_word(node));
                    continue;
                };
                if let Some(problem) = not_in_vocabulary(field, ours) {
                    complaints.push(problem.at(node.place.clone()).found(ours));
                }
                mapped.insert(theirs.text.as_str().into(), ours.into());
            }
            self.values.push((field, mapped));
        }
    }
}

/// The complaint that a word stands for no action or outcome.
fn not_in_vocabulary(field: Field, word: &str) -> Option<Problem> {
    let known: Vec<&str> = match field {
        Field::EventAction => Action::ALL.iter().map(|action| action.name()).collect(),
        Field::EventOutcome => OUTCOMES.to_vec(),
        _ => return None,
    };
    if known.contains(&word) {
        return None;
    }
    let problem = Problem::error(
        format!("\"{word}\" is no word of {}", field.name()),
        format!("「{word}」は {} の語ではありません", field.name()),
    );
    Some(match nearest(word, known.iter().copied()) {
        Some(near) => problem.help(
            format!("did you mean {near}"),
            format!("{near} ではありませんか"),
        ),
        None => problem.help(
            format!("use one of: {}", known.join(", ")),
            format!("次のいずれかを使ってください: {}", known.join("、")),
        ),
    })
}

fn entries<'n>(node: &'n Node, complaints: &mut Complaints) -> &'n [(Key, Node)] {
    node.as_map().unwrap_or_else(|| {
        complaints.push(
            Problem::error(
                format!("found {}, expected a map", node.kind(Lang::En)),
                format!(
                    "{}があります。キーと値の組を書いてください",
                    node.kind(Lang::Ja)
                ),
            )
            .at(node.place.clone()),
        );
        &[]
    })
}

fn paths<'n>(node: &'n Node, complaints: &mut Complaints) -> Vec<&'n str> {
    let items = node.as_seq().unwrap_or(std::slice::from_ref(node));
    let mut paths = Vec::new();
    for item in items {
        match item.as_str().filter(|path| !path.is_empty()) {
            Some(path) => paths.push(path),
            None => complaints.push(not_a_word(item)),
        }
    }
    paths
}

fn not_a_word(node: &Node) -> Problem {
    Problem::error(
        format!("found {}, expected a word", node.kind(Lang::En)),
        format!("{}があります。語を書いてください", node.kind(Lang::Ja)),
    )
    .at(node.place.clone())
}

fn too_many_parts(node: &Node) -> Problem {
    Problem::error(
        format!("a time has at most {TIME_PARTS} parts"),
        format!("時刻の列は {TIME_PARTS} つまでです"),
    )
    .at(node.place.clone())
}

fn unknown(key: &Key, near: Option<&str>) -> Problem {
    let problem = Problem::error(
        format!("unknown key \"{}\"", key.text),
        format!("知らないキー「{}」です", key.text),
    )
    .at(key.place.clone())
    .found(key.text.clone());
    match near {
        Some(near) => problem.help(
            format!("did you mean {near}"),
            format!("{near} ではありませんか"),
        ),
        None => problem.help(
            "use the name of a field, such as user.id",
            "user.id のような項目名を使ってください",
        ),
    }
}
