//! `report sign`: that a period was reviewed, written into the run record.

use super::super::args::Sign;
use super::super::memory::{Memory, Stop, entry};
use super::super::plan::Plan;
use super::super::{Exit, Streams};
use super::period;
use crate::diagnostic::{Problem, Text};
use crate::report::SIGNED;
use crate::store::{Store, Verified};
use crate::text::one_line;

pub(super) fn sign(plan: &Plan, task: &Sign, streams: &mut Streams<'_>) -> Result<Exit, Stop> {
    let by = task.by.trim();
    if by.is_empty() {
        return Err(Stop::mistake(Problem::error(
            "--by is empty: a period is reviewed by somebody",
            "--by が空です。確認した人の名前が必要です",
        )));
    }
    let mut memory = Memory::open(plan, &task.store, Store::look)?;
    let now = period::now(plan, task.period.now)?;
    let period = period::choose(plan, &task.period, &memory, now)?;
    if let Verified::Broken(run) = memory.ask(|store| store.verify_runs())? {
        let problem = Problem::warning(
            format!("the run record is broken at entry {run}; the signature says so"),
            format!("実行記録が{run}番で切れています。署名にもそのことを残します"),
        );
        writeln!(streams.err, "{}", problem.render(plan.lang))?;
    }
    let (number, head) = memory.change(|store| {
        let head = store
            .runs()?
            .pop()
            .map(|row| row.digest)
            .unwrap_or_default();
        let broken = match store.verify_runs()? {
            Verified::Whole(_) => None,
            Verified::Broken(run) => Some(run),
        };
        let note = serde_json::json!({
            "period": period.label(),
            "by": by,
            "note": task.remark.note,
            "head": head,
            "broken": broken,
        });
        let mut entry = entry(SIGNED, &note);
        if task.period.now.is_some() {
            (entry.began, entry.ended) = (now, now);
        }
        let changing = store.change()?;
        entry.alerts_digest = changing.alerts_digest()?;
        let number = changing.append_run(&entry)?;
        changing.commit()?;
        Ok((number, head))
    })?;
    let (label, by) = (period.label(), one_line(by));
    let told = Text::new(
        format!("{label} reviewed by {by}: entry {number} of the run record, over head {head}"),
        format!("{label} を {by} が確認しました（実行記録{number}番、先頭のハッシュ値 {head}）"),
    );
    writeln!(streams.out, "{}", told.get(plan.lang))?;
    Ok(Exit::Done)
}
