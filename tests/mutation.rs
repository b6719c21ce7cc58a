//! Guards that the tests inside the shipped rules notice every small change: a selection, a field,
//! a value or a group taken out, a threshold moved by one, a window longer by a second. A change
//! that no test notices would let the rule rot.

#[path = "house/library.rs"]
mod library;

mod mutants;

use yomawari::calendar::Calendars;
use yomawari::diagnostic::{Complaints, Lang};
use yomawari::enrich::House;
use yomawari::pipeline::{Plan, run_rule_tests};
use yomawari::register::Registers;
use yomawari::rule::{Placeholders, RuleSet};
use yomawari::yaml::{self, Node};

type File<'f> = (&'f str, &'f str);

fn documents(file: File<'_>) -> Vec<Node> {
    let mut complaints = Complaints::new();
    let documents = yaml::read(file.0, file.1, &mut complaints);
    assert!(complaints.is_empty(), "{}", file.0);
    documents.into_iter().filter(|d| !d.is_null()).collect()
}

/// The names a file's documents have, and those its correlations refer to.
fn names_and_references(file: File<'_>) -> (Vec<String>, Vec<String>) {
    let text = |node: &Node| node.as_str().map(str::to_owned);
    let documents = documents(file);
    let names = documents.iter().filter_map(|d| text(d.get("name")?));
    let counted = documents
        .iter()
        .filter_map(|d| d.get("correlation")?.get("rules"));
    let joined = documents.iter().flat_map(|d| {
        let as_of = d.get("yomawari").and_then(|ours| ours.get("as_of"));
        as_of
            .into_iter()
            .flat_map(|a| [a.get("leases"), a.get("ends")])
    });
    let referred = counted
        .chain(joined.flatten())
        .flat_map(|rules| rules.as_seq().unwrap_or_default().iter().filter_map(text));
    (names.collect(), referred.collect())
}

/// The other files a file stands in a relation with: those it refers to and those that refer to
/// it, and what these refer to.
fn relatives<'f>(of: File<'f>, all: &[File<'f>]) -> Vec<File<'f>> {
    let mut found = vec![of];
    loop {
        let known: Vec<(Vec<String>, Vec<String>)> =
            found.iter().map(|f| names_and_references(*f)).collect();
        let related = |file: &&File<'f>| {
            let (names, referred) = names_and_references(**file);
            known.iter().any(|(own_names, own_referred)| {
                names.iter().any(|n| own_referred.contains(n))
                    || referred.iter().any(|r| own_names.contains(r))
            })
        };
        let more: Vec<File<'f>> = all
            .iter()
            .filter(|f| !found.contains(f))
            .filter(related)
            .copied()
            .collect();
        if more.is_empty() {
            return found.split_off(1);
        }
        found.extend(more);
    }
}

/// True when a test of the rules fails.
fn is_noticed(files: &[File<'_>]) -> bool {
    let mut complaints = Complaints::new();
    let rules = RuleSet::read(files, &Placeholders::new(), &mut complaints);
    if complaints.has_errors() {
        let said = complaints.sorted();
        let said: Vec<String> = said.iter().map(|p| p.render(Lang::En)).collect();
        panic!("a mutant cannot be read: {said:#?}");
    }
    let zone = library::zone();
    let (calendars, registers) = (Calendars::assumed(zone.tz()), Registers::new(zone));
    let outcomes = run_rule_tests(Plan {
        house: House {
            calendars: &calendars,
            registers: &registers,
        },
        rules: &rules,
        assumed: false,
        site: zone,
        period: (i64::MIN, i64::MAX),
        evidence: 0,
    });
    let outcomes = outcomes.expect("memory suffices for tests");
    outcomes.iter().any(|outcome| !outcome.passed())
}

#[test]
fn every_small_change_to_a_rule_fails_one_of_its_tests() {
    let all = RuleSet::embedded_files();
    let (mut tried, mut unnoticed) = (0, Vec::new());
    for file in all {
        let relatives = relatives(*file, all);
        let documents = documents(*file);
        for (at, document) in documents.iter().enumerate() {
            for mutant in mutants::of(document) {
                let mut changed = documents.clone();
                changed[at] = mutant.document;
                let text = mutants::text_of(&changed);
                let mut files = vec![(file.0, text.as_str())];
                files.extend(&relatives);
                tried += 1;
                if !is_noticed(&files) {
                    unnoticed.push(format!("{}: {}", file.0, mutant.what));
                }
            }
        }
    }
    assert!(tried >= 3 * all.len(), "only {tried} changes were tried");
    assert!(unnoticed.is_empty(), "of {tried} changes: {unnoticed:#?}");
}

#[test]
fn a_rule_written_anew_still_passes_its_tests() {
    let all = RuleSet::embedded_files();
    let texts: Vec<(&str, String)> = all
        .iter()
        .map(|file| (file.0, mutants::text_of(&documents(*file))))
        .collect();
    let files: Vec<File<'_>> = texts.iter().map(|(n, t)| (*n, t.as_str())).collect();
    assert!(!is_noticed(&files), "writing a rule anew changes nothing");
}
