//! The cases two people and two programs agreed on, through the file reader.

use super::*;
use crate::calendar::{Assignee, Band};

const HOUSE: &str = "\
version: 1
timezone: Asia/Tokyo
holidays: JP
calendars:
  clinic:
    name: 内科クリニック
    hours:
      - Mon-Wed,Fri  08:45-12:00, 14:30-18:00
      - Thu          08:45-12:00             # 木曜午後休診
      - Sat          08:45-12:30
      - 1st,3rd Sat  closed
      - holiday      closed
    exceptions:
      - 12-30..01-03              closed
      - 2025-08-13..2025-08-16    closed
      - 2025-05-04                09:00-17:00
    grace: { before: 30m, after: 45m }
  same-in-japanese:
    hours:
      - 月〜水,金     08:45〜12:00、14:30〜18:00
      - 木            08:45〜12:00
      - 土            08:45〜12:30
      - 第1・第3土    休診
      - 祝            休診
    exceptions:
      - 12/30〜1/3              休診
      - 2025/8/13〜2025/8/16    休診
      - 2025/5/4                09:00〜17:00
    grace: { before: 30分, after: 45分 }
  outpatient:
    hours: [平日 08:30-17:15, 祝 休診]
    exceptions: [12-29..01-03 closed]
  ward-night:
    hours: [daily 16:30-09:00, holiday as-weekday]
  batch:
    hours: [平日 21:00-05:00, 祝 休み]
  pharmacy:
    hours:
      - 平日 09:00-19:30
      - 土 09:00-13:00
      - 第2日 10:00-15:00
      - 最終木 09:00-17:00
      - 祝 休み
  vendor:
    hours: []
    exceptions: [2025-12-07 01:00-05:00]
  us-branch:
    timezone: America/New_York
    holidays: none
    hours:
      - Mon-Fri 07:30-18:00
      - Sat 22:00-02:30
assign:
  - { department: [3東, ICU], calendar: ward-night }
  - { role: 保守業者, calendar: vendor }
  - { site: 本院, calendar: outpatient }
  - { site: [分院, boston], calendar: us-branch }
  - { site: 薬局, calendar: pharmacy }
  - { user: [n1023], calendar: batch }
  - { department: ICU, site: 分院, calendar: same-in-japanese }
default: clinic
";

#[test]
fn the_agreed_table() {
    let calendars = read(HOUSE);
    let table = "\
clinic 2025-06-03T08:44:59+09:00 grace
clinic 2025-06-03T08:45:00+09:00 open
clinic 2025-06-03T12:00:00+09:00 grace
clinic 2025-06-03T12:45:00+09:00 closed
clinic 2025-06-05T15:00:00+09:00 closed
clinic 2025-06-07T10:00:00+09:00 closed
clinic 2025-06-14T10:00:00+09:00 open
clinic 2025-05-31T10:00:00+09:00 open
clinic 2025-05-04T16:59:59+09:00 open
clinic 2025-05-06T10:00:00+09:00 closed
clinic 2025-08-15T10:00:00+09:00 closed
clinic 2025-12-30T10:00:00+09:00 closed
clinic 2026-01-05T10:00:00+09:00 open
outpatient 2015-09-22T10:00:00+09:00 closed
outpatient 2019-12-23T10:00:00+09:00 open
outpatient 2021-10-11T10:00:00+09:00 open
outpatient 2025-09-15T10:00:00+09:00 closed
outpatient 2025-10-13T01:00:00Z closed
outpatient 2025-10-13T23:30:00Z open
outpatient 2025-10-14T17:15:00+09:00 closed
ward-night 2025-06-04T08:59:59+09:00 open
ward-night 2025-06-04T09:00:00+09:00 closed
batch 2025-11-01T04:59:59+09:00 open
batch 2025-11-03T04:59:59+09:00 closed
batch 2025-11-04T04:00:00+09:00 closed
batch 2025-02-11T03:00:00+09:00 open
batch 2025-02-12T03:00:00+09:00 closed
pharmacy 2025-06-08T14:59:00+09:00 open
pharmacy 2025-06-01T11:00:00+09:00 closed
pharmacy 2025-06-26T18:00:00+09:00 closed
pharmacy 2025-06-19T18:00:00+09:00 open
pharmacy 2024-02-29T18:00:00+09:00 closed
vendor 2025-12-07T04:59:59+09:00 open
vendor 2025-12-08T02:00:00+09:00 closed
us-branch 2025-03-07T12:30:00Z open
us-branch 2025-03-10T11:30:00Z open
us-branch 2025-03-09T06:59:59Z open
us-branch 2025-03-09T07:00:00Z closed
us-branch 2025-11-02T05:30:00Z open
us-branch 2025-11-02T06:30:00Z open
us-branch 2025-11-02T07:30:00Z closed";
    for case in table.lines() {
        let words: Vec<&str> = case.split(' ').collect();
        let found = verdict(&calendars, words[0], words[1]).name();
        assert_eq!(found, words[2], "{case}");
    }
}

