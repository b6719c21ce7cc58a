//! How a correlation joins events with the leases that are valid at their time.
//!
//! The types behind `yomawari: { as_of: … }` of a correlation, and the same in words. Never holds
//! a lease.

use crate::diagnostic::Text;

use super::in_words::length;
use super::{Correlation, FieldRef, RuleIndex, RuleSet};

/// Events with an address, joined with the leases of that address.
///
/// A lease holds from its record on, as long as it tells, else for `term`, and `grace` longer. Its end is told earlier by an event that ends it, and by the
/// lease of the same address to another holder. Where the earlier holder shows again before its
/// time was over, it held the address all along; then, for `grace` after a change of holder, and
/// where two leases come at one instant, both may have held it: the answer is ambiguous.
#[derive(Clone, Debug, PartialEq)]
pub struct AsOf {
    /// What is asked of the lease.
    pub asks: Asks,
    /// Detections whose events lease an address to a holder, as indices into the rule set.
    pub leases: Vec<usize>,
    /// Detections whose events end a lease: of the holder they tell, else of any.
    pub ends: Vec<usize>,
    /// The address in events that are joined.
    pub address: FieldRef,
    /// The address in leases and ends.
    pub leased: FieldRef,
    /// Who holds it, in leases and ends.
    pub holder: FieldRef,
    /// For how many seconds, in leases.
    pub lasts: FieldRef,
    /// The network of the address, in leases and in events that are joined.
    pub network: FieldRef,
    /// An event that tells this has an address of its own, which nobody leases.
    pub fixed: Option<FieldRef>,
    /// Nanoseconds that a lease lasts which does not tell it.
    pub term: i64,
    /// Nanoseconds by which leases hold longer and clocks may differ.
    pub grace: i64,
}

/// What is asked of the lease that is valid at the time of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asks {
    /// `temporal_ordered`: that it is one of the first rule.
    Held,
    /// `temporal` with `and not`: that there is none, and no event of the other rules from
    /// `timespan` before to `grace` after; where leases of the network are recorded from `term`
    /// before the event on until it, never longer than `term` apart.
    Unheld,
    /// `value_count`: the value that the event itself does not tell. An ambiguous lease tells
    /// none.
    Filled,
}

impl Correlation {
    /// All rules whose events it reads: those it lists, and those that tell of leases.
    pub fn reads(&self) -> impl Iterator<Item = RuleIndex> + '_ {
        let joined = self
            .as_of
            .iter()
            .flat_map(|a| a.leases.iter().chain(&a.ends));
        let listed = self.rules.iter().copied();
        listed.chain(joined.map(|at| RuleIndex::Detection(*at)))
    }
}

/// What is joined, in a sentence.
pub(super) fn in_words(rules: &RuleSet, as_of: &AsOf) -> Text {
    let names = |of: &[usize]| {
        let names = of.iter().map(|at| rules.detections[*at].meta.name.as_str());
        names.collect::<Vec<_>>()
    };
    let (leases, ends) = (names(&as_of.leases), names(&as_of.ends));
    let (term, grace) = (length(as_of.term), length(as_of.grace));
    let (address, holder) = (as_of.address.name(), as_of.holder.name());
    let ended = match ends.is_empty() {
        true => Text::default(),
        false => Text::new(
            format!(", ended by {}", ends.join(", ")),
            format!("、終了は {}", ends.join("・")),
        ),
    };
    Text::new(
        format!(
            "{address} is joined with the lease of its {holder} valid at that time ({}{}; {} unless told), with a grace of {}",
            leases.join(", "),
            ended.en,
            term.en,
            grace.en
        ),
        format!(
            "{address} は、その時刻に有効な貸与（{}{}、期間の記録がなければ{}）の {holder} と突き合わせます（猶予{}）",
            leases.join("・"),
            ended.ja,
            term.ja,
            grace.ja
        ),
    )
}
