//! What people ask of a store: one alert, the alerts of a key, whether anything was altered.
//!
//! Takes an open store; gives what is kept. Never changes it.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags, params};

use super::alerts::{alerts_digest, document_of};
use super::{Failure, Kept, PATIENCE, Store, schema};

impl Store {
    /// Opens a store only to look at it, on a medium that cannot be written too.
    ///
    /// # Errors
    /// As for [`Store::look`].
    pub fn look_only(path: &Path) -> Result<Store, Failure> {
        match Store::look(path) {
            Err(Failure::Sqlite(error)) if is_of_the_medium(&error) && !has_rest(path) => {
                Store::look_at_rest(path)
            }
            looked => looked,
        }
    }

    /// Opens a store that nobody writes: SQLite then needs no file beside it.
    pub(super) fn look_at_rest(path: &Path) -> Result<Store, Failure> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(uri_at_rest(path), flags)?;
        connection.busy_timeout(PATIENCE)?;
        schema::version(&connection)?;
        Ok(Store {
            connection,
            _lock: None,
        })
    }

    /// The alert of this id.
    ///
    /// # Errors
    /// What SQLite says; an alert that is no alert.
    pub fn alert(&self, id: &str) -> Result<Option<Kept>, Failure> {
        let mut select = self
            .connection
            .prepare_cached("SELECT document, state, successor FROM alerts WHERE id = ?1")?;
        let mut rows = select.query_map([id], document_of)?;
        match rows.next() {
            Some(row) => Ok(Some(self.kept(row?)?)),
            None => Ok(None),
        }
    }

    /// All alerts there ever were of a rule and key, by their beginnings.
    ///
    /// # Errors
    /// As for [`Store::alert`].
    pub fn alerts_of(
        &self,
        rule: &str,
        key: &[(String, Option<String>)],
    ) -> Result<Vec<Kept>, Failure> {
        let mut select = self.connection.prepare(
            "SELECT document, state, successor FROM alerts
             WHERE rule = ?1 ORDER BY \"start\", id",
        )?;
        let rows = select.query_map(params![rule], document_of)?;
        let mut found = Vec::new();
        for row in rows {
            let kept = self.kept(row?)?;
            if kept.alert.key == key {
                found.push(kept);
            }
        }
        Ok(found)
    }

    /// The ids of all alerts, in their order.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn ids(&self) -> Result<Vec<String>, Failure> {
        let mut select = self
            .connection
            .prepare("SELECT id FROM alerts ORDER BY id")?;
        let ids = select.query_map([], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// The alert that an alert lives on as: itself, or the last of those that took its place.
    ///
    /// # Errors
    /// As for [`Store::alert`].
    pub fn live(&self, kept: Kept) -> Result<Kept, Failure> {
        let mut passed = vec![kept.alert.id.clone()];
        let mut kept = kept;
        while let Some(next) = kept.successor.clone() {
            // A ring can only be made by another program's hand; it must not hold us.
            if passed.contains(&next) {
                break;
            }
            let Some(successor) = self.alert(&next)? else {
                break;
            };
            passed.push(next);
            kept = successor;
        }
        Ok(kept)
    }

    /// SHA-256 over the ids and revisions of all live alerts, as the last run told it.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn alerts_digest(&self) -> Result<String, Failure> {
        alerts_digest(&self.connection)
    }
}

/// True for what SQLite says when it may not write beside the store.
fn is_of_the_medium(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
    )
}

/// True when changes stand beside the store that were not brought into it yet.
fn has_rest(path: &Path) -> bool {
    let mut beside = path.as_os_str().to_owned();
    beside.push("-wal");
    std::fs::metadata(beside).is_ok_and(|found| found.len() > 0)
}

/// The name by which SQLite opens a file that does not change.
fn uri_at_rest(path: &Path) -> String {
    let mut uri = String::from("file:");
    for c in path.to_string_lossy().replace('\\', "/").chars() {
        match c {
            '%' | '?' | '#' => uri.push_str(&format!("%{:02X}", u32::from(c))),
            c => uri.push(c),
        }
    }
    uri.push_str("?immutable=1");
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_at_rest_is_read_where_nothing_can_be_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("夜 100%#1.db");
        drop(Store::open(&path).expect("a new store"));
        let store = Store::look_at_rest(&path).expect("a store at rest");
        assert!(store.ids().expect("ids").is_empty());
        assert!(store.runs().expect("runs").is_empty());
        assert!(matches!(
            Store::look_only(&folder.path().join("none.db")),
            Err(Failure::Missing)
        ));
    }
}
