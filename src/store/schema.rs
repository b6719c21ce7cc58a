//! The tables of the store and how an older file becomes a newer one.
//!
//! Takes a connection; gives it with all tables of this version. Each step of [`STEPS`] is run
//! once, in one transaction with the number that says so. Never drops what a user may have
//! written: dispositions and runs are carried along.

use rusqlite::{Connection, TransactionBehavior};

use super::Failure;

/// One step a version; the version of a file is the number of steps it has seen.
const STEPS: &[&str] = &[
    include_str!("schema-1.sql"),
    include_str!("schema-2.sql"),
    include_str!("schema-3.sql"),
    include_str!("schema-4.sql"),
    include_str!("schema-5.sql"),
    include_str!("schema-6.sql"),
    include_str!("schema-7.sql"),
    include_str!("schema-8.sql"),
];

/// Marks a SQLite file as a store of this program (`PRAGMA application_id`): "yoma".
const APPLICATION: i32 = 0x796f_6d61;

/// Brings a file to this version.
///
/// # Errors
/// A file of another program, or of a later version; what SQLite says.
pub(super) fn bring_up(connection: &mut Connection) -> Result<(), Failure> {
    let version = version(connection)?;
    if version == STEPS.len() {
        return Ok(());
    }
    let change = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    for step in &STEPS[version..] {
        change.execute_batch(step)?;
    }
    change.pragma_update(None, "application_id", APPLICATION)?;
    change.pragma_update(None, "user_version", STEPS.len() as i64)?;
    change.commit()?;
    Ok(())
}

/// The version of a file that is known to be a store, at most this program's; 0 for an empty file.
///
/// # Errors
/// As for [`bring_up`].
pub(super) fn version(connection: &Connection) -> Result<usize, Failure> {
    let number = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let application = number("application_id")?;
    let version = usize::try_from(number("user_version")?).unwrap_or(usize::MAX);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if application != i64::from(APPLICATION) && (tables > 0 || version > 0) {
        return Err(Failure::Foreign);
    }
    if version > STEPS.len() {
        return Err(Failure::Later { version });
    }
    Ok(version)
}
