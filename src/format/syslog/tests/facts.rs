//! Facts, one by one: envelopes, times, repeats, and what each device says.

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
fn yamaha_flows_and_leases() {
    assert_facts(
        "Nov 16 08:30:05 rtx1220 [INSPECT] LAN2[out][101098] TCP 192.168.1.73:54791 > 203.0.113.13:443 (2026/11/16 08:28:57)",
        &[
            "event.action=allow",
            "network.transport=tcp",
            "network.direction=outbound",
            "source.ip=192.168.1.73",
            "source.port=54791",
            "destination.ip=203.0.113.13",
            "destination.port=443",
            "rule.id=101098",
            "observer.egress.interface.name=LAN2",
            "event.start=2026-11-16T08:28:57+09:00",
            "observer.vendor=Yamaha",
            "process.name=",
        ],
    );
    assert_facts(
        "Nov 16 08:30:05 rtx1220 PP[01] Rejected at IN(2000) filter: ICMP 198.51.100.7 > 203.0.113.1 : echo request",
        &[
            "event.action=deny",
            "network.transport=icmp",
            "source.ip=198.51.100.7",
            "source.port=",
            "destination.ip=203.0.113.1",
            "observer.ingress.interface.name=PP[01]",
        ],
    );
    assert_facts(
        "Nov 16 08:30:05 rtx1220 [DHCPD] LAN1(port4) Allocates 192.168.182.4: 38:56:10:c6:f3:39",
        &[
            "event.action=dhcp-lease",
            "client.ip=192.168.182.4",
            "source.ip=192.168.182.4",
            "client.mac=38-56-10-C6-F3-39",
            "source.mac=38-56-10-C6-F3-39",
            "observer.ingress.interface.name=LAN1",
            "observer.ingress.interface.id=port4",
        ],
    );
    assert_facts(
        "Nov 16 08:30:05 rtx1220 [DHCPD] LAN1(port4) Released 192.168.182.4: 38:56:10:c6:f3:39",
        &["event.action=dhcp-release"],
    );
}

#[test]
fn yamaha_doors() {
    assert_facts(
        "Nov 16 08:30:05 rtx1220 Login succeeded for HTTP: 192.168.182.200 admin",
        &[
            "event.action=login",
            "event.outcome=success",
            "user.id=admin",
            "user.name=admin",
            "service.name=http",
            "source.ip=192.168.182.200",
            "event.code=succeeded",
        ],
    );
    assert_facts(
        "Nov 16 08:30:05 rtx1220 Login failed for TELNET: 192.168.182.200",
        &[
            "event.action=login",
            "event.outcome=failure",
            "user.name=",
            "service.name=telnet",
        ],
    );
    for text in [
        "SSHD login failed, 192.0.2.66",
        "[SSHD] login failed, 192.0.2.66",
    ] {
        assert_facts(
            &format!("Nov 16 08:30:05 rtx1220 {text}"),
            &[
                "event.action=login",
                "event.outcome=failure",
                "service.name=ssh",
                "source.ip=192.0.2.66",
            ],
        );
    }
    assert_facts(
        "2026/11/16 08:30:05: PP[ANONYMOUS01] Call detected from user 'taro'",
        &[
            "event.action=login",
            "event.outcome=unknown",
            "service.name=vpn",
            "user.name=taro",
        ],
    );
    assert_facts(
        "2026/11/16 08:30:05: [v6plus] any text of a script",
        &[
            "event.action=",
            "observer.vendor=Yamaha",
            "message=[v6plus] any text of a script",
        ],
    );
}

#[test]
fn one_failure_of_ssh_is_one_failure() {
    for (text, code) in [
        ("Invalid user admin from 192.0.2.9 port 5", "invalid-user"),
        (
            "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.9  user=root",
            "pam-failure",
        ),
        (
            "error: PAM: Authentication failure for root from 192.0.2.9",
            "pam-failure",
        ),
        (
            "error: maximum authentication attempts exceeded for root from 192.0.2.9 port 5 ssh2 [preauth]",
            "too-many-attempts",
        ),
        (
            "Connection closed by invalid user a b 192.0.2.9 port 5 [preauth]",
            "closed",
        ),
        (
            "Failed publickey for git from 192.0.2.9 port 5 ssh2: RSA SHA256:x",
            "key-refused",
        ),
    ] {
        assert_facts(
            &format!("Nov 16 08:30:05 gw sshd[1]: {text}"),
            &[
                "event.action=",
                &format!("event.code={code}"),
                "source.ip=192.0.2.9",
            ],
        );
    }
    assert_facts(
        "Nov 16 08:30:05 gw sshd-session[1]: Accepted publickey for taro from 2001:db8::9 port 5 ssh2: ED25519 SHA256:x",
        &[
            "event.action=login",
            "event.outcome=success",
            "user.id=taro",
            "source.ip=2001:db8::9",
            "source.port=5",
            "service.name=ssh",
            "host.name=gw",
            "event.code=publickey",
        ],
    );
    assert_facts(
        "Nov 16 08:30:05 gw login[1]: pam_unix(login:auth): authentication failure; logname=LOGIN uid=0 euid=0 tty=/dev/tty1 ruser= rhost=  user=taro",
        &[
            "event.action=login",
            "event.outcome=failure",
            "user.name=taro",
            "service.name=console",
            "source.ip=",
        ],
    );
}

