//! Bytes that come only once, kept while they are read.
//!
//! Takes stdin or a pipe; gives a stream that can be read again at given ranges. They are kept in
//! a temporary file without a name, or in a folder that outlives the run, in pieces that end with
//! a line. Never keeps the bytes in memory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ranges::{read_at, write_at};
use super::trouble::trouble;

/// Size from which on a kept piece ends with the next line.
const PIECE: u64 = 64 << 20;

/// A pipe, and the files that hold what was read from it: evidence is read again from there. The
/// bytes are kept as they came, compressed when they came compressed.
#[derive(Debug)]
pub(super) struct Spool {
    source: Source,
    /// Where the pieces are kept; `None`: in a temporary file.
    folder: Option<PathBuf>,
    state: Mutex<State>,
}

/// Where the bytes come from.
#[derive(Debug)]
enum Source {
    Stdin,
    /// A named pipe or a device.
    Path(PathBuf),
    /// An earlier run, which kept them.
    Earlier,
}

/// Bytes from one place to the next piece.
#[derive(Debug)]
struct Piece {
    start: u64,
    file: Arc<File>,
    /// True while it may hold bytes that a power cut would lose.
    unsafe_yet: bool,
}

#[derive(Debug, Default)]
struct State {
    pieces: Vec<Piece>,
    /// Bytes kept so far.
    length: u64,
    /// True when the last byte kept ends a line.
    at_line: bool,
    opened: bool,
    ended: bool,
}

impl Spool {
    fn of(source: Source, folder: Option<PathBuf>) -> Self {
        Spool {
            source,
            folder,
            state: Mutex::default(),
        }
    }

    pub(super) fn stdin() -> Self {
        Spool::of(Source::Stdin, None)
    }

    /// Stdin, kept in a folder that is made for it.
    pub(super) fn stdin_in(folder: PathBuf) -> Self {
        Spool::of(Source::Stdin, Some(folder))
    }

    pub(super) fn path(path: PathBuf) -> Self {
        Spool::of(Source::Path(path), None)
    }

    /// What an earlier run kept in a folder.
    pub(super) fn earlier(folder: &Path) -> io::Result<Self> {
        let mut names: Vec<PathBuf> = fs::read_dir(folder)?
            .map(|entry| entry.map(|e| e.path()))
            .collect::<io::Result<_>>()?;
        names.sort();
        let mut state = State {
            opened: true,
            ended: true,
            ..State::default()
        };
        for name in names {
            let file = File::open(name)?;
            let length = file.metadata()?.len();
            state.pieces.push(Piece {
                start: state.length,
                file: Arc::new(file),
                unsafe_yet: false,
            });
            state.length += length;
        }
        let mut spool = Spool::of(Source::Earlier, Some(folder.to_path_buf()));
        spool.state = Mutex::new(state);
        Ok(spool)
    }

    pub(super) fn is_stdin(&self) -> bool {
        matches!(self.source, Source::Stdin)
    }

    /// True when nothing more will come.
    pub(super) fn has_ended(&self) -> bool {
        self.lock().ended
    }

    /// The folder in which the bytes outlive the run.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Bytes kept so far.
    pub(super) fn length(&self) -> u64 {
        self.lock().length
    }

    /// Opens the pipe; after its end, what was read from it.
    pub(super) fn open(self: &Arc<Self>) -> io::Result<Box<dyn Read + Send>> {
        let mut state = self.lock();
        if state.ended {
            return Ok(Box::new(self.again()));
        }
        if state.opened {
            return Err(trouble(
                ErrorKind::Unsupported,
                "comes through a pipe and can be opened only once",
                "パイプからの入力は一度しか開けません",
            ));
        }
        state.opened = true;
        self.begin_piece(&mut state)
            .map_err(|error| unkept(&error))?;
        // A named pipe opens only when somebody writes to it.
        drop(state);
        let pipe: Box<dyn Read + Send> = match &self.source {
            Source::Path(path) => Box::new(File::open(path)?),
            Source::Stdin | Source::Earlier => Box::new(io::stdin()),
        };
        Ok(Box::new(Keeping {
            pipe,
            spool: Arc::clone(self),
        }))
    }

