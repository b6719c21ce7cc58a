//! What the store promises, on a file in a temporary folder.

mod decided;

use std::collections::BTreeSet;

use super::*;
use crate::alert::{Alert, Level, RuleRef};
use crate::diagnostic::Text;

fn alert(id: &str, (start, end): (i64, i64), count: u64) -> Alert {
    Alert {
        id: id.to_owned(),
        rule: RuleRef {
            id: "r-1".to_owned(),
            name: "rule".to_owned(),
            title: "A rule".to_owned(),
            level: Level::Medium,
            tags: Vec::new(),
            author: None,
        },
        start,
        end,
        count,
        key: vec![("user.account".to_owned(), Some("n1023".to_owned()))],
        summary: Text::new(format!("{count} records"), format!("記録{count}行")),
        reasons: Vec::new(),
        evidence: Vec::new(),
        evidence_total: count,
        clauses: Vec::new(),
        respond: Text::default(),
        revision: 0,
    }
}

pub(super) fn entry(began: i64) -> Entry {
    Entry {
        command: "scan".to_owned(),
        version: "0".to_owned(),
        began,
        ended: began + 1,
        plan: Vec::new(),
        inputs: Vec::new(),
        alerts: (0, 0, 0),
        alerts_digest: String::new(),
        note: String::new(),
    }
}

/// Commits a run that found these alerts; gives what each means and how many were taken back.
fn run(store: &mut Store, alerts: &[Alert]) -> (Vec<Change>, u64) {
    let changing = store.change().expect("no other writer");
    let number = changing.append_run(&entry(1)).expect("a run");
    let latest = Latest {
        alerts,
        judged: &[("r-1".to_owned(), 0)],
    };
    let told = changing.keep_alerts(number, latest).expect("alerts");
    changing.commit().expect("a commit");
    told
}

fn opened() -> (tempfile::TempDir, std::path::PathBuf, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("yomawari.db");
    let store = Store::open(&path).expect("a new store");
    (folder, path, store)
}

#[test]
fn the_same_alerts_add_nothing() {
    let (_folder, _, mut store) = opened();
    let alerts = [alert("a", (10, 20), 3), alert("b", (30, 40), 1)];
    assert_eq!(
        run(&mut store, &alerts),
        (vec![Change::New, Change::New], 0)
    );
    assert_eq!(
        run(&mut store, &alerts),
        (vec![Change::Same, Change::Same], 0)
    );
    let kept = store.alerts(&Filter::default()).expect("a list");
    assert_eq!(kept.len(), 2);
    assert!(
        kept.iter()
            .all(|k| k.state == State::Open && k.alert.revision == 0)
    );
}

#[test]
fn an_alert_that_grows_is_revised_and_opened_again() {
    let (_folder, _, mut store) = opened();
    run(&mut store, &[alert("a", (10, 20), 3)]);
    let changing = store.change().expect("no other writer");
    let decided = Disposition {
        at: 50,
        word: "explained".to_owned(),
        name: "k.sato".to_owned(),
        note: String::new(),
    };
    assert!(changing.close("a", &decided).expect("closing"));
    assert!(!changing.close("nothing", &decided).expect("closing"));
    changing.commit().expect("a commit");
    assert_eq!(
        run(&mut store, &[alert("a", (10, 20), 3)]).0,
        [Change::Same]
    );
    let closed = &store.find("a").expect("found")[0];
    assert_eq!(
        (closed.state, closed.dispositions.len()),
        (State::Closed, 1)
    );
    assert_eq!(
        run(&mut store, &[alert("a", (10, 25), 4)]).0,
        [Change::Revised(1)]
    );
    let again = &store.find("a").expect("found")[0];
    assert_eq!((again.state, again.alert.revision), (State::Open, 1));
}

#[test]
fn an_alert_with_a_new_first_record_takes_the_place_of_the_old() {
    let (_folder, _, mut store) = opened();
    run(&mut store, &[alert("a", (10, 20), 3)]);
    assert_eq!(
        run(&mut store, &[alert("b", (5, 20), 4)]),
        (vec![Change::New], 0)
    );
    let old = &store.find("a").expect("found")[0];
    assert_eq!(old.state, State::Superseded);
    assert_eq!(old.successor.as_deref(), Some("b"));
    assert_eq!(store.find("b").expect("found")[0].supersedes, ["a"]);
}

