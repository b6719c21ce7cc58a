//! `alerts`: what a store remembers of alerts, and what people decide about them.
//!
//! Takes the arguments; gives the answer on stdout and an exit status. Never judges a record anew.

mod close;
mod list;
mod saw;
mod show;
mod verify;

pub(super) use close::decide;
pub(super) use show::Whole;

use std::io;

use super::args::{Alerts, AlertsTask, Common};
use super::memory::{Memory, Stop};
use super::plan::{Plan, World};
use super::{Exit, Streams};
use crate::diagnostic::{Complaints, Problem, nearest};
use crate::store::Kept;
use crate::text::one_line;

/// Ids named when several begin alike.
const NAMED: usize = 5;

/// Does the whole command and says how it ended.
pub(super) fn alerts(
    alerts: &Alerts,
    common: &Common,
    streams: &mut Streams<'_>,
) -> io::Result<Exit> {
    let mut complaints = Complaints::new();
    let plan = Plan::make(common, None, &World::present(), &mut complaints);
    if streams.complain(&complaints, plan.lang)? {
        return Ok(Exit::Mistake);
    }
    let ended = match &alerts.task {
        AlertsTask::List(task) => list::list(&plan, task, common, streams),
        AlertsTask::Show(task) => show::show(&plan, task, streams),
        AlertsTask::Close(task) => close::close(&plan, task, streams),
        AlertsTask::Verify(task) => verify::verify(&plan, task, streams),
    };
    Stop::tell(ended, streams, plan.lang)
}

/// The alert whose id begins so; it must be one alone.
fn find(memory: &Memory, word: &str) -> Result<Kept, Stop> {
    // A table shows ids in brackets, and people copy them with these.
    let word = word.trim().trim_matches(['[', ']']).to_lowercase();
    let mut found = match word.is_empty() {
        true => Vec::new(),
        false => memory.ask(|store| store.find(&word))?,
    };
    if let Some(exact) = found.iter().position(|kept| kept.alert.id == word) {
        return Ok(found.swap_remove(exact));
    }
    match found.len() {
        1 => Ok(found.swap_remove(0)),
        0 => Err(Stop::mistake(unknown(memory, &word)?)),
        _ => Err(Stop::mistake(ambiguous(&word, &found))),
    }
}

fn unknown(memory: &Memory, word: &str) -> Result<Problem, Stop> {
    let ids = memory.ask(|store| store.ids())?;
    let begins: Vec<String> = ids
        .iter()
        .map(|id| id.chars().take(word.chars().count()).collect())
        .collect();
    let meant = nearest(word, begins.iter().map(String::as_str))
        .and_then(|begin| ids.iter().find(|id| id.starts_with(begin)));
    let shown = one_line(word);
    let problem = Problem::error(
        format!("there is no alert \"{shown}\" in the store"),
        format!("アラート「{shown}」はストアにありません"),
    );
    Ok(match meant {
        Some(id) if !word.is_empty() => {
            problem.help(format!("the nearest is {id}"), format!("{id} のことですか"))
        }
        _ => problem.help(
            "`yomawari alerts list --all` shows all of them",
            "`yomawari alerts list --all` で一覧を見られます",
        ),
    })
}

fn ambiguous(word: &str, found: &[Kept]) -> Problem {
    let count = found.len();
    let ids: Vec<&str> = found
        .iter()
        .take(NAMED)
        .map(|kept| kept.alert.id.as_str())
        .collect();
    let more = if count > NAMED { ", …" } else { "" };
    let ids = ids.join(", ");
    Problem::error(
        format!("\"{word}\" is the beginning of {count} alerts"),
        format!("「{word}」で始まるアラートが {count} 件あります"),
    )
    .help(
        format!("give more of the id: {ids}{more}"),
        format!("IDをもう少し長く指定してください: {ids}{more}"),
    )
}

/// True for the fields of a key that name the account an alert is about.
fn is_account(field: &str) -> bool {
    matches!(field, "user.account" | "user.id" | "user.name")
}
