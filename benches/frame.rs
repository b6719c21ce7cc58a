//! How fast bytes become records: cutting into segments, and the records of a segment.

use std::hint::black_box;

use divan::Bencher;
use divan::counter::BytesCount;
use yomawari::frame::{Framing, Segment, Segments, Unit, records};

const SIZE: usize = 32 << 20;
const BLOCK: usize = 1 << 20;

fn main() {
    divan::main();
}

/// What is framed.
#[derive(Clone, Copy, Debug)]
enum Sample {
    Lines,
    Csv,
    CsvQuoted,
    Syslog,
    JsonLines,
    JsonArray,
}

const SAMPLES: [Sample; 6] = [
    Sample::Lines,
    Sample::Csv,
    Sample::CsvQuoted,
    Sample::Syslog,
    Sample::JsonLines,
    Sample::JsonArray,
];

impl Sample {
    fn framing(self) -> Framing {
        match self {
            Sample::Lines => Framing::Lines,
            Sample::Csv | Sample::CsvQuoted => Framing::Csv,
            Sample::Syslog => Framing::Syslog,
            Sample::JsonLines | Sample::JsonArray => Framing::Json,
        }
    }

    /// Records of about 100 bytes.
    fn input(self) -> Vec<u8> {
        let record = match self {
            Sample::Lines | Sample::Csv => {
                "2026/04/06 08:31:05,n1023,看護師,病棟3,PC-0312,10.20.3.12,カルテ参照,P0012345,成功,,\n"
            }
            Sample::CsvQuoted => {
                "\"2026/04/06 08:31:05\",\"n1023\",\"看護師\",\"PC-0312\",\"カルテ参照\",\"P0012345\",\"成功\"\n"
            }
            Sample::Syslog => {
                "<174>Apr  6 08:31:05 rtx PP[01] Rejected at IN(2000) filter: TCP 192.0.2.7:4431 > 10.20.3.12:22\n"
            }
            Sample::JsonLines => {
                "{\"time\":\"2026-04-06T08:31:05+09:00\",\"user\":\"n1023\",\"action\":\"chart-view\",\"patient\":\"P1\"}\n"
            }
            Sample::JsonArray => {
                "{\"time\":\"2026-04-06T08:31:05+09:00\",\"user\":\"n1023\",\"action\":\"chart-view\",\"patient\":\"P1\"},\n"
            }
        };
        let mut input = Vec::with_capacity(SIZE + 200);
        if let Sample::JsonArray = self {
            input.extend_from_slice(b"[\n");
        }
        while input.len() < SIZE {
            input.extend_from_slice(record.as_bytes());
        }
        input
    }
}

fn segments(input: &[u8], framing: Framing, mut each: impl FnMut(Segment)) {
    let mut cutter = Segments::new(input, framing, Unit::Byte, BLOCK);
    while let Ok(Some(segment)) = cutter.next_segment() {
        each(segment);
    }
}

#[divan::bench(args = SAMPLES, sample_count = 10)]
fn cut(bencher: Bencher<'_, '_>, sample: Sample) {
    let input = sample.input();
    bencher
        .counter(BytesCount::new(input.len()))
        .bench_local(|| segments(&input, sample.framing(), |segment| drop(black_box(segment))));
}

#[divan::bench(args = SAMPLES, sample_count = 10)]
fn each_record(bencher: Bencher<'_, '_>, sample: Sample) {
    let input = sample.input();
    let mut cut = Vec::new();
    segments(&input, sample.framing(), |segment| cut.push(segment));
    bencher
        .counter(BytesCount::new(input.len()))
        .bench_local(|| {
            let mut count = 0_usize;
            for segment in &cut {
                records(segment, sample.framing(), Unit::Byte, |record| {
                    count += black_box(record).end;
                });
            }
            count
        });
}
