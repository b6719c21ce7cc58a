//! What was read of all inputs, kept as facts: it can be judged again and again.
//!
//! Takes the facts and accounts that the lanes gave; gives drafts for a rule set of the same
//! wiring, whose thresholds may have been changed meanwhile, and the alerts that drafts become.
//! Never reads an input a second time but for evidence.

use std::io;

use rayon::ThreadPool;

use crate::detect::{self, Draft, Observing, RuleIndex, Wiring};
use crate::spill::{EVER, Everything, Reading, Spilled};

use super::collect::RuleCount;
use super::count::Tally;
use super::feed::{OpenedInput, SegmentAt};
use super::finish::Alerts;
use super::recall::Kept;
use super::site::{self, SiteKnown};
use super::{Plan, Run};

/// All facts of a run, and what was read to get them.
pub struct Gathered {
    /// Each input, in the order it was read.
    pub inputs: Vec<OpenedInput>,
    /// What each detection matched, by index.
    pub counts: Vec<RuleCount>,
    pub(super) wiring: Wiring,
    pub(super) facts: Spilled,
    pub(super) tally: Tally,
    pub(super) segments: Vec<SegmentAt>,
    /// What is to be kept beyond the run, if it is asked for.
    pub(super) kept: Option<Kept>,
    /// Rank of the source of each segment.
    pub(super) ranks: Vec<u32>,
    /// Bytes that opened blocks may take, for each rule at work.
    pub(super) budget: usize,
    pub(super) pool: ThreadPool,
}

impl Gathered {
    /// Judges all facts by the rules of a plan: those they were gathered for, of which nothing but
    /// thresholds may have changed. The drafts come in their total order.
    ///
    /// # Errors
    /// When a temporary file cannot be written or read.
    pub fn judge(&mut self, plan: Plan<'_>) -> io::Result<Vec<Draft>> {
        Ok(self.examine(plan)?.drafts)
    }

    /// The same, with what the observing rules do not know yet.
    fn examine(&mut self, plan: Plan<'_>) -> io::Result<detect::Found> {
        let site = SiteKnown::of(plan.house);
        let latest = self.inputs.iter().filter_map(|i| i.account.latest).max();
        let Gathered {
            wiring,
            facts,
            ranks,
            budget,
            pool,
            ..
        } = self;
        let settings = detect::Settings {
            rank: &|segment| ranks[segment as usize],
            offset_at: &|nanos| plan.site.offset_at(nanos),
            evidence: plan.evidence,
            budget: *budget,
            observing: Observing {
                site: &site,
                until: latest.map_or(i64::MIN, |l| l.min(plan.period.1.saturating_sub(1))),
            },
        };
        pool.install(|| detect::examine(plan.rules, wiring, facts, settings))
    }

    /// The alerts that some drafts become, with keys, sentences and evidence.
    pub fn alerts<'p>(&self, plan: Plan<'p>, drafts: Vec<Draft>) -> Alerts<'p> {
        Alerts::new(plan, drafts, &self.inputs, self.segments.clone())
    }

    /// Shows each fact of a detection, in order of time: when (nanoseconds since 1970), and for how
    /// many events it stands. Those of a detection nobody listens to were not kept.
    ///
    /// # Errors
    /// When a temporary file cannot be read.
    pub fn each_match(&self, detection: usize, show: &mut dyn FnMut(i64, u64)) -> io::Result<()> {
        let Some(number) = self.wiring.stream_of(detection) else {
            return Ok(());
        };
        let reading = Reading {
            number,
            columns: self.wiring.streams()[number].columns.len(),
            spans: EVER,
        };
        let rank = |segment: u32| self.ranks[segment as usize];
        let mut ordered = self.facts.ordered(&reading, &rank, Everything);
        while let Some((fact, _)) = ordered.next_fact()? {
            show(fact.time, u64::from(fact.weight));
        }
        Ok(())
    }

    /// Judges once, for good.
    pub(super) fn finish(mut self, plan: Plan<'_>) -> io::Result<Run<'_>> {
        let found = self.examine(plan)?;
        let unheard = site::unheard(plan, &found.drafts);
        let alerts = Alerts::new(plan, found.drafts, &self.inputs, self.segments);
        Ok(Run {
            alerts,
            inputs: self.inputs,
            counts: self.counts,
            learning: found.learning,
            unheard,
            tally: self.tally,
            kept: self.kept,
        })
    }
}

/// The hashes of the values an alert is about, by which alerts of one key are told from others:
/// those of the rule's own key fields, without the stretch of time some folds add.
pub fn key_of<'d>(plan: &Plan<'_>, draft: &'d Draft) -> &'d [u64] {
    let fields = match draft.rule {
        RuleIndex::Correlation(at) => plan.rules.correlations[at].group_by.len(),
        RuleIndex::Detection(at) => plan.rules.detections[at].key().len(),
    };
    &draft.key[..fields.min(draft.key.len())]
}
