//! What the columns of one table mean.
//!
//! Takes the beginning of a table and the config; gives which column fills which field, how times
//! are put together, and the words ready for reading. The config goes before the built-in
//! headings; a column nobody knows is kept under its own heading.

use std::collections::BTreeMap;

use super::columns::Builder;
use super::config::Config;
use super::shown::Shown;
use crate::diagnostic::{Complaints, Problem, Text};
use crate::event::{Action, Field, FieldSet, Outcome};
use crate::format::Settings;
use crate::format::words::{self, Lexicon, TimeStyle};

/// Where the time of a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeColumns {
    /// In one cell.
    One(usize),
    /// In a date cell and a clock cell.
    Two {
        /// Date.
        date: usize,
        /// Clock.
        clock: usize,
    },
}

/// What is done with one cell.
#[derive(Clone, Debug)]
pub(super) enum What {
    /// Kept as written.
    Text(Field),
    /// Width folded.
    Id(Field),
    /// Width folded, a domain split off.
    Account(Field),
    /// An address.
    Ip(Field),
    /// A hardware address.
    Mac(Field),
    /// The word for what happened.
    Action,
    /// The word for how it ended, and the heading an unknown one is kept under.
    Outcome(Box<str>),
    /// The house's words for this field, folded, to ours.
    Words(Field, BTreeMap<String, String>),
    /// Kept under its heading.
    Extra(Box<str>),
}

/// One cell of every row.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) column: usize,
    pub(super) what: What,
}

/// The second time of an interval row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Interval {
    pub(super) end: usize,
    /// The date of both, where the table has one column for it and clocks beside it.
    pub(super) date: Option<usize>,
    /// True when the headings say that the interval is a session.
    pub(super) session: bool,
}

/// A table, learned.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) delimiter: u8,
    pub(super) style: TimeStyle,
    pub(super) time: TimeColumns,
    pub(super) interval: Option<Interval>,
    /// By column.
    pub(super) steps: Vec<Step>,
    /// First column that names a user.
    pub(super) who: Option<usize>,
    /// Folded; empty without a heading.
    pub(super) headings: Vec<String>,
    /// Lines before the heading, as they stand.
    pub(super) preamble: Vec<String>,
    pub(super) lexicons: Lexicons,
    pub(super) notes: Vec<Text>,
    /// Which column became which field.
    pub(super) details: Vec<Text>,
}

impl Layout {
    /// Learns a table from its beginning.
    pub(super) fn learn(
        head: &str,
        config: &Config,
        settings: &Settings<'_>,
        complaints: &mut Complaints,
    ) -> Option<Layout> {
        let table = Shown::read(head, config);
        let mut builder = Builder::new(&table, config);
        builder.map_by_config(complaints);
        builder.map_by_headings();
        let style = TimeStyle {
            order: config.order,
            two_digit_year: config.two_digit_year,
            hours_over_24: config.hours_over_24,
            ..TimeStyle::new(settings.zone)
        };
        let Some(time) = builder.time_columns(&table, &style) else {
            complaints.push(no_time(config, &table));
            return None;
        };
        let interval = builder.interval(time);
        let steps = builder.steps(time, interval, config);
        let who = (steps.iter())
            .filter(|s| field_of(&s.what).is_some_and(is_user))
            .map(|s| s.column)
            .min();
        let lexicons = Lexicons::learn(config, &steps, &table);
        let details = details(&table, time, &steps);
        Some(Layout {
            delimiter: table.delimiter,
            style,
            time,
            interval,
            steps,
            who,
            headings: table.headings,
            preamble: table.preamble,
            lexicons,
            notes: notes(&style),
            details,
        })
    }

    /// The fields rows of this table can give.
    pub(super) fn fields(&self) -> FieldSet {
        let mut set = FieldSet::of(&[Field::EventDataset, Field::ServiceName]);
        for step in &self.steps {
            match &step.what {
                What::Action => {
                    for field in [
                        Field::EventAction,
                        Field::EventCategory,
                        Field::EventCode,
                        Field::EventOutcome,
                        Field::BreakGlass,
                    ] {
                        set.insert(field);
                    }
                }
                What::Account(field) => {
                    set.insert(*field);
                    set.insert(Field::UserName);
                    set.insert(Field::UserDomain);
                }
                What::Ip(field) => {
                    set.insert(*field);
                    set.insert(Field::SourcePort);
                }
                what => field_of(what).into_iter().for_each(|f| set.insert(f)),
            }
        }
        if let Some(interval) = self.interval {
            set.insert(Field::EventStart);
            set.insert(Field::EventEnd);
            if interval.session {
                set.insert(Field::EventAction);
                set.insert(Field::EventCategory);
            }
        }
        set
    }
}

fn is_user(field: Field) -> bool {
    matches!(field, Field::UserId | Field::UserName | Field::UserFullName)
}

