//! Envelopes, times and repeats.

use super::*;

#[test]
fn envelopes_lose_nothing_of_the_message() {
    for record in [
        "Nov 16 08:30:05 gw app[7]: hello",
        "Nov 16 08:30:05 gw  app[7]: hello",
        "<13>Nov 16 08:30:05 gw app[7]: hello",
        "<13> Nov 16 08:30:05 gw app[7]: hello",
        "45 <13>Nov 16 08:30:05 gw app[7]: hello",
        "nov 16 08:30:05 gw app[7]: hello",
        "\u{1b}[0;32mNov 16 08:30:05 gw app[7]: hello",
        "\u{1b}[1m\u{1b}[32m<13>Nov 16 08:30:05 gw app[7]: hello",
        "Nov 16 2026 08:30:05 gw app[7]: hello",
        "Nov 16 2026 08:30:05: gw app[7]: hello",
        "Nov 16 08:30:05 2026 gw app[7]: hello",
        "2026 Nov 16 08:30:05 gw app[7]: hello",
        "Nov 16 08:30:05 JST gw app[7]: hello",
        "2026-11-16T08:30:05+09:00 gw app[7]: hello",
        "2026-11-16T08:30:05 gw app[7]: hello",
        "2026-11-15T23:30:05Z gw app[7]: hello",
        "2026-11-16 08:30:05 gw app[7]: hello",
        "2026-11-16 08:30:05\tLocal0.Notice\tgw\tapp[7]: hello",
        "<13>1 2026-11-16T08:30:05+09:00 gw app 7 - - hello",
        "<13>1 2026-11-16T08:30:05+09:00 gw app 7 - - \u{feff}hello",
        "1 2026-11-16T08:30:05+09:00 gw app 7 - - hello",
        "Nov 16 08:31:00 relay Nov 16 08:30:05 gw app[7]: hello",
        "Nov 16 08:31:00 relay <13>Nov 16 08:30:05 gw app[7]: hello",
    ] {
        assert_facts(
            record,
            &[
                "@timestamp=2026-11-16T08:30:05+09:00"
                    .replace(
                        "2026-11-16T08:30:05+09:00",
                        if record.contains('Z') {
                            "2026-11-15T23:30:05Z"
                        } else {
                            "2026-11-16T08:30:05+09:00"
                        },
                    )
                    .as_str(),
                "observer.name=gw",
                "process.name=app",
                "process.pid=7",
                "message=hello",
                "time.source=header",
                "time.trusted=",
            ],
        );
    }
}

#[test]
fn a_receiver_whose_clock_shows_another_time_is_told() {
    for (record, created) in [
        (
            "Nov 16 08:31:05 relay Nov 16 08:30:05 gw app[7]: hello",
            "2026-11-16T08:31:05+09:00",
        ),
        ("Nov 16 08:31:04 relay Nov 16 08:30:05 gw app[7]: hello", ""),
        (
            "Nov 16 08:29:05 sw1 60: Nov 16 08:30:05.123: %SYS-5-CONFIG_I: x",
            "2026-11-16T08:29:05+09:00",
        ),
        (
            "Nov 16 08:30:05 sw1 60: *Nov 15 08:30:05.123: %SYS-5-CONFIG_I: x",
            "",
        ),
        (
            "Jan  1 00:00:05 relay Dec 31 08:30:05 gw app[7]: hello",
            "2026-01-01T00:00:05+09:00",
        ),
        ("Nov 16 08:30:05 gw app[7]: hello", ""),
    ] {
        assert_facts(record, &[&format!("event.created={created}")]);
    }
}

#[test]
fn missing_parts_are_missing() {
    assert_facts(
        "<190>Jul  4 09:39:40 dhcpd[64305]: x",
        &[
            "observer.name=",
            "process.name=dhcpd",
            "log.syslog.priority=190",
            "log.syslog.facility.code=23",
            "log.syslog.severity.code=6",
            "time.year=inferred",
        ],
    );
    assert_facts(
        "Feb 18 16:01:59 serverX -- MARK --",
        &["message=-- MARK --", "process.name="],
    );
    assert_facts(
        "<14>Aug 30 23:00:05 X4711",
        &["observer.name=X4711", "message="],
    );
    assert_facts(
        "Nov 16 08:30:05 2001:db8::1 a: x",
        &["observer.name=2001:db8::1", "observer.ip=2001:db8::1"],
    );
    assert_facts(
        "Nov 16 08:30:05 gw nasapi[19090] - log",
        &["process.pid=19090", "message=- log"],
    );
}

