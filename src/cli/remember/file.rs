//! Files as they lie on the disk: whether one still is what was read, or begins with it.
//!
//! Takes names and what is known of an earlier input; gives places, digests and answers. Never
//! interprets what a file holds.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use sha2::{Digest, Sha256};

use crate::alert::hex;
use crate::input::{self, Input};
use crate::pipeline::OpenedInput;
use crate::store::PastInput;

/// What identifies the bytes of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Print {
    pub(super) size: u64,
    /// SHA-256, hexadecimal.
    pub(super) sha256: String,
}

/// The print of a file, and the digests of so many of its first bytes each; `None` beside a number
/// of bytes that it does not have.
pub(super) fn prints(path: &Path, of_first: &[u64]) -> io::Result<(Print, Vec<Option<String>>)> {
    prints_of(File::open(path)?, of_first)
}

/// The same of the bytes that a reader gives.
fn prints_of(mut file: impl Read, of_first: &[u64]) -> io::Result<(Print, Vec<Option<String>>)> {
    let mut order: Vec<usize> = (0..of_first.len()).collect();
    order.sort_by_key(|at| of_first[*at]);
    let mut found = vec![None; of_first.len()];
    let mut due = order.into_iter().peekable();
    let (mut hash, mut size) = (Sha256::new(), 0u64);
    let mut buffer = vec![0; 1 << 16];
    loop {
        while let Some(at) = due.next_if(|at| of_first[*at] == size) {
            found[at] = Some(hex(&hash.clone().finalize()));
        }
        let room = due.peek().map_or(u64::MAX, |at| of_first[*at] - size);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        let room = room.min(buffer.len());
        let read = file.read(&mut buffer[..room])?;
        if read == 0 {
            let sha256 = hex(&hash.finalize());
            return Ok((Print { size, sha256 }, found));
        }
        hash.update(&buffer[..read]);
        size += read as u64;
    }
}

/// The print of what was read of an input, and that of its file as it lies there now; `None` for a
/// pipe. A log that grew meanwhile has more than was read. `known` is the print of the file when
/// the run began.
pub(super) fn read_prints(input: &OpenedInput, known: Option<Print>) -> Option<(Print, Print)> {
    let (path, size) = (input.input.file()?, file_size(&input.input)?);
    let is_plain = input.compression == "none" && member_of(&input.input.name).is_empty();
    let read = match is_plain {
        true => input.account.bytes.min(size),
        false => size,
    };
    let known = known.filter(|known| known.size == size && read == size);
    if let Some(known) = known {
        return Some((known.clone(), known));
    }
    let (whole, first) = prints(path, &[read]).ok()?;
    let sha256 = first.into_iter().next().flatten()?;
    Some((Print { size: read, sha256 }, whole))
}

/// SHA-256 of a file, hexadecimal.
pub(in super::super) fn digest_of(path: &Path) -> io::Result<String> {
    Ok(prints(path, &[])?.0.sha256)
}

/// When a file was last changed, nanoseconds since 1970.
pub(super) fn changed_at(path: &Path) -> Option<i64> {
    let changed = fs::metadata(path).ok()?.modified().ok()?;
    let since = changed.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(since.as_nanos()).ok()
}

/// The file that holds an input: itself, or the archive.
pub(in super::super) fn file_of(name: &str) -> PathBuf {
    let archive = name.split_once('!').map(|(archive, _)| archive);
    match archive.filter(|archive| Path::new(archive).is_file()) {
        Some(archive) => archive.into(),
        None => name.into(),
    }
}

/// What follows the archive in the name of a member; empty for a file.
fn member_of(name: &str) -> &str {
    let file = file_of(name);
    name.get(file.as_os_str().len()..).unwrap_or_default()
}

/// The place of an input from the root, the same from whatever folder it is named; `-` for a pipe.
pub(super) fn place_of(name: &str) -> String {
    let Ok(whole) = fs::canonicalize(file_of(name)) else {
        return name.to_owned();
    };
    format!("{}{}", whole.display(), member_of(name))
}

/// The input of an earlier run, if there still is one at its place; under the name it had where
/// that still means the place.
pub(super) fn input_at(past: &PastInput) -> Option<Input> {
    let name = match place_of(&past.name) == past.path {
        true => &past.name,
        false => &past.path,
    };
    input_named(name, &past.path)
}

/// The input of a name at a place, if there is one.
pub(super) fn input_named(name: &str, place: &str) -> Option<Input> {
    let file = file_of(name);
    if file.is_dir() {
        // What a live run kept of a pipe.
        return Input::kept_in(&file).ok();
    }
    if !file.is_file() {
        return None;
    }
    let found = input::find(&[file.display().to_string()]);
    let mut inputs = found.inputs.into_iter();
    inputs.find(|input| place_of(&input.name) == place)
}

/// Whether the file at the place of an earlier input still holds what was read, or begins with it.
pub(super) fn is_still_there(past: &PastInput) -> bool {
    let path = file_of(&past.path);
    let Some(size) = past.size else {
        // Nothing is known of what earlier versions of this program read.
        return past.path != "-" && past.sha256.is_empty();
    };
    let Ok(found) = fs::metadata(&path) else {
        return false;
    };
    if found.len() == size && past.changed.is_some() && changed_at(&path) == past.changed {
        return true;
    }
    let may_grow = member_of(&past.path).is_empty();
    let fits = found.len() == size || found.len() > size && may_grow;
    fits && prints(&path, &[size]).is_ok_and(|(_, first)| first[0] == Some(past.sha256.clone()))
}

