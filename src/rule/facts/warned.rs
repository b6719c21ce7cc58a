//! What is taken and warned of.

use super::*;

#[test]
fn what_could_be_meant_otherwise_is_warned_of() {
    let table: &[(&[&str], &str)] = &[
        (
            &["s: {user.acount: a}", "condition: s"],
            "no format gives a field \"user.acount\"",
        ),
        (&["s: {user.id: yes}", "condition: s"], "yes without quotes"),
        (
            &["s: {user.id: a}", "t: {user.id: a}", "condition: s"],
            "\"t\" is not used",
        ),
    ];
    for (lines, complaint) in table {
        let (set, complaints) = read(&rule(lines));
        assert!(
            complaints
                .iter()
                .any(|c| c.contains("warning: ") && c.contains(complaint)),
            "{complaints:?}"
        );
        assert_eq!(set.detections.len(), 1);
    }
    let windows =
        rule(&["s: {event.action: login}", "condition: s"]).replace("ehr", "process_creation");
    let (set, complaints) = read(&windows);
    assert!(complaints[0].contains("can never fire"), "{complaints:?}");
    let login = Some(crate::event::Action::Login);
    let candidates = set.candidates(login, crate::event::Outcome::Success);
    assert!(candidates.is_empty());
}

/// Reads one file with every warning there is.
fn warned(text: &str) -> Vec<String> {
    let mut complaints = Complaints::new();
    let terms = Terms {
        lint: Some(Lint {
            kept: 40 * 86_400 * crate::event::NANOS,
        }),
        ..Terms::default()
    };
    RuleSet::read_on(&[("t.yml", text)], &terms, &mut complaints);
    let shown = complaints.sorted().into_iter().map(|p| {
        assert_eq!(p.severity, Severity::Warning, "{p:?}");
        let place = p.place.as_ref().expect("a warning has a place");
        format!("{}:{}: {}", place.line, place.column, p.message.en)
    });
    shown.collect()
}

#[test]
fn what_reads_well_and_is_not_meant_so_is_warned_of_when_asked() {
    let table: &[(&[&str], &str)] = &[
        (
            &["s: {own_field: a}", "condition: s"],
            "4:7: no format gives the field \"own_field\" on this log source",
        ),
        (
            &["s: {user.id|fieldref: own_field}", "condition: s"],
            "4:25: no format gives the field \"own_field\"",
        ),
        (
            &["s: {src_ip: 10.0.0.1}", "condition: s"],
            "no format gives the field \"src_ip\" on this log source",
        ),
        (
            &["s: {calendar.verdict: [open, close]}", "condition: s"],
            "4:32: can never match: calendar.verdict is never \"close\"",
        ),
        (
            &["s: {event.action|neq: chart_view}", "condition: s"],
            "can never match: event.action is never \"chart_view\"",
        ),
        (
            &["s: {user.id: a, user.id|endswith: b}", "condition: s"],
            "4:19: can never match: \"user.id\" and \"user.id|endswith\" cannot hold together",
        ),
        (
            &["s: {user.id|all: [a, b]}", "condition: s"],
            "\"user.id|all\" and \"user.id|all\" cannot hold together",
        ),
        (
            &[
                "s: {host.name|exists: false, host.name|contains: pc}",
                "condition: s",
            ],
            "\"host.name|exists\" and \"host.name|contains\" cannot hold together",
        ),
        (
            &[
                "s: {host.name: null, host.name|neq: x, host.name|re: y}",
                "condition: s",
            ],
            "\"host.name\" and \"host.name|re\" cannot hold together",
        ),
        (
            &[
                "s: {print.pages: [5, 6], print.pages|gt: 6}",
                "condition: s",
            ],
            "\"print.pages\" and \"print.pages|gt\" cannot hold together",
        ),
        (&["s: {user.id: off}", "condition: s"], "off without quotes"),
    ];
    for (lines, complaint) in table {
        let told = warned(&rule(lines));
        assert_eq!(told.len(), 1, "{complaint}: {told:?}");
        assert!(
            told[0].contains(complaint),
            "expected {complaint}, found {told:?}"
        );
    }
    for lines in [
        ["s: {user.id: [a, b], user.id|endswith: b}", "condition: s"],
        ["s: {patient.id|all: [a, b]}", "condition: s"],
        ["s: {user.id|contains|all: [a, b]}", "condition: s"],
        [
            "s: {host.name|exists: true, host.name|contains: pc}",
            "condition: s",
        ],
        ["s: {user.id: a, user.id|cased: A}", "condition: s"],
        ["s: {calendar.band: [late_*, HOLIDAY]}", "condition: s"],
        [
            "s: {print.pages: [5, 6], print.pages|gt: 5}",
            "condition: s",
        ],
    ] {
        assert_eq!(warned(&rule(&lines)), Vec::<String>::new(), "{lines:?}");
    }
}

