//! `formats`: which formats are read, and which format files have.
//!
//! Takes the arguments; gives the list, or a verdict and its reason for each file. Never reads a
//! file further than its beginning.

use std::io;

use super::args::{Common, Formats, FormatsTask};
use super::plan::{Plan, World};
use super::scan::tasks;
use super::{Exit, Streams};
use crate::diagnostic::Complaints;
use crate::format::FORMATS;
use crate::input;
use crate::pipeline;
use crate::text::one_line;

/// Does the whole command and says how it ended.
pub(super) fn formats(
    formats: &Formats,
    common: &Common,
    streams: &mut Streams<'_>,
) -> io::Result<Exit> {
    let mut complaints = Complaints::new();
    let world = World::present();
    let plan = Plan::make(common, None, &world, &mut complaints);
    match &formats.task {
        FormatsTask::List => {
            for format in FORMATS {
                writeln!(
                    streams.out,
                    "{:<8} {}",
                    format.name(),
                    format.about().get(plan.lang)
                )?;
            }
            Ok(Exit::Done)
        }
        FormatsTask::Detect { paths } => {
            if streams.complain(&complaints, plan.lang)? {
                return Ok(Exit::Mistake);
            }
            detect(&plan, &world, paths, streams)
        }
    }
}

fn detect(
    plan: &Plan,
    world: &World<'_>,
    paths: &[String],
    streams: &mut Streams<'_>,
) -> io::Result<Exit> {
    let reading = Default::default();
    let bounds = plan.bounds(&reading, world, &mut Complaints::new());
    let found = input::find(paths);
    let mut known = !streams.unreadable(&found.unreadable, plan.lang)?;
    for input in pipeline::look(tasks(plan, &reading, &bounds, &found.inputs)) {
        let format = if input.format.is_empty() {
            "unknown"
        } else {
            &input.format
        };
        let encoding = input.encoding.map_or("", |e| e.name());
        known &= !input.format.is_empty();
        let name = one_line(&input.input.name).into_owned();
        let why = match &input.error {
            Some(error) => error.get(plan.lang),
            None => input.why.get(plan.lang),
        };
        let details = [encoding, input.compression, why].join(" · ");
        writeln!(streams.out, "{name}: {format} · {}", one_line(&details))?;
    }
    Ok(if known { Exit::Done } else { Exit::Incomplete })
}
