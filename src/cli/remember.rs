//! A scan with a store: what earlier runs read is read again beside what is new, so that windows
//! reach from one night into the next, and what was found is kept.
//!
//! Takes an open store and the inputs of this run; gives the inputs of earlier runs that are still
//! there, and keeps alerts, inputs and the run itself in one commit. Never reads a log itself.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::args::{Reading, Ruling};
use super::deliver::{Manners, Sinks};
use super::house::House;
use super::memory;
use super::plan::Plan;
use super::{as_seen, report, value};
use crate::alert::{Alert, hex};
use crate::diagnostic::{Problem, Text};
use crate::event::NANOS;
use crate::input::{self, Input};
use crate::pipeline::{OpenedInput, Tally};
use crate::store::counts::{CountedInput, CountedRun};
use crate::store::{Change, Changing, Entry, Failure, InputRecord, Latest, PastInput, Store};
use crate::text::EncodingChoice;

/// How far back earlier inputs are read again, from the last event known (design 8.1).
const HORIZON: i64 = 40 * 86_400 * NANOS;
/// How far an alert may reach beyond an input that is not at hand any more.
const REACH: i64 = 2 * 86_400 * NANOS;

/// How the user said that inputs are to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Flags {
    format: Option<String>,
    timezone: Option<String>,
    encoding: Option<String>,
    year: Option<i32>,
}

/// An input of an earlier run that is read again, and how.
pub(super) struct Again {
    pub(super) input: Input,
    pub(super) reading: Reading,
}

/// The memory of a run.
pub(super) struct Memory {
    path: PathBuf,
    store: Store,
    /// Inputs of earlier runs that are read again.
    pub(super) again: Vec<Again>,
    /// The last instant of inputs that are no longer at hand.
    lost: Option<i64>,
    began: i64,
}

/// What was kept, and which alerts are to be shown: new ones and those that changed.
pub(super) struct Told {
    pub(super) alerts: Vec<Alert>,
    pub(super) same: usize,
    pub(super) retracted: u64,
}

impl Memory {
    /// Opens the store, and looks for the inputs of earlier runs that are not among the new ones.
    pub(super) fn open(path: PathBuf, new: &[Input], began: i64) -> Result<Memory, Box<Problem>> {
        let store = Store::open(&path).map_err(|failure| said(&path, &failure))?;
        let past = store.inputs().map_err(|failure| said(&path, &failure))?;
        let named: Vec<String> = new.iter().map(|input| place_of(&input.name)).collect();
        let newest = past.iter().filter_map(|p| p.span).map(|s| s.1).max();
        let mut memory = Memory {
            path,
            store,
            again: Vec::new(),
            lost: None,
            began,
        };
        for input in past.into_iter().filter(|p| !named.contains(&p.path)) {
            let is_old = match (input.span, newest) {
                (Some((_, last)), Some(newest)) => last < newest.saturating_sub(HORIZON),
                _ => false,
            };
            match input_at(&input.path).filter(|_| !is_old) {
                Some(found) => memory.again.push(Again {
                    input: found,
                    reading: reading_of(&input.reading),
                }),
                None => memory.lose(input.span),
            }
        }
        Ok(memory)
    }

    fn lose(&mut self, span: Option<(i64, i64)>) {
        self.lost = self.lost.max(span.map(|(_, last)| last));
    }

    /// Takes note of inputs of earlier runs that could not be read whole this time.
    pub(super) fn look_at(&mut self, again: &[OpenedInput]) {
        for input in again.iter().filter(|input| input.error.is_some()) {
            self.lose(Some(input.account.span.unwrap_or((i64::MAX, i64::MAX))));
        }
    }

    /// Keeps what a run found, in one commit. `judged` are the ids of the rules that could speak;
    /// none when only a part of the events was judged.
    pub(super) fn keep(
        &mut self,
        found: Found<'_>,
        alerts: Vec<Alert>,
    ) -> Result<Told, Box<Problem>> {
        let kept = self.commit(&found, alerts);
        kept.map_err(|failure| said(&self.path, &failure))
    }

