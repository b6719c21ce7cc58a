//! Which facts each rule needs: one stream of facts for each detection that somebody listens to.

mod joins;

use crate::diagnostic::Lang;
use crate::event::Field;
use crate::register::Expectation;
use crate::rule::{
    Comparison, Correlation, Detection, FieldRef, Measure, Meta, Number, Observed, RuleIndex,
    RuleSet, Within,
};
use crate::spill::{Facts, Gate, Sheet, combine_all};

use super::draft::Draft;
use super::exact::decode_float;
use super::observe::Thinning;

pub(super) use joins::{Joins, Joint};

/// Buckets of the gates are at least this long, in nanoseconds: shorter ones would cost more to
/// keep than they save.
const SHORTEST_BUCKET: i64 = 3_600 * 1_000_000_000;

/// What a column of a stream holds of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The hash of its value.
    Value(FieldRef),
    /// The number it tells (see [`encode_number`](super::encode_number)).
    Number(FieldRef),
}

impl Column {
    /// The field.
    pub fn field(&self) -> &FieldRef {
        match self {
            Column::Value(field) | Column::Number(field) => field,
        }
    }

    /// The same of another field.
    fn of(&self, field: &FieldRef) -> Column {
        match self {
            Column::Value(_) => Column::Value(field.clone()),
            Column::Number(_) => Column::Number(field.clone()),
        }
    }
}

/// The facts of one detection: which values each carries.
#[derive(Clone, Debug)]
pub struct Stream {
    /// The detection, as an index into the rule set.
    pub detection: usize,
    /// What each fact carries.
    pub columns: Vec<Column>,
    /// What is counted for the correlations that listen.
    pub gates: Vec<Gate>,
    /// Which facts need not be kept.
    thinning: Option<Thinning>,
    /// True where a fact hangs on more of its input than the record it stands for.
    hangs_on_input: bool,
}

/// What an event tells of the input it stands in, not of itself: two inputs that tell the same
/// record may differ in it.
const OF_INPUT: [Field; 2] = [Field::TimeSteppedBack, Field::EventKind];

impl Stream {
    /// Takes out facts, which stand in the order of time, that change no alert. What is left hangs
    /// on the facts given, the alerts do not.
    pub fn thin(&self, facts: &mut Facts) {
        if let Some(thinning) = &self.thinning {
            let told = |at: usize| {
                let key = combine_all(facts.values(at), &thinning.key);
                (facts.row(at).time, key)
            };
            let stays = thinning.stays(facts.len(), told);
            facts.retain(&stays);
        }
    }

    /// The same of the stream's facts, which has this number, in a sheet.
    pub fn thin_listed(&self, sheet: &mut Sheet, number: usize) {
        if let Some(thinning) = &self.thinning {
            let stays = thinning.stays(sheet.len(number), |at| {
                let key = sheet.key(number, at, &thinning.key);
                (sheet.row(number, at).time, key)
            });
            sheet.retain(number, &stays);
        }
    }

    /// How facts are left out, if any are.
    pub fn thins(&self) -> Option<&(dyn std::fmt::Debug + 'static)> {
        self.thinning.as_ref().map(|t| t as &dyn std::fmt::Debug)
    }

    /// True where inputs that tell the same records tell the same facts, so that a fact that one of
    /// them tells alone is a record that it tells alone.
    pub fn shows_sharing(&self) -> bool {
        self.thinning.is_none() && !self.hangs_on_input
    }

    fn all(&mut self, columns: &[Column]) -> Vec<usize> {
        columns
            .iter()
            .map(|c| place_of(c, &mut self.columns))
            .collect()
    }
}

/// The place of a column, added if need be.
fn place_of(column: &Column, columns: &mut Vec<Column>) -> usize {
    match columns.iter().position(|c| c == column) {
        Some(at) => at,
        None => {
            columns.push(column.clone());
            columns.len() - 1
        }
    }
}

/// Which values of a row are what to a correlation.
#[derive(Clone, Debug, Default)]
pub(super) struct Picks {
    pub(super) group: Vec<usize>,
    /// What is measured, if a field is.
    pub(super) value: Vec<usize>,
    pub(super) tallies: Vec<usize>,
    /// What correlations that count this one need of its events.
    pub(super) carried: Vec<usize>,
}

/// How a correlation reads one of its streams.
#[derive(Clone, Debug)]
pub(super) struct Use {
    pub(super) stream: usize,
    /// The place of the detection in the correlation's rules.
    pub(super) rule: usize,
    pub(super) picks: Picks,
    /// The gate that counts for the correlation; meaningless where none does.
    pub(super) gate: usize,
    pub(super) columns: usize,
}

