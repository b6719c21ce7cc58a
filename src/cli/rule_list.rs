//! The list of rules: what each is about, and whether it can fire in this house.
//!
//! Takes checked rules, why some are silent and what the sources give; gives a line a rule for
//! people, or a JSON object. Never reads a rule file.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use super::reach::{self, Giver, Reach};
use crate::detect::RuleIndex;
use crate::diagnostic::{Lang, Text};
use crate::rule::{Meta, RuleSet, StatedSource, Titles};
use crate::sink::table::wrap;
use crate::sink::write_json_line;
use crate::text::one_line;

/// A rule of the list.
pub(super) struct Row<'r> {
    meta: &'r Meta,
    rule: RuleIndex,
    /// The log sources it states; of a correlation those of the rules it rests on, each once.
    log_sources: Vec<&'r StatedSource>,
    /// False when it only feeds correlations.
    reports: bool,
    /// Why it cannot fire in this house.
    why: Option<Text>,
    reach: Reach,
    /// False when no source is configured that it could be held against.
    has_sources: bool,
}

/// All rules, ordered by name. `silent` tells by id which lack a register or the like; `givers` are
/// the sources of the config.
pub(super) fn rows<'r>(
    rules: &'r RuleSet,
    silent: &BTreeMap<&str, Text>,
    givers: &[Giver],
) -> Vec<Row<'r>> {
    let mut rows: Vec<Row<'_>> = reach::all(rules)
        .into_iter()
        .map(|rule| {
            let meta = reach::meta(rules, rule);
            let reach = reach::of(rules, rule, givers);
            let lacking = silent.get(meta.id.as_str()).cloned();
            Row {
                meta,
                rule,
                log_sources: log_sources(rules, rule),
                reports: reach::reports(rules, rule),
                why: lacking.or_else(|| reach.nowhere()),
                reach,
                has_sources: !givers.is_empty(),
            }
        })
        .collect();
    rows.sort_by(|a, b| (&a.meta.name, &a.meta.id).cmp(&(&b.meta.name, &b.meta.id)));
    rows
}

fn log_sources(rules: &RuleSet, rule: RuleIndex) -> Vec<&StatedSource> {
    let mut stated: Vec<&StatedSource> = Vec::new();
    for leaf in reach::leaves(rules, rule) {
        let source = &rules.detections[leaf].source;
        if !stated.contains(&source) {
            stated.push(source);
        }
    }
    stated
}

