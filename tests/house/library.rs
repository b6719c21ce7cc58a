//! The same as a scan without a config, through the library, where the size of a segment can be
//! chosen.
//!
//! Takes paths and limits; gives the alerts as bytes and the account of each input. Never asks
//! the environment anything.

// Each test file uses the part it needs.
#![allow(dead_code)]

use std::path::Path;
use std::sync::Arc;

use yomawari::calendar::Calendars;
use yomawari::diagnostic::Complaints;
use yomawari::enrich::House;
use yomawari::event::{Civil, InputAccount, Instant, LogSources, Zone};
use yomawari::input;
use yomawari::pipeline::{self, Limits, Plan, SourceSettings, Task, Watch};
use yomawari::register::Registers;
use yomawari::rule::{Placeholders, RuleSet};
use yomawari::sink::ndjson;
use yomawari::text::EncodingChoice;

/// Rules, calendars and registers of a house that has no config.
pub struct World {
    rules: RuleSet,
    calendars: Calendars,
    registers: Registers,
}

/// What one run gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// The alerts as JSON lines.
    pub alerts: String,
    /// The account of each input, in the order of reading.
    pub accounts: Vec<InputAccount>,
    /// Format of each input.
    pub formats: Vec<String>,
}

/// The zone of everything here.
pub fn zone() -> Zone {
    Zone::tokyo()
}

/// An instant after all samples.
pub fn now() -> Instant {
    let civil = Civil {
        year: 2026,
        month: 11,
        day: 30,
        hour: 0,
        minute: 0,
        second: 0,
        nanos: 0,
    };
    zone().resolve(&civil).expect("midnight exists in Tokyo")
}

/// One task for each path; `format` as `--format`.
pub fn tasks(paths: &[&Path], format: Option<&str>) -> Vec<Task> {
    let names: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
    let source = Arc::new(SourceSettings {
        name: None,
        format: format.map(str::to_owned),
        encoding: EncodingChoice::Auto,
        zone: zone(),
        year: Some(2026),
        section: None,
        log_sources: LogSources::NONE,
        expected: None,
    });
    let found = input::find(&names);
    assert!(found.unreadable.is_empty(), "every path can be read");
    let task = |input| Task {
        input,
        source: source.clone(),
        now: now(),
        years: Vec::new(),
    };
    found.inputs.into_iter().map(task).collect()
}

impl World {
    /// Rules compiled in, assumed hours, no registers.
    pub fn new() -> World {
        let mut complaints = Complaints::new();
        let files = RuleSet::embedded_files();
        let rules = RuleSet::read(files, &Placeholders::new(), &mut complaints);
        assert!(!complaints.has_errors(), "the shipped rules can be read");
        World {
            rules,
            calendars: Calendars::assumed(zone().tz()),
            registers: Registers::new(zone()),
        }
    }

    /// Its plan, with all rules speaking.
    pub fn plan(&self) -> Plan<'_> {
        Plan {
            house: House {
                calendars: &self.calendars,
                registers: &self.registers,
            },
            rules: &self.rules,
            assumed: false,
            site: zone(),
            period: (i64::MIN, i64::MAX),
            evidence: 10,
        }
    }

    /// The rules.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// Reads and judges.
    pub fn run(&self, paths: &[&Path], format: Option<&str>, limits: Limits) -> Ran {
        let plan = self.plan();
        let tasks = tasks(paths, format);
        let run = pipeline::run(plan, tasks, limits, &Watch::default());
        let mut run = run.expect("the temporary folder can be written");
        let mut alerts = Vec::new();
        for alert in run.alerts.by_ref() {
            ndjson::write(&mut alerts, &alert, &zone()).expect("memory can be written");
        }
        Ran {
            alerts: String::from_utf8(alerts).expect("JSON is UTF-8"),
            accounts: run.inputs.iter().map(|i| i.account.clone()).collect(),
            formats: run.inputs.iter().map(|i| i.format.clone()).collect(),
        }
    }
}

/// Limits of an ordinary run with these threads and this size of a segment.
pub fn limits(threads: usize, block: usize) -> Limits {
    Limits {
        threads,
        block,
        memory: 64 << 20,
    }
}
