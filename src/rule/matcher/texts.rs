//! A list of texts of a rule, compiled so that one look answers for all of them.
//!
//! Takes patterns joined by OR; gives [`Texts`], asked with one value of an event at a time.
//! Never allocates when asked.

use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use aho_corasick::{Anchored, MatchKind};

use super::fold::{self, fold};
use super::pattern::{Part, Pattern, escaped, fits, literal_of, written};
use super::shared::Shared;

/// From this number of whole texts on, they are found by hash.
const HASHED_FROM: usize = 8;

/// Patterns joined by OR.
#[derive(Debug, Default)]
pub(in crate::rule) struct Texts {
    cased: bool,
    /// A lone star: any value fits.
    any: bool,
    whole: Vec<Box<str>>,
    /// Hash and index into `whole`, sorted; empty for short lists.
    hashed: Vec<(u64, u32)>,
    prefixes: Vec<Box<str>>,
    suffixes: Vec<Box<str>>,
    inside: Vec<Box<str>>,
    search: Option<Search>,
    mixed: Vec<Box<[Part]>>,
}

impl Texts {
    /// Compiles patterns; with `cased` false they match in any case. `None` when they are too
    /// large to be searched for together.
    pub(in crate::rule) fn new(patterns: Vec<Pattern>, cased: bool) -> Option<Texts> {
        let mut texts = Texts {
            cased,
            ..Texts::default()
        };
        for pattern in patterns {
            texts.add(pattern);
        }
        if !cased && !texts.inside.is_empty() {
            texts.search = Some(Search::new(&texts.inside)?);
        }
        if !cased && texts.whole.len() >= HASHED_FROM {
            let hashes = texts.whole.iter().map(|w| fold::hash(w));
            texts.hashed = hashes.zip(0..).collect();
            texts.hashed.sort_unstable();
        }
        Some(texts)
    }

    fn add(&mut self, Pattern(mut parts): Pattern) {
        if !self.cased {
            for part in &mut parts {
                if let Part::Literal(c) = part {
                    *c = fold(*c);
                }
            }
        }
        let front = parts.first() == Some(&Part::Run);
        let back = parts.len() > 1 && parts.last() == Some(&Part::Run);
        let core = &parts[usize::from(front)..parts.len() - usize::from(back)];
        match literal_of(core) {
            None => self.mixed.push(parts.into_boxed_slice()),
            Some(text) if text.is_empty() && front => self.any = true,
            Some(text) => match (front, back) {
                (false, false) => self.whole.push(text.into()),
                (false, true) => self.prefixes.push(text.into()),
                (true, false) => self.suffixes.push(text.into()),
                (true, true) => self.inside.push(text.into()),
            },
        }
    }

    /// True when one of the patterns fits the value.
    #[inline]
    pub(super) fn fit(&self, value: &str) -> bool {
        if self.any {
            return true;
        }
        if self.cased {
            return self.fit_cased(value);
        }
        self.is_whole(value)
            || self.prefixes.iter().any(|p| fold::starts(p, value))
            || self.suffixes.iter().any(|s| fold::ends(s, value))
            || self.search.as_ref().is_some_and(|s| s.finds(value))
            || self.mixed.iter().any(|m| fits(m, value, false))
    }

    fn fit_cased(&self, value: &str) -> bool {
        self.whole.iter().any(|w| **w == *value)
            || self.prefixes.iter().any(|p| value.starts_with(&**p))
            || self.suffixes.iter().any(|s| value.ends_with(&**s))
            || self.inside.iter().any(|i| value.contains(&**i))
            || self.mixed.iter().any(|m| fits(m, value, true))
    }

    fn is_whole(&self, value: &str) -> bool {
        if self.hashed.is_empty() {
            let same = |w: &&str| w.len() == value.len() && w.eq_ignore_ascii_case(value);
            let mut listed = self.whole.iter().map(|w| &**w);
            // Where the value is ASCII, only texts of its length can equal it.
            return listed.clone().any(|w| same(&w))
                || !value.is_ascii() && listed.any(|w| fold::equal(w, value));
        }
        let hash = fold::hash(value);
        let from = self.hashed.partition_point(|(h, _)| *h < hash);
        self.hashed[from..]
            .iter()
            .take_while(|(h, _)| *h == hash)
            .any(|(_, at)| fold::equal(&self.whole[*at as usize], value))
    }

    /// Number of patterns.
    pub(super) fn len(&self) -> usize {
        let Texts {
            any,
            whole,
            prefixes,
            suffixes,
            inside,
            mixed,
            ..
        } = self;
        let ends = prefixes.len() + suffixes.len();
        usize::from(*any) + whole.len() + ends + inside.len() + mixed.len()
    }