/// Whether a file holds what was read of an earlier input, byte for byte, packed or not.
pub(super) fn holds(path: &Path, past: &PastInput) -> bool {
    let Some(size) = past.size else { return false };
    let is = |digest: Option<&Option<String>>| digest == Some(&Some(past.sha256.clone()));
    if prints(path, &[size]).is_ok_and(|(_, first)| is(first.first())) {
        return true;
    }
    let found = input::find(&[path.display().to_string()]);
    let opened = found
        .inputs
        .first()
        .map(|input| input.open(Default::default()));
    let Some(Ok(opened)) = opened else {
        return false;
    };
    let unpacked = prints_of(opened.reader, &[size]);
    opened.compression != "none" && unpacked.is_ok_and(|(_, first)| is(first.first()))
}

/// Which of the earlier inputs a new one tells anew: those it holds byte for byte, alone or at its
/// beginning; and the print of its file, where it had to be read for that.
pub(super) fn told_anew(input: &Input, past: &[(i64, &PastInput)]) -> (Vec<i64>, Option<Print>) {
    let (place, size) = (place_of(&input.name), file_size(input));
    let (Some(path), Some(size)) = (input.file(), size) else {
        return (Vec::new(), None);
    };
    let member = member_of(&input.name);
    let head = head_of(path);
    let may_be = |past: &PastInput| {
        let Some(before) = past.size.filter(|_| !past.sha256.is_empty()) else {
            return false;
        };
        let begins = head.starts_with(&past.head) || past.head.starts_with(&head);
        match (member, member_of(&past.path)) {
            ("", "") => before == size || before < size && (begins || place == past.path),
            (own, other) => own == other && before == size,
        }
    };
    let likely: Vec<_> = past.iter().filter(|(_, past)| may_be(past)).collect();
    if likely.is_empty() {
        return (Vec::new(), None);
    }
    let sizes: Vec<u64> = likely.iter().filter_map(|(_, past)| past.size).collect();
    let Ok((print, digests)) = prints(path, &sizes) else {
        return (Vec::new(), None);
    };
    let held = likely.iter().zip(digests);
    let held = held.filter(|((_, past), digest)| digest.as_ref() == Some(&past.sha256));
    (held.map(|((number, _), _)| *number).collect(), Some(print))
}

/// Bytes of the file of an input on the disk.
pub(super) fn file_size(input: &Input) -> Option<u64> {
    fs::metadata(input.file()?).ok().map(|found| found.len())
}

/// The first bytes of a file, as many as are kept of an input.
fn head_of(path: &Path) -> Vec<u8> {
    let mut head = Vec::new();
    if let Ok(file) = File::open(path) {
        // What cannot be read is no beginning of anything.
        let _ = file
            .take(crate::pipeline::HEAD as u64)
            .read_to_end(&mut head);
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    fn past(path: &Path, text: &str) -> PastInput {
        fs::write(path, text).expect("a folder that can be written");
        let (print, _) = prints(path, &[]).expect("a file");
        let name = path.display().to_string();
        PastInput {
            path: place_of(&name),
            name,
            size: Some(print.size),
            sha256: print.sha256,
            changed: changed_at(path),
            head: text.as_bytes().to_vec(),
            ..PastInput::default()
        }
    }

    fn input(path: &Path) -> Input {
        let found = input::find(&[path.display().to_string()]);
        found.inputs.into_iter().next().expect("a file")
    }

    #[test]
    fn prints_tell_beginnings() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.log");
        fs::write(&path, "abc").expect("it is written");
        let (whole, first) = prints(&path, &[9, 3, 0, 1, 3]).expect("a file");
        let digest = |text: &str| Some(crate::alert::sha256_hex(text.as_bytes()));
        assert_eq!((whole.size, Some(whole.sha256)), (3, digest("abc")));
        let expected = [None, digest("abc"), digest(""), digest("a"), digest("abc")];
        assert_eq!(first, expected);
    }

    #[test]
    fn a_file_that_grew_or_moved_tells_the_earlier_one_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let (a, b) = (folder.path().join("a.log"), folder.path().join("b.log"));
        let one = past(&a, "one\n");
        let two = past(&b, "one\ntwo\n");
        let other = past(&folder.path().join("c.log"), "two\n");
        let known = [(1, &one), (2, &two), (3, &other)];
        let anew = |path: &Path| told_anew(&input(path), &known).0;
        assert_eq!(anew(&a), [1]);
        assert_eq!(anew(&b), [1, 2]);
        fs::write(&a, "one\ntwo\nthree\n").expect("it is written");
        assert_eq!(anew(&a), [1, 2]);
        fs::write(&a, "One\ntwo\nthree\n").expect("it is written");
        assert!(anew(&a).is_empty());
        assert!(!is_still_there(&one), "it was overwritten");
        assert!(is_still_there(&two));
        fs::write(&b, "one\ntwo\nmore\n").expect("it is written");
        assert!(is_still_there(&two), "it grew");
        fs::write(&b, "one\n").expect("it is written");
        assert!(!is_still_there(&two), "it shrank");
    }
}
