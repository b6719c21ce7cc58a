//! Any sequence of nights leaves the same live alerts as one clean pass over the union: files
//! overlap, take each other's place, are packed, shuffled, deleted, or come through a pipe.

mod house;

use std::collections::BTreeSet;
use std::io::Write as _;

use house::House;
use proptest::prelude::*;
use yomawari::store::{Filter, State, Store};

const HEADING: &str = "日時,利用者ID,端末名,IPアドレス,操作,患者ID,結果\n";
/// Nights are told in any order: whether a record stands behind a younger one hangs on that.
const CONFIG: &str = "version: 1\nsite: { timezone: Asia/Tokyo }\ncalendar: calendar.yaml\n\
                      rules: { disable: [time-running-backwards], \
                      set: { wide-chart-access: { threshold: 3 } } }\n";
/// The same with a register of declarations, which changes from night to night.
const DECLARING: &str = "registers: { declarations: d.csv }\n";
/// Who had declared overtime: nobody, one, the other.
const DECLARED: [&str; 3] = [
    "kind,from,to,who\n",
    "kind,from,to,who\novertime,2026-11-16 00:00,2026-11-19 00:00,u0\n",
    "kind,from,to,who\novertime,2026-11-17 00:00,2026-11-17 06:00,u1\n",
];
const CALENDAR: &str =
    "version: 1\ncalendars: { all: { hours: [平日 08:30-18:00] } }\ndefault: all\n";

/// What happened in one second, and how often.
#[derive(Clone, Debug)]
struct Happened {
    /// Seconds since the first midnight.
    second: u32,
    user: u8,
    what: u8,
    patient: u8,
    times: u8,
}

/// One night's scan.
#[derive(Clone, Debug)]
struct Night {
    /// The stretch of seconds its export tells, as places in the list of all seconds.
    from: prop::sample::Index,
    to: prop::sample::Index,
    how: How,
    shuffle: u64,
    threads: u8,
    /// Delete the earlier file of this number before.
    delete: Option<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    SamePath,
    OwnPath,
    Packed,
    Pipe,
    /// A file that grew: all from the first second on, under one path.
    Grown,
}

/// What kind of log tells what happened.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Log {
    Csv,
    Syslog,
}

impl Log {
    fn heading(self) -> &'static str {
        match self {
            Log::Csv => HEADING,
            Log::Syslog => "",
        }
    }

    fn row(self, h: &Happened) -> String {
        match self {
            Log::Csv => row(h),
            Log::Syslog => line(h),
        }
    }

    /// How it is read.
    fn words(self) -> &'static [&'static str] {
        match self {
            Log::Csv => &[],
            Log::Syslog => &["--format", "syslog", "--year", "2026"],
        }
    }
}

/// A line of a server, in which a failed login may be repeated.
fn line(h: &Happened) -> String {
    let (day, rest) = (16 + h.second / 86_400, h.second % 86_400);
    let time = format!(
        "Nov {day} {:02}:{:02}:{:02}",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    );
    let user = h.user;
    match h.what {
        0..3 => format!(
            "{time} srv sshd[7]: Failed password for u{user} from 10.20.1.{user} port 40022 ssh2\n"
        ),
        _ => format!(
            "{time} srv sshd[7]: Accepted password for u{user} from 10.20.1.{} port 40022 ssh2\n",
            h.patient
        ),
    }
}

fn row(h: &Happened) -> String {
    let (day, rest) = (16 + h.second / 86_400, h.second % 86_400);
    let time = format!(
        "2026/11/{day} {:02}:{:02}:{:02}",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    );
    let user = h.user;
    match h.what {
        0 | 1 => format!("{time},u{user},PC{user},10.20.1.{user},ログイン,,失敗\n"),
        2 => format!("{time},u{user},PC{user},10.20.1.{user},ログイン,,成功\n"),
        _ => format!(
            "{time},u{user},PC{user},10.20.1.{user},カルテ参照,p{},成功\n",
            h.patient
        ),
    }
}

