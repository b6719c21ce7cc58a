//! Facts about single shapes, and the pull reader against its slow twin.

use std::collections::BTreeMap;

use bumpalo::Bump;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::event::Instant;
use crate::format::json::moment;

fn parser() -> Box<dyn Parser> {
    parser_of("")
}

fn parser_of(head: &str) -> Box<dyn Parser> {
    let settings = Settings {
        zone: Zone::tokyo(),
        reference: Instant {
            nanos: 0,
            offset: 0,
            trusted: true,
            ambiguous: false,
        },
        year: None,
        section: None,
    };
    let mut complaints = Complaints::new();
    Fhir.parser(head, &settings, &mut complaints).unwrap()
}

/// The fields of the one event of a record, and its time.
fn fields(record: &str) -> Result<(twin::Fields, String), Reject> {
    let (fields, time) = fast(record)?;
    Ok((fields, time.rfc3339()))
}

fn fast(record: &str) -> Result<(twin::Fields, Instant), Reject> {
    let arena = Bump::new();
    let mut event = Event::new(&arena);
    event.begin(record);
    let mut found = None;
    let parsed = parser().parse(record, &mut event, &mut |event| {
        let mut fields: twin::Fields = BTreeMap::new();
        for field in event.present().iter() {
            let values = event.values(field).map(str::to_owned).collect();
            fields.insert(field.name().to_owned(), values);
        }
        for (name, value) in event.extras() {
            fields
                .entry((*name).to_owned())
                .or_default()
                .push((*value).to_owned());
        }
        assert!(found.is_none(), "one event a record");
        found = Some((fields, event.time().unwrap()));
    })?;
    match parsed {
        Parsed::Blank => Err(Reason::MalformedJson.into()),
        _ => Ok(found.unwrap()),
    }
}

fn check(record: &str, expected: &[(&str, &str)]) {
    let (fields, time) = fields(record).unwrap_or_else(|reject| panic!("{reject:?}: {record}"));
    for (name, value) in expected {
        let found = match *name {
            "@timestamp" => time.clone(),
            _ => fields.get(*name).map(|v| v.join("|")).unwrap_or_default(),
        };
        assert_eq!(found, *value, "{name} of {record}");
    }
    agree(record);
}

/// Both readers give the same fields, or both refuse for the same reason.
fn agree(record: &str) {
    let slow = twin::read(record, &Zone::tokyo());
    match (fast(record), slow) {
        (Ok((fields, time)), Ok((slow, nanos))) => {
            assert_eq!(fields, slow, "{record}");
            assert_eq!(time.nanos, nanos, "{record}");
        }
        (Err(reject), Err(reason)) => {
            let reason = reason.unwrap_or(Reason::MalformedJson);
            // A record that is both too deep and broken is refused for what comes first.
            if reject.reason != Reason::TooDeep {
                assert_eq!(reject.reason, reason, "{record}");
            }
        }
        (fast, slow) => panic!("fast {fast:?}, slow {slow:?}: {record}"),
    }
}

#[test]
fn r4_login_from_an_address() {
    check(
        r#"{"resourceType":"AuditEvent","type":{"code":"110114"},"subtype":[{"code":"110122"}],"action":"E","recorded":"2026-04-06T08:31:05.123+09:00","outcome":"4","outcomeDesc":"パスワード誤り","agent":[{"type":{"coding":[{"code":"humanuser"}]},"who":{"identifier":{"value":"n01234"},"display":"佐藤 花"},"requestor":true,"network":{"address":"::ffff:10.20.3.41","type":"2"}}],"source":{"site":"本院","observer":{"display":"ehr-prd"}}}"#,
        &[
            ("@timestamp", "2026-04-06T08:31:05.123+09:00"),
            ("event.action", "login"),
            ("event.outcome", "failure"),
            ("event.reason", "パスワード誤り"),
            ("event.code", "110122"),
            ("user.id", "n01234"),
            ("user.full_name", "佐藤 花"),
            ("source.ip", "10.20.3.41"),
            ("observer.name", "ehr-prd"),
            ("service.name", "ehr"),
        ],
    );
}

