//! Judging one event: tries the rules that could match it and keeps what remains of a match.
//!
//! Takes an event with its time and place; adds facts and counts. Never looks at another event.

use std::hash::BuildHasher;

use bumpalo::Bump;
use foldhash::fast::FixedState;

use crate::detect::{Column, Wiring, encode_number};
use crate::enrich::{Enriched, Memo};
use crate::event::{Event, Field, FieldSet, Instant};
use crate::rule::{Candidates, Detection, Explanation, FieldRef, Sieve, slot};
use crate::spill::{Block, Fact, Packer, Sheet};
use crate::text::fold_identity;

use super::Plan;
use super::collect::RuleCount;
use super::habit::Habits;

/// Most combinations of values taken from one event whose fields are lists.
const COMBINATIONS: usize = 64;

const HASH: FixedState = FixedState::with_seed(0x796f_6d61_7761_7269);

/// Hash of a value, never 0.
#[inline]
pub(super) fn hash_value(value: &str) -> u64 {
    HASH.hash_one(value).max(1)
}

/// Where a record stands within its segment.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// Offset from the beginning of the segment; negative before it.
    pub(super) offset: i64,
    /// Line breaks from the beginning of the segment; negative before it.
    pub(super) line: i32,
    /// Bytes of the record.
    pub(super) length: u32,
}

/// The record whose events are judged.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RecordAt<'r> {
    pub(super) segment: u32,
    pub(super) place: Place,
    pub(super) text: &'r str,
    /// Hash of the folded text, once it was asked for.
    pub(super) identity: Option<u64>,
    /// True when folding leaves the text of the whole segment as it is.
    pub(super) is_folded: bool,
}

impl RecordAt<'_> {
    /// The hash of the record's folded text that something else makes of it.
    #[inline]
    pub(super) fn hashed_by(&self, hash: impl Fn(&str) -> u64) -> u64 {
        match self.is_folded {
            true => hash(self.text),
            false => hash(&fold_identity(self.text)),
        }
    }

    /// Hash of the record's folded text.
    #[inline]
    pub(super) fn identity(&mut self) -> u64 {
        if self.identity.is_none() {
            self.identity = Some(self.hashed_by(hash_value));
        }
        self.identity.unwrap_or_default()
    }
}

/// Judges the events of one segment.
pub(super) struct Judging<'x, 'r> {
    pub(super) plan: Plan<'r>,
    memo: Memo<'r>,
    sieve: Sieve,
    sheet: &'x mut Sheet,
    /// What was judged of others alike, where that is remembered.
    habits: Option<&'x mut Habits>,
    counts: Vec<RuleCount>,
    hashes: Hashes,
    /// For each detection what becomes of its matches.
    ways: Vec<Way<'r>>,
}

/// What becomes of a match of a detection.
struct Way<'r> {
    /// True where every match is worth a fact.
    counts_all: bool,
    /// True where it is followed over time, which needs times to be trusted.
    is_observed: bool,
    /// Number and columns of the stream of those who listen.
    stream: Option<(usize, &'r [Column])>,
    /// The fields whose hashes the columns keep, one a column; `None` where some column keeps
    /// something else.
    fields: Option<(Vec<Field>, FieldSet)>,
}

impl<'r> Way<'r> {
    fn new(index: usize, plan: Plan<'r>, wiring: &'r Wiring) -> Way<'r> {
        let rule = &plan.rules.detections[index];
        let stream = wiring.stream_of(index);
        let stream = stream.map(|number| (number, wiring.streams()[number].columns.as_slice()));
        let field = |column: &Column| match column {
            Column::Value(FieldRef::Known(field)) => Some(*field),
            _ => None,
        };
        let columns = stream.map_or(&[][..], |(_, columns)| columns);
        let fields: Option<Vec<Field>> = columns.iter().map(field).collect();
        Way {
            counts_all: rule.explained_by.is_empty()
                && !(plan.assumed && rule.when_assumed.is_some()),
            is_observed: rule.observe.is_some(),
            stream,
            fields: fields.map(|fields| {
                let set = FieldSet::of(&fields);
                (fields, set)
            }),
        }
    }
}

