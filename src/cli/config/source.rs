//! The sources of a config: named streams of records, and which inputs belong to them.
//!
//! Takes the nodes of `sources`; gives checked sources and all complaints. Never opens a file.

use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};

use crate::cli::value;
use crate::diagnostic::{Complaints, Place, Problem, Text};
use crate::event::{LogSources, Zone, matching};
use crate::format::FORMATS;
use crate::register::Expectation;
use crate::text::EncodingChoice;
use crate::yaml::Node;

use super::keys::{entries, one_of, text, texts, word, wrong_kind};

const KEYS: &[&str] = &[
    "name",
    "paths",
    "format",
    "encoding",
    "timezone",
    "expect",
    "lateness",
    "csv",
    "jsonl",
    "syslog",
    "logsource",
];

/// A source as the config describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// Its name, used in alerts and the ledger.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Files, folders and globs, relative ones taken from the config's folder.
    pub paths: Vec<String>,
    /// Name of its format; `None`: detected.
    pub format: Option<String>,
    /// Its encoding.
    pub encoding: EncodingChoice,
    /// Zone of times that print none; `None`: the site's.
    pub zone: Option<Zone>,
    /// The section `csv:`, for the format to check.
    pub csv: Option<Node>,
    /// The section `jsonl:`, for the format to check.
    pub jsonl: Option<Node>,
    /// The section `syslog:`, for the format to check.
    pub syslog: Option<Node>,
    /// Log sources its events satisfy beside those its format declares.
    pub log_sources: LogSources,
    /// How often it should be heard of, as written and what that means.
    pub expects: Option<(String, Expectation)>,
    /// How long it waits for records that arrive late, nanoseconds; `None`: as the config says.
    pub lateness: Option<i64>,
}

impl Source {
    /// True when the source says that it is to be heard of.
    pub fn is_expected(&self) -> bool {
        self.expects.is_some()
    }

    /// The format the source is written for: the one named, else that of its only section.
    pub fn told_format(&self) -> Option<&str> {
        let mut sections = ["csv", "jsonl", "syslog"]
            .into_iter()
            .filter(|name| self.section(name).is_some());
        self.format
            .as_deref()
            .or_else(|| match (sections.next(), sections.next()) {
                (only, None) => only,
                _ => None,
            })
    }

    /// The section that its format reads.
    pub fn section(&self, format: &str) -> Option<&Node> {
        match format {
            "csv" => self.csv.as_ref(),
            "jsonl" => self.jsonl.as_ref(),
            "syslog" => self.syslog.as_ref(),
            _ => None,
        }
    }

    /// True when an input of this name belongs to the source: one of its paths names the file, a
    /// folder above it, or matches it as a glob. A member of an archive belongs where the archive
    /// does.
    pub fn holds(&self, input: &str) -> bool {
        let archives = input.match_indices('!').map(|(at, _)| &input[..at]);
        std::iter::once(input)
            .chain(archives)
            .any(|file| self.paths.iter().any(|path| fits(path, file)))
    }
}

/// Whether a file, named from the present folder, is meant by a path of the config.
fn fits(path: &str, file: &str) -> bool {
    if path == "-" || file == "-" {
        return path == file;
    }
    let (path, file) = (whole(path), whole(file));
    if file.starts_with(&path) {
        return true;
    }
    let options = MatchOptions {
        case_sensitive: !cfg!(windows),
        require_literal_separator: true,
        require_literal_leading_dot: false,
    };
    // A glob that names a folder means what lies in it, as a plain folder does.
    Pattern::new(&path.to_string_lossy()).is_ok_and(|glob| {
        file.ancestors()
            .any(|part| glob.matches_path_with(part, options))
    })
}

/// The path from the root, so that `./a`, `a` and `/logs/a` are the same.
fn whole(path: &str) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path))
}

/// Reads the list of sources.
pub(super) fn read_all(node: &Node, folder: &Path, complaints: &mut Complaints) -> Vec<Source> {
    let Some(items) = node.as_seq() else {
        complaints.push(wrong_kind(node, "sources", "- name: …"));
        return Vec::new();
    };
    let mut sources: Vec<Source> = Vec::new();
    for item in items {
        let Some(source) = read(item, folder, complaints) else {
            continue;
        };
        if let Some(first) = sources.iter().find(|s| s.name == source.name) {
            let (name, line) = (&source.name, first.place.line);
            complaints.push(
                Problem::error(
                    format!("a source named {name} stands in line {line} already"),
                    format!("{name} という名前のソースは {line} 行目にもあります"),
                )
                .at(source.place.clone())
                .help(
                    "give each source its own name",
                    "ソースごとに別の名前を付けてください",
                ),
            );
        }
        sources.push(source);
    }
    sources
}

