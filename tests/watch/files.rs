//! Followed files: growing, renamed, cut, packed, new ones in a folder.

use std::fs::{self, OpenOptions};
use std::io::Write as _;

use super::folder::House;
use super::logs;
use super::program::{Running, scanned};

/// Appends to a file, as a writer does that opens it anew each time.
fn append(house: &House, name: &str, text: &str) {
    let mut options = OpenOptions::new();
    let file = options.create(true).append(true).open(house.at(name));
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.expect("the house is writable");
}

fn burst(from: u64, address: &str) -> String {
    let line = |second| logs::failure(from + second, "n1", address);
    (0..5).map(line).collect()
}

fn pack(house: &House, name: &str) {
    let text = house.bytes(name);
    let file = fs::File::create(house.at(&format!("{name}.gz"))).expect("the house is writable");
    let mut gzip = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    gzip.write_all(&text).expect("the house is writable");
    gzip.finish().expect("the house is writable");
    fs::remove_file(house.at(name)).expect("it is there");
}

#[test]
fn a_file_is_followed_through_rename_and_compression() {
    let house = House::new();
    append(&house, "auth.log", &burst(0, "203.0.113.1"));
    let mut running = Running::start(&house, &["auth.log"]);
    running.wait_for_alert("failed-login-burst", "203.0.113.1");
    append(&house, "auth.log", &burst(100, "203.0.113.2"));
    running.wait_for_alert("failed-login-burst", "203.0.113.2");
    fs::rename(house.at("auth.log"), house.at("auth.log.1")).expect("it is there");
    // The writer has not noticed yet.
    append(&house, "auth.log.1", &burst(200, "203.0.113.3"));
    running.wait_for_alert("failed-login-burst", "203.0.113.3");
    append(&house, "auth.log", &burst(300, "203.0.113.4"));
    running.wait_for_alert("failed-login-burst", "203.0.113.4");
    pack(&house, "auth.log.1");
    // Evidence of what was packed is still read: the alert grows across the rotation.
    append(&house, "auth.log", &burst(305, "203.0.113.4"));
    append(&house, "auth.log", &burst(400, "203.0.113.5"));
    running.wait_for_alert("failed-login-burst", "203.0.113.5");
    let ended = running.signal("TERM").well();
    let expected = scanned(&house, &["auth.log.1.gz", "auth.log"], b"");
    assert_eq!(ended.standing(), expected);
    assert!(ended.err.contains("inputs 2"), "{}", ended.err);
}

#[test]
fn what_is_written_to_a_file_that_rested_is_of_this_year() {
    let house = House::new();
    append(
        &house,
        "gw.log",
        &logs::yearless_burst("Oct  1", "08:00:00", "203.0.113.1"),
    );
    let rested = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_790_809_300);
    let file = OpenOptions::new().append(true).open(house.at("gw.log"));
    let set = file.and_then(|file| file.set_modified(rested));
    set.expect("the house is writable");
    let mut running = Running::start_at(&house, &["gw.log", "--now", "2026-11-16T09:00:00"]);
    let alert = running.wait_for_alert("failed-login-burst", "203.0.113.1");
    assert_eq!(alert["start"], "2026-10-01T08:00:00+09:00");
    // The end of the file is seen.
    std::thread::sleep(std::time::Duration::from_millis(1000));
    append(
        &house,
        "gw.log",
        &logs::yearless_burst("Nov 16", "08:59:58", "203.0.113.2"),
    );
    let alert = running.wait_for_alert("failed-login-burst", "203.0.113.2");
    assert_eq!(alert["start"], "2026-11-16T08:59:58+09:00");
    running.signal("TERM").well();
}

#[test]
fn lines_that_end_in_returns_alone_are_followed() {
    let house = House::new();
    let returns = |from, address| burst(from, address).replace('\n', "\r");
    append(&house, "auth.log", &returns(0, "203.0.113.1"));
    let mut running = Running::start(&house, &["auth.log"]);
    running.wait_for_alert("failed-login-burst", "203.0.113.1");
    append(&house, "auth.log", &returns(100, "203.0.113.2"));
    running.wait_for_alert("failed-login-burst", "203.0.113.2");
    let ended = running.signal("TERM").well();
    let expected = scanned(&house, &["auth.log"], b"");
    assert_eq!(ended.standing(), expected);
}

