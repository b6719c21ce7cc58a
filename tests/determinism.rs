//! Guards that there is one answer: the same bytes for any number of threads and any size of a
//! segment, and the same alerts for shuffled lines, split, compressed and piped inputs and
//! another encoding.

#[path = "house/library.rs"]
mod library;

mod house;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use house::{House, Ran};
use library::{World, limits};
use serde_json::Value;

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.below(last + 1));
        }
    }
}

const HEADINGS: &str = "日時,利用者ID,利用者名,部署,端末名,IPアドレス,操作,患者ID,結果\n";

/// Three days of a small house: nights, bursts, equal lines, quoted cells over two lines.
fn records() -> Vec<String> {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let mut rows = Vec::new();
    for _ in 0..1_500 {
        let day = 14 + dice.below(3);
        let (hour, minute, second) = (dice.below(24), dice.below(60), dice.below(60));
        let user = dice.below(12);
        let act = ["カルテ参照", "患者検索", "印刷", "ログイン"][dice.below(4)];
        let patient = match act {
            "ログイン" => String::new(),
            _ => format!("{:08}", dice.below(300)),
        };
        let outcome = ["成功", "成功", "成功", "失敗", ""][dice.below(5)];
        let seat = dice.below(14);
        let name = ["看護　花子", "髙橋　①", "\"内科\n太郎\"", "渡辺～"][dice.below(4)];
        rows.push(format!(
            "2026/11/{day} {hour:02}:{minute:02}:{second:02},n{user:03},{name},内科,PC{seat},10.20.1.{seat},{act},{patient},{outcome}\n"
        ));
    }
    for burst in 0..8 {
        // The same failure several times in one second, and at two terminals at once.
        for _ in 0..5 + burst % 3 {
            rows.push(format!(
                "2026/11/16 1{burst}:00:00,n{burst:03},,,PC,10.20.2.{},ログイン,,失敗\n",
                burst / 2
            ));
        }
    }
    dice.shuffle(&mut rows);
    rows
}

/// A router's night without lines that hang on their neighbors.
fn router() -> Vec<String> {
    let mut dice = Dice(0x1234_5678_9abc_def1);
    let line = |dice: &mut Dice| {
        let time = format!(
            "Nov {} {:02}:{:02}:{:02}",
            14 + dice.below(3),
            dice.below(24),
            dice.below(4),
            dice.below(60)
        );
        let address = format!("192.0.2.{}", dice.below(5));
        match dice.below(3) {
            0 => format!("{time} rtx1220 SSHD login failed, {address}\n"),
            1 => format!("{time} rtx1220 Login succeeded for SSH: {address} admin\n"),
            _ => format!(
                "{time} rtx1220 [DHCPD] LAN1(port1) Allocates {address}: 00:1d:73:10:20:31\n"
            ),
        }
    };
    (0..400).map(|_| line(&mut dice)).collect()
}

