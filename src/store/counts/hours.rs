//! The hours of one input, those that lie still packed.
//!
//! Takes counts hour by hour; gives them back in order. Years of hours take little memory: what is
//! not added to any more is packed when that is asked for, and unpacked when it is read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use super::hour::{HourCount, pack, unpack};

/// An hour as it is kept.
#[derive(Clone, Debug)]
enum Kept {
    Open(Box<HourCount>),
    Packed(Vec<u8>),
}

/// What one input tells, by hour.
#[derive(Clone, Debug, Default)]
pub struct Hours {
    hours: BTreeMap<i64, Kept>,
}

impl Kept {
    fn count(&self) -> Cow<'_, HourCount> {
        match self {
            Kept::Open(count) => Cow::Borrowed(count),
            Kept::Packed(bytes) => Cow::Owned(opened(bytes)),
        }
    }
}

/// The hour in bytes that this process has packed.
fn opened(bytes: &[u8]) -> HourCount {
    let mut hours =
        unpack(bytes).expect("this process packed these bytes and nobody else has them");
    let first = hours.pop_first();
    first.map_or_else(HourCount::default, |(_, count)| count)
}

impl Hours {
    /// How many hours there are.
    pub fn len(&self) -> usize {
        self.hours.len()
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.hours.is_empty()
    }

    /// All hours, in their order; settled only after [`Hours::settle`].
    pub fn iter(&self) -> impl Iterator<Item = (i64, Cow<'_, HourCount>)> {
        self.hours.iter().map(|(hour, kept)| (*hour, kept.count()))
    }

    /// The counts of an hour, to be added to.
    pub fn open(&mut self, hour: i64) -> &mut HourCount {
        let empty = || Kept::Open(Box::default());
        let kept = self.hours.entry(hour).or_insert_with(empty);
        if let Kept::Packed(bytes) = kept {
            *kept = Kept::Open(Box::new(opened(bytes)));
        }
        match kept {
            Kept::Open(count) => count,
            Kept::Packed(_) => unreachable!("it was opened just now"),
        }
    }

    /// The counts of an hour that is there, to be added to.
    pub fn known(&mut self, hour: i64) -> Option<&mut HourCount> {
        let is_there = self.hours.contains_key(&hour);
        is_there.then(|| self.open(hour))
    }

    /// Takes over the hours of a stretch as they are there; none of them is here yet.
    pub fn add_all(&mut self, other: &Hours, stretch: Range<i64>) {
        let hours = other.hours.range(stretch);
        self.hours
            .extend(hours.map(|(hour, kept)| (*hour, kept.clone())));
    }

    /// Gives names other numbers, by their numbers; all hours lie open and settled then.
    pub(super) fn rename(&mut self, numbers: &[u32]) {
        for kept in self.hours.values_mut() {
            let renamed = kept.count().renamed(numbers);
            *kept = Kept::Open(Box::new(renamed));
        }
    }

    /// Takes out the first hour.
    pub fn pop_first(&mut self) -> Option<HourCount> {
        let (_, kept) = self.hours.pop_first()?;
        Some(kept.count().into_owned())
    }

    /// Brings all cells in order.
    pub fn settle(&mut self) {
        for kept in self.hours.values_mut() {
            if let Kept::Open(count) = kept {
                count.settle();
            }
        }
    }

    /// Packs all hours. What cannot be packed stays open.
    pub fn pack(&mut self) {
        for (hour, kept) in &mut self.hours {
            let Kept::Open(count) = kept else { continue };
            count.settle();
            let one = [(*hour, std::mem::take(&mut **count))];
            *kept = match pack(&one) {
                Ok(bytes) => Kept::Packed(bytes),
                Err(_) => {
                    let [(_, count)] = one;
                    Kept::Open(Box::new(count))
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{ActKey, Kind, NameKey};
    use super::*;
    use crate::event::{Action, Outcome};

    type Adding = (i64, u32, u8, u64);

    fn adding() -> impl Strategy<Value = Adding> {
        (-30i64..30, 0u32..9, 0u8..192, 1u64..300)
    }

    fn add(hours: &mut Hours, (hour, name, number, events): Adding) {
        let kind = Kind::from_number(number & !3).expect("an outcome that is one");
        let count = hours.open(hour);
        count
            .likeness
            .add(events.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        count.likeness.reach(hour * 3_600_000_000_000);
        count.rejects += events & 1;
        let action = (name > 4).then_some(Action::ALL[name as usize]);
        let act = ActKey {
            action,
            kind: kind.with_outcome(Outcome::Failure),
        };
        count.acts.add(act, events);
        let key = NameKey {
            name,
            department: name / 2,
            kind,
        };
        count.users.add(key, events);
        count.terminals.add(key, 1);
    }

    proptest! {
        #[test]
        fn packing_changes_nothing(
            addings in prop::collection::vec(adding(), 0..200),
            packed in prop::collection::vec(any::<bool>(), 200),
        ) {
            let (mut one, mut other) = (Hours::default(), Hours::default());
            for (adding, is_packed) in addings.into_iter().zip(packed) {
                add(&mut one, adding);
                add(&mut other, adding);
                if is_packed {
                    other.pack();
                }
            }
            one.settle();
            other.settle();
            let all = |hours: &Hours| -> Vec<(i64, HourCount)> {
                hours.iter().map(|(hour, count)| (hour, count.into_owned())).collect()
            };
            prop_assert_eq!(all(&one), all(&other));
        }

        #[test]
        fn bytes_of_anybody_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let packed = zstd::bulk::compress(&bytes, 1).expect("memory is there");
            for bytes in [bytes, packed] {
                let _ = unpack(&bytes);
            }
        }
    }
}
