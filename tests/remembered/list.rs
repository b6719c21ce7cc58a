//! What waits for a person, in which order and which form.

use super::folder::House;
use super::keeper::{STORE, house, id_of, lines, on_store, text};

fn names(house: &House, words: &[&str]) -> Vec<String> {
    let ran = on_store(house, &[&["alerts", "list"], words].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    lines(&ran)
        .iter()
        .map(|a| text(&a["rule"]["name"]))
        .collect()
}

#[test]
fn the_worst_stand_first_and_bounds_leave_the_others_out() {
    let house = house();
    let all = names(&house, &[]);
    assert_eq!(all[0], "failed-login-burst");
    assert!(all.contains(&"off-hours-access".to_owned()), "{all:?}");
    assert_eq!(names(&house, &["--rule", "off-hours-access"]).len(), 1);
    assert_eq!(names(&house, &["--since", "2026-11-17"]).len(), 0);
    assert_eq!(names(&house, &["--until", "2026-11-15"]).len(), 0);
    assert_eq!(names(&house, &["--until", "2026-11-16"]).len(), all.len());
    let early = names(&house, &["--until", "2026-11-16T09:00"]);
    assert!(
        !early.contains(&"failed-login-burst".to_owned()),
        "{early:?}"
    );
    let high = names(&house, &["--level", "critical"]);
    assert_eq!(high, Vec::<String>::new());
}

#[test]
fn closed_ones_are_shown_on_demand_with_what_was_decided() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let before = names(&house, &["--open"]).len();
    let close = [
        "alerts",
        "close",
        &id,
        "--as",
        "explained",
        "--by",
        "k.sato",
    ];
    assert_eq!(on_store(&house, &close).status, 0);
    assert_eq!(names(&house, &[]).len(), before - 1);
    assert_eq!(names(&house, &["--all"]).len(), before);
    let words = ["alerts", "list", "--all", "--rule", "off-hours-access"];
    let ran = on_store(&house, &words);
    let alert = &lines(&ran)[0];
    let keys: Vec<&String> = alert.as_object().expect("an object").keys().collect();
    assert_eq!(
        keys[keys.len() - 5..],
        ["clauses", "revision", "state", "supersedes", "dispositions"]
    );
    assert_eq!(alert["state"], "closed");
    assert_eq!(alert["dispositions"][0]["as"], "explained");
    assert_eq!(alert["dispositions"][0]["by"], "k.sato");
    let forms = |format: &str, lang: &str| {
        let form = ["--output-format", format, "--lang", lang];
        on_store(&house, &[&words[..], &form[..]].concat()).out
    };
    let table = forms("table", "ja");
    assert!(
        table.contains("対応済み・改訂0・業務上の理由あり（k.sato、"),
        "{table}"
    );
    let csv = forms("csv", "ja");
    assert!(csv.starts_with("\u{feff}アラートID,"), "{csv}");
    assert!(csv.contains("対応済み,0,業務上の理由あり,k.sato,"), "{csv}");
    assert_eq!(csv.matches("\r\n").count(), 2);
}

#[test]
fn a_rule_the_store_never_heard_of_is_told() {
    let ran = on_store(&house(), &["alerts", "list", "--rule", "of-hours-access"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""));
    assert!(
        ran.err.contains("it has some of off-hours-access"),
        "{}",
        ran.err
    );
}

#[test]
fn the_config_names_the_store_beside_it() {
    let house = house();
    house.put("etc/yomawari.yaml", "version: 1\nstore: ../yomawari.db\n");
    let ran = house.run(&["alerts", "list", "-c", "etc/yomawari.yaml"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(!lines(&ran).is_empty());
}

#[test]
fn without_a_store_the_way_to_one_is_shown() {
    let house = House::new().with("notes.db", "not a database at all, only some words");
    let told = |words: &[&str]| {
        let ran = house.run(&[&["alerts", "list"], words].concat());
        (ran.status, ran.err)
    };
    let (status, err) = told(&[]);
    assert_eq!(status, 2);
    assert!(
        err.contains("yomawari scan PATH --store yomawari.db"),
        "{err}"
    );
    let (status, err) = told(&["--lang", "ja"]);
    assert_eq!(status, 2);
    assert!(err.contains("ストアが指定されていません"), "{err}");
    let (status, err) = told(&["--store", STORE]);
    assert_eq!(
        (status, err.contains("there is no store")),
        (2, true),
        "{err}"
    );
    assert!(!house.has(STORE), "looking makes no store");
    let (status, err) = told(&["--store", "notes.db"]);
    assert_eq!(
        (status, err.contains("no store of this program")),
        (2, true),
        "{err}"
    );
}
