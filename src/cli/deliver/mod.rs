//! Brings alerts to the sinks of the config.
//!
//! Takes alerts that are new, revised or gone and lets them wait in the store, in the change that keeps
//! them; takes what waits to its sinks, and forgets it there once a sink has taken it. What is not
//! taken stays for the next time. Contacts nothing that the config does not name, and never judges.

mod door;
mod outbox;
#[cfg(test)]
mod tests;
mod web;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::config::{Sink, Target};
use super::house::House;
use super::plan::Plan;
use super::{report, who};
use crate::alert::Alert;
use crate::diagnostic::{Problem, Text};
use crate::register::Registers;
use crate::rule::RuleSet;
use crate::sink::{Reader, discreet};
use crate::store::{Changing, Failure, State, Store, Waiting};
use crate::text::{fold_key, one_line, shorten};

pub(super) use outbox::Outbox;

use door::{Door, Refusal};

/// Alerts that are read from the store at once.
const BATCH: u32 = 64;
/// How often a delivery that waits looks whether it is to stop.
const NAP: Duration = Duration::from_millis(50);
/// Characters of a reason that are shown: a server may say anything.
const REASON: usize = 160;

/// The sinks of a config, for whom they write, and on which machine.
#[derive(Clone, Debug)]
pub(super) struct Sinks {
    all: Vec<Sink>,
    reader: Reader,
    host: String,
}

/// How long a delivery goes on trying.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// How often a sink is tried, at least once.
    pub(super) tries: u32,
    /// How long the first wait between two tries is; each further one is twice as long.
    pub(super) first_wait: Duration,
    /// When all of it ends.
    pub(super) whole: Duration,
}

impl Patience {
    /// That of a command that ends: five tries, half a minute.
    pub(super) const USUAL: Patience = Patience {
        tries: 5,
        first_wait: Duration::from_secs(1),
        whole: Duration::from_secs(30),
    };
}

/// What became of the alerts that waited for a sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delivered {
    /// Name of the sink.
    pub(super) sink: String,
    /// Where it is, without what may be secret.
    pub(super) place: String,
    /// Alerts it took.
    pub(super) taken: u64,
    /// Alerts that wait on.
    pub(super) waiting: u64,
    /// Why they wait, as the system or the server says it.
    pub(super) reason: Option<String>,
}

impl Sinks {
    /// Those of a plan.
    pub(super) fn of(plan: &Plan) -> Sinks {
        Sinks {
            all: plan.config.sinks.clone(),
            reader: Reader {
                lang: plan.lang,
                zone: plan.zone,
            },
            host: who::host(),
        }
    }

    /// True when the config names none.
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The files they add to.
    pub(super) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.all.iter().filter_map(|sink| match &sink.target {
            Target::File { path, .. } => Some(path),
            _ => None,
        })
    }

    /// Lets what a commit brings wait for each sink that wants it: alerts that are new or revised,
    /// and those that do not stand any more.
    pub(super) fn post_from(
        &self,
        changing: &Changing<'_>,
        (alerts, gone): (&[Alert], &[(Alert, State)]),
        house: &House,
    ) -> Result<(), Failure> {
        if self.is_empty() {
            return Ok(());
        }
        // An account that cannot be looked up is treated as one that nobody knows.
        let mut was_seen = |account: &str| changing.has_seen_account(account).unwrap_or(false);
        let mut manners = Manners::new(&house.rules, &house.registers, &mut was_seen);
        self.post(changing, alerts, &mut manners)?;
        for (alert, state) in gone {
            for (sink, shown) in self.shown(alert, &mut manners) {
                changing.post_gone(sink, &shown, *state)?;
            }
        }
        Ok(())
    }

    /// Lets alerts wait for each sink that wants them.
    pub(super) fn post(
        &self,
        changing: &Changing<'_>,
        alerts: &[Alert],
        manners: &mut Manners<'_>,
    ) -> Result<(), Failure> {
        for alert in alerts {
            for (sink, shown) in self.shown(alert, manners) {
                changing.post(sink, &shown)?;
            }
        }
        Ok(())
    }

    /// The sinks that want an alert, by name, each with the alert as it may see it.
    fn shown<'s>(&'s self, alert: &Alert, manners: &mut Manners<'_>) -> Vec<(&'s str, Alert)> {
        let wants = |sink: &&Sink| sink.level.is_none_or(|level| alert.rule.level >= level);
        let mut discreet = None;
        let shown = self.all.iter().filter(wants).map(|sink| {
            let shown = match sink.names {
                true => alert.clone(),
                false => discreet
                    .get_or_insert_with(|| manners.ids_only(alert))
                    .clone(),
            };
            (sink.name.as_str(), shown)
        });
        shown.collect()
    }
}

