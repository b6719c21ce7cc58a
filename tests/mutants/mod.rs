//! Small changes to a rule, each of which one of its tests should notice.
//!
//! Takes the documents of a rule file; gives changed copies with a word about each change. Never
//! runs them.

pub mod condition;

use yomawari::yaml::{Key, Node, Value};

/// A changed copy of a document.
pub struct Mutant {
    /// What was changed.
    pub what: String,
    /// The document.
    pub document: Node,
}

/// All mutants of a document.
pub fn of(document: &Node) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    if document.get("detection").is_some() {
        mutants.extend(without_selections(document));
        mutants.extend(without_parts(document));
    }
    if document.get("correlation").is_some() {
        mutants.extend(other_bounds(document));
        mutants.extend(without_items(document, "group-by"));
        mutants.extend(without_items(document, "rules"));
        mutants.extend(without_order(document));
        mutants.extend(longer_window(document));
    }
    mutants
}

/// One selection after the other taken out of the condition, wherever it stands.
fn without_selections(document: &Node) -> Vec<Mutant> {
    let condition = at(document, &["detection", "condition"]);
    let written = condition.as_str().expect("a condition is a text");
    let names = condition::names(written);
    let mutant = |name: &String| {
        let changed = condition::without(written, name);
        let mut document = document.clone();
        *at_mut(&mut document, &["detection", "condition"]) = scalar(&changed, false);
        let Value::Map(entries) = &mut at_mut(&mut document, &["detection"]).value else {
            panic!("a detection is a map");
        };
        entries.retain(|(key, _)| key.text != *name || changed.contains(name.as_str()));
        Mutant {
            what: format!("without the selection {name}"),
            document,
        }
    };
    names.iter().map(mutant).collect()
}

/// One field out of a selection with several, one value out of a list.
fn without_parts(document: &Node) -> Vec<Mutant> {
    let detection = at(document, &["detection"]).as_map().expect("a map");
    let mut mutants = Vec::new();
    for (key, selection) in detection.iter().filter(|(key, _)| key.text != "condition") {
        let fields = selection.as_map().unwrap_or_default();
        for (number, (field, values)) in fields.iter().enumerate() {
            if fields.len() > 1 {
                let mut changed = document.clone();
                let selection = at_mut(&mut changed, &["detection", &key.text]);
                let Value::Map(entries) = &mut selection.value else {
                    panic!("it was a map");
                };
                entries.remove(number);
                mutants.push(Mutant {
                    what: format!("{} without {}", key.text, field.text),
                    document: changed,
                });
            }
            let count = values.as_seq().map_or(0, <[Node]>::len);
            for value in 0..if count > 1 { count } else { 0 } {
                let mut changed = document.clone();
                let list = at_mut(&mut changed, &["detection", &key.text, &field.text]);
                let Value::Seq(items) = &mut list.value else {
                    panic!("it was a list");
                };
                let gone = items.remove(value);
                mutants.push(Mutant {
                    what: format!("{}: {} without {:?}", key.text, field.text, gone.as_str()),
                    document: changed,
                });
            }
        }
    }
    mutants
}

/// Each number of a correlation's condition one lower and one higher.
fn other_bounds(document: &Node) -> Vec<Mutant> {
    let path = ["correlation", "condition"];
    let Some(stated) = document.get("correlation").and_then(|c| c.get("condition")) else {
        return Vec::new();
    };
    let bounds = stated.as_map().unwrap_or_default().iter();
    let numbers = bounds.filter_map(|(key, value)| Some((&key.text, value.as_i64()?)));
    let changed = |(key, number): (&String, i64), by: i64| {
        let mut changed = document.clone();
        *at_mut(&mut changed, &[path[0], path[1], key]) = scalar(&(number + by).to_string(), true);
        Mutant {
            what: format!("{key} {} instead of {number}", number + by),
            document: changed,
        }
    };
    numbers
        .flat_map(|bound| [changed(bound, -1), changed(bound, 1)])
        .collect()
}

/// One item after the other taken out of a list of the correlation; of rules, one has to stay.
fn without_items(document: &Node, list: &str) -> Vec<Mutant> {
    let path = ["correlation", list];
    let items = document.get("correlation").and_then(|c| c.get(list));
    let count = items.and_then(Node::as_seq).map_or(0, <[Node]>::len);
    let count = if list == "rules" && count == 1 {
        0
    } else {
        count
    };
    let without = |number: usize| {
        let mut changed = document.clone();
        let Value::Seq(items) = &mut at_mut(&mut changed, &path).value else {
            panic!("it was a list");
        };
        let gone = items.remove(number);
        Mutant {
            what: format!("{list} without {:?}", gone.as_str()),
            document: changed,
        }
    };
    (0..count).map(without).collect()
}

/// A correlation that asks for an order, without it.
fn without_order(document: &Node) -> Option<Mutant> {
    let path = ["correlation", "type"];
    let is_ordered = at(document, &path).as_str() == Some("temporal_ordered");
    let mut changed = document.clone();
    *at_mut(&mut changed, &path) = scalar("temporal", false);
    is_ordered.then(|| Mutant {
        what: "in any order".to_owned(),
        document: changed,
    })
}

/// A window one second longer.
fn longer_window(document: &Node) -> Vec<Mutant> {
    let path = ["correlation", "timespan"];
    let written = at(document, &path).as_str().expect("a length of time");
    let (number, unit) = written.split_at(written.len() - 1);
    let number: i64 = number.parse().expect("a number");
    let seconds = match unit {
        "s" => number,
        "m" => number * 60,
        "h" => number * 3_600,
        _ => number * 86_400,
    };
    let mut changed = document.clone();
    *at_mut(&mut changed, &path) = scalar(&format!("{}s", seconds + 1), false);
    vec![Mutant {
        what: format!("a window of {} s", seconds + 1),
        document: changed,
    }]
}

/// A file's text of these documents, as JSON, which is YAML.
pub fn text_of(documents: &[Node]) -> String {
    let texts: Vec<String> = documents.iter().map(json).collect();
    texts.join("\n---\n")
}

fn json(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Scalar { text, plain: true } if is_bare(text) => text.clone(),
        Value::Scalar { text, .. } => quoted(text),
        Value::Seq(items) => {
            let items: Vec<String> = items.iter().map(json).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            let entry =
                |(key, value): &(Key, Node)| format!("{}: {}", quoted(&key.text), json(value));
            let entries: Vec<String> = entries.iter().map(entry).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// True for numbers and truth values, whose meaning hangs on standing without quotes.
fn is_bare(text: &str) -> bool {
    matches!(text, "true" | "false") || text.parse::<f64>().is_ok()
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("a text is JSON")
}

fn at<'n>(node: &'n Node, path: &[&str]) -> &'n Node {
    let step = |node: &'n Node, key: &&str| node.get(key).expect("the path is there");
    path.iter().fold(node, step)
}

fn at_mut<'n>(node: &'n mut Node, path: &[&str]) -> &'n mut Node {
    path.iter().fold(node, |node, name| {
        let Value::Map(entries) = &mut node.value else {
            panic!("{name} stands in a map");
        };
        let entry = entries.iter_mut().find(|(key, _)| key.text == *name);
        &mut entry.expect("the path is there").1
    })
}

fn scalar(text: &str, plain: bool) -> Node {
    Node {
        place: yomawari::diagnostic::Place {
            file: "mutant".into(),
            line: 1,
            column: 1,
        },
        value: Value::Scalar {
            text: text.to_owned(),
            plain,
        },
    }
}
