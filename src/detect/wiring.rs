//! Which facts each rule needs: one stream of facts for each detection that somebody listens to.

use crate::diagnostic::Lang;
use crate::event::Field;
use crate::rule::{Comparison, Correlation, Detection, FieldRef, Measure, Meta, RuleSet, Within};
use crate::spill::Gate;

/// Buckets of the gates are at least this long, in nanoseconds: shorter ones would cost more to
/// keep than they save.
const SHORTEST_BUCKET: i64 = 3_600 * 1_000_000_000;

/// The facts of one detection: which values each carries.
#[derive(Clone, Debug)]
pub struct Stream {
    /// The detection, as an index into the rule set.
    pub detection: usize,
    /// The fields whose hashes each fact carries.
    pub columns: Vec<FieldRef>,
    /// What is counted for the correlations that listen.
    pub gates: Vec<Gate>,
}

impl Stream {
    /// The column of a field, added if need be.
    fn column(&mut self, field: &FieldRef) -> usize {
        match self.columns.iter().position(|c| c == field) {
            Some(at) => at,
            None => {
                self.columns.push(field.clone());
                self.columns.len() - 1
            }
        }
    }

    fn all(&mut self, fields: &[FieldRef]) -> Vec<usize> {
        fields.iter().map(|f| self.column(f)).collect()
    }
}

/// How a correlation reads one of its streams.
#[derive(Clone, Debug)]
pub(super) struct Use {
    pub(super) stream: usize,
    pub(super) group: Vec<usize>,
    pub(super) value: Vec<usize>,
    pub(super) tallies: Vec<usize>,
    pub(super) gate: usize,
    pub(super) columns: usize,
}

/// How a fold reads its stream.
#[derive(Clone, Debug)]
pub(super) struct FoldUse {
    pub(super) stream: usize,
    pub(super) key: Vec<usize>,
    pub(super) tallies: Vec<usize>,
    pub(super) columns: usize,
}

/// All streams and who reads them how.
#[derive(Clone, Debug, Default)]
pub struct Wiring {
    streams: Vec<Stream>,
    of_detection: Vec<Option<usize>>,
    folds: Vec<Option<FoldUse>>,
    uses: Vec<Vec<Use>>,
}

impl Wiring {
    /// Works out the streams of a rule set.
    pub fn new(rules: &RuleSet) -> Wiring {
        let mut wiring = Wiring {
            of_detection: vec![None; rules.detections.len()],
            folds: vec![None; rules.detections.len()],
            ..Wiring::default()
        };
        for (index, rule) in rules.detections.iter().enumerate() {
            if rule.reports {
                wiring.add_fold(index, rule);
            }
        }
        for rule in &rules.correlations {
            let uses = rule
                .rules
                .iter()
                .map(|&d| wiring.add_use(d, rule))
                .collect();
            wiring.uses.push(uses);
        }
        // Columns are complete only now.
        for part in wiring.uses.iter_mut().flatten() {
            part.columns = wiring.streams[part.stream].columns.len();
        }
        for part in wiring.folds.iter_mut().flatten() {
            part.columns = wiring.streams[part.stream].columns.len();
        }
        wiring
    }

    fn stream(&mut self, detection: usize) -> usize {
        *self.of_detection[detection].get_or_insert_with(|| {
            self.streams.push(Stream {
                detection,
                columns: Vec::new(),
                gates: Vec::new(),
            });
            self.streams.len() - 1
        })
    }

    fn add_fold(&mut self, index: usize, rule: &Detection) {
        let number = self.stream(index);
        let stream = &mut self.streams[number];
        let mut key = Vec::new();
        if let Some(fold) = &rule.fold {
            key = stream.all(&fold.by);
            if fold.within == Within::ClosedSpan {
                key.push(stream.column(&FieldRef::Known(Field::CalendarClosedSpan)));
            }
        }
        let tallies = stream.all(&tally_fields(&rule.meta));
        self.folds[index] = Some(FoldUse {
            stream: number,
            key,
            tallies,
            columns: 0,
        });
    }

    fn add_use(&mut self, detection: usize, rule: &Correlation) -> Use {
        let number = self.stream(detection);
        let stream = &mut self.streams[number];
        let group = stream.all(&rule.group_by);
        let value = match &rule.measure {
            Measure::EventCount => Vec::new(),
            Measure::ValueCount(fields) => stream.all(fields),
        };
        let tallies = stream.all(&tally_fields(&rule.meta));
        let gate = Gate {
            group: group.clone(),
            distinct: value.clone(),
            bucket: bucket(rule),
        };
        stream.gates.push(gate);
        let gate = stream.gates.len() - 1;
        Use {
            stream: number,
            group,
            value,
            tallies,
            gate,
            columns: 0,
        }
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

    pub(super) fn uses(&self, correlation: usize) -> &[Use] {
        &self.uses[correlation]
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

/// The smallest measure at which a condition can hold, or `None` when it can hold at any.
pub(super) fn least(condition: &[(Comparison, i64)]) -> Option<i64> {
    condition
        .iter()
        .filter_map(|(comparison, bound)| match comparison {
            Comparison::Gte | Comparison::Eq => Some(*bound),
            Comparison::Gt => Some(bound.saturating_add(1)),
            _ => None,
        })
        .max()
        .filter(|least| *least > 1)
}

/// True when the measure satisfies all comparisons.
pub(super) fn holds(condition: &[(Comparison, i64)], measure: i64) -> bool {
    condition
        .iter()
        .all(|&(comparison, bound)| match comparison {
            Comparison::Gt => measure > bound,
            Comparison::Gte => measure >= bound,
            Comparison::Lt => measure < bound,
            Comparison::Lte => measure <= bound,
            Comparison::Eq => measure == bound,
            Comparison::Neq => measure != bound,
        })
}
