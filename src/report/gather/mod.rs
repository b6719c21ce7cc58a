//! From the store to the numbers of a report.
//!
//! Takes an open store, the house and the stretch of days; gives a [`Weekly`]. Asks the store for
//! sums alone, keeps bounded lists, and never writes a word.

mod account;
mod alerts;
mod changes;
mod department;
mod examined;
mod figures;
mod maintenance;
mod persons;
mod pictures;
mod places;
mod standing;

use crate::calendar::Calendars;
use crate::event::Zone;
use crate::register::Registers;
use crate::store::{Failure, Store};

use super::evidenced;
use super::model::{Day, DiaryEntry, DocumentTold, PeriodTold, Review, RulesTold, Time, Weekly};
use super::period::{Period, day_of};
use department::Ward;
use figures::Figures;
use places::Places;

pub use account::SIGNED;
pub use figures::Expected;
pub use maintenance::{Compared, Held, NotExamined, WhyNot};
pub(super) use maintenance::{Most, maintenance};
pub use persons::Persons;
pub(super) use pictures::FEW;

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
    /// The logs held against the work plans.
    pub maintenance: Maintenance,
}

/// The logs of the stretch, read once more and held against the work plans.
#[derive(Debug)]
pub enum Maintenance {
    /// No plan is configured.
    NoPlan,
    /// One is, and the logs were not read for this.
    NotHeld,
    /// What was found.
    Held(Compared),
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
    let places = Places::read(store, &figures, request)?;
    let alerts = alerts::alerts(store, request, &places, None)?;
    let pictures = pictures::pictures(store, &figures, request)?;
    let changes = changes::changes(store, &figures, request, None)?;
    let compared = match &request.maintenance {
        Maintenance::Held(found) => Some(found),
        Maintenance::NoPlan | Maintenance::NotHeld => None,
    };
    let account = account::account(store, &figures, request)?;
    let mut weekly = Weekly {
        site: request.site.clone().or_else(|| figures.site.clone()),
        zone: request.zone.name().to_owned(),
        period: told(request),
        made: request.time(request.now),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        department: request.department.clone(),
        of_department: None,
        identities: request.persons.word(),
        off_hours: examined::off_hours(store, &figures, request)?,
        standing: standing::standing(store, &figures, request, None)?,
        signatures: account::signatures(store, request)?,
        has_work_plan: !matches!(request.maintenance, Maintenance::NoPlan),
        maintenance: compared.map(|found| maintenance::of_week(found, &figures, request)),
        evidenced: super::model::Evidenced::default(),
        examined,
        alerts,
        pictures,
        changes,
        account,
    };
    let clauses = alerts::by_clause(store, request)?;
    // What the logs can show is said of the whole house, whoever the report is for.
    weekly.evidenced = evidenced::evidenced(&weekly, &figures.adequacy(), &clauses);
    if let Some(name) = request.department.as_deref() {
        let ward = Ward {
            name,
            places: &places,
        };
        department::narrow(store, &figures, (request, ward), &mut weekly)?;
    }
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
