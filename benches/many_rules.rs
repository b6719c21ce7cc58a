//! What many rules cost: the same logs with 10 to 3,000 rules of upstream shape, the reading of
//! such rules, and one account that opens very many charts.
//!
//! A thousand rules are to cost at most half as much again as ten.

use divan::Bencher;
use divan::counter::ItemsCount;
use yomawari::diagnostic::{Complaints, Severity};
use yomawari::rule::{Placeholders, RuleSet};

#[path = "generate/random.rs"]
mod random;
#[path = "generate/rules.rs"]
mod rules;
#[path = "whole.rs"]
mod whole;

fn main() {
    divan::main();
}

const COUNTS: [usize; 4] = [10, 100, 1_000, 3_000];

fn read(text: &str) -> RuleSet {
    let mut complaints = Complaints::new();
    let set = RuleSet::read(
        &[("rules.yml", text)],
        &Placeholders::new(),
        &mut complaints,
    );
    let wrong = complaints.sorted();
    let errors = wrong.iter().filter(|p| p.severity == Severity::Error);
    assert_eq!(errors.count(), 0, "generated rules are well formed");
    set
}

#[divan::bench(args = COUNTS)]
fn scan_records_system(bencher: Bencher<'_, '_>, count: usize) {
    let set = read(&rules::write(count, 1));
    whole::scan(bencher, ("sample-logs/csv/ordinary.csv", 4 << 20), &set);
}

#[divan::bench(args = COUNTS)]
fn scan_router(bencher: Bencher<'_, '_>, count: usize) {
    let set = read(&rules::write(count, 1));
    whole::scan(bencher, ("sample-logs/syslog/rtx1220.log", 4 << 20), &set);
}

#[divan::bench(args = COUNTS)]
fn read_rules(bencher: Bencher<'_, '_>, count: usize) {
    let text = rules::write(count, 1);
    bencher
        .counter(ItemsCount::new(count))
        .bench(|| read(&text).detections.len());
}
