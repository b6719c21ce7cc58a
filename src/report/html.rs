//! A report as one self-contained page: no script, no outside resource, made to be read on a
//! screen, on paper and aloud.
//!
//! Takes a document; gives HTML. Every text passes [`escape`], which is the only door into the
//! page.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::document::{Block, Case, Cell, Document, Kind, Mark, Picture, Section, SignBox, Table};
use super::model::Time;
use super::number::thousands;
use super::period::iso;
use super::svg;
use crate::diagnostic::Lang;
use crate::text::{one_line, shorten};

pub(super) const STYLE: &str = include_str!("style.css");
/// Characters of a line that are shown; a log may give a name of a megabyte.
const LINE: usize = 400;
/// Characters of a line in a table.
const CELL: usize = 160;
/// Lines of a cell.
const LINES: usize = 24;

/// What stands around a page that is shown live.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Around<'a> {
    /// More style.
    pub(super) style: &'a str,
    /// HTML between the way to the content and the heading.
    pub(super) top: &'a str,
}

/// The page.
pub(super) fn page(document: &Document, around: Around<'_>) -> String {
    let mut out = String::with_capacity(1 << 17);
    head(&mut out, document, around.style);
    let ja = document.lang == Lang::Ja;
    let _ = write!(
        out,
        "<body>\n<a class=\"skip\" href=\"#verdict\">{}</a>\n{}<header>\n<h1>{}</h1>\n<dl class=\"facts\">\n",
        if ja { "本文へ" } else { "To the content" },
        around.top,
        escape(&document.title)
    );
    for (name, value) in &document.facts {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
    }
    out.push_str("</dl>\n");
    for notice in &document.notices {
        note(&mut out, document.lang, Mark::Care, notice);
    }
    contents(&mut out, document);
    out.push_str("</header>\n<main>\n");
    let mut pictures = 0;
    for section in &document.sections {
        self::section(&mut out, document.lang, section, &mut pictures);
    }
    let _ = write!(
        out,
        "</main>\n<footer>{}</footer>\n</body>\n</html>\n",
        escape(&document.foot)
    );
    out
}

fn head(out: &mut String, document: &Document, more: &str) {
    let lang = match document.lang {
        Lang::Ja => "ja",
        Lang::En => "en",
    };
    // The policy lets the page load nothing at all; its own style is all it needs.
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<meta name=\"generator\" content=\"yomawari\">\n\
         <title>{} {}</title>\n<style>\n{STYLE}{more}",
        escape(&document.title),
        escape(
            document
                .facts
                .iter()
                .map(|(_, value)| value.as_str())
                .nth(1)
                .unwrap_or_default()
        )
    );
    let _ = write!(
        out,
        "@page {{ size: A4; margin: 15mm 14mm 17mm;\n\
         @bottom-left {{ content: \"{}\"; font-size: 7.5pt; color: #3a424b; }}\n\
         @bottom-right {{ content: counter(page) \" / \" counter(pages); font-size: 7.5pt; color: #3a424b; }} }}\n\
         </style>\n</head>\n",
        style_string(&document.foot)
    );
}

fn contents(out: &mut String, document: &Document) {
    let name = match document.lang {
        Lang::Ja => "目次",
        Lang::En => "Contents",
    };
    let _ = writeln!(out, "<nav aria-label=\"{name}\"><ol>");
    for section in &document.sections {
        let _ = writeln!(
            out,
            "<li><a href=\"#{}\">{}</a></li>",
            section.id,
            escape(&section.title)
        );
    }
    out.push_str("</ol></nav>\n");
}

fn section(out: &mut String, lang: Lang, section: &Section, pictures: &mut usize) {
    let _ = write!(
        out,
        "<section id=\"{id}\" aria-labelledby=\"{id}-title\">\n<h2 id=\"{id}-title\">{}</h2>\n",
        escape(&section.title),
        id = section.id
    );
    for block in &section.blocks {
        match block {
            Block::Heading(words) => {
                let _ = writeln!(out, "<h3>{}</h3>", escape(words));
            }
            Block::Words(words) => {
                let _ = writeln!(out, "<p>{}</p>", lines(words, 4_000));
            }
            Block::Sentence(mark, words) => marked(out, lang, "sentence", *mark, words),
            Block::Note(mark, words) => note(out, lang, *mark, words),
            Block::Table(table) => self::table(out, lang, table),
            Block::Picture(picture) => {
                *pictures += 1;
                self::picture(out, picture, *pictures);
            }
            Block::Cases(cases) => cases.iter().for_each(|case| self::case(out, case)),
            Block::Sign(sign) => sign_box(out, sign),
        }
    }
    out.push_str("</section>\n");
}

