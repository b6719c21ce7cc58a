//! What must be seen in an event before a condition can be true.
//!
//! Takes a condition; gives a tree of [`Sign`]s. All texts in it are folded, so that they are
//! looked for in folded values: whatever a test finds in a value in its own case, its folded form
//! is found in the folded value. Never says that a condition *is* true, and never asks for more
//! than the condition does.

use super::super::FieldRef;
use super::super::matcher::{Item, Matcher, Node, Target, Test, Texts, folded};
use super::regexes;

/// Longest text searched for, in bytes: of a longer one its end is enough to tell rules apart.
const LONGEST: usize = 24;
/// Lists with more texts are not taken apart: the matcher finds its way through them as quickly.
const LONGEST_LIST: usize = 1_024;
/// Most signs looked at for one condition, which may name the same long list often.
const MOST_SIGNS: usize = 8_192;

/// Something that can be seen in an event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Sign {
    /// The field it is seen in; anywhere in the record or its values when `None`.
    pub(super) field: Option<FieldRef>,
    /// What is seen there.
    pub(super) what: What,
}

impl Sign {
    /// True when it is seen in a field that is worked out, not told by the log.
    pub(super) fn is_derived(&self) -> bool {
        matches!(&self.field, Some(FieldRef::Known(field)) if field.is_derived())
    }
}

/// What is seen in a field.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum What {
    /// Any value.
    Present,
    /// A value that folds to exactly this.
    Whole(Box<str>),
    /// A value whose folded form holds this, which is not empty.
    Inside(Box<str>),
}

/// What a condition needs.
#[derive(Debug)]
pub(super) enum Needs {
    /// At least one of these signs.
    Signs(Vec<Sign>),
    /// Each of these, so that any of them may stand for all; nothing when there are none.
    Each(Vec<Needs>),
    /// One of these, so that all have to be watched; it cannot be true when there are none.
    OneOf(Vec<Needs>),
}

impl Needs {
    /// A condition that may be true of any event.
    pub(super) const NOTHING: Needs = Needs::Each(Vec::new());

    /// What a condition, which uses the search identifiers of `matcher`, needs.
    pub(super) fn of(node: &Node, matcher: &Matcher) -> Needs {
        let mut reading = Reading {
            matcher,
            left: MOST_SIGNS,
        };
        reading.node(node, false)
    }

    /// Visits every sign.
    pub(super) fn each_sign<'n>(&'n self, visit: &mut impl FnMut(&'n Sign)) {
        match self {
            Needs::Signs(signs) => signs.iter().for_each(visit),
            Needs::Each(all) | Needs::OneOf(all) => {
                for needs in all {
                    needs.each_sign(visit);
                }
            }
        }
    }
}

struct Reading<'m> {
    matcher: &'m Matcher,
    /// Signs that may still be made.
    left: usize,
}

impl Reading<'_> {
    fn node(&mut self, node: &Node, negated: bool) -> Needs {
        match (node, negated) {
            (Node::Item(item), false) => self.item(item),
            (Node::Item(item), true) => refuted(item),
            (Node::Not(inner), _) => self.node(inner, !negated),
            (Node::Selection(at), _) => self.node(self.matcher.selection(*at), negated),
            (Node::All(nodes), false) | (Node::Any(nodes), true) => {
                Needs::Each(self.nodes(nodes, negated))
            }
            (Node::Any(nodes), false) | (Node::All(nodes), true) => {
                Needs::OneOf(self.nodes(nodes, negated))
            }
        }
    }

    fn nodes(&mut self, nodes: &[Node], negated: bool) -> Vec<Needs> {
        nodes.iter().map(|n| self.node(n, negated)).collect()
    }

    fn item(&mut self, item: &Item) -> Needs {
        let field = match &item.target {
            Target::Field(field) => Some(field),
            Target::Anywhere => None,
        };
        let seen = match &item.test {
            Test::Exists(false) | Test::Null => return Needs::NOTHING,
            Test::Texts(texts) => texts_seen(texts),
            Test::Regexes(regexes) => {
                let patterns = regexes.iter().map(|r| r.as_str());
                regexes::literals(patterns)
                    .map(|literals| literals.iter().map(|l| inside(l)).collect())
            }
            Test::Exists(true)
            | Test::Networks(_)
            | Test::Numbers(..)
            | Test::Parts(..)
            | Test::Reference(..) => None,
        };
        let seen = seen.filter(|s| s.len() <= self.left && !s.contains(&What::Present));
        match (seen, field) {
            (Some(seen), _) => {
                self.left -= seen.len();
                Needs::Signs(seen.iter().flat_map(|what| signs(field, what)).collect())
            }
            (None, Some(_)) => Needs::Signs(signs(field, &What::Present)),
            (None, None) => Needs::NOTHING,
        }
    }
}

/// What is seen where: a name of the taxonomy stands for the log's own value and for our fields.
fn signs(field: Option<&FieldRef>, what: &What) -> Vec<Sign> {
    let sign = |field| Sign {
        field,
        what: what.clone(),
    };
    match field {
        Some(FieldRef::Mapped(name, fields)) => {
            let known = fields.iter().map(|f| FieldRef::Known(*f));
            let own = FieldRef::Other(name.clone());
            known.chain([own]).map(|f| sign(Some(f))).collect()
        }
        _ => vec![sign(field.cloned())],
    }
}

/// What the contrary of an item needs: only that a field is not absent can be seen.
fn refuted(item: &Item) -> Needs {
    match (&item.target, &item.test) {
        (Target::Field(field), Test::Exists(false) | Test::Null) => {
            Needs::Signs(signs(Some(field), &What::Present))
        }
        _ => Needs::NOTHING,
    }
}

/// One sign for each text of a list; `None` for lists that are better left alone.
fn texts_seen(texts: &Texts) -> Option<Vec<What>> {
    if texts.size() > LONGEST_LIST {
        return None;
    }
    let mut seen = Vec::new();
    texts.each_literal(&mut |text, whole| {
        seen.push(match whole {
            true => What::Whole(folded(text).into()),
            false => inside(text),
        });
    });
    Some(seen)
}

/// The sign of a text, or the end of it, inside a value.
fn inside(text: &str) -> What {
    match end_of(&folded(text)) {
        "" => What::Present,
        end => What::Inside(end.into()),
    }
}

/// The end of a text.
pub(super) fn end_of(text: &str) -> &str {
    let long = text.len().saturating_sub(LONGEST);
    let from = (long..=text.len()).find(|at| text.is_char_boundary(*at));
    &text[from.unwrap_or_default()..]
}
