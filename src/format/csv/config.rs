//! The `csv` section of a source in the config.
//!
//! Takes its YAML node; gives checked settings and all complaints, each with its place.

use crate::diagnostic::{Complaints, Lang, Place, Problem, nearest};
use crate::event::{Action, Field, Outcome};
use crate::format::words::{self, DateOrder, TwoDigitYear};
use crate::yaml::{Key, Node};

/// The keys of the section.
const KEYS: [&str; 8] = [
    "columns",
    "values",
    "delimiter",
    "date_order",
    "two_digit_year",
    "hours_over_24",
    "heading",
    "skip_lines",
];
/// The name of the time among our fields.
const TIME: &str = "@timestamp";
/// Highest column number and number of skipped lines accepted.
const MOST: i64 = 4096;

/// What a mapping is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// The time of the event.
    Time,
    /// A field.
    Field(Field),
}

/// A column as the config names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// Its number, from 0, when it is named by number.
    pub(super) number: Option<usize>,
    /// Its heading, folded; empty when it is named by number.
    pub(super) heading: String,
    /// Where it is named.
    pub(super) place: Place,
}

/// One entry of `columns`; without columns the field is not to be filled.
#[derive(Clone, Debug)]
pub(super) struct Mapping {
    pub(super) target: Target,
    pub(super) columns: Vec<Named>,
}

/// The section, checked; the default of a source without one.
#[derive(Clone, Debug)]
pub(super) struct Config {
    pub(super) delimiter: Option<u8>,
    pub(super) heading: Option<bool>,
    pub(super) skip_lines: usize,
    pub(super) order: DateOrder,
    pub(super) two_digit_year: TwoDigitYear,
    pub(super) hours_over_24: bool,
    pub(super) columns: Vec<Mapping>,
    pub(super) actions: Vec<(String, Action)>,
    pub(super) outcomes: Vec<(String, Outcome)>,
    /// Words of other fields: field, their word folded, our word.
    pub(super) values: Vec<(Field, String, String)>,
    /// Where the section stands.
    pub(super) place: Option<Place>,
}

impl Config {
    /// Reads the section; what is wrong in it is left at its default.
    pub(super) fn read(section: Option<&Node>, complaints: &mut Complaints) -> Config {
        let mut config = Config {
            delimiter: None,
            heading: None,
            skip_lines: 0,
            order: DateOrder::default(),
            two_digit_year: TwoDigitYear::default(),
            hours_over_24: true,
            columns: Vec::new(),
            actions: Vec::new(),
            outcomes: Vec::new(),
            values: Vec::new(),
            place: section.map(|node| node.place.clone()),
        };
        let Some(section) = section.filter(|node| !node.is_null()) else {
            return config;
        };
        let Some(entries) = section.as_map() else {
            complaints.push(wrong(section, "a map of settings", "設定の組"));
            return config;
        };
        for (key, node) in entries {
            config.take(key, node, complaints);
        }
        config
    }

    fn take(&mut self, key: &Key, node: &Node, complaints: &mut Complaints) {
        match key.text.as_str() {
            "columns" => self.take_columns(node, complaints),
            "values" => self.take_values(node, complaints),
            "delimiter" => match node.as_str().and_then(delimiter) {
                Some(byte) => self.delimiter = Some(byte),
                None => complaints.push(wrong(
                    node,
                    "one of \",\", \";\", \"|\", tab, or another ASCII sign",
                    "「,」「;」「|」tab などの半角記号1字",
                )),
            },
            "date_order" => self.take_order(node, complaints),
            "two_digit_year" => match node.as_str() {
                Some("refuse") => self.two_digit_year = TwoDigitYear::Refused,
                Some("western") => self.two_digit_year = TwoDigitYear::Western,
                Some("reiwa") => self.two_digit_year = TwoDigitYear::Reiwa,
                _ => complaints.push(wrong(
                    node,
                    "refuse, western (26 is 2026) or reiwa (08 is 令和8年)",
                    "refuse、western（26は2026年）、reiwa（08は令和8年）のいずれか",
                )),
            },
            "hours_over_24" => match node.as_bool() {
                Some(on) => self.hours_over_24 = on,
                None => complaints.push(wrong(node, "true or false", "true か false")),
            },
            "heading" => match node.as_bool() {
                Some(on) => self.heading = Some(on),
                None => complaints.push(wrong(node, "true or false", "true か false")),
            },
            "skip_lines" => match node.as_i64().filter(|n| (0..=MOST).contains(n)) {
                Some(lines) => self.skip_lines = lines as usize,
                None => complaints.push(wrong(
                    node,
                    "a number of lines, 0 to 4096",
                    "行数（0〜4096）",
                )),
            },
            unknown => complaints.push(unknown_word(unknown, &key.place, &KEYS)),
        }
    }

    fn take_order(&mut self, node: &Node, complaints: &mut Complaints) {
        self.order = match node.as_str() {
            Some("ymd") => DateOrder::Ymd,
            Some("mdy") => DateOrder::Mdy,
            Some("dmy") => DateOrder::Dmy,
            Some("era") => DateOrder::EraDigits,
            _ => {
                complaints.push(wrong(
                    node,
                    "ymd, mdy, dmy or era (seven digits, 5080406)",
                    "ymd、mdy、dmy、era（7桁の和暦 5080406）のいずれか",
                ));
                return;
            }
        };
    }

