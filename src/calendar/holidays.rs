//! The public holidays of Japan, computed from the law.
//!
//! Takes a date; gives the holiday it is, if any, with its name in Japanese and English. The
//! source is the Act on National Holidays (Act No. 178 of 1948): article 2 names the days,
//! article 3 adds substitute and citizens' holidays; ceremonies have acts of their own.
//! Never reads a file and never knows what a house does on these days.

use chrono::{Datelike, NaiveDate, Weekday};

/// The last year whose holidays were announced in the official gazette when this was built; from
/// the year after it the equinoxes are computed, not announced, and the law may change.
pub const LAST_ANNOUNCED_YEAR: i32 = 2027;

/// The name of a public holiday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// Japanese name, as in the law.
    pub ja: &'static str,
    /// English name.
    pub en: &'static str,
}

const SUBSTITUTE: Holiday = Holiday {
    ja: "振替休日",
    en: "Substitute Holiday",
};
const CITIZENS: Holiday = Holiday {
    ja: "国民の休日",
    en: "Citizens' Holiday",
};

/// Which day of the year a line of the law names.
#[derive(Clone, Copy)]
enum Day {
    /// A day of a month.
    On(u32, u32),
    /// The n-th Monday of a month.
    Monday(u32, u32),
    VernalEquinox,
    AutumnalEquinox,
}

/// One line of article 2, or of a ceremony's act: years from, years to, day, names.
type Clause = (i32, i32, Day, &'static str, &'static str);

const EVER: i32 = i32::MAX;

/// The law by year. The act came into force on 20 July 1948.
const LAW: &[Clause] = &[
    (1949, EVER, Day::On(1, 1), "元日", "New Year's Day"),
    (1949, 1999, Day::On(1, 15), "成人の日", "Coming of Age Day"),
    (
        2000,
        EVER,
        Day::Monday(1, 2),
        "成人の日",
        "Coming of Age Day",
    ),
    (
        1967,
        EVER,
        Day::On(2, 11),
        "建国記念の日",
        "National Foundation Day",
    ),
    (
        1949,
        1988,
        Day::On(4, 29),
        "天皇誕生日",
        "Emperor's Birthday",
    ),
    (
        1989,
        2018,
        Day::On(12, 23),
        "天皇誕生日",
        "Emperor's Birthday",
    ),
    (
        2020,
        EVER,
        Day::On(2, 23),
        "天皇誕生日",
        "Emperor's Birthday",
    ),
    (
        1949,
        EVER,
        Day::VernalEquinox,
        "春分の日",
        "Vernal Equinox Day",
    ),
    (1989, 2006, Day::On(4, 29), "みどりの日", "Greenery Day"),
    (2007, EVER, Day::On(5, 4), "みどりの日", "Greenery Day"),
    (2007, EVER, Day::On(4, 29), "昭和の日", "Showa Day"),
    (
        1949,
        EVER,
        Day::On(5, 3),
        "憲法記念日",
        "Constitution Memorial Day",
    ),
    (1949, EVER, Day::On(5, 5), "こどもの日", "Children's Day"),
    (1996, 2002, Day::On(7, 20), "海の日", "Marine Day"),
    (2003, 2019, Day::Monday(7, 3), "海の日", "Marine Day"),
    (2020, 2020, Day::On(7, 23), "海の日", "Marine Day"),
    (2021, 2021, Day::On(7, 22), "海の日", "Marine Day"),
    (2022, EVER, Day::Monday(7, 3), "海の日", "Marine Day"),
    (2016, 2019, Day::On(8, 11), "山の日", "Mountain Day"),
    (2020, 2020, Day::On(8, 10), "山の日", "Mountain Day"),
    (2021, 2021, Day::On(8, 8), "山の日", "Mountain Day"),
    (2022, EVER, Day::On(8, 11), "山の日", "Mountain Day"),
    (
        1966,
        2002,
        Day::On(9, 15),
        "敬老の日",
        "Respect for the Aged Day",
    ),
    (
        2003,
        EVER,
        Day::Monday(9, 3),
        "敬老の日",
        "Respect for the Aged Day",
    ),
    (
        1948,
        EVER,
        Day::AutumnalEquinox,
        "秋分の日",
        "Autumnal Equinox Day",
    ),
    (
        1966,
        1999,
        Day::On(10, 10),
        "体育の日",
        "Health and Sports Day",
    ),
    (
        2000,
        2019,
        Day::Monday(10, 2),
        "体育の日",
        "Health and Sports Day",
    ),
    (2020, 2020, Day::On(7, 24), "スポーツの日", "Sports Day"),
    (2021, 2021, Day::On(7, 23), "スポーツの日", "Sports Day"),
    (2022, EVER, Day::Monday(10, 2), "スポーツの日", "Sports Day"),
    (1948, EVER, Day::On(11, 3), "文化の日", "Culture Day"),
    (
        1948,
        EVER,
        Day::On(11, 23),
        "勤労感謝の日",
        "Labor Thanksgiving Day",
    ),
    (1959, 1959, Day::On(4, 10), "結婚の儀", "Imperial Wedding"),
    (1989, 1989, Day::On(2, 24), "大喪の礼", "Imperial Funeral"),
    (
        1990,
        1990,
        Day::On(11, 12),
        "即位礼正殿の儀",
        "Enthronement Ceremony",
    ),
    (1993, 1993, Day::On(6, 9), "結婚の儀", "Imperial Wedding"),
    (
        2019,
        2019,
        Day::On(5, 1),
        "天皇の即位の日",
        "Accession of the Emperor",
    ),
    (
        2019,
        2019,
        Day::On(10, 22),
        "即位礼正殿の儀が行われる日",
        "Enthronement Ceremony",
    ),
];

