//! The values behind a key: from written text to compiled tests.
//!
//! Takes scalars and the [`Plan`] of their key; gives a node of the condition. Values are taken
//! in their written form, so that `00000429` is not 429.

use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use crate::diagnostic::Problem;
use crate::yaml::{Node as Yaml, Value};

use super::super::matcher::{
    BadNetwork, Fit, Item, Network, Node, Pattern, Target, Test, Texts, compare_numbers,
};
use super::modifier::{Kind, Plan, Step};
use super::{Context, encode, expand};

/// Largest program a regular expression may become, in bytes.
const REGEX_SIZE: usize = 1 << 20;
/// Deepest nesting of groups in a regular expression.
const REGEX_NESTING: u32 = 64;
/// What a failed regular expression costs of the file's effort: most fail by their size, late.
const REGEX_FAILURE: usize = 8 << 10;

/// Reads the values of one item and joins them.
pub(super) fn read(plan: &Plan, value: &Yaml, context: &mut Context<'_>) -> Option<Node> {
    let values = match &value.value {
        Value::Seq(items) => items.as_slice(),
        _ => std::slice::from_ref(value),
    };
    if values.is_empty() {
        return context.refuse(
            &value.place,
            "an empty list matches nothing; write at least one value",
            "空のリストは何にも一致しません。値を一つ以上書いてください",
        );
    }
    if plan.kind == Kind::Exists {
        return exists(plan, value, context);
    }
    let mut nulls = 0;
    let mut scalars = Vec::new();
    let mut refused = false;
    for item in values {
        match &item.value {
            Value::Null => nulls += 1,
            Value::Scalar { text, plain } => {
                warn_of_yaml_1_1(text, *plain, item, context);
                scalars.push((text.as_str(), item));
            }
            Value::Seq(_) | Value::Map(_) => {
                refused = true;
                super::wrong_kind::<()>(item, &plan.field, ("a single value", "単独の値"), context);
            }
        }
    }
    if nulls > 0 && (!plan.takes_null() || value.as_seq().is_some()) {
        return context.refuse(
            &value.place,
            "nothing (null) can be compared only by itself, not in a list, with no modifier but neq",
            "空値（null）は、リストではなく単独で、修飾子なし（neq は可）でだけ比較できます",
        );
    }
    let mut nodes = tests(plan, &scalars, context)?;
    if refused {
        return None;
    }
    if nulls > 0 {
        nodes.push(plan.item(Test::Null, context));
    }
    let joined = match (nodes.len(), plan.all) {
        (1, _) => nodes.pop()?,
        (_, true) => Node::All(nodes),
        (_, false) => Node::Any(nodes),
    };
    Some(match plan.negated {
        true => Node::Not(Box::new(joined)),
        false => joined,
    })
}

/// A YAML 1.1 reader, which other programs use, takes these words for booleans.
fn warn_of_yaml_1_1(text: &str, plain: bool, item: &Yaml, context: &mut Context<'_>) {
    if plain
        && ["yes", "no", "on", "off"]
            .iter()
            .any(|w| w.eq_ignore_ascii_case(text))
    {
        context.push(
            Problem::warning(
                format!(
                    "{text} without quotes is read as text here and as true or false elsewhere"
                ),
                format!(
                    "引用符のない {text} はここでは文字列ですが、他の処理系では真偽値になります"
                ),
            )
            .at(item.place.clone())
            .help(
                format!("write '{text}'"),
                format!("'{text}' と書いてください"),
            ),
        );
    }
}

fn exists(plan: &Plan, value: &Yaml, context: &mut Context<'_>) -> Option<Node> {
    match value.as_bool() {
        Some(wanted) => Some(plan.item(Test::Exists(wanted), context)),
        None => context.refuse(
            &value.place,
            "exists takes true or false and nothing else",
            "exists の値は true か false だけです",
        ),
    }
}

impl Plan {
    fn takes_null(&self) -> bool {
        let plain = self.kind.is_text() && self.steps.is_empty();
        plain && !self.all && !self.cased && !self.expand && !self.field.is_empty()
    }

    fn item(&self, test: Test, context: &Context<'_>) -> Node {
        let target = match self.field.as_str() {
            "" => Target::Anywhere,
            name => Target::Field(context.field(name)),
        };
        Node::Item(Arc::new(Item { target, test }))
    }
}

