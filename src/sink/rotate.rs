//! A file that lines are added to, and that makes room for a new one when it is large or old.
//!
//! Takes whole lines; gives a file that holds each of them whole, and older files beside it with
//! `.1` (the newest) to `.N` behind their names. Never writes half a line that it does not take
//! back, and never reads a clock: it is told what day it is.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::event::{NANOS, Zone};
use crate::input::private;

/// When a new file is begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotate {
    /// Before a line that would make the file larger than so many bytes.
    Size(u64),
    /// On the first line of a day of the site's clock.
    Daily,
}

/// How a file is kept from growing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// When a new file is begun; `None`: never.
    pub when: Option<Rotate>,
    /// How many older files are kept, at least 1.
    pub keep: u32,
}

/// A day of the site's clock.
#[derive(Clone, Copy, Debug)]
pub struct Day {
    /// An instant of it, nanoseconds since 1970.
    pub now: i64,
    /// The site's zone.
    pub zone: Zone,
}

impl Day {
    fn of(&self, nanos: i64) -> i64 {
        let local = nanos.div_euclid(NANOS) + i64::from(self.zone.offset_at(nanos));
        local.div_euclid(86_400)
    }
}

/// The file, open for more lines.
#[derive(Debug)]
pub struct Rotating {
    path: PathBuf,
    rotation: Rotation,
    file: File,
    length: u64,
}

impl Rotating {
    /// Opens the file, and makes it, readable by its owner alone, if there is none. A line that was
    /// cut when the machine stopped is ended.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(path: &Path, rotation: Rotation, day: Day) -> io::Result<Rotating> {
        let (file, length) = open(path)?;
        let mut rotating = Rotating {
            path: path.to_path_buf(),
            rotation,
            file,
            length,
        };
        if rotating.length > 0 && rotating.is_of_another_day(day)? {
            rotating.rotate()?;
        }
        rotating.end_cut_line()?;
        Ok(rotating)
    }

    /// Adds a line with its line feed.
    ///
    /// # Errors
    /// What the system says; then nothing of the line is left in the file.
    pub fn append(&mut self, line: &[u8]) -> io::Result<()> {
        if let Some(Rotate::Size(largest)) = self.rotation.when {
            let length = self.length + line.len() as u64;
            if self.length > 0 && length > largest {
                self.rotate()?;
            }
        }
        if let Err(error) = self.file.write_all(line) {
            // A full disk takes a part of a line; the error is the one to be told.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }

    /// Makes the lines last.
    ///
    /// # Errors
    /// What the system says.
    pub fn settle(&mut self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn is_of_another_day(&self, day: Day) -> io::Result<bool> {
        if self.rotation.when != Some(Rotate::Daily) {
            return Ok(false);
        }
        let changed = self.file.metadata()?.modified()?;
        let changed = changed.duration_since(UNIX_EPOCH).unwrap_or_default();
        let changed = i64::try_from(changed.as_nanos()).unwrap_or(i64::MAX);
        Ok(day.of(changed) < day.of(day.now))
    }

    fn end_cut_line(&mut self) -> io::Result<()> {
        if self.length == 0 {
            return Ok(());
        }
        let mut last = [0];
        self.file.seek(SeekFrom::End(-1))?;
        self.file.read_exact(&mut last)?;
        if last != *b"\n" {
            self.file.write_all(b"\n")?;
            self.length += 1;
        }
        Ok(())
    }

    /// Moves each file one number on and begins a new one; what lies behind the last is gone.
    fn rotate(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        let numbered = |number: u32| {
            let mut name = self.path.as_os_str().to_owned();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        for number in (1..self.rotation.keep).rev() {
            match fs::rename(numbered(number), numbered(number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(&self.path, numbered(1))?;
        (self.file, self.length) = open(&self.path)?;
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<(File, u64)> {
    let mut options = OpenOptions::new();
    options.append(true).read(true).create(true);
    let file = private(&mut options).open(path)?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    const MONDAY: i64 = super::super::samples::START;

    fn day(now: i64) -> Day {
        Day {
            now,
            zone: Zone::tokyo(),
        }
    }

    fn rotation(when: Option<Rotate>) -> Rotation {
        Rotation { when, keep: 2 }
    }

    fn texts(folder: &Path) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                (name, fs::read_to_string(path).unwrap())
            })
            .collect();
        found.sort();
        found
    }

    fn pairs(told: &[(&str, &str)]) -> Vec<(String, String)> {
        let told = told.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
        told.collect()
    }

    #[test]
    fn a_large_file_makes_room_and_the_oldest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for line in ["1111\n", "22\n", "3\n", "4444444444\n", "5\n"] {
            let rotation = rotation(Some(Rotate::Size(8)));
            let mut file = Rotating::open(&path, rotation, day(MONDAY)).unwrap();
            file.append(line.as_bytes()).unwrap();
            file.settle().unwrap();
        }
        let told = [("a", "5\n"), ("a.1", "4444444444\n"), ("a.2", "3\n")];
        assert_eq!(texts(folder.path()), pairs(&told));
    }

    #[test]
    fn a_day_has_a_file_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let append = |now: i64, line: &[u8]| {
            let rotation = rotation(Some(Rotate::Daily));
            let mut file = Rotating::open(&path, rotation, day(now)).unwrap();
            file.append(line).unwrap();
            let written = SystemTime::UNIX_EPOCH + Duration::from_nanos(now.cast_unsigned());
            file.file.set_modified(written).unwrap();
        };
        append(MONDAY, b"mon\n");
        append(MONDAY + 3_600 * NANOS, b"mon too\n");
        append(MONDAY + 86_400 * NANOS, b"tue\n");
        let told = [("a", "tue\n"), ("a.1", "mon\nmon too\n")];
        assert_eq!(texts(folder.path()), pairs(&told));
    }

    #[test]
    fn a_cut_line_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "{\"cut").unwrap();
        let mut file = Rotating::open(&path, rotation(None), day(MONDAY)).unwrap();
        file.append(b"{}\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "{\"cut\n{}\n");
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        Rotating::open(&path, rotation(None), day(MONDAY)).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
