//! Sinks that take nothing at first: nothing is lost, nothing doubled, and it is said.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use super::folder::House;
use super::night::{export, house, key, keys, scan, waiting, warnings};
use super::servers::{soon, tcp, uncounted, web};

/// A port at which nobody listens.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("a port").port()
}

#[test]
fn what_a_server_that_is_down_did_not_take_is_brought_by_the_next_run() {
    let port = closed_port();
    let house = house(&format!(
        "- {{ name: siem, type: syslog, to: 'tcp://127.0.0.1:{port}' }}\n\
         - {{ name: file, type: ndjson, path: a.ndjson }}"
    ));
    let begun = Instant::now();
    let ran = scan(&house);
    assert!(begun.elapsed() < Duration::from_secs(60));
    let all = keys(&ran);
    // The other sink does not wait.
    assert_eq!(house.text("a.ndjson").lines().count(), all.len());
    assert_eq!(waiting(&house, "siem"), all.len() as i64);
    let said = format!(
        "warning: sink siem (tcp://127.0.0.1:{port}) did not take {} alerts: ",
        all.len()
    );
    assert!(ran.err.contains(&said), "{}", ran.err);
    assert!(ran.err.contains("refused"), "{}", ran.err);
    let listener = TcpListener::bind(("127.0.0.1", port)).expect("the port is free");
    let came = tcp(listener);
    let again = scan(&house);
    assert_eq!((again.out.as_str(), warnings(&again)), ("", 0));
    assert_eq!(uncounted(&soon(&came)).len(), all.len());
    assert_eq!(waiting(&house, "siem"), 0);
    scan(&house);
    assert!(came.recv_timeout(Duration::from_millis(200)).is_err());
    assert_eq!(house.text("a.ndjson").lines().count(), all.len());
}

#[test]
fn a_web_server_that_stumbles_gets_the_rest_within_the_run() {
    let (port, requests) = web(&[500, 200]);
    let house = house(&format!(
        "- {{ name: hook, type: webhook, to: 'http://127.0.0.1:{port}/' }}"
    ));
    let ran = scan(&house);
    let all = keys(&ran);
    assert_eq!(warnings(&ran), 0, "{}", ran.err);
    assert_eq!(waiting(&house, "hook"), 0);
    let came: Vec<String> = (0..=all.len())
        .map(|_| key(&soon(&requests).body))
        .collect();
    // The first was refused and came again.
    assert_eq!(came[0], came[1]);
    let mut rest = came[1..].to_vec();
    rest.sort();
    assert_eq!(rest, all);
}

#[test]
fn a_request_that_is_refused_for_itself_does_not_hold_up_the_others() {
    let (port, requests) = web(&[422, 200]);
    let house = house(&format!(
        "- {{ name: hook, type: webhook, to: 'http://127.0.0.1:{port}/t0ken' }}"
    ));
    let ran = scan(&house);
    let all = keys(&ran);
    let said = format!(
        "warning: sink hook (http://127.0.0.1:{port}) did not take 1 alert: \
         the server answered with status 422; waiting in the store for the next run"
    );
    assert!(ran.err.contains(&said), "{}", ran.err);
    assert!(!ran.err.contains("t0ken"), "{}", ran.err);
    assert_eq!(waiting(&house, "hook"), 1);
    assert_eq!(warnings(&scan(&house)), 0);
    let came: Vec<String> = (0..=all.len())
        .map(|_| key(&soon(&requests).body))
        .collect();
    assert_eq!(came.first(), came.last());
    assert_eq!(waiting(&house, "hook"), 0);
}

#[test]
fn an_alert_that_is_revised_while_it_waits_is_brought_twice() {
    let house = house("- { name: file, type: ndjson, path: absent/a.ndjson }");
    let first = keys(&scan(&house));
    let late = "2026-11-16 02:09:07,n7,夜間花子,pc3,10.20.1.3,カルテ参照,p8,成功\r\n";
    house.put("ehr.csv", export("2026-11-16") + late);
    std::fs::create_dir(house.at("absent")).expect("a folder");
    let second = keys(&scan(&house));
    let text = house.text("absent/a.ndjson");
    let came: Vec<String> = text.lines().map(key).collect();
    let mut sorted = came.clone();
    sorted.sort();
    let mut both = [first, second].concat();
    both.sort();
    assert_eq!(sorted, both);
    let counts = text.lines().map(|line| {
        let alert: serde_json::Value = serde_json::from_str(line).expect("an object");
        (
            alert["rule"]["name"] == "off-hours-access",
            alert["count"].as_u64(),
        )
    });
    let counts: Vec<_> = counts.filter(|told| told.0).map(|told| told.1).collect();
    assert_eq!(counts, [Some(4), Some(5)], "each revision as it was");
}

#[test]
fn without_a_store_a_failure_is_said() {
    let house = House::new().with("ehr.csv", export("2026-11-16")).with(
        "yomawari.yaml",
        "site: { timezone: Asia/Tokyo }\nsinks: [{ name: f, type: ndjson, path: absent/a }]\n",
    );
    let ran = house.run(&["scan", "ehr.csv", "-q", "--lang", "ja"]);
    assert_eq!(ran.status, 0);
    assert!(
        ran.err.contains("送り先 f（absent/a）がアラート"),
        "{}",
        ran.err
    );
    assert!(ran.err.contains("この送り先には届きません"), "{}", ran.err);
}

#[test]
fn what_waits_for_a_sink_that_is_gone_is_said() {
    let house = house("- { name: old, type: ndjson, path: absent/a }");
    scan(&house);
    house.put(
        "yomawari.yaml",
        "store: y.db\nsinks: [{ name: new, type: ndjson, path: a.ndjson }]\n",
    );
    let ran = scan(&house);
    assert!(
        ran.err
            .contains("alerts wait for sink old, which the config does not name"),
        "{}",
        ran.err
    );
}
