//! What a correlation looks for, in words.
//!
//! Takes a correlation and the set it belongs to; gives a sentence in both languages, for the
//! catalogue and for whoever asks what a rule does.

use crate::diagnostic::Text;
use crate::event::NANOS;

use super::as_of;
use super::{Comparison, Correlation, FieldRef, Measure, Number, RuleSet};

/// What the correlation measures of which rules, by what, in how long, and when it speaks.
pub fn in_words(rules: &RuleSet, correlation: &Correlation) -> Text {
    let names: Vec<&str> = correlation
        .rules
        .iter()
        .map(|index| rules.meta(*index).name.as_str())
        .collect();
    let steps: Vec<&str> = correlation.steps.iter().map(|at| names[*at]).collect();
    let (en, ja) = measured(correlation, &names, &steps);
    let (per_en, per_ja) = match correlation.group_by.as_slice() {
        [] => ("site".to_owned(), "全体で、".to_owned()),
        fields => (joined(fields), format!("{} ごとに、", joined(fields))),
    };
    let within = length(correlation.timespan);
    let (fires_en, fires_ja) = fires(&correlation.condition);
    // Japanese sets Latin letters apart.
    let apart = if ja.starts_with(|c: char| c.is_ascii()) {
        " "
    } else {
        ""
    };
    let told = Text {
        en: format!("{en} per {per_en} within {}{fires_en}", within.en),
        ja: format!("{per_ja}{}以内に{apart}{ja}{fires_ja}", within.ja),
    };
    match &correlation.as_of {
        None => told,
        Some(joined) => {
            let join = as_of::in_words(rules, joined);
            Text {
                en: format!("{}; {}", told.en, join.en),
                ja: format!("{}。{}", told.ja, join.ja),
            }
        }
    }
}

/// The measure over its rules: in English with the verb, in Japanese as what is looked at.
fn measured(rule: &Correlation, names: &[&str], steps: &[&str]) -> (String, String) {
    let of = names.join(", ");
    let of_ja = names.join("・");
    let of_field = |en: &str, field: &FieldRef, ja: &str| {
        let name = field.name();
        (
            format!("{en} {name} of {of}"),
            format!("{of_ja} の {name} の{ja}"),
        )
    };
    let counts = !rule.condition.is_empty();
    match (&rule.measure, &rule.expression) {
        (Measure::EventCount, _) => (format!("Counts events of {of}"), format!("{of_ja} の件数")),
        (Measure::ValueCount(fields), _) => {
            let fields = joined(fields);
            (
                format!("Counts different values of {fields} of {of}"),
                format!("{of_ja} の {fields} の種類の数"),
            )
        }
        (Measure::ValueSum(field), _) => of_field("Adds up", field, "合計"),
        (Measure::ValueAverage(field), _) => of_field("Takes the mean of", field, "平均"),
        (Measure::ValueMedian(field), _) => of_field("Takes the median of", field, "中央値"),
        (Measure::ValuePercentile(field, percent), _) => of_field(
            &format!("Takes percentile {percent} of"),
            field,
            &format!("{percent}パーセンタイル"),
        ),
        (Measure::Temporal, Some(worded)) => (
            format!("Looks for \"{}\"", worded.text),
            format!("「{}」が成り立った", worded.text),
        ),
        (Measure::Temporal, None) if counts => (
            format!("Counts how many of {of} match"),
            format!("{of_ja} のうち一致したルールの数"),
        ),
        (Measure::Temporal, None) => (
            format!("Looks for all of {of}"),
            format!("{of_ja} のすべてが一致した"),
        ),
        (Measure::TemporalOrdered, Some(worded)) => (
            format!("Looks for \"{}\" in the order {of}", worded.text),
            format!("「{}」が {} の順で成り立った", worded.text, names.join("→")),
        ),
        (Measure::TemporalOrdered, None) if counts => (
            format!(
                "Counts how many of {} match in this order",
                steps.join(", ")
            ),
            format!("{} のうちこの順に一致したルールの数", steps.join("→")),
        ),
        (Measure::TemporalOrdered, None) => (
            format!("Looks for {}", steps.join(", then ")),
            format!("{} の順に一致した", steps.join("→")),
        ),
    }
}

pub(super) fn joined(fields: &[FieldRef]) -> String {
    let names: Vec<&str> = fields.iter().map(FieldRef::name).collect();
    names.join(" + ")
}

fn fires(condition: &[(Comparison, Number)]) -> (String, String) {
    if condition.is_empty() {
        return (String::new(), "とき知らせます".to_owned());
    }
    let signs = condition
        .iter()
        .map(|(how, n)| format!("{} {n}", sign(*how)));
    let words = condition.iter().map(|(how, n)| word(*how, *n));
    (
        format!("; fires at {}", signs.collect::<Vec<_>>().join(" and ")),
        format!(
            "が{}になったとき知らせます",
            words.collect::<Vec<_>>().join("かつ")
        ),
    )
}

fn sign(how: Comparison) -> &'static str {
    match how {
        Comparison::Gt => ">",
        Comparison::Gte => "≥",
        Comparison::Lt => "<",
        Comparison::Lte => "≤",
        Comparison::Eq => "=",
        Comparison::Neq => "≠",
    }
}

fn word(how: Comparison, number: Number) -> String {
    match how {
        Comparison::Gt => format!("{number}超"),
        Comparison::Gte => format!("{number}以上"),
        Comparison::Lt => format!("{number}未満"),
        Comparison::Lte => format!("{number}以下"),
        Comparison::Eq => format!("ちょうど{number}"),
        Comparison::Neq => format!("{number}以外"),
    }
}

/// A length of time in the largest unit that divides it.
pub(super) fn length(nanos: i64) -> Text {
    let seconds = nanos / NANOS;
    let units = [
        (86_400, " d", "日"),
        (3_600, " h", "時間"),
        (60, " min", "分"),
        (1, " s", "秒"),
    ];
    let unit = units.iter().find(|(size, ..)| seconds % size == 0);
    let (size, en, ja) = unit.expect("one divides everything");
    let number = seconds / size;
    Text::new(format!("{number}{en}"), format!("{number}{ja}"))
}
