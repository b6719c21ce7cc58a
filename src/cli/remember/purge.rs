//! What a run purges from the store, and how the run record says so.
//!
//! Takes how long things are kept; gives the note of the run's entry. Never purges what facts at
//! hand could make anew, nor what waits for a person.

use super::super::plan::Plan;
use super::REACH;
use crate::event::rfc3339;
use crate::store::{Changing, Failure, Purged};

/// What is too old for this run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Purging {
    /// What ended before it goes, nanoseconds since 1970; `None`: nothing but facts.
    pub(super) before: Option<i64>,
    /// Facts of inputs that ended before it are not judged any more.
    pub(super) horizon: i64,
}

impl Purging {
    /// Of a run that began then.
    pub(super) fn of(plan: &Plan, began: i64, horizon: i64) -> Purging {
        Purging {
            before: plan.config.keep.map(|keep| began.saturating_sub(keep)),
            horizon,
        }
    }

    /// Purges, with the facts of these inputs; gives the note of the entry, which is empty when
    /// nothing was too old.
    pub(super) fn purge(
        self,
        changing: &Changing<'_>,
        old: &[i64],
        plan: &Plan,
    ) -> Result<String, Failure> {
        for number in old {
            changing.forget_facts(*number)?;
        }
        let purged = match self.before {
            Some(before) => {
                let judged = changing.first_judged(self.horizon)?;
                let judged = judged.map_or(i64::MAX, |first| first.saturating_sub(REACH));
                changing.purge(before, judged)?
            }
            None => Purged::default(),
        };
        Ok(self.note(purged, old.len(), plan))
    }

    fn note(self, purged: Purged, facts: usize, plan: &Plan) -> String {
        if purged == Purged::default() && facts == 0 {
            return String::new();
        }
        let time = |nanos| rfc3339(nanos, plan.zone.offset_at(nanos));
        serde_json::json!({ "purged": {
            "before": self.before.map(time),
            "alerts": purged.alerts,
            "ledgers": purged.ledgers,
            "inputs": purged.inputs,
            "counted_days": purged.days,
            "facts_before": time(self.horizon),
            "facts_of_inputs": facts,
        } })
        .to_string()
    }
}
