//! What the beginning of a table shows: its delimiter, its heading and its first rows.
//!
//! Takes the decoded head of an input; gives its parts. Never decides what a column means.

use super::config::{Config, Target};
use super::{heading, split};

/// The beginning of a table: its heading, what stands before it, and a few rows.
pub(super) struct Shown<'h> {
    pub(super) delimiter: u8,
    /// Folded; empty without a heading.
    pub(super) headings: Vec<String>,
    /// Lines before the heading, as they stand.
    pub(super) preamble: Vec<String>,
    rows: Vec<&'h str>,
}

impl<'h> Shown<'h> {
    pub(super) fn read(head: &'h str, config: &Config) -> Shown<'h> {
        let records = split::head_records(head, usize::MAX);
        let skipped = config.skip_lines.min(records.len());
        let delimiters: Vec<u8> = config
            .delimiter
            .map_or(split::DELIMITERS.to_vec(), |one| vec![one]);
        let looked_at = records.len().min(skipped + heading::LOOKED_AT);
        let candidates = records.get(skipped..looked_at).unwrap_or_default();
        let found = (config.heading != Some(false))
            .then(|| heading::find(candidates, &delimiters, &wanted(config)))
            .flatten()
            .or_else(|| assumed_heading(candidates, &delimiters, config));
        let begin = skipped + found.as_ref().map_or(0, |f| f.row + 1);
        let before = begin.saturating_sub(usize::from(found.is_some()));
        Shown {
            preamble: records
                .iter()
                .take(before)
                .map(|r| (*r).to_owned())
                .collect(),
            rows: records.get(begin..).unwrap_or_default().to_vec(),
            delimiter: (found.as_ref())
                .map_or_else(|| usual(candidates, &delimiters), |f| f.delimiter),
            headings: found.map(|f| f.cells).unwrap_or_default(),
        }
    }

    /// Calls `each` with the cells of the first rows.
    pub(super) fn cells_of_rows(&self, most: usize, mut each: impl FnMut(&[&str])) {
        for row in self.rows.iter().take(most) {
            let arena = bumpalo::Bump::new();
            let row = arena.alloc_str(row);
            if let Ok(cells) = split::cells(row, self.delimiter, &arena) {
                each(&cells.from(0).collect::<Vec<_>>());
            }
        }
    }
}

/// The headings by which the config names the time: a row that has them is the heading.
fn wanted(config: &Config) -> Vec<&str> {
    let time = config.columns.iter().find(|m| m.target == Target::Time);
    let named = time.into_iter().flat_map(|m| &m.columns);
    named
        .filter(|n| n.number.is_none())
        .map(|n| n.heading.as_str())
        .collect()
}

/// With `heading: true` the first line is the heading, whatever it says.
fn assumed_heading(rows: &[&str], delimiters: &[u8], config: &Config) -> Option<heading::Found> {
    if config.heading != Some(true) {
        return None;
    }
    let row = rows.iter().position(|r| !r.trim().is_empty())?;
    let delimiter = usual(rows.get(row..=row)?, delimiters);
    let cells = heading::fold_row(rows[row], delimiter)?;
    Some(heading::Found {
        row,
        delimiter,
        cells,
    })
}

/// The delimiter that stands most often in the first rows; the first of equals.
fn usual(rows: &[&str], delimiters: &[u8]) -> u8 {
    let count = |delimiter: u8| -> usize {
        let rows = rows.iter().filter(|r| !r.starts_with('#')).take(10);
        rows.map(|r| r.bytes().filter(|b| *b == delimiter).count())
            .sum()
    };
    let most = delimiters.iter().map(|&d| count(d)).max().unwrap_or(0);
    let first = delimiters.iter().copied().find(|&d| count(d) == most);
    first.unwrap_or(b',')
}
