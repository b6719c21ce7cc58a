//! An alert as it may leave the house: ids, and no names.
//!
//! Takes an alert, the template of its sentence and the question which accounts are known; gives
//! the alert without names, without the text of its records, and with two characters and a length
//! in place of what may be a password that was typed as an id. Never decides who receives it.

use crate::alert::{Alert, Level};
use crate::diagnostic::{Lang, Text};
use crate::event::Field;
use crate::rule::Titles;
use crate::text::shorten;

/// Fields that hold an id that somebody may have typed.
const IDS: [&str; 7] = [
    "user.account",
    "user.id",
    "user.name",
    "user.email",
    "user.target.name",
    "user.target.id",
    "user.effective.name",
];
/// Fields that hold a name, or words that may hold one.
const NAMES: [&str; 7] = [
    "user.full_name",
    "patient.name",
    "message",
    "event.original",
    "event.reason",
    "url.original",
    "process.command_line",
];
/// Characters that a sentence holds of a value.
const TOLD: usize = 80;

/// The alert without names. `template` is what its sentence was made from; `is_known` says whether
/// an account is one of the house and not just something that was typed.
pub fn ids_only(
    alert: &Alert,
    template: Option<&Text>,
    is_known: &mut dyn FnMut(&str) -> bool,
) -> Alert {
    let mut alert = alert.clone();
    let mut hidden: Vec<(String, String)> = Vec::new();
    for (field, value) in &mut alert.key {
        let Some(value) = value else {
            continue;
        };
        let brief = match field.as_str() {
            name if NAMES.contains(&name) => withheld(value),
            name if IDS.contains(&name) && !is_known(value) => brief(value),
            _ => continue,
        };
        hidden.push((std::mem::replace(value, brief.clone()), brief));
    }
    // The longest first, so that no value is looked for inside another that is hidden too.
    hidden.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    let in_key = |field: &str| alert.key.iter().any(|(name, _)| name == field);
    alert.summary = match template.is_some_and(|said| tells_more(said, &in_key)) {
        true => plain(&alert),
        false => Text::new(
            hide(&alert.summary.en, &hidden),
            hide(&alert.summary.ja, &hidden),
        ),
    };
    for reason in &mut alert.reasons {
        reason.value = match NAMES.contains(&reason.field.as_str()) {
            true => withheld(&reason.value),
            false => hide(&reason.value, &hidden),
        };
        reason.because = hide(&reason.because, &hidden);
    }
    for record in &mut alert.evidence {
        record.text.clear();
    }
    alert
}

/// Two characters and the length: `pa…(9)`.
fn brief(value: &str) -> String {
    let shown: String = value.chars().take(2).collect();
    format!("{shown}…({})", value.chars().count())
}

/// The length alone.
fn withheld(value: &str) -> String {
    format!("…({})", value.chars().count())
}

/// True when a sentence tells names, ids or fields of a log's own that are not in the key, and so
/// cannot be found in it.
fn tells_more(template: &Text, in_key: &dyn Fn(&str) -> bool) -> bool {
    let is_measure = |name: &str| name == "count" || name == "value" || name.starts_with("count:");
    let tells = |name: &str| {
        NAMES.contains(&name) || IDS.contains(&name) || Field::from_name(name).is_none()
    };
    [&template.en, &template.ja].into_iter().any(|text| {
        let places = text.split('{').skip(1);
        let mut places = places.filter_map(|place| Some(place.split_once('}')?.0));
        places.any(|name| !is_measure(name) && tells(name) && !in_key(name))
    })
}

/// A sentence that tells nothing but the rule and the number of records.
fn plain(alert: &Alert) -> Text {
    let (rule, count) = (&alert.rule, alert.count);
    let titles = Titles::new(Lang::Ja);
    let (title, ja) = (&rule.title, titles.of(&rule.name, &rule.title));
    let level = |lang| Level::word(alert.rule.level, lang);
    Text::new(
        format!("{title} ({}): {count} records", level(Lang::En)),
        format!("{ja}（{}）：記録{count}件", level(Lang::Ja)),
    )
}

