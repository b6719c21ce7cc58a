//! What was said so far, and what is to be said now.
//!
//! Takes drafts: those the herald gives at once, and all of them when everything was judged; gives
//! the alerts that are new or say something else, and those that do not hold any more. Of each
//! alert it keeps what tells it from others, never its texts. An alert that only grows is said
//! again when it has doubled or some time has passed, and at the end.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;
use std::time::Duration;

use foldhash::fast::FixedState;

use crate::alert::{self, Alert, RuleRef};
use crate::detect::{Draft, Noted};
use crate::spill::Fact;

/// How long what merely grows waits to be said again.
const GROWTH: Duration = Duration::from_secs(60);

const PRINTS: [FixedState; 2] = [
    FixedState::with_seed(0x6c69_7665_2d6f_6e65),
    FixedState::with_seed(0x6c69_7665_2d74_776f),
];

/// An alert that is new or says something else.
#[derive(Clone, Debug)]
pub struct Said {
    /// The alert, with the revision it would have without a store.
    pub alert: Alert,
    /// Alerts that were said before and whose place it takes.
    pub supersedes: Vec<String>,
}

/// An alert that was said and does not hold any more.
#[derive(Clone, Debug)]
pub struct TakenBack {
    /// Its id.
    pub id: String,
    /// Its rule.
    pub rule: RuleRef,
    /// Its key.
    pub key: Vec<(String, Option<String>)>,
    /// First and last event.
    pub span: (i64, i64),
    /// The revision with which it is taken back.
    pub revision: u32,
    /// The alert that took its place.
    pub successor: Option<String>,
}

/// What is to be said now.
#[derive(Clone, Debug, Default)]
pub(super) struct Changes {
    pub(super) said: Vec<Said>,
    pub(super) gone: Vec<TakenBack>,
}

/// Tells drafts apart by what does not change while they grow; the number tells those that are
/// alike even there.
type First = (u128, u32);

/// An alert that stands.
struct Standing {
    /// All that its draft told.
    print: u128,
    first: First,
    /// The id of the first alert of its like, and which of them it is.
    once: String,
    ordinal: u32,
    rule: RuleRef,
    key: Vec<(String, Option<String>)>,
    span: (i64, i64),
    events: u64,
    /// What it says, as a hash.
    says: u64,
    revision: u32,
    said_at: Duration,
    /// The judgments that had begun when it was said first.
    born: u64,
    /// The last judgment that gave it.
    seen: u64,
}

/// All alerts that stand.
#[derive(Default)]
pub(super) struct Book {
    standing: BTreeMap<String, Standing>,
    by_first: HashMap<First, String, FixedState>,
    /// Alerts of each like, by the id of the first.
    alike: HashMap<String, u32, FixedState>,
    /// Judgments begun so far.
    pub(super) begun: u64,
}

/// When something is said.
#[derive(Clone, Copy)]
pub(super) struct When {
    pub(super) now: Duration,
    /// True when nothing follows.
    pub(super) last: bool,
}

/// Makes the alerts of drafts, each with the folded text of its first record.
pub(super) type Make<'m> = &'m mut dyn FnMut(&[Draft]) -> Vec<(Alert, String)>;

impl Book {
    /// Rules of the alerts that stand, each with their number.
    pub(super) fn counts(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for standing in self.standing.values() {
            *counts.entry(standing.rule.id.clone()).or_default() += 1;
        }
        counts
    }

    /// Takes the alerts the herald gives.
    pub(super) fn herald(&mut self, drafts: Vec<Draft>, when: When, make: Make<'_>) -> Changes {
        let is_new = |draft: &Draft| !self.by_first.contains_key(&(first_of(draft), 0));
        let fresh: Vec<Draft> = drafts.into_iter().filter(is_new).collect();
        let made = make(&fresh);
        let mut changes = Changes::default();
        for (draft, (alert, identity)) in fresh.iter().zip(made) {
            let ordinal = self.alike.get(&alert.id).copied().unwrap_or(0);
            let first = (first_of(draft), 0);
            if self.by_first.contains_key(&first) {
                continue;
            }
            let made = named(alert, &identity, ordinal);
            self.alike.insert(made.once.clone(), ordinal + 1);
            changes.said.extend(self.say((draft, first), made, when));
        }
        changes
    }

