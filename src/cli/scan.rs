//! `scan`: plans a run, lets it go, and brings its results where they were wanted.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::args::{Common, EvidenceLimit, Output, OutputFormat, Reading, Scan};
use super::deliver::{Outbox, Sinks};
use super::house::House;
use super::plan::{self, Bounds, Plan, World};
use super::progress::{self, Progress};
use super::remember::{self, Found, Judging, Memory};
use super::report::{self, Findings};
use super::{Exit, Streams, files, rule_view};
use crate::alert::Alert;
use crate::diagnostic::{Complaints, Problem, Text};
use crate::enrich;
use crate::event::Instant;
use crate::input::{self, Input};
use crate::pipeline::{self, Limits, SourceSettings, Task, Watch};
use crate::rule::RuleIndex;
use crate::sink::{Reader, csv, ndjson, table, xlsx};

/// Least and greatest instants: all events lie between them.
pub(super) const ALWAYS: (i64, i64) = (i64::MIN, i64::MAX);

/// Does the whole command and says how it ended.
///
/// # Errors
/// What stdout or stderr say.
pub fn scan(scan: &Scan, common: &Common, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let mut complaints = Complaints::new();
    let world = World::present();
    let plan = Plan::make(common, scan.run.reading.timezone, &world, &mut complaints);
    let bounds = plan.bounds(&scan.run.reading, &world, &mut complaints);
    let to_terminal = scan.run.output.output.is_none() && streams.out_is_terminal;
    plan::check_output(&scan.run.output, to_terminal, &mut complaints);
    let paths = plan.paths(&scan.paths, &mut complaints);
    let house = House::read(&plan, &scan.run.ruling, &mut complaints);
    let wanted = Wanted::new(&scan.run.output, &house, &mut complaints);
    let found = input::find(&paths);
    let sinks = Sinks::of(&plan);
    let mut results = vec![
        scan.run.output.output.as_ref(),
        scan.run.reading.ledger.as_ref(),
    ];
    results.extend(sinks.files().map(Some));
    files::spare_inputs(&results, &found.inputs, &mut complaints);
    let mut tasks = tasks(&plan, &scan.run.reading, &bounds, &found.inputs);
    add_early_complaints(&tasks, &mut complaints);
    if streams.complain(&complaints, plan.lang)? {
        return Ok(Exit::Mistake);
    }
    let began = now(&plan, &bounds).nanos;
    let memory = plan.store(&scan.run.store).map(|path| {
        let judging = Judging::new((&plan, &bounds), (&house, &scan.run.ruling), began);
        Memory::open(path, &tasks, judging)
    });
    let mut memory = match memory.transpose() {
        Ok(memory) => memory,
        Err(problem) => return streams.failed(&problem, plan.lang),
    };
    tasks.extend(memory.iter().flat_map(Memory::again));
    let watch = Watch::default();
    super::stop_on_interrupt(&watch);
    let progress = start_progress(
        &scan.run.reading,
        common,
        (&found.inputs, &watch),
        plan.lang,
    );
    let settings = enrich::House {
        calendars: &house.calendars,
        registers: &house.registers,
    };
    let silent = house.silent();
    let run_plan = pipeline::Plan {
        house: settings,
        rules: &house.rules,
        assumed: plan.calendar.is_none(),
        site: plan.zone,
        period: (
            bounds.since.unwrap_or(ALWAYS.0),
            bounds.until.unwrap_or(ALWAYS.1),
        ),
        evidence: evidence(scan.run.output.evidence),
    };
    let limits = limits(&bounds);
    let run = match &mut memory {
        Some(memory) => memory.run(run_plan, tasks, limits, &watch),
        None if sinks.is_empty() => pipeline::run(run_plan, tasks, limits, &watch),
        None => pipeline::run_and_count(run_plan, tasks, limits, &watch),
    };
    drop(progress);
    let mut run = match run {
        Ok(run) => run,
        Err(error) => {
            let trouble = memory.as_ref().and_then(|memory| memory.trouble(&error));
            let problem = trouble.map_or_else(|| store_failed(&error), |problem| *problem);
            return streams.failed(&problem, plan.lang);
        }
    };
    if watch.stop.load(Ordering::Relaxed) {
        return streams.failed(&interrupted(), plan.lang);
    }
    if streams.complain(&report::settings_complaints(&run.inputs), plan.lang)? {
        return Ok(Exit::Mistake);
    }
    let reader = Reader {
        lang: plan.lang,
        zone: plan.zone,
    };
    let mut findings = Findings::new(&house, silent);
    let mut alerts: Box<dyn Iterator<Item = Alert> + '_> = Box::new(run.alerts.by_ref());
    let mut remembered = None;
    let mut superseded = BTreeMap::new();
    let mut outbox = Outbox::default();
    if let Some(memory) = &mut memory {
        let all: Vec<Alert> = alerts.collect();
        let again = run.inputs.split_off(found.inputs.len());
        let told = memory.keep(
            Found {
                plan: &plan,
                reading: &scan.run.reading,
                house: &house,
                ruling: &scan.run.ruling,
                inputs: &run.inputs,
                again: &again,
                tally: &run.tally,
                kept: run.kept.take(),
                judged: judged(&house, &bounds),
                ended: now(&plan, &bounds).nanos,
                sinks: &sinks,
            },
            all,
        );
        match told {
            Ok(told) => {
                remembered = Some(remember::summary(memory, &told));
                superseded = told.superseded;
                alerts = Box::new(told.alerts.into_iter());
            }
            Err(problem) => return streams.failed(&problem, plan.lang),
        }
        outbox = Outbox::kept(memory.store());
    } else if !sinks.is_empty() {
        let all: Vec<Alert> = alerts.collect();
        outbox = Outbox::of_once(&sinks, &all, &house, &run.tally);
        alerts = Box::new(all.into_iter());
    }
    let alerts = alerts.inspect(|a| findings.count(a));
    let alerts = alerts.filter(|a| wanted.holds(a));
    let written = write_alerts((alerts, &superseded), scan, streams, &reader, &wanted);
    if written.is_err() {
        // Whoever reads stdout may have seen enough; the sinks have not.
        outbox.bring(&sinks, &watch.stop, streams, plan.lang)?;
    }
    let reached = match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            let error = match &scan.run.output.output {
                Some(path) => files::named(path, &error),
                None => error,
            };
            return streams.failed(&not_written(&error), plan.lang);
        }
        written => written?,
    };
    let mut report = findings.report(&plan, &run);
    report.notices.extend(remembered);
    streams.ledger(&report, &reader, common, scan.run.reading.ledger.as_deref())?;
    let absent = super::report::absent_sources(&plan, &report);
    let unreadable = streams.unreadable(&found.unreadable, plan.lang)?
        | streams.unreadable(
            &absent.iter().map(|n| absent_source(n)).collect::<Vec<_>>(),
            plan.lang,
        )?;
    outbox.bring(&sinks, &watch.stop, streams, plan.lang)?;
    let incomplete = unreadable || report::is_incomplete(&plan, &report);
    Ok(match (incomplete, reached) {
        (true, _) => Exit::Incomplete,
        (false, true) => Exit::Reached,
        (false, false) => Exit::Done,
    })
}

