//! Alerts on their way to the sinks of the config.
//!
//! Takes an alert and the name of a sink in the change that keeps the alert; gives what waits, in
//! the order it came, and forgets what a sink has taken. Never sends anything.

use rusqlite::{Connection, params};
use serde::Deserialize;

use super::{Changing, Failure, State, Store, schema};
use crate::alert::Alert;
use crate::store::counts::NameKind;

/// An alert that waits for a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its place in the outbox; greater ones came later.
    pub number: i64,
    /// The alert as the sink may see it.
    pub alert: Alert,
    /// Why it does not stand any more; `None` for one that does.
    pub gone: Option<State>,
}

/// What a document tells beside the alert.
#[derive(Deserialize)]
struct Moved {
    #[serde(default)]
    state: Option<String>,
}

impl Changing<'_> {
    /// Lets an alert wait for a sink. The same revision waits once.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn post(&self, sink: &str, alert: &Alert) -> Result<(), Failure> {
        let document = serde_json::to_string(alert)?;
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO outbox (sink, alert, revision, document) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (sink, alert, revision) DO UPDATE SET document = excluded.document",
        )?;
        insert.execute(params![sink, alert.id, alert.revision, document])?;
        Ok(())
    }

    /// Lets a sink hear that an alert does not stand any more, in its last revision. What still
    /// waits of that revision need not be brought before.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn post_gone(&self, sink: &str, alert: &Alert, state: State) -> Result<(), Failure> {
        let mut document = serde_json::to_value(alert)?;
        document["state"] = state.name().into();
        // A new number, so that whoever brings the old row at this moment does not forget this one.
        let mut insert = self.transaction.prepare_cached(
            "INSERT OR REPLACE INTO outbox (sink, alert, revision, document)
             VALUES (?1, ?2, ?3, ?4)",
        )?;
        let document = document.to_string();
        insert.execute(params![sink, alert.id, alert.revision, document])?;
        Ok(())
    }

    /// The alerts that a run found not to stand any more, in the order of ids.
    ///
    /// # Errors
    /// What SQLite says; a document that is no alert.
    pub fn gone_in(&self, run: i64) -> Result<Vec<(Alert, State)>, Failure> {
        let mut select = self.transaction.prepare_cached(
            "SELECT document, state FROM alerts
             WHERE changed_in = ?1 AND state IN ('retracted', 'superseded') ORDER BY id",
        )?;
        let rows = select.query_map([run], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })?;
        let gone = rows.map(|row| {
            let (document, state) = row?;
            let state = State::from_name(&state).unwrap_or(State::Retracted);
            Ok((serde_json::from_str(&document)?, state))
        });
        gone.collect()
    }

    /// True for a folded account that is registered or was ever seen elsewhere than in failed
    /// logins, where people type passwords.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn has_seen_account(&self, account: &str) -> Result<bool, Failure> {
        let mut select = self
            .transaction
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM seen WHERE kind = ?1 AND value = ?2)")?;
        let kind = NameKind::Account.word();
        Ok(select.query_row([kind, account], |row| row.get(0))?)
    }
}

