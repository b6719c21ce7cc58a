//! From facts to what is reported: sliding windows and folds, by event time.
//!
//! Takes the facts of a run, in whatever order they came; gives `Draft`s, alerts that know
//! their rule, key, facts and counts but not yet their texts. Windows and folds are caches over
//! facts: they hold nothing that the facts do not tell. Never reads a clock, a log or a record.

mod arrival;
mod as_of;
mod draft;
mod exact;
mod fold;
mod gate;
mod gauge;
mod held;
mod herald;
mod in_memory;
mod law;
mod observe;
mod ranks;
mod rare;
mod tally;
#[cfg(test)]
mod tests;
mod trail;
mod window;
mod wiring;

use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use rayon::prelude::*;

pub use draft::{Draft, Measured, Noted, Tally};
pub use exact::encode_number;
pub use herald::Herald;
pub use in_memory::{Correlated, Match, asked_fields, correlate_in_memory};
pub use observe::{Learning, Observing, Site};
pub use wiring::{Column, Stream, Wiring, tally_fields};

pub use crate::rule::RuleIndex;

use crate::rule::{Detection, RuleSet};
use crate::spill::{EVER, Fact, Narrow, Rank, Reading, Spilled, Through, combine};

use arrival::{Arrival, Source};
use gate::{OfSuspects, Suspects};
use law::{Task, Ties};
use wiring::{FoldUse, InnerUse, Picks, Reads};

/// What the ordered side needs to know besides the facts.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// Rank of the source a segment belongs to, in the order of source names.
    pub rank: Rank<'a>,
    /// Seconds east of UTC of the site's clock at an instant, for folds by day.
    pub offset_at: &'a (dyn Fn(i64) -> i32 + Sync),
    /// How many facts are kept as first and as last evidence of an alert.
    pub evidence: usize,
    /// Bytes that opened blocks may take, for each rule at work.
    pub budget: usize,
    /// What observations over time need to know.
    pub observing: Observing<'a>,
}

/// What a run found.
#[derive(Debug)]
pub struct Found {
    /// The alerts, in the order of start, rule, first fact.
    pub drafts: Vec<Draft>,
    /// Of which keys the observing rules do not know enough yet, in the order of the rules.
    pub learning: Vec<Learning>,
}

/// Judges all facts. The drafts come in a total order: start, rule, first fact. The facts stay,
/// and may be judged again by the same rules with other thresholds.
///
/// # Errors
/// When a temporary file cannot be read or written.
pub fn detect(
    rules: &RuleSet,
    wiring: &Wiring,
    facts: &mut Spilled,
    settings: Settings<'_>,
) -> io::Result<Vec<Draft>> {
    Ok(examine(rules, wiring, facts, settings)?.drafts)
}

