//! Guards that clocks that are wrong are told: time that steps back in a log written as things
//! happen, of the same device and clock alone, whatever the size of a segment, in a scan as in a
//! stream; and times that sender and receiver print nine hours apart.

#[path = "house/library.rs"]
mod library;

mod house;

use std::fmt::Write as _;
use std::path::Path;

use house::{House, lines_of};
use library::{World, limits, tasks};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use yomawari::event::Field;
use yomawari::pipeline::{self, Parsing, Watch};

/// By how many seconds time steps back at each line that gives an event, by line number.
fn steps(path: &Path, block: usize) -> Vec<(u64, String)> {
    let mut steps = Vec::new();
    let tasks = tasks(&[path], Some("syslog"));
    let parsed = pipeline::parse(tasks, block, &Watch::default(), &mut |at, parsing| {
        if let Parsing::Event(event) = parsing
            && let Some(seconds) = event.get(Field::TimeSteppedBack)
        {
            steps.push((at.line, seconds.to_owned()));
        }
        Ok(())
    });
    assert!(parsed.is_ok());
    steps
}

fn check(lines: &str, expected: &[(u64, &str)]) {
    let house = House::empty();
    house.write("a.log", lines.as_bytes());
    let found = steps(&house.path().join("a.log"), 1 << 20);
    let expected: Vec<(u64, String)> = expected.iter().map(|(n, s)| (*n, (*s).into())).collect();
    assert_eq!(found, expected, "{lines}");
}

#[test]
fn a_clock_that_is_put_back_steps_once() {
    check(
        "Nov 16 10:00:00 rtx1 a\nNov 16 09:00:00 rtx1 b\nNov 16 09:00:05 rtx1 c\n",
        &[(2, "3600")],
    );
    check(
        "2026-11-16T10:00:00+09:00 srv1 a: x\n2026-11-16T09:59:00+09:00 srv1 a: y\n",
        &[(2, "60")],
    );
}

#[test]
fn less_than_a_minute_is_how_receivers_mix() {
    check("Nov 16 10:00:00 rtx1 a\nNov 16 09:59:01 rtx1 b\n", &[]);
}

#[test]
fn devices_have_clocks_of_their_own() {
    let two = "Nov 16 10:00:00 rtx1 a\nNov 16 01:00:00 ap1 b\n\
               Nov 16 10:00:01 rtx1 c\nNov 16 01:00:01 ap1 d\n";
    check(two, &[]);
    check(&format!("{two}Nov 16 00:30:00 ap1 e\n"), &[(5, "1801")]);
}

#[test]
fn a_device_prints_its_own_time_or_the_receiver_does() {
    // The receiver's clock and that of the switch are two clocks under one name.
    check(
        "Nov 16 10:00:00 sw1 sshd[1]: x\n\
         Nov 16 10:00:01 sw1 60: Nov 16 01:00:00.000: %SYS-5-CONFIG_I: y\n\
         Nov 16 10:00:02 sw1 sshd[1]: z\n",
        &[],
    );
}

#[test]
fn clocks_not_to_be_trusted_do_not_count() {
    check(
        "Nov 16 10:00:00 sw1 59: Nov 16 10:00:00.000: %SYS-5-CONFIG_I: x\n\
         Nov 16 10:05:00 sw1 60: *Mar  1 00:00:10.000: %SYS-5-RESTART: y\n\
         Nov 16 10:06:00 sw1 61: Nov 16 10:06:00.000: %SYS-5-CONFIG_I: z\n",
        &[],
    );
    check(
        "2026/11/16 10:00:00: a\n1980/01/01 00:00:10: b\n2026/11/16 10:06:00: c\n",
        &[],
    );
}

#[test]
fn the_turn_of_a_year_that_nobody_prints_is_no_step() {
    // All of one year, as it was told.
    check("Dec 31 23:59:59 rtx1 a\nJan  1 00:00:01 rtx1 b\n", &[]);
    check(
        "2026/12/31 23:59:59: a\n2026/01/01 00:00:01: b\n",
        &[(2, "31535998")],
    );
}

