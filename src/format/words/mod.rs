//! The words logs use for what happened and how it ended, in Japanese and English, and how
//! identifiers, addresses and times are written. Shared by the formats.
//!
//! Takes the text of one cell or attribute; gives our word, an instant, or the one spelling of an
//! address. Every answer depends on the text and the settings alone. Never guesses: a word that is
//! not known, a bare digit and a two-digit year stay unknown until the config tells.

mod absent;
mod action;
mod address;
mod fold;
mod lexicon;
mod outcome;
mod time;

pub use absent::{clean, is_absent, trim};
pub use action::{action, action_table, end_of, is_general, subject_table};
pub use address::{split_account, split_address};
pub use fold::{fold_heading, fold_word, identifier};
pub use lexicon::Lexicon;
pub use outcome::{outcome_claimed, outcome_table, told_table};
pub use time::{
    DateOrder, TimeStyle, TwoDigitYear, month_number, read_end, read_joined, read_time,
};

pub use crate::text::{is_canonical_mac, mac};