#[test]
fn structured_data_is_taken_apart() {
    assert_facts(
        r#"<165>1 2026-10-11T22:14:15.003Z h app - ID47 [a@1 iut="3" src= "x\"y]" n=z][b c="\]"] text"#,
        &[
            "iut=3",
            "src=x\"y]",
            "n=z",
            "c=]",
            "message=text",
            "log.syslog.msgid=ID47",
            "@timestamp=2026-10-11T22:14:15.003Z",
            "process.pid=",
        ],
    );
    // Data that does not end is message; nothing is lost.
    assert_facts(
        "<165>1 2026-10-11T22:14:15Z h app - - [a b",
        &["message=[a b"],
    );
}

#[test]
fn records_without_time_are_refused_with_the_reason() {
    let parser = parser();
    for (record, reason) in [
        (
            "<174>'administrator' succeeded for SSH: 192.168.20.2 admin",
            Reason::NoTime,
        ),
        ("this is not syslog", Reason::NoTime),
        ("  c0 21 01 01", Reason::Continuation),
        ("\tat jp.example.Main", Reason::Continuation),
        (
            "2015/04/24 12:01:34:   c0 21 01 01 00 0e",
            Reason::Continuation,
        ),
        ("Feb 30 10:00:00 gw a: x", Reason::BadTime),
        ("Nov 16 24:00:00 gw a: x", Reason::BadTime),
        ("<13>1 - h a - - - x", Reason::NoTime),
        ("<190>12: 5d17h: %SYS-5-CONFIG_I: x", Reason::NoTime),
        ("<192>Nov 16 08:30:05 gw a: x", Reason::NoTime),
    ] {
        assert_eq!(read(&*parser, record), Became::Rejected(reason), "{record}");
    }
    assert_eq!(read(&*parser, "  \t"), Became::Other("Blank".into()));
    assert_eq!(read(&*parser, "# comment"), Became::Other("Heading".into()));
    assert_eq!(
        read(&*parser, "-- Boot 5c1 --"),
        Became::Other("Heading".into())
    );
    let paris = parser_at("Europe/Paris", "2025-04-30T00:00:00Z");
    let skipped = read(&*paris, "Mar 30 02:30:00 gw a: x");
    assert_eq!(skipped, Became::Rejected(Reason::NonexistentTime));
    // That hour was there the year before.
    let paris = parser_at("Europe/Paris", "2025-03-20T00:00:00Z");
    assert_fields(
        &*paris,
        "Mar 30 02:30:00 gw a: x",
        &["@timestamp=2024-03-30T02:30:00+01:00"],
    );
}

#[test]
fn the_year_is_the_latest_that_fits() {
    let year = |reference, time: &str| {
        let fields = read(
            &*parser_at("Asia/Tokyo", reference),
            &format!("{time} gw a: x"),
        )
        .fields();
        fields["@timestamp"][..4].to_owned()
    };
    assert_eq!(year("2026-01-01T00:00:05+09:00", "Dec 31 23:59:58"), "2025");
    assert_eq!(year("2025-12-31T23:59:50+09:00", "Jan  1 00:00:10"), "2026");
    assert_eq!(year("2026-03-10T09:00:00+09:00", "Mar 11 09:00:00"), "2026");
    assert_eq!(year("2026-03-10T09:00:00+09:00", "Mar 11 09:00:01"), "2025");
    assert_eq!(year("2027-03-02T09:00:00+09:00", "Feb 29 10:00:00"), "2024");
    let pinned = parser_of("", "Asia/Tokyo", "2026-03-10T09:00:00+09:00", Some(2019));
    assert_fields(
        &*pinned,
        "Dec 31 10:00:00 gw a: x",
        &["@timestamp=2019-12-31T10:00:00+09:00"],
    );
    assert_eq!(
        read(&*pinned, "Feb 29 10:00:00 gw a: x"),
        Became::Rejected(Reason::BadTime)
    );
}

