//! The store of a run that goes on.
//!
//! Takes what is to be said; keeps it together with the inputs it came from and an entry of the
//! run record, in one commit, before anybody hears of it. What comes through stdin is kept beside
//! the store, and is on the disk before an alert that rests on it is committed. Never reads a log.

use std::fs;
use std::path::{Path, PathBuf};

use super::super::args::Reading;
use super::super::deliver::Sinks;
use super::super::house::House;
use super::super::plan::Plan;
use super::super::remember::{self, HORIZON, REACH};
use super::courier::Courier;
use super::memory::{self, Again, Memory};
use crate::alert::Alert;
use crate::diagnostic::{Problem, Text};
use crate::event::{Instant, NANOS};
use crate::input;
use crate::pipeline::{Issue, OpenedInput, Said, TakenBack};
use crate::store::{Change, Changing, Entry, Failure, InputRecord, Latest, PastInput, Store};

/// An entry is made at least as often, so that no night is without one.
const ENTRY: i64 = 3_600 * NANOS;
/// What was kept of a pipe is removed when it was not written to for so long: a day beyond what
/// any later run reads.
const SPOOLED: i64 = HORIZON + 86_400 * NANOS;

/// Where a run stands, in the note of its entries.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begun,
    GoingOn,
    Ended,
}

impl Stage {
    fn note(self) -> String {
        let word = match self {
            Stage::Begun => "begun",
            Stage::GoingOn => "going on",
            Stage::Ended => "ended",
        };
        serde_json::json!({ "watch": word }).to_string()
    }
}

/// The store and what is known of it.
pub(super) struct Keep<'k> {
    memory: Memory,
    plan: &'k Plan,
    reading: &'k Reading,
    /// Ids of the rules that speak, each with the first instant from which on all is at hand.
    judged: Vec<(String, i64)>,
    digests: Vec<(String, String)>,
    notices: Vec<Problem>,
    /// When the last entry was made.
    entered: i64,
    /// True once all facts were judged.
    is_whole: bool,
    /// Alerts found new, revised and taken back.
    counts: (u64, u64, u64),
    same: u64,
    outlets: Outlets<'k>,
    courier: Option<Courier>,
}

/// Where new and changed alerts are brought, and by what they are made fit for it.
#[derive(Clone, Copy)]
pub(super) struct Outlets<'k> {
    pub(super) house: &'k House,
    pub(super) sinks: &'k Sinks,
}

type Kept = (Vec<Said>, Vec<TakenBack>);

