//! Where packed facts wait: in memory while they are few, else in an unlinked temporary file.

use std::io;
use std::ops::Range;

use super::block::{Block, Everything, Gate, Packer, Sieve};
use super::ordered::{Ordered, Rank};
use super::origin::Origins;
use super::{Fact, Facts};

/// Facts sorted at a time when a stream has to be put in order.
const RUN: usize = 128 << 10;
/// Where the young blocks begin, far behind all others.
const YOUNG: u64 = 1 << 62;
/// Facts of a block of a sorted run: small, so that many runs can be open at once.
const RUN_BLOCK: usize = 1 << 10;

/// Where a block of one stream lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) count: u32,
    at: u64,
    rows_at: u32,
    facts_at: u32,
    length: u32,
}

/// Takes blocks of several streams as they come, from any segment, in any order.
#[derive(Debug)]
pub struct Spill {
    bytes: Bytes,
    streams: Vec<Vec<Place>>,
    columns: Vec<usize>,
}

impl Spill {
    /// For streams whose facts carry so many values. Beyond `budget` bytes, blocks go to a
    /// temporary file.
    pub fn new(columns: Vec<usize>, budget: usize) -> Self {
        Spill {
            bytes: Bytes::new(budget),
            streams: vec![Vec::new(); columns.len()],
            columns,
        }
    }

    /// Keeps a block.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn add(&mut self, stream: usize, block: &Block) -> io::Result<()> {
        let at = self.bytes.append(&block.bytes)?;
        self.streams[stream].push(Place::of(block, at));
        Ok(())
    }

    /// All blocks are in: from now on they are read.
    pub fn finish(self) -> Spilled {
        let mut streams = self.streams;
        for places in &mut streams {
            places.sort_by_key(|p| (p.first, p.last, p.count, p.at));
        }
        Spilled {
            bytes: self.bytes,
            young: Vec::new(),
            streams,
            columns: self.columns,
            origins: None,
        }
    }
}

/// The facts of a run, readable from several threads.
#[derive(Debug)]
pub struct Spilled {
    bytes: Bytes,
    /// Blocks that will be given again with more in them.
    young: Vec<u8>,
    streams: Vec<Vec<Place>>,
    /// Values of each fact, for each stream.
    columns: Vec<usize>,
    /// Known where inputs of one source may tell the same records.
    pub(super) origins: Option<Origins>,
}

