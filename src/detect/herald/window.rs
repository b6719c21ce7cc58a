//! The windows of the keys of a correlation, as far as they are needed.
//!
//! Takes events as they come; gives the window of a key that has several. A key that spoke but once
//! costs a row in a table that is let go of at once: most keys of a flood are made up and never
//! come again.

use std::collections::{HashMap, HashSet, VecDeque};

use super::super::Settings;
use super::super::draft::{Draft, Measured};
use super::KEYS;
use crate::spill::{Fact, Through};

/// An event of a key as it comes, with the values of the key and those that are tallied.
pub(super) struct Event<G, T> {
    pub(super) fact: Fact,
    /// The value that is counted; the same for all where events are.
    pub(super) value: u64,
    pub(super) group: G,
    pub(super) tallies: T,
}

/// One event in the window of a key.
struct Near {
    fact: Fact,
    value: u64,
    tallies: Vec<u64>,
}

/// The window of a key, as far as it is needed.
#[derive(Default)]
pub(super) struct Window {
    key: Vec<u64>,
    events: VecDeque<Near>,
    /// What the events weigh together.
    pub(super) weight: u64,
    /// True while an alert goes on.
    pub(super) open: bool,
    /// Time of the last event that was left out while the window still held it.
    pub(super) cut: Option<i64>,
    pub(super) latest: i64,
}

/// The only event of a key; its words begin with the key and end with the tallies.
#[derive(Clone, Copy)]
struct Single {
    fact: Fact,
    value: u64,
    words: usize,
    /// How many of the words are the key, and how many are tallies.
    counts: (u32, u32),
}

/// Keys that spoke once.
#[derive(Default)]
struct Singles {
    places: HashMap<u64, u32, Through>,
    events: Vec<Single>,
    words: Vec<u64>,
}

impl Singles {
    fn insert<G, T>(&mut self, key: u64, event: Event<G, T>)
    where
        G: Iterator<Item = u64>,
        T: Iterator<Item = u64>,
    {
        let from = self.words.len();
        self.words.extend(event.group);
        let middle = self.words.len();
        self.words.extend(event.tallies);
        let counts = (middle - from, self.words.len() - middle);
        self.places.insert(key, self.events.len() as u32);
        self.events.push(Single {
            fact: event.fact,
            value: event.value,
            words: from,
            counts: (counts.0 as u32, counts.1 as u32),
        });
    }

    /// The window of a key that spoke once; it does not stand here any more.
    fn remove(&mut self, key: u64) -> Option<Window> {
        let at = self.places.remove(&key)?;
        let single = self.events[at as usize];
        let words = &self.words[single.words..];
        let (key, tallies) = words.split_at(single.counts.0 as usize);
        let mut window = Window::new(key.to_vec());
        window.weight = u64::from(single.fact.weight);
        window.latest = single.fact.time;
        window.events.push_back(Near {
            fact: single.fact,
            value: single.value,
            tallies: tallies[..single.counts.1 as usize].to_vec(),
        });
        Some(window)
    }

    fn clear(&mut self) {
        self.places.clear();
        self.events.clear();
        self.words.clear();
    }
}

/// The windows of the keys that spoke last; those that have long been quiet are let go of, however
/// many keys an attacker invents.
#[derive(Default)]
pub(super) struct Windows {
    young: HashMap<u64, Window, Through>,
    old: HashMap<u64, Window, Through>,
    young_singles: Singles,
    old_singles: Singles,
}

