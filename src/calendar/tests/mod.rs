//! What the calendar promises, from the file to the verdict.

mod cases;
mod complaints;
mod rosters;
mod twin;
mod written;

use std::io;

use super::{CalendarId, Calendars, Verdict};
use crate::diagnostic::{Complaints, Lang};
use crate::yaml;

/// A document and the files it names, read; complaints are in English.
fn read_with(document: &str, files: &[(&str, &[u8])]) -> (Option<Calendars>, Vec<String>) {
    let mut complaints = Complaints::new();
    let nodes = yaml::read("calendar.yaml", document, &mut complaints);
    let load = |name: &str| match files.iter().find(|(file, _)| *file == name) {
        Some((_, bytes)) => Ok(bytes.to_vec()),
        None => Err(io::Error::new(io::ErrorKind::NotFound, "no such file")),
    };
    let calendars = nodes
        .first()
        .and_then(|node| Calendars::read(node, &load, &mut complaints));
    let shown = complaints
        .sorted()
        .iter()
        .map(|p| p.render(Lang::En))
        .collect();
    (calendars, shown)
}

/// A document without complaints.
fn read(document: &str) -> Calendars {
    let (calendars, complaints) = read_with(document, &[]);
    assert!(complaints.is_empty(), "{complaints:#?}");
    calendars.expect("no complaints, so there are calendars")
}

fn nanos(time: &str) -> i64 {
    let time = chrono::DateTime::parse_from_rfc3339(time).expect("a time");
    time.timestamp_nanos_opt().expect("within range")
}

fn id(calendars: &Calendars, name: &str) -> CalendarId {
    calendars.named(name).expect("the calendar is defined")
}

fn verdict(calendars: &Calendars, name: &str, time: &str) -> Verdict {
    calendars.judge(id(calendars, name), nanos(time)).verdict
}
