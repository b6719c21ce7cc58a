//! Bytes that come only once, kept while they are read.
//!
//! Takes stdin or a pipe; gives a stream that can be read again at given ranges. Never keeps the
//! bytes in memory.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::trouble::trouble;

/// A pipe, and a temporary file without a name that holds what was read from it: evidence is
/// read again from there. The bytes are kept as they came, compressed when they came compressed.
#[derive(Debug)]
pub(super) struct Spool {
    source: Source,
    /// The reader of the pipe writes while others read ranges again, all through one file whose
    /// position they share: each of them seeks and acts under the lock.
    state: Mutex<State>,
}

/// Where the bytes come from.
#[derive(Debug)]
enum Source {
    Stdin,
    /// A named pipe or a device.
    Path(PathBuf),
}

#[derive(Debug, Default)]
struct State {
    file: Option<File>,
    /// Bytes kept so far.
    length: u64,
    opened: bool,
    ended: bool,
}

impl Spool {
    pub(super) fn stdin() -> Self {
        Spool {
            source: Source::Stdin,
            state: Mutex::default(),
        }
    }

    pub(super) fn path(path: PathBuf) -> Self {
        Spool {
            source: Source::Path(path),
            state: Mutex::default(),
        }
    }

    pub(super) fn is_stdin(&self) -> bool {
        matches!(self.source, Source::Stdin)
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
        let pipe: Box<dyn Read + Send> = match &self.source {
            Source::Stdin => Box::new(io::stdin()),
            Source::Path(path) => Box::new(File::open(path)?),
        };
        state.file = Some(tempfile::tempfile().map_err(|error| unkept(&error))?);
        state.opened = true;
        drop(state);
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

    fn lock(&self) -> MutexGuard<'_, State> {
        // Positions are set anew before each use: a panic elsewhere leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn unkept(error: &io::Error) -> io::Error {
    trouble(
        error.kind(),
        format!("what comes through the pipe cannot be kept in the temporary folder: {error}"),
        format!("パイプからの入力を一時フォルダーに保存できません（{error}）"),
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
        let mut state = self.spool.lock();
        if read == 0 {
            state.ended |= !buffer.is_empty();
            return Ok(0);
        }
        let length = state.length;
        if let Some(file) = &mut state.file {
            file.seek(SeekFrom::Start(length))
                .and_then(|_| file.write_all(&buffer[..read]))
                .map_err(|error| unkept(&error))?;
        }
        state.length += read as u64;
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
        let mut state = self.spool.lock();
        let left = state.length.saturating_sub(self.at);
        let Some(file) = &mut state.file else {
            return Ok(0);
        };
        file.seek(SeekFrom::Start(self.at))?;
        let read = file.take(left).read(buffer)?;
        self.at += read as u64;
        Ok(read)
    }
}
