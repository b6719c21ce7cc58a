//! What a report knows: the numbers and names of a stretch of days, before any word of them is
//! written.
//!
//! Takes nothing itself; `gather` fills it, `words` says it in a language, and as JSON it is given
//! as it stands. Every list is bounded; what was left out stands beside it as a number.

use serde::{Serialize, Serializer};

use super::period::iso;
use crate::diagnostic::Text;
use crate::event::rfc3339;

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

/// The alerts of a stretch, and those that stayed open from before.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Alerts {
    /// Open ones by level: informational, low, medium, high, critical.
    pub open: [u64; 5],
    /// Open ones of the stretch that were told for the first time.
    pub new: u64,
    /// Open ones of the stretch that say something else than at first.
    pub revised: u64,
    /// Open ones that began before the stretch.
    pub from_before: u64,
    /// All of the stretch, decided or not.
    pub all: Figure,
    /// Decided ones of the stretch, by the word of the decision.
    pub decided: Vec<(String, u64)>,
    /// Causes, worst first.
    pub causes: Listed<Cause>,
}

impl Alerts {
    /// All open ones.
    pub fn open_total(&self) -> u64 {
        self.open.iter().sum()
    }
}

/// Open alerts of one rule and level.
#[derive(Clone, Debug, Serialize)]
pub struct Cause {
    /// Place in the list, from 1; part of its anchor.
    pub number: usize,
    /// Level: 0 informational to 4 critical.
    pub level: usize,
    /// Name of the rule.
    pub rule: String,
    /// Title of the rule.
    pub title: String,
    /// Author of the rule, where it is another's.
    pub author: Option<String>,
    /// Open alerts.
    pub count: u64,
    /// Those of them that began before the stretch.
    pub from_before: u64,
    /// First and last event.
    pub span: (Time, Time),
    /// What to do, as the rule says.
    pub respond: Text,
    /// Whom it is about: account, terminal, patient, device or source; decides whom to ask.
    pub about: About,
    /// Clauses.
    pub clauses: Vec<String>,
    /// One line a key, worst first.
    pub keys: Listed<KeyTold>,
}

/// Whom or what an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum About {
    /// An account.
    Account,
    /// A patient's chart.
    Patient,
    /// A terminal or device.
    Device,
    /// A source or what reports.
    Source,
}

/// The alerts of one cause with one key, folded.
#[derive(Clone, Debug, Serialize)]
pub struct KeyTold {
    /// Id of the latest alert.
    pub id: String,
    /// Field and value; `None`: the log does not tell.
    pub key: Vec<(String, Option<String>)>,
    /// The sentence of the latest alert; `None` where persons are masked.
    pub summary: Option<Text>,
    /// Alerts folded into this line.
    pub count: u64,
    /// Records they rest on.
    pub records: u64,
    /// First and last event.
    pub span: (Time, Time),
    /// What made it true; where persons are masked, lines of the calendar alone.
    pub reasons: Vec<ReasonTold>,
    /// The first records.
    pub evidence: Vec<EvidenceTold>,
    /// Department, where it is known.
    pub department: String,
    /// False when it began before the stretch.
    pub is_of_period: bool,
    /// 0 for the first issue.
    pub revision: u32,
}

/// A line of calendar, register or roster behind an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReasonTold {
    /// Field and value.
    pub what: String,
    /// Why.
    pub because: String,
    /// Where it stands.
    pub at: String,
}

/// Where a record stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceTold {
    /// Source.
    pub source: String,
    /// File.
    pub path: String,
    /// Line.
    pub line: u64,
    /// Its time.
    pub time: Time,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// The record itself: only where names are wanted, since a record holds them.
    pub text: Option<String>,
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

/// What is new or different.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Changes {
    /// Terminals, hardware addresses and devices seen for the first time.
    pub devices: Listed<SeenTold>,
    /// Accounts seen for the first time.
    pub accounts: Listed<SeenTold>,
    /// Accounts not used for 30, 60 and 90 days.
    pub unused: [Listed<SeenTold>; 3],
    /// Registered accounts that were never seen.
    pub never_used: Option<Listed<String>>,
    /// Accounts used after their owner had left, or after they ended.
    pub leavers: Option<Listed<LeaverTold>>,
    /// Configuration changes, restarts and the like, by source and action.
    pub actions: Vec<(String, String, u64)>,
    /// Rules, calendars and registers that changed since the stretch before.
    pub plan: Vec<PlanChange>,
    /// False when there is no earlier run to compare with.
    pub has_earlier_plan: bool,
}

/// Something that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenTold {
    /// `account`, `terminal`, `mac` or `device`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// Source.
    pub source: String,
    /// First time.
    pub first: Time,
    /// Last time.
    pub last: Time,
}

/// An account used after its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeaverTold {
    /// The account.
    pub account: String,
    /// Its last day by the register.
    pub left: Day,
    /// The last day it was used.
    pub used: Day,
    /// Events in the stretch.
    pub records: u64,
    /// The register's row.
    pub at: String,
}

/// A part of the plan that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanChange {
    /// `rules`, `calendar`, or the register.
    pub name: String,
    /// Rows of a register, calendars or rules before; `None` when there was none.
    pub before: Option<u64>,
    /// The same since.
    pub now: u64,
    /// The run that first used it so.
    pub run: i64,
}

/// What the logs can show of guideline and checklist.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Evidenced {
    /// Version of the table of clauses.
    pub version: String,
    /// The texts it is made from.
    pub texts: Vec<Text>,
    /// The clauses and items.
    pub items: Vec<EvidencedItem>,
    /// What each source tells.
    pub adequacy: Listed<Adequacy>,
}

/// A clause or an item of the checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidencedItem {
    /// Its id, as alerts name it.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// What it asks, in short.
    pub asks: Text,
    /// How far logs can show it: `strong`, `partial`, `weak` or `none`.
    pub strength: String,
    /// The figures it rests on; empty where logs show nothing.
    pub figures: Vec<Text>,
    /// What logs cannot show.
    pub limit: Text,
    /// Alerts of the stretch that name it.
    pub alerts: u64,
}

/// Which of the needed things the records of a source tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Adequacy {
    /// The source.
    pub source: String,
    /// Events.
    pub events: u64,
    /// Those of them that are packets let pass or dropped, in which no user is expected.
    pub traffic: u64,
    /// Events that tell user, patient, terminal, outcome and time of day: the first three of those
    /// that are no traffic.
    pub with: [u64; 5],
    /// Logins, failed ones among them.
    pub logins: u64,
}

impl Adequacy {
    /// The events in which something is expected: for user, patient and terminal those that are
    /// no traffic.
    pub fn expected(&self, at: usize) -> u64 {
        match at {
            0..=2 => self.events.saturating_sub(self.traffic),
            _ => self.events,
        }
    }
}

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