#[test]
fn an_alert_that_does_not_hold_is_taken_back_and_may_come_again() {
    let (_folder, _, mut store) = opened();
    run(&mut store, &[alert("a", (10, 20), 3)]);
    assert_eq!(run(&mut store, &[]), (vec![], 1));
    assert_eq!(store.find("a").expect("found")[0].state, State::Retracted);
    assert_eq!(
        run(&mut store, &[alert("a", (10, 20), 3)]).0,
        [Change::Revised(1)]
    );
    assert_eq!(store.find("a").expect("found")[0].state, State::Open);
}

#[test]
fn one_run_at_a_time_holds_it() {
    let (_folder, path, store) = opened();
    assert!(matches!(Store::open(&path), Err(Failure::Locked)));
    assert!(Store::look(&path).is_ok());
    drop(store);
    assert!(Store::open(&path).is_ok());
}

#[test]
fn what_is_no_store_is_not_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notes.db");
    assert!(matches!(Store::look(&path), Err(Failure::Missing)));
    let other = Connection::open(&path).expect("a database");
    other
        .execute_batch("CREATE TABLE notes (text)")
        .expect("a table");
    drop(other);
    assert!(matches!(Store::open(&path), Err(Failure::Foreign)));
    std::fs::write(&path, "日時,利用者ID").expect("a file");
    assert!(matches!(Store::open(&path), Err(Failure::Foreign)));
}

#[test]
fn a_changed_entry_shows() {
    let (_folder, path, mut store) = opened();
    for _ in 0..3 {
        run(&mut store, &[]);
    }
    let head = store.runs().expect("runs")[2].digest.clone();
    assert_eq!(store.verify_runs().expect("a check"), Verified::Whole(head));
    let other = Connection::open(&path).expect("a database");
    other
        .execute(
            "UPDATE runs SET entry = replace(entry, 'scan', 'none') WHERE number = 2",
            [],
        )
        .expect("an update");
    assert_eq!(store.verify_runs().expect("a check"), Verified::Broken(2));
    other
        .execute_batch("PRAGMA foreign_keys = off; DELETE FROM runs WHERE number = 2")
        .expect("a deletion");
    assert_eq!(store.verify_runs().expect("a check"), Verified::Broken(2));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, path, _store) = opened();
    let mode = std::fs::metadata(&path)
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_an_alert_that_stays_lives_on_as_is_not_purged() {
    let (_folder, _, mut store) = opened();
    run(&mut store, &[alert("one", (10, 20), 3)]);
    run(&mut store, &[alert("two", (10, 20), 3)]);
    let states = |store: &Store| -> Vec<(String, State)> {
        let kept = store.alerts(&Filter::default()).expect("a list");
        kept.into_iter().map(|k| (k.alert.id, k.state)).collect()
    };
    let purge = |store: &mut Store, judged: i64| {
        let changing = store.change().expect("no other writer");
        let purged = changing.purge(1_000, judged).expect("it purges");
        changing.commit().expect("a commit");
        purged.alerts
    };
    // The superseded one goes, its successor is open.
    assert_eq!(purge(&mut store, 1_000), 1);
    assert_eq!(states(&store), [("two".to_owned(), State::Open)]);
    run(&mut store, &[]);
    assert_eq!(purge(&mut store, 15), 0, "facts at hand could tell it anew");
    assert_eq!(purge(&mut store, 21), 1);
    assert_eq!(states(&store), []);
    assert!(matches!(store.verify_runs(), Ok(Verified::Whole(_))));
}

#[test]
fn inputs_of_an_earlier_version_are_carried_along() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("yomawari.db");
    let before = rusqlite::Connection::open(&path).expect("a file");
    before
        .execute_batch(include_str!("../schema-1.sql"))
        .expect("its tables");
    before
        .execute_batch(
            "PRAGMA application_id = 0x796f6d61; PRAGMA user_version = 1;
             INSERT INTO inputs (path, source, reading, \"first\", \"last\")
             VALUES ('/logs/a.csv', 'ehr', '{}', 5, 9), ('-', 'csv', '{}', NULL, NULL);",
        )
        .expect("what it knew");
    drop(before);
    let store = Store::open(&path).expect("a store");
    let inputs = store.inputs().expect("inputs");
    assert_eq!(inputs.len(), 2);
    let expected = PastInput {
        path: "/logs/a.csv".to_owned(),
        name: "/logs/a.csv".to_owned(),
        source: "ehr".to_owned(),
        reading: "{}".to_owned(),
        span: Some((5, 9)),
        ..PastInput::default()
    };
    assert_eq!(inputs[0].1, expected);
    assert_ne!(store.key().expect("a key"), 0);
}

