//! The page in a browser, where one is installed: no complaint on its console, nothing that leaves
//! the page, a PDF with pages, and no serious finding of a check for accessibility.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::folder::House;
use super::hospital::{NOW, hospital, report};
use super::{extracts, hostile, maintenance};

/// Says that a test was passed over, past the test runner's own capture.
fn skipped(why: &str) {
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

fn browser() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let found = names
        .iter()
        .find_map(|name| folders.iter().map(|f| f.join(name)).find(|f| f.is_file()));
    if found.is_none() {
        skipped("no chromium is installed, the page is not shown");
    }
    found
}

/// What the browser says about a page, with its console.
fn shown(browser: &Path, house: &House, page: &str, words: &[&str]) -> String {
    let profile = house.at("profile");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        // Whatever would leave the page fails, and the console says so.
        .args([
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--enable-logging=stderr",
            "--v=0",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(words)
        .arg(format!("file://{}", house.at(page).display()))
        .current_dir(house.at(""))
        .output()
        .expect("the browser starts");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn console(said: &str) -> Vec<&str> {
    said.lines()
        .filter(|line| line.contains("CONSOLE"))
        .collect()
}

#[test]
fn a_browser_has_nothing_to_complain_about_and_prints_pages() {
    let Some(browser) = browser() else { return };
    let house = hospital();
    for lang in ["ja", "en"] {
        let ran = report(&house, &["-o", "page.html", "--lang", lang]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        let pdf = format!("--print-to-pdf={}", house.at("page.pdf").display());
        let said = shown(
            &browser,
            &house,
            "page.html",
            &["--no-pdf-header-footer", &pdf],
        );
        assert!(console(&said).is_empty(), "{:?}", console(&said));
        let bytes = house.bytes("page.pdf");
        assert!(bytes.starts_with(b"%PDF") && bytes.len() > 20_000, "{said}");
        std::fs::remove_file(house.at("page.pdf")).expect("it was there");
    }
}

#[test]
fn a_browser_has_nothing_to_complain_about_in_answers_from_the_logs() {
    let Some(browser) = browser() else { return };
    for house in [extracts::house(), extracts::hostile()] {
        for question in [
            &["report", "maintenance"][..],
            &["report", "patient", "00000012"],
            &["report", "patient", "p1"],
        ] {
            let words = ["--names", "-o", "page.html", "--now", NOW];
            assert_eq!(house.run(&[question, &words].concat()).status, 0);
            let pdf = format!("--print-to-pdf={}", house.at("page.pdf").display());
            let said = shown(&browser, &house, "page.html", &[&pdf]);
            assert!(console(&said).is_empty(), "{:?}", console(&said));
            assert!(house.bytes("page.pdf").starts_with(b"%PDF"), "{said}");
            std::fs::remove_file(house.at("page.pdf")).expect("it was there");
        }
    }
}

#[test]
fn hostile_text_does_nothing_in_a_browser() {
    let Some(browser) = browser() else { return };
    let house = hostile::house();
    let words = [
        "report",
        "--now",
        NOW,
        "--week",
        "2026-W47",
        "--names",
        "-o",
        "page.html",
    ];
    assert_eq!(house.run(&words).status, 0);
    let picture = format!("--screenshot={}", house.at("page.png").display());
    let said = shown(
        &browser,
        &house,
        "page.html",
        &[&picture, "--window-size=1000,3000"],
    );
    assert!(console(&said).is_empty(), "{:?}", console(&said));
    assert!(house.bytes("page.png").len() > 1_000);
}

#[test]
fn a_check_for_accessibility_finds_nothing_serious() {
    let house = hospital();
    for (page, lang) in [("ja.html", "ja"), ("en.html", "en")] {
        let ran = report(&house, &["-o", page, "--lang", lang]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        is_accessible(&house.at(page));
    }
    let house = maintenance::house();
    let words = [
        "report",
        "--week",
        "2026-W46",
        "--lang",
        "ja",
        "-o",
        "page.html",
    ];
    assert_eq!(house.run(&words).status, 0);
    is_accessible(&house.at("page.html"));
    for question in [
        &["report", "maintenance"][..],
        &["report", "patient", "00000012"],
    ] {
        for lang in ["ja", "en"] {
            let words = ["--names", "--lang", lang, "-o", "answer.html"];
            assert_eq!(house.run(&[question, &words].concat()).status, 0);
            is_accessible(&house.at("answer.html"));
        }
    }
}

fn is_accessible(page: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/page/axe.mjs");
    let checked = Command::new("node").arg(script).arg(page).output();
    let Ok(checked) = checked else {
        return skipped("no node is installed, accessibility is not checked");
    };
    let said = String::from_utf8_lossy(&checked.stdout).into_owned();
    if said.starts_with("skipped") {
        return skipped(said.trim().trim_start_matches("skipped: "));
    }
    assert!(
        checked.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&checked.stderr)
    );
}
