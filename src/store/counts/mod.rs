//! What the weekly page counts: events by hour, account and terminal, each once.
//!
//! Takes what the inputs of a run tell, hour by hour; keeps it for each input, and adds up what
//! counts, day by day. Never counts a log itself, and never doubles an hour that is told twice.
//! The tables are described in `schema-2.sql`.

mod choose;
mod department;
mod hour;
mod hours;
mod kind;
mod likeness;
mod names;
mod seen;
mod total;

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{OptionalExtension as _, params};

#[cfg(test)]
use super::Store;
use super::{Changing, Failure};

pub use department::DepartmentHours;
pub use hour::{ActKey, Cells, HourCount, NameKey};
pub use hours::Hours;
pub use kind::{Explained, Kind};
pub use likeness::Likeness;
pub use names::{CountedName, NameKind, Seen};
pub use total::is_traffic;

use names::Numbers;

/// A register, the calendar or the rules, as a run saw them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenRegister {
    /// devices, staff, accounts, patients, declarations, networks, calendar or rules.
    pub kind: &'static str,
    /// SHA-256, in hexadecimal.
    pub digest: String,
    /// Rows of a register, calendars, or rules.
    pub rows: u64,
}

const HOURS: i64 = 24;

/// The number of the name '', for what a log does not tell.
pub const NOBODY: u32 = 0;
/// The number of the name '*', for all that have no row of their own.
pub const OTHERS: u32 = 1;

/// What one input tells.
#[derive(Clone, Debug, Default)]
pub struct Counted {
    /// By hours of the site's clock since 1970-01-01T00:00 there.
    pub hours: Hours,
    /// When names were seen.
    pub seen: Vec<Seen>,
}

/// An input with what it tells.
#[derive(Clone, Copy, Debug)]
pub struct CountedInput<'c> {
    /// Source name.
    pub source: &'c str,
    /// Where it lies; `-` for a pipe.
    pub place: &'c str,
    /// What it tells.
    pub counts: &'c Counted,
}

/// What the inputs of a run tell, and the names that its numbers stand for.
#[derive(Clone, Copy, Debug)]
pub struct CountedRun<'c> {
    /// Number of the run.
    pub run: i64,
    /// Names by number; the first two are [`NOBODY`] and [`OTHERS`].
    pub names: &'c [CountedName],
    /// Its inputs.
    pub inputs: &'c [CountedInput<'c>],
}

/// A day of a source.
type Day = (String, i64);

