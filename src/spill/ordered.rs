//! Facts of many blocks, merged into the one order: time, source, identity.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::ops::Range;

use super::block::{Block, Sieve};
use super::store::{Place, Reading, Spilled};
use super::{Fact, Facts};

/// The rank of the source that a segment belongs to.
pub type Rank<'a> = &'a (dyn Fn(u32) -> u32 + Sync);

/// Where the next fact of an open block stands in the order.
type Head = Reverse<((i64, u32, u64, u32, i64), usize)>;

/// Gives the wanted facts of a stream one by one, in order. Blocks are opened when their time comes
/// and dropped when they are used up; those outside all spans are not read.
pub struct Ordered<'s, S> {
    spilled: &'s Spilled,
    places: &'s [Place],
    columns: usize,
    rank: Rank<'s>,
    sieve: S,
    spans: &'s [Range<i64>],
    /// The next block to open.
    next: usize,
    open: Vec<Option<(Facts, usize)>>,
    free: Vec<usize>,
    heads: BinaryHeap<Head>,
    values: Vec<u64>,
}

impl<'s, S: Sieve> Ordered<'s, S> {
    pub(super) fn new(
        spilled: &'s Spilled,
        places: &'s [Place],
        reading: &Reading<'s>,
        rank: Rank<'s>,
        sieve: S,
    ) -> Self {
        let Reading { columns, spans, .. } = *reading;
        Ordered {
            spilled,
            places,
            columns,
            rank,
            sieve,
            spans,
            next: 0,
            open: Vec::new(),
            free: Vec::new(),
            heads: BinaryHeap::new(),
            values: vec![0; columns],
        }
    }

    /// The next fact and its value hashes, or `None` at the end.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn next_fact(&mut self) -> io::Result<Option<(Fact, &[u64])>> {
        loop {
            let due = self.places.get(self.next).map(|p| p.first);
            match (self.heads.peek(), due) {
                (Some(Reverse(((time, ..), _))), Some(first)) if first <= *time => {
                    self.open_next()?
                }
                (Some(_), _) => break,
                (None, Some(_)) => self.open_next()?,
                (None, None) => return Ok(None),
            }
        }
        let Some(Reverse((_, slot))) = self.heads.pop() else {
            return Ok(None);
        };
        let (facts, at) = self.open[slot]
            .as_mut()
            .expect("a head belongs to an open block");
        let fact = *facts.row(*at);
        self.values.copy_from_slice(facts.values(*at));
        *at += 1;
        if *at < facts.len() {
            let head = Reverse((self.key(slot), slot));
            self.heads.push(head);
        } else {
            self.open[slot] = None;
            self.free.push(slot);
        }
        Ok(Some((fact, &self.values)))
    }

    fn open_next(&mut self) -> io::Result<()> {
        let place = &self.places[self.next];
        self.next += 1;
        if !place.touches(self.spans) {
            return Ok(());
        }
        let mut facts = Facts::new(self.columns);
        let (bytes, facts_at) = self.spilled.block(place)?;
        Block::unpack(&bytes, facts_at, &mut facts, &self.sieve);
        if facts.is_empty() {
            return Ok(());
        }
        // A block is in the order of time; equal times are put in order only here, among the
        // facts that are wanted.
        facts.sort(self.rank);
        let slot = self.free.pop().unwrap_or_else(|| {
            self.open.push(None);
            self.open.len() - 1
        });
        self.open[slot] = Some((facts, 0));
        let head = Reverse((self.key(slot), slot));
        self.heads.push(head);
        Ok(())
    }

    fn key(&self, slot: usize) -> (i64, u32, u64, u32, i64) {
        let (facts, at) = self.open[slot]
            .as_ref()
            .expect("only open blocks have a head");
        let fact = facts.row(*at);
        let (time, identity, segment, offset) = fact.order();
        (time, (self.rank)(segment), identity, segment, offset)
    }
}
