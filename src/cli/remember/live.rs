//! The memory of a run that goes on: what is known of its own inputs is written again and again, as
//! more of them is told.
//!
//! Takes the inputs of a run and the chapters it gives; writes what they are, their facts and their
//! counts into the change that is to be committed. An input that tells all that an earlier one told
//! takes its place. Never reads a log, but for the beginning of an input.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::super::args::{Reading, Ruling};
use super::super::house::House;
use super::super::{as_seen, scan};
use super::file::{self, place_of};
use super::purge::Purging;
use super::rotated::{self, marked};
use super::{Memory, REACH, kept, reading};
use crate::input::Input;
use crate::pipeline::{Beside, Chapter, Kept, OpenedInput, SourceSettings, Tally, Task, ToldSoFar};
use crate::store::counts::{CountedInput, CountedRun};
use crate::store::{Changing, Failure, PastInput, Store};

/// What the store knows of the inputs of a live run, in their order.
#[derive(Default)]
pub(in super::super) struct Shelf {
    rows: Vec<Row>,
    /// The place of the folder that keeps stdin, with its number.
    spool: Option<(String, i64)>,
    /// True once a chapter was kept.
    has_chapter: bool,
}

/// What the store knows of an input.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    number: Option<i64>,
    /// Under which its counts stand.
    counted: Option<i64>,
    /// True when nothing more is to be written of it.
    is_done: bool,
}

/// What is to be written of an input.
pub(in super::super) struct Page {
    past: PastInput,
    /// By which it is counted, wherever a rotation brings it.
    counted: String,
    /// True when nothing more will come.
    ended: bool,
}

/// Of a live run, what its chapters are written by.
#[derive(Clone, Copy)]
pub(in super::super) struct Writing<'w> {
    pub(in super::super) house: &'w House,
    pub(in super::super) ruling: &'w Ruling,
    pub(in super::super) inputs: &'w [OpenedInput],
    pub(in super::super) ended: i64,
}

impl Shelf {
    /// Remembers the folder that keeps stdin before anything is read.
    ///
    /// # Errors
    /// What SQLite says.
    pub(in super::super) fn begin_spool(
        &mut self,
        changing: &Changing<'_>,
        run: i64,
        (folder, reading, now): (&Path, &Reading, i64),
    ) -> Result<(), Failure> {
        let path = place_of(&folder.to_string_lossy());
        let past = PastInput {
            name: path.clone(),
            path: path.clone(),
            reading: reading::text_of(reading),
            now,
            ..PastInput::default()
        };
        let number = changing.remember(run, &past)?;
        self.spool = Some((path, number));
        Ok(())
    }

    /// Writes what is new of the inputs; gives the number of each that is known.
    pub(in super::super) fn keep(
        &mut self,
        changing: &Changing<'_>,
        run: i64,
        pages: &[Option<Page>],
    ) -> Result<Vec<Option<i64>>, Failure> {
        self.rows.resize(pages.len(), Row::default());
        for (row, page) in self.rows.iter_mut().zip(pages) {
            let Some(page) = page else { continue };
            let spool = self.spool.as_ref();
            let spool = spool.filter(|(place, _)| *place == page.past.path);
            match row.number.or(spool.map(|(_, number)| *number)) {
                Some(number) => {
                    changing.tell_more(number, &page.past)?;
                    row.number = Some(number);
                }
                None => row.number = Some(changing.remember(run, &page.past)?),
            }
            row.is_done = page.ended && page.past.streams.is_some();
        }
        Ok(self.rows.iter().map(|row| row.number).collect())
    }
}

