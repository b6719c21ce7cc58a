//! Hours, rosters and declarations.

use super::Enriched;
use super::memo::{Judged, agreement, judged, place_of};
use crate::calendar::{Assignee, CalendarId, Duty};
use crate::event::Field;

impl<'r> Enriched<'_, 'r> {
    /// Most of the day all calendars agree, and then it does not matter whose the event is.
    pub(super) fn verdict(&mut self) {
        let Some(time) = self.trusted() else {
            return self.put(Field::CalendarVerdict, "unknown");
        };
        if !self
            .memo
            .agreed
            .as_ref()
            .is_some_and(|(valid, _)| valid.contains(&time.nanos))
        {
            self.memo.agreed = Some(agreement(self.house.calendars, time.nanos));
        }
        match self.memo.agreed {
            Some((_, Some(verdict))) => self.put(Field::CalendarVerdict, verdict.name()),
            _ => self.calendar(),
        }
    }

    pub(super) fn calendar(&mut self) {
        let Some(time) = self.trusted() else {
            self.put(Field::CalendarVerdict, "unknown");
            return;
        };
        let id = self.assigned();
        let at = judged(self.memo, self.house.calendars, id, time);
        let Judged {
            judgement,
            reason,
            closed_span,
        } = &self.memo.judged[at].1;
        let (verdict, band) = (judgement.verdict, judgement.band);
        let (reason, closed_span) = (*reason, *closed_span);
        self.put(Field::CalendarVerdict, verdict.name());
        self.put(Field::CalendarReason, reason);
        if let Some(band) = band {
            self.put(Field::CalendarBand, band.name());
        }
        if let Some(span) = closed_span {
            self.put(Field::CalendarClosedSpan, span);
        }
    }

    /// The calendar the event belongs to.
    #[inline]
    pub fn assigned(&mut self) -> CalendarId {
        if let Some(known) = self.calendar {
            return known;
        }
        let id = self.assign();
        self.calendar = Some(id);
        id
    }

    /// Takes it from an event of which all is alike that [`rests_on`](super::rests_on) names for
    /// [`Field::CalendarVerdict`].
    pub fn assign_to(&mut self, id: CalendarId) {
        self.calendar = Some(id);
    }

    fn assign(&mut self) -> CalendarId {
        let mut classes = [0; 4];
        for (subject, class) in classes.iter_mut().enumerate() {
            if self.memo.classes[subject].is_some() {
                let name = self.assignee(subject).unwrap_or("");
                *class = self.memo.class(self.house.calendars, subject, name);
            }
        }
        let place = place_of(classes);
        if let Some((known, id)) = self.memo.assigned[place]
            && known == classes
        {
            return id;
        }
        let mut told = |subject| self.assignee(subject).unwrap_or("");
        let assignee = Assignee {
            user: told(0),
            terminal: told(1),
            department: told(2),
            role: told(3),
            site: "",
        };
        let (id, _) = self.house.calendars.assigned(&assignee);
        self.memo.assigned[place] = Some((classes, id));
        id
    }

    /// User, terminal, department or role, by number.
    #[inline]
    fn assignee(&mut self, subject: usize) -> Option<&'r str> {
        match subject {
            0 => self.get(Field::UserAccount),
            1 => self.get(Field::SourceTerminal),
            2 => self.department(),
            _ => self.role(),
        }
    }

    pub(super) fn department(&mut self) -> Option<&'r str> {
        if let Some(department) = self.event.get(Field::UserDepartment) {
            return Some(department);
        }
        let account = self.get(Field::UserAccount)?;
        let staff = self
            .house
            .registers
            .staff(account)
            .filter(|s| !s.department.is_empty())?;
        Some(self.event.arena().alloc_str(&staff.department))
    }

    pub(super) fn role(&mut self) -> Option<&'r str> {
        if let Some(role) = self.event.get(Field::UserRole) {
            return Some(role);
        }
        let account = self.get(Field::UserAccount)?;
        let staff = self
            .house
            .registers
            .staff(account)
            .filter(|s| !s.role.is_empty())?;
        Some(self.event.arena().alloc_str(&staff.role))
    }

    pub(super) fn duty(&mut self) -> Duty {
        match (self.get(Field::UserAccount), self.trusted()) {
            (Some(account), Some(time)) => self.house.calendars.on_duty(account, time.nanos),
            _ => Duty::Unknown,
        }
    }

    pub(super) fn roster(&mut self) {
        let word = match self.duty() {
            Duty::Unknown => "unknown",
            Duty::Off => "false",
            Duty::On { .. } => "true",
        };
        self.put(Field::RosterOnDuty, word);
    }

    pub(super) fn declared(&mut self) {
        let Some(time) = self.trusted() else { return };
        let account = self.get(Field::UserAccount).unwrap_or("");
        let department = self.department().unwrap_or("");
        let registers = self.house.registers;
        let mut kinds: Vec<&str> = Vec::new();
        for found in registers.declared(account, department, time.nanos) {
            if !kinds.contains(&found.kind.as_str()) {
                kinds.push(&found.kind);
                self.put_more(Field::Declared, &found.kind);
            }
        }
    }
}
