//! Names by number: which have rows of their own, and when they were seen.
//!
//! Takes the names of a run; gives their numbers in the store. Names that no register knows are
//! kept up to a bound, whatever a log makes up; what was only typed at failed logins is not kept.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{OptionalExtension as _, params};

use super::seen::{self, Sighting};
use super::{Changing, Failure, NOBODY, OTHERS};

/// Names of a kind and source that no register knows and `seen` has rows for.
const SEEN: u64 = 50_000;
/// Accounts, and terminals, of a source that no register knows and that have cells of their own.
const COUNTED: u64 = 5_000;
/// Departments of a source that no register knows.
const DEPARTMENTS: u64 = 1_000;

/// What a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameKind {
    /// An account, folded.
    Account,
    /// An address or a name of a terminal, as the log tells it.
    Terminal,
    /// A hardware address.
    Mac,
    /// A device: its name in the register, else what the log tells of it.
    Device,
    /// A department.
    Department,
}

impl NameKind {
    /// The word in the column `kind` of `seen`.
    pub const fn word(self) -> &'static str {
        match self {
            NameKind::Account => "account",
            NameKind::Terminal => "terminal",
            NameKind::Mac => "mac",
            NameKind::Device => "device",
            NameKind::Department => "department",
        }
    }

    /// How many of a source that no register knows have cells of their own.
    const fn bound(self) -> u64 {
        match self {
            NameKind::Department => DEPARTMENTS,
            _ => COUNTED,
        }
    }
}

/// A name that numbers stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedName {
    /// What it is.
    pub kind: NameKind,
    /// The name.
    pub text: Box<str>,
    /// True when a register knows it.
    pub known: bool,
}

/// When a name was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its number.
    pub name: u32,
    /// First and last event time, nanoseconds since 1970.
    pub span: (i64, i64),
    /// True when it was seen elsewhere than in failed logins, where people type passwords.
    pub vouched: bool,
}

/// The numbers that the names of a run have in the store.
pub(super) struct Numbers<'c> {
    changing: &'c Changing<'c>,
    names: &'c [CountedName],
    /// By source: when names were seen.
    seen: BTreeMap<String, Vec<Sighting<'c>>>,
    /// How many rows of a source and kind are of names that no register knows: those seen, and
    /// those counted.
    unknown: HashMap<(String, NameKind), (u64, u64)>,
    /// By source, of the names that were seen: whether there is a row, and whether it has cells of
    /// its own.
    rows: BTreeMap<String, Rows<'c>>,
    /// By source: the numbers by name; 0 for those that were not asked for.
    known: BTreeMap<String, Vec<u32>>,
    /// The number of the name of all others.
    others: Option<u32>,
}

/// For names in the order of kinds and texts whether the row has cells of its own; `None` without a
/// row. Few of them are asked for.
#[derive(Default)]
struct Rows<'c>(Vec<((NameKind, &'c str), Option<bool>)>);

impl<'c> Rows<'c> {
    fn of(&mut self, name: &CountedName) -> Option<&mut Option<bool>> {
        let name = (name.kind, &*name.text);
        let at = self.0.binary_search_by(|(known, _)| known.cmp(&name));
        at.ok().map(|at| &mut self.0[at].1)
    }
}

impl<'c> Numbers<'c> {
    pub(super) fn new(changing: &'c Changing<'_>, names: &'c [CountedName]) -> Self {
        Numbers {
            changing,
            names,
            seen: BTreeMap::new(),
            unknown: HashMap::new(),
            rows: BTreeMap::new(),
            known: BTreeMap::new(),
            others: None,
        }
    }

    /// Takes note of when names of a source were seen.
    pub(super) fn see(&mut self, source: &str, seen: &[Seen]) {
        if !self.seen.contains_key(source) {
            self.seen.insert(source.to_owned(), Vec::new());
        }
        let sightings = seen.iter().map(|seen| {
            let name = &self.names[seen.name as usize];
            Sighting {
                name,
                span: seen.span,
                known: name.known,
                vouched: seen.vouched,
            }
        });
        if let Some(all) = self.seen.get_mut(source) {
            all.extend(sightings);
        }
    }

    /// Writes when names were seen, after all of them were.
    pub(super) fn keep_seen(&mut self) -> Result<(), Failure> {
        for (source, mut sightings) in std::mem::take(&mut self.seen) {
            seen::settle(&mut sightings);
            let mut told = Rows::default();
            told.0.reserve(sightings.len());
            for of_kind in sightings.chunk_by(|a, b| a.name.kind == b.name.kind) {
                self.keep_kind(&source, of_kind, &mut told)?;
            }
            self.rows.insert(source, told);
        }
        Ok(())
    }

