//! What is new, what is not used any more, and what was changed.

use crate::diagnostic::Lang;
use crate::report::document::{Block, Cell, Kind, Mark, Section, Table};
use crate::report::model::{LeaverTold, Listed, PlanChange, SeenTold};

use super::{Speaker, titled};

pub(super) fn section(speaker: &Speaker<'_>) -> Section {
    let changes = &speaker.weekly.changes;
    let mut blocks = Vec::new();
    if speaker.weekly.examined.has_figures {
        blocks.push(Block::Table(new_devices(speaker)));
        blocks.push(Block::Table(new_accounts(speaker)));
        blocks.push(leavers(speaker, changes.leavers.as_ref()));
        blocks.push(Block::Table(unused(speaker)));
        blocks.extend(never_used(speaker));
        blocks.push(Block::Table(actions(speaker)));
    } else {
        let none = speaker.say(
            "The store holds no figures of these days.",
            "この期間の集計がストアにありません。",
        );
        blocks.push(Block::Note(Mark::Care, none));
    }
    blocks.push(plan(speaker));
    Section {
        id: "changes",
        title: speaker.say("4. Changes", "4. 変化"),
        short: speaker.say("4 Changes", "4 変化"),
        blocks,
    }
}

fn new_devices(speaker: &Speaker<'_>) -> Table {
    let list = &speaker.weekly.changes.devices;
    let kind = |row: &SeenTold| match row.kind {
        "device" => speaker.say("registered device", "台帳の機器"),
        "mac" => speaker.say("hardware address", "MACアドレス"),
        _ => speaker.say("terminal", "端末"),
    };
    let row = |row: &SeenTold| {
        vec![
            Cell::text(row.name.clone()),
            Cell::text(kind(row)),
            Cell::text(row.source.clone()),
            Cell::Time(row.first),
        ]
    };
    Table {
        caption: titled(
            speaker,
            (
                "Devices and terminals seen for the first time",
                "初めて見えた端末・機器",
            ),
            list.total,
        ),
        columns: vec![
            (speaker.say("Name", "名前"), Kind::Text),
            (speaker.say("Kind", "種類"), Kind::Text),
            (speaker.say("Source", "記録元"), Kind::Text),
            (speaker.say("First seen", "初めて見えた日時"), Kind::When),
        ],
        rows: list.first.iter().map(row).collect(),
        more: speaker.more(list.more()),
        empty: speaker.say("none", "該当なし"),
    }
}

fn new_accounts(speaker: &Speaker<'_>) -> Table {
    let list = &speaker.weekly.changes.accounts;
    let row = |row: &SeenTold| {
        vec![
            Cell::text(row.name.clone()),
            Cell::text(row.source.clone()),
            Cell::Time(row.first),
        ]
    };
    Table {
        caption: titled(
            speaker,
            ("Accounts seen for the first time", "初めて見えたID"),
            list.total,
        ),
        columns: vec![
            (speaker.say("Account", "ID"), Kind::Text),
            (speaker.say("Source", "記録元"), Kind::Text),
            (speaker.say("First seen", "初めて見えた日時"), Kind::When),
        ],
        rows: list.first.iter().map(row).collect(),
        more: speaker.more(list.more()),
        empty: speaker.say("none", "該当なし"),
    }
}

fn leavers(speaker: &Speaker<'_>, list: Option<&Listed<LeaverTold>>) -> Block {
    let title = (
        "Accounts used after their end",
        "退職・失効の後に使われたID",
    );
    let Some(list) = list else {
        let title = speaker.say(title.0, title.1);
        return Block::Note(
            Mark::Care,
            match speaker.lang {
                Lang::Ja => format!(
                    "{title}：職員台帳・アカウント台帳が設定されていないため、確認できません。"
                ),
                Lang::En => {
                    format!("{title}: not known, no register of staff or accounts is configured.")
                }
            },
        );
    };
    let row = |row: &LeaverTold| {
        vec![
            Cell::Marked(Mark::Bad, row.account.clone()),
            Cell::Day(row.left),
            Cell::Day(row.used),
            Cell::Count(row.records),
            Cell::text(row.at.clone()),
        ]
    };
    Block::Table(Table {
        caption: titled(speaker, title, list.total),
        columns: vec![
            (speaker.say("Account", "ID"), Kind::Text),
            (
                speaker.say("Last day by the register", "台帳の最終日"),
                Kind::When,
            ),
            (speaker.say("Last used", "最後に使われた日"), Kind::When),
            (speaker.say("Records", "記録"), Kind::Number),
            (speaker.say("Row of the register", "台帳の行"), Kind::Code),
        ],
        rows: list.first.iter().map(row).collect(),
        more: speaker.more(list.more()),
        empty: speaker.say("none", "該当なし"),
    })
}

