//! Rules from outside, where `YOMAWARI_SAMPLES` names their folder: they must load, and match as
//! others do.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::diagnostic::{Complaints, Lang, Severity};

use super::twin::Flat;
use super::*;

/// The folder with Sigma samples, if it is there.
fn samples() -> Option<PathBuf> {
    let named = std::env::var_os("YOMAWARI_SAMPLES").map(PathBuf::from);
    let folder = named.map(|f| f.join("sigma")).filter(|f| f.is_dir());
    if folder.is_none() {
        println!("skipped: YOMAWARI_SAMPLES names no folder of samples");
    }
    folder
}

fn files(folder: &PathBuf) -> Vec<(String, String)> {
    let walk = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter();
    walk.map(|entry| entry.expect("readable").into_path())
        .filter(|path| path.extension().is_some_and(|e| e == "yml"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("readable");
            (path.to_string_lossy().into_owned(), text)
        })
        .collect()
}

fn errors(files: &[(&str, &str)], placeholders: &Placeholders) -> (RuleSet, Vec<String>) {
    let mut complaints = Complaints::new();
    let set = RuleSet::read(files, placeholders, &mut complaints);
    let errors = complaints
        .sorted()
        .into_iter()
        .filter(|p| p.severity == Severity::Error);
    (set, errors.map(|p| p.render(Lang::En)).collect())
}

#[test]
fn upstream_rules_load() {
    let Some(folder) = samples() else { return };
    let files = files(&folder);
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(n, t)| (n.as_str(), t.as_str()))
        .collect();
    let (set, complaints) = errors(&files, &Placeholders::new());
    assert_eq!(complaints.len(), 2, "{complaints:#?}");
    assert!(
        complaints.iter().all(|c| c.contains("placeholder")),
        "{complaints:#?}"
    );
    let values =
        ["DC-MACHINE-NAME", "Admins_Workstations"].map(|n| (n.to_owned(), vec!["X*".to_owned()]));
    let (full, complaints) = errors(&files, &BTreeMap::from(values));
    assert_eq!(complaints, Vec::<String>::new());
    assert_eq!(
        (set.detections.len() + 2, full.detections.len()),
        (files.len(), files.len())
    );
}

#[test]
fn upstream_rules_match_the_events_they_are_said_to() {
    let Some(folder) = samples() else { return };
    let Ok(text) = std::fs::read_to_string(folder.join("upstream-regression.jsonl")) else {
        return;
    };
    for line in text.lines() {
        let case: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let rules = case["rules"].as_str().expect("text").to_owned();
        let (set, complaints) = errors(&[("rules.yml", &rules)], &Placeholders::new());
        assert_eq!(complaints, Vec::<String>::new());
        let events: Vec<Flat> = case["events"]
            .as_array()
            .expect("a list")
            .iter()
            .map(flat)
            .collect();
        for detection in &set.detections {
            let hits = events
                .iter()
                .zip(0_u64..)
                .filter(|(e, _)| detection.matcher.matches(&mut e.view()));
            let hits: Vec<u64> = hits.map(|(_, at)| at).collect();
            let expected: Vec<u64> = case["expect"][&detection.meta.id]
                .as_array()
                .map(|list| list.iter().filter_map(serde_json::Value::as_u64).collect())
                .unwrap_or_default();
            assert_eq!(hits, expected, "{}", detection.meta.title);
        }
    }
}

fn flat(event: &serde_json::Value) -> Flat {
    let mut flat = Flat::default();
    fill("", event, &mut flat);
    flat
}

fn fill(name: &str, value: &serde_json::Value, flat: &mut Flat) {
    use serde_json::Value;
    match value {
        Value::Null => {}
        Value::Object(entries) => {
            for (key, value) in entries {
                let name = if name.is_empty() {
                    key.clone()
                } else {
                    format!("{name}.{key}")
                };
                fill(&name, value, flat);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| fill(name, item, flat)),
        Value::String(text) => flat
            .values
            .entry(name.to_owned())
            .or_default()
            .push(text.clone()),
        other => flat
            .values
            .entry(name.to_owned())
            .or_default()
            .push(other.to_string()),
    }
}
