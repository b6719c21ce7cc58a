//! Guards that nothing disappears: on every sample, on mutated samples and on arbitrary bytes,
//! records = accepted + rejects + blanks + headings, in the account and in the ledger; and that no
//! input makes the program panic.

#[path = "house/library.rs"]
mod library;

mod house;

use std::fs;
use std::path::{Path, PathBuf};

use house::{House, Ran, json};
use library::{World, limits};
use proptest::prelude::*;
use serde_json::Value;
use yomawari::format::FORMATS;
use yomawari::input;

fn samples() -> Vec<PathBuf> {
    let found = input::find(&["sample-logs".to_owned()]);
    assert!(!found.inputs.is_empty(), "the project has samples");
    let paths = found.inputs.iter().map(|i| Path::new(&*i.name).to_owned());
    paths.collect()
}

/// The balance, and that every byte was read.
fn assert_balance(paths: &[&Path], format: Option<&str>, bytes: &[u8]) {
    let world = World::new();
    let ran = world.run(paths, format, limits(2, 4096));
    assert_eq!(ran.accounts.len(), paths.len(), "{paths:?}");
    for account in &ran.accounts {
        assert!(account.balances(), "{paths:?} as {format:?}: {account:?}");
        assert_eq!(account.bytes, bytes.len() as u64, "{paths:?}: all bytes");
        assert!(
            account.events >= account.accepted,
            "{paths:?}: an accepted record gives an event"
        );
        let seen: u64 = account.days.values().sum();
        assert_eq!(seen, account.events, "{paths:?}: every event has its day");
        for (reason, samples) in &account.samples {
            let count = account.rejects[reason];
            assert!(samples.len() as u64 <= count, "{paths:?}: {reason:?}");
            assert!(!samples.is_empty(), "{paths:?}: {reason:?} is shown");
        }
    }
}

fn count(value: &Value, key: &str) -> u64 {
    value[key].as_u64().expect("the ledger holds counts")
}

/// The same sum in the ledger that the program writes.
fn assert_ledger(house: &House, ran: &Ran) -> Value {
    assert!([0, 3].contains(&ran.status), "{}: {}", ran.status, ran.err);
    let ledger = json(&house.path().join("ledger.json"));
    let inputs = ledger["inputs"].as_array().expect("inputs are a list");
    assert!(!inputs.is_empty(), "every input stands in the ledger");
    for input in inputs {
        let rejects = input["rejects"].as_array().expect("a list");
        let by_reason: u64 = rejects.iter().map(|r| count(r, "count")).sum();
        assert_eq!(by_reason, count(input, "rejected"), "{input}");
        let parts = ["accepted", "rejected", "blanks", "headings"];
        let sum: u64 = parts.iter().map(|p| count(input, p)).sum();
        assert_eq!(sum, count(input, "records"), "{input}");
    }
    ledger
}

fn sample(name: &str) -> Vec<u8> {
    fs::read(Path::new("sample-logs").join(name)).expect("the sample is there")
}

#[test]
fn every_sample_balances_in_every_format() {
    for path in samples() {
        let bytes = fs::read(&path).expect("a sample can be read");
        assert_balance(&[&path], None, &bytes);
        for format in FORMATS {
            assert_balance(&[&path], Some(format.name()), &bytes);
        }
    }
}

#[test]
fn the_ledger_of_the_program_balances_on_every_sample() {
    let house = House::empty();
    let mut scan = vec!["scan", "--year", "2026", "--ledger", "ledger.json"];
    let mut names = Vec::new();
    for path in samples() {
        let name = path.display().to_string();
        house.write(&name, &fs::read(&path).expect("a sample can be read"));
        names.push(name);
    }
    scan.push("sample-logs");
    let ran = house.run(&scan);
    let ledger = assert_ledger(&house, &ran);
    let inputs = ledger["inputs"].as_array().expect("a list");
    let mut read: Vec<String> = inputs
        .iter()
        .map(|i| i["path"].as_str().expect("a path").to_owned())
        .collect();
    read.sort();
    names.sort();
    assert_eq!(read, names, "every file stands in the ledger once");
}

#[test]
fn what_no_format_reads_is_counted_as_rejects() {
    let house = House::with(&[
        ("letter.txt", "拝啓\n\nお元気ですか\n敬具".as_bytes()),
        ("empty.csv", b""),
        ("lines.log", b"\n\n\r\n"),
        ("zeros.bin", &[0; 5000]),
    ]);
    let paths = ["letter.txt", "empty.csv", "lines.log", "zeros.bin"];
    let scan = [&["scan", "--ledger", "ledger.json"], &paths[..]].concat();
    let ran = house.run(&scan);
    assert_eq!(ran.status, 3, "{}", ran.err);
    let ledger = assert_ledger(&house, &ran);
    let inputs = ledger["inputs"].as_array().expect("a list");
    let of = |name: &str| {
        inputs
            .iter()
            .find(|i| i["path"] == name)
            .expect("it stands there")
    };
    assert_eq!(count(of("letter.txt"), "rejected"), 3);
    assert_eq!(count(of("letter.txt"), "blanks"), 1);
    assert_eq!(count(of("empty.csv"), "records"), 0);
    assert_eq!(count(of("lines.log"), "blanks"), 3);
    assert_eq!(count(of("zeros.bin"), "bytes"), 5000);
}

