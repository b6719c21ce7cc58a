//! Syslog as it comes over a stream and as it is written to files (RFC 6587, section 3.4).
//!
//! One that begins with a length, a blank and `<` is octet counted, provided that a next frame, a
//! line end or the end of the input stands where it ends, and that no line inside it begins with a
//! priority (`<13>`): a wrong or invented length must not hide the messages after it. One that
//! directly follows a counted frame and ends as that one did, with or without a line end, is
//! believed without a look at what follows, so that a live message waits for no other. Everything
//! else runs to LF, CRLF or NUL. The blank some firewalls put before `<` is left out.
//!
//! Lengths count octets and mean nothing in UTF-16, where only lines are known; the same holds for
//! files whose lines end in CR, which no stream has.

use std::cmp::Ordering;

use super::lines::{each_line_from, without_end};
use super::{End, Found, Framed, Limits, Part, Scan, Step, Units, Wholeness};

/// Longest length that is taken for one: seven digits.
const DIGITS: usize = 7;
/// Bytes that show whether an octet-counted frame begins: the digits, a blank and `<`.
const HEADER: usize = DIGITS + 2;

/// Bytes of the longest priority, `<191>`.
const PRIORITY: usize = 5;

/// Scans frames.
pub(super) struct Frames {
    limits: Limits,
    priorities: Priorities,
    tail: Tail,
}

/// Bytes of the line end behind the counted frame that stands right before; `None` where another
/// frame stands there, or none.
pub(super) type Tail = Option<u8>;

/// Where the next line that begins with a priority stands, as far as it was looked for. Without
/// it, each of many invented lengths would look through the same lines again.
#[derive(Clone, Copy, Default)]
struct Priorities {
    /// Where the search ended.
    to: usize,
    /// The first one at or after the place last asked for.
    found: Option<usize>,
}

/// What the bytes at a frame's beginning say.
enum Head {
    /// Not a length.
    Text,
    /// A length; the message begins at `message`.
    Counted { message: usize, length: usize },
    /// The bytes end inside what may be a length.
    Cut,
}

impl Frames {
    /// `tail` tells of what stands right before.
    pub(super) fn new(limits: Limits, tail: Tail) -> Self {
        Frames {
            limits,
            priorities: Priorities::default(),
            tail,
        }
    }

    /// What stands before the frame that was not given any more.
    pub(super) fn tail(&self) -> Tail {
        self.tail
    }

    /// Whether a frame that ends at `stop` is believed by the one before; `None` while the bytes
    /// end too early to tell.
    fn is_believed(&mut self, bytes: &[u8], (message, stop): (usize, usize)) -> Option<bool> {
        let Some(tail) = self.tail else {
            return Some(false);
        };
        let next = stop + usize::from(tail);
        let end = bytes.get(..next)?.get(stop..)?;
        let is_alike = line_end_at(end) == usize::from(tail);
        // The answer must not hang on bytes behind the frame, which may not have come yet.
        let near = stop.saturating_sub(PRIORITY - 1).max(message);
        let is_cut_off = first_priority_line(&bytes[..stop], near, stop).is_some();
        Some(is_alike && !is_cut_off && !self.priorities.any(bytes, message, near))
    }

