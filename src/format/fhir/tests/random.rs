//! The pull reader and its slow twin agree on records of any shape, whole and broken.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

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
