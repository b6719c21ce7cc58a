//! What is said of records whose files stand as they were, changed, moved and went.

use std::io::Write as _;

use proptest::prelude::*;

use super::*;
use crate::alert::sha256_hex;

/// The record at these bytes of a file.
fn record(path: &str, bytes: &[u8], (from, to): (usize, usize)) -> Evidence {
    let feeds = bytes[..from].iter().filter(|b| **b == b'\n').count();
    Evidence {
        source: "ehr".to_owned(),
        path: path.to_owned(),
        line: feeds as u64 + 1,
        offset: from as u64,
        length: (to - from) as u32,
        sha256: sha256_hex(&bytes[from..to]),
        time: 0,
        text: String::new(),
    }
}

fn check(folder: &std::path::Path, records: &[Evidence], lines: Option<usize>) -> Vec<Checked> {
    let folders = [PathBuf::new(), folder.to_path_buf()];
    let all: Vec<&Evidence> = records.iter().collect();
    let search = Search {
        folders: &folders,
        encoding: &|_| EncodingChoice::Auto,
        lines,
    };
    confirm(&all, search)
}

fn standings(folder: &std::path::Path, records: &[Evidence]) -> Vec<Standing> {
    let checked = check(folder, records, None);
    checked.into_iter().map(|c| c.standing).collect()
}

const LOG: &str = "一行目\r\nsecond\r\n三行目,x\r\nfourth\r\nfifth";

#[test]
fn lines_that_end_in_returns_alone_are_counted_and_shown() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = LOG.replace("\r\n", "\r");
    let units: Vec<u8> = log.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = [&[0xff, 0xfe][..], &units].concat();
    for (bytes, step) in [(log.as_bytes(), 1), (&wide, 2)] {
        std::fs::write(folder.path().join("a.csv"), bytes).expect("a file");
        let at = bytes.iter().position(|b| *b == b'f').expect("fourth");
        let asked = Evidence {
            line: 4,
            ..record("a.csv", bytes, (at, at + 6 * step))
        };
        let checked = check(folder.path(), &[asked], Some(2));
        assert_eq!(checked[0].standing, Standing::Confirmed);
        let context = checked[0].context.as_ref().expect("the file is there");
        assert_eq!(context.before, ["second", "三行目,x"]);
        assert_eq!(context.after, ["fifth"]);
    }
}

#[test]
fn a_record_is_shown_among_its_lines_in_its_encoding() {
    let folder = tempfile::tempdir().expect("a folder");
    let cp932 = encoding_rs::SHIFT_JIS.encode(LOG).0.into_owned();
    std::fs::write(folder.path().join("a.csv"), &cp932).expect("a file");
    let at = cp932.windows(6).position(|w| w == b"fourth").expect("it");
    let checked = check(
        folder.path(),
        &[record("a.csv", &cp932, (at, at + 6))],
        Some(2),
    );
    assert_eq!(checked[0].standing, Standing::Confirmed);
    let context = checked[0].context.as_ref().expect("the file is there");
    assert_eq!(context.before, ["second", "三行目,x"]);
    assert_eq!(context.text, "fourth");
    assert_eq!(context.after, ["fifth"]);
    let first = check(folder.path(), &[record("a.csv", &cp932, (0, 6))], Some(2));
    let context = first[0].context.as_ref().expect("the file is there");
    assert_eq!((context.before.len(), context.after.len()), (0, 2));
    assert_eq!(context.text, "一行目");
}

#[test]
fn lines_of_utf_16_are_counted_in_its_units() {
    let folder = tempfile::tempdir().expect("a folder");
    // 《 holds a byte that is a line feed elsewhere.
    let units = std::iter::once(0xfeff).chain("《一》\n二行目\n".encode_utf16());
    let bytes: Vec<u8> = units.flat_map(u16::to_le_bytes).collect();
    std::fs::write(folder.path().join("a.log"), &bytes).expect("a file");
    let mut second = record("a.log", &bytes, (10, 16));
    second.line = 2;
    let checked = check(folder.path(), &[second], Some(2));
    assert_eq!(checked[0].standing, Standing::Confirmed);
    let context = checked[0].context.as_ref().expect("the file is there");
    assert_eq!((&*context.before[0], &*context.text), ("《一》", "二行目"));
}

