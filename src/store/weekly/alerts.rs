//! Alerts as the weekly report asks for them: counts, and the open ones one at a time.

use std::ops::Range;

use rusqlite::{Row, params};

use super::super::{Failure, Store};
use super::{AlertHead, AlertTime, count};
use crate::alert::Alert;

/// The columns of a head.
const HEAD: &str = "rule, level, state, revision, changed_in, coalesce((SELECT word FROM
     dispositions WHERE alert = alerts.id ORDER BY number DESC LIMIT 1), ''), \"start\"";
/// The live alerts that began in a stretch.
const LIVE: &str = "\"start\" >= ?1 AND \"start\" < ?2 AND state IN ('open', 'closed')";

impl Store {
    /// When live alerts began, in a stretch of instants, with their levels.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn alert_times(&self, stretch: Range<i64>) -> Result<Vec<AlertTime>, Failure> {
        self.rows(
            "SELECT \"start\", level FROM alerts WHERE \"start\" >= ?1 AND \"start\" < ?2
             AND state IN ('open', 'closed') ORDER BY \"start\"",
            params![stretch.start, stretch.end],
            |row| {
                Ok(AlertTime {
                    start: row.get(0)?,
                    level: row.get(1)?,
                })
            },
        )
    }

    /// The live alerts that began in a stretch of instants, without their documents.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn alert_heads(&self, stretch: Range<i64>) -> Result<Vec<AlertHead>, Failure> {
        let sql = format!("SELECT {HEAD} FROM alerts WHERE {LIVE} ORDER BY \"start\", id");
        self.rows(&sql, params![stretch.start, stretch.end], head)
    }

    /// The same with their documents, of those that pass. One document is in memory at a time.
    ///
    /// # Errors
    /// What SQLite says; an alert that is none.
    pub fn alert_heads_of(
        &self,
        stretch: Range<i64>,
        mut passes: impl FnMut(&Alert) -> bool,
    ) -> Result<Vec<AlertHead>, Failure> {
        let sql =
            format!("SELECT {HEAD}, document FROM alerts WHERE {LIVE} ORDER BY \"start\", id");
        let mut select = self.connection.prepare(&sql)?;
        let mut rows = select.query(params![stretch.start, stretch.end])?;
        let mut heads = Vec::new();
        while let Some(row) = rows.next()? {
            let document: String = row.get(7)?;
            if passes(&serde_json::from_str(&document)?) {
                heads.push(head(row)?);
            }
        }
        Ok(heads)
    }

    /// How many live alerts that began in a stretch of instants name each clause.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn alert_clauses(&self, stretch: Range<i64>) -> Result<Vec<(String, u64)>, Failure> {
        self.rows(
            "SELECT clause.value, count(*) FROM alerts, json_each(document, '$.clauses') AS clause
             WHERE \"start\" >= ?1 AND \"start\" < ?2 AND state IN ('open', 'closed')
             GROUP BY clause.value ORDER BY clause.value",
            params![stretch.start, stretch.end],
            |row| Ok((row.get(0)?, count(row, 1)?)),
        )
    }

    /// Shows every open alert that began before an instant to `look`, by their beginnings. One
    /// is in memory at a time.
    ///
    /// # Errors
    /// What SQLite says; an alert that is none.
    pub fn each_open(&self, until: i64, look: &mut dyn FnMut(Alert)) -> Result<(), Failure> {
        let mut select = self.connection.prepare(
            "SELECT document FROM alerts WHERE \"start\" < ?1 AND state = 'open'
             ORDER BY \"start\", id",
        )?;
        let mut rows = select.query([until])?;
        while let Some(row) = rows.next()? {
            let document: String = row.get(0)?;
            look(serde_json::from_str(&document)?);
        }
        Ok(())
    }
}

fn head(row: &Row<'_>) -> rusqlite::Result<AlertHead> {
    Ok(AlertHead {
        rule: row.get(0)?,
        level: row.get(1)?,
        state: row.get(2)?,
        revision: row.get(3)?,
        changed_in: row.get(4)?,
        decided: row.get(5)?,
        start: row.get(6)?,
    })
}
