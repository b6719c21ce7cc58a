//! Guards that the rules about access, known weaknesses, encryption and radio speak on lines that
//! real formats read, with the registers and networks they need, and say what they lack without.

mod house;

use std::fmt::Write as _;

use house::{House, json, lines_of};

const CONFIG: &str = "\
version: 1
site: { timezone: Asia/Tokyo, language: en }
calendar: calendar.yaml
registers:
  devices: devices.csv
  staff: staff.csv
  declarations: declarations.csv
  networks: { clinical: [10.20.0.0/16], records-system: [10.20.0.0/24], guest: [192.168.50.0/24], management: [10.20.9.0/24] }
geoip: country.mmdb
";

const CALENDAR: &str = "\
version: 1
timezone: Asia/Tokyo
calendars:
  clinic:
    hours:
      - 平日 08:30-18:00
default: clinic
";

const DEVICES: &str = "\
mac,ip,name,department,support_until
00-1D-73-10-20-31,10.20.1.15,PC1,外来,
00-1D-73-10-20-32,10.20.1.16,OLD,外来,2025-10-14
00-1D-73-10-20-40,,RADIO1,,
";

const STAFF: &str = "id,name,department\nn1,甲,外来\nn2,乙,病棟\n";

const DECLARATIONS: &str = "kind,from,to\nmaintenance,2026-11-16 12:00,2026-11-16 13:00\n";

/// One line of a router each: what it shows, then lines beside it that show nothing.
const ROUTER: &str = "\
Nov 16 10:00:00 rtx1220 [DHCPD] LAN1(port1) Allocates 10.20.1.99: da:a1:19:44:55:66
Nov 16 10:01:00 rtx1220 [DHCPD] LAN1(port2) Allocates 192.168.50.20: 00:1d:73:10:20:31
Nov 16 10:02:00 rtx1220 [DHCPD] LAN1(port2) Allocates 10.20.1.16: 00:1d:73:10:20:32
Nov 16 10:03:00 rtx1220 [DHCPD] LAN1(port2) Allocates 10.20.1.50: 00:1d:73:10:20:31
Nov 16 10:05:00 rtx1220 [DHCPD] LAN1(port3) Allocates 10.20.1.50: 00:1d:73:10:20:40
Nov 16 10:05:30 rtx1220 LAN2 Rejected at IN(100) filter: TCP 203.0.113.9:5000 > 10.20.1.5:3389
Nov 16 10:10:00 rtx1220 [INSPECT] LAN3[in][100] TCP 192.168.50.7:50000 > 10.20.1.5:445 (2026/11/16 10:09:50)
Nov 16 10:10:30 rtx1220 [INSPECT] LAN3[in][100] TCP 192.168.50.7:50001 > 203.0.113.80:443 (2026/11/16 10:10:20)
Nov 16 10:11:00 rtx1220 [INSPECT] LAN2[in][101] TCP 203.0.113.9:40000 > 10.20.1.5:3389 (2026/11/16 10:10:50)
Nov 16 10:12:00 rtx1220 [INSPECT] LAN2[out][102] TCP 10.20.1.15:40001 > 203.0.113.20:21 (2026/11/16 10:11:50)
Nov 16 10:13:00 rtx1220 [INSPECT] LAN1[in][103] TCP 10.20.1.15:40002 > 10.20.0.5:80 (2026/11/16 10:12:50)
Nov 16 10:14:00 rtx1220 [INSPECT] LAN1[in][103] TCP 10.20.1.15:40003 > 10.20.0.5:443 (2026/11/16 10:13:50)
Nov 16 11:00:00 rtx1220 Login succeeded for TELNET: 10.20.1.15 admin
Nov 16 11:01:00 rtx1220 Login failed for HTTP: 10.20.1.15 admin
Nov 16 11:02:00 rtx1220 Login succeeded for SSH: 10.20.1.15 admin
Nov 16 11:03:00 rtx1220 Login succeeded for SSH: 203.0.113.9 admin
Nov 16 11:04:00 rtx1220 Login succeeded for SSH: 198.51.100.9 admin
Nov 16 11:05:00 rtx1220 Configuration saved in \"CONFIG0\" by TELNET
Nov 16 11:30:00 rtx1220 RTX1220 Rev.15.04.05 (Wed Aug 10 11:40:27 2026) starts
Nov 16 12:30:00 rtx1220 Configuration saved in \"CONFIG0\" by SSH
Nov 16 12:31:00 rtx1220 RTX1220 Rev.15.04.06 (Wed Aug 10 11:40:27 2026) starts
Nov 16 23:10:00 rtx1220 Configuration saved in \"CONFIG0\" by SSH
";

