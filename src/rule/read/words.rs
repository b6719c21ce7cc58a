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
        for hole in holes(sentence) {
            if let Err(problem) = hole.and_then(|h| fits(h, own)) {
                context.push(problem.at(place.clone()).found(sentence));
            }
        }
    }
}

/// The texts between braces, or a complaint about a brace without its partner.
fn holes(sentence: &str) -> Vec<Result<&str, Problem>> {
    let lonely = || {
        Problem::error(
            "a brace has no partner in the sentence",
            "文中の波括弧 { } が対になっていません",
        )
    };
    let mut found = Vec::new();
    let mut pieces = sentence.split('{');
    let mut outside = pieces.next().unwrap_or_default();
    for piece in pieces {
        if outside.contains('}') {
            found.push(Err(lonely()));
        }
        match piece.split_once('}') {
            Some((hole, after)) => {
                found.push(Ok(hole));
                outside = after;
            }
            None => {
                found.push(Err(lonely()));
                outside = "";
            }
        }
    }
    if outside.contains('}') {
        found.push(Err(lonely()));
    }
    found
}

fn fits(hole: &str, (own, measures): (Own<'_>, bool)) -> Result<(), Problem> {
    let field = match hole {
        "count" => return Ok(()),
        "value" if measures => return Ok(()),
        "value" => {
            return Err(Problem::error(
                "{value} stands for what a correlation measures; a detection measures nothing",
                "{value} は correlation の計測値です。detection では使えません",
            ));
        }
        _ => hole.strip_prefix("count:").unwrap_or(hole),
    };
    if Field::from_name(field).is_some() || own(field) {
        return Ok(());
    }
    let problem = Problem::error(
        format!("{{{hole}}}: there is no field \"{field}\""),
        format!("{{{hole}}}：「{field}」という項目はありません"),
    );
    let names = Field::ALL
        .iter()
        .map(|f| f.name())
        .chain(["count", "value"]);
    Err(match nearest(field, names) {
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
