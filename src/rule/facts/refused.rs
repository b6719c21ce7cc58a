//! What is refused of rule files, where, and how it is said.

use super::*;

/// One mistake and the one complaint about it.
fn refused(text: &str, complaint: &str) {
    let (set, complaints) = read(text);
    let few: Vec<&String> = complaints.iter().take(9).collect();
    assert!(
        complaints
            .iter()
            .any(|c| c.contains(complaint) && !c.contains("warning: ")),
        "expected {complaint:?}, found {few:#?}"
    );
    assert!(
        set.detections.is_empty() && set.correlations.is_empty(),
        "{complaint}"
    );
}

#[test]
fn mistakes_in_detections_are_refused_at_their_place() {
    let table: &[(&[&str], &str)] = &[
        (
            &["s: {user.id|contain: a}", "condition: s"],
            "4:7: unknown modifier \"contain\"",
        ),
        (
            &["s: {user.id|i: a}", "condition: s"],
            "4:7: the modifier \"i\" has no meaning",
        ),
        (
            &["s: {user.id|contains|contains: a}", "condition: s"],
            "stands twice",
        ),
        (
            &["s: {user.id|contains|re: a}", "condition: s"],
            "no meaning",
        ),
        (
            &["s: {user.id|exists|all: true}", "condition: s"],
            "no meaning",
        ),
        (
            &["s: {user.id|neq|all: [a, b]}", "condition: s"],
            "no meaning",
        ),
        (
            &["s: {user.id|all|neq: [a, b]}", "condition: s"],
            "no meaning",
        ),
        (&["s: {user.id|re|expand: a}", "condition: s"], "no meaning"),
        (
            &["s: {user.id|exists: 1}", "condition: s"],
            "exists takes true or false",
        ),
        (
            &["s: {user.id|exists: 'true'}", "condition: s"],
            "exists takes true or false",
        ),
        (
            &["s: {user.id|re: '(a'}", "condition: s"],
            "4:19: not usable as a regular expression",
        ),
        (
            &["s: {user.id|re: 'a(?=b)'}", "condition: s"],
            "look-around",
        ),
        (
            &["s: {user.id|re: '((a{999}){999}){9}'}", "condition: s"],
            "regular expression",
        ),
        (
            &["s: {source.ip|cidr: 10.0.0.1/8}", "condition: s"],
            "is no network",
        ),
        (
            &["s: {source.ip|cidr: ward}", "condition: s"],
            "is no network",
        ),
        (
            &["s: {print.pages|gt: many}", "condition: s"],
            "\"many\" is no number",
        ),
        (
            &["s: {event.created|hour: 24}", "condition: s"],
            "expected a number from 0 to 23",
        ),
        (
            &["s: {event.created|hour: x}", "condition: s"],
            "expected a number from 0 to 23",
        ),
        (
            &["s: {user.id|base64: 'a*'}", "condition: s"],
            "cannot be encoded",
        ),
        (
            &["s: {user.id|wide: a}", "condition: s"],
            "utf16 makes bytes",
        ),
        (
            &["s: {user.id|wide|contains: a}", "condition: s"],
            "utf16 needs base64",
        ),
        (
            &["s: {user.id|expand: '%Admins%'}", "condition: s"],
            "%Admins% has no value",
        ),
        (
            &["s: {user.id|contains: }", "condition: s"],
            "can be compared only by itself",
        ),
        (
            &["s: {user.id: []}", "condition: s"],
            "an empty list matches nothing",
        ),
        (
            &["s: {user.id: {a: b}}", "condition: s"],
            "expected a single value, found a map",
        ),
        (
            &["s: {user.id: [a, [b]]}", "condition: s"],
            "expected a single value, found a list",
        ),
        (
            &["s: {}", "condition: s"],
            "an empty map matches every event",
        ),
        (&["s: []", "condition: s"], "is empty"),
        (&["s:", "condition: s"], "is empty"),
        (
            &["s: [[a]]", "condition: s"],
            "expected a map or a single value",
        ),
        (&["s: ['']", "condition: s"], "an empty keyword"),
        (&["s: {'': a}", "condition: s"], "without a field name"),
        (
            &["s: {'|startswith': a}", "condition: s"],
            "without a field name",
        ),
        (
            &["s: {'@timestamp|hour': 3}", "condition: s"],
            "would never match",
        ),
        (
            &["s: {user.id: a, user.id: b}", "condition: s"],
            "stands twice in one map",
        ),
        (&["a b: {user.id: a}", "condition: a"], "cannot be the name"),
        (
            &["and: {user.id: a}", "condition: and"],
            "cannot be the name",
        ),
        (&["s: {user.id: a}"], "the key \"condition\" is missing"),
        (&["condition: s"], "no search identifier"),
        (&["s: {user.id: a}", "condition: t"], "\"t\" is not defined"),
        (
            &["s: {user.id: a}", "condition: s AND s"],
            "operators are written in lower case",
        ),
        (
            &["s: {user.id: a}", "condition: 1 of x*"],
            "\"x*\" meets no search identifier",
        ),
        (
            &["_s: {user.id: a}", "condition: 1 of them"],
            "meets no search identifier",
        ),
        (
            &["s: {user.id: a}", "condition: 2 of s"],
            "expected 1, any or all",
        ),
        (
            &["s: {user.id: a}", "condition: all of"],
            "nothing stands behind of",
        ),
        (
            &["s: {user.id: a}", "condition: (s and s"],
            "a parenthesis is not closed",
        ),
        (
            &["s: {user.id: a}", "condition: s)"],
            "expected and, or or the end",
        ),
        (
            &["s: {user.id: a}", "condition: s and"],
            "ends where a name is expected",
        ),
        (
            &["s: {user.id: a}", "condition: not"],
            "ends where a name is expected",
        ),
        (
            &["s: {user.id: a}", "condition: s | count() > 5"],
            "write a correlation instead",
        ),
        (
            &["s: {user.id: a}", "condition: s", "timeframe: 5m"],
            "timeframe is Sigma 1",
        ),
        (
            &["s: {user.id: a}", "condition: ''"],
            "ends where a name is expected",
        ),
        (
            &["s: {user.id: a}", "condition: []"],
            "the condition is empty",
        ),
    ];
    for (lines, complaint) in table {
        let (_, complaints) = read(&rule(lines));
        let shown = complaints.join("\n");
        let helped = complaint == &"look-around";
        assert!(
            helped || shown.contains(complaint),
            "expected {complaint:?}, found {shown}"
        );
        refused(&rule(lines), if helped { "not usable" } else { complaint });
    }
}

