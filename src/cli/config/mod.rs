//! The config: `yomawari.yaml`, every key checked, every mistake complained about at once.
//!
//! Takes the text of the file; gives a [`Config`] whose values have their places, so that what is
//! found out later (a missing file, an unknown rule) can still point at the line. Never opens the
//! files it names, and leaves the sections of a format to that format.

mod address;
mod geoip;
mod keys;
mod mail;
mod sinks;
mod source;
mod standing;

use std::path::{Path, PathBuf};

use crate::cli::plan::{LEAST_MEMORY, too_little_memory};
use crate::cli::value;
use crate::diagnostic::{Complaints, Lang, Place, Problem};
use crate::event::Zone;
use crate::rule::Placeholders;
use crate::yaml::{self, Node, Value};

pub use address::{Address, Secret};
pub use geoip::GeoIp;
pub(super) use keys::placeholders_or_none;
pub use mail::{Login, Mail, PasswordPlace, Tls};
pub use sinks::{Sink, Target};
pub use source::Source;
pub use standing::{Document, Review};

use keys::{entries, one_of, placeholders, text, texts, word, wrong_kind};

/// The file looked for when none is named.
pub const DEFAULT_FILE: &str = "yomawari.yaml";

const ROOT: &[&str] = &[
    "version",
    "site",
    "sources",
    "calendar",
    "registers",
    "geoip",
    "rules",
    "store",
    "sinks",
    "mail",
    "keep",
    "memory",
    "lateness",
    "documents",
    "diary",
    "review",
    "maintenance",
];
const SITE: &[&str] = &["name", "timezone", "language"];
const REGISTERS: &[&str] = &[
    "devices",
    "staff",
    "accounts",
    "patients",
    "declarations",
    "networks",
];
const RULES: &[&str] = &["paths", "disable", "set", "placeholders"];

/// A file that the config names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Where to find it: relative names are taken from the config's folder.
    pub path: PathBuf,
    /// Where it is named.
    pub place: Place,
}

/// Where the business hours stand.
#[derive(Clone, Debug, PartialEq)]
pub enum CalendarSource {
    /// In a file of their own.
    File(Named),
    /// In the config.
    Inline(Node),
}

/// The register files, each list in the order written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegisterFiles {
    /// Devices.
    pub devices: Vec<Named>,
    /// Staff.
    pub staff: Vec<Named>,
    /// Accounts.
    pub accounts: Vec<Named>,
    /// Patients.
    pub patients: Vec<Named>,
    /// Declarations.
    pub declarations: Vec<Named>,
    /// Networks by name, not yet checked.
    pub networks: Option<Node>,
}

/// What the config says about rules.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleSettings {
    /// More rules: files and folders.
    pub paths: Vec<Named>,
    /// Names or ids of rules that are left out.
    pub disable: Vec<(String, Place)>,
    /// Thresholds by the name or id of a rule.
    pub thresholds: Vec<(String, i64, Place)>,
    /// Values of placeholders (`%Administrators%`) of rules that `expand` them.
    pub placeholders: Placeholders,
}

/// A config, checked for itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// The folder of the file; empty for the present one.
    pub folder: PathBuf,
    /// Name of the house.
    pub name: Option<String>,
    /// The site's zone.
    pub zone: Option<Zone>,
    /// The site's language.
    pub lang: Option<Lang>,
    /// Sources in the order written.
    pub sources: Vec<Source>,
    /// The business hours.
    pub calendar: Option<CalendarSource>,
    /// The registers.
    pub registers: RegisterFiles,
    /// The database of countries.
    pub geoip: Option<GeoIp>,
    /// The rules.
    pub rules: RuleSettings,
    /// The store.
    pub store: Option<Named>,
    /// Where alerts are brought besides stdout.
    pub sinks: Vec<Sink>,
    /// How the weekly report is sent when that is asked for.
    pub mail: Option<Mail>,
    /// How long the store keeps what is done with, nanoseconds.
    pub keep: Option<i64>,
    /// Memory to use, bytes.
    pub memory: Option<u64>,
    /// Documents the operator must own, in the order written.
    pub documents: Vec<Document>,
    /// The operations diary and the reports of users.
    pub diary: Vec<Named>,
    /// How often the institution decided to review.
    pub review: Option<Review>,
    /// Plans of maintenance from afar, which the weekly report holds the logs against.
    pub work_plans: Vec<Named>,
    /// How long a live source waits for records that arrive late, nanoseconds.
    pub lateness: Option<i64>,
}

