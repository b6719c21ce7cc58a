//! Inputs that are still being written: stdin as it comes, files as they grow.
//!
//! Takes an [`Input`]; gives its bytes as soon as they are there, and tells apart that nothing has
//! come yet from that nothing will come. Never interprets a line, never changes a log.

mod file;
mod lookout;
mod pipe;

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

pub use file::{Followed, Known, length_of, siblings};
pub use lookout::Lookout;

use super::decompress;
use super::{Input, Origin};

/// How long a reader that must not wait for ever sleeps before it looks again.
const LOOK: Duration = Duration::from_millis(20);

/// What came of waiting for bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrived {
    /// So many bytes; at least one.
    Bytes(usize),
    /// None within the time given.
    Nothing,
    /// None will come any more.
    End,
}

/// A stream whose writer takes its time.
pub trait Arriving: Send {
    /// Waits for bytes no longer than `patience`, or for as long as it takes.
    ///
    /// # Errors
    /// What the system says.
    fn arrive(&mut self, buffer: &mut [u8], patience: Option<Duration>) -> io::Result<Arrived>;
}

/// Reads a stream however long it takes, what was looked at already first.
pub struct Patient {
    head: io::Cursor<Vec<u8>>,
    rest: Box<dyn Arriving>,
}

impl Patient {
    /// `head` is given before the rest.
    pub fn new(head: Vec<u8>, rest: Box<dyn Arriving>) -> Patient {
        Patient {
            head: io::Cursor::new(head),
            rest,
        }
    }
}

impl Read for Patient {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.head.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            return Ok(read);
        }
        match self.rest.arrive(buffer, None)? {
            Arrived::Bytes(read) => Ok(read),
            Arrived::Nothing | Arrived::End => Ok(0),
        }
    }
}

/// True when a stream that begins so is packed; its first bytes suffice.
pub fn is_packed(head: &[u8]) -> bool {
    decompress::is_packed(head)
}

/// What a packed stream holds, and how it is packed.
///
/// # Errors
/// A compression that cannot be read.
pub fn unpack(stream: Patient) -> io::Result<(Box<dyn Read + Send>, &'static str)> {
    let opened = decompress::open(Box::new(stream))?;
    Ok((opened.reader, opened.compression))
}

/// An opened stream that is still being written.
pub struct Live {
    /// Its bytes.
    pub stream: Box<dyn Arriving>,
    /// When the file was last changed; `None` for a pipe.
    pub modified: Option<SystemTime>,
}

impl Input {
    /// Opens it to be followed until `stop` is set. `idle` is called whenever all that is there
    /// was read. `None` for what does not grow: packed files and members of archives, which are
    /// to be opened and read as they are.
    ///
    /// # Errors
    /// What the system says.
    pub fn follow(
        &self,
        stop: Arc<AtomicBool>,
        idle: Box<dyn FnMut() + Send>,
    ) -> io::Result<Option<Live>> {
        match &self.origin {
            Origin::Pipe(spool) => {
                let stream = pipe::Pumped::start(spool.open()?, stop)?;
                Ok(Some(Live {
                    stream: Box::new(stream),
                    modified: None,
                }))
            }
            Origin::Followed(followed) => {
                let (stream, modified) = followed.open(stop, idle)?;
                Ok(Some(Live {
                    stream: Box::new(stream),
                    modified,
                }))
            }
            Origin::File(_) | Origin::Member(_) | Origin::Kept(_) => Ok(None),
        }
    }

    /// The same input, to be followed as it grows; itself where it is none that can: packed, or
    /// no file.
    ///
    /// # Errors
    /// What the system says.
    pub fn growing(&self) -> io::Result<Input> {
        let Origin::File(path) = &self.origin else {
            return Ok(self.clone());
        };
        let mut file = std::fs::File::open(path)?;
        if !decompress::is_plain(&mut file)? {
            return Ok(self.clone());
        }
        Ok(Input {
            name: Arc::clone(&self.name),
            origin: Origin::Followed(Arc::new(Followed::new(path.clone()))),
        })
    }

    /// The file that is followed.
    pub fn followed(&self) -> Option<&Arc<Followed>> {
        match &self.origin {
            Origin::Followed(followed) => Some(followed),
            _ => None,
        }
    }
}
