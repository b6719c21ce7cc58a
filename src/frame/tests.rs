//! Guards the promise of the room: any block size gives the same records, those of the slow
//! framers.

use std::io::{self, Read};

use proptest::prelude::*;

use super::literal::{Literal, Slow};
use super::{
    Framing, LIMITS, Limits, LineEnd, MAX_RECORD, Segment, Segments, Unit, Wholeness, records,
    records_within,
};

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
    line_end: LineEnd,
    limits: Limits,
    block: usize,
    broken: bool,
}

fn how(framing: Framing, limits: Limits, block: usize) -> How {
    How {
        framing,
        unit: Unit::Byte,
        line_end: LineEnd::Feed,
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
    let cutter = Segments::within(source, how.framing, how.unit, how.block, how.limits);
    let mut cutter = cutter.ending(how.line_end);
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
    let slow = slow.ending(char::from(how.line_end.character()));
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
    "\r",
    " ",
    "12",
    "true",
    "記",
    "{\"a\":1}",
    "\"entry\"",
    "\"resource\"",
    "\u{feff}",
];

fn line_ends() -> impl Strategy<Value = LineEnd> {
    prop::sample::select(vec![LineEnd::Feed, LineEnd::Return])
}

fn blocks() -> impl Strategy<Value = usize> {
    prop_oneof![1usize..12, 12usize..200, Just(1 << 20)]
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(1_000)
    })]

    #[test]
    fn csv_is_what_the_slow_framer_says(
        input in pieces(CSV), block in blocks(), broken: bool,
        unit in prop::sample::select(vec![Unit::Byte, Unit::Utf16Le, Unit::Utf16Be]),
        framing in prop::sample::select(vec![Framing::Csv, Framing::Lines]), half: bool,
        line_end in line_ends(),
    ) {
        let mut input = if unit == Unit::Byte { input } else { wide(&input, unit) };
        if half && unit != Unit::Byte {
            input.push(line_end.character());
        }
        let how = How { framing, unit, line_end, limits: SMALL, block, broken };
        prop_assert_eq!(fast(&input, how), slow(&input, how));
    }

    #[test]
    fn syslog_is_what_the_slow_framer_says(
        input in pieces(SYSLOG), block in blocks(), broken: bool, line_end in line_ends(),
    ) {
        let how = How { broken, line_end, ..how(Framing::Syslog, SMALL, block) };
        prop_assert_eq!(fast(&input, how), slow(&input, how));
    }

    #[test]
    fn json_is_the_same_in_any_blocks(
        input in pieces(JSON), block in blocks(), broken: bool,
        unit in prop::sample::select(vec![Unit::Byte, Unit::Utf16Le]), line_end in line_ends(),
    ) {
        let input = if unit == Unit::Byte { input } else { wide(&input, unit) };
        let how = How { unit, broken, line_end, ..how(Framing::Json, SMALL, block) };
        prop_assert_eq!(fast(&input, how), fast(&input, How { block: 1 << 20, ..how }));
    }

    #[test]
    fn arbitrary_bytes_are_the_same_in_any_blocks(
        input in prop::collection::vec(any::<u8>(), 0..300), block in blocks(),
        framing in prop::sample::select(
            vec![Framing::Lines, Framing::Csv, Framing::Syslog, Framing::Json]),
        unit in prop::sample::select(vec![Unit::Byte, Unit::Utf16Le, Unit::Utf16Be]),
        line_end in line_ends(),
    ) {
        let how = How { unit, line_end, ..how(framing, SMALL, block) };
        prop_assert_eq!(fast(&input, how), fast(&input, How { block: 1 << 20, ..how }));
    }
}

/// The values of a JSON text, by their own words.
fn values(text: &str) -> Vec<serde_json::Value> {
    texts(text, Framing::Json)
        .iter()
        .map(|value| serde_json::from_str(value).unwrap())
        .collect()
}

