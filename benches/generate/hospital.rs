//! An invented hospital: 2,000 staff, 800 terminals, 20,000 patients in care, and what they do.
//!
//! Gives accesses in order of time, for the records system's CSV and for FHIR alike.

use std::io;

use crate::cases::plant;
use crate::day::{CLINIC, Date, Spread, WARD};
use crate::random::Random;

pub const DEPARTMENTS: u32 = 40;
/// The first departments are wards; the others are open in the day only.
pub const WARDS: u32 = 16;
pub const STAFF_EACH: u32 = 50;
pub const TERMINALS_EACH: u32 = 20;
pub const PATIENTS_EACH: u32 = 500;
pub const STAFF: u32 = DEPARTMENTS * STAFF_EACH;
pub const TERMINALS: u32 = DEPARTMENTS * TERMINALS_EACH;
pub const PATIENTS: u32 = DEPARTMENTS * PATIENTS_EACH;
/// Terminals from [`TERMINALS`] on are not in the register.
pub const STRANGERS: u32 = 40;

pub const DEPARTMENT_NAMES: [&str; DEPARTMENTS as usize] = [
    "3東病棟",
    "3西病棟",
    "4東病棟",
    "4西病棟",
    "5東病棟",
    "5西病棟",
    "6東病棟",
    "6西病棟",
    "7東病棟",
    "7西病棟",
    "8東病棟",
    "8西病棟",
    "9東病棟",
    "9西病棟",
    "ICU",
    "救急",
    "内科",
    "循環器内科",
    "消化器内科",
    "呼吸器内科",
    "神経内科",
    "腎臓内科",
    "小児科",
    "外科",
    "整形外科",
    "脳神経外科",
    "心臓血管外科",
    "皮膚科",
    "泌尿器科",
    "産婦人科",
    "眼科",
    "耳鼻咽喉科",
    "放射線科",
    "麻酔科",
    "精神科",
    "リハビリテーション科",
    "薬剤部",
    "検査部",
    "医事課",
    "地域連携室",
];
const FAMILY: [&str; 20] = [
    "佐藤",
    "鈴木",
    "高橋",
    "田中",
    "伊藤",
    "渡辺",
    "山本",
    "中村",
    "小林",
    "加藤",
    "吉田",
    "山田",
    "佐々木",
    "山口",
    "松本",
    "井上",
    "木村",
    "林",
    "斎藤",
    "清水",
];
const GIVEN: [&str; 20] = [
    "花子",
    "太郎",
    "美咲",
    "健一",
    "陽子",
    "翔太",
    "由美",
    "大輔",
    "恵子",
    "直樹",
    "真理",
    "拓也",
    "久美子",
    "誠",
    "愛",
    "浩二",
    "裕子",
    "健",
    "さくら",
    "学",
];

pub fn department_of(staff: u32) -> u32 {
    staff / STAFF_EACH
}

/// The letter of the account and the occupation.
pub fn role_of(staff: u32) -> (char, &'static str) {
    match staff % STAFF_EACH {
        0..10 => ('d', "医師"),
        10..35 => ('n', "看護師"),
        35..42 => ('p', "薬剤師"),
        _ => ('c', "事務"),
    }
}

pub fn account_of(staff: u32) -> String {
    format!("{}{:05}", role_of(staff).0, 1_000 + staff)
}

pub fn name_of(staff: u32) -> String {
    let family = FAMILY[(staff % 20) as usize];
    let given = GIVEN[(staff / 20 * 7 % 20) as usize];
    format!("{family} {given}")
}

/// Name, address and hardware address of a terminal.
pub fn terminal(number: u32) -> (String, String, String) {
    let (department, n) = (number / TERMINALS_EACH, number % TERMINALS_EACH);
    if number >= TERMINALS {
        let n = number - TERMINALS;
        // Half of the strangers hide behind a randomised hardware address.
        let maker = if n.is_multiple_of(2) {
            "3C-22-FB"
        } else {
            "DA-A1-19"
        };
        let mac = format!("{maker}-{:02X}-{:02X}-{:02X}", n * 5 % 256, n * 11 % 256, n);
        return (format!("NOTE-{n:03}"), format!("10.20.200.{}", 10 + n), mac);
    }
    let mac = format!(
        "00-A0-DE-{department:02X}-{n:02X}-{:02X}",
        (department * 31 + n * 7) % 256
    );
    (
        format!("T{department:02}-PC{n:02}"),
        format!("10.20.{department}.{}", 10 + n),
        mac,
    )
}

pub fn patient_id(patient: u32) -> String {
    format!("{:08}", 10_000 + patient * 7)
}

