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

/// Bytes of log scanned.
const SIZE: usize = 4 << 20;

fn read(files: &[(String, String)]) -> RuleSet {
    let mut complaints = Complaints::new();
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (&**n, &**t)).collect();
    let set = RuleSet::read(&files, &Placeholders::new(), &mut complaints);
    let wrong = complaints.sorted();
    let errors = wrong.iter().filter(|p| p.severity == Severity::Error);
    assert_eq!(errors.count(), 0, "generated rules are well formed");
    set
}

#[divan::bench(args = COUNTS)]
fn scan_records_system(bencher: Bencher<'_, '_>, count: usize) {
    let bytes = whole::sample("sample-logs/csv/ordinary.csv", SIZE);
    whole::scan(bencher, &bytes, &read(&rules::files(count, 1)));
}

#[divan::bench(args = COUNTS)]
fn scan_router(bencher: Bencher<'_, '_>, count: usize) {
    let bytes = whole::sample("sample-logs/syslog/rtx1220.log", SIZE);
    whole::scan(bencher, &bytes, &read(&rules::files(count, 1)));
}

#[divan::bench(args = COUNTS)]
fn read_rules(bencher: Bencher<'_, '_>, count: usize) {
    let files = rules::files(count, 1);
    bencher
        .counter(ItemsCount::new(count))
        .bench(|| read(&files).detections.len());
}

/// One account opens so many charts within an hour; how many are different is counted all along.
#[divan::bench(args = [20_000, 200_000], max_time = 10)]
fn open_charts(bencher: Bencher<'_, '_>, rows: u32) {
    let mut random = random::Random::new(1);
    let mut text = String::from("日時,利用者ID,端末名,操作,患者ID,結果\n");
    for row in 0..rows {
        let second = u64::from(row) * 3_600 / u64::from(rows);
        let (minute, second) = (second / 60, second % 60);
        let patient = random.below(100_000_000);
        text += &format!(
            "2026/11/16 14:{minute:02}:{second:02},n1023,T03-PC07,カルテ参照,{patient:08},成功\n"
        );
    }
    whole::scan(bencher, text.as_bytes(), &RuleSet::embedded());
}
