//! How rules read an event: by field, derived ones included.

use super::field::{Field, FieldSet};

/// What a matcher reads an event through. Derived fields may be worked out on the first request.
pub trait Fields {
    /// True for events that keep the names they were written with: they are asked by name alone
    /// ([`Fields::written`], [`Fields::everything`]) and never by the table. Known when the
    /// program is compiled, so that it costs the others nothing.
    const BY_NAME: bool = false;

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

    /// What stands under a written name. Asked only of events that are read so.
    fn written(&self, _name: &str) -> Written<'_> {
        Written::default()
    }

    /// Every value of the event, whatever its name. Asked only of events that are read so.
    fn everything(&self) -> &[&str] {
        &[]
    }
}

/// What stands under a name of an event that keeps the names it was written with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written<'e> {
    /// The name is there, whatever it holds.
    pub exists: bool,
    /// There is no value: the name is absent, or it or an element of its list holds null, or the
    /// list is empty.
    pub null: bool,
    /// The values as text, in written order; those of a list all.
    pub values: Vec<&'e str>,
}
