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

use rusqlite::params;

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

/// Hours of a day of the site's clock.
pub const DAY: i64 = 24;

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
    /// All its records, where the hours are only those of the days that changed since it was told
    /// last; `None` where all hours are told.
    pub whole: Option<Whole>,
}

impl Counted {
    /// Gives names other numbers, by their numbers.
    pub fn rename(&mut self, numbers: &[u32]) {
        self.hours.rename(numbers);
        for seen in &mut self.seen {
            seen.name = numbers[seen.name as usize];
        }
    }
}

/// What tells an input from others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Whole {
    /// Records.
    records: u64,
    /// Sum over their mixed hashes.
    digest: u64,
}

impl Whole {
    /// Adds records.
    pub fn add(&mut self, more: &Likeness) {
        self.records += more.count;
        self.digest = self.digest.wrapping_add(more.digest);
    }

    /// Takes records away that were added.
    pub fn remove(&mut self, some: &Likeness) {
        self.records -= some.count;
        self.digest = self.digest.wrapping_sub(some.digest);
    }

    /// Of these hours.
    fn of(hours: &Hours) -> Whole {
        let mut whole = Whole::default();
        hours.iter().for_each(|(_, hour)| whole.add(&hour.likeness));
        whole
    }

    fn digest(self) -> String {
        format!("{:016x}", self.digest)
    }
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
    /// Its number among the inputs that are remembered, if it has one.
    pub input: Option<i64>,
    /// The number under which it was told before, where these counts go on from there.
    pub before: Option<i64>,
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
    /// they tell of are added up anew. Gives the number of each input that told any hour.
    ///
    /// # Errors
    /// What SQLite says; cells in the store that were not written by this program.
    pub fn keep_counts(&self, counted: CountedRun<'_>) -> Result<Vec<Option<i64>>, Failure> {
        let mut changed = BTreeSet::new();
        let mut numbers = Numbers::new(self, counted.names);
        for input in counted.inputs {
            numbers.see(input.source, &input.counts.seen);
        }
        numbers.keep_seen()?;
        let mut own: Vec<i64> = counted.inputs.iter().filter_map(|i| i.before).collect();
        let mut told = Vec::new();
        for input in counted.inputs {
            if input.counts.hours.is_empty() {
                told.push(input.before);
                continue;
            }
            let (number, is_new) = self.number_input(counted.run, input, &own, &mut changed)?;
            own.push(number);
            self.keep_days(number, input, &mut numbers, &mut changed)?;
            if is_new {
                self.drop_outgrown(number, input, &own)?;
            }
            told.push(Some(number));
        }
        for (source, day) in &changed {
            self.add_up(source, *day)?;
        }
        Ok(told)
    }

    /// The number of an input, and whether it is new: under which it was told before, or that of
    /// the same records. `own` are the numbers of this run's inputs.
    fn number_input(
        &self,
        run: i64,
        input: &CountedInput<'_>,
        own: &[i64],
        changed: &mut BTreeSet<Day>,
    ) -> Result<(i64, bool), Failure> {
        let whole = input.counts.whole;
        let whole = whole.unwrap_or_else(|| Whole::of(&input.counts.hours));
        let known = match input.before {
            Some(_) => None,
            None => self.known_input(input, whole, own)?,
        };
        if let Some((number, source)) = &known
            && source != input.source
        {
            for day in self.days_of(*number)?.into_keys() {
                changed.insert((source.clone(), day));
                changed.insert((input.source.to_owned(), day));
            }
        }
        let known = input.before.or(known.map(|(number, _)| number));
        let number = self
            .transaction
            .prepare_cached(
                "INSERT INTO count_inputs (number, source, place, records, digest, run, input)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (number) DO UPDATE SET source = excluded.source,
                     place = excluded.place, records = excluded.records,
                     digest = excluded.digest, run = excluded.run,
                     input = coalesce(excluded.input, input)
                 RETURNING number",
            )?
            .query_row(
                params![
                    known,
                    input.source,
                    input.place,
                    whole.records.cast_signed(),
                    whole.digest(),
                    run,
                    input.input
                ],
                |row| row.get(0),
            )?;
        Ok((number, known.is_none()))
    }

    /// Keeps the days of an input; where it tells all of them, there are no others.
    fn keep_days(
        &self,
        number: i64,
        input: &CountedInput<'_>,
        numbers: &mut Numbers<'_>,
        changed: &mut BTreeSet<Day>,
    ) -> Result<(), Failure> {
        let mut before = match input.before {
            Some(_) => BTreeMap::new(),
            None => self.days_of(number)?,
        };
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
        Ok(())
    }

    /// Forgets earlier inputs at the same place all of whose hours stand in a new one: a log that
    /// grows from night to night is kept once. `own` are inputs of this run.
    fn drop_outgrown(
        &self,
        number: i64,
        input: &CountedInput<'_>,
        own: &[i64],
    ) -> Result<(), Failure> {
        let mut select = self.transaction.prepare_cached(
            "SELECT number FROM count_inputs
             WHERE source = ?1 AND place = ?2 AND number <> ?3 AND place <> '-'",
        )?;
        let earlier = select.query_map(params![input.source, input.place, number], |row| {
            row.get::<_, i64>(0)
        })?;
        let mut earlier: Vec<i64> = earlier.collect::<Result<_, _>>()?;
        earlier.retain(|other| !own.contains(other));
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
                self.drop_counts(other)?;
            }
        }
        Ok(())
    }

    fn drop_counts(&self, number: i64) -> Result<(), Failure> {
        for sql in [
            "DELETE FROM count_cells WHERE input = ?1",
            "DELETE FROM count_inputs WHERE number = ?1",
        ] {
            self.transaction.execute(sql, [number])?;
        }
        Ok(())
    }

    /// Forgets what was counted of an input that is remembered under this number: a few records
    /// among very many are not known by their likeness.
    pub(super) fn forget_counts(&self, input: i64) -> Result<(), Failure> {
        let mut select = self
            .transaction
            .prepare_cached("SELECT number, source FROM count_inputs WHERE input = ?1")?;
        let rows = select.query_map([input], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let counted: Vec<(i64, String)> = rows.collect::<Result<_, _>>()?;
        for (number, source) in counted {
            let days = self.days_of(number)?;
            self.drop_counts(number)?;
            for day in days.into_keys() {
                self.add_up(&source, day)?;
            }
        }
        Ok(())
    }

    /// The number and source of an input that was counted before: the same records in the same
    /// source or at the same place. One of `own` it is only if it is told for good: two that tell
    /// the same so far may yet part.
    fn known_input(
        &self,
        input: &CountedInput<'_>,
        whole: Whole,
        own: &[i64],
    ) -> Result<Option<(i64, String)>, Failure> {
        let mut select = self.transaction.prepare_cached(
            "SELECT number, source FROM count_inputs
             WHERE digest = ?1 AND records = ?2 AND (source = ?3 OR place = ?4)
             ORDER BY source = ?3 DESC, number",
        )?;
        let known = select.query_map(
            params![
                whole.digest(),
                whole.records.cast_signed(),
                input.source,
                input.place
            ],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        for known in known {
            let (number, source) = known?;
            if input.counts.whole.is_none() || !own.contains(&number) {
                return Ok(Some((number, source)));
            }
        }
        Ok(None)
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
            && day != hour.div_euclid(DAY)
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
    Some(first.div_euclid(DAY))
}
