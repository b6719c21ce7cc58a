//! A scan with a store: what earlier runs read is judged again beside what is new, so that windows
//! reach from one night into the next, and what was found is kept.
//!
//! Takes an open store and the inputs of this run; recalls the facts of inputs of earlier runs, has
//! those read again whose facts do not stand any more, and keeps alerts, facts, inputs and the run
//! itself in one commit. Never reads a log itself.

mod earlier;
mod file;
mod marks;
mod purge;

use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::args::{Reading, Ruling};
use super::house::House;
use super::memory;
use super::plan::{Bounds, Plan};
use super::{report, value};
use crate::alert::{Alert, hex};
use crate::diagnostic::{Problem, Text};
use crate::event::NANOS;
use crate::pipeline::{
    self, Beside, HEAD, Kept, KnownRoll, Limits, OpenedInput, Recall, Recalled, Rollbook, Run,
    TakeRecalled, Task, Watch,
};
use crate::spill;
use crate::store::{
    Change, Changing, Entry, Failure, HASHES, InputRecord, Latest, PastInput, Segment, Store,
};
use crate::text::EncodingChoice;

use earlier::{Earlier, Now};
use file::{Print, digest_of, file_of, place_of};
use marks::Marks;
use purge::Purging;

/// How far back facts are judged again, from the last event known (design 8.1).
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

/// By what this run judges.
pub(super) struct Judging<'j> {
    plan: &'j Plan,
    bounds: &'j Bounds,
    marks: Marks,
    began: i64,
}

impl<'j> Judging<'j> {
    /// `began` is the time of the run, nanoseconds since 1970.
    pub(super) fn new(
        (plan, bounds): (&'j Plan, &'j Bounds),
        (house, ruling): (&House, &Ruling),
        began: i64,
    ) -> Judging<'j> {
        Judging {
            plan,
            bounds,
            marks: Marks::new(plan, house, ruling),
            began,
        }
    }

    /// True when all events are judged, not only those of a stretch of time.
    fn is_whole(&self) -> bool {
        self.bounds.since.is_none() && self.bounds.until.is_none()
    }
}

/// The memory of a run.
pub(super) struct Memory<'j> {
    path: PathBuf,
    store: Store,
    judging: Judging<'j>,
    earlier: Earlier,
    known: Vec<(i64, PastInput)>,
    /// Key of the hashes of records.
    key: u64,
}

/// What was kept, and which alerts are to be shown: new ones and those that changed.
pub(super) struct Told {
    pub(super) alerts: Vec<Alert>,
    pub(super) same: usize,
    pub(super) retracted: u64,
}