impl Config {
    /// The files the config names that say how to judge, in the order of their kinds.
    pub fn files(&self) -> Vec<PathBuf> {
        let calendar = self.calendar.iter().filter_map(|source| match source {
            CalendarSource::File(named) => Some(named),
            CalendarSource::Inline(_) => None,
        });
        let registers = &self.registers;
        let lists = [
            &registers.devices,
            &registers.staff,
            &registers.accounts,
            &registers.patients,
            &registers.declarations,
            &self.rules.paths,
        ];
        let named = calendar.chain(lists.into_iter().flatten());
        named.map(|named| named.path.clone()).collect()
    }

    /// Reads the text of a config. Whatever is right is given even when something is wrong.
    pub fn read(file: &Path, content: &str, complaints: &mut Complaints) -> Config {
        let mut config = Config {
            folder: file.parent().map(Path::to_path_buf).unwrap_or_default(),
            ..Config::default()
        };
        let documents = yaml::read(&file.to_string_lossy(), content, complaints);
        if let Some(second) = documents.get(1) {
            complaints.push(
                Problem::error(
                    "a second document begins here; a config is one document",
                    "設定ファイルに二つ目の文書（---）があります",
                )
                .at(second.place.clone()),
            );
        }
        if let Some(root) = documents.first() {
            config.take_root(root, complaints);
        }
        config
    }

    fn take_root(&mut self, root: &Node, complaints: &mut Complaints) {
        for (key, value) in entries(root, "config", ROOT, complaints) {
            match key.text.as_str() {
                "version" => check_version(value, complaints),
                "site" => self.take_site(value, complaints),
                "sources" => self.sources = source::read_all(value, &self.folder, complaints),
                "calendar" => self.calendar = self.read_calendar(value, complaints),
                "registers" => self.take_registers(value, complaints),
                "geoip" => self.geoip = geoip::read(value, &self.folder, complaints),
                "rules" => self.take_rules(value, complaints),
                "store" => {
                    let name = text(value, "store", complaints);
                    self.store = name.map(|name| self.named(&name, &value.place));
                }
                "sinks" => self.sinks = sinks::read_all(value, &self.folder, complaints),
                "mail" => self.mail = mail::read(value, &self.folder, complaints),
                "memory" => self.take_memory(value, complaints),
                "documents" => self.documents = standing::documents(value, complaints),
                "diary" => self.diary = self.named_all(value, "diary", complaints),
                "review" => self.review = standing::review(value, complaints),
                "maintenance" => {
                    let plans = standing::maintenance(value, complaints).into_iter();
                    let plans = plans.map(|(name, place)| self.named(&name, &place));
                    self.work_plans = plans.collect();
                }
                "keep" => self.keep = word(value, "keep", value::duration, complaints),
                _ => self.lateness = word(value, "lateness", value::duration, complaints),
            }
        }
        if let Some(store) = &self.store {
            sinks::spare_store(&self.sinks, &store.path, complaints);
        }
    }

    fn take_site(&mut self, node: &Node, complaints: &mut Complaints) {
        for (key, value) in entries(node, "site", SITE, complaints) {
            match key.text.as_str() {
                "name" => self.name = text(value, "site.name", complaints),
                "timezone" => self.zone = word(value, "site.timezone", value::zone, complaints),
                _ => {
                    let known = |word: &str| one_of(word, &["ja", "en"]);
                    let chosen = word(value, "site.language", known, complaints);
                    self.lang = chosen.map(|at| [Lang::Ja, Lang::En][at]);
                }
            }
        }
    }

