//! The engine's facts, in packed hourly runs.
//!
//! Takes packed blocks; gives them back by stream and time. Never unpacks one.

use std::ops::Range;

use rusqlite::{OptionalExtension as _, params};

use super::{Changing, Failure, Store};
use crate::spill::Block;

/// Nanoseconds of the stretch that one row holds.
pub const HOUR: i64 = 3_600 * 1_000_000_000;

/// A file that facts point into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastInput {
    /// Its number, which is the segment of the facts.
    pub number: u32,
    /// Source name.
    pub source: String,
    /// Path as it was named.
    pub path: String,
}

/// The facts of a stream within an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredBlock {
    /// Hours since 1970.
    pub hour: i64,
    /// The facts.
    pub block: Block,
}

impl Store {
    /// All files that facts point into, by number.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn inputs(&self) -> Result<Vec<PastInput>, Failure> {
        let mut select = self
            .connection
            .prepare("SELECT number, source, path FROM inputs ORDER BY number")?;
        let rows = select.query_map([], |row| {
            Ok(PastInput {
                number: row.get(0)?,
                source: row.get(1)?,
                path: row.get(2)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The facts of a stream in the hours that touch a stretch of time (nanoseconds since 1970).
    ///
    /// # Errors
    /// What SQLite says.
    pub fn facts(
        &self,
        (rule, fields): (&str, &str),
        span: &Range<i64>,
    ) -> Result<Vec<StoredBlock>, Failure> {
        let stream: Option<i64> = self
            .connection
            .prepare_cached("SELECT number FROM streams WHERE rule = ?1 AND fields = ?2")?
            .query_row([rule, fields], |row| row.get(0))
            .optional()?;
        let Some(stream) = stream else {
            return Ok(Vec::new());
        };
        let mut select = self.connection.prepare_cached(
            "SELECT hour, first, last, count, rows_at, facts_at, bytes FROM facts
             WHERE stream = ?1 AND hour BETWEEN ?2 AND ?3 ORDER BY hour",
        )?;
        let hours = params![
            stream,
            span.start.div_euclid(HOUR),
            span.end.div_euclid(HOUR)
        ];
        let rows = select.query_map(hours, |row| {
            Ok(StoredBlock {
                hour: row.get(0)?,
                block: Block {
                    first: row.get(1)?,
                    last: row.get(2)?,
                    count: row.get(3)?,
                    rows_at: row.get(4)?,
                    facts_at: row.get(5)?,
                    bytes: row.get(6)?,
                },
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Changing<'_> {
    /// The number of a file that facts point into.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn input(&self, source: &str, path: &str) -> Result<u32, Failure> {
        self.transaction.execute(
            "INSERT OR IGNORE INTO inputs (source, path) VALUES (?1, ?2)",
            [source, path],
        )?;
        let number = self.transaction.query_row(
            "SELECT number FROM inputs WHERE source = ?1 AND path = ?2",
            [source, path],
            |row| row.get(0),
        )?;
        Ok(number)
    }

    /// Puts the facts of some hours of a stream in place of what stood there.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn replace_facts(
        &self,
        (rule, fields): (&str, &str),
        blocks: &[StoredBlock],
    ) -> Result<(), Failure> {
        self.transaction.execute(
            "INSERT OR IGNORE INTO streams (rule, fields) VALUES (?1, ?2)",
            [rule, fields],
        )?;
        let stream: i64 = self.transaction.query_row(
            "SELECT number FROM streams WHERE rule = ?1 AND fields = ?2",
            [rule, fields],
            |row| row.get(0),
        )?;
        let mut put = self.transaction.prepare_cached(
            "INSERT OR REPLACE INTO facts
             (stream, hour, count, first, last, rows_at, facts_at, bytes)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        for StoredBlock { hour, block } in blocks {
            put.execute(params![
                stream,
                hour,
                block.count,
                block.first,
                block.last,
                block.rows_at,
                block.facts_at,
                block.bytes
            ])?;
        }
        Ok(())
    }

    /// Forgets the facts before an instant; gives how many hours went.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn purge_facts(&self, before: i64) -> Result<u64, Failure> {
        let gone = self.transaction.execute(
            "DELETE FROM facts WHERE hour < ?1",
            [before.div_euclid(HOUR)],
        )?;
        Ok(gone as u64)
    }
}
