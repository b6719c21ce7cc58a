//! `report`: the week on one page, from the store; and who reviewed it.
//!
//! Takes the arguments; gives the report where it was wanted, and an exit status. Never judges a
//! record; logs are read once more only where the config names a plan of maintenance to hold them
//! against.

mod diary;
pub(super) mod key;
mod mail;
mod maintenance;
pub(super) mod period;
pub(super) mod put;
mod reveal;
mod sign;

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::args::{Common, PeriodOption, Report, ReportForm, ReportTask, Reveal, Ruling};
use super::house::House;
use super::memory::{Memory, Stop};
use super::plan::{Plan, World};
use super::report::metas;
use super::{Exit, Streams, extract};
use crate::diagnostic::{Complaints, Problem, nearest};
use crate::report::{
    self, Compared, Day, DocumentTold, Expected, Maintenance, Persons, Request, RulesTold, Weekly,
};
use crate::rule::RuleSet;
use crate::store::Store;
use crate::text::one_line;

use put::Target;

pub(super) use maintenance::plans as work_plans;

/// Does the whole command and says how it ended.
pub(super) fn weekly(
    task: &Report,
    common: &Common,
    streams: &mut Streams<'_>,
) -> io::Result<Exit> {
    if let Some(ReportTask::Extract(asked)) = &task.task {
        return extract::report(asked, common, streams);
    }
    let mut complaints = Complaints::new();
    let plan = Plan::make(common, None, &World::present(), &mut complaints);
    let form = form(task, &mut complaints);
    mail::check(&plan, task, &mut complaints);
    if streams.complain(&complaints, plan.lang)? {
        return Ok(Exit::Mistake);
    }
    let ended = match &task.task {
        Some(ReportTask::Sign(sign)) => sign::sign(&plan, sign, streams),
        _ => write(&plan, task, (form, common.quiet), streams),
    };
    Stop::tell(ended, streams, plan.lang)
}

/// `reveal`: whom a pseudonym stands for.
pub(super) fn reveal(
    task: &Reveal,
    common: &Common,
    streams: &mut Streams<'_>,
) -> io::Result<Exit> {
    let mut complaints = Complaints::new();
    let plan = Plan::make(common, None, &World::present(), &mut complaints);
    let house = House::with(RuleSet::default(), &plan, &mut complaints);
    if streams.complain(&complaints, plan.lang)? {
        return Ok(Exit::Mistake);
    }
    let ended = reveal::reveal(&plan, task, &house.registers, streams);
    Stop::tell(ended, streams, plan.lang)
}

/// The form that is wanted: as told, by the file's ending, else a page.
fn form(task: &Report, complaints: &mut Complaints) -> ReportForm {
    let output = (
        task.output.as_deref(),
        ReportForm::of_ending as fn(&Path) -> _,
    );
    let endings = (".html, .md, .xlsx or .json", "--format");
    let form = put::form(task.format, output, endings, complaints);
    if form == Some(ReportForm::Pdf) {
        complaints.push(put::no_pdf());
    }
    form.unwrap_or(ReportForm::Html)
}

