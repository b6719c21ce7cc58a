//! The envelope: priority, time, host, tag, and where the message begins.
//!
//! Takes a record of any of the forms devices and receivers write: RFC 3164 with or without any of
//! its parts, RFC 5424, the files of rsyslog, `logread` of OpenWrt, the console of a YAMAHA router,
//! Kiwi's tables, and one header inside another. Gives a [`Line`]. Never reads the message.

use crate::event::{Instant, NANOS, Reason, Reject};

use super::cisco;
use super::scan::{cut, is_ipv6, is_number, skip_blanks, word};
use super::structured;
use super::time::{self, Clock, Mark, Stamp, Style};

/// How many headers may stand one inside another.
const DEPTH: u32 = 4;
/// Longest tag; what is longer is text.
const MAX_TAG: usize = 64;

/// A record without its envelope. Parts that are missing are empty.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Line<'r> {
    pub(super) time: Instant,
    /// `header`, or `message` when the device printed the time itself.
    pub(super) time_source: &'static str,
    pub(super) year_inferred: bool,
    /// What the receiver's clock showed, where that is clearly another time.
    pub(super) received: Option<Instant>,
    /// The digits of `<PRI>`.
    pub(super) priority: &'r str,
    /// Severity word, where a file prints one.
    pub(super) level: &'r str,
    pub(super) host: &'r str,
    pub(super) tag: &'r str,
    pub(super) pid: &'r str,
    pub(super) msgid: &'r str,
    /// Structured data of RFC 5424 with its brackets.
    pub(super) data: &'r str,
    /// Number that the device counts up by one with each line.
    pub(super) sequence: &'r str,
    pub(super) text: &'r str,
    /// What wrote it, where the envelope alone tells.
    pub(super) writer: Writer<'r>,
}

/// What the envelope alone tells about the program that wrote the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writer<'r> {
    /// Nothing.
    Unknown,
    /// A YAMAHA router's own log, as `show log` prints it.
    YamahaConsole,
    /// Cisco IOS or one of its kin; with what stands between `%` and the text.
    Cisco {
        /// Such as `SEC_LOGIN-5-LOGIN_SUCCESS`.
        code: &'r str,
    },
}

impl<'r> Line<'r> {
    /// A line of which nothing is known yet.
    #[inline]
    pub(super) fn empty() -> Line<'r> {
        Line::new(Instant {
            nanos: 0,
            offset: 0,
            trusted: true,
            ambiguous: false,
        })
    }

    #[inline]
    pub(super) fn new(time: Instant) -> Line<'r> {
        Line {
            time,
            time_source: "header",
            year_inferred: false,
            received: None,
            priority: "",
            level: "",
            host: "",
            tag: "",
            pid: "",
            msgid: "",
            data: "",
            sequence: "",
            text: "",
            writer: Writer::Unknown,
        }
    }

    /// The line with `text` split into tag and message.
    fn with_tag(mut self, text: &'r str) -> Line<'r> {
        (self.tag, self.pid, self.text) = split_tag(text);
        self
    }
}

/// Reads the envelope of a record.
///
/// # Errors
/// No time, or one that cannot be.
pub(super) fn read<'r>(record: &'r str, clock: &Clock) -> Result<Line<'r>, Reject> {
    let mut line = Line::empty();
    read_into(record, clock, &mut line)?;
    Ok(line)
}

/// The same into an empty line, which spares the way every message takes from copying it.
#[inline]
pub(super) fn read_into<'r>(
    record: &'r str,
    clock: &Clock,
    line: &mut Line<'r>,
) -> Result<(), Reject> {
    if !read_common(record, clock, line) {
        *line = read_any(record, clock)?;
    }
    Ok(())
}

/// The commonest form, `Nov 16 08:30:05 host …` without anything unusual, into an empty line;
/// false, and the line as it was, sends the record to [`read_any`], which gives the same for every
/// record that this one takes.
#[inline]
pub(super) fn read_common<'r>(record: &'r str, clock: &Clock, line: &mut Line<'r>) -> bool {
    let Some(civil) = record
        .as_bytes()
        .first_chunk::<16>()
        .and_then(time::read_plain)
    else {
        return false;
    };
    let Some((host, rest)) = plain_host(&record[16..]) else {
        return false;
    };
    let rest = skip_blanks(rest);
    if begins_with_header(rest) || cisco::has_code(rest) {
        return false;
    }
    let Ok(time) = clock.yearless(&civil) else {
        return false;
    };
    line.time = time;
    line.year_inferred = true;
    line.host = host;
    (line.tag, line.pid, line.text) = split_tag(rest);
    true
}

