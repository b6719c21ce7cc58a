//! Correlations: a window that slides over the events of each key, both ends inside.
//!
//! One alert when the condition becomes true for a key; while it stays true the alert grows; it
//! may come anew after the condition has been false (reference: Sigma, G2, G12 to G16). The
//! condition is asked at each event, of all events of one instant together, so that it does not
//! matter in which order they come.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::ops::Range;

use foldhash::fast::FixedState;

use super::arrival::{Arrival, Arrivals, Source};
use super::draft::Draft;
use super::gauge::Gauge;
use super::held::{Held, carried};
use super::law::{Law, Moment, Task};
use super::tally::Tallies;
use super::trail::{Choice, Evidence, Trail};
use crate::spill::{Fact, combine};

/// Windows of keys that have been quiet are let go each time so many rows have passed.
const SWEEP: usize = 1 << 16;

/// Finds the alerts of a correlation, in the order in which they were completed.
pub(super) fn correlate(task: Task<'_>, sources: Vec<Source<'_>>) -> io::Result<Vec<Draft>> {
    let mut arrivals = Arrivals::new(sources, task.rank)?;
    let mut windows = Windows::new(task);
    while let Some(arrival) = arrivals.next()? {
        windows.take(arrival);
    }
    Ok(windows.finish())
}

/// The windows of all keys of one correlation.
struct Windows<'t> {
    law: Law<'t>,
    of: HashMap<u64, Window, FixedState>,
    /// Keys that have something new at the moment.
    touched: Vec<u64>,
    moment: Option<Moment>,
    moments: u64,
    done: Vec<Draft>,
    passed: usize,
}

impl<'t> Windows<'t> {
    fn new(task: Task<'t>) -> Self {
        Windows {
            law: Law::new(task),
            of: HashMap::default(),
            touched: Vec::new(),
            moment: None,
            moments: 0,
            done: Vec::new(),
            passed: 0,
        }
    }

    fn take(&mut self, arrival: Arrival) {
        let picks = self.law.task.picks[arrival.source];
        let Some(key) = combine(&arrival.values, &picks.group) else {
            return;
        };
        let moment = self.law.moment(&arrival);
        if self.moment != Some(moment) {
            self.settle();
            self.moment = Some(moment);
            self.moments += 1;
            self.sweep(moment.time);
        }
        let window = self.of.entry(key).or_insert_with(|| Window::new(&self.law));
        if window.enter(arrival, &self.law) {
            self.touched.push(key);
        }
    }

    /// The moment is over: judges each key that has something new.
    fn settle(&mut self) {
        for key in self.touched.drain(..) {
            if let Some(window) = self.of.get_mut(&key) {
                window.settle(self.moments, &self.law, &mut self.done);
            }
        }
    }

    /// Lets go of keys whose whole window lies in the past; an alert that is open waits on, for
    /// its condition has not been asked since.
    fn sweep(&mut self, now: i64) {
        self.passed += 1;
        if self.passed < SWEEP {
            return;
        }
        self.passed = 0;
        let from = now.saturating_sub(self.law.task.rule.timespan);
        let (law, done) = (&self.law, &mut self.done);
        self.of.retain(|_, window| {
            window.resolve(Some(now), law, done);
            if window.latest >= from || !window.pending.is_empty() {
                return true;
            }
            window.forget_before(from, law);
            window.open.is_some()
        });
    }

    fn finish(mut self) -> Vec<Draft> {
        self.settle();
        let (law, done) = (&self.law, &mut self.done);
        self.of.retain(|_, window| {
            window.resolve(None, law, done);
            window.close(done);
            false
        });
        let rank = self.law.task.rank;
        let place = |f: &Fact| (f.time, rank(f.segment), f.identity, f.segment, f.offset);
        self.done
            .sort_by_cached_key(|d| (d.completed.as_ref().map(place), d.key.clone()));
        self.done
    }
}

