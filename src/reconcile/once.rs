//! The same record told by several exports, which counts once.

use std::collections::BTreeMap;

/// Tells of equal things from several inputs those that an input before did not tell: between
/// overlapping inputs the larger number of equal ones holds.
#[derive(Clone, Debug)]
pub struct Once<T> {
    /// The input at hand, and how often each thing came in it.
    input: String,
    here: BTreeMap<T, u64>,
    /// How often each thing came in the input that told it most often.
    most: BTreeMap<T, u64>,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Once {
            input: String::new(),
            here: BTreeMap::new(),
            most: BTreeMap::new(),
        }
    }
}

impl<T: Clone + Ord> Once<T> {
    /// True when no input before told this so often. Inputs come one after the other.
    pub fn is_new(&mut self, thing: &T, input: &str) -> bool {
        if self.input != input {
            input.clone_into(&mut self.input);
            self.here.clear();
        }
        let here = self.here.entry(thing.clone()).or_default();
        *here += 1;
        let most = self.most.entry(thing.clone()).or_default();
        let is_new = *here > *most;
        *most = (*most).max(*here);
        is_new
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_many_are_new_as_the_input_with_most_tells(
            inputs in prop::collection::vec(prop::collection::vec(0u8..4, 0..12), 0..5),
        ) {
            let mut once = Once::default();
            let mut new = [0usize; 4];
            for (name, things) in inputs.iter().enumerate() {
                for thing in things {
                    new[*thing as usize] += usize::from(once.is_new(thing, &name.to_string()));
                }
            }
            for thing in 0..4u8 {
                let of = |things: &Vec<u8>| things.iter().filter(|t| **t == thing).count();
                prop_assert_eq!(new[thing as usize], inputs.iter().map(of).max().unwrap_or(0));
            }
        }
    }
}
