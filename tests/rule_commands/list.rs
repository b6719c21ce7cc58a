//! The list of rules says what each can fire on.

use serde_json::Value;

use crate::folder::House;
use crate::objects;

const CALENDAR: &str = "calendar: { version: 1, timezone: Asia/Tokyo, \
    calendars: { c: { hours: [毎日 08:00〜20:00] } }, default: c }\n";

fn listed(house: &House) -> Vec<Value> {
    let ran = house.run(&["rules", "list", "--output-format", "json"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    objects(&ran)
}

fn of(all: &[Value], name: &str) -> Value {
    let named = all.iter().find(|rule| rule["name"] == name);
    named.expect("the rule is listed").clone()
}

#[test]
fn every_rule_is_one_object_with_level_log_source_and_clauses() {
    let all = listed(&House::new());
    let rule = of(&all, "off-hours-access");
    assert_eq!(rule["level"], "medium");
    assert_eq!(rule["log_sources"][0]["category"], "ehr");
    assert_eq!(rule["clauses"][0], "mhlw-6.0/ops/17-1");
    assert_eq!(
        (&rule["kind"], &rule["can_fire"]),
        (&"detection".into(), &true.into())
    );
    // Without sources there is nothing to hold it against.
    assert_eq!(rule["fires_on"], Value::Null);
    let burst = of(&all, "failed-login-burst");
    assert_eq!(burst["kind"], "correlation");
    assert_eq!(burst["log_sources"][0]["category"], "authentication");
    assert_eq!(of(&all, "failed-login")["reports"], false);
    let device = of(&all, "unknown-device");
    assert_eq!(device["can_fire"], false);
    let names: Vec<&str> = all
        .iter()
        .filter_map(|rule| rule["name"].as_str())
        .collect();
    assert!(names.is_sorted());
}

#[test]
fn the_columns_of_the_sources_decide() {
    let house = House::new().with(
        "yomawari.yaml",
        format!(
            "version: 1\n{CALENDAR}sources:\n  \
             - {{ name: ehr, paths: [ehr.csv], format: csv, csv: {{ columns: \
             {{ \"@timestamp\": 日時, user.id: ID, event.action: 操作 }} }} }}\n"
        ),
    );
    // There is no file yet: the columns of the config are known.
    let all = listed(&house);
    let readers = of(&all, "many-readers");
    assert_eq!(readers["can_fire"], false);
    assert_eq!(readers["cannot_fire"][0]["source"], "ehr");
    assert_eq!(readers["cannot_fire"][0]["lacks"][0], "patient.id");
    assert_eq!(of(&all, "off-hours-access")["fires_on"][0], "ehr");
    let wifi = of(&all, "weak-wifi-encryption");
    assert_eq!(wifi["silent"]["en"], "no source gives the log source wifi");
    let table = house.run(&["rules", "list"]).out;
    let line = table
        .lines()
        .find(|line| line.contains("many-readers"))
        .unwrap();
    assert!(
        line.ends_with("[silent: no source has the fields it needs (ehr: patient.id)]"),
        "{line}"
    );
    // A file that has more tells so, where the config leaves the columns to it.
    house.put(
        "ehr.csv",
        "日時,利用者ID,操作,患者ID\n2026-11-16 10:00:00,n1,カルテ参照,p1\n",
    );
    house.put(
        "yomawari.yaml",
        format!("version: 1\n{CALENDAR}sources: [{{ name: ehr, paths: [ehr.csv] }}]\n"),
    );
    assert_eq!(of(&listed(&house), "many-readers")["fires_on"][0], "ehr");
}

#[test]
fn a_source_without_a_file_gives_what_its_format_can() {
    let house = House::new().with(
        "yomawari.yaml",
        "version: 1\nsources: [{ name: router, paths: [rtx.log], format: syslog }]\n",
    );
    let all = listed(&house);
    assert_eq!(of(&all, "weak-wifi-encryption")["fires_on"][0], "router");
    assert_eq!(
        of(&all, "off-hours-access")["silent"]["en"],
        "no source gives the log source ehr"
    );
}
