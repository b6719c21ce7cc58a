//! Guards every format alike: its samples lie in its folder and parse without a reject, no other
//! format claims them, any segmentation gives the same events, and what is read of them stays as
//! it was reviewed.

#[path = "house/library.rs"]
mod library;

mod house;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use library::tasks;
use serde_json::{Map, Value};
use yomawari::diagnostic::Lang;
use yomawari::event::{Position, RejectSample};
use yomawari::format::{self, FORMATS};
use yomawari::pipeline::{self, OpenedInput, Parsing, Watch};
use yomawari::sink::event::EventJson;
use yomawari::sink::reject;
use yomawari::text::EncodingChoice;

/// The samples of each format, from `sample-logs/<format>/`.
fn samples() -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    for folder in folders() {
        let files = fs::read_dir(Path::new("sample-logs").join(&folder)).expect("a folder");
        let files = files.map(|f| f.expect("an entry is readable").path());
        found.extend(files.map(|path| (folder.clone(), path)));
    }
    found.sort();
    found
}

fn folders() -> BTreeSet<String> {
    let entries = fs::read_dir("sample-logs").expect("the project has samples");
    entries
        .map(|e| e.expect("an entry is readable").file_name())
        .map(|name| name.into_string().expect("format names are ASCII"))
        .collect()
}

fn is_nasty(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|n| n.to_string_lossy().starts_with("nasty"))
}

/// Everything `parse` shows of a file, and its account.
fn parsed(path: &Path, block: usize) -> (String, OpenedInput) {
    let json = EventJson::new();
    let mut shown = Vec::new();
    let mut inputs = pipeline::parse(
        tasks(&[path], None),
        block,
        &Watch::default(),
        &mut |at, parsing| {
            match parsing {
                Parsing::Event(event) => {
                    let position = Position {
                        path: at.path.into(),
                        line: at.line,
                        offset: at.offset,
                        length: at.text.len() as u32,
                    };
                    json.write(&mut shown, event, &position, false);
                }
                Parsing::Reject(found) => {
                    let sample = RejectSample {
                        line: at.line,
                        offset: at.offset,
                        length: at.text.len() as u32,
                        reject: found,
                        text: at.text.to_owned(),
                    };
                    reject::write(&mut shown, at.path, &sample, Lang::En);
                }
            }
            Ok(())
        },
    )
    .expect("memory can be written");
    assert_eq!(inputs.len(), 1, "{path:?}");
    let shown = String::from_utf8(shown).expect("JSON is UTF-8");
    (shown, inputs.remove(0))
}

#[test]
fn folders_and_the_table_agree() {
    let names: BTreeSet<String> = FORMATS.iter().map(|f| f.name().to_owned()).collect();
    assert_eq!(folders(), names);
    assert_eq!(names.len(), FORMATS.len(), "each name once");
}

#[test]
fn samples_are_claimed_by_their_own_format_alone() {
    for (name, path) in samples() {
        let bytes = fs::read(&path).expect("a sample is readable");
        let found = EncodingChoice::Auto.decide(&bytes);
        let text = found.encoding.decode(&bytes[found.bom..]).text;
        let claimed = FORMATS.iter().filter(|f| f.claims(&text).is_some());
        let claimed: Vec<&str> = claimed.map(|f| f.name()).collect();
        assert_eq!(claimed, [name.as_str()], "{path:?}");
        let (detected, _) = format::detect(&text).expect("it is claimed");
        assert_eq!(detected.name(), name, "{path:?}");
    }
}

#[test]
fn samples_parse_without_a_reject() {
    for (name, path) in samples() {
        let (_, input) = parsed(&path, pipeline::BLOCK);
        assert_eq!(input.format, name, "{path:?}");
        assert!(input.account.balances(), "{path:?}");
        assert!(input.account.accepted > 0, "{path:?}");
        assert_eq!(input.account.replaced, 0, "{path:?}");
        assert_eq!(
            input.account.rejected() > 0,
            is_nasty(&path),
            "{path:?}: {:?}",
            input.account.rejects
        );
    }
}

#[test]
fn any_segmentation_gives_the_same_events() {
    for (_, path) in samples() {
        let (whole, input) = parsed(&path, pipeline::BLOCK);
        for block in [1, 2, 3, 7, 64, 100, 1000, 4096] {
            let (cut, of_cut) = parsed(&path, block);
            for (a, b) in cut.lines().zip(whole.lines()) {
                assert_eq!(a, b, "{path:?} in blocks of {block}");
            }
            assert_eq!(cut, whole, "{path:?} in blocks of {block}");
            assert_eq!(
                of_cut.account, input.account,
                "{path:?} in blocks of {block}"
            );
        }
    }
}

/// One line an event: the line it stands on, its time, what happened, then all other fields but
/// those that repeat the record itself.
fn reviewed(line: &str) -> String {
    let document: Value = serde_json::from_str(line).expect("each line is a JSON object");
    if let Some(reject) = document.get("reject") {
        return format!("reject {reject}");
    }
    let mut fields = Vec::new();
    flatten(&document, "", &mut fields);
    let mut take = |name: &str| match fields.iter().position(|(n, _)| n == name) {
        Some(at) => fields.remove(at).1,
        None => "-".to_owned(),
    };
    let place = take("log.file.line");
    let time = take("@timestamp");
    let (action, outcome) = (take("event.action"), take("event.outcome"));
    for repeated in ["event.original", "message", "log.file.path", "log.offset"] {
        take(repeated);
    }
    let mut text = format!("{place} {time} {action} {outcome}");
    for (name, value) in fields {
        // Writing into a string cannot fail.
        let _ = write!(text, " | {name}={value}");
    }
    text
}

fn flatten(value: &Value, name: &str, out: &mut Vec<(String, String)>) {
    let below = |map: &Map<String, Value>, out: &mut Vec<_>| {
        for (key, value) in map {
            let name = match name {
                "" => key.clone(),
                name => format!("{name}.{key}"),
            };
            flatten(value, &name, out);
        }
    };
    match value {
        Value::Object(map) => below(map, out),
        Value::String(text) => out.push((name.to_owned(), text.escape_debug().to_string())),
        other => out.push((name.to_owned(), other.to_string())),
    }
}

#[test]
fn what_is_read_of_the_samples_is_what_was_reviewed() {
    for (name, path) in samples() {
        let output = Command::new(env!("CARGO_BIN_EXE_yomawari"))
            .args(["parse", "--rejects", "--year", "2026", "--lang", "en"])
            .args(["--timezone", "Asia/Tokyo"])
            .arg(&path)
            .output()
            .expect("the program starts");
        let text = String::from_utf8(output.stdout).expect("JSON is UTF-8");
        let lines: Vec<String> = text.lines().map(reviewed).collect();
        let file = path.file_stem().expect("a sample has a name");
        let snapshot = format!("{name}-{}", file.to_string_lossy());
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(snapshot, lines.join("\n"));
        });
    }
}
