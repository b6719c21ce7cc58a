//! Maintenance from afar against the work plan: who came without a plan, which work left no trace,
//! whose charts were opened, and which logs could not be read again.

use crate::diagnostic::Lang;
use crate::report::document::{Block, Cell, Kind, Mark, Section, Table};
use crate::report::model::{
    Listed, MaintenanceTold, NotExaminedTold, OpeningTold, PatientTold, PlannedTold, SessionTold,
};

use super::{Speaker, Tongue, titled};

pub(super) fn section(speaker: &Speaker<'_>) -> Section {
    Section {
        id: "maintenance",
        title: speaker.whole(speaker.say(
            "5. Remote maintenance against the work plan",
            "5. リモート保守と作業計画の照合",
        )),
        short: speaker.say("5 Maintenance", "5 リモート保守"),
        blocks: match &speaker.weekly.maintenance {
            None if speaker.weekly.has_work_plan => vec![Block::Note(
                Mark::Plain,
                speaker.say(
                    "`yomawari report` reads the logs of these days once more and holds them against the work plan; that is not done here.",
                    "作業計画との照合は、ログを読み直す yomawari report で行います。この画面では照合していません。",
                ),
            )],
            None => vec![Block::Note(
                Mark::Plain,
                speaker.say(
                    "No work plan is configured (maintenance: in yomawari.yaml), so nothing is compared.",
                    "作業計画が設定されていません（yomawari.yaml の maintenance）。照合していません。",
                ),
            )],
            Some(told) => blocks(speaker, told),
        },
    }
}

fn blocks(speaker: &Speaker<'_>, told: &MaintenanceTold) -> Vec<Block> {
    let mut blocks = vec![overview(speaker, told)];
    if told.inputs > 0 || told.to_ask.total > 0 {
        blocks.push(to_ask(speaker, told));
    }
    if told.inputs > 0 {
        blocks.push(not_done(speaker, told));
    }
    blocks.extend(not_covered(speaker, told));
    blocks.extend(as_planned(speaker, told));
    blocks.extend(patients(speaker, told));
    blocks.extend(left_out(speaker, told));
    blocks.extend(not_examined(speaker, told));
    blocks
}

/// What was compared, and what came of it.
pub(in crate::report) fn overview(tongue: &Tongue, told: &MaintenanceTold) -> Block {
    match told.inputs {
        0 => Block::Note(
            Mark::Care,
            tongue.say(
                "A work plan is configured, but no log of this period is at hand: nothing could be compared.",
                "作業計画は設定されていますが、この期間のログが手元にないため、照合できませんでした。",
            ),
        ),
        _ => Block::Sentence(mark(told), summary(tongue, told)),
    }
}

/// The sessions that differ from the plan.
pub(in crate::report) fn to_ask(tongue: &Tongue, told: &MaintenanceTold) -> Block {
    let title = ("Sessions to be asked about", "確認が必要な接続・操作");
    Block::Table(sessions(tongue, title, &told.to_ask))
}

/// The rows of the plan that no session belongs to.
pub(in crate::report) fn not_done(tongue: &Tongue, told: &MaintenanceTold) -> Block {
    let title = ("Planned, and nothing in the logs", "実施の記録がない計画");
    Block::Table(planned(tongue, title, &told.not_done))
}

/// The rows of which nothing can be said.
pub(in crate::report) fn not_covered(tongue: &Tongue, told: &MaintenanceTold) -> Option<Block> {
    let title = (
        "Planned, and logs of that time are not at hand",
        "その時間の記録が手元にない計画（実施の有無は言えません）",
    );
    let list = &told.not_covered;
    (list.total > 0).then(|| Block::Table(planned(tongue, title, list)))
}

/// The sessions that keep to the plan.
pub(in crate::report) fn as_planned(tongue: &Tongue, told: &MaintenanceTold) -> Option<Block> {
    let title = ("Sessions as planned", "計画どおりの接続・操作");
    let list = &told.as_planned;
    (list.total > 0).then(|| Block::Table(sessions(tongue, title, list)))
}

/// Whose records were touched, and when.
pub(in crate::report) fn patients(tongue: &Tongue, told: &MaintenanceTold) -> Vec<Block> {
    match told.patients.total {
        0 => Vec::new(),
        _ => vec![
            Block::Table(by_patient(tongue, &told.patients)),
            Block::Table(openings(tongue, &told.openings)),
        ],
    }
}

fn mark(told: &MaintenanceTold) -> Mark {
    let is_whole = told.not_examined.total == 0 && told.rows.not_covered == 0;
    match (told.sessions.to_ask, told.rows.not_done) {
        (0, 0) if is_whole => Mark::Good,
        (0, _) => Mark::Care,
        _ => Mark::Bad,
    }
}

