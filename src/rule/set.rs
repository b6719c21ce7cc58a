//! The rules of a run: read together, refer to each other, indexed by what can happen.
//!
//! Takes rule files; gives a [`RuleSet`]. Never looks at an event; the index only says which
//! matchers are worth asking.

use crate::diagnostic::{Complaints, Place, Problem, nearest};
use crate::event::{Action, Outcome};

use super::matcher::Residue;
use super::read::{self, Heading, Placeholders, Terms};
use super::resolve::Reading;
use super::{Comparison, Correlation, Detection, Fields, Meta};

/// The outcomes, in the order of the index.
const OUTCOMES: [Outcome; 3] = [Outcome::Success, Outcome::Failure, Outcome::Unknown];

/// The rules of a run, checked and compiled.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// Detections.
    pub detections: Vec<Detection>,
    /// Correlations.
    pub correlations: Vec<Correlation>,
    /// For each action (and none) and outcome, the detections worth asking.
    index: Vec<Vec<Candidate>>,
}

/// A detection that could match an event with a certain action and outcome.
#[derive(Debug)]
pub struct Candidate {
    /// The detection, as an index into [`RuleSet::detections`].
    pub rule: usize,
    residue: Residue,
}

impl Candidate {
    /// True when an event, which has that action and outcome, satisfies the rule; only what they
    /// leave open is asked.
    #[inline]
    pub fn matches<F: Fields>(&self, rules: &RuleSet, event: &mut F) -> bool {
        rules.detections[self.rule]
            .matcher
            .satisfies(&self.residue, event)
    }
}

impl RuleSet {
    /// Reads rule files, each with the name shown in complaints and its text. A bad rule is
    /// complained about and left out; the others are given.
    pub fn read(
        files: &[(&str, &str)],
        placeholders: &Placeholders,
        complaints: &mut Complaints,
    ) -> RuleSet {
        let terms = Terms {
            placeholders: placeholders.clone(),
            ..Terms::default()
        };
        RuleSet::read_on(files, &terms, complaints).0
    }

    /// The same on other terms, with the heading of each document in the order it stands.
    pub fn read_on(
        files: &[(&str, &str)],
        terms: &Terms,
        complaints: &mut Complaints,
    ) -> (RuleSet, Vec<Heading>) {
        let mut reading = Reading::new(terms);
        let mut headings = Vec::new();
        for file in files {
            for read in read::file(*file, terms, complaints) {
                reading.take(read.draft, &read.heading, complaints);
                headings.push(read.heading);
            }
        }
        (reading.finish(complaints), headings)
    }

    /// The rules compiled into the program.
    pub fn embedded() -> RuleSet {
        let mut complaints = Complaints::new();
        let set = RuleSet::read(
            super::embedded::FILES,
            &Placeholders::new(),
            &mut complaints,
        );
        debug_assert!(complaints.is_empty(), "a test reads the same files");
        set
    }

