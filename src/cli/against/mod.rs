//! `rules test --against`: what some rules would have done on some logs.
//!
//! Takes the arguments; gives a [`Trial`] of each rule on stdout, the account of what was read on
//! stderr, and an exit status. The logs are read once; other thresholds are tried on the same facts,
//! so that their numbers are exact.

mod ladder;
mod tally;

use std::io;
use std::sync::atomic::Ordering;

use tally::Days;

use super::args::{Common, ListFormat, RulesTest};
use super::house::{self, House};
use super::plan::{Bounds, Plan, World};
use super::reach::{self, Giver};
use super::scan::{add_early_complaints, interrupted, limits, start_progress, store_failed, tasks};
use super::{Exit, Streams, files, report, rules};
use crate::detect::{Draft, RuleIndex};
use crate::diagnostic::{Complaints, Problem, Text};
use crate::enrich;
use crate::input;
use crate::pipeline::{self, Gathered, Task, Watch};
use crate::rule::{Meta, RuleSet};
use crate::sink::Reader;
use crate::sink::trial::{self, Counted, Rung, Spread, Trial};

/// Does the whole command and says how it ended.
pub(super) fn against(
    task: &RulesTest,
    logs: &[String],
    common: &Common,
    streams: &mut Streams<'_>,
) -> io::Result<Exit> {
    let mut complaints = Complaints::new();
    let world = World::present();
    let plan = Plan::make(common, task.reading.timezone, &world, &mut complaints);
    let bounds = plan.bounds(&task.reading, &world, &mut complaints);
    let paths = plan.paths(logs, &mut complaints);
    let rules = tried(task, &plan, &mut complaints);
    let mut house = House::with(rules, &plan, &mut complaints);
    let found = input::find(&paths);
    files::spare_inputs(
        &[task.reading.ledger.as_ref()],
        &found.inputs,
        &mut complaints,
    );
    let tasks = tasks(&plan, &task.reading, &bounds, &found.inputs);
    add_early_complaints(&tasks, &mut complaints);
    if streams.complain(&complaints, plan.lang)? {
        return Ok(Exit::Mistake);
    }
    let silent = house.silent();
    let watch = Watch::default();
    super::stop_on_interrupt(&watch);
    let bench = Bench {
        plan: &plan,
        bounds: &bounds,
        watch: &watch,
    };
    let progress = start_progress(&task.reading, common, (&found.inputs, &watch), plan.lang);
    let gathered = bench.gather(&house, tasks);
    drop(progress);
    let mut gathered = match gathered {
        Ok(gathered) => gathered,
        Err(problem) => return streams.failed(&problem, plan.lang),
    };
    if streams.complain(&report::settings_complaints(&gathered.inputs), plan.lang)? {
        return Ok(Exit::Mistake);
    }
    let asked = |meta: &Meta| rules::is_asked(&task.rules, &meta.place);
    let trials = match bench.trials(&mut house, &mut gathered, &silent, &asked) {
        Ok(trials) => trials,
        Err(problem) => return streams.failed(&problem, plan.lang),
    };
    write(&trials, task, &plan, streams)?;
    let read = report::of_inputs(&plan, &gathered.inputs);
    let reader = reader(&plan);
    streams.ledger(&read, &reader, common, task.reading.ledger.as_deref())?;
    let unreadable = streams.unreadable(&found.unreadable, plan.lang)?;
    let incomplete = unreadable || report::is_incomplete(&plan, &read);
    Ok(match incomplete {
        true => Exit::Incomplete,
        false => Exit::Done,
    })
}

fn reader(plan: &Plan) -> Reader {
    Reader {
        lang: plan.lang,
        zone: plan.zone,
    }
}

fn write(
    trials: &[Trial],
    task: &RulesTest,
    plan: &Plan,
    streams: &mut Streams<'_>,
) -> io::Result<()> {
    let (format, reader) = (task.output_format.unwrap_or_default(), reader(plan));
    let width = streams.screen(streams.out_is_terminal).width;
    for (at, told) in trials.iter().enumerate() {
        match format {
            ListFormat::Json => trial::write_json(streams.out, told)?,
            ListFormat::Table => {
                if at > 0 {
                    writeln!(streams.out)?;
                }
                streams
                    .out
                    .write_all(trial::text(told, &reader, width).as_bytes())?;
            }
        }
    }
    Ok(())
}

/// The rules asked about, with the house's own thresholds, and those they refer to.
fn tried(task: &RulesTest, plan: &Plan, complaints: &mut Complaints) -> RuleSet {
    let terms = house::terms(plan);
    let mut rules = rules::named((plan, &terms), &task.rules, house::rules_on, complaints);
    if task.rules.paths.is_empty() {
        return rules;
    }
    for (name, threshold, place) in &plan.config.rules.thresholds {
        // The config speaks of all rules of a scan, of which only some are tried here.
        if report::metas(&rules).any(|meta| meta.is_called(name)) {
            rules.set_threshold(name, *threshold, place, complaints);
        }
    }
    let others: Vec<(String, _)> = report::metas(&rules)
        .filter(|meta| !rules::is_asked(&task.rules, &meta.place))
        .map(|meta| (meta.name.clone(), meta.place.clone()))
        .collect();
    let others: Vec<_> = others.iter().map(|(name, at)| (&**name, at)).collect();
    // What a rule that stays counts goes on to feed it, which is what is wanted here and nothing to
    // complain about.
    rules.disable(&others, &mut Complaints::new());
    rules
}

/// What does not change from threshold to threshold.
#[derive(Clone, Copy)]
struct Bench<'b> {
    plan: &'b Plan,
    bounds: &'b Bounds,
    watch: &'b Watch,
}