    /// The patterns as a rule would write them, in folded letters where case does not matter.
    pub(super) fn written(&self) -> impl Iterator<Item = String> {
        let any = self.any.then(|| "*".to_owned());
        let whole = self.whole.iter().map(|text| escaped(text));
        let prefixes = self.prefixes.iter().map(|p| format!("{}*", escaped(p)));
        let suffixes = self.suffixes.iter().map(|s| format!("*{}", escaped(s)));
        let inside = self.inside.iter().map(|i| format!("*{}*", escaped(i)));
        let mixed = self.mixed.iter().map(|parts| written(parts));
        let ends = prefixes.chain(suffixes);
        any.into_iter()
            .chain(whole)
            .chain(ends)
            .chain(inside)
            .chain(mixed)
    }

    /// True when case matters.
    pub(super) fn is_cased(&self) -> bool {
        self.cased
    }

    /// The texts, when all of them are whole ones in any case.
    pub(in crate::rule) fn only_whole(&self) -> Option<&[Box<str>]> {
        let others = self.any
            || self.cased
            || !self.prefixes.is_empty()
            || !self.suffixes.is_empty()
            || !self.inside.is_empty()
            || !self.mixed.is_empty();
        (!others).then_some(&self.whole)
    }

    /// How many texts it has, wildcards apart.
    pub(in crate::rule) fn size(&self) -> usize {
        self.whole.len()
            + self.prefixes.len()
            + self.suffixes.len()
            + self.inside.len()
            + self.mixed.len()
    }

    /// Visits texts, one of which stands in every value that fits: a whole value (then told
    /// `true`), or a part of one, which is empty when nothing is known. In their own case where
    /// that matters, else folded.
    pub(in crate::rule) fn each_literal(&self, visit: &mut dyn FnMut(&str, bool)) {
        if self.any {
            visit("", false);
        }
        self.whole.iter().for_each(|text| visit(text, true));
        let parts = [&self.prefixes, &self.suffixes, &self.inside];
        parts.into_iter().flatten().for_each(|t| visit(t, false));
        for mixed in &self.mixed {
            let runs = mixed.split(|part| !matches!(part, Part::Literal(_)));
            let longest = runs.max_by_key(|run| run.len()).and_then(literal_of);
            visit(&longest.unwrap_or_default(), false);
        }
    }

    /// How dear a question is, roughly.
    pub(super) fn cost(&self) -> u32 {
        let listed = self.prefixes.len() + self.suffixes.len();
        let searched = usize::from(self.search.is_some()) * 8 + self.mixed.len() * 8;
        2 + ((listed / 8 + searched) as u32).min(40)
    }
}

/// Finds any of several folded texts in a value that is folded on the way, in one pass.
#[derive(Debug)]
struct Search {
    automaton: NFA,
    start: StateID,
    /// A quicker way through ASCII values.
    shared: Option<Shared>,
}

impl Search {
    fn new(needles: &[Box<str>]) -> Option<Search> {
        let automaton = NFA::builder()
            .match_kind(MatchKind::Standard)
            .prefilter(false)
            .build(needles.iter().map(|n| n.as_bytes()))
            .ok()?;
        let start = automaton.start_state(Anchored::No).ok()?;
        Some(Search {
            automaton,
            start,
            shared: Shared::of(needles),
        })
    }

    fn finds(&self, value: &str) -> bool {
        match &self.shared {
            Some(shared) if value.is_ascii() => shared.finds(value.as_bytes()),
            _ => self.walk(value),
        }
    }

    fn walk(&self, value: &str) -> bool {
        let mut state = self.start;
        let mut bytes = [0; 4];
        for c in value.chars() {
            for byte in fold(c).encode_utf8(&mut bytes).bytes() {
                state = self.automaton.next_state(Anchored::No, state, byte);
                if self.automaton.is_special(state) && self.automaton.is_match(state) {
                    return true;
                }
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(patterns: &[&str], cased: bool) -> Texts {
        Texts::new(patterns.iter().map(|p| Pattern::parse(p)).collect(), cased).expect("small")
    }

    #[test]
    fn each_kind_of_pattern_finds_its_values() {
        let all = texts(&["Äb", "pre*", "*post", "*in*", "x?z", "*ſk*"], false);
        for hit in ["äB", "PREfix", "a POST", "sINk", "XYZ", "task ſK", "SK"] {
            assert!(all.fit(hit), "{hit}");
        }
        for miss in ["äbc", "apre", "posts", "xz", ""] {
            assert!(!all.fit(miss), "{miss}");
        }
        assert!(texts(&["*"], false).fit("") && !texts(&[""], false).fit("a"));
        assert!(texts(&["Ab*"], true).fit("Abc") && !texts(&["Ab*"], true).fit("abc"));
    }

    #[test]
    fn long_lists_are_found_by_hash() {
        let words: Vec<String> = (0..100).map(|i| format!("Wort-{i}")).collect();
        let list = texts(&words.iter().map(String::as_str).collect::<Vec<_>>(), false);
        assert!(!list.hashed.is_empty());
        assert!(list.fit("WORT-42") && list.fit("wort-0") && !list.fit("wort-100"));
    }
}
