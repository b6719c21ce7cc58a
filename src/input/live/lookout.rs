//! Looks for new inputs behind the paths of a run that goes on.
//!
//! Takes paths, folders and globs; gives each file once, however often it is looked: a file that
//! was renamed or packed by a rotation is no new one, what lies at its old path is. Never opens
//! more of a file than its first bytes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::super::find::find;
use super::super::{Input, Origin, decompress};
use super::Followed;
use super::file::{Mark, mark};
use crate::diagnostic::Problem;

/// How long a packed file must have been left alone: it is read once, whole.
const SETTLED: Duration = Duration::from_secs(2);

/// The inputs of a run that goes on.
pub struct Lookout {
    paths: Vec<String>,
    followed: Vec<Arc<Followed>>,
    /// Files that were given or belong to one that was.
    seen: BTreeSet<(PathBuf, Mark)>,
}

impl Lookout {
    /// Looks behind these paths; `-` is not among them.
    pub fn new(paths: Vec<String>) -> Lookout {
        Lookout {
            paths,
            followed: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    /// True when there is nothing to look behind.
    pub fn is_idle(&self) -> bool {
        self.paths.is_empty()
    }

    /// Takes note of an input that is read by other ways.
    pub fn passes(&mut self, input: &Input) {
        if let Origin::File(path) = &input.origin
            && let Ok(found) = fs::metadata(path)
        {
            self.seen.insert((path_of(path), mark(&found)));
        }
    }

    /// Inputs that are new since the last time, and what could not be read.
    pub fn look(&mut self) -> (Vec<Input>, Vec<Problem>) {
        let found = find(&self.paths);
        let fresh = found.inputs.into_iter();
        let fresh = fresh.filter_map(|input| self.fresh(&input));
        (fresh.collect(), found.unreadable)
    }

    /// The input to be read, when it is new.
    fn fresh(&mut self, input: &Input) -> Option<Input> {
        let path = match &input.origin {
            Origin::File(path) => path.clone(),
            Origin::Member(_) => file_of(&input.name),
            _ => return None,
        };
        let found = fs::metadata(&path).ok()?;
        let packed = matches!(input.origin, Origin::Member(_)) || !is_plain(&path);
        if packed && !has_settled(&found) {
            return None;
        }
        let name = match packed {
            true => PathBuf::from(&*input.name),
            false => path_of(&path),
        };
        let as_before = self.seen.contains(&(name.clone(), mark(&found)));
        let as_before = as_before && !self.was_cut(&path);
        if as_before || self.is_rotated_from(&path) {
            self.seen.insert((name, mark(&found)));
            return None;
        }
        self.seen.insert((name, mark(&found)));
        let growing = input.growing().ok()?;
        if let Some(followed) = growing.followed() {
            self.followed.push(Arc::clone(followed));
        }
        Some(growing)
    }

    /// True when the last file followed at a path was cut, and what lies there is another.
    fn was_cut(&self, path: &Path) -> bool {
        let mut here = self
            .followed
            .iter()
            .filter(|f| path_of(f.path()) == path_of(path));
        here.next_back()
            .is_some_and(|followed| followed.is_rotated())
    }

    /// True for a file that was followed under another name.
    fn is_rotated_from(&self, path: &Path) -> bool {
        self.followed.iter().any(|followed| {
            let elsewhere = path_of(followed.path()) != path_of(path);
            elsewhere && followed.is_rotated_to(path)
        })
    }
}

fn is_plain(path: &Path) -> bool {
    let plain = fs::File::open(path).and_then(|mut file| decompress::is_plain(&mut file));
    plain.unwrap_or(true)
}

fn has_settled(found: &fs::Metadata) -> bool {
    let age = found
        .modified()
        .ok()
        .map(|at| SystemTime::now().duration_since(at));
    age.is_none_or(|age| age.is_ok_and(|age| age >= SETTLED))
}

/// The archive that holds a member.
fn file_of(name: &str) -> PathBuf {
    PathBuf::from(name.split_once('!').map_or(name, |(archive, _)| archive))
}

/// A path as it stands, the same from whatever folder it is named.
fn path_of(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}
