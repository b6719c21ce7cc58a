//! A JSON value that is passed: its structure up to its end, in as many pieces as it comes.

use super::super::Units;

/// A value, from its second unit on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    /// A number, `true`, `false`, `null`, or what else is no structure.
    Scalar,
    /// An object, an array or (depth 0) a string.
    Nested {
        depth: u64,
        string: bool,
        escaped: bool,
    },
}

impl Value {
    pub(super) fn nested(depth: u64) -> Self {
        Value::Nested {
            depth,
            string: false,
            escaped: false,
        }
    }

    /// A value after its first character.
    pub(super) fn begun(first: Option<u8>) -> Self {
        match first {
            Some(b'{' | b'[') => Value::nested(1),
            Some(b'"') => Value::Nested {
                depth: 0,
                string: true,
                escaped: false,
            },
            _ => Value::Scalar,
        }
    }

    /// Moves `at` to the value's end, and is true; or to the end of the bytes.
    pub(super) fn pass(&mut self, text: Units<'_>, at: &mut usize) -> bool {
        let Value::Nested {
            depth,
            string,
            escaped,
        } = self
        else {
            return pass_scalar(text, at);
        };
        let whole = text.len() - text.len() % text.step();
        loop {
            if *at >= whole {
                return false;
            }
            if *escaped {
                *escaped = false;
                *at += text.step();
            } else if *string {
                let Some(found) = text.find2(*at, b'"', b'\\') else {
                    *at = whole;
                    return false;
                };
                *at = found + text.step();
                *string = text.ascii(found) != Some(b'"');
                *escaped = *string;
                if !*string && *depth == 0 {
                    return true;
                }
            } else {
                match text.ascii(*at) {
                    Some(b'"') => *string = true,
                    Some(b'{' | b'[') => *depth += 1,
                    Some(b'}' | b']') => *depth -= 1,
                    _ => {}
                }
                *at += text.step();
                if *depth == 0 {
                    return true;
                }
            }
        }
    }
}

fn pass_scalar(text: Units<'_>, at: &mut usize) -> bool {
    while *at + text.step() <= text.len() {
        match text.ascii(*at) {
            Some(b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b'"' | b'[' | b']' | b'{' | b'}') => {
                return true;
            }
            _ => *at += text.step(),
        }
    }
    false
}
