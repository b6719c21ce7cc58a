//! Where the program speaks: stdout for answers, stderr for everything about them.
//!
//! Takes answers and complaints; writes each to its stream. Never decides what is an answer.

use std::io::{self, IsTerminal as _, Write};
use std::path::Path;

use super::args::{ColorChoice, Common};
use super::{Exit, files};
use crate::diagnostic::{Complaints, Lang, Problem};
use crate::sink::Reader;
use crate::sink::ledger::{self, Detail, RunReport};
use crate::sink::table::Screen;

/// Width of a table when nobody tells the terminal's.
const WIDTH: u16 = 100;

/// The two streams, and what is known about them.
pub(super) struct Streams<'s> {
    pub(super) out: &'s mut (dyn Write + Send),
    pub(super) err: &'s mut dyn Write,
    pub(super) out_is_terminal: bool,
    color: ColorChoice,
}

impl<'s> Streams<'s> {
    pub(super) fn new(
        out: &'s mut (dyn Write + Send),
        err: &'s mut dyn Write,
        color: ColorChoice,
    ) -> Self {
        Streams {
            out,
            err,
            out_is_terminal: io::stdout().is_terminal(),
            color,
        }
    }

    /// Shows all complaints; true when one of them is an error and nothing may run.
    pub(super) fn complain(&mut self, complaints: &Complaints, lang: Lang) -> io::Result<bool> {
        for problem in complaints.sorted() {
            writeln!(self.err, "{}", problem.render(lang))?;
        }
        Ok(complaints.has_errors())
    }

    /// Shows what could not be read; true when there was something.
    pub(super) fn unreadable(&mut self, problems: &[Problem], lang: Lang) -> io::Result<bool> {
        for problem in problems {
            writeln!(self.err, "{}", problem.render(lang))?;
        }
        Ok(!problems.is_empty())
    }

    /// Says why a run ended before its time.
    pub(super) fn failed(&mut self, problem: &Problem, lang: Lang) -> io::Result<Exit> {
        writeln!(self.err, "{}", problem.render(lang))?;
        Ok(Exit::Failed)
    }

    /// The screen a table is made for.
    pub(super) fn screen(&self, to_terminal: bool) -> Screen {
        let no_color = std::env::var("NO_COLOR").ok();
        let color = self.color.wanted(to_terminal, no_color.as_deref());
        let told = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
        let terminal = terminal_size::terminal_size().map(|(width, _)| width.0);
        Screen {
            width: told.or(terminal).unwrap_or(WIDTH),
            color,
        }
    }

    /// Shows the ledger and writes it as JSON where that is wanted.
    pub(super) fn ledger(
        &mut self,
        report: &RunReport,
        reader: &Reader,
        common: &Common,
        file: Option<&Path>,
    ) -> io::Result<()> {
        let detail = match (common.quiet, common.verbose) {
            (true, _) => Detail::WrongOnly,
            (_, true) => Detail::Full,
            _ => Detail::Usual,
        };
        self.err
            .write_all(ledger::text(report, reader, detail).as_bytes())?;
        if let Some(path) = file {
            let written = files::create(path).and_then(|mut out| {
                ledger::write_json(&mut out, report)?;
                out.flush()
            });
            written.map_err(|error| files::named(path, &error))?;
        }
        Ok(())
    }
}
