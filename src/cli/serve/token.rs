//! The token that opens the door, and the signs derived from chance.
//!
//! Takes a file, or chance; gives a token of 256 bits. Never overwrites a file, and compares
//! secrets in a time that does not depend on them.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::super::files;
use super::super::memory::Stop;
use crate::alert::hex;
use crate::diagnostic::Problem;
use crate::input::private;

/// Fewest characters of a token that somebody else made: 128 bits in hexadecimal digits.
const FEWEST: usize = 32;
/// Most characters of a token.
const MOST: usize = 256;

/// A new secret of 256 bits, as hexadecimal digits.
pub(super) fn chance() -> io::Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(hex(&bytes))
}

/// The token of a file; it is made where there is none. A warning comes with a file that others
/// can read.
pub(super) fn of_file(path: &Path) -> Result<(String, Option<Problem>), Stop> {
    if !path.exists() {
        let token = chance()?;
        make(path, &token).map_err(|error| files::named(path, &error))?;
        return Ok((token, None));
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| Stop::mistake(files::unreadable(path, &error)))?;
    let token = text.trim();
    let is_fit = (FEWEST..=MOST).contains(&token.len())
        && token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    match is_fit {
        true => Ok((token.to_owned(), open_to_others(path))),
        false => Err(Stop::mistake(no_token(path))),
    }
}

fn make(path: &Path, token: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut file = private(&mut options).open(path)?;
    writeln!(file, "{token}")?;
    file.sync_all()
}

#[cfg(unix)]
fn open_to_others(path: &Path) -> Option<Problem> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    let name = path.display();
    (mode & 0o077 != 0).then(|| {
        Problem::warning(
            format!("others on this computer can read the token in {name}"),
            format!("{name} のトークンは、このコンピュータの他の利用者にも読めます"),
        )
        .help(format!("chmod 600 {name}"), format!("chmod 600 {name}"))
    })
}

#[cfg(not(unix))]
fn open_to_others(_: &Path) -> Option<Problem> {
    None
}

fn no_token(path: &Path) -> Problem {
    let name = path.display();
    Problem::error(
        format!("{name} holds no token: {FEWEST} letters and digits or more were expected"),
        format!("{name} にトークンがありません（{FEWEST}文字以上の英数字が必要です）"),
    )
    .help(
        "name a file that is not there yet: a token is made and written into it",
        "まだないファイル名を指定すれば、トークンを作って書き込みます",
    )
}

/// A sign that follows from a secret and tells nothing of it.
pub(super) fn derived(purpose: &str, secret: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(purpose.as_bytes());
    hash.update([0]);
    hash.update(secret.as_bytes());
    hex(&hash.finalize())
}

/// True for equal texts; how long it takes tells nothing of where they differ.
pub(super) fn is_equal(one: &str, other: &str) -> bool {
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    let pairs = digest(one).into_iter().zip(digest(other));
    pairs.fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_equal_ones_are_equal() {
        let (one, other) = (chance().expect("chance"), chance().expect("chance"));
        assert_eq!(one.len(), 64);
        assert!(is_equal(&one, &one.clone()) && !is_equal(&one, &other));
        assert!(!is_equal(&one, &one[..63]) && !is_equal(&one, ""));
        assert_ne!(derived("form", &one), derived("session", &one));
    }

    #[test]
    fn a_file_keeps_its_token() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("t");
        let (made, _) = of_file(&path).unwrap_or_else(|_| panic!("it is made"));
        let (read, warning) = of_file(&path).unwrap_or_else(|_| panic!("it is read"));
        assert!(made == read && warning.is_none());
        for wrong in ["", "short", &"x y".repeat(20), &"あ".repeat(40)] {
            std::fs::write(&path, wrong).expect("a file");
            assert!(of_file(&path).is_err(), "{wrong}");
        }
    }
}
