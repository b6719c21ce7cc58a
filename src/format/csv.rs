//! Format `csv`.

use crate::diagnostic::{Complaints, Text};
use crate::format::{Format, Parser, Settings};
use crate::frame::Framing;

pub(super) struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn framing(&self) -> Framing {
        Framing::Csv
    }

    fn claims(&self, _head: &str) -> Option<Text> {
        None
    }

    fn parser(&self, _: &str, _: &Settings<'_>, _: &mut Complaints) -> Option<Box<dyn Parser>> {
        None
    }
}
