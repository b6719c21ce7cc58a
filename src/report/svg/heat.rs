//! Cells by weekday and hour: the more, the darker; closed hours are hatched; the number stands in
//! the cell.

use std::fmt::Write as _;

use super::{Anchor, rect, text};
use crate::report::document::Heat;
use crate::report::number::compact;

const LEFT: f64 = 40.0;
const TOP: f64 = 22.0;
const CELL: (f64, f64) = (28.0, 24.0);
/// Shades from none to most.
const SHADES: usize = 6;

pub(super) fn draw(out: &mut String, heat: &Heat, number: usize) -> usize {
    let _ = write!(
        out,
        "<defs><pattern id=\"hatch-{number}\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><line class=\"hatch\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\"/></pattern></defs>"
    );
    for hour in 0..24 {
        let x = LEFT + CELL.0 * (hour as f64 + 0.5);
        text(
            out,
            "label",
            (x, TOP - 7.0),
            Anchor::Middle,
            &hour.to_string(),
        );
    }
    let most = heat.values.iter().flatten().copied().max().unwrap_or(0);
    for (row, (name, values)) in heat.rows.iter().zip(&heat.values).enumerate() {
        let y = TOP + CELL.1 * row as f64;
        text(out, "label", (LEFT - 8.0, y + 16.0), Anchor::End, name);
        for (hour, value) in values.iter().enumerate() {
            let at = (LEFT + CELL.0 * hour as f64, y);
            let shade = shade(*value, most);
            rect(out, &format!("h{shade} cell"), at, CELL);
            let is_closed = heat.closed.get(row).is_some_and(|day| day[hour]);
            if is_closed {
                let _ = write!(
                    out,
                    "<rect fill=\"url(#hatch-{number})\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
                    at.0, at.1, CELL.0, CELL.1
                );
            }
            if *value > 0 {
                let middle = (at.0 + CELL.0 / 2.0, at.1 + 16.0);
                let class = if shade > 3 { "count on-dark" } else { "count" };
                text(out, class, middle, Anchor::Middle, &compact(*value));
            }
        }
    }
    let bottom = TOP + CELL.1 * 7.0 + 20.0;
    legend(out, heat, number, bottom);
    bottom as usize + 8
}

fn legend(out: &mut String, heat: &Heat, number: usize, y: f64) {
    text(out, "label", (LEFT, y), Anchor::Start, &heat.scale_words.0);
    let from = LEFT + 32.0;
    for shade in 0..SHADES {
        rect(
            out,
            &format!("h{shade} cell"),
            (from + 18.0 * shade as f64, y - 10.0),
            (18.0, 12.0),
        );
    }
    let after = from + 18.0 * SHADES as f64 + 8.0;
    text(out, "label", (after, y), Anchor::Start, &heat.scale_words.1);
    let at = after + 60.0;
    rect(out, "h0 cell", (at, y - 10.0), (24.0, 12.0));
    let _ = write!(
        out,
        "<rect fill=\"url(#hatch-{number})\" x=\"{at:.1}\" y=\"{:.1}\" width=\"24\" height=\"12\"/>",
        y - 10.0
    );
    text(
        out,
        "label",
        (at + 30.0, y),
        Anchor::Start,
        &heat.closed_word,
    );
}

/// The shade of a value: by the square root, so that quiet hours can be told from empty ones.
fn shade(value: u64, most: u64) -> usize {
    if value == 0 || most == 0 {
        return 0;
    }
    let share = (value as f64 / most as f64).sqrt();
    ((share * (SHADES - 1) as f64).ceil() as usize).clamp(1, SHADES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shades_go_from_none_to_most() {
        assert_eq!([0, 1, 25, 100].map(|n| shade(n, 100)), [0, 1, 3, 5]);
        assert_eq!(shade(0, 0), 0);
        assert_eq!(shade(u64::MAX, u64::MAX), 5);
    }
}
