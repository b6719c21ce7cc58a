//! A JSON text kept whole, for the few who ask for names that are not known beforehand.
//!
//! Takes a text; gives a tree whose texts are slices of it. Numbers and booleans stay as they are
//! written. Of a doubled key the first one counts, as everywhere.

use bumpalo::Bump;

use crate::event::{Instant, Reject, Zone};

use super::{Read, Reader, epoch, moment};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree<'r> {
    /// `null`.
    Null,
    /// A string, number or boolean.
    Text(&'r str),
    /// An array.
    List(Vec<Tree<'r>>),
    /// An object, in written order.
    Object(Vec<(&'r str, Tree<'r>)>),
}

impl<'r> Tree<'r> {
    /// Reads a text that is one JSON value and nothing else; unescaped strings will live in
    /// `arena`.
    ///
    /// # Errors
    /// What is no JSON by RFC 8259, or nested deeper than 64 levels.
    pub fn read(text: &'r str, arena: &'r Bump) -> Result<Tree<'r>, Reject> {
        let mut reader = Reader::new(text, arena);
        let tree = value(&mut reader)?;
        reader.end()?;
        Ok(tree)
    }

    /// The value under a key of an object.
    pub fn get(&self, key: &str) -> Option<&Tree<'r>> {
        match self {
            Tree::Object(members) => members.iter().find(|(k, _)| *k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The time that a value tells: RFC 3339 (without a zone it is taken as of `zone`), or a count
    /// since 1970 in seconds, or in milli-, micro- or nanoseconds when it has 12 digits or more.
    pub fn instant(&self, zone: &Zone) -> Option<Instant> {
        let Tree::Text(text) = self else { return None };
        match epoch(text, zone) {
            Some(read) => read.ok(),
            None => moment(text, zone).ok().map(|(instant, _)| instant),
        }
    }
}

/// Reads one value. The reader's bound on depth bounds this recursion.
fn value<'r>(reader: &mut Reader<'r>) -> Read<Tree<'r>> {
    match reader.peek() {
        b'{' => {
            let mut members = Vec::new();
            reader.members(|reader, key| {
                members.push((key, value(reader)?));
                Ok(())
            })?;
            Ok(Tree::Object(members))
        }
        b'[' => {
            let mut items = Vec::new();
            reader.elements(|reader| {
                items.push(value(reader)?);
                Ok(())
            })?;
            Ok(Tree::List(items))
        }
        _ => Ok(reader.text()?.map_or(Tree::Null, Tree::Text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_kept_as_written() {
        let arena = Bump::new();
        let text = r#"{"a":1.50,"b":[true,null,"\u0041"],"c":{},"a":2}"#;
        let tree = Tree::read(text, &arena).expect("JSON");
        assert_eq!(tree.get("a"), Some(&Tree::Text("1.50")));
        let list = vec![Tree::Text("true"), Tree::Null, Tree::Text("A")];
        assert_eq!(tree.get("b"), Some(&Tree::List(list)));
        assert_eq!(tree.get("c"), Some(&Tree::Object(Vec::new())));
        for bad in ["", "{", "{}x", &"[".repeat(100), "{a:1}"] {
            assert!(Tree::read(bad, &arena).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_are_told_in_words_and_counts() {
        let zone = Zone::named("UTC").expect("a zone");
        let at = |text| Tree::Text(text).instant(&zone).map(|t| t.nanos);
        let second = Some(1_700_000_000_000_000_000);
        assert_eq!(at("2023-11-14T22:13:20Z"), second);
        assert_eq!(at("2023-11-14 22:13:20"), second);
        assert_eq!((at("1700000000"), at("1700000000000")), (second, second));
        assert_eq!(at("1700000000.5"), second.map(|s| s + 500_000_000));
        assert_eq!(
            (at("noon"), at("-5"), Tree::Null.instant(&zone)),
            (None, None, None)
        );
    }
}