/// A host that can be nothing else, and what follows its blank: no tag, no zone, no year, no part
/// of the message.
#[inline]
fn plain_host(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    if !bytes.first()?.is_ascii_alphanumeric() {
        return None;
    }
    let ends = |b: &u8| matches!(b, b' ' | b':' | b'[' | b'\t');
    let end = bytes.iter().position(ends)?;
    let host = &text[..end];
    // Only short words can be zones, years and the beginning of a repeat.
    let all = |is: fn(&u8) -> bool| bytes[..end].iter().all(is);
    let odd = end <= 7
        && (all(u8::is_ascii_uppercase)
            || (end == 4 && all(u8::is_ascii_digit))
            || matches!(host, "last" | "message"));
    (bytes[end] == b' ' && !odd).then(|| (host, &text[end + 1..]))
}

/// Any form.
pub(super) fn read_any<'r>(record: &'r str, clock: &Clock) -> Result<Line<'r>, Reject> {
    let record = record.strip_prefix('\u{feff}').unwrap_or(record);
    let text = strip_frame_length(strip_colors(record));
    read_at_depth(text, clock, 0)
}

fn read_at_depth<'r>(text: &'r str, clock: &Clock, depth: u32) -> Result<Line<'r>, Reject> {
    let begin = skip_blanks(text);
    let (priority, rest) = strip_priority(begin);
    if let Some(line) = structured::read(rest, !priority.is_empty(), clock) {
        let line = cisco::inside(Line { priority, ..line? }, clock);
        // A sender that names no APP-NAME may write the tag of old in front of its text.
        return Ok(match (line.tag, line.writer) {
            ("", Writer::Unknown) => {
                let (tag, pid, text) = split_tag(line.text);
                let pid = if pid.is_empty() { line.pid } else { pid };
                Line {
                    tag,
                    pid,
                    text,
                    ..line
                }
            }
            _ => line,
        });
    }
    let rest = skip_blanks(rest);
    if let Some(line) = cisco::read_envelope(rest, clock) {
        return Ok(Line { priority, ..line? });
    }
    let Some((stamp, after)) = time::read(rest) else {
        // Hex dumps, stack traces and wrapped lines begin with a blank and belong to the record
        // before them.
        let continues = begin.len() < text.len() || begin.starts_with("-Traceback");
        return Err(match continues && priority.is_empty() {
            true => Reason::Continuation.into(),
            false => Reason::NoTime.into(),
        });
    };
    let line = behind_time(&stamp, rest, after, clock, depth)?;
    Ok(Line {
        priority: if line.priority.is_empty() {
            priority
        } else {
            line.priority
        },
        ..line
    })
}

fn behind_time<'r>(
    stamp: &Stamp,
    whole: &'r str,
    after: &'r str,
    clock: &Clock,
    depth: u32,
) -> Result<Line<'r>, Reject> {
    let time = clock
        .instant(stamp)
        .map_err(|reason| Reject::at(reason, 1))?;
    let mut line = Line::new(time);
    line.year_inferred = !stamp.year_printed;
    if stamp.style == Style::Slashes && whole[..whole.len() - after.len()].ends_with(':') {
        line.time_source = "message";
        line.writer = Writer::YamahaConsole;
        line.text = after.strip_prefix(' ').unwrap_or(after);
        return Ok(line);
    }
    if let Some(cells) = after.strip_prefix('\t') {
        return Ok(read_table(line, cells));
    }
    let after = skip_blanks(after);
    if let Some((level, rest)) = facility_and_level(after) {
        // `logread` prints no host.
        line.level = level;
        line.time_source = "message";
        return Ok(line.with_tag(rest));
    }
    if stamp.style == Style::Dashes
        && let Some((level, tag, rest)) = kea_logger(after)
    {
        (line.level, line.tag, line.text) = (level, tag, rest);
        line.time_source = "message";
        return Ok(line);
    }
    let (host, rest) = split_host(after);
    line.host = host;
    let rest = skip_blanks(rest);
    if depth < DEPTH && begins_with_header(rest) {
        // Relayed: what the first sender wrote counts.
        if let Ok(inner) = read_at_depth(rest, clock, depth + 1) {
            let host = if inner.host.is_empty() {
                host
            } else {
                inner.host
            };
            let received = inner.received.or_else(|| {
                let inferred = line.year_inferred || inner.year_inferred;
                clearly_other(line.time, inner.time, inferred)
            });
            return Ok(Line {
                host,
                received,
                ..inner
            });
        }
    }
    Ok(line.with_tag(rest))
}

