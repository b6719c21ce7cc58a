//! Real rsyslogd and logrotate, where they are installed; elsewhere the scripts say that they skip.

#![cfg(unix)]

use std::io::Write as _;
use std::process::Command;

fn runs(script: &str) {
    let path = format!("{}/tests/watch/{script}", env!("CARGO_MANIFEST_DIR"));
    let ran = Command::new("sh")
        .args([&path, env!("CARGO_BIN_EXE_yomawari")])
        .output()
        .expect("a shell");
    let out = String::from_utf8_lossy(&ran.stdout);
    let err = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{out}\n{err}");
    assert!(out.contains("well: ") || out.contains("skipped: "), "{out}");
    if out.contains("skipped: ") {
        // Past the harness, which hides what a test that passed says.
        let _ = writeln!(std::io::stderr(), "{script}: {}", out.trim());
    }
}

#[test]
fn a_real_rsyslogd_feeds_a_watch() {
    runs("rsyslog.sh");
}

#[test]
fn a_real_logrotate_rotates_what_a_watch_follows() {
    runs("logrotate.sh");
}
