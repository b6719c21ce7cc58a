//! What the weekly page reads: the views of a store, as lines that can be compared.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::Value;

/// All rows of a query, one line each, in their order as text.
pub fn rows(store: &Path, sql: &str) -> Vec<String> {
    let connection = Connection::open(store).expect("a store");
    let mut select = connection.prepare(sql).expect("a query");
    let columns = select.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        let cells = (0..columns).map(|at| match row.get_unwrap(at) {
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => text,
            other => format!("{other:?}"),
        });
        Ok(cells.collect::<Vec<_>>().join("|"))
    };
    let rows = select.query_map([], row).expect("rows");
    let mut rows: Vec<String> = rows.map(|row| row.expect("a row")).collect();
    rows.sort();
    rows
}

/// Everything the page reads of events, but for how often they were told.
pub fn all(store: &Path) -> Vec<String> {
    let views = [
        "SELECT 'hours', * FROM hours",
        "SELECT 'users', * FROM users",
        "SELECT 'terminals', * FROM terminals",
        "SELECT 'days', source, day, records, events, rejects, untrusted, logins, failed_logins,
            with_user, with_patient, with_terminal, with_outcome, with_time, traffic FROM days",
        "SELECT 'seen', kind, value, source, \"first\", \"last\" FROM seen",
        "SELECT 'ambiguous', * FROM ambiguous",
    ];
    views.iter().flat_map(|sql| rows(store, sql)).collect()
}

/// One number.
pub fn number(store: &Path, sql: &str) -> i64 {
    rows(store, sql)[0].parse().expect("a number")
}