fn summary(tongue: &Tongue, told: &MaintenanceTold) -> String {
    let covered = told.covered.map(|span| tongue.span(span));
    let covered = covered.unwrap_or_else(|| tongue.say("no event", "出来事なし"));
    let (inputs, rows, sessions) = (told.inputs, told.rows, told.sessions);
    let patients = told.patients.total;
    let words: Vec<String> = told
        .differences
        .iter()
        .map(|(word, count)| format!("{}{}{count}", difference(tongue, word), tongue.say(" ", "")))
        .collect();
    let words = match words.is_empty() {
        true => String::new(),
        false => format!(
            "{}{}{}",
            tongue.say(" (", "（"),
            words.join(&tongue.say(", ", "・")),
            tongue.say(")", "）")
        ),
    };
    match tongue.lang {
        Lang::Ja => format!(
            "ログ{inputs}本（{covered}）を読み直し、作業計画{}件と照合しました。計画：実施{}件、実施の記録なし{}件、記録が手元にない{}件。接続・操作{}件：計画どおり{}件、確認が必要{}件{words}。患者{patients}人の記録に触れています。",
            rows.all,
            rows.done,
            rows.not_done,
            rows.not_covered,
            sessions.all,
            sessions.as_planned,
            sessions.to_ask
        ),
        Lang::En => format!(
            "Read again: {} ({covered}), held against {}. Plan: {} done, {} with nothing in the logs, {} of a time whose logs are not at hand. Sessions: {}; {} as planned, {} to be asked about{words}. Records of {} were touched.",
            tongue.count(inputs, ("log", "logs"), ""),
            tongue.count(rows.all, ("row of the plan", "rows of the plan"), ""),
            rows.done,
            rows.not_done,
            rows.not_covered,
            sessions.all,
            sessions.as_planned,
            sessions.to_ask,
            tongue.count(patients, ("patient", "patients"), ""),
        ),
    }
}

/// What a difference is called.
fn difference(tongue: &Tongue, word: &str) -> String {
    let (en, ja) = match word {
        "no-plan" => ("without a plan", "計画なし"),
        "early" => ("begun early", "開始前"),
        "overrun" => ("overrun", "時間超過"),
        "other-system" => ("other systems", "計画外のシステム"),
        "other-source" => ("other addresses", "計画外の接続元"),
        "other-account" => ("other accounts", "計画外のID"),
        other => (other, other),
    };
    tongue.say(en, ja)
}

fn sessions(tongue: &Tongue, title: (&str, &str), list: &Listed<SessionTold>) -> Table {
    let comma = tongue.say(", ", "、");
    let row = |session: &SessionTold| {
        let mut says: Vec<String> = session
            .findings
            .iter()
            .map(|(_, text)| tongue.text(text))
            .collect();
        if session.failed_logins > 0 {
            let count = session.failed_logins;
            says.push(match tongue.lang {
                Lang::Ja => format!("ログインの失敗{count}件"),
                Lang::En => tongue.count(count, ("login failed", "logins failed"), ""),
            });
        }
        let account = match session.account.is_empty() {
            true => tongue.say("not recorded", "記録なし"),
            false => session.account.clone(),
        };
        let systems = session.systems.iter();
        let systems: Vec<String> = systems.map(|(name, n)| format!("{name} {n}")).collect();
        vec![
            Cell::text(tongue.span(session.span)),
            Cell::text(account),
            Cell::text(session.addresses.join(&comma)),
            Cell::text(systems.join(&comma)),
            Cell::text(session.plan.clone().unwrap_or_else(|| "–".to_owned())),
            Cell::text(says.join("\n")),
        ]
    };
    Table {
        caption: titled(tongue, title, list.total),
        columns: vec![
            (tongue.say("When", "日時"), Kind::Text),
            (tongue.say("Account", "ID"), Kind::Text),
            (tongue.say("From", "接続元"), Kind::Code),
            (
                tongue.say("Systems, records", "システムと記録数"),
                Kind::Text,
            ),
            (tongue.say("Row of the plan", "計画の行"), Kind::Code),
            (tongue.say("What to ask about", "確認すること"), Kind::Text),
        ],
        rows: list.first.iter().map(row).collect(),
        more: tongue.more(list.more()),
        empty: tongue.say("none", "該当なし"),
    }
}

fn planned(tongue: &Tongue, title: (&str, &str), list: &Listed<PlannedTold>) -> Table {
    let comma = tongue.say(", ", "、");
    let row = |planned: &PlannedTold| {
        vec![
            Cell::Time(planned.span.0),
            Cell::Time(planned.span.1),
            Cell::text(planned.words.clone()),
            Cell::text(planned.accounts.join(&comma)),
            Cell::text(planned.systems.join(&comma)),
            Cell::text(planned.at.clone()),
        ]
    };
    Table {
        caption: titled(tongue, title, list.total),
        columns: vec![
            (tongue.say("From", "開始"), Kind::When),
            (tongue.say("To", "終了"), Kind::When),
            (tongue.say("Firm and work", "事業者・作業"), Kind::Text),
            (tongue.say("Accounts", "ID"), Kind::Text),
            (tongue.say("Systems", "対象システム"), Kind::Text),
            (tongue.say("Row of the plan", "計画の行"), Kind::Code),
        ],
        rows: list.first.iter().map(row).collect(),
        more: tongue.more(list.more()),
        empty: tongue.say("none", "該当なし"),
    }
}

