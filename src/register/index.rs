//! Finding rows by a key and a time.
//!
//! Takes the rows of a register; gives the rows of a key that are valid at an instant, and the
//! rows that contradict each other. Keeps hashes, not copies of the keys: a register of patients
//! has a million rows. Never changes a row.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::ops::Range;

use foldhash::fast::FixedState;

/// What a row is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key<'k> {
    /// An id, a name or a hardware address, in its folded form.
    Text(&'k str),
    /// An address.
    Ip(IpAddr),
}

/// A list of rows that is searched by one of its columns.
pub(super) trait Row {
    /// When the row is valid; everything for [`ALWAYS`].
    fn span(&self) -> Range<i64>;
}

/// The span of a row without dates.
pub(super) const ALWAYS: Range<i64> = i64::MIN..i64::MAX;

/// How a row gives its key; `None` when it has none.
pub(super) type KeyOf<T> = for<'t> fn(&'t T) -> Option<Key<'t>>;

/// Rows by key, and by the beginning of their validity within a key.
#[derive(Debug)]
pub(super) struct Index<T> {
    key_of: KeyOf<T>,
    hasher: FixedState,
    /// Hash of a key to its stretch of `rows`.
    slots: HashMap<u64, Range<u32>, FixedState>,
    rows: Vec<u32>,
    /// The latest end of validity up to here within the stretch.
    furthest: Vec<i64>,
}

/// Two rows with one key whose validity overlaps: the earlier and the later one of the file.
pub(super) type Clash = (usize, usize);

