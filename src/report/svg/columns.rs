//! Columns of stacked parts, with the total above and a line where it is usual.

use super::{Anchor, WIDTH, legend, length, line, rect, text};
use crate::report::document::Columns;
use crate::report::number::{compact, round_up};

const LEFT: f64 = 48.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 34.0;
const HEIGHT: f64 = 130.0;
/// Names below the columns, at most.
const NAMES: usize = 14;

pub(super) fn draw(out: &mut String, columns: &Columns) -> usize {
    let totals: Vec<u64> = columns
        .values
        .iter()
        .map(|parts| parts.iter().sum())
        .collect();
    let usual = columns
        .usual
        .as_ref()
        .map(|(_, values)| values.as_slice())
        .unwrap_or_default();
    let most_usual = usual.iter().copied().fold(0.0, f64::max).ceil() as u64;
    let top = round_up(
        totals
            .iter()
            .copied()
            .max()
            .unwrap_or(0)
            .max(most_usual)
            .max(4),
    );
    // Half of it is a number that can be counted too.
    let top = top + top % 2;
    axis(out, top);
    let step = (WIDTH as f64 - LEFT - RIGHT) / columns.names.len().max(1) as f64;
    let width = (step * 0.62).min(46.0);
    let every = columns.names.len().div_ceil(NAMES).max(1);
    for (at, name) in columns.names.iter().enumerate() {
        let middle = LEFT + step * (at as f64 + 0.5);
        let mut y = TOP + HEIGHT;
        for (part, count) in columns.values[at]
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            let height = length(*count, top, HEIGHT);
            y -= height;
            let is_alone = columns.parts.len() == 1;
            let class = match (is_alone, columns.strong) {
                (true, Some(strong)) if strong != at => "s0 part".to_owned(),
                (true, _) => "s1 part".to_owned(),
                (false, _) => format!("c{part} part"),
            };
            rect(out, &class, (middle - width / 2.0, y), (width, height));
        }
        if let Some(usual) = usual.get(at) {
            let y = TOP + HEIGHT - (usual / top as f64 * HEIGHT).min(HEIGHT);
            line(
                out,
                "usual",
                (middle - step * 0.42, y),
                (middle + step * 0.42, y),
            );
        }
        text(
            out,
            "count above",
            (middle, y - 4.0),
            Anchor::Middle,
            &compact(totals[at]),
        );
        if at % every == 0 {
            text(
                out,
                "label",
                (middle, TOP + HEIGHT + 16.0),
                Anchor::Middle,
                name,
            );
        }
    }
    heading(out, columns);
    (TOP + HEIGHT) as usize + 26
}

/// Three lines and their numbers; `top` is even.
fn axis(out: &mut String, top: u64) {
    for part in 0..=2u64 {
        let y = TOP + HEIGHT - HEIGHT * part as f64 / 2.0;
        line(out, "grid", (LEFT, y), (WIDTH as f64 - RIGHT, y));
        let told = compact(top / 2 * part);
        text(out, "label", (LEFT - 6.0, y + 4.0), Anchor::End, &told);
    }
}

fn heading(out: &mut String, columns: &Columns) {
    if columns.parts.len() > 1 {
        legend(out, "c", &columns.parts, (LEFT, 14.0));
    } else {
        text(out, "label", (LEFT, 14.0), Anchor::Start, &columns.parts[0]);
    }
    if let Some((word, _)) = &columns.usual {
        let at = WIDTH as f64 - 150.0;
        line(out, "usual", (at, 10.0), (at + 24.0, 10.0));
        text(out, "label", (at + 30.0, 14.0), Anchor::Start, word);
    }
}
