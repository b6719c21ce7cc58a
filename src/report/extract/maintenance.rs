//! Maintenance against the work plan as a document of its own: the tables of the weekly page, with
//! all that they can list.

use std::collections::BTreeSet;

use crate::report::document::{Block, Mark, Section};
use crate::report::gather::{Compared, Most, maintenance};
use crate::report::words::{Tongue, maintenance as words};

use super::{Basis, section};

/// The files of the plan.
pub(super) fn files(compared: &Compared, tongue: Tongue) -> String {
    let files = compared.plans().iter().map(|work| work.at.file.to_string());
    let files: BTreeSet<String> = files.collect();
    tongue.list(&files.into_iter().collect::<Vec<_>>(), 6)
}

pub(super) fn sections(
    compared: &Compared,
    basis: &Basis<'_>,
    (tongue, most): (Tongue, usize),
) -> Vec<Section> {
    let most = Most {
        rows: most / 4,
        patients: most / 2,
        openings: most,
    };
    let stretch = basis.period.clone();
    let told = maintenance(compared, &|_| false, (stretch, &basis.zone), most);
    let mut verdict = vec![
        basis.examined(tongue),
        words::overview(&tongue, &told),
        basis.unseen(tongue, Vec::new()),
    ];
    verdict.extend(words::left_out(&tongue, &told));
    let mut sessions = vec![words::to_ask(&tongue, &told)];
    sessions.extend(words::as_planned(&tongue, &told));
    let mut plans = vec![words::not_done(&tongue, &told)];
    plans.extend(words::not_covered(&tongue, &told));
    let mut patients = words::patients(&tongue, &told);
    if patients.is_empty() {
        patients.push(Block::Note(
            Mark::Plain,
            tongue.say(
                "No session touched the record of a patient.",
                "患者の記録に触れた接続・操作はありません。",
            ),
        ));
    }
    let part = |number: usize, id, title, short, blocks| {
        section(tongue, (number, id), (title, short), blocks)
    };
    vec![
        part(
            1,
            "verdict",
            ("In three sentences", "結論（三つの文）"),
            ("Verdict", "結論"),
            verdict,
        ),
        part(
            2,
            "sessions",
            ("Sessions", "接続・操作"),
            ("Sessions", "接続・操作"),
            sessions,
        ),
        part(
            3,
            "plans",
            ("Work without a session", "記録のない作業計画"),
            ("Plans", "作業計画"),
            plans,
        ),
        part(
            4,
            "patients",
            ("Patients", "患者の記録"),
            ("Patients", "患者"),
            patients,
        ),
    ]
}
