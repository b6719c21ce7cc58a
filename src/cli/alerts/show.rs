//! `alerts show`: everything about one alert. Looking is itself written into the run record.

use super::super::args::{AlertsShow, AnswerFormat, Reading};
use super::super::house::House;
use super::super::memory::{Memory, Stop};
use super::super::plan::Plan;
use super::super::report::metas;
use super::super::{Exit, Streams};
use super::saw::{self, Rereading};
use super::{find, is_account};
use crate::alert::{Alert, Evidence, Search, confirm};
use crate::diagnostic::Complaints;
use crate::rule::Meta;
use crate::sink::Reader;
use crate::sink::dossier::{self, Dossier, Looked, Miss};
use crate::store::{Kept, State, Store};

/// Lines shown before and after a record.
const LINES: usize = 2;
/// Alerts of the history that are shown.
const HISTORY: usize = 20;

pub(super) fn show(
    plan: &Plan,
    task: &AlertsShow,
    streams: &mut Streams<'_>,
) -> Result<Exit, Stop> {
    let mut complaints = Complaints::new();
    let house = House::read(plan, &task.ruling, &mut complaints);
    if streams.complain(&complaints, plan.lang)? {
        return Ok(Exit::Mistake);
    }
    let mut memory = Memory::open(plan, &task.store, Store::look_only)?;
    let whole = Whole::read(plan, &house, &memory, &task.id)?;
    let note = serde_json::json!({ "alert": whole.kept.alert.id });
    memory.record_look(&note, streams, plan.lang)?;
    let reader = Reader {
        lang: plan.lang,
        zone: plan.zone,
    };
    let dossier = whole.dossier(&house);
    match task.output_format {
        AnswerFormat::Text => {
            let text = dossier::text(&dossier, &reader);
            streams.out.write_all(text.as_bytes())?;
        }
        AnswerFormat::Json => dossier::write_json(streams.out, &dossier, &reader)?,
    }
    Ok(Exit::Done)
}

/// Everything about one alert, as store, files, rules and registers tell it now.
pub(in crate::cli) struct Whole {
    /// The id that was asked for.
    asked: String,
    /// The alert it lives on as.
    pub(in crate::cli) kept: Kept,
    people: Vec<(String, String)>,
    records: Vec<Looked>,
    miss: Option<Miss>,
    history: Vec<Kept>,
    further: usize,
}

impl Whole {
    /// Reads the alert whose id begins so. That somebody looked is for the caller to write down.
    pub(in crate::cli) fn read(
        plan: &Plan,
        house: &House,
        memory: &Memory,
        id: &str,
    ) -> Result<Whole, Stop> {
        let asked = find(memory, id)?;
        let id = asked.alert.id.clone();
        let kept = memory.ask(|store| store.live(asked))?;
        let (history, further) = history(memory, &kept)?;
        let rereading = Rereading {
            plan,
            house,
            folders: &memory.folders(),
        };
        let records = records(rereading, &kept);
        Ok(Whole {
            asked: id,
            people: people(house, &kept.alert),
            miss: saw::nearest_miss(rereading, &kept.alert, &records),
            records,
            kept,
            history,
            further,
        })
    }

    /// The same as sinks take it.
    pub(in crate::cli) fn dossier<'w>(&'w self, house: &'w House) -> Dossier<'w> {
        let rule = &self.kept.alert.rule.id;
        let meta: Option<&Meta> = metas(&house.rules).find(|meta| meta.id == *rule);
        Dossier {
            asked: &self.asked,
            kept: &self.kept,
            people: &self.people,
            why: meta.map(|meta| meta.description.as_str()),
            records: &self.records,
            miss: self.miss.as_ref(),
            history: &self.history,
            further: self.further,
        }
    }
}

/// Who the accounts of a key belong to: the store keeps ids alone.
fn people(house: &House, alert: &Alert) -> Vec<(String, String)> {
    let accounts = alert.key.iter().filter(|(field, _)| is_account(field));
    let person = |(field, value): &(String, Option<String>)| {
        let (registers, id) = (&house.registers, value.as_deref()?);
        let owner = registers
            .account_at(id, alert.start)
            .map(|a| a.owner.as_str());
        let owner = owner.filter(|owner| !owner.is_empty());
        let staff = registers.staff_at(owner.unwrap_or(id), alert.start)?;
        let parts = [&*staff.name, &*staff.department];
        let known: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        (!known.is_empty()).then(|| (field.clone(), known.join(", ")))
    };
    accounts.filter_map(person).collect()
}

/// Earlier alerts of the same rule and key, the latest first, and how many more there are. Those
/// that live on as another one are not told twice.
fn history(memory: &Memory, kept: &Kept) -> Result<(Vec<Kept>, usize), Stop> {
    let alert = &kept.alert;
    let mut all = memory.ask(|store| store.alerts_of(&alert.rule.id, &alert.key))?;
    let place = (alert.start, alert.id.clone());
    all.retain(|other| {
        let is_earlier = (other.alert.start, other.alert.id.clone()) < place;
        is_earlier && other.state != State::Superseded
    });
    all.reverse();
    let further = all.len().saturating_sub(HISTORY);
    all.truncate(HISTORY);
    Ok((all, further))
}

/// The evidence as it stands now, with what the rule sees in it.
fn records(rereading: Rereading<'_>, kept: &Kept) -> Vec<Looked> {
    let all: Vec<&Evidence> = kept.alert.evidence.iter().collect();
    let reading = Reading::default();
    let search = Search {
        folders: rereading.folders,
        encoding: &|path| rereading.plan.how_to_read(path, &reading).encoding,
        lines: Some(LINES),
    };
    let checked = confirm(&all, search);
    let saw = saw::saw(rereading, &kept.alert, &checked);
    let both = checked.into_iter().zip(saw);
    both.map(|(checked, saw)| Looked { checked, saw }).collect()
}