/// A FHIR-like object with everything that could mislead.
fn object() -> impl Strategy<Value = serde_json::Value> {
    let text = prop::sample::select(vec!["}", "\"", "\\", "entry", "{[", "記録\n", "Bundle", ""]);
    let leaf = prop_oneof![
        text.prop_map(serde_json::Value::from),
        any::<i32>().prop_map(serde_json::Value::from),
        Just(serde_json::Value::Null),
    ];
    let key = prop::sample::select(vec!["entry", "resource", "id", "a\"b", "\\"]);
    let inner = leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::vec((key.clone(), inner), 0..4).prop_map(object_of),
        ]
    });
    prop::collection::vec(inner, 1..3).prop_map(|values| {
        object_of(vec![
            ("resourceType", "AuditEvent".into()),
            ("detail", values.into()),
        ])
    })
}

fn object_of(members: Vec<(&str, serde_json::Value)>) -> serde_json::Value {
    let members = members
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value));
    serde_json::Value::Object(members.collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_values_come_back(
        objects in prop::collection::vec(object(), 1..5), pretty: bool, shape in 0..4, typed: bool,
    ) {
        let show = |value: &serde_json::Value| if pretty {
            serde_json::to_string_pretty(value).unwrap()
        } else {
            value.to_string()
        };
        let all: Vec<_> = objects.iter().map(show).collect();
        let text = match shape {
            0 => all.join("\n"),
            1 => all.join(" "),
            2 => show(&serde_json::Value::from(objects.clone())),
            _ => {
                let entries: Vec<_> = objects
                    .iter()
                    .map(|one| object_of(vec![
                        ("fullUrl", "urn:}".into()),
                        ("resource", one.clone()),
                        ("search", object_of(vec![("mode", "match".into())])),
                    ]))
                    .collect();
                let head = if typed { "resourceType" } else { "total" };
                show(&object_of(vec![
                    (head, if typed { "Bundle".into() } else { 3.into() }),
                    ("link", serde_json::Value::from(vec![object_of(vec![("entry", 1.into())])])),
                    ("entry", entries.into()),
                    ("signature", object_of(vec![("entry", 1.into())])),
                ]))
            }
        };
        prop_assert_eq!(values(&text), objects);
    }
}

