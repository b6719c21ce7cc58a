//! Every complaint a calendar file can earn, with its exact words and place.

use super::*;

/// A calendar with these lines, and the complaints about it.
fn about(line: &str) -> Vec<String> {
    read_with(
        &format!("holidays: JP\ncalendars:\n  c:\n    hours:\n      - {line}\n"),
        &[],
    )
    .1
}

fn expect(document: &str, complaints: &[&str]) {
    assert_eq!(read_with(document, &[]).1, complaints, "{document}");
}

#[test]
fn about_single_lines() {
    for (line, complaint) in [
        (
            "Mom 08:30-18:00",
            "5:9: error: \"mom\" is not a day\n    | Mom 08:30-18:00\n    help: did you mean Mon?",
        ),
        (
            "Mon,Wensday 08:30-18:00",
            "5:13: error: \"wensday\" is not a day\n    | Mon,Wensday 08:30-18:00\n    help: did you mean Wednesday?",
        ),
        (
            "Mon shut",
            "5:13: error: \"shut\" is neither hours nor closed, open or as-weekday\n    | Mon shut\n    help: write hours as 08:30-17:15, or closed, open",
        ),
        (
            "月 定休",
            "5:11: error: \"定休\" is neither hours nor closed, open or as-weekday\n    | 月 定休\n    help: write 休診",
        ),
        (
            "Sun off",
            "5:13: error: \"off\" is neither hours nor closed, open or as-weekday\n    | Sun off\n    help: write closed",
        ),
        (
            "Mon 25:00-26:00",
            "5:13: error: hours begin at 23:59 at the latest, not at 25:00\n    | Mon 25:00-26:00\n    help: write it on the next day as 01:00-02:00",
        ),
        (
            "Mon 22:00-31:00",
            "5:13: error: hours end at 30:00 at the latest, not at 31:00\n    | Mon 22:00-31:00\n    help: an end on the next day is written 07:00",
        ),
        (
            "Mon 08:75-09:00",
            "5:13: error: 08:75 has more than 59 minutes\n    | Mon 08:75-09:00",
        ),
        (
            "Mon 9時-17時",
            "5:13: error: \"9時-17時\" is not a time of day\n    | Mon 9時-17時\n    help: write hours as 08:30-17:15, or closed, open",
        ),
        (
            "Mon",
            "5:12: error: the line does not say what happens on these days\n    | Mon\n    help: add hours (08:30-17:15), closed or open",
        ),
        (
            "2026-02-30 closed",
            "5:9: error: the date 2026-02-30 does not exist\n    | 2026-02-30 closed\n    help: the last day of that month is 2026-02-28",
        ),
        (
            "02-30 closed",
            "5:9: error: no year has the day 02-30\n    | 02-30 closed\n    help: the last day of that month is 02-29",
        ),
        (
            "30-12 closed",
            "5:9: error: no year has the day 30-12\n    | 30-12 closed\n    help: the month comes first: 12-30",
        ),
        (
            "2025-08-16..2025-08-13 closed",
            "5:9: error: the range ends before it begins and matches no day\n    | 2025-08-16..2025-08-13 closed\n    help: write 2025-08-13..2025-08-16",
        ),
        (
            "2025-12-29..01-03 closed",
            "5:9: error: one end of the range has a year and the other has none\n    | 2025-12-29..01-03 closed\n    help: write 2025-12-29..2026-01-03",
        ),
        (
            "Sat[2,4] closed",
            "5:12: error: brackets are not part of a line\n    | Sat[2,4] closed\n    help: write 2nd,4th before the day, as in 2nd,4th Sat",
        ),
        (
            "日祝 休診",
            "5:10: error: holidays have a line of their own\n    | 日祝 休診\n    help: write two lines, as in \"Sun closed\" and \"holiday closed\"",
        ),
        (
            "PH closed",
            "5:9: error: \"ph\" is not a day\n    | PH closed\n    help: did you mean holiday?",
        ),
        (
            "5th closed",
            "5:13: error: the weekday is missing after 1st..5th or last\n    | 5th closed\n    help: as in 1st,3rd Sat",
        ),
        (
            "6th Sat closed",
            "5:9: error: a month has a 1st to a 5th of each weekday, and a last\n    | 6th Sat closed\n    help: write 1st..5th or last",
        ),
        (
            "Mon as-weekday",
            "5:13: error: as-weekday has no meaning for a line about weekdays\n    | Mon as-weekday\n    help: use it after holiday or a date",
        ),
        (
            "08:30-17:00",
            "5:9: error: the line begins with hours; it does not say on which day\n    | 08:30-17:00\n    help: in a list in [ ] a comma ends the line: put the line in quotes, or write the list with \"- \"",
        ),
        (
            "Mon: 08:30-18:00",
            "5:9: error: expected a line of text, found a map\n    help: write days and hours with a space between, as in Mon-Fri 08:30-18:00",
        ),
        (
            "\"Mom 08:30-18:00\"",
            "5:10: error: \"mom\" is not a day\n    | Mom 08:30-18:00\n    help: did you mean Mon?",
        ),
        (
            "Mon 05:00-23:30",
            "5:13: warning: these hours last 18 h 30 min\n    | Mon 05:00-23:30\n    help: check that start and end are not exchanged",
        ),
        (
            "Mon 08:30-08:30",
            "5:13: warning: start and end are the same: taken as 24 hours\n    | Mon 08:30-08:30\n    help: write open for a whole day from midnight",
        ),
    ] {
        assert_eq!(
            about(line),
            [format!("calendar.yaml:{complaint}")],
            "{line}"
        );
    }
}

