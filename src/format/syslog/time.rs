//! Times as syslog lines print them: with or without year, zone and fraction, marked or not.
//!
//! Takes the text of a time; gives its parts, and with a [`Clock`] the instant. Years that are not
//! printed are worked out from the reference of the input: the latest year for which the time is
//! not more than a day after it. Never reads a clock.

use crate::event::{Civil, Instant, NANOS, Reason, Zone, days_in_month};
pub(super) use crate::format::words::month_number;

/// How late after the reference a time without a year may lie: a day of clock error.
const AHEAD: i64 = 24 * 3600 * NANOS;

/// Turns printed times into instants, for one input.
#[derive(Debug)]
pub(super) struct Clock {
    zone: Zone,
    /// The latest instant a time without a year may mean.
    limit: i64,
    /// The year of all times that print none, when the user gave it.
    pinned: Option<i32>,
    /// The year of `limit` in the zone.
    limit_year: i32,
    /// For every month and day (index `month * 32 + day`) what is known beforehand.
    days: Vec<Day>,
}

/// A day of the year whose instants can be had by adding.
#[derive(Clone, Copy, Debug, Default)]
struct Day {
    /// The instant of its midnight; `None` in `offset` when the day has to be worked out.
    midnight: i64,
    offset: Option<i32>,
}

impl Clock {
    /// A clock for times of this zone; `year` goes before the reference.
    pub(super) fn new(zone: Zone, reference: Instant, year: Option<i32>) -> Clock {
        let limit = reference.nanos.saturating_add(AHEAD);
        let local = limit.div_euclid(NANOS) + i64::from(zone.offset_at(limit));
        let mut clock = Clock {
            zone,
            limit,
            pinned: year,
            limit_year: year_of(local.div_euclid(86_400)),
            days: Vec::new(),
        };
        clock.days = (0..13 * 32)
            .map(|at| clock.whole_day(at / 32, at % 32).unwrap_or_default())
            .collect();
        clock
    }

    /// The same clock with another reference; `None` when the user gave the year.
    pub(super) fn against(&self, reference: Instant) -> Option<Clock> {
        let is_pinned = self.pinned.is_some();
        (!is_pinned).then(|| Clock::new(self.zone, reference, None))
    }

    /// The day, when all of it falls into one year and one offset.
    fn whole_day(&self, month: u32, day: u32) -> Option<Day> {
        let at = |hour, minute, second| {
            let civil = civil(None, (month, day), (hour, minute, second));
            self.work_out(&civil).ok().filter(|i| !i.ambiguous)
        };
        let (first, last) = (at(0, 0, 0)?, at(23, 59, 59)?);
        let whole = last.nanos - first.nanos == 86_399 * NANOS && first.offset == last.offset;
        whole.then_some(Day {
            midnight: first.nanos,
            offset: Some(first.offset),
        })
    }

    /// The instant of a time without a year.
    ///
    /// # Errors
    /// [`Reason::BadTime`] for a date no year has, [`Reason::NonexistentTime`] for a time the
    /// zone's clock skips.
    #[inline]
    pub(super) fn yearless(&self, time: &Civil) -> Result<Instant, Reason> {
        let day = self
            .days
            .get((time.month as usize & 15) * 32 + (time.day as usize & 31));
        match day {
            Some(Day {
                midnight,
                offset: Some(offset),
            }) if time.month <= 12
                && time.day <= 31
                && time.hour < 24
                && time.minute < 60
                && time.second <= 60 =>
            {
                let seconds = time.hour * 3600 + time.minute * 60 + time.second;
                Ok(Instant {
                    nanos: midnight + i64::from(seconds) * NANOS + i64::from(time.nanos),
                    offset: *offset,
                    trusted: true,
                    ambiguous: false,
                })
            }
            _ => self.work_out(time),
        }
    }

    /// The same from the definition, year by year.
    pub(super) fn work_out(&self, time: &Civil) -> Result<Instant, Reason> {
        self.search_year(time, |civil| self.zone.resolve(civil))
    }

