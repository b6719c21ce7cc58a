//! The account of a run: what was examined, what could not be, and what every rule said.
//!
//! Takes a [`RunReport`] filled by the caller; gives text for people in Japanese or English, and
//! the same as JSON. Never reads a file and never judges a record.

mod json;
mod text;
mod verdicts;

use std::io::{self, Write};

use crate::alert::Level;
use crate::diagnostic::Text;
use crate::event::{InputAccount, Zone};

use super::Reader;

/// How much of the ledger is shown to people; the JSON always holds everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Only what was assumed and what went wrong.
    WrongOnly,
    /// What a person reads every morning.
    Usual,
    /// Every input, every rule, every reason.
    Full,
}

/// The ledger as text, lines ended by line feeds.
pub fn text(report: &RunReport, reader: &Reader, detail: Detail) -> String {
    text::render(report, reader, detail)
}

/// Writes the ledger as one JSON document.
///
/// # Errors
/// What the writer says.
pub fn write_json(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    json::write(out, report)
}

/// What the ledger says of one input, as a JSON object.
pub fn input_json(input: &InputReport) -> String {
    json::of_input(input)
}

/// Everything that stands in the ledger of one run.
#[derive(Clone, Debug, Default)]
pub struct RunReport {
    /// Version of the program.
    pub version: String,
    /// Version of the time zone database compiled in.
    pub tzdb: String,
    /// What was assumed because nobody said it (business hours, zone); the first lines.
    pub assumed: Vec<Text>,
    /// What was read, in the order of source and path.
    pub inputs: Vec<InputReport>,
    /// What every rule said, in the order of the rules' names.
    pub rules: Vec<RuleReport>,
    /// Sources that are expected to speak and are silent at the end of the records.
    pub unheard: Vec<String>,
    /// Anything else the reader should know, such as settings that have no effect yet.
    pub notices: Vec<Text>,
}

/// One input: a file, a member of an archive, or stdin.
#[derive(Clone, Debug)]
pub struct InputReport {
    /// Source the input belongs to.
    pub source: String,
    /// Path as the user named it.
    pub path: String,
    /// Name of its format; empty when none was found.
    pub format: String,
    /// Why that format: what was recognised, or that the user or the config said so. When no
    /// format was found: what was tried.
    pub why: Text,
    /// Name of its encoding; empty when it was not opened.
    pub encoding: String,
    /// Why that encoding.
    pub encoding_why: Text,
    /// Zone of times that print none; the ledger shows the input's times in it.
    pub zone: Zone,
    /// `none`, `gzip`, `zstd`, `xz`, `bzip2` or `zip`; empty when it was not opened.
    pub compression: String,
    /// What was read.
    pub account: InputAccount,
    /// What was decided or assumed about this input.
    pub notes: Vec<Text>,
    /// What was found in it, for those who ask for more: which column became which field.
    pub details: Vec<Text>,
    /// Why it was not read whole; `None` when it was.
    pub error: Option<Text>,
}

/// What one rule did in the run.
#[derive(Clone, Debug)]
pub struct RuleReport {
    /// Short name.
    pub name: String,
    /// Level.
    pub level: Level,
    /// Events that satisfied it; those of a record that two inputs tell count in both, as it does
    /// among the accepted ones.
    pub matches: u64,
    /// Matches that a roster or a declaration explains.
    pub explained: u64,
    /// Matches that are only counted while the business hours are assumed.
    pub quiet: u64,
    /// Alerts it gave.
    pub alerts: u64,
    /// Why it could not speak at all; `None` when it could.
    pub silent: Option<Text>,
    /// Keys it could not judge yet for want of history, and all keys it saw; `None` where it knows
    /// enough or needs no history.
    pub learning: Option<(u64, u64)>,
    /// Sources it can never fire on, each with the fields they lack.
    pub cannot_fire: Vec<(String, Vec<String>)>,
}

