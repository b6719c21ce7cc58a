//! From facts to what is reported: sliding windows and folds, by event time.
//!
//! Takes the facts of a run, in whatever order they came; gives [`Draft`]s, alerts that know
//! their rule, key, facts and counts but not yet their texts. Windows and folds are caches over
//! facts: they hold nothing that the facts do not tell. Never reads a clock, a log or a record.

mod draft;
mod fold;
mod gate;
mod in_memory;
#[cfg(test)]
mod tests;
mod window;
mod wiring;

use std::io;

use rayon::prelude::*;

pub use draft::{Draft, RuleIndex, Tally};
pub use in_memory::{Matched, Risen, asked_fields, correlate};
pub use wiring::{Stream, Wiring, tally_fields};

use crate::rule::RuleSet;
use crate::spill::{Narrow, Rank, Spilled};

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
    let jobs: Vec<RuleIndex> = (0..rules.correlations.len())
        .map(RuleIndex::Correlation)
        .chain((0..rules.detections.len()).map(RuleIndex::Detection))
        .collect();
    let found: io::Result<Vec<Vec<Draft>>> = jobs
        .par_iter()
        .map(|job| match *job {
            RuleIndex::Correlation(index) => {
                let (rule, uses) = (&rules.correlations[index], wiring.uses(index));
                let gates: Vec<_> = uses.iter().map(|part| wiring.gates(part)).collect();
                window::correlate(rule, uses, &gates, facts, settings)
            }
            RuleIndex::Detection(index) => match wiring.reported(index) {
                Some(part) => {
                    let rule = &rules.detections[index];
                    fold::fold(rule, part, facts, settings)
                }
                None => Ok(Vec::new()),
            },
        })
        .zip(&jobs)
        .map(|(drafts, job)| Ok(drafts?.into_iter().map(|d| d.of(*job)).collect()))
        .collect();
    let mut drafts: Vec<Draft> = found?.into_iter().flatten().collect();
    drafts.sort_by_cached_key(|d| d.order(settings.rank));
    Ok(drafts)
}
