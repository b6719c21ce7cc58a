//! Maintenance from afar: what the logs of the stretch say when they are held against the plan.
//!
//! Takes the comparison; gives bounded lists with persons told as the report tells them. Never
//! reads a log.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::diagnostic::{Lang, Text};
use crate::event::{Action, Outcome, Zone};
use crate::reconcile::{Act, Finding, Judged, Kept, Reconciliation, Session};
use crate::register::{PlannedWork, Registers};
use crate::report::model::{
    Listed, MaintenanceTold, NotExaminedTold, OpeningTold, PatientTold, PlannedTold, RowSums,
    SessionSums, SessionTold, Time,
};
use crate::report::period::day_of;
use crate::sink::maintenance::sentence;

use super::figures::Figures;
use super::{Persons, Request};

/// What a page of a week tells one by one.
const WEEK: Most = Most {
    rows: 30,
    patients: 40,
    openings: 100,
};
/// Addresses, systems, accounts and patients of one line.
const NAMES: usize = 6;
/// The words of the differences, in the order they are told.
const DIFFERENCES: [&str; 6] = [
    "no-plan",
    "early",
    "overrun",
    "other-system",
    "other-source",
    "other-account",
];

/// The logs of a stretch held against the work plans, as they tell it.
#[derive(Debug, Default)]
pub struct Held {
    /// The rows of all plans.
    pub plans: Vec<PlannedWork>,
    /// What was found; it may reach beyond the stretch.
    pub found: Reconciliation,
    /// Logs that were read.
    pub inputs: u64,
    /// Logs that could not be read again.
    pub missing: Vec<NotExamined>,
    /// Up to when inputs were forgotten, nanoseconds since 1970.
    pub forgotten: Option<i64>,
}

/// The same with persons told as the report tells them: no form of it knows more.
#[derive(Debug)]
pub struct Compared(Held);

impl Compared {
    /// Tells persons as asked. Who comes is a name, and what is to be done a free word; the firm
    /// is nobody's name. What nobody knows and was typed at failed logins alone may be a password:
    /// two characters of it and its length are told.
    pub fn told(mut held: Held, persons: &Persons, registers: &Registers) -> Compared {
        let teller = Teller { persons, registers };
        for judged in &mut held.found.sessions {
            teller.judged(judged, &held.plans);
        }
        for work in &mut held.plans {
            teller.work(work);
        }
        Compared(held)
    }

    /// The rows of all plans.
    pub fn plans(&self) -> &[PlannedWork] {
        &self.0.plans
    }

    /// What was found.
    pub fn found(&self) -> &Reconciliation {
        &self.0.found
    }
}

/// Puts what may be told of a person in the place of the id.
#[derive(Clone, Copy)]
struct Teller<'t> {
    persons: &'t Persons,
    registers: &'t Registers,
}

impl Teller<'_> {
    fn account(&self, account: &str, nanos: i64) -> String {
        self.persons.account(account, self.registers, nanos)
    }

    fn patient(&self, patient: &str) -> String {
        self.persons.value("patient.id", patient, self.registers, 0)
    }

    fn judged(&self, judged: &mut Judged, plans: &[PlannedWork]) {
        let session = &mut judged.session;
        let is_guess = !self.persons.is_masked() && self.is_guess(session, plans);
        let account = |account: &str, nanos: i64| match is_guess {
            false => self.account(account, nanos),
            true => {
                let shown: String = account.chars().take(2).collect();
                format!("{shown}…({})", account.chars().count())
            }
        };
        for finding in &mut judged.findings {
            if let Finding::OtherAccount(name) = finding {
                *name = account(name, session.start);
            }
        }
        for act in &mut session.acts {
            act.account = account(&act.account, act.time);
            for patient in &mut act.patients {
                *patient = self.patient(patient);
            }
        }
        let patients = std::mem::take(&mut session.patients).into_iter();
        session.patients = patients.map(|(id, n)| (self.patient(&id), n)).collect();
        session.account = account(&session.account, session.start);
        // It may hold the account.
        session.key = String::new();
    }

    fn is_guess(&self, session: &Session, plans: &[PlannedWork]) -> bool {
        let account = session.account.as_str();
        let is_failed =
            |act: &Act| act.action == Some(Action::Login) && act.outcome == Outcome::Failure;
        let is_planned = |work: &PlannedWork| work.accounts.iter().any(|known| known == account);
        let is_known = self.registers.account_at(account, session.start).is_some()
            || self.registers.staff_at(account, session.start).is_some()
            || plans.iter().any(is_planned);
        !is_known && !account.is_empty() && session.acts.iter().all(is_failed)
    }

    fn work(&self, work: &mut PlannedWork) {
        if self.persons.word() != "names" {
            work.person.clear();
        }
        if !self.persons.shows_words() {
            work.vendor.clear();
            work.work.clear();
        }
        for account in &mut work.accounts {
            *account = self.account(account, work.span.start);
        }
    }
}

