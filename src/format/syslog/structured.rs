//! The envelope of RFC 5424: `<165>1 2026-11-16T08:30:05+09:00 host app procid msgid [data] text`.
//!
//! Takes what stands behind the priority; gives a [`Line`] or says that it is something else.
//! Tolerates what devices do to it: unquoted values, blanks behind `=`, seconds since 1970 as time.

use crate::event::{Event, Field, Reason, Reject};

use super::header::Line;
use super::scan::{cut, is_number, skip_blanks, word};
use super::time::{self, Clock};

/// Reads the envelope; `None` when the record has none of this form.
pub(super) fn read<'r>(
    text: &'r str,
    has_priority: bool,
    clock: &Clock,
) -> Option<Result<Line<'r>, Reject>> {
    let rest = text.strip_prefix("1 ")?;
    let (stamp, rest) = word(rest);
    let instant = if stamp == "-" {
        has_priority.then_some(Err(Reason::NoTime))?
    } else if let Some((read, "")) = time::read(stamp).filter(|(s, _)| s.year_printed) {
        clock.instant(&read)
    } else {
        has_priority.then_some(epoch(stamp, clock)?)?
    };
    let instant = match instant {
        Ok(instant) => instant,
        Err(reason) => return Some(Err(Reject::at(reason, 1))),
    };
    let mut line = Line::new(instant);
    let mut rest = rest;
    for part in [
        &mut line.host,
        &mut line.tag,
        &mut line.pid,
        &mut line.msgid,
    ] {
        let (value, after) = word(rest);
        *part = if value == "-" { "" } else { value };
        rest = after;
    }
    let (data, rest) = split_data(rest);
    line.data = data;
    line.text = rest.strip_prefix('\u{feff}').unwrap_or(rest);
    Some(Ok(line))
}

/// Seconds since 1970 with a fraction, as Meraki prints.
fn epoch(stamp: &str, clock: &Clock) -> Option<Result<crate::event::Instant, Reason>> {
    let (seconds, fraction) = cut(stamp, b'.').unwrap_or((stamp, ""));
    if seconds.len() != 10 || !is_number(seconds) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nanos = fraction
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(9)
        .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
    Some(clock.epoch(seconds.parse().ok()?, nanos))
}

/// Structured data with its brackets, and the message. Data that does not end is message.
fn split_data(text: &str) -> (&str, &str) {
    if let Some(rest) = text.strip_prefix('-')
        && (rest.is_empty() || rest.starts_with(' '))
    {
        return ("", rest.strip_prefix(' ').unwrap_or(rest));
    }
    let mut end = 0;
    while text[end..].starts_with('[') {
        match element_length(&text[end..]) {
            Some(length) => end += length,
            None => return ("", text),
        }
    }
    let (data, rest) = text.split_at(end);
    (data, rest.strip_prefix(' ').unwrap_or(rest))
}

/// Bytes of an element from `[` to the `]` that closes it; quotes hide brackets, a backslash hides
/// a quote.
fn element_length(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b']' if !quoted => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Gives the parameters of structured data to the event, each under its own name.
pub(super) fn set_data<'r>(event: &mut Event<'r>, data: &'r str) {
    let mut rest = data;
    while let Some(inside) = rest.strip_prefix('[') {
        let Some(length) = element_length(rest) else {
            return;
        };
        set_parameters(event, &inside[..length - 2]);
        rest = &rest[length..];
    }
}

fn set_parameters<'r>(event: &mut Event<'r>, element: &'r str) {
    let (id, mut rest) = word(element);
    while let Some((name, after)) = cut(rest, b'=') {
        let name = name.trim();
        let after = skip_blanks(after);
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => {
                let end = closing_quote(quoted);
                let next = quoted.get(end + 1..).unwrap_or("");
                (unescape(event, &quoted[..end]), next)
            }
            None => word(after),
        };
        if (id, name) == ("meta", "sequenceId") {
            // RFC 5424, 7.3.1.
            event.set(Field::EventSequence, value);
        } else if !name.is_empty() {
            event.add_extra(name, value);
        }
        rest = skip_blanks(next);
    }
}

fn closing_quote(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at,
            _ => {}
        }
    }
    text.len()
}

/// Takes the backslash off `\"`, `\\` and `\]`; any other backslash is itself (RFC 5424, 6.3.3).
fn unescape<'r>(event: &Event<'r>, value: &'r str) -> &'r str {
    if memchr::memchr(b'\\', value.as_bytes()).is_none() {
        return value;
    }
    let mut plain = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\'
            && chars
                .peek()
                .is_some_and(|next| matches!(next, '"' | '\\' | ']'))
        {
            plain.extend(chars.next());
        } else {
            plain.push(c);
        }
    }
    event.arena().alloc_str(&plain)
}
