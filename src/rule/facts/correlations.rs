//! How correlations find their rules, and each other.

use super::*;

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
    settings.set_snapshot_path("../../../tests/snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!("correlations-in-words", told));
}
