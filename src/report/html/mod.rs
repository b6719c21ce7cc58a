//! A report as one self-contained page: no script, no outside resource, made to be read on a
//! screen, on paper and aloud.
//!
//! Takes a document; gives HTML. Every text passes `escape`, which is the only door into the page.

mod case;
mod escape;

use std::fmt::Write as _;

use super::document::{Block, Cell, Document, Kind, Mark, Picture, Section, Table};
use super::number::thousands;
use super::period::iso;
use super::shown::{mark_sign, mark_word, minute};
use super::svg;
use crate::diagnostic::Lang;

pub(super) use escape::{escape, escaped, lines};

use case::{case, sign_box};
use escape::style_string;

pub(super) const STYLE: &str = include_str!("../style.css");
/// How the line at the foot of a printed page looks: it inherits nothing from the page.
const MARGIN: &str = "font: 7.5pt \"Hiragino Sans\", \"Yu Gothic\", Meiryo, \"Noto Sans CJK JP\", sans-serif; color: #3a424b;";
/// Characters of a line in a table.
const CELL: usize = 160;

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
    let first = document.sections.first().map_or("", |section| section.id);
    let _ = write!(
        out,
        "<body>\n<a class=\"skip\" href=\"#{first}\">{}</a>\n{}<header>\n<h1>{}</h1>\n<dl class=\"facts\">\n",
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
        escape(&document.subject)
    );
    let _ = write!(
        out,
        "@page {{ size: A4; margin: 15mm 14mm 17mm;\n\
         @bottom-left {{ content: \"{}\"; {MARGIN} }}\n\
         @bottom-right {{ content: counter(page) \" / \" counter(pages); {MARGIN} }} }}\n\
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
            Block::Cases(cases) => cases.iter().for_each(|one| case(out, one)),
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
                let sign = mark_sign(*mark, lang);
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
