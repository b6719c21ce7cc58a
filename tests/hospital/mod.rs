//! Eight weeks of an invented hospital, written night by night, and what a week must tell of it.
//!
//! Takes a seed and a size; gives the files of each night (records system as CSV, router as
//! syslog), config, calendar, roster and registers, and counts independently of the program what
//! the views of a store must hold. What was planted is told by day. The same seed gives the same
//! bytes on every machine.

// Each test file uses the part it needs.
#![allow(dead_code)]

mod answer;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

pub use answer::Answer;

/// The first day, a Monday: 2026-09-28, in days since 1970.
pub const FIRST: i64 = 20_724;
/// How many days there are.
pub const DAYS: i64 = 56;
/// The national holidays among them: 2026-10-12 and 2026-11-03.
const HOLIDAYS: [i64; 2] = [20_738, 20_760];

/// What is planted, and on which day.
pub mod planted {
    use super::FIRST;

    /// Twelve failed logins within a minute, at 13:20.
    pub const BURST: i64 = FIRST + 50;
    /// A clerk opens three charts at two in the night.
    pub const OFF_HOURS: i64 = FIRST + 51;
    /// A device that stands in no register opens charts.
    pub const UNKNOWN_DEVICE: i64 = FIRST + 44;
    /// The router sends nothing.
    pub const SILENT: i64 = FIRST + 37;
    /// Twenty rows of the records system cannot be read.
    pub const REJECTS: i64 = FIRST + 40;
    /// A registered device is used for the first time.
    pub const NEW_DEVICE: i64 = FIRST + 43;
    /// Somebody who left a month before logs in.
    pub const LEAVER: i64 = FIRST + 52;
    /// Overtime was declared from 19:00 to 21:00.
    pub const OVERTIME: i64 = FIRST + 45;
}

/// An hour of the day in which work is done, and how often against other hours.
const CLINIC: [u32; 24] = [
    0, 0, 0, 0, 0, 0, 0, 0, 2, 9, 10, 9, 5, 7, 9, 8, 7, 4, 1, 0, 0, 0, 0, 0,
];
const WARD: [u32; 24] = [
    2, 1, 1, 1, 1, 2, 4, 5, 7, 8, 8, 7, 5, 6, 7, 7, 7, 6, 5, 4, 3, 3, 2, 2,
];

/// Somebody with an account.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub id: &'static str,
    pub department: &'static str,
}

const fn person(id: &'static str, department: &'static str) -> Person {
    Person { id, department }
}

/// Everybody; the pharmacist p01 has night duty on Tuesdays, d09 has left.
pub const STAFF: [Person; 16] = [
    person("d01", "外来"),
    person("d02", "外来"),
    person("d03", "病棟"),
    person("n01", "外来"),
    person("n02", "外来"),
    person("n03", "病棟"),
    person("n04", "病棟"),
    person("n05", "病棟"),
    person("n06", "病棟"),
    person("p01", "薬剤部"),
    person("p02", "薬剤部"),
    person("c01", "医事課"),
    person("c02", "医事課"),
    person("c03", "医事課"),
    person("c04", "医事課"),
    person("d09", "外来"),
];
const DEPARTMENTS: [&str; 4] = ["外来", "病棟", "薬剤部", "医事課"];

/// A terminal: name, address, hardware address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terminal {
    pub name: String,
    pub ip: String,
    pub mac: String,
    pub department: &'static str,
    pub registered: bool,
}

fn terminal(number: usize) -> Terminal {
    let department = DEPARTMENTS[number / 4 % 4];
    Terminal {
        name: format!("pc{number:02}"),
        ip: format!("10.20.{}.{}", number / 4 + 1, number % 4 + 11),
        mac: format!("00-1D-73-20-00-{number:02X}"),
        department,
        registered: true,
    }
}

fn stranger() -> Terminal {
    Terminal {
        name: "desktop-x".to_owned(),
        ip: "10.20.9.99".to_owned(),
        mac: "3C-22-FB-00-00-99".to_owned(),
        department: "",
        registered: false,
    }
}

/// What happened once.
#[derive(Clone, Debug)]
pub struct Happening {
    /// Seconds of the local clock since 1970-01-01T00:00 there.
    pub second: i64,
    /// Who; an index of [`STAFF`].
    pub who: Option<usize>,
    pub terminal: Option<Terminal>,
    pub action: &'static str,
    pub outcome: &'static str,
    pub patient: Option<u32>,
}

