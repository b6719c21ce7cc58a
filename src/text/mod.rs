//! Text as people and logs write it: encodings, width and case folding, safe display.
//!
//! Takes bytes or text; gives text. Never knows formats.

mod choice;
mod detect;
mod display;
mod encoding;
mod fold;

pub use choice::EncodingChoice;
pub use detect::{Detected, detect};
pub use display::{csv_safe, one_line, shorten};
pub use encoding::{Decoded, Encoding};
pub use fold::{fold_identity, fold_key, fold_width};
