//! Facts about single shapes; beside them the pull reader against its slow twin (`random`) and
//! whole files (`samples`).

mod random;
mod samples;

use std::collections::BTreeMap;

use bumpalo::Bump;

use super::*;
use crate::event::Instant;

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
    for record in include_str!("../../../../sample-logs/fhir/ordinary.ndjson").lines() {
        for name in fields(record).unwrap().0.keys() {
            let known = Field::from_name(name).is_none_or(|field| declared.contains(field));
            assert!(known, "{name}");
        }
    }
}

#[test]
fn an_account_of_a_domain_is_that_of_a_table() {
    let record = |agent: &str| {
        format!(
            r#"{{"resourceType":"AuditEvent","recorded":"2026-04-06T08:31:05+09:00","agent":[{{{agent},"requestor":true}}]}}"#
        )
    };
    check(
        &record(r#""who":{"identifier":{"value":"HOSP\\n01234"},"display":"山田"}"#),
        &[
            ("user.id", "n01234"),
            ("user.name", "n01234"),
            ("user.domain", "HOSP"),
            ("user.full_name", "山田"),
        ],
    );
    check(
        &record(r#""altId":"HOSP\\taro""#),
        &[
            ("user.id", "taro"),
            ("user.name", "taro"),
            ("user.domain", "HOSP"),
        ],
    );
    check(
        &record(r#""who":{"identifier":{"value":"\\\\x"}}"#),
        &[("user.id", "\\\\x"), ("user.domain", "")],
    );
}