/// The text with each hidden value, whole or as a sentence shortens it, replaced.
fn hide(text: &str, hidden: &[(String, String)]) -> String {
    let mut text = text.to_owned();
    for (value, brief) in hidden {
        text = replace_words(&text, value, brief);
        let told = shorten(value, TOLD);
        if *told != **value {
            text = replace_words(&text, &told, brief);
        }
    }
    text
}

/// Replaces a value where it stands as a word of its own: a password of one letter does not tear
/// up the sentence around it.
fn replace_words(text: &str, value: &str, by: &str) -> String {
    if value.is_empty() {
        return text.to_owned();
    }
    let is_part = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let (first, last) = (value.chars().next(), value.chars().next_back());
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(value) {
        let joined_before = is_part(before.chars().next_back().or(out.chars().next_back()));
        let joined_after = is_part(after.chars().next());
        let is_word = !(joined_before && is_part(first) || joined_after && is_part(last));
        out.push_str(before);
        out.push_str(if is_word { by } else { value });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    fn said(en: &str) -> Text {
        Text::new(en, en)
    }

    fn typed(account: &str) -> Alert {
        let mut alert = samples::ordinary();
        alert.key = vec![
            ("user.account".to_owned(), Some(account.to_owned())),
            ("source.terminal".to_owned(), Some("10.20.1.5".to_owned())),
        ];
        let summary = format!(
            "Account {}: 9 failed logins from 10.20.1.5",
            shorten(account, TOLD)
        );
        alert.summary = said(&summary);
        alert.reasons[0].because = account.to_owned();
        alert
    }

    const TEMPLATE: &str = "Account {user.account}: {count} failed logins from {source.terminal}";

    #[test]
    fn what_was_typed_as_an_id_shows_two_characters_and_a_length() {
        let long = "p@ss".repeat(40);
        for (typed_as, brief) in [
            ("hunter22", "hu…(8)"),
            ("夜間の秘密", "夜間…(5)"),
            ("a", "a…(1)"),
            (&*long, "p@…(160)"),
        ] {
            let alert = ids_only(&typed(typed_as), Some(&said(TEMPLATE)), &mut |_| false);
            assert_eq!(alert.key[0].1.as_deref(), Some(brief));
            assert_eq!(
                alert.summary.en,
                format!("Account {brief}: 9 failed logins from 10.20.1.5")
            );
            assert_eq!(alert.reasons[0].because, brief);
        }
    }

    #[test]
    fn an_account_of_the_house_stays_and_records_lose_their_text() {
        let before = typed("n1023");
        let after = ids_only(&before, Some(&said(TEMPLATE)), &mut |id| id == "n1023");
        assert_eq!(after.key, before.key);
        assert_eq!(after.summary, before.summary);
        assert_eq!(after.evidence[0].text, "");
        assert_eq!(after.evidence[0].sha256, before.evidence[0].sha256);
    }

    #[test]
    fn sentences_that_tell_names_are_not_told() {
        for template in [
            "{user.full_name} opened charts",
            "{message}",
            "{count} logins, first {user.name}",
            "{count:patient.id} patients, {患者氏名}",
        ] {
            let after = ids_only(&typed("n7"), Some(&said(template)), &mut |_| true);
            assert_eq!(
                after.summary.en,
                "Off-hours access to patient records (medium): 7 records"
            );
        }
        let mut named = typed("n7");
        named.key[0] = ("user.full_name".to_owned(), Some("夜間 花子".to_owned()));
        named.summary = said("夜間 花子 opened charts");
        let template = said("{user.full_name} opened charts");
        let after = ids_only(&named, Some(&template), &mut |_| true);
        assert_eq!(after.summary.en, "…(5) opened charts");
        assert_eq!(after.key[0].1.as_deref(), Some("…(5)"));
    }
}
