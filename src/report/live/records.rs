//! The records an alert rests on, among their neighbors, and what its rule sees in them.
//!
//! Takes records as they stand now; gives HTML.

use std::fmt::Write as _;

use super::super::html::{escape, escaped};
use super::alert::{VALUE, Writer};
use crate::alert::{Evidence, Surroundings};
use crate::diagnostic::Lang;
use crate::rule::ExplainedItem;
use crate::sink::dossier::{Dossier, Looked, Miss, Saw};
use crate::sink::{exact, verdict};

/// Characters of a line of a log.
const LINE: usize = 1_000;

impl Writer<'_> {
    pub(super) fn evidence(&mut self, dossier: &Dossier<'_>) {
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

    pub(super) fn miss(&mut self, miss: Option<&Miss>) {
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
}
