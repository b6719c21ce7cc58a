//! To which department something belongs: by the registers, else by what the logs told.
//!
//! Takes accounts, terminals and alerts; gives the name of a department, empty where nobody knows.

use std::collections::BTreeMap;

use crate::alert::Alert;
use crate::register::Known;
use crate::store::{Failure, Store};

use super::figures::Figures;
use super::{HISTORY, Request};

/// The departments of accounts and terminals.
pub(super) struct Places<'p> {
    request: &'p Request<'p>,
    /// By account or terminal, as the logs of these weeks told.
    told: BTreeMap<String, String>,
}

impl<'p> Places<'p> {
    /// What the logs of the stretch tell; for the report of one department those of the weeks
    /// before too, with which it is compared.
    pub(super) fn read(
        store: &Store,
        figures: &Figures,
        request: &'p Request<'p>,
    ) -> Result<Places<'p>, Failure> {
        let mut days = request.period.range();
        if request.department.is_some() {
            days.start -= HISTORY;
        }
        let told = match figures.known {
            true => store.departments(days)?,
            false => BTreeMap::new(),
        };
        Ok(Places { request, told })
    }

    /// The department of an account at an instant.
    pub(super) fn of_account(&self, account: &str, nanos: i64) -> String {
        let registers = self.request.registers;
        let owner = registers
            .account_at(account, nanos)
            .map(|a| a.owner.as_str());
        let owner = owner.filter(|o| !o.is_empty()).unwrap_or(account);
        match registers.staff_at(owner, nanos) {
            Some(staff) if !staff.department.is_empty() => staff.department.clone(),
            _ => self.told(account),
        }
    }

    /// The department of a terminal, by whichever of its names this is.
    pub(super) fn of_terminal(&self, name: &str, nanos: i64) -> String {
        match self.request.registers.device(name, name, name, nanos) {
            Known::Yes(device) if !device.department.is_empty() => device.department.clone(),
            _ => self.told(name),
        }
    }

    /// The department of an alert: the first part of its key that tells one.
    pub(super) fn of_alert(&self, alert: &Alert) -> String {
        for (field, value) in &alert.key {
            let Some(value) = value else { continue };
            if matches!(
                field.as_str(),
                "user.department" | "host.department" | "device.department"
            ) {
                return value.clone();
            }
            let told = match field.starts_with("user.") {
                true => self.of_account(value, alert.start),
                false => String::new(),
            };
            let told = match told.is_empty() {
                true => self.of_terminal(value, alert.start),
                false => told,
            };
            if !told.is_empty() {
                return told;
            }
        }
        String::new()
    }

    fn told(&self, name: &str) -> String {
        self.told.get(name).cloned().unwrap_or_default()
    }
}
