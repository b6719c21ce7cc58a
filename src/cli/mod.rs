//! Room `cli`.

pub mod args;
mod value;

pub use value::{EncodingChoice, Moment};
