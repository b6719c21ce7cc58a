//! Maintenance from afar held against the work plan. Types alone.

use serde::Serialize;

use super::{Listed, Time};
use crate::diagnostic::Text;

/// What the logs of the stretch, read once more, say of maintenance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MaintenanceTold {
    /// Logs that were read.
    pub inputs: u64,
    /// First and last event of them.
    pub covered: Option<(Time, Time)>,
    /// Rows of the plan that reach into the stretch, by what became of them.
    pub rows: RowSums,
    /// Sessions that reach into the stretch.
    pub sessions: SessionSums,
    /// Sessions by what differs from the plan: a stable word, and how many.
    pub differences: Vec<(&'static str, u64)>,
    /// Sessions to be asked about, the first one first.
    pub to_ask: Listed<SessionTold>,
    /// Sessions as planned, the first one first.
    pub as_planned: Listed<SessionTold>,
    /// Rows that no session belongs to.
    pub not_done: Listed<PlannedTold>,
    /// Rows of which nothing can be said, because logs of their time are not at hand.
    pub not_covered: Listed<PlannedTold>,
    /// Patients whose records were touched, the most touched first.
    pub patients: Listed<PatientTold>,
    /// Records that touch patients, in the order of time.
    pub openings: Listed<OpeningTold>,
    /// Acts whose clock is not to be trusted; they stand in no session.
    pub untrusted: u64,
    /// Acts beyond the bound of the comparison.
    pub left_out: u64,
    /// Logs that an earlier run read and that could not be read again.
    pub not_examined: Listed<NotExaminedTold>,
    /// Up to when inputs were forgotten, so that nobody knows which they were.
    pub forgotten: Option<Time>,
}

/// Rows of the plan by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RowSums {
    /// All.
    pub all: u64,
    /// A session belongs to it.
    pub done: u64,
    /// None does.
    pub not_done: u64,
    /// Logs of its time are not at hand.
    pub not_covered: u64,
}

/// Sessions by whether they fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SessionSums {
    /// All.
    pub all: u64,
    /// As planned.
    pub as_planned: u64,
    /// To be asked about.
    pub to_ask: u64,
}

/// What one account, or one address, did without a long pause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SessionTold {
    /// First and last act.
    pub span: (Time, Time),
    /// The account; empty where the log tells none.
    pub account: String,
    /// Addresses it came from.
    pub addresses: Vec<String>,
    /// Systems, and records of each.
    pub systems: Vec<(String, u64)>,
    /// The row of the plan it belongs to.
    pub plan: Option<String>,
    /// What to ask about: a stable word, and a sentence.
    pub findings: Vec<(&'static str, Text)>,
    /// Patients whose records were touched.
    pub patients: u64,
    /// Logins that failed.
    pub failed_logins: u64,
}

/// A row of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedTold {
    /// Where it stands.
    pub at: String,
    /// From and to.
    pub span: (Time, Time),
    /// Firm, person and work, as far as they may be shown.
    pub words: String,
    /// Accounts.
    pub accounts: Vec<String>,
    /// Systems.
    pub systems: Vec<String>,
}

/// A patient whose records were touched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PatientTold {
    /// The patient.
    pub patient: String,
    /// Records.
    pub records: u64,
    /// Sessions.
    pub sessions: u64,
}

/// A record that touches patients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpeningTold {
    /// When.
    pub time: Time,
    /// The account; empty where the log tells none.
    pub account: String,
    /// The system.
    pub system: String,
    /// What, by the vocabulary; empty where the log does not tell.
    pub action: &'static str,
    /// The patients.
    pub patients: Vec<String>,
    /// Where the record stands.
    pub place: String,
}

/// A log that could not be read again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotExaminedTold {
    /// Its source.
    pub source: String,
    /// Its file, as it was named.
    pub path: String,
    /// First and last event, where they are known.
    pub span: Option<(Time, Time)>,
    /// `gone`, `changed`, `pipe` or `unreadable`.
    pub why: &'static str,
}
