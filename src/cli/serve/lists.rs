//! The list of alerts: what a query asks for, looked up in the store.
//!
//! Takes the words of a query; gives a page of the list. Looks through any number of alerts with
//! one of them in memory at a time. That somebody searched is written down, for a search for a
//! person's id is a look at that person's history.

use std::cmp::Reverse;

use super::super::memory::{Memory, Stop};
use super::super::value;
use super::asked::{Asked, Fields};
use super::desk::{Desk, Made};
use crate::alert::Level;
use crate::diagnostic::{Lang, Problem};
use crate::report::live::{self, Listing, Status, Told, Wanted};
use crate::report::midnight;
use crate::rule::Titles;
use crate::store::{Filter, Head};
use crate::text::{fold_key, shorten};

/// Alerts on a page.
const ROWS: usize = 50;
/// Characters of what is looked for.
const WORDS: usize = 200;

/// An alert in the order of the list: worst first, then the newest first.
type Ordered = (Reverse<Level>, Reverse<i64>, String);

impl Desk {
    /// A page of the list.
    pub(super) fn list(&self, asked: &Asked, lang: Lang) -> Made {
        let (wanted, mut told) = wanted(&asked.query);
        let memory = self.memory()?;
        let listing = self.listing(&memory, wanted, asked.query.get("page"))?;
        if !listing.wanted.words.is_empty() {
            let note = serde_json::json!({
                "asked": listing.wanted.words,
                "found": listing.total,
                "through": "serve",
            });
            told.extend(self.enter_record("alerts search", &note));
        }
        let itself = asked.itself();
        let frame = self.frame(lang, &itself, &told);
        Ok(live::list(&frame, &listing, &self.reader(lang)))
    }

    fn listing(&self, memory: &Memory, wanted: Wanted, page: &str) -> Result<Listing, Stop> {
        let mut found = self.found(memory, &wanted)?;
        found.sort();
        let total = found.len();
        let pages = total.div_ceil(ROWS).max(1);
        let page = page.parse().unwrap_or(1).clamp(1, pages);
        let before = (page - 1) * ROWS;
        let mut rows = Vec::new();
        for (_, _, id) in found.into_iter().skip(before).take(ROWS) {
            // A run may have purged it between the two questions.
            rows.extend(memory.ask(|store| store.alert(&id))?);
        }
        Ok(Listing {
            wanted,
            rows,
            total,
            page,
            pages,
            before,
            rules: memory.ask(|store| store.rules_with_alerts())?,
        })
    }

    fn found(&self, memory: &Memory, wanted: &Wanted) -> Result<Vec<Ordered>, Stop> {
        let day = |word: &str| value::day(word).ok();
        let zone = &self.plan.zone;
        let filter = Filter {
            since: day(&wanted.since).map(|day| midnight(day, zone)),
            until: day(&wanted.until).map(|day| midnight(day + 1, zone)),
            level: wanted.level,
            rule: Some(wanted.rule.clone()).filter(|rule| !rule.is_empty()),
            states: wanted.status.states(),
        };
        let folded = fold_key(&wanted.words).into_owned();
        let words: Vec<&str> = folded.split_whitespace().collect();
        let mut found = Vec::new();
        let titles = Titles::new(Lang::Ja);
        let mut look = |head: Head| {
            if holds(&head, &words, &titles) {
                found.push((Reverse(head.rule.level), Reverse(head.start), head.id));
            }
        };
        memory.ask(|store| store.each_head(&filter, &mut look))?;
        Ok(found)
    }
}

/// True when every word stands in what the list tells of an alert.
fn holds(head: &Head, words: &[&str], titles: &Titles) -> bool {
    if words.is_empty() {
        return true;
    }
    let rule = &head.rule;
    let mut all = vec![
        head.id.as_str(),
        &rule.name,
        &rule.title,
        &head.summary.en,
        &head.summary.ja,
    ];
    all.push(titles.of(&rule.name, &rule.title));
    for (field, value) in &head.key {
        all.push(field);
        all.extend(value.as_deref());
    }
    let all = all.join("\n");
    let folded = fold_key(&all);
    words.iter().all(|word| folded.contains(word))
}

/// How a list is asked for, and what of it could not be understood.
fn wanted(query: &Fields) -> (Wanted, Vec<Told>) {
    let mut told = Vec::new();
    let mut day = |name: &str| {
        let word = query.get(name).trim();
        match word.is_empty() || value::day(word).is_ok() {
            true => word.to_owned(),
            false => {
                told.push(Told::Problem(no_day(word)));
                String::new()
            }
        }
    };
    let (since, until) = (day("since"), day("until"));
    let state = query.get("state");
    let status = Status::ALL.into_iter().find(|known| known.name() == state);
    let wanted = Wanted {
        words: shorten(query.get("q").trim(), WORDS).into_owned(),
        status: status.unwrap_or_default(),
        level: Level::from_name(query.get("level")),
        rule: shorten(query.get("rule").trim(), WORDS).into_owned(),
        since,
        until,
    };
    (wanted, told)
}

fn no_day(word: &str) -> Problem {
    let shown = shorten(word, 40);
    Problem::error(
        format!("\"{shown}\" is not a day, and is passed over"),
        format!("「{shown}」は日付として読めないため、条件から外しました"),
    )
    .help("write 2026-11-16", "2026-11-16 のように書いてください")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::alert::RuleRef;
    use crate::diagnostic::Text;

    fn head() -> Head {
        Head {
            id: "8f0c2d51".to_owned(),
            rule: RuleRef {
                id: "5b0c".to_owned(),
                name: "off-hours-access".to_owned(),
                title: "Off-hours access".to_owned(),
                level: Level::Medium,
                tags: Vec::new(),
                author: None,
            },
            start: 0,
            key: vec![
                ("user.account".to_owned(), Some("N1023".to_owned())),
                ("patient.id".to_owned(), None),
            ],
            summary: Text::new("Account n1023: 7 records", "ID n1023 の記録7行"),
        }
    }

    #[test]
    fn every_word_must_stand_somewhere() {
        let finds = |words: &str| {
            let folded = fold_key(words).into_owned();
            holds(
                &head(),
                &folded.split_whitespace().collect::<Vec<_>>(),
                &Titles::new(Lang::Ja),
            )
        };
        for words in [
            "",
            "n1023",
            "Ｎ１０２３",
            "8F0C",
            "off-hours 記録7行",
            "account RECORDS",
            "時間外の",
        ] {
            assert!(finds(words), "{words}");
        }
        for words in ["n1024", "n1023 nothing", "%", "' OR 1=1"] {
            assert!(!finds(words), "{words}");
        }
    }

    proptest! {
        #[test]
        fn no_query_is_too_much(query in ".{0,300}") {
            let (wanted, _) = wanted(&Fields::read(query.as_bytes()));
            prop_assert!(wanted.words.chars().count() <= WORDS);
            let folded = fold_key(&wanted.words).into_owned();
            let titles = Titles::new(Lang::En);
            holds(&head(), &folded.split_whitespace().collect::<Vec<_>>(), &titles);
        }
    }
}
