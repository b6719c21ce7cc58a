//! The arguments of the reports that read the logs again: `report maintenance` and `report patient`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::{Reading, ReportForm, StoreOption, examples, format_name};
use crate::cli::value::{self, Moment};
use crate::event::Zone;
use crate::text::EncodingChoice;

/// The reports that read the logs again.
#[derive(Clone, Debug, Subcommand)]
pub enum ExtractTask {
    /// Hold what maintenance firms did against their work plan.
    #[command(after_help = examples::REPORT_MAINTENANCE)]
    Maintenance(ReportMaintenance),
    /// Who opened the chart of a patient, when and from where.
    #[command(after_help = examples::REPORT_PATIENT)]
    Patient(ReportPatient),
}

/// `report maintenance`.
#[derive(Clone, Debug, Args)]
pub struct ReportMaintenance {
    /// The work plan; default from the config (maintenance:). CSV or XLSX with the columns vendor, person, account, source, systems, from
    /// and to (事業者, 作業者, アカウント, 接続元, 対象システム, 開始, 終了).
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Files, folders, globs, or - for stdin; without any: all sources of the config.
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// What is read, and the form of the answer.
    #[command(flatten)]
    pub extract: Extract,
}

/// `report patient`.
#[derive(Clone, Debug, Args)]
pub struct ReportPatient {
    /// The patient number; zeros before it count.
    #[arg(value_name = "ID")]
    pub id: String,
    /// Files, folders, globs, or - for stdin; without any: all sources of the config.
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// What is read, and the form of the answer.
    #[command(flatten)]
    pub extract: Extract,
}

/// What is read of the logs, and the form of the answer.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Reading")]
pub struct Extract {
    /// Only events from this time or day on, in the site's zone.
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    pub from: Option<Moment>,
    /// Only events before this time; a day is included.
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    pub to: Option<Moment>,
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
    /// Write the answer to this file; without a form its ending chooses.
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Form of the answer; default: by the file's ending, else a table.
    #[arg(long, value_name = "FORMAT")]
    pub output_format: Option<ExtractFormat>,
    /// Tell names of persons too; that it was done is written into the run record.
    #[arg(long, conflicts_with = "mask")]
    pub names: bool,
    /// Tell pseudonyms in place of the ids of staff and patients, and leave out free words.
    #[arg(long)]
    pub mask: bool,
    /// The key of the pseudonyms; default: beside the store, made where there is none.
    #[arg(long, value_name = "FILE", requires = "mask")]
    pub key: Option<PathBuf>,
    /// The time to take for now, for tests and for making old reports again.
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    pub now: Option<Moment>,
    /// Where it is written down that this was asked.
    #[command(flatten)]
    pub store: StoreOption,
}

/// Form of an extract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExtractFormat {
    /// Text for people.
    #[value(alias = "text")]
    Table,
    /// One page that needs nothing beside it.
    Html,
    /// Markdown.
    #[value(alias = "markdown")]
    Md,
    /// An Excel workbook, one sheet a section.
    Xlsx,
    /// One JSON object.
    Json,
    /// For Excel: UTF-8 with byte order mark, CRLF.
    Csv,
    /// Not made here: print the page from a browser.
    Pdf,
}

impl ExtractFormat {
    /// The form a file's ending asks for.
    pub fn of_ending(file: &Path) -> Option<ExtractFormat> {
        if let Some(form) = ReportForm::of_ending(file) {
            return Some(form.into());
        }
        match file.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(ExtractFormat::Csv),
            "txt" => Some(ExtractFormat::Table),
            _ => None,
        }
    }

    /// The ending of a file of this form, where it is nothing for a terminal.
    pub const fn page_ending(self) -> Option<&'static str> {
        match self {
            ExtractFormat::Html => Some(ReportForm::Html.ending()),
            ExtractFormat::Md => Some(ReportForm::Md.ending()),
            ExtractFormat::Xlsx => Some(ReportForm::Xlsx.ending()),
            _ => None,
        }
    }
}

impl From<ReportForm> for ExtractFormat {
    fn from(form: ReportForm) -> ExtractFormat {
        match form {
            ReportForm::Html => ExtractFormat::Html,
            ReportForm::Md => ExtractFormat::Md,
            ReportForm::Xlsx => ExtractFormat::Xlsx,
            ReportForm::Json => ExtractFormat::Json,
            ReportForm::Pdf => ExtractFormat::Pdf,
        }
    }
}

impl Extract {
    /// How the logs are read.
    pub fn reading(&self) -> Reading {
        Reading {
            format: self.format.clone(),
            timezone: self.timezone,
            encoding: self.encoding,
            year: self.year,
            since: self.from,
            until: self.to,
            ..Reading::default()
        }
    }
}
