//! The rules of a run: read together, refer to each other, indexed by what can happen.
//!
//! Takes rule files; gives a [`RuleSet`]. Never judges an event; it only says which matchers are
//! worth asking.

use crate::diagnostic::{Complaints, Place, Problem, nearest};
use crate::event::{Action, Field, LogSources, Outcome};

use super::index::{Index, Kept, Sieve};
use super::matcher::Residue;
use super::read::{self, Heading, Placeholders, Terms};
use super::resolve::Reading;
use super::veto::{self, Vetoes};
use super::{Comparison, Correlation, Detection, FieldRef, Fields, Meta, Number, RuleIndex};

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
    slots: Vec<Slot>,
    /// The way to rules where many are worth asking; `None` where no slot has many.
    index: Option<Index>,
}

/// Detections worth asking, up to this weight together, are simply asked: an index would cost more
/// than it saves.
const FEW: usize = 32;

/// So many detections that a glance may rule out weigh as much as one that has to be asked.
const GLANCES: usize = 4;

/// What a detection weighs that looks for keywords in the whole record; others weigh 1.
const KEYWORDS: usize = 6;

/// The detections that could match events with one action and outcome.
#[derive(Debug)]
enum Slot {
    /// These.
    Few(Few),
    /// More, which the index finds.
    Many,
}

/// A few detections that could match events with one action and outcome.
#[derive(Debug)]
pub struct Few {
    /// Ascending.
    candidates: Vec<Candidate>,
    /// What rules some of them out at a glance.
    vetoes: Vetoes,
}

/// None at all.
const NONE: &Few = &Few {
    candidates: Vec::new(),
    vetoes: Vetoes::NONE,
};

impl Few {
    fn new(candidates: Vec<Candidate>) -> Few {
        Few {
            vetoes: Vetoes::of(candidates.iter().map(|c| &c.residue)),
            candidates,
        }
    }

    /// The candidates, ascending by rule.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// The candidates of `left`, a bit each, that are left after a glance; those of `certain` among
    /// them are known to match.
    #[inline]
    pub fn left_of<F: Fields>(&self, (left, certain): (u64, u64), event: &mut F) -> Left<'_> {
        let open = match left & !certain {
            0 => 0,
            open => self.vetoes.left(open, event),
        };
        Left {
            candidates: &self.candidates,
            left: open | left & certain,
            certain,
        }
    }

    /// Those that are tried on events of these log sources, a bit each.
    #[inline]
    pub fn heard(&self, log_sources: LogSources) -> u64 {
        let hears = self.candidates.iter().map(|c| c.hears(log_sources));
        hears
            .zip(0..)
            .fold(0, |all, (hears, at)| all | u64::from(hears) << at)
    }
}

/// The detections that could match events with one action and outcome.
pub enum Candidates<'s> {
    /// These.
    Few(&'s Few),
    /// Those that an event, once seen, calls up.
    Many(Many<'s>),
}

/// Many detections that could match events with one action and outcome.
pub struct Many<'s> {
    index: &'s Index,
    situation: Situation,
}

/// What an index is told of an event before it looks at it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Situation {
    pub(super) slot: usize,
    pub(super) action: Option<Action>,
    pub(super) outcome: Outcome,
}

/// The candidates to be asked about one event, ascending.
pub enum CalledUp<'s> {
    /// Of few those that nothing rules out at a glance.
    Few(Left<'s>),
    /// Those that the event called up.
    Many(Kept<'s>),
}

impl<'s> Candidates<'s> {
    /// True when there is no rule to ask.
    pub fn is_empty(&self) -> bool {
        matches!(self, Candidates::Few(few) if few.candidates.is_empty())
    }

    /// Those that the event could satisfy, by its log sources and by what stands in it. The sieve
    /// is one of the same [`RuleSet`].
    #[inline]
    pub fn called_up<F: Fields>(
        self,
        log_sources: LogSources,
        event: &mut F,
        sieve: &'s mut Sieve,
    ) -> CalledUp<'s> {
        match self {
            Candidates::Few(few) => {
                let heard = few.heard(log_sources);
                CalledUp::Few(Left {
                    candidates: &few.candidates,
                    left: few.vetoes.left(heard, event),
                    certain: 0,
                })
            }
            Candidates::Many(Many { index, situation }) => {
                CalledUp::Many(index.sift((situation, log_sources), event, sieve))
            }
        }
    }
}

