//! The two shapes rosters come in: a row a person with a column a day, and a row a shift.
//!
//! Takes a roster's table; adds its shifts to the rosters. A code that is not in the table of
//! codes is an error at its cell. Legends, weekdays and notes around the table are passed over,
//! with a warning where they might have been meant as a person's row.

use std::collections::BTreeMap;

use super::grammar::{self, Cursor};
use super::roster::{self, Code, Plan, Rosters, Written};
use super::spans::{self, DAY, Span};
use super::table::{self, Row};
use crate::diagnostic::{Complaints, Place, Problem};
use crate::text;

const ACCOUNT: [&str; 8] = [
    "職員番号",
    "職員id",
    "職員コード",
    "社員番号",
    "利用者id",
    "staff_id",
    "id",
    "account",
];
const DATE: [&str; 4] = ["date", "日付", "勤務日", "年月日"];
const START: [&str; 4] = ["start", "開始", "開始時刻", "始業"];
const END: [&str; 4] = ["end", "終了", "終了時刻", "終業"];
/// The seven signs of the week, which often stand under the days' numbers.
const WEEK: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];

/// Where the columns of a table are, from 0.
enum Shape {
    /// Account, and for each column of a day its number.
    Grid(usize, Vec<(usize, u32)>),
    /// Account, date, start, end.
    List([usize; 4]),
}

/// Reads a roster's bytes; `named` is the file's name and its bytes.
pub(super) fn read(
    rosters: &mut Rosters,
    (file, bytes): (&str, &[u8]),
    plan: &Plan,
    complaints: &mut Complaints,
) {
    let Some(rows) = table::read(file, bytes, complaints) else {
        return;
    };
    let heading = rows
        .iter()
        .enumerate()
        .find_map(|(index, row)| Some((index, shape_of(row)?)));
    let Some((index, shape)) = heading else {
        let whole = Place {
            file: file.into(),
            line: 0,
            column: 0,
        };
        complaints.push(no_heading().at(whole));
        return;
    };
    let rows = rows.get(index + 1..).unwrap_or_default();
    match shape {
        Shape::Grid(account, days) => {
            let mut grid = Grid {
                account,
                days,
                plan,
                unknown: BTreeMap::new(),
            };
            grid.read(rosters, rows, complaints);
        }
        Shape::List(columns) => {
            for row in rows {
                if let Err(problem) = read_shift(rosters, row, columns, plan) {
                    complaints.push(problem);
                }
            }
        }
    }
}

fn no_heading() -> Problem {
    Problem::error("no row of headings was found", "見出しの行が見つかりません").help(
        "a roster has the columns 職員番号 and 1, 2, 3 …, or staff_id, date, start, end",
        "職員番号と 1, 2, 3 … の列、または staff_id, date, start, end の列が必要です",
    )
}

/// The shape a row announces, when it is a row of headings.
fn shape_of(row: &Row) -> Option<Shape> {
    let folded: Vec<String> = row
        .cells
        .iter()
        .map(|cell| roster::fold_code(cell).to_lowercase())
        .collect();
    let column = |names: &[&str]| {
        folded
            .iter()
            .position(|cell| names.contains(&cell.as_str()))
    };
    let account = column(&ACCOUNT)?;
    if let (Some(date), Some(start), Some(end)) = (column(&DATE), column(&START), column(&END)) {
        return Some(Shape::List([account, date, start, end]));
    }
    let days: Vec<(usize, u32)> = folded
        .iter()
        .enumerate()
        .filter_map(|(index, cell)| Some((index, day_heading(cell)?)))
        .collect();
    (!days.is_empty()).then_some(Shape::Grid(account, days))
}

/// `1`, `1日`, `1(日)` or `11/1`.
fn day_heading(cell: &str) -> Option<u32> {
    let mut cursor = Cursor::new(cell);
    let (mut day, _) = cursor.number()?;
    if cursor.eat('/') {
        day = cursor.number()?.0;
    }
    let rest = cursor.rest();
    let is_day = rest.is_empty() || rest.starts_with('日') || rest.starts_with('(');
    (is_day && (1..=31).contains(&day)).then_some(day)
}

/// A row a person, a column a day.
struct Grid<'p> {
    account: usize,
    days: Vec<(usize, u32)>,
    plan: &'p Plan,
    /// Codes not in the table: the first cell and how many there are.
    unknown: BTreeMap<String, (Place, usize)>,
}

