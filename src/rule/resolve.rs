//! From single documents to a set: names are unique, references meet their rules.
//!
//! Takes drafts in any order, from any number of files; gives a [`RuleSet`]. A correlation whose
//! reference meets nothing is refused; one that refers to a refused rule goes with it in silence.

use std::collections::BTreeMap;

use crate::diagnostic::{Complaints, Place, Problem};

use super::filter;
use super::read::{CorrelationDraft, Draft, FilterDraft, Heading, Terms};
use super::set::unknown_rule;
use super::{Correlation, Detection, Measure, Meta, RuleSet, taxonomy};

/// Most detections a set holds: they are numbered in 16 bits.
const MOST: usize = u16::MAX as usize;

/// What has been read so far.
#[derive(Default)]
pub(super) struct Reading {
    detections: Vec<Detection>,
    correlations: Vec<CorrelationDraft>,
    filters: Vec<FilterDraft>,
    /// Names are those of the events; no taxonomy is asked.
    as_written: bool,
    /// Names and ids of refused rules.
    refused: Vec<String>,
    /// Names and ids taken, and where.
    taken: BTreeMap<String, Place>,
}

impl Reading {
    /// Nothing read yet.
    pub(super) fn new(terms: &Terms) -> Reading {
        Reading {
            as_written: terms.as_written,
            ..Reading::default()
        }
    }

    /// Takes one document in; one whose name or id is taken is refused.
    pub(super) fn take(
        &mut self,
        mut draft: Draft,
        heading: &Heading,
        complaints: &mut Complaints,
    ) {
        if heading.name.is_none()
            && let Some(meta) = draft.meta_mut()
        {
            self.tell_apart(meta);
        }
        match draft {
            Draft::Refused { names } => self.refused.extend(names),
            Draft::Detection(detection) if self.detections.len() >= MOST => {
                let problem = Problem::error(
                    format!("more than {MOST} detection rules"),
                    format!("検出ルールが {MOST} 件を超えています"),
                );
                complaints.push(problem.at(detection.meta.place.clone()));
            }
            Draft::Detection(detection) => {
                if self.claim(&detection.meta, complaints) {
                    self.detections.push(*detection);
                }
            }
            Draft::Correlation(correlation) => {
                if self.claim(&correlation.meta, complaints) {
                    self.correlations.push(*correlation);
                }
            }
            Draft::Filter(filter) => {
                if self.claim(&filter.meta, complaints) {
                    self.filters.push(*filter);
                }
            }
        }
    }

    /// A name that was made up from the name of the file must not stand in the way of another:
    /// files of one name in two folders are no mistake.
    fn tell_apart(&self, meta: &mut Meta) {
        let is_free = |name: &String| !self.taken.contains_key(name);
        if is_free(&meta.name) {
            return;
        }
        let name = (2_usize..)
            .map(|n| format!("{}-{n}", meta.name))
            .find(is_free);
        let name = name.expect("numbers do not run out before memory does");
        if meta.id == meta.name {
            meta.id.clone_from(&name);
        }
        meta.name = name;
    }

    fn claim(&mut self, meta: &Meta, complaints: &mut Complaints) -> bool {
        for word in [&meta.name, &meta.id] {
            if let Some(first) = self.taken.get(word) {
                complaints.push(
                    Problem::error(
                        format!("a rule with the name or id \"{word}\" stands at {first} already"),
                        format!("名前または id が「{word}」のルールは {first} にもあります"),
                    )
                    .at(meta.place.clone())
                    .help(
                        "give each rule a name and an id of its own",
                        "ルールごとに別の name と id を付けてください",
                    ),
                );
                return false;
            }
        }
        for word in [&meta.name, &meta.id] {
            self.taken.insert(word.clone(), meta.place.clone());
        }
        true
    }

