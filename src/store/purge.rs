//! What is too old goes: the details of runs, alerts nobody waits for, inputs.
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
}

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
        })
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
