//! The slow, literal twin of the correlations: what they mean, word for word.
//!
//! Takes a set of rules and events in order; gives the alerts. Every window is looked at anew,
//! every inner alert is an event with the events it rests on, nothing is kept from one step to
//! the next. Serves the tests alone.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::{Comparison, Correlation, FieldRef, Measure, Number, RuleIndex, RuleSet};

/// An event, with the detections it satisfies.
#[derive(Clone, Debug, Default)]
pub(crate) struct Happening {
    pub(crate) time: i64,
    pub(crate) weight: u64,
    pub(crate) detections: Vec<usize>,
    pub(crate) values: BTreeMap<String, Vec<String>>,
}

/// What stands at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ties {
    /// Is judged together, in whatever order.
    Together,
    /// Is judged one after another.
    ByPosition,
}

/// An alert of a correlation.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) rule: usize,
    pub(crate) group: Vec<String>,
    /// Places of the events it rests on.
    pub(crate) events: BTreeSet<usize>,
    /// Place of the event by which the condition became true.
    pub(crate) at: usize,
    /// Places of the events it rested on then.
    pub(crate) completed_by: BTreeSet<usize>,
    /// What it rested on then.
    completed: Vec<Member>,
    depth: usize,
}

#[derive(Clone, Debug)]
enum Item {
    Event(usize),
    Alert(Rc<Found>),
}

/// The events by which an item came to be.
fn completing(item: &Item) -> BTreeSet<usize> {
    match item {
        Item::Event(at) => BTreeSet::from([*at]),
        Item::Alert(found) => found.completed_by.clone(),
    }
}

/// An item as one group sees it.
#[derive(Clone, Debug)]
struct Member {
    /// Time, place of the (completing) event, how deeply it is nested, which of its like.
    order: (i64, usize, usize, usize),
    item: Item,
    /// Places in the correlation's rules.
    rules: BTreeSet<usize>,
    values: BTreeSet<Vec<String>>,
    weight: u64,
}

type Row = Vec<Option<String>>;

struct Twin<'t> {
    rules: &'t RuleSet,
    events: &'t [Happening],
    ties: Ties,
}

/// The alerts of all correlations; events are given in order.
pub(crate) fn alerts(rules: &RuleSet, events: &[Happening], ties: Ties) -> Vec<Found> {
    let twin = Twin {
        rules,
        events,
        ties,
    };
    let all = 0..rules.correlations.len();
    all.flat_map(|at| twin.of(at)).collect()
}

