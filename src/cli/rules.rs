//! `rules`: list, check, test and show the rules.

use std::io;

use super::args::{Common, Rules, RulesPaths, RulesTask};
use super::house;
use super::plan::{Plan, RuleFile, World};
use super::report::metas;
use super::{Exit, Streams, files};
use crate::calendar::Calendars;
use crate::diagnostic::{Complaints, Lang};
use crate::enrich;
use crate::pipeline::{self, TestOutcome};
use crate::register::Registers;
use crate::rule::{RuleSet, describe};
use crate::text::one_line;

/// Does the whole command and says how it ended.
pub(super) fn rules(rules: &Rules, common: &Common, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let mut complaints = Complaints::new();
    let plan = Plan::make(common, None, &World::present(), &mut complaints);
    let set = match &rules.task {
        RulesTask::List(ruling) | RulesTask::Show { ruling, .. } => {
            house::rules(&plan, ruling, &mut complaints)
        }
        RulesTask::Check(paths) | RulesTask::Test(paths) => named(&plan, paths, &mut complaints),
    };
    if let RulesTask::Show { rule, .. } = &rules.task
        && !metas(&set).any(|m| m.is_called(rule))
    {
        complaints.push(set.unknown_rule(rule));
    }
    if streams.complain(&complaints, plan.lang)? {
        return Ok(Exit::Mistake);
    }
    match &rules.task {
        RulesTask::List(_) => list(&set, plan.lang, streams),
        RulesTask::Check(_) => check(&set, plan.lang, streams),
        RulesTask::Test(_) => test(&plan, &set, streams),
        RulesTask::Show { rule, .. } => {
            let text = describe(&set, rule).unwrap_or_default();
            write!(streams.out, "{text}")?;
            Ok(Exit::Done)
        }
    }
}

/// The rules named, or those a scan would use. Rules named alone may refer to those compiled in.
fn named(plan: &Plan, paths: &RulesPaths, complaints: &mut Complaints) -> RuleSet {
    if paths.paths.is_empty() {
        return house::rules(plan, &paths.ruling, complaints);
    }
    let found: Vec<RuleFile> =
        paths.paths.iter().flat_map(|path| files::rules(path, None, complaints)).collect();
    house::read_rules(&found, false, complaints)
}

fn list(set: &RuleSet, lang: Lang, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let mut all: Vec<_> = metas(set).collect();
    all.sort_by(|a, b| b.level.cmp(&a.level).then_with(|| a.name.cmp(&b.name)));
    let widest = all.iter().map(|m| m.name.len()).max().unwrap_or(0);
    for meta in all {
        let level = meta.level.word(lang);
        let (name, title) = (one_line(&meta.name), one_line(&meta.title));
        let clauses = meta.clauses.join(" ");
        writeln!(streams.out, "{level}\t{name:widest$}  {title}  {clauses}")?;
    }
    Ok(Exit::Done)
}

fn check(set: &RuleSet, lang: Lang, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let count = metas(set).count();
    match lang {
        Lang::En => writeln!(streams.out, "{count} rules read, no mistake found")?,
        Lang::Ja => writeln!(streams.out, "ルール {count} 件を読み、誤りはありませんでした")?,
    }
    Ok(Exit::Done)
}

fn test(plan: &Plan, set: &RuleSet, streams: &mut Streams<'_>) -> io::Result<Exit> {
    let calendars = Calendars::assumed(plan.zone.tz());
    let registers = Registers::new(plan.zone);
    let muted = vec![false; set.detections.len()];
    let outcomes = pipeline::run_rule_tests(pipeline::Plan {
        house: enrich::House { calendars: &calendars, registers: &registers },
        rules: set,
        muted: &muted,
        assumed: false,
        site: plan.zone,
        period: (i64::MIN, i64::MAX),
        evidence: 0,
    })?;
    for outcome in &outcomes {
        writeln!(streams.out, "{}", told(outcome, plan.lang))?;
    }
    let failed = outcomes.iter().filter(|o| !o.passed()).count();
    let passed = outcomes.len() - failed;
    match plan.lang {
        Lang::En => writeln!(streams.out, "{passed} passed, {failed} failed")?,
        Lang::Ja => writeln!(streams.out, "合格 {passed} 件、不合格 {failed} 件")?,
    }
    Ok(if failed == 0 { Exit::Done } else { Exit::Mistake })
}

fn told(outcome: &TestOutcome, lang: Lang) -> String {
    let name = format!("{}: {}", one_line(&outcome.rule), one_line(&outcome.test));
    if outcome.passed() {
        return match lang {
            Lang::En => format!("ok      {name}"),
            Lang::Ja => format!("合格    {name}"),
        };
    }
    let ((expected, found), (explained, found_explained)) = (outcome.alerts, outcome.explained);
    let place = &outcome.place;
    match lang {
        Lang::En => format!(
            "FAILED  {name}\n        {place}: expected {expected} alerts and {explained} explained \
             matches, found {found} and {found_explained}"
        ),
        Lang::Ja => format!(
            "不合格  {name}\n        {place}: 期待はアラート {expected} 件・説明済み {explained} 件、\
             実際は {found} 件・{found_explained} 件"
        ),
    }
}