impl<'b> Bench<'b> {
    fn run_plan<'p>(self, house: &'p House) -> pipeline::Plan<'p>
    where
        'b: 'p,
    {
        let Bounds { since, until, .. } = *self.bounds;
        pipeline::Plan {
            house: enrich::House {
                calendars: &house.calendars,
                registers: &house.registers,
            },
            rules: &house.rules,
            assumed: self.plan.calendar.is_none(),
            site: self.plan.zone,
            period: (since.unwrap_or(i64::MIN), until.unwrap_or(i64::MAX)),
            evidence: 0,
        }
    }

    /// Reads the logs, unless somebody interrupts.
    fn gather(self, house: &House, tasks: Vec<Task>) -> Result<Gathered, Problem> {
        let limits = limits(self.bounds);
        let gathered = pipeline::gather(self.run_plan(house), tasks, limits, self.watch);
        self.unless_stopped(gathered)
    }

    /// The drafts of all rules as they are now.
    fn judge(self, house: &House, gathered: &mut Gathered) -> Result<Vec<Draft>, Problem> {
        self.unless_stopped(gathered.judge(self.run_plan(house)))
    }

    fn unless_stopped<T>(self, made: io::Result<T>) -> Result<T, Problem> {
        match self.watch.stop.load(Ordering::Relaxed) {
            true => Err(interrupted()),
            false => made.map_err(|error| store_failed(&error)),
        }
    }

    /// The trials of the rules asked about, in the order of their names.
    fn trials(
        self,
        house: &mut House,
        gathered: &mut Gathered,
        silent: &[Option<Text>],
        asked: &dyn Fn(&Meta) -> bool,
    ) -> Result<Vec<Trial>, Problem> {
        let drafts = self.judge(house, gathered)?;
        let covered = self.unless_stopped(tally::covered(self.run_plan(house), gathered))?;
        let givers = reach::of_inputs(&gathered.inputs);
        let mut trials = Vec::new();
        for rule in reach::all(&house.rules) {
            if !asked(reach::meta(&house.rules, rule)) {
                continue;
            }
            let plan = self.run_plan(house);
            let mut trial = begun(plan.rules, rule, (gathered, silent), &givers);
            let filled = tally::fill(&mut trial, (plan, rule), &covered, (gathered, &drafts));
            self.unless_stopped(filled)?;
            trials.push((trial, rule));
        }
        // The thresholds come last: they leave the rules for a while.
        for (trial, rule) in &mut trials {
            if let RuleIndex::Correlation(at) = *rule {
                trial.rungs = self.rungs(house, (gathered, &covered), at)?;
            }
        }
        let mut trials: Vec<Trial> = trials.into_iter().map(|(trial, _)| trial).collect();
        trials.sort_by(|a, b| (&a.name, &a.id).cmp(&(&b.name, &b.id)));
        Ok(trials)
    }

    /// What a correlation finds with other thresholds; nothing where it has no single one.
    fn rungs(
        self,
        house: &mut House,
        (gathered, covered): (&mut Gathered, &Days),
        at: usize,
    ) -> Result<Vec<Rung>, Problem> {
        let Some(present) = house.rules.threshold(at) else {
            return Ok(Vec::new());
        };
        let name = house.rules.correlations[at].meta.id.clone();
        let place = house.rules.correlations[at].meta.place.clone();
        let mut rungs = Vec::new();
        for threshold in ladder::around(present) {
            let mut refused = Complaints::new();
            house
                .rules
                .set_threshold(&name, threshold, &place, &mut refused);
            let drafts = self.judge(house, gathered)?;
            let rule = RuleIndex::Correlation(at);
            let days = tally::days(self.run_plan(house), rule, covered, &drafts);
            let spread = Spread::of(&days);
            rungs.push(Rung {
                threshold,
                is_present: threshold == present,
                spread,
            });
            // What never holds at one threshold holds at none above it.
            if spread.total == 0 && threshold >= present {
                break;
            }
        }
        let mut refused = Complaints::new();
        house
            .rules
            .set_threshold(&name, present, &place, &mut refused);
        Ok(rungs)
    }
}

/// A trial with what is known of the rule before anything is counted.
fn begun(
    rules: &RuleSet,
    rule: RuleIndex,
    (gathered, silent): (&Gathered, &[Option<Text>]),
    givers: &[Giver],
) -> Trial {
    let meta = reach::meta(rules, rule);
    let leaves = reach::leaves(rules, rule);
    let counts = || leaves.iter().map(|at| &gathered.counts[*at]);
    let reach = reach::of(rules, rule, givers);
    let lacking: Option<Vec<&Text>> = leaves.iter().map(|at| silent[*at].as_ref()).collect();
    let lacking = lacking.and_then(|all| all.first().map(|why| (*why).clone()));
    Trial {
        id: meta.id.clone(),
        name: meta.name.clone(),
        title: meta.title.clone(),
        level: meta.level,
        counted: match reach::reports(rules, rule) {
            true => Counted::Alerts,
            false => Counted::Matches,
        },
        days: Vec::new(),
        matches: counts().map(|count| count.matches).sum(),
        explained: counts().map(|count| count.explained).sum(),
        quiet: counts()
            .map(|count| count.quiet.values().sum::<u64>())
            .sum(),
        fields: reach::key_fields(rules, rule),
        keys: Vec::new(),
        keys_total: 0,
        rungs: Vec::new(),
        silent: lacking.or_else(|| reach.never.clone()),
        cannot_fire: reach.lacking,
    }
}
