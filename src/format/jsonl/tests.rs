//! What JSON lines become, with and without a section in the config.

use bumpalo::Bump;
use proptest::prelude::*;

use super::*;
use crate::event::{Instant, LogSourceId};
use crate::yaml;

/// Name and value of every field, in the order of the table, and what is kept beside it.
type Found = (Vec<(String, String)>, String, LogSources);

fn parser(section: &str) -> (Box<dyn Parser>, Complaints) {
    let mut complaints = Complaints::new();
    let nodes = yaml::read("yomawari.yaml", section, &mut complaints);
    let settings = Settings {
        zone: Zone::tokyo(),
        reference: Instant {
            nanos: 0,
            offset: 0,
            trusted: true,
            ambiguous: false,
        },
        year: None,
        section: nodes.first(),
    };
    let parser = Jsonl.parser("", &settings, &mut complaints).unwrap();
    (parser, complaints)
}

fn read_with(section: &str, record: &str) -> Result<Found, Reject> {
    let (parser, complaints) = parser(section);
    assert!(complaints.is_empty(), "{complaints:?}");
    let arena = Bump::new();
    let mut event = Event::new(&arena);
    event.begin(record);
    let mut found = None;
    parser.parse(record, &mut event, &mut |event| {
        let mut fields = Vec::new();
        for field in event.present().iter() {
            for value in event.values(field) {
                fields.push((field.name().to_owned(), value.to_owned()));
            }
        }
        for (name, value) in event.extras() {
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        found = Some((fields, event.time().unwrap().rfc3339(), event.log_sources()));
    })?;
    found.ok_or_else(|| Reason::NotThisFormat.into())
}

fn read(record: &str) -> Result<Found, Reject> {
    read_with("", record)
}

fn values(found: &Found, name: &str) -> String {
    let named = found.0.iter().filter(|(n, _)| n == name);
    named.map(|(_, v)| v.as_str()).collect::<Vec<_>>().join("|")
}

fn check(section: &str, record: &str, expected: &[(&str, &str)]) {
    let found = read_with(section, record).unwrap_or_else(|r| panic!("{r:?}: {record}"));
    for (name, value) in expected {
        let is = match *name {
            "@timestamp" => found.1.clone(),
            _ => values(&found, name),
        };
        assert_eq!(is, *value, "{name} of {record}");
    }
}

#[test]
fn flat_and_nested_keys_are_the_same() {
    let flat =
        r#"{"@timestamp":"2026-11-16T08:00:00+09:00","event.action":"login","user.id":"n1"}"#;
    let nested = r#"{"event":{"action":"login"},"@timestamp":"2026-11-16T08:00:00+09:00","user":{"id":"n1"}}"#;
    assert_eq!(read(flat), read(nested));
    check(
        "",
        flat,
        &[("event.category", "authentication"), ("user.name", "n1")],
    );
}

#[test]
fn lists_numbers_nulls_and_unknown_keys_are_kept_as_they_are() {
    check(
        "",
        r#"{"@timestamp":1775431865,"patient":{"id":["001",2,null,"003"]},"ward":{"bed":1.50,"ok":true,"rooms":[{"n":1},{"n":2}]},"device.known":"true","source":{"ip":"::ffff:10.0.0.1","mac":"00:1a:2b:33:44:55"},"event":{"action":["look","chart-view"],"outcome":"denied"}}"#,
        &[
            ("@timestamp", "2026-04-06T08:31:05+09:00"),
            ("patient.id", "001|2|003"),
            ("ward.bed", "1.50"),
            ("ward.ok", "true"),
            ("ward.rooms.n", "1|2"),
            ("device.known", "true"),
            ("source.ip", "10.0.0.1"),
            ("source.mac", "00-1A-2B-33-44-55"),
            ("event.action", "chart-view"),
            ("event.code", "look"),
            ("event.outcome", ""),
            ("event.reason", "denied"),
        ],
    );
}

#[test]
fn derived_fields_of_a_log_are_never_believed() {
    let record = r#"{"@timestamp":1775431865,"device":{"known":true}}"#;
    let (parser, _) = parser("");
    let arena = Bump::new();
    let mut event = Event::new(&arena);
    event.begin(record);
    let parsed = parser.parse(record, &mut event, &mut |event| {
        assert!(!event.has(Field::DeviceKnown));
    });
    assert_eq!(parsed, Ok(Parsed::Events));
}

const SECTION: &str = r#"
columns:
  "@timestamp": [date, time]
  user.id: actor.login
  patient.id: [pid, chart.pid]
  event.action: op
values:
  event.action: { OPEN: chart-view, ログイン: login }
  user.id: { "-1": system }
"#;

#[test]
fn the_config_maps_paths_and_words() {
    check(
        SECTION,
        r#"{"op":"OPEN","time":"08:31:05","actor":{"login":-1},"chart.pid":"7","date":"2026/04/06","user":{"id":"other"}}"#,
        &[
            ("@timestamp", "2026-04-06T08:31:05+09:00"),
            ("event.action", "chart-view"),
            ("event.code", "OPEN"),
            // Both spellings of a mapped value: ours in the field, and the path not mapped beside.
            ("patient.id", "7"),
        ],
    );
    check(
        SECTION,
        r#"{"op":"PEEK","chart":{"pid":"7"},"pid":["8","9"],"date":"2026/04/06","time":"08:31"}"#,
        &[
            ("patient.id", "8|9"),
            ("event.code", "PEEK"),
            ("event.action", ""),
        ],
    );
}

#[test]
fn mistakes_in_the_section_are_all_told_with_their_place() {
    let (_, complaints) = parser(
        "colums: {}\ncolumns: { user.idd: x, user.id: {a: b}, \"@timestamp\": [a, b, c, d, e] }\nvalues: { event.action: { A: chartview }, event.outcome: { B: ok } }\n",
    );
    let all: Vec<String> = complaints
        .sorted()
        .into_iter()
        .map(|problem| problem.render(crate::diagnostic::Lang::En))
        .collect();
    let told = |text: &str| assert!(all.iter().any(|a| a.contains(text)), "{text}: {all:#?}");
    told("yomawari.yaml:1:1: error: unknown key \"colums\"");
    told("did you mean columns");
    told("did you mean user.id");
    told("expected a word");
    told("at most 4 parts");
    told("did you mean chart-view");
    told("use one of: success, failure, unknown");
    assert_eq!(all.len(), 6, "{all:#?}");
}

#[test]
fn log_sources_follow_from_what_happened_and_what_is_stated() {
    let declares = |rest: &str, id| {
        let record = format!("{{\"@timestamp\":1775431865{rest}}}");
        let (_, _, declared) = read(&record).unwrap();
        assert!(declared.intersects(LogSources::of(&[id])), "{record}");
        declared
    };
    declares(r#","patient.id":"1""#, LogSourceId::Ehr);
    declares(r#","event":{"action":"order"}"#, LogSourceId::Ehr);
    declares(
        r#","event":{"dataset":"fhir.auditevent"}"#,
        LogSourceId::Ehr,
    );
    declares(r#","event":{"dataset":"ehr.csv"}"#, LogSourceId::Ehr);
    declares(r#","event":{"action":"deny"}"#, LogSourceId::Firewall);
    declares(
        r#","logsource":{"product":"linux","service":"sshd"}"#,
        LogSourceId::LinuxSshd,
    );
    let login = declares(r#","event.action":"login""#, LogSourceId::Authentication);
    assert!(!login.intersects(LogSources::of(&[LogSourceId::Ehr])));
    let none = declares("", LogSourceId::Any);
    assert_eq!(none, LogSources::of(&[LogSourceId::Any]));
}

#[test]
fn rejects_name_their_reason() {
    for (record, reason) in [
        (r#"{"user.id":"x"}"#, Reason::NoTime),
        (r#"{"@timestamp":null}"#, Reason::NoTime),
        (r#"{"@timestamp":"yesterday"}"#, Reason::BadTime),
        (r#"{"@timestamp":1e9}"#, Reason::BadTime),
        (r#"{"@timestamp":1,}"#, Reason::MalformedJson),
        ("[]", Reason::NotThisFormat),
    ] {
        assert_eq!(read(record).unwrap_err().reason, reason, "{record}");
    }
    let deep = format!("{}1{}", "{\"a\":".repeat(65), "}".repeat(65));
    assert_eq!(read(&deep).unwrap_err().reason, Reason::TooDeep);
}

#[test]
fn ecs_keys_are_claimed() {
    let claims = |head: &str| Jsonl.claims(head).is_some();
    assert!(claims(" {\"a\":1,\"@timestamp\":\"2026"));
    assert!(claims("[{\"event\":{\"acti"));
    assert!(claims("{\"source.ip\":\"1\"}\n{"));
    assert!(!claims("{\"a\":{\"message\":1}}\n{\"message\":1}"));
    assert!(!claims("{\"resourceType\":\"Patient\"}"));
    assert!(!claims("2026-11-16 {\"message\":1}"));
    assert!(!claims(""));
}

#[test]
fn the_ordinary_sample_is_read_whole() {
    let sample = include_str!("../../../sample-logs/jsonl/ordinary.ndjson");
    assert!(Jsonl.claims(sample).is_some());
    for record in sample.lines() {
        let found = read(record).unwrap();
        assert!(found.1.starts_with("2026-11-1"), "{record}");
        assert!(!values(&found, "event.action").is_empty(), "{record}");
    }
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let _ = read(&text);
        let _ = read(&format!("{{\"@timestamp\":{text:?},\"a.b\":{text}}}"));
        let _ = Jsonl.claims(&text);
    }

    #[test]
    fn every_scalar_of_an_object_is_kept_once(
        values_in in prop::collection::vec((r"[a-z]{1,3}(\.[a-z]{1,2})?", any::<i64>()), 0..6),
    ) {
        let members = values_in.iter().map(|(key, value)| format!("\"x{key}\":{value}"));
        let members: Vec<String> = std::iter::once("\"@timestamp\":1775431865".to_owned()).chain(members).collect();
        let found = read(&format!("{{{}}}", members.join(","))).unwrap();
        let mut kept: Vec<String> = found.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut written: Vec<String> = values_in.iter().map(|(key, value)| format!("x{key}={value}")).collect();
        kept.sort();
        written.sort();
        prop_assert_eq!(kept, written);
    }
}
