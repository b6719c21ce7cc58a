//! Whole inputs: what claims them, and what they are called.

use super::*;

#[test]
fn inputs_are_named_after_their_reporter_and_claimed_by_their_lines() {
    let head = "Nov 16 08:30:05 rtx1220 Power-on boot\nNov 16 08:30:06 rtx1220 [INSPE";
    assert_eq!(
        parser_of(head, "Asia/Tokyo", "2026-11-17T12:00:00+09:00", None).source_name(),
        "syslog:rtx1220"
    );
    assert!(Syslog.claims(head).is_some());
    assert!(
        Syslog
            .claims("2026/11/16 08:30:05: Power-on boot\n")
            .is_some()
    );
    for other in [
        "",
        "日時,利用者ID\n2026/11/16 08:30:05,n1023\n",
        "2026-11-16 08:30:05,n1023,login\n2026-11-16 08:30:06,n1023,logout\n",
        "2026-11-16 08:30:05\tn1023\tlogin\n",
        "{\"time\":\"2026-11-16T08:30:05Z\"}\n",
        "192.0.2.9 - - [16/Nov/2026:08:30:05 +0900] \"GET / HTTP/1.1\" 200 1\n",
    ] {
        assert!(Syslog.claims(other).is_none(), "{other}");
    }
}

#[test]
fn a_section_names_the_reporter_and_mistakes_are_collected() {
    let read_section = |yaml: &str| {
        let mut complaints = Complaints::new();
        let nodes = crate::yaml::read("test.yaml", yaml, &mut complaints);
        let settings = Settings {
            zone: Zone::tokyo(),
            reference: instant("2026-11-17T12:00:00+09:00"),
            year: None,
            section: nodes.first(),
        };
        let parser = Syslog.parser("", &settings, &mut complaints).unwrap();
        (parser.source_name(), complaints.sorted().len())
    };
    assert_eq!(read_section("host: rtx1"), ("syslog:rtx1".to_owned(), 0));
    assert_eq!(
        read_section("hots: rtx1\nother: 1"),
        ("syslog".to_owned(), 2)
    );
    assert_eq!(read_section("[a]"), ("syslog".to_owned(), 1));
}

/// Our own sample logs: every line is read, and what stands in them is found as often as it is.
#[test]
fn our_samples_are_read_whole() {
    let count = |file: &str| {
        let path = format!("{}/sample-logs/syslog/{file}", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        assert!(Syslog.claims(&text).is_some(), "{file}");
        let parser = parser_of(&text, "Asia/Tokyo", "2026-11-17T12:00:00+09:00", None);
        let mut actions = BTreeMap::new();
        for line in text.lines() {
            match read(&*parser, line) {
                Became::Event(fields) => {
                    let word = |name| fields.get(name).map_or("", String::as_str);
                    let act = format!("{} {}", word("event.action"), word("event.outcome"));
                    *actions.entry(act).or_insert(0) += fields["count"].parse::<u32>().unwrap();
                }
                Became::Repeat(count, reporter) => {
                    assert_eq!((count, reporter.as_deref()), (3, Some("rtx1220")));
                }
                other => panic!("{line}: {other:?}"),
            }
        }
        (parser.source_name(), actions)
    };
    let (name, router) = count("rtx1220.log");
    assert_eq!(name, "syslog:rtx1220");
    assert_eq!(router["login failure"], 10);
    assert_eq!(router["login success"], 2);
    assert_eq!(router["config-change success"], 2);
    assert_eq!(router["dhcp-lease success"], 17);
    let (name, server) = count("linux-auth.log");
    assert_eq!(name, "syslog:karte01");
    // One by name, three for root with the folded two, one injected, one at the console.
    assert_eq!(server["login failure"], 6);
    assert_eq!(server["privilege-change failure"], 2);
    let (_, wireless) = count("openwrt.log");
    assert_eq!(wireless["wifi-associate failure"], 1);
    assert_eq!(wireless["dhcp-lease success"], 1);
    let (name, switch) = count("cisco-ios.log");
    assert_eq!(name, "syslog:sw01");
    assert_eq!(switch["deny "], 2);
    assert_eq!(count("kea-dhcp4.log").1["dhcp-lease success"], 2);
    assert_eq!(count("isc-dhcpd.log").1["dhcp-lease success"], 2);
}

#[test]
fn a_counted_message_of_several_lines_is_claimed() {
    let xml = "<85>1 2026-11-16T08:30:05Z gw app 1 X - <A>\n<B/>\n<C/>\n</A>";
    let counted = format!("{} {xml}", xml.len());
    assert!(Syslog.claims(&counted).is_some());
    assert!(Syslog.claims(&format!("{counted}{counted}")).is_some());
    assert!(Syslog.claims(&format!("{counted}\n{counted}\n")).is_some());
    // Cut off by the end of the look, and a length that is none.
    assert!(Syslog.claims(&counted[..counted.len() - 20]).is_some());
    assert!(Syslog.claims("9 <A>\n<B/>\n<C/>\n").is_none());
}
