//! One question about an event: where to look and what to look for.
//!
//! Takes an event through [`Fields`]; gives yes or no. A field with several values satisfies a
//! test with any of them; an absent one satisfies none.

use regex::Regex;

use crate::event::{Action, Field};

use super::super::{Comparison, FieldRef, Fields};
use super::fold;
use super::measure::{Network, TimePart, compare_numbers};
use super::texts::Texts;

/// One question about an event.
#[derive(Debug)]
pub(in crate::rule) struct Item {
    /// Where to look.
    pub(in crate::rule) target: Target,
    /// What to look for.
    pub(in crate::rule) test: Test,
}

/// Where an item looks.
#[derive(Debug)]
pub(in crate::rule) enum Target {
    /// In one field.
    Field(FieldRef),
    /// In every value the log gave, and in the whole record (keywords).
    Anywhere,
}

/// What is asked of a value. A field with several values satisfies it with any of them.
#[derive(Debug)]
pub(in crate::rule) enum Test {
    /// The field is there, whatever it holds, or is not.
    Exists(bool),
    /// The field is absent or holds null.
    Null,
    /// One of these texts.
    Texts(Box<Texts>),
    /// One of these regular expressions.
    Regexes(Vec<Regex>),
    /// In one of these networks.
    Networks(Vec<Network>),
    /// Compares so with one of these numbers.
    Numbers(Comparison, Vec<Box<str>>),
    /// The part of the written time is one of these.
    Parts(TimePart, Vec<i64>),
    /// Fits the value of one of these fields.
    Reference(Vec<FieldRef>, Fit),
}

/// How a value must fit the other field's.
#[derive(Clone, Copy, Debug)]
pub(in crate::rule) struct Fit {
    /// More may stand before.
    pub(in crate::rule) front: bool,
    /// More may stand behind.
    pub(in crate::rule) back: bool,
    /// Case matters.
    pub(in crate::rule) cased: bool,
}

impl Item {
    #[inline]
    pub(super) fn holds<F: Fields>(&self, event: &mut F) -> bool {
        match (&self.target, &self.test) {
            (Target::Field(field), Test::Exists(wanted)) => field.exists(event) == *wanted,
            (Target::Field(field), Test::Null) => field.is_null(event),
            (Target::Field(field), Test::Reference(others, fit)) => {
                holds_reference(event, field, others, *fit)
            }
            (Target::Field(field), test) => field.any(event, |value| test.fits(value)),
            (Target::Anywhere, test) => anywhere(event, |value| test.fits(value)),
        }
    }

    /// The value in which a keyword is found; the whole record when it is there.
    pub(super) fn found_in<F: Fields>(&self, event: &mut F) -> Option<String> {
        let mut found = None;
        anywhere(event, |value| {
            let fits = self.test.fits(value);
            if fits {
                found = Some(value.to_owned());
            }
            fits
        });
        found
    }

    /// What the item says of a field with this one value or none; `None` when that hangs on
    /// other fields too.
    pub(super) fn holds_of(&self, value: Option<&str>) -> Option<bool> {
        match &self.test {
            Test::Reference(..) => value.is_none().then_some(false),
            Test::Exists(wanted) => Some(value.is_some() == *wanted),
            Test::Null => Some(value.is_none()),
            test => Some(value.is_some_and(|v| test.fits(v))),
        }
    }

    /// True when no event of ours satisfies both: they ask of one field what does not go together.
    /// Not every such pair is found.
    pub(in crate::rule) fn contradicts(&self, other: &Item) -> bool {
        let (Target::Field(field), Target::Field(others)) = (&self.target, &other.target) else {
            return false;
        };
        let excludes = |one: &Item, two: &Item| {
            one.demands_absence() && two.holds_of(None) == Some(false)
                || one.is_excluded_by(two) && !may_be_a_list(field)
        };
        field == others && (excludes(self, other) || excludes(other, self))
    }

    fn demands_absence(&self) -> bool {
        matches!(self.test, Test::Exists(false) | Test::Null)
    }

