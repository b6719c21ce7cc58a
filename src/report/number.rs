//! Numbers as people read them.
//!
//! Takes counts; gives digits in groups, shares in percent, differences with their sign.

/// `1,234,567`.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A share in percent, to whole ones; what is there at all is at least 1 %, and what is not all
/// is at most 99 %. `–` of nothing.
pub(super) fn share(part: u64, whole: u64) -> String {
    percent(part, whole).map_or_else(|| "–".to_owned(), |n| format!("{n}%"))
}

/// The number of [`share`].
pub(super) fn percent(part: u64, whole: u64) -> Option<u64> {
    let (part, whole) = (u128::from(part.min(whole)), u128::from(whole));
    if whole == 0 {
        return None;
    }
    let rounded = ((part * 200 + whole) / (whole * 2)) as u64;
    Some(match (part == 0, part == whole) {
        (true, _) => 0,
        (_, true) => 100,
        _ => rounded.clamp(1, 99),
    })
}

/// `+12`, `−3`, `±0`.
pub(super) fn difference(now: u64, before: u64) -> String {
    match now.cmp(&before) {
        std::cmp::Ordering::Greater => format!("+{}", thousands(now - before)),
        std::cmp::Ordering::Less => format!("−{}", thousands(before - now)),
        std::cmp::Ordering::Equal => "±0".to_owned(),
    }
}

/// A count in few characters, for cells of a picture: `950`, `1.2k`, `34k`, `1.2M`.
pub(super) fn compact(number: u64) -> String {
    let scaled = |unit: u64, letter: char| {
        let tenths = number / (unit / 10);
        match tenths < 100 {
            true => format!("{}.{}{letter}", tenths / 10, tenths % 10),
            false => format!("{}{letter}", tenths / 10),
        }
    };
    match number {
        0..1_000 => number.to_string(),
        1_000..1_000_000 => scaled(1_000, 'k'),
        1_000_000..1_000_000_000 => scaled(1_000_000, 'M'),
        _ => scaled(1_000_000_000, 'G'),
    }
}

/// The least round number that is not below: 1, 2 or 5 times a power of ten.
pub(super) fn round_up(number: u64) -> u64 {
    let mut unit = 1u64;
    loop {
        for step in [1, 2, 5] {
            let Some(round) = unit.checked_mul(step) else {
                return number;
            };
            if round >= number {
                return round.max(1);
            }
        }
        let Some(next) = unit.checked_mul(10) else {
            return number;
        };
        unit = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stand_in_groups() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1_000), "1,000");
        assert_eq!(thousands(1_234_567), "1,234,567");
        assert_eq!(thousands(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn a_share_never_rounds_to_all_or_nothing() {
        assert_eq!(share(1, 1_000_000), "1%");
        assert_eq!(share(999_999, 1_000_000), "99%");
        assert_eq!(share(0, 7), "0%");
        assert_eq!(share(7, 7), "100%");
        assert_eq!(share(0, 0), "–");
        assert_eq!(share(u64::MAX - 1, u64::MAX), "99%");
    }

    #[test]
    fn small_words_for_large_numbers() {
        let told = [0, 950, 1_249, 34_999, 999_999, 1_000_000, u64::MAX].map(compact);
        assert_eq!(
            told,
            ["0", "950", "1.2k", "34k", "999k", "1.0M", "18446744073G"]
        );
        assert_eq!([0, 1, 3, 7, 70, 101].map(round_up), [1, 1, 5, 10, 100, 200]);
        assert_eq!(round_up(u64::MAX), u64::MAX);
        assert_eq!(difference(3, 5), "−2");
    }
}
