//! Who is let in, who is not, and what every answer says to the browser.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use base64::Engine as _;
use sha2::Digest as _;

use super::folder::House;
use super::keeper::{STORE, house, id_of};
use super::served::{Browser, Got, Served, sign};

/// Holds the headers that every answer has.
fn is_guarded(got: &Got) {
    let policy = got.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; "), "{policy}");
    for part in [
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "img-src data:",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(
        !policy.contains("unsafe") && !policy.contains("script-src"),
        "{policy}"
    );
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(got.header(name), value, "{name}");
    }
    assert!(got.header("permissions-policy").contains("camera=()"));
    // The only style that is taken is the one that stands in the page.
    let style = got.body.split("<style>").nth(1);
    if let Some(style) = style.and_then(|rest| rest.split("</style>").next()) {
        let hash = sha2::Sha256::digest(style.as_bytes());
        let hash = base64::prelude::BASE64_STANDARD.encode(hash);
        assert!(
            policy.contains(&format!("style-src 'sha256-{hash}'")),
            "{policy}"
        );
    }
    let page = got.body.to_lowercase();
    for acting in [
        "<script",
        "javascript:",
        " onclick",
        " onload",
        " style=\"",
        "<iframe",
        "<object",
    ] {
        assert!(!page.contains(acting), "{acting}");
    }
}

#[test]
fn without_the_token_nothing_is_told() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let served = Served::start(&house);
    let stranger = Browser::new(&served);
    let close = format!("/alert/{id}/close");
    let alert = format!("/alert/{id}");
    for path in [
        "/",
        "/alerts",
        "/week",
        &alert,
        &close,
        "/nothing",
        "/enter",
        "/alerts?q=n7",
    ] {
        let got = stranger.get(path);
        assert_eq!(got.status, 401, "{path}");
        assert!(!got.shows("n7") && !got.shows("off-hours"), "{path}");
        assert!(got.header("www-authenticate").starts_with("Token"));
        assert_eq!(got.header("set-cookie"), "");
        is_guarded(&got);
    }
    assert_eq!(stranger.post(&close, &[("as", "explained")]).status, 401);
    assert_eq!(stranger.ask("DELETE", "/alerts").status, 401);
    let wrong = "0".repeat(64);
    for path in [
        format!("/?token={wrong}"),
        "/?token=x".to_owned(),
        format!("/alerts?token={}", served.token()),
    ] {
        let got = stranger.get(&path);
        assert_eq!((got.status, got.header("set-cookie")), (401, ""), "{path}");
        is_guarded(&got);
    }
    let got = stranger.post("/enter", &[("token", &wrong)]);
    assert_eq!(got.status, 401);
    assert!(got.shows("not the token"));
    let stranger = Browser {
        cookie: format!("yomawari-{}={wrong}", served.port),
        ..Browser::new(&served)
    };
    assert_eq!(stranger.get("/alerts").status, 401);
}

#[test]
fn the_token_becomes_a_cookie_and_leaves_the_address() {
    let house = house();
    let served = Served::start(&house);
    assert!(served.token().len() >= 32);
    let got = Browser::new(&served).get(&format!("/?token={}", served.token()));
    assert_eq!((got.status, got.header("location")), (303, "/"));
    let cookie = got.header("set-cookie");
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"),
        "{cookie}"
    );
    assert!(!cookie.contains(served.token()), "{cookie}");
    is_guarded(&got);
    let browser = served.browser();
    let got = browser.get("/");
    assert_eq!((got.status, got.header("location")), (303, "/alerts"));
    let got = browser.get("/alerts");
    assert_eq!(got.status, 200);
    is_guarded(&got);
    // The same by the form at the door.
    let form = Browser::new(&served).post("/enter", &[("token", served.token())]);
    assert_eq!((form.status, form.header("location")), (303, "/"));
    // Another program of this computer may have set a cookie of the same name before ours.
    let both = Browser {
        cookie: format!("yomawari-{}=x; {}", served.port, browser.cookie),
        ..Browser::new(&served)
    };
    assert_eq!(both.get("/alerts").status, 200);
}

#[test]
fn every_answer_has_every_header() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let served = Served::start(&house);
    let browser = served.browser();
    let (alert, close) = (format!("/alert/{id}"), format!("/alert/{id}/close"));
    for (path, status) in [
        ("/", 303),
        ("/alerts", 200),
        ("/alerts?state=all&q=n7&page=9", 200),
        ("/week", 200),
        ("/week?week=2026-W47&lang=ja", 200),
        (alert.as_str(), 200),
        (close.as_str(), 405),
        ("/enter", 405),
        ("/nothing", 404),
        ("/alert/", 404),
        ("/alert/ffff", 404),
        ("/alert/%2e%2e", 404),
        ("/favicon.ico", 404),
        ("/alerts/../../etc/passwd", 404),
        ("/%2e%2e/%2e%2e/etc/passwd", 404),
    ] {
        let got = browser.get(path);
        assert_eq!(got.status, status, "{path}");
        is_guarded(&got);
    }
    for method in ["DELETE", "OPTIONS", "TRACE"] {
        let got = browser.ask(method, "/alerts");
        assert_eq!(
            (got.status, got.header("allow")),
            (405, "GET, HEAD"),
            "{method}"
        );
        is_guarded(&got);
    }
    let got = browser.ask("HEAD", "/alerts");
    assert_eq!((got.status, got.body.as_str()), (200, ""));
    let got = browser.send(&close, "text/plain", "as=explained");
    assert_eq!(got.status, 415);
    is_guarded(&got);
    let got = browser.post(&close, &[("note", &"x".repeat(100_000))]);
    assert_eq!(got.status, 413);
    is_guarded(&got);
}

