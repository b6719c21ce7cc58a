//! What may leave the house, and what acts nowhere.

use super::night::{house, scan, warnings};

const HEADINGS: &str = "日時,利用者ID,利用者名,端末名,IPアドレス,操作,患者ID,結果\r\n";

/// Nine failures, each from another terminal, with a password in the place of the id.
fn typed() -> String {
    let rows = (0..9).map(|i| {
        format!("2026-11-17 10:01:{i:02},Hunter-2024,,pc{i},10.20.1.{i},ログイン,,失敗\r\n")
    });
    HEADINGS.to_owned() + &rows.collect::<String>()
}

#[test]
fn ids_alone_leave_the_house_unless_the_config_says_otherwise() {
    let house = house(
        "- { name: ids, type: ndjson, path: ids.ndjson }\n\
         - { name: all, type: ndjson, path: all.ndjson, names: true }",
    );
    house.put("typed.csv", typed());
    let ran = house.run(&[
        "scan",
        "ehr.csv",
        "typed.csv",
        "-q",
        "--output-format",
        "ndjson",
    ]);
    assert_eq!((ran.status, warnings(&ran)), (0, 0), "{}", ran.err);
    let (ids, all) = (house.text("ids.ndjson"), house.text("all.ndjson"));
    assert_eq!(all, ran.out);
    assert_eq!(ids.lines().count(), all.lines().count());
    for secret in ["夜間花子", "日中太郎", "unter", "カルテ参照"] {
        assert!(!ids.contains(secret), "{secret}: {ids}");
    }
    assert!(
        all.contains("夜間花子") && all.contains("hunter-2024"),
        "{all}"
    );
    // An account that was seen at work is known; what was only typed shows two characters.
    assert!(ids.contains("\"user.account\":\"n7\""), "{ids}");
    assert!(ids.contains("hu…(11)"), "{ids}");
}

#[test]
fn hostile_text_reaches_no_sink_raw() {
    let evil = "\u{1b}[2J\u{202e}\u{9b}31m|=]\\";
    let house = house("- { name: f, type: ndjson, path: a.ndjson, names: true }");
    let mut rows = HEADINGS.to_owned();
    for i in 0..4 {
        rows += &format!(
            "2026-11-16 02:0{i}:07,n7{evil},{evil},pc3,10.20.1.3,カルテ参照,p{i},成功\r\n"
        );
    }
    house.put("ehr.csv", rows);
    scan(&house);
    let text = house.text("a.ndjson");
    assert!(text.contains("n7"), "{text}");
    let acts = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    assert!(!text.chars().any(acts), "{text}");
}
