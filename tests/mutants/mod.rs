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
        mutants.extend(other_observations(document));
    }
    if document.get("correlation").is_some() {
        mutants.extend(other_bounds(document));
        // What is joined with leases has its form from them.
        if as_of(document).is_none() {
            mutants.extend(without_items(document, "group-by"));
            mutants.extend(without_items(document, "rules"));
            mutants.extend(without_order(document));
        }
        mutants.extend(longer_window(document));
        mutants.extend(other_leases(document));
    }
    mutants
}

fn as_of(document: &Node) -> Option<&[(Key, Node)]> {
    document.get("yomawari")?.get("as_of")?.as_map()
}

/// Leases without what ends them, without fixed addresses, and that last or linger a second more.
fn other_leases(document: &Node) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (number, (key, value)) in as_of(document).unwrap_or_default().iter().enumerate() {
        let mut changed = document.clone();
        let settings = at_mut(&mut changed, &["yomawari", "as_of"]);
        let Value::Map(entries) = &mut settings.value else {
            panic!("it was a map");
        };
        let what = match key.text.as_str() {
            "ends" | "fixed" => {
                entries.remove(number);
                format!("as_of without {}", key.text)
            }
            "term" | "grace" => {
                let seconds = seconds(value.as_str().expect("a length of time")) + 1;
                entries[number].1 = scalar(&format!("{seconds}s"), false);
                format!("as_of: {} of {seconds} s", key.text)
            }
            _ => continue,
        };
        mutants.push(Mutant {
            what,
            document: changed,
        });
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
    let names = names
        .iter()
        .filter(|name| !is_observed_anyway(document, name));
    names.map(mutant).collect()
}

/// True for a selection that asks for nothing but what an observation follows, a number or what is
/// expected of a source: a record without it is not observed, and only other programs need it said.
fn is_observed_anyway(document: &Node, selection: &str) -> bool {
    let setting = |kind: &str, name: &str| {
        let observed = ["yomawari", "observe", kind, name];
        let node = observed
            .iter()
            .try_fold(document, |node, key| node.get(key));
        node.and_then(Node::as_str)
    };
    let expected = setting("silence", "longer_than").filter(|asked| *asked == "expected");
    let followed = match expected {
        Some(_) => Some("input.expected"),
        None => setting("sequence_gap", "number"),
    };
    let Some(followed) = followed else {
        return false;
    };
    let asked = at(document, &["detection", selection]).as_map();
    let presence = format!("{followed}|exists");
    asked.is_some_and(|fields| fields.iter().all(|(key, _)| key.text == presence))
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

/// Changes the entries of a map.
type Alter<'a> = &'a dyn Fn(&mut Vec<(Key, Node)>);

/// What is observed with another key, another number, a second more, or without a restriction.
fn other_observations(document: &Node) -> Vec<Mutant> {
    let observe = document.get("yomawari").and_then(|o| o.get("observe"));
    let Some([(kind, settings)]) = observe.and_then(Node::as_map) else {
        return Vec::new();
    };
    let path = ["yomawari", "observe", &kind.text];
    let change = |what: String, alter: Alter<'_>| {
        let mut document = document.clone();
        let Value::Map(entries) = &mut at_mut(&mut document, &path).value else {
            panic!("it was a map");
        };
        alter(entries);
        Mutant { what, document }
    };
    let mut mutants = Vec::new();
    for (number, (key, value)) in settings.as_map().unwrap_or_default().iter().enumerate() {
        let name = &key.text;
        for item in 0..droppable(name, settings) {
            mutants.push(change(format!("{name} without item {item}"), &|entries| {
                if let Value::Seq(items) = &mut entries[number].1.value {
                    items.remove(item);
                }
            }));
        }
        for other in others(name, value) {
            let what = format!("{name} {other} instead of {:?}", value.as_str());
            let plain = other.parse::<i64>().is_ok();
            mutants.push(change(what, &|entries| {
                entries[number].1 = scalar(&other, plain);
            }));
        }
        if ["only", "peers"].contains(&name.as_str()) {
            mutants.push(change(format!("without {name}"), &|entries| {
                let is_bounded = entries.iter().any(|(key, _)| key.text == "within");
                if name == "only" && !is_bounded {
                    // Where all new values count, they have to be new within some time.
                    entries[number].0.text = "within".to_owned();
                    entries[number].1 = scalar("60d", false);
                } else {
                    entries.remove(number);
                }
            }));
        }
    }
    mutants
}

/// How many items can be taken out of the list a setting holds: what is expected of a source is
/// read with that key alone.
fn droppable(name: &str, settings: &Node) -> usize {
    let list = settings.get(name).and_then(Node::as_seq);
    match settings.get("longer_than").and_then(Node::as_str) {
        Some("expected") if name == "of" => 0,
        _ => list.map_or(0, <[Node]>::len),
    }
}

/// Values just beside the one a setting of an observation has.
fn others(name: &str, value: &Node) -> Vec<String> {
    if let Some(number) = value.as_i64() {
        // A bound of none at all is refused.
        let beside = [number - 1, number + 1].into_iter().filter(|n| *n > 0);
        return beside.map(|n| n.to_string()).collect();
    }
    let text = value.as_str().unwrap_or_default();
    match text {
        "open-hours" => return vec!["always".to_owned()],
        "expected" => return vec!["1h".to_owned(), "1d".to_owned()],
        _ => {}
    }
    let is_length = text.ends_with(['s', 'm', 'h', 'd']) && text.starts_with(char::is_numeric);
    match is_length {
        true if name == "over" => vec![format!("{}d", seconds(text) / 86_400 + 1)],
        true => vec![format!("{}s", seconds(text) + 1)],
        false => Vec::new(),
    }
}

fn seconds(written: &str) -> i64 {
    let (number, unit) = written.split_at(written.len() - 1);
    let number: i64 = number.parse().expect("a number");
    match unit {
        "s" => number,
        "m" => number * 60,
        "h" => number * 3_600,
        _ => number * 86_400,
    }
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
        forget_alias(&mut changed, gone.as_str());
        Mutant {
            what: format!("{list} without {:?}", gone.as_str()),
            document: changed,
        }
    };
    (0..count).map(without).collect()
}

/// Takes out of all aliases what they say of a rule that is not counted any more.
fn forget_alias(document: &mut Node, rule: Option<&str>) {
    let aliased = document.get("correlation").and_then(|c| c.get("aliases"));
    if aliased.is_none() {
        return;
    }
    let Value::Map(aliases) = &mut at_mut(document, &["correlation", "aliases"]).value else {
        panic!("aliases are a map");
    };
    for (_, of_rules) in aliases {
        if let Value::Map(of_rules) = &mut of_rules.value {
            of_rules.retain(|(key, _)| Some(key.text.as_str()) != rule);
        }
    }
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
    let longer = seconds(written) + 1;
    let mut changed = document.clone();
    *at_mut(&mut changed, &path) = scalar(&format!("{longer}s"), false);
    vec![Mutant {
        what: format!("a window of {longer} s"),
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
