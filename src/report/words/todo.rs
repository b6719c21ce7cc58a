//! What is to be done: open alerts, worst first, and the evidence they rest on.

use crate::diagnostic::Lang;
use crate::report::document::{Block, Case, CaseLine, Cell, Kind, Mark, Section, Table};
use crate::report::model::{About, Cause, KeyTold};
use crate::report::number::{share, thousands};
use crate::store::DispositionWord;

use super::Speaker;

/// Who wrote the program's own rules: only others are credited.
const OURS: &str = "Yomawari";

pub(super) fn section(speaker: &Speaker<'_>) -> Section {
    let alerts = &speaker.weekly.alerts;
    let mut blocks = Vec::new();
    if alerts.causes.first.is_empty() {
        let none = speaker.say(
            "There is nothing to do from alerts.",
            "アラートについて確認することはありません。",
        );
        blocks.push(Block::Note(Mark::Good, none));
    } else {
        blocks.push(Block::Words(lead(speaker)));
        blocks.push(Block::Cases(
            alerts
                .causes
                .first
                .iter()
                .map(|c| case(speaker, c))
                .collect(),
        ));
        if let Some(more) = speaker.more(alerts.causes.more()) {
            blocks.push(Block::Note(
                Mark::Plain,
                format!("{more}: yomawari alerts list"),
            ));
        }
    }
    blocks.push(Block::Heading(
        speaker.say("Records while the house was closed", "時間外の記録"),
    ));
    blocks.push(Block::Words(explained(speaker)));
    if !alerts.decided.is_empty() {
        blocks.push(Block::Heading(speaker.say(
            "Alerts of this period already decided",
            "この期間の対応済みアラート",
        )));
        blocks.push(Block::Table(decided(speaker)));
    }
    Section {
        id: "todo",
        title: speaker.say("2. To do", "2. 確認すること"),
        short: speaker.say("2 To do", "2 確認すること"),
        blocks,
    }
}

fn lead(speaker: &Speaker<'_>) -> String {
    let documents = &speaker.weekly.standing.documents;
    let procedure = documents
        .iter()
        .find(|d| d.is_there && d.name.contains("インシデント"));
    let mut text = speaker.say(
        "Worst first. Each item is one cause; alerts of one kind about one account, device or source are one line. The days given are a suggestion. Write what was found with “yomawari alerts close”.",
        "重い順です。1項目が1つの原因で、同じ相手（ID・端末・記録元）についてのアラートは1行にまとめています。期限は目安です。確認した結果は yomawari alerts close で記録してください。",
    );
    if let Some(document) = procedure {
        let contact = match document.contact.is_empty() {
            true => String::new(),
            false => match speaker.lang {
                Lang::Ja => format!("、連絡先：{}", document.contact),
                Lang::En => format!(", contact: {}", document.contact),
            },
        };
        text.push_str(&match speaker.lang {
            Lang::Ja => format!(
                " 手順は「{}」（{}）に従ってください{contact}。",
                document.name, document.file
            ),
            Lang::En => format!(" Follow “{}” ({}){contact}.", document.name, document.file),
        });
    }
    text
}

fn case(speaker: &Speaker<'_>, cause: &Cause) -> Case {
    let count = speaker.count(cause.count, ("alert", "alerts"), "件");
    let keys = speaker.count(cause.keys.total, ("line", "lines"), "組");
    let mut told = match (speaker.lang, cause.keys.total < cause.count) {
        (Lang::Ja, true) => format!("{count}（{keys}にまとめ）"),
        (Lang::En, true) => format!("{count} in {keys}"),
        (_, false) => count,
    };
    told.push_str(&format!(
        "{}{}",
        speaker.say(", ", "、"),
        speaker.span(cause.span)
    ));
    if cause.from_before > 0 {
        let before = thousands(cause.from_before);
        told.push_str(&match speaker.lang {
            Lang::Ja => format!("、うち前からの未対応{before}件"),
            Lang::En => format!(", {before} of them open from before"),
        });
    }
    if let Some(author) = cause.author.as_ref().filter(|author| *author != OURS) {
        told.push_str(&match speaker.lang {
            Lang::Ja => format!("（ルール作者：{author}）"),
            Lang::En => format!(" (rule by {author})"),
        });
    }
    let lines = cause.keys.first.iter().enumerate();
    Case {
        id: format!("case-{}", cause.number),
        level: cause.level,
        level_word: speaker.level(cause.level).to_owned(),
        title: speaker.title(&cause.rule, &cause.title).to_owned(),
        count: told,
        lines: lines
            .map(|(at, key)| line(speaker, cause, at, key))
            .collect(),
        more: match (cause.keys.more(), speaker.lang) {
            (0, _) => None,
            (more, Lang::Ja) => Some(format!("ほか{}組", thousands(more))),
            (more, Lang::En) => Some(format!("and {} more lines", thousands(more))),
        },
        steps: steps(speaker, cause),
    }
}

