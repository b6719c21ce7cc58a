//! The whole left and right side over a file: bytes in, alerts out, one thread, with the shipped
//! rules. Figures for real shapes come from `compare.py`.

use yomawari::rule::RuleSet;

#[path = "whole.rs"]
mod whole;

fn main() {
    divan::main();
}

const SAMPLES: [&str; 3] = [
    "sample-logs/syslog/rtx1220.log",
    "sample-logs/csv/ordinary.csv",
    "sample-logs/fhir/ordinary.ndjson",
];

#[divan::bench(args = SAMPLES)]
fn scan(bencher: divan::Bencher<'_, '_>, sample: &str) {
    let bytes = whole::sample(sample, 8 << 20);
    whole::scan(bencher, &bytes, &RuleSet::embedded());
}
