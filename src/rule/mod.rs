//! The rules: Sigma YAML in, checked rules out, with their matchers and their tests as data.
//!
//! Takes rule files; gives a `RuleSet` in which every field name is resolved and every pattern
//! compiled, or complaints with file:line:column. Never holds running state, never sees an event
//! other than the one it is asked about.

mod as_of;
mod catalogue;
mod embedded;
#[cfg(test)]
mod facts;
mod filter;
mod in_words;
mod index;
#[cfg(test)]
pub(crate) mod literal;
mod matcher;
mod number;
mod observe;
mod read;
#[cfg(test)]
mod rehearsal;
mod require;
mod resolve;
#[cfg(test)]
mod samples;
mod set;
mod source;
mod standing;
mod taxonomy;
mod titles;
#[cfg(test)]
mod twin;
mod veto;
mod written;

use crate::alert::Level;
use crate::diagnostic::{Place, Text};
use crate::event::{Field, FieldSet, LogSources};

pub use crate::event::Fields;
pub use as_of::{AsOf, Asks};
pub use catalogue::catalogue;
pub use in_words::in_words;
pub use index::{Kept, Sieve};
pub use matcher::{Explained, ExplainedItem, ExplainedSelection, Matcher};
pub use number::Number;
pub use observe::{
    Baseline, Counted, Irregularity, NewValue, Novelty, Observe, Observed, Per, SequenceGap,
    Silence, Walk, observe_in_words,
};
pub use read::{Heading, Lint, Placeholders, Terms};
pub use require::Requirement;
pub use set::{CalledUp, Candidate, Candidates, Few, Left, Many, RuleSet, slot};
pub use source::StatedSource;
pub use standing::{Scope, Side, Standing, Told, recurring, tell_who_or_where};
pub use titles::Titles;
pub use written::WrittenEvent;

/// A field as a rule names it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum FieldRef {
    /// In the field table.
    Known(Field),
    /// Under its own name.
    Other(Box<str>),
    /// A name of the Sigma taxonomy on a log source it fits: the log's own value of that name,
    /// and where it has none the first of these fields that has a value.
    Mapped(Box<str>, &'static [Field]),
}

impl FieldRef {
    /// The dotted name.
    pub fn name(&self) -> &str {
        match self {
            FieldRef::Known(field) => field.name(),
            FieldRef::Other(name) | FieldRef::Mapped(name, _) => name,
        }
    }

    /// The fields of the table it may be read from, in order.
    pub fn fields(&self) -> &[Field] {
        match self {
            FieldRef::Known(field) => std::slice::from_ref(field),
            FieldRef::Other(_) => &[],
            FieldRef::Mapped(_, fields) => fields,
        }
    }
}

/// What both kinds of rule carry.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// UUID; the name where a rule states none.
    pub id: String,
    /// Short name: what people type; the file's name where a rule states none.
    pub name: String,
    /// Title.
    pub title: String,
    /// Level; medium where a rule states none.
    pub level: Level,
    /// Sigma status word, empty if not stated.
    pub status: String,
    /// Description, empty if not stated.
    pub description: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Author, kept with every alert.
    pub author: Option<String>,
    /// False positives to expect.
    pub falsepositives: Vec<String>,
    /// Clauses of the guideline (`mhlw-6.0/ops/17-1`).
    pub clauses: Vec<String>,
    /// The sentence of an alert, with `{field}`, `{count}` (events), `{count:field}` (different
    /// values) and, in correlations and observations, `{value}` (what was measured) in it; all are
    /// checked.
    pub say: Option<Text>,
    /// What to do.
    pub respond: Text,
    /// Where the rule stands.
    pub place: Place,
    /// The rule's own tests.
    pub tests: Vec<RuleTest>,
}

/// What can explain a match, so that it is counted instead of reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Explanation {
    /// `roster.on_duty` is true.
    Roster,
    /// `declared` is overtime, emergency, drill or maintenance.
    Declaration,
}

/// Which matches become one alert.
#[derive(Clone, Debug, PartialEq)]
pub struct Fold {
    /// Key fields; an absent one is a value of its own (記録なし).
    pub by: Vec<FieldRef>,
    /// The stretch of time.
    pub within: Within,
}

/// The stretch of time within which matches of one key are one alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// The closed stretch of the calendar the match falls in.
    ClosedSpan,
    /// The local day of the site.
    Day,
    /// Until so many nanoseconds pass without a match.
    Gap(i64),
}

/// What a rule does while the business hours are only assumed.
#[derive(Clone, Debug, PartialEq)]
pub struct WhenAssumed {
    /// Level instead of the rule's own.
    pub level: Level,
    /// The band (`calendar.band`) a match must have to be reported; others are counted.
    pub only_band: String,
}

/// A detection rule.
#[derive(Debug)]
pub struct Detection {
    /// Names, words, tests.
    pub meta: Meta,
    /// The log source it states.
    pub source: StatedSource,
    /// Log sources it is tried on; everything when the set is [`LogSources::NONE`].
    pub log_sources: LogSources,
    /// False when it states a log source that no format of ours gives: it is loaded, but never
    /// asked.
    pub reachable: bool,
    /// The condition.
    pub matcher: Matcher,
    /// How matches are folded; each match is an alert of its own without.
    pub fold: Option<Fold>,
    /// What is observed of its matches over time, instead of reporting them.
    pub observe: Option<Observe>,
    /// What explains a match.
    pub explained_by: Vec<Explanation>,
    /// What changes while the business hours are only assumed.
    pub when_assumed: Option<WhenAssumed>,
    /// False when the rule only feeds correlations that do not `generate`.
    pub reports: bool,
    /// True when a correlation counts it.
    pub feeds: bool,
    /// What it needs to speak (`devices`, `networks.guest`); silent without, and the list of
    /// rules and the ledger say so.
    pub requires: Vec<Requirement>,
    /// True when the house has not what it needs: it is never asked.
    pub silent: bool,
    /// Fields its condition reads.
    pub needs: FieldSet,
}

