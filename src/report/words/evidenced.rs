//! What the logs can show of guideline and checklist, and what each source tells.

use crate::diagnostic::Lang;
use crate::report::document::{Block, Cell, Kind, Mark, Section, Table};
use crate::report::model::{Adequacy, EvidencedItem};
use crate::report::number::percent;

use super::Speaker;

/// Below this share of its records, a source is said to lack a thing, in percent.
const ENOUGH: u64 = 90;

pub(super) fn section(speaker: &Speaker<'_>) -> Section {
    let evidenced = &speaker.weekly.evidenced;
    let texts: Vec<String> = evidenced
        .texts
        .iter()
        .map(|text| speaker.text(text))
        .collect();
    let texts = texts.join(&speaker.say("; ", "、"));
    let version = &evidenced.version;
    let words = match speaker.lang {
        Lang::Ja => format!(
            "ログから言えることと、言えないことの一覧です。適合の判定ではありません。はい・いいえの判断は、責任者が右端の欄に記入してください。もとにした文書：{texts}（対応表 {version}版、要旨のみ）。"
        ),
        Lang::En => format!(
            "What the logs say, and what they cannot say. This is no judgement of compliance: the officer fills in the last column. Made from: {texts} (table of version {version}, in our words)."
        ),
    };
    let (guideline, checklist): (Vec<&EvidencedItem>, Vec<&EvidencedItem>) = evidenced
        .items
        .iter()
        .partition(|item| item.id.starts_with("mhlw"));
    Section {
        id: "evidenced",
        title: speaker.whole(speaker.say(
            "6. What the logs can evidence",
            "6. ログから確認できること・できないこと",
        )),
        short: speaker.say("6 Evidenced", "6 確認できること"),
        blocks: vec![
            Block::Words(words),
            Block::Table(items(
                speaker,
                ("Clauses of the guideline", "ガイドラインの条項"),
                &guideline,
            )),
            Block::Table(items(
                speaker,
                ("Items of the checklist", "チェックリストの項目"),
                &checklist,
            )),
            Block::Table(adequacy(speaker)),
        ],
    }
}

fn items(speaker: &Speaker<'_>, (en, ja): (&str, &str), items: &[&EvidencedItem]) -> Table {
    let row = |item: &&EvidencedItem| {
        let (mark, word) = strength(speaker, &item.strength);
        let mut figures: Vec<String> = item.figures.iter().map(|text| speaker.text(text)).collect();
        if item.alerts > 0 {
            let count = speaker.count(item.alerts, ("alert", "alerts"), "件");
            figures.push(match speaker.lang {
                Lang::Ja => format!("関係するアラート{count}"),
                Lang::En => format!("{count} naming it"),
            });
        }
        if figures.is_empty() {
            figures.push(speaker.say("not evidenced by logs", "ログからは確認できません"));
        }
        vec![
            Cell::text(item.label.clone()),
            Cell::text(speaker.text(&item.asks)),
            Cell::Marked(mark, word),
            Cell::text(figures.join("\n")),
            Cell::text(speaker.text(&item.limit)),
            Cell::text("□"),
        ]
    };
    Table {
        caption: speaker.say(en, ja),
        columns: vec![
            (speaker.say("Item", "項目"), Kind::Name),
            (
                speaker.say("Asks, in short", "求めていること（要旨）"),
                Kind::Text,
            ),
            (
                speaker.say("Logs can show", "ログで示せる度合い"),
                Kind::Text,
            ),
            (
                speaker.say("What the logs say", "ログから言えること"),
                Kind::Text,
            ),
            (
                speaker.say("What they cannot say", "ログから言えないこと"),
                Kind::Text,
            ),
            (speaker.say("Checked", "確認"), Kind::Name),
        ],
        rows: items.iter().map(row).collect(),
        more: None,
        empty: speaker.say("none", "該当なし"),
    }
}

/// How much logs can show of it at all: no praise of this week's.
fn strength(speaker: &Speaker<'_>, strength: &str) -> (Mark, String) {
    let (mark, en, ja) = match strength {
        "strong" => (Mark::Plain, "much", "多い"),
        "partial" => (Mark::Plain, "in part", "一部"),
        "weak" => (Mark::Care, "a hint", "手がかり"),
        _ => (Mark::Care, "none", "なし"),
    };
    (mark, speaker.say(en, ja))
}

fn adequacy(speaker: &Speaker<'_>) -> Table {
    let list = &speaker.weekly.evidenced.adequacy;
    let row = |row: &Adequacy| {
        let mut cells = vec![Cell::text(row.source.clone()), Cell::Count(row.events)];
        let login = match row.logins {
            0 => Cell::Marked(Mark::Care, speaker.say("none", "なし")),
            logins => Cell::Marked(Mark::Good, speaker.count(logins, ("login", "logins"), "件")),
        };
        cells.push(login);
        for at in [4, 0, 1, 2, 3] {
            cells.push(match percent(row.with[at], row.expected(at)) {
                Some(n) if n >= ENOUGH => Cell::Marked(Mark::Good, format!("{n}%")),
                Some(n) => Cell::Marked(Mark::Care, format!("{n}%")),
                None => Cell::text("–"),
            });
        }
        cells
    };
    let names = [
        ("Source", "記録元", Kind::Text),
        ("Events", "件数", Kind::Number),
        ("Logins", "ログイン", Kind::Number),
        ("Time of day", "時刻", Kind::Number),
        ("User", "利用者", Kind::Number),
        ("Patient", "患者", Kind::Number),
        ("Terminal", "端末", Kind::Number),
        ("Outcome", "結果", Kind::Number),
    ];
    Table {
        caption: speaker.say(
            "What each source tells: share of its records (シス17① asks for login time, access time and the patient's information handled)",
            "記録元ごとの記載の割合（シス17①はログイン時刻・アクセス時間・操作した医療情報を求めています）",
        ),
        columns: names.iter().map(|(en, ja, kind)| (speaker.say(en, ja), *kind)).collect(),
        rows: list.first.iter().map(row).collect(),
        more: speaker.more(list.more()),
        empty: speaker.say("no source gave records", "記録が届いた記録元はありません"),
    }
}
