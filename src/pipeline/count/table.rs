//! A small hash map that keeps its entries side by side.
//!
//! Takes an entry's hash and how to know it; gives its number, the same as long as the table is
//! not emptied. Never gives entries in the order of hashes.

/// Entries by number, found by hash.
pub(super) struct Table<T> {
    /// Numbers from 1 by the upper bits of the hash, 0 for none; a power of two, at most half full.
    slots: Vec<u32>,
    shift: u32,
    entries: Vec<(u64, T)>,
    /// Entries that were looked at by [`Table::fresh`].
    known: usize,
}

/// Slots of an empty table, as a power of two.
const LEAST: u32 = 8;

impl<T> Table<T> {
    pub(super) fn new() -> Self {
        Table {
            slots: vec![0; 1 << LEAST],
            shift: 64 - LEAST,
            entries: Vec::new(),
            known: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    #[inline]
    pub(super) fn entry(&mut self, number: u32) -> &mut T {
        &mut self.entries[number as usize].1
    }

    /// The entry of this number.
    #[inline]
    pub(super) fn at(&self, number: u32) -> &T {
        &self.entries[number as usize].1
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().map(|(_, entry)| entry)
    }

    /// The entries that were made since this was asked last.
    pub(super) fn fresh(&mut self) -> impl Iterator<Item = &mut T> {
        let known = std::mem::replace(&mut self.known, self.entries.len());
        self.entries[known..].iter_mut().map(|(_, entry)| entry)
    }

    /// The number of the entry that `is` it; made when there is none. Equal entries have equal
    /// hashes whose upper bits differ for different entries.
    #[inline]
    pub(super) fn find(
        &mut self,
        hash: u64,
        is: impl Fn(&T) -> bool,
        make: impl FnOnce() -> T,
    ) -> u32 {
        let mask = self.slots.len() - 1;
        let mut at = (hash >> self.shift) as usize;
        loop {
            match self.slots[at & mask] {
                0 => break,
                number => {
                    let (known, entry) = &self.entries[number as usize - 1];
                    if *known == hash && is(entry) {
                        return number - 1;
                    }
                }
            }
            at += 1;
        }
        self.entries.push((hash, make()));
        let number = self.entries.len() as u32;
        self.slots[at & mask] = number;
        if self.entries.len() * 2 > self.slots.len() {
            self.grow();
        }
        number - 1
    }

    /// The entry that `is` it, if there is one.
    pub(super) fn get(&self, hash: u64, is: impl Fn(&T) -> bool) -> Option<&T> {
        let mask = self.slots.len() - 1;
        let mut at = (hash >> self.shift) as usize;
        loop {
            let number = self.slots[at & mask].checked_sub(1)?;
            let (known, entry) = &self.entries[number as usize];
            if *known == hash && is(entry) {
                return Some(entry);
            }
            at += 1;
        }
    }

    fn grow(&mut self) {
        self.shift -= 1;
        self.slots = vec![0; self.slots.len() * 2];
        let mask = self.slots.len() - 1;
        for (number, (hash, _)) in self.entries.iter().enumerate() {
            let mut at = (*hash >> self.shift) as usize;
            while self.slots[at & mask] != 0 {
                at += 1;
            }
            self.slots[at & mask] = number as u32 + 1;
        }
    }

    /// Forgets all entries; a table that has grown large becomes small again.
    pub(super) fn clear(&mut self) {
        if self.slots.len() > 1 << 14 {
            *self = Table::new();
            return;
        }
        self.slots.fill(0);
        self.entries.clear();
        self.known = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_as_a_map_does(keys in prop::collection::vec(0u64..500, 0..2_000), factor in any::<u64>()) {
            let mut table = Table::new();
            let mut map: HashMap<u64, u64> = HashMap::new();
            for key in keys {
                let hash = key.wrapping_mul(factor);
                let at = table.find(hash, |(k, _)| *k == key, || (key, 0u64));
                table.entry(at).1 += 1;
                *map.entry(key).or_default() += 1;
            }
            prop_assert_eq!(table.len(), map.len());
            for (key, count) in table.iter() {
                prop_assert_eq!(map.get(key), Some(count));
                let (hash, is) = (key.wrapping_mul(factor), |(k, _): &(u64, u64)| k == key);
                prop_assert_eq!(table.get(hash, is), Some(&(*key, *count)));
            }
            prop_assert_eq!(table.get(500u64.wrapping_mul(factor), |(k, _)| *k == 500), None);
        }
    }
}
