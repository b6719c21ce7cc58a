//! Evidence held against the files it names.
//!
//! Takes evidence and the folders in which its paths are looked for; gives for every record
//! whether line, bytes and hash are as they were, and the lines around it. Reads each file once,
//! from its beginning to the last record asked for; where a record is not as it was, also the files
//! beside it that a rotation may have made of it. Never changes a file, never follows a path to
//! anything but a file.

mod walk;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Evidence;
use crate::diagnostic::Text;
use crate::frame::{LineEnd, MAX_RECORD};
use crate::input::{self, Input};
use crate::text::{Encoding, EncodingChoice};

use walk::{Asked, Seen, Walked, walk};

/// Where a record stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Line, bytes and hash are as they were.
    Confirmed,
    /// So they are in another file, which was made of the one it stood in.
    Moved(Text),
    /// The file is there, the record is not as it was.
    Changed(Text),
    /// The record cannot be found or read.
    Missing(Text),
}

impl Standing {
    /// `confirmed`, `changed` or `missing`.
    pub const fn name(&self) -> &'static str {
        match self {
            Standing::Confirmed | Standing::Moved(_) => "confirmed",
            Standing::Changed(_) => "changed",
            Standing::Missing(_) => "missing",
        }
    }

    /// True where line, bytes and hash are as they were.
    pub const fn is_confirmed(&self) -> bool {
        matches!(self, Standing::Confirmed | Standing::Moved(_))
    }

    /// What was found instead; `None` when all is as it was.
    pub fn because(&self) -> Option<&Text> {
        match self {
            Standing::Confirmed => None,
            Standing::Moved(text) | Standing::Changed(text) | Standing::Missing(text) => Some(text),
        }
    }
}

/// A record as it stands in its file now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Whether it is as it was.
    pub standing: Standing,
    /// It and the lines around it, decoded; `None` when nothing could be read there, or when
    /// nobody asked for it.
    pub context: Option<Surroundings>,
}

/// A record among its neighbors, decoded but not made safe for where it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Lines right before it, in their order.
    pub before: Vec<String>,
    /// What stands in its place.
    pub text: String,
    /// Lines right after it.
    pub after: Vec<String>,
}

/// How evidence is looked for, and how much of its neighborhood is wanted.
#[derive(Clone, Copy)]
pub struct Search<'s> {
    /// Folders from which relative paths are tried, one after another.
    pub folders: &'s [PathBuf],
    /// In which encoding the file of a path is read.
    pub encoding: &'s dyn Fn(&str) -> EncodingChoice,
    /// Lines wanted before and after each record; `None`: no text at all.
    pub lines: Option<usize>,
}

/// Bytes read around a record to find the lines next to it; even, so that UTF-16 stays in step.
const AROUND: u64 = 16 << 10;

/// Holds each record against its file, in the order given.
pub fn confirm(evidence: &[&Evidence], search: Search<'_>) -> Vec<Checked> {
    let mut by_path: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, record) in evidence.iter().enumerate() {
        by_path.entry(&record.path).or_default().push(at);
    }
    let mut all: Vec<Option<Checked>> = vec![None; evidence.len()];
    for (path, mut places) in by_path {
        places.sort_by_key(|at| (evidence[*at].offset, evidence[*at].length));
        let records: Vec<&Evidence> = places.iter().map(|at| evidence[*at]).collect();
        let mut checked = match locate(path, search.folders) {
            Ok(input) => in_file(&input, &records, (search.encoding)(path), search.lines),
            Err(text) => missing_all(&records, &text),
        };
        look_beside(path, &records, &mut checked, search);
        for (at, checked) in places.into_iter().zip(checked) {
            all[at] = Some(checked);
        }
    }
    all.into_iter().flatten().collect()
}

