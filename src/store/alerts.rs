//! Alerts and what became of them.
//!
//! Takes the alerts that hold true over a stretch of time; keeps them with their revisions, and
//! gives those that are new or changed. An id that held once is never forgotten.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use sha2::{Digest, Sha256};

use super::{Changing, Failure, Store};
use crate::alert::{Alert, Level, hex};
use crate::text::fold_identity;

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It waits for a person.
    Open,
    /// A person decided.
    Closed,
    /// Its revision has another id.
    Superseded,
    /// Its condition does not hold any more.
    Retracted,
}

impl State {
    /// All states.
    pub const ALL: [State; 4] = [
        State::Open,
        State::Closed,
        State::Superseded,
        State::Retracted,
    ];

    /// `open`, `closed`, `superseded` or `retracted`.
    pub const fn name(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Closed => "closed",
            State::Superseded => "superseded",
            State::Retracted => "retracted",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<State> {
        State::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// What a person decided about an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disposition {
    /// When, nanoseconds since 1970.
    pub at: i64,
    /// explained, rule-error, unclear, referred or duplicate.
    pub word: String,
    /// Who.
    pub name: String,
    /// Why.
    pub note: String,
}

/// An alert as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The alert, with the revision it has.
    pub alert: Alert,
    /// Where it stands.
    pub state: State,
    /// The alert that took its place.
    pub successor: Option<String>,
    /// Alerts whose place it took.
    pub supersedes: Vec<String>,
    /// What people decided, the latest last.
    pub dispositions: Vec<Disposition>,
}

/// Which alerts are asked for.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// That end at or after this instant.
    pub since: Option<i64>,
    /// That begin before this instant.
    pub until: Option<i64>,
    /// Of this level and above.
    pub level: Option<Level>,
    /// Of this rule, by name or id.
    pub rule: Option<String>,
    /// In these states; none: in all.
    pub states: Vec<State>,
}

/// What a run means for an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It was not known.
    New,
    /// It is known and says something else now; its revision.
    Revised(u32),
    /// It is known as it is.
    Same,
}

/// The alerts that hold true now, and where they were looked for: earlier alerts of these rules
/// that begin within the stretch and are not among them do not hold any more.
#[derive(Clone, Copy, Debug)]
pub struct Latest<'a> {
    /// The alerts.
    pub alerts: &'a [Alert],
    /// Ids of the rules that were judged, each with the first instant from which on its alerts
    /// were made anew.
    pub judged: &'a [(String, i64)],
}