impl Spilled {
    /// Says which facts come from which input: from now on records that several inputs tell count
    /// as often as they happened.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn tell_origins(&mut self, mut origins: Origins, rank: Rank<'_>) -> io::Result<()> {
        if !origins.may_overlap() {
            return Ok(());
        }
        for number in 0..self.streams.len() {
            self.note_sharing(number, &mut origins, rank)?;
        }
        self.origins = Some(origins);
        Ok(())
    }

    /// Which facts come from which input, where several inputs may tell the same records.
    pub fn origins(&self) -> Option<&Origins> {
        self.origins.as_ref()
    }

    /// Knows no more what the inputs share.
    pub fn forget_origins(&mut self) {
        self.origins = None;
    }

    /// Takes in more blocks of a run that goes on: some for good, and some (`young`) in place of
    /// the young ones before, to be replaced again by blocks that hold more.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn take_in(
        &mut self,
        for_good: &[(usize, Block)],
        young: &[(usize, Block)],
    ) -> io::Result<()> {
        for places in &mut self.streams {
            places.retain(|place| place.at < YOUNG);
        }
        self.young.clear();
        for (stream, block) in for_good {
            let at = self.bytes.append(&block.bytes)?;
            self.streams[*stream].push(Place::of(block, at));
        }
        for (stream, block) in young {
            let at = YOUNG + self.young.len() as u64;
            self.young.extend_from_slice(&block.bytes);
            self.streams[*stream].push(Place::of(block, at));
        }
        for places in &mut self.streams {
            places.sort_by_key(|p| (p.first, p.last, p.count, p.at));
        }
        Ok(())
    }

    /// Takes in all blocks that were gathered elsewhere for the same streams.
    ///
    /// # Errors
    /// When a temporary file cannot be written or read.
    pub fn take_over(&mut self, others: &Spill) -> io::Result<()> {
        for (places, theirs) in self.streams.iter_mut().zip(&others.streams) {
            for place in theirs {
                let at = self.bytes.append(&others.bytes.read(place.all())?)?;
                places.push(Place { at, ..*place });
            }
            places.sort_by_key(|p| (p.first, p.last, p.count, p.at));
        }
        Ok(())
    }

    fn read(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        match range.start.checked_sub(YOUNG) {
            Some(from) => Ok(self.young[from as usize..(range.end - YOUNG) as usize].to_vec()),
            None => self.bytes.read(range),
        }
    }

    /// Looks through a stream for facts that several inputs tell.
    fn note_sharing(&self, number: usize, origins: &mut Origins, rank: Rank<'_>) -> io::Result<()> {
        let stretches = origins.shared_stretches();
        let reading = Reading {
            number,
            columns: self.columns[number],
            spans: &stretches,
        };
        let mut ordered = self.ordered(&reading, rank, Everything);
        let mut alike: Option<(i64, u32, u64)> = None;
        let mut segments = Vec::new();
        while let Some((fact, _)) = ordered.next_fact()? {
            let told = (fact.time, rank(fact.segment), fact.identity);
            if alike != Some(told) {
                if let Some((time, ..)) = alike {
                    origins.note(number, time, &segments);
                }
                segments.clear();
                alike = Some(told);
            }
            segments.push(fact.segment);
        }
        if let Some((time, ..)) = alike {
            origins.note(number, time, &segments);
        }
        Ok(())
    }

    /// The stretches of time of a stream's blocks, first and last fact of each, by their beginnings.
    pub fn spans(&self, stream: usize) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.streams[stream]
            .iter()
            .map(|place| (place.first, place.last))
    }

    /// Number of facts of a stream.
    pub fn count(&self, stream: usize) -> u64 {
        self.streams[stream]
            .iter()
            .map(|p| u64::from(p.count))
            .sum()
    }

    /// Makes sure that reading a stream in order needs no more than about `budget` bytes: when
    /// too many blocks overlap in time, the stream is sorted into runs of narrow blocks.
    ///
    /// # Errors
    /// When a temporary file cannot be written or read.
    pub fn narrow(&mut self, stream: usize, gates: &[Gate], plan: Narrow<'_>) -> io::Result<()> {
        if deepest_overlap(&self.streams[stream]) <= plan.budget / size_of::<(Fact, [u64; 3])>() {
            return Ok(());
        }
        let places = std::mem::take(&mut self.streams[stream]);
        let (places, mut sorted): (Vec<_>, Vec<_>) =
            places.into_iter().partition(|place| place.at < YOUNG);
        let mut facts = Facts::new(plan.columns);
        for (i, place) in places.iter().enumerate() {
            let bytes = self.read(place.all())?;
            Block::unpack(&bytes, place.facts_at as usize, &mut facts, &Everything);
            if facts.len() >= RUN || i + 1 == places.len() {
                facts.sort(plan.rank);
                self.write_run(&facts, gates, &mut sorted)?;
                facts.clear();
            }
        }
        sorted.sort_by_key(|p: &Place| (p.first, p.last, p.count, p.at));
        self.streams[stream] = sorted;
        Ok(())
    }

    fn write_run(&mut self, facts: &Facts, gates: &[Gate], out: &mut Vec<Place>) -> io::Result<()> {
        let mut slice = Facts::new(facts.columns);
        let mut packer = Packer::default();
        for i in 0..facts.len() {
            slice.push(*facts.row(i), facts.values(i));
            if slice.len() == RUN_BLOCK || i + 1 == facts.len() {
                let block = packer.pack(&slice, gates);
                let at = self.bytes.append(&block.bytes)?;
                out.push(Place::of(&block, at));
                slice.clear();
            }
        }
        Ok(())
    }

    /// The blocks of a stream that touch one of the stretches, in the order of their first times,
    /// each up to and with the part asked for.
    pub fn blocks<'s>(
        &'s self,
        stream: Reading<'s>,
        part: Part,
    ) -> impl Iterator<Item = io::Result<Opened>> + 's {
        let places = self.streams[stream.number].iter();
        let touching = places.filter(move |p| p.touches(stream.spans));
        touching.map(move |place| {
            let range = match part {
                Part::Gates => place.gates(),
                Part::Rows => place.rows(),
                Part::Facts => place.all(),
            };
            Ok(Opened {
                first: place.first,
                bytes: self.read(range)?,
                rows_at: place.rows_at as usize,
                facts_at: place.facts_at as usize,
            })
        })
    }

    /// The wanted facts of a stream in order. Blocks that lie outside all of `spans` (in order,
    /// not overlapping) are not even read.
    pub fn ordered<'s, S: Sieve>(
        &'s self,
        stream: &Reading<'s>,
        rank: Rank<'s>,
        sieve: S,
    ) -> Ordered<'s, S> {
        Ordered::new(self, &self.streams[stream.number], stream, rank, sieve)
    }

    pub(super) fn block(&self, place: &Place) -> io::Result<(Vec<u8>, usize)> {
        Ok((self.read(place.all())?, place.facts_at as usize))
    }
}

