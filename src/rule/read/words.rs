//! The sentences of a rule: what stands in their braces.
//!
//! Takes `say` in both languages; complains about braces that nothing could be put in.

use crate::diagnostic::{Place, Problem, Text, nearest};
use crate::event::Field;

use super::Context;
use super::ours::Own;

/// Checks both sentences: `{field}`, `{count}`, `{count:field}` and, where the rule measures
/// something, `{value}`.
pub(super) fn check(say: &Text, place: &Place, own: (Own<'_>, bool), context: &mut Context<'_>) {
    for sentence in [&say.en, &say.ja] {
        let complaints = match holes(sentence) {
            Some(holes) => holes.into_iter().filter_map(|h| misfit(h, own)).collect(),
            None => vec![Problem::error(
                "a brace has no partner in the sentence",
                "文中の波括弧 { } が対になっていません",
            )],
        };
        for problem in complaints {
            context.push(problem.at(place.clone()).found(sentence));
        }
    }
}

/// The texts between braces; `None` when a brace has no partner.
fn holes(sentence: &str) -> Option<Vec<&str>> {
    let mut pieces = sentence.split('{');
    let mut outside = vec![pieces.next().unwrap_or_default()];
    let mut found = Vec::new();
    for piece in pieces {
        let (hole, after) = piece.split_once('}')?;
        found.push(hole);
        outside.push(after);
    }
    let paired = outside.iter().all(|text| !text.contains('}'));
    paired.then_some(found)
}

/// Why nothing can be put in a hole.
fn misfit(hole: &str, (own, measures): (Own<'_>, bool)) -> Option<Problem> {
    let field = match hole {
        "count" => return None,
        "value" if measures => return None,
        "value" => {
            return Some(Problem::error(
                "{value} stands for what a correlation or an observation measures; this rule measures nothing",
                "{value} は correlation か observe の計測値です。このルールでは使えません",
            ));
        }
        _ => hole.strip_prefix("count:").unwrap_or(hole),
    };
    if Field::from_name(field).is_some() || own(field) {
        return None;
    }
    let problem = Problem::error(
        format!("{{{hole}}}: there is no field \"{field}\""),
        format!("{{{hole}}}：「{field}」という項目はありません"),
    );
    let names = Field::ALL
        .iter()
        .map(|f| f.name())
        .chain(["count", "value"]);
    Some(match nearest(field, names) {
        Some(near) => problem.help(
            format!("perhaps {near}"),
            format!("{near} ではありませんか"),
        ),
        None => problem.help(
            "use a field, count, count:field or value",
            "項目名・count・count:項目名・value のいずれかを使ってください",
        ),
    })
}
