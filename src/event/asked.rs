//! What somebody will ask about: the happenings some rule could match.
//!
//! Takes pairs of action and outcome; tells whether one is among them. A format that sees early
//! that nobody asks about what happened spares the rest of the record. Never knows rules.

use super::{Action, Outcome};

/// The bit of an event without an action.
const NO_ACTION: usize = Action::ALL.len();

const _: () = assert!(
    NO_ACTION < 64,
    "a word holds a bit for each action and one for none"
);

/// A set of pairs of action (or none) and outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked([u64; 3]);

impl Asked {
    /// Everything: how it is until somebody says otherwise.
    pub const ALL: Asked = Asked([u64::MAX; 3]);

    /// The pairs for which this is true.
    pub fn of(mut about: impl FnMut(Option<Action>, Outcome) -> bool) -> Asked {
        let mut set = Asked([0; 3]);
        let actions = Action::ALL.iter().copied().map(Some).chain([None]);
        for action in actions {
            for outcome in [Outcome::Success, Outcome::Failure, Outcome::Unknown] {
                set.0[outcome as usize] |= u64::from(about(action, outcome)) << bit(action);
            }
        }
        set
    }

    /// True when the pair is in the set.
    #[inline]
    pub fn contains(self, action: Option<Action>, outcome: Outcome) -> bool {
        self.0[outcome as usize] >> bit(action) & 1 == 1
    }
}

#[inline]
fn bit(action: Option<Action>) -> usize {
    action.map_or(NO_ACTION, |action| action as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_in_the_set_that_was_made_of_it() {
        let denied = Asked::of(|action, outcome| {
            (action, outcome) == (Some(Action::Deny), Outcome::Unknown) || action.is_none()
        });
        assert!(denied.contains(Some(Action::Deny), Outcome::Unknown));
        assert!(denied.contains(None, Outcome::Failure));
        assert!(!denied.contains(Some(Action::Deny), Outcome::Success));
        assert!(!denied.contains(Some(Action::LinkDown), Outcome::Unknown));
        assert!(Asked::ALL.contains(Some(Action::LinkDown), Outcome::Success));
        assert!(Asked::ALL.contains(None, Outcome::Unknown));
    }
}