impl<T: Row> Index<T> {
    /// Indexes all rows that have the key.
    pub(super) fn new(items: &[T], key_of: KeyOf<T>) -> Self {
        let hasher = FixedState::default();
        let mut order: Vec<(u64, u32)> = Vec::new();
        for (i, item) in items.iter().enumerate() {
            if let (Some(key), Ok(row)) = (key_of(item), u32::try_from(i)) {
                order.push((hasher.hash_one(key), row));
            }
        }
        let rank = |row: u32| {
            let item = &items[row as usize];
            (key_of(item), item.span().start, row)
        };
        order.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| rank(a.1).cmp(&rank(b.1))));
        let mut index = Index {
            key_of,
            hasher,
            slots: HashMap::default(),
            rows: Vec::with_capacity(order.len()),
            furthest: Vec::with_capacity(order.len()),
        };
        for group in order.chunk_by(|a, b| a.0 == b.0) {
            index.add_group(items, group);
        }
        index
    }

    fn add_group(&mut self, items: &[T], group: &[(u64, u32)]) {
        let begin = self.rows.len() as u32;
        let mut furthest = i64::MIN;
        for (_, row) in group {
            furthest = furthest.max(items[*row as usize].span().end);
            self.rows.push(*row);
            self.furthest.push(furthest);
        }
        if let Some((hash, _)) = group.first() {
            self.slots.insert(*hash, begin..self.rows.len() as u32);
        }
    }

    /// A row's key as text, for messages.
    pub(super) fn shown(&self, item: &T) -> String {
        match (self.key_of)(item) {
            Some(Key::Text(text)) => text.to_owned(),
            Some(Key::Ip(ip)) => ip.to_string(),
            None => String::new(),
        }
    }

    /// True when no row has the key's column filled.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    fn stretch(&self, key: Key<'_>) -> Range<usize> {
        if self.rows.is_empty() {
            return 0..0;
        }
        match self.slots.get(&self.hasher.hash_one(key)) {
            Some(range) => range.start as usize..range.end as usize,
            None => 0..0,
        }
    }

    /// The row of a key that begins last, whether or not it is valid at some time.
    pub(super) fn latest<'i>(&self, items: &'i [T], key: Key<'_>) -> Option<&'i T> {
        self.latest_in(items, self.stretch(key), key)
    }

    /// The row of a key that is valid at an instant, else the one that begins last.
    pub(super) fn valid_or_latest<'i>(
        &self,
        items: &'i [T],
        key: Key<'_>,
        nanos: i64,
    ) -> Option<&'i T> {
        let stretch = self.stretch(key);
        match &self.rows[stretch.clone()] {
            [] => None,
            [only] => Some(&items[*only as usize]).filter(|item| (self.key_of)(item) == Some(key)),
            _ => {
                let valid = self.valid_in(items, stretch.clone(), (key, nanos));
                valid.or_else(|| self.latest_in(items, stretch, key))
            }
        }
    }

    /// The numbers of all rows of a key that are valid at an instant.
    pub(super) fn all_valid(
        &self,
        items: &[T],
        key: Key<'_>,
        nanos: i64,
    ) -> impl Iterator<Item = usize> {
        let rows = &self.rows[self.stretch(key)];
        let holds = move |row: &usize| {
            let item = &items[*row];
            item.span().contains(&nanos) && (self.key_of)(item) == Some(key)
        };
        rows.iter().map(|row| *row as usize).filter(holds)
    }

    /// The valid row of a key and true, else its latest row and false; one hash lookup.
    pub(super) fn look<'i>(
        &self,
        items: &'i [T],
        key: Key<'_>,
        nanos: i64,
    ) -> Option<(&'i T, bool)> {
        let stretch = self.stretch(key);
        match self.valid_in(items, stretch.clone(), (key, nanos)) {
            Some(item) => Some((item, true)),
            None => self.latest_in(items, stretch, key).map(|i| (i, false)),
        }
    }

    fn latest_in<'i>(&self, items: &'i [T], stretch: Range<usize>, key: Key<'_>) -> Option<&'i T> {
        let rows = self.rows[stretch].iter().rev();
        rows.map(|row| &items[*row as usize])
            .find(|item| (self.key_of)(item) == Some(key))
    }

    fn valid_in<'i>(
        &self,
        items: &'i [T],
        stretch: Range<usize>,
        (key, nanos): (Key<'_>, i64),
    ) -> Option<&'i T> {
        let rows = &self.rows[stretch.clone()];
        let furthest = &self.furthest[stretch];
        let key_at = |row: &u32| (self.key_of)(&items[*row as usize]);
        // Two keys with one hash share a stretch and break its order; then all rows are tried.
        let ordered = rows.first().map(key_at) == rows.last().map(key_at);
        let begun = match ordered {
            true => rows.partition_point(|r| items[*r as usize].span().start <= nanos),
            false => rows.len(),
        };
        let mut best: Option<u32> = None;
        for i in (0..begun).rev() {
            if ordered && furthest[i] <= nanos {
                break;
            }
            let item = &items[rows[i] as usize];
            if item.span().contains(&nanos) && (self.key_of)(item) == Some(key) {
                best = Some(best.map_or(rows[i], |b| b.min(rows[i])));
            }
        }
        best.map(|row| &items[row as usize])
    }

    /// All rows that overlap in time with another one of the same key, in the order of the file;
    /// each is named once, with one that contradicts it.
    pub(super) fn clashes(&self, items: &[T]) -> Vec<Clash> {
        let mut found = Vec::new();
        let mut held: Option<(u32, i64)> = None;
        for row in &self.rows {
            let item = &items[*row as usize];
            let span = item.span();
            let same =
                held.filter(|(h, _)| (self.key_of)(&items[*h as usize]) == (self.key_of)(item));
            held = match same {
                Some((other, end)) if span.start < end => {
                    found.push((other.min(*row) as usize, other.max(*row) as usize));
                    if end < span.end {
                        Some((*row, span.end))
                    } else {
                        same
                    }
                }
                _ => Some((*row, span.end)),
            };
        }
        found.sort_unstable_by_key(|(earlier, later)| (*later, *earlier));
        found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug)]
    struct Entry {
        name: String,
        span: Range<i64>,
    }

    impl Row for Entry {
        fn span(&self) -> Range<i64> {
            self.span.clone()
        }
    }

    fn name_of(entry: &Entry) -> Option<Key<'_>> {
        (!entry.name.is_empty()).then_some(Key::Text(&entry.name))
    }

    proptest! {
        #[test]
        fn lookups_equal_a_walk_over_all_rows(
            rows in proptest::collection::vec(("[abc]?", 0..30i64, 1..20i64), 0..30),
            name in "[abcd]",
            at in -2..60i64,
        ) {
            let rows: Vec<Entry> = rows
                .into_iter()
                .map(|(name, from, days)| Entry { name, span: from..from + days })
                .collect();
            let index = Index::new(&rows, name_of);
            let looked = index.look(&rows, Key::Text(&name), at);
            let found = looked.filter(|l| l.1).map(|(row, _)| std::ptr::from_ref(row));
            let walked = rows.iter().find(|r| r.name == name && r.span.contains(&at));
            prop_assert_eq!(found, walked.map(std::ptr::from_ref));
            let mut all: Vec<usize> = index.all_valid(&rows, Key::Text(&name), at).collect();
            all.sort_unstable();
            let walk = rows.iter().enumerate().filter(|(_, r)| r.name == name && r.span.contains(&at));
            prop_assert_eq!(all, walk.map(|(row, _)| row).collect::<Vec<_>>());
            let at_best = index.valid_or_latest(&rows, Key::Text(&name), at);
            let expected = found.or(index.latest(&rows, Key::Text(&name)).map(std::ptr::from_ref));
            prop_assert_eq!(at_best.map(std::ptr::from_ref), expected);
            let latest = index.latest(&rows, Key::Text(&name)).map(|r| r.span.start);
            let walked = rows.iter().filter(|r| r.name == name).map(|r| r.span.start).max();
            prop_assert_eq!(latest, walked);
        }

        #[test]
        fn a_clash_is_found_exactly_when_there_is_one(
            rows in proptest::collection::vec(("[ab]", 0..30i64, 1..6i64), 0..12),
        ) {
            let rows: Vec<Entry> = rows
                .into_iter()
                .map(|(name, from, days)| Entry { name, span: from..from + days })
                .collect();
            let clashes = Index::new(&rows, name_of).clashes(&rows);
            let overlap = |a: &Entry, b: &Entry| {
                a.name == b.name && a.span.start < b.span.end && b.span.start < a.span.end
            };
            for (a, b) in &clashes {
                prop_assert!(a < b && overlap(&rows[*a], &rows[*b]));
            }
            let any = (0..rows.len()).any(|b| (0..b).any(|a| overlap(&rows[a], &rows[b])));
            prop_assert_eq!(any, !clashes.is_empty());
        }
    }
}
