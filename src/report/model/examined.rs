//! What was examined, what could not be seen, and what happened while the house was closed. Types
//! alone.

use serde::Serialize;

use super::{Day, Figure, Listed};
use crate::diagnostic::Text;

/// What was examined, and what could not be seen.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Examined {
    /// False when the store holds no figures for these days.
    pub has_figures: bool,
    /// Days of the stretch that have begun.
    pub days: u64,
    /// Days of which there are records.
    pub days_with_records: u64,
    /// Records.
    pub records: Figure,
    /// Events.
    pub events: u64,
    /// Sources that gave records.
    pub sources: Vec<String>,
    /// Days without any record.
    pub missing: Vec<Day>,
    /// Sources that are expected or spoke before and gave nothing at all.
    pub silent: Vec<String>,
    /// Days on which a source that should speak gave nothing, those of silent sources left out.
    pub gaps: Listed<Gap>,
    /// Rejected records.
    pub rejects: Figure,
    /// Events whose clock is not to be trusted.
    pub untrusted: Figure,
    /// Records that were there before.
    pub duplicates: u64,
    /// Rules that can speak in this house, and those that cannot.
    pub rules: RulesTold,
    /// Logins that failed.
    pub failed_logins: Figure,
    /// Logins that did not.
    pub logins: Figure,
}

/// A day on which a source gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The source.
    pub source: String,
    /// The day.
    pub day: Day,
}

/// The rules in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RulesTold {
    /// Rules that can speak.
    pub speaking: u64,
    /// Rules that cannot, with the reason.
    pub silent: Vec<(String, Text)>,
}

/// Events outside the business hours, and what explains them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OffHoursTold {
    /// All.
    pub total: Figure,
    /// After hours, holidays, late night.
    pub bands: [u64; 3],
    /// Those a roster explains.
    pub by_roster: u64,
    /// Those a declaration explains.
    pub by_declaration: u64,
}
