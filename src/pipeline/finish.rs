//! From drafts to alerts: reads the evidence again and gives keys, sentences and reasons.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use bumpalo::Bump;

use crate::alert::{self, Alert, Evidence, RuleRef};
use crate::detect::{Draft, RuleIndex, tally_fields};
use crate::diagnostic::{Lang, Text};
use crate::enrich::{Enriched, Memo};
use crate::event::{Event, Field, FieldSet, Instant, NANOS, Outcome, Reason};
use crate::input::Input;
use crate::rule::{FieldRef, Meta};
use crate::spill::Fact;
use crate::text::fold_identity;

use super::Plan;
use super::feed::{Context, OpenedInput, SegmentAt};
use super::judge::{all_told, hash_value, told};
use super::noted;
use super::rejected;

/// Alerts whose evidence is read together: bounds memory, and reads each file in one sweep.
const CHUNK: usize = 2_000;
/// Characters of a record shown as evidence.
const EXCERPT: usize = 1_000;

/// Where a record lies: input, offset, length.
type Range = (u32, u64, u32);

/// The alerts of a run, made one chunk after another, in their total order.
pub struct Alerts<'p> {
    plan: Plan<'p>,
    drafts: std::vec::IntoIter<Draft>,
    sources: Vec<(Input, Option<Arc<Context>>)>,
    segments: Vec<SegmentAt>,
    ready: std::vec::IntoIter<Alert>,
    ordinals: HashMap<String, u32>,
    unreadable: BTreeMap<String, String>,
}

impl<'p> Alerts<'p> {
    pub(super) fn new(
        plan: Plan<'p>,
        drafts: Vec<Draft>,
        inputs: &[OpenedInput],
        segments: Vec<SegmentAt>,
    ) -> Self {
        let sources = inputs
            .iter()
            .map(|i| (i.input.clone(), i.context.clone()))
            .collect();
        Alerts {
            plan,
            drafts: drafts.into_iter(),
            sources,
            segments,
            ready: Vec::new().into_iter(),
            ordinals: HashMap::new(),
            unreadable: BTreeMap::new(),
        }
    }

    /// Inputs whose evidence could not be read again, each with the reason.
    pub fn unreadable(&self) -> &BTreeMap<String, String> {
        &self.unreadable
    }

    /// Takes note of inputs whose evidence could not be read again.
    pub(super) fn could_not_read(&mut self, inputs: BTreeMap<String, String>) {
        self.unreadable.extend(inputs);
    }

    fn fill(&mut self) {
        let chunk: Vec<Draft> = self.drafts.by_ref().take(CHUNK).collect();
        let records = self.read(&chunk);
        let alerts: Vec<Alert> = chunk
            .iter()
            .map(|draft| self.alert(draft, &records))
            .collect();
        self.ready = alerts.into_iter();
    }

    /// Makes the alerts of a few drafts, each with the folded text of its first record. All have
    /// the id of the first of their like: which of them it is, whoever knows all drafts tells.
    pub(super) fn alike(&mut self, drafts: &[Draft]) -> Vec<(Alert, String)> {
        let mut made = Vec::new();
        for chunk in drafts.chunks(CHUNK) {
            let records = self.read(chunk);
            made.extend(chunk.iter().map(|draft| {
                let (mut alert, identity) = self.nameless(draft, &records);
                alert.id = alert::identity(&alert.rule.id, &alert.key, &identity, 0);
                (alert, identity)
            }));
        }
        made
    }

    fn range(&self, fact: &Fact) -> Range {
        let segment = self.segments[fact.segment as usize];
        let offset = (segment.offset as i64 + fact.offset).cast_unsigned();
        (
            segment.input,
            offset,
            fact.length.min(crate::frame::MAX_RECORD as u32),
        )
    }

