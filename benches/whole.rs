//! The whole program but for the command line, over a log, one thread.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use divan::counter::BytesCount;
use yomawari::calendar::Calendars;
use yomawari::enrich::House;
use yomawari::event::{Civil, LogSources, Zone};
use yomawari::pipeline::{self, Limits, Plan, SourceSettings, Task, Watch};
use yomawari::register::Registers;
use yomawari::rule::RuleSet;
use yomawari::text::EncodingChoice;

/// A sample repeated to so many bytes, so that what is measured is the work on records and not
/// the opening of a file.
pub fn sample(name: &str, size: usize) -> Vec<u8> {
    let once = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("a sample");
    once.iter().copied().cycle().take(size).collect()
}

/// Scans a log with these rules.
pub fn scan(bencher: divan::Bencher<'_, '_>, bytes: &[u8], rules: &RuleSet) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("log");
    fs::write(&path, bytes).expect("room for a file");
    let zone = Zone::tokyo();
    let (calendars, registers) = (Calendars::assumed(zone.tz()), Registers::new(zone));
    let plan = Plan {
        house: House {
            calendars: &calendars,
            registers: &registers,
        },
        rules,
        assumed: true,
        site: zone,
        period: (i64::MIN, i64::MAX),
        evidence: 5,
    };
    let limits = Limits {
        threads: 1,
        block: pipeline::BLOCK,
        memory: 16 << 20,
    };
    bencher
        .counter(BytesCount::new(bytes.len()))
        .bench_local(|| {
            let run = pipeline::run(plan, vec![task(&path, zone)], limits, &Watch::default());
            run.expect("temporary files work").alerts.count()
        });
}

fn task(path: &Path, zone: Zone) -> Task {
    let found = yomawari::input::find(&[path.to_string_lossy().into_owned()]);
    let day = Civil {
        year: 2026,
        month: 11,
        day: 20,
        hour: 0,
        minute: 0,
        second: 0,
        nanos: 0,
    };
    let source = SourceSettings {
        name: None,
        format: None,
        encoding: EncodingChoice::Auto,
        zone,
        year: None,
        section: None,
        log_sources: LogSources::NONE,
        expected: None,
    };
    Task {
        years: Vec::new(),
        input: found.inputs.into_iter().next().expect("the file is there"),
        source: Arc::new(source),
        now: zone.resolve(&day).expect("an ordinary day"),
    }
}
