//! What a report knows: the numbers and names of a stretch of days, before any word of them is
//! written.
//!
//! Takes nothing itself; `gather` fills it, `words` says it in a language, and as JSON it is given
//! as it stands. Every list is bounded; what was left out stands beside it as a number.

mod account;
mod alerts;
mod changes;
mod department;
mod evidenced;
mod examined;
mod maintenance;
mod pictures;
mod standing;

use serde::{Serialize, Serializer};

use super::period::iso;
use crate::diagnostic::Text;
use crate::event::rfc3339;

pub use account::{Account, NightTold, RunTold, Signature};
pub use alerts::{About, Alerts, Cause, EvidenceTold, KeyTold, ReasonTold};
pub use changes::{Changes, LeaverTold, PlanChange, SeenTold};
pub use department::DepartmentTold;
pub use evidenced::{Adequacy, Evidenced, EvidencedItem};
pub use examined::{Examined, Gap, OffHoursTold, RulesTold};
pub use maintenance::{
    MaintenanceTold, NotExaminedTold, OpeningTold, PatientTold, PlannedTold, RowSums, SessionSums,
    SessionTold,
};
pub use pictures::{AlertDay, DayCount, OffHoursRow, Pictures, Volume, WeekCount};
pub use standing::{DeviceTold, DiaryEntry, DocumentTold, Review, StandingMatters};

/// A local day, counted from 1970-01-01; `2026-11-16` in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i64);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&iso(self.0))
    }
}

/// An instant on the site's clock; RFC 3339 in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    /// Nanoseconds since 1970.
    pub nanos: i64,
    /// Seconds east of UTC.
    pub offset: i32,
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339(self.nanos, self.offset))
    }
}

/// A figure and the same of the stretch before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figure {
    /// Of this stretch.
    pub now: u64,
    /// Of the stretch of equal length before; `None` when nothing is known of it.
    pub before: Option<u64>,
}

/// The first of a list, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed<T> {
    /// Number of all.
    pub total: u64,
    /// The first of them.
    pub first: Vec<T>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Listed {
            total: 0,
            first: Vec::new(),
        }
    }
}

impl<T> Listed<T> {
    /// The first `limit` of these.
    pub fn of(mut all: Vec<T>, limit: usize) -> Listed<T> {
        let total = all.len() as u64;
        all.truncate(limit);
        Listed { total, first: all }
    }

    /// How many were left out.
    pub fn more(&self) -> u64 {
        self.total.saturating_sub(self.first.len() as u64)
    }
}

/// A report.
#[derive(Clone, Debug, Serialize)]
pub struct Weekly {
    /// Name of the house.
    pub site: Option<String>,
    /// The site's zone.
    pub zone: String,
    /// The stretch.
    pub period: PeriodTold,
    /// When the report was made.
    pub made: Time,
    /// Version of the program.
    pub program: String,
    /// The only department it is about.
    pub department: Option<String>,
    /// What is known of that department alone.
    pub of_department: Option<DepartmentTold>,
    /// How persons are told: `ids`, `names` or `masked`.
    pub identities: &'static str,
    /// What was examined, and what could not be.
    pub examined: Examined,
    /// The alerts.
    pub alerts: Alerts,
    /// Events outside the business hours.
    pub off_hours: OffHoursTold,
    /// What is drawn.
    pub pictures: Pictures,
    /// What is new or different.
    pub changes: Changes,
    /// True when a work plan is configured.
    pub has_work_plan: bool,
    /// Maintenance from afar against the work plan; `None` when no plan is configured, or the logs
    /// were not held against it for this report.
    pub maintenance: Option<MaintenanceTold>,
    /// What the logs can show of guideline and checklist.
    pub evidenced: Evidenced,
    /// What stands beside the logs.
    pub standing: StandingMatters,
    /// What was done to come to all this.
    pub account: Account,
    /// Who reviewed it.
    pub signatures: Vec<Signature>,
}

/// The stretch as it is told.
#[derive(Clone, Debug, Serialize)]
pub struct PeriodTold {
    /// `2026-W47`.
    pub label: String,
    /// Its name for people.
    pub title: Text,
    /// First day.
    pub first: Day,
    /// Last day.
    pub last: Day,
    /// False while it has not ended.
    pub is_over: bool,
}
