//! The command line: every command, argument and flag, and what its help says.
//!
//! Takes the words the user typed; gives [`Arguments`], in which every word is checked for itself.
//! Never opens a file and never decides what a default means in this house: that is the plan's.

mod examples;
mod extract;
mod kept;
mod serve;
mod weekly;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

pub use extract::{Extract, ExtractFormat, ExtractTask, ReportMaintenance, ReportPatient};
pub use kept::{
    Alerts, AlertsClose, AlertsFormat, AlertsList, AlertsShow, AlertsTask, AlertsVerify,
    AnswerFormat, Runs, RunsTask,
};
pub use serve::Serve;
pub use weekly::{PeriodOption, Report, ReportForm, ReportTask, Reveal, Sign};

use super::value::{self, Moment};
use crate::alert::Level;
use crate::diagnostic::Lang;
use crate::event::Zone;
use crate::format::FORMATS;
use crate::text::EncodingChoice;

/// Walks the access logs of a hospital, clinic or pharmacy and says what it saw, what it could not
/// see, and what needs a person.
#[derive(Clone, Debug, Parser)]
#[command(name = "yomawari", version, max_term_width = 100, after_help = examples::PROGRAM)]
#[command(
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options of every command.
    #[command(flatten)]
    pub common: Common,
}

/// A command.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Read, judge, print the alerts; the ledger of what was read goes to stderr.
    Scan(Scan),
    /// The same, live: judge records as they come, from stdin or from files that grow.
    Watch(Watch),
    /// Print the events as JSON lines, nested as ECS documents are.
    Parse(Parse),
    /// List, show, close and verify the alerts a store remembers.
    Alerts(Alerts),
    /// List and verify the runs a store remembers.
    Runs(Runs),
    /// The week on one page: what was examined, what needs a person, what could not be seen.
    Report(Report),
    /// Show the week and the alerts in a browser, for the person who works the list.
    Serve(Serve),
    /// Say whom a pseudonym of a masked report stands for; who asked is written down.
    Reveal(Reveal),
    /// List, check, test and show the rules.
    Rules(Rules),
    /// Show the business hours and ask them about times.
    Calendar(Calendar),
    /// List the formats that are read, or tell the format of files.
    Formats(Formats),
    /// Print the completion script of a shell.
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page (roff; show it with `yomawari man | man -l -`).
    #[command(after_help = examples::MAN)]
    Man,
}

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Common options")]
pub struct Common {
    /// Config; default ./yomawari.yaml if it is there, else built-in defaults.
    #[arg(short, long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Language of tables and messages; default from the config, then the environment.
    #[arg(long, global = true, value_name = "LANG", value_parser = lang())]
    pub lang: Option<Lang>,
    /// Color on the terminal.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
    /// Say only what went wrong.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more about what was decided.
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// When to use color.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ColorChoice {
    /// Whether to use color on a stream; `no_color` is the value of the variable NO_COLOR, which
    /// means no when it is set and not empty.
    pub fn wanted(self, is_terminal: bool, no_color: Option<&str>) -> bool {
        match self {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => is_terminal && no_color.is_none_or(str::is_empty),
        }
    }
}

/// How logs are read.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Reading")]
pub struct Reading {
    /// Format of the paths given; default: detected from the content.
    #[arg(long, value_name = "NAME", value_parser = format_name())]
    pub format: Option<String>,
    /// Zone of times that print none (IANA name); default from the config, else the system.
    #[arg(long, value_name = "ZONE", value_parser = value::zone)]
    pub timezone: Option<Zone>,
    /// Encoding of the paths given: auto, utf-8, cp932, euc-jp, utf-16.
    #[arg(long, value_name = "NAME", value_parser = value::encoding)]
    pub encoding: Option<EncodingChoice>,
    /// Year of all times that print none; default: by the file's name, else its modification time.
    #[arg(long, value_name = "YYYY", value_parser = clap::value_parser!(i32).range(1970..=2199))]
    pub year: Option<i32>,
    /// Leave out events before this time or day, in the site's zone.
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    pub since: Option<Moment>,
    /// Leave out events from this time on; a day is included.
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    pub until: Option<Moment>,
    /// Threads that read; default: one for each core. The result does not depend on it.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Memory to use, such as 256M; default from the config, else 256M.
    #[arg(long, value_name = "SIZE", value_parser = value::size)]
    pub memory: Option<u64>,
    /// The time to take for now, for tests and for reading old logs again.
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    pub now: Option<Moment>,
    /// Write the ledger as JSON to this file.
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
    /// Show no progress bar.
    #[arg(long)]
    pub no_progress: bool,
}

