//! A column: numbers of one kind, one a row, each in as few bytes as the widest of them needs.
//!
//! Takes numbers; gives bytes and the same numbers back. Written and read many at a time, without
//! a decision for each number.

/// Writes a column. Its length is not written.
pub(super) fn put(bytes: &mut Vec<u8>, numbers: impl Iterator<Item = u64>) {
    // Put together once, so that what follows is two walks over plain words.
    let numbers: Vec<u64> = numbers.collect();
    let (least, most) = numbers.iter().fold((u64::MAX, 0), |(least, most), n| {
        (least.min(*n), most.max(*n))
    });
    let least = least.min(most);
    let width = width_of(most - least);
    bytes.push(width);
    bytes.extend_from_slice(&least.to_le_bytes());
    let at = bytes.len();
    bytes.resize(at + numbers.len() * usize::from(width), 0);
    let room = &mut bytes[at..];
    let above = numbers.iter().map(|n| n - least);
    match width {
        0 => {}
        1 => room.iter_mut().zip(above).for_each(|(to, n)| *to = n as u8),
        2 => fill(room, above.map(|n| (n as u16).to_le_bytes())),
        4 => fill(room, above.map(|n| (n as u32).to_le_bytes())),
        _ => fill(room, above.map(u64::to_le_bytes)),
    }
}

/// Writes a column of numbers none of which is above `most`, in one walk.
pub(super) fn put_upto(bytes: &mut Vec<u8>, numbers: impl Iterator<Item = u32>, most: u32) {
    let width = width_of(u64::from(most));
    bytes.push(width);
    bytes.extend_from_slice(&0_u64.to_le_bytes());
    match width {
        0 => {}
        1 => bytes.extend(numbers.map(|n| n as u8)),
        2 => put_each(bytes, numbers.map(|n| (n as u16).to_le_bytes())),
        _ => put_each(bytes, numbers.map(u32::to_le_bytes)),
    }
}

fn put_each<const N: usize>(bytes: &mut Vec<u8>, numbers: impl Iterator<Item = [u8; N]>) {
    let (least, most) = numbers.size_hint();
    let at = bytes.len();
    bytes.resize(at + most.unwrap_or(least) * N, 0);
    fill(&mut bytes[at..], numbers);
}

fn fill<const N: usize>(room: &mut [u8], numbers: impl Iterator<Item = [u8; N]>) {
    let (places, _) = room.as_chunks_mut();
    places.iter_mut().zip(numbers).for_each(|(to, n)| *to = n);
}

/// The bytes a number up to `most` takes.
fn width_of(most: u64) -> u8 {
    match most {
        0 => 0,
        1..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xffff_ffff => 4,
        _ => 8,
    }
}

/// A column of so many rows, read in place.
#[derive(Clone, Copy)]
pub(super) struct Column<'b> {
    rows: usize,
    least: u64,
    width: usize,
    bytes: &'b [u8],
}

impl<'b> Column<'b> {
    /// Takes the column at the front of `bytes`, which this module wrote, and leaves what follows.
    pub(super) fn take(bytes: &mut &'b [u8], rows: usize) -> Column<'b> {
        let width = usize::from(bytes[0]);
        let least = word(&bytes[1..9]);
        let (column, rest) = bytes[9..].split_at(rows * width);
        *bytes = rest;
        Column {
            rows,
            least,
            width,
            bytes: column,
        }
    }

    /// All numbers: where most are read, this costs a fraction of asking for each.
    pub(super) fn all(&self) -> Vec<u64> {
        let least = self.least;
        match self.width {
            0 => vec![least; self.rows],
            1 => self.bytes.iter().map(|n| least + u64::from(*n)).collect(),
            2 => chunks(self.bytes, |n| least + u64::from(u16::from_le_bytes(n))),
            4 => chunks(self.bytes, |n| least + u64::from(u32::from_le_bytes(n))),
            _ => chunks(self.bytes, |n| least + u64::from_le_bytes(n)),
        }
    }

    /// The number of a row.
    #[inline]
    pub(super) fn get(&self, row: usize) -> u64 {
        let at = row * self.width;
        let above = match self.width {
            0 => 0,
            1 => u64::from(self.bytes[at]),
            2 => u64::from(u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]])),
            4 => word(&self.bytes[at..at + 4]),
            _ => word(&self.bytes[at..at + 8]),
        };
        self.least + above
    }
}

fn chunks<const N: usize>(bytes: &[u8], number: impl Fn([u8; N]) -> u64) -> Vec<u64> {
    let (chunks, _) = bytes.as_chunks();
    chunks.iter().map(|n| number(*n)).collect()
}

/// A number of up to eight bytes.
#[inline]
fn word(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    word[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(word)
}

/// A signed difference as a small number.
#[inline]
pub(super) fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63).cast_unsigned()
}

/// The difference back.
#[inline]
pub(super) fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -((value & 1).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_column_comes_back(
            numbers in prop_oneof![
                prop::collection::vec(any::<u64>(), 0..20),
                prop::collection::vec(7u64..9, 0..20),
                prop::collection::vec(1u64 << 40..(1 << 40) + 70_000, 0..20),
                prop::collection::vec(0u64..300, 0..20),
            ],
            signed in any::<i64>(),
        ) {
            let mut bytes = Vec::new();
            put(&mut bytes, numbers.iter().copied());
            bytes.push(42);
            let mut rest = bytes.as_slice();
            let column = Column::take(&mut rest, numbers.len());
            let back: Vec<u64> = (0..numbers.len()).map(|row| column.get(row)).collect();
            prop_assert_eq!(&back, &numbers);
            prop_assert_eq!(column.all(), numbers);
            prop_assert_eq!(rest, &[42]);
            prop_assert_eq!(unzigzag(zigzag(signed)), signed);
        }

        #[test]
        fn a_column_up_to_a_number_comes_back(
            numbers in prop::collection::vec(0u32..70_000, 0..20),
            shift in 0u32..17,
            above in 0u32..3,
        ) {
            let numbers: Vec<u32> = numbers.into_iter().map(|n| n >> shift).collect();
            let most = numbers.iter().max().map_or(0, |most| most + above);
            let mut bytes = Vec::new();
            put_upto(&mut bytes, numbers.iter().copied(), most);
            bytes.push(42);
            let mut rest = bytes.as_slice();
            let back = Column::take(&mut rest, numbers.len()).all();
            prop_assert_eq!(back, numbers.into_iter().map(u64::from).collect::<Vec<_>>());
            prop_assert_eq!(rest, &[42]);
        }
    }
}