    /// The store, for what is done after the commit.
    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    fn commit(&mut self, found: &Found<'_>, alerts: Vec<Alert>) -> Result<Told, Failure> {
        let from = self
            .lost
            .map_or(i64::MIN, |last| last.saturating_add(REACH));
        let judged: Vec<(String, i64)> = found.judged.iter().map(|id| (id.clone(), from)).collect();
        let changing = self.store.change()?;
        let run = changing.next_run()?;
        let latest = Latest {
            alerts: &alerts,
            judged: &judged,
        };
        let (changes, retracted) = changing.keep_alerts(run, latest)?;
        for input in found.inputs.iter().filter(|i| i.encoding.is_some()) {
            changing.remember(&PastInput {
                path: place_of(&input.input.name),
                source: input.source.clone(),
                reading: serde_json::to_string(&flags_of(found.reading))?,
                span: input.account.span,
            })?;
        }
        keep_counts(&changing, run, found)?;
        let told = shown(alerts, &changes, retracted);
        post(&changing, found, &told.alerts)?;
        let entry = self_entry(self.began, found, &told, changing.alerts_digest()?);
        let number = changing.append_run(&entry)?;
        changing.keep_ledger(number, &ledger(found))?;
        changing.commit()?;
        Ok(told)
    }
}

/// What a run found beside its alerts.
pub(super) struct Found<'f> {
    pub(super) plan: &'f Plan,
    pub(super) reading: &'f Reading,
    pub(super) house: &'f House,
    pub(super) ruling: &'f Ruling,
    /// The new inputs.
    pub(super) inputs: &'f [OpenedInput],
    /// Inputs of earlier runs that were read again.
    pub(super) again: &'f [OpenedInput],
    /// What both of them tell, in this order.
    pub(super) tally: &'f Tally,
    pub(super) judged: Vec<String>,
    pub(super) ended: i64,
    /// Where new and changed alerts are brought.
    pub(super) sinks: &'f Sinks,
}

/// Lets new and changed alerts wait for the sinks.
fn post(changing: &Changing<'_>, found: &Found<'_>, alerts: &[Alert]) -> Result<(), Failure> {
    // An account that cannot be looked up is treated as one that nobody knows.
    let mut was_seen = |account: &str| changing.has_seen_account(account).unwrap_or(false);
    let house = found.house;
    let mut manners = Manners::new(&house.rules, &house.registers, &mut was_seen);
    found.sinks.post(changing, alerts, &mut manners)
}

/// Keeps what the weekly page counts, and the house as it stands. An input that could not be read
/// whole this time leaves what was counted of it before as it was.
fn keep_counts(changing: &Changing<'_>, run: i64, found: &Found<'_>) -> Result<(), Failure> {
    let again = found
        .again
        .iter()
        .map(|input| (input, input.error.is_none()));
    let new = found.inputs.iter().map(|input| (input, true));
    let all: Vec<(&OpenedInput, bool)> = new.chain(again).collect();
    let places: Vec<String> = all.iter().map(|(i, _)| place_of(&i.input.name)).collect();
    let told = all.iter().zip(&places).zip(&found.tally.inputs);
    let told = told.filter(|(((_, is_whole), _), _)| *is_whole);
    let inputs: Vec<CountedInput<'_>> = told
        .map(|(((input, _), place), counts)| CountedInput {
            source: &input.source,
            place,
            counts,
        })
        .collect();
    changing.keep_counts(CountedRun {
        run,
        names: &found.tally.names,
        inputs: &inputs,
    })?;
    let registers = as_seen::registers(found.plan, found.ruling, found.house);
    let document = as_seen::document(found.plan, found.house, found.ended);
    changing.keep_house(run, &registers, &document.to_string())
}

/// Source, path and ledger of each input.
fn ledger(found: &Found<'_>) -> Vec<(String, String, String)> {
    let reports = report::of_inputs(found.plan, found.inputs).inputs;
    let told = reports.iter().map(|input| {
        let document = crate::sink::ledger::input_json(input);
        (input.source.clone(), input.path.clone(), document)
    });
    told.collect()
}

fn said(path: &Path, failure: &Failure) -> Box<Problem> {
    Box::new(memory::said(path, failure))
}

/// The alerts that are new or say something else, with their revisions.
fn shown(alerts: Vec<Alert>, changes: &[Change], retracted: u64) -> Told {
    let same = changes.iter().filter(|c| **c == Change::Same).count();
    let told = alerts.into_iter().zip(changes);
    let alerts = told.filter_map(|(alert, change)| match change {
        Change::New => Some(alert),
        Change::Revised(revision) => Some(Alert {
            revision: *revision,
            ..alert
        }),
        Change::Same => None,
    });
    Told {
        alerts: alerts.collect(),
        same,
        retracted,
    }
}

