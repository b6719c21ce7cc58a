//! From what a log says to what the house knows about it: the derived fields.
//!
//! Takes one event, the calendars and the registers; gives the fields that `event::Field` calls
//! derived, each worked out on the first request only, and the reasons behind them. Never looks
//! at another event.

use std::hash::BuildHasher as _;
use std::net::IpAddr;
use std::ops::Range;

use bumpalo::Bump;
use foldhash::fast::FixedState;

use crate::calendar::{Assignee, CalendarId, Calendars, Duty, Judgement, Verdict};
use crate::diagnostic::Place;
use crate::event::{Event, Field, FieldSet, Fields, Instant, Zone, rfc3339};
use crate::register::{Device, Known, Registers};
use crate::text::fold_key;

/// One thing that made the alert true.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// Everything the house knows; the same for all events of a run.
#[derive(Clone, Copy, Debug)]
pub struct House<'p> {
    /// Business hours and rosters.
    pub calendars: &'p Calendars,
    /// Devices, staff, accounts, patients, declarations, networks.
    pub registers: &'p Registers,
}

/// How many assignments are remembered within a segment.
const ASSIGNMENTS: usize = 1024;
/// How many devices are remembered within a segment.
const DEVICES: usize = 1024;
const SLOTS: FixedState = FixedState::with_seed(0);

