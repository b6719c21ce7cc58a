//! The weekly page as it stands at this moment, with the ways to other weeks and to its alerts.
//!
//! Takes the report and the weeks around it; gives the page that `report` writes, with a frame
//! around it. Never changes a word of it.

use std::fmt::Write as _;

use super::super::document::{Block, Cell, Document};
use super::super::html::{self, Around, escape};
use super::super::{Weekly, words};
use super::{Frame, LIVE, Page, Place};

/// The weeks around one, as `2026-W47`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weeks {
    /// The week itself.
    pub this: String,
    /// The one before; `None` where the store knows of none.
    pub before: Option<String>,
    /// The one after.
    pub after: Option<String>,
}

/// The page of a week.
pub fn week(frame: &Frame<'_>, weekly: &Weekly, weeks: &Weeks) -> Page {
    let mut document = words::document(weekly, frame.lang);
    link_alerts(&mut document);
    let mut top = frame.top(Place::Week);
    ways(&mut top, frame, weeks);
    let around = Around {
        style: LIVE,
        top: &top,
    };
    Page(html::page(&document, around))
}

/// Every alert the page names by its id leads to its own page.
fn link_alerts(document: &mut Document) {
    let blocks = document.sections.iter_mut().flat_map(|s| &mut s.blocks);
    let tables = blocks.filter_map(|block| match block {
        Block::Table(table) => Some(table),
        _ => None,
    });
    for cell in tables.flat_map(|table| table.rows.iter_mut().flatten()) {
        if let Cell::Alert(id, to) = cell {
            *to = Some(format!("/alert/{id}"));
        }
    }
}

fn ways(out: &mut String, frame: &Frame<'_>, weeks: &Weeks) {
    let name = frame.say("Weeks", "週");
    let _ = write!(out, "<nav class=\"weeks\" aria-label=\"{name}\">");
    if let Some(before) = &weeks.before {
        let before = escape(before);
        let word = frame.say("the week before", "前の週");
        let _ = write!(
            out,
            "<a rel=\"prev\" href=\"/week?week={before}\">← {before} {word}</a>"
        );
    }
    let _ = write!(
        out,
        "<form method=\"get\" action=\"/week\"><label for=\"week\">{}</label> \
         <input id=\"week\" name=\"week\" type=\"week\" required pattern=\"[0-9]{{4}}-W[0-9]{{2}}\" value=\"{}\"> \
         <button>{}</button></form>",
        frame.say("Week, such as 2026-W47", "週（例: 2026-W47）"),
        escape(&weeks.this),
        frame.say("Show", "表示"),
    );
    if let Some(after) = &weeks.after {
        let after = escape(after);
        let word = frame.say("the week after", "次の週");
        let _ = write!(
            out,
            "<a rel=\"next\" href=\"/week?week={after}\">{after} {word} →</a>"
        );
    }
    out.push_str("</nav>\n");
}
