//! From a record to events: one file a format.
//!
//! Takes one decoded record; gives its events or the reason why there are none. A format never
//! remembers a record and never looks at another one: what it knows of its input (the heading of
//! a CSV, the year of a file) it learned when its `Parser` was made.

use crate::diagnostic::{Complaints, Text};
use crate::event::{Event, FieldSet, Instant, LogSources, Reject, Zone};
use crate::frame::Framing;
use crate::yaml::Node;

/// What a format is told about its input before the first record.
#[derive(Clone, Debug)]
pub struct Settings<'s> {
    /// Zone of times that print none.
    pub zone: Zone,
    /// The time year-less times are resolved against: the end of `--year`, a dated file name or
    /// record, or the modification time (reference: router logs, section 3).
    pub reference: Instant,
    /// Year given by the user; goes before `reference`.
    pub year: Option<i32>,
    /// The source's own section of the config (`csv:`, `jsonl:`), not yet checked.
    pub section: Option<&'s Node>,
}

/// What became of a record that was not rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parsed<'r> {
    /// Its events were given to `emit`, at least one.
    Events,
    /// Nothing but white space.
    Blank,
    /// A heading, a comment, a preamble: no record of an event.
    Heading,
    /// Says that the message before it, of the same reporter, occurred `count` times more. The
    /// pipeline finds that message and gives it once more with this count and this time.
    Repeat {
        /// How many more.
        count: u32,
        /// Who reported it; `None` where the format names no reporter.
        reporter: Option<&'r str>,
        /// When the repeats were reported.
        time: Instant,
    },
}

/// Where a format gives its events: called once an event, with everything set.
pub type Emit<'e, 'r> = &'e mut dyn FnMut(&mut Event<'r>);

/// A format that has learned its input.
pub trait Parser: Send + Sync {
    /// Reads one record. `event` comes empty; the format fills it and calls `emit` for each event.
    /// Of an event that nobody asks about ([`Event::is_asked`]) it may set time, count, action and
    /// outcome alone; whether there is one, and these four, must not depend on it.
    ///
    /// # Errors
    /// A reject with its reason and the byte column inside the record.
    fn parse<'r>(
        &self,
        record: &'r str,
        event: &mut Event<'r>,
        emit: Emit<'_, 'r>,
    ) -> Result<Parsed<'r>, Reject>;

    /// Who reported the record (the HOSTNAME of a syslog line), for `Repeat`.
    fn reporter<'r>(&self, _record: &'r str) -> Option<&'r str> {
        None
    }

    /// The fields this input can give: what a rule needs beyond these can never match.
    fn fields(&self) -> FieldSet;

    /// The log sources its events can satisfy.
    fn log_sources(&self) -> LogSources;

    /// What names the source when the config does not: `csv:` with a fingerprint of the headings,
    /// `syslog:` with the reporter.
    fn source_name(&self) -> String;

    /// What was assumed or decided about this input, for the ledger (columns found, order of
    /// day and month).
    fn notes(&self) -> Vec<Text> {
        Vec::new()
    }

    /// What was found that a person asks for only when something looks wrong: which column became
    /// which field.
    fn details(&self) -> Vec<Text> {
        Vec::new()
    }

    /// True when times of this input print no year, as far as its beginning tells. How the year is
    /// chosen is for the one who gave `reference` to say.
    fn infers_years(&self) -> bool {
        false
    }

    /// The same parser for times that are resolved against another instant, as those of a log are
    /// that goes on; `None` where nothing hangs on it.
    fn against(&self, _reference: Instant) -> Option<Box<dyn Parser>> {
        None
    }
}

/// A format, before it has seen its input.
pub trait Format: Sync {
    /// The name users type and the ledger shows.
    fn name(&self) -> &'static str;

    /// What it is, in a line for people.
    fn about(&self) -> Text;

    /// How its records are cut.
    fn framing(&self) -> Framing;

    /// Why this input looks like the format, or `None`. `head` is the beginning of the input,
    /// decoded, up to 64 KiB, cut anywhere.
    fn claims(&self, head: &str) -> Option<Text>;

    /// What the times without a year of this input are resolved against, when a record at its
    /// beginning tells a year. `head` is as for [`Format::claims`].
    fn dated(&self, _head: &str, _zone: Zone) -> Option<Instant> {
        None
    }

    /// Learns the input from its beginning. Mistakes in the settings go to `complaints`; a parser
    /// is given whenever one can be made, so that all mistakes show at once.
    fn parser(
        &self,
        head: &str,
        settings: &Settings<'_>,
        complaints: &mut Complaints,
    ) -> Option<Box<dyn Parser>>;
}

mod csv;
mod fhir;
mod json;
mod jsonl;
mod syslog;
mod words;

pub use json::Tree;

/// All formats, in the order of detection.
pub const FORMATS: &[&dyn Format] = &[&fhir::Fhir, &jsonl::Jsonl, &syslog::Syslog, &csv::Csv];

/// The format of this name.
pub fn named(name: &str) -> Option<&'static dyn Format> {
    FORMATS.iter().copied().find(|f| f.name() == name)
}

/// The first format that claims the beginning of an input, and why.
pub fn detect(head: &str) -> Option<(&'static dyn Format, Text)> {
    FORMATS
        .iter()
        .find_map(|f| f.claims(head).map(|why| (*f, why)))
}
