//! `sinks`: where alerts are brought besides stdout.
//!
//! Takes the list under the key; gives checked sinks and all complaints. Never opens a file, looks
//! a host up or contacts anything.

use std::path::{Path, PathBuf};

use crate::alert::Level;
use crate::cli::value::{self, Mistake};
use crate::diagnostic::{Complaints, Place, Problem, Text};
use crate::sink::rotate::{Rotate, Rotation};
use crate::yaml::Node;

use super::address::{self, Address, Secret};
use super::keys::{entries, one_of, text, word, wrong_kind};

const KEYS: &[&str] = &[
    "name", "type", "path", "rotate", "keep", "to", "headers", "level", "names",
];
const TYPES: &[&str] = &["ndjson", "syslog", "cef", "webhook"];
/// Keys that every type takes.
const COMMON: &[&str] = &["name", "type", "level", "names"];
/// Older files kept when nobody says how many.
const KEEP: u32 = 5;
/// Most older files kept: each of them is moved at every rotation.
const MOST_KEPT: i64 = 1_000;
/// Least size of a file: smaller ones would be moved for every line.
const LEAST_SIZE: u64 = 1 << 10;
/// A place where alerts are brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sink {
    /// Its name: what waits for it stands under this name in the store.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// The least level of alerts that are brought; `None`: all.
    pub level: Option<Level>,
    /// True when alerts are brought as they are, with names and the text of records.
    pub names: bool,
    /// What it is.
    pub target: Target,
}

/// What a sink is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file of JSON lines.
    File {
        /// The file.
        path: PathBuf,
        /// How it is kept from growing.
        rotation: Rotation,
    },
    /// A receiver of syslog messages.
    Syslog(Address),
    /// A receiver of messages in the Common Event Format.
    Cef(Address),
    /// A web server.
    Webhook {
        /// `http://` or `https://`.
        url: Secret,
        /// More headers of each request.
        headers: Vec<(String, Secret)>,
    },
}

/// Reads the list of sinks.
pub(super) fn read_all(node: &Node, folder: &Path, complaints: &mut Complaints) -> Vec<Sink> {
    let Some(items) = node.as_seq() else {
        complaints.push(wrong_kind(node, "sinks", "- { name: …, type: … }"));
        return Vec::new();
    };
    let mut sinks: Vec<Sink> = Vec::new();
    for item in items {
        let Some(sink) = read(item, folder, complaints) else {
            continue;
        };
        if let Some(first) = sinks.iter().find(|known| is_the_same(known, &sink)) {
            complaints.push(doubled(&sink, first));
        }
        sinks.push(sink);
    }
    sinks
}

/// Complains about a sink that writes into the store.
pub(super) fn spare_store(sinks: &[Sink], store: &Path, complaints: &mut Complaints) {
    let is_store = |sink: &&Sink| match &sink.target {
        Target::File { path, .. } => path == store,
        _ => false,
    };
    for sink in sinks.iter().filter(is_store) {
        let (name, file) = (&sink.name, store.display());
        complaints.push(
            Problem::error(
                format!("sink {name} writes into the store {file}"),
                format!("送り先 {name} がストア {file} に書き込みます"),
            )
            .at(sink.place.clone())
            .help(
                "give the sink a file of its own",
                "送り先には別のファイルを指定してください",
            ),
        );
    }
}

/// True for two sinks of one name, and for two that write one file.
fn is_the_same(a: &Sink, b: &Sink) -> bool {
    let file = |sink: &Sink| match &sink.target {
        Target::File { path, .. } => Some(path.clone()),
        _ => None,
    };
    a.name == b.name || (file(a).is_some() && file(a) == file(b))
}

fn doubled(sink: &Sink, first: &Sink) -> Problem {
    let (name, line) = (&sink.name, first.place.line);
    let problem = match sink.name == first.name {
        true => Problem::error(
            format!("a sink named {name} stands in line {line} already"),
            format!("{name} という名前の送り先は {line} 行目にもあります"),
        ),
        false => Problem::error(
            format!("sink {name} writes the file of the sink in line {line}"),
            format!("送り先 {name} は {line} 行目の送り先と同じファイルに書きます"),
        ),
    };
    problem.at(sink.place.clone()).help(
        "give each sink a name and a file of its own",
        "送り先ごとに別の名前とファイルにしてください",
    )
}

fn read(node: &Node, folder: &Path, complaints: &mut Complaints) -> Option<Sink> {
    if node.as_map().is_none() {
        complaints.push(wrong_kind(node, "sinks", "{ name: siem, type: syslog, … }"));
        return None;
    }
    let all = entries(node, "sinks", KEYS, complaints);
    let find = |key: &str| {
        let found = all.iter().find(|(k, _)| k.text == key);
        found.map(|(_, value)| *value)
    };
    let mut missing = |key: &str, form: &str| {
        if find(key).is_none() {
            complaints.push(lacks(node, key, form));
        }
        find(key)
    };
    let (name, kind) = (missing("name", "siem"), missing("type", "syslog"));
    let name = name.and_then(|node| name_of(node, complaints));
    let known = |word: &str| one_of(word, TYPES).map(|at| TYPES[at]);
    let kind = kind.and_then(|node| word(node, "sinks.type", known, complaints));
    let level = find("level").and_then(|node| word(node, "sinks.level", level, complaints));
    let names = find("names").is_some_and(|node| yes_or_no(node, complaints));
    let kind = kind?;
    for (key, _) in &all {
        if !COMMON.contains(&key.text.as_str()) && !own_keys(kind).contains(&key.text.as_str()) {
            complaints.push(not_of_type(&key.text, kind).at(key.place.clone()));
        }
    }
    let target = target(node, kind, &find, (folder, complaints))?;
    Some(Sink {
        name: name?,
        place: node.place.clone(),
        level,
        names,
        target,
    })
}

