//! The pictures of a page: drawings made of rectangles and text, legible in gray and without
//! color, with a title and a description for those who cannot see them.
//!
//! Takes a picture; appends an `svg` element. Colors are classes that the page's style fills in,
//! for light, dark and paper. Never uses a script, a font file or anything from outside.

mod bars;
mod columns;
mod heat;
mod strips;

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::document::{Drawing, Picture};
use super::html::escape;

/// Width of every drawing.
const WIDTH: usize = 720;

/// Appends the drawing of a picture; `number` makes its anchors its own.
pub(super) fn draw(out: &mut String, picture: &Picture, number: usize) {
    let mut body = String::new();
    let (height, kind) = match &picture.drawing {
        Drawing::Heat(heat) => (heat::draw(&mut body, heat, number), "heat"),
        Drawing::Columns(columns) => (columns::draw(&mut body, columns), "columns"),
        Drawing::Bars(bars) => (bars::draw(&mut body, bars), "bars"),
        Drawing::Strips(strips) => (strips::draw(&mut body, strips), "strips"),
    };
    let _ = writeln!(
        out,
        "<svg class=\"{kind}\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"picture-{number}-title picture-{number}-words\">\
         <title id=\"picture-{number}-title\">{}</title>\
         <desc id=\"picture-{number}-words\">{}</desc>{body}</svg>",
        escape(&picture.title),
        escape(&picture.description)
    );
}

/// Where text stands to its point.
#[derive(Clone, Copy)]
enum Anchor {
    Start,
    Middle,
    End,
}

fn rect(out: &mut String, class: &str, (x, y): (f64, f64), (width, height): (f64, f64)) {
    let _ = write!(
        out,
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"/>"
    );
}

fn text(out: &mut String, class: &str, (x, y): (f64, f64), anchor: Anchor, words: &str) {
    let anchor = match anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    let _ = write!(
        out,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>",
        escape(words)
    );
}

fn line(out: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let _ = write!(
        out,
        "<line class=\"{class}\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
        from.0, from.1, to.0, to.1
    );
}

/// A row of colored squares with their names, beginning at a point; classes are `prefix` and the
/// number of the part.
fn legend(out: &mut String, prefix: &str, parts: &[String], (mut x, y): (f64, f64)) {
    for (at, part) in parts.iter().enumerate() {
        rect(out, &format!("{prefix}{at}"), (x, y - 9.0), (11.0, 11.0));
        text(out, "label", (x + 15.0, y), Anchor::Start, part);
        x += 28.0 + 7.0 * fitted(part, 24).width() as f64;
    }
}

/// The beginning of a text that fits into so many half-width columns.
fn fitted(words: &str, columns: usize) -> String {
    let shown = crate::text::one_line(words);
    if shown.width() <= columns {
        return shown.into_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for c in shown.chars() {
        used += c.width().unwrap_or(0);
        if used > columns {
            break;
        }
        out.push(c);
    }
    out + "…"
}

/// A part of a whole as a length.
fn length(part: u64, whole: u64, full: f64) -> f64 {
    if whole == 0 {
        return 0.0;
    }
    part as f64 / whole as f64 * full
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_their_place() {
        assert_eq!(fitted("pc-1", 10), "pc-1");
        assert_eq!(fitted("三階西病棟ナースステーション", 10), "三階西病…");
        assert!(fitted(&"夜".repeat(10_000), 20).width() <= 20);
        assert_eq!(fitted("a\u{202e}b", 20), "a\\u{202e}b");
    }
}