    fn read_calendar(&self, node: &Node, complaints: &mut Complaints) -> Option<CalendarSource> {
        match &node.value {
            Value::Map(_) => Some(CalendarSource::Inline(node.clone())),
            Value::Scalar { .. } => {
                let name = text(node, "calendar", complaints)?;
                Some(CalendarSource::File(self.named(&name, &node.place)))
            }
            _ => {
                complaints.push(wrong_kind(node, "calendar", "calendar.yaml"));
                None
            }
        }
    }

    fn take_memory(&mut self, node: &Node, complaints: &mut Complaints) {
        self.memory = word(node, "memory", value::size, complaints);
        if let Some(bytes) = self.memory.take_if(|bytes| *bytes < LEAST_MEMORY) {
            complaints.push(too_little_memory(bytes).at(node.place.clone()));
        }
    }

    fn take_registers(&mut self, node: &Node, complaints: &mut Complaints) {
        for (key, value) in entries(node, "registers", REGISTERS, complaints) {
            if key.text == "networks" {
                self.registers.networks = Some(value.clone());
                continue;
            }
            let what = format!("registers.{}", key.text);
            let files = self.named_all(value, &what, complaints);
            let registers = &mut self.registers;
            match key.text.as_str() {
                "devices" => registers.devices = files,
                "staff" => registers.staff = files,
                "accounts" => registers.accounts = files,
                "patients" => registers.patients = files,
                _ => registers.declarations = files,
            }
        }
    }

    fn take_rules(&mut self, node: &Node, complaints: &mut Complaints) {
        for (key, value) in entries(node, "rules", RULES, complaints) {
            match key.text.as_str() {
                "paths" => self.rules.paths = self.named_all(value, "rules.paths", complaints),
                "disable" => self.rules.disable = texts(value, "rules.disable", complaints),
                "placeholders" => {
                    self.rules.placeholders = placeholders(value, "rules.placeholders", complaints);
                }
                _ => self.rules.thresholds = thresholds(value, complaints),
            }
        }
    }

    fn named_all(&self, node: &Node, what: &str, complaints: &mut Complaints) -> Vec<Named> {
        let names = texts(node, what, complaints);
        names
            .iter()
            .map(|(name, place)| self.named(name, place))
            .collect()
    }

    fn named(&self, name: &str, place: &Place) -> Named {
        Named {
            path: self.folder.join(name),
            place: place.clone(),
        }
    }
}

fn check_version(node: &Node, complaints: &mut Complaints) {
    if node.as_i64() != Some(1) {
        let found = node.as_str().unwrap_or("?");
        complaints.push(
            Problem::error(
                format!("version {found} of the config is not known"),
                format!("設定の version {found} には対応していません"),
            )
            .at(node.place.clone())
            .help("write version: 1", "version: 1 と書いてください"),
        );
    }
}

/// `set: { failed-login-burst: { threshold: 8 } }`.
fn thresholds(node: &Node, complaints: &mut Complaints) -> Vec<(String, i64, Place)> {
    let Some(rules) = node.as_map() else {
        complaints.push(wrong_kind(
            node,
            "rules.set",
            "{ rule-name: { threshold: 8 } }",
        ));
        return Vec::new();
    };
    let mut found = Vec::new();
    for (rule, settings) in rules {
        let what = format!("rules.set.{}", rule.text);
        if settings.is_null() {
            complaints.push(wrong_kind(settings, &what, "{ threshold: 8 }"));
        }
        for (_, value) in entries(settings, &what, &["threshold"], complaints) {
            match value.as_i64().filter(|n| *n >= 1) {
                Some(n) => found.push((rule.text.clone(), n, value.place.clone())),
                None => complaints.push(
                    Problem::error(
                        format!("{what}.threshold is not a whole number of 1 or more"),
                        format!("{what}.threshold は1以上の整数で書いてください"),
                    )
                    .at(value.place.clone()),
                ),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
