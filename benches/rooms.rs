//! The rooms a record passes between its format and its facts: decoding, folding, hours, devices
//! and rules. Throughput in bytes where bytes go in, in answers where questions do.

use std::hint::black_box;

use bumpalo::Bump;
use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use yomawari::calendar::{CalendarId, Calendars};
use yomawari::diagnostic::Complaints;
use yomawari::enrich::{Enriched, House, Memo};
use yomawari::event::{Action, Event, Field, LogSourceId, LogSources, Outcome, Zone};
use yomawari::register::{RegisterFile, Registers};
use yomawari::rule::RuleSet;
use yomawari::text::{Encoding, fold_identity, fold_key};

fn main() {
    divan::main();
}

/// 2026-11-16T00:00:00+09:00 and a step of seven minutes, nanoseconds.
const MONDAY: i64 = 1_794_754_800_000_000_000;
const STEP: i64 = 420_000_000_000;
const QUESTIONS: usize = 1_000;

const ROW: &str = "2026/11/16 02:14:07,n1023,田中 花子,看護師,3東病棟,T03-PC07,10.20.3.41,\
                   00-A0-DE-03-07-41,カルテ参照,00012345,経過表,成功\n";

#[divan::bench(args = [Encoding::Utf8, Encoding::Cp932, Encoding::EucJp])]
fn decode(bencher: Bencher<'_, '_>, encoding: Encoding) {
    let text = ROW.repeat(10_000);
    let bytes = match encoding {
        Encoding::Cp932 => encoding_rs::SHIFT_JIS.encode(&text).0.into_owned(),
        Encoding::EucJp => encoding_rs::EUC_JP.encode(&text).0.into_owned(),
        _ => text.into_bytes(),
    };
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench(|| encoding.decode(black_box(&bytes)).text.len());
}

#[divan::bench]
fn fold_identities(bencher: Bencher<'_, '_>) {
    bencher
        .counter(BytesCount::new(ROW.len()))
        .bench(|| fold_identity(black_box(ROW)).len());
}

#[divan::bench(args = ["n1023", "N1023", "3東病棟", "ＩＣＵ"])]
fn fold_keys(bencher: Bencher<'_, '_>, key: &str) {
    bencher
        .counter(BytesCount::new(key.len()))
        .bench(|| fold_key(black_box(key)).len());
}

#[divan::bench]
fn judge_instants(bencher: Bencher<'_, '_>) {
    let calendars = Calendars::assumed(Zone::tokyo().tz());
    bencher.counter(ItemsCount::new(QUESTIONS)).bench(|| {
        let at = |i: usize| MONDAY + i as i64 * STEP;
        let judge = |i| calendars.judge(CalendarId(0), at(i)).valid.end;
        (0..QUESTIONS).map(judge).fold(0, i64::wrapping_add)
    });
}

fn registers() -> Registers {
    let mut table = String::from("mac,ip,name,department\n");
    for i in 0..800 {
        let (high, low) = (i / 256, i % 256);
        table += &format!("00-A0-DE-03-{high:02X}-{low:02X},10.20.{high}.{low},T{i:03},3東病棟\n");
    }
    let mut registers = Registers::new(Zone::tokyo());
    let file = RegisterFile {
        name: "devices.csv",
        bytes: table.as_bytes(),
    };
    let mut complaints = Complaints::new();
    registers.read_devices(&file, &mut complaints);
    assert!(complaints.is_empty(), "the table is well formed");
    registers
}

#[divan::bench]
fn look_up_devices(bencher: Bencher<'_, '_>) {
    let registers = registers();
    let asked: Vec<String> = (0..QUESTIONS)
        .map(|i| format!("00-A0-DE-03-{:02X}-{:02X}", i / 256, i % 256))
        .collect();
    bencher.counter(ItemsCount::new(QUESTIONS)).bench(|| {
        asked
            .iter()
            .filter(|mac| {
                let known = registers.device(mac, "10.20.0.1", "T001", MONDAY);
                matches!(known, yomawari::register::Known::Yes(_))
            })
            .count()
    });
}

/// All shipped rules on a chart view at night, by the index and what it leaves open.
#[divan::bench]
fn match_rules(bencher: Bencher<'_, '_>) {
    let (calendars, registers) = (Calendars::assumed(Zone::tokyo().tz()), registers());
    let house = House {
        calendars: &calendars,
        registers: &registers,
    };
    let rules = RuleSet::embedded();
    let time = Zone::tokyo()
        .at_nanos(MONDAY.into())
        .expect("an ordinary day");
    let mut sieve = rules.sieve();
    bencher
        .counter(BytesCount::new(ROW.len() * QUESTIONS))
        .bench_local(|| {
            let arena = Bump::new();
            let mut memo = Memo::new(house, &arena);
            let mut event = Event::new(&arena);
            let mut matched = 0;
            for _ in 0..QUESTIONS {
                event.begin(ROW);
                event.set_time(time);
                event.set_action(Action::ChartView);
                event.set_outcome(Outcome::Success);
                event.set(Field::UserId, "n1023");
                event.set(Field::SourceIp, "10.20.3.41");
                event.set(Field::SourceMac, "00-A0-DE-03-00-41");
                event.set(Field::PatientId, "00012345");
                let sources = LogSources::of(&[LogSourceId::Ehr]);
                let candidates = rules.candidates(Some(Action::ChartView), Outcome::Success);
                let mut enriched = Enriched::new(&mut event, house, &mut memo);
                let asked = candidates.called_up(sources, &mut enriched, &mut sieve);
                let matches = asked.filter(|c| c.matches(&rules, &mut enriched));
                matched += matches.count();
            }
            matched
        });
}