/// The same, with what the observing rules do not know yet.
///
/// # Errors
/// When a temporary file cannot be read or written.
pub fn examine(
    rules: &RuleSet,
    wiring: &Wiring,
    facts: &mut Spilled,
    settings: Settings<'_>,
) -> io::Result<Found> {
    for (number, stream) in wiring.streams().iter().enumerate() {
        let columns = stream.columns.len();
        let plan = Narrow {
            columns,
            rank: settings.rank,
            budget: settings.budget,
        };
        facts.narrow(number, &stream.gates, plan)?;
    }
    let facts = &*facts;
    let folds = (0..rules.detections.len()).map(RuleIndex::Detection);
    let mut found: Vec<Draft> = Vec::new();
    let mut learning: Vec<Learning> = Vec::new();
    let mut of_inner: Vec<Vec<Draft>> = vec![Vec::new(); rules.correlations.len()];
    let at_work = rare::at_work(rules, wiring, facts);
    // What counts correlations waits for them; within a level all go side by side.
    for depth in 1..=wiring.depth().max(1) {
        let of_level = |at: &usize| wiring.reads(*at).depth == depth && at_work[*at];
        let correlations = (0..rules.correlations.len()).filter(of_level);
        let jobs: Vec<RuleIndex> = correlations
            .map(RuleIndex::Correlation)
            .chain(folds.clone().filter(|_| depth == 1))
            .collect();
        // One at a time: some rules take a hundred times as long as others.
        let made: io::Result<Vec<Made>> = jobs
            .par_iter()
            .with_max_len(1)
            .map(|job| match *job {
                RuleIndex::Correlation(at) => {
                    let work = Work {
                        rules,
                        wiring,
                        at,
                        of_inner: &of_inner,
                    };
                    if let Some(as_of) = &rules.correlations[at].as_of {
                        return as_of::join(&work, as_of, facts, settings);
                    }
                    let asked = rare::keys_asked(at, (rules, wiring), facts, &at_work)?;
                    work.correlate(facts, asked.as_ref(), settings)
                        .map(|drafts| (drafts, None))
                }
                RuleIndex::Detection(at) => match wiring.reported(at) {
                    Some(part) => alone(at, &rules.detections[at], (part, facts), settings),
                    None => Ok((Vec::new(), None)),
                },
            })
            .collect();
        for (job, (drafts, lacks)) in jobs.iter().zip(made?) {
            learning.extend(lacks);
            let (reports, feeds) = match *job {
                RuleIndex::Correlation(at) => {
                    let rule = &rules.correlations[at];
                    (rule.reports, rule.feeds)
                }
                RuleIndex::Detection(_) => (true, false),
            };
            if let RuleIndex::Correlation(at) = *job
                && feeds
            {
                of_inner[at] = drafts.clone();
            }
            let kept = drafts.into_iter().filter(|_| reports);
            found.extend(kept.map(|draft| draft.of(*job)));
        }
    }
    found.sort_by_cached_key(|d| d.order(settings.rank));
    Ok(Found {
        drafts: found,
        learning,
    })
}

/// What one rule gave.
type Made = (Vec<Draft>, Option<Learning>);

/// The alerts of a detection that is not counted: what it observes, or its matches folded.
fn alone(
    at: usize,
    rule: &Detection,
    (part, facts): (&FoldUse, &Spilled),
    settings: Settings<'_>,
) -> io::Result<Made> {
    match &rule.observe {
        Some(observe) => {
            let seen = observe::observe(observe, part, facts, settings)?;
            let lacks = Learning {
                rule: RuleIndex::Detection(at),
                keys: seen.keys,
                learning: seen.learning,
            };
            Ok((seen.drafts, Some(lacks)))
        }
        None => Ok((fold::fold(rule, part, facts, settings)?, None)),
    }
}

/// A correlation to be worked out.
struct Work<'w> {
    rules: &'w RuleSet,
    wiring: &'w Wiring,
    at: usize,
    /// The alerts of each correlation that was worked out before.
    of_inner: &'w [Vec<Draft>],
}