impl Windows {
    /// Takes in an event; true when the key has something new that may matter. `is_alone` says that
    /// the event reaches no bound by itself.
    pub(super) fn enter<G, T>(
        &mut self,
        key: u64,
        event: Event<G, T>,
        (is_alone, settings): (bool, &Settings<'_>),
    ) -> bool
    where
        G: Iterator<Item = u64>,
        T: Iterator<Item = u64>,
    {
        if !self.young.contains_key(&key) && !self.old.contains_key(&key) {
            let single = self.young_singles.remove(key);
            let single = single.or_else(|| self.old_singles.remove(key));
            match single {
                Some(window) => *self.of(key) = window,
                None if is_alone => {
                    self.put_aside(key, event);
                    return false;
                }
                None => *self.of(key) = Window::new(event.group.collect()),
            }
        }
        let near = Near {
            fact: event.fact,
            value: event.value,
            tallies: event.tallies.collect(),
        };
        self.of(key).insert(near, settings)
    }

    fn put_aside<G, T>(&mut self, key: u64, event: Event<G, T>)
    where
        G: Iterator<Item = u64>,
        T: Iterator<Item = u64>,
    {
        if self.young_singles.events.len() >= KEYS {
            std::mem::swap(&mut self.young_singles, &mut self.old_singles);
            self.young_singles.clear();
        }
        self.young_singles.insert(key, event);
    }

    /// The window of a key.
    pub(super) fn of(&mut self, key: u64) -> &mut Window {
        if self.young.len() >= KEYS {
            self.old = std::mem::take(&mut self.young);
        }
        let old = &mut self.old;
        self.young
            .entry(key)
            .or_insert_with(|| old.remove(&key).unwrap_or_default())
    }
}

type Place = (i64, u32, u64, u32, i64);

/// By what facts are ordered.
pub(super) fn place(fact: &Fact, settings: &Settings<'_>) -> Place {
    let rank = (settings.rank)(fact.segment);
    (fact.time, rank, fact.identity, fact.segment, fact.offset)
}

impl Window {
    fn new(key: Vec<u64>) -> Window {
        Window {
            key,
            latest: i64::MIN,
            ..Window::default()
        }
    }

    /// Takes in an event at its place in time; false when another input told it already.
    fn insert(&mut self, near: Near, settings: &Settings<'_>) -> bool {
        let at = place(&near.fact, settings);
        let after = self
            .events
            .partition_point(|other| place(&other.fact, settings) <= at);
        let alike = self.events.range(..after).rev();
        let mut alike = alike.take_while(|other| {
            (other.fact.time, other.fact.identity) == (near.fact.time, near.fact.identity)
        });
        if alike.any(|other| other.fact.segment != near.fact.segment) {
            return false;
        }
        // Rows of one record weigh once.
        let is_row = after
            .checked_sub(1)
            .is_some_and(|before| place(&self.events[before].fact, settings) == at);
        self.weight += if is_row {
            0
        } else {
            u64::from(near.fact.weight)
        };
        self.latest = self.latest.max(near.fact.time);
        let near = match is_row {
            true => Near {
                fact: Fact {
                    weight: 0,
                    ..near.fact
                },
                ..near
            },
            false => near,
        };
        self.events.insert(after, near);
        true
    }

    fn pop(&mut self) {
        if let Some(near) = self.events.pop_front() {
            self.weight -= u64::from(near.fact.weight);
        }
    }

    pub(super) fn forget_before(&mut self, time: i64) {
        while self
            .events
            .front()
            .is_some_and(|near| near.fact.time < time)
        {
            self.pop();
        }
    }

    /// Keeps what is needed to see whether the bound is still reached.
    pub(super) fn keep_weight(&mut self, bound: u64) {
        let spare = |window: &Window| {
            let first = window.events.front();
            first.is_some_and(|near| window.weight - u64::from(near.fact.weight) >= bound)
        };
        while self.open && spare(self) {
            self.pop();
        }
    }

    pub(super) fn keep_last(&mut self, most: usize) {
        while self.events.len() > most {
            self.cut = self.events.front().map(|near| near.fact.time);
            self.pop();
        }
    }

    pub(super) fn different(&self) -> u64 {
        let values: HashSet<u64, Through> = self.events.iter().map(|near| near.value).collect();
        values.len() as u64
    }

    /// The alert that begins with all that the window holds.
    pub(super) fn draft(&self, measure: u64, settings: &Settings<'_>) -> Draft {
        let tallies = self.events.front().map_or(0, |near| near.tallies.len());
        let mut draft = Draft::new(self.key.clone(), tallies, settings.evidence);
        for near in &self.events {
            draft.tally(near.tallies.iter().copied());
            draft.add(&near.fact, settings.rank);
        }
        draft.measure = Measured::Count(measure);
        draft
    }
}
