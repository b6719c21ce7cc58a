//! A row of small columns for each source, each to its own scale; days without records are crossed.

use super::{Anchor, WIDTH, fitted, length, line, rect, text};
use crate::report::document::Strips;
use crate::report::number::compact;

const LEFT: f64 = 150.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 10.0;
const ROW: f64 = 46.0;
const BAR: f64 = 24.0;
/// Names below the columns, at most; and columns up to which each has its number.
const NAMES: usize = 14;

pub(super) fn draw(out: &mut String, strips: &Strips) -> usize {
    let count = strips.columns.len().max(1);
    let step = (WIDTH as f64 - LEFT - RIGHT) / count as f64;
    let width = (step * 0.62).min(46.0);
    for (row, (name, values, gaps)) in strips.rows.iter().enumerate() {
        let base = TOP + ROW * row as f64 + 38.0;
        text(
            out,
            "label",
            (LEFT - 10.0, base - 6.0),
            Anchor::End,
            &fitted(name, 20),
        );
        line(out, "grid", (LEFT, base), (WIDTH as f64 - RIGHT, base));
        let most = values.iter().copied().max().unwrap_or(0);
        for (at, value) in values.iter().enumerate() {
            let middle = LEFT + step * (at as f64 + 0.5);
            if gaps.get(at).copied().unwrap_or(false) {
                cross(out, (middle, base - BAR / 2.0));
                if count <= NAMES {
                    text(
                        out,
                        "gap-word",
                        (middle, base - BAR - 2.0),
                        Anchor::Middle,
                        &strips.gap_word,
                    );
                }
                continue;
            }
            let height = length(*value, most, BAR);
            if *value > 0 {
                rect(
                    out,
                    "s1 part",
                    (middle - width / 2.0, base - height),
                    (width, height.max(1.0)),
                );
            }
            if count <= NAMES {
                text(
                    out,
                    "count",
                    (middle, base - height - 3.0),
                    Anchor::Middle,
                    &compact(*value),
                );
            }
        }
    }
    let bottom = TOP + ROW * strips.rows.len() as f64 + 8.0;
    let every = count.div_ceil(NAMES).max(1);
    for (at, name) in strips
        .columns
        .iter()
        .enumerate()
        .filter(|(at, _)| at % every == 0)
    {
        let middle = LEFT + step * (at as f64 + 0.5);
        text(out, "label", (middle, bottom + 8.0), Anchor::Middle, name);
    }
    bottom as usize + 18
}

fn cross(out: &mut String, (x, y): (f64, f64)) {
    line(out, "gap", (x - 6.0, y - 6.0), (x + 6.0, y + 6.0));
    line(out, "gap", (x - 6.0, y + 6.0), (x + 6.0, y - 6.0));
}
