//! Correlation rules: what is counted, by what, in how long, and from which number on.
//!
//! Takes a document with `correlation`; gives a draft whose references are still names.

use crate::diagnostic::{Place, Problem, nearest};
use crate::yaml::Node;

use super::super::{Comparison, FieldRef, Measure, Meta};
use super::{
    Context, duration, known_keys, lint, map, meta, ours, required, scalar, tests_inside, texts,
    unknown,
};

/// A correlation whose references are not resolved yet.
pub(in crate::rule) struct CorrelationDraft {
    pub(in crate::rule) meta: Meta,
    pub(in crate::rule) measure: Measure,
    /// Names or ids, and where they stand.
    pub(in crate::rule) rules: Vec<(String, Place)>,
    pub(in crate::rule) group_by: Vec<FieldRef>,
    pub(in crate::rule) timespan: i64,
    pub(in crate::rule) condition: Vec<(Comparison, i64)>,
    /// The rules referred to report on their own too.
    pub(in crate::rule) generate: bool,
}

/// Our keys a correlation may have.
const OURS: [&str; 4] = ["clauses", "say", "respond", "tests"];
/// Types that are understood.
const TYPES: [&str; 2] = ["event_count", "value_count"];
/// Types of the specification that are not supported yet.
const LATER: [&str; 6] = [
    "temporal",
    "temporal_ordered",
    "value_sum",
    "value_avg",
    "value_percentile",
    "value_median",
];
/// Sigma's keys inside `correlation`.
const KEYS: [&str; 7] = [
    "type",
    "rules",
    "group-by",
    "timespan",
    "condition",
    "generate",
    "aliases",
];
/// Sigma's operators.
const OPERATORS: [(&str, Comparison); 6] = [
    ("gt", Comparison::Gt),
    ("gte", Comparison::Gte),
    ("lt", Comparison::Lt),
    ("lte", Comparison::Lte),
    ("eq", Comparison::Eq),
    ("neq", Comparison::Neq),
];

/// Reads a correlation rule.
pub(super) fn read(node: &Node, context: &mut Context<'_>) -> Option<CorrelationDraft> {
    let meta = meta::read(node, context);
    let inner = required(node, "correlation", context)?;
    map(inner, "correlation", context)?;
    check_keys(inner, context);
    let counts_values = kind(inner, context);
    let group_by = fields(inner.get("group-by"), "group-by", context);
    let rules = references(inner, context);
    let timespan =
        required(inner, "timespan", context).and_then(|n| duration(n, "timespan", context));
    lint::window(inner, timespan, context);
    let condition = counts_values.and_then(|values| condition(inner, values, context));
    let generate = generate(inner, context);
    let ours = node.get("yomawari").filter(|n| !n.is_null());
    if let Some(ours) = ours {
        map(ours, "yomawari", context);
        known_keys(ours, "yomawari", &OURS, context);
    }
    lint::tests(ours, context);
    let (measure, condition) = condition?;
    let counted: &[FieldRef] = match &measure {
        Measure::ValueCount(fields) => fields,
        Measure::EventCount => &[],
    };
    let own = |name: &str| group_by.iter().chain(counted).any(|f| f.name() == name);
    let mut meta = meta?;
    ours::words(ours, &mut meta, (&own, true), context);
    meta.tests = tests_inside::read(ours.and_then(|o| o.get("tests")), &own, context);
    Some(CorrelationDraft {
        meta,
        measure,
        rules: rules?,
        group_by,
        timespan: timespan?,
        condition,
        generate,
    })
}

/// Sigma carries unknown keys along; one that is nearly a known one is a slip.
fn check_keys(inner: &Node, context: &mut Context<'_>) {
    for (key, _) in inner.as_map().unwrap_or_default() {
        if key.text == "aliases" {
            context.refuse::<()>(
                &key.place,
                "aliases are not supported yet; group by fields that all rules share",
                "aliases はまだ使えません。共通の項目で group-by してください",
            );
        } else if !KEYS.contains(&key.text.as_str()) {
            let near = nearest(&key.text, KEYS);
            let severity = match near {
                Some(_) => Problem::error,
                None => Problem::warning,
            };
            let problem = severity(
                format!("unknown key \"{}\" in correlation", key.text),
                format!("correlation に「{}」というキーはありません", key.text),
            );
            let problem = problem.at(key.place.clone());
            context.push(match near {
                Some(near) => {
                    problem.help(format!("write {near}"), format!("{near} と書いてください"))
                }
                None => problem,
            });
        }
    }
}