impl Memory<'_> {
    /// Looks for what a rotation made of followed files while nobody followed them; gives all that
    /// is read beside the new inputs.
    pub(in super::super) fn find_missed(&mut self, new: &[Task]) {
        let named: Vec<String> = new.iter().map(|task| place_of(&task.input.name)).collect();
        let again = self.earlier.again.iter();
        let mut read: BTreeSet<String> = again.map(|a| place_of(&a.task.input.name)).collect();
        read.extend(self.earlier.places.iter().cloned());
        let past = self.known.iter().map(|(_, past)| past);
        let missed = rotated::missed(past, &named, &read).into_iter();
        let missed = missed.filter_map(|(place, like)| {
            let reading = reading::reading_of(&like.reading);
            let input = file::input_named(&place, &place)?;
            let (plan, bounds) = (self.judging.plan, self.judging.bounds);
            Some((scan::task(plan, &reading, bounds, &input), reading))
        });
        self.missed = missed.collect();
        self.named = new
            .iter()
            .map(|task| Arc::clone(&task.input.name))
            .collect();
    }

    /// All that is read beside the new inputs.
    pub(in super::super) fn read_beside(&self) -> impl Iterator<Item = Task> + '_ {
        let missed = self.missed.iter().map(|(task, _)| task.clone());
        self.again().chain(missed)
    }

    /// How many inputs of earlier runs are read again, and how many are judged by kept facts.
    pub(in super::super) fn earlier(&self) -> (usize, usize) {
        let again = self.earlier.again.len() + self.missed.len();
        (again, self.earlier.recalled.len())
    }

    /// The key of the hashes of records.
    pub(in super::super) fn key(&self) -> u64 {
        self.key
    }

    /// What is remembered, for the pipeline.
    pub(in super::super) fn beside(&mut self) -> Beside<'_> {
        Beside {
            past: std::mem::take(&mut self.earlier.past),
            key: self.key,
            remembered: self,
        }
    }

    /// True for an input of an earlier run that is read again.
    pub(in super::super) fn is_again(&self, input: &Input) -> bool {
        let again = self.earlier.again.iter();
        again
            .map(|again| &again.task.input)
            .any(|other| other.name == input.name)
    }

    /// The store, to be changed.
    pub(in super::super) fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    /// The path of the store.
    pub(in super::super) fn path(&self) -> &Path {
        &self.path
    }

    /// How an input is read, by which settings, and under which name it began.
    fn settings_of(&self, input: &Input, own: &Reading) -> (Reading, Arc<SourceSettings>, String) {
        let mut again = self.earlier.again.iter();
        if let Some(again) = again.find(|again| again.task.input.name == input.name) {
            let name = again.past.name.clone();
            return (again.reading.clone(), Arc::clone(&again.task.source), name);
        }
        let mut missed = self.missed.iter();
        let missed = missed.find(|(task, _)| task.input.name == input.name);
        let (reading, source) = match missed {
            Some((task, reading)) => (reading.clone(), Arc::clone(&task.source)),
            None => {
                let task = scan::task(self.judging.plan, own, self.judging.bounds, input);
                (own.clone(), task.source)
            }
        };
        let name = match (input.followed(), input.spooled()) {
            (Some(followed), _) => place_of(&followed.path().to_string_lossy()),
            (None, Some(folder)) => place_of(&folder.to_string_lossy()),
            (None, None) => input.name.to_string(),
        };
        (reading, source, name)
    }

    /// What is to be written of each input; `None` where nothing is: it is known already, or there
    /// is no chapter that tells more.
    pub(in super::super) fn pages(
        &self,
        shelf: &Shelf,
        (reading, inputs): (&Reading, &[OpenedInput]),
        told: Option<&[Option<ToldSoFar>]>,
    ) -> Vec<Option<Page>> {
        let page = |(at, input): (usize, &OpenedInput)| {
            let row = shelf.rows.get(at).copied().unwrap_or_default();
            let told = told.and_then(|told| told[at].as_ref());
            let is_known = row.is_done || row.number.is_some() && told.is_none();
            (!is_known && input.encoding.is_some()).then(|| self.page(input, reading, told))
        };
        inputs.iter().enumerate().map(page).collect()
    }

    fn page(&self, opened: &OpenedInput, own: &Reading, told: Option<&ToldSoFar>) -> Page {
        let input = &opened.input;
        let (reading, source, name) = self.settings_of(input, own);
        let text = reading::text_of(&reading);
        let ended = told.is_some_and(|told| told.ended);
        let account = &opened.account;
        let mut past = PastInput {
            path: place_of(&input.name),
            source: opened.source.clone(),
            span: account.span,
            latest: account.latest,
            edges: account.edges,
            now: opened.reference().unwrap_or(self.judging.began),
            ..PastInput::default()
        };
        let bytes = told.and_then(|told| told.bytes.clone());
        let mut is_told = told.is_some();
        if let Some(followed) = input.followed() {
            let place = followed
                .place()
                .unwrap_or_else(|| followed.path().to_path_buf());
            past.path = place_of(&place.to_string_lossy());
            past.reading = marked(&text, followed.known());
            told_by(&mut past, bytes);
            let found = std::fs::metadata(&place).ok().map(|found| found.len());
            let is_whole = past.size.is_some() && past.size == found;
            past.changed = is_whole.then(|| file::changed_at(&place)).flatten();
        } else {
            past.reading = text;
            if let Some(folder) = input.spooled() {
                past.path = place_of(&folder.to_string_lossy());
                told_by(&mut past, bytes.filter(|_| opened.compression == "none"));
            } else if let Some((print, _)) =
                ended.then(|| file::read_prints(opened, None)).flatten()
            {
                (past.size, past.sha256) = (Some(print.size), print.sha256);
                past.changed = input.file().and_then(file::changed_at);
            } else {
                // A file that is read as it lies there is known when it was read to its end.
                is_told = false;
            }
        }
        if is_told && self.judging.is_whole() && opened.error.is_none() {
            past.streams = Some(self.judging.marks.of(&source));
            past.head = match input.spooled().map(Input::kept_in) {
                Some(kept) => kept.map_or_else(|_| Vec::new(), |kept| kept::head_of(&kept)),
                None => kept::head_of(input),
            };
        }
        let counted = place_of(&name);
        past.name = name;
        Page {
            past,
            counted,
            ended,
        }
    }

    /// Inputs of earlier runs that this one tells anew, once it has read what was there when it
    /// began. What could not be read takes no alert back.
    fn outlived(&mut self, inputs: &[OpenedInput]) -> Vec<i64> {
        let is_read = |name: &str| {
            let mut named = inputs.iter().filter(|i| *i.input.name == *name);
            named.any(|i| i.encoding.is_some() && i.error.is_none())
        };
        let anew = self.named.iter().zip(&self.earlier.anew);
        let anew = anew.filter(|(name, _)| is_read(name));
        let anew = anew.flat_map(|(_, anew)| anew.numbers.iter().copied());
        let again = self.earlier.again.iter();
        let again = again.filter(|again| is_read(&again.task.input.name));
        anew.chain(again.map(|again| again.number)).collect()
    }

    /// The rules that are judged, each with the instant from which on its alerts are known in full.
    pub(in super::super) fn judged_from(
        &self,
        judged: &[(String, Vec<usize>)],
    ) -> Vec<(String, i64)> {
        let lost = |detection: &usize| {
            let streams = &self.judging.marks.detections;
            let stream = streams.iter().position(|d| d == detection);
            stream.and_then(|stream| self.earlier.lost[stream])
        };
        let from = |detections: &Vec<usize>| {
            let lost = detections.iter().filter_map(lost).max();
            lost.map_or(i64::MIN, |last| last.saturating_add(REACH))
        };
        judged
            .iter()
            .map(|(id, of)| (id.clone(), from(of)))
            .collect()
    }

    /// What the first chapter does beside its own pages: forgets what is told anew, and purges what
    /// is too old.
    pub(in super::super) fn clearing(&mut self, shelf: &Shelf, inputs: &[OpenedInput]) -> Clearing {
        if shelf.has_chapter {
            return Clearing::default();
        }
        let (plan, began, horizon) = (self.judging.plan, self.judging.began, self.earlier.horizon);
        Clearing {
            forgotten: self.outlived(inputs),
            old: self.earlier.old.clone(),
            purging: Some(Purging::of(plan, began, horizon)),
        }
    }

    /// Whether all events are judged, not only those of a stretch of time.
    pub(in super::super) fn judges_all(&self) -> bool {
        self.judging.is_whole()
    }
}

