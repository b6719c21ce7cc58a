//! What a rule observes over time, where no correlation of Sigma's has a word for it.
//!
//! The types behind `yomawari: { observe: … }`, and the same in words. All are judged by event
//! time. Never holds what was observed.

use crate::diagnostic::Text;

use super::in_words::{joined, length};
use super::{Detection, FieldRef, Number};

/// What an observing detection does with its matches, instead of reporting each.
#[derive(Clone, Debug, PartialEq)]
pub struct Observe {
    /// Key fields; none for all records together. An absent one is a value of its own (記録なし),
    /// but a record that tells none of them is not observed.
    pub of: Vec<FieldRef>,
    /// What is looked for.
    pub kind: Observed,
}

/// The kinds of observation.
#[derive(Clone, Debug, PartialEq)]
pub enum Observed {
    /// A value that the key did not show lately.
    NewValue(NewValue),
    /// Far more than the key does on other days.
    Baseline(Baseline),
    /// A key that spoke and then does not.
    Silence(Silence),
    /// A source that is not heard of as often as the house expects (`expect` of the config).
    Unheard,
    /// Numbers that do not count up by one.
    SequenceGap(SequenceGap),
    /// Numbers visited one after the other.
    Walk(Walk),
}

/// A value is new when the key never showed it, or not for longer than `within` while it showed
/// others: what comes back together with its whole key is no news, unless returned values are
/// asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct NewValue {
    /// The field whose values are compared.
    pub value: FieldRef,
    /// Nanoseconds; means nothing where only first values count.
    pub within: i64,
    /// Silent until the key's first record lies so many nanoseconds back.
    pub after: i64,
    /// Which new values count; all without.
    pub only: Option<Novelty>,
}

/// Whether a new value was ever seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Novelty {
    /// Never, as far back as records go.
    First,
    /// Longer ago than `within`.
    Returned,
}

/// A count is unusual when it exceeds the median of the key's comparable stretches by more than
/// `above` times their spread: the greatest of 1.4826 times the median absolute deviation, the
/// square root of the median (what chance alone does to counts), and 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    /// The stretches that are compared.
    pub per: Per,
    /// How many days before the day of a stretch are looked at.
    pub over: i64,
    /// The field whose different values are counted; events without.
    pub count: Option<FieldRef>,
    /// How many spreads above the median.
    pub above: Number,
    /// The smallest count that is ever reported.
    pub at_least: u64,
    /// Silent with fewer comparable stretches than this.
    pub needs: usize,
    /// The count must also exceed the median of the other keys with the same value here, where
    /// they have as many stretches as are needed.
    pub peers: Option<FieldRef>,
}

/// The stretches of a baseline. Comparable are days of one kind (business days, on which the
/// site's calendar opens, or others), and hours of the same number on such days; those on which
/// the key did nothing do not count, unless a record says that it did nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Per {
    /// The local day of the site.
    Day,
    /// The local hour.
    Hour,
}

/// A key is silent when longer than this passes without a record, also from its last record to
/// the greatest event time of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Silence {
    /// Nanoseconds of what `within` counts.
    pub longer_than: i64,
    /// The time that counts.
    pub within: Counted,
    /// The key must have spoken for so many nanoseconds before, without such a silence.
    pub after: i64,
}

/// The time that counts as silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// All of it.
    Always,
    /// Only while the site's calendar is open.
    OpenHours,
}

/// Whole numbers from 0 to 2^53 that count up by one; 2147483647 is followed by 1 (RFC 5424,
/// 7.3.1). At one instant records count in the order of their numbers; a missing number that
/// comes later fills its gap.
#[derive(Clone, Debug, PartialEq)]
pub struct SequenceGap {
    /// The field that holds the number.
    pub number: FieldRef,
    /// What is reported.
    pub tell: Vec<Irregularity>,
    /// The smallest number of missing numbers that is reported as a gap.
    pub at_least: u64,
    /// So many numbers must have followed each other just before: a log of which only a part is
    /// kept has holes everywhere.
    pub after: u64,
}

/// Whole numbers from 0 to 2^53 that follow each other by one, upwards or downwards; the same number
/// again is no step. At one instant records count in the order of their numbers; a record that
/// tells several numbers does not count.
#[derive(Clone, Debug, PartialEq)]
pub struct Walk {
    /// The field that holds the number.
    pub number: FieldRef,
    /// The smallest number of different numbers that is reported.
    pub at_least: u64,
    /// Longest time between two records, nanoseconds.
    pub within: i64,
}

/// What may be wrong with a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Irregularity {
    /// Numbers are missing.
    Gap,
    /// A number smaller than the one before, which was not missing: the count began anew.
    Reset,
    /// The same number again.
    Duplicate,
}

impl Observe {
    /// The fields that tell one alert from another.
    pub fn key(&self) -> Vec<&FieldRef> {
        let value = match &self.kind {
            Observed::NewValue(new) => Some(&new.value),
            _ => None,
        };
        self.of.iter().chain(value).collect()
    }

    /// The fields without which a record is not observed.
    pub fn needed(&self) -> Vec<&FieldRef> {
        let key = match self.of.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        let told = match &self.kind {
            Observed::NewValue(new) => Some(&new.value),
            Observed::SequenceGap(sequence) => Some(&sequence.number),
            Observed::Walk(walk) => Some(&walk.number),
            Observed::Baseline(baseline) => baseline.count.as_ref(),
            Observed::Silence(_) | Observed::Unheard => None,
        };
        key.into_iter().chain(told).collect()
    }
}

