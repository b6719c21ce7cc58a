//! A text of a rule with its wildcards: what the backslashes, stars and question marks mean.
//!
//! Takes the text as written (Sigma specification 2.1, escaping); gives a list of parts. Never
//! looks at an event's value except to match one pattern of mixed parts.

use super::fold::fold;

/// One part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rule) enum Part {
    /// This character.
    Literal(char),
    /// Any run of characters, also none.
    Run,
    /// Exactly one character.
    One,
    /// One of the characters that stand in front of a command-line flag.
    Dash,
}

/// The characters `windash` takes for each other.
pub(in crate::rule) const DASHES: [char; 5] = ['-', '/', '\u{2013}', '\u{2014}', '\u{2015}'];

/// A text with wildcards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::rule) struct Pattern(pub(super) Vec<Part>);

impl Pattern {
    /// Reads a text as a rule writes it. A backslash escapes only `*`, `?` and a backslash.
    pub(in crate::rule) fn parse(text: &str) -> Pattern {
        let mut parts: Vec<Part> = Vec::with_capacity(text.len());
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let part = match c {
                '*' => Part::Run,
                '?' => Part::One,
                '\\' => Part::Literal(
                    chars
                        .next_if(|next| matches!(next, '*' | '?' | '\\'))
                        .unwrap_or('\\'),
                ),
                _ => Part::Literal(c),
            };
            // Two stars say no more than one.
            if part != Part::Run || parts.last() != Some(&Part::Run) {
                parts.push(part);
            }
        }
        Pattern(parts)
    }

    /// The pattern of a text that holds no wildcard.
    pub(in crate::rule) fn literal(text: &str) -> Pattern {
        Pattern(text.chars().map(Part::Literal).collect())
    }

    /// The text, when no wildcard is in it.
    pub(in crate::rule) fn as_literal(&self) -> Option<String> {
        literal_of(&self.0)
    }

    /// Lets any run of characters stand in front.
    pub(in crate::rule) fn open_front(&mut self) {
        if self.0.first() != Some(&Part::Run) {
            self.0.insert(0, Part::Run);
        }
    }

    /// Lets any run of characters stand behind.
    pub(in crate::rule) fn open_back(&mut self) {
        if self.0.last() != Some(&Part::Run) {
            self.0.push(Part::Run);
        }
    }

    /// The place of the first dash that is one of several.
    pub(in crate::rule) fn free_dash(&self) -> Option<usize> {
        self.0.iter().position(|part| *part == Part::Dash)
    }

    /// The same with this character at a place.
    pub(in crate::rule) fn with(&self, at: usize, c: char) -> Pattern {
        let mut parts = self.0.clone();
        if let Some(part) = parts.get_mut(at) {
            *part = Part::Literal(c);
        }
        Pattern(parts)
    }

    /// Makes the dashes in front of words interchangeable.
    pub(in crate::rule) fn free_dashes(&mut self) {
        let word = |part: Option<&Part>| matches!(part, Some(Part::Literal(c)) if c.is_alphanumeric() || *c == '_');
        for i in 0..self.0.len() {
            let dash = matches!(self.0[i], Part::Literal(c) if DASHES.contains(&c));
            let before = i.checked_sub(1).and_then(|b| self.0.get(b));
            if dash && !word(before) && word(self.0.get(i + 1)) {
                self.0[i] = Part::Dash;
            }
        }
    }
}

/// The text of parts that are all literal.
pub(super) fn literal_of(parts: &[Part]) -> Option<String> {
    parts
        .iter()
        .map(|part| match part {
            Part::Literal(c) => Some(*c),
            _ => None,
        })
        .collect()
}

/// A literal text as a rule writes it: its own stars and question marks do not stand for others.
pub(super) fn escaped(text: &str) -> String {
    let parts: Vec<Part> = text.chars().map(Part::Literal).collect();
    written(&parts)
}

/// Parts as a rule writes them.
pub(super) fn written(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal(c) => {
                text.extend(matches!(c, '*' | '?').then_some('\\'));
                text.push(*c);
            }
            Part::Run => text.push('*'),
            Part::One => text.push('?'),
            Part::Dash => text.push('-'),
        }
    }
    text
}

/// True when the whole value fits the parts. With `cased` false the parts are folded already.
/// Going back to the last star only keeps the time within value length times pattern length.
pub(super) fn fits(parts: &[Part], value: &str, cased: bool) -> bool {
    let fits_one = |part: &Part, c: char| match part {
        Part::Literal(l) => *l == if cased { c } else { fold(c) },
        Part::One => true,
        Part::Dash => DASHES.contains(&c),
        Part::Run => false,
    };
    let mut rest = value.chars();
    let mut at = 0;
    let mut retry = None;
    loop {
        if parts.get(at) == Some(&Part::Run) {
            at += 1;
            retry = Some((at, rest.clone()));
            continue;
        }
        let mut next = rest.clone();
        match (next.next(), parts.get(at)) {
            (None, None) => return true,
            (Some(c), Some(part)) if fits_one(part, c) => {
                rest = next;
                at += 1;
            }
            (None, Some(_)) => return false,
            _ => {
                // The last star takes one character more.
                let Some((after, from)) = &mut retry else {
                    return false;
                };
                if from.next().is_none() {
                    return false;
                }
                at = *after;
                rest = from.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, value: &str) -> bool {
        fits(&Pattern::parse(pattern).0, value, true)
    }

    #[test]
    fn backslashes_follow_the_table() {
        for (written, meant) in [
            (r"a\b", r"a\b"),
            (r"a\\b", r"a\b"),
            (r"\*\?", "*?"),
            (r"a\\\*", r"a\*"),
            (r"a\\\b", r"a\\b"),
            (r"a\\\\b", r"a\\b"),
            (r"a\", r"a\"),
            (r"\n\t", r"\n\t"),
            (r"\\\\host", r"\\host"),
        ] {
            let literal = Pattern::parse(written).as_literal();
            assert_eq!(literal.as_deref(), Some(meant), "{written}");
        }
        assert_eq!(
            Pattern::parse(r"a\\*").0,
            [Part::Literal('a'), Part::Literal('\\'), Part::Run]
        );
        assert_eq!(
            Pattern::parse(r"D:\*\a").as_literal().as_deref(),
            Some(r"D:*\a")
        );
    }

    #[test]
    fn wildcards_cross_lines_and_count_code_points() {
        assert!(matches("a*c", "a\nb\nc") && matches("*", "") && matches("a?c", "a漢c"));
        assert!(matches("*ab*ab", "abxabab") && matches("***", "x"));
        assert!(!matches("a?c", "ac") && !matches("?", "") && !matches("*ab", "abc"));
        assert!(!matches("a%c", "abc") && !matches("a_c", "abc") && !matches("a.c", "abc"));
    }

    #[test]
    fn only_dashes_before_words_are_free() {
        let free = |text: &str| {
            let mut pattern = Pattern::parse(text);
            pattern.free_dashes();
            pattern.0.iter().filter(|p| **p == Part::Dash).count()
        };
        assert_eq!(free("-enc /x well-known a -- b"), 2);
        assert_eq!(free("*-a"), 1);
    }
}
