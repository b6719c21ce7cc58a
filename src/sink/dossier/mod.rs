//! Everything about one alert, on one page or as one JSON object.
//!
//! Takes an alert of a store, its rule's words, its records as they stand in their files, and the
//! history of its key; gives text that is safe on a terminal. Never reads a file or a store.

mod json;

use std::fmt::Write as _;

use crate::alert::{Checked, Evidence, Surroundings};
use crate::diagnostic::Lang;
use crate::rule::{Explained, ExplainedItem, Titles};
use crate::store::Kept;
use crate::text::{one_line, shorten};

use super::kept::{decision, standing};
use super::when::{exact, span};
use super::{Reader, verdict};

pub use json::write_json;

/// Characters shown of a line of a log.
const LINE: usize = 300;
/// Characters shown of a value.
const VALUE: usize = 120;

/// Everything about one alert.
pub struct Dossier<'a> {
    /// The id that was asked for; another one than the alert's when that took its place.
    pub asked: &'a str,
    /// The alert.
    pub kept: &'a Kept,
    /// Who the accounts of the key belong to, by the staff register: field and name.
    pub people: &'a [(String, String)],
    /// Why the rule is there; `None` when it is not among the rules now.
    pub why: Option<&'a str>,
    /// The evidence as it stands now, one for each record of the alert.
    pub records: &'a [Looked],
    /// The record next to the evidence that nearly is one too.
    pub miss: Option<&'a Miss>,
    /// Earlier alerts of the same rule and key, the latest first.
    pub history: &'a [Kept],
    /// Alerts of that history that are not among them.
    pub further: usize,
}

/// A record of the evidence as it stands now.
#[derive(Clone, Debug)]
pub struct Looked {
    /// Whether it is as it was, and its neighborhood.
    pub checked: Checked,
    /// What the rule sees in it; empty when it could not be asked.
    pub saw: Vec<Saw>,
}

/// What a detection makes of a record, by the rules and registers of now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saw {
    /// Name of the detection.
    pub rule: String,
    /// Item by item.
    pub explained: Explained,
}

/// A record that nearly satisfied a detection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// Path of its file.
    pub path: String,
    /// Its line.
    pub line: u64,
    /// What the detection makes of it.
    pub saw: Saw,
}

/// The page.
pub fn text(dossier: &Dossier<'_>, reader: &Reader) -> String {
    let mut page = Page {
        out: String::new(),
        reader,
    };
    page.resolved(dossier);
    page.head(dossier);
    page.rule(dossier);
    page.why_true(dossier);
    page.evidence(dossier);
    page.miss(dossier.miss);
    page.decided(dossier.kept);
    page.history(dossier);
    page.out
}

struct Page<'r> {
    out: String,
    reader: &'r Reader,
}

