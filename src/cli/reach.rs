//! Whether a rule can fire at all: what it needs against what sources give.
//!
//! Takes rules and what is known of sources: opened inputs, or the sources of the config by their
//! formats, columns and the beginnings of their files. Gives for each rule the sources it can fire
//! on, and what the others lack. Never judges a record.

use std::collections::BTreeMap;

use super::args::Reading;
use super::config::Source;
use super::plan::{Plan, World};
use super::report::missing;
use super::scan::tasks;
use crate::detect::RuleIndex;
use crate::diagnostic::{Complaints, Text};
use crate::event::{Field, FieldSet, LogSources, matching};
use crate::format::{self, Settings};
use crate::input;
use crate::pipeline::{self, OpenedInput};
use crate::rule::{Detection, FieldRef, Meta, RuleSet};

/// Inputs of a source whose beginnings are looked at.
const LOOKED_AT: usize = 8;

/// What an input or a source can give.
pub(super) struct Giver {
    source: String,
    fields: FieldSet,
    log_sources: LogSources,
}

/// Where a rule can fire.
pub(super) struct Reach {
    /// Sources it can fire on, ascending.
    pub(super) on: Vec<String>,
    /// Sources it is tried on and cannot fire on, each with the fields they lack.
    pub(super) lacking: Vec<(String, Vec<String>)>,
    /// Why it is tried on no source at all.
    pub(super) never: Option<Text>,
}

impl Reach {
    /// Why the rule can fire nowhere; `None` when it can somewhere.
    pub(super) fn nowhere(&self) -> Option<Text> {
        let lacking = || {
            let each = |between: &str| {
                let told = self.lacking.iter();
                let told = told.map(|(source, fields)| format!("{source}: {}", fields.join(", ")));
                told.collect::<Vec<_>>().join(between)
            };
            Text::new(
                format!("no source has the fields it needs ({})", each("; ")),
                format!("必要な項目のあるソースがありません（{}）", each("、")),
            )
        };
        let told = || (self.on.is_empty() && !self.lacking.is_empty()).then(lacking);
        self.never.clone().or_else(told)
    }
}

/// What opened inputs give.
pub(super) fn of_inputs(inputs: &[OpenedInput]) -> Vec<Giver> {
    let known = inputs.iter().filter(|input| !input.format.is_empty());
    known
        .filter_map(|input| {
            Some(Giver {
                source: input.source.clone(),
                fields: input.fields()?,
                log_sources: input.log_sources(),
            })
        })
        .collect()
}

/// What the sources of the config give: by the beginnings of their files, else by their format and
/// columns. A pipe is not looked at.
pub(super) fn of_config(plan: &Plan) -> Vec<Giver> {
    plan.config
        .sources
        .iter()
        .flat_map(|source| {
            let seen = of_inputs(&beginnings(plan, source));
            match seen.is_empty() {
                true => vec![unseen(plan, source)],
                false => seen,
            }
        })
        .collect()
}

fn beginnings(plan: &Plan, source: &Source) -> Vec<OpenedInput> {
    let reading = Reading::default();
    let paths: Vec<String> = source.paths.iter().filter(|p| *p != "-").cloned().collect();
    let bounds = plan.bounds(&reading, &World::present(), &mut Complaints::new());
    let mut found = input::find(&paths).inputs;
    found.truncate(LOOKED_AT);
    pipeline::look(tasks(plan, &reading, &bounds, &found))
}

/// A source of which there is no file yet: of a table its columns are known, of other formats all
/// they can give. What nothing is known of may give anything.
fn unseen(plan: &Plan, source: &Source) -> Giver {
    let given = match source.told_format() {
        Some("csv") => columns(source, plan),
        _ => of_head(source, "", plan),
    };
    let (fields, log_sources) = given.unwrap_or_else(anything);
    Giver {
        source: source.name.clone(),
        fields,
        log_sources: log_sources.union(source.log_sources),
    }
}

/// What a table with the headings that the config names would give.
fn columns(source: &Source, plan: &Plan) -> Option<(FieldSet, LogSources)> {
    let columns = source.csv.as_ref()?.get("columns")?.as_map()?;
    let named = columns.iter().flat_map(|(_, value)| {
        let all = value.as_seq().unwrap_or(std::slice::from_ref(value));
        all.iter().filter_map(|heading| heading.as_str())
    });
    let quoted: Vec<String> = named
        .map(|heading| format!("\"{}\"", heading.replace('"', "\"\"")))
        .collect();
    of_head(source, &format!("{}\r\n", quoted.join(",")), plan)
}

/// What an input with this beginning would give.
fn of_head(source: &Source, head: &str, plan: &Plan) -> Option<(FieldSet, LogSources)> {
    let name = source.told_format()?;
    let zone = source.zone.unwrap_or(plan.zone);
    let settings = Settings {
        zone,
        reference: pipeline::reference(0, 0, zone),
        year: None,
        section: source.section(name),
    };
    // Mistakes in the settings are told when there is a file to read.
    let parser = format::named(name)?.parser(head, &settings, &mut Complaints::new())?;
    let fields = parser.fields().union(FieldSet::of(pipeline::OF_INPUTS));
    Some((fields, parser.log_sources()))
}

