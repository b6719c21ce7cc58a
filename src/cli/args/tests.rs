//! What words on the command line mean, and which are refused.

use super::*;
use clap::{CommandFactory as _, error::ErrorKind};

fn read(words: &str) -> Result<Arguments, clap::Error> {
    Arguments::try_parse_from(std::iter::once("yomawari").chain(words.split_whitespace()))
}

fn scan(words: &str) -> Scan {
    match read(words).map(|a| a.command) {
        Ok(Command::Scan(scan)) => scan,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_definition_holds_together() {
    Arguments::command().debug_assert();
}

#[test]
fn a_full_scan_is_understood() {
    let scan = scan(
        "scan a.csv b/ - --format csv --timezone Asia/Tokyo --encoding sjis --year 2025 \
         --since 2026-11-09 --until 2026-11-15T10:00 --threads 3 --memory 64M --rules r1 \
         --rules r2 --no-default-rules --rule x --rule y --level 高 --fail-on critical \
         --evidence all -o out.xlsx --output-format csv --ledger l.json --no-progress",
    );
    assert_eq!(scan.paths, ["a.csv", "b/", "-"]);
    assert_eq!(scan.run.reading.format.as_deref(), Some("csv"));
    assert_eq!(scan.run.reading.memory, Some(64 << 20));
    assert_eq!(scan.run.reading.threads.map(NonZeroUsize::get), Some(3));
    assert_eq!(scan.run.ruling.rules.len(), 2);
    assert_eq!(scan.run.output.only, ["x", "y"]);
    assert_eq!(scan.run.output.level, Some(Level::High));
    assert_eq!(scan.run.output.fail_on, Some(Level::Critical));
    assert_eq!(scan.run.output.evidence, EvidenceLimit::All);
    assert_eq!(scan.run.output.output_format, Some(OutputFormat::Csv));
}

#[test]
fn defaults_leave_the_house_to_the_plan() {
    let scan = scan("scan");
    assert!(scan.paths.is_empty());
    assert_eq!(scan.run.reading.timezone, None);
    assert_eq!(scan.run.output.evidence, EvidenceLimit::Ends(5));
    assert_eq!(scan.run.output.fail_on, None);
}

#[test]
fn common_options_stand_before_or_after_the_command() {
    for words in ["--lang en -c y.yaml scan", "scan --lang en -c y.yaml"] {
        let common = read(words).expect(words).common;
        assert_eq!(common.lang, Some(Lang::En));
        assert_eq!(
            common.config.as_deref(),
            Some(std::path::Path::new("y.yaml"))
        );
    }
}

#[test]
fn mistakes_of_usage_end_with_2() {
    for words in [
        "scan --format nosuch",
        "scan --timezone Asia/Tokio",
        "scan --since yesterday",
        "scan --memory much",
        "scan --threads 0",
        "scan --evidence 0",
        "scan --year 26",
        "scan -q -v",
        "calendar check",
        "calendar show --month 2026-13",
        "calendar check now --calendar a --user b",
        "formats detect",
    ] {
        assert_eq!(read(words).expect_err(words).exit_code(), 2, "{words}");
    }
    let help = read("scan --help").expect_err("help is not arguments");
    assert_eq!((help.kind(), help.exit_code()), (ErrorKind::DisplayHelp, 0));
}

#[test]
fn a_mistake_is_told_in_both_languages_with_a_right_form() {
    let told = read("scan --timezone Asia/Tokio")
        .expect_err("no zone")
        .to_string();
    assert!(
        told.contains("write its IANA name, such as Asia/Tokyo"),
        "{told}"
    );
    assert!(told.contains("Asia/Tokyo のように"), "{told}");
}

#[test]
fn the_ending_of_a_file_chooses_its_format() {
    let of = |name: &str| OutputFormat::of_ending(std::path::Path::new(name));
    assert_eq!(of("a.XLSX"), Some(OutputFormat::Xlsx));
    assert_eq!(of("a.b/c.jsonl"), Some(OutputFormat::Ndjson));
    assert_eq!(of("a.csv"), Some(OutputFormat::Csv));
    assert_eq!((of("a"), of("a.dat")), (None, None));
}

#[test]
fn color_follows_the_terminal_and_no_color() {
    assert!(ColorChoice::Auto.wanted(true, None));
    assert!(ColorChoice::Auto.wanted(true, Some("")));
    assert!(!ColorChoice::Auto.wanted(true, Some("1")));
    assert!(!ColorChoice::Auto.wanted(false, None));
    assert!(ColorChoice::Always.wanted(false, Some("1")));
}

#[test]
fn every_help_ends_with_examples() {
    fn walk(command: &clap::Command) {
        let name = command.get_name();
        let help = command.get_after_help().map(ToString::to_string);
        assert!(
            help.is_some_and(|h| h.starts_with("Examples:\n  ")),
            "{name}"
        );
        let below = command.get_subcommands().filter(|c| c.get_name() != "help");
        below.for_each(walk);
    }
    let mut command = Arguments::command();
    command.build();
    walk(&command);
}
