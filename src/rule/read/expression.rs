//! The condition of a temporal correlation in words: `a and (b or c) and not d`.
//!
//! Takes its text; gives the names it mentions and the alternatives over them. What would hold
//! when nothing happened, or never could, is refused.

use std::collections::BTreeSet;

use crate::diagnostic::{Place, Problem};

use super::super::Alternative;
use super::Context;

/// Longest text read, in bytes.
const LONGEST: usize = 4 << 10;
/// Deepest nesting of parentheses.
const DEEPEST: usize = 64;
/// Most alternatives a text may come to when it is written out.
const MOST: usize = 256;

/// A text that was read: alternatives over places in `names`.
pub(super) struct Read {
    pub(super) names: Vec<String>,
    pub(super) alternatives: Vec<Alternative>,
}

/// What is wrong, in both languages.
type Wrong = (String, String);

/// Reads a condition text.
pub(super) fn read(text: &str, place: &Place, context: &mut Context<'_>) -> Option<Read> {
    let mut reader = Reader {
        tokens: tokens(text),
        at: 0,
        depth: 0,
        names: Vec::new(),
    };
    let written_out = reader
        .whole(text)
        .and_then(|tree| alternatives(&tree, false));
    match written_out.and_then(checked) {
        Ok(alternatives) => Some(Read {
            names: reader.names,
            alternatives,
        }),
        Err((en, ja)) => {
            let problem = Problem::error(format!("condition: {en}"), format!("condition：{ja}"));
            context.push(problem.at(place.clone()).found(text));
            None
        }
    }
}

/// Words and single parentheses.
fn tokens(text: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    for word in text.split_whitespace() {
        let mut rest = word;
        while let Some(at) = rest.find(['(', ')', '|']) {
            let (before, from) = rest.split_at(at);
            let (sign, after) = from.split_at(1);
            tokens.extend([before, sign].into_iter().filter(|t| !t.is_empty()));
            rest = after;
        }
        tokens.extend(Some(rest).filter(|t| !t.is_empty()));
    }
    tokens
}

/// A condition as it is written.
enum Tree {
    Name(usize),
    Not(Box<Tree>),
    All(Vec<Tree>),
    Any(Vec<Tree>),
}

struct Reader<'t> {
    tokens: Vec<&'t str>,
    at: usize,
    depth: usize,
    names: Vec<String>,
}

fn wrong<T>(en: impl Into<String>, ja: impl Into<String>) -> Result<T, Wrong> {
    Err((en.into(), ja.into()))
}

fn is_operator(word: &str) -> bool {
    ["and", "or", "not"]
        .iter()
        .any(|operator| word.eq_ignore_ascii_case(operator))
}

impl<'t> Reader<'t> {
    fn whole(&mut self, text: &str) -> Result<Tree, Wrong> {
        if text.len() > LONGEST {
            return wrong("longer than 4 KiB", "4KiBを超えています");
        }
        let tree = self.or()?;
        match self.peek() {
            None => Ok(tree),
            Some(token) => wrong(
                format!("expected and, or or the end, found \"{token}\""),
                format!("and・or・末尾のいずれかが必要ですが、「{token}」があります"),
            ),
        }
    }

    fn peek(&self) -> Option<&'t str> {
        self.tokens.get(self.at).copied()
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|t| t.eq_ignore_ascii_case(word));
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Result<Tree, Wrong> {
        let mut parts = vec![self.and()?];
        while self.take("or") {
            parts.push(self.and()?);
        }
        Ok(Tree::Any(parts))
    }

    fn and(&mut self) -> Result<Tree, Wrong> {
        let mut parts = vec![self.not()?];
        while self.take("and") {
            parts.push(self.not()?);
        }
        Ok(Tree::All(parts))
    }

    fn not(&mut self) -> Result<Tree, Wrong> {
        let mut negated = false;
        while self.take("not") {
            negated = !negated;
        }
        let tree = self.primary()?;
        Ok(match negated {
            true => Tree::Not(Box::new(tree)),
            false => tree,
        })
    }

    fn primary(&mut self) -> Result<Tree, Wrong> {
        if self.take("(") {
            return self.parenthesis();
        }
        match self.peek() {
            None => wrong(
                "ends where the name of a rule is expected",
                "ルールの名前が必要な所で終わっています",
            ),
            Some(word) if is_operator(word) || matches!(word, ")" | "|") => wrong(
                format!("expected the name of a rule, found \"{word}\""),
                format!("ルールの名前が必要ですが、「{word}」があります"),
            ),
            Some(word) => {
                self.at += 1;
                Ok(Tree::Name(self.number(word)))
            }
        }
    }

    fn parenthesis(&mut self) -> Result<Tree, Wrong> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return wrong("nested too deeply", "括弧の入れ子が深すぎます");
        }
        let tree = self.or()?;
        self.depth -= 1;
        match self.take(")") {
            true => Ok(tree),
            false => wrong("a parenthesis is not closed", "括弧が閉じていません"),
        }
    }

    fn number(&mut self, word: &str) -> usize {
        let known = self.names.iter().position(|n| n == word);
        known.unwrap_or_else(|| {
            self.names.push(word.to_owned());
            self.names.len() - 1
        })
    }
}

