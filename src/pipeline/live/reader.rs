//! One thread an input: waits for its bytes and cuts them between records.
//!
//! Takes a task; gives news of its input through a bounded queue, so that an input that gives more
//! than can be judged is read no faster. What is whole goes on at once; half a record waits for
//! its end.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::thread;
use std::time::{Duration, SystemTime};

use super::super::feed::{self, Context, OpenedInput, Task};
use crate::diagnostic::Text;
use crate::frame::{self, LineEnd, Segment, Segments};
use crate::input::{self, Arrived, Arriving, Patient};

/// Bytes read at once from what grows, and from what does not.
const LIVE_BLOCK: usize = 64 << 10;
const BLOCK: usize = 1 << 20;
/// How long the first whole line waits for the second, before the format is decided by it alone.
const SECOND_LINE: Duration = Duration::from_millis(60);
/// How long lines that end in CR alone wait for a line feed.
const LINE_FEED: Duration = Duration::from_secs(1);
/// Threads are many and do little.
const STACK: usize = 1 << 20;

/// What is new of an input.
pub(super) enum News {
    /// It was opened and recognized.
    Opened(Box<OpenedInput>),
    /// Whole records, and the line breaks of the input before them.
    Piece(Segment, u64),
    /// All that is there was read.
    Idle,
    /// Nothing will come any more; why it was not read whole.
    Ended(Option<Text>),
}

/// Where the news of an input goes, with its number.
#[derive(Clone)]
pub(super) struct Reporter {
    pub(super) number: u32,
    pub(super) news: SyncSender<(u32, News)>,
}

impl Reporter {
    /// False when nobody listens any more.
    fn tell(&self, news: News) -> bool {
        self.news.send((self.number, news)).is_ok()
    }
}

/// Begins to read an input.
///
/// # Errors
/// When the system has no thread left.
pub(super) fn start(task: Task, reporter: Reporter, stop: Arc<AtomicBool>) -> io::Result<()> {
    thread::Builder::new()
        .name("input".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            let error = match read(&task, &reporter, &stop) {
                Ok(()) => None,
                Err(Ended::Failed(text)) => Some(text),
                Err(Ended::Unheard) => return,
            };
            reporter.tell(News::Ended(error));
        })?;
    Ok(())
}

/// Why reading ended before the end.
enum Ended {
    Failed(Text),
    /// The run is over.
    Unheard,
}

fn read(task: &Task, reporter: &Reporter, stop: &Arc<AtomicBool>) -> Result<(), Ended> {
    let idle = {
        let reporter = reporter.clone();
        let mut told = false;
        Box::new(move || {
            if !std::mem::replace(&mut told, true) {
                reporter.tell(News::Idle);
            }
        })
    };
    let live = match task.input.follow(Arc::clone(stop), idle) {
        Ok(live) => live,
        Err(error) => {
            let closed = feed::closed(task, Some(feed::cannot_open(&error)));
            return tell(reporter, News::Opened(Box::new(closed)));
        }
    };
    let (opened, segments) = match live {
        Some(live) => recognize(task, live.stream, live.modified),
        None => {
            let (opened, reader) = feed::open(task, &super::super::Watch::default());
            let segments = opened.context.clone().zip(reader).map(|(context, reader)| {
                Segments::new(reader, context.framing, context.unit, BLOCK).ending(context.line_end)
            });
            (opened, segments)
        }
    };
    let failed = opened.error.clone();
    tell(reporter, News::Opened(Box::new(opened)))?;
    let Some(mut segments) = segments else {
        return Ok(());
    };
    let mut line = 0;
    loop {
        match segments.next_segment() {
            Ok(Some(segment)) => {
                let lines = u64::from(segment.lines);
                tell(reporter, News::Piece(segment, line))?;
                line += lines;
            }
            Ok(None) => return failed.map_or(Ok(()), |text| Err(Ended::Failed(text))),
            Err(error) => return Err(Ended::Failed(feed::not_whole(&error))),
        }
    }
}

fn tell(reporter: &Reporter, news: News) -> Result<(), Ended> {
    match reporter.tell(news) {
        true => Ok(()),
        false => Err(Ended::Unheard),
    }
}

type Recognized = (OpenedInput, Option<Segments<Box<dyn io::Read + Send>>>);

/// Learns from the first bytes of a stream what it is; a packed one is unpacked on the way.
fn recognize(
    task: &Task,
    mut stream: Box<dyn Arriving>,
    modified: Option<SystemTime>,
) -> Recognized {
    let mut opened = feed::closed(task, None);
    let mut head = Vec::new();
    if let Err(error) = first_lines(task, &mut *stream, &mut head) {
        opened.error = Some(feed::not_whole(&error));
    }
    if input::is_packed(&head) {
        return unpacked(task, opened, Patient::new(head, stream));
    }
    opened.compression = "none";
    let opened = feed::recognize(opened, task, &head, modified);
    let patient: Box<dyn io::Read + Send> = Box::new(Patient::new(head, stream));
    let segments = opened.context.as_deref().map(|c| live(patient, c));
    (opened, segments)
}

fn live(reader: Box<dyn io::Read + Send>, context: &Context) -> Segments<Box<dyn io::Read + Send>> {
    Segments::live(reader, context.framing, context.unit, LIVE_BLOCK).ending(context.line_end)
}

/// Learns what a packed stream holds.
fn unpacked(task: &Task, mut opened: OpenedInput, stream: Patient) -> Recognized {
    let (mut reader, compression) = match input::unpack(stream) {
        Ok(unpacked) => unpacked,
        Err(error) => {
            opened.error = Some(feed::cannot_open(&error));
            return (opened, None);
        }
    };
    opened.compression = compression;
    let (head, failure) = feed::read_head(&mut reader);
    opened.error = failure.as_ref().map(feed::not_whole);
    let opened = feed::recognize(opened, task, &head, None);
    let whole: Box<dyn io::Read + Send> = Box::new(io::Read::chain(io::Cursor::new(head), reader));
    let segments = opened.context.as_deref().map(|c| live(whole, c));
    (opened, segments)
}

/// Reads until two whole lines or messages are there, one and a little time, or enough to know
/// without. Lines that seem to end in CR alone are believed once nothing more comes for a while:
/// any line feed among the first of them says otherwise, in a scan too.
fn first_lines(task: &Task, stream: &mut dyn Arriving, head: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = vec![0; feed::HEAD];
    loop {
        let lines = memchr::memchr_iter(b'\n', head).take(2).count();
        let lines = lines.max(frame::counted_messages(head));
        let returns = memchr::memchr(b'\r', head).is_some() && end_in_returns(task, head);
        if (lines >= 2 && !returns)
            || head.len() >= feed::HEAD
            || (head.len() > 8 && input::is_packed(head))
        {
            return Ok(());
        }
        let patience = match lines {
            _ if returns => Some(LINE_FEED),
            1 => Some(SECOND_LINE),
            _ => None,
        };
        let wanted = feed::HEAD - head.len();
        match stream.arrive(&mut buffer[..wanted], patience)? {
            Arrived::Bytes(read) => head.extend_from_slice(&buffer[..read]),
            Arrived::Nothing | Arrived::End => return Ok(()),
        }
    }
}

/// True when lines seem to end in CR alone.
fn end_in_returns(task: &Task, head: &[u8]) -> bool {
    let encoding = task.source.encoding.decide(head).encoding;
    LineEnd::of(head, encoding.into()) == LineEnd::Return
}

/// True when a run is asked to stop.
pub(super) fn is_stopped(stop: &AtomicBool) -> bool {
    stop.load(Ordering::Relaxed)
}