impl Twin<'_> {
    fn of(&self, at: usize) -> Vec<Found> {
        let rule = &self.rules.correlations[at];
        let mut groups: BTreeMap<Vec<String>, Vec<Member>> = BTreeMap::new();
        for (place, index) in rule.rules.iter().enumerate() {
            for (number, item) in self.items(*index).into_iter().enumerate() {
                self.enter(rule, place, (number, item), &mut groups);
            }
        }
        let mut found = Vec::new();
        for (group, mut members) in groups {
            members.sort_by_key(|m| m.order);
            for (evidence, completed, done) in self.group(rule, &members) {
                let order = done.order;
                found.push(Found {
                    rule: at,
                    group: group.clone(),
                    events: evidence.iter().flat_map(|m| self.flat(&m.item)).collect(),
                    at: order.1,
                    completed_by: completed.iter().flat_map(|m| completing(&m.item)).collect(),
                    completed,
                    depth: self.depth(rule),
                });
            }
        }
        found.sort_by_key(|f| (self.events[f.at].time, f.at, f.group.clone()));
        found
    }

    fn depth(&self, rule: &Correlation) -> usize {
        let inner = rule.rules.iter().map(|r| match r {
            RuleIndex::Detection(_) => 0,
            RuleIndex::Correlation(at) => self.depth(&self.rules.correlations[*at]),
        });
        1 + inner.max().unwrap_or(0)
    }

    fn items(&self, index: RuleIndex) -> Vec<Item> {
        match index {
            RuleIndex::Correlation(at) => self
                .of(at)
                .into_iter()
                .map(|f| Item::Alert(Rc::new(f)))
                .collect(),
            RuleIndex::Detection(at) => {
                let hits = self
                    .events
                    .iter()
                    .enumerate()
                    .filter(|(_, e)| e.detections.contains(&at));
                hits.map(|(place, _)| Item::Event(place)).collect()
            }
        }
    }

    fn flat(&self, item: &Item) -> BTreeSet<usize> {
        match item {
            Item::Event(at) => BTreeSet::from([*at]),
            Item::Alert(found) => found.events.clone(),
        }
    }

    /// Puts an item into each group it belongs to.
    fn enter(
        &self,
        rule: &Correlation,
        place: usize,
        (number, item): (usize, Item),
        groups: &mut BTreeMap<Vec<String>, Vec<Member>>,
    ) {
        let index = rule.rules[place];
        let named = rule.group_by.iter().chain(rule.measure.fields());
        let fields: Vec<FieldRef> = named.map(|f| rule.field_of(index, f).clone()).collect();
        let (order, weight) = match &item {
            Item::Event(at) => ((self.events[*at].time, *at, 0, 0), self.events[*at].weight),
            Item::Alert(found) => {
                let like = place * 1_000_000 + number;
                ((self.events[found.at].time, found.at, found.depth, like), 1)
            }
        };
        for row in self.rows(&item, &fields) {
            let (group, values) = row.split_at(rule.group_by.len());
            let Some(group) = group.iter().cloned().collect::<Option<Vec<String>>>() else {
                continue;
            };
            let members = groups.entry(group).or_default();
            let known = members.iter().position(|m| m.order == order);
            let at = known.unwrap_or_else(|| {
                members.push(Member {
                    order,
                    item: item.clone(),
                    rules: BTreeSet::new(),
                    values: BTreeSet::new(),
                    weight,
                });
                members.len() - 1
            });
            members[at].rules.insert(place);
            members[at]
                .values
                .extend(values.iter().cloned().collect::<Option<Vec<String>>>());
        }
    }

    /// All combinations of values of some fields that an item tells.
    fn rows(&self, item: &Item, fields: &[FieldRef]) -> BTreeSet<Row> {
        match item {
            Item::Event(at) => {
                let mut rows = vec![Vec::new()];
                for field in fields {
                    let values = self.events[*at].values.get(field.name());
                    let values: Row = match values.filter(|v| !v.is_empty()) {
                        Some(values) => values.iter().cloned().map(Some).collect(),
                        None => vec![None],
                    };
                    rows = rows
                        .iter()
                        .flat_map(|row: &Row| {
                            values
                                .iter()
                                .map(move |v| [row.as_slice(), std::slice::from_ref(v)].concat())
                        })
                        .collect();
                }
                rows.into_iter().collect()
            }
            Item::Alert(found) => {
                let inner = &self.rules.correlations[found.rule];
                let group: Row = found.group.iter().cloned().map(Some).collect();
                let mut rows = BTreeSet::new();
                for member in &found.completed {
                    for place in &member.rules {
                        let index = inner.rules[*place];
                        let named = inner.group_by.iter().chain(fields);
                        let own: Vec<FieldRef> =
                            named.map(|f| inner.field_of(index, f).clone()).collect();
                        let told = self.rows(&member.item, &own).into_iter();
                        let of_group = told.filter(|row| row[..group.len()] == group);
                        rows.extend(of_group.map(|row| row[group.len()..].to_vec()));
                    }
                }
                rows
            }
        }
    }

    /// The alerts of one group: all evidence, that at completion, and the completing member.
    fn group(
        &self,
        rule: &Correlation,
        members: &[Member],
    ) -> Vec<(Vec<Member>, Vec<Member>, Member)> {
        let mut alerts: Vec<(Vec<Member>, Vec<Member>, Member)> = Vec::new();
        let mut open = false;
        let mut at = 0;
        while at < members.len() {
            let mut end = at + 1;
            while end < members.len() && self.together(&members[at], &members[end]) {
                end += 1;
            }
            let from = members[at].order.0.saturating_sub(rule.timespan);
            let window: Vec<&Member> = members[..end]
                .iter()
                .filter(|m| m.order.0 >= from)
                .collect();
            let counts = |m: &&Member| rule.measure.fields().is_empty() || !m.values.is_empty();
            let mut before = members[..at].iter().filter(|m| m.order.0 >= from);
            if needs_several(rule) && !before.any(|m| counts(&m)) {
                open = false;
            }
            match self.evidence(rule, members, &window) {
                None => open = false,
                Some(evidence) if open => {
                    let alert = alerts.last_mut().expect("one is open");
                    for member in evidence {
                        if !alert.0.iter().any(|m| m.order == member.order) {
                            alert.0.push(member);
                        }
                    }
                }
                Some(evidence) => {
                    alerts.push((evidence.clone(), evidence, members[end - 1].clone()));
                    open = true;
                }
            }
            at = end;
        }
        alerts
    }

    fn together(&self, left: &Member, right: &Member) -> bool {
        let ((t, place, depth, _), (u, other, deep, _)) = (left.order, right.order);
        t == u && (self.ties == Ties::Together || (place, depth) == (other, deep))
    }

    /// What the measure rests on where the condition holds.
    fn evidence(
        &self,
        rule: &Correlation,
        all: &[Member],
        window: &[&Member],
    ) -> Option<Vec<Member>> {
        let owned = |members: Vec<&Member>| members.into_iter().cloned().collect::<Vec<Member>>();
        let whole = |n: usize| Number::from(n as i64);
        match &rule.measure {
            Measure::EventCount => {
                let count: u64 = window.iter().map(|m| m.weight).sum();
                holds(rule, whole(count as usize)).then(|| owned(window.to_vec()))
            }
            Measure::ValueCount(_) => {
                let used: Vec<&Member> = window
                    .iter()
                    .copied()
                    .filter(|m| !m.values.is_empty())
                    .collect();
                let values: BTreeSet<&Vec<String>> = used.iter().flat_map(|m| &m.values).collect();
                (!used.is_empty() && holds(rule, whole(values.len()))).then(|| owned(used))
            }
            Measure::Temporal => self.temporal(rule, all, window),
            Measure::TemporalOrdered => self.ordered(rule, all, window),
            _ => {
                let used: Vec<&Member> = window
                    .iter()
                    .copied()
                    .filter(|m| !numbers(m).is_empty())
                    .collect();
                let mut all: Vec<f64> = Vec::new();
                for member in &used {
                    for number in numbers(member) {
                        all.extend((0..member.weight.max(1)).map(|_| number));
                    }
                }
                let measured = measured(&rule.measure, all)?;
                holds(rule, measured).then(|| owned(used))
            }
        }
    }

    fn temporal(
        &self,
        rule: &Correlation,
        all: &[Member],
        window: &[&Member],
    ) -> Option<Vec<Member>> {
        let matched: BTreeSet<usize> = window.iter().flat_map(|m| m.rules.clone()).collect();
        let Some(worded) = &rule.expression else {
            let enough = match rule.condition.is_empty() {
                true => matched.len() == rule.rules.len(),
                false => holds(rule, Number::from(matched.len() as i64)),
            };
            return enough.then(|| window.iter().map(|m| (*m).clone()).collect());
        };
        let positive: BTreeSet<usize> = worded
            .alternatives
            .iter()
            .flat_map(|a| a.needs.clone())
            .collect();
        let used: Vec<Member> = window
            .iter()
            .filter(|m| !m.rules.is_disjoint(&positive))
            .map(|m| (*m).clone())
            .collect();
        let first = used.first()?.order.0;
        let held = worded.alternatives.iter().any(|a| {
            a.needs.iter().all(|n| matched.contains(n))
                && !occurs(&a.forbids, all, first, rule.timespan)
        });
        held.then_some(used)
    }

    fn ordered(
        &self,
        rule: &Correlation,
        all: &[Member],
        window: &[&Member],
    ) -> Option<Vec<Member>> {
        let chain = |steps: &[usize]| self.chain(steps, window);
        if let Some(worded) = &rule.expression {
            return worded.alternatives.iter().find_map(|a| {
                let chain = chain(&a.needs)?;
                let first = chain.iter().map(|m| m.order.0).min()?;
                (!occurs(&a.forbids, all, first, rule.timespan)).then_some(chain)
            });
        }
        if rule.condition.is_empty() {
            return chain(&rule.steps);
        }
        // Every choice of steps, the longest first, among equals in the order of the steps.
        let count = rule.steps.len();
        let mut choices: Vec<Vec<usize>> = (1_u32..1 << count)
            .map(|bits| (0..count).filter(|i| bits >> i & 1 == 1).collect())
            .collect();
        choices.sort_by_key(|c| (std::cmp::Reverse(c.len()), c.clone()));
        let found = choices.iter().find_map(|choice| {
            let steps: Vec<usize> = choice.iter().map(|i| rule.steps[*i]).collect();
            chain(&steps)
        })?;
        holds(rule, Number::from(found.len() as i64)).then_some(found)
    }

    /// The chain whose every step comes as early as it can after the one before.
    fn chain(&self, steps: &[usize], window: &[&Member]) -> Option<Vec<Member>> {
        let mut chosen: Vec<usize> = Vec::new();
        self.extend(steps, window, &mut chosen, 0)
            .then(|| chosen.iter().map(|at| window[*at].clone()).collect())
    }

    /// Fills the next steps with members that come no sooner than `from`; tries all ways.
    fn extend(
        &self,
        steps: &[usize],
        window: &[&Member],
        chosen: &mut Vec<usize>,
        from: usize,
    ) -> bool {
        let Some((step, rest)) = steps.split_first() else {
            return true;
        };
        for at in from..window.len() {
            if window[at].rules.contains(step) && !chosen.contains(&at) {
                chosen.push(at);
                let start = (0..=at)
                    .find(|i| self.together(window[*i], window[at]))
                    .expect("it stands with itself");
                if self.extend(rest, window, chosen, start) {
                    return true;
                }
                chosen.pop();
            }
        }
        false
    }
}

