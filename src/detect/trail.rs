//! Which rules matched when: what the temporal measures ask of a window.
//!
//! Takes the events of one key with the rules each satisfied; gives the ways in which a condition
//! could hold at an instant. Each rule has its own list of matches in order, so that a question
//! costs searches in lists, never a walk over the window.

use std::collections::VecDeque;

use crate::rule::{Correlation, Measure};

use super::draft::Measured;
use super::gauge::count_holds;

/// One match of one rule.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// Which of the key's events it is, counted from the first ever.
    number: u64,
    /// Which of the instants it stands at: events of one moment are in no order.
    moment: u64,
    time: i64,
}

/// The matches of each rule of a correlation.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail {
    of_rule: Vec<VecDeque<Step>>,
}

/// A way in which the condition holds, unless something forbidden happens.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    /// What it rests on.
    pub(super) evidence: Evidence,
    pub(super) measure: Measured,
    /// Rules that must not match from `first` until the end of the window that begins there.
    pub(super) forbids: Vec<usize>,
    pub(super) first: i64,
}

impl Choice {
    /// All of a window that begins at an instant.
    pub(super) fn of_window(measure: Measured, from: i64) -> Choice {
        Choice {
            evidence: Evidence::Rules(u64::MAX),
            measure,
            forbids: Vec::new(),
            first: from,
        }
    }
}

/// The events a measure used.
#[derive(Clone, Debug)]
pub(super) enum Evidence {
    /// All in the window that satisfy one of these rules, a bit each.
    Rules(u64),
    /// These, by number.
    Chosen(Vec<u64>),
}

impl Trail {
    /// For so many rules.
    pub(super) fn new(rules: usize) -> Trail {
        Trail {
            of_rule: vec![VecDeque::new(); rules],
        }
    }

    /// The next event, with the rules it satisfies, a bit each.
    pub(super) fn push(&mut self, number: u64, (moment, time): (u64, i64), rules: u64) {
        for (place, steps) in self.of_rule.iter_mut().enumerate() {
            if rules >> place & 1 == 1 {
                steps.push_back(Step {
                    number,
                    moment,
                    time,
                });
            }
        }
    }

    /// Forgets what happened before an instant.
    pub(super) fn forget_before(&mut self, time: i64) {
        for steps in &mut self.of_rule {
            while steps.front().is_some_and(|s| s.time < time) {
                steps.pop_front();
            }
        }
    }

    /// True when one of the rules matches between the two instants, both inside.
    pub(super) fn occurs(&self, rules: &[usize], from: i64, to: i64) -> bool {
        rules
            .iter()
            .any(|rule| self.first_of(*rule, from).is_some_and(|s| s.time <= to))
    }

    /// The first match of a rule from an instant on.
    fn first_of(&self, rule: usize, from: i64) -> Option<&Step> {
        let steps = &self.of_rule[rule];
        steps.get(steps.partition_point(|s| s.time < from))
    }

    /// The ways in which the condition of a correlation holds in a window that begins at `from`
    /// and ends with the latest event, the best first.
    pub(super) fn choices(&self, rule: &Correlation, from: i64) -> Vec<Choice> {
        match rule.measure {
            Measure::TemporalOrdered => self.in_order(rule, from),
            _ => self.in_any_order(rule, from).into_iter().collect(),
        }
    }

    fn in_any_order(&self, rule: &Correlation, from: i64) -> Vec<Choice> {
        let matched = |place: &usize| self.first_of(*place, from).is_some();
        let all = 0..self.of_rule.len();
        let count = all.clone().filter(matched).count() as u64;
        let Some(worded) = &rule.expression else {
            let measure = match rule.condition.is_empty() {
                true => (count == all.len() as u64).then_some(Measured::Count(count)),
                false => count_holds(count, &rule.condition),
            };
            let choice = |measure| Choice::of_window(measure, from);
            return measure.into_iter().map(choice).collect();
        };
        let used = worded.alternatives.iter().flat_map(|a| &a.needs);
        let used = used.fold(0_u64, |bits, place| bits | 1 << place);
        let first = all
            .filter(|place| used >> place & 1 == 1)
            .filter_map(|place| self.first_of(place, from))
            .map(|s| s.time)
            .min();
        let held = worded
            .alternatives
            .iter()
            .filter(|a| a.needs.iter().all(&matched));
        let choice = |forbids: &Vec<usize>| Choice {
            evidence: Evidence::Rules(used),
            measure: Measured::Count(count),
            forbids: forbids.clone(),
            first: first.unwrap_or(from),
        };
        held.map(|a| choice(&a.forbids)).collect()
    }

