//! The operations diary and the reports of users: CSV files that people keep.
//!
//! Takes the files of the config; gives entries, and a complaint for every row that cannot be
//! read. Never changes a file.

use super::super::config::Named;
use super::super::plan::Plan;
use super::super::{files, value};
use crate::diagnostic::{Complaints, Place, Problem};
use crate::report::{Day, DiaryEntry};
use crate::text::{fold_key, one_line, shorten};

/// Names of the columns, the first of each being ours.
const COLUMNS: [&[&str]; 5] = [
    &["date", "日付", "年月日", "day"],
    &["time", "時刻", "時間"],
    &["kind", "区分", "種別", "種類"],
    &["by", "記入者", "申告者", "氏名", "担当者"],
    &["text", "内容", "記事", "申告内容", "備考"],
];
/// Rows complained about one by one.
const TOLD: usize = 20;

/// All entries; `None` when no diary is configured.
pub(super) fn read(plan: &Plan, complaints: &mut Complaints) -> Option<Vec<DiaryEntry>> {
    if plan.config.diary.is_empty() {
        return None;
    }
    let mut entries = Vec::new();
    for Named { path, place } in &plan.config.diary {
        if let Some(text) = files::text(path, Some(place), complaints) {
            entries.extend(of_text(&path.to_string_lossy(), &text, complaints));
        }
    }
    Some(entries)
}

fn of_text(file: &str, text: &str, complaints: &mut Complaints) -> Vec<DiaryEntry> {
    let place = |line: u64| Place {
        file: file.into(),
        line: u32::try_from(line).unwrap_or(u32::MAX),
        column: 0,
    };
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes());
    let columns = match reader.headers() {
        Ok(headings) => COLUMNS.map(|names| {
            headings
                .iter()
                .position(|heading| names.contains(&&*fold_key(heading)))
        }),
        Err(error) => {
            complaints.push(unreadable(&error).at(place(1)));
            return Vec::new();
        }
    };
    if columns[0].is_none() || columns[4].is_none() {
        complaints.push(no_columns().at(place(1)));
        return Vec::new();
    }
    let (mut entries, mut slips) = (Vec::new(), 0);
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                complaints.push(unreadable(&error).at(place(1)));
                break;
            }
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let cell = |at: usize| {
            columns[at]
                .and_then(|column| record.get(column))
                .unwrap_or_default()
                .trim()
        };
        let line = record.position().map_or(0, csv::Position::line);
        match day(cell(0)) {
            Some(day) => entries.push(DiaryEntry {
                day: Day(day),
                time: cell(1).to_owned(),
                kind: cell(2).to_owned(),
                by: cell(3).to_owned(),
                text: cell(4).to_owned(),
                alerts: 0,
            }),
            None => {
                slips += 1;
                if slips <= TOLD {
                    complaints.push(no_day(cell(0)).at(place(line)));
                }
            }
        }
    }
    entries
}

/// A day as people write it: `2026-11-16`, `2026/11/6`.
fn day(word: &str) -> Option<i64> {
    let folded = fold_key(word);
    let mut parts = folded.split(['-', '/', '.']);
    let mut part = || parts.next()?.trim().parse::<u32>().ok();
    let (year, month, day) = (part()?, part()?, part()?);
    value::day(&format!("{year:04}-{month:02}-{day:02}")).ok()
}

fn no_day(word: &str) -> Problem {
    let shown = shorten(&one_line(word), 40).into_owned();
    Problem::error(
        format!("\"{shown}\" is not a day"),
        format!("「{shown}」は日付として読めません"),
    )
    .help(
        "write 2026-11-16 or 2026/11/16",
        "2026-11-16 か 2026/11/16 のように書いてください",
    )
}

fn no_columns() -> Problem {
    Problem::error(
        "the diary needs the columns date and text in its first line",
        "業務日誌の1行目には「日付」と「内容」の列が必要です",
    )
    .help(
        "date, time, kind, by and text are read",
        "読み取る列: 日付・時刻・区分・記入者・内容",
    )
}

fn unreadable(error: &csv::Error) -> Problem {
    Problem::error(
        format!("the diary cannot be read: {error}"),
        format!("業務日誌を読めません: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read_with_headings_of_either_language() {
        let mut complaints = Complaints::new();
        let text =
            "日付,時刻,区分,記入者,内容\n2026/11/6,9:05,申告,佐藤,\"画面が\n乗っ取られた\"\n,,,,\n";
        let entries = of_text("日誌.csv", text, &mut complaints);
        assert!(complaints.is_empty());
        assert_eq!(entries.len(), 1);
        assert_eq!(crate::report::iso(entries[0].day.0), "2026-11-06");
        assert_eq!(entries[0].text, "画面が\n乗っ取られた");
        let english = of_text("d.csv", "date,text\n2026-11-16,x\n", &mut complaints);
        assert_eq!(english[0].text, "x");
    }

    #[test]
    fn slips_are_told_by_line() {
        let mut complaints = Complaints::new();
        of_text(
            "d.csv",
            "date,text\nsoon,x\n2026-11-16,y\n2026-02-30,z\n",
            &mut complaints,
        );
        of_text("e.csv", "day of week,words\n", &mut complaints);
        let told: Vec<String> = complaints
            .sorted()
            .iter()
            .map(|p| p.place.as_ref().expect("a place").to_string())
            .collect();
        assert_eq!(told, ["d.csv:2", "d.csv:4", "e.csv:1"]);
    }
}
