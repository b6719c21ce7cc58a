//! The arguments of the commands on what is remembered between runs: `alerts` and `runs`.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand, ValueEnum};

use super::{Remark, Ruling, StoreOption, examples, level};
use crate::alert::Level;
use crate::cli::value::{self, Moment};
use crate::diagnostic::Lang;
use crate::store::DispositionWord;

/// `alerts`.
#[derive(Clone, Debug, Args)]
#[command(after_help = examples::ALERTS)]
pub struct Alerts {
    /// What to do with them.
    #[command(subcommand)]
    pub task: AlertsTask,
}

/// What to do with the alerts of a store.
#[derive(Clone, Debug, Subcommand)]
pub enum AlertsTask {
    /// The alerts that wait for a person, worst first, then the newest first.
    #[command(after_help = examples::ALERTS_LIST)]
    List(AlertsList),
    /// Everything about one alert: rule, reasons, evidence in its file, history of its key.
    #[command(after_help = examples::ALERTS_SHOW)]
    Show(AlertsShow),
    /// Write down what a person decided about an alert.
    #[command(after_help = examples::ALERTS_CLOSE)]
    Close(AlertsClose),
    /// Hold the evidence against the original files: line, bytes and hash of each record.
    #[command(after_help = examples::ALERTS_VERIFY)]
    Verify(AlertsVerify),
}

/// `alerts list`.
#[derive(Clone, Debug, Args)]
pub struct AlertsList {
    /// The store.
    #[command(flatten)]
    pub store: StoreOption,
    /// Only alerts that end at or after this time or day, in the site's zone.
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    pub since: Option<Moment>,
    /// Only alerts that begin before this time; a day is included.
    #[arg(long, value_name = "TIME", value_parser = value::moment)]
    pub until: Option<Moment>,
    /// Only alerts of this level and above.
    #[arg(long, value_name = "LEVEL", value_parser = level())]
    pub level: Option<Level>,
    /// Only alerts of this rule, by name or id.
    #[arg(long, value_name = "ID")]
    pub rule: Option<String>,
    /// Only open alerts; this is the default.
    #[arg(long, conflicts_with = "all")]
    pub open: bool,
    /// Closed, superseded and retracted alerts too.
    #[arg(long)]
    pub all: bool,
    /// Form of the answer; default: a table on a terminal, else ndjson.
    #[arg(long, value_name = "FORMAT")]
    pub output_format: Option<AlertsFormat>,
}

/// Form of a list of alerts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AlertsFormat {
    /// A table for people.
    Table,
    /// One JSON object a line.
    #[value(alias = "json", alias = "jsonl")]
    Ndjson,
    /// For Excel: UTF-8 with byte order mark, CRLF.
    Csv,
}

/// Form of an answer about one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AnswerFormat {
    /// For people.
    #[value(alias = "table")]
    Text,
    /// A JSON object on one line.
    #[value(alias = "ndjson")]
    Json,
}

/// `alerts show`.
#[derive(Clone, Debug, Args)]
pub struct AlertsShow {
    /// The alert's id; its first characters are enough.
    #[arg(value_name = "ID")]
    pub id: String,
    /// The store.
    #[command(flatten)]
    pub store: StoreOption,
    /// Which rules.
    #[command(flatten)]
    pub ruling: Ruling,
    /// Form of the answer.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub output_format: AnswerFormat,
}

/// `alerts close`.
#[derive(Clone, Debug, Args)]
pub struct AlertsClose {
    /// The alert's id; its first characters are enough.
    #[arg(value_name = "ID")]
    pub id: String,
    /// What was decided.
    #[arg(long = "as", value_name = "DISPOSITION", value_parser = disposition())]
    pub word: DispositionWord,
    /// Who decided; never the account the alert is about.
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// Why.
    #[command(flatten)]
    pub remark: Remark,
    /// The store.
    #[command(flatten)]
    pub store: StoreOption,
}

/// `alerts verify`.
#[derive(Clone, Debug, Args)]
pub struct AlertsVerify {
    /// An alert of the store, by its id or the first characters of it; or a file of alerts as
    /// JSON lines, as `scan -o` writes them.
    #[arg(value_name = "ID|FILE")]
    pub what: String,
    /// The store.
    #[command(flatten)]
    pub store: StoreOption,
    /// Form of the answer.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub output_format: AnswerFormat,
}

/// `runs`.
#[derive(Clone, Debug, Args)]
#[command(after_help = examples::RUNS)]
pub struct Runs {
    /// What to do with them.
    #[command(subcommand)]
    pub task: RunsTask,
}

/// What to do with the run record.
#[derive(Clone, Debug, Subcommand)]
pub enum RunsTask {
    /// One line a run: number, when, what was read and found, its digest.
    #[command(after_help = examples::RUNS_LIST)]
    List {
        /// The store.
        #[command(flatten)]
        store: StoreOption,
        /// Form of the answer: text, or a JSON object a line.
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        output_format: AnswerFormat,
    },
    /// Hold the record against itself, a signed head, the nights and the files.
    #[command(after_help = examples::RUNS_VERIFY)]
    Verify {
        /// The store.
        #[command(flatten)]
        store: StoreOption,
        /// The head that was signed: digest of a run, or at least 12 characters of its beginning.
        #[arg(long, value_name = "HEX")]
        head: Option<String>,
        /// Form of the answer.
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        output_format: AnswerFormat,
    },
}

fn disposition() -> impl TypedValueParser<Value = DispositionWord> {
    let words = DispositionWord::ALL.map(|w| PossibleValue::new(w.name()).alias(w.word(Lang::Ja)));
    PossibleValuesParser::new(words)
        .map(|word| DispositionWord::from_word(&word).expect("clap accepts only these words"))
}
