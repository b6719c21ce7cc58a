//! Format `csv`.

use crate::diagnostic::{Complaints, Text};
use crate::format::{Format, Parser, Settings};
use crate::frame::Framing;

pub(super) struct Csv;

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn about(&self) -> Text {
        Text::new(
            "tables of records systems and PC tools: comma, tab or semicolon, headings in Japanese or English",
            "電子カルテなどの表形式の出力（カンマ・タブ・セミコロン、見出しは日本語・英語）",
        )
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
