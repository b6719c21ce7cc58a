//! What an answer rests on: the logs that were read, what could not be seen of them, and who asks.

use std::ops::Range;

use crate::diagnostic::Lang;
use crate::event::{InputAccount, Zone};
use crate::report::document::{Block, Cell, Document, Kind, Mark, Section, SignBox, Table};
use crate::report::model::Time;
use crate::report::number::thousands;
use crate::report::words::Tongue;
use crate::sink::Reader;
use crate::sink::ledger::{InputReport, RunReport};

use super::section;

/// Inputs that are listed.
const INPUTS: usize = 400;
/// Names told in a sentence.
const NAMED: usize = 6;

/// What an answer rests on.
#[derive(Debug)]
pub struct Basis<'b> {
    /// Name of the house.
    pub site: Option<String>,
    /// The site's zone.
    pub zone: Zone,
    /// The time to take for now, nanoseconds since 1970.
    pub now: i64,
    /// What was asked about, nanoseconds since 1970; `i64::MIN` and `i64::MAX` where nobody says.
    pub period: Range<i64>,
    /// How persons are told: `ids`, `names` or `masked`.
    pub identities: &'static str,
    /// The account of what was read.
    pub ledger: &'b RunReport,
    /// Sources that should have spoken and did not.
    pub absent: Vec<String>,
    /// Paths that could not be read.
    pub unreadable: u64,
    /// Under which number of the run record, and with which digest, the question stands there.
    pub entry: Option<(i64, String)>,
}

