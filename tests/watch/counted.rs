//! With a store: the weekly page's figures are those of a scan of the same records, and what
//! earlier runs knew needs no file any more.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use super::folder::House;
use super::logs;
use super::program::{NOW, Running};

const STORE: [&str; 2] = ["--store", "y.db"];

/// Rows of the tables and views that the weekly page reads, as text in an order of their own.
fn figures(house: &House) -> Vec<String> {
    let store = rusqlite::Connection::open(house.at("y.db")).expect("a store");
    let rows = |sql: &str| -> Vec<String> {
        let mut select = store.prepare(sql).expect(sql);
        let columns = select.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            let cells = (0..columns).map(|at| row.get::<_, rusqlite::types::Value>(at));
            cells.collect::<Result<Vec<_>, _>>()
        };
        let rows = select.query_map([], row).expect(sql);
        rows.map(|row| format!("{:?}", row.expect(sql))).collect()
    };
    let views = [
        "SELECT 'hours', * FROM hours",
        "SELECT 'users', * FROM users",
        "SELECT 'terminals', * FROM terminals",
        "SELECT 'days', source, day, records, events, rejects, untrusted, logins, failed_logins,
             with_user, with_patient, with_terminal, with_outcome, with_time, traffic FROM days",
        "SELECT 'seen', * FROM seen",
        "SELECT 'ambiguous', * FROM ambiguous",
    ];
    let mut all: Vec<String> = views.iter().flat_map(|sql| rows(sql)).collect();
    all.sort();
    all
}