    fn search_year(
        &self,
        time: &Civil,
        resolve: impl Fn(&Civil) -> Result<Instant, Reason>,
    ) -> Result<Instant, Reason> {
        if time.hour > 23 {
            return Err(Reason::BadTime);
        }
        let exists = |year: i32| {
            (1..=12).contains(&time.month)
                && (1..=days_in_month(year, time.month)).contains(&time.day)
        };
        let in_year = |year: i32| resolve(&Civil { year, ..*time });
        if let Some(year) = self.pinned {
            return in_year(year);
        }
        // A 29 February comes at least once in eight years, 1900 and 2100 included.
        let mut failure = Reason::BadTime;
        for year in (self.limit_year - 9..=self.limit_year + 1).rev() {
            if !exists(year) {
                continue;
            }
            match in_year(year) {
                Ok(instant) if instant.nanos <= self.limit => return Ok(instant),
                Ok(_) => {}
                // The hour that is skipped this year is not sought in another one.
                Err(Reason::NonexistentTime) if self.is_due(&Civil { year, ..*time }) => {
                    return Err(Reason::NonexistentTime);
                }
                Err(reason) => failure = reason,
            }
        }
        Err(failure)
    }

    /// True when a time that may not exist would not lie after the limit.
    fn is_due(&self, time: &Civil) -> bool {
        time.with_offset(self.zone.offset_at(self.limit))
            .is_ok_and(|instant| instant.nanos <= self.limit)
    }

    /// The instant of a printed time, with what it tells about how far it is to be trusted.
    ///
    /// # Errors
    /// As [`Clock::yearless`], and [`Reason::TimeOutOfRange`].
    pub(super) fn instant(&self, stamp: &Stamp) -> Result<Instant, Reason> {
        let civil = &stamp.civil;
        if civil.hour > 23 {
            return Err(Reason::BadTime);
        }
        let mut instant = match (stamp.year_printed, stamp.offset) {
            (true, Some(offset)) => civil.with_offset(offset)?,
            (true, None) => self.zone.resolve(civil)?,
            (false, Some(offset)) => self.search_year(civil, |c| c.with_offset(offset))?,
            (false, None) => self.yearless(civil)?,
        };
        let unset = stamp.year_printed && is_unset_clock(civil);
        instant.trusted = stamp.mark == Mark::None && !unset;
        Ok(instant)
    }

    /// The instant of seconds and nanoseconds since 1970, as the zone's clock shows it.
    pub(super) fn epoch(&self, seconds: i64, nanos: u32) -> Result<Instant, Reason> {
        let nanos = i128::from(seconds) * i128::from(NANOS) + i128::from(nanos);
        self.zone.at_nanos(nanos)
    }

    /// The offset of a local time, for printing; `None` for a time that does not exist.
    pub(super) fn offset_of(&self, civil: &Civil) -> Option<i32> {
        self.zone.resolve(civil).ok().map(|instant| instant.offset)
    }

    /// The year given by the user.
    pub(super) fn pinned_year(&self) -> Option<i32> {
        self.pinned
    }
}

fn year_of(days: i64) -> i32 {
    // Close enough to start from; then corrected by at most one year either way.
    let mut year = (1970 + days.div_euclid(365).clamp(-200, 400)) as i32;
    while crate::event::days_from_civil(year, 1, 1) > days {
        year -= 1;
    }
    year
}

/// Clocks that were never set count from here: epochs of 1970, 1980 and 2000, and WLX access
/// points from 1 January 2020.
fn is_unset_clock(time: &Civil) -> bool {
    matches!(time.year, 1970 | 1980 | 2000)
        || (time.year == 2020 && time.month == 1 && time.day == 1)
}

/// What a Cisco device says about its own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nothing.
    None,
    /// `*`: never set.
    NeverSet,
    /// `.`: was set, is no longer in step.
    LostStep,
}