    /// True when each of the whole texts it names fails the other's test.
    fn is_excluded_by(&self, other: &Item) -> bool {
        let Test::Texts(texts) = &self.test else {
            return false;
        };
        // The texts are folded, so nothing can be said of tests that mind the case.
        let minds_case = match &other.test {
            Test::Texts(texts) => texts.is_cased(),
            Test::Numbers(..) | Test::Networks(_) => false,
            _ => true,
        };
        let fails = |word: &str| other.holds_of(Some(word)) == Some(false);
        !minds_case
            && texts
                .only_whole()
                .is_some_and(|words| words.iter().all(|w| fails(w)))
    }

    /// True when it names whole words of the action vocabulary and nothing else.
    pub(super) fn asks_only_for_actions(&self) -> bool {
        match &self.test {
            Test::Texts(texts) => texts
                .only_whole()
                .is_some_and(|words| words.iter().all(|w| Action::from_name(w).is_some())),
            _ => false,
        }
    }

    /// Derived fields are worked out when they are first asked for, so they come last.
    pub(super) fn cost(&self) -> u32 {
        let test = match &self.test {
            Test::Exists(_) | Test::Null => 1,
            Test::Texts(texts) => texts.cost(),
            Test::Parts(..) | Test::Numbers(..) => 5,
            Test::Networks(_) => 10,
            Test::Regexes(regexes) => 30 * (regexes.len() as u32).min(100),
            Test::Reference(..) => 30,
        };
        let target = match &self.target {
            Target::Field(FieldRef::Known(Field::UserAccount | Field::SourceTerminal)) => 20,
            Target::Field(FieldRef::Known(field)) if field.is_derived() => 10_000,
            Target::Field(FieldRef::Known(_)) => 0,
            Target::Field(FieldRef::Other(_) | FieldRef::Mapped(..)) => 4,
            Target::Anywhere => 1_000,
        };
        test + target
    }
}

impl Test {
    /// True when one value satisfies it. Not asked of tests that need the event.
    #[inline]
    fn fits(&self, value: &str) -> bool {
        match self {
            Test::Texts(texts) => texts.fit(value),
            Test::Regexes(regexes) => regexes.iter().any(|r| r.is_match(value)),
            Test::Networks(networks) => networks.iter().any(|n| n.holds(value)),
            Test::Numbers(how, numbers) => numbers
                .iter()
                .any(|n| compare_numbers(value, n).is_some_and(|order| how.accepts(order))),
            Test::Parts(part, numbers) => part.of(value).is_some_and(|n| numbers.contains(&n)),
            Test::Exists(wanted) => *wanted,
            Test::Null | Test::Reference(..) => false,
        }
    }
}

/// True for fields of which one event may have several values.
fn may_be_a_list(field: &FieldRef) -> bool {
    match field {
        FieldRef::Known(field) => matches!(
            field,
            Field::PatientId
                | Field::PatientName
                | Field::EventCategory
                | Field::EventType
                | Field::EventCode
                | Field::EventReason
        ),
        FieldRef::Other(_) | FieldRef::Mapped(..) => true,
    }
}

/// Two fields cannot be read at once, as the event works some out on demand: the values of the
/// first are copied. Few rules compare fields.
fn holds_reference<F: Fields>(
    event: &mut F,
    field: &FieldRef,
    others: &[FieldRef],
    fit: Fit,
) -> bool {
    let form = |text: &str| match fit.cased {
        true => text.to_owned(),
        false => fold::folded(text),
    };
    let mut values = Vec::new();
    field.any(event, |value| {
        values.push(form(value));
        false
    });
    others.iter().any(|other| {
        other.any(event, |other| {
            let other = form(other);
            values.iter().any(|value| match (fit.front, fit.back) {
                (false, false) => *value == other,
                (false, true) => value.starts_with(&other),
                (true, false) => value.ends_with(&other),
                (true, true) => value.contains(&other),
            })
        })
    })
}

/// True when some value the log gave, or the whole record, passes the test. The record goes
/// first: it holds nearly everything.
fn anywhere<F: Fields>(event: &mut F, mut test: impl FnMut(&str) -> bool) -> bool {
    if F::BY_NAME {
        return event.everything().iter().any(|value| test(value));
    }
    if test(event.record()) || event.extras().iter().any(|(_, value)| test(value)) {
        return true;
    }
    event
        .present()
        .iter()
        .any(|field| FieldRef::Known(field).any(event, &mut test))
}