impl Changing<'_> {
    /// Keeps how a run saw the registers and the house; what is as the run before saw it gets no
    /// new row.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn keep_house(
        &self,
        run: i64,
        registers: &[SeenRegister],
        document: &str,
    ) -> Result<(), Failure> {
        for SeenRegister { kind, digest, rows } in registers {
            self.transaction.execute(
                "INSERT INTO registers (kind, run, digest, rows) SELECT ?1, ?2, ?3, ?4
                 WHERE ?3 IS NOT (SELECT digest FROM registers WHERE kind = ?1
                                  ORDER BY run DESC LIMIT 1)",
                params![kind, run, digest, rows.cast_signed()],
            )?;
        }
        self.transaction.execute(
            "INSERT INTO settings (run, document) SELECT ?1, ?2
             WHERE ?2 IS NOT (SELECT document FROM settings ORDER BY run DESC LIMIT 1)",
            params![run, document],
        )?;
        Ok(())
    }

    /// Keeps what the inputs of a run tell. What was known of the same inputs is replaced; the days
    /// they tell of are added up anew.
    ///
    /// # Errors
    /// What SQLite says; cells in the store that were not written by this program.
    pub fn keep_counts(&self, counted: CountedRun<'_>) -> Result<(), Failure> {
        let mut changed = BTreeSet::new();
        let mut numbers = Numbers::new(self, counted.names);
        for input in counted.inputs {
            numbers.see(input.source, &input.counts.seen);
        }
        numbers.keep_seen()?;
        for input in counted.inputs.iter().filter(|i| !i.counts.hours.is_empty()) {
            self.keep_input(counted.run, input, &mut numbers, &mut changed)?;
        }
        for (source, day) in &changed {
            self.add_up(source, *day)?;
        }
        Ok(())
    }

    fn keep_input(
        &self,
        run: i64,
        input: &CountedInput<'_>,
        numbers: &mut Numbers<'_>,
        changed: &mut BTreeSet<Day>,
    ) -> Result<(), Failure> {
        let (records, digest) = identity(input.counts);
        let known = self.known_input(input, records, &digest)?;
        let is_new = known.is_none();
        let number = match known {
            Some((number, source)) => {
                self.transaction.execute(
                    "UPDATE count_inputs SET source = ?2, place = ?3, run = ?4 WHERE number = ?1",
                    params![number, input.source, input.place, run],
                )?;
                if source != input.source {
                    for day in self.days_of(number)?.into_keys() {
                        changed.insert((source.clone(), day));
                        changed.insert((input.source.to_owned(), day));
                    }
                }
                number
            }
            None => self.transaction.query_row(
                "INSERT INTO count_inputs (source, place, records, digest, run)
                 VALUES (?1, ?2, ?3, ?4, ?5) RETURNING number",
                params![
                    input.source,
                    input.place,
                    records.cast_signed(),
                    digest,
                    run
                ],
                |row| row.get(0),
            )?,
        };
        let mut before = self.days_of(number)?;
        for (day, packed) in packed_days(input, numbers)? {
            if before.remove(&day).as_ref() == Some(&packed) {
                continue;
            }
            self.transaction
                .prepare_cached(
                    "INSERT INTO count_cells (input, day, cells) VALUES (?1, ?2, ?3)
                     ON CONFLICT (input, day) DO UPDATE SET cells = excluded.cells",
                )?
                .execute(params![number, day, packed])?;
            changed.insert((input.source.to_owned(), day));
        }
        for day in before.into_keys() {
            self.transaction.execute(
                "DELETE FROM count_cells WHERE input = ?1 AND day = ?2",
                params![number, day],
            )?;
            changed.insert((input.source.to_owned(), day));
        }
        if is_new {
            self.drop_outgrown(number, input)?;
        }
        Ok(())
    }

    /// Forgets earlier inputs at the same place all of whose hours stand in a new one: a log that
    /// grows from night to night is kept once.
    fn drop_outgrown(&self, number: i64, input: &CountedInput<'_>) -> Result<(), Failure> {
        let mut select = self.transaction.prepare_cached(
            "SELECT number FROM count_inputs
             WHERE source = ?1 AND place = ?2 AND number <> ?3 AND place <> '-'",
        )?;
        let earlier = select.query_map(params![input.source, input.place, number], |row| {
            row.get::<_, i64>(0)
        })?;
        let earlier: Vec<i64> = earlier.collect::<Result<_, _>>()?;
        if earlier.is_empty() {
            return Ok(());
        }
        let hours = input.counts.hours.iter();
        let hours: BTreeMap<i64, Likeness> = hours.map(|(h, c)| (h, c.likeness.clone())).collect();
        for other in earlier {
            let days = self.days_of(other)?;
            let is_outgrown = days.values().all(|packed| {
                hour::unpack(packed).is_some_and(|told| {
                    told.iter().all(|(hour, count)| {
                        hours
                            .get(hour)
                            .is_some_and(|new| count.likeness.is_within(new))
                    })
                })
            });
            if is_outgrown {
                for sql in [
                    "DELETE FROM count_cells WHERE input = ?1",
                    "DELETE FROM count_inputs WHERE number = ?1",
                ] {
                    self.transaction.execute(sql, [other])?;
                }
            }
        }
        Ok(())
    }

    /// The number and source of an input that was counted before: the same records in the same
    /// source or at the same place.
    fn known_input(
        &self,
        input: &CountedInput<'_>,
        records: u64,
        digest: &str,
    ) -> Result<Option<(i64, String)>, Failure> {
        let mut select = self.transaction.prepare_cached(
            "SELECT number, source FROM count_inputs
             WHERE digest = ?1 AND records = ?2 AND (source = ?3 OR place = ?4)
             ORDER BY source = ?3 DESC, number LIMIT 1",
        )?;
        let known = select.query_row(
            params![digest, records.cast_signed(), input.source, input.place],
            |row| Ok((row.get(0)?, row.get(1)?)),
        );
        Ok(known.optional()?)
    }

    /// The days of an input and their cells, packed.
    fn days_of(&self, input: i64) -> Result<BTreeMap<i64, Vec<u8>>, Failure> {
        let mut select = self
            .transaction
            .prepare_cached("SELECT day, cells FROM count_cells WHERE input = ?1")?;
        let rows = select.query_map([input], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// What tells an input from others: how many records it holds, and a digest of them.
fn identity(counts: &Counted) -> (u64, String) {
    let mut whole = Likeness::default();
    for (_, hour) in counts.hours.iter() {
        whole.merge(&hour.likeness);
    }
    (whole.count, format!("{:016x}", whole.digest))
}

/// The days of an input with their hours packed, names by their numbers in the store.
fn packed_days(
    input: &CountedInput<'_>,
    numbers: &mut Numbers<'_>,
) -> Result<Vec<(i64, Vec<u8>)>, Failure> {
    let mut used = numbers.unused();
    for (_, hour) in input.counts.hours.iter() {
        for (key, _) in hour.users.iter().chain(hour.terminals.iter()) {
            used[key.name as usize] = true;
            used[key.department as usize] = true;
        }
    }
    let table = numbers.of(input.source, &used)?;
    let mut days = Vec::new();
    let mut today: Vec<(i64, HourCount)> = Vec::new();
    for (hour, count) in input.counts.hours.iter() {
        if let Some(day) = day_of(&today)
            && day != hour.div_euclid(HOURS)
        {
            days.push((day, hour::pack(&today)?));
            today.clear();
        }
        today.push((hour, count.renamed(&table)));
    }
    if let Some(day) = day_of(&today) {
        days.push((day, hour::pack(&today)?));
    }
    Ok(days)
}

/// The day of some hours that have one in common.
fn day_of(hours: &[(i64, HourCount)]) -> Option<i64> {
    let (first, _) = hours.first()?;
    Some(first.div_euclid(HOURS))
}