    /// Reads the evidence of some drafts again, file by file, in the order of offsets.
    fn read(&mut self, chunk: &[Draft]) -> HashMap<Range, Vec<u8>> {
        let wanted: BTreeSet<Range> = chunk
            .iter()
            .flat_map(|d| d.first.iter().chain(&d.last).chain(d.teller()))
            .map(|f| self.range(f))
            .collect();
        let mut by_input: BTreeMap<u32, Vec<(u64, u32)>> = BTreeMap::new();
        for (input, offset, length) in wanted {
            by_input.entry(input).or_default().push((offset, length));
        }
        let mut records = HashMap::new();
        for (number, ranges) in by_input {
            let (input, _) = &self.sources[number as usize];
            match input.read_ranges(&ranges) {
                Ok(texts) => {
                    let keyed = ranges
                        .iter()
                        .map(|&(offset, length)| (number, offset, length));
                    records.extend(keyed.zip(texts));
                }
                Err(error) => {
                    self.unreadable
                        .insert(input.name.to_string(), error.to_string());
                }
            }
        }
        records
    }

    fn alert(&mut self, draft: &Draft, records: &HashMap<Range, Vec<u8>>) -> Alert {
        let (alert, identity) = self.nameless(draft, records);
        let once = alert::identity(&alert.rule.id, &alert.key, &identity, 0);
        let ordinal = self.ordinals.entry(once).or_insert(0);
        let id = alert::identity(&alert.rule.id, &alert.key, &identity, *ordinal);
        *ordinal += 1;
        Alert { id, ..alert }
    }

    /// An alert without an id, and the folded text of its first record.
    fn nameless(&self, draft: &Draft, records: &HashMap<Range, Vec<u8>>) -> (Alert, String) {
        let meta = self.meta(draft.rule);
        let evidence: Vec<Evidence> = draft
            .first
            .iter()
            .chain(&draft.last)
            .map(|f| self.evidence(f, records))
            .collect();
        let arena = Bump::new();
        let read = |fact: Option<&Fact>| {
            let text = fact.and_then(|f| Some(self.decode(f, records.get(&self.range(f))?)));
            text.unwrap_or_default()
        };
        let text: &str = arena.alloc_str(&read(draft.teller()));
        let mut memo = Memo::new(self.plan.house, &arena);
        let told = self.tell(draft, text, &arena, &mut memo);
        let first = read(draft.first.first());
        let identity = fold_identity(&first).into_owned();
        let alert = Alert {
            id: String::new(),
            rule: self.rule_ref(draft.rule, meta),
            start: draft.start(),
            end: draft.end(),
            count: draft.events,
            key: told.key,
            summary: told.summary,
            reasons: told.reasons,
            evidence,
            evidence_total: draft.records,
            clauses: meta.clauses.clone(),
            respond: meta.respond.clone(),
            revision: 0,
        };
        (alert, identity)
    }

