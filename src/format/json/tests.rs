//! The pull reader against serde_json: the same texts are JSON to both.

use bumpalo::Bump;
use proptest::prelude::*;

use super::*;

fn skips(text: &str) -> Result<(), Reject> {
    let arena = Bump::new();
    let mut reader = Reader::new(text, &arena);
    reader.skip()?;
    reader.end()
}

/// Walks everything there is and reads every scalar, the other way through a text.
fn walks(reader: &mut Reader<'_>) -> Result<(), Reject> {
    match reader.peek() {
        b'{' => reader.members(|r, _| walks(r)),
        b'[' => reader.elements(walks),
        _ => reader.text().map(|_| ()),
    }
}

fn walked(text: &str) -> Result<(), Reject> {
    let arena = Bump::new();
    let mut reader = Reader::new(text, &arena);
    walks(&mut reader)?;
    reader.end()
}

fn string(text: &str) -> Option<String> {
    let arena = Bump::new();
    let mut reader = Reader::new(text, &arena);
    reader.text().ok().flatten().map(str::to_owned)
}

#[test]
fn broken_texts_are_refused_with_their_column() {
    for (text, column) in [
        ("", 1),
        ("{", 2),
        ("{\"a\"}", 5),
        ("{\"a\":1,}", 8),
        ("[1,]", 4),
        ("[1 2]", 4),
        ("{\"a\":[}", 7),
        ("[{]", 3),
        ("\"a", 3),
        ("\"\u{1}\"", 2),
        ("\"\\x\"", 3),
        ("\"\\u12\"", 3),
        ("01", 2),
        ("1.", 3),
        ("-", 2),
        ("tru", 1),
        ("{} x", 4),
        ("[]]", 3),
    ] {
        assert_eq!(
            skips(text),
            Err(Reject::at(Reason::MalformedJson, column)),
            "{text}"
        );
        assert_eq!(skips(text), walked(text), "{text}");
    }
}

#[test]
fn escapes_are_resolved_and_lone_surrogates_replaced() {
    for (text, value) in [
        (r#""山田""#, "山田"),
        (r#""\u5c71\u7530\n\/\"\\""#, "山田\n/\"\\"),
        (r#""\ud83d\ude00!""#, "😀!"),
        (r#""\ud83d!""#, "\u{fffd}!"),
        (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
        (r#""\ud83d\u0041""#, "\u{fffd}A"),
        ("-1.50e+3", "-1.50e+3"),
        ("true", "true"),
    ] {
        assert_eq!(string(text).as_deref(), Some(value), "{text}");
    }
    assert_eq!(string("null"), None);
}

#[test]
fn depth_ends_at_64() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert_eq!(skips(&nested(64)), Ok(()));
    assert_eq!(walked(&nested(64)), Ok(()));
    let too_deep = Err(Reject::at(Reason::TooDeep, 65));
    assert_eq!(skips(&nested(65)), too_deep);
    assert_eq!(walked(&nested(65)), too_deep);
    assert_eq!(skips(&"[".repeat(1 << 20)), too_deep);
}

/// True when serde_json's complaint is one we do not share: numbers have no range here.
fn lenient(error: &serde_json::Error) -> bool {
    let text = error.to_string();
    text.contains("out of range") || text.contains("surrogate") || text.contains("hex escape")
}

proptest! {
    #[test]
    fn arbitrary_text_never_panics_and_both_ways_agree(text in any::<String>()) {
        prop_assert_eq!(skips(&text), walked(&text));
    }

    #[test]
    fn texts_of_json_characters_are_json_to_both_readers(
        text in r#"[\[\]{}:," \\untrefalsd0-9.+eE\-]{0,24}"#,
    ) {
        prop_assert_eq!(skips(&text), walked(&text));
        match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(_) => prop_assert_eq!(skips(&text), Ok(())),
            Err(error) if lenient(&error) => {}
            Err(_) => prop_assert!(skips(&text).is_err()),
        }
    }

    #[test]
    fn any_string_survives_writing_and_reading(value in any::<String>()) {
        let written = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(string(&written), Some(value));
    }
}
