//! When names were seen first and last: what a run saw, brought into the rows of `seen`.
//!
//! Takes the names of a source that a run saw; writes rows where something changed. Names are
//! brought in their order, all of a kind at once, so that many of them cost a walk through the
//! rows and no search each. Never keeps what was only typed at failed logins.

use rusqlite::{OptionalExtension as _, Row, params};

use super::names::{CountedName, NameKind};
use super::{Changing, Failure};

/// So many names are looked for one by one; of more, all rows are read.
const FEW: usize = 256;

/// A name, when it was seen, and whether elsewhere than in failed logins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sighting<'n> {
    pub(super) name: &'n CountedName,
    /// First and last event time, nanoseconds since 1970.
    pub(super) span: (i64, i64),
    pub(super) known: bool,
    pub(super) vouched: bool,
}

impl Sighting<'_> {
    /// By what it is told from others: its kind and text.
    fn key(&self) -> (NameKind, &str) {
        (self.name.kind, &self.name.text)
    }

    fn join(&mut self, other: &Sighting<'_>) {
        self.span = joined(self.span, other.span);
        self.known |= other.known;
        self.vouched |= other.vouched;
    }
}

/// A row of `seen`.
type Known = ((i64, i64), bool);

/// A row of `seen` that a name has.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) row: Known,
    /// True when it has cells of its own.
    pub(super) has_cells: bool,
}

pub(super) fn joined(one: (i64, i64), other: (i64, i64)) -> (i64, i64) {
    (one.0.min(other.0), one.1.max(other.1))
}

/// Puts sightings in order, one for each name.
pub(super) fn settle(sightings: &mut Vec<Sighting<'_>>) {
    sightings.sort_unstable_by(|one, other| one.key().cmp(&other.key()));
    sightings.dedup_by(|next, before| {
        let same = next.key() == before.key();
        if same {
            before.join(next);
        }
        same
    });
}

