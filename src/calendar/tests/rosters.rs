//! Rosters in both shapes, and what is said about a wrong cell.

use super::*;
use crate::calendar::Duty;

const GRID: &str = "\
version: 1
calendars:
  ward: { hours: [daily open] }
rosters:
  - file: 勤務表_2026-11.csv
    month: 2026-11
    codes: { 日: 08:30-17:15, 準: 16:30-01:15, 深: { hours: 00:30-09:15, day: +1 }, 明: none, 休: none, オ: on-call }
    margin: { before: 60m, after: 2h }
";

const SHEET: &str = "\
11月 勤務表,,,,,,
氏名,職員番号,1,2,3(火),4日,30
,,日,月,火,水,月
夜勤 花子,00000429,日,準,,深,準
日直 次郎,N1023,明,休,オ,,
凡例,,日 08:30-17:15,,,,
";

fn duty(calendars: &Calendars, account: &str, time: &str) -> String {
    match calendars.on_duty(account, nanos(time)) {
        Duty::Unknown => "unknown".to_owned(),
        Duty::Off => "off".to_owned(),
        Duty::On { at, code } => format!("{code} {at}"),
    }
}

#[test]
fn a_grid_in_cp932_and_in_utf8() {
    let (cp932, _, _) = encoding_rs::SHIFT_JIS.encode(SHEET);
    for bytes in [SHEET.as_bytes(), &cp932] {
        let (calendars, complaints) = read_with(GRID, &[("勤務表_2026-11.csv", bytes)]);
        assert_eq!(
            complaints,
            ["勤務表_2026-11.csv:6:2: warning: this row has no staff number and is passed over"]
        );
        let calendars = calendars.expect("only a warning");
        assert!(calendars.has_rosters());
        for (account, time, expected) in [
            ("00000429", "2026-11-01T07:29:59+09:00", "off"),
            (
                "00000429",
                "2026-11-01T07:30:00+09:00",
                "日 勤務表_2026-11.csv:4:3",
            ),
            (
                "00000429",
                "2026-11-01T19:14:59+09:00",
                "日 勤務表_2026-11.csv:4:3",
            ),
            ("00000429", "2026-11-01T19:15:00+09:00", "off"),
            (
                "00000429",
                "2026-11-03T03:14:59+09:00",
                "準 勤務表_2026-11.csv:4:4",
            ),
            ("00000429", "2026-11-03T03:15:00+09:00", "off"),
            // Written on the evening before.
            (
                "00000429",
                "2026-11-05T03:00:00+09:00",
                "深 勤務表_2026-11.csv:4:6",
            ),
            ("00000429", "2026-11-04T03:00:00+09:00", "off"),
            // Day 5 has no column; the night of the 30th ends in December.
            ("00000429", "2026-11-05T15:00:00+09:00", "unknown"),
            (
                "00000429",
                "2026-12-01T01:00:00+09:00",
                "準 勤務表_2026-11.csv:4:7",
            ),
            ("00000429", "2026-12-01T09:00:00+09:00", "unknown"),
            ("nobody", "2026-11-01T09:00:00+09:00", "unknown"),
        ] {
            assert_eq!(
                duty(&calendars, account, time),
                expected,
                "{account} {time}"
            );
        }
        let account = crate::text::fold_key("N1023").into_owned();
        let on_call = duty(&calendars, &account, "2026-11-03T23:00:00+09:00");
        assert_eq!(on_call, "オ 勤務表_2026-11.csv:5:5");
        assert_eq!(
            duty(&calendars, &account, "2026-11-02T12:00:00+09:00"),
            "off"
        );
    }
}

#[test]
fn a_list_of_shifts() {
    let document = "calendars:\n  c: { hours: [] }\nrosters:\n  - file: shifts.csv\n";
    let sheet = "staff_id,date,start,end\nn1,2026-11-03,16:30,09:00\nn1,2026/11/5,,\nn2,2026-11-31,1:00,2:00\n";
    let (_, complaints) = read_with(document, &[("shifts.csv", sheet.as_bytes())]);
    assert_eq!(
        complaints,
        ["shifts.csv:4:2: error: not a date\n    | 2026-11-31\n    help: write 2026-11-03"]
    );
    let sheet = sheet.replace("11-31", "11-30");
    let (calendars, complaints) = read_with(document, &[("shifts.csv", sheet.as_bytes())]);
    assert!(complaints.is_empty(), "{complaints:?}");
    let calendars = calendars.expect("no complaints");
    assert_eq!(
        duty(&calendars, "n1", "2026-11-04T08:59:59+09:00"),
        "16:30-09:00 shifts.csv:2:3"
    );
    assert_eq!(
        duty(&calendars, "n1", "2026-11-04T09:00:00+09:00"),
        "unknown"
    );
    assert_eq!(duty(&calendars, "n1", "2026-11-05T09:00:00+09:00"), "off");
}

#[test]
fn wrong_cells_are_named() {
    let bad = SHEET
        .replace("明,休", "有,有")
        .replace("凡例,,日 08:30-17:15", "凡例,,");
    let (calendars, complaints) = read_with(GRID, &[("勤務表_2026-11.csv", bad.as_bytes())]);
    assert!(calendars.is_none());
    assert_eq!(
        complaints,
        [
            "勤務表_2026-11.csv:5:3: error: the code \"有\" is not in the table of codes (2 cells)\n    help: add 有: with its hours, none or on-call to codes"
        ]
    );
    let no_month = GRID.replace("    month: 2026-11\n", "");
    let (_, complaints) = read_with(&no_month, &[("勤務表_2026-11.csv", SHEET.as_bytes())]);
    assert_eq!(
        complaints,
        [
            "calendar.yaml:5:11: error: the roster's columns are days, but its month is not written\n    help: add month: 2026-11 beside the file"
        ]
    );
    let (_, complaints) = read_with(GRID, &[("勤務表_2026-11.csv", b"a,b\n1,2\n")]);
    assert!(complaints[0].starts_with("勤務表_2026-11.csv: error: no row of headings was found"));
    let short = "氏名,職員番号,30,31\nx,n1,日,日\n";
    let (_, complaints) = read_with(GRID, &[("勤務表_2026-11.csv", short.as_bytes())]);
    assert_eq!(
        complaints,
        ["勤務表_2026-11.csv:2:4: error: the month has no day 31\n    | 日"]
    );
    let wrong = GRID.replace("準: 16:30-01:15", "準: 16:30");
    let (_, complaints) = read_with(&wrong, &[("勤務表_2026-11.csv", SHEET.as_bytes())]);
    assert!(
        complaints
            .iter()
            .any(|c| c.contains("the end of the hours is missing")),
        "{complaints:?}"
    );
}