/// Keeps the facts and records of a chapter.
///
/// # Errors
/// What SQLite says; when the temporary file of the chapter cannot be read.
pub(in super::super) fn keep_leaf(
    changing: &Changing<'_>,
    leaf: &Kept,
    numbers: &[Option<i64>],
    judges_all: bool,
) -> Result<(), Failure> {
    kept::keep_rolls(changing, leaf, numbers)?;
    match judges_all {
        true => kept::keep_facts(changing, leaf, numbers),
        false => Ok(()),
    }
}

/// Keeps what changed of what the inputs tell for the weekly page.
fn keep_counts(
    changing: &Changing<'_>,
    run: i64,
    shelf: &mut Shelf,
    (tally, pages, inputs): (&Tally, &[Option<Page>], &[OpenedInput]),
) -> Result<(), Failure> {
    let rows = shelf.rows.iter_mut().zip(pages);
    let told = rows.zip(inputs).zip(&tally.inputs);
    let told = told.filter_map(|(((row, page), input), counts)| {
        let counted = CountedInput {
            source: &input.source,
            place: &page.as_ref()?.counted,
            counts,
            input: row.number,
            before: row.counted,
        };
        Some((&mut row.counted, counted))
    });
    let (numbers, inputs): (Vec<_>, Vec<_>) = told.unzip();
    let kept = changing.keep_counts(CountedRun {
        run,
        names: &tally.names,
        inputs: &inputs,
    })?;
    for (number, kept) in numbers.into_iter().zip(kept) {
        *number = kept;
    }
    Ok(())
}