/// The memory between runs.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Store")]
pub struct StoreOption {
    /// What is remembered between runs: one SQLite file; default from the config (store:).
    #[arg(long, value_name = "FILE")]
    pub store: Option<PathBuf>,
}

/// What somebody writes beside a decision.
#[derive(Clone, Debug, Default, Args)]
pub struct Remark {
    /// Why, and what was found.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    pub note: String,
}

/// Which rules are used.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Rules")]
pub struct Ruling {
    /// More rules: a Sigma file or a folder of them; may be repeated.
    #[arg(long, value_name = "PATH")]
    pub rules: Vec<PathBuf>,
    /// Leave out the rules compiled into the program.
    #[arg(long)]
    pub no_default_rules: bool,
}

/// What every run that judges logs takes beside their paths.
#[derive(Clone, Debug, Args)]
pub struct Run {
    /// How it is read.
    #[command(flatten)]
    pub reading: Reading,
    /// Which rules.
    #[command(flatten)]
    pub ruling: Ruling,
    /// What is remembered.
    #[command(flatten)]
    pub store: StoreOption,
    /// Where the alerts go.
    #[command(flatten)]
    pub output: Output,
}

/// `scan`.
#[derive(Clone, Debug, Args)]
#[command(after_help = examples::SCAN)]
pub struct Scan {
    /// Files, folders, globs, or - for stdin; without any: all sources of the config.
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// How it judges.
    #[command(flatten)]
    pub run: Run,
}

/// `watch`.
#[derive(Clone, Debug, Args)]
#[command(after_help = examples::WATCH)]
pub struct Watch {
    /// Files, folders and globs, followed as they grow and through rotation; - or none: stdin.
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// How it judges.
    #[command(flatten)]
    pub run: Run,
}

/// Where alerts go, and which.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Alerts")]
pub struct Output {
    /// Write the alerts to this file; its ending chooses the format.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format of the alerts; default: by the file's ending, a table on a terminal, else ndjson.
    #[arg(long, value_name = "FORMAT")]
    pub output_format: Option<OutputFormat>,
    /// Only alerts of this level and above.
    #[arg(long, value_name = "LEVEL", value_parser = level())]
    pub level: Option<Level>,
    /// Only this rule, by name or id; may be repeated.
    #[arg(long = "rule", value_name = "ID")]
    pub only: Vec<String>,
    /// Exit with 1 when an alert reaches this level.
    #[arg(long, value_name = "LEVEL", value_parser = level())]
    pub fail_on: Option<Level>,
    /// Records shown for each alert: the first N and the last N, or all.
    #[arg(long, value_name = "N|all", value_parser = evidence, default_value = "5")]
    pub evidence: EvidenceLimit,
}

/// Form of the alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// A table for people.
    Table,
    /// One JSON object a line.
    #[value(alias = "json", alias = "jsonl")]
    Ndjson,
    /// For Excel: UTF-8 with byte order mark, CRLF.
    Csv,
    /// An Excel workbook.
    Xlsx,
}

impl OutputFormat {
    /// The format a file's ending asks for.
    pub fn of_ending(file: &std::path::Path) -> Option<OutputFormat> {
        let ending = file.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "ndjson" | "jsonl" | "json" => Some(OutputFormat::Ndjson),
            "csv" => Some(OutputFormat::Csv),
            "xlsx" => Some(OutputFormat::Xlsx),
            "txt" => Some(OutputFormat::Table),
            _ => None,
        }
    }
}

/// How many records are shown for each alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceLimit {
    /// So many from the beginning and so many from the end.
    Ends(usize),
    /// All.
    All,
}

