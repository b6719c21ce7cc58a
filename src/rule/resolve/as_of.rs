//! Binds the leases of a correlation: what is asked of them follows from its type.
//!
//! Takes a draft and the correlation it belongs to; gives the join, or complaints. Never reads an
//! event.

use crate::diagnostic::{Complaints, Problem};

use super::super::read::{AsOfDraft, Named};
use super::super::{AsOf, Asks, Correlation, Measure, RuleIndex};
use super::bind::Finding;

/// The join of a correlation; `None` where something is amiss.
pub(super) fn bind(
    draft: &AsOfDraft,
    rule: &Correlation,
    finding: Finding<'_>,
    complaints: &mut Complaints,
) -> Option<AsOf> {
    let leases = detections(&draft.leases, finding, complaints);
    let ends = detections(&draft.ends, finding, complaints);
    let (leases, ends) = (leases?, ends?);
    let Some(asks) = asks(rule, &leases) else {
        complaints.push(misfit(rule));
        return None;
    };
    Some(AsOf {
        asks,
        leases,
        ends,
        address: draft.address.clone(),
        leased: draft.leased.clone(),
        holder: draft.holder.clone(),
        lasts: draft.lasts.clone(),
        network: draft.network.clone(),
        fixed: draft.fixed.clone(),
        term: draft.term.unwrap_or(rule.timespan),
        grace: draft.grace,
    })
}

fn detections(
    names: &[Named],
    (find, lost): Finding<'_>,
    complaints: &mut Complaints,
) -> Option<Vec<usize>> {
    let mut found = Vec::new();
    let mut complete = true;
    for (name, place) in names {
        match find(name) {
            Some(RuleIndex::Detection(at)) => found.push(at),
            Some(RuleIndex::Correlation(_)) => {
                complete = false;
                let problem = Problem::error(
                    format!("as_of: {name} is a correlation; leases are single events"),
                    format!(
                        "as_of：{name} は correlation です。貸与は単独の検出ルールで指定します"
                    ),
                );
                complaints.push(problem.at(place.clone()).found(name));
            }
            None => {
                complete = false;
                lost(name, place, complaints);
            }
        }
    }
    complete.then_some(found)
}

/// What a correlation of this form asks of leases; `None` where it has none of the forms.
fn asks(rule: &Correlation, leases: &[usize]) -> Option<Asks> {
    let is_lease =
        |at: usize| matches!(rule.rules[at], RuleIndex::Detection(d) if leases.contains(&d));
    let is_event = |at: usize| matches!(rule.rules[at], RuleIndex::Detection(_)) && !is_lease(at);
    match (&rule.measure, &rule.expression) {
        (Measure::TemporalOrdered, None) if rule.condition.is_empty() => {
            let fits = rule.steps.as_slice() == [0, 1] && is_lease(0) && is_event(1);
            fits.then_some(Asks::Held)
        }
        (Measure::Temporal, Some(worded)) => {
            let [way] = worded.alternatives.as_slice() else {
                return None;
            };
            let one = way.needs.len() == 1 && is_event(way.needs[0]);
            let is_forbidden = |lease: &usize| {
                let at = rule
                    .rules
                    .iter()
                    .position(|r| *r == RuleIndex::Detection(*lease));
                at.is_some_and(|at| way.forbids.contains(&at))
            };
            let all = (0..rule.rules.len()).all(|at| is_lease(at) || is_event(at));
            (one && all && leases.iter().all(is_forbidden)).then_some(Asks::Unheld)
        }
        (Measure::ValueCount(fields), _) => {
            let fits = fields.len() == 1 && (0..rule.rules.len()).all(is_event);
            fits.then_some(Asks::Filled)
        }
        _ => None,
    }
}

fn misfit(rule: &Correlation) -> Problem {
    Problem::error(
        "as_of does not fit this correlation",
        "この correlation の形では as_of を使えません",
    )
    .at(rule.meta.place.clone())
    .help(
        "write temporal_ordered with a lease and another rule, or temporal with \"event and not lease\" over all leases, or value_count of one field over rules that are no leases",
        "「貸与→別のルール」の temporal_ordered、すべての貸与を and not で否定する temporal、貸与以外のルールの1項目を数える value_count のいずれかで書いてください",
    )
}