/// True when one of these rules matches between an instant and the end of the window after it.
fn occurs(forbids: &[usize], all: &[Member], first: i64, timespan: i64) -> bool {
    let within = |m: &&Member| (first..=first.saturating_add(timespan)).contains(&m.order.0);
    all.iter()
        .filter(within)
        .any(|m| forbids.iter().any(|f| m.rules.contains(f)))
}

fn numbers(member: &Member) -> Vec<f64> {
    let texts: BTreeSet<&String> = member.values.iter().flatten().collect();
    let mut read: Vec<f64> = texts.iter().filter_map(|t| t.parse().ok()).collect();
    read.retain(|n: &f64| n.is_finite());
    read.sort_by(f64::total_cmp);
    read.dedup();
    read
}

/// Exact for numbers of few digits: thousandths are counted whole.
fn measured(measure: &Measure, mut all: Vec<f64>) -> Option<Number> {
    if all.is_empty() {
        return None;
    }
    all.sort_by(f64::total_cmp);
    let thousandths: Vec<i64> = all.iter().map(|n| (n * 1_000.0).round() as i64).collect();
    let count = thousandths.len() as i64;
    let sum: i64 = thousandths.iter().sum();
    let at = |percent: i64| {
        let position = percent * (count - 1);
        let (rank, part) = ((position / 100) as usize, position % 100);
        let low = thousandths[rank];
        let high = thousandths[(rank + 1).min(thousandths.len() - 1)];
        (low * (100 - part) + high * part) as f64 / 100_000.0
    };
    Number::of_float(match measure {
        Measure::ValueSum(_) => sum as f64 / 1_000.0,
        Measure::ValueAverage(_) => sum as f64 / 1_000.0 / count as f64,
        Measure::ValueMedian(_) => at(50),
        Measure::ValuePercentile(_, percent) => {
            at(percent.whole().expect("the tests use whole ones"))
        }
        _ => return None,
    })
}

fn holds(rule: &Correlation, measure: Number) -> bool {
    rule.condition
        .iter()
        .all(|(how, bound)| how.accepts(measure.cmp(bound)))
}

/// True when a count can hold at two or more only, or two rules or more must match: an empty window
/// then ends an alert.
fn needs_several(rule: &Correlation) -> bool {
    if rule.measure.is_temporal() {
        return match &rule.expression {
            Some(worded) => !worded.alternatives.iter().any(|way| way.needs.len() < 2),
            None => rule.condition.is_empty() && rule.rules.len() >= 2,
        };
    }
    let counts = matches!(rule.measure, Measure::EventCount | Measure::ValueCount(_));
    counts
        && rule.condition.iter().any(|(how, bound)| match how {
            Comparison::Gte | Comparison::Eq => *bound > Number::from(1),
            Comparison::Gt => *bound >= Number::from(1),
            _ => false,
        })
}
