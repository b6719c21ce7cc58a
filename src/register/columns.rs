//! Which column holds what.
//!
//! Takes a table and the list of columns a register may have; finds the headings by their
//! Japanese and English names and gives entry after entry, with complaints that name the cell.
//! Never knows what a register is for.

use std::sync::Arc;

use crate::diagnostic::{Complaints, Place, Problem, nearest};
use crate::event::Zone;
use crate::text::{fold_key, fold_width};

use super::RegisterFile;
use super::entry::Entry;
use super::table::{self, Cell, Row};

/// A column a register may have.
pub(super) struct Column {
    /// Its name in the config's documentation.
    pub(super) name: &'static str,
    /// Its ordinary Japanese heading.
    pub(super) ja: &'static str,
    /// Other headings, as [`fold_heading`] gives them.
    pub(super) also: &'static [&'static str],
}

/// The columns of a kind of register.
pub(super) struct Layout {
    /// All of them.
    pub(super) columns: &'static [Column],
    /// Those without which a row says nothing.
    pub(super) needs: Needs,
}

/// Which columns must be there.
#[derive(Clone, Copy)]
pub(super) enum Needs {
    /// Every one of these.
    All(&'static [&'static str]),
    /// At least one of these.
    Any(&'static [&'static str]),
}

impl Needs {
    /// The names of these columns.
    pub(super) fn names(self) -> &'static [&'static str] {
        match self {
            Needs::All(names) | Needs::Any(names) => names,
        }
    }
}

/// Rows above the headings that may hold a title.
const TITLE_ROWS: usize = 20;
/// Rows whose mistakes are shown one by one; those after them are counted.
const SHOWN_ROWS: usize = 200;