#[test]
fn a_list_that_shows_the_newest_first_is_no_step() {
    let mut lines = String::new();
    for hour in (0..24).rev() {
        writeln!(lines, "2026/11/16 {hour:02}:00:00: line").expect("a text can be written");
    }
    let house = House::empty();
    house.write("a.log", lines.as_bytes());
    let found = steps(&house.path().join("a.log"), 1 << 20);
    // Two lines are too few to tell.
    assert!(found.len() <= 1, "{found:?}");
}

#[test]
fn what_stands_between_does_not_hide_a_step() {
    check(
        "Nov 16 10:00:00 rtx1 a\n\nno time at all\nNov 16 10:00:00 rtx1 last message repeated 3 times\n\
         Nov 16 09:00:00 rtx1 b\n",
        &[(5, "3600")],
    );
}

/// A line of the property: device, minutes, and whether its clock is one of its own.
fn line() -> impl Strategy<Value = String> {
    let devices = prop::sample::select(vec!["rtx1", "ap1", "sw1"]);
    (devices, 0..40i64, 0..20u32).prop_map(|(device, minute, odd)| match odd {
        0 => String::new(),
        1 => "no time".to_owned(),
        2 => format!("Nov 16 10:{minute:02}:00 {device} last message repeated 2 times"),
        3 => format!("Nov 16 12:00:00 {device} 9: Nov 16 10:{minute:02}:00: %SYS-5-CONFIG_I: x"),
        4 => format!("Nov 16 12:00:00 {device} 9: *Nov 16 10:{minute:02}:00: %SYS-5-CONFIG_I: x"),
        _ => format!("Nov 16 10:{minute:02}:00 {device} message {odd}"),
    })
}

/// The definition, line by line.
fn twin(lines: &[String]) -> Vec<(u64, String)> {
    let told = |line: &String| -> Option<(String, bool, i64)> {
        if line.is_empty() || line.contains("no time") || line.contains("last message") {
            return None;
        }
        let own = line.contains("%SYS");
        if line.contains(": *Nov") {
            return None;
        }
        let device = line.split(' ').nth(3)?.to_owned();
        let at = line.rfind("Nov 16 10:")? + 10;
        Some((device, own, line[at..at + 2].parse::<i64>().ok()? * 60))
    };
    let mut steps = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let Some((device, own, seconds)) = told(line) else {
            continue;
        };
        let near = lines[number.saturating_sub(32)..number].iter().rev();
        let near: Vec<_> = near.filter_map(told).collect();
        if near.first().is_none_or(|nearest| nearest.2 - seconds < 60) {
            continue;
        }
        let same = near.into_iter().filter(|n| n.0 == device && n.1 == own);
        let same: Vec<i64> = same.map(|n| n.2).take(4).collect();
        let falls = same.windows(2).filter(|pair| pair[1] > pair[0]).count();
        let rises = same.windows(2).filter(|pair| pair[1] < pair[0]).count();
        if let Some(last) = same.first()
            && last - seconds >= 60
            && falls <= rises
        {
            steps.push((number as u64 + 1, (last - seconds).to_string()));
        }
    }
    steps
}

#[test]
fn the_size_of_a_segment_does_not_matter() {
    let house = House::empty();
    let path = house.path().join("a.log");
    let lines = prop::collection::vec(line(), 0..80);
    let outcome = TestRunner::default().run(&(lines, 1..400usize), |(lines, block)| {
        house.write("a.log", format!("{}\n", lines.join("\n")).as_bytes());
        let expected = twin(&lines);
        prop_assert_eq!(&steps(&path, 1 << 20), &expected);
        prop_assert_eq!(&steps(&path, block), &expected);
        Ok(())
    });
    outcome.expect("segments do not matter");
}

