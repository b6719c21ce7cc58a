//! The index holds against asking every rule.

use proptest::prelude::*;

use crate::event::{Action, Field, FieldSet, LogSourceId, LogSources, Outcome};

use super::super::facts::read;
use super::super::twin::{Flat, Selection, Tree, a_detection, a_value, an_event, rule_text};
use super::super::{Candidates, Fields, RuleSet, Sieve};

/// The rules that match, as the index says; every set is indexed.
fn found<F: Fields>(
    set: &RuleSet,
    (action, outcome): (Option<Action>, Outcome),
    log_sources: LogSources,
    (event, sieve): (&mut F, &mut Sieve),
) -> Vec<usize> {
    let candidates = set.candidates(action, outcome);
    let few = matches!(candidates, Candidates::Few(_)) && !candidates.is_empty();
    assert!(!few, "all that are worth asking are many");
    let called_up = candidates.called_up(log_sources, event, sieve);
    let asked: Vec<_> = called_up.map(|c| (c.rule, c.matches(set, event))).collect();
    assert!(asked.is_sorted(), "ascending: {asked:?}");
    let matched = asked.into_iter().filter(|(_, matched)| *matched);
    matched.map(|(rule, _)| rule).collect()
}

/// The rules that match when each is asked.
fn matching<F: Fields>(set: &RuleSet, log_sources: LogSources, event: &mut F) -> Vec<usize> {
    let hears = |of: LogSources| of.is_empty() || of.intersects(log_sources);
    let rules = set.detections.iter().enumerate();
    rules
        .filter(|(_, d)| hears(d.log_sources) && d.matcher.matches(event))
        .map(|(rule, _)| rule)
        .collect()
}

fn indexed(text: &str) -> RuleSet {
    let (mut set, complaints) = read(text);
    let errors: Vec<_> = complaints
        .iter()
        .filter(|c| !c.contains("warning: "))
        .collect();
    assert!(errors.is_empty(), "{errors:?}\n{text}");
    set.build_index(0);
    set
}

const SOURCES: [&str; 3] = ["category: ehr", "product: linux", "definition: any"];

fn a_set() -> impl Strategy<Value = Vec<(([Selection; 4], Tree), &'static str)>> {
    let source = prop::sample::select(SOURCES.to_vec());
    prop::collection::vec((a_detection(), source), 1..9)
}

fn log_sources() -> impl Strategy<Value = LogSources> {
    prop::sample::select(vec![
        LogSources::NONE,
        LogSources::of(&[LogSourceId::Ehr]),
        LogSources::of(&[LogSourceId::LinuxAny]),
        LogSources::of(&[LogSourceId::Ehr, LogSourceId::LinuxSshd]),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_index_finds_what_asking_every_rule_finds(
        rules in a_set(),
        events in prop::collection::vec((an_event(), log_sources()), 1..10),
    ) {
        let texts: Vec<String> = rules
            .iter()
            .map(|(detection, source)| rule_text(detection).replace(SOURCES[0], source))
            .collect();
        let set = indexed(&texts.join("---\n"));
        let mut sieve = set.sieve();
        for ((event, action, outcome), sources) in &events {
            let by_index = found(
                &set,
                (*action, *outcome),
                *sources,
                (&mut event.view(), &mut sieve),
            );
            let by_asking = matching(&set, *sources, &mut event.view());
            prop_assert_eq!(by_index, by_asking, "{:?}\n{}", event, texts.join("---\n"));
        }
    }

    #[test]
    fn texts_are_found_in_every_case_and_every_place(
        written in prop::collection::vec((a_value(), 0..6_usize), 1..40),
        values in prop::collection::vec(prop::collection::vec(a_value(), 0..3), 3),
        record in a_value(),
    ) {
        let keys = ["own|contains", "message|startswith", "own", "message|endswith|cased", "user.account", ""];
        let rule = |(text, key): &(String, usize)| {
            let quoted = serde_json::to_string(text).expect("text is always JSON");
            let item = match keys[*key] {
                "" if text.is_empty() => "[x]".to_owned(),
                "" => format!("[{quoted}]"),
                key => format!("{{{key}: {quoted}}}"),
            };
            format!("title: t\nlogsource: {{category: ehr}}\ndetection: {{s: {item}, condition: s}}\n")
        };
        let set = indexed(&written.iter().map(rule).collect::<Vec<_>>().join("---\n"));
        let mut event = Flat { record, ..Flat::default() };
        let names = ["own", "message", "user.account"].map(str::to_owned);
        event.values.extend(names.into_iter().zip(values).filter(|(_, v)| !v.is_empty()));
        let sources = LogSources::of(&[LogSourceId::Ehr]);
        let slot = (None, Outcome::Unknown);
        let by_index = found(&set, slot, sources, (&mut event.view(), &mut set.sieve()));
        prop_assert_eq!(by_index, matching(&set, sources, &mut event.view()));
    }
}

fn numbered(count: usize, item: impl Fn(usize) -> String) -> RuleSet {
    let rule = |n| {
        let item = item(n);
        format!("title: t\nlogsource: {{category: ehr}}\ndetection: {{s: {item}, condition: s}}\n")
    };
    indexed(&(0..count).map(rule).collect::<Vec<_>>().join("---\n"))
}

/// How many rules an event is asked of.
fn asked(set: &RuleSet, event: &Flat) -> usize {
    let sources = LogSources::of(&[LogSourceId::Ehr]);
    let candidates = set.candidates(None, Outcome::Unknown);
    let mut sieve = set.sieve();
    candidates
        .called_up(sources, &mut event.view(), &mut sieve)
        .count()
}

fn event(values: &[(&str, &str)], record: &str) -> Flat {
    let values = values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), vec![(*value).to_owned()]));
    Flat {
        values: values.collect(),
        record: record.to_owned(),
    }
}