/// How a date is written, which tells something about the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `Nov 16 08:30:05`, with or without a year somewhere.
    Month,
    /// `Mon Nov 16 08:30:05 2026`.
    Ctime,
    /// `2026-11-16T08:30:05` or with a blank.
    Dashes,
    /// `2026/11/16 08:30:05`.
    Slashes,
    /// `[2026年11月16日 GMT 08:30:05]`.
    Kanji,
}

/// A printed time, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Its parts; the year is 0 when it is not printed.
    pub(super) civil: Civil,
    pub(super) year_printed: bool,
    /// Seconds east of UTC, when printed.
    pub(super) offset: Option<i32>,
    pub(super) mark: Mark,
    pub(super) style: Style,
}

fn civil(year: Option<i32>, (month, day): (u32, u32), time: (u32, u32, u32)) -> Civil {
    let (hour, minute, second) = time;
    Civil {
        year: year.unwrap_or(0),
        month,
        day,
        hour,
        minute,
        second,
        nanos: 0,
    }
}

/// Reads the commonest form, `Nov 16 08:30:05` and a blank, from the first sixteen bytes.
#[inline]
pub(super) fn read_plain(head: &[u8; 16]) -> Option<Civil> {
    let [a, b, c, front @ .., _, _, _, _, _, _, _, _] = *head;
    let [.., h, i, j, k, l, m, n, o] = *head;
    // A day of one digit has a blank in front, which is a zero but for one bit.
    let tens = if front[1] == b' ' { b'0' } else { front[1] };
    let day = [front[0], tens, front[2], front[3], front[4], 0, 0, 0];
    let day = places(day, *b" 00 0\0\0\0")?;
    let time = places([h, i, j, k, l, m, n, o], *b"0:00:00 ")?;
    let digits = |word: u64, at: u32| (word >> (8 * at)) as u32 & 15;
    let month = month_number([a, b, c])?;
    Some(civil(
        None,
        (month, digits(day, 1) * 10 + digits(day, 2)),
        (
            digits(day, 4) * 10 + digits(time, 0),
            digits(time, 2) * 10 + digits(time, 3),
            digits(time, 5) * 10 + digits(time, 6),
        ),
    ))
}

/// The digits that stand where the form has `0`, each in its byte, the first in the lowest; `None`
/// unless all other bytes are those of the form.
#[inline]
pub(super) fn places(text: [u8; 8], form: [u8; 8]) -> Option<u64> {
    const HIGHS: u64 = (u64::MAX / 255) << 7;
    let word = u64::from_le_bytes(text) ^ u64::from_le_bytes(form);
    // What is added reaches the high bit of a byte when that holds more than 9, or than 0.
    let most = form.map(|b| if b == b'0' { 0x76 } else { 0x7f });
    let beyond = word.wrapping_add(u64::from_le_bytes(most));
    ((word | beyond) & HIGHS == 0).then_some(word)
}

/// Reads a time of any form at the beginning of `text`; gives it and what follows. A colon right
/// behind the time is eaten.
pub(super) fn read(text: &str) -> Option<(Stamp, &str)> {
    let (mark, text) = match text.as_bytes().first()? {
        b'*' => (Mark::NeverSet, &text[1..]),
        b'.' => (Mark::LostStep, &text[1..]),
        _ => (Mark::None, text),
    };
    let (mut stamp, rest) = match text.as_bytes().first()? {
        b'[' => read_kanji(text)?,
        b'0'..=b'9' => read_digits_first(text)?,
        b'A'..=b'Z' | b'a'..=b'z' => read_name_first(text)?,
        _ => return None,
    };
    stamp.mark = mark;
    Some((stamp, rest.strip_prefix(':').unwrap_or(rest)))
}

