//! The first sheet of an XLSX workbook as rows of cells.
//!
//! Takes the workbook's bytes; gives rows as [`super::table`] does, numbers and dates with the
//! date Excel shows. Reads cell by cell: a lonely cell in the last corner of a sheet costs
//! nothing. Never evaluates a formula.

use std::borrow::Cow;
use std::io::Cursor;
use std::sync::Arc;

use calamine::{DataRef, ExcelDateTime, ExcelDateTimeType, Reader, Xlsx};

use crate::diagnostic::{Complaints, Problem};
use crate::event::Civil;

use super::table::{Cell, Kind, Row, Spot, Take, whole};

/// Largest workbook read, in bytes once unpacked. A million rows of patients need about 200 MB.
const MAX_UNPACKED: u64 = 1 << 30;

/// Gives all rows of the first sheet that have a cell.
pub(super) fn rows(file: &Arc<str>, bytes: &[u8], complaints: &mut Complaints, take: Take<'_>) {
    if let Err(problem) = read(file, bytes, complaints, take) {
        complaints.push(problem.at(whole(file)));
    }
}

fn read(
    file: &Arc<str>,
    bytes: &[u8],
    complaints: &mut Complaints,
    take: Take<'_>,
) -> Result<(), Problem> {
    refuse_bombs(bytes)?;
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(|e| unreadable(&e))?;
    let names = book.sheet_names();
    let Some(first) = names.first() else {
        return Err(unreadable(&"no sheet in it"));
    };
    if names.len() > 1 {
        complaints.push(one_sheet_only(first, names.len()).at(whole(file)));
    }
    let epoch_1904 = book.has_1904_epoch();
    let mut cells = book
        .worksheet_cells_reader(first)
        .map_err(|e| unreadable(&e))?;
    let mut row = Row::default();
    while let Some(cell) = cells.next_cell().map_err(|e| unreadable(&e))? {
        let (line, column) = cell.get_position();
        let line = line.saturating_add(1);
        if line != row.line && !row.cells.is_empty() {
            if !take(&row, complaints) {
                return Ok(());
            }
            row.cells.clear();
        }
        row.line = line;
        if let Some((text, kind)) = value(cell.get_value(), epoch_1904) {
            row.cells.push(Cell {
                index: column as usize,
                line,
                spot: Spot::Column(column.saturating_add(1)),
                text: Cow::Owned(text),
                kind,
            });
        }
    }
    if !row.cells.is_empty() {
        take(&row, complaints);
    }
    Ok(())
}

fn refuse_bombs(bytes: &[u8]) -> Result<(), Problem> {
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let mut unpacked = 0u64;
    for i in 0..archive.len() {
        let entry = archive
            .by_index_raw(i)
            .map_err(|error| unreadable(&error))?;
        unpacked = unpacked.saturating_add(entry.size());
    }
    if unpacked > MAX_UNPACKED {
        return Err(Problem::error(
            format!("the workbook unpacks to {unpacked} bytes; at most {MAX_UNPACKED} are read"),
            format!("ブックの展開後の大きさが {unpacked} バイトあります（上限 {MAX_UNPACKED}）"),
        )
        .help("save the table as CSV", "CSV で保存し直してください"));
    }
    Ok(())
}

fn unreadable(error: &dyn std::fmt::Display) -> Problem {
    Problem::error(
        format!("not readable as an XLSX workbook: {error}"),
        format!("XLSX ブックとして読めません: {error}"),
    )
    .help(
        "open it in Excel and save it again as .xlsx, or as CSV",
        "Excel で開き、.xlsx か CSV で保存し直してください",
    )
}

fn one_sheet_only(first: &str, count: usize) -> Problem {
    Problem::warning(
        format!("the workbook has {count} sheets; only the first, \"{first}\", is read"),
        format!("シートが {count} 枚ありますが、先頭の「{first}」だけを読みます"),
    )
    .help(
        "move the register to the first sheet, or delete the others",
        "台帳を先頭のシートに置いてください",
    )
}

/// Text and kind of a cell; `None` for an empty one.
fn value(data: &DataRef<'_>, epoch_1904: bool) -> Option<(String, Kind)> {
    let text = match data {
        DataRef::Empty => return None,
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Int(number) => {
            let kind = Kind::Number(shown_date(*number as f64, epoch_1904));
            return Some((number.to_string(), kind));
        }
        DataRef::Float(number) => {
            let kind = Kind::Number(shown_date(*number, epoch_1904));
            return Some((plain_number(*number), kind));
        }
        DataRef::DateTime(moment) => {
            let civil = shown_date(moment.as_f64(), epoch_1904);
            return Some((written_date(&civil), Kind::Date(civil)));
        }
    };
    Some((text, Kind::Text))
}

