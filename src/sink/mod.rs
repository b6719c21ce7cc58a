//! Results become text: one file per output.
//!
//! Takes alerts, events, rejects and the account of a run; gives bytes in a total order, made safe
//! for the place they are shown in. Never judges, never decides what is an alert.

pub mod cef;
pub mod csv;
pub mod discreet;
pub mod dossier;
pub mod event;
mod json;
pub mod kept;
pub mod ledger;
pub mod maintenance;
pub mod ndjson;
pub mod openings;
pub mod reject;
pub mod rotate;
pub mod runs;
pub mod syslog;
pub mod table;
pub mod trial;
pub mod verdict;
pub mod webhook;
mod when;
pub mod xlsx;

#[cfg(test)]
mod samples;

use crate::diagnostic::Lang;
use crate::event::Zone;

pub use json::write_line as write_json_line;
pub use when::{exact, span};

/// For whom results are written: their language and the zone of their clock.
#[derive(Clone, Copy, Debug)]
pub struct Reader {
    /// Language of headings and sentences.
    pub lang: Lang,
    /// The site's zone, in which times are told.
    pub zone: Zone,
}
