//! The week on one page, for the officer who answers for it: what was examined, what needs a
//! person, what could not be seen, what changed, and what it rests on.
//!
//! ```text
//! store ── gather ── Weekly ── words ── Document ── html, md, xlsx
//!                       └─────────────────────────── json
//! openings, sessions ── extract ── Document ── html, md, xlsx
//! ```
//!
//! Takes a store, the house, a stretch of days and what was read of its logs for the work plan, or
//! what the logs answer to one question; gives a page, a text, a workbook or JSON, the same bytes
//! for the same store, logs, stretch and time. Never reads a log itself, never detects, and never
//! says of a person or a clause that all is well or ill.

mod document;
mod evidenced;
pub mod extract;
mod gather;
mod html;
pub mod live;
mod mask;
mod md;
mod model;
mod number;
mod period;
#[cfg(test)]
mod samples;
mod shown;
mod svg;
mod words;
mod xlsx;

pub use gather::{
    Compared, Expected, Held, Maintenance, NotExamined, Persons, Request, SIGNED, WhyNot, gather,
};
pub use mask::{Key, Kind as MaskKind, kind_of};
pub use model::{Day, DiaryEntry, DocumentTold, Review, RulesTold, Weekly};
pub use period::{MOST_DAYS, Period, day_of, iso, midnight};
pub use xlsx::Failure as WorkbookFailure;

use crate::diagnostic::Lang;

/// The report as one self-contained page.
pub fn page(weekly: &Weekly, lang: Lang) -> String {
    html::page(&words::document(weekly, lang), html::Around::default())
}

/// The sentences a report begins with, for a mail: what was examined, what needs a person, what
/// could not be seen. Each is one line without anything that acts.
pub fn sentences(weekly: &Weekly, lang: Lang) -> Vec<String> {
    let document = words::document(weekly, lang);
    let verdict = document.sections.iter().filter(|s| s.id == "verdict");
    let blocks = verdict.flat_map(|section| &section.blocks);
    let sentences = blocks.filter_map(|block| match block {
        document::Block::Sentence(mark, words) => {
            let told = format!("{} {words}", shown::mark_word(*mark, lang));
            let told = crate::text::shorten(told.trim_start(), TEXT).into_owned();
            Some(crate::text::one_line(&told).into_owned())
        }
        _ => None,
    });
    sentences.collect()
}

/// The report as Markdown.
pub fn markdown(weekly: &Weekly, lang: Lang) -> String {
    md::text(&words::document(weekly, lang))
}

/// The report as an Excel workbook, one sheet a section.
///
/// # Errors
/// What the library says.
pub fn workbook(weekly: &Weekly, lang: Lang) -> Result<Vec<u8>, WorkbookFailure> {
    xlsx::workbook(&words::document(weekly, lang))
}

/// The numbers of the report as one JSON document in both languages, long texts shortened.
pub fn json(weekly: &Weekly) -> String {
    let mut value = serde_json::to_value(weekly).expect("a report holds numbers, texts and lists");
    shorten_texts(&mut value);
    let mut out = Vec::new();
    crate::sink::write_json_line(&mut out, &value).expect("memory takes all that is written");
    String::from_utf8_lossy(&out).into_owned()
}

/// Characters of a text in JSON: a log may give a name of a megabyte.
const TEXT: usize = 1_000;

fn shorten_texts(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => {
            if let std::borrow::Cow::Owned(short) = crate::text::shorten(text, TEXT) {
                *text = short;
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(shorten_texts),
        serde_json::Value::Object(entries) => entries.values_mut().for_each(shorten_texts),
        _ => {}
    }
}
