//! Different values over a window and over the alert it is part of, counted as events pass by.
//!
//! Each value is known by the last event that had it. A value is new to an alert when that event
//! lies before the alert's first.

use std::collections::HashMap;

use foldhash::fast::FixedState;

/// Counts the different values of several fields.
#[derive(Debug)]
pub(super) struct Tallies {
    /// For each field, the number of the last event with each value.
    last: Vec<HashMap<u64, u64, FixedState>>,
    /// Values of events that the window has forgotten while an alert still counts them.
    stale: Vec<(usize, u64, u64)>,
    /// For each field, how many values the events of the moment were the first to have.
    pub(super) fresh: Vec<u64>,
}

impl Tallies {
    /// For so many fields.
    pub(super) fn new(fields: usize) -> Tallies {
        Tallies {
            last: vec![HashMap::default(); fields],
            stale: Vec::new(),
            fresh: vec![0; fields],
        }
    }

    /// A moment begins.
    pub(super) fn begin(&mut self) {
        self.fresh.fill(0);
    }

    /// A row of the event of this number comes in; `since` is the first event of the alert that
    /// is open.
    pub(super) fn add(&mut self, number: u64, values: &[u64], since: u64) {
        for (field, value) in values.iter().enumerate().filter(|(_, v)| **v != 0) {
            let before = self.last[field].insert(*value, number);
            if before.is_none_or(|before| before < since) {
                self.fresh[field] += 1;
            }
        }
    }

    /// A row of the event of this number goes out of the window.
    pub(super) fn forget(&mut self, number: u64, values: &[u64], is_counted: bool) {
        for (field, value) in values.iter().enumerate().filter(|(_, v)| **v != 0) {
            match is_counted {
                true => self.stale.push((field, *value, number)),
                false => self.remove(field, *value, number),
            }
        }
    }

    /// The alert that was open is over.
    pub(super) fn close(&mut self) {
        for (field, value, number) in std::mem::take(&mut self.stale) {
            self.remove(field, value, number);
        }
    }

    fn remove(&mut self, field: usize, value: u64, number: u64) {
        if self.last[field].get(&value) == Some(&number) {
            self.last[field].remove(&value);
        }
    }

    /// How many different values the window holds of each field; asked while no alert is open.
    pub(super) fn counts(&self) -> Vec<u64> {
        self.last.iter().map(|values| values.len() as u64).collect()
    }
}
