//! `new_value`: a value that the key did not show for longer than some time.
//!
//! Takes facts in order; gives an alert a key and value each time it is new, which holds the
//! records of that key and value up to the end of the site's day. A value that comes back together
//! with its whole key is no news about the value. Of each key and value it keeps a hash and a time
//! (16 bytes), of each key a hash, three times and a mark (40 bytes), and drafts only of what was
//! new on the day at hand.

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
        let time = row.fact.time;
        let key = state.keys.entry(row.key).or_insert_with(|| Key::new(time));
        key.see(time);
        let history = time.saturating_sub(key.first);
        let is_known = history >= rule.after;
        key.judged |= is_known;
        let pause = key.earlier.map(|earlier| time.saturating_sub(earlier));
        if row.value == 0 {
            continue;
        }
        let both = combine_all(&[row.key, row.value], &[0, 1]);
        let last = state.last.insert(both, time);
        let before = last.map(|last| time.saturating_sub(last));
        if is_known && is_new(rule, before, pause) {
            state.begin(both, draft(&rows, &row, before, history));
        }
        if let Some(draft) = state.open.get_mut(&both) {
            rows.add(draft, &row.fact, &row.tallies);
        }
    }
    Ok(state.finish())
}

/// `before` is how long ago the value was seen last, `pause` how long the key showed nothing at all.
fn is_new(rule: &NewValue, before: Option<i64>, pause: Option<i64>) -> bool {
    let is_long_ago = |before: i64| before > rule.within;
    match (before, rule.only) {
        (None, only) => only != Some(Novelty::Returned),
        (Some(_), Some(Novelty::First)) => false,
        (Some(before), Some(Novelty::Returned)) => is_long_ago(before),
        (Some(before), None) => is_long_ago(before) && !pause.is_none_or(is_long_ago),
    }
}

fn draft(rows: &Rows<'_>, row: &Row, before: Option<i64>, history: i64) -> Draft {
    let mut draft = rows.draft([row.named.as_slice(), &[row.value]].concat());
    draft.noted = Some(Noted::New { before, history });
    draft
}

/// What is known of a key, whatever its values.
struct Key {
    /// Time of its first record.
    first: i64,
    /// Time of its latest.
    latest: i64,
    /// Time of the latest before that instant.
    earlier: Option<i64>,
    /// Whether any of its records was judged.
    judged: bool,
}

impl Key {
    fn new(time: i64) -> Key {
        Key {
            first: time,
            latest: time,
            earlier: None,
            judged: false,
        }
    }

    fn see(&mut self, time: i64) {
        if time > self.latest {
            self.earlier = Some(std::mem::replace(&mut self.latest, time));
        }
    }
}

#[derive(Default)]
struct State {
    keys: HashMap<u64, Key, FixedState>,
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
            learning: self.keys.into_values().filter(|key| !key.judged).count() as u64,
        }
    }
}
