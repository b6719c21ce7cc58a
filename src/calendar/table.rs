//! Small tables that people export from Excel: holiday lists and rosters.
//!
//! Takes the bytes of a CSV file in UTF-8 (with or without BOM), UTF-16 with BOM, or CP932; gives
//! rows of cells with their places. Never knows what the cells mean.

use std::sync::Arc;

use crate::diagnostic::{Complaints, Place, Problem};

/// Largest file read, in bytes.
const MAX_BYTES: usize = 16 << 20;

/// A row of a table.
#[derive(Debug)]
pub(super) struct Row {
    file: Arc<str>,
    line: u32,
    pub(super) cells: Vec<String>,
}

impl Row {
    /// The place of a cell, by its index from 0.
    pub(super) fn place(&self, cell: usize) -> Place {
        Place {
            file: self.file.clone(),
            line: self.line,
            column: u32::try_from(cell + 1).unwrap_or(0),
        }
    }
}

/// All rows of a file, or `None` with a complaint. Rows without any text are left out.
pub(super) fn read(file: &str, bytes: &[u8], complaints: &mut Complaints) -> Option<Vec<Row>> {
    let file: Arc<str> = Arc::from(file);
    let text = match decode(bytes) {
        Ok(text) => text,
        Err(problem) => {
            let place = Place {
                file,
                line: 0,
                column: 0,
            };
            complaints.push(problem.at(place));
            return None;
        }
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    // Reading from memory in valid UTF-8 with rows of any length has no way to fail.
    for record in reader.records().map_while(Result::ok) {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        rows.push(Row {
            file: file.clone(),
            line: u32::try_from(line).unwrap_or(0),
            cells: record.iter().map(str::to_owned).collect(),
        });
    }
    Some(rows)
}

/// The text of a file. Bytes that are neither UTF-8 nor CP932 are refused, not replaced.
fn decode(bytes: &[u8]) -> Result<String, Problem> {
    if bytes.len() > MAX_BYTES {
        let size = bytes.len();
        return Err(Problem::error(
            format!("the file has {size} bytes; at most {MAX_BYTES} are read"),
            format!("ファイルが {size} バイトあります（上限 {MAX_BYTES}）"),
        ));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(Problem::error(
            "this is an Excel workbook; a CSV file is expected",
            "Excel ブックです。CSV ファイルが必要です",
        )
        .help(
            "in Excel choose \"Save as\", type CSV",
            "Excel の「名前を付けて保存」で CSV を選んでください",
        ));
    }
    let (text, bad) = match encoding_rs::Encoding::for_bom(bytes) {
        Some((encoding, length)) => {
            encoding.decode_without_bom_handling(bytes.get(length..).unwrap_or_default())
        }
        None => match encoding_rs::UTF_8.decode_without_bom_handling(bytes) {
            (_, true) => encoding_rs::SHIFT_JIS.decode_without_bom_handling(bytes),
            utf8 => utf8,
        },
    };
    if bad {
        return Err(Problem::error(
            "neither UTF-8 nor CP932 (Shift_JIS)",
            "UTF-8 でも CP932（Shift_JIS）でもありません",
        )
        .help(
            "save the file as CSV UTF-8",
            "CSV UTF-8 形式で保存し直してください",
        ));
    }
    Ok(text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        let rows = read("t.csv", bytes, &mut Complaints::new()).unwrap_or_default();
        rows.into_iter().map(|r| r.cells).collect()
    }

    #[test]
    fn utf8_cp932_and_utf16_say_the_same() {
        let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode("氏名,〜\n");
        let utf16: Vec<u8> = "\u{feff}氏名,〜\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let expected = [["氏名".to_owned(), "〜".to_owned()]];
        assert_eq!(cells("氏名,〜\n".as_bytes()), expected);
        assert_eq!(cells("\u{feff}氏名,〜\r\n\r\n".as_bytes()), expected);
        assert_eq!(cells(&utf16), expected);
        assert_eq!(cells(&cp932)[0][0], "氏名");
    }

    #[test]
    fn workbooks_and_broken_bytes_are_refused() {
        for bytes in [&b"PK\x03\x04 "[..], b"\xff\xff\x81"] {
            let mut complaints = Complaints::new();
            assert!(read("t.csv", bytes, &mut complaints).is_none());
            assert!(complaints.has_errors());
        }
    }
}
