//! The ledger as one JSON document.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::event::{InputAccount, Reason, RejectSample, Zone};
use crate::sink::json::write_line;
use crate::sink::ndjson::Both;
use crate::sink::when::{day_of, exact};

use super::{InputReport, RuleReport, RunReport};

/// Writes the document and a line feed.
pub(super) fn write(out: &mut dyn Write, report: &RunReport) -> io::Result<()> {
    let document = Document {
        version: &report.version,
        tzdb: &report.tzdb,
        assumed: report.assumed.iter().map(Both::of).collect(),
        inputs: report.inputs.iter().map(Input::of).collect(),
        rules: report.rules.iter().map(Rule::of).collect(),
        unheard: &report.unheard,
        notices: report.notices.iter().map(Both::of).collect(),
    };
    write_line(out, &document)
}

/// One input alone.
pub(super) fn of_input(input: &InputReport) -> String {
    let mut line = Vec::new();
    write_line(&mut line, &Input::of(input)).expect("memory takes all that is written");
    String::from_utf8_lossy(line.trim_ascii_end()).into_owned()
}

#[derive(Serialize)]
struct Document<'a> {
    version: &'a str,
    tzdb: &'a str,
    assumed: Vec<Both<'a>>,
    inputs: Vec<Input<'a>>,
    rules: Vec<Rule<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    unheard: &'a [String],
    notices: Vec<Both<'a>>,
}

#[derive(Serialize)]
struct Input<'a> {
    source: &'a str,
    path: &'a str,
    format: &'a str,
    why: Both<'a>,
    encoding: &'a str,
    encoding_why: Both<'a>,
    zone: &'static str,
    compression: &'a str,
    bytes: u64,
    records: u64,
    accepted: u64,
    duplicates: u64,
    ambiguous_at_seam: u64,
    rejected: u64,
    blanks: u64,
    headings: u64,
    events: u64,
    untrusted: u64,
    #[serde(skip_serializing_if = "is_none")]
    late: u64,
    replaced: u64,
    rejects: Vec<Rejected<'a>>,
    mostly_rejected: bool,
    first: Option<String>,
    last: Option<String>,
    days: BTreeMap<String, u64>,
    notes: Vec<Both<'a>>,
    details: Vec<Both<'a>>,
    error: Option<Both<'a>>,
}

/// Only a live stream has records that come late.
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl<'a> Input<'a> {
    fn of(input: &'a InputReport) -> Self {
        let account = &input.account;
        let at = |nanos| exact(nanos, &input.zone);
        Input {
            source: &input.source,
            path: &input.path,
            format: &input.format,
            why: Both::of(&input.why),
            encoding: &input.encoding,
            encoding_why: Both::of(&input.encoding_why),
            zone: Zone::name(&input.zone),
            compression: &input.compression,
            bytes: account.bytes,
            records: account.records,
            accepted: account.accepted,
            duplicates: account.duplicates,
            ambiguous_at_seam: account.ambiguous_at_seam,
            rejected: account.rejected(),
            blanks: account.blanks,
            headings: account.headings,
            events: account.events,
            untrusted: account.untrusted,
            late: account.late,
            replaced: account.replaced,
            rejects: rejects(account),
            mostly_rejected: input.is_mostly_rejected(),
            first: account.span.map(|(first, _)| at(first)),
            last: account.span.map(|(_, last)| at(last)),
            days: account
                .days
                .iter()
                .map(|(day, n)| (day_of(*day), *n))
                .collect(),
            notes: input.notes.iter().map(Both::of).collect(),
            details: input.details.iter().map(Both::of).collect(),
            error: input.error.as_ref().map(Both::of),
        }
    }
}

#[derive(Serialize)]
struct Rejected<'a> {
    reason: &'static str,
    count: u64,
    samples: Vec<Sample<'a>>,
}

fn rejects(account: &InputAccount) -> Vec<Rejected<'_>> {
    let rejected = |(reason, count): (&Reason, &u64)| {
        let samples = account.samples.get(reason).map_or(&[][..], Vec::as_slice);
        Rejected {
            reason: reason.code(),
            count: *count,
            samples: samples.iter().map(Sample::of).collect(),
        }
    };
    account.rejects.iter().map(rejected).collect()
}

#[derive(Serialize)]
struct Sample<'a> {
    line: u64,
    column: u32,
    offset: u64,
    text: &'a str,
}

impl<'a> Sample<'a> {
    fn of(sample: &'a RejectSample) -> Self {
        Sample {
            line: sample.line,
            column: sample.reject.column,
            offset: sample.offset,
            text: &sample.text,
        }
    }
}

#[derive(Serialize)]
struct Rule<'a> {
    name: &'a str,
    level: &'static str,
    matches: u64,
    explained: u64,
    quiet: u64,
    alerts: u64,
    silent: Option<Both<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<History>,
    cannot_fire: Vec<Gap<'a>>,
}

/// How many keys an observing rule saw, and of how many it does not know enough yet.
#[derive(Serialize)]
struct History {
    keys: u64,
    learning: u64,
}

#[derive(Serialize)]
struct Gap<'a> {
    source: &'a str,
    missing: &'a [String],
}

impl<'a> Rule<'a> {
    fn of(rule: &'a RuleReport) -> Self {
        let gap = |(source, missing): &'a (String, Vec<String>)| Gap { source, missing };
        Rule {
            name: &rule.name,
            level: rule.level.name(),
            matches: rule.matches,
            explained: rule.explained,
            quiet: rule.quiet,
            alerts: rule.alerts,
            silent: rule.silent.as_ref().map(Both::of),
            history: rule
                .learning
                .map(|(learning, keys)| History { keys, learning }),
            cannot_fire: rule.cannot_fire.iter().map(gap).collect(),
        }
    }
}