/// `parse`.
#[derive(Clone, Debug, Args)]
#[command(after_help = examples::PARSE)]
pub struct Parse {
    /// Files, folders, globs, or - for stdin; without any: all sources of the config.
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// How it is read.
    #[command(flatten)]
    pub reading: Reading,
    /// Print the rejected records too, as {"reject": …} lines.
    #[arg(long)]
    pub rejects: bool,
    /// Add the derived fields (calendar.verdict, device.known, …) that rules see.
    #[arg(long)]
    pub derived: bool,
    /// Write the events to this file instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `rules`.
#[derive(Clone, Debug, Args)]
#[command(after_help = examples::RULES)]
pub struct Rules {
    /// What to do with them.
    #[command(subcommand)]
    pub task: RulesTask,
}

/// What to do with the rules.
#[derive(Clone, Debug, Subcommand)]
pub enum RulesTask {
    /// One line a rule: level, name, log source, clauses, whether it can fire here, title.
    #[command(after_help = examples::RULES_LIST)]
    List {
        /// Which rules.
        #[command(flatten)]
        ruling: Ruling,
        /// Form of the list; json is one object a rule.
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        output_format: ListFormat,
    },
    /// Read the rules and complain about every mistake.
    #[command(after_help = examples::RULES_CHECK)]
    Check(RulesPaths),
    /// Run the tests inside the rules, or try the rules against logs.
    #[command(after_help = examples::RULES_TEST)]
    Test(RulesTest),
    /// Say which rules match which JSON events, taken as they are.
    #[command(after_help = examples::RULES_MATCH)]
    Match(RulesMatch),
    /// Show one rule: what it looks for, its words, what to do.
    #[command(after_help = examples::RULES_SHOW)]
    Show {
        /// Name or id.
        #[arg(value_name = "ID")]
        rule: String,
        /// Which rules.
        #[command(flatten)]
        ruling: Ruling,
    },
}

/// `rules match`.
#[derive(Clone, Debug, Args)]
pub struct RulesMatch {
    /// Rules: a Sigma file or a folder of them; may be repeated.
    #[arg(long, value_name = "PATH", required = true)]
    pub rules: Vec<PathBuf>,
    /// Events: JSON objects, one a line; - reads stdin.
    #[arg(long, value_name = "FILE")]
    pub events: PathBuf,
    /// The field that holds an event's log source ({"category": …, "product": …, "service": …});
    /// without it every rule is tried on every event.
    #[arg(long, value_name = "KEY")]
    pub logsource_key: Option<String>,
    /// Values of placeholders: a YAML or JSON map from names to lists.
    #[arg(long, value_name = "FILE")]
    pub placeholders: Option<PathBuf>,
}

/// Rules named as plain arguments.
#[derive(Clone, Debug, Default, Args)]
pub struct RulesPaths {
    /// Only these files and folders; without any, the rules a scan would use.
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Which rules.
    #[command(flatten)]
    pub ruling: Ruling,
}

/// `rules test`.
#[derive(Clone, Debug, Args)]
#[command(mut_group("Reading", |group| group.requires("against")))]
pub struct RulesTest {
    /// Which rules.
    #[command(flatten)]
    pub rules: RulesPaths,
    /// Instead of the tests inside: how many alerts a day the rules would have made on these logs
    /// (files, folders, globs, or - for stdin; without any: all sources of the config), for which
    /// keys, and how many with other thresholds.
    #[arg(long, value_name = "LOG", num_args = 0.., help_heading = "Logs")]
    pub against: Option<Vec<String>>,
    /// Form of the answer about logs; json is one object a rule.
    #[arg(
        long,
        value_name = "FORMAT",
        requires = "against",
        help_heading = "Logs"
    )]
    pub output_format: Option<ListFormat>,
    /// How the logs are read.
    #[command(flatten)]
    pub reading: Reading,
}

/// Form of what is told of each rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people.
    #[default]
    #[value(alias = "text")]
    Table,
    /// A JSON object a line.
    #[value(alias = "ndjson")]
    Json,
}

/// `calendar`.
#[derive(Clone, Debug, Args)]
#[command(after_help = examples::CALENDAR)]
pub struct Calendar {
    /// What to do with it.
    #[command(subcommand)]
    pub task: CalendarTask,
}

