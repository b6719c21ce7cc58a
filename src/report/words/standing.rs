//! What stands beside the logs: documents, devices, the diary, the review cycle.

use crate::diagnostic::Lang;
use crate::report::document::{Block, Cell, Kind, Mark, Section, Table};
use crate::report::model::{DeviceTold, DiaryEntry, DocumentTold, Listed};

use super::Speaker;

pub(super) fn section(speaker: &Speaker<'_>) -> Section {
    let standing = &speaker.weekly.standing;
    let mut blocks = vec![Block::Table(documents(speaker))];
    let register = speaker.say(
        "no register of devices is configured",
        "端末台帳が設定されていないため、確認できません",
    );
    for (list, title) in [
        (
            &standing.unsupported,
            (
                "Registered devices out of support",
                "サポートが終了した登録機器",
            ),
        ),
        (
            &standing.unseen,
            (
                "Registered devices not seen for 90 days",
                "90日以上見えない登録機器",
            ),
        ),
    ] {
        blocks.push(match list {
            Some(list) => Block::Table(devices(speaker, title, list)),
            None => Block::Note(
                Mark::Care,
                format!(
                    "{}{}{register}",
                    speaker.say(title.0, title.1),
                    speaker.say(": ", "：")
                ),
            ),
        });
    }
    blocks.push(diary(speaker));
    blocks.push(review(speaker));
    Section {
        id: "standing",
        title: speaker.say("7. Standing matters", "7. 常に確かめること"),
        short: speaker.say("7 Standing", "7 常に確認"),
        blocks,
    }
}

fn documents(speaker: &Speaker<'_>) -> Table {
    let state = |document: &DocumentTold| {
        let is_there = document.is_there;
        match (is_there, document.is_overdue, document.review_by) {
            (false, _, _) => (
                Mark::Bad,
                speaker.say("not configured", "設定されていません"),
            ),
            (true, true, _) => (Mark::Bad, speaker.say("overdue", "見直し期限切れ")),
            (true, false, None) => (
                Mark::Care,
                speaker.say("no day of review", "見直し期限なし"),
            ),
            (true, false, Some(_)) => (Mark::Good, speaker.say("in force", "有効")),
        }
    };
    let row = |document: &DocumentTold| {
        let (mark, word) = state(document);
        let day = |day: Option<super::Day>| day.map_or_else(|| Cell::text("–"), Cell::Day);
        vec![
            Cell::text(document.name.clone()),
            Cell::Marked(mark, word),
            Cell::text(document.approved_by.clone()),
            day(document.approved_on),
            day(document.review_by),
            Cell::text(document.file.clone()),
            Cell::text(document.contact.clone()),
        ]
    };
    Table {
        caption: speaker.whole(speaker.say("Documents the operator must own", "備えるべき文書")),
        columns: vec![
            (speaker.say("Document", "文書"), Kind::Text),
            (speaker.say("State", "状態"), Kind::Text),
            (speaker.say("Approved by", "承認者"), Kind::Text),
            (speaker.say("On", "承認日"), Kind::When),
            (speaker.say("Review by", "見直し期限"), Kind::When),
            (speaker.say("File", "保管場所"), Kind::Code),
            (speaker.say("Contact", "連絡先"), Kind::Text),
        ],
        rows: speaker.weekly.standing.documents.iter().map(row).collect(),
        more: None,
        empty: speaker.say("none", "該当なし"),
    }
}

fn devices(speaker: &Speaker<'_>, title: (&str, &str), list: &Listed<DeviceTold>) -> Table {
    let row = |device: &DeviceTold| {
        vec![
            Cell::text(device.name.clone()),
            Cell::text(device.department.clone()),
            Cell::text(device.system.clone()),
            device
                .support_until
                .map_or_else(|| Cell::text("–"), Cell::Day),
            device
                .last
                .map_or_else(|| Cell::text(speaker.say("never", "なし")), Cell::Time),
            Cell::text(device.at.clone()),
        ]
    };
    Table {
        caption: super::titled(speaker, title, list.total),
        columns: vec![
            (speaker.say("Device", "機器"), Kind::Text),
            (speaker.say("Department", "部署"), Kind::Text),
            (speaker.say("System", "OS・版"), Kind::Text),
            (speaker.say("Support until", "サポート期限"), Kind::When),
            (speaker.say("Last seen", "最後に見えた日時"), Kind::When),
            (speaker.say("Row of the register", "台帳の行"), Kind::Code),
        ],
        rows: list.first.iter().map(row).collect(),
        more: speaker.more(list.more()),
        empty: speaker.say("none", "該当なし"),
    }
}

fn diary(speaker: &Speaker<'_>) -> Block {
    let title = speaker.whole(speaker.say(
        "Operations diary and reports of users",
        "業務日誌・利用者からの申告",
    ));
    let Some(list) = &speaker.weekly.standing.diary else {
        return Block::Note(
            Mark::Plain,
            match speaker.lang {
                Lang::Ja => format!("{title}：設定されていません（yomawari.yaml の diary）。"),
                Lang::En => format!("{title}: not configured (diary: in yomawari.yaml)."),
            },
        );
    };
    let row = |entry: &DiaryEntry| {
        vec![
            Cell::Day(entry.day),
            Cell::text(entry.time.clone()),
            Cell::text(entry.kind.clone()),
            Cell::text(entry.by.clone()),
            Cell::text(entry.text.clone()),
            Cell::Count(entry.alerts),
        ]
    };
    Block::Table(Table {
        caption: title,
        columns: vec![
            (speaker.say("Day", "日"), Kind::When),
            (speaker.say("Time", "時刻"), Kind::Text),
            (speaker.say("Kind", "区分"), Kind::Text),
            (speaker.say("By", "記入者"), Kind::Text),
            (speaker.say("What", "内容"), Kind::Text),
            (
                speaker.whole(speaker.say("Alerts of the day", "その日のアラート")),
                Kind::Number,
            ),
        ],
        rows: list.first.iter().map(row).collect(),
        more: speaker.more(list.more()),
        empty: speaker.say("no entry in this period", "この期間の記入はありません"),
    })
}

fn review(speaker: &Speaker<'_>) -> Block {
    let Some(review) = &speaker.weekly.standing.review else {
        return Block::Note(Mark::Care, speaker.say(
            "The cycle of this review is not configured (review: in yomawari.yaml). The guideline names none: the institution decides.",
            "点検の周期が設定されていません（yomawari.yaml の review）。ガイドラインは周期を定めていないため、機関が決めます。",
        ));
    };
    let on = review
        .decided_on
        .map(|day| super::iso(day.0))
        .unwrap_or_default();
    let by = [review.decided_by.as_str(), on.as_str()];
    let by: Vec<&str> = by.into_iter().filter(|part| !part.is_empty()).collect();
    let by = by.join(&speaker.say(", ", "、"));
    let cycle = &review.cycle;
    let by = match (by.is_empty(), speaker.lang) {
        (true, _) => String::new(),
        (false, Lang::Ja) => format!("（{by} 決定）"),
        (false, Lang::En) => format!(" (decided: {by})"),
    };
    Block::Words(match speaker.lang {
        Lang::Ja => format!("点検の周期：{cycle}{by}。これは機関の決定です。"),
        Lang::En => {
            format!("Cycle of this review: {cycle}{by}. This is the institution's decision.")
        }
    })
}
