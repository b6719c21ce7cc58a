//! Tables: CSV, TSV and their kin, as records systems and PC-management tools export them.
//!
//! Takes rows; gives events by the headings, which are known in Japanese and English, or by the
//! `csv` section of the config. What it knows of a table (delimiter, heading, columns) it learns
//! from the beginning of the input. Never takes a missing outcome for success and never drops a
//! column: what has no field of ours stays under its own heading.

mod columns;
mod config;
mod heading;
mod layout;
mod row;
mod shown;
mod split;
#[cfg(test)]
mod tests;

use crate::diagnostic::{Complaints, Text};
use crate::format::{Format, Parser, Settings};
use crate::frame::Framing;

/// The format of delimited tables.
pub(super) struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn about(&self) -> Text {
        Text::new(
            "tables of records systems and PC tools: comma, tab or semicolon, headings in Japanese or English",
            "電子カルテなどの表形式の出力（カンマ・タブ・セミコロン、見出しは日本語・英語）",
        )
    }

    fn framing(&self) -> Framing {
        Framing::Csv
    }

    fn claims(&self, head: &str) -> Option<Text> {
        let records = split::head_records(head, heading::LOOKED_AT);
        let found = heading::find(&records, &split::DELIMITERS, &[])?;
        let shown: Vec<&str> = found.cells.iter().take(6).map(String::as_str).collect();
        Some(Text::new(
            format!("line {} is a heading: {}", found.row + 1, shown.join(", ")),
            format!("{} 行目が見出しです（{}）", found.row + 1, shown.join("、")),
        ))
    }

    fn parser(
        &self,
        head: &str,
        settings: &Settings<'_>,
        complaints: &mut Complaints,
    ) -> Option<Box<dyn Parser>> {
        let config = config::Config::read(settings.section, complaints);
        let layout = layout::Layout::learn(head, &config, settings, complaints)?;
        Some(Box::new(row::Table::new(layout, head)))
    }
}