    /// Takes all drafts, as the judgment of this number gave them.
    pub(super) fn judged(
        &mut self,
        drafts: &[Draft],
        number: u64,
        when: When,
        make: Make<'_>,
    ) -> Changes {
        let firsts = numbered(drafts);
        let mut made = self.make_changed(drafts, &firsts, when, make);
        self.reorder(drafts, &firsts, &mut made, make);
        let mut changes = Changes::default();
        for ((draft, first), made) in drafts.iter().zip(&firsts).zip(made) {
            match made {
                Some(made) => {
                    let id = made.alert.id.clone();
                    changes.said.extend(self.say((draft, *first), made, when));
                    if let Some(standing) = self.standing.get_mut(&id) {
                        standing.seen = number;
                    }
                }
                None => {
                    let id = self.by_first.get(first);
                    if let Some(standing) = id.and_then(|id| self.standing.get_mut(id)) {
                        standing.seen = number;
                    }
                }
            }
        }
        self.take_back(number, &mut changes);
        changes
    }

    /// Makes the alerts of those drafts that are new or are to be said again.
    fn make_changed(
        &self,
        drafts: &[Draft],
        firsts: &[First],
        when: When,
        make: Make<'_>,
    ) -> Vec<Option<Made>> {
        let is_due = |(draft, first): (&Draft, &First)| {
            let id = self.by_first.get(first);
            let standing = id.and_then(|id| self.standing.get(id));
            standing.is_none_or(|standing| standing.is_due(draft, when))
        };
        let due: Vec<bool> = drafts.iter().zip(firsts).map(is_due).collect();
        let wanted = drafts.iter().zip(&due).filter(|(_, due)| **due);
        let wanted: Vec<Draft> = wanted.map(|(draft, _)| draft.clone()).collect();
        let mut alerts = make(&wanted).into_iter();
        let one = |(due, first): (bool, &First)| {
            let (alert, identity) = due.then(|| alerts.next()).flatten()?;
            // What was said stands where its first record cannot be read again.
            let unreadable = alert.evidence.first().is_some_and(|e| e.sha256.is_empty());
            let stands = unreadable && self.by_first.contains_key(first);
            (!stands).then(|| named(alert, &identity, 0))
        };
        due.into_iter().zip(firsts).map(one).collect()
    }

    /// Numbers the alerts that are alike in their order, as a scan does.
    fn reorder(
        &mut self,
        drafts: &[Draft],
        firsts: &[First],
        made: &mut [Option<Made>],
        make: Make<'_>,
    ) {
        self.alike.clear();
        for at in 0..drafts.len() {
            let id = self.by_first.get(&firsts[at]);
            let standing = id.and_then(|id| self.standing.get(id));
            let (once, had) = match (&made[at], standing) {
                (Some(made), _) => (made.once.clone(), made.ordinal),
                (None, Some(standing)) => (standing.once.clone(), standing.ordinal),
                (None, None) => continue,
            };
            let next = self.alike.entry(once).or_insert(0);
            let ordinal = *next;
            *next += 1;
            if ordinal == had {
                continue;
            }
            let anew = make(std::slice::from_ref(&drafts[at])).pop();
            made[at] = anew.map(|(alert, identity)| named(alert, &identity, ordinal));
        }
    }

    /// Writes down what is said; nothing where the same was said before.
    fn say(&mut self, (draft, first): (&Draft, First), made: Made, when: When) -> Option<Said> {
        let Made {
            mut alert,
            once,
            ordinal,
        } = made;
        let says = hash_of(&alert);
        let before = self.standing.get(&alert.id);
        let (same, revision, born) = match before {
            Some(before) => {
                let same = before.says == says;
                (same, before.revision + u32::from(!same), before.born)
            }
            None => (false, 0, self.begun),
        };
        alert.revision = revision;
        if let Some(before) = before {
            self.by_first.remove(&before.first);
        }
        self.by_first.insert(first, alert.id.clone());
        let standing = Standing {
            print: print_of(draft),
            first,
            once,
            ordinal,
            rule: alert.rule.clone(),
            key: alert.key.clone(),
            span: (alert.start, alert.end),
            events: draft.events,
            says,
            revision,
            said_at: when.now,
            born,
            seen: before.map_or(0, |before| before.seen),
        };
        self.standing.insert(alert.id.clone(), standing);
        (!same).then_some(Said {
            alert,
            supersedes: Vec::new(),
        })
    }

