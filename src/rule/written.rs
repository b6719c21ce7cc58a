//! A JSON event under the names it was written with, as rules see it.
//!
//! Takes an object; answers by name: the key as it stands, else the path through nested objects,
//! also through arrays of objects. No name is mapped and nothing is derived. A keyword is looked
//! for in every value, never in a name.

use bumpalo::Bump;

use crate::event::{Field, FieldSet, Fields, Reject, Written};
use crate::format::Tree;

use super::StatedSource;

/// A JSON event as it is.
#[derive(Clone, Debug)]
pub struct WrittenEvent<'r> {
    source: &'r str,
    tree: Tree<'r>,
    texts: Vec<&'r str>,
}

impl<'r> WrittenEvent<'r> {
    /// Reads a text that is one JSON object; `None` when it is some other value.
    ///
    /// # Errors
    /// What is no JSON, or nested deeper than 64 levels.
    pub fn read(text: &'r str, arena: &'r Bump) -> Result<Option<WrittenEvent<'r>>, Reject> {
        let tree = Tree::read(text, arena)?;
        if !matches!(tree, Tree::Object(_)) {
            return Ok(None);
        }
        let mut texts = Vec::new();
        gather(&tree, &mut texts);
        Ok(Some(WrittenEvent {
            source: text,
            tree,
            texts,
        }))
    }

    /// The first value under a name.
    pub fn get(&self, name: &str) -> Option<&Tree<'r>> {
        self.found(name).first().copied()
    }

    /// The log source that an object under this name states.
    pub fn source(&self, name: &str) -> StatedSource {
        let word = |key: &str| match self.get(name)?.get(key)? {
            Tree::Text(text) => Some((*text).to_owned()),
            _ => None,
        };
        StatedSource {
            category: word("category"),
            product: word("product"),
            service: word("service"),
        }
    }

    /// True for a value of this event that was written without quotes: a number or a boolean.
    pub fn is_bare(&self, value: &str) -> bool {
        // What is no slice of the source was a string with escapes.
        let at = value
            .as_ptr()
            .addr()
            .checked_sub(self.source.as_ptr().addr());
        let before = at.and_then(|at| self.source.as_bytes().get(at.checked_sub(1)?));
        !value.is_empty() && before.is_some_and(|before| *before != b'"')
    }

    fn found(&self, name: &str) -> Vec<&Tree<'r>> {
        let mut found = Vec::new();
        find(&self.tree, name, &mut found);
        found
    }
}

/// Every string, number and boolean below a value.
fn gather<'r>(tree: &Tree<'r>, texts: &mut Vec<&'r str>) {
    match tree {
        Tree::Null => {}
        Tree::Text(text) => texts.push(text),
        Tree::List(items) => items.iter().for_each(|item| gather(item, texts)),
        Tree::Object(members) => members.iter().for_each(|(_, value)| gather(value, texts)),
    }
}

/// What a name stands for. Each value of the event is looked at once at most: by which part of the
/// name it is reached is settled by its keys.
fn find<'t, 'r>(tree: &'t Tree<'r>, name: &str, found: &mut Vec<&'t Tree<'r>>) {
    match tree {
        Tree::Null | Tree::Text(_) => {}
        Tree::List(items) => items.iter().for_each(|item| find(item, name, found)),
        Tree::Object(_) => {
            if let Some(value) = tree.get(name) {
                return found.push(value);
            }
            for (dot, _) in name.match_indices('.') {
                let before = found.len();
                if let Some(inner) = tree.get(&name[..dot]) {
                    find(inner, &name[dot + 1..], found);
                }
                if found.len() > before {
                    return;
                }
            }
        }
    }
}

/// Adds what one value says: of a list, what its elements say.
fn tell<'r>(tree: &Tree<'r>, written: &mut Written<'r>) {
    match tree {
        Tree::Null => written.null = true,
        Tree::Text(text) => written.values.push(text),
        Tree::List(items) => {
            written.null |= items.is_empty();
            items.iter().for_each(|item| tell(item, written));
        }
        // An object is there, but it is no value that could be compared.
        Tree::Object(_) => {}
    }
}

impl Fields for WrittenEvent<'_> {
    const BY_NAME: bool = true;

    fn value(&mut self, _field: Field) -> Option<&str> {
        None
    }

    fn others(&mut self, _field: Field) -> Vec<&str> {
        Vec::new()
    }

    fn has_lists(&self) -> bool {
        false
    }

    fn extras(&self) -> &[(&str, &str)] {
        &[]
    }

    fn present(&self) -> FieldSet {
        FieldSet::EMPTY
    }

    fn record(&self) -> &str {
        ""
    }

    fn written(&self, name: &str) -> Written<'_> {
        let found = self.found(name);
        let mut written = Written {
            exists: !found.is_empty(),
            null: found.is_empty(),
            values: Vec::new(),
        };
        found.into_iter().for_each(|tree| tell(tree, &mut written));
        written
    }

    fn everything(&self) -> &[&str] {
        &self.texts
    }
}
