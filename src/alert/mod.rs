//! What is reported: an alert with its level, key, reasons and evidence, and its identity.
//!
//! Takes what `detect` found and what was read again from the files; gives `Alert`s in a total
//! order, and holds their evidence against the files later. Never formats text for a place where
//! it is shown.

mod confirm;
mod say;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::diagnostic::{Lang, Text};

pub use crate::enrich::ReasonLine;
pub use confirm::{Checked, Search, Standing, Surroundings, confirm, locate};
pub use say::{fill, time_span, worded};

/// How much a person should hurry. Sigma's five levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// 参考.
    Informational,
    /// 低.
    Low,
    /// 中.
    Medium,
    /// 高.
    High,
    /// 緊急.
    Critical,
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Level; 5] = [
        Level::Informational,
        Level::Low,
        Level::Medium,
        Level::High,
        Level::Critical,
    ];

    /// Sigma's word.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Informational => "informational",
            Level::Low => "low",
            Level::Medium => "medium",
            Level::High => "high",
            Level::Critical => "critical",
        }
    }

    /// The word for people.
    pub const fn word(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (_, Lang::En) => self.name(),
            (Level::Informational, Lang::Ja) => "参考",
            (Level::Low, Lang::Ja) => "低",
            (Level::Medium, Lang::Ja) => "中",
            (Level::High, Lang::Ja) => "高",
            (Level::Critical, Lang::Ja) => "緊急",
        }
    }

    /// The level of this Sigma word.
    pub fn from_name(name: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|l| l.name() == name)
    }
}

/// The rule behind an alert, as it is printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleRef {
    /// UUID.
    pub id: String,
    /// Short name.
    pub name: String,
    /// Title.
    pub title: String,
    /// Level of this alert.
    pub level: Level,
    /// Tags.
    pub tags: Vec<String>,
    /// Author, carried along in every output (Detection Rule License 1.1).
    pub author: Option<String>,
}

/// One record that the alert rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Source name.
    pub source: String,
    /// Path as the user named it.
    pub path: String,
    /// Line, from 1.
    pub line: u64,
    /// Byte offset in the decompressed original.
    pub offset: u64,
    /// Bytes.
    pub length: u32,
    /// SHA-256 of the record's bytes, hexadecimal.
    pub sha256: String,
    /// Event time, nanoseconds since 1970.
    pub time: i64,
    /// The record, decoded, bounded; not yet made safe for where it is shown.
    pub text: String,
}

/// An alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// Hash of rule, key and the identity of the first evidence, hexadecimal.
    pub id: String,
    /// The rule.
    pub rule: RuleRef,
    /// First event, nanoseconds since 1970.
    pub start: i64,
    /// Last event.
    pub end: i64,
    /// Number of events.
    pub count: u64,
    /// Field names and values of the key, in the rule's order; `None`: not in the log (記録なし).
    pub key: Vec<(String, Option<String>)>,
    /// One plain sentence.
    pub summary: Text,
    /// What made it true.
    pub reasons: Vec<ReasonLine>,
    /// First and last records.
    pub evidence: Vec<Evidence>,
    /// Number of records it rests on.
    pub evidence_total: u64,
    /// Clauses of the guideline.
    pub clauses: Vec<String>,
    /// What to do, in both languages; empty if the rule does not say.
    pub respond: Text,
    /// 0 for the first issue.
    pub revision: u32,
}

/// The id of an alert: the same on every machine, in every run and order (design 8.1).
/// `first` is the folded text of the first evidence; `ordinal` tells equal records apart.
pub fn identity(rule: &str, key: &[(String, Option<String>)], first: &str, ordinal: u32) -> String {
    let mut hash = Sha256::new();
    let mut put = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    put(rule.as_bytes());
    for (field, value) in key {
        put(field.as_bytes());
        match value {
            Some(value) => put(value.as_bytes()),
            None => put(&[0xff]),
        }
    }
    put(first.as_bytes());
    put(&ordinal.to_le_bytes());
    hex(&hash.finalize()[..16])
}

/// SHA-256 of a record's bytes, hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
            let _ = write!(out, "{b:02x}");
            out
        })
}
