//! Maintenance held against the work plan: text for people, JSON, CSV for a spreadsheet.
//!
//! Takes the comparison and the plan; gives it in one of three forms. Says what the logs show and
//! what to ask, and never that somebody did wrong.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::csv::write_row;
use super::when::{exact, span, spreadsheet};
use super::{Reader, write_json_line};
use crate::diagnostic::Lang;
use crate::event::{Action, NANOS};
use crate::reconcile::{Act, Finding, Judged, Kept, Reconciliation};
use crate::register::PlannedWork;
use crate::text::{one_line, shorten};

/// Acts on patients that the text shows of a session.
const SHOWN: usize = 20;
/// Characters of a name that the text shows.
const LONGEST: usize = 80;

/// The comparison and what it was made of.
#[derive(Clone, Copy, Debug)]
pub struct Maintenance<'m> {
    /// The plan.
    pub plans: &'m [PlannedWork],
    /// What was found.
    pub found: &'m Reconciliation,
}

fn safe(text: &str) -> String {
    shorten(&one_line(text), LONGEST).into_owned()
}

/// A length of time in hours and minutes; what is shorter than a minute is one.
fn length(nanos: i64, lang: Lang) -> String {
    let minutes = (nanos + 60 * NANOS - 1) / (60 * NANOS);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    match (lang, hours) {
        (Lang::En, 0) => format!("{minutes} min"),
        (Lang::En, _) => format!("{hours} h {minutes} min"),
        (Lang::Ja, 0) => format!("{minutes}分"),
        (Lang::Ja, _) => format!("{hours}時間{minutes}分"),
    }
}

/// A finding as a sentence.
pub fn sentence(finding: &Finding, lang: Lang) -> String {
    let list = |names: &[String]| names.iter().map(|n| safe(n)).collect::<Vec<_>>();
    match (finding, lang) {
        (Finding::NoPlan, Lang::En) => "no row of the plan covers it".to_owned(),
        (Finding::NoPlan, Lang::Ja) => "該当する作業計画がありません".to_owned(),
        (Finding::Early(by), Lang::En) => {
            format!("began {} before the planned time", length(*by, lang))
        }
        (Finding::Early(by), Lang::Ja) => {
            format!("計画の開始より{}早く始まっています", length(*by, lang))
        }
        (Finding::Overrun(by), Lang::En) => {
            format!("went on {} after the planned time", length(*by, lang))
        }
        (Finding::Overrun(by), Lang::Ja) => {
            format!("計画の終了を{}過ぎています", length(*by, lang))
        }
        (Finding::OtherSystem(names), Lang::En) => {
            format!(
                "touched systems the plan does not name: {}",
                list(names).join(", ")
            )
        }
        (Finding::OtherSystem(names), Lang::Ja) => {
            format!(
                "計画にないシステムの記録があります：{}",
                list(names).join("、")
            )
        }
        (Finding::OtherSource(names), Lang::En) => {
            format!(
                "came from addresses the plan does not name: {}",
                list(names).join(", ")
            )
        }
        (Finding::OtherSource(names), Lang::Ja) => {
            format!("計画にない接続元です：{}", list(names).join("、"))
        }
        (Finding::OtherAccount(name), Lang::En) => {
            format!("used an account the plan does not name: {}", safe(name))
        }
        (Finding::OtherAccount(name), Lang::Ja) => {
            format!("計画にないアカウントです：{}", safe(name))
        }
        (Finding::Patients(1), Lang::En) => "records of 1 patient were opened".to_owned(),
        (Finding::Patients(count), Lang::En) => format!("records of {count} patients were opened"),
        (Finding::Patients(count), Lang::Ja) => format!("患者{count}人の記録に触れています"),
    }
}

/// A row of the plan in a few words.
fn work(plan: &PlannedWork, reader: &Reader) -> String {
    let names = [&plan.vendor, &plan.person, &plan.work];
    let names = names.iter().filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(|name| safe(name)).collect();
    let when = span(plan.span.start, plan.span.end - 1, reader);
    format!("{} {} {when}", plan.at, names.join(" ")).replace("  ", " ")
}

