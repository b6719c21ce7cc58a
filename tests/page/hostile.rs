//! Text that an attacker wrote is text in every form of a report.

use std::io::Cursor;

use calamine::{Reader as _, Xlsx};
use yomawari::alert::{Alert, Evidence, Level, ReasonLine, RuleRef};
use yomawari::diagnostic::Text;
use yomawari::store::{Entry, InputRecord, Latest, Store};

use super::folder::{House, Ran};
use super::hospital::{MONDAY, NOW};

/// What attackers write.
pub const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "\"><img src=http://attacker.example/x onerror=alert(1)>",
    "=HYPERLINK(\"http://attacker.example\",\"click\")",
    "\u{1b}[31mred\u{1b}]0;title\u{7}",
    "\u{202e}cod.exe\u{2066}",
    "|---|\n# heading\n[link](http://attacker.example)",
    "</style></title>--><svg onload=alert(1)>",
    "@SUM(1+1)*cmd|' /C calc'!A0",
];

/// The hostile texts one after the other, and a very long one.
pub fn word(at: usize) -> String {
    match at % 9 {
        8 => "長".repeat(10_000),
        at => HOSTILE[at].to_owned(),
    }
}

fn alert(at: usize, start: i64) -> Alert {
    let w = |more: usize| word(at + more);
    Alert {
        id: format!("{at:032x}"),
        rule: RuleRef {
            id: format!("rule-{}", at % 45),
            name: w(0),
            title: w(1),
            level: Level::ALL[at % 5],
            tags: vec![w(2)],
            author: Some(w(3)),
        },
        start,
        end: start + 1,
        count: 1,
        key: vec![
            (w(4), Some(w(5) + &at.to_string())),
            ("user.account".to_owned(), None),
        ],
        summary: Text::new(w(6), w(7)),
        reasons: (0..5)
            .map(|n| ReasonLine {
                field: w(n),
                value: w(n + 1),
                because: w(n + 2),
                at: w(n + 3),
            })
            .collect(),
        evidence: (0..5)
            .map(|n| Evidence {
                source: w(n),
                path: w(n + 1),
                line: u64::MAX,
                offset: u64::MAX,
                length: u32::MAX,
                sha256: w(n + 2),
                time: i64::MAX,
                text: w(n + 3),
            })
            .collect(),
        evidence_total: u64::MAX,
        clauses: vec![w(0), "mhlw-6.0/ops/17-1".to_owned()],
        respond: Text::new(w(1), w(2)),
        revision: 0,
    }
}

/// A store with hostile text in every field that takes one.
pub fn house() -> House {
    let site = serde_json::to_string(&HOSTILE.concat()).expect("a text");
    let document = serde_json::to_string(HOSTILE[1]).expect("a text");
    let house = House::new()
        .with("yomawari.yaml", format!(
            "version: 1\nsite: {{ name: {site}, timezone: Asia/Tokyo }}\nstore: yomawari.db\n\
             documents:\n  - {{ name: {document}, file: {document}, approved_by: {document}, contact: {document} }}\n\
             review: {{ cycle: {document}, decided_by: {document} }}\ndiary: d.csv\n"
        ))
        .with("d.csv", format!("date,time,kind,by,text\n2026-11-17,\"{q}\",\"{q}\",\"{q}\",\"{q}\"\n", q = HOSTILE[1].replace('"', "\"\"")));
    let nanos = (MONDAY * 86_400 + 3_600) * 1_000_000_000;
    let mut store = Store::open(&house.at("yomawari.db")).expect("a store");
    let alerts: Vec<Alert> = (0..600).map(|at| alert(at, nanos + at as i64)).collect();
    let changing = store.change().expect("nobody else writes");
    let entry = Entry {
        command: "scan".to_owned(),
        version: word(0),
        began: nanos,
        ended: i64::MAX,
        plan: (0..60).map(|at| (word(at), word(at + 1))).collect(),
        inputs: (0..60)
            .map(|at| InputRecord {
                source: word(at),
                path: word(at + 1),
                size: u64::MAX,
                sha256: word(at),
                records: (u64::MAX, u64::MAX, u64::MAX),
                span: Some((i64::MIN, i64::MAX)),
            })
            .collect(),
        alerts: (u64::MAX, u64::MAX, u64::MAX),
        alerts_digest: changing.alerts_digest().expect("a digest"),
        note: word(4),
    };
    let run = changing.append_run(&entry).expect("a run");
    let judged: Vec<(String, i64)> = (0..45).map(|at| (format!("rule-{at}"), i64::MIN)).collect();
    changing
        .keep_alerts(
            run,
            Latest {
                alerts: &alerts,
                judged: &judged,
            },
        )
        .expect("alerts");
    changing.commit().expect("a commit");
    drop(store);
    fill(&house);
    house
}

