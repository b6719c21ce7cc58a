//! What a key has in one bucket of time: how many events, or which values, up to a threshold.
//!
//! Takes events and values one by one; says whether two adjacent buckets may hold a window that
//! reaches the threshold. Never holds more values than that.

use std::collections::HashSet;

use crate::spill::Through;

/// What a key has in one bucket, so far as it is known.
pub(super) trait Reach {
    /// True when this and the bucket before may hold a window that reaches the threshold.
    fn reaches(&self, before: Option<&Self>, least: u64) -> bool;
}

impl Reach for u64 {
    fn reaches(&self, before: Option<&u64>, least: u64) -> bool {
        self.saturating_add(before.copied().unwrap_or(0)) >= least
    }
}

/// The different values of a key in one bucket.
#[derive(Default)]
pub(super) enum Count {
    /// None yet.
    #[default]
    None,
    /// A single one, as most have.
    One(u64),
    /// A few.
    Few(Vec<u64>),
    /// Many.
    Many(HashSet<u64, Through>),
    /// As much as the threshold or more.
    Full,
}

/// Values that are looked through one by one.
const FEW: usize = 48;

impl Reach for Count {
    fn reaches(&self, before: Option<&Count>, least: u64) -> bool {
        let Some(before) = before else {
            return self.size() >= least;
        };
        if self.size().saturating_add(before.size()) < least {
            return false;
        }
        match (self, before) {
            (Count::Full, _) | (_, Count::Full) => true,
            _ => {
                let new = self.values().filter(|v| !before.holds(*v)).count();
                before.size() + new as u64 >= least
            }
        }
    }
}

impl Count {
    /// Adds a value; at the threshold `least` no more are kept.
    #[inline]
    pub(super) fn add(&mut self, value: u64, least: u64) {
        match self {
            Count::Full => return,
            Count::None => *self = Count::One(value),
            Count::One(only) if *only == value => return,
            Count::One(only) => *self = Count::Few(vec![*only, value]),
            Count::Few(values) => {
                if values.contains(&value) {
                    return;
                }
                if values.len() < FEW {
                    values.push(value);
                } else {
                    let mut many: HashSet<u64, Through> = values.drain(..).collect();
                    many.insert(value);
                    *self = Count::Many(many);
                }
            }
            Count::Many(values) => {
                values.insert(value);
            }
        }
        if self.size() >= least {
            *self = Count::Full;
        }
    }

    fn size(&self) -> u64 {
        match self {
            Count::None => 0,
            Count::One(_) => 1,
            Count::Few(values) => values.len() as u64,
            Count::Many(values) => values.len() as u64,
            Count::Full => u64::MAX,
        }
    }

    fn values(&self) -> impl Iterator<Item = u64> + '_ {
        let (few, many): (&[u64], _) = match self {
            Count::One(value) => (std::slice::from_ref(value), None),
            Count::Few(values) => (values, None),
            Count::Many(values) => (&[], Some(values)),
            Count::None | Count::Full => (&[], None),
        };
        few.iter().chain(many.into_iter().flatten()).copied()
    }

    fn holds(&self, value: u64) -> bool {
        match self {
            Count::One(only) => *only == value,
            Count::Few(values) => values.contains(&value),
            Count::Many(values) => values.contains(&value),
            Count::None | Count::Full => false,
        }
    }
}