/// The alternatives of a condition, or of its negation.
fn alternatives(tree: &Tree, negated: bool) -> Result<BTreeSet<Alternative>, Wrong> {
    let (parts, joined_by_and) = match tree {
        Tree::Name(at) => {
            let (needs, forbids) = match negated {
                false => (vec![*at], Vec::new()),
                true => (Vec::new(), vec![*at]),
            };
            return Ok(BTreeSet::from([Alternative { needs, forbids }]));
        }
        Tree::Not(inner) => return alternatives(inner, !negated),
        Tree::All(parts) => (parts, !negated),
        Tree::Any(parts) => (parts, negated),
    };
    let mut found = BTreeSet::new();
    if joined_by_and {
        let (needs, forbids) = Default::default();
        found.insert(Alternative { needs, forbids });
    }
    for part in parts {
        let more = alternatives(part, negated)?;
        match joined_by_and {
            true => {
                let pairs = found.iter().flat_map(|a| more.iter().map(|b| both(a, b)));
                found = pairs.collect();
            }
            false => found.extend(more),
        }
        if found.len() > MOST {
            return wrong(
                format!("comes to more than {MOST} alternatives when it is written out"),
                format!("展開すると {MOST} 通りを超えます"),
            );
        }
    }
    Ok(found)
}

fn both(left: &Alternative, right: &Alternative) -> Alternative {
    let joined = |a: &[usize], b: &[usize]| -> Vec<usize> {
        let all: BTreeSet<usize> = a.iter().chain(b).copied().collect();
        all.into_iter().collect()
    };
    Alternative {
        needs: joined(&left.needs, &right.needs),
        forbids: joined(&left.forbids, &right.forbids),
    }
}

/// Leaves out alternatives that contradict themselves, and refuses what can never hold and what
/// would hold without any event (reference: Sigma, G12).
fn checked(all: BTreeSet<Alternative>) -> Result<Vec<Alternative>, Wrong> {
    let kept: Vec<Alternative> = all
        .into_iter()
        .filter(|a| !a.needs.iter().any(|n| a.forbids.contains(n)))
        .collect();
    if kept.is_empty() {
        return wrong("can never hold", "成り立つことがありません");
    }
    if kept.iter().any(|a| a.needs.is_empty()) {
        return wrong(
            "would hold when nothing happens; join each \"not\" to a rule that must match by \"and\"",
            "何も起きなくても成り立ってしまいます。not は、一致すべきルールと and でつないでください",
        );
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written_out(text: &str) -> Result<Vec<Alternative>, String> {
        let mut reader = Reader {
            tokens: tokens(text),
            at: 0,
            depth: 0,
            names: Vec::new(),
        };
        let tree = reader.whole(text).map_err(|(en, _)| en)?;
        alternatives(&tree, false)
            .and_then(checked)
            .map_err(|(en, _)| en)
    }

    fn one(needs: &[usize], forbids: &[usize]) -> Alternative {
        Alternative {
            needs: needs.to_vec(),
            forbids: forbids.to_vec(),
        }
    }

    #[test]
    fn conditions_are_written_out() {
        assert_eq!(
            written_out("a and b and not c"),
            Ok(vec![one(&[0, 1], &[2])])
        );
        assert_eq!(
            written_out("a AND (b Or not(c or d))"),
            Ok(vec![one(&[0], &[2, 3]), one(&[0, 1], &[])])
        );
        assert_eq!(
            written_out("not not a or b"),
            Ok(vec![one(&[0], &[]), one(&[1], &[])])
        );
        assert_eq!(written_out("a or a and not a"), Ok(vec![one(&[0], &[])]));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        let many = (0..9).map(|n| format!("(x{n} or y{n})"));
        let many = many.collect::<Vec<_>>().join(" and ");
        let deep = format!("{}a", "(".repeat(100));
        for (text, complaint) in [
            ("", "ends where"),
            ("a and", "ends where"),
            ("and a", "found \"and\""),
            ("a b", "found \"b\""),
            ("(a", "not closed"),
            ("a)", "found \")\""),
            ("a | count()", "found \"|\""),
            ("not a", "would hold when nothing happens"),
            ("a or not b", "would hold when nothing happens"),
            ("a and not a", "can never hold"),
            (many.as_str(), "more than 256 alternatives"),
            (deep.as_str(), "nested too deeply"),
        ] {
            let said = written_out(text).expect_err(text);
            assert!(said.contains(complaint), "{text}: {said}");
        }
    }
}
