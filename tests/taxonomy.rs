//! Guards that rules written in the names of the Sigma taxonomy speak on the logs of a house: the
//! same rule, alone, counted by a correlation and narrowed by a filter.

mod folder;

use folder::House;

const EVENTS: &str = r#"{"@timestamp":"2026-11-16T02:00:00+09:00","logsource":{"category":"firewall"},"event":{"action":"deny"},"source":{"ip":"203.0.113.9"},"destination":{"port":23}}
{"@timestamp":"2026-11-16T02:00:01+09:00","logsource":{"category":"firewall"},"event":{"action":"deny"},"src_ip":"203.0.113.9","dst_port":23}
{"@timestamp":"2026-11-16T02:00:02+09:00","logsource":{"category":"firewall"},"event":{"action":"deny"},"source":{"ip":"203.0.113.8"},"destination":{"port":23}}
{"@timestamp":"2026-11-16T02:00:03+09:00","logsource":{"category":"firewall"},"event":{"action":"deny"},"source":{"ip":"203.0.113.9"},"destination":{"port":22}}
"#;

const RULE: &str = "title: Telnet\nid: 0a1b2c3d-0001-4000-8000-000000000001\nname: telnet\nauthor: A. Uthor\nlevel: low\n\
    logsource: {category: firewall}\ndetection:\n  telnet: {dst_port: 23}\n  condition: telnet\n";

fn count(rules: &str) -> Vec<serde_json::Value> {
    let house = House::new().with("e.jsonl", EVENTS).with("r.yml", rules);
    let words = [
        "scan",
        "e.jsonl",
        "--rules",
        "r.yml",
        "--no-default-rules",
        "--no-progress",
    ];
    let ran = house.run(&[&words[..], &["--output-format", "ndjson"]].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    let lines = ran.out.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect()
}

#[test]
fn a_rule_in_foreign_names_finds_our_fields_and_the_logs_own() {
    let alerts = count(RULE);
    assert_eq!(alerts.len(), 3, "{alerts:?}");
    assert_eq!(alerts[0]["rule"]["author"], "A. Uthor");
}

#[test]
fn a_correlation_groups_by_foreign_names() {
    let burst = "---\ntitle: Burst\nname: burst\ncorrelation: {type: event_count, rules: [telnet], group-by: [src_ip], timespan: 1m, condition: {gte: 2}}\n";
    let alerts = count(&format!("{RULE}{burst}"));
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert_eq!(alerts[0]["key"]["src_ip"], "203.0.113.9");
    assert_eq!(alerts[0]["count"], 2);
}

#[test]
fn a_filter_takes_events_out_before_anything_counts_them() {
    let filter = "---\ntitle: Known scanner\nlogsource: {category: firewall}\nfilter:\n  rules: [telnet]\n  scanner: {src_ip: 203.0.113.9}\n  condition: not scanner\n";
    let alerts = count(&format!("{RULE}{filter}"));
    assert_eq!(alerts.len(), 1, "{alerts:?}");
}

#[test]
fn placeholders_of_the_config_are_put_in() {
    let rule = RULE.replace("{dst_port: 23}", "{src_ip|expand: '%Scanners%'}");
    let house = House::new().with("e.jsonl", EVENTS).with("r.yml", &rule);
    let words = [
        "scan",
        "e.jsonl",
        "--rules",
        "r.yml",
        "--no-default-rules",
        "--no-progress",
    ];
    let ran = house.run(&words);
    assert_eq!(ran.status, 2, "{}", ran.out);
    assert!(
        ran.err.contains("the placeholder %Scanners% has no value"),
        "{}",
        ran.err
    );
    house.put(
        "yomawari.yaml",
        "version: 1\nrules: { placeholders: { Scanners: [203.0.113.8, 198.51.100.*] } }\n",
    );
    let ran = house.run(&words);
    assert_eq!((ran.status, ran.out.lines().count()), (0, 1), "{}", ran.err);
    house.put(
        "yomawari.yaml",
        "version: 1\nrules: { placeholders: { Scanners: [] } }\n",
    );
    let ran = house.run(&words);
    assert!(
        ran.err
            .contains("yomawari.yaml:2:36: error: rules.placeholders.Scanners has no value"),
        "{}",
        ran.err
    );
}

#[test]
fn rules_check_warns_and_stays_content() {
    let rule = RULE.replace("{dst_port: 23}", "{dst_prot: 23}");
    let house = House::new().with("r.yml", &rule);
    let ran = house.run(&["rules", "check", "r.yml"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        ran.err
            .contains("r.yml:8:12: warning: no format gives the field \"dst_prot\""),
        "{}",
        ran.err
    );
    assert!(ran.out.contains("1"), "{}", ran.out);
}
