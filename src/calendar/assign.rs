//! Whose calendar is which.
//!
//! Takes the `assign` list; gives the calendar of a person, terminal, department, role or site.
//! The most specific entry wins, then the one written first. Never knows hours.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::house;
use super::nodes::Reader;
use super::{Assignee, CalendarId};
use crate::diagnostic::Problem;
use crate::text;
use crate::yaml::Node;

/// What an entry may name, the most specific first.
const SUBJECTS: [&str; 5] = ["user", "terminal", "department", "role", "site"];
const KEYS: &[&str] = &["user", "terminal", "department", "role", "site", "calendar"];

/// An entry: for each subject the names it accepts, folded; none means any.
#[derive(Clone, Debug)]
struct Entry {
    accepted: [Names; SUBJECTS.len()],
    calendar: CalendarId,
}

type Names = HashSet<String, FixedState>;

/// All assignments of a house, the most specific first.
#[derive(Clone, Debug, Default)]
pub(super) struct Assignments {
    entries: Vec<Entry>,
    /// For each subject the names that some entry accepts, each with its class: names that the
    /// same entries accept are alike. A name that stands nowhere is of class 0.
    classes: [HashMap<String, u32, FixedState>; SUBJECTS.len()],
}

impl Assignments {
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node, names: &[Arc<str>]) -> Assignments {
        let items = reader.list(node).iter();
        let mut entries: Vec<Entry> = items
            .filter_map(|item| read_entry(reader, item, names))
            .collect();
        // Stable: of equally specific entries the one written first stays first.
        entries.sort_by_key(Entry::vagueness);
        let classes = std::array::from_fn(|subject| classes_of(&entries, subject));
        Assignments { entries, classes }
    }

    /// True when some entry names this subject: user, terminal, department, role or site.
    pub(super) fn names_subject(&self, subject: usize) -> bool {
        !self.classes[subject].is_empty()
    }

    /// The class of a folded name of this subject.
    #[inline]
    pub(super) fn class(&self, subject: usize, folded: &str) -> u32 {
        self.classes[subject].get(folded).copied().unwrap_or(0)
    }

    /// The calendar assigned, if any.
    pub(super) fn find(&self, who: &Assignee<'_>) -> Option<CalendarId> {
        let told = [who.user, who.terminal, who.department, who.role, who.site];
        let folded = told.map(text::fold_key);
        let found = self.entries.iter().find(|entry| entry.accepts(&folded));
        found.map(|entry| entry.calendar)
    }

    /// Whether any entry gives this calendar.
    pub(super) fn names(&self, id: CalendarId) -> bool {
        self.entries.iter().any(|entry| entry.calendar == id)
    }
}

/// The names of a subject and their classes.
fn classes_of(entries: &[Entry], subject: usize) -> HashMap<String, u32, FixedState> {
    let mut accepting: BTreeMap<&String, Vec<usize>> = BTreeMap::new();
    for (number, entry) in entries.iter().enumerate() {
        let told = entry.accepted[subject]
            .iter()
            .filter(|name| !name.is_empty());
        let mut names: Vec<&String> = told.collect();
        names.sort_unstable();
        for name in names {
            accepting.entry(name).or_default().push(number);
        }
    }
    let mut numbers: BTreeMap<&[usize], usize> = BTreeMap::new();
    for set in accepting.values() {
        let next = numbers.len() + 1;
        numbers.entry(set).or_insert(next);
    }
    let number = |set: &[usize]| u32::try_from(numbers[set]).unwrap_or(u32::MAX);
    let named = accepting.iter();
    named
        .map(|(name, set)| ((*name).clone(), number(set)))
        .collect()
}

impl Entry {
    /// Sorts by the most specific subject named, then by how many are named.
    fn vagueness(&self) -> (usize, usize) {
        let named = |list: &Names| !list.is_empty();
        let first = self
            .accepted
            .iter()
            .position(named)
            .unwrap_or(SUBJECTS.len());
        let unnamed = self.accepted.iter().filter(|list| !named(list)).count();
        (first, unnamed)
    }

    fn accepts(&self, who: &[std::borrow::Cow<'_, str>; SUBJECTS.len()]) -> bool {
        let mut pairs = self.accepted.iter().zip(who);
        // What the log does not tell is empty and fits no name.
        pairs.all(|(names, who)| names.is_empty() || !who.is_empty() && names.contains(&**who))
    }
}

fn read_entry(reader: &mut Reader<'_>, node: &Node, names: &[Arc<str>]) -> Option<Entry> {
    let mut accepted: [Names; SUBJECTS.len()] = Default::default();
    let mut calendar = None;
    for (key, value) in reader.map(node, KEYS) {
        if key.text == "calendar" {
            let name = reader.text(value)?;
            calendar = names.iter().position(|known| **known == *name);
            if calendar.is_none() {
                let known = names.iter().map(|name| &**name);
                let problem = house::undefined(name, value.place.clone(), known);
                reader.complaints.push(problem);
                return None;
            }
        }
        if let Some(subject) = SUBJECTS.iter().position(|s| *s == key.text) {
            for item in reader.one_or_many(value) {
                let name = reader.text(item)?;
                accepted[subject].insert(text::fold_key(name).into_owned());
            }
        }
    }
    node.as_map()?;
    if calendar.is_none() {
        reader.missing(node, "calendar");
    }
    if accepted.iter().all(Names::is_empty) {
        let problem = Problem::error(
            "the entry does not say whose calendar it is",
            "誰のカレンダーかが書かれていません",
        );
        reader.complaints.push(problem.at(node.place.clone()).help(
            "name a user, terminal, department, role or site, or use default:",
            "user・terminal・department・role・site のどれかを書くか、default: を使ってください",
        ));
        return None;
    }
    calendar.map(|index| Entry {
        accepted,
        calendar: house::id_of(index),
    })
}
