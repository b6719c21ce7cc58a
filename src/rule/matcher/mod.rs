//! A compiled condition: asked with one event, it says yes or no.
//!
//! Takes the tree that `read` built; gives answers through [`Fields`], cheap questions first, and
//! foretells for which actions and outcomes the answer can be yes at all. Two-valued: a test on
//! an absent field is false, its negation true. Never allocates in the common cases.

mod explain;
mod fold;
mod item;
mod measure;
mod pattern;
mod shared;
mod texts;

use std::cmp::Ordering;
use std::sync::Arc;

use crate::event::{Action, Field, FieldSet, Outcome};

use super::{Comparison, FieldRef, Fields};

pub use explain::{Explained, ExplainedItem, ExplainedSelection};
pub(in crate::rule) use fold::{fold_into, folded};
pub(in crate::rule) use item::{Fit, Item, Target, Test};
pub(in crate::rule) use measure::{BadNetwork, Network, TimePart, compare_numbers};
pub(in crate::rule) use pattern::{DASHES, Pattern};
pub(in crate::rule) use texts::Texts;

/// A condition over one event.
#[derive(Debug)]
pub struct Matcher {
    /// The search identifiers, which the condition may use several times.
    selections: Vec<Node>,
    /// Their names, for people.
    names: Vec<String>,
    root: Node,
}

/// A condition, or a part of one.
#[derive(Clone, Debug)]
pub(in crate::rule) enum Node {
    /// True when all are; true without any.
    All(Vec<Node>),
    /// True when one is.
    Any(Vec<Node>),
    /// True when it is not.
    Not(Box<Node>),
    /// The search identifier at this index.
    Selection(usize),
    /// A question about the event.
    Item(Arc<Item>),
}

/// What is left of a condition once action and outcome are known.
#[derive(Clone, Debug)]
pub(in crate::rule) enum Residue {
    /// It is true, whatever else the event says.
    True,
    /// It cannot be true.
    False,
    /// This is still to be asked.
    Open(Node),
}

/// Search identifiers with more items than this are asked whole instead of being cut down for
/// each action and outcome, so that the index stays small.
const LARGEST_CUT: usize = 64;

impl Matcher {
    /// Compiles a condition over search identifiers, which come with their names; indices in it are
    /// those of `selections`.
    pub(in crate::rule) fn new(
        (names, mut selections): (Vec<String>, Vec<Node>),
        mut root: Node,
    ) -> Matcher {
        for selection in &mut selections {
            selection.sort(&[]);
        }
        let costs: Vec<u32> = selections.iter().map(|s| s.cost(&[])).collect();
        root.sort(&costs);
        Matcher {
            selections,
            names,
            root,
        }
    }

    /// Demands another condition too, over its own search identifiers; `by` is what it is called.
    pub(in crate::rule) fn narrow(&mut self, other: &Matcher, by: &str) {
        let own = std::mem::replace(&mut self.root, Node::All(Vec::new()));
        let theirs = other.root.shifted(self.selections.len());
        self.selections.extend(other.selections.iter().cloned());
        let named = other.names.iter().map(|name| format!("{by}: {name}"));
        self.names.extend(named);
        let costs: Vec<u32> = self.selections.iter().map(|s| s.cost(&[])).collect();
        self.root = Node::All(vec![own, theirs]);
        self.root.sort(&costs);
    }

    /// True when the event satisfies the condition.
    #[inline]
    pub fn matches<F: Fields>(&self, event: &mut F) -> bool {
        self.holds(&self.root, event)
    }

    fn holds<F: Fields>(&self, node: &Node, event: &mut F) -> bool {
        match node {
            Node::Item(item) => item.holds(event),
            Node::All(nodes) => nodes.iter().all(|n| self.holds(n, event)),
            Node::Any(nodes) => nodes.iter().any(|n| self.holds(n, event)),
            Node::Not(node) => !self.holds(node, event),
            Node::Selection(at) => self.holds(&self.selections[*at], event),
        }
    }

