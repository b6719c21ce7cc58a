//! The slow, literal twin of the matcher, and random rules and events to hold them together.
//!
//! Evaluates a detection as the specification tells it, on lists of strings, with wildcards by
//! recursion and nothing compiled.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::event::{Action, Field, FieldSet, Outcome};

use super::facts::read;
use super::matcher::DASHES;
use super::{FieldRef, Fields, WrittenEvent};

/// An event as a map, and its record.
#[derive(Clone, Debug, Default)]
pub(super) struct Flat {
    pub(super) values: BTreeMap<String, Vec<String>>,
    pub(super) record: String,
}

/// An event in the shape the matcher reads.
pub(super) struct View<'f> {
    flat: &'f Flat,
    extras: Vec<(&'f str, &'f str)>,
}

impl Flat {
    pub(super) fn view(&self) -> View<'_> {
        let foreign = self
            .values
            .iter()
            .filter(|(n, _)| Field::from_name(n).is_none());
        let extras = foreign.flat_map(|(n, vs)| vs.iter().map(move |v| (n.as_str(), v.as_str())));
        View {
            flat: self,
            extras: extras.collect(),
        }
    }

    fn of(&self, field: &str) -> &[String] {
        self.values.get(field).map_or(&[], Vec::as_slice)
    }

    fn everywhere(&self) -> Vec<String> {
        let derived = |n: &str| Field::from_name(n).is_some_and(Field::is_derived);
        let given = self.values.iter().filter(|(n, _)| !derived(n));
        let values = given.flat_map(|(_, v)| v.clone());
        values.chain([self.record.clone()]).collect()
    }
}

impl Fields for View<'_> {
    fn value(&mut self, field: Field) -> Option<&str> {
        self.flat.of(field.name()).first().map(String::as_str)
    }
    fn others(&mut self, field: Field) -> Vec<&str> {
        let values = self.flat.of(field.name()).iter().skip(1);
        values.map(String::as_str).collect()
    }
    fn has_lists(&self) -> bool {
        self.flat.values.values().any(|v| v.len() > 1)
    }
    fn extras(&self) -> &[(&str, &str)] {
        &self.extras
    }
    fn present(&self) -> FieldSet {
        let given = Field::ALL
            .iter()
            .filter(|f| !f.is_derived() && !self.flat.of(f.name()).is_empty());
        FieldSet::of(&given.copied().collect::<Vec<_>>())
    }
    fn record(&self) -> &str {
        &self.flat.record
    }
}

/// One item of a map, as written.
#[derive(Clone, Debug)]
pub(super) struct Item {
    key: String,
    values: Vec<String>,
}

/// A search identifier.
#[derive(Clone, Debug)]
pub(super) enum Selection {
    Map(Vec<Item>),
    Maps(Vec<Vec<Item>>),
    Words(Vec<String>),
}

