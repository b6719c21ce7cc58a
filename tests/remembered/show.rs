//! Everything about one alert, and that looking is written down.

use super::folder::holds;
use super::keeper::{DAY, MORNING, export, house, id_of, keep, lines, on_store, scan, text};

#[test]
fn a_page_tells_everything_in_both_languages() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let mut told = String::new();
    for lang in ["en", "ja"] {
        let ran = on_store(&house, &["alerts", "show", &id[..10], "--lang", lang]);
        assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}", ran.err);
        told += &format!("{}\n", ran.out);
    }
    holds("alert-page", &told);
}

#[test]
fn records_stand_among_their_neighbors_and_the_nearest_miss_is_named() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let show = ["alerts", "show", &id, "--output-format", "json"];
    let page = lines(&on_store(&house, &show)).remove(0);
    assert_eq!(page["alert"]["id"], id.as_str());
    let last = page["evidence"]
        .as_array()
        .expect("a list")
        .last()
        .expect("one")
        .clone();
    assert_eq!(
        (last["standing"].clone(), last["line"].clone()),
        ("confirmed".into(), 5.into())
    );
    assert_eq!(last["before"].as_array().expect("a list").len(), 2);
    assert!(
        text(&last["text"]).contains("02:03:07,n7,夜間花子"),
        "{last}"
    );
    assert!(text(&last["after"][0]).contains("p9,失敗"), "{last}");
    assert_eq!(last["saw"][0]["matched"], true);
    assert_eq!(page["nearest_miss"]["line"], 6);
    assert_eq!(page["nearest_miss"]["differs"][0]["field"], "event.outcome");
    assert_eq!(page["nearest_miss"]["differs"][0]["found"][0], "failure");
    assert_eq!(page["nearest_miss"]["differs"][0]["selection"], "failed");
    assert_eq!(page["nearest_miss"]["differs"][0]["holds"], true);
    let access = &last["saw"][0]["selections"][0];
    assert_eq!(
        (&access["name"], &access["matched"]),
        (&"access".into(), &true.into())
    );
    assert_eq!(access["items"][0]["found"][0], "chart-view", "{access}");
}

#[test]
fn names_come_from_the_staff_register_of_now() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    house.put(
        "y.yaml",
        "registers: { staff: staff.csv }\nstore: yomawari.db\n",
    );
    house.put("staff.csv", "id,name,department\nN7,夜間　花子,外科\n");
    let ran = house.run(&["alerts", "show", &id, "-c", "y.yaml"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        ran.out.contains("user.account = n7 (夜間　花子, 外科)"),
        "{}",
        ran.out
    );
}

#[test]
fn what_changed_in_the_file_is_said() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    house.put("ehr.csv", export().replace("02:00:07", "02:00:08"));
    let ran = on_store(&house, &["alerts", "show", &id]);
    assert_eq!(ran.status, 0);
    assert!(ran.out.contains("ehr.csv:2 "), "{}", ran.out);
    assert!(
        ran.out.contains("changed: other bytes stand in its place"),
        "{}",
        ran.out
    );
    std::fs::remove_file(house.at("ehr.csv")).expect("it was there");
    let ran = on_store(&house, &["alerts", "show", &id]);
    assert!(
        ran.out.contains("missing: there is no such file"),
        "{}",
        ran.out
    );
    // What the alert kept is still shown.
    assert!(ran.out.contains("02:00:07,n7"), "{}", ran.out);
}

#[test]
fn a_look_enters_the_run_record() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    on_store(&house, &["alerts", "show", &id]);
    let runs = lines(&on_store(
        &house,
        &["runs", "list", "--output-format", "json"],
    ));
    let last = runs.last().expect("a run");
    assert_eq!(last["command"], "alerts show");
    let note: serde_json::Value = serde_json::from_str(&text(&last["note"])).expect("a note");
    assert_eq!(note["alert"], id.as_str());
    assert!(!text(&note["user"]).is_empty());
    assert_eq!(on_store(&house, &["runs", "verify"]).status, 0);
}