#[test]
fn japanese_and_english_lines_mean_the_same() {
    let calendars = read(HOUSE);
    let (a, b) = (id(&calendars, "clinic"), id(&calendars, "same-in-japanese"));
    let start = nanos("2025-04-28T00:00:00+09:00");
    for quarter in 0..4 * 24 * 300 {
        let time = start + quarter * 900 * 1_000_000_000;
        let (a, b) = (calendars.judge(a, time), calendars.judge(b, time));
        assert_eq!(
            (a.verdict, a.band, &a.closed_span, &a.valid),
            (b.verdict, b.band, &b.closed_span, &b.valid)
        );
    }
}

#[test]
fn reasons_are_the_lines_with_their_places() {
    let calendars = read(HOUSE);
    let why = |name, time| {
        let answer = calendars.judge(id(&calendars, name), nanos(time));
        let at = answer.at.map(|place| place.to_string()).unwrap_or_default();
        (answer.reason.to_string(), at)
    };
    let expect = |name, time, reason: &str, at: &str| {
        assert_eq!(
            why(name, time),
            (reason.to_owned(), at.to_owned()),
            "{name} {time}"
        );
    };
    let line = "Mon-Wed,Fri 08:45-12:00, 14:30-18:00";
    expect(
        "clinic",
        "2025-06-03T02:14:07+09:00",
        line,
        "calendar.yaml:8:9",
    );
    expect(
        "clinic",
        "2025-11-03T10:00:00+09:00",
        "holiday closed (Culture Day)",
        "calendar.yaml:12:9",
    );
    expect(
        "outpatient",
        "2025-11-03T10:00:00+09:00",
        "祝 休診（文化の日）",
        "calendar.yaml:31:29",
    );
    expect(
        "clinic",
        "2025-12-31T10:00:00+09:00",
        "12-30..01-03 closed",
        "calendar.yaml:14:9",
    );
    expect(
        "clinic",
        "2025-06-08T10:00:00+09:00",
        "この日の行がありません",
        "",
    );
    expect(
        "vendor",
        "2025-11-03T10:00:00+09:00",
        "祝日（文化の日）",
        "calendar.yaml:3:11",
    );
    // The night that began the day before is that day's.
    expect(
        "batch",
        "2025-02-11T03:00:00+09:00",
        "平日 21:00-05:00",
        "calendar.yaml:36:13",
    );
}

