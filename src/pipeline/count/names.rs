//! The names that the counts of a run stand under, by number.
//!
//! Takes names as the lanes meet with them; gives each a number that stays its own. Of names that
//! no register knows only so many of each kind are kept: those of the smallest hashes, in whatever
//! order they come. Letting go of one costs no more than taking one in, so that a flood of made up
//! names holds up nobody. Never knows where a name was seen.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::store::counts::{Counted, CountedName, NOBODY, NameKind, OTHERS};

use super::SPREAD;
use super::table::Table;

const HASH: FixedState = FixedState::with_seed(0x6e61_6d65_735f_5f21);

/// Names by number, and numbers by name.
pub(super) struct Names {
    /// Numbers of names that a register knows.
    registered: Table<u32>,
    /// By number; `None` where the name was dropped: there may be many more of these than names
    /// that are kept. The first two are found by nobody.
    list: Vec<Option<Box<CountedName>>>,
    unknown: BTreeMap<NameKind, Unknown>,
    /// Most names of a kind that no register knows.
    most: usize,
    /// Names that were dropped since this was made 0 last.
    pub(super) dropped: usize,
}

/// Names of a kind that no register knows.
#[derive(Default)]
struct Unknown {
    /// Hashes and numbers.
    kept: BTreeSet<(u64, u32)>,
    /// Names of this hash or a greater one are not kept.
    limit: Option<u64>,
}

impl Names {
    /// None yet.
    pub(super) fn new(most: usize) -> Names {
        let two = ["", "*"].map(|text| Some(Box::new(nobody(text))));
        Names {
            registered: Table::new(),
            list: two.into(),
            unknown: BTreeMap::new(),
            most,
            dropped: 0,
        }
    }

    /// The number of a name; it gets one if it has none and is kept.
    pub(super) fn number_of(&mut self, kind: NameKind, text: &str, known: bool) -> u32 {
        match known {
            true => self.registered(kind, text),
            false => self.unknown(kind, text),
        }
    }

    fn registered(&mut self, kind: NameKind, text: &str) -> u32 {
        let list = &self.list;
        let is = |number: &u32| {
            let other = list[*number as usize].as_deref();
            other.is_some_and(|other| other.kind == kind && *other.text == *text)
        };
        let hash = (hash_of(text) ^ kind as u64).wrapping_mul(SPREAD);
        if let Some(number) = self.registered.get(hash, is) {
            return *number;
        }
        let number = self.enter(kind, text, true);
        self.registered.find(hash, |_| false, || number);
        number
    }

    fn unknown(&mut self, kind: NameKind, text: &str) -> u32 {
        let hash = hash_of(text);
        let unknown = self.unknown.entry(kind).or_default();
        if unknown.limit.is_some_and(|limit| hash >= limit) {
            return OTHERS;
        }
        let alike = unknown.kept.range((hash, 0)..=(hash, u32::MAX));
        for (_, number) in alike {
            let other = self.list[*number as usize].as_deref();
            if other.is_some_and(|other| *other.text == *text) {
                return *number;
            }
        }
        let number = self.enter(kind, text, false);
        self.keep(kind, (hash, number));
        number
    }

    /// Keeps one more, and drops those of the greatest hash where it is one too many.
    fn keep(&mut self, kind: NameKind, own: (u64, u32)) {
        let unknown = self.unknown.entry(kind).or_default();
        unknown.kept.insert(own);
        if unknown.kept.len() <= self.most {
            return;
        }
        unknown.limit = unknown.kept.last().map(|(hash, _)| *hash);
        while let Some((hash, number)) = unknown.kept.last().copied()
            && unknown.limit == Some(hash)
        {
            unknown.kept.pop_last();
            self.list[number as usize] = None;
            self.dropped += 1;
        }
    }

    fn enter(&mut self, kind: NameKind, text: &str, known: bool) -> u32 {
        let text = text.into();
        let name = CountedName { kind, text, known };
        self.list.push(Some(Box::new(name)));
        self.list.len() as u32 - 1
    }

