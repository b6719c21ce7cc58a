//! Text as people and logs write it: encodings, width and case folding, addresses, eras, safe
//! display.
//!
//! Takes bytes or text; gives text. Never knows formats.

mod address;
mod choice;
mod detect;
mod display;
mod encoding;
mod era;
mod fold;
mod length;

pub use address::{ip, is_canonical_mac, mac, mac_text};
pub use choice::EncodingChoice;
pub use detect::{Detected, detect};
pub use display::{csv_safe, one_line, shorten};
pub use encoding::{Decoded, Encoding};
pub use era::{ERAS, Era};
pub use fold::{fold_identity, fold_key, fold_width, is_folded_identity};
pub use length::length_of_time;
