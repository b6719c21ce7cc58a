//! Plans made from invented houses, in folders of their own.

use super::*;
use crate::cli::args::{Arguments, Command, OutputFormat, Scan};
use clap::Parser as _;

fn scan(words: &str) -> (Common, Scan) {
    let words = std::iter::once("yomawari").chain(words.split_whitespace());
    let arguments = Arguments::try_parse_from(words).unwrap();
    match arguments.command {
        Command::Scan(scan) => (arguments.common, scan),
        other => panic!("{other:?}"),
    }
}

fn world(zone: &str) -> World<'static> {
    World {
        variable: &|_| None,
        system_zone: Some(zone.to_owned()),
        cores: 4,
    }
}

fn told(complaints: &Complaints) -> Vec<String> {
    complaints
        .sorted()
        .iter()
        .map(|problem| problem.render(Lang::En))
        .collect()
}

struct House(tempfile::TempDir);

impl House {
    fn new(files: &[(&str, &str)]) -> House {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        House(folder)
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).to_string_lossy().into_owned()
    }

    fn plan(&self, words: &str, complaints: &mut Complaints) -> (Plan, Scan) {
        let (mut common, scan) = scan(words);
        common.config = Some(self.at("y.yaml").into());
        let plan = Plan::make(
            &common,
            scan.run.reading.timezone,
            &world("Asia/Tokyo"),
            complaints,
        );
        (plan, scan)
    }
}

#[test]
fn without_a_config_everything_assumed_is_said() {
    let (common, scan) = scan("scan logs");
    let mut complaints = Complaints::new();
    let plan = Plan::make(&common, None, &world("Asia/Seoul"), &mut complaints);
    assert!(complaints.is_empty());
    assert_eq!((plan.zone.name(), plan.lang), ("Asia/Seoul", Lang::En));
    let said: Vec<&str> = plan.assumed.iter().map(|text| text.ja.as_str()).collect();
    assert!(said[0].starts_with("営業時間が未設定です。月〜金8:30〜18:00"));
    assert!(said[1].contains("Asia/Seoul"));
    let bounds = plan.bounds(&scan.run.reading, &world(""), &mut complaints);
    assert_eq!((bounds.threads, bounds.memory), (4, DEFAULT_MEMORY));
    assert_eq!(plan.paths(&scan.paths, &mut complaints), ["logs"]);
}

#[test]
fn the_zone_of_the_arguments_stands_in_for_the_site() {
    let (common, _) = scan("scan logs");
    let seoul = Zone::named("Asia/Seoul");
    let plan = Plan::make(&common, seoul, &world("Etc/UTC"), &mut Complaints::new());
    assert_eq!(plan.zone.name(), "Asia/Seoul");
    assert_eq!(plan.assumed.len(), 1);
    let lost = World {
        system_zone: None,
        ..world("")
    };
    let plan = Plan::make(&common, None, &lost, &mut Complaints::new());
    assert_eq!(plan.zone.name(), "Asia/Tokyo");
}

#[test]
fn a_calendar_tells_the_zone_of_its_site() {
    let house = House::new(&[("y.yaml", "calendar: { timezone: Asia/Seoul }\n")]);
    let (plan, _) = house.plan("scan --timezone Asia/Tokyo", &mut Complaints::new());
    assert_eq!(plan.zone.name(), "Asia/Seoul");
    assert!(plan.assumed.is_empty());
}

#[test]
fn a_house_is_read_with_its_calendar_registers_and_rules() {
    let house = House::new(&[
        (
            "y.yaml",
            "site: { timezone: Asia/Tokyo }\ncalendar: cal.yaml\nregisters: { devices: d.csv }\n\
             rules: { paths: r.yml }\nsources:\n- { name: ehr, paths: '*.log', format: csv, timezone: Asia/Seoul }\n",
        ),
        ("cal.yaml", "version: 1\n"),
        ("d.csv", "mac\n"),
        ("r.yml", "title: x\n"),
    ]);
    let mut complaints = Complaints::new();
    let (plan, scan) = house.plan("scan", &mut complaints);
    let (node, folder) = plan.calendar.as_ref().expect("a calendar");
    assert!(node.get("version").is_some());
    assert_eq!(folder, house.0.path());
    assert!(plan.assumed.is_empty());
    let registers = RegisterBytes::read(&plan.config.registers, &mut complaints);
    assert_eq!(registers.files[0].0, RegisterKind::Devices);
    assert_eq!(
        plan.rule_files(&scan.run.ruling, &mut complaints)[0].1,
        "title: x\n"
    );
    assert_eq!(
        plan.paths(&scan.paths, &mut complaints),
        [house.at("*.log")]
    );
    let log = house.at("a.log");
    let how = plan.how_to_read(&log, &scan.run.reading);
    assert_eq!((how.format, how.zone.name()), (Some("csv"), "Asia/Seoul"));
    assert_eq!(how.source.map(|source| source.name.as_str()), Some("ehr"));
    let told_otherwise = self::scan("scan --format jsonl --timezone Asia/Tokyo")
        .1
        .run
        .reading;
    let how = plan.how_to_read(&log, &told_otherwise);
    assert_eq!((how.format, how.zone.name()), (Some("jsonl"), "Asia/Tokyo"));
    assert!(
        plan.how_to_read("elsewhere.log", &scan.run.reading)
            .source
            .is_none()
    );
    assert_eq!(told(&complaints), Vec::<String>::new());
}

