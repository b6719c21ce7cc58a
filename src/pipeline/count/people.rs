//! Whose account and which terminal, by what a log tells, looked up once for each lane.
//!
//! Takes the fields of an event; gives numbers of entries that stay the same through a segment, and
//! when each was seen. The registers decide what has a name of its own.

use crate::calendar::{Assignee, CalendarId};
use crate::enrich::House;
use crate::event::{Event, Field};
use crate::register::{Known, Registers};
use crate::store::counts::{NOBODY, NameKind, OTHERS};
use crate::text::fold_key;

use super::table::Table;
use super::told::{KeptTold, Told};

/// Entries a lane remembers beyond a segment: each takes a third of a kilobyte.
const REMEMBERED: usize = 7_000;
/// Longer names no register knows are made up; they have no row of their own.
const LONGEST: usize = 128;

/// Most names of an entry.
const NAMES: usize = 5;

/// A name as a lane knows it, and its number in the run once it has one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    kind: NameKind,
    known: bool,
    pub(super) number: Option<u32>,
    /// Where its text stands among those that have no number yet.
    text: (u32, u32),
}

impl Name {
    /// No name.
    const NOBODY: Name = Name {
        kind: NameKind::Account,
        known: false,
        number: Some(NOBODY),
        text: (0, 0),
    };

    /// An empty text: the log does not tell it.
    fn new(texts: &mut String, (kind, text): (NameKind, &str), known: bool) -> Name {
        let number = match (text.is_empty(), known || text.len() <= LONGEST) {
            (true, _) => Some(NOBODY),
            (false, true) => None,
            (false, false) => Some(OTHERS),
        };
        let from = texts.len() as u32;
        if number.is_none() {
            texts.push_str(text);
        }
        Name {
            kind,
            known,
            number,
            text: (from, texts.len() as u32),
        }
    }

    fn number(&self) -> u32 {
        self.number.unwrap_or(OTHERS)
    }
}

/// When an entry was seen in the segment at hand, by clocks that are to be trusted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) vouched: bool,
}

impl Span {
    pub(super) const NEVER: Span = Span {
        first: i64::MAX,
        last: i64::MIN,
        vouched: false,
    };

    #[inline]
    fn reach(&mut self, nanos: i64, vouched: bool) {
        self.first = self.first.min(nanos);
        self.last = self.last.max(nanos);
        self.vouched |= vouched;
    }

    /// The two as one.
    #[inline]
    pub(super) fn join(&mut self, other: Span) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.vouched |= other.vouched;
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.last < self.first
    }
}

/// The answer to what a log told: names, the first two of which are counted by.
pub(super) struct Entry<const N: usize> {
    told: KeptTold<N>,
    /// Name and department, by which cells are counted, and names that are only seen.
    pub(super) names: [Name; NAMES],
    /// False when cells stand under [`OTHERS`] although the name is told: a register does not know
    /// it.
    has_cells: bool,
    /// The calendar that holds for it, where the terminal has no say.
    calendar: Option<CalendarId>,
    pub(super) span: Span,
}

impl<const N: usize> Entry<N> {
    fn cells(&self) -> (u32, u32) {
        let [name, department, ..] = &self.names;
        let name = match self.has_cells || name.number == Some(NOBODY) {
            true => name.number(),
            false => OTHERS,
        };
        (name, department.number())
    }
}

/// Entries by what was told, and those that were seen in the segment at hand.
pub(super) struct Entries<const N: usize> {
    table: Table<Entry<N>>,
    seen: Vec<u32>,
    /// The texts of names that have no number yet.
    texts: String,
}

impl<const N: usize> Entries<N> {
    fn new() -> Self {
        Entries {
            table: Table::new(),
            seen: Vec::new(),
            texts: String::new(),
        }
    }

    #[inline]
    fn find(&mut self, told: &Told<'_, N>, make: impl FnOnce(&mut String) -> Entry<N>) -> u32 {
        let (table, texts) = (&mut self.table, &mut self.texts);
        table.find(told.hash(), |entry| entry.told.is(told), || make(texts))
    }

