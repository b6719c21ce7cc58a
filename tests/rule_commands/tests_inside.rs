//! A test inside a rule that fails shows the event that made the difference.

use crate::folder::{House, holds};

const RULES: &str = r#"title: Night charts
id: 1b0c9c8e-0000-4000-8000-000000000001
name: night-charts
level: medium
logsource: { category: ehr }
detection:
  access: { event.action: [chart-view, print] }
  failed: { event.outcome: failure }
  closed: { calendar.verdict: closed }
  condition: access and closed and not failed
yomawari:
  fold: { by: [user.account], within: closed-span }
  explained_by: [roster]
  tests:
    - name: misses
      events:
        - { "@timestamp": 2026-11-15T02:00:00+09:00, event.action: login, user.account: n1 }
        - { "@timestamp": 2026-11-15T02:00:01+09:00, event.action: chart-view, calendar.verdict: open, user.account: n1 }
      alerts: 1
    - name: fires by mistake
      events:
        - { "@timestamp": 2026-11-15T02:00:00+09:00, event.action: print, calendar.verdict: closed, user.account: n1, times: 3, every: 1s }
        - { "@timestamp": 2026-11-15T02:00:09+09:00, event.action: print, calendar.verdict: closed, roster.on_duty: true }
      alerts: 0
      explained: 2
    - name: passes
      events:
        - { "@timestamp": 2026-11-15T02:00:00+09:00, event.action: print, calendar.verdict: closed }
      alerts: 1
---
title: Many
id: 1b0c9c8e-0000-4000-8000-000000000002
name: many
correlation: { type: event_count, rules: [failed-login], group-by: [source.terminal], timespan: 1m, condition: { gte: 5 } }
yomawari:
  tests:
    - name: boundary
      events:
        - { "@timestamp": 2026-11-15T02:00:00+09:00, event.action: login, event.outcome: failure, source.terminal: t1, times: 4, every: 1s }
        - { "@timestamp": 2026-11-15T02:00:09+09:00, event.action: login, event.outcome: failure }
      alerts: 1
"#;

#[test]
fn the_nearest_miss_and_the_event_too_many_are_shown() {
    let house = House::new().with("a.yml", RULES);
    for (lang, name) in [("en", "failed-tests-en"), ("ja", "failed-tests-ja")] {
        let ran = house.run(&["rules", "test", "a.yml", "--lang", lang]);
        assert_eq!(ran.status, 2, "{}", ran.err);
        holds(name, &ran.out);
    }
}

#[test]
fn hostile_values_steer_no_terminal() {
    let hostile = RULES.replace(
        "event.action: login, user.account: n1",
        "event.action: login, user.account: \"\\e[2J\\r\\n\"",
    );
    let house = House::new().with("a.yml", hostile);
    let ran = house.run(&["rules", "test", "a.yml"]);
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert!(
        !ran.out.contains('\u{1b}') && !ran.out.contains('\r'),
        "{:?}",
        ran.out
    );
}
