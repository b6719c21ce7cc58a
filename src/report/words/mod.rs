//! A report in words: what the numbers are called, in plain Japanese or plain English.
//!
//! Takes a [`Weekly`] and a language; gives a document. Never adds a number, and never passes a
//! verdict on a person.

mod account;
mod changes;
mod evidence;
mod evidenced;
pub(super) mod maintenance;
pub(super) mod names;
mod pictures;
mod standing;
mod todo;
mod verdict;

use std::ops::Deref;

use crate::diagnostic::{Lang, Text};
use crate::rule::Titles;

use super::document::Document;
use super::model::{Day, Figure, Time, Weekly};
use super::number::{difference, thousands};
use super::period::{iso, weekday};

const DAYS: [(&str, &str); 7] = [
    ("Mon", "月"),
    ("Tue", "火"),
    ("Wed", "水"),
    ("Thu", "木"),
    ("Fri", "金"),
    ("Sat", "土"),
    ("Sun", "日"),
];

/// The document of a report.
pub(super) fn document(weekly: &Weekly, lang: Lang) -> Document {
    let speaker = Speaker {
        tongue: Tongue { lang },
        weekly,
        titles: Titles::new(lang),
    };
    let say = |en: &str, ja: &str| speaker.say(en, ja);
    let period = weekly.period.title.get(lang);
    let house = weekly.site.as_deref().unwrap_or_default();
    let mut sections = vec![
        verdict::section(&speaker),
        todo::section(&speaker),
        pictures::section(&speaker),
        changes::section(&speaker),
        maintenance::section(&speaker),
        evidenced::section(&speaker),
        standing::section(&speaker),
        account::section(&speaker),
    ];
    sections.push(evidence::section(&speaker));
    Document {
        lang,
        title: match weekly.period.label.contains("-W") {
            true => say("Access log review of the week", "アクセスログ点検 週報"),
            false => say("Access log review", "アクセスログ点検 報告"),
        },
        subject: period.to_owned(),
        facts: facts(&speaker, house, period),
        notices: notices(&speaker),
        sections,
        foot: [house, period, "Yomawari 夜回り"]
            .into_iter()
            .filter(|p| !p.is_empty())
            .collect::<Vec<_>>()
            .join(" ・ "),
    }
}

fn facts(speaker: &Speaker<'_>, house: &str, period: &str) -> Vec<(String, String)> {
    let weekly = speaker.weekly;
    let mut facts = Vec::new();
    let mut add = |en: &str, ja: &str, value: String| {
        if !value.is_empty() {
            facts.push((speaker.say(en, ja), value));
        }
    };
    add("Institution", "施設", house.to_owned());
    add("Period", "期間", period.to_owned());
    add(
        "Department",
        "部署",
        weekly.department.clone().unwrap_or_default(),
    );
    let zone = &weekly.zone;
    add(
        "Made",
        "作成",
        format!("{} ({zone})", speaker.time(weekly.made)),
    );
    add(
        "Addressed to",
        "あて先",
        speaker.say(
            "the officer responsible for the safety of medical information systems",
            "医療情報システム安全管理責任者",
        ),
    );
    let signed = weekly
        .signatures
        .last()
        .map(|signature| match speaker.lang {
            Lang::Ja => format!("{}（{}）", signature.by, speaker.time(signature.at)),
            Lang::En => format!("{}, {}", signature.by, speaker.time(signature.at)),
        });
    add("Reviewed by", "確認済み", signed.unwrap_or_default());
    facts
}

fn notices(speaker: &Speaker<'_>) -> Vec<String> {
    let weekly = speaker.weekly;
    let mut notices = Vec::new();
    let mut add = |en: &str, ja: &str| notices.push(speaker.say(en, ja));
    if !weekly.period.is_over {
        add(
            "This period has not ended: the figures are those so far.",
            "この期間はまだ終わっていません。数字は作成時点までのものです。",
        );
    }
    if weekly.identities == "masked" {
        add(
            "Persons are masked: S-… stands for an account, P-… for a patient. Records and free words are left out.",
            "個人は仮名で表しています（S-…は職員のID、P-…は患者）。記録の本文と自由記述は載せていません。",
        );
    }
    if weekly.identities == "names" {
        add(
            "This page holds names of persons: handle it as personal information.",
            "このページには氏名が載っています。個人情報として取り扱ってください。",
        );
    }
    if let Some(name) = &weekly.department {
        add(
            &format!(
                "This is the report of {name}. What says “whole institution” is of all departments; everything else is of {name} alone, as far as logs or registers tell to which department an account or a terminal belongs."
            ),
            &format!(
                "{name}の報告です。「施設全体」と書いた数字・図・表はすべての部署のもの、そのほかは{name}だけのものです（ログか台帳から部署のわかるIDと端末に限ります）。"
            ),
        );
    }
    if weekly
        .of_department
        .as_ref()
        .is_some_and(|told| told.is_withheld)
    {
        add(
            "So few people are in this department that its counts would be counts of persons: they are withheld.",
            "人数の少ない部署のため、件数から個人がわかるおそれがあります。この部署の件数は載せていません。",
        );
    }
    notices
}

/// Says things in one language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tongue {
    pub(super) lang: Lang,
}

