//! What goes out: when all facts are judged, and what is said of it.
//!
//! Takes judgments and what the herald found; gives the desk what is new. Decides by the clock of
//! the desk how often all facts are judged: a small part of the time, however many there are.

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::TryRecvError;
use std::thread::Scope;
use std::time::Duration;

use rayon::ThreadPool;

use super::super::Plan;
use super::super::Run;
use super::super::Tally;
use super::super::feed::{self, OpenedInput, SegmentAt};
use super::super::finish::Alerts;
use super::super::site;
use super::super::years;
use super::book::{Changes, When};
use super::chapter::{Chapter, Writer};
use super::ground::{Judged, Moment, Waiting};
use super::{Desk, END, HEARTBEAT, Issue, Live, Place, SHARE, SHORTEST, SILENCE, Watched};
use crate::alert::Alert;
use crate::detect::{Draft, Stream};
use crate::event::NANOS;
use crate::spill::{Facts, Origins};

impl<'w> Live<'w> {
    pub(super) fn say_at_once(&mut self, begun: Vec<Draft>, desk: &mut dyn Desk) -> io::Result<()> {
        // While history is read, its order is that of files: all of it is judged first.
        let is_behind = !self.catching_up.is_empty() || !self.pace.is_begun;
        if begun.is_empty() || is_behind {
            return Ok(());
        }
        let when = When {
            now: desk.beat().since,
            last: false,
        };
        let (plan, inputs, segments) = (self.plan, &self.inputs, &self.segments);
        let unreadable = &mut self.unreadable;
        let changes = self.book.herald(begun, when, &mut |drafts| {
            make(plan, (inputs, segments), drafts, unreadable)
        });
        self.issue(changes, false, desk)
    }

    pub(super) fn issue(
        &mut self,
        changes: Changes,
        whole: bool,
        desk: &mut dyn Desk,
    ) -> io::Result<()> {
        let chapter = match whole {
            true => self.chapter(desk.beat().since)?,
            false => None,
        };
        self.issue_with(chapter, (changes, whole), desk)
    }

    fn issue_with(
        &mut self,
        chapter: Option<Chapter>,
        (changes, whole): (Changes, bool),
        desk: &mut dyn Desk,
    ) -> io::Result<()> {
        let Changes { mut said, gone } = changes;
        said.sort_by(|a, b| (a.alert.start, &a.alert.id).cmp(&(b.alert.start, &b.alert.id)));
        desk.issue(Issue {
            said,
            gone,
            inputs: &self.inputs[self.past..],
            whole,
            chapter,
        })
    }

    /// What is to be kept, when it is time for that.
    fn chapter(&mut self, now: Duration) -> io::Result<Option<Chapter>> {
        let is_due = |writer: &&mut Writer| self.is_over || writer.is_due(now);
        let Some(writer) = self.writer.as_mut().filter(is_due) else {
            return Ok(None);
        };
        let inputs = (self.past, self.inputs.len());
        writer.chapter(inputs, self.wiring, now).map(Some)
    }

    /// Has facts and records kept where many wait.
    pub(super) fn turn_leaf(&mut self, desk: &mut dyn Desk) -> io::Result<()> {
        let inputs = (self.past, self.inputs.len());
        let writer = self.writer.as_mut().filter(|writer| writer.is_full());
        match writer {
            Some(writer) => {
                let leaf = writer.leaf(inputs)?;
                self.issue_with(Some(leaf), (Changes::default(), false), desk)
            }
            None => Ok(()),
        }
    }