#[test]
fn only_rules_whose_sign_is_shown_are_asked() {
    for (item, hit) in [
        ("{own: 'Wort #'}", "WORT 7"),
        ("{own|contains: ' #x'}", "a 7Xy"),
        ("{own|endswith: 'dir/#.exe'}", "c:/Dir/7.EXE"),
        ("{own|re: '^a.*zeile#[kK]$'}", "ab zeile7K"),
        ("{own|contains|all: [in, '<#>']}", "inner <7>"),
        ("{own: 'a*<#>*z?'}", "A bc<7>ZZ"),
        ("{own: 漢字Ｋ#, message|exists: false}", "漢字ｋ7"),
    ] {
        let set = numbered(300, |n| item.replace('#', &n.to_string()));
        assert_eq!(asked(&set, &event(&[("own", hit)], "")), 1, "{item}");
        assert_eq!(asked(&set, &event(&[("message", hit)], "")), 0, "{item}");
    }
    let words = numbered(300, |n| format!("['<keyword {n}>', '[#{n}]']"));
    assert_eq!(asked(&words, &event(&[], "a <Keyword 7> b [#8]")), 2);
    assert_eq!(asked(&words, &event(&[("own", "<KEYWORD 7>")], "")), 1);
    let numbers = numbered(300, |n| format!("{{own|gt: {n}}}"));
    assert_eq!(asked(&numbers, &event(&[("own", "5")], "")), 300);
    assert_eq!(asked(&numbers, &event(&[], "5")), 0);
    let negated = numbered(300, |n| format!("{{own|neq: w{n}}}"));
    assert_eq!(asked(&negated, &event(&[], "")), 300);
}

#[test]
fn long_lists_lose_nothing() {
    let text = |n: usize| format!("a text of some length {n:06}");
    let item = |n: usize| {
        let all: Vec<String> = (0..900).map(|i| text(n * 900 + i)).collect();
        match n % 2 {
            0 => format!("{{own|contains: [{}]}}", all.join(", ")),
            _ => format!("[{}]", all.join(", ")),
        }
    };
    let set = numbered(30, item);
    let last = [28, 29].map(|n| text(n * 900 + 1));
    let shown = event(&[("own", last[0].as_str())], &last[1]);
    assert_eq!(asked(&set, &shown), 2);
    assert_eq!(asked(&set, &event(&[], "")), 0);
    let longer = numbered(3, |n| {
        let all: Vec<String> = (0..2_000).map(|i| text(n * 2_000 + i)).collect();
        format!("{{own: [{}]}}", all.join(", "))
    });
    assert_eq!(asked(&longer, &event(&[("own", "x")], "")), 3);
}

/// An event whose values are parts of its record, as a format leaves them.
struct Parts {
    record: String,
    value: std::ops::Range<usize>,
    made: String,
}

impl Fields for Parts {
    fn value(&mut self, field: Field) -> Option<&str> {
        match field {
            Field::Message => Some(&self.record[self.value.clone()]),
            Field::UserId => Some(&self.made),
            _ => None,
        }
    }
    fn others(&mut self, _: Field) -> Vec<&str> {
        Vec::new()
    }
    fn has_lists(&self) -> bool {
        false
    }
    fn extras(&self) -> &[(&str, &str)] {
        &[]
    }
    fn present(&self) -> FieldSet {
        FieldSet::of(&[Field::Message, Field::UserId])
    }
    fn record(&self) -> &str {
        &self.record
    }
}

#[test]
fn keywords_are_found_in_parts_of_the_record_and_beside_it() {
    let set = indexed(
        "title: t\nlogsource: {category: ehr}\ndetection: {s: {'|re': '^ab$'}, condition: s}\n---\n\
         title: t\nlogsource: {category: ehr}\ndetection: {s: [made], condition: s}\n",
    );
    let mut event = Parts {
        record: "xAB ab y".to_owned(),
        value: 4..6,
        made: "MADE".to_owned(),
    };
    let sources = LogSources::of(&[LogSourceId::Ehr]);
    let slot = (None, Outcome::Unknown);
    let by_index = found(&set, slot, sources, (&mut event, &mut set.sieve()));
    assert_eq!(by_index, [0, 1]);
}

#[test]
fn a_sieve_serves_any_number_of_log_sources() {
    let set = numbered(40, |n| format!("{{own: w{n}}}"));
    let mut sieve = set.sieve();
    let shown = event(&[("own", "w7")], "");
    for (id, _) in crate::event::LOG_SOURCES.iter().cycle().take(60) {
        let sources = LogSources::of(&[*id]);
        let slot = (Some(Action::Login), Outcome::Success);
        let by_index = found(&set, slot, sources, (&mut shown.view(), &mut sieve));
        let expected = matching(&set, sources, &mut shown.view());
        assert_eq!(by_index, expected, "{id:?}");
    }
}