fn note(out: &mut String, lang: Lang, mark: Mark, words: &str) {
    marked(out, lang, "note", mark, words);
}

fn marked(out: &mut String, lang: Lang, class: &str, mark: Mark, words: &str) {
    let _ = write!(out, "<p class=\"{class} {}\">", mark_class(mark));
    let word = mark_word(mark, lang);
    if !word.is_empty() {
        let _ = write!(out, "<span class=\"mark\">{word}</span> ");
    }
    let _ = writeln!(out, "{}</p>", lines(words, 4_000));
}

fn mark_class(mark: Mark) -> &'static str {
    match mark {
        Mark::Good => "good",
        Mark::Care => "care",
        Mark::Bad => "bad",
        Mark::Plain => "plain",
    }
}

/// The sign and word that say without color how a sentence is meant.
pub(super) fn mark_word(mark: Mark, lang: Lang) -> &'static str {
    match (mark, lang) {
        (Mark::Good, Lang::Ja) => "○",
        (Mark::Good, Lang::En) => "○",
        (Mark::Care, Lang::Ja) => "△ 注意",
        (Mark::Care, Lang::En) => "△ Note",
        (Mark::Bad, Lang::Ja) => "● 要対応",
        (Mark::Bad, Lang::En) => "● To do",
        (Mark::Plain, _) => "",
    }
}

fn table(out: &mut String, lang: Lang, table: &Table) {
    // A table that is wider than the screen is moved by itself, with the keyboard too.
    let caption = escape(&table.caption);
    let _ = write!(
        out,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{caption}\">\n<table>\n<caption>{caption}</caption>\n"
    );
    if table.rows.is_empty() {
        let _ = write!(
            out,
            "<tbody><tr><td>{}</td></tr></tbody>\n</table>\n</div>\n",
            escape(&table.empty)
        );
        return;
    }
    out.push_str("<thead><tr>");
    for (name, kind) in &table.columns {
        let _ = write!(
            out,
            "<th scope=\"col\"{}>{}</th>",
            class_of(*kind),
            escape(name)
        );
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        row_of(out, lang, table, row);
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
    if let Some(more) = &table.more {
        let _ = writeln!(out, "<p class=\"more\">{}</p>", escape(more));
    }
}

fn row_of(out: &mut String, lang: Lang, table: &Table, row: &[Cell]) {
    let anchor = row.iter().find_map(|cell| match cell {
        Cell::Anchor(id, _, _) => Some(id),
        _ => None,
    });
    match anchor {
        Some(id) => {
            let _ = write!(out, "<tr id=\"{id}\">");
        }
        None => out.push_str("<tr>"),
    }
    for (cell, (_, kind)) in row.iter().zip(&table.columns) {
        let _ = write!(out, "<td{}>", class_of(*kind));
        match cell {
            Cell::Text(words) => out.push_str(&lines(words, CELL)),
            Cell::Count(count) => out.push_str(&thousands(*count)),
            Cell::Day(day) => out.push_str(&iso(day.0)),
            Cell::Time(time) => out.push_str(&minute(*time)),
            Cell::Marked(mark, words) => {
                let sign = match mark {
                    Mark::Plain => "",
                    mark => mark_word(*mark, lang).split(' ').next().unwrap_or_default(),
                };
                let _ = write!(
                    out,
                    "<span class=\"{}\">{sign} {}</span>",
                    mark_class(*mark),
                    lines(words, CELL)
                );
            }
            Cell::Alert(id, Some(to)) => {
                let _ = write!(out, "<a href=\"{}\">{}</a>", escape(to), escape(id));
            }
            Cell::Alert(id, None) => out.push_str(&escape(id)),
            Cell::Anchor(_, to, words) => {
                let _ = write!(
                    out,
                    "<a class=\"nowrap\" href=\"#{to}\">{}</a>",
                    escape(words)
                );
            }
        }
        out.push_str("</td>");
    }
    out.push_str("</tr>\n");
}

fn class_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "",
        Kind::Name => " class=\"name\"",
        Kind::Number => " class=\"number\"",
        Kind::When => " class=\"when\"",
        Kind::Code => " class=\"code\"",
    }
}

fn picture(out: &mut String, picture: &Picture, number: usize) {
    let _ = write!(
        out,
        "<figure>\n<figcaption>{}</figcaption>\n<p class=\"seen\">{}</p>\n",
        escape(&picture.title),
        escape(&picture.description)
    );
    svg::draw(out, picture, number);
    if let Some(more) = &picture.table.more {
        let _ = writeln!(out, "<p class=\"seen\">{}</p>", escape(more));
    }
    out.push_str("</figure>\n");
}