    #[inline]
    fn see(&mut self, entry: u32, nanos: i64, vouched: bool) {
        let span = &mut self.table.entry(entry).span;
        if span.is_empty() {
            self.seen.push(entry);
        }
        span.reach(nanos, vouched);
    }

    /// Gives a number to each name that has none: by its kind, text, and whether a register knows
    /// it.
    pub(super) fn number(&mut self, mut number_of: impl FnMut(NameKind, &str, bool) -> u32) {
        for entry in self.table.fresh() {
            let unnumbered = entry.names.iter_mut().filter(|name| name.number.is_none());
            for name in unnumbered {
                let (from, to) = name.text;
                let text = &self.texts[from as usize..to as usize];
                name.number = Some(number_of(name.kind, text, name.known));
            }
        }
        self.texts.clear();
    }

    /// The entries that were seen in the segment at hand.
    pub(super) fn seen(&self) -> impl Iterator<Item = &Entry<N>> {
        self.seen.iter().map(|at| self.table.at(*at))
    }

    /// Numbers of name and department of an entry.
    pub(super) fn names(&self, entry: u32) -> (u32, u32) {
        self.table.at(entry).cells()
    }

    /// Forgets what was seen, and all entries once they are many.
    pub(super) fn rest(&mut self) {
        if self.table.len() > REMEMBERED {
            self.table.clear();
            self.seen.clear();
        }
        for at in self.seen.drain(..) {
            self.table.entry(at).span = Span::NEVER;
        }
    }
}

/// The accounts a lane met, with the departments of their users.
pub(super) struct Accounts {
    pub(super) entries: Entries<3>,
    is_registered: bool,
    /// True when the terminal has no say in which calendar holds.
    has_calendar: bool,
}

impl Accounts {
    pub(super) fn new(house: House<'_>) -> Self {
        let registers = house.registers;
        let [_, by_terminal, ..] = house.calendars.assigned_by();
        Accounts {
            entries: Entries::new(),
            is_registered: registers.has_accounts() || registers.has_staff(),
            has_calendar: !by_terminal,
        }
    }

    /// The entry of an event's account: `user.account`, and the department that the log or the
    /// register of staff tells.
    #[inline]
    pub(super) fn of(&mut self, event: &Event<'_>, house: House<'_>) -> u32 {
        let user = event.get(Field::UserId).or(event.get(Field::UserName));
        let texts = [
            user.unwrap_or_default(),
            event.get(Field::UserDepartment).unwrap_or_default(),
            event.get(Field::UserRole).unwrap_or_default(),
        ];
        let told = Told::new(texts, (0, 0));
        let (is_registered, has_calendar) = (self.is_registered, self.has_calendar);
        let make = |texts: &mut String| account(texts, &told, house, (is_registered, has_calendar));
        self.entries.find(&told, make)
    }

    /// The calendar that holds for an entry; `None` where the terminal has a say.
    #[inline]
    pub(super) fn calendar(&mut self, entry: u32) -> Option<CalendarId> {
        self.entries.table.at(entry).calendar
    }

    #[inline]
    pub(super) fn seen(&mut self, entry: u32, nanos: i64, vouched: bool) {
        self.entries.see(entry, nanos, vouched);
    }
}

fn account(
    texts: &mut String,
    told: &Told<'_, 3>,
    house: House<'_>,
    (is_registered, has_calendar): (bool, bool),
) -> Entry<3> {
    let registers = house.registers;
    let [user, of_log, role] = told.texts;
    let account = fold_key(user);
    let staff = registers.staff(&account);
    let known = staff.is_some() || registers.account(&account).is_some();
    let of_staff = staff.map_or("", |staff| &*staff.department);
    let (department, is_known) = match of_log {
        "" => (of_staff, true),
        department => (department, department == of_staff),
    };
    Entry {
        told: told.keep(),
        names: [
            Name::new(texts, (NameKind::Account, &account), known),
            Name::new(texts, (NameKind::Department, department), is_known),
            Name::NOBODY,
            Name::NOBODY,
            Name::NOBODY,
        ],
        has_cells: known || !is_registered,
        calendar: has_calendar.then(|| {
            let role = match role {
                "" => staff.map_or("", |staff| &*staff.role),
                role => role,
            };
            let assignee = Assignee {
                user: &account,
                department,
                role,
                ..Assignee::default()
            };
            house.calendars.assigned(&assignee).0
        }),
        span: Span::NEVER,
    }
}