#[test]
fn a_bundle_may_hold_nothing_and_entries_without_resource() {
    assert!(values(r#"{"resourceType":"Bundle","total":0}"#).is_empty());
    let text = r#"{"resourceType":"Bundle","entry":[{"request":{"method":"DELETE"}},
        {"resource":{"id":"1"}},{"fullUrl":"x"}]}"#;
    assert_eq!(texts(text, Framing::Json), [r#"{"id":"1"}"#]);
    let plain = "{\"entry\":[{\"id\":1}],\n\"resource\":{}}";
    assert_eq!(texts(plain, Framing::Json), [plain]);
}

#[test]
fn a_broken_line_of_json_lines_spoils_nothing_else() {
    let text = "\n{\"a\":1}\n{\"b\":\"cut\n\n{\"c\":3}\n";
    assert_eq!(
        texts(text, Framing::Json),
        ["", "{\"a\":1}", "{\"b\":\"cut", "", "{\"c\":3}"]
    );
    assert_eq!(texts("{\"cut\n{\"a\":1}\n", Framing::Json).len(), 2);
    assert_eq!(texts("no json\n{\"a\":1}\n", Framing::Json).len(), 2);
}

#[test]
fn an_array_that_is_never_closed_says_so() {
    let found = fast(b"[{\"a\":1},\n{\"b\":2}", how(Framing::Json, LIMITS, 7));
    let wholeness: Vec<_> = found.iter().map(|record| record.wholeness).collect();
    assert_eq!(
        wholeness,
        [Wholeness::Whole, Wholeness::Whole, Wholeness::Unfinished]
    );
    let found = fast(b"[{\"a\":1},{\"b\"", how(Framing::Json, LIMITS, 7));
    assert_eq!(found[1].wholeness, Wholeness::Unfinished);
    assert_eq!(found[1].bytes, b"{\"b\"");
}

#[test]
fn a_bundle_that_was_cut_keeps_its_whole_entries() {
    let entries = r#"{"resourceType":"Bundle","entry":[{"resource":{"a":1}},{"resource":{"b":2}},"#;
    let whole = ["{\"a\":1}", "{\"b\":2}"];
    for (cut, rest) in [
        ("", ""),
        ("{\"reso", ""),
        ("{\"resource\":{\"c\":3", "{\"c\":3"),
        ("{\"resource\":{\"c", "{\"c"),
        ("{\"resource\":{\"c\":\"x", "{\"c\":\"x"),
    ] {
        let found = fast(
            format!("{entries}{cut}").as_bytes(),
            how(Framing::Json, LIMITS, 7),
        );
        let texts: Vec<_> = found
            .iter()
            .map(|r| String::from_utf8_lossy(&r.bytes))
            .collect();
        assert_eq!(texts, [whole[0], whole[1], rest], "{cut}");
        assert_eq!(found[2].wholeness, Wholeness::Unfinished, "{cut}");
    }
    // An object that is no Bundle is one cut record.
    assert_eq!(texts("{\"a\":1,\"b\":\"cut", Framing::Json).len(), 1);
}

#[test]
fn syslog_frames_are_told_one_by_one() {
    let cases: [(&str, &[&str]); 14] = [
        ("<13>a: one\n<13>a: two\n", &["<13>a: one", "<13>a: two"]),
        ("<13>a: one\r\n", &["<13>a: one"]),
        ("<13>a: one\0<13>a: two\0", &["<13>a: one", "<13>a: two"]),
        ("6 <1>1 -8 <2>1 - A", &["<1>1 -", "<2>1 - A"]),
        ("11 <1>1 hellø", &["<1>1 hellø"]),
        ("9 <13>x: a\nb", &["9 <13>x: a", "b"]),
        ("10 <13>x: a\nb", &["<13>x: a\nb"]),
        (
            "<181>00\n <181>01\n<181>02\n",
            &["<181>00", "<181>01", "<181>02"],
        ),
        (
            "<133>Msg 1\nLine 2\n<133>Msg 2\n",
            &["<133>Msg 1", "Line 2", "<133>Msg 2"],
        ),
        // A frame whose sender counted the line feed in, and one with a line feed after it.
        // After that the line feed is a blank line: the frame before had none behind it.
        ("6 <13>a\n6 <13>bc\n", &["<13>a", "<13>bc", ""]),
        // Lengths that are none.
        (
            "404 not found\n0 <a\n12345678 <a\n",
            &["404 not found", "0 <a", "12345678 <a"],
        ),
        ("3 <13>long text\n<13>b\n", &["3 <13>long text", "<13>b"]),
        // An invented length cannot hide the messages after it.
        (
            "20 <x\n<13>secret\n<13>b\n",
            &["20 <x", "<13>secret", "<13>b"],
        ),
        ("\n\n<13>a", &["", "", "<13>a"]),
    ];
    for (stream, messages) in cases {
        assert_eq!(texts(stream, Framing::Syslog), messages, "{stream:?}");
    }
}

#[test]
fn a_short_counted_frame_is_unfinished() {
    let found = fast(b"6 <13>ab\n30 <13>cut", how(Framing::Syslog, LIMITS, 5));
    assert_eq!(found[1].wholeness, Wholeness::Unfinished);
    assert_eq!(found[1].bytes, b"<13>cut");
}

#[test]
fn rows_may_hold_lines_and_stray_quotes() {
    let cases: [(&str, &[&str]); 6] = [
        ("a,\"b\r\nc\",d\r\ne\r\n", &["a,\"b\r\nc\",d", "e"]),
        ("a,\"say \"\"\n\"\"\"\nb\n", &["a,\"say \"\"\n\"\"\"", "b"]),
        ("a \"5\" disk\nb\n", &["a \"5\" disk", "b"]),
        ("a\t\"b\n\";\"\n\"\nc", &["a\t\"b\n\";\"\n\"", "c"]),
        ("\u{feff}\"a\nb\"\n\n", &["\"a\nb\"", ""]),
        ("\u{feff}", &[]),
    ];
    for (text, rows) in cases {
        assert_eq!(texts(text, Framing::Csv), rows, "{text:?}");
    }
}

#[test]
fn a_stray_quote_costs_its_own_line_only() {
    let text = format!("a,\"b\n{}", "c,d\n".repeat(3_000));
    let found = fast(text.as_bytes(), how(Framing::Csv, LIMITS, 4096));
    assert_eq!(found.len(), 3_001);
    assert_eq!(found[0].wholeness, Wholeness::OpenQuote);
    assert!(
        found[1..]
            .iter()
            .all(|row| row.wholeness == Wholeness::Whole)
    );
    let last = fast(b"a\nb,\"c", how(Framing::Csv, LIMITS, 3));
    assert_eq!(last[1].wholeness, Wholeness::Unfinished);
}

#[test]
fn lines_end_in_returns_where_no_line_feed_stands_outside_of_quotes() {
    let cases = [
        ("a,b\rc,d\r", LineEnd::Return),
        ("a,b\rc,\"d\ne\"\rf,\"g\r\nh\"\r", LineEnd::Return),
        ("\u{feff}\"a\nb\",c\rd", LineEnd::Return),
        ("日時,利用者\r2026,n1\r", LineEnd::Return),
        ("<13>a: one\r<13>a: two", LineEnd::Return),
        // A stray quote hides no lines.
        ("a,\"b\rc\rd\r", LineEnd::Return),
        ("a\rb,\"c\nd\ne\n", LineEnd::Feed),
        // All else is as it was.
        ("", LineEnd::Feed),
        ("a,b", LineEnd::Feed),
        ("a,b\nc,d\n", LineEnd::Feed),
        ("a,b\r\nc,d\r\n", LineEnd::Feed),
        ("a\rb\rc\n", LineEnd::Feed),
        ("\"a\rb\",c", LineEnd::Feed),
        // Half of a CRLF, for all that is known.
        ("a,b\r", LineEnd::Feed),
        ("<13>a\rb\0<13>c\rd\0", LineEnd::Feed),
        ("7 <13>a\rb7 <13>c\rd", LineEnd::Feed),
    ];
    for (text, line_end) in cases {
        assert_eq!(
            LineEnd::of(text.as_bytes(), Unit::Byte),
            line_end,
            "{text:?}"
        );
        let is_stream = text.contains('\0') || text.starts_with('7');
        for unit in [Unit::Utf16Le, Unit::Utf16Be] {
            let found = LineEnd::of(&wide(text.as_bytes(), unit), unit);
            assert!(is_stream || found == line_end, "{text:?}");
        }
    }
}

/// Takes care of the time by the number of bytes: a quadratic framer would not end.
#[test]
fn many_stray_quotes_and_lengths_are_read_in_linear_time() {
    let quotes = "a\",\"b\n".repeat(200_000);
    let lengths = "400000 <x\n".repeat(100_000);
    let priority = format!("{lengths}<13>a\n");
    for (text, framing) in [
        (quotes, Framing::Csv),
        (lengths, Framing::Syslog),
        (priority, Framing::Syslog),
    ] {
        assert!(!fast(text.as_bytes(), how(framing, LIMITS, 1 << 16)).is_empty());
    }
}

#[test]
fn a_record_too_long_is_passed_in_flat_memory() {
    for framing in [Framing::Lines, Framing::Csv, Framing::Syslog, Framing::Json] {
        let long = 3 * MAX_RECORD as u64;
        let (head, tail): (&[u8], &[u8]) = match framing {
            Framing::Json => (b"[{\"a\":1},{\"b\":\"", b"\"},{\"c\":1}]"),
            _ => (b"first\n", b"\r\nlast\n"),
        };
        let source = head.chain(io::repeat(b'x').take(long)).chain(tail);
        let mut cutter = Segments::new(source, framing, Unit::Byte, 1 << 16);
        let mut found = Vec::new();
        while let Some(segment) = cutter.next_segment().unwrap() {
            assert!(segment.bytes.len() <= 1 << 17, "{framing:?}");
            records(&segment, framing, Unit::Byte, |record| {
                found.push((
                    segment.offset + record.start as u64,
                    record.length,
                    record.wholeness,
                ));
            });
        }
        let [_, (offset, length, wholeness), (next, ..)] = found[..] else {
            panic!("{framing:?}: {found:?}");
        };
        assert_eq!(wholeness, Wholeness::TooLong);
        match framing {
            Framing::Json => assert_eq!((offset, length, next), (9, long + 8, long + 18)),
            _ => assert_eq!((offset, length, next), (6, long, long + 8)),
        }
    }
}

#[test]
fn empty_and_endless_blank_inputs_are_no_trouble() {
    for framing in [Framing::Lines, Framing::Csv, Framing::Syslog, Framing::Json] {
        assert!(segments(b"", how(framing, LIMITS, 9)).is_empty());
        assert_eq!(fast(b"\n\r\n", how(framing, LIMITS, 1)).len(), 2);
    }
}

/// Gives its bytes in pieces of these lengths, again and again.
struct SlowReader<'i> {
    bytes: &'i [u8],
    pieces: Vec<usize>,
    next: usize,
}

impl Read for SlowReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let piece = self.pieces[self.next % self.pieces.len()];
        self.next += 1;
        let length = piece.min(buffer.len()).min(self.bytes.len());
        buffer[..length].copy_from_slice(&self.bytes[..length]);
        self.bytes = &self.bytes[length..];
        Ok(length)
    }
}

