//! The clerk of a run that goes on: keeps what is to be said, then says it.
//!
//! Takes issues in their order, on a thread of its own, so that no disk and no slow reader of
//! stdout holds up a judgment. Few issues wait; whoever brings more waits too. Never judges.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use super::super::args::{Output, OutputFormat};
use super::super::scan::Wanted;
use super::super::{Streams, files};
use super::desk::WallClock;
use super::keep::Keep;
use crate::alert::Alert;
use crate::diagnostic::{Lang, Problem};
use crate::pipeline::{Chapter, Issue, OpenedInput, Said, TakenBack};
use crate::sink::table::{self, Screen};
use crate::sink::{Reader, ndjson};
use crate::text::one_line;

/// Issues that wait for the clerk.
const WAITING: usize = 16;

/// Where alerts are written.
pub(super) struct Out<'o> {
    to: To<'o>,
    /// A table for this screen; `None`: JSON lines.
    screen: Option<Screen>,
}

enum To<'o> {
    Stdout(&'o mut (dyn Write + Send)),
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

/// Why the clerk could not go on.
pub(super) enum Trouble {
    /// Nothing could be kept.
    NotKept(Box<Problem>),
    /// Nothing could be said.
    NotSaid(io::Error),
}

/// Who keeps and says.
pub(super) struct Clerk<'c, 'o> {
    pub(super) keep: Option<Keep<'c>>,
    pub(super) out: Out<'o>,
    pub(super) reader: &'c Reader,
    pub(super) wanted: &'c Wanted,
    pub(super) clock: WallClock<'c>,
    /// The inputs as they were told last.
    pub(super) inputs: Vec<OpenedInput>,
    /// True when an alert reached the level to fail on.
    pub(super) reached: bool,
}

impl Clerk<'_, '_> {
    fn take(&mut self, order: Order) -> Result<(), Trouble> {
        if let Some(inputs) = order.inputs {
            self.inputs = inputs;
        }
        let issue = Issue {
            said: order.said,
            gone: order.gone,
            inputs: &self.inputs,
            whole: order.whole,
            chapter: order.chapter,
        };
        let (mut said, gone) = match &mut self.keep {
            Some(keep) => keep
                .commit(issue, self.clock.beat().now)
                .map_err(Trouble::NotKept)?,
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
        let told = self.out.say(&said, &gone, self.reader);
        told.map_err(Trouble::NotSaid)
    }
}

/// An issue on its way to the clerk.
struct Order {
    said: Vec<Said>,
    gone: Vec<TakenBack>,
    /// `None` where nothing new is to be written of them.
    inputs: Option<Vec<OpenedInput>>,
    whole: bool,
    chapter: Option<Chapter>,
}

/// How a clerk leaves.
type Left<'c, 'o> = (Clerk<'c, 'o>, Result<(), Trouble>);

/// A clerk at work on a thread of its own.
pub(super) struct AtWork<'s, 'c, 'o> {
    orders: SyncSender<Order>,
    thread: ScopedJoinHandle<'s, Left<'c, 'o>>,
    /// How many inputs the clerk was told of.
    told: usize,
}

impl<'s, 'c: 's, 'o: 's> AtWork<'s, 'c, 'o> {
    pub(super) fn begin(scope: &'s Scope<'s, '_>, clerk: Clerk<'c, 'o>) -> Self {
        let (orders, taken) = sync_channel(WAITING);
        AtWork {
            orders,
            thread: scope.spawn(move || work(clerk, &taken)),
            told: 0,
        }
    }

    /// Brings an issue.
    ///
    /// # Errors
    /// When the clerk has left: [`AtWork::leave`] tells why.
    pub(super) fn bring(&mut self, issue: Issue<'_>) -> io::Result<()> {
        let is_news = issue.chapter.is_some() || issue.inputs.len() != self.told;
        self.told = issue.inputs.len();
        let order = Order {
            said: issue.said,
            gone: issue.gone,
            inputs: is_news.then(|| issue.inputs.to_vec()),
            whole: issue.whole,
            chapter: issue.chapter,
        };
        self.orders.send(order).map_err(|_| has_left())
    }

    /// Whether the clerk is still at work.
    ///
    /// # Errors
    /// As for [`AtWork::bring`].
    pub(super) fn is_well(&self) -> io::Result<()> {
        match self.thread.is_finished() {
            true => Err(has_left()),
            false => Ok(()),
        }
    }

    /// Lets the clerk finish what waits.
    pub(super) fn leave(self) -> Left<'c, 'o> {
        drop(self.orders);
        match self.thread.join() {
            Ok(left) => left,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

fn work<'c, 'o>(mut clerk: Clerk<'c, 'o>, orders: &Receiver<Order>) -> Left<'c, 'o> {
    let done = orders.iter().try_for_each(|order| clerk.take(order));
    (clerk, done)
}

fn has_left() -> io::Error {
    io::Error::other("nothing can be kept or said")
}
