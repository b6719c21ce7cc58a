//! What stands under `yomawari:` and other programs ignore.
//!
//! Takes that map; gives fold, explanations, requirements and words. Unknown keys are refused.

use crate::diagnostic::Text;
use crate::event::NANOS;
use crate::yaml::Node;

use super::super::{Explanation, Fold, Meta, Requirement, WhenAssumed, Within};
use super::{Context, duration, known_keys, map, meta, required, scalar, texts, unknown, words};

/// True when a field outside the table is one the rule itself reads.
pub(super) type Own<'o> = &'o dyn Fn(&str) -> bool;

/// Reads `clauses`, `say` and `respond`. `own` tells the rule's own field names and whether
/// `{value}` has a meaning.
pub(super) fn words(
    ours: Option<&Node>,
    meta: &mut Meta,
    own: (Own<'_>, bool),
    context: &mut Context<'_>,
) {
    let Some(ours) = ours else { return };
    let clauses = texts(ours.get("clauses"), "clauses", context).into_iter();
    meta.clauses = clauses.map(|(text, _)| text.to_owned()).collect();
    meta.say = both(ours, "say", context);
    meta.respond = both(ours, "respond", context).unwrap_or_default();
    if let (Some(say), Some(node)) = (&meta.say, ours.get("say")) {
        words::check(say, &node.place, own, context);
    }
}

/// A text in both languages.
fn both(ours: &Node, key: &str, context: &mut Context<'_>) -> Option<Text> {
    let node = ours.get(key).filter(|n| !n.is_null())?;
    map(node, key, context)?;
    known_keys(node, key, &["en", "ja"], context);
    let en = required(node, "en", context).and_then(|n| scalar(n, "en", context));
    let ja = required(node, "ja", context).and_then(|n| scalar(n, "ja", context));
    Some(Text::new(en?.trim(), ja?.trim()))
}

/// Reads `fold`.
pub(super) fn fold(ours: &Node, context: &mut Context<'_>) -> Option<Fold> {
    let node = ours.get("fold").filter(|n| !n.is_null())?;
    map(node, "fold", context)?;
    known_keys(node, "fold", &["by", "within"], context);
    let by = texts(required(node, "by", context), "fold by", context);
    for (name, place) in &by {
        meta::check_spelling(name, place, context);
    }
    let within = required(node, "within", context).and_then(|n| within(n, context));
    Some(Fold {
        by: by
            .into_iter()
            .map(|(name, _)| context.field(name))
            .collect(),
        within: within?,
    })
}

fn within(node: &Node, context: &mut Context<'_>) -> Option<Within> {
    if node.as_map().is_some() {
        known_keys(node, "within", &["gap"], context);
        let gap = required(node, "gap", context)?;
        return duration(gap, "gap", context).map(Within::Gap);
    }
    match scalar(node, "within", context)? {
        "closed-span" => Some(Within::ClosedSpan),
        "day" => Some(Within::Day),
        word => {
            let known = ["closed-span", "day", "{ gap: 30m }"];
            context.push(unknown(word, "within", &known).at(node.place.clone()));
            None
        }
    }
}

/// Reads `explained_by`.
pub(super) fn explained_by(ours: &Node, context: &mut Context<'_>) -> Vec<Explanation> {
    choose(ours, "explained_by", context, |word| match word {
        "roster" => Ok(Explanation::Roster),
        "declaration" => Ok(Explanation::Declaration),
        _ => Err(&["roster", "declaration"]),
    })
}

/// Reads `requires`.
pub(super) fn requires(ours: &Node, context: &mut Context<'_>) -> Vec<Requirement> {
    choose(ours, "requires", context, |word| {
        Requirement::from_word(word).ok_or(Requirement::WORDS)
    })
}

fn choose<T>(
    ours: &Node,
    key: &str,
    context: &mut Context<'_>,
    meaning: impl Fn(&str) -> Result<T, &'static [&'static str]>,
) -> Vec<T> {
    let mut chosen = Vec::new();
    for (word, place) in texts(ours.get(key), key, context) {
        match meaning(word) {
            Ok(value) => chosen.push(value),
            Err(known) => context.push(unknown(word, key, known).at(place.clone())),
        }
    }
    chosen
}

/// Reads `when_assumed`.
pub(super) fn when_assumed(ours: &Node, context: &mut Context<'_>) -> Option<WhenAssumed> {
    const BANDS: [&str; 3] = ["after_hours", "holiday", "late_night"];
    let node = ours.get("when_assumed").filter(|n| !n.is_null())?;
    map(node, "when_assumed", context)?;
    known_keys(node, "when_assumed", &["level", "only"], context);
    let level = required(node, "level", context).and_then(|n| meta::level(Some(n), context));
    let only = required(node, "only", context)?;
    map(only, "only", context)?;
    known_keys(only, "only", &["calendar.band"], context);
    let band = required(only, "calendar.band", context)?;
    let word = scalar(band, "calendar.band", context)?;
    if !BANDS.contains(&word) {
        context.push(unknown(word, "calendar.band", &BANDS).at(band.place.clone()));
    }
    Some(WhenAssumed {
        level: level?,
        only_band: word.to_owned(),
    })
}

/// Nanoseconds of an optional `every`, one second without.
pub(super) fn every(node: Option<&Node>, context: &mut Context<'_>) -> Option<i64> {
    match node.filter(|n| !n.is_null()) {
        Some(node) => duration(node, "every", context),
        None => Some(NANOS),
    }
}
