//! `watch`: plans a run that goes on, lets it go, and brings what it says where it was wanted.
//!
//! Takes the words of the command; reads stdin or follows files until they end or a signal comes.
//! Judges nothing itself.

mod clerk;
mod courier;
mod desk;
mod keep;

use std::io;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use super::args::{Common, OutputFormat, Watch};
use super::deliver::{Outbox, Sinks};
use super::house::House;
use super::plan::{self, Bounds, Plan, World};
use super::remember::{Judging, Memory};
use super::report::{self, Findings};
use super::scan::{self, Wanted};
use super::{Exit, Streams, files};
use crate::diagnostic::{Complaints, Problem, Text};
use crate::enrich;
use crate::input::{self, Input, Lookout};
use crate::pipeline::{self, Desk, Task, Watched};
use crate::sink::Reader;
use clerk::{Clerk, Out, Trouble};
use desk::{FrontDesk, WallClock};
use keep::{How, Keep, Outlets};

/// How long records may be late where the config does not say, nanoseconds.
const LATENESS: i64 = 10 * 60 * crate::event::NANOS;

/// Does the whole command and says how it ended.
///
/// # Errors
/// What stdout or stderr say.
pub(super) fn watch(watch: &Watch, common: &Common, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let ready = match Ready::make(watch, common, streams)? {
        Ok(ready) => ready,
        Err(exit) => return Ok(exit),
    };
    let mut keep = match ready.open_store(watch) {
        Ok(keep) => keep,
        Err(problem) => return streams.failed(&problem, ready.plan.lang),
    };
    for notice in keep.iter().flat_map(Keep::notices) {
        streams.unreadable(std::slice::from_ref(notice), ready.plan.lang)?;
    }
    let settings = (&ready.plan, &watch.run.reading, &ready.bounds);
    let first = match ready.paths.first_tasks(settings, keep.as_mut()) {
        Ok(first) => first,
        Err(problem) => return streams.failed(&problem, ready.plan.lang),
    };
    let out = match Out::open(&watch.run.output, ready.format, streams) {
        Ok(out) => out,
        Err(error) => return streams.failed(&scan::not_written(&error), ready.plan.lang),
    };
    let clerk = Clerk {
        keep,
        out,
        reader: &ready.reader,
        wanted: &ready.wanted,
        clock: WallClock {
            plan: &ready.plan,
            bounds: &ready.bounds,
            began: Instant::now(),
        },
        inputs: Vec::new(),
        reached: false,
    };
    let (watched, clerk, done) = ready.watch(watch, clerk, first);
    let (keep, reached) = clerk.map_or((None, false), |clerk| (clerk.keep, clerk.reached));
    let watched = match (watched, done) {
        (_, Err(Trouble::NotKept(problem))) => return streams.failed(&problem, ready.plan.lang),
        (_, Err(Trouble::NotSaid(error))) => return ready.failed(error, streams),
        (Ok(watched), Ok(())) => watched,
        (Err(error), Ok(())) => {
            let trouble = keep.as_ref().and_then(|keep| keep.trouble(&error));
            return match trouble {
                Some(problem) => streams.failed(&problem, ready.plan.lang),
                None => ready.failed(error, streams),
            };
        }
    };
    ready.close((watch, common), (watched, keep, reached), streams)
}

/// A run that may begin.
struct Ready {
    /// Heard from the very beginning: a service may be stopped before it has read a line.
    control: pipeline::Watch,
    plan: Plan,
    bounds: Bounds,
    house: House,
    sinks: Sinks,
    /// Why detections may not speak.
    silent: Vec<Option<Text>>,
    wanted: Wanted,
    format: OutputFormat,
    paths: Paths,
    found: Vec<Input>,
    reader: Reader,
}