/// An export of these events, its rows in some order.
fn export(log: Log, events: &[&Happened], shuffle: u64) -> String {
    let mut rows: Vec<String> = events
        .iter()
        .flat_map(|h| std::iter::repeat_n(log.row(h), usize::from(h.times)))
        .collect();
    if shuffle % 2 == 1 {
        let mix = |at: usize| (at as u64 + 1).wrapping_mul(shuffle | 1).rotate_left(29);
        let mut keyed: Vec<(u64, String)> = rows
            .into_iter()
            .enumerate()
            .map(|(at, row)| (mix(at), row))
            .collect();
        keyed.sort();
        rows = keyed.into_iter().map(|(_, row)| row).collect();
    }
    log.heading().to_owned() + &rows.concat()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).expect("memory takes it");
    packed.finish().expect("memory takes it")
}

/// A house with a calendar.
fn hospital() -> House {
    House::with(&[
        ("yomawari.yaml", CONFIG.as_bytes()),
        ("calendar.yaml", CALENDAR.as_bytes()),
    ])
}

/// Scans with the store; gives the number of records that were told before.
fn scan(house: &House, words: &[&str], stdin: &str) -> u64 {
    let scan = ["scan", "--store", "y.db", "--ledger", "ledger.json"];
    let ran = house.run_with(&[&scan, words].concat(), stdin.as_bytes());
    assert_eq!(ran.status, 0, "{}", ran.err);
    let input = &house::json(&house.path().join("ledger.json"))["inputs"][0];
    assert_eq!(input["ambiguous_at_seam"], 0);
    input["duplicates"].as_u64().expect("a number")
}

/// The live alerts: rule, id, count, beginning, end, key, and how many records they rest on.
fn live(house: &House) -> BTreeSet<String> {
    let store = Store::look(&house.path().join("y.db")).expect("a store");
    let filter = Filter {
        states: vec![State::Open, State::Closed],
        ..Filter::default()
    };
    let kept = store.alerts(&filter).expect("a list").into_iter();
    kept.map(|k| {
        let a = k.alert;
        let texts: Vec<_> = a.evidence.iter().map(|e| (&e.text, &e.sha256)).collect();
        format!(
            "{} {} {} {} {} {:?} {} {} {:?} {texts:?}",
            a.rule.name,
            a.id,
            a.count,
            a.start,
            a.end,
            a.key,
            a.evidence_total,
            a.summary.ja,
            a.reasons.len()
        )
    })
    .collect()
}

/// The live alerts of one clean pass over everything.
fn clean(log: Log, text: &str) -> BTreeSet<String> {
    let house = hospital();
    house.write("all.csv", text.as_bytes());
    scan(&house, &[log.words(), &["all.csv"]].concat(), "");
    live(&house)
}

fn happened() -> impl Strategy<Value = Happened> {
    // Bursts: most of it within minutes of a few instants, some of them around midnight.
    let near = prop_oneof![
        Just(7_200u32),
        Just(86_350),
        Just(86_400 + 50_000),
        Just(2 * 86_400 - 40)
    ];
    (near, 0u32..110, 0u8..2, 0u8..5, (0u8..6, 1u8..3)).prop_map(
        |(near, after, user, what, (patient, times))| Happened {
            second: near + after,
            user,
            what,
            patient,
            times,
        },
    )
}

fn night() -> impl Strategy<Value = Night> {
    let how = prop_oneof![
        Just(How::SamePath),
        Just(How::OwnPath),
        Just(How::Packed),
        Just(How::Pipe),
        Just(How::Grown)
    ];
    let ends = (any::<prop::sample::Index>(), any::<prop::sample::Index>());
    (ends, how, any::<u64>(), 1u8..4, prop::option::of(0u8..4)).prop_map(
        |((from, to), how, shuffle, threads, delete)| Night {
            from,
            to,
            how,
            shuffle,
            threads,
            delete,
        },
    )
}

