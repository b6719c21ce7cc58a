//! Spans of hours as written: `08:30-12:00, 14:30-18:00`.
//!
//! Takes folded text at a cursor; gives spans in minutes, slips for what cannot be, and doubts
//! about what often is a slip of the pen. Never knows on which days they fall.

use super::grammar::{Cursor, Slip};
use crate::diagnostic::Problem;

/// Minutes in a day.
pub(super) const DAY: i32 = 1440;

/// A stretch of the clock, in minutes of the day it starts on; the start belongs to it, the end
/// does not and may lie on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// 0 to 1439.
    pub(super) start: i32,
    /// After the start, at most 24 hours after it or at 30:00.
    pub(super) end: i32,
}

impl Span {
    /// `08:30-17:15`; an end on the next day is printed as its own clock reads, 24:00 excepted.
    pub(super) fn written(self) -> String {
        let end = if self.end > DAY {
            self.end - DAY
        } else {
            self.end
        };
        let clock = |m: i32| format!("{:02}:{:02}", m / 60, m % 60);
        format!("{}-{}", clock(self.start), clock(end))
    }
}

/// Reads `HH:MM-HH:MM { , HH:MM-HH:MM }`; warnings are added to `slips`.
pub(super) fn read_spans(cursor: &mut Cursor, slips: &mut Vec<Slip>) -> Result<Vec<Span>, Slip> {
    let mut spans = Vec::new();
    loop {
        cursor.skip_spaces();
        spans.push(read_span(cursor, slips)?);
        cursor.skip_spaces();
        if !cursor.eat(',') {
            return Ok(spans);
        }
    }
}

fn read_span(cursor: &mut Cursor, slips: &mut Vec<Slip>) -> Result<Span, Slip> {
    let at = cursor.index();
    let start = read_clock(cursor)?;
    cursor.skip_spaces();
    if !cursor.eat('-') && !cursor.eat('~') {
        let problem = Problem::error("the end of the hours is missing", "終了時刻がありません");
        return Err(cursor.slip(problem.help(
            "write start and end, as in 08:30-17:15",
            "08:30-17:15 のように開始と終了を書いてください",
        )));
    }
    cursor.skip_spaces();
    let end = read_clock(cursor)?;
    let span = checked_span(start, end).map_err(|problem| Slip { at, problem })?;
    slips.extend(doubts(start, end, span).map(|problem| Slip { at, problem }));
    Ok(span)
}

/// `HH:MM` in minutes, hours up to 99 for now so that the complaint can name them.
fn read_clock(cursor: &mut Cursor) -> Result<i32, Slip> {
    let begin = cursor.mark();
    let at = cursor.index();
    let hour = cursor.number().filter(|(_, length)| *length <= 2);
    let colon = cursor.eat(':');
    let minute = cursor.number().filter(|(_, length)| *length == 2);
    let (Some((hour, _)), true, Some((minute, _))) = (hour, colon, minute) else {
        cursor.back_to(begin);
        let found: String = cursor.rest().chars().take(20).collect();
        let problem = Problem::error(
            format!("\"{found}\" is not a time of day"),
            format!("「{found}」は時刻として読めません"),
        );
        return Err(Slip {
            at,
            problem: problem.help(
                "write hours as 08:30-17:15, or closed, open",
                "08:30-17:15 の形か、休診・24時間 と書いてください",
            ),
        });
    };
    if minute > 59 {
        let problem = Problem::error(
            format!("{hour:02}:{minute:02} has more than 59 minutes"),
            format!("{hour:02}:{minute:02} の分が 59 を超えています"),
        );
        return Err(Slip { at, problem });
    }
    Ok((hour * 60 + minute) as i32)
}

fn checked_span(start: i32, end: i32) -> Result<Span, Problem> {
    let clock = |m: i32| format!("{:02}:{:02}", m / 60, m % 60);
    if start >= DAY {
        let wrapped = |m: i32| clock(m.rem_euclid(DAY));
        return Err(Problem::error(
            format!(
                "hours begin at 23:59 at the latest, not at {}",
                clock(start)
            ),
            format!("開始時刻は 23:59 までです（{} は不可）", clock(start)),
        )
        .help(
            format!(
                "write it on the next day as {}-{}",
                wrapped(start),
                wrapped(end)
            ),
            format!(
                "翌日の行に {}-{} と書いてください",
                wrapped(start),
                wrapped(end)
            ),
        ));
    }
    if end > 30 * 60 {
        return Err(Problem::error(
            format!("hours end at 30:00 at the latest, not at {}", clock(end)),
            format!("終了時刻は 30:00 までです（{} は不可）", clock(end)),
        )
        .help(
            format!(
                "an end on the next day is written {}",
                clock(end.rem_euclid(DAY))
            ),
            format!("翌日の終了は {} と書けます", clock(end.rem_euclid(DAY))),
        ));
    }
    Ok(Span {
        start,
        end: if end <= start { end + DAY } else { end },
    })
}

/// What is allowed but is often a slip of the pen.
fn doubts(start: i32, end: i32, span: Span) -> Option<Problem> {
    let length = span.end - span.start;
    if start == end {
        return Some(
            Problem::warning(
                "start and end are the same: taken as 24 hours",
                "開始と終了が同じです。24 時間とみなします",
            )
            .help(
                "write open for a whole day from midnight",
                "0 時からの終日なら 24時間 と書いてください",
            ),
        );
    }
    (length > 18 * 60 && length != DAY).then(|| {
        let (hours, minutes) = (length / 60, length % 60);
        Problem::warning(
            format!("these hours last {hours} h {minutes} min"),
            format!("この時間帯は {hours} 時間 {minutes} 分あります"),
        )
        .help(
            "check that start and end are not exchanged",
            "開始と終了が逆でないか確かめてください",
        )
    })
}