const CONTROLLER: &str = r#"{"@timestamp":"2026-11-16T23:20:00+09:00","event.action":"wifi-associate","event.outcome":"success","client.mac":"00:1d:73:10:20:31","wifi.ssid":"ward","wifi.bssid":"00:1d:73:10:20:40","wifi.rssi":"-85","observer.name":"controller"}
{"@timestamp":"2026-11-16T14:00:00+09:00","event.action":"wifi-associate","event.outcome":"success","client.mac":"00:1d:73:10:20:31","wifi.ssid":"ward","wifi.bssid":"00:1d:73:10:20:41","wifi.rssi":-85,"wifi.cipher":"CCMP","observer.name":"controller"}
{"@timestamp":"2026-11-16T14:10:00+09:00","event.action":"http-request","event.outcome":"success","source.ip":"10.20.1.15","url.original":"http://files.example/tools/Setup.EXE?v=2","user_agent.original":"Mozilla/5.0"}
{"@timestamp":"2026-11-16T14:11:00+09:00","event.action":"http-request","event.outcome":"success","source.ip":"10.20.1.15","url.original":"https://portal.example/","user_agent.original":"Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko"}
{"@timestamp":"2026-11-16T15:00:00+09:00","event.action":"chart-view","event.outcome":"success","user.id":"n2","patient.id":"0001","source.ip":"10.20.1.15"}
{"@timestamp":"2026-11-16T15:01:00+09:00","event.action":"chart-view","event.outcome":"success","user.id":"n1","patient.id":"0001","source.ip":"10.20.1.15"}
{"@timestamp":"2026-11-16T15:02:00+09:00","event.action":"chart-view","event.outcome":"success","user.id":"n1","patient.id":"0001","source.ip":"192.168.50.9"}
"#;

/// The lines of sweeps: twenty refused connections within twenty seconds each.
fn sweeps() -> String {
    let mut text = String::new();
    for number in 1..=20 {
        let second = number - 1;
        let _ = writeln!(
            text,
            "Nov 16 10:20:{second:02} rtx1220 LAN1 Rejected at IN(100) filter: TCP 10.20.1.15:5000 > 10.20.0.5:{number}\n\
             Nov 16 10:30:{second:02} rtx1220 LAN1 Rejected at IN(100) filter: TCP 10.20.1.15:5000 > 10.20.3.{number}:445\n\
             Nov 16 10:40:{second:02} rtx1220 LAN2 Rejected at IN(100) filter: TCP 203.0.113.9:5000 > 10.20.0.5:{number}"
        );
    }
    text
}

/// An access point: thirty clients leave within a minute, ten wrong passphrases, one old WPA.
fn access_point() -> String {
    let mut text = String::new();
    for second in 0..30 {
        let _ = writeln!(
            text,
            "Nov 16 13:00:{second:02} ap-1 hostapd: wlan0: AP-STA-DISCONNECTED 02:00:00:00:00:{second:02}"
        );
    }
    for minute in 10..20 {
        let _ = writeln!(
            text,
            "Nov 16 13:{minute}:00 ap-1 hostapd: wlan0: AP-STA-POSSIBLE-PSK-MISMATCH 60:45:cb:0a:0b:0c"
        );
    }
    text.push_str(
        "Nov 16 13:30:00 ap-1 hostapd: wlan0: STA 00:1d:73:10:20:31 WPA: pairwise key handshake completed (RSN)\n\
         Nov 16 13:30:01 ap-1 hostapd: wlan1: STA 00:1d:73:10:20:31 WPA: pairwise key handshake completed (WPA)\n",
    );
    text
}

/// A controller tells of twenty clients that left one radio.
fn radio() -> String {
    let line = |second: u32| {
        format!(
            "{{\"@timestamp\":\"2026-11-16T14:30:{second:02}+09:00\",\"event.action\":\"wifi-deauthenticate\",\
             \"wifi.bssid\":\"00:1d:73:10:20:40\",\"client.mac\":\"00:1d:73:10:20:31\",\"observer.name\":\"controller\"}}\n"
        )
    };
    (0..20).map(line).collect()
}

