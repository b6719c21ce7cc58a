//! Guards that rules of the Sigma project load as they are and match what they were made for. The
//! copies, their authors and their licence stand in `tests/upstream-rules`.

use std::path::Path;

use yomawari::diagnostic::{Complaints, Lang, Severity};
use yomawari::rule::{Placeholders, RuleSet, Terms, WrittenEvent};

/// All copies, by path below the folder.
fn files() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/upstream-rules");
    let walk = walkdir::WalkDir::new(&folder).sort_by_file_name();
    walk.into_iter()
        .map(|entry| entry.expect("the folder is readable").into_path())
        .filter(|path| path.extension().is_some_and(|e| e == "yml"))
        .map(|path| {
            let inside = path.strip_prefix(&folder).expect("found below it");
            let name = inside.to_string_lossy().replace('\\', "/");
            (name, std::fs::read_to_string(&path).expect("it is text"))
        })
        .collect()
}

/// The rules, with these placeholders, and what refuses some of them.
fn read(placeholders: Placeholders, as_written: bool) -> (RuleSet, Vec<String>) {
    let files = files();
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (&**n, &**t)).collect();
    let terms = Terms {
        placeholders,
        as_written,
        ..Terms::default()
    };
    let mut complaints = Complaints::new();
    let (rules, headings) = RuleSet::read_on(&files, &terms, &mut complaints);
    assert_eq!(headings.len(), files.len(), "one rule a file");
    let errors = complaints.sorted().into_iter();
    let errors = errors.filter(|p| p.severity == Severity::Error);
    (rules, errors.map(|p| p.render(Lang::En)).collect())
}

/// Values of the two placeholders that the copies use.
fn values() -> Placeholders {
    let value = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
    [
        value("DC-MACHINE-NAME", "DC*"),
        value("Admins_Workstations", "ADM*"),
    ]
    .into()
}

#[test]
fn all_rules_load_and_two_of_them_need_placeholders() {
    for as_written in [false, true] {
        let (rules, errors) = read(Placeholders::new(), as_written);
        assert_eq!(
            (rules.detections.len(), errors.len()),
            (77, 2),
            "{errors:#?}"
        );
        for error in &errors {
            assert!(error.starts_with("rules-placeholder/"), "{error}");
            assert!(error.contains("placeholder"), "{error}");
        }
        let (rules, errors) = read(values(), as_written);
        assert_eq!((rules.detections.len(), errors), (79, Vec::new()));
    }
}

#[test]
fn every_rule_keeps_its_author() {
    let (rules, _) = read(values(), false);
    for rule in &rules.detections {
        let author = rule.meta.author.as_deref().unwrap_or_default();
        assert!(!author.is_empty(), "{}", rule.meta.title);
    }
}

#[test]
fn rules_match_the_events_they_were_made_for() {
    let (rules, _) = read(values(), true);
    for (id, hit, miss) in [
        (
            "e76b413a-83d0-4b94-8e4c-85db4a5b8bdc",
            r#"{"message":"sshd[1]: fatal: Local: Corrupted MAC on input"}"#,
            r#"{"message":"sshd[1]: Accepted password for n1"}"#,
        ),
        (
            "d7fb8f0e-bd5f-45c2-b467-19571c490d7e",
            r#"{"dst_port":23,"action":"forward"}"#,
            r#"{"dst_port":22,"action":"forward"}"#,
        ),
        (
            "21e44d78-95e7-421b-a464-ffd8395659c4",
            r#"{"c-useragent":""}"#,
            r#"{"c-useragent":null}"#,
        ),
        (
            "ede05abc-2c9e-4624-9944-9ff17fdc0bf5",
            r#"{"Z":1,"query":"a.example","qtype_name":"A"}"#,
            r#"{"Z":1,"query":"a.example","answers":["x\\x00"]}"#,
        ),
        (
            "94309181-d345-4cbf-b5fe-061769bdf9cb",
            r#"{"EventID":4672,"SubjectUserSid":"S-1-5-21","SubjectUserName":"n1"}"#,
            r#"{"EventID":"4964","SubjectUserName":"adm1"}"#,
        ),
    ] {
        let rule = rules.detections.iter().find(|d| d.meta.id == id);
        let rule = rule.unwrap_or_else(|| panic!("{id} is among the copies"));
        for (event, expected) in [(hit, true), (miss, false)] {
            let arena = bumpalo::Bump::new();
            let read = WrittenEvent::read(event, &arena);
            let mut read = read.ok().flatten().expect("a JSON object");
            let title = &rule.meta.title;
            assert_eq!(
                rule.matcher.matches(&mut read),
                expected,
                "{title}: {event}"
            );
        }
    }
}