impl Detection {
    /// The fields that tell one alert of this rule from another.
    pub fn key(&self) -> Vec<&FieldRef> {
        match (&self.observe, &self.fold) {
            (Some(observe), _) => observe.key(),
            (None, Some(fold)) => fold.by.iter().collect(),
            (None, None) => Vec::new(),
        }
    }
}

/// What is observed, in a sentence.
pub fn observe_in_words(observe: &Observe) -> Text {
    let (per, per_ja) = match observe.of.as_slice() {
        [] => ("all records".to_owned(), "全体で、".to_owned()),
        fields => (joined(fields), format!("{} ごとに、", joined(fields))),
    };
    let (en, ja) = match &observe.kind {
        Observed::NewValue(new) => new_value(new),
        Observed::Baseline(baseline) => usual(baseline),
        Observed::Silence(silence) => silent(silence),
        Observed::Unheard => unheard(),
        Observed::SequenceGap(sequence) => numbered(sequence),
        Observed::Walk(walk) => walked(walk),
    };
    Text::new(format!("{en}, per {per}"), format!("{per_ja}{ja}"))
}

fn new_value(new: &NewValue) -> (String, String) {
    let (value, within) = (new.value.name(), length(new.within));
    let after = length(new.after);
    let (seen, seen_ja) = match new.only {
        None => (
            format!("not seen within {}", within.en),
            format!("{}以内になかった", within.ja),
        ),
        Some(Novelty::First) => ("never seen before".to_owned(), "初めての".to_owned()),
        Some(Novelty::Returned) => (
            format!("seen before, but not within {}", within.en),
            format!("{}を超えて途絶えていた", within.ja),
        ),
    };
    (
        format!(
            "A value of {value} {seen}, once records reach back {}",
            after.en
        ),
        format!(
            "{seen_ja} {value} の値を知らせます（記録が{}分そろってから）",
            after.ja
        ),
    )
}

fn usual(baseline: &Baseline) -> (String, String) {
    let (above, at_least, needs) = (baseline.above, baseline.at_least, baseline.needs);
    let over = baseline.over;
    let (per, per_ja) = match baseline.per {
        Per::Day => ("day", "日"),
        Per::Hour => ("hour", "時間"),
    };
    let a = if baseline.per == Per::Hour { "an" } else { "a" };
    let (what, what_ja) = match &baseline.count {
        None => ("records".to_owned(), "記録の件数".to_owned()),
        Some(field) => (
            format!("different values of {}", field.name()),
            format!("{} の種類の数", field.name()),
        ),
    };
    let (peers, peers_ja) = match &baseline.peers {
        None => (String::new(), String::new()),
        Some(field) => (
            format!(" and above the median of the same {}", field.name()),
            format!("、かつ同じ {} の中央値を超えた", field.name()),
        ),
    };
    (
        format!(
            "At least {at_least} {what} {a} {per}, more than {above} spreads above the median of the \
             comparable {per}s of the {over} days before ({needs} or more of them){peers}"
        ),
        format!(
            "1{per_ja}の{what_ja}が{at_least}以上で、前{over}日間の同種の{per_ja}（{needs}以上）の\
             中央値をばらつきの{above}倍より大きく超えた{peers_ja}とき知らせます"
        ),
    )
}

fn silent(silence: &Silence) -> (String, String) {
    let longer = length(silence.longer_than);
    let (of, of_ja) = match silence.within {
        Counted::Always => ("", ""),
        Counted::OpenHours => (" of open hours", "（開院中の時間で数える）"),
    };
    let (before, before_ja) = match silence.after {
        0 => (String::new(), String::new()),
        after => (
            format!(", where records came for {} before", length(after).en),
            format!("それまで{}続いていた", length(after).ja),
        ),
    };
    (
        format!("No record for more than {}{of}{before}", longer.en),
        format!(
            "{before_ja}記録が{}を超えて途絶えた{of_ja}とき知らせます",
            longer.ja
        ),
    )
}

fn unheard() -> (String, String) {
    let en = "No record for longer than the config expects, during hours of the week in which records usually come";
    let ja = "普段記録がある曜日・時間帯に、設定の expect より長く記録が途絶えたとき知らせます";
    (en.to_owned(), ja.to_owned())
}

fn numbered(sequence: &SequenceGap) -> (String, String) {
    let number = sequence.number.name();
    let words = sequence.tell.iter().map(|told| match told {
        Irregularity::Gap => (
            format!("leaves out {} or more", sequence.at_least),
            format!("{}以上の欠番", sequence.at_least),
        ),
        Irregularity::Reset => ("begins anew".to_owned(), "振り直し".to_owned()),
        Irregularity::Duplicate => ("comes twice".to_owned(), "重複".to_owned()),
    });
    let (en, ja): (Vec<String>, Vec<String>) = words.unzip();
    let after = sequence.after;
    let (once, once_ja) = match after {
        0 => (String::new(), String::new()),
        _ => (
            format!(", where {after} numbers followed each other just before"),
            format!("（直前に{after}件以上が連番のとき）"),
        ),
    };
    (
        format!("{number} {}{once}", en.join(" or ")),
        format!("{number} の{}を知らせます{once_ja}", ja.join("・")),
    )
}

fn walked(walk: &Walk) -> (String, String) {
    let (number, at_least, within) = (walk.number.name(), walk.at_least, length(walk.within));
    (
        format!(
            "At least {at_least} values of {number} one after the other, each within {} of the one before",
            within.en
        ),
        format!(
            "{number} が連番で{at_least}以上、それぞれ{}以内に続いたとき知らせます",
            within.ja
        ),
    )
}