/// The receiver's time where it is clearly another one than the sender's: a minute or more apart.
/// Where a year was inferred, half a year apart says nothing but that it was inferred wrongly.
pub(super) fn clearly_other(
    received: Instant,
    sent: Instant,
    year_inferred: bool,
) -> Option<Instant> {
    const MINUTE: u64 = 60 * NANOS.unsigned_abs();
    const HALF_A_YEAR: u64 = 183 * 1_440 * MINUTE;
    let is_sure = |time: Instant| time.trusted && !time.ambiguous;
    let apart = received.nanos.abs_diff(sent.nanos);
    let most = match year_inferred {
        true => HALF_A_YEAR,
        false => u64::MAX,
    };
    let is_other = is_sure(received) && is_sure(sent) && (MINUTE..most).contains(&apart);
    is_other.then_some(received)
}

/// The receiver Kiwi: `time TAB facility.level TAB host TAB text`.
fn read_table<'r>(mut line: Line<'r>, cells: &'r str) -> Line<'r> {
    if let Some((source, rest)) = cut(cells, b'\t')
        && let Some((_, level)) = cut(source, b'.')
        && let Some((host, text)) = cut(rest, b'\t')
    {
        (line.level, line.host) = (level, host);
        return line.with_tag(skip_blanks(text));
    }
    line.text = cells;
    line
}

/// `daemon.info`, with or without a colon, and what follows.
fn facility_and_level(text: &str) -> Option<(&str, &str)> {
    let (token, rest) = word(text);
    let (facility, level) = cut(token.strip_suffix(':').unwrap_or(token), b'.')?;
    let facilities = [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron",
        "authpriv", "ftp", "ntp", "audit", "alert", "clock", "local0", "local1", "local2",
        "local3", "local4", "local5", "local6", "local7",
    ];
    let levels = [
        "emerg", "alert", "crit", "err", "error", "warn", "warning", "notice", "info", "debug",
    ];
    if !facilities.contains(&facility) || !levels.contains(&level) {
        return None;
    }
    let rest = skip_blanks(rest);
    let rest = rest.strip_prefix(':').map_or(rest, skip_blanks);
    Some((level, rest))
}

/// `INFO  [kea-dhcp4.leases/24.1397] DHCP4_…`: level, program, and what follows.
fn kea_logger(text: &str) -> Option<(&str, &str, &str)> {
    let (level, rest) = word(text);
    if !matches!(level, "INFO" | "WARN" | "ERROR" | "DEBUG" | "FATAL") {
        return None;
    }
    let (logger, rest) = super::scan::enclosed(skip_blanks(rest), b'[', b']')?;
    let program = logger.split(['.', '/']).next().unwrap_or(logger);
    Some((level, program, skip_blanks(rest)))
}

/// The HOSTNAME and what follows it; no host when the first word is a tag or belongs to the text.
fn split_host(text: &str) -> (&str, &str) {
    let (token, rest) = word(text);
    let begins_text = !token
        .as_bytes()
        .first()
        .is_some_and(|b| b.is_ascii_alphanumeric() || !b.is_ascii());
    let is_tag = token.contains('[') || (token.contains(':') && !is_ipv6(token));
    let is_repeat = matches!(token, "last" | "message") && repeat_phrase(text).is_some();
    if begins_text || is_tag || is_repeat {
        ("", text)
    } else {
        (token, rest)
    }
}

