//! The work plan: which maintenance was announced, by whom, from where, on what, from when to when.
//!
//! Takes rows of planned work; gives each with its accounts, addresses, systems and span. Never
//! judges whether the work was done.

use std::net::IpAddr;
use std::ops::Range;

use crate::diagnostic::{Complaints, Place, Problem};
use crate::event::Zone;
use crate::text::fold_key;

use super::RegisterFile;
use super::columns::{self, Column, Layout, Needs};
use super::dates;
use super::entry::Entry;
use super::networks;

const LAYOUT: Layout = Layout {
    columns: &[
        Column {
            name: "vendor",
            ja: "事業者",
            also: &[
                "company",
                "firm",
                "contractor",
                "事業者名",
                "業者",
                "業者名",
                "保守業者",
                "保守事業者",
                "委託先",
                "会社",
                "会社名",
            ],
        },
        Column {
            name: "person",
            ja: "作業者",
            also: &[
                "worker",
                "engineer",
                "name",
                "作業者名",
                "作業員",
                "作業担当者",
                "担当者",
                "氏名",
            ],
        },
        Column {
            name: "account",
            ja: "アカウント",
            also: &[
                "accounts",
                "accountid",
                "user",
                "userid",
                "login",
                "loginid",
                "アカウント名",
                "使用アカウント",
                "保守アカウント",
                "作業id",
                "利用者id",
                "ユーザid",
                "ユーザーid",
                "ログインid",
            ],
        },
        Column {
            name: "source",
            ja: "接続元",
            also: &[
                "sources",
                "address",
                "ip",
                "sourceip",
                "sourceaddress",
                "接続元ip",
                "接続元ipアドレス",
                "接続元アドレス",
                "ipアドレス",
                "送信元",
            ],
        },
        Column {
            name: "systems",
            ja: "対象システム",
            also: &[
                "system",
                "target",
                "targets",
                "対象",
                "対象機器",
                "対象サーバ",
                "対象サーバー",
                "作業対象",
                "システム",
                "システム名",
            ],
        },
        Column {
            name: "from",
            ja: "開始",
            also: &[
                "start",
                "begin",
                "開始日時",
                "開始予定",
                "開始予定日時",
                "作業開始",
                "作業開始日時",
                "自",
            ],
        },
        Column {
            name: "to",
            ja: "終了",
            also: &[
                "until",
                "end",
                "終了日時",
                "終了予定",
                "終了予定日時",
                "作業終了",
                "作業終了日時",
                "至",
            ],
        },
        Column {
            name: "work",
            ja: "作業内容",
            also: &["purpose", "content", "内容", "作業", "件名", "目的"],
        },
    ],
    needs: Needs::All(&["from", "to"]),
};

/// A row of a work plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedWork {
    /// Where the row stands.
    pub at: Place,
    /// The firm, as written.
    pub vendor: String,
    /// Who comes, as written.
    pub person: String,
    /// What is to be done, as written.
    pub work: String,
    /// Accounts, folded; none: not told.
    pub accounts: Vec<String>,
    /// Addresses and networks; none: not told.
    pub sources: Vec<Subnet>,
    /// Systems, folded; none: any.
    pub systems: Vec<String>,
    /// From and to, nanoseconds since 1970; a `to` without a time of day is that whole day.
    pub span: Range<i64>,
}

/// An address, or a network by its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subnet {
    prefix: u8,
    first: u128,
    is_v4: bool,
}

impl Subnet {
    /// True when it holds an address.
    pub fn holds(&self, ip: IpAddr) -> bool {
        let (number, is_v4) = match ip.to_canonical() {
            IpAddr::V4(ip) => (u128::from(ip.to_bits()), true),
            IpAddr::V6(ip) => (ip.to_bits(), false),
        };
        is_v4 == self.is_v4 && number & networks::mask(self.prefix) == self.first
    }
}

/// Reads a work plan (CSV in UTF-8 or CP932, or XLSX). A cell may list several accounts, addresses
/// or systems, apart by commas, semicolons or blanks. All mistakes go to `complaints`.
pub fn read_work_plan(
    file: &RegisterFile<'_>,
    zone: Zone,
    complaints: &mut Complaints,
) -> Vec<PlannedWork> {
    let mut rows = Vec::new();
    columns::read(file, &LAYOUT, zone, complaints, &mut |entry, complaints| {
        rows.extend(planned(entry, complaints));
    });
    rows
}

