//! Parcels: what is kept of one segment beyond the run.
//!
//! Takes the packed facts of a segment and the texts of the records they stand for; gives two
//! sealed strings of bytes, and both back from them. What facts of several streams say of one
//! record is kept once. A seal (the checksum of the compressor) tells damage, so that nothing is
//! unpacked that was not packed here. Never knows rules.

use std::io;
use std::ops::Range;

use zstd::bulk::{Compressor, Decompressor};

use super::Fact;
use super::block::{Block, Heads, pack_heads};
use super::column::{self, Column, unzigzag, zigzag};
use super::store::Bytes;
use super::told::Told;

/// How hard the compressor tries with facts: most of them are hashes, and nobody finds anything
/// in those.
const EFFORT: i32 = -3;
/// How hard it tries with records: trying harder takes half as long again for the same bytes, trying
/// less gives a third more bytes.
const EFFORT_OF_TEXTS: i32 = 1;
/// Stands where earlier versions of this program wrote the number of blocks or records: what is
/// said of a record stands once, before the blocks.
const SHARED: u64 = u64::MAX;
/// Most bytes a parcel may hold; a segment and its records are far smaller.
const MOST: usize = 1 << 30;

/// What is kept of one segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parcel {
    /// Time of its first and last fact, nanoseconds since 1970.
    pub span: (i64, i64),
    /// Its packed facts, sealed.
    pub facts: Vec<u8>,
    /// Offsets of its first and its last record, in the whole input.
    pub reach: (u64, u64),
    /// Its records, sealed.
    pub texts: Vec<u8>,
}

/// Seals parcels, one after another.
pub struct Sealer {
    of_facts: Compressor<'static>,
    of_texts: Compressor<'static>,
    plain: Vec<u8>,
}

/// The records of a parcel: for each its offset in the input, and its bytes.
pub type Records<'b> = Vec<(u64, &'b [u8])>;

impl Sealer {
    /// # Errors
    /// When the compressor finds no memory.
    pub fn new() -> io::Result<Sealer> {
        let compressor = |effort| {
            let mut compressor = Compressor::new(effort)?;
            compressor.include_checksum(true)?;
            io::Result::Ok(compressor)
        };
        Ok(Sealer {
            of_facts: compressor(EFFORT)?,
            of_texts: compressor(EFFORT_OF_TEXTS)?,
            plain: Vec::new(),
        })
    }

    /// Seals the blocks of a segment, each with the number of its stream, and the records that
    /// their facts stand for, in the order of offsets. There is at least one block; `told` are the
    /// facts of the blocks.
    ///
    /// # Errors
    /// When the compressor fails.
    pub fn seal(
        &mut self,
        (blocks, told): (&[(usize, Block)], &Told),
        records: &Records<'_>,
    ) -> io::Result<Parcel> {
        let first = blocks.iter().map(|(_, block)| block.first).min();
        let last = blocks.iter().map(|(_, block)| block.last).max();
        self.plain.clear();
        put(&mut self.plain, SHARED);
        put(&mut self.plain, blocks.len() as u64);
        pack_heads(&told.records, &mut self.plain);
        for (stream, block) in blocks {
            put_block(&mut self.plain, (*stream, block), &told.places[*stream]);
        }
        let facts = self.of_facts.compress(&self.plain)?;
        self.plain.clear();
        put_texts(&mut self.plain, records);
        let offset = |record: Option<&(u64, &[u8])>| record.map_or(0, |(offset, _)| *offset);
        Ok(Parcel {
            span: (first.unwrap_or(0), last.unwrap_or(0)),
            facts,
            reach: (offset(records.first()), offset(records.last())),
            texts: self.of_texts.compress(&self.plain)?,
        })
    }
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer")
    }
}

/// The blocks of sealed facts, each with the number its stream had when it was sealed.
///
/// # Errors
/// When the bytes are not as they were sealed.
pub fn unseal_blocks(sealed: &[u8]) -> io::Result<Vec<(usize, Block)>> {
    let plain = unseal(sealed)?;
    let mut rest = plain.as_slice();
    match take(&mut rest)? {
        SHARED => {
            let count = take(&mut rest)?;
            let records = Heads::take(&mut rest).all();
            let blocks = (0..count).map(|_| take_block(&mut rest, &records));
            blocks.collect()
        }
        count => (0..count).map(|_| take_whole_block(&mut rest)).collect(),
    }
}