/// A night's records of one source.
#[derive(Clone, Debug, Default)]
pub struct Night {
    pub happenings: Vec<Happening>,
    /// Rows that cannot be read, after all others.
    pub rejects: u64,
}

/// The hospital.
pub struct Hospital {
    /// By day: the records system, the router.
    pub nights: BTreeMap<i64, [Night; 2]>,
}

/// Numbers that look random and are the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ z >> 31) >> 32) as u32 % sides.max(1)
    }

    /// A second of a day, by the weights of its hours.
    fn second(&mut self, weights: &[u32; 24]) -> i64 {
        let mut left = self.roll(weights.iter().sum());
        let hour = weights.iter().position(|weight| {
            let here = left < *weight;
            left = left.saturating_sub(*weight);
            here
        });
        hour.unwrap_or(12) as i64 * 3_600 + i64::from(self.roll(3_600))
    }
}

/// True on days on which the clinics work.
pub fn is_working_day(day: i64) -> bool {
    (day - FIRST).rem_euclid(7) < 5 && !HOLIDAYS.contains(&day)
}

impl Hospital {
    /// About `20_000 * scale` events.
    pub fn new(seed: u64, scale: u32) -> Hospital {
        let mut dice = Dice(seed);
        let nights = (FIRST..FIRST + DAYS).map(|day| {
            let ehr = records(&mut dice, day, scale);
            let router = router(&mut dice, day, scale);
            (day, [ehr, router])
        });
        Hospital {
            nights: nights.collect(),
        }
    }

    /// Writes config, calendar, roster and registers into a folder.
    pub fn write_house(&self, folder: &Path) {
        let write = |name: &str, text: &str| {
            std::fs::write(folder.join(name), text).expect("the folder is writable");
        };
        write("yomawari.yaml", CONFIG);
        write("calendar.yaml", CALENDAR);
        write("roster-10.csv", &roster(FIRST + 3, 31));
        write("roster-11.csv", &roster(FIRST + 34, 30));
        write("declarations.csv", DECLARATIONS);
        let mut staff = "id,name,department,role,left\n".to_owned();
        for Person { id, department } in STAFF {
            let left = if id == "d09" { "2026-10-20" } else { "" };
            writeln!(staff, "{id},職員{id},{department},,{left}").expect("a text takes it");
        }
        write("staff.csv", &staff);
        let mut devices = "mac,ip,name,department\n".to_owned();
        for Terminal {
            name,
            ip,
            mac,
            department,
            ..
        } in (0..16).map(terminal)
        {
            writeln!(devices, "{mac},{ip},{name},{department}").expect("a text takes it");
        }
        write("devices.csv", &devices);
    }

    /// Writes the files of one day, `in/ehr-20260928.csv` and `in/rtx-20260928.log`.
    pub fn write_day(&self, folder: &Path, day: i64) {
        let [ehr, router] = &self.nights[&day];
        std::fs::create_dir_all(folder.join("in")).expect("the folder is writable");
        let write = |name: &str, ending: &str, text: String| {
            let (year, month, day) = date(day);
            let name = format!("in/{name}-{year}{month:02}{day:02}.{ending}");
            std::fs::write(folder.join(name), text).expect("the folder is writable");
        };
        write("ehr", "csv", csv(ehr));
        if day != planted::SILENT {
            write("rtx", "log", syslog(router));
        }
    }

    /// What the views must hold after these days.
    pub fn answer(&self, days: std::ops::Range<i64>) -> Answer {
        let mut answer = Answer::default();
        for (_, [ehr, router]) in self.nights.range(days) {
            answer.add("ehr", ehr);
            answer.add("router", router);
        }
        answer
    }
}

const CONFIG: &str = "\
version: 1
site: { name: さくら総合病院, timezone: Asia/Tokyo, language: ja }
sources:
  - { name: ehr, paths: ['in/ehr-*.csv'], format: csv, timezone: Asia/Tokyo, expect: nightly }
  - { name: router, paths: ['in/rtx-*.log'], format: syslog, timezone: Asia/Tokyo, expect: nightly }
calendar: calendar.yaml
registers:
  staff: staff.csv
  devices: devices.csv
  declarations: declarations.csv
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
  - file: roster-10.csv
    month: 2026-10
    codes: { 夜: 16:30-09:00, 休: none }
    margin: { before: 0m, after: 0m }
  - file: roster-11.csv
    month: 2026-11
    codes: { 夜: 16:30-09:00, 休: none }
    margin: { before: 0m, after: 0m }
