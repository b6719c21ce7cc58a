//! `report maintenance` and `report patient`: what stands in the logs, read again for one question.
//!
//! Takes the arguments; gives the answer on stdout or in a file and an exit status. Runs no rule
//! and makes no alert.

use std::fs;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::atomic::Ordering;

use super::args::{Common, Extract, ExtractFormat, ExtractTask, ReportMaintenance, ReportPatient};
use super::house::House;
use super::memory::{Memory, Stop};
use super::plan::{Plan, World};
use super::scan::{early_complaints, interrupted, tasks};
use super::{Exit, Streams, files, report};
use crate::diagnostic::{Complaints, Problem};
use crate::enrich::{self, derive_all};
use crate::event::{Event, Field};
use crate::input;
use crate::pipeline::{self, At, OpenedInput, Parsing, Watch};
use crate::reconcile::{Spot, Watcher};
use crate::register::{RegisterFile, read_work_plan};
use crate::sink::Reader;
use crate::sink::maintenance::{self, Maintenance};
use crate::sink::openings::{self, Opening, Openings};
use crate::store::Store;
use crate::text::fold_width;

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
        ExtractTask::Maintenance(task) => of_maintenance(question, task, complaints, streams),
        ExtractTask::Patient(task) => of_patient(question, task, complaints, streams),
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

    /// Reads all logs and shows their events; gives the exit status that the reading deserves.
    fn read(
        &self,
        paths: &[String],
        mut complaints: Complaints,
        streams: &mut Streams<'_>,
        look: Look<'_>,
    ) -> Result<Exit, Stop> {
        let (plan, reading) = (self.plan, self.extract.reading());
        let mut unused = Complaints::new();
        let bounds = plan.bounds(&reading, self.world, &mut unused);
        let paths = plan.paths(paths, &mut complaints);
        let found = input::find(&paths);
        let results = [self.extract.output.as_ref()];
        files::spare_inputs(&results, &found.inputs, &mut complaints);
        if streams.complain(&complaints, plan.lang)? {
            return Ok(Exit::Mistake);
        }
        let tasks = tasks(plan, &reading, &bounds, &found.inputs);
        let early = early_complaints(&tasks);
        if streams.complain(&early, plan.lang)? {
            return Ok(Exit::Mistake);
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
            return Ok(streams.failed(&interrupted(), plan.lang)?);
        }
        if streams.complain(&report::settings_complaints(&inputs), plan.lang)? {
            return Ok(Exit::Mistake);
        }
        let unreadable = streams.unreadable(&found.unreadable, plan.lang)?;
        Ok(self.account(&inputs, unreadable, streams)?)
    }

    /// Shows the ledger of what was read.
    fn account(
        &self,
        inputs: &[OpenedInput],
        unreadable: bool,
        streams: &mut Streams<'_>,
    ) -> io::Result<Exit> {
        let report = report::of_inputs(self.plan, inputs);
        streams.ledger(&report, &self.reader(), self.common, None)?;
        Ok(
            match unreadable || report::is_incomplete(self.plan, &report) {
                true => Exit::Incomplete,
                false => Exit::Done,
            },
        )
    }

    /// Brings an answer where it is wanted, in the form that is wanted.
    fn answer(
        &self,
        streams: &mut Streams<'_>,
        write: impl FnOnce(&mut dyn Write, ExtractFormat) -> io::Result<()>,
    ) -> io::Result<()> {
        let form = self.extract.form();
        match &self.extract.output {
            None => write(streams.out, form),
            Some(path) => {
                let written = files::create(path).and_then(|mut file| {
                    write(&mut file, form)?;
                    file.flush()
                });
                written.map_err(|error| files::named(path, &error))
            }
        }
    }
}

fn of_maintenance(
    question: Question<'_>,
    task: &ReportMaintenance,
    mut complaints: Complaints,
    streams: &mut Streams<'_>,
) -> Result<Exit, Stop> {
    let period = question.period(&mut complaints);
    let bytes = fs::read(&task.plan);
    if let Err(error) = &bytes {
        complaints.push(no_plan(task, error));
    }
    let name = task.plan.to_string_lossy();
    let file = RegisterFile {
        name: &name,
        bytes: &bytes.unwrap_or_default(),
    };
    let plans = match complaints.has_errors() {
        true => Vec::new(),
        false => read_work_plan(&file, question.plan.zone, &mut complaints),
    };
    let everything = i64::MIN..i64::MAX;
    let mut watcher = Watcher::new(&plans, &question.house.registers, everything);
    let exit = question.read(&task.paths, complaints, streams, &mut |event, at| {
        let spot = Spot {
            source: at.source,
            path: at.path,
            line: at.line,
        };
        watcher.look(event, spot);
    })?;
    if matches!(exit, Exit::Mistake | Exit::Failed) {
        return Ok(exit);
    }
    let found = watcher.finish(period);
    let told = Maintenance {
        plans: &plans,
        found: &found,
    };
    let reader = question.reader();
    question.answer(streams, |out, form| match form {
        ExtractFormat::Table => out.write_all(maintenance::text(told, &reader).as_bytes()),
        ExtractFormat::Json => maintenance::write_json(out, told, &reader),
        ExtractFormat::Csv => maintenance::write_csv(out, told, &reader),
    })?;
    Ok(exit)
}

