//! What is to be done: open alerts, worst first.

use crate::diagnostic::Lang;
use crate::report::document::{Block, Case, CaseLine, Cell, Kind, Mark, Section, Table};
use crate::report::model::{About, Cause, KeyTold};
use crate::report::number::{share, thousands};
use crate::store::DispositionWord;

use super::{Speaker, evidence, names};

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
    blocks.extend(maintenance(speaker));
    if !super::verdict::is_withheld(speaker) {
        blocks.push(Block::Heading(
            speaker.say("Records while the house was closed", "時間外の記録"),
        ));
        blocks.push(Block::Words(explained(speaker)));
    }
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

/// What maintenance from afar asks for: told in its own section.
fn maintenance(speaker: &Speaker<'_>) -> Option<Block> {
    let told = speaker.weekly.maintenance.as_ref()?;
    let (to_ask, not_done) = (told.sessions.to_ask, told.rows.not_done);
    if to_ask + not_done == 0 {
        return None;
    }
    Some(Block::Note(
        Mark::Bad,
        match speaker.lang {
            Lang::Ja => format!(
                "リモート保守（5章）：作業計画と合わない接続・操作{to_ask}件、実施の記録がない計画{not_done}件。保守業者に確認し、結果を記録してください。"
            ),
            Lang::En => format!(
                "Remote maintenance (section 5): {to_ask} sessions differ from the work plan, {not_done} planned works left nothing in the logs. Ask the vendor and write down the answer."
            ),
        },
    ))
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
                Lang::Ja => format!("連絡先：{}。", document.contact),
                Lang::En => format!(", contact: {}", document.contact),
            },
        };
        text.push_str(&match speaker.lang {
            Lang::Ja => format!(
                "手順は「{}」（{}）に従ってください。{contact}",
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
        to: evidence::anchor(cause.number, at),
        link_word: match speaker.lang {
            Lang::Ja => format!("証拠 {}", evidence::name_of(cause.number, at)),
            Lang::En => format!("evidence {}", evidence::name_of(cause.number, at)),
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
            names::field(field, speaker.lang),
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
    let told = speaker.weekly.of_department.as_ref();
    if told.is_some_and(|told| !told.knows_explained) {
        return match speaker.lang {
            Lang::Ja => format!(
                "時間外{total}件{compared}。内訳は時間外{after}件、休日{holiday}件、深夜{night}件です。以前の版で数えた日を含むため、勤務表や届出で説明のつく件数は部署ごとにはわかりません。"
            ),
            Lang::En => format!(
                "{total} records while closed{compared}. After hours: {after}, holidays: {holiday}, late night: {night}. An earlier version counted some of these days: how many of them a roster or a declaration explains is not known by department."
            ),
        };
    }
    if off.total.now == 0 && off.total.before.unwrap_or(0) == 0 {
        return speaker.say(
            "No record was made while the house was closed; packets that passed or were dropped are not counted.",
            "時間外の記録はありませんでした。通信の通過・遮断の記録は数えていません。",
        );
    }
    match speaker.lang {
        Lang::Ja => format!(
            "時間外{total}件{compared}、うち勤務表で説明{roster}件・届出で説明{declared}件（合わせて{part}）。内訳は時間外{after}件、休日{holiday}件、深夜{night}件です。説明のついた記録はアラートにせず、件数だけを載せています。通信の通過・遮断の記録は数えていません。"
        ),
        Lang::En => format!(
            "{total} records while closed{compared}; of these a roster explains {roster} and a declaration {declared} ({part} together). After hours: {after}, holidays: {holiday}, late night: {night}. What is explained makes no alert and is counted here; packets that passed or were dropped are not."
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::model::DepartmentTold;

    #[test]
    fn what_a_department_is_explained_by_is_not_guessed() {
        let mut weekly = crate::report::samples::empty();
        weekly.department = Some("薬剤部".to_owned());
        for (knows_explained, part) in [
            (true, "うち勤務表で説明0件"),
            (false, "部署ごとにはわかりません"),
        ] {
            weekly.off_hours.total.now = 7;
            weekly.of_department = Some(DepartmentTold {
                knows_explained,
                ..DepartmentTold::default()
            });
            let page = crate::report::page(&weekly, Lang::Ja);
            assert!(page.contains(part), "{part}");
            assert!(page.contains("時間外7件"));
        }
    }
}
