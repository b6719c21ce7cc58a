//! Whose account it is, and whose chart.
//!
//! Takes one event and the registers of accounts, staff and patients; gives what they say of its
//! account and its patients on the day of the event. Never compares names of persons.

use super::Enriched;
use crate::event::Field;
use crate::register::{Account, Registers, Staff};

impl<'r> Enriched<'_, 'r> {
    pub(super) fn user(&mut self) {
        let Some(account) = self.get(Field::UserAccount) else {
            return;
        };
        let registers = self.house.registers;
        if !registers.has_accounts() && !registers.has_staff() {
            return;
        }
        let (row, person) = self.holder(account);
        let known = row.is_some() || person.is_some();
        self.put(Field::UserKnown, truth(known));
        if let Some(row) = row.filter(|r| !r.kind.is_empty()) {
            self.put(Field::UserKind, &row.kind);
        } else if person.is_some() {
            self.put(Field::UserKind, "person");
        }
        let Some(time) = self.trusted().filter(|_| known) else {
            return;
        };
        let spans = [
            row.and_then(|r| r.valid.as_ref()),
            person.and_then(|s| s.employed.as_ref()),
        ];
        let mut stated = spans.into_iter().flatten();
        let active = stated.all(|span| span.contains(&time.nanos));
        self.put(Field::UserActive, truth(active));
        if let Some(changed) = row.and_then(|r| r.password_changed) {
            self.put_days(Field::UserPasswordDays, changed, time.nanos);
        }
    }

    /// The row of an account and the person behind it: whom the row names as its owner, else the
    /// member of staff whose number the account is.
    fn holder(&self, account: &str) -> (Option<&'r Account>, Option<&'r Staff>) {
        let registers: &'r Registers = self.house.registers;
        let nanos = self.event.time().map_or(0, |t| t.nanos);
        let row = registers.account_at(account, nanos);
        let owner = row.and_then(|r| registers.staff_at(&r.owner, nanos));
        (row, owner.or_else(|| registers.staff_at(account, nanos)))
    }

    /// One record may name several patients: what holds of one of them holds of the record.
    pub(super) fn patient(&mut self) {
        if !self.event.has(Field::PatientId) {
            return;
        }
        let registers = self.house.registers;
        let ids: Vec<&str> = self.event.values(Field::PatientId).collect();
        let entries: Vec<_> = ids.iter().filter_map(|id| registers.patient(id)).collect();
        if !entries.is_empty() {
            let restricted = entries.iter().any(|p| p.restricted);
            self.put(Field::PatientRestricted, truth(restricted));
        }
        if !entries.is_empty() || registers.has_staff() {
            let is_staff = ids.iter().any(|id| self.is_of_staff(id));
            self.put(Field::PatientIsStaff, truth(is_staff));
        }
        let died = entries.iter().filter_map(|p| p.deceased).min();
        if let (Some(died), Some(time)) = (died, self.trusted()) {
            self.put_days(Field::PatientDeceasedDays, died, time.nanos);
        }
        let left = entries.iter().filter_map(|p| p.discharged).min();
        if let (Some(left), Some(time)) = (left, self.trusted()) {
            self.put_days(Field::PatientDischargedDays, left, time.nanos);
        }
        let Some(account) = self.get(Field::UserAccount) else {
            return;
        };
        if entries.iter().any(|p| !p.household_of.is_empty()) {
            let related = ids.iter().any(|id| self.is_of_household(account, id));
            self.put(Field::PatientInHousehold, truth(related));
        }
        if !entries.is_empty() || self.holder(account).1.is_some() {
            let is_self = ids.iter().any(|id| self.is_own(account, id));
            self.put(Field::PatientIsSelf, truth(is_self));
        }
    }

    /// True when the patient number is that of somebody who works or worked here.
    pub(super) fn is_of_staff(&self, patient: &str) -> bool {
        let registers = self.house.registers;
        let entry = registers.patient(patient);
        entry.is_some_and(|p| !p.staff_id.is_empty())
            || registers.staff_of_patient(patient).is_some()
    }

    /// True when the patient number is that of the person behind the account.
    pub(super) fn is_own(&self, account: &str, patient: &str) -> bool {
        let (row, person) = self.holder(account);
        let owner = row.map_or("", |r| r.owner.as_str());
        let by_number = person.is_some_and(|s| !patient.is_empty() && s.patient_id == patient);
        let entry = self.house.registers.patient(patient);
        by_number
            || entry.is_some_and(|p| {
                !p.staff_id.is_empty() && [account, owner].contains(&p.staff_id.as_str())
            })
    }

    /// True when the patient belongs to the household of the person behind the account.
    pub(super) fn is_of_household(&self, account: &str, patient: &str) -> bool {
        let Some(entry) = self.house.registers.patient(patient) else {
            return false;
        };
        let (row, person) = self.holder(account);
        let owner = row.map(|r| r.owner.as_str());
        let known = [Some(account), owner, person.map(|s| s.id.as_str())];
        let mut known = known.into_iter().flatten();
        known.any(|id| entry.household_of.iter().any(|of| of == id))
    }

    /// Days since a day in the past; nothing when that day is still to come.
    fn put_days(&mut self, field: Field, since: i64, nanos: i64) {
        let days = self.house.registers.days_between(since, nanos);
        if days >= 0 {
            self.put_copy(field, &days.to_string());
        }
    }
}

fn truth(holds: bool) -> &'static str {
    if holds { "true" } else { "false" }
}
