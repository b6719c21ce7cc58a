//! `new_value`: a value that the key did not show for longer than some time.
//!
//! Takes facts in order; gives an alert a key and value each time it is new, which holds the
//! records of that key and value up to the end of the site's day. Of each key and value it keeps
//! a hash and a time (16 bytes), of each key a hash, a time and a mark (24 bytes), and drafts only
//! of what was new on the day at hand.

use std::collections::HashMap;
use std::io;

use foldhash::fast::FixedState;

use super::super::draft::{Draft, Measured, Noted};
use super::super::fold::local_day;
use super::{Row, Rows, Seen};
use crate::rule::{NewValue, Novelty};
use crate::spill::combine_all;

/// Finds new values.
pub(super) fn observe(rule: &NewValue, mut rows: Rows<'_>) -> io::Result<Seen> {
    let mut state = State::default();
    while let Some(row) = rows.next()? {
        state.turn_day(local_day(row.fact.time, rows.settings));
        let (first, judged) = *state
            .keys
            .entry(row.key)
            .or_insert((row.fact.time, rule.after == 0));
        let history = row.fact.time.saturating_sub(first);
        if history >= rule.after && !judged {
            state.keys.insert(row.key, (first, true));
        }
        if row.value == 0 {
            continue;
        }
        let both = combine_all(&[row.key, row.value], &[0, 1]);
        let last = state.last.insert(both, row.fact.time);
        let before = last.map(|last| row.fact.time.saturating_sub(last));
        if history >= rule.after && is_new(rule, before) {
            state.begin(both, draft(&rows, &row, before, history));
        }
        if let Some(draft) = state.open.get_mut(&both) {
            rows.add(draft, &row.fact, &row.tallies);
        }
    }
    Ok(state.finish())
}

fn is_new(rule: &NewValue, before: Option<i64>) -> bool {
    match (before, rule.only) {
        (None, only) => only != Some(Novelty::Returned),
        (Some(before), only) => only != Some(Novelty::First) && before > rule.within,
    }
}

fn draft(rows: &Rows<'_>, row: &Row, before: Option<i64>, history: i64) -> Draft {
    let mut draft = rows.draft([row.named.as_slice(), &[row.value]].concat());
    draft.noted = Some(Noted::New { before, history });
    draft
}

#[derive(Default)]
struct State {
    /// When each key was seen first, and whether any record of it was judged.
    keys: HashMap<u64, (i64, bool), FixedState>,
    /// When each key and value was seen last.
    last: HashMap<u64, i64, FixedState>,
    /// Alerts of the day at hand.
    open: HashMap<u64, Draft, FixedState>,
    day: Option<i64>,
    done: Vec<Draft>,
}

impl State {
    /// What was new on a day that is over grows no more.
    fn turn_day(&mut self, day: i64) {
        if self.day.replace(day) != Some(day) {
            let open = std::mem::take(&mut self.open);
            self.done.extend(open.into_values());
        }
    }

    fn begin(&mut self, both: u64, draft: Draft) {
        // A value may come back on the day on which it was new.
        self.done.extend(self.open.insert(both, draft));
    }

    fn finish(mut self) -> Seen {
        self.done.extend(self.open.into_values());
        for draft in &mut self.done {
            draft.measure = Measured::Count(draft.events);
        }
        Seen {
            drafts: self.done,
            keys: self.keys.len() as u64,
            learning: self.keys.into_values().filter(|key| !key.1).count() as u64,
        }
    }
}
