//! What the weekly report asks of a store: sums over the aggregates of a stretch of days.
//!
//! Takes an open store and days or hours of the site's clock; gives sums, never single records, so
//! that the answer stays small whatever the stretch held. Never changes anything. A store without
//! the aggregates, written by an earlier version, gives none.

mod alerts;
mod rows;
mod seen;

use std::collections::BTreeMap;
use std::ops::Range;

use rusqlite::{OptionalExtension as _, Params, Row, params};

use super::{Failure, Store};

pub use rows::{
    ActiveUser, AlertHead, AlertTime, BandRow, DayRow, HourRow, OffHours, RegisterChange, SeenRow,
    Whose,
};

const TABLES: [&str; 7] = [
    "hours",
    "users",
    "terminals",
    "days",
    "seen",
    "registers",
    "settings",
];

impl Store {
    /// True when the store holds the aggregates that a report is made from.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn has_aggregates(&self) -> Result<bool, Failure> {
        for table in TABLES {
            let sql = "SELECT 1 FROM sqlite_schema WHERE name = ?1 AND type IN ('table', 'view')";
            let found = self
                .connection
                .query_row(sql, [table], |_| Ok(()))
                .optional()?;
            if found.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What each source gave on each day, by source and day.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn day_rows(&self, days: Range<i64>) -> Result<Vec<DayRow>, Failure> {
        self.rows(
            "SELECT source, day, sum(records), sum(events), sum(rejects), sum(untrusted),
             sum(logins), sum(failed_logins), sum(with_user), sum(with_patient),
             sum(with_terminal), sum(with_outcome), sum(with_time), sum(duplicates), sum(traffic)
             FROM days WHERE day >= ?1 AND day < ?2 GROUP BY source, day ORDER BY source, day",
            params![days.start, days.end],
            |row| {
                Ok(DayRow {
                    source: row.get(0)?,
                    day: row.get(1)?,
                    records: count(row, 2)?,
                    events: count(row, 3)?,
                    rejects: count(row, 4)?,
                    untrusted: count(row, 5)?,
                    logins: count(row, 6)?,
                    failed_logins: count(row, 7)?,
                    with: [
                        count(row, 8)?,
                        count(row, 9)?,
                        count(row, 10)?,
                        count(row, 11)?,
                        count(row, 12)?,
                    ],
                    duplicates: count(row, 13)?,
                    traffic: count(row, 14)?,
                })
            },
        )
    }

    /// The first and the last day of which there are aggregates.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn days_known(&self) -> Result<Option<(i64, i64)>, Failure> {
        if !self.has_aggregates()? {
            return Ok(None);
        }
        let sql = "SELECT min(day), max(day) FROM days WHERE events > 0";
        let read = |row: &Row<'_>| Ok((row.get::<_, Option<i64>>(0)?, row.get(1)?));
        let (first, last): (_, Option<i64>) = self.connection.query_row(sql, [], read)?;
        Ok(first.zip(last))
    }

