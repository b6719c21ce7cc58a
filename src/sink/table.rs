//! Alerts for a person at a terminal.
//!
//! Takes alerts, the width of the screen and whether color is wanted; gives text in which every
//! alert is one line of a table with its sentence below, and what to do once for each rule. Fits
//! any width; full-width letters count as two columns. When there is no alert nothing is written:
//! what was examined is for the ledger to say.

use std::collections::{BTreeMap, BTreeSet};

use comfy_table::{ColumnConstraint, ContentArrangement, Row, Table, TableStyle, Width};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::alert::{Alert, Level};
use crate::diagnostic::Lang;
use crate::text::one_line;

use super::Reader;
use super::csv::{first_evidence, key};
use super::when::span;

/// The screen a table is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Screen {
    /// Columns; fewer than 20 are taken for 20.
    pub width: u16,
    /// Whether levels are colored.
    pub color: bool,
}

/// Narrowest screen that text is fitted to.
const NARROWEST: u16 = 20;
/// Below this width the count and the key are left to the sentence.
const ROOMY: u16 = 72;
/// Below this width only level and rule stand in the table's line.
const TIGHT: u16 = 48;

/// The author of the rules that come with the program.
const OUR_AUTHOR: &str = "Yomawari";

/// Blanks in front of a sentence.
const INDENT: usize = 2;

/// The alerts as text, in the order given; empty when there are none.
pub fn render(alerts: &[Alert], reader: &Reader, screen: Screen) -> String {
    render_noted(alerts, &[], reader, screen)
}

/// The same with a note below each alert that has one.
pub(super) fn render_noted(
    alerts: &[Alert],
    notes: &[String],
    reader: &Reader,
    screen: Screen,
) -> String {
    if alerts.is_empty() {
        return String::new();
    }
    let width = screen.width.max(NARROWEST);
    let mut lines = heads(alerts, reader, width).into_iter();
    let mut out = String::new();
    put(&mut out, lines.next().unwrap_or_default().trim_end(), "");
    for (at, (alert, head)) in alerts.iter().zip(lines).enumerate() {
        let head = head.trim_end();
        match color(alert.rule.level) {
            Some(code) if screen.color => put(&mut out, head, code),
            _ => put(&mut out, head, ""),
        }
        let mut below = below(alert, reader, width);
        let note = notes.get(at).map(|note| one_line(note));
        below.extend(
            note.iter()
                .flat_map(|n| wrap(n, usize::from(width) - INDENT)),
        );
        for line in below {
            put(&mut out, &format!("{:INDENT$}{line}", ""), "");
        }
    }
    out.push_str(&what_to_do(alerts, reader, usize::from(width)));
    out.push_str(&authors(alerts, reader, usize::from(width)));
    out
}

fn put(out: &mut String, line: &str, color: &str) {
    let end = if color.is_empty() { "" } else { "\u{1b}[0m" };
    out.extend([color, line, end, "\n"]);
}

/// The escape sequence of a level: it colors the table's line, never log text alone.
fn color(level: Level) -> Option<&'static str> {
    match level {
        Level::Critical => Some("\u{1b}[1;31m"),
        Level::High => Some("\u{1b}[31m"),
        Level::Medium => Some("\u{1b}[33m"),
        Level::Low => Some("\u{1b}[36m"),
        Level::Informational => None,
    }
}

/// The heading and one line for each alert, cut to the width.
fn heads(alerts: &[Alert], reader: &Reader, width: u16) -> Vec<String> {
    let shown = if width >= ROOMY {
        5
    } else if width >= TIGHT {
        3
    } else {
        2
    };
    let headings = match reader.lang {
        Lang::Ja => ["レベル", "ルール", "いつ", "件数", "対象"],
        Lang::En => ["level", "rule", "when", "count", "key"],
    };
    let mut table = Table::new();
    table.load_style(TableStyle::new());
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width);
    table.set_truncation_indicator("…");
    table.set_header(one_line_row(
        headings[..shown].iter().map(|h| (*h).to_owned()).collect(),
    ));
    for alert in alerts {
        let mut cells = vec![
            alert.rule.level.word(reader.lang).to_owned(),
            one_line(&alert.rule.name).into_owned(),
            // The sentence below tells the end; a span would leave no room for the key.
            span(alert.start, alert.start, reader),
            alert.count.to_string(),
            one_line(&key(alert, reader.lang)).into_owned(),
        ];
        cells.truncate(shown);
        table.add_row(one_line_row(cells));
    }
    let level_width = alerts
        .iter()
        .map(|a| a.rule.level.word(reader.lang).width());
    let level_width = level_width.chain([headings[0].width()]).max().unwrap_or(0) as u16 + 1;
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, 1));
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(level_width)));
    }
    table.lines().collect()
}