#[test]
fn dstu2_has_participants_and_objects() {
    check(
        r#"{"resourceType":"AuditEvent","event":{"type":{"coding":[{"code":"110114"}]},"subtype":[{"coding":[{"code":"110123"}]}],"action":"E","dateTime":"2013-06-20T23:41:23Z","outcome":"0","purposeOfEvent":[{"coding":[{"code":"BTG"}]}]},"participant":[{"userId":{"value":"95"},"altId":"601847123","name":"Grahame Grieve","requestor":true,"network":{"identifier":"127.0.0.1","type":"2"}}],"source":{"site":"Cloud","identifier":{"value":"connect.example"}},"object":[{"identifier":{"value":"27^^^MPI&1.2.3&ISO"},"role":{"code":"1"},"name":"患者 太郎"}]}"#,
        &[
            ("@timestamp", "2013-06-20T23:41:23Z"),
            ("event.action", "logout"),
            ("user.id", "95"),
            ("user.name", "601847123"),
            ("user.full_name", "Grahame Grieve"),
            ("source.ip", "127.0.0.1"),
            ("observer.name", "connect.example"),
            ("patient.id", "27"),
            ("patient.assigner", "MPI"),
            ("patient.name", "患者 太郎"),
            ("break_glass", "true"),
            ("purpose_of_use", "BTG"),
        ],
    );
}

#[test]
fn r5_has_categories_occurrence_and_several_patients() {
    check(
        r#"{"entity":[{"what":{"reference":"https://h.example/fhir/Patient/B2/_history/3"},"role":{"coding":[{"code":"1"}]}},{"what":{"reference":"ServiceRequest/9"},"role":{"coding":[{"code":"4"}]}}],"patient":{"reference":"Patient/A1"},"source":{"observer":{"reference":"Device/ehr-2"}},"agent":[{"who":{"reference":"Device/app"},"requestor":false,"networkString":"10.0.0.1"},{"who":{"reference":"Practitioner/d00077"},"requestor":true,"networkString":"ER-PC02"}],"outcome":{"code":{"code":"success"}},"recorded":"2026-04-06T08:31:45+09:00","occurredPeriod":{"start":"2026-04-06T08:31:40+09:00","end":"2026-04-06T08:31:44"},"code":{"coding":[{"code":"create"}]},"category":[{"coding":[{"code":"rest"}]}],"resourceType":"AuditEvent"}"#,
        &[
            ("@timestamp", "2026-04-06T08:31:40+09:00"),
            ("event.created", "2026-04-06T08:31:45+09:00"),
            ("event.end", "2026-04-06T08:31:44+09:00"),
            ("event.action", "order"),
            ("event.code", "create"),
            ("record.kind", "ServiceRequest"),
            ("patient.id", "B2|A1"),
            ("user.id", "d00077"),
            ("source.ip", ""),
            ("source.domain", "ER-PC02"),
            ("host.name", "ER-PC02"),
            ("observer.name", "ehr-2"),
        ],
    );
}

#[test]
fn programs_are_no_persons_and_silence_is_no_outcome() {
    check(
        r#"{"resourceType":"AuditEvent","type":{"code":"rest"},"subtype":{"code":"read"},"recorded":"2026-04-06","agent":[{"type":{"coding":[{"code":"110150"}]},"who":{"display":"app"},"requestor":true,"network":"10.0.0.1"},{"who":{"display":"https://app.example/x"},"requestor":true},{"requestor":true},{"type":{"coding":{"code":"110153"}},"who":{"display":"pc"},"requestor":false}]}"#,
        &[
            ("@timestamp", "2026-04-06T00:00:00+09:00"),
            ("time.trusted", "false"),
            ("event.action", "chart-view"),
            ("event.outcome", ""),
            ("user.id", ""),
            ("user.name", ""),
            ("source.ip", ""),
        ],
    );
}

