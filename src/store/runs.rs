//! The run record: a chain in which a missing or altered night shows.
//!
//! Takes what a run read, by which rules, and what it found; gives its entry a digest that holds
//! all entries before it too. Never changes an entry.

use rusqlite::{OptionalExtension as _, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Changing, Failure, Store};
use crate::alert::hex;

/// What a run says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The command (`scan`, `watch`, `alerts close`).
    pub command: String,
    /// Version of the program.
    pub version: String,
    /// When it began and ended, nanoseconds since 1970.
    pub began: i64,
    /// See `began`.
    pub ended: i64,
    /// SHA-256 of the rules, calendars and registers in force, by name.
    pub plan: Vec<(String, String)>,
    /// What it read.
    pub inputs: Vec<InputRecord>,
    /// Alerts it found new, revised and no longer true.
    pub alerts: (u64, u64, u64),
    /// SHA-256 over the ids and revisions of all live alerts after it.
    pub alerts_digest: String,
    /// What else is to be kept: who closed what, who signed.
    pub note: String,
}

/// An input of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRecord {
    /// Source name.
    pub source: String,
    /// Path as the user named it.
    pub path: String,
    /// Bytes as they lie on the disk.
    pub size: u64,
    /// SHA-256 of these bytes; empty where it was switched off or there is no file.
    pub sha256: String,
    /// Records, accepted ones and rejects.
    pub records: (u64, u64, u64),
    /// First and last event time, nanoseconds since 1970.
    pub span: Option<(i64, i64)>,
}

/// A run as it stands in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// Number, from 1.
    pub number: i64,
    /// What it says.
    pub entry: Entry,
    /// Digest of the run before; empty for the first.
    pub previous: String,
    /// Its digest.
    pub digest: String,
}

/// What a check of the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verified {
    /// All entries are as they were written; the digest of the last.
    Whole(String),
    /// The first entry that is not as it was written, or that does not follow the one before.
    Broken(i64),
}

impl Changing<'_> {
    /// The number that the next run will have.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn next_run(&self) -> Result<i64, Failure> {
        let sql = "SELECT coalesce(max(number), 0) + 1 FROM runs";
        Ok(self.transaction.query_row(sql, [], |row| row.get(0))?)
    }

    /// Appends a run to the record; gives its number.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn append_run(&self, entry: &Entry) -> Result<i64, Failure> {
        let last = self.transaction.query_row(
            "SELECT number, digest FROM runs ORDER BY number DESC LIMIT 1",
            [],
            |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
        );
        let (number, previous) = last.optional()?.unwrap_or_default();
        let text = serde_json::to_string(entry)?;
        let digest = digest(&previous, &text);
        self.transaction.execute(
            "INSERT INTO runs (number, began, ended, entry, previous, digest)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![number + 1, entry.began, entry.ended, text, previous, digest],
        )?;
        Ok(number + 1)
    }

    /// Keeps the ledger of a run: source, path and document of each input.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn keep_ledger(
        &self,
        run: i64,
        inputs: &[(String, String, String)],
    ) -> Result<(), Failure> {
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO ledger (run, place, source, path, document) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for (place, (source, path, document)) in inputs.iter().enumerate() {
            insert.execute(params![run, place as i64, source, path, document])?;
        }
        Ok(())
    }
}

impl Store {
    /// All runs, the first one first.
    ///
    /// # Errors
    /// What SQLite says; an entry that is no entry.
    pub fn runs(&self) -> Result<Vec<RunRow>, Failure> {
        let mut select = self
            .connection
            .prepare("SELECT number, entry, previous, digest FROM runs ORDER BY number")?;
        let rows = select.query_map([], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get(2)?,
                row.get(3)?,
            ))
        })?;
        let mut runs = Vec::new();
        for row in rows {
            let (number, entry, previous, digest) = row?;
            runs.push(RunRow {
                number,
                entry: serde_json::from_str(&entry)?,
                previous,
                digest,
            });
        }
        Ok(runs)
    }

    /// Checks that every entry is as it was written and follows the one before.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn verify_runs(&self) -> Result<Verified, Failure> {
        let mut select = self
            .connection
            .prepare("SELECT number, entry, previous, digest FROM runs ORDER BY number")?;
        let mut rows = select.query([])?;
        let (mut expected, mut head) = (1i64, String::new());
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(0)?;
            let (entry, previous, told): (String, String, String) =
                (row.get(1)?, row.get(2)?, row.get(3)?);
            if number != expected || previous != head || told != digest(&previous, &entry) {
                return Ok(Verified::Broken(expected.min(number)));
            }
            (expected, head) = (number + 1, told);
        }
        Ok(Verified::Whole(head))
    }
}

fn digest(previous: &str, entry: &str) -> String {
    let mut hash = Sha256::new();
    for part in [previous, entry] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize())
}