impl Ready {
    /// Reads all that a run needs; gives the exit status where something is wrong with it.
    fn make(
        watch: &Watch,
        common: &Common,
        streams: &mut Streams<'_>,
    ) -> io::Result<Result<Ready, Exit>> {
        let control = pipeline::Watch::default();
        super::stop_on_interrupt(&control);
        let mut complaints = Complaints::new();
        let world = World::present();
        let plan = Plan::make(common, watch.run.reading.timezone, &world, &mut complaints);
        let bounds = plan.bounds(&watch.run.reading, &world, &mut complaints);
        let to_terminal = watch.run.output.output.is_none() && streams.out_is_terminal;
        plan::check_output(&watch.run.output, to_terminal, &mut complaints);
        let format = plan::output_format(&watch.run.output, to_terminal);
        complain_of(format, &mut complaints);
        let house = House::read(&plan, &watch.run.ruling, &mut complaints);
        let sinks = Sinks::of(&plan);
        if !sinks.is_empty() && plan.store(&watch.run.store).is_none() {
            complaints.push(sinks_without_store());
        }
        let wanted = Wanted::new(&watch.run.output, &house, &mut complaints);
        let paths = Paths::of(&watch.paths);
        let found = input::find(&paths.files);
        let results = [
            watch.run.output.output.as_ref(),
            watch.run.reading.ledger.as_ref(),
        ];
        files::spare_inputs(&results, &found.inputs, &mut complaints);
        let firsts = scan::tasks(&plan, &watch.run.reading, &bounds, &found.inputs);
        scan::add_early_complaints(&firsts, &mut complaints);
        if streams.complain(&complaints, plan.lang)? {
            return Ok(Err(Exit::Mistake));
        }
        // What is not there yet may come; it is said, and waited for.
        for problem in found.unreadable {
            streams.complain(&as_warning(problem), plan.lang)?;
        }
        let silent = house.silent();
        let ready = Ready {
            control,
            silent,
            reader: Reader {
                lang: plan.lang,
                zone: plan.zone,
            },
            plan,
            bounds,
            house,
            sinks,
            wanted,
            format,
            paths,
            found: found.inputs,
        };
        Ok(Ok(ready))
    }

    /// Opens the store, where one is named, and enters into its record that the run began.
    fn open_store<'r>(&'r self, watch: &'r Watch) -> Result<Option<Keep<'r>>, Box<Problem>> {
        let Some(path) = self.plan.store(&watch.run.store) else {
            return Ok(None);
        };
        let began = scan::now(&self.plan, &self.bounds).nanos;
        let (plan, bounds) = (&self.plan, &self.bounds);
        let judging = Judging::new((plan, bounds), (&self.house, &watch.run.ruling), began);
        let new = scan::tasks(plan, &watch.run.reading, bounds, &self.found);
        let mut memory = Memory::open(path, &new, judging)?;
        memory.find_missed(&new);
        let judged = scan::judged(&self.house, &self.bounds);
        let outlets = Outlets {
            house: &self.house,
            sinks: &self.sinks,
        };
        let how = How {
            reading: &watch.run.reading,
            ruling: &watch.run.ruling,
        };
        Keep::new((memory, began), (plan, how), judged, outlets).map(Some)
    }

    /// Lets the run go, with the clerk beside it; what is `first` is read first.
    fn watch<'r, 'o>(
        &'r self,
        watch: &'r Watch,
        clerk: Clerk<'r, 'o>,
        first: Vec<Task>,
    ) -> (
        io::Result<Watched<'r>>,
        Option<Clerk<'r, 'o>>,
        Result<(), Trouble>,
    ) {
        let lookout = Lookout::new(self.paths.files.clone());
        std::thread::scope(|scope| {
            let what = (first, lookout);
            let mut desk = FrontDesk::new(scope, clerk, what, &watch.run.reading);
            let watched = self.run(watch, &mut desk);
            let (clerk, done) = desk.close();
            (watched, clerk, done)
        })
    }

