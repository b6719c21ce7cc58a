//! The account of the examination, and the box in which the officer signs.

use crate::diagnostic::Lang;
use crate::report::document::{Block, Cell, Kind, Mark, Section, SignBox, Table};
use crate::report::model::{NightTold, RunTold, Signature};
use crate::report::number::thousands;

use super::Speaker;

/// Characters of a digest that are shown in tables: enough to tell runs apart.
const DIGEST: usize = 16;
/// Under what name the run record holds the rules compiled in.
const OWN_RULES: &str = "rules of the program";
/// Rules that cannot speak, told one by one.
const SILENT: usize = 40;

pub(super) fn section(speaker: &Speaker<'_>) -> Section {
    let mut blocks = vec![
        Block::Table(nights(speaker)),
        Block::Table(runs(speaker)),
        without_run(speaker),
        chain(speaker),
        Block::Words(rules(speaker)),
        Block::Table(silent(speaker)),
        Block::Table(plan(speaker)),
    ];
    blocks.push(Block::Heading(speaker.say("Sign-off", "確認の記録")));
    blocks.extend(
        speaker
            .weekly
            .signatures
            .iter()
            .map(|signature| signed(speaker, signature)),
    );
    blocks.push(Block::Sign(sign_box(speaker)));
    Section {
        id: "account",
        title: speaker.whole(speaker.say("8. Account of the examination", "8. 点検の記録")),
        short: speaker.say("8 Account", "8 点検の記録"),
        blocks,
    }
}

fn nights(speaker: &Speaker<'_>) -> Table {
    let list = &speaker.weekly.account.nights;
    let row = |night: &NightTold| {
        let source = match night.is_gap {
            true => Cell::Marked(
                Mark::Bad,
                format!("{} ({})", night.source, speaker.say("missing", "欠け")),
            ),
            false => Cell::text(night.source.clone()),
        };
        vec![
            Cell::Day(night.day),
            source,
            Cell::Count(night.records),
            Cell::Count(night.events),
            Cell::Count(night.rejects),
            Cell::Count(night.untrusted),
            Cell::Count(night.duplicates),
        ]
    };
    Table {
        caption: speaker.say("Ledger by night and source", "夜ごと・記録元ごとの台帳"),
        columns: vec![
            (speaker.say("Day", "日"), Kind::When),
            (speaker.say("Source", "記録元"), Kind::Text),
            (speaker.say("Records", "記録"), Kind::Number),
            (speaker.say("Events", "出来事"), Kind::Number),
            (speaker.say("Not readable", "読み取れず"), Kind::Number),
            (
                speaker.say("Clock not trusted", "時計が不確か"),
                Kind::Number,
            ),
            (speaker.say("Read before", "既読の重複"), Kind::Number),
        ],
        rows: list.first.iter().map(row).collect(),
        more: speaker.more(list.more()),
        empty: speaker.say("no records", "記録はありません"),
    }
}

fn runs(speaker: &Speaker<'_>) -> Table {
    let list = &speaker.weekly.account.runs;
    let row = |run: &RunTold| {
        let (inputs, records, rejects) = run.read;
        let (new, revised, retracted) = run.alerts;
        vec![
            Cell::Count(run.number.unsigned_abs()),
            Cell::Time(run.began),
            Cell::text(format!("{} {}", run.command, run.version)),
            Cell::Count(inputs),
            Cell::Count(records),
            Cell::Count(rejects),
            Cell::text(format!(
                "{} / {} / {}",
                thousands(new),
                thousands(revised),
                thousands(retracted)
            )),
            Cell::text(run.digest.chars().take(DIGEST).collect::<String>()),
        ]
    };
    Table {
        caption: speaker.say("Run record", "実行記録"),
        columns: vec![
            (speaker.say("No.", "番号"), Kind::Number),
            (speaker.say("Began", "開始"), Kind::When),
            (speaker.say("Command", "処理・版"), Kind::Text),
            (speaker.say("Inputs", "入力"), Kind::Number),
            (speaker.say("Records", "記録"), Kind::Number),
            (speaker.say("Not readable", "読み取れず"), Kind::Number),
            (
                speaker.say(
                    "Alerts new / revised / taken back",
                    "アラート 新規／更新／取消",
                ),
                Kind::Number,
            ),
            (speaker.say("Digest", "ハッシュ値"), Kind::Code),
        ],
        rows: list.first.iter().map(row).collect(),
        more: speaker.more(list.more()),
        empty: speaker.say(
            "no run read logs of this period",
            "この期間のログを読んだ実行はありません",
        ),
    }
}

fn without_run(speaker: &Speaker<'_>) -> Block {
    let days: Vec<String> = speaker
        .weekly
        .account
        .days_without_run
        .iter()
        .map(|day| speaker.day(*day))
        .collect();
    if days.is_empty() {
        return Block::Note(
            Mark::Good,
            speaker.say(
                "A run began on every day of this period that has ended.",
                "この期間の終わった日には、毎日点検を実行しています。",
            ),
        );
    }
    let days = speaker.list(&days, 31);
    Block::Note(
        Mark::Care,
        match speaker.lang {
            Lang::Ja => format!(
                "点検を実行しなかった日：{days}。後の実行がその夜の記録を読んでいれば、上の台帳に載ります。"
            ),
            Lang::En => format!(
                "Days on which no run began: {days}. Where a later run read the records of that night, they stand in the ledger above."
            ),
        },
    )
}