/// A number without exponent or a needless fraction, as Excel shows it in a wide column.
fn plain_number(number: f64) -> String {
    format!("{number}")
}

fn shown_date(serial: f64, epoch_1904: bool) -> Civil {
    let moment = ExcelDateTime::new(serial, ExcelDateTimeType::DateTime, epoch_1904);
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    Civil {
        year: i32::from(year),
        month: u32::from(month),
        day: u32::from(day),
        hour: u32::from(hour),
        minute: u32::from(minute),
        second: u32::from(second),
        nanos: 0,
    }
}

fn written_date(civil: &Civil) -> String {
    let date = format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day);
    match (civil.hour, civil.minute, civil.second) {
        (0, 0, 0) => date,
        (hour, minute, second) => format!("{date} {hour:02}:{minute:02}:{second:02}"),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use super::*;

    /// A workbook of one sheet whose cells are XML as a spreadsheet program writes them.
    pub(crate) fn workbook(rows: &str) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let package = "http://schemas.openxmlformats.org/package/2006/relationships";
        let sheet = format!("<worksheet xmlns='{main}'><sheetData>{rows}</sheetData></worksheet>");
        let book = format!(
            "<workbook xmlns='{main}' xmlns:r='{office}'><sheets>\
             <sheet name='台帳' sheetId='1' r:id='rId1'/></sheets></workbook>"
        );
        let links = format!(
            "<Relationships xmlns='{package}'>\
             <Relationship Id='rId1' Type='{office}/worksheet' Target='worksheets/sheet1.xml'/>\
             <Relationship Id='rId2' Type='{office}/styles' Target='styles.xml'/></Relationships>"
        );
        let root = format!(
            "<Relationships xmlns='{package}'><Relationship Id='rId1' \
             Type='{office}/officeDocument' Target='xl/workbook.xml'/></Relationships>"
        );
        let styles = format!(
            "<styleSheet xmlns='{main}'><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs>\
             </styleSheet>"
        );
        let types = "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>";
        for (name, text) in [
            ("[Content_Types].xml", types),
            ("_rels/.rels", &root),
            ("xl/workbook.xml", &book),
            ("xl/_rels/workbook.xml.rels", &links),
            ("xl/styles.xml", &styles),
            ("xl/worksheets/sheet1.xml", &sheet),
        ] {
            zip.start_file(name, options).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// The XML of a row: `=` before a cell makes it a number, `@` a date, else it is text.
    pub(crate) fn row(line: usize, cells: &[&str]) -> String {
        let cells: String = cells
            .iter()
            .enumerate()
            .filter(|(_, text)| !text.is_empty())
            .map(|(i, text)| {
                let name = format!("{}{line}", (b'A' + i as u8) as char);
                if let Some(number) = text.strip_prefix('=') {
                    format!("<c r='{name}'><v>{number}</v></c>")
                } else if let Some(date) = text.strip_prefix('@') {
                    format!("<c r='{name}' s='1'><v>{date}</v></c>")
                } else {
                    format!("<c r='{name}' t='inlineStr'><is><t>{text}</t></is></c>")
                }
            })
            .collect();
        format!("<row r='{line}'>{cells}</row>")
    }

    fn read_all(bytes: &[u8]) -> (Vec<(u32, u32, String)>, Complaints) {
        let mut complaints = Complaints::new();
        let mut seen = Vec::new();
        rows(
            &Arc::from("t.xlsx"),
            bytes,
            &mut complaints,
            &mut |row, _| {
                let cells = row.cells.iter();
                seen.extend(cells.map(|c| (c.line, c.column(), c.text.to_string())));
                true
            },
        );
        (seen, complaints)
    }

    #[test]
    fn cells_come_with_row_and_column() {
        let rows = row(1, &["端末名", "", "有効開始日"]) + &row(4, &["外来1", "=123", "@46327"]);
        let (seen, complaints) = read_all(&workbook(&rows));
        assert!(complaints.is_empty(), "{complaints:?}");
        let want = [
            (1, 1, "端末名"),
            (1, 3, "有効開始日"),
            (4, 1, "外来1"),
            (4, 2, "123"),
            (4, 3, "2026-11-01"),
        ];
        assert_eq!(seen, want.map(|(l, c, t)| (l, c, t.to_owned())));
    }

    #[test]
    fn a_lonely_cell_in_the_corner_costs_nothing() {
        let rows = "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>";
        let (seen, _) = read_all(&workbook(rows));
        assert_eq!(seen, [(1_048_576, 16_384, "1".to_owned())]);
    }

    #[test]
    fn what_is_no_workbook_is_named() {
        let (_, complaints) = read_all(b"PK\x03\x04 and nothing more");
        let problem = complaints.sorted()[0].message.en.clone();
        assert!(problem.starts_with("not readable as an XLSX workbook"));
    }
}