/// The rows that names of a kind and source have; the names are in order.
pub(super) fn rows_of(
    changing: &Changing<'_>,
    source: &str,
    names: &[Sighting<'_>],
) -> Result<Vec<Option<Found>>, Failure> {
    match names.len() <= FEW {
        true => looked_up(changing, source, names),
        false => walked(changing, source, names),
    }
}

fn looked_up(
    changing: &Changing<'_>,
    source: &str,
    names: &[Sighting<'_>],
) -> Result<Vec<Option<Found>>, Failure> {
    let mut select = changing.transaction.prepare_cached(
        "SELECT \"first\", \"last\", known, counted FROM seen
         WHERE kind = ?1 AND source = ?2 AND value = ?3",
    )?;
    let mut rows = Vec::with_capacity(names.len());
    for Sighting { name, .. } in names {
        let row = select.query_row(params![name.kind.word(), source, name.text], found);
        rows.push(row.optional()?);
    }
    Ok(rows)
}

fn walked(
    changing: &Changing<'_>,
    source: &str,
    names: &[Sighting<'_>],
) -> Result<Vec<Option<Found>>, Failure> {
    let mut all = vec![None; names.len()];
    let Some((first, last)) = names.first().zip(names.last()) else {
        return Ok(all);
    };
    let mut select = changing.transaction.prepare_cached(
        "SELECT \"first\", \"last\", known, counted, value FROM seen
         WHERE kind = ?1 AND source = ?2 AND value BETWEEN ?3 AND ?4 ORDER BY value",
    )?;
    let kind = first.name.kind.word();
    let mut rows = select.query(params![kind, source, first.name.text, last.name.text])?;
    let mut at = 0;
    while let Some(row) = rows.next()? {
        let value = row.get_ref(4)?.as_str().map_err(rusqlite::Error::from)?;
        while names.get(at).is_some_and(|s| &*s.name.text < value) {
            at += 1;
        }
        if names.get(at).is_some_and(|s| &*s.name.text == value) {
            all[at] = Some(found(row)?);
        }
    }
    Ok(all)
}

fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    let told = known(row)?;
    Ok(Found {
        row: told,
        has_cells: told.1 || row.get(3)?,
    })
}

fn known(row: &Row<'_>) -> rusqlite::Result<Known> {
    Ok(((row.get(0)?, row.get(1)?), row.get(2)?))
}

impl Changing<'_> {
    /// Brings a sighting to the row that the name has.
    pub(super) fn see_again(
        &self,
        source: &str,
        sighting: &Sighting<'_>,
        row: Known,
    ) -> Result<(), Failure> {
        let span = joined(row.0, sighting.span);
        let now = (span, row.1 | sighting.known);
        if now == row {
            return Ok(());
        }
        let name = sighting.name;
        self.transaction
            .prepare_cached(
                "UPDATE seen SET \"first\" = ?4, \"last\" = ?5, known = ?6
                 WHERE kind = ?1 AND source = ?2 AND value = ?3",
            )?
            .execute(params![
                name.kind.word(),
                source,
                name.text,
                span.0,
                span.1,
                now.1
            ])?;
        Ok(())
    }

    /// Gives names their rows.
    pub(super) fn see_first<'s, 'n: 's>(
        &self,
        source: &str,
        sightings: impl IntoIterator<Item = &'s Sighting<'n>>,
    ) -> Result<(), Failure> {
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO seen (kind, value, source, \"first\", \"last\", known, counted)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)",
        )?;
        for sighting in sightings {
            let (name, (first, last)) = (sighting.name, sighting.span);
            let kind = name.kind.word();
            insert.execute(params![
                kind,
                name.text,
                source,
                first,
                last,
                sighting.known
            ])?;
        }
        Ok(())
    }

    /// Brings names that get no row to the one of all such names.
    pub(super) fn see_others(
        &self,
        source: &str,
        kind: NameKind,
        span: (i64, i64),
    ) -> Result<(), Failure> {
        let others = CountedName {
            kind,
            text: "*".into(),
            known: false,
        };
        let sighting = Sighting {
            name: &others,
            span,
            known: false,
            vouched: true,
        };
        let rows = looked_up(self, source, std::slice::from_ref(&sighting))?;
        match rows.into_iter().flatten().next() {
            Some(found) => self.see_again(source, &sighting, found.row),
            None => self.see_first(source, [&sighting]),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::names::Numbers;
    use super::super::{Seen, Store};
    use super::*;

    /// Names of two kinds, few enough to meet again, a tenth of them known to a register.
    fn names() -> Vec<CountedName> {
        let kinds = [NameKind::Account, NameKind::Terminal];
        let one = |at: usize| CountedName {
            kind: kinds[at % 2],
            text: format!("n{}", at / 2).into(),
            known: at.is_multiple_of(10),
        };
        (0..900).map(one).collect()
    }

    fn nights() -> impl Strategy<Value = Vec<Vec<Seen>>> {
        let seen = (0u32..900, 0i64..50, 0i64..9, any::<bool>()).prop_map(
            |(name, first, more, vouched)| Seen {
                name,
                span: (first, first + more),
                vouched,
            },
        );
        prop::collection::vec(prop::collection::vec(seen, 0..900), 1..4)
    }

    /// The rows as they should be: name by name.
    fn twin(nights: &[Vec<Seen>], names: &[CountedName]) -> Vec<(String, String, Known)> {
        let mut rows: std::collections::BTreeMap<(String, String), Known> = Default::default();
        for night in nights {
            let mut vouched = vec![false; names.len()];
            for seen in night {
                vouched[seen.name as usize] |= seen.vouched;
            }
            let before = rows.clone();
            for seen in night {
                let name = &names[seen.name as usize];
                let own = (name.kind.word().to_owned(), name.text.to_string());
                let is_kept =
                    name.known || vouched[seen.name as usize] || before.contains_key(&own);
                let place = match is_kept {
                    true => own,
                    false => (own.0, "*".to_owned()),
                };
                let row = rows.entry(place).or_insert((seen.span, name.known));
                *row = (joined(row.0, seen.span), row.1 | name.known);
            }
        }
        rows.into_iter().map(|((k, v), row)| (k, v, row)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn rows_are_those_of_name_by_name(nights in nights()) {
            let folder = tempfile::tempdir().expect("a folder");
            let mut store = Store::open(&folder.path().join("s.db")).expect("a store");
            let names = names();
            for night in &nights {
                let changing = store.change().expect("no other writer");
                let mut numbers = Numbers::new(&changing, &names);
                numbers.see("ehr", night);
                numbers.keep_seen().expect("they are kept");
                changing.commit().expect("a commit");
            }
            let sql = "SELECT \"first\", \"last\", known, kind, value FROM seen
                       WHERE source = 'ehr' ORDER BY kind, value";
            let mut select = store.connection.prepare(sql).expect("a query");
            let rows = select.query_map([], |row| Ok((row.get(3)?, row.get(4)?, known(row)?)));
            let rows: Vec<_> = rows.expect("rows").map(|row| row.expect("a row")).collect();
            prop_assert_eq!(rows, twin(&nights, &names));
        }
    }
}