#[test]
fn an_input_comes_back_with_its_facts_and_goes_with_them() {
    let (_folder, path, mut store) = opened();
    let input = PastInput {
        path: "-".to_owned(),
        name: "-".to_owned(),
        source: "ehr".to_owned(),
        reading: "{}".to_owned(),
        span: Some((-5, 9)),
        latest: Some(9),
        edges: Some(crate::event::Edges {
            first: (-1, u64::MAX),
            last: (0, 7),
        }),
        size: Some(u64::from(u32::MAX) + 1),
        sha256: "ab".to_owned(),
        changed: Some(-3),
        now: 4,
        head: "見出し\n".as_bytes().to_vec(),
        streams: Some(vec![[1; 16], [2; 16]]),
    };
    let segment = Segment {
        at: (1 << 40, 7),
        span: (-5, 9),
        facts: b"facts",
        reach: (10, 20),
        records: b"records",
    };
    let changing = store.change().expect("no other writer");
    let run = changing.append_run(&entry(1)).expect("a run");
    let number = changing.remember(run, &input).expect("it is kept");
    changing.keep_facts(number, segment).expect("they are kept");
    let roll = crate::spill::HourRoll::of(&[3, u64::MAX]);
    changing
        .keep_roll(
            (number, -7, 0),
            roll,
            &[[255; 8], 3u64.to_le_bytes()].concat(),
        )
        .expect("it is kept");
    changing.commit().expect("a commit");
    assert_eq!(store.inputs().expect("inputs"), [(number, input)]);
    let facts = |store: &Store| {
        let mut seen = Vec::new();
        let shown = store.each_fact(number, &mut |at, facts| {
            seen.push((at, facts.to_vec()));
            Ok(())
        });
        shown.expect("they are read");
        seen
    };
    assert_eq!(facts(&store), [((1 << 40, 7), b"facts".to_vec())]);
    assert_eq!(store.hours(number).expect("hours"), [(-7, roll)]);
    assert_eq!(store.hashes((number, -7), 0..=9).expect("hashes"), [3]);
    let records = |offset: u64| {
        let reader = RecordReader::open(&KeptRecords::of(&path, number)).expect("a reader");
        let mut seen = 0;
        let shown = reader.each_at(offset, &mut |sealed| {
            assert_eq!(sealed, b"records");
            seen += 1;
            Ok(())
        });
        shown.expect("they are read");
        seen
    };
    assert_eq!([9, 10, 20, 21].map(records), [0, 1, 1, 0]);
    let changing = store.change().expect("no other writer");
    changing.forget(number).expect("it goes");
    changing.commit().expect("a commit");
    assert_eq!(facts(&store), []);
    assert_eq!(records(10), 0);
    assert_eq!(store.hours(number).expect("hours"), []);
}

#[test]
fn days_that_are_too_old_are_counted_no_more() {
    use super::counts::{ActKey, Counted, CountedInput, CountedName, CountedRun, Kind, NameKind};
    let (_folder, _path, mut store) = opened();
    let nobody = |text: &str| CountedName {
        kind: NameKind::Account,
        text: text.into(),
        known: true,
    };
    let mut counts = Counted::default();
    for day in [10, 400] {
        let hour = counts.hours.open(day * 24 + 5);
        hour.likeness.add(day.cast_unsigned());
        let kind = Kind::untrusted();
        hour.acts.add(ActKey { action: None, kind }, 7);
    }
    counts.hours.settle();
    let input = CountedInput {
        source: "ehr",
        place: "-",
        counts: &counts,
        input: None,
        before: None,
    };
    let days = |store: &Store, table: &str| -> Vec<i64> {
        let sql = format!("SELECT day FROM {table} ORDER BY day");
        let mut select = store.connection.prepare(&sql).expect("a query");
        let rows = select.query_map([], |row| row.get(0)).expect("rows");
        rows.map(|row| row.expect("a row")).collect()
    };
    let day = 86_400 * 1_000_000_000;
    for (before, left) in [
        (11 * day, vec![10, 400]),
        (13 * day, vec![400]),
        (500 * day, vec![]),
    ] {
        let changing = store.change().expect("no other writer");
        let run = changing.append_run(&entry(1)).expect("a run");
        let counted = CountedRun {
            run,
            names: &[nobody(""), nobody("*")],
            inputs: &[input],
        };
        changing.keep_counts(counted).expect("they are kept");
        let purged = changing.purge(before, before).expect("it purges");
        assert_eq!(purged.days, 2 - left.len() as u64);
        changing.commit().expect("a commit");
        assert_eq!(days(&store, "count_days"), left);
        assert_eq!(days(&store, "count_cells"), left);
    }
}

