//! `report maintenance` and `report patient`: what stands in the logs, read again for one question.
//!
//! Takes the arguments; gives the answer on stdout or in a file and an exit status. Runs no rule
//! and makes no alert.

mod maintenance;
mod patient;

use std::io::{self, Write};
use std::ops::Range;
use std::sync::atomic::Ordering;

use super::args::{Common, Extract, ExtractFormat, ExtractTask};
use super::house::House;
use super::memory::{Memory, Stop};
use super::plan::{Plan, World};
use super::scan::{add_early_complaints, interrupted, tasks};
use super::weekly::key;
use super::weekly::period::now;
use super::weekly::put::{self, Target};
use super::{Exit, Streams, files, report};
use crate::diagnostic::{Complaints, Lang, Problem};
use crate::event::Event;
use crate::input;
use crate::pipeline::{self, At, OpenedInput, Parsing, Watch};
use crate::report::Persons;
use crate::report::extract::{self, Answer, Basis};
use crate::sink::Reader;
use crate::sink::ledger::RunReport;
use crate::store::Store;

/// Does the whole command and says how it ended.
pub(super) fn report(
    asked: &ExtractTask,
    common: &Common,
    streams: &mut Streams<'_>,
) -> io::Result<Exit> {
    let mut complaints = Complaints::new();
    let world = World::present();
    let extract = match asked {
        ExtractTask::Maintenance(task) => &task.extract,
        ExtractTask::Patient(task) => &task.extract,
    };
    let plan = Plan::make(common, extract.timezone, &world, &mut complaints);
    let house = House::read(&plan, &Default::default(), &mut complaints);
    let question = Question {
        plan: &plan,
        house: &house,
        common,
        extract,
        world: &world,
    };
    let ended = match asked {
        ExtractTask::Maintenance(task) => {
            maintenance::of_maintenance(question, task, complaints, streams)
        }
        ExtractTask::Patient(task) => patient::of_patient(question, task, complaints, streams),
    };
    Stop::tell(ended, streams, plan.lang)
}

/// What is asked, and in which house.
#[derive(Clone, Copy)]
struct Question<'q> {
    plan: &'q Plan,
    house: &'q House,
    common: &'q Common,
    extract: &'q Extract,
    world: &'q World<'q>,
}

/// What was read for an answer.
struct Read {
    /// The account of it.
    ledger: RunReport,
    /// Paths that could not be read.
    unreadable: u64,
    /// The exit status that the reading deserves.
    exit: Exit,
}

/// What is shown of each event that lies in the period, and where it stands.
type Look<'l> = &'l mut dyn FnMut(&Event<'_>, &At<'_>);

