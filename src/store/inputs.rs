//! The inputs of earlier runs, which are read again together with later ones.
//!
//! Takes paths and how they are to be read; gives them back. Never opens one.

use rusqlite::params;

use super::{Changing, Failure, Store};

/// An input of an earlier run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastInput {
    /// Where it lies, from the root; `-` for a pipe.
    pub path: String,
    /// Source name.
    pub source: String,
    /// How the user said it is to be read, as a JSON object.
    pub reading: String,
    /// First and last event time, nanoseconds since 1970.
    pub span: Option<(i64, i64)>,
}

impl Store {
    /// All inputs of earlier runs, the oldest first.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn inputs(&self) -> Result<Vec<PastInput>, Failure> {
        let mut select = self.connection.prepare(
            "SELECT path, source, reading, \"first\", \"last\" FROM inputs ORDER BY \"first\", number",
        )?;
        let rows = select.query_map([], |row| {
            let (first, last): (Option<i64>, Option<i64>) = (row.get(3)?, row.get(4)?);
            Ok(PastInput {
                path: row.get(0)?,
                source: row.get(1)?,
                reading: row.get(2)?,
                span: first.zip(last),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Changing<'_> {
    /// Remembers an input; one at the same place takes the place of what was known of it.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn remember(&self, input: &PastInput) -> Result<(), Failure> {
        self.transaction.execute(
            "INSERT OR REPLACE INTO inputs (path, source, reading, \"first\", \"last\")
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                input.path,
                input.source,
                input.reading,
                input.span.map(|s| s.0),
                input.span.map(|s| s.1)
            ],
        )?;
        Ok(())
    }

    /// Forgets inputs whose last event is older than an instant.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn forget_inputs(&self, before: i64) -> Result<(), Failure> {
        self.transaction
            .execute("DELETE FROM inputs WHERE \"last\" < ?1", [before])?;
        Ok(())
    }
}