/// How a correlation reads the alerts of another.
#[derive(Clone, Debug)]
pub(super) struct InnerUse {
    pub(super) correlation: usize,
    /// The place of that correlation in this one's rules.
    pub(super) rule: usize,
    /// Over what the inner one hands on.
    pub(super) picks: Picks,
}

/// How a fold reads its stream.
#[derive(Clone, Debug)]
pub(super) struct FoldUse {
    pub(super) stream: usize,
    pub(super) key: Vec<usize>,
    pub(super) tallies: Vec<usize>,
    /// What an observation compares, counts or follows, if a field is.
    pub(super) value: Option<usize>,
    /// By how much time stepped back, where the rule asks for that.
    pub(super) stepped: Option<usize>,
    /// Whose like an observation compares with.
    pub(super) peers: Option<usize>,
    pub(super) columns: usize,
}

impl FoldUse {
    /// An alert without facts yet that begins with a fact of these values.
    pub(super) fn draft(&self, values: &[u64], keep: usize) -> Draft {
        let key = self.key.iter().map(|&c| values[c]).collect();
        let mut draft = Draft::new(key, self.tallies.len(), keep);
        let stepped = self.stepped.map(|c| values[c]).filter(|code| *code != 0);
        draft.stepped = stepped.map(decode_float);
        draft
    }
}

/// All that one correlation reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Reads {
    pub(super) uses: Vec<Use>,
    /// Where its events are joined with leases.
    pub(super) joins: Option<Joins>,
    pub(super) inner: Vec<InnerUse>,
    /// What it hands on: the columns of its alerts for those that count them.
    handed_on: Vec<Column>,
    /// How deeply it is nested: 1 when it counts detections alone.
    pub(super) depth: u16,
}

/// All streams and who reads them how.
#[derive(Clone, Debug, Default)]
pub struct Wiring {
    streams: Vec<Stream>,
    of_detection: Vec<Option<usize>>,
    folds: Vec<Option<FoldUse>>,
    reads: Vec<Reads>,
}

impl Wiring {
    /// Works out the streams of a rule set.
    pub fn new(rules: &RuleSet) -> Wiring {
        let mut wiring = Wiring {
            of_detection: vec![None; rules.detections.len()],
            folds: vec![None; rules.detections.len()],
            reads: vec![Reads::default(); rules.correlations.len()],
            ..Wiring::default()
        };
        for (index, rule) in rules.detections.iter().enumerate() {
            if rule.reports {
                wiring.add_fold(index, rule);
            }
        }
        wiring.hand_on(rules);
        for (index, rule) in rules.correlations.iter().enumerate() {
            wiring.add_correlation(index, rule);
        }
        for (index, rule) in rules.correlations.iter().enumerate() {
            if let Some(as_of) = &rule.as_of {
                wiring.add_joins(index, (rule, as_of));
            }
        }
        // Columns are complete only now.
        for part in wiring.reads.iter_mut().flat_map(|r| &mut r.uses) {
            part.columns = wiring.streams[part.stream].columns.len();
        }
        for joins in wiring.reads.iter_mut().flat_map(|r| &mut r.joins) {
            for part in &mut joins.leases {
                part.columns = wiring.streams[part.stream].columns.len();
            }
        }
        wiring.thin_presence(rules);
        for stream in &mut wiring.streams {
            let needs = rules.detections[stream.detection].needs;
            stream.hangs_on_input = OF_INPUT.iter().any(|field| needs.contains(*field));
        }
        for part in wiring.folds.iter_mut().flatten() {
            part.columns = wiring.streams[part.stream].columns.len();
        }
        wiring
    }

    /// Works out how deep each correlation lies and what each hands on, the outermost first: what
    /// an outer one needs goes down through all it counts.
    fn hand_on(&mut self, rules: &RuleSet) {
        let mut order: Vec<usize> = Vec::new();
        while order.len() < rules.correlations.len() {
            let before = order.len();
            for (at, rule) in rules.correlations.iter().enumerate() {
                let inner = inner_of(rule);
                if !order.contains(&at) && inner.iter().all(|i| order.contains(i)) {
                    let deepest = inner.iter().map(|i| self.reads[*i].depth).max();
                    self.reads[at].depth = deepest.unwrap_or(0).saturating_add(1);
                    order.push(at);
                }
            }
            // A ring is refused when rules are read.
            if order.len() == before {
                break;
            }
        }
        for at in order.into_iter().rev() {
            let rule = &rules.correlations[at];
            let mut needed = own_columns(rule).concat();
            needed.extend(self.reads[at].handed_on.clone());
            for inner in inner_of(rule) {
                let index = RuleIndex::Correlation(inner);
                for column in &needed {
                    let of_inner = column.of(rule.field_of(index, column.field()));
                    place_of(&of_inner, &mut self.reads[inner].handed_on);
                }
            }
        }
    }

