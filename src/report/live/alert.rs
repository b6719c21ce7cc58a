//! Everything about one alert, and the form that closes it.
//!
//! Takes the dossier of an alert and what stands in the form; gives HTML. Never closes anything
//! itself.

use std::fmt::Write as _;

use super::super::evidenced::label;
use super::super::html::{escape, escaped, lines};
use super::super::words::names;
use super::{Frame, Page, Place, href, query};
use crate::diagnostic::Lang;
use crate::rule::Titles;
use crate::sink::dossier::Dossier;
use crate::sink::{Reader, kept, span};
use crate::store::{DispositionWord, Kept, State};

/// Characters of a value.
pub(super) const VALUE: usize = 200;
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
    let titles = Titles::new(frame.lang);
    let alert = &dossier.kept.alert;
    let title = titles.of(&alert.rule.name, &alert.rule.title);
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

/// What writes the page.
pub(super) struct Writer<'w> {
    pub(super) out: String,
    pub(super) frame: &'w Frame<'w>,
    pub(super) reader: &'w Reader,
}

impl Writer<'_> {
    pub(super) fn heading(&mut self, id: &str, words: &str) {
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
            self.fact(&escape(names::field(field, frame.lang)), &told);
        }
        let before: Vec<String> = dossier.kept.supersedes.iter().map(|id| way(id)).collect();
        self.fact(
            frame.say("Takes the place of", "引き継いだアラート"),
            &before.join(" "),
        );
        let id = format!("<span class=\"code\">{}</span>", escape(&alert.id));
        self.fact(frame.say("Alert", "アラートのID"), &id);
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
        // What our rules are for is told in English alone; in Japanese their titles say it.
        let is_english = !Titles::new(frame.lang).of(&alert.rule.name, "").is_empty();
        if dossier.why.is_none() || !is_english {
            let why = lines(dossier.why.unwrap_or(gone), TEXT);
            self.fact(frame.say("Why there is the rule", "ルールの趣旨"), &why);
        }
        let rule = format!(
            "{} <span class=\"code\">{}</span>",
            escape(&alert.rule.name),
            escape(&alert.rule.id)
        );
        self.fact(frame.say("Rule", "ルール"), &rule);
        let author = escape(alert.rule.author.as_deref().unwrap_or_default());
        self.fact(frame.say("Author", "作者"), &author);
        let clauses = alert.clauses.iter().map(|clause| label(clause));
        let clauses = escape(&clauses.collect::<Vec<_>>().join(frame.say(", ", "、")));
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
            let cells = [
                names::field(&reason.field, frame.lang),
                names::value(&reason.field, &reason.value, frame.lang),
                &reason.because,
                &reason.at,
            ];
            self.row(cells.map(|cell| escaped(cell, VALUE)).as_slice());
        }
        self.table_end();
    }

    pub(super) fn table_head(&mut self, caption: &str, columns: &[&str]) {
        let _ = write!(
            self.out,
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{caption}\">\n<table>\n<thead><tr>"
        );
        for column in columns {
            let _ = write!(self.out, "<th scope=\"col\">{column}</th>");
        }
        self.out.push_str("</tr></thead>\n<tbody>\n");
    }

    pub(super) fn row(&mut self, cells: &[String]) {
        let _ = writeln!(self.out, "<tr><td>{}</td></tr>", cells.join("</td><td>"));
    }

    pub(super) fn table_end(&mut self) {
        self.out.push_str("</tbody>\n</table>\n</div>\n");
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
