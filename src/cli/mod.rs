//! Room `cli`.

pub mod args;
pub mod config;
mod files;
pub mod lang;
pub mod plan;
pub mod progress;
pub mod rules;
pub mod shell;
mod value;

pub use value::{EncodingChoice, Moment};

#[cfg(test)]
mod tests_support {
    /// Holds text against the snapshot of this name in `tests/snapshots`.
    pub(super) fn holds(name: &str, text: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../../tests/snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}
