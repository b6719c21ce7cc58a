//! What of a few detections hangs on nothing but who, from where, to where or by what.
//!
//! Takes the conditions of a few detections; gives for each of these [`Side`]s what must hold of it,
//! and asks that alone. The values of its fields come again and again, so that an answer can be
//! remembered. Remembers nothing itself, and never rules out a detection that matches.

use std::sync::Arc;

use crate::event::{Field, FieldSet};

use super::matcher::{Item, Node, Residue, Target, Test};
use super::set::{Candidate, Few};
use super::{FieldRef, Fields, RuleSet};

/// A side of an event whose fields come with the same values again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Who.
    User,
    /// From where.
    Terminal,
    /// To where.
    Destination,
    /// By what, and which parts the record has.
    Manner,
}

impl Side {
    /// All sides.
    pub const ALL: [Side; 4] = [Side::User, Side::Terminal, Side::Destination, Side::Manner];

    /// The side that a field of the log belongs to; `None` where its values hardly come again.
    pub fn of(field: Field) -> Option<Side> {
        Some(match field {
            Field::UserId
            | Field::UserName
            | Field::UserDomain
            | Field::UserRole
            | Field::UserDepartment => Side::User,
            Field::SourceIp
            | Field::SourceMac
            | Field::SourceDomain
            | Field::ClientIp
            | Field::ClientMac
            | Field::ClientDomain
            | Field::HostName
            | Field::HostDepartment => Side::Terminal,
            Field::DestinationIp | Field::WifiBssid => Side::Destination,
            Field::EventAction
            | Field::EventOutcome
            | Field::EventCategory
            | Field::EventType
            | Field::EventCode
            | Field::EventDataset
            | Field::EventProvider
            | Field::RecordKind
            | Field::PurposeOfUse
            | Field::BreakGlass
            | Field::EhrFunction
            | Field::ObserverName
            | Field::ObserverVendor
            | Field::ObserverProduct
            | Field::ServiceName
            | Field::NetworkTransport
            | Field::NetworkProtocol
            | Field::NetworkDirection
            | Field::WifiSsid
            | Field::WifiSecurity
            | Field::ProcessName
            | Field::UserAgent
            | Field::TimeTrusted => Side::Manner,
            _ => return None,
        })
    }

    /// The only side that all these fields belong to; [`Side::Manner`] for none at all.
    pub fn only_of(fields: FieldSet) -> Option<Side> {
        let mut sides = fields.iter().map(Side::of);
        let Some(first) = sides.next() else {
            return Some(Side::Manner);
        };
        first.filter(|side| sides.all(|other| other == Some(*side)))
    }
}

/// What a derived field is worked out from, where that can be said.
pub type RestsOn<'f> = &'f dyn Fn(Field) -> Option<Vec<Field>>;

/// The fields of the log that an answer about a field hangs on, where such answers come again.
pub fn recurring(field: Field, rests_on: RestsOn<'_>) -> Option<FieldSet> {
    match Side::of(field) {
        Some(_) => Some(FieldSet::of(&[field])),
        None => rests_on(field).map(|fields| FieldSet::of(&fields)),
    }
}

/// What a few detections demand of each side.
#[derive(Debug, Default)]
pub struct Standing {
    sides: [Demands; 4],
    /// The detections that demand nothing else, a bit each.
    whole: u64,
}

/// What a few detections demand of one side.
#[derive(Debug, Default)]
struct Demands {
    /// Fields whose values decide.
    values: FieldSet,
    /// Fields of which it decides whether they are there.
    presence: FieldSet,
    /// The detection, a bit, with what it demands.
    parts: Vec<(usize, Residue)>,
}

impl Standing {
    /// What a few detections demand, of which there are at most 64.
    pub fn of(few: &Few, rests_on: RestsOn<'_>) -> Standing {
        let mut standing = Standing::default();
        for (number, candidate) in few.candidates().iter().enumerate() {
            let is_whole = standing.add(number, &candidate.residue, rests_on);
            standing.whole |= u64::from(is_whole) << number;
        }
        standing
    }

    /// The fields of a side whose values decide, and those of which it decides whether they are
    /// there.
    pub fn reads(&self, side: Side) -> (FieldSet, FieldSet) {
        let demands = &self.sides[side as usize];
        (demands.values, demands.presence)
    }

