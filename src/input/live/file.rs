//! A file as it grows, through rotation: renamed, cut to nothing, packed.
//!
//! Takes a path; gives the bytes of the file that lies there now, to its very end, even when it
//! is renamed meanwhile. What lies at the path afterwards is another input. Its ranges can be read
//! again wherever the file has gone, as long as it lies in the same folder: it is known by its
//! first bytes. Never holds on to a file that was rotated away.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::super::decompress;
use super::super::ranges::{self, read_at};
use super::{Arrived, Arriving};

/// Bytes by which a file is known again.
const HEAD: usize = 1 << 10;
/// How often a file is looked at that just said something, and one that has long been silent.
const SOON: Duration = Duration::from_millis(20);
const LATE: Duration = Duration::from_millis(250);
/// How long a renamed file is still read, for a writer that has not noticed yet.
const GRACE: Duration = Duration::from_millis(1_000);

/// What a file is known by wherever it lies: its first bytes, as their length and SHA-256.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// How many bytes; unpacked.
    pub length: usize,
    /// Their SHA-256, hexadecimal.
    pub sha256: String,
}

impl Known {
    /// That of a file that begins so; `None` when nothing is known of its beginning.
    pub fn of(head: &[u8]) -> Option<Known> {
        let head = &head[..head.len().min(HEAD)];
        let digest = Sha256::digest(head);
        (!head.is_empty()).then(|| Known {
            length: head.len(),
            sha256: digest.iter().map(|b| format!("{b:02x}")).collect(),
        })
    }

    /// True when a file, unpacked, begins so.
    pub fn begins(&self, path: &Path) -> bool {
        let head = head_of(path, self.length.min(HEAD)).ok();
        head.and_then(|head| Known::of(&head)).as_ref() == Some(self)
    }

    /// Where the file lies now: at its path, or beside it under a name that begins alike (as
    /// `auth.log.1` or `auth.log-20261116.gz`).
    pub fn find(&self, path: &Path) -> Option<PathBuf> {
        if self.begins(path) {
            return Some(path.to_path_buf());
        }
        siblings(path)
            .into_iter()
            .find(|beside| self.begins(beside))
    }
}

/// The first bytes of a file, unpacked; at most so many.
fn head_of(path: &Path, length: usize) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let mut bytes = Vec::new();
    let opened = decompress::open(Box::new(file))?;
    opened.reader.take(length as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// How many bytes a file holds, unpacked.
///
/// # Errors
/// What the system says, and what is wrong with a packed file.
pub fn length_of(path: &Path) -> io::Result<u64> {
    let mut file = File::open(path)?;
    if decompress::is_plain(&mut file)? {
        return Ok(file.metadata()?.len());
    }
    let mut opened = decompress::open(Box::new(file))?;
    io::copy(&mut opened.reader, &mut io::sink())
}

/// Files in the same folder that a rotation may have made of this one, by name.
pub fn siblings(path: &Path) -> Vec<PathBuf> {
    let Some(name) = path.file_name().map(|n| n.as_encoded_bytes().to_vec()) else {
        return Vec::new();
    };
    // `ehr.log` may become `ehr-20261116.log`: what stands before the ending is compared.
    let stem = path
        .file_stem()
        .map_or(name.clone(), |s| s.as_encoded_bytes().to_vec());
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str() != "" => folder,
        _ => Path::new("."),
    };
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| {
            let other = entry.file_name();
            let other = other.as_encoded_bytes();
            other != name && (other.starts_with(&name) || other.starts_with(&stem))
        })
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found
}

/// A file that is, or was, followed.
#[derive(Debug)]
pub struct Followed {
    path: PathBuf,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The first bytes, as far as they were read.
    head: Vec<u8>,
    /// True once the path leads to something else.
    rotated: bool,
    mark: Mark,
    /// Bytes read so far.
    read: u64,
    /// The open file, until its new place is known.
    file: Option<Arc<File>>,
    found: Option<PathBuf>,
}

impl Followed {
    pub(super) fn new(path: PathBuf) -> Followed {
        Followed {
            path,
            state: Mutex::default(),
        }
    }

    /// The path it was opened at.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What it is known by; `None` while it is empty.
    pub fn known(&self) -> Option<Known> {
        Known::of(&self.lock().head)
    }

