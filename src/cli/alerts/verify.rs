//! `alerts verify`: is the evidence still as it was?

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;

use super::super::args::{AlertsVerify, AnswerFormat};
use super::super::memory::{Memory, Stop};
use super::super::plan::Plan;
use super::super::{Exit, Streams, files};
use super::find;
use crate::alert::{Evidence, Search, confirm};
use crate::diagnostic::{Complaints, Place, Problem};
use crate::sink::verdict::{self, Verdict};
use crate::store::Store;

/// Lines that are no alerts, told one by one.
const TOLD: usize = 20;

/// The records to be checked, each with the alert it belongs to, and where to look for files.
struct Work {
    records: Vec<(String, Evidence)>,
    folders: Vec<PathBuf>,
    /// Records the alerts rest on, shown as evidence or not.
    total: u64,
    /// True when each record is told, not only those that are not confirmed.
    tells_all: bool,
}

pub(super) fn verify(
    plan: &Plan,
    task: &AlertsVerify,
    streams: &mut Streams<'_>,
) -> Result<Exit, Stop> {
    let file = Path::new(&task.what);
    let work = match file.is_file() {
        true => {
            let mut complaints = Complaints::new();
            let work = of_file(plan, task, file, &mut complaints);
            if streams.complain(&complaints, plan.lang)? {
                return Ok(Exit::Mistake);
            }
            work
        }
        false => of_store(plan, task)?,
    };
    let all: Vec<&Evidence> = work.records.iter().map(|(_, record)| record).collect();
    let reading = super::super::args::Reading::default();
    let search = Search {
        folders: &work.folders,
        encoding: &|path| plan.how_to_read(path, &reading).encoding,
        lines: None,
    };
    let checked = confirm(&all, search);
    let verdicts: Vec<Verdict<'_>> = work
        .records
        .iter()
        .zip(&checked)
        .map(|((alert, record), checked)| Verdict {
            alert,
            record,
            standing: &checked.standing,
        })
        .collect();
    let sum = verdict::Sum::of(&verdicts, work.total);
    match task.output_format {
        AnswerFormat::Text => {
            let text = verdict::text(&verdicts, &sum, work.tells_all, plan.lang);
            streams.out.write_all(text.as_bytes())?;
        }
        AnswerFormat::Json => verdict::write_json(streams.out, &verdicts, &sum)?,
    }
    Ok(match (sum.missing, sum.changed) {
        (0, 0) => Exit::Done,
        (0, _) => Exit::Reached,
        _ => Exit::Incomplete,
    })
}

fn of_store(plan: &Plan, task: &AlertsVerify) -> Result<Work, Stop> {
    let memory = Memory::open(plan, &task.store, Store::look_only)?;
    let kept = find(&memory, &task.what)?;
    let alert = memory.ask(|store| store.live(kept))?.alert;
    let of_alert = |record: &Evidence| (alert.id.clone(), record.clone());
    Ok(Work {
        records: alert.evidence.iter().map(of_alert).collect(),
        folders: memory.folders(),
        total: alert.evidence_total,
        tells_all: true,
    })
}

/// What of an alert's line is needed here.
#[derive(Deserialize)]
struct AlertLine {
    id: String,
    evidence: Vec<RecordLine>,
    evidence_total: u64,
}

#[derive(Deserialize)]
struct RecordLine {
    #[serde(default)]
    source: String,
    path: String,
    line: u64,
    offset: u64,
    length: u32,
    sha256: String,
}

impl RecordLine {
    fn evidence(self) -> Evidence {
        Evidence {
            source: self.source,
            path: self.path,
            line: self.line,
            offset: self.offset,
            length: self.length,
            sha256: self.sha256,
            time: 0,
            text: String::new(),
        }
    }
}

/// The alerts of a file; every line that is none is complained about.
fn of_file(plan: &Plan, task: &AlertsVerify, file: &Path, complaints: &mut Complaints) -> Work {
    let beside = plan
        .store(&task.store)
        .and_then(|store| Some(store.parent()?.to_path_buf()));
    let mut work = Work {
        records: Vec::new(),
        folders: [Some(PathBuf::new()), beside]
            .into_iter()
            .flatten()
            .collect(),
        total: 0,
        tells_all: false,
    };
    let name: Arc<str> = Arc::from(&*task.what);
    let lines = match File::open(file) {
        Ok(file) => BufReader::new(file).lines(),
        Err(error) => {
            complaints.push(files::unreadable(file, &error));
            return work;
        }
    };
    let mut slips = 0;
    for (number, line) in lines.enumerate() {
        let read = line.map_err(|error| error.to_string()).and_then(|line| {
            match line.trim_start_matches('\u{feff}').trim() {
                "" => Ok(None),
                text => serde_json::from_str::<AlertLine>(text)
                    .map(Some)
                    .map_err(|error| error.to_string()),
            }
        });
        match read {
            Ok(None) => {}
            Ok(Some(alert)) => {
                work.total += alert.evidence_total;
                let records = alert.evidence.into_iter().map(RecordLine::evidence);
                work.records
                    .extend(records.map(|record| (alert.id.clone(), record)));
            }
            Err(error) => {
                slips += 1;
                if slips <= TOLD {
                    complaints.push(no_alert(&name, number, &error));
                }
            }
        }
    }
    if slips > TOLD {
        let more = slips - TOLD;
        complaints.push(Problem::error(
            format!("and {more} more lines of {name} are no alerts"),
            format!("{name} にはほかにも {more} 行、アラートでない行があります"),
        ));
    }
    work
}

fn no_alert(file: &Arc<str>, number: usize, error: &str) -> Problem {
    Problem::error(
        format!("this line is no alert: {error}"),
        format!("この行はアラートとして読めません: {error}"),
    )
    .at(Place {
        file: file.clone(),
        line: u32::try_from(number + 1).unwrap_or(u32::MAX),
        column: 0,
    })
    .help(
        "give a file that `yomawari scan -o alerts.ndjson` wrote, or the id of an alert",
        "`yomawari scan -o alerts.ndjson` で書いたファイルか、アラートのIDを指定してください",
    )
}
