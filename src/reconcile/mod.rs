//! Maintenance from afar held against the work plan: what was done, what was announced, and where
//! the two differ.
//!
//! Takes planned work and events; gives sessions, each with the row it belongs to and what to ask
//! about, and the rows that no session belongs to. A record that several inputs tell counts once.
//! Never opens a log, and never says that somebody did wrong: an account and its records are all a
//! log shows.

mod act;
mod compare;
mod once;
mod session;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use crate::event::Event;
use crate::register::{PlannedWork, Registers};

pub use act::Act;
pub use once::Once;
pub use session::Session;

use act::Looked;

/// Acts that are kept one by one.
const MOST: usize = 200_000;

/// Where an event's record stands.
#[derive(Clone, Copy, Debug)]
pub struct Spot<'s> {
    /// Source name.
    pub source: &'s str,
    /// The input.
    pub path: &'s str,
    /// Line, from 1.
    pub line: u64,
}

/// Collects the acts of maintenance from the events of all logs, one input after the other.
#[derive(Debug)]
pub struct Watcher<'p> {
    plans: &'p [PlannedWork],
    registers: &'p Registers,
    within: Range<i64>,
    acts: Vec<Act>,
    once: Once<Act>,
    covered: Option<(i64, i64)>,
    untrusted: u64,
    left_out: u64,
}

/// What the comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reconciliation {
    /// All sessions, the first one first.
    pub sessions: Vec<Judged>,
    /// What became of each row of the plan, in its order.
    pub plans: Vec<Kept>,
    /// First and last event time of the logs that were read.
    pub covered: Option<(i64, i64)>,
    /// Acts of maintenance whose clock is not to be trusted; they stand in no session.
    pub untrusted: u64,
    /// Acts beyond the bound; they stand in no session.
    pub left_out: u64,
}

/// A session held against the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What was done.
    pub session: Session,
    /// The row it belongs to, by its place in the plan.
    pub plan: Option<usize>,
    /// What to ask about; none: as planned.
    pub findings: Vec<Finding>,
}

/// How a session differs from its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// No row of the plan covers it.
    NoPlan,
    /// It began before the row's time, by so many nanoseconds.
    Early(i64),
    /// It ended after the row's time, by so many nanoseconds.
    Overrun(i64),
    /// Systems that the row does not name.
    OtherSystem(Vec<String>),
    /// Addresses that the row does not name.
    OtherSource(Vec<String>),
    /// An account that the row does not name.
    OtherAccount(String),
    /// It opened charts: so many patients.
    Patients(usize),
}

impl Finding {
    /// A stable word for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Finding::NoPlan => "no-plan",
            Finding::Early(_) => "early",
            Finding::Overrun(_) => "overrun",
            Finding::OtherSystem(_) => "other-system",
            Finding::OtherSource(_) => "other-source",
            Finding::OtherAccount(_) => "other-account",
            Finding::Patients(_) => "patients-opened",
        }
    }

    /// True for a difference from the plan; that charts were opened is told, and is none.
    pub const fn is_difference(&self) -> bool {
        !matches!(self, Finding::Patients(_))
    }
}

/// What became of a row of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// These sessions belong to it.
    Done(Vec<usize>),
    /// No session does.
    NotDone,
    /// The logs that were read do not cover its whole time, so nothing can be said.
    NotCovered,
}

impl<'p> Watcher<'p> {
    /// Nothing was seen yet. The registers tell which accounts are those of maintenance firms; acts
    /// outside `within` (nanoseconds since 1970) are not kept.
    pub fn new(plans: &'p [PlannedWork], registers: &'p Registers, within: Range<i64>) -> Self {
        Watcher {
            plans,
            registers,
            within,
            acts: Vec::new(),
            once: Once::default(),
            covered: None,
            untrusted: 0,
            left_out: 0,
        }
    }

    /// Looks at an event.
    pub fn look(&mut self, event: &Event<'_>, at: Spot<'_>) {
        let Some(time) = event.time() else {
            return;
        };
        if time.trusted {
            let (first, last) = self.covered.unwrap_or((time.nanos, time.nanos));
            self.covered = Some((first.min(time.nanos), last.max(time.nanos)));
        }
        if !self.within.contains(&time.nanos) {
            return;
        }
        match act::of(event, self.plans, self.registers, at.source) {
            Looked::Nothing => {}
            Looked::Act(_) if !time.trusted => self.untrusted += 1,
            Looked::Act(act) => self.take(*act, at),
        }
    }

    /// Keeps an act, unless an input before told it as often.
    fn take(&mut self, act: Act, at: Spot<'_>) {
        if self.acts.len() >= MOST {
            self.left_out += 1;
        } else if self.once.is_new(&act, at.path) {
            let place = format!("{}:{}", at.path, at.line);
            self.acts.push(Act { place, ..act });
        }
    }

    /// Forms sessions and holds them against the plan. Only what lies in `period` (nanoseconds
    /// since 1970) is told; a row or a session that reaches into it belongs to it.
    pub fn finish(self, period: Range<i64>) -> Reconciliation {
        let sessions = session::form(self.acts).into_iter();
        let sessions = sessions.filter(|s| s.start < period.end && s.end >= period.start);
        let mut judged: Vec<Judged> = sessions
            .map(|session| compare::judge(session, self.plans))
            .collect();
        judged.sort_by(|a, b| order(a).cmp(&order(b)));
        let mut done: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, session) in judged.iter().enumerate() {
            if let Some(plan) = session.plan {
                done.entry(plan).or_default().push(number);
            }
        }
        let plans = self.plans.iter().enumerate();
        let covers = |work: &PlannedWork| {
            let covered = self.covered.is_some_and(|(first, last)| {
                first <= work.span.start && last >= work.span.end.saturating_sub(1)
            });
            covered && period.start <= work.span.start && period.end >= work.span.end
        };
        let plans = plans.map(|(number, work)| match done.remove(&number) {
            Some(sessions) => Kept::Done(sessions),
            None if covers(work) => Kept::NotDone,
            None => Kept::NotCovered,
        });
        Reconciliation {
            plans: plans.collect(),
            sessions: judged,
            covered: self.covered,
            untrusted: self.untrusted,
            left_out: self.left_out,
        }
    }
}

fn order(judged: &Judged) -> (i64, i64, &str) {
    let session = &judged.session;
    (session.start, session.end, &session.key)
}
