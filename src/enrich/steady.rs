//! How long what the house knows stays the same, and what it hangs on.
//!
//! Takes calendars and registers; gives the stretch of time around an instant in which no answer
//! about the same names changes, and the fields such an answer hangs on. Says nothing of rosters,
//! declarations, patients and ages: those change too often to be worth remembering.

use std::ops::Range;

use super::memo::agreement;
use super::{Group, House, group_of};
use crate::event::Field;

const ACCOUNT: [Field; 2] = [Field::UserId, Field::UserName];
const TERMINAL: [Field; 3] = [Field::SourceIp, Field::SourceMac, Field::HostName];
const DEVICE: [Field; 7] = [
    Field::SourceMac,
    Field::ClientMac,
    Field::SourceIp,
    Field::ClientIp,
    Field::HostName,
    Field::SourceDomain,
    Field::ClientDomain,
];

/// True for a derived field that calendars answer: it may come out differently from one hour to
/// the next.
pub fn tells_hours(field: Field) -> bool {
    field.is_derived() && matches!(group_of(field), Group::Calendar | Group::Verdict)
}

/// The fields of the log that a derived field is worked out from: with the same values in all of
/// them, the same trust in the clock and a time of the same [`Steady`] stretch it comes out the
/// same. `None` for a field of which that cannot be said.
pub fn rests_on(house: House<'_>, field: Field) -> Option<Vec<Field>> {
    if !field.is_derived() || field == Field::UserPasswordDays {
        return None;
    }
    Some(match group_of(field) {
        Group::Account | Group::User => ACCOUNT.to_vec(),
        Group::Terminal => TERMINAL.to_vec(),
        Group::Calendar | Group::Verdict => hours_rest_on(house),
        Group::Device | Group::FixedAddress => DEVICE.to_vec(),
        Group::OwnDepartment => [&DEVICE[..], &ACCOUNT, &[Field::UserDepartment]].concat(),
        Group::Network => vec![Field::SourceIp, Field::ClientIp],
        Group::Destination => vec![Field::DestinationIp],
        Group::Radio => vec![Field::WifiBssid],
        Group::Agent => vec![Field::UserAgent],
        Group::Country => vec![Field::SourceIp],
        Group::Roster | Group::Declared | Group::Patient | Group::Written => return None,
    })
}

/// What decides which calendar is asked, by what assignments name at all.
fn hours_rest_on(house: House<'_>) -> Vec<Field> {
    let [user, terminal, department, role, _] = house.calendars.assigned_by();
    let mut fields = Vec::new();
    if user || department || role {
        fields.extend(ACCOUNT);
    }
    if terminal {
        fields.extend(TERMINAL);
    }
    fields.extend(department.then_some(Field::UserDepartment));
    fields.extend(role.then_some(Field::UserRole));
    fields
}

/// Stretches of time in which calendars and registers of a house answer alike.
#[derive(Debug)]
pub struct Steady {
    /// Where rows of registers begin and end, ascending.
    edges: Vec<i64>,
    /// The stretch asked for last.
    now: Range<i64>,
    /// The beginning of the longer one in which registers answer alike, whatever calendars say.
    registered: i64,
}

impl Steady {
    /// The stretches of a house.
    pub fn new(house: House<'_>) -> Steady {
        Steady {
            edges: house.registers.edges(),
            now: 0..0,
            registered: i64::MIN,
        }
    }

    /// The beginnings of the stretches of the same house an instant lies in, nanoseconds since 1970:
    /// of the one in which nothing changes, and of the one in which registers do not.
    #[inline]
    pub fn around(&mut self, house: House<'_>, nanos: i64) -> (i64, i64) {
        if !self.now.contains(&nanos) {
            self.find(house, nanos);
        }
        (self.now.start, self.registered)
    }

    fn find(&mut self, house: House<'_>, nanos: i64) {
        let (hours, _) = agreement(house.calendars, nanos);
        let behind = self.edges.partition_point(|edge| *edge <= nanos);
        let before = behind.checked_sub(1).map_or(i64::MIN, |at| self.edges[at]);
        let after = self.edges.get(behind).copied().unwrap_or(i64::MAX);
        self.now = hours.start.max(before)..hours.end.min(after);
        self.registered = before;
    }
}
