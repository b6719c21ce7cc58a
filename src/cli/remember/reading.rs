//! How the user said that inputs are to be read, as the store keeps it.
//!
//! Takes options; gives them as text and back. Options of another version that mean nothing here
//! are left out.

use serde::{Deserialize, Serialize};

use super::super::args::Reading;
use super::super::value;
use crate::text::EncodingChoice;

/// The options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Flags {
    format: Option<String>,
    timezone: Option<String>,
    encoding: Option<String>,
    year: Option<i32>,
}

/// The options as text.
pub(super) fn text_of(reading: &Reading) -> String {
    // Words and numbers always fit into JSON.
    serde_json::to_string(&flags_of(reading)).unwrap_or_default()
}

fn flags_of(reading: &Reading) -> Flags {
    Flags {
        format: reading.format.clone(),
        timezone: reading.timezone.map(|zone| zone.name().to_owned()),
        encoding: reading.encoding.map(|choice| match choice {
            EncodingChoice::Auto => "auto".to_owned(),
            EncodingChoice::Utf16 => "utf-16".to_owned(),
            EncodingChoice::Named(encoding) => encoding.name().to_owned(),
        }),
        year: reading.year,
    }
}

/// The options that a text tells.
pub(super) fn reading_of(text: &str) -> Reading {
    let flags: Flags = serde_json::from_str(text).unwrap_or_default();
    Reading {
        format: flags.format,
        timezone: flags.timezone.and_then(|name| value::zone(&name).ok()),
        encoding: flags.encoding.and_then(|name| value::encoding(&name).ok()),
        year: flags.year,
        ..Reading::default()
    }
}
