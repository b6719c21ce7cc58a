//! Speed of the `csv` format alone, in bytes of decoded records, one core: rows of twelve columns
//! as a records system exports them, plain and with every cell quoted, and the ministry's layout.

use bumpalo::Bump;
use divan::counter::BytesCount;
use yomawari::diagnostic::Complaints;
use yomawari::event::{Event, Instant, Zone};
use yomawari::format::{self, Parser, Settings};

fn main() {
    divan::main();
}

const HEADING: &str =
    "日時,利用者ID,利用者名,職種,部署,端末名,IPアドレス,MACアドレス,操作,患者ID,機能,結果";
const ROWS: usize = 20_000;

/// Invented rows; the same on every run.
fn rows() -> Vec<String> {
    let actions = [
        "ログイン",
        "患者検索",
        "カルテ参照",
        "カルテ参照",
        "カルテ入力",
        "処方",
        "印刷",
        "ログアウト",
    ];
    let roles = [
        ("看護師", "３階病棟"),
        ("医師", "内科"),
        ("薬剤師", "薬剤部"),
        ("事務", "医事課"),
    ];
    let row = |n: usize| {
        let (role, department) = roles[n % 4];
        format!(
            "2026/11/{:02} {:02}:{:02}:{:02},n{:04},夜回　{}子,{role},{department},W{}-PC{:02},10.20.{}.{},A4-C3-61-2A-{:02X}-{:02X},{},{:08},経過表,{}",
            1 + n / 1000 % 28,
            n / 60 % 24,
            n % 60,
            n * 7 % 60,
            1000 + n % 300,
            ["一", "二", "三"][n % 3],
            1 + n % 5,
            n % 40,
            n % 5,
            n % 250,
            n % 5,
            n % 256,
            actions[n % 8],
            n * 31 % 100_000,
            if n.is_multiple_of(50) {
                "失敗"
            } else {
                "成功"
            },
        )
    };
    (0..ROWS).map(row).collect()
}

fn parser(heading: &str) -> Box<dyn Parser> {
    let settings = Settings {
        zone: Zone::tokyo(),
        reference: Instant {
            nanos: 0,
            offset: 0,
            trusted: true,
            ambiguous: false,
        },
        year: None,
        section: None,
    };
    let format = format::named("csv").expect("the csv format is built in");
    format
        .parser(heading, &settings, &mut Complaints::new())
        .expect("the heading is known")
}

fn run(bencher: divan::Bencher<'_, '_>, heading: &str, rows: &[String]) {
    let parser = parser(heading);
    let bytes: usize = rows.iter().map(String::len).sum();
    let mut arena = Bump::new();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        arena.reset();
        let mut event = Event::new(&arena);
        let mut events = 0u64;
        for row in rows {
            event.begin(row);
            let read = parser.parse(row, &mut event, &mut |e| events += u64::from(e.repeat()));
            read.expect("every row is in order");
        }
        assert_eq!(events, rows.len() as u64);
    });
}

#[divan::bench]
fn ordinary(bencher: divan::Bencher<'_, '_>) {
    run(bencher, HEADING, &rows());
}

#[divan::bench]
fn quoted(bencher: divan::Bencher<'_, '_>) {
    let quoted: Vec<String> = rows()
        .iter()
        .map(|r| format!("\"{}\"", r.replace(',', "\",\"")))
        .collect();
    run(bencher, HEADING, &quoted);
}

#[divan::bench]
fn ministry_layout(bencher: divan::Bencher<'_, '_>) {
    let row = |n: usize| {
        format!(
            "nurse{:02}@hosp,夜回　一子,2026/5/16 {}:{:02}:00,入力メニュー,カルテ入力",
            n % 40,
            n % 24,
            n % 60
        )
    };
    let rows: Vec<String> = (0..ROWS).map(row).collect();
    run(bencher, "ユーザーID,氏名,時刻,カテゴリ,操作情報", &rows);
}
