//! What reads well and is hardly meant: warnings, most of them given only when asked for.
//!
//! Takes what the readers have at hand, with its place; complains. Never refuses a rule.

use crate::diagnostic::{Place, Problem, nearest};
use crate::event::{Action, Field, matching};
use crate::yaml::{Key, Node as Yaml, Value};

use super::super::FieldRef;
use super::super::matcher::{Item, Node};
use super::modifier::Plan;
use super::{Context, meta};

/// What a rule is held against when warnings are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lint {
    /// How long facts are kept, nanoseconds: a longer window never sees its beginning.
    pub kept: i64,
}

/// The words of fields that hold no others.
const VOCABULARIES: &[(Field, &[&str])] = &[
    (Field::EventOutcome, &["success", "failure", "unknown"]),
    (
        Field::CalendarVerdict,
        &["open", "grace", "closed", "unknown"],
    ),
    (
        Field::CalendarBand,
        &["after_hours", "holiday", "late_night"],
    ),
    (
        Field::Declared,
        &[
            "overtime",
            "emergency",
            "drill",
            "maintenance",
            "config-change",
        ],
    ),
    (Field::RosterOnDuty, &["true", "false", "unknown"]),
    (Field::DeviceKnown, &["true", "false", "randomised"]),
    (Field::UserKnown, &["true", "false"]),
    (Field::UserActive, &["true", "false"]),
    (
        Field::UserKind,
        &[
            "person",
            "shared",
            "vendor",
            "service",
            "admin",
            "break-glass",
        ],
    ),
    (Field::PatientRestricted, &["true", "false"]),
    (Field::PatientIsSelf, &["true", "false"]),
    (Field::PatientInHousehold, &["true", "false"]),
    (Field::UserAgentLegacy, &["true", "false"]),
    (Field::TimeTrusted, &["true", "false"]),
    (Field::BreakGlass, &["true", "false"]),
];

/// Warns of a field that is spelled nearly like one of ours and, when asked, of every field that
/// no format gives.
pub(super) fn field(name: &str, place: &Place, context: &mut Context<'_>) {
    meta::check_spelling(name, place, context);
    let [category, product, service] = context.source.words();
    let is_fed = !matching(category, product, service).is_empty();
    let unknown = matches!(context.field(name), FieldRef::Other(_));
    if context.terms.lint.is_none()
        || !is_fed
        || !unknown
        || name.is_empty()
        || meta::slip(name).is_some()
    {
        return;
    }
    context.push(
        Problem::warning(
            format!("no format gives the field \"{name}\" on this log source"),
            format!("このログソースで項目「{name}」を出す形式はありません"),
        )
        .at(place.clone())
        .found(name)
        .help(
            "it is looked up under that name; `yomawari parse` shows the fields of a log",
            "その名前のまま探します。項目名は yomawari parse で確かめられます",
        ),
    );
}

/// Warns of words that a field never holds.
pub(super) fn words(plan: &Plan, value: &Yaml, context: &mut Context<'_>) {
    let plain = plan.kind.is_text() && plan.steps.is_empty() && !plan.expand;
    if context.terms.lint.is_none() || !plain {
        return;
    }
    let Some((field, known)) = vocabulary(&context.field(&plan.field)) else {
        return;
    };
    let values = value.as_seq().unwrap_or(std::slice::from_ref(value));
    for (word, node) in values.iter().filter_map(|v| Some((v.as_str()?, v))) {
        let is_known = |known: &&str| known.eq_ignore_ascii_case(word);
        if word.contains(['*', '?', '\\']) || known.iter().any(is_known) {
            continue;
        }
        let name = field.name();
        let problem = Problem::warning(
            format!("can never match: {name} is never \"{word}\""),
            format!("一致することがありません：{name} が「{word}」になることはありません"),
        );
        let problem = problem.at(node.place.clone()).found(word);
        context.push(match nearest(word, known.iter().copied()) {
            Some(near) => problem.help(format!("write {near}"), format!("{near} と書いてください")),
            None => problem.help(
                format!("its words are: {}", known.join(", ")),
                format!("使われる値：{}", known.join("、")),
            ),
        });
    }
}

