//! Guards the rule reader and the matcher against rule files and events made to break them: no
//! panic, no endless work, and one answer whichever way it is asked for.

use bumpalo::Bump;
use proptest::prelude::*;

use yomawari::diagnostic::{Complaints, Lang};
use yomawari::rule::{Lint, RuleSet, Terms, WrittenEvent};

/// The terms of `rules check` and of `rules match`.
fn all_terms() -> [Terms; 2] {
    let strict = Terms {
        lint: Some(Lint { kept: 1 << 50 }),
        ..Terms::default()
    };
    let as_written = Terms {
        as_written: true,
        ..Terms::default()
    };
    [strict, as_written]
}

/// Reads a rule file on all terms and renders every complaint; gives the last set.
fn read(text: &str) -> RuleSet {
    let mut last = RuleSet::default();
    for terms in all_terms() {
        let mut complaints = Complaints::new();
        (last, _) = RuleSet::read_on(&[("hostile.yml", text)], &terms, &mut complaints);
        for problem in complaints.sorted() {
            problem.render(Lang::En);
            problem.render(Lang::Ja);
        }
    }
    last
}

/// Asks every rule about an event, in both ways.
fn ask(set: &RuleSet, json: &str) -> usize {
    let arena = Bump::new();
    let Ok(Some(mut event)) = WrittenEvent::read(json, &arena) else {
        return 0;
    };
    let mut matched = 0;
    for detection in &set.detections {
        let matches = detection.matcher.matches(&mut event);
        let explained = detection.matcher.explain(&mut event);
        assert_eq!(
            matches, explained.matched,
            "{}\n{json}",
            detection.meta.name
        );
        matched += usize::from(matches);
    }
    matched
}

/// Lines that stand in rules and change their meaning, or are made to break a reader.
const NASTY: &[&str] = &[
    "  condition: not not (selection or 1 of them) and all of s*",
    "  condition: ((((((((((selection))))))))))",
    "  selection: { a|re: '(a+)+$' }",
    "  selection: { a|contains|all: ['*', '?', '\\*'] }",
    "  selection: { a|base64offset|contains: x, b|windash: '-a /b' }",
    "  selection: { a|expand: '%x%' }",
    "  selection: { a|cidr: ['0.0.0.0/0', '::/0'] }",
    "  selection: { a|gte: 1e999999999 }",
    "  selection: { a|fieldref|contains: a }",
    "  selection: { a: null, b|exists: no }",
    "  selection: [[[]]]",
    "  selection: { '|all': [x, y], a|re|i: '.' }",
    "  - &a [*a]",
    "  <<: *a",
    "  timespan: 99999999999999999999d",
    "  condition: { gte: -9223372036854775808 }",
    "  rules: [x, x, hostile]",
    "---",
    "...",
    "? {}",
    "\u{feff}\u{0}\u{85}\u{2028}",
    "title: !!binary x",
    "yomawari: { tests: [{ name: t, events: [{ '@timestamp': 9999-12-31T23:59:59Z, times: 20000, every: 40000d }], alerts: 18446744073709551616 }] }",
];

/// One change of a rule file.
#[derive(Clone, Debug)]
enum Change {
    Drop(usize),
    Double(usize),
    Swap(usize, usize),
    Insert(usize, usize),
    Indent(usize, usize),
    Cut(usize, String),
}

fn change() -> impl Strategy<Value = Change> {
    let line = 0..200_usize;
    prop_oneof![
        line.clone().prop_map(Change::Drop),
        line.clone().prop_map(Change::Double),
        (line.clone(), line.clone()).prop_map(|(a, b)| Change::Swap(a, b)),
        (line.clone(), 0..NASTY.len()).prop_map(|(at, what)| Change::Insert(at, what)),
        (line.clone(), 0..9_usize).prop_map(|(at, blanks)| Change::Indent(at, blanks)),
        (line, "[-:{}\\[\\]'\"|*?&!%@`,#> \\\\0-9a-z漢]{0,12}")
            .prop_map(|(at, s)| Change::Cut(at, s)),
    ]
}

