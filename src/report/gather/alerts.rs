//! Open alerts, grouped by their cause and folded by their key, so that five hundred of one cause
//! are one line.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::alert::{Alert, Level};
use crate::report::model::{About, Alerts, Cause, EvidenceTold, KeyTold, Listed, ReasonTold};
use crate::store::{AlertHead, Failure, Store};

use super::Request;
use super::department::Ward;
use super::places::Places;

/// Causes that are told one by one.
const CAUSES: usize = 40;
/// Keys of a cause that are told one by one.
const KEYS: usize = 5;
/// Keys of a cause that are told apart at all; an attacker may invent any number of them.
const KEPT_KEYS: usize = 1_000;
/// Records and reasons that are told of each line.
const EVIDENCE: usize = 3;

pub(super) fn alerts(
    store: &Store,
    request: &Request<'_>,
    places: &Places<'_>,
    whose: Option<Ward<'_>>,
) -> Result<Alerts, Failure> {
    let stretch = request.period.instants(&request.zone);
    let mut alerts = Alerts::default();
    for head in heads(store, stretch.clone(), whose)? {
        alerts.all.now += 1;
        if head.state == "closed" {
            match alerts.decided.iter_mut().find(|d| d.0 == head.decided) {
                Some((_, count)) => *count += 1,
                None => alerts.decided.push((head.decided, 1)),
            }
        }
    }
    alerts.decided.sort();
    let before = request.period.before();
    let before = super::super::period::midnight(before.start, &request.zone)..stretch.start;
    alerts.all.before = store
        .days_known()?
        .is_some_and(|(first, _)| first <= request.period.before().start)
        .then_some(heads(store, before, whose)?.len() as u64);
    let mut groups: BTreeMap<(Reverse<Level>, String), Group> = BTreeMap::new();
    store.each_open(stretch.end, &mut |alert| {
        let department = places.of_alert(&alert);
        if whose.is_some_and(|ward| ward.name != department) {
            return;
        }
        let place = (Reverse(alert.rule.level), alert.rule.id.clone());
        let is_of_period = alert.start >= stretch.start;
        alerts.open[alert.rule.level as usize] += 1;
        match (is_of_period, alert.revision) {
            (false, _) => alerts.from_before += 1,
            (true, 0) => alerts.new += 1,
            (true, _) => alerts.revised += 1,
        }
        groups
            .entry(place)
            .or_default()
            .take(alert, is_of_period, department);
    })?;
    alerts.causes = causes(groups, request);
    Ok(alerts)
}

/// The live alerts that began in a stretch: all, or those of a department.
pub(super) fn heads(
    store: &Store,
    stretch: Range<i64>,
    whose: Option<Ward<'_>>,
) -> Result<Vec<AlertHead>, Failure> {
    match whose {
        None => store.alert_heads(stretch),
        Some(Ward { name, places }) => {
            store.alert_heads_of(stretch, |alert| places.of_alert(alert) == name)
        }
    }
}

/// Alerts of the stretch by the clauses they name, decided or not.
pub(super) fn by_clause(
    store: &Store,
    request: &Request<'_>,
) -> Result<BTreeMap<String, u64>, Failure> {
    let stretch = request.period.instants(&request.zone);
    Ok(store.alert_clauses(stretch)?.into_iter().collect())
}

/// The alerts of one rule and level.
#[derive(Default)]
struct Group {
    count: u64,
    from_before: u64,
    /// First and last event.
    span: Option<(i64, i64)>,
    /// The latest alert of each key, and what was folded into it.
    keys: BTreeMap<Vec<(String, Option<String>)>, Folded>,
    /// Alerts of keys beyond those that are told apart.
    more: u64,
}

struct Folded {
    latest: Alert,
    count: u64,
    records: u64,
    span: (i64, i64),
    is_of_period: bool,
    department: String,
}

impl Group {
    fn take(&mut self, alert: Alert, is_of_period: bool, department: String) {
        self.count += 1;
        self.from_before += u64::from(!is_of_period);
        let span = (alert.start, alert.end);
        self.span = Some(joined(self.span.unwrap_or(span), span));
        if let Some(folded) = self.keys.get_mut(&alert.key) {
            folded.count += 1;
            folded.records = folded.records.saturating_add(alert.evidence_total);
            folded.span = joined(folded.span, span);
            folded.is_of_period |= is_of_period;
            // They come by their beginnings: the latest one is what people remember.
            folded.latest = bounded(alert);
        } else if self.keys.len() < KEPT_KEYS {
            let folded = Folded {
                count: 1,
                records: alert.evidence_total,
                span,
                is_of_period,
                department,
                latest: bounded(alert.clone()),
            };
            self.keys.insert(alert.key, folded);
        } else {
            self.more += 1;
        }
    }
}