    fn in_order(&self, rule: &Correlation, from: i64) -> Vec<Choice> {
        let choice = |chain: Chain, forbids: &[usize]| Choice {
            measure: Measured::Count(chain.numbers.len() as u64),
            evidence: Evidence::Chosen(chain.numbers),
            forbids: forbids.to_vec(),
            first: chain.first,
        };
        if let Some(worded) = &rule.expression {
            let held = worded.alternatives.iter();
            let held = held.filter_map(|a| Some(choice(self.chain(&a.needs, from)?, &a.forbids)));
            return held.collect();
        }
        let chain = match rule.condition.is_empty() {
            true => self.chain(&rule.steps, from),
            false => self
                .longest(&rule.steps, from)
                .filter(|chain| count_holds(chain.numbers.len() as u64, &rule.condition).is_some()),
        };
        chain.into_iter().map(|c| choice(c, &[])).collect()
    }

    /// The longest chain over any choice of the steps; among equals, the first choice. There are
    /// few steps: the reader of rules sees to it.
    fn longest(&self, steps: &[usize], from: i64) -> Option<Chain> {
        let mut choices: Vec<Vec<usize>> = (1_u32..1 << steps.len())
            .map(|bits| (0..steps.len()).filter(|i| bits >> i & 1 == 1).collect())
            .collect();
        choices.sort_by_key(|c| (std::cmp::Reverse(c.len()), c.clone()));
        choices.iter().find_map(|choice| {
            let chosen: Vec<usize> = choice.iter().map(|i| steps[*i]).collect();
            self.chain(&chosen, from)
        })
    }

    /// The chain of different events that satisfies the steps in their order, each as early as it
    /// can be. At one moment as many steps are filled as different events can fill: to be
    /// further on is never worse.
    fn chain(&self, steps: &[usize], from: i64) -> Option<Chain> {
        let mut numbers: Vec<u64> = Vec::new();
        let mut first = None;
        let mut after: Option<u64> = None;
        while numbers.len() < steps.len() {
            let queue = &self.of_rule[steps[numbers.len()]];
            let sooner = |s: &Step| s.time < from || after.is_some_and(|m| s.moment <= m);
            let step = *queue.get(queue.partition_point(sooner))?;
            numbers.extend(self.fill(&steps[numbers.len()..], step.moment));
            first.get_or_insert(step.time);
            after = Some(step.moment);
        }
        Some(Chain {
            numbers,
            first: first?,
        })
    }

    /// Different events of one moment for as many of the next steps as they can fill.
    fn fill(&self, steps: &[usize], moment: u64) -> Vec<u64> {
        let mut filled: Vec<u64> = Vec::new();
        let mut candidates: Vec<Vec<u64>> = Vec::new();
        for step in steps {
            let queue = &self.of_rule[*step];
            let begin = queue.partition_point(|s| s.moment < moment);
            // A step with as many candidates as there are steps finds one that is free.
            let here = queue.range(begin..).take_while(|s| s.moment == moment);
            candidates.push(here.take(steps.len()).map(|s| s.number).collect());
            let mut tried = Vec::new();
            let mut grown = filled.clone();
            grown.push(u64::MAX);
            if !place(candidates.len() - 1, &candidates, &mut grown, &mut tried) {
                break;
            }
            filled = grown;
        }
        filled
    }
}

/// Finds an event for a step; a step that has one already may move to another.
fn place(step: usize, candidates: &[Vec<u64>], filled: &mut [u64], tried: &mut Vec<u64>) -> bool {
    for event in &candidates[step] {
        if tried.contains(event) {
            continue;
        }
        tried.push(*event);
        let taken = filled.iter().position(|f| f == event);
        if taken.is_none_or(|other| place(other, candidates, filled, tried)) {
            filled[step] = *event;
            return true;
        }
    }
    false
}

struct Chain {
    numbers: Vec<u64>,
    first: i64,
}
