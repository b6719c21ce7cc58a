//! Cisco IOS, IOS XE, IOS XR and NX-OS:
//! `<190>58: sw01: 60: *Jul 14 2026 08:23:43.398 UTC: %SYS-5-CONFIG_I: Configured from console by …`.
//!
//! Takes a record for its envelope, whose parts stand in any order before the `%`, and the text
//! behind the code for what happened. An envelope is believed only when every word before the `%`
//! has its place in it: a code inside somebody's text is text.

mod message;

use crate::event::{Civil, Instant, Reason, Reject};

use super::header::{Line, Writer, clearly_other, is_never_set};
use super::scan::{address, cut, is_number, word};
use super::time::{self, Clock, Stamp};

pub(super) use message::read;

/// True when a code such as `%SYS-5-CONFIG_I` stands somewhere in the text.
#[inline]
pub(super) fn has_code(text: &str) -> bool {
    memchr::memchr(b'%', text.as_bytes()).is_some_and(|at| find_code(&text[at..]).is_some())
}

/// Position of the first `%` that begins a code, and the code's length without the `%`.
fn find_code(text: &str) -> Option<(usize, usize)> {
    memchr::memchr_iter(b'%', text.as_bytes())
        .find_map(|at| code_length(&text[at + 1..]).map(|length| (at, length)))
}

/// Bytes of `FACILITY[-SUBFACILITY]-SEVERITY-MNEMONIC`.
fn code_length(text: &str) -> Option<usize> {
    let length = text
        .bytes()
        .take(120)
        .position(|b| !(b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-')))
        .unwrap_or(text.len().min(120));
    let ends = matches!(text.as_bytes().get(length), None | Some(b':' | b' '));
    let (facility, _) = text[..length].rsplit_once('-')?;
    let (name, severity) = facility.rsplit_once('-')?;
    let digit = severity.len() == 1 && matches!(severity.as_bytes()[0], b'0'..=b'7');
    (ends && digit && !name.is_empty()).then_some(length)
}

/// What stands before the code.
#[derive(Default)]
struct Prefix<'r> {
    host: &'r str,
    process: &'r str,
    outer: Option<Stamp>,
    inner: Option<Stamp>,
    uptime: bool,
    /// The last counter: with `service sequence-numbers` the device's own stands behind the
    /// counter of what it sent.
    sequence: &'r str,
}

/// Reads the envelope; `None` when the record has none of this form.
pub(super) fn read_envelope<'r>(text: &'r str, clock: &Clock) -> Option<Result<Line<'r>, Reject>> {
    let (at, length) = find_code(text)?;
    let prefix = read_prefix(text, at)?;
    let code = &text[at + 1..at + 1 + length];
    let rest = text[at + 1 + length..].trim_start_matches(' ');
    let message = rest
        .strip_prefix(':')
        .unwrap_or(rest)
        .trim_start_matches(' ');
    let instant = match choose_time(&prefix, message, clock) {
        Ok(instant) => instant,
        Err(reason) => return Some(Err(reason.into())),
    };
    let mut line = Line::new(instant);
    line.time_source = if prefix.inner.is_some_and(|s| !is_never_set(&s)) || prefix.outer.is_none()
    {
        "message"
    } else {
        "header"
    };
    line.year_inferred = prefix
        .inner
        .or(prefix.outer)
        .is_some_and(|stamp| !stamp.year_printed);
    line.received = received(&prefix, instant, clock);
    line.host = prefix.host;
    line.sequence = prefix.sequence;
    if let Some((process, pid)) = cut(prefix.process, b'[') {
        (line.tag, line.pid) = (process, pid.trim_end_matches(']'));
    }
    line.text = message;
    line.writer = Writer::Cisco { code };
    Some(Ok(line))
}

/// The line of a device whose message came inside an envelope of RFC 5424: with its code as
/// APP-NAME, at the beginning of the text, or behind a time and counters of its own. Any other
/// line comes back as it was.
pub(super) fn inside<'r>(line: Line<'r>, clock: &Clock) -> Line<'r> {
    if let Some(code) = line.tag.strip_prefix('%')
        && code_length(code) == Some(code.len())
    {
        let writer = Writer::Cisco { code };
        return Line {
            writer,
            tag: "",
            ..line
        };
    }
    let Some((at, length)) = find_code(line.text) else {
        return line;
    };
    if at == 0 {
        let (code, rest) = line.text[1..].split_at(length);
        return Line {
            writer: Writer::Cisco { code },
            text: rest.trim_start_matches([':', ' ']),
            ..line
        };
    }
    match read_envelope(line.text, clock) {
        Some(Ok(device)) => Line {
            host: match device.host {
                "" => line.host,
                host => host,
            },
            received: clearly_other(line.time, device.time, device.year_inferred),
            priority: line.priority,
            data: line.data,
            msgid: line.msgid,
            ..device
        },
        _ => line,
    }
}