impl Changing<'_> {
    /// Keeps the alerts that hold true now. What each of them means is told in their order;
    /// the number at the end is that of alerts that were taken back.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn keep_alerts(&self, run: i64, latest: Latest<'_>) -> Result<(Vec<Change>, u64), Failure> {
        let mut gone = self.live_in(latest.judged)?;
        for alert in latest.alerts {
            gone.remove(&alert.id);
        }
        let mut changes = Vec::new();
        for alert in latest.alerts {
            changes.push(self.keep(run, alert, latest.judged, &mut gone)?);
        }
        let retracted = gone.len() as u64;
        for id in gone.keys() {
            self.move_to(id, State::Retracted, None, run)?;
        }
        Ok((changes, retracted))
    }

    /// Keeps what a run that goes on found to have changed: alerts that are new or say something
    /// else, and those that are gone, each with the alert that took its place. What each alert
    /// means is told in their order. `judged` is as in [`Latest`]; nothing else is taken back.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn keep_changed(
        &self,
        run: i64,
        latest: Latest<'_>,
        gone: &[(String, Option<String>)],
    ) -> Result<Vec<Change>, Failure> {
        let mut changes = Vec::new();
        for alert in latest.alerts {
            changes.push(self.keep(run, alert, latest.judged, &mut BTreeMap::new())?);
        }
        for (id, successor) in gone {
            let state = match successor {
                Some(_) => State::Superseded,
                None => State::Retracted,
            };
            if self.known(id)?.is_some() {
                self.move_to(id, state, successor.as_deref(), run)?;
            }
        }
        Ok(changes)
    }

    /// The live alerts of rules, from their instants on.
    fn live_in(&self, judged: &[(String, i64)]) -> Result<BTreeMap<String, Alert>, Failure> {
        let mut select = self.transaction.prepare_cached(
            "SELECT document FROM alerts
             WHERE rule = ?1 AND \"start\" >= ?2 AND state IN ('open', 'closed')",
        )?;
        let mut live = BTreeMap::new();
        for (rule, from) in judged {
            let rows = select.query_map(params![rule, from], |row| row.get::<_, String>(0))?;
            for row in rows {
                let alert: Alert = serde_json::from_str(&row?)?;
                live.insert(alert.id.clone(), alert);
            }
        }
        Ok(live)
    }

    fn keep(
        &self,
        run: i64,
        alert: &Alert,
        judged: &[(String, i64)],
        gone: &mut BTreeMap<String, Alert>,
    ) -> Result<Change, Failure> {
        let known = self.known(&alert.id)?;
        let change = match &known {
            None => Change::New,
            Some((before, state)) if says_the_same(before, alert) => match state {
                State::Retracted | State::Superseded => Change::Revised(before.revision + 1),
                _ => Change::Same,
            },
            Some((before, _)) => Change::Revised(before.revision + 1),
        };
        if known.is_none() && self.is_cut(alert, judged)? {
            return Ok(Change::Same);
        }
        let replaced: BTreeSet<String> = match &change {
            Change::Same => BTreeSet::new(),
            Change::New | Change::Revised(_) => gone
                .values()
                .filter(|before| is_continued(before, alert))
                .map(|before| before.id.clone())
                .collect(),
        };
        match &change {
            Change::New => self.write(run, alert, 0)?,
            Change::Revised(revision) => self.write(run, alert, *revision)?,
            Change::Same => self.stands_elsewhere(alert, known.as_ref())?,
        }
        for id in &replaced {
            gone.remove(id);
            self.move_to(id, State::Superseded, Some(&alert.id), run)?;
        }
        Ok(change)
    }

    /// The records of an alert that says the same are looked up where they were found last.
    fn stands_elsewhere(
        &self,
        alert: &Alert,
        known: Option<&(Alert, State)>,
    ) -> Result<(), Failure> {
        let Some((before, _)) = known.filter(|(before, _)| before.evidence != alert.evidence)
        else {
            return Ok(());
        };
        let moved = Alert {
            evidence: alert.evidence.clone(),
            ..before.clone()
        };
        let document = serde_json::to_string(&moved)?;
        self.transaction
            .prepare_cached("UPDATE alerts SET document = ?2 WHERE id = ?1")?
            .execute(params![alert.id, document])?;
        Ok(())
    }

    /// True for what is left of an alert that began where records are no longer at hand.
    fn is_cut(&self, alert: &Alert, judged: &[(String, i64)]) -> Result<bool, Failure> {
        let of_rule = judged.iter().find(|(rule, _)| *rule == alert.rule.id);
        if of_rule.is_some_and(|(_, from)| alert.start >= *from) {
            return Ok(false);
        }
        let mut select = self.transaction.prepare_cached(
            "SELECT document FROM alerts WHERE rule = ?1 AND \"start\" <= ?2 AND \"end\" >= ?3
             AND state IN ('open', 'closed')",
        )?;
        let ends = params![alert.rule.id, alert.end, alert.start];
        for document in select.query_map(ends, |row| row.get::<_, String>(0))? {
            let before: Alert = serde_json::from_str(&document?)?;
            if is_continued(&before, alert) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn known(&self, id: &str) -> Result<Option<(Alert, State)>, Failure> {
        let mut select = self
            .transaction
            .prepare_cached("SELECT document, state FROM alerts WHERE id = ?1")?;
        let row = select.query_row([id], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        });
        let Some((document, state)) = row.optional()? else {
            return Ok(None);
        };
        let alert = serde_json::from_str(&document)?;
        Ok(Some((
            alert,
            State::from_name(&state).unwrap_or(State::Open),
        )))
    }

    /// Writes an alert; newer evidence opens it again.
    fn write(&self, run: i64, alert: &Alert, revision: u32) -> Result<(), Failure> {
        let alert = Alert {
            revision,
            ..alert.clone()
        };
        let document = serde_json::to_string(&alert)?;
        let sql = match revision {
            0 => {
                "INSERT INTO alerts
                 (id, rule, level, \"start\", \"end\", state, revision, found_in, changed_in, document)
                 VALUES (?1, ?2, ?3, ?4, ?5, 'open', ?6, ?7, ?7, ?8)"
            }
            _ => {
                "UPDATE alerts SET rule = ?2, level = ?3, \"start\" = ?4, \"end\" = ?5,
                 state = 'open', successor = NULL, revision = ?6, changed_in = ?7, document = ?8
                 WHERE id = ?1"
            }
        };
        self.transaction.prepare_cached(sql)?.execute(params![
            alert.id,
            alert.rule.id,
            alert.rule.level.name(),
            alert.start,
            alert.end,
            revision,
            run,
            document
        ])?;
        self.settle(&alert.id)
    }

    /// Opens or closes a live alert by what the last decision about it has seen: an alert that says
    /// something else of the same records, or of fewer, stays as it was decided.
    fn settle(&self, id: &str) -> Result<(), Failure> {
        self.transaction
            .prepare_cached(
                "UPDATE alerts SET state = iif(EXISTS (
                   SELECT 1 FROM dispositions AS d
                   WHERE d.number = (SELECT max(number) FROM dispositions WHERE alert = ?1)
                     AND d.seen_end >= alerts.\"end\"
                     AND d.seen_records >= json_extract(alerts.document, '$.evidence_total')
                 ), 'closed', 'open') WHERE id = ?1",
            )?
            .execute([id])?;
        Ok(())
    }

    fn move_to(
        &self,
        id: &str,
        state: State,
        successor: Option<&str>,
        run: i64,
    ) -> Result<(), Failure> {
        let sql = "UPDATE alerts SET state = ?2, successor = ?3, changed_in = ?4 WHERE id = ?1";
        self.transaction
            .prepare_cached(sql)?
            .execute(params![id, state.name(), successor, run])?;
        if let Some(successor) = successor {
            self.inherit(id, successor)?;
        }
        Ok(())
    }

    /// What was decided about an alert is decided about the one that takes its place, whose earlier
    /// records count as seen; what comes after those that were seen opens it.
    fn inherit(&self, from: &str, to: &str) -> Result<(), Failure> {
        let copied = self.transaction.execute(
            "INSERT INTO dispositions (alert, at, word, name, note, revision, seen_end, seen_records)
             SELECT ?2, at, word, name, note, 0, seen_end,
               (SELECT json_extract(document, '$.evidence_total') FROM alerts WHERE id = ?2)
             FROM dispositions AS d WHERE alert = ?1 AND NOT EXISTS (
               SELECT 1 FROM dispositions AS own WHERE own.alert = ?2
                 AND (own.at, own.word, own.name, own.note) = (d.at, d.word, d.name, d.note))
             ORDER BY number",
            params![from, to],
        )?;
        if copied > 0 {
            self.settle(to)?;
        }
        Ok(())
    }

    /// Closes an alert; false when there is none of this id that could be closed.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn close(&self, id: &str, decided: &Disposition) -> Result<bool, Failure> {
        let inserted = self.transaction.execute(
            "INSERT INTO dispositions (alert, at, word, name, note, revision, seen_end, seen_records)
             SELECT id, ?2, ?3, ?4, ?5, revision, \"end\", json_extract(document, '$.evidence_total')
             FROM alerts
             WHERE id = ?1 AND state IN ('open', 'closed')",
            params![id, decided.at, decided.word, decided.name, decided.note],
        )?;
        self.transaction.execute(
            "UPDATE alerts SET state = 'closed' WHERE id = ?1 AND state = 'open'",
            [id],
        )?;
        Ok(inserted > 0)
    }

    /// Of each alert that took the place of others, their ids.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn superseded(&self) -> Result<BTreeMap<String, Vec<String>>, Failure> {
        let mut select = self
            .transaction
            .prepare("SELECT successor, id FROM alerts WHERE successor IS NOT NULL ORDER BY id")?;
        let mut by_successor: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in select.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))? {
            let (successor, id) = row?;
            by_successor.entry(successor).or_default().push(id);
        }
        Ok(by_successor)
    }

    /// SHA-256 over the ids and revisions of all live alerts.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn alerts_digest(&self) -> Result<String, Failure> {
        alerts_digest(&self.transaction)
    }
}

