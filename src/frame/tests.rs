//! Guards the promise of the room: any block size gives the same records, those of the slow
//! framers.

use std::io::{self, Read};

use proptest::prelude::*;

use super::literal::{Literal, Slow};
use super::{Framing, LIMITS, Limits, Segment, Segments, Unit, Wholeness, records_within};

const SMALL: Limits = Limits {
    record: 40,
    kept: 8,
    quote_lines: 3,
    quote_bytes: 30,
    before: 32,
};

/// Bytes that may end in an error.
struct Source<'i> {
    bytes: &'i [u8],
    broken: bool,
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.bytes.is_empty() && self.broken {
            return Err(io::Error::other("broken"));
        }
        self.bytes.read(buffer)
    }
}

/// How an input is framed in a test.
#[derive(Clone, Copy, Debug)]
struct How {
    framing: Framing,
    unit: Unit,
    limits: Limits,
    block: usize,
    broken: bool,
}

fn how(framing: Framing, limits: Limits, block: usize) -> How {
    How {
        framing,
        unit: Unit::Byte,
        limits,
        block,
        broken: false,
    }
}

fn segments(input: &[u8], how: How) -> Vec<Segment> {
    let source = Source {
        bytes: input,
        broken: how.broken,
    };
    let mut cutter = Segments::within(source, how.framing, how.unit, how.block, how.limits);
    let mut all = Vec::new();
    loop {
        match cutter.next_segment() {
            Ok(Some(segment)) => all.push(segment),
            Ok(None) => {
                assert!(!how.broken);
                assert_eq!(
                    all.iter().filter(|s| s.last).count(),
                    usize::from(!input.is_empty())
                );
                return all;
            }
            Err(_) => {
                assert!(how.broken && all.iter().all(|s| !s.last));
                assert!(cutter.next_segment().is_ok_and(|s| s.is_none()));
                return all;
            }
        }
    }
}

fn fast(input: &[u8], how: How) -> Vec<Literal> {
    let mut out = Vec::new();
    let (mut line, mut offset) = (0, 0);
    for (number, segment) in segments(input, how).iter().enumerate() {
        assert_eq!(segment.number as usize, number);
        if segment.too_long.is_none() {
            assert!(segment.offset == offset || offset == u64::MAX);
            let here = &input[segment.offset as usize..][..segment.bytes.len()];
            assert_eq!(segment.bytes, here);
        }
        let end = segment.offset as usize;
        assert!(segment.before.len() <= how.limits.before);
        assert!(input[..end].ends_with(&segment.before));
        records_within(segment, how.framing, how.unit, how.limits, |framed| {
            out.push(Literal {
                offset: segment.offset + framed.start as u64,
                line: line + u64::from(framed.line),
                length: framed.length,
                wholeness: framed.wholeness,
                bytes: segment.bytes[framed.start..framed.end].to_vec(),
            });
        });
        line += u64::from(segment.lines);
        offset = match segment.too_long {
            Some(_) => u64::MAX,
            None => segment.offset + segment.bytes.len() as u64,
        };
    }
    out
}

fn slow(input: &[u8], how: How) -> Vec<Literal> {
    let slow = Slow::new(input, how.unit, how.limits, how.broken);
    match how.framing {
        Framing::Csv => slow.csv(),
        Framing::Syslog if how.unit == Unit::Byte => slow.syslog(),
        _ => slow.lines(),
    }
}

fn texts(input: &str, framing: Framing) -> Vec<String> {
    let found = fast(input.as_bytes(), how(framing, LIMITS, 1 << 20));
    found
        .into_iter()
        .map(|record| String::from_utf8(record.bytes).unwrap())
        .collect()
}

/// Text made of the pieces that matter.
fn pieces(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(pieces), 0..60)
        .prop_map(|parts| parts.concat().into_bytes())
}

fn wide(text: &[u8], unit: Unit) -> Vec<u8> {
    String::from_utf8_lossy(text)
        .encode_utf16()
        .flat_map(|value| match unit {
            Unit::Utf16Be => value.to_be_bytes(),
            _ => value.to_le_bytes(),
        })
        .collect()
}

const CSV: &[&str] = &[
    "\"",
    "\"",
    "\"\"",
    ",",
    ";",
    "\t",
    "\n",
    "\n",
    "\r\n",
    "\r",
    "a",
    "記録",
    "a\",\"b\n",
    "long long long long cell",
    "\u{feff}",
];
const SYSLOG: &[&str] = &[
    "<13>",
    "<1",
    "3>",
    "\n",
    "\r\n",
    "\0",
    " ",
    " <",
    "5 <",
    "9 <13>a",
    "12 <",
    "1",
    "0",
    "20 <x\n",
    "text",
    "\n<13>",
    "8 <1>abcd",
    "99 <",
    "12345678 <",
    "\r",
];
const JSON: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\"a\"",
    "\"entry\":[",
    "{\"resource\":{",
    "\"resourceType\":\"Bundle\",",
    "\"resourceType\":\"List\"",
    "\n",
    " ",
    "12",
    "true",
    "記",
    "{\"a\":1}",
    "\"entry\"",
    "\"resource\"",
    "\u{feff}",
];

fn blocks() -> impl Strategy<Value = usize> {
    prop_oneof![1usize..12, 12usize..200, Just(1 << 20)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn csv_is_what_the_slow_framer_says(
        input in pieces(CSV), block in blocks(), broken: bool,
        unit in prop::sample::select(vec![Unit::Byte, Unit::Utf16Le, Unit::Utf16Be]),
        framing in prop::sample::select(vec![Framing::Csv, Framing::Lines]), half: bool,
    ) {
        let mut input = if unit == Unit::Byte { input } else { wide(&input, unit) };
        if half && unit != Unit::Byte {
            input.push(b'\n');
        }
        let how = How { framing, unit, limits: SMALL, block, broken };
        prop_assert_eq!(fast(&input, how), slow(&input, how));
    }

    #[test]
    fn syslog_is_what_the_slow_framer_says(
        input in pieces(SYSLOG), block in blocks(), broken: bool,
    ) {
        let how = How { broken, ..how(Framing::Syslog, SMALL, block) };
        prop_assert_eq!(fast(&input, how), slow(&input, how));
    }

    #[test]
    fn json_is_the_same_in_any_blocks(
        input in pieces(JSON), block in blocks(), broken: bool,
        unit in prop::sample::select(vec![Unit::Byte, Unit::Utf16Le]),
    ) {
        let input = if unit == Unit::Byte { input } else { wide(&input, unit) };
        let how = How { unit, broken, ..how(Framing::Json, SMALL, block) };
        prop_assert_eq!(fast(&input, how), fast(&input, How { block: 1 << 20, ..how }));
    }

    #[test]
    fn arbitrary_bytes_are_the_same_in_any_blocks(
        input in prop::collection::vec(any::<u8>(), 0..300), block in blocks(),
        framing in prop::sample::select(
            vec![Framing::Lines, Framing::Csv, Framing::Syslog, Framing::Json]),
        unit in prop::sample::select(vec![Unit::Byte, Unit::Utf16Le, Unit::Utf16Be]),
    ) {
        let how = How { unit, ..how(framing, SMALL, block) };
        prop_assert_eq!(fast(&input, how), fast(&input, How { block: 1 << 20, ..how }));
    }
}
