//! Sessions and plans by hand: each difference, and the case just beside it.

use super::*;
use crate::diagnostic::Complaints;
use crate::event::{Action, NANOS, Outcome, Zone};
use crate::register::{RegisterFile, read_work_plan};

const PLAN: &str = "account,source,systems,from,to\n\
    vendor1,203.0.113.9,ehr,2026-11-12 10:00,2026-11-12 12:00\n\
    vendor2,,,2026-11-13 10:00,2026-11-13 12:00\n\
    ,198.51.100.0/24,router,2026-11-14,2026-11-14\n";

/// Nanoseconds of a minute of 2026-11-12 in Tokyo.
fn at(minute: i64) -> i64 {
    (1_794_409_200 + minute * 60) * NANOS
}

fn plans() -> Vec<PlannedWork> {
    let mut complaints = Complaints::new();
    let file = RegisterFile {
        name: "plan.csv",
        bytes: PLAN.as_bytes(),
    };
    let rows = read_work_plan(&file, Zone::tokyo(), &mut complaints);
    assert!(!complaints.has_errors());
    rows
}

fn act(minute: i64, account: &str, address: &str, system: &str) -> Act {
    Act {
        time: at(minute),
        source: system.to_owned(),
        account: account.to_owned(),
        address: address.to_owned(),
        tunnel: String::new(),
        systems: vec![system.to_owned()],
        action: Some(Action::ChartView),
        outcome: Outcome::Success,
        patients: Vec::new(),
        place: String::new(),
    }
}

fn found(acts: Vec<Act>) -> Reconciliation {
    let (plans, registers) = (plans(), Registers::default());
    let mut watcher = Watcher::new(&plans, &registers, i64::MIN..i64::MAX);
    watcher.acts = acts;
    watcher.covered = Some((at(0), at(2 * 1_440)));
    watcher.finish(i64::MIN..i64::MAX)
}

/// The findings of each session, in words.
fn words(found: &Reconciliation) -> Vec<Vec<&'static str>> {
    let codes = |judged: &Judged| judged.findings.iter().map(Finding::code).collect();
    found.sessions.iter().map(codes).collect()
}

#[test]
fn what_was_planned_is_as_planned_to_the_last_minute() {
    let here = "203.0.113.9";
    let whole = found(vec![
        act(600, "vendor1", here, "ehr"),
        act(625, "vendor1", here, "ehr"),
        act(650, "vendor1", here, "ehr"),
        act(680, "vendor1", here, "ehr"),
        act(700, "vendor1", here, "ehr"),
        act(720, "vendor1", here, "ehr"),
    ]);
    assert_eq!(words(&whole), [[""; 0]]);
    assert_eq!(whole.plans[0], Kept::Done(vec![0]));
    assert_eq!(whole.plans[1], Kept::NotDone);
    assert_eq!(
        whole.plans[2],
        Kept::NotCovered,
        "the logs end before its day does"
    );
}

#[test]
fn each_difference_is_told() {
    let here = "203.0.113.9";
    let one = |minute, account, address, system| {
        words(&found(vec![act(minute, account, address, system)]))[0].clone()
    };
    assert_eq!(one(599, "vendor1", here, "ehr"), ["early"]);
    assert_eq!(one(721, "vendor1", here, "ehr"), ["overrun"]);
    assert_eq!(one(781, "vendor1", here, "ehr"), ["no-plan"]);
    assert_eq!(one(610, "vendor1", here, "nas"), ["other-system"]);
    assert_eq!(one(610, "vendor1", "203.0.113.10", "ehr"), ["other-source"]);
    assert_eq!(one(610, "root", here, "ehr"), ["other-account"]);
    assert_eq!(one(610, "root", "203.0.113.10", "ehr"), ["no-plan"]);
    assert_eq!(one(1_440 + 610, "vendor2", "192.0.2.1", "nas"), [""; 0]);
    let mut opened = act(610, "vendor1", here, "ehr");
    opened.patients = vec!["0012".to_owned()];
    let told = found(vec![opened.clone(), opened]);
    assert_eq!(words(&told), [["patients-opened"]]);
    assert_eq!(told.sessions[0].session.patients["0012"], 2);
}

#[test]
fn a_pause_parts_sessions_and_a_closing_act_does_not() {
    let here = "203.0.113.9";
    let mut logout = act(700, "vendor1", here, "ehr");
    logout.action = Some(Action::Logout);
    let acts = [600, 630, 661].map(|minute| act(minute, "vendor1", here, "ehr"));
    let mut acts = acts.to_vec();
    acts.push(logout);
    let spans: Vec<(i64, i64)> = found(acts)
        .sessions
        .iter()
        .map(|judged| (judged.session.start, judged.session.end))
        .collect();
    assert_eq!(spans, [(at(600), at(630)), (at(661), at(700))]);
}

#[test]
fn the_end_of_a_tunnel_belongs_to_who_came_through_it() {
    let way = |minute, action, address: &str| Act {
        action: Some(action),
        tunnel: "TUNNEL[1]".to_owned(),
        ..act(minute, "", address, "rtx")
    };
    let told = found(vec![
        way(610, Action::VpnUp, "203.0.113.9"),
        way(690, Action::VpnDown, ""),
    ]);
    assert_eq!(words(&told), [[""; 0]]);
    let session = &told.sessions[0].session;
    assert_eq!((session.start, session.end), (at(610), at(690)));
}

#[test]
fn what_two_inputs_tell_counts_once_and_what_one_tells_twice_counts_twice() {
    let (plans, registers) = (plans(), Registers::default());
    let mut watcher = Watcher::new(&plans, &registers, at(600)..at(700));
    let one = || act(610, "vendor1", "203.0.113.9", "ehr");
    for (path, lines) in [("a.csv", 2), ("b.csv", 3), ("c.csv", 1)] {
        for line in 1..=lines {
            let source = "ehr";
            watcher.take(one(), Spot { source, path, line });
        }
    }
    let places: Vec<&str> = watcher.acts.iter().map(|act| &*act.place).collect();
    assert_eq!(places, ["a.csv:1", "a.csv:2", "b.csv:3"]);
}
