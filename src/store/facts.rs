//! The facts of inputs and the records they stand for.
//!
//! Takes sealed facts and records segment by segment; gives them back. Never looks inside.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags, params};

use super::{Changing, Failure, PATIENCE, Store};

/// What is kept of one segment of an input.
#[derive(Clone, Copy, Debug)]
pub struct Segment<'s> {
    /// Offset of the segment, and line breaks before it.
    pub at: (u64, u64),
    /// First and last event time, nanoseconds since 1970.
    pub span: (i64, i64),
    /// Sealed facts.
    pub facts: &'s [u8],
    /// Offsets of the first and the last record.
    pub reach: (u64, u64),
    /// Sealed records.
    pub records: &'s [u8],
}

/// Is shown the offset of a segment, the line breaks before it, and its sealed facts.
pub type ShowFacts<'s> = &'s mut dyn FnMut((u64, u64), &[u8]) -> Result<(), Failure>;

impl Changing<'_> {
    /// Keeps what was made of a segment of an input.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn keep_facts(&self, input: i64, segment: Segment<'_>) -> Result<(), Failure> {
        let at = segment.at.0.cast_signed();
        self.transaction
            .prepare_cached(
                "INSERT INTO facts (input, at, line, \"first\", \"last\", packed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                input,
                at,
                segment.at.1.cast_signed(),
                segment.span.0,
                segment.span.1,
                segment.facts
            ])?;
        self.transaction
            .prepare_cached(
                "INSERT INTO records (input, at, \"first\", \"last\", packed)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                input,
                at,
                segment.reach.0.cast_signed(),
                segment.reach.1.cast_signed(),
                segment.records
            ])?;
        Ok(())
    }
}

impl Changing<'_> {
    /// Forgets the facts of an input, which are too old to be judged again; that it was read stays
    /// known.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn forget_facts(&self, input: i64) -> Result<(), Failure> {
        for sql in [
            "DELETE FROM facts WHERE input = ?1",
            "DELETE FROM records WHERE input = ?1",
            "DELETE FROM rolls WHERE input = ?1",
            "UPDATE inputs SET streams = NULL, head = NULL WHERE number = ?1",
        ] {
            self.transaction.prepare_cached(sql)?.execute([input])?;
        }
        Ok(())
    }
}

impl Store {
    /// Shows the sealed facts of an input, segment by segment, each with the segment's offset and
    /// the line breaks before it.
    ///
    /// # Errors
    /// What SQLite says, and what `show` gives.
    pub fn each_fact(&self, input: i64, show: ShowFacts<'_>) -> Result<(), Failure> {
        let mut select = self
            .connection
            .prepare_cached("SELECT at, line, packed FROM facts WHERE input = ?1 ORDER BY at")?;
        let mut rows = select.query([input])?;
        while let Some(row) = rows.next()? {
            let (at, line): (i64, i64) = (row.get(0)?, row.get(1)?);
            let packed = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            show((at.cast_unsigned(), line.cast_unsigned()), packed)?;
        }
        Ok(())
    }
}

/// The records that are kept of one input.
#[derive(Clone, Debug)]
pub struct KeptRecords {
    path: PathBuf,
    input: i64,
}

impl KeptRecords {
    /// Of the input of this number in the store at this path.
    pub fn of(path: &Path, input: i64) -> KeptRecords {
        KeptRecords {
            path: path.to_owned(),
            input,
        }
    }
}

/// Reads records that are kept, also while a run holds the store.
#[derive(Debug)]
pub struct RecordReader {
    connection: Connection,
    input: i64,
}

impl RecordReader {
    /// Opens the store to read the records of one input.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn open(records: &KeptRecords) -> Result<RecordReader, Failure> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&records.path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        Ok(RecordReader {
            connection,
            input: records.input,
        })
    }

    /// Shows the sealed records of each segment that reaches over an offset.
    ///
    /// # Errors
    /// What SQLite says, and what `show` gives.
    pub fn each_at(
        &self,
        offset: u64,
        show: &mut dyn FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut select = self.connection.prepare_cached(
            "SELECT packed FROM records
             WHERE input = ?1 AND \"first\" <= ?2 AND \"last\" >= ?2 ORDER BY at",
        )?;
        let mut rows = select.query(params![self.input, offset.cast_signed()])?;
        while let Some(row) = rows.next()? {
            show(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?;
        }
        Ok(())
    }
}