/// Audit events with parts of seconds, in three offsets, some of them at one instant.
fn audit() -> Vec<String> {
    let mut dice = Dice(0x0dd_ba11);
    let line = |dice: &mut Dice| {
        let (hour, minute, milli) = (dice.below(24), dice.below(3), dice.below(4) * 250);
        let second = dice.below(60);
        let time = match dice.below(3) {
            0 => format!("2026-11-16T{hour:02}:{minute:02}:{second:02}.{milli:03}+09:00"),
            1 => format!("2026-11-16T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"),
            _ => format!("2026-11-15T{hour:02}:{minute:02}:{second:02}-05:00"),
        };
        let (user, seat, patient) = (dice.below(4), dice.below(3), dice.below(50));
        let (code, outcome) = match dice.below(3) {
            0 => (r#""subtype":[{"code":"110122"}],"action":"E""#, 4),
            1 => (r#""subtype":[{"code":"110122"}],"action":"E""#, 0),
            _ => (r#""action":"R""#, 0),
        };
        format!(
            r#"{{"resourceType":"AuditEvent","type":{{"code":"110110"}},{code},"recorded":"{time}","outcome":"{outcome}","agent":[{{"who":{{"reference":"Practitioner/n{user:03}"}},"requestor":true,"network":{{"address":"10.20.1.{seat}"}}}}],"entity":[{{"what":{{"reference":"Patient/{patient}"}}}}]}}"#
        ) + "\n"
    };
    (0..500).map(|_| line(&mut dice)).collect()
}

fn csv(rows: &[String]) -> Vec<u8> {
    (HEADINGS.to_owned() + &rows.concat()).into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 0);
    encoder.write_all(bytes).expect("memory can be written");
    encoder.finish().expect("memory can be written")
}

fn zip(bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive
        .start_file("ehr.csv", options)
        .expect("memory can be written");
    archive.write_all(bytes).expect("memory can be written");
    archive
        .finish()
        .expect("memory can be written")
        .into_inner()
}

/// Hours and devices are known, so that every rule can speak.
fn house() -> House {
    let mut devices = String::from("ip,name\n");
    for last in 0..9 {
        let _ = writeln!(devices, "10.20.1.{last},PC{last}");
    }
    House::with(&[
        (
            "yomawari.yaml",
            "version: 1\nsite: { name: 夜, timezone: Asia/Tokyo }\ncalendar: calendar.yaml\n\
             registers:\n  devices: devices.csv\n  networks: { clinical: [10.20.0.0/16] }\n"
                .as_bytes(),
        ),
        (
            "calendar.yaml",
            "version: 1\ntimezone: Asia/Tokyo\nholidays: JP\ncalendars:\n  c:\n    hours:\n      \
             - 平日 08:30-18:00\n      - 祝 休診\ndefault: c\n"
                .as_bytes(),
        ),
        ("devices.csv", devices.as_bytes()),
    ])
}

const SCAN: &[&str] = &[
    "scan",
    "--output-format",
    "ndjson",
    "--evidence",
    "all",
    "--year",
    "2026",
];

fn scan(house: &House, arguments: &[&str]) -> Ran {
    let ran = house.run(&[SCAN, arguments].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran
}

/// Alerts without what speaks of files and bytes: path, place and the digest of the bytes.
/// Records out of order hang on their neighbors, and so does the rule about them.
fn alerts(ran: &Ran) -> Vec<Value> {
    let mut alerts = ran.lines();
    alerts.retain(|alert| alert["rule"]["name"] != "time-running-backwards");
    for alert in &mut alerts {
        let evidence = alert["evidence"].as_array_mut().expect("a list");
        for record in evidence {
            let record = record.as_object_mut().expect("an object");
            for key in ["path", "line", "offset", "length", "sha256"] {
                assert!(record.shift_remove(key).is_some(), "evidence has {key}");
            }
        }
    }
    alerts
}

fn assert_same(found: &Ran, expected: &[Value], what: &str) {
    let found = alerts(found);
    for (a, b) in found.iter().zip(expected) {
        assert_eq!(a, b, "{what}");
    }
    assert_eq!(found.len(), expected.len(), "{what}");
}

#[test]
fn threads_do_not_change_a_byte() {
    let house = house();
    house.write("ehr.csv", &csv(&records()));
    house.write("router.log", router().concat().as_bytes());
    house.write("a.ndjson", audit().concat().as_bytes());
    let with = |threads: &str| {
        let mut arguments = vec!["ehr.csv", "router.log", "a.ndjson", "--threads", threads];
        arguments.extend(["--ledger", "ledger.json"]);
        let ran = scan(&house, &arguments);
        let ledger = house::json(&house.path().join("ledger.json"));
        (ran.out, ledger)
    };
    let one = with("1");
    let rules = ["failed-login-burst", "off-hours-access", "unknown-device"];
    let text = String::from_utf8_lossy(&one.0);
    for rule in rules {
        assert!(text.contains(rule), "{rule} has something to say");
    }
    assert_eq!(one, with("2"));
    assert_eq!(one, with("5"));
}

#[test]
fn the_size_of_a_segment_does_not_change_a_byte() {
    let house = house();
    house.write("ehr.csv", &csv(&records()[..400]));
    house.write("router.log", router().concat().as_bytes());
    house.write("a.ndjson", audit().concat().as_bytes());
    let paths = ["ehr.csv", "router.log", "a.ndjson"].map(|n| house.path().join(n));
    assert_blocks(&[&paths[0], &paths[1], &paths[2]]);
    let text = String::from_utf8(csv(&records()[..200])).expect("written as UTF-8");
    house.write("cp932.csv", &encoding_rs::SHIFT_JIS.encode(&text).0);
    house.write("utf16.csv", &utf16(&text));
    for name in ["cp932.csv", "utf16.csv"] {
        assert_blocks(&[&house.path().join(name)]);
    }
}

#[test]
fn the_size_of_a_segment_does_not_matter_on_the_samples() {
    for path in library_samples() {
        assert_blocks(&[&path]);
    }
}

fn library_samples() -> Vec<std::path::PathBuf> {
    let found = yomawari::input::find(&["sample-logs".to_owned()]);
    let paths = found.inputs.iter().map(|i| Path::new(&*i.name).to_owned());
    paths.collect()
}

fn assert_blocks(paths: &[&Path]) {
    let world = World::new();
    let whole = world.run(paths, None, limits(1, 1 << 20));
    for (threads, block) in [(1, 1), (2, 7), (1, 333), (5, 4096)] {
        let cut = world.run(paths, None, limits(threads, block));
        let lines = cut.alerts.lines().zip(whole.alerts.lines());
        for (a, b) in lines {
            assert_eq!(a, b, "{paths:?} in blocks of {block}");
        }
        assert_eq!(
            cut.accounts, whole.accounts,
            "{paths:?} in blocks of {block}"
        );
        assert_eq!(cut, whole, "{paths:?} in blocks of {block}");
    }
}

#[test]
fn little_memory_does_not_change_a_byte() {
    let house = house();
    house.write("ehr.csv", &csv(&records()));
    let path = house.path().join("ehr.csv");
    let world = World::new();
    let mut tight = limits(2, 4096);
    tight.memory = 1;
    let roomy = world.run(&[&path], None, limits(1, 1 << 20));
    assert_eq!(world.run(&[&path], None, tight), roomy);
}

#[test]
fn shuffled_lines_give_the_same_alerts() {
    let house = house();
    let (mut rows, mut lines, mut events) = (records(), router(), audit());
    let paths = ["ehr.csv", "router.log", "a.ndjson"];
    house.write("ehr.csv", &csv(&rows));
    house.write("router.log", lines.concat().as_bytes());
    house.write("a.ndjson", events.concat().as_bytes());
    let expected = alerts(&scan(&house, &paths));
    let mut dice = Dice(77);
    for round in 0..3 {
        dice.shuffle(&mut rows);
        dice.shuffle(&mut lines);
        dice.shuffle(&mut events);
        house.write("ehr.csv", &csv(&rows));
        house.write("router.log", lines.concat().as_bytes());
        house.write("a.ndjson", events.concat().as_bytes());
        let found = scan(&house, &paths);
        assert_same(&found, &expected, &format!("round {round}"));
    }
}

#[test]
fn the_order_of_files_and_their_names_do_not_matter() {
    let house = house();
    let rows = records();
    house.write("a.csv", &csv(&rows));
    house.write("b.log", router().concat().as_bytes());
    let expected = alerts(&scan(&house, &["a.csv", "b.log"]));
    assert_same(&scan(&house, &["b.log", "a.csv"]), &expected, "other order");
    house.write("z.csv", &csv(&rows));
    assert_same(&scan(&house, &["b.log", "z.csv"]), &expected, "other name");
}

#[test]
fn a_file_split_in_two_gives_the_same_alerts() {
    let house = house();
    let (rows, lines) = (records(), router());
    house.write("ehr.csv", &csv(&rows));
    house.write("router.log", lines.concat().as_bytes());
    let expected = alerts(&scan(&house, &["ehr.csv", "router.log"]));
    // A part of one record that the other part tells too could as well be a copy.
    for cut in [100, 700, rows.len() - 100] {
        let (first, second) = rows.split_at(cut);
        house.write("parts/1.csv", &csv(second));
        house.write("parts/2.csv", &csv(first));
        let (first, second) = lines.split_at(cut % lines.len());
        house.write("parts/3.log", first.concat().as_bytes());
        house.write("parts/4.log", second.concat().as_bytes());
        assert_same(&scan(&house, &["parts"]), &expected, &format!("at {cut}"));
    }
}

#[test]
fn overlapping_renamed_and_packed_exports_add_nothing() {
    let house = house();
    let (mut rows, lines) = (records(), router());
    // Each export tells a stretch of time.
    rows.sort_unstable();
    house.write("ehr.csv", &csv(&rows));
    house.write("router.log", lines.concat().as_bytes());
    let expected = alerts(&scan(&house, &["ehr.csv", "router.log"]));
    let third = rows.len() / 3;
    house.write("again/1.csv", &csv(&rows[..2 * third]));
    house.write("again/2.csv", &csv(&rows[third..]));
    house.write("again/3.csv.gz", &gzip(&csv(&rows)));
    let half = lines.len() / 2;
    house.write("again/4.log", lines.concat().as_bytes());
    house.write("again/5.log", lines[half..].concat().as_bytes());
    assert_same(&scan(&house, &["again"]), &expected, "told several times");
}

#[test]
fn compressed_and_piped_inputs_give_the_same_alerts() {
    let house = house();
    let bytes = csv(&records());
    house.write("ehr.csv", &bytes);
    house.write("ehr.csv.gz", &gzip(&bytes));
    let expected = alerts(&scan(&house, &["ehr.csv"]));
    house.write(
        "ehr.csv.zst",
        &zstd::encode_all(&bytes[..], 1).expect("memory"),
    );
    house.write("ehr.csv.bz2", &bzip2(&bytes));
    house.write("ehr.csv.xz", &xz(&bytes));
    house.write("ehr.zip", &zip(&bytes));
    // What a file holds counts, not what it is called.
    house.write("ehr.txt", &gzip(&bytes));
    for name in [
        "ehr.csv.gz",
        "ehr.csv.zst",
        "ehr.csv.bz2",
        "ehr.csv.xz",
        "ehr.zip",
        "ehr.txt",
    ] {
        assert_same(&scan(&house, &[name]), &expected, name);
    }
    let twice = [gzip(&bytes[..9_000]), gzip(&bytes[9_000..])].concat();
    house.write("members.gz", &twice);
    assert_same(
        &scan(&house, &["members.gz"]),
        &expected,
        "gzip in two members",
    );
    for (bytes, what) in [(bytes.clone(), "pipe"), (gzip(&bytes), "gzip in a pipe")] {
        let ran = house.run_with(&[SCAN, &["-"]].concat(), &bytes);
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert_same(&ran, &expected, what);
    }
}

/// The same lines as an old Mac ends them; line breaks inside of cells stay.
fn returns(rows: &[String]) -> Vec<String> {
    let row = |row: &String| format!("{}\r", row.trim_end_matches('\n'));
    rows.iter().map(row).collect()
}

/// What a ledger counts of its inputs.
fn counts(house: &House) -> Vec<Value> {
    let ledger = house::json(&house.path().join("ledger.json"));
    let inputs = ledger["inputs"].as_array().expect("a list").iter();
    let count = |input: &Value| {
        ["format", "records", "accepted", "rejected", "headings"].map(|k| input[k].clone())
    };
    inputs.flat_map(count).collect()
}

#[test]
fn lines_that_end_in_returns_alone_are_lines() {
    let house = house();
    let rows = [&[HEADINGS.to_owned()], &records()[..]].concat();
    let files = [
        ("ehr.csv", rows),
        ("router.log", router()),
        ("a.ndjson", audit()),
    ];
    let names = files.each_ref().map(|(name, _)| *name);
    let run = |lines: &dyn Fn(&[String]) -> Vec<String>| {
        for (name, rows) in &files {
            house.write(name, lines(rows).concat().as_bytes());
        }
        let ran = scan(&house, &[&names[..], &["--ledger", "ledger.json"]].concat());
        (ran, counts(&house))
    };
    let (expected, counted) = run(&<[String]>::to_vec);
    let (found, counted_returns) = run(&returns);
    assert_same(&found, &alerts(&expected), "returns");
    assert_eq!(counted_returns, counted);
    house.write("alerts.ndjson", &found.out);
    let verified = house.run(&["alerts", "verify", "alerts.ndjson"]);
    assert_eq!(verified.status, 0, "{}", verified.err);
    let paths = names.map(|name| house.path().join(name));
    assert_blocks(&[&paths[0], &paths[1], &paths[2]]);
}

#[test]
fn returns_end_lines_in_every_encoding_and_from_everywhere() {
    let house = house();
    let rows = [&[HEADINGS.to_owned()], &records()[..400]].concat();
    house.write("ehr.csv", rows.concat().as_bytes());
    let expected = alerts(&scan(&house, &["ehr.csv"]));
    let text = returns(&rows).concat();
    let big: Vec<u8> = utf16(&text).chunks(2).flat_map(|c| [c[1], c[0]]).collect();
    let euc = encoding_rs::EUC_JP.encode(&text).0;
    for (name, bytes) in [
        ("cp932.csv", &*encoding_rs::SHIFT_JIS.encode(&text).0),
        ("euc-jp.csv", &*euc),
        ("utf-16le.csv", &utf16(&text)),
        ("utf-16be.csv", &big),
        ("bom.csv", &[b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("packed.csv.gz", &gzip(text.as_bytes())),
    ] {
        house.write(name, bytes);
        let encoding = if name == "euc-jp.csv" {
            "euc-jp"
        } else {
            "auto"
        };
        let ran = scan(&house, &[name, "--encoding", encoding]);
        assert_same(&ran, &expected, name);
        house.write("alerts.ndjson", &ran.out);
        let verified = house.run(&["alerts", "verify", "alerts.ndjson"]);
        assert!(name == "euc-jp.csv" || verified.status == 0, "{name}");
        assert_blocks(&[&house.path().join(name)]);
    }
    let piped = house.run_with(&[SCAN, &["-"]].concat(), text.as_bytes());
    assert_eq!(piped.status, 0, "{}", piped.err);
    assert_same(&piped, &expected, "piped");
    // Returns within cells too.
    house.write("cells.csv", text.replace('\n', "\r").as_bytes());
    let ran = scan(&house, &["cells.csv"]);
    assert_eq!(alerts(&ran).len(), expected.len());
}

/// Little endian, with a byte order mark.
fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

#[test]
fn the_encoding_does_not_change_an_alert() {
    let house = house();
    let bytes = csv(&records());
    house.write("ehr.csv", &bytes);
    let expected = alerts(&scan(&house, &["ehr.csv"]));
    let text = String::from_utf8(bytes.clone()).expect("written as UTF-8");
    let (cp932, _, unmappable) = encoding_rs::SHIFT_JIS.encode(&text);
    assert!(!unmappable, "CP932 has all of it");
    house.write("cp932.csv", &cp932);
    assert_same(&scan(&house, &["cp932.csv"]), &expected, "CP932");
    let (euc, _, _) = encoding_rs::EUC_JP.encode(&text);
    house.write("euc.csv", &euc);
    assert_same(
        &scan(&house, &["euc.csv", "--encoding", "euc-jp"]),
        &expected,
        "EUC-JP",
    );
    house.write("bom.csv", &[b"\xef\xbb\xbf", &bytes[..]].concat());
    assert_same(&scan(&house, &["bom.csv"]), &expected, "byte order mark");
    house.write("utf16.csv", &utf16(&text));
    assert_same(&scan(&house, &["utf16.csv"]), &expected, "UTF-16");
    house.write("crlf.csv", text.replace("成功\n", "成功\r\n").as_bytes());
    assert_same(&scan(&house, &["crlf.csv"]), &expected, "CRLF");
}