fn apply(lines: &mut Vec<String>, change: &Change) {
    if lines.is_empty() {
        return;
    }
    let at = |wanted: usize| wanted % lines.len();
    match change {
        Change::Drop(line) => {
            lines.remove(at(*line));
        }
        Change::Double(line) => {
            let place = at(*line);
            lines.insert(place, lines[place].clone());
        }
        Change::Swap(one, other) => {
            let (one, other) = (at(*one), at(*other));
            lines.swap(one, other);
        }
        Change::Insert(line, what) => {
            let place = at(*line);
            lines.insert(place, NASTY[*what].to_owned());
        }
        Change::Indent(line, blanks) => {
            let place = at(*line);
            lines[place] = format!("{:blanks$}{}", "", lines[place].trim_start());
        }
        Change::Cut(line, end) => {
            let place = at(*line);
            let half = lines[place].chars().count() / 2;
            let kept: String = lines[place].chars().take(half).collect();
            lines[place] = kept + end;
        }
    }
}

/// A shipped rule, changed in a few places.
fn damaged_rule() -> impl Strategy<Value = String> {
    let files = RuleSet::embedded_files();
    let spliced = (0..files.len(), 0..files.len(), any::<bool>());
    (spliced, prop::collection::vec(change(), 1..8)).prop_map(
        move |((one, other, both), changes)| {
            let mut lines: Vec<String> = files[one].1.lines().map(str::to_owned).collect();
            if both {
                lines.push("---".to_owned());
                lines.extend(files[other].1.lines().map(str::to_owned));
            }
            changes.iter().for_each(|change| apply(&mut lines, change));
            lines.join("\n")
        },
    )
}

/// A detection of odd items, which mostly reads.
fn odd_rule() -> impl Strategy<Value = String> {
    let modifiers = prop::sample::select(vec![
        "",
        "|contains",
        "|startswith",
        "|endswith",
        "|cased",
        "|re",
        "|contains|all",
        "|windash",
        "|base64offset|contains",
        "|wide|base64",
        "|cidr",
        "|gt",
        "|lte",
        "|exists",
        "|fieldref",
        "|hour",
        "|neq",
        "|re|i|s|m",
        "|startswith|cased",
        "|contains|windash",
        "|expand",
    ]);
    let field = prop::sample::select(vec!["a", "b", "a.b", "user.id", "event.action", "", "漢"]);
    let value = prop_oneof![
        "[a-c*?\\\\]{0,12}",
        "-?[0-9]{1,20}(\\.[0-9]{1,4})?(e[0-9]{1,4})?",
        "[(\\[a-c.|*+?)\\]{}0-9^$]{1,16}",
        Just("10.0.0.0/8".to_owned()),
        Just("true".to_owned()),
        any::<String>(),
    ];
    let item = (field, modifiers, prop::collection::vec(value, 1..4));
    let condition = prop::sample::select(vec![
        "s0",
        "not s0",
        "s0 and not s1",
        "s0 or s1",
        "1 of s*",
        "all of them",
        "not (s0 or not s1)",
    ]);
    (prop::collection::vec(item, 2..5), condition).prop_map(|(items, condition)| {
        let lines: Vec<String> = items
            .iter()
            .enumerate()
            .map(|(at, (field, modifier, values))| {
                let values: Vec<serde_json::Value> = values
                    .iter()
                    .map(|v| serde_json::Value::from(v.as_str()))
                    .collect();
                let key = serde_json::Value::from(format!("{field}{modifier}"));
                format!(
                    "  s{}: {{ {key}: {} }}",
                    at % 2,
                    serde_json::Value::from(values)
                )
            })
            .take(2)
            .collect();
        format!(
            "title: t\nlogsource: {{ category: ehr }}\ndetection:\n{}\n  condition: {condition}\n",
            lines.join("\n")
        )
    })
}

