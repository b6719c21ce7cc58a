//! Where the followed files of an earlier run lie now.
//!
//! Takes inputs that a store remembers; gives the paths at which they are to be read again after a
//! rotation, and what was rotated away before it was ever read. Never reads more of a file than
//! its first bytes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use super::super::remember;
use super::memory;
use crate::input::{Known, siblings};
use crate::store::PastInput;

/// Where an input of an earlier run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// It is read anyway.
    Named,
    /// At this path.
    At(String),
    /// Nowhere; what lies at its path now is something else.
    Gone,
}

/// Finds an input of an earlier run; `named` are the places of those that are read anyway.
pub(super) fn find(past: &PastInput, named: &[String]) -> Whereabouts {
    let at = |path: &Path| {
        let place = remember::place_of(&path.to_string_lossy());
        match named.contains(&place) {
            true => Whereabouts::Named,
            false => Whereabouts::At(place),
        }
    };
    let path = Path::new(&past.path);
    let known = known(past);
    match known.as_ref().map(|known| known.find(path)) {
        None => at(path),
        Some(Some(found)) => at(&found),
        Some(None) => Whereabouts::Gone,
    }
}

fn known(past: &PastInput) -> Option<Known> {
    let (length, sha256) = memory::head_of(past)?;
    Some(Known { length, sha256 })
}

/// Files that a rotation made of a followed path while nobody followed it: written to after the
/// last record that was read, and none of those that are read already.
pub(super) fn missed(
    past: &[PastInput],
    named: &[String],
    read: &BTreeSet<String>,
) -> Vec<(String, PastInput)> {
    let mut missed: Vec<(String, PastInput)> = Vec::new();
    for input in past.iter().filter(|p| named.contains(&p.path)) {
        let Some((_, last)) = input.span.filter(|_| known(input).is_some()) else {
            continue;
        };
        let fresh = siblings(Path::new(&input.path)).into_iter();
        for path in fresh.filter(|path| changed(path) >= last) {
            let place = remember::place_of(&path.to_string_lossy());
            let is_read = named.contains(&place) || read.contains(&place);
            if !is_read && !missed.iter().any(|(known, _)| *known == place) {
                missed.push((place, input.clone()));
            }
        }
    }
    missed
}

/// When a file was last written to, nanoseconds since 1970.
fn changed(path: &PathBuf) -> i64 {
    let found = std::fs::metadata(path).and_then(|found| found.modified());
    let since = found.ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| {
        i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
    })
}
