//! Correlations: a window that slides over the events of each key, both ends inside.
//!
//! One alert when the condition becomes true for a key; while it stays true the alert grows; it
//! may come anew after the condition has been false (reference: Sigma, G2, G12 to G16). The
//! condition is asked at each event, of all events of one instant together, so that it does not
//! matter in which order they come.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;

use foldhash::fast::FixedState;

use super::arrival::{Arrival, Arrivals, Source};
use super::draft::{Carried, Draft, Measured};
use super::gauge::Gauge;
use super::trail::{Choice, Evidence, Trail};
use super::wiring::{Picks, needs_several};
use crate::rule::Correlation;
use crate::spill::{Fact, Rank, combine};

/// Windows of keys that have been quiet are let go each time so many rows have passed.
const SWEEP: usize = 1 << 16;

/// What stands at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ties {
    /// Is judged together: no order among it is known.
    Together,
    /// Is judged one event after another, in the order of identities.
    ByPosition,
}

/// How a correlation is to be worked out.
#[derive(Clone, Copy)]
pub(super) struct Task<'t> {
    pub(super) rule: &'t Correlation,
    /// How each source is read, by its number.
    pub(super) picks: &'t [&'t Picks],
    /// For each source, the place of its rule in the correlation.
    pub(super) rules: &'t [usize],
    pub(super) rank: Rank<'t>,
    pub(super) ties: Ties,
    /// Facts kept at each end of an alert.
    pub(super) keep: usize,
    /// True when alerts keep all their facts, to be handed on.
    pub(super) gathers: bool,
}

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

/// What is judged together: all of one instant, or one event of it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Moment {
    time: i64,
    event: Option<(u64, u16)>,
}

/// What holds for all windows of a correlation.
struct Law<'t> {
    task: Task<'t>,
    /// True when the condition can hold at two or more only.
    several: bool,
    /// True when each row begins with the value that is measured.
    measures: bool,
    /// True when an alert's facts do not come in order or not only once.
    gathers: bool,
    tallies: usize,
    /// Values in a row of an event held in a window.
    width: usize,
}

impl<'t> Windows<'t> {
    fn new(task: Task<'t>) -> Self {
        let measure = &task.rule.measure;
        let measures = !measure.fields().is_empty();
        let first = task.picks.first();
        let tallies = first.map_or(0, |p| p.tallies.len());
        let carried = first.map_or(0, |p| p.carried.len());
        let ordered = measure == &crate::rule::Measure::TemporalOrdered;
        Windows {
            law: Law {
                task,
                several: needs_several(task.rule),
                measures,
                gathers: task.gathers || ordered,
                tallies,
                width: usize::from(measures) + tallies + carried,
            },
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
            done.extend(window.open.take().map(Draft::settled));
            false
        });
        let rank = self.law.task.rank;
        let place = |f: &Fact| (f.time, rank(f.segment), f.identity, f.segment, f.offset);
        self.done
            .sort_by_cached_key(|d| (d.completed.as_ref().map(place), d.key.clone()));
        self.done
    }
}

impl Law<'_> {
    fn moment(&self, arrival: &Arrival) -> Moment {
        let event = match self.task.ties {
            Ties::Together => None,
            Ties::ByPosition => Some((arrival.fact.identity, arrival.depth)),
        };
        Moment {
            time: arrival.fact.time,
            event,
        }
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
    /// Questions whose answer waits for what must not happen.
    pending: VecDeque<Question>,
    /// Time of the last event.
    latest: i64,
    open: Option<Draft>,
}

/// An event or an inner alert, as one key sees it.
struct Held {
    fact: Fact,
    depth: u16,
    like: u64,
    /// The rules it satisfies, a bit each; only the first 64 are told apart.
    rules: u64,
    /// The value measured, values to tally and to hand on, row after row.
    rows: Vec<u64>,
    count: usize,
    inner: Option<Arc<[Fact]>>,
    /// For an inner alert, who tells each row.
    tellers: Vec<Fact>,
}

