//! The door: opens one input after another, learns what it is, and hands out its segments.

use std::io::{self, Read};
use std::sync::Arc;

use crate::diagnostic::{Complaints, Text};
use crate::event::{Event, Field, FieldSet, InputAccount, Instant, LogSources, Reason, Zone};
use crate::format::{self, Format, Parser, Settings};
use crate::frame::{Framing, LineEnd, Rooms, Segment, Segments, Unit};
use crate::input::Input;
use crate::spill::Origins;
use crate::text::{Encoding, EncodingChoice};
use crate::yaml::Node;

use super::dating::{AHEAD, latest_of, reference_of};
use super::{Watch, years};

/// How much of an input is looked at before its first record is read, in bytes.
pub const HEAD: usize = 64 << 10;

/// What is known about a source before its inputs are opened; `None` means: find out.
#[derive(Clone, Debug)]
pub struct SourceSettings {
    /// Its name in alerts and the ledger.
    pub name: Option<String>,
    /// Its format.
    pub format: Option<String>,
    /// Its encoding.
    pub encoding: EncodingChoice,
    /// Zone of times that print none.
    pub zone: Zone,
    /// Year of times that print none.
    pub year: Option<i32>,
    /// The `csv:` or `jsonl:` section of the config.
    pub section: Option<Node>,
    /// Log sources that the config adds to what the format declares.
    pub log_sources: LogSources,
    /// How often it should be heard of, as the config writes it; `None` where it does not.
    pub expected: Option<String>,
}

/// Fields that the account of an input gives, whatever its format.
pub const OF_INPUTS: &[Field] = &[Field::EventKind, Field::InputSource];

/// One input to be read.
#[derive(Clone, Debug)]
pub struct Task {
    /// The bytes.
    pub input: Input,
    /// Its source.
    pub source: Arc<SourceSettings>,
    /// The instant against which year-less times of stdin are resolved.
    pub now: Instant,
    /// From which offset on its times lie by how many years beside its reference, where it is known
    /// to be longer than a year.
    pub years: Vec<(u64, i32)>,
}

/// An input after it was opened, and what was read of it.
#[derive(Clone)]
pub struct OpenedInput {
    /// The bytes, to read evidence again.
    pub input: Input,
    /// Source name.
    pub source: String,
    /// Name of the format; empty when none was found.
    pub format: String,
    /// Why that format.
    pub why: Text,
    /// Encoding; `None` when the input could not be opened.
    pub encoding: Option<Encoding>,
    /// Why that encoding.
    pub encoding_why: Text,
    /// Zone of times that print none.
    pub zone: Zone,
    /// Compression; empty when it could not be opened.
    pub compression: &'static str,
    /// What was decided about it.
    pub notes: Vec<Text>,
    /// What was found in it, for those who ask for more.
    pub details: Vec<Text>,
    /// Why it was not read whole.
    pub error: Option<Text>,
    /// Mistakes in its settings (columns that are not there); they stop a run before it begins.
    pub complaints: Complaints,
    /// What was read.
    pub account: InputAccount,
    pub(super) context: Option<Arc<Context>>,
}

impl OpenedInput {
    /// Fields the input can give; `None` when its format is not known.
    pub fn fields(&self) -> Option<FieldSet> {
        let context = self.context.as_ref()?;
        Some(context.parser.fields().union(FieldSet::of(OF_INPUTS)))
    }

    /// The instant against which times without a year were resolved last, nanoseconds since 1970;
    /// `None` when it could not be opened.
    pub fn reference(&self) -> Option<i64> {
        Some(self.context.as_ref()?.reference.nanos)
    }

    /// Log sources its events can satisfy.
    pub fn log_sources(&self) -> LogSources {
        self.context
            .as_ref()
            .map_or(LogSources::NONE, |c| c.parser.log_sources().union(c.adds))
    }
}

/// What the lanes need to know of an input.
pub(super) struct Context {
    pub(super) path: Arc<str>,
    pub(super) source: String,
    pub(super) parser: Box<dyn Parser>,
    /// The instant against which it resolves times without a year.
    pub(super) reference: Instant,
    /// Where that is told by a record near the beginning: the instant after which no record lies,
    /// nanoseconds since 1970.
    pub(super) dated: Option<i64>,
    /// The parsers of its parts, each from an offset on, where it is longer than a year.
    moved: Vec<(u64, Box<dyn Parser>)>,
    pub(super) framing: Framing,
    pub(super) unit: Unit,
    pub(super) line_end: LineEnd,
    pub(super) encoding: Encoding,
    /// What the settings of the source add to what the format declares.
    adds: LogSources,
    /// How often the source should be heard of, where that is said.
    expected: Option<String>,
}

