//! A pipe as it comes: somebody has to wait for it, so that nobody else does.
//!
//! Takes a reader that may keep silent for hours; gives its bytes with a time limit. At most a few
//! blocks wait between the two: a writer that is faster than the program is slowed down.

use std::io::{self, ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

use super::{Arrived, Arriving, LOOK};

/// Bytes read at once.
const BLOCK: usize = 64 << 10;
/// Blocks that wait.
const WAITING: usize = 16;
/// Writers that give a line at a time are waited for as long, so that lines are not judged one by
/// one.
const GATHER: Duration = Duration::from_millis(5);

/// The receiving end of a pipe.
pub(super) struct Pumped {
    blocks: Receiver<io::Result<Vec<u8>>>,
    block: Vec<u8>,
    given: usize,
    ended: bool,
    stop: Arc<AtomicBool>,
}

impl Pumped {
    /// Begins to read. The thread that waits ends with the pipe, or with the program.
    pub(super) fn start(pipe: Box<dyn Read + Send>, stop: Arc<AtomicBool>) -> io::Result<Pumped> {
        let (sender, blocks) = sync_channel(WAITING);
        thread::Builder::new()
            .name("pipe".to_owned())
            .spawn(move || pump(pipe, &sender))?;
        Ok(Pumped {
            blocks,
            block: Vec::new(),
            given: 0,
            ended: false,
            stop,
        })
    }

    fn take(&mut self, block: Vec<u8>) {
        self.block.drain(..self.given);
        self.given = 0;
        self.block.extend(block);
    }

    /// Takes what came meanwhile, up to a block.
    fn gather(&mut self) -> io::Result<()> {
        while !self.ended && self.block.len() - self.given < BLOCK {
            match self.blocks.try_recv() {
                Ok(block) => self.take(block?),
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => self.ended = true,
            }
        }
        Ok(())
    }

    /// Waits for the next block; false when there was none.
    fn wait(&mut self, patience: Option<Duration>) -> io::Result<bool> {
        let mut left = patience;
        loop {
            let now = left.map_or(LOOK, |left| left.min(LOOK));
            match self.blocks.recv_timeout(now) {
                Ok(block) => {
                    self.take(block?);
                    return Ok(true);
                }
                Err(RecvTimeoutError::Disconnected) => {
                    self.ended = true;
                    return Ok(false);
                }
                Err(RecvTimeoutError::Timeout) if self.stop.load(Ordering::Relaxed) => {
                    self.ended = true;
                    return Ok(false);
                }
                Err(RecvTimeoutError::Timeout) => {
                    left = left.map(|left| left.saturating_sub(now));
                    if left.is_some_and(|left| left.is_zero()) {
                        return Ok(false);
                    }
                }
            }
        }
    }
}

impl Arriving for Pumped {
    fn arrive(&mut self, buffer: &mut [u8], patience: Option<Duration>) -> io::Result<Arrived> {
        if self.given == self.block.len() && !self.ended && self.wait(patience)? {
            self.gather()?;
            if self.block.len() < BLOCK / 2 && !self.ended {
                thread::sleep(GATHER);
                self.gather()?;
            }
        }
        let read = (&self.block[self.given..]).read(buffer)?;
        self.given += read;
        Ok(match (read, self.ended) {
            (0, true) => Arrived::End,
            (0, false) => Arrived::Nothing,
            (read, _) => Arrived::Bytes(read),
        })
    }
}

fn pump(mut pipe: Box<dyn Read + Send>, sender: &SyncSender<io::Result<Vec<u8>>>) {
    let mut buffer = vec![0; BLOCK];
    loop {
        let block = match pipe.read(&mut buffer) {
            Ok(0) => return,
            Ok(read) => Ok(buffer[..read].to_vec()),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let failed = block.is_err();
        // Nobody listens any more once the run has ended.
        if sender.send(block).is_err() || failed {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn all(pumped: &mut Pumped) -> Vec<u8> {
        let mut out = Vec::new();
        let mut buffer = [0; 1000];
        loop {
            match pumped.arrive(&mut buffer, None).unwrap() {
                Arrived::Bytes(read) => out.extend_from_slice(&buffer[..read]),
                Arrived::Nothing => {}
                Arrived::End => return out,
            }
        }
    }

    #[test]
    fn a_pipe_gives_what_came_and_waits_no_longer_than_told() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let mut pumped = Pumped::start(Box::new(reader), Arc::default()).unwrap();
        let mut buffer = [0; 8];
        let limit = Some(Duration::from_millis(30));
        assert_eq!(pumped.arrive(&mut buffer, limit).unwrap(), Arrived::Nothing);
        writer.write_all(b"ab\n").unwrap();
        assert_eq!(pumped.arrive(&mut buffer, None).unwrap(), Arrived::Bytes(3));
        let sent: Vec<u8> = (0..400_000_u32).map(|i| (i % 251) as u8).collect();
        let copy = sent.clone();
        let writing = thread::spawn(move || writer.write_all(&copy).unwrap());
        assert!(all(&mut pumped) == sent);
        writing.join().unwrap();
    }

    #[test]
    fn a_pipe_that_keeps_silent_ends_when_told_to_stop() {
        let (reader, _writer) = std::io::pipe().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let mut pumped = Pumped::start(Box::new(reader), Arc::clone(&stop)).unwrap();
        stop.store(true, Ordering::Relaxed);
        assert_eq!(pumped.arrive(&mut [0; 8], None).unwrap(), Arrived::End);
    }
}