/// A log that an earlier run read and that cannot be read again as it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotExamined {
    /// First and last event, nanoseconds since 1970; `None`: not known.
    pub span: Option<(i64, i64)>,
    /// Its source.
    pub source: String,
    /// Its file, as it was named.
    pub path: String,
    /// Why.
    pub why: WhyNot,
}

/// Why a log is not at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WhyNot {
    /// No file lies there.
    Gone,
    /// Another file lies there, or the same one was written anew.
    Changed,
    /// It came through a pipe.
    Pipe,
    /// It lies there and could not be read whole.
    Unreadable,
}

impl WhyNot {
    /// A stable word for machines.
    const fn word(self) -> &'static str {
        match self {
            WhyNot::Gone => "gone",
            WhyNot::Changed => "changed",
            WhyNot::Pipe => "pipe",
            WhyNot::Unreadable => "unreadable",
        }
    }
}

/// How much is told one by one.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Most {
    /// Sessions of a kind, and rows of the plan of a kind.
    pub(in crate::report) rows: usize,
    /// Patients.
    pub(in crate::report) patients: usize,
    /// Records that touch patients.
    pub(in crate::report) openings: usize,
}

/// What a week tells of it; a quiet night of which logs are missing says nothing.
pub(super) fn of_week(
    compared: &Compared,
    figures: &Figures,
    request: &Request<'_>,
) -> MaintenanceTold {
    let zone = &request.zone;
    let is_gap = |day: i64| figures.sources().iter().any(|s| figures.is_gap(s, day));
    let has_hole = |work: &PlannedWork| {
        (day_of(work.span.start, zone)..=day_of(work.span.end - 1, zone)).any(is_gap)
    };
    let stretch = request.period.instants(zone);
    maintenance(compared, &has_hole, (stretch, zone), WEEK)
}

/// What is told of a stretch; `has_hole`: the logs of a row's time are known to have gaps.
pub(in crate::report) fn maintenance(
    Compared(held): &Compared,
    has_hole: &dyn Fn(&PlannedWork) -> bool,
    (stretch, zone): (Range<i64>, &Zone),
    most: Most,
) -> MaintenanceTold {
    let view = View {
        held,
        zone,
        most,
        stretch,
        has_hole,
    };
    let found = &held.found;
    let sessions: Vec<&Judged> = found.sessions.iter().filter(|j| view.holds(j)).collect();
    let differs = |judged: &&&Judged| judged.findings.iter().any(Finding::is_difference);
    let (to_ask, as_planned): (Vec<&Judged>, Vec<&Judged>) =
        sessions.iter().partition(|judged| differs(judged));
    let told = |list: &[&Judged]| Listed {
        total: list.len() as u64,
        first: list
            .iter()
            .take(most.rows)
            .map(|j| view.session(j))
            .collect(),
    };
    let (rows, not_done, not_covered) = view.rows();
    MaintenanceTold {
        inputs: held.inputs,
        covered: found.covered.map(|(first, last)| view.span(first, last)),
        rows,
        sessions: SessionSums {
            all: sessions.len() as u64,
            as_planned: as_planned.len() as u64,
            to_ask: to_ask.len() as u64,
        },
        differences: differences(&to_ask),
        to_ask: told(&to_ask),
        as_planned: told(&as_planned),
        not_done,
        not_covered,
        patients: view.patients(&sessions),
        openings: view.openings(&sessions),
        untrusted: found.untrusted,
        left_out: found.left_out,
        not_examined: view.not_examined(),
        forgotten: held.forgotten.map(|until| view.time(until)),
    }
}

/// How many sessions differ in what.
fn differences(sessions: &[&Judged]) -> Vec<(&'static str, u64)> {
    let has = |word: &str| {
        let is_so = |judged: &&&Judged| judged.findings.iter().any(|f| f.code() == word);
        sessions.iter().filter(is_so).count() as u64
    };
    let counted = DIFFERENCES.map(|word| (word, has(word)));
    counted
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .collect()
}

/// What is looked at, and how much of it is told one by one.
struct View<'v> {
    held: &'v Held,
    zone: &'v Zone,
    most: Most,
    stretch: Range<i64>,
    has_hole: &'v dyn Fn(&PlannedWork) -> bool,
}

