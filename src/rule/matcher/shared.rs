//! A few ASCII texts looked for in a value, in any case, by a byte that all of them share.
//!
//! Takes folded texts; gives [`Shared`], which looks at the places of that byte alone: in most
//! values of most logs there are few or none. Never asked of values that are not ASCII, in which
//! other characters may fold to these.

/// Most texts that are compared at each place.
const MOST: usize = 8;

/// Bytes by how seldom they stand in logs, the rarest first; what is not listed is not worth it.
const RARE: &[u8] = b"~`^{}|!$&;+*#%\\'@?<>qzjxkvybgwpfumhcdlrsintoae=\"_,()[]/";

/// Texts that share a byte.
#[derive(Debug)]
pub(super) struct Shared {
    /// The byte, small and large.
    byte: [u8; 2],
    /// Each text, and where in it the byte stands first.
    texts: Vec<(Box<[u8]>, usize)>,
}

impl Shared {
    /// Of texts in small letters; `None` when they are many, not ASCII, or share no byte.
    pub(super) fn of(texts: &[Box<str>]) -> Option<Shared> {
        if texts.len() > MOST || !texts.iter().all(|text| text.is_ascii()) {
            return None;
        }
        let in_all = |byte: &&u8| texts.iter().all(|text| text.as_bytes().contains(byte));
        let byte = *RARE.iter().find(in_all)?;
        let placed = texts.iter().filter_map(|text| {
            let at = text.bytes().position(|b| b == byte)?;
            Some((text.as_bytes().into(), at))
        });
        Some(Shared {
            byte: [byte, byte.to_ascii_uppercase()],
            texts: placed.collect(),
        })
    }

    /// True when one of the texts stands in an ASCII value.
    #[inline]
    pub(super) fn finds(&self, value: &[u8]) -> bool {
        let [small, large] = self.byte;
        memchr::memchr2_iter(small, large, value).any(|at| {
            self.texts.iter().any(|(text, ahead)| {
                let around = at.checked_sub(*ahead).map(|from| &value[from..]);
                let stands = around.and_then(|around| around.get(..text.len()));
                stands.is_some_and(|stands| stands.eq_ignore_ascii_case(text))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_stands_in_a_value_is_found(
            texts in prop::collection::vec("[abe]{0,2}[e+][abe]{0,2}", 1..4),
            value in "[aAbBeE+]{0,12}",
        ) {
            let texts: Vec<Box<str>> = texts.iter().map(|text| text.as_str().into()).collect();
            let small = value.to_ascii_lowercase();
            let expected = texts.iter().any(|text| small.contains(&**text));
            if let Some(shared) = Shared::of(&texts) {
                prop_assert_eq!(shared.finds(value.as_bytes()), expected);
            }
        }
    }

    #[test]
    fn only_a_few_ascii_texts_with_a_byte_in_common_are_looked_for_so() {
        let of = |texts: &[&str]| {
            let texts: Vec<Box<str>> = texts.iter().map(|text| (*text).into()).collect();
            Shared::of(&texts).is_some()
        };
        assert!(of(&["time has been changed", "changed time"]));
        assert!(!of(&["abc", "xyz"]) && !of(&["時刻"]) && !of(&["a"; 9]));
    }
}
