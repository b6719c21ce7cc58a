//! The inputs of earlier runs: what they were, where they lay, and by what their facts came about.
//!
//! Takes and gives what is known of inputs; the facts themselves stand in `facts`. Never opens one.

use rusqlite::{Row, params};

use super::{Changing, Failure, Store};
use crate::event::Edges;

/// By what a stream of facts came about: rules, calendars, registers, settings.
pub type StreamDigest = [u8; 16];

/// An input of an earlier run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastInput {
    /// Where it lay, from the root; `-` for a pipe.
    pub path: String,
    /// The same as the user named it.
    pub name: String,
    /// Source name.
    pub source: String,
    /// How the user said it is to be read, as a JSON object.
    pub reading: String,
    /// First and last event time, nanoseconds since 1970.
    pub span: Option<(i64, i64)>,
    /// The last event time of a clock that is to be trusted, nanoseconds since 1970.
    pub latest: Option<i64>,
    /// Its first and its last second.
    pub edges: Option<Edges>,
    /// Bytes as they lay on the disk; `None` for a pipe.
    pub size: Option<u64>,
    /// SHA-256 of these; empty for a pipe.
    pub sha256: String,
    /// When the file had last been changed, nanoseconds since 1970.
    pub changed: Option<i64>,
    /// The instant against which times without a year were read where the file told none.
    pub now: i64,
    /// Its beginning, decompressed.
    pub head: Vec<u8>,
    /// By what each stream of its facts came about; `None` when no facts are kept.
    pub streams: Option<Vec<StreamDigest>>,
}

impl PastInput {
    /// The same without its beginning.
    pub fn without_head(&self) -> PastInput {
        PastInput {
            path: self.path.clone(),
            name: self.name.clone(),
            source: self.source.clone(),
            reading: self.reading.clone(),
            sha256: self.sha256.clone(),
            head: Vec::new(),
            streams: self.streams.clone(),
            ..*self
        }
    }
}

/// How hard the compressor tries with a beginning.
const EFFORT: i32 = 3;
/// Most bytes of a beginning.
const MOST: usize = 1 << 20;

const COLUMNS: &str = "path, name, source, reading, \"first\", \"last\", latest, edges, size, \
                       sha256, changed, now, head, streams";

impl Store {
    /// All inputs of earlier runs with their numbers, the oldest first.
    ///
    /// # Errors
    /// What SQLite says; a beginning that cannot be read.
    pub fn inputs(&self) -> Result<Vec<(i64, PastInput)>, Failure> {
        let sql = format!("SELECT {COLUMNS}, number FROM inputs ORDER BY number");
        let mut select = self.connection.prepare(&sql)?;
        let rows = select.query_map([], |row| Ok((row.get(14)?, told(row)?)))?;
        let mut inputs = Vec::new();
        for row in rows {
            let (number, mut input): (i64, PastInput) = row?;
            if !input.head.is_empty() {
                input.head = zstd::bulk::decompress(&input.head, MOST)?;
            }
            inputs.push((number, input));
        }
        Ok(inputs)
    }
}

/// An input as it stands in its row; the beginning is still packed.
fn told(row: &Row<'_>) -> rusqlite::Result<PastInput> {
    let (first, last): (Option<i64>, Option<i64>) = (row.get(4)?, row.get(5)?);
    let edges: Option<Vec<u8>> = row.get(7)?;
    let size: Option<i64> = row.get(8)?;
    let head: Option<Vec<u8>> = row.get(12)?;
    let streams: Option<Vec<u8>> = row.get(13)?;
    Ok(PastInput {
        path: row.get(0)?,
        name: row.get(1)?,
        source: row.get(2)?,
        reading: row.get(3)?,
        span: first.zip(last),
        latest: row.get(6)?,
        edges: edges.and_then(|bytes| edges_of(&bytes)),
        size: size.map(i64::cast_unsigned),
        sha256: row.get(9)?,
        changed: row.get(10)?,
        now: row.get(11)?,
        head: head.unwrap_or_default(),
        streams: streams.map(|bytes| bytes.as_chunks().0.to_vec()),
    })
}