/// Those of a few candidates that are left to be asked, ascending.
pub struct Left<'s> {
    candidates: &'s [Candidate],
    /// A bit each.
    left: u64,
    /// Those of them that need not be asked any more.
    certain: u64,
}

impl<'s> Iterator for Left<'s> {
    /// A candidate, and whether it is known to match.
    type Item = (&'s Candidate, bool);

    #[inline]
    fn next(&mut self) -> Option<(&'s Candidate, bool)> {
        let at = self.left.trailing_zeros();
        let next = self.candidates.get(at as usize)?;
        self.left &= self.left - 1;
        Some((next, self.certain >> at & 1 == 1))
    }
}

impl<'s> Iterator for CalledUp<'s> {
    type Item = &'s Candidate;

    #[inline]
    fn next(&mut self) -> Option<&'s Candidate> {
        match self {
            CalledUp::Few(few) => few.next().map(|(candidate, _)| candidate),
            CalledUp::Many(kept) => kept.next(),
        }
    }
}

/// A detection that could match an event with a certain action and outcome.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The detection, as an index into [`RuleSet::detections`].
    pub rule: usize,
    /// Log sources it is tried on; everything when empty.
    log_sources: LogSources,
    /// What asking costs, roughly.
    pub(super) weight: usize,
    /// What the action and outcome leave open of its condition.
    pub(super) residue: Residue,
}

impl Candidate {
    /// True when it is tried on events that declare these log sources.
    #[inline]
    pub fn hears(&self, log_sources: LogSources) -> bool {
        self.log_sources.is_empty() || self.log_sources.intersects(log_sources)
    }

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

    /// The same without the tests inside the rules, on as many lines.
    pub fn embedded_untested() -> impl Iterator<Item = (&'static str, String)> {
        super::embedded::untested()
    }