#[test]
fn windows_tests_and_filters_are_warned_of() {
    let good = rule(&["s: {user.id: a}", "condition: s"]);
    let test = |alerts: u32| {
        format!("{{name: n, events: [{{'@timestamp': '2026-11-16T02:14:07Z'}}], alerts: {alerts}}}")
    };
    let with = |tests: &[u32]| {
        let tests: Vec<String> = tests.iter().map(|n| test(*n)).collect();
        warned(&format!(
            "{good}yomawari: {{tests: [{}]}}\n",
            tests.join(", ")
        ))
    };
    assert_eq!(with(&[1, 0]), Vec::<String>::new());
    assert_eq!(with(&[]), Vec::<String>::new());
    assert_eq!(with(&[0]), ["6:19: no test makes the rule fire"]);
    assert!(with(&[2])[0].contains("no test keeps the rule silent"));
    let said = warned(&format!("{good}yomawari: {{say: {{en: x, ja: x}}}}\n"));
    assert!(said[0].contains("no test; write one"), "{said:?}");
    let window = |span: &str| {
        warned(&format!(
            "name: a\n{good}---\ntitle: c\ncorrelation: {{type: event_count, rules: [a], timespan: {span}, condition: {{gte: 2}}}}\n"
        ))
    };
    assert_eq!(window("40d"), Vec::<String>::new());
    assert!(window("41d")[0].contains("the window of 41d is longer than facts are kept: 40 days"));
    let filter = |condition: &str| {
        warned(&format!(
            "name: a\n{good}---\ntitle: f\nlogsource: {{category: ehr}}\nfilter: {{rules: [a], s: {{user.id: b}}, condition: {condition}}}\n"
        ))
    };
    assert_eq!(filter("not s"), Vec::<String>::new());
    assert!(
        filter("s")[0].contains("a filter without not"),
        "{:?}",
        filter("s")
    );
}

#[test]
fn the_shipped_rules_are_warned_of_nothing() {
    let mut complaints = Complaints::new();
    let terms = Terms {
        lint: Some(Lint { kept: i64::MAX }),
        ..Terms::default()
    };
    RuleSet::read_on(RuleSet::embedded_files(), &terms, &mut complaints);
    assert!(complaints.is_empty(), "{complaints:?}");
}

#[test]
fn filters_that_apply_to_nothing_are_warned_of() {
    let good = rule(&["s: {user.id: a}", "condition: s"]);
    let with = |source: &str, rules: &str| {
        read(&format!(
            "name: a\n{good}---\ntitle: f\nlogsource: {source}\nfilter: {{rules: {rules}, s: {{user.id: b}}, condition: not s}}\n"
        ))
        .1
    };
    assert_eq!(with("{category: ehr}", "[a]"), Vec::<String>::new());
    assert!(with("{category: dns}", "any")[0].contains("warning: the filter applies to no rule"));
    assert!(with("{category: dns}", "[a]")[0].contains("warning: the filter does not apply to a"));
    assert!(with("{category: ehr}", "[b]")[0].contains("there is no rule \"b\""));
}
