//! The ledger for people.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Lang, Text};
use crate::event::{InputAccount, Reason, Zone};
use crate::sink::Reader;
use crate::sink::when::{day_of, span};
use crate::text::one_line;

use super::{Detail, InputReport, RunReport};

/// With more inputs than this, those without complaint are summed.
const MANY: usize = 12;
/// Different notes that are shown of inputs that are summed.
const NOTES: usize = 5;
/// Days without an event that are named.
const GAPS: usize = 5;

/// The whole text.
pub(super) fn render(report: &RunReport, reader: &Reader, detail: Detail) -> String {
    let mut page = Page {
        reader,
        out: String::new(),
    };
    for assumed in &report.assumed {
        page.line(0, &page.tell("assumed: ", "仮定: ", assumed));
    }
    if detail == Detail::WrongOnly {
        for input in &report.inputs {
            page.complaints(input, 0);
        }
    } else {
        page.inputs(report, detail);
        page.rules(&report.rules, detail);
    }
    for notice in &report.notices {
        page.line(0, &page.tell("notice: ", "お知らせ: ", notice));
    }
    if detail != Detail::WrongOnly {
        page.examined(report);
    }
    page.out
}

/// The text so far.
pub(super) struct Page<'a> {
    pub(super) reader: &'a Reader,
    out: String,
}

