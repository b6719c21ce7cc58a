//! The hours of the input at hand, to which one segment after another adds.
//!
//! Takes cells and when names were seen; gives both back at once. A cell that is added to again and
//! again costs a look into a table each time, and is put in order once.

use std::collections::BTreeMap;

use crate::store::counts::{ActKey, Cells, HourCount, NameKey, Seen};

use super::SPREAD;
use super::people::Span;
use super::table::Table;

/// Cells by key.
struct Sums<K>(Table<(K, u64)>);

/// Spreads what is in a key over 64 bits, the upper ones above all.
pub(super) trait Spread: Copy + Eq + Ord {
    fn spread(self) -> u64;
}

impl Spread for ActKey {
    #[inline]
    fn spread(self) -> u64 {
        let action = self.action.map_or(0, |action| action as u64 + 1);
        (action << 8 | u64::from(self.kind.number())).wrapping_mul(SPREAD)
    }
}

impl Spread for NameKey {
    #[inline]
    fn spread(self) -> u64 {
        let names = u64::from(self.name) << 32 | u64::from(self.department);
        let names = names.wrapping_mul(SPREAD);
        (names ^ names >> 31 ^ u64::from(self.kind.number()) << 56).wrapping_mul(SPREAD)
    }
}

impl<K: Spread> Sums<K> {
    #[inline]
    fn add(&mut self, key: K, events: u64) {
        let at = self
            .0
            .find(key.spread(), |(known, _)| *known == key, || (key, 0));
        self.0.entry(at).1 += events;
    }

    fn cells(&self) -> Cells<K> {
        Cells::of(self.0.iter().copied().collect())
    }
}

/// An hour that is added to.
pub(super) struct OpenHour {
    hour: i64,
    /// What is no cell.
    pub(super) count: HourCount,
    acts: Sums<ActKey>,
    users: Sums<NameKey>,
    terminals: Sums<NameKey>,
}

impl OpenHour {
    fn new(hour: i64) -> OpenHour {
        OpenHour {
            hour,
            count: HourCount::default(),
            acts: Sums(Table::new()),
            users: Sums(Table::new()),
            terminals: Sums(Table::new()),
        }
    }

    #[inline]
    pub(super) fn act(&mut self, key: ActKey, events: u64) {
        self.acts.add(key, events);
    }

    #[inline]
    pub(super) fn user(&mut self, key: NameKey, events: u64) {
        self.users.add(key, events);
    }

    #[inline]
    pub(super) fn terminal(&mut self, key: NameKey, events: u64) {
        self.terminals.add(key, events);
    }

    fn cells(&self) -> usize {
        self.acts.0.len() + self.users.0.len() + self.terminals.0.len()
    }

    fn close(self) -> (i64, HourCount) {
        let count = HourCount {
            acts: self.acts.cells(),
            users: self.users.cells(),
            terminals: self.terminals.cells(),
            ..self.count
        };
        (self.hour, count)
    }
}

/// The hours that are added to.
#[derive(Default)]
pub(super) struct OpenHours {
    places: BTreeMap<i64, usize>,
    hours: Vec<OpenHour>,
}

impl OpenHours {
    /// The place of an hour.
    pub(super) fn place(&mut self, hour: i64) -> usize {
        let hours = &mut self.hours;
        *self.places.entry(hour).or_insert_with(|| {
            hours.push(OpenHour::new(hour));
            hours.len() - 1
        })
    }

    #[inline]
    pub(super) fn at(&mut self, place: usize) -> &mut OpenHour {
        &mut self.hours[place]
    }

    pub(super) fn len(&self) -> usize {
        self.hours.len()
    }

    pub(super) fn cells(&self) -> usize {
        self.hours.iter().map(OpenHour::cells).sum()
    }

    /// Gives all hours with their counts; then there is none.
    pub(super) fn close(&mut self) -> impl Iterator<Item = (i64, HourCount)> {
        let all = std::mem::take(self);
        all.hours.into_iter().map(OpenHour::close)
    }
}

/// When names were seen.
#[derive(Default)]
pub(super) struct Sightings {
    spans: Vec<(u32, Span)>,
    /// For each name its place in the list, from 1; 0 for none.
    places: Vec<u32>,
}

impl Sightings {
    #[inline]
    pub(super) fn see(&mut self, name: u32, span: Span) {
        let at = name as usize;
        if self.places.len() <= at {
            self.places.resize(at + 1, 0);
        }
        match self.places[at].checked_sub(1) {
            Some(place) => self.spans[place as usize].1.join(span),
            None => {
                self.spans.push((name, span));
                self.places[at] = self.spans.len() as u32;
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Gives all of them, each name once; then there is none.
    pub(super) fn close(&mut self) -> impl Iterator<Item = Seen> + '_ {
        self.spans.drain(..).map(|(name, span)| {
            self.places[name as usize] = 0;
            Seen {
                name,
                span: (span.first, span.last),
                vouched: span.vouched,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::store::counts::Kind;

    proptest! {
        #[test]
        fn adding_is_adding_cell_by_cell(
            adding in prop::collection::vec((0i64..3, 0u32..40, 0u32..3, 0u8..4, 1u64..9), 0..900),
        ) {
            let (mut open, mut plain) = (OpenHours::default(), BTreeMap::new());
            for (hour, name, department, number, events) in adding {
                let kind = Kind::from_number(number << 2).expect("an outcome that is one");
                let act = ActKey { action: None, kind };
                let key = NameKey { name, department, kind };
                let place = open.place(hour);
                open.at(place).act(act, events);
                open.at(place).user(key, events);
                open.at(place).terminal(key, 1);
                let count: &mut HourCount = plain.entry(hour).or_default();
                count.acts.add(act, events);
                count.users.add(key, events);
                count.terminals.add(key, 1);
            }
            let mut hours: BTreeMap<i64, HourCount> = open.close().collect();
            hours.values_mut().for_each(HourCount::settle);
            plain.values_mut().for_each(HourCount::settle);
            prop_assert_eq!(hours, plain);
        }
    }
}