    /// Resolves all references.
    pub(super) fn finish(mut self, complaints: &mut Complaints) -> RuleSet {
        self.filter_rules(complaints);
        self.quiet_counted_rules(complaints);
        let drafts = std::mem::take(&mut self.correlations);
        let names: Vec<Meta> = drafts.iter().map(|d| d.meta.clone()).collect();
        let resolved: Vec<Correlation> = drafts
            .into_iter()
            .filter_map(|draft| {
                let rules = self.resolve(&draft, &names, complaints)?;
                let draft = self.with_shared_names(draft, &rules);
                Some(correlation(draft, rules))
            })
            .collect();
        for (at, detection) in self.detections.iter_mut().enumerate() {
            detection.feeds = resolved.iter().any(|c| c.rules.contains(&at));
        }
        RuleSet::new(self.detections, resolved)
    }

    fn filter_rules(&mut self, complaints: &mut Complaints) {
        let correlations: Vec<&Meta> = self.correlations.iter().map(|c| &c.meta).collect();
        let known = filter::Known {
            correlations: &correlations,
            refused: &self.refused,
        };
        for draft in &self.filters {
            filter::apply(draft, &mut self.detections, &known, complaints);
        }
    }

    /// Names of the taxonomy, which a correlation takes from the log sources of its rules.
    fn with_shared_names(&self, mut draft: CorrelationDraft, rules: &[usize]) -> CorrelationDraft {
        if self.as_written {
            return draft;
        }
        let counted = match &mut draft.measure {
            Measure::EventCount => &mut [],
            Measure::ValueCount(fields) => fields.as_mut_slice(),
        };
        for field in draft.group_by.iter_mut().chain(counted) {
            let sources = rules.iter().map(|&at| &self.detections[at].source);
            *field = taxonomy::resolve_for_all(field.name(), sources);
        }
        draft
    }

    /// A rule that is counted reports on its own only where a correlation says `generate: true`.
    fn quiet_counted_rules(&mut self, complaints: &mut Complaints) {
        for detection in &mut self.detections {
            let counts =
                |c: &&CorrelationDraft| c.rules.iter().any(|(n, _)| detection.meta.is_called(n));
            let counting: Vec<&CorrelationDraft> =
                self.correlations.iter().filter(counts).collect();
            detection.reports = counting.is_empty() || counting.iter().any(|c| c.generate);
            let elsewhere = counting
                .iter()
                .find(|c| c.meta.place.file != detection.meta.place.file);
            if let Some(correlation) = elsewhere
                && !detection.reports
                && detection.meta.say.is_some()
            {
                let (name, by) = (&detection.meta.name, &correlation.meta.name);
                complaints.push(
                    Problem::warning(
                        format!("{name} no longer reports on its own, because {by} counts it"),
                        format!("{by} が数えるため、{name} は単独では報告されなくなります"),
                    )
                    .at(correlation.meta.place.clone())
                    .help(
                        "write generate: true into the correlation to keep both",
                        "両方を報告するには correlation に generate: true と書いてください",
                    ),
                );
            }
        }
    }

    /// The indices of the rules a correlation names, ascending.
    fn resolve(
        &self,
        draft: &CorrelationDraft,
        correlations: &[Meta],
        complaints: &mut Complaints,
    ) -> Option<Vec<usize>> {
        let mut found = Vec::new();
        let mut complete = true;
        for (name, place) in &draft.rules {
            if let Some(at) = self.detections.iter().position(|d| d.meta.is_called(name)) {
                found.push(at);
                continue;
            }
            complete = false;
            if correlations.iter().any(|c| c.is_called(name)) {
                let problem = Problem::error(
                    format!(
                        "\"{name}\" is a correlation; counting correlations is not supported yet"
                    ),
                    format!(
                        "「{name}」は correlation です。correlation を数えることはまだできません"
                    ),
                );
                complaints.push(problem.at(place.clone()).found(name));
            } else if !self.refused.contains(name) {
                let names = self.detections.iter().map(|d| d.meta.name.as_str());
                complaints.push(unknown_rule(name, names).at(place.clone()));
            }
        }
        found.sort_unstable();
        found.dedup();
        complete.then_some(found)
    }
}

fn correlation(draft: CorrelationDraft, rules: Vec<usize>) -> Correlation {
    Correlation {
        meta: draft.meta,
        measure: draft.measure,
        rules,
        group_by: draft.group_by,
        timespan: draft.timespan,
        condition: draft.condition,
    }
}
