//! From the store to the numbers of a report.
//!
//! Takes an open store, the house and the stretch of days; gives a [`Weekly`]. Asks the store for
//! sums alone, keeps bounded lists, and never writes a word.

mod account;
mod alerts;
mod changes;
mod examined;
mod figures;
mod persons;
mod pictures;
mod standing;

use crate::calendar::Calendars;
use crate::event::Zone;
use crate::register::Registers;
use crate::store::{Failure, Store};

use super::evidenced;
use super::model::{Day, DiaryEntry, DocumentTold, PeriodTold, Review, RulesTold, Time, Weekly};
use super::period::{Period, day_of};
use figures::Figures;

pub use account::SIGNED;
pub use figures::{Expectation, Expected};
pub use persons::Persons;

/// Days of history that "usual" means.
pub(super) const HISTORY: i64 = 56;

/// What a report is to be about.
#[derive(Debug)]
pub struct Request<'r> {
    /// The stretch.
    pub period: Period,
    /// The time to take for now, nanoseconds since 1970.
    pub now: i64,
    /// The site's zone.
    pub zone: Zone,
    /// Name of the house.
    pub site: Option<String>,
    /// The only department wanted.
    pub department: Option<String>,
    /// How persons are told.
    pub persons: Persons,
    /// The registers.
    pub registers: &'r Registers,
    /// The calendars.
    pub calendars: &'r Calendars,
    /// How often sources should be heard of.
    pub expected: Vec<Expected>,
    /// The rules in force.
    pub rules: RulesTold,
    /// Documents of the config.
    pub documents: Vec<DocumentTold>,
    /// The diary; `None` when none is configured.
    pub diary: Option<Vec<DiaryEntry>>,
    /// The review cycle.
    pub review: Option<Review>,
}

impl Request<'_> {
    fn time(&self, nanos: i64) -> Time {
        Time {
            nanos,
            offset: self.zone.offset_at(nanos),
        }
    }

    /// The day of now.
    fn today(&self) -> i64 {
        day_of(self.now, &self.zone)
    }
}

/// Gathers a report.
///
/// # Errors
/// What SQLite says; an alert or run that cannot be read.
pub fn gather(store: &Store, request: &Request<'_>) -> Result<Weekly, Failure> {
    let figures = Figures::read(store, request)?;
    let mut examined = examined::examined(&figures, request);
    examined.rules = request.rules.clone();
    let alerts = alerts::alerts(store, request)?;
    let pictures = pictures::pictures(store, &figures, request)?;
    let changes = changes::changes(store, &figures, request)?;
    let account = account::account(store, &figures, request)?;
    let mut weekly = Weekly {
        site: request.site.clone().or_else(|| figures.site.clone()),
        zone: request.zone.name().to_owned(),
        period: told(request),
        made: request.time(request.now),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        department: request.department.clone(),
        identities: request.persons.word(),
        off_hours: examined::off_hours(store, &figures, request)?,
        standing: standing::standing(store, &figures, request)?,
        signatures: account::signatures(store, request)?,
        evidenced: super::model::Evidenced::default(),
        examined,
        alerts,
        pictures,
        changes,
        account,
    };
    let clauses = alerts::by_clause(store, request)?;
    weekly.evidenced = evidenced::evidenced(&weekly, &figures.adequacy(), &clauses);
    Ok(weekly)
}

fn told(request: &Request<'_>) -> PeriodTold {
    let period = &request.period;
    PeriodTold {
        label: period.label(),
        title: crate::diagnostic::Text::new(
            period.title(crate::diagnostic::Lang::En),
            period.title(crate::diagnostic::Lang::Ja),
        ),
        first: Day(period.first),
        last: Day(period.end - 1),
        is_over: request.today() >= period.end,
    }
}
