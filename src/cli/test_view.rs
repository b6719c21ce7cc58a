//! How the tests inside rules went: what was expected, what was found, and the event that made the
//! difference.
//!
//! Takes outcomes; gives text in the reader's language. Never runs a test itself.

use std::io::{self, Write};

use crate::diagnostic::Lang;
use crate::pipeline::{Difference, Telling, TestOutcome};
use crate::rule::{Explained, ExplainedItem, ExplainedSelection};
use crate::text::{one_line, shorten};

/// Most items shown of the event to look at.
const ITEMS: usize = 8;
/// Most event numbers shown of a list.
const NUMBERS: usize = 12;
/// Characters shown of an event and of a value.
const SHOWN: usize = 100;

/// Writes how a failed test went.
///
/// # Errors
/// What the writer says.
pub(super) fn write(out: &mut dyn Write, outcome: &TestOutcome, lang: Lang) -> io::Result<()> {
    let TestOutcome {
        rule, test, place, ..
    } = outcome;
    for ((expected, found), en, ja) in [
        (outcome.alerts, "alerts", "アラート"),
        (outcome.explained, "explained matches", "説明できる一致"),
    ] {
        if expected == found {
            continue;
        }
        let told = match lang {
            Lang::En => {
                format!("{rule}: test \"{test}\": expected {en}: {expected}, found {found}")
            }
            Lang::Ja => {
                format!("{rule}: テスト「{test}」: {ja}は {expected} 件のはずが {found} 件でした")
            }
        };
        writeln!(out, "{place}: {}", one_line(&told))?;
    }
    let Some(difference) = &outcome.difference else {
        return Ok(());
    };
    for line in events(difference, lang) {
        writeln!(out, "    {}", one_line(&line))?;
    }
    match &difference.telling {
        Some(telling) => write_telling(out, telling, lang),
        None => Ok(()),
    }
}

/// Writes how many tests passed.
///
/// # Errors
/// What the writer says.
pub(super) fn write_summary(
    out: &mut dyn Write,
    passed: usize,
    failed: usize,
    lang: Lang,
) -> io::Result<()> {
    match lang {
        Lang::En => writeln!(out, "tests passed: {passed}, failed: {failed}"),
        Lang::Ja => writeln!(out, "テスト: 合格 {passed}件、不合格 {failed}件"),
    }
}

/// Which events matched, were explained and made which alert.
fn events(difference: &Difference, lang: Lang) -> Vec<String> {
    let Difference {
        events,
        alerts,
        matched,
        explained,
        ..
    } = difference;
    let mut told = vec![match (matched.is_empty(), lang) {
        (true, Lang::En) => format!("no event matched, of {events}"),
        (true, Lang::Ja) => format!("{events} 件の記録のどれも一致しませんでした"),
        (false, Lang::En) => format!("events that matched: {}, of {events}", numbers(matched)),
        (false, Lang::Ja) => format!("一致した記録: {}（全 {events} 件）", numbers(matched)),
    }];
    if !explained.is_empty() {
        let numbers = numbers(explained);
        told.push(match lang {
            Lang::En => format!("explained by a roster or a declaration: {numbers}"),
            Lang::Ja => format!("勤務表・届出で説明できた記録: {numbers}"),
        });
    }
    told.extend(unexplained(difference, lang));
    for (at, alert) in alerts.iter().enumerate().take(ITEMS) {
        let (at, numbers) = (at + 1, numbers(alert));
        told.push(match lang {
            Lang::En => format!("alert {at}: events {numbers}"),
            Lang::Ja => format!("アラート {at}: 記録 {numbers}"),
        });
    }
    told.extend(uncounted(difference, lang));
    told
}

/// What the roster and the declarations say of an event that should have been explained.
fn unexplained(difference: &Difference, lang: Lang) -> Option<String> {
    let (event, [roster, declared]) = difference.unexplained.as_ref()?;
    let said = |value: &Option<String>| match (value, lang) {
        (Some(value), _) => shorten(value, SHOWN).into_owned(),
        (None, Lang::En) => "not there".to_owned(),
        (None, Lang::Ja) => "値なし".to_owned(),
    };
    let (roster, declared) = (said(roster), said(declared));
    Some(match lang {
        Lang::En => format!(
            "event {event} matched and is not explained: roster.on_duty is {roster}, \
             declared is {declared}"
        ),
        Lang::Ja => format!(
            "記録 {event} は一致しますが説明できません。\
             roster.on_duty は {roster}、declared は {declared}"
        ),
    })
}

