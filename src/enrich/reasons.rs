//! Why derived fields have their values: the line, row or cell that made them so.

use super::memo::judged;
use super::{Enriched, Group, group_of};
use crate::calendar::Duty;
use crate::diagnostic::Place;
use crate::event::{Field, FieldSet};
use crate::register::{Known, Patient};

/// One thing that made the alert true.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ReasonLine {
    /// Field.
    pub field: String,
    /// Its value.
    pub value: String,
    /// Why it has it, in the words of the calendar, register or roster.
    pub because: String,
    /// Where that stands: `calendar.yaml:9`; empty when nowhere.
    pub at: String,
}

impl Enriched<'_, '_> {
    /// Why the derived fields among `fields` have their values, in table order, with the line,
    /// row or cell that made them so.
    pub fn reasons(&mut self, fields: FieldSet) -> Vec<ReasonLine> {
        let asked: Vec<Field> = fields.iter().filter(|f| f.is_derived()).collect();
        let mut lines = Vec::new();
        for field in asked {
            let Some(value) = self.get(field) else {
                continue;
            };
            let (because, mut at) = self.because(field, value);
            // A roster is pointed at by cell, everything else by line or row.
            if let (Some(at), false) = (&mut at, field == Field::RosterOnDuty) {
                at.column = 0;
            }
            lines.push(ReasonLine {
                field: field.name().to_owned(),
                value: value.to_owned(),
                because,
                at: at.map(|p| p.to_string()).unwrap_or_default(),
            });
        }
        lines
    }

    fn because(&mut self, field: Field, value: &str) -> (String, Option<Place>) {
        let none = (String::new(), None);
        let nanos = self.event.time().map_or(0, |t| t.nanos);
        match group_of(field) {
            Group::Verdict | Group::Calendar => {
                let Some(time) = self.trusted() else {
                    return none;
                };
                let id = self.assigned();
                let at = judged(self.memo, self.house.calendars, id, time);
                let judgement = &self.memo.judged[at].1.judgement;
                // Hours are read line by line, as `calendar check` names them.
                let line = |place: Place| Place { column: 0, ..place };
                (judgement.reason.to_string(), judgement.at.clone().map(line))
            }
            Group::Roster => match self.duty() {
                Duty::On { at, code } => (code.to_string(), Some(at)),
                _ => none,
            },
            Group::Declared => {
                let account = self.get(Field::UserAccount).unwrap_or("");
                let department = self.department().unwrap_or("");
                let found = self.house.registers.declared(account, department, nanos);
                match found.first() {
                    Some(first) => (first.kind.clone(), first.at.clone()),
                    None => none,
                }
            }
            Group::Device | Group::FixedAddress => {
                let [mac, ip, name] = self.device_names();
                let because = [mac, ip, name].join(" ").trim().to_owned();
                match self.house.registers.device(mac, ip, name, nanos) {
                    Known::Yes(row) | Known::No(Some(row)) => (because, row.at.clone()),
                    _ => (because, None),
                }
            }
            Group::User => {
                let registers = self.house.registers;
                let account = self.get(Field::UserAccount).unwrap_or("");
                let row = registers.account_at(account, nanos);
                let at = row.and_then(|r| r.at.clone());
                let staff = || registers.staff_at(account, nanos)?.at.clone();
                (account.to_owned(), at.or_else(staff))
            }
            Group::Patient => self.because_patient(field, value),
            Group::OwnDepartment => self.because_department(),
            Group::Radio => {
                let bssid = self.event.get(Field::WifiBssid).unwrap_or("");
                match self.house.registers.device(bssid, "", "", nanos) {
                    Known::Yes(row) | Known::No(Some(row)) => (bssid.to_owned(), row.at.clone()),
                    _ => (bssid.to_owned(), None),
                }
            }
            Group::Country => {
                let ip = self.event.get(Field::SourceIp);
                (ip.unwrap_or("").to_owned(), None)
            }
            Group::Network => (self.source_address().unwrap_or("").to_owned(), None),
            Group::Destination => {
                let ip = self.event.get(Field::DestinationIp);
                (ip.unwrap_or("").to_owned(), None)
            }
            _ => none,
        }
    }

    /// Both departments, and the row of the device.
    fn because_department(&mut self) -> (String, Option<Place>) {
        let [mac, ip, name] = self.device_names();
        let nanos = self.event.time().map_or(0, |t| t.nanos);
        let row = match self.house.registers.device(mac, ip, name, nanos) {
            Known::Yes(row) => row.at.clone(),
            _ => None,
        };
        let of_user = self.department().unwrap_or("");
        let of_device = self.get(Field::DeviceDepartment).unwrap_or("");
        (format!("{of_user} / {of_device}"), row)
    }

    /// The patient of whom the field holds, and the row that says so.
    fn because_patient(&mut self, field: Field, value: &str) -> (String, Option<Place>) {
        let registers = self.house.registers;
        let account = self.get(Field::UserAccount).unwrap_or("");
        let ids: Vec<&str> = self.event.values(Field::PatientId).collect();
        let is_since = |id: &str, day: fn(&Patient) -> Option<i64>| {
            let since = registers.patient(id).and_then(day).zip(self.event.time());
            since.is_some_and(|(day, time)| {
                registers.days_between(day, time.nanos).to_string() == value
            })
        };
        let decides = |id: &&&str| match (field, value) {
            (Field::PatientRestricted, _) => {
                registers.patient(id).is_some_and(|p| p.restricted) == (value == "true")
            }
            (Field::PatientIsSelf, "true") => self.is_own(account, id),
            (Field::PatientIsStaff, "true") => self.is_of_staff(id),
            (Field::PatientInHousehold, "true") => self.is_of_household(account, id),
            (Field::PatientDischargedDays, _) => is_since(id, |p| p.discharged),
            (Field::PatientDeceasedDays, _) => is_since(id, |p| p.deceased),
            _ => true,
        };
        let Some(id) = ids.iter().find(decides).or(ids.first()) else {
            return (String::new(), None);
        };
        let entry = registers.patient(id);
        let row = match field {
            // Where the entry does not name the member of staff, the staff register does.
            Field::PatientIsSelf | Field::PatientIsStaff => entry
                .filter(|p| !p.staff_id.is_empty())
                .and_then(|p| p.at.clone())
                .or_else(|| registers.staff_of_patient(id)?.at.clone()),
            _ => None,
        };
        let at = row.or_else(|| entry?.at.clone());
        ((*id).to_owned(), at)
    }
}
