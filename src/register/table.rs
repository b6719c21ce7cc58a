//! A register file as rows of cells, each of which knows where it stands.
//!
//! Takes the bytes of a CSV file (UTF-8, CP932 or Excel's UTF-16; commas, semicolons or tabs) or
//! of an XLSX workbook; gives its rows in order. Never knows what a column means.

use std::borrow::Cow;
use std::sync::Arc;

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};

use crate::diagnostic::{Complaints, Place, Problem};
use crate::event::Civil;

use super::workbook;

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell<'t> {
    /// Which column of the table, from 0.
    pub(super) index: usize,
    /// Line of a CSV file or row of a sheet, from 1.
    pub(super) line: u32,
    /// Where in the line.
    pub(super) spot: Spot<'t>,
    /// What it says, as written.
    pub(super) text: Cow<'t, str>,
    /// How a spreadsheet keeps it.
    pub(super) kind: Kind,
}

/// Where in its line a cell begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Spot<'t> {
    /// After this text; counted only when somebody complains.
    After(&'t str),
    /// In this column of a sheet, from 1.
    Column(u32),
}

/// How a spreadsheet keeps a cell's value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// As text; everything in a CSV file.
    Text,
    /// As a number, and the date that Excel would show for it.
    Number(Civil),
    /// As a date.
    Date(Civil),
}

impl Cell<'_> {
    /// The text without blanks around it and without what guards it from Excel (`="0012"`,
    /// `'0012`).
    pub(super) fn value(&self) -> &str {
        let text = self.text.trim();
        let guarded = text.strip_prefix("=\"").and_then(|t| t.strip_suffix('"'));
        guarded
            .unwrap_or(text.strip_prefix('\'').unwrap_or(text))
            .trim()
    }

    /// The column, from 1: characters in a CSV line, columns in a sheet.
    pub(super) fn column(&self) -> u32 {
        match self.spot {
            Spot::After(text) => text.chars().count() as u32 + 1,
            Spot::Column(column) => column,
        }
    }
}

/// A row; cells come by ascending index, and blank ones may be missing.
#[derive(Clone, Debug, Default)]
pub(super) struct Row<'t> {
    /// Line or row number, from 1.
    pub(super) line: u32,
    /// Its cells.
    pub(super) cells: Vec<Cell<'t>>,
}

impl<'t> Row<'t> {
    /// The cell of a column, from 0.
    pub(super) fn cell(&self, index: usize) -> Option<&Cell<'t>> {
        match self.cells.get(index) {
            Some(cell) if cell.index == index => Some(cell),
            _ => self.cells.iter().find(|c| c.index == index),
        }
    }

    /// True when nothing is written in it.
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(|c| c.value().is_empty())
    }
}

/// What receives the rows; false when it wants no more.
pub(super) type Take<'f> = &'f mut dyn FnMut(&Row<'_>, &mut Complaints) -> bool;

/// Gives all rows of a file, blank ones too, until the receiver has enough.
pub(super) fn rows(file: &Arc<str>, bytes: &[u8], complaints: &mut Complaints, take: Take<'_>) {
    match bytes {
        [b'P', b'K', 3, 4, ..] => workbook::rows(file, bytes, complaints, take),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => complaints.push(old_workbook(file)),
        _ => {
            if let Some(text) = decode(file, bytes, complaints) {
                let mut lines = Lines::new(&text);
                let mut row = Row::default();
                while lines.read(&mut row) && take(&row, complaints) {}
                if let Some((line, column)) = lines.open_quote {
                    complaints.push(open_quote(file, line, column));
                }
            }
        }
    }
}

fn old_workbook(file: &Arc<str>) -> Problem {
    Problem::error(
        "this is an old Excel workbook (.xls) or a workbook with a password, which cannot be read",
        "古い形式の Excel ブック（.xls）か、パスワード付きのブックのため読めません",
    )
    .at(whole(file))
    .help(
        "save it as .xlsx without a password, or as CSV",
        "パスワードなしの .xlsx か CSV で保存し直してください",
    )
}

fn open_quote(file: &Arc<str>, line: u32, column: u32) -> Problem {
    Problem::error(
        "the quotation mark that opens here is never closed",
        "ここで始まる引用符 \" が閉じられていません",
    )
    .at(Place {
        file: file.clone(),
        line,
        column,
    })
    .help(
        "close it, or double it if it is part of the text",
        "引用符を閉じるか、文字としての引用符は二つ重ねてください",
    )
}

/// The place that means the whole file.
pub(super) fn whole(file: &Arc<str>) -> Place {
    Place {
        file: file.clone(),
        line: 0,
        column: 0,
    }
}

/// UTF-8 when it is valid, UTF-16 by its byte order mark, CP932 otherwise.
fn decode<'b>(
    file: &Arc<str>,
    bytes: &'b [u8],
    complaints: &mut Complaints,
) -> Option<Cow<'b, str>> {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => SHIFT_JIS,
    };
    let (text, _, broken) = encoding.decode(bytes);
    if !broken {
        return Some(text);
    }
    let line = match text.split('\u{fffd}').next() {
        Some(before) => before.matches('\n').count() as u32 + 1,
        None => 0,
    };
    complaints.push(
        Problem::error(
            "the file is neither UTF-8 nor CP932 (Shift_JIS) text throughout",
            "UTF-8 でも CP932（Shift_JIS）でもない文字が含まれています",
        )
        .at(Place {
            file: file.clone(),
            line,
            column: 0,
        })
        .help(
            "save it again as \"CSV UTF-8\" or as .xlsx",
            "「CSV UTF-8」か .xlsx で保存し直してください",
        ),
    );
    None
}

