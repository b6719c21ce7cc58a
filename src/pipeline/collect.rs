//! The collector: joins what the lanes give. Joining commutes, so it does not matter which lane
//! finishes first.

use std::collections::BTreeMap;
use std::io;

use crate::detect::Wiring;
use crate::event::InputAccount;
use crate::rule::RuleSet;
use crate::spill::{Block, Facts, Parcel, Parcels, Rolls, Spill};

use super::count::{Counter, Part, Tallies};

/// What one detection matched in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleCount {
    /// Events that satisfied it, repeats counted.
    pub matches: u64,
    /// Of these, explained by a roster or a declaration.
    pub explained: u64,
    /// Of these, only counted while the business hours are assumed, by night (days since 1970
    /// of the evening it began).
    pub quiet: BTreeMap<i64, u64>,
}

impl RuleCount {
    pub(super) fn merge(&mut self, other: RuleCount) {
        self.matches += other.matches;
        self.explained += other.explained;
        for (night, count) in other.quiet {
            *self.quiet.entry(night).or_default() += count;
        }
    }
}

/// What a lane made of one segment.
pub(super) struct Yield {
    pub(super) account: InputAccount,
    pub(super) counts: Vec<RuleCount>,
    /// Packed facts, with the number of their stream.
    pub(super) blocks: Vec<(usize, Block)>,
    /// The same to be kept beyond the run, if that is asked for and there are facts.
    pub(super) parcel: io::Result<Option<Parcel>>,
    /// Hashes of all records by hour, if they are asked for.
    pub(super) rolls: BTreeMap<i64, Vec<u64>>,
}

/// All that the lanes gave.
pub(super) struct Collected {
    pub(super) spill: Spill,
    pub(super) parcels: Parcels,
    pub(super) rolls: Rolls,
    pub(super) accounts: Vec<InputAccount>,
    pub(super) counts: Vec<RuleCount>,
    pub(super) tallies: Tallies,
}

/// What a lane made of a part of a live stream.
pub(super) struct Loose {
    pub(super) account: InputAccount,
    pub(super) counts: Vec<RuleCount>,
    /// The facts of each stream, as they came.
    pub(super) facts: Vec<Facts>,
    /// Of each record the time it tells, where its clock is to be trusted.
    pub(super) times: Vec<i64>,
    /// The records that the facts stand for, where they are to be kept.
    pub(super) records: LooseRecords,
    /// Hashes of all records by hour, where they are to be kept.
    pub(super) rolls: BTreeMap<i64, Vec<u64>>,
}

/// Records of a live stream, one behind another.
#[derive(Default)]
pub(super) struct LooseRecords {
    /// Of each its offset in the input, and where it ends in the bytes.
    ends: Vec<(u64, usize)>,
    bytes: Vec<u8>,
}

impl LooseRecords {
    /// Adds a record at its offset in the input.
    pub(super) fn push(&mut self, at: u64, record: &[u8]) {
        self.bytes.extend_from_slice(record);
        self.ends.push((at, self.bytes.len()));
    }

    /// Adds others behind these.
    pub(super) fn append(&mut self, others: &LooseRecords) {
        let before = self.bytes.len();
        self.bytes.extend_from_slice(&others.bytes);
        let ends = others.ends.iter();
        self.ends.extend(ends.map(|(at, end)| (*at, before + end)));
    }

    /// Each with its offset, as they came.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let mut from = 0;
        self.ends.iter().map(move |(at, end)| {
            let record = &self.bytes[from..*end];
            from = *end;
            (*at, record)
        })
    }

    /// Bytes of all records.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// Holds all that the lanes give until the last segment is done.
pub(super) struct Collector {
    collected: Collected,
    failure: Option<io::Error>,
}

impl Collector {
    pub(super) fn new(wiring: &Wiring, rules: &RuleSet, memory: usize) -> Self {
        let collected = Collected {
            spill: Spill::new(wiring.columns(), memory),
            parcels: Parcels::new(memory),
            rolls: Rolls::new(memory),
            accounts: Vec::new(),
            counts: vec![RuleCount::default(); rules.detections.len()],
            tallies: Tallies::new(),
        };
        Collector {
            collected,
            failure: None,
        }
    }

    /// Takes what a lane counted in a segment.
    pub(super) fn tally(&mut self, part: Part, counter: &mut Counter) {
        self.collected.tallies.take(part, counter);
    }

    /// Takes what a lane made of a segment: the number of its input, and its own.
    pub(super) fn take(&mut self, (input, segment): (u32, u32), yielded: Yield) {
        let collected = &mut self.collected;
        add_account(&mut collected.accounts, input, yielded.account);
        for (count, more) in collected.counts.iter_mut().zip(yielded.counts) {
            count.merge(more);
        }
        let mut kept = Ok(());
        for (stream, block) in yielded.blocks {
            kept = kept.and_then(|()| collected.spill.add(stream, &block));
        }
        let kept = kept.and(yielded.parcel).and_then(|parcel| match parcel {
            Some(parcel) => collected.parcels.add(segment, parcel),
            None => Ok(()),
        });
        let mut rolls = yielded.rolls.into_iter();
        let kept =
            kept.and_then(|()| rolls.try_for_each(|(h, all)| collected.rolls.add(input, h, &all)));
        if let Err(error) = kept {
            self.failure.get_or_insert(error);
        }
    }

    pub(super) fn finish(self) -> io::Result<Collected> {
        match self.failure {
            Some(error) => Err(error),
            None => Ok(self.collected),
        }
    }
}

/// Adds what was read of a part of an input.
pub(super) fn add_account(accounts: &mut Vec<InputAccount>, input: u32, account: InputAccount) {
    let place = input as usize;
    if accounts.len() <= place {
        accounts.resize_with(place + 1, InputAccount::default);
    }
    accounts[place].merge(account);
}