impl Context {
    /// The same for records that are written until later; `None` where their times hang on no
    /// reference.
    pub(super) fn until(&self, reference: Instant) -> Option<Context> {
        Some(Context {
            path: self.path.clone(),
            source: self.source.clone(),
            parser: self.parser.against(reference)?,
            reference,
            moved: Vec::new(),
            expected: self.expected.clone(),
            ..*self
        })
    }

    /// Tells an event what the settings of its source say.
    #[inline]
    pub(super) fn add_to(&self, event: &mut Event<'_>) {
        event.declare(self.adds);
        if let Some(expected) = &self.expected {
            event.set_copy(Field::InputSource, &self.source);
            event.set_copy(Field::InputExpected, expected);
        }
    }

    /// The parser of the record at an offset.
    #[inline]
    pub(super) fn parser_at(&self, offset: u64) -> &dyn Parser {
        let after = self.moved.partition_point(|(from, _)| *from <= offset);
        match after.checked_sub(1) {
            Some(at) => &*self.moved[at].1,
            None => &*self.parser,
        }
    }

    /// True when its parts are of several years.
    pub(super) fn is_moved(&self) -> bool {
        !self.moved.is_empty()
    }
}

/// A segment to be worked on.
pub(super) struct Work {
    pub(super) context: Arc<Context>,
    /// Number of the input, in the order of opening.
    pub(super) input: u32,
    /// Number of the segment over the whole run.
    pub(super) number: u32,
    /// Line breaks of the input before the numbered segment.
    pub(super) line: u64,
    pub(super) segment: Segment,
    /// Bytes and line breaks between the beginning of the numbered segment and these bytes: what a
    /// live stream gives bit by bit is numbered as one.
    pub(super) shift: (i64, i32),
}

/// Where a segment lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct SegmentAt {
    pub(super) input: u32,
    pub(super) offset: u64,
    pub(super) line: u64,
}

/// The input at hand: what the lanes need to know, its segments, and the lines passed.
type Opened = (Arc<Context>, Segments<Box<dyn Read + Send>>, u64);

/// Hands out the segments of all inputs, one after another.
pub(super) struct Feed {
    tasks: std::vec::IntoIter<Task>,
    block: usize,
    watch: Watch,
    rooms: Rooms,
    reading: Option<Opened>,
    opened: Vec<OpenedInput>,
    segments: Vec<SegmentAt>,
}

impl Feed {
    pub(super) fn new(tasks: Vec<Task>, block: usize, watch: Watch) -> Self {
        Feed {
            tasks: tasks.into_iter(),
            block,
            watch,
            rooms: Rooms::default(),
            reading: None,
            opened: Vec::new(),
            segments: Vec::new(),
        }
    }

    /// Where the bytes of segments go back to when they are done with.
    pub(super) fn rooms(&self) -> Rooms {
        self.rooms.clone()
    }

    pub(super) fn finish(self) -> (Vec<OpenedInput>, Vec<SegmentAt>) {
        (self.opened, self.segments)
    }

    /// Opens the next input; `false` when there is none left.
    fn open_next(&mut self) -> bool {
        let Some(task) = self.tasks.next() else {
            return false;
        };
        let (opened, reader) = open(&task, &self.watch);
        if let (Some(context), Some(reader)) = (&opened.context, reader) {
            let segments = Segments::new(reader, context.framing, context.unit, self.block)
                .ending(context.line_end)
                .in_rooms(self.rooms.clone());
            self.reading = Some((context.clone(), segments, 0));
        }
        self.opened.push(opened);
        true
    }
}

impl Iterator for Feed {
    type Item = Work;

    fn next(&mut self) -> Option<Work> {
        loop {
            if self.watch.stop.load(std::sync::atomic::Ordering::Relaxed) {
                return None;
            }
            let Some((context, segments, line)) = &mut self.reading else {
                if self.open_next() {
                    continue;
                }
                return None;
            };
            let input = (self.opened.len() - 1) as u32;
            match segments.next_segment() {
                Ok(Some(segment)) => {
                    let at = SegmentAt {
                        input,
                        offset: segment.offset,
                        line: *line,
                    };
                    let number = self.segments.len() as u32;
                    self.segments.push(at);
                    *line += u64::from(segment.lines);
                    let context = context.clone();
                    return Some(Work {
                        context,
                        input,
                        number,
                        line: at.line,
                        segment,
                        shift: (0, 0),
                    });
                }
                Ok(None) => self.reading = None,
                Err(error) => {
                    if let Some(opened) = self.opened.last_mut() {
                        opened.error = Some(not_whole(&error));
                    }
                    self.reading = None;
                }
            }
        }
    }
}