    /// The octet-counted frame at `at`, or `None` when the bytes there are text.
    fn counted(&mut self, text: Units<'_>, at: usize, end: End) -> Option<Step> {
        let bytes = text.bytes;
        let (message, stop) = match head(bytes, at) {
            Head::Cut if end == End::Open => return Some(Step::More),
            Head::Text | Head::Cut => return None,
            Head::Counted { length, .. } if length > self.limits.record => return None,
            Head::Counted { message, length } => (message, message + length),
        };
        match self.is_believed(bytes, (message, stop)) {
            Some(true) => {
                let next = stop + usize::from(self.tail.unwrap_or_default());
                return Some(Step::Record(Found {
                    start: message,
                    end: without_line_end(bytes, message, stop),
                    next,
                    breaks: text.line_feeds(at, next),
                    wholeness: Wholeness::Whole,
                }));
            }
            None if end == End::Open => return Some(Step::More),
            Some(false) | None => {}
        }
        // What follows the frame decides; while more may come, it must have come.
        if end == End::Open && bytes.len() < stop + HEADER {
            return Some(Step::More);
        }
        let inside = stop.min(bytes.len());
        let plausible = match (stop.cmp(&bytes.len()), end) {
            (Ordering::Less, _) => begins_frame(&bytes[stop..]),
            (Ordering::Equal, End::Seam { text_follows }) => !text_follows,
            (Ordering::Equal, _) => true,
            // Whole records only: what ends outside of a segment is no record of it.
            (Ordering::Greater, End::Seam { .. }) => false,
            (Ordering::Greater, _) => true,
        };
        if !plausible || self.priorities.any(bytes, message, inside) {
            return None;
        }
        let next = inside + line_end_at(&bytes[inside..]);
        self.tail = u8::try_from(next - inside).ok();
        Some(Step::Record(Found {
            start: message,
            end: without_line_end(bytes, message, inside),
            next,
            breaks: text.line_feeds(at, next),
            wholeness: if stop > bytes.len() {
                Wholeness::Unfinished
            } else {
                Wholeness::Whole
            },
        }))
    }
}

/// The place after the last line feed, when all frames are lines: no NUL, and no line that could
/// be octet counted, the unfinished one at the end included. `None`: look at each frame.
pub(super) fn after_plain_lines(text: Units<'_>, from: usize) -> Option<usize> {
    let bytes = text.bytes;
    let last = text.may_count().then(|| text.last_line_feed()).flatten()?;
    let cut = last + 1;
    let counted = |at: usize| {
        let digit = bytes.get(at).is_some_and(|b| (b'1'..=b'9').contains(b));
        digit && !matches!(head(bytes, at), Head::Text)
    };
    let plain = cut > from && !holds_a_length(&bytes[from..])? && !counted(cut);
    plain.then_some(cut)
}

/// True when a line begins with what could be a length, a blank and `<`. `None` when there is a
/// NUL.
fn holds_a_length(bytes: &[u8]) -> Option<bool> {
    for at in memchr::memchr2_iter(b'<', b'\0', bytes) {
        if bytes[at] == 0 {
            return None;
        }
        if let [line @ .., b' '] = &bytes[..at] {
            let digits = line.iter().rev().take_while(|b| b.is_ascii_digit());
            let length = digits.take(DIGITS + 1).count();
            let before = &line[..line.len() - length];
            if length > 0 && matches!(before, [] | [.., b'\n']) {
                return Some(true);
            }
        }
    }
    Some(false)
}

/// Calls `each` for the lines of a segment in which all frames are lines, as [`Frames`] would find
/// them.
#[inline]
pub(super) fn each_plain_line(part: Part<'_>, each: impl FnMut(Framed)) {
    let bytes = part.text.bytes;
    let begin = |line: usize| line + usize::from(bytes[line..].starts_with(b" <"));
    each_line_from(part, begin, each);
}

/// Where the lines of plain text begin, up to the end of the last whole one, the last 64 KiB and
/// a line at least.
pub(super) fn line_starts(text: Units<'_>, from: usize, cut: usize) -> impl Iterator<Item = usize> {
    let near = cut.saturating_sub(super::BEFORE + 1).max(from);
    let first = (near == from).then_some(from);
    let feeds = memchr::memchr_iter(b'\n', &text.bytes[near..cut]);
    first
        .into_iter()
        .chain(feeds.map(move |feed| near + feed + 1))
        .filter(move |at| *at < cut)
}

impl Priorities {
    /// True when a line inside `from..to` begins with a priority. `from` never goes back.
    fn any(&mut self, bytes: &[u8], from: usize, to: usize) -> bool {
        let passed = self.found.is_some_and(|found| found < from);
        if passed || self.to < from {
            *self = Priorities {
                to: from,
                found: None,
            };
        }
        if self.found.is_none() && self.to < to {
            self.found = first_priority_line(bytes, self.to, to);
            self.to = to;
        }
        self.found.is_some_and(|found| found < to)
    }
}

