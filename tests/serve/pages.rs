//! What the pages show: the list with its filters and search, an alert, a week; and that looking is
//! written down.

use yomawari::alert::Alert;

use super::folder::House;
use super::keeper::{DAY, MORNING, STORE, house, id_of, keep, lines, on_store, scan, text};
use super::served::Served;

/// The commands of the run record, with their notes.
fn record(house: &House) -> Vec<(String, String)> {
    let ran = on_store(house, &["runs", "list", "--output-format", "json"]);
    let all = lines(&ran).into_iter();
    all.map(|run| (text(&run["command"]), text(&run["note"])))
        .collect()
}

#[test]
fn the_list_is_what_waits_worst_first() {
    let house = house();
    let served = Served::start(&house);
    let browser = served.browser();
    let list = browser.get("/alerts").body;
    let at = |words: &str| {
        list.find(words)
            .unwrap_or_else(|| panic!("{words}: {list}"))
    };
    let ids = [
        id_of(&house, "failed-login-burst"),
        id_of(&house, "off-hours-access"),
    ];
    let mut places = ids.each_ref().map(|id| at(&format!("/alert/{id}")));
    let told = on_store(&house, &["alerts", "list", "-q"]);
    let order: Vec<String> = lines(&told).iter().map(|line| text(&line["id"])).collect();
    if order[0] != ids[0] {
        places.reverse();
    }
    assert!(places[0] < places[1]);
    assert!(list.contains("n7"));
    let ja = browser.get("/alerts?lang=ja");
    assert!(ja.shows("<html lang=\"ja\">") && ja.shows("重要度"));
    assert!(!ja.shows("user.account") && ja.shows("<span class=\"when-told\">ID</span>"));
    assert!(ja.header("set-cookie").starts_with("yomawari-lang=ja;"));
}

#[test]
fn a_filter_and_words_narrow_the_list() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let close = [
        "alerts",
        "close",
        &id,
        "--as",
        "explained",
        "--by",
        "k.sato",
    ];
    assert_eq!(on_store(&house, &close).status, 0);
    let served = Served::start(&house);
    let browser = served.browser();
    let has = |query: &str| {
        browser
            .get(&format!("/alerts?{query}"))
            .shows(&format!("/alert/{id}"))
    };
    assert!(!has("") && has("state=closed") && has("state=all"));
    for query in [
        "state=all&q=n7",
        "state=all&q=%EF%BC%AE%EF%BC%97",
        "state=all&rule=off-hours-access",
        "state=all&level=low",
        "state=all&since=2026-11-16&until=2026-11-16",
        "state=all&q=hours+n7",
        &format!("state=all&q={}", &id[..9]),
    ] {
        assert!(has(query), "{query}");
    }
    for query in [
        "state=all&q=n8",
        "state=all&q=%25",
        "state=all&rule=failed-login-burst",
        "state=all&level=critical",
        "state=all&since=2026-11-17",
        "state=all&until=2026-11-15",
        "state=open&q=n7",
    ] {
        assert!(!has(query), "{query}");
    }
    // What cannot be understood is passed over and said.
    let wrong = browser.get("/alerts?state=all&since=soon&level=x&page=-1");
    assert_eq!(wrong.status, 200);
    assert!(wrong.shows("&quot;soon&quot; is not a day") && wrong.shows(&format!("/alert/{id}")));
    let searches = record(&house)
        .into_iter()
        .filter(|(command, _)| command == "alerts search");
    let notes: Vec<String> = searches.map(|(_, note)| note).collect();
    assert_eq!(notes.len(), 7, "{notes:?}");
    assert!(
        notes[0].contains("\"asked\":\"n7\"") && notes[0].contains("\"found\":1"),
        "{}",
        notes[0]
    );
    assert_eq!(on_store(&house, &["runs", "verify"]).status, 0);
}

#[test]
fn a_long_list_has_pages() {
    let house = House::new().with("ehr.csv", super::keeper::export());
    let first = scan(&house, "ehr.csv").remove(0);
    let all: Vec<Alert> = (0..120)
        .map(|at| Alert {
            id: format!("{at:032x}"),
            start: first.start + at,
            ..first.clone()
        })
        .collect();
    keep(&house, MORNING, &all);
    let served = Served::start(&house);
    let browser = served.browser();
    let mut seen = Vec::new();
    let mut path = "/alerts?q=n".to_owned();
    for number in 1..=3 {
        let page = browser.get(&path).body;
        let ids = page.match_indices("href=\"/alert/");
        seen.extend(ids.map(|(at, found)| page[at + found.len()..][..32].to_owned()));
        assert!(page.contains(&format!("{number} / 3")), "{page}");
        let next = page.split("rel=\"next\" href=\"").nth(1);
        path = next
            .and_then(|rest| rest.split('"').next())
            .unwrap_or_default()
            .replace("&amp;", "&");
    }
    assert_eq!(path, "", "the last page leads nowhere");
    let newest_first: Vec<String> = (0..120).rev().map(|at| format!("{at:032x}")).collect();
    assert_eq!(seen, newest_first);
    assert!(browser.get("/alerts?page=99").shows("3 / 3"));
}