impl Tongue {
    /// One of two forms.
    pub(super) fn say(self, en: &str, ja: &str) -> String {
        match self.lang {
            Lang::En => en.to_owned(),
            Lang::Ja => ja.to_owned(),
        }
    }

    /// A text in this language.
    pub(super) fn text(self, text: &Text) -> String {
        text.get(self.lang).to_owned()
    }

    /// `2026-11-16 (Mon)`, `11/16（月）`.
    pub(super) fn day(self, day: Day) -> String {
        let date = iso(day.0);
        let (en, ja) = DAYS[weekday(day.0)];
        match self.lang {
            Lang::En => format!("{en} {date}"),
            Lang::Ja => format!("{}（{ja}）", short(&date)),
        }
    }

    /// `16` and the weekday: names below a column.
    pub(super) fn short_day(self, day: Day) -> String {
        let (en, ja) = DAYS[weekday(day.0)];
        let date = short(&iso(day.0));
        match self.lang {
            Lang::En => format!("{en} {date}"),
            Lang::Ja => format!("{date}{ja}"),
        }
    }

    pub(super) fn weekday(self, at: usize) -> String {
        let (en, ja) = DAYS[at % 7];
        self.say(en, ja)
    }

    /// `2026-11-16 02:14`.
    pub(super) fn time(self, time: Time) -> String {
        let text = crate::event::rfc3339(time.nanos, time.offset);
        text.get(..16).unwrap_or(&text).replace('T', " ")
    }

    /// A stretch of time in the site's words.
    pub(super) fn span(self, (from, to): (Time, Time)) -> String {
        crate::alert::time_span(from.nanos, to.nanos, from.offset, self.lang)
    }

    /// A list in words: the first few, and how many more.
    pub(super) fn list(self, names: &[String], limit: usize) -> String {
        let shown: Vec<&str> = names.iter().take(limit).map(String::as_str).collect();
        let joined = shown.join(&self.say(", ", "、"));
        match names.len().saturating_sub(limit) {
            0 => joined,
            more => {
                joined
                    + &match self.lang {
                        Lang::En => format!(" and {more} more"),
                        Lang::Ja => format!("ほか{more}"),
                    }
            }
        }
    }

    /// A number with its unit.
    pub(super) fn count(self, number: u64, en: (&str, &str), ja: &str) -> String {
        match self.lang {
            Lang::Ja => format!("{}{ja}", thousands(number)),
            Lang::En => format!(
                "{} {}",
                thousands(number),
                if number == 1 { en.0 } else { en.1 }
            ),
        }
    }

    /// What was left out of a list.
    pub(super) fn more(self, more: u64) -> Option<String> {
        (more > 0).then(|| match self.lang {
            Lang::En => format!("and {} more", thousands(more)),
            Lang::Ja => format!("ほか{}件", thousands(more)),
        })
    }

    /// The word for a level, by its number.
    pub(super) fn level(self, level: usize) -> &'static str {
        let levels = crate::alert::Level::ALL;
        levels[level.min(levels.len() - 1)].word(self.lang)
    }

    /// The word for an act of the vocabulary.
    pub(super) fn action(self, act: &str) -> String {
        names::action(act, self.lang).to_owned()
    }
}

/// Says things about a report in one language.
pub(super) struct Speaker<'w> {
    tongue: Tongue,
    pub(super) weekly: &'w Weekly,
    titles: Titles,
}

impl Deref for Speaker<'_> {
    type Target = Tongue;

    fn deref(&self) -> &Tongue {
        &self.tongue
    }
}

impl Speaker<'_> {
    /// A title, marked where it is that of the whole house in the report of one department.
    pub(super) fn whole(&self, title: String) -> String {
        match self.weekly.department {
            Some(_) => title + &self.say(" (whole institution)", "（施設全体）"),
            None => title,
        }
    }

    /// `（前の期間より+3）`, where the stretch before is known.
    pub(super) fn compared(&self, figure: Figure) -> String {
        let Some(before) = figure.before else {
            return String::new();
        };
        let difference = difference(figure.now, before);
        let is_week = self.weekly.period.label.contains("-W");
        match (self.lang, is_week) {
            (Lang::Ja, true) => format!("（前の週より{difference}）"),
            (Lang::Ja, false) => format!("（前の同じ長さの期間より{difference}）"),
            (Lang::En, true) => format!(" ({difference} against the week before)"),
            (Lang::En, false) => format!(" ({difference} against the stretch before)"),
        }
    }

    /// The title of a rule.
    pub(super) fn title<'a>(&'a self, rule: &str, own: &'a str) -> &'a str {
        self.titles.of(rule, own)
    }
}

/// A title with the number of what it lists.
pub(super) fn titled(speaker: &Tongue, (en, ja): (&str, &str), total: u64) -> String {
    match speaker.lang {
        Lang::Ja => format!("{ja}（{}件）", thousands(total)),
        Lang::En => format!("{en} ({})", thousands(total)),
    }
}

/// `11/16` of `2026-11-16`.
fn short(date: &str) -> String {
    let mut parts = date.rsplit('-');
    let (day, month) = (parts.next(), parts.next());
    let plain = |part: Option<&str>| part.unwrap_or("?").trim_start_matches('0').to_owned();
    format!("{}/{}", plain(month), plain(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_short() {
        assert_eq!(short("2026-11-06"), "11/6");
        assert_eq!(short("x"), "?/x");
    }
}
