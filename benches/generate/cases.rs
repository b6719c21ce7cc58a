//! The cases planted in the hospital's ordinary days: what the rules are to find, and what lies
//! just below their thresholds.

use crate::day::Date;
use crate::hospital::{
    Access, Act, PATIENTS, PATIENTS_EACH, Planted, STAFF, STAFF_EACH, STRANGERS, TERMINALS,
    TERMINALS_EACH, WARDS, department_of, patient_of,
};
use crate::random::Random;

/// An access, and the case that ends with it.
pub type Planned = (Access, Option<Case>);

/// Which of the counts a planted case belongs to.
#[derive(Clone, Copy)]
pub enum Case {
    Burst,
    NearMiss,
    OffHours,
    Stranger,
    Spree,
    MuchRead,
}

impl Planted {
    /// Counts a case whose last access was written.
    pub fn count(&mut self, case: Case) {
        *match case {
            Case::Burst => &mut self.bursts,
            Case::NearMiss => &mut self.near_misses,
            Case::OffHours => &mut self.off_hours,
            Case::Stranger => &mut self.strangers,
            Case::Spree => &mut self.sprees,
            Case::MuchRead => &mut self.much_read,
        } += 1;
    }
}

/// The day's cases in order of time; the last access of each carries its kind.
pub fn plant(date: Date, random: &mut Random) -> Vec<Planned> {
    let mut plan = Vec::new();
    for _ in 0..random.between(3, 6) {
        let count = random.between(5, 9);
        let gap = 60 / (count - 1);
        let vary = random.below(5) == 0;
        failures(&mut plan, random, (count, gap, vary), Case::Burst);
    }
    for _ in 0..random.between(1, 2) {
        failures(&mut plan, random, (4, 20, false), Case::NearMiss);
        failures(&mut plan, random, (5, 16, false), Case::NearMiss);
    }
    for _ in 0..random.between(6, 12) {
        off_hours(&mut plan, random);
    }
    if date.is_open() {
        for _ in 0..random.between(1, 3) {
            stranger(&mut plan, random);
        }
        if date.number.is_multiple_of(3) {
            spree(&mut plan, random);
        }
        if date.number % 4 == 1 {
            much_read(&mut plan, random);
        }
    }
    plan.sort_by_key(|(access, _)| access.second);
    plan
}

fn push(plan: &mut Vec<Planned>, accesses: Vec<Access>, case: Case) {
    let last = accesses.len().saturating_sub(1);
    let planned = accesses.into_iter().enumerate();
    plan.extend(planned.map(|(i, access)| (access, (i == last).then_some(case))));
}

/// So many refused logins at one terminal, so many seconds apart, of one account or of several.
fn failures(plan: &mut Vec<Planned>, random: &mut Random, shape: (u32, u32, bool), case: Case) {
    let (count, gap, vary) = shape;
    let terminal = random.below(TERMINALS);
    let staff = terminal / TERMINALS_EACH * STAFF_EACH + random.below(STAFF_EACH);
    let begin = random.below(23) * 3_600 + random.below(1_800);
    let accesses = (0..count).map(|i| Access {
        second: begin + i * gap,
        staff: if vary {
            (staff + i * 50) % STAFF
        } else {
            staff
        },
        terminal,
        act: Act::Login,
        patient: None,
        failed: true,
    });
    push(plan, accesses.collect(), case);
}

/// Somebody of a clinic at night.
fn off_hours(plan: &mut Vec<Planned>, random: &mut Random) {
    let staff = random.between(WARDS * STAFF_EACH, STAFF - 1);
    let terminal = department_of(staff) * TERMINALS_EACH + random.below(TERMINALS_EACH);
    let begin = match random.below(2) {
        0 => random.below(5 * 3_600),
        _ => 21 * 3_600 + random.below(2 * 3_600),
    };
    let accesses = (0..random.between(3, 6)).map(|i| Access {
        second: begin + i * random.between(20, 90),
        staff,
        terminal,
        act: if i == 0 { Act::Login } else { Act::View },
        patient: (i > 0).then(|| random.below(PATIENTS)),
        failed: false,
    });
    let mut accesses: Vec<Access> = accesses.collect();
    accesses.sort_by_key(|a| a.second);
    push(plan, accesses, Case::OffHours);
}

/// An account of the house on a terminal the register does not know.
fn stranger(plan: &mut Vec<Planned>, random: &mut Random) {
    let staff = random.between(WARDS * STAFF_EACH, STAFF - 1);
    let terminal = TERMINALS + random.below(STRANGERS);
    let begin = random.between(9 * 3_600, 16 * 3_600);
    let accesses = (0..random.between(2, 8)).map(|i| Access {
        second: begin + i * 45,
        staff,
        terminal,
        act: if i == 0 { Act::Login } else { Act::View },
        patient: (i > 0).then(|| patient_of(random, staff)),
        failed: false,
    });
    push(plan, accesses.collect(), Case::Stranger);
}

/// An account that opens far more charts in an hour than any work asks for.
fn spree(plan: &mut Vec<Planned>, random: &mut Random) {
    let staff = random.between(WARDS * STAFF_EACH, STAFF - 1);
    let department = department_of(staff);
    let begin = random.between(10 * 3_600, 15 * 3_600);
    let first = random.below(PATIENTS_EACH);
    let accesses = (0..random.between(160, 220)).map(|i| Access {
        second: begin + i * 15,
        staff,
        terminal: department * TERMINALS_EACH,
        act: Act::View,
        patient: Some(department * PATIENTS_EACH + (first + i) % PATIENTS_EACH),
        failed: false,
    });
    push(plan, accesses.collect(), Case::Spree);
}

/// A patient whom half the house looks up.
fn much_read(plan: &mut Vec<Planned>, random: &mut Random) {
    let patient = random.below(PATIENTS);
    let clinics = STAFF - WARDS * STAFF_EACH;
    let first = random.below(clinics);
    let accesses = (0..random.between(45, 60)).map(|i| {
        let staff = WARDS * STAFF_EACH + (first + i * 37) % clinics;
        Access {
            second: 9 * 3_600 + i * 450 + random.below(400),
            staff,
            terminal: department_of(staff) * TERMINALS_EACH + i % TERMINALS_EACH,
            act: Act::View,
            patient: Some(patient),
            failed: false,
        }
    });
    push(plan, accesses.collect(), Case::MuchRead);
}
