//! Guards that every shipped rule keeps what it promises: its own tests pass, one of them fires
//! and one of them stays silent, and a wrong expectation is told.

#[path = "house/library.rs"]
mod library;

mod house;

use house::House;
use library::World;
use yomawari::pipeline::run_rule_tests;
use yomawari::rule::Meta;

/// Every rule, and whether it reports on its own.
fn rules(world: &World) -> Vec<(&Meta, bool)> {
    let detections = world.rules().detections.iter();
    let correlations = world.rules().correlations.iter();
    detections
        .map(|d| (&d.meta, d.reports))
        .chain(correlations.map(|c| (&c.meta, c.reports)))
        .collect()
}

#[test]
fn the_tests_of_all_rules_pass() {
    let world = World::new();
    let outcomes = run_rule_tests(world.plan()).expect("the temporary folder can be written");
    let tests: usize = rules(&world).iter().map(|(m, _)| m.tests.len()).sum();
    assert_eq!(outcomes.len(), tests, "every test ran");
    assert!(tests > 0, "the shipped rules have tests");
    for outcome in outcomes {
        assert!(outcome.passed(), "{outcome:?}");
    }
}

#[test]
fn every_rule_fires_in_one_test_and_stays_silent_in_another() {
    let world = World::new();
    for (meta, reports) in rules(&world) {
        if !reports {
            continue;
        }
        let fires = meta.tests.iter().any(|t| t.alerts > 0);
        let silent = meta.tests.iter().any(|t| t.alerts == 0);
        assert!(fires, "no test makes {} fire", meta.name);
        assert!(silent, "no test keeps {} silent", meta.name);
    }
}

#[test]
fn what_can_be_explained_is_explained_in_a_test() {
    let world = World::new();
    for detection in &world.rules().detections {
        let explained = detection.meta.tests.iter().any(|t| t.explained > 0);
        assert_eq!(
            explained,
            !detection.explained_by.is_empty(),
            "{}",
            detection.meta.name
        );
    }
}

#[test]
fn every_rule_that_reports_says_what_it_saw_and_what_to_do() {
    let world = World::new();
    for (meta, reports) in rules(&world) {
        assert!(!meta.clauses.is_empty(), "{} names a clause", meta.name);
        if reports {
            let say = meta.say.as_ref();
            let say = say.unwrap_or_else(|| panic!("{} has a sentence", meta.name));
            for text in [&say.en, &say.ja, &meta.respond.en, &meta.respond.ja] {
                assert!(!text.is_empty(), "{} speaks both languages", meta.name);
            }
        }
    }
}

#[test]
fn the_command_agrees() {
    let house = House::empty();
    let ran = house.run(&["rules", "test"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let ran = house.run(&["rules", "check"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
}

#[test]
fn the_outcome_does_not_hang_on_where_the_site_lies() {
    for zone in ["America/New_York", "Pacific/Kiritimati", "Etc/UTC"] {
        let config = format!("version: 1\nsite: {{ timezone: {zone} }}\n");
        let house = House::with(&[("yomawari.yaml", config.as_bytes())]);
        let ran = house.run(&["rules", "test"]);
        let out = String::from_utf8_lossy(&ran.out);
        assert_eq!(ran.status, 0, "{zone}: {out}{}", ran.err);
    }
}

/// A rule of the user's own; its test expects this many alerts of one failure.
fn own(alerts: usize) -> String {
    format!(
        "title: Any failure\nid: 7b2d3c1e-52a4-4f0e-9c85-3f5d8b6a1e20\nname: any-failure\n\
         status: test\nlevel: low\nlogsource: {{ category: authentication }}\ndetection:\n  \
         failed: {{ event.action: login, event.outcome: failure }}\n  condition: failed\n\
         yomawari:\n  tests:\n    - name: one failure\n      events:\n        \
         - {{ \"@timestamp\": \"2026-11-16T09:00:00+09:00\", event.action: login, event.outcome: failure }}\n      \
         alerts: {alerts}\n"
    )
}

#[test]
fn a_test_of_the_users_own_that_fails_is_told() {
    let house = House::empty();
    house.write("right.yml", own(1).as_bytes());
    house.write("wrong.yml", own(2).as_bytes());
    let ran = house.run(&["rules", "test", "right.yml"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let ran = house.run(&["rules", "test", "wrong.yml"]);
    assert_eq!(ran.status, 2, "{}", ran.err);
    let out = String::from_utf8_lossy(&ran.out);
    assert!(out.contains("wrong.yml"), "{out}");
}
