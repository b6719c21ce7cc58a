//! Guards `rules match`: JSON events in, one line for each rule that matched, each correlation
//! that fired and each rule that was refused; and what filters and log sources do to them.

mod folder;

use folder::{House, Ran};

fn detection(name: &str, more: &str) -> String {
    format!("title: the rule {name}\nname: {name}\nlogsource: {{category: test}}\n{more}\n---\n")
}

fn simple(name: &str, field: &str, value: &str) -> String {
    let body = format!("detection: {{s: {{{field}: {value}}}, condition: s}}");
    detection(name, &body)
}

#[test]
fn times_are_read_under_either_name() {
    let rules = simple("a", "F", "1")
        + "title: c\nname: c\ncorrelation: {type: event_count, rules: [a], timespan: 1s, \
           condition: {gte: 2}}\n";
    for (one, other) in [
        (
            r#""timestamp":"2026-11-16T02:14:07+09:00""#,
            r#""@timestamp":"2026-11-15T17:14:08Z""#,
        ),
        (
            r#""@timestamp":1763224447"#,
            r#""@timestamp":1763224448000,"timestamp":null"#,
        ),
    ] {
        let events = format!("{{\"F\":1,{one}}}\n{{\"F\":1,{other}}}\n");
        assert_eq!(
            lines(&rules, &events, &[]),
            [r#"{"rule":"c","group":{},"events":[0,1],"at":1}"#]
        );
    }
}

#[test]
fn a_rule_may_repeat_a_value_by_an_alias() {
    let rules = "title: a\nlogsource: {category: test}\ndetection:\n  s: &s {F: &v [1, 2]}\n  \
                 t: {G: *v}\n  u: *s\n  condition: s and t and u\n";
    let events = "{\"F\":1,\"G\":2}\n{\"F\":1,\"G\":3}\n";
    assert_eq!(lines(rules, events, &[]), [r#"{"rule":"a","events":[0]}"#]);
}

/// Runs the rules over the events, with more words behind.
fn run(rules: &str, events: &str, words: &[&str]) -> Ran {
    let house = House::new().with("r.yml", rules).with("e.ndjson", events);
    run_in(&house, words)
}

fn run_in(house: &House, words: &[&str]) -> Ran {
    let fixed = ["rules", "match", "--rules", "r.yml", "--events", "e.ndjson"];
    house.run(&[&fixed, words].concat())
}

/// What was printed when all went well.
fn lines(rules: &str, events: &str, words: &[&str]) -> Vec<String> {
    let ran = run(rules, events, words);
    assert_eq!((ran.status, &*ran.err), (0, ""), "{}", ran.out);
    ran.out.lines().map(str::to_owned).collect()
}

#[test]
fn a_detection_gives_the_positions_of_its_events() {
    let rules = simple("b", "F", "1") + &simple("none", "F", "9") + &simple("a", "F", "[1, 2]");
    let events = "{\"F\":1}\n\n{\"F\":3}\r\n  \n{\"F\":\"2\"}\n{\"F\":1}";
    assert_eq!(
        lines(&rules, events, &[]),
        [
            r#"{"rule":"b","events":[0,3]}"#,
            r#"{"rule":"a","events":[0,2,3]}"#
        ]
    );
}

#[test]
fn a_rule_is_called_by_its_id_its_name_or_its_title() {
    let body = "logsource: {category: test}\ndetection: {s: {F: 1}, condition: s}\n---\n";
    let id = "5B0C9C8E-0D5C-4D8A-9C35-7C8E2A8B6F10";
    let rules = format!(
        "title: t1\n{body}title: t2\nname: n2\n{body}title: t3\nname: n3\nid: {id}\n{body}"
    );
    let ids: Vec<String> = ["t1", "n2", id]
        .map(|id| format!("{{\"rule\":\"{id}\",\"events\":[0]}}"))
        .into();
    assert_eq!(lines(&rules, "{\"F\":1}\n", &[]), ids);
}

#[test]
fn lines_that_are_no_object_are_told_and_not_numbered() {
    let events = "{\"F\":1}\n[1]\n{\"F\":\n\u{feff}\n{\"F\":1}\n";
    let ran = run(&simple("a", "F", "1"), events, &[]);
    assert_eq!(ran.status, 3);
    assert_eq!(ran.out, "{\"rule\":\"a\",\"events\":[0,1]}\n");
    let told = "error: the line is no JSON object, and has no position";
    for line in 2..=4 {
        assert!(
            ran.err.contains(&format!("e.ndjson:{line}: {told}")),
            "{}",
            ran.err
        );
    }
}

#[test]
fn refused_rules_stand_in_their_place() {
    let rules = simple("one", "F", "1")
        + &detection("two", "detection: {s: {F|contain: a}, condition: s}")
        + "title: three\nid: 3-3\na: [1\n---\n"
        + &simple("four", "F", "1");
    let ran = run(&rules, "{\"F\":1}\n", &[]);
    assert_eq!(ran.status, 3, "{}", ran.err);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(lines[0], r#"{"rule":"one","events":[0]}"#);
    assert!(
        lines[1].starts_with(r#"{"rule":"two","error":"r.yml:"#),
        "{}",
        lines[1]
    );
    assert!(lines[1].contains("unknown modifier"), "{}", lines[1]);
    assert!(
        lines[2].starts_with(r#"{"rule":"3-3","error":"r.yml:"#),
        "{}",
        lines[2]
    );
    assert_eq!(lines[3], r#"{"rule":"four","events":[0]}"#);
}

#[test]
fn log_sources_are_compared_word_by_word_when_a_key_is_named() {
    let rule = |name: &str, source: &str| {
        format!(
            "title: {name}\nlogsource: {source}\ndetection: {{s: {{F: 1}}, condition: s}}\n---\n"
        )
    };
    let rules = rule("win", "{product: windows}")
        + &rule(
            "sec",
            "{product: windows, service: security, definition: x}",
        )
        + &rule("any", "{}");
    let events = r#"{"F":1,"ls":{"product":"windows","service":"security"}}
{"F":1,"ls":{"product":"windows"}}
{"F":1,"ls":{"category":"test"}}
{"F":1}
"#;
    assert_eq!(
        lines(&rules, events, &["--logsource-key", "ls"]),
        [
            r#"{"rule":"win","events":[0,1]}"#,
            r#"{"rule":"sec","events":[0]}"#,
            r#"{"rule":"any","events":[0,1,2,3]}"#
        ]
    );
    assert_eq!(
        lines(&rules, events, &[])[1],
        r#"{"rule":"sec","events":[0,1,2,3]}"#
    );
}

#[test]
fn placeholders_come_from_a_file() {
    let rules = detection("p", "detection: {s: {F|expand: '%Servers%'}, condition: s}");
    let ran = run(&rules, "{\"F\":\"srv1\"}\n", &[]);
    assert_eq!(ran.status, 3);
    assert!(
        ran.out.contains("the placeholder %Servers% has no value"),
        "{}",
        ran.out
    );
    for (file, text) in [
        ("p.yml", "Servers: [srv*, x]\n"),
        ("p.json", "{\"Servers\":\"srv1\"}"),
    ] {
        let house = House::new()
            .with("r.yml", &rules)
            .with("e.ndjson", "{\"F\":\"srv1\"}\n");
        house.put(file, text);
        let ran = run_in(&house, &["--placeholders", file]);
        assert_eq!(ran.out, "{\"rule\":\"p\",\"events\":[0]}\n", "{}", ran.err);
    }
}

fn burst(more: &str) -> String {
    let inner = "type: event_count, rules: [base], group-by: [user], timespan: 10s";
    simple("base", "F", "1")
        + &format!("title: b\nname: burst\ncorrelation: {{{inner}, condition: {{gte: 3}}{more}}}\n")
}

#[test]
fn a_correlation_fires_once_each_time_it_becomes_true() {
    let event =
        |time: &str, user: &str| format!("{{\"F\":1,\"timestamp\":{time},\"user\":\"{user}\"}}\n");
    let at = |second: u32| format!("\"2026-11-16T00:00:{second:02}Z\"");
    let events = event(&at(20), "b")
        + &event(&at(0), "a")
        + &event(&at(10), "a")
        + &event(&at(4), "a")
        + &event("1794787211", "a")
        + &event("1794787231000", "a")
        + &event("1794787232.5", "a")
        + &event(&at(41), "a");
    assert_eq!(
        lines(&burst(""), &events, &[]),
        [
            r#"{"rule":"burst","group":{"user":"a"},"events":[1,3,2],"at":2}"#,
            r#"{"rule":"burst","group":{"user":"a"},"events":[5,6,7],"at":7}"#,
        ]
    );
    let both = lines(&burst(", generate: true"), &events, &[]);
    assert_eq!(both[0], r#"{"rule":"base","events":[0,1,2,3,4,5,6,7]}"#);
    assert_eq!(both.len(), 3);
}

#[test]
fn events_without_a_time_are_told_where_a_correlation_asks() {
    let ran = run(&burst(""), "{\"F\":1,\"user\":\"a\"}\n{\"F\":2}\n", &[]);
    assert_eq!((ran.status, &*ran.out), (3, ""));
    assert!(
        ran.err
            .contains("e.ndjson:1: error: the line has no readable \"timestamp\" or"),
        "{}",
        ran.err
    );
    assert_eq!(ran.err.matches("error").count(), 1, "{}", ran.err);
    assert_eq!(run(&simple("a", "F", "1"), "{\"F\":1}\n", &[]).status, 0);
}

#[test]
fn different_values_are_counted_and_groups_need_their_field() {
    let inner = "type: value_count, rules: [base], group-by: [user], timespan: 1m";
    let condition = "condition: {gte: 2, field: patient}";
    let rules =
        simple("base", "F", "1") + &format!("title: v\ncorrelation: {{{inner}, {condition}}}\n");
    let event = |user: &str, patient: &str| {
        format!(
            "{{\"F\":1,\"timestamp\":\"2026-11-16T00:00:00Z\",\"user\":{user},\"patient\":{patient}}}\n"
        )
    };
    let events = event("null", "1")
        + &event("null", "2")
        + &event("\"\"", "1")
        + &event("\"\"", "\"1\"")
        + &event("\"\"", "null")
        + &event("\"\"", "[1, 2]");
    assert_eq!(
        lines(&rules, &events, &[]),
        [r#"{"rule":"v","group":{"user":""},"events":[2,3,5],"at":5}"#]
    );
}

fn filter(rules: &str, source: &str, body: &str) -> String {
    format!("title: f\nlogsource: {source}\nfilter:\n  rules: {rules}\n  {body}\n---\n")
}

#[test]
fn filters_take_events_out_of_the_rules_they_name() {
    let source = "{category: test}";
    let body = "s: {G: 1}\n  condition: not s";
    let events = "{\"F\":1}\n{\"F\":1,\"G\":1}\n{\"E\":1,\"G\":1}\n";
    let either = detection("a", "detection: {s: {F: 1}, t: {E: 1}, condition: s or t}");
    let filtered = |filter: String| lines(&(filter + &either), events, &[])[0].clone();
    let all = r#"{"rule":"a","events":[0,1,2]}"#;
    let left = r#"{"rule":"a","events":[0]}"#;
    assert_eq!(filtered(filter("[a]", source, body)), left);
    assert_eq!(filtered(filter("a", source, body)), left);
    assert_eq!(filtered(filter("any", source, body)), left);
    assert_eq!(filtered(filter("Any", source, body)), left);
    assert_eq!(filtered(filter("any", "{}", body)), left);
    assert_eq!(filtered(filter("any", "{category: other}", body)), all);
    assert_eq!(
        filtered(filter("[a]", "{category: test, product: x}", body)),
        all
    );
    // Its names and quantifiers are its own, and each of several conditions is joined to it.
    let own = "s: {G: 1}\n  t: {G: 1}\n  condition: not 1 of them";
    assert_eq!(filtered(filter("[a]", source, own)), left);
    let listed = "s: {G: 1}\n  condition: [not s]";
    assert_eq!(filtered(filter("[a]", source, listed)), left);
    // Without a not it keeps what it describes.
    let kept = filtered(filter("[a]", source, "s: {G: 1}\n  condition: s"));
    assert_eq!(kept, r#"{"rule":"a","events":[1,2]}"#);
    let two = detection("a", "detection: {s: {F: 1}, t: {E: 1}, condition: [s, t]}");
    let listed = lines(&(filter("[a]", source, body) + &two), events, &[]);
    assert_eq!(listed, [left]);
}

#[test]
fn filters_apply_across_files_and_before_correlations() {
    let event = |second: u32, more: &str| {
        format!("{{\"F\":1,\"user\":\"a\",\"timestamp\":\"2026-11-16T00:00:0{second}Z\"{more}}}\n")
    };
    let house = House::new()
        .with(
            "e.ndjson",
            event(0, "") + &event(1, ",\"G\":1") + &event(2, "") + &event(3, ""),
        )
        .with("rules/b/r.yaml", burst(""))
        .with(
            "rules/a.yml",
            filter(
                "[base]",
                "{category: test}",
                "s: {G: 1}\n  condition: not s",
            ),
        );
    let words = [
        "rules",
        "match",
        "--rules",
        "rules",
        "--rules",
        "rules/a.yml",
        "--events",
        "e.ndjson",
    ];
    let ran = house.run(&words);
    assert_eq!(
        ran.out,
        "{\"rule\":\"burst\",\"group\":{\"user\":\"a\"},\"events\":[0,2,3],\"at\":3}\n"
    );
}

#[test]
fn filters_with_a_mistake_are_refused() {
    let source = "{category: test}";
    let body = "s: {G: 1}\n  condition: not s";
    for (text, told) in [
        (filter("[burst]", source, body), "is a correlation"),
        (filter("[nobody]", source, body), "there is no rule"),
        (filter("[]", source, body), "no rule is named"),
        (
            filter("[base]", source, "s: {G: 1}"),
            "\\\"condition\\\" is missing",
        ),
        (
            filter("[base]", source, "condition: not s"),
            "no search identifier",
        ),
        (
            filter("[base]", source, "s: {G: 1}\n  condition: not t"),
            "not defined",
        ),
        (
            "title: f\nfilter: {rules: [base], s: {G: 1}, condition: not s}\n---\n".to_owned(),
            "logsource",
        ),
        (
            format!(
                "title: f\nlogsource: {source}\nfilter: {{s: {{G: 1}}, condition: not s}}\n---\n"
            ),
            "\\\"rules\\\" is missing",
        ),
    ] {
        let ran = run(&(text + &burst("")), "{\"F\":1,\"G\":1}\n", &[]);
        assert_eq!(ran.status, 3, "{told}: {}", ran.out);
        assert!(
            ran.out.contains(told) && ran.out.contains("\"rule\":\"f\""),
            "{told}: {}",
            ran.out
        );
    }
}

#[test]
fn mistakes_of_the_command_are_told_before_anything_runs() {
    let house = House::new().with("r.yml", simple("a", "F", "1"));
    let words = ["rules", "match", "--rules", "r.yml", "--events", "nowhere"];
    let ran = house.run(&words);
    assert_eq!((ran.status, &*ran.out), (2, ""));
    assert!(ran.err.contains("nowhere cannot be read"), "{}", ran.err);
    let ran = house.run(&["rules", "match", "--rules", "none", "--events", "nowhere"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("there is no file none"), "{}", ran.err);
}

fn second(second: u32, more: &str) -> String {
    format!("{{\"timestamp\":\"2026-11-16T00:00:{second:02}Z\",{more}}}\n")
}

fn correlation(name: &str, body: &str) -> String {
    format!("title: {name}\nname: {name}\ncorrelation: {{{body}}}\n---\n")
}

/// What an alert rests on is what was there when its condition became true: not what it grew by,
/// and of an inner alert not what that one grew by.
#[test]
fn an_alert_tells_the_events_that_completed_it() {
    let steps = ["a", "b", "c"].map(|name| simple(name, name, "1")).concat();
    let ordered = "type: temporal_ordered, rules: [a, b, c], timespan: 3s";
    let events = second(0, "\"a\":1")
        + &second(0, "\"b\":1")
        + &second(1, "\"a\":1")
        + &second(1, "\"b\":1")
        + &second(1, "\"c\":1")
        + &second(4, "\"c\":1");
    assert_eq!(
        lines(&(steps.clone() + &correlation("o", ordered)), &events, &[]),
        [r#"{"rule":"o","group":{},"events":[0,1,4],"at":4}"#]
    );
    let inner = "type: event_count, rules: [a], timespan: 10s, condition: {gte: 2}";
    for kind in ["temporal", "temporal_ordered"] {
        let outer = format!("type: {kind}, rules: [i, b], timespan: 1m");
        let rules = steps.clone() + &correlation("i", inner) + &correlation("t", &outer);
        let events = ["a", "a", "a", "b", "a"].iter().zip(0..);
        let events: String = events
            .map(|(name, at)| second(at, &format!("\"{name}\":1")))
            .collect();
        assert_eq!(
            lines(&rules, &events, &[]),
            [r#"{"rule":"t","group":{},"events":[0,1,3],"at":3}"#],
            "{kind}"
        );
    }
}

/// A group's values are those of the events, numbers and booleans too.
#[test]
fn groups_keep_the_kind_of_their_values() {
    let rules = simple("a", "F", "1")
        + &correlation(
            "c",
            "type: event_count, rules: [a], group-by: [g, who], timespan: 1m, \
             condition: {gte: 2}, aliases: {who: {a: u.id}}",
        );
    for (written, told) in [
        ("443", "443"),
        ("\"443\"", "\"443\""),
        ("-1.5", "-1.5"),
        ("true", "true"),
        ("\"true\"", "\"true\""),
        ("\"a\\u0062\"", "\"ab\""),
        (
            "123456789012345678901234567890",
            "\"123456789012345678901234567890\"",
        ),
    ] {
        let event = |at| second(at, &format!("\"F\":1,\"g\":{written},\"u\":{{\"id\":7}}"));
        assert_eq!(
            lines(&rules, &(event(0) + &event(1)), &[]),
            [format!(
                "{{\"rule\":\"c\",\"group\":{{\"g\":{told},\"who\":7}},\"events\":[0,1],\"at\":1}}"
            )]
        );
    }
}

/// What counts a refused rule is refused too, and said to be; what a refused correlation would
/// have counted reports as if that one were not there.
#[test]
fn a_refusal_is_told_of_all_rules_it_takes_along() {
    let events = second(0, "\"F\":1,\"G\":1");
    let counting = |name: &str, rule: &str| {
        let body =
            format!("type: event_count, rules: [{rule}], timespan: 1m, condition: {{gte: 1}}");
        correlation(name, &body)
    };
    let rules = detection("bad", "detection: {s: {F|contain: a}, condition: s}")
        + &counting("one", "bad")
        + &counting("two", "one");
    let ran = run(&rules, &events, &[]);
    let told: Vec<&str> = ran.out.lines().collect();
    assert_eq!((ran.status, told.len()), (3, 3), "{}", ran.out);
    assert!(
        told[1].contains("bad was refused, so nothing can count it"),
        "{}",
        told[1]
    );
    assert!(
        told[2].contains("one was refused, so nothing can count it"),
        "{}",
        told[2]
    );

    let worded = "type: temporal, rules: [a], timespan: 1m, condition: a and b";
    let rules = simple("a", "F", "1") + &simple("b", "G", "1") + &correlation("c", worded);
    let ran = run(&rules, &events, &[]);
    let told: Vec<&str> = ran.out.lines().collect();
    assert_eq!(
        told[..2],
        [
            r#"{"rule":"a","events":[0]}"#,
            r#"{"rule":"b","events":[0]}"#
        ]
    );
    assert!(
        told[2].starts_with(r#"{"rule":"c","error":"#),
        "{}",
        told[2]
    );
}

#[test]
fn an_empty_placeholder_refuses_the_rules_that_use_it() {
    let rules = detection("p", "detection: {s: {F|expand: '%Servers%'}, condition: s}")
        + &detection(
            "w",
            "detection: {s: {F|windash|expand|contains: ' -%Flag%'}, condition: s}",
        );
    let house = House::new()
        .with("r.yml", &rules)
        .with("e.ndjson", "{\"F\":\"cmd /x\"}\n")
        .with("p.yml", "Servers: []\nFlag: x\n");
    let ran = run_in(&house, &["--placeholders", "p.yml"]);
    let told: Vec<&str> = ran.out.lines().collect();
    assert_eq!((ran.status, told.len()), (3, 2), "{}{}", ran.out, ran.err);
    assert!(
        told[0].contains("the placeholder %Servers% has no value"),
        "{}",
        told[0]
    );
    assert_eq!(told[1], r#"{"rule":"w","events":[0]}"#);
}
