//! What becomes of a decision when its alert says something else later.

use super::*;

/// Closes an alert of the store.
fn close(store: &mut Store, id: &str) {
    let changing = store.change().expect("no other writer");
    let decided = Disposition {
        at: 50,
        word: "explained".to_owned(),
        name: "k.sato".to_owned(),
        note: String::new(),
    };
    assert!(changing.close(id, &decided).expect("closing"));
    changing.commit().expect("a commit");
}

fn state(store: &Store, id: &str) -> State {
    store.find(id).expect("found")[0].state
}

#[test]
fn only_newer_records_open_what_was_closed() {
    let (_folder, _, mut store) = opened();
    let whole = alert("a", (10, 20), 3);
    run(&mut store, std::slice::from_ref(&whole));
    close(&mut store, "a");
    // The hours on the sign were changed: another sentence about the same records.
    let reworded = Alert {
        summary: Text::new("other hours", "別の診療時間"),
        ..whole.clone()
    };
    assert_eq!(run(&mut store, &[reworded]).0, [Change::Revised(1)]);
    assert_eq!(state(&store, "a"), State::Closed);
    // A roster explains one record, and is corrected.
    run(&mut store, &[alert("a", (10, 15), 2)]);
    assert_eq!(state(&store, "a"), State::Closed);
    run(&mut store, std::slice::from_ref(&whole));
    assert_eq!(state(&store, "a"), State::Closed);
    // A roster explains all of it, and is corrected.
    run(&mut store, &[]);
    assert_eq!(state(&store, "a"), State::Retracted);
    run(&mut store, std::slice::from_ref(&whole));
    assert_eq!(state(&store, "a"), State::Closed);
    run(&mut store, &[alert("a", (10, 20), 4)]);
    assert_eq!(state(&store, "a"), State::Open, "a record nobody saw");
    close(&mut store, "a");
    run(&mut store, &[alert("a", (10, 21), 4)]);
    assert_eq!(state(&store, "a"), State::Open, "a later record");
}

#[test]
fn an_earlier_record_inherits_a_closing_and_a_later_one_opens_it() {
    let (_folder, _, mut store) = opened();
    run(&mut store, &[alert("a", (10, 20), 3)]);
    close(&mut store, "a");
    run(&mut store, &[alert("b", (5, 20), 4)]);
    assert_eq!(state(&store, "b"), State::Closed);
    run(&mut store, &[alert("c", (3, 25), 6)]);
    assert_eq!(state(&store, "c"), State::Open);
    let kept = &store.find("c").expect("found")[0];
    assert_eq!(
        (&*kept.supersedes, kept.dispositions.len()),
        (&["b".to_owned()][..], 1)
    );
}

#[test]
fn an_alert_that_grows_into_another_takes_its_place() {
    let (_folder, _, mut store) = opened();
    run(
        &mut store,
        &[alert("a", (10, 20), 3), alert("b", (30, 40), 3)],
    );
    assert_eq!(
        run(&mut store, &[alert("a", (10, 40), 7)]),
        (vec![Change::Revised(1)], 0)
    );
    let gone = &store.find("b").expect("found")[0];
    assert_eq!(
        (gone.state, gone.successor.as_deref()),
        (State::Superseded, Some("a"))
    );
    assert_eq!(store.find("a").expect("found")[0].supersedes, ["b"]);
    // Where the records that joined them are explained, both stand for themselves again.
    run(
        &mut store,
        &[alert("a", (10, 20), 3), alert("b", (30, 40), 3)],
    );
    assert_eq!(
        (state(&store, "a"), state(&store, "b")),
        (State::Open, State::Open)
    );
    assert_eq!(store.find("a").expect("found")[0].supersedes, [""; 0]);
}

#[test]
fn the_characters_that_tables_differ_in_change_nothing() {
    let (_folder, _, mut store) = opened();
    let told = |name: &str| Alert {
        summary: Text::new(format!("by {name}"), format!("{name} による")),
        ..alert("a", (10, 20), 3)
    };
    run(&mut store, &[told("山田〜")]);
    assert_eq!(run(&mut store, &[told("山田～")]).0, [Change::Same]);
}

#[test]
fn closings_of_an_earlier_version_hold_as_they_did() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("yomawari.db");
    let mut store = Store::open(&path).expect("a new store");
    let both = [alert("a", (10, 20), 3), alert("b", (30, 40), 3)];
    run(&mut store, &both);
    close(&mut store, "a");
    close(&mut store, "b");
    run(&mut store, &[both[0].clone(), alert("b", (30, 40), 4)]);
    drop(store);
    let before = rusqlite::Connection::open(&path).expect("a file");
    before
        .execute_batch(
            "ALTER TABLE dispositions DROP COLUMN seen_end;
             ALTER TABLE dispositions DROP COLUMN seen_records;
             PRAGMA user_version = 7;",
        )
        .expect("the file of an earlier version");
    drop(before);
    let mut store = Store::open(&path).expect("a store");
    assert_eq!(
        (state(&store, "a"), state(&store, "b")),
        (State::Closed, State::Open)
    );
    run(
        &mut store,
        &[alert("a", (10, 20), 2), alert("b", (30, 40), 3)],
    );
    assert_eq!(
        (state(&store, "a"), state(&store, "b")),
        (State::Closed, State::Open)
    );
}