/// The rank of each segment's source, in the order of source names.
pub(super) fn ranks(inputs: &[OpenedInput], segments: &[SegmentAt]) -> Vec<u32> {
    let of_input = ranks_of(inputs);
    segments
        .iter()
        .map(|s| of_input[s.input as usize])
        .collect()
}

/// The rank of each input's source.
fn ranks_of(inputs: &[OpenedInput]) -> Vec<u32> {
    let mut names: Vec<&str> = inputs.iter().map(|i| i.source.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let rank_of =
        |input: &OpenedInput| names.partition_point(|n| *n < input.source.as_str()) as u32;
    inputs.iter().map(rank_of).collect()
}

/// Which input each segment is of, and where the inputs begin and end.
pub(super) fn origins(inputs: &[OpenedInput], segments: &[SegmentAt]) -> Origins {
    let of_segment: Vec<usize> = segments.iter().map(|s| s.input as usize).collect();
    let edges = inputs.iter().map(|i| i.account.edges);
    let told: Vec<_> = edges.zip(ranks_of(inputs)).collect();
    Origins::new(Box::new(move |segment| of_segment[segment as usize]), &told)
}

pub(super) fn not_whole(error: &io::Error) -> Text {
    Text::new(
        format!("not read whole: {error}"),
        format!("最後まで読めませんでした: {error}"),
    )
}

pub(super) fn cannot_open(error: &io::Error) -> Text {
    Text::new(
        format!("cannot open: {error}"),
        format!("開けません: {error}"),
    )
}

pub(super) fn closed(task: &Task, error: Option<Text>) -> OpenedInput {
    OpenedInput {
        input: task.input.clone(),
        source: task.source.name.clone().unwrap_or_default(),
        format: String::new(),
        why: Text::default(),
        encoding: None,
        encoding_why: Text::default(),
        zone: task.source.zone,
        compression: "",
        notes: Vec::new(),
        details: Vec::new(),
        error,
        complaints: Complaints::new(),
        account: InputAccount::default(),
        context: None,
    }
}

/// Opens an input only to see what it is.
pub(super) fn look(task: &Task) -> OpenedInput {
    open(task, &Watch::default()).0
}

type Opening = (OpenedInput, Option<Box<dyn Read + Send>>);

pub(super) fn open(task: &Task, watch: &Watch) -> Opening {
    let opened = match task.input.open(watch.bytes.clone()) {
        Ok(opened) => opened,
        Err(error) => {
            return (closed(task, Some(cannot_open(&error))), None);
        }
    };
    let mut reader = opened.reader;
    let (head, failure) = read_head(&mut reader);
    let mut result = closed(task, failure.as_ref().map(not_whole));
    result.compression = opened.compression;
    let result = recognize(result, task, &head, opened.modified);
    (result, Some(Box::new(io::Cursor::new(head).chain(reader))))
}

/// Learns from its first bytes what an input is, and how its records are read.
pub(super) fn recognize(
    mut result: OpenedInput,
    task: &Task,
    head: &[u8],
    modified: Option<std::time::SystemTime>,
) -> OpenedInput {
    let found = task.source.encoding.decide(head);
    let encoding = found.encoding;
    result.encoding = Some(encoding);
    result.encoding_why = found.why;
    let line_end = LineEnd::of(head, encoding.into());
    let text = encoding.decode(&head[found.bom.min(head.len())..]).text;
    let text = match line_end {
        LineEnd::Feed => text,
        // Formats look at lines as all others have them.
        LineEnd::Return => text.replace('\r', "\n").into(),
    };
    result.notes.extend(note_on(line_end));
    let Some((format, why)) = choose(task, &text) else {
        result.why = tried();
        if head.iter().all(u8::is_ascii_whitespace) {
            result.why = Text::new("the input is empty", "入力が空です");
        }
        // What no format reads is still read to its end and counted, as rejects.
        return with_parser(
            result,
            task,
            (Box::new(Unknown), (task.now, None)),
            (Framing::Lines, line_end),
        );
    };
    let told = format.dated(&text, task.source.zone);
    let latest = latest_of(task, modified);
    let (reference, note) = reference_of(task, modified, told);
    let dated = (told == Some(reference)).then_some(latest.nanos + AHEAD);
    let settings = Settings {
        zone: task.source.zone,
        reference,
        year: task.source.year,
        section: task.source.section.as_ref(),
    };
    result.format = format.name().to_owned();
    result.why = why;
    match format.parser(&text, &settings, &mut result.complaints) {
        Some(parser) => {
            result.notes.extend(parser.notes());
            result.details = parser.details();
            result.notes.extend(parser.infers_years().then_some(note));
            let moved = Some(&task.years).filter(|years| !years.is_empty());
            result.notes.extend(moved.map(years::note));
            with_parser(
                result,
                task,
                (parser, (reference, dated)),
                (format.framing(), line_end),
            )
        }
        None => {
            result.why = tried();
            with_parser(
                result,
                task,
                (Box::new(Unknown), (task.now, None)),
                (Framing::Lines, line_end),
            )
        }
    }
}

/// What the ledger says about lines that end in an unusual way.
fn note_on(line_end: LineEnd) -> Option<Text> {
    (line_end == LineEnd::Return).then(|| {
        Text::new(
            "lines end in CR alone, as old Macs write them",
            "行末がCRのみです（旧Mac形式）",
        )
    })
}

fn choose(task: &Task, head: &str) -> Option<(&'static dyn Format, Text)> {
    match &task.source.format {
        Some(name) => format::named(name).map(|f| (f, as_told(name, head))),
        None => format::detect(head),
    }
}

/// Why a format was taken that was told; another one that the content looks like is named.
fn as_told(name: &str, head: &str) -> Text {
    match format::detect(head) {
        Some((other, _)) if other.name() != name => {
            let other = other.name();
            Text::new(
                format!("as told; the content looks like {other}"),
                format!("指定による。内容は {other} に見えます"),
            )
        }
        _ => Text::new("as told", "指定による"),
    }
}

fn tried() -> Text {
    let names: Vec<&str> = format::FORMATS.iter().map(|f| f.name()).collect();
    let names = names.join(", ");
    Text::new(
        format!("no format recognised; tried: {names}"),
        format!("形式を判別できません（試した形式: {names}）"),
    )
}

fn with_parser(
    mut result: OpenedInput,
    task: &Task,
    (parser, (reference, dated)): (Box<dyn Parser>, (Instant, Option<i64>)),
    (framing, line_end): (Framing, LineEnd),
) -> OpenedInput {
    let encoding = result.encoding.unwrap_or(Encoding::Utf8);
    if result.source.is_empty() {
        result.source = parser.source_name();
    }
    result.context = Some(Arc::new(Context {
        path: task.input.name.clone(),
        source: result.source.clone(),
        moved: moved(&*parser, reference, task),
        parser,
        reference,
        dated,
        framing,
        unit: encoding.into(),
        line_end,
        encoding,
        adds: task.source.log_sources,
        expected: task.source.expected.clone(),
    }));
    result
}

/// Reads the beginning of an input; what was readable before an error is given with the error.
pub(super) fn read_head(reader: &mut (dyn Read + Send)) -> (Vec<u8>, Option<io::Error>) {
    let mut head = Vec::with_capacity(HEAD);
    match reader.take(HEAD as u64).read_to_end(&mut head) {
        Ok(_) => (head, None),
        Err(error) => (head, Some(error)),
    }
}

/// The parsers of the parts of a log that is longer than a year.
fn moved(parser: &dyn Parser, reference: Instant, task: &Task) -> Vec<(u64, Box<dyn Parser>)> {
    let each = task.years.iter().filter_map(|(from, years)| {
        let reference = years::years_on(reference, task.source.zone, *years)?;
        Some((*from, parser.against(reference)?))
    });
    each.collect()
}

/// Stands where no format was found: every record is a reject.
struct Unknown;

impl Parser for Unknown {
    fn parse<'r>(
        &self,
        record: &'r str,
        _: &mut crate::event::Event<'r>,
        _: format::Emit<'_, 'r>,
    ) -> Result<format::Parsed<'r>, crate::event::Reject> {
        if record.trim().is_empty() {
            return Ok(format::Parsed::Blank);
        }
        Err(Reason::NotThisFormat.into())
    }

    fn fields(&self) -> crate::event::FieldSet {
        crate::event::FieldSet::EMPTY
    }

    fn log_sources(&self) -> LogSources {
        LogSources::NONE
    }

    fn source_name(&self) -> String {
        "unknown".to_owned()
    }
}
