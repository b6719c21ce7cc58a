//! `documents:`, `review:` and `maintenance:`: what the institution owns, has decided and has
//! agreed with its vendors, for the weekly report.
//!
//! Takes the nodes; gives documents, the review cycle and the names of work plans, and all
//! complaints. Never opens a document.

use super::keys::{entries, text, texts, word, wrong_kind};
use crate::cli::value;
use crate::diagnostic::{Complaints, Place};
use crate::yaml::{Key, Node, Value};

const DOCUMENT: &[&str] = &[
    "name",
    "file",
    "approved_by",
    "approved_on",
    "review_by",
    "contact",
];
const REVIEW: &[&str] = &["cycle", "decided_by", "decided_on"];
const MAINTENANCE: &[&str] = &["plan"];

/// A document the operator must own, such as 運用管理規程.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Its name.
    pub name: String,
    /// Where it lies, as written: it is shown, never opened.
    pub file: String,
    /// Who approved it.
    pub approved_by: String,
    /// When, days since 1970-01-01.
    pub approved_on: Option<i64>,
    /// When it is to be looked at again.
    pub review_by: Option<i64>,
    /// Whom to call.
    pub contact: String,
}

/// The review cycle, a decision of the institution.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// How often, in the institution's words.
    pub cycle: String,
    /// Who decided.
    pub decided_by: String,
    /// When, days since 1970-01-01.
    pub decided_on: Option<i64>,
}

/// `documents: [{ name: 運用管理規程, approved_by: 院長, review_by: 2027-03-31 }]`.
pub(super) fn documents(node: &Node, complaints: &mut Complaints) -> Vec<Document> {
    let Some(items) = node.as_seq() else {
        complaints.push(wrong_kind(node, "documents", "[{ name: 運用管理規程, … }]"));
        return Vec::new();
    };
    items
        .iter()
        .filter_map(|item| document(item, complaints))
        .collect()
}

fn document(node: &Node, complaints: &mut Complaints) -> Option<Document> {
    if node.get("name").is_none() {
        complaints.push(wrong_kind(node, "documents", "{ name: 運用管理規程, … }"));
    }
    let mut found = Document::default();
    for (key, value) in entries(node, "documents", DOCUMENT, complaints) {
        let what = format!("documents.{}", key.text);
        match key.text.as_str() {
            "approved_on" => found.approved_on = word(value, &what, value::day, complaints),
            "review_by" => found.review_by = word(value, &what, value::day, complaints),
            name => {
                let told = text(value, &what, complaints).unwrap_or_default();
                match name {
                    "name" => found.name = told,
                    "file" => found.file = told,
                    "approved_by" => found.approved_by = told,
                    _ => found.contact = told,
                }
            }
        }
    }
    (!found.name.is_empty()).then_some(found)
}

/// `review: 毎週`, or `review: { cycle: 毎週, decided_by: 委員会, decided_on: 2026-04-01 }`.
pub(super) fn review(node: &Node, complaints: &mut Complaints) -> Option<Review> {
    if !matches!(node.value, Value::Map(_)) {
        return Some(Review {
            cycle: text(node, "review", complaints)?,
            ..Review::default()
        });
    }
    if node.get("cycle").is_none() {
        complaints.push(wrong_kind(node, "review", "{ cycle: 毎週, … }"));
    }
    let mut found = Review::default();
    for (key, value) in entries(node, "review", REVIEW, complaints) {
        let what = format!("review.{}", key.text);
        match key.text.as_str() {
            "cycle" => found.cycle = text(value, &what, complaints).unwrap_or_default(),
            "decided_by" => found.decided_by = text(value, &what, complaints).unwrap_or_default(),
            _ => found.decided_on = word(value, &what, value::day, complaints),
        }
    }
    (!found.cycle.is_empty()).then_some(found)
}

/// `maintenance: { plan: 作業計画.csv }`, or a list of plans: their names as written.
pub(super) fn maintenance(node: &Node, complaints: &mut Complaints) -> Vec<(String, Place)> {
    let found = entries(node, "maintenance", MAINTENANCE, complaints);
    let is_empty = |map: &[(Key, Node)]| map.iter().all(|(_, value)| value.is_null());
    if node.as_map().is_some_and(is_empty) {
        complaints.push(wrong_kind(node, "maintenance", "{ plan: 作業計画.csv }"));
    }
    let plans = found.into_iter();
    let plans = plans.flat_map(|(_, value)| texts(value, "maintenance.plan", complaints));
    plans.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Lang;
    use crate::yaml;

    fn node(text: &str) -> Node {
        yaml::read("c.yaml", text, &mut Complaints::new()).remove(0)
    }

    #[test]
    fn documents_have_names_and_days() {
        let mut complaints = Complaints::new();
        let text = "- { name: 運用管理規程, approved_by: 院長, approved_on: 2026-04-01, review_by: 2027-03-31 }\n";
        let found = documents(&node(text), &mut complaints);
        assert!(complaints.is_empty());
        assert_eq!(found[0].approved_by, "院長");
        assert_eq!(
            found[0].review_by.expect("a day") - found[0].approved_on.expect("a day"),
            364
        );
    }

    #[test]
    fn slips_are_told_where_they_stand() {
        let mut complaints = Complaints::new();
        let text = "- { nam: x, review_by: soon }\n- [1]\n";
        documents(&node(text), &mut complaints);
        review(&node("{ decided_on: 2026-13-01 }"), &mut complaints);
        documents(&node("x"), &mut complaints);
        let told: Vec<String> = complaints
            .sorted()
            .iter()
            .map(|p| p.render(Lang::En))
            .collect();
        let all = told.join("\n");
        for part in [
            "unknown key \"nam\"",
            "\"soon\" is not a day",
            "expected [{ name",
            "expected { cycle",
        ] {
            assert!(all.contains(part), "{all}");
        }
    }

    #[test]
    fn a_cycle_is_a_word_or_a_map() {
        let mut complaints = Complaints::new();
        let word = review(&node("毎週"), &mut complaints).expect("a cycle");
        assert_eq!(
            (word.cycle.as_str(), word.decided_by.as_str()),
            ("毎週", "")
        );
        let map = review(
            &node("{ cycle: 毎週, decided_by: 委員会 }"),
            &mut complaints,
        );
        assert_eq!(map.expect("a cycle").decided_by, "委員会");
        assert!(complaints.is_empty());
    }

    #[test]
    fn plans_are_a_name_or_several_and_nothing_else() {
        let mut complaints = Complaints::new();
        let names = |text: &str, complaints: &mut Complaints| -> Vec<String> {
            let found = maintenance(&node(text), complaints);
            found.into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(names("{ plan: a.csv }", &mut complaints), ["a.csv"]);
        let two = names("{ plan: [a.csv, b.xlsx] }", &mut complaints);
        assert_eq!(two, ["a.csv", "b.xlsx"]);
        assert!(complaints.is_empty());
        for (text, expected) in [
            ("{ plans: a.csv }", "unknown key \"plans\" in maintenance"),
            ("{ plan: { a: b } }", "expected a single value"),
            ("a.csv", "expected plan: …"),
            ("{}", "expected { plan:"),
        ] {
            let mut complaints = Complaints::new();
            assert!(names(text, &mut complaints).is_empty());
            let told: Vec<String> = complaints
                .sorted()
                .iter()
                .map(|p| p.render(Lang::En))
                .collect();
            let told = told.join("\n");
            assert!(
                told.contains(expected) && told.contains("c.yaml:1"),
                "{told}"
            );
        }
    }
}
