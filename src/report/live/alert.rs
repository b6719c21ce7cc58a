//! Everything about one alert, and the form that closes it.
//!
//! Takes the dossier of an alert and what stands in the form; gives HTML. Never closes anything
//! itself.

use std::fmt::Write as _;

use super::super::html::{escape, escaped, lines};
use super::super::words::titles;
use super::list::title;
use super::{Frame, Page, Place, href, query};
use crate::alert::{Evidence, Surroundings};
use crate::diagnostic::Lang;
use crate::rule::ExplainedItem;
use crate::sink::dossier::{Dossier, Looked, Miss, Saw};
use crate::sink::{Reader, exact, kept, span, verdict};
use crate::store::{DispositionWord, Kept, State};

/// Characters of a line of a log.
const LINE: usize = 1_000;
/// Characters of a value.
const VALUE: usize = 200;
/// Characters of a text for people.
const TEXT: usize = 4_000;

/// What stands in the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closing {
    /// The sign by which the form is known to be ours.
    pub sign: String,
    /// What was chosen, by its name.
    pub word: String,
    /// Who decides.
    pub by: String,
    /// Why.
    pub note: String,
}

/// The page of an alert.
pub fn alert(frame: &Frame<'_>, dossier: &Dossier<'_>, closing: &Closing, reader: &Reader) -> Page {
    let titles = titles(frame.lang);
    let alert = &dossier.kept.alert;
    let title = title(&titles, &alert.rule.name, &alert.rule.title);
    let mut writer = Writer {
        out: String::new(),
        frame,
        reader,
    };
    writer.head(dossier);
    writer.todo(dossier);
    writer.decided(dossier.kept, closing);
    writer.why_true(dossier);
    writer.evidence(dossier);
    writer.miss(dossier.miss);
    writer.history(dossier);
    let level = alert.rule.level.word(frame.lang);
    let heading = match frame.lang {
        Lang::En => format!("{title} ({level})"),
        Lang::Ja => format!("{title}（{level}）"),
    };
    frame.page(Place::Alerts, &heading, &writer.out)
}

struct Writer<'w> {
    out: String,
    frame: &'w Frame<'w>,
    reader: &'w Reader,
}