/// SHA-256 over the ids and revisions of all live alerts.
pub(super) fn alerts_digest(connection: &Connection) -> Result<String, Failure> {
    let mut select = connection
        .prepare("SELECT id, revision FROM alerts WHERE state IN ('open', 'closed') ORDER BY id")?;
    let mut rows = select.query([])?;
    let mut hash = Sha256::new();
    while let Some(row) = rows.next()? {
        hash.update(row.get::<_, String>(0)?.as_bytes());
        hash.update(row.get::<_, u32>(1)?.to_le_bytes());
    }
    Ok(hex(&hash.finalize()))
}

impl Store {
    /// The alerts asked for, by their beginnings.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn alerts(&self, filter: &Filter) -> Result<Vec<Kept>, Failure> {
        let mut select = self.connection.prepare(
            "SELECT document, state, successor FROM alerts
             WHERE \"end\" >= ?1 AND \"start\" < ?2 ORDER BY \"start\", id",
        )?;
        let (since, until) = (
            filter.since.unwrap_or(i64::MIN),
            filter.until.unwrap_or(i64::MAX),
        );
        let rows = select.query_map([since, until], document_of)?;
        let mut found = Vec::new();
        for row in rows {
            let kept = self.kept(row?)?;
            if filter.holds(&kept) {
                found.push(kept);
            }
        }
        Ok(found)
    }

    /// The alerts whose id begins so.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn find(&self, id: &str) -> Result<Vec<Kept>, Failure> {
        let mut select = self.connection.prepare(
            "SELECT document, state, successor FROM alerts
             WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id",
        )?;
        let rows = select.query_map([id], document_of)?;
        rows.map(|row| self.kept(row?)).collect()
    }

    pub(super) fn kept(
        &self,
        (document, state, successor): (String, String, Option<String>),
    ) -> Result<Kept, Failure> {
        let alert: Alert = serde_json::from_str(&document)?;
        let mut before = self
            .connection
            .prepare_cached("SELECT id FROM alerts WHERE successor = ?1 ORDER BY id")?;
        let supersedes = before
            .query_map([&alert.id], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        let mut decided = self.connection.prepare_cached(
            "SELECT at, word, name, note FROM dispositions WHERE alert = ?1 ORDER BY number",
        )?;
        let dispositions = decided
            .query_map([&alert.id], |row| {
                Ok(Disposition {
                    at: row.get(0)?,
                    word: row.get(1)?,
                    name: row.get(2)?,
                    note: row.get(3)?,
                })
            })?
            .collect::<Result<_, _>>()?;
        Ok(Kept {
            alert,
            state: State::from_name(&state).unwrap_or(State::Open),
            successor,
            supersedes,
            dispositions,
        })
    }
}

