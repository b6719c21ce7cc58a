//! The sentence of an alert: a rule's template filled with what the log tells.
//!
//! Takes a template and what its braces stand for; gives a sentence in one language. Never looks at
//! an event itself.

use chrono::{DateTime, Datelike, FixedOffset, Timelike};

use crate::diagnostic::Lang;
use crate::event::Reason;
use crate::text::shorten;

/// Characters of a value that a sentence holds: a log may give a name of a megabyte.
const LONGEST: usize = 80;

/// Fills `{name}` places of a template; what `lookup` does not know reads 記録なし, and a long value
/// is shortened to 80 characters. A brace that opens no place stands for itself.
pub fn fill(template: &str, lang: Lang, lookup: &mut dyn FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        match after.split_once('}') {
            Some((name, tail)) => {
                match lookup(name) {
                    Some(value) => match worded(name, &value, lang) {
                        Some(word) => out.push_str(word),
                        None => out.push_str(&shorten(&value, LONGEST)),
                    },
                    None => out.push_str(not_recorded(lang)),
                }
                rest = tail;
            }
            None => {
                out.push('{');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// Values that are words of ours, for people: field, value, English, Japanese.
const WORDED: &[(&str, &str, &str, &str)] = &[
    ("roster.on_duty", "true", "on duty", "勤務あり"),
    ("roster.on_duty", "false", "not on duty", "勤務なし"),
    ("roster.on_duty", "unknown", "none given", "なし"),
    ("device.known", "true", "yes", "あり"),
    ("device.known", "false", "no", "なし"),
    (
        "device.known",
        "randomised",
        "randomized address",
        "乱数化されたアドレス",
    ),
    ("user.kind", "person", "person", "職員"),
    ("user.kind", "shared", "shared", "共用"),
    ("user.kind", "vendor", "vendor", "保守業者"),
    ("user.kind", "service", "service", "システム"),
    ("user.kind", "admin", "administrator", "管理者"),
    ("user.kind", "break-glass", "emergency", "緊急時用"),
    ("user.active", "true", "yes", "はい"),
    ("user.active", "false", "no", "いいえ"),
    ("user.active", "unknown", "not known", "不明"),
    ("declared", "overtime", "overtime", "時間外勤務"),
    ("declared", "emergency", "emergency", "非常時"),
    ("declared", "drill", "drill", "訓練"),
    ("declared", "maintenance", "maintenance", "保守作業"),
    (
        "declared",
        "config-change",
        "configuration change",
        "設定変更",
    ),
    ("source.network", "outside", "outside", "外部"),
    (
        "source.network",
        "private",
        "private address",
        "プライベートアドレス",
    ),
];

/// The word for a value that is one of ours.
pub fn worded(field: &str, value: &str, lang: Lang) -> Option<&'static str> {
    if field == "event.reason" {
        let reason = Reason::ALL.iter().find(|reason| reason.code() == value)?;
        return Some(reason.text(lang));
    }
    let found = WORDED.iter().find(|w| (w.0, w.1) == (field, value))?;
    Some(match lang {
        Lang::En => found.2,
        Lang::Ja => found.3,
    })
}

/// What stands for a value the log does not tell.
fn not_recorded(lang: Lang) -> &'static str {
    match lang {
        Lang::Ja => "記録なし",
        Lang::En => "not recorded",
    }
}

/// A stretch of time in the site's words: `11/16（月）2:14〜2:31`, `Mon 11-16 02:14–02:31`.
/// `start` and `end` are nanoseconds since 1970, `offset` seconds east of UTC.
pub fn time_span(start: i64, end: i64, offset: i32, lang: Lang) -> String {
    let local = |nanos: i64| {
        let zone =
            FixedOffset::east_opt(offset).unwrap_or_else(|| chrono::Offset::fix(&chrono::Utc));
        DateTime::from_timestamp_nanos(nanos).with_timezone(&zone)
    };
    let (from, to) = (local(start), local(end));
    let first = format!("{}{}", day(&from, lang), clock(&from, lang));
    let same_minute = start.div_euclid(60_000_000_000) == end.div_euclid(60_000_000_000);
    let between = match lang {
        Lang::Ja => "〜",
        Lang::En => "–",
    };
    if same_minute {
        first
    } else if from.date_naive() == to.date_naive() {
        format!("{first}{between}{}", clock(&to, lang))
    } else {
        format!("{first}{between}{}{}", day(&to, lang), clock(&to, lang))
    }
}

fn day(time: &DateTime<FixedOffset>, lang: Lang) -> String {
    let weekday = time.weekday().num_days_from_monday() as usize;
    match lang {
        Lang::Ja => {
            let name = ["月", "火", "水", "木", "金", "土", "日"][weekday];
            format!("{}/{}（{name}）", time.month(), time.day())
        }
        Lang::En => {
            let name = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][weekday];
            format!("{name} {:02}-{:02} ", time.month(), time.day())
        }
    }
}

fn clock(time: &DateTime<FixedOffset>, lang: Lang) -> String {
    match lang {
        Lang::Ja => format!("{}:{:02}", time.hour(), time.minute()),
        Lang::En => format!("{:02}:{:02}", time.hour(), time.minute()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_filled_and_gaps_are_named() {
        let mut lookup = |name: &str| (name == "user.account").then(|| "n1023".to_owned());
        let text = fill(
            "ID {user.account}、端末 {source.terminal} {",
            Lang::Ja,
            &mut lookup,
        );
        assert_eq!(text, "ID n1023、端末 記録なし {");
    }

    #[test]
    fn our_own_words_are_said_in_the_readers_language() {
        let say = |lang| {
            fill("{roster.on_duty}", lang, &mut |_| {
                Some("unknown".to_owned())
            })
        };
        assert_eq!(
            (say(Lang::En), say(Lang::Ja)),
            ("none given".to_owned(), "なし".to_owned())
        );
        let why = fill("{event.reason}", Lang::Ja, &mut |_| {
            Some("no-time".to_owned())
        });
        assert_eq!(why, "時刻がありません");
        let other = fill("{user.id}", Lang::Ja, &mut |_| Some("unknown".to_owned()));
        assert_eq!(other, "unknown");
    }

    #[test]
    fn a_long_value_fills_no_report() {
        let text = fill("<{user.account}>", Lang::En, &mut |_| {
            Some("夜".repeat(1 << 20))
        });
        assert_eq!(text, format!("<{}…>", "夜".repeat(79)));
    }

    #[test]
    fn spans_read_as_people_write_them() {
        // 2026-11-15T17:14:07Z is 02:14:07 on the 16th in Tokyo.
        let start = 1_794_762_847_000_000_000;
        let minutes = 60_000_000_000;
        let tokyo = 9 * 3_600;
        assert_eq!(
            time_span(start, start + 17 * minutes, tokyo, Lang::Ja),
            "11/16（月）2:14〜2:31"
        );
        assert_eq!(
            time_span(start, start + 17 * minutes, tokyo, Lang::En),
            "Mon 11-16 02:14–02:31"
        );
        assert_eq!(
            time_span(start, start + 1, tokyo, Lang::Ja),
            "11/16（月）2:14"
        );
    }
}