    fn run(&self, watch: &Watch, desk: &mut dyn Desk) -> io::Result<Watched<'_>> {
        let plan = pipeline::Plan {
            house: enrich::House {
                calendars: &self.house.calendars,
                registers: &self.house.registers,
            },
            rules: &self.house.rules,
            assumed: self.plan.calendar.is_none(),
            site: self.plan.zone,
            period: (
                self.bounds.since.unwrap_or(scan::ALWAYS.0),
                self.bounds.until.unwrap_or(scan::ALWAYS.1),
            ),
            evidence: scan::evidence(watch.run.output.evidence),
        };
        pipeline::watch(plan, scan::limits(&self.bounds), &self.control, desk)
    }

    /// Says why a run failed.
    fn failed(&self, error: io::Error, streams: &mut Streams<'_>) -> io::Result<Exit> {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Err(error),
            io::ErrorKind::Interrupted => streams.failed(&scan::interrupted(), self.plan.lang),
            _ => streams.failed(&scan::store_failed(&error), self.plan.lang),
        }
    }

    /// Enters the end into the record, and gives the account of the run.
    fn close(
        &self,
        (watch, common): (&Watch, &Common),
        (mut watched, keep, reached): (Watched<'_>, Option<Keep<'_>>, bool),
        streams: &mut Streams<'_>,
    ) -> io::Result<Exit> {
        let complaints = report::settings_complaints(&watched.run.inputs);
        if streams.complain(&complaints, self.plan.lang)? {
            return Ok(Exit::Mistake);
        }
        let ended = scan::now(&self.plan, &self.bounds).nanos;
        let mut notices = Vec::new();
        if let Some(mut keep) = keep {
            match keep.end(&watched.run.inputs, ended) {
                Ok(summary) => notices.push(summary),
                Err(problem) => return streams.failed(&problem, self.plan.lang),
            }
            let outbox = Outbox::kept(keep.store());
            let goes_on = AtomicBool::new(false);
            outbox.bring(&self.sinks, &goes_on, streams, self.plan.lang)?;
        }
        let mut findings = Findings::new(&self.house, self.silent.clone());
        findings.count_all(std::mem::take(&mut watched.alerts));
        let mut report = findings.report(&self.plan, &watched.run);
        report.notices.extend(notices);
        let ledger = watch.run.reading.ledger.as_deref();
        streams.ledger(&report, &self.reader, common, ledger)?;
        Ok(
            match (report::is_incomplete(&self.plan, &report), reached) {
                (true, _) => Exit::Incomplete,
                (false, true) => Exit::Reached,
                (false, false) => Exit::Done,
            },
        )
    }
}

/// What the words of the command name.
struct Paths {
    stdin: bool,
    files: Vec<String>,
}

impl Paths {
    fn of(words: &[String]) -> Paths {
        let stdin = words.is_empty() || words.iter().any(|word| word == "-");
        let files = words.iter().filter(|word| *word != "-").cloned();
        Paths {
            stdin,
            files: files.collect(),
        }
    }

    /// What is read from the beginning: inputs of earlier runs, and stdin.
    fn first_tasks(
        &self,
        (plan, reading, bounds): (&Plan, &super::args::Reading, &Bounds),
        mut keep: Option<&mut Keep<'_>>,
    ) -> Result<Vec<Task>, Box<Problem>> {
        let mut tasks = Vec::new();
        tasks.extend(keep.iter().flat_map(|keep| keep.read_beside()));
        if self.stdin {
            let input = match &mut keep {
                Some(keep) => Input::stdin_kept_in(keep.spool()?),
                None => Input::stdin(),
            };
            tasks.extend(scan::tasks(plan, reading, bounds, &[input]));
        }
        Ok(tasks)
    }
}

fn complain_of(format: OutputFormat, complaints: &mut Complaints) {
    if matches!(format, OutputFormat::Csv | OutputFormat::Xlsx) {
        complaints.push(
            Problem::error(
                "watch writes alerts as they come: ndjson or table, not csv or xlsx",
                "watch はアラートを発生の都度書き出すため、形式は ndjson か table です（csv・xlsx は不可）",
            )
            .help(
                "use --output-format ndjson, and `yomawari alerts list --output-format csv` on a store",
                "--output-format ndjson にし、一覧表はストアから `yomawari alerts list --output-format csv` で作ってください",
            ),
        );
    }
}

fn sinks_without_store() -> Problem {
    Problem::error(
        "watch brings alerts to the sinks of the config only with a store, in which they wait",
        "watch が設定の sinks へ送るには、送信待ちを保つストアが必要です",
    )
    .help(
        "add --store FILE, or store: to the config",
        "--store FILE を付けるか、設定に store: を書いてください",
    )
}

/// A path that cannot be read now may be there later.
fn as_warning(problem: Problem) -> Complaints {
    let mut complaints = Complaints::new();
    let warning = Problem::warning(problem.message.en, problem.message.ja)
        .help("it is waited for", "現れるまで待ちます");
    complaints.push(match problem.place {
        Some(place) => warning.at(place),
        None => warning,
    });
    complaints
}