/// An event of odd values under the names that odd rules ask for.
fn odd_event() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        "[a-c]{0,40}".prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<String>().prop_map(serde_json::Value::from),
        Just(serde_json::json!(null)),
        Just(serde_json::json!(["a", null, ["b", {"b": "c"}], 1e300, true])),
        Just(serde_json::json!({"b": ["10.1.2.3", "2026-11-16T02:14:07+09:00"]})),
    ];
    let name = prop::sample::select(vec![
        "a",
        "b",
        "a.b",
        "user.id",
        "user",
        "event.action",
        "漢",
    ]);
    prop::collection::btree_map(name, value, 0..6)
        .prop_map(|map| serde_json::to_string(&map).expect("a map of texts"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        read(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_text_in_the_shape_of_a_rule_is_read_or_refused(
        head in any::<String>(),
        body in prop::collection::vec(prop::sample::select(NASTY), 0..12),
        tail in any::<String>(),
    ) {
        read(&format!(
            "title: {head}\nlogsource: {{ category: ehr }}\ndetection:\n{}\n{tail}",
            body.join("\n")
        ));
    }

    #[test]
    fn damaged_rules_are_read_or_refused_and_asked(text in damaged_rule(), event in odd_event()) {
        ask(&read(&text), &event);
    }

    #[test]
    fn odd_rules_asked_about_odd_events_answer_alike(
        text in odd_rule(),
        events in prop::collection::vec(odd_event(), 8),
    ) {
        let set = read(&text);
        for event in events {
            ask(&set, &event);
        }
    }
}

/// A rule of one item, written in JSON so that nothing needs quoting.
fn rule_of(key: &str, value: &str) -> String {
    let (key, value) = (serde_json::Value::from(key), serde_json::Value::from(value));
    format!("title: t\nlogsource: {{}}\ndetection: {{ s: {{ {key}: {value} }}, condition: s }}\n")
}

/// Would not end within anybody's patience if the work grew faster than rule times event.
#[test]
fn bombs_are_refused_or_harmless() {
    let many = |text: &str, times: usize| text.repeat(times);
    let mut laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..40 {
        let before = level - 1;
        let inner = many(&format!("*a{before}, "), 9);
        laughs.push_str(&format!("a{level}: &a{level} [{inner}]\n"));
    }
    for text in [
        laughs,
        many("[", 100_000),
        many("{a: ", 100_000),
        many("- ", 100_000),
        many("? ", 50_000),
        many("---\n", 100_000),
        many("a: b\n", 100_000),
        rule_of("a|re", "((((a{99}){99}){99}){99})"),
        rule_of("a|re", &many("(", 10_000)),
        rule_of("a|re", &many("a?", 5_000)),
        rule_of("a", &many("*a", 10_000)),
        rule_of(&format!("a{}", many("|contains", 10_000)), "x"),
        rule_of("a|windash", &many(" -a", 2_000)),
        rule_of("a|wide|base64offset|contains", &many("漢", 10_000)),
        format!(
            "title: t\nlogsource: {{}}\ndetection: {{ s: {{ a: b }}, condition: '{}s' }}\n",
            many("not (", 10_000)
        ),
        format!(
            "title: t\nlogsource: {{}}\ndetection: {{ s: {{ a: b }}, condition: '{}s' }}\n",
            many("s or ", 3_000)
        ),
    ] {
        ask(
            &read(&text),
            r#"{"a": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}"#,
        );
    }
}

/// Patterns and values that take a backtracking matcher ages.
#[test]
fn wildcards_and_regexes_take_time_by_length_alone() {
    let value = "a".repeat(100_000);
    let json = format!("{{\"a\": \"{value}\"}}");
    for (key, pattern) in [
        ("a", format!("{}b", "*a?".repeat(40))),
        ("a|cased", format!("{}b", "*a".repeat(40))),
        ("a|re", "^(a+)+$b".to_owned()),
        ("a|re", format!("{}b", "(a*)*".repeat(20))),
        ("a|contains", format!("{}b", "a".repeat(1_000))),
    ] {
        let set = read(&rule_of(key, &pattern));
        assert_eq!(set.detections.len(), 1, "{key}: {pattern}");
        assert_eq!(ask(&set, &json), 0, "{key}: {pattern}");
    }
}