    /// Judges all facts when it is time, and says what came of it.
    pub(super) fn judge<'s>(
        &mut self,
        (scope, pool): (&'s Scope<'s, '_>, &'s ThreadPool),
        desk: &mut dyn Desk,
    ) -> io::Result<()>
    where
        'w: 's,
    {
        let beat = desk.beat();
        if let Some(judging) = &self.judging {
            match judging.try_recv() {
                Ok(judged) => self.hear(judged, false, desk)?,
                Err(TryRecvError::Empty) => return Ok(()),
                Err(TryRecvError::Disconnected) => return Err(io::Error::other("a judge failed")),
            }
        }
        let pause = beat.since.saturating_sub(self.pace.ended);
        let rest = match self.pace.is_begun {
            true => SHORTEST.max(self.pace.took.saturating_mul(SHARE - 1)),
            false => Duration::ZERO,
        };
        let listens = self.follows_silence && self.in_step && pause >= SILENCE.max(rest);
        let is_due = self.pace.wanted && pause >= rest;
        let writes = self.pace.is_begun && pause >= rest;
        let writes = writes && self.writer.as_ref().is_some_and(|w| w.is_due(beat.since));
        if self.catching_up.is_empty() && (is_due || listens) {
            self.begin((scope, pool), desk);
        } else if self.catching_up.is_empty() && (pause >= HEARTBEAT || writes) {
            self.pace.ended = beat.since;
            self.issue(Changes::default(), true, desk)?;
        }
        Ok(())
    }

    /// Begins to judge all facts.
    fn begin<'s>(&mut self, (scope, pool): (&'s Scope<'s, '_>, &'s ThreadPool), desk: &mut dyn Desk)
    where
        'w: 's,
    {
        let Some(ground) = self.ground.take() else {
            return;
        };
        self.pace.wanted = false;
        self.pace.began = desk.beat().since;
        self.book.begun += 1;
        let fresh = self.fresh.iter_mut().map(Facts::take).collect();
        let waiting = Waiting::new(self.wiring, self.limits.memory / 4);
        let came = (fresh, std::mem::replace(&mut self.waiting, waiting));
        let moment = self.moment(desk);
        let receiver = ground.judge_beside(scope, (self.plan, self.wiring), came, (moment, pool));
        self.judging = Some(receiver);
    }

    fn moment(&mut self, desk: &mut dyn Desk) -> Moment {
        let latest = self.inputs.iter().filter_map(|i| i.account.latest).max();
        if self.in_step {
            let waits = self.newest.keys().map(|source| desk.lateness(source));
            let waits = waits.max().unwrap_or(NANOS);
            self.ticked = self.ticked.max(desk.beat().now.saturating_sub(waits));
        }
        let end = self.plan.period.1.saturating_sub(1);
        let until = latest.map_or(i64::MIN, |latest| latest.max(self.ticked).min(end));
        let origins = (self.inputs.len() > 1).then(|| self.origins());
        Moment {
            ranks: self.ranks.clone(),
            origins,
            until,
            budget: (self.limits.memory / 2).max(1 << 20),
        }
    }

    /// Which segments are of which input. Streams that leave facts out, or hang on more than the
    /// record, tell nothing of what inputs share, nor do inputs of earlier runs of streams whose facts are not at hand.
    fn origins(&self) -> Origins {
        let streams = self.wiring.streams().iter();
        let shows: Vec<bool> = streams.map(Stream::shows_sharing).collect();
        let knows = self.knows.clone();
        let origins = feed::origins(&self.inputs, &self.segments);
        origins.knowing(move |stream, input| {
            let of_past: Option<&Vec<bool>> = knows.get(input);
            shows[stream] && of_past.is_none_or(|knows| knows[stream])
        })
    }

    /// Takes a judgment and says what is new in it.
    pub(super) fn hear(
        &mut self,
        (ground, found): Judged,
        last: bool,
        desk: &mut dyn Desk,
    ) -> io::Result<()> {
        self.judging = None;
        self.ground = Some(ground);
        let found = found?;
        self.unheard = site::unheard(self.plan, &found.drafts);
        self.learning = found.learning;
        let when = When {
            now: desk.beat().since,
            last,
        };
        let (plan, inputs, segments) = (self.plan, &self.inputs, &self.segments);
        let number = self.book.begun;
        let unreadable = &mut self.unreadable;
        let changes = self
            .book
            .judged(&found.drafts, number, when, &mut |drafts| {
                make(plan, (inputs, segments), drafts, unreadable)
            });
        self.pace.is_begun = true;
        self.issue(changes, true, desk)?;
        let beat = desk.beat();
        self.pace.took = beat.since.saturating_sub(self.pace.began);
        self.pace.ended = beat.since;
        Ok(())
    }

    /// Takes what the readers still give, judges everything and says the rest; on all threads, since
    /// nothing else is read any more.
    pub(super) fn end<'s>(
        &mut self,
        (scope, pool): (&'s Scope<'s, '_>, &'s ThreadPool),
        desk: &mut dyn Desk,
    ) -> io::Result<()>
    where
        'w: 's,
    {
        let asked = desk.beat().since;
        loop {
            // A pipe that nobody ever wrote to has nothing to end.
            let waited = desk.beat().since - asked;
            let patience = |opened: bool| if opened { END } else { END / 10 };
            let is_awaited = |r: &Place| !r.ended && waited < patience(r.input.is_some());
            if !self.readers.iter().any(is_awaited) {
                break;
            }
            self.make_room()?;
            self.listen(pool, desk)?;
            self.turn_leaf(desk)?;
        }
        // Half of the history would take back what the other half says.
        if !self.catching_up.is_empty() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if let Some(judging) = self.judging.take() {
            let (ground, _) = judging.recv().map_err(io::Error::other)?;
            self.ground = Some(ground);
        }
        self.begin((scope, pool), desk);
        if let Some(judging) = self.judging.take() {
            let judged = judging.recv().map_err(io::Error::other)?;
            self.is_over = true;
            self.hear(judged, true, desk)?;
        }
        Ok(())
    }

    pub(super) fn close(mut self, plan: Plan<'_>) -> Watched<'_> {
        self.inputs.drain(..self.past);
        self.inputs.iter_mut().for_each(years::note_turn);
        let mut alerts = Alerts::new(plan, Vec::new(), &[], Vec::new());
        alerts.could_not_read(self.unreadable);
        Watched {
            alerts: self.book.counts(),
            run: Run {
                alerts,
                inputs: self.inputs,
                counts: self.counts,
                learning: self.learning,
                unheard: self.unheard,
                tally: Tally::default(),
                kept: None,
            },
        }
    }
}

/// Makes alerts of drafts; evidence that cannot be read again is noted.
fn make(
    plan: Plan<'_>,
    (inputs, segments): (&[OpenedInput], &[SegmentAt]),
    drafts: &[Draft],
    unreadable: &mut BTreeMap<String, String>,
) -> Vec<(Alert, String)> {
    if drafts.is_empty() {
        return Vec::new();
    }
    let mut alerts = Alerts::new(plan, Vec::new(), inputs, segments.to_vec());
    let made = alerts.alike(drafts);
    unreadable.extend(alerts.unreadable().clone());
    made
}