fn who(judged: &Judged, lang: Lang) -> String {
    let session = &judged.session;
    let absent = match lang {
        Lang::En => "account not recorded",
        Lang::Ja => "アカウント記録なし",
    };
    let account = match session.account.as_str() {
        "" => absent.to_owned(),
        account => safe(account),
    };
    let addresses: Vec<String> = session.addresses.iter().map(|a| safe(a)).collect();
    let systems = session.systems.iter();
    let systems: Vec<String> = systems
        .map(|(name, n)| format!("{} {n}", safe(name)))
        .collect();
    format!(
        "{account}  {}  [{}]",
        addresses.join(", "),
        systems.join(", ")
    )
}

fn is_as_planned(judged: &Judged) -> bool {
    !judged.findings.iter().any(Finding::is_difference)
}

/// The comparison for a person.
pub fn text(maintenance: Maintenance<'_>, reader: &Reader) -> String {
    let Maintenance { plans, found } = maintenance;
    let mut out = head(maintenance, reader);
    let (fitting, differing): (Vec<_>, Vec<_>) = found
        .sessions
        .iter()
        .partition(|judged| is_as_planned(judged));
    let titles = match reader.lang {
        Lang::En => [
            "To be asked about",
            "As planned",
            "Planned, and nothing in the logs",
            "Not covered by the logs read",
        ],
        Lang::Ja => [
            "確認が必要",
            "計画どおり",
            "実施の記録がない計画",
            "読んだ記録の範囲にない計画",
        ],
    };
    for (title, sessions) in [(titles[0], differing), (titles[1], fitting)] {
        if !sessions.is_empty() {
            let _ = writeln!(out, "\n{title}");
        }
        for judged in sessions {
            out.push_str(&session(judged, plans, reader));
        }
    }
    for (title, kept) in [(titles[2], Kept::NotDone), (titles[3], Kept::NotCovered)] {
        let rows = plans.iter().zip(&found.plans);
        let rows: Vec<_> = rows.filter(|(_, state)| **state == kept).collect();
        if !rows.is_empty() {
            let _ = writeln!(out, "\n{title}");
        }
        for (plan, _) in rows {
            let _ = writeln!(out, "  {}", work(plan, reader));
        }
    }
    out
}

fn head(Maintenance { plans, found }: Maintenance<'_>, reader: &Reader) -> String {
    let state = |is: fn(&Kept) -> bool| found.plans.iter().filter(|kept| is(kept)).count();
    let done = state(|kept| matches!(kept, Kept::Done(_)));
    let missing = state(|kept| *kept == Kept::NotDone);
    let uncovered = state(|kept| *kept == Kept::NotCovered);
    let (planned, sessions) = (plans.len(), found.sessions.len());
    let fitting = found.sessions.iter().filter(|j| is_as_planned(j)).count();
    let differing = sessions - fitting;
    let covered = found.covered.map(|(first, last)| span(first, last, reader));
    let mut lines = match reader.lang {
        Lang::En => vec![
            "Maintenance against the work plan".to_owned(),
            format!(
                "logs read: {}",
                covered.unwrap_or_else(|| "no event".to_owned())
            ),
            format!(
                "plan: {planned} rows; done {done}, nothing in the logs {missing}, not covered by the logs {uncovered}"
            ),
            format!("sessions: {sessions}; as planned {fitting}, to be asked about {differing}"),
        ],
        Lang::Ja => vec![
            "リモート保守の記録と作業計画の突合".to_owned(),
            format!(
                "読んだ記録：{}",
                covered.unwrap_or_else(|| "なし".to_owned())
            ),
            format!(
                "作業計画 {planned}件：実施 {done}、実施の記録なし {missing}、記録の範囲外 {uncovered}"
            ),
            format!("接続・操作 {sessions}件：計画どおり {fitting}、確認が必要 {differing}"),
        ],
    };
    if found.untrusted > 0 {
        let n = found.untrusted;
        lines.push(match reader.lang {
            Lang::En => format!("left out: {n} records whose clock is not to be trusted"),
            Lang::Ja => format!("時刻を信頼できない記録 {n}件は含みません"),
        });
    }
    if found.left_out > 0 {
        let n = found.left_out;
        lines.push(match reader.lang {
            Lang::En => format!("left out: {n} records beyond the bound; choose a shorter period"),
            Lang::Ja => format!("上限を超えた記録 {n}件は含みません。期間を短くしてください"),
        });
    }
    lines.join("\n") + "\n"
}

