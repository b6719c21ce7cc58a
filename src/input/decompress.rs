//! Compressed bytes → plain bytes, told by their first bytes.
//!
//! Takes a stream; gives the stream inside, layer by layer. Never trusts the ending of a name.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::GzDecoder;
use liblzma::bufread::XzDecoder;
use liblzma::stream::{CONCATENATED, Stream};

use super::Opened;
use super::trouble::trouble;

/// Enough to know any compression, and a tar archive.
const HEAD: usize = 512;
/// Compressed bytes read at once.
const BLOCK: usize = 128 << 10;
/// Most memory a decompressor may ask for: windows of 128 MiB and their tables.
const WINDOW_LOG: u32 = 27;
const MEMORY: u64 = (1 << WINDOW_LOG) + (4 << 20);

/// What the first bytes show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plain,
    Gzip,
    Zstd,
    Xz,
    Bzip2,
    /// Something that is not read, by its name in English and Japanese.
    Foreign(&'static str, &'static str),
}

fn kind(head: &[u8]) -> Kind {
    match head {
        [0x1F, 0x8B, ..] => Kind::Gzip,
        [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Kind::Zstd,
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Kind::Xz,
        // The magic number of a block, or of the end of an empty stream.
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, ..] => Kind::Bzip2,
        _ if is_zip(head) => Kind::Foreign(
            "a zip archive inside another stream",
            "ストリームの中のzip書庫",
        ),
        [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => Kind::Foreign("a 7-Zip archive", "7-Zip書庫"),
        [b'R', b'a', b'r', b'!', 0x1A, 0x07, ..] => Kind::Foreign("a RAR archive", "RAR書庫"),
        [0x04, 0x22, 0x4D, 0x18, ..] => Kind::Foreign("compressed with LZ4", "LZ4圧縮"),
        [0x1F, 0x9D, ..] => Kind::Foreign("compressed with compress", "compress圧縮"),
        [b'E', b'l', b'f', b'F', b'i', b'l', b'e', 0, ..] => Kind::Foreign(
            "a binary Windows event log (.evtx)",
            "Windowsイベントログのバイナリ（.evtx）",
        ),
        [0xD0, 0xCF, 0x11, 0xE0, ..] => Kind::Foreign("an Office file", "Officeファイル"),
        _ if head.get(257..262) == Some(b"ustar".as_slice()) => {
            Kind::Foreign("a tar archive", "tar書庫")
        }
        _ => Kind::Plain,
    }
}

/// True for the first bytes of a zip archive, an empty one included.
pub(super) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// True when bytes that begin so are not read as they are.
pub(super) fn is_packed(head: &[u8]) -> bool {
    kind(head) != Kind::Plain
}

/// True when the bytes are read as they are. The position is at the beginning then and before.
pub(super) fn is_plain(source: &mut (impl Read + Seek)) -> io::Result<bool> {
    let mut head = Vec::new();
    source.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    source.rewind()?;
    Ok(kind(&head) == Kind::Plain)
}

/// Opens a stream of any compression. The change time is not known here.
pub(super) fn open(source: Box<dyn Read + Send>) -> io::Result<Opened> {
    let source = Peeked::new(source);
    let (compression, reader): (_, Box<dyn Read + Send>) = match kind(&source.head) {
        Kind::Plain => ("none", Box::new(source)),
        Kind::Foreign(en, ja) => return Err(foreign(en, ja)),
        Kind::Gzip => ("gzip", Box::new(Members::new(buffered(source)))),
        Kind::Bzip2 => ("bzip2", Box::new(MultiBzDecoder::new(buffered(source)))),
        Kind::Xz => {
            let stream = Stream::new_stream_decoder(MEMORY, CONCATENATED)
                .map_err(|error| io::Error::other(error.to_string()))?;
            let decoder = XzDecoder::new_stream(buffered(source), stream);
            ("xz", Box::new(decoder))
        }
        Kind::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(buffered(source))?;
            decoder.window_log_max(WINDOW_LOG)?;
            ("zstd", Box::new(decoder))
        }
    };
    let reader = if compression == "none" {
        reader
    } else {
        let inner = Peeked::new(Box::new(Worded {
            inner: reader,
            compression,
        }));
        if let Kind::Foreign(en, ja) = kind(&inner.head) {
            return Err(foreign(en, ja));
        }
        Box::new(inner)
    };
    Ok(Opened {
        reader,
        compression,
        modified: None,
    })
}

