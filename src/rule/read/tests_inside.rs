//! The tests a rule carries.
//!
//! Takes `tests`; gives [`RuleTest`]s with their events written out. Never runs them.

use chrono::DateTime;

use crate::diagnostic::Problem;
use crate::yaml::{Node, Value};

use super::super::{FieldRef, RuleTest, TestEvent};
use super::ours::{Own, every};
use super::{Context, known_keys, map, meta, optional, required, scalar, texts};

/// Most events one entry of a test may stand for, and one test may have.
const MOST_EVENTS: usize = 20_000;

/// Reads all tests of a rule.
pub(super) fn read(node: Option<&Node>, own: Own<'_>, context: &mut Context<'_>) -> Vec<RuleTest> {
    let Some(node) = node.filter(|n| !n.is_null()) else {
        return Vec::new();
    };
    match node.as_seq() {
        Some(tests) => tests.iter().filter_map(|t| test(t, own, context)).collect(),
        None => {
            super::wrong_kind::<()>(node, "tests", ("a list", "リスト"), context);
            Vec::new()
        }
    }
}

fn test(node: &Node, own: Own<'_>, context: &mut Context<'_>) -> Option<RuleTest> {
    map(node, "test", context)?;
    known_keys(
        node,
        "test",
        &["name", "events", "alerts", "explained"],
        context,
    );
    let name = required(node, "name", context);
    let name = name.and_then(|_| optional(node, "name", context));
    let alerts = required(node, "alerts", context).and_then(|n| count(n, "alerts", context));
    let explained = match node.get("explained") {
        Some(stated) => count(stated, "explained", context),
        None => Some(0),
    };
    let mut events = Vec::new();
    let stated = required(node, "events", context)?;
    let Some(written) = stated.as_seq() else {
        return super::wrong_kind(stated, "events", ("a list", "リスト"), context);
    };
    for entry in written {
        events.extend(entry_events(entry, own, context).unwrap_or_default());
        if events.len() > MOST_EVENTS {
            return context.refuse(
                &entry.place,
                format!("a test has more than {MOST_EVENTS} events"),
                format!("一つのテストの記録が {MOST_EVENTS} 件を超えています"),
            );
        }
    }
    Some(RuleTest {
        name: name?.to_owned(),
        place: node.place.clone(),
        events,
        alerts: alerts?,
        explained: explained?,
    })
}

fn count(node: &Node, what: &str, context: &mut Context<'_>) -> Option<usize> {
    match node.as_i64().and_then(|n| usize::try_from(n).ok()) {
        Some(number) => Some(number),
        None => context.refuse(
            &node.place,
            format!("{what}: expected a whole number, 0 or more"),
            format!("{what}：0以上の整数が必要です"),
        ),
    }
}

/// The events one entry stands for: `times` of them, `every` so long, each with values of its
/// own in the fields of `vary` and numbers that count up in those of `counting`.
fn entry_events(node: &Node, own: Own<'_>, context: &mut Context<'_>) -> Option<Vec<TestEvent>> {
    let entries = map(node, "event", context)?;
    let first = required(node, "@timestamp", context).and_then(|n| time(n, context));
    let times = match node.get("times") {
        Some(stated) => count(stated, "times", context)?,
        None => 1,
    };
    if times == 0 || times > MOST_EVENTS {
        let place = &node.get("times").unwrap_or(node).place;
        return context.refuse(
            place,
            format!("times: expected 1 to {MOST_EVENTS}"),
            format!("times：1〜{MOST_EVENTS} の数が必要です"),
        );
    }
    let step = every(node.get("every"), context)?;
    let mut fields = Vec::new();
    for (key, value) in entries {
        if matches!(
            key.text.as_str(),
            "@timestamp" | "times" | "every" | "vary" | "counting"
        ) {
            continue;
        }
        check_field(&key.text, (&key.place, own), context);
        fields.push((
            FieldRef::named(&key.text),
            values(value, &key.text, context)?,
        ));
    }
    let varied = texts(node.get("vary"), "vary", context);
    for (name, place) in &varied {
        check_field(name, (place, own), context);
        if !fields.iter().any(|(f, _)| f.name() == *name) {
            fields.push((FieldRef::named(name), vec![String::new()]));
        }
    }
    let names: Vec<&str> = varied.iter().map(|(name, _)| *name).collect();
    let counting = counting(node, &fields, context);
    let (nanos, offset) = first?;
    let event = |i: usize| {
        let after = i64::try_from(i).ok()?.checked_mul(step)?;
        Some(TestEvent {
            time: (nanos.checked_add(after)?, offset),
            fields: counted_on(varied_fields(&fields, &names, i + 1), &counting, i),
        })
    };
    let made: Option<Vec<TestEvent>> = (0..times).map(event).collect();
    made.or_else(|| {
        context.refuse(
            &node.place,
            "the times run out of range",
            "時刻が範囲を超えます",
        )
    })
}