/// The holiday a date is, substitute and citizens' holidays included; `None` before the law.
///
/// Right for every announced year; from 2100 on the equinoxes are a forecast by formula.
pub fn holiday(date: NaiveDate) -> Option<Holiday> {
    if let Some(named) = national(date) {
        return Some(named);
    }
    if is_substitute(date) {
        return Some(SUBSTITUTE);
    }
    is_citizens(date).then_some(CITIZENS)
}

/// A national holiday by article 2, or a ceremony's day, which counts as one.
fn national(date: NaiveDate) -> Option<Holiday> {
    let (year, month, day) = (date.year(), date.month(), date.day());
    LAW.iter()
        .find(|(from, to, rule, ..)| {
            (*from..=*to).contains(&year)
                && match *rule {
                    Day::On(m, d) => (m, d) == (month, day),
                    Day::Monday(m, nth) => {
                        m == month && date.weekday() == Weekday::Mon && day.div_ceil(7) == nth
                    }
                    Day::VernalEquinox => month == 3 && day == equinox(year, VERNAL),
                    Day::AutumnalEquinox => month == 9 && day == equinox(year, AUTUMNAL),
                }
        })
        .map(|&(_, _, _, ja, en)| Holiday { ja, en })
}

/// Article 3, paragraph 2, in its two wordings.
fn is_substitute(date: NaiveDate) -> bool {
    let mut before = date.pred_opt();
    if date.year() < 2007 {
        // Until 2006 only the day after a Sunday; the rule came into force on 12 April 1973, and
        // the Sunday itself had to lie after that.
        return date.weekday() == Weekday::Mon
            && before
                .is_some_and(|sunday| sunday >= ymd(1973, 4, 12) && national(sunday).is_some());
    }
    // Since 2007 the first day after the Sunday that is not itself a national holiday.
    while let Some(day) = before.filter(|day| national(*day).is_some()) {
        if day.weekday() == Weekday::Sun {
            return true;
        }
        before = day.pred_opt();
    }
    false
}

/// Article 3, paragraph 3: a day between two national holidays, since 27 December 1985.
fn is_citizens(date: NaiveDate) -> bool {
    let between = || {
        let both = date.pred_opt().zip(date.succ_opt());
        both.is_some_and(|(a, b)| national(a).is_some() && national(b).is_some())
    };
    // Until 2006 not on a Sunday, and a substitute holiday stayed one.
    let excepted = date.year() < 2007 && date.weekday() == Weekday::Sun;
    date >= ymd(1985, 12, 27) && !excepted && between()
}

/// Day of the month, times 10 000, that the passage would have in 1980: for years to 2099, and
/// from 2100, which is no leap year.
type EquinoxConstants = [i64; 2];

const VERNAL: EquinoxConstants = [208_431, 218_510];
const AUTUMNAL: EquinoxConstants = [232_488, 242_488];

