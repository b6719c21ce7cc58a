//! Facts that no silence can begin or end with.
//!
//! Takes the facts of a part of the records; leaves out those that lie between two others of their
//! key which are so close that no silence has room between them. What a silence begins and ends
//! with stays, so the alerts are the same however the records are cut into parts; a source that
//! writes all day long leaves a handful of facts instead of one a record.

use std::collections::HashMap;

use crate::spill::Through;

/// Which facts of a stream can be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Thinning {
    /// Columns of the key.
    pub(in super::super) key: Vec<usize>,
    /// Nanoseconds: no silence is as short.
    pub(in super::super) within: i64,
}

/// What stays of one key, so far.
struct Kept {
    /// The last instant that stays for certain.
    since: i64,
    /// The latest, which stays unless a later one is as close to `since`.
    latest: i64,
    /// The last fact of that instant.
    last: usize,
}

/// No fact.
const NONE: usize = usize::MAX;

impl Thinning {
    /// Which of so many facts in the order of time stay; `told` gives the time and the key of each.
    pub(in super::super) fn stays(
        &self,
        count: usize,
        mut told: impl FnMut(usize) -> (i64, u64),
    ) -> Vec<bool> {
        let mut of_key: HashMap<u64, Kept, Through> = HashMap::default();
        let mut stays = vec![false; count];
        // Of each fact the one before it of the same key and instant.
        let mut beside = vec![NONE; count];
        for at in 0..count {
            let (time, key) = told(at);
            let kept = of_key.entry(key).or_insert_with(|| Kept {
                since: time,
                latest: time,
                last: NONE,
            });
            if time == kept.latest {
                beside[at] = kept.last;
            } else {
                let is_far = time.saturating_sub(kept.since) > self.within;
                if kept.latest == kept.since || is_far {
                    kept.since = kept.latest;
                    keep(kept.last, &beside, &mut stays);
                }
                kept.latest = time;
            }
            kept.last = at;
        }
        let last = of_key.into_values().map(|kept| kept.last);
        last.for_each(|last| keep(last, &beside, &mut stays));
        stays
    }
}

/// Keeps all facts of one key and instant, of which this is the last.
fn keep(last: usize, beside: &[usize], stays: &mut [bool]) {
    let mut next = last;
    while next != NONE {
        stays[next] = true;
        next = beside[next];
    }
}
