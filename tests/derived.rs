//! Guards the derived fields: what calendar, roster, registers and declarations say of an event
//! at its time, with both ends of every span.

mod house;

use house::House;
use serde_json::{Value, json};

const CONFIG: &str = "\
version: 1
site: { name: 夜, timezone: Asia/Tokyo, language: ja }
calendar: calendar.yaml
registers:
  devices: devices.csv
  staff: staff.csv
  accounts: accounts.csv
  patients: patients.csv
  declarations: declarations.csv
  networks: { clinical: [10.20.0.0/16], ward: [10.20.9.0/24], six: ['2001:db8::/32'] }
";

const CALENDAR: &str = "\
version: 1
timezone: Asia/Tokyo
holidays: JP
calendars:
  clinic:
    hours:
      - 平日 08:30-18:00
      - 祝 休診
    grace: { before: 30m, after: 1h }
  ward:
    hours:
      - daily open
      - holiday as-weekday
rosters:
  - file: roster.csv
    month: 2026-11
    codes: { 夜: 16:30-09:00, 休: none }
assign:
  - { department: 病棟, calendar: ward }
default: clinic
";

fn house() -> House {
    House::with(&[
        ("yomawari.yaml", CONFIG.as_bytes()),
        ("calendar.yaml", CALENDAR.as_bytes()),
        (
            "roster.csv",
            "氏名,職員番号,16,17\n夜勤,n1,夜,休\n".as_bytes(),
        ),
        (
            "devices.csv",
            "mac,ip,name,department,valid_from,valid_until,support_until\n\
             00-1D-73-10-20-31,,PC1,外来,2026-11-16,2026-11-17,2026-11-16\n\
             ,10.20.1.2,PC2,病棟,,,\n,,ＰＣ３,,,,\n"
                .as_bytes(),
        ),
        (
            "staff.csv",
            "id,name,department,role,hired,left,patient_id\n\
             n1,夜勤,外来,看護師,2020-04-01,2026-11-17,77\nn2,病棟,病棟,医師,,,\n\
             n3,再任,外来,医師,2020-04-01,2021-03-31,78\n\
             n3,再任,外来,医師,2026-12-01,,78\n"
                .as_bytes(),
        ),
        (
            "accounts.csv",
            b"id,kind,owner,valid_from,valid_until,password_changed\n\
              v1,vendor,,2026-11-16,2026-11-16,\na1,admin,n1,,,2026-09-17\na3,admin,n3,,,\n",
        ),
        (
            "patients.csv",
            "id,restricted,staff_id,deceased_on,退院日,家族の職員番号\n\
             1,yes,,,,\n2,no,n2,,,\n9,,,2026-08-18,,\n10,,,,2025-11-16,N1；n2\n11,,,,2026-11-17,n3\n"
                .as_bytes(),
        ),
        (
            "declarations.csv",
            "kind,from,to,who,where\nmaintenance,2026-11-16 20:00,2026-11-16 21:00,v1,\n\
             drill,2026-11-16,2026-11-16,,病棟\n\
             overtime,2026-11-18,2026-11-18,a1,\nemergency,2026-11-18 12:00,2026-11-18 13:00,,\n\
             overtime,2026-11-18,2026-11-18,n1,\n"
                .as_bytes(),
        ),
    ])
}

