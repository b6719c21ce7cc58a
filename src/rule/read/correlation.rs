//! Correlation rules: what is measured, by what, in how long, and from which number on.
//!
//! Takes a document with `correlation`; gives a draft whose references are still names.

use crate::diagnostic::{Place, Problem, nearest};
use crate::event::NANOS;
use crate::yaml::Node;

use super::super::{Alternative, Comparison, FieldRef, Measure, Meta, Number};
use super::{
    AsOfDraft, Context, as_of, expression, known_keys, lint, map, meta, ours, required, scalar,
    tests_inside, texts, unknown,
};

/// A correlation whose references are not resolved yet.
pub(in crate::rule) struct CorrelationDraft {
    pub(in crate::rule) meta: Meta,
    pub(in crate::rule) measure: Measure,
    /// Names or ids, and where they stand.
    pub(in crate::rule) rules: Vec<Named>,
    pub(in crate::rule) group_by: Vec<FieldRef>,
    pub(in crate::rule) aliases: Vec<AliasDraft>,
    pub(in crate::rule) timespan: i64,
    pub(in crate::rule) condition: Vec<(Comparison, Number)>,
    pub(in crate::rule) expression: Option<ExpressionDraft>,
    pub(in crate::rule) as_of: Option<AsOfDraft>,
    /// The rules referred to report on their own too.
    pub(in crate::rule) generate: bool,
}

/// A reference to a rule, by name or id, and where it stands.
pub(in crate::rule) type Named = (String, Place);

/// Another name for fields, by the rule they belong to.
pub(in crate::rule) struct AliasDraft {
    pub(in crate::rule) name: FieldRef,
    pub(in crate::rule) of_rule: Vec<(Named, FieldRef)>,
}

/// A condition in words, over places in `names`.
pub(in crate::rule) struct ExpressionDraft {
    pub(in crate::rule) text: String,
    pub(in crate::rule) place: Place,
    pub(in crate::rule) names: Vec<String>,
    pub(in crate::rule) alternatives: Vec<Alternative>,
}

/// Our keys a correlation may have.
const OURS: [&str; 5] = ["as_of", "clauses", "say", "respond", "tests"];
/// Types that are understood.
const TYPES: [&str; 8] = [
    "event_count",
    "value_count",
    "temporal",
    "temporal_ordered",
    "value_sum",
    "value_avg",
    "value_median",
    "value_percentile",
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
/// Units of a time span, in seconds; month and year are the mean ones of the calendar.
const UNITS: [(char, i64); 7] = [
    ('s', 1),
    ('m', 60),
    ('h', 3_600),
    ('d', 86_400),
    ('w', 604_800),
    ('M', 2_629_746),
    ('y', 31_556_952),
];
/// Longest time span, in seconds: no log reaches back further.
const LONGEST: i64 = 100 * 31_556_952;

/// Reads a correlation rule.
pub(super) fn read(node: &Node, context: &mut Context<'_>) -> Option<CorrelationDraft> {
    let meta = meta::read(node, context);
    let inner = required(node, "correlation", context)?;
    map(inner, "correlation", context)?;
    check_keys(inner, context);
    let kind = kind(inner, context);
    let aliases = aliases(inner, context);
    let group_by = fields(inner.get("group-by"), "group-by", &aliases, context);
    let timespan = required(inner, "timespan", context).and_then(|n| timespan(n, context));
    lint::window(inner, timespan, context);
    let condition = kind.and_then(|kind| condition(inner, kind, &aliases, context));
    let worded = condition.as_ref().is_some_and(|c| c.expression.is_some());
    let rules = references(inner, worded, context);
    let generate = generate(inner, context);
    let ours = node.get("yomawari").filter(|n| !n.is_null());
    if let Some(ours) = ours {
        map(ours, "yomawari", context);
        known_keys(ours, "yomawari", &OURS, context);
    }
    lint::tests(ours, context);
    let as_of = ours.and_then(|ours| as_of::read(ours, context));
    let condition = condition?;
    let named = |name: &str| {
        let counted = condition.measure.fields();
        group_by.iter().chain(counted).any(|f| f.name() == name)
    };
    let aliased = |name: &str| {
        let fields = aliases.iter().flat_map(|a| &a.of_rule);
        named(name) || fields.into_iter().any(|(_, f)| f.name() == name)
    };
    let mut meta = meta?;
    ours::words(ours, &mut meta, (&named, true), context);
    meta.tests = tests_inside::read(ours.and_then(|o| o.get("tests")), &aliased, context);
    Some(CorrelationDraft {
        meta,
        measure: condition.measure,
        rules: rules?,
        group_by,
        aliases,
        timespan: timespan?,
        condition: condition.operators,
        expression: condition.expression,
        as_of,
        generate,
    })
}

/// Sigma carries unknown keys along; one that is nearly a known one is a slip.
fn check_keys(inner: &Node, context: &mut Context<'_>) {
    for (key, _) in inner.as_map().unwrap_or_default() {
        if KEYS.contains(&key.text.as_str()) {
            continue;
        }
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
            Some(near) => problem.help(format!("write {near}"), format!("{near} と書いてください")),
            None => problem,
        });
    }
}

