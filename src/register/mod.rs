//! The house's own lists: devices, staff, accounts, patients, declarations, networks.
//!
//! Takes CSV (UTF-8 or CP932) or XLSX with headings in Japanese or English; gives lookups valid
//! at a time, each with the row it came from. Never knows rules.

use std::net::IpAddr;
use std::ops::Range;

use crate::diagnostic::{Complaints, Place};

/// How far a device is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<'a> {
    /// Registered, valid at the time.
    Yes(&'a Device),
    /// Not registered, and its hardware address is a randomised one.
    Randomised,
    /// Not registered, or not valid at the time (the row, if there is one).
    No(Option<&'a Device>),
}

/// A registered device.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Device {
    /// Where its row stands.
    pub at: Option<Place>,
    /// Hardware address, upper case with hyphens; empty if not given.
    pub mac: String,
    /// Address.
    pub ip: Option<IpAddr>,
    /// Name, folded.
    pub name: String,
    /// Department.
    pub department: String,
    /// When it is valid, nanoseconds since 1970 in the site's zone, whole days.
    pub valid: Option<Range<i64>>,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Account {
    /// Where its row stands.
    pub at: Option<Place>,
    /// Login id, folded.
    pub id: String,
    /// person, shared, vendor, service, admin or break-glass.
    pub kind: String,
    /// Owner: a staff id.
    pub owner: String,
    /// When it is valid.
    pub valid: Option<Range<i64>>,
}

/// A member of staff.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Staff {
    /// Where the row stands.
    pub at: Option<Place>,
    /// Staff number, folded.
    pub id: String,
    /// Written name.
    pub name: String,
    /// Department.
    pub department: String,
    /// Role.
    pub role: String,
    /// Own patient number.
    pub patient_id: String,
    /// From hired to left, inclusive days.
    pub employed: Option<Range<i64>>,
}

/// A patient's entry.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Patient {
    /// Where the row stands.
    pub at: Option<Place>,
    /// Patient number, width folded.
    pub id: String,
    /// True for a restricted chart.
    pub restricted: bool,
    /// Staff number when the patient works here.
    pub staff_id: String,
    /// Day of death, nanoseconds since 1970.
    pub deceased: Option<i64>,
}

/// A declaration: overtime, emergency, drill, maintenance, config-change.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Declaration {
    /// Where the row stands.
    pub at: Option<Place>,
    /// Kind.
    pub kind: String,
    /// From and to, nanoseconds since 1970.
    pub span: Range<i64>,
    /// Account or staff number, folded; empty for all.
    pub who: String,
    /// Department or place; empty for all.
    pub place: String,
}

/// All registers that were given.
#[derive(Debug, Default)]
pub struct Registers {
    devices: Option<Vec<Device>>,
}

/// One register file as the config names it.
#[derive(Clone, Debug)]
pub struct RegisterFile<'f> {
    /// Name shown in places.
    pub name: &'f str,
    /// Its bytes.
    pub bytes: &'f [u8],
}

impl Registers {
    /// Adds the register of devices. All mistakes go to `complaints`, with file:line:column.
    pub fn read_devices(&mut self, _file: &RegisterFile<'_>, _complaints: &mut Complaints) {
        self.devices = Some(Vec::new());
    }

    /// True when a register of devices was given.
    pub fn has_devices(&self) -> bool {
        self.devices.is_some()
    }

    /// The device with any of these, valid at an instant. Empty text and `None`: not in the log.
    pub fn device(&self, _mac: &str, _ip: &str, _name: &str, _nanos: i64) -> Known<'_> {
        Known::No(None)
    }

    /// True when a register of accounts was given.
    pub fn has_accounts(&self) -> bool {
        false
    }

    /// True when a register of staff was given.
    pub fn has_staff(&self) -> bool {
        false
    }

    /// True when networks were configured.
    pub fn has_networks(&self) -> bool {
        false
    }

    /// The account with this folded id.
    pub fn account(&self, _id: &str) -> Option<&Account> {
        None
    }

    /// The member of staff with this folded id.
    pub fn staff(&self, _id: &str) -> Option<&Staff> {
        None
    }

    /// The patient with this width-folded id.
    pub fn patient(&self, _id: &str) -> Option<&Patient> {
        None
    }

    /// The first declaration that covers the account or the department at an instant.
    pub fn declared(&self, _account: &str, _department: &str, _nanos: i64) -> Option<&Declaration> {
        None
    }

    /// The name of the configured network that holds an address.
    pub fn network(&self, _ip: IpAddr) -> Option<&str> {
        None
    }
}

/// The canonical form of a hardware address in any spelling: `00-11-22-33-44-55`.
pub fn mac(_text: &str) -> Option<[u8; 17]> {
    None
}
