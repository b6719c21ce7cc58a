//! What stands beside the logs. Types alone.

use serde::Serialize;

use super::{Day, Listed, Time};

/// What stands beside the logs.
#[derive(Clone, Debug, Default, Serialize)]
pub struct StandingMatters {
    /// Documents the operator must own.
    pub documents: Vec<DocumentTold>,
    /// Registered devices whose support has ended.
    pub unsupported: Option<Listed<DeviceTold>>,
    /// Registered devices that were not seen for 90 days, or never.
    pub unseen: Option<Listed<DeviceTold>>,
    /// The diary and the users' own reports; `None` when none is configured.
    pub diary: Option<Listed<DiaryEntry>>,
    /// How often the institution decided to review.
    pub review: Option<Review>,
}

/// A document the operator must own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DocumentTold {
    /// Its name.
    pub name: String,
    /// Where it lies.
    pub file: String,
    /// Who approved it.
    pub approved_by: String,
    /// When.
    pub approved_on: Option<Day>,
    /// When it is to be looked at again.
    pub review_by: Option<Day>,
    /// Whom to call.
    pub contact: String,
    /// False for one that is needed and not configured.
    pub is_there: bool,
    /// True when the day of review has passed.
    pub is_overdue: bool,
}

/// A registered device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DeviceTold {
    /// Name, hardware address or address.
    pub name: String,
    /// Department.
    pub department: String,
    /// System and version.
    pub system: String,
    /// The last day of support.
    pub support_until: Option<Day>,
    /// When it was seen last.
    pub last: Option<Time>,
    /// The register's row.
    pub at: String,
}

/// An entry of the diary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiaryEntry {
    /// The day.
    pub day: Day,
    /// Time of day, as written.
    pub time: String,
    /// What kind: a report, an observation.
    pub kind: String,
    /// Who.
    pub by: String,
    /// What.
    pub text: String,
    /// Alerts that began on this day.
    pub alerts: u64,
}

/// The review cycle, which the institution chooses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Review {
    /// How often.
    pub cycle: String,
    /// Who decided.
    pub decided_by: String,
    /// When.
    pub decided_on: Option<Day>,
}