fn no_plan(task: &ReportMaintenance, error: &io::Error) -> Problem {
    let name = task.plan.display();
    Problem::error(
        format!("the work plan {name} cannot be read: {error}"),
        format!("作業計画 {name} を読めません: {error}"),
    )
    .help(
        "name a CSV or XLSX file with --plan",
        "--plan に CSV か XLSX のファイルを指定してください",
    )
}

fn of_patient(
    question: Question<'_>,
    task: &ReportPatient,
    mut complaints: Complaints,
    streams: &mut Streams<'_>,
) -> Result<Exit, Stop> {
    let period = question.period(&mut complaints);
    let patient = fold_width(task.id.trim()).into_owned();
    if patient.is_empty() {
        complaints.push(
            Problem::error("the patient number is empty", "患者IDが空です").help(
                "write it as it stands in the logs, with the zeros before it",
                "記録にあるとおり、先頭の 0 も含めて書いてください",
            ),
        );
    }
    if streams.complain(&complaints, question.plan.lang)? {
        return Ok(Exit::Mistake);
    }
    // Written down before the answer is given: who looked must not hang on how it ended.
    if question.plan.store(&task.store).is_some() {
        let mut memory = Memory::open(question.plan, &task.store, Store::look_only)?;
        let note = serde_json::json!({ "patient": patient });
        memory.record("report patient", &note, streams, question.plan.lang)?;
    }
    let mut told = Openings {
        patient: patient.clone(),
        ..Openings::default()
    };
    let house = enrich::House {
        calendars: &question.house.calendars,
        registers: &question.house.registers,
    };
    let exit = question.read(&task.paths, Complaints::new(), streams, &mut |event, at| {
        let Some(time) = event.time().filter(|time| period.contains(&time.nanos)) else {
            return;
        };
        if time.trusted {
            let (first, last) = told.covered.unwrap_or((time.nanos, time.nanos));
            told.covered = Some((first.min(time.nanos), last.max(time.nanos)));
        }
        let mut ids = event.values(Field::PatientId);
        if ids.any(|id| fold_width(id) == patient) {
            told.openings.extend(opening(event, at, house));
        }
    })?;
    if matches!(exit, Exit::Mistake | Exit::Failed) {
        return Ok(exit);
    }
    told.openings.sort_by(|a, b| {
        let key = |o: &Opening| (o.time.nanos, o.source.clone());
        key(a).cmp(&key(b))
    });
    let reader = question.reader();
    question.answer(streams, |out, form| match form {
        ExtractFormat::Table => out.write_all(openings::text(&told, &reader).as_bytes()),
        ExtractFormat::Json => openings::write_json(out, &told, &reader),
        ExtractFormat::Csv => openings::write_csv(out, &told, &reader),
    })?;
    Ok(exit)
}

fn opening(event: &Event<'_>, at: &At<'_>, house: enrich::House<'_>) -> Option<Opening> {
    let time = event.time()?;
    let derived = derive_all(event, house);
    let get = |field: Field| derived.get(field).unwrap_or_default();
    let account = get(Field::UserAccount);
    let row = house.registers.account_at(account, time.nanos);
    let owner = row.map_or(account, |row| match row.owner.as_str() {
        "" => account,
        owner => owner,
    });
    let staff = house.registers.staff_at(owner, time.nanos);
    let department = match get(Field::UserDepartment) {
        "" => staff.map_or("", |staff| &*staff.department),
        department => department,
    };
    let terminal = match get(Field::DeviceKnown) {
        "true" => get(Field::DeviceId),
        _ => get(Field::SourceTerminal),
    };
    let purpose = match get(Field::BreakGlass) {
        "true" => "break-glass",
        _ => get(Field::PurposeOfUse),
    };
    Some(Opening {
        time,
        account: account.to_owned(),
        person: staff.map_or("", |staff| &*staff.name).to_owned(),
        department: department.to_owned(),
        terminal: terminal.to_owned(),
        action: get(Field::EventAction).to_owned(),
        outcome: event.outcome().name().to_owned(),
        verdict: get(Field::CalendarVerdict).to_owned(),
        purpose: purpose.to_owned(),
        source: at.source.to_owned(),
        place: format!("{}:{}", at.path, at.line),
    })
}
