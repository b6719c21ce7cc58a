//! What the views of a store must hold of the hospital, counted without the program.

use std::collections::BTreeMap;

use super::{HOLIDAYS, Happening, Night, STAFF, is_on_duty, is_working_day, planted};

/// Rows of the views: their words, and how many events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// source, hour, action, outcome, verdict, band, explained.
    pub hours: BTreeMap<String, u64>,
    /// source, day, user, department, verdict, band, outcome.
    pub users: BTreeMap<String, u64>,
    /// source, day, terminal, department, verdict, band.
    pub terminals: BTreeMap<String, u64>,
    /// source, day; records, events, rejects, untrusted, logins, failed logins, with user,
    /// patient, terminal, outcome and time, traffic.
    pub days: BTreeMap<String, [u64; 12]>,
}

/// Verdict and band of a second, for the ward or the clinics.
fn hours(second: i64, is_ward: bool) -> (&'static str, &'static str) {
    let (day, minute) = (second.div_euclid(86_400), second.rem_euclid(86_400) / 60);
    let verdict = match minute {
        _ if is_ward => "open",
        _ if !is_working_day(day) => "closed",
        510..1_080 => "open",
        480..510 | 1_080..1_140 => "grace",
        _ => "closed",
    };
    let weekday = (day - super::FIRST).rem_euclid(7);
    let band = match minute {
        0..360 | 1_320..1_440 => "late_night",
        _ if weekday == 6 || HOLIDAYS.contains(&day) => "holiday",
        0..480 | 1_080..1_440 => "after_hours",
        720.. if weekday == 5 => "after_hours",
        _ if verdict != "open" => "after_hours",
        _ => "",
    };
    (verdict, band)
}

impl Answer {
    /// The rows in which two answers differ, with the figures of both.
    pub fn against(&self, other: &Answer) -> Vec<String> {
        fn differ<T: Eq + std::fmt::Debug>(
            (one, other): (&BTreeMap<String, T>, &BTreeMap<String, T>),
        ) -> Vec<String> {
            let rows = one.keys().chain(other.keys());
            let mut rows: Vec<String> = rows
                .filter(|row| one.get(*row) != other.get(*row))
                .map(|row| format!("{row}: {:?} {:?}", one.get(row), other.get(row)))
                .collect();
            rows.sort();
            rows.dedup();
            rows
        }
        let mut all = differ((&self.hours, &other.hours));
        all.extend(differ((&self.users, &other.users)));
        all.extend(differ((&self.terminals, &other.terminals)));
        all.extend(differ((&self.days, &other.days)));
        all
    }

    /// Adds a night of a source.
    pub fn add(&mut self, source: &str, night: &Night) {
        for happening in &night.happenings {
            self.add_one(source, happening);
        }
        if let Some(last) = night.happenings.last() {
            let day = last.second.div_euclid(86_400);
            let figures = self.days.entry(format!("{source}|{day}")).or_default();
            figures[0] += night.rejects;
            figures[2] += night.rejects;
        }
    }

    fn add_one(&mut self, source: &str, happening: &Happening) {
        let Happening {
            second,
            who,
            terminal,
            action,
            outcome,
            patient,
        } = happening;
        let person = who.map(|who| &STAFF[who]);
        let department = person.map_or("", |person| person.department);
        let (verdict, band) = hours(*second, department == "病棟");
        let id = person.map_or("", |person| person.id);
        let (day, hour) = (second.div_euclid(86_400), second.div_euclid(3_600));
        let overtime = planted::OVERTIME * 86_400 + 19 * 3_600;
        let explained = match verdict {
            "closed" if id == "p01" && is_on_duty(*second) => "roster",
            "closed" if id == "c02" && (overtime..overtime + 7_200).contains(second) => {
                "declaration"
            }
            _ => "",
        };
        let row = format!("{source}|{hour}|{action}|{outcome}|{verdict}|{band}|{explained}");
        *self.hours.entry(row).or_default() += 1;
        let figures = self.days.entry(format!("{source}|{day}")).or_default();
        let is_traffic = *action == "deny";
        let is_login = *action == "login";
        let told = [
            true,
            true,
            false,
            false,
            is_login,
            is_login && *outcome == "failure",
            person.is_some(),
            patient.is_some(),
            terminal.is_some(),
            *outcome != "unknown",
            true,
            is_traffic,
        ];
        for (figure, told) in figures.iter_mut().zip(told) {
            *figure += u64::from(told);
        }
        if is_traffic {
            return;
        }
        let row = format!("{source}|{day}|{id}|{department}|{verdict}|{band}|{outcome}");
        *self.users.entry(row).or_default() += 1;
        let (name, place) = match terminal {
            Some(terminal) if terminal.registered => (terminal.name.as_str(), terminal.department),
            Some(_) => ("*", ""),
            None => ("", ""),
        };
        let row = format!("{source}|{day}|{name}|{place}|{verdict}|{band}");
        *self.terminals.entry(row).or_default() += 1;
    }
}
