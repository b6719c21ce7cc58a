//! The verdict in three sentences: what was examined, what needs a person, what could not be seen.

use crate::diagnostic::Lang;
use crate::report::document::{Block, Cell, Kind, Mark, Section, Table};
use crate::report::model::Figure;
use crate::report::number::{difference, thousands};

use super::Speaker;

/// Names told in a sentence.
const NAMED: usize = 6;

pub(super) fn section(speaker: &Speaker<'_>) -> Section {
    let mut blocks = vec![examined(speaker), needs(speaker), unseen(speaker)];
    if let Some(figures) = figures(speaker) {
        blocks.push(Block::Table(figures));
    }
    Section {
        id: "verdict",
        title: speaker.say("1. In three sentences", "1. 結論（三つの文）"),
        short: speaker.say("1 Verdict", "1 結論"),
        blocks,
    }
}

fn examined(speaker: &Speaker<'_>) -> Block {
    let weekly = speaker.weekly;
    let examined = &weekly.examined;
    if !examined.has_figures {
        return Block::Sentence(Mark::Care, speaker.say(
            "The store holds no figures of these days: it was written by an earlier version. Alerts and runs are told all the same.",
            "この期間の集計がストアにありません（以前の版で書かれたストアです）。アラートと実行記録だけを載せています。",
        ));
    }
    let records = thousands(examined.records.now);
    let (with, days, sources) = (
        examined.days_with_records,
        examined.days,
        examined.sources.len(),
    );
    let compared = speaker.compared(examined.records);
    let names = speaker.list(&examined.sources, NAMED);
    let (first, last) = (
        speaker.day(weekly.period.first),
        speaker.day(weekly.period.last),
    );
    let text = match speaker.lang {
        Lang::Ja if sources == 0 => format!(
            "{first}から{last}までの{days}日間について、調べることのできた記録はありません。"
        ),
        Lang::En if sources == 0 => {
            format!("From {first} to {last} there was no record that could be examined.")
        }
        Lang::Ja => format!(
            "{first}から{last}までの{days}夜のうち{with}夜について、{sources}つの記録元（{names}）の記録{records}件を調べました{compared}。"
        ),
        Lang::En => format!(
            "From {first} to {last}, {with} of {days} nights were examined: {records} records{compared} of {}: {names}.",
            speaker.count(sources as u64, ("source", "sources"), ""),
        ),
    };
    let mark = if sources > 0 && with == days {
        Mark::Good
    } else {
        Mark::Care
    };
    Block::Sentence(mark, of_house(speaker, text) + &of_department(speaker))
}

/// A sentence about the whole house says so in the report of one department.
fn of_house(speaker: &Speaker<'_>, text: String) -> String {
    match speaker.weekly.department {
        Some(_) => speaker.say("Whole institution: ", "施設全体：") + &text,
        None => text,
    }
}

/// What was examined of the department.
fn of_department(speaker: &Speaker<'_>) -> String {
    let weekly = speaker.weekly;
    let (Some(name), Some(told)) = (&weekly.department, &weekly.of_department) else {
        return String::new();
    };
    if told.is_withheld {
        return String::new();
    }
    let (events, accounts) = (thousands(told.events.now), thousands(told.accounts));
    let compared = speaker.compared(told.events);
    match speaker.lang {
        Lang::Ja => format!("{name}のものは、ID {accounts}つの{events}件です{compared}。"),
        Lang::En => format!(" Of {name}: {events} events{compared} of {accounts} accounts."),
    }
}