/// The keys of a type beside those of all.
fn own_keys(kind: &str) -> &'static [&'static str] {
    match kind {
        "ndjson" => &["path", "rotate", "keep"],
        "webhook" => &["to", "headers"],
        _ => &["to"],
    }
}

fn target<'n>(
    node: &Node,
    kind: &str,
    find: &dyn Fn(&str) -> Option<&'n Node>,
    (folder, complaints): (&Path, &mut Complaints),
) -> Option<Target> {
    let (key, form) = match kind {
        "ndjson" => ("path", "alerts.ndjson"),
        "webhook" => ("to", "https://example.jp/hook"),
        _ => ("to", "udp://127.0.0.1:514"),
    };
    let Some(at) = find(key) else {
        complaints.push(lacks(node, key, form));
        return None;
    };
    let headers = find("headers").map(|node| address::headers(node, complaints));
    match kind {
        "ndjson" => {
            let rotate = find("rotate");
            let when = rotate.and_then(|node| word(node, "sinks.rotate", rotate_of, complaints));
            let keep = find("keep").and_then(|node| keep_of(node, complaints));
            let rotation = Rotation {
                when,
                keep: keep.unwrap_or(KEEP),
            };
            let path = folder.join(text(at, "sinks.path", complaints)?);
            Some(Target::File { path, rotation })
        }
        "webhook" => {
            let url = word(at, "sinks.to", address::url, complaints)?;
            if address::is_in_the_clear(&url) {
                complaints.push(address::in_the_clear().at(at.place.clone()));
            }
            Some(Target::Webhook {
                url,
                headers: headers.unwrap_or_default(),
            })
        }
        _ => {
            let address = word(at, "sinks.to", address::address, complaints)?;
            Some(match kind {
                "syslog" => Target::Syslog(address),
                _ => Target::Cef(address),
            })
        }
    }
}

fn lacks(node: &Node, key: &str, form: &str) -> Problem {
    Problem::error(
        format!("a sink without {key}"),
        format!("送り先に {key} がありません"),
    )
    .at(node.place.clone())
    .help(
        format!("write {key}: {form}"),
        format!("{key}: {form} のように書いてください"),
    )
}

fn not_of_type(key: &str, kind: &str) -> Problem {
    let all = [COMMON, own_keys(kind)].concat().join(", ");
    Problem::error(
        format!("a sink of type {kind} has no \"{key}\""),
        format!("種類 {kind} の送り先に「{key}」はありません"),
    )
    .help(
        format!("the keys here are {all}"),
        format!("ここで使えるキー: {all}"),
    )
}

/// A name that is shown in messages: one short word.
fn name_of(node: &Node, complaints: &mut Complaints) -> Option<String> {
    let name = text(node, "sinks.name", complaints)?;
    let is_fit = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.chars().count() <= 64 && name.chars().all(is_fit) {
        return Some(name);
    }
    complaints.push(
        Problem::error(
            "sinks.name: found other signs than letters, digits, - _ and ., or more than 64 of them",
            "sinks.name: 文字・数字・- _ . だけの64文字以内で書いてください",
        )
        .at(node.place.clone())
        .found(name)
        .help("write a word such as siem", "siem のような一語にしてください"),
    );
    None
}

fn level(text: &str) -> Result<Level, Mistake> {
    let names = Level::ALL.map(Level::name);
    one_of(text, &names).map(|at| Level::ALL[at])
}

fn yes_or_no(node: &Node, complaints: &mut Complaints) -> bool {
    node.as_bool().unwrap_or_else(|| {
        complaints.push(
            Problem::error(
                "sinks.names: expected true or false",
                "sinks.names: true か false で書いてください",
            )
            .at(node.place.clone()),
        );
        false
    })
}

fn rotate_of(text: &str) -> Result<Rotate, Mistake> {
    if text == "daily" {
        return Ok(Rotate::Daily);
    }
    match value::size(text) {
        Ok(size) if size >= LEAST_SIZE => Ok(Rotate::Size(size)),
        _ => Err(Mistake(Text::new(
            format!("\"{text}\" is neither daily nor a size of at least 1K, such as 10M"),
            format!("「{text}」は daily でも 1K 以上の大きさ（10M など）でもありません"),
        ))),
    }
}

fn keep_of(node: &Node, complaints: &mut Complaints) -> Option<u32> {
    let number = node.as_i64().filter(|n| (1..=MOST_KEPT).contains(n));
    if number.is_none() {
        complaints.push(
            Problem::error(
                format!("sinks.keep: expected a whole number from 1 to {MOST_KEPT}"),
                format!("sinks.keep: 1〜{MOST_KEPT} の整数で書いてください"),
            )
            .at(node.place.clone()),
        );
    }
    number.and_then(|n| u32::try_from(n).ok())
}
