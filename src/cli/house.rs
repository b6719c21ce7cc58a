//! Asks the rooms that understand them about the texts a plan has read: calendar, registers, rules.
//!
//! Takes a [`Plan`](super::plan::Plan); gives the house and its rules, with all complaints
//! collected. Nothing runs while one of them is an error.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;

use super::args::Ruling;
use super::config::GeoIp;
use super::files;
use super::plan::{Plan, RegisterBytes, RegisterKind, RuleFile};
use super::remember::HORIZON;
use crate::calendar::Calendars;
use crate::diagnostic::{Complaints, Problem, Text};
use crate::register::{RegisterFile, Registers};
use crate::rule::{Lint, Requirement, RuleIndex, RuleSet, Terms};

/// Everything a run judges by.
pub struct House {
    /// Business hours and rosters.
    pub calendars: Calendars,
    /// Registers.
    pub registers: Registers,
    /// Rules.
    pub rules: RuleSet,
}

impl House {
    /// Reads everything a plan names.
    pub fn read(plan: &Plan, ruling: &Ruling, complaints: &mut Complaints) -> House {
        let untested = Terms {
            untested: true,
            ..terms(plan)
        };
        let rules = rules_on(&untested, plan, ruling, complaints);
        House::with(rules, plan, complaints)
    }

    /// The same with rules that were read already.
    pub fn with(rules: RuleSet, plan: &Plan, complaints: &mut Complaints) -> House {
        let mut house = House {
            calendars: calendars(plan, complaints),
            registers: registers(plan, complaints),
            rules,
        };
        let silent = house.silent();
        house.rules.silence(silent.iter().map(Option::is_some));
        house
    }

    /// Why a detection cannot speak in this house, by index; `None` when it can.
    pub fn silent(&self) -> Vec<Option<Text>> {
        let lacking = |requires: &[Requirement]| {
            let missing = requires.iter().find(|r| !self.has(r));
            missing.map(Requirement::missing)
        };
        let detections = self.rules.detections.iter();
        detections.map(|d| lacking(&d.requires)).collect()
    }

    /// Why a rule cannot speak, by its id: a detection that lacks what it needs, and a correlation
    /// none of whose rules can speak. `silent` is that of the detections.
    pub fn silent_rules<'h>(&'h self, silent: &[Option<Text>]) -> BTreeMap<&'h str, Text> {
        let detections = self.rules.detections.iter().zip(silent);
        let alone = detections.filter_map(|(d, why)| Some((d.meta.id.as_str(), why.clone()?)));
        let counting = self.rules.correlations.iter().enumerate();
        let counting = counting.filter_map(|(at, c)| {
            let why = silent_correlation(&self.rules, at, silent)?;
            Some((c.meta.id.as_str(), why))
        });
        alone.chain(counting).collect()
    }

    /// True when the house has what a rule needs.
    fn has(&self, requirement: &Requirement) -> bool {
        let registers = &self.registers;
        match requirement {
            Requirement::Devices => registers.has_devices(),
            Requirement::Staff => registers.has_staff(),
            Requirement::Accounts => registers.has_accounts(),
            Requirement::People => registers.has_staff() || registers.has_accounts(),
            Requirement::Patients => registers.has_patients(),
            Requirement::StaffPatients => registers.has_staff_patients(),
            Requirement::Restricted => registers.has_restricted(),
            Requirement::Deceased => registers.has_deceased(),
            Requirement::Discharged => registers.has_discharged(),
            Requirement::Households => registers.has_households(),
            Requirement::Passwords => registers.has_password_days(),
            Requirement::Declarations => registers.has_declarations(),
            Requirement::Networks => registers.has_networks(),
            Requirement::Network(name) => registers.has_network(name),
            Requirement::Geoip => registers.has_countries(),
            Requirement::Calendar => !self.calendars.is_assumed(),
            Requirement::Roster => self.calendars.has_rosters(),
            Requirement::Expected => !registers.expectations().is_empty(),
        }
    }
}

/// Why a correlation cannot speak: none of the rules it counts can, or one it cannot do without.
/// `silent` is that of the detections.
pub(super) fn silent_correlation(
    rules: &RuleSet,
    at: usize,
    silent: &[Option<Text>],
) -> Option<Text> {
    let rule = &rules.correlations[at];
    let whys: Vec<Option<Text>> = rule
        .rules
        .iter()
        .map(|counted| match *counted {
            RuleIndex::Detection(at) => silent[at].clone(),
            RuleIndex::Correlation(at) => silent_correlation(rules, at, silent),
        })
        .collect();
    let why_any = |places: &[usize]| places.iter().find_map(|at| whys[*at].clone());
    let all: Vec<usize> = (0..whys.len()).collect();
    let why = match &rule.expression {
        Some(worded) => {
            let each = worded.alternatives.iter().map(|way| why_any(&way.needs));
            each.collect::<Option<Vec<Text>>>()
        }
        None if rule.measure.is_temporal() && rule.condition.is_empty() => {
            why_any(&all).map(|why| vec![why])
        }
        None => whys.iter().cloned().collect(),
    };
    why?.into_iter().next()
}

