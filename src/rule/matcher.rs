//! A compiled condition.

use super::Fields;

/// A condition over one event.
#[derive(Debug)]
pub struct Matcher {}

impl Matcher {
    /// True when the event satisfies the condition.
    #[inline]
    pub fn matches<F: Fields>(&self, _event: &mut F) -> bool {
        false
    }
}
