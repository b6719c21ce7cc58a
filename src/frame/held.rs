//! Bytes at hand while an input is read, and memory that goes round.
//!
//! Takes bytes from a reader; gives them away in front, with the memory they lie in. Memory that
//! was filled once is filled again by later bytes, without being wiped or asked for anew: at a
//! megabyte a time that costs as much as some of the reading. Never looks at the bytes.

use std::io::{self, ErrorKind, Read};
use std::ops::Deref;
use std::sync::{Arc, Mutex};

/// Bytes that are made ready at once to be read into: a small input needs no more.
const STEP: usize = 64 << 10;
/// Most pieces of memory kept.
const MOST: usize = 16;
/// Largest of them, in bytes: what a long record took is not held on to.
const LARGEST: usize = 4 << 20;

/// Memory that was given away and came back, to be read into again; shared by those who read and
/// those who work on what was read.
#[derive(Clone, Debug, Default)]
pub struct Rooms(Arc<Mutex<Vec<Vec<u8>>>>);

impl Rooms {
    /// Takes memory back.
    pub fn give_back(&self, room: Vec<u8>) {
        if let Ok(mut rooms) = self.0.lock()
            && rooms.len() < MOST
            && room.capacity() <= LARGEST
        {
            rooms.push(room);
        }
    }

    /// Some memory, what lies in it is of no meaning; none where none came back.
    fn take(&self) -> Vec<u8> {
        let room = self.0.lock().ok().and_then(|mut rooms| rooms.pop());
        room.unwrap_or_default()
    }
}

/// The bytes at hand.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// The bytes, and behind them room.
    room: Vec<u8>,
    /// How many bytes there are.
    len: usize,
    rooms: Rooms,
}

impl Deref for Held {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.room[..self.len]
    }
}

impl Held {
    /// None yet; memory goes round by way of these rooms.
    pub(super) fn new(rooms: Rooms) -> Held {
        Held {
            rooms,
            ..Held::default()
        }
    }

    /// Reads so many bytes more, or as many as there are; gives how many.
    ///
    /// # Errors
    /// What the reader says; what it gave before is there.
    pub(super) fn read_all(&mut self, reader: &mut impl Read, wanted: usize) -> io::Result<usize> {
        let before = self.len;
        self.room
            .reserve_exact((self.len + wanted).saturating_sub(self.room.len()));
        while self.len - before < wanted {
            let (read, ready) = (self.len - before, self.room.len() - self.len);
            let most = ready.max(read).max(STEP).min(wanted - read);
            if self.read_once(reader, most)? == 0 {
                break;
            }
        }
        Ok(self.len - before)
    }

    /// Reads what the reader gives at once, at most so many bytes; gives how many.
    ///
    /// # Errors
    /// What the reader says.
    pub(super) fn read_once(&mut self, reader: &mut impl Read, most: usize) -> io::Result<usize> {
        let end = self.len + most;
        if self.room.len() < end {
            self.room.resize(end, 0);
        }
        loop {
            match reader.read(&mut self.room[self.len..end]) {
                Ok(read) => {
                    self.len += read;
                    return Ok(read);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives the first bytes away with the memory they lie in; those behind them stay.
    pub(super) fn give(&mut self, count: usize) -> Vec<u8> {
        let left = &self.room[count..self.len];
        let mut next = self.rooms.take();
        if next.len() < left.len() {
            next.resize(left.len(), 0);
        }
        next[..left.len()].copy_from_slice(left);
        self.len = left.len();
        let mut given = std::mem::replace(&mut self.room, next);
        given.truncate(count);
        given
    }

    /// Forgets the first bytes.
    pub(super) fn pass(&mut self, count: usize) {
        self.room.copy_within(count..self.len, 0);
        self.len -= count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is done with the bytes at hand.
    #[derive(Clone, Debug)]
    enum Step {
        Read(usize),
        ReadOnce(usize),
        Give(usize, bool),
        Pass(usize),
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0usize..40).prop_map(Step::Read),
            (0usize..40).prop_map(Step::ReadOnce),
            ((0usize..40), any::<bool>()).prop_map(|(count, back)| Step::Give(count, back)),
            (0usize..40).prop_map(Step::Pass),
        ]
    }

    proptest! {
        #[test]
        fn memory_that_goes_round_changes_nothing(
            steps in prop::collection::vec(any_step(), 0..60),
            bytes in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            let rooms = Rooms::default();
            let mut held = Held::new(rooms.clone());
            let (mut reader, mut literal) = (bytes.as_slice(), Vec::new());
            for step in steps {
                let at = bytes.len() - reader.len();
                match step {
                    Step::Read(wanted) | Step::ReadOnce(wanted) => {
                        let read = match step {
                            Step::Read(_) => held.read_all(&mut reader, wanted),
                            _ => held.read_once(&mut reader, wanted),
                        };
                        let expected = wanted.min(bytes.len() - at);
                        prop_assert_eq!(read.expect("a slice is read"), expected);
                        literal.extend_from_slice(&bytes[at..at + expected]);
                    }
                    Step::Give(count, back) => {
                        let count = count.min(literal.len());
                        let given = held.give(count);
                        let expected: Vec<u8> = literal.drain(..count).collect();
                        prop_assert_eq!(&given, &expected);
                        if back {
                            rooms.give_back(given);
                        }
                    }
                    Step::Pass(count) => {
                        let count = count.min(literal.len());
                        held.pass(count);
                        literal.drain(..count);
                    }
                }
                prop_assert_eq!(&*held, literal.as_slice());
            }
        }
    }

    #[test]
    fn what_came_before_an_error_is_there() {
        struct Broken(bool);
        impl Read for Broken {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                if std::mem::replace(&mut self.0, true) {
                    return Err(io::Error::other("broken"));
                }
                buffer[0] = b'a';
                Ok(1)
            }
        }
        let mut held = Held::default();
        assert!(held.read_all(&mut Broken(false), 9).is_err());
        assert_eq!(&*held, b"a");
    }
}
