//! Who reviewed a week stands in the run record and on the page of that week.

use super::hospital::{NOW, hospital, numbers, page, report};

#[test]
fn a_signed_week_says_so_and_others_do_not() {
    let house = hospital();
    let head = numbers(&house, &[])["account"]["head"]
        .as_str()
        .expect("a head")
        .to_owned();
    let sign = [
        "report",
        "sign",
        "--by",
        "佐藤 <b>",
        "--note",
        "異常なし",
        "--now",
        NOW,
    ];
    let ran = house.run(&sign);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        ran.out.contains("2026-W47 reviewed by 佐藤 <b>"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains(&head), "{}", ran.out);
    let told = numbers(&house, &[]);
    let signature = &told["signatures"][0];
    assert_eq!(signature["by"], "佐藤 <b>");
    assert_eq!(signature["note"], "異常なし");
    assert_eq!(signature["head"], head.as_str());
    assert_eq!(signature["changed_since"], 0);
    let signed = page(&house, &["--lang", "ja"]);
    assert!(
        signed.contains("佐藤 &lt;b&gt; が 2026-11-23 07:00 に確認しました"),
        "not on the page"
    );
    assert!(
        numbers(&house, &["--week", "2026-W46"])["signatures"]
            .as_array()
            .expect("a list")
            .is_empty()
    );
    // The record stays whole, and the signed head leads to its run.
    let verified = house.run(&["runs", "verify", "--head", &head]);
    assert!(
        verified.out.contains("the head is that of run 1"),
        "{}",
        verified.out
    );
}

#[test]
fn what_changes_after_a_signature_is_said() {
    let house = hospital();
    let ran = house.run(&["report", "sign", "--by", "佐藤", "--now", NOW]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let mut more = house.text("ehr.csv");
    more.push_str("2026-11-19 02:14:07,n1,夜間花子1,外来,pc1,カルテ参照,p1,成功\n");
    house.put("ehr.csv", more);
    let ran = house.run(&["scan", "-q", "-o", "alerts.ndjson"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let signature = numbers(&house, &[])["signatures"][0].clone();
    assert_ne!(signature["changed_since"], 0, "{signature}");
    assert!(page(&house, &[]).contains("are new or have changed"));
}

#[test]
fn a_signature_needs_a_name_and_a_broken_record_is_said() {
    let house = hospital();
    let ran = house.run(&["report", "sign", "--by", " ", "--now", NOW]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("--by is empty"), "{}", ran.err);
    let store = rusqlite::Connection::open(house.at("yomawari.db")).expect("a database");
    let sql = "UPDATE runs SET digest = 'x' WHERE number = 1";
    store.execute(sql, []).expect("an update");
    drop(store);
    let ran = house.run(&["report", "sign", "--by", "佐藤", "--now", NOW]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(ran.err.contains("broken at entry 1"), "{}", ran.err);
    assert!(
        report(&house, &[])
            .out
            .contains("The run record is broken at entry 1")
    );
}
