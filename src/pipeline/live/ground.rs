//! The facts of a run that goes on, and their judgment beside it.
//!
//! Takes facts as they come; gives drafts of all of them, judged by the same code as a scan's on a
//! thread of its own, while reading goes on. Whoever judges owns the facts; new ones wait until
//! they come back, packed where they are many, so that reading never waits for a judgment.

use std::io;
use std::sync::mpsc::{Receiver, channel};
use std::thread::Scope;

use rayon::ThreadPool;

use super::super::Plan;
use super::super::site::SiteKnown;
use crate::detect::{self, Observing, Wiring};
use crate::event::NANOS;
use crate::spill::{Everything, Facts, Origins, Packer, Rank, Reading, Spill, Spilled};

/// Facts of a stream that make a block for good.
const FULL: usize = 32 << 10;
/// Facts of earlier runs are shown so many nanoseconds of them at a time.
const STRETCH: i64 = 6 * 3_600 * NANOS;

/// What a judgment needs to know of the inputs at its moment.
pub(super) struct Moment {
    /// Rank of the source of each segment.
    pub(super) ranks: Vec<u32>,
    /// Which segments are of which input, where several may tell the same.
    pub(super) origins: Option<Origins>,
    /// The greatest event time.
    pub(super) until: i64,
    /// Bytes that opened blocks may take, for each rule at work.
    pub(super) budget: usize,
}

/// All facts, in order and packed.
pub(super) struct Ground {
    spilled: Spilled,
    /// Facts of each stream that do not fill a block yet.
    young: Vec<Facts>,
    packer: Packer,
}

/// Facts that come while a judgment has the ground, and are too many to lie there loose.
pub(super) struct Waiting {
    spill: Spill,
    packer: Packer,
}

impl Waiting {
    /// None yet. Beyond `budget` bytes they go to a temporary file.
    pub(super) fn new(wiring: &Wiring, budget: usize) -> Waiting {
        Waiting {
            spill: Spill::new(wiring.columns(), budget),
            packer: Packer::default(),
        }
    }

    /// Takes all facts; the lists are empty then.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub(super) fn take(&mut self, fresh: &mut [Facts], wiring: &Wiring) -> io::Result<()> {
        for (number, facts) in fresh.iter_mut().enumerate() {
            facts.sort_by_time();
            let stream = &wiring.streams()[number];
            stream.thin(facts);
            for from in (0..facts.len()).step_by(FULL) {
                let part = facts.part(from..facts.len().min(from + FULL));
                self.spill
                    .add(number, &self.packer.pack(&part, &stream.gates))?;
            }
            facts.clear();
        }
        Ok(())
    }
}

/// A judgment and the facts it was made of.
pub(super) type Judged = (Ground, io::Result<detect::Found>);

impl Ground {
    /// Facts of earlier runs, or none.
    pub(super) fn new(spill: Spill, wiring: &Wiring) -> Ground {
        Ground {
            spilled: spill.finish(),
            young: loose(wiring),
            packer: Packer::default(),
        }
    }

    /// Takes in what came since the last time.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub(super) fn take(&mut self, fresh: &[Facts], wiring: &Wiring) -> io::Result<()> {
        let (mut for_good, mut young) = (Vec::new(), Vec::new());
        for (number, fresh) in fresh.iter().enumerate() {
            let facts = &mut self.young[number];
            facts.append(fresh);
            if facts.is_empty() {
                continue;
            }
            facts.sort_by_time();
            let stream = &wiring.streams()[number];
            stream.thin(facts);
            let mut from = 0;
            while facts.len() - from >= FULL {
                let part = facts.part(from..from + FULL);
                for_good.push((number, self.packer.pack(&part, &stream.gates)));
                from += FULL;
            }
            *facts = facts.part(from..facts.len());
            if !facts.is_empty() {
                young.push((number, self.packer.pack(facts, &stream.gates)));
            }
        }
        self.spilled.take_in(&for_good, &young)
    }

    /// First and last time of all facts at hand.
    fn span(&self, wiring: &Wiring) -> Option<(i64, i64)> {
        let streams = 0..wiring.streams().len();
        let spans = streams.flat_map(|stream| self.spilled.spans(stream));
        spans.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
    }

    /// Shows the facts at hand, a list for each stream, one stretch of time after another.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub(super) fn each_stretch(
        &self,
        (wiring, rank): (&Wiring, Rank<'_>),
        show: &mut dyn FnMut(Vec<Facts>),
    ) -> io::Result<()> {
        let Some((first, last)) = self.span(wiring) else {
            return Ok(());
        };
        let mut from = first;
        while from <= last {
            let next = from.saturating_add(STRETCH);
            let stretch = from..next;
            let mut facts = loose(wiring);
            for (number, facts) in facts.iter_mut().enumerate() {
                let reading = Reading {
                    number,
                    columns: wiring.streams()[number].columns.len(),
                    spans: std::slice::from_ref(&stretch),
                };
                let mut ordered = self.spilled.ordered(&reading, rank, Everything);
                while let Some((fact, values)) = ordered.next_fact()? {
                    facts.push(fact, values);
                }
            }
            show(facts);
            if next == i64::MAX {
                break;
            }
            // Nothing is looked for where no block lies.
            let streams = 0..wiring.streams().len();
            let spans = streams.flat_map(|stream| self.spilled.spans(stream));
            let behind = spans.filter(|(_, last)| *last >= next);
            let nearest = behind.map(|(first, _)| first.max(next)).min();
            let Some(nearest) = nearest else { break };
            from = nearest;
        }
        Ok(())
    }

    /// Judges all facts.
    fn judge(
        &mut self,
        (plan, wiring): (Plan<'_>, &Wiring),
        (fresh, waiting): (Vec<Facts>, Waiting),
        moment: Moment,
        pool: &ThreadPool,
    ) -> io::Result<detect::Found> {
        self.spilled.take_over(&waiting.spill)?;
        drop(waiting);
        self.take(&fresh, wiring)?;
        drop(fresh);
        let rank = |segment: u32| moment.ranks[segment as usize];
        self.spilled.forget_origins();
        if let Some(origins) = moment.origins {
            self.spilled.tell_origins(origins, &rank)?;
        }
        let site = SiteKnown::of(plan.house);
        let settings = detect::Settings {
            rank: &rank,
            offset_at: &|nanos| plan.site.offset_at(nanos),
            evidence: plan.evidence,
            budget: moment.budget,
            observing: Observing {
                site: &site,
                until: moment.until,
            },
        };
        let spilled = &mut self.spilled;
        pool.install(|| detect::examine(plan.rules, wiring, spilled, settings))
    }

    /// Judges all facts on a thread; the ground comes back with the answer.
    pub(super) fn judge_beside<'s>(
        mut self,
        scope: &'s Scope<'s, '_>,
        (plan, wiring): (Plan<'s>, &'s Wiring),
        came: (Vec<Facts>, Waiting),
        (moment, pool): (Moment, &'s ThreadPool),
    ) -> Receiver<Judged> {
        let (answer, receiver) = channel();
        scope.spawn(move || {
            let found = self.judge((plan, wiring), came, moment, pool);
            // Nobody waits any more when the run failed meanwhile.
            let _ = answer.send((self, found));
        });
        receiver
    }
}

/// No facts, for each stream.
pub(super) fn loose(wiring: &Wiring) -> Vec<Facts> {
    let streams = wiring.streams().iter();
    streams.map(|s| Facts::new(s.columns.len())).collect()
}