/// The calendars of a plan; the assumed ones without a file.
pub fn calendars(plan: &Plan, complaints: &mut Complaints) -> Calendars {
    let assumed = || Calendars::assumed(plan.zone.tz());
    match &plan.calendar {
        None => assumed(),
        Some((node, folder)) => {
            let load = |name: &str| fs::read(folder.join(name));
            Calendars::read_in(plan.zone.tz(), node, &load, complaints).unwrap_or_else(assumed)
        }
    }
}

fn registers(plan: &Plan, complaints: &mut Complaints) -> Registers {
    let mut registers = Registers::new(plan.zone);
    let read = RegisterBytes::read(&plan.config.registers, complaints);
    for (kind, name, bytes) in &read.files {
        let file = RegisterFile { name, bytes };
        match kind {
            RegisterKind::Devices => registers.read_devices(&file, complaints),
            RegisterKind::Staff => registers.read_staff(&file, complaints),
            RegisterKind::Accounts => registers.read_accounts(&file, complaints),
            RegisterKind::Patients => registers.read_patients(&file, complaints),
            RegisterKind::Declarations => registers.read_declarations(&file, complaints),
        }
    }
    for source in &plan.config.sources {
        if let Some((_, how)) = &source.expects {
            registers.expect(&source.name, *how);
        }
    }
    if let Some(networks) = &plan.config.registers.networks {
        registers.set_networks(networks, complaints);
    }
    if let Some(GeoIp { database, expected }) = &plan.config.geoip
        && let Some(bytes) = files::bytes(&database.path, Some(&database.place), complaints)
    {
        let name = &*database.path.to_string_lossy();
        let file = RegisterFile {
            name,
            bytes: &bytes,
        };
        registers.read_countries(&file, expected, complaints);
    }
    registers
}

/// On which terms the rules of a house are read.
pub fn terms(plan: &Plan) -> Terms {
    Terms {
        placeholders: plan.config.rules.placeholders.clone(),
        ..Terms::default()
    }
}

/// The same with every warning there is.
pub fn strict_terms(plan: &Plan) -> Terms {
    let kept = plan.config.keep.map_or(HORIZON, |keep| keep.min(HORIZON));
    Terms {
        lint: Some(Lint { kept }),
        ..terms(plan)
    }
}

/// The rules of a plan: those compiled in, unless left out, and those named; with the house's own
/// thresholds.
pub fn rules_on(
    terms: &Terms,
    plan: &Plan,
    ruling: &Ruling,
    complaints: &mut Complaints,
) -> RuleSet {
    let mut set = rules_as_written(terms, plan, ruling, complaints);
    for (name, threshold, place) in &plan.config.rules.thresholds {
        set.set_threshold(name, *threshold, place, complaints);
    }
    set
}

/// The same with the thresholds that stand in the rules, which the tests inside them are about.
pub fn rules_as_written(
    terms: &Terms,
    plan: &Plan,
    ruling: &Ruling,
    complaints: &mut Complaints,
) -> RuleSet {
    let named = plan.rule_files(ruling, complaints);
    let mut set = read_rules(&named, !ruling.no_default_rules, terms, complaints);
    let settings = &plan.config.rules;
    let disabled: Vec<_> = settings
        .disable
        .iter()
        .map(|(name, place)| (&**name, place))
        .collect();
    set.disable(&disabled, complaints);
    if set.detections.is_empty() && !complaints.has_errors() {
        complaints.push(
            Problem::error(
                "there are no rules to judge by",
                "判定に使うルールがありません",
            )
            .help(
                "name some with --rules PATH",
                "--rules PATH で指定してください",
            ),
        );
    }
    set
}

/// Reads rule files, together with those compiled into the program if asked.
pub fn read_rules(
    named: &[RuleFile],
    with_default: bool,
    terms: &Terms,
    complaints: &mut Complaints,
) -> RuleSet {
    let default: Vec<(&str, Cow<'static, str>)> = match (with_default, terms.untested) {
        (false, _) => Vec::new(),
        (true, false) => {
            let whole = RuleSet::embedded_files().iter();
            whole.map(|(name, text)| (*name, (*text).into())).collect()
        }
        (true, true) => RuleSet::embedded_untested()
            .map(|(name, text)| (name, text.into()))
            .collect(),
    };
    let default = default.iter().map(|(n, t)| (*n, &**t));
    let files: Vec<(&str, &str)> = default
        .chain(named.iter().map(|(n, t)| (&**n, &**t)))
        .collect();
    RuleSet::read_on(&files, terms, complaints).0
}

/// Reads rule files that may refer to those compiled into the program; copies of these among the
/// files go before them.
pub fn read_own_rules(named: &[RuleFile], terms: &Terms, complaints: &mut Complaints) -> RuleSet {
    let is_copied = |text: &str| {
        let id = text.lines().find_map(|line| line.strip_prefix("id: "));
        id.is_some_and(|id| named.iter().any(|(_, own)| own.contains(id)))
    };
    let files: Vec<(&str, &str)> = RuleSet::embedded_files()
        .iter()
        .copied()
        .filter(|(_, text)| !is_copied(text))
        .chain(named.iter().map(|(n, t)| (&**n, &**t)))
        .collect();
    RuleSet::read_on(&files, terms, complaints).0
}