/// The wanted ranges (offset and length) among sealed records; `None` for one that is not there.
///
/// # Errors
/// When the bytes are not as they were sealed.
pub fn unseal_records(sealed: &[u8], wanted: &[(u64, u32)]) -> io::Result<Vec<Option<Vec<u8>>>> {
    let plain = unseal(sealed)?;
    let mut rest = plain.as_slice();
    let mut places = Vec::new();
    let mut at = 0usize;
    for (offset, length) in take_ranges(&mut rest)? {
        let length = usize::try_from(length).map_err(|_| damaged())?;
        let end = at.checked_add(length).ok_or_else(damaged)?;
        places.push((offset, at..end));
        at = end;
    }
    let text = |place: &Range<usize>| rest.get(place.clone()).map(<[u8]>::to_vec);
    let find = |(offset, length): &(u64, u32)| {
        let from = places.partition_point(|(told, _)| told < offset);
        let alike = places[from..].iter().take_while(|(told, _)| told == offset);
        let mut fits = alike.filter(|(_, place)| place.len() == *length as usize);
        fits.next().and_then(|(_, place)| text(place))
    };
    Ok(wanted.iter().map(find).collect())
}

/// The parcels of a run: in memory while they are small, else in a temporary file.
#[derive(Debug)]
pub struct Parcels {
    bytes: Bytes,
    /// Segment, the parcel without its bytes, and where these lie: facts, then texts.
    places: Vec<(u32, Parcel, [Range<u64>; 2])>,
}

impl Parcels {
    /// None yet. Beyond `budget` bytes they go to a temporary file.
    pub fn new(budget: usize) -> Parcels {
        Parcels {
            bytes: Bytes::new(budget),
            places: Vec::new(),
        }
    }

    /// Keeps the parcel of a segment.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn add(&mut self, segment: u32, mut parcel: Parcel) -> io::Result<()> {
        let strings = [&mut parcel.facts, &mut parcel.texts].map(std::mem::take);
        let mut ranges = [0..0, 0..0];
        for (range, bytes) in ranges.iter_mut().zip(&strings) {
            let at = self.bytes.append(bytes)?;
            *range = at..at + bytes.len() as u64;
        }
        self.places.push((segment, parcel, ranges));
        Ok(())
    }

    /// All parcels with their segments, in the order of these.
    pub fn each(&self) -> impl Iterator<Item = io::Result<(u32, Parcel)>> + '_ {
        let mut order: Vec<usize> = (0..self.places.len()).collect();
        order.sort_unstable_by_key(|at| self.places[*at].0);
        order.into_iter().map(|at| {
            let (segment, parcel, [facts, texts]) = &self.places[at];
            let parcel = Parcel {
                facts: self.bytes.read(facts.clone())?,
                texts: self.bytes.read(texts.clone())?,
                ..*parcel
            };
            Ok((*segment, parcel))
        })
    }
}

fn unseal(sealed: &[u8]) -> io::Result<Vec<u8>> {
    let size = zstd::zstd_safe::get_frame_content_size(sealed)
        .ok()
        .flatten();
    let size = size.and_then(|size| usize::try_from(size).ok());
    let size = size.filter(|size| *size <= MOST).ok_or_else(damaged)?;
    Decompressor::new()?.decompress(sealed, size)
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "kept facts are damaged")
}