fn anything() -> (FieldSet, LogSources) {
    let told = Field::ALL.iter().filter(|field| !field.is_derived());
    let fields: Vec<Field> = told.copied().collect();
    (FieldSet::of(&fields), matching(None, None, None))
}

/// Where a rule can fire. Without sources to hold it against, it can wherever a format gives its
/// log source.
pub(super) fn of(rules: &RuleSet, rule: RuleIndex, givers: &[Giver]) -> Reach {
    let leaves: Vec<(&Detection, Vec<FieldRef>)> = leaves(rules, rule)
        .into_iter()
        .map(|leaf| (&rules.detections[leaf], further(rules, rule)))
        .collect();
    let mut on: Vec<String> = Vec::new();
    let mut lacking: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut is_tried = false;
    for giver in givers {
        for (leaf, further) in leaves.iter().filter(|(leaf, _)| is_heard(leaf, giver)) {
            is_tried = true;
            let lacks = lacks(leaf, further, giver);
            match lacks.is_empty() {
                true => on.push(giver.source.clone()),
                false => {
                    lacking.entry(giver.source.clone()).or_insert(lacks);
                }
            }
        }
    }
    on.sort_unstable();
    on.dedup();
    let lacking = lacking.into_iter().filter(|(name, _)| !on.contains(name));
    Reach {
        lacking: lacking.collect(),
        never: never(&leaves, (!givers.is_empty()).then_some(is_tried)),
        on,
    }
}

/// Why a rule is tried on nothing; `is_tried` is known only where there are sources.
fn never(leaves: &[(&Detection, Vec<FieldRef>)], is_tried: Option<bool>) -> Option<Text> {
    let first = leaves.first().map(|(leaf, _)| leaf.source.to_string());
    let source = first.unwrap_or_default();
    if leaves.iter().all(|(leaf, _)| !leaf.reachable) {
        return Some(Text::new(
            format!("no format gives the log source {source}"),
            format!("ログソース {source} を出す形式がありません"),
        ));
    }
    (is_tried == Some(false)).then(|| {
        Text::new(
            format!("no source gives the log source {source}"),
            format!("ログソース {source} のソースがありません"),
        )
    })
}

fn is_heard(rule: &Detection, giver: &Giver) -> bool {
    let every = rule.log_sources.is_empty();
    rule.reachable && (every || rule.log_sources.intersects(giver.log_sources))
}

/// The fields without which the rule cannot fire, as far as a source cannot have them.
fn lacks(rule: &Detection, further: &[FieldRef], giver: &Giver) -> Vec<String> {
    let mut needed = rule.matcher.indispensable();
    for field in further {
        // A mapped field may come under its own name, and others are not in the table.
        if let FieldRef::Known(field) = field {
            needed.insert(*field);
        }
    }
    missing(needed, giver.fields)
}

/// Every rule, detections first.
pub(super) fn all(rules: &RuleSet) -> Vec<RuleIndex> {
    let detections = (0..rules.detections.len()).map(RuleIndex::Detection);
    let correlations = (0..rules.correlations.len()).map(RuleIndex::Correlation);
    detections.chain(correlations).collect()
}

/// The words of a rule.
pub(super) fn meta(rules: &RuleSet, rule: RuleIndex) -> &Meta {
    match rule {
        RuleIndex::Detection(at) => &rules.detections[at].meta,
        RuleIndex::Correlation(at) => &rules.correlations[at].meta,
    }
}

/// The detections whose events a rule rests on.
pub(super) fn leaves(rules: &RuleSet, rule: RuleIndex) -> Vec<usize> {
    rules.leaves(rule)
}

/// True when a rule makes alerts of its own.
pub(super) fn reports(rules: &RuleSet, rule: RuleIndex) -> bool {
    match rule {
        RuleIndex::Detection(at) => rules.detections[at].reports,
        RuleIndex::Correlation(at) => rules.correlations[at].reports,
    }
}

/// The names of the fields that make the key of a rule's alerts.
pub(super) fn key_fields(rules: &RuleSet, rule: RuleIndex) -> Vec<String> {
    let fields: Vec<&FieldRef> = match rule {
        RuleIndex::Detection(at) => rules.detections[at].key(),
        RuleIndex::Correlation(at) => rules.correlations[at].group_by.iter().collect(),
    };
    fields.iter().map(|field| field.name().to_owned()).collect()
}

/// The fields without which an event has no part in a correlation.
fn further(rules: &RuleSet, rule: RuleIndex) -> Vec<FieldRef> {
    let RuleIndex::Correlation(at) = rule else {
        return Vec::new();
    };
    let rule = &rules.correlations[at];
    let named = rule.group_by.iter().chain(rule.measure.fields());
    // Of an alias one of several fields will do.
    let each = named.map(|field| rules.leaf_fields(at, field));
    each.filter(|fields| fields.len() == 1).flatten().collect()
}
