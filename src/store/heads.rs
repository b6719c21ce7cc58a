//! What a list tells of alerts, without the records they rest on.
//!
//! Takes an open store; gives one alert after the other, so that a list of any length is looked
//! through in little memory. Never changes the store.

use std::path::Path;

use rusqlite::params;

use super::alerts::{Filter, State};
use super::{Failure, Store};
use crate::alert::{Level, RuleRef};
use crate::diagnostic::Text;

/// An alert without its reasons and records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its id.
    pub id: String,
    /// Its rule.
    pub rule: RuleRef,
    /// First event, nanoseconds since 1970.
    pub start: i64,
    /// Field names and values of its key.
    pub key: Vec<(String, Option<String>)>,
    /// Its sentence.
    pub summary: Text,
}

/// The part of a document that a list needs; the records in it are passed over.
#[derive(serde::Deserialize)]
struct Document {
    id: String,
    rule: RuleRef,
    start: i64,
    key: Vec<(String, Option<String>)>,
    summary: Text,
}

impl Store {
    /// Opens a store that is there for reading alone: whatever would change it fails.
    ///
    /// # Errors
    /// As for [`Store::look`].
    pub fn read_only(path: &Path) -> Result<Store, Failure> {
        let store = Store::look_only(path)?;
        store.connection.pragma_update(None, "query_only", true)?;
        Ok(store)
    }

    /// Shows every alert that was asked for to `look`, by their beginnings. One is in memory at a
    /// time.
    ///
    /// # Errors
    /// What SQLite says; an alert that is none.
    pub fn each_head(&self, filter: &Filter, look: &mut dyn FnMut(Head)) -> Result<(), Failure> {
        let mut select = self.connection.prepare(
            "SELECT document, level, state FROM alerts
             WHERE \"end\" >= ?1 AND \"start\" < ?2 ORDER BY \"start\", id",
        )?;
        let (since, until) = (
            filter.since.unwrap_or(i64::MIN),
            filter.until.unwrap_or(i64::MAX),
        );
        let mut rows = select.query(params![since, until])?;
        while let Some(row) = rows.next()? {
            // Level and state stand outside the document, which is read only where they fit.
            let (level, state) = (row.get_ref(1)?, row.get_ref(2)?);
            let level = level.as_str().ok().and_then(Level::from_name);
            let state = state.as_str().unwrap_or_default();
            if filter.level.is_some_and(|least| level < Some(least))
                || !filter.states.is_empty()
                    && !filter
                        .states
                        .iter()
                        .any(|wanted: &State| wanted.name() == state)
            {
                continue;
            }
            let document: Document =
                serde_json::from_str(row.get_ref(0)?.as_str().unwrap_or_default())?;
            let rule = &document.rule;
            let is_of_rule = |name: &String| *name == rule.name || *name == rule.id;
            if filter.rule.as_ref().is_none_or(is_of_rule) {
                look(Head {
                    id: document.id,
                    rule: document.rule,
                    start: document.start,
                    key: document.key,
                    summary: document.summary,
                });
            }
        }
        Ok(())
    }

    /// Name and title of every rule that has alerts, by name.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn rules_with_alerts(&self) -> Result<Vec<(String, String)>, Failure> {
        let mut select = self.connection.prepare(
            "SELECT coalesce(json_extract(document, '$.rule.name'), ''),
                    coalesce(json_extract(document, '$.rule.title'), '')
             FROM (SELECT document FROM alerts GROUP BY rule)",
        )?;
        let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut found: Vec<(String, String)> = rows.collect::<Result<_, _>>()?;
        found.sort();
        found.dedup_by(|a, b| a.0 == b.0);
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_is_read_alone_is_never_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("s.db");
        drop(Store::open(&path).expect("a new store"));
        let mut store = Store::read_only(&path).expect("a store");
        let mut count = 0;
        store
            .each_head(&Filter::default(), &mut |_| count += 1)
            .expect("no alert");
        assert_eq!(count, 0);
        assert!(store.rules_with_alerts().expect("no rule").is_empty());
        let changed = store.change().and_then(|changing| {
            let entry = super::super::tests::entry(1);
            changing.append_run(&entry).map(drop)
        });
        assert!(matches!(changed, Err(Failure::Sqlite(_))), "{changed:?}");
    }
}