/// Writes one line a rule, in columns: level, name, log source, clauses, title; behind the title
/// why it cannot fire. On a screen too narrow for the longest line title and clauses stand below.
///
/// # Errors
/// What the writer says.
pub(super) fn write_table(
    out: &mut dyn Write,
    rows: &[Row<'_>],
    screen: Option<u16>,
    lang: Lang,
) -> io::Result<()> {
    let titles = Titles::new(lang);
    let cells = rows.iter().map(|row| row.cells(lang, &titles));
    let mut cells: Vec<Vec<String>> = cells.collect();
    let lines = in_columns(&cells);
    let widest = lines.iter().map(|line| line.width()).max().unwrap_or(0);
    let Some(width) = screen.map(usize::from).filter(|width| *width < widest) else {
        return lines.iter().try_for_each(|line| writeln!(out, "{line}"));
    };
    let below: Vec<Vec<String>> = cells.iter_mut().map(|row| row.split_off(BELOW)).collect();
    for (line, below) in in_columns(&cells).iter().zip(below) {
        writeln!(out, "{line}")?;
        // The title goes before the clauses.
        for part in below.iter().rev().filter(|part| !part.is_empty()) {
            let lines = wrap(part, width.saturating_sub(INDENT).max(20));
            lines
                .iter()
                .try_for_each(|line| writeln!(out, "{:INDENT$}{line}", ""))?;
        }
    }
    Ok(())
}

/// Cells from this one on stand below the others where a line has no room for all.
const BELOW: usize = 3;
/// Blanks in front of what stands below.
const INDENT: usize = 4;

/// Each row on a line, in columns as wide as their widest cells.
fn in_columns(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.first().map_or(0, Vec::len);
    let width_of = |at: usize| rows.iter().map(|row| row[at].width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width_of).collect();
    let line = |row: &Vec<String>| {
        let padded = row.iter().zip(&widths).map(|(cell, width)| {
            let after = width - cell.width();
            format!("{cell}{:after$}", "")
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}

/// Writes one JSON object a rule.
///
/// # Errors
/// What the writer says.
pub(super) fn write_json(out: &mut dyn Write, rows: &[Row<'_>]) -> io::Result<()> {
    rows.iter()
        .try_for_each(|row| write_json_line(out, &row.json()))
}

impl Row<'_> {
    /// Level, name, log source, clauses, title with why it cannot fire.
    fn cells(&self, lang: Lang, titles: &Titles) -> Vec<String> {
        let sources = self.log_sources.iter().map(|source| source.to_string());
        let sources = sources.filter(|s| !s.is_empty()).collect::<Vec<_>>();
        let own = |text: &str| one_line(text).into_owned();
        vec![
            self.meta.level.word(lang).to_owned(),
            own(&self.meta.name),
            own(&sources.join(", ")),
            own(&self.meta.clauses.join(" ")),
            self.title(lang, titles),
        ]
    }

    fn title(&self, lang: Lang, titles: &Titles) -> String {
        let title = one_line(titles.of(&self.meta.name, &self.meta.title));
        let why = match (&self.why, lang) {
            (None, _) => String::new(),
            (Some(why), Lang::En) => format!(" [silent: {}]", one_line(&why.en)),
            (Some(why), Lang::Ja) => format!("［働きません: {}］", one_line(&why.ja)),
        };
        format!("{title}{why}")
    }

    fn json(&self) -> Value {
        let meta = self.meta;
        let sources = self.log_sources.iter().map(|source| {
            let [category, product, service] = source.words();
            json!({"category": category, "product": product, "service": service})
        });
        let lacking = self.reach.lacking.iter();
        let lacking = lacking.map(|(source, fields)| json!({"source": source, "lacks": fields}));
        let kind = match self.rule {
            RuleIndex::Detection(_) => "detection",
            RuleIndex::Correlation(_) => "correlation",
        };
        json!({
            "id": meta.id,
            "name": meta.name,
            "title": meta.title,
            "kind": kind,
            "level": meta.level.name(),
            "status": meta.status,
            "log_sources": sources.collect::<Vec<Value>>(),
            "clauses": meta.clauses,
            "reports": self.reports,
            "can_fire": self.why.is_none(),
            "silent": self.why.as_ref().map(|why| json!({"en": why.en, "ja": why.ja})),
            "fires_on": self.has_sources.then_some(&self.reach.on),
            "cannot_fire": lacking.collect::<Vec<Value>>(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(screen: Option<u16>, lang: Lang) -> String {
        let rules = RuleSet::embedded();
        let id = rules.correlations[0].meta.id.clone();
        let why = Text::new("needs a roster", "勤務表がありません");
        let silent = BTreeMap::from([(id.as_str(), why)]);
        let mut out = Vec::new();
        write_table(&mut out, &rows(&rules, &silent, &[]), screen, lang).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_rule_is_a_line_of_aligned_columns_where_there_is_room() {
        for (lang, words) in [
            (Lang::En, " [silent: needs a roster]"),
            (Lang::Ja, "［働きません: 勤務表がありません］"),
        ] {
            let wide = table(None, lang);
            let rules = RuleSet::embedded();
            let count = rules.detections.len() + rules.correlations.len();
            assert_eq!(wide.lines().count(), count);
            assert_eq!(wide.lines().filter(|l| l.ends_with(words)).count(), 1);
            let of = |line: &str| line.find("mhlw").map(|at| line[..at].width());
            let mut columns: Vec<_> = wide.lines().filter_map(of).collect();
            columns.dedup();
            assert_eq!(columns.len(), 1, "{wide}");
        }
    }

    #[test]
    fn no_line_is_wider_than_the_screen() {
        for lang in [Lang::En, Lang::Ja] {
            let narrow = table(Some(80), lang);
            let widest = narrow.lines().map(|line| line.width()).max();
            assert!(widest <= Some(80), "{narrow}");
            assert!(narrow.contains("\n    mhlw-6.0/"), "{narrow}");
        }
    }
}