/// What decides which words of an alert leave the house.
pub(super) struct Manners<'m> {
    templates: BTreeMap<&'m str, Option<&'m Text>>,
    registers: &'m Registers,
    /// Whether a folded account was seen elsewhere than in failed logins.
    was_seen: &'m mut dyn FnMut(&str) -> bool,
}

impl<'m> Manners<'m> {
    /// Those of a house.
    pub(super) fn new(
        rules: &'m RuleSet,
        registers: &'m Registers,
        was_seen: &'m mut dyn FnMut(&str) -> bool,
    ) -> Manners<'m> {
        let metas = report::metas(rules);
        Manners {
            templates: metas.map(|m| (m.id.as_str(), m.say.as_ref())).collect(),
            registers,
            was_seen,
        }
    }

    fn ids_only(&mut self, alert: &Alert) -> Alert {
        let template = self.templates.get(alert.rule.id.as_str());
        let template = template.copied().flatten();
        discreet::ids_only(alert, template, &mut |id| {
            let id = fold_key(id);
            let registers = self.registers;
            registers.account(&id).is_some()
                || registers.staff(&id).is_some()
                || (self.was_seen)(&id)
        })
    }
}

/// Brings what waits to its sinks, and tells what became of it, sink by sink. A sink that does not
/// take all is tried again after a while, until the patience ends or `stop` is set; the others do
/// not wait for it. Works on any connection to the store.
///
/// # Errors
/// What the store says; what it could not forget is brought once more.
pub(super) fn deliver(
    store: &Store,
    sinks: &Sinks,
    patience: Patience,
    stop: &AtomicBool,
) -> Result<Vec<Delivered>, Failure> {
    let end = Instant::now() + patience.whole;
    let mut trips: Vec<Trip> = sinks.all.iter().map(Trip::new).collect();
    let mut wait = patience.first_wait;
    for round in 0..patience.tries.max(1) {
        if round > 0 {
            if trips.iter().all(|trip| trip.is_done) || !sleep(wait, end, stop) {
                break;
            }
            wait *= 2;
        }
        let mut due = trips.iter().filter(|trip| !trip.is_done).count();
        for trip in trips.iter_mut().filter(|trip| !trip.is_done) {
            let left = end.saturating_duration_since(Instant::now());
            // Each sink has its share of the time that is left, so that none waits for a slow one.
            let share = left / u32::try_from(due).unwrap_or(u32::MAX).max(1);
            due = due.saturating_sub(1);
            trip.go(store, sinks, (Instant::now() + share, stop))?;
        }
    }
    let waiting: BTreeMap<String, u64> = store.waiting_by_sink()?.into_iter().collect();
    let told = trips.into_iter().map(|trip| Delivered {
        waiting: waiting.get(&trip.sink.name).copied().unwrap_or_default(),
        place: door::place(trip.sink),
        sink: trip.sink.name.clone(),
        taken: trip.taken,
        reason: trip.reason,
    });
    Ok(told.collect())
}

/// Sleeps, but not beyond the end; false when there is no time left or it is to stop.
fn sleep(wait: Duration, end: Instant, stop: &AtomicBool) -> bool {
    let until = Instant::now() + wait;
    while Instant::now() < until {
        if stop.load(Ordering::Relaxed) || Instant::now() >= end {
            return false;
        }
        thread::sleep(NAP.min(until.saturating_duration_since(Instant::now())));
    }
    true
}