impl Question<'_> {
    fn reader(&self) -> Reader {
        Reader {
            lang: self.plan.lang,
            zone: self.plan.zone,
        }
    }

    /// The period asked for, nanoseconds since 1970.
    fn period(&self, complaints: &mut Complaints) -> Range<i64> {
        let reading = self.extract.reading();
        let bounds = self.plan.bounds(&reading, self.world, complaints);
        bounds.since.unwrap_or(i64::MIN)..bounds.until.unwrap_or(i64::MAX)
    }

    /// The form that is wanted.
    fn form(&self, complaints: &mut Complaints) -> ExtractFormat {
        let form = put::form(
            self.extract.output_format,
            (self.extract.output.as_deref(), ExtractFormat::of_ending),
            (".html, .md, .xlsx, .csv, .json or .txt", "--output-format"),
            complaints,
        );
        if form == Some(ExtractFormat::Pdf) {
            complaints.push(put::no_pdf());
        }
        form.unwrap_or(ExtractFormat::Table)
    }

    /// How persons are told. Names are told only where it can be written down who asked.
    fn persons(&self, streams: &mut Streams<'_>) -> Result<Persons, Stop> {
        let store = self.plan.store(&self.extract.store);
        match (self.extract.names, self.extract.mask) {
            (true, _) if store.is_none() => Err(Stop::mistake(
                Problem::error(
                    "--names: there is no store in which it can be written down who asked",
                    "--names: 照会したことを残すストアがありません",
                )
                .help(
                    "name it with --store, or write store: FILE in the config",
                    "--store で指定するか、設定に store: ファイル と書いてください",
                ),
            )),
            (true, _) => Ok(Persons::Names),
            (_, true) => {
                let named = self.extract.key.as_deref();
                let key = key::of_report((store.as_deref(), named), streams, self.plan.lang)?;
                Ok(Persons::Masked(key))
            }
            _ => Ok(Persons::Ids),
        }
    }

    /// Writes into the run record, where a store is named, that this was asked; gives the number
    /// and the digest of the entry.
    fn record(
        &self,
        command: &str,
        note: &serde_json::Value,
        streams: &mut Streams<'_>,
    ) -> Result<Option<(i64, String)>, Stop> {
        if self.plan.store(&self.extract.store).is_none() {
            return Ok(None);
        }
        let mut memory = Memory::open(self.plan, &self.extract.store, Store::look_only)?;
        if let Some(problem) = memory.enter(command, note) {
            writeln!(streams.err, "{}", problem.render(self.plan.lang))?;
            return Ok(None);
        }
        let last = memory.ask(|store| store.runs())?.pop();
        Ok(last.map(|row| (row.number, row.digest)))
    }

    /// Reads all logs and shows their events; gives what was read, or how it ended before.
    fn read(
        &self,
        paths: &[String],
        mut complaints: Complaints,
        streams: &mut Streams<'_>,
        look: Look<'_>,
    ) -> Result<Result<Read, Exit>, Stop> {
        let (plan, reading) = (self.plan, self.extract.reading());
        let mut unused = Complaints::new();
        let bounds = plan.bounds(&reading, self.world, &mut unused);
        let paths = plan.paths(paths, &mut complaints);
        let found = input::find(&paths);
        let results = [self.extract.output.as_ref()];
        files::spare_inputs(&results, &found.inputs, &mut complaints);
        let tasks = tasks(plan, &reading, &bounds, &found.inputs);
        add_early_complaints(&tasks, &mut complaints);
        if streams.complain(&complaints, plan.lang)? {
            return Ok(Err(Exit::Mistake));
        }
        let watch = Watch::default();
        super::stop_on_interrupt(&watch);
        let mut show = |at: At<'_>, parsing: Parsing<'_, '_>| {
            if let Parsing::Event(event) = parsing {
                look(event, &at);
            }
            Ok(())
        };
        let inputs = pipeline::parse(tasks, pipeline::BLOCK, &watch, &mut show)?;
        if watch.stop.load(Ordering::Relaxed) {
            return Ok(Err(streams.failed(&interrupted(), plan.lang)?));
        }
        if streams.complain(&report::settings_complaints(&inputs), plan.lang)? {
            return Ok(Err(Exit::Mistake));
        }
        streams.unreadable(&found.unreadable, plan.lang)?;
        Ok(Ok(self.account(
            &inputs,
            found.unreadable.len(),
            streams,
        )?))
    }

    /// Shows the ledger of what was read.
    fn account(
        &self,
        inputs: &[OpenedInput],
        unreadable: usize,
        streams: &mut Streams<'_>,
    ) -> io::Result<Read> {
        let ledger = report::of_inputs(self.plan, inputs);
        streams.ledger(&ledger, &self.reader(), self.common, None)?;
        let is_incomplete = unreadable > 0 || report::is_incomplete(self.plan, &ledger);
        Ok(Read {
            unreadable: unreadable as u64,
            exit: match is_incomplete {
                true => Exit::Incomplete,
                false => Exit::Done,
            },
            ledger,
        })
    }

    /// What the answer rests on.
    fn basis<'r>(
        &self,
        read: &'r Read,
        persons: &Persons,
        (period, entry): (Range<i64>, Option<(i64, String)>),
    ) -> Result<Basis<'r>, Stop> {
        Ok(Basis {
            site: self.plan.config.name.clone(),
            zone: self.plan.zone,
            now: now(self.plan, self.extract.now)?,
            period,
            identities: persons.word(),
            absent: report::absent_sources(self.plan, &read.ledger),
            unreadable: read.unreadable,
            ledger: &read.ledger,
            entry,
        })
    }

    /// Brings an answer where it is wanted, in the form that is wanted.
    fn answer(
        &self,
        form: ExtractFormat,
        streams: &mut Streams<'_>,
        write: impl FnOnce(&mut dyn Write, ExtractFormat) -> io::Result<()>,
    ) -> Result<(), Stop> {
        let store = self.plan.store(&self.extract.store);
        let target = Target {
            output: self.extract.output.as_deref(),
            by_itself: form
                .page_ending()
                .map(|end| format!("yomawari-report.{end}")),
            store: store.as_deref(),
        };
        put::put(&target, (streams, self.plan.lang), |out| write(out, form))
    }
}

/// Writes an answer in a form of the weekly page.
fn write(
    out: &mut dyn Write,
    form: ExtractFormat,
    (answer, basis, lang): (Answer<'_>, &Basis<'_>, Lang),
) -> io::Result<()> {
    match form {
        ExtractFormat::Xlsx => {
            let book = extract::workbook(answer, basis, lang).map_err(io::Error::other)?;
            out.write_all(&book)
        }
        ExtractFormat::Md => out.write_all(extract::markdown(answer, basis, lang).as_bytes()),
        _ => out.write_all(extract::page(answer, basis, lang).as_bytes()),
    }
}
