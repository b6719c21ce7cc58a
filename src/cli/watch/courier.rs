//! Brings what waits in the store of a live run to the sinks, beside the run.
//!
//! Takes a nudge after each commit; delivers on a thread and a connection of its own, so that no
//! slow server holds up a judgment. Never says anything: what was not taken waits in the store, and
//! the end of the run tells of it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::super::deliver::{Patience, Sinks, deliver};
use crate::store::Store;

/// A thread that delivers.
pub(super) struct Courier {
    nudge: Option<SyncSender<()>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Courier {
    /// Starts out; nothing is delivered before the first nudge.
    pub(super) fn new(store: &Path, sinks: &Sinks) -> Courier {
        let (nudge, nudges) = sync_channel(1);
        let stop = Arc::new(AtomicBool::new(false));
        let (store, sinks, stopped) = (store.to_owned(), sinks.clone(), Arc::clone(&stop));
        let thread = thread::spawn(move || {
            while nudges.recv().is_ok() {
                if let Ok(store) = Store::look(&store) {
                    // A store that is busy keeps what waits; the next nudge finds it.
                    let _ = deliver(&store, &sinks, Patience::USUAL, &stopped);
                }
            }
        });
        Courier {
            nudge: Some(nudge),
            stop,
            thread: Some(thread),
        }
    }

    /// Something waits. One nudge that is still to be heard stands for all after it.
    pub(super) fn nudge(&self) {
        if let Some(nudge) = &self.nudge {
            let _ = nudge.try_send(());
        }
    }
}

impl Drop for Courier {
    /// Ends at once: what is on its way is finished, what waits is left to whoever comes next.
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.nudge = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