/// All of time.
pub const EVER: &[Range<i64>] = &[Range {
    start: i64::MIN,
    end: i64::MAX,
}];

/// Which part of a stream is read.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// Number of the stream.
    pub number: usize,
    /// Values of each fact.
    pub columns: usize,
    /// Stretches of time, in order, that do not overlap.
    pub spans: &'a [Range<i64>],
}

/// The parts of a block, each behind the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Dictionary and gate entries.
    Gates,
    /// The different rows.
    Rows,
    /// The facts.
    Facts,
}

/// A block that was read up to some part.
pub struct Opened {
    /// Time of its first fact.
    pub first: i64,
    /// Its parts, up to the one asked for.
    pub bytes: Vec<u8>,
    /// Where in `bytes` the different rows begin.
    pub rows_at: usize,
    /// Where in `bytes` the facts begin.
    pub facts_at: usize,
}

/// What [`Spilled::narrow`] needs to know.
#[derive(Clone, Copy)]
pub struct Narrow<'a> {
    /// Values of each fact.
    pub columns: usize,
    /// Rank of a segment's source.
    pub rank: Rank<'a>,
    /// Bytes that open blocks may take.
    pub budget: usize,
}

impl Place {
    fn of(block: &Block, at: u64) -> Place {
        Place {
            first: block.first,
            last: block.last,
            count: block.count,
            at,
            rows_at: block.rows_at,
            facts_at: block.facts_at,
            length: block.bytes.len() as u32,
        }
    }

    /// True when the block holds facts of one of these stretches, as far as its ends tell.
    pub(super) fn touches(&self, spans: &[Range<i64>]) -> bool {
        let at = spans.partition_point(|span| span.end <= self.first);
        spans.get(at).is_some_and(|span| span.start <= self.last)
    }

    fn gates(&self) -> Range<u64> {
        self.at..self.at + u64::from(self.rows_at)
    }

    fn rows(&self) -> Range<u64> {
        self.at..self.at + u64::from(self.facts_at)
    }

    fn all(&self) -> Range<u64> {
        self.at..self.at + u64::from(self.length)
    }
}

/// The largest number of facts in blocks that overlap at one time.
fn deepest_overlap(places: &[Place]) -> usize {
    let mut ends = std::collections::BinaryHeap::new();
    let (mut open, mut deepest) = (0usize, 0);
    for place in places {
        while let Some(&std::cmp::Reverse((last, count))) = ends.peek() {
            if last >= place.first {
                break;
            }
            ends.pop();
            open -= count as usize;
        }
        ends.push(std::cmp::Reverse((place.last, place.count)));
        open += place.count as usize;
        deepest = deepest.max(open);
    }
    deepest
}

/// Bytes at growing places: the first `budget` in memory, the rest in a temporary file.
#[derive(Debug)]
pub(super) struct Bytes {
    budget: usize,
    memory: Vec<u8>,
    file: Option<std::fs::File>,
    written: u64,
}

impl Bytes {
    pub(super) fn new(budget: usize) -> Self {
        Bytes {
            budget,
            memory: Vec::new(),
            file: None,
            written: 0,
        }
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<u64> {
        if self.file.is_none() && self.memory.len() + bytes.len() <= self.budget {
            // Room that is not written to costs nothing; growing would hold all bytes twice.
            self.memory.reserve_exact(self.budget - self.memory.len());
            let at = self.memory.len() as u64;
            self.memory.extend_from_slice(bytes);
            return Ok(at);
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        io::Write::write_all(file, bytes)?;
        let at = self.memory.len() as u64 + self.written;
        self.written += bytes.len() as u64;
        Ok(at)
    }

    /// True when what begins at one place and what ends or begins at another lie both in memory or
    /// both in the file, so that they can be read at once.
    pub(super) fn is_one(&self, start: u64, next: u64) -> bool {
        let kept = self.memory.len() as u64;
        (start < kept) == (next < kept)
    }

    pub(super) fn read(&self, range: Range<u64>) -> io::Result<Vec<u8>> {
        let length = (range.end - range.start) as usize;
        let kept = self.memory.len() as u64;
        if range.end <= kept {
            let start = range.start as usize;
            return Ok(self.memory[start..start + length].to_vec());
        }
        let file = self
            .file
            .as_ref()
            .expect("what is not in memory was written to the file");
        let mut bytes = vec![0; length];
        read_at(file, &mut bytes, range.start - kept)?;
        Ok(bytes)
    }
}

#[cfg(unix)]
fn read_at(file: &std::fs::File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

#[cfg(windows)]
fn read_at(file: &std::fs::File, mut bytes: &mut [u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, bytes, at)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = &mut bytes[read..];
        at += read as u64;
    }
    Ok(())
}
