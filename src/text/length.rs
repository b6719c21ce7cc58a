//! Lengths of time as people write them.
//!
//! Takes `30m`; gives seconds. Never knows what is so long.

/// The seconds of a length of time: a whole number with `s`, `m`, `h`, `d` or `w`, such as `30s`,
/// `10m`, `2 h`, `400d`, `1w`. `None` for anything else.
pub fn length_of_time(word: &str) -> Option<i64> {
    let word = word.trim();
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = word.split_at_checked(digits)?;
    let seconds = match unit.trim() {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_needs_a_number_and_a_unit() {
        assert_eq!(length_of_time("30s"), Some(30));
        assert_eq!(length_of_time(" 2 h "), Some(7_200));
        assert_eq!(length_of_time("1w"), Some(604_800));
        for wrong in [
            "",
            "10",
            "m",
            "-1m",
            "1.5h",
            "1 month",
            "99999999999999999999s",
        ] {
            assert_eq!(length_of_time(wrong), None, "{wrong}");
        }
    }
}