/// The events of one key that lie within the window, and the alert they are part of, if any.
struct Window {
    key: Vec<u64>,
    events: VecDeque<Held>,
    /// Number of the first event, counted from the first ever.
    first: u64,
    /// What is new at the moment.
    fresh: Vec<Held>,
    /// The last event at which the condition is to be asked at the moment.
    tested: Option<Fact>,
    gauge: Gauge,
    trail: Option<Trail>,
    /// What the events weigh together, and their tallies, where the law counts them.
    weight: u64,
    tallies: Tallies,
    /// Questions whose answer waits for what must not happen.
    pending: VecDeque<Question>,
    /// Time of the last event.
    latest: i64,
    open: Option<Draft>,
    /// Number of the first event of the open alert.
    since: u64,
}

/// Whether the condition holds at an event.
struct Question {
    tested: Fact,
    /// The window begins here.
    from: i64,
    /// Numbers of the events of the moment.
    fresh: Range<u64>,
    choices: Vec<Choice>,
    /// Until when something forbidden may happen.
    until: Option<i64>,
}

impl Window {
    fn new(law: &Law<'_>) -> Window {
        let rule = law.task.rule;
        let trail = rule
            .measure
            .is_temporal()
            .then(|| Trail::new(rule.rules.len()));
        Window {
            key: Vec::new(),
            events: VecDeque::new(),
            first: 0,
            fresh: Vec::new(),
            tested: None,
            gauge: Gauge::of(&rule.measure),
            trail,
            weight: 0,
            tallies: Tallies::new(law.tallies),
            pending: VecDeque::new(),
            latest: i64::MIN,
            open: None,
            since: 0,
        }
    }

    /// A row comes in; true when it is the first at the moment. An event that satisfies several
    /// rules, or has several rows, counts once.
    fn enter(&mut self, arrival: Arrival, law: &Law<'_>) -> bool {
        if self.key.is_empty() {
            let group = &law.task.picks[arrival.source].group;
            self.key = group.iter().map(|&c| arrival.values[c]).collect();
        }
        let first = self.tested.replace(arrival.fact).is_none();
        match self.fresh.last_mut() {
            Some(held) if held.is_of(&arrival) => held.take(&arrival, law),
            _ => self.fresh.push(Held::new(arrival, law)),
        }
        first
    }

    /// The moment is over: slides the window up to it and asks the condition.
    fn settle(&mut self, moment: u64, law: &Law<'_>, done: &mut Vec<Draft>) {
        let Some(tested) = self.tested.take() else {
            return;
        };
        let from = tested.time.saturating_sub(law.task.rule.timespan);
        self.resolve(Some(tested.time), law, done);
        let waiting = self.pending.front().map_or(from, |q| q.from);
        self.forget_before(waiting.min(from), law);
        // Nothing held while the window was empty, though there was no event to ask it at.
        let is_empty = self.events.back().is_none_or(|held| held.fact.time < from);
        if law.several && is_empty {
            self.close(done);
        }
        let fresh = self.admit(moment, law);
        self.latest = tested.time;
        let rule = law.task.rule;
        let choices = match &self.trail {
            Some(trail) => trail.choices(rule, from),
            None => {
                let measured = self.gauge.holds(&rule.measure, &rule.condition);
                let choice = measured.map(|measure| Choice::of_window(measure, from));
                choice.into_iter().collect()
            }
        };
        // A choice that nothing can undo decides; what stands behind it is not asked.
        let open_to_doubt = choices.iter().take_while(|c| !c.forbids.is_empty());
        let over = |c: &Choice| c.first.saturating_add(law.task.rule.timespan);
        let until = open_to_doubt.map(over).max();
        self.pending.push_back(Question {
            tested,
            from,
            fresh,
            choices,
            until,
        });
        self.resolve(Some(tested.time), law, done);
    }

