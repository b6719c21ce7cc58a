//! Looks for new inputs behind the paths of a run that goes on.
//!
//! Takes paths, folders and globs; gives each file once, however often it is looked: a file that
//! was renamed or packed by a rotation is no new one, what lies at its old path is. Never opens
//! more of a file than its first bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::super::find::find;
use super::super::{Input, Origin, decompress};
use super::Followed;
use super::file::{Mark, mark};
use crate::diagnostic::Problem;

/// How many looks in a row a packed file must be as it was: it is read once, whole.
const LOOKS: u32 = 4;

/// The inputs of a run that goes on.
pub struct Lookout {
    paths: Vec<String>,
    followed: Vec<Arc<Followed>>,
    /// Files that were given or belong to one that was.
    seen: BTreeSet<(PathBuf, Mark)>,
    /// Packed files that somebody may still write to: length, change, and looks since.
    unsettled: BTreeMap<PathBuf, (u64, Option<SystemTime>, u32)>,
    /// True once it was looked.
    has_looked: bool,
}

impl Lookout {
    /// Looks behind these paths; `-` is not among them.
    pub fn new(paths: Vec<String>) -> Lookout {
        Lookout {
            paths,
            followed: Vec::new(),
            seen: BTreeSet::new(),
            unsettled: BTreeMap::new(),
            has_looked: false,
        }
    }

    /// True when there is nothing to look behind.
    pub fn is_idle(&self) -> bool {
        self.paths.is_empty()
    }

    /// Inputs that are new since the last time, and what could not be read.
    pub fn look(&mut self) -> (Vec<Input>, Vec<Problem>) {
        let found = find(&self.paths);
        let fresh = found.inputs.into_iter();
        let fresh = fresh.filter_map(|input| self.fresh(&input)).collect();
        self.has_looked = true;
        (fresh, found.unreadable)
    }

    /// The input to be read, when it is new.
    fn fresh(&mut self, input: &Input) -> Option<Input> {
        let path = match &input.origin {
            Origin::File(path) => path.clone(),
            Origin::Member(_) => file_of(&input.name),
            Origin::Pipe(_) => {
                let is_new = self.seen.insert((PathBuf::from(&*input.name), None));
                return is_new.then(|| input.clone());
            }
            Origin::Followed(_) | Origin::Kept(_) => return None,
        };
        let found = fs::metadata(&path).ok()?;
        let packed = matches!(input.origin, Origin::Member(_)) || !is_plain(&path);
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
        if packed && !self.has_settled(&path, &found) {
            return None;
        }
        self.seen.insert((name, mark(&found)));
        let growing = input.growing().ok()?;
        if let Some(followed) = growing.followed() {
            self.followed.push(Arc::clone(followed));
        }
        Some(growing)
    }

    /// True when nobody seems to write to a packed file any more; those that were there at the
    /// beginning are read as a scan reads them.
    fn has_settled(&mut self, path: &Path, found: &fs::Metadata) -> bool {
        let now = (found.len(), found.modified().ok());
        let (length, changed, looks) = self
            .unsettled
            .entry(path.to_path_buf())
            .or_insert((now.0, now.1, 0));
        *looks = match (*length, *changed) == now {
            true => *looks + 1,
            false => 0,
        };
        (*length, *changed) = now;
        let has_settled = !self.has_looked || *looks > LOOKS;
        if has_settled {
            self.unsettled.remove(path);
        }
        has_settled
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

/// The archive that holds a member.
fn file_of(name: &str) -> PathBuf {
    PathBuf::from(name.split_once('!').map_or(name, |(archive, _)| archive))
}

/// A path as it stands, the same from whatever folder it is named.
fn path_of(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}