/// Hashes of the values of the event at hand: several rules keep the same ones.
pub(super) struct Hashes {
    known: FieldSet,
    of: [u64; Field::ALL.len()],
    /// Those of which the number on the sheet is known, too.
    numbered: FieldSet,
    numbers: [u32; Field::ALL.len()],
    /// Room for the numbers of a fact.
    row: Vec<u32>,
}

impl Hashes {
    /// Notes hashes that are known, with their numbers on the sheet.
    #[inline]
    pub(super) fn note(&mut self, (fields, set): (&[Field], FieldSet), told: &[(u64, u32)]) {
        for (field, (hash, number)) in fields.iter().zip(told) {
            self.of[*field as usize] = *hash;
            self.numbers[*field as usize] = *number;
        }
        self.known = self.known.union(set);
        self.numbered = self.numbered.union(set);
    }

    /// The hash of a field's only value, 0 when it is absent.
    #[inline]
    pub(super) fn of(&mut self, field: Field, enriched: &mut Enriched<'_, '_>) -> u64 {
        if !self.known.contains(field) {
            self.of[field as usize] = enriched.get(field).map_or(0, hash_value);
            self.known.insert(field);
        }
        self.of[field as usize]
    }

    /// The number of a field's only value on the sheet.
    #[inline]
    pub(super) fn number(
        &mut self,
        field: Field,
        (enriched, sheet): (&mut Enriched<'_, '_>, &mut Sheet),
    ) -> u32 {
        self.number_all(FieldSet::of(&[field]), (enriched, sheet));
        self.numbers[field as usize]
    }

    /// Looks up the numbers of these fields that are not known yet.
    #[inline]
    fn number_all(
        &mut self,
        fields: FieldSet,
        (enriched, sheet): (&mut Enriched<'_, '_>, &mut Sheet),
    ) {
        let missing = fields.without(self.numbered);
        if missing.is_empty() {
            return;
        }
        for field in missing.iter() {
            self.numbers[field as usize] = sheet.number(self.of(field, enriched));
        }
        self.numbered = self.numbered.union(missing);
    }

    /// Knows nothing of the next event yet.
    #[inline]
    fn forget(&mut self) {
        self.known = FieldSet::EMPTY;
        self.numbered = FieldSet::EMPTY;
    }
}

impl<'x, 'r> Judging<'x, 'r> {
    /// The streams of the sheet are those of `wiring`, in their order.
    pub(super) fn new(
        plan: Plan<'r>,
        wiring: &'r Wiring,
        (sheet, habits): (&'x mut Sheet, Option<&'x mut Habits>),
        arena: &'r Bump,
    ) -> Self {
        let detections = plan.rules.detections.len();
        let ways = (0..detections).map(|index| Way::new(index, plan, wiring));
        Judging {
            ways: ways.collect(),
            plan,
            memo: Memo::new(plan.house, arena),
            sieve: plan.rules.sieve(),
            sheet,
            habits,
            counts: vec![RuleCount::default(); detections],
            hashes: Hashes {
                known: FieldSet::EMPTY,
                of: [0; Field::ALL.len()],
                numbered: FieldSet::EMPTY,
                numbers: [0; Field::ALL.len()],
                row: Vec::new(),
            },
        }
    }

    pub(super) fn into_counts(self) -> Vec<RuleCount> {
        self.counts
    }