fn line(speaker: &Speaker<'_>, cause: &Cause, at: usize, key: &KeyTold) -> CaseLine {
    let mut parts = Vec::new();
    // The sentence of an alert tells its own time.
    if key.summary.is_none() {
        parts.push(speaker.span(key.span));
    }
    if key.count > 1 {
        let (count, first) = (thousands(key.count), speaker.span((key.span.0, key.span.0)));
        parts.push(match speaker.lang {
            Lang::Ja => format!("同じ相手で計{count}回、最初は{first}"),
            Lang::En => format!("{count} times in all, first {first}"),
        });
    }
    if !key.is_of_period {
        parts.push(speaker.say("open from before", "前からの未対応"));
    }
    if key.revision > 0 {
        parts.push(speaker.say("says something new", "内容が更新されました"));
    }
    parts.extend(Some(key.department.clone()).filter(|department| !department.is_empty()));
    let when = match parts.is_empty() {
        true => String::new(),
        false => format!(
            "{}{}{}",
            speaker.say("(", "（"),
            parts.join(&speaker.say(", ", "、")),
            speaker.say(")", "）")
        ),
    };
    CaseLine {
        to: anchor(cause.number, at),
        link_word: match speaker.lang {
            Lang::Ja => format!("証拠 {}", evidence_name(cause.number, at)),
            Lang::En => format!("evidence {}", evidence_name(cause.number, at)),
        },
        text: sentence(speaker, cause, key),
        when,
    }
}

/// The alert's own sentence; where persons are masked, one made from what names nobody.
fn sentence(speaker: &Speaker<'_>, cause: &Cause, key: &KeyTold) -> String {
    if let Some(summary) = &key.summary {
        return speaker.text(summary);
    }
    let values = key.key.iter().map(|(field, value)| {
        let none = || speaker.say("not recorded", "記録なし");
        format!(
            "{} {}",
            word_of(speaker, field),
            value.clone().unwrap_or_else(none)
        )
    });
    let values: Vec<String> = values.collect();
    let values = values.join(&speaker.say(", ", "、"));
    let records = speaker.count(key.records, ("record", "records"), "行");
    let title = speaker.title(&cause.rule, &cause.title);
    match speaker.lang {
        Lang::Ja => format!("{values}：{title}（記録{records}）"),
        Lang::En => format!("{values}: {title} ({records})"),
    }
}

fn word_of(speaker: &Speaker<'_>, field: &str) -> String {
    let (en, ja) = match field {
        "user.account" | "user.id" | "user.name" => ("account", "ID"),
        "patient.id" => ("patient", "患者"),
        "source.terminal" | "source.ip" | "host.name" | "source.mac" => ("terminal", "端末"),
        "observer.name" => ("source", "記録元"),
        other => (other, other),
    };
    speaker.say(en, ja)
}

fn steps(speaker: &Speaker<'_>, cause: &Cause) -> Vec<(String, String)> {
    let mut steps = Vec::new();
    let mut check = speaker.text(&cause.respond);
    let show = cause
        .keys
        .first
        .first()
        .map(|key| key.id.chars().take(12).collect::<String>());
    let show = format!("yomawari alerts show {}", show.unwrap_or_default());
    if check.is_empty() {
        check = speaker.say("Look at the records.", "記録を確かめます。");
    }
    steps.push((
        speaker.say("Check", "確認方法"),
        format!("{check} ({show})"),
    ));
    let ask = match cause.about {
        About::Account => (
            "the owner of the account and the head of the department",
            "IDの持ち主と、所属部署の責任者",
        ),
        About::Patient => (
            "the heads of the departments that opened the chart, and the officer for personal information",
            "カルテを開いた部署の責任者と、個人情報保護の担当者",
        ),
        About::Device => (
            "the department where the device stands, and whoever runs the network",
            "端末・機器を置く部署と、ネットワークの担当者",
        ),
        About::Source => (
            "whoever runs the system that writes the log, or its vendor",
            "記録元のシステムの担当者、または保守業者",
        ),
    };
    steps.push((speaker.say("Ask", "尋ねる相手"), speaker.say(ask.0, ask.1)));
    let until = match cause.level {
        4 => ("today", "当日中"),
        3 => ("by the next working day", "翌営業日まで"),
        2 => ("within a week", "1週間以内"),
        1 => ("by the next review", "次の点検まで"),
        _ => ("when there is time", "時間のあるときに"),
    };
    steps.push((
        speaker.say("Until", "期限の目安"),
        speaker.say(until.0, until.1),
    ));
    if !cause.clauses.is_empty() {
        steps.push((
            speaker.say("Clauses", "関係する条項"),
            labels(speaker, &cause.clauses),
        ));
    }
    steps
}

/// Clauses by the names that people use.
fn labels(speaker: &Speaker<'_>, clauses: &[String]) -> String {
    let items = &speaker.weekly.evidenced.items;
    let label = |clause: &String| {
        let found = items.iter().find(|item| item.id == *clause);
        found.map_or_else(|| clause.clone(), |item| item.label.clone())
    };
    let names: Vec<String> = clauses.iter().map(label).collect();
    names.join(&speaker.say(", ", "、"))
}