#[test]
fn bands_by_the_fee_tables() {
    let calendars = read(HOUSE);
    let band = |time| {
        calendars
            .judge(id(&calendars, "pharmacy"), nanos(time))
            .band
    };
    for (time, expected) in [
        ("2025-06-03T05:59:59+09:00", Some(Band::LateNight)),
        ("2025-06-03T06:00:00+09:00", Some(Band::AfterHours)),
        ("2025-06-03T08:30:00+09:00", Some(Band::AfterHours)),
        ("2025-06-03T09:00:00+09:00", None),
        ("2025-06-03T17:59:59+09:00", None),
        ("2025-06-03T18:00:00+09:00", Some(Band::AfterHours)),
        ("2025-06-03T22:00:00+09:00", Some(Band::LateNight)),
        ("2025-06-07T11:59:59+09:00", None),
        ("2025-06-07T12:00:00+09:00", Some(Band::AfterHours)),
        ("2025-06-08T11:00:00+09:00", Some(Band::Holiday)),
        ("2025-11-03T11:00:00+09:00", Some(Band::Holiday)),
        ("2025-12-29T11:00:00+09:00", Some(Band::Holiday)),
        ("2026-01-02T23:00:00+09:00", Some(Band::LateNight)),
        ("2026-01-05T11:00:00+09:00", None),
    ] {
        assert_eq!(band(time), expected, "{time}");
    }
}

#[test]
fn the_most_specific_assignment_wins() {
    let calendars = read(HOUSE);
    let of = |who: Assignee<'_>| {
        let (id, by_default) = calendars.assigned(&who);
        (calendars.key(id).to_owned(), by_default)
    };
    let nobody = Assignee::default();
    assert_eq!(of(nobody), ("clinic".to_owned(), true));
    let site = Assignee {
        site: "本院",
        ..nobody
    };
    assert_eq!(of(site), ("outpatient".to_owned(), false));
    let role = Assignee {
        role: "保守業者",
        ..site
    };
    assert_eq!(of(role).0, "vendor");
    let department = Assignee {
        department: "ICU",
        ..role
    };
    assert_eq!(of(department).0, "ward-night");
    let two = Assignee {
        site: "分院",
        ..department
    };
    assert_eq!(of(two).0, "same-in-japanese");
    let user = Assignee {
        user: "n1023",
        ..two
    };
    assert_eq!(of(user).0, "batch");
    assert_eq!(
        of(Assignee {
            user: "n1",
            ..nobody
        }),
        ("clinic".to_owned(), true)
    );
}

