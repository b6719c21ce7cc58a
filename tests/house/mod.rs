//! A small hospital in a temporary folder: writes its files, runs the program over them and
//! reads what it says.
//!
//! Takes file names with contents; gives alerts, the ledger and bare outputs. Never looks inside
//! the program.

// Each test file uses the part it needs.
#![allow(dead_code)]

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A folder that goes away with the test.
pub struct House {
    folder: TempDir,
}

/// What one run left behind.
pub struct Ran {
    /// Exit status.
    pub status: i32,
    /// Standard output, byte for byte.
    pub out: Vec<u8>,
    /// Standard error.
    pub err: String,
}

impl House {
    /// An empty folder.
    pub fn empty() -> House {
        House {
            folder: TempDir::new().expect("a temporary folder can be made"),
        }
    }

    /// A folder with these files.
    pub fn with(files: &[(&str, &[u8])]) -> House {
        let house = House::empty();
        for (name, bytes) in files {
            house.write(name, bytes);
        }
        house
    }

    /// Writes a file, and the folders above it.
    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        let folder = path.parent().expect("a file lies in a folder");
        fs::create_dir_all(folder).expect("a folder can be made");
        fs::write(path, bytes).expect("a file can be written");
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the program inside the folder.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, b"")
    }

    /// Runs the program inside the folder with something on standard input.
    pub fn run_with(&self, arguments: &[&str], stdin: &[u8]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_yomawari"))
            .current_dir(self.path())
            .env("TZ", "Asia/Tokyo")
            .args(arguments)
            .args(["--lang", "en"])
            .write_stdin(stdin)
            .output()
            .expect("the program starts");
        Ran {
            status: output.status.code().unwrap_or(-1),
            out: output.stdout,
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Runs `scan` with these arguments and gives the alerts; fails unless it ends with 0.
    pub fn scan(&self, arguments: &[&str]) -> Vec<Value> {
        let scan = ["scan", "--output-format", "ndjson"];
        let ran = self.run(&[&scan, arguments].concat());
        assert_eq!(ran.status, 0, "{}", ran.err);
        ran.lines()
    }
}

impl Ran {
    /// Standard output as JSON lines.
    pub fn lines(&self) -> Vec<Value> {
        let text = std::str::from_utf8(&self.out).expect("JSON lines are UTF-8");
        let line = |l| serde_json::from_str(l).expect("each line is a JSON object");
        text.lines().map(line).collect()
    }
}

/// The JSON of a file.
pub fn json(path: &Path) -> Value {
    let bytes = fs::read(path).expect("the file was written");
    serde_json::from_slice(&bytes).expect("the file holds JSON")
}

/// Rule, key, count, first and last time of an alert, on one line.
pub fn line_of(alert: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let key = alert["key"].as_object().expect("a key is an object");
    let key: Vec<String> = key.values().map(text).collect();
    format!(
        "{} {} {} {} {}",
        text(&alert["rule"]["name"]),
        key.join("+"),
        alert["count"],
        text(&alert["start"]),
        text(&alert["end"])
    )
}

/// Alerts on one line each, sorted.
pub fn lines_of(alerts: &[Value]) -> Vec<String> {
    let mut lines: Vec<String> = alerts.iter().map(line_of).collect();
    lines.sort();
    lines
}
