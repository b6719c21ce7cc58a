//! The modifiers behind a field name: `field|base64offset|contains`.
//!
//! Takes a key; gives the field and a checked [`Plan`]. Combinations that Sigma gives no meaning
//! to are refused.

use crate::diagnostic::{Place, Problem};
use crate::yaml::Key;

use super::super::Comparison;
use super::super::matcher::TimePart;
use super::{Context, unknown};

/// What is done with the values behind a key.
#[derive(Debug)]
pub(super) struct Plan {
    /// The field; empty for keywords.
    pub(super) field: String,
    /// Where the key stands.
    pub(super) place: Place,
    /// What kind of question it is.
    pub(super) kind: Kind,
    /// Changes to a text, from left to right.
    pub(super) steps: Vec<Step>,
    /// Every value must be met, not one of them.
    pub(super) all: bool,
    /// Case matters.
    pub(super) cased: bool,
    /// None of the values may be met.
    pub(super) negated: bool,
    /// Placeholders are replaced.
    pub(super) expand: bool,
}

/// The kinds of question.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Text,
    Regex {
        ignore_case: bool,
        multi_line: bool,
        dot_all: bool,
    },
    Network,
    Exists,
    Number(Comparison),
    Part(TimePart),
    Reference,
}

/// A change to a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Contains,
    StartsWith,
    EndsWith,
    Base64,
    Base64Offset,
    Utf16 { big_endian: bool, marked: bool },
    Windash,
}

/// All modifiers, for the complaint about an unknown one.
const NAMES: [&str; 34] = [
    "contains",
    "startswith",
    "endswith",
    "all",
    "cased",
    "re",
    "i",
    "m",
    "s",
    "cidr",
    "exists",
    "gt",
    "gte",
    "lt",
    "lte",
    "neq",
    "base64",
    "base64offset",
    "utf16le",
    "wide",
    "utf16be",
    "utf16",
    "windash",
    "fieldref",
    "expand",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
    "ignorecase",
    "multiline",
    "dotall",
];

/// Reads a key with its modifiers.
pub(super) fn read(key: &Key, context: &mut Context<'_>) -> Option<Plan> {
    let mut words = key.text.split('|');
    let mut plan = Plan {
        field: words.next().unwrap_or_default().to_owned(),
        place: key.place.clone(),
        kind: Kind::Text,
        steps: Vec::new(),
        all: false,
        cased: false,
        negated: false,
        expand: false,
    };
    let mut seen: Vec<&str> = Vec::new();
    for word in words {
        if seen.contains(&word) {
            return context.refuse(
                &key.place,
                format!("the modifier \"{word}\" stands twice"),
                format!("修飾子「{word}」が二度あります"),
            );
        }
        if !NAMES.contains(&word) {
            context.push(unknown(word, "modifier", &NAMES).at(key.place.clone()));
            return None;
        }
        if plan.apply(word).is_none() {
            return refuse_combination(word, key, context);
        }
        seen.push(word);
    }
    Some(plan)
}

fn refuse_combination<T>(word: &str, key: &Key, context: &mut Context<'_>) -> Option<T> {
    context.push(
        Problem::error(
            format!("the modifier \"{word}\" has no meaning at this place"),
            format!("修飾子「{word}」はこの位置では意味を持ちません"),
        )
        .at(key.place.clone())
        .found(&key.text)
        .help(
            "i, m and s follow re; exists stands alone; contains and its kin change texts only",
            "i・m・s は re の後、exists は単独、contains などは文字列にだけ使えます",
        ),
    );
    None
}

impl Plan {
    /// Takes one more modifier; `None` when it does not go with those before it.
    fn apply(&mut self, word: &str) -> Option<()> {
        match word {
            "all" => self.all = self.join()?,
            "cased" => self.cased = self.is_textual()?,
            "neq" => self.negated = self.negate()?,
            "expand" => self.expand = self.placeholders()?,
            "re" => self.turn_into(Kind::Regex {
                ignore_case: false,
                multi_line: false,
                dot_all: false,
            })?,
            "i" | "m" | "s" | "ignorecase" | "multiline" | "dotall" => self.flag(word)?,
            "cidr" => self.turn_into(Kind::Network)?,
            "exists" => self.alone()?,
            "fieldref" => self.turn_into(Kind::Reference)?,
            "gt" => self.turn_into(Kind::Number(Comparison::Gt))?,
            "gte" => self.turn_into(Kind::Number(Comparison::Gte))?,
            "lt" => self.turn_into(Kind::Number(Comparison::Lt))?,
            "lte" => self.turn_into(Kind::Number(Comparison::Lte))?,
            _ => match TimePart::from_name(word) {
                Some(part) => self.turn_into(Kind::Part(part))?,
                None => self.step(word)?,
            },
        }
        Some(())
    }

    /// `all` with `neq` could mean two things, so neither is guessed.
    fn join(&self) -> Option<bool> {
        (!self.negated && self.kind != Kind::Exists).then_some(true)
    }

    fn negate(&self) -> Option<bool> {
        let able = !matches!(self.kind, Kind::Exists | Kind::Number(_));
        (able && !self.all).then_some(true)
    }

    fn is_textual(&self) -> Option<bool> {
        matches!(self.kind, Kind::Text | Kind::Reference).then_some(true)
    }

    fn placeholders(&self) -> Option<bool> {
        let plain = |s: &Step| {
            use Step::{Contains, EndsWith, StartsWith, Windash};
            matches!(s, Contains | StartsWith | EndsWith | Windash)
        };
        let able = matches!(self.kind, Kind::Text | Kind::Network);
        (able && self.steps.iter().all(plain)).then_some(true)
    }

    fn turn_into(&mut self, kind: Kind) -> Option<()> {
        let fresh = self.kind == Kind::Text && self.steps.is_empty();
        let fits = match kind {
            Kind::Number(_) => !self.cased && !self.negated && !self.expand,
            Kind::Reference => !self.expand,
            Kind::Network => !self.cased,
            _ => !self.cased && !self.expand,
        };
        (fresh && fits).then(|| self.kind = kind)
    }

    fn alone(&mut self) -> Option<()> {
        let fresh = !self.all && !self.negated;
        fresh.then_some(())?;
        self.turn_into(Kind::Exists)
    }

    fn flag(&mut self, word: &str) -> Option<()> {
        let Kind::Regex {
            ignore_case,
            multi_line,
            dot_all,
        } = &mut self.kind
        else {
            return None;
        };
        match word {
            "i" | "ignorecase" => *ignore_case = true,
            "m" | "multiline" => *multi_line = true,
            _ => *dot_all = true,
        }
        Some(())
    }

    fn step(&mut self, word: &str) -> Option<()> {
        let step = match word {
            "contains" => Step::Contains,
            "startswith" => Step::StartsWith,
            "endswith" => Step::EndsWith,
            "base64" => Step::Base64,
            "base64offset" => Step::Base64Offset,
            "utf16le" | "wide" => Step::Utf16 {
                big_endian: false,
                marked: false,
            },
            "utf16be" => Step::Utf16 {
                big_endian: true,
                marked: false,
            },
            "utf16" => Step::Utf16 {
                big_endian: false,
                marked: true,
            },
            _ => Step::Windash,
        };
        let affix = matches!(step, Step::Contains | Step::StartsWith | Step::EndsWith);
        let able = self.kind == Kind::Text || self.kind == Kind::Reference && affix;
        able.then(|| self.steps.push(step))
    }
}

impl Kind {
    /// True for what Sigma calls a comparison with a text.
    pub(super) fn is_text(self) -> bool {
        self == Kind::Text
    }
}