    /// True when a file under another name is this one, renamed or copied and perhaps packed.
    pub(super) fn is_rotated_to(&self, path: &Path) -> bool {
        let state = self.lock();
        let Some(known) = Known::of(&state.head) else {
            return false;
        };
        let (was, rotated, read) = (state.mark, state.rotated, state.read);
        drop(state);
        if !known.begins(path) {
            return false;
        }
        let now = fs::metadata(path).ok().and_then(|found| mark(&found));
        let is_renamed = was.is_some() && was == now;
        // Exports of one kind begin alike while they are short: a copy is as long, too.
        is_renamed || (rotated && length_of(path).is_ok_and(|length| length == read))
    }

    /// True when something else lies at its path now.
    pub fn is_rotated(&self) -> bool {
        self.lock().rotated
    }

    /// Where it lies now, if it is to be found. Once it is, the file is not held open any longer.
    pub fn place(&self) -> Option<PathBuf> {
        let mut state = self.lock();
        if !state.rotated {
            return Some(self.path.clone());
        }
        let known = Known::of(&state.head)?;
        let read = state.read;
        let holds =
            |path: &Path| known.begins(path) && length_of(path).is_ok_and(|length| length >= read);
        let here = state.found.clone().filter(|found| known.begins(found));
        state.found = here.or_else(|| {
            let beside = siblings(&self.path);
            beside.into_iter().find(|path| holds(path))
        });
        if state.found.is_some() {
            state.file = None;
        }
        state.found.clone()
    }

    pub(super) fn open(
        self: &Arc<Self>,
        stop: Arc<AtomicBool>,
        idle: Box<dyn FnMut() + Send>,
    ) -> io::Result<(Growing, Option<SystemTime>)> {
        let file = Arc::new(File::open(&self.path)?);
        let found = file.metadata()?;
        let mut state = self.lock();
        state.file = Some(Arc::clone(&file));
        state.mark = mark(&found);
        drop(state);
        let growing = Growing {
            followed: Arc::clone(self),
            mark: mark(&found),
            file,
            at: 0,
            quiet: Duration::ZERO,
            gone: None,
            cut: false,
            copy: None,
            stop,
            idle,
        };
        Ok((growing, found.modified().ok()))
    }