#[test]
fn mistakes_in_an_observation_are_refused() {
    let good = "title: t\nname: t\nlogsource: {category: ehr}\n\
                detection: {s: {user.id: a}, condition: s}\nyomawari:\n  observe: ";
    let table = [
        ("{}", "6:12: observe: expected exactly one of new_value"),
        (
            "{silence: {of: [], longer_than: 1h}, sequence_gap: {of: [], number: a}}",
            "6:12: observe: expected exactly one of",
        ),
        ("{silense: {of: []}}", "6:13: unknown observe \"silense\""),
        ("{silence: 1d}", "6:22: silence: expected a map"),
        ("{silence: {longer_than: 1h}}", "the key \"of\" is missing"),
        ("{silence: {of: []}}", "the key \"longer_than\" is missing"),
        (
            "{silence: {of: [], longer_than: 1h, within: nights}}",
            "6:56: unknown within \"nights\"",
        ),
        (
            "{silence: {of: [], longer_then: 1h, longer_than: 0h}}",
            "6:31: unknown silence \"longer_then\"",
        ),
        (
            "{silence: {of: [], longer_than: 1h, after: soon}}",
            "after: \"soon\" is no length of time",
        ),
        (
            "{silence: {of: [user.id], longer_than: expected}}",
            "of: what is expected is expected of a source",
        ),
        (
            "{silence: {of: [input.source], longer_than: expected, after: 1d}}",
            "unknown silence \"after\"",
        ),
        ("{new_value: {of: [], within: 1d}}", "\"value\" is missing"),
        ("{new_value: {of: [], value: a}}", "\"within\" is missing"),
        (
            "{new_value: {of: [], value: a, only: first, within: 1d}}",
            "within means nothing with only: first",
        ),
        (
            "{new_value: {of: [], value: a, within: 1d, only: last}}",
            "unknown only \"last\"",
        ),
        (
            "{baseline: {of: [], per: week}}",
            "unknown per \"week\"; expected one of: day, hour",
        ),
        ("{baseline: {of: []}}", "the key \"per\" is missing"),
        (
            "{baseline: {of: [], per: day, over: 36h}}",
            "over: expected whole days",
        ),
        (
            "{baseline: {of: [], per: day, over: 401d}}",
            "over: expected whole days, at most 400d",
        ),
        (
            "{baseline: {of: [], per: day, above: nan}}",
            "above: expected a number from 0",
        ),
        (
            "{baseline: {of: [], per: day, at_least: 0}}",
            "at_least: expected a whole number, 1 or more",
        ),
        ("{sequence_gap: {of: []}}", "the key \"number\" is missing"),
        (
            "{sequence_gap: {of: [], number: a, tell: [holes]}}",
            "unknown tell \"holes\"",
        ),
        (
            "{silence: {of: [], longer_than: 1h}}\n  fold: {by: [], within: day}",
            "7:3: fold and observe cannot stand together",
        ),
    ];
    for (observe, complaint) in table {
        refused(&format!("{good}{observe}\n"), complaint);
    }
    let counted = "{silence: {of: [], longer_than: 1h}}\n---\ntitle: c\nname: c\ncorrelation: \
                   {type: event_count, rules: [t], timespan: 1h, condition: {gte: 2}}\n";
    let (_, complaints) = read(&format!("{good}{counted}"));
    let told = complaints
        .iter()
        .any(|c| c.contains("t observes its events"));
    assert!(told, "{complaints:#?}");
}

