//! Changes to a text that modifiers ask for: affixes, dashes, encodings.
//!
//! Takes a pattern; gives the patterns it becomes. Wildcards cannot be encoded.

use super::super::matcher::{DASHES, Pattern};
use super::modifier::Step;

/// A text on its way through the steps.
pub(super) enum Form {
    Pattern(Pattern),
    /// Bytes that only an encoding can make text again.
    Bytes(Vec<u8>),
}

/// Most mixes of dashes one value is encoded in: those of four dashes.
const MOST_MIXES: usize = 625;

/// The forms one form becomes by a step; `None` when the step cannot be done.
pub(super) fn apply(step: Step, form: Form) -> Option<Vec<Form>> {
    let encodes = matches!(step, Step::Base64 | Step::Base64Offset | Step::Utf16 { .. });
    match form {
        Form::Pattern(pattern) if encodes && pattern.free_dash().is_some() => {
            let each = mixes(&pattern)?.into_iter();
            let made: Option<Vec<_>> = each.map(|p| apply_to_one(step, Form::Pattern(p))).collect();
            Some(made?.into_iter().flatten().collect())
        }
        form => apply_to_one(step, form),
    }
}

fn apply_to_one(step: Step, form: Form) -> Option<Vec<Form>> {
    let one = |pattern| Some(vec![Form::Pattern(pattern)]);
    match (step, form) {
        (Step::Contains, Form::Pattern(mut pattern)) => {
            pattern.open_front();
            pattern.open_back();
            one(pattern)
        }
        (Step::StartsWith, Form::Pattern(mut pattern)) => {
            pattern.open_back();
            one(pattern)
        }
        (Step::EndsWith, Form::Pattern(mut pattern)) => {
            pattern.open_front();
            one(pattern)
        }
        (Step::Windash, Form::Pattern(mut pattern)) => {
            pattern.free_dashes();
            one(pattern)
        }
        (Step::Utf16 { big_endian, marked }, Form::Pattern(pattern)) => {
            let text = pattern.as_literal()?;
            let mut bytes = Vec::with_capacity(text.len() * 2 + 2);
            if marked {
                bytes.extend([0xff, 0xfe]);
            }
            for unit in text.encode_utf16() {
                bytes.extend(if big_endian {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                });
            }
            Some(vec![Form::Bytes(bytes)])
        }
        (Step::Base64, form) => {
            let bytes = bytes_of(form)?;
            one(Pattern::literal(&base64(&bytes)))
        }
        (Step::Base64Offset, form) => {
            let bytes = bytes_of(form)?;
            let shifts = (0..3).map(|shift| Pattern::literal(&shifted(&bytes, shift)));
            Some(shifts.map(Form::Pattern).collect())
        }
        (_, Form::Bytes(_)) => None,
    }
}

/// Every mix of the dashes that `windash` made free: an encoding needs each written out. `None`
/// when there are too many.
fn mixes(pattern: &Pattern) -> Option<Vec<Pattern>> {
    let mut made = vec![pattern.clone()];
    while let Some(at) = made.first().and_then(Pattern::free_dash) {
        if made.len() > MOST_MIXES / DASHES.len() {
            return None;
        }
        let mixed = made
            .iter()
            .flat_map(|p| DASHES.map(|dash| p.with(at, dash)));
        made = mixed.collect();
    }
    Some(made)
}

fn bytes_of(form: Form) -> Option<Vec<u8>> {
    let bytes = match form {
        Form::Pattern(pattern) => pattern.as_literal()?.into_bytes(),
        Form::Bytes(bytes) => bytes,
    };
    (!bytes.is_empty()).then_some(bytes)
}

/// Base64 with padding, RFC 4648 section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let at = |i: usize| u32::from(group.get(i).copied().unwrap_or_default());
        let number = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..4 {
            out.push(match i <= group.len() {
                true => char::from(LETTERS[(number >> (18 - 6 * i) & 63) as usize]),
                false => '=',
            });
        }
    }
    out
}

/// The characters of an encoding that do not depend on what stands before and behind, when
/// `shift` bytes (0 to 2) stand before in the same group.
fn shifted(bytes: &[u8], shift: usize) -> String {
    let mut padded = vec![0; shift];
    padded.extend(bytes);
    let encoded = base64(&padded);
    let front = [0, 2, 3][shift];
    let back = [0, 3, 2][padded.len() % 3];
    let kept = encoded.len().saturating_sub(front + back);
    encoded.chars().skip(front).take(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_agrees_with_the_test_vectors_of_rfc_4648() {
        for (plain, encoded) in [
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn shifted_encodings_are_found_behind_any_neighbors() {
        for word in ["foobar", "http://", "漢字", "abcd", "x12"] {
            for before in ["", "1", "12", "123"] {
                for behind in ["", "1", "12"] {
                    let whole = base64(format!("{before}{word}{behind}").as_bytes());
                    let part = shifted(word.as_bytes(), before.len() % 3);
                    assert!(whole.contains(&part), "{whole} {part}");
                }
            }
        }
        assert_eq!(shifted(b"foobar", 1), "Zvb2Jhc");
        assert_eq!(shifted(b"foobar", 2), "mb29iYX");
    }
}