    /// The detections that demand nothing beyond the sides, a bit each.
    pub fn whole(&self) -> u64 {
        self.whole
    }

    /// The detections that demand something of a side, a bit each.
    pub fn demanding(&self, side: Side) -> u64 {
        let parts = self.sides[side as usize].parts.iter();
        parts.fold(0, |all, (number, _)| all | 1 << number)
    }

    /// The detections whose demands on a side are met, a bit each; those without any are among
    /// them. The candidates are those it was made of.
    pub fn met<F: Fields>(
        &self,
        side: Side,
        candidates: &[Candidate],
        (rules, event): (&RuleSet, &mut F),
    ) -> u64 {
        let mut met = u64::MAX;
        for (number, part) in &self.sides[side as usize].parts {
            let rule = candidates[*number].rule;
            if !rules.detections[rule].matcher.satisfies(part, event) {
                met &= !(1 << number);
            }
        }
        met
    }

    /// Adds the demands of a condition; true when they are all of it.
    fn add(&mut self, number: usize, residue: &Residue, rests_on: RestsOn<'_>) -> bool {
        let node = match residue {
            Residue::True => return true,
            Residue::False => return false,
            Residue::Open(node) => node,
        };
        let conjuncts = match node {
            Node::All(nodes) => nodes.as_slice(),
            node => std::slice::from_ref(node),
        };
        let mut is_whole = true;
        for conjunct in conjuncts {
            let mut reading = Reading {
                rests_on,
                values: FieldSet::EMPTY,
                presence: FieldSet::EMPTY,
                is_exact: true,
            };
            let part = reading.weakened(conjunct);
            let place = part.zip(Side::only_of(reading.values));
            is_whole &= reading.is_exact && place.is_some();
            if let Some((part, side)) = place {
                let demands = &mut self.sides[side as usize];
                demands.values = demands.values.union(reading.values);
                demands.presence = demands.presence.union(reading.presence);
                demands.parts.push((number, Residue::Open(part)));
            }
        }
        is_whole
    }
}

/// Weakens a condition to what recurring values say of it.
struct Reading<'f> {
    rests_on: RestsOn<'f>,
    values: FieldSet,
    presence: FieldSet,
    /// False once something was weakened.
    is_exact: bool,
}

impl Reading<'_> {
    /// A condition that holds wherever this one does; `None` for one that says nothing.
    fn weakened(&mut self, node: &Node) -> Option<Node> {
        match node {
            Node::Item(item) => self.item(node, item),
            Node::All(nodes) => {
                let parts: Vec<Node> = nodes.iter().filter_map(|n| self.weakened(n)).collect();
                (!parts.is_empty()).then_some(Node::All(parts))
            }
            Node::Any(nodes) => {
                let parts: Option<Vec<Node>> = nodes.iter().map(|n| self.weakened(n)).collect();
                parts.map(Node::Any)
            }
            Node::Not(inner) => {
                let mut within = Reading {
                    rests_on: self.rests_on,
                    values: self.values,
                    presence: self.presence,
                    is_exact: true,
                };
                let whole = within.weakened(inner).filter(|_| within.is_exact);
                let Some(inner) = whole else {
                    self.is_exact = false;
                    return None;
                };
                (self.values, self.presence) = (within.values, within.presence);
                Some(Node::Not(Box::new(inner)))
            }
            Node::Selection(_) => {
                self.is_exact = false;
                None
            }
        }
    }

    fn item(&mut self, node: &Node, item: &Item) -> Option<Node> {
        let Target::Field(FieldRef::Known(field)) = &item.target else {
            self.is_exact = false;
            return None;
        };
        let is_raw = !field.is_derived();
        if is_raw && matches!(item.test, Test::Exists(_) | Test::Null) {
            self.presence.insert(*field);
            return Some(node.clone());
        }
        if !matches!(item.test, Test::Reference(..))
            && let Some(fields) = recurring(*field, self.rests_on)
        {
            self.values = self.values.union(fields);
            return Some(node.clone());
        }
        self.is_exact = false;
        // A value must be there to pass any test.
        is_raw.then(|| {
            self.presence.insert(*field);
            Node::Item(Arc::new(Item {
                target: Target::Field(FieldRef::Known(*field)),
                test: Test::Exists(true),
            }))
        })
    }
}
