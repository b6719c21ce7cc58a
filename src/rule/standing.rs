//! What of a few detections hangs on nothing but who, from where, to where or by what.
//!
//! Takes the conditions of a few detections; gives for each of these [`Side`]s, and for what hangs
//! on two of them or on hours alone (a [`Scope`]), what must hold of it, and asks that alone. The values of its fields come again and again, so that an answer can be
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

/// True when all these fields tell who or from where, one at least.
pub fn tell_who_or_where(fields: FieldSet) -> bool {
    let tells = |field| matches!(Side::of(field), Some(Side::User | Side::Terminal));
    !fields.is_empty() && fields.iter().all(tells)
}

/// What can be told of derived fields.
pub struct Told<'f> {
    /// What one is worked out from, where that can be said.
    pub rests_on: &'f dyn Fn(Field) -> Option<Vec<Field>>,
    /// True for one that may come out differently from one hour to the next.
    pub tells_hours: &'f dyn Fn(Field) -> bool,
}

/// The fields of the log that an answer about a field hangs on, where such answers come again.
pub fn recurring(field: Field, told: &Told<'_>) -> Option<FieldSet> {
    match Side::of(field) {
        Some(_) => Some(FieldSet::of(&[field])),
        None => (told.rests_on)(field).map(|fields| FieldSet::of(&fields)),
    }
}

/// What is asked at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All that hangs on one side.
    One(Side),
    /// All that hangs on who and from where, hours aside: the same accounts come from the same
    /// terminals, but they do many things and go to many places.
    Both,
    /// All that hangs on the hours of the calendar an event belongs to, and on nothing else.
    Hours,
}

/// What a few detections demand of each side.
#[derive(Debug, Default)]
pub struct Standing {
    sides: [Demands; 4],
    both: Demands,
    hours: Demands,
    /// The detections that demand nothing beyond single sides, a bit each.
    whole: u64,
    /// Those that demand nothing beyond [`Scope::Both`], [`Scope::Hours`] and the other sides.
    whole_at_once: u64,
}

/// What a few detections demand of one side, or of several together.
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
    pub fn of(few: &Few, told: &Told<'_>) -> Standing {
        let mut standing = Standing::default();
        for (number, candidate) in few.candidates().iter().enumerate() {
            let (by_sides, at_once) = standing.add(number, &candidate.residue, told);
            standing.whole |= u64::from(by_sides) << number;
            standing.whole_at_once |= u64::from(at_once) << number;
        }
        standing
    }

    fn demands(&self, scope: Scope) -> &Demands {
        match scope {
            Scope::One(side) => &self.sides[side as usize],
            Scope::Both => &self.both,
            Scope::Hours => &self.hours,
        }
    }

    /// The fields whose values decide what is demanded, and those of which it decides whether they
    /// are there.
    pub fn reads(&self, scope: Scope) -> (FieldSet, FieldSet) {
        let demands = self.demands(scope);
        (demands.values, demands.presence)
    }

    /// The detections that demand nothing beyond single sides, a bit each.
    pub fn whole(&self) -> u64 {
        self.whole
    }

    /// The detections that demand nothing beyond [`Scope::Both`], [`Scope::Hours`] and the sides
    /// that are not among these.
    pub fn whole_at_once(&self) -> u64 {
        self.whole_at_once
    }

    /// The detections that demand something, a bit each.
    pub fn demanding(&self, scope: Scope) -> u64 {
        let parts = self.demands(scope).parts.iter();
        parts.fold(0, |all, (number, _)| all | 1 << number)
    }

    /// The detections whose demands are met, a bit each; those without any are among them. The
    /// candidates are those it was made of.
    pub fn met<F: Fields>(
        &self,
        scope: Scope,
        candidates: &[Candidate],
        (rules, event): (&RuleSet, &mut F),
    ) -> u64 {
        let mut left = u64::MAX;
        for (number, part) in &self.demands(scope).parts {
            if left >> number & 1 == 0 {
                continue;
            }
            let rule = candidates[*number].rule;
            if !rules.detections[rule].matcher.satisfies(part, event) {
                left &= !(1 << number);
            }
        }
        left
    }

    /// Adds the demands of a condition; true when they are all of it, by single sides and at once.
    fn add(&mut self, number: usize, residue: &Residue, told: &Told<'_>) -> (bool, bool) {
        let node = match residue {
            Residue::True => return (true, true),
            Residue::False => return (false, false),
            Residue::Open(node) => node,
        };
        let conjuncts = match node {
            Node::All(nodes) => nodes.as_slice(),
            node => std::slice::from_ref(node),
        };
        let (mut by_sides, mut at_once) = (true, true);
        for conjunct in conjuncts {
            let mut reading = Reading::of(told);
            let part = reading.weakened(conjunct);
            let side = Side::only_of(reading.values);
            let is_exact = reading.is_exact && part.is_some();
            by_sides &= is_exact && side.is_some();
            let scope = reading.scope();
            at_once &= is_exact && scope.is_some();
            let Some(part) = part else {
                continue;
            };
            match scope {
                Some(Scope::Both) => self.both.add(number, part.clone(), &reading),
                Some(Scope::Hours) => self.hours.add(number, part.clone(), &reading),
                _ => {}
            }
            if let Some(side) = side {
                self.sides[side as usize].add(number, part, &reading);
            }
        }
        (by_sides, at_once)
    }
}

impl Demands {
    fn add(&mut self, number: usize, part: Node, reading: &Reading<'_>) {
        self.values = self.values.union(reading.values);
        self.presence = self.presence.union(reading.presence);
        self.parts.push((number, Residue::Open(part)));
    }
}

/// Weakens a condition to what recurring values say of it.
struct Reading<'f> {
    told: &'f Told<'f>,
    values: FieldSet,
    presence: FieldSet,
    /// True once something hangs on the hour.
    hours: bool,
    /// True once something hangs on something else.
    others: bool,
    /// False once something was weakened.
    is_exact: bool,
}

impl<'f> Reading<'f> {
    fn of(told: &'f Told<'f>) -> Reading<'f> {
        Reading {
            told,
            values: FieldSet::EMPTY,
            presence: FieldSet::EMPTY,
            hours: false,
            others: false,
            is_exact: true,
        }
    }

    /// What can be asked at once of which this is a part.
    fn scope(&self) -> Option<Scope> {
        match (self.hours, self.others) {
            (true, false) => return Some(Scope::Hours),
            (true, true) => return None,
            _ => {}
        }
        if tell_who_or_where(self.values) {
            return Some(Scope::Both);
        }
        Side::only_of(self.values).map(Scope::One)
    }

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
                    is_exact: true,
                    ..*self
                };
                let whole = within.weakened(inner).filter(|_| within.is_exact);
                let Some(inner) = whole else {
                    self.is_exact = false;
                    return None;
                };
                (self.values, self.presence) = (within.values, within.presence);
                (self.hours, self.others) = (within.hours, within.others);
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
            self.others = true;
            return Some(node.clone());
        }
        if !matches!(item.test, Test::Reference(..))
            && let Some(fields) = recurring(*field, self.told)
        {
            let hours = (self.told.tells_hours)(*field);
            self.hours |= hours;
            self.others |= !hours;
            self.values = self.values.union(fields);
            return Some(node.clone());
        }
        self.is_exact = false;
        // A value must be there to pass any test.
        is_raw.then(|| {
            self.presence.insert(*field);
            self.others = true;
            Node::Item(Arc::new(Item {
                target: Target::Field(FieldRef::Known(*field)),
                test: Test::Exists(true),
            }))
        })
    }
}