#[test]
fn what_changed_and_what_went_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.csv");
    let bytes = LOG.as_bytes();
    let place = LOG.find("fourth").expect("it");
    let one = [record("a.csv", bytes, (place, place + 6))];
    let said = |bytes: &[u8]| {
        std::fs::write(&path, bytes).expect("a file");
        let standing = standings(folder.path(), &one).remove(0);
        let because = standing.because().map(|b| b.en.clone());
        (standing.name(), because.unwrap_or_default())
    };
    assert_eq!(said(bytes).0, "confirmed");
    let grown = [bytes, b"\r\nsixth"].concat();
    assert_eq!(said(&grown).0, "confirmed");
    let (name, because) = said(LOG.replace("fourth", "fuorth").as_bytes());
    assert_eq!((name, because.contains("hash")), ("changed", true));
    let (name, because) = said(&bytes[..place + 3]);
    assert_eq!((name, because.contains("shorter")), ("changed", true));
    let (name, because) = said(LOG.replacen("一行目\r\n", "一行目\n\n", 1).as_bytes());
    assert_eq!((name, because.contains("line 5")), ("changed", true));
    std::fs::remove_file(&path).expect("it was there");
    assert_eq!(standings(folder.path(), &one)[0].name(), "missing");
    std::fs::create_dir(&path).expect("a folder");
    assert_eq!(standings(folder.path(), &one)[0].name(), "missing");
    let unhashed = Evidence {
        sha256: String::new(),
        ..one[0].clone()
    };
    let piped = Evidence {
        path: "-".to_owned(),
        ..one[0].clone()
    };
    let both = standings(folder.path(), &[unhashed, piped]);
    assert!(both.iter().all(|s| s.name() == "missing"), "{both:?}");
}

#[test]
fn compressed_files_and_archives_are_read_as_what_they_hold() {
    let folder = tempfile::tempdir().expect("a folder");
    let bytes = LOG.as_bytes();
    let place = LOG.find("三").expect("it");
    let span = (place, place + 3);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).expect("memory");
    let packed = packed.finish().expect("memory");
    std::fs::write(folder.path().join("a.csv.gz"), &packed).expect("a file");
    let file = std::fs::File::create(folder.path().join("b!.zip")).expect("a file");
    let mut archive = zip::ZipWriter::new(file);
    let options = zip::write::SimpleFileOptions::default();
    archive
        .start_file("in!side.csv", options)
        .expect("a member");
    archive.write_all(bytes).expect("a member");
    archive.finish().expect("an archive");
    let inner = folder.path().join("b!.zip!in!side.csv");
    let records = [
        record("a.csv.gz", bytes, span),
        record(&inner.to_string_lossy(), bytes, span),
        record("b!.zip!gone.csv", bytes, span),
    ];
    let all = standings(folder.path(), &records);
    assert_eq!(
        all.iter().map(Standing::name).collect::<Vec<_>>(),
        ["confirmed", "confirmed", "missing"]
    );
    std::fs::write(folder.path().join("a.csv.gz"), &packed[..20]).expect("a file");
    assert_eq!(standings(folder.path(), &records)[0].name(), "missing");
}

#[test]
fn a_long_neighbor_is_cut_and_shows_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let long = "x".repeat(100_000);
    let text = format!("{long}\nit\n{long}");
    std::fs::write(folder.path().join("a.log"), &text).expect("a file");
    let it = record("a.log", text.as_bytes(), (100_001, 100_003));
    let checked = check(folder.path(), &[it], Some(2));
    let context = checked[0].context.as_ref().expect("the file is there");
    assert!(context.before[0].starts_with('…') && context.before[0].len() < 20_000);
    assert!(context.after[0].ends_with('…') && context.after[0].len() < 20_000);
}

proptest! {
    #[test]
    fn one_pass_says_what_a_plain_reading_says(
        text in "[a-c\\n]{0,300}",
        blow in 0usize..400,
        spans in prop::collection::vec((0usize..400, 0usize..60), 1..12),
    ) {
        // Blown up so that records lie in several blocks and across their seams.
        let text = text.repeat(blow + 1);
        let bytes = text.as_bytes();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), bytes).unwrap();
        let spans = spans.into_iter().map(|(from, length)| {
            let from = (from * (blow + 1)).min(bytes.len());
            (from, (from + length * (blow / 4 + 1)).min(bytes.len()))
        });
        let records: Vec<Evidence> = spans.map(|span| record("a", bytes, span)).collect();
        let checked = check(folder.path(), &records, Some(2));
        for (checked, record) in checked.iter().zip(&records) {
            // An empty record at the very end stands behind the last byte, where nothing is read.
            if record.length > 0 {
                prop_assert_eq!(&checked.standing, &Standing::Confirmed);
                let context = checked.context.as_ref().unwrap();
                prop_assert_eq!(context.text.len(), record.length as usize);
            }
        }
    }

    #[test]
    fn any_bytes_and_any_place_are_borne(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        (line, offset, length) in (any::<u64>(), 0u64..400, 0u32..400),
        far in any::<u64>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), &bytes).unwrap();
        let there = Evidence { line, offset, length, ..record("a", &bytes, (0, 0)) };
        let nowhere = Evidence { offset: far, length: u32::MAX, ..there.clone() };
        prop_assert_eq!(check(folder.path(), &[nowhere, there], Some(2)).len(), 2);
    }
}
