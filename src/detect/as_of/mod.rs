//! As-of joins: events with an address and the leases of that address valid at their time.
//!
//! Takes the facts of leases, of their ends and of the events to be joined; gives the alerts of a
//! correlation with `as_of`. A pure function of all facts, whatever order they came in: a lease
//! that becomes known later changes what is said of earlier events. In memory stand the tenancies
//! (one for each holder of an address as long as it renews its leases), not the leases. Never
//! guesses a holder: where two may have held an address at once, it says so.

mod filled;
mod held;
mod network;
mod tenancy;
#[cfg(test)]
mod tests;
mod unheld;

use std::collections::{HashMap, HashSet};
use std::io;
use std::ops::Range;

use super::arrival::{Arrivals, Source};
use super::draft::Draft;
use super::gate::{OfSuspects, Suspects};
use super::observe::Learning;
use super::wiring::{Joins, Joint, Reads, Use};
use super::{Made, RuleIndex, Settings, Work};
use crate::rule::{AsOf, Asks};
use crate::spill::{Block, EVER, Ordered, Part, Reading, Spilled, Through, combine};

use network::Networks;
use tenancy::{Leases, Mark, Tellers};

/// The alerts of a correlation that joins its events with leases.
///
/// # Errors
/// When a temporary file cannot be read.
pub(super) fn join(
    work: &Work<'_>,
    as_of: &AsOf,
    facts: &Spilled,
    settings: Settings<'_>,
) -> io::Result<Made> {
    let Reads {
        uses,
        joins: Some(joins),
        ..
    } = work.wiring.reads(work.at)
    else {
        return Ok((Vec::new(), None));
    };
    let joining = Joining {
        work,
        as_of,
        uses,
        joins,
        facts,
        settings,
    };
    if joins
        .events
        .iter()
        .all(|e| facts.count(uses[e.part].stream) == 0)
    {
        return Ok((Vec::new(), None));
    }
    match as_of.asks {
        Asks::Held => Ok((held::join(&joining)?, None)),
        Asks::Filled => Ok((filled::join(&joining)?, None)),
        Asks::Unheld => {
            let (drafts, keys, learning) = unheld::join(&joining)?;
            let learning = Learning {
                rule: RuleIndex::Correlation(work.at),
                keys,
                learning,
            };
            Ok((drafts, Some(learning)))
        }
    }
}

/// A correlation at work.
struct Joining<'j> {
    work: &'j Work<'j>,
    as_of: &'j AsOf,
    uses: &'j [Use],
    joins: &'j Joins,
    facts: &'j Spilled,
    settings: Settings<'j>,
}