#[test]
fn older_words_of_pam_and_dropbear() {
    for (record, facts) in [
        (
            "Nov 16 08:30:05 gw proftpd: (pam_unix) authentication failure; logname= uid=0 euid=0 tty= ruser= rhost=192.0.2.9  user=mark",
            ["login", "failure", "mark", "192.0.2.9"],
        ),
        (
            "Nov 16 08:30:05 gw vsftpd: pam_unix: authentication failure; logname= uid=0 euid=0 tty=ftp ruser=an8767 rhost=192.0.2.9",
            ["login", "failure", "an8767", "192.0.2.9"],
        ),
        // What the other side calls itself is not where it comes from.
        (
            "Nov 16 08:30:05 gw vsftpd[1]: pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=x  user=root rhost=10.0.0.1 rhost=192.0.2.9",
            [
                "login",
                "failure",
                "x  user=root rhost=10.0.0.1",
                "192.0.2.9",
            ],
        ),
        // sshd writes its own line about the attempt.
        (
            "Nov 16 08:30:05 gw sshd[1]: (pam_unix) authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.9  user=root",
            ["", "", "root", "192.0.2.9"],
        ),
        (
            "Nov 16 08:30:05 ap dropbear[1]: login attempt for nonexistent user from ::ffff:192.0.2.9:60495",
            ["login", "failure", "", "192.0.2.9"],
        ),
    ] {
        let [action, outcome, user, from] = facts;
        assert_facts(
            record,
            &[
                &*format!("event.action={action}"),
                &*format!("event.outcome={outcome}"),
                &*format!("user.name={user}"),
                &*format!("source.ip={from}"),
            ],
        );
    }
}

#[test]
fn rights_of_others() {
    assert_facts(
        "Nov 16 08:30:05 gw sudo:     taro : TTY=pts/0 ; PWD=/home/taro ; USER=root ; COMMAND=/bin/sh -c a ; b",
        &[
            "event.action=privilege-change",
            "event.outcome=success",
            "user.name=taro",
            "user.effective.name=root",
            "process.command_line=/bin/sh -c a ; b",
            "process.working_directory=/home/taro",
        ],
    );
    for reason in [
        "user NOT in sudoers",
        "3 incorrect password attempts",
        "command not allowed",
    ] {
        assert_facts(
            &format!(
                "Nov 16 08:30:05 gw sudo:  taro : {reason} ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/ls"
            ),
            &[
                "event.action=privilege-change",
                "event.outcome=failure",
                &format!("event.reason={reason}"),
            ],
        );
    }
    assert_facts(
        "Nov 16 08:30:05 gw su: FAILED SU (to root) taro on pts/0",
        &[
            "event.action=privilege-change",
            "event.outcome=failure",
            "user.name=taro",
            "user.effective.name=root",
        ],
    );
}

#[test]
fn dropbear_counts_passwords() {
    for (text, outcome) in [
        (
            "Password auth succeeded for 'root' from 192.0.2.9:5022",
            "success",
        ),
        (
            "Bad password attempt for 'root' from 192.0.2.9:5022",
            "failure",
        ),
        (
            "bad password attempt for 'root' from ::ffff:192.0.2.9:5022",
            "failure",
        ),
        (
            "[812] Nov 16 08:30:05 Bad password attempt for 'root' from 192.0.2.9:5022",
            "failure",
        ),
    ] {
        assert_facts(
            &format!("Mon Nov 16 08:30:05 2026 authpriv.warn dropbear[812]: {text}"),
            &[
                "event.action=login",
                &format!("event.outcome={outcome}"),
                "user.name=root",
                "source.ip=192.0.2.9",
                "source.port=5022",
                "log.level=warn",
                "time.year=",
            ],
        );
    }
    assert_facts(
        "Mon Nov 16 08:30:05 2026 authpriv.info dropbear[812]: Exit before auth from <192.0.2.9:5022>: (user 'root', 10 fails): Max auth tries reached",
        &["event.action=", "source.ip=192.0.2.9"],
    );
}