    fn stream(&mut self, detection: usize) -> usize {
        *self.of_detection[detection].get_or_insert_with(|| {
            self.streams.push(Stream {
                detection,
                columns: Vec::new(),
                gates: Vec::new(),
                thinning: None,
                hangs_on_input: false,
            });
            self.streams.len() - 1
        })
    }

    fn add_fold(&mut self, index: usize, rule: &Detection) {
        let number = self.stream(index);
        let stream = &mut self.streams[number];
        let mut key = Vec::new();
        if let Some(fold) = &rule.fold {
            key = stream.all(&values_of(&fold.by));
            if fold.within == Within::ClosedSpan {
                let span = FieldRef::Known(Field::CalendarClosedSpan);
                key.extend(stream.all(&values_of(&[span])));
            }
        }
        let (mut value, mut peers) = (None, None);
        if let Some(observe) = &rule.observe {
            key = stream.all(&values_of(&observe.of));
            let mut one = |column: Column| Some(place_of(&column, &mut stream.columns));
            (value, peers) = match &observe.kind {
                Observed::NewValue(new) => (one(Column::Value(new.value.clone())), None),
                Observed::Baseline(usual) => {
                    let count = usual.count.clone().map(Column::Value);
                    let peers = usual.peers.clone().map(Column::Value);
                    (count.and_then(&mut one), peers.and_then(&mut one))
                }
                Observed::SequenceGap(s) => (one(Column::Number(s.number.clone())), None),
                Observed::Walk(walk) => (one(Column::Number(walk.number.clone())), None),
                Observed::Silence(_) | Observed::Unheard => (None, None),
            };
            let shortest = match &observe.kind {
                Observed::Silence(silence) => Some(silence.longer_than),
                Observed::Unheard => Some(Expectation::SHORTEST),
                _ => None,
            };
            stream.thinning = shortest.map(|within| Thinning {
                key: key.clone(),
                within,
            });
        }
        let steps = rule.needs.contains(Field::TimeSteppedBack);
        let stepped = steps.then(|| {
            let seconds = FieldRef::Known(Field::TimeSteppedBack);
            place_of(&Column::Number(seconds), &mut stream.columns)
        });
        let tallies = stream.all(&values_of(&tally_fields(&rule.meta)));
        self.folds[index] = Some(FoldUse {
            stream: number,
            key,
            tallies,
            value,
            stepped,
            peers,
            columns: 0,
        });
    }

    fn add_correlation(&mut self, index: usize, rule: &Correlation) {
        let handed_on = self.reads[index].handed_on.clone();
        for (place, listed) in rule.rules.iter().enumerate() {
            let own = |columns: &[Column]| -> Vec<Column> {
                let renamed = columns
                    .iter()
                    .map(|c| c.of(rule.field_of(*listed, c.field())));
                renamed.collect()
            };
            let [group, value, tallies] = own_columns(rule).map(|columns| own(&columns));
            let columns = [group, value, tallies, own(&handed_on)];
            match *listed {
                RuleIndex::Detection(detection) => {
                    let number = self.stream(detection);
                    let picks = pick(columns, &mut self.streams[number].columns);
                    let gate = self.add_gate(number, rule, &picks);
                    self.reads[index].uses.push(Use {
                        stream: number,
                        rule: place,
                        picks,
                        gate,
                        columns: 0,
                    });
                }
                RuleIndex::Correlation(inner) => {
                    let picks = pick(columns, &mut self.reads[inner].handed_on);
                    self.reads[index].inner.push(InnerUse {
                        correlation: inner,
                        rule: place,
                        picks,
                    });
                }
            }
        }
    }

    /// The number of the correlation's gate; correlations that count alike share one.
    fn add_gate(&mut self, stream: usize, rule: &Correlation, picks: &Picks) -> usize {
        let gates = &mut self.streams[stream].gates;
        if least(rule).is_none() {
            return gates.len().saturating_sub(1);
        }
        let gate = Gate {
            group: picks.group.clone(),
            distinct: picks.value.clone(),
            bucket: bucket(rule),
        };
        gates.iter().position(|g| *g == gate).unwrap_or_else(|| {
            gates.push(gate);
            gates.len() - 1
        })
    }

    /// How many values the facts of each stream carry.
    pub fn columns(&self) -> Vec<usize> {
        self.streams.iter().map(|s| s.columns.len()).collect()
    }

