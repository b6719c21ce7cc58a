//! Why a condition holds for an event, or why it does not: item by item.
//!
//! Takes a matcher and one event; gives each search identifier with its items, what they wanted and
//! what they found, and the fewest items on which the answer hangs. Its answer is the matcher's.
//! Never used where many events are judged: here everything is asked, and texts are written.

use std::collections::BTreeSet;

use crate::diagnostic::Text;
use crate::text::shorten;

use super::super::{Comparison, Fields};
use super::item::{Fit, Item, Target, Test};
use super::{Matcher, Node};

/// Values named of a list, wanted or found.
const SHOWN: usize = 5;
/// Characters shown of a wanted value.
const WANTED: usize = 80;
/// Characters shown of a found value.
const FOUND: usize = 200;

/// What a condition made of one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// True when the event satisfies the condition.
    pub matched: bool,
    /// The search identifiers the condition uses, in written order; those of a filter after those
    /// of the rule, with the filter's name in front.
    pub selections: Vec<ExplainedSelection>,
    /// Places in `selections` and in their `items`.
    turning: Vec<(usize, usize)>,
}

/// What a search identifier made of the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedSelection {
    /// Its name.
    pub name: String,
    /// True when the event satisfies it.
    pub matched: bool,
    /// Its items; how they are joined is not told.
    pub items: Vec<ExplainedItem>,
}

/// What one item made of the event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedItem {
    /// The field, as the rule names it; `None` for keywords, which are looked for everywhere.
    pub field: Option<String>,
    /// What was asked of it: several values are joined by `|`, texts stand as they are compared.
    pub wanted: Text,
    /// The first values of the field, each cut to 200 characters; none when it is absent. Of a
    /// keyword the value in which it was found.
    pub found: Vec<String>,
    /// True when the item is satisfied.
    pub holds: bool,
}

impl Explained {
    /// The fewest items that would have to come out otherwise for the condition to: of an event
    /// that does not match what it lacks, of one that does what it rests on. Empty when no item
    /// can change the answer.
    pub fn turning(&self) -> impl Iterator<Item = (&ExplainedSelection, &ExplainedItem)> {
        self.turning.iter().map(|(selection, item)| {
            let selection = &self.selections[*selection];
            (selection, &selection.items[*item])
        })
    }

    /// Number of items that hold, over all search identifiers.
    pub fn holding(&self) -> usize {
        let items = self.selections.iter().flat_map(|s| &s.items);
        items.filter(|item| item.holds).count()
    }
}

impl Matcher {
    /// Asks every item of the condition about an event and tells what became of it.
    pub fn explain<F: Fields>(&self, event: &mut F) -> Explained {
        let mut used = BTreeSet::new();
        self.root.each_selection(&mut |at| {
            used.insert(at);
        });
        let mut selections = Vec::new();
        let mut weights: Vec<Option<Weight>> = (0..self.selections.len()).map(|_| None).collect();
        for at in used {
            let node = &self.selections[at];
            let mut items = Vec::new();
            node.each_item(&mut |item| items.push(explain_item(item, event)));
            let place = selections.len();
            let holds: Vec<bool> = items.iter().map(|item| item.holds).collect();
            let weight = weigh_selection(node, place, &mut holds.iter().zip(0..));
            selections.push(ExplainedSelection {
                name: self.names.get(at).cloned().unwrap_or_default(),
                matched: weight.value,
                items,
            });
            weights[at] = Some(weight);
        }
        let root = weigh_condition(&self.root, &weights);
        let mut turning = BTreeSet::new();
        root.collect(&weights, &mut BTreeSet::new(), &mut turning);
        Explained {
            matched: root.value,
            selections,
            turning: turning.into_iter().collect(),
        }
    }
}

/// A part of a condition, its value, and what it would take to change it.
struct Weight {
    value: bool,
    /// How many items have to change; `None` when no change of items changes the value.
    cost: Option<u64>,
    turned_by: TurnedBy,
}

/// The parts that have to change so that a part does.
enum TurnedBy {
    /// An item, by the places of its search identifier and of itself.
    Item(usize, usize),
    /// A search identifier, by its index in the matcher.
    Selection(usize),
    /// All of these.
    Parts(Vec<Weight>),
}