/// 時間外412件、うち勤務表で説明398件。
fn explained(speaker: &Speaker<'_>) -> String {
    let off = &speaker.weekly.off_hours;
    let total = thousands(off.total.now);
    let [after, holiday, night] = off.bands.map(thousands);
    let (roster, declared) = (thousands(off.by_roster), thousands(off.by_declaration));
    let part = share(off.by_roster + off.by_declaration, off.total.now);
    let compared = speaker.compared(off.total);
    match speaker.lang {
        Lang::Ja => format!(
            "時間外{total}件{compared}、うち勤務表で説明{roster}件・届出で説明{declared}件（合わせて{part}）。内訳は時間外{after}件、休日{holiday}件、深夜{night}件です。説明のついた記録はアラートにせず、件数だけを載せています。"
        ),
        Lang::En => format!(
            "{total} records while closed{compared}; of these a roster explains {roster} and a declaration {declared} ({part} together). After hours: {after}, holidays: {holiday}, late night: {night}. What is explained makes no alert and is counted here."
        ),
    }
}

fn decided(speaker: &Speaker<'_>) -> Table {
    let rows = speaker.weekly.alerts.decided.iter().map(|(word, count)| {
        let shown = match word.as_str() {
            "" => speaker.say("without a word", "区分なし"),
            word => DispositionWord::shown(word, speaker.lang).to_owned(),
        };
        vec![Cell::Text(shown), Cell::Count(*count)]
    });
    Table {
        caption: speaker.say("Decisions", "対応の区分"),
        columns: vec![
            (speaker.say("Decision", "区分"), Kind::Text),
            (speaker.say("Alerts", "件数"), Kind::Number),
        ],
        rows: rows.collect(),
        more: None,
        empty: String::new(),
    }
}

fn anchor(cause: usize, at: usize) -> String {
    format!("evidence-{cause}-{}", at + 1)
}

fn evidence_name(cause: usize, at: usize) -> String {
    format!("{cause}-{}", at + 1)
}

/// The evidence of what is to be done: where the records stand.
pub(super) fn evidence(speaker: &Speaker<'_>) -> Section {
    let mut rows = Vec::new();
    for cause in &speaker.weekly.alerts.causes.first {
        for (at, key) in cause.keys.first.iter().enumerate() {
            rows.push(evidence_row(speaker, cause, at, key));
        }
    }
    let words = speaker.say(
        "Each row leads from an item of section 2 to the records it rests on. The file, the line and the SHA-256 of the record's bytes let anybody check it: “yomawari alerts verify ID”.",
        "2章の各行のもとになった記録です。ファイル・行・記録のハッシュ値（SHA-256）から、だれでも確かめられます（yomawari alerts verify ID）。",
    );
    let table = Table {
        caption: speaker.say("Evidence", "証拠の一覧"),
        columns: vec![
            (speaker.say("No.", "番号"), Kind::Name),
            (speaker.say("Alert", "アラート"), Kind::Code),
            (speaker.say("Records", "記録"), Kind::Text),
            (speaker.say("What made it true", "根拠"), Kind::Text),
        ],
        rows,
        more: None,
        empty: speaker.say("There is no open alert.", "未対応のアラートはありません。"),
    };
    Section {
        id: "evidence",
        title: speaker.say("9. Evidence", "9. 証拠"),
        short: speaker.say("9 Evidence", "9 証拠"),
        blocks: vec![Block::Words(words), Block::Table(table)],
    }
}

fn evidence_row(speaker: &Speaker<'_>, cause: &Cause, at: usize, key: &KeyTold) -> Vec<Cell> {
    let mut records: Vec<String> = key
        .evidence
        .iter()
        .map(|record| {
            let hash: String = record.sha256.chars().take(12).collect();
            let place = format!(
                "{}:{} ({}, {hash})",
                record.path,
                record.line,
                speaker.time(record.time)
            );
            match &record.text {
                Some(text) => format!("{place}\n{text}"),
                None => place,
            }
        })
        .collect();
    let shown = key.evidence.len() as u64;
    records.extend(speaker.more(key.records.saturating_sub(shown)));
    let reasons: Vec<String> = key
        .reasons
        .iter()
        .map(|reason| {
            let parts = [&reason.what, &reason.because, &reason.at];
            let told: Vec<&str> = parts
                .into_iter()
                .map(String::as_str)
                .filter(|p| !p.is_empty())
                .collect();
            told.join(" ・ ")
        })
        .filter(|told| !told.is_empty())
        .collect();
    let id: String = key.id.chars().take(12).collect();
    vec![
        Cell::Anchor(
            anchor(cause.number, at),
            format!("case-{}", cause.number),
            evidence_name(cause.number, at),
        ),
        Cell::Alert(id, None),
        Cell::text(records.join("\n")),
        Cell::text(reasons.join("\n")),
    ]
}
