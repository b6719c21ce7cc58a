//! The account of what was read: nothing disappears without standing here.
//!
//! Takes counts and places; gives the account of each input. Never judges what it counts.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::reject::{Reason, Reject};

/// Where a record stands in the decompressed original of an input.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The path as the user named it (`-` for stdin; `a.zip!inner.csv` inside an archive).
    pub path: Arc<str>,
    /// Line, from 1.
    pub line: u64,
    /// Byte offset, from 0.
    pub offset: u64,
    /// Bytes of the record, without its line end.
    pub length: u32,
}

/// One rejected record, kept as an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RejectSample {
    /// Line, from 1.
    pub line: u64,
    /// Byte offset of the record.
    pub offset: u64,
    /// Bytes of the record, without its line end.
    pub length: u32,
    /// Reason and column.
    pub reject: Reject,
    /// The beginning of the record, decoded, at most 200 characters, not yet made safe to show.
    pub text: String,
}

/// How many examples are kept for each reason.
const SAMPLES: usize = 5;

/// The events in the first and in the last second of an input. Where two inputs of one source meet
/// in one second, they tell a seam, where a log was cut, from an overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edges {
    /// First second since 1970, and a digest of its events, whatever their order.
    pub first: (i64, u64),
    /// The same of the last second.
    pub last: (i64, u64),
}

impl Edges {
    /// The edges of one event.
    pub fn of(second: i64, identity: u64) -> Edges {
        let edge = (second, identity.wrapping_mul(identity | 1));
        Edges {
            first: edge,
            last: edge,
        }
    }

    /// True when an event of this second lies at an edge or beyond.
    #[inline]
    pub fn reaches(&self, second: i64) -> bool {
        second <= self.first.0 || second >= self.last.0
    }

    /// The second in which one of two inputs ends and the other begins, where they differ there: a
    /// log was cut.
    pub fn seam(&self, other: &Edges) -> Option<i64> {
        let meet = |before: &Edges, after: &Edges| {
            let differ = before.last.1 != after.first.1;
            (before.last.0 == after.first.0 && differ).then_some(after.first.0)
        };
        meet(self, other).or_else(|| meet(other, self))
    }

    /// True when some second may lie in both.
    pub fn overlaps(&self, other: &Edges) -> bool {
        self.first.0 <= other.last.0 && other.first.0 <= self.last.0
    }

    /// The edges of these events and others.
    #[must_use]
    pub fn and(self, other: Edges) -> Edges {
        let joined = |a: (i64, u64), b: (i64, u64)| (a.0, a.1.wrapping_add(b.1));
        let pick = |a: (i64, u64), b: (i64, u64), first: bool| match (a.0.cmp(&b.0), first) {
            (Ordering::Equal, _) => joined(a, b),
            (Ordering::Less, true) | (Ordering::Greater, false) => a,
            _ => b,
        };
        Edges {
            first: pick(self.first, other.first, true),
            last: pick(self.last, other.last, false),
        }
    }
}

/// What was read of one input (a file, a member of an archive, or stdin).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputAccount {
    /// Bytes after decompression.
    pub bytes: u64,
    /// Records found: accepted + rejected + blank + headings.
    pub records: u64,
    /// Records that gave at least one event.
    pub accepted: u64,
    /// Blank records.
    pub blanks: u64,
    /// Headings, comments and preambles.
    pub headings: u64,
    /// Events given by accepted records; one record may give several.
    pub events: u64,
    /// Accepted records that an earlier input of the same source told already; where somebody looked
    /// for them.
    pub duplicates: u64,
    /// Of the accepted records those of which it cannot be told whether the input before, which
    /// ends in the second in which this one begins, told them already.
    pub ambiguous_at_seam: u64,
    /// Events whose clock is not to be trusted.
    pub untrusted: u64,
    /// Accepted records that came later than their source waits; told of live streams.
    pub late: u64,
    /// Records holding characters that had to be replaced while decoding.
    pub replaced: u64,
    /// Rejected records by reason.
    pub rejects: BTreeMap<Reason, u64>,
    /// The first few rejects of each reason, by offset.
    pub samples: BTreeMap<Reason, Vec<RejectSample>>,
    /// Earliest and latest event time, nanoseconds since 1970.
    pub span: Option<(i64, i64)>,
    /// Latest event time of a clock that is to be trusted, nanoseconds since 1970.
    pub latest: Option<i64>,
    /// Local days covered (days since 1970 in the source's zone) and events on each.
    pub days: BTreeMap<i64, u64>,
    /// The first line at which times without a year step by most of a year.
    pub turn: Option<u64>,
    /// Its first and its last second, where somebody asks for them.
    pub edges: Option<Edges>,
}

impl InputAccount {
    /// Number of rejected records.
    pub fn rejected(&self) -> u64 {
        self.rejects.values().sum()
    }

    /// Counts a reject; the first few of each reason keep their place and text.
    pub fn reject(&mut self, sample: RejectSample) {
        let reason = sample.reject.reason;
        *self.rejects.entry(reason).or_default() += 1;
        let kept = self.samples.entry(reason).or_default();
        if kept.len() < SAMPLES {
            kept.push(sample);
        }
    }

    /// Counts an event at a time on a local day.
    pub fn event(&mut self, nanos: i64, day: i64) {
        self.events += 1;
        self.span = Some(match self.span {
            None => (nanos, nanos),
            Some((first, last)) => (first.min(nanos), last.max(nanos)),
        });
        *self.days.entry(day).or_default() += 1;
    }

    /// Adds the account of another part of the same input. The order of merging does not matter.
    pub fn merge(&mut self, other: InputAccount) {
        self.bytes += other.bytes;
        self.records += other.records;
        self.accepted += other.accepted;
        self.blanks += other.blanks;
        self.headings += other.headings;
        self.events += other.events;
        self.duplicates += other.duplicates;
        self.ambiguous_at_seam += other.ambiguous_at_seam;
        self.untrusted += other.untrusted;
        self.late += other.late;
        self.replaced += other.replaced;
        for (reason, count) in other.rejects {
            *self.rejects.entry(reason).or_default() += count;
        }
        for (reason, samples) in other.samples {
            let kept = self.samples.entry(reason).or_default();
            kept.extend(samples);
            kept.sort_by_key(|s| s.offset);
            kept.truncate(SAMPLES);
        }
        self.span = match (self.span, other.span) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
        self.latest = self.latest.max(other.latest);
        for (day, count) in other.days {
            *self.days.entry(day).or_default() += count;
        }
        self.turn = self.turn.into_iter().chain(other.turn).min();
        self.edges = match (self.edges, other.edges) {
            (Some(a), Some(b)) => Some(a.and(b)),
            (a, b) => a.or(b),
        };
    }

    /// True when every record is accounted for.
    pub fn balances(&self) -> bool {
        self.records == self.accepted + self.rejected() + self.blanks + self.headings
    }
}