/// Looks for the records of a path that are not as they were in the files that a rotation may have
/// made of it, renamed and perhaps packed.
fn look_beside(path: &str, records: &[&Evidence], checked: &mut [Checked], search: Search<'_>) {
    let places = search.folders.iter().map(|folder| folder.join(path));
    let mut siblings: Vec<PathBuf> = places.flat_map(|place| input::siblings(&place)).collect();
    siblings.dedup();
    for sibling in siblings {
        let sought =
            |at: &usize| !checked[*at].standing.is_confirmed() && !records[*at].sha256.is_empty();
        let open: Vec<usize> = (0..records.len()).filter(sought).collect();
        if open.is_empty() {
            return;
        }
        let name = sibling.to_string_lossy();
        let Some(Ok(input)) = locate_here(&name) else {
            continue;
        };
        let some: Vec<&Evidence> = open.iter().map(|at| records[*at]).collect();
        let found = in_file(&input, &some, (search.encoding)(path), search.lines);
        for (at, found) in open.into_iter().zip(found) {
            if found.standing.is_confirmed() {
                checked[at] = Checked {
                    standing: Standing::Moved(stands_in(&sibling)),
                    ..found
                };
            }
        }
    }
}

fn stands_in(path: &Path) -> Text {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Text::new(
        format!("it stands in {name} now"),
        format!("今は {name} にあります"),
    )
}

/// The input of a path: the file itself, or a member of an archive (`a.zip!inner.csv`).
///
/// # Errors
/// Why there is none, in words.
pub fn locate(path: &str, folders: &[PathBuf]) -> Result<Input, Text> {
    if path == "-" {
        return Err(Text::new(
            "it came through a pipe, of which nothing is kept",
            "パイプから読んだ記録で、元のファイルがありません",
        ));
    }
    let mut why = Text::new("there is no such file", "ファイルがありません");
    for folder in folders {
        let name = folder.join(path).to_string_lossy().into_owned();
        match locate_here(&name) {
            Some(Ok(input)) => return Ok(input),
            Some(Err(text)) => why = text,
            None => {}
        }
    }
    Err(why)
}

fn locate_here(name: &str) -> Option<Result<Input, Text>> {
    if let Ok(found) = fs::metadata(name) {
        // A device or a pipe would never end, or never begin.
        return Some(match found.is_file() {
            true => pick(name, name),
            false => Err(Text::new("it is no file", "通常のファイルではありません")),
        });
    }
    let mut archives = name.rmatch_indices('!').map(|(at, _)| &name[..at]);
    let archive = archives.find(|archive| fs::metadata(archive).is_ok_and(|f| f.is_file()))?;
    Some(pick(archive, name))
}

fn pick(file: &str, name: &str) -> Result<Input, Text> {
    let found = input::find(&[file.to_owned()]);
    let of_name = found.inputs.into_iter().find(|i| &*i.name == name);
    of_name.ok_or_else(|| match found.unreadable.first() {
        Some(problem) => problem.message.clone(),
        None => Text::new(
            format!("{file} does not hold it any more"),
            format!("{file} の中に見つかりません"),
        ),
    })
}

fn missing_all(records: &[&Evidence], text: &Text) -> Vec<Checked> {
    let missing = |_: &&Evidence| Checked {
        standing: Standing::Missing(text.clone()),
        context: None,
    };
    records.iter().map(missing).collect()
}

/// Checks the records of one file, sorted by offset.
fn in_file(
    input: &Input,
    records: &[&Evidence],
    encoding: EncodingChoice,
    lines: Option<usize>,
) -> Vec<Checked> {
    let opened = match input.open(Arc::default()) {
        Ok(opened) => opened,
        Err(error) => return missing_all(records, &input::explain(&error)),
    };
    let around = if lines.is_some() { AROUND } else { 0 };
    let asked: Vec<Asked> = records
        .iter()
        .map(|record| Asked {
            offset: record.offset,
            length: u64::from(record.length).min(MAX_RECORD as u64),
            around: lines.map(|_| around),
        })
        .collect();
    let Walked {
        encoding,
        line_end,
        seen,
        error,
    } = walk(opened.reader, &asked, encoding);
    let error = error.map(|error| input::explain(&error));
    let each = records.iter().zip(asked).zip(seen);
    each.map(|((record, asked), seen)| Checked {
        standing: standing(record, asked, &seen, error.as_ref()),
        context: lines.and_then(|lines| surroundings(&seen, (encoding, line_end), lines)),
    })
    .collect()
}

