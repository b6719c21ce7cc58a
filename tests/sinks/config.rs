//! Every mistake under `sinks:` is told at once, at its place, without the secrets in it.

use super::folder::{House, holds};

const WRONG: &str = "\
sinks:
- { name: siem, type: syslog, to: 'udp://127.0.0.1:99999' }
- { name: siem2, type: sislog, to: 'udp://127.0.0.1:514' }
- { name: a b, type: cef, to: 'tcp://h:514' }
- { type: cef }
- { name: x, typ: cef }
- { name: f, type: ndjson, path: a, to: 'udp://h', rotate: 10, keep: 0, level: hihg, names: maybe }
- { name: f, type: ndjson, path: b }
- { name: f, type: ndjson, path: c }
- { name: g, type: ndjson, path: b }
- { name: u, type: syslog, to: 'unix://dev/log' }
- { name: v, type: syslog, to: 'http://h/' }
- { name: w, type: webhook, to: 'ftp://user:geheim@h/' }
- { name: w1, type: webhook, to: 'https://user:geheim@h/' }
- { name: w2, type: webhook, to: 'http://h.example/geheim', headers: { Host: geheim, 'X y': geheim, A: \"geheim\\n\", B: \"geheim\\u0001\", C: [], a: geheim, c: geheim, C: geheim } }
- { name: w3, type: webhook, to: 'http://[::1]:80/', headers: geheim }
- { name: y, type: ndjson, path: y.db }
- word
store: y.db
";

#[test]
fn every_mistake_is_told_at_its_place_in_both_languages() {
    let house = House::new().with("yomawari.yaml", WRONG).with("a.csv", "");
    let told = house.complaints(&["scan", "a.csv"]);
    assert!(!told.contains("geheim"), "{told}");
    holds("sinks-complaints", &told);
}

#[test]
fn a_list_is_expected() {
    let house = House::new().with("yomawari.yaml", "sinks: { name: a }\n");
    let ran = house.run(&["scan", ".", "--lang", "en"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("yomawari.yaml:1:8"), "{}", ran.err);
}

#[test]
fn a_file_that_is_read_is_no_sink() {
    let house = House::new().with("a.csv", "日時,利用者ID\n").with(
        "yomawari.yaml",
        "sinks: [{ name: f, type: ndjson, path: a.csv }]\n",
    );
    let ran = house.run(&["scan", "a.csv", "--lang", "en"]);
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.contains("a.csv is one of the files to be read"),
        "{}",
        ran.err
    );
}

#[test]
fn a_common_config_is_not_complained_about() {
    let config = "sinks:
  - { name: file, type: ndjson, path: alerts.ndjson, rotate: 10M, keep: 5 }
  - { name: days, type: ndjson, path: days.ndjson, rotate: daily, level: high }
  - { name: siem, type: syslog, to: udp://127.0.0.1 }
  - { name: dev, type: syslog, to: unix:///dev/log }
  - { name: arc, type: cef, to: \"tcp://[::1]:1514\", names: true }
  - { name: hook, type: webhook, to: https://example.invalid/hook, headers: { Authorization: \"Bearer x\" } }
";
    let house = House::new().with("yomawari.yaml", config).with("a.csv", "");
    let ran = house.run(&["rules", "list", "--lang", "en"]);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
}