impl Changing<'_> {
    /// Remembers an input that a run read; gives its number.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn remember(&self, run: i64, input: &PastInput) -> Result<i64, Failure> {
        let head = packed(&input.head)?;
        let marks = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15";
        let sql = format!("INSERT INTO inputs ({COLUMNS}, run) VALUES ({marks})");
        self.transaction.prepare_cached(&sql)?.execute(params![
            input.path,
            input.name,
            input.source,
            input.reading,
            input.span.map(|s| s.0),
            input.span.map(|s| s.1),
            input.latest,
            input.edges.map(|edges| bytes_of(&edges)),
            input.size.map(u64::cast_signed),
            input.sha256,
            input.changed,
            input.now,
            head,
            input.streams.as_ref().map(|streams| streams.as_flattened()),
            run,
        ])?;
        Ok(self.transaction.last_insert_rowid())
    }

    /// More was read of an input that a run goes on reading, or it lies elsewhere.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn tell_more(&self, number: i64, input: &PastInput) -> Result<(), Failure> {
        let sql = "UPDATE inputs SET path = ?2, source = ?3, \"first\" = ?4, \"last\" = ?5,
                   latest = ?6, edges = ?7, size = ?8, sha256 = ?9, changed = ?10, head = ?11,
                   streams = ?12, reading = ?13 WHERE number = ?1";
        self.transaction.prepare_cached(sql)?.execute(params![
            number,
            input.path,
            input.source,
            input.span.map(|s| s.0),
            input.span.map(|s| s.1),
            input.latest,
            input.edges.map(|edges| bytes_of(&edges)),
            input.size.map(u64::cast_signed),
            input.sha256,
            input.changed,
            packed(&input.head)?,
            input.streams.as_ref().map(|streams| streams.as_flattened()),
            input.reading,
        ])?;
        Ok(())
    }

    /// An input that is known as it is was read once more, by this name.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn found_again(&self, number: i64, (path, name): (&str, &str)) -> Result<(), Failure> {
        let sql = "UPDATE inputs SET path = ?2, name = ?3 WHERE number = ?1";
        self.transaction.execute(sql, params![number, path, name])?;
        Ok(())
    }

    /// Forgets an input with its facts and counts: another one tells all it told.
    ///
    /// # Errors
    /// What SQLite says; cells in the store that were not written by this program.
    pub fn forget(&self, number: i64) -> Result<(), Failure> {
        self.forget_counts(number)?;
        self.transaction
            .execute("DELETE FROM inputs WHERE number = ?1", [number])?;
        Ok(())
    }
}

/// A beginning as it is kept; nothing for an empty one.
fn packed(head: &[u8]) -> Result<Option<Vec<u8>>, Failure> {
    Ok(match head.is_empty() {
        true => None,
        false => Some(zstd::bulk::compress(head, EFFORT)?),
    })
}

fn bytes_of(edges: &Edges) -> [u8; 32] {
    let numbers = [
        edges.first.0.cast_unsigned(),
        edges.first.1,
        edges.last.0.cast_unsigned(),
        edges.last.1,
    ];
    let mut bytes = [0; 32];
    for (place, number) in bytes.as_chunks_mut().0.iter_mut().zip(numbers) {
        *place = number.to_le_bytes();
    }
    bytes
}

fn edges_of(bytes: &[u8]) -> Option<Edges> {
    let words: &[[u8; 8]] = bytes.as_chunks().0;
    let [first, of_first, last, of_last] = words else {
        return None;
    };
    let second = |word: &[u8; 8]| i64::from_le_bytes(*word);
    let digest = |word: &[u8; 8]| u64::from_le_bytes(*word);
    Some(Edges {
        first: (second(first), digest(of_first)),
        last: (second(last), digest(of_last)),
    })
}