/// The rules whose alerts this run knows in full, each with its detections: none when only a part
/// of the events is judged.
pub(super) fn judged(house: &House, bounds: &Bounds) -> Vec<(String, Vec<usize>)> {
    if bounds.since.is_some() || bounds.until.is_some() {
        return Vec::new();
    }
    let rules = &house.rules;
    let silent = |at: &usize| rules.detections[*at].silent;
    let detections = rules.detections.iter().enumerate();
    let speaking = detections.filter(|(at, rule)| rule.reports && !silent(at));
    let alone = speaking.map(|(at, rule)| (rule.meta.id.clone(), vec![at]));
    let correlations = rules.correlations.iter().enumerate();
    let counting = correlations.filter_map(|(at, rule)| {
        let leaves = rules.leaves(RuleIndex::Correlation(at));
        let speaks = rule.reports && !leaves.iter().any(silent);
        speaks.then(|| (rule.meta.id.clone(), leaves))
    });
    alone.chain(counting).collect()
}

pub(super) fn absent_source(name: &str) -> Problem {
    Problem::warning(
        format!("source {name} is expected, but gave no event"),
        format!("届くはずのソース {name} の記録がありません"),
    )
}

/// Threads, blocks and memory of a run.
pub(super) fn limits(bounds: &Bounds) -> Limits {
    let memory = usize::try_from(bounds.memory).unwrap_or(usize::MAX);
    Limits {
        threads: bounds.threads,
        block: pipeline::BLOCK,
        memory: (memory / 16).max(1 << 20),
    }
}

