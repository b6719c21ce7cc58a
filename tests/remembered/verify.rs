//! Whether the evidence is still as it was.

use std::io::Write as _;

use super::folder::House;
use super::keeper::{export, house, id_of, lines, on_store};

#[test]
fn an_alert_of_the_store_is_held_against_its_file() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let verify = |lang: &str| on_store(&house, &["alerts", "verify", &id, "--lang", lang]);
    let ran = verify("en");
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        ran.out
            .ends_with("records: 4, confirmed: 4, changed: 0, missing: 0\n"),
        "{}",
        ran.out
    );
    assert_eq!(ran.out.matches(" confirmed\n").count(), 4, "{}", ran.out);
    house.put("ehr.csv", export().replace("02:01:07", "02:01:08"));
    let ran = verify("ja");
    assert_eq!(ran.status, 1);
    assert!(
        ran.out
            .contains("ehr.csv:3 変化あり: 同じ位置の内容が変わっています"),
        "{}",
        ran.out
    );
    assert!(
        ran.out.contains("記録 4 件: 一致 3 件、変化あり 1 件"),
        "{}",
        ran.out
    );
    std::fs::remove_file(house.at("ehr.csv")).expect("it was there");
    assert_eq!(verify("en").status, 3);
}

#[test]
fn records_are_found_in_what_a_rotation_made_of_their_file() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let verify = |lang: &str| on_store(&house, &["alerts", "verify", &id, "--lang", lang]);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(export().as_bytes()).expect("memory");
    house.put("ehr.csv.1.gz", packed.finish().expect("memory"));
    std::fs::remove_file(house.at("ehr.csv")).expect("it was there");
    let ran = verify("en");
    assert_eq!(ran.status, 0, "{}", ran.out);
    let told = "ehr.csv:3 confirmed: it stands in ehr.csv.1.gz now\n";
    assert!(ran.out.contains(told), "{}", ran.out);
    // A new file lies at the path, and another one that was altered beside it.
    house.put("ehr.csv", export().replace("02:01:07", "03:01:07"));
    house.put("ehr.csv.2", export().replace("02:01:07", "04:01:07"));
    let ran = verify("ja");
    assert_eq!(ran.status, 0, "{}", ran.out);
    let told = "ehr.csv:3 一致: 今は ehr.csv.1.gz にあります\n";
    assert!(ran.out.contains(told), "{}", ran.out);
    // What was altered there is not taken for it.
    std::fs::remove_file(house.at("ehr.csv.1.gz")).expect("it was there");
    assert_eq!(verify("en").status, 1);
}

#[test]
fn files_are_found_beside_the_store_too() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    house.put("elsewhere/readme", "");
    let ran = house
        .command(&["alerts", "verify", &id, "--store", "../yomawari.db"])
        .current_dir(house.at("elsewhere"))
        .output()
        .expect("the program starts");
    assert_eq!(ran.status.code(), Some(0));
}

#[test]
fn a_file_of_alerts_needs_no_store() {
    let house = House::new();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(export().as_bytes()).expect("memory");
    house.put("ehr.csv.gz", packed.finish().expect("memory"));
    let ran = house.run(&["scan", "ehr.csv.gz", "-o", "a.ndjson", "--evidence", "1"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let verify = ["alerts", "verify", "a.ndjson"];
    let ran = house.run(&verify);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        ran.out.starts_with("records: "),
        "only the sum when all is well: {}",
        ran.out
    );
    assert!(ran.out.contains("are kept as evidence"), "{}", ran.out);
    let json = lines(&house.run(&[&verify[..], &["--output-format", "json"]].concat()));
    let sum = &json.last().expect("a sum")["sum"];
    assert_eq!(sum["confirmed"], sum["records"]);
    assert_eq!(
        json.len() as u64,
        sum["records"].as_u64().expect("a number") + 1
    );
    assert_eq!(json[0]["standing"], "confirmed");
    // The same records, read from a plain copy under the same name, stand where they stood.
    house.put("ehr.csv.gz", export());
    assert_eq!(house.run(&verify).status, 0);
    std::fs::remove_file(house.at("ehr.csv.gz")).expect("it was there");
    assert_eq!(house.run(&verify).status, 3);
}

#[test]
fn lines_that_are_no_alerts_are_told_at_once() {
    let house = House::new().with("a.ndjson", "{}\n\nnothing\n");
    let ran = house.run(&["alerts", "verify", "a.ndjson"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert!(
        ran.err.contains("a.ndjson:1: error: this line is no alert"),
        "{}",
        ran.err
    );
    assert!(
        ran.err.contains("a.ndjson:3: error: this line is no alert"),
        "{}",
        ran.err
    );
}