/// A condition over identifiers `s0`, `s1`, `s2` (and `_s3`).
#[derive(Clone, Debug)]
pub(super) enum Tree {
    Name(usize),
    OneOf(&'static str),
    AllOf(&'static str),
    Not(Box<Tree>),
    And(Vec<Tree>),
    Or(Vec<Tree>),
}

const NAMES: [&str; 4] = ["s0", "s1", "s2", "_s3"];

impl Tree {
    fn text(&self) -> String {
        let list = |trees: &[Tree], word: &str| {
            let parts = trees.iter().map(|t| match t {
                Tree::And(_) | Tree::Or(_) => format!("({})", t.text()),
                _ => t.text(),
            });
            parts.collect::<Vec<_>>().join(word)
        };
        match self {
            Tree::Name(at) => NAMES[*at].to_owned(),
            Tree::OneOf(pattern) => format!("1 of {pattern}"),
            Tree::AllOf(pattern) => format!("all of {pattern}"),
            Tree::Not(tree) => format!("not {}", list(std::slice::from_ref(tree), "")),
            Tree::And(trees) => list(trees, " and "),
            // Without parentheses around what binds tighter.
            Tree::Or(trees) => trees
                .iter()
                .map(Tree::text)
                .collect::<Vec<_>>()
                .join(" or "),
        }
    }

    fn holds(&self, selected: &[bool; 4]) -> bool {
        let of = |pattern: &str| match pattern {
            "them" | "s*" | "*s*" => vec![0, 1, 2],
            "_*" => vec![3],
            _ => vec![1],
        };
        match self {
            Tree::Name(at) => selected[*at],
            Tree::OneOf(pattern) => of(pattern).iter().any(|at| selected[*at]),
            Tree::AllOf(pattern) => of(pattern).iter().all(|at| selected[*at]),
            Tree::Not(tree) => !tree.holds(selected),
            Tree::And(trees) => trees.iter().all(|t| t.holds(selected)),
            Tree::Or(trees) => trees.iter().any(|t| t.holds(selected)),
        }
    }
}

impl Selection {
    fn yaml(&self) -> String {
        let map = |items: &Vec<Item>| {
            let items = items
                .iter()
                .map(|i| format!("{}: {}", quoted(&i.key), scalars(&i.values)));
            format!("{{{}}}", items.collect::<Vec<_>>().join(", "))
        };
        match self {
            Selection::Map(items) => map(items),
            Selection::Maps(maps) => {
                format!("[{}]", maps.iter().map(map).collect::<Vec<_>>().join(", "))
            }
            Selection::Words(words) => scalars(words),
        }
    }

    fn holds(&self, event: &Flat) -> bool {
        let all = |items: &Vec<Item>| items.iter().all(|i| i.holds(event));
        match self {
            Selection::Map(items) => all(items),
            Selection::Maps(maps) => maps.iter().any(all),
            Selection::Words(words) => {
                let found = |w: &String| {
                    event
                        .everywhere()
                        .iter()
                        .any(|v| like(&format!("*{w}*"), v, false))
                };
                words.iter().any(found)
            }
        }
    }
}

impl Item {
    fn holds(&self, event: &Flat) -> bool {
        let mut words = self.key.split('|');
        let field = words.next().expect("a key has a first word");
        let words: Vec<&str> = words.collect();
        let found = event.of(field);
        let is = |word: &str| words.contains(&word);
        if is("exists") {
            return found.is_empty() == (self.values[0] == "false");
        }
        let met = |written: &String| match written.as_str() {
            "null" => found.is_empty(),
            _ => found.iter().any(|v| met_by(written, v, &words, event)),
        };
        match (is("all"), is("neq")) {
            (true, _) => self.values.iter().all(met),
            (_, true) => !self.values.iter().any(met),
            _ => self.values.iter().any(met),
        }
    }
}

/// True when one value of the event meets one written value.
fn met_by(written: &str, value: &str, words: &[&str], event: &Flat) -> bool {
    let is = |word: &str| words.contains(&word);
    if is("re") {
        let flags = if is("i") { "(?i)" } else { "" };
        return regex::Regex::new(&format!("{flags}{written}"))
            .expect("one of ours")
            .is_match(value);
    }
    if is("cidr") {
        // Only the two networks below are generated.
        let Ok(ip) = value.parse::<std::net::Ipv4Addr>() else {
            return false;
        };
        return match written {
            "10.0.0.0/8" => ip.octets()[0] == 10,
            _ => ip.octets() == [10, 0, 0, 1],
        };
    }
    if let Some(how) = words
        .iter()
        .find(|w| ["gt", "gte", "lt", "lte"].contains(w))
    {
        let (Ok(v), Ok(w)) = (value.parse::<f64>(), written.parse::<f64>()) else {
            return false;
        };
        return match *how {
            "gt" => v > w,
            "gte" => v >= w,
            "lt" => v < w,
            _ => v <= w,
        };
    }
    if is("fieldref") {
        let others = event.of(written).iter();
        return others.map(|o| case(o, is("cased"))).any(|o| {
            let value = case(value, is("cased"));
            match () {
                _ if is("contains") => value.contains(&o),
                _ if is("startswith") => value.starts_with(&o),
                _ if is("endswith") => value.ends_with(&o),
                _ => value == o,
            }
        });
    }
    let mut pattern = written.to_owned();
    if is("contains") || is("endswith") {
        pattern.insert(0, '*');
    }
    if is("contains") || is("startswith") {
        pattern.push('*');
    }
    // A backslash at the end must not escape the star that was put behind it.
    if pattern.ends_with("\\*") && (is("contains") || is("startswith")) {
        let slashes = written.len() - written.trim_end_matches('\\').len();
        if slashes % 2 == 1 {
            pattern.insert(pattern.len() - 1, '\\');
        }
    }
    match is("windash") {
        true => mixes(&pattern).iter().any(|p| like(p, value, is("cased"))),
        false => like(&pattern, value, is("cased")),
    }
}

/// Every mix of dashes in front of words.
fn mixes(pattern: &str) -> Vec<String> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut made = vec![String::new()];
    for (i, c) in chars.iter().enumerate() {
        let word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric() || *c == '_');
        let before = i.checked_sub(1).and_then(|b| chars.get(b));
        let free = DASHES.contains(c) && !word(before) && word(chars.get(i + 1));
        let choices = if free { DASHES.to_vec() } else { vec![*c] };
        made = made
            .iter()
            .flat_map(|m| choices.iter().map(move |c| format!("{m}{c}")))
            .collect();
    }
    made
}

