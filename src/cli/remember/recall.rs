//! What the store remembers, as the pipeline asks for it.
//!
//! Takes the inputs whose facts are judged; gives their facts, and the rolls of all inputs. What is
//! damaged is told as lost. Never judges.

use std::io;
use std::ops::RangeInclusive;

use super::Memory;
use crate::pipeline::{KnownRoll, Recall, Recalled, Rollbook, TakeRecalled};
use crate::spill;

impl Recall for Memory<'_> {
    fn recall(&mut self, take: TakeRecalled<'_>) -> io::Result<()> {
        let mut damaged = Vec::new();
        for (past, input) in self.earlier.recalled.iter().enumerate() {
            let shown = self
                .store
                .each_fact(input.number, &mut |(offset, line), sealed| {
                    let Ok(blocks) = spill::unseal_blocks(sealed) else {
                        damaged.push(input.span);
                        return Ok(());
                    };
                    let stream_of = |number: usize| input.streams.get(number).copied().flatten();
                    let blocks = blocks.into_iter();
                    let blocks = blocks.filter_map(|(n, block)| Some((stream_of(n)?, block)));
                    let recalled = Recalled {
                        past,
                        offset,
                        line,
                        blocks: blocks.collect(),
                    };
                    Ok(take(recalled)?)
                });
            shown.map_err(io::Error::other)?;
        }
        // What cannot be recalled takes no alert back.
        self.earlier.unjudged += damaged.len();
        for span in damaged {
            self.earlier.lose(span, |_| true);
        }
        Ok(())
    }
}

impl Rollbook for Memory<'_> {
    fn rolls(&mut self, source: &str, stretch: (i64, i64)) -> io::Result<Vec<KnownRoll>> {
        let mut rolls = Vec::new();
        for (number, past) in self.known.iter().filter(|(_, past)| past.source == source) {
            let Some(edges) = past.edges else { continue };
            if edges.first.0 > stretch.1 || edges.last.0 < stretch.0 {
                continue;
            }
            rolls.push(KnownRoll {
                number: *number,
                edges,
                hours: self.store.hours(*number).map_err(io::Error::other)?,
                input: self.earlier.place_of(*number),
                is_held: self.earlier.anew.iter().any(|a| a.numbers.contains(number)),
            });
        }
        Ok(rolls)
    }

    fn hashes(&mut self, at: (i64, i64), range: RangeInclusive<u64>) -> io::Result<Vec<u64>> {
        self.store.hashes(at, range).map_err(io::Error::other)
    }
}
