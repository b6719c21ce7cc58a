//! What stands under `observe`: a kind of observation with its settings.
//!
//! ```yaml
//! observe: { new_value: { of: [user.account], value: source.terminal, within: 30d, after: 7d } }
//! observe: { baseline: { of: [user.account], per: day, over: 28d, count: patient.id, above: 4,
//!                        at_least: 50, needs: 5, peers: user.role } }
//! observe: { silence: { of: [observer.name], longer_than: 6h, within: open-hours, after: 1d } }
//! observe: { silence: { of: [input.source], longer_than: expected } }
//! observe: { sequence_gap: { of: [observer.name], number: event.sequence, at_least: 1, after: 20,
//!                            tell: [gap, reset, duplicate] } }
//! observe: { walk: { of: [user.account], number: patient.id, at_least: 10, within: 10m } }
//! ```
//!
//! `of` is the key; `[]` takes all records together. Optional are `after` (of `new_value` 7d, of
//! `silence` none) and `only: first` (then without `within`) or `only: returned`; `over` (28d), `count` (events), `above` (4),
//! `at_least` (20), `needs` (5) and `peers`; `within` (always); `at_least` (1), `after` (so many numbers
//! in a row, 0) and `tell` (gap).
//! Unknown keys and kinds are refused; never guesses what a wrong one was meant to be.

use crate::diagnostic::Problem;
use crate::event::{Field, NANOS};
use crate::yaml::Node;

use super::super::observe::{
    Baseline, Counted, Irregularity, NewValue, Novelty, Observe, Observed, Per, SequenceGap,
    Silence, Walk,
};
use super::super::{FieldRef, Number};
use super::{Context, duration, known_keys, map, meta, required, scalar, texts, unknown};

const DAY: i64 = 86_400 * NANOS;
/// Longest stretch of days that a baseline compares.
const MOST_DAYS: i64 = 400;

/// Reads `observe`; `None` where there is none or it is refused.
pub(super) fn read(ours: &Node, context: &mut Context<'_>) -> Option<Observe> {
    const KINDS: [&str; 5] = ["new_value", "baseline", "silence", "sequence_gap", "walk"];
    let node = ours.get("observe").filter(|n| !n.is_null())?;
    let entries = map(node, "observe", context)?;
    known_keys(node, "observe", &KINDS, context);
    let [(kind, inner)] = entries else {
        return context.refuse(
            &node.place,
            format!("observe: expected exactly one of {}", KINDS.join(", ")),
            format!(
                "observe：{} のいずれか一つを書いてください",
                KINDS.join("・")
            ),
        );
    };
    if let Some((key, _)) = (ours.as_map().unwrap_or_default().iter()).find(|e| e.0.text == "fold")
    {
        context.push(
            Problem::error(
                "fold and observe cannot stand together: what is observed decides what one alert is",
                "fold と observe は併用できません（何を1件とするかは observe で決まります）",
            )
            .at(key.place.clone()),
        );
    }
    map(inner, &kind.text, context)?;
    let of = required(inner, "of", context).map(|node| fields(node, "of", context));
    let kind = match kind.text.as_str() {
        "new_value" => new_value(inner, context).map(Observed::NewValue),
        "baseline" => baseline(inner, context).map(Observed::Baseline),
        "silence" if is_unheard(inner) => unheard(inner, of.as_deref(), context),
        "silence" => silence(inner, context).map(Observed::Silence),
        "sequence_gap" => sequence_gap(inner, context).map(Observed::SequenceGap),
        "walk" => walk(inner, context).map(Observed::Walk),
        _ => None,
    };
    Some(Observe {
        of: of?,
        kind: kind?,
    })
}