#[test]
fn mistakes_around_the_detection_are_refused() {
    let good = "title: t\nlogsource: {category: ehr}\ndetection: {s: {user.id: a}, condition: s}\n";
    let with = |more: &str| format!("{good}{more}");
    assert_eq!(read(good).1, Vec::<String>::new());
    assert_eq!(read(&with("x-other: {a: 1}\n")).1, Vec::<String>::new());
    let without = |key: &str| -> String {
        let kept = good.lines().filter(|l| !l.starts_with(key));
        kept.map(|l| format!("{l}\n")).collect()
    };
    let table = [
        (without("title"), "the key \"title\" is missing"),
        (without("logsource"), "the key \"logsource\" is missing"),
        (without("detection"), "this is not a rule"),
        (
            with("correlation: {}\n"),
            "either a detection, a correlation or a filter",
        ),
        (with("level: hgih\n"), "4:8: unknown level \"hgih\""),
        (with("status: done\n"), "unknown status \"done\""),
        (with("tags: {a: b}\n"), "tags: expected a single value"),
        (
            with("yomawari: {foldd: 1}\n"),
            "4:12: unknown yomawari \"foldd\"",
        ),
        (with("yomawari: [a]\n"), "yomawari: expected a map"),
        (
            with("yomawari: {observe: {silence: 1d}}\n"),
            "silence: expected a map",
        ),
        (
            with("yomawari: {fold: {by: [user.id], within: week}}\n"),
            "unknown within \"week\"",
        ),
        (
            with("yomawari: {fold: {by: [user.id], within: {gap: 30}}}\n"),
            "is no length of time",
        ),
        (
            with("yomawari: {fold: {within: day}}\n"),
            "the key \"by\" is missing",
        ),
        (
            with("yomawari: {explained_by: [mood]}\n"),
            "unknown explained_by \"mood\"",
        ),
        (
            with("yomawari: {requires: [device]}\n"),
            "unknown requires \"device\"",
        ),
        (
            with("yomawari: {when_assumed: {level: low}}\n"),
            "the key \"only\" is missing",
        ),
        (
            with("yomawari: {when_assumed: {level: low, only: {calendar.band: noon}}}\n"),
            "unknown calendar.band",
        ),
        (
            with("yomawari: {say: {en: a}}\n"),
            "the key \"ja\" is missing",
        ),
        (
            with("yomawari: {say: {en: 'x {user.idd}', ja: y}}\n"),
            "there is no field \"user.idd\"",
        ),
        (
            with("yomawari: {say: {en: 'x {value}', ja: y}}\n"),
            "this rule measures nothing",
        ),
        (
            with("yomawari: {say: {en: 'x {count', ja: y}}\n"),
            "a brace has no partner",
        ),
        (
            with("yomawari: {say: {en: 'x count}', ja: y}}\n"),
            "a brace has no partner",
        ),
        (
            with("yomawari: {tests: [{name: a, events: [], alert: 1}]}\n"),
            "unknown test \"alert\"",
        ),
        (
            with("yomawari: {tests: [{name: a, events: [{user.id: b}], alerts: 1}]}\n"),
            "\"@timestamp\" is missing",
        ),
        (
            with("yomawari: {tests: [{name: a, events: [{'@timestamp': now}], alerts: 1}]}\n"),
            "is no time of the form",
        ),
        (
            with(
                "yomawari: {tests: [{name: a, events: [{'@timestamp': '2026-11-16T02:14:07Z', times: 0}], alerts: 1}]}\n",
            ),
            "times: expected 1 to",
        ),
        (
            with(
                "yomawari: {tests: [{name: a, events: [{'@timestamp': '2026-11-16T02:14:07Z', user.idd: b}], alerts: 1}]}\n",
            ),
            "there is no field \"user.idd\"",
        ),
        ("- a\n".to_owned(), "a rule is a map"),
    ];
    for (text, complaint) in &table {
        refused(text, complaint);
    }
}

