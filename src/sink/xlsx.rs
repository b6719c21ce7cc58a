//! Alerts as an Excel workbook: real dates, filters, a fixed heading.
//!
//! Takes alerts; gives the bytes of a workbook, the same for the same alerts. Every text is written
//! as text: nothing that a log says becomes a formula or a link.

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use crate::alert::{Alert, Level};
use crate::diagnostic::Lang;
use crate::text::shorten;

use super::Reader;
use super::csv::{cells, headings};

/// Characters that Excel takes in a cell.
const CELL: usize = 32_000;
/// Rows of a sheet, the heading among them.
const ROWS: usize = 1_048_576;
/// Column widths, in characters, in the order of the headings.
const WIDTHS: [f64; 15] = [
    14.0, 8.0, 24.0, 32.0, 20.0, 20.0, 8.0, 30.0, 70.0, 34.0, 10.0, 24.0, 50.0, 38.0, 24.0,
];
/// Columns that hold times.
const TIMES: [usize; 2] = [4, 5];
/// Columns that hold numbers.
const NUMBERS: [usize; 2] = [6, 10];
/// The column that holds the level.
const LEVEL: usize = 1;

/// Why a workbook could not be made.
#[derive(Debug, thiserror::Error)]
pub enum XlsxFailure {
    /// More alerts than a sheet has rows.
    #[error("{0} alerts do not fit into one sheet: a sheet has {ROWS} rows")]
    TooMany(usize),
    /// What the library says.
    #[error(transparent)]
    Library(#[from] XlsxError),
}

/// The workbook's bytes.
///
/// # Errors
/// More alerts than a sheet has rows.
pub fn workbook(alerts: &[Alert], reader: &Reader) -> Result<Vec<u8>, XlsxFailure> {
    if alerts.len() >= ROWS {
        return Err(XlsxFailure::TooMany(alerts.len()));
    }
    let mut book = Workbook::new();
    // The library would write the time of the run; the same alerts must give the same bytes.
    let made = DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    book.set_properties(&made);
    let sheet = book.add_worksheet();
    sheet.set_name(match reader.lang {
        Lang::Ja => "アラート",
        Lang::En => "alerts",
    })?;
    write_heading(sheet, alerts.len(), reader)?;
    let formats = Formats::new();
    for (row, alert) in (1..).zip(alerts) {
        write_alert(sheet, row, &formats, &(alert, reader))?;
    }
    Ok(book.save_to_buffer()?)
}

/// How cells look.
struct Formats {
    text: Format,
    time: Format,
    levels: [Format; 5],
}

impl Formats {
    fn new() -> Self {
        let top = Format::new().set_align(FormatAlign::Top);
        let shade = |level| match level {
            Level::Critical => top
                .clone()
                .set_bold()
                .set_background_color(Color::RGB(0x00F8_CBAD)),
            Level::High => top.clone().set_background_color(Color::RGB(0x00FC_E4D6)),
            Level::Medium => top.clone().set_background_color(Color::RGB(0x00FF_F2CC)),
            Level::Low | Level::Informational => top.clone(),
        };
        Formats {
            text: top.clone().set_text_wrap(),
            time: top.clone().set_num_format("yyyy-mm-dd hh:mm:ss"),
            levels: Level::ALL.map(shade),
        }
    }
}

fn write_heading(sheet: &mut Worksheet, alerts: usize, reader: &Reader) -> Result<(), XlsxError> {
    let bold = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Top);
    for (column, (heading, width)) in (0..).zip(headings(reader).iter().zip(WIDTHS)) {
        sheet.write_string_with_format(0, column, heading, &bold)?;
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    // A sheet holds fewer than 2^20 rows, so the number fits.
    sheet.autofilter(0, 0, alerts as u32, WIDTHS.len() as u16 - 1)?;
    Ok(())
}

fn write_alert(
    sheet: &mut Worksheet,
    row: u32,
    formats: &Formats,
    (alert, reader): &(&Alert, &Reader),
) -> Result<(), XlsxError> {
    for (column, cell) in cells(alert, reader).iter().enumerate() {
        let at = column as u16;
        if TIMES.contains(&column)
            && let Ok(time) = ExcelDateTime::parse_from_str(cell)
        {
            sheet.write_datetime_with_format(row, at, &time, &formats.time)?;
        } else if NUMBERS.contains(&column)
            && let Ok(number) = cell.parse::<f64>()
        {
            sheet.write_number_with_format(row, at, number, &formats.text)?;
        } else {
            let format = match column {
                LEVEL => &formats.levels[alert.rule.level as usize],
                _ => &formats.text,
            };
            sheet.write_string_with_format(row, at, shorten(cell, CELL).as_ref(), format)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::event::Zone;
    use calamine::{Data, Reader as _, Xlsx};
    use std::io::Cursor;

    fn read_back(lang: Lang) -> Xlsx<Cursor<Vec<u8>>> {
        let reader = Reader {
            lang,
            zone: Zone::tokyo(),
        };
        let bytes = workbook(&[samples::ordinary(), samples::hostile()], &reader).unwrap();
        Xlsx::new(Cursor::new(bytes)).unwrap()
    }

    #[test]
    fn times_are_times_and_numbers_are_numbers() {
        let sheet = read_back(Lang::Ja).worksheet_range("アラート").unwrap();
        assert_eq!(sheet.height(), 3);
        assert_eq!(
            sheet.get_value((0, 0)),
            Some(&Data::String("アラートID".to_owned()))
        );
        let Some(Data::DateTime(start)) = sheet.get_value((1, 4)) else {
            panic!("no time")
        };
        // 2026-11-16 02:14:07 on the site's clock.
        assert_eq!(start.to_ymd_hms_milli(), (2026, 11, 16, 2, 14, 7, 0));
        assert_eq!(sheet.get_value((1, 6)), Some(&Data::Float(7.0)));
    }

    #[test]
    fn no_log_text_becomes_a_formula() {
        let mut book = read_back(Lang::En);
        assert_eq!(
            book.worksheet_formula("alerts")
                .unwrap()
                .used_cells()
                .count(),
            0
        );
        let sheet = book.worksheet_range("alerts").unwrap();
        let summary = sheet.get_value((2, 8)).unwrap().to_string();
        assert!(summary.starts_with("=HYPERLINK"), "{summary}");
    }

    #[test]
    fn the_same_alerts_give_the_same_bytes() {
        let reader = Reader {
            lang: Lang::En,
            zone: Zone::tokyo(),
        };
        let make = || workbook(&[samples::ordinary()], &reader).unwrap();
        assert_eq!(make(), make());
        assert!(workbook(&[], &reader).is_ok());
    }
}
