//! What the logs answer to one question – who opened a chart, what maintenance firms did – in the
//! forms of the weekly page.
//!
//! ```text
//! Answer, Basis ── Document ── html, md, xlsx
//! ```
//!
//! Takes an answer whose persons are told already, and what it rests on; gives a page, a text or a
//! workbook, the same bytes for the same answer. Never reads a log, and never says of a person that
//! all is well or ill.

mod basis;
mod maintenance;
mod patient;

use super::document::{Document, Section};
use super::words::Tongue;
use super::{WorkbookFailure, html, md, xlsx};
use crate::diagnostic::Lang;
use crate::sink::openings::Openings;

pub use basis::Basis;
pub use patient::told as openings_told;

use super::gather::Compared;

/// Rows of a list on a page: what nobody reads on paper stands in a workbook.
const PAGE: usize = 2_000;
/// Rows of a list in a workbook.
const WORKBOOK: usize = 100_000;

/// What was asked, and what the logs answer.
#[derive(Clone, Copy, Debug)]
pub enum Answer<'a> {
    /// Who opened the chart of a patient, when and from where.
    Patient(&'a Openings),
    /// What maintenance firms did, held against their work plan.
    Maintenance(&'a Compared),
}

/// An answer as one self-contained page.
pub fn page(answer: Answer<'_>, basis: &Basis<'_>, lang: Lang) -> String {
    let document = document(answer, basis, (Tongue { lang }, PAGE));
    html::page(&document, html::Around::default())
}

/// An answer as Markdown.
pub fn markdown(answer: Answer<'_>, basis: &Basis<'_>, lang: Lang) -> String {
    md::text(&document(answer, basis, (Tongue { lang }, PAGE)))
}

/// An answer as an Excel workbook, one sheet a section.
///
/// # Errors
/// What the library says.
pub fn workbook(
    answer: Answer<'_>,
    basis: &Basis<'_>,
    lang: Lang,
) -> Result<Vec<u8>, WorkbookFailure> {
    xlsx::workbook(&document(answer, basis, (Tongue { lang }, WORKBOOK)))
}

fn document(answer: Answer<'_>, basis: &Basis<'_>, (tongue, most): (Tongue, usize)) -> Document {
    let (title, about, mut sections) = match answer {
        Answer::Patient(openings) => (
            tongue.say("Who opened this chart", "カルテの閲覧記録"),
            Some((tongue.say("Patient", "患者"), openings.patient.clone())),
            patient::sections(openings, basis, (tongue, most)),
        ),
        Answer::Maintenance(compared) => (
            tongue.say(
                "Remote maintenance against the work plan",
                "リモート保守と作業計画の照合",
            ),
            Some((
                tongue.say("Work plan", "作業計画"),
                maintenance::files(compared, tongue),
            )),
            maintenance::sections(compared, basis, (tongue, most)),
        ),
    };
    let number = sections.len() + 1;
    sections.push(basis.account(tongue, number));
    basis.document(tongue, (title, about), sections)
}

/// A section with its number.
fn section(
    tongue: Tongue,
    (number, id): (usize, &'static str),
    (title, short): ((&str, &str), (&str, &str)),
    blocks: Vec<super::document::Block>,
) -> Section {
    Section {
        id,
        title: format!("{number}. {}", tongue.say(title.0, title.1)),
        short: format!("{number} {}", tongue.say(short.0, short.1)),
        blocks,
    }
}
