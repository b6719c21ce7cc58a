//! The part of the ledger that tells what the rules said, and what their silence is a statement
//! about.
//!
//! Takes the rules' counts; adds lines to the page. Never tells of a single input.

use std::collections::BTreeMap;

use crate::diagnostic::Lang;
use crate::event::InputAccount;
use crate::sink::when::span;

use super::text::{Page, number};
use super::{Detail, RuleReport, RunReport};

impl Page<'_> {
    pub(super) fn rules(&mut self, rules: &[RuleReport], detail: Detail) {
        let usual = detail == Detail::Usual;
        let (idle, shown): (Vec<&RuleReport>, Vec<_>) =
            rules.iter().partition(|rule| usual && is_idle(rule));
        for rule in shown {
            self.rule(rule);
        }
        if !idle.is_empty() {
            let count = idle.len() as u64;
            let line = self.say(
                format!("{} without an alert", counted(count, "rule", "rules")),
                format!("アラートのなかったルール {}件", number(count)),
            );
            self.line(0, &line);
        }
        self.learning(rules);
        self.gaps_of_rules(rules);
    }

    /// The rules that could not judge all they saw for want of history.
    fn learning(&mut self, rules: &[RuleReport]) {
        let learning = rules
            .iter()
            .filter_map(|rule| Some((&rule.name, rule.learning?)));
        let told = learning.map(|(name, (young, all))| {
            let (young, all) = (number(young), number(all));
            self.say(
                format!("{name} ({young} of {all} keys)"),
                format!("{name}（{all}件中{young}件）"),
            )
        });
        let told: Vec<String> = told.collect();
        if told.is_empty() {
            return;
        }
        let line = self.say(
            format!("still learning, for want of history: {}", told.join(", ")),
            format!(
                "記録の期間が足りず、まだ判定できない対象: {}",
                told.join("、")
            ),
        );
        self.line(0, &line);
    }

    /// For each source the rules that can never fire on it, under the fields they lack.
    fn gaps_of_rules(&mut self, rules: &[RuleReport]) {
        let mut by_source: BTreeMap<&str, BTreeMap<&[String], Vec<&str>>> = BTreeMap::new();
        for rule in rules {
            for (source, fields) in &rule.cannot_fire {
                let lacking = by_source.entry(source).or_default();
                lacking.entry(fields).or_default().push(&rule.name);
            }
        }
        for (source, lacking) in by_source {
            let groups = lacking
                .iter()
                .map(|(fields, rules)| match self.reader.lang {
                    Lang::En => format!("no {}: {}", fields.join(", "), rules.join(", ")),
                    Lang::Ja => format!("{} がない: {}", fields.join("・"), rules.join("、")),
                });
            let list = groups.collect::<Vec<_>>().join("; ");
            let line = self.say(
                format!("rules that cannot fire on {source}: {list}"),
                format!("{source} では働かないルール: {list}"),
            );
            self.line(0, &line);
        }
    }

    fn rule(&mut self, rule: &RuleReport) {
        let (name, level) = (&rule.name, rule.level.word(self.reader.lang));
        if let Some(silent) = &rule.silent {
            let line = self.say(
                format!("rule {name} ({level}) could not speak: {}", silent.en),
                format!("ルール {name}（{level}）は働けません: {}", silent.ja),
            );
            self.line(0, &line);
        } else {
            self.rule_counts(rule);
        }
    }

    fn rule_counts(&mut self, rule: &RuleReport) {
        let (name, level) = (&rule.name, rule.level.word(self.reader.lang));
        let (matches, alerts) = (number(rule.matches), number(rule.alerts));
        let mut line = self.say(
            format!(
                "rule {name} ({level}): {}, {}",
                counted(rule.matches, "match", "matches"),
                counted(rule.alerts, "alert", "alerts")
            ),
            format!("ルール {name}（{level}）: 一致 {matches}件、アラート {alerts}件"),
        );
        if rule.explained > 0 {
            let n = number(rule.explained);
            line += &self.say(
                format!(", {n} explained by a roster or a declaration"),
                format!("、勤務表・届出で説明できる一致 {n}件"),
            );
        }
        if rule.quiet > 0 {
            let n = number(rule.quiet);
            line += &self.say(
                format!(", {n} only counted while the business hours are assumed"),
                format!("、営業時間が仮定のため数えただけの一致 {n}件"),
            );
        }
        self.line(0, &line);
    }

    /// The last line: what the number of alerts is a statement about.
    pub(super) fn examined(&mut self, report: &RunReport) {
        let sum = |of: fn(&InputAccount) -> u64| {
            number(report.inputs.iter().map(|input| of(&input.account)).sum())
        };
        let (records, events) = (sum(|a| a.records), sum(|a| a.events));
        let spans = || report.inputs.iter().filter_map(|input| input.account.span);
        let when = match (spans().map(|s| s.0).min(), spans().map(|s| s.1).max()) {
            (Some(first), Some(last)) => format!(", {}", span(first, last, self.reader)),
            _ => String::new(),
        };
        let inputs = number(report.inputs.len() as u64);
        let judged = self.judged(&report.rules);
        let (version, tzdb) = (&report.version, &report.tzdb);
        let line = self.say(
            format!("examined: inputs {inputs}, records {records}, events {events}{when}{judged} (yomawari {version}, time zones {tzdb})"),
            format!("調べたもの: 入力 {inputs}件、記録 {records}件、イベント {events}件{}{judged}（夜回り {version}、時刻帯データ {tzdb}）", when.replacen(", ", "、", 1)),
        );
        self.line(0, &line);
    }

    /// How many rules were asked and spoke; nothing when events were only read.
    fn judged(&self, rules: &[RuleReport]) -> String {
        if rules.is_empty() {
            return String::new();
        }
        let alerts = number(rules.iter().map(|rule| rule.alerts).sum());
        let rules = number(rules.len() as u64);
        self.say(
            format!("; rules {rules}; alerts {alerts}"),
            format!("、ルール {rules}件。アラート {alerts}件"),
        )
    }
}

/// True when a rule has nothing to tell a person every morning: it looked and gave no alert.
fn is_idle(rule: &RuleReport) -> bool {
    rule.alerts == 0 && rule.explained == 0 && rule.quiet == 0 && rule.silent.is_none()
}

/// A number and the English word for what is counted.
fn counted(n: u64, one: &str, several: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { several })
}