fn standing(record: &Evidence, asked: Asked, seen: &Seen, error: Option<&Text>) -> Standing {
    if record.sha256.is_empty() {
        return Standing::Missing(Text::new(
            "its hash is not known: the record could not be read again when the alert was made",
            "アラートを作ったときに読み直せず、ハッシュが残っていません",
        ));
    }
    if seen.length < asked.length {
        return match error {
            Some(text) => Standing::Missing(text.clone()),
            None => Standing::Changed(Text::new(
                "the file is shorter now and ends before the end of the record",
                "ファイルが短くなり、記録の終わりより前で終わっています",
            )),
        };
    }
    if !seen.sha256.eq_ignore_ascii_case(&record.sha256) {
        return Standing::Changed(Text::new(
            "other bytes stand in its place now (the hash differs)",
            "同じ位置の内容が変わっています（ハッシュが一致しません）",
        ));
    }
    let line = seen.line_ends + 1;
    if line == record.line {
        return Standing::Confirmed;
    }
    Standing::Changed(Text::new(
        format!("the bytes are as they were, but stand in line {line} now"),
        format!("内容は同じですが、今は {line} 行目にあります"),
    ))
}

/// The record and the lines around it; `None` when nothing stands there.
fn surroundings(
    seen: &Seen,
    (encoding, line_end): (Encoding, LineEnd),
    lines: usize,
) -> Option<Surroundings> {
    let window = seen.window.as_ref()?;
    let (front, rest) = window.bytes.split_at_checked(window.record_at)?;
    let (record, back) = rest.split_at(rest.len().min(seen.length as usize));
    if record.is_empty() {
        return None;
    }
    let text = |bytes: &[u8]| encoding.decode(bytes).text.into_owned();
    let lines_of = |bytes: &[u8]| match line_end {
        LineEnd::Feed => text(bytes),
        LineEnd::Return => text(bytes).replace('\r', "\n"),
    };
    Some(Surroundings {
        before: before(&lines_of(front), window.from_start, lines),
        text: text(record).trim_start_matches('\u{feff}').to_owned(),
        after: after(&lines_of(back), window.to_end, lines),
    })
}

/// The last lines of what stands before a record; what is cut shows `…`.
fn before(text: &str, whole: bool, lines: usize) -> Vec<String> {
    let text = text.trim_start_matches('\u{feff}');
    let mut parts: Vec<&str> = text.split('\n').collect();
    // The part behind the last line end is the beginning of the record's own line.
    let own = parts.pop().unwrap_or_default();
    if !own.trim().is_empty() {
        parts.push(own);
    }
    let cut = !whole && parts.len() <= lines;
    let first = parts.len().saturating_sub(lines);
    let mut found: Vec<String> = parts[first..].iter().map(|p| line(p)).collect();
    if let (true, Some(first)) = (cut, found.first_mut()) {
        first.insert(0, '…');
    }
    found
}

/// The first lines of what stands after a record; what is cut shows `…`.
fn after(text: &str, whole: bool, lines: usize) -> Vec<String> {
    let mut parts = text.split('\n').collect::<Vec<_>>();
    if parts.first().is_some_and(|own| own.trim().is_empty()) {
        parts.remove(0);
    }
    if whole && parts.last().is_some_and(|last| last.trim().is_empty()) {
        parts.pop();
    }
    let cut = !whole && parts.len() <= lines;
    let mut found: Vec<String> = parts.iter().take(lines).map(|p| line(p)).collect();
    if let (true, Some(last)) = (cut, found.last_mut()) {
        last.push('…');
    }
    found
}

fn line(part: &str) -> String {
    part.trim_end_matches('\r').to_owned()
}

#[cfg(test)]
mod tests;
