//! Where the bytes of an input of an earlier run lie now: at their place, or where a rotation
//! brought them, renamed and perhaps packed.
//!
//! Takes inputs that a store remembers; gives the places at which they may be read again, whether
//! there is more than was told, and what was rotated away before it was ever read. Never
//! interprets what a file holds.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::Deserialize;

use super::file;
use crate::input::{Known, length_of, siblings};
use crate::store::PastInput;

/// What is told of a followed file beside how it is read.
#[derive(Default, Deserialize)]
struct Mark {
    /// Its first bytes, by which it is known under another name: how many, and their digest.
    head: Option<(usize, String)>,
}

/// Where an input of an earlier run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// It is read anyway, as this one of the named places.
    Named(usize),
    /// At this place.
    At {
        /// From the root.
        place: String,
        /// True when more lies there than was told.
        has_grown: bool,
    },
    /// Nowhere; what lies at its path now is something else.
    Gone,
}

/// The reading of an input as the store keeps it, with the beginning by which a followed file is
/// known.
pub(in super::super) fn marked(reading: &str, head: Option<Known>) -> String {
    let Some(Known { length, sha256 }) = head else {
        return reading.to_owned();
    };
    let mut told: serde_json::Value = serde_json::from_str(reading).unwrap_or_default();
    told["head"] = serde_json::json!((length, sha256));
    told.to_string()
}

/// The beginning by which an input that was followed is known; `None` for one that was not.
fn mark_of(past: &PastInput) -> Option<Known> {
    let mark: Mark = serde_json::from_str(&past.reading).unwrap_or_default();
    let (length, sha256) = mark.head?;
    Some(Known { length, sha256 })
}

/// True for what a live run told bit by bit: a followed file, or a pipe that was kept.
pub(super) fn was_live(past: &PastInput) -> bool {
    mark_of(past).is_some() || Path::new(&past.path).is_dir()
}

/// Finds an input of an earlier run; `named` are the places of those that are read anyway.
pub(super) fn find(past: &PastInput, named: &[String]) -> Whereabouts {
    let path = Path::new(&past.path);
    if path.is_dir() {
        return Whereabouts::At {
            place: past.path.clone(),
            has_grown: past.size != pieces(path),
        };
    }
    match mark_of(past) {
        Some(known) => find_followed(past, &known, named),
        None => find_scanned(past, named),
    }
}

fn find_followed(past: &PastInput, known: &Known, named: &[String]) -> Whereabouts {
    let Some(found) = known.find(Path::new(&past.path)) else {
        return Whereabouts::Gone;
    };
    let length = length_of(&found).ok();
    // A file that begins alike and is shorter is another one.
    if past.size > length {
        return Whereabouts::Gone;
    }
    at(&found, past.size != length, named)
}

/// A file that was read as it was is known by all its bytes.
fn find_scanned(past: &PastInput, named: &[String]) -> Whereabouts {
    if file::is_still_there(past) {
        return Whereabouts::At {
            place: past.path.clone(),
            has_grown: false,
        };
    }
    let path = Path::new(&past.path);
    let Some(known) = Known::of(&past.head).filter(|_| !past.sha256.is_empty()) else {
        return Whereabouts::Gone;
    };
    let beside = siblings(path).into_iter();
    let mut alike = beside.filter(|beside| known.begins(beside) && file::holds(beside, past));
    match alike.next() {
        Some(found) => at(&found, false, named),
        None => Whereabouts::Gone,
    }
}

fn at(path: &Path, has_grown: bool, named: &[String]) -> Whereabouts {
    let place = file::place_of(&path.to_string_lossy());
    match named.iter().position(|named| *named == place) {
        Some(number) => Whereabouts::Named(number),
        None => Whereabouts::At { place, has_grown },
    }
}

/// Bytes of all pieces of a pipe that was kept in a folder.
fn pieces(folder: &Path) -> Option<u64> {
    let pieces = fs::read_dir(folder).ok()?.flatten();
    let lengths = pieces.map(|piece| Some(piece.metadata().ok()?.len()));
    lengths.sum()
}

/// Files that a rotation made of a followed path while nobody followed it: written to after the
/// last record that was read, and none of those that are read already. Each with an input of an
/// earlier run that it is like.
pub(super) fn missed<'p>(
    past: impl Iterator<Item = &'p PastInput>,
    named: &[String],
    read: &BTreeSet<String>,
) -> Vec<(String, &'p PastInput)> {
    let mut missed: Vec<(String, &PastInput)> = Vec::new();
    for input in past.filter(|p| named.contains(&p.name)) {
        let Some((_, last)) = input.span.filter(|_| mark_of(input).is_some()) else {
            continue;
        };
        let fresh = siblings(Path::new(&input.name)).into_iter();
        for path in fresh.filter(|path| changed(path) >= last) {
            let place = file::place_of(&path.to_string_lossy());
            let is_read = named.contains(&place) || read.contains(&place);
            if !is_read && !missed.iter().any(|(known, _)| *known == place) {
                missed.push((place, input));
            }
        }
    }
    missed
}

/// When a file was last written to, nanoseconds since 1970.
fn changed(path: &PathBuf) -> i64 {
    let found = fs::metadata(path).and_then(|found| found.modified());
    let since = found.ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| {
        i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
    })
}
