//! What ends the lines of an input: LF, or CR alone as old Macs and what copies them have it.
//!
//! Takes the beginning of an input; gives the character that ends its lines. Decided once, before
//! the format is known: what reads a file again by its bytes alone comes to the same answer.

use super::csv::begins_cell;
use super::syslog::whole_frames;
use super::{Unit, Units};

/// What ends a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnd {
    /// LF, a CR before it left out.
    #[default]
    Feed,
    /// CR alone.
    Return,
}

/// What was passed of an input's beginning.
#[derive(Default)]
struct Passed {
    /// True inside quotes.
    open: bool,
    /// CR outside of quotes.
    returns: usize,
    /// CR and LF since the last quote was opened.
    quoted_returns: usize,
    quoted_feeds: usize,
}

impl LineEnd {
    /// Decides by the beginning of an input, its first 64 KiB: CR when there are some and no LF
    /// stands outside of quoted cells.
    ///
    /// A CR at the very end does not count, as it may be half of a CRLF. Streams of messages that
    /// end in NUL or tell their lengths may hold CR, and end no line with it.
    pub fn of(head: &[u8], unit: Unit) -> LineEnd {
        let text = Units::new(head, unit);
        let is_stream =
            || text.is_bytes() && (text.find(0, b'\0').is_some() || whole_frames(head) > 0);
        match text.find(0, b'\r').and_then(|_| pass(text)) {
            Some(passed) if passed.ends_in_returns() && !is_stream() => LineEnd::Return,
            _ => LineEnd::Feed,
        }
    }

    /// The character.
    #[inline]
    pub fn character(self) -> u8 {
        match self {
            LineEnd::Feed => b'\n',
            LineEnd::Return => b'\r',
        }
    }
}

impl Passed {
    fn ends_in_returns(&self) -> bool {
        match self {
            // A quote that is not closed may be a stray one, which must not hide the lines.
            Passed { open: true, .. } if self.quoted_feeds == 0 => {
                self.returns + self.quoted_returns > 0
            }
            Passed { open: true, .. } => self.returns >= self.quoted_feeds,
            _ => self.returns > 0,
        }
    }
}

/// Goes over the bytes; `None` when a line feed stands outside of quotes.
fn pass(text: Units<'_>) -> Option<Passed> {
    let mut passed = Passed::default();
    let step = text.step();
    let mut at = text.byte_order_mark();
    let mut row = at;
    while at < text.len() {
        let is_last = at + step >= text.len();
        match (text.ascii(at), passed.open) {
            (Some(b'\n'), false) => return None,
            (Some(b'\n'), true) => passed.quoted_feeds += 1,
            (Some(b'\r'), _) if is_last => {}
            (Some(b'\r'), true) => passed.quoted_returns += 1,
            (Some(b'\r'), false) => {
                passed.returns += 1;
                row = at + step;
            }
            (Some(b'"'), true) if text.ascii(at + step) == Some(b'"') => at += step,
            (Some(b'"'), true) => passed.open = false,
            (Some(b'"'), false) => {
                passed.open = at == row || begins_cell(text, at);
                (passed.quoted_returns, passed.quoted_feeds) = (0, 0);
            }
            _ => {}
        }
        at += step;
    }
    Some(passed)
}