fn session(judged: &Judged, plans: &[PlannedWork], reader: &Reader) -> String {
    let session = &judged.session;
    let lang = reader.lang;
    let mut out = format!(
        "  {}  {}\n",
        span(session.start, session.end, reader),
        who(judged, lang)
    );
    if let Some(plan) = judged.plan.and_then(|at| plans.get(at)) {
        let word = if lang == Lang::En {
            "plan:"
        } else {
            "計画："
        };
        let _ = writeln!(out, "    {word} {}", work(plan, reader));
    }
    for finding in &judged.findings {
        let mark = if lang == Lang::En { "- " } else { "・" };
        let _ = writeln!(out, "    {mark}{}", sentence(finding, lang));
    }
    if session.failed_logins > 0 {
        let n = session.failed_logins;
        let _ = match lang {
            Lang::En if n == 1 => writeln!(out, "    - 1 login failed"),
            Lang::En => writeln!(out, "    - {n} logins failed"),
            Lang::Ja => writeln!(out, "    ・ログインの失敗{n}件"),
        };
    }
    let patients = session.patients.iter();
    let patients: Vec<String> = patients
        .take(SHOWN)
        .map(|(id, n)| match lang {
            Lang::En => format!("{} ({n})", safe(id)),
            Lang::Ja => format!("{}（{n}件）", safe(id)),
        })
        .collect();
    if !patients.is_empty() {
        let more = session.patients.len() - patients.len();
        let more = if more > 0 {
            format!(" … +{more}")
        } else {
            String::new()
        };
        let _ = writeln!(out, "      {}{more}", patients.join(", "));
    }
    let touching = session.acts.iter().filter(|act| !act.patients.is_empty());
    let touching: Vec<&Act> = touching.collect();
    for act in touching.iter().take(SHOWN) {
        let _ = writeln!(out, "      {}", act_line(act, reader));
    }
    if touching.len() > SHOWN {
        let more = touching.len() - SHOWN;
        let _ = match lang {
            Lang::En => writeln!(out, "      … {more} more: --output-format csv lists all"),
            Lang::Ja => writeln!(
                out,
                "      … ほか{more}件：--output-format csv ですべて出ます"
            ),
        };
    }
    out
}

fn act_line(act: &Act, reader: &Reader) -> String {
    let system = act.systems.first().map_or("", String::as_str);
    format!(
        "{}  {}  {}  {}  {}",
        spreadsheet(act.time, &reader.zone),
        safe(system),
        act.action.map_or("", Action::name),
        safe(&act.patients.join(" ")),
        safe(&act.place),
    )
}

