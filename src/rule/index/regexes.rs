//! Texts without which a regular expression cannot match.
//!
//! Takes patterns as written; gives folded literals, one of which stands in every value that one
//! of the patterns matches. Never compiles a pattern and never looks at a value.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use super::super::matcher::folded;

/// Most literals kept for one pattern.
const MOST: usize = 64;
/// Most characters a class may hold and still be looked at for being one letter in all its cases.
const CASES: usize = 8;

/// The folded literals, one of which every match of one of the patterns holds; `None` when no
/// such texts are known. A compiled pattern does not tell whether it was built to ignore case, so
/// what either reading needs is taken.
pub(super) fn literals<'p>(patterns: impl Iterator<Item = &'p str>) -> Option<Vec<String>> {
    let mut all = Vec::new();
    for pattern in patterns {
        for ignore_case in [false, true] {
            let hir = ParserBuilder::new()
                .case_insensitive(ignore_case)
                .build()
                .parse(pattern)
                .ok()?;
            all.extend(Piece::of(&hir).literals()?);
        }
    }
    all.sort_unstable();
    all.dedup();
    Some(all)
}

/// What is known of the folded texts a part of a pattern matches.
enum Piece {
    /// It matches this alone.
    Exact(String),
    /// Each holds one of these; none of them is empty.
    Holds(Vec<String>),
    /// Nothing.
    Unknown,
}

impl Piece {
    fn of(hir: &Hir) -> Piece {
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => Piece::Exact(String::new()),
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(text) => Piece::Exact(folded(text)),
                Err(_) => Piece::Unknown,
            },
            HirKind::Class(class) => one_letter(class),
            HirKind::Repetition(repetition) => repeated(repetition),
            HirKind::Capture(capture) => Piece::of(&capture.sub),
            HirKind::Concat(parts) => joined(parts),
            HirKind::Alternation(parts) => one_of(parts),
        }
    }

    fn literals(self) -> Option<Vec<String>> {
        match self {
            Piece::Exact(text) if !text.is_empty() => Some(vec![text]),
            Piece::Holds(texts) => Some(texts),
            Piece::Exact(_) | Piece::Unknown => None,
        }
    }
}

/// A class of one letter in all its cases matches that letter, folded.
fn one_letter(class: &Class) -> Piece {
    let ranges: Vec<(u32, u32)> = match class {
        Class::Unicode(class) => class
            .iter()
            .map(|r| (u32::from(r.start()), u32::from(r.end())))
            .collect(),
        Class::Bytes(class) if class.is_ascii() => class
            .iter()
            .map(|r| (u32::from(r.start()), u32::from(r.end())))
            .collect(),
        Class::Bytes(_) => return Piece::Unknown,
    };
    let letters = ranges.iter().flat_map(|(from, to)| *from..=*to);
    let letters: String = letters.filter_map(char::from_u32).take(CASES + 1).collect();
    let letters: Vec<char> = folded(&letters).chars().collect();
    match letters.first() {
        Some(first) if letters.len() <= CASES && letters.iter().all(|l| l == first) => {
            Piece::Exact(first.to_string())
        }
        _ => Piece::Unknown,
    }
}

fn repeated(repetition: &Repetition) -> Piece {
    match (repetition.min, Piece::of(&repetition.sub)) {
        (0, _) => Piece::Unknown,
        (1, piece) if repetition.max == Some(1) => piece,
        (_, piece) => match piece.literals() {
            Some(literals) => Piece::Holds(literals),
            None => Piece::Unknown,
        },
    }
}

/// Parts in a row: neighbors that are exact grow together, and the longest find stands for all.
fn joined(parts: &[Hir]) -> Piece {
    let mut finds: Vec<Vec<String>> = Vec::new();
    let mut run = String::new();
    let mut exact = true;
    for part in parts {
        match Piece::of(part) {
            Piece::Exact(text) => run.push_str(&text),
            other => {
                exact = false;
                finds.push(vec![std::mem::take(&mut run)]);
                finds.extend(other.literals());
            }
        }
    }
    if exact {
        return Piece::Exact(run);
    }
    finds.push(vec![run]);
    let shortest = |find: &Vec<String>| find.iter().map(String::len).min().unwrap_or_default();
    match finds.into_iter().max_by_key(shortest) {
        Some(best) if shortest(&best) > 0 => Piece::Holds(best),
        _ => Piece::Unknown,
    }
}

fn one_of(parts: &[Hir]) -> Piece {
    let mut all = Vec::new();
    for part in parts {
        match Piece::of(part).literals() {
            Some(literals) if all.len() + literals.len() <= MOST => all.extend(literals),
            _ => return Piece::Unknown,
        }
    }
    Piece::Holds(all)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(pattern: &str) -> Option<Vec<String>> {
        literals([pattern].into_iter())
    }

    #[test]
    fn literals_are_those_every_match_must_hold() {
        for (pattern, expected) in [
            ("^Login$", vec!["login"]),
            (r".*\\PowerShell\.exe\s+-e", vec![r"\powershell.exe"]),
            ("(?i)ſK", vec!["sk"]),
            ("(foo|barbar)+x?", vec!["barbar", "foo"]),
            (r"a\b.?long[kK]", vec!["longk"]),
            ("x(ab|c)y", vec!["y"]),
            ("漢字[あ-ん]", vec!["漢字"]),
            ("(ab){2}", vec!["ab"]),
        ] {
            let expected = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(of(pattern), Some(expected), "{pattern}");
        }
        for pattern in [
            r"\d+", "a*", "(a|)", "[^a]", "a|.", "(", "x|y?", "", "[a&&b]",
        ] {
            assert_eq!(of(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn what_either_reading_of_case_needs_is_taken() {
        // Ignoring case, the class is a and b; otherwise it is b alone.
        let either = vec!["b".to_owned(), "x".to_owned()];
        assert_eq!(of("x[abB&&BA]+"), Some(either));
        assert_eq!(of("[abB&&BA]+"), None);
    }

    fn a_pattern() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            4 => "[abkKſsä漢-]{1,3}",
            1 => prop::sample::select(vec![".", r"\d", "[ab]", "[^a]", "[kK]", r"\b", "^", "$", "(?i)", "(?-i)", "[abB&&BA]"])
                .prop_map(str::to_owned),
        ];
        leaf.prop_recursive(4, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|p| p.concat()),
                prop::collection::vec(inner.clone(), 1..4)
                    .prop_map(|p| format!("({})", p.join("|"))),
                (
                    inner,
                    prop::sample::select(vec!["*", "+", "?", "{2}", "{1,2}", "{0}"])
                )
                    .prop_map(|(p, times)| format!("({p}){times}")),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn every_match_holds_a_literal(
            pattern in a_pattern(),
            ignore_case: bool,
            values in prop::collection::vec("[aAbBkKſsSäÄ漢1-]{0,6}", 24),
        ) {
            let built = regex::RegexBuilder::new(&pattern).case_insensitive(ignore_case).build();
            let (Ok(regex), Some(literals)) = (built, of(&pattern)) else { return Ok(()) };
            for value in values.iter().filter(|v| regex.is_match(v)) {
                let value = folded(value);
                prop_assert!(literals.iter().any(|l| value.contains(l)), "{pattern} {value} {literals:?}");
            }
        }

        #[test]
        fn no_pattern_is_too_strange(pattern in ".{0,12}") {
            of(&pattern);
        }
    }
}
