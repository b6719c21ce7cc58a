//! A calendar document → drafts of calendars, with every complaint at its place.
//!
//! Takes the document's nodes; gives what was written, unknown keys refused with the nearest known
//! one. Never decides a day; what calendars inherit is settled in `house`.

use std::sync::Arc;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::days::Line;
use super::grammar;
use super::lines;
use super::lists::Holidays;
use super::nodes::{Reader, is_japanese};
use crate::diagnostic::{self, Lang, Place, Problem};
use crate::yaml::{Key, Node};

/// Most lines in one list.
const MAX_LINES: usize = 5_000;
/// Longest grace or margin, in minutes.
const MAX_GRACE: i64 = 1_440;

/// A calendar as it was written.
pub(super) struct Draft {
    pub(super) key: Key,
    pub(super) name: Option<String>,
    pub(super) zone: Option<Tz>,
    pub(super) holidays: Option<(Holidays, Place)>,
    pub(super) hours: Vec<Line>,
    pub(super) exceptions: Vec<Line>,
    pub(super) grace: Margins,
    pub(super) revisions: Vec<Revision>,
    pub(super) extends: Option<(String, Place)>,
}

/// Hours that replace the list from a date on.
pub(super) struct Revision {
    pub(super) from: NaiveDate,
    pub(super) hours: Vec<Line>,
}

/// Minutes before and after; `None` where nothing was written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Margins {
    pub(super) before: Option<i64>,
    pub(super) after: Option<i64>,
}