/// An alert without what is not told of it, so that many of them stay small.
fn bounded(mut alert: Alert) -> Alert {
    alert.evidence.truncate(EVIDENCE);
    alert.reasons.truncate(EVIDENCE);
    alert
}

fn joined(a: (i64, i64), b: (i64, i64)) -> (i64, i64) {
    (a.0.min(b.0), a.1.max(b.1))
}

fn causes(
    groups: BTreeMap<(Reverse<Level>, String), Group>,
    request: &Request<'_>,
) -> Listed<Cause> {
    let mut all: Vec<((Reverse<Level>, String), Group)> = groups.into_iter().collect();
    // Worst first; then what is most frequent.
    all.sort_by(|a, b| {
        (a.0.0, Reverse(a.1.count), &a.0.1).cmp(&(b.0.0, Reverse(b.1.count), &b.0.1))
    });
    let total = all.len() as u64;
    let told = all.into_iter().take(CAUSES).enumerate();
    Listed {
        total,
        first: told
            .filter_map(|(at, (_, group))| cause(at + 1, group, request))
            .collect(),
    }
}

fn cause(number: usize, group: Group, request: &Request<'_>) -> Option<Cause> {
    let span = group.span?;
    let mut keys: Vec<Folded> = group.keys.into_values().collect();
    keys.sort_by(|a, b| {
        let place = |f: &Folded| (Reverse(f.is_of_period), Reverse(f.count), Reverse(f.span.0));
        (place(a), &a.latest.id).cmp(&(place(b), &b.latest.id))
    });
    let total = keys.len() as u64 + group.more;
    let sample = keys.first()?.latest.clone();
    keys.truncate(KEYS);
    Some(Cause {
        number,
        level: sample.rule.level as usize,
        rule: sample.rule.name.clone(),
        title: sample.rule.title.clone(),
        author: sample.rule.author.clone(),
        count: group.count,
        from_before: group.from_before,
        span: (request.time(span.0), request.time(span.1)),
        about: about(&sample),
        respond: sample.respond,
        clauses: sample.clauses,
        keys: Listed {
            total,
            first: keys.into_iter().map(|f| key(f, request)).collect(),
        },
    })
}

fn key(folded: Folded, request: &Request<'_>) -> KeyTold {
    let Folded { latest, .. } = folded;
    let persons = &request.persons;
    let value =
        |field: &str, value: &str| persons.value(field, value, request.registers, latest.start);
    // A row of a register or a cell of a roster is a person's; a line of the calendar is nobody's.
    let tells = |field: &str| persons.shows_words() || field.starts_with("calendar.");
    let reasons = latest.reasons.iter().filter(|reason| tells(&reason.field));
    let reasons = reasons.map(|reason| ReasonTold {
        field: reason.field.clone(),
        value: reason.value.clone(),
        because: reason.because.clone(),
        at: reason.at.clone(),
    });
    let evidence = latest.evidence.iter().map(|record| EvidenceTold {
        source: record.source.clone(),
        path: record.path.clone(),
        line: record.line,
        time: request.time(record.time),
        sha256: record.sha256.clone(),
        text: (persons.word() == "names").then(|| record.text.clone()),
    });
    KeyTold {
        key: latest
            .key
            .iter()
            .map(|(field, v)| (field.clone(), v.as_ref().map(|v| value(field, v))))
            .collect(),
        summary: persons.shows_words().then(|| latest.summary.clone()),
        count: folded.count,
        records: folded.records,
        span: (request.time(folded.span.0), request.time(folded.span.1)),
        reasons: reasons.collect(),
        evidence: evidence.collect(),
        // A small department names a person.
        department: match persons.shows_words() {
            true => folded.department,
            false => String::new(),
        },
        is_of_period: folded.is_of_period,
        revision: latest.revision,
        id: latest.id.clone(),
    }
}

/// Whom or what an alert is about: the first field of its key that tells.
fn about(alert: &Alert) -> About {
    for (field, _) in &alert.key {
        if field.starts_with("patient.") {
            return About::Patient;
        }
        if field.starts_with("user.") {
            return About::Account;
        }
        if field.starts_with("observer.") || field.starts_with("log.") {
            return About::Source;
        }
    }
    match alert.key.is_empty() {
        true => About::Source,
        false => About::Device,
    }
}