fn chain(speaker: &Speaker<'_>) -> Block {
    let account = &speaker.weekly.account;
    let (run, head) = (account.head_run, &account.head);
    match (account.broken, speaker.lang) {
        (Some(broken), Lang::Ja) => Block::Note(
            Mark::Bad,
            format!(
                "実行記録が{broken}番で切れています。記録が書き換えられたか失われたおそれがあります。yomawari runs verify で確かめてください。"
            ),
        ),
        (Some(broken), Lang::En) => Block::Note(
            Mark::Bad,
            format!(
                "The run record is broken at entry {broken}: an entry may have been altered or lost. See yomawari runs verify."
            ),
        ),
        (None, Lang::Ja) => Block::Note(
            Mark::Good,
            format!("実行記録は1番から{run}番まで切れ目なく続いています。先頭のハッシュ値：{head}"),
        ),
        (None, Lang::En) => Block::Note(
            Mark::Good,
            format!("The run record is unbroken from entry 1 to {run}. Its head: {head}"),
        ),
    }
}

fn rules(speaker: &Speaker<'_>) -> String {
    let rules = &speaker.weekly.examined.rules;
    let (speaking, silent) = (rules.speaking, rules.silent.len());
    let version = &speaker.weekly.program;
    match speaker.lang {
        Lang::Ja => {
            format!("働くルール{speaking}本、働かないルール{silent}本。プログラムの版：{version}。")
        }
        Lang::En => format!(
            "{speaking} rules can speak here, {silent} cannot. Version of the program: {version}."
        ),
    }
}

/// The rules that cannot speak, and what they lack.
fn silent(speaker: &Speaker<'_>) -> Table {
    let rules = &speaker.weekly.examined.rules.silent;
    let row = |(name, why): &(String, crate::diagnostic::Text)| {
        vec![
            Cell::text(speaker.title(name, name)),
            Cell::text(speaker.text(why)),
        ]
    };
    Table {
        caption: speaker.say("Rules that cannot speak here", "働かないルール"),
        columns: vec![
            (speaker.say("Rule", "ルール"), Kind::Text),
            (speaker.say("Why", "理由"), Kind::Text),
        ],
        rows: rules.iter().take(SILENT).map(row).collect(),
        more: speaker.more(rules.len().saturating_sub(SILENT) as u64),
        empty: speaker.say("none", "該当なし"),
    }
}

fn plan(speaker: &Speaker<'_>) -> Table {
    let list = &speaker.weekly.account.plan;
    let row = |(name, digest): &(String, String)| {
        let digest: String = digest.chars().take(DIGEST).collect();
        let name = match name.as_str() {
            OWN_RULES => speaker.say("rules of the program", "プログラム内蔵のルール"),
            name => name.to_owned(),
        };
        vec![Cell::text(name), Cell::text(digest)]
    };
    Table {
        caption: speaker.say(
            "Rules, calendars and registers in force",
            "使ったルール・診療時間・台帳",
        ),
        columns: vec![
            (speaker.say("File", "ファイル"), Kind::Code),
            (speaker.say("SHA-256", "ハッシュ値（SHA-256）"), Kind::Code),
        ],
        rows: list.first.iter().map(row).collect(),
        more: speaker.more(list.more()),
        empty: speaker.say("not recorded", "記録なし"),
    }
}

fn signed(speaker: &Speaker<'_>, signature: &Signature) -> Block {
    let (by, at) = (&signature.by, speaker.time(signature.at));
    let note = match signature.note.is_empty() {
        true => String::new(),
        false => format!("{}{}", speaker.say(" Note: ", "所見："), signature.note),
    };
    let run = signature.run;
    let changed = signature.changed_since;
    let (mark, since) = match (changed, speaker.lang) {
        (0, Lang::Ja) => (
            Mark::Good,
            "その後、この期間のアラートに変更はありません。".to_owned(),
        ),
        (0, Lang::En) => (
            Mark::Good,
            " No alert of this period has changed since.".to_owned(),
        ),
        (n, Lang::Ja) => (
            Mark::Care,
            format!("その後、この期間のアラート{n}件が新しく出たか変わっています。"),
        ),
        (n, Lang::En) => (
            Mark::Care,
            format!(" Since then {n} alerts of this period are new or have changed."),
        ),
    };
    Block::Note(
        mark,
        match speaker.lang {
            Lang::Ja => format!(
                "{by} が {at} に確認しました（実行記録{run}番）。{note}{}{since}",
                if note.is_empty() { "" } else { "。" }
            ),
            Lang::En => {
                format!("Reviewed by {by} at {at} (entry {run} of the run record).{note}{since}")
            }
        },
    )
}

fn sign_box(speaker: &Speaker<'_>) -> SignBox {
    let account = &speaker.weekly.account;
    let field = |en: &str, ja: &str, value: String| (speaker.say(en, ja), value);
    SignBox {
        fields: vec![
            field("Reviewed by", "確認者", String::new()),
            field("Date", "確認日", String::new()),
            field("Findings", "所見", String::new()),
            field(
                "Head of the run record",
                "実行記録の先頭のハッシュ値",
                account.head.clone(),
            ),
        ],
    }
}