    /// What was read so far, from its beginning.
    pub(super) fn again(self: &Arc<Self>) -> Again {
        Again {
            spool: Arc::clone(self),
            at: 0,
        }
    }

    /// Waits until all that was kept would outlive a power cut. A temporary file need not.
    pub(super) fn sync(&self) -> io::Result<()> {
        if self.folder.is_none() {
            return Ok(());
        }
        let mut state = self.lock();
        let unsafe_yet = state.pieces.iter_mut().filter(|piece| piece.unsafe_yet);
        let files: Vec<Arc<File>> = unsafe_yet
            .map(|piece| {
                piece.unsafe_yet = false;
                Arc::clone(&piece.file)
            })
            .collect();
        // The pipe goes on while the disk is waited for.
        drop(state);
        files.iter().try_for_each(|file| file.sync_data())
    }

    fn begin_piece(&self, state: &mut State) -> io::Result<()> {
        let file = match &self.folder {
            Some(folder) => {
                make_private(folder)?;
                private(OpenOptions::new().read(true).write(true).create_new(true))
                    .open(folder.join(format!("{:020}.log", state.length)))?
            }
            None => tempfile::tempfile()?,
        };
        state.pieces.push(Piece {
            start: state.length,
            file: Arc::new(file),
            unsafe_yet: true,
        });
        Ok(())
    }

    fn keep(&self, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.lock();
        let begun = state.pieces.last().map_or(0, |piece| piece.start);
        if self.folder.is_some() && state.at_line && state.length - begun >= PIECE {
            self.begin_piece(&mut state)?;
        }
        let length = state.length;
        if let Some(piece) = state.pieces.last_mut() {
            write_at(&piece.file, bytes, length - piece.start)?;
            piece.unsafe_yet = true;
        }
        state.length += bytes.len() as u64;
        state.at_line = bytes.last() == Some(&b'\n');
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Lengths are set after the bytes are written: a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets a file that is made be read by its owner alone, where the system knows owners.
#[cfg(unix)]
pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600)
}

/// Lets a file that is made be read by its owner alone, where the system knows owners.
#[cfg(not(unix))]
pub fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Makes a folder, and those above it, for their owner alone.
///
/// # Errors
/// What the system says.
pub fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn unkept(error: &io::Error) -> io::Error {
    trouble(
        error.kind(),
        format!("what comes through the pipe cannot be kept on the disk: {error}"),
        format!("パイプからの入力をディスクに保存できません（{error}）"),
    )
}

/// Reads the pipe and keeps what it gave.
struct Keeping {
    pipe: Box<dyn Read + Send>,
    spool: Arc<Spool>,
}

impl Read for Keeping {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.pipe.read(buffer)?;
        if read == 0 {
            self.spool.lock().ended |= !buffer.is_empty();
            return Ok(0);
        }
        self.spool
            .keep(&buffer[..read])
            .map_err(|error| unkept(&error))?;
        Ok(read)
    }
}

/// Reads what was kept.
pub(super) struct Again {
    spool: Arc<Spool>,
    at: u64,
}

impl Read for Again {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let state = self.spool.lock();
        let next = state.pieces.partition_point(|piece| piece.start <= self.at);
        let Some(piece) = next.checked_sub(1).and_then(|at| state.pieces.get(at)) else {
            return Ok(0);
        };
        let end = state.pieces.get(next).map_or(state.length, |p| p.start);
        let left = usize::try_from(end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let (file, from) = (Arc::clone(&piece.file), self.at - piece.start);
        drop(state);
        let wanted = left.min(buffer.len());
        let read = read_at(&file, &mut buffer[..wanted], from)?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Again {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
            SeekFrom::End(by) => self.spool.length().saturating_add_signed(by),
        };
        Ok(self.at)
    }
}
