//! The memory between runs: one SQLite file with runs, ledger, inputs, facts, alerts and
//! dispositions.
//!
//! Takes what a run found; gives what earlier runs found. All that a run changes is committed
//! together or not at all. Never judges and never reads a log. Of people it keeps ids, not names;
//! the records that facts stand for are kept as they were, for as long as facts are. The tables are
//! described in the files `schema-N.sql`.

mod alerts;
mod asked;
pub mod counts;
mod facts;
mod heads;
mod inputs;
mod outbox;
mod purge;
mod rolls;
mod runs;
mod schema;
#[cfg(test)]
mod tests;
mod weekly;
mod word;

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::input;

pub use alerts::{Change, Disposition, Filter, Kept, Latest, State};
pub use facts::{KeptRecords, RecordReader, Segment};
pub use heads::Head;
pub use inputs::{PastInput, StreamDigest};
pub use outbox::Waiting;
pub use purge::Purged;
pub use rolls::HASHES;
pub use runs::{Entry, InputRecord, RunRow, Verified};
pub use weekly::{
    ActiveUser, AlertHead, AlertTime, BandRow, DayRow, HourRow, OffHours, RegisterChange, SeenRow,
    Whose,
};
pub use word::DispositionWord;

/// Bytes of a page of a new store: what is kept of a night are a few large strings of bytes, and a
/// page costs the same to write whatever its size.
const PAGE: u32 = 16 << 10;
/// Pages that a change holds in memory before it writes them, in KiB.
const PAGES_HELD: i64 = 16 << 10;
/// How long a reader waits for a writer that is committing.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the store could not be used.
#[derive(Debug)]
pub enum Failure {
    /// There is no such file.
    Missing,
    /// It is no store of this program.
    Foreign,
    /// A later version of this program wrote it.
    Later {
        /// Version of its tables.
        version: usize,
    },
    /// Another run holds it.
    Locked,
    /// What SQLite says.
    Sqlite(rusqlite::Error),
    /// What the system says.
    Io(std::io::Error),
    /// A document in it cannot be read.
    Damaged(serde_json::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => {
                Failure::Locked
            }
            Some(rusqlite::ErrorCode::NotADatabase) => Failure::Foreign,
            _ => Failure::Sqlite(error),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::Io(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Failure::Damaged(error)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Failure::Missing => f.write_str("there is no store"),
            Failure::Foreign => f.write_str("it is no store of this program"),
            Failure::Later { version } => write!(f, "its tables are of version {version}"),
            Failure::Locked => f.write_str("another run holds the store"),
            Failure::Sqlite(error) => error.fmt(f),
            Failure::Io(error) => error.fmt(f),
            Failure::Damaged(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Failure {}

/// An open store.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    /// Held as long as the store is open for writing.
    _lock: Option<File>,
}

impl Store {
    /// Opens a store for a run, and makes it if there is none. One run at a time holds it.
    ///
    /// # Errors
    /// [`Failure::Locked`] when another run holds it; what SQLite and the system say.
    pub fn open(path: &Path) -> Result<Store, Failure> {
        let lock = lock(path)?;
        create_private(path)?;
        let mut connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.busy_timeout(PATIENCE)?;
        // It is heard only where the file is still empty.
        connection.pragma_update(None, "page_size", PAGE)?;
        connection.pragma_update(None, "cache_size", -PAGES_HELD)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        schema::bring_up(&mut connection)?;
        Ok(Store {
            connection,
            _lock: Some(lock),
        })
    }

    /// Opens a store that is there, for reading and for what people decide; no run waits for it.
    ///
    /// # Errors
    /// [`Failure::Missing`] when there is none; what SQLite and the system say.
    pub fn look(path: &Path) -> Result<Store, Failure> {
        if !path.exists() {
            return Err(Failure::Missing);
        }
        let mut connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.busy_timeout(PATIENCE)?;
        if schema::version(&connection)? == 0 {
            schema::bring_up(&mut connection)?;
        }
        connection.pragma_update(None, "foreign_keys", true)?;
        Ok(Store {
            connection,
            _lock: None,
        })
    }

    /// Begins to change the store; nothing is changed until the change is committed.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn change(&mut self) -> Result<Changing<'_>, Failure> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        // A run is entered last, once it is known what it changed.
        transaction.pragma_update(None, "defer_foreign_keys", true)?;
        Ok(Changing { transaction })
    }
}

/// A change of the store in the making.
#[derive(Debug)]
pub struct Changing<'s> {
    transaction: Transaction<'s>,
}

impl Changing<'_> {
    /// Makes the change last.
    ///
    /// # Errors
    /// What SQLite says; then nothing was changed.
    pub fn commit(self) -> Result<(), Failure> {
        Ok(self.transaction.commit()?)
    }
}

/// The lock beside a store. The system takes it back when the program ends, however it ends.
fn lock(path: &Path) -> Result<File, Failure> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".lock");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let file = input::private(&mut options).open(PathBuf::from(beside))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(Failure::Locked),
        Err(std::fs::TryLockError::Error(error)) => Err(Failure::Io(error)),
    }
}

/// Makes the file, readable by its owner alone, if it is not there.
fn create_private(path: &Path) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    input::private(&mut options).open(path)?;
    Ok(())
}
