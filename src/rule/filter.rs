//! Filters put onto the rules they are for.
//!
//! Takes the detections of a set and the filters read with them, from whatever files; each rule's
//! condition becomes `(its own) and (the filter's)`. Never touches a correlation: it sees only
//! what the filters have left to its rules.

use crate::diagnostic::{Complaints, Problem};

use super::read::{FilterDraft, Scope};
use super::set::unknown_rule;
use super::{Detection, Meta};

/// What else is known while filters are resolved.
pub(super) struct Known<'k> {
    /// Correlations.
    pub(super) correlations: &'k [&'k Meta],
    /// Names and ids of refused rules.
    pub(super) refused: &'k [String],
}

/// Applies one filter; one whose references are wrong is refused whole and applies to nothing.
pub(super) fn apply(
    filter: &FilterDraft,
    detections: &mut [Detection],
    known: &Known<'_>,
    complaints: &mut Complaints,
) {
    let Some(meant) = meant(filter, detections, known, complaints) else {
        return;
    };
    for at in meant {
        let detection = &mut detections[at];
        detection.matcher.narrow(&filter.matcher, &filter.meta.name);
        detection.needs = detection.matcher.fields();
    }
}

/// The rules a filter applies to, by index; `None` when a reference is wrong.
fn meant(
    filter: &FilterDraft,
    detections: &[Detection],
    known: &Known<'_>,
    complaints: &mut Complaints,
) -> Option<Vec<usize>> {
    let fits = |at: &usize| filter.source.is_stated_by(&detections[*at].source);
    let Scope::Named(named) = &filter.scope else {
        let meant: Vec<usize> = (0..detections.len()).filter(fits).collect();
        if meant.is_empty() {
            complaints.push(idle(filter).at(filter.meta.place.clone()));
        }
        return Some(meant);
    };
    let mut meant = Vec::new();
    let mut complete = true;
    for (name, place) in named {
        let found = detections.iter().position(|d| d.meta.is_called(name));
        match found {
            Some(at) if fits(&at) => meant.push(at),
            Some(at) => {
                let problem = narrower(filter, &detections[at]);
                complaints.push(problem.at(place.clone()).found(name));
            }
            None if known.correlations.iter().any(|m| m.is_called(name)) => {
                complete = false;
                complaints.push(correlated(name).at(place.clone()).found(name));
            }
            None if known.refused.contains(name) => {}
            None => {
                complete = false;
                let names = detections.iter().map(|d| d.meta.name.as_str());
                complaints.push(unknown_rule(name, names).at(place.clone()));
            }
        }
    }
    meant.sort_unstable();
    meant.dedup();
    complete.then_some(meant)
}

fn idle(filter: &FilterDraft) -> Problem {
    let source = &filter.source;
    Problem::warning(
        format!("the filter applies to no rule: none has the log source {source}"),
        format!("この filter が当てはまるルールがありません（ログソース {source}）"),
    )
}

fn narrower(filter: &FilterDraft, rule: &Detection) -> Problem {
    let (filter, name, rule) = (&filter.source, &rule.meta.name, &rule.source);
    Problem::warning(
        format!(
            "the filter does not apply to {name}: its log source is {filter}, the rule's {rule}"
        ),
        format!(
            "この filter は {name} に当てはまりません。ログソースは {filter}、ルールは {rule} です"
        ),
    )
    .help(
        "state no more of the log source than the rule does",
        "logsource にはルールと同じ値だけを書いてください",
    )
}

fn correlated(name: &str) -> Problem {
    Problem::error(
        format!("\"{name}\" is a correlation; filters apply to detections"),
        format!("「{name}」は correlation です。filter は detection にだけ使えます"),
    )
    .help(
        "name the rules that it counts",
        "その correlation が数えるルールを指定してください",
    )
}