pub(super) fn evidence(limit: EvidenceLimit) -> usize {
    match limit {
        EvidenceLimit::Ends(count) => count,
        EvidenceLimit::All => usize::MAX,
    }
}

/// The inputs with what is known of their sources.
pub(super) fn tasks(
    plan: &Plan,
    reading: &Reading,
    bounds: &Bounds,
    inputs: &[Input],
) -> Vec<Task> {
    let inputs = inputs.iter();
    inputs.map(|i| task(plan, reading, bounds, i)).collect()
}

/// One input with what is known of its source.
pub(super) fn task(plan: &Plan, reading: &Reading, bounds: &Bounds, input: &Input) -> Task {
    let how = plan.how_to_read(&input.name, reading);
    let format = how.format.map(str::to_owned);
    let section = how.source.and_then(|s| s.section(format.as_deref()?));
    let source = SourceSettings {
        name: how.source.map(|s| s.name.clone()),
        format,
        encoding: how.encoding,
        zone: how.zone,
        year: how.year,
        section: section.cloned(),
        log_sources: how.source.map(|s| s.log_sources).unwrap_or_default(),
        expected: how.source.and_then(|s| Some(s.expects.as_ref()?.0.clone())),
    };
    Task {
        input: input.clone(),
        source: Arc::new(source),
        now: now(plan, bounds),
        years: Vec::new(),
    }
}

/// Mistakes in the settings of a source show when one of its inputs is opened: the first of each
/// is looked at before anything runs, so that nobody waits for hours to be told of a slip. A pipe
/// cannot be looked at twice. All mistakes are told at once; warnings alone wait for the reading.
pub(super) fn add_early_complaints(tasks: &[Task], complaints: &mut Complaints) {
    let early = early_complaints(tasks);
    if complaints.has_errors() || early.has_errors() {
        complaints.extend(early);
    }
}

fn early_complaints(tasks: &[Task]) -> Complaints {
    let mut seen: Vec<Option<&str>> = Vec::new();
    let mut firsts = Vec::new();
    for task in tasks {
        let name = task.source.name.as_deref();
        let has_settings = task.source.section.is_some() && &*task.input.name != "-";
        if has_settings && !seen.contains(&name) {
            seen.push(name);
            firsts.push(task.clone());
        }
    }
    report::settings_complaints(&pipeline::look(firsts))
}

/// The time of the run, for pipes whose times print no year.
pub(super) fn now(plan: &Plan, bounds: &Bounds) -> Instant {
    let nanos = bounds
        .now
        .unwrap_or_else(|| chrono::Utc::now().timestamp_nanos_opt().unwrap_or_default());
    Instant {
        nanos,
        offset: plan.zone.offset_at(nanos),
        trusted: true,
        ambiguous: false,
    }
}

pub(super) fn start_progress(
    reading: &Reading,
    common: &Common,
    (inputs, watch): (&[Input], &Watch),
    lang: crate::diagnostic::Lang,
) -> Option<Progress> {
    if !progress::is_wanted(reading, common, io::stderr().is_terminal()) {
        return None;
    }
    let total = inputs.iter().map(Input::size).sum::<Option<u64>>();
    Some(Progress::start(total, watch.bytes.clone(), lang))
}

