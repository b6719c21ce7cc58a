//! The arguments of `report` and `reveal`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{ExtractTask, Month, Remark, StoreOption, examples, month};
use crate::cli::value::{self, Moment};

/// `report`.
#[derive(Clone, Debug, Args)]
#[command(after_help = examples::REPORT, args_conflicts_with_subcommands = true)]
pub struct Report {
    /// What to do with it instead of writing it.
    #[command(subcommand)]
    pub task: Option<ReportTask>,
    /// The days it is about.
    #[command(flatten)]
    pub period: PeriodOption,
    /// The store.
    #[command(flatten)]
    pub store: StoreOption,
    /// Form of the report; default: by the file's ending, else html.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<ReportForm>,
    /// Write it to this file; default: stdout, and on a terminal a file named after the week.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Send the page by the mail server of the config (mail:), and write it only where -o says.
    #[arg(long)]
    pub mail: bool,
    /// The report of one department; what is known of the whole institution only says so.
    #[arg(long, value_name = "NAME")]
    pub department: Option<String>,
    /// Print names of persons, and the records themselves; that it was done is written down.
    #[arg(long, conflicts_with = "mask")]
    pub names: bool,
    /// Print pseudonyms in place of the ids of staff and patients, and leave out free words.
    #[arg(long)]
    pub mask: bool,
    /// The key of the pseudonyms; default: beside the store, made where there is none.
    #[arg(long, value_name = "FILE", requires = "mask")]
    pub key: Option<PathBuf>,
}

/// What to do with a report.
#[derive(Clone, Debug, Subcommand)]
pub enum ReportTask {
    /// Write down that a period was reviewed, in the run record and on its page.
    Sign(Sign),
    /// What stands in the logs, read again for one question.
    #[command(flatten)]
    Extract(ExtractTask),
}

/// The days a report is about.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Period")]
pub struct PeriodOption {
    /// An ISO week; default: the last whole one that has events.
    #[arg(long, value_name = "YYYY-Www", value_parser = value::week, conflicts_with_all = ["month", "from", "to"])]
    pub week: Option<(i32, u32)>,
    /// A month.
    #[arg(long, value_name = "YYYY-MM", value_parser = month, conflicts_with_all = ["from", "to"])]
    pub month: Option<Month>,
    /// From this day on.
    #[arg(long, value_name = "DAY", value_parser = value::day, requires = "to")]
    pub from: Option<i64>,
    /// Until this day, which is included.
    #[arg(long, value_name = "DAY", value_parser = value::day, requires = "from")]
    pub to: Option<i64>,
    /// The time to take for now, for tests and for making old reports again.
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    pub now: Option<Moment>,
}

/// Form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportForm {
    /// One page that needs nothing beside it.
    Html,
    /// Markdown.
    #[value(alias = "markdown")]
    Md,
    /// An Excel workbook, one sheet a section.
    Xlsx,
    /// The numbers, in both languages.
    Json,
    /// Not made here: print the page from a browser.
    Pdf,
}

impl ReportForm {
    /// The ending of a file of this form.
    pub const fn ending(self) -> &'static str {
        match self {
            ReportForm::Html => "html",
            ReportForm::Md => "md",
            ReportForm::Xlsx => "xlsx",
            ReportForm::Json => "json",
            ReportForm::Pdf => "pdf",
        }
    }

    /// The form a file's ending asks for.
    pub fn of_ending(file: &std::path::Path) -> Option<ReportForm> {
        let ending = file.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "html" | "htm" => Some(ReportForm::Html),
            "md" | "markdown" => Some(ReportForm::Md),
            "xlsx" => Some(ReportForm::Xlsx),
            "json" => Some(ReportForm::Json),
            "pdf" => Some(ReportForm::Pdf),
            _ => None,
        }
    }
}

/// `report sign`.
#[derive(Clone, Debug, Args)]
#[command(after_help = examples::SIGN)]
pub struct Sign {
    /// Who reviewed it.
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// What was found.
    #[command(flatten)]
    pub remark: Remark,
    /// The days that were reviewed.
    #[command(flatten)]
    pub period: PeriodOption,
    /// The store.
    #[command(flatten)]
    pub store: StoreOption,
}

/// `reveal`.
#[derive(Clone, Debug, Args)]
#[command(after_help = examples::REVEAL)]
pub struct Reveal {
    /// The pseudonym, as the report has it: S-… or P-….
    #[arg(value_name = "PSEUDONYM")]
    pub pseudonym: String,
    /// The key that the report was masked with.
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The store.
    #[command(flatten)]
    pub store: StoreOption,
}