    /// An event with what can be derived from it.
    pub(super) fn enrich<'e>(&'e mut self, event: &'e mut Event<'r>) -> Enriched<'e, 'r> {
        Enriched::new(event, self.plan.house, &mut self.memo)
    }

    #[inline]
    pub(super) fn judge(
        &mut self,
        event: &mut Event<'r>,
        time: Instant,
        record: &mut RecordAt<'r>,
    ) {
        let rules = self.plan.rules;
        let (action, outcome) = (event.action(), event.outcome());
        let candidates = rules.candidates(action, outcome);
        if candidates.is_empty() {
            return;
        }
        let log_sources = event.log_sources();
        let mut enriched = Enriched::new(event, self.plan.house, &mut self.memo);
        self.hashes.forget();
        let mut keeping = Keeping {
            at: (self.plan, time),
            ways: &self.ways,
            sheet: self.sheet,
            head: None,
            counts: &mut self.counts,
            hashes: &mut self.hashes,
        };
        if let (Candidates::Few(few), Some(habits)) = (&candidates, &mut self.habits) {
            let asking = (&mut enriched, &mut *keeping.hashes, &mut *keeping.sheet);
            let place = (slot(action, outcome), *few);
            if let Some(left) = habits.left(place, (self.plan, time), asking) {
                for (candidate, matches) in few.left_of(left, &mut enriched) {
                    if matches || candidate.matches(rules, &mut enriched) {
                        keeping.keep(candidate.rule, &mut enriched, record);
                    }
                }
                return;
            }
        }
        for candidate in candidates.called_up(log_sources, &mut enriched, &mut self.sieve) {
            if candidate.matches(rules, &mut enriched) {
                keeping.keep(candidate.rule, &mut enriched, record);
            }
        }
    }
}

/// Where matches of one event go.
struct Keeping<'k, 'r> {
    at: (Plan<'r>, Instant),
    ways: &'k [Way<'r>],
    sheet: &'k mut Sheet,
    /// What is known of the record, once it stands on the sheet.
    head: Option<u32>,
    counts: &'k mut [RuleCount],
    hashes: &'k mut Hashes,
}

impl<'r> Keeping<'_, 'r> {
    /// Counts the match of a rule and keeps its fact, if it is worth one.
    #[inline]
    fn keep(&mut self, index: usize, enriched: &mut Enriched<'_, 'r>, record: &mut RecordAt<'r>) {
        let (plan, time) = self.at;
        let (way, count) = (&self.ways[index], &mut self.counts[index]);
        if way.counts_all {
            count.matches += u64::from(enriched.event().repeat());
        } else if !counted(&plan.rules.detections[index], enriched, (plan, time), count) {
            return;
        }
        let Some((stream, columns)) = way.stream else {
            return;
        };
        if way.is_observed && is_untrusted(enriched) {
            return;
        }
        let head = match self.head {
            Some(head) => head,
            None => self.put_head(enriched, record),
        };
        let (sheet, hashes) = (&mut *self.sheet, &mut *self.hashes);
        if enriched.event().has_lists() {
            for values in combinations(columns, enriched) {
                sheet.push_values(stream, head, &values);
            }
            return;
        }
        if let Some((fields, set)) = &way.fields {
            hashes.number_all(*set, (enriched, sheet));
            let numbers = fields.iter().map(|field| hashes.numbers[*field as usize]);
            return sheet.push(stream, head, numbers);
        }
        let mut row = std::mem::take(&mut hashes.row);
        row.clear();
        row.extend(columns.iter().map(|column| match column {
            Column::Value(FieldRef::Known(field)) => hashes.number(*field, (enriched, sheet)),
            _ => sheet.number(told(column.field(), enriched).map_or(0, |text| held(column, text))),
        }));
        sheet.push(stream, head, row.iter().copied());
        hashes.row = row;
    }

    /// Puts what is known of the record on the sheet.
    fn put_head(&mut self, enriched: &Enriched<'_, 'r>, record: &mut RecordAt<'r>) -> u32 {
        let head = self.sheet.head(Fact {
            time: self.at.1.nanos,
            identity: record.identity(),
            segment: record.segment,
            length: record.place.length,
            weight: enriched.event().repeat(),
            line: record.place.line,
            offset: record.place.offset,
        });
        *self.head.insert(head)
    }
}

/// True when the record's clock is not to be trusted: what is observed over time needs times.
fn is_untrusted(enriched: &Enriched<'_, '_>) -> bool {
    enriched.event().get(Field::TimeTrusted) == Some("false")
}

/// Puts the facts of all streams in the order of time and leaves out those that change nothing.
pub(super) fn settle(sheet: &mut Sheet, wiring: &Wiring) {
    sheet.sort_by_time();
    for (number, stream) in wiring.streams().iter().enumerate() {
        stream.thin_listed(sheet, number);
    }
}