/// Why events that matched did not add up to an alert of a correlation.
fn uncounted(difference: &Difference, lang: Lang) -> Vec<String> {
    let apart = difference.apart.as_ref().map(|(event, field)| match lang {
        Lang::En => format!("event {event} matched and is not counted: it has no {field}"),
        Lang::Ja => format!("記録 {event} は一致しますが、{field} がないため数えません"),
    });
    let short = difference.short_of.map(|threshold| match lang {
        Lang::En => format!("no key came to the threshold of {threshold}"),
        Lang::Ja => format!("しきい値 {threshold} に達したキーがありません"),
    });
    apart.into_iter().chain(short).collect()
}

/// `1-7, 9, 12`, the first dozen stretches.
fn numbers(of: &[usize]) -> String {
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    for &number in of {
        match stretches.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => stretches.push((number, number)),
        }
    }
    let shown = stretches.iter().take(NUMBERS);
    let mut shown: Vec<String> = shown
        .map(|(first, last)| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        })
        .collect();
    shown.extend((stretches.len() > NUMBERS).then(|| "…".to_owned()));
    shown.join(", ")
}

/// The event to look at, with the items on which the answer hangs.
fn write_telling(out: &mut dyn Write, telling: &Telling, lang: Lang) -> io::Result<()> {
    let Telling {
        event,
        text,
        rule,
        explained,
    } = telling;
    let head = match (explained.matched, lang) {
        (true, Lang::En) => format!("event {event} ends an alert too many; {rule} matches it by"),
        (true, Lang::Ja) => {
            format!("余分なアラートは記録 {event} で終わります。{rule} が一致した条件")
        }
        (false, Lang::En) => format!("event {event} comes nearest; for {rule} it hangs on"),
        (false, Lang::Ja) => format!("記録 {event} が最も近い記録です。{rule} の一致を妨げた条件"),
    };
    writeln!(out, "    {}:", one_line(&head))?;
    let items = shown(explained);
    for (selection, item) in items.iter().take(ITEMS) {
        let line = item_line(selection, item, lang);
        writeln!(out, "      {}", one_line(&line))?;
    }
    let more = items.len().saturating_sub(ITEMS);
    if more > 0 {
        match lang {
            Lang::En => writeln!(out, "      and {more} more")?,
            Lang::Ja => writeln!(out, "      ほか {more} 件")?,
        }
    }
    // The number in front only tells records of equal events apart.
    let said = text.split_once(' ').map_or("", |(_, said)| said);
    let said = shorten(said, SHOWN);
    match lang {
        Lang::En => writeln!(out, "      the event: {}", one_line(&said)),
        Lang::Ja => writeln!(out, "      記録の内容: {}", one_line(&said)),
    }
}

/// Of an event that does not match what it lacks; of one that does all that speaks for it.
fn shown(explained: &Explained) -> Vec<(&ExplainedSelection, &ExplainedItem)> {
    if !explained.matched {
        return explained.turning().collect();
    }
    let selections = explained.selections.iter().filter(|s| s.matched);
    let items = selections.flat_map(|s| s.items.iter().map(move |item| (s, item)));
    items.filter(|(_, item)| item.holds).collect()
}

/// `closed: calendar.verdict is open, asked for closed: does not hold`.
fn item_line(selection: &ExplainedSelection, item: &ExplainedItem, lang: Lang) -> String {
    let (name, wanted) = (&selection.name, item.wanted.get(lang));
    let found = item.found.join(", ");
    let found = match (found.is_empty(), lang) {
        (false, _) => shorten(&found, SHOWN),
        (true, Lang::En) => "not there".into(),
        (true, Lang::Ja) => "値なし".into(),
    };
    let field = match (&item.field, lang) {
        (Some(field), _) => field.as_str(),
        (None, Lang::En) => "the whole record",
        (None, Lang::Ja) => "記録全体",
    };
    match (item.holds, lang) {
        (true, Lang::En) => format!("{name}: {field} is {found}, asked for {wanted}: holds"),
        (false, Lang::En) => {
            format!("{name}: {field} is {found}, asked for {wanted}: does not hold")
        }
        (true, Lang::Ja) => format!("{name}: {field} は {found}（条件: {wanted}）…成立"),
        (false, Lang::Ja) => format!("{name}: {field} は {found}（条件: {wanted}）…不成立"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_in_stretches() {
        assert_eq!(numbers(&[1, 2, 3, 5, 9, 10]), "1-3, 5, 9-10");
        assert_eq!(numbers(&[]), "");
        let far: Vec<usize> = (0..40).map(|n| n * 2).collect();
        assert!(numbers(&far).ends_with("22, …"));
    }
}
