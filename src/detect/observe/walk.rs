//! `walk`: numbers visited one after the other, upwards or downwards.
//!
//! Takes facts in order; gives an alert for each stretch of records of a key in which every number
//! is the one before, or the next in one direction, and comes soon enough. Records of one instant
//! are taken in the order of their numbers; a record that tells several numbers is a list, which
//! nobody walked. Of each key it keeps the last number and the two alerts that may be in the
//! making. Keys that cannot have walked are left out before (see `walkers`).

use std::collections::HashMap;
use std::io;

use foldhash::fast::FixedState;

use super::super::draft::{Draft, Measured, Noted};
use super::sequence::numbered;
use super::walkers::walkers;
use super::{Row, Rows, Seeing, Seen};
use crate::rule::Walk;

/// Finds the stretches of those that could have walked at all.
pub(super) fn observe(rule: &Walk, seeing: Seeing<'_>) -> io::Result<Seen> {
    let walkers = walkers(rule, seeing)?;
    let drafts = match walkers.keys.is_empty() {
        true => Vec::new(),
        false => stretches(rule, seeing.rows(Some(&walkers.keys)))?,
    };
    Ok(Seen {
        drafts,
        keys: walkers.all,
        learning: 0,
    })
}

/// Finds the stretches.
fn stretches(rule: &Walk, mut rows: Rows<'_>) -> io::Result<Vec<Draft>> {
    let mut keys: HashMap<u64, Path, FixedState> = HashMap::default();
    let mut done = Vec::new();
    let mut instant: Vec<(u64, Row)> = Vec::new();
    let mut waiting = numbered(rows.next()?);
    while let Some((number, row)) = waiting.take() {
        instant.extend(number.map(|number| (number, row)));
        let now = instant.first().map(|(_, row)| row.fact.time);
        waiting = numbered(rows.next()?);
        let goes_on = waiting.as_ref().map(|(_, row)| row.fact.time);
        if now.is_none() || goes_on == now {
            continue;
        }
        leave_out_lists(&mut instant);
        instant.sort_by_key(|(number, row)| (row.key, *number));
        for (number, row) in instant.drain(..) {
            match keys.get_mut(&row.key) {
                Some(path) => path.take((number, &row), (rule, &rows), &mut done),
                None => {
                    keys.insert(row.key, Path::new((number, &row), &rows));
                }
            }
        }
    }
    let rest = keys.into_values();
    done.extend(rest.filter_map(|path| path.run.alert(rule)));
    Ok(done)
}

/// Takes out records that tell several numbers of one key.
fn leave_out_lists(instant: &mut Vec<(u64, Row)>) {
    let mut told: HashMap<(u64, u32, i64), Option<u64>, FixedState> = HashMap::default();
    let record = |row: &Row| (row.key, row.fact.segment, row.fact.offset);
    for (number, row) in &*instant {
        let only = told.entry(record(row)).or_insert(Some(*number));
        *only = only.filter(|only| only == number);
    }
    instant.retain(|(_, row)| told[&record(row)].is_some());
}

/// Where a key is.
struct Path {
    number: u64,
    time: i64,
    run: Run,
    /// The records of the last number: where the direction changes, a new run begins with them.
    last: Run,
}

/// Numbers one after the other.
#[derive(Clone)]
struct Run {
    first: u64,
    number: u64,
    draft: Draft,
}

impl Run {
    fn new((number, row): (u64, &Row), rows: &Rows<'_>) -> Run {
        let mut draft = rows.draft(row.named.clone());
        rows.add(&mut draft, &row.fact, &row.tallies);
        Run {
            first: number,
            number,
            draft,
        }
    }

    fn add(&mut self, (number, row): (u64, &Row), rows: &Rows<'_>) {
        self.number = number;
        rows.add(&mut self.draft, &row.fact, &row.tallies);
    }

    /// True when a number is the next in the direction taken, if one is.
    fn goes_on(&self, number: u64) -> bool {
        number.abs_diff(self.number) == 1
            && number.abs_diff(self.first) > self.number.abs_diff(self.first)
    }

    /// The alert, where the run is long enough.
    fn alert(mut self, rule: &Walk) -> Option<Draft> {
        let numbers = self.number.abs_diff(self.first) + 1;
        self.draft.noted = Some(Noted::Walked {
            from: self.first,
            to: self.number,
        });
        self.draft.measure = Measured::Count(numbers);
        (numbers >= rule.at_least).then_some(self.draft)
    }
}

impl Path {
    fn new(at: (u64, &Row), rows: &Rows<'_>) -> Path {
        let run = Run::new(at, rows);
        Path {
            number: at.0,
            time: at.1.fact.time,
            last: run.clone(),
            run,
        }
    }

    fn take(&mut self, at: (u64, &Row), (rule, rows): (&Walk, &Rows<'_>), done: &mut Vec<Draft>) {
        let (number, time) = (at.0, at.1.fact.time);
        let is_soon = time.saturating_sub(self.time) <= rule.within;
        let stays = number == self.number;
        if is_soon && (stays || self.run.goes_on(number)) {
            self.run.add(at, rows);
        } else {
            let mut next = Run::new(at, rows);
            if is_soon && number.abs_diff(self.number) == 1 {
                next = self.last.clone();
                next.add(at, rows);
            }
            done.extend(std::mem::replace(&mut self.run, next).alert(rule));
        }
        match is_soon && stays {
            true => self.last.add(at, rows),
            false => self.last = Run::new(at, rows),
        }
        (self.number, self.time) = (number, time);
    }
}
