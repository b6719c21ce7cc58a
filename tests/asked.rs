//! Guards that sparing what no rule asks about leaves no trace: a rule that does ask sees every
//! field of a router's line, and the account of what was read is the same either way.

mod house;

use house::{House, json, lines_of};
use serde_json::Value;

const LOG: &str = "\
Nov 16 08:30:05 rtx1220 [INSPECT] LAN2[out][101098] TCP 10.20.1.1:40000 > 192.0.2.7:3389 (2026/11/16 08:29:00)
Nov 16 08:30:06 rtx1220 PP[01] Rejected at IN(2000) filter: TCP 192.0.2.66:53320 > 10.20.1.9:3389
Nov 16 08:30:07 rtx1220 last message repeated 4 times
Nov 16 08:30:08 rtx1220 PP[01] Passed at IN(10) filter: UDP 192.0.2.8:53 > 10.20.1.2:40001
Nov 16 08:30:09 rtx1220 [INSPECT] LAN2[out][101098]
Nov 16 08:30:10 rtx1220 [DHCPD] LAN1(port4) Allocates 10.20.1.4: 38:56:10:c6:f3:39
Feb 30 08:30:11 rtx1220 PP[01] Rejected at IN(2000) filter: TCP 192.0.2.1:1 > 10.20.1.9:22
";

/// A rule without a word on what happened, so that it asks about everything.
const REMOTE_DESKTOP: &str = "\
title: Remote desktop crosses the router
id: 3d3f8f6e-7c0a-4f0e-9a6c-6a2b1f5d9e01
name: remote-desktop
status: test
level: low
logsource: { product: yamaha }
detection:
  it: { destination.port: '3389', observer.name: rtx1220 }
  condition: it
yomawari:
  fold: { by: [source.terminal, event.action, rule.id], within: day }
";

const NO_REGISTER: &str = "version: 1\nsite: { timezone: Asia/Tokyo }\n";

fn house() -> House {
    House::with(&[
        ("yomawari.yaml", NO_REGISTER.as_bytes()),
        ("r.log", LOG.as_bytes()),
        ("own.yml", REMOTE_DESKTOP.as_bytes()),
    ])
}

const SCAN: &[&str] = &["r.log", "--year", "2026", "--ledger", "ledger.json"];

#[test]
fn a_rule_that_asks_sees_every_field_of_a_line() {
    let alerts = house().scan(&[SCAN, &["--rules", "own.yml"]].concat());
    assert_eq!(
        lines_of(&alerts),
        [
            "remote-desktop 10.20.1.1+allow+101098 1 2026-11-16T08:30:05+09:00 2026-11-16T08:30:05+09:00",
            "remote-desktop 192.0.2.66+deny+2000 5 2026-11-16T08:30:06+09:00 2026-11-16T08:30:07+09:00",
        ]
    );
}

#[test]
fn the_account_does_not_depend_on_what_is_asked() {
    let house = house();
    let account = |more: &[&str]| -> Value {
        house.scan(&[SCAN, more].concat());
        json(&house.path().join("ledger.json"))["inputs"][0].clone()
    };
    let asked = account(&["--rules", "own.yml"]);
    assert_eq!(account(&[]), asked);
    assert_eq!(
        account(&["--no-default-rules", "--rules", "own.yml"]),
        asked
    );
    assert_eq!(asked["records"], 7, "{asked}");
    assert_eq!(asked["events"], 9, "{asked}");
}