impl Basis<'_> {
    pub(super) fn time(&self, nanos: i64) -> Time {
        Time {
            nanos,
            offset: self.zone.offset_at(nanos),
        }
    }

    /// A stretch of time with its years: a chart is asked about for as long as it is kept.
    pub(super) fn span(&self, (first, last): (i64, i64), tongue: Tongue) -> String {
        let reader = Reader {
            lang: tongue.lang,
            zone: self.zone,
        };
        crate::sink::span(first, last, &reader)
    }

    /// The document around these sections.
    pub(super) fn document(
        &self,
        tongue: Tongue,
        (title, about): (String, Option<(String, String)>),
        sections: Vec<Section>,
    ) -> Document {
        let period = self.period_told(tongue);
        let site = self.site.clone().unwrap_or_default();
        let made = format!(
            "{} ({})",
            tongue.time(self.time(self.now)),
            self.zone.name()
        );
        let mut facts = vec![(tongue.say("Institution", "施設"), site.clone())];
        facts.extend(about);
        facts.push((tongue.say("Period", "期間"), period.clone()));
        facts.push((tongue.say("Made", "作成"), made));
        facts.push((
            tongue.say("Addressed to", "あて先"),
            tongue.say(
                "the officer responsible for the safety of medical information systems",
                "医療情報システム安全管理責任者",
            ),
        ));
        facts.retain(|(_, value)| !value.is_empty());
        let foot = [site.as_str(), &title, &period, "Yomawari 夜回り"];
        let foot: Vec<&str> = foot.into_iter().filter(|part| !part.is_empty()).collect();
        Document {
            lang: tongue.lang,
            foot: foot.join(" ・ "),
            title,
            subject: period,
            facts,
            notices: self.notices(tongue),
            sections,
        }
    }

    fn period_told(&self, tongue: Tongue) -> String {
        let minute = |nanos: i64| tongue.time(self.time(nanos));
        let (from, to) = (self.period.start, self.period.end);
        let (from, to) = (
            (from != i64::MIN).then(|| minute(from)),
            (to != i64::MAX).then(|| minute(to - 1)),
        );
        match (from, to, tongue.lang) {
            (None, None, Lang::Ja) => "読んだログの全期間".to_owned(),
            (None, None, Lang::En) => "all that the logs tell".to_owned(),
            (from, to, Lang::Ja) => {
                format!("{}〜{}", from.unwrap_or_default(), to.unwrap_or_default())
            }
            (Some(from), Some(to), Lang::En) => format!("{from} to {to}"),
            (Some(from), None, Lang::En) => format!("from {from}"),
            (None, Some(to), Lang::En) => format!("until {to}"),
        }
    }

    fn notices(&self, tongue: Tongue) -> Vec<String> {
        match self.identities {
            "masked" => vec![tongue.say(
                "Persons are masked: S-… stands for an account, P-… for a patient. Free words, and departments with few people, are left out.",
                "個人は仮名で表しています（S-…は職員のID、P-…は患者）。自由記述と、人数の少ない部署の名前は載せていません。",
            )],
            "names" => vec![tongue.say(
                "This page holds names of persons: handle it as personal information.",
                "このページには氏名が載っています。個人情報として取り扱ってください。",
            )],
            _ => Vec::new(),
        }
    }

    fn inputs(&self) -> &[InputReport] {
        &self.ledger.inputs
    }

    fn sum(&self, of: impl Fn(&InputAccount) -> u64) -> u64 {
        self.inputs().iter().map(|input| of(&input.account)).sum()
    }

    /// What was examined, in a sentence.
    pub(super) fn examined(&self, tongue: Tongue) -> Block {
        let mut sources: Vec<String> = self.inputs().iter().map(|i| i.source.clone()).collect();
        sources.dedup();
        let (inputs, records) = (self.inputs().len() as u64, self.sum(|a| a.records));
        if records == 0 {
            return Block::Sentence(
                Mark::Care,
                tongue.say(
                    "There was no record that could be examined.",
                    "調べることのできた記録はありません。",
                ),
            );
        }
        let spans = self.inputs().iter().filter_map(|input| input.account.span);
        let span = spans.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        let span = span.map(|span| self.span(span, tongue));
        let span = span.unwrap_or_else(|| tongue.say("no event", "出来事なし"));
        let names = tongue.list(&sources, NAMED);
        let number = sources.len() as u64;
        let told = match tongue.lang {
            Lang::Ja => format!(
                "記録元{number}つ（{names}）のログ{}本、記録{}件を調べました。ログにあるのは{span}の記録です。",
                thousands(inputs),
                thousands(records)
            ),
            Lang::En => format!(
                "{} of {} ({names}) with {} were examined; they tell of {span}.",
                tongue.count(inputs, ("log", "logs"), ""),
                tongue.count(number, ("source", "sources"), ""),
                tongue.count(records, ("record", "records"), ""),
            ),
        };
        let mark = match self.missing(tongue).is_empty() {
            true => Mark::Good,
            false => Mark::Care,
        };
        Block::Sentence(mark, told)
    }

    /// What could not be seen, in a sentence; `more`: what the question itself left out.
    pub(super) fn unseen(&self, tongue: Tongue, more: Vec<String>) -> Block {
        let mut parts = self.missing(tongue);
        parts.extend(more);
        if parts.is_empty() {
            return Block::Sentence(
                Mark::Good,
                tongue.say(
                    "Nothing is known to be missing: every log was read whole, every record could be read, and every clock is to be trusted.",
                    "見えなかった部分は見つかっていません。ログはすべて最後まで読み、読み取れない記録も、時計を信用できない記録もありませんでした。",
                ),
            );
        }
        let list = parts.join(&tongue.say("; ", "、"));
        Block::Sentence(
            Mark::Care,
            match tongue.lang {
                Lang::En => format!("What could not be seen: {list}."),
                Lang::Ja => format!("見えなかった部分は次のとおりです：{list}。"),
            },
        )
    }

    fn missing(&self, tongue: Tongue) -> Vec<String> {
        let cut = self.inputs().iter().filter(|input| input.error.is_some());
        let cut = cut.count() as u64 + self.unreadable;
        let (rejects, untrusted) = (self.sum(InputAccount::rejected), self.sum(|a| a.untrusted));
        let absent = tongue.list(&self.absent, NAMED);
        let parts = [
            (
                !self.absent.is_empty(),
                format!("sources that gave nothing ({absent})"),
                format!("記録が届かなかった記録元（{absent}）"),
            ),
            (
                cut > 0,
                format!(
                    "{} that could not be read whole",
                    tongue.count(cut, ("log", "logs"), "")
                ),
                format!("最後まで読めなかったログ{cut}本"),
            ),
            (
                rejects > 0,
                format!(
                    "{} that could not be read",
                    tongue.count(rejects, ("record", "records"), "")
                ),
                format!("読み取れなかった記録{}件", thousands(rejects)),
            ),
            (
                untrusted > 0,
                format!(
                    "{} whose clock is not to be trusted",
                    tongue.count(untrusted, ("event", "events"), "")
                ),
                format!("時計を信用できない記録{}件", thousands(untrusted)),
            ),
        ];
        let there = parts.into_iter().filter(|(is_there, _, _)| *is_there);
        there.map(|(_, en, ja)| tongue.say(&en, &ja)).collect()
    }

    /// The account of the examination, and the box in which the officer signs.
    pub(super) fn account(&self, tongue: Tongue, number: usize) -> Section {
        let mut blocks = vec![Block::Table(self.table(tongue))];
        for assumed in &self.ledger.assumed {
            blocks.push(Block::Note(Mark::Care, tongue.text(assumed)));
        }
        blocks.push(self.recorded(tongue));
        blocks.push(Block::Heading(tongue.say("Sign-off", "確認の記録")));
        blocks.push(Block::Sign(self.sign(tongue)));
        let title = ("Account of the examination", "調べた記録");
        section(
            tongue,
            (number, "account"),
            (title, ("Account", "調べた記録")),
            blocks,
        )
    }

    fn table(&self, tongue: Tongue) -> Table {
        let row = |input: &InputReport| {
            let account = &input.account;
            let end = |which: fn((i64, i64)) -> i64| match account.span {
                Some(span) => Cell::Time(self.time(which(span))),
                None => Cell::text("–"),
            };
            vec![
                match &input.error {
                    Some(_) => Cell::Marked(Mark::Bad, input.source.clone()),
                    None => Cell::text(input.source.clone()),
                },
                Cell::text(match &input.error {
                    Some(why) => format!("{}\n{}", input.path, tongue.text(why)),
                    None => input.path.clone(),
                }),
                Cell::Count(account.records),
                Cell::Count(account.events),
                Cell::Count(account.rejected()),
                Cell::Count(account.untrusted),
                end(|(first, _)| first),
                end(|(_, last)| last),
            ]
        };
        let columns = [
            (("Source", "記録元"), Kind::Text),
            (("File", "ファイル"), Kind::Code),
            (("Records", "記録"), Kind::Number),
            (("Events", "出来事"), Kind::Number),
            (("Not readable", "読み取れず"), Kind::Number),
            (("Clock not trusted", "時計が不確か"), Kind::Number),
            (("First event", "最初の記録"), Kind::When),
            (("Last event", "最後の記録"), Kind::When),
        ];
        Table {
            caption: tongue.say("Logs that were read", "読んだログ"),
            columns: columns
                .map(|((en, ja), kind)| (tongue.say(en, ja), kind))
                .to_vec(),
            rows: self.inputs().iter().take(INPUTS).map(row).collect(),
            more: tongue.more(self.inputs().len().saturating_sub(INPUTS) as u64),
            empty: tongue.say("no log was read", "読んだログはありません"),
        }
    }

    /// Whether the question stands in the run record.
    fn recorded(&self, tongue: Tongue) -> Block {
        let version = env!("CARGO_PKG_VERSION");
        match (&self.entry, tongue.lang) {
            (Some((number, _)), Lang::Ja) => Block::Note(
                Mark::Good,
                format!("この照会は実行記録{number}番に残しました。プログラムの版：{version}。"),
            ),
            (Some((number, _)), Lang::En) => Block::Note(
                Mark::Good,
                format!(
                    "That this was asked stands in the run record as entry {number}. Version of the program: {version}."
                ),
            ),
            (None, Lang::Ja) => Block::Note(
                Mark::Plain,
                format!("この照会は実行記録に残していません。プログラムの版：{version}。"),
            ),
            (None, Lang::En) => Block::Note(
                Mark::Plain,
                format!(
                    "That this was asked stands in no run record. Version of the program: {version}."
                ),
            ),
        }
    }

    fn sign(&self, tongue: Tongue) -> SignBox {
        let field = |en: &str, ja: &str| (tongue.say(en, ja), String::new());
        let mut fields = vec![
            field("Reviewed by", "確認者"),
            field("Date", "確認日"),
            field("Findings", "所見"),
        ];
        if let Some((_, digest)) = &self.entry {
            let name = tongue.say("Digest of the entry", "実行記録のハッシュ値");
            fields.push((name, digest.clone()));
        }
        SignBox { fields }
    }
}