/// Whether the condition holds at an event.
struct Question {
    tested: Fact,
    /// The window begins here.
    from: i64,
    /// Numbers of the events of the moment.
    fresh: std::ops::Range<u64>,
    choices: Vec<Choice>,
    /// Until when something forbidden may happen.
    until: Option<i64>,
}

impl Held {
    fn row(&self, at: usize, width: usize) -> &[u64] {
        &self.rows[at * width..(at + 1) * width]
    }

    fn rows(&self, width: usize) -> impl Iterator<Item = &[u64]> {
        (0..self.count).map(move |at| self.row(at, width))
    }

    /// The different values that are measured.
    fn values(&self, law: &Law<'_>) -> Vec<u64> {
        if !law.measures {
            return Vec::new();
        }
        let all = self.rows(law.width).map(|row| row[0]);
        let mut values: Vec<u64> = all.filter(|v| *v != 0).collect();
        values.sort_unstable();
        values.dedup();
        values
    }

    fn teller(&self, row: usize) -> Fact {
        self.tellers.get(row).copied().unwrap_or(self.fact)
    }
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
            pending: VecDeque::new(),
            latest: i64::MIN,
            open: None,
        }
    }

    /// A row comes in; true when it is the first at the moment. An event that satisfies several
    /// rules, or has several rows, counts once.
    fn enter(&mut self, arrival: Arrival, law: &Law<'_>) -> bool {
        let Arrival {
            fact,
            source,
            values,
            ..
        } = arrival;
        let picks = law.task.picks[source];
        if self.key.is_empty() {
            self.key = picks.group.iter().map(|&c| values[c]).collect();
        }
        let first = self.tested.replace(fact).is_none();
        let value = match law.task.rule.measure.is_numeric() {
            true => values[picks.value[0]],
            false => combine(&values, &picks.value).map_or(0, |v| v.max(1)),
        };
        let value = law.measures.then_some(value);
        let others = picks
            .tallies
            .iter()
            .chain(&picks.carried)
            .map(|&c| values[c]);
        let row = value.into_iter().chain(others);
        let bit = 1_u64
            .checked_shl(law.task.rules[source] as u32)
            .unwrap_or(0);
        match self.fresh.last_mut() {
            Some(held) if held.is(&fact, (arrival.depth, arrival.like)) => {
                held.rules |= bit;
                held.fact.weight = held.fact.weight.max(fact.weight);
                let before = held.rows.len();
                held.rows.extend(row);
                let same = held.count > 0 && {
                    let (old, new) = held.rows.split_at(before);
                    old.ends_with(new)
                };
                if same {
                    held.rows.truncate(before);
                } else {
                    held.count += 1;
                    if held.inner.is_some() {
                        held.tellers.push(arrival.teller);
                    }
                }
            }
            _ => self.fresh.push(Held {
                fact,
                depth: arrival.depth,
                like: arrival.like,
                rules: bit,
                rows: row.collect(),
                count: 1,
                tellers: arrival.inner.iter().map(|_| arrival.teller).collect(),
                inner: arrival.inner,
            }),
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
        if law.several && self.events.is_empty() {
            done.extend(self.open.take().map(Draft::settled));
        }
        let begin = self.first + self.events.len() as u64;
        for held in std::mem::take(&mut self.fresh) {
            let number = self.first + self.events.len() as u64;
            let values = held.values(law);
            // An event without the value adds nothing; the condition is asked all the same
            // (reference: Sigma, G9, G12).
            if law.measures && values.is_empty() {
                continue;
            }
            match &mut self.trail {
                Some(trail) => trail.push(number, (moment, tested.time), held.rules),
                None => self.gauge.add(held.fact.weight, &values),
            }
            self.events.push_back(held);
        }
        self.latest = tested.time;
        let fresh = begin..self.first + self.events.len() as u64;
        let choices = match &self.trail {
            Some(trail) => trail.choices(law.task.rule, from),
            None => {
                let held = self
                    .gauge
                    .holds(&law.task.rule.measure, &law.task.rule.condition);
                held.map(|measure| whole_window(measure, from))
                    .into_iter()
                    .collect()
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
            done.extend(self.open.take().map(Draft::settled));
            return;
        };
        let mut draft = self.open.take();
        let range = match draft {
            Some(_) => question.fresh.clone(),
            None => self.number_at(question.from)..question.fresh.end,
        };
        let evidence: Vec<&Held> = match &choice.evidence {
            Evidence::Chosen(numbers) => numbers.iter().filter_map(|n| self.event(*n)).collect(),
            Evidence::Rules(rules) => range
                .filter_map(|n| self.event(n))
                .filter(|held| law.of_rules(held, *rules))
                .collect(),
        };
        match &mut draft {
            Some(draft) => {
                law.add(draft, &evidence);
                draft.measure = draft.measure.larger(choice.measure);
            }
            None => draft = Some(self.begin(&evidence, &question, choice.measure, law)),
        }
        self.open = draft;
    }

    fn begin(
        &self,
        evidence: &[&Held],
        question: &Question,
        measure: Measured,
        law: &Law<'_>,
    ) -> Draft {
        let mut draft = Draft::new(self.key.clone(), law.tallies, law.task.keep);
        if law.gathers {
            draft = draft.gathering();
        }
        law.add(&mut draft, evidence);
        if let Some(first) = evidence.first() {
            draft.told_by(first.teller(0));
        }
        draft.complete(question.tested);
        draft.measure = measure;
        if law.task.gathers {
            draft.carried = law.carried(evidence);
        }
        draft
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
            if let Some(held) = self.events.pop_front() {
                self.first += 1;
                if self.trail.is_none() {
                    self.gauge.remove(held.fact.weight, &held.values(law));
                }
            }
        }
        if let Some(trail) = &mut self.trail {
            trail.forget_before(time);
        }
    }
}

