//! What was seen first and last: accounts, terminals, hardware addresses, devices.

use std::collections::BTreeMap;
use std::ops::Range;

use rusqlite::{Params, Row, params};

use super::super::{Failure, Store};
use super::SeenRow;

impl Store {
    /// What was seen for the first time in a stretch of instants, by its first time: the number of
    /// all, and the first `limit` of them. A device counts when a register knows it: others are told
    /// by their addresses.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn newly_seen(
        &self,
        kind: &str,
        stretch: Range<i64>,
        limit: usize,
    ) -> Result<(u64, Vec<SeenRow>), Failure> {
        let sql = "SELECT value, min(source), min(first) AS began, max(last) FROM seen
             WHERE kind = ?1 AND value <> '*' AND (kind <> 'device' OR known = 1)
             GROUP BY value HAVING began >= ?2 AND began < ?3
             ORDER BY began, value";
        self.seen_rows(sql, params![kind, stretch.start, stretch.end], limit)
    }

    /// What was seen last before an instant, the longest silent first: the number of all, and the
    /// first `limit` of those that pass.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn last_seen_before(
        &self,
        kind: &str,
        instant: i64,
        mut passes: impl FnMut(&SeenRow) -> bool,
    ) -> Result<Vec<SeenRow>, Failure> {
        let sql = "SELECT value, min(source), min(first), max(last) AS ended FROM seen
             WHERE kind = ?1 AND value <> '*' GROUP BY value HAVING ended < ?2 ORDER BY ended, value";
        let mut rows = self.rows(sql, params![kind, instant], seen_row)?;
        rows.retain(|row| passes(row));
        Ok(rows)
    }

    /// When each name of some kinds was seen last, whatever the kind and source.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn last_times(&self, kinds: &[&str]) -> Result<BTreeMap<String, i64>, Failure> {
        let wanted = serde_json::to_string(kinds)?;
        let rows = self.rows(
            "SELECT value, max(last) FROM seen
             WHERE kind IN (SELECT value FROM json_each(?1)) AND value <> '*' GROUP BY value",
            [wanted],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        Ok(rows.into_iter().collect())
    }

    /// Names of a kind that were ever seen.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn seen_values(&self, kind: &str) -> Result<Vec<String>, Failure> {
        let sql = "SELECT DISTINCT value FROM seen WHERE kind = ?1 AND value <> '*' ORDER BY value";
        self.rows(sql, [kind], |row| row.get(0))
    }

    fn seen_rows(
        &self,
        sql: &str,
        parameters: impl Params,
        limit: usize,
    ) -> Result<(u64, Vec<SeenRow>), Failure> {
        let mut select = self.connection.prepare(sql)?;
        let mut rows = select.query(parameters)?;
        let (mut all, mut kept) = (0, Vec::new());
        while let Some(row) = rows.next()? {
            all += 1;
            if kept.len() < limit {
                kept.push(seen_row(row)?);
            }
        }
        Ok((all, kept))
    }
}

fn seen_row(row: &Row<'_>) -> rusqlite::Result<SeenRow> {
    Ok(SeenRow {
        value: row.get(0)?,
        source: row.get(1)?,
        span: (row.get(2)?, row.get(3)?),
    })
}