/// Goes through the nights; gives the export of all that was told.
fn go_through(house: &House, log: Log, events: &[Happened], nights: &[Night]) -> String {
    let seconds: BTreeSet<u32> = events.iter().map(|h| h.second).collect();
    let seconds: Vec<u32> = seconds.into_iter().collect();
    let mut told: BTreeSet<u32> = BTreeSet::new();
    for (number, night) in nights.iter().enumerate() {
        if let Some(delete) = night.delete {
            for name in [format!("n{delete}.csv"), format!("n{delete}.csv.gz")] {
                // It may never have been there.
                let _ = std::fs::remove_file(house.path().join(name));
            }
        }
        let (a, b) = (
            night.from.index(seconds.len()),
            night.to.index(seconds.len()),
        );
        let from = if night.how == How::Grown { 0 } else { a.min(b) };
        let stretch = &seconds[from..=a.max(b)];
        let before = told.clone();
        told.extend(stretch);
        let within = |h: &&Happened| stretch.contains(&h.second);
        let mut own: Vec<&Happened> = events.iter().filter(within).collect();
        own.sort_by_key(|h| h.second);
        let shuffle = if night.how == How::Grown {
            0
        } else {
            night.shuffle
        };
        let text = export(log, &own, shuffle);
        let name = match night.how {
            How::SamePath => "ehr.csv".to_owned(),
            How::Grown => "grown.csv".to_owned(),
            How::OwnPath => format!("n{number}.csv"),
            How::Packed => format!("n{number}.csv.gz"),
            How::Pipe => "-".to_owned(),
        };
        match night.how {
            How::Packed => house.write(&name, &gzip(&text)),
            How::Pipe => {}
            _ => house.write(&name, text.as_bytes()),
        }
        let threads = night.threads.to_string();
        let stdin = if night.how == How::Pipe { &*text } else { "" };
        let duplicates = scan(
            house,
            &[log.words(), &[&name, "--threads", &threads]].concat(),
            stdin,
        );
        let known = own.iter().filter(|h| before.contains(&h.second));
        let known: u64 = known.map(|h| u64::from(h.times)).sum();
        assert_eq!(duplicates, known, "night {number}");
    }
    let all: Vec<&Happened> = events.iter().filter(|h| told.contains(&h.second)).collect();
    export(log, &all, 0)
}

/// How many sequences are tried: YOMAWARI_NIGHTS tells, 16 otherwise.
fn cases() -> u32 {
    let told = std::env::var("YOMAWARI_NIGHTS").ok();
    told.and_then(|told| told.parse().ok()).unwrap_or(16)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(),
        max_shrink_iters: 200,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_nights_leave_what_one_clean_pass_finds(
        log in prop_oneof![2 => Just(Log::Csv), 1 => Just(Log::Syslog)],
        events in prop::collection::vec(happened(), 1..40),
        nights in prop::collection::vec(night(), 1..5),
    ) {
        let house = hospital();
        let all = go_through(&house, log, &events, &nights);
        prop_assert_eq!(live(&house), clean(log, &all));
    }

    #[test]
    fn the_last_plan_judges_all_nights_whose_files_are_there(
        events in prop::collection::vec(happened(), 1..40),
        nights in prop::collection::vec((night(), 0usize..3), 1..4),
    ) {
        let declaring = |declared: usize| {
            let house = hospital();
            house.write("yomawari.yaml", (CONFIG.to_owned() + DECLARING).as_bytes());
            house.write("d.csv", DECLARED[declared].as_bytes());
            house
        };
        let house = declaring(0);
        let last = nights.last().map_or(0, |(_, declared)| *declared);
        let mut told = BTreeSet::new();
        for (number, (night, declared)) in nights.iter().enumerate() {
            house.write("d.csv", DECLARED[*declared].as_bytes());
            let (a, b) = (night.from.index(events.len()), night.to.index(events.len()));
            let (a, b) = (events[a].second, events[b].second);
            let stretch = a.min(b)..=a.max(b);
            let mut own: Vec<&Happened> =
                events.iter().filter(|h| stretch.contains(&h.second)).collect();
            own.sort_by_key(|h| h.second);
            told.extend(own.iter().map(|h| h.second));
            let name = format!("n{number}.csv");
            house.write(&name, export(Log::Csv, &own, night.shuffle).as_bytes());
            scan(&house, &[&name], "");
        }
        let all: Vec<&Happened> = events.iter().filter(|h| told.contains(&h.second)).collect();
        let clean = declaring(last);
        clean.write("all.csv", export(Log::Csv, &all, 0).as_bytes());
        scan(&clean, &["all.csv"], "");
        prop_assert_eq!(live(&house), live(&clean));
    }
}