    fn take_columns(&mut self, node: &Node, complaints: &mut Complaints) {
        let Some(entries) = node.as_map() else {
            complaints.push(wrong(
                node,
                "a map of our field: their heading",
                "「項目: 見出し」の組",
            ));
            return;
        };
        for (key, value) in entries {
            let target = match key.text.as_str() {
                TIME => Target::Time,
                name => match Field::from_name(name).filter(|f| !f.is_derived()) {
                    Some(field) => Target::Field(field),
                    None => {
                        complaints.push(unknown_field(key));
                        continue;
                    }
                },
            };
            let columns = named_columns(value, complaints);
            if target == Target::Time && columns.len() > 2 {
                complaints.push(wrong(
                    value,
                    "one column, or a date and a clock column",
                    "1列、または日付と時刻の2列",
                ));
            }
            self.columns.push(Mapping { target, columns });
        }
    }

    fn take_values(&mut self, node: &Node, complaints: &mut Complaints) {
        let Some(entries) = node.as_map() else {
            complaints.push(wrong(
                node,
                "a map of our field: {their word: our word}",
                "「項目: {元の語: 語}」の組",
            ));
            return;
        };
        for (key, words) in entries {
            let Some(field) = Field::from_name(&key.text).filter(|f| !f.is_derived()) else {
                complaints.push(unknown_field(key));
                continue;
            };
            let Some(words) = words.as_map() else {
                complaints.push(wrong(
                    words,
                    "a map of their word: our word",
                    "「元の語: 語」の組",
                ));
                continue;
            };
            for (theirs, ours) in words {
                self.take_word(field, theirs, ours, complaints);
            }
        }
    }

    fn take_word(&mut self, field: Field, theirs: &Key, ours: &Node, complaints: &mut Complaints) {
        let Some(word) = ours.as_str() else {
            complaints.push(wrong(ours, "a word", "語"));
            return;
        };
        let actions = || Action::ALL.iter().map(|a| a.name());
        let outcomes = [Outcome::Success, Outcome::Failure, Outcome::Unknown];
        match field {
            Field::EventAction => match Action::from_name(word) {
                Some(action) => self.actions.push((theirs.text.clone(), action)),
                None => complaints.push(unknown_word(
                    word,
                    &ours.place,
                    &actions().collect::<Vec<_>>(),
                )),
            },
            Field::EventOutcome => match outcomes.into_iter().find(|o| o.name() == word) {
                Some(outcome) => self.outcomes.push((theirs.text.clone(), outcome)),
                None => complaints.push(unknown_word(
                    word,
                    &ours.place,
                    &outcomes.map(Outcome::name),
                )),
            },
            _ => self
                .values
                .push((field, words::fold_word(&theirs.text), word.to_owned())),
        }
    }
}

/// One column, or a list of them; nothing for `~`.
fn named_columns(node: &Node, complaints: &mut Complaints) -> Vec<Named> {
    if node.is_null() {
        return Vec::new();
    }
    let alone = std::slice::from_ref(node);
    let mut columns = Vec::new();
    for item in node.as_seq().unwrap_or(alone) {
        let number = item.as_i64();
        let named = match (number, item.as_str()) {
            (Some(number), _) if (1..=MOST).contains(&number) => Named {
                number: Some(number as usize - 1),
                heading: String::new(),
                place: item.place.clone(),
            },
            (None, Some(text)) => Named {
                number: None,
                heading: words::fold_heading(text),
                place: item.place.clone(),
            },
            _ => {
                complaints.push(wrong(
                    item,
                    "a heading or a column number from 1",
                    "見出し、または1からの列番号",
                ));
                continue;
            }
        };
        columns.push(named);
    }
    columns
}

fn delimiter(text: &str) -> Option<u8> {
    match text {
        "tab" | "TAB" | "\\t" | "\t" => Some(b'\t'),
        _ => match text.as_bytes() {
            [byte] if byte.is_ascii_punctuation() && !matches!(byte, b'"' | b'\'') => Some(*byte),
            _ => None,
        },
    }
}

fn wrong(node: &Node, en: &str, ja: &str) -> Problem {
    let (found_en, found_ja) = match node.as_str() {
        Some(text) => (format!("\"{text}\""), format!("「{text}」")),
        None => (
            node.kind(Lang::En).to_owned(),
            node.kind(Lang::Ja).to_owned(),
        ),
    };
    Problem::error(
        format!("found {found_en}, expected {en}"),
        format!("{found_ja} ではなく、{ja} を書いてください"),
    )
    .at(node.place.clone())
}

fn unknown_word(word: &str, place: &Place, known: &[&str]) -> Problem {
    let problem = Problem::error(
        format!(
            "\"{word}\" is not known here; expected one of: {}",
            known.join(", ")
        ),
        format!("「{word}」は使えません。使える語: {}", known.join("、")),
    )
    .at(place.clone())
    .found(word);
    match nearest(word, known.iter().copied()) {
        Some(near) => problem.help(
            format!("did you mean \"{near}\"?"),
            format!("「{near}」のことですか"),
        ),
        None => problem,
    }
}

fn unknown_field(key: &Key) -> Problem {
    let known = Field::ALL
        .iter()
        .filter(|f| !f.is_derived())
        .map(|f| f.name());
    let problem = Problem::error(
        format!("\"{}\" is no field a log can fill", key.text),
        format!("「{}」という項目はありません", key.text),
    )
    .at(key.place.clone())
    .found(&*key.text);
    match nearest(&key.text, known.chain([TIME])) {
        Some(near) => problem.help(
            format!("did you mean \"{near}\"?"),
            format!("「{near}」のことですか"),
        ),
        None => problem,
    }
}