/// One node for all values, or one a value where all of them must be met.
fn tests(plan: &Plan, scalars: &[(&str, &Yaml)], context: &mut Context<'_>) -> Option<Vec<Node>> {
    if scalars.is_empty() {
        return Some(Vec::new());
    }
    let size = if plan.all { 1 } else { scalars.len() };
    let groups: Vec<Option<Node>> = scalars
        .chunks(size)
        .map(|group| {
            let test = test(plan, group, context)?;
            Some(plan.item(test, context))
        })
        .collect();
    groups.into_iter().collect()
}

fn test(plan: &Plan, group: &[(&str, &Yaml)], context: &mut Context<'_>) -> Option<Test> {
    Some(match plan.kind {
        Kind::Text => Test::Texts(Box::new(texts(plan, group, context)?)),
        Kind::Regex { .. } => Test::Regexes(each(group, context, |v, c| regex(plan, v, c))?),
        Kind::Network => {
            let networks = each(group, context, |v, c| network(plan, v, c))?;
            Test::Networks(networks.into_iter().flatten().collect())
        }
        Kind::Number(how) => Test::Numbers(how, each(group, context, number)?),
        Kind::Part(part) => Test::Parts(
            part,
            each(group, context, |(text, node), c| {
                let number = text.parse().ok().filter(|n| part.range().contains(n));
                number.or_else(|| {
                    let (from, to) = part.range().into_inner();
                    c.refuse(
                        &node.place,
                        format!("\"{text}\": expected a number from {from} to {to}"),
                        format!("「{text}」：{from}〜{to} の数が必要です"),
                    )
                })
            })?,
        ),
        Kind::Reference => {
            let fit = |step| plan.steps.contains(&step) || plan.steps.contains(&Step::Contains);
            let fields = each(group, context, |(text, node), c| {
                super::lint::field(text, &node.place, c);
                Some(c.field(text))
            })?;
            Test::Reference(
                fields,
                Fit {
                    front: fit(Step::EndsWith),
                    back: fit(Step::StartsWith),
                    cased: plan.cased,
                },
            )
        }
        Kind::Exists => return None,
    })
}

/// Reads each value, so that all bad ones are complained about.
fn each<'n, T>(
    group: &[(&'n str, &'n Yaml)],
    context: &mut Context<'_>,
    mut read: impl FnMut((&'n str, &'n Yaml), &mut Context<'_>) -> Option<T>,
) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = group.iter().map(|value| read(*value, context)).collect();
    read.into_iter().collect()
}

fn regex(plan: &Plan, (text, node): (&str, &Yaml), context: &mut Context<'_>) -> Option<Regex> {
    let Kind::Regex {
        ignore_case,
        multi_line,
        dot_all,
    } = plan.kind
    else {
        return None;
    };
    match context.regex_effort_left.checked_sub(effort(text)) {
        Some(left) => context.regex_effort_left = left,
        None => {
            return context.refuse(
                &node.place,
                "too many or too large regular expressions in one file",
                "一つのファイルの正規表現が多すぎるか大きすぎます",
            );
        }
    }
    let built = RegexBuilder::new(text)
        .case_insensitive(ignore_case)
        .multi_line(multi_line)
        .dot_matches_new_line(dot_all)
        .size_limit(REGEX_SIZE)
        .dfa_size_limit(REGEX_SIZE)
        .nest_limit(REGEX_NESTING)
        .build();
    match built {
        Ok(regex) => Some(regex),
        Err(error) => {
            context.regex_effort_left = context.regex_effort_left.saturating_sub(REGEX_FAILURE);
            // The last line of the library's message is the reason; those before draw the place.
            let drawn = error.to_string();
            let reason = drawn.lines().last().unwrap_or_default();
            let reason = reason.strip_prefix("error: ").unwrap_or(reason);
            context.push(
                Problem::error(
                    format!("not usable as a regular expression: {reason}"),
                    format!("正規表現として使えません: {reason}"),
                )
                .at(node.place.clone())
                .found(text)
                .help(
                    "look-around and back-references are not supported; anything else of RE2 is",
                    "先読み・後読みと後方参照は使えません（RE2 の範囲で書いてください）",
                ),
            );
            None
        }
    }
}

