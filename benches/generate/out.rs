//! A file that is full after so many bytes, and numbers written without formatting machinery.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Bytes collected before they are written.
const FLUSH: usize = 1 << 20;

pub struct Out {
    file: File,
    buffer: Vec<u8>,
    written: u64,
    limit: u64,
    rows: u64,
}

impl Out {
    pub fn create(path: &Path, limit: u64) -> io::Result<Out> {
        Ok(Out {
            file: File::create(path)?,
            buffer: Vec::with_capacity(FLUSH + 8_192),
            written: 0,
            limit,
            rows: 0,
        })
    }

    /// Where the next row is built.
    #[inline]
    pub fn row(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Ends a row; false when the file is full.
    #[inline]
    pub fn end_row(&mut self) -> io::Result<bool> {
        self.rows += 1;
        let full = self.written + self.buffer.len() as u64 >= self.limit;
        if self.buffer.len() >= FLUSH || full {
            self.flush()?;
        }
        Ok(!full)
    }

    /// Bytes and rows written.
    pub fn finish(mut self) -> io::Result<(u64, u64)> {
        self.flush()?;
        Ok((self.written, self.rows))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

/// Appends a number with at least `width` digits.
#[inline]
pub fn number(row: &mut Vec<u8>, value: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut rest = value;
    let mut begin = digits.len();
    while rest > 0 || digits.len() - begin < width {
        begin -= 1;
        digits[begin] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    row.extend_from_slice(&digits[begin..]);
}

/// Appends so many hexadecimal digits.
#[inline]
pub fn hex(row: &mut Vec<u8>, value: u64, width: usize) {
    for i in (0..width).rev() {
        row.push(b"0123456789abcdef"[(value >> (i * 4)) as usize & 15]);
    }
}

/// Appends a time of day, `08:30:05`.
#[inline]
pub fn clock(row: &mut Vec<u8>, second: u32) {
    number(row, u64::from(second / 3_600), 2);
    row.push(b':');
    number(row, u64::from(second / 60 % 60), 2);
    row.push(b':');
    number(row, u64::from(second % 60), 2);
}