#[test]
fn mistakes_in_correlations_are_refused() {
    let base = "title: t\nname: base\nlogsource: {category: ehr}\ndetection: {s: {user.id: a}, condition: s}\n---\n";
    let table = [
        (
            "type: event_count, rules: [base], timespan: 1h, condition: {gte: 0.5}",
            "gte: expected a whole number",
        ),
        (
            "type: event_count, rules: [base], timespan: 1h, condition: {ge: 5}",
            "unknown condition \"ge\"",
        ),
        (
            "type: event_count, rules: [base], timespan: 1h, condition: {}",
            "no operator",
        ),
        (
            "type: event_count, rules: [base], timespan: 1h, condition: a and b",
            "not a sentence",
        ),
        (
            "type: event_count, rules: [base], timespan: 1h, condition: {gte: 5, field: user.id}",
            "unknown condition \"field\"",
        ),
        (
            "type: event_count, rules: [base], timespan: 1h",
            "the key \"condition\" is missing",
        ),
        (
            "type: event_count, rules: [base], condition: {gte: 5}",
            "the key \"timespan\" is missing",
        ),
        (
            "type: event_count, rules: [base], timespan: 0s, condition: {gte: 5}",
            "no length of time",
        ),
        (
            "type: event_count, rules: [base], timespan: 10, condition: {gte: 5}",
            "no length of time",
        ),
        (
            "type: event_count, rules: [base], timespan: 999999999999d, condition: {gte: 5}",
            "no length of time",
        ),
        (
            "type: event_count, rules: [base], timespan: 漢, condition: {gte: 5}",
            "no length of time",
        ),
        (
            "type: event_count, rules: [bass], timespan: 1h, condition: {gte: 5}",
            "there is no rule \"bass\"",
        ),
        (
            "type: event_count, rules: [], timespan: 1h, condition: {gte: 5}",
            "no rule is named",
        ),
        (
            "type: event_count, rules: [self], timespan: 1h, condition: {gte: 5}",
            "self counts correlations that come back to themselves",
        ),
        (
            "type: value_count, rules: [base], timespan: 1h, condition: {gte: 5}",
            "the key \"field\" is missing",
        ),
        (
            "type: temporal, rules: [base], timespan: 1h, condition: base and not bass",
            "\"bass\" is not one of the rules",
        ),
        (
            "type: temporal, timespan: 1h, condition: base and bass",
            "there is no rule \"bass\"",
        ),
        (
            "type: temporal, timespan: 1h",
            "the key \"rules\" is missing",
        ),
        (
            "type: temporal, rules: [base], timespan: 1h, condition: not base",
            "would hold when nothing happens",
        ),
        (
            "type: temporal, rules: [base], timespan: 1h, condition: {gte: 1, field: user.id}",
            "unknown condition \"field\"",
        ),
        (
            "type: temporal_ordered, rules: [base, base, base, base, base, base, base], timespan: 1h, condition: {gte: 2}",
            "takes at most 6 rules, not 7",
        ),
        (
            "type: value_sum, rules: [base], timespan: 1h, condition: {gte: 5}",
            "the key \"field\" is missing",
        ),
        (
            "type: value_sum, rules: [base], timespan: 1h, condition: {field: [a, b], gte: 5}",
            "value_sum reads one field",
        ),
        (
            "type: value_avg, rules: [base], timespan: 1h, condition: {field: http.bytes, gte: many}",
            "gte: expected a number",
        ),
        (
            "type: value_percentile, rules: [base], timespan: 1h, condition: {field: http.bytes, gte: 5}",
            "the key \"percentile\" is missing",
        ),
        (
            "type: value_percentile, rules: [base], timespan: 1h, condition: {field: http.bytes, percentile: 101, gte: 5}",
            "percentile: expected a number from 0 to 100",
        ),
        (
            "type: event_count, rules: [base], timespan: 101y, condition: {gte: 5}",
            "no length of time",
        ),
        (
            "type: count, rules: [base], timespan: 1h",
            "unknown correlation type \"count\"",
        ),
        (
            "type: event_count, rules: [base], timespan: 1h, condition: {gte: 5}, aliases: {a: {bass: b}}",
            "aliases: \"bass\" is not one of the rules",
        ),
        (
            "type: event_count, rules: [base], timespan: 1h, condition: {gte: 5}, groupby: [a]",
            "unknown key \"groupby\"",
        ),
        (
            "type: event_count, rules: [base], timespan: 1h, condition: {gte: 5}, generate: 1",
            "generate takes true or false",
        ),
        (
            "type: event_count, rules: [base], group-by: [a, a], timespan: 1h, condition: {gte: 5}",
            "stands twice",
        ),
    ];
    for (inner, complaint) in table {
        let text = format!("{base}title: c\nname: self\ncorrelation: {{{inner}}}\n");
        let (set, complaints) = read(&text);
        assert!(
            complaints.iter().any(|c| c.contains(complaint)),
            "{complaint}: {complaints:#?}"
        );
        assert!(
            set.correlations.is_empty() && set.detections.len() == 1,
            "{inner}"
        );
    }
}

