//! The house's own lists: devices, staff, accounts, patients, declarations, networks, countries,
//! and how often its log sources should be heard of.
//!
//! Takes CSV (UTF-8 or CP932) or XLSX with headings in Japanese or English; gives lookups valid
//! at a time, each with the row it came from. Never knows rules.

mod columns;
mod countries;
mod dates;
mod declarations;
mod devices;
mod entry;
mod expectation;
mod index;
mod mac;
#[cfg(test)]
mod mmdb;
mod networks;
mod people;
mod table;
mod work;
mod workbook;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::ops::Range;

use crate::diagnostic::{Complaints, Place, Problem};
use crate::event::{NANOS, Zone};
use crate::yaml::Node;

pub use expectation::Expectation;
pub use work::{PlannedWork, Subnet, read_work_plan};

use index::{Index, Row};

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
    /// Who answers for it, as written.
    pub owner: String,
    /// Operating system, as written.
    pub os: String,
    /// Version of the operating system or firmware, as written.
    pub version: String,
    /// When the maker's support ends: the end of its last day, nanoseconds since 1970.
    pub support_until: Option<i64>,
    /// Maker or maintenance firm, as written.
    pub vendor: String,
    /// Whether and how it is maintained from afar, as written.
    pub remote_maintenance: String,
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
    /// Owner: a staff number, folded.
    pub owner: String,
    /// When it is valid, whole days in the site's zone.
    pub valid: Option<Range<i64>>,
    /// The beginning of the day its password was last changed, nanoseconds since 1970.
    pub password_changed: Option<i64>,
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
    /// The beginning of the day of death, nanoseconds since 1970.
    pub deceased: Option<i64>,
    /// The beginning of the day of the last discharge, nanoseconds since 1970.
    pub discharged: Option<i64>,
    /// Folded staff numbers of those whose household the patient belongs to.
    pub household_of: Vec<String>,
}

/// A declaration: overtime, emergency, drill, maintenance, config-change.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Declaration {
    /// Where the row stands.
    pub at: Option<Place>,
    /// Kind.
    pub kind: String,
    /// From and to, nanoseconds since 1970; a `to` without a time of day is that whole day.
    pub span: Range<i64>,
    /// Account or staff number, folded; empty for all.
    pub who: String,
    /// Department or place, folded; empty for all. Beside `who` it is only told, not compared.
    pub place: String,
    /// Who approved it, as written.
    pub approved_by: String,
    /// When it was filed, nanoseconds since 1970.
    pub filed: Option<i64>,
}

/// All registers that were given.
#[derive(Debug)]
pub struct Registers {
    zone: Zone,
    devices: Option<devices::Devices>,
    accounts: people::People<Account>,
    staff: people::People<Staff>,
    patients: people::People<Patient>,
    declarations: Option<declarations::Declarations>,
    networks: networks::Networks,
    countries: Option<countries::Countries>,
    expected: BTreeMap<String, Expectation>,
}

/// One register file as the config names it.
#[derive(Clone, Debug)]
pub struct RegisterFile<'f> {
    /// Name shown in places.
    pub name: &'f str,
    /// Its bytes.
    pub bytes: &'f [u8],
}

impl Default for Registers {
    /// No registers, in Japan.
    fn default() -> Self {
        Registers::new(Zone::tokyo())
    }
}

impl Registers {
    /// No registers yet. Days begin and end, and declarations are told, in `zone`.
    pub fn new(zone: Zone) -> Self {
        Registers {
            zone,
            devices: None,
            accounts: people::People::default(),
            staff: people::People::default(),
            patients: people::People::default(),
            declarations: None,
            networks: networks::Networks::default(),
            countries: None,
            expected: BTreeMap::new(),
        }
    }

    /// Adds the register of devices. All mistakes go to `complaints`, with file:line:column.
    /// A second file adds to the first.
    pub fn read_devices(&mut self, file: &RegisterFile<'_>, complaints: &mut Complaints) {
        let devices = self.devices.take().unwrap_or_default();
        self.devices = Some(devices.and(file, self.zone, complaints));
    }

    /// Adds the register of staff, in the same manner.
    pub fn read_staff(&mut self, file: &RegisterFile<'_>, complaints: &mut Complaints) {
        let staff = std::mem::take(&mut self.staff);
        self.staff = staff.and(file, self.zone, complaints);
    }

    /// Adds the register of accounts, in the same manner. Without a kind: `person`.
    pub fn read_accounts(&mut self, file: &RegisterFile<'_>, complaints: &mut Complaints) {
        let accounts = std::mem::take(&mut self.accounts);
        self.accounts = accounts.and(file, self.zone, complaints);
    }

    /// Adds the register of patients, in the same manner.
    pub fn read_patients(&mut self, file: &RegisterFile<'_>, complaints: &mut Complaints) {
        let patients = std::mem::take(&mut self.patients);
        self.patients = patients.and(file, self.zone, complaints);
    }

