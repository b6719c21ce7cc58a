//! What a run that goes on gives to be kept beyond it, chapter by chapter.
//!
//! Takes what the lanes made of each piece, and has the binder pack it page by page; gives the facts
//! and records since the last chapter, how far each input was told, and what changed of what inputs
//! tell for the weekly page. Where much comes, facts and records are given between two whole
//! chapters, so that no chapter is long. Never judges, and never writes a store.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::thread::Scope;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::super::Tally;
use super::super::collect::{Loose, LooseRecords};
use super::super::count::{Counter, Part, Tallies};
use super::super::feed::{SegmentAt, Work};
use super::binder::{self, Binder, Packing};
use super::ground;
use crate::alert::hex;
use crate::detect::Wiring;
use crate::spill::Facts;

/// A whole chapter is given at least as often while something new is told.
const CHAPTER: Duration = Duration::from_secs(300);
/// Bytes of packed facts and of hashes of records that are given before it is time for a whole one.
const LEAF: u64 = 2 << 20;
/// Bytes of facts and records of an input that are packed together.
const PAGE: usize = 1 << 20;

/// What is to be kept since the last chapter, in one commit.
pub struct Chapter {
    /// Facts and records, with the inputs as places in [`Issue::inputs`](super::Issue::inputs).
    pub kept: Packing,
    /// How far each input was told by all chapters so far; `None` for one of which there is nothing
    /// new.
    pub told: Vec<Option<ToldSoFar>>,
    /// What changed since the last whole chapter of what each input tells for the weekly page;
    /// `None` in a chapter that gives facts and records alone.
    pub tally: Option<Tally>,
}

/// How far an input was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToldSoFar {
    /// Bytes from its beginning, and their SHA-256 in hexadecimal; `None` where not all of them
    /// were at hand, or not all that they tell is kept yet: what was broken off there is read again.
    pub bytes: Option<(u64, String)>,
    /// True when nothing more will come of it.
    pub ended: bool,
}

/// An input in the making.
struct Page {
    /// Offset and line breaks from which on the facts tell where they stand.
    base: Option<(u64, u64)>,
    facts: Vec<Facts>,
    records: LooseRecords,
    /// Which records were told, by hour, and how many.
    rolls: BTreeMap<i64, Vec<u64>>,
    called: usize,
    /// True when something of it was brought to the binder and waits.
    waits: bool,
    size: u64,
    hash: Option<Sha256>,
    ended: bool,
}

/// Gathers what is to be kept.
pub(super) struct Writer {
    pages: Vec<Page>,
    tallies: Mutex<Tallies>,
    /// Pieces of each input that came so far.
    pieces: Vec<u32>,
    binder: Binder,
    /// When the last whole chapter was given; `None` before the first.
    given: Option<Duration>,
    /// True when something was told since.
    has_more: bool,
    /// True when an input ended since.
    is_wanted: bool,
}

