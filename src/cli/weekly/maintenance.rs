//! The logs of the period read once more and held against the plans of maintenance from afar.
//!
//! Takes the config's plans, the store and the period; gives what was found and what could not be
//! read again. Never judges by rules, and never writes to the store.

use std::ops::Range;
use std::sync::atomic::Ordering;

use super::super::Exit;
use super::super::files;
use super::super::house::House;
use super::super::memory::{Memory, Stop};
use super::super::plan::{Bounds, Plan, World};
use super::super::remember::{AtHand, Days, Missing};
use super::super::scan::interrupted;
use crate::diagnostic::Complaints;
use crate::event::NANOS;
use crate::input;
use crate::pipeline::{self, OpenedInput, Parsing, Task, Watch};
use crate::reconcile::{Reconciliation, Spot, Watcher};
use crate::register::{PlannedWork, RegisterFile, read_work_plan};
use crate::report::{Held, Period, WhyNot};
use crate::store::Store;

/// How far beside the period logs are read: a session may begin before it and go on after it, and a
/// quiet night is known to be whole only by what comes after it.
const BESIDE: i64 = 12 * 3_600 * NANOS;

/// The rows of all plans; `None` when the config names none.
pub(in super::super) fn plans(
    plan: &Plan,
    complaints: &mut Complaints,
) -> Option<Vec<PlannedWork>> {
    if plan.config.work_plans.is_empty() {
        return None;
    }
    let mut rows = Vec::new();
    for named in &plan.config.work_plans {
        if let Some(bytes) = files::bytes(&named.path, Some(&named.place), complaints) {
            let name = named.path.to_string_lossy();
            let file = RegisterFile {
                name: &name,
                bytes: &bytes,
            };
            rows.extend(read_work_plan(&file, plan.zone, complaints));
        }
    }
    Some(rows)
}

/// Reads the logs of a period and holds them against the plans.
pub(super) fn compare(
    (plan, house): (&Plan, &House),
    plans: Vec<PlannedWork>,
    memory: &Memory,
    (period, now): (Period, i64),
) -> Result<Held, Stop> {
    let within = reach(&plans, &period.instants(&plan.zone));
    let mut unused = Complaints::new();
    let bounds = Bounds {
        now: Some(now),
        ..plan.bounds(&Default::default(), &World::present(), &mut unused)
    };
    let past = memory.ask(Store::inputs)?;
    let forgotten = memory.ask(Store::forgotten)?;
    let own = match plan.config.sources.is_empty() {
        true => Vec::new(),
        false => input::find(&plan.paths(&[], &mut unused)).inputs,
    };
    let days = Days {
        plan,
        bounds: &bounds,
        within: &within,
    };
    let AtHand { tasks, mut missing } = AtHand::of(past, &own, days);
    let mut watcher = Watcher::new(&plans, &house.registers, within.clone());
    let inputs = read(tasks, &mut watcher)?;
    missing.extend(inputs.iter().filter_map(not_whole));
    missing.sort();
    let found: Reconciliation = watcher.finish(within.clone());
    Ok(Held {
        inputs: inputs.len() as u64,
        forgotten: forgotten.filter(|until| *until >= within.start),
        missing,
        found,
        plans,
    })
}

/// The instants of which logs are read: the period, the rows that reach into it, and some hours
/// beside them.
fn reach(plans: &[PlannedWork], period: &Range<i64>) -> Range<i64> {
    let reaches =
        |work: &&PlannedWork| work.span.start < period.end && work.span.end > period.start;
    let rows = plans.iter().filter(reaches);
    let (first, last) = rows.fold((period.start, period.end), |(first, last), work| {
        (first.min(work.span.start), last.max(work.span.end))
    });
    first.saturating_sub(BESIDE)..last.saturating_add(BESIDE)
}

fn read(tasks: Vec<Task>, watcher: &mut Watcher<'_>) -> Result<Vec<OpenedInput>, Stop> {
    let watch = Watch::default();
    super::super::stop_on_interrupt(&watch);
    let mut show = |at: pipeline::At<'_>, parsing: Parsing<'_, '_>| {
        if let Parsing::Event(event) = parsing {
            let spot = Spot {
                source: at.source,
                path: at.path,
                line: at.line,
            };
            watcher.look(event, spot);
        }
        Ok(())
    };
    let inputs = pipeline::parse(tasks, pipeline::BLOCK, &watch, &mut show)?;
    match watch.stop.load(Ordering::Relaxed) {
        true => Err(Stop::Told(Box::new(interrupted()), Exit::Failed)),
        false => Ok(inputs),
    }
}

/// An input that could not be read whole, or whose format is not known.
fn not_whole(input: &OpenedInput) -> Option<Missing> {
    let is_whole = input.error.is_none() && !input.complaints.has_errors();
    (!is_whole).then(|| Missing {
        source: input.source.clone(),
        path: input.input.name.to_string(),
        span: None,
        why: WhyNot::Unreadable,
    })
}
