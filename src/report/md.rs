//! A report as Markdown, for wikis and tickets.
//!
//! Takes a document; gives CommonMark with tables. Every text passes [`escape`]: nothing that a
//! log says becomes a heading, a link, an image or HTML.

use std::fmt::Write as _;

use super::document::{Block, Case, Cell, Document, Mark, Section, Table};
use super::number::thousands;
use super::period::iso;
use super::shown::{mark_sign, mark_word, minute};
use crate::diagnostic::Lang;
use crate::text::{one_line, shorten};

/// Characters of a text that are shown.
const TEXT: usize = 400;

pub(super) fn text(document: &Document) -> String {
    let mut out = String::new();
    let _ = write!(out, "# {}\n\n", escape(&document.title));
    for (name, value) in &document.facts {
        let _ = writeln!(out, "- **{}** {}", escape(name), escape(value));
    }
    for notice in &document.notices {
        let _ = write!(out, "\n> {}\n", escape(notice));
    }
    for section in &document.sections {
        self::section(&mut out, document.lang, section);
    }
    let _ = write!(out, "\n---\n\n{}\n", escape(&document.foot));
    out
}

fn section(out: &mut String, lang: Lang, section: &Section) {
    let _ = write!(out, "\n## {}\n\n", escape(&section.title));
    for block in &section.blocks {
        match block {
            Block::Heading(words) => {
                let _ = write!(out, "### {}\n\n", escape(words));
            }
            Block::Words(words) => {
                let _ = write!(out, "{}\n\n", paragraph(words));
            }
            Block::Sentence(mark, words) | Block::Note(mark, words) => {
                let word = mark_word(*mark, lang);
                let lead = match word.is_empty() {
                    true => String::new(),
                    false => format!("**{word}** "),
                };
                let _ = write!(out, "{lead}{}\n\n", paragraph(words));
            }
            Block::Table(table) => self::table(out, lang, table),
            Block::Picture(picture) => {
                let _ = write!(out, "{}\n\n", escape(&picture.description));
                self::table(out, lang, &picture.table);
            }
            Block::Cases(cases) => cases.iter().for_each(|case| self::case(out, case)),
            Block::Sign(sign) => {
                for (name, value) in &sign.fields {
                    let blank = if value.is_empty() {
                        "＿＿＿＿＿＿＿＿"
                    } else {
                        value
                    };
                    let _ = writeln!(out, "- **{}** {}", escape(name), escape(blank));
                }
                out.push('\n');
            }
        }
    }
}

fn table(out: &mut String, lang: Lang, table: &Table) {
    let _ = write!(out, "**{}**\n\n", escape(&table.caption));
    if table.rows.is_empty() {
        let _ = write!(out, "{}\n\n", escape(&table.empty));
        return;
    }
    for (name, _) in &table.columns {
        let _ = write!(out, "| {} ", escape(name));
    }
    out.push_str("|\n");
    for (_, kind) in &table.columns {
        out.push_str(match kind {
            super::document::Kind::Number => "| ---: ",
            _ => "| --- ",
        });
    }
    out.push_str("|\n");
    for row in &table.rows {
        for cell in row {
            let _ = write!(out, "| {} ", self::cell(cell, lang));
        }
        out.push_str("|\n");
    }
    out.push('\n');
    if let Some(more) = &table.more {
        let _ = write!(out, "{}\n\n", escape(more));
    }
}

fn cell(cell: &Cell, lang: Lang) -> String {
    match cell {
        Cell::Text(words) => paragraph(words),
        Cell::Count(count) => thousands(*count),
        Cell::Day(day) => iso(day.0),
        Cell::Time(time) => minute(*time),
        Cell::Marked(Mark::Plain, words) => escape(words),
        Cell::Marked(mark, words) => {
            format!("{} {}", mark_sign(*mark, lang), escape(words))
        }
        Cell::Anchor(_, _, words) | Cell::Alert(words, _) => escape(words),
    }
}

fn case(out: &mut String, case: &Case) {
    let _ = write!(
        out,
        "### [{}] {}\n\n{}\n\n",
        escape(&case.level_word),
        escape(&case.title),
        escape(&case.count)
    );
    for line in &case.lines {
        let parts = [&line.text, &line.when, &line.link_word];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let parts: Vec<String> = parts.map(|part| escape(part)).collect();
        let _ = writeln!(out, "- {}", parts.join(" "));
    }
    if let Some(more) = &case.more {
        let _ = writeln!(out, "- {}", escape(more));
    }
    out.push('\n');
    for (name, words) in &case.steps {
        let _ = writeln!(out, "- **{}** {}", escape(name), escape(words));
    }
    out.push('\n');
}

/// Lines become breaks, which tables take too.
fn paragraph(words: &str) -> String {
    let lines: Vec<String> = words.split('\n').take(24).map(escape).collect();
    lines.join("<br>")
}

/// Text that is text wherever it stands: every sign that Markdown or HTML would read there is
/// escaped, and no other, so that the text reads well as it is.
fn escape(words: &str) -> String {
    let shown = shorten(words, TEXT);
    let shown = one_line(&shown);
    let shown = shorten(&shown, TEXT);
    let mut out = String::with_capacity(shown.len() + 8);
    let mut rest = shown.chars().peekable();
    while let Some(c) = rest.next() {
        let begins = out.trim_start().is_empty();
        let numbers = || out.trim_start().bytes().all(|b| b.is_ascii_digit());
        let acts = match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '^' => true,
            // A heading, a rule or a list, where a line begins with it.
            '#' | '+' | '-' | '=' => begins,
            '(' => out.ends_with(']'),
            '.' | ')' => !begins && numbers() || out.to_ascii_lowercase().ends_with("www"),
            _ => false,
        };
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // An address becomes a link by itself in some readers, unless its colon is none.
            ':' if rest.peek() == Some(&'/') => out.push_str("&#58;"),
            '@' => out.push_str("&#64;"),
            c => {
                out.extend(acts.then_some('\\'));
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_acts() {
        assert_eq!(escape("# a"), "\\# a");
        assert_eq!(escape("[x](http://a)"), "\\[x\\]\\(http&#58;//a)");
        assert_eq!(escape("1. a 12:40 (b-c)"), "1\\. a 12:40 (b-c)");
        assert_eq!(escape("- www.a.jp"), "\\- www\\.a.jp");
        assert_eq!(escape("a|b\n<script>"), "a\\|b⏎&lt;script&gt;");
    }

    proptest! {
        #[test]
        fn every_sign_is_escaped(words in any::<String>()) {
            let shown = escape(&words);
            let acts = shown.contains(['<', '>', '\n', '\r', '\u{1b}']);
            prop_assert!(!acts);
            let mut rest = shown.chars();
            while let Some(c) = rest.next() {
                match c {
                    '\\' => prop_assert!(rest.next().is_some()),
                    '|' | '[' | '*' | '`' | '_' => prop_assert!(false, "{c} acts in {shown}"),
                    _ => {}
                }
            }
        }
    }
}
