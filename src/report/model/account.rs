//! What was done to come to the report. Types alone.

use serde::Serialize;

use super::{Day, Listed, Time};

/// What was done.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Account {
    /// The ledger by night and source.
    pub nights: Listed<NightTold>,
    /// The runs that read logs of these days.
    pub runs: Listed<RunTold>,
    /// Days of the stretch on which no run began.
    pub days_without_run: Vec<Day>,
    /// Digest of the last run in the record.
    pub head: String,
    /// The run whose digest that is.
    pub head_run: i64,
    /// The first entry that is not as it was written.
    pub broken: Option<i64>,
    /// Digests of rules, calendars and registers of the last run.
    pub plan: Listed<(String, String)>,
}

/// What a source gave in a night.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NightTold {
    /// The day.
    pub day: Day,
    /// The source.
    pub source: String,
    /// Records.
    pub records: u64,
    /// Events.
    pub events: u64,
    /// Rejected records.
    pub rejects: u64,
    /// Events whose clock is not to be trusted.
    pub untrusted: u64,
    /// Records that were there before.
    pub duplicates: u64,
    /// True when nothing came on a day on which it should have.
    pub is_gap: bool,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RunTold {
    /// Number.
    pub number: i64,
    /// When it began.
    pub began: Time,
    /// Command.
    pub command: String,
    /// Version of the program.
    pub version: String,
    /// Inputs, records and rejects.
    pub read: (u64, u64, u64),
    /// Alerts found new, revised and taken back.
    pub alerts: (u64, u64, u64),
    /// Its digest.
    pub digest: String,
}

/// Who reviewed a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// Who.
    pub by: String,
    /// When.
    pub at: Time,
    /// What they noted.
    pub note: String,
    /// Digest of the run that was the last when they signed.
    pub head: String,
    /// The entry in the run record.
    pub run: i64,
    /// Alerts of the stretch that are new or changed since.
    pub changed_since: u64,
}
