//! The collector: joins what the lanes give. Joining commutes, so it does not matter which lane
//! finishes first.

use std::collections::BTreeMap;
use std::io;

use crate::detect::Wiring;
use crate::event::InputAccount;
use crate::rule::RuleSet;
use crate::spill::{Block, Facts, Spill, Spilled};

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
}

/// What a lane made of a part of a live stream.
pub(super) struct Loose {
    pub(super) account: InputAccount,
    pub(super) counts: Vec<RuleCount>,
    /// The facts of each stream, as they came.
    pub(super) facts: Vec<Facts>,
    /// Of each record the time it tells, where its clock is to be trusted.
    pub(super) times: Vec<i64>,
}

/// Holds all that the lanes give until the last segment is done.
pub(super) struct Collector {
    spill: Spill,
    accounts: Vec<InputAccount>,
    counts: Vec<RuleCount>,
    failure: Option<io::Error>,
}

impl Collector {
    pub(super) fn new(wiring: &Wiring, rules: &RuleSet, memory: usize) -> Self {
        Collector {
            spill: Spill::new(wiring.columns(), memory),
            accounts: Vec::new(),
            counts: vec![RuleCount::default(); rules.detections.len()],
            failure: None,
        }
    }

    pub(super) fn take(&mut self, input: u32, yielded: Yield) {
        add_account(&mut self.accounts, input, yielded.account);
        for (count, more) in self.counts.iter_mut().zip(yielded.counts) {
            count.merge(more);
        }
        for (stream, block) in yielded.blocks {
            if let Err(error) = self.spill.add(stream, &block) {
                self.failure.get_or_insert(error);
            }
        }
    }

    pub(super) fn finish(self) -> io::Result<(Spilled, Vec<InputAccount>, Vec<RuleCount>)> {
        match self.failure {
            Some(error) => Err(error),
            None => Ok((self.spill.finish(), self.accounts, self.counts)),
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