/// What was worked out for earlier events of the same segment and holds for later ones too.
pub struct Memo<'r> {
    arena: &'r Bump,
    /// Last answer of each calendar, with its texts kept in the arena.
    judged: Vec<(CalendarId, Judged<'r>)>,
    assigned: Vec<Option<([&'r str; 4], CalendarId)>>,
    assigned_by: [bool; 5],
    /// Devices whose rows are valid at all times, by hardware address.
    devices: Vec<Option<(&'r str, &'r Device)>>,
    /// A stretch of time in which all calendars give this verdict, or do not agree.
    agreed: Option<(Range<i64>, Option<Verdict>)>,
}

struct Judged<'r> {
    judgement: Judgement,
    reason: &'r str,
    closed_span: Option<&'r str>,
}

impl<'r> Memo<'r> {
    /// Nothing remembered; texts will be kept in the segment's arena.
    pub fn new(house: House<'_>, arena: &'r Bump) -> Self {
        let assigned_by = house.calendars.assigned_by();
        let (assigned, devices) = (vec![None; ASSIGNMENTS], vec![None; DEVICES]);
        Memo {
            arena,
            judged: Vec::new(),
            assigned,
            assigned_by,
            devices,
            agreed: None,
        }
    }
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
}

/// An event together with what can be derived from it.
pub struct Enriched<'x, 'r> {
    event: &'x mut Event<'r>,
    house: House<'r>,
    memo: &'x mut Memo<'r>,
    done: u16,
    /// Derived fields that the event came with: a rule's own tests state them, and what is stated
    /// stands.
    stated: FieldSet,
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
        if self.done & group as u16 != 0 {
            return;
        }
        self.done |= group as u16;
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
            Group::Network => self.network(),
            Group::Agent => self.agent(),
            Group::Country => {}
        }
    }

    #[inline]
    fn put(&mut self, field: Field, value: &'r str) {
        if !self.stated.contains(field) {
            self.event.set(field, value);
        }
    }

    fn put_copy(&mut self, field: Field, value: &str) {
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

    fn keep(&self, text: std::borrow::Cow<'r, str>) -> &'r str {
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

    /// When the event may be judged by the clock: it has a time and the clock is to be trusted.
    fn trusted(&self) -> Option<Instant> {
        self.event.time().filter(|t| t.trusted)
    }

    /// Most of the day all calendars agree, and then it does not matter whose the event is.
    fn verdict(&mut self) {
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

    fn calendar(&mut self) {
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

    fn assigned(&mut self) -> CalendarId {
        let [by_user, by_terminal, by_department, by_role, _] = self.memo.assigned_by;
        let told = |name: Option<&'r str>| name.unwrap_or("");
        let user = if by_user {
            told(self.get(Field::UserAccount))
        } else {
            ""
        };
        let terminal = if by_terminal {
            told(self.get(Field::SourceTerminal))
        } else {
            ""
        };
        let department = if by_department {
            told(self.department())
        } else {
            ""
        };
        let role = if by_role { told(self.role()) } else { "" };
        let who = [user, terminal, department, role];
        let place = slot_of(&who);
        if let Some((known, id)) = self.memo.assigned[place]
            && known == who
        {
            return id;
        }
        let assignee = Assignee {
            user,
            terminal,
            department,
            role,
            site: "",
        };
        let (id, _) = self.house.calendars.assigned(&assignee);
        self.memo.assigned[place] = Some((who, id));
        id
    }

    fn department(&mut self) -> Option<&'r str> {
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

    fn role(&mut self) -> Option<&'r str> {
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

    fn duty(&mut self) -> Duty {
        match (self.get(Field::UserAccount), self.trusted()) {
            (Some(account), Some(time)) => self.house.calendars.on_duty(account, time.nanos),
            _ => Duty::Unknown,
        }
    }

    fn roster(&mut self) {
        let word = match self.duty() {
            Duty::Unknown => "unknown",
            Duty::Off => "false",
            Duty::On { .. } => "true",
        };
        self.put(Field::RosterOnDuty, word);
    }

    fn declared(&mut self) {
        let Some(time) = self.trusted() else { return };
        let account = self.get(Field::UserAccount).unwrap_or("");
        let department = self.department().unwrap_or("");
        if let Some(found) = self
            .house
            .registers
            .declared(account, department, time.nanos)
        {
            self.put(Field::Declared, &found.kind);
        }
    }

    /// Hardware address, address and name of the device the event is about.
    fn device_names(&self) -> [&'r str; 3] {
        let one = |fields: [Field; 3]| {
            fields
                .into_iter()
                .find_map(|f| self.event.get(f))
                .unwrap_or_default()
        };
        [
            one([Field::SourceMac, Field::ClientMac, Field::SourceMac]),
            one([Field::SourceIp, Field::ClientIp, Field::SourceIp]),
            one([Field::HostName, Field::SourceDomain, Field::ClientDomain]),
        ]
    }

    fn device(&mut self) {
        let names = self.device_names();
        let Some(any) = names.into_iter().find(|n| !n.is_empty()) else {
            return;
        };
        self.put(Field::DeviceId, any);
        if !self.house.registers.has_devices() {
            return;
        }
        match self.known(names) {
            Known::Yes(device) => {
                self.put(Field::DeviceKnown, "true");
                let named = [&device.name, &device.mac]
                    .into_iter()
                    .find(|n| !n.is_empty());
                match (named, device.ip) {
                    (Some(id), _) => self.put(Field::DeviceId, id),
                    (None, Some(ip)) => self.put_copy(Field::DeviceId, &ip.to_string()),
                    (None, None) => {}
                }
                if !device.department.is_empty() {
                    self.put(Field::DeviceDepartment, &device.department);
                }
            }
            Known::Randomised => self.put(Field::DeviceKnown, "randomised"),
            Known::No(_) => self.put(Field::DeviceKnown, "false"),
        }
    }

    /// Asks the register for a device, or the memo: a hardware address that stands in a row valid
    /// at all times decides alone, whatever else the log says.
    fn known(&mut self, [mac, ip, name]: [&'r str; 3]) -> Known<'r> {
        let place = (SLOTS.hash_one(mac) >> 32) as usize % DEVICES;
        if let Some((known, device)) = self.memo.devices[place]
            && known == mac
        {
            return Known::Yes(device);
        }
        let nanos = self.event.time().map_or(0, |t| t.nanos);
        let found = self.house.registers.device(mac, ip, name, nanos);
        if let Known::Yes(device) = found
            && device.valid.is_none()
            && !mac.is_empty()
            && device.mac == mac
        {
            self.memo.devices[place] = Some((mac, device));
        }
        found
    }

    fn user(&mut self) {
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
    fn patient(&mut self) {
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

    fn network(&mut self) {
        let Some(ip) = self.event.get(Field::SourceIp) else {
            return;
        };
        let Ok(ip) = ip.parse::<IpAddr>() else { return };
        let registers = self.house.registers;
        if let Some(name) = registers.network(ip) {
            self.put(Field::SourceNetwork, name);
        } else if registers.has_networks() || is_public(ip) {
            self.put(Field::SourceNetwork, "outside");
        } else {
            self.put(Field::SourceNetwork, "private");
        }
    }

    fn agent(&mut self) {
        let Some(agent) = self.event.get(Field::UserAgent) else {
            return;
        };
        let legacy = agent.contains("MSIE ") || agent.contains("Trident/");
        self.put(
            Field::UserAgentLegacy,
            if legacy { "true" } else { "false" },
        );
    }

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
                match self.house.registers.declared(account, department, nanos) {
                    Some(found) => (found.kind.clone(), found.at.clone()),
                    None => none,
                }
            }
            Group::Device => {
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
            Group::Network => (
                self.event.get(Field::SourceIp).unwrap_or("").to_owned(),
                None,
            ),
            _ => none,
        }
    }

    /// The patient of whom the field holds, and the row that says so.
    fn because_patient(&self, field: Field, value: &str) -> (String, Option<Place>) {
        let registers = self.house.registers;
        let holds = |id: &&str| {
            let is_restricted = registers.patient(id).is_some_and(|p| p.restricted);
            field != Field::PatientRestricted || is_restricted == (value == "true")
        };
        let id = self.event.values(Field::PatientId).find(holds);
        let row = id.and_then(|id| registers.patient(id));
        let at = row.and_then(|p| p.at.clone());
        (id.unwrap_or("").to_owned(), at)
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

/// The verdict that all calendars give at an instant, and how long their answers hold.
fn agreement(calendars: &Calendars, nanos: i64) -> (Range<i64>, Option<Verdict>) {
    let mut valid = i64::MIN..i64::MAX;
    let mut verdicts = Vec::new();
    for id in calendars.ids() {
        let judgement = calendars.judge(id, nanos);
        valid.start = valid.start.max(judgement.valid.start);
        valid.end = valid.end.min(judgement.valid.end);
        verdicts.push(judgement.verdict);
    }
    let first = verdicts.first().copied();
    (
        valid,
        first.filter(|first| verdicts.iter().all(|v| v == first)),
    )
}

/// The place of a calendar's answer in the memo, asked anew when the last one does not hold.
fn judged(memo: &mut Memo<'_>, calendars: &Calendars, id: CalendarId, time: Instant) -> usize {
    let known = memo.judged.iter().position(|(known, _)| *known == id);
    if let Some(at) = known
        && memo.judged[at].1.judgement.valid.contains(&time.nanos)
    {
        return at;
    }
    let judgement = calendars.judge(id, time.nanos);
    let reason = memo.arena.alloc_str(&judgement.reason);
    // Rules fold by this text: it is written in the calendar's zone, whatever offset a log prints.
    let zone = Zone::from(calendars.zone(id));
    let written = |nanos| rfc3339(nanos, zone.offset_at(nanos));
    let closed_span = judgement.closed_span.as_ref().map(|span| {
        let (from, to) = (written(span.start), written(span.end));
        &*memo.arena.alloc_str(&format!("{from}/{to}"))
    });
    let fresh = (
        id,
        Judged {
            judgement,
            reason,
            closed_span,
        },
    );
    match known {
        Some(at) => {
            memo.judged[at] = fresh;
            at
        }
        None => {
            memo.judged.push(fresh);
            memo.judged.len() - 1
        }
    }
}

fn slot_of(who: &[&str; 4]) -> usize {
    (SLOTS.hash_one(who) >> 32) as usize % ASSIGNMENTS
}

/// An address of the public internet: not private, shared, link-local, loopback, documentation or
/// otherwise special (RFC 6890), decided by code since no table is shipped.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            let shared = a == 100 && (64..128).contains(&b);
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_unspecified()
                || v4.is_broadcast()
                || shared)
        }
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => is_public(IpAddr::V4(v4)),
            None => {
                !(v6.is_loopback()
                    || v6.is_unspecified()
                    || v6.is_multicast()
                    || v6.is_unique_local()
                    || v6.is_unicast_link_local())
            }
        },
    }
}

fn group_of(field: Field) -> Group {
    match field {
        Field::SourceTerminal => Group::Terminal,
        Field::CalendarVerdict => Group::Verdict,
        Field::CalendarBand | Field::CalendarReason | Field::CalendarClosedSpan => Group::Calendar,
        Field::Declared => Group::Declared,
        Field::RosterOnDuty => Group::Roster,
        Field::DeviceKnown | Field::DeviceId | Field::DeviceDepartment => Group::Device,
        Field::UserKnown | Field::UserActive | Field::UserKind => Group::User,
        Field::PatientRestricted | Field::PatientIsSelf => Group::Patient,
        Field::SourceNetwork => Group::Network,
        Field::SourceCountry => Group::Country,
        Field::UserAgentLegacy => Group::Agent,
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
        self.event.present()
    }

    fn record(&self) -> &str {
        self.event.record()
    }
}
