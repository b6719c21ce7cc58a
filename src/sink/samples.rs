//! Invented alerts for the tests of the outputs. No such account, file or ward exists.

use crate::alert::{Alert, Evidence, Level, ReasonLine, RuleRef};
use crate::diagnostic::Text;
use crate::event::NANOS;

/// 2026-11-16T02:14:07+09:00.
pub(super) const START: i64 = 1_794_762_847 * NANOS;

/// An alert as a clinic gets it.
pub(super) fn ordinary() -> Alert {
    Alert {
        id: "8f0c2d51a7e94b3c8f0c2d51a7e94b3c".to_owned(),
        rule: RuleRef {
            id: "5b0c9c8e-7d0a-4f52-9a35-1f3f5f0f1c11".to_owned(),
            name: "off-hours-access".to_owned(),
            title: "Off-hours access to patient records".to_owned(),
            level: Level::Medium,
            tags: vec!["attack.t1078".to_owned()],
            author: None,
        },
        start: START,
        end: START + 1_053 * NANOS,
        count: 7,
        key: vec![("user.account".to_owned(), Some("n1023".to_owned()))],
        summary: Text::new(
            "Account n1023: 7 records, 3 patients, while closed (Mon 08:30-18:00); terminal 10.20.1.14; roster: false",
            "ID n1023 の記録7行・患者3人。時間外（月 08:30-18:00）。端末 10.20.1.14。勤務表：記録なし",
        ),
        reasons: vec![ReasonLine {
            field: "calendar.verdict".to_owned(),
            value: "closed".to_owned(),
            because: "月 08:30-18:00".to_owned(),
            at: "calendar.yaml:9".to_owned(),
        }],
        evidence: vec![Evidence {
            source: "ehr".to_owned(),
            path: "exports/ehr-1116.csv".to_owned(),
            line: 10_231,
            offset: 1_893_321,
            length: 143,
            sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
            time: START,
            text: "2026/11/16 02:14:07,n1023,カルテ参照,00000429".to_owned(),
        }],
        evidence_total: 7,
        clauses: vec!["mhlw-6.0/ops/17-1".to_owned()],
        respond: Text::new(
            "Ask the account's owner and the ward; record the answer.",
            "IDの持ち主と部署に確認し、結果を記録する。",
        ),
        revision: 0,
    }
}

/// An alert whose log text was written by someone who means harm: escape sequences, a formula,
/// turned writing, line breaks, and a key that is not in the log.
pub(super) fn hostile() -> Alert {
    let mut alert = ordinary();
    "00ff".clone_into(&mut alert.id);
    alert.rule.level = Level::Critical;
    alert.rule.author = Some("A. Uthor".to_owned());
    alert.end = START + 90_000 * NANOS;
    alert.key = vec![
        (
            "user.account".to_owned(),
            Some("=cmd|' /C calc'!A0".to_owned()),
        ),
        ("source.terminal".to_owned(), None),
    ];
    alert.summary = Text::new(
        "=HYPERLINK(\"http://example.invalid\") \u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}gpj.exe\r\nsecond line",
        "@SUM(A1) \u{1b}[31m赤\u{9b}0m\u{202e}逆\n二行目",
    );
    alert.evidence[0].path = "-evil\u{1b}[0m.csv".to_owned();
    alert.evidence[0].text = "\u{1b}[2J\u{202e}\t\"x\"\\".to_owned();
    alert
}

/// Holds text against the snapshot of this name in `tests/snapshots`.
pub(super) fn holds(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../tests/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}
