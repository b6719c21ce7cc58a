//! Bars of stacked parts, one a name, with the total at the end.

use super::{Anchor, WIDTH, fitted, legend, length, rect, text};
use crate::report::document::Bars;
use crate::report::number::thousands;

const LEFT: f64 = 190.0;
const RIGHT: f64 = 84.0;
const TOP: f64 = 26.0;
const ROW: f64 = 22.0;

pub(super) fn draw(out: &mut String, bars: &Bars) -> usize {
    legend(out, "b", &bars.parts, (LEFT, 14.0));
    let total = |parts: &Vec<u64>| parts.iter().sum::<u64>();
    let most = bars.values.iter().map(total).max().unwrap_or(0);
    let full = WIDTH as f64 - LEFT - RIGHT;
    for (at, (name, parts)) in bars.names.iter().zip(&bars.values).enumerate() {
        let y = TOP + ROW * at as f64;
        text(
            out,
            "label",
            (LEFT - 8.0, y + 15.0),
            Anchor::End,
            &fitted(name, 26),
        );
        let mut x = LEFT;
        for (part, count) in parts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let width = length(*count, most, full);
            rect(
                out,
                &format!("b{part} part"),
                (x, y + 3.0),
                (width, ROW - 6.0),
            );
            x += width;
        }
        text(
            out,
            "count",
            (x + 6.0, y + 15.0),
            Anchor::Start,
            &thousands(total(parts)),
        );
    }
    (TOP + ROW * bars.names.len() as f64) as usize + 6
}
