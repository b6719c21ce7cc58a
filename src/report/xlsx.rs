//! A report as an Excel workbook: one sheet a section, real dates and numbers, filters on every
//! table.
//!
//! Takes a document; gives the bytes of a workbook, the same for the same document. Every text is
//! written as text: nothing that a log says becomes a formula or a link.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Table as Filter, TableColumn, TableStyle,
    Workbook, Worksheet, XlsxError,
};
use unicode_width::UnicodeWidthStr as _;

use super::document::{Block, Case, Cell, Document, Kind, Mark, Section, Table};
use super::period::iso;
use super::shown::{mark_sign, mark_word};
use crate::diagnostic::Lang;
use crate::text::{one_line, shorten};

/// Characters of a cell.
const CELL: usize = 2_000;
/// Columns a sheet's words run over.
const WORDS: u16 = 7;

/// Why a workbook could not be made.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Failure(#[from] XlsxError);

pub(super) fn workbook(document: &Document) -> Result<Vec<u8>, Failure> {
    let mut book = Workbook::new();
    // The library would write the time of the run; the same report must give the same bytes.
    let made = DocProperties::new()
        .set_title(shorten(&one_line(&document.title), 200).as_ref())
        .set_subject(shorten(&one_line(&document.subject), 200).as_ref())
        .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    book.set_properties(&made);
    let looks = Looks::new();
    for (at, section) in document.sections.iter().enumerate() {
        let sheet = book.add_worksheet();
        sheet.set_name(&section.short)?;
        sheet
            .set_landscape()
            .set_paper_size(9)
            .set_print_fit_to_pages(1, 0);
        let mut writer = Writer {
            sheet,
            looks: &looks,
            lang: document.lang,
            row: 0,
            widths: vec![12.0; 26],
            name: at + 1,
            tables: 0,
        };
        if at == 0 {
            writer.opening(document)?;
        }
        writer.section(section)?;
        writer.finish()?;
    }
    Ok(book.save_to_buffer()?)
}

/// How cells look.
struct Looks {
    title: Format,
    heading: Format,
    words: Format,
    text: Format,
    number: Format,
    day: Format,
    time: Format,
}

impl Looks {
    fn new() -> Looks {
        let top = Format::new().set_align(FormatAlign::Top);
        let wrapped = top.clone().set_text_wrap();
        Looks {
            title: Format::new().set_bold().set_font_size(14),
            heading: Format::new().set_bold().set_font_size(12),
            words: wrapped.clone(),
            text: wrapped,
            number: top.clone().set_num_format("#,##0"),
            day: top.clone().set_num_format("yyyy-mm-dd"),
            time: top.set_num_format("yyyy-mm-dd hh:mm"),
        }
    }
}

/// Writes one sheet from the top down.
struct Writer<'b> {
    sheet: &'b mut Worksheet,
    looks: &'b Looks,
    lang: Lang,
    row: u32,
    widths: Vec<f64>,
    /// Number of the sheet: part of the names of its tables.
    name: usize,
    tables: usize,
}

