//! Alerts as JSON lines: one object a line, keys in the order of the documentation.
//!
//! Takes alerts and the site's zone; gives bytes that are the same for the same alerts. Log text
//! is kept exactly; what could act on a terminal is escaped.

use std::io::{self, Write};

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use crate::alert::{Alert, Evidence, Level, ReasonLine, RuleRef};
use crate::diagnostic::Text;
use crate::event::Zone;
use crate::store::State;

use super::json;
use super::when::exact;

/// Writes one alert as a line.
///
/// # Errors
/// What the writer says.
pub fn write(out: &mut dyn Write, alert: &Alert, zone: &Zone) -> io::Result<()> {
    json::write_line(out, &Line::of(alert, zone))
}

/// Writes one alert of a run that remembers: one that takes the place of others names them.
///
/// # Errors
/// What the writer says.
pub fn write_anew(
    out: &mut dyn Write,
    alert: &Alert,
    supersedes: &[String],
    zone: &Zone,
) -> io::Result<()> {
    let line = Line {
        supersedes,
        ..Line::of(alert, zone)
    };
    json::write_line(out, &line)
}

/// Writes one alert with where it stands, when it does not stand any more.
///
/// # Errors
/// What the writer says.
pub fn write_gone(
    out: &mut dyn Write,
    alert: &Alert,
    state: Option<State>,
    zone: &Zone,
) -> io::Result<()> {
    json::write_line(out, &Line::of(alert, zone).standing(state))
}

/// An alert that was said and does not hold any more.
#[derive(Clone, Copy, Debug)]
pub struct TakenBack<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its rule.
    pub rule: &'a RuleRef,
    /// Its key.
    pub key: &'a [(String, Option<String>)],
    /// First and last event, nanoseconds since 1970.
    pub span: (i64, i64),
    /// The revision with which it is taken back.
    pub revision: u32,
}

/// Writes a line that takes an alert back.
///
/// # Errors
/// What the writer says.
pub fn write_back(out: &mut dyn Write, back: TakenBack<'_>, zone: &Zone) -> io::Result<()> {
    let line = BackLine {
        id: back.id,
        rule: Rule::of(back.rule),
        start: exact(back.span.0, zone),
        end: exact(back.span.1, zone),
        key: Key(back.key),
        state: "retracted",
        revision: back.revision,
    };
    json::write_line(out, &line)
}

#[derive(serde::Serialize)]
struct BackLine<'a> {
    id: &'a str,
    rule: Rule<'a>,
    start: String,
    end: String,
    key: Key<'a>,
    state: &'static str,
    revision: u32,
}

/// An alert in the order of its keys.
#[derive(serde::Serialize)]
pub(super) struct Line<'a> {
    id: &'a str,
    rule: Rule<'a>,
    start: String,
    end: String,
    count: u64,
    key: Key<'a>,
    summary: Both<'a>,
    reasons: Vec<Reason<'a>>,
    evidence: Vec<Record<'a>>,
    evidence_total: u64,
    clauses: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    revision: u32,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    supersedes: &'a [String],
}

impl<'a> Line<'a> {
    pub(super) fn of(alert: &'a Alert, zone: &Zone) -> Self {
        Line {
            id: &alert.id,
            rule: Rule::of(&alert.rule),
            start: exact(alert.start, zone),
            end: exact(alert.end, zone),
            count: alert.count,
            key: Key(&alert.key),
            summary: Both::of(&alert.summary),
            reasons: alert.reasons.iter().map(Reason::of).collect(),
            evidence: alert.evidence.iter().map(|e| Record::of(e, zone)).collect(),
            evidence_total: alert.evidence_total,
            clauses: &alert.clauses,
            state: None,
            revision: alert.revision,
            supersedes: &[],
        }
    }

    /// The same, of an alert that does not stand any more.
    pub(super) fn standing(self, state: Option<State>) -> Self {
        Line {
            state: state.map(State::name),
            ..self
        }
    }
}

#[derive(serde::Serialize)]
struct Rule<'a> {
    id: &'a str,
    name: &'a str,
    title: &'a str,
    level: &'static str,
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<&'a str>,
}

impl<'a> Rule<'a> {
    fn of(rule: &'a RuleRef) -> Self {
        Rule {
            id: &rule.id,
            name: &rule.name,
            title: &rule.title,
            level: Level::name(rule.level),
            tags: &rule.tags,
            author: rule.author.as_deref(),
        }
    }
}

/// A key as an object, in the rule's order; null stands for what the log does not tell.
struct Key<'a>(&'a [(String, Option<String>)]);

impl Serialize for Key<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (field, value) in self.0 {
            map.serialize_entry(field, value)?;
        }
        map.end()
    }
}

#[derive(serde::Serialize)]
pub(super) struct Both<'a> {
    en: &'a str,
    ja: &'a str,
}

impl<'a> Both<'a> {
    pub(super) fn of(text: &'a Text) -> Self {
        Both {
            en: &text.en,
            ja: &text.ja,
        }
    }
}

#[derive(serde::Serialize)]
struct Reason<'a> {
    field: &'a str,
    value: &'a str,
    because: &'a str,
    at: &'a str,
}

impl<'a> Reason<'a> {
    fn of(reason: &'a ReasonLine) -> Self {
        Reason {
            field: &reason.field,
            value: &reason.value,
            because: &reason.because,
            at: &reason.at,
        }
    }
}

#[derive(serde::Serialize)]
struct Record<'a> {
    source: &'a str,
    path: &'a str,
    line: u64,
    offset: u64,
    length: u32,
    sha256: &'a str,
    time: String,
    text: &'a str,
}

impl<'a> Record<'a> {
    fn of(evidence: &'a Evidence, zone: &Zone) -> Self {
        Record {
            source: &evidence.source,
            path: &evidence.path,
            line: evidence.line,
            offset: evidence.offset,
            length: evidence.length,
            sha256: &evidence.sha256,
            time: exact(evidence.time, zone),
            text: &evidence.text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn line(alert: &Alert) -> String {
        let mut out = Vec::new();
        write(&mut out, alert, &Zone::tokyo()).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_alert_is_one_line_in_the_documented_order() {
        samples::holds("alert-ndjson", &line(&samples::ordinary()));
    }

    #[test]
    fn hostile_text_is_kept_and_does_not_act() {
        samples::holds("alert-ndjson-hostile", &line(&samples::hostile()));
    }
}
