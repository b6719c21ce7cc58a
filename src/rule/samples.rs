//! Events from outside, where `YOMAWARI_SAMPLES` names their folder: rules match them as others do.

use std::path::PathBuf;

use crate::diagnostic::{Complaints, Lang, Severity};

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
        let written = case["events"].as_array().expect("a list").iter();
        let written: Vec<String> = written.map(serde_json::Value::to_string).collect();
        let arena = bumpalo::Bump::new();
        let read = |text| WrittenEvent::read(text, &arena).ok().flatten();
        let events: Option<Vec<WrittenEvent<'_>>> = written.iter().map(|t| read(t)).collect();
        let mut events = events.expect("JSON objects");
        for detection in &set.detections {
            let numbered = events.iter_mut().zip(0_u64..);
            let hits: Vec<u64> = numbered
                .filter_map(|(e, at)| detection.matcher.matches(e).then_some(at))
                .collect();
            let expected: Vec<u64> = case["expect"][&detection.meta.id]
                .as_array()
                .map(|list| list.iter().filter_map(serde_json::Value::as_u64).collect())
                .unwrap_or_default();
            assert_eq!(hits, expected, "{}", detection.meta.title);
        }
    }
}
