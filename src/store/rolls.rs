//! Which records each input told, as keyed hashes by hour.
//!
//! Takes hashes as they come; gives them back in order, and what is known of an hour at once. Never
//! knows a record.

use std::ops::RangeInclusive;

use rusqlite::{OptionalExtension as _, params};

use super::{Changing, Failure, Store};
use crate::spill::{HourRoll, sort_hashes};

/// Most hashes of a row.
pub const HASHES: usize = 1 << 17;

impl Store {
    /// The key of the hashes of this store.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn key(&self) -> Result<u64, Failure> {
        let sql = "SELECT value FROM meta WHERE name = 'key'";
        let key: Option<String> = self
            .connection
            .query_row(sql, [], |row| row.get(0))
            .optional()?;
        let key = key.and_then(|key| u64::from_str_radix(&key, 16).ok());
        Ok(key.unwrap_or_default())
    }

    /// What is known of the hours of an input (hours since 1970), in order.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn hours(&self, input: i64) -> Result<Vec<(i64, HourRoll)>, Failure> {
        let mut select = self.connection.prepare_cached(
            "SELECT hour, count, digest FROM rolls WHERE input = ?1 AND part = 0 ORDER BY hour",
        )?;
        let rows = select.query_map([input], |row| {
            let (count, digest): (i64, i64) = (row.get(1)?, row.get(2)?);
            let roll = HourRoll {
                count: count.cast_unsigned(),
                digest: digest.cast_unsigned(),
            };
            Ok((row.get(0)?, roll))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The hashes of an hour of an input that lie in a range, in order.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn hashes(
        &self,
        (input, hour): (i64, i64),
        range: RangeInclusive<u64>,
    ) -> Result<Vec<u64>, Failure> {
        let mut select = self.connection.prepare_cached(
            "SELECT hashes FROM rolls WHERE input = ?1 AND hour = ?2 ORDER BY part",
        )?;
        let mut rows = select.query([input, hour])?;
        let mut hashes = Vec::new();
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            let words: &[[u8; 8]] = bytes.as_chunks().0;
            let words = words.iter().map(|word| u64::from_le_bytes(*word));
            hashes.extend(words.filter(|hash| range.contains(hash)));
        }
        // They are kept as they came: most are never asked for.
        sort_hashes(&mut hashes);
        Ok(hashes)
    }
}

impl Changing<'_> {
    /// How many parts are kept of an hour of an input.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn next_part(&self, (input, hour): (i64, i64)) -> Result<u64, Failure> {
        let mut select = self.transaction.prepare_cached(
            "SELECT coalesce(max(part) + 1, 0) FROM rolls WHERE input = ?1 AND hour = ?2",
        )?;
        let next: i64 = select.query_row([input, hour], |row| row.get(0))?;
        Ok(next.cast_unsigned())
    }

    /// Adds what is known at once of further records of an hour, whose hashes are kept as parts
    /// behind the first.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn add_to_roll(&self, (input, hour): (i64, i64), more: HourRoll) -> Result<(), Failure> {
        let mut select = self.transaction.prepare_cached(
            "SELECT count, digest FROM rolls WHERE input = ?1 AND hour = ?2 AND part = 0",
        )?;
        let known = select.query_row([input, hour], |row| {
            let (count, digest): (i64, i64) = (row.get(0)?, row.get(1)?);
            Ok(HourRoll {
                count: count.cast_unsigned(),
                digest: digest.cast_unsigned(),
            })
        })?;
        let all = known.and(more);
        self.transaction
            .prepare_cached(
                "UPDATE rolls SET count = ?3, digest = ?4
                 WHERE input = ?1 AND hour = ?2 AND part = 0",
            )?
            .execute(params![
                input,
                hour,
                all.count.cast_signed(),
                all.digest.cast_signed()
            ])?;
        Ok(())
    }

    /// Keeps a part of the hashes of an hour of an input, eight bytes each, the least byte first.
    /// Parts are counted from 0.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn keep_roll(
        &self,
        (input, hour, part): (i64, i64, u64),
        roll: HourRoll,
        hashes: &[u8],
    ) -> Result<(), Failure> {
        self.transaction
            .prepare_cached(
                "INSERT INTO rolls (input, hour, part, count, digest, hashes)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                input,
                hour,
                part.cast_signed(),
                roll.count.cast_signed(),
                roll.digest.cast_signed(),
                hashes
            ])?;
        Ok(())
    }
}