/// The entry of a scan in the run record.
fn self_entry(began: i64, found: &Found<'_>, told: &Told, alerts_digest: String) -> Entry {
    let new = told.alerts.iter().filter(|a| a.revision == 0).count() as u64;
    Entry {
        command: "scan".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        began,
        ended: found.ended,
        plan: digests(found.plan),
        inputs: found.inputs.iter().map(record).collect(),
        alerts: (new, told.alerts.len() as u64 - new, told.retracted),
        alerts_digest,
        note: String::new(),
    }
}

fn record(input: &OpenedInput) -> InputRecord {
    let path = file_of(&input.input.name);
    let account = &input.account;
    InputRecord {
        source: input.source.clone(),
        path: input.input.name.to_string(),
        size: fs::metadata(&path).map_or(0, |m| m.len()),
        sha256: digest_of(&path).unwrap_or_default(),
        records: (account.records, account.accepted, account.rejected()),
        span: account.span,
    }
}

/// SHA-256 of the files that say how to judge, by name, and of the rules compiled in.
fn digests(plan: &Plan) -> Vec<(String, String)> {
    let mut hash = Sha256::new();
    for (name, text) in crate::rule::RuleSet::embedded_files() {
        hash.update(name.as_bytes());
        hash.update(text.as_bytes());
    }
    let mut all = vec![("rules of the program".to_owned(), hex(&hash.finalize()))];
    for path in plan.config.files() {
        let digest = digest_of(&path).unwrap_or_default();
        all.push((path.display().to_string(), digest));
    }
    all
}

fn digest_of(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut buffer)?;
        if read == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..read]);
    }
}

/// The file that holds an input: itself, or the archive.
fn file_of(name: &str) -> PathBuf {
    let archive = name.split_once('!').map(|(archive, _)| archive);
    match archive.filter(|archive| Path::new(archive).is_file()) {
        Some(archive) => archive.into(),
        None => name.into(),
    }
}

/// The place of an input from the root, the same from whatever folder it is named; `-` for a pipe.
fn place_of(name: &str) -> String {
    let file = file_of(name);
    let Ok(whole) = fs::canonicalize(&file) else {
        return name.to_owned();
    };
    let member = name.get(file.as_os_str().len()..).unwrap_or_default();
    format!("{}{member}", whole.display())
}

/// The input at a place, if it is still there.
fn input_at(place: &str) -> Option<Input> {
    let file = file_of(place);
    if !file.is_file() {
        return None;
    }
    let found = input::find(&[file.display().to_string()]);
    let mut inputs = found.inputs.into_iter();
    inputs.find(|input| place_of(&input.name) == place)
}

fn flags_of(reading: &Reading) -> Flags {
    Flags {
        format: reading.format.clone(),
        timezone: reading.timezone.map(|zone| zone.name().to_owned()),
        encoding: reading.encoding.map(|choice| match choice {
            EncodingChoice::Auto => "auto".to_owned(),
            EncodingChoice::Utf16 => "utf-16".to_owned(),
            EncodingChoice::Named(encoding) => encoding.name().to_owned(),
        }),
        year: reading.year,
    }
}

fn reading_of(text: &str) -> Reading {
    let flags: Flags = serde_json::from_str(text).unwrap_or_default();
    Reading {
        format: flags.format,
        timezone: flags.timezone.and_then(|name| value::zone(&name).ok()),
        encoding: flags.encoding.and_then(|name| value::encoding(&name).ok()),
        year: flags.year,
        ..Reading::default()
    }
}

/// What is said about the memory of a run.
pub(super) fn summary(memory: &Memory, told: &Told) -> Text {
    let (again, shown, same) = (memory.again.len(), told.alerts.len(), told.same);
    let mut en = format!("store: {shown} alerts new or changed, {same} known already");
    let mut ja = format!("ストア：新規・変更のアラート{shown}件、既知{same}件");
    if told.retracted > 0 {
        en.push_str(&format!(", {} taken back", told.retracted));
        ja.push_str(&format!("、取り消し{}件", told.retracted));
    }
    if again > 0 {
        en.push_str(&format!("; inputs of earlier runs read again: {again}"));
        ja.push_str(&format!("。以前の入力{again}件も読み直しました"));
    }
    if memory.lost.is_some() {
        en.push_str("; some inputs of earlier runs are gone or too old, so what began with them stays as it was");
        ja.push_str(
            "。以前の入力の一部は見つからないか古いため、それに始まるアラートは前回のままです",
        );
    }
    Text::new(en, ja)
}
