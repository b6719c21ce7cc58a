//! Every key of a full config, and the exact complaint about each kind of mistake.

use super::*;
use crate::text::EncodingChoice;

const FULL: &str = "\
version: 1
site: { name: さくら総合病院, timezone: Asia/Tokyo, language: ja }
sources:
  - name: ehr
    paths: [exports/ehr-*.csv*, more]
    format: csv
    encoding: cp932
    timezone: Asia/Seoul
    expect: nightly
    logsource: { category: ehr }
    csv: { columns: { user.id: 利用者ID } }
  - { name: router, paths: /var/log/rtx/, expect: 30m }
calendar: calendar.yaml
registers:
  devices: devices.csv
  staff: [staff.csv, 委託.xlsx]
  networks: { clinical: [10.20.0.0/16] }
geoip: country.mmdb
rules: { paths: [rules/], disable: [a-rule], set: { failed-login-burst: { threshold: 8 } } }
store: yomawari.db
keep: 400d
memory: 256M
lateness: 10m
";

fn read(file: &str, content: &str) -> (Config, Vec<String>) {
    let mut complaints = Complaints::new();
    let config = Config::read(Path::new(file), content, &mut complaints);
    let told = complaints
        .sorted()
        .iter()
        .map(|p| p.render(Lang::En))
        .collect();
    (config, told)
}

/// The complaints about a config in both languages.
fn complaints(content: &str) -> String {
    let mut complaints = Complaints::new();
    Config::read(Path::new("y.yaml"), content, &mut complaints);
    let mut told = Vec::new();
    for problem in complaints.sorted() {
        told.push(problem.render(Lang::En));
        told.push(problem.render(Lang::Ja));
    }
    told.join("\n")
}

#[test]
fn a_full_config_is_understood() {
    let (config, told) = read("house/yomawari.yaml", FULL);
    assert_eq!(told, Vec::<String>::new());
    assert_eq!(config.name.as_deref(), Some("さくら総合病院"));
    assert_eq!(config.zone.map(|zone| zone.name()), Some("Asia/Tokyo"));
    assert_eq!(config.lang, Some(Lang::Ja));
    assert_eq!(config.memory, Some(256 << 20));
    let ehr = &config.sources[0];
    assert_eq!(ehr.paths, ["house/exports/ehr-*.csv*", "house/more"]);
    assert_eq!(ehr.format.as_deref(), Some("csv"));
    assert!(matches!(ehr.encoding, EncodingChoice::Named(_)));
    assert_eq!(ehr.zone.map(|zone| zone.name()), Some("Asia/Seoul"));
    assert!(ehr.section("csv").is_some() && ehr.section("jsonl").is_none());
    assert!(!ehr.log_sources.is_empty());
    assert_eq!(config.sources[1].paths, ["/var/log/rtx/"]);
    let Some(CalendarSource::File(calendar)) = &config.calendar else {
        panic!("no calendar")
    };
    assert_eq!(calendar.path, Path::new("house/calendar.yaml"));
    assert_eq!(calendar.place.to_string(), "house/yomawari.yaml:13:11");
    assert_eq!(config.registers.staff[1].path, Path::new("house/委託.xlsx"));
    assert!(config.registers.networks.is_some());
    let geoip = config.geoip.as_ref().expect("a database is named");
    assert_eq!(geoip.database.path, Path::new("house/country.mmdb"));
    assert_eq!(geoip.expected, ["JP"]);
    assert_eq!(config.rules.thresholds[0].1, 8);
    assert_eq!(config.rules.disable[0].0, "a-rule");
    let store = config.store.as_ref().expect("a store is named");
    assert_eq!(store.path, Path::new("house/yomawari.db"));
}

#[test]
fn nothing_at_all_is_a_config_of_defaults() {
    for empty in ["", "# nothing\n", "version: 1\n", "sources: []\nsite:\n"] {
        assert_eq!(
            read("y.yaml", empty),
            (Config::default(), Vec::new()),
            "{empty:?}"
        );
    }
}

#[test]
fn every_mistake_is_told_at_once_at_its_place() {
    let told = complaints(
        "version: 2\n\
         sites: {}\n\
         site: { timezone: Asia/Tokio, language: jp, nam: x }\n\
         sources:\n\
         - { name: a, format: cvs, encoding: latin1, paths: '[', expect: often }\n\
         - { name: a, logsource: { category: nosuch } }\n\
         - just-a-word\n\
         calendar: [x]\n\
         registers: { device: d.csv, staff: {} }\n\
         rules: { set: { r: { threshold: 0 }, s: { limit: 3 } } }\n\
         memory: plenty\n\
         keep: 400\n",
    );
    crate::cli::tests_support::holds("config-complaints", &told);
}

#[test]
fn too_little_memory_is_told_at_its_place() {
    let (_, told) = read("y.yaml", "version: 1\nmemory: 5\n");
    assert_eq!(
        told,
        ["y.yaml:2:9: error: 5 bytes of memory are too few: 16M are needed"]
    );
}

#[test]
fn syntax_and_kinds_are_told_too() {
    let (_, told) = read("y.yaml", "a: [1\n");
    assert!(told[0].starts_with("y.yaml:"), "{told:?}");
    let (_, told) = read("y.yaml", "- a\n");
    assert_eq!(
        told,
        ["y.yaml:1:1: error: config: found a list, expected version: …"]
    );
    let (_, told) = read("y.yaml", "version: 1\n---\nversion: 1\n");
    assert_eq!(told.len(), 1);
}

#[test]
fn inputs_belong_to_the_source_whose_path_names_them() {
    let (config, _) = read(
        "y.yaml",
        "sources:\n- { name: e, paths: [exports/ehr-*.csv*, box/, 'log?/a'] }\n- { name: s, paths: '-' }\n",
    );
    let [e, s] = &config.sources[..] else {
        panic!("two sources")
    };
    for name in [
        "exports/ehr-1.csv",
        "./exports/ehr-1.csv.gz",
        "box/deep/x.log",
        "exports/ehr-1.csv.zip!inner!side.csv",
        "log1/a",
        "log1/a/b.txt",
    ] {
        assert!(e.holds(name), "{name}");
    }
    for name in [
        "exports/other.csv",
        "exports/sub/ehr-1.csv",
        "boxes/x",
        "-",
        "ehr-1.csv",
        "",
    ] {
        assert!(!e.holds(name), "{name}");
    }
    assert!(s.holds("-") && !s.holds("exports/ehr-1.csv"));
}

#[test]
fn wildcard_letters_in_the_folder_mean_themselves() {
    let (config, _) = read(
        "a[b]/y.yaml",
        "sources: [{ name: e, paths: ['*.csv', 'x.csv'] }]\n",
    );
    assert_eq!(config.sources[0].paths, ["a[[]b[]]/*.csv", "a[b]/x.csv"]);
    assert!(config.sources[0].holds("a[b]/1.csv"));
}
