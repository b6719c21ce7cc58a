//! Paths, folders, globs and `-` → inputs.
//!
//! Takes what the user named; gives the inputs in a fixed order, each once, and what could not be
//! read. Never reads more of a file than its first bytes, and the list of an archive.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use glob::MatchOptions;
use walkdir::{DirEntry, WalkDir};

use crate::diagnostic::{Place, Problem, Text};

use super::spool::Spool;
use super::trouble::explain;
use super::{Input, Origin, archive, decompress};

/// What was found behind the paths of the command line or of a source.
#[derive(Default)]
pub struct Found {
    /// The inputs in the order of the paths, files of a folder by name.
    pub inputs: Vec<Input>,
    /// What could not be read or does not exist; the others are read all the same (exit 3).
    pub unreadable: Vec<Problem>,
}

/// Finds the inputs behind paths, folders (walked), globs and `-`.
///
/// A path that exists is taken literally, whatever characters it has; any other one is a glob.
/// Hidden files of folders are left out, and of a file named twice the first name counts. The
/// first bytes of each file are read: a zip archive gives an input for each member.
pub fn find(paths: &[String]) -> Found {
    let mut search = Search::default();
    for path in paths {
        if path == "-" {
            search.stdin();
        } else {
            search.path(path);
        }
    }
    search.found
}

/// A search going on.
#[derive(Default)]
struct Search {
    found: Found,
    /// Files found so far, by their canonical paths.
    seen: BTreeSet<PathBuf>,
    stdin: bool,
}

/// Files in a folder are read; what else is there (sockets, devices) only when named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    ByUser,
    InFolder,
}

impl Search {
    fn stdin(&mut self) {
        if self.stdin {
            let problem = Problem::error(
                "`-` is given twice; stdin can be read only once",
                "「-」が2回指定されています。標準入力は一度しか読めません",
            );
            self.found.unreadable.push(problem);
        } else {
            self.stdin = true;
            let spool = Arc::new(Spool::stdin());
            self.found("-", Origin::Pipe(spool));
        }
    }

    fn path(&mut self, path: &str) {
        match fs::metadata(path) {
            Ok(found) if found.is_dir() => self.folder(Path::new(path)),
            Ok(_) => self.file(Path::new(path), Named::ByUser),
            Err(error) if error.kind() == io::ErrorKind::NotFound && is_glob(path) => {
                self.glob(path);
            }
            // A name that no file system takes may still be a glob.
            Err(error) => self.unreadable(path, explain(&error)),
        }
    }

    fn folder(&mut self, folder: &Path) {
        let before = self.found.inputs.len() + self.found.unreadable.len();
        let walk = WalkDir::new(folder)
            .follow_links(true)
            .sort_by_file_name()
            .into_iter()
            .filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry));
        let mut any = false;
        for entry in walk {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) => {
                    any = true;
                    self.file(entry.path(), Named::InFolder);
                }
                // A link to a folder above: its files are found on the way that is no link.
                Err(error) if error.loop_ancestor().is_some() => {}
                Err(error) => {
                    let path = error
                        .path()
                        .unwrap_or(folder)
                        .to_string_lossy()
                        .into_owned();
                    let text = error.io_error().map(explain);
                    self.unreadable(&path, text.unwrap_or_default());
                }
            }
        }
        let after = self.found.inputs.len() + self.found.unreadable.len();
        if !any && after == before {
            self.unreadable(
                &folder.to_string_lossy(),
                Text::new("is a folder without files", "ファイルのないフォルダーです"),
            );
        }
    }

    fn glob(&mut self, pattern: &str) {
        let options = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: true,
        };
        let matches = match glob::glob_with(pattern, options) {
            Ok(matches) => matches,
            Err(error) => {
                let text = Text::new(
                    format!("is neither a file nor a pattern ({error})"),
                    format!("ファイルでもパターンでもありません（{error}）"),
                );
                return self.unreadable(pattern, text);
            }
        };
        let mut any = false;
        for found in matches {
            any = true;
            match found {
                Ok(path) if path.is_dir() => self.folder(&path),
                Ok(path) => self.file(&path, Named::ByUser),
                Err(error) => {
                    let path = error.path().to_string_lossy().into_owned();
                    self.unreadable(&path, explain(error.error()));
                }
            }
        }
        if !any {
            self.unreadable(
                pattern,
                Text::new(
                    "does not exist, and no file fits it as a pattern",
                    "存在せず、パターンに合うファイルもありません",
                ),
            );
        }
    }

    fn file(&mut self, path: &Path, named: Named) {
        let name = path.to_string_lossy().into_owned();
        let (found, head) = match look(path) {
            Ok(found) => found,
            Err(error) => return self.unreadable(&name, explain(&error)),
        };
        if !found.is_file() {
            if named == Named::ByUser {
                let spool = Arc::new(Spool::path(path.to_path_buf()));
                self.found(&name, Origin::Pipe(spool));
            }
            return;
        }
        let canonical = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
        if !self.seen.insert(canonical) {
            return;
        }
        if decompress::is_zip(&head) {
            self.archive(path, &name);
        } else {
            self.found(&name, Origin::File(path.to_path_buf()));
        }
    }

    fn archive(&mut self, path: &Path, name: &str) {
        let listed = match archive::list(path) {
            Ok(listed) => listed,
            Err(text) => return self.unreadable(name, text),
        };
        if listed.is_empty() {
            let text = Text::new(
                "is a zip archive without files",
                "ファイルのないzip書庫です",
            );
            return self.unreadable(name, text);
        }
        for (inner, member) in listed {
            let name = format!("{name}!{inner}");
            match member {
                Ok(member) => self.found(&name, Origin::Member(member)),
                Err(text) => self.unreadable(&name, text),
            }
        }
    }

    fn found(&mut self, name: &str, origin: Origin) {
        self.found.inputs.push(Input {
            name: Arc::from(name),
            origin,
        });
    }

    fn unreadable(&mut self, path: &str, text: Text) {
        let place = Place {
            file: Arc::from(path),
            line: 0,
            column: 0,
        };
        self.found
            .unreadable
            .push(Problem::error(text.en, text.ja).at(place));
    }
}

/// What the path is, and the first bytes if it is a file: one that may not be read shows now.
fn look(path: &Path) -> io::Result<(fs::Metadata, Vec<u8>)> {
    let found = fs::metadata(path)?;
    let mut head = Vec::new();
    if found.is_file() {
        File::open(path)?.take(4).read_to_end(&mut head)?;
    }
    Ok((found, head))
}

fn is_glob(path: &str) -> bool {
    path.contains(['*', '?', '['])
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name() != OsStr::new(".") && entry.file_name().as_encoded_bytes().starts_with(b".")
}
