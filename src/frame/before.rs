//! The bytes before a segment, for records that mean the message before.

use std::collections::VecDeque;

use super::Segment;

/// The bytes before the next segment, from a record's beginning on.
#[derive(Default)]
pub(super) struct Before {
    bytes: Vec<u8>,
    /// Offsets of records that may be its beginning.
    starts: VecDeque<u64>,
}

impl Before {
    /// A record begins at this offset.
    pub(super) fn begins(&mut self, offset: u64, keep: usize) {
        self.starts.push_back(offset);
        self.forget(offset, keep);
    }

    /// Leaves out beginnings that lie too far before `end`.
    fn forget(&mut self, end: u64, keep: usize) {
        let is_far = |start: &u64| start + (keep as u64) < end;
        while self.starts.front().is_some_and(is_far) {
            self.starts.pop_front();
        }
    }

    /// The bytes kept.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The bytes before `segment`; then those before what follows it are at hand.
    pub(super) fn pass(&mut self, segment: &Segment, keep: usize) -> Vec<u8> {
        let end = segment.offset + segment.bytes.len() as u64;
        self.forget(end, keep);
        let begin = self.starts.front().copied().unwrap_or(end).min(end);
        let back = usize::try_from(end - begin).unwrap_or(0);
        let mut bytes = Vec::with_capacity(back);
        if let Some(more) = back.checked_sub(segment.bytes.len()) {
            bytes.extend_from_slice(&self.bytes[self.bytes.len() - more..]);
            bytes.extend_from_slice(&segment.bytes);
        } else {
            bytes.extend_from_slice(&segment.bytes[segment.bytes.len() - back..]);
        }
        std::mem::replace(&mut self.bytes, bytes)
    }
}
