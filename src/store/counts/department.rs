//! The hours of one department, from the cells that are kept of each input.
//!
//! Takes days and a department; gives its events by hour and kind. The rows that the views show
//! tell the department of an event by day alone; the cells tell it by hour, in stores of earlier
//! versions too.

use std::collections::BTreeMap;
use std::ops::Range;

use rusqlite::{OptionalExtension as _, params};

use super::choose::{Telling, choose};
use super::hour::HourCount;
use super::total::{Teller, tellers};
use super::{DAY, Kind};
use crate::store::{Failure, Store};

/// Events of a department's accounts; packets that pass or are dropped belong to none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DepartmentHours {
    /// Hour since 1970 by the site's clock, kind, events; in this order.
    pub cells: Vec<(i64, Kind, u64)>,
    /// False when some of these hours were counted by an earlier version, which did not keep for
    /// whom a closed hour is explained.
    pub knows_explained: bool,
}

impl DepartmentHours {
    /// All events.
    pub fn events(&self) -> u64 {
        self.cells.iter().map(|(_, _, events)| events).sum()
    }
}

impl Store {
    /// The hours of a department.
    ///
    /// # Errors
    /// What SQLite says; cells that this program did not write.
    pub fn department_hours(
        &self,
        days: Range<i64>,
        department: &str,
    ) -> Result<DepartmentHours, Failure> {
        let mut found = DepartmentHours {
            knows_explained: true,
            ..DepartmentHours::default()
        };
        let sql = "SELECT number FROM count_names WHERE text = ?1";
        let number = self
            .connection
            .query_row(sql, [department], |row| row.get::<_, u32>(0));
        let Some(number) = number.optional()? else {
            return Ok(found);
        };
        let mut cells = BTreeMap::new();
        for (source, day) in self.told_days(days)? {
            let tellers = tellers(&self.connection, &source, day)?;
            for hour in day * DAY..(day + 1) * DAY {
                let counts = tellings(&tellers, hour);
                for at in choose(&counts).kept {
                    let count = counts[at].count;
                    found.knows_explained &= knows_explained(count);
                    let own = count
                        .users
                        .iter()
                        .filter(|(key, _)| key.department == number);
                    for (key, events) in own {
                        *cells.entry((hour, key.kind)).or_default() += events;
                    }
                }
            }
        }
        let cells = cells.into_iter();
        found.cells = cells.map(|((hour, kind), n)| (hour, kind, n)).collect();
        Ok(found)
    }

    /// Accounts of a department that were active; those that no register knows count as one.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn active_accounts(&self, days: Range<i64>, department: &str) -> Result<u64, Failure> {
        let sql = "SELECT count(DISTINCT user) FROM users
             WHERE day >= ?1 AND day < ?2 AND department = ?3";
        let parameters = params![days.start, days.end, department];
        let count: i64 = self
            .connection
            .query_row(sql, parameters, |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }

    /// The days of which inputs tell, by source.
    fn told_days(&self, days: Range<i64>) -> Result<Vec<(String, i64)>, Failure> {
        let mut select = self.connection.prepare(
            "SELECT DISTINCT i.source, c.day FROM count_cells c JOIN count_inputs i
             ON i.number = c.input WHERE c.day >= ?1 AND c.day < ?2 ORDER BY i.source, c.day",
        )?;
        let rows = select.query_map(params![days.start, days.end], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

fn tellings(tellers: &[Teller], hour: i64) -> Vec<Telling<'_>> {
    let telling = tellers.iter().filter_map(|teller| {
        Some(Telling {
            input: teller.input,
            run: teller.run,
            count: teller.hours.get(&hour)?,
        })
    });
    telling.collect()
}

/// True when as many events are explained by account as by what happened.
fn knows_explained(count: &HourCount) -> bool {
    let is_explained = |kind: Kind| kind != kind.unexplained();
    let acts = count.acts.sum(|key| is_explained(key.kind));
    acts == count.users.sum(|key| is_explained(key.kind))
}

#[cfg(test)]
mod tests {
    use super::super::{ActKey, Explained, NameKey};
    use super::*;
    use crate::calendar::{Band, Verdict};

    #[test]
    fn an_hour_that_an_earlier_version_counted_does_not_tell_whom_a_roster_explains() {
        let plain = Kind::of(Verdict::Closed, Some(Band::LateNight));
        let kind = plain.explained_by(Explained::Roster);
        let user = |kind| NameKey {
            name: 2,
            department: 3,
            kind,
        };
        let mut hour = HourCount::default();
        hour.acts.add(ActKey { action: None, kind }, 4);
        hour.users.add(user(plain), 4);
        assert!(!knows_explained(&hour));
        let mut hour = HourCount::default();
        hour.acts.add(ActKey { action: None, kind }, 4);
        hour.users.add(user(kind), 3);
        hour.users.add(user(kind), 1);
        assert!(knows_explained(&hour));
        assert!(knows_explained(&HourCount::default()));
    }
}