/// The comparison as one JSON object.
///
/// # Errors
/// What the writer says.
pub fn write_json(
    out: &mut dyn Write,
    Maintenance { plans, found }: Maintenance<'_>,
    reader: &Reader,
) -> io::Result<()> {
    let time = |nanos: i64| exact(nanos, &reader.zone);
    let sessions = found.sessions.iter().map(|judged| {
        let session = &judged.session;
        let findings = judged.findings.iter().map(|finding| {
            json!({
                "code": finding.code(),
                "en": sentence(finding, Lang::En),
                "ja": sentence(finding, Lang::Ja),
            })
        });
        let acts = session.acts.iter().map(|act| {
            json!({
                "time": time(act.time),
                "source": act.source,
                "account": act.account,
                "address": act.address,
                "system": act.systems.first(),
                "action": act.action.map(Action::name),
                "outcome": act.outcome.name(),
                "patients": act.patients,
                "place": act.place,
            })
        });
        json!({
            "account": session.account,
            "addresses": session.addresses,
            "start": time(session.start),
            "end": time(session.end),
            "as_planned": is_as_planned(judged),
            "plan": judged.plan.and_then(|at| plans.get(at)).map(|plan| plan.at.to_string()),
            "findings": findings.collect::<Vec<Value>>(),
            "systems": session.systems,
            "patients": session.patients,
            "failed_logins": session.failed_logins,
            "records": acts.collect::<Vec<Value>>(),
        })
    });
    let rows = plans.iter().zip(&found.plans).map(|(plan, kept)| {
        let (state, sessions) = match kept {
            Kept::Done(sessions) => ("done", sessions.as_slice()),
            Kept::NotDone => ("nothing-in-logs", &[][..]),
            Kept::NotCovered => ("not-covered", &[][..]),
        };
        json!({
            "at": plan.at.to_string(),
            "vendor": plan.vendor,
            "person": plan.person,
            "work": plan.work,
            "accounts": plan.accounts,
            "systems": plan.systems,
            "from": time(plan.span.start),
            "to": time(plan.span.end),
            "state": state,
            "sessions": sessions,
        })
    });
    let document = json!({
        "covered": found.covered.map(|(first, last)| json!({ "from": time(first), "to": time(last) })),
        "sessions": sessions.collect::<Vec<Value>>(),
        "plans": rows.collect::<Vec<Value>>(),
        "untrusted": found.untrusted,
        "left_out": found.left_out,
    });
    write_json_line(out, &document)
}

/// The chronological list of all records, with what was found of their sessions, and the rows of
/// the plan that have none; as Excel opens it rightly.
///
/// # Errors
/// What the writer says.
pub fn write_csv(
    out: &mut dyn Write,
    Maintenance { plans, found }: Maintenance<'_>,
    reader: &Reader,
) -> io::Result<()> {
    out.write_all("\u{feff}".as_bytes())?;
    write_row(out, &headings(reader))?;
    for (number, judged) in found.sessions.iter().enumerate() {
        let findings = judged.findings.iter();
        let findings: Vec<String> = findings.map(|f| sentence(f, reader.lang)).collect();
        let plan = judged.plan.and_then(|at| plans.get(at));
        for act in &judged.session.acts {
            let cells = [
                (number + 1).to_string(),
                spreadsheet(act.time, &reader.zone),
                one_line(&act.account).into_owned(),
                one_line(&act.address).into_owned(),
                one_line(act.systems.first().map_or("", String::as_str)).into_owned(),
                act.action.map_or("", Action::name).to_owned(),
                act.outcome.name().to_owned(),
                one_line(&act.patients.join(" ")).into_owned(),
                one_line(&act.place).into_owned(),
                plan.map_or(String::new(), |plan| work(plan, reader)),
                findings.join(" / "),
            ];
            write_row(out, &cells)?;
        }
    }
    for (plan, kept) in plans.iter().zip(&found.plans) {
        let said = match (kept, reader.lang) {
            (Kept::Done(_), _) => continue,
            (Kept::NotDone, Lang::En) => "planned, and nothing in the logs",
            (Kept::NotDone, Lang::Ja) => "実施の記録がありません",
            (Kept::NotCovered, Lang::En) => "not covered by the logs read",
            (Kept::NotCovered, Lang::Ja) => "読んだ記録の範囲にありません",
        };
        let mut cells = vec![String::new(); 11];
        cells[1] = spreadsheet(plan.span.start, &reader.zone);
        cells[2] = one_line(&plan.accounts.join(" ")).into_owned();
        cells[9] = work(plan, reader);
        cells[10] = said.to_owned();
        write_row(out, &cells)?;
    }
    Ok(())
}

fn headings(reader: &Reader) -> [String; 11] {
    let zone = reader.zone.name();
    let words = match reader.lang {
        Lang::En => [
            "session", "time", "account", "address", "system", "action", "outcome", "patients",
            "record", "plan", "findings",
        ],
        Lang::Ja => [
            "番号",
            "日時",
            "アカウント",
            "接続元",
            "システム",
            "操作",
            "結果",
            "患者ID",
            "記録の場所",
            "作業計画",
            "判定",
        ],
    };
    words.map(|word| match word {
        "time" | "日時" => format!("{word} ({zone})"),
        word => word.to_owned(),
    })
}
