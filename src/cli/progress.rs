//! How far the reading is, shown to a person who waits.
//!
//! Takes a counter of bytes read that the reading threads push on; draws a line on stderr once the
//! work takes longer than a second, and wipes it at the end. Never touches stdout and never slows
//! the reading: it only looks at the counter.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{Common, Reading};
use crate::diagnostic::Lang;

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often the line is drawn.
const STEP: Duration = Duration::from_millis(100);

/// A line that shows how far the reading is, until it is dropped.
pub struct Progress {
    /// Dropped to say that the work is done.
    done: Option<Sender<()>>,
    drawer: Option<JoinHandle<()>>,
}

/// Whether a line is wanted at all: on a terminal, and not told otherwise.
pub fn is_wanted(reading: &Reading, common: &Common, stderr_is_terminal: bool) -> bool {
    stderr_is_terminal && !reading.no_progress && !common.quiet
}

impl Progress {
    /// Watches `read`, bytes read from disk so far, of `total`; without a total (a pipe) only the
    /// amount and the rate are shown.
    pub fn start(total: Option<u64>, read: Arc<AtomicU64>, lang: Lang) -> Progress {
        Progress::draw_on(ProgressDrawTarget::stderr(), line(total, lang), read)
    }

    fn draw_on(target: ProgressDrawTarget, bar: ProgressBar, read: Arc<AtomicU64>) -> Progress {
        let (done, is_done) = mpsc::channel::<()>();
        let drawer = std::thread::spawn(move || {
            let goes_on = |wait| is_done.recv_timeout(wait) == Err(RecvTimeoutError::Timeout);
            if !goes_on(PATIENCE) {
                return;
            }
            bar.set_draw_target(target);
            while goes_on(STEP) {
                bar.set_position(read.load(Ordering::Relaxed));
            }
            bar.finish_and_clear();
        });
        Progress {
            done: Some(done),
            drawer: Some(drawer),
        }
    }
}

impl Drop for Progress {
    /// Wipes the line before anything else is written.
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(drawer) = self.drawer.take() {
            // A drawer that panicked has left no line behind; the work's result stands.
            let _ = drawer.join();
        }
    }
}

/// The line, not drawn anywhere yet.
fn line(total: Option<u64>, lang: Lang) -> ProgressBar {
    let template = match (total, lang) {
        (Some(_), Lang::Ja) => "読込 {wide_bar} {bytes}/{total_bytes}  {bytes_per_sec}  残り {eta}",
        (Some(_), Lang::En) => "read {wide_bar} {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left",
        (None, Lang::Ja) => "{spinner} 読込 {bytes}  {bytes_per_sec}",
        (None, Lang::En) => "{spinner} read {bytes}  {bytes_per_sec}",
    };
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
    bar.set_style(ProgressStyle::with_template(template).expect("a test reads all templates"));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::{Arguments, Command};
    use clap::Parser as _;
    use std::time::Instant;

    #[test]
    fn all_templates_are_well_formed() {
        for lang in [Lang::Ja, Lang::En] {
            line(Some(10), lang);
            line(None, lang);
        }
    }

    #[test]
    fn short_work_is_not_held_up() {
        let begin = Instant::now();
        drop(Progress::start(Some(10), Arc::default(), Lang::En));
        assert!(begin.elapsed() < PATIENCE);
    }

    #[test]
    fn long_work_is_followed_and_ends() {
        let read = Arc::new(AtomicU64::new(0));
        let bar = line(Some(100), Lang::Ja);
        let seen = bar.clone();
        let progress = Progress::draw_on(ProgressDrawTarget::hidden(), bar, read.clone());
        read.store(60, Ordering::Relaxed);
        std::thread::sleep(PATIENCE + STEP * 5);
        assert_eq!(seen.position(), 60);
        drop(progress);
        assert!(seen.is_finished());
    }

    #[test]
    fn quiet_and_files_show_no_line() {
        let wanted = |words: &str, terminal| {
            let words = std::iter::once("yomawari").chain(words.split_whitespace());
            let arguments = Arguments::try_parse_from(words).unwrap();
            match arguments.command {
                Command::Scan(scan) => is_wanted(&scan.run.reading, &arguments.common, terminal),
                other => panic!("{other:?}"),
            }
        };
        assert!(wanted("scan", true));
        assert!(!wanted("scan", false));
        assert!(!wanted("scan -q", true));
        assert!(!wanted("scan --no-progress", true));
    }
}