#[test]
fn an_alert_is_told_as_show_tells_it_and_the_look_is_written_down() {
    let house = house().with("yomawari.yaml", "registers: { staff: staff.csv }\n");
    house.put("staff.csv", "職員番号,氏名,部署\nn7,夜間花子,3西\n");
    let id = id_of(&house, "off-hours-access");
    let served = Served::start(&house);
    let got = served.browser().get(&format!("/alert/{}", &id[..12]));
    assert_eq!(got.status, 200);
    for words in [
        id.as_str(),
        "ehr.csv:2",
        "2026-11-16 02:01:07,n7,",
        "confirmed",
        "夜間花子, 3西",
        "calendar.verdict",
        "off-hours-access matches",
        "Nearest miss",
        "failure",
        "Earlier alerts of the same rule and key",
        "name=\"as\" value=\"referred\"",
        "Ask the ward.",
    ] {
        assert!(got.shows(words), "{words}");
    }
    let ja = served.browser().get(&format!("/alert/{id}?lang=ja"));
    for words in ["<dt>ID</dt>", "<td>診療時間</td><td>時間外</td>"] {
        assert!(ja.shows(words), "{words}");
    }
    let (command, note) = record(&house).pop().expect("a run");
    assert_eq!(command, "alerts show");
    assert!(
        note.contains(&id) && note.contains("\"through\":\"serve\""),
        "{note}"
    );
    assert!(note.contains("\"user\":"), "{note}");
}

#[test]
fn an_earlier_id_leads_to_the_alert_that_took_its_place() {
    let house = house();
    let mut all = scan(&house, "ehr.csv");
    let old = id_of(&house, "off-hours-access");
    let at = all
        .iter()
        .position(|alert| alert.id == old)
        .expect("it is there");
    all[at].id = "f".repeat(32);
    keep(&house, MORNING + DAY, &all);
    let served = Served::start(&house);
    let got = served.browser().get(&format!("/alert/{old}"));
    assert_eq!(got.status, 200);
    assert!(got.shows(&format!("alert {old} lives on as this one")));
}

#[test]
fn the_week_is_the_page_of_the_report_with_ways_to_others() {
    let house = House::new().with("ehr.csv", super::keeper::export());
    assert_eq!(
        house
            .run(&["scan", "ehr.csv", "--store", STORE, "-q"])
            .status,
        0
    );
    let id = id_of(&house, "off-hours-access");
    let served = Served::start(&house);
    let browser = served.browser();
    let week = browser.get("/week");
    assert!(week.shows("week 47 of 2026") && week.shows("id=\"verdict\""));
    assert!(
        week.shows(&format!("<a href=\"/alert/{}\">", &id[..12])),
        "{}",
        week.body
    );
    assert!(week.shows("href=\"/week?week=2026-W48\"") && !week.shows("rel=\"prev\""));
    let after = browser.get("/week?week=2026-W48");
    assert!(after.shows("href=\"/week?week=2026-W47\"") && !after.shows("rel=\"next\""));
    let wrong = browser.get("/week?week=soon");
    assert_eq!(wrong.status, 200);
    assert!(wrong.shows("this is no week") && wrong.shows("week 47 of 2026"));
    // The sentences are those of the command.
    let ran = on_store(
        &house,
        &[
            "report",
            "--now",
            super::served::NOW,
            "--lang",
            "en",
            "--format",
            "html",
        ],
    );
    let sentence = |page: &str| {
        let rest = page
            .split("class=\"sentence")
            .nth(1)
            .expect("a sentence")
            .to_owned();
        rest.split("</p>").next().expect("an end").to_owned()
    };
    assert_eq!(sentence(&week.body), sentence(&ran.out));
}

#[test]
fn names_are_shown_only_where_they_are_asked_for_and_that_is_written_down() {
    let house = House::new()
        .with("ehr.csv", super::keeper::export())
        .with("staff.csv", "職員番号,氏名,部署\nn7,夜間花子,3西\n")
        .with("yomawari.yaml", "registers: { staff: staff.csv }\n");
    assert_eq!(
        house
            .run(&["scan", "ehr.csv", "--store", STORE, "-q"])
            .status,
        0
    );
    let without = Served::start(&house);
    assert!(!without.browser().get("/week").shows("夜間花子"));
    let with = Served::with(&house, &["--lang", "en", "--names"]);
    assert!(with.browser().get("/week").shows("夜間花子"));
    let (command, note) = record(&house).pop().expect("a run");
    assert_eq!(command, "report --names");
    assert!(note.contains("2026-W47"), "{note}");
}
