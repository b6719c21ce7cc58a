//! What to say about words of a line that cannot be read: the nearest right form.
//!
//! Takes the cursor at the word; gives the slip. Never decides what is right.

use chrono::Datelike;

use super::grammar::{Cursor, Date, MonthDay, Slip};
use super::lines::DAY_WORDS;
use crate::diagnostic::{self, Problem};

/// A word where a day should stand.
pub(super) fn unknown_day(cursor: &Cursor) -> Slip {
    let rest = cursor.rest();
    let word: String = rest
        .chars()
        .take_while(|c| !matches!(c, ' ' | ',' | '-' | '~' | '['))
        .take(30)
        .collect();
    if word.is_empty() {
        let problem = Problem::error("a day is missing here", "ここに曜日がありません");
        return cursor.slip(problem.help("as in Mon,Thu", "例：月、木"));
    }
    let problem = Problem::error(
        format!("\"{word}\" is not a day"),
        format!("「{word}」は曜日や日付として読めません"),
    );
    let known = DAY_WORDS.iter().map(|(name, _)| *name);
    let special = match word.as_str() {
        "ph" => Some("holiday"),
        _ => diagnostic::nearest(&word, known.chain(["holiday", "last"])),
    };
    cursor.slip(match special {
        Some(near) => problem.help(
            format!("did you mean {}?", capital(near)),
            format!("{} ですか", capital(near)),
        ),
        None => problem.help(
            "a line begins with Mon..Sun, weekdays, daily, holiday, 1st..5th or last, or a date",
            "行は 月〜日、平日、毎日、祝、第1〜第5・最終、または日付で始めます",
        ),
    })
}

/// Days are written with a capital, the other words without.
fn capital(word: &str) -> String {
    let is_day = word.ends_with("day") && word != "holiday" || word.len() == 3;
    let mut letters = word.chars();
    match letters.next() {
        Some(first) if is_day => first.to_ascii_uppercase().to_string() + letters.as_str(),
        _ => word.to_owned(),
    }
}

/// A holiday among weekdays.
pub(super) fn two_lines(cursor: &Cursor) -> Slip {
    let problem = Problem::error(
        "holidays have a line of their own",
        "祝日は曜日とは別の行に書きます",
    );
    cursor.slip(problem.help(
        "write two lines, as in \"Sun closed\" and \"holiday closed\"",
        "「日 休診」と「祝 休診」の二行に分けてください",
    ))
}

/// `Sat[2,4]`, which another notation writes.
pub(super) fn bracketed(cursor: &mut Cursor) -> Slip {
    let at = cursor.index();
    let inside = cursor.take_while(|c| c != ']');
    let ordinals: Vec<&str> = inside
        .trim_start_matches('[')
        .split(',')
        .map(str::trim)
        .collect();
    let english: Vec<&str> = ordinals.iter().map(|n| ordinal_word(n)).collect();
    let japanese: Vec<String> = ordinals.iter().map(|n| format!("第{n}")).collect();
    let problem = Problem::error("brackets are not part of a line", "角括弧は行に使えません");
    Slip {
        at,
        problem: match english.contains(&"") {
            true => problem.help("write 2nd,4th Sat", "第2・第4土 と書いてください"),
            false => problem.help(
                format!(
                    "write {} before the day, as in 2nd,4th Sat",
                    english.join(",")
                ),
                format!("曜日の前に {} と書いてください", japanese.join("・")),
            ),
        },
    }
}

fn ordinal_word(number: &str) -> &'static str {
    match number {
        "1" => "1st",
        "2" => "2nd",
        "3" => "3rd",
        "4" => "4th",
        "5" => "5th",
        "-1" => "last",
        _ => "",
    }
}

/// A sixth weekday of a month, or none.
pub(super) fn no_ordinal(at: usize) -> Slip {
    let problem = Problem::error(
        "a month has a 1st to a 5th of each weekday, and a last",
        "月の中の順番は 第1〜第5 と 最終 だけです",
    );
    Slip {
        at,
        problem: problem.help(
            "write 1st..5th or last",
            "第1〜第5 または 最終 と書いてください",
        ),
    }
}

/// A range that cannot be, by its two ends.
pub(super) fn bad_range(first: Date, second: Date) -> Problem {
    let (from, to) = match (first, second) {
        (Date::Full(from), Date::Full(to)) => {
            return Problem::error(
                "the range ends before it begins and matches no day",
                "範囲の終わりが始まりより前で、どの日にも当てはまりません",
            )
            .help(
                format!("write {to}..{from}"),
                format!("{to}..{from} と書いてください"),
            );
        }
        (Date::Full(from), Date::Yearly(to)) => {
            let year = from.year() + i32::from(to < MonthDay::of(from));
            (
                from.to_string(),
                format!("{year}-{:02}-{:02}", to.month, to.day),
            )
        }
        (Date::Yearly(from), Date::Full(to)) => {
            let year = to.year() - i32::from(from > MonthDay::of(to));
            (
                format!("{year}-{:02}-{:02}", from.month, from.day),
                to.to_string(),
            )
        }
        (Date::Yearly(from), Date::Yearly(to)) => (
            format!("{:02}-{:02}", from.month, from.day),
            format!("{:02}-{:02}", to.month, to.day),
        ),
    };
    Problem::error(
        "one end of the range has a year and the other has none",
        "範囲の片方にだけ年があります",
    )
    .help(
        format!("write {from}..{to}"),
        format!("{from}..{to} と書いてください"),
    )
}

/// Neither hours nor a known word after the days.
pub(super) fn unknown_what(cursor: &Cursor, rest: &str) -> Slip {
    let word: String = rest.chars().take(30).collect();
    let problem = Problem::error(
        format!("\"{word}\" is neither hours nor closed, open or as-weekday"),
        format!("「{word}」は時刻でも 休診・24時間 でもありません"),
    );
    let known = [
        "closed",
        "open",
        "as-weekday",
        "休診",
        "休業",
        "休み",
        "24時間",
        "終日",
    ];
    let near = match word.as_str() {
        "off" | "no" | "false" | "close" => Some("closed"),
        "yes" | "24h" | "24/7" => Some("open"),
        w if w.contains('休') => Some("休診"),
        w if w.chars().count() < 3 => None,
        w => diagnostic::nearest(w, known),
    };
    cursor.slip(match near {
        Some(near) => problem.help(format!("write {near}"), format!("{near} と書いてください")),
        None => problem.help(
            "write hours as 08:30-17:15, or closed, open",
            "08:30-17:15 の形か、休診・24時間 と書いてください",
        ),
    })
}
