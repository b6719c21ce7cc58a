//! What a report of one department knows beyond that of the whole house. Types alone.

use serde::Serialize;

use super::{DayCount, Figure};

/// A department.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DepartmentTold {
    /// Events of its accounts, packets that pass or are dropped left out.
    pub events: Figure,
    /// Acts of its accounts that were refused, failed logins among them.
    pub failed: Figure,
    /// The same by day.
    pub failed_by_day: Vec<DayCount>,
    /// Its accounts that were active.
    pub accounts: u64,
    /// False when an earlier version counted some of these days: it did not keep for whom a
    /// closed hour is explained.
    pub knows_explained: bool,
    /// True where its figures are withheld, because persons are masked and there are so few of
    /// them that a count of the department is a count of persons.
    pub is_withheld: bool,
}