    /// Reads ranges (offset and length, sorted by offset) again, wherever the file lies now.
    pub(in crate::input) fn read_ranges(&self, asked: &[(u64, u32)]) -> io::Result<Vec<Vec<u8>>> {
        let held = self.lock().file.clone();
        if let Some(file) = held
            && let Ok(texts) = ranges::seek(&mut At { file, at: 0 }, asked)
        {
            return Ok(texts);
        }
        let place = self.place().ok_or(ErrorKind::NotFound)?;
        let mut file = File::open(place)?;
        if decompress::is_plain(&mut file)? {
            ranges::seek(&mut file, asked)
        } else {
            ranges::stream(decompress::open(Box::new(file))?.reader, asked)
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each field is set by itself: a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What tells one file from another at the same path.
pub(super) type Mark = Option<(u64, u64)>;

#[cfg(unix)]
pub(super) fn mark(found: &Metadata) -> Mark {
    use std::os::unix::fs::MetadataExt as _;
    Some((found.dev(), found.ino()))
}

#[cfg(not(unix))]
pub(super) fn mark(found: &Metadata) -> Mark {
    let since = found
        .created()
        .ok()?
        .duration_since(SystemTime::UNIX_EPOCH)
        .ok()?;
    Some((since.as_secs(), u64::from(since.subsec_nanos())))
}

/// A file that may grow.
pub(super) struct Growing {
    followed: Arc<Followed>,
    mark: Mark,
    file: Arc<File>,
    at: u64,
    /// How long nothing came.
    quiet: Duration,
    /// For how long the path was seen to lead elsewhere.
    gone: Option<Duration>,
    /// True once the file was cut to nothing: what it holds now is another input.
    cut: bool,
    /// The copy that was made before.
    copy: Option<Arc<File>>,
    stop: Arc<AtomicBool>,
    idle: Box<dyn FnMut() + Send>,
}

/// What lies at the path of a file.
enum AtPath {
    Same,
    /// The same file, cut short.
    Cut,
    /// Another one, of so many bytes, or none.
    Other(u64),
}

impl Growing {
    fn look(&self) -> AtPath {
        match fs::metadata(&self.followed.path) {
            Ok(found) if mark(&found) == self.mark => {
                let is_cut = found.len() < self.at || !self.is_as_before();
                if is_cut { AtPath::Cut } else { AtPath::Same }
            }
            Ok(found) => AtPath::Other(found.len()),
            Err(_) => AtPath::Other(0),
        }
    }

    /// False when a file was cut to nothing and has grown again beyond what was read.
    fn is_as_before(&self) -> bool {
        let head = self.followed.lock().head.clone();
        let mut bytes = vec![0; head.len()];
        let mut now = At {
            file: Arc::clone(&self.file),
            at: 0,
        };
        match now.read_exact(&mut bytes) {
            Ok(()) => bytes == head,
            Err(error) => error.kind() != ErrorKind::UnexpectedEof,
        }
    }

    /// Nothing more is there at the moment; true when nothing will come.
    fn is_over(&mut self) -> bool {
        if self.stop.load(Ordering::Relaxed) {
            return true;
        }
        match self.look() {
            AtPath::Same => {
                self.gone = None;
                false
            }
            AtPath::Cut => self.was_cut(),
            // A writer that has begun the next file is done with this one.
            AtPath::Other(size) => {
                let gone = *self.gone.get_or_insert(Duration::ZERO);
                let grace = if size > 0 { GRACE / 10 } else { GRACE };
                let is_over = gone >= grace;
                self.followed.lock().rotated |= is_over;
                is_over
            }
        }
    }

    /// What was read is no longer in this file. Where a copy of it lies beside, the rest is read
    /// there.
    fn was_cut(&mut self) -> bool {
        self.cut = true;
        let mut state = self.followed.lock();
        state.rotated = true;
        state.file = None;
        drop(state);
        let copy = self.followed.place();
        if let Some(mut copy) = copy.and_then(|path| File::open(path).ok())
            && decompress::is_plain(&mut copy).unwrap_or(false)
        {
            self.copy = Some(Arc::new(copy));
        }
        true
    }

    /// What a copy of a file that was cut holds beyond what was read.
    fn read_copy(&mut self, buffer: &mut [u8]) -> io::Result<Arrived> {
        let Some(copy) = self.copy.clone() else {
            return Ok(Arrived::End);
        };
        self.file = copy;
        Ok(match self.read(buffer)? {
            0 => Arrived::End,
            read => Arrived::Bytes(read),
        })
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read_at(&self.file, buffer, self.at)?;
        let mut state = self.followed.lock();
        state.read += read as u64;
        if self.at < HEAD as u64 && read > 0 {
            let head = &mut state.head;
            // Reads follow each other, so the head is as long as what was read before.
            let wanted = (HEAD - head.len()).min(read);
            head.extend_from_slice(&buffer[..wanted]);
        }
        drop(state);
        self.at += read as u64;
        Ok(read)
    }
}

impl Arriving for Growing {
    fn arrive(&mut self, buffer: &mut [u8], patience: Option<Duration>) -> io::Result<Arrived> {
        let mut waited = Duration::ZERO;
        loop {
            // After a pause the file may be another one under the same name.
            if !self.quiet.is_zero() && !self.cut && matches!(self.look(), AtPath::Cut) {
                self.was_cut();
            }
            if self.cut {
                return self.read_copy(buffer);
            }
            let read = self.read(buffer)?;
            if read > 0 {
                self.quiet = Duration::ZERO;
                self.gone = None;
                return Ok(Arrived::Bytes(read));
            }
            (self.idle)();
            if self.is_over() {
                if self.cut {
                    return self.read_copy(buffer);
                }
                // What came between the last read and the look still belongs to it.
                return Ok(match self.read(buffer)? {
                    0 => Arrived::End,
                    read => Arrived::Bytes(read),
                });
            }
            if patience.is_some_and(|patience| waited >= patience) {
                return Ok(Arrived::Nothing);
            }
            let pause = (self.quiet / 8).clamp(SOON, LATE);
            let pause = patience.map_or(pause, |patience| pause.min(patience));
            thread::sleep(pause);
            waited += pause;
            self.quiet += pause;
            self.gone = self.gone.map(|gone| gone + pause);
        }
    }
}

/// A file read at a place of one's own, whoever else reads it.
struct At {
    file: Arc<File>,
    at: u64,
}

impl Read for At {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = read_at(&self.file, buffer, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for At {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
            SeekFrom::End(by) => self.file.metadata()?.len().saturating_add_signed(by),
        };
        Ok(self.at)
    }
}