impl Joining<'_> {
    /// Nanoseconds of the correlation's window.
    fn timespan(&self) -> i64 {
        self.work.rules.correlations[self.work.at].timespan
    }

    /// Leases and ends in order: all, or those of suspects.
    fn marks<'s>(&'s self, suspects: Option<&'s Suspects>) -> io::Result<Arrivals<'s>> {
        let sources = self.joins.leases.iter().enumerate();
        let sources = sources.map(|(number, read)| {
            let reading = Reading {
                number: read.stream,
                columns: read.columns,
                spans: EVER,
            };
            let sieve = OfSuspects {
                group: std::slice::from_ref(&read.address),
                suspects,
            };
            let ordered = self.facts.ordered(&reading, self.settings.rank, sieve);
            Source::Stream(Box::new(ordered), number)
        });
        Arrivals::new(sources.collect(), self.settings.rank)
    }

    /// The leases of some addresses, to stand in alerts.
    fn tellers(&self, addresses: &HashSet<u64, Through>) -> io::Result<Tellers> {
        let all = |address: &u64| (suspect(*address), i64::MIN..i64::MAX);
        let suspects = Suspects::within(addresses.iter().map(all).collect());
        let mut tellers = Tellers::default();
        let mut arrivals = self.marks(Some(&suspects))?;
        while let Some(arrival) = arrivals.next()? {
            let read = &self.joins.leases[arrival.source];
            if read.terms.is_some() {
                let [address, holder] = [read.address, read.holder].map(|c| arrival.values[c]);
                tellers.keep(address, holder, arrival.fact);
            }
        }
        Ok(tellers)
    }

    /// All leases of all addresses, and the networks they are of.
    fn leases(&self) -> io::Result<(Leases, Networks)> {
        let reads = &self.joins.leases;
        let mut arrivals = self.marks(None)?;
        let mut leases = Leases::new(self.as_of.grace);
        let mut networks = Networks::new(self.as_of.term);
        while let Some(arrival) = arrivals.next()? {
            let read = &reads[arrival.source];
            let values = &arrival.values;
            let term = read.terms.map(|terms| tenancy::Term {
                place: terms.place,
                value: terms.value.map_or(0, |column| values[column]),
                lasts: tenancy::lasts(values[terms.lasts], self.as_of.term),
            });
            if let Some(terms) = read.terms {
                networks.take(values[terms.network], arrival.fact.time);
            }
            leases.take(Mark {
                address: values[read.address],
                holder: values[read.holder],
                fact: arrival.fact,
                term,
            });
        }
        leases.settle();
        Ok((leases, networks))
    }

    /// Calls `each` with the time and the values of every event of a joint, whatever the order, in
    /// some stretches of time and perhaps beside them; of the values only the wanted ones are told.
    /// Records told twice may come twice.
    fn each_moment(
        &self,
        joint: &Joint,
        (wanted, spans): (&[usize], &[Range<i64>]),
        mut each: impl FnMut(i64, &[u64]),
    ) -> io::Result<()> {
        let part = &self.uses[joint.part];
        for block in self.facts.blocks(self.reading(part, spans), Part::Facts) {
            let block = block?;
            let told = (part.columns, wanted);
            Block::moments(&block.bytes, block.facts_at, told, |time, _, row| {
                each(time, row);
            });
        }
        Ok(())
    }

    fn reading<'s>(&self, part: &Use, spans: &'s [Range<i64>]) -> Reading<'s> {
        Reading {
            number: part.stream,
            columns: part.columns,
            spans,
        }
    }

    /// The events of some joints in order, of suspects alone. `groups` are the columns by which
    /// suspects are known, for each joint.
    fn events<'s>(
        &'s self,
        joints: &'s [Joint],
        groups: &'s [&'s [usize]],
        suspects: &'s Suspects,
    ) -> Vec<(Box<Ordered<'s, OfSuspects<'s>>>, usize)> {
        let each = joints.iter().zip(groups).enumerate();
        each.map(|(number, (joint, group))| {
            let part = &self.uses[joint.part];
            let sieve = OfSuspects {
                group,
                suspects: Some(suspects),
            };
            let reading = self.reading(part, suspects.spans());
            let ordered = self.facts.ordered(&reading, self.settings.rank, sieve);
            (Box::new(ordered), number)
        })
        .collect()
    }

    /// The same, merged.
    fn merged<'s>(
        &'s self,
        joints: &'s [Joint],
        groups: &'s [&'s [usize]],
        suspects: &'s Suspects,
    ) -> io::Result<Arrivals<'s>> {
        let events = self.events(joints, groups, suspects).into_iter();
        let sources = events.map(|(ordered, number)| Source::Stream(ordered, number));
        Arrivals::new(sources.collect(), self.settings.rank)
    }

    /// An alert without facts yet.
    fn draft(&self, key: Vec<u64>, tallies: usize) -> Draft {
        Draft::new(key, tallies, self.settings.evidence)
    }
}

/// The address columns of some joints, as suspects are known by.
fn addresses(joints: &[Joint]) -> Vec<&[usize]> {
    let columns = joints.iter().map(|j| std::slice::from_ref(&j.address));
    columns.collect()
}

/// Alerts in the making.
type Drafts<K> = HashMap<K, Draft, foldhash::fast::FixedState>;

/// The hash by which suspects know an address.
fn suspect(address: u64) -> u64 {
    combine(&[address], &[0]).unwrap_or_default()
}

/// What is kept by the hash of an address.
type ByAddress<T> = HashMap<u64, T, Through>;