/// The names of the fields whose numbers count up.
fn counting<'n>(
    node: &'n Node,
    fields: &[(FieldRef, Vec<String>)],
    context: &mut Context<'_>,
) -> Vec<&'n str> {
    let named = texts(node.get("counting"), "counting", context);
    for (name, place) in &named {
        let is_number = |value: &String| value.parse::<u32>().is_ok();
        let mut written = fields.iter().filter(|(field, _)| field.name() == *name);
        if !written.any(|(_, values)| values.iter().all(is_number)) {
            context.refuse::<()>(
                place,
                format!("counting: expected a whole number under {name} to begin with"),
                format!("counting：{name} に最初の番号（整数）を書いてください"),
            );
        }
    }
    named.into_iter().map(|(name, _)| name).collect()
}

/// The same fields with the numbers of some so much further on.
fn counted_on(
    mut fields: Vec<(FieldRef, Vec<String>)>,
    counting: &[&str],
    by: usize,
) -> Vec<(FieldRef, Vec<String>)> {
    let counted = |(field, _): &&mut (FieldRef, Vec<String>)| counting.contains(&field.name());
    for (_, values) in fields.iter_mut().filter(counted) {
        for value in values {
            if let Ok(number) = value.parse::<u32>() {
                *value = (u64::from(number) + by as u64).to_string();
            }
        }
    }
    fields
}

fn varied_fields(
    fields: &[(FieldRef, Vec<String>)],
    varied: &[&str],
    number: usize,
) -> Vec<(FieldRef, Vec<String>)> {
    let vary = |(field, values): &(FieldRef, Vec<String>)| {
        let values = values
            .iter()
            .map(|value| match varied.contains(&field.name()) {
                true if value.is_empty() => format!("value-{number}"),
                true => format!("{value}-{number}"),
                false => value.clone(),
            });
        (field.clone(), values.collect())
    };
    fields.iter().map(vary).collect()
}

fn values(node: &Node, what: &str, context: &mut Context<'_>) -> Option<Vec<String>> {
    match &node.value {
        Value::Seq(items) if !items.is_empty() => {
            let read = items
                .iter()
                .map(|i| scalar(i, what, context).map(str::to_owned));
            read.collect()
        }
        _ => Some(vec![scalar(node, what, context)?.to_owned()]),
    }
}

/// A misspelled field would make a test prove nothing.
fn check_field(
    name: &str,
    (place, own): (&crate::diagnostic::Place, Own<'_>),
    context: &mut Context<'_>,
) {
    if let Some(near) = meta::slip(name).filter(|_| !own(name)) {
        context.push(
            Problem::error(
                format!("there is no field \"{name}\""),
                format!("「{name}」という項目はありません"),
            )
            .at(place.clone())
            .found(name)
            .help(format!("write {near}"), format!("{near} と書いてください")),
        );
    }
}

fn time(node: &Node, context: &mut Context<'_>) -> Option<(i64, i32)> {
    let text = scalar(node, "@timestamp", context)?;
    let read = DateTime::parse_from_rfc3339(text).ok();
    match read.and_then(|t| Some((t.timestamp_nanos_opt()?, t.offset().local_minus_utc()))) {
        Some(time) => Some(time),
        None => context.refuse(
            &node.place,
            format!("\"{text}\" is no time of the form 2026-11-16T02:14:07+09:00"),
            format!("「{text}」は 2026-11-16T02:14:07+09:00 の形の時刻ではありません"),
        ),
    }
}