/// Two nights of failed logins, five of one account together.
fn failures() -> [String; 2] {
    let line = |second: u32| {
        format!(
            "2026-11-16T23:59:{second:02}+09:00 srv sshd[7]: Failed password for u1 from \
             203.0.113.7 port 40022 ssh2\n"
        )
    };
    [(0..3).map(line).collect(), (3..5).map(line).collect()]
}

const MINE: &str = "title: Failed here\nid: 0b8a2f3e-58c1-4a52-9b52-5c8d2d5b7a11\nname: mine\n\
                    status: test\nlevel: high\nlogsource: { category: authentication }\n\
                    detection:\n  failed: { event.action: login, event.outcome: failure }\n  \
                    condition: failed\nyomawari:\n  fold: { by: [user.account], within: day }\n";

/// What the first alert of a rule counts.
fn count_of(rule: &str, out: &[u8]) -> u64 {
    let out = std::str::from_utf8(out).expect("alerts are UTF-8");
    let alerts = out
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object"));
    let mut alerts = alerts.filter(|alert: &serde_json::Value| alert["rule"]["name"] == rule);
    let alert = alerts.next().expect("an alert");
    alert["count"].as_u64().expect("a number")
}

/// An input whose facts do not serve new rules is read again wherever a rotation brought it.
#[test]
fn a_rotated_input_is_read_again_by_a_scan_with_new_rules() {
    let [first, second] = failures();
    for (renamed, packs) in [("auth.log.1", false), ("auth.log-20261117.gz", true)] {
        let house = House::empty();
        house.write("auth.log", first.as_bytes());
        let night = ["scan", "--store", "y.db", "-q", "auth.log"];
        assert_eq!(house.run(&night).status, 0);
        std::fs::remove_file(house.path().join("auth.log")).expect("it is there");
        match packs {
            true => house.write(renamed, &gzip(&first)),
            false => house.write(renamed, first.as_bytes()),
        }
        house.write("auth.log", second.as_bytes());
        house.write("mine.yml", MINE.as_bytes());
        let ran = house.run(&[&night[..], &["--rules", "mine.yml"]].concat());
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert_eq!(count_of("mine", &ran.out), 5, "{renamed}");
    }
}

/// Exports that share one second, whose lines stand in any order: that a line stands behind a later
/// one, and that an input could be read, tells nothing of what they share.
#[test]
fn exports_that_meet_in_a_second_count_it_once_in_any_order_of_lines() {
    let line = |time: &str, word: &str| {
        format!(
            "2026-11-{time}+09:00 srv sshd[7]: {word} password for u1 from 203.0.113.7 port 40022 \
             ssh2\n"
        )
    };
    let met = || (0..5).map(|_| line("14T12:24:50", "Failed"));
    let before = || std::iter::once(line("13T08:00:00", "Accepted"));
    let behind = || std::iter::once(line("15T08:00:00", "Accepted"));
    let orders: [[String; 2]; 2] = [
        [
            before().chain(met()).collect(),
            met().chain(behind()).collect(),
        ],
        [
            met().chain(before()).collect(),
            behind().chain(met()).collect(),
        ],
    ];
    for [first, second] in orders {
        let house = House::empty();
        house.write("one.log", first.as_bytes());
        house.write("two.log", second.as_bytes());
        let ran = house.run(&["scan", "-q", "one.log", "two.log"]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert_eq!(
            count_of("failed-login-burst", &ran.out),
            5,
            "{first}{second}"
        );
    }
}
