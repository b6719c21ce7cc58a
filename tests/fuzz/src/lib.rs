//! What the fuzz targets share: a log of one format, read as the program reads it.
//!
//! Takes arbitrary bytes; cuts them into segments and records, and parses each. Panics when a record
//! is read differently the second time, or when records are lost between two sizes of segments.

use bumpalo::Bump;
use yomawari::diagnostic::Complaints;
use yomawari::event::{Event, Zone};
use yomawari::format::{self, Settings};
use yomawari::frame::{self, Segments, Unit};
use yomawari::pipeline::reference;
use yomawari::text::Encoding;

/// Bytes of the beginning that a format learns its input from.
const HEAD: usize = 64 << 10;

/// Reads all records of a log.
pub fn read_log(format: &str, data: &[u8]) {
    let format = format::named(format).expect("the target names a format");
    let head = Encoding::Utf8.decode(&data[..data.len().min(HEAD)]).text;
    let zone = Zone::tokyo();
    let settings = Settings {
        zone,
        reference: reference(1_800_000_000, 0, zone),
        year: None,
        section: None,
    };
    // Whatever claims a log is asked what it sees in it; nothing hangs on the answer.
    let _ = format::detect(&head);
    let Some(parser) = format.parser(&head, &settings, &mut Complaints::new()) else {
        return;
    };
    let mut counts = [32, 1 << 20].map(|block| {
        let mut records = 0_u64;
        let mut segments = Segments::new(data, format.framing(), Unit::Byte, block);
        while let Ok(Some(segment)) = segments.next_segment() {
            frame::records(&segment, format.framing(), Unit::Byte, |framed| {
                records += 1;
                let text = Encoding::Utf8
                    .decode(&segment.bytes[framed.start..framed.end])
                    .text;
                let once = read_record(&*parser, &text);
                assert_eq!(
                    once,
                    read_record(&*parser, &text),
                    "a format remembers nothing"
                );
            });
        }
        records
    });
    counts.sort_unstable();
    assert_eq!(counts[0], counts[1], "the size of segments changes nothing");
}

/// Reads one record; gives what became of it and how many events it gave.
fn read_record(parser: &dyn format::Parser, text: &str) -> (String, usize) {
    let arena = Bump::new();
    let text: &str = arena.alloc_str(text);
    let mut event = Event::new(&arena);
    event.begin(text);
    let mut events = 0;
    let parsed = parser.parse(text, &mut event, &mut |event| {
        assert!(event.time().is_some(), "an event has a time");
        events += 1;
    });
    (format!("{parsed:?}"), events)
}
