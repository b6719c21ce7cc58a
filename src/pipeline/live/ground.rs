//! The facts of a run that goes on, and their judgment beside it.
//!
//! Takes facts as they come; gives drafts of all of them, judged by the same code as a scan's on a
//! thread of its own, while reading goes on. Whoever judges owns the facts; new ones wait until
//! they come back.

use std::io;
use std::sync::mpsc::{Receiver, channel};
use std::thread::Scope;

use rayon::ThreadPool;

use super::super::Plan;
use super::super::hours::SiteHours;
use crate::detect::{self, Observing, Wiring};
use crate::spill::{Facts, Origins, Packer, Spill, Spilled};

/// Facts of a stream that make a block for good.
const FULL: usize = 32 << 10;

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

/// A judgment and the facts it was made of.
pub(super) type Judged = (Ground, io::Result<detect::Found>);

impl Ground {
    /// No facts yet.
    pub(super) fn new(wiring: &Wiring, memory: usize) -> Ground {
        Ground {
            spilled: Spill::new(wiring.columns(), memory).finish(),
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

    /// Judges all facts.
    fn judge(
        &mut self,
        (plan, wiring): (Plan<'_>, &Wiring),
        fresh: &[Facts],
        moment: Moment,
        pool: &ThreadPool,
    ) -> io::Result<detect::Found> {
        self.take(fresh, wiring)?;
        let rank = |segment: u32| moment.ranks[segment as usize];
        self.spilled.forget_origins();
        if let Some(origins) = moment.origins {
            self.spilled.tell_origins(origins, &rank)?;
        }
        let hours = SiteHours::new(plan.house.calendars);
        let settings = detect::Settings {
            rank: &rank,
            offset_at: &|nanos| plan.site.offset_at(nanos),
            evidence: plan.evidence,
            budget: moment.budget,
            observing: Observing {
                opens: &|nanos| hours.at(nanos),
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
        fresh: Vec<Facts>,
        (moment, pool): (Moment, &'s ThreadPool),
    ) -> Receiver<Judged> {
        let (answer, receiver) = channel();
        scope.spawn(move || {
            let found = self.judge((plan, wiring), &fresh, moment, pool);
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
