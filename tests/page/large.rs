//! A page stays small whatever the week held: lists are bounded, and what is left out is counted.

use super::folder::House;
use super::hospital::{MONDAY, NOW};

/// A store with the counts of a large hospital: some hundred thousand rows, tens of millions of
/// events.
pub fn house() -> House {
    let house = House::new();
    drop(yomawari::store::Store::open(&house.at("yomawari.db")).expect("a store"));
    let mut store = rusqlite::Connection::open(house.at("yomawari.db")).expect("a database");
    let change = store.transaction().expect("nobody else writes");
    let entry = serde_json::json!({
        "command": "scan", "version": "0", "began": (MONDAY + 7) * 86_400_000_000_000i64,
        "ended": 0, "plan": [], "inputs": [], "alerts": [0, 0, 0], "alerts_digest": "", "note": "",
    });
    let batch = format!(
        "INSERT INTO runs VALUES (1, 0, 0, '{entry}', '', '');
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)
         INSERT INTO count_names SELECT i, CASE WHEN i <= 5 THEN 'source' WHEN i <= 60 THEN 'ward' ELSE 'name' END || i FROM n;
         WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 5),
              h (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM h WHERE i < 1679)
         INSERT INTO count_hours SELECT s.i, ({MONDAY} - 63) * 24 + h.i, a.value, k.value, 400
             FROM s, h, json_each('[\"login\",\"chart-view\",\"chart-edit\",\"order\",\"print\",\"config-change\"]') a,
             json_each('[0,8,24,40]') k;
         WITH RECURSIVE u (i) AS (SELECT 61 UNION ALL SELECT i + 1 FROM u WHERE i < 3060),
              d (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM d WHERE i < 6)
         INSERT INTO count_users SELECT 1, {MONDAY} + d.i, u.i, 6 + u.i % 54, k.value, 700
             FROM u, d, json_each('[0,24,40,56]') k;
         WITH RECURSIVE u (i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM u WHERE i < 3000),
              d (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM d WHERE i < 6)
         INSERT INTO count_terminals SELECT 1, {MONDAY} + d.i, u.i, 6 + u.i % 54, k.value, 700
             FROM u, d, json_each('[0,24,40,56]') k;
         WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 5),
              d (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM d WHERE i < 69)
         INSERT INTO count_days SELECT s.i, {MONDAY} - 63 + d.i, 400000, 400000, 3, 2, 9000, 90, 1, 1, 1, 1, 1, 0, 0 FROM s, d;
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
         INSERT INTO seen SELECT k.value, 'name' || i, 'source1', ({MONDAY} - i % 200) * 86400000000000,
             ({MONDAY} + 6 - i % 190) * 86400000000000, 0, 1 FROM n, json_each('[\"account\",\"terminal\",\"mac\"]') k;"
    );
    change.execute_batch(&batch).expect("the tables are there");
    change.commit().expect("a commit");
    house
}

#[test]
fn a_large_week_makes_a_small_page() {
    let house = house();
    for form in ["html", "json", "md"] {
        let ran = house.run(&[
            "report",
            "--store",
            "yomawari.db",
            "--now",
            NOW,
            "--format",
            form,
        ]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert!(ran.out.len() < 500_000, "{form}: {} bytes", ran.out.len());
        if form == "json" {
            let told: serde_json::Value = serde_json::from_str(&ran.out).expect("one document");
            assert_eq!(told["examined"]["records"]["now"], 7 * 5 * 400_000);
            assert!(
                told["changes"]["devices"]["total"]
                    .as_u64()
                    .expect("a number")
                    > 100
            );
            assert!(
                told["changes"]["devices"]["first"]
                    .as_array()
                    .expect("a list")
                    .len()
                    <= 20
            );
        }
    }
}