/// The field a step fills.
pub(super) fn field_of(what: &What) -> Option<Field> {
    match what {
        What::Text(f) | What::Id(f) | What::Account(f) | What::Ip(f) | What::Mac(f) => Some(*f),
        What::Words(f, _) => Some(*f),
        What::Action => Some(Field::EventAction),
        What::Outcome(_) => Some(Field::EventOutcome),
        What::Extra(_) => None,
    }
}

/// What a word for an action tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) action: Action,
    /// True when the function it was done in says more; never for a word of the config.
    pub(super) is_general: bool,
}

/// The dictionaries, with the house's words in front.
#[derive(Debug)]
pub(super) struct Lexicons {
    pub(super) actions: Lexicon<Told>,
    pub(super) outcomes: Lexicon<Outcome>,
    /// Outcomes told by the word for an action.
    pub(super) told: Lexicon<Outcome>,
    /// What general acts are, by the function they are done in.
    pub(super) subjects: Lexicon<Action>,
}

impl Lexicons {
    /// Makes ready for the words that occur at the beginning of this table.
    fn learn(config: &Config, steps: &[Step], table: &Shown<'_>) -> Lexicons {
        let told = |word: &str, action| Told {
            action,
            is_general: words::is_general(word, action),
        };
        let same = |_: &str, outcome| outcome;
        let mut lexicons = Lexicons {
            actions: Lexicon::new(words::action_table(), told),
            outcomes: Lexicon::new(words::outcome_table(), same),
            told: Lexicon::new(words::told_table(), same),
            subjects: Lexicon::new(words::subject_table(), |_, action| action),
        };
        for &(ref word, action) in &config.actions {
            let is_general = false;
            lexicons.actions.add(word, Told { action, is_general });
        }
        for (word, outcome) in &config.outcomes {
            lexicons.outcomes.add(word, *outcome);
        }
        words::action_table()
            .iter()
            .for_each(|(word, _)| lexicons.told.expect(word));
        table.cells_of_rows(400, |cells| {
            for step in steps {
                let word = cells.get(step.column).and_then(|cell| words::clean(cell));
                match (&step.what, word) {
                    (What::Action, Some(word)) => {
                        lexicons.actions.expect(word);
                        lexicons.told.expect(word);
                    }
                    (What::Outcome(_), Some(word)) => lexicons.outcomes.expect(word),
                    (What::Text(Field::EhrFunction), Some(word)) => lexicons.subjects.expect(word),
                    _ => {}
                }
            }
        });
        lexicons
    }
}

/// What was decided about all rows.
fn notes(style: &TimeStyle) -> Vec<Text> {
    let usual = style.two_digit_year == words::TwoDigitYear::Refused
        && style.order == words::DateOrder::Ymd;
    if usual {
        return Vec::new();
    }
    vec![Text::new(
        "the order of dates is read as the config says",
        "日付の並びは設定に従って読みました",
    )]
}

/// Which column became which field, and which were kept as they are.
fn details(table: &Shown<'_>, time: TimeColumns, steps: &[Step]) -> Vec<Text> {
    let name = |column: usize| match table.headings.get(column) {
        Some(heading) => heading.clone(),
        None => format!("#{}", column + 1),
    };
    let time = match time {
        TimeColumns::One(one) => name(one),
        TimeColumns::Two { date, clock } => format!("{}+{}", name(date), name(clock)),
    };
    let mut shown = vec![format!("{time} → @timestamp")];
    let mapped = steps.iter().filter_map(|s| Some((s, field_of(&s.what)?)));
    shown.extend(mapped.map(|(step, field)| format!("{} → {}", name(step.column), field.name())));
    let kept = steps.iter().filter(|s| matches!(s.what, What::Extra(_)));
    let kept: Vec<String> = kept.map(|s| name(s.column)).collect();
    let mut details = vec![Text::new(
        format!("columns: {}", shown.join(", ")),
        format!("列の対応: {}", shown.join("、")),
    )];
    if !kept.is_empty() {
        details.push(Text::new(
            format!("kept under their own headings: {}", kept.join(", ")),
            format!("見出しのまま保持した列: {}", kept.join("、")),
        ));
    }
    details
}

fn no_time(config: &Config, table: &Shown<'_>) -> Problem {
    let problem = if table.headings.is_empty() {
        Problem::error(
            "no heading with a time column was found in the first lines",
            "先頭の行に、日時の列がある見出しが見つかりません",
        )
    } else {
        Problem::error(
            format!(
                "no time column among the headings: {}",
                table.headings.join(", ")
            ),
            format!(
                "見出しに日時の列がありません: {}",
                table.headings.join("、")
            ),
        )
    };
    let problem = problem.help(
        "name it in the config: csv: { columns: { \"@timestamp\": 日時 } }, or by number: 1",
        "設定で指定してください。例: csv: { columns: { \"@timestamp\": 日時 } }、見出しがなければ列番号 1",
    );
    match &config.place {
        Some(place) => problem.at(place.clone()),
        None => problem,
    }
}