    /// The detections that could match an event with this action and outcome. An event without
    /// an action is looked up with `None`; `event.outcome` counts as present always.
    #[inline]
    pub fn candidates(&self, action: Option<Action>, outcome: Outcome) -> Candidates<'_> {
        let slot = slot(action, outcome);
        match (self.slots.get(slot), &self.index) {
            (Some(Slot::Few(few)), _) => Candidates::Few(few),
            (Some(Slot::Many), Some(index)) => Candidates::Many(Many {
                index,
                situation: Situation {
                    slot,
                    action,
                    outcome,
                },
            }),
            _ => Candidates::Few(NONE),
        }
    }

    /// Where actions and outcomes leave few detections open: the place of those, and them.
    pub fn fews(&self) -> impl Iterator<Item = (usize, &Few)> {
        let slots = self.slots.iter().enumerate();
        slots.filter_map(|(at, slot)| match slot {
            Slot::Few(few) => Some((at, few)),
            Slot::Many => None,
        })
    }

    /// What a thread keeps from event to event while it asks for candidates.
    pub fn sieve(&self) -> Sieve {
        Sieve::new(self.index.as_ref())
    }

    /// All names, of detections first.
    fn metas(&self) -> impl Iterator<Item = &Meta> {
        let detections = self.detections.iter().map(|d| &d.meta);
        detections.chain(self.correlations.iter().map(|c| &c.meta))
    }

    /// Takes rules out by name or id. A rule that a remaining correlation counts cannot go alone;
    /// one that only fed correlations that go is kept and asked no more.
    pub fn disable(&mut self, names: &[(&str, &Place)], complaints: &mut Complaints) {
        for (name, place) in names {
            if !self.metas().any(|m| m.is_called(name)) {
                complaints.push(self.unknown_rule(name).at((*place).clone()));
            }
        }
        let called = |meta: &Meta| names.iter().any(|(name, _)| meta.is_called(name));
        for (name, place) in names {
            let of_name = |index: &RuleIndex| self.meta(*index).is_called(name);
            let mut staying = self.correlations.iter().filter(|c| !called(&c.meta));
            if let Some(user) = staying.find(|c| c.reads().any(|index| of_name(&index))) {
                complaints.push(still_counted(name, &user.meta.name).at((*place).clone()));
            }
        }
        for detection in &mut self.detections {
            detection.reports &= !called(&detection.meta);
        }
        for correlation in &mut self.correlations {
            correlation.reports &= !called(&correlation.meta);
        }
        self.drop_unheard();
        self.build_index(FEW);
    }

    /// Silences detections that lack what they need, by index: they are asked no more.
    pub fn silence(&mut self, silent: impl Iterator<Item = bool>) {
        for (detection, silent) in self.detections.iter_mut().zip(silent) {
            detection.silent = silent;
        }
        self.build_index(FEW);
    }

    /// Takes out correlations that neither report nor are counted by one that is at work.
    fn drop_unheard(&mut self) {
        self.find_feeders();
        let mut places = Vec::new();
        let mut next = 0;
        for rule in &self.correlations {
            places.push(next);
            next += usize::from(rule.reports || rule.feeds);
        }
        self.correlations.retain(|c| c.reports || c.feeds);
        for rule in &mut self.correlations {
            rule.renumber(&|at| places[at]);
        }
    }

    /// Works out which rules a correlation that is at work counts.
    fn find_feeders(&mut self) {
        for rule in &mut self.correlations {
            rule.feeds = false;
        }
        for rule in &mut self.detections {
            rule.feeds = false;
        }
        let mut asked: Vec<usize> = (0..self.correlations.len())
            .filter(|at| self.correlations[*at].reports)
            .collect();
        while let Some(at) = asked.pop() {
            for index in self.correlations[at].reads().collect::<Vec<_>>() {
                match index {
                    RuleIndex::Detection(inner) => self.detections[inner].feeds = true,
                    RuleIndex::Correlation(inner) => {
                        let rule = &mut self.correlations[inner];
                        // One that reports is asked anyway.
                        if !rule.feeds && !rule.reports {
                            asked.push(inner);
                        }
                        rule.feeds = true;
                    }
                }
            }
        }
    }

    /// The words of a rule.
    pub fn meta(&self, index: RuleIndex) -> &Meta {
        match index {
            RuleIndex::Correlation(at) => &self.correlations[at].meta,
            RuleIndex::Detection(at) => &self.detections[at].meta,
        }
    }

    /// The detections whose events a rule rests on in the end, ascending: itself, or what a
    /// correlation counts, through all correlations it counts.
    pub fn leaves(&self, index: RuleIndex) -> Vec<usize> {
        let mut leaves = Vec::new();
        let mut seen = vec![false; self.correlations.len()];
        let mut asked = vec![index];
        while let Some(index) = asked.pop() {
            match index {
                RuleIndex::Detection(at) => leaves.push(at),
                RuleIndex::Correlation(at) if !seen[at] => {
                    seen[at] = true;
                    asked.extend(self.correlations[at].reads());
                }
                RuleIndex::Correlation(_) => {}
            }
        }
        leaves.sort_unstable();
        leaves.dedup();
        leaves
    }

    /// The fields that may hold what a correlation calls `field`, in the events of the detections
    /// it rests on: the aliases on the way are followed. In the order of their names.
    pub fn leaf_fields(&self, correlation: usize, field: &FieldRef) -> Vec<FieldRef> {
        let mut found: Vec<FieldRef> = Vec::new();
        let mut seen: Vec<(usize, FieldRef)> = Vec::new();
        let mut asked = vec![(correlation, field.clone())];
        while let Some((at, field)) = asked.pop() {
            let rule = &self.correlations[at];
            for index in &rule.rules {
                let own = rule.field_of(*index, &field).clone();
                match index {
                    RuleIndex::Detection(_) if !found.contains(&own) => found.push(own),
                    RuleIndex::Detection(_) => {}
                    RuleIndex::Correlation(inner) => {
                        let next = (*inner, own);
                        if !seen.contains(&next) {
                            seen.push(next.clone());
                            asked.push(next);
                        }
                    }
                }
            }
        }
        found.sort_by(|a, b| a.name().cmp(b.name()));
        found
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
            Comparison::Gte => bound.whole(),
            Comparison::Gt => bound.whole()?.checked_add(1),
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
            |(how, _): &&mut (Comparison, Number)| matches!(how, Comparison::Gt | Comparison::Gte);
        let mut bounds: Vec<_> = correlation.condition.iter_mut().filter(is_bound).collect();
        let numeric = correlation.measure.is_numeric();
        match bounds.as_mut_slice() {
            [bound] if to >= 1 || numeric => {
                **bound = (Comparison::Gte, Number::from(to));
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
            ..RuleSet::default()
        };
        set.find_feeders();
        set.build_index(FEW);
        set
    }

    /// Finds out which detections are worth asking when; those that together weigh more than `few`
    /// are indexed.
    pub(super) fn build_index(&mut self, few: usize) {
        let heard = |d: &Detection| d.reachable && !d.silent && (d.reports || d.feeds);
        let numbered = self.detections.iter().enumerate().filter(|(_, d)| heard(d));
        let entries: Vec<_> = numbered.flat_map(|(rule, d)| entries_of(rule, d)).collect();
        let slots = slot(None, Outcome::Unknown) + 1;
        let mut worth = vec![Vec::new(); slots];
        for (candidate, holds_in) in &entries {
            for slot in holds_in {
                worth[*slot].push(candidate);
            }
        }
        let weight = |c: &&Candidate| match veto::may_rule_out(&c.residue) {
            true => 1,
            false => c.weight * GLANCES,
        };
        let are_many = |w: &[&Candidate]| {
            w.len() > veto::MOST || w.iter().map(weight).sum::<usize>() > few * GLANCES
        };
        let many = worth.iter().any(|w| are_many(w));
        let asked = |worth: Vec<&Candidate>| match are_many(&worth) {
            true => Slot::Many,
            false => Slot::Few(Few::new(worth.into_iter().cloned().collect())),
        };
        self.slots = worth.into_iter().map(asked).collect();
        self.index = many.then(|| Index::new(&self.detections, entries, (slots, few)));
    }
}