/// The day of March or September on which the sun passes, by Japanese time.
fn equinox(year: i32, constants: EquinoxConstants) -> u32 {
    let n = i64::from(year) - 1980;
    let constant = constants[usize::from(year >= 2100)];
    // In millionths of a day, so that no rounding of floating point decides a holiday. Both
    // divisions round down, which matters before 1980.
    let passage = (constant * 100 + 242_194 * n).div_euclid(1_000_000);
    u32::try_from(passage - n.div_euclid(4)).unwrap_or(0)
}

/// A date of the law's own text.
fn ymd(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn each_day(from: i32, to: i32) -> impl Iterator<Item = NaiveDate> {
        ymd(from, 1, 1)
            .iter_days()
            .take_while(move |d| d.year() <= to)
    }

    /// The n-th Monday, found by walking the month.
    fn monday(year: i32, month: u32, nth: usize) -> NaiveDate {
        ymd(year, month, 1)
            .iter_days()
            .filter(|d| d.weekday() == Weekday::Mon)
            .nth(nth - 1)
            .expect("every month has four Mondays")
    }

    /// Article 2 read once more, year by year, with floating point and without the table.
    fn article_2(y: i32) -> BTreeMap<NaiveDate, &'static str> {
        let mut days = BTreeMap::new();
        let mut add = |date, name| {
            days.insert(date, name);
        };
        let n = f64::from(y - 1980);
        let leap = (n / 4.0).floor();
        let march = ((20.8431 + 0.242194 * n).floor() - leap) as u32;
        let september = ((23.2488 + 0.242194 * n).floor() - leap) as u32;
        let olympic = y == 2020 || y == 2021;
        add(ymd(y, 1, 1), "元日");
        add(
            if y < 2000 {
                ymd(y, 1, 15)
            } else {
                monday(y, 1, 2)
            },
            "成人の日",
        );
        if y >= 1967 {
            add(ymd(y, 2, 11), "建国記念の日");
        }
        match y {
            ..=1988 => add(ymd(y, 4, 29), "天皇誕生日"),
            1989..=2018 => add(ymd(y, 12, 23), "天皇誕生日"),
            2019 => {}
            _ => add(ymd(y, 2, 23), "天皇誕生日"),
        }
        add(ymd(y, 3, march), "春分の日");
        match y {
            ..=1988 => {}
            1989..=2006 => add(ymd(y, 4, 29), "みどりの日"),
            _ => {
                add(ymd(y, 5, 4), "みどりの日");
                add(ymd(y, 4, 29), "昭和の日");
            }
        }
        add(ymd(y, 5, 3), "憲法記念日");
        add(ymd(y, 5, 5), "こどもの日");
        match y {
            ..=1995 => {}
            1996..=2002 => add(ymd(y, 7, 20), "海の日"),
            2020 => add(ymd(y, 7, 23), "海の日"),
            2021 => add(ymd(y, 7, 22), "海の日"),
            _ => add(monday(y, 7, 3), "海の日"),
        }
        match y {
            ..=2015 => {}
            2020 => add(ymd(y, 8, 10), "山の日"),
            2021 => add(ymd(y, 8, 8), "山の日"),
            _ => add(ymd(y, 8, 11), "山の日"),
        }
        if y >= 1966 {
            add(
                if y <= 2002 {
                    ymd(y, 9, 15)
                } else {
                    monday(y, 9, 3)
                },
                "敬老の日",
            );
            let sports = if y >= 2020 {
                "スポーツの日"
            } else {
                "体育の日"
            };
            let day = match y {
                ..=1999 => ymd(y, 10, 10),
                _ if olympic => ymd(y, 7, if y == 2020 { 24 } else { 23 }),
                _ => monday(y, 10, 2),
            };
            add(day, sports);
        }
        add(ymd(y, 9, september), "秋分の日");
        add(ymd(y, 11, 3), "文化の日");
        add(ymd(y, 11, 23), "勤労感謝の日");
        for (date, name) in [
            (ymd(1959, 4, 10), "結婚の儀"),
            (ymd(1989, 2, 24), "大喪の礼"),
            (ymd(1990, 11, 12), "即位礼正殿の儀"),
            (ymd(1993, 6, 9), "結婚の儀"),
            (ymd(2019, 5, 1), "天皇の即位の日"),
            (ymd(2019, 10, 22), "即位礼正殿の儀が行われる日"),
        ] {
            if date.year() == y {
                add(date, name);
            }
        }
        days
    }

    /// Article 3 read forwards: each Sunday holiday pushes a day, each gap is filled.
    fn article_3(all: &BTreeMap<NaiveDate, &'static str>) -> BTreeMap<NaiveDate, &'static str> {
        let mut off = all.clone();
        for &date in all.keys() {
            if date.weekday() == Weekday::Sun && date >= ymd(1973, 4, 12) {
                let mut next = date + chrono::Days::new(1);
                while date.year() >= 2007 && all.contains_key(&next) {
                    next = next + chrono::Days::new(1);
                }
                off.entry(next).or_insert("振替休日");
            }
            let (middle, far) = (date + chrono::Days::new(1), date + chrono::Days::new(2));
            let sunday = date.year() < 2007 && middle.weekday() == Weekday::Sun;
            if all.contains_key(&far) && date >= ymd(1985, 12, 27) && !sunday {
                off.entry(middle).or_insert("国民の休日");
            }
        }
        off
    }

    #[test]
    fn every_day_agrees_with_a_second_reading_of_the_law() {
        let national = (1954..=2036).flat_map(article_2).collect();
        let off = article_3(&national);
        for date in each_day(1955, 2035) {
            assert_eq!(
                holiday(date).map(|h| h.ja),
                off.get(&date).copied(),
                "{date}"
            );
        }
    }

    #[test]
    fn the_counts_of_the_official_list() {
        let count = |from, to| each_day(from, to).filter(|d| holiday(*d).is_some()).count();
        let years: Vec<usize> = (2019..=2027).map(|y| count(y, y)).collect();
        assert_eq!(years, [22, 18, 17, 16, 17, 21, 19, 18, 17]);
        assert_eq!(count(1955, 2027), 1067);
    }

    #[test]
    fn days_worth_checking_by_hand() {
        let name = |y, m, d| holiday(ymd(y, m, d)).map(|h| h.ja);
        for (y, m, d) in [(1973, 2, 12), (1986, 5, 4), (2020, 7, 20), (2019, 12, 23)] {
            assert_eq!(name(y, m, d), None, "{y}-{m}-{d}");
        }
        for (y, m, d, ja) in [
            (1973, 4, 30, "振替休日"),
            (1987, 5, 4, "振替休日"),
            (1988, 5, 4, "国民の休日"),
            (1989, 2, 24, "大喪の礼"),
            (2007, 4, 29, "昭和の日"),
            (2008, 5, 6, "振替休日"),
            (2009, 9, 22, "国民の休日"),
            (2015, 9, 22, "国民の休日"),
            (2019, 4, 30, "国民の休日"),
            (2019, 5, 1, "天皇の即位の日"),
            (2019, 5, 2, "国民の休日"),
            (2019, 5, 6, "振替休日"),
            (2019, 10, 14, "体育の日"),
            (2019, 10, 22, "即位礼正殿の儀が行われる日"),
            (2020, 8, 10, "山の日"),
            (2021, 8, 9, "振替休日"),
            (2024, 8, 12, "振替休日"),
            (2026, 3, 20, "春分の日"),
            (2026, 9, 22, "国民の休日"),
            (2032, 9, 21, "国民の休日"),
        ] {
            assert_eq!(name(y, m, d), Some(ja), "{y}-{m}-{d}");
        }
    }

    #[test]
    fn equinoxes_stay_within_their_known_days() {
        for year in 1948..=2091 {
            assert!((20..=21).contains(&equinox(year, VERNAL)), "{year}");
        }
        for year in 1980..=2102 {
            assert!((22..=23).contains(&equinox(year, AUTUMNAL)), "{year}");
        }
        assert_eq!((equinox(2092, VERNAL), equinox(2074, AUTUMNAL)), (19, 23));
        assert_eq!(equinox(2088, VERNAL), 20);
        assert_eq!(equinox(2059, VERNAL), 20);
    }

    #[test]
    fn nothing_before_the_law_and_no_panic_at_the_ends_of_time() {
        assert_eq!(holiday(ymd(1948, 5, 3)), None);
        assert_eq!(holiday(ymd(1948, 9, 23)).map(|h| h.ja), Some("秋分の日"));
        assert_eq!(holiday(NaiveDate::MIN), None);
        let _ = holiday(NaiveDate::MAX);
    }
}