#[test]
fn a_bad_rule_does_not_take_the_others_along() {
    let good = rule(&["s: {user.id: a}", "condition: s"]);
    let bad = format!("name: bad\n{}", rule(&["s: {user.id: a}", "condition: t"]));
    let user = "title: c\nname: c\ncorrelation: {type: event_count, rules: [bad], timespan: 1h, condition: {gte: 2}}\n";
    let (set, complaints) = read(&format!("{good}---\n{bad}---\n{user}"));
    assert_eq!((set.detections.len(), set.correlations.len()), (1, 0));
    assert_eq!(
        complaints.len(),
        1,
        "the reference to the bad rule is no second mistake: {complaints:?}"
    );
    let (set, complaints) = read_all(&[("x.yml", &good), ("other/x.yml", &good)]);
    // Names that were made up from the files' names are told apart.
    let names: Vec<&str> = set.detections.iter().map(|d| &*d.meta.name).collect();
    assert_eq!((names, complaints), (vec!["x", "x-2"], Vec::new()));
    let named = format!("name: n\n{good}");
    let (set, complaints) = read_all(&[("x.yml", &named), ("other/x.yml", &named)]);
    assert_eq!(set.detections.len(), 1);
    assert!(
        complaints[0].contains("stands at x.yml:1:1 already"),
        "{complaints:?}"
    );
}

#[test]
fn hostile_files_are_refused_quickly() {
    let deep = format!("condition: {}s{}", "(".repeat(9000), ")".repeat(9000));
    refused(&rule(&["s: {user.id: a}", &deep]), "longer than 16 KiB");
    let deep = format!("condition: {}s{}", "(".repeat(900), ")".repeat(900));
    refused(&rule(&["s: {user.id: a}", &deep]), "nested too deeply");
    let nots = format!("condition: {}s", "not ".repeat(3001));
    assert_eq!(
        read(&rule(&["s: {user.id: a}", &nots])).1,
        Vec::<String>::new()
    );
    let many = vec!["'\\w{30}'"; 2000].join(", ");
    refused(
        &rule(&[&format!("s: {{user.id|re: [{many}]}}"), "condition: s"]),
        "too many or too large regular expressions",
    );
    let events = "{'@timestamp': '2026-11-16T02:14:07Z', times: 20000}, ".repeat(9);
    refused(
        &format!(
            "{}yomawari: {{tests: [{{name: a, alerts: 0, events: [{events}]}}]}}\n",
            rule(&["s: {user.id: a}", "condition: s"])
        ),
        "more than 20000 events",
    );
}

#[test]
fn what_cannot_be_disabled_or_set_is_said() {
    let place = Place {
        file: "yomawari.yaml".into(),
        line: 3,
        column: 1,
    };
    let mut set = RuleSet::embedded();
    let mut complaints = Complaints::new();
    set.disable(
        &[("of-hours-access", &place), ("failed-login", &place)],
        &mut complaints,
    );
    set.set_threshold("off-hours-access", 3, &place, &mut complaints);
    set.set_threshold("many-reader", 3, &place, &mut complaints);
    set.set_threshold("many-readers", 0, &place, &mut complaints);
    let shown: Vec<&str> = complaints
        .sorted()
        .iter()
        .map(|p| p.message.en.as_str())
        .collect();
    assert_eq!(
        shown,
        [
            "there is no rule \"of-hours-access\"",
            "failed-login cannot be disabled alone: distributed-guessing counts it",
            "off-hours-access counts nothing, so it has no threshold",
            "there is no rule \"many-reader\"",
            "many-readers: a threshold is 1 or more, not 0",
        ]
    );
    let helps: Vec<&str> = complaints
        .sorted()
        .iter()
        .filter_map(|p| Some(p.help.as_ref()?.en.as_str()))
        .collect();
    assert_eq!(
        helps,
        [
            "write off-hours-access",
            "disable distributed-guessing too",
            "write many-readers"
        ]
    );
}