#[test]
fn a_request_without_bounds_is_refused_and_others_are_answered() {
    let house = house();
    let served = Served::start(&house);
    let browser = served.browser();
    let long = "x".repeat(40_000);
    let host = format!("Host: 127.0.0.1:{}\r\n", served.port);
    let answer = served.raw(&format!("GET /{long} HTTP/1.1\r\n{host}\r\n"));
    assert!(!answer.contains(" 200 "), "{answer}");
    let many: String = (0..500).map(|n| format!("X-{n}: y\r\n")).collect();
    let answer = served.raw(&format!("GET /alerts HTTP/1.1\r\n{host}{many}\r\n"));
    assert!(!answer.contains(" 200 "), "{answer}");
    assert!(!served.raw("\u{0}\u{1}nonsense\r\n\r\n").contains(" 200 "));
    // Those who begin and do not go on are hung up on; meanwhile all others get their pages.
    let begun = Instant::now();
    let mut slow: Vec<TcpStream> = (0..20)
        .map(|_| {
            let mut stream = TcpStream::connect(("127.0.0.1", served.port)).expect("it listens");
            stream
                .write_all(b"GET /alerts HTTP/1.1\r\nHo")
                .expect("it reads");
            stream
        })
        .collect();
    assert_eq!(browser.get("/alerts").status, 200);
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    let last = slow.last_mut().expect("there are some");
    last.set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a time limit");
    let mut answer = Vec::new();
    let _ = last.read_to_end(&mut answer);
    assert!(
        begun.elapsed() < Duration::from_secs(25),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(browser.get("/alerts").status, 200);
}

#[test]
fn a_foreign_name_for_this_computer_is_refused() {
    let house = house();
    let served = Served::with(
        &house,
        &["--lang", "en", "--host", "yomawari.sakura.example"],
    );
    let cookie = served.browser().cookie;
    let status = |host: &str| {
        let host = match host {
            "" => String::new(),
            host => format!("Host: {host}\r\n"),
        };
        let answer = served.raw(&format!(
            "GET /alerts HTTP/1.1\r\n{host}Cookie: {cookie}\r\n\r\n"
        ));
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    let port = served.port;
    for host in [
        format!("127.0.0.1:{port}"),
        format!("localhost:{port}"),
        "yomawari.sakura.example".to_owned(),
    ] {
        assert_eq!(status(&host), "200", "{host}");
    }
    for host in [
        "attacker.example",
        "127.0.0.1:1",
        "localhost",
        "[::1]",
        "yomawari.sakura.example.attacker.example",
    ] {
        assert_eq!(status(host), "421", "{host}");
    }
    assert!(["421", "400"].contains(&status("").as_str()));
}

#[test]
fn a_form_of_another_site_is_refused() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let served = Served::start(&house);
    let page = served.browser().get(&format!("/alert/{id}"));
    let good = sign(&page);
    let path = format!("/alert/{id}/close");
    let fields = |sign: &str| {
        [
            ("sign", sign.to_owned()),
            ("as", "unclear".into()),
            ("by", "k.sato".into()),
        ]
    };
    let close = |headers: Vec<(&'static str, String)>, sign: &str| {
        let browser = Browser {
            headers,
            ..served.browser()
        };
        let fields = fields(sign);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        browser.post(&path, &fields).status
    };
    let origin = |value: &str| vec![("Origin", value.to_owned())];
    assert_eq!(close(Vec::new(), ""), 403);
    assert_eq!(close(Vec::new(), &"0".repeat(64)), 403);
    assert_eq!(close(origin("http://attacker.example"), &good), 403);
    assert_eq!(close(origin("http://127.0.0.1:1"), &good), 403);
    assert_eq!(
        close(vec![("Sec-Fetch-Site", "cross-site".into())], &good),
        403
    );
    let runs = super::keeper::on_store(&house, &["runs", "list"]).out;
    assert!(!runs.contains("alerts close"), "{runs}");
    // A browser that is told to send no referrer says null.
    let own = vec![
        ("Origin", "null".into()),
        ("Sec-Fetch-Site", "same-origin".into()),
    ];
    assert_eq!(close(own, &good), 303);
    assert_eq!(close(origin(&served.at("")), &good), 303);
    let stranger = Browser {
        headers: origin("http://attacker.example"),
        ..Browser::new(&served)
    };
    assert_eq!(
        stranger.post("/enter", &[("token", served.token())]).status,
        403
    );
}

#[test]
fn two_browsers_at_once_get_what_each_asked() {
    let house = house();
    let id = id_of(&house, "off-hours-access");
    let served = Served::start(&house);
    std::thread::scope(|scope| {
        for at in 0..6 {
            let (served, id) = (&served, &id);
            scope.spawn(move || {
                let browser = served.browser();
                for _ in 0..5 {
                    let (path, wanted) = match at % 3 {
                        0 => ("/alerts".to_owned(), "role=\"search\""),
                        1 => (format!("/alert/{id}"), "name=\"as\""),
                        _ => ("/week".to_owned(), "id=\"verdict\""),
                    };
                    let got = browser.get(&path);
                    assert_eq!(got.status, 200, "{path}");
                    assert!(got.shows(wanted), "{path}");
                    assert!(!got.shows("could not be written"), "{path}");
                }
            });
        }
    });
    assert_eq!(
        super::keeper::on_store(&house, &["runs", "verify"]).status,
        0
    );
}

#[test]
fn a_signal_ends_it_in_order() {
    let house = house();
    for signal in ["-TERM", "-INT"] {
        let served = Served::start(&house);
        assert_eq!(served.browser().get("/alerts").status, 200);
        let (status, said) = served.stop(signal);
        assert_eq!(status, Some(0), "{said}");
        assert!(said.contains("Ctrl-C"), "{said}");
    }
}

#[test]
fn a_token_of_a_file_is_not_printed_and_stays() {
    let house = house();
    let words = ["--lang", "en", "--token-file", "serve.token"];
    let served = Served::with(&house, &words);
    assert!(!served.address.contains("token"), "{}", served.address);
    let token = house.text("serve.token").trim().to_owned();
    assert_eq!(
        Browser::new(&served)
            .post("/enter", &[("token", &token)])
            .status,
        303
    );
    let (_, said) = served.stop("-TERM");
    assert!(
        said.contains("serve.token") && !said.contains(&token),
        "{said}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(house.at("serve.token"))
            .expect("a file")
            .permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }
    let served = Served::with(&house, &words);
    assert_eq!(
        Browser::new(&served)
            .post("/enter", &[("token", &token)])
            .status,
        303
    );
}

#[test]
fn what_cannot_be_served_is_said_at_once() {
    let house = house();
    let refused = |words: &[&str]| {
        let ran = house.run(&[&["serve", "--lang", "en"], words].concat());
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{}", ran.err);
        ran.err
    };
    let open = refused(&["--store", STORE, "--listen", "0.0.0.0:0"]);
    assert!(open.contains("--open-to-network"), "{open}");
    assert!(refused(&["--store", "none.db"]).contains("there is no store none.db"));
    assert!(refused(&[]).contains("no store is named"));
    assert!(refused(&["--store", STORE, "--host", "a/b"]).contains("no name of a host"));
    house.put("short", "abc");
    assert!(refused(&["--store", STORE, "--token-file", "short"]).contains("holds no token"));
    let served = Served::start(&house);
    let taken = format!("127.0.0.1:{}", served.port);
    assert!(refused(&["--store", STORE, "--listen", &taken]).contains(&taken));
}

#[test]
fn whoever_opens_it_to_the_network_is_warned() {
    let house = house();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_yomawari"));
    command.args([
        "serve",
        "--store",
        STORE,
        "--lang",
        "en",
        "--open-to-network",
    ]);
    command
        .args(["--listen", "0.0.0.0:0"])
        .current_dir(house.at(""));
    command.stderr(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut stderr = child.stderr.take().expect("it is piped");
    let mut said = Vec::new();
    let begun = Instant::now();
    while !String::from_utf8_lossy(&said).contains("Ctrl-C") {
        assert!(begun.elapsed() < Duration::from_secs(20));
        let mut some = [0; 512];
        let count = stderr.read(&mut some).expect("it speaks");
        said.extend_from_slice(&some[..count]);
    }
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    let said = String::from_utf8(said).expect("UTF-8");
    assert!(
        said.contains("warning: other computers can reach this address"),
        "{said}"
    );
}

#[test]
fn an_empty_store_is_served() {
    let house = House::new();
    drop(yomawari::store::Store::open(&house.at(STORE)).expect("a store"));
    let served = Served::start(&house);
    let browser = served.browser();
    let list = browser.get("/alerts");
    assert_eq!(list.status, 200);
    assert!(list.shows("No alert waits for a person."));
    let week = browser.get("/week");
    assert_eq!(week.status, 200);
    assert!(week.shows("the store holds no run yet"));
    is_guarded(&week);
}