fn whole_window(measure: Measured, from: i64) -> Choice {
    Choice {
        evidence: Evidence::Rules(u64::MAX),
        measure,
        forbids: Vec::new(),
        first: from,
    }
}

impl Held {
    fn is(&self, fact: &Fact, (depth, like): (u16, u64)) -> bool {
        let place = |f: &Fact| (f.time, f.identity, f.segment, f.offset);
        place(&self.fact) == place(fact) && (self.depth, self.like) == (depth, like)
    }
}

impl Law<'_> {
    /// True when an event is among the evidence of some rules; a correlation that does not ask
    /// which rules matched uses all.
    fn of_rules(&self, held: &Held, rules: u64) -> bool {
        rules == u64::MAX || held.rules & rules != 0
    }

    fn add(&self, draft: &mut Draft, evidence: &[&Held]) {
        let from = usize::from(self.measures);
        for held in evidence {
            for row in held.rows(self.width) {
                draft.tally(row[from..from + self.tallies].iter().copied());
            }
            match &held.inner {
                Some(facts) => facts.iter().for_each(|f| draft.add(f, self.task.rank)),
                None => draft.add(&held.fact, self.task.rank),
            }
        }
    }

    /// The different rows that an alert hands on.
    fn carried(&self, evidence: &[&Held]) -> Vec<Carried> {
        let from = usize::from(self.measures) + self.tallies;
        let mut seen = std::collections::HashSet::<&[u64], FixedState>::default();
        let mut carried = Vec::new();
        for held in evidence {
            for at in 0..held.count {
                let values = &held.row(at, self.width)[from..];
                if seen.insert(values) {
                    carried.push(Carried {
                        values: values.to_vec(),
                        teller: held.teller(at),
                    });
                }
            }
        }
        carried
    }
}
