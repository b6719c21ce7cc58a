//! The store as commands meet it: which one, opened, and what is said when it cannot be used.
//!
//! Takes the plan and the option; gives an open store or the complaint that ends the command. Never
//! makes a store: that is for `scan`.

use std::io;
use std::path::{Path, PathBuf};

use super::args::StoreOption;
use super::plan::Plan;
use super::{Exit, Streams, who};
use crate::diagnostic::{Lang, Problem};
use crate::store::{Entry, Failure, Store};

/// Why a command ends before its answer.
pub(super) enum Stop {
    /// What to say, and the exit status.
    Told(Box<Problem>, Exit),
    /// stdout or stderr failed.
    Io(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Io(error)
    }
}

impl Stop {
    /// A mistake in the command.
    pub(super) fn mistake(problem: Problem) -> Stop {
        Stop::Told(Box::new(problem), Exit::Mistake)
    }

    /// Says why a command ended early, if it did.
    pub(super) fn tell(
        ended: Result<Exit, Stop>,
        streams: &mut Streams<'_>,
        lang: Lang,
    ) -> io::Result<Exit> {
        match ended {
            Ok(exit) => Ok(exit),
            Err(Stop::Io(error)) => Err(error),
            Err(Stop::Told(problem, exit)) => {
                writeln!(streams.err, "{}", problem.render(lang))?;
                Ok(exit)
            }
        }
    }
}

/// An open store and its path.
pub(super) struct Memory {
    path: PathBuf,
    store: Store,
}

impl Memory {
    /// Opens the store that the arguments or the config name, by `how`.
    pub(super) fn open(
        plan: &Plan,
        option: &StoreOption,
        how: fn(&Path) -> Result<Store, Failure>,
    ) -> Result<Memory, Stop> {
        let path = plan.store(option).ok_or_else(none_named)?;
        match how(&path) {
            Ok(store) => Ok(Memory { path, store }),
            Err(failure) => Err(stop(&path, &failure)),
        }
    }

    /// Asks the store something.
    pub(super) fn ask<T>(
        &self,
        question: impl FnOnce(&Store) -> Result<T, Failure>,
    ) -> Result<T, Stop> {
        question(&self.store).map_err(|failure| stop(&self.path, &failure))
    }

    /// Changes the store.
    pub(super) fn change<T>(
        &mut self,
        work: impl FnOnce(&mut Store) -> Result<T, Failure>,
    ) -> Result<T, Stop> {
        work(&mut self.store).map_err(|failure| stop(&self.path, &failure))
    }

    /// Writes into the run record who looked at what. A store that cannot be written is looked at
    /// all the same, and that it was not written down is said.
    pub(super) fn record_look(
        &mut self,
        note: &serde_json::Value,
        streams: &mut Streams<'_>,
        lang: Lang,
    ) -> io::Result<()> {
        self.record("alerts show", note, streams, lang)
    }

    /// The same of another command.
    pub(super) fn record(
        &mut self,
        command: &str,
        note: &serde_json::Value,
        streams: &mut Streams<'_>,
        lang: Lang,
    ) -> io::Result<()> {
        match self.enter(command, note) {
            None => Ok(()),
            Some(problem) => writeln!(streams.err, "{}", problem.render(lang)),
        }
    }

    /// The same; what is to be said when it could not be written is given.
    pub(super) fn enter(&mut self, command: &str, note: &serde_json::Value) -> Option<Problem> {
        let written = self.store.change().and_then(|changing| {
            let mut entry = entry(command, note);
            entry.alerts_digest = changing.alerts_digest()?;
            changing.append_run(&entry)?;
            changing.commit()
        });
        let failure = written.err()?;
        Some(not_entered(&said(&self.path, &failure)))
    }

    /// Where the store lies.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The folders in which files of logs are looked for: the current one, then the store's.
    pub(super) fn folders(&self) -> Vec<PathBuf> {
        let beside = self.path.parent().map(Path::to_path_buf);
        let mut folders = vec![PathBuf::new()];
        folders.extend(beside.filter(|folder| folder.as_os_str() != ""));
        folders
    }
}

/// What is said of a look that could not be written down, and why.
pub(super) fn not_entered(why: &Problem) -> Problem {
    let why = &why.message;
    Problem::warning(
        format!(
            "this look could not be written into the run record: {}",
            why.en
        ),
        format!("この閲覧を実行記録に残せませんでした: {}", why.ja),
    )
}

/// An entry of the run record about what a person did just now; the user of this computer is added
/// to the note.
pub(super) fn entry(command: &str, note: &serde_json::Value) -> Entry {
    let now = chrono::Utc::now().timestamp_nanos_opt().unwrap_or_default();
    let mut note = note.clone();
    note["user"] = who::user().into();
    Entry {
        command: command.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        began: now,
        ended: now,
        plan: Vec::new(),
        inputs: Vec::new(),
        alerts: (0, 0, 0),
        alerts_digest: String::new(),
        note: note.to_string(),
    }
}

fn none_named() -> Stop {
    Stop::mistake(
        Problem::error(
            "no store is named, so nothing is remembered between runs",
            "記録を残すストアが指定されていません",
        )
        .help(
            "make one with `yomawari scan PATH --store yomawari.db`; name it with --store FILE, or \
             write store: yomawari.db in yomawari.yaml",
            "`yomawari scan PATH --store yomawari.db` で作り、--store FILE か yomawari.yaml の \
             store: yomawari.db で指定してください",
        ),
    )
}

fn stop(path: &Path, failure: &Failure) -> Stop {
    let exit = match failure {
        Failure::Missing | Failure::Foreign | Failure::Later { .. } => Exit::Mistake,
        Failure::Locked | Failure::Sqlite(_) | Failure::Io(_) | Failure::Damaged(_) => Exit::Failed,
    };
    Stop::Told(Box::new(said(path, failure)), exit)
}

/// What is said about a store that cannot be used.
pub(super) fn said(path: &Path, failure: &Failure) -> Problem {
    let name = path.display();
    match failure {
        Failure::Missing => Problem::error(
            format!("there is no store {name}"),
            format!("ストア {name} がありません"),
        )
        .help(
            format!("`yomawari scan PATH --store {name}` makes one"),
            format!("`yomawari scan PATH --store {name}` で作れます"),
        ),
        Failure::Foreign => Problem::error(
            format!("{name} is no store of this program"),
            format!("{name} はこのプログラムのストアではありません"),
        ),
        Failure::Later { version } => Problem::error(
            format!("a later version of this program wrote {name} (tables of version {version})"),
            format!("{name} は新しい版のプログラムが書いたものです（表の版 {version}）"),
        )
        .help("use that version", "その版を使ってください"),
        Failure::Locked => Problem::error(
            format!("another run holds the store {name}"),
            format!("ストア {name} は別の実行が使用中です"),
        )
        .help(
            "try again when it has ended",
            "終わってからやり直してください",
        ),
        Failure::Sqlite(error) => Problem::error(
            format!("the store {name} cannot be used: {error}"),
            format!("ストア {name} を使えません: {error}"),
        ),
        Failure::Io(error) => Problem::error(
            format!("the store {name} cannot be used: {error}"),
            format!("ストア {name} を使えません: {error}"),
        ),
        Failure::Damaged(error) => Problem::error(
            format!("an entry of the store {name} cannot be read: {error}"),
            format!("ストア {name} に読めない記録があります: {error}"),
        )
        .help(
            "`yomawari runs verify` tells whether something was altered",
            "`yomawari runs verify` で改変の有無を確かめてください",
        ),
    }
}
