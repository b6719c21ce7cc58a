//! What a run will do: arguments, config and the files they name become settings.
//!
//! Takes what the user typed and the world's answers (environment, the system's zone); gives a
//! [`Plan`] with every text it needs read, and all complaints collected. Nothing is judged here and
//! no log is opened; the rooms that understand the texts are asked by `house`.

use std::path::{Path, PathBuf};

use super::args::{Common, Output, Reading, Ruling, StoreOption};
use super::config::{CalendarSource, Config, DEFAULT_FILE, Named, RegisterFiles, Source};
use super::{Moment, files, lang};
use crate::diagnostic::{Complaints, Lang, Problem, Text};
use crate::event::Zone;
use crate::text::EncodingChoice;
use crate::yaml::{self, Node};

/// Memory used when nobody says how much, bytes.
pub const DEFAULT_MEMORY: u64 = 256 << 20;
/// Least memory a run can work in, bytes.
pub(super) const LEAST_MEMORY: u64 = 16 << 20;

/// What the program asks the world once, at its door.
pub struct World<'w> {
    /// Looks up an environment variable.
    pub variable: &'w dyn Fn(&str) -> Option<String>,
    /// The system's IANA zone name, if it tells.
    pub system_zone: Option<String>,
    /// Cores that work can be spread over.
    pub cores: usize,
}

impl World<'_> {
    /// The world as this process finds it.
    pub fn present() -> World<'static> {
        World {
            variable: &|name| std::env::var(name).ok(),
            system_zone: told_zone(std::env::var("TZ").ok())
                .or_else(|| iana_time_zone::get_timezone().ok()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
        }
    }
}

/// The zone that the variable TZ names, where it names one of the database (`:Asia/Tokyo` too);
/// POSIX rules such as `JST-9` and paths are no names, and leave the answer to the system.
fn told_zone(variable: Option<String>) -> Option<String> {
    let name = variable?;
    let name = name.strip_prefix(':').unwrap_or(&name);
    Zone::named(name).map(|zone| zone.name().to_owned())
}

/// The settings every command shares.
#[derive(Debug)]
pub struct Plan {
    /// The config; all defaults when there is none.
    pub config: Config,
    /// The site's zone: times are judged and told in it.
    pub zone: Zone,
    /// Language of tables and messages.
    pub lang: Lang,
    /// The calendar's document and the folder its file names are taken from; `None`: assumed.
    pub calendar: Option<(Node, PathBuf)>,
    /// What was assumed because nobody said it.
    pub assumed: Vec<Text>,
}

/// How a source or a path is read: what the arguments say goes before the config.
#[derive(Clone, Debug)]
pub struct HowToRead<'p> {
    /// The configured source the input belongs to.
    pub source: Option<&'p Source>,
    /// Name of the format; `None`: detected.
    pub format: Option<&'p str>,
    /// Encoding.
    pub encoding: EncodingChoice,
    /// Zone of times that print none.
    pub zone: Zone,
    /// Year of the last record.
    pub year: Option<i32>,
}

/// Bounds of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Events before this instant are left out, nanoseconds since 1970.
    pub since: Option<i64>,
    /// Events from this instant on are left out.
    pub until: Option<i64>,
    /// The time to take for now; `None`: the clock's.
    pub now: Option<i64>,
    /// Threads that read, at least 1.
    pub threads: usize,
    /// Memory to use, bytes.
    pub memory: u64,
}

/// A rule file's name and text.
pub type RuleFile = (String, String);

impl Plan {
    /// Reads the config and what it names. `told` is the zone of the arguments, which stands for
    /// the site's when nothing else tells it. A plan is given even when there are complaints, so
    /// that all can be shown in the right language; nothing may run while one is an error.
    pub fn make(
        common: &Common,
        told: Option<Zone>,
        world: &World<'_>,
        complaints: &mut Complaints,
    ) -> Plan {
        let config = read_config(common.config.as_deref(), complaints);
        let calendar = read_calendar(&config, complaints);
        let mut assumed = Vec::new();
        if calendar.is_none() {
            assumed.push(hours_assumed());
        }
        let zone = config
            .zone
            .or_else(|| calendar.as_ref().and_then(|(node, _)| zone_of(node)))
            .or(told)
            .unwrap_or_else(|| system_zone(world, &mut assumed));
        let lang = lang::choose(common.lang, config.lang, world.variable, &zone);
        Plan {
            config,
            zone,
            lang,
            calendar,
            assumed,
        }
    }