fn write(
    plan: &Plan,
    task: &Report,
    (form, quiet): (ReportForm, bool),
    streams: &mut Streams<'_>,
) -> Result<Exit, Stop> {
    let mut complaints = Complaints::new();
    let house = House::read(plan, &Ruling::default(), &mut complaints);
    let diary = diary::read(plan, &mut complaints);
    let plans = maintenance::plans(plan, &mut complaints);
    if streams.complain(&complaints, plan.lang)? {
        return Ok(Exit::Mistake);
    }
    let mut memory = Memory::open(plan, &task.store, Store::look_only)?;
    let now = period::now(plan, task.period.now)?;
    let period = period::choose(plan, &task.period, &memory, now)?;
    if let Some(name) = &task.department {
        know_department(name, &house, &memory, period)?;
    }
    // What the config lets leave the house by mail is in the page that leaves it.
    let mailed = plan.config.mail.as_ref().filter(|_| task.mail);
    let names = task.names || mailed.is_some_and(|mail| mail.names && !task.mask);
    let persons = persons(task, names, (&memory, streams), plan)?;
    let held = plans
        .map(|plans| maintenance::compare((plan, &house), plans, &memory, (period, now)))
        .transpose()?;
    let asked = Asked {
        maintenance: held.map_or(Maintenance::NoPlan, |held| {
            Maintenance::Held(Compared::told(held, &persons, &house.registers))
        }),
        period,
        now,
        department: task.department.clone(),
        persons,
        diary,
    };
    let request = request(plan, &house, asked);
    let weekly = memory.ask(|store| report::gather(store, &request))?;
    if names {
        let note = serde_json::json!({ "period": period.label(), "department": task.department });
        memory.record("report --names", &note, streams, plan.lang)?;
    }
    if mailed.is_none() || task.output.is_some() {
        let bytes = rendered(&weekly, form, plan)?;
        let name = format!("yomawari-{}.{}", period.label(), form.ending());
        let target = Target {
            output: task.output.as_deref(),
            by_itself: Some(name),
            store: Some(memory.path()),
        };
        put::put(&target, (streams, plan.lang), |out| out.write_all(&bytes))?;
    }
    let Some(mail) = mailed else {
        return Ok(Exit::Done);
    };
    let page = rendered(&weekly, ReportForm::Html, plan)?;
    let letter = mail::Letter {
        weekly: &weekly,
        page: &page,
        label: &period.label(),
    };
    let with = (plan.lang, quiet);
    mail::bring(mail, &letter, (&mut memory, streams), with)
}

/// How persons are told.
fn persons(
    task: &Report,
    names: bool,
    (memory, streams): (&Memory, &mut Streams<'_>),
    plan: &Plan,
) -> Result<Persons, Stop> {
    Ok(match (names, task.mask) {
        (true, _) => Persons::Names,
        (_, true) => {
            let key = task.key.as_deref();
            Persons::Masked(key::of_report(
                (Some(memory.path()), key),
                streams,
                plan.lang,
            )?)
        }
        _ => Persons::Ids,
    })
}

/// The numbers of the days that are asked for as they stand at this moment, and which days these
/// are. What is wrong with the diary is told by `report`.
pub(super) fn at_this_moment(
    plan: &Plan,
    house: &House,
    memory: &Memory,
    (option, names): (&PeriodOption, bool),
) -> Result<(Weekly, report::Period), Stop> {
    let diary = diary::read(plan, &mut Complaints::new());
    let now = period::now(plan, option.now)?;
    let period = period::choose(plan, option, memory, now)?;
    let persons = match names {
        true => Persons::Names,
        false => Persons::Ids,
    };
    let asked = Asked {
        // The logs are not read once more for each look at the page.
        maintenance: match plan.config.work_plans.is_empty() {
            true => Maintenance::NoPlan,
            false => Maintenance::NotHeld,
        },
        period,
        now,
        department: None,
        persons,
        diary,
    };
    let request = request(plan, house, asked);
    let weekly = memory.ask(|store| report::gather(store, &request))?;
    Ok((weekly, period))
}

/// What is asked of a report beside what the house says of itself.
struct Asked {
    /// The logs held against the work plans.
    maintenance: Maintenance,
    /// The days.
    period: report::Period,
    /// The time to take for now, nanoseconds since 1970.
    now: i64,
    /// The only department wanted.
    department: Option<String>,
    /// How persons are told.
    persons: Persons,
    /// The diary; `None` when none is configured.
    diary: Option<Vec<report::DiaryEntry>>,
}

/// The request for a report on this house.
fn request<'h>(plan: &Plan, house: &'h House, asked: Asked) -> Request<'h> {
    Request {
        maintenance: asked.maintenance,
        period: asked.period,
        now: asked.now,
        zone: plan.zone,
        site: plan.config.name.clone(),
        department: asked.department,
        persons: asked.persons,
        registers: &house.registers,
        calendars: &house.calendars,
        expected: expected(plan),
        rules: rules(house),
        documents: documents(plan),
        diary: asked.diary,
        review: plan.config.review.clone().map(|review| report::Review {
            cycle: review.cycle,
            decided_by: review.decided_by,
            decided_on: review.decided_on.map(Day),
        }),
    }
}

