//! What one input tells of one hour, as counts.
//!
//! Takes cells (a key and how many events it stands for); adds them up, and packs the hours of a
//! day into bytes and back. Never knows which input it is.

use std::collections::BTreeMap;

use super::kind::Kind;
use super::likeness::Likeness;
use crate::event::Action;

/// Cells that come unordered are put in order when they are so many more than the ordered ones.
const UNSETTLED: usize = 512;
/// Zstandard's usual level: more costs much and brings little here.
const LEVEL: i32 = 3;
/// The largest day that is believed, unpacked, bytes.
const LARGEST: usize = 1 << 30;

/// What happened, and of what kind it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActKey {
    /// `None` where the log does not tell.
    pub action: Option<Action>,
    /// Outcome, hours, explanation.
    pub kind: Kind,
}

/// Whose account or terminal, of which department, and of what kind. Names are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NameKey {
    /// Account or terminal.
    pub name: u32,
    /// Its department.
    pub department: u32,
    /// Outcome (of accounts only) and hours.
    pub kind: Kind,
}

/// Counts by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells<K> {
    cells: Vec<(K, u64)>,
    /// So many of them are in order and have different keys.
    settled: usize,
}

impl<K> Default for Cells<K> {
    fn default() -> Self {
        Cells {
            cells: Vec::new(),
            settled: 0,
        }
    }
}

impl<K: Ord + Copy> Cells<K> {
    /// These cells, of different keys, in any order.
    pub fn of(cells: Vec<(K, u64)>) -> Cells<K> {
        Cells { cells, settled: 0 }
    }

    /// Adds events under a key.
    pub fn add(&mut self, key: K, events: u64) {
        self.cells.push((key, events));
        if self.cells.len() > 2 * self.settled + UNSETTLED {
            self.settle();
        }
    }

    fn merge(&mut self, other: Cells<K>) {
        if self.cells.is_empty() {
            *self = other;
            return;
        }
        self.cells.extend(other.cells);
        if self.cells.len() > 2 * self.settled + UNSETTLED {
            self.settle();
        }
    }

    /// Brings all cells in order, one for each key.
    pub fn settle(&mut self) {
        self.cells.sort_unstable_by_key(|cell| cell.0);
        self.cells.dedup_by(|next, before| {
            let same = next.0 == before.0;
            before.1 += u64::from(same) * next.1;
            same
        });
        self.settled = self.cells.len();
    }

    /// The cells; in order once they are settled.
    pub fn iter(&self) -> impl Iterator<Item = (K, u64)> + '_ {
        self.cells.iter().copied()
    }

    /// The same under other keys, settled.
    fn renamed(&self, mut rename: impl FnMut(K) -> K) -> Cells<K> {
        let mut renamed = Cells {
            cells: self.cells.iter().map(|(k, n)| (rename(*k), *n)).collect(),
            settled: 0,
        };
        renamed.settle();
        renamed
    }

    /// Events of all keys for which this is true.
    pub fn sum(&self, of: impl Fn(K) -> bool) -> u64 {
        let chosen = self.cells.iter().filter(|(key, _)| of(*key));
        chosen.map(|(_, events)| events).sum()
    }
}

/// What one input tells of one hour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HourCount {
    /// Accepted records whose first event falls into the hour, as a multiset.
    pub likeness: Likeness,
    /// Rejects after a record of this hour.
    pub rejects: u64,
    /// Events that name a patient; without traffic.
    pub with_patient: u64,
    /// Events by what happened.
    pub acts: Cells<ActKey>,
    /// Events by account; without traffic.
    pub users: Cells<NameKey>,
    /// Events by terminal; without traffic.
    pub terminals: Cells<NameKey>,
}

impl HourCount {
    /// Brings all cells in order.
    pub fn settle(&mut self) {
        self.acts.settle();
        self.users.settle();
        self.terminals.settle();
    }

    /// Adds what was counted of the same hour elsewhere. The order of adding does not matter once
    /// all is settled.
    pub fn merge(&mut self, other: HourCount) {
        self.likeness.merge(&other.likeness);
        self.rejects += other.rejects;
        self.with_patient += other.with_patient;
        self.acts.merge(other.acts);
        self.users.merge(other.users);
        self.terminals.merge(other.terminals);
    }

    /// How many cells there are.
    pub fn cells(&self) -> usize {
        self.acts.cells.len() + self.users.cells.len() + self.terminals.cells.len()
    }

    /// Events.
    pub fn events(&self) -> u64 {
        self.acts.sum(|_| true)
    }

