//! From single documents to a set: names are unique, references meet their rules.
//!
//! Takes drafts in any order, from any number of files; gives a [`RuleSet`]. A correlation whose
//! reference meets nothing or comes back to itself is refused; one that refers to a refused rule
//! goes with it: in silence, for it is no second mistake, unless each refusal is to be told.

mod as_of;
mod bind;

use std::collections::BTreeMap;

use crate::diagnostic::{Complaints, Place, Problem};

use super::filter;
use super::read::{AsOfDraft, CorrelationDraft, Draft, FilterDraft, Heading, Terms};
use super::set::unknown_rule;
use super::{Correlation, Detection, FieldRef, Meta, RuleIndex, RuleSet, taxonomy};

/// Most detections a set holds: they are numbered in 16 bits.
const MOST: usize = u16::MAX as usize;

/// What has been read so far.
#[derive(Default)]
pub(super) struct Reading {
    detections: Vec<Detection>,
    correlations: Vec<CorrelationDraft>,
    filters: Vec<FilterDraft>,
    /// Names are those of the events; no taxonomy is asked. Each refused rule is told.
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
        let drafts = std::mem::take(&mut self.correlations);
        let names: Vec<Meta> = drafts.iter().map(|d| d.meta.clone()).collect();
        let joined: Vec<bool> = drafts.iter().map(|d| d.as_of.is_some()).collect();
        let counted: Vec<Counted> = drafts.iter().map(Counted::by).collect();
        let mut bound: Vec<Option<Correlation>> = drafts
            .into_iter()
            .map(|draft| {
                let joins =
                    |rule: &RuleIndex| matches!(rule, RuleIndex::Correlation(at) if joined[*at]);
                let find = |name: &str| {
                    let found = self.find(name, &names).filter(|r| !self.observes(*r));
                    found.filter(|rule| !joins(rule))
                };
                let lost = |name: &str, place: &Place, complaints: &mut Complaints| match self
                    .find(name, &names)
                    .filter(joins)
                {
                    Some(_) => complaints.push(no_count_of_joined(name, place)),
                    None => self.complain_of_lost(name, place, complaints),
                };
                bind::bind(draft, (&find, &lost), complaints)
            })
            .collect();
        let mut along = Vec::new();
        drop_rings(&mut bound, &names, (&mut along, complaints));
        if self.as_written {
            along
                .into_iter()
                .for_each(|problem| complaints.push(problem));
        }
        // What a refused correlation would have counted reports as if it did not stand there.
        let stands = counted.iter().zip(&names).zip(&bound);
        let counted: Vec<(&Counted, &Meta)> = stands
            .filter(|(_, rule)| rule.is_some())
            .map(|(counted, _)| counted)
            .collect();
        let counting = Counting::new(counted.iter().map(|(counted, _)| *counted));
        for detection in &mut self.detections {
            detection.reports = counting.lets_report(&detection.meta);
        }
        for rule in bound.iter_mut().flatten() {
            rule.reports = counting.lets_report(&rule.meta);
        }
        self.warn_of_quiet_rules(&counted, complaints);
        let mut set = RuleSet::new(self.detections, numbered_anew(bound));
        if !self.as_written {
            (0..set.correlations.len()).for_each(|at| share_names(&mut set, at));
        }
        set
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

    /// The rule of this name or id; correlations by the places of their drafts.
    fn find(&self, name: &str, correlations: &[Meta]) -> Option<RuleIndex> {
        let detection = self.detections.iter().position(|d| d.meta.is_called(name));
        let correlation = || correlations.iter().position(|c| c.is_called(name));
        detection
            .map(RuleIndex::Detection)
            .or_else(|| correlation().map(RuleIndex::Correlation))
    }

    /// True for a detection that observes its matches over time: nothing of it is left to count.
    fn observes(&self, rule: RuleIndex) -> bool {
        matches!(rule, RuleIndex::Detection(at) if self.detections[at].observe.is_some())
    }

