//! `runs`: the record of the runs, and whether it is whole.
//!
//! Takes the arguments; gives the answer on stdout and an exit status. Never changes an entry.

mod inputs;
mod nights;
mod verify;

use std::io;

use super::args::{AnswerFormat, Common, Runs, RunsTask, StoreOption};
use super::memory::{Memory, Stop};
use super::plan::{Plan, World};
use super::{Exit, Streams};
use crate::diagnostic::Complaints;
use crate::sink::{Reader, runs as shown};
use crate::store::Store;

/// Does the whole command and says how it ended.
pub(super) fn runs(runs: &Runs, common: &Common, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let mut complaints = Complaints::new();
    let plan = Plan::make(common, None, &World::present(), &mut complaints);
    if streams.complain(&complaints, plan.lang)? {
        return Ok(Exit::Mistake);
    }
    let ended = match &runs.task {
        RunsTask::List {
            store,
            output_format,
        } => list(&plan, store, *output_format, streams),
        RunsTask::Verify {
            store,
            head,
            output_format,
        } => verify::verify(&plan, store, head.as_deref(), *output_format, streams),
    };
    Stop::tell(ended, streams, plan.lang)
}

fn list(
    plan: &Plan,
    store: &StoreOption,
    format: AnswerFormat,
    streams: &mut Streams<'_>,
) -> Result<Exit, Stop> {
    let memory = Memory::open(plan, store, Store::look_only)?;
    let rows = memory.ask(|store| store.runs())?;
    match format {
        AnswerFormat::Text => {
            let text = shown::table(&rows, &reader(plan));
            streams.out.write_all(text.as_bytes())?;
        }
        AnswerFormat::Json => {
            for row in &rows {
                shown::write_line(streams.out, row, &plan.zone)?;
            }
        }
    }
    Ok(Exit::Done)
}

fn reader(plan: &Plan) -> Reader {
    Reader {
        lang: plan.lang,
        zone: plan.zone,
    }
}