impl Page<'_> {
    /// Adds a line, whatever it holds.
    pub(super) fn line(&mut self, indent: usize, text: &str) {
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.out.push_str(&one_line(text));
        self.out.push('\n');
    }

    /// One of two forms.
    pub(super) fn say(&self, en: String, ja: String) -> String {
        match self.reader.lang {
            Lang::En => en,
            Lang::Ja => ja,
        }
    }

    /// A message behind its lead.
    fn tell(&self, en: &str, ja: &str, text: &Text) -> String {
        self.say(format!("{en}{}", text.en), format!("{ja}{}", text.ja))
    }

    fn inputs(&mut self, report: &RunReport, detail: Detail) {
        let summed = report.inputs.len() > MANY && detail == Detail::Usual;
        let (healthy, shown): (Vec<&InputReport>, Vec<_>) = report
            .inputs
            .iter()
            .partition(|input| summed && is_healthy(input));
        for input in shown {
            self.input(input, detail);
        }
        self.healthy(&healthy);
    }

    /// Inputs without complaint, summed when they were read alike.
    fn healthy(&mut self, inputs: &[&InputReport]) {
        let mut alike: BTreeMap<[&str; 4], Vec<&InputReport>> = BTreeMap::new();
        for input in inputs {
            let how = [
                &input.source,
                &input.format,
                &input.encoding,
                input.zone.name(),
            ];
            alike.entry(how).or_default().push(input);
        }
        for ([source, format, encoding, zone], inputs) in alike {
            let files = match &inputs[..] {
                [only] => only.path.clone(),
                several => {
                    let count = number(several.len() as u64);
                    self.say(
                        format!("{count} inputs without complaint"),
                        format!("問題のない入力 {count}件"),
                    )
                }
            };
            self.line(0, &format!("{source}: {files}"));
            let how = self.how([format, "", encoding, "", zone]);
            self.line(2, &how);
            let mut sum = InputAccount::default();
            for input in &inputs {
                sum.merge(input.account.clone());
            }
            self.counts(&sum);
            self.times(&sum, inputs[0].zone);
            let notes: BTreeSet<&str> = inputs
                .iter()
                .flat_map(|input| &input.notes)
                .map(|note| note.get(self.reader.lang))
                .collect();
            for note in notes.iter().take(NOTES) {
                self.line(2, note);
            }
            if notes.len() > NOTES {
                self.line(2, "…");
            }
        }
    }

    fn input(&mut self, input: &InputReport, detail: Detail) {
        self.line(0, &format!("{}: {}", input.source, input.path));
        if !input.format.is_empty() {
            self.decided(input, detail);
        }
        self.counts(&input.account);
        self.times(&input.account, input.zone);
        self.rejects(input);
        for note in &input.notes {
            self.line(2, &self.tell("", "", note));
        }
        if detail == Detail::Full {
            for found in &input.details {
                self.line(2, &self.tell("", "", found));
            }
        }
        self.complaints(input, 2);
    }

    /// Format, encoding, zone and compression; and why, for those who ask for more.
    fn decided(&mut self, input: &InputReport, detail: Detail) {
        let because = |text: &Text| match (text.get(self.reader.lang), self.reader.lang) {
            ("", _) => String::new(),
            _ if detail != Detail::Full => String::new(),
            (why, Lang::En) => format!(" ({why})"),
            (why, Lang::Ja) => format!("（{why}）"),
        };
        let (why, encoding_why) = (because(&input.why), because(&input.encoding_why));
        let mut line = self.how([
            &input.format,
            &why,
            &input.encoding,
            &encoding_why,
            input.zone.name(),
        ]);
        match input.compression.as_str() {
            "" | "none" => {}
            name => line += &self.say(format!(", {name}"), format!("・{name}")),
        }
        self.line(2, &line);
    }

    /// How an input was read: format, encoding, each with its reason, and zone.
    fn how(&self, [format, why, encoding, encoding_why, zone]: [&str; 5]) -> String {
        self.say(
            format!("format {format}{why}, encoding {encoding}{encoding_why}, zone {zone}"),
            format!("形式 {format}{why}・文字コード {encoding}{encoding_why}・時刻帯 {zone}"),
        )
    }

    fn counts(&mut self, account: &InputAccount) {
        let [bytes, records, accepted, rejected, blanks, headings] = [
            account.bytes,
            account.records,
            account.accepted,
            account.rejected(),
            account.blanks,
            account.headings,
        ]
        .map(number);
        let line = self.say(
            format!("{bytes} bytes; records {records} = accepted {accepted} + rejected {rejected} + blank {blanks} + headings {headings}"),
            format!("{bytes}バイト、記録 {records} = 採用 {accepted} + 不採用 {rejected} + 空行 {blanks} + 見出し {headings}"),
        );
        self.line(2, &line);
    }

    fn times(&mut self, account: &InputAccount, zone: Zone) {
        let Some((first, last)) = account.span else {
            return;
        };
        let reader = Reader {
            zone,
            ..*self.reader
        };
        let (events, when) = (number(account.events), span(first, last, &reader));
        let days = number(account.days.len() as u64);
        let mut line = self.say(
            format!("events {events}, {when}, days covered {days}"),
            format!("イベント {events}件、{when}、{days}日分"),
        );
        line.push_str(&self.gaps(account));
        self.line(2, &line);
        for (count, en, ja) in [
            (
                account.duplicates,
                "records that an earlier input told already",
                "以前の入力と重複する記録",
            ),
            (
                account.ambiguous_at_seam,
                "records in the second of a cut, of which it cannot be told whether they are told twice",
                "ログの切れ目の1秒にあり、重複かどうか判断できない記録",
            ),
            (
                account.untrusted,
                "events with a clock not to be trusted",
                "時計を信用できないイベント",
            ),
            (
                account.late,
                "records that came later than their source waits",
                "待ち時間を過ぎて届いた記録",
            ),
            (
                account.replaced,
                "records with characters that could not be decoded",
                "読めない文字を含む記録",
            ),
        ] {
            if count > 0 {
                let count = number(count);
                let line = self.say(format!("{en}: {count}"), format!("{ja} {count}件"));
                self.line(2, &line);
            }
        }
    }

    /// Days between the first and the last on which nothing happened.
    fn gaps(&self, account: &InputAccount) -> String {
        let days: Vec<i64> = account.days.keys().copied().collect();
        let holes = || days.windows(2).flat_map(|pair| pair[0] + 1..pair[1]);
        let missing: i64 = days.windows(2).map(|pair| pair[1] - pair[0] - 1).sum();
        if missing == 0 {
            return String::new();
        }
        let named: Vec<String> = holes().take(GAPS).map(day_of).collect();
        let more = if missing as usize > GAPS { "…" } else { "" };
        let missing = number(missing as u64);
        self.say(
            format!(
                "; days without an event between {missing} ({}{more})",
                named.join(", ")
            ),
            format!(
                "。途中で記録のない日 {missing}日（{}{more}）",
                named.join("、")
            ),
        )
    }

    fn rejects(&mut self, input: &InputReport) {
        for (reason, count) in &input.account.rejects {
            let places = places(input, *reason);
            let (count, what) = (number(*count), reason.text(self.reader.lang));
            let line = self.say(
                format!("rejected {count}: {what} ({places})"),
                format!("不採用 {count}件: {what}（{places}）"),
            );
            self.line(2, &line);
        }
    }

    /// What is wrong with an input, on lines that make sense by themselves.
    fn complaints(&mut self, input: &InputReport, indent: usize) {
        let path = &input.path;
        if let Some(error) = &input.error {
            let line = self.say(
                format!("not read whole: {path}: {}", error.en),
                format!("最後まで読めませんでした: {path}: {}", error.ja),
            );
            self.line(indent, &line);
        }
        if input.account.bytes == 0 && input.error.is_none() {
            let line = self.say(
                format!("empty: {path}: there was nothing to examine"),
                format!("空です: {path}: 調べる記録がありません"),
            );
            self.line(indent, &line);
        } else if input.format.is_empty() && input.error.is_none() {
            let line = self.say(
                format!(
                    "no format found: {path}: {}; name one with --format",
                    input.why.en
                ),
                format!(
                    "形式がわかりません: {path}: {}。--format で指定してください",
                    input.why.ja
                ),
            );
            self.line(indent, &line);
        } else if input.is_mostly_rejected() {
            let format = &input.format;
            let line = self.say(
                format!("warning: {path}: more than half of the records were rejected; the format is probably not {format} ({}); name another with --format", input.why.en),
                format!("注意: {path}: 半分を超える記録を読めませんでした。形式が {format} ではないようです（{}）。--format で指定してください", input.why.ja),
            );
            self.line(indent, &line);
        }
    }
}

fn is_healthy(input: &InputReport) -> bool {
    input.error.is_none() && !input.format.is_empty() && input.account.rejects.is_empty()
}

/// The first rejects of a reason, as path:line:column once and line:column after.
fn places(input: &InputReport, reason: Reason) -> String {
    let samples = input
        .account
        .samples
        .get(&reason)
        .map_or(&[][..], Vec::as_slice);
    let total = input.account.rejects.get(&reason).copied().unwrap_or(0);
    let mut shown: Vec<String> = Vec::new();
    for sample in samples {
        let path = if shown.is_empty() {
            input.path.as_str()
        } else {
            ""
        };
        let column = match sample.reject.column {
            0 => String::new(),
            column => format!(":{column}"),
        };
        shown.push(format!("{path}:{}{column}", sample.line));
    }
    if total > samples.len() as u64 {
        shown.push("…".to_owned());
    }
    shown.join(" ")
}

/// A number with a comma after every three digits.
pub(super) fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_grouped_by_three() {
        let written: Vec<String> = [0, 12, 999, 1_000, 1_234_567, 100_000].map(number).to_vec();
        assert_eq!(written, ["0", "12", "999", "1,000", "1,234,567", "100,000"]);
    }
}