/// `TAG:`, `TAG[pid]:` or `TAG[pid]` in front of a message: tag, pid, message. A word without one
/// of these signs is text, and so are the interfaces of a YAMAHA router (`PP[01] …`).
#[inline(always)]
pub(super) fn split_tag(text: &str) -> (&str, &str, &str) {
    let none = ("", "", text);
    let head = &text.as_bytes()[..text.len().min(MAX_TAG + 1)];
    let ends = |b: &u8| matches!(b, b' ' | b':' | b'[' | b'\t');
    let Some(end) = head.iter().position(ends) else {
        return none;
    };
    let (tag, rest) = text.split_at(end);
    if tag.is_empty() || tag.starts_with(['%', '\'', '"', '<']) || is_interface(tag) {
        return none;
    }
    match rest.as_bytes()[0] {
        b':' => (tag, "", rest[1..].strip_prefix(' ').unwrap_or(&rest[1..])),
        b'[' => {
            let Some((pid, after)) = cut(&rest[1..], b']') else {
                return none;
            };
            if let Some(after) = after.strip_prefix(':') {
                (tag, pid, after.strip_prefix(' ').unwrap_or(after))
            } else if let Some(after) = after.strip_prefix(' ')
                && is_number(pid)
            {
                (tag, pid, after)
            } else {
                none
            }
        }
        _ => none,
    }
}

/// An interface of a YAMAHA router: `LAN1`, `PP`, `TUNNEL`, `PPPOE`, `WAN1`, `ONU1`, `BRIDGE1`.
#[inline]
fn is_interface(tag: &str) -> bool {
    let name = tag.len() - tag.bytes().rev().take_while(|b| b.is_ascii_digit()).count();
    matches!(
        &tag.as_bytes()[..name],
        b"LAN" | b"WAN" | b"PP" | b"TUNNEL" | b"PPPOE" | b"ONU" | b"BRIDGE" | b"VLAN"
    )
}

/// True when another header begins here: a priority, or a time.
#[inline]
fn begins_with_header(text: &str) -> bool {
    match text.as_bytes() {
        [b'<', digit, ..] => digit.is_ascii_digit() && !strip_priority(text).0.is_empty(),
        [b'0'..=b'9', _, _, _, b'-' | b'/', ..] => time::read(text).is_some(),
        [a, b, c, b' ', ..] => {
            time::month_number([*a, *b, *c]).is_some() && time::read(text).is_some()
        }
        _ => false,
    }
}

/// The digits of `<PRI>` and what follows; empty digits when there is none from 0 to 191.
fn strip_priority(text: &str) -> (&str, &str) {
    let inside = super::scan::enclosed(text, b'<', b'>');
    match inside {
        Some((digits, rest)) if digits.len() <= 3 && is_number(digits) => {
            match digits.parse::<u32>() {
                Ok(0..=191) => (digits, rest),
                _ => ("", text),
            }
        }
        _ => ("", text),
    }
}

/// Takes off the colors in front of a line that was meant for a terminal (`ESC [ 32 m`).
fn strip_colors(text: &str) -> &str {
    let mut text = text;
    while let Some(rest) = text.strip_prefix("\u{1b}[")
        && let Some((code, after)) = cut(rest, b'm')
        && code.bytes().all(|b| b.is_ascii_digit() || b == b';')
    {
        text = after;
    }
    text
}

/// True for text that begins with a priority.
pub(super) fn has_priority(text: &str) -> bool {
    !strip_priority(text).0.is_empty()
}

/// Takes `LEN ` off the front of an octet-counted frame (RFC 6587): digits, a blank, `<`.
fn strip_frame_length(text: &str) -> &str {
    match cut(text, b' ') {
        Some((length, rest))
            if length.len() <= 7
                && is_number(length)
                && !length.starts_with('0')
                && rest.starts_with('<') =>
        {
            rest
        }
        _ => text,
    }
}

/// Says whether a time has a mark that makes another clock the better one.
pub(super) fn is_never_set(stamp: &Stamp) -> bool {
    stamp.mark == Mark::NeverSet
}

/// The count of `last message repeated N times` (also `same message`, as YAMAHA writes), exactly,
/// in any case. More than a million is a million.
pub(super) fn repeat_phrase(text: &str) -> Option<u32> {
    let text = text.trim_end();
    let start = text.get(..22)?;
    if !start.eq_ignore_ascii_case("last message repeated ")
        && !start.eq_ignore_ascii_case("same message repeated ")
    {
        return None;
    }
    let (digits, rest) = word(text.get(22..)?);
    let ends = rest.eq_ignore_ascii_case("times") || rest.eq_ignore_ascii_case("time");
    (ends && is_number(digits))
        .then(|| repeat_count(digits))
        .filter(|&n| n > 0)
}

/// A count of repeats, at most a million.
pub(super) fn repeat_count(digits: &str) -> u32 {
    const MOST: u32 = 1_000_000;
    digits.parse::<u32>().map_or(MOST, |n| n.min(MOST))
}