fn one_line_row(cells: Vec<String>) -> Row {
    let mut row = Row::from(cells);
    row.max_height(1);
    row
}

/// The sentence of an alert and where to look first; when, if the table's line had no room for it.
fn below(alert: &Alert, reader: &Reader, width: u16) -> Vec<String> {
    let roomy = width >= TIGHT;
    let width = usize::from(width) - INDENT;
    let mut lines = match roomy {
        true => Vec::new(),
        false => wrap(&span(alert.start, alert.end, reader), width),
    };
    lines.extend(wrap(&one_line(alert.summary.get(reader.lang)), width));
    let first = first_evidence(alert);
    let rest = alert.evidence_total.saturating_sub(1);
    let place = match (reader.lang, first.is_empty(), rest) {
        (_, true, _) => String::new(),
        (_, false, 0) => first,
        (Lang::Ja, false, _) => format!("{first} ほか{rest}件"),
        (Lang::En, false, _) => format!("{first} and {rest} more"),
    };
    let id: String = alert.id.chars().take(12).collect();
    lines.extend(wrap(&one_line(&format!("[{id}] {place}")), width));
    lines
}

/// What to do, once for each rule that says so.
fn what_to_do(alerts: &[Alert], reader: &Reader, width: usize) -> String {
    let said: BTreeMap<&str, &str> = alerts
        .iter()
        .map(|alert| (alert.rule.name.as_str(), alert.respond.get(reader.lang)))
        .filter(|(_, respond)| !respond.is_empty())
        .collect();
    let mut out = String::new();
    if said.is_empty() {
        return out;
    }
    out.push_str(match reader.lang {
        Lang::Ja => "\n対処\n",
        Lang::En => "\nwhat to do\n",
    });
    for (rule, respond) in said {
        for line in wrap(&one_line(&format!("{rule}: {respond}")), width - INDENT) {
            put(&mut out, &format!("{:INDENT$}{line}", ""), "");
        }
    }
    out
}

/// Who wrote the rules that come from elsewhere, with title and id, once a rule: their licence
/// (Detection Rule License 1.1) asks for it wherever a match is told.
fn authors(alerts: &[Alert], reader: &Reader, width: usize) -> String {
    let told = alerts.iter().filter_map(|alert| {
        let rule = &alert.rule;
        let author = rule.author.as_deref().filter(|a| *a != OUR_AUTHOR)?;
        let (name, title, id) = (&rule.name, &rule.title, &rule.id);
        Some(format!("{name}: {title} ({id}), {author}"))
    });
    let told: BTreeSet<String> = told.collect();
    let mut out = String::new();
    if told.is_empty() {
        return out;
    }
    out.push_str(match reader.lang {
        Lang::Ja => "\nルールの作者\n",
        Lang::En => "\nrule authors\n",
    });
    for line in told.iter().flat_map(|t| wrap(&one_line(t), width - INDENT)) {
        put(&mut out, &format!("{:INDENT$}{line}", ""), "");
    }
    out
}

/// Cuts text into lines of at most `width` columns: at blanks where there are some, else between
/// any two characters, as Japanese is set.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for piece in pieces(text) {
        let mut wide = piece.width();
        if used + piece.trim_end().width() > width && used > 0 {
            lines.push(std::mem::take(&mut line).trim_end().to_owned());
            used = 0;
        }
        let mut rest = piece;
        while wide > width {
            let cut = fitting(rest, width);
            let (now, later) = rest.split_at(cut);
            if later.trim().is_empty() {
                break;
            }
            lines.push(now.to_owned());
            rest = later;
            wide = rest.width();
        }
        line.push_str(rest);
        used += wide;
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// Words with the blanks behind them; a wide character is a piece of its own, and closing marks
/// stay with what they close.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut chars = rest.char_indices().peekable();
        let mut last = chars.next()?.1;
        let mut end = rest.len();
        for (at, c) in chars {
            let closes = matches!(c, '、' | '。' | '：' | '）' | '」' | '・' | 'ー' | ' ');
            let breaks = last == ' ' || wide(last) || wide(c);
            if breaks && !closes && last != '（' && last != '「' {
                end = at;
                break;
            }
            last = c;
        }
        let (piece, later) = rest.split_at(end);
        rest = later;
        Some(piece)
    })
}