fn case(text: &str, cased: bool) -> String {
    match cased {
        true => text.to_owned(),
        false => text.to_uppercase().to_lowercase(),
    }
}

/// Wildcards by recursion over the written pattern.
fn like(pattern: &str, value: &str, cased: bool) -> bool {
    let pattern: Vec<char> = case(pattern, cased).chars().collect();
    let value: Vec<char> = case(value, cased).chars().collect();
    like_chars(&pattern, &value)
}

fn like_chars(pattern: &[char], value: &[char]) -> bool {
    match pattern {
        [] => value.is_empty(),
        ['\\', c @ ('*' | '?' | '\\'), rest @ ..] => {
            value.first() == Some(c) && like_chars(rest, &value[1..])
        }
        ['*', rest @ ..] => (0..=value.len()).any(|at| like_chars(rest, &value[at..])),
        ['?', rest @ ..] => !value.is_empty() && like_chars(rest, &value[1..]),
        [c, rest @ ..] => value.first() == Some(c) && like_chars(rest, &value[1..]),
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).expect("text is always JSON")
}

fn scalars(values: &[String]) -> String {
    let plain = |v: &String| match v.as_str() {
        "null" | "true" | "false" => v.clone(),
        _ => quoted(v),
    };
    match values {
        [one] => plain(one),
        _ => format!(
            "[{}]",
            values.iter().map(plain).collect::<Vec<_>>().join(", ")
        ),
    }
}

const FIELDS: [&str; 7] = [
    "event.action",
    "event.outcome",
    "user.account",
    "source.ip",
    "message",
    "own",
    "device.known",
];

pub(super) fn a_value() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => prop::sample::select(vec![
            "login", "Logout", "chart-view", "failure", "unknown", "10.0.0.1", "10.9.9.9", "5",
            "12.5", "", "-x /y", "a\\b", "*", "odd",
        ])
        .prop_map(str::to_owned),
        1 => "[aAkKſK*?\\\\ 漢äÄ/-]{0,6}",
    ]
}

/// Short texts of few letters, so that parts of one are often found in another.
fn a_short() -> impl Strategy<Value = String> {
    "[abKſ*?\\\\-]{0,4}"
}

fn a_written() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => a_value(),
        1 => prop::sample::select(vec!["log*", "*out", "?ogin", "*i*", "*"]).prop_map(str::to_owned),
    ]
}

fn an_item() -> impl Strategy<Value = Item> {
    let field = prop::sample::select(FIELDS.to_vec());
    let texts = (
        prop::sample::select(vec![
            "",
            "|contains",
            "|startswith",
            "|endswith",
            "|contains|all",
            "|cased",
            "|neq",
            "|contains|cased",
            "|windash",
            "|contains|windash",
            "|startswith|neq",
            "|all",
        ]),
        prop::collection::vec(a_written(), 1..12),
    );
    let fixed = |keys: Vec<&'static str>, values: Vec<&'static str>, most: usize| {
        let values = prop::collection::vec(prop::sample::select(values), 1..=most);
        (
            prop::sample::select(keys),
            values.prop_map(|v| v.into_iter().map(str::to_owned).collect()),
        )
    };
    let rest = prop_oneof![
        6 => texts,
        1 => fixed(vec!["|exists"], vec!["true", "false"], 1),
        1 => fixed(vec!["|re", "|re|i", "|re|neq"], vec!["^log", "[aä]k", "\\d+$", "O", "K|ſ", "(log)?in"], 3),
        1 => fixed(vec!["|cidr", "|cidr|neq"], vec!["10.0.0.0/8", "10.0.0.1"], 2),
        1 => fixed(vec!["|gt", "|gte", "|lt", "|lte"], vec!["5", "12.50", "-1", "1e1"], 2),
        1 => fixed(vec!["|fieldref", "|fieldref|contains", "|fieldref|startswith|cased",
                        "|fieldref|endswith"], vec!["own", "message", "user.account"], 2),
        1 => fixed(vec!["", "|neq"], vec!["null"], 1),
    ];
    (field, rest).prop_map(|(field, (words, values))| Item {
        key: format!("{field}{words}"),
        values,
    })
}

