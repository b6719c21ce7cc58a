//! Rejected records as JSON lines: what `parse --rejects` prints between the events.
//!
//! Takes a reject with its place; appends one line. The record is shown bounded, nothing in it
//! acts on a terminal.

use crate::diagnostic::Lang;
use crate::event::RejectSample;
use crate::text::shorten;

use super::json::push_string;

/// Characters of a rejected record that are shown.
const SHOWN: usize = 200;

/// Appends a reject as one line: reason, where, and the beginning of the record. The message is
/// in the reader's language; the reason's code is the same in both.
pub fn write(out: &mut Vec<u8>, path: &str, sample: &RejectSample, lang: Lang) {
    let reason = sample.reject.reason;
    out.extend_from_slice(b"{\"reject\":{\"reason\":");
    push_string(out, reason.code());
    out.extend_from_slice(b",\"message\":");
    push_string(out, reason.text(lang));
    out.extend_from_slice(b"},\"log\":{\"file\":{\"path\":");
    push_string(out, path);
    let RejectSample { line, offset, .. } = sample;
    out.extend_from_slice(format!(",\"line\":{line}}},\"offset\":{offset}}}").as_bytes());
    out.extend_from_slice(format!(",\"column\":{}", sample.reject.column).as_bytes());
    out.extend_from_slice(b",\"event\":{\"original\":");
    push_string(out, &shorten(&sample.text, SHOWN));
    out.extend_from_slice(b"}}\n");
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::event::{Reason, Reject};

    #[test]
    fn a_reject_names_reason_and_place() {
        let sample = RejectSample {
            line: 12,
            offset: 840,
            length: 14,
            reject: Reject::at(Reason::BadTime, 1),
            text: "32:99 \u{1b}[2J\"x\"".to_owned(),
        };
        let mut out = Vec::new();
        write(&mut out, "a.zip!\"b\".csv", &sample, Lang::Ja);
        let line = String::from_utf8(out).unwrap();
        serde_json::from_str::<serde_json::Value>(&line).unwrap();
        samples::holds("reject", &line);
    }
}