/// Offset in the input, line, length and wholeness of each record.
fn placed(segments: &[Segment], framing: Framing) -> Vec<(u64, u32, u64, Wholeness)> {
    let mut all = Vec::new();
    let mut line = 0;
    for segment in segments {
        records_within(segment, framing, Unit::Byte, SMALL, |framed| {
            let offset = segment.offset + framed.start as u64;
            all.push((offset, line + framed.line, framed.length, framed.wholeness));
        });
        line += segment.lines;
    }
    all
}

proptest! {
    /// A live stream gives the records of the whole input, however it comes.
    #[test]
    fn a_live_stream_gives_the_same_records(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "ab", "\n", "\r\n", "\r", "\"", ",", "<13>x", "5 <13>a", "12 ", "{", "}", "[", "]",
                "{\"a\":1}", " ", "漏", "0123456789012345678901234567890123456789012345",
            ]),
            0..40,
        ),
        pieces in prop::collection::vec(1usize..9, 1..5),
        framing in prop::sample::select(vec![
            Framing::Lines, Framing::Syslog, Framing::Csv, Framing::Json,
        ]),
        line_end in line_ends(),
    ) {
        let input = parts.concat();
        let whole = How { line_end, ..how(framing, SMALL, 1 << 10) };
        let whole = segments(input.as_bytes(), whole);
        let reader = SlowReader { bytes: input.as_bytes(), pieces, next: 0 };
        let cutter = Segments::within(reader, framing, Unit::Byte, 16, SMALL).into_live();
        let mut cutter = cutter.ending(line_end);
        let mut live = Vec::new();
        while let Some(segment) = cutter.next_segment().expect("nothing breaks") {
            live.push(segment);
        }
        prop_assert_eq!(placed(&live, framing), placed(&whole, framing));
    }

    /// A message that is counted is given as soon as it is there, but for the first one: only what
    /// follows tells that it is counted.
    #[test]
    fn counted_messages_do_not_wait(
        messages in prop::collection::vec("<13>[a-z]{9,20}\n?", 2..9),
        end in prop::sample::select(vec!["", "\n", "\r\n"]),
    ) {
        let frames = messages.iter().map(|message| format!("{} {message}{end}", message.len()));
        let frames: Vec<String> = frames.collect();
        let text = frames.concat();
        let pieces = frames.iter().map(String::len).collect();
        let reader = SlowReader { bytes: text.as_bytes(), pieces, next: 0 };
        let mut cutter = Segments::live(reader, Framing::Syslog, Unit::Byte, 1 << 16);
        let first = cutter.next_segment().expect("nothing breaks").expect("messages");
        prop_assert_eq!(first.bytes, frames[..2].concat().into_bytes());
        for frame in &frames[2..] {
            let segment = cutter.next_segment().expect("nothing breaks");
            prop_assert_eq!(segment.expect("a message").bytes, frame.clone().into_bytes());
        }
    }

    /// What is whole is given before the reader is asked for more.
    #[test]
    fn whole_lines_do_not_wait(lines in prop::collection::vec("[a-z]{0,9}", 1..9)) {
        for framing in [Framing::Lines, Framing::Syslog, Framing::Csv] {
            let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
            let pieces = lines.iter().map(|line| line.len() + 1).collect();
            let reader = SlowReader { bytes: text.as_bytes(), pieces, next: 0 };
            let mut cutter = Segments::live(reader, framing, Unit::Byte, 1 << 16);
            for line in &lines {
                let segment = cutter.next_segment().expect("nothing breaks");
                prop_assert_eq!(segment.expect("a line").bytes, format!("{line}\n").into_bytes());
            }
        }
    }
}