impl Weight {
    /// Of parts joined by and (`decisive` is false) or by or.
    fn joined(parts: Vec<Weight>, decisive: bool) -> Weight {
        let value = match decisive {
            true => parts.iter().any(|part| part.value),
            false => parts.iter().all(|part| part.value),
        };
        // All parts that decide alone have to change, or else one of those that do not.
        let turned_by: Vec<Weight> = match value == decisive {
            true => parts.into_iter().filter(|p| p.value == decisive).collect(),
            false => {
                let turnable = parts.into_iter().filter(|part| part.cost.is_some());
                turnable.min_by_key(|part| part.cost).into_iter().collect()
            }
        };
        let costs: Option<Vec<u64>> = turned_by.iter().map(|part| part.cost).collect();
        let costs = costs.filter(|costs| !costs.is_empty());
        Weight {
            value,
            cost: costs.map(|costs| costs.into_iter().fold(0, u64::saturating_add)),
            turned_by: TurnedBy::Parts(turned_by),
        }
    }

    fn negated(self) -> Weight {
        Weight {
            value: !self.value,
            ..self
        }
    }

    /// Gathers the items that have to change, each search identifier once.
    fn collect(
        &self,
        of: &[Option<Weight>],
        passed: &mut BTreeSet<usize>,
        items: &mut BTreeSet<(usize, usize)>,
    ) {
        if self.cost.is_none() {
            return;
        }
        match &self.turned_by {
            TurnedBy::Item(selection, item) => {
                items.insert((*selection, *item));
            }
            TurnedBy::Selection(at) if passed.insert(*at) => {
                if let Some(weight) = &of[*at] {
                    weight.collect(of, passed, items);
                }
            }
            TurnedBy::Selection(_) => {}
            TurnedBy::Parts(parts) => parts.iter().for_each(|p| p.collect(of, passed, items)),
        }
    }
}

/// The weight of a search identifier; `items` tells which of its items hold, in their order.
fn weigh_selection<'i>(
    node: &Node,
    place: usize,
    items: &mut impl Iterator<Item = (&'i bool, usize)>,
) -> Weight {
    match node {
        Node::Item(_) => {
            let (holds, item) = items.next().expect("every item was asked, in this order");
            Weight {
                value: *holds,
                cost: Some(1),
                turned_by: TurnedBy::Item(place, item),
            }
        }
        Node::Not(inner) => weigh_selection(inner, place, items).negated(),
        Node::All(nodes) | Node::Any(nodes) => {
            let mut parts = Vec::new();
            for node in nodes {
                parts.push(weigh_selection(node, place, items));
            }
            Weight::joined(parts, matches!(node, Node::Any(_)))
        }
        // Search identifiers hold no others.
        Node::Selection(_) => Weight::joined(Vec::new(), false),
    }
}

/// The weight of a condition over search identifiers.
fn weigh_condition(node: &Node, of: &[Option<Weight>]) -> Weight {
    match node {
        Node::Selection(at) => match &of[*at] {
            Some(weight) => Weight {
                value: weight.value,
                cost: weight.cost,
                turned_by: TurnedBy::Selection(*at),
            },
            None => Weight::joined(Vec::new(), false),
        },
        Node::Not(inner) => weigh_condition(inner, of).negated(),
        Node::All(nodes) | Node::Any(nodes) => {
            let parts = nodes.iter().map(|node| weigh_condition(node, of));
            Weight::joined(parts.collect(), matches!(node, Node::Any(_)))
        }
        // Conditions name search identifiers only.
        Node::Item(_) => Weight::joined(Vec::new(), false),
    }
}

fn explain_item<F: Fields>(item: &Item, event: &mut F) -> ExplainedItem {
    let holds = item.holds(event);
    let mut found = Vec::new();
    let field = match &item.target {
        Target::Field(field) => {
            field.any(event, |value| {
                found.push(shorten(value, FOUND).into_owned());
                found.len() == SHOWN
            });
            Some(field.name().to_owned())
        }
        Target::Anywhere => {
            found.extend(
                item.found_in(event)
                    .map(|v| shorten(&v, FOUND).into_owned()),
            );
            None
        }
    };
    ExplainedItem {
        field,
        wanted: item.test.wanted(),
        found,
        holds,
    }
}

impl Test {
    /// What is asked of a value, in words.
    fn wanted(&self) -> Text {
        match self {
            Test::Exists(true) => Text::new("present", "あり"),
            Test::Exists(false) => Text::new("absent", "なし"),
            Test::Null => Text::new("no value", "値なし"),
            Test::Texts(texts) => {
                let listed = listed(texts.len(), texts.written());
                match texts.is_cased() {
                    true => Text::new(
                        format!("{listed} (case matters)"),
                        format!("{listed}（大文字小文字を区別）"),
                    ),
                    false => same(listed),
                }
            }
            Test::Regexes(all) => {
                let written = all.iter().map(|r| format!("/{}/", r.as_str()));
                same(listed(all.len(), written))
            }
            Test::Networks(all) => same(listed(all.len(), all.iter().map(ToString::to_string))),
            Test::Numbers(how, all) => {
                let sign = sign(*how);
                same(listed(all.len(), all.iter().map(|n| format!("{sign} {n}"))))
            }
            Test::Parts(part, all) => {
                let told = listed(all.len(), all.iter().map(ToString::to_string));
                same(format!("{} {told}", part.name()))
            }
            Test::Reference(fields, fit) => {
                let names = fields.iter().map(|field| field.name().to_owned());
                reference(&listed(fields.len(), names), *fit)
            }
        }
    }
}