fn read(node: &Node, folder: &Path, complaints: &mut Complaints) -> Option<Source> {
    let mut source = Source {
        name: String::new(),
        place: node.place.clone(),
        paths: Vec::new(),
        format: None,
        encoding: EncodingChoice::Auto,
        zone: None,
        csv: None,
        jsonl: None,
        syslog: None,
        log_sources: LogSources::NONE,
        expects: None,
        lateness: None,
    };
    if node.as_map().is_none() {
        complaints.push(wrong_kind(node, "sources", "{ name: …, paths: […] }"));
        return None;
    }
    for (key, value) in entries(node, "sources", KEYS, complaints) {
        match key.text.as_str() {
            "name" => source.name = text(value, "name", complaints).unwrap_or_default(),
            "paths" => source.paths = paths(value, folder, complaints),
            "format" => source.format = format(value, complaints),
            "encoding" => {
                let told = word(value, "encoding", value::encoding, complaints);
                source.encoding = told.unwrap_or_default();
            }
            "timezone" => source.zone = word(value, "timezone", value::zone, complaints),
            "expect" => source.expects = expectation(value, complaints),
            "lateness" => source.lateness = word(value, "lateness", value::duration, complaints),
            "csv" => source.csv = Some(value.clone()),
            "jsonl" => source.jsonl = Some(value.clone()),
            "syslog" => source.syslog = Some(value.clone()),
            _ => source.log_sources = log_sources(value, complaints),
        }
    }
    require(node, "name", complaints);
    require(node, "paths", complaints);
    Some(source)
}

fn require(node: &Node, key: &str, complaints: &mut Complaints) {
    if node.get(key).is_none_or(Node::is_null) {
        complaints.push(
            Problem::error(
                format!("this source has no {key}"),
                format!("このソースには {key} がありません"),
            )
            .at(node.place.clone())
            .help(
                format!("add {key}: …"),
                format!("{key}: … を書き足してください"),
            ),
        );
    }
}

fn paths(node: &Node, folder: &Path, complaints: &mut Complaints) -> Vec<String> {
    let mut found = Vec::new();
    for (path, place) in texts(node, "paths", complaints) {
        if let Err(error) = Pattern::new(&path) {
            complaints.push(
                Problem::error(
                    format!("not readable as a path with wildcards: {}", error.msg),
                    format!("ワイルドカードの書き方が正しくありません: {}", error.msg),
                )
                .at(place)
                .found(path),
            );
            continue;
        }
        found.push(from_folder(folder, &path));
    }
    found
}

/// A path from the config's folder. Wildcard letters in the folder's own name mean themselves.
fn from_folder(folder: &Path, path: &str) -> String {
    if path == "-" {
        return path.to_owned();
    }
    let is_glob = path.contains(['*', '?', '[']);
    let folder = match is_glob {
        true => PathBuf::from(Pattern::escape(&folder.to_string_lossy())),
        false => folder.to_path_buf(),
    };
    folder.join(path).to_string_lossy().into_owned()
}

fn format(node: &Node, complaints: &mut Complaints) -> Option<String> {
    let names: Vec<&str> = FORMATS.iter().map(|format| format.name()).collect();
    let chosen = word(node, "format", |word| one_of(word, &names), complaints)?;
    Some(names[chosen].to_owned())
}

/// How often the source should be heard of.
fn expectation(node: &Node, complaints: &mut Complaints) -> Option<(String, Expectation)> {
    let read = |word: &str| match Expectation::from_word(word) {
        Some(how) => Ok((word.trim().to_owned(), how)),
        None => Err(value::Mistake(Text::new(
            format!(
                "\"{word}\" is not an expectation: write nightly, hourly, weekdays or a length of time from 1m, such as 30m"
            ),
            format!(
                "「{word}」は読めません。nightly・hourly・weekdays か、30m のような1分以上の長さを書いてください"
            ),
        ))),
    };
    word(node, "expect", read, complaints)
}

fn log_sources(node: &Node, complaints: &mut Complaints) -> LogSources {
    let mut words: [Option<String>; 3] = [None, None, None];
    let keys = ["category", "product", "service"];
    for (key, value) in entries(node, "logsource", &keys, complaints) {
        if let Some(at) = keys.iter().position(|known| *known == key.text) {
            words[at] = text(value, &key.text, complaints);
        }
    }
    if words.iter().all(Option::is_none) {
        return LogSources::NONE;
    }
    let [category, product, service] = words.each_ref().map(Option::as_deref);
    let found = matching(category, product, service);
    if found.is_empty() {
        complaints.push(
            Problem::error(
                "no such log source is known",
                "このログソースは登録されていません",
            )
            .at(node.place.clone())
            .help(
                "for example { category: ehr }",
                "たとえば { category: ehr }",
            ),
        );
    }
    found
}
