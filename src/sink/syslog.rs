//! Alerts as syslog messages: RFC 5424, one message an alert.
//!
//! Takes an alert, for whom it is written and the name of this machine; gives one message of at
//! most [`LARGEST`] bytes in which nothing acts. Never sends it, never reads a clock: the time is
//! that of the last event.

use std::fmt::Write as _;

use crate::alert::{Alert, Level};
use crate::store::State;
use crate::text::{one_line, shorten};

use super::Reader;
use super::when::{exact, local};

/// Bytes of a message that every receiver takes (RFC 5424, section 6.1, and common practice); what
/// is longer is cut, and `…` marks it.
pub const LARGEST: usize = 8 << 10;

/// Facility "security/authorization messages" (RFC 5424, table 1).
const FACILITY: u8 = 10;
/// Private enterprise numbers are given to companies; this one stands for nobody (RFC 5612).
const ELEMENT: &str = "yomawari@32473";
/// Characters of a name (RFC 5424, section 6: MSGID and PARAM-NAME).
const NAME: usize = 32;
/// Characters of a host's name.
const HOST: usize = 255;
/// Bytes that are kept free for the sentence.
const SENTENCE: usize = 1 << 10;
/// Characters of a value in the structured data: the first that leaves room is taken.
const VALUES: [usize; 4] = [240, 60, 15, 0];
/// Our own parameters; a field of the key that has one of these names is left out.
const OWN: [&str; 10] = [
    "id", "revision", "state", "rule", "rule_id", "level", "start", "end", "count", "clauses",
];

/// The message, without a frame of a transport.
pub fn message((alert, state): (&Alert, Option<State>), reader: &Reader, host: &str) -> String {
    let mut out = header(alert, reader, host);
    let data = VALUES
        .iter()
        .map(|limit| element((alert, state), reader, *limit));
    let room = LARGEST - SENTENCE - out.len();
    let data = data.into_iter().find(|data| data.len() <= room);
    // A name of a rule may be endless too.
    out.push_str(data.as_deref().unwrap_or("-"));
    // The byte order mark says that what follows is UTF-8 (section 6.4).
    out.push_str(" \u{feff}");
    let sentence = alert.summary.get(reader.lang);
    fit(out + &one_line(sentence), LARGEST)
}

/// The header up to the structured data, with the blank behind it (section 6.2).
pub(super) fn header(alert: &Alert, reader: &Reader, host: &str) -> String {
    let priority = FACILITY * 8 + severity(alert.rule.level);
    let time = local(alert.end, &reader.zone).format("%Y-%m-%dT%H:%M:%S%.6f%:z");
    let host = name(host, HOST);
    let kind = name(&alert.rule.name, NAME);
    format!("<{priority}>1 {time} {host} yomawari - {kind} ")
}

/// At most so many bytes; `…` stands for the rest.
pub(super) fn fit(mut text: String, bytes: usize) -> String {
    const MARK: &str = "…";
    if text.len() > bytes {
        let mut end = bytes.saturating_sub(MARK.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str(MARK);
    }
    text
}

/// Severities of RFC 5424, table 2: informational, notice, warning, error, critical.
const fn severity(level: Level) -> u8 {
    match level {
        Level::Informational => 6,
        Level::Low => 5,
        Level::Medium => 4,
        Level::High => 3,
        Level::Critical => 2,
    }
}

/// Printable ASCII without blanks, `-` when nothing is left.
fn name(text: &str, limit: usize) -> String {
    let kept: String = text
        .chars()
        .filter(char::is_ascii_graphic)
        .take(limit)
        .collect();
    match kept.as_str() {
        "" => "-".to_owned(),
        _ => kept,
    }
}

/// The structured data: what the alert is, and its key. What the log does not tell is left out; a
/// limit of 0 leaves out the key.
fn element((alert, state): (&Alert, Option<State>), reader: &Reader, limit: usize) -> String {
    let mut out = format!("[{ELEMENT}");
    let rule = &alert.rule;
    let own = limit.max(60);
    put(&mut out, "id", &alert.id, own);
    put(&mut out, "revision", &alert.revision.to_string(), own);
    if let Some(state) = state {
        put(&mut out, "state", state.name(), own);
    }
    put(&mut out, "rule", &rule.name, own);
    put(&mut out, "rule_id", &rule.id, own);
    put(&mut out, "level", rule.level.name(), own);
    put(&mut out, "start", &exact(alert.start, &reader.zone), own);
    put(&mut out, "end", &exact(alert.end, &reader.zone), own);
    put(&mut out, "count", &alert.count.to_string(), own);
    if limit > 0 {
        let told = alert.key.iter();
        for (field, value) in told.filter_map(|(f, v)| Some((parameter(f)?, v.as_ref()?))) {
            put(&mut out, &field, value, limit);
        }
        if !alert.clauses.is_empty() {
            put(&mut out, "clauses", &alert.clauses.join(" "), limit);
        }
    }
    out.push(']');
    out
}

/// A field's name as that of a parameter (section 6.3.3).
fn parameter(field: &str) -> Option<String> {
    let allowed = |c: &char| c.is_ascii_graphic() && !matches!(c, '=' | ']' | '"');
    let name: String = field.chars().filter(allowed).take(NAME).collect();
    (!name.is_empty() && !OWN.contains(&name.as_str())).then_some(name)
}

/// One parameter; the quotation mark, the backslash and the bracket are escaped (section 6.3.3).
fn put(out: &mut String, name: &str, value: &str, limit: usize) {
    let _ = write!(out, " {name}=\"");
    for c in shorten(&one_line(value), limit).chars() {
        if matches!(c, '"' | '\\' | ']') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples;
    use super::*;
    use crate::diagnostic::Lang;
    use crate::event::Zone;

    fn reader(lang: Lang) -> Reader {
        Reader {
            lang,
            zone: Zone::tokyo(),
        }
    }

    #[test]
    fn an_alert_is_one_message() {
        let told = message(
            (&samples::ordinary(), None),
            &reader(Lang::Ja),
            "gw.example",
        );
        samples::holds("alert-syslog", &told.replace('\u{feff}', "<BOM>"));
    }

    #[test]
    fn hostile_text_breaks_out_of_nothing() {
        let mut alert = samples::hostile();
        let evil = "a\"] [evil@1 x=\"\\\n<0>1 - - - - - -".to_owned();
        alert.key.push(("user.name]=\" x".to_owned(), Some(evil)));
        alert.rule.name = "夜 \n".to_owned();
        let told = message((&alert, None), &reader(Lang::En), "夜 host\n");
        samples::holds("alert-syslog-hostile", &told.replace('\u{feff}', "<BOM>"));
    }

    proptest! {
        #[test]
        fn a_message_is_one_bounded_line(
            text in any::<String>(),
            times in 0usize..600,
            keys in 0usize..40,
        ) {
            let mut alert = samples::ordinary();
            let long = text.repeat(times);
            alert.key = vec![(long.clone(), Some(long.clone())); keys];
            alert.summary.en.clone_from(&long);
            alert.clauses = vec![long.clone(); 3];
            alert.rule.name.clone_from(&long);
            alert.rule.id.clone_from(&long);
            alert.id.clone_from(&long);
            let told = message((&alert, None), &reader(Lang::En), &long);
            prop_assert!(told.len() <= LARGEST);
            prop_assert!(!told.chars().any(char::is_control));
            let has_mark = told.contains(" \u{feff}");
            prop_assert!(has_mark);
        }
    }
}