impl Work<'_> {
    /// The alerts of the correlation; of the keys `asked` alone, where some are named.
    fn correlate(
        &self,
        facts: &Spilled,
        asked: Option<&HashSet<u64, Through>>,
        settings: Settings<'_>,
    ) -> io::Result<Vec<Draft>> {
        let Reads { uses, .. } = self.wiring.reads(self.at);
        let suspects = self.suspects(facts, settings.budget)?;
        let suspects = match asked {
            Some(keys) => suspects.map(|suspects| suspects.among(keys)),
            None => suspects,
        };
        if suspects.as_ref().is_some_and(Suspects::is_empty) {
            return Ok(Vec::new());
        }
        let spans = suspects.as_ref().map_or(EVER, Suspects::spans);
        let mut sources = Vec::new();
        for (number, part) in uses.iter().enumerate() {
            let sieve = OfSuspects {
                group: &part.picks.group,
                suspects: suspects.as_ref(),
            };
            let reading = Reading {
                number: part.stream,
                columns: part.columns,
                spans,
            };
            let ordered = facts.ordered(&reading, settings.rank, sieve);
            sources.push(Source::Stream(Box::new(ordered), number));
        }
        self.windows(sources, (settings.rank, Ties::Together), settings.evidence)
    }

    /// The keys of which the correlation could speak, and when; `None` where all are to be looked
    /// at.
    fn suspects(&self, facts: &Spilled, budget: usize) -> io::Result<Option<Suspects>> {
        let rule = &self.rules.correlations[self.at];
        let Reads { uses, inner, .. } = self.wiring.reads(self.at);
        if let Some(least) = wiring::least(rule) {
            let gates: Vec<_> = uses.iter().map(|part| self.wiring.gates(part)).collect();
            return gate::suspects(uses, &gates, facts, (least, rule.timespan, budget)).map(Some);
        }
        let needed = rare::places_needed(rule);
        if needed.len() < 2 {
            return Ok(None);
        }
        let events = uses.iter().filter(|part| needed.contains(&part.rule));
        let alerts = inner.iter().filter(|part| needed.contains(&part.rule));
        let events = events.map(|part| (facts.count(part.stream), part));
        let alerts = alerts.map(|part| (self.of_inner[part.correlation].len() as u64, part));
        let moments = match (events.min_by_key(|e| e.0), alerts.min_by_key(|a| a.0)) {
            (Some((events, part)), alerts)
                if events <= rare::RARE && alerts.is_none_or(|(alerts, _)| events <= alerts) =>
            {
                rare::moments(part, facts)?
            }
            (_, Some((alerts, part))) if alerts <= rare::RARE => {
                let told = |alert: &Arrival| {
                    let key = combine(&alert.values, &part.picks.group)?;
                    Some((alert.fact.time, key))
                };
                self.alerts(part, 0).iter().filter_map(told).collect()
            }
            _ => {
                let events = uses.iter().filter(|part| needed.contains(&part.rule));
                match rare::meetings(events.collect(), facts, rule.timespan)? {
                    Some(moments) => moments,
                    None => return Ok(None),
                }
            }
        };
        Ok(Some(Suspects::around(moments, rule.timespan)))
    }

    /// Adds the inner alerts to the sources of events and slides the windows.
    fn windows(
        &self,
        mut sources: Vec<Source<'_>>,
        (rank, ties): (Rank<'_>, Ties),
        keep: usize,
    ) -> io::Result<Vec<Draft>> {
        let rule = &self.rules.correlations[self.at];
        let Reads { uses, inner, .. } = self.wiring.reads(self.at);
        for (number, part) in inner.iter().enumerate() {
            sources.push(Source::ready(self.alerts(part, uses.len() + number), rank));
        }
        let picks: Vec<&Picks> = uses
            .iter()
            .map(|u| &u.picks)
            .chain(inner.iter().map(|i| &i.picks))
            .collect();
        let places: Vec<usize> = uses
            .iter()
            .map(|u| u.rule)
            .chain(inner.iter().map(|i| i.rule))
            .collect();
        let task = Task {
            rule,
            picks: &picks,
            rules: &places,
            rank,
            ties,
            keep,
            gathers: rule.feeds || !inner.is_empty() || ties == Ties::ByPosition,
        };
        window::correlate(task, sources)
    }

    /// The alerts of an inner correlation as they arrive: each counts as one event at the time at
    /// which its condition became true.
    fn alerts(&self, part: &InnerUse, source: usize) -> Vec<Arrival> {
        let depth = self.wiring.reads(part.correlation).depth;
        let mut arrivals = Vec::new();
        for (number, draft) in self.of_inner[part.correlation].iter().enumerate() {
            let Some(completed) = draft.completed else {
                continue;
            };
            for row in &draft.carried {
                arrivals.push(Arrival {
                    fact: Fact {
                        weight: 1,
                        ..completed
                    },
                    depth,
                    like: (part.correlation as u64) << 40 | number as u64,
                    source,
                    values: row.values.clone(),
                    teller: row.teller,
                    inner: Some(Arc::clone(&draft.facts)),
                });
            }
        }
        arrivals
    }
}
