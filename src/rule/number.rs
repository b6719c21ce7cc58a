//! Decimal numbers: what a rule's threshold says and what a log's field tells.
//!
//! Takes written decimals and floating point; gives a number whose digits are exactly those
//! written, so that ten times 0.1 is 1. Never rounds but where more than fifteen digits are told.

use std::cmp::Ordering;

/// A decimal number, exactly `mantissa` × 10^`exponent`, in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    mantissa: i64,
    exponent: i32,
}

/// Most significant digits a threshold may have: with so many, binary floating point gives back
/// the digits that were written.
const DIGITS: usize = 15;

impl Number {
    /// Reads a sign, digits and a point; `None` for anything else and for more than fifteen
    /// significant digits.
    pub fn read(text: &str) -> Option<Number> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let all_digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty()
            || unsigned.ends_with('.')
            || !all_digits(whole)
            || !all_digits(fraction)
        {
            return None;
        }
        let digits = format!("{whole}{fraction}");
        let digits = digits.trim_start_matches('0');
        if digits.trim_end_matches('0').len() > DIGITS || digits.len() > 18 || fraction.len() > 18 {
            return None;
        }
        let mantissa: i64 = if digits.is_empty() {
            0
        } else {
            digits.parse().ok()?
        };
        let sign = if text.starts_with('-') { -1 } else { 1 };
        let exponent = -i32::try_from(fraction.len()).ok()?;
        Some(Number::reduced(sign * mantissa, exponent))
    }

    /// The shortest decimal that names this floating point number; `None` when it is not finite.
    pub fn of_float(float: f64) -> Option<Number> {
        if !float.is_finite() {
            return None;
        }
        // Whole numbers below 2^53 are exact and by far the most common.
        if float.fract() == 0.0 && float.abs() < 9_007_199_254_740_992.0 {
            return Some(Number::from(float as i64));
        }
        let written = format!("{float:e}");
        let (digits, power) = written.split_once('e')?;
        let behind = digits.split_once('.').map_or(0, |(_, f)| f.len());
        let mantissa = digits.replace('.', "").parse().ok()?;
        let exponent = power.parse::<i32>().ok()? - i32::try_from(behind).ok()?;
        Some(Number::reduced(mantissa, exponent))
    }

    fn reduced(mut mantissa: i64, mut exponent: i32) -> Number {
        if mantissa == 0 {
            exponent = 0;
        }
        while mantissa != 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            exponent += 1;
        }
        Number { mantissa, exponent }
    }

    /// The digits, without zeros at the end.
    pub fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// The power of ten that the digits are to be multiplied with.
    pub fn exponent(self) -> i32 {
        self.exponent
    }

    /// The number where it is whole and fits.
    pub fn whole(self) -> Option<i64> {
        let power = u32::try_from(self.exponent).ok()?;
        self.mantissa.checked_mul(10_i64.checked_pow(power)?)
    }
}

impl From<i64> for Number {
    fn from(whole: i64) -> Number {
        Number::reduced(whole, 0)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Number) -> Ordering {
        let apart = self.exponent - other.exponent;
        if apart < 0 {
            return other.cmp(self).reverse();
        }
        // A mantissa has at most nineteen digits: twenty places further on, size is decided.
        match u32::try_from(apart) {
            Ok(apart) if apart < 20 => {
                let raised = i128::from(self.mantissa) * 10_i128.pow(apart);
                raised.cmp(&i128::from(other.mantissa))
            }
            _ if self.mantissa == 0 => 0.cmp(&other.mantissa),
            _ => self.mantissa.cmp(&0),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Number) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs().to_string();
        match usize::try_from(self.exponent) {
            Ok(zeros) => write!(f, "{sign}{digits}{}", "0".repeat(zeros)),
            Err(_) => {
                let behind = self.exponent.unsigned_abs() as usize;
                let padded = format!("{digits:0>width$}", width = behind + 1);
                let (whole, fraction) = padded.split_at(padded.len() - behind);
                write!(f, "{sign}{whole}.{fraction}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Number {
        Number::read(text).expect(text)
    }

    #[test]
    fn what_is_written_is_what_is_shown() {
        for text in [
            "0",
            "5",
            "100",
            "-3",
            "0.5",
            "-12.25",
            "0.001",
            "123456789.5",
        ] {
            assert_eq!(read(text).to_string(), text);
        }
        assert_eq!(read("+1.50").to_string(), "1.5");
        for text in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "1e3",
            "nan",
            "１",
            "1234567890.1234567",
        ] {
            assert_eq!(Number::read(text), None, "{text}");
        }
    }

    #[test]
    fn whole_numbers_are_told_from_fractions() {
        assert_eq!(read("1200").whole(), Some(1200));
        assert_eq!(read("0.5").whole(), None);
        assert_eq!(Number::from(i64::MAX).whole(), Some(i64::MAX));
        assert_eq!(Number::of_float(1e300).and_then(Number::whole), None);
        assert_eq!(Number::of_float(f64::NAN), None);
    }

    proptest! {
        #[test]
        fn floating_point_gives_the_written_digits_back(whole in -9_999_999_i64..9_999_999, places in 0_i32..6) {
            let written = Number::reduced(whole, -places);
            let float: f64 = written.to_string().parse().expect("a decimal");
            prop_assert_eq!(Number::of_float(float), Some(written));
        }

        #[test]
        fn order_is_that_of_size(left in any::<f64>(), right in any::<f64>()) {
            let both = Number::of_float(left).zip(Number::of_float(right));
            if let Some((a, b)) = both {
                prop_assert_eq!(Some(a.cmp(&b)), left.partial_cmp(&right));
            }
        }
    }
}