    fn complain_of_lost(&self, name: &str, place: &Place, complaints: &mut Complaints) {
        if self.find(name, &[]).is_some_and(|rule| self.observes(rule)) {
            let problem = Problem::error(
                format!("{name} observes its events; a correlation cannot count them"),
                format!("{name} は observe のルールなので、correlation では数えられません"),
            );
            let help = (
                "count a rule with the same detection and without observe",
                "同じ detection で observe のないルールを数えてください",
            );
            complaints.push(problem.at(place.clone()).found(name).help(help.0, help.1));
            return;
        }
        let problem = match self.refused.iter().any(|refused| refused == name) {
            true if !self.as_written => return,
            true => counts_refused(name),
            false => unknown_rule(name, self.taken.keys().map(String::as_str)),
        };
        complaints.push(problem.at(place.clone()));
    }

    /// Warns where a rule of another file, which has a sentence of its own, falls silent.
    fn warn_of_quiet_rules(&self, counted: &[(&Counted, &Meta)], complaints: &mut Complaints) {
        for detection in self.detections.iter().filter(|d| !d.reports) {
            let meta = &detection.meta;
            let elsewhere = counted
                .iter()
                .filter(|(c, _)| c.names.iter().any(|name| meta.is_called(name)))
                .find(|(_, by)| by.place.file != meta.place.file);
            if let Some((_, by)) = elsewhere.filter(|_| meta.say.is_some()) {
                let (name, by, place) = (&meta.name, &by.name, &by.place);
                complaints.push(
                    Problem::warning(
                        format!("{name} no longer reports on its own, because {by} counts it"),
                        format!("{by} が数えるため、{name} は単独では報告されなくなります"),
                    )
                    .at(place.clone())
                    .help(
                        "write generate: true into the correlation to keep both",
                        "両方を報告するには correlation に generate: true と書いてください",
                    ),
                );
            }
        }
    }
}

fn no_count_of_joined(name: &str, place: &Place) -> Problem {
    Problem::error(
        format!("{name} joins its events with leases (as_of); a correlation cannot count it"),
        format!("{name} は as_of のルールなので、correlation では数えられません"),
    )
    .at(place.clone())
    .found(name)
}

fn counts_refused(name: &str) -> Problem {
    Problem::error(
        format!("{name} was refused, so nothing can count it"),
        format!("{name} は受け付けられなかったので、数えられません"),
    )
}

impl CorrelationDraft {
    /// All rules it names.
    fn all_names(&self) -> impl Iterator<Item = &String> {
        let worded = self.expression.iter().flat_map(|e| &e.names);
        let joined = self.as_of.iter().flat_map(AsOfDraft::names);
        let listed = self.rules.iter().chain(joined).map(|(name, _)| name);
        listed.chain(worded)
    }
}

/// What one correlation counts, by the names and ids it uses.
struct Counted {
    names: Vec<String>,
    /// It lets them report on their own too.
    generate: bool,
}

impl Counted {
    fn by(draft: &CorrelationDraft) -> Counted {
        Counted {
            names: draft.all_names().cloned().collect(),
            generate: draft.generate,
        }
    }
}

/// Which rules are counted: whether one of the correlations that count it lets it report on its
/// own too.
struct Counting<'c>(BTreeMap<&'c str, bool>);