/// The fields derived of one event: its time, and what else it tells.
fn derived(time: &str, told: Value) -> Value {
    let house = house();
    let mut event = json!({ "@timestamp": time, "event.action": "chart-view" });
    let all = event.as_object_mut().expect("an object");
    all.extend(told.as_object().expect("an object").clone());
    house.write("a.ndjson", format!("{event}\n").as_bytes());
    let ran = house.run(&["parse", "--derived", "a.ndjson"]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    let mut lines = ran.lines();
    assert_eq!(lines.len(), 1, "{}", ran.err);
    lines.remove(0)
}

/// The value of a dotted name.
fn field(event: &Value, name: &str) -> String {
    let found = name.split('.').fold(event, |at, part| &at[part]);
    match found {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

fn check(time: &str, told: Value, expected: &[(&str, &str)]) {
    let event = derived(time, told);
    for (name, value) in expected {
        assert_eq!(field(&event, name), *value, "{name} of {event}");
    }
}

#[test]
fn verdicts_bands_and_closed_stretches() {
    for (time, verdict, band) in [
        ("2026-11-16T07:59:59+09:00", "closed", "after_hours"),
        ("2026-11-16T08:00:00+09:00", "grace", "-"),
        ("2026-11-16T08:29:59.999+09:00", "grace", "-"),
        ("2026-11-16T08:30:00+09:00", "open", "-"),
        ("2026-11-16T18:00:00+09:00", "grace", "-"),
        ("2026-11-16T18:59:59+09:00", "grace", "-"),
        ("2026-11-16T19:00:00+09:00", "closed", "after_hours"),
        ("2026-11-16T21:59:59+09:00", "closed", "after_hours"),
        ("2026-11-16T22:00:00+09:00", "closed", "late_night"),
        ("2026-11-16T05:59:59+09:00", "closed", "late_night"),
        ("2026-11-16T06:00:00+09:00", "closed", "after_hours"),
        ("2026-11-23T12:00:00+09:00", "closed", "holiday"),
        ("2026-11-15T12:00:00+09:00", "closed", "holiday"),
        ("2026-11-15T23:00:00Z", "grace", "-"),
    ] {
        let event = derived(time, json!({ "user.id": "x" }));
        assert_eq!(field(&event, "calendar.verdict"), verdict, "{time}");
        if verdict == "closed" {
            assert_eq!(field(&event, "calendar.band"), band, "{time}");
        }
    }
    // The night from Monday to Tuesday is one stretch, in whatever offset it is asked for.
    for time in ["2026-11-16T19:00:00+09:00", "2026-11-16T22:59:59Z"] {
        let event = derived(time, json!({ "user.id": "x" }));
        assert_eq!(
            field(&event, "calendar.closed_span"),
            "2026-11-16T19:00:00+09:00/2026-11-17T08:00:00+09:00",
            "{time}"
        );
    }
}

#[test]
fn the_calendar_is_that_of_the_department() {
    let night = "2026-11-16T03:00:00+09:00";
    let verdict = |value| [("calendar.verdict", value)];
    check(
        night,
        json!({ "user.department": "病棟" }),
        &verdict("open"),
    );
    check(night, json!({ "user.id": "N2" }), &verdict("open"));
    check(night, json!({ "user.id": "n1" }), &verdict("closed"));
}

#[test]
fn a_clock_that_is_not_trusted_is_not_judged() {
    check(
        "2026-11-16T03:00:00+09:00",
        json!({ "user.id": "n1", "time.trusted": "false" }),
        &[
            ("calendar.verdict", "unknown"),
            ("calendar.band", "-"),
            ("calendar.closed_span", "-"),
            ("roster.on_duty", "unknown"),
        ],
    );
}

#[test]
fn accounts_and_terminals_are_folded_and_fall_back() {
    let noon = "2026-11-16T12:00:00+09:00";
    check(
        noon,
        json!({ "user.id": "Ｎ１", "source.ip": "10.20.1.2", "source.mac": "00-1D-73-10-20-31" }),
        &[("user.account", "n1"), ("source.terminal", "10.20.1.2")],
    );
    check(
        noon,
        json!({ "user.name": "ADMIN", "source.mac": "00:1d:73:10:20:31", "host.name": "PC9" }),
        &[
            ("user.account", "admin"),
            ("source.terminal", "00-1D-73-10-20-31"),
        ],
    );
    check(
        noon,
        json!({ "host.name": "PC9" }),
        &[("user.account", "-"), ("source.terminal", "PC9")],
    );
}

#[test]
fn duties_have_both_ends() {
    for (time, on_duty) in [
        ("2026-11-16T16:29:59+09:00", "false"),
        ("2026-11-16T16:30:00+09:00", "true"),
        ("2026-11-17T08:59:59+09:00", "true"),
        ("2026-11-17T09:00:00+09:00", "false"),
    ] {
        check(
            time,
            json!({ "user.id": "N1" }),
            &[("roster.on_duty", on_duty)],
        );
    }
    let noon = "2026-11-16T12:00:00+09:00";
    check(
        noon,
        json!({ "user.id": "x" }),
        &[("roster.on_duty", "unknown")],
    );
}

#[test]
fn declarations_have_both_ends() {
    for (time, declared) in [
        ("2026-11-16T19:59:59+09:00", "-"),
        ("2026-11-16T20:00:00+09:00", "maintenance"),
        ("2026-11-16T11:59:59Z", "maintenance"),
        ("2026-11-16T21:00:00+09:00", "-"),
    ] {
        check(time, json!({ "user.id": "v1" }), &[("declared", declared)]);
    }
    for (time, declared) in [
        ("2026-11-15T23:59:59+09:00", "-"),
        ("2026-11-16T00:00:00+09:00", "drill"),
        ("2026-11-16T23:59:59+09:00", "drill"),
        ("2026-11-17T00:00:00+09:00", "-"),
    ] {
        check(time, json!({ "user.id": "n2" }), &[("declared", declared)]);
    }
}

#[test]
fn every_declaration_that_covers_an_event_is_told_once() {
    for (time, declared) in [
        ("2026-11-18T11:59:59+09:00", r#""overtime""#),
        ("2026-11-18T12:00:00+09:00", r#"["overtime","emergency"]"#),
        ("2026-11-18T13:00:00+09:00", r#""overtime""#),
    ] {
        let event = derived(time, json!({ "user.id": "a1" }));
        assert_eq!(event["declared"].to_string(), declared, "{time}");
    }
    let noon = "2026-11-18T12:00:00+09:00";
    check(
        noon,
        json!({ "user.id": "x" }),
        &[("declared", "emergency")],
    );
}

#[test]
fn devices_are_known_while_they_are_valid() {
    let mac = json!({ "source.mac": "00:1d:73:10:20:31", "user.id": "x" });
    for (time, known) in [
        ("2026-11-15T23:59:59+09:00", "false"),
        ("2026-11-16T00:00:00+09:00", "true"),
        ("2026-11-17T23:59:59+09:00", "true"),
        ("2026-11-18T00:00:00+09:00", "false"),
    ] {
        check(time, mac.clone(), &[("device.known", known)]);
    }
    let noon = "2026-11-16T12:00:00+09:00";
    check(
        noon,
        json!({ "source.ip": "::ffff:10.20.1.2" }),
        &[
            ("device.known", "true"),
            ("device.id", "pc2"),
            ("device.department", "病棟"),
        ],
    );
    check(
        noon,
        json!({ "host.name": "pc3" }),
        &[("device.known", "true")],
    );
    check(
        noon,
        json!({ "source.mac": "DA-A1-19-44-55-66" }),
        &[
            ("device.known", "randomised"),
            ("device.id", "DA-A1-19-44-55-66"),
        ],
    );
    check(
        noon,
        json!({ "user.id": "x" }),
        &[("device.known", "-"), ("device.id", "-")],
    );
}

#[test]
fn accounts_are_active_while_they_are_valid() {
    for (time, active) in [
        ("2026-11-15T23:59:59+09:00", "false"),
        ("2026-11-16T00:00:00+09:00", "true"),
        ("2026-11-16T23:59:59+09:00", "true"),
        ("2026-11-17T00:00:00+09:00", "false"),
    ] {
        let told = json!({ "user.id": "V1" });
        let expected = [
            ("user.active", active),
            ("user.kind", "vendor"),
            ("user.known", "true"),
        ];
        check(time, told, &expected);
    }
    // Who has left takes along the accounts that were theirs.
    for (time, active) in [
        ("2026-11-17T23:59:59+09:00", "true"),
        ("2026-11-18T00:00:00+09:00", "false"),
    ] {
        for (id, kind) in [("n1", "person"), ("a1", "admin")] {
            let expected = [("user.active", active), ("user.kind", kind)];
            check(time, json!({ "user.id": id }), &expected);
        }
    }
    let noon = "2026-11-16T12:00:00+09:00";
    check(
        noon,
        json!({ "user.id": "x" }),
        &[("user.known", "false"), ("user.kind", "-")],
    );
}

#[test]
fn days_of_the_registers_begin_at_midnight_on_the_wall_of_the_site() {
    // Fifteen o'clock in Greenwich is midnight in Tokyo.
    for (time, active) in [
        ("2020-03-31T14:59:59Z", "false"),
        ("2020-03-31T15:00:00Z", "true"),
        ("2026-11-17T14:59:59.999Z", "true"),
        ("2026-11-17T15:00:00Z", "false"),
    ] {
        check(time, json!({ "user.id": "n1" }), &[("user.active", active)]);
    }
}

#[test]
fn who_comes_back_is_active_in_both_stretches_and_not_between() {
    for (time, active) in [
        ("2020-04-01T00:00:00+09:00", "true"),
        ("2021-03-31T23:59:59+09:00", "true"),
        ("2021-04-01T00:00:00+09:00", "false"),
        ("2026-11-30T23:59:59+09:00", "false"),
        ("2026-12-01T00:00:00+09:00", "true"),
    ] {
        for id in ["n3", "a3"] {
            check(time, json!({ "user.id": id }), &[("user.active", active)]);
        }
    }
}

#[test]
fn an_account_of_an_untrusted_clock_is_known_but_not_judged() {
    let told = json!({ "user.id": "a1", "patient.id": "9", "time.trusted": "false" });
    let expected = [
        ("user.known", "true"),
        ("user.kind", "admin"),
        ("user.active", "-"),
        ("user.password_days", "-"),
        ("patient.deceased_days", "-"),
        ("patient.is_staff", "false"),
    ];
    check("2026-11-16T12:00:00+09:00", told, &expected);
}

#[test]
fn passwords_and_deaths_are_counted_in_days_of_the_site() {
    for (time, password, death) in [
        ("2026-09-16T14:59:59Z", "-", "29"),
        ("2026-09-16T15:00:00Z", "0", "30"),
        ("2026-11-16T23:59:59+09:00", "60", "90"),
        ("2026-11-17T00:00:00+09:00", "61", "91"),
        ("2026-08-17T23:59:59+09:00", "-", "-"),
        ("2026-08-18T00:00:00+09:00", "-", "0"),
    ] {
        let told = json!({ "user.id": "a1", "patient.id": ["1", "9"] });
        let expected = [
            ("user.password_days", password),
            ("patient.deceased_days", death),
        ];
        check(time, told, &expected);
    }
    let noon = "2026-11-16T12:00:00+09:00";
    let told = json!({ "user.id": "n1", "patient.id": "1" });
    let none = [("user.password_days", "-"), ("patient.deceased_days", "-")];
    check(noon, told, &none);
}

#[test]
fn discharges_are_counted_in_days_and_households_by_the_person_behind_an_account() {
    let noon = "2026-11-16T12:00:00+09:00";
    for (user, patients, days, related) in [
        ("n1", json!(["10"]), "365", "true"),
        ("a1", json!(["10"]), "365", "true"),
        ("n2", json!(["10"]), "365", "true"),
        ("n3", json!(["10"]), "365", "false"),
        // A day of discharge that is still to come.
        ("n3", json!(["11"]), "-", "true"),
        ("a3", json!(["1", "11"]), "-", "true"),
        ("n1", json!(["11", "10"]), "365", "true"),
        ("n1", json!(["1"]), "-", "-"),
        ("n1", json!(["5"]), "-", "-"),
    ] {
        let event = derived(noon, json!({ "user.id": user, "patient.id": patients }));
        assert_eq!(field(&event, "patient.discharged_days"), days, "{event}");
        assert_eq!(field(&event, "patient.in_household"), related, "{event}");
    }
    let untrusted = json!({ "user.id": "n1", "patient.id": "10", "time.trusted": "false" });
    let expected = [
        ("patient.discharged_days", "-"),
        ("patient.in_household", "true"),
    ];
    check(noon, untrusted, &expected);
}

#[test]
fn charts_of_staff_and_of_the_person_behind_an_account() {
    let noon = "2026-11-16T12:00:00+09:00";
    for (user, patients, is_staff, is_self) in [
        ("n1", json!(["1"]), "false", "false"),
        ("n1", json!(["2"]), "true", "false"),
        ("n1", json!(["1", "78"]), "true", "false"),
        ("n1", json!(["77"]), "true", "true"),
        ("a1", json!(["77"]), "true", "true"),
        ("n2", json!(["2"]), "true", "true"),
        ("a3", json!(["78"]), "true", "true"),
        ("x", json!(["77"]), "true", "-"),
        ("x", json!(["5"]), "false", "-"),
    ] {
        let event = derived(noon, json!({ "user.id": user, "patient.id": patients }));
        assert_eq!(field(&event, "patient.is_staff"), is_staff, "{event}");
        assert_eq!(field(&event, "patient.is_self"), is_self, "{event}");
    }
}

#[test]
fn patients_who_are_restricted_or_oneself() {
    let noon = "2026-11-16T12:00:00+09:00";
    for (user, patients, restricted, is_self) in [
        ("n1", json!(["1"]), "true", "false"),
        ("n1", json!(["2", "1"]), "true", "false"),
        ("n1", json!(["2"]), "false", "false"),
        ("n1", json!(["77"]), "-", "true"),
        ("n1", json!(["5", "77"]), "-", "true"),
        ("N2", json!(["2"]), "false", "true"),
        ("x", json!(["5"]), "-", "-"),
    ] {
        let event = derived(noon, json!({ "user.id": user, "patient.id": patients }));
        assert_eq!(field(&event, "patient.restricted"), restricted, "{event}");
        assert_eq!(field(&event, "patient.is_self"), is_self, "{event}");
    }
}

#[test]
fn an_address_belongs_to_the_narrowest_network() {
    let noon = "2026-11-16T12:00:00+09:00";
    for (ip, network) in [
        ("10.20.1.1", "clinical"),
        ("10.20.9.1", "ward"),
        ("10.21.0.0", "outside"),
        ("10.20.255.255", "clinical"),
        ("2001:db8::1", "six"),
        ("2001:db9::1", "outside"),
        ("::ffff:10.20.9.1", "ward"),
    ] {
        check(
            noon,
            json!({ "source.ip": ip }),
            &[("source.network", network)],
        );
    }
}

#[test]
fn the_network_of_a_lease_is_that_of_the_address_leased() {
    let noon = "2026-11-16T12:00:00+09:00";
    let lease = json!({ "event.action": "dhcp-lease", "client.ip": "10.20.9.7" });
    check(noon, lease, &[("source.network", "ward")]);
    let both = json!({ "source.ip": "10.20.1.1", "client.ip": "10.20.9.7" });
    check(noon, both, &[("source.network", "clinical")]);
}

#[test]
fn the_destination_has_a_network_too() {
    let noon = "2026-11-16T12:00:00+09:00";
    for (ip, network) in [
        ("10.20.9.1", "ward"),
        ("203.0.113.9", "outside"),
        ("not an address", "-"),
    ] {
        let told = json!({ "source.ip": "10.20.1.1", "destination.ip": ip });
        let expected = [
            ("source.network", "clinical"),
            ("destination.network", network),
        ];
        check(noon, told, &expected);
    }
    check(
        noon,
        json!({ "source.ip": "10.20.1.1" }),
        &[("destination.network", "-")],
    );
}

#[test]
fn a_device_stands_in_a_department_of_its_own() {
    let noon = "2026-11-16T12:00:00+09:00";
    for (told, own) in [
        // The log tells the department, or the list of staff does.
        (json!({ "user.department": "病棟" }), "true"),
        (json!({ "user.department": "外来" }), "false"),
        (json!({ "user.id": "N2" }), "true"),
        (json!({ "user.id": "n1" }), "false"),
        (
            json!({ "user.id": "n1", "user.department": "病棟" }),
            "true",
        ),
        (json!({ "user.id": "x" }), "-"),
    ] {
        let mut event = told.clone();
        event["source.ip"] = json!("10.20.1.2");
        check(noon, event, &[("device.own_department", own)]);
        // Of a device without a department, or none, nothing is known.
        let mut event = told.clone();
        event["host.name"] = json!("pc3");
        check(noon, event, &[("device.own_department", "-")]);
        check(noon, told, &[("device.own_department", "-")]);
    }
}

#[test]
fn support_ends_with_its_last_day() {
    let mac = json!({ "source.mac": "00:1d:73:10:20:31" });
    for (time, supported) in [
        ("2026-11-16T23:59:59+09:00", "true"),
        ("2026-11-17T00:00:00+09:00", "false"),
    ] {
        check(time, mac.clone(), &[("device.supported", supported)]);
    }
    let noon = "2026-11-17T12:00:00+09:00";
    for told in [
        json!({ "source.ip": "10.20.1.2" }),
        json!({ "source.mac": "00:1d:73:10:20:31", "time.trusted": "false" }),
    ] {
        check(noon, told, &[("device.supported", "-")]);
    }
}

#[test]
fn radios_are_looked_up_by_their_address() {
    let noon = "2026-11-16T12:00:00+09:00";
    for (told, known) in [
        (json!({ "wifi.bssid": "00:1d:73:10:20:31" }), "true"),
        (json!({ "wifi.bssid": "00:1d:73:10:20:32" }), "false"),
        (json!({ "wifi.bssid": "da:1d:73:10:20:32" }), "false"),
        (json!({ "wifi.ssid": "ward" }), "-"),
    ] {
        check(noon, told, &[("wifi.bssid_known", known)]);
    }
    let told = json!({ "wifi.bssid": "00:1d:73:10:20:31" });
    let too_late = "2026-11-18T00:00:00+09:00";
    check(too_late, told, &[("wifi.bssid_known", "false")]);
}