impl<'j> Memory<'j> {
    /// Opens the store, and decides what becomes of the inputs of earlier runs.
    pub(super) fn open(
        path: PathBuf,
        new: &[Task],
        judging: Judging<'j>,
    ) -> Result<Memory<'j>, Box<Problem>> {
        let store = Store::open(&path).map_err(|failure| said(&path, &failure))?;
        let known = store.inputs().map_err(|failure| said(&path, &failure))?;
        let key = store.key().map_err(|failure| said(&path, &failure))?;
        let now = Now {
            plan: judging.plan,
            bounds: judging.bounds,
            marks: &judging.marks,
            began: judging.began,
            store: &path,
        };
        let mut earlier = Earlier::of(known.clone(), new, now);
        let forgotten = store.forgotten().map_err(|failure| said(&path, &failure))?;
        earlier.lose(forgotten.map(|last| (last, last)), |_| true);
        Ok(Memory {
            path,
            store,
            judging,
            earlier,
            known,
            key,
        })
    }

    /// The inputs of earlier runs that are to be read again.
    pub(super) fn again(&self) -> impl Iterator<Item = Task> + '_ {
        self.earlier.again.iter().map(|again| again.task.clone())
    }

    /// Reads and judges, beside what is remembered.
    pub(super) fn run<'p>(
        &mut self,
        plan: pipeline::Plan<'p>,
        tasks: Vec<Task>,
        limits: Limits,
        watch: &Watch,
    ) -> io::Result<Run<'p>> {
        let past = std::mem::take(&mut self.earlier.past);
        let beside = Beside {
            past,
            key: self.key,
            remembered: self,
        };
        pipeline::run_beside(plan, tasks, limits, watch, beside)
    }

    /// Keeps what a run found, in one commit.
    pub(super) fn keep(
        &mut self,
        found: Found<'_>,
        alerts: Vec<Alert>,
    ) -> Result<Told, Box<Problem>> {
        let kept = self.commit(&found, alerts);
        kept.map_err(|failure| said(&self.path, &failure))
    }

    /// Takes note of inputs that were told before and could not be read whole this time.
    fn look_at(&mut self, found: &Found<'_>) {
        let again = found.again.iter().zip(&self.earlier.again);
        let again = again.filter(|(input, _)| input.error.is_some());
        let mut lost: Vec<_> = again.map(|(_, again)| again.past.span).collect();
        for (input, anew) in found.inputs.iter().zip(&self.earlier.anew) {
            let told = self.known.iter().filter(|(n, _)| anew.numbers.contains(n));
            let told = told.filter(|_| input.error.is_some());
            lost.extend(told.map(|(_, past)| past.span));
        }
        for span in lost {
            // What has no span may have told anything.
            let span = span.unwrap_or((i64::MAX, i64::MAX));
            self.earlier.lose(Some(span), |_| true);
        }
    }

    /// The rules that were judged, each with the instant from which on its alerts are known in
    /// full.
    fn judged(&self, found: &Found<'_>) -> Vec<(String, i64)> {
        let lost = |detection: &usize| {
            let streams = &self.judging.marks.detections;
            let stream = streams.iter().position(|d| d == detection);
            stream.and_then(|stream| self.earlier.lost[stream])
        };
        let from = |detections: &Vec<usize>| {
            let lost = detections.iter().filter_map(lost).max();
            lost.map_or(i64::MIN, |last| last.saturating_add(REACH))
        };
        let judged = found.judged.iter();
        judged.map(|(id, of)| (id.clone(), from(of))).collect()
    }

    fn commit(&mut self, found: &Found<'_>, alerts: Vec<Alert>) -> Result<Told, Failure> {
        self.look_at(found);
        let judged = self.judged(found);
        let inputs = self.inputs(found);
        let old = self.earlier.old.clone();
        let purging = Purging::of(found.plan, self.judging.began, self.earlier.horizon);
        let (began, is_whole) = (self.judging.began, self.judging.is_whole());
        let changing = self.store.change()?;
        let run = changing.next_run()?;
        let latest = Latest {
            alerts: &alerts,
            judged: &judged,
        };
        let (changes, retracted) = changing.keep_alerts(run, latest)?;
        let numbers = remember_inputs(&changing, run, &inputs)?;
        if let Some(kept) = &found.kept {
            keep_rolls(&changing, kept, &numbers)?;
            if is_whole {
                keep_facts(&changing, kept, &numbers)?;
            }
        }
        let note = purging.purge(&changing, &old, found.plan)?;
        let told = shown(alerts, &changes, retracted);
        let entry = Entry {
            note,
            ..self_entry(began, found, &told, changing.alerts_digest()?)
        };
        let number = changing.append_run(&entry)?;
        changing.keep_ledger(number, &ledger(found))?;
        changing.commit()?;
        Ok(told)
    }

    /// What is to be done with each input that was read, in the order of the run.
    fn inputs(&self, found: &Found<'_>) -> Vec<Reread> {
        let whole = self.judging.is_whole();
        let new = found.inputs.iter().zip(&self.earlier.anew);
        let new = new.map(|(input, anew)| {
            let task = super::scan::task(
                self.judging.plan,
                found.reading,
                self.judging.bounds,
                &input.input,
            );
            let past = self.past(input, (found.reading, &task), anew.print.clone());
            let before = self.known.iter().filter(|(n, _)| anew.numbers.contains(n));
            let is_same = |other: &PastInput| {
                other.size == past.size
                    && other.sha256 == past.sha256
                    && (other.streams == past.streams || !whole)
                    && other.source == past.source
            };
            let same = before.clone().find(|(_, other)| is_same(other));
            Reread {
                same: same.map(|(number, _)| *number),
                before: before.map(|(number, _)| *number).collect(),
                is_kept: input.encoding.is_some(),
                is_whole: input.error.is_none(),
                past,
            }
        });
        let again = found.again.iter().zip(&self.earlier.again);
        let again = again.map(|(input, again)| Reread {
            past: PastInput {
                path: again.past.path.clone(),
                ..self.past(input, (&again.reading, &again.task), None)
            },
            same: None,
            before: vec![again.number],
            // What could not be read whole this time keeps what is known of it.
            is_kept: input.error.is_none(),
            is_whole: input.error.is_none(),
        });
        new.chain(again).collect()
    }

    /// What is remembered of an input that was read.
    fn past(
        &self,
        input: &OpenedInput,
        (reading, task): (&Reading, &Task),
        print: Option<Print>,
    ) -> PastInput {
        let account = &input.account;
        let size = file::file_size(&input.input);
        let print = print.filter(|print| Some(print.size) == size);
        let print = print.or_else(|| Some(file::prints(input.input.file()?, &[]).ok()?.0));
        let streams = self
            .judging
            .is_whole()
            .then(|| self.judging.marks.of(&task.source));
        PastInput {
            path: place_of(&input.input.name),
            name: input.input.name.to_string(),
            source: input.source.clone(),
            reading: serde_json::to_string(&flags_of(reading)).unwrap_or_default(),
            span: account.span,
            latest: account.latest,
            edges: account.edges,
            size: print.as_ref().map(|print| print.size),
            sha256: print.map(|print| print.sha256).unwrap_or_default(),
            changed: input.input.file().and_then(file::changed_at),
            now: task.now.nanos,
            head: head_of(&input.input),
            streams,
        }
    }
}

