//! `report patient`: who opened the chart of a patient, when and from where.

use super::super::args::{ExtractFormat, ReportPatient};
use super::super::memory::Stop;
use super::super::{Exit, Streams};
use super::Question;
use crate::diagnostic::{Complaints, Problem};
use crate::enrich::{self, derive_all};
use crate::event::{Event, Field};
use crate::pipeline::At;
use crate::reconcile::Once;
use crate::report::extract::{Answer, openings_told};
use crate::sink::openings::{self, Opening, Openings};
use crate::text::fold_width;

/// Records that are kept one by one.
const MOST: usize = 200_000;

pub(super) fn of_patient(
    question: Question<'_>,
    task: &ReportPatient,
    mut complaints: Complaints,
    streams: &mut Streams<'_>,
) -> Result<Exit, Stop> {
    let lang = question.plan.lang;
    let period = question.period(&mut complaints);
    let form = question.form(&mut complaints);
    let patient = fold_width(task.id.trim()).into_owned();
    if patient.is_empty() {
        complaints.push(
            Problem::error("the patient number is empty", "患者IDが空です").help(
                "write it as it stands in the logs, with the zeros before it",
                "記録にあるとおり、先頭の 0 も含めて書いてください",
            ),
        );
    }
    if streams.complain(&complaints, lang)? {
        return Ok(Exit::Mistake);
    }
    let persons = question.persons(streams)?;
    // Written down before the answer is given: who looked must not hang on how it ended.
    let note = serde_json::json!({ "patient": patient, "names": question.extract.names });
    let entry = question.record("report patient", &note, streams)?;
    let mut finder = Finder::of(patient);
    let house = enrich::House {
        calendars: &question.house.calendars,
        registers: &question.house.registers,
    };
    let read = question.read(&task.paths, Complaints::new(), streams, &mut |event, at| {
        let within = |nanos: i64| period.contains(&nanos);
        if event.time().is_some_and(|time| within(time.nanos)) {
            finder.look(event, at, house);
        }
    })?;
    let read = match read {
        Ok(read) => read,
        Err(exit) => return Ok(exit),
    };
    let found = openings_told(finder.finish(), &persons, &question.house.registers);
    let reader = question.reader();
    let basis = question.basis(&read, &persons, (period, entry))?;
    question.answer(form, streams, |out, form| match form {
        ExtractFormat::Table => out.write_all(openings::text(&found, &reader).as_bytes()),
        ExtractFormat::Json => openings::write_json(out, &found, &reader),
        ExtractFormat::Csv => openings::write_csv(out, &found, &reader),
        form => super::write(out, form, (Answer::Patient(&found), &basis, lang)),
    })?;
    Ok(read.exit)
}

/// Collects the events that name a patient; a record that several inputs tell counts once.
struct Finder {
    found: Openings,
    once: Once<Opening>,
}

impl Finder {
    fn of(patient: String) -> Finder {
        Finder {
            found: Openings {
                patient,
                ..Openings::default()
            },
            once: Once::default(),
        }
    }

    fn look(&mut self, event: &Event<'_>, at: &At<'_>, house: enrich::House<'_>) {
        let Some(time) = event.time() else {
            return;
        };
        let found = &mut self.found;
        if time.trusted {
            let (first, last) = found.covered.unwrap_or((time.nanos, time.nanos));
            found.covered = Some((first.min(time.nanos), last.max(time.nanos)));
        }
        if !found.sources.contains_key(at.source) {
            found.sources.insert(at.source.to_owned(), (0, 0));
        }
        let source = found.sources.entry(at.source.to_owned()).or_default();
        let (mut names_any, mut names_this) = (false, false);
        for id in event.values(Field::PatientId) {
            names_any = true;
            names_this |= fold_width(id) == found.patient;
        }
        source.0 += 1;
        source.1 += u64::from(names_any);
        if !names_this {
            return;
        }
        if found.openings.len() >= MOST {
            found.left_out += 1;
        } else if let Some(opening) = opening(event, at, house)
            && self.once.is_new(&opening, at.path)
        {
            let place = format!("{}:{}", at.path, at.line);
            found.openings.push(Opening { place, ..opening });
        }
    }

    fn finish(mut self) -> Openings {
        self.found.openings.sort_by(|a, b| {
            let key = |o: &Opening| (o.time.nanos, o.source.clone());
            key(a).cmp(&key(b))
        });
        self.found
    }
}

/// What an event tells; its place is left empty, so that the same record of two inputs is equal.
fn opening(event: &Event<'_>, at: &At<'_>, house: enrich::House<'_>) -> Option<Opening> {
    let time = event.time()?;
    let derived = derive_all(event, house);
    let get = |field: Field| derived.get(field).unwrap_or_default();
    let account = get(Field::UserAccount);
    let row = house.registers.account_at(account, time.nanos);
    let owner = row.map_or(account, |row| match row.owner.as_str() {
        "" => account,
        owner => owner,
    });
    let staff = house.registers.staff_at(owner, time.nanos);
    let department = match get(Field::UserDepartment) {
        "" => staff.map_or("", |staff| &*staff.department),
        department => department,
    };
    let terminal = match get(Field::DeviceKnown) {
        "true" => get(Field::DeviceId),
        _ => get(Field::SourceTerminal),
    };
    let purpose = match get(Field::BreakGlass) {
        "true" => "break-glass",
        _ => get(Field::PurposeOfUse),
    };
    Some(Opening {
        time,
        account: account.to_owned(),
        person: staff.map_or("", |staff| &*staff.name).to_owned(),
        department: department.to_owned(),
        terminal: terminal.to_owned(),
        action: get(Field::EventAction).to_owned(),
        outcome: event.outcome().name().to_owned(),
        verdict: get(Field::CalendarVerdict).to_owned(),
        purpose: purpose.to_owned(),
        source: at.source.to_owned(),
        place: String::new(),
    })
}
