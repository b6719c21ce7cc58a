//! Which events are acts of maintenance.
//!
//! Takes an event; gives the act, if it is one: something done by an account of a maintenance firm
//! or of the plan, from an address of the plan, or by a way in from outside that no member of
//! staff is known to have taken.

use std::net::IpAddr;

use crate::event::{Action, Event, Field, LogSourceId, LogSources, Outcome};
use crate::register::{PlannedWork, Registers};
use crate::text::fold_key;

const EHR: LogSources = LogSources::of(&[LogSourceId::Ehr]);
const ROUTER: LogSources = LogSources::of(&[LogSourceId::Router, LogSourceId::Yamaha]);

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Act {
    /// When, nanoseconds since 1970.
    pub time: i64,
    /// Name of the source that tells it.
    pub source: String,
    /// The account, folded; empty where the log does not tell.
    pub account: String,
    /// The address it came from; empty where the log does not tell.
    pub address: String,
    /// The interface of a tunnel; empty for everything else.
    pub tunnel: String,
    /// Names by which a plan may call the system, folded; the first one is shown.
    pub systems: Vec<String>,
    /// What, if the log tells.
    pub action: Option<Action>,
    /// How it ended.
    pub outcome: Outcome,
    /// Patients whose records were touched.
    pub patients: Vec<String>,
    /// Where its record stands.
    pub place: String,
}

/// What an event is to the watcher.
pub(super) enum Looked {
    Nothing,
    Act(Box<Act>),
}

/// True for the ways in and out that are no work by themselves.
pub(super) fn is_way(action: Option<Action>) -> bool {
    matches!(action, Some(Action::VpnUp | Action::VpnDown))
}

fn is_traffic(action: Option<Action>) -> bool {
    let traffic = [
        Action::Allow,
        Action::Deny,
        Action::DnsQuery,
        Action::HttpRequest,
    ];
    action.is_some_and(|action| traffic.contains(&action))
}

pub(super) fn of(
    event: &Event<'_>,
    plans: &[PlannedWork],
    registers: &Registers,
    source: &str,
) -> Looked {
    let action = event.action();
    let Some(time) = event.time().filter(|_| !is_traffic(action)) else {
        return Looked::Nothing;
    };
    let user = event.get(Field::UserId).or(event.get(Field::UserName));
    let account = fold_key(user.unwrap_or_default());
    let address = event.get(Field::SourceIp).unwrap_or_default();
    let is_of_plan = is_planned(plans, &account, address);
    let kind = kind_of(&account, time.nanos, registers);
    let is_of_staff = kind.is_some_and(|kind| kind != "vendor");
    let by_vpn = is_way(action)
        || action == Some(Action::Login) && event.get(Field::ServiceName) == Some("vpn");
    if !is_of_plan && kind != Some("vendor") && (!by_vpn || is_of_staff) {
        return Looked::Nothing;
    }
    let tunnel = [Field::ObserverIngress, Field::ObserverEgress];
    let tunnel = tunnel.iter().find_map(|field| event.get(*field));
    Looked::Act(Box::new(Act {
        time: time.nanos,
        source: source.to_owned(),
        account: account.into_owned(),
        address: address.to_owned(),
        tunnel: tunnel.filter(|_| by_vpn).unwrap_or_default().to_owned(),
        systems: systems(event, source),
        action,
        outcome: event.outcome(),
        patients: event.values(Field::PatientId).map(str::to_owned).collect(),
        place: String::new(),
    }))
}

/// Whose kind an account is, by the registers of the day: as `user.kind` has it.
fn kind_of<'r>(account: &str, nanos: i64, registers: &'r Registers) -> Option<&'r str> {
    if account.is_empty() {
        return None;
    }
    let row = registers.account_at(account, nanos);
    let told = row.map(|row| &*row.kind).filter(|kind| !kind.is_empty());
    told.or_else(|| {
        let owner = row.and_then(|row| registers.staff_at(&row.owner, nanos));
        let person = owner.or_else(|| registers.staff_at(account, nanos));
        person.map(|_| "person")
    })
}

/// True when a row of the plan names the account or holds the address.
fn is_planned(plans: &[PlannedWork], account: &str, address: &str) -> bool {
    let ip: Option<IpAddr> = address.parse().ok();
    plans.iter().any(|work| {
        work.accounts.iter().any(|known| known == account)
            || ip.is_some_and(|ip| work.sources.iter().any(|subnet| subnet.holds(ip)))
    })
}

/// The source, and the words for what kind of system it is.
fn systems(event: &Event<'_>, source: &str) -> Vec<String> {
    let named = [
        Field::ObserverName,
        Field::ObserverProduct,
        Field::DestinationDomain,
        Field::DestinationIp,
        Field::SyslogHostname,
    ];
    let named = named.iter().filter_map(|field| event.get(*field));
    let kinds: &[&str] = match event.log_sources() {
        sources if sources.intersects(EHR) => &["ehr", "電子カルテ", "電カル", "カルテ"],
        sources if sources.intersects(ROUTER) => &["router", "ルータ", "ルーター", "vpn装置"],
        _ => &[],
    };
    let all = std::iter::once(source)
        .chain(named)
        .chain(kinds.iter().copied());
    let mut systems: Vec<String> = Vec::new();
    for name in all.map(|name| fold_key(name).into_owned()) {
        if !name.is_empty() && !systems.contains(&name) {
            systems.push(name);
        }
    }
    systems
}
