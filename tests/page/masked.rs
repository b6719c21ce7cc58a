//! A masked report names nobody, and whoever has the key can ask whom a pseudonym means.

use super::hospital::{STORE, hospital, numbers, page};

#[test]
fn a_masked_report_holds_no_id_and_no_name() {
    let house = hospital();
    let page = page(&house, &["--mask", "--lang", "ja"]);
    assert!(page.contains("個人は仮名で表しています"));
    assert!(page.contains("S-"));
    assert!(!page.contains("夜間花子"));
    assert!(!page.contains("画面が遅い"), "free words may name anybody");
    for user in 0..9 {
        for before in ["ID ", "ID", ">", "、", "（"] {
            let told = format!("{before}n{user}");
            for after in ["<", "（", "、", " ", "："] {
                assert!(!page.contains(&format!("{told}{after}")), "{told}{after}");
            }
        }
    }
    let told = numbers(&house, &["--mask"]);
    let text = told.to_string();
    for user in 0..9 {
        assert!(!text.contains(&format!("\"n{user}\"")), "n{user}");
        assert!(!text.contains(&format!("n{user} ")), "n{user}");
    }
    let key = house.text("yomawari.db.key");
    assert!(!page.contains(key.trim()) && !text.contains(key.trim()));
    // Three people are in a department: too few for figures of their own.
    let rows = told["pictures"]["departments"]["first"]
        .as_array()
        .expect("rows");
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert!(rows[0]["name"].is_null());
}

#[test]
fn pseudonyms_stay_the_same_with_the_same_key() {
    let house = hospital();
    let account = |words: &[&str]| {
        numbers(&house, words)["changes"]["leavers"]["first"][0]["account"].clone()
    };
    let first = account(&["--mask"]);
    assert_eq!(first, account(&["--mask"]));
    assert_ne!(first, account(&["--mask", "--key", "other.key"]));
    house.put("bad.key", "not a key");
    let ran = house.run(&["report", "--mask", "--key", "bad.key"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("holds no key"), "{}", ran.err);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(house.at("yomawari.db.key"))
            .expect("a key")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn revealing_is_written_down_before_it_is_answered() {
    let house = hospital();
    let leaver = numbers(&house, &["--mask"])["changes"]["leavers"]["first"][0]["account"].clone();
    let leaver = leaver.as_str().expect("a pseudonym");
    let ran = house.run(&["reveal", leaver, "--key", "yomawari.db.key"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(ran.out, format!("{leaver} n4 夜間花子4\n"));
    let runs = house.run(&["runs", "list", "--output-format", "json"]).out;
    let last = runs.lines().last().expect("a run");
    assert!(last.contains("reveal") && last.contains(leaver), "{last}");
    assert!(!last.contains("n4") && !last.contains("夜間花子"), "{last}");
    let ran = house.run(&[
        "reveal",
        "S-0000000000",
        "--key",
        "yomawari.db.key",
        "--store",
        STORE,
    ]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("stands for nobody"), "{}", ran.err);
    let ran = house.run(&["reveal", "n4", "--key", "yomawari.db.key"]);
    assert!(ran.err.contains("is no pseudonym"), "{}", ran.err);
}
