//! The binder of a run that goes on: packs what is to be kept beyond it, page by page.
//!
//! Takes full pages in the order in which they were filled, on a thread of its own, so that packing
//! holds up no judgment; gives what was packed when it is asked for. What waits beyond a bound
//! waits in a temporary file. Never judges, and never writes a store.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Scope;

use super::super::collect::LooseRecords;
use super::super::feed::SegmentAt;
use super::super::judge::{pack, settle};
use super::super::lane::Press;
use super::super::recall::Kept;
use crate::detect::Wiring;
use crate::frame::MAX_RECORD;
use crate::spill::{Facts, Parcel, Parcels, Records, Rolls, Sheet, Told};

/// Full pages that wait for the binder; whoever fills more waits too.
const WAITING: usize = 2;

/// What was gathered of an input, piece by piece.
pub(super) struct Page {
    pub(super) input: u32,
    /// Offset and line breaks from which on the facts tell where they stand.
    pub(super) base: (u64, u64),
    pub(super) facts: Vec<Facts>,
    pub(super) records: LooseRecords,
    /// Which records were told, by hour.
    pub(super) rolls: BTreeMap<i64, Vec<u64>>,
}

enum Errand {
    Pack(Page),
    /// Give what was packed, with inputs counted from this one on.
    Give(usize, SyncSender<io::Result<Kept>>),
}

/// What is to be kept, as soon as it is packed.
pub struct Packing(Receiver<io::Result<Kept>>);

impl Packing {
    /// Waits for it; it is given once.
    ///
    /// # Errors
    /// When the temporary file cannot be written, and when it was given already.
    pub fn wait(&self) -> io::Result<Kept> {
        self.0.recv().map_err(io::Error::other)?
    }
}

/// A binder at work.
pub(super) struct Binder {
    errands: SyncSender<Errand>,
    /// Bytes that were packed and wait to be given.
    packed: Arc<AtomicU64>,
}

impl Binder {
    /// Beyond `memory` bytes what was packed goes to temporary files. The thread ends when this is
    /// dropped.
    pub(super) fn begin<'s>(scope: &'s Scope<'s, '_>, wiring: &'s Wiring, memory: usize) -> Binder {
        let (errands, taken) = sync_channel(WAITING);
        let packed = Arc::new(AtomicU64::new(0));
        let bench = Bench {
            wiring,
            memory,
            press: Press::default(),
            parcels: Parcels::new(memory),
            rolls: Rolls::new(memory),
            places: Vec::new(),
            packed: Arc::clone(&packed),
        };
        scope.spawn(move || bench.work(&taken));
        Binder { errands, packed }
    }

    /// Has a page packed.
    ///
    /// # Errors
    /// When the binder is gone.
    pub(super) fn pack(&self, page: Page) -> io::Result<()> {
        let sent = self.errands.send(Errand::Pack(page));
        sent.map_err(|_| io::Error::other("the binder is gone"))
    }

    /// What was packed so far and not yet given, with all pages brought before, and with inputs
    /// counted from `past` on.
    ///
    /// # Errors
    /// When the binder is gone.
    pub(super) fn give(&self, past: usize) -> io::Result<Packing> {
        let (reply, kept) = sync_channel(1);
        let sent = self.errands.send(Errand::Give(past, reply));
        sent.map_err(|_| io::Error::other("the binder is gone"))?;
        Ok(Packing(kept))
    }

    /// Bytes that were packed and wait to be given; very many when packing failed.
    pub(super) fn packed(&self) -> u64 {
        self.packed.load(Ordering::Relaxed)
    }
}

/// Where pages are packed.
struct Bench<'w> {
    wiring: &'w Wiring,
    memory: usize,
    press: Press,
    parcels: Parcels,
    /// Which records were told.
    rolls: Rolls,
    /// Where the parcels stand.
    places: Vec<SegmentAt>,
    packed: Arc<AtomicU64>,
}

impl Bench<'_> {
    fn work(mut self, errands: &Receiver<Errand>) {
        let mut failed = None;
        for errand in errands {
            match errand {
                Errand::Pack(page) if failed.is_none() => {
                    failed = self.pack(page).err();
                    if failed.is_some() {
                        self.packed.store(u64::MAX, Ordering::Relaxed);
                    }
                }
                Errand::Pack(_) => {}
                Errand::Give(past, reply) => {
                    let kept = failed.take().map_or_else(|| Ok(self.give(past)), Err);
                    // Nobody waits for it any more when the run ends with an error.
                    let _ = reply.send(kept);
                }
            }
        }
    }

    fn pack(&mut self, page: Page) -> io::Result<()> {
        let mut packed = 0;
        for (hour, hashes) in &page.rolls {
            packed += size_of_val(hashes.as_slice());
            self.rolls.add(page.input, *hour, hashes)?;
        }
        if let Some(parcel) = self.seal(&page)? {
            packed += parcel.facts.len() + parcel.texts.len();
            let number = self.places.len() as u32;
            self.places.push(SegmentAt {
                input: page.input,
                offset: page.base.0,
                line: page.base.1,
            });
            self.parcels.add(number, parcel)?;
        }
        self.packed.fetch_add(packed as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Seals the facts of a page with those of its records that they stand for.
    fn seal(&mut self, page: &Page) -> io::Result<Option<Parcel>> {
        let mut sheet = Sheet::of(&page.facts);
        settle(&mut sheet, self.wiring);
        let told = Told::of(&sheet);
        let ranges = told.ranges().into_iter();
        let ranges = ranges.map(|(offset, length)| {
            let offset = page.base.0.wrapping_add_signed(offset);
            (offset, length)
        });
        let ranges: BTreeSet<(u64, u32)> = ranges.collect();
        let is_told = |(at, text): &(u64, &[u8])| {
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
            let alike = ranges.range((*at, 0)..=(*at, u32::MAX));
            alike
                .map(|(_, told)| (*told).min(MAX_RECORD as u32))
                .any(|told| told == length)
        };
        let mut records: Records<'_> = page.records.iter().filter(is_told).collect();
        records.sort_unstable_by_key(|(at, text)| (*at, text.len()));
        records.dedup_by_key(|(at, text)| (*at, text.len()));
        let blocks = pack(&mut self.press.packer, &mut sheet, self.wiring);
        self.press.seal((&blocks, &told), &records)
    }

    fn give(&mut self, past: usize) -> Kept {
        self.packed.store(0, Ordering::Relaxed);
        let parcels = std::mem::replace(&mut self.parcels, Parcels::new(self.memory));
        let mut rolls = std::mem::replace(&mut self.rolls, Rolls::new(self.memory));
        rolls.renumber(past as u32);
        let mut segments = std::mem::take(&mut self.places);
        for at in &mut segments {
            at.input -= past as u32;
        }
        Kept {
            parcels,
            segments,
            rolls,
        }
    }
}