impl Page<'_> {
    fn pick<'t>(&self, en: &'t str, ja: &'t str) -> &'t str {
        match self.reader.lang {
            Lang::En => en,
            Lang::Ja => ja,
        }
    }

    /// A line; whatever stands in it stays one.
    fn line(&mut self, indent: usize, text: &str) {
        let _ = writeln!(self.out, "{:indent$}{}", "", one_line(text));
    }

    fn heading(&mut self, en: &str, ja: &str) {
        let heading = self.pick(en, ja).to_owned();
        let _ = writeln!(self.out, "\n{heading}");
    }

    /// A named value; nothing when it is empty. Further lines of it are indented.
    fn part(&mut self, (en, ja): (&str, &str), value: &str) {
        let mut lines = value.lines().filter(|line| !line.trim().is_empty());
        if let Some(first) = lines.next() {
            let name = self.pick(en, ja);
            let told = format!("{name}: {first}");
            self.line(2, &told);
        }
        for line in lines {
            self.line(4, line);
        }
    }

    fn resolved(&mut self, dossier: &Dossier<'_>) {
        let (asked, id) = (dossier.asked, &dossier.kept.alert.id);
        if asked != id {
            let told = match self.reader.lang {
                Lang::En => format!("alert {asked} lives on as {id}"),
                Lang::Ja => format!("アラート {asked} は {id} に引き継がれています"),
            };
            self.line(0, &told);
        }
    }

    fn head(&mut self, dossier: &Dossier<'_>) {
        let (alert, lang) = (&dossier.kept.alert, self.reader.lang);
        let level = alert.rule.level.word(lang);
        self.line(0, &format!("[{}] {level} {}", alert.id, alert.rule.name));
        self.line(2, alert.summary.get(lang));
        let state = standing_alone(dossier.kept, self.reader);
        self.part(("state", "状態"), &state);
        let when = span(alert.start, alert.end, self.reader);
        self.part(("when", "期間"), &when);
        self.part(("count", "件数"), &alert.count.to_string());
        let before = dossier.kept.supersedes.join(" ");
        self.part(("takes the place of", "引き継いだID"), &before);
    }

    fn rule(&mut self, dossier: &Dossier<'_>) {
        let alert = &dossier.kept.alert;
        let rule = &alert.rule;
        self.heading("rule", "ルール");
        let titles = Titles::new(self.reader.lang);
        self.part(("title", "題名"), titles.of(&rule.name, &rule.title));
        self.part(("id", "ID"), &rule.id);
        let author = rule.author.as_deref().unwrap_or_default();
        self.part(("author", "作者"), author);
        self.part(("clauses", "根拠条項"), &alert.clauses.join(" "));
        let gone = self.pick(
            "the rule is not among the rules now",
            "今のルールの中にこのルールはありません",
        );
        let why = dossier.why.unwrap_or(gone).to_owned();
        self.part(("why", "なぜ"), &why);
        let respond = alert.respond.get(self.reader.lang);
        self.part(("what to do", "対処"), respond);
    }

    fn why_true(&mut self, dossier: &Dossier<'_>) {
        let alert = &dossier.kept.alert;
        self.heading("key", "対象");
        for (field, value) in &alert.key {
            let absent = self.pick("not in the log", "記録なし");
            let value = shorten(value.as_deref().unwrap_or(absent), LINE);
            let person = dossier.people.iter().find(|(of, _)| of == field);
            let told = match (person, self.reader.lang) {
                (None, _) => format!("{field} = {value}"),
                (Some((_, name)), Lang::En) => format!("{field} = {value} ({name})"),
                (Some((_, name)), Lang::Ja) => format!("{field} = {value}（{name}）"),
            };
            self.line(2, &told);
        }
        if alert.reasons.is_empty() {
            return;
        }
        self.heading("reasons", "理由");
        for reason in &alert.reasons {
            let mut told = format!("{} = {}", reason.field, reason.value);
            for more in [&reason.because, &reason.at] {
                if !more.is_empty() {
                    let _ = write!(told, "; {more}");
                }
            }
            self.line(2, &told);
        }
    }

    fn evidence(&mut self, dossier: &Dossier<'_>) {
        let alert = &dossier.kept.alert;
        let (shown, total) = (alert.evidence.len(), alert.evidence_total);
        self.heading(
            &format!("evidence ({shown} of {total} records)"),
            &format!("証跡（{total}件のうち{shown}件）"),
        );
        for (record, looked) in alert.evidence.iter().zip(dossier.records) {
            self.record(record, looked);
        }
    }

    fn record(&mut self, record: &Evidence, looked: &Looked) {
        let lang = self.reader.lang;
        let word = verdict::word(&looked.checked.standing, lang);
        let because = looked.checked.standing.because();
        let because = because.map_or_else(String::new, |text| format!(": {}", text.get(lang)));
        let time = exact(record.time, &self.reader.zone);
        let (source, path, line) = (&record.source, &record.path, record.line);
        self.line(2, &format!("{path}:{line} {source} {time} {word}{because}"));
        let (offset, length, hash) = (record.offset, record.length, &record.sha256);
        let told = match lang {
            Lang::En => format!("bytes from {offset}, length {length}, sha256 {hash}"),
            Lang::Ja => format!("先頭から {offset} バイト目、長さ {length}、sha256 {hash}"),
        };
        self.line(4, &told);
        match &looked.checked.context {
            Some(context) => self.context(line, context),
            None => {
                let kept = shorten(&record.text, LINE);
                self.line(4, &format!("> {line} | {kept}"));
            }
        }
        for saw in &looked.saw {
            for told in saw_lines(saw, lang) {
                self.line(6, &told);
            }
        }
    }

    fn context(&mut self, line: u64, context: &Surroundings) {
        let first = line.saturating_sub(context.before.len() as u64);
        for (text, number) in context.before.iter().zip(first..) {
            self.line(4, &format!("  {number} | {}", shorten(text, LINE)));
        }
        self.line(4, &format!("> {line} | {}", shorten(&context.text, LINE)));
        let inside = context.text.matches('\n').count() as u64;
        let next = line.saturating_add(inside).saturating_add(1);
        for (text, number) in context.after.iter().zip(next..) {
            self.line(4, &format!("  {number} | {}", shorten(text, LINE)));
        }
    }

    fn miss(&mut self, miss: Option<&Miss>) {
        let Some(miss) = miss else {
            return;
        };
        self.heading("nearest miss", "あと少しで一致した記録");
        let (path, line, rule) = (&miss.path, miss.line, &miss.saw.rule);
        self.line(2, &format!("{path}:{line} ({rule})"));
        for (selection, item) in miss.saw.explained.turning() {
            let told = item_line(item, self.reader.lang);
            let told = match (item.holds, self.reader.lang) {
                (false, Lang::En) => format!("{} does not hold: {told}", selection.name),
                (false, Lang::Ja) => format!("{} が不成立: {told}", selection.name),
                (true, Lang::En) => format!("{} holds and must not: {told}", selection.name),
                (true, Lang::Ja) => {
                    format!("{} が成立（成立すると不一致）: {told}", selection.name)
                }
            };
            self.line(4, &told);
        }
    }

    fn decided(&mut self, kept: &Kept) {
        if kept.dispositions.is_empty() {
            return;
        }
        self.heading("decisions", "判断");
        for decided in &kept.dispositions {
            let told = decision(decided, self.reader);
            self.line(2, &told);
        }
    }

    fn history(&mut self, dossier: &Dossier<'_>) {
        self.heading(
            "history of this key (earlier alerts of the same rule)",
            "この対象の履歴（同じルールの以前のアラート）",
        );
        for kept in dossier.history {
            let alert = &kept.alert;
            let id: String = alert.id.chars().take(12).collect();
            let when = span(alert.start, alert.end, self.reader);
            let state = standing(kept, self.reader);
            self.line(2, &format!("[{id}] {when} ×{} {state}", alert.count));
        }
        let none = self.pick("none", "なし").to_owned();
        if dossier.history.is_empty() {
            self.line(2, &none);
        }
        if dossier.further > 0 {
            let further = dossier.further;
            let told = match self.reader.lang {
                Lang::En => format!("and {further} more"),
                Lang::Ja => format!("ほか {further} 件"),
            };
            self.line(2, &told);
        }
    }
}