impl<'c> Counting<'c> {
    fn new(counted: impl Iterator<Item = &'c Counted>) -> Counting<'c> {
        let mut generates = BTreeMap::new();
        for by in counted {
            for name in &by.names {
                *generates.entry(name.as_str()).or_default() |= by.generate;
            }
        }
        Counting(generates)
    }

    /// A rule that is counted reports on its own only where a correlation says `generate: true`.
    fn lets_report(&self, meta: &Meta) -> bool {
        let by_words = [&meta.name, &meta.id].map(|word| self.0.get(word.as_str()));
        by_words.iter().all(Option::is_none) || by_words.iter().flatten().any(|g| **g)
    }
}

/// Names of the taxonomy, which a correlation takes from the log sources of its rules, and an alias
/// from that of its rule.
fn share_names(set: &mut RuleSet, at: usize) {
    let leaves = set.leaves(RuleIndex::Correlation(at));
    let RuleSet {
        detections,
        correlations,
        ..
    } = set;
    let rule = &mut correlations[at];
    let aliases: Vec<FieldRef> = rule.aliases.iter().map(|a| a.name.clone()).collect();
    for field in rule.group_by.iter_mut().chain(rule.measure.fields_mut()) {
        if !aliases.contains(field) {
            let sources = leaves.iter().map(|leaf| &detections[*leaf].source);
            *field = taxonomy::resolve_for_all(field.name(), sources);
        }
    }
    for (rule, field) in rule.aliases.iter_mut().flat_map(|a| &mut a.of_rule) {
        if let RuleIndex::Detection(leaf) = rule {
            *field = taxonomy::resolve(field.name(), &detections[*leaf].source);
        }
    }
}

/// Takes out correlations that count themselves in the end, each with a complaint, and those that
/// count what is no longer there, which go `along`.
fn drop_rings(
    bound: &mut [Option<Correlation>],
    names: &[Meta],
    (along, complaints): (&mut Vec<Problem>, &mut Complaints),
) {
    // What stands is what counts only what stands: found from below, so that rings remain over.
    let mut stands = vec![false; bound.len()];
    let mut lost: Vec<bool> = bound.iter().map(Option::is_none).collect();
    let mut grew = true;
    while grew {
        grew = false;
        for at in 0..bound.len() {
            let Some(rule) = bound[at].as_ref().filter(|_| !stands[at] && !lost[at]) else {
                continue;
            };
            let mut inner = rule.rules.iter().filter_map(|r| match r {
                RuleIndex::Correlation(inner) => Some(*inner),
                RuleIndex::Detection(_) => None,
            });
            let counts_lost = inner.clone().find(|i| lost[*i]);
            if let Some(inner) = counts_lost {
                let problem = counts_refused(&names[inner].name);
                along.push(problem.at(rule.meta.place.clone()));
            }
            if counts_lost.is_some() || inner.all(|i| stands[i]) {
                (stands[at], lost[at]) = (counts_lost.is_none(), counts_lost.is_some());
                grew = true;
            }
        }
    }
    for at in 0..bound.len() {
        if let Some(rule) = bound[at].as_ref().filter(|_| !stands[at] && !lost[at]) {
            complaints.push(ring(rule));
        }
        if !stands[at] {
            bound[at] = None;
        }
    }
}

fn ring(rule: &Correlation) -> Problem {
    let name = &rule.meta.name;
    Problem::error(
        format!("{name} counts correlations that come back to themselves"),
        format!("{name} の rules をたどると、数える相手が一巡してしまいます"),
    )
    .at(rule.meta.place.clone())
    .help(
        "let each correlation count only rules that do not count it in turn",
        "互いに数え合わないように rules を直してください",
    )
}

/// The correlations that are left, their references counted anew.
fn numbered_anew(bound: Vec<Option<Correlation>>) -> Vec<Correlation> {
    let mut places = Vec::new();
    let mut next = 0;
    for rule in &bound {
        places.push(next);
        next += usize::from(rule.is_some());
    }
    let mut rules: Vec<Correlation> = bound.into_iter().flatten().collect();
    for rule in &mut rules {
        rule.renumber(&|at| places[at]);
    }
    rules
}

impl Correlation {
    /// Changes the places of the correlations it refers to.
    pub(super) fn renumber(&mut self, place: &dyn Fn(usize) -> usize) {
        let aliased = self.aliases.iter_mut().flat_map(|a| &mut a.of_rule);
        let of_aliases = aliased.map(|(rule, _)| rule);
        for rule in self.rules.iter_mut().chain(of_aliases) {
            if let RuleIndex::Correlation(at) = rule {
                *at = place(*at);
            }
        }
    }
}
