//! What each device says.

use super::*;

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
