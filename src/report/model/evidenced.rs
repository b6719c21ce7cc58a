//! What the logs can show of guideline and checklist. Types alone.

use serde::Serialize;

use super::Listed;
use crate::diagnostic::Text;

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
