//! Parcels: what is kept of one segment beyond the run.
//!
//! Takes the packed facts of a segment and the texts of the records they stand for; gives two
//! sealed strings of bytes, and both back from them. A seal (the checksum of the compressor) tells
//! damage, so that nothing is unpacked that was not packed here. Never knows rules.

use std::io;
use std::ops::Range;

use zstd::bulk::{Compressor, Decompressor};

use super::block::Block;
use super::column::Column;
use super::store::Bytes;

/// How hard the compressor tries: it finds the identities of a record again in another stream, and
/// is hardly slower than at the least.
const EFFORT: i32 = 3;
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
    compressor: Compressor<'static>,
    plain: Vec<u8>,
}

/// The records of a parcel: for each its offset in the input, and its bytes.
pub type Records<'b> = Vec<(u64, &'b [u8])>;

impl Sealer {
    /// # Errors
    /// When the compressor finds no memory.
    pub fn new() -> io::Result<Sealer> {
        let mut compressor = Compressor::new(EFFORT)?;
        compressor.include_checksum(true)?;
        Ok(Sealer {
            compressor,
            plain: Vec::new(),
        })
    }

    /// Seals the blocks of a segment, each with the number of its stream, and the records that
    /// their facts stand for, in the order of offsets. There is at least one block.
    ///
    /// # Errors
    /// When the compressor fails.
    pub fn seal(&mut self, blocks: &[(usize, Block)], records: &Records<'_>) -> io::Result<Parcel> {
        let first = blocks.iter().map(|(_, block)| block.first).min();
        let last = blocks.iter().map(|(_, block)| block.last).max();
        self.plain.clear();
        put(&mut self.plain, blocks.len() as u64);
        for (stream, block) in blocks {
            put_block(&mut self.plain, *stream, block);
        }
        let facts = self.compressor.compress(&self.plain)?;
        self.plain.clear();
        put(&mut self.plain, records.len() as u64);
        for (offset, text) in records {
            put(&mut self.plain, *offset);
            put(&mut self.plain, text.len() as u64);
        }
        for (_, text) in records {
            self.plain.extend_from_slice(text);
        }
        let offset = |record: Option<&(u64, &[u8])>| record.map_or(0, |(offset, _)| *offset);
        Ok(Parcel {
            span: (first.unwrap_or(0), last.unwrap_or(0)),
            facts,
            reach: (offset(records.first()), offset(records.last())),
            texts: self.compressor.compress(&self.plain)?,
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
    let count = take(&mut rest)?;
    (0..count).map(|_| take_block(&mut rest)).collect()
}

/// The wanted ranges (offset and length) among sealed records; `None` for one that is not there.
///
/// # Errors
/// When the bytes are not as they were sealed.
pub fn unseal_records(sealed: &[u8], wanted: &[(u64, u32)]) -> io::Result<Vec<Option<Vec<u8>>>> {
    let plain = unseal(sealed)?;
    let mut rest = plain.as_slice();
    let count = take(&mut rest)?;
    let mut places = Vec::new();
    let mut at = 0usize;
    for _ in 0..count {
        let (offset, length) = (take(&mut rest)?, take(&mut rest)?);
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

fn put_block(bytes: &mut Vec<u8>, stream: usize, block: &Block) {
    let numbers = [
        stream as u64,
        block.first.cast_unsigned(),
        block.last.cast_unsigned(),
        u64::from(block.count),
        u64::from(block.rows_at),
        u64::from(block.facts_at),
        block.bytes.len() as u64,
    ];
    numbers.iter().for_each(|number| put(bytes, *number));
    bytes.extend_from_slice(&block.bytes);
}

fn take_block(bytes: &mut &[u8]) -> io::Result<(usize, Block)> {
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
    use super::super::{Everything, Fact, Facts};
    use super::*;
    use proptest::prelude::*;

    fn block(times: &[i64]) -> Block {
        let mut facts = Facts::new(1);
        for (number, time) in times.iter().enumerate() {
            let fact = Fact {
                time: *time,
                identity: number as u64 * 77,
                segment: 3,
                offset: number as i64 * 9,
                weight: 1,
                ..Fact::NONE
            };
            facts.push(fact, &[number as u64 % 3]);
        }
        facts.sort_by_time();
        Block::pack(&facts, &[])
    }

    proptest! {
        #[test]
        fn what_was_sealed_comes_back(
            times in prop::collection::vec(any::<i32>(), 1..40),
            records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20),
        ) {
            let times: Vec<i64> = times.iter().map(|t| i64::from(*t)).collect();
            let blocks = vec![(4, block(&times)), (9, block(&times[..1]))];
            let told: Records<'_> = records
                .iter()
                .enumerate()
                .map(|(at, text)| (at as u64 * 50 + 7, text.as_slice()))
                .collect();
            let parcel = Sealer::new().unwrap().seal(&blocks, &told).unwrap();
            prop_assert_eq!(parcel.span.0, *times.iter().min().unwrap());
            prop_assert_eq!(unseal_blocks(&parcel.facts).unwrap(), blocks);
            let mut wanted: Vec<(u64, u32)> =
                told.iter().map(|(at, text)| (*at, text.len() as u32)).collect();
            wanted.push((1 << 40, 5));
            let back = unseal_records(&parcel.texts, &wanted).unwrap();
            prop_assert_eq!(back.last().unwrap(), &None);
            for (text, back) in records.iter().zip(back) {
                prop_assert_eq!(Some(text), back.as_ref());
            }
        }

        #[test]
        fn damage_is_told_and_nothing_panics(
            at in any::<prop::sample::Index>(),
            bits in 1u8..=255,
            noise in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let blocks = vec![(4, block(&[5, 9, 12]))];
            let mut parcel = Sealer::new().unwrap().seal(&blocks, &vec![(7, b"abc")]).unwrap();
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
