//! Format `jsonl`.

use crate::diagnostic::{Complaints, Text};
use crate::format::{Format, Parser, Settings};
use crate::frame::Framing;

pub(super) struct Jsonl;

impl Format for Jsonl {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn about(&self) -> Text {
        Text::new(
            "JSON lines with ECS names, flat or nested",
            "ECSの名前を使ったJSON Lines（平坦・入れ子）",
        )
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn claims(&self, _head: &str) -> Option<Text> {
        None
    }

    fn parser(&self, _: &str, _: &Settings<'_>, _: &mut Complaints) -> Option<Box<dyn Parser>> {
        None
    }
}
