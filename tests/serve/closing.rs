//! A decision made in a browser is the decision of `alerts close`, with its checks and its record.

use rusqlite::Connection;

use super::keeper::{DAY, MORNING, STORE, house, id_of, keep, lines, on_store, text};
use super::served::{Browser, Got, Served, sign};

fn close(browser: &Browser<'_>, id: &str, fields: &[(&str, &str)]) -> Got {
    let sign = sign(&browser.get(&format!("/alert/{id}")));
    let all = [&[("sign", sign.as_str())], fields].concat();
    browser.post(&format!("/alert/{id}/close"), &all)
}

#[test]
fn a_decision_enters_the_store_the_page_and_the_run_record() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let served = Served::start(&house);
    let browser = served.browser();
    let note = "当直の呼び出し\r\n二行目";
    let got = close(
        &browser,
        &id,
        &[("as", "explained"), ("by", " 佐藤 "), ("note", note)],
    );
    let to = format!("/alert/{id}?closed=1");
    assert_eq!((got.status, got.header("location")), (303, to.as_str()));
    let page = browser.get(&to);
    assert!(page.shows("The decision was written down.") && page.shows("by 佐藤"));
    assert!(page.shows("Decide anew"));
    assert!(!browser.get("/alerts").shows(&id));
    let list = [
        "alerts",
        "list",
        "--all",
        "--rule",
        "off-hours-access",
        "-q",
    ];
    let alert = lines(&on_store(&house, &list)).remove(0);
    assert_eq!(alert["state"], "closed");
    let decided = &alert["dispositions"][0];
    assert_eq!(text(&decided["as"]), "explained");
    assert_eq!(text(&decided["by"]), "佐藤");
    assert_eq!(text(&decided["note"]), "当直の呼び出し\n二行目");
    let runs = lines(&on_store(
        &house,
        &["runs", "list", "--output-format", "json"],
    ));
    let run = runs
        .iter()
        .find(|run| run["command"] == "alerts close")
        .expect("a run");
    let told: serde_json::Value = serde_json::from_str(&text(&run["note"])).expect("a note");
    for (name, value) in [
        ("alert", id.as_str()),
        ("as", "explained"),
        ("by", "佐藤"),
        ("through", "serve"),
    ] {
        assert_eq!(told[name], value);
    }
    assert_eq!(on_store(&house, &["runs", "verify"]).status, 0);
}

#[test]
fn what_may_not_be_is_refused_and_the_form_keeps_what_was_written() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let served = Served::start(&house);
    let browser = served.browser();
    let long = "長".repeat(2_001);
    for (fields, said) in [
        (
            vec![("as", "unclear"), ("by", "Ｎ７"), ("note", "kept words")],
            "which cannot close it",
        ),
        (
            vec![("as", "unclear"), ("by", "  "), ("note", "kept words")],
            "nobody is named",
        ),
        (
            vec![("as", "fine"), ("by", "k.sato"), ("note", "kept words")],
            "no decision was chosen",
        ),
        (
            vec![("by", "k.sato"), ("note", "kept words")],
            "no decision was chosen",
        ),
        (
            vec![("as", "unclear"), ("by", "k.sato"), ("note", &long)],
            "more than 2000 characters",
        ),
    ] {
        let got = close(&browser, &id, &fields);
        assert_eq!(got.status, 422, "{said}");
        assert!(got.shows(said), "{said}");
        assert!(got.shows("kept words") || got.shows("長長長"), "{said}");
    }
    assert!(
        !on_store(&house, &["runs", "list"])
            .out
            .contains("alerts close")
    );
    let sign = sign(&browser.get(&format!("/alert/{id}")));
    let fields = [("sign", sign.as_str()), ("as", "unclear"), ("by", "k.sato")];
    assert_eq!(browser.post("/alert/ffffffff/close", &fields).status, 404);
    keep(&house, MORNING + DAY, &[]);
    let gone = browser.get(&format!("/alert/{id}"));
    assert!(gone.shows("It was retracted") && !gone.shows("<form method=\"post\""));
    let got = browser.post(&format!("/alert/{id}/close"), &fields);
    assert_eq!(got.status, 422);
    assert!(got.shows("was retracted"));
}

#[test]
fn a_store_that_is_being_written_is_said_and_the_form_can_be_sent_again() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let served = Served::start(&house);
    let browser = served.browser();
    let sign = sign(&browser.get(&format!("/alert/{id}")));
    let fields = [
        ("sign", sign.as_str()),
        ("as", "referred"),
        ("by", "k.sato"),
        ("note", "kept words"),
    ];
    let path = format!("/alert/{id}/close");
    let writer = Connection::open(house.at(STORE)).expect("a store");
    writer
        .execute_batch("BEGIN IMMEDIATE")
        .expect("nobody else writes");
    let got = browser.post(&path, &fields);
    assert_eq!((got.status, got.header("retry-after")), (503, "10"));
    assert!(got.shows("another run holds the store") && got.shows("try again when it has ended"));
    assert!(got.shows("kept words") && got.shows("value=\"referred\" required checked"));
    // The pages are shown all the same; that the look was not written down is said.
    let shown = browser.get(&format!("/alert/{id}"));
    assert_eq!(shown.status, 200);
    assert!(shown.shows("this look could not be written into the run record"));
    writer.execute_batch("ROLLBACK").expect("it was begun");
    assert_eq!(browser.post(&path, &fields).status, 303);
}

#[test]
fn a_scan_that_runs_hinders_nobody() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let served = Served::start(&house);
    let browser = served.browser();
    // What a scan and a watch hold while they read.
    let scan = yomawari::store::Store::open(&house.at(STORE)).expect("a store");
    let got = close(&browser, &id, &[("as", "unclear"), ("by", "k.sato")]);
    assert_eq!(got.status, 303);
    drop(scan);
    assert!(browser.get("/alerts?state=closed").shows(&id));
}