    /// Takes in what came at the moment; gives the numbers of those events.
    fn admit(&mut self, moment: u64, law: &Law<'_>) -> Range<u64> {
        let end = |window: &Window| window.first + window.events.len() as u64;
        let begin = end(self);
        self.tallies.begin();
        for held in std::mem::take(&mut self.fresh) {
            let number = end(self);
            let values = held.values(law);
            // An event without the value adds nothing; the condition is asked all the same
            // (reference: Sigma, G9, G12).
            if law.measures && values.is_empty() {
                continue;
            }
            match &mut self.trail {
                Some(trail) => trail.push(number, (moment, held.fact.time), held.rules),
                None => self.gauge.add(held.fact.weight, &values),
            }
            if law.counts {
                self.weight += u64::from(held.fact.weight);
                let add = |values| self.tallies.add(number, values, self.since);
                held.tallied(law).for_each(add);
            }
            self.events.push_back(held);
        }
        begin..end(self)
    }

    fn close(&mut self, done: &mut Vec<Draft>) {
        if let Some(draft) = self.open.take() {
            done.push(draft.settled());
            self.tallies.close();
        }
    }

    /// Answers the questions whose time is over, in their order: those that wait for nothing later
    /// than `now`, or all.
    fn resolve(&mut self, now: Option<i64>, law: &Law<'_>, done: &mut Vec<Draft>) {
        let over = |q: &Question| match (q.until, now) {
            (Some(until), Some(now)) => until < now,
            _ => true,
        };
        while self.pending.front().is_some_and(over) {
            if let Some(question) = self.pending.pop_front() {
                self.answer(question, law, done);
            }
        }
    }

    fn answer(&mut self, question: Question, law: &Law<'_>, done: &mut Vec<Draft>) {
        let span = law.task.rule.timespan;
        let undone = |c: &Choice| {
            let until = c.first.saturating_add(span);
            let trail = self.trail.as_ref();
            trail.is_some_and(|t| t.occurs(&c.forbids, c.first, until))
        };
        let Some(choice) = question.choices.iter().find(|c| !undone(c)) else {
            self.close(done);
            return;
        };
        match self.open.take() {
            Some(mut draft) => {
                let grown = self.evidence(choice, question.fresh.clone());
                grown.for_each(|held| held.add_to(&mut draft, law));
                if law.counts {
                    draft.tally_counted(&self.tallies.fresh);
                }
                draft.measure = draft.measure.larger(choice.measure);
                self.open = Some(draft);
            }
            None => {
                self.since = self.number_at(question.from);
                self.open = Some(self.begin(choice, &question, law));
            }
        }
    }

    /// The alert that begins as its condition becomes true.
    fn begin(&self, choice: &Choice, question: &Question, law: &Law<'_>) -> Draft {
        let mut draft = Draft::new(self.key.clone(), law.tallies, law.task.keep);
        draft.measure = choice.measure;
        if law.counts {
            let facts = self.events.iter().map(|held| &held.fact);
            draft.add_window(facts, (self.events.len(), self.weight));
            law.visit(draft.first.len() + draft.last.len());
            draft.tally_counted(&self.tallies.counts());
            draft.complete(question.tested);
            return draft;
        }
        if law.gathers {
            draft = draft.gathering();
        }
        let evidence = self.evidence(choice, self.since..question.fresh.end);
        let evidence: Vec<&Held> = evidence.collect();
        for held in &evidence {
            held.add_to(&mut draft, law);
        }
        if let Some(first) = evidence.first() {
            draft.told_by(first.teller(0));
        }
        draft.complete(question.tested);
        if law.task.gathers {
            draft.carried = carried(&evidence, law);
        }
        draft
    }