/// Cuts CSV text into rows (RFC 4180, and what the `csv` crate makes of the rest).
struct Lines<'t> {
    text: &'t str,
    separator: u8,
    at: usize,
    line: u32,
    line_start: usize,
    /// Where a quotation mark was opened that the end of the file had to close.
    open_quote: Option<(u32, u32)>,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        Lines {
            text,
            separator: separator(text),
            at: 0,
            line: 1,
            line_start: 0,
            open_quote: None,
        }
    }

    /// Reads the next row; false at the end. A blank line is a row with one blank cell.
    fn read(&mut self, row: &mut Row<'t>) -> bool {
        row.cells.clear();
        row.line = self.line;
        if self.at >= self.text.len() {
            return false;
        }
        loop {
            let mut cell = Cell {
                index: row.cells.len(),
                line: self.line,
                spot: Spot::After(&self.text[self.line_start..self.at]),
                text: Cow::Borrowed(""),
                kind: Kind::Text,
            };
            cell.text = self.cell(&cell);
            row.cells.push(cell);
            match self.text.as_bytes().get(self.at) {
                Some(b) if *b == self.separator => self.at += 1,
                Some(_) => {
                    self.end_line();
                    return true;
                }
                None => return true,
            }
        }
    }

    /// The text of the cell that begins here; stops at a separator, a line's end or the end.
    fn cell(&mut self, cell: &Cell<'t>) -> Cow<'t, str> {
        if self.text.as_bytes().get(self.at) != Some(&b'"') {
            return Cow::Borrowed(self.bare());
        }
        self.at += 1;
        let mut out = String::new();
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let Some(length) = memchr::memchr2(b'"', b'\n', rest) else {
                self.open_quote = Some((cell.line, cell.column()));
                out.push_str(&self.text[self.at..]);
                self.at = self.text.len();
                return Cow::Owned(out);
            };
            let stop = self.at + length;
            out.push_str(&self.text[self.at..stop]);
            self.at = stop + 1;
            if rest[length] == b'\n' {
                out.push('\n');
                self.line += 1;
                self.line_start = self.at;
            } else if rest.get(length + 1) == Some(&b'"') {
                out.push('"');
                self.at += 1;
            } else {
                // Text behind the closing mark belongs to the cell as it stands.
                out.push_str(self.bare());
                return Cow::Owned(out);
            }
        }
    }

    fn bare(&mut self) -> &'t str {
        let begin = self.at;
        let rest = &self.text.as_bytes()[begin..];
        let length = memchr::memchr3(self.separator, b'\n', b'\r', rest).unwrap_or(rest.len());
        self.at = begin + length;
        &self.text[begin..self.at]
    }

    fn end_line(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += if rest.starts_with(b"\r\n") { 2 } else { 1 };
        self.line += 1;
        self.line_start = self.at;
    }
}

