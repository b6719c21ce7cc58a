//! Facts about whole rule files: what loads, what is refused and how it is said.

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
fn correlations_refer_by_name_or_id_across_files_and_forward() {
    let id = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
    let one = "title: c\nname: c\ncorrelation: {type: value_count, rules: [late, 3fa85f64-5717-4562-b3fc-2c963f66afa6, late], group-by: [user.account], timespan: 90m, condition: {field: [patient.id, own], gt: 3, lte: 9}}\n";
    let two = format!(
        "title: t\nname: late\nlogsource: {{category: ehr}}\ndetection: {{s: {{user.id: a}}, condition: s}}\n---\ntitle: u\nid: {id}\nlogsource: {{category: ehr}}\ndetection: {{s: {{user.id: b}}, condition: s}}\n---\n"
    );
    let (set, complaints) = read_all(&[("a/c.yml", one), ("a/two.yml", &two)]);
    assert_eq!(complaints, Vec::<String>::new());
    let c = &set.correlations[0];
    assert_eq!(
        (c.rules.as_slice(), c.timespan),
        (
            [RuleIndex::Detection(0), RuleIndex::Detection(1)].as_slice(),
            5_400_000_000_000
        )
    );
    let bound = |how, n: i64| (how, Number::from(n));
    assert_eq!(
        c.condition,
        [bound(Comparison::Gt, 3), bound(Comparison::Lte, 9)]
    );
    assert_eq!(
        c.measure,
        Measure::ValueCount(vec![FieldRef::named("patient.id"), FieldRef::named("own")])
    );
    assert!(set.detections.iter().all(|d| !d.reports && d.feeds));
    assert_eq!(set.detections[1].meta.name, "two-2");
    let (set, _) = read_all(&[
        (
            "c.yml",
            &one.replace("timespan", "generate: true, timespan"),
        ),
        ("two.yml", &two),
    ]);
    assert!(set.detections.iter().all(|d| d.reports && d.feeds));
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

/// Two detections, and a file with these correlations, each given as name and section.
fn correlated(correlations: &[(&str, &str)]) -> (RuleSet, Vec<String>) {
    let mut text = String::new();
    for name in ["one", "two"] {
        text.push_str(&format!("name: {name}\n"));
        text.push_str(&rule(&["s: {user.id: a}", "condition: s"]));
        text.push_str("---\n");
    }
    for (name, inner) in correlations {
        text.push_str(&format!(
            "title: c\nname: {name}\ncorrelation: {{{inner}}}\n---\n"
        ));
    }
    read(&text)
}

#[test]
fn correlations_count_correlations_but_not_in_a_ring() {
    let (set, complaints) = correlated(&[
        (
            "outer",
            "type: temporal_ordered, rules: [inner, two, inner], timespan: 2w",
        ),
        (
            "inner",
            "type: event_count, rules: [one], timespan: 1M, condition: {gte: 3}",
        ),
    ]);
    assert_eq!(complaints, Vec::<String>::new());
    let [outer, inner] = set.correlations.as_slice() else {
        panic!("two are read");
    };
    assert_eq!(
        outer.rules,
        [RuleIndex::Correlation(1), RuleIndex::Detection(1)]
    );
    assert_eq!(outer.steps, [0, 1, 0]);
    assert_eq!(
        (outer.timespan, inner.timespan),
        (1_209_600_000_000_000, 2_629_746_000_000_000)
    );
    assert!(outer.reports && !inner.reports && inner.feeds);
    assert_eq!(set.leaves(RuleIndex::Correlation(0)), [0, 1]);
    let (set, complaints) = correlated(&[
        ("x", "type: temporal, rules: [y, one], timespan: 1h"),
        ("y", "type: temporal, rules: [z, one], timespan: 1h"),
        ("z", "type: temporal, rules: [x, one], timespan: 1h"),
        ("over", "type: temporal, rules: [x, one], timespan: 1h"),
        ("alone", "type: temporal, rules: [one], timespan: 1h"),
    ]);
    assert_eq!(set.correlations.len(), 1, "{complaints:?}");
    assert!(
        complaints
            .iter()
            .all(|c| c.contains("come back to themselves"))
    );
}

#[test]
fn conditions_in_words_name_their_rules() {
    let (set, complaints) = correlated(&[(
        "c",
        "type: temporal, timespan: 1h, condition: two AND not one",
    )]);
    assert_eq!(complaints, Vec::<String>::new());
    let rule = &set.correlations[0];
    assert_eq!(
        rule.rules,
        [RuleIndex::Detection(1), RuleIndex::Detection(0)]
    );
    let worded = rule.expression.as_ref().expect("it is in words");
    let alternative = Alternative {
        needs: vec![0],
        forbids: vec![1],
    };
    assert_eq!(worded.alternatives, [alternative]);
    let (_, complaints) = correlated(&[(
        "c",
        "type: temporal, rules: [one, two], timespan: 1h, condition: one",
    )]);
    assert!(
        complaints[0].contains("does not name \"two\""),
        "{complaints:?}"
    );
}

#[test]
fn aliases_lead_to_the_field_of_each_rule() {
    let (set, complaints) = correlated(&[
        (
            "in",
            "type: temporal, rules: [one, two], group-by: [who], timespan: 1h, aliases: {who: {one: user.id, two: user.name}}",
        ),
        (
            "out",
            "type: event_count, rules: [in, one], group-by: [whom], timespan: 1h, condition: {gte: 2}, aliases: {whom: {in: who, one: user.account}}",
        ),
    ]);
    assert_eq!(complaints, Vec::<String>::new());
    let names = |at: usize, field: &str| -> Vec<String> {
        let fields = set.leaf_fields(at, &FieldRef::named(field));
        fields.iter().map(|f| f.name().to_owned()).collect()
    };
    assert_eq!(names(0, "who"), ["user.id", "user.name"]);
    assert_eq!(names(1, "whom"), ["user.account", "user.id", "user.name"]);
    assert_eq!(names(1, "source.ip"), ["source.ip"]);
}

#[test]
fn a_correlation_that_is_counted_goes_only_with_those_that_count_it() {
    let place = Place {
        file: "yomawari.yaml".into(),
        line: 3,
        column: 1,
    };
    let rules = [
        (
            "inner",
            "type: event_count, rules: [one], timespan: 1h, condition: {gte: 3}",
        ),
        (
            "alone",
            "type: value_sum, rules: [two], timespan: 1h, condition: {field: http.bytes, gt: 2.5}",
        ),
        ("outer", "type: temporal, rules: [inner, two], timespan: 1h"),
    ];
    let (mut set, _) = correlated(&rules);
    let mut complaints = Complaints::new();
    set.disable(&[("inner", &place)], &mut complaints);
    assert!(complaints.has_errors());
    let (mut set, _) = correlated(&rules);
    let mut complaints = Complaints::new();
    set.set_threshold("alone", -3, &place, &mut complaints);
    set.disable(&[("outer", &place)], &mut complaints);
    assert!(!complaints.has_errors());
    assert_eq!(set.correlations.len(), 1, "what only fed it goes with it");
    assert_eq!(
        set.correlations[0].condition,
        [(Comparison::Gte, Number::from(-3))]
    );
    assert!(!set.detections[0].feeds && set.detections[1].feeds);
}

#[test]
fn each_kind_is_told_in_words() {
    let rules = [
        (
            "c0",
            "type: event_count, rules: [one, two], timespan: 90s, condition: {gte: 5, lt: 9}",
        ),
        (
            "c1",
            "type: value_count, rules: [one], group-by: [user.id], timespan: 15m, condition: {field: [patient.id, source.ip], gt: 3}",
        ),
        (
            "c2",
            "type: value_percentile, rules: [one], timespan: 1h, condition: {field: http.bytes, percentile: 99.5, gte: 0.5}",
        ),
        ("c3", "type: temporal, rules: [one, two], timespan: 1d"),
        (
            "c4",
            "type: temporal, rules: [one, two], timespan: 1d, condition: {gte: 2}",
        ),
        (
            "c5",
            "type: temporal, timespan: 1d, condition: one and not two",
        ),
        (
            "c6",
            "type: temporal_ordered, rules: [two, one, two], group-by: [user.id], timespan: 1w",
        ),
    ];
    let (set, _) = correlated(&rules);
    let mut told = String::new();
    for correlation in &set.correlations {
        let words = in_words(&set, correlation);
        told.push_str(&format!("{}\n{}\n", words.en, words.ja));
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../tests/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("correlations-in-words", told));
}
