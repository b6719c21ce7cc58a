//! The store of a run that goes on.
//!
//! Takes what is to be said; keeps it together with the inputs it came from and an entry of the
//! run record, in one commit, before anybody hears of it. What comes through stdin is kept beside
//! the store, and is on the disk before an alert that rests on it is committed. Never reads a log.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::super::args::{Reading, Ruling};
use super::super::deliver::Sinks;
use super::super::house::House;
use super::super::plan::Plan;
use super::super::remember::{self, Clearing, HORIZON, Memory, Shelf, Writing};
use super::courier::Courier;
use crate::alert::Alert;
use crate::diagnostic::{Problem, Text};
use crate::event::{Instant, NANOS};
use crate::input;
use crate::pipeline::{Beside, Chapter, Issue, OpenedInput, Said, TakenBack, Task};
use crate::store::{Change, Entry, Failure, InputRecord, Latest, Store};

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
    memory: Memory<'k>,
    shelf: Shelf,
    plan: &'k Plan,
    how: How<'k>,
    /// When the run began, nanoseconds since 1970.
    began: i64,
    /// The rules that speak, each with its detections.
    judged: Vec<(String, Vec<usize>)>,
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

/// How a run reads and judges, as its chapters tell it.
#[derive(Clone, Copy)]
pub(super) struct How<'k> {
    pub(super) reading: &'k Reading,
    pub(super) ruling: &'k Ruling,
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
        (memory, began): (Memory<'k>, i64),
        (plan, how): (&'k Plan, How<'k>),
        judged: Vec<(String, Vec<usize>)>,
        outlets: Outlets<'k>,
    ) -> Result<Keep<'k>, Box<Problem>> {
        let mut keep = Keep {
            entered: began,
            began,
            memory,
            shelf: Shelf::default(),
            plan,
            how,
            judged,
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
        let begun = keep.begin(began);
        begun.map_err(|failure| keep.said(&failure))?;
        if !outlets.sinks.is_empty() {
            keep.courier = Some(Courier::new(keep.memory.path(), outlets.sinks));
        }
        Ok(keep)
    }

    /// What is to be said before the run goes on.
    pub(super) fn notices(&self) -> impl Iterator<Item = &Problem> {
        self.notices.iter()
    }

    /// Inputs that are read beside those of this run.
    pub(super) fn read_beside(&self) -> impl Iterator<Item = Task> + '_ {
        self.memory.read_beside()
    }

    /// The key of the hashes of records.
    pub(super) fn key(&self) -> u64 {
        self.memory.key()
    }

    /// What is remembered of earlier runs.
    pub(super) fn beside(&mut self) -> Beside<'_> {
        self.memory.beside()
    }

    /// What is to be said when a run ended because the store could not be read.
    pub(super) fn trouble(&self, error: &io::Error) -> Option<Box<Problem>> {
        self.memory.trouble(error)
    }

    /// Makes the folder that keeps stdin in this run, and remembers it before anything is read.
    ///
    /// # Errors
    /// When it cannot be made or remembered.
    pub(super) fn spool(&mut self) -> Result<PathBuf, Box<Problem>> {
        let folder = self.free_folder();
        let made = input::make_private(&folder).map_err(Failure::from);
        let remembered = made.and_then(|()| {
            let changing = self.memory.store_mut().change()?;
            // The run entered into the record when it began.
            let run = changing.next_run()? - 1;
            let how = (&*folder, self.how.reading, self.began);
            self.shelf.begin_spool(&changing, run, how)?;
            changing.commit()
        });
        match remembered {
            Ok(()) => Ok(folder),
            Err(failure) => Err(self.said(&failure)),
        }
    }

    fn free_folder(&self) -> PathBuf {
        let began = chrono::DateTime::from_timestamp_nanos(self.began);
        let name = began.format("%Y%m%dT%H%M%S").to_string();
        let all = self.spools();
        let taken = (1..).map(|n| format!("{name}-{n}"));
        let names = std::iter::once(name.clone()).chain(taken);
        let mut free = names.map(|name| all.join(name)).filter(|p| !p.exists());
        free.next().unwrap_or(all)
    }

    fn spools(&self) -> PathBuf {
        let mut all = self.memory.path().as_os_str().to_owned();
        all.push(".spool");
        PathBuf::from(all)
    }

    fn said(&self, failure: &Failure) -> Box<Problem> {
        remember::said(self.memory.path(), failure)
    }

    /// Whether the last live run ended in the middle, and what may be lost of it.
    fn broken_off(&self) -> Option<Problem> {
        let runs = self.memory.store().runs().ok()?;
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
            if at < self.began.saturating_sub(SPOOLED) {
                // What cannot be removed now is removed the next time.
                let _ = fs::remove_dir_all(folder.path());
            }
        }
    }

    fn begin(&mut self, now: i64) -> Result<(), Failure> {
        let entry = self.entry(Stage::Begun, now);
        let changing = self.memory.store_mut().change()?;
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
            began: self.began,
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
        let changes = !issue.said.is_empty() || !issue.gone.is_empty() || issue.chapter.is_some();
        let is_due = now.saturating_sub(self.entered) >= ENTRY;
        if !(changes || is_first || is_due) {
            return Ok((Vec::new(), Vec::new()));
        }
        let kept = match &issue.chapter {
            Some(leaf) if leaf.tally.is_none() => self.write_leaf(issue.inputs, leaf),
            _ => self.write(issue, (is_first, now)),
        };
        kept.map_err(|failure| self.said(&failure))
    }

    /// Keeps facts and records alone: the entry they belong to is the last one.
    fn write_leaf(&mut self, inputs: &[OpenedInput], leaf: &Chapter) -> Result<Kept, Failure> {
        for input in inputs {
            input.input.sync()?;
        }
        let pages = self
            .memory
            .pages(&self.shelf, (self.how.reading, inputs), Some(&leaf.told));
        let judges_all = self.memory.judges_all();
        let kept = leaf.kept.wait()?;
        let changing = self.memory.store_mut().change()?;
        let run = changing.next_run()? - 1;
        let numbers = self.shelf.keep(&changing, run, &pages)?;
        remember::keep_leaf(&changing, &kept, &numbers, judges_all)?;
        changing.commit()?;
        Ok((Vec::new(), Vec::new()))
    }

    fn write(&mut self, issue: Issue<'_>, (is_first, now): (bool, i64)) -> Result<Kept, Failure> {
        let Issue {
            said,
            gone,
            inputs,
            chapter,
            ..
        } = issue;
        for input in inputs {
            input.input.sync()?;
        }
        let told = chapter.as_ref().map(|chapter| &*chapter.told);
        let pages = self
            .memory
            .pages(&self.shelf, (self.how.reading, inputs), told);
        let clearing = match &chapter {
            Some(_) => self.memory.clearing(&self.shelf, inputs),
            None => Clearing::default(),
        };
        let (judged, judges_all) = (
            self.memory.judged_from(&self.judged),
            self.memory.judges_all(),
        );
        let kept = chapter.as_ref().map(|chapter| chapter.kept.wait());
        let kept = kept.transpose()?;
        let entry = self.entry(Stage::GoingOn, now);
        let alerts: Vec<Alert> = said.iter().map(|said| said.alert.clone()).collect();
        let latest = Latest {
            alerts: &alerts,
            judged: &judged,
        };
        let changing = self.memory.store_mut().change()?;
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
        let numbers = self.shelf.keep(&changing, run, &pages)?;
        let Outlets { house, sinks } = self.outlets;
        let mut note = entry.note.clone();
        if let Some(told) = chapter.as_ref().zip(kept.as_ref()) {
            let writing = Writing {
                house,
                ruling: self.how.ruling,
                inputs,
                ended: now,
            };
            let shelf = (&mut self.shelf, clearing);
            let purged = remember::keep_chapter(
                (&changing, run),
                shelf,
                told,
                (&pages, &numbers),
                (writing, self.plan, judges_all),
            )?;
            note = joined(&note, &purged);
        }
        let news = news(said, &changes);
        let told: Vec<Alert> = news.iter().map(|said| said.alert.clone()).collect();
        let is_gone = !gone.is_empty() || is_first;
        let back = match is_gone && !sinks.is_empty() {
            true => changing.gone_in(run)?,
            false => Vec::new(),
        };
        sinks.post_from(&changing, (&told, &back), house)?;
        let count = |is: fn(&Change) -> bool| changes.iter().filter(|c| is(c)).count() as u64;
        let counts = (
            count(|c| *c == Change::New),
            count(|c| matches!(c, Change::Revised(_))),
            retracted,
        );
        changing.append_run(&Entry {
            alerts: counts,
            alerts_digest: changing.alerts_digest()?,
            note,
            ..entry
        })?;
        changing.commit()?;
        self.is_whole |= is_first;
        self.entered = now;
        self.counts.0 += counts.0;
        self.counts.1 += counts.1;
        self.counts.2 += counts.2;
        self.same += count(|c| *c == Change::Same);
        let is_posted = !news.is_empty() || !back.is_empty();
        if let Some(courier) = self.courier.as_ref().filter(|_| is_posted) {
            courier.nudge();
        }
        Ok((news, gone))
    }

    /// The store, for what is done after the end.
    pub(super) fn store(&self) -> &Store {
        self.memory.store()
    }

    /// Enters into the record that the run ended, with all it read.
    pub(super) fn end(&mut self, inputs: &[OpenedInput], ended: i64) -> Result<Text, Box<Problem>> {
        self.courier = None;
        self.close(inputs, ended)
            .map_err(|failure| self.said(&failure))?;
        let (new, revised, retracted) = self.counts;
        let (shown, same) = (new + revised, self.same);
        let (again, recalled) = self.memory.earlier();
        let mut text = Text::new(
            format!("store: {shown} alerts new or changed, {same} known already"),
            format!("ストア：新規・変更のアラート{shown}件、既知{same}件"),
        );
        if retracted > 0 {
            text.en.push_str(&format!(", {retracted} taken back"));
            text.ja.push_str(&format!("、取り消し{retracted}件"));
        }
        if recalled > 0 {
            text.en
                .push_str(&format!("; inputs of earlier runs remembered: {recalled}"));
            text.ja
                .push_str(&format!("。以前の入力{recalled}件を記憶から判定しました"));
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
        let own = inputs.iter().filter(|i| !self.memory.is_again(&i.input));
        let records: Vec<InputRecord> = own
            .filter(|input| input.encoding.is_some())
            .map(recorded)
            .collect();
        let ledger = remember::ledger(self.plan, inputs);
        let entry = self.entry(Stage::Ended, ended);
        let changing = self.memory.store_mut().change()?;
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
    let name = place.map_or_else(
        || opened.input.name.to_string(),
        |place| place.to_string_lossy().into_owned(),
    );
    let path = remember::file_of(&name);
    let account = &opened.account;
    InputRecord {
        source: opened.source.clone(),
        size: fs::metadata(&path).map_or(0, |found| found.len()),
        sha256: remember::digest_of(&path).unwrap_or_default(),
        path: name,
        records: (account.records, account.accepted, account.rejected()),
        span: account.span,
    }
}

/// A note with what was purged.
fn joined(note: &str, purged: &str) -> String {
    let parsed = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap_or_default();
    if purged.is_empty() {
        return note.to_owned();
    }
    let mut whole = parsed(note);
    whole.extend(parsed(purged));
    Value::Object(whole).to_string()
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