    /// The paths to read: those of the arguments, else those of all sources.
    pub fn paths(&self, named: &[String], complaints: &mut Complaints) -> Vec<String> {
        if !named.is_empty() {
            return named.to_vec();
        }
        if self.config.sources.is_empty() {
            complaints.push(
                Problem::error("nothing to read", "読むものがありません").help(
                    "name files or folders, - for a pipe, or list sources in yomawari.yaml",
                    "ファイルやフォルダ、パイプなら - を指定するか、yomawari.yaml に sources を書いてください",
                ),
            );
        }
        let sources = self.config.sources.iter();
        sources.flat_map(|source| source.paths.clone()).collect()
    }

    /// How the input of this name is read.
    pub fn how_to_read<'p>(&'p self, input: &str, reading: &'p Reading) -> HowToRead<'p> {
        let source = self
            .config
            .sources
            .iter()
            .find(|source| source.holds(input));
        let configured = source.map(|source| source.encoding);
        HowToRead {
            source,
            format: reading
                .format
                .as_deref()
                .or(source.and_then(Source::told_format)),
            encoding: reading.encoding.or(configured).unwrap_or_default(),
            zone: reading
                .timezone
                .or(source.and_then(|s| s.zone))
                .unwrap_or(self.zone),
            year: reading.year,
        }
    }

    /// The bounds of a run, times resolved in the site's zone.
    pub fn bounds(
        &self,
        reading: &Reading,
        world: &World<'_>,
        complaints: &mut Complaints,
    ) -> Bounds {
        let mut resolve = |flag: &str, moment: &Option<Moment>, end: bool| {
            let moment = moment.as_ref()?;
            let found = if end {
                moment.end(&self.zone)
            } else {
                moment.begin(&self.zone)
            };
            if found.is_none() {
                complaints.push(nonexistent(flag, &self.zone));
            }
            found
        };
        let since = resolve("--since", &reading.since, false);
        let until = resolve("--until", &reading.until, true);
        let now = resolve("--now", &reading.now, false);
        if let (Some(since), Some(until)) = (since, until)
            && since >= until
        {
            complaints.push(Problem::error(
                "--since is not before --until, so no event is left",
                "--since が --until より前ではないため、対象が空になります",
            ));
        }
        let memory = reading
            .memory
            .or(self.config.memory)
            .unwrap_or(DEFAULT_MEMORY);
        if memory < LEAST_MEMORY {
            complaints.push(too_little_memory(memory));
        }
        let threads = reading.threads.map_or(world.cores, usize::from).max(1);
        Bounds {
            since,
            until,
            now,
            threads,
            memory,
        }
    }

    /// The store: that of the arguments, else that of the config; `None` when neither names one.
    pub fn store(&self, option: &StoreOption) -> Option<PathBuf> {
        let configured = self.config.store.as_ref();
        option
            .store
            .clone()
            .or_else(|| configured.map(|named| named.path.clone()))
    }

    /// The rule files named by config and arguments, in that order. Those compiled into the program
    /// come before them, unless the arguments leave them out.
    pub fn rule_files(&self, ruling: &Ruling, complaints: &mut Complaints) -> Vec<RuleFile> {
        let mut found = Vec::new();
        for Named { path, place } in &self.config.rules.paths {
            found.extend(files::rules(path, Some(place), complaints));
        }
        for path in &ruling.rules {
            found.extend(files::rules(path, None, complaints));
        }
        found
    }
}

/// Checks the alerts' options against each other: a workbook is no stream for a terminal.
pub fn check_output(output: &Output, is_terminal: bool, complaints: &mut Complaints) {
    use super::args::OutputFormat;
    let by_ending = output.output.as_deref().and_then(OutputFormat::of_ending);
    if output.output.is_some() && output.output_format.is_none() && by_ending.is_none() {
        complaints.push(
            Problem::error(
                "the ending of the output file tells no format",
                "出力ファイルの拡張子から形式がわかりません",
            )
            .help(
                "end it with .csv, .xlsx, .ndjson or .txt, or add --output-format",
                ".csv・.xlsx・.ndjson・.txt のどれかにするか、--output-format を付けてください",
            ),
        );
    }
    if output.output_format == Some(OutputFormat::Xlsx) && output.output.is_none() && is_terminal {
        complaints.push(
            Problem::error(
                "a workbook cannot be shown on a terminal",
                "Excel のファイルは画面に表示できません",
            )
            .help("add -o alerts.xlsx", "-o alerts.xlsx を付けてください"),
        );
    }
}

/// The form of the alerts: as told, by the file's ending, a table on a terminal, else JSON lines.
pub fn output_format(output: &Output, is_terminal: bool) -> super::args::OutputFormat {
    use super::args::OutputFormat;
    let by_ending = output.output.as_deref().and_then(OutputFormat::of_ending);
    output
        .output_format
        .or(by_ending)
        .unwrap_or(match output.output {
            None if is_terminal => OutputFormat::Table,
            _ => OutputFormat::Ndjson,
        })
}

