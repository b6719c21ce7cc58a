//! What the user got wrong, said so that it can be mended.
//!
//! Takes a mistake in a command, config, calendar, register or rule; gives file:line:column, the
//! text found, what was expected and the nearest right form, in Japanese and English.
//! Never prints, and never stops at the first mistake: complaints are collected.

use std::fmt::Write as _;
use std::sync::Arc;

/// The language messages are shown in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// Japanese, the default of a house in Japan.
    #[default]
    Ja,
    /// English.
    En,
}

/// One message in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct Text {
    /// English: lower case, no full stop.
    pub en: String,
    /// Japanese, without a closing 。.
    pub ja: String,
}

impl Text {
    /// A message from its English and its Japanese form.
    pub fn new(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Text {
            en: en.into(),
            ja: ja.into(),
        }
    }

    /// The form of this language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ja => &self.ja,
            Lang::En => &self.en,
        }
    }
}

/// A place in a file the user wrote. Lines and columns count from 1; columns count characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file as the user named it.
    pub file: Arc<str>,
    /// Line, from 1; 0 when the whole file is meant.
    pub line: u32,
    /// Column in characters, from 1; 0 when the whole line is meant.
    pub column: u32,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.line, self.column) {
            (0, _) => write!(f, "{}", self.file),
            (line, 0) => write!(f, "{}:{line}", self.file),
            (line, column) => write!(f, "{}:{line}:{column}", self.file),
        }
    }
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing runs until it is mended (exit status 2).
    Error,
    /// The run goes on; the user should look.
    Warning,
}

/// One complaint about something the user wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Error or warning.
    pub severity: Severity,
    /// Where; `None` for the command line itself.
    pub place: Option<Place>,
    /// What was found and what was expected.
    pub message: Text,
    /// The text found, bounded by the caller's file, shown as it stands.
    pub snippet: Option<String>,
    /// What to do, usually the nearest right form.
    pub help: Option<Text>,
}

impl Problem {
    /// An error without a place yet.
    pub fn error(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Problem {
            severity: Severity::Error,
            place: None,
            message: Text::new(en, ja),
            snippet: None,
            help: None,
        }
    }

    /// A warning without a place yet.
    pub fn warning(en: impl Into<String>, ja: impl Into<String>) -> Self {
        Problem {
            severity: Severity::Warning,
            ..Problem::error(en, ja)
        }
    }

    /// The same problem, found at `place`.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The same problem, with the text found.
    #[must_use]
    pub fn found(mut self, snippet: impl Into<String>) -> Self {
        self.snippet = Some(snippet.into());
        self
    }

    /// The same problem, with what to do about it.
    #[must_use]
    pub fn help(mut self, en: impl Into<String>, ja: impl Into<String>) -> Self {
        self.help = Some(Text::new(en, ja));
        self
    }

    /// The problem as text of a few lines, without colour: place and message, text found, help.
    pub fn render(&self, lang: Lang) -> String {
        let mut out = String::new();
        if let Some(place) = &self.place {
            let _ = write!(out, "{place}: ");
        }
        let word = match (self.severity, lang) {
            (Severity::Error, Lang::En) => "error",
            (Severity::Error, Lang::Ja) => "誤り",
            (Severity::Warning, Lang::En) => "warning",
            (Severity::Warning, Lang::Ja) => "注意",
        };
        let _ = write!(out, "{word}: {}", self.message.get(lang));
        if let Some(snippet) = &self.snippet {
            let shown: String = snippet
                .chars()
                .filter(|c| !c.is_control())
                .take(120)
                .collect();
            let _ = write!(out, "\n    | {shown}");
        }
        if let Some(help) = &self.help {
            let lead = match lang {
                Lang::En => "help",
                Lang::Ja => "対処",
            };
            let _ = write!(out, "\n    {lead}: {}", help.get(lang));
        }
        out
    }
}

/// Complaints collected on the way; all of them are shown, in the order of their places.
#[derive(Clone, Debug, Default)]
pub struct Complaints {
    problems: Vec<Problem>,
}

impl Complaints {
    /// Nothing to complain about yet.
    pub fn new() -> Self {
        Complaints::default()
    }

    /// Adds one complaint.
    pub fn push(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    /// Adds all complaints of another collection.
    pub fn extend(&mut self, other: Complaints) {
        self.problems.extend(other.problems);
    }

    /// True when at least one of them is an error.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(|p| p.severity == Severity::Error)
    }

    /// True when there is none at all.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// The complaints in the order of file, line and column; those without a place come first.
    pub fn sorted(&self) -> Vec<&Problem> {
        let mut all: Vec<&Problem> = self.problems.iter().collect();
        all.sort_by(|a, b| a.place.cmp(&b.place));
        all
    }
}

/// The candidate nearest to `word` by edit distance, if any is near enough to be a likely slip.
pub fn nearest<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let allowed = (word.chars().count() / 3).max(1) + 1;
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(word, c), c))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, c)| c)
}
