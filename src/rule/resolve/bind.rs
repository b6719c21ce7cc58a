//! Binds one correlation to the rules it names: in its list, its aliases and its condition.

use crate::diagnostic::{Complaints, Place, Problem};

use super::super::read::{CorrelationDraft, Named};
use super::super::{Alias, Alternative, Correlation, Expression, Measure, RuleIndex};
use super::as_of;

/// Most rules a temporal correlation names: which of them matched is kept in one word.
const MOST_TEMPORAL: usize = 64;
/// Most steps of an ordered correlation whose condition is a number: each choice of steps in
/// their order is looked for.
const MOST_CHOICES: usize = 6;

/// Finds the rule of a name or id.
type Find<'f> = &'f dyn Fn(&str) -> Option<RuleIndex>;
/// Complains of a name no rule has.
type Lost<'l> = &'l dyn Fn(&str, &Place, &mut Complaints);
/// Both.
pub(super) type Finding<'f> = (Find<'f>, Lost<'f>);

/// The correlation with its references found, as if none counted it; `None` where something is
/// amiss.
pub(super) fn bind(
    draft: CorrelationDraft,
    (find, lost): Finding<'_>,
    complaints: &mut Complaints,
) -> Option<Correlation> {
    let mut listed = Vec::new();
    let mut complete = true;
    let worded = draft.expression.as_ref();
    let spoken = worded.into_iter().flat_map(|e| {
        let named = |name: &String| (name.clone(), e.place.clone());
        e.names.iter().map(named).collect::<Vec<Named>>()
    });
    let names: Vec<Named> = match draft.rules.is_empty() {
        true => spoken.collect(),
        false => draft.rules.clone(),
    };
    for (name, place) in &names {
        match find(name) {
            Some(rule) => listed.push(rule),
            None => {
                complete = false;
                lost(name, place, complaints);
            }
        }
    }
    if !complete {
        return None;
    }
    let mut rules: Vec<RuleIndex> = Vec::new();
    for rule in &listed {
        if !rules.contains(rule) {
            rules.push(*rule);
        }
    }
    let place_of = |rule: &RuleIndex| rules.iter().position(|r| r == rule);
    let steps = match (&draft.measure, worded) {
        (Measure::TemporalOrdered, None) => listed.iter().filter_map(place_of).collect(),
        (Measure::TemporalOrdered, Some(_)) => (0..rules.len()).collect(),
        _ => Vec::new(),
    };
    check_size(&draft, (rules.len(), steps.len()), complaints)?;
    let expression = expression(&draft, &rules, find, complaints);
    let aliases = aliases(&draft, &rules, find, complaints);
    if draft.expression.is_some() && expression.is_none() {
        return None;
    }
    let mut rule = Correlation {
        meta: draft.meta,
        measure: draft.measure,
        rules,
        steps,
        group_by: draft.group_by,
        aliases: aliases?,
        timespan: draft.timespan,
        condition: draft.condition,
        expression,
        as_of: None,
        reports: true,
        feeds: false,
    };
    if let Some(joined) = draft.as_of {
        rule.as_of = Some(as_of::bind(&joined, &rule, (find, lost), complaints)?);
    }
    Some(rule)
}

fn check_size(
    draft: &CorrelationDraft,
    (rules, steps): (usize, usize),
    complaints: &mut Complaints,
) -> Option<()> {
    let place = draft.rules.first().map(|(_, place)| place.clone());
    let place = place.unwrap_or_else(|| draft.meta.place.clone());
    if draft.measure.is_temporal() && rules.max(steps) > MOST_TEMPORAL {
        let problem = Problem::error(
            format!("a temporal correlation takes at most {MOST_TEMPORAL} rules, not {rules}"),
            format!(
                "temporal の correlation が挙げられるルールは {MOST_TEMPORAL} 件までです（{rules} 件あります）"
            ),
        );
        complaints.push(problem.at(place));
        return None;
    }
    if !draft.condition.is_empty() && steps > MOST_CHOICES {
        let problem = Problem::error(
            format!(
                "with a number as condition, temporal_ordered takes at most {MOST_CHOICES} rules, not {steps}"
            ),
            format!(
                "数を条件にする temporal_ordered のルールは {MOST_CHOICES} 件までです（{steps} 件あります）"
            ),
        );
        let problem = problem.at(place).help(
            "write the condition in words, such as a and b and (c or d)",
            "a and b and (c or d) のように言葉で書いてください",
        );
        complaints.push(problem);
        return None;
    }
    Some(())
}

/// The condition in words, over places in `rules`.
fn expression(
    draft: &CorrelationDraft,
    rules: &[RuleIndex],
    find: Find<'_>,
    complaints: &mut Complaints,
) -> Option<Expression> {
    let worded = draft.expression.as_ref()?;
    let mut places = Vec::new();
    for name in &worded.names {
        let place = find(name).and_then(|rule| rules.iter().position(|r| *r == rule));
        if place.is_none() {
            let problem = Problem::error(
                format!("condition: \"{name}\" is not one of the rules"),
                format!("condition：「{name}」は rules にありません"),
            );
            let problem = problem.at(worded.place.clone()).found(&worded.text);
            complaints.push(problem.help(
                format!("add {name} to rules, or leave rules out"),
                format!("rules に {name} を加えるか、rules を省いてください"),
            ));
        }
        places.extend(place);
    }
    if places.len() < worded.names.len() {
        return None;
    }
    warn_of_unnamed(draft, (rules, &places), complaints);
    let renamed = |at: &[usize]| {
        let mut at: Vec<usize> = at.iter().map(|name| places[*name]).collect();
        at.sort_unstable();
        at.dedup();
        at
    };
    let alternatives = worded.alternatives.iter().map(|a| Alternative {
        needs: renamed(&a.needs),
        forbids: renamed(&a.forbids),
    });
    Some(Expression {
        text: worded.text.clone(),
        alternatives: alternatives.collect(),
    })
}

/// A rule that is listed and that the condition does not name has no part in it.
fn warn_of_unnamed(
    draft: &CorrelationDraft,
    (rules, places): (&[RuleIndex], &[usize]),
    complaints: &mut Complaints,
) {
    for at in (0..rules.len()).filter(|at| !places.contains(at)) {
        if let Some((name, place)) = draft.rules.get(at) {
            let problem = Problem::warning(
                format!("the condition does not name \"{name}\", so it has no effect"),
                format!("condition に「{name}」がないため、効果がありません"),
            );
            complaints.push(problem.at(place.clone()));
        }
    }
}

fn aliases(
    draft: &CorrelationDraft,
    rules: &[RuleIndex],
    find: Find<'_>,
    complaints: &mut Complaints,
) -> Option<Vec<Alias>> {
    let mut complete = true;
    let mut aliases = Vec::new();
    for alias in &draft.aliases {
        let mut of_rule = Vec::new();
        for ((name, place), field) in &alias.of_rule {
            match find(name).filter(|rule| rules.contains(rule)) {
                Some(rule) => of_rule.push((rule, field.clone())),
                None => {
                    complete = false;
                    let problem = Problem::error(
                        format!("aliases: \"{name}\" is not one of the rules"),
                        format!("aliases：「{name}」は rules にありません"),
                    );
                    complaints.push(problem.at(place.clone()).found(name));
                }
            }
        }
        aliases.push(Alias {
            name: alias.name.clone(),
            of_rule,
        });
    }
    complete.then_some(aliases)
}