fn read_name_first(text: &str) -> Option<(Stamp, &str)> {
    let mut cursor = Cursor { text };
    if is_weekday(text) {
        cursor.text = text.get(3..)?;
        cursor.eat(b',');
        cursor.blank()?;
        let (stamp, rest) = read_month_first(cursor.text)?;
        let style = if stamp.year_printed {
            Style::Ctime
        } else {
            stamp.style
        };
        return Some((Stamp { style, ..stamp }, rest));
    }
    read_month_first(text)
}

fn is_weekday(text: &str) -> bool {
    let Some(name) = text.as_bytes().first_chunk::<3>() else {
        return false;
    };
    let names = [b"sun", b"mon", b"tue", b"wed", b"thu", b"fri", b"sat"];
    names.contains(&&name.map(|b| b.to_ascii_lowercase()))
}

fn read_month_first(text: &str) -> Option<(Stamp, &str)> {
    let name = *text.as_bytes().first_chunk::<3>()?;
    let month = month_number(name)?;
    let mut cursor = Cursor {
        text: text.get(3..)?,
    };
    // RouterOS writes `nov/16` and `nov/16/2026`.
    let slashed = cursor.eat(b'/');
    if !slashed {
        cursor.blank()?;
    }
    let day = cursor.number(1, 2)?;
    let mut year = None;
    if slashed && cursor.eat(b'/') {
        year = Some(cursor.number(4, 4)? as i32);
    }
    cursor.blank()?;
    if year.is_none() {
        year = cursor.year();
    }
    let (time, nanos) = cursor.time_of_day()?;
    let mut offset = None;
    if let Some(rest) = cursor.text.strip_prefix(' ') {
        let mut ahead = Cursor { text: rest };
        if year.is_none()
            && let Some(found) = ahead.trailing_year()
        {
            (year, cursor) = (Some(found), ahead);
        } else if let Some(zone) = ahead.zone() {
            (offset, cursor) = (zone, ahead);
            // `date` prints the zone between time and year.
            let mut behind = Cursor {
                text: skip_one_blank(cursor.text),
            };
            if year.is_none()
                && let Some(found) = behind.trailing_year()
            {
                (year, cursor) = (Some(found), behind);
            }
        }
    } else if let Some(found) = cursor.offset() {
        offset = Some(found);
    }
    cursor.ends_here()?;
    let mut parts = civil(year, (month, day), time);
    parts.nanos = nanos;
    let stamp = Stamp {
        civil: parts,
        year_printed: year.is_some(),
        offset,
        mark: Mark::None,
        style: Style::Month,
    };
    Some((stamp, cursor.text))
}

fn skip_one_blank(text: &str) -> &str {
    text.strip_prefix(' ').unwrap_or(text)
}

fn read_digits_first(text: &str) -> Option<(Stamp, &str)> {
    let mut cursor = Cursor { text };
    let year = cursor.number(4, 4)?;
    let (style, separator) = match cursor.text.as_bytes().first()? {
        b'-' => (Style::Dashes, b'-'),
        b'/' => (Style::Slashes, b'/'),
        b' ' => {
            // The year may stand before `Nov 16 08:30:05`.
            let (stamp, rest) = read_month_first(skip_one_blank(cursor.text))?;
            let year = (!stamp.year_printed).then_some(year as i32)?;
            let civil = Civil {
                year,
                ..stamp.civil
            };
            let stamp = Stamp {
                civil,
                year_printed: true,
                ..stamp
            };
            return Some((stamp, rest));
        }
        _ => return None,
    };
    cursor.eat(separator);
    let month = cursor.number(1, 2)?;
    cursor.eat(separator).then_some(())?;
    let day = cursor.number(1, 2)?;
    if !cursor.eat(b'T') {
        cursor.blank()?;
    }
    let (time, nanos) = cursor.time_of_day()?;
    let mut offset = cursor.offset();
    if offset.is_none()
        && let Some(rest) = cursor.text.strip_prefix(' ')
    {
        let mut ahead = Cursor { text: rest };
        if let Some(zone) = ahead.zone() {
            (offset, cursor) = (zone, ahead);
        }
    }
    cursor.ends_here()?;
    let mut parts = civil(Some(year as i32), (month, day), time);
    parts.nanos = nanos;
    let stamp = Stamp {
        civil: parts,
        year_printed: true,
        offset,
        mark: Mark::None,
        style,
    };
    Some((stamp, cursor.text))
}

