//! What arrives is what `report` writes, for those the config names and nobody else.

use std::sync::mpsc::Receiver;

use super::folder::{House, Ran};
use super::hospital::{NOW, hospital};
use super::letter::Letter;
use super::server::{Got, Manners, soon, start};

/// The hospital with a `mail:` in its config.
pub fn with_mail(port: u16, mail: &str) -> House {
    let house = hospital();
    let config = house.text("yomawari.yaml")
        + &format!("mail: {{ port: {port}, from: '夜回り <yomawari@sakura.example>', {mail} }}\n");
    house.put("yomawari.yaml", config);
    house
}

/// Sends the page of week 47.
pub fn mail(house: &House, words: &[&str]) -> Ran {
    let all = ["report", "--mail", "--now", NOW, "--week", "2026-W47"];
    house.run(&[&all, words].concat())
}

/// What the page is when it is written.
fn page(house: &House, words: &[&str]) -> Vec<u8> {
    let all = [
        "report",
        "--now",
        NOW,
        "--week",
        "2026-W47",
        "-o",
        "page.html",
    ];
    let ran = house.run(&[&all, words].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    house.bytes("page.html")
}

fn plain() -> (u16, Receiver<Got>) {
    start(Manners::default())
}

#[test]
fn the_page_and_its_sentences_arrive() {
    let (port, got) = plain();
    let house = with_mail(
        port,
        "server: 127.0.0.1, tls: none, to: ['安全 太郎 <officer@sakura.example>']",
    );
    let page = page(&house, &["--lang", "ja"]);
    let ran = mail(&house, &["--lang", "ja"]);
    assert_eq!((ran.status, ran.out.as_str()), (0, ""), "{}", ran.err);
    assert_eq!(ran.err, "報告書を送りました: officer@sakura.example\n");
    let got = soon(&got);
    assert_eq!(got.from, "yomawari@sakura.example");
    assert_eq!(got.to, ["officer@sakura.example"]);
    assert_eq!((got.encrypted, got.user), (false, None));
    let letter = Letter::read(&got.data);
    assert_eq!(
        letter.header("subject"),
        "夜回り週報 2026年第47週（11月16日〜11月22日） さくら総合病院"
    );
    assert!(letter.header("from").contains("夜回り"));
    assert!(
        letter.header("to").contains("安全 太郎"),
        "{}",
        letter.header("to")
    );
    let [text, attached] = &letter.parts[..] else {
        panic!("two parts: {:?}", letter.parts.len());
    };
    assert!(
        text.header("content-type")
            .starts_with("text/plain; charset=utf-8")
    );
    let told = text.text();
    let lines: Vec<&str> = told.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 5, "{told}");
    assert_eq!(
        lines[0],
        "さくら総合病院 2026年第47週（11月16日〜11月22日）"
    );
    assert!(lines[1].contains("を調べました"), "{told}");
    assert!(lines[2].contains("アラート"), "{told}");
    assert!(lines[3].contains("見えなかった"), "{told}");
    // The same sentences stand in the page.
    let shown = String::from_utf8(page.clone()).expect("UTF-8");
    let sentence = lines[1].trim_start_matches("△ 注意 ");
    assert!(shown.contains(sentence), "{sentence}");
    assert!(attached.header("content-type").starts_with("text/html"));
    assert!(
        attached
            .header("content-disposition")
            .contains("yomawari-2026-W47.html")
    );
    assert_eq!(attached.bytes, page);
}

#[test]
fn ids_alone_are_sent_unless_the_config_says_names() {
    let (port, got) = plain();
    let house = with_mail(port, "server: localhost, tls: none, to: [a@b.example]");
    let ran = mail(&house, &["--names"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("by mail go ids alone"), "{}", ran.err);
    assert!(ran.err.contains("yomawari.yaml:"), "{}", ran.err);
    assert_eq!(mail(&house, &[]).status, 0);
    let sent = |got: &Receiver<Got>| Letter::read(&soon(got).data).parts[1].text();
    assert!(!sent(&got).contains("夜間花子"));
    let config = house
        .text("yomawari.yaml")
        .replace("tls: none", "tls: none, names: true");
    house.put("yomawari.yaml", config);
    assert_eq!(mail(&house, &[]).status, 0);
    assert!(sent(&got).contains("夜間花子"));
    assert_eq!(mail(&house, &["--mask"]).status, 0);
    let masked = sent(&got);
    assert!(!masked.contains("夜間花子") && masked.contains("S-"));
    let runs = house.run(&["runs", "list", "--output-format", "json"]).out;
    assert_eq!(runs.matches("report --names").count(), 1, "{runs}");
    assert_eq!(runs.matches("report --mail").count(), 3, "{runs}");
    assert_eq!(house.run(&["runs", "verify"]).status, 0);
}

#[test]
fn nothing_is_sent_unless_it_is_asked_for() {
    let (port, got) = plain();
    let house = with_mail(port, "server: localhost, tls: none, to: [a@b.example]");
    let ran = house.run(&["report", "--now", NOW]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(got.try_recv().is_err());
    // With -o the page is written and sent, and nothing goes to stdout.
    let ran = mail(&house, &["-o", "week.md", "-q"]);
    assert_eq!(
        (ran.status, ran.out.as_str(), ran.err.as_str()),
        (0, "", "")
    );
    assert!(house.text("week.md").starts_with("# "));
    assert!(
        Letter::read(&soon(&got).data).parts[1]
            .text()
            .contains("<!DOCTYPE html>")
    );
}

#[test]
fn the_same_page_is_the_same_message() {
    let (port, got) = plain();
    let house = with_mail(
        port,
        "server: localhost, tls: none, to: [a@b.example, c@d.example]",
    );
    let name = || Letter::read(&soon(&got).data).header("message-id");
    assert_eq!(mail(&house, &["--lang", "en"]).status, 0);
    let (first, second) = (name(), name());
    assert_eq!(first, second);
    assert!(first.starts_with("<yomawari.2026-W47.") && first.ends_with("@sakura.example>"));
    assert_eq!(mail(&house, &["--lang", "ja"]).status, 0);
    assert_ne!(name(), first);
}

#[test]
fn the_way_is_encrypted_and_the_password_comes_from_its_file() {
    let ca = include_bytes!("certificates/ca.pem");
    let login = Some(("yomawari", "geheim-42"));
    for (whole, tls) in [(false, "starttls"), (true, "tls")] {
        let (port, got) = start(Manners {
            whole,
            starttls: !whole,
            login,
            ..Manners::default()
        });
        let house = with_mail(
            port,
            &format!(
                "server: localhost, tls: {tls}, ca: ca.pem, user: yomawari, password_file: secret, to: [a@b.example]"
            ),
        )
        .with("ca.pem", ca)
        .with("secret", "geheim-42\n");
        let ran = mail(&house, &[]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        let got = soon(&got);
        assert!(got.encrypted);
        assert_eq!(got.user.as_deref(), Some("yomawari"));
    }
}