impl Store {
    /// A store that is gone when it is closed, for a run that remembers nothing.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn fleeting() -> Result<Store, Failure> {
        let mut connection = Connection::open_in_memory()?;
        schema::bring_up(&mut connection)?;
        Ok(Store {
            connection,
            _lock: None,
        })
    }

    /// The first alerts that wait for a sink behind this number, at most `limit`.
    ///
    /// # Errors
    /// What SQLite says; a document that is no alert.
    pub fn waiting(&self, sink: &str, behind: i64, limit: u32) -> Result<Vec<Waiting>, Failure> {
        let mut select = self.connection.prepare_cached(
            "SELECT number, document FROM outbox WHERE sink = ?1 AND number > ?2
             ORDER BY number LIMIT ?3",
        )?;
        let rows = select.query_map(params![sink, behind, limit], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
        })?;
        let mut found = Vec::new();
        for row in rows {
            let (number, document) = row?;
            let moved: Moved = serde_json::from_str(&document)?;
            found.push(Waiting {
                number,
                alert: serde_json::from_str(&document)?,
                gone: moved.state.and_then(|state| State::from_name(&state)),
            });
        }
        Ok(found)
    }

    /// How many alerts wait, by sink, in the order of names.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn waiting_by_sink(&self) -> Result<Vec<(String, u64)>, Failure> {
        let mut select = self
            .connection
            .prepare("SELECT sink, count(*) FROM outbox GROUP BY sink ORDER BY sink")?;
        let rows = select.query_map([], |row| {
            Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned()))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Forgets what a sink has taken, all of it or nothing.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn taken(&self, numbers: &[i64]) -> Result<(), Failure> {
        let change = self.connection.unchecked_transaction()?;
        let mut delete = change.prepare_cached("DELETE FROM outbox WHERE number = ?1")?;
        for number in numbers {
            delete.execute([number])?;
        }
        drop(delete);
        Ok(change.commit()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::{Level, RuleRef};
    use crate::diagnostic::Text;

    fn alert(id: &str, revision: u32) -> Alert {
        Alert {
            id: id.to_owned(),
            rule: RuleRef {
                id: "r".to_owned(),
                name: "r".to_owned(),
                title: "r".to_owned(),
                level: Level::Low,
                tags: Vec::new(),
                author: None,
            },
            start: 0,
            end: 0,
            count: 1,
            key: Vec::new(),
            summary: Text::default(),
            reasons: Vec::new(),
            evidence: Vec::new(),
            evidence_total: 1,
            clauses: Vec::new(),
            respond: Text::default(),
            revision,
        }
    }

    #[test]
    fn what_is_posted_waits_in_its_order_until_it_is_taken() {
        let mut store = Store::fleeting().unwrap();
        let changing = store.change().unwrap();
        for (sink, id, revision) in [("b", "x", 0), ("a", "x", 0), ("a", "x", 1), ("a", "w", 0)] {
            changing.post(sink, &alert(id, revision)).unwrap();
        }
        // The same revision waits once.
        changing.post("a", &alert("x", 1)).unwrap();
        changing.commit().unwrap();
        let told = |store: &Store, behind: i64, limit: u32| {
            let waiting = store.waiting("a", behind, limit).unwrap().into_iter();
            let told = waiting.map(|w| (w.number, w.alert.id, w.alert.revision));
            told.collect::<Vec<_>>()
        };
        let all = told(&store, 0, 9);
        let names: Vec<(&str, u32)> = all.iter().map(|w| (w.1.as_str(), w.2)).collect();
        assert_eq!(names, [("x", 0), ("x", 1), ("w", 0)]);
        assert_eq!(told(&store, all[0].0, 1), all[1..2]);
        store.taken(&[all[0].0, all[2].0]).unwrap();
        assert_eq!(told(&store, 0, 9), all[1..2]);
        let counts = store.waiting_by_sink().unwrap();
        assert_eq!(counts, [("a".to_owned(), 1), ("b".to_owned(), 1)]);
    }

    #[test]
    fn an_alert_that_is_gone_takes_the_place_of_what_waits_and_is_no_longer_forgotten_with_it() {
        let mut store = Store::fleeting().unwrap();
        let changing = store.change().unwrap();
        changing.post("a", &alert("x", 3)).unwrap();
        changing.commit().unwrap();
        let before = store.waiting("a", 0, 9).unwrap();
        assert_eq!(before[0].gone, None);
        let changing = store.change().unwrap();
        changing
            .post_gone("a", &alert("x", 3), State::Retracted)
            .unwrap();
        changing.commit().unwrap();
        store.taken(&[before[0].number]).unwrap();
        let after = store.waiting("a", 0, 9).unwrap();
        assert_eq!(after.len(), 1);
        assert_eq!(
            (after[0].gone, after[0].alert.revision),
            (Some(State::Retracted), 3)
        );
    }

    #[test]
    fn what_a_change_that_is_given_up_posted_does_not_wait() {
        let mut store = Store::fleeting().unwrap();
        let changing = store.change().unwrap();
        changing.post("a", &alert("x", 0)).unwrap();
        drop(changing);
        assert_eq!(store.waiting_by_sink().unwrap(), []);
    }
}
