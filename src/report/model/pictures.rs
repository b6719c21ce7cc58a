//! What is drawn. Types alone.

use serde::Serialize;

use super::{Day, Listed};

/// What is drawn.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Pictures {
    /// Events by weekday (Monday first) and hour.
    pub heat: Vec<[u64; 24]>,
    /// Where the house is closed, by weekday and hour.
    pub closed: Vec<[bool; 24]>,
    /// What told the closed hours: `calendar`, `settings`, `records`, or empty.
    pub closed_by: &'static str,
    /// Alerts by day and level.
    pub alerts: Vec<AlertDay>,
    /// Alerts of each of the last nine weeks, the latest last.
    pub weeks: Vec<WeekCount>,
    /// Failed logins by day.
    pub failed: Vec<DayCount>,
    /// Departments outside the hours.
    pub departments: Listed<OffHoursRow>,
    /// Terminals outside the hours.
    pub terminals: Listed<OffHoursRow>,
    /// Records by source and day.
    pub volume: Listed<Volume>,
}

/// Alerts that began on a day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AlertDay {
    /// The day.
    pub day: Day,
    /// By level, informational first.
    pub levels: [u64; 5],
    /// Mean of the same weekday in the eight weeks before.
    pub usual: f64,
}

/// Alerts of seven days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct WeekCount {
    /// First day.
    pub first: Day,
    /// Alerts.
    pub count: u64,
}

/// A count of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DayCount {
    /// The day.
    pub day: Day,
    /// The count.
    pub count: u64,
}

/// A department or terminal outside the hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OffHoursRow {
    /// Its name; empty where the log tells none; `None` for those left unnamed together because so
    /// few people are in them.
    pub name: Option<String>,
    /// Department of a terminal.
    pub department: String,
    /// After hours, holidays, late night.
    pub bands: [u64; 3],
}

/// What a source gave by day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Volume {
    /// The source.
    pub source: String,
    /// Records of each day.
    pub days: Vec<u64>,
    /// Days on which it should have spoken and did not.
    pub gaps: Vec<bool>,
}
