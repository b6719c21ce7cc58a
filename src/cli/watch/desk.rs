//! The desk of a run that goes on: tells the time, finds new inputs, hands on what is to be said.
//!
//! Takes what the pipeline asks and has to say; gives it the inputs, and the clerk what is to be
//! kept and said. The only place of a live run that reads a clock.

use std::io;
use std::thread::Scope;
use std::time::{Duration, Instant};

use super::super::args::Reading;
use super::super::plan::{Bounds, Plan};
use super::super::scan;
use super::LATENESS;
use super::clerk::{AtWork, Clerk, Trouble};
use super::keep::Keep;
use crate::input::Lookout;
use crate::pipeline::{Beat, Beside, Desk, Issue, Task};

/// How often new files are looked for.
const LOOK: Duration = Duration::from_millis(500);

/// The clock on the wall, or the one that was told.
#[derive(Clone, Copy)]
pub(super) struct WallClock<'p> {
    pub(super) plan: &'p Plan,
    pub(super) bounds: &'p Bounds,
    pub(super) began: Instant,
}

impl WallClock<'_> {
    pub(super) fn beat(&self) -> Beat {
        let since = self.began.elapsed();
        // A told time goes on as the clock does.
        let told = self.bounds.now.map(|now| {
            let passed = i64::try_from(since.as_nanos()).unwrap_or(i64::MAX);
            now.saturating_add(passed)
        });
        Beat {
            now: told.unwrap_or_else(|| scan::now(self.plan, self.bounds).nanos),
            since,
        }
    }
}

/// The desk of the program.
pub(super) struct FrontDesk<'s, 'e, 'd, 'o> {
    clock: WallClock<'d>,
    reading: &'d Reading,
    lookout: Lookout,
    /// What is to be read first.
    waiting: Vec<Task>,
    /// When new files were looked for.
    looked: Option<Instant>,
    scope: &'s Scope<'s, 'e>,
    /// The clerk as long as nothing was issued: the store is first asked what it remembers.
    idle: Option<Clerk<'d, 'o>>,
    at_work: Option<AtWork<'s, 'd, 'o>>,
}

impl<'s, 'e, 'd: 's, 'o: 's> FrontDesk<'s, 'e, 'd, 'o> {
    /// A desk whose clerk begins with the first issue. What is `waiting` is read first.
    pub(super) fn new(
        scope: &'s Scope<'s, 'e>,
        clerk: Clerk<'d, 'o>,
        (waiting, lookout): (Vec<Task>, Lookout),
        reading: &'d Reading,
    ) -> Self {
        FrontDesk {
            clock: clerk.clock,
            reading,
            lookout,
            waiting,
            looked: None,
            scope,
            idle: Some(clerk),
            at_work: None,
        }
    }

    /// Lets the clerk finish; gives it back, and why it could not go on.
    pub(super) fn close(self) -> (Option<Clerk<'d, 'o>>, Result<(), Trouble>) {
        match self.at_work {
            Some(at_work) => {
                let (clerk, done) = at_work.leave();
                (Some(clerk), done)
            }
            None => (self.idle, Ok(())),
        }
    }
}

impl<'s, 'd: 's, 'o: 's> Desk for FrontDesk<'s, '_, 'd, 'o> {
    fn beat(&mut self) -> Beat {
        self.clock.beat()
    }

    fn arrivals(&mut self) -> Vec<Task> {
        let mut tasks = std::mem::take(&mut self.waiting);
        let is_time = self.looked.is_none_or(|looked| looked.elapsed() >= LOOK);
        if !self.lookout.is_idle() && is_time {
            // What is wrong with a path was said at the beginning.
            let (inputs, _) = self.lookout.look();
            let (plan, bounds) = (self.clock.plan, self.clock.bounds);
            tasks.extend(scan::tasks(plan, self.reading, bounds, &inputs));
            self.looked = Some(Instant::now());
        }
        tasks
    }

    fn is_open(&self) -> bool {
        !self.lookout.is_idle()
    }

    fn lateness(&self, source: &str) -> i64 {
        let config = &self.clock.plan.config;
        let of_source = config.sources.iter().find(|s| s.name == source);
        of_source
            .and_then(|s| s.lateness)
            .or(config.lateness)
            .unwrap_or(LATENESS)
    }

    fn keeps(&self) -> Option<u64> {
        self.idle.as_ref()?.keep.as_ref().map(Keep::key)
    }

    fn beside(&mut self) -> Option<Beside<'_>> {
        self.idle.as_mut()?.keep.as_mut().map(Keep::beside)
    }

    fn issue(&mut self, issue: Issue<'_>) -> io::Result<()> {
        if let Some(clerk) = self.idle.take() {
            self.at_work = Some(AtWork::begin(self.scope, clerk));
        }
        match &mut self.at_work {
            Some(at_work) => at_work.bring(issue),
            None => Ok(()),
        }
    }

    fn is_well(&self) -> io::Result<()> {
        self.at_work.iter().try_for_each(AtWork::is_well)
    }
}