#[test]
fn where_a_look_cannot_be_written_down_that_is_said_and_the_page_shown() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let store = rusqlite::Connection::open(house.at("yomawari.db")).expect("a database");
    store
        .execute_batch(
            "CREATE TRIGGER full BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'disk full'); END",
        )
        .expect("a trigger");
    let ran = on_store(&house, &["alerts", "show", &id]);
    assert_eq!(ran.status, 0);
    assert!(
        ran.err.contains("could not be written into the run record"),
        "{}",
        ran.err
    );
    assert!(ran.out.contains("off-hours-access"), "{}", ran.out);
}

#[test]
fn old_ids_lead_to_the_alert_that_lives_on() {
    let house = house();
    let before = id_of(&house, "off-hours-access");
    let close = [
        "alerts", "close", &before, "--as", "unclear", "--by", "k.sato",
    ];
    assert_eq!(on_store(&house, &close).status, 0);
    // A record that arrives late makes another one the first evidence.
    let heading_end = export().find("2026").expect("rows");
    let mut late = export();
    late.insert_str(
        heading_end,
        "2026-11-16 01:59:00,n7,夜間花子,pc3,10.20.1.3,カルテ参照,p8,成功\r\n",
    );
    house.put("ehr.csv", late);
    keep(&house, MORNING + DAY, &scan(&house, "ehr.csv"));
    let after = id_of(&house, "off-hours-access");
    let all = on_store(
        &house,
        &["alerts", "list", "--all", "--rule", "off-hours-access"],
    );
    let all = lines(&all);
    let live = all
        .iter()
        .find(|a| a["state"] == "closed")
        .expect("it inherits");
    let live_id = text(&live["id"]);
    assert_ne!(live_id, before);
    assert!(after == live_id || after == before);
    assert_eq!(live["supersedes"][0], before.as_str());
    let ran = on_store(&house, &["alerts", "show", &before]);
    let first = ran.out.lines().next().expect("a line");
    assert_eq!(first, format!("alert {before} lives on as {live_id}"));
    let close = [
        "alerts", "close", &before, "--as", "referred", "--by", "k.sato",
    ];
    let ran = on_store(&house, &close);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        ran.out.contains("which is closed in its place"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("it was closed before (unclear, by k.sato"),
        "{}",
        ran.out
    );
}

#[test]
fn earlier_alerts_of_the_key_are_its_history() {
    let house = house();
    let first = id_of(&house, "off-hours-access");
    let close = [
        "alerts",
        "close",
        &first,
        "--as",
        "explained",
        "--by",
        "k.sato",
    ];
    on_store(&house, &close);
    let next = export().replace("2026-11-16", "2026-11-18");
    house.put("next.csv", next);
    let both = [scan(&house, "ehr.csv"), scan(&house, "next.csv")].concat();
    keep(&house, MORNING + 2 * DAY, &both);
    let list = ["alerts", "list", "--rule", "off-hours-access"];
    let second = text(&lines(&on_store(&house, &list))[0]["id"]);
    let show = ["alerts", "show", &second, "--output-format", "json"];
    let page = lines(&on_store(&house, &show)).remove(0);
    assert_eq!(page["history"][0]["id"], first.as_str());
    assert_eq!(page["history"][0]["dispositions"][0]["as"], "explained");
}

#[test]
fn a_beginning_must_lead_to_one_alert() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let mut slip: Vec<char> = id.chars().take(12).collect();
    slip[3] = if slip[3] == '0' { '1' } else { '0' };
    let slip: String = slip.iter().collect();
    let ran = on_store(&house, &["alerts", "show", &slip]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(
        ran.err.contains(&format!("the nearest is {id}")),
        "{}",
        ran.err
    );
    let ran = on_store(&house, &["alerts", "show", "zzz"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("alerts list --all"), "{}", ran.err);
    // The brackets of a table are copied along.
    let ran = on_store(&house, &["alerts", "show", &format!("[{}]", &id[..12])]);
    assert_eq!(ran.status, 0, "{}", ran.err);
}