/// True for `value_count`, false for `event_count`.
fn kind(inner: &Node, context: &mut Context<'_>) -> Option<bool> {
    let node = required(inner, "type", context)?;
    let word = scalar(node, "type", context)?;
    if TYPES.contains(&word) {
        return Some(word == "value_count");
    }
    if LATER.contains(&word) {
        return context.refuse(
            &node.place,
            format!("the correlation type {word} is not supported yet; event_count and value_count are"),
            format!("correlation の種類 {word} はまだ使えません（event_count と value_count が使えます）"),
        );
    }
    context.push(unknown(word, "correlation type", &TYPES).at(node.place.clone()));
    None
}

fn references(inner: &Node, context: &mut Context<'_>) -> Option<Vec<(String, Place)>> {
    let node = required(inner, "rules", context)?;
    let listed = texts(Some(node), "rules", context);
    match listed.is_empty() {
        true => context.refuse(
            &node.place,
            "no rule is named",
            "ルールが一つも指定されていません",
        ),
        false => Some(
            listed
                .into_iter()
                .map(|(name, place)| (name.to_owned(), place.clone()))
                .collect(),
        ),
    }
}

fn fields(node: Option<&Node>, what: &str, context: &mut Context<'_>) -> Vec<FieldRef> {
    let mut fields = Vec::new();
    for (name, place) in texts(node, what, context) {
        meta::check_spelling(name, place, context);
        let field = FieldRef::named(name);
        if fields.contains(&field) {
            context.refuse::<()>(
                place,
                format!("{what}: \"{name}\" stands twice"),
                format!("{what}：「{name}」が二度あります"),
            );
        }
        fields.push(field);
    }
    fields
}

fn generate(inner: &Node, context: &mut Context<'_>) -> bool {
    let Some(node) = inner.get("generate").filter(|n| !n.is_null()) else {
        return false;
    };
    node.as_bool().unwrap_or_else(|| {
        context.refuse::<()>(
            &node.place,
            "generate takes true or false",
            "generate の値は true か false です",
        );
        false
    })
}

type Condition = (Measure, Vec<(Comparison, i64)>);

fn condition(inner: &Node, values: bool, context: &mut Context<'_>) -> Option<Condition> {
    let node = required(inner, "condition", context)?;
    if node.as_str().is_some() {
        return context.refuse(
            &node.place,
            "a counting type takes operators such as { gte: 10 }, not a sentence",
            "数える種類の condition は { gte: 10 } の形で書きます",
        );
    }
    let entries = map(node, "condition", context)?;
    let mut operators = Vec::new();
    let mut complete = true;
    for (key, value) in entries
        .iter()
        .filter(|(k, _)| !(values && k.text == "field"))
    {
        let operator = OPERATORS.iter().find(|(word, _)| *word == key.text);
        match (operator, value.as_i64().filter(|n| *n >= 0)) {
            (Some((_, comparison)), Some(number)) => operators.push((*comparison, number)),
            (Some(_), None) => {
                complete = false;
                context.refuse::<()>(
                    &value.place,
                    format!("{}: expected a whole number, 0 or more", key.text),
                    format!("{}：0以上の整数が必要です", key.text),
                );
            }
            (None, _) => {
                complete = false;
                let words = OPERATORS.map(|(word, _)| word);
                context.push(unknown(&key.text, "condition", &words).at(key.place.clone()));
            }
        }
    }
    if operators.is_empty() && complete {
        return context.refuse(
            &node.place,
            "no operator, such as gte: 10",
            "gte: 10 のような比較がありません",
        );
    }
    let measure = match values {
        false => Measure::EventCount,
        true => {
            let counted = fields(required(node, "field", context), "field", context);
            Measure::ValueCount((!counted.is_empty()).then_some(counted)?)
        }
    };
    complete.then_some((measure, operators))
}