#[test]
fn revisions_and_heirs() {
    let calendars = read(
        "holidays: JP
calendars:
  outpatient:
    hours: [平日 16:00-01:00, 祝 休診]
    exceptions: [12-29..01-03 closed]
    grace: { before: 60m, after: 2h }
    revisions:
      - from: 2026-04-01
        hours: [平日 08:30-17:00, \"1st,3rd Sat 08:30-12:30\", 祝 休診]
  theatre:
    extends: outpatient
    hours: [平日 08:00-20:00]
    grace: { after: 0m }
assign: [{ department: 手術部, calendar: theatre }]
default: outpatient
",
    );
    let open = |name, time| verdict(&calendars, name, time).name();
    // The last night before the change ends by the old hours; the owner day decides.
    assert_eq!(open("outpatient", "2026-04-01T00:30:00+09:00"), "open");
    assert_eq!(open("outpatient", "2026-04-01T08:30:00+09:00"), "open");
    assert_eq!(open("outpatient", "2026-04-02T00:30:00+09:00"), "closed");
    assert_eq!(open("outpatient", "2026-03-31T08:30:00+09:00"), "closed");
    // The exceptions stay.
    assert_eq!(open("outpatient", "2026-12-29T10:00:00+09:00"), "closed");
    // The heir replaces equal lines, inherits others and the exceptions, in every era.
    assert_eq!(open("theatre", "2026-03-31T08:00:00+09:00"), "open");
    assert_eq!(open("theatre", "2026-04-01T19:59:59+09:00"), "open");
    assert_eq!(open("theatre", "2026-04-04T09:00:00+09:00"), "open");
    assert_eq!(open("theatre", "2026-03-07T09:00:00+09:00"), "closed");
    assert_eq!(open("theatre", "2026-12-30T09:00:00+09:00"), "closed");
    assert_eq!(open("theatre", "2026-04-01T20:00:00+09:00"), "closed");
    assert_eq!(open("theatre", "2026-04-01T07:00:00+09:00"), "grace");
}

#[test]
fn what_is_assumed_says_so() {
    let calendars = Calendars::assumed(chrono_tz::Asia::Tokyo);
    let why = |time| {
        calendars
            .judge(CalendarId(0), nanos(time))
            .reason
            .to_string()
    };
    assert!(calendars.is_assumed() && !calendars.has_rosters());
    assert_eq!(why("2026-11-16T02:14:07+09:00"), "平日 08:30-18:00（仮定）");
    assert_eq!(
        why("2026-11-03T10:00:00+09:00"),
        "祝 休診（仮定）（文化の日）"
    );
    assert_eq!(why("2026-11-15T10:00:00+09:00"), "土日 休診（仮定）");
}

#[test]
fn closed_stretches_and_their_cuts() {
    let calendars = read(HOUSE);
    let closed = |name, time| {
        let answer = calendars.judge(id(&calendars, name), nanos(time));
        answer.closed_span.expect("closed")
    };
    let span = |from, to| nanos(from)..nanos(to);
    assert_eq!(
        closed("clinic", "2025-12-31T10:00:00+09:00"),
        span("2025-12-29T18:45:00+09:00", "2026-01-05T08:15:00+09:00")
    );
    // Always closed: months.
    assert_eq!(
        closed("vendor", "2025-10-13T23:30:00Z"),
        span("2025-10-01T00:00:00+09:00", "2025-11-01T00:00:00+09:00")
    );
    assert_eq!(
        closed("vendor", "2025-12-08T02:00:00+09:00"),
        span("2025-12-07T05:00:00+09:00", "2026-01-01T00:00:00+09:00")
    );
    // The clock jumps over the end of the span.
    assert_eq!(
        closed("us-branch", "2025-03-09T12:00:00Z"),
        span("2025-03-09T07:00:00Z", "2025-03-10T11:30:00Z")
    );
    // The span ends in the repeated hour's second pass.
    assert_eq!(
        closed("us-branch", "2025-11-02T12:00:00Z"),
        span("2025-11-02T07:30:00Z", "2025-11-03T12:30:00Z")
    );
}

#[test]
fn json_and_toml_say_the_same() {
    let json =
        r#"{"holidays": "JP", "calendars": {"c": {"hours": ["平日 08:30-17:15", "祝 休診"]}}}"#;
    let toml = "holidays = \"JP\"\n[calendars.c]\nhours = [\"平日 08:30-17:15\", \"祝 休診\"]\n";
    let mut complaints = Complaints::new();
    let node = yaml::read_toml("calendar.toml", toml, &mut complaints).expect("well formed");
    let load = |_: &str| Err(io::ErrorKind::NotFound.into());
    let from_toml = Calendars::read(&node, &load, &mut complaints).expect("no errors");
    let from_json = read(json);
    for time in ["2026-11-02T10:00:00+09:00", "2026-11-03T10:00:00+09:00"] {
        let (a, b) = (
            from_toml.judge(CalendarId(0), nanos(time)),
            from_json.judge(CalendarId(0), nanos(time)),
        );
        assert_eq!(
            (a.verdict, &a.reason, &a.valid),
            (b.verdict, &b.reason, &b.valid)
        );
    }
}

#[test]
fn a_span_that_the_clock_jumps_over_ends_no_stretch() {
    for hours in ["02:00-02:15", "02:30-03:00"] {
        let calendars = read(&format!(
            "timezone: America/New_York\ncalendars:\n  c:\n    hours: [Sun {hours}]\n"
        ));
        let before = calendars.judge(CalendarId(0), nanos("2025-03-09T06:00:00Z"));
        let after = calendars.judge(CalendarId(0), nanos("2025-03-09T08:00:00Z"));
        assert_eq!(before.closed_span, after.closed_span);
        let length = before
            .closed_span
            .map(|span| (span.end - span.start) / 1_000_000_000 / 86_400);
        assert_eq!(length, Some(13));
    }
}
