//! A few texts, each once.
//!
//! Takes texts; tells of each whether it is new. Never compares all with all.

use std::collections::HashSet;

/// How many texts are compared one by one before a set is made.
const FEW: usize = 8;

/// Remembers which texts it was shown. Comparing all with all would take quadratic time on a
/// record with a hundred thousand patients, so many texts go to a set (of the standard library,
/// whose hash an attacker cannot foresee).
#[derive(Default)]
pub(super) struct Distinct<'r> {
    few: [&'r str; FEW],
    length: usize,
    many: Option<HashSet<&'r str>>,
}

impl<'r> Distinct<'r> {
    /// True when the text was not shown before.
    pub(super) fn is_new(&mut self, text: &'r str) -> bool {
        let few = self.few.get(..self.length).unwrap_or_default();
        if few.contains(&text) {
            return false;
        }
        match self.few.get_mut(self.length) {
            Some(free) => {
                *free = text;
                self.length += 1;
                true
            }
            None => self.many.get_or_insert_default().insert(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Distinct;

    #[test]
    fn every_text_is_new_once() {
        let texts: Vec<String> = (0..40).map(|n| n.to_string()).collect();
        let mut distinct = Distinct::default();
        assert!(texts.iter().all(|text| distinct.is_new(text)));
        assert!(!texts.iter().any(|text| distinct.is_new(text)));
    }
}