/// What receives the entries.
pub(super) type TakeEntry<'f> = &'f mut dyn FnMut(&Entry<'_>, &mut Complaints);

/// Gives every entry of a file that is not blank.
pub(super) fn read(
    file: &RegisterFile<'_>,
    layout: &Layout,
    zone: Zone,
    complaints: &mut Complaints,
    take: TakeEntry<'_>,
) {
    let name: Arc<str> = Arc::from(file.name);
    let mut headings: Option<Vec<Option<usize>>> = None;
    let mut first: Option<(u32, String)> = None;
    let mut titles = 0;
    let mut mistaken = 0;
    let mut first_hidden = 0;
    table::rows(&name, file.bytes, complaints, &mut |row, complaints| {
        if row.is_blank() {
            return true;
        }
        let Some(slots) = &headings else {
            if looks_like_headings(layout, row) {
                headings = Some(assign(&name, layout, row, complaints));
                return true;
            }
            first.get_or_insert_with(|| (row.line, written(row)));
            titles += 1;
            return titles < TITLE_ROWS;
        };
        let entry = Entry {
            file: &name,
            row,
            layout,
            slots,
            zone,
        };
        let mut found = Complaints::new();
        take(&entry, &mut found);
        mistaken += usize::from(found.has_errors());
        if mistaken <= SHOWN_ROWS {
            complaints.extend(found);
        } else if first_hidden == 0 {
            first_hidden = row.line;
        }
        true
    });
    match (&headings, first) {
        (None, Some((line, text))) => complaints.push(no_headings(&name, layout, line).found(text)),
        (None, None) if !complaints.has_errors() => complaints.push(nothing_in_it(&name, layout)),
        _ => {}
    }
    if mistaken > SHOWN_ROWS {
        complaints.push(more_mistakes(&name, first_hidden, mistaken - SHOWN_ROWS));
    }
}

/// A heading as it is compared: width and case folded, letters and digits only.
pub(super) fn fold_heading(text: &str) -> String {
    let folded = fold_key(text);
    folded.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The column a heading means: the whole of it, else what stands outside its brackets.
fn column_of(layout: &Layout, heading: &str) -> Option<usize> {
    let find = |folded: String| {
        layout.columns.iter().position(|c| {
            fold_heading(c.name) == folded || c.ja == folded || c.also.contains(&folded.as_str())
        })
    };
    let folded = fold_width(heading);
    find(fold_heading(heading)).or_else(|| {
        let open = folded.find(['(', '[', '【', '〔', '「'])?;
        let outside = folded.get(..open).filter(|o| !o.trim().is_empty())?;
        find(fold_heading(outside))
    })
}

fn looks_like_headings(layout: &Layout, row: &Row<'_>) -> bool {
    let filled = row.cells.iter().filter(|c| !c.value().is_empty());
    let known = filled
        .clone()
        .filter(|c| column_of(layout, c.value()).is_some());
    let (known, filled) = (known.count(), filled.count());
    known >= 2 || (known == 1 && filled <= 2)
}

/// Gives each column of the layout its cell, and complains about the headings.
fn assign(
    file: &Arc<str>,
    layout: &Layout,
    row: &Row<'_>,
    complaints: &mut Complaints,
) -> Vec<Option<usize>> {
    let mut slots: Vec<Option<usize>> = vec![None; layout.columns.len()];
    for cell in row.cells.iter().filter(|c| !c.value().is_empty()) {
        let heading = cell.value();
        let place = place(file, cell);
        match column_of(layout, heading) {
            None => complaints.push(unknown_heading(layout, heading).at(place).found(heading)),
            Some(column) => match slots[column] {
                None => slots[column] = Some(cell.index),
                Some(earlier) => {
                    let earlier = row.cell(earlier).map_or("", Cell::value);
                    let problem = same_column(&layout.columns[column], earlier);
                    complaints.push(problem.at(place).found(heading));
                }
            },
        }
    }
    let has = |name: &&str| {
        let column = layout.columns.iter().position(|c| c.name == *name);
        column.is_some_and(|i| slots[i].is_some())
    };
    let line = Place {
        line: row.line,
        ..table::whole(file)
    };
    match layout.needs {
        Needs::Any(names) if !names.iter().any(has) => {
            complaints.push(missing_headings(layout, names, "none of", "どれも").at(line));
        }
        Needs::All(names) => {
            let missing: Vec<&'static str> = names.iter().copied().filter(|n| !has(n)).collect();
            if !missing.is_empty() {
                complaints.push(missing_headings(layout, &missing, "not all of", "").at(line));
            }
        }
        Needs::Any(_) => {}
    }
    slots
}

/// Where a cell stands.
pub(super) fn place(file: &Arc<str>, cell: &Cell<'_>) -> Place {
    Place {
        file: file.clone(),
        line: cell.line,
        column: cell.column(),
    }
}

/// The beginning of a row as one text.
pub(super) fn written(row: &Row<'_>) -> String {
    let cells: Vec<&str> = row.cells.iter().take(10).map(Cell::value).collect();
    cells.join(",")
}

/// The names of columns in both languages.
pub(super) fn listed(layout: &Layout, names: &[&str]) -> (String, String) {
    let columns = layout.columns.iter().filter(|c| names.contains(&c.name));
    let ja: Vec<&str> = columns.map(|c| c.ja).collect();
    (names.join(", "), ja.join("、"))
}

fn all_listed(layout: &Layout) -> (String, String) {
    let names: Vec<&str> = layout.columns.iter().map(|c| c.name).collect();
    listed(layout, &names)
}

fn unknown_heading(layout: &Layout, heading: &str) -> Problem {
    let folded = fold_heading(heading);
    let candidates = layout.columns.iter();
    let candidates = candidates.flat_map(|c| [c.name, c.ja].into_iter().chain(c.also.to_vec()));
    let problem = Problem::warning(
        "this heading is not known; the column is not read",
        "この見出しは分からないため、列を読みません",
    );
    match nearest(&folded, candidates) {
        Some(near) => problem.help(
            format!("if \"{near}\" is meant, write it so"),
            format!("「{near}」の意味であれば、そう書いてください"),
        ),
        None => {
            let (en, ja) = all_listed(layout);
            problem.help(
                format!("known headings are {en}"),
                format!("使える見出し: {ja}"),
            )
        }
    }
}

fn same_column(column: &Column, earlier: &str) -> Problem {
    Problem::error(
        format!(
            "two columns hold the same thing ({}): this one and \"{earlier}\"",
            column.name
        ),
        format!("「{earlier}」と同じ意味（{}）の列が二つあります", column.ja),
    )
    .help(
        "keep one of them; if a row has two values, give the second one a row of its own",
        "一つにしてください。値が二つある場合は行を分けてください",
    )
}

fn missing_headings(layout: &Layout, names: &[&str], en_lead: &str, ja_lead: &str) -> Problem {
    let (en, ja) = listed(layout, names);
    let (all_en, all_ja) = all_listed(layout);
    Problem::error(
        format!("{en_lead} the headings needed here are there: {en}"),
        format!("必要な見出しが{ja_lead}ありません: {ja}"),
    )
    .help(
        format!("known headings are {all_en}"),
        format!("使える見出し: {all_ja}"),
    )
}

fn no_headings(file: &Arc<str>, layout: &Layout, line: u32) -> Problem {
    let (en, ja) = all_listed(layout);
    Problem::error(
        "no row of headings was found at the top of the table",
        "表の先頭に見出しの行が見つかりません",
    )
    .at(Place {
        line,
        ..table::whole(file)
    })
    .help(
        format!("write headings above the rows: {en}"),
        format!("行の上に見出しを書いてください: {ja}"),
    )
}

fn nothing_in_it(file: &Arc<str>, layout: &Layout) -> Problem {
    let (en, ja) = all_listed(layout);
    Problem::error("the table is empty", "表が空です")
        .at(table::whole(file))
        .help(
            format!("write headings and rows: {en}"),
            format!("見出しと行を書いてください: {ja}"),
        )
}

fn more_mistakes(file: &Arc<str>, first_hidden: u32, count: usize) -> Problem {
    Problem::error(
        format!("{count} more rows from here on have mistakes"),
        format!("ここからさらに {count} 行に誤りがあります"),
    )
    .at(Place {
        line: first_hidden,
        ..table::whole(file)
    })
    .help("mend those above first", "上の誤りから直してください")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Every heading of a layout is in its folded form and means one column.
    pub(crate) fn check_layout(layout: &Layout) {
        let mut seen: Vec<String> = Vec::new();
        for column in layout.columns {
            let name = fold_heading(column.name);
            let mut own = vec![name.clone(), column.ja.to_owned()];
            own.extend(column.also.iter().map(|a| (*a).to_owned()));
            own.dedup();
            for heading in own {
                assert_eq!(fold_heading(&heading), heading, "not in folded form");
                assert!(!seen.contains(&heading), "{heading} means two columns");
                seen.push(heading);
            }
        }
        for name in layout.needs.names() {
            assert!(layout.columns.iter().any(|c| c.name == *name));
        }
    }

    #[test]
    fn headings_are_compared_without_blanks_and_brackets() {
        for text in [
            "[MAC アドレス]",
            "mac_アドレス",
            "ＭＡＣアドレス",
            "MAC　アドレス：",
        ] {
            assert_eq!(fold_heading(text), "macアドレス", "{text}");
        }
    }
}
