//! What attackers write into logs is text on every page, and text alone.

use yomawari::alert::Alert;
use yomawari::diagnostic::Text;

use super::folder::House;
use super::keeper::{MORNING, export, keep, scan};
use super::served::{Browser, Served};

/// What attackers write; each ends with a sign by which it is found again.
pub const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=http://attacker.example/x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "\u{1b}[31mred\u{1b}]0;title\u{7}",
    "\u{202e}cod.exe\u{2066}\u{200b}",
    "</textarea></style></title>--><svg onload=alert(1)>",
];

/// A house whose alerts say hostile things wherever an alert says anything.
pub fn hostile_house() -> (House, Vec<String>) {
    let mut rows = export();
    for (at, words) in HOSTILE.iter().enumerate() {
        let quoted = words.replace('"', "\"\"");
        rows.push_str(&format!(
            "2026-11-16 02:1{at}:00,n9,\"{quoted}\",pc9,10.20.1.9,カルテ参照,p{at},成功\r\n"
        ));
    }
    let house = House::new().with("ehr.csv", rows);
    let mut all = scan(&house, "ehr.csv");
    let first = all[0].clone();
    let long = "長".repeat(10_000);
    for (at, words) in HOSTILE.iter().copied().chain([long.as_str()]).enumerate() {
        let words = words.to_owned();
        let mut alert = Alert {
            id: format!("{at:032x}"),
            key: vec![
                ("user.account".to_owned(), Some(words.clone())),
                (words.clone(), None),
            ],
            summary: Text::new(words.clone(), words.clone()),
            respond: Text::new(words.clone(), words.clone()),
            clauses: vec![words.clone()],
            ..first.clone()
        };
        alert.rule.name = words.clone();
        alert.rule.title = words.clone();
        alert.rule.id = format!("rule-{at}");
        for reason in &mut alert.reasons {
            reason.value = words.clone();
            reason.at = words.clone();
        }
        for record in &mut alert.evidence {
            record.text = words.clone();
            record.path = format!("{words}.csv");
            record.source = words.clone();
        }
        all.push(alert);
    }
    keep(&house, MORNING, &all);
    let ids = all.into_iter().map(|alert| alert.id).collect();
    (house, ids)
}

/// Nothing in a page acts, and everything that acts only as a sign is written out.
fn is_inert(page: &str, path: &str) {
    let lower = page.to_lowercase();
    for acting in ["<script", "<img", "<svg on", "<iframe", "javascript:"] {
        assert!(!lower.contains(acting), "{path}: {acting}");
    }
    for tag in page.split('<').skip(1) {
        let inside = tag.split('>').next().unwrap_or_default();
        // What stands between quotes is a value; hostile quotes are written out.
        let names: String = inside.split('"').step_by(2).collect();
        assert!(
            !names.contains(" on") && !names.contains('\''),
            "{path}: <{inside}>"
        );
    }
    let signs = ['\u{1b}', '\u{7}', '\u{202e}', '\u{2066}', '\u{200b}'];
    assert!(!page.contains(signs), "{path}");
    assert!(page.len() < 1_000_000, "{path}: {}", page.len());
}

#[test]
fn hostile_words_are_words_on_every_page() {
    let (house, ids) = hostile_house();
    let served = Served::start(&house);
    let browser = served.browser();
    let mut paths = vec!["/alerts?state=all".to_owned(), "/week".to_owned()];
    paths.extend(ids.iter().map(|id| format!("/alert/{id}")));
    for path in &paths {
        let got = browser.get(path);
        assert_eq!(got.status, 200, "{path}");
        is_inert(&got.body, path);
    }
    assert!(
        browser
            .get(&paths[0])
            .shows("&lt;script&gt;alert(1)&lt;/script&gt;")
    );
    assert!(browser.get(&paths[0]).shows("\\u{202e}cod.exe"));
    let off_hours = super::keeper::id_of(&house, "off-hours-access");
    is_inert(
        &browser.get(&format!("/alert/{off_hours}")).body,
        "evidence",
    );
}

#[test]
fn hostile_questions_are_words_too() {
    let (house, ids) = hostile_house();
    let served = Served::start(&house);
    let browser = served.browser();
    let mut form = form_urlencoded::Serializer::new(String::new());
    let written =
        |words: &str| form_urlencoded::byte_serialize(words.as_bytes()).collect::<String>();
    let long = "長".repeat(3_000);
    for words in HOSTILE.into_iter().chain([&long[..600]]) {
        let words = written(words);
        for path in [
            format!("/alerts?q={words}&rule={words}&since={words}&level={words}&x={words}"),
            format!("/week?week={words}&x={words}"),
            format!("/nothing?{words}"),
            format!("/?token={words}"),
        ] {
            let got = browser.get(&path);
            assert!(
                [200, 401, 404].contains(&got.status),
                "{path}: {}",
                got.status
            );
            is_inert(&got.body, &path);
        }
    }
    let sign = super::served::sign(&browser.get(&format!("/alert/{}", ids[0])));
    for words in HOSTILE {
        let path = format!("/alert/{}/close", ids[0]);
        let fields = [("sign", sign.as_str()), ("by", words), ("note", words)];
        let got = browser.post(&path, &fields);
        assert_eq!(got.status, 422);
        is_inert(&got.body, words);
        let fields = [
            ("sign", sign.as_str()),
            ("as", "unclear"),
            ("by", words),
            ("note", words),
        ];
        let closed = browser.post(&path, &fields);
        assert_eq!(closed.status, 303);
        is_inert(&browser.get(&format!("/alert/{}", ids[0])).body, words);
    }
    form.append_pair("token", HOSTILE[0]);
    let got = Browser::new(&served).send(
        "/enter",
        "application/x-www-form-urlencoded",
        &form.finish(),
    );
    assert_eq!(got.status, 401);
    is_inert(&got.body, "/enter");
    // No answer takes a header from a question.
    let answer = served.raw(&format!(
        "GET /alerts?lang=ja%0d%0aX-Evil:%20yes HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n",
        served.port
    ));
    assert!(!answer.to_lowercase().contains("x-evil"), "{answer}");
}