fn read_kanji(text: &str) -> Option<(Stamp, &str)> {
    let mut cursor = Cursor {
        text: text.strip_prefix('[')?,
    };
    let year = cursor.number(4, 4)?;
    cursor.text = cursor.text.strip_prefix('年')?;
    let month = cursor.number(1, 2)?;
    cursor.text = cursor.text.strip_prefix('月')?;
    let day = cursor.number(1, 2)?;
    cursor.text = cursor.text.strip_prefix('日')?;
    cursor.blank()?;
    let offset = cursor.zone().flatten();
    if offset.is_some() {
        cursor.blank()?;
    }
    let (time, nanos) = cursor.time_of_day()?;
    cursor.eat(b']').then_some(())?;
    let mut parts = civil(Some(year as i32), (month, day), time);
    parts.nanos = nanos;
    let stamp = Stamp {
        civil: parts,
        year_printed: true,
        offset,
        mark: Mark::None,
        style: Style::Kanji,
    };
    Some((stamp, cursor.text))
}

/// What is left to read. All bytes it steps over are ASCII.
#[derive(Clone, Copy)]
struct Cursor<'t> {
    text: &'t str,
}

impl Cursor<'_> {
    fn eat(&mut self, byte: u8) -> bool {
        let there = self.text.as_bytes().first() == Some(&byte);
        if there {
            self.text = &self.text[1..];
        }
        there
    }

    /// One blank or more.
    fn blank(&mut self) -> Option<()> {
        let rest = self.text.trim_start_matches(' ');
        let some = rest.len() < self.text.len();
        self.text = rest;
        some.then_some(())
    }

    /// A number of so many digits, with no digit behind it.
    fn number(&mut self, least: usize, most: usize) -> Option<u32> {
        let digits = self
            .text
            .bytes()
            .take_while(u8::is_ascii_digit)
            .take(most + 1)
            .count();
        if !(least..=most).contains(&digits) {
            return None;
        }
        let (number, rest) = self.text.split_at(digits);
        self.text = rest;
        number.parse().ok()
    }

    /// A year between day and time, with its blank.
    fn year(&mut self) -> Option<i32> {
        let mut ahead = *self;
        let year = ahead.number(4, 4)?;
        ahead.blank()?;
        *self = ahead;
        Some(year as i32)
    }

    /// A year behind the time: four digits that can be one, and then the end of the word.
    fn trailing_year(&mut self) -> Option<i32> {
        let mut ahead = *self;
        let year = ahead.number(4, 4)?;
        // `2001:db8::1` is a host.
        let ends = matches!(
            ahead.text.as_bytes(),
            [] | [b' ', ..] | [b':'] | [b':', b' ', ..]
        );
        if !(1970..2100).contains(&year) || !ends {
            return None;
        }
        *self = ahead;
        Some(year as i32)
    }

    /// Hour, minute, second, and nanoseconds of the fraction if there is one.
    fn time_of_day(&mut self) -> Option<((u32, u32, u32), u32)> {
        let hour = self.number(1, 2)?;
        self.eat(b':').then_some(())?;
        let minute = self.number(2, 2)?;
        self.eat(b':').then_some(())?;
        let second = self.number(2, 2)?;
        Some(((hour, minute, second), self.fraction()))
    }

    /// The digits behind `.` or `,`; those beyond nanoseconds are dropped.
    fn fraction(&mut self) -> u32 {
        let [b'.' | b',', first, ..] = self.text.as_bytes() else {
            return 0;
        };
        if !first.is_ascii_digit() {
            return 0;
        }
        let digits = self.text[1..]
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        let mut nanos = 0;
        let padded = self.text[1..1 + digits]
            .bytes()
            .chain(std::iter::repeat(b'0'));
        for digit in padded.take(9) {
            nanos = nanos * 10 + u32::from(digit - b'0');
        }
        self.text = &self.text[1 + digits..];
        nanos
    }

    /// `Z`, `+09:00` or `+0900`, with the end of the word behind it.
    fn offset(&mut self) -> Option<i32> {
        let mut ahead = *self;
        if ahead.eat(b'Z') {
            ahead.ends_here()?;
            *self = ahead;
            return Some(0);
        }
        let sign = if ahead.eat(b'+') {
            1
        } else if ahead.eat(b'-') {
            -1
        } else {
            return None;
        };
        let (hours, minutes) = if let Some(both) = ahead.number(4, 4) {
            (both / 100, both % 100)
        } else {
            let hours = ahead.number(2, 2)?;
            let minutes = if ahead.eat(b':') {
                ahead.number(2, 2)?
            } else {
                0
            };
            (hours, minutes)
        };
        ahead.ends_here()?;
        if hours > 15 || minutes > 59 {
            return None;
        }
        *self = ahead;
        Some(sign * (hours * 3600 + minutes * 60) as i32)
    }

    /// A zone behind the time: `Some(Some(offset))` when it says which, `Some(None)` when it is a
    /// word that several countries use, so that the source's zone decides.
    fn zone(&mut self) -> Option<Option<i32>> {
        if let Some(offset) = self.offset() {
            return Some(Some(offset));
        }
        let letters = self
            .text
            .bytes()
            .take_while(u8::is_ascii_uppercase)
            .take(7)
            .count();
        let (name, rest) = self.text.split_at(letters);
        let cisco = rest.starts_with(": %");
        let ends = matches!(rest.as_bytes().first(), None | Some(b' ' | b':'));
        let found = match zone_offset(name) {
            Some(offset) => ends.then_some(offset),
            None => (cisco && (2..=6).contains(&letters)).then_some(None),
        }?;
        self.text = rest;
        Some(found)
    }

    /// A time ends at a blank, a colon, a tab or the end of the line: anything else shows that it
    /// was something else, such as a cell of a table.
    fn ends_here(&self) -> Option<()> {
        matches!(
            self.text.as_bytes().first(),
            None | Some(b' ' | b':' | b'\t')
        )
        .then_some(())
    }
}