/// The members of gzip data, one after another. Zeros after the last one pad it to the block of a
/// tape or an archive, and are no fault, as gzip has it.
struct Members<R> {
    member: Option<GzDecoder<R>>,
}

impl<R: BufRead> Members<R> {
    fn new(source: R) -> Self {
        Members {
            member: Some(GzDecoder::new(source)),
        }
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            if !goes_on(member.get_mut())? {
                self.member = None;
            } else if let Some(ended) = self.member.take() {
                self.member = Some(GzDecoder::new(ended.into_inner()));
            }
        }
        Ok(0)
    }
}

/// True when anything but zeros follows the end of a member.
fn goes_on(source: &mut impl BufRead) -> io::Result<bool> {
    let mut padded = false;
    loop {
        let bytes = match source.fill_buf() {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            bytes => bytes?,
        };
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        if bytes.is_empty() {
            return Ok(false);
        }
        if zeros < bytes.len() && (padded || zeros > 0) {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "other bytes after zeros behind the end",
            ));
        }
        if zeros == 0 {
            return Ok(true);
        }
        padded = true;
        source.consume(zeros);
    }
}

fn buffered(source: Peeked) -> BufReader<Peeked> {
    BufReader::with_capacity(BLOCK, source)
}

fn foreign(en: &str, ja: &str) -> io::Error {
    trouble(
        ErrorKind::Unsupported,
        format!("is {en}, which is not read; unpack or export it as text first"),
        format!("{ja}は読み取れません。先に展開するか、テキストで出力してください"),
    )
}

/// A stream whose beginning was looked at.
struct Peeked {
    head: Vec<u8>,
    given: usize,
    /// What ended the look, told in its turn.
    error: Option<io::Error>,
    rest: Box<dyn Read + Send>,
}

impl Peeked {
    fn new(mut rest: Box<dyn Read + Send>) -> Self {
        let mut head = Vec::with_capacity(HEAD);
        let error = (&mut rest).take(HEAD as u64).read_to_end(&mut head).err();
        Peeked {
            head,
            given: 0,
            error,
            rest,
        }
    }
}

impl Read for Peeked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given < self.head.len() {
            let read = (&self.head[self.given..]).read(buffer)?;
            self.given += read;
            return Ok(read);
        }
        match self.error.take() {
            Some(error) => Err(error),
            None => self.rest.read(buffer),
        }
    }
}

/// Says in words what a decompressor complains about.
struct Worded {
    inner: Box<dyn Read + Send>,
    compression: &'static str,
}

impl Read for Worded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner
            .read(buffer)
            .map_err(|error| worded(error, self.compression))
    }
}

fn worded(error: io::Error, compression: &str) -> io::Error {
    let said = error.to_string();
    let is_system = error.raw_os_error().is_some() || error.kind() == ErrorKind::Interrupted;
    let asks_for_memory = [
        "too much memory",
        "memory limit",
        "mem limit",
        "Memory limit",
    ]
    .iter()
    .any(|words| said.contains(words));
    if is_system {
        error
    } else if asks_for_memory {
        trouble(
            ErrorKind::OutOfMemory,
            format!(
                "the {compression} data needs a window larger than 128 MiB; compress it anew with a smaller one"
            ),
            format!(
                "{compression}の展開に128 MiBを超えるウィンドウが必要です。小さいウィンドウで圧縮し直してください"
            ),
        )
    } else if said.contains("ictionary") {
        trouble(
            ErrorKind::Unsupported,
            format!("the {compression} data needs a dictionary; compress it anew without one"),
            format!("{compression}の展開に辞書が必要です。辞書なしで圧縮し直してください"),
        )
    } else if error.kind() == ErrorKind::UnexpectedEof || said.contains("premature eof") {
        trouble(
            ErrorKind::UnexpectedEof,
            format!(
                "the {compression} data ends too early; what was readable was read, copy the file again"
            ),
            format!(
                "{compression}のデータが途中で切れています。読めた部分は処理しました。ファイルを取得し直してください"
            ),
        )
    } else {
        trouble(
            ErrorKind::InvalidData,
            format!(
                "the {compression} data is damaged ({said}); what was readable was read, copy the file again"
            ),
            format!(
                "{compression}のデータが壊れています（{said}）。読めた部分は処理しました。ファイルを取得し直してください"
            ),
        )
    }
}