/// How much work compiling is, roughly: its length times the sum of its counted repetitions.
fn effort(text: &str) -> usize {
    let counts = text.split('{').skip(1).map(|behind| {
        let inside = behind.split('}').next().unwrap_or_default();
        let numbers = inside
            .split(',')
            .filter_map(|n| n.trim().parse::<usize>().ok());
        numbers.max().unwrap_or_default()
    });
    let sum = counts.fold(1, usize::saturating_add);
    (text.len() + 1).saturating_mul(sum)
}

fn network(
    plan: &Plan,
    (text, node): (&str, &Yaml),
    context: &mut Context<'_>,
) -> Option<Vec<Network>> {
    let written = match plan.expand {
        true => expand::values(text, node, context)?,
        false => vec![text.to_owned()],
    };
    let mut networks = Vec::new();
    for text in written {
        match Network::parse(&text) {
            Ok(network) => networks.push(network),
            Err(bad) => {
                let problem = Problem::error(
                    format!("\"{text}\" is no network"),
                    format!("「{text}」はネットワークとして読めません"),
                );
                let problem = match bad {
                    BadNetwork::HostBits(network) => problem.help(
                        format!("write {network}"),
                        format!("{network} と書いてください"),
                    ),
                    BadNetwork::Unreadable => problem.help(
                        "write an address and a prefix length, such as 10.20.0.0/16",
                        "10.20.0.0/16 のように、アドレスとプレフィックス長で書いてください",
                    ),
                };
                context.push(problem.at(node.place.clone()).found(&text));
                return None;
            }
        }
    }
    Some(networks)
}

fn number((text, node): (&str, &Yaml), context: &mut Context<'_>) -> Option<Box<str>> {
    match compare_numbers(text, "0") {
        Some(_) => Some(text.into()),
        None => context.refuse(
            &node.place,
            format!("\"{text}\" is no number to compare with"),
            format!("「{text}」は数ではないので大小を比べられません"),
        ),
    }
}

fn texts(plan: &Plan, group: &[(&str, &Yaml)], context: &mut Context<'_>) -> Option<Texts> {
    let patterns = each(group, context, |v, c| patterns(plan, v, c))?;
    let compiled = Texts::new(patterns.into_iter().flatten().collect(), plan.cased);
    compiled.or_else(|| {
        context.refuse(
            &plan.place,
            "the list is too large to be searched for",
            "リストが大きすぎて検索できません",
        )
    })
}

/// The patterns one written value becomes.
fn patterns(
    plan: &Plan,
    (text, node): (&str, &Yaml),
    context: &mut Context<'_>,
) -> Option<Vec<Pattern>> {
    let written = match plan.expand {
        true => expand::values(text, node, context)?,
        false => vec![text.to_owned()],
    };
    if plan.field.is_empty() && text.is_empty() {
        return context.refuse(
            &node.place,
            "an empty keyword is found in every event",
            "空のキーワードはすべての記録に一致します",
        );
    }
    let mut forms: Vec<encode::Form> = written
        .iter()
        .map(|text| encode::Form::Pattern(Pattern::parse(text)))
        .collect();
    for step in &plan.steps {
        let mut next = Vec::new();
        for form in forms {
            match encode::apply(*step, form) {
                Some(made) => next.extend(made),
                None => {
                    return context.refuse(
                        &node.place,
                        "wildcards and empty texts cannot be encoded, and utf16 needs base64 behind it",
                        "ワイルドカードや空の文字列は符号化できません。utf16 の後には base64 が必要です",
                    );
                }
            }
        }
        forms = next;
    }
    let mut patterns = Vec::new();
    for form in forms {
        match form {
            encode::Form::Pattern(mut pattern) => {
                if plan.field.is_empty() {
                    pattern.open_front();
                    pattern.open_back();
                }
                patterns.push(pattern);
            }
            encode::Form::Bytes(_) => {
                return context.refuse(
                    &plan.place,
                    "utf16 makes bytes, not text; write base64 or base64offset behind it",
                    "utf16 の結果は文字列ではありません。後に base64 か base64offset を書いてください",
                );
            }
        }
    }
    Some(patterns)
}