    /// Adds declarations, in the same manner.
    pub fn read_declarations(&mut self, file: &RegisterFile<'_>, complaints: &mut Complaints) {
        let declarations = self.declarations.take().unwrap_or_default();
        self.declarations = Some(declarations.and(file, self.zone, complaints));
    }

    /// Sets the networks from `networks: { clinical: [10.20.0.0/16] }`, in place of earlier ones.
    pub fn set_networks(&mut self, node: &Node, complaints: &mut Complaints) {
        self.networks = networks::Networks::read(node, complaints);
    }

    /// Sets the database of countries (MaxMind's format) and the countries that are expected, as
    /// ISO 3166-1 codes in upper case; in place of an earlier one.
    pub fn read_countries(
        &mut self,
        file: &RegisterFile<'_>,
        expected: &[String],
        complaints: &mut Complaints,
    ) {
        self.countries = countries::Countries::read(file, expected, complaints);
    }

    /// Says how often a source should be heard of.
    pub fn expect(&mut self, source: &str, how: Expectation) {
        self.expected.insert(source.to_owned(), how);
    }

    /// How often sources should be heard of, by their names; those of which nothing is asked have
    /// no entry.
    pub fn expectations(&self) -> &BTreeMap<String, Expectation> {
        &self.expected
    }

    /// How many rows the registers hold: devices, staff, accounts, patients, declarations.
    pub fn sizes(&self) -> [(&'static str, usize); 5] {
        [
            ("devices", self.devices.as_ref().map_or(0, |d| d.len())),
            ("staff", self.staff.len()),
            ("accounts", self.accounts.len()),
            ("patients", self.patients.len()),
            (
                "declarations",
                self.declarations.as_ref().map_or(0, |d| d.len()),
            ),
        ]
    }

    /// True when a register of devices was given.
    pub fn has_devices(&self) -> bool {
        self.devices.is_some()
    }

    /// The device with any of these, valid at an instant. Empty text and `None`: not in the log.
    ///
    /// The strongest identifier that both the log and a row have decides: hardware address, then
    /// IP address, then name. A registered IP address under hardware the register does not list
    /// is therefore unknown when the row of that IP address names other hardware, and known when
    /// it names none. At most three hash lookups, no allocation for ordinary host names.
    pub fn device(&self, mac: &str, ip: &str, name: &str, nanos: i64) -> Known<'_> {
        match &self.devices {
            Some(devices) => devices.find(mac, ip, name, nanos),
            None => Known::No(None),
        }
    }

    /// All registered devices, in the order of the files.
    pub fn devices(&self) -> &[Device] {
        self.devices.as_ref().map_or(&[], devices::Devices::all)
    }

    /// All registered accounts, in the order of the files.
    pub fn accounts(&self) -> &[Account] {
        self.accounts.all()
    }

    /// All registered members of staff, in the order of the files.
    pub fn staff_rows(&self) -> &[Staff] {
        self.staff.all()
    }

    /// All registered patients, in the order of the files.
    pub fn patients(&self) -> &[Patient] {
        self.patients.all()
    }

    /// True when a register of accounts was given and names one.
    pub fn has_accounts(&self) -> bool {
        !self.accounts.is_empty()
    }

    /// True when a register of staff was given and names somebody.
    pub fn has_staff(&self) -> bool {
        !self.staff.is_empty()
    }

    /// True when a register of patients was given and names one.
    pub fn has_patients(&self) -> bool {
        !self.patients.is_empty()
    }

    /// True when the registers tell patient numbers of people who work here.
    pub fn has_staff_patients(&self) -> bool {
        self.staff.any(|s| !s.patient_id.is_empty())
            || self.patients.any(|p| !p.staff_id.is_empty())
    }

    /// True when the register of patients names a restricted chart.
    pub fn has_restricted(&self) -> bool {
        self.patients.any(|p| p.restricted)
    }

    /// True when the register of patients tells a day of death.
    pub fn has_deceased(&self) -> bool {
        self.patients.any(|p| p.deceased.is_some())
    }

    /// True when the register of patients tells a day of discharge.
    pub fn has_discharged(&self) -> bool {
        self.patients.any(|p| p.discharged.is_some())
    }

    /// True when the register of patients names somebody whose household a patient belongs to.
    pub fn has_households(&self) -> bool {
        self.patients.any(|p| !p.household_of.is_empty())
    }

    /// True when the register of accounts tells when a password was changed.
    pub fn has_password_days(&self) -> bool {
        self.accounts.any(|a| a.password_changed.is_some())
    }

    /// True when a register of declarations was given. An empty one says that nothing is declared.
    pub fn has_declarations(&self) -> bool {
        self.declarations.is_some()
    }

    /// True when a network of this name was configured.
    pub fn has_network(&self, name: &str) -> bool {
        self.networks.has(name)
    }

