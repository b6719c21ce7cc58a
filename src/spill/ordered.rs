//! Facts of many blocks, merged into the one order: time, source, identity.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::io;
use std::ops::Range;

use super::block::{Block, Sieve};
use super::origin::Row;
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
    /// Equal facts of several inputs that count, to be given next.
    ready: VecDeque<Row>,
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
            ready: VecDeque::new(),
        }
    }

    /// The next fact and its value hashes, or `None` at the end. Of records that several inputs
    /// tell, as many are given as happened.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn next_fact(&mut self) -> io::Result<Option<(Fact, &[u64])>> {
        if let Some((fact, values)) = self.ready.pop_front() {
            self.values = values;
            return Ok(Some((fact, &self.values)));
        }
        let Some(fact) = self.next_of_all()? else {
            return Ok(None);
        };
        let Some(origins) = &self.spilled.origins else {
            return Ok(Some((fact, &self.values)));
        };
        let alike = (fact.time, (self.rank)(fact.segment), fact.identity);
        if self.next_alike()? != Some(alike) {
            return Ok(Some((fact, &self.values)));
        }
        let mut equal = vec![(fact, self.values.clone())];
        while self.next_alike()? == Some(alike) {
            let next = self.next_of_all()?;
            equal.extend(next.map(|fact| (fact, self.values.clone())));
        }
        origins.keep(&mut equal);
        self.ready = equal.into();
        self.next_fact()
    }

    /// Opens all blocks whose time has come; true when there is a next fact.
    fn ready_heads(&mut self) -> io::Result<bool> {
        loop {
            let due = self.places.get(self.next).map(|p| p.first);
            match (self.heads.peek(), due) {
                (Some(Reverse(((time, ..), _))), Some(first)) if first <= *time => {
                    self.open_next()?
                }
                (Some(_), _) => return Ok(true),
                (None, Some(_)) => self.open_next()?,
                (None, None) => return Ok(false),
            }
        }
    }

    /// Time, source and identity of the next fact.
    fn next_alike(&mut self) -> io::Result<Option<(i64, u32, u64)>> {
        self.ready_heads()?;
        let head = self.heads.peek();
        Ok(head.map(|Reverse(((time, source, identity, ..), _))| (*time, *source, *identity)))
    }

    /// The next fact of all inputs; its values are left in `values`.
    fn next_of_all(&mut self) -> io::Result<Option<Fact>> {
        if !self.ready_heads()? {
            return Ok(None);
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
        Ok(Some(fact))
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