/// A rule of a set, as an index into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleIndex {
    /// In [`RuleSet::correlations`].
    Correlation(usize),
    /// In [`RuleSet::detections`].
    Detection(usize),
}

/// How a correlation measures what lies in its window.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// Number of events.
    EventCount,
    /// Number of different values of these fields (combinations).
    ValueCount(Vec<FieldRef>),
    /// Number of different rules that matched.
    Temporal,
    /// Number of rules that matched in the order in which they are listed.
    TemporalOrdered,
    /// Sum of a numeric field.
    ValueSum(FieldRef),
    /// Mean of a numeric field.
    ValueAverage(FieldRef),
    /// Median of a numeric field, the mean of the middle two of an even number.
    ValueMedian(FieldRef),
    /// A percentile of a numeric field, linear between ranks (reference: Sigma, G11).
    ValuePercentile(FieldRef, Number),
}

impl Measure {
    /// The fields it reads of each event.
    pub fn fields(&self) -> &[FieldRef] {
        match self {
            Measure::EventCount | Measure::Temporal | Measure::TemporalOrdered => &[],
            Measure::ValueCount(fields) => fields,
            Measure::ValueSum(field)
            | Measure::ValueAverage(field)
            | Measure::ValueMedian(field)
            | Measure::ValuePercentile(field, _) => std::slice::from_ref(field),
        }
    }

    /// The same, to be given other names.
    fn fields_mut(&mut self) -> &mut [FieldRef] {
        match self {
            Measure::EventCount | Measure::Temporal | Measure::TemporalOrdered => &mut [],
            Measure::ValueCount(fields) => fields,
            Measure::ValueSum(field)
            | Measure::ValueAverage(field)
            | Measure::ValueMedian(field)
            | Measure::ValuePercentile(field, _) => std::slice::from_mut(field),
        }
    }

    /// True when it reads numbers.
    pub fn is_numeric(&self) -> bool {
        !matches!(self, Measure::ValueCount(_)) && !self.fields().is_empty()
    }

    /// True when it asks which rules matched.
    pub fn is_temporal(&self) -> bool {
        matches!(self, Measure::Temporal | Measure::TemporalOrdered)
    }
}

/// A condition in words over the rules a temporal correlation names (`a and b and not c`), as
/// the alternatives of which one must hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// As written.
    pub text: String,
    /// At least one; each needs at least one rule.
    pub alternatives: Vec<Alternative>,
}

/// Rules that must all match, and rules of which none may.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alternative {
    /// Places in [`Correlation::rules`], ascending.
    pub needs: Vec<usize>,
    /// Places in [`Correlation::rules`], ascending.
    pub forbids: Vec<usize>,
}

/// Another name for a field that each rule has under a name of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// The name in the correlation.
    pub name: FieldRef,
    /// The field in the events of each rule.
    pub of_rule: Vec<(RuleIndex, FieldRef)>,
}

/// A comparison of a correlation's condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `gt`.
    Gt,
    /// `gte`.
    Gte,
    /// `lt`.
    Lt,
    /// `lte`.
    Lte,
    /// `eq`.
    Eq,
    /// `neq`.
    Neq,
}

/// A correlation rule.
#[derive(Debug)]
pub struct Correlation {
    /// Names, words, tests.
    pub meta: Meta,
    /// What it measures.
    pub measure: Measure,
    /// The rules it listens to, in written order, none twice.
    pub rules: Vec<RuleIndex>,
    /// For an ordered measure, the places in `rules` in the order in which they must match; a rule
    /// may be a step more than once.
    pub steps: Vec<usize>,
    /// Group fields; an event that lacks one belongs to no group.
    pub group_by: Vec<FieldRef>,
    /// Other names for fields, in `group_by` and in the measure.
    pub aliases: Vec<Alias>,
    /// Length of the sliding window, nanoseconds, both ends inside.
    pub timespan: i64,
    /// All must hold of the measure. Empty for a temporal measure: all rules must match, or
    /// `expression` must hold.
    pub condition: Vec<(Comparison, Number)>,
    /// The condition of a temporal measure where it is written in words.
    pub expression: Option<Expression>,
    /// The leases its events are joined with, where they are.
    pub as_of: Option<AsOf>,
    /// False when it only feeds correlations that do not `generate`.
    pub reports: bool,
    /// True when a correlation that is at work counts it.
    pub feeds: bool,
}

impl Correlation {
    /// The field that stands for `field` in the events of one of its rules.
    pub fn field_of<'f>(&'f self, rule: RuleIndex, field: &'f FieldRef) -> &'f FieldRef {
        let alias = self.aliases.iter().find(|a| a.name == *field);
        let of_rule = alias.and_then(|a| a.of_rule.iter().find(|(r, _)| *r == rule));
        of_rule.map_or(field, |(_, own)| own)
    }
}

/// A test inside a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleTest {
    /// What it shows.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Its events, in written order.
    pub events: Vec<TestEvent>,
    /// Alerts expected of this rule.
    pub alerts: usize,
    /// Explained matches expected of this rule.
    pub explained: usize,
}

/// An event of a rule's test: only the fields that matter.
#[derive(Clone, Debug, PartialEq)]
pub struct TestEvent {
    /// Event time, nanoseconds since 1970, and its offset in seconds.
    pub time: (i64, i32),
    /// Fields (derived ones too, which are then taken as written) and their values.
    pub fields: Vec<(FieldRef, Vec<String>)>,
}