    /// Fields of the table the condition reads.
    pub fn fields(&self) -> FieldSet {
        let mut set = FieldSet::EMPTY;
        self.each_item(&mut |item| {
            let mut insert = |field: &FieldRef| field.fields().iter().for_each(|f| set.insert(*f));
            if let Target::Field(field) = &item.target {
                insert(field);
            }
            if let Test::Reference(fields, _) = &item.test {
                fields.iter().for_each(insert);
            }
        });
        set
    }

    /// The fields of the table without which the condition cannot be true: what a source must
    /// give for the rule to speak on it.
    pub fn indispensable(&self) -> FieldSet {
        let mut set = self.fields();
        // A mapped field may come under its own name, so nothing hangs on the table alone.
        for field in set.iter().collect::<Vec<_>>() {
            let absent = |item: &Item| match &item.target {
                Target::Field(FieldRef::Known(f)) if *f == field => Some(item.holds_of(None)?),
                _ => None,
            };
            if !matches!(self.cut(&self.root, &absent), Residue::False) {
                set.remove(field);
            }
        }
        set
    }

    /// What is left to ask of events with this action and outcome. An event without an action may
    /// still carry some other word in `event.action`.
    pub(in crate::rule) fn residue(&self, action: Option<Action>, outcome: Outcome) -> Residue {
        let known = |item: &Item| match (&item.target, action) {
            (Target::Field(FieldRef::Known(Field::EventOutcome)), _) => {
                item.holds_of(Some(outcome.name()))
            }
            (Target::Field(FieldRef::Known(Field::EventAction)), Some(action)) => {
                item.holds_of(Some(action.name()))
            }
            (Target::Field(FieldRef::Known(Field::EventAction)), None) => {
                item.asks_only_for_actions().then_some(false)
            }
            _ => None,
        };
        self.cut(&self.root, &known)
    }

    /// True when the event satisfies what [`Matcher::residue`] left open.
    #[inline]
    pub(in crate::rule) fn satisfies<F: Fields>(&self, residue: &Residue, event: &mut F) -> bool {
        match residue {
            Residue::True => true,
            Residue::False => false,
            Residue::Open(node) => self.holds(node, event),
        }
    }

    fn cut(&self, node: &Node, known: &impl Fn(&Item) -> Option<bool>) -> Residue {
        let is = |value: bool| if value { Residue::True } else { Residue::False };
        match node {
            Node::Item(item) => match known(item) {
                Some(value) => is(value),
                None => Residue::Open(node.clone()),
            },
            Node::Not(inner) => match self.cut(inner, known) {
                Residue::True => Residue::False,
                Residue::False => Residue::True,
                Residue::Open(open) => Residue::Open(Node::Not(Box::new(open))),
            },
            Node::Selection(at) => {
                let selection = &self.selections[*at];
                match self.cut(selection, known) {
                    Residue::Open(_) if selection.items() > LARGEST_CUT => {
                        Residue::Open(node.clone())
                    }
                    cut => cut,
                }
            }
            Node::All(nodes) => self.cut_all(false, nodes, known),
            Node::Any(nodes) => self.cut_all(true, nodes, known),
        }
    }

    /// Cuts parts that are joined; one with the value `decisive` decides alone.
    fn cut_all(
        &self,
        decisive: bool,
        nodes: &[Node],
        known: &impl Fn(&Item) -> Option<bool>,
    ) -> Residue {
        let mut open = Vec::new();
        for node in nodes {
            match (self.cut(node, known), decisive) {
                (Residue::True, true) => return Residue::True,
                (Residue::False, false) => return Residue::False,
                (Residue::Open(node), _) => open.push(node),
                _ => {}
            }
        }
        match (open.len(), decisive) {
            (0, true) => Residue::False,
            (0, false) => Residue::True,
            (1, _) => Residue::Open(open.swap_remove(0)),
            (_, true) => Residue::Open(Node::Any(open)),
            (_, false) => Residue::Open(Node::All(open)),
        }
    }