fn reference(fields: &str, fit: Fit) -> Text {
    match (fit.front, fit.back) {
        (false, false) => Text::new(format!("the value of {fields}"), format!("{fields} の値")),
        (false, true) => Text::new(
            format!("beginning with the value of {fields}"),
            format!("{fields} の値で始まる"),
        ),
        (true, false) => Text::new(
            format!("ending with the value of {fields}"),
            format!("{fields} の値で終わる"),
        ),
        (true, true) => Text::new(
            format!("containing the value of {fields}"),
            format!("{fields} の値を含む"),
        ),
    }
}

fn same(text: String) -> Text {
    Text::new(text.clone(), text)
}

/// The first values, and how many more there are.
fn listed(count: usize, values: impl Iterator<Item = String>) -> String {
    let shown = values.take(SHOWN);
    let mut shown: Vec<String> = shown.map(|v| shorten(&v, WANTED).into_owned()).collect();
    let more = count.saturating_sub(shown.len());
    shown.extend((more > 0).then(|| format!("… (+{more})")));
    shown.join(" | ")
}

fn sign(how: Comparison) -> &'static str {
    match how {
        Comparison::Gt => ">",
        Comparison::Gte => ">=",
        Comparison::Lt => "<",
        Comparison::Lte => "<=",
        Comparison::Eq => "=",
        Comparison::Neq => "!=",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rule::RuleSet;
    use crate::rule::facts::read;
    use crate::rule::twin::Flat;

    fn rule(detection: &str) -> RuleSet {
        let text = format!("title: t\nlogsource: {{category: ehr}}\ndetection: {{{detection}}}\n");
        let (set, complaints) = read(&text);
        assert!(complaints.is_empty(), "{complaints:?}");
        set
    }

    fn event(values: &[(&str, &[&str])]) -> Flat {
        let mut event = Flat::default();
        for (name, all) in values {
            let all = all.iter().map(|v| (*v).to_owned()).collect();
            event.values.insert((*name).to_owned(), all);
        }
        event
    }

    fn explained(detection: &str, event: &Flat) -> Explained {
        let set = rule(detection);
        set.detections[0].matcher.explain(&mut event.view())
    }

    fn turning(explained: &Explained) -> Vec<String> {
        let told = explained.turning();
        let told = told.map(|(selection, item)| {
            let field = item.field.as_deref().unwrap_or("*");
            format!("{}/{field}", selection.name)
        });
        told.collect()
    }

    const OFF_HOURS: &str = "access: {event.action: [chart-view, print]}, \
         failed: {event.outcome: failure}, closed: {calendar.verdict: closed}, \
         condition: access and closed and not failed";

    #[test]
    fn a_miss_names_the_item_that_failed() {
        let open = event(&[
            ("event.action", &["chart-view"]),
            ("calendar.verdict", &["open"]),
        ]);
        let told = explained(OFF_HOURS, &open);
        assert!(!told.matched);
        assert_eq!(turning(&told), ["closed/calendar.verdict"]);
        let names: Vec<&str> = told.selections.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["access", "failed", "closed"]);
        let matched: Vec<bool> = told.selections.iter().map(|s| s.matched).collect();
        assert_eq!(matched, [true, false, false]);
        let item = &told.selections[2].items[0];
        assert_eq!((item.wanted.en.as_str(), item.holds), ("closed", false));
        assert_eq!(item.found, ["open"]);
        assert_eq!(told.selections[0].items[0].wanted.en, "chart-view | print");
    }

    #[test]
    fn what_a_negation_excludes_is_named_too() {
        let failed = event(&[
            ("event.action", &["print"]),
            ("event.outcome", &["failure"]),
            ("calendar.verdict", &["closed"]),
        ]);
        let told = explained(OFF_HOURS, &failed);
        assert_eq!(turning(&told), ["failed/event.outcome"]);
        assert!(told.selections[1].items[0].holds);
    }

    #[test]
    fn an_absent_field_has_no_value_and_keywords_tell_where() {
        let told = explained(
            "k: [needle, other], a: {own: x}, condition: k or a",
            &Flat {
                record: "hay needle hay".to_owned(),
                ..event(&[])
            },
        );
        assert!(told.matched);
        let keyword = &told.selections[0].items[0];
        assert_eq!((&keyword.field, keyword.holds), (&None, true));
        assert_eq!(keyword.found, ["hay needle hay"]);
        assert_eq!(told.selections[1].items[0].found, Vec::<String>::new());
        assert_eq!(turning(&told), ["k/*"]);
    }

    #[test]
    fn every_kind_of_question_is_told_as_a_rule_would_write_it() {
        let of = |item: &str| {
            let told = explained(&format!("s: {{{item}}}, condition: s"), &event(&[]));
            told.selections[0].items[0].wanted.clone()
        };
        for (item, wanted) in [
            ("own: 'Ab*'", "ab*"),
            ("own|cased: Ab", "Ab (case matters)"),
            ("own|contains: 'a\\*b'", "*a\\*b*"),
            ("own|endswith: [a, b]", "*a | *b"),
            ("own: 'a?c*d'", "a?c*d"),
            ("own|re: '^a+$'", "/^a+$/"),
            (
                "own|cidr: [10.0.0.0/8, 'fe80::/10']",
                "10.0.0.0/8 | fe80::/10",
            ),
            ("own|gte: 5", ">= 5"),
            ("own|hour: [1, 2]", "hour 1 | 2"),
            ("own|exists: false", "absent"),
            ("own: null", "no value"),
            ("own|fieldref: user.id", "the value of user.id"),
            ("own: [a, b, c, d, e, f, g]", "a | b | c | d | e | … (+2)"),
        ] {
            assert_eq!(of(item).en, wanted, "{item}");
        }
        assert_eq!(of("own|exists: true").ja, "あり");
    }

    #[test]
    fn filters_stand_behind_the_rule_under_their_own_name() {
        let text = "title: t\nname: r\nlogsource: {category: ehr}\n\
             detection: {s: {own: x}, condition: s}\n---\n\
             title: f\nname: no-robots\nlogsource: {category: ehr}\n\
             filter: {rules: [r], s: {user.id: robot}, condition: not s}\n";
        let (set, complaints) = read(text);
        assert!(complaints.is_empty(), "{complaints:?}");
        let robot = event(&[("own", &["x"]), ("user.id", &["robot"])]);
        let told = set.detections[0].matcher.explain(&mut robot.view());
        assert_eq!(turning(&told), ["no-robots: s/user.id"]);
    }

    /// A condition in which each of the items `f0` to `f5` stands once.
    fn condition() -> impl Strategy<Value = String> {
        let names = Just((0..6).map(|n| format!("s{n}")).collect::<Vec<_>>()).prop_shuffle();
        let joints = prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>()), 6);
        (names, joints).prop_map(|(names, joints)| {
            let parts = names.iter().zip(joints);
            parts.fold(String::new(), |built, (name, (and, negated, closed))| {
                let name = if negated {
                    format!("not {name}")
                } else {
                    name.clone()
                };
                let joint = if and { "and" } else { "or" };
                match (built.is_empty(), closed) {
                    (true, _) => name,
                    (false, true) => format!("not ({built}) {joint} {name}"),
                    (false, false) => format!("({built}) {joint} {name}"),
                }
            })
        })
    }

    proptest! {
        #[test]
        fn changing_what_it_hangs_on_and_nothing_less_changes_the_answer(
            condition in condition(),
            held in 0_u32..64,
        ) {
            let items: Vec<String> = (0..6).map(|n| format!("s{n}: {{f{n}: x}}")).collect();
            let set = rule(&format!("{}, condition: {condition}", items.join(", ")));
            let matcher = &set.detections[0].matcher;
            let of = |held: u32| {
                let mut event = Flat::default();
                for n in (0..6).filter(|n| held >> n & 1 == 1) {
                    event.values.insert(format!("f{n}"), vec!["x".to_owned()]);
                }
                event
            };
            let told = matcher.explain(&mut of(held).view());
            prop_assert_eq!(told.matched, matcher.matches(&mut of(held).view()));
            let place = |item: &ExplainedItem| {
                let field = item.field.as_deref().unwrap_or("");
                field[1..].parse::<u32>().expect("fields are numbered")
            };
            let turned = told.turning().fold(0, |mask, (_, item)| mask | 1 << place(item));
            prop_assert_ne!(matcher.matches(&mut of(held ^ turned).view()), told.matched);
            for fewer in (0_u32..64).filter(|m| m.count_ones() < turned.count_ones()) {
                let after = matcher.matches(&mut of(held ^ fewer).view());
                prop_assert_eq!(after, told.matched, "{:b} does it too", fewer);
            }
        }
    }
}
