//! Walking a map whose keys are known: every slip is complained about where it stands.
//!
//! Takes a node and the keys it may have; gives its entries or values. Never knows what they mean.

use crate::cli::value::Mistake;
use crate::diagnostic::{Complaints, Lang, Place, Problem, nearest};
use crate::rule::Placeholders;
use crate::yaml::{Key, Node, Value};

/// The entries of a map with known keys. Unknown keys are complained about, with the nearest known
/// one; a key without a value is left out. Anything but a map is complained about, except nothing.
pub(super) fn entries<'n>(
    node: &'n Node,
    what: &str,
    known: &[&str],
    complaints: &mut Complaints,
) -> Vec<(&'n Key, &'n Node)> {
    let Some(all) = node.as_map() else {
        if !node.is_null() {
            let example = known.first().copied().unwrap_or_default();
            complaints.push(wrong_kind(node, what, &format!("{example}: …")));
        }
        return Vec::new();
    };
    let mut found = Vec::new();
    for (key, value) in all {
        if !known.contains(&key.text.as_str()) {
            complaints.push(unknown_key(key, what, known));
        } else if !value.is_null() {
            found.push((key, value));
        }
    }
    found
}

fn unknown_key(key: &Key, what: &str, known: &[&str]) -> Problem {
    let name = &key.text;
    let problem = Problem::error(
        format!("unknown key \"{name}\" in {what}"),
        format!("{what} に知らないキー「{name}」があります"),
    )
    .at(key.place.clone());
    match nearest(name, known.iter().copied()) {
        Some(meant) => problem.help(format!("write {meant}"), format!("{meant} のことですか")),
        None => {
            let all = known.join(", ");
            problem.help(
                format!("the keys here are {all}"),
                format!("ここで使えるキー: {all}"),
            )
        }
    }
}

/// A value of the wrong kind; `form` shows the right one.
pub(super) fn wrong_kind(node: &Node, what: &str, form: &str) -> Problem {
    let (found_en, found_ja) = (node.kind(Lang::En), node.kind(Lang::Ja));
    Problem::error(
        format!("{what}: found {found_en}, expected {form}"),
        format!("{what}: {found_ja}ではなく {form} の形で書いてください"),
    )
    .at(node.place.clone())
}

/// A text that is not empty.
pub(super) fn text(node: &Node, what: &str, complaints: &mut Complaints) -> Option<String> {
    match node.as_str().map(str::trim) {
        Some("") => {
            complaints.push(
                Problem::error(format!("{what} is empty"), format!("{what} が空です"))
                    .at(node.place.clone()),
            );
            None
        }
        Some(text) => Some(text.to_owned()),
        None => {
            let (en, ja) = (node.kind(Lang::En), node.kind(Lang::Ja));
            complaints.push(
                Problem::error(
                    format!("{what}: found {en}, expected a single value"),
                    format!("{what}: {ja}ではなく値を一つだけ書いてください"),
                )
                .at(node.place.clone()),
            );
            None
        }
    }
}

/// Texts with their places: one value or a list of them.
pub(super) fn texts(node: &Node, what: &str, complaints: &mut Complaints) -> Vec<(String, Place)> {
    let items = match &node.value {
        Value::Seq(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let mut found = Vec::new();
    for item in items {
        if let Some(text) = text(item, what, complaints) {
            found.push((text, item.place.clone()));
        }
    }
    found
}

/// A word with a meaning; what has none is complained about at its place.
pub(super) fn word<T>(
    node: &Node,
    what: &str,
    read: impl Fn(&str) -> Result<T, Mistake>,
    complaints: &mut Complaints,
) -> Option<T> {
    let text = text(node, what, complaints)?;
    match read(&text) {
        Ok(value) => Some(value),
        Err(Mistake(message)) => {
            let problem = Problem::error(
                format!("{what}: {}", message.en),
                format!("{what}: {}", message.ja),
            );
            complaints.push(problem.at(node.place.clone()));
            None
        }
    }
}

/// Values by name, each one value or a list of them: `{ Administrators: [root, admin] }`. An
/// empty list is complained about: a placeholder without a value refuses the rules that use it.
pub(super) fn placeholders(node: &Node, what: &str, complaints: &mut Complaints) -> Placeholders {
    for (name, value) in node.as_map().unwrap_or_default() {
        if value.as_seq().is_some_and(<[Node]>::is_empty) {
            let what = format!("{what}.{}", name.text);
            complaints.push(
                Problem::error(
                    format!("{what} has no value"),
                    format!("{what} に値がありません"),
                )
                .at(value.place.clone()),
            );
        }
    }
    placeholders_or_none(node, what, complaints)
}

/// The same, where an empty list is left to the rules that use it.
pub(in crate::cli) fn placeholders_or_none(
    node: &Node,
    what: &str,
    complaints: &mut Complaints,
) -> Placeholders {
    let Some(entries) = node.as_map() else {
        complaints.push(wrong_kind(node, what, "{ Administrators: [root, admin] }"));
        return Placeholders::new();
    };
    let mut found = Placeholders::new();
    for (name, value) in entries {
        let what = format!("{what}.{}", name.text);
        let values = texts(value, &what, complaints).into_iter();
        let values: Vec<String> = values.map(|(text, _)| text).collect();
        found.insert(name.text.clone(), values);
    }
    found
}

/// One of a few words.
pub(super) fn one_of(word: &str, known: &[&str]) -> Result<usize, Mistake> {
    known.iter().position(|k| *k == word).ok_or_else(|| {
        let all = known.join(", ");
        let (en, ja) = match nearest(word, known.iter().copied()) {
            Some(meant) => (
                format!("; write {meant}"),
                format!("。{meant} のことですか"),
            ),
            None => (
                format!("; write one of {all}"),
                format!("。{all} のどれかを書いてください"),
            ),
        };
        Mistake(crate::diagnostic::Text::new(
            format!("unknown word \"{word}\"{en}"),
            format!("「{word}」は知らない言葉です{ja}"),
        ))
    })
}