    /// The search identifier at an index that stands in the condition.
    pub(in crate::rule) fn selection(&self, at: usize) -> &Node {
        &self.selections[at]
    }

    /// Visits every item, used by the condition or not.
    fn each_item(&self, visit: &mut dyn FnMut(&Item)) {
        self.selections
            .iter()
            .chain([&self.root])
            .for_each(|node| node.each_item(visit));
    }

    /// True when it looks for texts in the whole record.
    pub(in crate::rule) fn has_keywords(&self) -> bool {
        let mut found = false;
        self.each_item(&mut |item| found |= matches!(item.target, Target::Anywhere));
        found
    }

    /// True when a field outside the table with this name is read.
    pub(in crate::rule) fn reads(&self, name: &str) -> bool {
        let mut found = false;
        self.each_item(&mut |item| {
            found |= matches!(&item.target, Target::Field(field) if field.name() == name);
        });
        found
    }
}

impl Residue {
    /// True when both, of one matcher, are written alike.
    pub(in crate::rule) fn is(&self, other: &Residue) -> bool {
        match (self, other) {
            (Residue::True, Residue::True) | (Residue::False, Residue::False) => true,
            (Residue::Open(one), Residue::Open(other)) => one.is(other),
            _ => false,
        }
    }
}

impl Node {
    fn is(&self, other: &Node) -> bool {
        match (self, other) {
            (Node::All(these), Node::All(those)) | (Node::Any(these), Node::Any(those)) => {
                these.len() == those.len() && these.iter().zip(those).all(|(a, b)| a.is(b))
            }
            (Node::Not(one), Node::Not(other)) => one.is(other),
            (Node::Selection(one), Node::Selection(other)) => one == other,
            (Node::Item(one), Node::Item(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }

    /// Puts the cheap parts first; the answer does not depend on the order.
    fn sort(&mut self, selections: &[u32]) {
        match self {
            Node::All(nodes) | Node::Any(nodes) => {
                nodes.iter_mut().for_each(|n| n.sort(selections));
                nodes.sort_by_key(|n| n.cost(selections));
            }
            Node::Not(node) => node.sort(selections),
            Node::Selection(_) | Node::Item(_) => {}
        }
    }

    fn cost(&self, selections: &[u32]) -> u32 {
        match self {
            Node::All(nodes) | Node::Any(nodes) => nodes
                .iter()
                .fold(0, |sum: u32, n| sum.saturating_add(n.cost(selections))),
            Node::Not(node) => node.cost(selections),
            Node::Selection(at) => selections.get(*at).copied().unwrap_or_default(),
            Node::Item(item) => item.cost(),
        }
    }

    /// The items without which it cannot be true, as far as they stand in plain sight.
    pub(in crate::rule) fn demanded(&self) -> Vec<&Item> {
        match self {
            Node::Item(item) => vec![&**item],
            Node::All(nodes) => nodes.iter().flat_map(Node::demanded).collect(),
            Node::Any(_) | Node::Not(_) | Node::Selection(_) => Vec::new(),
        }
    }

    /// The same over search identifiers that stand so much further behind.
    fn shifted(&self, by: usize) -> Node {
        let all = |nodes: &[Node]| nodes.iter().map(|n| n.shifted(by)).collect();
        match self {
            Node::All(nodes) => Node::All(all(nodes)),
            Node::Any(nodes) => Node::Any(all(nodes)),
            Node::Not(node) => Node::Not(Box::new(node.shifted(by))),
            Node::Selection(at) => Node::Selection(at + by),
            Node::Item(item) => Node::Item(item.clone()),
        }
    }

    fn items(&self) -> usize {
        let mut count = 0;
        self.each_item(&mut |_| count += 1);
        count
    }

    /// Visits every search identifier that stands in the condition, each as often as it does.
    fn each_selection(&self, visit: &mut dyn FnMut(usize)) {
        match self {
            Node::All(nodes) | Node::Any(nodes) => {
                nodes.iter().for_each(|n| n.each_selection(visit));
            }
            Node::Not(node) => node.each_selection(visit),
            Node::Selection(at) => visit(*at),
            Node::Item(_) => {}
        }
    }

    fn each_item(&self, visit: &mut dyn FnMut(&Item)) {
        match self {
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().for_each(|n| n.each_item(visit)),
            Node::Not(node) => node.each_item(visit),
            Node::Selection(_) => {}
            Node::Item(item) => visit(item),
        }
    }
}

impl Comparison {
    /// True when a value that stands so to the threshold satisfies the comparison.
    pub fn accepts(self, order: Ordering) -> bool {
        match self {
            Comparison::Gt => order.is_gt(),
            Comparison::Gte => order.is_ge(),
            Comparison::Lt => order.is_lt(),
            Comparison::Lte => order.is_le(),
            Comparison::Eq => order.is_eq(),
            Comparison::Neq => order.is_ne(),
        }
    }
}

impl FieldRef {
    /// The field of this name.
    pub fn named(name: &str) -> FieldRef {
        match Field::from_name(name) {
            Some(field) => FieldRef::Known(field),
            None => FieldRef::Other(name.into()),
        }
    }

    /// The (first) value of the field in an event.
    #[inline]
    pub fn value<'e, F: Fields>(&self, event: &'e mut F) -> Option<&'e str> {
        if F::BY_NAME {
            return event.written(self.name()).values.first().copied();
        }
        match self {
            FieldRef::Known(field) => event.value(*field),
            FieldRef::Other(name) => own(event, name),
            FieldRef::Mapped(name, fields) => {
                if own(event, name).is_some() {
                    return own(event, name);
                }
                let told = fields.iter().find(|f| event.value(**f).is_some());
                event.value(*told?)
            }
        }
    }

    /// True when the event has the field, whatever it holds.
    #[inline]
    pub(in crate::rule) fn exists<F: Fields>(&self, event: &mut F) -> bool {
        match F::BY_NAME {
            true => event.written(self.name()).exists,
            false => self.value(event).is_some(),
        }
    }

    /// True when the field is absent or holds null.
    #[inline]
    pub(in crate::rule) fn is_null<F: Fields>(&self, event: &mut F) -> bool {
        match F::BY_NAME {
            true => event.written(self.name()).null,
            false => self.value(event).is_none(),
        }
    }

    /// True when a value of the field passes the test.
    #[inline]
    pub fn any<F: Fields>(&self, event: &mut F, mut test: impl FnMut(&str) -> bool) -> bool {
        if F::BY_NAME {
            return event.written(self.name()).values.into_iter().any(test);
        }
        match self {
            FieldRef::Known(field) => any_known(event, *field, test),
            FieldRef::Other(name) => event
                .extras()
                .iter()
                .any(|(n, value)| **n == **name && test(value)),
            FieldRef::Mapped(name, fields) => {
                if own(event, name).is_some() {
                    let mut values = event.extras().iter().filter(|(n, _)| **n == **name);
                    return values.any(|(_, value)| test(value));
                }
                let told = fields.iter().find(|f| event.value(**f).is_some());
                told.is_some_and(|field| any_known(event, *field, test))
            }
        }
    }
}

/// The first value outside the table under this name.
#[inline]
fn own<'e, F: Fields>(event: &'e F, name: &str) -> Option<&'e str> {
    let found = event.extras().iter().find(|(n, _)| **n == *name);
    found.map(|(_, value)| *value)
}

#[inline]
fn any_known<F: Fields>(event: &mut F, field: Field, mut test: impl FnMut(&str) -> bool) -> bool {
    match event.value(field) {
        None => false,
        Some(value) if test(value) => true,
        Some(_) => event.has_lists() && event.others(field).into_iter().any(test),
    }
}