fn unused(speaker: &Speaker<'_>) -> Table {
    let lists = &speaker.weekly.changes.unused;
    let spans = [
        ("30 to 59 days", "30〜59日"),
        ("60 to 89 days", "60〜89日"),
        ("90 days and more", "90日以上"),
    ];
    let mut rows = Vec::new();
    let mut more = 0;
    // The longest unused first: they are to be ended first.
    for (list, (en, ja)) in lists.iter().zip(spans).rev() {
        more += list.more();
        for row in &list.first {
            rows.push(vec![
                Cell::text(row.name.clone()),
                Cell::text(speaker.say(en, ja)),
                Cell::text(row.source.clone()),
                Cell::Time(row.last),
            ]);
        }
    }
    let [a, b, c] = [0, 1, 2].map(|at: usize| lists[at].total);
    let caption = match speaker.lang {
        Lang::Ja => format!("使われていないID（30〜59日 {a}・60〜89日 {b}・90日以上 {c}）"),
        Lang::En => format!(
            "Accounts not used (30 to 59 days: {a}, 60 to 89 days: {b}, 90 days and more: {c})"
        ),
    };
    Table {
        caption,
        columns: vec![
            (speaker.say("Account", "ID"), Kind::Text),
            (speaker.say("Not used for", "未使用の期間"), Kind::Text),
            (speaker.say("Source", "記録元"), Kind::Text),
            (speaker.say("Last used", "最後に使われた日時"), Kind::When),
        ],
        rows,
        more: speaker.more(more),
        empty: speaker.say("none", "該当なし"),
    }
}

fn never_used(speaker: &Speaker<'_>) -> Option<Block> {
    let list = speaker.weekly.changes.never_used.as_ref()?;
    if list.total == 0 {
        return None;
    }
    let names = speaker.list(&list.first, list.first.len());
    let more = speaker
        .more(list.more())
        .map(|more| format!("{}{more}", speaker.say(", ", "、")));
    let (total, more) = (list.total, more.unwrap_or_default());
    Some(Block::Note(
        Mark::Care,
        match speaker.lang {
            Lang::Ja => format!("台帳にあって一度も使われていないID {total}：{names}{more}"),
            Lang::En => format!("Registered accounts that were never used, {total}: {names}{more}"),
        },
    ))
}

fn actions(speaker: &Speaker<'_>) -> Table {
    let rows = speaker
        .weekly
        .changes
        .actions
        .iter()
        .take(60)
        .map(|(source, action, count)| {
            vec![
                Cell::text(source.clone()),
                Cell::text(speaker.action(action)),
                Cell::Count(*count),
            ]
        });
    let more = speaker.weekly.changes.actions.len().saturating_sub(60) as u64;
    Table {
        caption: speaker.whole(speaker.say(
            "Configuration, rights and recording: what was changed",
            "設定・権限・記録の変更（ネットワーク機器とシステム）",
        )),
        columns: vec![
            (speaker.say("Source", "記録元"), Kind::Text),
            (speaker.say("What", "内容"), Kind::Text),
            (speaker.say("Times", "回数"), Kind::Number),
        ],
        rows: rows.collect(),
        more: speaker.more(more),
        empty: speaker.say("none", "該当なし"),
    }
}

fn plan(speaker: &Speaker<'_>) -> Block {
    let changes = &speaker.weekly.changes;
    let row = |change: &PlanChange| {
        let before = change.before.map_or_else(|| Cell::text("–"), Cell::Count);
        vec![
            Cell::text(part(speaker, &change.name)),
            before,
            Cell::Count(change.now),
            Cell::Count(change.run.unsigned_abs()),
        ]
    };
    Block::Table(Table {
        caption: speaker.whole(speaker.say(
            "Rules, calendars and registers changed since the period before",
            "前の期間から変わったルール・診療時間・台帳",
        )),
        columns: vec![
            (speaker.say("What", "対象"), Kind::Text),
            (speaker.say("Entries before", "前の件数"), Kind::Number),
            (speaker.say("Entries now", "今の件数"), Kind::Number),
            (speaker.say("First in run", "最初の実行番号"), Kind::Number),
        ],
        rows: changes.plan.iter().map(row).collect(),
        more: None,
        empty: match changes.has_earlier_plan {
            true => speaker.say("nothing changed", "変更なし"),
            false => speaker.say(
                "there is no earlier run to compare with",
                "比べる前の実行がありません",
            ),
        },
    })
}

/// What a part of the plan is called.
fn part(speaker: &Speaker<'_>, name: &str) -> String {
    let (en, ja) = match name {
        "devices" => ("register of devices", "端末台帳"),
        "staff" => ("register of staff", "職員台帳"),
        "accounts" => ("register of accounts", "アカウント台帳"),
        "patients" => ("register of patients", "患者台帳"),
        "declarations" => ("declarations", "届出"),
        "networks" => ("networks", "ネットワークの範囲"),
        "calendar" => ("business hours", "診療時間"),
        "rules" => ("rules", "ルール"),
        other => (other, other),
    };
    speaker.say(en, ja)
}