impl Filter {
    fn holds(&self, kept: &Kept) -> bool {
        let rule = &kept.alert.rule;
        self.level.is_none_or(|level| rule.level >= level)
            && self
                .rule
                .as_ref()
                .is_none_or(|name| *name == rule.name || *name == rule.id)
            && (self.states.is_empty() || self.states.contains(&kept.state))
    }
}

pub(super) fn document_of(row: &Row<'_>) -> rusqlite::Result<(String, String, Option<String>)> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

/// True when two alerts of one id say the same; where a record stands and how it was encoded there
/// may differ, and so may the characters that tables of an encoding differ in.
fn says_the_same(before: &Alert, now: &Alert) -> bool {
    let folded = |text: &str| fold_identity(text).into_owned();
    let told = |alert: &Alert| {
        let records: Vec<_> = alert
            .evidence
            .iter()
            .map(|e| (e.source.clone(), folded(&e.text), e.time))
            .collect();
        (
            (alert.start, alert.end, alert.count, alert.evidence_total),
            (alert.rule.level, folded(&alert.summary.en), records),
            folded(&alert.summary.ja),
        )
    };
    told(before) == told(now)
}

/// True when an alert that does not hold any more lives on in this one: same rule, same key, and
/// their stretches touch.
fn is_continued(before: &Alert, now: &Alert) -> bool {
    before.rule.id == now.rule.id
        && before.key == now.key
        && before.start <= now.end
        && now.start <= before.end
}