fn rendered(weekly: &Weekly, form: ReportForm, plan: &Plan) -> Result<Vec<u8>, Stop> {
    Ok(match form {
        ReportForm::Md => report::markdown(weekly, plan.lang).into_bytes(),
        ReportForm::Json => report::json(weekly).into_bytes(),
        ReportForm::Xlsx => report::workbook(weekly, plan.lang).map_err(io::Error::other)?,
        ReportForm::Html | ReportForm::Pdf => report::page(weekly, plan.lang).into_bytes(),
    })
}

/// A department that nothing knows is a slip: its report would be empty and look well.
fn know_department(
    name: &str,
    house: &House,
    memory: &Memory,
    period: report::Period,
) -> Result<(), Stop> {
    let registers = &house.registers;
    let staff = registers
        .staff_rows()
        .iter()
        .map(|row| row.department.clone());
    let devices = registers.devices().iter().map(|row| row.department.clone());
    let mut known: BTreeSet<String> = staff.chain(devices).collect();
    if memory.ask(|store| store.has_aggregates())? {
        known.extend(
            memory
                .ask(|store| store.departments(period.range()))?
                .into_values(),
        );
    }
    if known.contains(name) {
        return Ok(());
    }
    let shown = one_line(name);
    let problem = Problem::error(
        format!("neither the registers nor the logs of these days know a department \"{shown}\""),
        format!("「{shown}」という部署は、台帳にもこの期間のログにもありません"),
    );
    Err(Stop::mistake(
        match nearest(name, known.iter().map(String::as_str)) {
            Some(meant) => problem.help(format!("write {meant}"), format!("{meant} のことですか")),
            None => problem,
        },
    ))
}

fn expected(plan: &Plan) -> Vec<Expected> {
    let sources = plan.config.sources.iter();
    let expected = sources.filter_map(|source| {
        Some(Expected {
            source: source.name.clone(),
            how: source.expects.as_ref()?.1,
        })
    });
    expected.collect()
}

/// The rules that can speak in this house, and why others cannot.
fn rules(house: &House) -> RulesTold {
    let silent = house.silent();
    let why = house.silent_rules(&silent);
    let detections = house
        .rules
        .detections
        .iter()
        .filter(|r| r.reports)
        .map(|r| &r.meta.id);
    let correlations = house
        .rules
        .correlations
        .iter()
        .filter(|r| r.reports)
        .map(|r| &r.meta.id);
    let reporting: Vec<&String> = detections.chain(correlations).collect();
    let mut told: Vec<(String, crate::diagnostic::Text)> = metas(&house.rules)
        .filter(|meta| reporting.contains(&&meta.id))
        .filter_map(|meta| Some((meta.name.clone(), why.get(meta.id.as_str())?.clone())))
        .collect();
    told.sort_by(|a, b| a.0.cmp(&b.0));
    RulesTold {
        speaking: (reporting.len() - told.len()) as u64,
        silent: told,
    }
}

fn documents(plan: &Plan) -> Vec<DocumentTold> {
    let told = plan
        .config
        .documents
        .iter()
        .cloned()
        .map(|document| DocumentTold {
            name: document.name,
            file: document.file,
            approved_by: document.approved_by,
            approved_on: document.approved_on.map(Day),
            review_by: document.review_by.map(Day),
            contact: document.contact,
            is_there: true,
            is_overdue: false,
        });
    told.collect()
}
