//! The files a user writes, as text: config, calendar, rules.
//!
//! Takes paths; gives texts, new files for results, and complaints that name the path. A folder of
//! rules is walked in the order of names. Never knows what the texts mean, never changes a file.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::{Path, PathBuf};

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8};

use crate::diagnostic::{Complaints, Place, Problem};
use crate::input::Input;

/// Largest file of the user's own that is read, in bytes. (Registers of a large house fit.)
const MAX_BYTES: u64 = 64 << 20;

/// A new file for results.
pub(super) fn create(path: &Path) -> io::Result<BufWriter<File>> {
    File::create(path).map(BufWriter::new)
}

/// A file for results that go on where those of an earlier run ended.
pub(super) fn append(path: &Path) -> io::Result<BufWriter<File>> {
    let file = File::options().create(true).append(true).open(path)?;
    Ok(BufWriter::new(file))
}

/// Complains when a file for results is one of the inputs: a log is never overwritten.
pub(super) fn spare_inputs(
    results: &[Option<&PathBuf>],
    inputs: &[Input],
    complaints: &mut Complaints,
) {
    for result in results.iter().flatten() {
        // What is not there yet overwrites nothing; a device such as /dev/null neither.
        let Ok(target) = result.canonicalize() else {
            continue;
        };
        if !target.is_file() {
            continue;
        }
        let is_target = |name: &str| {
            let archive = name.split_once('!').map_or(name, |(archive, _)| archive);
            [name, archive]
                .iter()
                .any(|n| Path::new(n).canonicalize().is_ok_and(|n| n == target))
        };
        if inputs.iter().any(|input| is_target(&input.name)) {
            let name = result.display();
            complaints.push(
                Problem::error(
                    format!("{name} is one of the files to be read and would be overwritten"),
                    format!("{name} は読み込むファイルの一つで、上書きされてしまいます"),
                )
                .help(
                    "write the results to a folder that is not read",
                    "結果は読み込み対象でないフォルダーに書き出してください",
                ),
            );
        }
    }
}

/// The same error, with the file it is about.
pub(super) fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// The bytes of a file; when there are none the complaint stands at `place`, where it is named.
pub(super) fn bytes(
    path: &Path,
    place: Option<&Place>,
    complaints: &mut Complaints,
) -> Option<Vec<u8>> {
    match try_bytes(path) {
        Ok(bytes) => Some(bytes),
        Err(problem) => {
            complaints.push(placed(problem, place));
            None
        }
    }
}

