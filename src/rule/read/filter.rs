//! Filters: exceptions written once for many rules.
//!
//! Takes a document with `filter`; gives a draft whose references are still names. Its search
//! identifiers are a name space of their own.

use crate::diagnostic::{Place, Problem};
use crate::yaml::Node;

use super::super::matcher::Matcher;
use super::super::{Meta, StatedSource};
use super::{Context, detection, known_keys, meta, required, texts};

/// A filter whose references are not resolved yet.
pub(in crate::rule) struct FilterDraft {
    pub(in crate::rule) meta: Meta,
    pub(in crate::rule) source: StatedSource,
    pub(in crate::rule) scope: Scope,
    pub(in crate::rule) matcher: Matcher,
}

/// The rules a filter is for.
pub(in crate::rule) enum Scope {
    /// Every rule whose log source fits.
    Any,
    /// These, by name or id, and where they are named.
    Named(Vec<(String, Place)>),
}

/// Reads a filter.
pub(super) fn read(node: &Node, context: &mut Context<'_>) -> Option<FilterDraft> {
    let meta = meta::read(node, context);
    let source = detection::stated_source(node, context);
    let inner = required(node, "filter", context)?;
    let scope = scope(inner, context);
    let matcher = detection::matcher(inner, ("filter", &["rules"]), context);
    if let Some(condition) = inner.get("condition") {
        warn_without_not(condition, context);
    }
    if let Some(ours) = node.get("yomawari") {
        known_keys(ours, "yomawari", &[], context);
    }
    Some(FilterDraft {
        meta: meta?,
        source: source?,
        scope: scope?,
        matcher: matcher?,
    })
}

fn scope(inner: &Node, context: &mut Context<'_>) -> Option<Scope> {
    let node = required(inner, "rules", context)?;
    if node
        .as_str()
        .is_some_and(|word| word.eq_ignore_ascii_case("any"))
    {
        return Some(Scope::Any);
    }
    let named = texts(Some(node), "rules", context);
    match named.is_empty() {
        true => context.refuse(
            &node.place,
            "no rule is named; write any for every rule of the log source",
            "ルールが一つも指定されていません。同じログソースのすべてなら any と書きます",
        ),
        false => {
            let named = named.into_iter();
            Some(Scope::Named(
                named.map(|(n, p)| (n.to_owned(), p.clone())).collect(),
            ))
        }
    }
}

/// A filter is joined to the rule by `and`: without a `not` it keeps what it describes and drops
/// all the rest, which is hardly ever meant.
fn warn_without_not(condition: &Node, context: &mut Context<'_>) {
    for (text, place) in texts(Some(condition), "condition", context) {
        let words = text.split(|c: char| c.is_whitespace() || c == '(' || c == ')');
        if words.clone().any(|word| word == "not") {
            continue;
        }
        let problem = Problem::warning(
            "a filter without not: only events that it describes are left to the rules",
            "not のない filter です。ここに書いた記録だけがルールに残ります",
        );
        context.push(problem.at(place.clone()).found(text).help(
            "write condition: not selection to take these events out",
            "除外するには condition: not selection と書いてください",
        ));
    }
}