/// Hostile names in the counts: sources, accounts, terminals, departments.
fn fill(house: &House) {
    let store = rusqlite::Connection::open(house.at("yomawari.db")).expect("a database");
    let insert = |sql: &str, parameters: &[&dyn rusqlite::ToSql]| {
        store.execute(sql, parameters).expect(sql);
    };
    for at in 0..60i64 {
        let name = word(at as usize) + &at.to_string();
        insert(
            "INSERT INTO count_names VALUES (?1, ?2)",
            &[&(100 + at), &name],
        );
        for (table, columns) in [("count_users", "user"), ("count_terminals", "terminal")] {
            let sql = format!(
                "INSERT INTO {table} (source, day, {columns}, department, kind, records) VALUES (?1, ?2, ?1, ?1, 26, ?3)"
            );
            insert(&sql, &[&(100 + at), &MONDAY, &i64::from(i32::MAX)]);
        }
        insert(
            "INSERT INTO count_hours VALUES (?1, ?2, 'config-change', 26, ?3)",
            &[&(100 + at), &(MONDAY * 24), &i64::from(i32::MAX)],
        );
        insert(
            "INSERT INTO count_days VALUES (?1, ?2, ?3, ?3, ?3, ?3, ?3, ?3, ?3, ?3, ?3, ?3, ?3, ?3, 0)",
            &[&(100 + at), &MONDAY, &i64::from(i32::MAX)],
        );
        for kind in ["account", "terminal", "mac", "device"] {
            let first = (MONDAY * 86_400 + at) * 1_000_000_000;
            insert(
                "INSERT INTO seen VALUES (?1, ?2, ?2, ?3, ?3, 0, 0)",
                &[&kind, &name, &first],
            );
        }
    }
    insert("INSERT INTO registers VALUES (?1, 1, 'x', 1)", &[&word(0)]);
}

fn ran(house: &House, words: &[&str]) -> Ran {
    let ran = house.run(&[&["report", "--now", NOW, "--week", "2026-W47"], words].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    ran
}

/// The tags a page is made of; anything else between angle brackets came from outside.
const TAGS: [&str; 48] = [
    "!DOCTYPE",
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "a",
    "header",
    "h1",
    "h2",
    "h3",
    "dl",
    "dt",
    "dd",
    "p",
    "span",
    "nav",
    "ol",
    "ul",
    "li",
    "main",
    "section",
    "article",
    "div",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "figure",
    "figcaption",
    "svg",
    "desc",
    "defs",
    "pattern",
    "rect",
    "text",
    "line",
    "br",
    "footer",
    "b",
    "i",
    "em",
    "strong",
    "g",
];

/// Nothing of a page came from outside but text.
pub fn is_text_alone(page: &str) {
    for (at, _) in page.match_indices('<') {
        let rest = page[at + 1..].trim_start_matches('/');
        let name: String = rest
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '!')
            .collect();
        assert!(TAGS.contains(&name.as_str()), "<{name}");
    }
    // Inside a tag of ours no attribute came from outside.
    for tag in page
        .split('<')
        .skip(1)
        .filter_map(|part| part.split_once('>'))
    {
        assert!(
            !tag.0.contains(" onerror") && !tag.0.contains(" src="),
            "{}",
            tag.0
        );
    }
    assert!(page.chars().all(|c| !c.is_control() || c == '\n'));
    assert!(!page.contains(['\u{202e}', '\u{2066}']));
    let body = &page[page.find("<body").expect("a body")..];
    assert!(!body.contains("<style") && page.matches("</style>").count() == 1);
}

