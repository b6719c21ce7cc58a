//! Which of a few detections an event cannot satisfy, told by single values of it.
//!
//! Takes what each detection demands of a field (`calendar.verdict: closed`); gives, for an event,
//! those that are left. A field is looked at once for all of them, and one that has to be worked out
//! only for those that the others leave. Never rules out one that matches: what is left is still
//! asked.

use crate::event::Field;

use super::matcher::{Item, Node, Residue, Target, Test};
use super::{FieldRef, Fields};

/// Most detections that can be told apart, a bit each.
pub(super) const MOST: usize = 64;
/// Lists with more values are left to the detections themselves.
const LONGEST: usize = 16;

/// What single values say of a few detections.
#[derive(Debug, Default)]
pub(super) struct Vetoes {
    fields: Vec<Veto>,
}

/// What the value of one field says.
#[derive(Debug)]
struct Veto {
    field: Field,
    /// The detections that demand something of the field.
    asking: u64,
    /// Folded values, each with the detections that it satisfies.
    values: Vec<(Box<str>, u64)>,
    /// The detections that any value may satisfy.
    any: u64,
}

impl Vetoes {
    /// Nothing is said of anything.
    pub(super) const NONE: Vetoes = Vetoes { fields: Vec::new() };

    /// Those of detections with these conditions, of which there are at most [`MOST`].
    pub(super) fn of<'r>(residues: impl Iterator<Item = &'r Residue>) -> Vetoes {
        let mut vetoes = Vetoes::default();
        for (number, residue) in residues.enumerate().take(MOST) {
            if let Residue::Open(node) = residue {
                vetoes.add(node, 1 << number);
            }
        }
        vetoes.fields.sort_by_key(|veto| veto.field.is_derived());
        vetoes
    }

    fn add(&mut self, node: &Node, bit: u64) {
        for (field, texts) in node.demanded().into_iter().filter_map(demand) {
            let veto = self.of_field(field);
            // Where one demands two things of a field, the first stands for both.
            if veto.asking & bit == 0 {
                veto.ask(texts, bit);
            }
        }
        for field in node.demanded().into_iter().filter_map(present) {
            let veto = self.of_field(field);
            if veto.asking & bit == 0 {
                veto.asking |= bit;
                veto.any |= bit;
            }
        }
    }

    fn of_field(&mut self, field: Field) -> &mut Veto {
        let at = self.fields.iter().position(|veto| veto.field == field);
        let at = at.unwrap_or_else(|| {
            self.fields.push(Veto {
                field,
                asking: 0,
                values: Vec::new(),
                any: 0,
            });
            self.fields.len() - 1
        });
        &mut self.fields[at]
    }

    /// Which of `all` are left.
    #[inline]
    pub(super) fn left<F: Fields>(&self, mut all: u64, event: &mut F) -> u64 {
        if F::BY_NAME || event.has_lists() {
            return all;
        }
        for veto in &self.fields {
            if all & veto.asking != 0 {
                all &= veto.spared(event);
            }
        }
        all
    }
}

impl Veto {
    fn ask(&mut self, texts: &[Box<str>], bit: u64) {
        self.asking |= bit;
        for text in texts {
            match self.values.iter_mut().find(|(known, _)| known == text) {
                Some((_, asking)) => *asking |= bit,
                None => self.values.push((text.clone(), bit)),
            }
        }
    }

    #[inline]
    fn spared<F: Fields>(&self, event: &mut F) -> u64 {
        let Some(value) = event.value(self.field) else {
            return !self.asking;
        };
        if !value.is_ascii() {
            return u64::MAX;
        }
        let fits = |known: &str| known.len() == value.len() && known.eq_ignore_ascii_case(value);
        let mut spared = !self.asking | self.any;
        for (known, asking) in &self.values {
            if fits(known) {
                spared |= asking;
            }
        }
        spared
    }
}

/// True when a glance at a single value may rule out a condition.
pub(super) fn may_rule_out(residue: &Residue) -> bool {
    match residue {
        Residue::Open(node) => node
            .demanded()
            .into_iter()
            .any(|item| demand(item).is_some() || present(item).is_some()),
        Residue::True | Residue::False => false,
    }
}

/// The field and the values, one of which an item demands of it, where it demands such.
fn demand(item: &Item) -> Option<(Field, &[Box<str>])> {
    let (Target::Field(FieldRef::Known(field)), Test::Texts(texts)) = (&item.target, &item.test)
    else {
        return None;
    };
    let values = texts.only_whole()?;
    (values.len() <= LONGEST).then_some((*field, values))
}

/// The field of the log that an item demands to be there, where it is a number or nothing more is
/// demanded: few records tell such fields.
fn present(item: &Item) -> Option<Field> {
    match (&item.target, &item.test) {
        (
            Target::Field(FieldRef::Known(field)),
            Test::Numbers(..) | Test::Exists(true) | Test::Parts(..),
        ) if !field.is_derived() => Some(*field),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::event::{Action, LogSourceId, LogSources, Outcome};

    use super::super::facts::read;
    use super::super::twin::Flat;

    const FIELDS: [&str; 4] = [
        "calendar.verdict",
        "device.known",
        "user.kind",
        "print.pages",
    ];
    const VALUES: [&str; 6] = ["closed", "CLOSED", "false", "", "ｃｌｏｓｅｄ", "7"];
    const ITEMS: [&str; 7] = [
        ": closed",
        ": [closed, 'false']",
        ": 'clos*'",
        ": null",
        "|gte: 5",
        "|exists: true",
        "|exists: false",
    ];

    fn a_rule() -> impl Strategy<Value = String> {
        let field = prop::sample::select(FIELDS.to_vec());
        let asked = prop::sample::select(ITEMS.to_vec());
        let item = (field, asked).prop_map(|(field, asked)| format!("'{field}{asked}"));
        let item = item.prop_map(|item| item.replacen(':', "':", 1));
        let condition =
            prop::sample::select(vec!["one", "one and two", "one or two", "two and not one"]);
        ([item.clone().boxed(), item.boxed()], condition).prop_map(|([one, two], condition)| {
            format!(
                "title: t\nlogsource: {{category: ehr}}\ndetection: \
                 {{one: {{{one}}}, two: {{{two}}}, condition: {condition}}}\n"
            )
        })
    }

    proptest! {
        #[test]
        fn what_matches_is_left(
            rules in prop::collection::vec(a_rule(), 1..20),
            told in prop::collection::vec(
                (prop::sample::select(FIELDS.to_vec()), prop::sample::select(VALUES.to_vec())), 0..4),
        ) {
            let (set, _) = read(&rules.join("---\n"));
            let mut event = Flat::default();
            for (field, value) in told {
                event.values.entry(field.to_owned()).or_default().push(value.to_owned());
            }
            let (sources, mut sieve) = (LogSources::of(&[LogSourceId::Ehr]), set.sieve());
            let candidates = set.candidates(Some(Action::Login), Outcome::Unknown);
            let left: Vec<usize> = candidates
                .called_up(sources, &mut event.view(), &mut sieve)
                .map(|c| c.rule)
                .collect();
            for (at, rule) in set.detections.iter().enumerate() {
                let matches = rule.matcher.matches(&mut event.view());
                prop_assert!(!matches || left.contains(&at), "{}\n{:?}", rules[at], event);
            }
        }
    }
}
