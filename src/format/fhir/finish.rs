//! From what an AuditEvent said to the fields of an event.
//!
//! Takes the draft of a whole record and the zone of the source; sets the fields, or tells why not.
//! Never reads JSON.

use crate::event::{
    Action, Event, Field, Instant, LogSourceId, LogSources, Outcome, Reason, Reject, Zone,
};
use crate::format::json::{Precision, ip, mac, moment, split_port};
use crate::format::words::split_account;

use super::agent::Agent;
use super::draft::{Draft, Stamp};
use super::who::{folded, issued, names_somebody, target};

const EHR: LogSources = LogSources::of(&[LogSourceId::Ehr]);
const EHR_LOGIN: LogSources = LogSources::of(&[LogSourceId::Ehr, LogSourceId::Authentication]);

impl<'r> Draft<'_, 'r> {
    /// Sets the fields of the event.
    ///
    /// # Errors
    /// The resource is of another kind, or has no usable time.
    pub(super) fn finish(mut self, zone: &Zone) -> Result<(), Reject> {
        match self.resource {
            "AuditEvent" => {}
            "" => return Err(Reason::NotThisFormat.into()),
            _ => return Err(Reason::OtherResource.into()),
        }
        self.set_times(zone)?;
        self.set_action();
        if self.person_rank > 0 {
            set_person(self.event, &self.person);
            set_address(self.event, self.person.address);
        }
        let observer = self.source.name();
        for (field, value) in [
            (Field::EventReason, self.reason),
            (Field::ObserverName, observer),
            (Field::EventDataset, "fhir.auditevent"),
            (Field::ServiceName, "ehr"),
        ] {
            set_told(self.event, field, value);
        }
        Ok(())
    }

    /// The time it happened, else the time it was recorded. A date without an hour is no time
    /// while the other one has an hour.
    fn set_times(&mut self, zone: &Zone) -> Result<(), Reject> {
        let happened = match self.occurred.text {
            "" => self.period.0,
            _ => self.occurred,
        };
        let recorded = Timed::read(self.recorded, zone);
        let happened = Timed::read(happened, zone);
        let chosen = match (&happened, &recorded) {
            (Some(Ok(happened)), _) if happened.has_hour() => *happened,
            (_, Some(Ok(recorded))) => *recorded,
            (Some(Ok(happened)), _) => *happened,
            (Some(Err(reject)), _) | (None, Some(Err(reject))) => return Err(*reject),
            (None, None) => return Err(Reason::NoTime.into()),
        };
        self.event.set_time(chosen.instant);
        if !chosen.instant.trusted {
            self.event.set(Field::TimeTrusted, "false");
        }
        if let Some(Ok(recorded)) = recorded
            && recorded.instant.nanos != chosen.instant.nanos
        {
            recorded.set(self.event, Field::EventCreated);
        }
        if let Some(Ok(end)) = Timed::read(self.period.1, zone) {
            end.set(self.event, Field::EventEnd);
        }
        Ok(())
    }

    fn set_action(&mut self) {
        self.about.failed = self.outcome == Some(Outcome::Failure);
        let action = self.about.action(self.class);
        if let Some(action) = action {
            self.event.set_action(action);
        }
        if let Some(outcome) = self.outcome {
            self.event.set_outcome(outcome);
        }
        set_told(self.event, Field::EventCode, self.code);
        if self.breaks_glass || action == Some(Action::BreakGlass) {
            self.event.set(Field::BreakGlass, "true");
        }
        self.event.declare(match action {
            Some(Action::Login | Action::Logout) => EHR_LOGIN,
            _ => EHR,
        });
    }
}

/// A time that was read.
#[derive(Clone, Copy)]
struct Timed<'r> {
    text: &'r str,
    instant: Instant,
    precision: Precision,
}

impl<'r> Timed<'r> {
    fn read(stamp: Stamp<'r>, zone: &Zone) -> Option<Result<Timed<'r>, Reject>> {
        if stamp.text.is_empty() {
            return None;
        }
        let timed = |(instant, precision)| Timed {
            text: stamp.text,
            instant,
            precision,
        };
        Some(
            moment(stamp.text, zone)
                .map(timed)
                .map_err(|reason| Reject::at(reason, stamp.column)),
        )
    }

    fn has_hour(&self) -> bool {
        self.precision != Precision::Date
    }

    /// Sets a field to the time: as written where that names its zone.
    fn set(&self, event: &mut Event<'r>, field: Field) {
        match self.precision {
            Precision::Full => event.set(field, self.text),
            _ => event.set_made(field, format_args!("{}", self.instant.rfc3339())),
        }
    }
}

#[inline]
fn set_told<'r>(event: &mut Event<'r>, field: Field, value: &'r str) {
    if !value.is_empty() {
        event.set(field, value);
    }
}

/// The login id is what the reference names, else the identifier, else the alternative id. Where
/// the log has only a name, it stands for the account too, so that rules can group by it.
fn set_person<'r>(event: &mut Event<'r>, person: &Agent<'r>) {
    let told = |text: &&'r str| names_somebody(text);
    let id = [
        issued(target(person.who.reference).id, "").id,
        issued(person.who.value, "").id,
        person.alt_id,
    ]
    .into_iter()
    .find(told)
    .map_or("", |id| folded(id, event.arena()));
    // As in a table: `HOSP\n01234` is the account n01234 of a domain.
    let (domain, id) = split_account(id);
    let (_, alternative) = split_account(folded(person.alt_id, event.arena()));
    let full_name = [person.name, person.who.display]
        .into_iter()
        .find(told)
        .unwrap_or("");
    let name = [alternative, id, full_name]
        .into_iter()
        .find(told)
        .unwrap_or("");
    set_told(event, Field::UserId, id);
    set_told(event, Field::UserName, name);
    set_told(event, Field::UserDomain, domain.unwrap_or(""));
    if full_name != id {
        set_told(event, Field::UserFullName, full_name);
    }
    set_told(event, Field::UserRole, person.role);
}

/// The person's network address by its shape: IP address (with port), hardware address, URL, or
/// the name of a terminal.
fn set_address<'r>(event: &mut Event<'r>, address: &'r str) {
    if address.is_empty() {
        return;
    }
    let arena = event.arena();
    if let Some(ip) = ip(address, arena) {
        return event.set(Field::SourceIp, ip);
    }
    if let Some(mac) = mac(address, arena) {
        return event.set(Field::SourceMac, mac);
    }
    let authority = match address.split_once("://") {
        Some((_, rest)) => rest.split(['/', '?', '#']).next().unwrap_or(""),
        None => address,
    };
    let (host, port) = split_port(authority);
    if let Some(ip) = ip(host, arena) {
        event.set(Field::SourceIp, ip);
    } else if is_host_name(host) {
        let host = folded(host, arena);
        event.set(Field::SourceDomain, host);
        event.set(Field::HostName, host);
    } else {
        return;
    }
    set_told(event, Field::SourcePort, port.unwrap_or(""));
}

/// True for what can be the name of a terminal: no mail address, no telephone number, no phrase.
pub(super) fn is_host_name(text: &str) -> bool {
    let strange = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ':' | '/' | '@');
    !text.contains(strange)
        && text
            .chars()
            .any(|c| !c.is_ascii_digit() && !matches!(c, '-' | '+' | '.' | '(' | ')'))
}
