//! Who held an address when.
//!
//! Takes leases and ends in the order of time; gives the holders of an address at an instant. At
//! one instant ends count before leases. Of each tenancy, the leases of one holder that follow
//! each other without a break, it keeps a few times. A lease itself is looked up again where an
//! alert needs it.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::super::exact::decode_float;
use super::ByAddress;
use crate::spill::Fact;

/// Longest time for which a lease is believed to last, nanoseconds: some say it lasts for ever.
const LONGEST: f64 = 400.0 * 86_400.0 * 1e9;

/// A lease or an end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) address: u64,
    /// Who holds it; of an end 0 where that is not told.
    pub(super) holder: u64,
    pub(super) fact: Fact,
    /// What a lease tells; `None` of an end.
    pub(super) term: Option<Term>,
}

/// What a lease tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Term {
    /// The place of its rule in the correlation.
    pub(super) place: Option<usize>,
    /// The value it may tell for an event; 0 where it tells none.
    pub(super) value: u64,
    /// Nanoseconds.
    pub(super) lasts: i64,
}

/// How long a lease lasts that tells this number of seconds, nanoseconds; `without` where it tells
/// none that makes sense.
pub(super) fn lasts(code: u64, without: i64) -> i64 {
    let seconds = (code != 0).then(|| decode_float(code));
    match seconds.filter(|s| *s > 0.0) {
        Some(seconds) => (seconds * 1e9).min(LONGEST) as i64,
        None => without,
    }
}

/// The leases of one holder that follow each other without a break.
#[derive(Clone, Debug)]
pub(super) struct Tenancy {
    pub(super) holder: u64,
    pub(super) place: Option<usize>,
    pub(super) value: u64,
    /// Time of the first lease.
    pub(super) from: i64,
    /// Time of the last lease.
    pub(super) last: i64,
    /// It is over behind this instant.
    until: i64,
    /// When another holder got the address, since the last lease.
    replaced: Option<i64>,
}

/// All leases.
pub(super) struct Leases {
    grace: i64,
    of: ByAddress<Vec<Tenancy>>,
    /// For each address, up to when any of the tenancies up to each place hold.
    reach: ByAddress<Vec<i64>>,
    /// What came at the instant at hand.
    instant: Vec<Mark>,
}

impl Leases {
    /// None yet.
    pub(super) fn new(grace: i64) -> Leases {
        Leases {
            grace,
            of: ByAddress::default(),
            reach: ByAddress::default(),
            instant: Vec::new(),
        }
    }

    /// The next mark; marks come in the order of time. A lease that does not tell the address or
    /// the holder leases nothing.
    pub(super) fn take(&mut self, mark: Mark) {
        if mark.address == 0 || (mark.term.is_some() && mark.holder == 0) {
            return;
        }
        let now = self.instant.first().map(|first| first.fact.time);
        if now.is_some_and(|now| now != mark.fact.time) {
            self.close_instant();
        }
        self.instant.push(mark);
    }

    /// No mark comes any more.
    pub(super) fn settle(&mut self) {
        self.close_instant();
        let grace = self.grace;
        let reach = self.of.iter().map(|(address, tenancies)| {
            let mut furthest = i64::MIN;
            let reach = tenancies.iter().map(|tenancy| {
                furthest = furthest.max(tenancy.end(grace));
                furthest
            });
            (*address, reach.collect::<Vec<i64>>())
        });
        self.reach = reach.collect();
    }

    fn close_instant(&mut self) {
        let mut marks = std::mem::take(&mut self.instant);
        marks.sort_unstable_by_key(|m| (m.address, m.term, m.holder, m.fact.identity));
        for mark in &marks {
            let tenancies = self.of.entry(mark.address).or_default();
            match mark.term {
                None => end(tenancies, mark),
                Some(term) => lease(tenancies, mark, term, self.grace),
            }
        }
        for mark in marks.iter().filter(|mark| mark.term.is_some()) {
            let others = self.of.get_mut(&mark.address).into_iter().flatten();
            for other in others.filter(|other| other.holder != mark.holder) {
                if other.last < mark.fact.time {
                    other.replaced.get_or_insert(mark.fact.time);
                }
            }
        }
        marks.clear();
        self.instant = marks;
    }

