//! The condition of a detection: `selection and not 1 of filter_*`.
//!
//! Takes its text and the names of the search identifiers; gives a node over their indices. An
//! undefined name or a pattern that meets nothing is refused: dropping it would widen the rule.

use crate::diagnostic::{Place, Problem, nearest};

use super::super::matcher::Node;
use super::Context;

/// Longest condition read, in bytes.
const LONGEST: usize = 16 << 10;
/// Deepest nesting of parentheses and negations.
const DEEPEST: usize = 64;

/// A condition being read.
struct Reader<'t> {
    tokens: Vec<&'t str>,
    at: usize,
    depth: usize,
    names: &'t [String],
    used: Vec<bool>,
}

/// What is wrong, in both languages.
type Wrong = (String, String);

/// Reads one condition; marks the identifiers it uses.
pub(super) fn read(
    text: &str,
    place: &Place,
    names: &[String],
    context: &mut Context<'_>,
) -> Option<(Node, Vec<bool>)> {
    let mut reader = Reader {
        tokens: tokens(text),
        at: 0,
        depth: 0,
        names,
        used: vec![false; names.len()],
    };
    match reader.whole(text) {
        Ok(node) => Some((node, reader.used)),
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

fn wrong<T>(en: impl Into<String>, ja: impl Into<String>) -> Result<T, Wrong> {
    Err((en.into(), ja.into()))
}

impl<'t> Reader<'t> {
    fn whole(&mut self, text: &str) -> Result<Node, Wrong> {
        if text.len() > LONGEST {
            return wrong("longer than 16 KiB", "16KiBを超えています");
        }
        if self.tokens.contains(&"|") {
            return wrong(
                "aggregation behind a pipe is Sigma 1; write a correlation instead",
                "パイプによる集計は旧仕様です。correlation を使ってください",
            );
        }
        let node = self.or()?;
        match self.peek() {
            None => Ok(node),
            Some(token) => wrong(
                format!(
                    "expected and, or or the end, found \"{token}\"{}",
                    lower_case(token, true)
                ),
                format!(
                    "and・or・末尾のいずれかが必要ですが、「{token}」があります{}",
                    lower_case(token, false)
                ),
            ),
        }
    }

    fn peek(&self) -> Option<&'t str> {
        self.tokens.get(self.at).copied()
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Result<Node, Wrong> {
        let mut nodes = vec![self.and()?];
        while self.take("or") {
            nodes.push(self.and()?);
        }
        Ok(joined(nodes, Node::Any))
    }

    fn and(&mut self) -> Result<Node, Wrong> {
        let mut nodes = vec![self.not()?];
        while self.take("and") {
            nodes.push(self.not()?);
        }
        Ok(joined(nodes, Node::All))
    }

    fn not(&mut self) -> Result<Node, Wrong> {
        let mut negated = false;
        while self.take("not") {
            negated = !negated;
        }
        let node = self.primary()?;
        Ok(if negated {
            Node::Not(Box::new(node))
        } else {
            node
        })
    }

    fn primary(&mut self) -> Result<Node, Wrong> {
        if self.take("(") {
            return self.parenthesis();
        }
        let Some(word) = self.peek() else {
            return wrong(
                "ends where a name is expected",
                "名前が必要な所で終わっています",
            );
        };
        if matches!(word, ")" | "and" | "or" | "of") {
            return wrong(
                format!("expected a name, found \"{word}\""),
                format!("名前が必要ですが、「{word}」があります"),
            );
        }
        self.at += 1;
        match self.take("of") {
            true => self.quantified(word),
            false => self.named(word),
        }
    }

    fn parenthesis(&mut self) -> Result<Node, Wrong> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return wrong("nested too deeply", "括弧の入れ子が深すぎます");
        }
        let node = self.or()?;
        self.depth -= 1;
        match self.take(")") {
            true => Ok(node),
            false => wrong("a parenthesis is not closed", "括弧が閉じていません"),
        }
    }

    fn named(&mut self, word: &str) -> Result<Node, Wrong> {
        if let Some(at) = self.names.iter().position(|n| n == word) {
            self.used[at] = true;
            return Ok(Node::Selection(at));
        }
        let lower = (lower_case(word, true), lower_case(word, false));
        let near = nearest(word, self.names.iter().map(String::as_str));
        let (en, ja) = match near {
            Some(near) => (
                format!("; perhaps {near}"),
                format!("。{near} ではありませんか"),
            ),
            None => Default::default(),
        };
        wrong(
            format!("\"{word}\" is not defined{en}{}", lower.0),
            format!("「{word}」は定義されていません{ja}{}", lower.1),
        )
    }

    fn quantified(&mut self, quantifier: &str) -> Result<Node, Wrong> {
        let join: fn(Vec<Node>) -> Node = match quantifier {
            "1" | "any" => Node::Any,
            "all" => Node::All,
            _ => {
                return wrong(
                    format!("\"{quantifier} of\": expected 1, any or all"),
                    format!("「{quantifier} of」：1・any・all のいずれかが必要です"),
                );
            }
        };
        let Some(pattern) = self.peek() else {
            return wrong("nothing stands behind of", "of の後に何もありません");
        };
        self.at += 1;
        let mut nodes = Vec::new();
        for (at, name) in self.names.iter().enumerate() {
            let hidden = name.starts_with('_') && !pattern.starts_with('_');
            if !hidden && (pattern == "them" || fits(pattern, name)) {
                self.used[at] = true;
                nodes.push(Node::Selection(at));
            }
        }
        match nodes.is_empty() {
            true => wrong(
                format!("\"{pattern}\" meets no search identifier"),
                format!("「{pattern}」に当てはまる名前がありません"),
            ),
            false => Ok(joined(nodes, join)),
        }
    }
}

fn joined(mut nodes: Vec<Node>, join: fn(Vec<Node>) -> Node) -> Node {
    match nodes.len() {
        1 => nodes.remove(0),
        _ => join(nodes),
    }
}

/// A hint for operators written in capitals.
fn lower_case(word: &str, english: bool) -> &'static str {
    match (word, english) {
        ("AND" | "OR" | "NOT" | "OF" | "ALL" | "THEM", true) => {
            "; operators are written in lower case"
        }
        ("AND" | "OR" | "NOT" | "OF" | "ALL" | "THEM", false) => "（演算子は小文字で書きます）",
        _ => "",
    }
}

/// True when a name fits a pattern in which `*` stands for any run of characters.
fn fits(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else {
        return false;
    };
    if !pattern.contains('*') {
        return rest.is_empty();
    }
    let mut pieces: Vec<&str> = pieces.collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_names_take_stars_anywhere() {
        assert!(fits("sel_*", "sel_a") && fits("*_a", "sel_a") && fits("s*_*", "sel_a"));
        assert!(fits("sel", "sel") && fits("*", "x") && fits("a*a", "aa"));
        assert!(!fits("sel", "sel_a") && !fits("a*a", "a") && !fits("*b*", "ac"));
    }

    #[test]
    fn operators_count_only_as_whole_words() {
        assert_eq!(
            tokens("(notebook and all_hosts)or x"),
            ["(", "notebook", "and", "all_hosts", ")", "or", "x"]
        );
    }
}