#[test]
fn leases_of_linux_servers() {
    for (text, name) in [
        (
            "dhcpd: DHCPACK on 10.0.2.52 to 00:01:21:30:0f:a0 (Lab001) via vlan2",
            "Lab001",
        ),
        (
            "dnsmasq-dhcp[1]: DHCPACK(vlan2) 10.0.2.52 00:01:21:30:0f:a0 Lab001",
            "Lab001",
        ),
        (
            "dnsmasq-dhcp[1]: 4711 DHCPACK(vlan2) 10.0.2.52 00:01:21:30:0f:a0",
            "",
        ),
        (
            "kea-dhcp4: INFO  DHCP4_LEASE_ALLOC [hwtype=1 00:01:21:30:0f:a0], cid=[no info], tid=0x1: lease 10.0.2.52 has been allocated for 300 seconds",
            "",
        ),
    ] {
        assert_facts(
            &format!("Nov 16 08:30:05 gw {text}"),
            &[
                "event.action=dhcp-lease",
                "client.ip=10.0.2.52",
                "client.mac=00-01-21-30-0F-A0",
                &format!("client.domain={name}"),
            ],
        );
    }
    for text in [
        "dhcpd: DHCPREQUEST for 10.0.2.52 (10.0.2.1) from 00:01:21:30:0f:a0 via vlan2",
        "dhcpd: DHCPDISCOVER from 00:01:21:30:0f:a0 via vlan2: network 10.0.2.0/24: no free leases",
        "dhcpd: DHCPACK to 10.0.2.52 (00:01:21:30:0f:a0) via vlan2",
    ] {
        assert_facts(&format!("Nov 16 08:30:05 gw {text}"), &["event.action="]);
    }
}

#[test]
fn packets_and_their_verdicts() {
    assert_facts(
        "Nov 16 08:30:05 gw kernel: [12.5] [UFW BLOCK] IN=eth0 OUT= MAC=00:11:22:33:44:55:66:77:88:99:aa:bb:08:00 SRC=192.0.2.9 DST=10.0.0.5 LEN=40 ID=1 PROTO=TCP SPT=44321 DPT=22 SYN [SRC=1.1.1.1 DST=2.2.2.2 ]",
        &[
            "event.action=deny",
            "source.ip=192.0.2.9",
            "destination.ip=10.0.0.5",
            "source.port=44321",
            "destination.port=22",
            "network.transport=tcp",
            "destination.mac=00-11-22-33-44-55",
            "source.mac=66-77-88-99-AA-BB",
            "observer.ingress.interface.name=eth0",
            "rule.id=UFW BLOCK",
            "network.direction=inbound",
        ],
    );
    for (prefix, action) in [
        ("[LAN_LOCAL-default-A]", "allow"),
        ("[WAN-3-D]", "deny"),
        ("", ""),
        ("LOG: ", ""),
    ] {
        assert_facts(
            &format!(
                "Nov 16 08:30:05 gw kernel: {prefix}IN=eth0 OUT=eth1 SRC=192.0.2.9 DST=10.0.0.5 PROTO=47"
            ),
            &[
                &format!("event.action={action}"),
                "network.transport=gre",
                "observer.egress.interface.name=eth1",
            ],
        );
    }
}

