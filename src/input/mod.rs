//! From what the user names to plain byte streams.
//!
//! Takes paths, folders, globs and `-`; gives [`Input`]s that can be opened as decompressed byte
//! streams and read again at given ranges. Never interprets a line, never changes a file.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::SystemTime;

use crate::diagnostic::Problem;

/// One stream of bytes: a file, a member of a zip archive, or stdin.
#[derive(Clone, Debug)]
pub struct Input {
    /// The name for people: the path as the user named it, `a.zip!inner.csv`, or `-`.
    pub name: Arc<str>,
}

/// An opened input.
pub struct Opened {
    /// Decompressed bytes.
    pub reader: Box<dyn Read + Send>,
    /// `none`, `gzip`, `zstd`, `xz`, `bzip2` or `zip`.
    pub compression: &'static str,
    /// When the file was last changed; `None` for stdin.
    pub modified: Option<SystemTime>,
}

/// What was found behind the paths of the command line or of a source.
#[derive(Default)]
pub struct Found {
    /// The inputs in the order of the paths, files of a folder by name.
    pub inputs: Vec<Input>,
    /// What could not be read or does not exist; the others are read all the same (exit 3).
    pub unreadable: Vec<Problem>,
}

/// Finds the inputs behind paths, folders (walked), globs and `-`.
pub fn find(_paths: &[String]) -> Found {
    Found::default()
}

impl Input {
    /// Size on disk, compressed as it is; `None` for stdin.
    pub fn size(&self) -> Option<u64> {
        None
    }

    /// Opens it from its beginning. `progress` counts bytes read from disk as reading goes on.
    ///
    /// # Errors
    /// What the system says, or a compression that is not known.
    pub fn open(&self, _progress: Arc<AtomicU64>) -> io::Result<Opened> {
        Err(io::Error::other("not yet"))
    }

    /// Reads ranges (offset and length in the decompressed bytes, sorted by offset) again.
    ///
    /// # Errors
    /// What the system says; a file that became shorter.
    pub fn read_ranges(&self, _ranges: &[(u64, u32)]) -> io::Result<Vec<Vec<u8>>> {
        Err(io::Error::other("not yet"))
    }
}
