//! The rows that the weekly report reads. Types alone.

/// What one source gave on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayRow {
    /// Source name.
    pub source: String,
    /// Local day, counted from 1970-01-01.
    pub day: i64,
    /// Records, rejects among them.
    pub records: u64,
    /// Events.
    pub events: u64,
    /// Rejected records.
    pub rejects: u64,
    /// Events whose clock is not to be trusted.
    pub untrusted: u64,
    /// Logins, failed ones among them.
    pub logins: u64,
    /// Logins that failed.
    pub failed_logins: u64,
    /// Events that name a user, a patient, a terminal, an outcome, a time of day; in this order.
    pub with: [u64; 5],
    /// Records that were there before.
    pub duplicates: u64,
    /// Events that are packets let pass or dropped.
    pub traffic: u64,
}

/// Events of one hour of the week by what the calendar says of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourRow {
    /// Local hour, counted from 1970-01-01T00.
    pub hour: i64,
    /// Events.
    pub records: u64,
    /// Those of them for which the house was closed.
    pub closed: u64,
}

/// Events outside the business hours, by band and by what explains them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BandRow {
    /// `after_hours`, `holiday` or `late_night`.
    pub band: String,
    /// `roster`, `declaration` or empty.
    pub explained: String,
    /// Events.
    pub records: u64,
}

/// Whose events are summed outside the business hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Departments of users.
    Departments,
    /// Terminals.
    Terminals,
}

/// Events of one department or terminal outside the business hours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffHours {
    /// Its name; empty where the log tells none.
    pub name: String,
    /// Department of a terminal.
    pub department: String,
    /// Events by band: after hours, holidays, late night.
    pub bands: [u64; 3],
    /// Users that were active in it; 0 for terminals.
    pub users: u64,
}

impl OffHours {
    /// All events.
    pub fn total(&self) -> u64 {
        self.bands.iter().sum()
    }
}

/// Something that is followed across all days: an account, a terminal, a hardware address, a
/// device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenRow {
    /// Its name.
    pub value: String,
    /// A source that saw it.
    pub source: String,
    /// First and last time, nanoseconds since 1970.
    pub span: (i64, i64),
}

/// A register, the calendar or the rules as a run saw them first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterChange {
    /// `devices`, `staff`, `calendar`, `rules` and so on.
    pub kind: String,
    /// The run.
    pub run: i64,
    /// When it began, nanoseconds since 1970.
    pub began: i64,
    /// Rows of a register, calendars or rules.
    pub rows: u64,
}

/// A user who was active in the stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveUser {
    /// Account, folded; `*` stands for all that no register knows.
    pub user: String,
    /// Department.
    pub department: String,
    /// Last day.
    pub last: i64,
    /// Events.
    pub records: u64,
}

/// The last alerts' counts of a day and level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertTime {
    /// When it began, nanoseconds since 1970.
    pub start: i64,
    /// Sigma's word for the level.
    pub level: String,
}

/// An alert with its revision and state, without its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertHead {
    /// When it began, nanoseconds since 1970.
    pub start: i64,
    /// Rule id.
    pub rule: String,
    /// Sigma's word for the level.
    pub level: String,
    /// `open` or `closed`.
    pub state: String,
    /// 0 for the first issue.
    pub revision: u32,
    /// The run that changed it last.
    pub changed_in: i64,
    /// The word of the latest decision; empty when there is none.
    pub decided: String,
}