fn told_by(past: &mut PastInput, bytes: Option<(u64, String)>) {
    if let Some((size, sha256)) = bytes {
        (past.size, past.sha256) = (Some(size), sha256);
    }
}

/// What the first chapter of a run removes.
#[derive(Default)]
pub(in super::super) struct Clearing {
    forgotten: Vec<i64>,
    old: Vec<i64>,
    purging: Option<Purging>,
}

/// Keeps a chapter: facts, counts and the house, in the change that keeps its alerts. Gives the
/// note of what was purged.
///
/// # Errors
/// What SQLite says; when the temporary file of the chapter cannot be read.
pub(in super::super) fn keep_chapter(
    (changing, run): (&Changing<'_>, i64),
    (shelf, clearing): (&mut Shelf, Clearing),
    (chapter, kept): (&Chapter, &Kept),
    (pages, numbers): (&[Option<Page>], &[Option<i64>]),
    (writing, plan, judges_all): (Writing<'_>, &super::Plan, bool),
) -> Result<String, Failure> {
    keep_leaf(changing, kept, numbers, judges_all)?;
    if let Some(tally) = &chapter.tally {
        keep_counts(changing, run, shelf, (tally, pages, writing.inputs))?;
    }
    let is_first = !std::mem::replace(&mut shelf.has_chapter, true);
    if is_first {
        let registers = as_seen::registers(plan, writing.ruling, writing.house);
        let document = as_seen::document(plan, writing.house, writing.ended);
        changing.keep_house(run, &registers, &document.to_string())?;
    }
    let own: Vec<i64> = numbers.iter().flatten().copied().collect();
    for number in clearing.forgotten.iter().filter(|n| !own.contains(n)) {
        changing.forget(*number)?;
    }
    match clearing.purging {
        Some(purging) => purging.purge(changing, &clearing.old, plan),
        None => Ok(String::new()),
    }
}
