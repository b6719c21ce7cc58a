//! How rules read an event: by field, derived ones included.

use super::field::{Field, FieldSet};

/// What a matcher reads an event through. Derived fields may be worked out on the first request.
pub trait Fields {
    /// The (first) value of a field.
    fn value(&mut self, field: Field) -> Option<&str>;
    /// The second and later values of a field; empty for nearly all.
    fn others(&mut self, field: Field) -> Vec<&str>;
    /// True when some field has more than one value.
    fn has_lists(&self) -> bool;
    /// Fields outside the table, name and value.
    fn extras(&self) -> &[(&str, &str)];
    /// The fields of the table that the log itself gave (not the derived ones).
    fn present(&self) -> FieldSet;
    /// The whole record.
    fn record(&self) -> &str;
}
