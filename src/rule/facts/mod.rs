//! Facts about whole rule files: what loads, and what it means; what is refused (`refused`), what is
//! warned of (`warned`), and how correlations lie (`correlations`).

mod correlations;
mod refused;
mod warned;

use crate::diagnostic::{Complaints, Severity};

use super::*;

/// Reads one file; gives the set and `line:column: message` of each complaint.
pub(super) fn read(text: &str) -> (RuleSet, Vec<String>) {
    read_all(&[("t.yml", text)])
}

pub(super) fn read_all(files: &[(&str, &str)]) -> (RuleSet, Vec<String>) {
    let mut complaints = Complaints::new();
    let set = RuleSet::read(files, &Placeholders::new(), &mut complaints);
    let shown = complaints.sorted().into_iter().map(|p| {
        let place = p
            .place
            .as_ref()
            .expect("every complaint about a rule has a place");
        assert!(
            !p.message.ja.is_empty() && !p.message.en.is_empty(),
            "{p:?}"
        );
        let kind = if p.severity == Severity::Warning {
            "warning: "
        } else {
            ""
        };
        format!("{}:{}: {kind}{}", place.line, place.column, p.message.en)
    });
    (set, shown.collect())
}

/// A detection rule with this `detection` section, each line of it given apart.
pub(super) fn rule(lines: &[&str]) -> String {
    let mut text = String::from("title: t\nlogsource: {category: ehr}\ndetection:\n");
    for line in lines {
        text.push_str("  ");
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[test]
fn the_shipped_rules_load_without_complaint() {
    let (set, complaints) = read_all(RuleSet::embedded_files());
    assert_eq!(complaints, Vec::<String>::new());
    let documents = RuleSet::embedded_files().iter();
    let documents: usize = documents
        .map(|(_, text)| text.split("\n---\n").count())
        .sum();
    assert_eq!(set.detections.len() + set.correlations.len(), documents);
}

#[test]
fn the_catalogue_is_fresh() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/README.md");
    let made = catalogue(&RuleSet::embedded());
    if std::env::var_os("UPDATE_CATALOGUE").is_some() {
        std::fs::write(&path, &made).expect("the folder is writable");
    }
    let kept = std::fs::read_to_string(&path).expect("rules/README.md is there");
    assert!(
        kept.replace("\r\n", "\n") == made,
        "stale: run this test with UPDATE_CATALOGUE=1"
    );
}

#[test]
fn an_observation_is_read_and_told_in_words() {
    let good = "title: t\nlogsource: {category: ehr}\n\
                detection: {s: {user.id: a}, condition: s}\nyomawari:\n  observe: ";
    let words = |observe: &str| {
        let (set, complaints) = read(&format!("{good}{observe}\n"));
        assert_eq!(complaints, Vec::<String>::new(), "{observe}");
        observe_in_words(set.detections[0].observe.as_ref().expect("it observes"))
    };
    let new = words("{new_value: {of: [user.account], value: source.ip, within: 30d}}");
    assert_eq!(
        new.en,
        "A value of source.ip not seen within 30 d, once records reach back 7 d, per user.account"
    );
    assert_eq!(
        new.ja,
        "user.account ごとに、30日以内になかった source.ip の値を知らせます（記録が7日分そろってから）"
    );
    let usual =
        words("{baseline: {of: [], per: hour, above: 4.5, count: events, peers: user.role}}");
    assert_eq!(
        usual.en,
        "At least 20 records an hour, more than 4.5 spreads above the median of the comparable hours \
         of the 28 days before (5 or more of them) and above the median of the same user.role, per \
         all records"
    );
    let silent = words("{silence: {of: [observer.name], longer_than: 6h, within: open-hours}}");
    assert_eq!(
        silent.ja,
        "observer.name ごとに、記録が6時間を超えて途絶えた（開院中の時間で数える）とき知らせます"
    );
    let holes = words("{sequence_gap: {of: [observer.name], number: event.sequence, after: 20}}");
    assert_eq!(
        holes.en,
        "event.sequence leaves out 1 or more, where 20 numbers followed each other just before, \
         per observer.name"
    );
}

#[test]
fn the_shipped_rules_are_few_on_every_event() {
    let set = RuleSet::embedded();
    let slots = crate::event::Action::ALL.len() * 3 + 3;
    assert_eq!(set.fews().count(), slots, "the whole pack needs no index");
}

#[test]
fn a_file_of_many_ordinary_rules_is_read_like_many_files() {
    let one = |number: usize| {
        let regex = format!("s: {{message|re: 'foo[0-9]{{3}}bar{number}\\d+(x|y)z'}}");
        rule(&[&regex, "condition: s"])
    };
    let all: Vec<String> = (0..1_500).map(one).collect();
    let (set, complaints) = read(&all.join("---\n"));
    let refused = complaints.iter().any(|c| c.contains("regular expressions"));
    assert!(!refused && set.detections.len() == 1_500, "{complaints:?}");
}

#[test]
fn rules_are_disabled_and_thresholds_set_by_name_or_id() {
    let place = Place {
        file: "yomawari.yaml".into(),
        line: 3,
        column: 1,
    };
    let mut set = RuleSet::embedded();
    let mut complaints = Complaints::new();
    set.set_threshold("failed-login-burst", 8, &place, &mut complaints);
    set.set_threshold(
        "5ab25637-9661-4d72-9cc6-834f8ad90542",
        200,
        &place,
        &mut complaints,
    );
    set.disable(
        &[("password-spray", &place), ("off-hours-access", &place)],
        &mut complaints,
    );
    assert!(complaints.is_empty(), "{complaints:?}");
    let threshold = |name: &str| {
        let found = set.correlations.iter().find(|c| c.meta.name == name);
        found.map(|c| c.condition.clone())
    };
    assert_eq!(
        threshold("failed-login-burst"),
        Some(vec![(Comparison::Gte, Number::from(8))])
    );
    assert_eq!(
        threshold("wide-chart-access"),
        Some(vec![(Comparison::Gte, Number::from(200))])
    );
    assert_eq!(threshold("password-spray"), None);
    let asked = |action, outcome| {
        let heard = set.detections.iter().filter(|d| d.reports || d.feeds);
        let open = heard.filter(|d| {
            let residue = d.matcher.residue(Some(action), outcome);
            !matches!(residue, matcher::Residue::False)
        });
        open.map(|d| d.meta.name.clone()).collect::<Vec<_>>()
    };
    use crate::event::{Action, Outcome};
    let is_asked = |name: &str, action, outcome| asked(action, outcome).iter().any(|n| n == name);
    assert!(is_asked("chart-access", Action::Export, Outcome::Unknown));
    assert!(!is_asked("chart-access", Action::Export, Outcome::Failure));
    assert!(is_asked("unknown-device", Action::Export, Outcome::Failure));
    assert!(!is_asked(
        "off-hours-access",
        Action::Export,
        Outcome::Unknown
    ));
    assert!(is_asked("failed-login", Action::Login, Outcome::Failure));
    assert!(!is_asked("failed-login", Action::Allow, Outcome::Success));
}

#[test]
fn entries_of_a_test_are_written_out() {
    let set = RuleSet::embedded();
    let wide = set
        .correlations
        .iter()
        .find(|c| c.meta.name == "wide-chart-access");
    let events = &wide.expect("it is shipped").meta.tests[0].events;
    assert_eq!(
        (events.len(), events[149].time.0 - events[0].time.0),
        (150, 3_576_000_000_000)
    );
    assert_eq!(events[0].time.1, 32_400);
    let patient = |at: usize| {
        let found = events[at]
            .fields
            .iter()
            .find(|(f, _)| f.name() == "patient.id");
        found.map(|(_, values)| values.clone())
    };
    assert_eq!(patient(149), Some(vec!["p-150".to_owned()]));
}

/// True when a detection of one item matches an event with one value in the field `own`.
fn item_fits(item: &str, value: &str) -> bool {
    let values = vec!["10.0.*".to_owned(), "admin?".to_owned()];
    let placeholders = Placeholders::from([("Known".to_owned(), values)]);
    let text = rule(&[&format!("s: {item}"), "condition: s"]);
    let mut complaints = Complaints::new();
    let set = RuleSet::read(&[("t.yml", &text)], &placeholders, &mut complaints);
    assert!(complaints.is_empty(), "{complaints:?}");
    let mut event = super::twin::Flat::default();
    event
        .values
        .insert("own".to_owned(), vec![value.to_owned()]);
    set.detections[0].matcher.matches(&mut event.view())
}

#[test]
fn each_modifier_means_what_the_specification_says() {
    for (item, hit, miss) in [
        ("{own|expand: 'x%Known%'}", "X10.0.7", "x10.1"),
        (
            "{own|expand|contains: '%Known%!'}",
            "an ADMIN7! b",
            "admin!",
        ),
        ("{own|expand: 'a\\%Known\\%'}", "a%known%", "aadmin1"),
        ("{own: '%Known%'}", "%Known%", "admin1"),
        ("{own|base64: foo}", "Zm9v", "foo"),
        (
            "{own|base64offset|contains: foobar}",
            "xx AZvb2Jhcg== x",
            "foobar",
        ),
        ("{own|wide|base64offset|contains: ab}", "YQBiAA==", "YWI="),
        ("{own|utf16|base64: ab}", "//5hAGIA", "YQBiAA=="),
        ("{own|utf16be|base64: ab}", "AGEAYg==", "YQBiAA=="),
        (
            "{own|windash|contains: ' -enc'}",
            "x.exe \u{2013}ENC y",
            "x.exe enc",
        ),
        ("{own|contains|windash: ' /c'}", "cmd -c", "cmd c"),
        (
            "{own|hour: [2, 3]}",
            "2026-11-16T02:14:07+09:00",
            "2026-11-16T12:14:07+09:00",
        ),
        ("{own|week|neq: 47}", "2026-11-30", "2026-11-16"),
        (
            "{own|cidr: ['fe80::/10', 10.0.0.0/8]}",
            "FE80::7",
            "11.0.0.1",
        ),
        ("{own|re|i: '^ab$'}", "AB", "xab"),
        ("{own|re|m|s: 'a$.^b'}", "a\nb", "ab"),
        ("{own: 00000429}", "00000429", "429"),
        ("{own: true}", "TRUE", "1"),
        ("{own: ['', x]}", "", "y"),
        ("{own|gte: 1.5}", "01.50", "1.4999999999999999999"),
        ("{'|all': [one, 'tw*o']}", "Two twelve o'clock ONE", "one"),
        ("{'|re': '^o.e$'}", "one", "One"),
        ("[one, two]", "at One", "on"),
    ] {
        assert!(item_fits(item, hit) && !item_fits(item, miss), "{item}");
    }
}

#[test]
fn a_filter_narrows_what_the_rule_needs_and_the_index_asks() {
    let text = rule(&["s: {event.action: [login, logout]}", "condition: s"]);
    let filter = "title: f\nlogsource: {category: ehr}\nfilter: {rules: any, s: {event.action: logout, user.id: b}, condition: not s}\n";
    let (set, complaints) = read(&format!("name: a\n{text}---\n{filter}"));
    assert_eq!(complaints, Vec::<String>::new());
    assert!(set.detections[0].needs.contains(Field::UserId));
    let event = |action: &str, user: &str| {
        let mut event = twin::Flat::default();
        event
            .values
            .insert("event.action".into(), vec![action.into()]);
        event.values.insert("user.id".into(), vec![user.into()]);
        event
    };
    for (action, user, expected) in [
        ("login", "b", true),
        ("logout", "b", false),
        ("logout", "c", true),
    ] {
        let event = event(action, user);
        assert_eq!(
            set.detections[0].matcher.matches(&mut event.view()),
            expected
        );
        let action = crate::event::Action::from_name(action);
        let candidates = set.candidates(action, crate::event::Outcome::Unknown);
        let (sources, mut sieve) = (
            crate::event::LogSources::of(&[crate::event::LogSourceId::Ehr]),
            set.sieve(),
        );
        let mut asked = candidates.called_up(sources, &mut event.view(), &mut sieve);
        let asked = asked.any(|c| c.matches(&set, &mut event.view()));
        assert_eq!(asked, expected);
    }
}

#[test]
fn a_name_of_the_taxonomy_is_the_logs_own_value_and_else_our_field() {
    let text = "title: t\nlogsource: {category: firewall}\ndetection: {s: {src_ip: 10.0.0.1}, condition: s}\n";
    let (set, complaints) = read(text);
    assert_eq!(complaints, Vec::<String>::new());
    let matcher = &set.detections[0].matcher;
    let event = |values: &[(&str, &str)]| {
        let mut event = twin::Flat::default();
        for (name, value) in values {
            event.values.insert((*name).into(), vec![(*value).into()]);
        }
        event
    };
    for (values, expected) in [
        (&[("source.ip", "10.0.0.1")][..], true),
        (&[("src_ip", "10.0.0.1")], true),
        (&[("src_ip", "10.0.0.1"), ("source.ip", "10.0.0.2")], true),
        (&[("src_ip", "10.0.0.2"), ("source.ip", "10.0.0.1")], false),
        (&[("source.ip", "10.0.0.2")], false),
        (&[], false),
    ] {
        let event = event(values);
        assert_eq!(matcher.matches(&mut event.view()), expected, "{values:?}");
    }
    assert!(set.detections[0].needs.contains(Field::SourceIp));
}
