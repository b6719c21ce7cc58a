//! Room `spill`.
