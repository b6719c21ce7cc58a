//! `parse`: what became of each record, as JSON lines in the order of the input.
//!
//! Takes the arguments; gives events, and rejects if they are asked for. Never runs a rule.

use std::io::{self, BufWriter, Write};
use std::sync::atomic::Ordering;

use super::args::{Common, Parse};
use super::house::House;
use super::plan::{Plan, World};
use super::report;
use super::scan::{add_early_complaints, interrupted, tasks};
use super::{Exit, Streams, files};
use crate::diagnostic::Complaints;
use crate::enrich::{self, derive_all};
use crate::event::{Position, RejectSample};
use crate::input;
use crate::pipeline::{self, At, Parsing, Watch};
use crate::sink::event::EventJson;
use crate::sink::{Reader, reject};

/// Does the whole command and says how it ended.
pub(super) fn parse(parse: &Parse, common: &Common, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let mut complaints = Complaints::new();
    let world = World::present();
    let plan = Plan::make(common, parse.reading.timezone, &world, &mut complaints);
    let bounds = plan.bounds(&parse.reading, &world, &mut complaints);
    let paths = plan.paths(&parse.paths, &mut complaints);
    let house = House::read(&plan, &Default::default(), &mut complaints);
    let found = input::find(&paths);
    let results = [parse.output.as_ref(), parse.reading.ledger.as_ref()];
    files::spare_inputs(&results, &found.inputs, &mut complaints);
    let tasks = tasks(&plan, &parse.reading, &bounds, &found.inputs);
    add_early_complaints(&tasks, &mut complaints);
    if streams.complain(&complaints, plan.lang)? {
        return Ok(Exit::Mistake);
    }
    let watch = Watch::default();
    super::stop_on_interrupt(&watch);
    let mut file = match &parse.output {
        Some(path) => Some(files::create(path).map_err(|error| files::named(path, &error))?),
        None => None,
    };
    let mut buffered = BufWriter::new(&mut *streams.out);
    let out: &mut dyn Write = match &mut file {
        Some(file) => file,
        None => &mut buffered,
    };
    let house = enrich::House {
        calendars: &house.calendars,
        registers: &house.registers,
    };
    let json = EventJson::new();
    let period = bounds.since.unwrap_or(i64::MIN)..bounds.until.unwrap_or(i64::MAX);
    let mut line = Vec::new();
    let mut show = |at: At<'_>, parsing: Parsing<'_, '_>| {
        line.clear();
        match parsing {
            Parsing::Event(event) => {
                if !event.time().is_some_and(|t| period.contains(&t.nanos)) {
                    return Ok(());
                }
                match parse.derived {
                    true => json.write(&mut line, &derive_all(event, house), &position(&at), true),
                    false => json.write(&mut line, event, &position(&at), false),
                }
            }
            Parsing::Reject(found) if parse.rejects => {
                let text = at.text.chars().take(SHOWN).collect();
                let sample = RejectSample {
                    line: at.line,
                    offset: at.offset,
                    length: at.text.len() as u32,
                    reject: found,
                    text,
                };
                reject::write(&mut line, at.path, &sample, plan.lang);
            }
            Parsing::Reject(_) => {}
        }
        out.write_all(&line)
    };
    let inputs = pipeline::parse(tasks, pipeline::BLOCK, &watch, &mut show)
        .and_then(|inputs| out.flush().map(|()| inputs))
        .map_err(|error| match &parse.output {
            Some(path) => files::named(path, &error),
            None => error,
        })?;
    drop(buffered);
    if watch.stop.load(Ordering::Relaxed) {
        return streams.failed(&interrupted(), plan.lang);
    }
    if streams.complain(&report::settings_complaints(&inputs), plan.lang)? {
        return Ok(Exit::Mistake);
    }
    let reader = Reader {
        lang: plan.lang,
        zone: plan.zone,
    };
    let report = report::of_inputs(&plan, &inputs);
    streams.ledger(&report, &reader, common, parse.reading.ledger.as_deref())?;
    let unreadable = streams.unreadable(&found.unreadable, plan.lang)?;
    let incomplete = unreadable || report::is_incomplete(&plan, &report);
    Ok(if incomplete {
        Exit::Incomplete
    } else {
        Exit::Done
    })
}

/// Characters of a rejected record that are taken along.
const SHOWN: usize = 1_000;

fn position(at: &At<'_>) -> Position {
    let length = u32::try_from(at.text.len()).unwrap_or(u32::MAX);
    Position {
        path: at.path.into(),
        line: at.line,
        offset: at.offset,
        length,
    }
}
