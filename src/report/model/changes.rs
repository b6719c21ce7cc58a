//! What is new or different. Types alone.

use serde::Serialize;

use super::{Day, Listed, Time};

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
