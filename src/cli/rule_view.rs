//! A rule as people ask about it: found by name, shown in full.
//!
//! Takes checked rules; gives text in the reader's language. Never reads a rule file.

use std::io::{self, Write};

use crate::diagnostic::{Lang, Problem, nearest};
use crate::rule::{Correlation, Meta, RuleSet, Titles, in_words, observe_in_words};
use crate::text::one_line;

/// All rules, ordered by name.
pub(super) fn sorted(rules: &RuleSet) -> Vec<&Meta> {
    let detections = rules.detections.iter().map(|rule| &rule.meta);
    let correlations = rules.correlations.iter().map(|rule| &rule.meta);
    let mut all: Vec<&Meta> = detections.chain(correlations).collect();
    all.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
    all
}

/// The rule of this name or id.
///
/// # Errors
/// A problem that names the nearest rule, when there is none.
pub(super) fn find<'r>(rules: &'r RuleSet, word: &str) -> Result<&'r Meta, Problem> {
    let all = sorted(rules);
    if let Some(meta) = all.iter().find(|meta| meta.name == word || meta.id == word) {
        return Ok(meta);
    }
    let problem = Problem::error(
        format!("there is no rule \"{word}\""),
        format!("ルール「{word}」はありません"),
    );
    Err(
        match nearest(word, all.iter().map(|meta| meta.name.as_str())) {
            Some(meant) => problem.help(format!("write {meant}"), format!("{meant} のことですか")),
            None => problem.help(
                "`yomawari rules list` shows all of them",
                "`yomawari rules list` で一覧を見られます",
            ),
        },
    )
}

/// Writes a rule in full: what it looks for, its words, what to do.
///
/// # Errors
/// What the writer says.
pub(super) fn show(
    out: &mut dyn Write,
    (rules, meta): (&RuleSet, &Meta),
    lang: Lang,
) -> io::Result<()> {
    let titles = Titles::new(lang);
    writeln!(out, "{}", one_line(titles.of(&meta.name, &meta.title)))?;
    let say = meta.say.as_ref().map_or("", |say| say.get(lang));
    let tests = meta.tests.len().to_string();
    let place = meta.place.to_string();
    let parts: [(&str, &str, &str); 12] = [
        ("name", "名前", &meta.name),
        ("id", "ID", &meta.id),
        ("level", "レベル", meta.level.word(lang)),
        ("status", "状態", &meta.status),
        ("stands in", "場所", &place),
        ("author", "作者", meta.author.as_deref().unwrap_or("")),
        ("tags", "タグ", &meta.tags.join(" ")),
        ("clauses", "根拠条項", &meta.clauses.join(" ")),
        ("description", "説明", &meta.description),
        ("sentence", "文", say),
        ("what to do", "対処", meta.respond.get(lang)),
        ("tests", "テスト", &tests),
    ];
    for (en, ja, value) in parts {
        write_part(out, (en, ja), value, lang)?;
    }
    for reason in &meta.falsepositives {
        write_part(out, ("false positive", "誤検知の例"), reason, lang)?;
    }
    let detection = rules.detections.iter().find(|rule| rule.meta.id == meta.id);
    if let Some(observe) = detection.and_then(|rule| rule.observe.as_ref()) {
        let words = observe_in_words(observe);
        write_part(out, ("observes", "見るもの"), words.get(lang), lang)?;
    }
    let mut correlations = rules.correlations.iter();
    match correlations.find(|rule| rule.meta.id == meta.id) {
        Some(correlation) => show_correlation(out, (rules, correlation), lang),
        None => Ok(()),
    }
}

/// Writes what a correlation looks for, and which field an alias stands for in which rule.
fn show_correlation(
    out: &mut dyn Write,
    (rules, correlation): (&RuleSet, &Correlation),
    lang: Lang,
) -> io::Result<()> {
    let words = in_words(rules, correlation);
    write_part(out, ("correlation", "見るもの"), words.get(lang), lang)?;
    for alias in &correlation.aliases {
        let of_rule = alias
            .of_rule
            .iter()
            .map(|(rule, field)| format!("{} ({})", field.name(), rules.meta(*rule).name));
        let fields: Vec<String> = of_rule.collect();
        let told = format!("{} = {}", alias.name.name(), fields.join(", "));
        write_part(out, ("alias", "別名"), &told, lang)?;
    }
    if !correlation.reports {
        let silent = match lang {
            Lang::En => "reports nothing on its own; another correlation counts it",
            Lang::Ja => "単独では報告せず、別の correlation が数えます",
        };
        write_part(out, ("note", "注意"), silent, lang)?;
    }
    Ok(())
}

/// Writes a heading and its text, further lines indented; nothing where there is no text.
fn write_part(out: &mut dyn Write, names: (&str, &str), text: &str, lang: Lang) -> io::Result<()> {
    let name = match lang {
        Lang::En => names.0,
        Lang::Ja => names.1,
    };
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    if let Some(first) = lines.next() {
        writeln!(out, "  {name}: {}", one_line(first))?;
    }
    lines.try_for_each(|line| writeln!(out, "    {}", one_line(line)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Level;
    use crate::diagnostic::{Place, Text};
    use crate::rule::{Comparison, Measure, Number};

    fn meta(name: &str, level: Level) -> Meta {
        Meta {
            id: format!("id-of-{name}"),
            name: name.to_owned(),
            title: format!("The title of {name}"),
            level,
            status: "stable".to_owned(),
            description: "First line.\n\nSecond line.".to_owned(),
            tags: vec!["attack.t1078".to_owned()],
            author: None,
            falsepositives: vec!["staff called in".to_owned()],
            clauses: Vec::new(),
            say: Some(Text::new("Account {user.account}", "ID {user.account}")),
            respond: Text::new("Ask the ward.", "部署に確認する。"),
            place: place(1),
            tests: Vec::new(),
        }
    }

    fn place(line: u32) -> Place {
        Place {
            file: "a.yml".into(),
            line,
            column: 1,
        }
    }

    fn rules() -> RuleSet {
        let correlation = |meta| Correlation {
            meta,
            measure: Measure::EventCount,
            rules: Vec::new(),
            steps: Vec::new(),
            group_by: Vec::new(),
            aliases: Vec::new(),
            timespan: 60_000_000_000,
            as_of: None,
            condition: vec![(Comparison::Gte, Number::from(5))],
            expression: None,
            reports: true,
            feeds: false,
        };
        let mut set = RuleSet::default();
        for (name, level) in [("zz", Level::Critical), ("failed-login-burst", Level::Low)] {
            set.correlations.push(correlation(meta(name, level)));
        }
        set
    }

    fn text(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_rule_is_found_by_name_or_id_and_shown() {
        let rules = rules();
        assert_eq!(find(&rules, "id-of-zz").unwrap().name, "zz");
        let shown = text(|out| show(out, (&rules, find(&rules, "zz").unwrap()), Lang::Ja));
        crate::cli::tests_support::holds("rule-ja", &shown);
        let problem = find(&rules, "failed-login-brust").unwrap_err();
        assert_eq!(problem.help.unwrap().en, "write failed-login-burst");
    }
}
