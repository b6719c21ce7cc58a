//! What the store promises, on a file in a temporary folder.

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

fn entry(began: i64) -> Entry {
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