impl Writer<'_> {
    fn heading(&mut self, id: &str, words: &str) {
        let _ = writeln!(self.out, "<h2 id=\"{id}\">{}</h2>", escape(words));
    }

    /// A name and a value that is HTML already.
    fn fact(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            let _ = writeln!(self.out, "<dt>{name}</dt><dd>{value}</dd>");
        }
    }

    fn head(&mut self, dossier: &Dossier<'_>) {
        let (alert, frame) = (&dossier.kept.alert, self.frame);
        if dossier.asked != alert.id {
            let words = match frame.lang {
                Lang::En => format!("alert {} lives on as this one", dossier.asked),
                Lang::Ja => format!(
                    "アラート {} は、このアラートに引き継がれています",
                    dossier.asked
                ),
            };
            let _ = writeln!(self.out, "<p class=\"note care\">{}</p>", escape(&words));
        }
        let _ = writeln!(
            self.out,
            "<p class=\"lead\">{}</p>\n<dl class=\"facts\">",
            lines(alert.summary.get(frame.lang), TEXT)
        );
        let state = kept::standing(dossier.kept, self.reader);
        self.fact(frame.say("State", "状態"), &escape(&state));
        let when = span(alert.start, alert.end, self.reader);
        self.fact(frame.say("When", "期間"), &escape(&when));
        self.fact(frame.say("Count", "件数"), &alert.count.to_string());
        for (field, value) in &alert.key {
            let told = self.key(field, value.as_deref(), dossier.people);
            self.fact(&escape(field), &told);
        }
        let before: Vec<String> = dossier.kept.supersedes.iter().map(|id| way(id)).collect();
        self.fact(
            frame.say("Takes the place of", "引き継いだアラート"),
            &before.join(" "),
        );
        let id = format!("<span class=\"code\">{}</span>", escape(&alert.id));
        self.fact("ID", &id);
        self.out.push_str("</dl>\n");
    }

    /// A value of the key, whom it belongs to, and the way to everything else about it.
    fn key(&self, field: &str, value: Option<&str>, people: &[(String, String)]) -> String {
        let Some(value) = value else {
            return self.frame.say("not in the log", "記録なし").to_owned();
        };
        let person = people.iter().find(|(of, _)| of == field);
        let person = person.map_or_else(String::new, |(_, name)| match self.frame.lang {
            Lang::En => format!(" ({})", escaped(name, VALUE)),
            Lang::Ja => format!("（{}）", escaped(name, VALUE)),
        });
        let all = query("/alerts", &[("q", value), ("state", "all")]);
        // What is too long to be looked for has no way to it.
        let all = match value.chars().count() {
            1..=100 => format!(
                " <a href=\"{}\">{}</a>",
                href(&all),
                self.frame.say("all alerts with it", "これを含むアラート")
            ),
            _ => String::new(),
        };
        format!("{}{person}{all}", escaped(value, VALUE))
    }

    fn todo(&mut self, dossier: &Dossier<'_>) {
        let (alert, frame) = (&dossier.kept.alert, self.frame);
        self.heading("rule", frame.say("What to do, and why", "対処と理由"));
        self.out.push_str("<dl class=\"steps\">\n");
        let respond = lines(alert.respond.get(frame.lang), TEXT);
        self.fact(frame.say("What to do", "対処"), &respond);
        let gone = frame.say(
            "the rule is not among the rules now",
            "今のルールの中にこのルールはありません",
        );
        let why = lines(dossier.why.unwrap_or(gone), TEXT);
        self.fact(frame.say("Why there is the rule", "ルールの趣旨"), &why);
        let rule = format!(
            "{} <span class=\"code\">{}</span>",
            escape(&alert.rule.name),
            escape(&alert.rule.id)
        );
        self.fact(frame.say("Rule", "ルール"), &rule);
        let author = escape(alert.rule.author.as_deref().unwrap_or_default());
        self.fact(frame.say("Author", "作者"), &author);
        let clauses = escape(&alert.clauses.join(" "));
        self.fact(frame.say("Clauses", "根拠条項"), &clauses);
        self.out.push_str("</dl>\n");
    }

    fn why_true(&mut self, dossier: &Dossier<'_>) {
        let (reasons, frame) = (&dossier.kept.alert.reasons, self.frame);
        if reasons.is_empty() {
            return;
        }
        self.heading("reasons", frame.say("What made it true", "根拠"));
        self.table_head(
            frame.say("Reasons", "根拠の一覧"),
            &[
                frame.say("Field", "項目"),
                frame.say("Value", "値"),
                frame.say("Because", "根拠"),
                frame.say("Where it stands", "記載場所"),
            ],
        );
        for reason in reasons {
            let cells = [&reason.field, &reason.value, &reason.because, &reason.at];
            self.row(cells.map(|cell| escaped(cell, VALUE)).as_slice());
        }
        self.table_end();
    }

    fn table_head(&mut self, caption: &str, columns: &[&str]) {
        let _ = write!(
            self.out,
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{caption}\">\n<table>\n<thead><tr>"
        );
        for column in columns {
            let _ = write!(self.out, "<th scope=\"col\">{column}</th>");
        }
        self.out.push_str("</tr></thead>\n<tbody>\n");
    }

    fn row(&mut self, cells: &[String]) {
        let _ = writeln!(self.out, "<tr><td>{}</td></tr>", cells.join("</td><td>"));
    }

    fn table_end(&mut self) {
        self.out.push_str("</tbody>\n</table>\n</div>\n");
    }

    fn evidence(&mut self, dossier: &Dossier<'_>) {
        let alert = &dossier.kept.alert;
        let (shown, total) = (alert.evidence.len(), alert.evidence_total);
        let words = match self.frame.lang {
            Lang::En => format!("Evidence ({shown} of {total} records)"),
            Lang::Ja => format!("証跡（{total}件のうち{shown}件）"),
        };
        self.heading("evidence", &words);
        for (record, looked) in alert.evidence.iter().zip(dossier.records) {
            self.record(record, looked);
        }
    }

    fn record(&mut self, record: &Evidence, looked: &Looked) {
        let (lang, standing) = (self.frame.lang, &looked.checked.standing);
        let class = match standing.name() {
            "confirmed" => "good",
            _ => "bad",
        };
        let because = standing.because();
        let because = because.map_or_else(String::new, |text| format!(": {}", text.get(lang)));
        let _ = write!(
            self.out,
            "<article class=\"record\">\n<h3><span class=\"code\">{}:{}</span></h3>\n\
             <p>{} · {} · <span class=\"{class}\"><span class=\"mark\">{}{}</span></span></p>\n",
            escape(&record.path),
            record.line,
            escape(&record.source),
            escape(&exact(record.time, &self.reader.zone)),
            verdict::word(standing, lang),
            escape(&because),
        );
        match &looked.checked.context {
            Some(context) => self.context(record.line, context),
            None => self.context(
                record.line,
                &Surroundings {
                    text: record.text.clone(),
                    ..Surroundings::default()
                },
            ),
        }
        let (offset, length, hash) = (record.offset, record.length, &record.sha256);
        let told = match lang {
            Lang::En => format!("bytes from {offset}, length {length}, sha256 {hash}"),
            Lang::Ja => format!("先頭から {offset} バイト目、長さ {length}、sha256 {hash}"),
        };
        let _ = writeln!(self.out, "<p class=\"seen code\">{}</p>", escape(&told));
        for saw in &looked.saw {
            self.saw(saw);
        }
        self.out.push_str("</article>\n");
    }

    /// The record among its neighbors, with the numbers of the lines.
    fn context(&mut self, line: u64, context: &Surroundings) {
        let name = self
            .frame
            .say("The record and the lines around it", "記録と前後の行");
        let _ = writeln!(
            self.out,
            "<div class=\"lines\" role=\"region\" tabindex=\"0\" aria-label=\"{name}\"><table><tbody>"
        );
        let first = line.saturating_sub(context.before.len() as u64);
        for (text, number) in context.before.iter().zip(first..) {
            self.log_line("", number, text);
        }
        self.log_line(" class=\"itself\"", line, &context.text);
        let inside = context.text.matches('\n').count() as u64;
        let next = line.saturating_add(inside).saturating_add(1);
        for (text, number) in context.after.iter().zip(next..) {
            self.log_line("", number, text);
        }
        self.out.push_str("</tbody></table></div>\n");
    }

    fn log_line(&mut self, class: &str, number: u64, text: &str) {
        let text = escaped(text, LINE);
        let _ = writeln!(
            self.out,
            "<tr{class}><th scope=\"row\">{number}</th><td>{text}</td></tr>"
        );
    }

    /// What the rule sees in a record, item by item.
    fn saw(&mut self, saw: &Saw) {
        let frame = self.frame;
        let rule = escape(&saw.rule);
        let whole = match (saw.explained.matched, frame.lang) {
            (true, Lang::En) => format!("{rule} matches"),
            (true, Lang::Ja) => format!("{rule} に一致"),
            (false, Lang::En) => format!("{rule} does not match now"),
            (false, Lang::Ja) => format!("{rule} に今は一致しません"),
        };
        let _ = writeln!(self.out, "<details><summary>{whole}</summary>");
        self.table_head(
            frame.say("What the rule sees", "ルールの見たもの"),
            &[
                frame.say("Part", "部分"),
                frame.say("Field", "項目"),
                frame.say("Found", "値"),
                frame.say("Asked for", "条件"),
                frame.say("Holds", "成否"),
            ],
        );
        for selection in &saw.explained.selections {
            for item in &selection.items {
                self.item(&selection.name, item);
            }
        }
        self.table_end();
        self.out.push_str("</details>\n");
    }

    fn item(&mut self, selection: &str, item: &ExplainedItem) {
        let frame = self.frame;
        let keyword = frame.say("anywhere in the record", "記録全体");
        let found = match item.found.is_empty() {
            true => frame.say("not in the log", "記録なし").to_owned(),
            false => item.found.join(" | "),
        };
        let holds = match item.holds {
            true => frame.say("○ yes", "○ 成立"),
            false => frame.say("× no", "× 不成立"),
        };
        self.row(&[
            escaped(selection, VALUE),
            escaped(item.field.as_deref().unwrap_or(keyword), VALUE),
            escaped(&found, VALUE),
            escaped(item.wanted.get(frame.lang), VALUE),
            holds.to_owned(),
        ]);
    }

    fn miss(&mut self, miss: Option<&Miss>) {
        let (Some(miss), frame) = (miss, self.frame) else {
            return;
        };
        self.heading("miss", frame.say("Nearest miss", "あと少しで一致した記録"));
        let place = format!("{}:{}", miss.path, miss.line);
        let _ = writeln!(
            self.out,
            "<p><span class=\"code\">{}</span> ({})</p>",
            escape(&place),
            escape(&miss.saw.rule)
        );
        self.table_head(
            frame.say(
                "What would have to come out otherwise",
                "一致しなかった理由",
            ),
            &[
                frame.say("Part", "部分"),
                frame.say("Field", "項目"),
                frame.say("Found", "値"),
                frame.say("Asked for", "条件"),
                frame.say("Holds", "成否"),
            ],
        );
        for (selection, item) in miss.saw.explained.turning() {
            self.item(&selection.name, item);
        }
        self.table_end();
    }

    fn decided(&mut self, kept: &Kept, closing: &Closing) {
        let frame = self.frame;
        self.heading("decide", frame.say("Decision", "判断"));
        if !kept.dispositions.is_empty() {
            self.out.push_str("<ul>\n");
            for decided in &kept.dispositions {
                let told = escaped(&kept::decision(decided, self.reader), TEXT);
                let _ = writeln!(self.out, "<li>{told}</li>");
            }
            self.out.push_str("</ul>\n");
        }
        match kept.state {
            State::Open | State::Closed => self.form(kept, closing),
            State::Retracted | State::Superseded => {
                let words = frame.say(
                    "It was retracted: what it told does not hold any more, so there is nothing to close.",
                    "条件が成り立たなくなったため取り下げられました。対応は不要です。",
                );
                let _ = writeln!(self.out, "<p>{words}</p>");
            }
        }
    }

    fn form(&mut self, kept: &Kept, closing: &Closing) {
        let frame = self.frame;
        let _ = write!(
            self.out,
            "<form method=\"post\" action=\"/alert/{}/close\" class=\"close\">\n\
             <input type=\"hidden\" name=\"sign\" value=\"{}\">\n<fieldset><legend>{}</legend>\n",
            escape(&kept.alert.id),
            escape(&closing.sign),
            frame.say("What was decided", "判断の区分"),
        );
        for word in DispositionWord::ALL {
            let name = word.name();
            let mark = if closing.word == name { " checked" } else { "" };
            let _ = writeln!(
                self.out,
                "<div class=\"radio\"><input type=\"radio\" id=\"as-{name}\" name=\"as\" value=\"{name}\" required{mark}>\
                 <label for=\"as-{name}\">{}</label></div>",
                words_of(word, frame.lang)
            );
        }
        let submit = match kept.state {
            State::Closed => frame.say("Decide anew", "改めて判断を記録"),
            _ => frame.say("Close", "対応済みにする"),
        };
        let _ = write!(
            self.out,
            "</fieldset>\n<p><label for=\"note\">{}</label>\
             <textarea id=\"note\" name=\"note\" maxlength=\"2000\">\n{}</textarea></p>\n\
             <p><label for=\"by\">{}</label>\
             <input id=\"by\" name=\"by\" type=\"text\" required maxlength=\"100\" autocomplete=\"name\" value=\"{}\"></p>\n\
             <p><button>{submit}</button></p>\n</form>\n",
            frame.say("Why, and what was done", "理由と行ったこと"),
            note_text(&closing.note),
            frame.say(
                "Who decides (never the account it is about)",
                "判断した人（このアラートのIDの本人は不可）"
            ),
            escape(&closing.by),
        );
    }

    fn history(&mut self, dossier: &Dossier<'_>) {
        let frame = self.frame;
        self.heading(
            "history",
            frame.say(
                "Earlier alerts of the same rule and key",
                "この対象の履歴（同じルールの以前のアラート）",
            ),
        );
        if dossier.history.is_empty() {
            let _ = writeln!(self.out, "<p>{}</p>", frame.say("None.", "ありません。"));
            return;
        }
        self.out.push_str("<ul>\n");
        for kept in dossier.history {
            let when = span(kept.alert.start, kept.alert.end, self.reader);
            let _ = writeln!(
                self.out,
                "<li>{} {} ×{} {}</li>",
                way(&kept.alert.id),
                escape(&when),
                kept.alert.count,
                escape(&kept::standing(kept, self.reader))
            );
        }
        self.out.push_str("</ul>\n");
        if dossier.further > 0 {
            let words = match frame.lang {
                Lang::En => format!("and {} more", dossier.further),
                Lang::Ja => format!("ほか {} 件", dossier.further),
            };
            let _ = writeln!(self.out, "<p>{words}</p>");
        }
    }
}

/// The way to an alert, by the first characters of its id.
fn way(id: &str) -> String {
    let short: String = id.chars().take(12).collect();
    let to = href(&format!("/alert/{id}"));
    format!("<a class=\"code\" href=\"{to}\">{}</a>", escape(&short))
}

/// A note as it stands in the form, its lines kept.
fn note_text(note: &str) -> String {
    let lines: Vec<String> = note.lines().map(|line| escaped(line, TEXT)).collect();
    lines.join("\n")
}

/// A disposition in words that say what it means.
fn words_of(word: DispositionWord, lang: Lang) -> &'static str {
    match (word, lang) {
        (_, Lang::Ja) => word.word(Lang::Ja),
        (DispositionWord::Explained, Lang::En) => "explained: there was a reason in the work",
        (DispositionWord::RuleError, Lang::En) => "rule-error: the rule should not have spoken",
        (DispositionWord::Unclear, Lang::En) => "unclear: it could not be found out",
        (DispositionWord::Referred, Lang::En) => {
            "referred: to be dealt with by the rules of the house"
        }
        (DispositionWord::Duplicate, Lang::En) => "duplicate: another alert tells the same",
    }
}