#[derive(Clone, Copy, PartialEq)]
pub enum Act {
    Login,
    Logout,
    Search,
    View,
    Edit,
    Order,
    Print,
}

#[derive(Clone, Copy)]
pub struct Access {
    pub second: u32,
    pub staff: u32,
    pub terminal: u32,
    pub act: Act,
    pub patient: Option<u32>,
    pub failed: bool,
}

/// What was planted, counted only as far as the file reaches.
#[derive(Default)]
pub struct Planted {
    pub days: u32,
    pub bursts: u32,
    pub near_misses: u32,
    pub off_hours: u32,
    pub strangers: u32,
    pub sprees: u32,
    pub much_read: u32,
}

impl Planted {
    pub fn json(&self) -> String {
        format!(
            "\"days\":{},\"failed_login_bursts\":{},\"near_misses\":{},\"off_hours_sessions\":{},\
             \"unknown_devices\":{},\"chart_sprees\":{},\"much_read_patients\":{}",
            self.days,
            self.bursts,
            self.near_misses,
            self.off_hours,
            self.strangers,
            self.sprees,
            self.much_read
        )
    }
}

/// Lives day after day until `emit` says that the file is full. `weekday` is the number of
/// accesses on a day on which the clinics are open.
pub fn live(
    seed: u64,
    weekday: u64,
    mut emit: impl FnMut(Date, &Access) -> io::Result<bool>,
) -> io::Result<Planted> {
    let mut random = Random::new(seed);
    let mut planted = Planted::default();
    let mut date = Date::first();
    loop {
        planted.days += 1;
        let cases = plant(date, &mut random);
        let mut cases = cases.iter().peekable();
        let mut clinics = Spread::new(&CLINIC, if date.is_open() { weekday * 7 / 10 } else { 0 });
        let mut wards = Spread::new(&WARD, weekday * 3 / 10);
        for second in 0..86_400 {
            while let Some((access, ends)) = cases.next_if(|(a, _)| a.second <= second) {
                if let Some(case) = ends {
                    planted.count(*case);
                }
                if !emit(date, access)? {
                    return Ok(planted);
                }
            }
            for ward in [true, false] {
                let spread = if ward { &mut wards } else { &mut clinics };
                for _ in 0..spread.in_second(second) {
                    let access = ordinary(&mut random, date, second, ward);
                    if !emit(date, &access)? {
                        return Ok(planted);
                    }
                }
            }
        }
        date = date.next();
    }
}

/// What somebody on duty does on an ordinary moment.
#[inline]
fn ordinary(random: &mut Random, date: Date, second: u32, ward: bool) -> Access {
    let hour = second / 3_600;
    let staff = loop {
        let staff = match ward {
            true => random.below(WARDS * STAFF_EACH),
            false => random.between(WARDS * STAFF_EACH, STAFF - 1),
        };
        if works(staff, date.number, hour) {
            break staff;
        }
    };
    let department = department_of(staff);
    let terminal = department * TERMINALS_EACH + (staff * 7 + hour) % TERMINALS_EACH;
    let dice = random.below(1_000);
    let act = match dice {
        0..30 => Act::Login,
        30..55 => Act::Logout,
        55..155 => Act::Search,
        155..625 => Act::View,
        625..825 => Act::Edit,
        825..945 => Act::Order,
        _ => Act::Print,
    };
    let patient = match act {
        Act::Login | Act::Logout | Act::Search => None,
        _ => Some(patient_of(random, staff)),
    };
    Access {
        second,
        staff,
        terminal,
        act,
        patient,
        // One login in fifty is mistyped.
        failed: act == Act::Login && random.below(50) == 0,
    }
}

/// Nearly always one of the staff's own team's patients.
#[inline]
pub fn patient_of(random: &mut Random, staff: u32) -> u32 {
    let department = department_of(staff);
    let team = staff % STAFF_EACH / 10;
    let patient = random.below(PATIENTS_EACH / 5) * 5;
    match random.below(100) {
        0 => random.below(PATIENTS),
        1..8 => department * PATIENTS_EACH + random.below(PATIENTS_EACH),
        _ => department * PATIENTS_EACH + patient + team,
    }
}

/// Wards work in three shifts, the others by day with one day off in seven.
#[inline]
fn works(staff: u32, day: u32, hour: u32) -> bool {
    if department_of(staff) >= WARDS {
        return !(staff + day).is_multiple_of(7);
    }
    match (staff + day) % 5 {
        0 | 1 => (8..17).contains(&hour),
        2 => hour >= 16,
        3 => hour < 9,
        _ => false,
    }
}