/// An input that was read, and what it takes the place of.
struct Reread {
    past: PastInput,
    /// The same input, told by the same rules.
    same: Option<i64>,
    /// Inputs of which it tells all they told.
    before: Vec<i64>,
    is_kept: bool,
    is_whole: bool,
}

/// Remembers the inputs that were read; gives the number of each that is new.
fn remember_inputs(
    changing: &Changing<'_>,
    run: i64,
    inputs: &[Reread],
) -> Result<Vec<Option<i64>>, Failure> {
    let mut numbers = Vec::new();
    for input in inputs {
        let before = input.before.iter().filter(|_| input.is_whole);
        for number in before.filter(|n| Some(**n) != input.same) {
            changing.forget(*number)?;
        }
        numbers.push(match input.same {
            Some(number) => {
                changing.found_again(number, (&input.past.path, &input.past.name))?;
                None
            }
            None if input.is_kept => Some(changing.remember(run, &input.past)?),
            None => None,
        });
    }
    Ok(numbers)
}

/// Keeps which records the new inputs told.
fn keep_rolls(
    changing: &Changing<'_>,
    kept: &Kept,
    numbers: &[Option<i64>],
) -> Result<(), Failure> {
    for (input, number) in numbers.iter().enumerate() {
        let Some(number) = number else { continue };
        for (hour, roll) in kept.rolls.hours(input as u32) {
            let ranges = spill::hash_ranges(roll.count, HASHES);
            for (part, range) in ranges.enumerate() {
                let hashes = kept.rolls.hashes((input as u32, hour), range)?;
                changing.keep_roll((*number, hour, part as u64), roll, &hashes)?;
            }
        }
    }
    Ok(())
}

/// Keeps the facts that were made of the new inputs.
fn keep_facts(
    changing: &Changing<'_>,
    kept: &Kept,
    numbers: &[Option<i64>],
) -> Result<(), Failure> {
    for segment in kept.each() {
        let segment = segment?;
        if let Some(Some(number)) = numbers.get(segment.input) {
            let parcel = &segment.parcel;
            let kept = Segment {
                at: (segment.offset, segment.line),
                span: parcel.span,
                facts: &parcel.facts,
                reach: parcel.reach,
                records: &parcel.texts,
            };
            changing.keep_facts(*number, kept)?;
        }
    }
    Ok(())
}

/// The beginning of an input, as much as tells its format; empty when it cannot be read any more.
fn head_of(input: &crate::input::Input) -> Vec<u8> {
    use std::io::Read as _;
    let mut head = Vec::new();
    if let Ok(opened) = input.open(Default::default()) {
        // What is readable before an error is the beginning all the same.
        let _ = opened.reader.take(HEAD as u64).read_to_end(&mut head);
    }
    head
}

