//! Slips on the command line, said in Japanese below the English words of the argument parser.
//!
//! Takes the parser's error; gives one sentence. Never prints, and leaves alone what is no slip.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use crate::diagnostic::Lang;
use crate::text::{one_line, shorten};

/// The language that the words ask for, as far as they could be read.
pub(super) fn lang_of(words: &[OsString]) -> Option<Lang> {
    let words: Vec<&str> = words.iter().filter_map(|word| word.to_str()).collect();
    let told = words
        .iter()
        .enumerate()
        .find_map(|(at, word)| match *word {
            "--lang" => words.get(at + 1).copied(),
            word => word.strip_prefix("--lang="),
        })?;
    match told {
        "ja" => Some(Lang::Ja),
        "en" => Some(Lang::En),
        _ => None,
    }
}

/// The error in Japanese; `None` when it is no slip or says it in Japanese already.
pub(super) fn in_japanese(error: &Error) -> Option<String> {
    let of = |kind| told(error.get(kind));
    let meant = |kind| match of(kind) {
        word if word.is_empty() => String::new(),
        word => format!("。{word} のことですか"),
    };
    let argument = of(ContextKind::InvalidArg);
    let sentence = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let command = of(ContextKind::InvalidSubcommand);
            let meant = meant(ContextKind::SuggestedSubcommand);
            format!("「{command}」というコマンドはありません{meant}")
        }
        ErrorKind::UnknownArgument => {
            let meant = meant(ContextKind::SuggestedArg);
            format!("「{argument}」という指定はありません{meant}")
        }
        ErrorKind::InvalidValue => {
            let (value, known) = (of(ContextKind::InvalidValue), of(ContextKind::ValidValue));
            format!("「{value}」は {argument} に使えません。使える値: {known}")
        }
        // Our own readers say it in both languages, those of numbers do not.
        ErrorKind::ValueValidation if is_ascii(error) => {
            let value = of(ContextKind::InvalidValue);
            format!("「{value}」は {argument} に使えません")
        }
        ErrorKind::MissingRequiredArgument => format!("必要な指定がありません: {argument}"),
        ErrorKind::ArgumentConflict => {
            let other = of(ContextKind::PriorArg);
            format!("{argument} と {other} は同時に指定できません")
        }
        _ => return None,
    };
    Some(format!(
        "誤り: {sentence}\n    対処: 使い方は --help で見られます"
    ))
}

fn is_ascii(error: &Error) -> bool {
    use std::error::Error as _;
    error.source().is_some_and(|why| why.to_string().is_ascii())
}

/// What the parser found, safe to show.
fn told(value: Option<&ContextValue>) -> String {
    let text = match value {
        Some(ContextValue::Strings(all)) => all.join("、"),
        Some(ContextValue::StyledStrs(all)) => all
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("、"),
        Some(ContextValue::None) | None => String::new(),
        Some(other) => other.to_string(),
    };
    shorten(&one_line(&text), 200).into_owned()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::Arguments;

    fn said(words: &str) -> Option<String> {
        let words = std::iter::once("yomawari").chain(words.split_whitespace());
        in_japanese(&Arguments::try_parse_from(words).expect_err("a slip"))
    }

    #[test]
    fn slips_are_said_in_japanese() {
        for (words, expected) in [
            (
                "scna",
                "「scna」というコマンドはありません。scan のことですか",
            ),
            (
                "scan --ouput x",
                "「--ouput」という指定はありません。--output のことですか",
            ),
            (
                "scan --format cvs x",
                "「cvs」は --format <NAME> に使えません。使える値: fhir、",
            ),
            ("completions", "必要な指定がありません: <SHELL>"),
            ("scan -q -v x", "は同時に指定できません"),
            ("scan --year 26 x", "「26」は --year <YYYY> に使えません"),
            ("scan --threads 0 x", "「0」は --threads <N> に使えません"),
            (
                "calendar holidays --from x",
                "「x」は --from <YEAR> に使えません",
            ),
        ] {
            let told = said(words).unwrap_or_default();
            assert!(told.contains(expected), "{words}: {told}");
        }
        assert_eq!(said("--help"), None);
        assert_eq!(
            said("scan --memory lots"),
            None,
            "said in both languages already"
        );
    }

    #[test]
    fn the_language_is_found_among_the_words() {
        let lang = |words: &str| lang_of(&words.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert_eq!(lang("scan --lang ja --x"), Some(Lang::Ja));
        assert_eq!(lang("--lang=en scan"), Some(Lang::En));
        assert_eq!(lang("scan --lang"), None);
    }
}
