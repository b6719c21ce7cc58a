//! The collected samples, where `YOMAWARI_SAMPLES` names their folder: every expectation they
//! state is held.

use std::path::PathBuf;

use serde_json::Value;

use super::*;

fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("YOMAWARI_SAMPLES").map(PathBuf::from);
    let folder = named.filter(|f| f.is_dir());
    if folder.is_none() {
        println!("skipped: YOMAWARI_SAMPLES names no folder of samples");
    }
    folder
}

fn text_of(folder: &std::path::Path, file: &str) -> Option<String> {
    let bytes = std::fs::read(folder.join(file)).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

fn cases(folder: &std::path::Path, file: &str) -> Vec<Value> {
    let text = text_of(folder, file).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Names the samples use, and ours.
fn our_name(name: &str) -> &str {
    match name {
        "network.protocol" => "service.name",
        "network.name" => "wifi.ssid",
        "wlan.bssid" => "wifi.bssid",
        "wlan.security_generation" => "wifi.security",
        "wlan.key_mgmt" => "wifi.key_mgmt",
        other => other,
    }
}

/// The values our vocabulary has for theirs; empty for what it leaves out.
fn our_values(name: &str, theirs: &str) -> &'static [&'static str] {
    match (name, theirs) {
        ("event.action", "admin-login") => &["login"],
        ("event.action", "admin-logout") => &["logout"],
        ("event.action", "admin-elevate") => &["privilege-change"],
        ("event.action", "login-lockout") => &["account-locked"],
        ("event.action", "config-save" | "config-change") => &["config-change"],
        ("event.action", "dhcp-assign" | "dhcp-renew") => &["dhcp-lease"],
        ("event.action", "wlan-associate" | "wlan-connect") => &["wifi-associate"],
        ("event.action", "wlan-disconnect" | "wlan-disassociate") => &["wifi-deauthenticate"],
        ("event.action", "boot" | "reboot") => &["restart"],
        ("event.action", "session-end") => &["allow"],
        ("event.action", "unknown-device-blocked") => &["deny"],
        ("event.action", "vpn-connect") => &["vpn-up"],
        ("event.action", "vpn-login-attempt") => &["login"],
        ("event.action", "wan-up") => &["link-up"],
        ("event.action", "wan-down") => &["link-down"],
        (
            "event.action",
            "vpn-negotiate" | "wlan-key-complete" | "dhcp-offer" | "dns-response" | "dnat"
            | "device-auth" | "unknown" | "wlan-join",
        ) => &[""],
        ("service.name", "serial") => &["console"],
        ("time.trusted", "true") => &[""],
        ("log.level", "warning") => &["warn"],
        ("log.level", "error") => &["err"],
        _ => &[],
    }
}

/// What stands for the sample's value when it is not the same text.
fn agrees(name: &str, theirs: &Value, ours: &BTreeMap<String, String>) -> bool {
    let found = ours.get(name).map_or("", String::as_str);
    let text = match theirs {
        Value::String(text) => text.clone(),
        Value::Array(list) => match list.first() {
            Some(Value::String(first)) => first.clone(),
            _ => return false,
        },
        other => other.to_string(),
    };
    let known = our_values(name, &text);
    if known.contains(&found) {
        return true;
    }
    match name {
        "@timestamp" | "event.start" => instant(found).nanos == instant(&text).nanos,
        _ => found == text || found.eq_ignore_ascii_case(&text) && name == "log.level",
    }
}

/// Fields that come from outside the record or that are derived later.
fn is_foreign(name: &str) -> bool {
    matches!(
        name,
        "client.mac_randomized"
            | "log.syslog.facility.name"
            | "event.kind"
            | "log.origin.tty"
            | "event.sequence"
            | "dns.resolved_ip"
            | "event.category"
    )
}

fn check_curated(folder: &std::path::Path, file: &str, leave_out: &[&str]) {
    let mut wrong = Vec::new();
    for case in cases(folder, file) {
        let format = case["format"].as_str().unwrap_or("");
        if leave_out.contains(&format) || case["id"] == "unifi-stahtd" {
            continue;
        }
        let received = case["received"].as_str();
        let mut raw = case["raw"].as_str().unwrap().to_owned();
        // What was received without a time gets the receiver's, as its file would have it.
        let bare = case["expected"]["time.source"] == "received" || format == "arpwatch";
        if bare {
            let (priority, text) = match raw.find('>') {
                Some(end) if raw.starts_with('<') => raw.split_at(end + 1),
                _ => ("", raw.as_str()),
            };
            raw = format!("{priority}{} router {text}", received.unwrap());
        }
        let reference = received.unwrap_or("2026-11-17T12:00:00+09:00");
        let parser = parser_at(case["tz"].as_str().unwrap(), reference);
        match read(&*parser, &raw) {
            Became::Event(fields) => {
                for (name, value) in case["expected"].as_object().unwrap() {
                    let name = our_name(name);
                    let received_time = bare && matches!(name, "@timestamp" | "time.source");
                    let viewer = case["id"] == "yamaha-sshd-fail" && name.starts_with("log.syslog");
                    if is_foreign(name) || received_time || viewer {
                        continue;
                    }
                    if !agrees(name, value, &fields) {
                        let ours = fields.get(name);
                        wrong.push(format!("{}: {name}: {value} != {ours:?}", case["id"]));
                    }
                }
            }
            Became::Repeat(count, _) => {
                assert_eq!(case["expected"]["repeat.count"], count);
            }
            Became::Rejected(Reason::Continuation) => {
                assert_eq!(case["expected"]["event.kind"], "continuation");
            }
            other => wrong.push(format!("{}: {other:?}", case["id"])),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn yamaha_samples_hold() {
    let Some(folder) = folder() else { return };
    check_curated(&folder, "router/curated/yamaha-rtx.jsonl", &[]);
}

#[test]
fn wireless_and_cisco_samples_hold() {
    let Some(folder) = folder() else { return };
    // Devices that have no part of their own here are read as messages only.
    let others = [
        "mikrotik",
        "fortigate",
        "aruba-os",
        "linksys-ap",
        "arpwatch",
        "synology-dsm",
    ];
    check_curated(
        &folder,
        "router/curated/wireless-dhcp-dns-cisco.jsonl",
        &others,
    );
}

#[test]
fn time_samples_hold() {
    let Some(folder) = folder() else { return };
    let mut wrong = Vec::new();
    for case in cases(&folder, "router/curated/time-cases.jsonl") {
        let id = case["id"].as_str().unwrap();
        // Other formats' own times; and daylight saving, for which the design decides otherwise.
        let elsewhere = [
            "squid-epoch",
            "forti-ns",
            "forti-s",
            "forti-notz",
            "bind",
            "panos-us",
            "meraki-epoch",
            "dst-gap",
            "dst-fold",
        ];
        if elsewhere.contains(&id) {
            continue;
        }
        let received = case["received"].as_str().unwrap();
        let parser = parser_at(case["tz"].as_str().unwrap(), received);
        let text = case["timestamp_text"].as_str().unwrap();
        let record = match case["layout"].as_str() {
            Some("Cisco IOS") => format!("<190>12: {text}: %SYS-5-CONFIG_I: Configured"),
            Some("Yamaha" | "Yamaha WLX") => format!("{text}: Power-on boot"),
            _ => format!("{text} gw a: x"),
        };
        let trusted = case["trusted"].as_bool().unwrap();
        match read(&*parser, &record) {
            Became::Event(fields) => {
                let expected = instant(case["expected_utc"].as_str().unwrap()).nanos;
                // A clock that is not to be trusted tells its own time; the samples put the
                // reception in its place.
                let right = fields["epoch"] == expected.to_string() || !trusted;
                if !right || fields.contains_key("time.trusted") == trusted {
                    wrong.push(format!("{id}: {fields:?}"));
                }
            }
            Became::Rejected(Reason::NoTime) if id.starts_with("cisco-uptime") => {}
            other => wrong.push(format!("{id}: {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn repeat_samples_hold() {
    let Some(folder) = folder() else { return };
    for case in cases(&folder, "router/curated/repeat-cases.jsonl") {
        let id = case["id"].as_str().unwrap();
        if matches!(
            id,
            "cisco-wlc-repeat" | "aruba-repeat" | "cisco-acl-packets" | "cisco-acl-missed"
        ) {
            continue;
        }
        let parser = parser();
        let mut events = 0;
        for line in case["lines"].as_array().unwrap() {
            match read(&*parser, line.as_str().unwrap()) {
                Became::Event(fields) => events += fields["count"].parse::<u32>().unwrap(),
                Became::Repeat(count, _) => events += count,
                other => panic!("{id}: {other:?}"),
            }
        }
        assert_eq!(case["events"], events, "{id}");
    }
}

/// The lines of fail2ban's file with what it expects of each.
#[test]
fn fail2ban_sshd_samples_hold() {
    let Some(folder) = folder() else { return };
    let Some(text) = text_of(&folder, "router/fail2ban/sshd") else {
        return;
    };
    let parser = parser_at("Europe/Zurich", "2005-08-14T12:00:00+02:00");
    let mut expected = Value::Null;
    let (mut times, mut hosts, mut failures) = (0, 0, 0);
    for line in text.lines() {
        if let Some(json) = line.strip_prefix("# failJSON: ") {
            expected = serde_json::from_str(json).unwrap();
            continue;
        }
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let fields = read(&*parser, line).fields();
        let failed = fields.get("event.outcome").map(String::as_str) == Some("failure");
        let matches = expected["match"].as_bool().unwrap();
        assert!(matches || !failed, "{line}\n{fields:#?}");
        if line.contains(": Failed ") || line.contains("] Failed ") {
            assert_eq!(failed, matches, "{line}\n{fields:#?}");
            failures += 1;
        }
        if let Some(time) = expected["time"].as_str() {
            let local = chrono::NaiveDateTime::parse_from_str(time, "%Y-%m-%dT%H:%M:%S").unwrap();
            let found = chrono::DateTime::parse_from_rfc3339(&fields["@timestamp"]).unwrap();
            let found = found.with_timezone(&chrono_tz::Europe::Zurich);
            assert_eq!(
                found.timestamp(),
                local
                    .and_local_timezone(found.timezone())
                    .unwrap()
                    .timestamp(),
                "{line}"
            );
            times += 1;
        }
        // Hosts that stand in another line of the same process are not this line's.
        let host = expected["host"]
            .as_str()
            .unwrap_or("")
            .replace("192.030", "192.30");
        let named = line.replace("192.030", "192.30").contains(&host);
        if matches && !host.is_empty() && named && !line.contains("SSH: Server") {
            let from = fields.get("source.ip").or(fields.get("source.domain"));
            let from = from.map(|f| f.replace("192.030", "192.30"));
            assert_eq!(from.as_deref(), Some(host.as_str()), "{line}\n{fields:#?}");
            hosts += 1;
        }
        if let Some(user) = expected["user"].as_str()
            && line.contains(user)
        {
            let found = fields.get("user.name").map_or("", String::as_str);
            assert_eq!(found, user, "{line}");
        }
    }
    println!("{times} times, {hosts} hosts, {failures} failures");
    assert!(times > 100 && hosts > 80 && failures > 25);
}

#[test]
fn crowdsec_sshd_samples_hold() {
    let Some(folder) = folder() else { return };
    let Some(text) = text_of(&folder, "router/crowdsec/sshd-logs/sshd-logs.log") else {
        return;
    };
    let parser = parser_at("UTC", "2025-01-01T00:00:00Z");
    let expected = cases(&folder, "router/crowdsec/sshd-logs/expected.jsonl");
    for case in &expected {
        let Some(line) = text.lines().nth(case["index"].as_u64().unwrap() as usize) else {
            continue;
        };
        let fields = read(&*parser, line).fields();
        if let Some(ip) = case["meta"]["source_ip"].as_str() {
            assert_eq!(
                fields.get("source.ip").map(String::as_str),
                Some(ip),
                "{line}"
            );
        }
        if let Some(user) = case["meta"]["target_user"].as_str() {
            assert_eq!(
                fields.get("user.name").map(String::as_str),
                Some(user),
                "{line}"
            );
        }
    }
    assert!(expected.len() > 20);
}

#[test]
fn cisco_header_samples_hold() {
    let Some(folder) = folder() else { return };
    let file = "router/elastic/cisco_ios-test-syslog-header";
    let Some(text) = text_of(&folder, &format!("{file}.log")) else {
        return;
    };
    let parser = parser_at("UTC", "2023-08-01T00:00:00Z");
    for case in cases(&folder, &format!("{file}.expected.jsonl")) {
        let line = text
            .lines()
            .nth(case["line"].as_u64().unwrap() as usize - 1)
            .unwrap();
        let Some(time) = case["expected"]["@timestamp"].as_str() else {
            assert_eq!(
                read(&*parser, line),
                Became::Rejected(Reason::NoTime),
                "{line}"
            );
            continue;
        };
        let fields = read(&*parser, line).fields();
        assert_eq!(
            instant(&fields["@timestamp"]).nanos,
            instant(time).nanos,
            "{line}"
        );
        assert_eq!(fields["event.code"], "FOO-6-BAR", "{line}");
        assert_eq!(fields["message"], "Test header format", "{line}");
        if let Some(host) = case["expected"]["log.syslog.hostname"].as_str() {
            assert_eq!(fields["observer.name"], host, "{line}");
        }
    }
}

/// Files without stated answers: every line is an event with a time, and the known ones are known.
#[test]
fn plain_sample_files_are_read_whole() {
    let Some(folder) = folder() else { return };
    for (file, known) in [
        ("router/elastic/cisco_ios-test-cisco-ios.log", 14),
        ("router/elastic/cisco_ios-test-date-format-tzoffset.log", 0),
        ("ehr/linux-auth/auth-centos-ubuntu-mixed.log", 8),
        ("ehr/linux-auth/auth-iso8601-timestamps.log", 1),
        ("ehr/linux-auth/pam-sudo.log", 1),
        ("ehr/linux-auth/sshd-accepted.log", 4),
        ("ehr/linux-auth/sshd-rfc5424.log", 0),
    ] {
        let text = text_of(&folder, file).unwrap_or_default();
        let parser = parser();
        let mut actions = 0;
        for line in text.lines().filter(|l| !l.trim().is_empty()) {
            let fields = read(&*parser, line).fields();
            actions += usize::from(fields.contains_key("event.action"));
        }
        assert!(actions >= known, "{file}: {actions}");
        assert!(Syslog.claims(&text).is_some(), "{file}");
    }
}

#[test]
fn receiver_vectors_have_their_parts() {
    let Some(folder) = folder() else { return };
    let parser = parser_at("UTC", "2011-01-01T00:00:00Z");
    for case in cases(
        &folder,
        "router/syslog-transport/rsyslog-parser-vectors.jsonl",
    ) {
        for input in case["inputs"].as_array().unwrap() {
            // A message with a time is read; one without is refused, never mistaken.
            match read(&*parser, input.as_str().unwrap()) {
                Became::Event(fields) => assert!(fields.contains_key("@timestamp")),
                Became::Rejected(reason) => assert_eq!(reason, Reason::NoTime, "{input}"),
                other => panic!("{input}: {other:?}"),
            }
        }
    }
}

#[test]
fn cisco_templates_are_read() {
    let Some(folder) = folder() else { return };
    let parser = parser();
    for case in cases(&folder, "router/sc4s/cisco_ios.jsonl") {
        let mut line = case["template"].as_str().unwrap().to_owned();
        for (name, value) in [
            ("mark", "<111>"),
            ("seq", "15"),
            ("host", "sw01"),
            ("node_id", "RP/0/RSP0/CPU0"),
            ("bsd", "Nov 16 08:30:05"),
            ("millisec", "123"),
            ("microsec", "123456"),
            ("year", "2026"),
            ("tzname", "UTC"),
        ] {
            line = line.replace(&format!("{{{{ {name} }}}}"), value);
        }
        let became = read(&*parser, &line);
        if let Became::Rejected(reason) = became {
            let timeless = line.contains("00:01:01") || !line.contains("08:30:05");
            assert!(reason == Reason::NoTime && timeless, "{line}");
        } else {
            let fields = became.fields();
            assert!(fields.contains_key("event.code"), "{line}\n{fields:#?}");
        }
    }
}