/// All that the weekly page reads of a store, names as texts.
fn counted(store: &Store) -> Vec<String> {
    let rows = |sql: &str| -> Vec<String> {
        let mut select = store.connection.prepare(sql).expect(sql);
        let columns = select.column_count();
        let rows = select.query_map([], |row| {
            let cells = (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at));
            cells.collect::<Result<Vec<_>, _>>()
        });
        let rows = rows.expect(sql);
        rows.map(|row| format!("{:?}", row.expect(sql))).collect()
    };
    let tables = [
        "SELECT 'hours', * FROM hours ORDER BY 2, 3, 4, 5, 6, 7, 8",
        "SELECT 'users', * FROM users ORDER BY 2, 3, 4, 5, 6, 7, 8",
        "SELECT 'days', * FROM days ORDER BY 2, 3",
        "SELECT 'seen', * FROM seen ORDER BY 2, 3, 4",
        "SELECT 'inputs', source, place, records, digest FROM count_inputs ORDER BY 2, 3",
        "SELECT 'cells', i.place, c.day FROM count_cells c JOIN count_inputs i ON i.number = c.input
         ORDER BY 2, 3",
    ];
    tables.iter().flat_map(|sql| rows(sql)).collect()
}

/// What two inputs tell, event by event: input, hour, account.
fn tell(
    store: &mut Store,
    events: &[(usize, i64, u32)],
    cuts: &BTreeSet<usize>,
    names: &[super::counts::CountedName],
) {
    use super::counts::{
        ActKey, Counted, CountedInput, CountedRun, DAY, Hours, Kind, NameKey, Seen, Whole,
    };
    let mut all = [Hours::default(), Hours::default()];
    let mut wholes = [Whole::default(); 2];
    let mut before = [None; 2];
    let mut from = 0;
    for cut in cuts.iter().copied().chain([events.len()]) {
        let fresh = &events[from..cut];
        from = cut;
        for (input, hour, name) in fresh {
            let mut one = super::counts::HourCount::default();
            one.likeness.add(*hour as u64 * 7 + u64::from(*name));
            one.likeness.reach(hour * 3_600_000_000_000);
            let kind = Kind::untrusted();
            one.acts.add(ActKey { action: None, kind }, 1);
            let (name, department) = (*name, 0);
            one.users.add(
                NameKey {
                    name,
                    department,
                    kind,
                },
                1,
            );
            wholes[*input].add(&one.likeness);
            all[*input].open(*hour).merge(one);
        }
        let counts = [0, 1].map(|input| {
            let fresh = fresh.iter().filter(|event| event.0 == input);
            let days: BTreeSet<i64> = fresh.clone().map(|e| e.1.div_euclid(DAY)).collect();
            let mut hours = Hours::default();
            for day in days {
                hours.add_all(&all[input], day * DAY..(day + 1) * DAY);
            }
            hours.settle();
            let seen = fresh.map(|(_, hour, name)| Seen {
                name: *name,
                span: (*hour, *hour),
                vouched: true,
            });
            Counted {
                hours,
                seen: seen.collect(),
                whole: Some(wholes[input]),
            }
        });
        let inputs = [0, 1].map(|input| CountedInput {
            source: "ehr",
            place: ["a.csv", "b.csv"][input],
            counts: &counts[input],
            input: None,
            before: before[input],
        });
        let changing = store.change().expect("no other writer");
        let run = changing.append_run(&entry(1)).expect("a run");
        let told = changing.keep_counts(CountedRun {
            run,
            names,
            inputs: &inputs,
        });
        before.copy_from_slice(&told.expect("they are kept"));
        changing.commit().expect("a commit");
    }
}

