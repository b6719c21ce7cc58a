//! English names of months.
//!
//! Takes the three letters all of them are told apart by; gives the number of the month. Never
//! looks at what follows.

/// The month of an English three-letter name in any case.
#[inline]
pub fn month_number(name: [u8; 3]) -> Option<u32> {
    Some(match name.map(|b| b | 0x20) {
        [b'j', b'a', b'n'] => 1,
        [b'f', b'e', b'b'] => 2,
        [b'm', b'a', b'r'] => 3,
        [b'a', b'p', b'r'] => 4,
        [b'm', b'a', b'y'] => 5,
        [b'j', b'u', b'n'] => 6,
        [b'j', b'u', b'l'] => 7,
        [b'a', b'u', b'g'] => 8,
        [b's', b'e', b'p'] => 9,
        [b'o', b'c', b't'] => 10,
        [b'n', b'o', b'v'] => 11,
        [b'd', b'e', b'c'] => 12,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_have_their_numbers() {
        let names = "JanFebMarAprMayJunJulAugSepOctNovDec";
        for (index, name) in names.as_bytes().chunks(3).enumerate() {
            let name: [u8; 3] = name.try_into().unwrap();
            let number = Some(index as u32 + 1);
            assert_eq!(month_number(name), number);
            assert_eq!(month_number(name.map(|b| b.to_ascii_uppercase())), number);
        }
        assert_eq!(month_number(*b"abc"), None);
        assert_eq!(month_number([0xe4, 0xba, 0x8c]), None);
    }
}