    /// True when networks were configured.
    pub fn has_networks(&self) -> bool {
        !self.networks.is_empty()
    }

    /// The account with this folded id; of several rows the one that begins last.
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.latest(id)
    }

    /// The row of this folded id that is valid at an instant, else the one that begins last.
    pub fn account_at(&self, id: &str, nanos: i64) -> Option<&Account> {
        self.accounts.at(id, nanos)
    }

    /// The member of staff with this folded id; of several rows the one that begins last.
    pub fn staff(&self, id: &str) -> Option<&Staff> {
        self.staff.latest(id)
    }

    /// The row of this folded staff number that is valid at an instant, else the one that begins
    /// last.
    pub fn staff_at(&self, id: &str, nanos: i64) -> Option<&Staff> {
        self.staff.at(id, nanos)
    }

    /// The patient with this width-folded id.
    pub fn patient(&self, id: &str) -> Option<&Patient> {
        self.patients.latest(id)
    }

    /// The member of staff whose own patient number this is, width folded; of several the one
    /// whose row begins last.
    pub fn staff_of_patient(&self, id: &str) -> Option<&Staff> {
        self.staff.by_patient(id)
    }

    /// The declarations that cover the account or the department at an instant, in the order of
    /// the file.
    ///
    /// A declaration for somebody covers that account and the accounts that person owns, wherever
    /// they are used; one for a place covers that department; one for neither covers everybody.
    pub fn declared(&self, account: &str, department: &str, nanos: i64) -> Vec<&Declaration> {
        let owner = self.account_at(account, nanos).map_or("", |a| &a.owner);
        let declarations = self.declarations.as_ref();
        declarations.map_or_else(Vec::new, |d| d.find([account, owner], department, nanos))
    }

    /// True when a database of countries was given.
    pub fn has_countries(&self) -> bool {
        self.countries.is_some()
    }

    /// The ISO 3166-1 code of the country of an address, and whether the house expects it.
    pub fn country(&self, ip: IpAddr) -> Option<(&str, bool)> {
        let countries = self.countries.as_ref()?;
        let code = countries.of(ip)?;
        Some((code, countries.expects(code)))
    }

    /// Whole days on the site's wall from the day an instant falls in to the day another falls
    /// in; negative when that day comes before.
    pub fn days_between(&self, from: i64, to: i64) -> i64 {
        let day = |nanos: i64| {
            let seconds = nanos.div_euclid(NANOS) + i64::from(self.zone.offset_at(nanos));
            seconds.div_euclid(86_400)
        };
        day(to) - day(from)
    }

    /// The instants at which a row of devices, accounts or staff begins or ends to be valid, or the
    /// support of a device ends, ascending.
    pub fn edges(&self) -> Vec<i64> {
        let spans = (self.devices().iter().map(|d| &d.valid))
            .chain(self.accounts().iter().map(|a| &a.valid))
            .chain(self.staff_rows().iter().map(|s| &s.employed));
        let ends = spans.flatten().flat_map(|span| [span.start, span.end]);
        let support = self.devices().iter().filter_map(|d| d.support_until);
        let mut edges: Vec<i64> = ends.chain(support).collect();
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    /// The name of the configured network that holds an address; the narrowest of several.
    pub fn network(&self, ip: IpAddr) -> Option<&str> {
        self.networks.name_of(ip)
    }
}

/// A row that knows where it stands.
trait Placed {
    fn at(&self) -> Option<&Place>;
}

macro_rules! placed {
    ($($row:ty),*) => {
        $(impl Placed for $row {
            fn at(&self) -> Option<&Place> {
                self.at.as_ref()
            }
        })*
    };
}

placed!(Device, Account, Staff, Patient);

/// Doubles that are shown one by one.
const SHOWN_DOUBLES: usize = 200;

/// Complains about rows from `old` on whose key another row has at the same time.
fn complain_doubles<T: Row + Placed>(
    index: &Index<T>,
    rows: &[T],
    old: usize,
    (en, ja): (&str, &str),
    complaints: &mut Complaints,
) {
    let clashes = index.clashes(rows);
    let new = clashes.into_iter().filter(|(_, later)| *later >= old);
    for (earlier, later) in new.take(SHOWN_DOUBLES) {
        let (Some(first), Some(second)) = (rows[earlier].at(), rows[later].at()) else {
            continue;
        };
        let problem = Problem::error(
            format!("the same {en} stands at {first} too, valid at the same time"),
            format!("同じ{ja}が {first} にもあり、有効な期間が重なっています"),
        );
        let problem = problem.help(
            "delete one of the rows, or end the earlier one before the later one begins",
            "片方の行を消すか、前の行の有効終了日を後の行の有効開始日より前にしてください",
        );
        complaints.push(problem.at(second.clone()).found(index.shown(&rows[later])));
    }
}

#[cfg(test)]
mod tests;