impl InputReport {
    /// True when more than half of the records were rejected: the format is probably wrong, and
    /// the input counts as not examined.
    pub fn is_mostly_rejected(&self) -> bool {
        let account = &self.account;
        let told = account.records - (account.blanks + account.headings).min(account.records);
        account.rejected() > told / 2
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::diagnostic::Lang;
    use crate::event::{NANOS, Reason, Reject, RejectSample};

    fn account(records: u64, bad: u64) -> InputAccount {
        let mut account = InputAccount {
            bytes: 1_893_464,
            records,
            accepted: records - bad - 2,
            blanks: 1,
            headings: 1,
            untrusted: 3,
            ..InputAccount::default()
        };
        for i in 0..bad {
            account.reject(RejectSample {
                line: 12 + i,
                offset: 840 * i,
                length: 14,
                reject: Reject::at(Reason::BadTime, 1),
                text: "32:99 \u{1b}[2J".to_owned(),
            });
        }
        account.event(samples::START, 20_773);
        account.event(samples::START + 3 * 86_400 * NANOS, 20_776);
        account.events = account.accepted;
        account
    }

    fn input(path: &str, records: u64, bad: u64) -> InputReport {
        InputReport {
            source: "ehr".to_owned(),
            path: path.to_owned(),
            format: "csv".to_owned(),
            why: Text::new(
                "its headings hold a time and an account",
                "見出しに時刻と利用者IDがある",
            ),
            encoding: "cp932".to_owned(),
            encoding_why: Text::new(
                "not UTF-8, plausible Japanese",
                "UTF-8ではなく日本語として読める",
            ),
            zone: Zone::tokyo(),
            compression: "gzip".to_owned(),
            account: account(records, bad),
            notes: vec![Text::new(
                "days stand before months",
                "日・月の順と判断しました",
            )],
            details: vec![Text::new(
                "columns: 日時 → @timestamp",
                "列の対応: 日時 → @timestamp",
            )],
            error: None,
        }
    }

    fn rule(name: &str) -> RuleReport {
        RuleReport {
            name: name.to_owned(),
            level: Level::Medium,
            matches: 0,
            explained: 0,
            quiet: 0,
            alerts: 0,
            silent: None,
            learning: None,
            cannot_fire: Vec::new(),
        }
    }

    fn report() -> RunReport {
        let mut broken = input("exports/broken.csv", 9, 6);
        broken.error = Some(Text::new(
            "the archive ends too early",
            "書庫が途中で終わっています",
        ));
        RunReport {
            version: "0.1.0".to_owned(),
            tzdb: "2025b".to_owned(),
            assumed: vec![Text::new(
                "business hours are not set: Mon-Fri 8:30-18:00 assumed",
                "営業時間が未設定です。月〜金8:30〜18:00と仮定しました",
            )],
            inputs: vec![input("exports/ehr-1116.csv", 10_231, 2), broken],
            rules: vec![
                rule("config-changed"),
                RuleReport {
                    matches: 1_017,
                    explained: 3,
                    quiet: 12,
                    alerts: 2,
                    ..rule("off-hours-access")
                },
                RuleReport {
                    silent: Some(Text::new(
                        "there is no register of devices",
                        "機器台帳がありません",
                    )),
                    ..rule("unknown-device")
                },
                RuleReport {
                    cannot_fire: vec![("ehr".to_owned(), vec!["wifi.ssid".to_owned()])],
                    ..rule("rogue-ap")
                },
            ],
            unheard: Vec::new(),
            notices: vec![Text::new(
                "store has no effect yet",
                "store はまだ効果がありません",
            )],
        }
    }

    fn shown(report: &RunReport, lang: Lang, detail: Detail) -> String {
        text(
            report,
            &Reader {
                lang,
                zone: Zone::tokyo(),
            },
            detail,
        )
    }

    #[test]
    fn the_ledger_tells_everything_in_both_languages() {
        samples::holds("ledger-ja", &shown(&report(), Lang::Ja, Detail::Usual));
        samples::holds("ledger-en", &shown(&report(), Lang::En, Detail::Usual));
        samples::holds("ledger-en-full", &shown(&report(), Lang::En, Detail::Full));
        samples::holds(
            "ledger-en-wrong",
            &shown(&report(), Lang::En, Detail::WrongOnly),
        );
    }

    #[test]
    fn many_healthy_inputs_are_summed_and_sick_ones_shown() {
        let mut many = report();
        for i in 0..40 {
            many.inputs
                .push(input(&format!("exports/ehr-{i:02}.csv"), 100, 0));
        }
        let text = shown(&many, Lang::En, Detail::Usual);
        let summed = "ehr: 40 inputs without complaint\n  format csv, encoding cp932, zone \
                      Asia/Tokyo\n  75,738,560 bytes; records 4,000 = accepted 3,920 + rejected 0 + \
                      blank 40 + headings 40\n";
        assert!(text.contains(summed), "{text}");
        many.rules.clear();
        let parsed = shown(&many, Lang::En, Detail::Usual);
        assert!(!parsed.contains("rules"), "{parsed}");
        assert!(text.contains("exports/ehr-1116.csv") && !text.contains("exports/ehr-07.csv"));
        assert!(shown(&many, Lang::En, Detail::Full).contains("exports/ehr-07.csv"));
    }

    #[test]
    fn hostile_names_steer_no_terminal() {
        let mut hostile = report();
        hostile.inputs[1].path = "bro\u{1b}[2Jken\u{202e}.csv".to_owned();
        hostile.inputs[0].notes = vec![Text::new("a\nb\u{9b}", "a\nb\u{9b}")];
        for lang in [Lang::Ja, Lang::En] {
            let text = shown(&hostile, lang, Detail::Full);
            let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!text.contains(acts), "{text:?}");
            assert!(!text.contains("a\nb"));
        }
    }

