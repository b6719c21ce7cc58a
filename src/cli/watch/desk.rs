//! The desk of a run that goes on: tells the time, finds new inputs, says alerts.
//!
//! Takes what the pipeline has to say; writes it line by line, after it was kept. The only place
//! of a live run that reads a clock.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::time::{Duration, Instant};

use super::super::args::{Output, OutputFormat, Reading};
use super::super::plan::{Bounds, Plan};
use super::super::scan::{self, Wanted};
use super::super::{Streams, files};
use super::LATENESS;
use super::keep::Keep;
use crate::alert::Alert;
use crate::diagnostic::{Lang, Problem};
use crate::input::Lookout;
use crate::pipeline::{Beat, Beside, Desk, Issue, Said, TakenBack, Task};
use crate::sink::table::{self, Screen};
use crate::sink::{Reader, ndjson};
use crate::text::one_line;

/// How often new files are looked for.
const LOOK: Duration = Duration::from_millis(500);

/// Where alerts are written.
pub(super) struct Out<'o> {
    to: To<'o>,
    /// A table for this screen; `None`: JSON lines.
    screen: Option<Screen>,
}

enum To<'o> {
    Stdout(&'o mut dyn Write),
    File(BufWriter<File>),
}

impl<'o> Out<'o> {
    /// Opens it. What is in a file stays: a service that starts anew says what is new.
    ///
    /// # Errors
    /// When the file cannot be made, with its name.
    pub(super) fn open<'s: 'o>(
        output: &Output,
        format: OutputFormat,
        streams: &'o mut Streams<'s>,
    ) -> io::Result<Out<'o>> {
        let to_terminal = output.output.is_none() && streams.out_is_terminal;
        let screen = streams.screen(to_terminal);
        let to = match &output.output {
            Some(path) => {
                let file = files::append(path).map_err(|error| files::named(path, &error))?;
                To::File(file)
            }
            None => To::Stdout(&mut *streams.out),
        };
        Ok(Out {
            to,
            screen: (format == OutputFormat::Table).then_some(screen),
        })
    }

    fn write(&mut self) -> &mut dyn Write {
        match &mut self.to {
            To::Stdout(out) => *out,
            To::File(file) => file,
        }
    }

    fn say(&mut self, said: &[Said], gone: &[TakenBack], reader: &Reader) -> io::Result<()> {
        match self.screen {
            Some(screen) => {
                let alerts: Vec<Alert> = said.iter().map(|said| said.alert.clone()).collect();
                let mut text = table::render(&alerts, reader, screen);
                for back in gone.iter().filter(|back| back.successor.is_none()) {
                    text.push_str(&one_line(&taken_back(back, reader.lang)));
                    text.push('\n');
                }
                self.write().write_all(text.as_bytes())?;
            }
            None => {
                for said in said {
                    ndjson::write_anew(self.write(), &said.alert, &said.supersedes, &reader.zone)?;
                }
                for back in gone.iter().filter(|back| back.successor.is_none()) {
                    let line = ndjson::TakenBack {
                        id: &back.id,
                        rule: &back.rule,
                        key: &back.key,
                        span: back.span,
                        revision: back.revision,
                    };
                    ndjson::write_back(self.write(), line, &reader.zone)?;
                }
            }
        }
        self.write().flush()
    }
}

fn taken_back(back: &TakenBack, lang: Lang) -> String {
    let (name, id) = (&back.rule.name, &back.id);
    match lang {
        Lang::En => format!("taken back: {name} {id}"),
        Lang::Ja => format!("取り消し: {name} {id}"),
    }
}

/// The desk of the program.
pub(super) struct FrontDesk<'d, 'o> {
    pub(super) out: Out<'o>,
    pub(super) reader: &'d Reader,
    pub(super) wanted: &'d Wanted,
    pub(super) plan: &'d Plan,
    pub(super) reading: &'d Reading,
    pub(super) bounds: &'d Bounds,
    pub(super) lookout: Lookout,
    /// What is to be read first.
    pub(super) waiting: Vec<Task>,
    /// When new files were looked for.
    pub(super) looked: Option<Instant>,
    pub(super) began: Instant,
    pub(super) keep: Option<Keep<'d>>,
    /// Why nothing could be kept.
    pub(super) failed: Option<Box<Problem>>,
    /// True when an alert reached the level to fail on.
    pub(super) reached: bool,
}

impl Desk for FrontDesk<'_, '_> {
    fn beat(&mut self) -> Beat {
        let since = self.began.elapsed();
        // A told time goes on as the clock does.
        let told = self.bounds.now.map(|now| {
            let passed = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
            now.saturating_add(passed)
        });
        Beat {
            now: told.unwrap_or_else(|| scan::now(self.plan, self.bounds).nanos),
            since,
        }
    }

    fn arrivals(&mut self) -> Vec<Task> {
        let mut tasks = std::mem::take(&mut self.waiting);
        let is_time = self.looked.is_none_or(|looked| looked.elapsed() >= LOOK);
        if !self.lookout.is_idle() && is_time {
            // What is wrong with a path was said at the beginning.
            let (inputs, _) = self.lookout.look();
            tasks.extend(scan::tasks(self.plan, self.reading, self.bounds, &inputs));
            self.looked = Some(Instant::now());
        }
        tasks
    }

    fn is_open(&self) -> bool {
        !self.lookout.is_idle()
    }

    fn lateness(&self, source: &str) -> i64 {
        let config = &self.plan.config;
        let of_source = config.sources.iter().find(|s| s.name == source);
        of_source
            .and_then(|s| s.lateness)
            .or(config.lateness)
            .unwrap_or(LATENESS)
    }

    fn keeps(&self) -> Option<u64> {
        self.keep.as_ref().map(Keep::key)
    }

    fn beside(&mut self) -> Option<Beside<'_>> {
        self.keep.as_mut().map(Keep::beside)
    }

    fn issue(&mut self, issue: Issue<'_>) -> io::Result<()> {
        let now = self.beat().now;
        let (mut said, gone) = match &mut self.keep {
            Some(keep) => match keep.commit(issue, now) {
                Ok(kept) => kept,
                Err(problem) => {
                    self.failed = Some(problem);
                    return Err(io::Error::other("nothing can be kept"));
                }
            },
            None => (issue.said, issue.gone),
        };
        said.retain(|said| self.wanted.holds(&said.alert));
        self.reached |= said.iter().any(|said| self.wanted.reached(&said.alert));
        let gone: Vec<TakenBack> = gone
            .into_iter()
            .filter(|back| self.wanted.concerns(&back.rule))
            .collect();
        if said.is_empty() && gone.is_empty() {
            return Ok(());
        }
        self.out.say(&said, &gone, self.reader)
    }
}