fn put(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn take(bytes: &mut &[u8]) -> io::Result<u64> {
    let (word, rest) = bytes.split_first_chunk().ok_or_else(damaged)?;
    *bytes = rest;
    Ok(u64::from_le_bytes(*word))
}

/// Records by how far each lies behind the one before it, and their bytes.
fn put_texts(bytes: &mut Vec<u8>, records: &Records<'_>) {
    put(bytes, SHARED);
    put(bytes, records.len() as u64);
    let ends = records
        .iter()
        .map(|(offset, text)| *offset + text.len() as u64);
    let gaps = records.iter().zip([0].into_iter().chain(ends));
    let gaps = gaps.map(|((offset, _), end)| zigzag(offset.wrapping_sub(end).cast_signed()));
    column::put(bytes, gaps);
    column::put(bytes, records.iter().map(|(_, text)| text.len() as u64));
    for (_, text) in records {
        bytes.extend_from_slice(text);
    }
}

/// Offsets and lengths of records.
fn take_ranges(bytes: &mut &[u8]) -> io::Result<Vec<(u64, u64)>> {
    let count = take(bytes)?;
    if count != SHARED {
        return (0..count)
            .map(|_| Ok((take(bytes)?, take(bytes)?)))
            .collect();
    }
    let count = usize::try_from(take(bytes)?).map_err(|_| damaged())?;
    let [gaps, lengths] = [(); 2].map(|()| Column::take(bytes, count));
    let mut end = 0u64;
    let ranges = (0..count).map(|at| {
        let offset = end.wrapping_add_signed(unzigzag(gaps.get(at)));
        end = offset.wrapping_add(lengths.get(at));
        (offset, lengths.get(at))
    });
    Ok(ranges.collect())
}

/// A block without what the records say: `places` are those of its facts' records.
fn put_block(bytes: &mut Vec<u8>, (stream, block): (usize, &Block), places: &[u32]) {
    let (before, facts) = block.bytes.split_at(block.facts_at as usize);
    let mut values = facts;
    let heads = Heads::take(&mut values);
    let numbers = [
        stream,
        places.len(),
        block.rows_at as usize,
        before.len(),
        values.len(),
    ];
    numbers.iter().for_each(|number| put(bytes, *number as u64));
    let befores = [-1]
        .into_iter()
        .chain(places.iter().map(|at| i64::from(*at)));
    let steps = places.iter().zip(befores);
    column::put(
        bytes,
        steps.map(|(at, before)| zigzag(i64::from(*at) - before - 1)),
    );
    column::put(bytes, heads.weights());
    bytes.extend_from_slice(before);
    bytes.extend_from_slice(values);
}

fn take_block(bytes: &mut &[u8], records: &[Fact]) -> io::Result<(usize, Block)> {
    let mut numbers = [0; 5];
    for number in &mut numbers {
        *number = usize::try_from(take(bytes)?).map_err(|_| damaged())?;
    }
    let [stream, count, rows_at, before, values] = numbers;
    let [steps, weights] = [(); 2].map(|()| Column::take(bytes, count));
    let mut place = -1;
    let rows = (0..count).map(|row| {
        place += unzigzag(steps.get(row)) + 1;
        let record = usize::try_from(place).ok().and_then(|at| records.get(at));
        let weight = u32::try_from(weights.get(row)).map_err(|_| damaged())?;
        Ok(Fact {
            weight,
            ..*record.ok_or_else(damaged)?
        })
    });
    let rows: Vec<Fact> = rows.collect::<io::Result<_>>()?;
    let (first, last) = rows.first().zip(rows.last()).ok_or_else(damaged)?;
    let (before, rest) = bytes.split_at_checked(before).ok_or_else(damaged)?;
    let (values, rest) = rest.split_at_checked(values).ok_or_else(damaged)?;
    *bytes = rest;
    let mut own = Vec::with_capacity(before.len() + values.len() + rows.len() * 20 + 128);
    own.extend_from_slice(before);
    pack_heads(&rows, &mut own);
    own.extend_from_slice(values);
    let small = |number: usize| u32::try_from(number).map_err(|_| damaged());
    let block = Block {
        first: first.time,
        last: last.time,
        count: small(count)?,
        bytes: own,
        rows_at: small(rows_at)?,
        facts_at: small(before.len())?,
    };
    Ok((stream, block))
}

/// A block as earlier versions of this program sealed it.
fn take_whole_block(bytes: &mut &[u8]) -> io::Result<(usize, Block)> {
    let mut numbers = [0; 7];
    for number in &mut numbers {
        *number = take(bytes)?;
    }
    let [stream, first, last, count, rows_at, facts_at, length] = numbers;
    let length = usize::try_from(length).map_err(|_| damaged())?;
    let (own, rest) = bytes.split_at_checked(length).ok_or_else(damaged)?;
    *bytes = rest;
    let small = |number: u64| u32::try_from(number).map_err(|_| damaged());
    let block = Block {
        first: first.cast_signed(),
        last: last.cast_signed(),
        count: small(count)?,
        bytes: own.to_vec(),
        rows_at: small(rows_at)?,
        facts_at: small(facts_at)?,
    };
    Ok((small(stream)? as usize, block))
}

impl Block {
    /// Gives all facts of the block, which are of one segment, to the segment of another number.
    pub fn move_to(&mut self, segment: u32) {
        let mut rest = &self.bytes[self.facts_at as usize..];
        let before = rest.len();
        let count = super::block::skip_head(&mut rest);
        // Times and identities stand before the segments.
        let _ = [(); 2].map(|()| Column::take(&mut rest, count));
        let at = self.facts_at as usize + before - rest.len();
        debug_assert_eq!(self.bytes[at], 0, "a block of a lane is of one segment");
        self.bytes[at + 1..at + 9].copy_from_slice(&u64::from(segment).to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Everything, Fact, Facts, Sheet};
    use super::*;
    use proptest::prelude::*;

    /// As earlier versions of this program sealed it.
    fn sealed_before(blocks: &[(usize, Block)], records: &Records<'_>) -> [Vec<u8>; 2] {
        let mut plain = Vec::new();
        put(&mut plain, blocks.len() as u64);
        for (stream, block) in blocks {
            let numbers = [
                *stream as u64,
                block.first.cast_unsigned(),
                block.last.cast_unsigned(),
                u64::from(block.count),
                u64::from(block.rows_at),
                u64::from(block.facts_at),
                block.bytes.len() as u64,
            ];
            numbers.iter().for_each(|number| put(&mut plain, *number));
            plain.extend_from_slice(&block.bytes);
        }
        let mut texts = Vec::new();
        put(&mut texts, records.len() as u64);
        for (offset, text) in records {
            put(&mut texts, *offset);
            put(&mut texts, text.len() as u64);
        }
        records
            .iter()
            .for_each(|(_, text)| texts.extend_from_slice(text));
        [plain, texts].map(|plain| zstd::bulk::compress(&plain, 3).unwrap())
    }

    fn facts(times: &[i64]) -> Facts {
        let mut facts = Facts::new(1);
        for (number, time) in times.iter().enumerate() {
            let fact = Fact {
                time: *time,
                identity: number as u64 * 77,
                segment: 3,
                offset: number as i64 * 9,
                weight: 1 + number as u32 % 2,
                ..Fact::NONE
            };
            facts.push(fact, &[number as u64 % 3]);
        }
        facts.sort_by_time();
        facts
    }

    fn block(times: &[i64]) -> Block {
        Block::pack(&facts(times), &[])
    }

    /// The blocks of two streams among others without facts, and what they tell.
    fn segment(times: &[i64]) -> (Vec<(usize, Block)>, Told) {
        let mut streams = vec![Facts::new(1); 6];
        streams[4] = facts(times);
        streams[5] = facts(&times[times.len() / 2..]);
        let block = |number: usize| (number, Block::pack(&streams[number], &[]));
        (vec![block(4), block(5)], Told::of(&Sheet::of(&streams)))
    }

    proptest! {
        #[test]
        fn what_was_sealed_comes_back(
            times in prop::collection::vec(any::<i32>(), 1..40),
            records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20),
        ) {
            let times: Vec<i64> = times.iter().map(|t| i64::from(*t)).collect();
            let (blocks, of_blocks) = segment(&times);
            let told: Records<'_> = records
                .iter()
                .enumerate()
                .map(|(at, text)| (at as u64 * 50 + 7, text.as_slice()))
                .collect();
            let parcel = Sealer::new().unwrap().seal((&blocks, &of_blocks), &told).unwrap();
            prop_assert_eq!(parcel.span.0, *times.iter().min().unwrap());
            let before = sealed_before(&blocks, &told);
            for [facts, texts] in [[parcel.facts, parcel.texts], before] {
                prop_assert_eq!(&unseal_blocks(&facts).unwrap(), &blocks);
                let mut wanted: Vec<(u64, u32)> =
                    told.iter().map(|(at, text)| (*at, text.len() as u32)).collect();
                wanted.push((1 << 40, 5));
                let back = unseal_records(&texts, &wanted).unwrap();
                prop_assert_eq!(back.last().unwrap(), &None);
                for (text, back) in records.iter().zip(back) {
                    prop_assert_eq!(Some(text), back.as_ref());
                }
            }
        }

        #[test]
        fn damage_is_told_and_nothing_panics(
            at in any::<prop::sample::Index>(),
            bits in 1u8..=255,
            noise in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let (blocks, told) = segment(&[5, 9, 12]);
            let mut sealer = Sealer::new().unwrap();
            let mut parcel = sealer.seal((&blocks, &told), &vec![(7, b"abc")]).unwrap();
            let place = at.index(parcel.facts.len());
            parcel.facts[place] ^= bits;
            let told = unseal_blocks(&parcel.facts);
            prop_assert!(told.is_err() || told.unwrap() == blocks);
            prop_assert!(unseal_blocks(&noise).is_err());
            prop_assert!(unseal_records(&noise, &[]).is_err());
        }
    }

    #[test]
    fn a_block_moves_to_another_segment() {
        for times in [&[7][..], &[7, 8, 9_000_000_000, 12]] {
            let mut moved = block(times);
            moved.move_to(70_000);
            let mut facts = Facts::new(1);
            Block::unpack(
                &moved.bytes,
                moved.facts_at as usize,
                &mut facts,
                &Everything,
            );
            assert_eq!(facts.len(), times.len());
            for at in 0..facts.len() {
                assert_eq!(facts.row(at).segment, 70_000);
                assert_eq!(facts.row(at).identity % 77, 0);
            }
        }
    }
}