impl Writer<'_> {
    fn opening(&mut self, document: &Document) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(
            self.row,
            0,
            clean(&document.title),
            &self.looks.title,
        )?;
        self.row += 1;
        for (name, value) in &document.facts {
            self.sheet
                .write_string_with_format(self.row, 0, clean(name), &self.looks.text)?;
            self.sheet.write_string(self.row, 1, clean(value))?;
            self.row += 1;
        }
        for notice in &document.notices {
            self.words(notice)?;
        }
        self.row += 1;
        Ok(())
    }

    fn section(&mut self, section: &Section) -> Result<(), XlsxError> {
        self.heading(&section.title)?;
        for block in &section.blocks {
            match block {
                Block::Heading(words) => self.heading(words)?,
                Block::Words(words) => self.words(words)?,
                Block::Sentence(mark, words) | Block::Note(mark, words) => {
                    let lead = mark_word(*mark, self.lang);
                    self.words(format!("{lead} {words}").trim())?;
                }
                Block::Table(table) => self.table(table)?,
                Block::Picture(picture) => {
                    self.words(&picture.description)?;
                    self.table(&picture.table)?;
                }
                Block::Cases(cases) => self.table(&of_cases(cases, self.lang))?,
                Block::Sign(sign) => {
                    for (name, value) in &sign.fields {
                        self.sheet.write_string(self.row, 0, clean(name))?;
                        self.sheet.write_string(self.row, 1, clean(value))?;
                        self.row += 1;
                    }
                }
            }
        }
        Ok(())
    }

    fn heading(&mut self, words: &str) -> Result<(), XlsxError> {
        self.row += u32::from(self.row > 0);
        self.sheet
            .write_string_with_format(self.row, 0, clean(words), &self.looks.heading)?;
        self.row += 1;
        Ok(())
    }

    /// A paragraph over several columns; its height follows its length, which Excel does not work
    /// out for cells that are joined.
    fn words(&mut self, words: &str) -> Result<(), XlsxError> {
        let text = clean(words);
        self.sheet
            .merge_range(self.row, 0, self.row, WORDS, "", &self.looks.words)?;
        self.sheet
            .write_string_with_format(self.row, 0, &text, &self.looks.words)?;
        let lines = (text.width() / 110 + 1).min(20);
        self.sheet.set_row_height(self.row, 16.0 * lines as f64)?;
        self.row += 1;
        Ok(())
    }

    fn table(&mut self, table: &Table) -> Result<(), XlsxError> {
        self.heading(&table.caption)?;
        if table.rows.is_empty() {
            return self.words(&table.empty);
        }
        let first = self.row;
        for row in &table.rows {
            self.row += 1;
            for (column, (cell, (_, kind))) in row.iter().zip(&table.columns).enumerate() {
                self.cell(column as u16, cell, *kind)?;
            }
        }
        let last = table.columns.len().saturating_sub(1) as u16;
        self.filter(table, (first, self.row, last))?;
        self.row += 1;
        match &table.more {
            Some(more) => self.words(more),
            None => Ok(()),
        }
    }

    /// Makes the rows a table of Excel: with a heading and filters of its own.
    fn filter(
        &mut self,
        table: &Table,
        (first, last, column): (u32, u32, u16),
    ) -> Result<(), XlsxError> {
        self.tables += 1;
        let mut names: Vec<String> = Vec::new();
        for (at, (name, _)) in table.columns.iter().enumerate() {
            let mut name = shorten(&one_line(name), 120).into_owned();
            // Excel wants headings that differ.
            if name.is_empty()
                || names
                    .iter()
                    .any(|n| n.to_lowercase() == name.to_lowercase())
            {
                name = format!("{name} {}", at + 1).trim().to_owned();
            }
            self.widen(at, name.width());
            names.push(name);
        }
        let columns: Vec<TableColumn> = names
            .iter()
            .map(|name| TableColumn::new().set_header(name))
            .collect();
        let filter = Filter::new()
            .set_columns(&columns)
            .set_style(TableStyle::Light1)
            .set_name(format!("T{}_{}", self.name, self.tables));
        self.sheet.add_table(first, 0, last, column, &filter)?;
        Ok(())
    }

    fn cell(&mut self, column: u16, cell: &Cell, kind: Kind) -> Result<(), XlsxError> {
        let (row, looks) = (self.row, self.looks);
        let text = match cell {
            Cell::Count(count) => {
                self.sheet
                    .write_number_with_format(row, column, *count as f64, &looks.number)?;
                return Ok(());
            }
            Cell::Day(day) => match ExcelDateTime::parse_from_str(&iso(day.0)) {
                Ok(date) => {
                    self.sheet
                        .write_datetime_with_format(row, column, &date, &looks.day)?;
                    return Ok(());
                }
                Err(_) => iso(day.0),
            },
            Cell::Time(time) => {
                let text = crate::event::rfc3339(time.nanos, time.offset);
                let local = text.get(..19).unwrap_or(&text).replace('T', " ");
                match ExcelDateTime::parse_from_str(&local) {
                    Ok(date) => {
                        self.sheet
                            .write_datetime_with_format(row, column, &date, &looks.time)?;
                        self.widen(column as usize, 17);
                        return Ok(());
                    }
                    Err(_) => local,
                }
            }
            Cell::Text(words) | Cell::Anchor(_, _, words) | Cell::Alert(words, _) => clean(words),
            Cell::Marked(Mark::Plain, words) => clean(words),
            Cell::Marked(mark, words) => clean(&format!("{} {words}", mark_sign(*mark, self.lang))),
        };
        if kind != Kind::Number {
            self.widen(
                column as usize,
                text.lines().map(str::width).max().unwrap_or(0),
            );
        }
        self.sheet
            .write_string_with_format(row, column, &text, &looks.text)?;
        Ok(())
    }

    fn widen(&mut self, column: usize, characters: usize) {
        if let Some(width) = self.widths.get_mut(column) {
            *width = width.max((characters as f64 + 3.0).min(48.0));
        }
    }

    fn finish(self) -> Result<(), XlsxError> {
        for (column, width) in self.widths.iter().enumerate() {
            self.sheet.set_column_width(column as u16, *width)?;
        }
        Ok(())
    }
}

/// What is to do, as rows that can be filtered.
fn of_cases(cases: &[Case], lang: Lang) -> Table {
    let say = |en: &str, ja: &str| match lang {
        Lang::En => en.to_owned(),
        Lang::Ja => ja.to_owned(),
    };
    let mut rows = Vec::new();
    for case in cases {
        let steps: Vec<String> = case
            .steps
            .iter()
            .map(|(name, words)| format!("{name}: {words}"))
            .collect();
        for line in &case.lines {
            rows.push(vec![
                Cell::text(case.level_word.clone()),
                Cell::text(case.title.clone()),
                Cell::text(case.count.clone()),
                Cell::text(line.text.clone()),
                Cell::text(line.when.clone()),
                Cell::text(line.link_word.clone()),
                Cell::text(steps.join("\n")),
                Cell::text(case.more.clone().unwrap_or_default()),
            ]);
        }
    }
    let names = [
        ("Level", "重要度"),
        ("Cause", "原因"),
        ("Alerts", "件数"),
        ("What", "内容"),
        ("When", "いつ"),
        ("Evidence", "証拠"),
        ("Steps", "手順"),
        ("Not listed", "ほか"),
    ];
    Table {
        caption: say("Open alerts by cause", "原因ごとの未対応アラート"),
        columns: names
            .iter()
            .map(|(en, ja)| (say(en, ja), Kind::Text))
            .collect(),
        rows,
        more: None,
        empty: say("none", "該当なし"),
    }
}

/// Text of a cell: lines kept, everything that is not seen written out, bounded.
fn clean(words: &str) -> String {
    let lines: Vec<String> = words
        .split('\n')
        .take(24)
        .map(|line| one_line(&shorten(line, CELL)).into_owned())
        .collect();
    shorten(&lines.join("\n"), CELL).into_owned()
}