impl Scan for Frames {
    #[inline]
    fn next(&mut self, text: Units<'_>, at: usize, end: End) -> Step {
        let first = text.bytes[at];
        if text.may_count()
            && (b'1'..=b'9').contains(&first)
            && let Some(step) = self.counted(text, at, end)
        {
            return step;
        }
        let mut start = at;
        if text.ascii(at) == Some(b' ') {
            match text.ascii(at + text.step()) {
                Some(b'<') => start = at + text.step(),
                None if at + text.step() >= text.len() && end == End::Open => return Step::More,
                _ => {}
            }
        }
        let stop = if text.may_count() {
            text.find2(start, b'\n', b'\0')
        } else {
            text.find(start, text.feed)
        };
        let Some(stop) = stop else {
            return without_end(text, start, end, self.limits.record);
        };
        self.tail = None;
        Step::Record(Found {
            start,
            end: text.before_carriage_return(start, stop),
            next: stop + text.step(),
            breaks: u32::from(text.ascii(stop) == Some(text.feed)),
            wholeness: Wholeness::Whole,
        })
    }
}

/// How many whole octet-counted frames bytes begin with.
pub(super) fn whole_frames(bytes: &[u8]) -> usize {
    let (mut at, mut count) = (0, 0);
    while let Head::Counted { message, length } = head(bytes, at) {
        let stop = message + length;
        if stop > bytes.len() {
            break;
        }
        count += 1;
        at = stop + line_end_at(&bytes[stop..]);
    }
    count
}

/// Reads `^[1-9]\d{0,6} <` at `at`.
fn head(bytes: &[u8], at: usize) -> Head {
    let rest = &bytes[at.min(bytes.len())..];
    let digits = rest
        .iter()
        .take(DIGITS + 1)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if digits > DIGITS || rest.first() == Some(&b'0') {
        return Head::Text;
    }
    match (digits, rest.get(digits), rest.get(digits + 1)) {
        (0, Some(_), _) => Head::Text,
        (_, None, _) | (_, Some(b' '), None) => Head::Cut,
        (_, Some(b' '), Some(b'<')) => Head::Counted {
            message: at + digits + 1,
            length: rest[..digits]
                .iter()
                .fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0')),
        },
        _ => Head::Text,
    }
}

/// True when the bytes after a frame begin a line end or the next frame.
pub(super) fn begins_frame(bytes: &[u8]) -> bool {
    match bytes {
        [] | [b'<' | b'\n' | b'\0', ..] | [b'\r', b'\n', ..] => true,
        _ => matches!(head(bytes, 0), Head::Counted { .. }),
    }
}

/// The first place in `from..to` where a line ended just before and a priority begins.
fn first_priority_line(bytes: &[u8], from: usize, to: usize) -> Option<usize> {
    let part = bytes.get(from..to)?;
    memchr::memchr_iter(b'<', part)
        .map(|at| from + at)
        .filter(|at| *at > 0 && matches!(bytes[at - 1], b'\n' | b'\0'))
        .find(|at| is_priority(&bytes[*at..]))
}

/// True for `<` , one to three digits and `>`.
fn is_priority(bytes: &[u8]) -> bool {
    let digits = bytes
        .iter()
        .skip(1)
        .take(4)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    (1..=3).contains(&digits) && bytes.get(digits + 1) == Some(&b'>')
}

/// Length of the line end the bytes begin with.
fn line_end_at(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\0', ..] => 1,
        _ => 0,
    }
}

/// `end`, or the line end before it that the sender counted in.
fn without_line_end(bytes: &[u8], start: usize, end: usize) -> usize {
    match &bytes[start..end] {
        [.., b'\r', b'\n'] => end - 2,
        [.., b'\n' | b'\0'] => end - 1,
        _ => end,
    }
}
