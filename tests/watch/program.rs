//! The program as it runs: fed bit by bit, heard line by line, ended by a signal.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::folder::House;

/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(150);

/// A running watch.
pub struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    lines: Receiver<Value>,
    /// All lines heard so far.
    pub heard: Vec<Value>,
    err: Option<JoinHandle<String>>,
}

/// How a watch ended.
pub struct Ended {
    pub status: ExitStatus,
    pub heard: Vec<Value>,
    pub err: String,
}

/// The clock that all runs are told, far behind the logs, so that none keeps step with it.
pub const NOW: [&str; 2] = ["--now", "2026-11-30T00:00"];

impl Running {
    /// Starts a watch in a house.
    pub fn start(house: &House, words: &[&str]) -> Running {
        Running::start_at(house, &[words, &NOW].concat())
    }

    /// The same with a clock of its own.
    pub fn start_at(house: &House, words: &[&str]) -> Running {
        let mut child = Command::new(env!("CARGO_BIN_EXE_yomawari"))
            .arg("watch")
            .args(words)
            .current_dir(house.at("."))
            .env_clear()
            .env("TZ", "Asia/Tokyo")
            .env("LANG", "en_US.UTF-8")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let out = child.stdout.take().expect("stdout is piped");
        let mut err = child.stderr.take().expect("stderr is piped");
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                // A line that is cut by a crash is none.
                if let Ok(value) = serde_json::from_str(&line) {
                    let _ = sender.send(value);
                }
            }
        });
        let err = thread::spawn(move || {
            let mut text = String::new();
            let _ = err.read_to_string(&mut text);
            text
        });
        Running {
            stdin: child.stdin.take(),
            child,
            lines,
            heard: Vec::new(),
            err: Some(err),
        }
    }

    /// Writes to its stdin; a program that is gone hears nothing.
    pub fn say(&mut self, bytes: &[u8]) {
        if let Some(stdin) = &mut self.stdin {
            let _ = stdin.write_all(bytes).and_then(|()| stdin.flush());
        }
    }

    /// Waits until a line fits; fails when none comes.
    pub fn wait_for(&mut self, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        if let Some(line) = self.heard.iter().find(|line| fits(line)) {
            return line.clone();
        }
        loop {
            match self.lines.recv_timeout(Duration::from_millis(50)) {
                Ok(line) => {
                    self.heard.push(line.clone());
                    if fits(&line) {
                        return line;
                    }
                }
                Err(RecvTimeoutError::Timeout) if begun.elapsed() < PATIENCE => {}
                Err(_) => {
                    let _ = self.child.kill();
                    let err = self.err.take().map(|err| err.join());
                    panic!("no {what} came; heard {:#?}; {err:?}", self.heard);
                }
            }
        }
    }

    /// Waits until an alert of a rule stands with a key value.
    pub fn wait_for_alert(&mut self, rule: &str, value: &str) -> Value {
        let fits = |line: &Value| {
            let key = line["key"].as_object().expect("an alert has a key");
            line["rule"]["name"] == rule && key.values().any(|v| v == value)
        };
        self.wait_for(&format!("{rule} {value}"), fits)
    }

    /// Closes its stdin and waits for the end.
    pub fn end(mut self) -> Ended {
        self.stdin = None;
        self.gather()
    }

    /// Sends a signal by name and waits for the end; stdin stays open.
    pub fn signal(mut self, name: &str) -> Ended {
        let id = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &id])
            .status();
        assert!(sent.is_ok_and(|status| status.success()), "kill -{name}");
        self.gather()
    }

    fn gather(&mut self) -> Ended {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("it is our child") {
                break status;
            }
            if begun.elapsed() > PATIENCE * 2 {
                let _ = self.child.kill();
                panic!("it did not end; heard {:#?}", self.heard);
            }
            thread::sleep(Duration::from_millis(10));
        };
        self.heard.extend(self.lines.iter());
        let err = self.err.take().map(|err| err.join().expect("it was read"));
        Ended {
            status,
            heard: std::mem::take(&mut self.heard),
            err: err.unwrap_or_default(),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// The alerts that stand, after all that was superseded and taken back.
    pub fn standing(&self) -> Vec<String> {
        let mut standing: BTreeMap<String, &Value> = BTreeMap::new();
        for line in &self.heard {
            let id = line["id"].as_str().expect("an id").to_owned();
            for gone in line["supersedes"].as_array().into_iter().flatten() {
                standing.remove(gone.as_str().expect("an id"));
            }
            match line["state"] == "retracted" {
                true => standing.remove(&id),
                false => standing.insert(id, line),
            };
        }
        told(standing.into_values())
    }

    /// Fails unless it ended in order.
    pub fn well(self) -> Ended {
        assert!(self.status.success(), "{:?}\n{}", self.status, self.err);
        self
    }
}

/// What alerts say, wherever their records stand, in an order of their own.
pub fn told<'v>(alerts: impl Iterator<Item = &'v Value>) -> Vec<String> {
    let tell = |alert: &Value| {
        let evidence = alert["evidence"].as_array().expect("a list").iter();
        let records: Vec<String> = evidence
            .map(|e| format!("{} {}", e["time"], e["sha256"]))
            .collect();
        format!(
            "{} {} {} {} {} {} {} {records:?}",
            alert["rule"]["name"],
            alert["key"],
            alert["start"],
            alert["end"],
            alert["count"],
            alert["id"],
            alert["summary"]["en"]
        )
    };
    let mut told: Vec<String> = alerts.map(tell).collect();
    told.sort();
    told
}

/// What a scan of these inputs says.
pub fn scanned(house: &House, words: &[&str], stdin: &[u8]) -> Vec<String> {
    let scan = ["scan", "--output-format", "ndjson", "-q"];
    let ran = house.run_with(&[&scan, words, &NOW].concat(), stdin);
    assert!(ran.status == 0, "{}", ran.err);
    let alerts: Vec<Value> = ran
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line is an object"))
        .collect();
    told(alerts.iter())
}
