//! The facts of a run that goes on, and their judgment beside it.
//!
//! Takes facts as they come; gives drafts of all of them, judged by the same code as a scan's on a
//! thread of its own, while reading goes on. Whoever judges owns the facts; new ones wait until
//! they come back, packed where they are many, so that reading never waits for a judgment.

use std::io;
use std::ops::Range;
use std::sync::mpsc::{Receiver, channel};
use std::thread::Scope;

use rayon::ThreadPool;

use super::super::Plan;
use super::super::site::SiteKnown;
use crate::detect::{self, Observing, Wiring};
use crate::event::NANOS;
use crate::spill::{Block, Everything, Facts, Origins, Packer, Rank, Reading, Spill, Spilled};

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

    /// Takes all facts of some streams; the lists are empty then.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub(super) fn take(
        &mut self,
        streams: Range<usize>,
        fresh: &mut [Facts],
        wiring: &Wiring,
    ) -> io::Result<()> {
        for number in streams {
            let facts = &mut fresh[number];
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
            self.join(number, fresh, wiring, &mut for_good);
            let facts = &self.young[number];
            if !facts.is_empty() {
                let gates = &wiring.streams()[number].gates;
                young.push((number, self.packer.pack(facts, gates)));
            }
        }
        self.spilled.take_in(&for_good, &young)
    }

    /// Takes in the facts of some streams that fill blocks, and keeps the others at hand until all
    /// is taken in; the lists are empty then.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub(super) fn put_away(
        &mut self,
        streams: Range<usize>,
        fresh: &mut [Facts],
        wiring: &Wiring,
    ) -> io::Result<()> {
        let mut for_good = Vec::new();
        for number in streams {
            self.join(number, &fresh[number], wiring, &mut for_good);
            fresh[number].clear();
        }
        self.spilled.take_in(&for_good, &[])
    }

    /// Joins new facts of a stream with the young ones, and packs those that fill blocks.
    fn join(
        &mut self,
        number: usize,
        fresh: &Facts,
        wiring: &Wiring,
        for_good: &mut Vec<(usize, Block)>,
    ) {
        let facts = &mut self.young[number];
        facts.append(fresh);
        if facts.is_empty() {
            return;
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
        if from > 0 {
            *facts = facts.part(from..facts.len());
        }
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
                // A block may reach beyond the stretch on both sides.
                while let Some((fact, values)) = ordered.next_fact()?
                    && fact.time < next
                {
                    if fact.time >= from {
                        facts.push(fact, values);
                    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Complaints;
    use crate::rule::{Placeholders, RuleSet};
    use crate::spill::Fact;

    const RULES: &str = "title: a\nname: a\nlogsource: {category: x}\n\
        detection: {s: {own.k: a}, condition: s}\n---\n\
        title: b\nname: b\nlogsource: {category: x}\n\
        detection: {s: {own.k: b}, condition: s}\n---\n\
        title: c\nname: c\ncorrelation: {type: event_count, rules: [a, b], \
        group-by: [user.name], timespan: 1m, condition: {gte: 3}}\n---\n";

    fn wiring() -> Wiring {
        let mut complaints = Complaints::new();
        let texts = [("t.yml", RULES)];
        let rules = RuleSet::read(&texts, &Placeholders::new(), &mut complaints);
        Wiring::new(&rules)
    }

    /// Facts of each stream, in no order of time.
    fn facts(wiring: &Wiring, count: u64) -> Vec<Facts> {
        let mut facts = loose(wiring);
        for number in 0..count {
            let mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let fact = Fact {
                time: (mixed >> 44) as i64 * NANOS,
                identity: mixed,
                segment: 0,
                length: 10,
                weight: 1,
                line: number as i32,
                offset: number as i64 * 10,
            };
            // Three facts of four in the first stream.
            let stream = usize::from(number % 4 == 0) % facts.len();
            let width = wiring.streams()[stream].columns.len();
            facts[stream].push(fact, &vec![mixed | 1; width]);
        }
        facts
    }

    fn ground(wiring: &Wiring) -> Ground {
        Ground::new(Spill::new(wiring.columns(), 1 << 20), wiring)
    }

    fn all(ground: &Ground, wiring: &Wiring) -> Vec<Vec<(Fact, Vec<u64>)>> {
        let mut shown = vec![Vec::new(); wiring.streams().len()];
        let mut show = |stretch: Vec<Facts>| {
            for (shown, facts) in shown.iter_mut().zip(&stretch) {
                let rows = (0..facts.len()).map(|at| (*facts.row(at), facts.values(at).to_vec()));
                shown.extend(rows);
            }
        };
        ground.each_stretch((wiring, &|_| 0), &mut show).unwrap();
        shown
    }

    #[test]
    fn facts_put_away_piece_by_piece_are_those_taken_at_once() {
        let wiring = wiring();
        let facts = facts(&wiring, 3 * FULL as u64);
        assert!(facts.iter().any(|facts| facts.len() > 2 * FULL));
        let mut at_once = ground(&wiring);
        at_once.take(&facts, &wiring).unwrap();
        let expected = all(&at_once, &wiring);
        assert_eq!(expected.iter().map(Vec::len).sum::<usize>(), 3 * FULL);

        let mut in_pieces = ground(&wiring);
        let mut rest = loose(&wiring);
        for (piece, from) in (0..3 * FULL).step_by(9_999).enumerate() {
            for (rest, facts) in rest.iter_mut().zip(&facts) {
                let end = facts.len().min(from + 9_999);
                rest.append(&facts.part(from.min(end)..end));
            }
            let streams = match piece % 3 {
                0 => 0..1,
                1 => 1..rest.len(),
                _ => 0..rest.len(),
            };
            in_pieces.put_away(streams, &mut rest, &wiring).unwrap();
        }
        in_pieces.take(&rest, &wiring).unwrap();
        assert!(expected == all(&in_pieces, &wiring));
    }
}