impl<'k> Keep<'k> {
    /// Enters into the record that the run began.
    pub(super) fn new(
        memory: Memory,
        (plan, reading): (&'k Plan, &'k Reading),
        judged: Vec<String>,
        outlets: Outlets<'k>,
    ) -> Result<Keep<'k>, Box<Problem>> {
        let from = memory
            .lost
            .map_or(i64::MIN, |last| last.saturating_add(REACH));
        let mut keep = Keep {
            entered: memory.began,
            memory,
            plan,
            reading,
            judged: judged.into_iter().map(|id| (id, from)).collect(),
            digests: remember::digests(plan),
            notices: Vec::new(),
            is_whole: false,
            counts: (0, 0, 0),
            same: 0,
            courier: None,
            outlets,
        };
        keep.notices.extend(keep.broken_off());
        keep.remove_old();
        let began = keep.memory.began;
        let begun = keep.begin(began);
        begun.map_err(|failure| keep.said(&failure))?;
        if !outlets.sinks.is_empty() {
            keep.courier = Some(Courier::new(&keep.memory.path, outlets.sinks));
        }
        Ok(keep)
    }

    /// What is to be said before the run goes on.
    pub(super) fn notices(&self) -> impl Iterator<Item = &Problem> {
        self.notices.iter()
    }

    /// Inputs of earlier runs that are read again.
    pub(super) fn again(&self) -> impl Iterator<Item = &Again> {
        self.memory.again.iter()
    }

    /// Makes the folder that keeps stdin in this run, and remembers it before anything is read.
    ///
    /// # Errors
    /// When it cannot be made or remembered.
    pub(super) fn spool(&mut self) -> Result<PathBuf, Box<Problem>> {
        let folder = self.free_folder();
        let made = input::make_private(&folder).map_err(Failure::from);
        let remembered = made.and_then(|()| {
            let path = remember::place_of(&folder.to_string_lossy());
            let past = PastInput {
                name: path.clone(),
                path,
                reading: memory::told(self.reading, None),
                now: self.memory.began,
                ..PastInput::default()
            };
            let changing = self.memory.store.change()?;
            // The run entered into the record when it began.
            let run = changing.next_run()? - 1;
            remember_all(&changing, run, &mut self.memory.followed, &[past])?;
            changing.commit()
        });
        match remembered {
            Ok(()) => Ok(folder),
            Err(failure) => Err(self.said(&failure)),
        }
    }

    fn free_folder(&self) -> PathBuf {
        let began = chrono::DateTime::from_timestamp_nanos(self.memory.began);
        let name = began.format("%Y%m%dT%H%M%S").to_string();
        let all = self.spools();
        let taken = (1..).map(|n| format!("{name}-{n}"));
        let names = std::iter::once(name.clone()).chain(taken);
        let mut free = names.map(|name| all.join(name)).filter(|p| !p.exists());
        free.next().unwrap_or(all)
    }

    fn spools(&self) -> PathBuf {
        let mut all = self.memory.path.as_os_str().to_owned();
        all.push(".spool");
        PathBuf::from(all)
    }

    fn said(&self, failure: &Failure) -> Box<Problem> {
        remember::said(&self.memory.path, failure)
    }

    /// Whether the last live run ended in the middle, and what may be lost of it.
    fn broken_off(&self) -> Option<Problem> {
        let runs = self.memory.store.runs().ok()?;
        let last = runs.iter().rev().find(|run| run.entry.command == "watch")?;
        if last.entry.note == Stage::Ended.note() {
            return None;
        }
        let at = Instant {
            nanos: last.entry.ended,
            offset: self.plan.zone.offset_at(last.entry.ended),
            trusted: true,
            ambiguous: false,
        };
        let at = at.rfc3339();
        Some(Problem::warning(
            format!(
                "the last watch did not end by itself; its last commit was at {at}. Followed files \
                 are read again and nothing of them is lost. Of what came through a pipe after \
                 {at}, the records that were not yet on the disk are lost"
            ),
            format!(
                "前回の watch は正常に終了していません（最後の保存 {at}）。追跡していたファイルは読み直すため\
                 失われません。パイプから {at} より後に届いた記録のうち、ディスクに届く前のものは\
                 失われた可能性があります"
            ),
        ))
    }

    /// Removes what was kept of pipes so long ago that nothing reaches back to it.
    fn remove_old(&self) {
        let Ok(folders) = fs::read_dir(self.spools()) else {
            return;
        };
        for folder in folders.flatten() {
            let pieces = fs::read_dir(folder.path()).into_iter().flatten().flatten();
            let written = pieces
                .filter_map(|p| p.metadata().ok()?.modified().ok())
                .max();
            let since = written.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
            let at = since.map_or(i64::MAX, |s| {
                i64::try_from(s.as_nanos()).unwrap_or(i64::MAX)
            });
            if at < self.memory.began.saturating_sub(SPOOLED) {
                // What cannot be removed now is removed the next time.
                let _ = fs::remove_dir_all(folder.path());
            }
        }
    }

    fn begin(&mut self, now: i64) -> Result<(), Failure> {
        let entry = self.entry(Stage::Begun, now);
        let changing = self.memory.store.change()?;
        let digest = changing.alerts_digest()?;
        changing.append_run(&Entry {
            alerts_digest: digest,
            ..entry
        })?;
        changing.commit()
    }

    fn entry(&self, stage: Stage, now: i64) -> Entry {
        Entry {
            command: "watch".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            began: self.memory.began,
            ended: now,
            plan: self.digests.clone(),
            inputs: Vec::new(),
            alerts: (0, 0, 0),
            alerts_digest: String::new(),
            note: stage.note(),
        }
    }

    /// Keeps what is to be said, in one commit; gives what is new to the store.
    pub(super) fn commit(&mut self, issue: Issue<'_>, now: i64) -> Result<Kept, Box<Problem>> {
        let is_first = issue.whole && !self.is_whole;
        let changes = !issue.said.is_empty() || !issue.gone.is_empty();
        let is_due = now.saturating_sub(self.entered) >= ENTRY;
        if !(changes || is_first || is_due) {
            return Ok((Vec::new(), Vec::new()));
        }
        let kept = self.write(issue, (is_first, now));
        kept.map_err(|failure| self.said(&failure))
    }

    fn write(&mut self, issue: Issue<'_>, (is_first, now): (bool, i64)) -> Result<Kept, Failure> {
        let Issue {
            said, gone, inputs, ..
        } = issue;
        for input in inputs {
            input.input.sync()?;
        }
        let past = self.past(inputs);
        let entry = self.entry(Stage::GoingOn, now);
        let alerts: Vec<Alert> = said.iter().map(|said| said.alert.clone()).collect();
        let latest = Latest {
            alerts: &alerts,
            judged: &self.judged,
        };
        let changing = self.memory.store.change()?;
        let run = changing.next_run()?;
        let (changes, retracted) = match is_first {
            true => changing.keep_alerts(run, latest)?,
            false => {
                let gone: Vec<(String, Option<String>)> = gone
                    .iter()
                    .map(|back| (back.id.clone(), back.successor.clone()))
                    .collect();
                (
                    changing.keep_changed(run, latest, &gone)?,
                    gone.len() as u64,
                )
            }
        };
        remember_all(&changing, run, &mut self.memory.followed, &past)?;
        let news = news(said, &changes);
        let told: Vec<Alert> = news.iter().map(|said| said.alert.clone()).collect();
        let Outlets { house, sinks } = self.outlets;
        sinks.post_from(&changing, &told, house)?;
        let count = |is: fn(&Change) -> bool| changes.iter().filter(|c| is(c)).count() as u64;
        let counts = (
            count(|c| *c == Change::New),
            count(|c| matches!(c, Change::Revised(_))),
            retracted,
        );
        changing.append_run(&Entry {
            alerts: counts,
            alerts_digest: changing.alerts_digest()?,
            ..entry
        })?;
        changing.commit()?;
        self.is_whole |= is_first;
        self.entered = now;
        self.counts.0 += counts.0;
        self.counts.1 += counts.1;
        self.counts.2 += counts.2;
        self.same += count(|c| *c == Change::Same);
        if let Some(courier) = self.courier.as_ref().filter(|_| !news.is_empty()) {
            courier.nudge();
        }
        Ok((news, gone))
    }

    /// The inputs of this run as later ones are to find them; those of earlier runs are known.
    fn past(&self, inputs: &[OpenedInput]) -> Vec<PastInput> {
        let again = |name: &str| self.memory.again.iter().any(|a| *a.input.name == *name);
        let past = inputs
            .iter()
            .filter(|i| i.encoding.is_some() && !again(&i.input.name))
            .filter_map(|opened| {
                let input = &opened.input;
                let mut head = None;
                let mut path = remember::place_of(&input.name);
                if let Some(followed) = input.followed() {
                    let known = followed.known();
                    head = known.map(|known| (known.length, known.sha256));
                    path = remember::place_of(&followed.place()?.to_string_lossy());
                }
                if let Some(folder) = input.spooled() {
                    path = remember::place_of(&folder.to_string_lossy());
                }
                Some(PastInput {
                    name: path.clone(),
                    path,
                    source: opened.source.clone(),
                    reading: memory::told(self.reading, head),
                    span: opened.account.span,
                    latest: opened.account.latest,
                    edges: opened.account.edges,
                    now: self.memory.began,
                    ..PastInput::default()
                })
            });
        past.collect()
    }

    /// The store, for what is done after the end.
    pub(super) fn store(&self) -> &Store {
        &self.memory.store
    }

    /// Enters into the record that the run ended, with all it read.
    pub(super) fn end(&mut self, inputs: &[OpenedInput], ended: i64) -> Result<Text, Box<Problem>> {
        self.courier = None;
        self.close(inputs, ended)
            .map_err(|failure| self.said(&failure))?;
        let (new, revised, retracted) = self.counts;
        let (shown, same) = (new + revised, self.same);
        let again = self.memory.again.len();
        let mut text = Text::new(
            format!("store: {shown} alerts new or changed, {same} known already"),
            format!("ストア：新規・変更のアラート{shown}件、既知{same}件"),
        );
        if retracted > 0 {
            text.en.push_str(&format!(", {retracted} taken back"));
            text.ja.push_str(&format!("、取り消し{retracted}件"));
        }
        if again > 0 {
            text.en
                .push_str(&format!("; inputs of earlier runs read again: {again}"));
            text.ja
                .push_str(&format!("。以前の入力{again}件も読み直しました"));
        }
        Ok(text)
    }

    fn close(&mut self, inputs: &[OpenedInput], ended: i64) -> Result<(), Failure> {
        let again: Vec<&str> = self.again().map(|again| &*again.input.name).collect();
        let own = inputs.iter().filter(|i| !again.contains(&&*i.input.name));
        let records: Vec<InputRecord> = own
            .filter(|input| input.encoding.is_some())
            .map(recorded)
            .collect();
        let past = self.past(inputs);
        let ledger = remember::ledger(self.plan, inputs);
        let entry = self.entry(Stage::Ended, ended);
        let changing = self.memory.store.change()?;
        let run = changing.next_run()?;
        remember_all(&changing, run, &mut self.memory.followed, &past)?;
        let number = changing.append_run(&Entry {
            inputs: records,
            alerts: self.counts,
            alerts_digest: changing.alerts_digest()?,
            ..entry
        })?;
        changing.keep_ledger(number, &ledger)?;
        changing.commit()
    }
}

