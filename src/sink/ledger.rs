//! The account of a run: what was examined, what could not be, and what every rule said.
//!
//! Takes a [`RunReport`] filled by the caller; gives text for people in Japanese or English, and
//! the same as JSON. Never reads a file and never judges a record.

use crate::alert::Level;
use crate::diagnostic::Text;
use crate::event::{InputAccount, Zone};

/// Everything that stands in the ledger of one run.
#[derive(Clone, Debug, Default)]
pub struct RunReport {
    /// Version of the program.
    pub version: String,
    /// Version of the time zone database compiled in.
    pub tzdb: String,
    /// What was assumed because nobody said it (business hours, zone); the first lines.
    pub assumed: Vec<Text>,
    /// What was read, in the order of source and path.
    pub inputs: Vec<InputReport>,
    /// What every rule said, in the order of the rules' names.
    pub rules: Vec<RuleReport>,
    /// Anything else the reader should know, such as settings that have no effect yet.
    pub notices: Vec<Text>,
}

/// One input: a file, a member of an archive, or stdin.
#[derive(Clone, Debug)]
pub struct InputReport {
    /// Source the input belongs to.
    pub source: String,
    /// Path as the user named it.
    pub path: String,
    /// Name of its format; empty when none was found.
    pub format: String,
    /// Why that format: what was recognised, or that the user or the config said so. When no
    /// format was found: what was tried.
    pub why: Text,
    /// Name of its encoding; empty when it was not opened.
    pub encoding: String,
    /// Why that encoding.
    pub encoding_why: Text,
    /// Zone of times that print none; the ledger shows the input's times in it.
    pub zone: Zone,
    /// `none`, `gzip`, `zstd`, `xz`, `bzip2` or `zip`; empty when it was not opened.
    pub compression: String,
    /// What was read.
    pub account: InputAccount,
    /// What was decided or assumed about this input.
    pub notes: Vec<Text>,
    /// Why it was not read whole; `None` when it was.
    pub error: Option<Text>,
}

/// What one rule did in the run.
#[derive(Clone, Debug)]
pub struct RuleReport {
    /// Short name.
    pub name: String,
    /// Level.
    pub level: Level,
    /// Events that satisfied it.
    pub matches: u64,
    /// Matches that a roster or a declaration explains.
    pub explained: u64,
    /// Matches that are only counted while the business hours are assumed.
    pub quiet: u64,
    /// Alerts it gave.
    pub alerts: u64,
    /// Why it could not speak at all; `None` when it could.
    pub silent: Option<Text>,
    /// Sources it can never fire on, each with the fields they lack.
    pub cannot_fire: Vec<(String, Vec<String>)>,
}
