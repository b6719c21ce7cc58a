//! What a correlation needs to join its events with leases.
//!
//! Takes a correlation with `as_of`; adds the columns of leases, ends and events to their streams.
//! Never reads a fact.

use super::super::observe::Thinning;
use super::{Column, Use, Wiring, place_of};
use crate::rule::{AsOf, Asks, Correlation, FieldRef, Measure, RuleIndex, RuleSet};

/// How a correlation reads events that tell of leases.
#[derive(Clone, Debug)]
pub(in super::super) struct LeaseUse {
    pub(in super::super) stream: usize,
    pub(in super::super) address: usize,
    pub(in super::super) holder: usize,
    /// What only a lease tells; `None` of an end.
    pub(in super::super) terms: Option<Terms>,
    pub(in super::super) columns: usize,
}

/// What a lease tells.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Terms {
    /// The place of its rule in the correlation, where it is one of those listed.
    pub(in super::super) place: Option<usize>,
    pub(in super::super) lasts: usize,
    pub(in super::super) network: usize,
    /// The value that it may tell for an event.
    pub(in super::super) value: Option<usize>,
}

/// Where an event that is joined with leases tells its address.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Joint {
    /// The place of its use among those of the correlation.
    pub(in super::super) part: usize,
    pub(in super::super) address: usize,
    pub(in super::super) network: usize,
    pub(in super::super) fixed: Option<usize>,
}

/// How a correlation joins its events with leases.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Joins {
    /// Those of leases and of ends.
    pub(in super::super) leases: Vec<LeaseUse>,
    /// The events that are joined.
    pub(in super::super) events: Vec<Joint>,
    /// Other events that show that an address was there.
    pub(in super::super) presence: Vec<Joint>,
}

impl Wiring {
    /// What a correlation needs to join its events with leases.
    pub(super) fn add_joins(&mut self, index: usize, (rule, as_of): (&Correlation, &AsOf)) {
        let mut joins = Joins {
            leases: self.add_leases(rule, as_of),
            ..Joins::default()
        };
        for part in 0..self.reads[index].uses.len() {
            let Use {
                stream,
                rule: place,
                ..
            } = self.reads[index].uses[part];
            let RuleIndex::Detection(detection) = rule.rules[place] else {
                continue;
            };
            if as_of.leases.contains(&detection) {
                continue;
            }
            let mut one = |field: &FieldRef| {
                place_of(
                    &Column::Value(field.clone()),
                    &mut self.streams[stream].columns,
                )
            };
            let address = one(&as_of.address);
            if is_forbidden(rule, place) {
                let joint = Joint {
                    part,
                    address,
                    network: address,
                    fixed: None,
                };
                joins.presence.push(joint);
                continue;
            }
            joins.events.push(Joint {
                part,
                address,
                network: one(&as_of.network),
                fixed: as_of.fixed.as_ref().map(one),
            });
        }
        self.reads[index].joins = Some(joins);
    }

    /// What is read of leases and of ends.
    fn add_leases(&mut self, rule: &Correlation, as_of: &AsOf) -> Vec<LeaseUse> {
        let value = match (&rule.measure, as_of.asks) {
            (Measure::ValueCount(fields), Asks::Filled) => fields.first(),
            _ => None,
        };
        let leases = as_of.leases.iter().map(|at| (*at, true));
        let ends = as_of.ends.iter().map(|at| (*at, false));
        let read = leases.chain(ends).map(|(detection, is_lease)| {
            let stream = self.stream(detection);
            let mut one = |column: Column| place_of(&column, &mut self.streams[stream].columns);
            let listed = |r: &RuleIndex| *r == RuleIndex::Detection(detection);
            LeaseUse {
                stream,
                address: one(Column::Value(as_of.leased.clone())),
                holder: one(Column::Value(as_of.holder.clone())),
                terms: is_lease.then(|| Terms {
                    place: rule.rules.iter().position(listed),
                    lasts: one(Column::Number(as_of.lasts.clone())),
                    network: one(Column::Value(as_of.network.clone())),
                    value: value.map(|field| one(Column::Value(field.clone()))),
                }),
                columns: 0,
            }
        });
        read.collect()
    }

    /// Events that only show that an address was there can be left out between two others, unless
    /// somebody else listens to them.
    pub(super) fn thin_presence(&mut self, rules: &RuleSet) {
        for (index, rule) in rules.correlations.iter().enumerate() {
            let Some(joins) = &self.reads[index].joins else {
                continue;
            };
            for joint in &joins.presence {
                let stream = self.reads[index].uses[joint.part].stream;
                let listeners = self.reads.iter().flat_map(|r| {
                    let leases = r.joins.iter().flat_map(|j| &j.leases).map(|l| l.stream);
                    r.uses.iter().map(|u| u.stream).chain(leases)
                });
                let folds = self.folds.iter().flatten().map(|f| f.stream);
                if listeners.chain(folds).filter(|s| *s == stream).count() == 1 {
                    self.streams[stream].thinning = Some(Thinning {
                        key: vec![joint.address],
                        within: rule.timespan,
                    });
                }
            }
        }
    }
}

/// True for a place that the condition in words only forbids.
fn is_forbidden(rule: &Correlation, place: usize) -> bool {
    let ways = rule.expression.iter().flat_map(|e| &e.alternatives);
    ways.into_iter().any(|way| way.forbids.contains(&place))
}
