//! From what a run counted to the ledger's report.
//!
//! Takes the plan and what the run counted; gives a report that a sink can write. Never judges.

use std::collections::BTreeMap;

use super::house::{House, silent_correlation};
use super::plan::Plan;
use crate::alert::Alert;
use crate::diagnostic::{Complaints, Problem, Text};
use crate::event::{Field, FieldSet};
use crate::pipeline::{OpenedInput, RuleCount, Run};
use crate::rule::{Correlation, Detection, FieldRef, Meta, RuleIndex, RuleSet};
use crate::sink::ledger::{InputReport, RuleReport, RunReport};

/// Nights listed when matches are only counted because hours are assumed.
const NIGHTS: usize = 14;

/// What all rules are called, detections first.
pub(super) fn metas(rules: &RuleSet) -> impl Iterator<Item = &Meta> {
    let detections = rules.detections.iter().map(|d| &d.meta);
    detections.chain(rules.correlations.iter().map(|c| &c.meta))
}

/// Mistakes in the settings of the inputs, found only when they were opened; what many inputs of a
/// source complain about stands once.
pub(super) fn settings_complaints(inputs: &[OpenedInput]) -> Complaints {
    let mut told: Vec<&Problem> = Vec::new();
    for problem in inputs.iter().flat_map(|input| input.complaints.sorted()) {
        if !told.contains(&problem) {
            told.push(problem);
        }
    }
    let mut all = Complaints::new();
    told.into_iter()
        .cloned()
        .for_each(|problem| all.push(problem));
    all
}

/// Counts alerts as they pass by, and fills the report.
pub(super) struct Findings<'h> {
    house: &'h House,
    silent: Vec<Option<Text>>,
    alerts: BTreeMap<String, u64>,
}

impl<'h> Findings<'h> {
    pub(super) fn new(house: &'h House, silent: Vec<Option<Text>>) -> Self {
        Findings {
            house,
            silent,
            alerts: BTreeMap::new(),
        }
    }

    /// Takes the number of alerts of each rule, by its id.
    pub(super) fn count_all(&mut self, alerts: BTreeMap<String, u64>) {
        self.alerts = alerts;
    }

    pub(super) fn count(&mut self, alert: &Alert) {
        *self.alerts.entry(alert.rule.id.clone()).or_default() += 1;
    }

    /// The report of a run.
    pub(super) fn report(&self, plan: &Plan, run: &Run<'_>) -> RunReport {
        let mut report = of_inputs(plan, &run.inputs);
        let notices = &mut report.notices;
        notices.extend(self.quiet_nights(&run.counts));
        notices.extend(run.unheard.iter().map(|name| unheard(plan, name)));
        for (path, error) in run.alerts.unreadable() {
            notices.push(Text::new(
                format!("{path}: evidence could not be read again: {error}"),
                format!("{path}: 証拠の行を読み直せませんでした: {error}"),
            ));
        }
        report.unheard = run.unheard.clone();
        report.rules = self.rules(run);
        report
    }

    fn rules(&self, run: &Run<'_>) -> Vec<RuleReport> {
        let rules = &self.house.rules;
        let detections = rules.detections.iter().enumerate().map(|(index, rule)| {
            let count = &run.counts[index];
            RuleReport {
                matches: count.matches,
                explained: count.explained,
                quiet: count.quiet.values().sum(),
                silent: self.silent[index].clone(),
                learning: learning(run, RuleIndex::Detection(index)),
                cannot_fire: cannot_fire(&run.inputs, rule, &observed(rule)),
                ..self.rule_report(&rule.meta)
            }
        });
        let correlations = (0..rules.correlations.len()).map(|at| {
            let rule = &rules.correlations[at];
            let leaves = rules.leaves(RuleIndex::Correlation(at));
            let cannot: Vec<_> = leaves
                .iter()
                .flat_map(|leaf| {
                    cannot_fire(&run.inputs, &rules.detections[*leaf], &own(rule, *leaf))
                })
                .collect();
            RuleReport {
                matches: leaves.iter().map(|leaf| run.counts[*leaf].matches).sum(),
                explained: 0,
                quiet: 0,
                silent: silent_correlation(rules, at, &self.silent),
                learning: learning(run, RuleIndex::Correlation(at)),
                cannot_fire: cannot,
                ..self.rule_report(&rule.meta)
            }
        });
        let mut all: Vec<RuleReport> = detections.chain(correlations).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        all
    }

    fn rule_report(&self, meta: &Meta) -> RuleReport {
        RuleReport {
            name: meta.name.clone(),
            level: meta.level,
            matches: 0,
            explained: 0,
            quiet: 0,
            alerts: self.alerts.get(&meta.id).copied().unwrap_or(0),
            silent: None,
            learning: None,
            cannot_fire: Vec::new(),
        }
    }

    /// What was outside the assumed hours and not reported, one count a night.
    fn quiet_nights(&self, counts: &[RuleCount]) -> Vec<Text> {
        let mut notices = Vec::new();
        for (rule, count) in self.house.rules.detections.iter().zip(counts) {
            for (night, events) in count.quiet.iter().take(NIGHTS) {
                let date = chrono::NaiveDate::from_epoch_days(*night as i32).unwrap_or_default();
                let name = &rule.meta.name;
                notices.push(Text::new(
                    format!("night of {date}: {events} records outside the assumed hours ({name})"),
                    format!("{date}の夜: 仮定した時間の外の記録 {events} 件（{name}）"),
                ));
            }
            if count.quiet.len() > NIGHTS {
                let more = count.quiet.len() - NIGHTS;
                notices.push(Text::new(
                    format!("and {more} more nights like these"),
                    format!("ほか {more} 夜"),
                ));
            }
        }
        notices
    }
}