/// What to do with the calendar.
#[derive(Clone, Debug, Subcommand)]
pub enum CalendarTask {
    /// A month, one line a day, to be held against the paper on the wall.
    #[command(after_help = examples::CALENDAR_SHOW)]
    Show {
        /// Which calendar.
        #[command(flatten)]
        whose: Whose,
        /// The month; default: the present one.
        #[arg(long, value_name = "YYYY-MM", value_parser = month)]
        month: Option<Month>,
        /// Form of the answer.
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        output_format: DayFormat,
    },
    /// Open or closed at these times, and by which line.
    #[command(after_help = examples::CALENDAR_CHECK)]
    Check {
        /// Times; - reads one a line from stdin.
        #[arg(value_name = "TIME", required = true)]
        times: Vec<String>,
        /// Which calendar.
        #[command(flatten)]
        whose: Whose,
        /// Form of the answer.
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        output_format: CheckFormat,
    },
    /// National holidays: date,name_ja,name_en.
    #[command(after_help = examples::CALENDAR_HOLIDAYS)]
    Holidays {
        /// First year.
        #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i32).range(1948..=2199))]
        from: i32,
        /// Last year; default: the first.
        #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(i32).range(1948..=2199))]
        to: Option<i32>,
    },
}

/// Whose calendar is asked for.
#[derive(Clone, Debug, Default, Args)]
pub struct Whose {
    /// The calendar of this name.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["department", "role", "user"])]
    pub calendar: Option<String>,
    /// The calendar assigned to this department.
    #[arg(long, value_name = "NAME")]
    pub department: Option<String>,
    /// The calendar assigned to this role.
    #[arg(long, value_name = "NAME")]
    pub role: Option<String>,
    /// The calendar assigned to this account.
    #[arg(long, value_name = "ID")]
    pub user: Option<String>,
}

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Month {
    /// Year.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u32,
}

/// Form of a month view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DayFormat {
    /// For people.
    Table,
    /// For Excel.
    Csv,
}

/// Form of an answer about times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// A sentence a line.
    #[value(alias = "table")]
    Text,
    /// A JSON object a line.
    #[value(alias = "ndjson")]
    Json,
}

/// `formats`.
#[derive(Clone, Debug, Args)]
#[command(after_help = examples::FORMATS)]
pub struct Formats {
    /// What to do.
    #[command(subcommand)]
    pub task: FormatsTask,
}

/// What to do with the formats.
#[derive(Clone, Debug, Subcommand)]
pub enum FormatsTask {
    /// The formats in the order of detection.
    #[command(after_help = examples::FORMATS_LIST)]
    List,
    /// Which format, encoding and compression files have, and why.
    #[command(after_help = examples::FORMATS_DETECT)]
    Detect {
        /// Files, folders, globs, or - for stdin.
        #[arg(value_name = "PATH", required = true)]
        paths: Vec<String>,
    },
}

fn lang() -> impl TypedValueParser<Value = Lang> {
    PossibleValuesParser::new(["ja", "en"]).map(|word| match word.as_str() {
        "en" => Lang::En,
        _ => Lang::Ja,
    })
}

fn format_name() -> PossibleValuesParser {
    PossibleValuesParser::new(FORMATS.iter().map(|format| format.name()))
}

fn level() -> impl TypedValueParser<Value = Level> {
    let words =
        Level::ALL.map(|level| PossibleValue::new(level.name()).alias(level.word(Lang::Ja)));
    PossibleValuesParser::new(words).map(|word| {
        let meant = |l: &Level| l.name() == word || l.word(Lang::Ja) == word;
        Level::ALL
            .into_iter()
            .find(meant)
            .expect("clap accepts only these words")
    })
}

fn evidence(word: &str) -> Result<EvidenceLimit, value::Mistake> {
    match word {
        "all" => Ok(EvidenceLimit::All),
        _ => value::count(word).map(EvidenceLimit::Ends),
    }
}

fn month(word: &str) -> Result<Month, value::Mistake> {
    let (year, month) = value::month(word)?;
    Ok(Month { year, month })
}

#[cfg(test)]
mod tests;
