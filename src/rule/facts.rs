//! Facts about whole rule files: what loads, what is refused and how it is said.

use crate::diagnostic::{Complaints, Lang, Severity};
use crate::event::{Action, Field, Outcome};

use super::*;

/// Reads one file; gives the set and `line:column: message` of each complaint.
pub(super) fn read(text: &str) -> (RuleSet, Vec<String>) {
    read_all(&[("t.yml", text)])
}

pub(super) fn read_all(files: &[(&str, &str)]) -> (RuleSet, Vec<String>) {
    let mut complaints = Complaints::new();
    let set = RuleSet::read(files, &Placeholders::new(), &mut complaints);
    let shown = complaints.sorted().into_iter().map(|p| {
        let place = p
            .place
            .as_ref()
            .expect("every complaint about a rule has a place");
        assert!(
            !p.message.ja.is_empty() && !p.render(Lang::Ja).contains("{"),
            "{p:?}"
        );
        let kind = if p.severity == Severity::Warning {
            "warning: "
        } else {
            ""
        };
        format!("{}:{}: {kind}{}", place.line, place.column, p.message.en)
    });
    (set, shown.collect())
}

/// A detection rule with this `detection` section, each line of it given apart.
pub(super) fn rule(lines: &[&str]) -> String {
    let mut text = String::from("title: t\nlogsource: {category: ehr}\ndetection:\n");
    for line in lines {
        text.push_str("  ");
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[test]
fn the_shipped_rules_load_without_complaint() {
    let (set, complaints) = read_all(RuleSet::embedded_files());
    assert_eq!(complaints, Vec::<String>::new());
    assert_eq!((set.detections.len(), set.correlations.len()), (6, 4));
}
