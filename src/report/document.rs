//! A report in words, in one language, before it has a form: sections of paragraphs, tables and
//! pictures.
//!
//! Takes nothing itself; `words` writes it, and every form reads it. Texts are as they are, hostile
//! ones among them: each form makes them safe for itself.

use super::model::{Day, Time};
use crate::diagnostic::Lang;

/// A report.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) lang: Lang,
    /// Title of the page.
    pub(super) title: String,
    /// Which days it is about: beside the title where there is one line alone.
    pub(super) subject: String,
    /// Facts below the title: name and value.
    pub(super) facts: Vec<(String, String)>,
    /// A word of warning over everything, such as that persons are masked.
    pub(super) notices: Vec<String>,
    pub(super) sections: Vec<Section>,
    /// The line at the foot of every printed page.
    pub(super) foot: String,
}

/// A part with its own heading, and its own sheet of a workbook.
#[derive(Clone, Debug)]
pub(super) struct Section {
    /// Its anchor; letters, digits and hyphens alone.
    pub(super) id: &'static str,
    pub(super) title: String,
    /// A short name: that of a sheet.
    pub(super) short: String,
    pub(super) blocks: Vec<Block>,
}

/// How a sentence is meant; said in a word or sign too, never by color alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// As it should be.
    Good,
    /// To be looked at.
    Care,
    /// To be mended.
    Bad,
    /// Neither.
    Plain,
}

/// A part of a section.
#[derive(Clone, Debug)]
pub(super) enum Block {
    /// A smaller heading.
    Heading(String),
    /// A paragraph.
    Words(String),
    /// One of the sentences of the verdict.
    Sentence(Mark, String),
    /// A remark.
    Note(Mark, String),
    Table(Table),
    Picture(Picture),
    Cases(Vec<Case>),
    Sign(SignBox),
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A short name, never broken.
    Name,
    Number,
    /// A day, or a time.
    When,
    /// A digest, a path: may be broken anywhere.
    Code,
}

/// A table.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) caption: String,
    pub(super) columns: Vec<(String, Kind)>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// What was left out.
    pub(super) more: Option<String>,
    /// Said in the place of the rows when there are none.
    pub(super) empty: String,
}

/// A cell.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Text(String),
    Count(u64),
    Day(Day),
    Time(Time),
    Marked(Mark, String),
    /// A place that other parts link to, with a link back: its anchor, where it leads, its text.
    Anchor(String, String, String),
    /// An alert by the first characters of its id, and where its own page is, when there is one.
    Alert(String, Option<String>),
}

impl Cell {
    pub(super) fn text(text: impl Into<String>) -> Cell {
        Cell::Text(text.into())
    }
}

/// A drawing, with the table that says the same.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub(super) title: String,
    /// What is to be seen, for those who cannot see it.
    pub(super) description: String,
    pub(super) drawing: Drawing,
    /// The same in numbers.
    pub(super) table: Table,
}

/// What is drawn.
#[derive(Clone, Debug)]
pub(super) enum Drawing {
    Heat(Heat),
    Columns(Columns),
    Bars(Bars),
    Strips(Strips),
}

/// Cells by row and column; hatched where the house is closed.
#[derive(Clone, Debug)]
pub(super) struct Heat {
    pub(super) rows: Vec<String>,
    pub(super) values: Vec<[u64; 24]>,
    pub(super) closed: Vec<[bool; 24]>,
    pub(super) closed_word: String,
    pub(super) scale_words: (String, String),
}

/// Columns of stacked parts, each with a mark of what is usual.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub(super) names: Vec<String>,
    /// Names of the parts, from the bottom.
    pub(super) parts: Vec<String>,
    pub(super) values: Vec<Vec<u64>>,
    /// What is usual, and its name.
    pub(super) usual: Option<(String, Vec<f64>)>,
    /// The column that is pointed out.
    pub(super) strong: Option<usize>,
}

/// Bars of stacked parts.
#[derive(Clone, Debug)]
pub(super) struct Bars {
    pub(super) names: Vec<String>,
    pub(super) parts: Vec<String>,
    pub(super) values: Vec<Vec<u64>>,
}

/// A row of small columns for each name; gaps are marked.
#[derive(Clone, Debug)]
pub(super) struct Strips {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<(String, Vec<u64>, Vec<bool>)>,
    pub(super) gap_word: String,
}

/// Something to do.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) id: String,
    /// 0 informational to 4 critical.
    pub(super) level: usize,
    pub(super) level_word: String,
    pub(super) title: String,
    /// How many alerts, since when.
    pub(super) count: String,
    /// One line a key: where it leads, and what it says.
    pub(super) lines: Vec<CaseLine>,
    pub(super) more: Option<String>,
    /// What to do: name and words.
    pub(super) steps: Vec<(String, String)>,
}

/// What one key of a case says.
#[derive(Clone, Debug)]
pub(super) struct CaseLine {
    /// The anchor of its evidence.
    pub(super) to: String,
    pub(super) link_word: String,
    pub(super) text: String,
    /// When, and how often.
    pub(super) when: String,
}

/// Where the officer signs.
#[derive(Clone, Debug)]
pub(super) struct SignBox {
    /// Names of the fields, each with what is filled in.
    pub(super) fields: Vec<(String, String)>,
}
