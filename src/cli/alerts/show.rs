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
use crate::sink::dossier::{self, Dossier, Looked};
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
    let asked = find(&memory, &task.id)?;
    let id = asked.alert.id.clone();
    let kept = memory.ask(|store| store.live(asked))?;
    let (history, further) = history(&memory, &kept)?;
    let note = serde_json::json!({ "alert": kept.alert.id });
    memory.record_look(&note, streams, plan.lang)?;
    let rereading = Rereading {
        plan,
        house: &house,
        folders: &memory.folders(),
    };
    let records = records(rereading, &kept);
    let miss = saw::nearest_miss(rereading, &kept.alert, &records);
    let meta: Option<&Meta> = metas(&house.rules).find(|m| m.id == kept.alert.rule.id);
    let dossier = Dossier {
        asked: &id,
        kept: &kept,
        people: &people(&house, &kept.alert),
        why: meta.map(|m| m.description.as_str()),
        records: &records,
        miss: miss.as_ref(),
        history: &history,
        further,
    };
    let reader = Reader {
        lang: plan.lang,
        zone: plan.zone,
    };
    match task.output_format {
        AnswerFormat::Text => {
            let text = dossier::text(&dossier, &reader);
            streams.out.write_all(text.as_bytes())?;
        }
        AnswerFormat::Json => dossier::write_json(streams.out, &dossier, &reader)?,
    }
    Ok(Exit::Done)
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