    /// True when some source gave an event on one of the days.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn has_events(&self, days: Range<i64>) -> Result<bool, Failure> {
        let sql = "SELECT 1 FROM days WHERE day >= ?1 AND day < ?2 AND events > 0 LIMIT 1";
        let found = self
            .connection
            .query_row(sql, params![days.start, days.end], |_| Ok(()));
        Ok(found.optional()?.is_some())
    }

    /// Events of each hour; packets that pass or are dropped are nobody's access.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn hour_rows(&self, days: Range<i64>) -> Result<Vec<HourRow>, Failure> {
        self.rows(
            &format!(
                "SELECT hour, sum(records), sum(CASE verdict WHEN 'closed' THEN records ELSE 0 END)
             FROM hours WHERE hour >= ?1 AND hour < ?2 AND {ACTS}
             GROUP BY hour ORDER BY hour"
            ),
            hours_of(&days),
            |row| {
                Ok(HourRow {
                    hour: row.get(0)?,
                    records: count(row, 1)?,
                    closed: count(row, 2)?,
                })
            },
        )
    }

    /// Events while the house was closed, by band and explanation; packets that pass or are dropped
    /// are nobody's access.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn band_rows(&self, days: Range<i64>) -> Result<Vec<BandRow>, Failure> {
        self.rows(
            &format!(
                "SELECT band, explained, sum(records) FROM hours
             WHERE hour >= ?1 AND hour < ?2 AND verdict = 'closed'
             AND {ACTS}
             GROUP BY band, explained ORDER BY band, explained"
            ),
            hours_of(&days),
            |row| {
                Ok(BandRow {
                    band: row.get(0)?,
                    explained: row.get(1)?,
                    records: count(row, 2)?,
                })
            },
        )
    }

    /// How often each source told of actions, by source and action.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn action_rows(
        &self,
        days: Range<i64>,
        actions: &[&str],
    ) -> Result<Vec<(String, String, u64)>, Failure> {
        let (from, to) = (days.start * 24, days.end * 24);
        let wanted = serde_json::to_string(actions)?;
        self.rows(
            "SELECT source, action, sum(records) FROM hours
             WHERE hour >= ?1 AND hour < ?2 AND action IN (SELECT value FROM json_each(?3))
             GROUP BY source, action ORDER BY source, action",
            params![from, to, wanted],
            |row| Ok((row.get(0)?, row.get(1)?, count(row, 2)?)),
        )
    }

    /// Departments or terminals by their events while the house was closed, the busiest first.
    /// `department` limits it to one.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn off_hours(
        &self,
        days: Range<i64>,
        whose: Whose,
        department: Option<&str>,
    ) -> Result<Vec<OffHours>, Failure> {
        let sql = match whose {
            Whose::Departments => {
                "SELECT department, '', sum(iif(band = 'after_hours', records, 0)),
                 sum(iif(band = 'holiday', records, 0)), sum(iif(band = 'late_night', records, 0)),
                 count(DISTINCT user)
                 FROM users WHERE day >= ?1 AND day < ?2 AND verdict = 'closed'
                 AND (?3 IS NULL OR department = ?3)
                 GROUP BY department ORDER BY sum(records) DESC, department"
            }
            Whose::Terminals => {
                "SELECT terminal, max(department), sum(iif(band = 'after_hours', records, 0)),
                 sum(iif(band = 'holiday', records, 0)), sum(iif(band = 'late_night', records, 0)),
                 0
                 FROM terminals WHERE day >= ?1 AND day < ?2 AND verdict = 'closed'
                 AND (?3 IS NULL OR department = ?3)
                 GROUP BY terminal ORDER BY sum(records) DESC, terminal LIMIT 200"
            }
        };
        self.rows(sql, params![days.start, days.end, department], |row| {
            Ok(OffHours {
                name: row.get(0)?,
                department: row.get(1)?,
                bands: [count(row, 2)?, count(row, 3)?, count(row, 4)?],
                users: count(row, 5)?,
            })
        })
    }

    /// The users who were active, by name.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn active_users(&self, days: Range<i64>) -> Result<Vec<ActiveUser>, Failure> {
        self.rows(
            "SELECT user, max(department), max(day), sum(records) FROM users
             WHERE day >= ?1 AND day < ?2 GROUP BY user ORDER BY user",
            params![days.start, days.end],
            |row| {
                Ok(ActiveUser {
                    user: row.get(0)?,
                    department: row.get(1)?,
                    last: row.get(2)?,
                    records: count(row, 3)?,
                })
            },
        )
    }

    /// Departments of the users and terminals of a stretch, by kind and name; those without one
    /// are left out.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn departments(&self, days: Range<i64>) -> Result<BTreeMap<String, String>, Failure> {
        let mut all = BTreeMap::new();
        for sql in [
            "SELECT DISTINCT terminal, department FROM terminals
             WHERE day >= ?1 AND day < ?2 AND terminal <> '' AND department <> ''",
            "SELECT DISTINCT user, department FROM users
             WHERE day >= ?1 AND day < ?2 AND user NOT IN ('', '*') AND department <> ''",
        ] {
            all.extend(self.rows(sql, params![days.start, days.end], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?);
        }
        Ok(all)
    }

    /// The settings a run left last, at or before an instant: a JSON document.
    ///
    /// # Errors
    /// What SQLite says; a document that is none.
    pub fn settings_at(&self, instant: i64) -> Result<Option<serde_json::Value>, Failure> {
        let sql = "SELECT document FROM settings
             WHERE run <= (SELECT coalesce(max(number), 0) FROM runs WHERE began <= ?1)
             ORDER BY run DESC LIMIT 1";
        let found = self
            .connection
            .query_row(sql, [instant], |row| row.get::<_, String>(0))
            .optional()?;
        Ok(found.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    /// The registers, calendar and rules as runs saw them, by kind and run: kind, run, and when it
    /// began, and the number of rows. A row stands where something changed.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn register_changes(&self) -> Result<Vec<RegisterChange>, Failure> {
        self.rows(
            "SELECT kind, run, began, rows FROM registers JOIN runs ON number = run
             ORDER BY kind, run",
            [],
            |row| {
                Ok(RegisterChange {
                    kind: row.get(0)?,
                    run: row.get(1)?,
                    began: row.get(2)?,
                    rows: count(row, 3)?,
                })
            },
        )
    }

    pub(super) fn rows<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, Failure> {
        let mut select = self.connection.prepare(sql)?;
        let rows = select.query_map(parameters, read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn hours_of(days: &Range<i64>) -> [i64; 2] {
    [days.start.saturating_mul(24), days.end.saturating_mul(24)]
}

/// What is somebody's act, as [`counts::is_traffic`](super::counts::is_traffic) has it.
const ACTS: &str = "action NOT IN ('allow', 'deny')";

/// A count; what is no count, in a file that another program wrote, is none.
pub(super) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let told: Option<i64> = row.get(column)?;
    Ok(told.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::ACTS;
    use crate::event::Action;
    use crate::store::counts::is_traffic;

    #[test]
    fn acts_are_what_is_no_traffic() {
        for action in Action::ALL {
            let is_named = ACTS.contains(&format!("'{}'", action.name()));
            assert_eq!(is_named, is_traffic(Some(*action)), "{}", action.name());
        }
    }
}
