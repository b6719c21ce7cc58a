//! What is too old goes: the details of runs, alerts nobody waits for, inputs, counted days.
//!
//! Takes an instant; gives how much went. The entries of the run record stay, so that the chain can
//! be held against a signed head; open alerts stay, however old they are. Never judges.

use rusqlite::{OptionalExtension as _, params};

use super::{Changing, Failure, Store};

/// How much went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purged {
    /// Alerts that were closed, superseded or retracted.
    pub alerts: u64,
    /// Ledgers of runs, one an input.
    pub ledgers: u64,
    /// Inputs.
    pub inputs: u64,
    /// Days of the weekly figures, each of one source.
    pub days: u64,
}

/// Nanoseconds of a day.
const DAY: i64 = 86_400_000_000_000;

/// The name under which `meta` keeps up to when inputs were forgotten.
const FORGOTTEN: &str = "forgotten";

impl Changing<'_> {
    /// Purges what ended before an instant (nanoseconds since 1970). Alerts that facts still at
    /// hand could make anew stay: `judged` is the first instant of these.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn purge(&self, before: i64, judged: i64) -> Result<Purged, Failure> {
        let run = |sql: &str, instant: i64| self.transaction.execute(sql, [instant]);
        let ledgers = run(
            "DELETE FROM ledger WHERE run IN (SELECT number FROM runs WHERE ended < ?1)",
            before,
        )?;
        // What an alert that stays lives on as stays too.
        let purgeable = "state <> 'open' AND \"end\" < ?1";
        let gone = format!(
            "WITH RECURSIVE kept (id) AS (
                 SELECT id FROM alerts WHERE NOT ({purgeable})
                 UNION
                 SELECT successor FROM alerts JOIN kept USING (id) WHERE successor IS NOT NULL)
             SELECT id FROM alerts WHERE id NOT IN (SELECT id FROM kept)"
        );
        let instant = before.min(judged);
        run(
            &format!("DELETE FROM dispositions WHERE alert IN ({gone})"),
            instant,
        )?;
        let alerts = run(&format!("DELETE FROM alerts WHERE id IN ({gone})"), instant)?;
        let last: Option<i64> = self.transaction.query_row(
            "SELECT max(\"last\") FROM inputs WHERE \"last\" < ?1 AND streams IS NULL",
            [before],
            |row| row.get(0),
        )?;
        if let Some(last) = last {
            self.forget_until(last)?;
        }
        let inputs = run(
            "DELETE FROM inputs WHERE \"last\" < ?1 AND streams IS NULL",
            before,
        )?;
        Ok(Purged {
            alerts: alerts as u64,
            ledgers: ledgers as u64,
            inputs: inputs as u64,
            days: self.purge_counts(before)?,
        })
    }

    /// Purges what was counted of days that ended before an instant, on whatever clock.
    fn purge_counts(&self, before: i64) -> Result<u64, Failure> {
        let day = before.div_euclid(DAY) - 1;
        let first: Option<i64> =
            self.transaction
                .query_row("SELECT min(day) FROM count_days", [], |row| row.get(0))?;
        if first.is_none_or(|first| first >= day) {
            return Ok(0);
        }
        let sources = "source IN (SELECT DISTINCT source FROM count_days)";
        for (table, below) in [
            ("count_users", "day < ?1"),
            ("count_terminals", "day < ?1"),
            ("count_hours", "hour < 24 * ?1"),
        ] {
            let sql = format!("DELETE FROM {table} WHERE {sources} AND {below}");
            self.transaction.execute(&sql, [day])?;
        }
        let run = |sql: &str| self.transaction.execute(sql, [day]);
        run("DELETE FROM ambiguous WHERE hour < 24 * ?1")?;
        run("DELETE FROM count_cells WHERE day < ?1")?;
        self.transaction.execute(
            "DELETE FROM count_inputs WHERE number NOT IN (SELECT input FROM count_cells)",
            [],
        )?;
        Ok(run("DELETE FROM count_days WHERE day < ?1")? as u64)
    }

    /// Takes note that inputs were forgotten that reach up to an instant.
    fn forget_until(&self, last: i64) -> Result<(), Failure> {
        self.transaction.execute(
            "INSERT INTO meta (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE
             SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))",
            params![FORGOTTEN, last.to_string()],
        )?;
        Ok(())
    }

    /// The first event time of inputs that reach beyond an instant.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn first_judged(&self, beyond: i64) -> Result<Option<i64>, Failure> {
        let sql = "SELECT min(\"first\") FROM inputs WHERE \"last\" >= ?1";
        Ok(self
            .transaction
            .query_row(sql, [beyond], |row| row.get(0))?)
    }
}

impl Store {
    /// Up to when inputs were read that are forgotten, nanoseconds since 1970.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn forgotten(&self) -> Result<Option<i64>, Failure> {
        let sql = "SELECT CAST(value AS INTEGER) FROM meta WHERE name = ?1";
        let last = self
            .connection
            .query_row(sql, [FORGOTTEN], |row| row.get(0));
        Ok(last.optional()?)
    }
}
