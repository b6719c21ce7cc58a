//! A trial as text: numbers, a chart, keys, thresholds.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr as _;

use crate::diagnostic::Lang;
use crate::rule::Titles;
use crate::sink::Reader;
use crate::sink::table::{fitting, wrap};
use crate::sink::when::{day_of, weekday_of};
use crate::text::one_line;

use super::chart::{self, Row};
use super::{Counted, Rung, Spread, Trial};

/// Widest bar, in blocks.
const WIDEST_BAR: usize = 40;

/// All of it.
pub(super) fn render(trial: &Trial, reader: &Reader, width: usize) -> String {
    let lang = reader.lang;
    let level = trial.level.word(lang);
    let mut out = String::new();
    let titles = Titles::new(lang);
    let title = titles.of(&trial.name, &trial.title);
    line(
        &mut out,
        &format!("{} · {level} · {title}", trial.name),
        width,
    );
    for told in numbers(trial, lang) {
        for part in wrap(&one_line(&told), width - 2) {
            let _ = writeln!(out, "  {part}");
        }
    }
    let found = trial.spread().total;
    if found > 0 {
        chart(trial, lang, width, &mut out);
        keys(trial, lang, width, &mut out);
    }
    if trial.rungs.iter().any(|rung| rung.spread.total > 0) {
        rungs(&trial.rungs, lang, &mut out);
    }
    out
}

/// Adds a line that fits the width; what comes from logs and rules cannot act on the terminal.
fn line(out: &mut String, text: &str, width: usize) {
    let text = one_line(text);
    let at = fitting(&text, width);
    if at == text.len() {
        let _ = writeln!(out, "{}", text.trim_end());
        return;
    }
    let at = fitting(&text, width.saturating_sub(1));
    let _ = writeln!(out, "{}…", text[..at].trim_end());
}

/// What was found, in sentences.
fn numbers(trial: &Trial, lang: Lang) -> Vec<String> {
    if let Some(why) = &trial.silent {
        return vec![match lang {
            Lang::En => format!("cannot speak: {}", why.en),
            Lang::Ja => format!("働きません：{}", why.ja),
        }];
    }
    let mut told = Vec::new();
    for (source, fields) in &trial.cannot_fire {
        let fields = fields.join(", ");
        told.push(match lang {
            Lang::En => format!("cannot fire on {source}: it has no {fields}"),
            Lang::Ja => format!("{source} では働きません。項目がありません：{fields}"),
        });
    }
    let what = match (trial.counted, lang) {
        (Counted::Alerts, Lang::En) => "alerts",
        (Counted::Alerts, Lang::Ja) => "アラート",
        (Counted::Matches, Lang::En) => "matches (it only feeds correlations)",
        (Counted::Matches, Lang::Ja) => "一致（correlation に数えられるだけのルール）",
    };
    let spread = trial.spread();
    let (total, days) = (spread.total, spread.days);
    let (Some(first), Some(last)) = (trial.days.first(), trial.days.last()) else {
        told.push(match lang {
            Lang::En => "no day of these logs was examined".to_owned(),
            Lang::Ja => "調べられた日がありません".to_owned(),
        });
        return told;
    };
    let (first, last) = (day_of(first.day), day_of(last.day));
    told.push(match lang {
        Lang::En => format!("{what}: {total} in {days} days with records, {first} to {last}"),
        Lang::Ja => format!("{what} {total}件。記録のある日 {days}日（{first}〜{last}）"),
    });
    told.push(a_day(trial, &spread, lang));
    told.extend(beside(trial, lang));
    told
}

fn a_day(trial: &Trial, spread: &Spread, lang: Lang) -> String {
    let (mean, median, worst) = (spread.mean(), spread.median(), spread.worst);
    let on = trial.worst().map(|w| day_of(w.day));
    match (lang, on) {
        (Lang::En, None) => format!("a day: mean {mean:.2}, median {median}, worst {worst}"),
        (Lang::En, Some(on)) => {
            format!("a day: mean {mean:.2}, median {median}, worst {worst} ({on})")
        }
        (Lang::Ja, None) => format!("1日あたり：平均 {mean:.2}、中央値 {median}、最多 {worst}"),
        (Lang::Ja, Some(on)) => {
            format!("1日あたり：平均 {mean:.2}、中央値 {median}、最多 {worst}（{on}）")
        }
    }
}

/// Matches that made no alert, and why.
fn beside(trial: &Trial, lang: Lang) -> Option<String> {
    let (matches, explained, quiet) = (trial.matches, trial.explained, trial.quiet);
    if matches == 0 {
        return None;
    }
    let mut parts = match (trial.counted, lang) {
        (Counted::Matches, _) => Vec::new(),
        (_, Lang::En) => vec![format!("matching events: {matches}")],
        (_, Lang::Ja) => vec![format!("一致した記録 {matches}件")],
    };
    if explained > 0 {
        parts.push(match lang {
            Lang::En => format!("explained by a roster or a declaration: {explained}"),
            Lang::Ja => format!("勤務表・届出で説明できるもの {explained}件"),
        });
    }
    if quiet > 0 {
        parts.push(match lang {
            Lang::En => format!("only counted, as hours are assumed: {quiet}"),
            Lang::Ja => format!("営業時間が仮定のため数えただけのもの {quiet}件"),
        });
    }
    let joined = match lang {
        Lang::En => parts.join("; "),
        Lang::Ja => parts.join("、"),
    };
    (!parts.is_empty()).then_some(joined)
}