fn case(out: &mut String, case: &Case) {
    let _ = write!(
        out,
        "<article class=\"case level{}\" id=\"{}\">\n<h3><span class=\"badge\">{}</span>{}</h3>\n<p class=\"case-count\">{}</p>\n<ul>\n",
        case.level,
        case.id,
        escape(&case.level_word),
        escape(&case.title),
        escape(&case.count)
    );
    for line in &case.lines {
        let _ = writeln!(
            out,
            "<li>{} <span class=\"when-told\">{}</span> <a class=\"nowrap\" href=\"#{}\">{}</a></li>",
            escape(&line.text),
            escape(&line.when),
            line.to,
            escape(&line.link_word)
        );
    }
    if let Some(more) = &case.more {
        let _ = writeln!(out, "<li>{}</li>", escape(more));
    }
    out.push_str("</ul>\n<dl class=\"steps\">\n");
    for (name, words) in &case.steps {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(words));
    }
    out.push_str("</dl>\n</article>\n");
}

fn sign_box(out: &mut String, sign: &SignBox) {
    out.push_str("<table class=\"sign\">\n<tbody>\n");
    let last = sign.fields.len().saturating_sub(1);
    for (at, (name, value)) in sign.fields.iter().enumerate() {
        // The findings have room to be written by hand.
        let class = match (value.is_empty(), at + 1 == last) {
            (true, true) => " class=\"tall\"",
            (true, false) => "",
            (false, _) => " class=\"code\"",
        };
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td{class}>{}</td></tr>",
            escape(name),
            escape(value)
        );
    }
    out.push_str("</tbody>\n</table>\n");
}

/// `2026-11-16 02:14`.
pub(super) fn minute(time: Time) -> String {
    let text = crate::event::rfc3339(time.nanos, time.offset);
    text.get(..16).unwrap_or(&text).replace('T', " ")
}

/// Lines of a text, each bounded and escaped.
pub(super) fn lines(words: &str, limit: usize) -> String {
    let mut all = words.split('\n');
    let shown: Vec<String> = all
        .by_ref()
        .take(LINES)
        .map(|line| escaped(line, limit))
        .collect();
    let mut out = shown.join("<br>");
    if all.next().is_some() {
        out.push_str("<br>…");
    }
    out
}

/// Text that is text wherever it stands in a page, between tags and in attributes: one line,
/// bounded, nothing that is not seen.
pub(super) fn escape(words: &str) -> String {
    escaped(words, LINE)
}

/// The same with another bound.
pub(super) fn escaped(words: &str, limit: usize) -> String {
    // Bounded twice: what cannot be seen is written out, and gets longer by that.
    let shown = shorten(words, limit);
    let shown = match one_line(&shown) {
        Cow::Borrowed(line) => Cow::Borrowed(line),
        Cow::Owned(line) => Cow::Owned(shorten(&line, limit).into_owned()),
    };
    let mut out = String::with_capacity(shown.len() + 8);
    for c in shown.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Text inside a quoted string of a style sheet inside a page: letters and digits as they are,
/// everything else by its number.
fn style_string(words: &str) -> String {
    let mut out = String::new();
    for c in shorten(&one_line(words), 120).chars() {
        match c {
            c if c.is_alphanumeric() || c == ' ' => out.push(c),
            c => {
                let _ = write!(out, "\\{:06x}", u32::from(c));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_log_says_is_text() {
        assert_eq!(
            escape("<script>alert('x')</script>"),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"
        );
        assert_eq!(
            escape("a&b \"q\" \u{1b}[31m\u{202e}"),
            "a&amp;b &quot;q&quot; \\u{1b}[31m\\u{202e}"
        );
        assert_eq!(escape(&"夜".repeat(10_000)).chars().count(), LINE);
        assert_eq!(lines("a\n<b>", 80), "a<br>&lt;b&gt;");
        assert_eq!(
            style_string("</style>\"病院\n}"),
            "\\00003c\\00002fstyle\\00003e\\000022病院⏎\\00007d".replace('⏎', "\\0023ce")
        );
    }

    proptest! {
        #[test]
        fn no_text_gets_out_of_its_place(words in any::<String>()) {
            let shown = escape(&words);
            let acts = shown.contains(['<', '>', '"', '\'', '\n', '\r']);
            prop_assert!(!acts);
            prop_assert!(shown.chars().all(|c| !c.is_control()));
            // Every ampersand begins one of our five names.
            for (at, _) in shown.match_indices('&') {
                let known = ["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"];
                prop_assert!(known.iter().any(|name| shown[at..].starts_with(name)));
            }
            let inside = style_string(&words);
            let acts = inside.contains(['<', '"', '\'', '{', '}', ';', '\n']);
            prop_assert!(!acts);
        }
    }
}
