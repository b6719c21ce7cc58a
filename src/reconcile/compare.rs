//! A session against the rows of the plan: which one it belongs to, and how it differs.
//!
//! Takes a session and the plan; gives the row and the findings. Never forms a session.

use std::cmp::Reverse;
use std::net::IpAddr;

use super::act::{Act, is_way};
use super::{Finding, Judged, Session};
use crate::event::NANOS;
use crate::register::PlannedWork;

/// How far beside a row's time a session may lie and still belong to it.
const NEAR: i64 = 3_600 * NANOS;

pub(super) fn judge(session: Session, plans: &[PlannedWork]) -> Judged {
    let plan = row_of(&session, plans);
    let mut findings = match plan {
        None => vec![Finding::NoPlan],
        Some(at) => differences(&session, &plans[at]),
    };
    if !session.patients.is_empty() {
        findings.push(Finding::Patients(session.patients.len()));
    }
    Judged {
        session,
        plan,
        findings,
    }
}

/// The row that names the session's account or address and whose time fits best; of equals the
/// first.
fn row_of(session: &Session, plans: &[PlannedWork]) -> Option<usize> {
    let rows = plans.iter().enumerate();
    let rows = rows.filter(|(_, work)| {
        let names = names_account(work, session) || !session_sources(session, work).0.is_empty();
        names && common(session, work) > -NEAR
    });
    let best = rows.min_by_key(|(at, work)| {
        let both = names_account(work, session) && session_sources(session, work).1.is_empty();
        (
            Reverse(common(session, work).min(0)),
            !both,
            Reverse(common(session, work)),
            *at,
        )
    });
    best.map(|(at, _)| at)
}

/// Time that both have in common; negative: the time between them.
fn common(session: &Session, work: &PlannedWork) -> i64 {
    let until = session.end.min(work.span.end);
    until.saturating_sub(session.start.max(work.span.start))
}

fn names_account(work: &PlannedWork, session: &Session) -> bool {
    !session.account.is_empty() && work.accounts.contains(&session.account)
}

/// The addresses of a session that a row holds, and those it does not.
fn session_sources<'s>(
    session: &'s Session,
    work: &PlannedWork,
) -> (Vec<&'s String>, Vec<&'s String>) {
    let holds = |address: &&String| {
        let ip: Option<IpAddr> = address.parse().ok();
        ip.is_some_and(|ip| work.sources.iter().any(|subnet| subnet.holds(ip)))
    };
    session.addresses.iter().partition(holds)
}

fn differences(session: &Session, work: &PlannedWork) -> Vec<Finding> {
    let mut found = Vec::new();
    if session.start < work.span.start {
        found.push(Finding::Early(work.span.start - session.start));
    }
    if session.end > work.span.end {
        found.push(Finding::Overrun(session.end - work.span.end));
    }
    let others = other_systems(session, work);
    if !others.is_empty() {
        found.push(Finding::OtherSystem(others));
    }
    let (_, outside) = session_sources(session, work);
    if !work.sources.is_empty() && !outside.is_empty() {
        let outside = outside.into_iter().cloned();
        found.push(Finding::OtherSource(outside.collect()));
    }
    let is_other = !work.accounts.is_empty() && !names_account(work, session);
    if is_other && !session.account.is_empty() {
        found.push(Finding::OtherAccount(session.account.clone()));
    }
    found
}

/// The systems a session touched that a row does not name; a way in is no system.
fn other_systems(session: &Session, work: &PlannedWork) -> Vec<String> {
    if work.systems.is_empty() {
        return Vec::new();
    }
    let is_named = |act: &Act| act.systems.iter().any(|name| work.systems.contains(name));
    let by_vpn = |act: &Act| is_way(act.action) || !act.tunnel.is_empty();
    let acts = session.acts.iter();
    let others = acts.filter(|act| !by_vpn(act) && !is_named(act));
    let mut names: Vec<String> = others
        .filter_map(|act| act.systems.first().cloned())
        .collect();
    names.sort();
    names.dedup();
    names
}
