//! Guards the examples of `docs/nightly`: the commands in units and crontab are commands of this
//! program, and systemd, where it is installed, has nothing to say against the units. Whether they
//! run is for `docs/nightly/try.sh`, which needs a computer made for it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use yomawari::cli::args::Arguments;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/nightly")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).expect(name)
}

/// The words of every call of the program in a text: from its name to the end of the line.
fn calls(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let calls = lines.flat_map(|line| {
        let places: Vec<usize> = line
            .match_indices("yomawari ")
            .map(|(at, _)| at)
            .filter(|at| line[..*at].ends_with("/usr/local/bin/") || line[..*at].ends_with("&& "))
            .collect();
        places.into_iter().map(move |at| &line[at..])
    });
    let words = |call: &str| {
        let call = call
            .replace("$$week", "2026-W47")
            .replace("$week", "2026-W47");
        let words = call.split_whitespace();
        words
            .map(|word| word.trim_matches(['"', '\'']).to_owned())
            .collect()
    };
    calls.map(words).collect()
}

#[test]
fn the_commands_are_commands_of_this_program() {
    for (name, count) in [
        ("yomawari-scan.service", 1),
        ("yomawari-report.service", 1),
        ("mail.conf", 1),
        ("yomawari-serve.service", 1),
        ("yomawari.cron", 2),
    ] {
        let calls = calls(&text(name));
        assert_eq!(calls.len(), count, "{name}: {calls:?}");
        for call in calls {
            let read = <Arguments as clap::Parser>::try_parse_from(&call);
            assert!(
                read.is_ok(),
                "{name}: {call:?}: {}",
                read.expect_err("a slip")
            );
        }
    }
}

#[test]
fn units_and_crontab_run_the_same_commands() {
    let (cron, scan, report) = (
        calls(&text("yomawari.cron")),
        calls(&text("yomawari-scan.service")),
        calls(&text("yomawari-report.service")),
    );
    assert_eq!(cron, [scan, report].concat());
}

#[test]
fn systemd_has_nothing_to_say_against_the_units() {
    let scratch = tempfile::tempdir().expect("a folder");
    let program = env!("CARGO_BIN_EXE_yomawari");
    let mut units = Vec::new();
    for name in [
        "scan.service",
        "scan.timer",
        "report.service",
        "report.timer",
        "serve.service",
    ] {
        let name = format!("yomawari-{name}");
        // Where the program is not installed, its path is one thing that systemd says.
        let unit = text(&name).replace("/usr/local/bin/yomawari", program);
        let path = scratch.path().join(name);
        std::fs::write(&path, unit).expect("the folder is writable");
        units.push(path);
    }
    let said = Command::new("systemd-analyze")
        .arg("verify")
        .args(&units)
        .output();
    let Ok(said) = said else {
        let _ = writeln!(
            std::io::stderr(),
            "skipped: no systemd-analyze is installed"
        );
        return;
    };
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    let ours: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("yomawari"))
        .collect();
    assert!(ours.is_empty(), "{ours:?}");
}
