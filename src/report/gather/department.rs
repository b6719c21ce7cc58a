//! The report of one department: its own figures in the place of those of the whole house, wherever
//! the store tells whose they are.
//!
//! Takes the report of the whole house; changes what a department has figures of. What the store
//! knows of the whole house only stays, and the words say so.

use crate::event::Outcome;
use crate::report::model::{Day, DayCount, DepartmentTold, Figure, OffHoursTold, Weekly};
use crate::report::period::weekday;
use crate::store::counts::{DepartmentHours, Explained};
use crate::store::{Failure, Store};

use super::figures::Figures;
use super::pictures::FEW;
use super::places::Places;
use super::{Request, alerts, changes, pictures, standing};

/// The department asked for, and who belongs to which.
#[derive(Clone, Copy)]
pub(super) struct Ward<'w> {
    pub(super) name: &'w str,
    pub(super) places: &'w Places<'w>,
}

impl Ward<'_> {
    /// True when a name of a kind (`account`, else a terminal) is the department's.
    pub(super) fn has(&self, kind: &str, name: &str, nanos: i64) -> bool {
        let department = match kind {
            "account" => self.places.of_account(name, nanos),
            _ => self.places.of_terminal(name, nanos),
        };
        department == self.name
    }
}

/// Puts the department's figures in the place of the house's.
pub(super) fn narrow(
    store: &Store,
    figures: &Figures,
    (request, ward): (&Request<'_>, Ward<'_>),
    weekly: &mut Weekly,
) -> Result<(), Failure> {
    let whose = Some(ward);
    weekly.alerts = alerts::alerts(store, request, ward.places, whose)?;
    let (days, weeks) = pictures::alert_days(store, request, whose)?;
    (weekly.pictures.alerts, weekly.pictures.weeks) = (days, weeks);
    weekly.changes = changes::changes(store, figures, request, whose)?;
    weekly.standing = standing::standing(store, figures, request, whose)?;
    if !figures.known {
        return Ok(());
    }
    (weekly.pictures.departments, weekly.pictures.terminals) =
        pictures::off_hours(store, request, Some(ward.name))?;
    let period = request.period.range();
    let now = store.department_hours(period.clone(), ward.name)?;
    let before = figures
        .before()
        .map(|days| store.department_hours(days, ward.name))
        .transpose()?;
    let accounts = store.active_accounts(period, ward.name)?;
    let is_withheld = request.persons.is_masked() && accounts < FEW;
    let failed_on = |day: i64| DayCount {
        day: Day(day),
        count: failed(&now, |hour| hour.div_euclid(24) == day),
    };
    weekly.of_department = Some(DepartmentTold {
        failed: Figure {
            now: failed(&now, |_| true),
            before: before.as_ref().map(|hours| failed(hours, |_| true)),
        },
        failed_by_day: request.period.range().map(failed_on).collect(),
        events: Figure {
            now: now.events(),
            before: before.as_ref().map(DepartmentHours::events),
        },
        accounts,
        knows_explained: now.knows_explained,
        is_withheld,
    });
    weekly.off_hours = off_hours(&now, before.as_ref());
    weekly.pictures.heat = heat(&now);
    (weekly.pictures.closed, weekly.pictures.closed_by) =
        pictures::closed_of(figures, request, ward.name);
    if is_withheld {
        withhold(weekly);
    }
    Ok(())
}

/// Takes out what tells of a handful of people when they are to be masked.
fn withhold(weekly: &mut Weekly) {
    weekly.off_hours = OffHoursTold::default();
    weekly.pictures.heat = vec![[0; 24]; 7];
    if let Some(told) = &mut weekly.of_department {
        (told.events, told.failed, told.accounts) = (Figure::default(), Figure::default(), 0);
        told.failed_by_day.clear();
    }
}

/// Acts that were refused, in the hours for which this is true.
fn failed(hours: &DepartmentHours, is: impl Fn(i64) -> bool) -> u64 {
    let cells = hours.cells.iter();
    let refused = cells.filter(|(hour, kind, _)| is(*hour) && kind.outcome() == Outcome::Failure);
    refused.map(|(_, _, events)| events).sum()
}

fn heat(hours: &DepartmentHours) -> Vec<[u64; 24]> {
    let mut heat = vec![[0u64; 24]; 7];
    for (hour, _, events) in &hours.cells {
        let (day, hour) = (hour.div_euclid(24), hour.rem_euclid(24));
        heat[weekday(day)][hour as usize] += events;
    }
    heat
}

fn off_hours(now: &DepartmentHours, before: Option<&DepartmentHours>) -> OffHoursTold {
    let closed = |hours: &DepartmentHours| -> u64 {
        let closed = hours.cells.iter().filter(|(_, kind, _)| kind.is_closed());
        closed.map(|(_, _, events)| events).sum()
    };
    let mut told = OffHoursTold {
        total: Figure {
            now: closed(now),
            before: before.map(closed),
        },
        ..OffHoursTold::default()
    };
    for (_, kind, events) in now.cells.iter().filter(|(_, kind, _)| kind.is_closed()) {
        told.bands[kind.band()] += events;
        match kind.explanation() {
            Some(Explained::Roster) => told.by_roster += events,
            Some(Explained::Declaration) => told.by_declaration += events,
            None => {}
        }
    }
    told
}