#[test]
fn about_lines_beside_each_other() {
    expect(
        "calendars:\n  c:\n    hours:\n      - Mon-Fri 08:30-18:00\n      - Fri 08:30-17:00\n      - 4th Sat closed\n      - last Sat 09:00-12:00\n",
        &[
            "calendar.yaml:5:9: warning: line 4 (Mon-Fri 08:30-18:00) speaks of the same days with the same rank; this one holds\n    | Fri 08:30-17:00\n    help: remove one of them, or make one more specific",
            "calendar.yaml:7:9: warning: line 6 (4th Sat closed) speaks of the same days with the same rank; this one holds\n    | last Sat 09:00-12:00\n    help: remove one of them, or make one more specific",
        ],
    );
    expect(
        "calendars:\n  c:\n    hours:\n      - Mon 08:30-18:00\n      - holiday closed\n",
        &[
            "calendar.yaml:5:9: error: a holiday line, but no list of holidays is named: it can never match\n    | holiday closed\n    help: add holidays: JP, or remove the line",
        ],
    );
    expect(
        "calendars:\n  c:\n    hours:\n      - 2026-05-01 closed\n    revisions:\n      - { from: 2026-04-01, hours: [Mon 08:30-17:00] }\n",
        &[
            "calendar.yaml:4:9: warning: another revision is in force on these days: the line can never match\n    | 2026-05-01 closed\n    help: move the line to exceptions, which stay",
        ],
    );
    expect(
        "calendars:\n  c:\n    hours: []\n    revisions:\n      - { from: 2026-04-01, hours: [] }\n      - { from: 2025-04-01, hours: [] }\n",
        &[
            "calendar.yaml:6:17: error: this revision begins on 2025-04-01, but the one above it on 2026-04-01\n    help: write revisions in the order of their dates",
        ],
    );
}