    /// Writes when the names of one kind were seen.
    fn keep_kind(
        &mut self,
        source: &str,
        sightings: &[Sighting<'c>],
        told: &mut Rows<'c>,
    ) -> Result<(), Failure> {
        let rows = seen::rows_of(self.changing, source, sightings)?;
        let Some(kind) = sightings.first().map(|sighting| sighting.name.kind) else {
            return Ok(());
        };
        let mut room = None;
        let mut others: Option<(i64, i64)> = None;
        let (mut new, mut unknown) = (Vec::new(), 0);
        for (sighting, row) in sightings.iter().zip(rows) {
            if room.is_none() && row.is_none() && sighting.vouched {
                room = Some(self.room(source, kind)?);
            }
            let has_room = sighting.vouched && room.is_some_and(|room| unknown < room);
            let has_cells = if let Some(found) = row {
                self.changing.see_again(source, sighting, found.row)?;
                Some(found.has_cells || sighting.known)
            } else if sighting.known || has_room {
                unknown += u64::from(!sighting.known);
                new.push(sighting);
                Some(sighting.known)
            } else {
                let span = others.unwrap_or(sighting.span);
                others = Some(seen::joined(span, sighting.span));
                None
            };
            told.0.push(((kind, &*sighting.name.text), has_cells));
        }
        self.changing.see_first(source, new)?;
        if unknown > 0 {
            *self.count_unknown(source, kind)?.0 += unknown;
        }
        match others {
            Some(span) => self.changing.see_others(source, kind, span),
            None => Ok(()),
        }
    }

    /// How many more names of a kind that no register knows may get rows.
    fn room(&mut self, source: &str, kind: NameKind) -> Result<u64, Failure> {
        let bound = match kind {
            NameKind::Department => DEPARTMENTS,
            _ => SEEN,
        };
        let (rows, _) = self.count_unknown(source, kind)?;
        Ok(bound.saturating_sub(*rows))
    }

    /// Whether a name that has a row has cells of its own; it has when a register knew it once.
    fn row(&mut self, source: &str, name: &CountedName) -> Result<Option<bool>, Failure> {
        let told = self.rows.get_mut(source);
        if let Some(row) = told.and_then(|told| told.of(name)) {
            return Ok(*row);
        }
        let mut select = self.changing.transaction.prepare_cached(
            "SELECT max(counted, known) FROM seen WHERE kind = ?1 AND source = ?2 AND value = ?3",
        )?;
        let row = select.query_row(params![name.kind.word(), source, name.text], |row| {
            row.get(0)
        });
        Ok(row.optional()?)
    }

    fn count_unknown(
        &mut self,
        source: &str,
        kind: NameKind,
    ) -> Result<(&mut u64, &mut u64), Failure> {
        let place = (source.to_owned(), kind);
        if !self.unknown.contains_key(&place) {
            let count = self.changing.transaction.query_row(
                "SELECT count(*), coalesce(sum(counted), 0) FROM seen
                 WHERE kind = ?1 AND source = ?2 AND known = 0",
                params![kind.word(), source],
                |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)),
            )?;
            let count = (count.0.cast_unsigned(), count.1.cast_unsigned());
            self.unknown.insert(place.clone(), count);
        }
        let (seen, counted) = self.unknown.entry(place).or_default();
        Ok((seen, counted))
    }

    /// A mark for each name, not set.
    pub(super) fn unused(&self) -> Vec<bool> {
        vec![false; self.names.len()]
    }

    /// The numbers in the store of all names that are marked as used in cells of a source; 0 for
    /// others.
    pub(super) fn of(&mut self, source: &str, used: &[bool]) -> Result<Vec<u32>, Failure> {
        let mut known = self.known.remove(source).unwrap_or_default();
        known.resize(self.names.len(), 0);
        let mut table = vec![0; self.names.len()];
        for (name, _) in used.iter().enumerate().filter(|(_, used)| **used) {
            if known[name] == 0 {
                known[name] = self.number(source, name as u32)?;
            }
            table[name] = known[name];
        }
        self.known.insert(source.to_owned(), known);
        Ok(table)
    }

    fn number(&mut self, source: &str, name: u32) -> Result<u32, Failure> {
        match name {
            NOBODY => self.changing.name_number(""),
            OTHERS => self.number_of_others(),
            _ if self.has_cells(source, name)? => {
                self.changing.name_number(&self.names[name as usize].text)
            }
            _ => self.number_of_others(),
        }
    }

    /// The number of the name that stands for all others.
    fn number_of_others(&mut self) -> Result<u32, Failure> {
        match self.others {
            Some(number) => Ok(number),
            None => Ok(*self.others.insert(self.changing.name_number("*")?)),
        }
    }

    /// True when a name has cells of its own, or gets them now.
    fn has_cells(&mut self, source: &str, name: u32) -> Result<bool, Failure> {
        let name = &self.names[name as usize];
        if name.known {
            return Ok(true);
        }
        match self.row(source, name)? {
            None => Ok(false),
            Some(true) => Ok(true),
            Some(false) => {
                let (_, counted) = self.count_unknown(source, name.kind)?;
                if *counted >= name.kind.bound() {
                    return Ok(false);
                }
                *counted += 1;
                if let Some(row) = self.rows.get_mut(source).and_then(|told| told.of(name)) {
                    *row = Some(true);
                }
                self.changing
                    .transaction
                    .prepare_cached(
                        "UPDATE seen SET counted = 1 WHERE kind = ?1 AND source = ?2 AND value = ?3",
                    )?
                    .execute(params![name.kind.word(), source, name.text])?;
                Ok(true)
            }
        }
    }
}

impl Changing<'_> {
    /// The number of a text in the store; it gets one if it has none.
    pub(super) fn name_number(&self, text: &str) -> Result<u32, Failure> {
        let mut select = self
            .transaction
            .prepare_cached("SELECT number FROM count_names WHERE text = ?1")?;
        if let Some(number) = select.query_row([text], |row| row.get(0)).optional()? {
            return Ok(number);
        }
        let mut insert = self
            .transaction
            .prepare_cached("INSERT INTO count_names (text) VALUES (?1) RETURNING number")?;
        Ok(insert.query_row([text], |row| row.get(0))?)
    }
}
