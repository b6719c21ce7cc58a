//! Whose account and which terminal, by what a log tells, looked up once for each lane.
//!
//! Takes the fields of an event; gives numbers of entries that stay the same through a segment, and
//! when each was seen. The registers decide what has a name of its own.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::event::{Event, Field};
use crate::register::{Known, Registers};
use crate::store::counts::{NOBODY, NameKind, OTHERS};
use crate::text::fold_key;

use super::table::Table;

const HASH: FixedState = FixedState::with_seed(0x6361_6e64_6c65_7321);

/// Entries a lane remembers beyond a segment.
const REMEMBERED: usize = 20_000;
/// Longer names no register knows are made up; they have no row of their own.
const LONGEST: usize = 128;

/// A name as a lane knows it, and its number in the run once it has one.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) kind: NameKind,
    /// Empty: the log does not tell it.
    pub(super) text: Box<str>,
    pub(super) known: bool,
    pub(super) number: Option<u32>,
}

impl Name {
    fn new(kind: NameKind, text: &str, known: bool) -> Name {
        let number = match (text.is_empty(), known || text.len() <= LONGEST) {
            (true, _) => Some(NOBODY),
            (false, true) => None,
            (false, false) => Some(OTHERS),
        };
        Name {
            kind,
            text: if number.is_none() { text } else { "" }.into(),
            known,
            number,
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
    const NEVER: Span = Span {
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

    pub(super) fn is_empty(&self) -> bool {
        self.last < self.first
    }
}

/// The answer to what a log told: names, the first two of which are counted by.
pub(super) struct Entry<const N: usize> {
    told: [Box<str>; N],
    /// What else decided.
    marks: (u8, i64),
    /// Name and department, by which cells are counted, and names that are only seen.
    pub(super) names: Vec<Name>,
    /// False when cells stand under [`OTHERS`] although the name is told: a register does not know
    /// it.
    has_cells: bool,
    pub(super) span: Span,
}

impl<const N: usize> Entry<N> {
    fn cells(&self) -> (u32, u32) {
        let [name, department, ..] = self.names.as_slice() else {
            return (OTHERS, OTHERS);
        };
        let name = match self.has_cells || name.number == Some(NOBODY) {
            true => name.number(),
            false => OTHERS,
        };
        (name, department.number())
    }
}

/// Texts by which an entry is found.
type Told<'t, const N: usize> = [&'t str; N];

fn is_told<const N: usize>(entry: &Entry<N>, told: Told<'_, N>, marks: (u8, i64)) -> bool {
    entry.marks == marks
        && entry
            .told
            .iter()
            .zip(told)
            .all(|(known, text)| &**known == text)
}

/// A hash of texts that differ in their ends and lengths, as ids and addresses of one house do.
#[inline]
fn hash_of(told: &[&str], marks: (u8, i64)) -> u64 {
    let start = marks.1.cast_unsigned() << 8 | u64::from(marks.0);
    told.iter()
        .fold(start, |hash, text| {
            let bytes = text.as_bytes();
            let word = match (bytes.first_chunk(), bytes.last_chunk()) {
                _ if bytes.len() > 16 => HASH.hash_one(bytes),
                (Some(first), Some(last)) => {
                    u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(29)
                }
                _ => bytes.iter().fold(0, |word, b| word << 8 | u64::from(*b)),
            };
            let mixed = (hash ^ word ^ (text.len() as u64) << 56).wrapping_mul(super::SPREAD);
            mixed ^ mixed >> 32
        })
        .wrapping_mul(super::SPREAD)
}

/// The accounts a lane met, with the departments of their users.
pub(super) struct Accounts {
    pub(super) entries: Table<Entry<2>>,
    is_registered: bool,
}

impl Accounts {
    pub(super) fn new(registers: &Registers) -> Self {
        Accounts {
            entries: Table::new(),
            is_registered: registers.has_accounts() || registers.has_staff(),
        }
    }

    /// The entry of an event's account: `user.account`, and the department that the log or the
    /// register of staff tells.
    #[inline]
    pub(super) fn of(&mut self, event: &Event<'_>, registers: &Registers) -> u32 {
        let user = event.get(Field::UserId).or(event.get(Field::UserName));
        let told = [
            user.unwrap_or_default(),
            event.get(Field::UserDepartment).unwrap_or_default(),
        ];
        let is_registered = self.is_registered;
        self.entries.find(
            hash_of(&told, (0, 0)),
            |entry| is_told(entry, told, (0, 0)),
            || account(told, registers, is_registered),
        )
    }

    #[inline]
    pub(super) fn seen(&mut self, entry: u32, nanos: i64, vouched: bool) {
        self.entries.entry(entry).span.reach(nanos, vouched);
    }

    /// Numbers of account and department.
    pub(super) fn names(&mut self, entry: u32) -> (u32, u32) {
        self.entries.entry(entry).cells()
    }

    /// Forgets what was seen, and all entries once they are many.
    pub(super) fn rest(&mut self) {
        rest(&mut self.entries);
    }
}

fn account(told: Told<'_, 2>, registers: &Registers, is_registered: bool) -> Entry<2> {
    let account = fold_key(told[0]);
    let staff = registers.staff(&account);
    let known = staff.is_some() || registers.account(&account).is_some();
    let of_staff = staff.map_or("", |staff| &*staff.department);
    let (department, is_known) = match told[1] {
        "" => (of_staff, true),
        department => (department, department == of_staff),
    };
    Entry {
        told: told.map(Box::from),
        marks: (0, 0),
        names: vec![
            Name::new(NameKind::Account, &account, known),
            Name::new(NameKind::Department, department, is_known),
        ],
        has_cells: known || !is_registered,
        span: Span::NEVER,
    }
}

/// The terminals a lane met.
pub(super) struct Terminals {
    pub(super) entries: Table<Entry<4>>,
    is_registered: bool,
}

impl Terminals {
    pub(super) fn new(registers: &Registers) -> Self {
        Terminals {
            entries: Table::new(),
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
        let told = [
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
        let is_registered = self.is_registered;
        self.entries.find(
            hash_of(&told, marks),
            |entry| is_told(entry, told, marks),
            || terminal((told, marks), registers, nanos, is_registered),
        )
    }

    #[inline]
    pub(super) fn seen(&mut self, entry: u32, nanos: i64) {
        self.entries.entry(entry).span.reach(nanos, true);
    }

    /// Numbers of terminal and department.
    pub(super) fn names(&mut self, entry: u32) -> (u32, u32) {
        self.entries.entry(entry).cells()
    }

    /// Forgets what was seen, and all entries once they are many.
    pub(super) fn rest(&mut self) {
        rest(&mut self.entries);
    }
}

fn terminal(
    (told, marks): (Told<'_, 4>, (u8, i64)),
    registers: &Registers,
    nanos: i64,
    is_registered: bool,
) -> Entry<4> {
    let [mac, ip, name, of_host] = told;
    let own = |at: u8| marks.0 >> at & 1 == 1;
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
        Some(name) => Name::new(NameKind::Device, name, true),
        None => Name::new(NameKind::Terminal, as_told, false),
    };
    let id = named.as_deref().or(any).unwrap_or_default();
    Entry {
        told: told.map(Box::from),
        marks,
        names: vec![
            shown,
            Name::new(NameKind::Department, department, is_known),
            Name::new(NameKind::Terminal, as_told, known),
            Name::new(NameKind::Mac, mac, known),
            Name::new(NameKind::Device, id, known),
        ],
        has_cells: known || !is_registered,
        span: Span::NEVER,
    }
}

fn rest<const N: usize>(entries: &mut Table<Entry<N>>) {
    if entries.len() > REMEMBERED {
        entries.clear();
        return;
    }
    for entry in entries.iter_mut() {
        entry.span = Span::NEVER;
    }
}
