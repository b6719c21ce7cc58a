//! Maintenance from afar: what the logs of the stretch say when they are held against the plan.
//!
//! Takes the comparison; gives bounded lists with persons told as the report tells them. Never
//! reads a log.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::diagnostic::{Lang, Text};
use crate::event::{Action, Outcome};
use crate::reconcile::{Act, Finding, Judged, Kept, Reconciliation, Session};
use crate::register::PlannedWork;
use crate::report::model::{
    Listed, MaintenanceTold, NotExaminedTold, OpeningTold, PatientTold, PlannedTold, RowSums,
    SessionSums, SessionTold,
};
use crate::report::period::day_of;
use crate::sink::maintenance::sentence;

use super::Request;
use super::figures::Figures;

/// Sessions, and rows of the plan, that are told one by one.
const LISTED: usize = 30;
/// Patients that are told one by one.
const PATIENTS: usize = 40;
/// Records that touch patients.
const OPENINGS: usize = 100;
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

/// The logs of the stretch held against the work plans.
#[derive(Debug)]
pub struct Compared {
    /// The rows of all plans.
    pub plans: Vec<PlannedWork>,
    /// What was found; of somewhat more than the stretch.
    pub found: Reconciliation,
    /// Logs that were read.
    pub inputs: u64,
    /// Logs that could not be read again.
    pub missing: Vec<NotExamined>,
    /// Up to when inputs were forgotten, nanoseconds since 1970.
    pub forgotten: Option<i64>,
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

pub(super) fn maintenance(
    compared: &Compared,
    figures: &Figures,
    request: &Request<'_>,
) -> MaintenanceTold {
    let stretch = request.period.instants(&request.zone);
    let found = &compared.found;
    let teller = Teller { compared, request };
    let reaches = |judged: &&Judged| {
        judged.session.start < stretch.end && judged.session.end >= stretch.start
    };
    let sessions: Vec<&Judged> = found.sessions.iter().filter(reaches).collect();
    let differs = |judged: &&&Judged| judged.findings.iter().any(Finding::is_difference);
    let (to_ask, as_planned): (Vec<&Judged>, Vec<&Judged>) =
        sessions.iter().partition(|judged| differs(judged));
    let told = |list: &[&Judged]| Listed {
        total: list.len() as u64,
        first: list
            .iter()
            .take(LISTED)
            .map(|j| teller.session(j))
            .collect(),
    };
    let (rows, not_done, not_covered) = teller.rows(figures, &stretch);
    MaintenanceTold {
        inputs: compared.inputs,
        covered: found.covered.map(|(first, last)| teller.span(first, last)),
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
        patients: teller.patients(&sessions),
        openings: teller.openings(&sessions),
        untrusted: found.untrusted,
        left_out: found.left_out,
        not_examined: teller.not_examined(),
        forgotten: compared.forgotten.map(|until| request.time(until)),
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

/// Tells persons as the report tells them.
#[derive(Clone, Copy)]
struct Teller<'t, 'r> {
    compared: &'t Compared,
    request: &'t Request<'r>,
}

impl Teller<'_, '_> {
    fn span(
        &self,
        first: i64,
        last: i64,
    ) -> (crate::report::model::Time, crate::report::model::Time) {
        (self.request.time(first), self.request.time(last))
    }

    fn account(&self, account: &str, nanos: i64) -> String {
        let Request {
            persons, registers, ..
        } = self.request;
        persons.account(account, registers, nanos)
    }

    fn patient(&self, patient: &str) -> String {
        let Request {
            persons, registers, ..
        } = self.request;
        persons.value("patient.id", patient, registers, 0)
    }

    /// The account of a session. What nobody knows and was typed at failed logins alone may be a
    /// password: two characters of it and its length are told.
    fn account_of(&self, session: &Session) -> String {
        let (account, registers) = (session.account.as_str(), self.request.registers);
        let is_failed =
            |act: &Act| act.action == Some(Action::Login) && act.outcome == Outcome::Failure;
        let is_planned = |work: &PlannedWork| work.accounts.iter().any(|known| known == account);
        let is_known = registers.account_at(account, session.start).is_some()
            || registers.staff_at(account, session.start).is_some()
            || self.compared.plans.iter().any(is_planned);
        if is_known || account.is_empty() || !session.acts.iter().all(is_failed) {
            return self.account(account, session.start);
        }
        if self.request.persons.is_masked() {
            return self.account(account, session.start);
        }
        let shown: String = account.chars().take(2).collect();
        format!("{shown}…({})", account.chars().count())
    }

    fn session(&self, judged: &Judged) -> SessionTold {
        let session = &judged.session;
        let account = self.account_of(session);
        let findings = judged.findings.iter().map(|finding| {
            let told = match finding {
                Finding::OtherAccount(_) => Finding::OtherAccount(account.clone()),
                other => other.clone(),
            };
            let says = Text::new(sentence(&told, Lang::En), sentence(&told, Lang::Ja));
            (finding.code(), says)
        });
        let plan = judged.plan.and_then(|at| self.compared.plans.get(at));
        let systems = session.systems.iter().take(NAMES);
        SessionTold {
            span: self.span(session.start, session.end),
            findings: findings.collect(),
            addresses: session.addresses.iter().take(NAMES).cloned().collect(),
            systems: systems.map(|(name, n)| (name.clone(), *n)).collect(),
            plan: plan.map(|plan| plan.at.to_string()),
            patients: session.patients.len() as u64,
            failed_logins: session.failed_logins,
            account,
        }
    }

    /// What became of the rows that reach into the stretch.
    fn rows(
        &self,
        figures: &Figures,
        stretch: &Range<i64>,
    ) -> (RowSums, Listed<PlannedTold>, Listed<PlannedTold>) {
        let mut sums = RowSums::default();
        let (mut not_done, mut not_covered) = (Vec::new(), Vec::new());
        let rows = self.compared.plans.iter().zip(&self.compared.found.plans);
        for (work, kept) in rows {
            if work.span.start >= stretch.end || work.span.end <= stretch.start {
                continue;
            }
            sums.all += 1;
            match kept {
                Kept::Done(_) => sums.done += 1,
                Kept::NotDone if !self.has_hole(work, figures) => {
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
        let listed = |rows| Listed::of(rows, LISTED);
        (sums, listed(not_done), listed(not_covered))
    }

    /// True when logs of a row's time are missing: that nothing was found then says nothing.
    fn has_hole(&self, work: &PlannedWork, figures: &Figures) -> bool {
        let Compared {
            missing, forgotten, ..
        } = self.compared;
        let overlaps = |log: &NotExamined| {
            log.span
                .is_none_or(|(first, last)| first < work.span.end && last >= work.span.start)
        };
        let zone = &self.request.zone;
        let mut days = day_of(work.span.start, zone)..day_of(work.span.end - 1, zone) + 1;
        missing.iter().any(overlaps)
            || forgotten.is_some_and(|until| until >= work.span.start)
            || days.any(|day| figures.sources().iter().any(|s| figures.is_gap(s, day)))
    }

    fn planned(&self, work: &PlannedWork) -> PlannedTold {
        let persons = &self.request.persons;
        // The firm is nobody's name; who comes is one, and what is to be done is a free word.
        let shown = [
            (&work.vendor, persons.shows_words()),
            (&work.person, persons.word() == "names"),
            (&work.work, persons.shows_words()),
        ];
        let words = shown
            .into_iter()
            .filter(|(word, may)| *may && !word.is_empty());
        let words: Vec<&str> = words.map(|(word, _)| word.as_str()).collect();
        let accounts = work.accounts.iter().take(NAMES);
        PlannedTold {
            at: work.at.to_string(),
            span: self.span(work.span.start, work.span.end),
            words: words.join(" "),
            accounts: accounts.map(|a| self.account(a, work.span.start)).collect(),
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
                .take(PATIENTS)
                .map(|(patient, (records, sessions))| PatientTold {
                    patient: self.patient(patient),
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
            time: self.request.time(act.time),
            account: self.account(&act.account, act.time),
            system: act.systems.first().cloned().unwrap_or_default(),
            action: act.action.map_or("", Action::name),
            patients: act
                .patients
                .iter()
                .take(NAMES)
                .map(|p| self.patient(p))
                .collect(),
            place: act.place.clone(),
        };
        Listed {
            total: acts.len() as u64,
            first: acts.iter().take(OPENINGS).map(told).collect(),
        }
    }

    fn not_examined(&self) -> Listed<NotExaminedTold> {
        let missing = &self.compared.missing;
        let told = |log: &NotExamined| NotExaminedTold {
            source: log.source.clone(),
            path: log.path.clone(),
            span: log.span.map(|(first, last)| self.span(first, last)),
            why: log.why.word(),
        };
        Listed {
            total: missing.len() as u64,
            first: missing.iter().take(LISTED).map(told).collect(),
        }
    }
}