fn new_value(node: &Node, context: &mut Context<'_>) -> Option<NewValue> {
    let known = ["of", "value", "within", "after", "only"];
    known_keys(node, "new_value", &known, context);
    let value = required(node, "value", context).and_then(|n| field(n, "value", context));
    let only = word(node, "only", context, |word| match word {
        "first" => Ok(Some(Novelty::First)),
        "returned" => Ok(Some(Novelty::Returned)),
        _ => Err(&["first", "returned"]),
    });
    let within = match (&only, stated(node, "within")) {
        (Some(Some(Some(Novelty::First))), None) => Some(i64::MAX),
        (Some(Some(Some(Novelty::First))), Some(within)) => context.refuse(
            &within.place,
            "within means nothing with only: first: what was ever seen before is not new",
            "only: first では within は使えません（一度でも記録があれば新しい値ではありません）",
        ),
        _ => required(node, "within", context).and_then(|n| duration(n, "within", context)),
    };
    let after = length(node, "after", 7 * DAY, context);
    Some(NewValue {
        value: value?,
        within: within?,
        after: after?,
        only: only.unwrap_or(Some(None))?,
    })
}

fn baseline(node: &Node, context: &mut Context<'_>) -> Option<Baseline> {
    let known = [
        "of", "per", "over", "count", "above", "at_least", "needs", "peers",
    ];
    known_keys(node, "baseline", &known, context);
    required(node, "per", context);
    let per = word(node, "per", context, |word| match word {
        "day" => Ok(Per::Day),
        "hour" => Ok(Per::Hour),
        _ => Err(&["day", "hour"]),
    });
    let count = match stated(node, "count") {
        Some(count) if count.as_str() == Some("events") => Some(None),
        Some(count) => field(count, "count", context).map(Some),
        None => Some(None),
    };
    let peers = match stated(node, "peers") {
        Some(peers) => field(peers, "peers", context).map(Some),
        None => Some(None),
    };
    let over = over(node, context);
    let above = above(node, context);
    let at_least = whole(node, "at_least", 20, context);
    let needs = whole(node, "needs", 5, context);
    Some(Baseline {
        per: per??,
        over: over?,
        count: count?,
        above: above?,
        at_least: at_least?,
        needs: usize::try_from(needs?).ok()?,
        peers: peers?,
    })
}

/// The days a baseline looks back.
fn over(node: &Node, context: &mut Context<'_>) -> Option<i64> {
    let Some(written) = stated(node, "over") else {
        return Some(28);
    };
    let nanos = duration(written, "over", context)?;
    if nanos % DAY == 0 && nanos / DAY <= MOST_DAYS {
        return Some(nanos / DAY);
    }
    context.refuse(
        &written.place,
        format!("over: expected whole days, at most {MOST_DAYS}d"),
        format!("over：日の単位で {MOST_DAYS}d までで書いてください"),
    )
}

/// How many spreads above the median.
fn above(node: &Node, context: &mut Context<'_>) -> Option<Number> {
    let Some(written) = stated(node, "above") else {
        return Some(Number::from(4));
    };
    let text = scalar(written, "above", context)?;
    match text.parse::<f64>().ok().filter(|n| (0.0..1e6).contains(n)) {
        Some(number) => Number::of_float(number),
        None => context.refuse(
            &written.place,
            format!("above: expected a number from 0, found \"{text}\""),
            format!("above：0以上の数が必要ですが、「{text}」です"),
        ),
    }
}

fn silence(node: &Node, context: &mut Context<'_>) -> Option<Silence> {
    let known = ["of", "longer_than", "within", "after"];
    known_keys(node, "silence", &known, context);
    let longer_than = required(node, "longer_than", context);
    let longer_than = longer_than.and_then(|n| duration(n, "longer_than", context));
    let within = word(node, "within", context, |word| match word {
        "always" => Ok(Counted::Always),
        "open-hours" => Ok(Counted::OpenHours),
        _ => Err(&["always", "open-hours"]),
    });
    let after = length(node, "after", 0, context);
    Some(Silence {
        longer_than: longer_than?,
        within: within.unwrap_or(Some(Counted::Always))?,
        after: after?,
    })
}

/// True when how long a silence may be is what the house expects of the source.
fn is_unheard(node: &Node) -> bool {
    node.get("longer_than").and_then(Node::as_str) == Some("expected")
}

