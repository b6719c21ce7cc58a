//! The fewest, rarest signs to watch for each condition.
//!
//! Takes what all conditions of a set need; gives for each the signs to file it under. A text
//! that many rules name is likely to be an everyday one, so a rule is filed under what it alone
//! asks for, where it has that choice.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::super::FieldRef;
use super::needs::{Needs, Sign, What};
use crate::event::Field;

/// How many conditions name each sign.
pub(super) struct Popularity<'n>(HashMap<&'n Sign, u32, FixedState>);

impl<'n> Popularity<'n> {
    /// Counts the signs of all conditions.
    pub(super) fn of(all: &'n [Needs]) -> Popularity<'n> {
        let mut counts = HashMap::default();
        for needs in all {
            needs.each_sign(&mut |sign| *counts.entry(sign).or_default() += 1);
        }
        Popularity(counts)
    }

    /// The signs to file a condition under; `None` when nothing can be seen of it beforehand.
    pub(super) fn choose(&self, needs: &'n Needs) -> Option<Vec<&'n Sign>> {
        self.cheapest(needs).map(|(_, signs)| signs)
    }

    /// The signs with the smallest chance of being seen for nothing, and that chance in millionths.
    fn cheapest(&self, needs: &'n Needs) -> Option<(u64, Vec<&'n Sign>)> {
        match needs {
            Needs::Signs(signs) => {
                let chances = signs.iter().map(|s| self.chance(s));
                Some((chances.sum(), signs.iter().collect()))
            }
            Needs::Each(all) => all
                .iter()
                .filter_map(|n| self.cheapest(n))
                .min_by_key(|(chance, _)| *chance),
            Needs::OneOf(all) => {
                let (mut sum, mut signs) = (0, Vec::new());
                for needs in all {
                    let (chance, more) = self.cheapest(needs)?;
                    sum += chance;
                    signs.extend(more);
                }
                Some((sum, signs))
            }
        }
    }

    /// A rough chance, in millionths, that an event shows the sign.
    fn chance(&self, sign: &Sign) -> u64 {
        let popularity = u64::from(self.0.get(sign).copied().unwrap_or(1));
        let chance = match &sign.what {
            What::Present => 600_000,
            What::Whole(_) => (2_000 * popularity).min(400_000),
            What::Inside(text) => (rarity(text) * popularity).min(500_000),
        };
        let worked_out = match &sign.field {
            Some(FieldRef::Known(field)) => is_dear(*field),
            _ => false,
        };
        // What is derived has to be worked out first, which other signs may save.
        chance + if worked_out { 300_000 } else { 0 }
    }
}

fn is_dear(field: Field) -> bool {
    field.is_derived() && !matches!(field, Field::UserAccount | Field::SourceTerminal)
}

/// The chance of a text inside a value, by the number of its characters.
fn rarity(text: &str) -> u64 {
    match text.chars().count() {
        0 | 1 => 300_000,
        2 => 100_000,
        3 => 30_000,
        4 => 12_000,
        5 => 8_000,
        6..9 => 4_000,
        _ => 2_500,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(field: &str, what: What) -> Needs {
        Needs::Signs(vec![Sign {
            field: Some(FieldRef::named(field)),
            what,
        }])
    }

    fn whole(field: &str, text: &str) -> Needs {
        sign(field, What::Whole(text.into()))
    }

    #[test]
    fn the_sign_others_do_not_share_is_chosen() {
        let rule = |own: Needs| Needs::Each(vec![whole("EventID", "4688"), own]);
        let all = [
            rule(whole("Image", "a")),
            rule(sign("Image", What::Inside("long text".into()))),
            rule(sign("Image", What::Present)),
        ];
        let popularity = Popularity::of(&all);
        let chosen = |at: usize| popularity.choose(&all[at]).expect("there are signs")[0].clone();
        assert_eq!(chosen(0).what, What::Whole("a".into()));
        assert_eq!(chosen(1).what, What::Inside("long text".into()));
        assert_eq!(chosen(2).what, What::Whole("4688".into()));
    }

    #[test]
    fn what_has_to_be_worked_out_comes_last() {
        let all = [Needs::Each(vec![
            whole("calendar.verdict", "closed"),
            sign("own", What::Inside("xyz".into())),
        ])];
        let popularity = Popularity::of(&all);
        let chosen = popularity.choose(&all[0]).expect("there are signs");
        assert_eq!(chosen[0].field, Some(FieldRef::named("own")));
    }

    #[test]
    fn alternatives_are_watched_together_and_fail_together() {
        let all = [
            Needs::OneOf(vec![whole("a", "1"), whole("b", "2")]),
            Needs::OneOf(vec![whole("a", "1"), Needs::NOTHING]),
            Needs::OneOf(vec![]),
        ];
        let popularity = Popularity::of(&all);
        let count = |at: usize| popularity.choose(&all[at]).map(|signs| signs.len());
        assert_eq!([count(0), count(1), count(2)], [Some(2), None, Some(0)]);
    }
}
