//! The events of a trial: JSON objects, one a line, asked of all rules.
//!
//! Takes a file line by line; gives the positions each rule matched, and what correlations need of
//! those events. Positions count objects from 0; blank lines and lines that are no object have
//! none. Holds one line and the matches, never the file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use bumpalo::Bump;
use serde_json::Value;

use crate::detect::{Match, asked_fields};
use crate::diagnostic::{Complaints, Place, Problem};
use crate::event::{Fields as _, Zone};
use crate::rule::{FieldRef, RuleSet, WrittenEvent};

/// Longest line read, in bytes, as of any record.
const LONGEST: u64 = 4 << 20;
/// Most lines complained about one by one.
const SHOWN: usize = 10;

/// What is asked of the events.
pub(super) struct Asked<'a> {
    /// The rules.
    pub(super) rules: &'a RuleSet,
    /// The name that holds an event's log source; every rule is tried on every event without.
    pub(super) source_key: Option<&'a str>,
}

/// What the events answered.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// For each detection, the positions of the events it matched.
    pub(super) hits: Vec<Vec<usize>>,
    /// The matches of rules that a correlation counts, of events that have a time.
    pub(super) matches: Vec<Match>,
    /// Of these events, the values that correlations ask for, by name.
    values: BTreeMap<usize, BTreeMap<String, Vec<Told>>>,
    /// Lines that are no JSON object.
    broken: Unread,
    /// Lines of events that such a rule matched and that have no time.
    timeless: Unread,
    file: String,
}

/// A value of an event.
#[derive(Clone, Debug)]
struct Told {
    text: String,
    /// It was a number or a boolean, not a string.
    is_bare: bool,
}

/// Lines that something is wrong with: the first few, and how many.
#[derive(Debug, Default)]
struct Unread {
    first: Vec<u32>,
    count: usize,
}

impl Unread {
    fn add(&mut self, line: u32) {
        self.count += 1;
        if self.first.len() < SHOWN {
            self.first.push(line);
        }
    }
}

/// Reads a file of events, or stdin for `-`, and asks the rules about each.
///
/// # Errors
/// What opening or reading says.
pub(super) fn read(path: &Path, asked: &Asked<'_>) -> io::Result<Answer> {
    let mut reader: Box<dyn BufRead> = match path.as_os_str() == "-" {
        true => Box::new(io::stdin().lock()),
        false => Box::new(BufReader::new(File::open(path)?)),
    };
    let fields = asked_fields(asked.rules);
    let mut answer = Answer {
        hits: vec![Vec::new(); asked.rules.detections.len()],
        file: path.display().to_string(),
        ..Answer::default()
    };
    let (mut line, mut index) = (0_u32, 0_usize);
    let mut arena = Bump::new();
    let mut bytes = Vec::new();
    while next_line(&mut *reader, &mut bytes)? {
        line = line.saturating_add(1);
        let text = match line {
            1 => bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&bytes),
            _ => &bytes,
        };
        if text.trim_ascii().is_empty() {
            continue;
        }
        arena.reset();
        let text = std::str::from_utf8(text).unwrap_or_default();
        match WrittenEvent::read(text, &arena) {
            Ok(Some(mut event)) => {
                answer.ask(asked, &fields, &mut event, (index, line));
                index += 1;
            }
            _ => answer.broken.add(line),
        }
    }
    Ok(answer)
}

/// Reads the next line; one that is too long is passed over and given as no JSON. False at the
/// end.
fn next_line(reader: &mut dyn BufRead, bytes: &mut Vec<u8>) -> io::Result<bool> {
    bytes.clear();
    let read = reader.take(LONGEST + 1).read_until(b'\n', bytes)?;
    if read as u64 > LONGEST && !bytes.ends_with(b"\n") {
        bytes.clear();
        bytes.push(b'{');
        reader.skip_until(b'\n')?;
    }
    Ok(read > 0)
}