    /// The same with names of other numbers, settled.
    pub(super) fn renamed(&self, names: &[u32]) -> HourCount {
        let rename = |key: NameKey| NameKey {
            name: names[key.name as usize],
            department: names[key.department as usize],
            ..key
        };
        let mut acts = self.acts.clone();
        acts.settle();
        HourCount {
            likeness: self.likeness.clone(),
            rejects: self.rejects,
            with_patient: self.with_patient,
            acts,
            users: self.users.renamed(rename),
            terminals: self.terminals.renamed(rename),
        }
    }
}

/// Packs the hours of a day.
pub(super) fn pack(hours: &[(i64, HourCount)]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    put(&mut out, hours.len() as u64);
    for (hour, count) in hours {
        put(&mut out, hour.cast_unsigned());
        put_likeness(&mut out, &count.likeness);
        put(&mut out, count.rejects);
        put(&mut out, count.with_patient);
        put(&mut out, count.acts.cells.len() as u64);
        for (key, events) in count.acts.iter() {
            // By name: the table of actions may grow in any place.
            let action = key.action.map_or("", Action::name);
            put(&mut out, action.len() as u64);
            out.extend_from_slice(action.as_bytes());
            put(&mut out, u64::from(key.kind.number()));
            put(&mut out, events);
        }
        for cells in [&count.users, &count.terminals] {
            put(&mut out, cells.cells.len() as u64);
            for (key, events) in cells.iter() {
                put(&mut out, u64::from(key.name));
                put(&mut out, u64::from(key.department));
                put(&mut out, u64::from(key.kind.number()));
                put(&mut out, events);
            }
        }
    }
    zstd::bulk::compress(&out, LEVEL)
}

fn put_likeness(out: &mut Vec<u8>, likeness: &Likeness) {
    put(out, likeness.count);
    put(out, likeness.digest);
    let (first, last) = likeness.span.unwrap_or((i64::MAX, i64::MIN));
    put(out, first.cast_unsigned());
    put(out, last.cast_unsigned());
    put(out, likeness.sample.len() as u64);
    for hash in &likeness.sample {
        put(out, *hash);
    }
}

/// Writes a number, seven bits a byte, the lowest first.
fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Unpacks the hours of a day; `None` when the bytes are not what was packed.
pub(super) fn unpack(packed: &[u8]) -> Option<BTreeMap<i64, HourCount>> {
    let size = zstd::bulk::Decompressor::upper_bound(packed)?;
    let bytes = zstd::bulk::decompress(packed, size.min(LARGEST)).ok()?;
    let mut reader = Reader(&bytes);
    let mut hours = BTreeMap::new();
    for _ in 0..reader.number()? {
        let hour = reader.number()?.cast_signed();
        hours.insert(hour, reader.hour()?);
    }
    reader.0.is_empty().then_some(hours)
}

/// What is left to unpack.
struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn number(&mut self) -> Option<u64> {
        let mut number = 0u64;
        for shift in (0..70).step_by(7) {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 0x7f).checked_shl(shift)?;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn hour(&mut self) -> Option<HourCount> {
        Some(HourCount {
            likeness: self.likeness()?,
            rejects: self.number()?,
            with_patient: self.number()?,
            acts: self.cells(Reader::act)?,
            users: self.cells(Reader::name)?,
            terminals: self.cells(Reader::name)?,
        })
    }

    fn likeness(&mut self) -> Option<Likeness> {
        let (count, digest) = (self.number()?, self.number()?);
        let span = (self.number()?.cast_signed(), self.number()?.cast_signed());
        let mut sample = Vec::new();
        for _ in 0..self.number()? {
            sample.push(self.number()?);
        }
        Some(Likeness {
            count,
            digest,
            span: (span.0 <= span.1).then_some(span),
            sample,
        })
    }

    fn cells<K: Ord + Copy>(&mut self, key: fn(&mut Self) -> Option<K>) -> Option<Cells<K>> {
        let mut cells = Cells::default();
        for _ in 0..self.number()? {
            let key = key(self)?;
            cells.cells.push((key, self.number()?));
        }
        cells.settle();
        Some(cells)
    }

    fn act(&mut self) -> Option<ActKey> {
        let length = usize::try_from(self.number()?).ok()?;
        let (name, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        let action = match std::str::from_utf8(name).ok()? {
            "" => None,
            name => Some(Action::from_name(name)?),
        };
        Some(ActKey {
            action,
            kind: self.kind()?,
        })
    }

    fn name(&mut self) -> Option<NameKey> {
        Some(NameKey {
            name: u32::try_from(self.number()?).ok()?,
            department: u32::try_from(self.number()?).ok()?,
            kind: self.kind()?,
        })
    }

    fn kind(&mut self) -> Option<Kind> {
        Kind::from_number(u8::try_from(self.number()?).ok()?)
    }
}