#[test]
fn codes_become_actions() {
    let record = |codes: &str, letter: &str, rest: &str| {
        format!(
            r#"{{"resourceType":"AuditEvent","recorded":"2026-04-06T09:00:00Z","type":[{codes}],"action":"{letter}"{rest}}}"#
        )
    };
    let patient = r#","entity":[{"what":{"reference":"Patient/1"}}]"#;
    let paper = r#","agent":[{"who":{"display":"MFP"},"media":{"code":"110038"}}]"#;
    for (codes, letter, rest, action) in [
        (r#""110106""#, "R", "", "export"),
        (r#""110106""#, "R", paper, "print"),
        (r#""110107","disclose""#, "C", "", "import"),
        (r#""110105""#, "D", "", "chart-edit"),
        (r#""110110""#, "R", "", "chart-view"),
        (r#""110110""#, "U", "", "chart-edit"),
        (r#""110112","ITI-47""#, "E", "", "patient-search"),
        (r#""110113","110127""#, "E", "", "break-glass"),
        (r#""110113","110138""#, "E", "", "break-glass-end"),
        (r#""110113","AuthZ-Consent""#, "E", patient, ""),
        (r#""110114""#, "E", r#","outcome":8"#, "login"),
        (r#""110114""#, "E", r#","outcome":0"#, ""),
        (r#""110100","110120""#, "E", "", "app-start"),
        (r#""110113","110133""#, "E", "", "audit-stopped"),
        (r#""110113","110137""#, "E", "", "account-change"),
        (r#""rest","search-type""#, "E", "", "patient-search"),
        (r#""rest","patch""#, "U", "", "chart-edit"),
        (r#""rest","operation""#, "E", patient, ""),
        (r#""カルテ""#, "R", patient, "chart-view"),
        (r#""カルテ""#, "R", "", ""),
    ] {
        check(&record(codes, letter, rest), &[("event.action", action)]);
    }
}

#[test]
fn rejects_name_reason_and_column() {
    let reject = |record| fields(record).unwrap_err();
    let at = |reason, column| Reject { reason, column };
    for (record, expected) in [
        (
            r#"{"resourceType":"Provenance"}"#,
            at(Reason::OtherResource, 0),
        ),
        (
            r#"{"recorded":"2026-04-06T09:00:00Z"}"#,
            at(Reason::NotThisFormat, 0),
        ),
        ("[1]", at(Reason::NotThisFormat, 0)),
        (r#"{"resourceType":"AuditEvent"}"#, at(Reason::NoTime, 0)),
        (
            r#"{"resourceType":"AuditEvent","recorded":"x"}"#,
            at(Reason::BadTime, 41),
        ),
        (
            r#"{"resourceType":"Provenance","x":[1,]}"#,
            at(Reason::MalformedJson, 37),
        ),
        (
            r#"{"resourceType":"AuditEvent"} x"#,
            at(Reason::MalformedJson, 31),
        ),
    ] {
        assert_eq!(reject(record), expected, "{record}");
        agree(record);
    }
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(64), "]".repeat(64));
    assert_eq!(reject(&deep).reason, Reason::TooDeep);
}

#[test]
fn blank_records_are_blank() {
    let arena = Bump::new();
    let mut event = Event::new(&arena);
    for record in ["", " \t\r\n"] {
        assert_eq!(
            parser().parse(record, &mut event, &mut |_| {}),
            Ok(Parsed::Blank)
        );
    }
}

#[test]
fn the_source_is_named_after_the_observer() {
    let head = r#"{"resourceType":"AuditEvent","source":{"site":"本院"}}"#;
    assert_eq!(parser_of(head).source_name(), "fhir:本院");
    assert_eq!(parser().source_name(), "fhir");
}

#[test]
fn the_fields_given_are_those_declared() {
    let declared = parser().fields();
    for record in include_str!("../../../sample-logs/fhir/ordinary.ndjson").lines() {
        for name in fields(record).unwrap().0.keys() {
            let known = Field::from_name(name).is_none_or(|field| declared.contains(field));
            assert!(known, "{name}");
        }
    }
}

#[test]
fn the_ordinary_sample_tells_of_a_burst_and_of_the_night() {
    let all: Vec<_> = include_str!("../../../sample-logs/fhir/ordinary.ndjson")
        .lines()
        .map(|record| fields(record).unwrap())
        .collect();
    let is = |fields: &twin::Fields, name: &str, value: &str| {
        fields.get(name).is_some_and(|values| values == &[value])
    };
    let failed = all.iter().filter(|(fields, _)| {
        is(fields, "event.action", "login")
            && is(fields, "event.outcome", "failure")
            && is(fields, "source.ip", "10.20.9.77")
    });
    assert_eq!(failed.count(), 6);
    assert!(
        all.iter()
            .any(|(_, time)| time.starts_with("2026-11-17T02:"))
    );
}

/// Records of the specification and of the Basic Audit Log Patterns (tests/data/fhir/SOURCES.md).
#[test]
fn published_examples_are_read() {
    let mhd = include_str!("../../../tests/data/fhir/ihe-mhd-iti106-r5.json");
    check(
        mhd,
        &[
            ("@timestamp", "2020-04-29T09:49:00Z"),
            ("event.action", "chart-edit"),
            ("event.code", "create"),
            ("patient.id", "ex-patient"),
            ("user.id", ""),
            ("record.kind", "DocumentReference"),
        ],
    );
    let balp: Vec<&str> = include_str!("../../../tests/data/fhir/balp-r4.ndjson")
        .lines()
        .collect();
    let expected = [
        ["chart-edit", "", "Betty Jones", "ex-patient"],
        ["chart-view", "", "John Smith", "ex-patient"],
        ["patient-search", "", "John Smith", "ex-patient"],
        ["chart-edit", "", "", "ex-patient"],
        ["", "JoeL", "JoeL", ""],
        ["export", "ex-patient", "ex-patient", "ex-patient"],
    ];
    assert_eq!(balp.len(), expected.len());
    for (record, [action, id, name, patient]) in balp.into_iter().zip(expected) {
        check(
            record,
            &[
                ("event.action", action),
                ("event.outcome", "success"),
                ("user.id", id),
                ("user.name", name),
                ("patient.id", patient),
            ],
        );
    }
}

/// A bare value: what might stand in a place, right or odd.
fn scalar() -> impl Strategy<Value = String> {
    let odd = select(vec![
        "null",
        "true",
        "false",
        "0",
        "8",
        "12",
        "-1.5e3",
        "[]",
        "{}",
        "[[]]",
        r#""""#,
        r#"" ""#,
        r#""\ud83d\ude00""#,
        r#""\ud83d""#,
        r#""\u0041\n\"\\\/""#,
        r#""110114""#,
        r#""0""#,
    ]);
    let words = select(vec![
        "110114",
        "110122",
        "110106",
        "110110",
        "110113",
        "110127",
        "110150",
        "110153",
        "110038",
        "rest",
        "read",
        "create",
        "humanuser",
        "IRCP",
        "ETREAT",
        "success",
        "fatal",
        "4",
        "1",
        "6",
        "C",
        "R",
        "Patient/1",
        "Practitioner/n01",
        "Device/d",
        "ServiceRequest/7",
        "#p1",
        "https://h.example/Patient/2/_history/3",
        "urn:oid:1.2|3",
        "7^^^MPI&1.2&ISO",
        "AuditEvent",
        "2026-04-06T08:31:05+09:00",
        "2026-04-06T08:31:05",
        "2026-04-06",
        "2026-99-99",
        "10.0.0.1",
        "::ffff:10.0.0.1",
        "[::1]:80",
        "pc-1:443",
        "00:11:22:33:44:55",
        "http://u@h.example:1/x",
        "tel:1",
        "XrequestId",
        "Consent",
        "山田 花子",
        "n01",
    ]);
    prop_oneof![
        1 => odd.prop_map(str::to_owned),
        6 => words.prop_map(|word| serde_json::to_string(word).unwrap()),
        1 => any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
    ]
}

/// A value of any shape that is made of the keys an AuditEvent knows, in any order, also doubled.
fn value() -> impl Strategy<Value = String> {
    let keys = select(vec![
        "code",
        "coding",
        "display",
        "text",
        "reference",
        "identifier",
        "value",
        "system",
        "type",
        "who",
        "userId",
        "altId",
        "name",
        "requestor",
        "network",
        "address",
        "networkString",
        "networkUri",
        "media",
        "purposeOfUse",
        "role",
        "what",
        "start",
        "end",
        "detail",
        "observer",
        "site",
        "x",
        "c\\u006fde",
    ]);
    scalar().prop_recursive(5, 40, 6, move |inner| {
        let member = (keys.clone(), inner.clone(), select(vec!["", " ", "\n\t "]));
        let member = member.prop_map(|(key, value, blank)| {
            format!("{blank}\"{key}\"{blank}:{blank}{value}{blank}")
        });
        prop_oneof![
            3 => prop::collection::vec(member, 0..6).prop_map(|m| format!("{{{}}}", m.join(","))),
            1 => prop::collection::vec(inner, 0..4).prop_map(|m| format!("[{}]", m.join(","))),
        ]
    })
}

fn audit_event() -> impl Strategy<Value = String> {
    let keys = select(vec![
        "type",
        "subtype",
        "category",
        "code",
        "action",
        "recorded",
        "dateTime",
        "outcome",
        "outcomeDesc",
        "occurredDateTime",
        "occurredPeriod",
        "period",
        "purposeOfEvent",
        "authorization",
        "agent",
        "participant",
        "entity",
        "object",
        "patient",
        "source",
        "event",
        "text",
        "agent",
        "entity",
        "agent",
    ]);
    let member = (keys, value()).prop_map(|(key, value)| format!("\"{key}\":{value}"));
    let fixed = select(vec![
        r#""resourceType":"AuditEvent","recorded":"2026-04-06T08:31:05Z""#,
        r#""resourceType":"AuditEvent","event":{"dateTime":"2026-04-06T08:31:05"}"#,
        r#""resourceType":"AuditEvent""#,
        r#""resourceType":"Patient""#,
    ]);
    (
        prop::collection::vec(member, 0..9),
        fixed,
        any::<prop::sample::Index>(),
    )
        .prop_map(|(mut members, fixed, place)| {
            let place = place.index(members.len() + 1);
            members.insert(place, fixed.to_owned());
            format!("{{{}}}", members.join(","))
        })
}

/// Replaces, drops or doubles some characters.
fn mutated(text: &str, changes: &[(prop::sample::Index, u8, char)]) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for (place, how, with) in changes {
        let at = place.index(chars.len().max(1));
        match how % 4 {
            _ if at >= chars.len() => {}
            0 => chars[at] = *with,
            1 => drop(chars.remove(at)),
            2 => chars.insert(at, *with),
            _ => chars.truncate(at.max(1)),
        }
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn fast_and_slow_agree_on_audit_events_of_any_shape(record in audit_event()) {
        agree(&record);
    }

    #[test]
    fn fast_and_slow_agree_on_broken_audit_events(
        record in audit_event(),
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), any::<u8>(), select("{}[]\":,\\u0 e1-.\u{1}患".chars().collect::<Vec<_>>())),
            1..3,
        ),
    ) {
        agree(&mutated(&record, &changes));
    }

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let _ = fast(&text);
        let _ = fast(&format!("{{\"resourceType\":\"AuditEvent\",\"recorded\":\"{text}"));
        let _ = parser_of(&text).source_name();
        let _ = Fhir.claims(&format!("{{{text}"));
    }
}

/// Where the samples stand that are too large, or not ours, to be checked in.
fn samples() -> Option<std::path::PathBuf> {
    let beside = || concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/samples").into();
    let folder: std::path::PathBuf =
        std::env::var_os("YOMAWARI_SAMPLES").map_or_else(beside, Into::into);
    let folder = folder.join("ehr");
    if !folder.is_dir() {
        println!("skipped: no folder of samples; name one in YOMAWARI_SAMPLES");
        return None;
    }
    Some(folder)
}

/// Our word for an action of the samples' vocabulary, which is older.
fn ours(action: &str) -> &str {
    match action {
        "patient_view" => "chart-view",
        "patient_search" => "patient-search",
        "copy_to_media" => "export",
        "break_glass_start" => "break-glass",
        "break_glass_end" => "break-glass-end",
        "record_create" | "record_update" | "record_delete" => "chart-edit",
        other => other,
    }
}

#[test]
fn the_written_samples_become_what_is_expected() {
    let Some(folder) = samples() else { return };
    let text = |name: &str| std::fs::read_to_string(folder.join("synthetic").join(name)).unwrap();
    let mut checked = 0;
    for line in text("expected.ndjson").lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let file = case["file"].as_str().unwrap();
        if !file.starts_with("fhir") {
            continue;
        }
        let number = case["record"].as_u64().unwrap() as usize;
        let records = text(file);
        let record = records
            .lines()
            .filter(|line| !line.is_empty())
            .nth(number - 1)
            .unwrap();
        agree(record);
        checked += 1;
        let expected = case["event"].as_object().unwrap();
        if expected.contains_key("reject") {
            assert_eq!(fields(record).unwrap_err().reason, Reason::NoTime);
        } else if expected.contains_key("skip") {
            assert_eq!(fields(record).unwrap_err().reason, Reason::OtherResource);
        } else {
            let (found, time) = fields(record).unwrap();
            for (name, value) in expected.iter().filter(|(name, _)| *name != "note") {
                let value = ours(value.as_str().unwrap());
                match name.as_str() {
                    // The samples tell times in the site's zone, the record in its own.
                    "@timestamp" => {
                        let nanos = |text| moment(text, &Zone::tokyo()).unwrap().0.nanos;
                        assert_eq!(nanos(value), nanos(&time), "{record}");
                    }
                    name => assert_eq!(found[name], [value], "{name} of {record}"),
                }
            }
        }
    }
    assert_eq!(checked, 17);
}

#[test]
fn the_published_samples_are_read_alike_by_both_readers() {
    let Some(folder) = samples() else { return };
    let text = |name: &str| std::fs::read_to_string(folder.join("fhir").join(name)).unwrap();
    let all = text("balp-r4-auditevents.ndjson");
    let events: Vec<_> = all.lines().map(|record| fields(record).unwrap()).collect();
    all.lines().for_each(agree);
    assert_eq!(events.len(), 30);
    assert!(
        events
            .iter()
            .all(|(fields, _)| fields["event.outcome"] == ["success"])
    );
    let nobody = events
        .iter()
        .filter(|(fields, _)| !fields.contains_key("user.name"));
    assert_eq!(nobody.count(), 6, "the NoUser cases name nobody");
    let bundle: serde_json::Value =
        serde_json::from_str(&text("balp-r4-searchset-bundle.json")).unwrap();
    for entry in bundle["entry"].as_array().unwrap() {
        let record = serde_json::to_string_pretty(&entry["resource"]).unwrap();
        agree(&record);
        assert!(fields(&record).is_ok());
    }
    agree(&text("ihe-mhd-iti106-r5.json"));
    assert!(
        Fhir.claims(&text("balp-r4-searchset-bundle.json"))
            .is_some()
    );
    assert_eq!(
        parser_of(&text("balp-r4-searchset-bundle.json")).source_name(),
        "fhir:ex-device"
    );
}

#[test]
fn the_bundle_of_the_samples_is_read() {
    let text = include_str!("../../../sample-logs/fhir/bundle-r5.json");
    assert_eq!(parser_of(text).source_name(), "fhir:ehr-r5");
    let bundle: serde_json::Value = serde_json::from_str(text).unwrap();
    let actions: Vec<String> = bundle["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            let record = serde_json::to_string_pretty(&entry["resource"]).unwrap();
            agree(&record);
            fields(&record).unwrap().0["event.action"].join("")
        })
        .collect();
    assert_eq!(
        actions,
        ["login", "login", "chart-view", "break-glass", "order"]
    );
}
