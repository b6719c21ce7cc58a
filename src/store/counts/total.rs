//! A day of a source, added up over the inputs that count.
//!
//! Takes the cells that the store keeps for each input; writes the rows that the views show. Never
//! changes what is kept of an input.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::choose::{Telling, choose};
use super::hour::{Cells, HourCount, unpack};
use super::{DAY, Kind, NameKey};
use crate::event::{Action, Outcome};
use crate::store::{Changing, Failure};

/// An input that tells of a day.
pub(super) struct Teller {
    pub(super) input: i64,
    pub(super) run: i64,
    place: String,
    pub(super) hours: BTreeMap<i64, HourCount>,
}

/// The figures of `count_days`.
#[derive(Clone, Copy, Debug, Default)]
struct DayFigures {
    records: u64,
    events: u64,
    rejects: u64,
    untrusted: u64,
    logins: u64,
    failed_logins: u64,
    with_user: u64,
    with_patient: u64,
    with_terminal: u64,
    with_outcome: u64,
    duplicates: u64,
    traffic: u64,
}

/// Packets that passed or were dropped: counted by hour and day, without account and terminal, so
/// that the rest of their lines need not be read.
pub const fn is_traffic(action: Option<Action>) -> bool {
    matches!(action, Some(Action::Allow | Action::Deny))
}

impl DayFigures {
    fn add(&mut self, hour: &HourCount, nobody: u32) {
        let acts = |of: &dyn Fn(Option<Action>, Kind) -> bool| {
            hour.acts.sum(|key| of(key.action, key.kind))
        };
        let is_login = |action| action == Some(Action::Login);
        self.records += hour.likeness.count + hour.rejects;
        self.rejects += hour.rejects;
        self.events += acts(&|_, _| true);
        self.untrusted += acts(&|_, kind| kind.is_untrusted());
        self.logins += acts(&|action, _| is_login(action));
        self.failed_logins +=
            acts(&|action, kind| is_login(action) && kind.outcome() == Outcome::Failure);
        self.with_outcome += acts(&|_, kind| kind.outcome() != Outcome::Unknown);
        self.traffic += acts(&|action, _| is_traffic(action));
        self.with_user += hour.users.sum(|key| key.name != nobody);
        self.with_terminal += hour.terminals.sum(|key| key.name != nobody);
        self.with_patient += hour.with_patient;
    }
}

/// What is added up over the hours of a day.
#[derive(Default)]
struct Sums {
    figures: DayFigures,
    users: Cells<NameKey>,
    terminals: Cells<NameKey>,
}

