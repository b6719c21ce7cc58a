//! Events written as JSON: order, kinds of values, own names, and that nothing is lost.

use super::*;
use crate::event::{Action, Instant, NANOS, Outcome};
use crate::sink::samples;
use bumpalo::Bump;
use proptest::prelude::*;

fn written(fill: impl FnOnce(&mut Event<'static>), derived: bool) -> String {
    let arena: &'static Bump = Box::leak(Box::default());
    let mut event = Event::new(arena);
    event.begin("2026/11/16 02:14:07,n1023,カルテ参照,\u{1b}[2J");
    fill(&mut event);
    let at = Position {
        path: "a.csv".into(),
        line: 3,
        offset: 90,
        length: 40,
    };
    let mut out = Vec::new();
    EventJson::new().write(&mut out, &event, &at, derived);
    String::from_utf8(out).unwrap()
}

fn ordinary(event: &mut Event<'static>) {
    event.set_time(Instant {
        nanos: samples::START + NANOS / 2,
        offset: 9 * 3_600,
        trusted: true,
        ambiguous: false,
    });
    event.set_action(Action::ChartView);
    event.set(Field::UserId, "n1023");
    event.add(Field::PatientId, "00000429");
    event.add(Field::PatientId, "00000430");
    event.set(Field::SourcePort, "50222");
    event.set(Field::BreakGlass, "true");
    event.set(Field::UserAccount, "n1023");
}

#[test]
fn fields_nest_in_the_order_of_the_table() {
    samples::holds("event", &written(ordinary, false));
}

#[test]
fn derived_fields_untrusted_times_and_repeats_are_shown_when_there() {
    let fill = |event: &mut Event<'static>| {
        ordinary(event);
        event.set_time(Instant {
            nanos: 0,
            offset: 0,
            trusted: false,
            ambiguous: false,
        });
        event.set_outcome(Outcome::Failure);
        event.set_repeat(5);
        event.set(Field::SourcePort, "0x1F");
    };
    samples::holds("event-derived", &written(fill, true));
}

#[test]
fn a_local_time_that_occurs_twice_is_marked() {
    let fill = |ambiguous: bool| {
        move |event: &mut Event<'static>| {
            ordinary(event);
            event.set_time(Instant {
                nanos: samples::START,
                offset: 9 * 3_600,
                trusted: true,
                ambiguous,
            });
        }
    };
    let marked = written(fill(true), false);
    assert!(marked.contains(r#""time":{"ambiguous":true}"#), "{marked}");
    assert!(!written(fill(false), false).contains("ambiguous"));
}

#[test]
fn own_names_nest_unless_they_collide() {
    let fill = |event: &mut Event<'static>| {
        ordinary(event);
        event.add_extra("user.nickname", "はな");
        event.add_extra("user.id.old", "n1");
        event.add_extra("user", "whole");
        event.add_extra("診療科", "内科");
        event.add_extra("診療科", "外科");
        event.add_extra("x.y", "1");
        event.add_extra("x", "2");
        event.add_extra("x.y.z", "3");
        event.add_extra("..", "4");
        event.add_extra("message", "own");
    };
    samples::holds("event-own-names", &written(fill, false));
}

proptest! {
    #[test]
    fn any_names_and_values_give_one_line_of_json_with_unique_keys(
        extras in prop::collection::vec(("[a-c.u]{0,6}|user(\\.id)?(\\.x)?|event\\.[a-z]{1,8}|\\PC{0,8}", any::<String>()), 0..12),
    ) {
        let count = extras.len();
        let line = written(move |event| {
            ordinary(event);
            for (name, value) in extras {
                event.add_extra(Box::leak(name.into_boxed_str()), Box::leak(value.into_boxed_str()));
            }
        }, false);
        prop_assert_eq!(line.matches('\n').count(), 1);
        let read: Value = serde_json::from_str(&line).unwrap();
        // The reader keeps one of two equal keys: then the lines would differ in length.
        let mut again = Vec::new();
        write_any(&mut again, &read);
        prop_assert_eq!(again.len() + 1, line.len());
        prop_assert_eq!(leaves(&read), leaves_of_table() + count);
    }
}

fn write_any(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Number(_) | Value::Bool(_) => out.extend(value.to_string().bytes()),
        Value::Object(map) => {
            out.push(b'{');
            for (i, (k, v)) in map.iter().enumerate() {
                out.extend_from_slice(if i > 0 { b"," } else { b"" });
                push_string(out, k);
                out.push(b':');
                write_any(out, v);
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for (i, v) in items.iter().enumerate() {
                out.extend_from_slice(if i > 0 { b"," } else { b"" });
                write_any(out, v);
            }
            out.push(b']');
        }
        other => write_own(out, other),
    }
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(map) => map.values().map(leaves).sum(),
        Value::Array(items) => items.iter().map(leaves).sum(),
        _ => 1,
    }
}

fn leaves_of_table() -> usize {
    leaves(&serde_json::from_str(&written(ordinary, false)).unwrap())
}