/// Names of what [`tell`] counts.
fn counted_names() -> Vec<super::counts::CountedName> {
    let numbered = (2..8).map(|n| format!("n{n}"));
    let texts = ["", "*"].map(str::to_owned).into_iter().chain(numbered);
    let named = texts.map(|text| super::counts::CountedName {
        kind: super::counts::NameKind::Account,
        text: text.into(),
        known: true,
    });
    named.collect()
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(24))]
    #[test]
    fn counts_that_are_told_bit_by_bit_are_those_told_at_once(
        events in proptest::collection::vec((0usize..2, 0i64..60, 2u32..8), 1..60),
        cuts in proptest::collection::btree_set(0usize..60, 0..6),
    ) {
        let names = counted_names();
        let cuts = cuts.into_iter().filter(|cut| *cut < events.len()).collect();
        let (_folder, _, mut bits) = opened();
        tell(&mut bits, &events, &cuts, &names);
        let (_folder, _, mut once) = opened();
        tell(&mut once, &events, &BTreeSet::new(), &names);
        proptest::prop_assert_eq!(counted(&bits), counted(&once));
    }
}

#[test]
fn inputs_that_begin_with_the_same_records_and_part_are_both_counted() {
    let events = [(0, 35, 6), (1, 35, 6), (0, 0, 2)];
    let names = counted_names();
    let (_folder, _, mut bits) = opened();
    tell(&mut bits, &events, &BTreeSet::from([2]), &names);
    let (_folder, _, mut once) = opened();
    tell(&mut once, &events, &BTreeSet::new(), &names);
    assert_eq!(counted(&bits), counted(&once));
}

#[test]
fn an_hour_that_is_told_bit_by_bit_is_one_roll() {
    let (_folder, _, mut store) = opened();
    let changing = store.change().expect("no other writer");
    let run = changing.append_run(&entry(1)).expect("a run");
    let input = PastInput {
        path: "a.log".to_owned(),
        ..PastInput::default()
    };
    let number = changing.remember(run, &input).expect("it is kept");
    for hashes in [[9, 3], [1, u64::MAX]] {
        let next = changing.next_part((number, -7)).expect("a number");
        let roll = crate::spill::HourRoll::of(&hashes);
        let bytes = hashes.map(u64::to_le_bytes).concat();
        changing
            .keep_roll((number, -7, next), roll, &bytes)
            .expect("it is kept");
        if next > 0 {
            changing
                .add_to_roll((number, -7), roll)
                .expect("it is kept");
        }
    }
    changing.commit().expect("a commit");
    let all = crate::spill::HourRoll::of(&[1, 3, 9, u64::MAX]);
    assert_eq!(store.hours(number).expect("hours"), [(-7, all)]);
    let hashes = store.hashes((number, -7), 0..=u64::MAX);
    assert_eq!(hashes.expect("hashes"), [1, 3, 9, u64::MAX]);
}

#[test]
fn what_was_seen_is_carried_along() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("yomawari.db");
    let before = rusqlite::Connection::open(&path).expect("a file");
    for step in [
        include_str!("../schema-1.sql"),
        include_str!("../schema-2.sql"),
        include_str!("../schema-3.sql"),
        include_str!("../schema-4.sql"),
        include_str!("../schema-5.sql"),
        "PRAGMA application_id = 0x796f6d61; PRAGMA user_version = 5;
         INSERT INTO seen VALUES ('mac', '02:00:00:00:00:01', 'router', 5, 9, 0, 0),
             ('account', 'n1', 'ehr', 6, 8, 1, 1), ('account', 'n1', 'router', 7, 7, 0, 1);",
    ] {
        before.execute_batch(step).expect("its tables");
    }
    let rows = |connection: &rusqlite::Connection| {
        let sql = "SELECT kind, value, source, \"first\", \"last\", known, counted FROM seen";
        let mut select = connection.prepare(sql).expect("a query");
        let text = |row: &rusqlite::Row<'_>| -> rusqlite::Result<(Vec<String>, Vec<i64>)> {
            let texts = (0..3).map(|at| row.get(at)).collect::<Result<_, _>>()?;
            Ok((
                texts,
                (3..7).map(|at| row.get(at)).collect::<Result<_, _>>()?,
            ))
        };
        let rows = select.query_map([], text).expect("rows");
        rows.collect::<Result<Vec<_>, _>>().expect("rows")
    };
    let known = rows(&before);
    drop(before);
    let store = Store::open(&path).expect("a store");
    assert_eq!(known.len(), 3);
    assert_eq!(rows(&store.connection), known);
    let wrong = "INSERT INTO seen VALUES ('user', 'x', 'ehr', 1, 2, 0, 0)";
    assert!(store.connection.execute(wrong, []).is_err(), "no such kind");
}