/// What is expected is expected of sources, in their own hours.
fn unheard(node: &Node, of: Option<&[FieldRef]>, context: &mut Context<'_>) -> Option<Observed> {
    known_keys(node, "silence", &["of", "longer_than"], context);
    match of? {
        [FieldRef::Known(Field::InputSource)] => Some(Observed::Unheard),
        _ => context.refuse(
            &node.get("of")?.place,
            "of: what is expected is expected of a source; write of: [input.source]",
            "of：expected はソースごとの設定です。of: [input.source] と書いてください",
        ),
    }
}

fn sequence_gap(node: &Node, context: &mut Context<'_>) -> Option<SequenceGap> {
    known_keys(
        node,
        "sequence_gap",
        &["of", "number", "tell", "at_least", "after"],
        context,
    );
    let number = required(node, "number", context).and_then(|n| field(n, "number", context));
    let mut tell = Vec::new();
    for (word, place) in texts(node.get("tell"), "tell", context) {
        match word {
            "gap" => tell.push(Irregularity::Gap),
            "reset" => tell.push(Irregularity::Reset),
            "duplicate" => tell.push(Irregularity::Duplicate),
            _ => {
                let known = ["gap", "reset", "duplicate"];
                context.push(unknown(word, "tell", &known).at(place.clone()));
            }
        }
    }
    if tell.is_empty() {
        tell.push(Irregularity::Gap);
    }
    let at_least = whole(node, "at_least", 1, context);
    let after = whole(node, "after", 0, context);
    Some(SequenceGap {
        number: number?,
        tell,
        at_least: at_least?,
        after: after?,
    })
}

fn walk(node: &Node, context: &mut Context<'_>) -> Option<Walk> {
    known_keys(
        node,
        "walk",
        &["of", "number", "at_least", "within"],
        context,
    );
    let number = required(node, "number", context).and_then(|n| field(n, "number", context));
    required(node, "at_least", context);
    let at_least = whole(node, "at_least", 2, context);
    let within = required(node, "within", context).and_then(|n| duration(n, "within", context));
    Some(Walk {
        number: number?,
        at_least: at_least?,
        within: within?,
    })
}

fn stated<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    node.get(key).filter(|n| !n.is_null())
}

/// The meaning of an optional word: `None` where there is none, `Some(None)` where it has none.
fn word<T>(
    node: &Node,
    key: &str,
    context: &mut Context<'_>,
    meaning: impl Fn(&str) -> Result<T, &'static [&'static str]>,
) -> Option<Option<T>> {
    let written = stated(node, key)?;
    let Some(text) = scalar(written, key, context) else {
        return Some(None);
    };
    Some(match meaning(text) {
        Ok(meant) => Some(meant),
        Err(known) => {
            context.push(unknown(text, key, known).at(written.place.clone()));
            None
        }
    })
}

/// An optional length of time, nanoseconds.
fn length(node: &Node, key: &str, without: i64, context: &mut Context<'_>) -> Option<i64> {
    match stated(node, key) {
        Some(written) => duration(written, key, context),
        None => Some(without),
    }
}

/// An optional whole number from 1.
fn whole(node: &Node, key: &str, without: u64, context: &mut Context<'_>) -> Option<u64> {
    let Some(written) = stated(node, key) else {
        return Some(without);
    };
    let number = written.as_i64().and_then(|n| u64::try_from(n).ok());
    match number.filter(|n| *n >= 1) {
        Some(number) => Some(number),
        None => context.refuse(
            &written.place,
            format!("{key}: expected a whole number, 1 or more"),
            format!("{key}：1以上の整数が必要です"),
        ),
    }
}

fn field(node: &Node, what: &str, context: &mut Context<'_>) -> Option<FieldRef> {
    let name = scalar(node, what, context)?;
    meta::check_spelling(name, &node.place, context);
    Some(context.field(name))
}

fn fields(node: &Node, what: &str, context: &mut Context<'_>) -> Vec<FieldRef> {
    let written = texts(Some(node), what, context);
    for (name, place) in &written {
        meta::check_spelling(name, place, context);
    }
    written
        .into_iter()
        .map(|(name, _)| context.field(name))
        .collect()
}
