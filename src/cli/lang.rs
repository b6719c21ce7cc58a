//! Which language the program speaks.
//!
//! Takes what the user, the config and the environment say; gives one language. Never reads the
//! environment itself, so that the answer can be tested.
//!
//! In this order: `--lang`, `site.language` of the config, then the first of LC_ALL, LC_MESSAGES
//! and LANG that is set. There a word beginning with `ja` is Japanese and any other language is
//! English. The neutral words `C` and `POSIX`, which services and containers run under, say
//! nothing, and Windows sets no word at all: then a house whose zone is Japan's reads Japanese and
//! any other English.

use crate::diagnostic::Lang;
use crate::event::Zone;

/// The variables that tell the language, the strongest first.
const VARIABLES: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// The language; `variable` looks up an environment variable.
pub fn choose(
    told: Option<Lang>,
    config: Option<Lang>,
    variable: impl Fn(&str) -> Option<String>,
    zone: &Zone,
) -> Lang {
    told.or(config)
        .or_else(|| of_environment(variable))
        .unwrap_or_else(|| match zone.name() {
            "Asia/Tokyo" | "Japan" => Lang::Ja,
            _ => Lang::En,
        })
}

fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Option<Lang> {
    let word = VARIABLES
        .iter()
        .find_map(|name| variable(name).filter(|word| !word.is_empty()))?;
    let language = word.split(['_', '.', '@', '-']).next().unwrap_or_default();
    match language.to_ascii_lowercase().as_str() {
        "c" | "posix" => None,
        "ja" | "japanese" => Some(Lang::Ja),
        _ => Some(Lang::En),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(variables: &[(&str, &str)], zone: &str) -> Lang {
        let zone = Zone::named(zone).expect("known");
        let look_up = |name: &str| {
            let set = variables.iter().find(|(n, _)| *n == name)?;
            Some(set.1.to_owned())
        };
        choose(None, None, look_up, &zone)
    }

    #[test]
    fn what_is_told_goes_first() {
        let no = |_: &str| None;
        let tokyo = Zone::tokyo();
        assert_eq!(choose(Some(Lang::En), Some(Lang::Ja), no, &tokyo), Lang::En);
        assert_eq!(choose(None, Some(Lang::En), no, &tokyo), Lang::En);
    }

    #[test]
    fn the_environment_then_the_zone() {
        assert_eq!(chosen(&[("LANG", "ja_JP.UTF-8")], "Europe/Paris"), Lang::Ja);
        assert_eq!(chosen(&[("LANG", "en_US.UTF-8")], "Asia/Tokyo"), Lang::En);
        assert_eq!(chosen(&[("LANG", "fr_FR")], "Asia/Tokyo"), Lang::En);
        assert_eq!(
            chosen(&[("LC_ALL", "ja_JP"), ("LANG", "en_US")], "Asia/Tokyo"),
            Lang::Ja
        );
        assert_eq!(
            chosen(&[("LC_ALL", ""), ("LANG", "en_US")], "Asia/Tokyo"),
            Lang::En
        );
        for neutral in ["C", "C.UTF-8", "POSIX", ""] {
            assert_eq!(chosen(&[("LANG", neutral)], "Asia/Tokyo"), Lang::Ja);
            assert_eq!(chosen(&[("LANG", neutral)], "Etc/UTC"), Lang::En);
        }
        assert_eq!(chosen(&[], "Asia/Tokyo"), Lang::Ja);
    }
}
