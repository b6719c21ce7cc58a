//! What an observation saw, in words: the `{value}` of its sentence.
//!
//! Takes what was noted; gives a few words in one language. Never looks at a record.

use crate::detect::Noted;
use crate::diagnostic::Lang;
use crate::enrich::ReasonLine;

const SECOND: i64 = 1_000_000_000;

/// The words for what was noted; `value` is the new value where one was.
pub(super) fn words(noted: &Noted, value: Option<&str>, lang: Lang) -> String {
    match (*noted, lang) {
        (Noted::New { before, history }, _) => new_value(value, (before, history), lang),
        (
            Noted::Unusual {
                count,
                usual,
                stretches,
                hourly,
            },
            lang,
        ) => {
            let unit = match (hourly, lang) {
                (false, Lang::En) => "days",
                (true, Lang::En) => "hours",
                (false, Lang::Ja) => "日",
                (true, Lang::Ja) => "時間",
            };
            match lang {
                Lang::En => format!("{count}, usually {usual} ({stretches} comparable {unit})"),
                Lang::Ja => format!("{count}（普段は{usual}、比べた{unit}数 {stretches}）"),
            }
        }
        (Noted::Silent { length, lasting }, Lang::En) => match lasting {
            true => format!("{}, lasting to the end of the records", span(length, lang)),
            false => span(length, lang),
        },
        (Noted::Silent { length, lasting }, Lang::Ja) => match lasting {
            true => format!("{}（記録の終わりまで継続）", span(length, lang)),
            false => span(length, lang),
        },
        (Noted::Missing { from, to }, Lang::En) if from == to => {
            format!("number {from} is missing")
        }
        (Noted::Missing { from, to }, Lang::En) => {
            format!("{} numbers are missing, {from} to {to}", to - from + 1)
        }
        (Noted::Missing { from, to }, Lang::Ja) if from == to => format!("欠番1件：{from}"),
        (Noted::Missing { from, to }, Lang::Ja) => {
            format!("欠番{}件：{from}〜{to}", to - from + 1)
        }
        (Noted::Reset { after, at }, Lang::En) => format!("began anew at {at} after {after}"),
        (Noted::Reset { after, at }, Lang::Ja) => format!("{after} の次に {at} から振り直し"),
        (Noted::Walked { from, to }, lang) => {
            let numbers = from.abs_diff(to) + 1;
            match lang {
                Lang::En => format!("{numbers} numbers in order, {from} to {to}"),
                Lang::Ja => format!("連番{numbers}件（{from}〜{to}）"),
            }
        }
        (Noted::Leased { before, holders }, lang) => leased((before, holders), lang),
        (Noted::Unseen { before }, lang) => match (before, lang) {
            (Some(before), Lang::En) => format!("last seen {} before", span(before, lang)),
            (Some(before), Lang::Ja) => format!("最後の記録は{}前", span(before, lang)),
            (None, Lang::En) => "never seen".to_owned(),
            (None, Lang::Ja) => "一度も記録なし".to_owned(),
        },
        (Noted::Repeated { number, times }, Lang::En) => format!("{number} came {times} times"),
        (Noted::Repeated { number, times }, Lang::Ja) => format!("{number} が{times}回"),
    }
}

fn leased((before, holders): (i64, usize), lang: Lang) -> String {
    let before = span(before, lang);
    match (holders, lang) {
        (..=1, Lang::En) => format!("leased {before} before"),
        (..=1, Lang::Ja) => format!("貸与の{before}後"),
        (_, Lang::En) => format!(
            "leased {before} before; ambiguous, {holders} devices may have held the address"
        ),
        (_, Lang::Ja) => {
            format!("貸与の{before}後。あいまい：{holders}台の機器が使っていた可能性があります")
        }
    }
}

/// What made an alert true beside the fields of its record.
pub(super) fn reason(noted: &Noted) -> Option<ReasonLine> {
    let Noted::Leased { holders, .. } = noted else {
        return None;
    };
    Some(ReasonLine {
        field: "lease".to_owned(),
        value: if *holders > 1 { "ambiguous" } else { "certain" }.to_owned(),
        because: holders.to_string(),
        at: String::new(),
    })
}