    #[test]
    fn a_quiet_good_run_says_nothing() {
        let mut good = report();
        good.assumed.clear();
        good.notices.clear();
        good.inputs.truncate(1);
        good.rules.truncate(2);
        assert_eq!(shown(&good, Lang::Ja, Detail::WrongOnly), "");
    }

    #[test]
    fn what_is_still_learning_says_so() {
        let mut young = report();
        young.rules[0].learning = Some((1_200, 1_300));
        young.rules[3].learning = Some((1, 1));
        let told = [Lang::En, Lang::Ja].map(|lang| shown(&young, lang, Detail::Usual));
        let en = "\nstill learning, for want of history: config-changed (1,200 of 1,300 keys), \
                  rogue-ap (1 of 1 keys)\n";
        let ja = "\n記録の期間が足りず、まだ判定できない対象: config-changed（1,300件中1,200件）、\
                  rogue-ap（1件中1件）\n";
        assert!(told[0].contains(en), "{}", told[0]);
        assert!(told[1].contains(ja), "{}", told[1]);
        let mut out = Vec::new();
        write_json(&mut out, &young).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let expected = serde_json::json!({ "keys": 1_300, "learning": 1_200 });
        assert_eq!(read["rules"][0]["history"], expected);
        assert_eq!(read["rules"][1].get("history"), None);
    }

    #[test]
    fn the_json_holds_the_same() {
        let mut out = Vec::new();
        write_json(&mut out, &report()).unwrap();
        let read: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(read["inputs"][1]["mostly_rejected"], true);
        assert_eq!(read["inputs"][0]["records"], 10_231);
        samples::holds("ledger-json", &String::from_utf8(out).unwrap());
    }

    #[test]
    fn more_than_half_means_of_what_could_be_records() {
        assert!(!input("a", 10, 4).is_mostly_rejected());
        assert!(input("a", 10, 5).is_mostly_rejected());
        assert!(!input("a", 2, 0).is_mostly_rejected());
    }
}
