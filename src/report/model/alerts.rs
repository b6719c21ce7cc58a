//! The open alerts by their causes. Types alone.

use serde::Serialize;

use super::{Figure, Listed, Time};
use crate::diagnostic::Text;

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
    /// The field.
    pub field: String,
    /// What stands in it.
    pub value: String,
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