fn needs(speaker: &Speaker<'_>) -> Block {
    let alerts = &speaker.weekly.alerts;
    let total = alerts.open_total();
    if total == 0 {
        let examined = &speaker.weekly.examined;
        let is_whole = examined.days_with_records == examined.days && examined.silent.is_empty();
        let mark = if is_whole { Mark::Good } else { Mark::Care };
        return Block::Sentence(mark, nothing(speaker));
    }
    let levels: Vec<String> = (0..5)
        .rev()
        .filter(|level| alerts.open[*level] > 0)
        .map(|level| {
            format!(
                "{}{}{}",
                speaker.level(level),
                speaker.say(" ", ""),
                thousands(alerts.open[level])
            )
        })
        .collect();
    let levels = levels.join(&speaker.say(", ", "・"));
    let [new, revised, before] = [alerts.new, alerts.revised, alerts.from_before].map(thousands);
    let causes = thousands(alerts.causes.total);
    let total = thousands(total);
    let text = match speaker.lang {
        Lang::Ja => format!(
            "人の確認が必要なアラートは{total}件です（{levels}）。原因ごとにまとめると{causes}項目で、新しく出たものが{new}件、内容が変わったものが{revised}件、前の期間から残っているものが{before}件です。"
        ),
        Lang::En => format!(
            "{total} alerts need a person ({levels}), {causes} when grouped by cause: {new} are new, {revised} say something new, and {before} are still open from before."
        ),
    };
    let mark = if alerts.open[3] + alerts.open[4] > 0 {
        Mark::Bad
    } else {
        Mark::Care
    };
    Block::Sentence(mark, text)
}

/// What a stretch without open alerts rests on.
fn nothing(speaker: &Speaker<'_>) -> String {
    let weekly = speaker.weekly;
    let rules = &weekly.examined.rules;
    let decided: u64 = weekly.alerts.decided.iter().map(|(_, count)| count).sum();
    let (speaking, silent, all) = (rules.speaking, rules.silent.len(), weekly.alerts.all.now);
    if weekly.examined.has_figures && weekly.examined.records.now == 0 {
        return speaker.say(
            "No alert waits for a person, and that says nothing: there was no record in which one could have been found.",
            "人の確認を待っているアラートはありません。ただし、調べた記録がないため、異常がなかったとは言えません。",
        );
    }
    match speaker.lang {
        Lang::Ja => format!(
            "人の確認を待っているアラートはありません（この期間のアラート{all}件、うち対応済み{decided}件）。これは上の記録を{speaking}本のルールで調べた結果であり、働かなかったルール{silent}本と、下に挙げる見えなかった部分については何も言えません。"
        ),
        Lang::En => format!(
            "No alert waits for a person ({all} alerts in this period, {decided} of them decided). This rests on the records above and {speaking} rules; it says nothing about the {silent} rules that could not speak, nor about what could not be seen."
        ),
    }
}

fn unseen(speaker: &Speaker<'_>) -> Block {
    let examined = &speaker.weekly.examined;
    let mut parts = Vec::new();
    let days: Vec<String> = examined
        .missing
        .iter()
        .map(|day| speaker.day(*day))
        .collect();
    let mut add = |is_there: bool, en: String, ja: String| {
        if is_there {
            parts.push(match speaker.lang {
                Lang::En => en,
                Lang::Ja => ja,
            });
        }
    };
    let (missing, silent) = (
        speaker.list(&days, NAMED),
        speaker.list(&examined.silent, NAMED),
    );
    add(
        !days.is_empty(),
        format!("days without any record ({missing})"),
        format!("記録のない日（{missing}）"),
    );
    add(
        !examined.silent.is_empty(),
        format!("silent sources ({silent})"),
        format!("記録が届かなかった記録元（{silent}）"),
    );
    let gaps: Vec<String> = examined
        .gaps
        .first
        .iter()
        .map(|gap| format!("{} {}", gap.source, speaker.day(gap.day)))
        .collect();
    let names = speaker.list(&gaps, NAMED);
    add(
        !gaps.is_empty(),
        format!("days on which single sources gave nothing ({names})"),
        format!("記録元ごとの欠け（{names}）"),
    );
    let rejects = thousands(examined.rejects.now);
    add(
        examined.rejects.now > 0,
        format!("{rejects} records that could not be read"),
        format!("読み取れなかった記録{rejects}件"),
    );
    let untrusted = thousands(examined.untrusted.now);
    add(
        examined.untrusted.now > 0,
        format!("{untrusted} events whose clock is not to be trusted"),
        format!("時計を信用できない記録{untrusted}件"),
    );
    let broken = speaker.weekly.account.broken;
    add(
        broken.is_some(),
        "the run record is broken, so that what stands in the store may have been altered"
            .to_owned(),
        "実行記録の連鎖の切れ目（ストアの内容が変えられたおそれ）".to_owned(),
    );
    if parts.is_empty() {
        return Block::Sentence(Mark::Good, of_house(speaker, speaker.say(
            "Nothing is known to be missing: no night without records, no silent source, no record that could not be read, no clock that is not to be trusted.",
            "見えなかった部分は見つかっていません。記録のない夜、沈黙した記録元、読み取れない記録、信用できない時計は、いずれもありませんでした。",
        )));
    }
    let list = parts.join(&speaker.say("; ", "、"));
    let text = match speaker.lang {
        Lang::En => format!("What could not be seen: {list}."),
        Lang::Ja => format!("見えなかった部分は次のとおりです：{list}。"),
    };
    Block::Sentence(Mark::Care, of_house(speaker, text))
}