impl Grid<'_> {
    fn read(&mut self, rosters: &mut Rosters, rows: &[Row], complaints: &mut Complaints) {
        if self.plan.month.is_none() {
            let problem = Problem::error(
                "the roster's columns are days, but its month is not written",
                "日ごとの列がある勤務表ですが、何月かが書かれていません",
            );
            complaints.push(problem.at(self.plan.place.clone()).help(
                "add month: 2026-11 beside the file",
                "file の横に month: 2026-11 のように書いてください",
            ));
            return;
        }
        for row in rows {
            self.row(rosters, row, complaints);
        }
        for (code, (place, count)) in &self.unknown {
            let problem = Problem::error(
                format!("the code \"{code}\" is not in the table of codes ({count} cells)"),
                format!("記号「{code}」が codes にありません（{count} か所）"),
            );
            complaints.push(problem.at(place.clone()).help(
                format!("add {code}: with its hours, none or on-call to codes"),
                format!(
                    "codes に「{code}: 08:30-17:15」のように時間・none・on-call を足してください"
                ),
            ));
        }
    }

    fn row(&mut self, rosters: &mut Rosters, row: &Row, complaints: &mut Complaints) {
        let cell = |index: usize| row.cells.get(index).map_or("", |cell| cell.trim());
        let account = text::fold_key(cell(self.account)).trim().to_owned();
        if account.is_empty() {
            let mut codes = self
                .days
                .iter()
                .map(|(index, _)| cell(*index))
                .filter(|c| !c.is_empty());
            if codes.clone().next().is_some() && !codes.all(|c| WEEK.contains(&c)) {
                complaints.push(
                    Problem::warning(
                        "this row has no staff number and is passed over",
                        "職員番号がない行なので読み飛ばします",
                    )
                    .at(row.place(self.account)),
                );
            }
            return;
        }
        for (index, number) in self.days.clone() {
            let written = cell(index);
            match self
                .plan
                .month
                .and_then(|month| roster::day_in(month, number))
            {
                Some(day) => self.cell(rosters, &account, (day, written), row.place(index)),
                None if written.is_empty() => {}
                None => complaints.push(
                    Problem::error(
                        format!("the month has no day {number}"),
                        format!("この月に {number} 日はありません"),
                    )
                    .at(row.place(index))
                    .found(written),
                ),
            }
        }
    }

    fn cell(
        &mut self,
        rosters: &mut Rosters,
        account: &str,
        (day, written): (i32, &str),
        at: Place,
    ) {
        let folded = roster::fold_code(written);
        let (spans, shift): (&[Span], i32) = match self.plan.codes.get(&folded) {
            Some(Code::Hours(spans, shift)) => (spans, *shift),
            Some(Code::OnCall) => (&[Span { start: 0, end: DAY }], 0),
            Some(Code::None) => (&[], 0),
            None if folded.is_empty() => (&[], 0),
            None => {
                let known = self.unknown.entry(folded).or_insert((at, 0));
                known.1 += 1;
                return;
            }
        };
        rosters.cover(account, day);
        for span in spans {
            let shift = Written {
                day: day + shift,
                span: *span,
                at: at.clone(),
                code: written,
            };
            rosters.add(account, self.plan, shift);
        }
    }
}

/// A row a shift. Empty hours say that the person is off that day.
fn read_shift(
    rosters: &mut Rosters,
    row: &Row,
    columns: [usize; 4],
    plan: &Plan,
) -> Result<(), Problem> {
    let [account, date, start, end] =
        columns.map(|index| row.cells.get(index).map_or("", |cell| cell.trim()));
    let account = text::fold_key(account).trim().to_owned();
    if account.is_empty() {
        return Err(Problem::warning(
            "this row has no staff number and is passed over",
            "職員番号がない行なので読み飛ばします",
        )
        .at(row.place(columns[0])));
    }
    let Some(date) = grammar::date(date) else {
        return Err(Problem::error("not a date", "日付ではありません")
            .at(row.place(columns[1]))
            .found(date)
            .help("write 2026-11-03", "2026-11-03 と書いてください"));
    };
    let day = roster::day_of(date);
    rosters.cover(&account, day);
    if start.is_empty() && end.is_empty() {
        return Ok(());
    }
    let written = format!("{start}-{end}");
    let mut cursor = Cursor::new(&written);
    let read = spans::read_spans(&mut cursor, &mut Vec::new());
    match read.as_deref() {
        Ok([span]) if cursor.is_done() => {
            let shift = Written {
                day,
                span: *span,
                at: row.place(columns[2]),
                code: &written,
            };
            rosters.add(&account, plan, shift);
            Ok(())
        }
        _ => Err(Problem::error(
            format!("\"{written}\" is not a shift"),
            format!("「{written}」は勤務時間として読めません"),
        )
        .at(row.place(columns[2]))
        .help(
            "write start and end as 16:30 and 09:00",
            "開始と終了を 16:30、09:00 の形で書いてください",
        )),
    }
}