/// What was read of an input, at the place where it lies now.
fn recorded(opened: &OpenedInput) -> InputRecord {
    let place = match (opened.input.followed(), opened.input.spooled()) {
        (Some(followed), _) => followed.place(),
        (None, Some(folder)) => first_piece(folder),
        (None, None) => None,
    };
    let name = place.map(|place| place.to_string_lossy().into_owned());
    memory::record_at(
        opened,
        &name.unwrap_or_else(|| opened.input.name.to_string()),
    )
}

/// Remembers what a live run followed or kept, in place of what was known of the same places.
fn remember_all(
    changing: &Changing<'_>,
    run: i64,
    known: &mut Vec<(String, i64)>,
    inputs: &[PastInput],
) -> Result<(), Failure> {
    for input in inputs {
        for (_, number) in known.iter().filter(|(place, _)| *place == input.path) {
            changing.forget(*number)?;
        }
        known.retain(|(place, _)| *place != input.path);
        known.push((input.path.clone(), changing.remember(run, input)?));
    }
    Ok(())
}

/// The only piece of a folder that keeps a pipe; a pipe in several pieces has no digest.
fn first_piece(folder: &Path) -> Option<PathBuf> {
    let mut pieces = fs::read_dir(folder).ok()?.flatten().map(|p| p.path());
    let first = pieces.next()?;
    pieces.next().is_none().then_some(first)
}

/// The alerts that are new to the store or say something else there, with their revisions.
fn news(said: Vec<Said>, changes: &[Change]) -> Vec<Said> {
    let told = said.into_iter().zip(changes);
    let news = told.filter_map(|(said, change)| match change {
        Change::New => Some(said),
        Change::Revised(revision) => Some(Said {
            alert: Alert {
                revision: *revision,
                ..said.alert
            },
            ..said
        }),
        Change::Same => None,
    });
    news.collect()
}