    /// The tenancies that may have held an address at an instant, the newest first; more than one
    /// where it is ambiguous.
    pub(super) fn holders(&self, address: u64, time: i64) -> Vec<&Tenancy> {
        let mut holders: Vec<&Tenancy> = Vec::new();
        let (Some(tenancies), Some(reach)) = (self.of.get(&address), self.reach.get(&address))
        else {
            return holders;
        };
        let begun = tenancies.partition_point(|tenancy| tenancy.from <= time);
        for at in (0..begun).rev() {
            if reach[at] < time {
                break;
            }
            let tenancy = &tenancies[at];
            let is_other = holders.iter().all(|h| h.holder != tenancy.holder);
            if is_other && tenancy.end(self.grace) >= time {
                holders.push(tenancy);
            }
        }
        holders
    }

    /// Time of the last lease of an address up to an instant at which nobody holds it.
    pub(super) fn last_before(&self, address: u64, time: i64) -> Option<i64> {
        let tenancies = self.of.get(&address)?.iter();
        let before = tenancies.take_while(|tenancy| tenancy.from <= time);
        before.map(|tenancy| tenancy.last.min(time)).max()
    }

    /// True when there is none at all.
    pub(super) fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// All tenancies with their addresses and the stretches of time in which they hold.
    pub(super) fn each(&self) -> impl Iterator<Item = (u64, &Tenancy, (i64, i64))> {
        self.of.iter().flat_map(move |(address, tenancies)| {
            let told = tenancies.iter();
            told.map(move |t| (*address, t, (t.from, t.end(self.grace))))
        })
    }
}

impl Tenancy {
    /// The last instant at which it may hold.
    fn end(&self, grace: i64) -> i64 {
        match self.replaced {
            Some(replaced) => self.until.min(replaced.saturating_add(grace)),
            None => self.until,
        }
    }
}

/// Ends what the holder of a mark holds; of all holders where it tells none.
fn end(tenancies: &mut [Tenancy], mark: &Mark) {
    let time = mark.fact.time;
    let named = |t: &&mut Tenancy| mark.holder == 0 || t.holder == mark.holder;
    for tenancy in tenancies.iter_mut().filter(named) {
        tenancy.until = tenancy.until.min(time.max(tenancy.last));
    }
}

/// Begins a tenancy, or goes on with one.
fn lease(tenancies: &mut Vec<Tenancy>, mark: &Mark, term: Term, grace: i64) {
    let time = mark.fact.time;
    let until = time.saturating_add(term.lasts).saturating_add(grace);
    let latest = tenancies.iter_mut().rev().find(|t| t.holder == mark.holder);
    if let Some(running) = latest.filter(|t| t.until >= time) {
        running.replaced = None;
        if (running.place, running.value) == (term.place, term.value) {
            running.last = time;
            running.until = until;
            return;
        }
        // What is known of the holder has changed; it held the address all along.
        running.until = time;
    }
    tenancies.push(Tenancy {
        holder: mark.holder,
        place: term.place,
        value: term.value,
        from: time,
        last: time,
        until,
        replaced: None,
    });
}

/// The leases of some addresses, each with its holder.
#[derive(Default)]
pub(super) struct Tellers {
    of: HashMap<(u64, u64), Vec<Fact>, FixedState>,
}

impl Tellers {
    /// Keeps a lease; leases come in order.
    pub(super) fn keep(&mut self, address: u64, holder: u64, lease: Fact) {
        self.of.entry((address, holder)).or_default().push(lease);
    }

    /// The last lease of an address to a holder up to an instant.
    pub(super) fn latest(&self, address: u64, holder: u64, time: i64) -> Option<Fact> {
        let leases = self.of.get(&(address, holder))?;
        let begun = leases.partition_point(|lease| lease.time <= time);
        leases.get(begun.checked_sub(1)?).copied()
    }
}
