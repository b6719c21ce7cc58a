//! What arrives at a correlation, in one order: events, and alerts of correlations it counts.
//!
//! Takes facts from several streams and inner alerts; gives one row after another in the order of
//! time, source and identity, an inner alert behind the event that completed it.

use std::io;
use std::sync::Arc;

use super::draft::Ground;
use super::gate::OfSuspects;
use crate::spill::{Fact, Ordered, Rank};

/// One row of an event or of an inner alert.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    /// The event; of an inner alert the event that completed it.
    pub(super) fact: Fact,
    /// 0 for an event; how deeply an inner alert is nested.
    pub(super) depth: u16,
    /// Tells inner alerts apart that one event completed; 0 for an event.
    pub(super) like: u64,
    /// Which source of the correlation gave it.
    pub(super) source: usize,
    /// The values of the source's columns.
    pub(super) values: Vec<u64>,
    /// An event whose fields tell the values.
    pub(super) teller: Fact,
    /// The facts an inner alert rests on.
    pub(super) inner: Option<Arc<[Ground]>>,
}

impl Arrival {
    /// A fact of a stream.
    pub(super) fn of_fact(fact: Fact, source: usize, values: Vec<u64>) -> Arrival {
        Arrival {
            fact,
            depth: 0,
            like: 0,
            source,
            values,
            teller: fact,
            inner: None,
        }
    }

    fn key(&self, rank: Rank<'_>) -> impl Ord + use<> {
        let fact = &self.fact;
        let place = (
            fact.time,
            rank(fact.segment),
            fact.identity,
            fact.segment,
            fact.offset,
        );
        (place, self.depth, self.like, self.source)
    }
}

/// Where arrivals come from.
pub(super) enum Source<'s> {
    /// A stream of facts, read as the source of this number.
    Stream(Box<Ordered<'s, OfSuspects<'s>>>, usize),
    /// The same, each changed before it arrives.
    Changed(
        Box<Ordered<'s, OfSuspects<'s>>>,
        usize,
        &'s dyn Fn(&mut Arrival),
    ),
    /// Arrivals that are in memory and in order.
    Ready(std::vec::IntoIter<Arrival>),
}

impl<'s> Source<'s> {
    /// Arrivals in memory, put in order.
    pub(super) fn ready(mut arrivals: Vec<Arrival>, rank: Rank<'_>) -> Source<'s> {
        arrivals.sort_by_cached_key(|a| a.key(rank));
        Source::Ready(arrivals.into_iter())
    }

    fn next(&mut self) -> io::Result<Option<Arrival>> {
        match self {
            Source::Ready(arrivals) => Ok(arrivals.next()),
            Source::Changed(ordered, source, change) => {
                let told = ordered.next_fact()?;
                Ok(told.map(|(fact, values)| {
                    let mut arrival = Arrival::of_fact(fact, *source, values.to_vec());
                    change(&mut arrival);
                    arrival
                }))
            }
            Source::Stream(ordered, source) => Ok(ordered
                .next_fact()?
                .map(|(fact, values)| Arrival::of_fact(fact, *source, values.to_vec()))),
        }
    }
}

/// All sources of a correlation, merged.
pub(super) struct Arrivals<'s> {
    sources: Vec<Source<'s>>,
    pending: Vec<Option<Arrival>>,
    rank: Rank<'s>,
}

impl<'s> Arrivals<'s> {
    /// Merges sources, each of which is in order.
    pub(super) fn new(mut sources: Vec<Source<'s>>, rank: Rank<'s>) -> io::Result<Arrivals<'s>> {
        let pending = sources
            .iter_mut()
            .map(Source::next)
            .collect::<io::Result<_>>()?;
        Ok(Arrivals {
            sources,
            pending,
            rank,
        })
    }

    /// The next row.
    ///
    /// # Errors
    /// When a temporary file cannot be read.
    pub(super) fn next(&mut self) -> io::Result<Option<Arrival>> {
        let first = match self.pending.as_slice() {
            [_] => Some(0),
            pending => (0..pending.len())
                .filter_map(|at| Some((pending[at].as_ref()?.key(self.rank), at)))
                .min()
                .map(|(_, at)| at),
        };
        let Some(at) = first else { return Ok(None) };
        let next = self.sources[at].next()?;
        Ok(std::mem::replace(&mut self.pending[at], next))
    }
}
