//! Ranges of a stream, read again.
//!
//! Takes a source and ranges in any order; gives the bytes of each. Never keeps what lies between.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

/// Bytes read at once when passing what nobody asked for.
const BLOCK: usize = 64 << 10;

/// Reads ranges where the bytes can be sought.
pub(super) fn seek(
    source: &mut (impl Read + Seek),
    ranges: &[(u64, u32)],
) -> io::Result<Vec<Vec<u8>>> {
    let mut out = Vec::with_capacity(ranges.len());
    for &(offset, length) in ranges {
        source.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        source
            .by_ref()
            .take(u64::from(length))
            .read_to_end(&mut bytes)?;
        out.push(checked(bytes, length)?);
    }
    Ok(out)
}

/// Reads ranges on the way through a stream, once, whatever their order and overlap.
pub(super) fn stream(mut source: impl Read, ranges: &[(u64, u32)]) -> io::Result<Vec<Vec<u8>>> {
    let mut order: Vec<usize> = (0..ranges.len()).collect();
    order.sort_by_key(|n| ranges[*n]);
    let end = |n: usize| ranges[n].0.saturating_add(u64::from(ranges[n].1));
    let last = order.iter().map(|n| end(*n)).max().unwrap_or(0);
    let mut out = vec![Vec::new(); ranges.len()];
    let mut block = vec![0; BLOCK];
    let mut first = 0;
    let mut at = 0;
    while at < last {
        let read = match source.read(&mut block) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let stop = at + read as u64;
        while first < order.len() && end(order[first]) <= at {
            first += 1;
        }
        for &n in &order[first..] {
            let (from, to) = (ranges[n].0.max(at), end(n).min(stop));
            if ranges[n].0 >= stop {
                break;
            }
            if from < to {
                // Both lie within the block just read.
                out[n].extend_from_slice(&block[(from - at) as usize..(to - at) as usize]);
            }
        }
        at = stop;
    }
    out.into_iter()
        .zip(ranges)
        .map(|(bytes, range)| checked(bytes, range.1))
        .collect()
}

/// Reads a file at a place, whatever its position.
#[cfg(unix)]
pub(super) fn read_at(file: &std::fs::File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

/// Reads a file at a place; its position is of no use to others afterwards.
#[cfg(windows)]
pub(super) fn read_at(file: &std::fs::File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// Writes all bytes to a file at a place, whatever its position.
#[cfg(unix)]
pub(super) fn write_at(file: &std::fs::File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

/// Writes all bytes to a file at a place; its position is of no use to others afterwards.
#[cfg(windows)]
pub(super) fn write_at(file: &std::fs::File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        if written == 0 {
            return Err(ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
        at += written as u64;
    }
    Ok(())
}

fn checked(bytes: Vec<u8>, length: u32) -> io::Result<Vec<u8>> {
    if bytes.len() == length as usize {
        Ok(bytes)
    } else {
        Err(ErrorKind::UnexpectedEof.into())
    }
}