/// The terminals a lane met.
pub(super) struct Terminals {
    pub(super) entries: Entries<4>,
    is_registered: bool,
}

impl Terminals {
    pub(super) fn new(registers: &Registers) -> Self {
        Terminals {
            entries: Entries::new(),
            is_registered: registers.has_devices(),
        }
    }

    /// The entry of an event's terminal on a local day: the registered device, else
    /// `source.terminal`, and the department that the register or the log tells.
    #[inline]
    pub(super) fn of(
        &mut self,
        event: &Event<'_>,
        registers: &Registers,
        (day, nanos): (i64, i64),
    ) -> u32 {
        let one = |fields: [Field; 3]| {
            let mut told = fields.into_iter().filter_map(|field| event.get(field));
            told.next().unwrap_or_default()
        };
        let texts = [
            one([Field::SourceMac, Field::ClientMac, Field::SourceMac]),
            one([Field::SourceIp, Field::ClientIp, Field::SourceIp]),
            one([Field::HostName, Field::SourceDomain, Field::ClientDomain]),
            event.get(Field::HostDepartment).unwrap_or_default(),
        ];
        let own = [Field::SourceMac, Field::SourceIp, Field::HostName];
        let own = own.iter().enumerate();
        let own = own.fold(0u8, |own, (at, f)| own | u8::from(event.has(*f)) << at);
        // A row of the register is valid on whole days.
        let marks = (own, if self.is_registered { day } else { 0 });
        let told = Told::new(texts, marks);
        let is_registered = self.is_registered;
        let make = |texts: &mut String| terminal(texts, &told, registers, (nanos, is_registered));
        self.entries.find(&told, make)
    }

    #[inline]
    pub(super) fn seen(&mut self, entry: u32, nanos: i64) {
        self.entries.see(entry, nanos, true);
    }
}

fn terminal(
    texts: &mut String,
    told: &Told<'_, 4>,
    registers: &Registers,
    (nanos, is_registered): (i64, bool),
) -> Entry<4> {
    let [mac, ip, name, of_host] = told.texts;
    let own = |at: u8| told.marks.0 >> at & 1 == 1;
    let as_told = match (own(1), own(0), own(2)) {
        (true, ..) => ip,
        (_, true, _) => mac,
        (_, _, true) => name,
        _ => "",
    };
    let any = [mac, ip, name].into_iter().find(|text| !text.is_empty());
    let device = match registers.device(mac, ip, name, nanos) {
        Known::Yes(device) if any.is_some() => Some(device),
        _ => None,
    };
    let named = device.and_then(|device| {
        let texts = [&device.name, &device.mac].into_iter();
        let text = texts.map(|text| text.to_string()).find(|t| !t.is_empty());
        text.or_else(|| device.ip.map(|ip| ip.to_string()))
    });
    let of_device = device.map_or("", |device| &*device.department);
    let (department, is_known) = match of_device {
        "" => (of_host, of_host.is_empty()),
        department => (department, true),
    };
    let known = device.is_some();
    let shown = match &named {
        Some(name) => Name::new(texts, (NameKind::Device, name), true),
        None => Name::new(texts, (NameKind::Terminal, as_told), false),
    };
    let id = named.as_deref().or(any).unwrap_or_default();
    Entry {
        told: told.keep(),
        names: [
            shown,
            Name::new(texts, (NameKind::Department, department), is_known),
            Name::new(texts, (NameKind::Terminal, as_told), known),
            Name::new(texts, (NameKind::Mac, mac), known),
            Name::new(texts, (NameKind::Device, id), known),
        ],
        has_cells: known || !is_registered,
        calendar: None,
        span: Span::NEVER,
    }
}
