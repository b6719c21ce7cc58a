//! From what a log says to what the house knows about it: the derived fields.
//!
//! Takes one event, the calendars and the registers; gives the fields that `event::Field` calls
//! derived, each worked out on the first request only, and the reasons behind them. Never looks
//! at another event.

mod calendar;
mod device;
mod memo;
mod network;
mod people;
mod reasons;
mod steady;

use crate::calendar::{CalendarId, Calendars};
use crate::event::{Event, Field, FieldSet, Fields, Instant, NANOS};
use crate::register::Registers;
use crate::text::fold_key;

pub use memo::Memo;
pub use reasons::ReasonLine;
pub use steady::{Steady, rests_on, tells_hours};

/// Everything the house knows; the same for all events of a run.
#[derive(Clone, Copy, Debug)]
pub struct House<'p> {
    /// Business hours and rosters.
    pub calendars: &'p Calendars,
    /// Devices, staff, accounts, patients, declarations, networks.
    pub registers: &'p Registers,
}

/// Groups of derived fields that are worked out together.
#[derive(Clone, Copy)]
enum Group {
    Account = 1,
    Terminal = 2,
    Calendar = 4,
    Roster = 8,
    Declared = 16,
    Device = 32,
    User = 64,
    Patient = 128,
    Network = 256,
    Agent = 512,
    Country = 1024,
    Verdict = 2048,
    Destination = 4096,
    Radio = 8192,
    OwnDepartment = 16384,
    FixedAddress = 32768,
    Written = 65536,
}

/// An event together with what can be derived from it.
pub struct Enriched<'x, 'r> {
    event: &'x mut Event<'r>,
    house: House<'r>,
    memo: &'x mut Memo<'r>,
    done: u32,
    /// Derived fields that the event came with: a rule's own tests state them, and what is stated
    /// stands.
    stated: FieldSet,
    /// The calendar it belongs to, once that is known.
    calendar: Option<CalendarId>,
}

impl<'x, 'r> Enriched<'x, 'r> {
    /// Nothing is derived yet.
    #[inline]
    pub fn new(event: &'x mut Event<'r>, house: House<'r>, memo: &'x mut Memo<'r>) -> Self {
        let stated = event.present();
        Enriched {
            event,
            house,
            memo,
            done: 0,
            stated,
            calendar: None,
        }
    }

    /// The event, with whatever was derived so far.
    pub fn event(&self) -> &Event<'r> {
        self.event
    }

    /// The value of a field, derived if need be, living as long as the segment.
    #[inline]
    pub fn get(&mut self, field: Field) -> Option<&'r str> {
        if field.is_derived() {
            self.derive(field);
        }
        self.event.get(field)
    }

    #[inline]
    fn derive(&mut self, field: Field) {
        let group = group_of(field);
        if self.done & group as u32 != 0 {
            return;
        }
        self.done |= group as u32;
        match group {
            Group::Account => self.account(),
            Group::Terminal => self.terminal(),
            Group::Verdict => self.verdict(),
            Group::Calendar => self.calendar(),
            Group::Roster => self.roster(),
            Group::Declared => self.declared(),
            Group::Device => self.device(),
            Group::User => self.user(),
            Group::Patient => self.patient(),
            Group::OwnDepartment => self.own_department(),
            Group::FixedAddress => self.fixed_address(),
            Group::Written => self.written_after(),
            Group::Radio => self.radio(),
            Group::Network => self.source_network(),
            Group::Destination => self.destination_network(),
            Group::Agent => self.agent(),
            Group::Country => self.country(),
        }
    }

    #[inline]
    pub(super) fn put(&mut self, field: Field, value: &'r str) {
        if !self.stated.contains(field) {
            self.event.set(field, value);
        }
    }

    /// One more value of a field that may have several.
    pub(super) fn put_more(&mut self, field: Field, value: &'r str) {
        if !self.stated.contains(field) {
            self.event.add(field, value);
        }
    }

    pub(super) fn put_copy(&mut self, field: Field, value: &str) {
        let copy = self.event.arena().alloc_str(value);
        self.put(field, copy);
    }

    #[inline]
    fn account(&mut self) {
        let named = self
            .event
            .get(Field::UserId)
            .or_else(|| self.event.get(Field::UserName));
        if let Some(name) = named {
            let folded = self.keep(fold_key(name));
            if !folded.is_empty() {
                self.put(Field::UserAccount, folded);
            }
        }
    }

    pub(super) fn keep(&self, text: std::borrow::Cow<'r, str>) -> &'r str {
        match text {
            std::borrow::Cow::Borrowed(text) => text,
            std::borrow::Cow::Owned(text) => self.event.arena().alloc_str(&text),
        }
    }

    #[inline]
    fn terminal(&mut self) {
        let first = [Field::SourceIp, Field::SourceMac, Field::HostName]
            .into_iter()
            .find_map(|field| self.event.get(field));
        if let Some(terminal) = first {
            self.put(Field::SourceTerminal, terminal);
        }
    }

    /// How long after the event its record was written, where the log tells both.
    fn written_after(&mut self) {
        let created = self.event.get(Field::EventCreated);
        let (Some(time), Some(created)) = (self.trusted(), created) else {
            return;
        };
        if let Ok(created) = chrono::DateTime::parse_from_rfc3339(created) {
            let seconds = created.timestamp() - time.nanos.div_euclid(NANOS);
            self.put_copy(Field::TimeWrittenAfter, &seconds.to_string());
        }
    }

    /// When the event may be judged by the clock: it has a time and the clock is to be trusted.
    pub(super) fn trusted(&self) -> Option<Instant> {
        self.event.time().filter(|t| t.trusted)
    }
}

