//! Declarations: who said beforehand that work would be done out of hours.
//!
//! Takes rows of overtime, emergencies, drills, maintenance and changes of configuration; gives
//! the one that covers an account or a department at an instant. Never judges whether the work
//! was the declared one.

use std::ops::Range;

use crate::diagnostic::{Complaints, Problem};
use crate::event::Zone;
use crate::text::fold_key;

use super::columns::{self, Column, Layout, Needs};
use super::dates;
use super::entry::Entry;
use super::index::{Index, Key, Row};
use super::people::kind;
use super::{Declaration, RegisterFile};

pub(super) const LAYOUT: Layout = Layout {
    columns: &[
        Column {
            name: "kind",
            ja: "種別",
            also: &["type", "区分", "種類", "届出種別", "届出区分"],
        },
        Column {
            name: "from",
            ja: "開始",
            also: &["start", "begin", "開始日時", "開始日", "開始時刻", "自"],
        },
        Column {
            name: "to",
            ja: "終了",
            also: &["until", "end", "終了日時", "終了日", "終了時刻", "至"],
        },
        Column {
            name: "who",
            ja: "対象者",
            also: &[
                "account",
                "staff",
                "user",
                "利用者id",
                "職員番号",
                "申請者",
                "届出者",
                "職員id",
            ],
        },
        Column {
            name: "where",
            ja: "場所",
            also: &[
                "department",
                "place",
                "部署",
                "対象部署",
                "部門",
                "所属",
                "病棟",
            ],
        },
        Column {
            name: "approved_by",
            ja: "承認者",
            also: &["approver", "許可者", "決裁者"],
        },
        Column {
            name: "filed_at",
            ja: "届出日時",
            also: &["filed", "届出日", "申請日", "申請日時", "提出日", "受付日"],
        },
    ],
    needs: Needs::All(&["kind", "from", "to"]),
};

/// Kinds and the words for them, folded.
const KINDS: [(&str, &[&str]); 5] = [
    (
        "overtime",
        &[
            "時間外",
            "残業",
            "時間外勤務",
            "超過勤務",
            "休日出勤",
            "休日勤務",
        ],
    ),
    (
        "emergency",
        &["緊急", "緊急呼出", "呼出", "緊急対応", "オンコール"],
    ),
    ("drill", &["訓練", "演習", "防災訓練"]),
    (
        "maintenance",
        &["保守", "メンテナンス", "点検", "保守作業", "定期保守"],
    ),
    (
        "config-change",
        &["設定変更", "構成変更", "変更作業", "configchange"],
    ),
];

/// The rows, by whom they cover.
#[derive(Debug)]
pub(super) struct Declarations {
    rows: Vec<Declaration>,
    by_who: Index<Declaration>,
    by_place: Index<Declaration>,
    for_all: Index<Declaration>,
}

impl Row for Declaration {
    fn span(&self) -> Range<i64> {
        self.span.clone()
    }
}

fn who_of(row: &Declaration) -> Option<Key<'_>> {
    (!row.who.is_empty()).then_some(Key::Text(&row.who))
}

fn place_of(row: &Declaration) -> Option<Key<'_>> {
    (row.who.is_empty() && !row.place.is_empty()).then_some(Key::Text(&row.place))
}

fn all_of(row: &Declaration) -> Option<Key<'_>> {
    (row.who.is_empty() && row.place.is_empty()).then_some(Key::Text(""))
}

impl Default for Declarations {
    fn default() -> Self {
        Declarations::new(Vec::new())
    }
}

impl Declarations {
    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    fn new(rows: Vec<Declaration>) -> Self {
        Declarations {
            by_who: Index::new(&rows, who_of),
            by_place: Index::new(&rows, place_of),
            for_all: Index::new(&rows, all_of),
            rows,
        }
    }

    /// These declarations and those of another file.
    pub(super) fn and(self, file: &RegisterFile<'_>, zone: Zone, out: &mut Complaints) -> Self {
        let mut rows = self.rows;
        columns::read(file, &LAYOUT, zone, out, &mut |entry, complaints| {
            rows.extend(declaration(entry, complaints));
        });
        Declarations::new(rows)
    }

    /// The declarations that cover any of these at an instant, in the order of the file.
    pub(super) fn find(
        &self,
        [account, owner]: [&str; 2],
        department: &str,
        nanos: i64,
    ) -> Vec<&Declaration> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut take = |index: &Index<Declaration>, key: &str| {
            found.extend(index.all_valid(&self.rows, Key::Text(key), nanos));
        };
        take(&self.for_all, "");
        take(&self.by_who, account);
        if owner != account {
            take(&self.by_who, owner);
        }
        take(&self.by_place, &fold_key(department));
        found.sort_unstable();
        found.into_iter().map(|row| &self.rows[row]).collect()
    }
}

fn declaration(entry: &Entry<'_>, complaints: &mut Complaints) -> Option<Declaration> {
    let kind = entry.parsed("kind", complaints, |text| kind(text, &KINDS));
    let from = entry.written("from", complaints);
    let to = entry.written("to", complaints);
    let filed = entry.written("filed_at", complaints);
    for (name, ja) in [("kind", "種別"), ("from", "開始"), ("to", "終了")] {
        if entry.text(name).is_empty() {
            complaints.push(
                Problem::error(
                    format!("a declaration needs \"{name}\", and this row has none"),
                    format!("届出に必要な「{ja}」が空です"),
                )
                .at(entry.place())
                .help(
                    "fill it in, or delete the row",
                    "記入するか、行を削除してください",
                ),
            );
        }
    }
    let zone = entry.zone;
    let span = dates::begin(zone, &from?.civil)?..dates::end(zone, &to?)?;
    if span.start >= span.end {
        entry.complain_order("from", "to", complaints);
        return None;
    }
    Some(Declaration {
        at: Some(entry.place()),
        kind: kind?.to_owned(),
        span,
        who: entry.folded("who"),
        place: entry.folded("where"),
        approved_by: entry.text("approved_by"),
        filed: filed.and_then(|w| dates::begin(zone, &w.civil)),
    })
}