fn try_bytes(path: &Path) -> Result<Vec<u8>, Problem> {
    let size = std::fs::metadata(path)
        .map_err(|error| unreadable(path, &error))?
        .len();
    if size > MAX_BYTES {
        let name = path.display();
        return Err(Problem::error(
            format!("{name} has {size} bytes; at most {MAX_BYTES} are read"),
            format!("{name} は {size} バイトあります（上限 {MAX_BYTES}）"),
        ));
    }
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

/// The text of a file.
pub(super) fn text(
    path: &Path,
    place: Option<&Place>,
    complaints: &mut Complaints,
) -> Option<String> {
    let bytes = bytes(path, place, complaints)?;
    let text = decode(&bytes);
    if text.is_none() {
        let name = path.display();
        let problem = Problem::error(
            format!("{name} is neither UTF-8 nor Shift_JIS text"),
            format!("{name} は UTF-8 でも Shift_JIS でもありません"),
        )
        .help(
            "save it as UTF-8",
            "文字コードを UTF-8 にして保存してください",
        );
        complaints.push(placed(problem, place));
    }
    text
}

/// Text in UTF-8, in UTF-16 with a byte order mark, or in the Japanese code page: what editors on
/// a clinic's computer write.
fn decode(bytes: &[u8]) -> Option<String> {
    let marked = Encoding::for_bom(bytes);
    let tried = [marked.map_or(UTF_8, |(encoding, _)| encoding), SHIFT_JIS];
    let rest = &bytes[marked.map_or(0, |(_, length)| length)..];
    tried
        .iter()
        .take(if marked.is_some() { 1 } else { 2 })
        .find_map(|encoding| encoding.decode_without_bom_handling_and_without_replacement(rest))
        .map(Cow::into_owned)
}

/// The rule files behind a path, each with its name and text: the file itself, or all `.yml` and
/// `.yaml` files of a folder and its folders. A folder without any is complained about.
pub(super) fn rules(
    path: &Path,
    place: Option<&Place>,
    complaints: &mut Complaints,
) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in walkdir::WalkDir::new(path).sort_by_file_name() {
        match entry {
            Ok(entry) => {
                let named = entry.depth() == 0 || is_rule(entry.path());
                if named && entry.file_type().is_file() {
                    files.push(entry.into_path());
                }
            }
            Err(error) => {
                let at = error.path().unwrap_or(path).to_path_buf();
                let problem = unreadable(&at, &error.into());
                complaints.push(placed(problem, place));
                return Vec::new();
            }
        }
    }
    if files.is_empty() {
        let name = path.display();
        let problem = Problem::error(
            format!("{name} holds no rule file (.yml or .yaml)"),
            format!("{name} にルールのファイル（.yml・.yaml）がありません"),
        );
        complaints.push(placed(problem, place));
    }
    let mut named = |file: PathBuf| {
        let text = text(&file, place, complaints)?;
        Some((file.to_string_lossy().into_owned(), text))
    };
    files.into_iter().filter_map(&mut named).collect()
}

fn is_rule(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending == "yml" || ending == "yaml")
}

fn placed(problem: Problem, place: Option<&Place>) -> Problem {
    match place {
        Some(place) => problem.at(place.clone()),
        None => problem,
    }
}

pub(super) fn unreadable(path: &Path, error: &std::io::Error) -> Problem {
    let name = path.display();
    match error.kind() {
        std::io::ErrorKind::NotFound => Problem::error(
            format!("there is no file {name}"),
            format!("ファイル {name} がありません"),
        ),
        _ => Problem::error(
            format!("{name} cannot be read: {error}"),
            format!("{name} を読めません: {error}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_editors_are_read() {
        assert_eq!(decode("夜".as_bytes()).as_deref(), Some("夜"));
        assert_eq!(decode("\u{feff}夜".as_bytes()).as_deref(), Some("夜"));
        assert_eq!(decode(b"\x96\xe9").as_deref(), Some("夜"));
        assert_eq!(decode(b"\xff\xfe\x1c\x59").as_deref(), Some("夜"));
        assert_eq!(decode(b"\xff\xff"), None);
    }

    #[test]
    fn a_folder_of_rules_is_walked_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str| std::fs::write(folder.path().join(name), name).unwrap();
        std::fs::create_dir(folder.path().join("b")).unwrap();
        for name in ["z.yml", "a.yaml", "b/c.yml", "readme.md"] {
            put(name);
        }
        let mut complaints = Complaints::new();
        let texts: Vec<String> = rules(folder.path(), None, &mut complaints)
            .into_iter()
            .map(|(_, text)| text)
            .collect();
        assert_eq!(texts, ["a.yaml", "b/c.yml", "z.yml"]);
        // A file that is named is read whatever its ending.
        assert_eq!(
            rules(&folder.path().join("readme.md"), None, &mut complaints).len(),
            1
        );
        assert!(complaints.is_empty());
        std::fs::remove_file(folder.path().join("b/c.yml")).unwrap();
        rules(&folder.path().join("b"), None, &mut complaints);
        rules(&folder.path().join("nowhere"), None, &mut complaints);
        let told: Vec<String> = complaints
            .sorted()
            .iter()
            .map(|problem| problem.message.en.clone())
            .collect();
        assert!(told[0].contains("holds no rule file"), "{told:?}");
        assert!(told[1].contains("there is no file"), "{told:?}");
    }
}