fn chart(trial: &Trial, lang: Lang, width: usize, out: &mut String) {
    let rows = chart::rows(&trial.days);
    let named: Vec<(String, Option<u64>)> = rows.iter().map(|row| named(*row, lang)).collect();
    let most = named.iter().filter_map(|(_, found)| *found).max();
    let most = most.unwrap_or(0);
    let name_width = named
        .iter()
        .filter(|(_, found)| found.is_some())
        .map(|(name, _)| name.width())
        .max();
    let name_width = name_width.unwrap_or(0);
    let number_width = most.to_string().len();
    let taken = 2 + name_width + 2 + number_width + 2;
    // A terminal made for Japanese may show a block two columns wide.
    let columns = (width.saturating_sub(taken) / 2).clamp(4, WIDEST_BAR);
    out.push('\n');
    for (name, found) in named {
        let Some(found) = found else {
            line(out, &format!("  {name}"), width);
            continue;
        };
        let after = name_width - name.width();
        let bar = chart::bar(found, most, columns);
        let row = format!("  {name}{:after$}  {found:>number_width$}  {bar}", "");
        let _ = writeln!(out, "{}", row.trim_end());
    }
}

/// What a row is called, and what was found in it.
fn named(row: Row, lang: Lang) -> (String, Option<u64>) {
    match (row, lang) {
        (Row::Gap(days), Lang::En) => (format!("… days without records: {days}"), None),
        (Row::Gap(days), Lang::Ja) => (format!("…（記録のない日 {days}日）"), None),
        (Row::Found(first, last, found), _) if first < last => {
            let between = match lang {
                Lang::En => " – ",
                Lang::Ja => "〜",
            };
            let name = format!("{}{between}{}", day_of(first), day_of(last));
            (name, Some(found))
        }
        (Row::Found(day, _, found), Lang::En) => {
            let name = format!("{} {}", day_of(day), weekday_of(day, lang));
            (name, Some(found))
        }
        (Row::Found(day, _, found), Lang::Ja) => {
            let name = format!("{}（{}）", day_of(day), weekday_of(day, lang));
            (name, Some(found))
        }
    }
}

fn keys(trial: &Trial, lang: Lang, width: usize, out: &mut String) {
    if trial.fields.is_empty() {
        return;
    }
    let fields = trial.fields.join(" · ");
    let heading = match lang {
        Lang::En => format!("most often, by {fields}"),
        Lang::Ja => format!("多い順（{fields}）"),
    };
    out.push('\n');
    line(out, &format!("  {heading}"), width);
    let most = trial.keys.first().map_or(0, |(_, found)| *found);
    let number_width = most.to_string().len();
    for (values, found) in &trial.keys {
        let values = values.iter().map(|value| match (value, lang) {
            (Some(value), _) => value.as_str(),
            (None, Lang::En) => "not recorded",
            (None, Lang::Ja) => "記録なし",
        });
        let key = values.collect::<Vec<_>>().join(" · ");
        line(out, &format!("    {found:>number_width$}  {key}"), width);
    }
    let more = trial.keys_total.saturating_sub(trial.keys.len());
    if more > 0 {
        let told = match lang {
            Lang::En => format!("    and {more} more"),
            Lang::Ja => format!("    ほか {more}件"),
        };
        line(out, &told, width);
    }
}

fn rungs(rungs: &[Rung], lang: Lang, out: &mut String) {
    let headings = match lang {
        Lang::En => ["threshold", "alerts", "median a day", "worst day"],
        Lang::Ja => ["しきい値", "アラート", "1日の中央値", "最多の日"],
    };
    let rows = rungs.iter().map(|rung| {
        let Spread { total, worst, .. } = rung.spread;
        let median = rung.spread.median();
        [
            rung.threshold.to_string(),
            total.to_string(),
            median.to_string(),
            worst.to_string(),
        ]
    });
    let rows: Vec<[String; 4]> = rows.collect();
    let widths: [usize; 4] = std::array::from_fn(|at| {
        let cells = rows.iter().map(|row| row[at].width());
        cells.chain([headings[at].width()]).max().unwrap_or(0)
    });
    let row = |cells: [&str; 4]| -> String {
        let padded = cells.iter().zip(widths).map(|(cell, width)| {
            let before = width - cell.width();
            format!("{:before$}{cell}", "")
        });
        padded.collect::<Vec<_>>().join("  ")
    };
    let _ = writeln!(out, "\n  {}", row(headings));
    for (cells, rung) in rows.iter().zip(rungs) {
        let cells = cells.each_ref().map(String::as_str);
        let mark = match (rung.is_present, lang) {
            (false, _) => "",
            (true, Lang::En) => "  <- as it is",
            (true, Lang::Ja) => "  ← 今の設定",
        };
        let _ = writeln!(out, "  {}{mark}", row(cells));
    }
}