    /// The events among those of these numbers that a choice rests on.
    fn evidence<'w>(
        &'w self,
        choice: &'w Choice,
        among: Range<u64>,
    ) -> Box<dyn Iterator<Item = &'w Held> + 'w> {
        match &choice.evidence {
            Evidence::Chosen(numbers) => Box::new(numbers.iter().filter_map(|n| self.event(*n))),
            Evidence::Rules(rules) => Box::new(
                among
                    .filter_map(|n| self.event(n))
                    .filter(move |held| *rules == u64::MAX || held.rules & rules != 0),
            ),
        }
    }

    fn event(&self, number: u64) -> Option<&Held> {
        self.events.get(number.checked_sub(self.first)? as usize)
    }

    /// Number of the first event from an instant on.
    fn number_at(&self, time: i64) -> u64 {
        self.first + self.events.partition_point(|held| held.fact.time < time) as u64
    }

    fn forget_before(&mut self, time: i64, law: &Law<'_>) {
        while self
            .events
            .front()
            .is_some_and(|held| held.fact.time < time)
        {
            let number = self.first;
            if let Some(held) = self.events.pop_front() {
                self.first += 1;
                if self.trail.is_none() {
                    self.gauge.remove(held.fact.weight, &held.values(law));
                }
                if law.counts {
                    self.weight -= u64::from(held.fact.weight);
                    let is_counted = self.open.is_some();
                    let forget = |values| self.tallies.forget(number, values, is_counted);
                    held.tallied(law).for_each(forget);
                }
            }
        }
        if let Some(trail) = &mut self.trail {
            trail.forget_before(time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::encode_number;
    use crate::detect::law::Ties;
    use crate::detect::wiring::{Picks, Reads, Wiring};
    use crate::diagnostic::Complaints;
    use crate::rule::{Placeholders, RuleSet};

    /// Slides the windows of a correlation over events a second apart, with these numbers and
    /// one value each to tally; gives the alerts and how often an event was looked at again.
    fn visits(correlation: &str, numbers: &dyn Fn(u64) -> i64, count: u64) -> (usize, u64) {
        let text = format!(
            "title: a\nname: a\nlogsource: {{category: x}}\ndetection: {{s: {{own.k: a}}, condition: s}}\n---\n\
             title: c\nname: c\ncorrelation: {{rules: [a], timespan: 10d, {correlation}}}\n\
             yomawari: {{say: {{en: '{{count:patient.id}}', ja: x}}}}\n"
        );
        let mut complaints = Complaints::new();
        let rules = RuleSet::read(&[("t.yml", &text)], &Placeholders::new(), &mut complaints);
        assert!(!complaints.has_errors(), "{:?}", complaints.sorted());
        let wiring = Wiring::new(&rules);
        let Reads { uses, .. } = wiring.reads(0);
        let picks: Vec<&Picks> = uses.iter().map(|u| &u.picks).collect();
        let mut windows = Windows::new(Task {
            rule: &rules.correlations[0],
            picks: &picks,
            rules: &[0],
            rank: &|_| 0,
            ties: Ties::Together,
            keep: 3,
            gathers: false,
        });
        for i in 0..count {
            let fact = Fact {
                time: i as i64 * 1_000_000_000,
                identity: i,
                segment: 0,
                length: 1,
                weight: 1,
                line: 0,
                offset: i as i64,
            };
            let number = encode_number(&numbers(i).to_string());
            let told = |at: usize| match picks[0].value.contains(&at) {
                true => number,
                false => i % 1_000 + 1,
            };
            let values = (0..uses[0].columns).map(told).collect();
            windows.take(Arrival::of_fact(fact, 0, values));
        }
        let seen = windows.law.visits.get();
        (windows.finish().len(), seen)
    }

    /// However often a condition comes and goes over a large window, each event is looked at a
    /// bounded number of times.
    #[test]
    fn the_cost_of_an_alert_does_not_hang_on_its_window() {
        for (correlation, alternates) in [
            ("type: event_count, condition: {neq: 7}", false),
            ("type: value_sum, condition: {field: own.v, gt: 0}", true),
            ("type: value_avg, condition: {field: own.v, gt: 0}", true),
            (
                "type: value_percentile, condition: {field: own.v, percentile: 50, gt: 0}",
                true,
            ),
        ] {
            // The sum, the mean and the median are by turns above zero and not.
            let numbers = |i: u64| if i.is_multiple_of(2) { 1 } else { -1 };
            let (alerts, seen) = visits(correlation, &numbers, 20_000);
            assert!(!alternates || alerts > 5_000, "{correlation}: {alerts}");
            assert!(seen <= 20_000 * 8, "{correlation}: {seen} looks");
        }
    }
}