fn read_config(named: Option<&Path>, complaints: &mut Complaints) -> Config {
    let path = match named {
        Some(path) => path,
        None if Path::new(DEFAULT_FILE).exists() => Path::new(DEFAULT_FILE),
        None => return Config::default(),
    };
    match files::text(path, None, complaints) {
        Some(text) => Config::read(path, &text, complaints),
        None => Config::default(),
    }
}

fn read_calendar(config: &Config, complaints: &mut Complaints) -> Option<(Node, PathBuf)> {
    match config.calendar.as_ref()? {
        CalendarSource::Inline(node) => Some((node.clone(), config.folder.clone())),
        CalendarSource::File(Named { path, place }) => {
            let text = files::text(path, Some(place), complaints)?;
            let name = path.to_string_lossy();
            let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
            let is_toml = path
                .extension()
                .is_some_and(|e| e.eq_ignore_ascii_case("toml"));
            let document = match is_toml {
                true => yaml::read_toml(&name, &text, complaints),
                false => yaml::read(&name, &text, complaints).into_iter().next(),
            };
            if document.is_none() && !complaints.has_errors() {
                complaints.push(
                    Problem::error(
                        format!("{name} holds no calendar"),
                        format!("{name} に営業時間が書かれていません"),
                    )
                    .at(place.clone()),
                );
            }
            document.map(|document| (document, folder))
        }
    }
}

/// The zone a calendar is written in, which tells the site's; a wrong one is the calendar's to
/// complain about.
fn zone_of(calendar: &Node) -> Option<Zone> {
    calendar
        .get("timezone")
        .and_then(Node::as_str)
        .and_then(Zone::named)
}

fn system_zone(world: &World<'_>, assumed: &mut Vec<Text>) -> Zone {
    let system = world.system_zone.as_deref().and_then(Zone::named);
    let zone = system.unwrap_or_else(Zone::tokyo);
    let name = zone.name();
    assumed.push(match system {
        Some(_) => Text::new(
            format!("no time zone is set: {name}, the system's, is assumed"),
            format!("タイムゾーンが未設定です。システムの {name} と仮定しました"),
        ),
        None => Text::new(
            format!("no time zone is set and the system tells none: {name} is assumed"),
            format!("タイムゾーンが未設定で、システムからもわかりません。{name} と仮定しました"),
        ),
    });
    zone
}

fn hours_assumed() -> Text {
    Text::new(
        "business hours are not set: Monday to Friday 8:30-18:00 is assumed, national holidays closed",
        "営業時間が未設定です。月〜金8:30〜18:00（祝日は休み）と仮定しました",
    )
}

/// A run cannot work in so few bytes of memory.
pub(super) fn too_little_memory(bytes: u64) -> Problem {
    Problem::error(
        format!("{bytes} bytes of memory are too few: 16M are needed"),
        format!("メモリ {bytes} バイトでは足りません。16M 以上にしてください"),
    )
}

pub(super) fn nonexistent(flag: &str, zone: &Zone) -> Problem {
    let name = zone.name();
    Problem::error(
        format!("{flag}: this local time does not exist in {name}, the clock skips it"),
        format!("{flag}: {name} では時計が飛ばすため存在しない時刻です"),
    )
}

/// The register files with their bytes, for the room that reads them.
#[derive(Debug, Default)]
pub struct RegisterBytes {
    /// Kind, name for places, bytes; in the order devices, staff, accounts, patients, declarations.
    pub files: Vec<(RegisterKind, String, Vec<u8>)>,
}

/// Which register a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterKind {
    /// Devices.
    Devices,
    /// Staff.
    Staff,
    /// Accounts.
    Accounts,
    /// Patients.
    Patients,
    /// Declarations.
    Declarations,
}

impl RegisterBytes {
    /// Reads all register files of a config.
    pub fn read(registers: &RegisterFiles, complaints: &mut Complaints) -> RegisterBytes {
        let kinds = [
            (RegisterKind::Devices, &registers.devices),
            (RegisterKind::Staff, &registers.staff),
            (RegisterKind::Accounts, &registers.accounts),
            (RegisterKind::Patients, &registers.patients),
            (RegisterKind::Declarations, &registers.declarations),
        ];
        let mut found = RegisterBytes::default();
        for (kind, names) in kinds {
            for Named { path, place } in names {
                if let Some(bytes) = files::bytes(path, Some(place), complaints) {
                    found
                        .files
                        .push((kind, path.to_string_lossy().into_owned(), bytes));
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests;
