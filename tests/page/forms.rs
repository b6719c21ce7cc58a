//! The forms of a report say the same: page, workbook, Markdown, JSON.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};

use super::hospital::{hospital, report};

#[test]
fn a_workbook_has_real_dates_and_numbers_and_a_sheet_a_section() {
    let house = hospital();
    let ran = report(&house, &["-o", "w.xlsx", "--lang", "ja"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{}", ran.err);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(house.bytes("w.xlsx"))).expect("a workbook");
    let names = book.sheet_names();
    assert_eq!(names[0], "1 結論");
    assert_eq!(names.len(), 9);
    let account = book.worksheet_range("8 点検の記録").expect("a sheet");
    let dates = account
        .used_cells()
        .filter(|cell| matches!(cell.2, Data::DateTime(_)))
        .count();
    assert!(dates >= 7, "{dates}");
    let verdict = book.worksheet_range("1 結論").expect("a sheet");
    assert!(
        verdict
            .used_cells()
            .any(|cell| matches!(cell.2, Data::Float(_)))
    );
}

#[test]
fn the_form_follows_the_ending_and_the_word() {
    let house = hospital();
    for (words, begin) in [
        (&["--format", "md"][..], "# Access log review of the week\n"),
        (&["--format", "json"], "{\"site\":\"さくら総合病院\""),
        (&["--format", "html"], "<!DOCTYPE html>\n<html lang=\"en\">"),
        (&[], "<!DOCTYPE html>"),
    ] {
        let ran = report(&house, words);
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert!(ran.out.starts_with(begin), "{words:?}: {}", &ran.out[..80]);
    }
    report(&house, &["-o", "w.md"]);
    assert!(house.text("w.md").starts_with("# Access"));
}

#[test]
fn a_store_without_figures_is_reported_all_the_same() {
    let house = hospital();
    let store = rusqlite::Connection::open(house.at("yomawari.db")).expect("a database");
    store
        .execute_batch("DROP VIEW hours; DROP VIEW users; DROP VIEW terminals; DROP VIEW days;")
        .expect("they were there");
    drop(store);
    let ran = report(&house, &["--lang", "ja", "--week", "2026-W47"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.out.contains("この期間の集計がストアにありません"));
    assert!(ran.out.contains("人の確認が必要なアラート"));
}

#[test]
fn markdown_reads_well_where_little_is_known() {
    let house = hospital();
    for lang in ["ja", "en"] {
        let text = report(&house, &["--format", "md", "--lang", lang]).out;
        let todo = &text[text.find("## 2").expect("a section")..];
        let todo = &todo[..todo.find("## 3").expect("the next one")];
        let lines: Vec<&str> = todo.lines().filter(|line| line.starts_with("- ")).collect();
        assert!(lines.iter().any(|line| line.contains(if lang == "ja" {
            "証拠 1-1"
        } else {
            "evidence 1-1"
        })));
        for line in lines {
            assert!(
                !line.contains("(;") && !line.contains("((") && !line.contains("(（"),
                "{line}"
            );
        }
        let procedure = match lang {
            "ja" => {
                "で記録してください。手順は「インシデント対応手順」（tejun.pdf）に従ってください。連絡先：内線456。"
            }
            _ => "Follow “インシデント対応手順” (tejun.pdf), contact: 内線456.",
        };
        assert!(todo.contains(procedure), "{todo}");
    }
}