#[test]
fn a_file_cut_short_is_counted_as_far_as_it_was_read() {
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write as _;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    encoder
        .write_all(&sample("csv/ordinary.csv"))
        .expect("memory can be written");
    let whole = encoder.finish().expect("memory can be written");
    let house = House::with(&[("ehr.csv.gz", &whole[..whole.len() / 2])]);
    let ran = house.run(&["scan", "ehr.csv.gz", "--ledger", "ledger.json"]);
    assert_eq!(ran.status, 3, "{}", ran.err);
    let ledger = assert_ledger(&house, &ran);
    let input = &ledger["inputs"][0];
    assert!(count(input, "accepted") > 10, "{input}");
    assert!(!input["error"].is_null(), "{input}");
}

#[test]
fn a_record_without_end_is_one_reject_and_those_after_it_are_read() {
    let mut text = b"Nov 16 10:00:00 rtx1220 SSHD login failed, 192.0.2.1\n".repeat(3);
    text.extend(std::iter::repeat_n(b'x', 5 << 20));
    text.extend(b"\nNov 16 10:00:01 rtx1220 SSHD login failed, 192.0.2.1\n");
    let house = House::with(&[("router.log", &text)]);
    let ran = house.run(&[
        "scan",
        "router.log",
        "--year",
        "2026",
        "--ledger",
        "ledger.json",
    ]);
    let ledger = assert_ledger(&house, &ran);
    let input = &ledger["inputs"][0];
    assert_eq!(count(input, "accepted"), 4, "{input}");
    assert_eq!(count(input, "rejected"), 1, "{input}");
    assert_eq!(input["rejects"][0]["reason"], "too-long", "{input}");
}

/// Bytes of a sample with some of them changed, taken out, doubled or cut off.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let paths = samples();
    let change = (any::<prop::sample::Index>(), 0..6u8, any::<u8>());
    let changes = prop::collection::vec(change, 1..12);
    (0..paths.len(), changes).prop_map(move |(which, changes)| {
        let mut bytes = fs::read(&paths[which]).expect("a sample can be read");
        for (at, what, byte) in changes {
            if bytes.is_empty() {
                break;
            }
            let at = at.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"\"\n,{}[]\\\x1b\x00\xff"[usize::from(byte) % 11]),
                3 => {
                    let end = (at + usize::from(byte)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece).for_each(drop);
                }
                4 => drop(bytes.drain(at..(at + usize::from(byte)).min(bytes.len()))),
                _ => bytes[at] ^= 1 << (byte % 8),
            }
        }
        bytes
    })
}

/// Bytes of the kinds that logs are made of, in any order.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<[u8; 3]>().prop_map(|b| b.to_vec()),
        prop::sample::select(vec![
            "\n",
            "\r\n",
            "\"",
            ",",
            "\t",
            "{",
            "}",
            "[",
            "]",
            "\\u00",
            "\u{feff}",
            "2026/11/16 10:00:00",
            "令和8年11月16日",
            "Nov 16 10:00:00 ",
            "<189>1 ",
            "2026-11-16T10:00:00+09:00",
            "日時,利用者ID,操作\n",
            "last message repeated 99 times",
            "message repeated 4294967296 times: [ x]",
            "{\"resourceType\":\"AuditEvent\"",
            "\"recorded\":\"2026-11-16T10:00:00Z\"",
            "ログイン",
            "失敗",
            "sshd[1]: ",
            "Failed password for root from 192.0.2.1 port 1 ssh2",
            "rtx1220 ",
            "\u{1b}[2J",
            "=cmd()",
            "100000000000000000000",
            "24:00",
            "R0.1.1",
            "%SYS-5-CONFIG_I: ",
        ])
        .prop_map(|s| s.as_bytes().to_vec()),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|p| p.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn mutated_samples_balance(bytes in mutated(), format in 0..=FORMATS.len()) {
        check(&bytes, format);
    }

    #[test]
    fn arbitrary_bytes_balance(bytes in prop::collection::vec(any::<u8>(), 0..600), format in 0..=FORMATS.len()) {
        check(&bytes, format);
    }

    #[test]
    fn pieces_of_logs_balance(bytes in pieces(), format in 0..=FORMATS.len()) {
        check(&bytes, format);
    }
}

fn check(bytes: &[u8], format: usize) {
    // Bytes that say they are compressed are another story: what they hold cannot be told.
    let starts: [&[u8]; 5] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ", b"BZh", b"PK"];
    if starts.iter().any(|s| bytes.starts_with(s)) {
        return;
    }
    let house = House::with(&[("any.log", bytes)]);
    let name = FORMATS.get(format).map(|f| f.name());
    assert_balance(&[&house.path().join("any.log")], name, bytes);
}
