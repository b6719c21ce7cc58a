//! What is new, what is not used any more, and what was changed.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::event::NANOS;
use crate::register::Registers;
use crate::report::model::{Changes, Day, LeaverTold, Listed, PlanChange, SeenTold};
use crate::report::period::{day_of, midnight};
use crate::store::{Failure, RegisterChange, SeenRow, Store};
use crate::text::fold_key;

use super::Request;
use super::department::Ward;
use super::figures::Figures;

/// Entries of each list.
const LISTED: usize = 20;
const DAY: i64 = 86_400 * NANOS;
/// Days without use, from the longest: each list holds what the one before does not.
const UNUSED: [i64; 3] = [90, 60, 30];
/// What changes the configuration, or what watches over it.
const ACTIONS: [&str; 7] = [
    "config-change",
    "restart",
    "privilege-change",
    "account-change",
    "log-cleared",
    "audit-stopped",
    "device-attached",
];

pub(super) fn changes(
    store: &Store,
    figures: &Figures,
    request: &Request<'_>,
    whose: Option<Ward<'_>>,
) -> Result<Changes, Failure> {
    let mut changes = Changes::default();
    if !figures.known {
        return Ok(changes);
    }
    (changes.plan, changes.has_earlier_plan) = plan(&store.register_changes()?, request);
    let period = request.period.range();
    let stretch = request.period.instants(&request.zone);
    changes.devices = devices(store, &stretch, (request, whose))?;
    let (total, first) = newly_seen(store, "account", &stretch, whose)?;
    let told = first.into_iter().map(|row| seen("account", row, request));
    changes.accounts = Listed {
        total,
        first: told.collect(),
    };
    changes.unused = unused(store, stretch.end, (request, whose))?;
    if request.registers.has_accounts() {
        changes.never_used = Some(never_used(store, &stretch, (request, whose))?);
    }
    if request.registers.has_accounts() || request.registers.has_staff() {
        changes.leavers = Some(leavers(store, request, whose)?);
    }
    changes.actions = store.action_rows(period, &ACTIONS)?;
    Ok(changes)
}

/// What was seen for the first time: in the whole house, or in a department.
fn newly_seen(
    store: &Store,
    kind: &str,
    stretch: &Range<i64>,
    whose: Option<Ward<'_>>,
) -> Result<(u64, Vec<SeenRow>), Failure> {
    let Some(ward) = whose else {
        return store.newly_seen(kind, stretch.clone(), LISTED);
    };
    let (_, mut rows) = store.newly_seen(kind, stretch.clone(), usize::MAX)?;
    rows.retain(|row| ward.has(kind, &row.value, row.span.1));
    let total = rows.len() as u64;
    rows.truncate(LISTED);
    Ok((total, rows))
}

fn devices(
    store: &Store,
    stretch: &Range<i64>,
    (request, whose): (&Request<'_>, Option<Ward<'_>>),
) -> Result<Listed<SeenTold>, Failure> {
    let mut all = Listed::default();
    for kind in ["device", "mac", "terminal"] {
        let (total, first) = newly_seen(store, kind, stretch, whose)?;
        all.total += total;
        all.first
            .extend(first.into_iter().map(|row| seen(kind, row, request)));
    }
    all.first.truncate(LISTED);
    Ok(all)
}

fn seen(kind: &'static str, row: SeenRow, request: &Request<'_>) -> SeenTold {
    let (first, last) = row.span;
    let name = match kind {
        "account" => request.persons.account(&row.value, request.registers, last),
        _ => row.value,
    };
    SeenTold {
        kind,
        name,
        source: row.source,
        first: request.time(first),
        last: request.time(last),
    }
}

/// Accounts not used for 30, 60 and 90 days before an instant. Those that a register has ended
/// are left out: they are what they should be.
fn unused(
    store: &Store,
    end: i64,
    (request, whose): (&Request<'_>, Option<Ward<'_>>),
) -> Result<[Listed<SeenTold>; 3], Failure> {
    let is_live = |row: &SeenRow| {
        !has_ended(request.registers, &row.value, end)
            && whose.is_none_or(|ward| ward.has("account", &row.value, row.span.1))
    };
    let rows = store.last_seen_before("account", end - UNUSED[2] * DAY, is_live)?;
    let mut lists: [Vec<SeenTold>; 3] = Default::default();
    for row in rows {
        let days = (end - row.span.1) / DAY;
        // The longest pause that fits; the question asked for no shorter one.
        let at = UNUSED.iter().position(|least| days >= *least).unwrap_or(2);
        lists[2 - at].push(seen("account", row, request));
    }
    Ok(lists.map(|list| Listed::of(list, LISTED)))
}