fn new_value(value: Option<&str>, (before, history): (Option<i64>, i64), lang: Lang) -> String {
    let value = value.unwrap_or(match lang {
        Lang::En => "not recorded",
        Lang::Ja => "記録なし",
    });
    match (before, lang) {
        (Some(before), Lang::En) => format!("{value}, last seen {} before", span(before, lang)),
        (Some(before), Lang::Ja) => format!("{value}（前回は{}前）", span(before, lang)),
        (None, Lang::En) => format!("{value}, not seen in {} of records", span(history, lang)),
        (None, Lang::Ja) => format!("{value}（それまで{}分の記録になし）", span(history, lang)),
    }
}

/// A length of time in its two largest units, rounded down.
fn span(nanos: i64, lang: Lang) -> String {
    const UNITS: [(i64, &str, &str); 4] = [
        (86_400, " d", "日"),
        (3_600, " h", "時間"),
        (60, " min", "分"),
        (1, " s", "秒"),
    ];
    let mut seconds = nanos / SECOND;
    let first = UNITS.iter().position(|unit| seconds >= unit.0).unwrap_or(3);
    let mut parts = Vec::new();
    for (size, en, ja) in &UNITS[first..(first + 2).min(4)] {
        let count = seconds / size;
        seconds %= size;
        if count > 0 || parts.is_empty() {
            parts.push(match lang {
                Lang::En => format!("{count}{en}"),
                Lang::Ja => format!("{count}{ja}"),
            });
        }
    }
    match lang {
        Lang::En => parts.join(" "),
        Lang::Ja => parts.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_in_two_units() {
        let both = |seconds: i64| [Lang::En, Lang::Ja].map(|l| span(seconds * SECOND, l));
        assert_eq!(both(0), ["0 s", "0秒"]);
        assert_eq!(both(59), ["59 s", "59秒"]);
        assert_eq!(both(3_600), ["1 h", "1時間"]);
        assert_eq!(both(25_500), ["7 h 5 min", "7時間5分"]);
        assert_eq!(both(63 * 86_400 + 7), ["63 d", "63日"]);
    }

    #[test]
    fn each_observation_has_words_in_both_languages() {
        let hours = 3_600 * SECOND;
        let say = |noted| [Lang::En, Lang::Ja].map(|l| words(&noted, Some("W3"), l));
        assert_eq!(
            say(Noted::New {
                before: None,
                history: 288 * hours
            }),
            [
                "W3, not seen in 12 d of records",
                "W3（それまで12日分の記録になし）"
            ]
        );
        assert_eq!(
            say(Noted::New {
                before: Some(1_500 * hours),
                history: 0
            }),
            ["W3, last seen 62 d 12 h before", "W3（前回は62日12時間前）"]
        );
        assert_eq!(
            say(Noted::Unusual {
                count: 312,
                usual: 40.5,
                stretches: 20,
                hourly: false
            }),
            [
                "312, usually 40.5 (20 comparable days)",
                "312（普段は40.5、比べた日数 20）"
            ]
        );
        assert_eq!(
            say(Noted::Silent {
                length: 7 * hours,
                lasting: true
            }),
            [
                "7 h, lasting to the end of the records",
                "7時間（記録の終わりまで継続）"
            ]
        );
        assert_eq!(
            say(Noted::Missing { from: 7, to: 9 }),
            ["3 numbers are missing, 7 to 9", "欠番3件：7〜9"]
        );
        assert_eq!(
            say(Noted::Reset { after: 9, at: 1 }),
            ["began anew at 1 after 9", "9 の次に 1 から振り直し"]
        );
        assert_eq!(
            say(Noted::Walked { from: 12, to: 3 }),
            ["10 numbers in order, 12 to 3", "連番10件（12〜3）"]
        );
        assert_eq!(
            say(Noted::Leased {
                before: 2 * hours,
                holders: 1
            }),
            ["leased 2 h before", "貸与の2時間後"]
        );
        assert_eq!(
            say(Noted::Leased {
                before: 0,
                holders: 2
            }),
            [
                "leased 0 s before; ambiguous, 2 devices may have held the address",
                "貸与の0秒後。あいまい：2台の機器が使っていた可能性があります"
            ]
        );
        assert_eq!(
            say(Noted::Unseen {
                before: Some(30 * hours)
            }),
            ["last seen 1 d 6 h before", "最後の記録は1日6時間前"]
        );
        assert_eq!(
            say(Noted::Unseen { before: None }),
            ["never seen", "一度も記録なし"]
        );
        assert_eq!(
            say(Noted::Repeated {
                number: 4,
                times: 3
            }),
            ["4 came 3 times", "4 が3回"]
        );
    }
}
