//! `rules match`: which rules match which JSON events, taken as they are.
//!
//! Takes rule files and a file of JSON objects, one a line; gives one JSON line for each rule that
//! matched, each correlation that fired and each rule that was refused. No field is mapped and
//! none derived, no config is read, nothing is stored. For trials, and for holding the rule
//! language against other programs.

mod events;

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::args::{Common, RulesMatch};
use super::{Exit, Streams, files, lang};
use crate::detect::{Correlated, correlate_in_memory};
use crate::diagnostic::{Complaints, Lang, Problem, Severity};
use crate::event::Zone;
use crate::rule::{Correlation, Heading, Meta, Placeholders, RuleSet, Terms};
use crate::yaml;

use events::{Answer, Asked};

/// Does the whole command and says how it ended.
pub(super) fn matches(
    task: &RulesMatch,
    common: &Common,
    streams: &mut Streams<'_>,
) -> io::Result<Exit> {
    let variable = |name: &str| std::env::var(name).ok();
    let lang = lang::choose(common.lang, None, variable, &Zone::tokyo());
    let mut mistakes = Complaints::new();
    let files = rule_files(task, &mut mistakes);
    let terms = Terms {
        placeholders: placeholders(task, &mut mistakes),
        as_written: true,
        lint: None,
        untested: false,
    };
    if streams.complain(&mistakes, lang)? {
        return Ok(Exit::Mistake);
    }
    let named: Vec<(&str, &str)> = files.iter().map(|(n, t)| (&**n, &**t)).collect();
    let mut complaints = Complaints::new();
    let (rules, headings) = RuleSet::read_on(&named, &terms, &mut complaints);
    let asked = Asked {
        rules: &rules,
        source_key: task.logsource_key.as_deref(),
    };
    let answer = match events::read(&task.events, &asked) {
        Ok(answer) => answer,
        Err(error) => {
            streams.complain(&unreadable(task, &error), lang)?;
            return Ok(Exit::Mistake);
        }
    };
    let untold = answer.told(!rules.correlations.is_empty());
    streams.complain(&untold, lang)?;
    let lines = Lines {
        rules: &rules,
        risen: correlate_in_memory(&rules, &answer.matches, &mut |event, field| {
            answer.values(event, field)
        }),
        answer: &answer,
        errors: complaints.sorted(),
        lang,
    };
    let mut refused = false;
    for heading in &headings {
        refused |= lines.write(heading, streams.out)?;
    }
    Ok(match refused || untold.has_errors() {
        true => Exit::Incomplete,
        false => Exit::Done,
    })
}

/// All rule files named, each once, in the order of their paths.
fn rule_files(task: &RulesMatch, mistakes: &mut Complaints) -> Vec<(String, String)> {
    let paths = task.rules.iter();
    let mut files: Vec<(String, String)> = paths
        .flat_map(|path| files::rules(path, None, mistakes))
        .collect();
    files.sort();
    files.dedup_by(|a, b| a.0 == b.0);
    files
}

/// The placeholders of a file: a map from names to a value or a list of values.
fn placeholders(task: &RulesMatch, mistakes: &mut Complaints) -> Placeholders {
    let Some(path) = &task.placeholders else {
        return Placeholders::new();
    };
    let Some(text) = files::text(path, None, mistakes) else {
        return Placeholders::new();
    };
    let documents = yaml::read(&path.to_string_lossy(), &text, mistakes);
    let Some(root) = documents.first() else {
        return Placeholders::new();
    };
    super::config::placeholders_or_none(root, "placeholders", mistakes)
}

fn unreadable(task: &RulesMatch, error: &io::Error) -> Complaints {
    let name = task.events.display();
    let mut complaints = Complaints::new();
    complaints.push(Problem::error(
        format!("{name} cannot be read: {error}"),
        format!("{name} を読めません: {error}"),
    ));
    complaints
}

/// What is known of all rules once the events have been read.
struct Lines<'l> {
    rules: &'l RuleSet,
    risen: Vec<Correlated>,
    answer: &'l Answer,
    errors: Vec<&'l Problem>,
    lang: Lang,
}

impl Lines<'_> {
    /// Writes the lines of one document; true when it was refused.
    fn write(&self, heading: &Heading, out: &mut dyn Write) -> io::Result<bool> {
        let called = heading.called();
        let errors: Vec<String> = self
            .errors
            .iter()
            .filter(|p| p.severity == Severity::Error)
            .filter(|p| p.place.as_ref().is_some_and(|place| heading.holds(place)))
            .map(|p| told(p, self.lang))
            .collect();
        if !errors.is_empty() {
            write_line(out, &json!({"rule": called, "error": errors.join("; ")}))?;
            return Ok(true);
        }
        let stands_here = |meta: &Meta| heading.holds(&meta.place);
        for (at, rule) in self.rules.detections.iter().enumerate() {
            let events = &self.answer.hits[at];
            if rule.reports && !events.is_empty() && stands_here(&rule.meta) {
                write_line(out, &json!({"rule": called, "events": events}))?;
            }
        }
        for risen in &self.risen {
            let rule = &self.rules.correlations[risen.rule];
            if stands_here(&rule.meta) {
                write_line(out, &self.fired(&called, rule, risen))?;
            }
        }
        Ok(false)
    }

    fn fired(&self, called: &str, rule: &Correlation, risen: &Correlated) -> Value {
        let value = |(name, text): &(String, String)| {
            let aliases = rule.aliases.iter().filter(|a| a.name.name() == name);
            let aliased = aliases.flat_map(|a| a.of_rule.iter().map(|(_, field)| field.name()));
            let names: Vec<&str> = aliased.chain([name.as_str()]).collect();
            let written = self.answer.as_written(text, &risen.completed_by, &names);
            (name.clone(), written)
        };
        let group: Map<String, Value> = risen.group.iter().map(value).collect();
        json!({"rule": called, "group": group, "events": risen.completed_by, "at": risen.at})
    }
}

fn told(problem: &Problem, lang: Lang) -> String {
    let place = problem.place.as_ref().map(ToString::to_string);
    let message = problem.message.get(lang);
    format!("{}: {message}", place.unwrap_or_default())
}

fn write_line(out: &mut dyn Write, line: &Value) -> io::Result<()> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")
}
