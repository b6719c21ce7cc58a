//! Promises on arbitrary text: no record panics, and the quick way reads what the slow one reads.

use proptest::prelude::*;

use super::super::header;
use super::super::time::{self, Clock};
use super::*;
use crate::event::Asked;

/// Text that is often nearly a syslog line: pieces of real ones in any order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("Nov 16 08:30:05 ".to_owned()),
        Just("Feb 29 23:59:60 ".to_owned()),
        Just("2026-11-16T08:30:05+09:00 ".to_owned()),
        Just("2026/11/16 08:30:05: ".to_owned()),
        Just("<134>".to_owned()),
        Just("<38>1 2026-11-16T08:30:05Z h a 1 - ".to_owned()),
        Just("[x a=\"b\\]\" c=d]".to_owned()),
        Just("rtx1220 ".to_owned()),
        Just("sshd[12]: ".to_owned()),
        Just("sudo: ".to_owned()),
        Just("hostapd: wlan0: STA ".to_owned()),
        Just("kernel: [1.2] IN=eth0 OUT= MAC=".to_owned()),
        Just(" SRC=1.2.3.4 DST=".to_owned()),
        Just("[INSPECT] LAN2[out][1] TCP ".to_owned()),
        Just("PP[01] Rejected at IN(1) filter: UDP ".to_owned()),
        Just("[DHCPD] LAN1(port4) Extends ".to_owned()),
        Just("192.0.2.1:80 > 2001:db8::1.443 (2026/13/99 08:30:05)".to_owned()),
        Just("DHCPACK(br) 192.0.2.4 00:11:22:33:44:55 n".to_owned()),
        Just("Failed password for x from y from 192.0.2.1 port 1 ssh2".to_owned()),
        Just("pam_unix(login:auth): authentication failure; user=".to_owned()),
        Just("%SYS-5-CONFIG_I: Configured from console by x on vty0 (192.0.2.1)".to_owned()),
        Just(
            "%SEC-6-IPACCESSLOGP: list 1 denied tcp 1.2.3.4(5) -> 6.7.8.9(0), 1 packet".to_owned()
        ),
        Just("message repeated 5 times: [ ".to_owned()),
        Just("last message repeated 99999999999 times".to_owned()),
        Just("*".to_owned()),
        Just(": ".to_owned()),
        Just("JST".to_owned()),
        Just("\u{feff}夜回り".to_owned()),
        "\\PC{0,8}",
        "[ -~]{0,12}",
        any::<Vec<u8>>().prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
    ];
    proptest::collection::vec(piece, 0..7).prop_map(|pieces| pieces.concat())
}