    /// Takes back what the judgment of this number did not give, though it could have.
    fn take_back(&mut self, number: u64, changes: &mut Changes) {
        let is_gone = |standing: &Standing| standing.seen < number && standing.born < number;
        let gone = self
            .standing
            .extract_if(.., |_, standing| is_gone(standing));
        let gone: Vec<(String, Standing)> = gone.collect();
        for (id, standing) in gone {
            if self.by_first.get(&standing.first) == Some(&id) {
                self.by_first.remove(&standing.first);
            }
            let takes_its_place = |said: &&mut Said| {
                let alert = &said.alert;
                alert.revision == 0
                    && (&alert.rule.id, &alert.key) == (&standing.rule.id, &standing.key)
                    && alert.start <= standing.span.1
                    && standing.span.0 <= alert.end
            };
            let successor = changes.said.iter_mut().find(takes_its_place);
            let successor = successor.map(|said| {
                said.supersedes.push(id.clone());
                said.alert.id.clone()
            });
            changes.gone.push(TakenBack {
                id,
                rule: standing.rule,
                key: standing.key,
                span: standing.span,
                revision: standing.revision + 1,
                successor,
            });
        }
    }
}

impl Standing {
    /// True when a draft of the same beginning is to be said again.
    fn is_due(&self, draft: &Draft, when: When) -> bool {
        if self.print == print_of(draft) {
            return false;
        }
        let doubled = draft.events >= self.events.saturating_mul(2);
        let waited = when.now.saturating_sub(self.said_at) >= GROWTH;
        when.last || doubled || waited || draft.events < self.events
    }
}

/// An alert with its id.
struct Made {
    alert: Alert,
    once: String,
    ordinal: u32,
}

/// Names an alert made as the first of its like.
fn named(mut alert: Alert, identity: &str, ordinal: u32) -> Made {
    let once = alert.id.clone();
    if ordinal > 0 {
        alert.id = alert::identity(&alert.rule.id, &alert.key, identity, ordinal);
    }
    Made {
        alert,
        once,
        ordinal,
    }
}

/// Tells drafts with the same beginning apart by their order.
fn numbered(drafts: &[Draft]) -> Vec<First> {
    let mut counts: HashMap<u128, u32, FixedState> = HashMap::default();
    let numbered = drafts.iter().map(|draft| {
        let first = first_of(draft);
        let next = counts.entry(first).or_insert(0);
        *next += 1;
        (first, *next - 1)
    });
    numbered.collect()
}

type Place = (u32, i64, i64);

fn place(fact: &Fact) -> Place {
    (fact.segment, fact.offset, fact.time)
}

fn print(of: impl std::hash::Hash) -> u128 {
    let [one, other] = PRINTS.map(|print| print.hash_one(&of));
    u128::from(one) << 64 | u128::from(other)
}

fn first_of(draft: &Draft) -> u128 {
    print((draft.rule, &draft.key, draft.first.first().map(place)))
}

fn print_of(draft: &Draft) -> u128 {
    let facts: Vec<Place> = draft.first.iter().chain(&draft.last).map(place).collect();
    let tallies: Vec<u64> = draft.tallies.iter().map(|tally| tally.count()).collect();
    let noted = draft.noted.as_ref().map(noted_words);
    print((
        (draft.rule, &draft.key, draft.events, draft.records),
        (facts, tallies, draft.teller().map(place)),
        (draft.measure.to_string(), noted),
    ))
}

/// What was observed, so that two observations that differ are told apart.
fn noted_words(noted: &Noted) -> String {
    format!("{noted:?}")
}

/// A hash of what an alert says; where its records stand may differ.
fn hash_of(alert: &Alert) -> u64 {
    let records: Vec<_> = alert
        .evidence
        .iter()
        .map(|e| (&e.source, &e.sha256, e.time))
        .collect();
    PRINTS[0].hash_one((
        (alert.start, alert.end, alert.count, alert.evidence_total),
        (alert.rule.level, &alert.summary.en, &alert.summary.ja),
        records,
    ))
}