assign:
  - { department: 病棟, calendar: ward }
default: clinic
";

const DECLARATIONS: &str = "\
kind,from,to,who,where
overtime,2026-11-12 19:00,2026-11-12 21:00,c02,
";

/// The roster of a month that begins on a day: p01 has night duty on Tuesdays.
fn roster(first: i64, days: i64) -> String {
    let numbers: Vec<String> = (1..=days).map(|day| day.to_string()).collect();
    let cells = (first..first + days).map(|day| if is_tuesday(day) { "夜" } else { "休" });
    let cells: Vec<&str> = cells.collect();
    format!(
        "氏名,職員番号,{}\n薬剤師,p01,{}\n",
        numbers.join(","),
        cells.join(",")
    )
}

fn is_tuesday(day: i64) -> bool {
    (day - FIRST).rem_euclid(7) == 1
}

/// True when the roster says that p01 is on duty.
pub fn is_on_duty(second: i64) -> bool {
    let (day, minute) = (second.div_euclid(86_400), second.rem_euclid(86_400) / 60);
    // No roster covers the last days of September.
    let covered = |day: i64| day >= FIRST + 3 && is_tuesday(day);
    covered(day) && minute >= 16 * 60 + 30 || covered(day - 1) && minute < 9 * 60
}

fn records(dice: &mut Dice, day: i64, scale: u32) -> Night {
    let midnight = day * 86_400;
    let mut all = Vec::new();
    for (who, person) in STAFF.iter().enumerate() {
        let ward = person.department == "病棟";
        let works = (ward || is_working_day(day)) && person.id != "d09";
        let rows = if works {
            scale * (12 + dice.roll(18))
        } else {
            0
        };
        for _ in 0..rows {
            let second = dice.second(if ward { &WARD } else { &CLINIC });
            all.push(row(dice, midnight + second, who));
        }
        if person.id == "p01" && is_tuesday(day) {
            all.extend((0..6 * scale).map(|_| {
                let second = 19 * 3_600 + i64::from(dice.roll(4 * 3_600));
                row(dice, midnight + second, who)
            }));
        }
    }
    all.extend(planted_records(day));
    all.sort_by_key(|h| h.second);
    Night {
        happenings: all,
        rejects: if day == planted::REJECTS { 20 } else { 0 },
    }
}

fn row(dice: &mut Dice, second: i64, who: usize) -> Happening {
    let (action, patient) = match dice.roll(20) {
        0 | 1 => ("login", None),
        2 => ("logout", None),
        3 => ("print", Some(dice.roll(400))),
        4..=7 => ("chart-edit", Some(dice.roll(400))),
        _ => ("chart-view", Some(dice.roll(400))),
    };
    let failed = action == "login" && dice.roll(12) == 0;
    let department = DEPARTMENTS.iter().position(|d| *d == STAFF[who].department);
    // The last terminal of the clerks is new and comes into use late.
    let spare = second < planted::NEW_DEVICE * 86_400;
    let number = department.unwrap_or(0) * 4 + dice.roll(4) as usize;
    let number = if number == 15 && spare { 14 } else { number };
    Happening {
        second,
        who: Some(who),
        terminal: Some(terminal(number)),
        action,
        outcome: if failed { "failure" } else { "success" },
        patient,
    }
}