/// Zone names: those with one meaning and their offset, those with several and none.
fn zone_offset(name: &str) -> Option<Option<i32>> {
    let hours = match name {
        "UTC" | "GMT" | "Z" | "WET" => 0,
        "JST" | "KST" => 9,
        "CET" | "WEST" | "MET" => 1,
        "CEST" | "EET" | "METDST" | "MEST" => 2,
        "EEST" | "MSK" => 3,
        "HKT" | "SGT" => 8,
        "AEST" => 10,
        "AEDT" => 11,
        "NZST" => 12,
        "NZDT" => 13,
        "CST" | "CDT" | "EST" | "EDT" | "MST" | "MDT" | "PST" | "PDT" | "IST" | "BST" | "AKST"
        | "AKDT" | "HST" => return Some(None),
        _ => return None,
    };
    Some(Some(hours * 3600))
}

/// `2026/11/16 08:28:57` with its offset as RFC 3339.
#[inline]
pub(super) fn write_rfc3339(printed: &[u8; 19], offset: i32) -> [u8; 25] {
    let mut form = *b"0000-00-00T00:00:00+00:00";
    form[..19].copy_from_slice(printed);
    (form[4], form[7], form[10]) = (b'-', b'-', b'T');
    let minutes = offset.unsigned_abs() / 60;
    let mut put = |at: usize, value: u32| {
        form[at] = b'0' + (value / 10 % 10) as u8;
        form[at + 1] = b'0' + (value % 10) as u8;
    };
    put(20, minutes / 60);
    put(23, minutes % 60);
    if offset < 0 {
        form[19] = b'-';
    }
    form
}