#[test]
fn a_page_is_made_of_its_own_tags_alone() {
    let house = house();
    for words in [
        &["--lang", "ja"][..],
        &["--lang", "en", "--names"],
        &["--mask"],
    ] {
        let page = ran(&house, words).out;
        is_text_alone(&page);
        assert!(page.len() < 2_000_000, "{} bytes", page.len());
    }
    // It is there, as text.
    let named = ran(&house, &["--names"]).out;
    assert!(named.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
}

#[test]
fn a_workbook_holds_no_formula_and_no_link() {
    let house = house();
    for words in [
        &["-o", "w.xlsx"][..],
        &["-o", "w.xlsx", "--names", "--lang", "ja"],
    ] {
        ran(&house, words);
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(house.bytes("w.xlsx"))).expect("a workbook");
        let names = book.sheet_names();
        assert_eq!(names.len(), 9, "{names:?}");
        let mut texts = 0;
        for name in names {
            let formulas = book.worksheet_formula(&name).expect("a sheet");
            assert_eq!(formulas.used_cells().count(), 0, "{name}");
            let range = book.worksheet_range(&name).expect("a sheet");
            texts += range
                .used_cells()
                .filter(|cell| cell.2.to_string().contains("=HYPERLINK"))
                .count();
        }
        assert!(texts > 0, "the text is there");
        let bytes = house.bytes("w.xlsx");
        assert!(
            !bytes
                .windows(20)
                .any(|part| part == b"attacker.example\" Ta")
        );
    }
}

#[test]
fn markdown_and_json_hold_it_as_text() {
    let house = house();
    let text = ran(&house, &["--format", "md"]).out;
    assert!(!text.contains("<script") && !text.contains("<img") && !text.contains("](http"));
    assert!(text.chars().all(|c| !c.is_control() || c == '\n'));
    assert!(!text.lines().any(|line| line.starts_with("# heading")));
    let json = ran(&house, &["--format", "json"]).out;
    assert!(
        json.trim_end()
            .chars()
            .all(|c| !c.is_control() && c != '\u{202e}')
    );
    let told: serde_json::Value = serde_json::from_str(&json).expect("one document");
    let title = told["alerts"]["causes"]["first"][0]["rule"]
        .as_str()
        .expect("a text");
    assert!(
        HOSTILE.contains(&title) || title.starts_with('長'),
        "{title}"
    );
    assert!(json.len() < 4_000_000, "{}", json.len());
}

#[test]
fn a_terminal_and_a_spreadsheet_get_it_as_text_too() {
    let house = house();
    for form in ["table", "csv", "ndjson"] {
        let words = ["alerts", "list", "--all", "--output-format", form];
        let ran = house.run(&words);
        assert_eq!(ran.status, 0, "{}", ran.err);
        let body = ran.out.trim_start_matches('\u{feff}');
        assert!(body.lines().count() > 500, "{form}");
        let is_safe = |c: char| !c.is_control() || matches!(c, '\n' | '\r');
        assert!(body.chars().all(is_safe), "{form}");
        assert!(!body.contains(['\u{202e}', '\u{2066}']), "{form}");
        if form == "csv" {
            let mut reader = csv::Reader::from_reader(body.as_bytes());
            for row in reader.records() {
                let row = row.expect("a row");
                let acts = row
                    .iter()
                    .find(|cell| cell.starts_with(['=', '+', '-', '@']));
                assert_eq!(acts, None);
            }
        }
    }
}