/// State and revision; the decisions stand on their own.
fn standing_alone(kept: &Kept, reader: &Reader) -> String {
    let bare = Kept {
        dispositions: Vec::new(),
        ..kept.clone()
    };
    standing(&bare, reader)
}

/// What the detection made of a record: a line for the whole, one for each search identifier.
fn saw_lines(saw: &Saw, lang: Lang) -> Vec<String> {
    let Saw { rule, explained } = saw;
    let whole = match (explained.matched, lang) {
        (true, Lang::En) => format!("{rule} matches:"),
        (true, Lang::Ja) => format!("{rule} に一致:"),
        (false, Lang::En) => format!("{rule} does not match now:"),
        (false, Lang::Ja) => format!("{rule} に今は一致しません:"),
    };
    let each = explained.selections.iter().map(|selection| {
        let items = selection.items.iter().map(|item| item_line(item, lang));
        let items = items.collect::<Vec<_>>().join("; ");
        let name = &selection.name;
        match (selection.matched, lang) {
            (true, Lang::En) => format!("  {name} holds: {items}"),
            (true, Lang::Ja) => format!("  {name} 成立: {items}"),
            (false, Lang::En) => format!("  {name} does not hold: {items}"),
            (false, Lang::Ja) => format!("  {name} 不成立: {items}"),
        }
    });
    std::iter::once(whole).chain(each).collect()
}

/// A field, what stands in it and what is asked of it.
fn item_line(item: &ExplainedItem, lang: Lang) -> String {
    let keyword = match lang {
        Lang::En => "anywhere in the record",
        Lang::Ja => "記録全体",
    };
    let field = item.field.as_deref().unwrap_or(keyword);
    let found = values(&item.found, lang);
    let wanted = shorten(item.wanted.get(lang), VALUE);
    match lang {
        Lang::En => format!("{field} = {found} (asked for: {wanted})"),
        Lang::Ja => format!("{field} = {found}（条件: {wanted}）"),
    }
}

fn values(values: &[String], lang: Lang) -> String {
    if values.is_empty() {
        return match lang {
            Lang::En => "not in the log".to_owned(),
            Lang::Ja => "記録なし".to_owned(),
        };
    }
    shorten(&values.join(" | "), VALUE).into_owned()
}