fn planted_records(day: i64) -> Vec<Happening> {
    let at =
        |hour: i64, minute: i64, second: i64| day * 86_400 + hour * 3_600 + minute * 60 + second;
    let who = |id: &str| STAFF.iter().position(|person| person.id == id);
    let one = |second, id, place: Terminal, action, outcome| Happening {
        second,
        who: who(id),
        terminal: Some(place),
        action,
        outcome,
        patient: (action == "chart-view").then_some(7),
    };
    match day {
        planted::BURST => (0..12)
            .map(|n| one(at(13, 20, n * 4), "n03", terminal(5), "login", "failure"))
            .collect(),
        planted::OFF_HOURS => (0..3)
            .map(|n| {
                one(
                    at(2, 10 + n, 0),
                    "c01",
                    terminal(13),
                    "chart-view",
                    "success",
                )
            })
            .collect(),
        planted::UNKNOWN_DEVICE => (0..4)
            .map(|n| one(at(10, n, 0), "d01", stranger(), "chart-view", "success"))
            .collect(),
        planted::LEAVER => vec![one(at(11, 0, 0), "d09", terminal(0), "login", "success")],
        planted::OVERTIME => (0..5)
            .map(|n| {
                one(
                    at(19, 30 + n, 0),
                    "c02",
                    terminal(12),
                    "chart-view",
                    "success",
                )
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn router(dice: &mut Dice, day: i64, scale: u32) -> Night {
    if day == planted::SILENT {
        return Night::default();
    }
    let mut all = Vec::new();
    let mut add = |second: i64, place, action, outcome| {
        all.push(Happening {
            second: day * 86_400 + second,
            who: None,
            terminal: place,
            action,
            outcome,
            patient: None,
        });
    };
    for _ in 0..scale * (60 + dice.roll(40)) {
        add(dice.second(&WARD), None, "deny", "unknown");
    }
    for number in 0..15 {
        add(
            8 * 3_600 + i64::from(dice.roll(3_600)),
            Some(terminal(number)),
            "dhcp-lease",
            "success",
        );
    }
    if dice.roll(3) == 0 {
        add(dice.second(&CLINIC), Some(terminal(12)), "login", "failure");
    }
    all.sort_by_key(|h| h.second);
    Night {
        happenings: all,
        rejects: 0,
    }
}

/// Year, month and day of a day since 1970.
pub fn date(day: i64) -> (i32, u32, u32) {
    use yomawari::event::days_from_civil;
    let month = (9..=12)
        .rev()
        .find(|month| days_from_civil(2026, *month, 1) <= day);
    let month = month.expect("the days lie in the autumn of 2026");
    (
        2026,
        month,
        (day - days_from_civil(2026, month, 1) + 1) as u32,
    )
}

fn clock(second: i64) -> (i64, i64, i64) {
    let of_day = second.rem_euclid(86_400);
    (of_day / 3_600, of_day / 60 % 60, of_day % 60)
}

fn csv(night: &Night) -> String {
    let mut text = "日時,利用者ID,部署,端末名,IPアドレス,MACアドレス,操作,患者ID,結果\n".to_owned();
    for happening in &night.happenings {
        let (year, month, day) = date(happening.second.div_euclid(86_400));
        let (hour, minute, second) = clock(happening.second);
        let person = &STAFF[happening.who.expect("a records system tells who")];
        let place = happening.terminal.as_ref().expect("and where");
        let word = match happening.action {
            "login" => "ログイン",
            "logout" => "ログアウト",
            "print" => "印刷",
            "chart-edit" => "カルテ記載",
            _ => "カルテ参照",
        };
        let outcome = if happening.outcome == "failure" {
            "失敗"
        } else {
            "成功"
        };
        let patient = happening
            .patient
            .map_or(String::new(), |p| format!("{p:08}"));
        writeln!(
            text,
            "{year}/{month:02}/{day:02} {hour:02}:{minute:02}:{second:02},{},{},{},{},{},{word},{patient},{outcome}",
            person.id, person.department, place.name, place.ip, place.mac
        )
        .expect("a text takes it");
    }
    for number in 0..night.rejects {
        writeln!(text, "不明な時刻,n{number},外来,pc01,,,カルテ参照,1,成功")
            .expect("a text takes it");
    }
    text
}

fn syslog(night: &Night) -> String {
    let months = [
        "", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut text = String::new();
    for happening in &night.happenings {
        let (_, month, day) = date(happening.second.div_euclid(86_400));
        let (hour, minute, second) = clock(happening.second);
        let month = months[month as usize];
        let message = match (happening.action, &happening.terminal) {
            ("dhcp-lease", Some(place)) => {
                let mac = place.mac.replace('-', ":").to_lowercase();
                format!("[DHCPD] LAN1 Allocates {}: {mac}", place.ip)
            }
            ("login", Some(place)) => format!("Login failed for TELNET: {}", place.ip),
            _ => "LAN2 Rejected at IN(2100) filter: TCP 198.51.100.7:4431 > 203.0.113.5:22"
                .to_owned(),
        };
        writeln!(
            text,
            "<134>{month} {day:>2} {hour:02}:{minute:02}:{second:02} rtx1220 {message}"
        )
        .expect("a text takes it");
    }
    text
}
