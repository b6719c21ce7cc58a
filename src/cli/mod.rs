//! Room `cli`.

pub mod calendar;
