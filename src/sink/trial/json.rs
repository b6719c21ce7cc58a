//! A trial as one JSON object.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::sink::json::write_line;
use crate::sink::when::day_of;

use super::{Counted, Rung, Spread, Trial};

/// Writes the object and its line feed.
pub(super) fn write(out: &mut dyn Write, trial: &Trial) -> io::Result<()> {
    let (spread, worst) = (trial.spread(), trial.worst());
    let days = trial
        .days
        .iter()
        .map(|day| json!({"day": day_of(day.day), "records": day.records, "found": day.found}));
    let lacking = trial.cannot_fire.iter();
    let lacking = lacking.map(|(source, fields)| json!({"source": source, "lacks": fields}));
    let silent = trial.silent.as_ref();
    let object = json!({
        "rule": {
            "id": trial.id,
            "name": trial.name,
            "title": trial.title,
            "level": trial.level.name(),
        },
        "counted": match trial.counted {
            Counted::Alerts => "alerts",
            Counted::Matches => "matches",
        },
        "found": spread.total,
        "days": spread.days,
        "a_day": {
            "mean": spread.mean(),
            "median": spread.median(),
            "worst": worst.map(|w| json!({"day": day_of(w.day), "found": w.found})),
        },
        "by_day": days.collect::<Vec<Value>>(),
        "matches": trial.matches,
        "explained": trial.explained,
        "quiet": trial.quiet,
        "keys": trial.keys.iter().map(|key| of_key(trial, key)).collect::<Vec<Value>>(),
        "keys_total": trial.keys_total,
        "thresholds": trial.rungs.iter().map(of_rung).collect::<Vec<Value>>(),
        "silent": silent.map(|why| json!({"en": why.en, "ja": why.ja})),
        "cannot_fire": lacking.collect::<Vec<Value>>(),
    });
    write_line(out, &object)
}

fn of_key(trial: &Trial, (values, found): &(Vec<Option<String>>, u64)) -> Value {
    let pairs = trial.fields.iter().zip(values);
    let key: Map<String, Value> = pairs
        .map(|(field, value)| (field.clone(), json!(value)))
        .collect();
    json!({"key": key, "found": found})
}

fn of_rung(rung: &Rung) -> Value {
    let Spread { total, worst, .. } = rung.spread;
    json!({
        "threshold": rung.threshold,
        "present": rung.is_present,
        "found": total,
        "a_day": {"mean": rung.spread.mean(), "median": rung.spread.median(), "worst": worst},
    })
}