/// What actions and outcomes leave open of a detection, each once with the slots it holds in.
/// Most conditions ask for neither, and are cut down once.
fn entries_of(rule: usize, detection: &Detection) -> Vec<(Candidate, Vec<usize>)> {
    let matcher = &detection.matcher;
    let reads = |field| matcher.fields().contains(field);
    let (actions, outcomes) = (reads(Field::EventAction), reads(Field::EventOutcome));
    let weight = if matcher.has_keywords() { KEYWORDS } else { 1 };
    let all = || Action::ALL.iter().copied().map(Some).chain([None]);
    let mut entries: Vec<(Candidate, Vec<usize>)> = Vec::new();
    for action in all().take(if actions { usize::MAX } else { 1 }) {
        for outcome in OUTCOMES.into_iter().take(if outcomes { 3 } else { 1 }) {
            let residue = matcher.residue(action, outcome);
            let every = all().flat_map(|a| OUTCOMES.map(|o| (a, o)));
            let alike = every
                .filter(|(a, o)| (!actions || *a == action) && (!outcomes || *o == outcome))
                .map(|(a, o)| slot(a, o));
            match entries.iter_mut().find(|(c, _)| c.residue.is(&residue)) {
                _ if matches!(residue, Residue::False) => {}
                Some((_, slots)) => slots.extend(alike),
                None => {
                    let candidate = Candidate {
                        rule,
                        log_sources: detection.log_sources,
                        weight,
                        residue,
                    };
                    entries.push((candidate, alike.collect()));
                }
            }
        }
    }
    entries
}

/// The place of an action and outcome in the index.
#[inline]
pub fn slot(action: Option<Action>, outcome: Outcome) -> usize {
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
