//! What a check of the run record found: text for people, one JSON object for programs.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::super::when::{day_of, exact, spreadsheet};
use super::super::{Reader, json};
use super::{Head, InputNow, InputState, RecordReport};
use crate::diagnostic::Lang;
use crate::event::Zone;
use crate::text::one_line;

/// Stretches of days and inputs that are listed.
const LISTED: usize = 100;

/// What a check found, a line each.
pub fn text(report: &RecordReport, reader: &Reader) -> String {
    let mut lines = vec![chain(report, reader)];
    lines.extend(report.signed.map(|head| signed(head, reader)));
    if report.alerts_altered {
        lines.push(match reader.lang {
            Lang::En => {
                "the alerts in the store are not those the last entry tells: they were altered"
                    .to_owned()
            }
            Lang::Ja => "ストアのアラートが最後の記録と一致しません。改変されています".to_owned(),
        });
    }
    lines.extend(nights(report, reader));
    lines.extend(inputs(report, reader));
    let mut out = String::new();
    for line in lines {
        let _ = writeln!(out, "{line}");
    }
    out
}

fn chain(report: &RecordReport, reader: &Reader) -> String {
    let (runs, head) = (report.runs, &report.head);
    match (report.broken, report.last, reader.lang) {
        (Some(number), _, Lang::En) => format!(
            "the record is broken: entry {number} was altered, or an entry before it is missing"
        ),
        (Some(number), _, Lang::Ja) => format!(
            "実行記録が壊れています: {number} 番が書き換えられたか、その前の記録が欠けています"
        ),
        (None, None, Lang::En) => "the record holds no run yet".to_owned(),
        (None, None, Lang::Ja) => "実行記録はまだありません".to_owned(),
        (None, Some((_, began)), Lang::En) => {
            let when = spreadsheet(began, &reader.zone);
            format!("the record is whole: runs: {runs}, the last on {when}, head {head}")
        }
        (None, Some((_, began)), Lang::Ja) => {
            let when = spreadsheet(began, &reader.zone);
            format!("実行記録は完全です: {runs} 件、最後は {when}、最新のダイジェスト {head}")
        }
    }
}

fn signed(head: Head, reader: &Reader) -> String {
    match (head, reader.lang) {
        (Head::Of { run, began, later }, Lang::En) => {
            let when = spreadsheet(began, &reader.zone);
            format!("the head is that of run {run} ({when}); runs after it: {later}")
        }
        (Head::Of { run, began, later }, Lang::Ja) => {
            let when = spreadsheet(began, &reader.zone);
            format!(
                "署名されたダイジェストは {run} 番（{when}）のものです。その後の実行 {later} 件"
            )
        }
        (Head::Unknown, Lang::En) => {
            "the head is that of no run: the record is not the one that was signed".to_owned()
        }
        (Head::Unknown, Lang::Ja) => {
            "署名されたダイジェストに当たる実行がありません。署名時の記録と異なります".to_owned()
        }
    }
}

fn nights(report: &RecordReport, reader: &Reader) -> Vec<String> {
    let Some((first, last)) = report.nights else {
        return Vec::new();
    };
    let (first, last) = (day_of(first), day_of(last));
    let days = report.missing_days;
    let mut lines = vec![match (days, reader.lang) {
        (0, Lang::En) => format!("every day from {first} to {last} has a run"),
        (0, Lang::Ja) => format!("{first}〜{last} のすべての日に実行があります"),
        (_, Lang::En) => format!("days from {first} to {last} without a run: {days}"),
        (_, Lang::Ja) => format!("{first}〜{last} のうち実行のない日: {days} 日"),
    }];
    let shown = report.missing.iter().take(LISTED);
    lines.extend(shown.map(|(from, to)| match from == to {
        true => format!("  {}", day_of(*from)),
        false => format!("  {} – {}", day_of(*from), day_of(*to)),
    }));
    lines.extend(more(report.missing.len(), reader.lang));
    lines
}

fn inputs(report: &RecordReport, reader: &Reader) -> Vec<String> {
    let count = |name: &str| {
        let of_name = report.inputs.iter().filter(|i| i.state.name() == name);
        of_name.count()
    };
    if report.inputs.is_empty() {
        return Vec::new();
    }
    let same = count("same") + count("same-size");
    let (grown, changed) = (count("grown"), count("changed"));
    let (gone, unreadable) = (count("gone"), count("unreadable"));
    let mut lines = vec![match reader.lang {
        Lang::En => format!(
            "inputs, each as it was read last: same: {same}, grown: {grown}, changed: {changed}, \
             not there: {gone}, unreadable: {unreadable}"
        ),
        Lang::Ja => format!(
            "入力（最後に読んだときと比べて）: 同じ {same}、追記のみ {grown}、変化あり {changed}、\
             見つからない {gone}、読めない {unreadable}"
        ),
    }];
    let told = report.inputs.iter().filter_map(|input| told(input, reader));
    let told: Vec<String> = told.collect();
    lines.extend(told.iter().take(LISTED).cloned());
    lines.extend(more(told.len(), reader.lang));
    lines
}

/// A file that is not as it was; one that only grew or went is counted.
fn told(input: &InputNow, reader: &Reader) -> Option<String> {
    let (path, run) = (&input.path, input.run);
    let told = match (&input.state, reader.lang) {
        (InputState::Changed, Lang::En) => format!("{path}: changed since run {run}"),
        (InputState::Changed, Lang::Ja) => format!("{path}: {run} 番の実行の後に変わっています"),
        (InputState::Unreadable(error), _) => format!("{path}: {error}"),
        _ => return None,
    };
    Some(format!("  {}", one_line(&told)))
}

fn more(count: usize, lang: Lang) -> Option<String> {
    let more = count.checked_sub(LISTED).filter(|more| *more > 0)?;
    Some(match lang {
        Lang::En => format!("  and {more} more"),
        Lang::Ja => format!("  ほか {more} 件"),
    })
}

/// Writes what a check found as one JSON line.
///
/// # Errors
/// What the writer says.
pub fn write_report(out: &mut dyn Write, report: &RecordReport, zone: &Zone) -> io::Result<()> {
    let signed = report.signed.map(|head| match head {
        Head::Of { run, began, later } => serde_json::json!({
            "found": true, "run": run, "began": exact(began, zone), "later": later,
        }),
        Head::Unknown => serde_json::json!({ "found": false }),
    });
    let missing = report.missing.iter().flat_map(|(from, to)| *from..=*to);
    let inputs = report.inputs.iter().map(|input| {
        serde_json::json!({
            "source": input.source, "path": input.path, "run": input.run,
            "state": input.state.name(),
        })
    });
    let value = serde_json::json!({
        "runs": report.runs,
        "last": report.last.map(|(run, began)| serde_json::json!({
            "run": run, "began": exact(began, zone),
        })),
        "whole": report.broken.is_none(),
        "broken": report.broken,
        "head": report.head,
        "signed": signed,
        "alerts_altered": report.alerts_altered,
        "first_day": report.nights.map(|(first, _)| day_of(first)),
        "last_day": report.nights.map(|(_, last)| day_of(last)),
        "missing_days": report.missing_days,
        "missing": missing.take(LISTED * 10).map(day_of).collect::<Vec<_>>(),
        "inputs": inputs.collect::<Vec<_>>(),
    });
    json::write_line(out, &value)
}
