//! Finding the longest known word in what a log wrote.
//!
//! Takes a table of folded words in the order of preference and, from the config, the words of one
//! house; gives the meaning of a cell. A usual word costs one hash. Never learns while reading.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use super::fold_word;

/// A table of words and their meaning, ready for many questions.
#[derive(Clone, Debug)]
pub struct Lexicon<T: 'static> {
    /// Words as written, known to have this answer (or none).
    known: HashMap<Box<str>, Option<T>, FixedState>,
    /// Folded words of the house, which go before the table.
    house: BTreeMap<String, T>,
    /// The table by first character, the preferred word first.
    table: BTreeMap<char, Vec<(&'static str, Rank, T)>>,
}

/// What makes one hit better than another: more characters, then a place further up in the table.
type Rank = (usize, std::cmp::Reverse<usize>);

impl<T: Copy> Lexicon<T> {
    /// A lexicon of this table, each word with what `meaning` makes of it; its own words are
    /// answered by one hash from the start.
    pub fn new<U: Copy>(
        table: &'static [(&'static str, U)],
        meaning: impl Fn(&str, U) -> T,
    ) -> Self {
        let mut lexicon = Lexicon {
            known: HashMap::default(),
            house: BTreeMap::new(),
            table: BTreeMap::new(),
        };
        for (place, (word, value)) in table.iter().enumerate() {
            let entry = (*word, rank(word, place), meaning(word, *value));
            let first = word.chars().next().unwrap_or_default();
            lexicon.table.entry(first).or_default().push(entry);
        }
        table.iter().for_each(|(word, _)| lexicon.expect(word));
        lexicon
    }

    /// Adds a word of the house: it goes before the table, where the whole cell equals it.
    pub fn add(&mut self, word: &str, meaning: T) {
        self.house.insert(fold_word(word), meaning);
        let words: Vec<Box<str>> = std::mem::take(&mut self.known).into_keys().collect();
        words.iter().for_each(|known| self.expect(known));
        self.expect(word);
    }

    /// Makes ready for a word that will be asked for often. Changes the speed, not the answer.
    pub fn expect(&mut self, word: &str) {
        let answer = self.look_up(word);
        self.known.insert(word.into(), answer);
    }

    /// The meaning of a cell.
    #[inline]
    pub fn find(&self, word: &str) -> Option<T> {
        match self.known.get(word) {
            Some(answer) => *answer,
            None => self.look_up(word),
        }
    }

    /// The answer without the hash: the whole cell among the words of the house, else the longest
    /// word of the table inside it.
    fn look_up(&self, word: &str) -> Option<T> {
        let folded = fold_word(word);
        if let Some(meaning) = self.house.get(&folded) {
            return Some(*meaning);
        }
        let mut best: Option<(Rank, T)> = None;
        for (at, first) in folded.char_indices() {
            for &(entry, rank, meaning) in self.table.get(&first).into_iter().flatten() {
                let better = best.as_ref().is_none_or(|(b, _)| rank > *b);
                if better && stands_at(&folded, at, entry) {
                    best = Some((rank, meaning));
                }
            }
        }
        best.map(|(_, meaning)| meaning)
    }
}

fn rank(word: &str, place: usize) -> Rank {
    (word.chars().count(), std::cmp::Reverse(place))
}

/// The longest word of a table inside a folded text, the first of equals: the literal reading,
/// for a single question.
pub(super) fn longest<T: Copy>(table: &[(&'static str, T)], folded: &str) -> Option<T> {
    table
        .iter()
        .enumerate()
        .filter(|(_, (word, _))| {
            folded
                .match_indices(word)
                .any(|(at, _)| stands_at(folded, at, word))
        })
        .max_by_key(|(place, (word, _))| rank(word, *place))
        .map(|(_, (_, meaning))| *meaning)
}

/// True when `entry` stands at this place as a word of its own. Japanese has no word ends, but a
/// sign of one character must be the whole; an English word begins after no letter and ends with
/// itself or an inflection (`order` is not in `border`).
fn stands_at(text: &str, at: usize, entry: &str) -> bool {
    let (Some(before), Some(rest)) = (text.get(..at), text.get(at..)) else {
        return false;
    };
    let Some(after) = rest.strip_prefix(entry) else {
        return false;
    };
    if entry.chars().nth(1).is_none() {
        return before.is_empty() && after.is_empty();
    }
    let letter = |c: char| c.is_ascii_alphanumeric();
    if entry.starts_with(letter) && before.ends_with(letter) {
        return false;
    }
    if !entry.ends_with(letter) {
        return true;
    }
    let end = after.find(|c| !letter(c)).unwrap_or(after.len());
    let inflection = after.get(..end).unwrap_or(after);
    matches!(
        inflection,
        "" | "s" | "d" | "ed" | "es" | "ing" | "ted" | "ting" | "ned" | "ning"
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{action_table, outcome_table};
    use super::*;

    proptest! {
        #[test]
        fn the_hashed_lexicon_equals_the_literal_reading(
            picks in prop::collection::vec((0usize..1000, "[a-zア-ン処 _]{0,3}"), 0..4),
        ) {
            let table = action_table();
            let text: String = picks
                .iter()
                .map(|(n, glue)| format!("{}{glue}", table[n % table.len()].0))
                .collect();
            let lexicon = Lexicon::new(table, |_, action| action);
            prop_assert_eq!(lexicon.find(&text), longest(table, &fold_word(&text)));
        }
    }

    #[test]
    fn a_word_of_the_house_goes_first_and_whole() {
        let mut lexicon = Lexicon::new(outcome_table(), |_, outcome| outcome);
        lexicon.add("０", crate::event::Outcome::Success);
        lexicon.add("成功", crate::event::Outcome::Failure);
        assert_eq!(lexicon.find("0"), Some(crate::event::Outcome::Success));
        assert_eq!(lexicon.find("10"), None);
        assert_eq!(lexicon.find("成功"), Some(crate::event::Outcome::Failure));
    }
}