/// Which alerts are shown, and which level ends the run with status 1.
pub(super) struct Wanted {
    level: Option<crate::alert::Level>,
    rules: Vec<String>,
    fail_on: Option<crate::alert::Level>,
}

impl Wanted {
    pub(super) fn new(output: &Output, house: &House, complaints: &mut Complaints) -> Wanted {
        for name in &output.only {
            if let Err(problem) = rule_view::find(&house.rules, name) {
                complaints.push(problem);
            }
        }
        let rules = report::metas(&house.rules)
            .filter(|m| output.only.iter().any(|name| m.is_called(name)))
            .map(|m| m.id.clone())
            .collect();
        Wanted {
            level: output.level,
            rules,
            fail_on: output.fail_on,
        }
    }

    pub(super) fn holds(&self, alert: &Alert) -> bool {
        self.concerns(&alert.rule)
    }

    /// True when alerts of a rule may be shown.
    pub(super) fn concerns(&self, rule: &crate::alert::RuleRef) -> bool {
        let of_rule = self.rules.is_empty() || self.rules.contains(&rule.id);
        of_rule && self.level.is_none_or(|level| rule.level >= level)
    }

    pub(super) fn reached(&self, alert: &Alert) -> bool {
        self.fail_on.is_some_and(|level| alert.rule.level >= level)
    }
}

/// Writes the alerts where they were wanted; true when one reached the level to fail on.
fn write_alerts(
    (alerts, superseded): (impl Iterator<Item = Alert>, &BTreeMap<String, Vec<String>>),
    scan: &Scan,
    streams: &mut Streams<'_>,
    reader: &Reader,
    wanted: &Wanted,
) -> io::Result<bool> {
    let output = &scan.run.output;
    let to_terminal = output.output.is_none() && streams.out_is_terminal;
    let format = plan::output_format(output, to_terminal);
    let screen = streams.screen(to_terminal);
    let mut reached = false;
    let mut alerts = alerts.inspect(|alert| reached |= wanted.reached(alert));
    let mut file = match &output.output {
        Some(path) => Some(files::create(path)?),
        None => None,
    };
    let out: &mut dyn Write = match &mut file {
        Some(file) => file,
        None => streams.out,
    };
    match format {
        OutputFormat::Ndjson => {
            for alert in alerts.by_ref() {
                let before = superseded.get(&alert.id).map_or(&[][..], |ids| ids);
                ndjson::write_anew(out, &alert, before, &reader.zone)?;
            }
        }
        OutputFormat::Csv => {
            csv::write_headings(out, reader)?;
            for alert in alerts.by_ref() {
                csv::write_alert(out, &alert, reader)?;
            }
        }
        OutputFormat::Xlsx => {
            let all: Vec<Alert> = alerts.by_ref().collect();
            let book = xlsx::workbook(&all, reader).map_err(io::Error::other)?;
            out.write_all(&book)?;
        }
        OutputFormat::Table => {
            let all: Vec<Alert> = alerts.by_ref().collect();
            let text = table::render(&all, reader, screen);
            out.write_all(text.as_bytes())?;
        }
    }
    out.flush()?;
    drop(alerts);
    Ok(reached)
}

pub(super) fn store_failed(error: &io::Error) -> Problem {
    Problem::error(
        format!("the facts of this run could not be kept in a temporary file: {error}"),
        format!("途中の記録を一時ファイルに保存できませんでした: {error}"),
    )
    .help(
        "make room in the temporary folder (TMPDIR), or raise --memory",
        "一時フォルダー（TMPDIR）の空きを増やすか、--memory を大きくしてください",
    )
}

pub(super) fn interrupted() -> Problem {
    Problem::error(
        "interrupted: nothing is reported as done",
        "中断されました。この回の結果は報告しません",
    )
}

pub(super) fn not_written(error: &io::Error) -> Problem {
    let Text { en, ja } = Text::new(
        format!("the alerts could not be written: {error}"),
        format!("アラートを書き出せませんでした: {error}"),
    );
    Problem::error(en, ja)
}
