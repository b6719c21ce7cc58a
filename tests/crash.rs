//! A run that is killed, finds its disk full or its store held leaves the store as it was; the
//! next run finishes the work.

#![cfg(unix)]

mod house;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use house::House;
use yomawari::store::{Filter, State, Store, Verified};

const HEADING: &str = "日時,利用者ID,端末名,IPアドレス,操作,患者ID,結果\n";

/// A day of a hospital: charts at night and by day, some of them by accounts that fail to log in.
fn day(day: u32, rows: u32) -> String {
    let row = |n: u32| {
        let (at, user) = (n * 7 % 86_400, n % 17);
        let time = format!(
            "2026/11/{day} {:02}:{:02}:{:02}",
            at / 3600,
            at / 60 % 60,
            at % 60
        );
        match n % 11 {
            0 => format!("{time},u{user},PC{user},10.20.1.{user},ログイン,,失敗\n"),
            _ => format!(
                "{time},u{user},PC{user},10.20.1.{user},カルテ参照,p{},成功\n",
                n % 300
            ),
        }
    };
    HEADING.to_owned() + &(0..rows).map(row).collect::<String>()
}

fn program(house: &House, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yomawari"));
    command
        .current_dir(house.path())
        .env("TZ", "Asia/Tokyo")
        .args(words)
        .args(["--lang", "en", "-q", "-o", "alerts.ndjson"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

const SCAN: [&str; 3] = ["scan", "--store", "y.db"];

fn scan(house: &House, path: &str) {
    let status = program(house, &[&SCAN, &[path][..]].concat()).status();
    assert!(status.expect("the program starts").success());
}

fn live(house: &House) -> BTreeMap<String, (u64, i64, i64)> {
    let store = Store::look(&house.path().join("y.db")).expect("a store");
    let filter = Filter {
        states: vec![State::Open, State::Closed],
        ..Filter::default()
    };
    let kept = store.alerts(&filter).expect("a list").into_iter();
    kept.map(|k| (k.alert.id, (k.alert.count, k.alert.start, k.alert.end)))
        .collect()
}

/// What one clean pass over both days finds.
fn clean(first: &str, second: &str) -> BTreeMap<String, (u64, i64, i64)> {
    let house = House::empty();
    let rows = second.strip_prefix(HEADING).expect("a heading");
    house.write("all.csv", (first.to_owned() + rows).as_bytes());
    scan(&house, "all.csv");
    live(&house)
}

/// How often a run is killed: YOMAWARI_KILLS tells, 20 times otherwise.
fn kills() -> u32 {
    let told = std::env::var("YOMAWARI_KILLS").ok();
    told.and_then(|told| told.parse().ok()).unwrap_or(20)
}

#[test]
fn a_run_killed_at_any_moment_is_finished_by_the_next() {
    let (first, second) = (day(16, 5_000), day(17, 5_000));
    let expected = clean(&first, &second);
    assert!(expected.len() > 10, "there is something to lose");
    let mut took = Duration::from_millis(400);
    for number in 0..kills() {
        let house = House::empty();
        house.write("ehr.csv", first.as_bytes());
        scan(&house, "ehr.csv");
        house.write("ehr.csv", second.as_bytes());
        let words = [&SCAN[..], &["ehr.csv"]].concat();
        let mut child = program(&house, &words).spawn().expect("the program starts");
        // Spread over the whole run, the commit at its end included.
        let part = number.wrapping_mul(0x9e37_79b9) >> 16;
        std::thread::sleep(took.mul_f64(f64::from(part) / 65_536.0));
        // It may have ended already.
        let _ = child.kill();
        let _ = child.wait();
        let before = Store::look(&house.path().join("y.db")).expect("a store");
        let chain = before.verify_runs().expect("a chain");
        assert!(matches!(chain, Verified::Whole(_)), "{chain:?}");
        drop(before);
        let began = Instant::now();
        scan(&house, "ehr.csv");
        took = began.elapsed();
        assert_eq!(live(&house), expected, "killed for the {number}th time");
    }
}

/// Bytes of the log that SQLite writes before a commit, 0 where there is none.
fn unwritten(house: &House) -> u64 {
    let log = std::fs::metadata(house.path().join("y.db-wal"));
    log.map_or(0, |found| found.len())
}

/// Kills a run as soon as it has begun to write what it has not committed yet: a large change goes
/// to the log of the store before it is committed.
fn kill_between_write_and_commit(house: &House, command: &mut Command, least: u64) {
    let mut child = command.spawn().expect("the program starts");
    let began = Instant::now();
    while unwritten(house) < least && child.try_wait().expect("it is our child").is_none() {
        assert!(began.elapsed() < Duration::from_secs(300), "it never wrote");
        std::hint::spin_loop();
    }
    let _ = child.kill();
    let _ = child.wait();
}

#[test]
fn a_run_killed_between_write_and_commit_is_finished_by_the_next() {
    let (first, second) = (day(16, 1_000), day(17, 8_000));
    let expected = clean(&first, &second);
    for (command, least) in [
        ("scan", 1),
        ("scan", 1 << 17),
        ("watch", 1),
        ("watch", 1 << 17),
    ] {
        let house = House::empty();
        house.write("16.csv", first.as_bytes());
        scan(&house, "16.csv");
        let before = live(&house);
        house.write("17.csv", second.as_bytes());
        let words = [command, "--store", "y.db", "17.csv"];
        kill_between_write_and_commit(&house, &mut program(&house, &words), least);
        let store = Store::look(&house.path().join("y.db")).expect("a store");
        let chain = store.verify_runs().expect("a chain");
        assert!(matches!(chain, Verified::Whole(_)), "{chain:?}");
        drop(store);
        let after = live(&house);
        // All of a commit or nothing of it.
        assert!(after == before || after == expected, "{command} {least}");
        scan(&house, "17.csv");
        assert_eq!(live(&house), expected, "{command} {least}");
    }
}

#[test]
fn a_store_that_is_held_is_said() {
    let house = House::empty();
    house.write("ehr.csv", day(16, 50).as_bytes());
    let words = [&SCAN[..], &["-"]].concat();
    let mut first = program(&house, &words);
    let mut first = first.stdin(Stdio::piped()).spawn().expect("it starts");
    let lock = house.path().join("y.db.lock");
    for _ in 0..2_000 {
        if lock.exists() && house.path().join("y.db").exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let ran = house.run(&["scan", "--store", "y.db", "ehr.csv"]);
    assert_eq!(ran.status, 4, "{}", ran.err);
    assert!(
        ran.err.contains("another run holds the store y.db"),
        "{}",
        ran.err
    );
    let mut pipe = first.stdin.take().expect("a pipe");
    pipe.write_all(day(16, 50).as_bytes()).expect("it reads");
    drop(pipe);
    assert!(first.wait().expect("it ends").success());
    assert_eq!(house.run(&["scan", "--store", "y.db", "ehr.csv"]).status, 0);
}

#[test]
fn a_store_where_nothing_can_be_written_is_said() {
    let house = House::empty();
    house.write("ehr.csv", day(16, 50).as_bytes());
    let ran = house.run(&["scan", "--store", "ehr.csv/y.db", "ehr.csv"]);
    assert_eq!((ran.status, ran.out.len()), (4, 0));
    assert!(
        ran.err.contains("the store ehr.csv/y.db cannot be used"),
        "{}",
        ran.err
    );
}

#[test]
fn a_full_disk_is_said_and_the_store_stays_whole() {
    let house = House::empty();
    house.write("ehr.csv", day(16, 2_000).as_bytes());
    scan(&house, "ehr.csv");
    let before = live(&house);
    house.write("17.csv", day(17, 20_000).as_bytes());
    let size = std::fs::metadata(house.path().join("y.db"))
        .expect("a store")
        .len();
    // Files may grow by a little more than the store has.
    let blocks = size / 512 + 40;
    let program = env!("CARGO_BIN_EXE_yomawari");
    for command in ["scan", "watch"] {
        let script = format!(
            "ulimit -f {blocks}; \
             exec {program} {command} --store y.db 17.csv --lang en -q"
        );
        let ran = Command::new("sh")
            .args(["-c", &script])
            .current_dir(house.path())
            .env("TZ", "Asia/Tokyo")
            .output()
            .expect("a shell");
        let err = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(4), "{command}: {err}");
        assert!(
            err.contains("the store y.db cannot be used"),
            "{command}: {err}"
        );
        assert!(ran.stdout.is_empty(), "nothing uncommitted is reported");
        assert_eq!(live(&house), before, "{command}");
    }
    scan(&house, "17.csv");
    assert_eq!(live(&house), clean(&day(16, 2_000), &day(17, 20_000)));
}