impl Recall for Memory<'_> {
    fn recall(&mut self, take: TakeRecalled<'_>) -> io::Result<()> {
        let mut damaged = Vec::new();
        for (past, input) in self.earlier.recalled.iter().enumerate() {
            let shown = self
                .store
                .each_fact(input.number, &mut |(offset, line), sealed| {
                    let Ok(blocks) = spill::unseal_blocks(sealed) else {
                        damaged.push(input.span);
                        return Ok(());
                    };
                    let stream_of = |number: usize| input.streams.get(number).copied().flatten();
                    let blocks = blocks.into_iter();
                    let blocks = blocks.filter_map(|(n, block)| Some((stream_of(n)?, block)));
                    let recalled = Recalled {
                        past,
                        offset,
                        line,
                        blocks: blocks.collect(),
                    };
                    Ok(take(recalled)?)
                });
            shown.map_err(io::Error::other)?;
        }
        // What cannot be recalled takes no alert back.
        self.earlier.unjudged += damaged.len();
        for span in damaged {
            self.earlier.lose(span, |_| true);
        }
        Ok(())
    }
}

impl Rollbook for Memory<'_> {
    fn rolls(&mut self, source: &str, stretch: (i64, i64)) -> io::Result<Vec<KnownRoll>> {
        let mut rolls = Vec::new();
        for (number, past) in self.known.iter().filter(|(_, past)| past.source == source) {
            let Some(edges) = past.edges else { continue };
            if edges.first.0 > stretch.1 || edges.last.0 < stretch.0 {
                continue;
            }
            rolls.push(KnownRoll {
                number: *number,
                edges,
                hours: self.store.hours(*number).map_err(io::Error::other)?,
                input: self.earlier.place_of(*number),
                is_held: self.earlier.anew.iter().any(|a| a.numbers.contains(number)),
            });
        }
        Ok(rolls)
    }

    fn hashes(&mut self, at: (i64, i64), range: RangeInclusive<u64>) -> io::Result<Vec<u64>> {
        self.store.hashes(at, range).map_err(io::Error::other)
    }
}

/// What a run found beside its alerts.
pub(super) struct Found<'f> {
    pub(super) plan: &'f Plan,
    pub(super) reading: &'f Reading,
    /// The new inputs.
    pub(super) inputs: &'f [OpenedInput],
    /// Those of earlier runs: those that were read again, then those that were recalled.
    pub(super) again: &'f [OpenedInput],
    /// What was made of all that was read.
    pub(super) kept: Option<Kept>,
    /// The rules that could speak, with their detections; none when only a part of the events was
    /// judged.
    pub(super) judged: Vec<(String, Vec<usize>)>,
    pub(super) ended: i64,
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
        size: std::fs::metadata(&path).map_or(0, |m| m.len()),
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
pub(super) fn summary(memory: &Memory<'_>, told: &Told) -> Text {
    let (shown, same) = (told.alerts.len(), told.same);
    let earlier = &memory.earlier;
    let (again, recalled, unjudged) = (
        earlier.again.len(),
        earlier.recalled.len(),
        earlier.unjudged,
    );
    let mut en = format!("store: {shown} alerts new or changed, {same} known already");
    let mut ja = format!("ストア：新規・変更のアラート{shown}件、既知{same}件");
    if told.retracted > 0 {
        en.push_str(&format!(", {} taken back", told.retracted));
        ja.push_str(&format!("、取り消し{}件", told.retracted));
    }
    if recalled > 0 {
        en.push_str(&format!("; inputs of earlier runs remembered: {recalled}"));
        ja.push_str(&format!("。以前の入力{recalled}件を記憶から判定しました"));
    }
    if again > 0 {
        en.push_str(&format!("; inputs of earlier runs read again: {again}"));
        ja.push_str(&format!("。以前の入力{again}件を読み直しました"));
    }
    if unjudged > 0 {
        en.push_str(&format!(
            "; {unjudged} inputs of earlier runs are gone and were read by other rules, calendars \
             or registers: where these changed, what began with them stays as it was"
        ));
        ja.push_str(&format!(
            "。以前の入力{unjudged}件は今のルール・カレンダー・台帳では判定し直せません（ファイルがない\
             ため）。変わった部分に関わるアラートは前回のままです"
        ));
    }
    Text::new(en, ja)
}