#[test]
fn cisco_says_who_and_from_where() {
    assert_facts(
        "<189>58: sw01: 60: Nov 16 08:30:05.123 JST: %SYS-5-CONFIG_I: Configured from console by admin on vty0 (192.0.2.9)",
        &[
            "@timestamp=2026-11-16T08:30:05.123+09:00",
            "event.action=config-change",
            "user.name=admin",
            "source.ip=192.0.2.9",
            "observer.name=sw01",
            "observer.vendor=Cisco",
            "event.sequence=60",
            "time.source=message",
        ],
    );
    // A number without a colon is no counter.
    assert_facts(
        "<189>sw01: 7 Nov 16 08:30:05 JST: %SYS-5-CONFIG_I: Configured from console by admin on vty0 (192.0.2.9)",
        &["event.sequence=", "observer.name=sw01"],
    );
    assert_facts(
        "<189>1 2026-11-16T08:30:05+09:00 fw1 app - - [meta sequenceId=\"0042\"][x sequenceId=\"9\"] hello",
        &["event.sequence=0042", "sequenceId=9"],
    );
    assert_facts(
        "<189>sw01: Nov 16 08:30:05 JST: %SEC_LOGIN-4-LOGIN_FAILED: Login failed [user: x] [Source: 9.9.9.9] [localport: 1] ] [Source: 192.0.2.9] [localport: 22] [Reason: Login Authentication Failed] at 08:30:05 JST Mon Nov 16 2026",
        &[
            "event.action=login",
            "event.outcome=failure",
            "source.ip=192.0.2.9",
            "service.name=ssh",
            "event.reason=Login Authentication Failed",
        ],
    );
    // A code inside somebody's text is text.
    assert_facts(
        "Nov 16 08:30:05 gw sshd[1]: Invalid user x: %SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: root] from 192.0.2.9 port 5",
        &[
            "event.action=",
            "source.ip=192.0.2.9",
            "observer.vendor=",
            "process.name=sshd",
        ],
    );
}

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
fn a_router_may_have_a_tag_of_its_receiver() {
    for before in [
        "Nov 16 08:30:05 rtx1220 yamaha: ",
        "Nov 16 08:30:05 192.0.2.1 RTX1220: ",
        "Nov 16 08:30:05 gate gate: ",
        "Nov 16 08:30:05 NVR510: ",
        "<174>1 2026-11-16T08:30:05+09:00 gate rtx - - - ",
    ] {
        for (text, facts) in [
            (
                "Login failed for TELNET: 192.0.2.66 bob",
                [
                    "event.action=login",
                    "event.outcome=failure",
                    "user.name=bob",
                ],
            ),
            (
                "PP[01] Rejected at IN(2000) filter: TCP 198.51.100.7:1 > 203.0.113.1:22",
                [
                    "event.action=deny",
                    "source.ip=198.51.100.7",
                    "rule.id=2000",
                ],
            ),
        ] {
            let record = format!("{before}{text}");
            assert_facts(&record, &facts);
            assert_facts(&record, &["observer.vendor=Yamaha"]);
        }
        assert!(matches!(
            read(
                &*parser(),
                &format!("{before}same message repeated 3 times")
            ),
            Became::Repeat(3, _)
        ));
    }
    // Another program does not speak for the router.
    assert_facts(
        "Nov 16 08:30:05 gate shop: Login failed for TELNET: 192.0.2.66 bob",
        &["event.action=", "observer.vendor="],
    );
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

#[test]
fn leases_tell_how_long_and_to_whom() {
    assert_facts(
        "Nov 16 08:30:05 gw dhcpd[7]: DHCPACK on 192.0.2.5 to 00:11:22:33:44:55 (pc1) via em0 relay 192.0.2.254 lease-duration 3600 uid 01:00:11:22:33:44:55",
        &[
            "event.action=dhcp-lease",
            "dhcp.lease_seconds=3600",
            "client.domain=pc1",
        ],
    );
    assert_facts(
        "2026-11-16 08:30:05.083 INFO  [kea-dhcp6.leases/24.1] DHCP6_LEASE_ALLOC duid=[00:01:00:01], [no hwaddr info], tid=0x1: lease for address 2001:db8::5 and iaid=1 has been allocated for 300 seconds",
        &[
            "event.action=dhcp-lease",
            "client.ip=2001:db8::5",
            "client.mac=",
            "dhcp.lease_seconds=300",
        ],
    );
}

#[test]
fn stations_and_hosts_of_rarer_messages_are_told() {
    assert_facts(
        "Nov 16 08:30:05 ap hostapd: wlan0: rejecting new auth from 00:11:22:33:44:55 (exceeded max client)",
        &["client.mac=00-11-22-33-44-55", "event.action="],
    );
    let cisco = |text: &str| format!("<189>101: Nov 16 08:30:05: {text}");
    assert_facts(
        &cisco("%SYS-6-TTY_EXPIRE_TIMER: (exec timer expired, tty 3 (192.0.2.9)), user taro"),
        &[
            "event.action=logout",
            "user.name=taro",
            "source.ip=192.0.2.9",
            "session.id=3",
        ],
    );
    assert_facts(
        &cisco("%SEC-6-IPACCESSLOGS: list 1 denied 192.0.2.9 3 packets"),
        &[
            "event.action=deny",
            "source.ip=192.0.2.9",
            "network.packets=3",
        ],
    );
    assert_facts(
        &cisco(
            "%SEC-6-IPACCESSLOGP: list 101 permitted udp 192.0.2.9(42) (GigabitEthernet0/0 0011.2233.4455) -> 192.0.2.1(53), 1 packet",
        ),
        &[
            "event.action=allow",
            "source.ip=192.0.2.9",
            "source.port=42",
            "source.mac=00-11-22-33-44-55",
            "observer.ingress.interface.name=GigabitEthernet0/0",
            "destination.ip=192.0.2.1",
        ],
    );
    assert_facts(
        &cisco("%DOT11-7-AUTH_FAILED: Station 0011.2233.4455 Authentication failed"),
        &[
            "event.action=wifi-associate",
            "event.outcome=failure",
            "client.mac=00-11-22-33-44-55",
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
