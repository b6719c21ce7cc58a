//! JSON: one value a line, or one document.
//!
//! *Lines* is the mode of inputs whose first line that is not blank is one whole JSON object, or
//! no JSON at all: a broken line spoils nothing but itself. Every other input is a *document*:
//! when that line begins an array of objects, or an object that goes on in the next line or is
//! followed by another one, or is a FHIR Bundle.
//!
//! Of a document the records are: the elements of a top-level array; the `resource` objects in
//! the `entry` array of a Bundle; else the top-level values. An object is a Bundle when its
//! `resourceType` is `"Bundle"`, or when, with no other `resourceType` before it, the first
//! element of its `entry` has a `resource` object: serializers that sort keys write `entry` first.
//! A Bundle must be known for one within the length of a record. White space, commas, brackets
//! and the envelope are no records.
//!
//! Only structure is read here: strings, escapes and nesting. Whether it is JSON, `format` says.

mod place;
mod value;

pub(super) use place::{Place, Read};

use super::{End, Framed, Limits, Part, Units, framed};
use value::Value;

/// How the input is read, once that is decided.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Mode {
    /// Not decided yet.
    #[default]
    Undecided,
    /// A value a line.
    Lines,
    /// A document, from this place on.
    Document(Place),
}

impl Mode {
    /// The mode of a segment; one that nobody has decided is read from its own bytes.
    pub(super) fn decided(self, part: Part<'_>) -> Mode {
        match self {
            Mode::Undecided => decide(part).unwrap_or(Mode::Lines),
            mode => mode,
        }
    }
}

/// Decides from the beginning of an input, at most a record's length of it; `None` while too
/// little of it is here.
pub(super) fn decide(part: Part<'_>) -> Option<Mode> {
    let head = part.text.head(part.mark + part.limits.record);
    let all = part.text.len() > head.len() || part.end != End::Open;
    let document = Some(Mode::Document(Place::default()));
    let Some(start) = skip_space(head, part.mark) else {
        return all.then_some(Mode::Lines);
    };
    let feed = head.find(start, head.feed);
    let stop = feed.or(all.then_some(head.len()))?;
    // A line that goes on beyond the head is too long for a record.
    let goes_on = stop == head.len() && part.text.len() > head.len();
    let line = head.head(stop);
    let after = start + head.step();
    match line.ascii(start) {
        Some(b'[') => match skip_space(line, after).map(|at| line.ascii(at)) {
            None | Some(Some(b'{' | b']')) => document,
            Some(_) => Some(Mode::Lines),
        },
        Some(b'{') => {
            let mut value = Value::nested(1);
            let mut at = after;
            if !value.pass(line, &mut at) {
                return match value {
                    // No string goes over a line end: this is a broken line. An input that was
                    // cut there may be a Bundle whose first entries are whole.
                    Value::Nested { string: true, .. }
                        if !goes_on && (feed.is_some() || !is_bundle(line, start, part.limits)) =>
                    {
                        Some(Mode::Lines)
                    }
                    _ => document,
                };
            }
            let next = skip_space(line, at).map(|at| line.ascii(at));
            match next {
                None if is_bundle(line.head(at), start, part.limits) => document,
                Some(Some(b'{' | b'[')) => document,
                _ => Some(Mode::Lines),
            }
        }
        _ => Some(Mode::Lines),
    }
}

/// True when the object at `start` is not a record by itself.
fn is_bundle(text: Units<'_>, start: usize, limits: Limits) -> bool {
    match Place::default().read(text, start, End::Closed, limits) {
        Read::Record(found) => found.start != start,
        Read::Pause(_) => true,
    }
}

/// Calls `each` for the values of a segment.
pub(super) fn each_value(part: Part<'_>, mut place: Place, mut each: impl FnMut(Framed)) {
    let mut at = part.mark;
    let mut line = 0;
    while let Read::Record(found) = place.read(part.text, at, part.end, part.limits) {
        line += part.text.line_feeds(at, found.start);
        each(framed(found, line, part.limits));
        line += part.text.line_feeds(found.start, found.next);
        at = found.next;
    }
}

/// The first character at or after `at` that is no white space.
fn skip_space(text: Units<'_>, mut at: usize) -> Option<usize> {
    while at + text.step() <= text.len() {
        match text.ascii(at) {
            Some(b' ' | b'\t' | b'\r' | b'\n') => at += text.step(),
            _ => return Some(at),
        }
    }
    None
}