/// What a scan of these lines, under this name, counts into a store of its own.
fn scanned(name: &str, lines: &str) -> Vec<String> {
    let house = House::new().with(name, lines);
    let ran = house.run(&[&["scan", "-q", name], &STORE[..], &NOW].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    figures(&house)
}

fn append(house: &House, name: &str, text: &str) {
    let mut options = OpenOptions::new();
    let file = options.create(true).append(true).open(house.at(name));
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.expect("the house is writable");
}

/// Waits until the store tells so many events at least.
fn wait_for_events(house: &House, events: usize) {
    let begun = Instant::now();
    loop {
        let store = rusqlite::Connection::open(house.at("y.db")).expect("a store");
        let sql = "SELECT coalesce(sum(records), 0) FROM hours";
        let told = store.query_row(sql, [], |row| row.get::<_, i64>(0));
        if told.is_ok_and(|told| told >= events as i64) {
            return;
        }
        assert!(
            begun.elapsed() < Duration::from_secs(150),
            "no {events} events"
        );
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_watch_counts_as_a_scan_counts_through_restarts_and_rotation() {
    let house = House::new();
    let lines = logs::logins(9, 900);
    append(&house, "auth.log", &lines[..300].concat());
    let words = [&["auth.log"], &STORE[..]].concat();
    let running = Running::start(&house, &words);
    wait_for_events(&house, 300);
    // While it goes on, a file that ends is counted.
    append(&house, "auth.log", &lines[300..400].concat());
    fs::rename(house.at("auth.log"), house.at("auth.log.1")).expect("it is there");
    append(&house, "auth.log", &lines[400..500].concat());
    wait_for_events(&house, 400);
    // The new file is found soon, and counted at the end at the latest.
    thread::sleep(Duration::from_millis(2_500));
    running.signal("TERM").well();
    assert_eq!(figures(&house), scanned("a.log", &lines[..500].concat()));
    // What is read again counts once.
    append(&house, "auth.log", &lines[500..700].concat());
    let running = Running::start(&house, &words);
    wait_for_events(&house, 700);
    running.signal("KILL");
    append(&house, "auth.log", &lines[700..900].concat());
    Running::start(&house, &words).signal_after(900, &house);
    assert_eq!(figures(&house), scanned("a.log", &lines.concat()));
    // So does what a scan reads after all.
    let ran = house.run(&[&["scan", "-q", "auth.log.1", "auth.log"], &STORE[..], &NOW].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(figures(&house), scanned("a.log", &lines.concat()));
}

/// How many inputs the store knows to have been told to a length.
fn measured(house: &House) -> i64 {
    let store = rusqlite::Connection::open(house.at("y.db")).expect("a store");
    let sql = "SELECT count(size) FROM inputs";
    store.query_row(sql, [], |row| row.get(0)).expect(sql)
}

#[test]
fn many_records_are_kept_before_it_is_time_and_a_crash_doubles_none() {
    let house = House::new();
    // Keys that are not like each other, so that few lines make much to be kept.
    let mut random = logs::Random(7);
    let mut line = |n: u64| {
        let key: [u64; 6] = std::array::from_fn(|_| random.below(1 << 31));
        let key: String = key.iter().map(|part| format!("{part:08x}")).collect();
        let line = logs::failure(n / 40, &format!("n{}", n % 50), "203.0.113.9");
        line.replace("ssh2", &format!("ssh2: RSA SHA256:{key}"))
    };
    let lines: Vec<String> = (0..70_000).map(&mut line).collect();
    let (few, rest) = lines.split_at(500);
    let (many, last) = rest.split_at(rest.len() - 100);
    append(&house, "auth.log", &few.concat());
    let words = [&["auth.log"], &STORE[..]].concat();
    let running = Running::start(&house, &words);
    wait_for_events(&house, 500);
    assert_eq!(measured(&house), 1);
    append(&house, "auth.log", &many.concat());
    // Facts and records do not wait for what is counted; what was not counted in a run that is
    // broken off is read again, for its length is not told.
    let begun = Instant::now();
    while measured(&house) > 0 {
        assert!(
            begun.elapsed() < Duration::from_secs(150),
            "nothing is kept"
        );
        thread::sleep(Duration::from_millis(50));
    }
    running.signal("KILL");
    append(&house, "auth.log", &last.concat());
    Running::start(&house, &words).signal_after(lines.len(), &house);
    assert!(figures(&house) == scanned("a.log", &lines.concat()));
    let store = rusqlite::Connection::open(house.at("y.db")).expect("a store");
    let sql = "SELECT sum(count) FROM rolls WHERE part = 0";
    let records: i64 = store.query_row(sql, [], |row| row.get(0)).expect(sql);
    assert_eq!(records, lines.len() as i64);
}

impl Running {
    /// Ends it in order once so many events were counted.
    fn signal_after(self, events: usize, house: &House) {
        wait_for_events(house, events);
        self.signal("TERM").well();
    }
}

#[test]
fn a_pipe_is_counted_and_what_overlaps_counts_once() {
    let house = House::new();
    let lines = logs::logins(31, 600);
    let noise = "no record of any kind\n";
    let first = [
        noise,
        &lines[..250].concat(),
        noise,
        &lines[250..400].concat(),
    ]
    .concat();
    let mut running = Running::start(&house, &STORE);
    running.say(first.as_bytes());
    running.end().well();
    assert_eq!(figures(&house), scanned("a.log", &first));
    let second = lines[300..600].concat();
    let mut running = Running::start(&house, &STORE);
    running.say(second.as_bytes());
    running.end().well();
    let both = House::new().with("a.log", &first).with("b.log", &second);
    let ran = both.run(&[&["scan", "-q", "a.log", "b.log"], &STORE[..], &NOW].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(figures(&house), figures(&both));
}

#[test]
fn a_window_reaches_across_a_restart_when_the_old_files_are_gone() {
    let house = House::new();
    let failures: Vec<String> = (0..9)
        .map(|second| logs::failure(second, "n1", "203.0.113.9"))
        .collect();
    // Through a file that is rotated and deleted.
    append(&house, "auth.log", &failures[..3].concat());
    let words = [&["auth.log"], &STORE[..]].concat();
    Running::start(&house, &words).signal_after(3, &house);
    fs::remove_file(house.at("auth.log")).expect("it is there");
    append(&house, "auth.log", &failures[3..5].concat());
    let mut running = Running::start(&house, &words);
    let alert = running.wait_for_alert("failed-login-burst", "203.0.113.9");
    assert_eq!(alert["count"], 5);
    let told: Vec<&str> = alert["evidence"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|record| record["text"].as_str().expect("a text"))
        .collect();
    assert_eq!(told.len(), 5);
    assert_eq!(
        format!("{}\n", told[0]),
        failures[0],
        "it is kept in the store"
    );
    running.signal("TERM").well();
    // Through a pipe whose folder is deleted.
    fs::remove_file(house.at("auth.log")).expect("it is there");
    let mut running = Running::start(&house, &STORE);
    running.say(failures[5..7].concat().as_bytes());
    running.end().well();
    fs::remove_dir_all(house.at("y.db.spool")).expect("it is there");
    let mut running = Running::start(&house, &STORE);
    running.say(failures[7..].concat().as_bytes());
    let fits = |line: &serde_json::Value| line["count"] == 9;
    running.wait_for("alert that has grown", fits);
    let ended = running.end().well();
    assert!(
        ended.err.contains("inputs of earlier runs remembered: 3"),
        "{}",
        ended.err
    );
}