impl Answer {
    /// Asks all rules about one event.
    fn ask(
        &mut self,
        asked: &Asked<'_>,
        fields: &BTreeSet<String>,
        event: &mut WrittenEvent<'_>,
        (index, line): (usize, u32),
    ) {
        let source = asked.source_key.map(|key| event.source(key));
        let mut detections = Vec::new();
        for (at, rule) in asked.rules.detections.iter().enumerate() {
            let tried = source.as_ref().is_none_or(|s| rule.source.is_stated_by(s));
            if tried && rule.matcher.matches(event) {
                self.hits[at].push(index);
                if rule.feeds {
                    detections.push(at);
                }
            }
        }
        if detections.is_empty() {
            return;
        }
        // Times without a zone are taken as UTC: only their distances count.
        let zone = Zone::named("UTC").expect("the time zone database names UTC");
        let told = |name| event.get(name).and_then(|t| t.instant(&zone));
        let time = told("timestamp").or_else(|| told("@timestamp"));
        match time {
            Some(time) => {
                self.values.insert(index, values(fields, event));
                self.matches
                    .extend(detections.into_iter().map(|detection| Match {
                        event: index,
                        time: time.nanos,
                        detection,
                    }));
            }
            None => self.timeless.add(line),
        }
    }

    /// The values of a field in an event that matched.
    pub(super) fn values(&self, event: usize, field: &FieldRef) -> Vec<String> {
        let of_event = self.values.get(&event);
        let found = of_event.and_then(|values| values.get(field.name()));
        let found = found.into_iter().flatten();
        found.map(|told| told.text.clone()).collect()
    }

    /// A value as the first of these events that tells it under one of these names wrote it: a
    /// number or a boolean stays one.
    pub(super) fn as_written(&self, text: &str, events: &[usize], names: &[&str]) -> Value {
        let of_events = events.iter().filter_map(|event| self.values.get(event));
        let mut told = of_events
            .flat_map(|values| names.iter().filter_map(|name| values.get(*name)))
            .flatten()
            .filter(|told| told.text == text);
        let bare = told.next().filter(|told| told.is_bare);
        let number = bare.and_then(|told| serde_json::from_str::<Value>(&told.text).ok());
        // An integer that no number of this program holds stays as it was written.
        let exact = |value: &Value| !value.is_f64() || text.contains(['.', 'e', 'E']);
        number.filter(exact).unwrap_or_else(|| text.into())
    }

    /// What could not be read, for those who ask for it; times matter to correlations alone.
    pub(super) fn told(&self, with_times: bool) -> Complaints {
        let mut complaints = Complaints::new();
        self.tell(
            &self.broken,
            (
                "is no JSON object, and has no position",
                "は JSON のオブジェクトではないので数えません",
            ),
            &mut complaints,
        );
        if with_times {
            let missing = (
                "has no readable \"timestamp\" or \"@timestamp\": no correlation counts it",
                "には読める timestamp（または @timestamp）がないので correlation では数えません",
            );
            self.tell(&self.timeless, missing, &mut complaints);
        }
        complaints
    }

    fn tell(&self, unread: &Unread, (en, ja): (&str, &str), complaints: &mut Complaints) {
        let place = |line| Place {
            file: self.file.as_str().into(),
            line,
            column: 0,
        };
        for line in &unread.first {
            let problem = Problem::error(format!("the line {en}"), format!("この行{ja}"));
            complaints.push(problem.at(place(*line)));
        }
        let more = unread.count - unread.first.len();
        if more > 0 {
            let problem = Problem::error(
                format!("and {more} more lines of which each {en}"),
                format!("ほか {more} 行{ja}"),
            );
            complaints.push(problem.at(place(0)));
        }
    }
}

fn values(fields: &BTreeSet<String>, event: &WrittenEvent<'_>) -> BTreeMap<String, Vec<Told>> {
    let told = |text: &str| Told {
        text: text.to_owned(),
        is_bare: event.is_bare(text),
    };
    let of = |name: &String| {
        let values = event.written(name).values;
        (name.clone(), values.into_iter().map(told).collect())
    };
    fields.iter().map(of).collect()
}