fn by_patient(tongue: &Tongue, list: &Listed<PatientTold>) -> Table {
    let row = |patient: &PatientTold| {
        vec![
            Cell::text(patient.patient.clone()),
            Cell::Count(patient.records),
            Cell::Count(patient.sessions),
        ]
    };
    let title = (
        "Patients whose records were touched",
        "記録に触れた患者（患者ごとの件数）",
    );
    Table {
        caption: titled(tongue, title, list.total),
        columns: vec![
            (tongue.say("Patient", "患者"), Kind::Text),
            (tongue.say("Records", "記録"), Kind::Number),
            (tongue.say("Sessions", "接続・操作"), Kind::Number),
        ],
        rows: list.first.iter().map(row).collect(),
        more: tongue.more(list.more()),
        empty: tongue.say("none", "該当なし"),
    }
}

fn openings(tongue: &Tongue, list: &Listed<OpeningTold>) -> Table {
    let comma = tongue.say(", ", "、");
    let row = |opening: &OpeningTold| {
        vec![
            Cell::Time(opening.time),
            Cell::text(opening.account.clone()),
            Cell::text(opening.system.clone()),
            Cell::text(tongue.action(opening.action)),
            Cell::text(opening.patients.join(&comma)),
            Cell::text(opening.place.clone()),
        ]
    };
    let more = tongue.more(list.more()).map(|more| {
        let all = tongue.say(
            "`yomawari report maintenance --output-format csv` lists all",
            "すべての一覧は yomawari report maintenance --output-format csv で出ます",
        );
        format!("{more}{}{all}", tongue.say(": ", "："))
    });
    let title = (
        "Records that touch patients, in order of time",
        "患者の記録に触れた操作（時刻順）",
    );
    Table {
        caption: titled(tongue, title, list.total),
        columns: vec![
            (tongue.say("When", "日時"), Kind::When),
            (tongue.say("Account", "ID"), Kind::Text),
            (tongue.say("System", "システム"), Kind::Text),
            (tongue.say("What", "操作"), Kind::Text),
            (tongue.say("Patients", "患者"), Kind::Text),
            (tongue.say("Record", "記録の場所"), Kind::Code),
        ],
        rows: list.first.iter().map(row).collect(),
        more,
        empty: tongue.say("none", "該当なし"),
    }
}

/// What stands in no session, and what nobody knows any more.
pub(in crate::report) fn left_out(tongue: &Tongue, told: &MaintenanceTold) -> Vec<Block> {
    let mut notes = Vec::new();
    let mut add = |is_so: bool, en: String, ja: String| {
        if is_so {
            notes.push(Block::Note(Mark::Care, tongue.say(&en, &ja)));
        }
    };
    let (untrusted, more) = (told.untrusted, told.left_out);
    add(
        untrusted > 0,
        format!("Left out: {untrusted} records whose clock is not to be trusted."),
        format!("時刻を信頼できない記録{untrusted}件は含みません。"),
    );
    add(
        more > 0,
        format!("Left out: {more} records beyond the bound; choose a shorter period."),
        format!("上限を超えた記録{more}件は含みません。期間を短くしてください。"),
    );
    if let Some(until) = told.forgotten.map(|until| tongue.time(until)) {
        add(
            true,
            format!(
                "Which logs were read up to {until} is no longer kept: what is missing of them is not known."
            ),
            format!(
                "{until} までに読んだログの一覧は保存期間を過ぎています。欠けの有無はわかりません。"
            ),
        );
    }
    notes
}

fn not_examined(tongue: &Tongue, told: &MaintenanceTold) -> Option<Block> {
    let list = &told.not_examined;
    if list.total == 0 {
        return None;
    }
    let row = |log: &NotExaminedTold| {
        let (en, ja) = match log.why {
            "gone" => ("the file is not there any more", "ファイルがありません"),
            "changed" => (
                "the file is not the one that was read",
                "点検したときのファイルと違います",
            ),
            "pipe" => ("it came through a pipe", "パイプから読んだログです"),
            _ => ("it could not be read whole", "最後まで読めませんでした"),
        };
        let span = log.span.map(|span| tongue.span(span));
        vec![
            Cell::Marked(Mark::Care, log.source.clone()),
            Cell::text(log.path.clone()),
            Cell::text(span.unwrap_or_else(|| "–".to_owned())),
            Cell::text(tongue.say(en, ja)),
        ]
    };
    let title = (
        "Logs not examined for this section",
        "この章では調べられなかったログ",
    );
    Some(Block::Table(Table {
        caption: titled(tongue, title, list.total),
        columns: vec![
            (tongue.say("Source", "記録元"), Kind::Text),
            (tongue.say("File", "ファイル"), Kind::Code),
            (tongue.say("It told of", "記録の期間"), Kind::Text),
            (tongue.say("Why", "理由"), Kind::Text),
        ],
        rows: list.first.iter().map(row).collect(),
        more: tongue.more(list.more()),
        empty: String::new(),
    }))
}