/// What is told of an event when only some events are asked about.
fn bones(record: &str, asked: Asked) -> String {
    let arena = Bump::new();
    let mut event = Event::new(&arena);
    event.ask_only(asked);
    event.begin(record);
    let mut bones = Vec::new();
    let parsed = parser().parse(record, &mut event, &mut |event| {
        bones.push((
            event.time(),
            event.action(),
            event.outcome(),
            event.repeat(),
        ));
    });
    format!("{bones:?} {parsed:?}")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(800))]

    #[test]
    fn no_record_panics(record in pieces()) {
        let parser = parser();
        let _ = read(&*parser, &record);
        let _ = parser.reporter(&record);
        let _ = Syslog.claims(&record);
    }

    #[test]
    fn the_quick_way_agrees_with_the_slow_one(
        host in "[A-Za-z0-9.:-]{1,9}",
        rest in pieces(),
        blanks in " {0,2}",
    ) {
        let clock = Clock::new(Zone::tokyo(), instant("2026-11-17T12:00:00+09:00"), None);
        let record = format!("Nov 16 08:30:05 {host}{blanks}{rest}");
        let mut line = header::Line::empty();
        if header::read_common(&record, &clock, &mut line) {
            let slow = header::read_any(&record, &clock);
            prop_assert_eq!(Ok(line), slow.map_err(|reject| reject.reason));
        }
    }

    #[test]
    fn the_plain_form_of_a_time_is_read_as_any_other(
        text in "(Nov|feb|MAY|Xxx)[ :][ 0-3/][0-9:][ :][0-9/][0-9]:[0-9]{2}[:0][0-9:]{2}[ :0]",
    ) {
        let head = text.as_bytes().try_into().unwrap();
        let any = time::read(&text).filter(|(stamp, _)| !stamp.year_printed);
        let any = any.filter(|(_, rest)| *rest == " ").map(|(stamp, _)| stamp.civil);
        prop_assert_eq!(time::read_plain(head), any);
    }

    #[test]
    fn an_event_nobody_asks_about_has_the_same_time_action_outcome_and_count(
        host in "(rtx1220 )?",
        rest in pieces(),
    ) {
        let record = format!("Nov 16 08:30:05 {host}{rest}");
        prop_assert_eq!(bones(&record, Asked::of(|_, _| false)), bones(&record, Asked::ALL));
    }

    #[test]
    fn the_table_of_days_agrees_with_the_definition(
        zone in prop_oneof![
            Just("Asia/Tokyo"), Just("Europe/Paris"), Just("America/Sao_Paulo"),
            Just("Australia/Lord_Howe"), Just("Pacific/Apia"), Just("UTC"),
        ],
        reference in 0i64..4_000_000_000,
        year in proptest::option::weighted(0.2, 1990..2090i32),
        (month, day) in (0u32..=13, 0u32..=32),
        (hour, minute, second) in (0u32..=24, 0u32..=60, 0u32..=61),
    ) {
        let zone = Zone::named(zone).unwrap();
        let reference = Instant { nanos: reference * 1_000_000_000, ..instant("2026-11-17T12:00:00Z") };
        let clock = Clock::new(zone, reference, year);
        let civil = Civil { year: 0, month, day, hour, minute, second, nanos: 0 };
        prop_assert_eq!(clock.yearless(&civil), clock.work_out(&civil));
        if let (Ok(found), None) = (clock.yearless(&civil), year) {
            let limit = reference.nanos + 86_400 * 1_000_000_000;
            prop_assert!(found.nanos <= limit);
            // The same date a year later would be too late, or does not exist.
            let later = Civil { year: local(found).year + 1, ..civil };
            if let Ok(later) = zone.resolve(&later) {
                prop_assert!(second == 60 || later.nanos > limit);
            }
        }
    }

    #[test]
    fn a_user_name_cannot_move_the_source(
        name in "[a-z]{1,5}( from [0-9]{1,3}\\.1\\.1\\.1| port [0-9]{1,3}| ssh2| x){0,4}",
    ) {
        let record = format!(
            "Nov 16 08:30:05 gw sshd[1]: Failed password for invalid user {name} from 192.0.2.66 port 5 ssh2"
        );
        let fields = read(&*parser(), &record).fields();
        prop_assert_eq!(&fields["source.ip"], "192.0.2.66");
        prop_assert_eq!(&fields["user.name"], &name);
    }
}

/// A megabyte of anything is read in time that a megabyte takes.
#[test]
fn long_records_take_no_longer_than_their_length() {
    let parser = parser();
    for piece in [
        " from ", "%", "[", "(", ": ", "=", "' ", "%A-1-", "a=\"", " IN=", "<1>",
    ] {
        let record = format!("Nov 16 08:30:05 gw sshd[1]: {}", piece.repeat(200_000));
        let _ = read(&*parser, &record);
        let record = format!(
            "<38>1 2026-11-16T08:30:05Z h a 1 - {}",
            piece.repeat(200_000)
        );
        let _ = read(&*parser, &record);
        let record = format!("Nov 16 08:30:05 gw {}", piece.repeat(200_000));
        let _ = read(&*parser, &record);
    }
}