#[test]
fn the_store_of_the_arguments_goes_before_the_one_of_the_config() {
    let house = House::new(&[("y.yaml", "store: memory/night.db\n")]);
    let (plan, _) = house.plan("scan", &mut Complaints::new());
    let told = StoreOption {
        store: Some("other.db".into()),
    };
    assert_eq!(plan.store(&told), Some("other.db".into()));
    let configured = plan.store(&StoreOption::default());
    assert_eq!(configured, Some(house.at("memory/night.db").into()));
    let without = House::new(&[("y.yaml", "version: 1\n")]);
    let (plan, _) = without.plan("scan", &mut Complaints::new());
    assert_eq!(plan.store(&StoreOption::default()), None);
}

#[test]
fn all_missing_files_are_told_where_they_are_named() {
    let house = House::new(&[(
        "y.yaml",
        "calendar: no.yaml\nregisters: { staff: no.csv }\nrules: { paths: [no/] }\n",
    )]);
    let mut complaints = Complaints::new();
    let (plan, scan) = house.plan("scan", &mut complaints);
    RegisterBytes::read(&plan.config.registers, &mut complaints);
    plan.rule_files(&scan.run.ruling, &mut complaints);
    plan.paths(&scan.paths, &mut complaints);
    let told = told(&complaints).join("\n").replace(&house.at(""), "");
    crate::cli::tests_support::holds("plan-complaints", &told);
}

#[test]
fn a_named_config_must_exist() {
    let (common, _) = scan("scan -c /nowhere/at/all.yaml");
    let mut complaints = Complaints::new();
    Plan::make(&common, None, &world("Asia/Tokyo"), &mut complaints);
    assert_eq!(
        told(&complaints),
        ["error: there is no file /nowhere/at/all.yaml"]
    );
}

#[test]
fn bounds_are_checked_against_each_other() {
    let york = Zone::named("America/New_York");
    let (common, scan) = scan("scan --since 2026-03-08T02:30 --memory 1M --threads 2");
    let mut complaints = Complaints::new();
    let plan = Plan::make(&common, york, &world(""), &mut complaints);
    let bounds = plan.bounds(&scan.run.reading, &world(""), &mut complaints);
    assert_eq!(bounds.threads, 2);
    let all = told(&complaints);
    assert_eq!(all.len(), 2, "{all:?}");
    let reading = self::scan("scan --since 2026-03-09 --until 2026-03-08")
        .1
        .run
        .reading;
    let mut complaints = Complaints::new();
    plan.bounds(&reading, &world(""), &mut complaints);
    assert!(told(&complaints)[0].contains("--since is not before --until"));
}

#[test]
fn the_form_of_the_alerts_follows_file_and_terminal() {
    let form = |words: &str, terminal| output_format(&scan(words).1.run.output, terminal);
    assert_eq!(form("scan", true), OutputFormat::Table);
    assert_eq!(form("scan", false), OutputFormat::Ndjson);
    assert_eq!(form("scan -o a.xlsx", true), OutputFormat::Xlsx);
    assert_eq!(
        form("scan -o a.xlsx --output-format csv", true),
        OutputFormat::Csv
    );
    let complains = |words: &str, terminal| {
        let mut complaints = Complaints::new();
        check_output(&scan(words).1.run.output, terminal, &mut complaints);
        complaints.has_errors()
    };
    assert!(complains("scan -o a.dat", true));
    assert!(complains("scan --output-format xlsx", true));
    assert!(!complains("scan --output-format xlsx", false));
    assert!(!complains("scan -o a.dat --output-format csv", true));
}
