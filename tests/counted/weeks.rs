//! Eight weeks of a hospital through the program, and what the page reads of them.

use super::hospital::{Answer, DAYS, FIRST, Hospital, planted};
use super::house::House;
use super::page::{number, rows};

/// The views of a store in the form of an answer.
fn told(house: &House) -> Answer {
    let store = house.path().join("y.db");
    let counts = |sql: &str| {
        let split = |row: String| {
            let (words, count) = row.rsplit_once('|').expect("words and a count");
            (words.to_owned(), count.parse().expect("a count"))
        };
        rows(&store, sql).into_iter().map(split).collect()
    };
    let days = "SELECT source, day, records, events, rejects, untrusted, logins, failed_logins,
        with_user, with_patient, with_terminal, with_outcome, with_time, traffic FROM days";
    let days = rows(&store, days).into_iter().map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        let figures: Vec<u64> = cells[2..]
            .iter()
            .map(|c| c.parse().expect("a figure"))
            .collect();
        (
            cells[..2].join("|"),
            figures.try_into().expect("twelve figures"),
        )
    });
    Answer {
        hours: counts("SELECT * FROM hours"),
        users: counts("SELECT * FROM users"),
        terminals: counts("SELECT * FROM terminals"),
        days: days.collect(),
    }
}

#[test]
fn eight_weeks_tell_what_was_planted() {
    let hospital = Hospital::new(7, 1);
    let house = House::empty();
    hospital.write_house(house.path());
    let store = house.path().join("y.db");
    for week in (FIRST..FIRST + DAYS).step_by(7) {
        for day in week..week + 7 {
            hospital.write_day(house.path(), day);
        }
        let ran = house.run(&[
            "scan",
            "--store",
            "y.db",
            "--no-progress",
            "--output-format",
            "ndjson",
        ]);
        assert_eq!(ran.status, 0, "{}", ran.err);
        if week == FIRST {
            let expected = hospital.answer(FIRST..FIRST + 7);
            assert_eq!(told(&house).against(&expected), [""; 0]);
        }
    }
    let (found, expected) = (told(&house), hospital.answer(FIRST..FIRST + DAYS));
    assert_eq!(found.against(&expected), [""; 0]);
    let silent = format!(
        "SELECT count(*) FROM days WHERE source = 'router' AND day = {}",
        planted::SILENT
    );
    assert_eq!(number(&store, &silent), 0);
    let first = "SELECT \"first\" FROM seen WHERE kind = 'device' AND value = 'pc15'";
    assert!(number(&store, first) / 86_400_000_000_000 >= planted::NEW_DEVICE - 1);
    let found = format!(
        "SELECT failed_logins FROM days WHERE source = 'ehr' AND day = {}",
        planted::BURST
    );
    assert!(number(&store, &found) >= 12);
    let size = std::fs::metadata(&store).expect("a store").len();
    assert!(size < 6 << 20, "{size} bytes");
}