/// The word of the type.
fn kind(inner: &Node, context: &mut Context<'_>) -> Option<&'static str> {
    let node = required(inner, "type", context)?;
    let word = scalar(node, "type", context)?;
    let known = TYPES.into_iter().find(|t| *t == word);
    if known.is_none() {
        context.push(unknown(word, "correlation type", &TYPES).at(node.place.clone()));
    }
    known
}

/// The rules named; with a condition in words they may be left out.
fn references(inner: &Node, worded: bool, context: &mut Context<'_>) -> Option<Vec<Named>> {
    if worded && inner.get("rules").is_none_or(Node::is_null) {
        return Some(Vec::new());
    }
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

/// Other names for fields: `{alias: {rule: field}}`.
fn aliases(inner: &Node, context: &mut Context<'_>) -> Vec<AliasDraft> {
    let Some(node) = inner.get("aliases").filter(|n| !n.is_null()) else {
        return Vec::new();
    };
    let mut aliases = Vec::new();
    for (alias, of_rules) in map(node, "aliases", context).unwrap_or_default() {
        let mut of_rule = Vec::new();
        for (rule, field) in map(of_rules, &alias.text, context).unwrap_or_default() {
            if let Some(name) = scalar(field, &rule.text, context) {
                meta::check_spelling(name, &field.place, context);
                let named = (rule.text.clone(), rule.place.clone());
                of_rule.push((named, FieldRef::named(name)));
            }
        }
        aliases.push(AliasDraft {
            name: FieldRef::named(&alias.text),
            of_rule,
        });
    }
    aliases
}

fn fields(
    node: Option<&Node>,
    what: &str,
    aliases: &[AliasDraft],
    context: &mut Context<'_>,
) -> Vec<FieldRef> {
    let mut fields = Vec::new();
    for (name, place) in texts(node, what, context) {
        let field = FieldRef::named(name);
        if !aliases.iter().any(|a| a.name == field) {
            meta::check_spelling(name, place, context);
        }
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

/// The length of a time span in nanoseconds: a number and its unit.
fn timespan(node: &Node, context: &mut Context<'_>) -> Option<i64> {
    let text = scalar(node, "timespan", context)?;
    let unit = UNITS
        .into_iter()
        .find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)));
    let seconds = unit
        .filter(|(number, _)| number.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|(number, seconds)| number.parse::<i64>().ok()?.checked_mul(seconds))
        .filter(|seconds| (1..=LONGEST).contains(seconds));
    if seconds.is_none() {
        let problem = Problem::error(
            format!("timespan: \"{text}\" is no length of time"),
            format!("timespan：「{text}」は時間の長さとして読めません"),
        );
        let problem = problem.at(node.place.clone()).found(text);
        context.push(problem.help(
            "write a number above zero and s, m, h, d, w, M or y, such as 15m; at most 100y",
            "15m のように、0より大きい数と s・m・h・d・w・M・y で書いてください（100yまで）",
        ));
    }
    Some(seconds? * NANOS)
}

/// What the condition says together with the type.
struct Condition {
    measure: Measure,
    operators: Vec<(Comparison, Number)>,
    expression: Option<ExpressionDraft>,
}

fn condition(
    inner: &Node,
    kind: &str,
    aliases: &[AliasDraft],
    context: &mut Context<'_>,
) -> Option<Condition> {
    let temporal = match kind {
        "temporal" => Some(Measure::Temporal),
        "temporal_ordered" => Some(Measure::TemporalOrdered),
        _ => None,
    };
    let node = match (&temporal, inner.get("condition").filter(|n| !n.is_null())) {
        (Some(measure), None) => {
            return Some(Condition {
                measure: measure.clone(),
                operators: Vec::new(),
                expression: None,
            });
        }
        _ => required(inner, "condition", context)?,
    };
    if let Some(text) = node.as_str() {
        return match temporal {
            Some(measure) => worded(text, node, measure, context),
            None => context.refuse(
                &node.place,
                "a counting type takes operators such as { gte: 10 }, not a sentence",
                "数える種類の condition は { gte: 10 } の形で書きます",
            ),
        };
    }
    let operators = operators(node, kind, context);
    let measure = match temporal {
        Some(measure) => Some(measure),
        None => measure(node, kind, aliases, context),
    };
    Some(Condition {
        measure: measure?,
        operators: operators?,
        expression: None,
    })
}

/// A condition in words.
fn worded(
    text: &str,
    node: &Node,
    measure: Measure,
    context: &mut Context<'_>,
) -> Option<Condition> {
    let read = expression::read(text, &node.place, context)?;
    Some(Condition {
        measure,
        operators: Vec::new(),
        expression: Some(ExpressionDraft {
            text: text.to_owned(),
            place: node.place.clone(),
            names: read.names,
            alternatives: read.alternatives,
        }),
    })
}

/// The comparisons; other keys than `field` and `percentile`, where the type has them, are
/// refused.
fn operators(
    node: &Node,
    kind: &str,
    context: &mut Context<'_>,
) -> Option<Vec<(Comparison, Number)>> {
    let further: &[&str] = match kind {
        "value_percentile" => &["field", "percentile"],
        "event_count" | "temporal" | "temporal_ordered" => &[],
        _ => &["field"],
    };
    // Counts are whole; sums and their kin may have fractions and be below zero.
    let counts = further.is_empty() || kind == "value_count";
    let mut operators = Vec::new();
    let mut complete = true;
    let entries = map(node, "condition", context)?;
    for (key, value) in entries {
        if further.contains(&key.text.as_str()) {
            continue;
        }
        let operator = OPERATORS.iter().find(|(word, _)| *word == key.text);
        let Some((_, comparison)) = operator else {
            complete = false;
            let words = OPERATORS.map(|(word, _)| word);
            context.push(unknown(&key.text, "condition", &words).at(key.place.clone()));
            continue;
        };
        match threshold(value, counts) {
            Some(number) => operators.push((*comparison, number)),
            None => {
                complete = false;
                refuse_threshold(&key.text, value, counts, context);
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
    complete.then_some(operators)
}

fn threshold(value: &Node, counts: bool) -> Option<Number> {
    match counts {
        true => value.as_i64().filter(|n| *n >= 0).map(Number::from),
        false => Number::read(value.as_str()?),
    }
}

fn refuse_threshold(operator: &str, value: &Node, counts: bool, context: &mut Context<'_>) {
    let (en, ja) = match counts {
        true => ("a whole number, 0 or more", "0以上の整数"),
        false => ("a number of at most 15 digits", "15桁までの数"),
    };
    context.refuse::<()>(
        &value.place,
        format!("{operator}: expected {en}"),
        format!("{operator}：{ja}が必要です"),
    );
}

/// The measure of a type that reads a field.
fn measure(
    node: &Node,
    kind: &str,
    aliases: &[AliasDraft],
    context: &mut Context<'_>,
) -> Option<Measure> {
    if kind == "event_count" {
        return Some(Measure::EventCount);
    }
    let stated = required(node, "field", context);
    let mut counted = fields(stated, "field", aliases, context);
    let percentile = match kind {
        "value_percentile" => {
            required(node, "percentile", context).and_then(|n| percentile(n, context))
        }
        _ => None,
    };
    if kind == "value_count" {
        return (!counted.is_empty()).then_some(Measure::ValueCount(counted));
    }
    if counted.len() > 1 {
        return context.refuse(
            &stated?.place,
            format!("field: {kind} reads one field"),
            format!("field：{kind} が読む項目は一つです"),
        );
    }
    let field = counted.pop()?;
    match kind {
        "value_sum" => Some(Measure::ValueSum(field)),
        "value_avg" => Some(Measure::ValueAverage(field)),
        "value_median" => Some(Measure::ValueMedian(field)),
        _ => Some(Measure::ValuePercentile(field, percentile?)),
    }
}

/// A percentile, 0 to 100, with at most six places behind the point.
fn percentile(node: &Node, context: &mut Context<'_>) -> Option<Number> {
    let number = node.as_str().and_then(Number::read);
    let number =
        number.filter(|n| (Number::from(0)..=Number::from(100)).contains(n) && n.exponent() >= -6);
    match number {
        Some(number) => Some(number),
        None => context.refuse(
            &node.place,
            "percentile: expected a number from 0 to 100 with at most six decimals",
            "percentile：0〜100の数が必要です（小数は6桁まで）",
        ),
    }
}
