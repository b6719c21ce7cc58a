//! What a person may decide, and how it is written down.

use super::keeper::{DAY, MORNING, house, id_of, keep, lines, on_store, text};

#[test]
fn a_decision_is_kept_and_enters_the_run_record() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let close = [
        "alerts",
        "close",
        &id[..10],
        "--as",
        "業務上の理由あり",
        "--by",
        "佐藤",
        "--note",
        "当直の呼び出し",
        "--lang",
        "ja",
    ];
    let ran = on_store(&house, &close);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    assert_eq!(
        ran.out,
        format!("{id} を対応済みにしました: 業務上の理由あり（佐藤）\n")
    );
    let runs = lines(&on_store(
        &house,
        &["runs", "list", "--output-format", "json"],
    ));
    let last = runs.last().expect("a run");
    assert_eq!(last["command"], "alerts close");
    let note: serde_json::Value = serde_json::from_str(&text(&last["note"])).expect("a note");
    for (name, value) in [
        ("alert", id.as_str()),
        ("as", "explained"),
        ("by", "佐藤"),
        ("note", "当直の呼び出し"),
    ] {
        assert_eq!(note[name], value);
    }
    assert_eq!(on_store(&house, &["runs", "verify"]).status, 0);
}

#[test]
fn the_latest_decision_holds() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let close = |word: &str| {
        let words = ["alerts", "close", &id, "--as", word, "--by", "k.sato"];
        on_store(&house, &words)
    };
    assert!(!close("unclear").out.contains("closed before"));
    let again = close("referred").out;
    assert!(
        again.contains("it was closed before (unclear, by k.sato"),
        "{again}"
    );
    let list = ["alerts", "list", "--all", "--rule", "off-hours-access"];
    let alert = lines(&on_store(&house, &list)).remove(0);
    let words: Vec<String> = alert["dispositions"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|d| text(&d["as"]))
        .collect();
    assert_eq!(words, ["unclear", "referred"]);
}

#[test]
fn nobody_closes_an_alert_about_their_own_account() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    for by in ["n7", "N7", " Ｎ７ "] {
        let words = ["alerts", "close", &id, "--as", "explained", "--by", by];
        let ran = on_store(&house, &words);
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{by}");
        assert!(ran.err.contains("which cannot close it"), "{}", ran.err);
    }
    let empty = ["alerts", "close", &id, "--as", "explained", "--by", " "];
    assert_eq!(on_store(&house, &empty).status, 2);
    let without = ["alerts", "close", &id, "--as", "explained"];
    assert_eq!(on_store(&house, &without).status, 2);
    let runs = on_store(&house, &["runs", "list"]).out;
    assert!(!runs.contains("alerts close"), "{runs}");
}

#[test]
fn a_word_that_is_none_is_refused_and_a_retracted_alert_too() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let words = ["alerts", "close", &id, "--as", "fine", "--by", "k.sato"];
    let ran = on_store(&house, &words);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("rule-error"), "{}", ran.err);
    keep(&house, MORNING + DAY, &[]);
    let words = [
        "alerts",
        "close",
        &id,
        "--as",
        "explained",
        "--by",
        "k.sato",
    ];
    let ran = on_store(&house, &words);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("was retracted"), "{}", ran.err);
}
