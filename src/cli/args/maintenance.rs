//! The arguments of the reports that read the logs again: `report maintenance` and `report patient`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Reading, StoreOption, examples, format_name};
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
    /// The work plan: CSV or XLSX with the columns vendor, person, account, source, systems, from
    /// and to (事業者, 作業者, アカウント, 接続元, 対象システム, 開始, 終了).
    #[arg(long, value_name = "FILE")]
    pub plan: PathBuf,
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
    /// Where it is written down that this was asked.
    #[command(flatten)]
    pub store: StoreOption,
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
    /// Form of the answer; default: a table.
    #[arg(long, value_name = "FORMAT")]
    pub output_format: Option<ExtractFormat>,
}

/// Form of an extract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExtractFormat {
    /// Text for people.
    #[value(alias = "text")]
    Table,
    /// One JSON object.
    Json,
    /// For Excel: UTF-8 with byte order mark, CRLF.
    Csv,
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

    /// The form: as told, else by the ending of the file.
    pub fn form(&self) -> ExtractFormat {
        let ending = self.output.as_deref().and_then(|path| path.extension());
        let by_ending = match ending.and_then(|ending| ending.to_str()) {
            Some("json") => Some(ExtractFormat::Json),
            Some("csv") => Some(ExtractFormat::Csv),
            _ => None,
        };
        self.output_format
            .or(by_ending)
            .unwrap_or(ExtractFormat::Table)
    }
}
