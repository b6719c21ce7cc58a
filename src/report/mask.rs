//! Pseudonyms: the same person gets the same one in every report made with the same key.
//!
//! Takes a key and an id; gives a pseudonym that cannot be turned back without the key. Turning
//! one back means trying ids, so whoever holds key and ids can do it, and nobody else. Never
//! writes the key anywhere.

use sha2::{Digest, Sha256};

use crate::text::fold_key;

/// Bytes of a key: those of a SHA-256.
const KEY: usize = 32;
/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;
/// Characters of a pseudonym after its letter: 50 bits.
const LENGTH: usize = 10;
/// Crockford's letters: none of I, L, O and U, which are misread.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Who is masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Accounts and members of staff.
    Staff,
    /// Patients.
    Patient,
}

/// A key for pseudonyms.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; KEY]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A key of these random bytes.
    pub fn new(bytes: [u8; KEY]) -> Key {
        Key(bytes)
    }

    /// A key as its file holds it: 64 hexadecimal digits.
    pub fn read(text: &str) -> Option<Key> {
        let text = text.trim();
        if text.len() != KEY * 2 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let mut bytes = [0; KEY];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
        }
        Some(Key(bytes))
    }

    /// The key as it stands in its file.
    pub fn written(&self) -> String {
        crate::alert::hex(&self.0)
    }

    /// The pseudonym of an id: `S-` for staff or `P-` for patients, and ten letters and digits.
    pub fn pseudonym(&self, kind: Kind, id: &str) -> String {
        let (letter, word) = match kind {
            Kind::Staff => ('S', "staff"),
            Kind::Patient => ('P', "patient"),
        };
        let mac = self.mac(&[word.as_bytes(), &[0], fold_key(id).as_bytes()]);
        let mut bits = mac[..8]
            .iter()
            .fold(0u64, |all, byte| all << 8 | u64::from(*byte));
        let mut out = format!("{letter}-");
        for _ in 0..LENGTH {
            out.push(LETTERS[(bits >> 59) as usize] as char);
            bits <<= 5;
        }
        out
    }

    /// HMAC-SHA-256 (RFC 2104).
    fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let pad = |with: u8| {
            let mut block = [with; BLOCK];
            for (byte, key) in block.iter_mut().zip(self.0) {
                *byte ^= key;
            }
            block
        };
        let mut inner = Sha256::new();
        inner.update(pad(0x36));
        parts.iter().for_each(|part| inner.update(part));
        let mut outer = Sha256::new();
        outer.update(pad(0x5c));
        outer.update(inner.finalize());
        outer.finalize().into()
    }
}

/// What a pseudonym is for, as its first letter tells; `None` for what is none.
pub fn kind_of(pseudonym: &str) -> Option<Kind> {
    let (letter, rest) = pseudonym.split_once('-')?;
    let is_ours = rest.len() == LENGTH && rest.bytes().all(|b| LETTERS.contains(&b));
    match (letter, is_ours) {
        ("S", true) => Some(Kind::Staff),
        ("P", true) => Some(Kind::Patient),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mac_is_that_of_rfc_4231() {
        // Test case 1 has a key of 20 bytes, which HMAC fills up with zeros.
        let mut bytes = [0; KEY];
        bytes[..20].fill(0x0b);
        let mac = Key(bytes).mac(&[b"Hi There"]);
        let expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
        assert_eq!(crate::alert::hex(&mac), expected);
    }

    #[test]
    fn a_pseudonym_hangs_on_key_kind_and_folded_id_alone() {
        let (one, other) = (Key([1; KEY]), Key([2; KEY]));
        let name = one.pseudonym(Kind::Staff, "N1023");
        assert_eq!(name, one.pseudonym(Kind::Staff, " ｎ１０２３"));
        assert_ne!(name, other.pseudonym(Kind::Staff, "n1023"));
        assert_ne!(name[2..], one.pseudonym(Kind::Patient, "n1023")[2..]);
        assert_eq!(kind_of(&name), Some(Kind::Staff));
        assert_eq!(kind_of("S-123"), None);
        assert_eq!(kind_of("n1023"), None);
    }

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let key = Key([7; KEY]);
        assert_eq!(
            Key::read(&format!("{}\n", key.written())),
            Some(key.clone())
        );
        assert_eq!(Key::read("07"), None);
        assert_eq!(Key::read(&"夜".repeat(32)), None);
        assert_eq!(format!("{key:?}"), "Key(…)");
    }
}
