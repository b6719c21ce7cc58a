//! The program's door: arguments become a plan, the plan runs, its results go where they belong.
//!
//! Takes the words the user typed; gives an exit status. Alerts and answers go to stdout, the
//! ledger and all messages to stderr. Used by no room.

mod against;
mod alerts;
pub mod args;
mod as_seen;
mod calendar;
pub mod config;
mod deliver;
mod extract;
mod files;
mod formats;
mod hours;
mod house;
pub mod lang;
mod matches;
mod memory;
mod parse;
pub mod plan;
pub mod progress;
mod reach;
mod remember;
mod report;
mod rule_list;
mod rule_view;
mod rules;
mod runs;
mod scan;
mod serve;
pub mod shell;
mod slips;
mod streams;
mod test_view;
mod value;
mod watch;
mod weekly;
mod who;

use std::io::{self, Write as _};
use std::sync::atomic::Ordering;

use clap::Parser as _;

pub use value::Moment;

use crate::diagnostic::{Lang, Problem};
use crate::event::Zone;
use crate::pipeline::Watch;
use args::{Arguments, Command};
use streams::Streams;

/// How the program ended; the number is its exit status (design, section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Done, and an alert reached the level of `--fail-on`.
    Reached = 1,
    /// Nothing done: a mistake in the command, config, calendar, registers or rules.
    Mistake = 2,
    /// Done, but not everything could be examined.
    Incomplete = 3,
    /// Interrupted, or results could not be kept or written.
    Failed = 4,
}

/// Runs the program with the words of the command line, the program's own name first.
pub fn run(words: impl Iterator<Item = std::ffi::OsString>) -> Exit {
    let words: Vec<_> = words.collect();
    let arguments = match Arguments::try_parse_from(&words) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version come this way too, and are no mistake. A closed pipe is neither.
            let _ = error.print();
            let variable = |name: &str| std::env::var(name).ok();
            let lang = lang::choose(slips::lang_of(&words), None, variable, &Zone::tokyo());
            if let (Lang::Ja, Some(told)) = (lang, slips::in_japanese(&error)) {
                let _ = writeln!(io::stderr(), "{told}");
            }
            return if error.use_stderr() {
                Exit::Mistake
            } else {
                Exit::Done
            };
        }
    };
    outlive_size_limits();
    let (mut out, mut err) = (io::stdout(), io::stderr());
    let mut streams = Streams::new(&mut out, &mut err, arguments.common.color);
    match obey(&arguments, &mut streams) {
        Ok(exit) => exit,
        // Whoever read our output has seen enough (`yomawari parse … | head`).
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
        Err(error) => {
            // stderr may be what failed; then nobody can be told.
            let _ = writeln!(
                io::stderr(),
                "{}",
                not_written(&error).render(tongue(&arguments))
            );
            Exit::Failed
        }
    }
}

fn not_written(error: &io::Error) -> Problem {
    Problem::error(
        format!("the results could not be written: {error}"),
        format!("結果を書き出せませんでした: {error}"),
    )
}

/// The language as far as it is known without a config.
fn tongue(arguments: &Arguments) -> Lang {
    let variable = |name: &str| std::env::var(name).ok();
    lang::choose(arguments.common.lang, None, variable, &Zone::tokyo())
}

fn obey(arguments: &Arguments, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let common = &arguments.common;
    match &arguments.command {
        Command::Scan(scan) => scan::scan(scan, common, streams),
        Command::Watch(watch) => watch::watch(watch, common, streams),
        Command::Parse(parse) => parse::parse(parse, common, streams),
        Command::Alerts(alerts) => alerts::alerts(alerts, common, streams),
        Command::Runs(runs) => runs::runs(runs, common, streams),
        Command::Report(report) => weekly::weekly(report, common, streams),
        Command::Serve(serve) => serve::serve(serve, common, streams),
        Command::Reveal(reveal) => weekly::reveal(reveal, common, streams),
        Command::Rules(rules) => rules::rules(rules, common, streams),
        Command::Calendar(calendar) => hours::hours(calendar, common, streams),
        Command::Formats(formats) => formats::formats(formats, common, streams),
        Command::Completions { shell } => {
            shell::completions(*shell, streams.out)?;
            Ok(Exit::Done)
        }
        Command::Man => {
            shell::man(streams.out)?;
            Ok(Exit::Done)
        }
    }
}

/// Lets a write beyond the size that a file may have fail as other writes do, so that it is told:
/// without a handler the system ends the program there, without a word.
fn outlive_size_limits() {
    // Nobody looks at the flag: whoever writes tells what failed.
    #[cfg(unix)]
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default());
}

/// Lets an interrupt end the run at the next segment, and a second one at once.
#[expect(
    clippy::exit,
    reason = "a read that waits for a pipe cannot be woken otherwise"
)]
fn stop_on_interrupt(watch: &Watch) {
    let stop = watch.stop.clone();
    // Without a handler an interrupt ends the program at once, which loses nothing but words.
    let _ = ctrlc::set_handler(move || {
        if stop.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Failed as i32);
        }
    });
}

#[cfg(test)]
mod tests_support {
    /// Holds text against the snapshot of this name in `tests/snapshots`.
    pub(super) fn holds(name: &str, text: &str) {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path("../../tests/snapshots");
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name, text));
    }
}