#[test]
fn about_names_and_keys() {
    expect(
        "timezone: Asia/Tokio\ncalendars:\n  c: { hours: [] }\n",
        &[
            "calendar.yaml:1:11: error: unknown time zone \"Asia/Tokio\"\n    help: write an IANA name such as Asia/Tokyo",
        ],
    );
    expect(
        "timezone: JST\ncalendars:\n  c: { hours: [] }\n",
        &[
            "calendar.yaml:1:11: error: unknown time zone \"JST\"\n    help: write an IANA name such as Asia/Tokyo",
        ],
    );
    expect(
        "calendars:\n  ward: { hours: [] }\n  clinic: { hours: [] }\nassign:\n  - { department: ICU, calendar: wrad }\ndefault: clinc\n",
        &[
            "calendar.yaml:2:3: warning: the calendar ward is never assigned\n    help: name it under assign: or default:, or remove it",
            "calendar.yaml:3:3: warning: the calendar clinic is never assigned\n    help: name it under assign: or default:, or remove it",
            "calendar.yaml:5:34: error: no calendar is named \"wrad\"\n    help: did you mean ward?",
            "calendar.yaml:6:10: error: no calendar is named \"clinc\"\n    help: did you mean clinic?",
        ],
    );
    // A file as the reference shows it is no mistake: nobody need name a default to ask a calendar.
    expect(
        "calendars:\n  a: { hours: [] }\n  b: { hours: [] }\n",
        &[
            "calendar.yaml:1:1: warning: several calendars, and none is the default: the first, a, is taken\n    help: add default: with one of a, b",
            "calendar.yaml:3:3: warning: the calendar b is never assigned\n    help: name it under assign: or default:, or remove it",
        ],
    );
    expect(
        "verson: 1\ncalendars:\n  c: { hour: [] }\n",
        &[
            "calendar.yaml:1:1: error: unknown key \"verson\"\n    help: did you mean version?",
            "calendar.yaml:3:3: error: the calendar c has no hours\n    help: add hours:, a list of lines; [] means closed unless announced",
            "calendar.yaml:3:8: error: unknown key \"hour\"\n    help: did you mean hours?",
        ],
    );
    expect(
        "version: 2\ncalendars:\n  a: { extends: b }\n  b: { extends: a }\n  d: { extends: theatre, hours: [] }\n",
        &[
            "calendar.yaml:1:1: warning: several calendars, and none is the default: the first, a, is taken\n    help: add default: with one of a, b, d",
            "calendar.yaml:1:10: error: only version 1 is known",
            "calendar.yaml:3:17: error: the calendar b extends itself in a circle",
            "calendar.yaml:4:17: error: the calendar a extends itself in a circle",
            "calendar.yaml:5:3: warning: the calendar d is never assigned\n    help: name it under assign: or default:, or remove it",
            "calendar.yaml:5:17: error: no calendar is named \"theatre\"\n    help: defined: a, b, d",
        ],
    );
    expect(
        "calendars:\n  c:\n    hours: []\n    grace: { before: 30, after: 45m }\n",
        &[
            "calendar.yaml:4:22: error: \"30\" is not a duration of up to 24 hours\n    help: write 30m, 2h or 1h30m",
        ],
    );
    expect(
        "calendars:\n  c:\n    hours: []\n    holidays: [JP, ours.csv]\n",
        &[
            "calendar.yaml:4:20: error: there is no file ours.csv\n    help: paths are relative to the file that names them",
        ],
    );
    expect(
        "calendars: {}\n",
        &["calendar.yaml:1:12: error: expected calendars by name, found a map"],
    );
    expect(
        "version: 1\n",
        &["calendar.yaml:1:1: error: the key calendars is missing"],
    );
}

#[test]
fn about_lines_older_than_any_log() {
    let calendars = read(
        "calendars:\n  c:\n    hours: []\n    exceptions: [2024-05-01 closed, 2026-05-01 closed]\n",
    );
    let old = calendars.outdated(nanos("2025-01-01T00:00:00+09:00"));
    let shown: Vec<String> = old.iter().map(|p| p.render(Lang::En)).collect();
    assert_eq!(
        shown,
        [
            "calendar.yaml:4:18: warning: this line is older than any log and matches nothing\n    | 2024-05-01 closed"
        ]
    );
}

#[test]
fn in_japanese_too() {
    let mut complaints = Complaints::new();
    let text = "calendars:\n  c:\n    hours:\n      - 月〜金 定休\n";
    let nodes = yaml::read("calendar.yaml", text, &mut complaints);
    let load = |_: &str| Err(io::ErrorKind::NotFound.into());
    assert!(Calendars::read(&nodes[0], &load, &mut complaints).is_none());
    assert_eq!(
        complaints.sorted()[0].render(Lang::Ja),
        "calendar.yaml:4:13: 誤り: 「定休」は時刻でも 休診・24時間 でもありません\n    | 月〜金 定休\n    対処: 休診 と書いてください"
    );
}
