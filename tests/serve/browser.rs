//! The pages in a browser, where one is installed: no complaint on its console, nothing asked of
//! any other place, and an alert closed by a click.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::hostile::hostile_house;
use super::keeper::{house, id_of, on_store};
use super::served::Served;

/// Says that a test was passed over, past the test runner's own capture.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

/// What a walk through the pages came to; `None` where there is nothing to walk with.
fn walk(served: &Served, alert: &str) -> Option<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/browser.mjs");
    let ran = Command::new("node")
        .arg(script)
        .args([&served.address, alert])
        .output();
    let Ok(ran) = ran else {
        skipped("no node is installed, the pages are not walked through");
        return None;
    };
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    if said.starts_with("skipped") {
        skipped(said.trim().trim_start_matches("skipped: "));
        return None;
    }
    let failed = String::from_utf8_lossy(&ran.stderr);
    Some(serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}{failed}")))
}

/// Holds what is true of every walk.
fn is_quiet(walked: &Value) {
    // The first page is asked for without the token, and refused.
    let refused =
        "Failed to load resource: the server responded with a status of 401 (Unauthorized)";
    assert_eq!(walked["console"], serde_json::json!([refused]));
    assert_eq!(walked["thrown"], 0);
    assert_eq!(walked["outside"], serde_json::json!([]));
    for step in walked["steps"].as_array().expect("steps") {
        assert_eq!(step["styled"], true, "{step}");
    }
}

#[test]
fn an_alert_is_closed_by_a_click_and_the_console_is_silent() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let served = Served::with(&house, &["--lang", "ja"]);
    let Some(walked) = walk(&served, &id) else {
        return;
    };
    is_quiet(&walked);
    let step = |name: &str| {
        let steps = walked["steps"].as_array().expect("steps");
        steps.iter().find(|step| step["name"] == name).expect(name)
    };
    assert_eq!(
        step("list")["address"],
        served.at("/alerts"),
        "the token left the address"
    );
    assert_eq!(step("alert")["scripts"], 0);
    assert_eq!(step("closed")["at"], format!("/alert/{id}?closed=1"));
    assert_eq!(step("closed")["said"], "○ 判断を記録しました。");
    let runs = on_store(&house, &["runs", "list"]).out;
    assert!(runs.contains("alerts close"), "{runs}");
}

#[test]
fn hostile_words_do_nothing_in_a_browser() {
    let (house, ids) = hostile_house();
    let served = Served::start(&house);
    let Some(walked) = walk(&served, ids.last().expect("an alert")) else {
        return;
    };
    is_quiet(&walked);
}
