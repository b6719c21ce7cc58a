//! An alert that does not stand any more reaches the sinks as its last revision, with its state.

use serde_json::Value;

use super::night::{house, keys, scan, waiting};

fn objects(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect()
}

#[test]
fn what_is_taken_back_is_brought_once_with_its_state() {
    let sinks = "  - { name: file, type: ndjson, path: out.ndjson }";
    let house = house(sinks);
    let first = scan(&house);
    let burst = objects(&first.out);
    let burst = burst
        .iter()
        .find(|alert| alert["rule"]["name"] == "failed-login-burst");
    let burst = burst.expect("a burst");
    let brought = objects(&house.text("out.ndjson"));
    assert!(brought.iter().all(|alert| alert.get("state").is_none()));
    // By a higher threshold nothing of it is left.
    let config =
        house.text("yomawari.yaml") + "rules: { set: { failed-login-burst: { threshold: 30 } } }\n";
    house.put("yomawari.yaml", config);
    let second = scan(&house);
    assert!(keys(&second).is_empty(), "{}", second.out);
    let all = objects(&house.text("out.ndjson"));
    let gone: Vec<&Value> = all[brought.len()..].iter().collect();
    assert_eq!(gone.len(), 1, "{gone:?}");
    assert_eq!(gone[0]["state"], "retracted");
    for same in ["id", "revision", "count", "key"] {
        assert_eq!(gone[0][same], burst[same], "{same}");
    }
    assert_eq!(waiting(&house, "file"), 0);
    let third = scan(&house);
    assert!(third.out.is_empty());
    assert_eq!(
        objects(&house.text("out.ndjson")).len(),
        all.len(),
        "it is said once"
    );
}
