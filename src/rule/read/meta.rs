//! What both kinds of rule carry: names, level, words.
//!
//! Takes the top level of a document; gives [`Meta`]. Further keys of the top level belong to
//! other programs and are let pass, as Sigma says.

use crate::alert::Level;
use crate::diagnostic::{Place, Problem, nearest};
use crate::event::Field;
use crate::yaml::Node;

use super::super::Meta;
use super::{Context, optional, required, scalar, texts, unknown};

/// Sigma's words for `status`.
const STATUS: [&str; 5] = [
    "stable",
    "test",
    "experimental",
    "deprecated",
    "unsupported",
];

/// Reads the common part of a rule. `say`, `respond`, `clauses` and `tests` are filled later.
pub(super) fn read(node: &Node, context: &mut Context<'_>) -> Option<Meta> {
    let title = required(node, "title", context).and_then(|n| scalar(n, "title", context));
    let name = match optional(node, "name", context) {
        Some(name) => name.to_owned(),
        None if context.ordinal <= 1 => stem(&node.place).to_owned(),
        None => format!("{}-{}", stem(&node.place), context.ordinal),
    };
    let list = |key: &str, context: &mut Context<'_>| -> Vec<String> {
        let read = texts(node.get(key), key, context).into_iter();
        read.map(|(text, _)| text.to_owned()).collect()
    };
    let meta = Meta {
        id: id(node, context).unwrap_or_else(|| name.clone()),
        name,
        title: title?.to_owned(),
        level: level(node.get("level"), context).unwrap_or(Level::Medium),
        status: status(node, context),
        description: optional(node, "description", context)
            .unwrap_or_default()
            .trim()
            .to_owned(),
        tags: list("tags", context),
        author: optional(node, "author", context).map(str::to_owned),
        falsepositives: list("falsepositives", context),
        clauses: Vec::new(),
        say: None,
        respond: Default::default(),
        place: node.place.clone(),
        tests: Vec::new(),
    };
    Some(meta)
}

/// The name of a rule that states none: its file's, without folder and ending.
fn stem(place: &Place) -> &str {
    let file = place.file.rsplit(['/', '\\']).next().unwrap_or_default();
    let bare = file
        .strip_suffix(".yml")
        .or_else(|| file.strip_suffix(".yaml"));
    bare.unwrap_or(file)
}

fn id(node: &Node, context: &mut Context<'_>) -> Option<String> {
    let text = optional(node, "id", context)?;
    match uuid::Uuid::try_parse(text) {
        Ok(id) => Some(id.hyphenated().to_string()),
        Err(_) => {
            let place = &node.get("id").unwrap_or(node).place;
            // The id is a name to whoever refers to it; only its uniqueness is at stake.
            context.push(
                Problem::warning(
                    format!("the id \"{text}\" is no UUID"),
                    format!("id「{text}」は UUID ではありません"),
                )
                .at(place.clone())
                .found(text)
                .help(
                    "give each rule a UUID of its own and never use it again",
                    "ルールごとに新しい UUID を付け、使い回さないでください",
                ),
            );
            Some(text.to_owned())
        }
    }
}

fn status(node: &Node, context: &mut Context<'_>) -> String {
    let Some(word) = optional(node, "status", context) else {
        return String::new();
    };
    if !STATUS.contains(&word) {
        let place = &node.get("status").unwrap_or(node).place;
        context.push(unknown(word, "status", &STATUS).at(place.clone()));
    }
    word.to_owned()
}

/// A level by Sigma's word; absent is `None` without a complaint.
pub(super) fn level(node: Option<&Node>, context: &mut Context<'_>) -> Option<Level> {
    let node = node.filter(|n| !n.is_null())?;
    let word = scalar(node, "level", context)?;
    let level = Level::from_name(word);
    if level.is_none() {
        let words = Level::ALL.map(Level::name);
        context.push(unknown(word, "level", &words).at(node.place.clone()));
    }
    level
}

/// Warns when a field that is not in the table is spelled nearly like one that is: a rule with a
/// slip there would never match and look like cover.
pub(super) fn check_spelling(name: &str, place: &Place, context: &mut Context<'_>) {
    if let Some(near) = slip(name) {
        context.push(
            Problem::warning(
                format!("no format gives a field \"{name}\"; it is looked up under that name"),
                format!("「{name}」という項目はありません。その名前のまま探します"),
            )
            .at(place.clone())
            .found(name)
            .help(
                format!("perhaps {near} is meant"),
                format!("{near} ではありませんか"),
            ),
        );
    }
}

/// The field of the table that a dotted name is a likely misspelling of.
pub(super) fn slip(name: &str) -> Option<&'static str> {
    if Field::from_name(name).is_some() || !name.contains('.') {
        return None;
    }
    let near = nearest(name, Field::ALL.iter().map(|f| f.name()))?;
    (strsim::damerau_levenshtein(name, near) <= 2).then_some(near)
}