impl Reader<'_> {
    /// A calendar's own keys.
    pub(super) fn draft(&mut self, key: &Key, node: &Node) -> Draft {
        const KEYS: &[&str] = &[
            "name",
            "timezone",
            "holidays",
            "hours",
            "exceptions",
            "grace",
            "revisions",
            "extends",
        ];
        let mut draft = Draft {
            key: key.clone(),
            name: None,
            zone: None,
            holidays: None,
            hours: Vec::new(),
            exceptions: Vec::new(),
            grace: Margins::default(),
            revisions: Vec::new(),
            extends: None,
        };
        let entries = self.map(node, KEYS);
        for (key, value) in entries {
            match key.text.as_str() {
                "name" => draft.name = self.text(value).map(str::to_owned),
                "timezone" => draft.zone = self.zone(value),
                "holidays" => draft.holidays = Some((self.holidays(value), value.place.clone())),
                "hours" => draft.hours = self.lines(value),
                "exceptions" => draft.exceptions = self.lines(value),
                "grace" => draft.grace = self.margins(value),
                "revisions" => draft.revisions = self.revisions(value),
                "extends" => {
                    let parent = self.text(value).map(str::to_owned);
                    draft.extends = parent.map(|p| (p, value.place.clone()));
                }
                _ => {}
            }
        }
        let has = |wanted: &str| entries.iter().any(|(key, _)| key.text == wanted);
        if node.as_map().is_some() && !has("hours") && !has("extends") {
            self.complaints.push(
                Problem::error(
                    format!("the calendar {} has no hours", key.text),
                    format!("カレンダー {} に hours がありません", key.text),
                )
                .at(key.place.clone())
                .help(
                    "add hours:, a list of lines; [] means closed unless announced",
                    "hours: に行のリストを書いてください（[] は原則休診）",
                ),
            );
        }
        draft
    }

    /// An IANA zone.
    pub(super) fn zone(&mut self, node: &Node) -> Option<Tz> {
        let written = self.text(node)?;
        if let Ok(zone) = written.parse() {
            return Some(zone);
        }
        let problem = Problem::error(
            format!("unknown time zone \"{written}\""),
            format!("タイムゾーン「{written}」がありません"),
        )
        .at(node.place.clone());
        // Names differ in case and by slips; short names of Japan's zone are common.
        let lower = written.to_lowercase();
        let names = chrono_tz::TZ_VARIANTS.iter().map(|tz| tz.name());
        let near = match lower.as_str() {
            "jst" | "tokyo" | "utc+9" | "gmt+9" | "+09:00" | "日本" | "東京" => {
                Some("Asia/Tokyo")
            }
            _ => names
                .clone()
                .find(|name| name.to_lowercase() == lower)
                .or_else(|| diagnostic::nearest(written, names)),
        };
        let near = near.unwrap_or("Asia/Tokyo");
        self.complaints.push(problem.help(
            format!("write an IANA name such as {near}"),
            format!("{near} のような IANA 名を書いてください"),
        ));
        None
    }

    /// `JP`, `none`, a file, or a list of them.
    pub(super) fn holidays(&mut self, node: &Node) -> Holidays {
        let mut holidays = Holidays::default();
        let items = self.one_or_many(node);
        for item in items {
            match self.text(item) {
                Some("JP") => holidays.law = true,
                Some("none") if items.len() == 1 => {}
                Some(word @ ("none" | "jp" | "Jp" | "Japan" | "japan" | "日本")) => {
                    let near = if word == "none" { "JP" } else { word };
                    let problem = Problem::error(
                        format!("\"{word}\" cannot stand here"),
                        format!("「{word}」はここに書けません"),
                    );
                    let problem = match near == word {
                        true => problem.help("write JP", "JP と書いてください"),
                        false => problem.help(
                            "none stands alone; remove it",
                            "none は単独で書きます。ここから削ってください",
                        ),
                    };
                    self.complaints.push(problem.at(item.place.clone()));
                }
                Some(file) => {
                    if let Some(bytes) = self.open(file, &item.place) {
                        holidays.add_file(file, &bytes, self.complaints);
                    }
                }
                None => {}
            }
        }
        holidays
    }

    /// A list of lines; those with a mistake are left out after the complaint.
    fn lines(&mut self, node: &Node) -> Vec<Line> {
        let items = self.list(node);
        if let Some(extra) = items.get(MAX_LINES) {
            let problem = Problem::error(
                format!("more than {MAX_LINES} lines in one list"),
                format!("一つのリストに {MAX_LINES} 行を超えて書かれています"),
            );
            self.complaints.push(problem.at(extra.place.clone()));
        }
        let items = items.iter().take(MAX_LINES);
        items.filter_map(|item| self.line(item)).collect()
    }

    fn line(&mut self, node: &Node) -> Option<Line> {
        let Some(text) = node.as_str() else {
            let problem = Problem::error(
                format!("expected a line of text, found {}", node.kind(Lang::En)),
                format!("一行の文が必要ですが、{}があります", node.kind(Lang::Ja)),
            );
            self.complaints.push(problem.at(node.place.clone()).help(
                "write days and hours with a space between, as in Mon-Fri 08:30-18:00",
                "「月〜金 08:30〜18:00」のように曜日と時刻を空白で区切ってください",
            ));
            return None;
        };
        match lines::parse(text) {
            Err(slip) => {
                self.slip(node, slip);
                None
            }
            Ok(parsed) => {
                for doubt in parsed.doubts {
                    self.slip(node, doubt);
                }
                let words: Vec<&str> = text.split_whitespace().collect();
                Some(Line {
                    when: parsed.when,
                    what: parsed.what,
                    text: Arc::from(words.join(" ")),
                    japanese: is_japanese(text),
                    place: Some(node.place.clone()),
                })
            }
        }
    }

    /// `{ before: 30m, after: 2h }`.
    pub(super) fn margins(&mut self, node: &Node) -> Margins {
        let mut margins = Margins::default();
        if let Some(text) = node.as_str() {
            let problem = Problem::error("expected before and after", "before と after が必要です");
            self.complaints.push(problem.at(node.place.clone()).help(
                format!("write {{ before: {text}, after: {text} }}"),
                format!("{{ before: {text}, after: {text} }} と書いてください"),
            ));
            return margins;
        }
        for (key, value) in self.map(node, &["before", "after"]) {
            match key.text.as_str() {
                "before" => margins.before = self.duration(value),
                "after" => margins.after = self.duration(value),
                _ => {}
            }
        }
        margins
    }

    fn duration(&mut self, node: &Node) -> Option<i64> {
        let text = self.text(node)?;
        let minutes = minutes_of(text);
        if minutes.is_none_or(|m| m > MAX_GRACE) {
            let problem = Problem::error(
                format!("\"{text}\" is not a duration of up to 24 hours"),
                format!("「{text}」は 24 時間までの長さとして読めません"),
            );
            self.complaints.push(problem.at(node.place.clone()).help(
                "write 30m, 2h or 1h30m",
                "30m、2h、1h30m の形で書いてください",
            ));
            return None;
        }
        minutes
    }

    fn revisions(&mut self, node: &Node) -> Vec<Revision> {
        let mut revisions: Vec<Revision> = Vec::new();
        for item in self.list(node) {
            let mut from = None;
            let mut hours = None;
            for (key, value) in self.map(item, &["from", "hours"]) {
                match key.text.as_str() {
                    "from" => from = self.date(value).map(|date| (date, value)),
                    "hours" => hours = Some(self.lines(value)),
                    _ => {}
                }
            }
            let missing = match (item.get("from"), &hours) {
                _ if item.as_map().is_none() => None,
                (None, _) => Some("from"),
                (_, None) => Some("hours"),
                _ => None,
            };
            if let Some(missing) = missing {
                self.missing(item, missing);
            }
            let (Some((from, at)), Some(hours)) = (from, hours) else {
                continue;
            };
            if let Some(before) = revisions.last().filter(|last| last.from >= from) {
                let problem = Problem::error(
                    format!(
                        "this revision begins on {from}, but the one above it on {}",
                        before.from
                    ),
                    format!(
                        "この改定は {from} からですが、上の改定は {} からです",
                        before.from
                    ),
                );
                self.complaints.push(problem.at(at.place.clone()).help(
                    "write revisions in the order of their dates",
                    "改定は日付の順に書いてください",
                ));
            }
            revisions.push(Revision { from, hours });
        }
        revisions
    }

    fn date(&mut self, node: &Node) -> Option<NaiveDate> {
        let text = self.text(node)?;
        let date = grammar::date(text);
        if date.is_none() {
            let problem = Problem::error(
                format!("\"{text}\" is not a date"),
                format!("「{text}」は日付として読めません"),
            );
            self.complaints.push(problem.at(node.place.clone()).help(
                "write 2026-04-01 or 2026/4/1",
                "2026-04-01 または 2026/4/1 と書いてください",
            ));
        }
        date
    }
}

/// `30m`, `2h`, `1h30m`, `90分`, `2時間30分` in minutes.
fn minutes_of(text: &str) -> Option<i64> {
    let mut cursor = grammar::Cursor::new(text.trim());
    let mut minutes = 0_i64;
    let mut hours_allowed = true;
    while !cursor.is_done() {
        let (number, _) = cursor.number()?;
        let number = i64::from(number);
        if hours_allowed && (cursor.eat_word("時間") || cursor.eat('h')) {
            minutes = number * 60;
            hours_allowed = false;
        } else if cursor.eat('分') || cursor.eat_word("min") || cursor.eat('m') {
            return cursor.is_done().then_some(minutes + number);
        } else {
            return (number == 0 && hours_allowed && cursor.is_done()).then_some(0);
        }
    }
    (!hours_allowed).then_some(minutes)
}