/// The separator that stands most often in the first line that has any.
fn separator(text: &str) -> u8 {
    for line in text.lines().take(20) {
        let count = |wanted: u8| line.bytes().filter(|b| *b == wanted).count();
        let (commas, tabs, semicolons) = (count(b','), count(b'\t'), count(b';'));
        if commas + tabs + semicolons > 0 {
            return match commas >= tabs && commas >= semicolons {
                true => b',',
                false if tabs >= semicolons => b'\t',
                false => b';',
            };
        }
    }
    b','
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> (Vec<Vec<String>>, Complaints) {
        let mut complaints = Complaints::new();
        let mut out = Vec::new();
        rows(
            &Arc::from("t.csv"),
            bytes,
            &mut complaints,
            &mut |row, _| {
                out.push(row.cells.iter().map(|c| c.text.to_string()).collect());
                true
            },
        );
        (out, complaints)
    }

    #[test]
    fn every_encoding_gives_the_same_rows() {
        let text = "端末名,部署\r\n外来①,薬剤部髙橋\r\n";
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let (cp932, _, broken) = SHIFT_JIS.encode(text);
        assert!(!broken);
        let plain = read(text.as_bytes()).0;
        assert_eq!(plain, [["端末名", "部署"], ["外来①", "薬剤部髙橋"]]);
        assert_eq!(read(&cp932).0, plain);
        assert_eq!(read(&[b"\xef\xbb\xbf", text.as_bytes()].concat()).0, plain);
        assert_eq!(read(&[b"\xff\xfe", utf16.as_slice()].concat()).0, plain);
        let tabs = text.replace(',', "\t");
        assert_eq!(read(tabs.as_bytes()).0, plain);
    }

    #[test]
    fn broken_text_is_refused_with_its_line() {
        let (rows, complaints) = read(b"mac\nab\n\x81\x20\xff\n");
        assert!(rows.is_empty());
        assert_eq!(complaints.sorted()[0].place.as_ref().unwrap().line, 3);
    }

    #[test]
    fn cells_know_their_line_and_column() {
        let text = "端末,\"a\nb\",c\n\n\"d\"\"e\",f\n";
        let mut seen = Vec::new();
        let take: Take<'_> = &mut |row, _| {
            for cell in &row.cells {
                seen.push((cell.line, cell.column(), cell.text.to_string()));
            }
            true
        };
        rows(
            &Arc::from("t.csv"),
            text.as_bytes(),
            &mut Complaints::new(),
            take,
        );
        let want = [
            (1, 1, "端末"),
            (1, 4, "a\nb"),
            (2, 4, "c"),
            (3, 1, ""),
            (4, 1, "d\"e"),
            (4, 8, "f"),
        ];
        assert_eq!(seen, want.map(|(l, c, t)| (l, c, t.to_owned())));
    }

    #[test]
    fn a_quotation_mark_left_open_is_named() {
        let (rows, complaints) = read("a,b\n1,\"2\n3,4\n".as_bytes());
        assert_eq!(rows.len(), 2);
        let place = complaints.sorted()[0].place.clone().unwrap();
        assert_eq!(place.to_string(), "t.csv:2:3");
    }

    #[test]
    fn guards_against_excel_are_taken_off() {
        let cell = |text: &'static str| Cell {
            index: 0,
            line: 1,
            spot: Spot::Column(1),
            text: Cow::Borrowed(text),
            kind: Kind::Text,
        };
        assert_eq!(cell("=\"00123\"").value(), "00123");
        assert_eq!(cell("'00123").value(), "00123");
        assert_eq!(cell("　00123 ").value(), "00123");
    }

    proptest! {
        #[test]
        fn the_cutter_equals_the_csv_crate(text in "[ab,\"\n\r ]{0,40}") {
            let mut lines = Lines { separator: b',', ..Lines::new(&text) };
            let mut row = Row::default();
            let mut ours = Vec::new();
            while lines.read(&mut row) {
                let cells: Vec<String> = row.cells.iter().map(|c| c.text.to_string()).collect();
                ours.push(cells);
            }
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(text.as_bytes());
            let theirs: Vec<Vec<String>> = reader
                .records()
                .map(|r| r.unwrap().iter().map(str::to_owned).collect())
                .collect();
            // That crate drops blank lines; here the caller drops blank rows.
            let shown = |rows: Vec<Vec<String>>| -> Vec<Vec<String>> {
                rows.into_iter().filter(|r| r.len() > 1 || !r[0].is_empty()).collect()
            };
            prop_assert_eq!(shown(ours), shown(theirs));
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>) {
            read(&bytes);
            read(&[b"PK\x03\x04", bytes.as_slice()].concat());
        }
    }
}