    fn meta(&self, rule: RuleIndex) -> &'p Meta {
        match rule {
            RuleIndex::Correlation(index) => &self.plan.rules.correlations[index].meta,
            RuleIndex::Detection(index) => &self.plan.rules.detections[index].meta,
        }
    }

    fn rule_ref(&self, rule: RuleIndex, meta: &Meta) -> RuleRef {
        let assumed = match rule {
            RuleIndex::Detection(index) if self.plan.assumed => self.plan.rules.detections[index]
                .when_assumed
                .as_ref()
                .map(|w| w.level),
            _ => None,
        };
        RuleRef {
            id: meta.id.clone(),
            name: meta.name.clone(),
            title: meta.title.clone(),
            level: assumed.unwrap_or(meta.level),
            tags: meta.tags.clone(),
            author: meta.author.clone(),
        }
    }

    fn decode(&self, fact: &Fact, bytes: &[u8]) -> String {
        let input = self.segments[fact.segment as usize].input as usize;
        match &self.sources[input].1 {
            Some(context) => context.encoding.decode(bytes).text.into_owned(),
            None => String::from_utf8_lossy(bytes).into_owned(),
        }
    }

    fn evidence(&self, fact: &Fact, records: &HashMap<Range, Vec<u8>>) -> Evidence {
        let range = self.range(fact);
        let segment = self.segments[fact.segment as usize];
        let (input, context) = &self.sources[segment.input as usize];
        let bytes = records.get(&range);
        Evidence {
            source: context
                .as_ref()
                .map(|c| c.source.clone())
                .unwrap_or_default(),
            path: input.name.to_string(),
            line: (segment.line as i64 + i64::from(fact.line) + 1).cast_unsigned(),
            offset: range.1,
            length: fact.length,
            sha256: bytes.map(|b| alert::sha256_hex(b)).unwrap_or_default(),
            time: fact.time,
            text: bytes
                .map(|b| self.decode(fact, b).chars().take(EXCERPT).collect())
                .unwrap_or_default(),
        }
    }

    /// Key, sentence and reasons, from the record that tells the key, read again.
    fn tell<'r>(&self, draft: &Draft, text: &'r str, arena: &'r Bump, memo: &mut Memo<'r>) -> Told
    where
        'p: 'r,
    {
        let mut told = Told::default();
        let Some(teller) = draft.teller() else {
            return told;
        };
        let input = self.segments[teller.segment as usize].input as usize;
        let Some(context) = &self.sources[input].1 else {
            return told;
        };
        let mut event = Event::new(arena);
        event.begin(text);
        let mut done = false;
        let parsed = context.parser.parse(text, &mut event, &mut |event| {
            context.add_to(event);
            self.date(teller.time, event);
            if !event.has(Field::EventOutcome) {
                event.set_outcome(Outcome::Unknown);
            }
            if event.time().is_some_and(|t| !t.trusted) {
                event.set(Field::TimeTrusted, "false");
            }
            if done {
                return;
            }
            // What its neighbors made of it, the record alone does not tell.
            if let Some(seconds) = draft.stepped {
                event.set_made(Field::TimeSteppedBack, format_args!("{seconds}"));
            }
            let mut enriched = Enriched::new(event, self.plan.house, memo);
            if self.satisfies(draft.rule, &mut enriched) {
                told = self.told(draft, &mut enriched);
                done = true;
            }
        });
        if !done && rejected::is_asked(self.plan.rules) {
            let reason = parsed.map_or_else(|reject| reject.reason, |_| Reason::NotThisFormat);
            let time = self.plan.site.at_nanos(i128::from(teller.time));
            if let Ok(time) = time {
                rejected::fill(&mut event, &context.source, (time, Some(reason)));
                let mut enriched = Enriched::new(&mut event, self.plan.house, memo);
                if self.satisfies(draft.rule, &mut enriched) {
                    told = self.told(draft, &mut enriched);
                }
            }
        }
        told
    }

    /// True when the event is one the draft's rule matched (a record may give several events).
    fn satisfies(&self, rule: RuleIndex, enriched: &mut Enriched<'_, '_>) -> bool {
        let rules = self.plan.rules;
        let hangs_on_neighbors = !enriched.event().has(Field::TimeSteppedBack);
        rules.leaves(rule).into_iter().any(|leaf| {
            let detection = &rules.detections[leaf];
            (hangs_on_neighbors && detection.needs.contains(Field::TimeSteppedBack))
                || detection.matcher.matches(enriched)
        })
    }

    /// Gives an event whose year is not printed the time it had when it was judged: the year hangs
    /// on where in its log, and when, the record was read.
    fn date(&self, judged: i64, event: &mut Event<'_>) {
        const HALF_A_YEAR: u64 = 183 * 86_400 * NANOS.unsigned_abs();
        let is_far = |time: &Instant| time.nanos.abs_diff(judged) > HALF_A_YEAR;
        let is_inferred = event.get(Field::TimeYear) == Some("inferred");
        if let Some(time) = event.time().filter(|time| is_inferred && is_far(time)) {
            event.set_time(Instant {
                nanos: judged,
                ..time
            });
        }
    }

    fn told(&self, draft: &Draft, enriched: &mut Enriched<'_, '_>) -> Told {
        let rules = self.plan.rules;
        let leaves = rules.leaves(draft.rule).into_iter();
        let needs = leaves.map(|leaf| rules.detections[leaf].needs);
        let needs = needs.fold(FieldSet::EMPTY, FieldSet::union);
        let by: Vec<&FieldRef> = match draft.rule {
            RuleIndex::Detection(index) => rules.detections[index].key(),
            RuleIndex::Correlation(index) => rules.correlations[index].group_by.iter().collect(),
        };
        let key = by
            .iter()
            .enumerate()
            .map(|(i, field)| {
                let hash = draft.key.get(i).copied().unwrap_or(0);
                let fields = match draft.rule {
                    RuleIndex::Detection(_) => vec![(*field).clone()],
                    RuleIndex::Correlation(index) => rules.leaf_fields(index, field),
                };
                (field.name().to_owned(), value_of(&fields, hash, enriched))
            })
            .collect();
        let mut told = Told {
            key,
            summary: Text::default(),
            reasons: enriched.reasons(needs),
        };
        told.reasons
            .extend(draft.noted.as_ref().and_then(noted::reason));
        told.summary = self.summary(draft, &told, enriched);
        told
    }

    fn summary(&self, draft: &Draft, told: &Told, enriched: &mut Enriched<'_, '_>) -> Text {
        let meta = self.meta(draft.rule);
        let tallies = tally_fields(meta);
        let mut lookup = |name: &str, lang: Lang| match name {
            "count" => Some(draft.events.to_string()),
            "value" => Some(match &draft.noted {
                Some(noted) => {
                    let of_key = told.key.last().and_then(|(field, value)| {
                        let value = value.as_deref()?;
                        Some(alert::worded(field, value, lang).unwrap_or(value))
                    });
                    noted::words(noted, of_key, lang)
                }
                None => draft.measure.to_string(),
            }),
            _ => match name.strip_prefix("count:") {
                Some(field) => {
                    let at = tallies.iter().position(|t| t.name() == field)?;
                    Some(draft.tallies[at].count().to_string())
                }
                None => {
                    let of_key = told.key.iter().find(|(field, _)| field == name);
                    match of_key {
                        Some((_, value)) => value.clone(),
                        None => match Field::from_name(name) {
                            Some(field) => enriched.get(field).map(str::to_owned),
                            None => enriched.event().extra(name).next().map(str::to_owned),
                        },
                    }
                }
            },
        };
        let offset = self.plan.site.offset_at(draft.start());
        let mut sentence = |lang: Lang| {
            let when = alert::time_span(draft.start(), draft.end(), offset, lang);
            let said = match &meta.say {
                Some(say) => alert::fill(say.get(lang), lang, &mut |name| lookup(name, lang)),
                None => meta.title.clone(),
            };
            match lang {
                Lang::Ja => format!("{when} {said}"),
                Lang::En => format!("{when}: {said}"),
            }
        };
        Text {
            en: sentence(Lang::En),
            ja: sentence(Lang::Ja),
        }
    }
}

impl Iterator for Alerts<'_> {
    type Item = Alert;

    fn next(&mut self) -> Option<Alert> {
        if self.ready.len() == 0 && self.drafts.len() > 0 {
            self.fill();
        }
        self.ready.next()
    }
}

#[derive(Default)]
struct Told {
    key: Vec<(String, Option<String>)>,
    summary: Text,
    reasons: Vec<alert::ReasonLine>,
}

/// The value of a key field, which may stand in one of several: the one whose hash is the draft's.
fn value_of(fields: &[FieldRef], hash: u64, enriched: &mut Enriched<'_, '_>) -> Option<String> {
    let mut first = None;
    for field in fields {
        let Some(told) = told(field, enriched).map(str::to_owned) else {
            continue;
        };
        if fields.len() == 1 && !enriched.event().has_lists() {
            return Some(told);
        }
        let values = all_told(field, enriched);
        if let Some(found) = values.into_iter().find(|v| hash_value(v) == hash) {
            return Some(found.to_owned());
        }
        first.get_or_insert(told);
    }
    first
}
