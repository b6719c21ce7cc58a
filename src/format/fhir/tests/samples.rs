//! Whole files: the samples of the project, published examples, and what stands beside the
//! project, if it does.

use super::*;
use crate::format::json::moment;

#[test]
fn the_ordinary_sample_tells_of_a_burst_and_of_the_night() {
    let all: Vec<_> = include_str!("../../../../sample-logs/fhir/ordinary.ndjson")
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
    let mhd = include_str!("../../../../tests/data/fhir/ihe-mhd-iti106-r5.json");
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
    let balp: Vec<&str> = include_str!("../../../../tests/data/fhir/balp-r4.ndjson")
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

/// Where the samples stand that are too large, or not ours, to be checked in: the folder that
/// `YOMAWARI_SAMPLES` names.
fn samples() -> Option<std::path::PathBuf> {
    let named = std::env::var_os("YOMAWARI_SAMPLES").map(std::path::PathBuf::from);
    let folder = named.map(|f| f.join("ehr")).filter(|f| f.is_dir());
    if folder.is_none() {
        println!("skipped: YOMAWARI_SAMPLES names no folder of samples");
    }
    folder
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
    let text = include_str!("../../../../sample-logs/fhir/bundle-r5.json");
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
