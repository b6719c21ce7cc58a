//! Records that could not be read, as events that rules may ask for.
//!
//! Takes the accounts of the inputs that were read; gives for each a fact of every reject that is
//! shown, of which the first stands for all that are not, or one that says that there was none. They
//! are no events of the ledger. Nobody knows when a record was written that cannot be read: what
//! counts is the last event of its input. Never reads a record that was read.

use std::io;

use bumpalo::Bump;

use crate::detect::Wiring;
use crate::event::{Event, Field, Instant, LogSourceId, LogSources, Outcome, Reason, RejectSample};
use crate::frame::MAX_RECORD;
use crate::rule::RuleSet;
use crate::spill::{Packer, Records, Sealer, Sheet, Told};

use super::Plan;
use super::collect::Collected;
use super::feed::{OpenedInput, SegmentAt};
use super::judge::{Judging, Place, RecordAt, pack, settle};

/// True when a rule asks what could not be read.
pub(super) fn is_asked(rules: &RuleSet) -> bool {
    let mut detections = rules.detections.iter();
    detections.any(|detection| detection.needs.contains(Field::EventKind))
}

/// What rules are told of a record that could not be read; `None`: of an input without any.
pub(super) fn fill<'r>(
    event: &mut Event<'r>,
    source: &str,
    (time, reason): (Instant, Option<Reason>),
) {
    event.begin("");
    event.set_time(time);
    event.set_outcome(Outcome::Unknown);
    event.declare(LogSources::of(&[LogSourceId::Any]));
    event.set_copy(Field::InputSource, source);
    match reason {
        Some(reason) => {
            event.set(Field::EventKind, "pipeline_error");
            event.set(Field::EventReason, reason.code());
        }
        None => {
            event.set(Field::EventKind, "state");
            event.set_none();
        }
    }
}

/// Adds the facts of all inputs to those of their records, each input under a segment of its own;
/// where they are kept, with the records they stand for.
///
/// # Errors
/// When a temporary file cannot be written.
pub(super) fn add(
    (plan, wiring): (Plan<'_>, &Wiring),
    (inputs, segments): (&[OpenedInput], &mut Vec<SegmentAt>),
    collected: &mut Collected,
    is_kept: bool,
) -> io::Result<()> {
    if !is_asked(plan.rules) {
        return Ok(());
    }
    let mut sealer = is_kept.then(Sealer::new).transpose()?;
    for (number, input) in inputs.iter().enumerate() {
        let Some(latest) = input.account.latest.filter(|latest| plan.judges(*latest)) else {
            continue;
        };
        let at = SegmentAt {
            input: number as u32,
            // Nothing else begins there.
            offset: input.account.bytes,
            line: 0,
        };
        let segment = segments.len() as u32;
        segments.push(at);
        let telling = Telling {
            input,
            at: (segment, at),
            time: Instant {
                nanos: latest,
                offset: plan.site.offset_at(latest),
                trusted: true,
                ambiguous: false,
            },
        };
        let mut sheet = Sheet::new(wiring.columns());
        let counts = telling.tell((plan, wiring), &mut sheet);
        for (count, more) in collected.counts.iter_mut().zip(counts) {
            count.merge(more);
        }
        settle(&mut sheet, wiring);
        let told = Told::of(&sheet);
        let blocks = pack(&mut Packer::default(), &mut sheet, wiring);
        for (stream, block) in &blocks {
            collected.spill.add(*stream, block)?;
        }
        if let Some(sealer) = sealer.as_mut().filter(|_| !blocks.is_empty()) {
            let bytes = telling.bytes(&told);
            let records: Records<'_> = bytes.iter().map(|(at, text)| (*at, &**text)).collect();
            let parcel = sealer.seal((&blocks, &told), &records)?;
            collected.parcels.add(segment, parcel)?;
        }
    }
    Ok(())
}

/// What is told of one input.
struct Telling<'i> {
    input: &'i OpenedInput,
    at: (u32, SegmentAt),
    time: Instant,
}

impl Telling<'_> {
    fn tell(
        &self,
        (plan, wiring): (Plan<'_>, &Wiring),
        sheet: &mut Sheet,
    ) -> Vec<super::RuleCount> {
        let arena = Bump::new();
        let account = &self.input.account;
        let mut judging = Judging::new(plan, wiring, (sheet, None), &arena);
        let mut event = Event::new(&arena);
        let mut samples: Vec<&RejectSample> = account.samples.values().flatten().collect();
        samples.sort_by_key(|sample| sample.offset);
        let mut unshown = account.rejected().saturating_sub(samples.len() as u64);
        for sample in &samples {
            fill(
                &mut event,
                &self.input.source,
                (self.time, Some(sample.reject.reason)),
            );
            let count = 1 + std::mem::take(&mut unshown);
            event.set_repeat(u32::try_from(count).unwrap_or(u32::MAX));
            let mut record = self.record(sample, &arena);
            judging.judge(&mut event, self.time, &mut record);
        }
        if samples.is_empty() {
            fill(&mut event, &self.input.source, (self.time, None));
            let mut record = RecordAt {
                segment: self.at.0,
                ..RecordAt::default()
            };
            judging.judge(&mut event, self.time, &mut record);
        }
        judging.into_counts()
    }

    /// Where a reject stands.
    fn record<'r>(&self, sample: &RejectSample, arena: &'r Bump) -> RecordAt<'r> {
        let (segment, at) = self.at;
        RecordAt {
            segment,
            place: Place {
                offset: sample.offset as i64 - at.offset as i64,
                line: i32::try_from(sample.line.saturating_sub(1)).unwrap_or(i32::MAX),
                length: sample.length,
            },
            text: arena.alloc_str(&sample.text),
            ..RecordAt::default()
        }
    }

    /// The bytes of the records that were told; none where they cannot be read any more, which
    /// whoever shows them says.
    fn bytes(&self, told: &Told) -> Vec<(u64, Vec<u8>)> {
        let base = self.at.1.offset;
        let ranges = told.ranges().into_iter().filter(|(_, length)| *length > 0);
        let place = |(offset, length): (i64, u32)| {
            let at = base.wrapping_add_signed(offset);
            (at, length.min(MAX_RECORD as u32))
        };
        let ranges: Vec<(u64, u32)> = ranges.map(place).collect();
        let texts = self.input.input.read_ranges(&ranges).unwrap_or_default();
        ranges.into_iter().map(|(at, _)| at).zip(texts).collect()
    }
}