/// Ten charts in the order of their numbers.
fn walk() -> String {
    let line = |minute: u32| {
        format!(
            "{{\"@timestamp\":\"2026-11-16T16:{minute:02}:00+09:00\",\"event.action\":\"chart-view\",\
             \"user.id\":\"n1\",\"patient.id\":\"{:07}\",\"source.ip\":\"10.20.1.15\"}}\n",
            7_041 + minute
        )
    };
    (0..10).map(line).collect()
}

fn house() -> House {
    let house = House::with(&[
        ("router.log", ROUTER.as_bytes()),
        ("sweeps.log", sweeps().as_bytes()),
        ("ap.log", access_point().as_bytes()),
        ("controller.ndjson", CONTROLLER.as_bytes()),
        ("radio.ndjson", radio().as_bytes()),
        ("walk.ndjson", walk().as_bytes()),
    ]);
    let countries = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/geoip/country.mmdb");
    let countries = std::fs::read(countries).expect("the sample is there");
    house.write("country.mmdb", &countries);
    house.write("calendar.yaml", CALENDAR.as_bytes());
    house.write("devices.csv", DEVICES.as_bytes());
    house.write("staff.csv", STAFF.as_bytes());
    house.write("declarations.csv", DECLARATIONS.as_bytes());
    house
}

const LOGS: [&str; 8] = [
    "--year",
    "2026",
    "router.log",
    "sweeps.log",
    "ap.log",
    "controller.ndjson",
    "radio.ndjson",
    "walk.ndjson",
];

/// The rules shown, each with key, count, first and last time of day.
const EXPECTED: &[&str] = &[
    "admin-login-outside-management admin+10.20.1.15+rtx1220 2 11:00:00 11:02:00",
    "admin-login-outside-management admin+198.51.100.9+rtx1220 1 11:04:00 11:04:00",
    "admin-login-outside-management admin+203.0.113.9+rtx1220 1 11:03:00 11:03:00",
    "clear-text-admin-login rtx1220+telnet 1 11:00:00 11:00:00",
    "clear-text-records-access 10.20.1.15+10.20.0.5+80 1 10:13:00 10:13:00",
    "clear-text-to-outside 10.20.1.15+203.0.113.20+21 1 10:12:00 10:12:00",
    "clinical-device-in-guest-network pc1 1 10:01:00 10:01:00",
    "deauthentication-flood ap-1 30 13:00:00 13:00:29",
    "denied-then-accepted 203.0.113.9+10.20.1.5+3389 2 10:05:30 10:11:00",
    "executable-download 10.20.1.15 1 14:10:00 14:10:00",
    "guest-reaches-inside 192.168.50.7+clinical 1 10:10:00 10:10:00",
    "host-sweep 10.20.1.15+445 20 10:30:00 10:30:19",
    "legacy-browser 10.20.1.15 1 14:11:00 14:11:00",
    "legacy-port-from-outside 10.20.1.5+3389 1 10:11:00 10:11:00",
    "login-from-unexpected-country admin+NL 1 11:03:00 11:03:00",
    "off-hours-config-change rtx1220+- 1 23:10:00 23:10:00",
    "one-address-two-devices 10.20.1.50 2 10:03:00 10:05:00",
    "other-department-terminal n2+pc1 1 15:00:00 15:00:00",
    "own-ssid-from-unknown-radio ward 2 14:00:00 23:20:00",
    "patient-numbers-in-order n1 10 16:00:00 16:09:00",
    "port-sweep 10.20.1.15+10.20.0.5 20 10:20:00 10:20:19",
    "radio-flood 00-1D-73-10-20-40 20 14:30:00 14:30:19",
    "randomised-device-in-clinical-network DA-A1-19-44-55-66 1 10:00:00 10:00:00",
    "records-from-wrong-network n1+192.168.50.9 1 15:02:00 15:02:00",
    "undeclared-config-change rtx1220+- 1 11:05:00 11:05:00",
    "undeclared-config-change rtx1220+- 1 23:10:00 23:10:00",
    "undeclared-restart rtx1220 1 11:30:00 11:30:00",
    "unregistered-radio 00-1D-73-10-20-41+ward 1 14:00:00 14:00:00",
    "unsupported-device old 1 10:02:00 10:02:00",
    "weak-signal-off-hours 00-1D-73-10-20-31 1 23:20:00 23:20:00",
    "weak-wifi-encryption ap-1+-+wpa1+- 1 13:30:01 13:30:01",
    "wifi-passphrase-guessing 60-45-CB-0A-0B-0C 10 13:10:00 13:19:00",
];