fn a_map() -> impl Strategy<Value = Vec<Item>> {
    prop::collection::vec(an_item(), 1..4).prop_map(|mut items| {
        let mut seen = Vec::new();
        items.retain(|i| {
            let fresh = !seen.contains(&i.key);
            seen.push(i.key.clone());
            fresh
        });
        items
    })
}

fn a_selection() -> impl Strategy<Value = Selection> {
    prop_oneof![
        4 => a_map().prop_map(Selection::Map),
        2 => prop::collection::vec(a_map(), 1..3).prop_map(Selection::Maps),
        1 => prop::collection::vec("[aAkKſ漢ä]{1,3}|log*n|x", 1..3).prop_map(Selection::Words),
    ]
}

fn a_tree() -> impl Strategy<Value = Tree> {
    let patterns = || prop::sample::select(vec!["them", "s*", "*s*", "_*", "s1"]);
    let leaf = prop_oneof![
        4 => (0..4_usize).prop_map(Tree::Name),
        1 => patterns().prop_map(Tree::OneOf),
        1 => patterns().prop_map(Tree::AllOf),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|t| Tree::Not(Box::new(t))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Tree::And),
            prop::collection::vec(inner, 2..4).prop_map(Tree::Or),
        ]
    })
}

pub(super) fn a_detection() -> impl Strategy<Value = ([Selection; 4], Tree)> {
    (
        [a_selection(), a_selection(), a_selection(), a_selection()],
        a_tree(),
    )
}

pub(super) fn an_event() -> impl Strategy<Value = (Flat, Option<Action>, Outcome)> {
    let action = prop::option::weighted(
        0.8,
        prop::sample::select(vec!["login", "logout", "chart-view", "print", "odd"]),
    );
    let outcomes = [Outcome::Success, Outcome::Failure, Outcome::Unknown];
    let others = prop::collection::vec(prop::collection::vec(a_value(), 0..3), 5);
    (
        action,
        prop::sample::select(outcomes.to_vec()),
        others,
        a_value(),
    )
        .prop_map(|(action, outcome, others, record)| {
            let mut values: BTreeMap<String, Vec<String>> = FIELDS[2..]
                .iter()
                .zip(others)
                .filter(|(_, values)| !values.is_empty())
                .map(|(name, values)| ((*name).to_owned(), values))
                .collect();
            if let Some(action) = action {
                values.insert("event.action".to_owned(), vec![action.to_owned()]);
            }
            values.insert("event.outcome".to_owned(), vec![outcome.name().to_owned()]);
            (
                Flat { values, record },
                action.and_then(Action::from_name),
                outcome,
            )
        })
}