    /// All streams; their places are the stream numbers.
    pub fn streams(&self) -> &[Stream] {
        &self.streams
    }

    /// The stream of a detection, if anybody listens to it.
    pub fn stream_of(&self, detection: usize) -> Option<usize> {
        self.of_detection[detection]
    }

    pub(super) fn reported(&self, detection: usize) -> Option<&FoldUse> {
        self.folds[detection].as_ref()
    }

    pub(super) fn gates(&self, part: &Use) -> &[Gate] {
        &self.streams[part.stream].gates
    }

    pub(super) fn reads(&self, correlation: usize) -> &Reads {
        &self.reads[correlation]
    }

    /// How deeply the deepest correlation is nested.
    pub(super) fn depth(&self) -> u16 {
        self.reads.iter().map(|r| r.depth).max().unwrap_or(0)
    }
}

/// The correlations that a correlation counts.
fn inner_of(rule: &Correlation) -> Vec<usize> {
    let inner = rule.rules.iter().filter_map(|r| match r {
        RuleIndex::Correlation(at) => Some(*at),
        RuleIndex::Detection(_) => None,
    });
    inner.collect()
}

fn values_of(fields: &[FieldRef]) -> Vec<Column> {
    fields.iter().cloned().map(Column::Value).collect()
}

/// What a correlation reads itself: its group, what it measures, what its sentence counts.
fn own_columns(rule: &Correlation) -> [Vec<Column>; 3] {
    let measured = rule.measure.fields().iter().cloned();
    let measured = match rule.measure.is_numeric() {
        true => measured.map(Column::Number).collect(),
        false => measured.map(Column::Value).collect(),
    };
    let tallies = values_of(&tally_fields(&rule.meta));
    [values_of(&rule.group_by), measured, tallies]
}

/// Finds columns in a row, adding those that are not there.
fn pick([group, value, tallies, carried]: [Vec<Column>; 4], row: &mut Vec<Column>) -> Picks {
    let mut places =
        |columns: Vec<Column>| -> Vec<usize> { columns.iter().map(|c| place_of(c, row)).collect() };
    Picks {
        group: places(group),
        value: places(value),
        tallies: places(tallies),
        carried: places(carried),
    }
}

/// The fields that a rule's sentence counts (`{count:patient.id}`), in the order of their names.
pub fn tally_fields(meta: &Meta) -> Vec<FieldRef> {
    let mut names: Vec<&str> = Vec::new();
    if let Some(say) = &meta.say {
        for text in [say.get(Lang::En), say.get(Lang::Ja)] {
            for part in text.split("{count:").skip(1) {
                names.extend(part.split('}').next());
            }
        }
    }
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .map(|name| match Field::from_name(name) {
            Some(field) => FieldRef::Known(field),
            None => FieldRef::Other(name.into()),
        })
        .collect()
}

/// Length of the buckets in which a correlation's gate counts.
pub(super) fn bucket(rule: &Correlation) -> i64 {
    rule.timespan.max(SHORTEST_BUCKET)
}

/// The smallest count at which a correlation can speak, where its gate may rule keys out: it
/// counts events or values of detections alone, and needs more than one.
pub(super) fn least(rule: &Correlation) -> Option<u64> {
    // What a lease tells of an event is not known where gates count.
    let counted = inner_of(rule).is_empty() && counts(rule) && rule.as_of.is_none();
    counted.then(|| lower_bound(rule)).flatten()
}

/// True when the condition can hold at two or more only: of what is counted, or of the rules that
/// must match.
pub(super) fn needs_several(rule: &Correlation) -> bool {
    if !rule.measure.is_temporal() {
        return counts(rule) && lower_bound(rule).is_some();
    }
    match &rule.expression {
        Some(worded) => worded.alternatives.iter().all(|way| way.needs.len() > 1),
        None => rule.condition.is_empty() && rule.rules.len() > 1,
    }
}

fn counts(rule: &Correlation) -> bool {
    matches!(rule.measure, Measure::EventCount | Measure::ValueCount(_))
}

/// The smallest count at which a condition can hold, when it is more than one.
fn lower_bound(rule: &Correlation) -> Option<u64> {
    let bound = |(comparison, bound): &(Comparison, Number)| match comparison {
        Comparison::Gte | Comparison::Eq => bound.whole(),
        Comparison::Gt => Some(bound.whole()?.saturating_add(1)),
        _ => None,
    };
    let least = rule.condition.iter().filter_map(bound).max()?;
    u64::try_from(least).ok().filter(|least| *least > 1)
}
