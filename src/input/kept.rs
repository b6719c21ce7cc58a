//! What is left of an input that was read before and is not read again.
//!
//! Takes its beginning and somebody who has some of its records; stands for it where a format is
//! told and where evidence is read. Never gives the whole input.

use std::io;
use std::time::SystemTime;

/// Gives ranges (offset and length in the decompressed bytes, sorted by offset).
pub type Records = Box<dyn Fn(&[(u64, u32)]) -> io::Result<Vec<Vec<u8>>> + Send + Sync>;

/// The beginning of an input and some of its records.
pub struct Kept {
    /// Its first decompressed bytes, as many as tell the format.
    pub head: Vec<u8>,
    /// When the file was last changed.
    pub modified: Option<SystemTime>,
    /// Its records.
    pub records: Records,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kept({} bytes)", self.head.len())
    }
}