/// Packs the facts of all streams, which were settled, into blocks, each with the number of its
/// stream, and empties the sheet.
pub(super) fn pack(packer: &mut Packer, sheet: &mut Sheet, wiring: &Wiring) -> Vec<(usize, Block)> {
    let mut blocks: Vec<(usize, Block)> = Vec::new();
    for (number, stream) in wiring.streams().iter().enumerate() {
        if sheet.len(number) == 0 {
            continue;
        }
        // Several streams often keep the same records, each with other values.
        let alike = |(other, _): &&(usize, Block)| sheet.are_of_same_records(*other, number);
        let beside = blocks.iter().find(alike).map(|(_, block)| block);
        let block = packer.pack_listed((sheet, number), &stream.gates, beside);
        blocks.push((number, block));
    }
    sheet.clear();
    blocks
}

/// Counts a match; false when it is explained or, with assumed hours, not worth reporting.
fn counted(
    rule: &Detection,
    enriched: &mut Enriched<'_, '_>,
    (plan, time): (Plan<'_>, Instant),
    count: &mut RuleCount,
) -> bool {
    let events = u64::from(enriched.event().repeat());
    count.matches += events;
    if is_explained(&rule.explained_by, enriched) {
        count.explained += events;
        return false;
    }
    if plan.assumed
        && let Some(assumed) = &rule.when_assumed
        && enriched.get(Field::CalendarBand) != Some(&*assumed.only_band)
    {
        // A night belongs to the day on which it began; noon parts two nights.
        let night = (time.local_seconds() - 43_200).div_euclid(86_400);
        *count.quiet.entry(night).or_default() += events;
        return false;
    }
    true
}

/// True when a roster or a declaration explains a match of the event.
pub(super) fn is_explained(by: &[Explanation], enriched: &mut Enriched<'_, '_>) -> bool {
    by.iter().any(|by| match by {
        Explanation::Roster => enriched.get(Field::RosterOnDuty) == Some("true"),
        Explanation::Declaration => enriched.get(Field::Declared).is_some_and(|_| {
            let mut kinds = enriched.event().values(Field::Declared);
            kinds.any(|kind| matches!(kind, "overtime" | "emergency" | "drill" | "maintenance"))
        }),
    })
}

/// What a column holds of a value; 0 where it holds nothing.
#[inline]
fn held(column: &Column, value: &str) -> u64 {
    match column {
        Column::Value(_) => hash_value(value),
        Column::Number(_) => encode_number(value),
    }
}

/// The (first) value of a field; of a mapped one as [`FieldRef::value`] has it.
#[inline]
pub(super) fn told<'r>(field: &FieldRef, enriched: &mut Enriched<'_, 'r>) -> Option<&'r str> {
    match field {
        FieldRef::Known(field) => enriched.get(*field),
        FieldRef::Other(name) => enriched.event().extra(name).next(),
        FieldRef::Mapped(name, fields) => {
            let own = enriched.event().extra(name).next();
            own.or_else(|| fields.iter().find_map(|field| enriched.get(*field)))
        }
    }
}

/// All values of a field.
pub(super) fn all_told<'r>(field: &FieldRef, enriched: &mut Enriched<'_, 'r>) -> Vec<&'r str> {
    let own: Vec<&str> = enriched.event().extra(field.name()).collect();
    if !own.is_empty() && !matches!(field, FieldRef::Known(_)) {
        return own;
    }
    let told = field.fields().iter().find(|f| enriched.get(**f).is_some());
    told.map_or_else(Vec::new, |f| enriched.event().values(*f).collect())
}

/// All combinations of the values of list fields, the first values first.
fn combinations(columns: &[Column], enriched: &mut Enriched<'_, '_>) -> Vec<Vec<u64>> {
    let mut all: Vec<Vec<u64>> = vec![Vec::new()];
    for column in columns {
        let told = all_told(column.field(), enriched).into_iter();
        let mut values: Vec<u64> = told.map(|text| held(column, text)).collect();
        values.retain(|value| *value != 0);
        if values.is_empty() {
            values.push(0);
        }
        all = all
            .iter()
            .flat_map(|row| values.iter().map(move |v| [row.as_slice(), &[*v]].concat()))
            .take(COMBINATIONS)
            .collect();
    }
    all
}