#[test]
fn clocks_that_were_never_set_are_not_trusted() {
    for record in [
        "1980/01/01 09:23:13: Login succeeded for Serial",
        "2020/01/01 09:00:17: Power-on boot",
        "Thu Jan  1 00:00:40 1970 daemon.info hostapd: x",
        "*Nov 16 08:30:05.123: %SYS-5-CONFIG_I: Configured from console by console",
        ".Nov 16 08:30:05.123 JST: %SYS-5-CONFIG_I: Configured from console by console",
        "Nov 16 08:30:06 gw 12: *Mar  1 00:01:05.123: %SYS-5-CONFIG_I: Configured from console by console",
        "Nov 16 08:30:06 gw 12: 2y10w: %SYS-5-CONFIG_I: Configured from console by console",
    ] {
        assert_facts(record, &["time.trusted=false"]);
    }
    // The receiver's clock stands in for one that was never set.
    assert_facts(
        "Nov 16 08:30:06 gw 12: *Mar  1 00:01:05.123: %SYS-5-CONFIG_I: Configured from console by console",
        &["@timestamp=2026-11-16T08:30:06+09:00", "time.source=header"],
    );
    assert_facts(
        "2020/01/02 09:00:17: Power-on boot",
        &["time.trusted=", "event.action=restart"],
    );
}

#[test]
fn repeats_are_handed_on_with_their_reporter() {
    let parser = parser();
    let repeat = |record: &str| read(&*parser, record);
    let of = |count, host: &str| Became::Repeat(count, Some(host.to_owned()));
    assert_eq!(
        repeat("Nov 16 10:00:31 gw last message repeated 5 times"),
        of(5, "gw")
    );
    assert_eq!(
        repeat("Nov 16 10:00:31 gw LAST MESSAGE REPEATED 1 time"),
        of(1, "gw")
    );
    assert_eq!(
        repeat("Nov 16 10:00:31 gw last message repeated 99999999999 times"),
        of(1_000_000, "gw")
    );
    assert_eq!(
        repeat("2018/10/25 15:46:26: same message repeated 3 times"),
        Became::Repeat(3, None)
    );
    assert_eq!(
        repeat("Nov 16 10:00:31 last message repeated 2 times"),
        Became::Repeat(2, None)
    );
    assert_eq!(parser.reporter("Nov 16 10:00:01 gw sshd[1]: x"), Some("gw"));
    for text in [
        "Nov 16 10:00:31 gw last message repeated 5.2 times",
        "Nov 16 10:00:31 gw last message repeated 5 times -- more",
        "Nov 16 10:00:31 gw last message repeated 0 times",
        "Nov 16 10:00:31 gw logger: last message repeated 500 times",
    ] {
        assert_facts(text, &["event.action=", "count=1"]);
    }
    assert_facts(
        "Nov 16 10:00:31 gw sshd[1]: message repeated 5 times: [ Failed password for root from 192.0.2.9 port 1 ssh2]",
        &[
            "count=5",
            "repeat.count=5",
            "event.action=login",
            "event.outcome=failure",
            "source.ip=192.0.2.9",
            "message=Failed password for root from 192.0.2.9 port 1 ssh2",
        ],
    );
}

#[test]
fn what_stands_in_an_envelope_of_rfc_5424_is_read_as_outside() {
    let login = "Configured from console by taro on vty0 (192.0.2.9)";
    for record in [
        format!("<189>1 2026-11-16T08:30:05+09:00 sw1 - - - - %SYS-5-CONFIG_I: {login}"),
        format!("<189>1 2026-11-16T08:30:05+09:00 sw1 %SYS-5-CONFIG_I - - - {login}"),
        format!("<189>1 2026-11-16T08:30:05+09:00 sw1 101 - - - %SYS-5-CONFIG_I: {login}"),
        format!(
            "<189>1 2026-11-16T08:30:06+09:00 sw1 - - - - 101: Nov 16 08:30:05: %SYS-5-CONFIG_I: {login}"
        ),
    ] {
        assert_facts(
            &record,
            &[
                "@timestamp=2026-11-16T08:30:05+09:00",
                "event.action=config-change",
                "event.code=SYS-5-CONFIG_I",
                "user.name=taro",
                "source.ip=192.0.2.9",
                "observer.name=sw1",
                "log.syslog.priority=189",
            ],
        );
    }
    assert_facts(
        "<38>1 2026-11-16T08:30:05+09:00 gw - - - - sshd[7]: Failed password for root from 192.0.2.9 port 1 ssh2",
        &[
            "event.action=login",
            "event.outcome=failure",
            "process.pid=7",
        ],
    );
    // A code inside somebody's text is text.
    assert_facts(
        "<38>1 2026-11-16T08:30:05+09:00 gw app - - - he wrote %SYS-5-CONFIG_I: x by taro on vty0",
        &["event.action=", "process.name=app"],
    );
}
