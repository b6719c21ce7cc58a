//! Sums without drift: a window that adds and takes away for a year ends where it began.
//!
//! Takes decimal numbers; gives their exact sum, compared exactly. A sum is kept as digits to the
//! base of a thousand million, each in a register far wider than the digit, so that adding and
//! taking away touch a few registers and nothing is ever rounded.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::rule::Number;

const BASE: i128 = 1_000_000_000;
/// Decimal places of a digit.
const PLACES: i32 = 9;

/// An exact sum of decimal numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Exact {
    /// The value is the sum of `BASE`^key × register. A register grows by less than 10^17 a step,
    /// which 10^21 steps cannot make overflow.
    registers: BTreeMap<i32, i128>,
}

impl Exact {
    /// Adds a number so many times; a negative count takes away.
    pub(super) fn add(&mut self, number: Number, times: i128) {
        let digit = number.exponent().div_euclid(PLACES);
        // The remainder is below nine, so the power is small.
        let within = 10_i128.pow(number.exponent().rem_euclid(PLACES).unsigned_abs());
        // At most nineteen digits times at most twenty.
        let mut rest = i128::from(number.mantissa()) * times;
        let mut key = digit;
        while rest != 0 {
            let register = self.registers.entry(key).or_default();
            *register += rest % BASE * within;
            if *register == 0 {
                self.registers.remove(&key);
            }
            rest /= BASE;
            key += 1;
        }
    }

    /// How the sum stands to `times` the number.
    pub(super) fn compare(&self, number: Number, times: u64) -> Ordering {
        let mut difference = self.clone();
        difference.add(number, -i128::from(times));
        difference.sign()
    }

    /// How the sum stands to zero: carried through from the lowest digit, what is left at the top
    /// tells the sign.
    fn sign(&self) -> Ordering {
        let mut carry = 0;
        let mut any = false;
        let mut next = None;
        for (&key, &register) in &self.registers {
            // Across digits that are zero a carry shrinks to 0 or -1 and leaves a remainder.
            for _ in next.unwrap_or(key)..key {
                any |= carry % BASE != 0;
                carry = i128::div_euclid(carry, BASE);
            }
            let sum = register + carry;
            any |= sum.rem_euclid(BASE) != 0;
            carry = sum.div_euclid(BASE);
            next = Some(key + 1);
        }
        match carry.cmp(&0) {
            Ordering::Equal if any => Ordering::Greater,
            order => order,
        }
    }

    /// About how much it is, to be shown.
    pub(super) fn about(&self) -> f64 {
        let part = |(key, register): (&i32, &i128)| *register as f64 * 1e9_f64.powi(*key);
        self.registers.iter().rev().map(part).sum()
    }
}

/// A number as text tells it, as a value of a stream's column: never 0, which means absent, and
/// in the order of the numbers. Decimals of up to fifteen digits come back as they were written;
/// longer ones are those nearest to them in binary floating point. 0 where the text is no number.
pub fn encode_number(text: &str) -> u64 {
    let written = |b: u8| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E');
    if !text.bytes().all(written) {
        return 0;
    }
    let Some(number) = text.parse().ok().filter(|n: &f64| n.is_finite()) else {
        return 0;
    };
    // Adding zero makes the negative zero the plain one.
    let bits = (number + 0.0_f64).to_bits();
    match bits >> 63 {
        0 => bits | 1 << 63,
        _ => !bits,
    }
}

/// The floating point number that was encoded.
pub(super) fn decode_float(code: u64) -> f64 {
    f64::from_bits(match code >> 63 {
        0 => !code,
        _ => code & !(1 << 63),
    })
}

/// The number that was encoded.
pub(super) fn decode_number(code: u64) -> Number {
    Number::of_float(decode_float(code)).expect("only finite numbers are encoded")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Number {
        decode_number(encode_number(text))
    }

    #[test]
    fn ten_times_a_tenth_is_one() {
        let mut sum = Exact::default();
        for _ in 0..10 {
            sum.add(read("0.1"), 1);
        }
        assert_eq!(sum.compare(Number::from(1), 1), Ordering::Equal);
        sum.add(read("1e300"), 1);
        sum.add(read("-1e-300"), 1);
        assert_eq!(sum.compare(read("1e300"), 1), Ordering::Greater);
        sum.add(read("1e300"), -1);
        assert_eq!(sum.compare(Number::from(1), 1), Ordering::Less);
        sum.add(read("1e-300"), 1);
        assert_eq!(sum.compare(Number::from(1), 1), Ordering::Equal);
        assert_eq!(sum.about(), 1.0);
    }

    #[test]
    fn the_largest_repeats_do_not_overflow() {
        let mut sum = Exact::default();
        for _ in 0..1_000 {
            sum.add(read("9007199254740991e200"), i128::from(u32::MAX));
        }
        assert_eq!(sum.compare(Number::from(0), u64::MAX), Ordering::Greater);
        for _ in 0..1_000 {
            sum.add(read("9007199254740991e200"), -i128::from(u32::MAX));
        }
        assert_eq!(sum.compare(Number::from(0), 1), Ordering::Equal);
    }

    #[test]
    fn what_is_no_number_is_absent() {
        for text in [
            "", "a", "nan", "inf", "1,000", "１２", "0x10", "1e999", " 1", "-", "1_0",
        ] {
            assert_eq!(encode_number(text), 0, "{text}");
        }
        assert_eq!(encode_number("-0"), encode_number("0.0"));
        assert_ne!(encode_number("0"), 0);
    }

    proptest! {
        #[test]
        fn codes_are_in_the_order_of_numbers(left in any::<f64>(), right in any::<f64>()) {
            prop_assume!(left.is_finite() && right.is_finite());
            let codes = [left, right].map(|n| encode_number(&format!("{n:e}")));
            prop_assert!(codes.iter().all(|c| *c != 0));
            prop_assert_eq!(Some(codes[0].cmp(&codes[1])), left.partial_cmp(&right));
            prop_assert_eq!(decode_float(codes[0]), left);
        }

        #[test]
        fn a_sum_is_that_of_whole_thousandths(
            steps in prop::collection::vec((-9_999_999_i64..9_999_999, -3_i128..4), 1..40),
            bound in -9_999_999_i64..9_999_999,
            times in 0_u64..9,
        ) {
            let mut sum = Exact::default();
            let mut literal = 0_i128;
            for (thousandths, count) in steps {
                let text = format!("{}e-3", thousandths);
                sum.add(read(&text), count);
                literal += i128::from(thousandths) * count;
            }
            let expected = literal.cmp(&(i128::from(bound) * i128::from(times)));
            prop_assert_eq!(sum.compare(read(&format!("{bound}e-3")), times), expected);
        }
    }
}