    /// False for a name that was dropped.
    pub(super) fn has(&self, name: u32) -> bool {
        self.list[name as usize].is_some()
    }

    /// The names that these counts need, and for each name its number among them.
    pub(super) fn needed_by(&self, told: &[Counted]) -> (Vec<CountedName>, Vec<u32>) {
        let mut numbers = vec![OTHERS; self.list.len()];
        numbers[NOBODY as usize] = NOBODY;
        let mut names = vec![nobody(""), nobody("*")];
        let mut need = |name: u32| {
            let number = &mut numbers[name as usize];
            let is_new = name > OTHERS && *number == OTHERS;
            if let Some(known) = self.list[name as usize].as_ref().filter(|_| is_new) {
                *number = names.len() as u32;
                names.push((**known).clone());
            }
        };
        for counted in told {
            counted.seen.iter().for_each(|seen| need(seen.name));
            for (_, hour) in counted.hours.iter() {
                for (key, _) in hour.users.iter().chain(hour.terminals.iter()) {
                    need(key.name);
                    need(key.department);
                }
            }
        }
        (names, numbers)
    }

    /// All names, by number; one that was dropped is that of all others.
    pub(super) fn into_list(self) -> Vec<CountedName> {
        let names = self.list.into_iter();
        let names = names.map(|name| name.map_or_else(|| nobody("*"), |name| *name));
        names.collect()
    }
}

/// The name of nobody, or of all others.
fn nobody(text: &str) -> CountedName {
    CountedName {
        kind: NameKind::Account,
        text: text.into(),
        known: true,
    }
}

fn hash_of(text: &str) -> u64 {
    HASH.hash_one(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The names of a kind that are kept, by their texts: of all of them those of the smallest
    /// hashes.
    fn kept(kind: NameKind, coming: &[(bool, u16, bool)], most: usize) -> BTreeSet<String> {
        let of_kind = |(is_device, _, known): &&(bool, u16, bool)| {
            !known && (kind == NameKind::Device) == *is_device
        };
        let texts: BTreeSet<String> = (coming.iter().filter(of_kind))
            .map(|(_, text, _)| text.to_string())
            .collect();
        let mut hashes: Vec<u64> = texts.iter().map(|text| hash_of(text)).collect();
        hashes.sort_unstable();
        let limit = hashes.get(most).copied();
        let is_kept = |text: &String| limit.is_none_or(|limit| hash_of(text) < limit);
        texts.into_iter().filter(is_kept).collect()
    }

    proptest! {
        #[test]
        fn those_of_the_smallest_hashes_are_kept(
            coming in prop::collection::vec((any::<bool>(), 0u16..60, any::<bool>()), 0..300),
            most in 1usize..40,
        ) {
            let mut names = Names::new(most);
            let mut numbers: BTreeMap<u32, (bool, u16, bool)> = BTreeMap::new();
            for name in &coming {
                let (is_device, text, known) = *name;
                let kind = if is_device { NameKind::Device } else { NameKind::Account };
                let number = names.number_of(kind, &text.to_string(), known);
                if number != OTHERS {
                    let before = numbers.insert(number, *name);
                    prop_assert!(before.is_none_or(|before| before == *name));
                }
            }
            for kind in [NameKind::Account, NameKind::Device] {
                let of_kind = names.list.iter().skip(OTHERS as usize + 1).flatten();
                let of_kind = of_kind.filter(|name| name.kind == kind && !name.known);
                let found: Vec<String> = of_kind.map(|name| name.text.to_string()).collect();
                let expected = kept(kind, &coming, most);
                prop_assert_eq!(found.len(), expected.len());
                prop_assert_eq!(found.into_iter().collect::<BTreeSet<String>>(), expected);
            }
            let known: BTreeSet<(bool, u16)> =
                coming.iter().filter(|c| c.2).map(|c| (c.0, c.1)).collect();
            let listed = names.list.iter().skip(OTHERS as usize + 1).flatten();
            prop_assert_eq!(listed.filter(|name| name.known).count(), known.len());
        }
    }
}