/// `line_of`, times without their day.
fn on_the_day(line: &str) -> String {
    line.replace("2026-11-16T", "").replace("+09:00", "")
}

/// The name in front of an expected line.
fn rule_of(line: &str) -> &str {
    line.split(' ').next().unwrap_or(line)
}

#[test]
fn each_rule_speaks_on_the_line_that_shows_it() {
    let house = house();
    house.write("yomawari.yaml", CONFIG.as_bytes());
    let lines = lines_of(&house.scan(&LOGS));
    // Rules of other subjects may speak on the same lines.
    let is_ours = |line: &String| EXPECTED.iter().any(|e| rule_of(e) == rule_of(line));
    let found: Vec<String> = lines
        .iter()
        .filter(|l| is_ours(l))
        .map(|l| on_the_day(l))
        .collect();
    assert_eq!(found, EXPECTED);
}

#[test]
fn a_rule_that_lacks_its_data_says_what_it_needs() {
    let house = house();
    let ran = house.run(&[&["scan", "--ledger", "ledger.json"], &LOGS[..]].concat());
    assert_eq!(ran.status, 0, "{}", ran.err);
    let ledger = json(&house.path().join("ledger.json"));
    let list = house.run(&["rules", "list"]);
    let list = String::from_utf8(list.out).expect("text");
    for (rule, needs) in [
        (
            "admin-login-outside-management",
            "a network named management",
        ),
        ("own-ssid-from-unknown-radio", "a register of devices"),
        (
            "clear-text-records-access",
            "a network named records-system",
        ),
        ("clinical-device-in-guest-network", "a register of devices"),
        ("guest-reaches-inside", "a network named guest"),
        ("login-from-unexpected-country", "a database of countries"),
        ("other-department-terminal", "a register of devices"),
        (
            "randomised-device-in-clinical-network",
            "a register of devices",
        ),
        ("records-from-wrong-network", "the networks of the house"),
        ("undeclared-config-change", "a register of declarations"),
        ("unregistered-radio", "a register of devices"),
        ("unsupported-device", "a register of devices"),
    ] {
        let rules = ledger["rules"].as_array().expect("a list");
        let told = rules.iter().find(|r| r["name"] == rule);
        let told = told.expect("every rule stands in the ledger");
        let silent = told["silent"]["en"].as_str().unwrap_or_default();
        assert!(silent.contains(needs), "{rule}: {silent}");
        assert_eq!(told["alerts"], 0, "{rule}");
        let line = list.lines().find(|l| l.contains(&format!(" {rule} ")));
        let line = line.expect("every rule is listed");
        assert!(line.contains(needs), "{line}");
    }
}

#[test]
fn an_address_of_the_house_is_in_no_foreign_country() {
    let house = house();
    let config = "version: 1\nregisters: { networks: { vendor: 203.0.113.0/24 } }\n\
                  geoip: { database: country.mmdb, countries: [us] }\n";
    house.write("yomawari.yaml", config.as_bytes());
    let countries = |ip: &str| {
        let event = format!(
            "{{\"@timestamp\":\"2026-11-16T10:00:00+09:00\",\"event.action\":\"login\",\"source.ip\":\"{ip}\"}}\n"
        );
        house.write("a.ndjson", event.as_bytes());
        let event = house
            .run(&["parse", "--derived", "a.ndjson"])
            .lines()
            .remove(0);
        let geo = &event["source"]["geo"];
        let told = [&geo["country_iso_code"], &geo["expected"]];
        told.map(|value| value.to_string())
    };
    assert_eq!(countries("203.0.113.9"), ["null", "null"]);
    assert_eq!(countries("198.51.100.9"), ["\"JP\"", "\"false\""]);
    assert_eq!(countries("2001:db8::9"), ["\"US\"", "\"true\""]);
    assert_eq!(countries("not an address"), ["null", "null"]);
}

#[test]
fn a_database_that_is_none_is_told() {
    let house = House::with(&[("yomawari.yaml", b"version: 1\ngeoip: country.mmdb\n")]);
    house.write("country.mmdb", b"<html>sign in first</html>");
    let ran = house.run(&["rules", "list"]);
    assert_eq!(ran.status, 2, "{}", ran.err);
    assert!(
        ran.err
            .contains("country.mmdb:1:1: error: this is no database of countries"),
        "{}",
        ran.err
    );
}
