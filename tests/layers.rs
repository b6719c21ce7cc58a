//! Guards the floor plan: a room uses only the rooms above it in `src/lib.rs`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms in reading order, as `src/lib.rs` lists them.
fn rooms() -> Vec<String> {
    let text = fs::read_to_string("src/lib.rs").expect("the library exists");
    text.lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect()
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a source folder is readable") {
        let path = entry.expect("an entry is readable").path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// The rooms a file names as `crate::room`.
fn used(text: &str) -> BTreeSet<String> {
    text.match_indices("crate::")
        .map(|(at, found)| {
            let rest = &text[at + found.len()..];
            rest.chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect::<String>()
        })
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn rooms_use_only_rooms_above_them() {
    let rooms = rooms();
    assert!(rooms.len() > 10, "the floor plan was read");
    let rank = |name: &str| rooms.iter().position(|r| r == name);
    let mut files = Vec::new();
    sources(Path::new("src"), &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix("src").expect("it lies there");
        let first = inside
            .iter()
            .next()
            .expect("it has a name")
            .to_string_lossy();
        let Some(own) = rank(first.trim_end_matches(".rs")) else {
            continue;
        };
        let text = fs::read_to_string(&file).expect("a source file is readable");
        for name in used(&text) {
            match rank(&name) {
                Some(other) if other > own => {
                    wrong.push(format!(
                        "{} uses {name}, which lies below it",
                        file.display()
                    ));
                }
                None => wrong.push(format!("{} uses crate::{name}, no room", file.display())),
                Some(_) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_has_a_sign_and_a_file() {
    for room in rooms() {
        let file = [format!("src/{room}.rs"), format!("src/{room}/mod.rs")]
            .into_iter()
            .find(|f| Path::new(f).is_file())
            .unwrap_or_else(|| panic!("room {room} has a file"));
        let text = fs::read_to_string(&file).expect("it is readable");
        assert!(text.starts_with("//!"), "{file} begins with its sign");
    }
}
