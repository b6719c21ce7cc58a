//! Reports for tests.

use super::model::{
    Account, Alerts, Changes, Day, Evidenced, Examined, OffHoursTold, PeriodTold, Pictures,
    StandingMatters, Time, Weekly,
};
use super::period::Period;
use crate::diagnostic::{Lang, Text};

/// A report of a week without anything.
pub(super) fn empty() -> Weekly {
    let period = Period::week(2026, 47).expect("a week");
    Weekly {
        site: Some("さくら総合病院".to_owned()),
        zone: "Asia/Tokyo".to_owned(),
        period: PeriodTold {
            label: period.label(),
            title: Text::new(period.title(Lang::En), period.title(Lang::Ja)),
            first: Day(period.first),
            last: Day(period.end - 1),
            is_over: true,
        },
        made: Time {
            nanos: 1_795_400_000_000_000_000,
            offset: 32_400,
        },
        program: "0.0.0".to_owned(),
        department: None,
        of_department: None,
        identities: "ids",
        examined: Examined::default(),
        alerts: Alerts::default(),
        off_hours: OffHoursTold::default(),
        pictures: Pictures::default(),
        changes: Changes::default(),
        has_work_plan: false,
        maintenance: None,
        evidenced: Evidenced::default(),
        standing: StandingMatters::default(),
        account: Account::default(),
        signatures: Vec::new(),
    }
}
