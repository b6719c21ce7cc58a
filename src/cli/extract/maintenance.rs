//! `report maintenance`: what maintenance firms did, held against their work plan.

use std::path::Path;

use super::super::args::{ExtractFormat, ReportMaintenance};
use super::super::memory::Stop;
use super::super::{Exit, Streams, files, weekly};
use super::{Question, Read};
use crate::diagnostic::{Complaints, Problem};
use crate::reconcile::{Reconciliation, Spot, Watcher};
use crate::register::{PlannedWork, RegisterFile, read_work_plan};
use crate::report::extract::Answer;
use crate::report::{Compared, Held, NotExamined, WhyNot};
use crate::sink::maintenance::{self, Maintenance};

pub(super) fn of_maintenance(
    question: Question<'_>,
    task: &ReportMaintenance,
    mut complaints: Complaints,
    streams: &mut Streams<'_>,
) -> Result<Exit, Stop> {
    let lang = question.plan.lang;
    let period = question.period(&mut complaints);
    let form = question.form(&mut complaints);
    let plans = plans(question, task.plan.as_deref(), &mut complaints);
    if streams.complain(&complaints, lang)? {
        return Ok(Exit::Mistake);
    }
    let persons = question.persons(streams)?;
    let entry = match question.extract.names {
        false => None,
        true => {
            let note = serde_json::json!({ "names": true });
            question.record("report maintenance", &note, streams)?
        }
    };
    let registers = &question.house.registers;
    let everything = i64::MIN..i64::MAX;
    let mut watcher = Watcher::new(&plans, registers, everything);
    let read = question.read(&task.paths, Complaints::new(), streams, &mut |event, at| {
        let spot = Spot {
            source: at.source,
            path: at.path,
            line: at.line,
        };
        watcher.look(event, spot);
    })?;
    let read = match read {
        Ok(read) => read,
        Err(exit) => return Ok(exit),
    };
    let found = watcher.finish(period.clone());
    let compared = Compared::told(held(&read, plans, found), &persons, registers);
    let told = Maintenance {
        plans: compared.plans(),
        found: compared.found(),
    };
    let reader = question.reader();
    let basis = question.basis(&read, &persons, (period, entry))?;
    question.answer(form, streams, |out, form| match form {
        ExtractFormat::Table => out.write_all(maintenance::text(told, &reader).as_bytes()),
        ExtractFormat::Json => maintenance::write_json(out, told, &reader),
        ExtractFormat::Csv => maintenance::write_csv(out, told, &reader),
        form => super::write(out, form, (Answer::Maintenance(&compared), &basis, lang)),
    })?;
    Ok(read.exit)
}

/// The rows of the plan that is named, else of those of the config.
fn plans(
    question: Question<'_>,
    named: Option<&Path>,
    complaints: &mut Complaints,
) -> Vec<PlannedWork> {
    let Some(path) = named else {
        let plans = weekly::work_plans(question.plan, complaints);
        if plans.is_none() {
            complaints.push(no_plan());
        }
        return plans.unwrap_or_default();
    };
    let Some(bytes) = files::bytes(path, None, complaints) else {
        return Vec::new();
    };
    let name = path.to_string_lossy();
    let file = RegisterFile {
        name: &name,
        bytes: &bytes,
    };
    read_work_plan(&file, question.plan.zone, complaints)
}

fn held(read: &Read, plans: Vec<PlannedWork>, found: Reconciliation) -> Held {
    let cut = read.ledger.inputs.iter().filter(|i| i.error.is_some());
    let missing = cut.map(|input| NotExamined {
        source: input.source.clone(),
        path: input.path.clone(),
        span: None,
        why: WhyNot::Unreadable,
    });
    Held {
        plans,
        found,
        inputs: read.ledger.inputs.len() as u64,
        missing: missing.collect(),
        forgotten: None,
    }
}

fn no_plan() -> Problem {
    Problem::error(
        "there is no work plan to hold the logs against",
        "照合する作業計画がありません",
    )
    .help(
        "name a CSV or XLSX file with --plan, or write maintenance: { plan: FILE } in the config",
        "--plan に CSV か XLSX のファイルを指定するか、設定に maintenance: { plan: ファイル } と書いてください",
    )
}
