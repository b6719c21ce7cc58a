//! How long a delivery tries, and that it stops when it is told to.

use std::net::TcpListener;

use super::*;
use crate::alert::{Level, RuleRef};
use crate::cli::config::Config;
use crate::diagnostic::{Complaints, Lang};
use crate::event::Zone;

const QUICK: Patience = Patience {
    tries: 3,
    first_wait: Duration::from_millis(10),
    whole: Duration::from_secs(10),
};

fn sinks(text: &str) -> Sinks {
    let mut complaints = Complaints::new();
    let config = Config::read("y.yaml".as_ref(), text, &mut complaints);
    assert!(complaints.is_empty(), "{text}");
    Sinks {
        all: config.sinks,
        reader: Reader {
            lang: Lang::En,
            zone: Zone::tokyo(),
        },
        host: "gw".to_owned(),
    }
}

/// A store in which so many alerts wait for `s`.
fn store(n: u32) -> Store {
    let mut store = Store::fleeting().unwrap();
    let changing = store.change().unwrap();
    for at in 0..n {
        let name = || "r".to_owned();
        let rule = RuleRef {
            id: name(),
            name: name(),
            title: name(),
            level: Level::Low,
            tags: Vec::new(),
            author: None,
        };
        let alert = Alert {
            id: format!("{at:04}"),
            rule,
            start: 0,
            end: 0,
            count: 1,
            key: Vec::new(),
            summary: Text::new("s", "s"),
            reasons: Vec::new(),
            evidence: Vec::new(),
            evidence_total: 1,
            clauses: Vec::new(),
            respond: Text::default(),
            revision: 0,
        };
        changing.post("s", &alert).unwrap();
    }
    changing.commit().unwrap();
    store
}

fn file(path: &std::path::Path) -> Sinks {
    let path = path.display();
    sinks(&format!(
        "sinks: [{{ name: s, type: ndjson, path: '{path}' }}]"
    ))
}

#[test]
fn many_alerts_are_brought_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let (store, count) = (store(3 * BATCH + 1), 3 * u64::from(BATCH) + 1);
    let told = deliver(&store, &file(&path), QUICK, &AtomicBool::new(false)).unwrap();
    assert_eq!((told[0].taken, told[0].waiting), (count, 0));
    assert_eq!(told[0].problem(true), None);
    let text = std::fs::read_to_string(path).unwrap();
    let ids: Vec<&str> = text.lines().map(|line| &line[7..11]).collect();
    assert!(ids.is_sorted() && ids.len() as u64 == count, "{ids:?}");
}

#[test]
fn a_delivery_that_is_stopped_leaves_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(3);
    let sinks = file(&folder.path().join("a"));
    let told = deliver(&store, &sinks, Patience::USUAL, &AtomicBool::new(true)).unwrap();
    assert_eq!((told[0].taken, told[0].waiting), (0, 3));
}

#[test]
fn a_server_that_hangs_costs_no_more_than_the_patience() {
    // The connection is made by the system; nobody ever answers.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let sinks = sinks(&format!(
        "sinks: [{{ name: s, type: webhook, to: 'http://127.0.0.1:{port}/secret' }}]"
    ));
    let store = store(2);
    let begun = Instant::now();
    let patience = Patience {
        whole: Duration::from_millis(600),
        ..QUICK
    };
    let told = deliver(&store, &sinks, patience, &AtomicBool::new(false)).unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!((told[0].taken, told[0].waiting), (0, 2));
    assert_eq!(told[0].place, format!("http://127.0.0.1:{port}"));
    let said = told[0].problem(true).unwrap().render(Lang::En);
    assert!(
        said.contains("timeout") && !said.contains("secret"),
        "{said}"
    );
}

#[test]
fn only_levels_that_are_wanted_wait() {
    let sinks = sinks("sinks: [{ name: s, type: ndjson, path: a, level: high }]");
    let rules = RuleSet::default();
    let registers = Registers::new(Zone::tokyo());
    let filled = store(1);
    let mut alert = filled.waiting("s", 0, 1).unwrap().remove(0).alert;
    let mut empty = store(0);
    for (level, waiting) in [(Level::Medium, 0), (Level::High, 1)] {
        alert.rule.level = level;
        let changing = empty.change().unwrap();
        let mut nobody = |_: &str| false;
        let mut manners = Manners::new(&rules, &registers, &mut nobody);
        sinks
            .post(&changing, std::slice::from_ref(&alert), &mut manners)
            .unwrap();
        changing.commit().unwrap();
        assert_eq!(empty.waiting("s", 0, 9).unwrap().len(), waiting);
    }
}