/// True when the registers say that an account ended before an instant.
fn has_ended(registers: &Registers, account: &str, instant: i64) -> bool {
    ended(registers, account, instant).is_some()
}

/// The first instant after an account's time by the registers, if that has come, and where the
/// register says so.
fn ended(registers: &Registers, account: &str, instant: i64) -> Option<(i64, String)> {
    let row = registers.account_at(account, instant);
    let owner = row.map_or("", |row| row.owner.as_str());
    let owner = if owner.is_empty() { account } else { owner };
    let place = |at: &Option<crate::diagnostic::Place>| {
        at.as_ref().map(ToString::to_string).unwrap_or_default()
    };
    let by_account = row.and_then(|row| Some((row.valid.as_ref()?.end, place(&row.at))));
    let by_staff = registers
        .staff_at(owner, instant)
        .and_then(|row| Some((row.employed.as_ref()?.end, place(&row.at))));
    let first = by_account.into_iter().chain(by_staff).min();
    first.filter(|(end, _)| *end <= instant)
}

fn never_used(
    store: &Store,
    stretch: &Range<i64>,
    (request, whose): (&Request<'_>, Option<Ward<'_>>),
) -> Result<Listed<String>, Failure> {
    let seen: BTreeSet<String> = store.seen_values("account")?.into_iter().collect();
    let registers = request.registers;
    let ids: BTreeSet<&str> = registers.accounts().iter().map(|a| a.id.as_str()).collect();
    let unused = ids.into_iter().filter(|id| {
        let begins = registers
            .account(id)
            .and_then(|a| Some(a.valid.as_ref()?.start));
        !seen.contains(*id)
            && begins.is_none_or(|begins| begins < stretch.end)
            && !has_ended(registers, id, stretch.end)
            && whose.is_none_or(|ward| ward.has("account", id, stretch.end))
    });
    let told = unused.map(|id| request.persons.account(id, registers, stretch.end));
    Ok(Listed::of(told.collect(), LISTED))
}

/// Accounts that were used after their end.
fn leavers(
    store: &Store,
    request: &Request<'_>,
    whose: Option<Ward<'_>>,
) -> Result<Listed<LeaverTold>, Failure> {
    let mut found = Vec::new();
    for user in store.active_users(request.period.range())? {
        let account = fold_key(&user.user);
        // The beginning of the last day it was used: an account that ended on that day was valid.
        let instant = midnight(user.last, &request.zone);
        let Some((end, at)) = ended(request.registers, &account, instant) else {
            continue;
        };
        // By the last department that a register or a log told of who has left.
        let is_own =
            |ward: Ward<'_>| user.department == ward.name || ward.has("account", &account, instant);
        if !whose.is_none_or(is_own) {
            continue;
        }
        found.push(LeaverTold {
            account: request
                .persons
                .account(&account, request.registers, instant),
            left: Day(day_of(end - 1, &request.zone)),
            used: Day(user.last),
            records: user.records,
            at: match request.persons.shows_words() {
                true => at,
                false => String::new(),
            },
        });
    }
    found.sort_by(|a, b| (b.records, &a.account).cmp(&(a.records, &b.account)));
    Ok(Listed::of(found, LISTED))
}

/// The registers, calendar and rules that runs of the stretch saw otherwise than the run before;
/// and whether there is an earlier run at all.
fn plan(rows: &[RegisterChange], request: &Request<'_>) -> (Vec<PlanChange>, bool) {
    let stretch = request.period.instants(&request.zone);
    // The run that reads the last day begins on the day after.
    let within = stretch.start..stretch.end.saturating_add(DAY);
    let mut changes = Vec::new();
    for (at, row) in rows
        .iter()
        .enumerate()
        .filter(|(_, row)| within.contains(&row.began))
    {
        let before = at.checked_sub(1).and_then(|at| rows.get(at));
        changes.push(PlanChange {
            name: row.kind.clone(),
            before: before.filter(|b| b.kind == row.kind).map(|b| b.rows),
            now: row.rows,
            run: row.run,
        });
    }
    let has_earlier = rows.iter().any(|row| row.began < stretch.start);
    // What the first run of all saw is no change.
    if !has_earlier {
        changes.clear();
    }
    changes.truncate(LISTED * 2);
    (changes, has_earlier)
}
