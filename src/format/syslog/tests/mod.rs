//! What records of all devices become: facts one by one (`envelopes`, `devices`, `inputs`), promises
//! on arbitrary text, and the collected samples where they are at hand.

mod devices;
mod envelopes;
mod inputs;
mod promises;
mod samples;

use std::collections::BTreeMap;

use bumpalo::Bump;

use super::{Parser, Syslog};
use crate::diagnostic::Complaints;
use crate::event::{Civil, Event, Instant, Reason, Zone};
use crate::format::{Format, Parsed, Settings};

/// An instant from `2026-11-16T08:30:05+09:00`.
fn instant(text: &str) -> Instant {
    let time = chrono::DateTime::parse_from_rfc3339(text).unwrap();
    Instant {
        nanos: time.timestamp_nanos_opt().unwrap(),
        offset: time.offset().local_minus_utc(),
        trusted: true,
        ambiguous: false,
    }
}

/// A parser for a zone and a reference.
fn parser_at(zone: &str, reference: &str) -> Box<dyn Parser> {
    parser_of("", zone, reference, None)
}

fn parser_of(head: &str, zone: &str, reference: &str, year: Option<i32>) -> Box<dyn Parser> {
    let settings = Settings {
        zone: Zone::named(zone).unwrap(),
        reference: instant(reference),
        year,
        section: None,
    };
    Syslog
        .parser(head, &settings, &mut Complaints::new())
        .unwrap()
}

/// A parser as most facts need it.
fn parser() -> Box<dyn Parser> {
    parser_at("Asia/Tokyo", "2026-11-17T12:00:00+09:00")
}

/// What became of a record, with all its fields.
#[derive(Debug, PartialEq)]
enum Became {
    Event(BTreeMap<String, String>),
    Repeat(u32, Option<String>),
    Other(String),
    Rejected(Reason),
}

impl Became {
    fn fields(self) -> BTreeMap<String, String> {
        match self {
            Became::Event(fields) => fields,
            other => panic!("not an event: {other:?}"),
        }
    }
}

fn read(parser: &dyn Parser, record: &str) -> Became {
    let arena = Bump::new();
    let mut event = Event::new(&arena);
    event.begin(record);
    let mut fields = BTreeMap::new();
    let mut emitted = 0;
    let parsed = parser.parse(record, &mut event, &mut |event| {
        emitted += 1;
        for &field in crate::event::Field::ALL {
            if let Some(value) = event.get(field) {
                fields.insert(field.name().to_owned(), value.to_owned());
                assert!(
                    parser.fields().contains(field),
                    "{} is not declared",
                    field.name()
                );
            }
        }
        for (name, value) in event.extras() {
            fields.insert((*name).to_owned(), (*value).to_owned());
        }
        let time = event.time().expect("every event has a time");
        fields.insert("@timestamp".to_owned(), time.rfc3339());
        fields.insert("epoch".to_owned(), time.nanos.to_string());
        fields.insert("count".to_owned(), event.repeat().to_string());
        assert_eq!(
            time.trusted,
            event.get(crate::event::Field::TimeTrusted).is_none()
        );
        assert!(event.log_sources().intersects(parser.log_sources()));
    });
    match parsed {
        Ok(Parsed::Events) => {
            assert_eq!(emitted, 1);
            Became::Event(fields)
        }
        Ok(Parsed::Repeat {
            count, reporter, ..
        }) => Became::Repeat(count, reporter.map(str::to_owned)),
        Ok(other) => Became::Other(format!("{other:?}")),
        Err(reject) => Became::Rejected(reject.reason),
    }
}

/// Asserts fields of a record: `name=value`, or `name=` for a field that is absent.
#[track_caller]
fn assert_fields(parser: &dyn Parser, record: &str, expected: &[&str]) {
    let fields = read(parser, record).fields();
    for line in expected {
        let (name, value) = line.split_once('=').unwrap();
        let found = fields.get(name).map_or("", String::as_str);
        assert_eq!(found, value, "{name} of {record}\n{fields:#?}");
    }
}

#[track_caller]
fn assert_facts(record: &str, expected: &[&str]) {
    assert_fields(&*parser(), record, expected);
}

/// The local time of an instant, for comparing with what was printed.
fn local(instant: Instant) -> Civil {
    let time = chrono::DateTime::from_timestamp(instant.local_seconds(), 0).unwrap();
    use chrono::{Datelike, Timelike};
    Civil {
        year: time.year(),
        month: time.month(),
        day: time.day(),
        hour: time.hour(),
        minute: time.minute(),
        second: time.second(),
        nanos: 0,
    }
}