fn vocabulary(field: &FieldRef) -> Option<(Field, Vec<&'static str>)> {
    let FieldRef::Known(field) = *field else {
        return None;
    };
    if field == Field::EventAction {
        return Some((field, Action::ALL.iter().map(|a| a.name()).collect()));
    }
    let found = VOCABULARIES.iter().find(|(f, _)| *f == field);
    found.map(|(field, words)| (*field, words.to_vec()))
}

/// Warns of two items of one map that no event satisfies both. The nodes are those of the
/// entries, in their order.
pub(super) fn contradictions(nodes: &[Node], entries: &[(Key, Yaml)], context: &mut Context<'_>) {
    if context.terms.lint.is_none() {
        return;
    }
    let mut demanded: Vec<(&Item, &Key)> = Vec::new();
    for (node, (key, _)) in nodes.iter().zip(entries) {
        for item in node.demanded() {
            let against = demanded.iter().find(|(other, _)| item.contradicts(other));
            if let Some((_, other)) = against {
                let problem = Problem::warning(
                    format!(
                        "can never match: \"{}\" and \"{}\" cannot hold together",
                        other.text, key.text
                    ),
                    format!(
                        "一致することがありません：「{}」と「{}」は同時に成り立ちません",
                        other.text, key.text
                    ),
                );
                context.push(problem.at(key.place.clone()).help(
                    "the items of a map are joined by and; write a list for or",
                    "同じ組の条件は「かつ」です。「または」はリストで書いてください",
                ));
                break;
            }
            demanded.push((item, key));
        }
    }
}

/// Warns of tests that prove only one side, none that fires or none that stays silent, and of
/// alerts that were given words and no test. A plain rule, and one that only feeds others, needs
/// none.
pub(super) fn tests(ours: Option<&Yaml>, context: &mut Context<'_>) {
    let Some(ours) = ours.filter(|_| context.terms.lint.is_some()) else {
        return;
    };
    let node = ours.get("tests");
    let tests = node.and_then(Yaml::as_seq).unwrap_or_default();
    let Some(node) = node.filter(|_| !tests.is_empty()) else {
        if ours.get("say").is_some() {
            context.push(
                Problem::warning(
                    "no test; write one that makes the rule fire, and one on the boundary that does not",
                    "テストがありません。アラートになる例と、境界でアラートにならない例を書いてください",
                )
                .at(ours.place.clone()),
            );
        }
        return;
    };
    let alerts = || tests.iter().filter_map(|t| t.get("alerts")?.as_i64());
    let missing = [
        (
            alerts().any(|n| n > 0),
            "no test makes the rule fire",
            "アラートになるテストがありません",
        ),
        (
            alerts().any(|n| n == 0),
            "no test keeps the rule silent; write one on the boundary",
            "アラートにならないテストがありません。境界の例を書いてください",
        ),
    ];
    for (_, en, ja) in missing.into_iter().filter(|(there, ..)| !there) {
        context.push(Problem::warning(en, ja).at(node.place.clone()));
    }
}

/// Warns of a window that is longer than facts are kept.
pub(super) fn window(inner: &Yaml, timespan: Option<i64>, context: &mut Context<'_>) {
    let (Some(lint), Some(timespan)) = (context.terms.lint, timespan) else {
        return;
    };
    if timespan <= lint.kept {
        return;
    }
    let node = inner.get("timespan").unwrap_or(inner);
    let days = lint.kept / (86_400 * crate::event::NANOS);
    let written = match &node.value {
        Value::Scalar { text, .. } => text,
        _ => "",
    };
    context.push(
        Problem::warning(
            format!("the window of {written} is longer than facts are kept: {days} days"),
            format!("期間 {written} は記録を保持する {days} 日より長くなっています"),
        )
        .at(node.place.clone())
        .found(written)
        .help(
            "shorten the timespan: what is older is not counted",
            "timespan を短くしてください（それより古い記録は数えられません）",
        ),
    );
}