/// The tries of one sink.
struct Trip<'t> {
    sink: &'t Sink,
    /// True when there is nothing left to try.
    is_done: bool,
    /// What the sink refuses for what it is; it waits for the next delivery.
    refused: BTreeSet<i64>,
    /// Brought, but not surely taken.
    brought: Vec<i64>,
    taken: u64,
    reason: Option<String>,
}

impl Trip<'_> {
    fn new(sink: &Sink) -> Trip<'_> {
        Trip {
            sink,
            is_done: false,
            refused: BTreeSet::new(),
            brought: Vec::new(),
            taken: 0,
            reason: None,
        }
    }

    /// Tries the sink once, until the time that is given.
    fn go(
        &mut self,
        store: &Store,
        sinks: &Sinks,
        until: (Instant, &AtomicBool),
    ) -> Result<(), Failure> {
        self.brought.clear();
        let first = store.waiting(&self.sink.name, 0, BATCH)?;
        if first.is_empty() {
            self.is_done = true;
            return Ok(());
        }
        let mut door = match Door::open(self.sink, sinks, until.0) {
            Ok(door) => door,
            Err(reason) => {
                self.reason = Some(reason);
                return Ok(());
            }
        };
        let failure = self.bring_all(store, (&mut door, first), until)?;
        // What was brought before a failure is taken all the same if the door says so.
        let closed = door.close();
        if closed.is_ok() {
            self.forget(store)?;
        }
        let failure = failure.or(closed.err());
        self.is_done = failure.is_none();
        if failure.is_some() || self.refused.is_empty() {
            self.reason = failure;
        }
        Ok(())
    }

    /// Brings all that waits; the reason when it could not be done.
    fn bring_all(
        &mut self,
        store: &Store,
        (door, mut batch): (&mut Door<'_>, Vec<Waiting>),
        (end, stop): (Instant, &AtomicBool),
    ) -> Result<Option<String>, Failure> {
        while let Some(last) = batch.last().map(|waiting| waiting.number) {
            for waiting in &batch {
                if self.refused.contains(&waiting.number) {
                    continue;
                }
                if stop.load(Ordering::Relaxed) {
                    return Ok(Some("the run was stopped".to_owned()));
                }
                if Instant::now() >= end {
                    return Ok(Some("no time was left".to_owned()));
                }
                match door.bring(waiting) {
                    Ok(()) => self.brought.push(waiting.number),
                    Err(Refusal::OfThis(reason)) => {
                        self.refused.insert(waiting.number);
                        self.reason = Some(reason);
                    }
                    Err(Refusal::OfAll(reason)) => return Ok(Some(reason)),
                }
            }
            match door.settle() {
                Ok(true) => self.forget(store)?,
                Ok(false) => {}
                Err(reason) => return Ok(Some(reason)),
            }
            batch = store.waiting(&self.sink.name, last, BATCH)?;
        }
        Ok(None)
    }

    fn forget(&mut self, store: &Store) -> Result<(), Failure> {
        store.taken(&self.brought)?;
        self.taken += self.brought.len() as u64;
        self.brought.clear();
        Ok(())
    }
}

impl Delivered {
    /// What is said about a sink that did not take all; `is_kept` when what waits is tried again
    /// by the next run.
    pub(super) fn problem(&self, is_kept: bool) -> Option<Problem> {
        if self.waiting == 0 {
            return None;
        }
        let (sink, place, n) = (&self.sink, one_line(&self.place), self.waiting);
        let alerts = if n == 1 { "alert" } else { "alerts" };
        let reason = self.reason.as_deref().unwrap_or("no time was left");
        let reason = one_line(reason);
        let reason = shorten(&reason, REASON);
        let (next_en, next_ja) = match is_kept {
            true => (
                "waiting in the store for the next run",
                "ストアに残し、次の実行で送り直します",
            ),
            false => (
                "lost to this sink, because no store is named",
                "ストアの指定がないため、この送り先には届きません",
            ),
        };
        Some(Problem::warning(
            format!("sink {sink} ({place}) did not take {n} {alerts}: {reason}; {next_en}"),
            format!(
                "送り先 {sink}（{place}）がアラート{n}件を受け取りませんでした: {reason}。{next_ja}"
            ),
        ))
    }
}