#[test]
fn a_file_that_is_copied_and_cut_is_followed() {
    let house = House::new();
    append(&house, "auth.log", &burst(0, "203.0.113.1"));
    let mut running = Running::start(&house, &["auth.log"]);
    running.wait_for_alert("failed-login-burst", "203.0.113.1");
    // Lines that come right before the cut are found in the copy.
    append(&house, "auth.log", &burst(50, "203.0.113.6"));
    fs::copy(house.at("auth.log"), house.at("auth.log.1")).expect("it is there");
    let file = fs::File::options()
        .write(true)
        .truncate(true)
        .open(house.at("auth.log"));
    drop(file.expect("it is there"));
    // More than there was before, so that the length alone does not tell.
    let more = burst(100, "203.0.113.2") + &burst(110, "203.0.113.3");
    append(&house, "auth.log", &more);
    running.wait_for_alert("failed-login-burst", "203.0.113.3");
    let ended = running.signal("TERM").well();
    let expected = scanned(&house, &["auth.log.1", "auth.log"], b"");
    assert_eq!(ended.standing(), expected);
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_heard_beside_a_file() {
    let house = House::new().with("a.log", burst(0, "203.0.113.1"));
    let made = std::process::Command::new("mkfifo")
        .arg(house.at("pipe"))
        .status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    let mut running = Running::start(&house, &["pipe", "a.log"]);
    running.wait_for_alert("failed-login-burst", "203.0.113.1");
    let pipe = OpenOptions::new().write(true).open(house.at("pipe"));
    let mut pipe = pipe.expect("somebody listens");
    let written = pipe.write_all(burst(100, "203.0.113.2").as_bytes());
    written.expect("somebody listens");
    running.wait_for_alert("failed-login-burst", "203.0.113.2");
    running.signal("TERM").well();
}

#[test]
fn files_that_begin_alike_are_all_read() {
    let house = House::new().with("logs/a.log", "# failures\n");
    let mut running = Running::start(&house, &["logs"]);
    append(
        &house,
        "logs/b.log",
        &format!("# failures\n{}", burst(0, "203.0.113.1")),
    );
    running.wait_for_alert("failed-login-burst", "203.0.113.1");
    fs::remove_file(house.at("logs/b.log")).expect("it is there");
    // The system may give the place of the old file to the new one.
    append(
        &house,
        "logs/c.log",
        &format!("# failures\n{}", burst(100, "203.0.113.2")),
    );
    running.wait_for_alert("failed-login-burst", "203.0.113.2");
    running.signal("TERM");
}

#[test]
fn new_files_of_a_folder_and_of_a_glob_are_picked_up() {
    for words in [["logs"], ["logs/*.log*"]] {
        let house = House::new().with("logs/a.log", burst(0, "203.0.113.1"));
        let mut running = Running::start(&house, &words);
        running.wait_for_alert("failed-login-burst", "203.0.113.1");
        append(&house, "logs/b.log", &burst(100, "203.0.113.2"));
        running.wait_for_alert("failed-login-burst", "203.0.113.2");
        // A rotation inside the folder makes no new input of the old file.
        fs::rename(house.at("logs/a.log"), house.at("logs/a.log.1")).expect("it is there");
        append(&house, "logs/a.log", &burst(200, "203.0.113.3"));
        running.wait_for_alert("failed-login-burst", "203.0.113.3");
        append(&house, "logs/c.log", &burst(300, "203.0.113.4"));
        pack(&house, "logs/c.log");
        running.wait_for_alert("failed-login-burst", "203.0.113.4");
        let ended = running.signal("TERM").well();
        assert_eq!(ended.standing(), scanned(&house, &["logs"], b""));
    }
}

#[test]
fn history_is_judged_alike_by_any_number_of_threads() {
    let half = |from: usize| logs::logins(21, 8_000)[from..from + 4_000].concat();
    let house = House::new()
        .with("logs/a.log", half(0))
        .with("logs/b.log", half(4_000));
    let expected = scanned(&house, &["logs"], b"");
    for words in [["--threads", "1"], ["--threads", "5"]] {
        let more = ["logs", "-q", "--memory", "16M"];
        let mut running = Running::start(&house, &[&more[..], &words[..]].concat());
        running.wait_for("alert", |_| true);
        // What is not read yet when the signal comes is read before the end.
        assert_eq!(
            running.signal("TERM").well().standing(),
            expected,
            "{words:?}"
        );
    }
}

#[test]
fn a_file_that_is_not_there_yet_is_waited_for() {
    let house = House::new().with("there.log", burst(0, "203.0.113.7"));
    let mut running = Running::start(&house, &["late.log", "there.log"]);
    running.wait_for_alert("failed-login-burst", "203.0.113.7");
    append(&house, "late.log", &burst(0, "203.0.113.1"));
    running.wait_for_alert("failed-login-burst", "203.0.113.1");
    let ended = running.signal("INT").well();
    assert!(ended.err.contains("it is waited for"), "{}", ended.err);
}