/// The event with all derived fields worked out, for people who want to see them.
pub fn derive_all<'r>(event: &Event<'r>, house: House<'r>) -> Event<'r> {
    let mut event = event.clone();
    let mut memo = Memo::new(house, event.arena());
    let mut enriched = Enriched::new(&mut event, house, &mut memo);
    for field in Field::ALL.iter().filter(|f| f.is_derived()) {
        enriched.get(*field);
    }
    event
}
fn group_of(field: Field) -> Group {
    match field {
        Field::SourceTerminal => Group::Terminal,
        Field::CalendarVerdict => Group::Verdict,
        Field::CalendarBand | Field::CalendarReason | Field::CalendarClosedSpan => Group::Calendar,
        Field::Declared => Group::Declared,
        Field::RosterOnDuty => Group::Roster,
        Field::DeviceKnown | Field::DeviceId | Field::DeviceDepartment | Field::DeviceSupported => {
            Group::Device
        }
        Field::DeviceOwnDepartment => Group::OwnDepartment,
        Field::DeviceFixedAddress => Group::FixedAddress,
        Field::UserKnown | Field::UserActive | Field::UserPasswordDays | Field::UserKind => {
            Group::User
        }
        Field::PatientRestricted
        | Field::PatientIsSelf
        | Field::PatientIsStaff
        | Field::PatientDeceasedDays
        | Field::PatientDischargedDays
        | Field::PatientInHousehold => Group::Patient,
        Field::SourceNetwork => Group::Network,
        Field::DestinationNetwork => Group::Destination,
        Field::WifiBssidKnown => Group::Radio,
        Field::SourceCountry | Field::SourceCountryExpected => Group::Country,
        Field::UserAgentLegacy => Group::Agent,
        Field::TimeWrittenAfter => Group::Written,
        _ => Group::Account,
    }
}

impl Fields for Enriched<'_, '_> {
    #[inline]
    fn value(&mut self, field: Field) -> Option<&str> {
        self.get(field)
    }

    fn others(&mut self, field: Field) -> Vec<&str> {
        self.event.values(field).skip(1).collect()
    }

    #[inline]
    fn has_lists(&self) -> bool {
        self.event.has_lists()
    }

    fn extras(&self) -> &[(&str, &str)] {
        self.event.extras()
    }

    fn present(&self) -> FieldSet {
        // Not those derived meanwhile: a keyword must not hang on what was asked before it.
        self.stated
    }

    fn record(&self) -> &str {
        self.event.record()
    }
}
