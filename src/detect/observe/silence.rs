//! `silence`: a key that spoke and then does not.
//!
//! Takes facts in order; gives an alert a stretch of silence, which holds the record before it and
//! the one after it, where one came. A silence begins with a record, so that its alert stays the
//! same while the silence goes on. Of each key it keeps its last fact and the beginning of its
//! talk.

use std::collections::HashMap;
use std::io;

use foldhash::fast::FixedState;

use super::super::draft::{Draft, Measured, Noted};
use super::hours::OpenTime;
use super::{Row, Rows, Seen};
use crate::rule::{Counted, Silence};
use crate::spill::Fact;

/// Finds stretches of silence.
pub(super) fn observe(rule: &Silence, mut rows: Rows<'_>) -> io::Result<Seen> {
    let mut open = OpenTime::new(&rows.settings);
    let mut keys: HashMap<u64, Talk, FixedState> = HashMap::default();
    let mut done = Vec::new();
    while let Some(row) = rows.next()? {
        let Some(talk) = keys.get_mut(&row.key) else {
            // Open time is counted from the first record on.
            open.between(row.fact.time, row.fact.time);
            keys.insert(row.key, Talk::new(row, rule));
            continue;
        };
        let length = counted(rule, &mut open, (talk.last.time, row.fact.time));
        if length > rule.longer_than {
            let after = Some((&row.fact, row.tallies.as_slice()));
            done.extend(talk.fell_silent(&rows, (length, after)));
            talk.since = row.fact.time;
        }
        talk.last = row.fact;
        talk.tallies = row.tallies;
        talk.judged |= talk.is_long(rule);
    }
    let mut learning = 0;
    let count = keys.len() as u64;
    for mut talk in keys.into_values() {
        let until = rows.settings.observing.until.max(talk.last.time);
        let length = counted(rule, &mut open, (talk.last.time, until));
        if length > rule.longer_than {
            done.extend(talk.fell_silent(&rows, (length, None)));
        }
        learning += u64::from(!talk.judged);
    }
    Ok(Seen {
        drafts: done,
        keys: count,
        learning,
    })
}

/// The time between two instants that counts as silence.
fn counted(rule: &Silence, open: &mut OpenTime<'_>, (from, to): (i64, i64)) -> i64 {
    let all = to.saturating_sub(from);
    match rule.within {
        // What is short in all is short in open hours.
        Counted::OpenHours if all > rule.longer_than => open.between(from, to),
        _ => all,
    }
}

/// Records of a key that came without a silence between them.
struct Talk {
    /// Time of the first.
    since: i64,
    last: Fact,
    named: Vec<u64>,
    tallies: Vec<u64>,
    /// How long a talk must be to be missed.
    after: i64,
    /// Whether a talk of this key ever was as long.
    judged: bool,
}

impl Talk {
    fn new(row: Row, rule: &Silence) -> Talk {
        Talk {
            since: row.fact.time,
            last: row.fact,
            named: row.named,
            tallies: row.tallies,
            after: rule.after,
            judged: rule.after == 0,
        }
    }

    fn is_long(&self, rule: &Silence) -> bool {
        self.last.time.saturating_sub(self.since) >= rule.after
    }

    /// The alert on a silence after the last record, where the talk was long enough.
    fn fell_silent(
        &mut self,
        rows: &Rows<'_>,
        (length, next): (i64, Option<(&Fact, &[u64])>),
    ) -> Option<Draft> {
        if self.last.time.saturating_sub(self.since) < self.after {
            return None;
        }
        let mut draft = rows.draft(self.named.clone());
        rows.add(&mut draft, &self.last, &self.tallies);
        if let Some((fact, tallies)) = next {
            rows.add(&mut draft, fact, tallies);
        }
        draft.measure = Measured::Count(length.unsigned_abs() / 1_000_000_000);
        let lasting = next.is_none();
        draft.noted = Some(Noted::Silent { length, lasting });
        Some(draft)
    }
}