fn planned(entry: &Entry<'_>, complaints: &mut Complaints) -> Option<PlannedWork> {
    let from = entry.written("from", complaints);
    let to = entry.written("to", complaints);
    for (name, ja) in [("from", "開始"), ("to", "終了")] {
        if entry.text(name).is_empty() {
            complaints.push(
                Problem::error(
                    format!("planned work needs \"{name}\", and this row has none"),
                    format!("作業計画に必要な「{ja}」が空です"),
                )
                .at(entry.place())
                .help(
                    "fill it in, or delete the row",
                    "記入するか、行を削除してください",
                ),
            );
        }
    }
    let accounts = words(&entry.text("account"));
    let sources = sources(entry, complaints);
    if accounts.is_empty() && sources.is_empty() && !complaints.has_errors() {
        complaints.push(
            Problem::error(
                "this row names neither an account nor an address, so no log can be held against it",
                "アカウントも接続元もないため、ログと突き合わせられない行です",
            )
            .at(entry.place())
            .help(
                "write the account or the address the work will be done with",
                "作業に使うアカウントか接続元のアドレスを書いてください",
            ),
        );
    }
    let zone = entry.zone;
    let span = dates::begin(zone, &from?.civil)?..dates::end(zone, &to?)?;
    if span.start >= span.end {
        entry.complain_order("from", "to", complaints);
        return None;
    }
    Some(PlannedWork {
        at: entry.place(),
        vendor: entry.text("vendor"),
        person: entry.text("person"),
        work: entry.text("work"),
        accounts,
        sources,
        systems: words(&entry.text("systems")),
        span,
    })
}

fn words(text: &str) -> Vec<String> {
    let folded = fold_key(text);
    let parts = folded.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '、' | '，'));
    let parts = parts.filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

fn sources(entry: &Entry<'_>, complaints: &mut Complaints) -> Vec<Subnet> {
    let read = |text: &str| {
        let parts = words(text);
        let parts = parts.iter().map(|part| networks::parse(part));
        let subnets = parts.map(|found| {
            found.map(|(prefix, first, is_v4)| Subnet {
                prefix,
                first,
                is_v4,
            })
        });
        subnets.collect::<Result<Vec<_>, _>>()
    };
    entry.parsed("source", complaints, read).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Lang;

    fn read(text: &[u8]) -> (Vec<PlannedWork>, Vec<String>) {
        let mut complaints = Complaints::new();
        let file = RegisterFile {
            name: "plan.csv",
            bytes: text,
        };
        let rows = read_work_plan(&file, Zone::tokyo(), &mut complaints);
        let said = complaints.sorted();
        let said = said.iter().map(|problem| problem.render(Lang::En));
        (rows, said.collect())
    }

    #[test]
    fn a_plan_is_read_with_japanese_headings_in_cp932() {
        let text = "事業者,作業者,アカウント,接続元,対象システム,開始,終了\r\n\
                    株式会社保守,保守太郎,ＶＥＮＤＯＲ１;maint,203.0.113.9、198.51.100.0/24,電子カルテ,\
                    2026/11/12 10:00,2026/11/12 12:00\r\n";
        let (bytes, _, _) = encoding_rs::SHIFT_JIS.encode(text);
        let (rows, said) = read(&bytes);
        assert!(said.is_empty(), "{said:?}");
        assert_eq!(rows[0].accounts, ["vendor1", "maint"]);
        assert_eq!(rows[0].systems, ["電子カルテ"]);
        let holds = |ip: &str| {
            let ip = ip.parse().expect("an address");
            rows[0].sources.iter().any(|subnet| subnet.holds(ip))
        };
        assert!(holds("203.0.113.9") && holds("198.51.100.77"));
        assert!(!holds("203.0.113.10") && !holds("2001:db8::1"));
    }

    #[test]
    fn what_cannot_be_held_against_a_log_is_complained_about() {
        let (rows, said) = read(
            b"vendor,account,source,from,to\n\
              A,,,2026-11-12 10:00,2026-11-12 12:00\n\
              B,v,10.0.0.300,2026-11-12 10:00,2026-11-12 12:00\n\
              C,v,,2026-11-12 10:00,2026-11-12 09:00\n\
              D,v,,,2026-11-12 09:00\n",
        );
        assert_eq!(said.len(), 4, "{said:?}");
        assert!(said[0].contains("plan.csv:2"), "{}", said[0]);
        assert!(
            rows.iter()
                .all(|row| row.vendor != "C" && row.vendor != "D")
        );
    }
}
