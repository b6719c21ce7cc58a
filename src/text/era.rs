//! The eras Japan counts its years by.
//!
//! Takes a sign or letter of an era; gives the era, whose years become Gregorian ones. Never reads
//! a date: which spellings count, and whether a year must lie within its era, is for the reader.

/// An era and the years it spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Era {
    /// Its two signs.
    pub signs: [char; 2],
    /// The letter it is abbreviated by, upper case.
    pub letter: u8,
    /// The Gregorian year before its first one.
    pub before: i32,
    /// The last Gregorian year that has days in it; of the present one, the last year of any time.
    pub last: i32,
}

/// The eras in their order: the digit that some systems number them by is the index and one.
pub const ERAS: [Era; 5] = [
    era(['明', '治'], b'M', 1867, 1912),
    era(['大', '正'], b'T', 1911, 1926),
    era(['昭', '和'], b'S', 1925, 1989),
    era(['平', '成'], b'H', 1988, 2019),
    era(['令', '和'], b'R', 2018, 2199),
];

const fn era(signs: [char; 2], letter: u8, before: i32, last: i32) -> Era {
    Era {
        signs,
        letter,
        before,
        last,
    }
}

impl Era {
    /// The era of a letter, in either case.
    pub fn of_letter(letter: u8) -> Option<&'static Era> {
        ERAS.iter()
            .find(|era| era.letter == letter.to_ascii_uppercase())
    }

    /// The era that this sign is the first of.
    pub fn of_sign(sign: char) -> Option<&'static Era> {
        ERAS.iter().find(|era| era.signs[0] == sign)
    }

    /// The Gregorian year of a year of the era, counted on beyond its end (平成32); `None` before
    /// its first year.
    pub fn year(&self, year: i32) -> Option<i32> {
        (year >= 1).then(|| self.before + year)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eras_follow_each_other() {
        for pair in ERAS.windows(2) {
            assert_eq!(pair[0].last, pair[1].before + 1, "{:?}", pair[1].signs);
        }
    }

    #[test]
    fn years_of_eras_are_gregorian() {
        let year = |letter, year| Era::of_letter(letter).and_then(|era| era.year(year));
        assert_eq!(year(b'R', 8), Some(2026));
        assert_eq!(year(b'h', 31), Some(2019));
        assert_eq!(year(b'S', 0), None);
        assert_eq!(year(b'X', 1), None);
        assert_eq!(Era::of_sign('昭'), Era::of_letter(b'S'));
    }
}
