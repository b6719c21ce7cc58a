//! A bar for each day, or for each week or more of a longer span.
//!
//! Takes the days of a trial; gives rows, at most about thirty, gaps included. Days without a record
//! are not taken for days without an alert.

use super::Day;

/// Most rows of a chart.
const ROWS: usize = 30;

/// Eighths of a block, from one to seven.
const EIGHTHS: [char; 7] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// A row of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// From this day to that, both included, so many were found.
    Found(i64, i64, u64),
    /// So many days without a record.
    Gap(i64),
}

/// The rows of a chart: days, else weeks from Monday on, else two weeks, four and so on, until they
/// are few enough.
pub(super) fn rows(days: &[Day]) -> Vec<Row> {
    let mut length = 1;
    loop {
        let rows = folded(days, length);
        // One row is few enough whatever the span.
        if rows.len() <= ROWS || length > i64::MAX / 4 {
            return rows;
        }
        length = if length == 1 { 7 } else { length * 2 };
    }
}

fn folded(days: &[Day], length: i64) -> Vec<Row> {
    // 1970-01-01 was a Thursday; weeks begin on Monday.
    let begin_of = |day: i64| match length {
        1 => day,
        _ => (day + 3).div_euclid(length) * length - 3,
    };
    let mut rows: Vec<Row> = Vec::new();
    for day in days {
        let begin = begin_of(day.day);
        match rows.last_mut() {
            Some(Row::Found(first, _, found)) if *first == begin => *found += day.found,
            Some(Row::Found(_, last, _)) if *last + 1 < begin => {
                let gap = begin - *last - 1;
                rows.extend([
                    Row::Gap(gap),
                    Row::Found(begin, begin + length - 1, day.found),
                ]);
            }
            _ => rows.push(Row::Found(begin, begin + length - 1, day.found)),
        }
    }
    rows
}

/// A bar of at most `columns` blocks for `found` of `most`; whatever is not nothing is seen.
pub(super) fn bar(found: u64, most: u64, columns: usize) -> String {
    if found == 0 || most == 0 {
        return String::new();
    }
    let wide = u128::from(found) * (columns as u128) * 8;
    let eighths = ((wide / u128::from(most)) as usize).clamp(1, columns * 8);
    let mut bar = "█".repeat(eighths / 8);
    bar.extend((eighths % 8).checked_sub(1).map(|at| EIGHTHS[at]));
    bar
}