/// The part of a report that tells of the inputs alone.
pub(super) fn of_inputs(plan: &Plan, opened: &[OpenedInput]) -> RunReport {
    let mut inputs: Vec<InputReport> = opened.iter().map(input_report).collect();
    inputs.sort_by(|a, b| (&a.source, &a.path).cmp(&(&b.source, &b.path)));
    RunReport {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        tzdb: chrono_tz::IANA_TZDB_VERSION.to_owned(),
        assumed: plan.assumed.clone(),
        inputs,
        rules: Vec::new(),
        unheard: Vec::new(),
        notices: Vec::new(),
    }
}

/// True when not everything could be examined: an input was not read whole or was mostly rejected,
/// or a source that is expected to speak is missing, said nothing or fell silent.
pub(super) fn is_incomplete(plan: &Plan, report: &RunReport) -> bool {
    let failed = |input: &InputReport| input.error.is_some() || input.is_mostly_rejected();
    report.inputs.iter().any(failed)
        || !report.unheard.is_empty()
        || !absent_sources(plan, report).is_empty()
}

/// That a source is silent at the end of the records.
fn unheard(plan: &Plan, name: &str) -> Text {
    let mut sources = plan.config.sources.iter();
    let source = sources.find(|source| source.name == name);
    let word = source.and_then(|source| Some(source.expects.as_ref()?.0.as_str()));
    let word = word.unwrap_or_default();
    Text::new(
        format!("source {name} is expected ({word}), but is silent at the end of the records"),
        format!(
            "届くはずのソース {name}（expect: {word}）の記録が、記録の終わりの時点で途絶えています"
        ),
    )
}

/// Names of the expected sources that gave no event.
pub(super) fn absent_sources(plan: &Plan, report: &RunReport) -> Vec<String> {
    let events = |name: &str| -> u64 {
        let of_source = report.inputs.iter().filter(|i| i.source == name);
        of_source.map(|i| i.account.events).sum()
    };
    let expected = plan.config.sources.iter().filter(|s| s.is_expected());
    expected
        .filter(|s| events(&s.name) == 0)
        .map(|s| s.name.clone())
        .collect()
}

fn input_report(input: &OpenedInput) -> InputReport {
    InputReport {
        source: input.source.clone(),
        path: input.input.name.to_string(),
        format: input.format.clone(),
        why: input.why.clone(),
        encoding: input
            .encoding
            .map(|e| e.name().to_owned())
            .unwrap_or_default(),
        encoding_why: input.encoding_why.clone(),
        zone: input.zone,
        compression: input.compression.to_owned(),
        account: input.account.clone(),
        notes: input.notes.clone(),
        details: input.details.clone(),
        error: input.error.clone(),
    }
}

/// Keys that a rule could not judge yet, and all it saw, where there are any.
fn learning(run: &Run<'_>, rule: RuleIndex) -> Option<(u64, u64)> {
    let found = run.learning.iter().find(|l| l.rule == rule)?;
    (found.learning > 0).then_some((found.learning, found.keys))
}

/// The fields without which a detection does not observe an event.
fn observed(rule: &Detection) -> Vec<&FieldRef> {
    let observe = rule.observe.as_ref();
    observe.map_or_else(Vec::new, |observe| observe.needed())
}

/// The fields without which an event of a detection has no part in a correlation that counts it;
/// none where it is counted only by way of another correlation.
fn own(rule: &Correlation, detection: usize) -> Vec<&FieldRef> {
    let index = RuleIndex::Detection(detection);
    if !rule.rules.contains(&index) {
        return Vec::new();
    }
    let named = rule.group_by.iter().chain(rule.measure.fields());
    named.map(|field| rule.field_of(index, field)).collect()
}

/// The sources on which a rule is tried but can never fire, each with the fields they lack.
fn cannot_fire(
    inputs: &[OpenedInput],
    rule: &Detection,
    further: &[&FieldRef],
) -> Vec<(String, Vec<String>)> {
    let mut lacking: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for input in inputs {
        let Some(fields) = input.fields().filter(|_| !input.format.is_empty()) else {
            continue;
        };
        let tried = rule.log_sources.is_empty() || rule.log_sources.intersects(input.log_sources());
        if !tried {
            continue;
        }
        let mut missing = missing(rule.matcher.indispensable(), fields);
        for field in further {
            if let FieldRef::Known(field) = field {
                for name in self::missing(FieldSet::of(&[*field]), fields) {
                    if !missing.contains(&name) {
                        missing.push(name);
                    }
                }
            }
        }
        if !missing.is_empty() {
            lacking.insert(input.source.clone(), missing);
        }
    }
    lacking.into_iter().collect()
}

/// Fields of `needed` that a source with these fields cannot have, the derived ones included.
pub(super) fn missing(needed: FieldSet, fields: FieldSet) -> Vec<String> {
    let any = |of: &[Field]| of.iter().any(|f| fields.contains(*f));
    let absent = |field: &Field| match field {
        Field::EventOutcome | Field::EventCategory => false,
        Field::UserAccount => !any(&[Field::UserId, Field::UserName]),
        Field::SourceTerminal => !any(&[Field::SourceIp, Field::SourceMac, Field::HostName]),
        Field::SourceNetwork => !any(&[Field::SourceIp]),
        Field::DeviceKnown | Field::DeviceId => !any(&[
            Field::SourceMac,
            Field::ClientMac,
            Field::SourceIp,
            Field::ClientIp,
            Field::HostName,
        ]),
        field if field.is_derived() => false,
        field => !fields.contains(*field),
    };
    needed
        .iter()
        .filter(absent)
        .map(|f| f.name().to_owned())
        .collect()
}