/// Reads every word before the code at `end`: counters, hosts, times, a process. `None` when one
/// of them has no place there.
fn read_prefix(whole: &str, end: usize) -> Option<Prefix<'_>> {
    let left = whole.len() - end;
    let mut text = whole;
    let mut prefix = Prefix::default();
    let mut behind_time = false;
    loop {
        text = text.trim_start_matches([' ', ':']);
        if text.len() <= left {
            return (text.len() == left).then_some(prefix);
        }
        if let Some((stamp, rest)) = time::read(text) {
            prefix.outer = prefix.inner.replace(stamp).or(prefix.outer);
            behind_time = true;
            text = rest;
            continue;
        }
        let (mut token, mut rest) = word(text);
        if token.contains('/')
            && let Some((node, _)) = cut(token, b':')
            && node.len() + 1 < token.len()
        {
            // IOS XR writes no blank behind its node: `RP/0/RSP0/CPU0:Nov 16 …`.
            (token, rest) = text.split_at(node.len() + 1);
        }
        let bare = token.strip_suffix(':').unwrap_or(token);
        if is_number(bare) {
            if bare.len() < token.len() {
                prefix.sequence = bare;
            }
        } else if is_uptime(bare) {
            prefix.uptime = true;
        } else if bare.ends_with(']') && bare.contains('[') {
            prefix.process = bare;
        } else if bare.len() == token.len() && !behind_time && address(bare).is_none() {
            return None;
        } else if !bare.starts_with('*') && (prefix.inner.is_none() || prefix.outer.is_none()) {
            prefix.host = bare;
        }
        behind_time = false;
        text = rest;
    }
}

/// Time since the start, which tells no time of day: `00:00:46`, `5d17h`, `2y10w`.
fn is_uptime(token: &str) -> bool {
    let token = token.trim_start_matches(['*', '.']);
    if let [h1, h2, b':', m1, m2, b':', s1, s2] = token.as_bytes() {
        return [h1, h2, m1, m2, s1, s2].iter().all(|b| b.is_ascii_digit());
    }
    let mut digits = 0;
    let mut units = 0;
    for byte in token.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'y' | b'w' | b'd' | b'h' if digits > 0 => (digits, units) = (0, units + 1),
            _ => return false,
        }
    }
    digits == 0 && units == 2
}

/// The device's own time where it has one, else the receiver's, which is then not the time of the
/// event and not trusted.
fn choose_time(prefix: &Prefix<'_>, message: &str, clock: &Clock) -> Result<Instant, Reason> {
    let untrusted = |stamp: &Stamp| {
        let instant = clock.instant(stamp)?;
        Ok(Instant {
            trusted: false,
            ..instant
        })
    };
    match (&prefix.inner, &prefix.outer) {
        (Some(inner), Some(outer)) if is_never_set(inner) => untrusted(outer),
        (Some(header), _) if prefix.uptime => untrusted(header),
        (Some(inner), _) => clock.instant(&with_year_of_tail(inner, message, clock)),
        (None, _) => Err(Reason::NoTime),
    }
}

/// What the receiver's clock showed, where the device's own is another one.
fn received(prefix: &Prefix<'_>, time: Instant, clock: &Clock) -> Option<Instant> {
    let (inner, outer) = (prefix.inner?, prefix.outer?);
    let received = clock.instant(&outer).ok()?;
    let inferred = !(inner.year_printed && outer.year_printed);
    clearly_other(received, time, inferred)
}

/// Login messages end in the local time with its year (`at 12:04:18 CST Tue Aug 26 2025`): a
/// header without a year takes it from there.
fn with_year_of_tail(stamp: &Stamp, message: &str, clock: &Clock) -> Stamp {
    let mut complete = *stamp;
    if stamp.year_printed || clock.pinned_year().is_some() {
        return complete;
    }
    let tail: Vec<&str> = message.rsplit(' ').take(6).collect();
    if let [year, _, month, _, _, _] = tail[..]
        && year.len() == 4
        && let Ok(year @ 1990..2100) = year.parse::<i32>()
        && let Some(name) = month.as_bytes().first_chunk::<3>()
        && let Some(local_month) = time::month_number(*name)
        && message.contains(" at ")
    {
        // Header and tail are two clocks: at New Year they may show two years.
        let year = match (stamp.civil.month, local_month) {
            (12, 1) => year - 1,
            (1, 12) => year + 1,
            _ => year,
        };
        complete.civil = Civil {
            year,
            ..stamp.civil
        };
        complete.year_printed = true;
    }
    complete
}
