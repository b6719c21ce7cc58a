//! Inputs held against what the record says of them.
//!
//! Takes the entries and the folders in which files are looked for; gives for every file, as it
//! was read last, whether it is still the same. Never changes a file.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::alert::hex;
use crate::sink::runs::{InputNow, InputState};
use crate::store::{InputRecord, RunRow};

/// Bytes read at once.
const BLOCK: usize = 128 << 10;

/// What became of every file, by source and path; each as the latest run read it.
pub(super) fn inputs_now(rows: &[RunRow], folders: &[PathBuf]) -> Vec<InputNow> {
    let mut latest: BTreeMap<(&str, &str), (i64, &InputRecord)> = BTreeMap::new();
    for row in rows {
        for input in &row.entry.inputs {
            latest.insert((&input.source, &input.path), (row.number, input));
        }
    }
    let now = |(run, input): (i64, &InputRecord)| InputNow {
        run,
        path: input.path.clone(),
        source: input.source.clone(),
        state: state(input, folders),
    };
    latest.into_values().map(now).collect()
}

fn state(input: &InputRecord, folders: &[PathBuf]) -> InputState {
    let mut places = folders
        .iter()
        .filter_map(|folder| file_at(folder, &input.path));
    let Some(path) = places.next() else {
        return InputState::Gone;
    };
    match compare(&path, input) {
        Ok(state) => state,
        Err(error) => InputState::Unreadable(error.to_string()),
    }
}

/// The file of an input: of a member of an archive (`a.zip!inner.csv`) the archive, whose size and
/// digest the record tells.
fn file_at(folder: &Path, name: &str) -> Option<PathBuf> {
    let archives = name.rmatch_indices('!').map(|(at, _)| &name[..at]);
    let mut places = std::iter::once(name)
        .chain(archives)
        .map(|n| folder.join(n));
    places.find(|path| path.is_file())
}

fn compare(path: &Path, input: &InputRecord) -> io::Result<InputState> {
    let size = path.metadata()?.len();
    if size < input.size {
        return Ok(InputState::Changed);
    }
    if input.sha256.is_empty() {
        return Ok(match size == input.size {
            true => InputState::SameSize,
            false => InputState::Grown,
        });
    }
    let same = digest(File::open(path)?.take(input.size))? == input.sha256.to_lowercase();
    Ok(match (same, size == input.size) {
        (true, true) => InputState::Same,
        (true, false) => InputState::Grown,
        (false, _) => InputState::Changed,
    })
}

fn digest(mut reader: impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut block = vec![0; BLOCK];
    loop {
        match reader.read(&mut block) {
            Ok(0) => return Ok(hex(&hash.finalize())),
            Ok(read) => hash.update(&block[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::sha256_hex;

    #[test]
    fn what_became_of_a_file_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let mut input = InputRecord {
            source: "ehr".to_owned(),
            path: "a.log".to_owned(),
            size: 4,
            sha256: sha256_hex(b"one\n"),
            records: (1, 1, 0),
            span: None,
        };
        let folders = [PathBuf::new(), folder.path().to_path_buf()];
        let told = |input: &InputRecord, bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            state(input, &folders)
        };
        assert_eq!(told(&input, b"one\n"), InputState::Same);
        assert_eq!(told(&input, b"one\ntwo\n"), InputState::Grown);
        assert_eq!(told(&input, b"eno\n"), InputState::Changed);
        assert_eq!(told(&input, b"one"), InputState::Changed);
        input.sha256.clear();
        assert_eq!(told(&input, b"eno\n"), InputState::SameSize);
        input.path = "a.log!in!side.csv".to_owned();
        assert_eq!(told(&input, b"eno\n"), InputState::SameSize);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(state(&input, &folders), InputState::Gone);
    }
}
