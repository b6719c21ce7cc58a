//! `runs verify`: the record held against itself, the signed paper, the nights and the files.

use super::super::args::{AnswerFormat, StoreOption};
use super::super::memory::{Memory, Stop};
use super::super::plan::Plan;
use super::super::{Exit, Streams};
use super::inputs::inputs_now;
use super::nights::Nights;
use super::reader;
use crate::diagnostic::Problem;
use crate::sink::runs::{self as shown, Head, InputState, RecordReport};
use crate::store::{Failure, RunRow, Store, Verified};

/// Fewest characters of a head that stand for it.
const SHORTEST_HEAD: usize = 12;

pub(super) fn verify(
    plan: &Plan,
    store: &StoreOption,
    head: Option<&str>,
    format: AnswerFormat,
    streams: &mut Streams<'_>,
) -> Result<Exit, Stop> {
    let head = head.map(checked_head).transpose()?;
    let memory = Memory::open(plan, store, Store::look_only)?;
    let verified = memory.ask(|store| store.verify_runs())?;
    // An entry that was altered may be no entry any more; then there is nothing to list.
    let is_broken = matches!(verified, Verified::Broken(_));
    let rows = memory.ask(|store| match store.runs() {
        Err(Failure::Damaged(_)) if is_broken => Ok(Vec::new()),
        read => read,
    })?;
    let digest = memory.ask(|store| store.alerts_digest())?;
    let report = report(plan, (&memory, &rows), (verified, digest), head.as_deref());
    match format {
        AnswerFormat::Text => {
            let text = shown::text(&report, &reader(plan));
            streams.out.write_all(text.as_bytes())?;
        }
        AnswerFormat::Json => shown::write_report(streams.out, &report, &plan.zone)?,
    }
    Ok(exit(&report))
}

fn report(
    plan: &Plan,
    (memory, rows): (&Memory, &[RunRow]),
    (verified, digest): (Verified, String),
    head: Option<&str>,
) -> RecordReport {
    let nights = Nights::of(rows.iter().map(|row| &row.entry), &plan.zone);
    let last = rows.last();
    // A run that told no digest of the alerts says nothing about them.
    let told = last.map_or("", |row| row.entry.alerts_digest.as_str());
    let (broken, chain_head) = match verified {
        Verified::Whole(head) => (None, head),
        Verified::Broken(number) => (Some(number), String::new()),
    };
    RecordReport {
        runs: rows.len() as u64,
        last: last.map(|row| (row.number, row.entry.began)),
        broken,
        head: chain_head,
        signed: head.map(|head| signed(rows, head)),
        alerts_altered: !told.is_empty() && told != digest,
        nights: nights.span,
        missing_days: u64::try_from(nights.count()).unwrap_or_default(),
        missing: nights.missing,
        inputs: inputs_now(rows, &memory.folders()),
    }
}

/// The head in small letters.
fn checked_head(head: &str) -> Result<String, Stop> {
    let head = head.trim().to_lowercase();
    let is_hex = head.chars().all(|c| c.is_ascii_hexdigit());
    if is_hex && (SHORTEST_HEAD..=64).contains(&head.len()) {
        return Ok(head);
    }
    Err(Stop::mistake(
        Problem::error(
            format!("--head: {SHORTEST_HEAD} to 64 hexadecimal digits are expected"),
            format!("--head には16進数で{SHORTEST_HEAD}〜64桁を指定してください"),
        )
        .help(
            "it is the digest of a run, as `yomawari runs list` shows it and the report prints it",
            "`yomawari runs list` や週報に印刷されるダイジェストです",
        ),
    ))
}

fn signed(rows: &[RunRow], head: &str) -> Head {
    let found = rows.iter().position(|row| row.digest.starts_with(head));
    match found {
        Some(at) => Head::Of {
            run: rows[at].number,
            began: rows[at].entry.began,
            later: (rows.len() - at - 1) as u64,
        },
        None => Head::Unknown,
    }
}

fn exit(report: &RecordReport) -> Exit {
    let changed = |state: &InputState| matches!(state, InputState::Changed);
    let altered = report.broken.is_some()
        || report.alerts_altered
        || report.signed == Some(Head::Unknown)
        || report.inputs.iter().any(|input| changed(&input.state));
    match (report.missing.is_empty(), altered) {
        (false, _) => Exit::Incomplete,
        (true, true) => Exit::Reached,
        (true, false) => Exit::Done,
    }
}