fn wide(c: char) -> bool {
    c.width().unwrap_or(0) > 1
}

/// Bytes of the longest beginning that fits into `width` columns; at least one character.
pub(super) fn fitting(text: &str, width: usize) -> usize {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > width && at > 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::event::Zone;
    use proptest::prelude::*;

    fn shown(lang: Lang, width: u16, color: bool) -> String {
        let reader = Reader {
            lang,
            zone: Zone::tokyo(),
        };
        let mut second = samples::ordinary();
        second.rule.level = Level::High;
        "5f9e00aa5f9e00aa".clone_into(&mut second.id);
        let alerts = [samples::ordinary(), second];
        render(&alerts, &reader, Screen { width, color })
    }

    #[test]
    fn japanese_at_80_columns() {
        samples::holds("table-ja-80", &shown(Lang::Ja, 80, false));
    }

    #[test]
    fn english_at_80_columns() {
        samples::holds("table-en-80", &shown(Lang::En, 80, false));
    }

    #[test]
    fn japanese_at_40_columns() {
        samples::holds("table-ja-40", &shown(Lang::Ja, 40, false));
    }

    #[test]
    fn color_only_wraps_the_lines_of_the_table() {
        let plain = shown(Lang::En, 80, false);
        let colored = shown(Lang::En, 80, true);
        assert_eq!(colored.matches("\u{1b}[33m").count(), 1);
        assert_eq!(colored.matches("\u{1b}[0m").count(), 2);
        let bare = colored.replace("\u{1b}[33m", "").replace("\u{1b}[31m", "");
        assert_eq!(bare.replace("\u{1b}[0m", ""), plain);
    }

    #[test]
    fn authors_of_rules_from_elsewhere_are_named_once() {
        let reader = Reader {
            lang: Lang::En,
            zone: Zone::tokyo(),
        };
        let mut alerts = [
            samples::ordinary(),
            samples::ordinary(),
            samples::ordinary(),
        ];
        alerts[0].rule.author = Some("A. Uthor".to_owned());
        alerts[1].rule.author = Some("A. Uthor".to_owned());
        alerts[2].rule.author = Some(OUR_AUTHOR.to_owned());
        let screen = Screen {
            width: 200,
            color: false,
        };
        let text = render(&alerts, &reader, screen);
        let told = "\nrule authors\n  off-hours-access: Off-hours access to patient records \
                    (5b0c9c8e-7d0a-4f52-9a35-1f3f5f0f1c11), A. Uthor\n";
        assert!(text.ends_with(told), "{text}");
        assert!(!render(&alerts[2..], &reader, screen).contains("author"));
    }

    #[test]
    fn no_alert_no_text() {
        let reader = Reader {
            lang: Lang::Ja,
            zone: Zone::tokyo(),
        };
        assert_eq!(
            render(
                &[],
                &reader,
                Screen {
                    width: 80,
                    color: true
                }
            ),
            ""
        );
    }

    #[test]
    fn hostile_text_steers_nothing_and_stays_in_its_line() {
        for lang in [Lang::Ja, Lang::En] {
            let reader = Reader {
                lang,
                zone: Zone::tokyo(),
            };
            let screen = Screen {
                width: 80,
                color: false,
            };
            let text = render(&[samples::hostile()], &reader, screen);
            let acts = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!text.contains(acts), "{text:?}");
            assert!(text.lines().all(|line| line.width() <= 80), "{text}");
        }
    }

    #[test]
    fn every_line_fits_every_width() {
        for lang in [Lang::Ja, Lang::En] {
            for width in 0..130 {
                let text = shown(lang, width, false);
                let widest = text.lines().map(|line| line.width()).max().unwrap();
                assert!(
                    widest <= usize::from(width.max(NARROWEST)),
                    "{width}:\n{text}"
                );
                assert!(text.contains("off-hours"), "{width}:\n{text}");
            }
        }
    }

    proptest! {
        #[test]
        fn wrapping_loses_only_blanks(text in "[ a-z、。（夜間当直]{0,80}", width in 4usize..40) {
            let lines = wrap(&text, width);
            let bare = |s: &str| s.chars().filter(|c| *c != ' ').collect::<String>();
            prop_assert_eq!(bare(&lines.concat()), bare(&text));
            for line in &lines {
                prop_assert!(line.width() <= width, "{:?}", lines);
            }
        }
    }
}