/// True when the department's figures are not told.
pub(super) fn is_withheld(speaker: &Speaker<'_>) -> bool {
    let told = speaker.weekly.of_department.as_ref();
    told.is_some_and(|told| told.is_withheld)
}

/// The figures beside those of the stretch before.
fn figures(speaker: &Speaker<'_>) -> Option<Table> {
    let weekly = speaker.weekly;
    let examined = &weekly.examined;
    if !examined.has_figures {
        return None;
    }
    // Of the whole house, and in the report of a department too where nobody knows whose they are.
    let mut rows: Vec<(String, Figure)> = Vec::new();
    let mut add = |is_whole: bool, (en, ja): (&str, &str), figure: Figure| {
        let name = speaker.say(en, ja);
        let name = if is_whole { speaker.whole(name) } else { name };
        rows.push((name, figure));
    };
    add(true, ("Records", "調べた記録"), examined.records);
    if let Some(told) = weekly.of_department.as_ref().filter(|t| !t.is_withheld) {
        add(
            false,
            ("Events of the department", "この部署の出来事"),
            told.events,
        );
        let failed = ("Refused acts of the department", "この部署の失敗した操作");
        add(false, failed, told.failed);
    }
    let alerts = ("Alerts, decided or not", "アラート（対応済みを含む）");
    add(false, alerts, weekly.alerts.all);
    if !is_withheld(speaker) {
        let closed = ("Records while closed", "時間外の記録");
        add(false, closed, weekly.off_hours.total);
    }
    let figures = [
        (("Failed logins", "ログイン失敗"), examined.failed_logins),
        (
            ("Records that could not be read", "読み取れなかった記録"),
            examined.rejects,
        ),
        (
            ("Events with an untrusted clock", "時計を信用できない記録"),
            examined.untrusted,
        ),
    ];
    for (name, figure) in figures {
        add(true, name, figure);
    }
    let row = |(name, figure): &(String, Figure)| {
        let before = figure.before.map_or_else(|| Cell::text("–"), Cell::Count);
        let change = figure
            .before
            .map_or_else(|| "–".to_owned(), |b| difference(figure.now, b));
        vec![
            Cell::text(name.clone()),
            Cell::Count(figure.now),
            before,
            Cell::text(change),
        ]
    };
    let is_week = weekly.period.label.contains("-W");
    let (now, before) = match is_week {
        true => (
            speaker.say("This week", "今週"),
            speaker.say("Week before", "前の週"),
        ),
        false => (
            speaker.say("This period", "今回"),
            speaker.say("Stretch before", "前の期間"),
        ),
    };
    Some(Table {
        caption: speaker.say("The figures beside those of before", "前の期間との比較"),
        columns: vec![
            (speaker.say("Figure", "項目"), Kind::Text),
            (now, Kind::Number),
            (before, Kind::Number),
            (speaker.say("Change", "増減"), Kind::Number),
        ],
        rows: rows.iter().map(row).collect(),
        more: None,
        empty: String::new(),
    })
}
