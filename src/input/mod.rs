//! From what the user names to plain byte streams.
//!
//! Takes paths, folders, globs and `-`; gives `Input`s that can be opened as decompressed byte
//! streams and read again at given ranges. Compression is told by content, never by name. Never
//! interprets a line, never changes a file.

mod archive;
mod decompress;
mod find;
mod kept;
mod live;
mod ranges;
mod spool;
#[cfg(test)]
mod tests;
mod trouble;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

pub use find::{Found, find};
pub use kept::Kept;
pub use live::{
    Arrived, Arriving, Followed, Known, Live, Lookout, Patient, is_packed, length_of, siblings,
    unpack,
};
pub use trouble::explain;

use archive::Member;
use spool::Spool;
pub use spool::{make_private, private};

/// One stream of bytes: a file, a member of a zip archive, or stdin.
#[derive(Clone, Debug)]
pub struct Input {
    /// The name for people: the path as the user named it, `a.zip!inner.csv`, or `-`.
    pub name: Arc<str>,
    origin: Origin,
}

/// Where the bytes come from.
#[derive(Clone, Debug)]
enum Origin {
    File(PathBuf),
    Member(Member),
    /// Bytes that come only once; what was read is kept in a file.
    Pipe(Arc<Spool>),
    /// Its beginning and a part of its records, kept when it was read.
    Kept(Arc<Kept>),
    /// A file that is read as it grows.
    Followed(Arc<Followed>),
}

/// An opened input.
pub struct Opened {
    /// Decompressed bytes.
    pub reader: Box<dyn Read + Send>,
    /// `none`, `gzip`, `zstd`, `xz`, `bzip2` or `zip`.
    pub compression: &'static str,
    /// When the file was last changed, for a member of an archive the archive; `None` for stdin.
    pub modified: Option<SystemTime>,
}

impl Input {
    /// An input of which only its beginning and some records are left, under the name it had.
    pub fn kept(name: &str, kept: Kept) -> Input {
        Input {
            name: name.into(),
            origin: Origin::Kept(Arc::new(kept)),
        }
    }

    /// The file it is, or lies in; `None` for what comes only once.
    pub fn file(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File(path) => Some(path),
            Origin::Member(member) => Some(member.archive()),
            Origin::Pipe(_) | Origin::Kept(_) | Origin::Followed(_) => None,
        }
    }

    /// True for `-`.
    pub fn is_stdin(&self) -> bool {
        matches!(&self.origin, Origin::Pipe(spool) if spool.is_stdin())
    }

    /// True for a pipe that was not read to its end: what it will give is not there yet.
    pub fn is_awaited(&self) -> bool {
        matches!(&self.origin, Origin::Pipe(spool) if !spool.has_ended())
    }

    /// Size on disk, compressed as it is; `None` for stdin.
    pub fn size(&self) -> Option<u64> {
        match &self.origin {
            Origin::File(path) => path.metadata().ok().map(|found| found.len()),
            Origin::Member(member) => Some(member.compressed_size()),
            Origin::Pipe(_) | Origin::Kept(_) => None,
            Origin::Followed(file) => Some(file.place()?.metadata().ok()?.len()),
        }
    }

    /// Stdin, kept in a temporary file as it is read.
    pub fn stdin() -> Input {
        Input {
            name: Arc::from("-"),
            origin: Origin::Pipe(Arc::new(Spool::stdin())),
        }
    }

    /// Stdin, kept as it is read in a folder that is made for it and outlives the run.
    pub fn stdin_kept_in(folder: PathBuf) -> Input {
        Input {
            name: Arc::from("-"),
            origin: Origin::Pipe(Arc::new(Spool::stdin_in(folder))),
        }
    }

    /// What an earlier run kept of stdin in a folder.
    ///
    /// # Errors
    /// What the system says.
    pub fn kept_in(folder: &Path) -> io::Result<Input> {
        Ok(Input {
            name: Arc::from(folder.to_string_lossy()),
            origin: Origin::Pipe(Arc::new(Spool::earlier(folder)?)),
        })
    }

    /// The folder in which a pipe is kept beyond the run.
    pub fn spooled(&self) -> Option<&Path> {
        match &self.origin {
            Origin::Pipe(spool) => spool.folder(),
            _ => None,
        }
    }

    /// Waits until what was kept of a pipe would outlive a power cut.
    ///
    /// # Errors
    /// What the system says.
    pub fn sync(&self) -> io::Result<()> {
        match &self.origin {
            Origin::Pipe(spool) => spool.sync(),
            _ => Ok(()),
        }
    }

    /// Opens it from its beginning. `progress` counts bytes read from disk as reading goes on.
    ///
    /// A pipe is read once; opened again after its end, what was read is given again.
    ///
    /// # Errors
    /// What the system says, or a compression that cannot be read. Compressed bytes that end too
    /// early give what was readable and then an error, from the reader; see [`explain`].
    pub fn open(&self, progress: Arc<AtomicU64>) -> io::Result<Opened> {
        let place = match &self.origin {
            Origin::File(path) => Some(path.clone()),
            Origin::Followed(file) => Some(file.place().ok_or(io::ErrorKind::NotFound)?),
            _ => None,
        };
        match &self.origin {
            Origin::File(_) | Origin::Followed(_) => {
                let file = File::open(place.unwrap_or_default())?;
                let modified = file.metadata()?.modified().ok();
                let bytes = Counted {
                    inner: file,
                    progress,
                };
                Ok(Opened {
                    modified,
                    ..decompress::open(Box::new(bytes))?
                })
            }
            Origin::Member(member) => member.open(progress),
            Origin::Pipe(spool) => {
                let bytes = Counted {
                    inner: spool.open()?,
                    progress,
                };
                decompress::open(Box::new(bytes))
            }
            Origin::Kept(kept) => Ok(Opened {
                reader: Box::new(io::Cursor::new(kept.head.clone())),
                compression: "none",
                modified: kept.modified,
            }),
        }
    }

    /// Reads ranges (offset and length in the decompressed bytes, sorted by offset) again.
    ///
    /// Of a pipe, only what was read from it so far can be read again.
    ///
    /// # Errors
    /// What the system says; a file that became shorter.
    pub fn read_ranges(&self, ranges: &[(u64, u32)]) -> io::Result<Vec<Vec<u8>>> {
        match &self.origin {
            Origin::File(path) => {
                let mut file = File::open(path)?;
                if decompress::is_plain(&mut file)? {
                    ranges::seek(&mut file, ranges)
                } else {
                    ranges::stream(decompress::open(Box::new(file))?.reader, ranges)
                }
            }
            Origin::Member(member) => ranges::stream(member.open(Arc::default())?.reader, ranges),
            Origin::Pipe(spool) => {
                let mut kept = spool.again();
                if decompress::is_plain(&mut kept)? {
                    ranges::seek(&mut kept, ranges)
                } else {
                    ranges::stream(decompress::open(Box::new(kept))?.reader, ranges)
                }
            }
            Origin::Kept(kept) => (kept.records)(ranges),
            Origin::Followed(file) => file.read_ranges(ranges),
        }
    }
}

/// Counts the bytes that are read.
struct Counted<R> {
    inner: R,
    progress: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.progress.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