    /// The files compiled into the program, to be read together with a user's own.
    pub fn embedded_files() -> &'static [(&'static str, &'static str)] {
        super::embedded::FILES
    }

    /// The detections that could match an event with this action and outcome, ascending. An event
    /// without an action is looked up with `None`; `event.outcome` counts as present always.
    #[inline]
    pub fn candidates(&self, action: Option<Action>, outcome: Outcome) -> &[Candidate] {
        self.index
            .get(slot(action, outcome))
            .map_or(&[], Vec::as_slice)
    }

    /// All names, of detections first.
    fn metas(&self) -> impl Iterator<Item = &Meta> {
        let detections = self.detections.iter().map(|d| &d.meta);
        detections.chain(self.correlations.iter().map(|c| &c.meta))
    }

    /// Takes rules out by name or id. A detection that a remaining correlation counts cannot go
    /// alone; one that only fed correlations that go is kept and asked no more.
    pub fn disable(&mut self, names: &[(&str, &Place)], complaints: &mut Complaints) {
        for (name, place) in names {
            if !self.metas().any(|m| m.is_called(name)) {
                complaints.push(self.unknown_rule(name).at((*place).clone()));
            }
        }
        let called = |meta: &Meta| names.iter().any(|(name, _)| meta.is_called(name));
        self.correlations.retain(|c| !called(&c.meta));
        for (name, place) in names {
            let counted = self.detections.iter().position(|d| d.meta.is_called(name));
            let user =
                counted.and_then(|at| self.correlations.iter().find(|c| c.rules.contains(&at)));
            if let Some(correlation) = user {
                complaints.push(still_counted(name, &correlation.meta.name).at((*place).clone()));
            }
        }
        let used: Vec<bool> = (0..self.detections.len())
            .map(|at| self.correlations.iter().any(|c| c.rules.contains(&at)))
            .collect();
        for (detection, used) in self.detections.iter_mut().zip(used) {
            detection.reports &= !called(&detection.meta);
            detection.feeds = used;
        }
        self.build_index();
    }

    /// Sets the number from which on a correlation speaks.
    pub fn set_threshold(
        &mut self,
        name: &str,
        to: i64,
        place: &Place,
        complaints: &mut Complaints,
    ) {
        if let Some(problem) = self.refusing_threshold(name, to) {
            complaints.push(problem.at(place.clone()));
        }
    }

    /// The number from which on a correlation speaks; `None` where its condition has no single
    /// lower bound, so that none can be set.
    pub fn threshold(&self, correlation: usize) -> Option<i64> {
        let condition = &self.correlations[correlation].condition;
        let mut bounds = condition.iter().filter_map(|(how, bound)| match how {
            Comparison::Gte => Some(*bound),
            Comparison::Gt => bound.checked_add(1),
            _ => None,
        });
        let only = bounds.next().filter(|bound| *bound >= 1);
        only.filter(|_| bounds.next().is_none())
    }

    /// Sets the threshold, or tells why not.
    fn refusing_threshold(&mut self, name: &str, to: i64) -> Option<Problem> {
        let called = |c: &&mut Correlation| c.meta.is_called(name);
        let Some(correlation) = self.correlations.iter_mut().find(called) else {
            let counts_nothing = self.detections.iter().any(|d| d.meta.is_called(name));
            return Some(match counts_nothing {
                true => Problem::error(
                    format!("{name} counts nothing, so it has no threshold"),
                    format!("{name} は数を数えるルールではないので、しきい値がありません"),
                ),
                false => self.unknown_rule(name),
            });
        };
        let is_bound =
            |(how, _): &&mut (Comparison, i64)| matches!(how, Comparison::Gt | Comparison::Gte);
        let mut bounds: Vec<_> = correlation.condition.iter_mut().filter(is_bound).collect();
        match bounds.as_mut_slice() {
            [bound] if to >= 1 => {
                **bound = (Comparison::Gte, to);
                None
            }
            [_] => Some(Problem::error(
                format!("{name}: a threshold is 1 or more, not {to}"),
                format!("{name}：しきい値は1以上です（{to} は使えません）"),
            )),
            _ => Some(Problem::error(
                format!("{name}: the condition has no single lower bound to set"),
                format!("{name}：置き換えられる下限が一つに決まりません"),
            )),
        }
    }

    fn unknown_rule(&self, name: &str) -> Problem {
        unknown_rule(name, self.metas().map(|m| m.name.as_str()))
    }

    /// The set of these rules.
    pub(super) fn new(detections: Vec<Detection>, correlations: Vec<Correlation>) -> RuleSet {
        let mut set = RuleSet {
            detections,
            correlations,
            index: Vec::new(),
        };
        set.build_index();
        set
    }

    fn build_index(&mut self) {
        let actions = Action::ALL.iter().copied().map(Some).chain([None]);
        let slots = actions.flat_map(|a| OUTCOMES.map(|o| (a, o)));
        let asked = |(action, outcome)| {
            let heard = |d: &Detection| d.reachable && (d.reports || d.feeds);
            let numbered = self.detections.iter().enumerate().filter(|(_, d)| heard(d));
            let residues = numbered.map(|(rule, d)| Candidate {
                rule,
                residue: d.matcher.residue(action, outcome),
            });
            residues
                .filter(|c| !matches!(c.residue, Residue::False))
                .collect()
        };
        self.index = slots.map(asked).collect();
    }
}

/// The place of an action and outcome in the index.
#[inline]
fn slot(action: Option<Action>, outcome: Outcome) -> usize {
    let row = action.map_or(Action::ALL.len(), |a| a as usize);
    row * OUTCOMES.len() + outcome as usize
}

impl Meta {
    /// True for the rule's name and for its id.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.id == name
    }
}

/// The complaint about a name no rule has.
pub(super) fn unknown_rule<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Problem {
    let problem = Problem::error(
        format!("there is no rule \"{name}\""),
        format!("「{name}」というルールはありません"),
    );
    match nearest(name, known) {
        Some(near) => problem.help(format!("write {near}"), format!("{near} と書いてください")),
        None => problem.help(
            "yomawari rules list shows all rules",
            "yomawari rules list で一覧を確かめてください",
        ),
    }
    .found(name)
}

fn still_counted(name: &str, by: &str) -> Problem {
    Problem::error(
        format!("{name} cannot be disabled alone: {by} counts it"),
        format!("{name} だけを無効にはできません。{by} が数えています"),
    )
    .help(
        format!("disable {by} too"),
        format!("{by} も無効にしてください"),
    )
}