impl Writer {
    /// Beyond `memory` bytes, or what is given at once, it goes to temporary files.
    pub(super) fn begin<'s>(scope: &'s Scope<'s, '_>, wiring: &'s Wiring, memory: usize) -> Writer {
        Writer {
            pages: Vec::new(),
            tallies: Mutex::new(Tallies::new()),
            pieces: Vec::new(),
            binder: Binder::begin(scope, wiring, memory.min(LEAF as usize)),
            given: None,
            has_more: false,
            is_wanted: false,
        }
    }

    /// The number of the next piece of an input, in the order in which they come.
    pub(super) fn number(&mut self, input: u32) -> u32 {
        let input = input as usize;
        if self.pieces.len() <= input {
            self.pieces.resize(input + 1, 0);
        }
        self.pieces[input] = self.pieces[input].saturating_add(1);
        self.pieces[input]
    }

    /// Takes what a lane counted in a piece.
    pub(super) fn count(&self, part: Part, counter: &mut Counter) {
        // A lane that panicked ends the run.
        let mut tallies = self.tallies.lock().unwrap_or_else(PoisonError::into_inner);
        tallies.take(part, counter);
    }

    /// Joins what was counted so far.
    pub(super) fn join_counts(&mut self) {
        let tallies = self.tallies.get_mut();
        tallies
            .unwrap_or_else(PoisonError::into_inner)
            .join_segments();
    }

    /// Takes a piece and what a lane made of it, in the order in which the pieces of an input came.
    ///
    /// # Errors
    /// When the binder is gone.
    pub(super) fn take(
        &mut self,
        (work, at): (&Work, SegmentAt),
        loose: &Loose,
        wiring: &Wiring,
    ) -> io::Result<()> {
        let input = work.input as usize;
        while self.pages.len() <= input {
            self.pages.push(Page::new(wiring));
        }
        self.has_more = true;
        let page = &mut self.pages[input];
        page.hash(work);
        let base = *page.base.get_or_insert((
            work.segment.offset,
            work.line.wrapping_add_signed(i64::from(work.shift.1)),
        ));
        let shift = (
            at.offset as i64 - base.0 as i64,
            (at.line as i64 - base.1 as i64) as i32,
        );
        for (kept, facts) in page.facts.iter_mut().zip(&loose.facts) {
            kept.append_moved(facts, shift);
        }
        page.records.append(&loose.records);
        for (hour, hashes) in &loose.rolls {
            page.rolls.entry(*hour).or_default().extend(hashes);
            page.called += hashes.len();
        }
        match page.bytes() >= PAGE {
            true => self.bind(input, wiring),
            false => Ok(()),
        }
    }

    /// An input ended: what is known of it is to be kept soon.
    pub(super) fn ended(&mut self, input: u32) {
        if let Some(page) = self.pages.get_mut(input as usize) {
            page.ended = true;
            self.is_wanted = true;
        }
    }

    /// True when it is time for a whole chapter.
    pub(super) fn is_due(&self, now: Duration) -> bool {
        let waited = self
            .given
            .is_none_or(|given| now.saturating_sub(given) >= CHAPTER);
        self.is_wanted || (waited && self.has_more)
    }

    /// True when so much waits that it is given before it is time for a whole chapter.
    pub(super) fn is_full(&self) -> bool {
        self.given.is_some() && self.binder.packed() >= LEAF
    }

    /// The chapter so far; `inputs` is their number, of which the first `past` are not of this run.
    ///
    /// # Errors
    /// When the binder is gone.
    pub(super) fn chapter(
        &mut self,
        (past, inputs): (usize, usize),
        wiring: &Wiring,
        now: Duration,
    ) -> io::Result<Chapter> {
        for input in 0..self.pages.len() {
            self.bind(input, wiring)?;
        }
        (self.given, self.has_more, self.is_wanted) = (Some(now), false, false);
        let kept = self.binder.give(past)?;
        self.pages.iter_mut().for_each(|page| page.waits = false);
        let told = self.pages.iter().map(|page| Some(page.told()));
        let mut told: Vec<Option<ToldSoFar>> = told.skip(past).collect();
        told.resize(inputs - past, Some(ToldSoFar::default()));
        let tallies = self.tallies.get_mut();
        let tallies = tallies.unwrap_or_else(PoisonError::into_inner);
        let mut tally = tallies.tell(inputs);
        tally.inputs.drain(..past);
        Ok(Chapter {
            kept,
            told,
            tally: Some(tally),
        })
    }

    /// The facts and records of the pages that were full so far.
    ///
    /// # Errors
    /// When the binder is gone.
    pub(super) fn leaf(&mut self, (past, inputs): (usize, usize)) -> io::Result<Chapter> {
        let kept = self.binder.give(past)?;
        let pages = self.pages.iter_mut().skip(past);
        let waited = pages.map(|page| std::mem::take(&mut page.waits));
        let mut told: Vec<Option<ToldSoFar>> = waited
            .map(|waited| waited.then(ToldSoFar::default))
            .collect();
        told.resize(inputs - past, None);
        Ok(Chapter {
            kept,
            told,
            tally: None,
        })
    }

    /// Has packed what was gathered of an input.
    fn bind(&mut self, input: usize, wiring: &Wiring) -> io::Result<()> {
        let page = &mut self.pages[input];
        let Some(base) = page.base.take() else {
            return Ok(());
        };
        page.waits = true;
        page.called = 0;
        self.binder.pack(binder::Page {
            input: input as u32,
            base,
            facts: std::mem::replace(&mut page.facts, ground::loose(wiring)),
            records: std::mem::take(&mut page.records),
            rolls: std::mem::take(&mut page.rolls),
        })
    }
}

impl Page {
    fn new(wiring: &Wiring) -> Page {
        Page {
            base: None,
            facts: ground::loose(wiring),
            records: LooseRecords::default(),
            rolls: BTreeMap::new(),
            called: 0,
            waits: false,
            size: 0,
            hash: Some(Sha256::new()),
            ended: false,
        }
    }

    /// Bytes that were gathered.
    fn bytes(&self) -> usize {
        let facts: usize = self.facts.iter().map(Facts::bytes).sum();
        facts + self.records.bytes() + self.called * size_of::<u64>()
    }

    /// Adds the bytes of a piece to what is known of the input's bytes.
    fn hash(&mut self, work: &Work) {
        let segment = &work.segment;
        let is_next = segment.offset == self.size && segment.too_long.is_none();
        self.size = segment.offset + segment.bytes.len() as u64;
        match &mut self.hash {
            Some(hash) if is_next => hash.update(&segment.bytes),
            hash => *hash = None,
        }
    }

    fn told(&self) -> ToldSoFar {
        let digest = self.hash.clone().map(|hash| hex(&hash.finalize()));
        ToldSoFar {
            bytes: digest.map(|digest| (self.size, digest)),
            ended: self.ended,
        }
    }
}
