//! What is the same for all windows of a correlation: what it asks for, and how events are read.

use super::arrival::Arrival;
use super::wiring::{Picks, needs_several};
use crate::rule::{Correlation, Measure};
use crate::spill::Rank;

/// What stands at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ties {
    /// Is judged together: no order among it is known.
    Together,
    /// Is judged one event after another, in the order of identities.
    ByPosition,
}

/// How a correlation is to be worked out.
#[derive(Clone, Copy)]
pub(super) struct Task<'t> {
    pub(super) rule: &'t Correlation,
    /// How each source is read, by its number.
    pub(super) picks: &'t [&'t Picks],
    /// For each source, the place of its rule in the correlation.
    pub(super) rules: &'t [usize],
    pub(super) rank: Rank<'t>,
    pub(super) ties: Ties,
    /// Facts kept at each end of an alert.
    pub(super) keep: usize,
    /// True when alerts keep all their facts, to be handed on.
    pub(super) gathers: bool,
}

/// What is judged together: all of one instant, or one event of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) time: i64,
    event: Option<(u64, u16)>,
}

/// What holds for all windows of a correlation.
pub(super) struct Law<'t> {
    pub(super) task: Task<'t>,
    /// True when the condition can hold at two or more only.
    pub(super) several: bool,
    /// True when each row begins with the value that is measured.
    pub(super) measures: bool,
    /// True when an alert's facts do not come in order or not only once.
    pub(super) gathers: bool,
    /// True when a window keeps count of what an alert counts, so that an alert costs the same
    /// however much its window holds.
    pub(super) counts: bool,
    pub(super) tallies: usize,
    /// Values in a row of an event held in a window.
    pub(super) width: usize,
    /// How often an event was looked at for an alert.
    #[cfg(test)]
    pub(super) visits: std::cell::Cell<u64>,
}

impl<'t> Law<'t> {
    pub(super) fn new(task: Task<'t>) -> Law<'t> {
        let measure = &task.rule.measure;
        let measures = !measure.fields().is_empty();
        let first = task.picks.first();
        let tallies = first.map_or(0, |p| p.tallies.len());
        let carried = first.map_or(0, |p| p.carried.len());
        let gathers = task.gathers || *measure == Measure::TemporalOrdered;
        Law {
            task,
            several: needs_several(task.rule),
            measures,
            gathers,
            counts: !gathers && !measure.is_temporal(),
            tallies,
            width: usize::from(measures) + tallies + carried,
            #[cfg(test)]
            visits: std::cell::Cell::default(),
        }
    }

    /// Takes note that so many events are looked at for an alert; tests hold the sum down.
    #[inline]
    pub(super) fn visit(&self, _events: usize) {
        #[cfg(test)]
        self.visits.set(self.visits.get() + _events as u64);
    }

    /// What an arrival is judged together with.
    pub(super) fn moment(&self, arrival: &Arrival) -> Moment {
        let event = match self.task.ties {
            Ties::Together => None,
            Ties::ByPosition => Some((arrival.fact.identity, arrival.depth)),
        };
        Moment {
            time: arrival.fact.time,
            event,
        }
    }

    /// Where in a row the values to tally stand.
    pub(super) fn tallied(&self) -> std::ops::Range<usize> {
        let from = usize::from(self.measures);
        from..from + self.tallies
    }
}
