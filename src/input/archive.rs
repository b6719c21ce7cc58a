//! The members of a zip archive, each a stream of its own.
//!
//! Takes the path of an archive; gives its members in order, or why one cannot be read. Never
//! unpacks to the disk.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use flate2::Crc;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use crate::diagnostic::Text;
use crate::text::{Encoding, detect};

use super::trouble::{explain, trouble};
use super::{Counted, Opened, decompress};

/// Where a member lies in its archive.
#[derive(Clone, Debug)]
pub(super) struct Member {
    archive: Arc<Path>,
    start: u64,
    compressed: u64,
    size: u64,
    crc: u32,
    deflated: bool,
}

/// The members by name, and what is wrong with those that cannot be read.
pub(super) type Listed = Vec<(String, Result<Member, Text>)>;

/// Lists an archive. Folders in it and hidden files are passed over, as in a folder on disk.
///
/// # Errors
/// When the archive itself cannot be read.
pub(super) fn list(path: &Path) -> Result<Listed, Text> {
    let file = File::open(path).map_err(|error| explain(&error))?;
    let mut archive = ZipArchive::new(file).map_err(|error| damaged(&error.to_string()))?;
    let shared: Arc<Path> = Arc::from(path);
    let mut listed = Vec::new();
    for index in 0..archive.len() {
        let member = match archive.by_index_raw(index) {
            Ok(member) => member,
            Err(error) => {
                let text = damaged(&error.to_string());
                listed.push((format!("#{}", index + 1), Err(text)));
                continue;
            }
        };
        let name = named(member.name_raw());
        if name == "[Content_Types].xml" {
            return Err(Text::new(
                "is an Excel workbook or another Office file; save it as CSV first",
                "ExcelブックなどのOfficeファイルです。先にCSVで保存してください",
            ));
        }
        if member.is_dir() || is_hidden(&name) {
            continue;
        }
        let method = member.compression();
        let deflated = method == CompressionMethod::Deflated;
        let found = match member.data_start() {
            _ if member.encrypted() => Err(Text::new(
                "is encrypted; unpack the archive with its password first",
                "暗号化されています。先にパスワードで展開してください",
            )),
            Some(start) if deflated || method == CompressionMethod::Stored => Ok(Member {
                archive: Arc::clone(&shared),
                start,
                compressed: member.compressed_size(),
                size: member.size(),
                crc: member.crc32(),
                deflated,
            }),
            _ => Err(Text::new(
                format!("is compressed with {method}, which is not read; unpack the archive first"),
                format!("圧縮方式 {method} は読み取れません。先に展開してください"),
            )),
        };
        listed.push((name, found));
    }
    listed.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(listed)
}

fn damaged(said: &str) -> Text {
    Text::new(
        format!("is a damaged zip archive ({said}); copy the file again"),
        format!("zip書庫が壊れています（{said}）。ファイルを取得し直してください"),
    )
}

/// The name of a member; archives made on Japanese Windows have it in CP932.
fn named(raw: &[u8]) -> String {
    match detect(raw).encoding {
        Encoding::Utf8 if std::str::from_utf8(raw).is_err() => Encoding::Cp932,
        Encoding::Utf16Le | Encoding::Utf16Be => Encoding::Utf8,
        encoding => encoding,
    }
    .decode(raw)
    .text
    .into_owned()
}

fn is_hidden(name: &str) -> bool {
    name.split(['/', '\\'])
        .any(|part| part.starts_with('.') && part != "." || part == "__MACOSX")
}

impl Member {
    /// The file it lies in.
    pub(super) fn archive(&self) -> &Path {
        &self.archive
    }

    pub(super) fn compressed_size(&self) -> u64 {
        self.compressed
    }

    /// Opens the member; what is compressed once more inside it is decompressed too.
    pub(super) fn open(&self, progress: Arc<AtomicU64>) -> io::Result<Opened> {
        let path: PathBuf = self.archive.to_path_buf();
        let mut file = File::open(path)?;
        let modified = file.metadata()?.modified().ok();
        file.seek(SeekFrom::Start(self.start))?;
        let packed = Counted {
            inner: file,
            progress,
        }
        .take(self.compressed);
        let inner: Box<dyn Read + Send> = if self.deflated {
            Box::new(DeflateDecoder::new(packed))
        } else {
            Box::new(packed)
        };
        let checked = Checked {
            inner,
            crc: Crc::new(),
            size: 0,
            expected: (self.size, self.crc),
        };
        Ok(Opened {
            compression: "zip",
            modified,
            ..decompress::open(Box::new(checked))?
        })
    }
}

/// Holds a member against the size and checksum the archive tells.
struct Checked {
    inner: Box<dyn Read + Send>,
    crc: Crc,
    size: u64,
    expected: (u64, u32),
}

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match self.inner.read(buffer) {
            Err(error) if error.raw_os_error().is_none() => return Err(broken_member()),
            read => read?,
        };
        self.crc.update(&buffer[..read]);
        self.size += read as u64;
        let is_end = read == 0 && !buffer.is_empty();
        if is_end && (self.size, self.crc.sum()) != self.expected {
            return Err(broken_member());
        }
        Ok(read)
    }
}

fn broken_member() -> io::Error {
    trouble(
        ErrorKind::InvalidData,
        "the zip data is damaged or ends too early; what was readable was read, copy the file again",
        "zipのデータが壊れているか、途中で切れています。読めた部分は処理しました。ファイルを取得し直してください",
    )
}
