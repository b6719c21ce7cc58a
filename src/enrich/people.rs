//! Whose account it is, and whose chart.

use super::Enriched;
use crate::event::Field;
use crate::text::fold_key;

impl Enriched<'_, '_> {
    pub(super) fn user(&mut self) {
        let Some(account) = self.get(Field::UserAccount) else {
            return;
        };
        let registers = self.house.registers;
        if !registers.has_accounts() && !registers.has_staff() {
            return;
        }
        let nanos = self.event.time().map_or(0, |t| t.nanos);
        let row = registers.account_at(account, nanos);
        let staff = registers.staff_at(account, nanos);
        let known = row.is_some() || staff.is_some();
        self.put(Field::UserKnown, if known { "true" } else { "false" });
        if let Some(row) = row.filter(|r| !r.kind.is_empty()) {
            self.put(Field::UserKind, &row.kind);
        } else if staff.is_some() {
            self.put(Field::UserKind, "person");
        }
        let Some(time) = self.trusted().filter(|_| known) else {
            return;
        };
        let owner = row
            .and_then(|r| registers.staff(&fold_key(&r.owner)))
            .or(staff);
        let spans = [
            row.and_then(|r| r.valid.as_ref()),
            owner.and_then(|s| s.employed.as_ref()),
        ];
        let active = spans
            .into_iter()
            .flatten()
            .all(|span| span.contains(&time.nanos));
        self.put(Field::UserActive, if active { "true" } else { "false" });
    }

    /// One record may name several patients: what holds of one of them holds of the record.
    pub(super) fn patient(&mut self) {
        if !self.event.has(Field::PatientId) {
            return;
        }
        let registers = self.house.registers;
        let ids = self.event.values(Field::PatientId);
        let entries: Vec<_> = ids.filter_map(|id| registers.patient(id)).collect();
        if !entries.is_empty() {
            let restricted = entries.iter().any(|p| p.restricted);
            self.put(
                Field::PatientRestricted,
                if restricted { "true" } else { "false" },
            );
        }
        let Some(account) = self.get(Field::UserAccount) else {
            return;
        };
        let staff = registers.staff(account);
        let is_own =
            |id: &str| staff.is_some_and(|s| !s.patient_id.is_empty() && s.patient_id == id);
        let own_number = self.event.values(Field::PatientId).any(is_own);
        let own_entry = entries
            .iter()
            .any(|p| !p.staff_id.is_empty() && p.staff_id == account);
        if staff.is_some() || !entries.is_empty() {
            let is_self = own_number || own_entry;
            self.put(Field::PatientIsSelf, if is_self { "true" } else { "false" });
        }
    }
}