impl Changing<'_> {
    /// Adds up a day of a source anew.
    pub(super) fn add_up(&self, source: &str, day: i64) -> Result<(), Failure> {
        let tellers = tellers(&self.transaction, source, day)?;
        let name = self.name_number(source)?;
        let nobody = self.name_number("")?;
        self.clear(source, name, day)?;
        let mut sums = Sums::default();
        for hour in day * DAY..(day + 1) * DAY {
            self.add_up_hour((source, name, nobody), hour, &tellers, &mut sums)?;
        }
        let Sums {
            figures,
            mut users,
            mut terminals,
        } = sums;
        if tellers.is_empty() {
            return Ok(());
        }
        self.write_day(name, day, figures)?;
        users.settle();
        terminals.settle();
        let users = (
            "INSERT INTO count_users VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &users,
        );
        let terminals = (
            "INSERT INTO count_terminals VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            &terminals,
        );
        for (sql, cells) in [users, terminals] {
            let mut insert = self.transaction.prepare_cached(sql)?;
            for (key, events) in cells.iter() {
                let kind = key.kind.number();
                let events = events.cast_signed();
                insert.execute(params![name, day, key.name, key.department, kind, events])?;
            }
        }
        Ok(())
    }

    fn add_up_hour(
        &self,
        (source, name, nobody): (&str, u32, u32),
        hour: i64,
        tellers: &[Teller],
        sums: &mut Sums,
    ) -> Result<(), Failure> {
        let telling = tellers.iter().filter(|t| t.hours.contains_key(&hour));
        let telling: Vec<&Teller> = telling.collect();
        let counts = telling.iter().map(|teller| Telling {
            input: teller.input,
            run: teller.run,
            count: &teller.hours[&hour],
        });
        let counts: Vec<Telling<'_>> = counts.collect();
        let chosen = choose(&counts);
        let mut acts = Cells::default();
        for at in &chosen.kept {
            let count = counts[*at].count;
            sums.figures.add(count, nobody);
            count.acts.iter().for_each(|(key, n)| acts.add(key, n));
            // What explains an hour is told by what happened; the rows of accounts do not split.
            for (key, n) in count.users.iter() {
                let kind = key.kind.unexplained();
                sums.users.add(NameKey { kind, ..key }, n);
            }
            let terminals = count.terminals.iter();
            terminals.for_each(|(key, n)| sums.terminals.add(key, n));
        }
        for (at, kept) in chosen.doubled {
            // A file that grew or was written anew tells nothing twice.
            if telling[at].place != telling[kept].place {
                sums.figures.duplicates += counts[at].count.likeness.count;
            }
        }
        let left_out = chosen.left_out.iter();
        let left_out: u64 = left_out.map(|at| counts[*at].count.likeness.count).sum();
        if left_out > 0 {
            self.transaction.execute(
                "INSERT INTO ambiguous (source, hour, records) VALUES (?1, ?2, ?3)",
                params![source, hour, left_out.cast_signed()],
            )?;
        }
        acts.settle();
        let mut insert = self
            .transaction
            .prepare_cached("INSERT INTO count_hours VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for (key, events) in acts.iter() {
            let action = key.action.map_or("", Action::name);
            let kind = key.kind.number();
            insert.execute(params![name, hour, action, kind, events.cast_signed()])?;
        }
        Ok(())
    }

    fn clear(&self, source: &str, name: u32, day: i64) -> Result<(), Failure> {
        for table in ["count_users", "count_terminals", "count_days"] {
            let sql = format!("DELETE FROM {table} WHERE source = ?1 AND day = ?2");
            self.transaction
                .prepare_cached(&sql)?
                .execute(params![name, day])?;
        }
        let hours = (day * DAY, (day + 1) * DAY);
        self.transaction
            .prepare_cached(
                "DELETE FROM count_hours WHERE source = ?1 AND hour >= ?2 AND hour < ?3",
            )?
            .execute(params![name, hours.0, hours.1])?;
        self.transaction
            .prepare_cached("DELETE FROM ambiguous WHERE source = ?1 AND hour >= ?2 AND hour < ?3")?
            .execute(params![source, hours.0, hours.1])?;
        Ok(())
    }

    fn write_day(&self, name: u32, day: i64, figures: DayFigures) -> Result<(), Failure> {
        let DayFigures {
            records,
            events,
            rejects,
            untrusted,
            logins,
            failed_logins,
            with_user,
            with_patient,
            with_terminal,
            with_outcome,
            duplicates,
            traffic,
        } = figures;
        let figures = [
            records,
            events,
            rejects,
            untrusted,
            logins,
            failed_logins,
            with_user,
            with_patient,
            with_terminal,
            with_outcome,
            events - untrusted,
            duplicates,
            traffic,
        ];
        let all = [i64::from(name), day].into_iter();
        let all = all.chain(figures.into_iter().map(u64::cast_signed));
        self.transaction
            .prepare_cached(
                "INSERT INTO count_days
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
            )?
            .execute(rusqlite::params_from_iter(all))?;
        Ok(())
    }
}

/// What the inputs of a source tell of a day.
pub(super) fn tellers(
    connection: &Connection,
    source: &str,
    day: i64,
) -> Result<Vec<Teller>, Failure> {
    let mut select = connection.prepare_cached(
        "SELECT i.number, i.run, i.place, c.cells
         FROM count_cells c JOIN count_inputs i ON i.number = c.input
         WHERE c.day = ?1 AND i.source = ?2 ORDER BY i.number",
    )?;
    let mut rows = select.query(params![day, source])?;
    let mut tellers = Vec::new();
    while let Some(row) = rows.next()? {
        let packed: Vec<u8> = row.get(3)?;
        tellers.push(Teller {
            input: row.get(0)?,
            run: row.get(1)?,
            place: row.get(2)?,
            hours: unpack(&packed).ok_or_else(damaged)?,
        });
    }
    Ok(tellers)
}

/// Cells that this program did not write.
fn damaged() -> Failure {
    use serde::de::Error as _;
    Failure::Damaged(serde_json::Error::custom("counted cells are not readable"))
}
