//! Promises on arbitrary text.
