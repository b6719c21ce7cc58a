//! Reads a document from place to place.

use super::super::{End, Found, Limits, Units, Wholeness};
use super::value::Value;

/// Keys longer than this are none of ours.
const KEY: usize = 32;

/// A place in a document between two bytes, and all that must be known to read on from there.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::frame) struct Place {
    inside: Inside,
    /// True in an object of which it is not known yet whether it is a Bundle.
    undecided: bool,
    /// The last key.
    key: Key,
    /// True after the colon: what comes is the value of `key`.
    colon: bool,
    /// A value that is being passed.
    value: Option<Value>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Inside {
    #[default]
    Top,
    Array,
    Bundle,
    Entries,
    Entry,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Key {
    #[default]
    Other,
    Entry,
    Resource,
    ResourceType,
}

/// How far reading came.
pub(in crate::frame) enum Read {
    /// A record.
    Record(Found),
    /// The bytes end.
    Pause(Pause),
}

/// Where reading stopped for want of bytes.
pub(in crate::frame) struct Pause {
    /// The last position outside of any record: a segment may end there.
    pub(in crate::frame) safe: usize,
    /// What must be known to read on from `safe`.
    pub(in crate::frame) place: Place,
    /// True when a record begins at `safe`.
    pub(in crate::frame) pending: bool,
    /// How far it was read.
    pub(in crate::frame) at: usize,
}

impl Place {
    /// Reads on at `at`, to the end of the next record or of the bytes.
    pub(in crate::frame) fn read(
        &mut self,
        text: Units<'_>,
        mut at: usize,
        end: End,
        limits: Limits,
    ) -> Read {
        let mut safe = at;
        let mut place = *self;
        let mut record = None;
        while at + text.step() <= text.len() {
            if record.is_none() {
                (safe, place) = (at, *self);
            }
            if let Some(mut value) = self.value {
                let passed = value.pass(text, &mut at);
                self.value = (!passed).then_some(value);
                if !passed {
                    break;
                }
                if let (Some(start), false) = (record, self.undecided) {
                    return Read::Record(whole(start, at));
                }
                continue;
            }
            match self.step(text, &mut at, record, limits) {
                Did::Passed => {}
                Did::Began(start) => {
                    if record.is_some() {
                        // What began before was the envelope.
                        safe = start;
                        place = Place {
                            value: None,
                            ..*self
                        };
                    }
                    record = Some(start);
                }
                Did::Ended => return Read::Record(whole(record.unwrap_or(at), at)),
                Did::Left => record = None,
                Did::Stopped => break,
            }
        }
        // Half a unit of UTF-16 may stand at the end.
        if record.is_none() && at + text.step() > text.len() {
            (safe, place) = (at, *self);
        }
        match end {
            // Nothing but a number shows its end only by what follows it.
            End::Seam { .. } if self.is_scalar() && record.is_some() => {
                self.value = None;
                Read::Record(whole(record.unwrap_or(at), text.len()))
            }
            End::Open | End::Seam { .. } => Read::Pause(Pause {
                safe,
                place,
                pending: record.is_some(),
                at,
            }),
            End::Closed | End::Broken => self.ended(text, record, end),
        }
    }

    /// True when the value being passed may end here.
    fn is_scalar(&self) -> bool {
        !self.undecided && matches!(self.value, Some(Value::Scalar))
    }

    /// What the end of the input makes of an open value. Asked again, it pauses.
    fn ended(&mut self, text: Units<'_>, record: Option<usize>, end: End) -> Read {
        let open = std::mem::take(self);
        let scalar = open.is_scalar() && end == End::Closed;
        let found = match record {
            Some(start) if scalar => whole(start, text.len()),
            Some(start) => Found {
                wholeness: Wholeness::Unfinished,
                ..whole(start, text.len())
            },
            None if open.is_open() || open.value.is_some() => Found {
                wholeness: Wholeness::Unfinished,
                ..whole(text.len(), text.len())
            },
            None => {
                return Read::Pause(Pause {
                    safe: text.len(),
                    place: Place::default(),
                    pending: false,
                    at: text.len(),
                });
            }
        };
        Read::Record(Found {
            next: text.len(),
            ..found
        })
    }

    /// Reads one structural character, scalar's beginning or key.
    fn step(
        &mut self,
        text: Units<'_>,
        at: &mut usize,
        record: Option<usize>,
        limits: Limits,
    ) -> Did {
        let here = *at;
        let next = here + text.step();
        let byte = text.ascii(here);
        let late = record.is_some_and(|start| next - start > limits.record);
        *at = next;
        match (self.inside, byte) {
            (_, Some(b' ' | b'\t' | b'\r' | b'\n')) => Did::Passed,
            (Inside::Top | Inside::Array | Inside::Entries, Some(b',' | b':')) => Did::Passed,
            (Inside::Top | Inside::Array, Some(b'}')) => Did::Passed,
            (Inside::Top, Some(b'[')) => self.enter(Inside::Array),
            (Inside::Top, Some(b']')) => Did::Passed,
            (Inside::Array, Some(b']')) => self.enter(Inside::Top),
            (Inside::Top, Some(b'{')) => {
                self.enter(Inside::Bundle);
                self.undecided = true;
                Did::Began(here)
            }
            (Inside::Top | Inside::Array, _) => {
                self.value = Some(Value::begun(byte));
                Did::Began(here)
            }
            (Inside::Entries, Some(b'{')) => self.enter(Inside::Entry),
            // Which bracket closes is not looked at inside a record, and not here.
            (Inside::Entries, Some(b']' | b'}')) if self.undecided => self.plain(1),
            (Inside::Entries, Some(b'}')) => Did::Passed,
            (Inside::Entries, Some(b']')) => self.enter(Inside::Bundle),
            (Inside::Entries, _) if self.undecided => {
                *at = here;
                self.plain(2)
            }
            (Inside::Entries, _) => self.pass(byte),
            (Inside::Entry, Some(b']' | b'}')) if self.undecided => self.plain(2),
            (Inside::Entry, Some(b'}')) => self.enter(Inside::Entries),
            (Inside::Bundle, Some(b']' | b'}')) if self.undecided => {
                self.undecided = false;
                self.enter(Inside::Top);
                Did::Ended
            }
            (Inside::Bundle, Some(b'}')) => self.enter(Inside::Top),
            (Inside::Bundle | Inside::Entry, Some(b':')) => {
                self.colon = true;
                Did::Passed
            }
            (Inside::Bundle | Inside::Entry, Some(b',')) => self.enter(self.inside),
            (Inside::Bundle | Inside::Entry, Some(b']')) => Did::Passed,
            (Inside::Bundle, Some(b'[')) if self.colon && self.key == Key::Entry => {
                self.enter(Inside::Entries)
            }
            (Inside::Entry, Some(b'{')) if self.colon && self.key == Key::Resource => {
                if self.undecided && late {
                    *at = here;
                    return self.plain(3);
                }
                self.undecided = false;
                self.value = Some(Value::nested(1));
                Did::Began(here)
            }
            (Inside::Bundle | Inside::Entry, Some(b'"')) => {
                *at = here;
                self.string(text, at, record, limits)
            }
            (Inside::Bundle | Inside::Entry, _) => self.pass(byte),
        }
    }

    /// Reads a key, or the string that is a value, from its opening quote.
    fn string(
        &mut self,
        text: Units<'_>,
        at: &mut usize,
        record: Option<usize>,
        limits: Limits,
    ) -> Did {
        let names_type = self.undecided
            && self.inside == Inside::Bundle
            && self.colon
            && self.key == Key::ResourceType;
        let start = *at + text.step();
        if self.colon && !names_type {
            *at = start;
            return self.pass(Some(b'"'));
        }
        let mut value = Value::begun(Some(b'"'));
        let mut stop = start;
        if !value.pass(text, &mut stop) {
            if stop - start <= KEY * text.step() {
                return Did::Stopped;
            }
            // Whatever it goes on with, it is too long to be one of ours.
            if names_type {
                return self.plain(1);
            }
            self.key = Key::Other;
            *at = start;
            return self.pass(Some(b'"'));
        }
        let word = Word::at(text, start, stop - text.step());
        if !names_type {
            self.key = word.key();
            *at = stop;
            return Did::Passed;
        }
        let late = record.is_some_and(|start| stop - start > limits.record);
        if word.is("Bundle") && !late {
            self.undecided = false;
            *at = stop;
            return Did::Left;
        }
        self.plain(1)
    }

    fn enter(&mut self, inside: Inside) -> Did {
        self.inside = inside;
        self.key = Key::Other;
        self.colon = false;
        Did::Passed
    }

    /// Passes a value that is no record.
    fn pass(&mut self, first: Option<u8>) -> Did {
        self.value = Some(Value::begun(first));
        Did::Passed
    }

    /// The undecided object is a record after all; `depth` containers of it are open.
    fn plain(&mut self, depth: u64) -> Did {
        self.enter(Inside::Top);
        self.undecided = false;
        self.value = Some(Value::nested(depth));
        Did::Passed
    }

    /// Goes on inside a record that is too long: its end when it is in these bytes, else `at`
    /// comes to their end.
    pub(in crate::frame) fn pass_record(&mut self, text: Units<'_>, at: &mut usize) -> bool {
        if self.undecided {
            let outer = match self.inside {
                Inside::Top | Inside::Array | Inside::Bundle => 1,
                Inside::Entries => 2,
                Inside::Entry => 3,
            };
            let inner = self.value;
            self.plain(outer);
            if let Some(Value::Nested {
                depth,
                string,
                escaped,
            }) = inner
            {
                self.value = Some(Value::Nested {
                    depth: depth + outer,
                    string,
                    escaped,
                });
            }
        }
        let Some(mut value) = self.value else {
            return true;
        };
        let passed = value.pass(text, at);
        self.value = (!passed).then_some(value);
        passed
    }

    /// True inside an array or a Bundle.
    pub(in crate::frame) fn is_open(&self) -> bool {
        self.inside != Inside::Top
    }

    /// The end of the input, for a record that is too long.
    pub(in crate::frame) fn give_up(&mut self) {
        *self = Place::default();
    }
}

/// What a step did.
enum Did {
    Passed,
    /// A record began here; perhaps, when undecided.
    Began(usize),
    /// The record ended.
    Ended,
    /// What had begun is the envelope of a Bundle.
    Left,
    /// More bytes are needed.
    Stopped,
}

/// A key or a string, as it is written.
struct Word<'b> {
    text: Units<'b>,
    start: usize,
    end: usize,
}

impl<'b> Word<'b> {
    fn at(text: Units<'b>, start: usize, end: usize) -> Self {
        Word { text, start, end }
    }

    fn is(&self, word: &str) -> bool {
        let step = self.text.step();
        self.end - self.start == word.len() * step
            && word
                .bytes()
                .enumerate()
                .all(|(n, byte)| self.text.ascii(self.start + n * step) == Some(byte))
    }

    fn key(&self) -> Key {
        match () {
            () if self.is("entry") => Key::Entry,
            () if self.is("resource") => Key::Resource,
            () if self.is("resourceType") => Key::ResourceType,
            () => Key::Other,
        }
    }
}

fn whole(start: usize, end: usize) -> Found {
    Found {
        start,
        end,
        next: end,
        breaks: 0,
        wholeness: Wholeness::Whole,
    }
}