impl View<'_> {
    fn time(&self, nanos: i64) -> Time {
        Time {
            nanos,
            offset: self.zone.offset_at(nanos),
        }
    }

    fn span(&self, first: i64, last: i64) -> (Time, Time) {
        (self.time(first), self.time(last))
    }

    fn holds(&self, judged: &Judged) -> bool {
        judged.session.start < self.stretch.end && judged.session.end >= self.stretch.start
    }

    fn session(&self, judged: &Judged) -> SessionTold {
        let session = &judged.session;
        let findings = judged.findings.iter().map(|finding| {
            let says = Text::new(sentence(finding, Lang::En), sentence(finding, Lang::Ja));
            (finding.code(), says)
        });
        let plan = judged.plan.and_then(|at| self.held.plans.get(at));
        let systems = session.systems.iter().take(NAMES);
        SessionTold {
            span: self.span(session.start, session.end),
            account: session.account.clone(),
            findings: findings.collect(),
            addresses: session.addresses.iter().take(NAMES).cloned().collect(),
            systems: systems.map(|(name, n)| (name.clone(), *n)).collect(),
            plan: plan.map(|plan| plan.at.to_string()),
            patients: session.patients.len() as u64,
            failed_logins: session.failed_logins,
        }
    }

    /// What became of the rows that reach into the stretch.
    fn rows(&self) -> (RowSums, Listed<PlannedTold>, Listed<PlannedTold>) {
        let mut sums = RowSums::default();
        let (mut not_done, mut not_covered) = (Vec::new(), Vec::new());
        let rows = self.held.plans.iter().zip(&self.held.found.plans);
        for (work, kept) in rows {
            if work.span.start >= self.stretch.end || work.span.end <= self.stretch.start {
                continue;
            }
            sums.all += 1;
            match kept {
                Kept::Done(_) => sums.done += 1,
                Kept::NotDone if !self.misses_logs_of(work) => {
                    sums.not_done += 1;
                    not_done.push(self.planned(work));
                }
                Kept::NotDone | Kept::NotCovered => {
                    sums.not_covered += 1;
                    not_covered.push(self.planned(work));
                }
            }
        }
        let by_time = |rows: &mut Vec<PlannedTold>| rows.sort_by_key(|row| row.span);
        by_time(&mut not_done);
        by_time(&mut not_covered);
        let listed = |rows| Listed::of(rows, self.most.rows);
        (sums, listed(not_done), listed(not_covered))
    }

    /// True when logs of a row's time are missing: that nothing was found then says nothing.
    fn misses_logs_of(&self, work: &PlannedWork) -> bool {
        let overlaps = |log: &NotExamined| {
            log.span
                .is_none_or(|(first, last)| first < work.span.end && last >= work.span.start)
        };
        let forgotten = self.held.forgotten;
        self.held.missing.iter().any(overlaps)
            || forgotten.is_some_and(|until| until >= work.span.start)
            || (self.has_hole)(work)
    }

    fn planned(&self, work: &PlannedWork) -> PlannedTold {
        let words = [&work.vendor, &work.person, &work.work];
        let words: Vec<&str> = words
            .into_iter()
            .map(String::as_str)
            .filter(|word| !word.is_empty())
            .collect();
        PlannedTold {
            at: work.at.to_string(),
            span: self.span(work.span.start, work.span.end),
            words: words.join(" "),
            accounts: work.accounts.iter().take(NAMES).cloned().collect(),
            systems: work.systems.iter().take(NAMES).cloned().collect(),
        }
    }

    fn patients(&self, sessions: &[&Judged]) -> Listed<PatientTold> {
        let mut all: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for judged in sessions {
            for (patient, records) in &judged.session.patients {
                let sum = all.entry(patient).or_default();
                *sum = (sum.0 + records, sum.1 + 1);
            }
        }
        let mut all: Vec<(&str, (u64, u64))> = all.into_iter().collect();
        all.sort_by_key(|(patient, (records, _))| (std::cmp::Reverse(*records), *patient));
        Listed {
            total: all.len() as u64,
            first: all
                .into_iter()
                .take(self.most.patients)
                .map(|(patient, (records, sessions))| PatientTold {
                    patient: patient.to_owned(),
                    records,
                    sessions,
                })
                .collect(),
        }
    }

    fn openings(&self, sessions: &[&Judged]) -> Listed<OpeningTold> {
        let acts = sessions.iter().flat_map(|judged| &judged.session.acts);
        let mut acts: Vec<&Act> = acts.filter(|act| !act.patients.is_empty()).collect();
        acts.sort_by_key(|act| (act.time, &act.source, &act.place));
        let told = |act: &&Act| OpeningTold {
            time: self.time(act.time),
            account: act.account.clone(),
            system: act.systems.first().cloned().unwrap_or_default(),
            action: act.action.map_or("", Action::name),
            patients: act.patients.iter().take(NAMES).cloned().collect(),
            place: act.place.clone(),
        };
        Listed {
            total: acts.len() as u64,
            first: acts.iter().take(self.most.openings).map(told).collect(),
        }
    }

    fn not_examined(&self) -> Listed<NotExaminedTold> {
        let missing = &self.held.missing;
        let told = |log: &NotExamined| NotExaminedTold {
            source: log.source.clone(),
            path: log.path.clone(),
            span: log.span.map(|(first, last)| self.span(first, last)),
            why: log.why.word(),
        };
        Listed {
            total: missing.len() as u64,
            first: missing.iter().take(self.most.rows).map(told).collect(),
        }
    }
}
