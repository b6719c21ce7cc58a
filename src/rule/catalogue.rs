//! The catalogue of rules, `rules/README.md`.
//!
//! Takes a rule set; gives Markdown. A test holds the checked-in file against it.

use std::fmt::Write as _;

use crate::diagnostic::{Lang, Text};

use super::in_words::{in_words, length};
use super::{
    Correlation, Detection, Explanation, FieldRef, Meta, RuleSet, Within, observe_in_words,
};

/// The catalogue of a rule set, in Markdown.
pub fn catalogue(rules: &RuleSet) -> String {
    let mut out = String::from(
        "# Rules\n\n\
         Generated from the files in this folder; a test says when it is stale. Each rule is Sigma \
         YAML; what Sigma has no word for stands under `yomawari:`.\n\n\
         | rule | level | finds | clauses |\n| --- | --- | --- | --- |\n",
    );
    let alone = rules.detections.iter().filter(|d| d.reports);
    let reporting = alone.map(|d| &d.meta).chain(
        rules
            .correlations
            .iter()
            .filter(|c| c.reports)
            .map(|c| &c.meta),
    );
    let mut metas: Vec<&Meta> = reporting.collect();
    metas.sort_by(|a, b| a.name.cmp(&b.name));
    for meta in metas {
        let (name, level) = (&meta.name, meta.level.name());
        let (title, clauses) = (cell(&meta.title), meta.clauses.join(", "));
        let _ = writeln!(out, "| [{name}](#{name}) | {level} | {title} | {clauses} |");
    }
    let mut sections: Vec<(&str, String)> = rules
        .detections
        .iter()
        .map(|d| (d.meta.name.as_str(), detection(d)))
        .chain(
            rules
                .correlations
                .iter()
                .map(|c| (c.meta.name.as_str(), correlation(c, rules))),
        )
        .collect();
    sections.sort();
    for (_, section) in sections {
        out.push_str(&section);
    }
    out
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

fn heading(meta: &Meta) -> String {
    let mut out = format!("\n## {}\n\n{}.", meta.name, meta.title);
    if !meta.description.is_empty() {
        let _ = write!(out, " {}", meta.description.replace('\n', " "));
    }
    let status = if meta.status.is_empty() {
        "not stated"
    } else {
        &meta.status
    };
    let _ = write!(
        out,
        "\n\n- Level: {} ({}); status: {status}; file: `{}`; id: `{}`\n",
        meta.level.name(),
        meta.level.word(Lang::Ja),
        meta.place.file,
        meta.id
    );
    out
}

fn closing(meta: &Meta, out: &mut String) {
    let mut pair = |lead: &str, text: &Text| {
        if *text != Text::default() {
            let _ = write!(out, "- {lead}: {}\n- {lead} (ja): {}\n", text.en, text.ja);
        }
    };
    if let Some(say) = &meta.say {
        pair("Says", say);
    }
    pair("Respond", &meta.respond);
    if !meta.falsepositives.is_empty() {
        let _ = writeln!(out, "- False positives: {}", meta.falsepositives.join("; "));
    }
    if !meta.tests.is_empty() {
        let names: Vec<&str> = meta.tests.iter().map(|t| t.name.as_str()).collect();
        let _ = writeln!(out, "- Tests: {}", names.join("; "));
    }
}

fn detection(detection: &Detection) -> String {
    let mut out = heading(&detection.meta);
    if !detection.reports {
        out.push_str("- Reports nothing on its own; correlations count it\n");
    }
    if let Some(observe) = &detection.observe {
        let words = observe_in_words(observe);
        let _ = write!(
            out,
            "- Observes: {}\n- Observes (ja): {}\n",
            words.en, words.ja
        );
    }
    if let Some(fold) = &detection.fold {
        let within = match fold.within {
            Within::ClosedSpan => "closed stretch".to_owned(),
            Within::Day => "day".to_owned(),
            Within::Gap(gap) => format!("run of matches less than {} apart", length(gap).en),
        };
        let _ = writeln!(out, "- One alert per {} and {within}", names(&fold.by));
    }
    if !detection.explained_by.is_empty() {
        let words = detection.explained_by.iter().map(|e| match e {
            Explanation::Roster => "roster",
            Explanation::Declaration => "declaration",
        });
        let words: Vec<&str> = words.collect();
        let _ = writeln!(out, "- Explained by: {}", words.join(", "));
    }
    if let Some(assumed) = &detection.when_assumed {
        let (level, band) = (assumed.level.name(), &assumed.only_band);
        let _ = writeln!(out, "- While hours are assumed: {level}, only `{band}`");
    }
    if !detection.requires.is_empty() {
        let needs: Vec<Text> = detection.requires.iter().map(|r| r.what()).collect();
        let en: Vec<&str> = needs.iter().map(|n| n.en.as_str()).collect();
        let ja: Vec<&str> = needs.iter().map(|n| n.ja.as_str()).collect();
        let _ = writeln!(out, "- Needs: {}", en.join("; "));
        let _ = writeln!(out, "- Needs (ja): {}", ja.join("、"));
    }
    let fields: Vec<&str> = detection.needs.iter().map(|f| f.name()).collect();
    let _ = writeln!(out, "- Reads: {}", fields.join(", "));
    closing(&detection.meta, &mut out);
    out
}

fn correlation(correlation: &Correlation, rules: &RuleSet) -> String {
    let mut out = heading(&correlation.meta);
    if !correlation.reports {
        out.push_str("- Reports nothing on its own; correlations count it\n");
    }
    let _ = writeln!(out, "- {}", in_words(rules, correlation).en);
    for alias in &correlation.aliases {
        let of_rule = alias.of_rule.iter();
        let fields = of_rule.map(|(rule, f)| format!("{} of {}", f.name(), rules.meta(*rule).name));
        let fields: Vec<String> = fields.collect();
        let _ = writeln!(out, "- {} is {}", alias.name.name(), fields.join(", "));
    }
    closing(&correlation.meta, &mut out);
    out
}

fn names(fields: &[FieldRef]) -> String {
    match fields {
        [] => "site".to_owned(),
        _ => fields
            .iter()
            .map(FieldRef::name)
            .collect::<Vec<_>>()
            .join(" + "),
    }
}
