//! What stands beside the logs: documents, devices by their register, the diary, the review cycle.

use std::collections::BTreeMap;

use crate::event::NANOS;
use crate::register::Device;
use crate::report::model::{Day, DeviceTold, DiaryEntry, DocumentTold, Listed, StandingMatters};
use crate::report::period::{day_of, midnight};
use crate::store::{Failure, Store};
use crate::text::fold_key;

use super::Request;
use super::department::Ward;
use super::figures::Figures;

/// Entries of each list.
const LISTED: usize = 20;
/// Entries of the diary.
const DIARY: usize = 60;
/// After so long a registered device counts as not seen for long.
const LONG: i64 = 90 * 86_400 * NANOS;
/// The documents that every operator must own.
const NEEDED: [&str; 4] = [
    "操作マニュアル",
    "インシデント対応手順",
    "構成管理手順",
    "運用管理規程",
];

pub(super) fn standing(
    store: &Store,
    figures: &Figures,
    request: &Request<'_>,
    whose: Option<Ward<'_>>,
) -> Result<StandingMatters, Failure> {
    let mut standing = StandingMatters {
        documents: documents(request),
        review: request.review.clone(),
        ..StandingMatters::default()
    };
    if let Some(diary) = &request.diary {
        standing.diary = Some(entries(store, diary, request)?);
    }
    if !request.registers.has_devices() {
        return Ok(standing);
    }
    let end = request.period.instants(&request.zone).end;
    let times = match figures.known {
        true => store.last_times(&["device", "mac", "terminal"])?,
        false => BTreeMap::new(),
    };
    let mut unsupported = Vec::new();
    let mut unseen = Vec::new();
    for device in request.registers.devices() {
        let is_valid = device
            .valid
            .as_ref()
            .is_none_or(|valid| valid.contains(&(end - 1)));
        let is_asked = whose.is_none_or(|ward| device.department == ward.name);
        if !is_valid || !is_asked {
            continue;
        }
        let last = last_seen(&times, device);
        if device.support_until.is_some_and(|until| until <= end) {
            unsupported.push(told(device, last, request));
        }
        if figures.known && last.is_none_or(|last| last < end - LONG) {
            unseen.push(told(device, last, request));
        }
    }
    standing.unsupported = Some(Listed::of(unsupported, LISTED));
    standing.unseen = figures.known.then(|| Listed::of(unseen, LISTED));
    Ok(standing)
}

/// The latest time any of a device's names was seen.
fn last_seen(times: &BTreeMap<String, i64>, device: &Device) -> Option<i64> {
    let ip = device.ip.map(|ip| ip.to_string()).unwrap_or_default();
    let colons = device.mac.replace('-', ":");
    let lower = colons.to_ascii_lowercase();
    let names = [&device.mac, &colons, &lower, &ip, &device.name];
    let told = names.into_iter().filter(|name| !name.is_empty());
    told.filter_map(|name| times.get(name)).max().copied()
}

fn told(device: &Device, last: Option<i64>, request: &Request<'_>) -> DeviceTold {
    let ip = device.ip.map(|ip| ip.to_string()).unwrap_or_default();
    let names = [&device.name, &device.mac, &ip];
    let name = names.into_iter().find(|name| !name.is_empty());
    let system = [device.os.as_str(), device.version.as_str()].join(" ");
    DeviceTold {
        name: name.cloned().unwrap_or_default(),
        department: device.department.clone(),
        system: system.trim().to_owned(),
        support_until: device
            .support_until
            .map(|until| Day(day_of(until - 1, &request.zone))),
        last: last.map(|last| request.time(last)),
        at: device
            .at
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
    }
}

/// The documents of the config, and those that are needed and not among them.
fn documents(request: &Request<'_>) -> Vec<DocumentTold> {
    let today = request.today();
    let mut all = request.documents.clone();
    for document in &mut all {
        document.is_overdue = document.review_by.is_some_and(|day| day.0 < today);
    }
    for name in NEEDED {
        if !all
            .iter()
            .any(|document| fold_key(&document.name) == fold_key(name))
        {
            all.push(DocumentTold {
                name: name.to_owned(),
                ..DocumentTold::default()
            });
        }
    }
    all
}

/// The entries of these days, each with the number of alerts of its day.
fn entries(
    store: &Store,
    diary: &[DiaryEntry],
    request: &Request<'_>,
) -> Result<Listed<DiaryEntry>, Failure> {
    let period = request.period.range();
    let mut told: Vec<DiaryEntry> = diary
        .iter()
        .filter(|entry| period.contains(&entry.day.0))
        .cloned()
        .collect();
    told.sort_by(|a, b| (a.day, &a.time).cmp(&(b.day, &b.time)));
    let mut listed = Listed::of(told, DIARY);
    for entry in &mut listed.first {
        let day = entry.day.0;
        let stretch = midnight(day, &request.zone)..midnight(day + 1, &request.zone);
        entry.alerts = store.alert_times(stretch)?.len() as u64;
        if !request.persons.shows_words() {
            (entry.by, entry.text) = (String::new(), String::new());
        }
    }
    Ok(listed)
}
