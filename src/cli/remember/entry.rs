//! What a run says of itself in the run record and in its ledger.
//!
//! Takes what was found; gives the entry and the documents. Never writes them.

use sha2::{Digest, Sha256};

use super::super::plan::Plan;
use super::super::report;
use super::file::digest_of;
use super::kept::Reread;
use super::{Found, Told};
use crate::alert::hex;
use crate::pipeline::OpenedInput;
use crate::store::{Entry, InputRecord};

/// Source, path and ledger of each input.
pub(in super::super) fn ledger(
    plan: &Plan,
    inputs: &[OpenedInput],
) -> Vec<(String, String, String)> {
    let reports = report::of_inputs(plan, inputs).inputs;
    let told = reports.iter().map(|input| {
        let document = crate::sink::ledger::input_json(input);
        (input.source.clone(), input.path.clone(), document)
    });
    told.collect()
}

/// The entry of a scan in the run record.
pub(super) fn self_entry(
    began: i64,
    found: &Found<'_>,
    told: &Told,
    alerts_digest: String,
) -> Entry {
    let new = told.alerts.iter().filter(|a| a.revision == 0).count() as u64;
    Entry {
        command: "scan".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        began,
        ended: found.ended,
        plan: digests(found.plan),
        inputs: Vec::new(),
        alerts: (new, told.alerts.len() as u64 - new, told.retracted),
        alerts_digest,
        note: String::new(),
    }
}

/// What the run record says of the new inputs.
pub(super) fn records(inputs: &[OpenedInput], reread: &[Reread]) -> Vec<InputRecord> {
    let record = |(input, reread): (&OpenedInput, &Reread)| {
        let account = &input.account;
        let print = reread.whole.clone().unwrap_or_default();
        InputRecord {
            source: input.source.clone(),
            path: input.input.name.to_string(),
            size: print.size,
            sha256: print.sha256,
            records: (account.records, account.accepted, account.rejected()),
            span: account.span,
        }
    };
    inputs.iter().zip(reread).map(record).collect()
}

/// SHA-256 of the files that say how to judge, by name, and of the rules compiled in.
pub(in super::super) fn digests(plan: &Plan) -> Vec<(String, String)> {
    let mut hash = Sha256::new();
    for (name, text) in crate::rule::RuleSet::embedded_files() {
        hash.update(name.as_bytes());
        hash.update(text.as_bytes());
    }
    let mut all = vec![("rules of the program".to_owned(), hex(&hash.finalize()))];
    for path in plan.config.files() {
        let digest = digest_of(&path).unwrap_or_default();
        all.push((path.display().to_string(), digest));
    }
    all
}
