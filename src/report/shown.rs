//! What every form of a report shows alike: the signs of marks, and times to the minute.

use super::document::Mark;
use super::model::Time;
use crate::diagnostic::Lang;

/// The sign and word that say without color how a sentence is meant.
pub(super) fn mark_word(mark: Mark, lang: Lang) -> &'static str {
    match (mark, lang) {
        (Mark::Good, Lang::Ja) => "○",
        (Mark::Good, Lang::En) => "○",
        (Mark::Care, Lang::Ja) => "△ 注意",
        (Mark::Care, Lang::En) => "△ Note",
        (Mark::Bad, Lang::Ja) => "● 要対応",
        (Mark::Bad, Lang::En) => "● To do",
        (Mark::Plain, _) => "",
    }
}

/// The sign alone, for cells.
pub(super) fn mark_sign(mark: Mark, lang: Lang) -> &'static str {
    mark_word(mark, lang).split(' ').next().unwrap_or_default()
}

/// `2026-11-16 02:14`.
pub(super) fn minute(time: Time) -> String {
    let text = crate::event::rfc3339(time.nanos, time.offset);
    text.get(..16).unwrap_or(&text).replace('T', " ")
}