pub(super) fn rule_text((selections, tree): &([Selection; 4], Tree)) -> String {
    let mut text = String::from("title: t\nlogsource: {category: ehr}\ndetection:\n");
    for (name, selection) in NAMES.iter().zip(selections) {
        text.push_str(&format!("  {name}: {}\n", selection.yaml()));
    }
    text.push_str(&format!("  condition: {}\n", quoted(&tree.text())));
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_matcher_agrees_with_its_twin_and_the_index_never_misses(
        detection in a_detection(),
        events in prop::collection::vec(an_event(), 1..8),
    ) {
        let text = rule_text(&detection);
        let (set, complaints) = read(&text);
        let errors: Vec<_> = complaints.iter().filter(|c| !c.contains("warning: ")).collect();
        prop_assert!(errors.is_empty(), "{errors:?}\n{text}");
        let rule = &set.detections[0];
        for (event, action, outcome) in &events {
            let (selections, tree) = &detection;
            let selected = [0, 1, 2, 3].map(|at| selections[at].holds(event));
            let expected = tree.holds(&selected);
            let found = rule.matcher.matches(&mut event.view());
            prop_assert_eq!(found, expected, "{}\n{:?}", text, event);
            let explained = rule.matcher.explain(&mut event.view());
            prop_assert_eq!(explained.matched, found, "explained\n{}\n{:?}", text, event);
            let candidates = set.candidates(*action, *outcome);
            let (sources, mut sieve) = (crate::event::LogSources::of(&[crate::event::LogSourceId::Ehr]), set.sieve());
            let mut asked = candidates.called_up(sources, &mut event.view(), &mut sieve);
            let asked = asked.any(|c| c.matches(&set, &mut event.view()));
            prop_assert_eq!(asked, found, "asked by the index\n{}\n{:?}", text, event);
            for field in rule.matcher.indispensable().iter() {
                let given = !event.of(field.name()).is_empty();
                prop_assert!(given || !found, "{} is absent\n{}\n{:?}", field.name(), text, event);
            }
        }
    }

    #[test]
    fn one_item_agrees_with_its_twin(
        words in prop::sample::select(vec![
            "", "|contains", "|startswith", "|endswith", "|contains|all", "|cased", "|neq",
            "|contains|cased", "|startswith|cased", "|endswith|cased", "|windash",
        ]),
        written in prop::collection::vec(a_short(), 1..10),
        values in prop::collection::vec(prop_oneof![a_short(), "[abKſ]{0,4}"], 12),
    ) {
        let item = Item { key: format!("own{words}"), values: written };
        let map = Selection::Map(vec![item.clone()]);
        let text = format!(
            "title: t\nlogsource: {{category: ehr}}\ndetection: {{s: {}, condition: s}}\n",
            map.yaml()
        );
        let (set, complaints) = read(&text);
        prop_assert!(complaints.is_empty(), "{complaints:?}");
        for value in values.iter().chain(&item.values) {
            let mut event = Flat::default();
            event.values.insert("own".to_owned(), vec![value.clone()]);
            let found = set.detections[0].matcher.matches(&mut event.view());
            prop_assert_eq!(found, item.holds(&event), "{}\n{}", text, value);
            let json = format!("{{\"own\": [{}]}}", quoted(value));
            let arena = bumpalo::Bump::new();
            let read = WrittenEvent::read(&json, &arena);
            let mut read = read.ok().flatten().expect("a JSON object");
            let found = set.detections[0].matcher.matches(&mut read);
            prop_assert_eq!(found, item.holds(&event), "as JSON\n{}\n{}", text, value);
        }
    }

    #[test]
    fn reading_events_never_panics(
        text in "(\\{|\\}|\\[|\\]|:|,|\"[a.]{0,3}\"|null|true|-?[0-9]e?|[ \\\\\"漢]){0,40}",
        name in "[a.]{0,6}",
    ) {
        let arena = bumpalo::Bump::new();
        for text in [format!("{{{text}}}"), text] {
            if let Ok(Some(event)) = WrittenEvent::read(&text, &arena) {
                let written = event.written(&name);
                prop_assert!(written.exists || written.null, "{} {}", text, name);
            }
        }
    }

    #[test]
    fn reading_never_panics(text in "(title|detection|condition|logsource|correlation|yomawari|[a-z|]{1,9}|[-:{}\\[\\]'\" \n*%1漢]{1,4}){0,40}") {
        read(&text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn reading_a_damaged_rule_never_panics(at in 0..4000_usize, what in "[-:{}\\[\\]'\" \n*%1漢|]{0,3}") {
        for (_, text) in super::RuleSet::embedded_files() {
            let damaged: String = text.chars().take(at).chain(what.chars()).chain(text.chars().skip(at + 1)).collect();
            read(&damaged);
        }
    }
}

#[test]
fn values_for_grouping_come_from_the_table_or_beside_it() {
    let mut event = Flat::default();
    event
        .values
        .insert("user.account".into(), vec!["n1".into(), "n2".into()]);
    event.values.insert("own".into(), vec!["x".into()]);
    let value = |name: &str| {
        FieldRef::named(name)
            .value(&mut event.view())
            .map(str::to_owned)
    };
    assert_eq!(value("user.account").as_deref(), Some("n1"));
    assert_eq!((value("own").as_deref(), value("none")), (Some("x"), None));
}