const LOG: &str = "\
Nov 16 10:00:00 rtx1220 Login succeeded for SSH: 192.0.2.9 admin
Nov 16 10:20:00 rtx1220 [NTP] date is adjusted
Nov 16 09:20:05 rtx1220 Login succeeded for SSH: 192.0.2.9 admin
Nov 16 09:30:00 rtx1220 [DHCPD] LAN1(port1) Allocates 192.0.2.4: 00:1d:73:10:20:31
Nov 16 09:10:00 rtx1220 [DHCPD] LAN1(port1) Allocates 192.0.2.5: 00:1d:73:10:20:32
Nov 16 10:30:00 rtx1220 Login succeeded for SSH: 192.0.2.9 admin
";

#[test]
fn a_day_on_which_time_runs_backwards_is_one_alert() {
    let house = House::empty();
    house.write("router.log", LOG.as_bytes());
    let rule = ["--rule", "time-running-backwards", "--year", "2026"];
    let alerts = house.scan(&[&["router.log"], &rule[..]].concat());
    assert_eq!(
        lines_of(&alerts),
        ["time-running-backwards rtx1220 2 2026-11-16T09:10:00+09:00 2026-11-16T09:20:05+09:00"]
    );
    let said = alerts[0]["summary"]["en"].as_str().expect("a sentence");
    assert!(
        said.ends_with("rtx1220: records older than the one before them: 2; the first by 1200 s"),
        "{said}"
    );
    let ran = house.run_with(
        &[&["watch", "-", "--output-format", "ndjson"], &rule[..]].concat(),
        LOG.as_bytes(),
    );
    let live: Vec<&str> = ran
        .out
        .split(|b| *b == b'\n')
        .filter_map(|l| std::str::from_utf8(l).ok())
        .filter(|l| !l.is_empty())
        .collect();
    assert!(
        live.last().is_some_and(|last| last.contains(said)),
        "{live:?} {}",
        ran.err
    );
}

#[test]
fn threads_and_blocks_do_not_change_the_alert() {
    let house = House::empty();
    house.write("router.log", LOG.as_bytes());
    let path = house.path().join("router.log");
    let world = World::new();
    let whole = world.run(&[&path], None, limits(1, 1 << 20));
    assert!(whole.alerts.contains("time-running-backwards"));
    for (threads, block) in [(1, 1), (2, 7), (3, 100)] {
        assert_eq!(world.run(&[&path], None, limits(threads, block)), whole);
    }
}

/// So many messages of a switch, a minute apart, whose own clock is so many hours behind the
/// receiver's.
fn switch(count: u32, hours: u32) -> String {
    let mut text = String::new();
    for minute in 0..count {
        writeln!(
            text,
            "<189>Nov 16 {:02}:{minute:02}:05 sw01 {minute}: Nov 16 10:{minute:02}:05.123: %SYS-5-CONFIG_I: x",
            10 + hours
        )
        .expect("a text can be written");
    }
    text
}

#[test]
fn a_switch_nine_hours_off_is_told_by_its_receiver() {
    let house = House::empty();
    let rule = ["--rule", "source-nine-hours-off", "--year", "2026"];
    let found = |text: &str| {
        house.write("a.log", text.as_bytes());
        lines_of(&house.scan(&[&["a.log"], &rule[..]].concat()))
    };
    assert_eq!(
        found(&switch(20, 9)),
        [
            "source-nine-hours-off sw01 20 2026-11-16T10:00:05.123+09:00 2026-11-16T10:19:05.123+09:00"
        ]
    );
    assert_eq!(found(&switch(19, 9)), Vec::<String>::new());
    assert_eq!(found(&switch(20, 8)), Vec::<String>::new());
    assert_eq!(found(&switch(20, 0)), Vec::<String>::new());
    // A relay that writes a header of its own in front.
    let line = |n| format!("Nov 16 19:{n:02}:05 relay <13>Nov 16 10:{n:02}:05 gw app[7]: hello\n");
    let relayed: Vec<String> = (0..20).map(line).collect();
    assert_eq!(
        found(&relayed.concat()),
        ["source-nine-hours-off gw 20 2026-11-16T10:00:05+09:00 2026-11-16T10:19:05+09:00"]
    );
}
