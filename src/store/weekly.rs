//! What the weekly report asks of a store: sums over the aggregates of a stretch of days.
//!
//! Takes an open store and days or hours of the site's clock; gives sums, never single records, so
//! that the answer stays small whatever the stretch held. Never changes anything. A store without
//! the aggregates, written by an earlier version, gives none.

use std::collections::BTreeMap;
use std::ops::Range;

use rusqlite::{OptionalExtension as _, Params, Row, params};

use super::alerts::document_of;
use super::{Failure, Kept, Store};

/// What one source gave on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayRow {
    /// Source name.
    pub source: String,
    /// Local day, counted from 1970-01-01.
    pub day: i64,
    /// Records, rejects among them.
    pub records: u64,
    /// Events.
    pub events: u64,
    /// Rejected records.
    pub rejects: u64,
    /// Events whose clock is not to be trusted.
    pub untrusted: u64,
    /// Logins that succeeded or whose outcome is not told.
    pub logins: u64,
    /// Logins that failed.
    pub failed_logins: u64,
    /// Events that name a user, a patient, a terminal, an outcome, a time of day; in this order.
    pub with: [u64; 5],
    /// Records that were there before.
    pub duplicates: u64,
    /// Events that are packets let pass or dropped.
    pub traffic: u64,
}

/// Events of one hour of the week by what the calendar says of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourRow {
    /// Local hour, counted from 1970-01-01T00.
    pub hour: i64,
    /// Events.
    pub records: u64,
    /// Those of them for which the house was closed.
    pub closed: u64,
}

/// Events outside the business hours, by band and by what explains them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BandRow {
    /// `after_hours`, `holiday` or `late_night`.
    pub band: String,
    /// `roster`, `declaration` or empty.
    pub explained: String,
    /// Events.
    pub records: u64,
}

/// Whose events are summed outside the business hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Departments of users.
    Departments,
    /// Terminals.
    Terminals,
}

/// Events of one department or terminal outside the business hours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OffHours {
    /// Its name; empty where the log tells none.
    pub name: String,
    /// Department of a terminal.
    pub department: String,
    /// Events by band: after hours, holidays, late night.
    pub bands: [u64; 3],
    /// Users that were active in it; 0 for terminals.
    pub users: u64,
}

impl OffHours {
    /// All events.
    pub fn total(&self) -> u64 {
        self.bands.iter().sum()
    }
}

/// Something that is followed across all days: an account, a terminal, a hardware address, a
/// device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenRow {
    /// Its name.
    pub value: String,
    /// A source that saw it.
    pub source: String,
    /// First and last time, nanoseconds since 1970.
    pub span: (i64, i64),
}

/// A register, the calendar or the rules as a run saw them first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterChange {
    /// `devices`, `staff`, `calendar`, `rules` and so on.
    pub kind: String,
    /// The run.
    pub run: i64,
    /// When it began, nanoseconds since 1970.
    pub began: i64,
    /// Rows of a register, calendars or rules.
    pub rows: u64,
}

/// A user who was active in the stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveUser {
    /// Account, folded; `*` stands for all that no register knows.
    pub user: String,
    /// Department.
    pub department: String,
    /// Last day.
    pub last: i64,
    /// Events.
    pub records: u64,
}

/// The last alerts' counts of a day and level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertTime {
    /// When it began, nanoseconds since 1970.
    pub start: i64,
    /// Sigma's word for the level.
    pub level: String,
}

/// An alert with the runs that know it.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The alert.
    pub kept: Kept,
    /// The run that found it and the run that changed it last.
    pub runs: (i64, i64),
}

/// An alert with its revision and state, without its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertHead {
    /// Rule id.
    pub rule: String,
    /// Sigma's word for the level.
    pub level: String,
    /// `open` or `closed`.
    pub state: String,
    /// 0 for the first issue.
    pub revision: u32,
    /// The run that changed it last.
    pub changed_in: i64,
    /// The word of the latest decision; empty when there is none.
    pub decided: String,
}

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

    /// Events of each hour.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn hour_rows(&self, days: Range<i64>) -> Result<Vec<HourRow>, Failure> {
        self.rows(
            "SELECT hour, sum(records), sum(CASE verdict WHEN 'closed' THEN records ELSE 0 END)
             FROM hours WHERE hour >= ?1 AND hour < ?2 GROUP BY hour ORDER BY hour",
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

    /// Events while the house was closed, by band and explanation.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn band_rows(&self, days: Range<i64>) -> Result<Vec<BandRow>, Failure> {
        self.rows(
            "SELECT band, explained, sum(records) FROM hours
             WHERE hour >= ?1 AND hour < ?2 AND verdict = 'closed'
             GROUP BY band, explained ORDER BY band, explained",
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

    /// What was seen for the first time in a stretch of instants, by its first time: the number of
    /// all, and the first `limit` of them.
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
             WHERE kind = ?1 AND value <> '*' GROUP BY value HAVING began >= ?2 AND began < ?3
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
        self.rows(
            "SELECT rule, level, state, revision, changed_in, coalesce((SELECT word FROM
             dispositions WHERE alert = alerts.id ORDER BY number DESC LIMIT 1), '') FROM alerts
             WHERE \"start\" >= ?1 AND \"start\" < ?2 AND state IN ('open', 'closed')
             ORDER BY \"start\", id",
            params![stretch.start, stretch.end],
            |row| {
                Ok(AlertHead {
                    rule: row.get(0)?,
                    level: row.get(1)?,
                    state: row.get(2)?,
                    revision: row.get(3)?,
                    changed_in: row.get(4)?,
                    decided: row.get(5)?,
                })
            },
        )
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
    pub fn each_open(&self, until: i64, look: &mut dyn FnMut(Standing)) -> Result<(), Failure> {
        let mut select = self.connection.prepare(
            "SELECT document, state, successor, found_in, changed_in FROM alerts
             WHERE \"start\" < ?1 AND state = 'open' ORDER BY \"start\", id",
        )?;
        let mut rows = select.query([until])?;
        while let Some(row) = rows.next()? {
            look(Standing {
                kept: self.kept(document_of(row)?)?,
                runs: (row.get(3)?, row.get(4)?),
            });
        }
        Ok(())
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

    fn rows<T>(
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

fn seen_row(row: &Row<'_>) -> rusqlite::Result<SeenRow> {
    Ok(SeenRow {
        value: row.get(0)?,
        source: row.get(1)?,
        span: (row.get(2)?, row.get(3)?),
    })
}

/// A count; what is no count, in a file that another program wrote, is none.
fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let told: Option<i64> = row.get(column)?;
    Ok(told.and_then(|n| u64::try_from(n).ok()).unwrap_or(0))
}
