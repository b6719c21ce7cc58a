//! The registers of accounts, staff and patients.
//!
//! Takes their tables; gives the row of an id, at a time where several follow each other. Never
//! compares names of persons.

use std::ops::Range;

use crate::diagnostic::{Complaints, Problem, nearest};
use crate::event::Zone;
use crate::text::fold_key;

use super::columns::{self, Column, Layout, Needs};
use super::entry::Entry;
use super::index::{ALWAYS, Index, Key, Row};
use super::{Account, Patient, RegisterFile, Staff};

pub(super) const STAFF: Layout = Layout {
    columns: &[
        Column {
            name: "id",
            ja: "職員番号",
            also: &[
                "staffid",
                "staffno",
                "employeeid",
                "職員id",
                "職員コード",
                "社員番号",
                "利用者id",
                "職員no",
            ],
        },
        Column {
            name: "name",
            ja: "氏名",
            also: &["fullname", "職員名", "職員氏名", "名前", "利用者名"],
        },
        Column {
            name: "department",
            ja: "部署",
            also: &["dept", "ward", "部門", "所属", "所属部署", "診療科", "病棟"],
        },
        Column {
            name: "role",
            ja: "職種",
            also: &["occupation", "job", "職名", "役割", "資格"],
        },
        Column {
            name: "hired",
            ja: "採用日",
            also: &[
                "from",
                "joined",
                "入職日",
                "入社日",
                "着任日",
                "採用年月日",
                "開始日",
            ],
        },
        Column {
            name: "left",
            ja: "退職日",
            also: &[
                "until",
                "retired",
                "離職日",
                "退社日",
                "離任日",
                "退職年月日",
                "終了日",
            ],
        },
        Column {
            name: "patient_id",
            ja: "患者番号",
            also: &["患者id", "本人患者番号", "本人の患者番号", "診察券番号"],
        },
    ],
    needs: Needs::All(&["id"]),
};

pub(super) const ACCOUNTS: Layout = Layout {
    columns: &[
        Column {
            name: "id",
            ja: "利用者id",
            also: &[
                "account",
                "accountid",
                "user",
                "userid",
                "login",
                "loginid",
                "ログインid",
                "ユーザid",
                "ユーザーid",
                "アカウント",
                "アカウント名",
                "ユーザ名",
                "ユーザー名",
            ],
        },
        Column {
            name: "kind",
            ja: "種別",
            also: &["type", "区分", "種類", "アカウント種別", "アカウント区分"],
        },
        Column {
            name: "owner",
            ja: "職員番号",
            also: &[
                "staff",
                "staffid",
                "所有者",
                "管理者",
                "使用者",
                "責任者",
                "職員id",
            ],
        },
        Column {
            name: "valid_from",
            ja: "有効開始日",
            also: &[
                "from",
                "created",
                "開始日",
                "発行日",
                "登録日",
                "利用開始日",
            ],
        },
        Column {
            name: "valid_until",
            ja: "有効終了日",
            also: &[
                "until",
                "to",
                "expires",
                "終了日",
                "有効期限",
                "停止日",
                "失効日",
                "利用終了日",
            ],
        },
        Column {
            name: "password_changed",
            ja: "パスワード変更日",
            also: &[
                "pwdlastset",
                "passwordlastset",
                "passwordchangedon",
                "最終パスワード変更日",
                "パスワード最終変更日",
                "パスワード更新日",
                "パスワード設定日",
            ],
        },
    ],
    needs: Needs::All(&["id"]),
};

pub(super) const PATIENTS: Layout = Layout {
    columns: &[
        Column {
            name: "id",
            ja: "患者番号",
            also: &["patient", "patientid", "患者id", "診察券番号", "カルテ番号"],
        },
        Column {
            name: "restricted",
            ja: "閲覧制限",
            also: &[
                "vip",
                "confidential",
                "制限",
                "要配慮",
                "参照制限",
                "アクセス制限",
            ],
        },
        Column {
            name: "staff_id",
            ja: "職員番号",
            also: &["staff", "職員id", "職員コード"],
        },
        Column {
            name: "deceased_on",
            ja: "死亡日",
            also: &["deceased", "died", "死亡年月日"],
        },
        Column {
            name: "discharged_on",
            ja: "退院日",
            also: &[
                "discharged",
                "dischargedate",
                "最終退院日",
                "退院年月日",
                "診療終了日",
                "終診日",
            ],
        },
        Column {
            name: "household_of",
            ja: "家族の職員番号",
            also: &[
                "household",
                "relativeof",
                "familyof",
                "家族職員番号",
                "家族の職員id",
                "同居職員番号",
                "同居の職員番号",
                "職員の家族",
            ],
        },
    ],
    needs: Needs::All(&["id"]),
};

/// Account kinds and the words for them, folded.
const KINDS: [(&str, &[&str]); 6] = [
    ("person", &["個人", "個人用", "職員", "本人"]),
    ("shared", &["共用", "共有", "共同"]),
    (
        "vendor",
        &["業者", "保守業者", "ベンダー", "委託", "委託業者"],
    ),
    (
        "service",
        &["サービス", "システム", "自動", "自動処理", "バッチ"],
    ),
    ("admin", &["管理", "管理者", "特権", "システム管理者"]),
    (
        "break-glass",
        &["breakglass", "緊急", "緊急用", "非常用", "緊急時用"],
    ),
];

/// The rows of a register with one id column.
#[derive(Debug)]
pub(super) struct People<T> {
    rows: Vec<T>,
    by_id: Index<T>,
    /// By a patient number that is not the row's own id.
    by_patient: Index<T>,
}

/// What the three registers differ in.
pub(super) trait Person: Row + Sized {
    /// Their columns.
    const LAYOUT: Layout;
    /// What the id is called, in English and Japanese.
    const ID: (&'static str, &'static str);
    /// The id.
    fn id(&self) -> &str;
    /// The patient number of a row that stands for somebody else than a patient.
    fn patient(&self) -> Option<&str> {
        None
    }
    /// A row's value; `None` when it identifies nobody.
    fn read(entry: &Entry<'_>, complaints: &mut Complaints) -> Option<Self>;
}

fn id_of<T: Person>(row: &T) -> Option<Key<'_>> {
    Some(Key::Text(row.id()))
}

fn patient_of<T: Person>(row: &T) -> Option<Key<'_>> {
    row.patient().map(Key::Text)
}

impl<T: Person> Default for People<T> {
    fn default() -> Self {
        People::new(Vec::new())
    }
}

impl<T: Person> People<T> {
    /// True when nobody stands in the register.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// All rows, in the order of the files.
    pub(super) fn all(&self) -> &[T] {
        &self.rows
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// True when some row is such.
    pub(super) fn any(&self, such: impl Fn(&T) -> bool) -> bool {
        self.rows.iter().any(such)
    }

    fn new(rows: Vec<T>) -> Self {
        People {
            by_id: Index::new(&rows, id_of::<T>),
            by_patient: Index::new(&rows, patient_of::<T>),
            rows,
        }
    }

    /// These rows and those of another file.
    pub(super) fn and(self, file: &RegisterFile<'_>, zone: Zone, out: &mut Complaints) -> Self
    where
        T: super::Placed,
    {
        let mut rows = self.rows;
        let old = rows.len();
        columns::read(
            file,
            &T::LAYOUT,
            zone,
            out,
            &mut |entry, complaints| match entry.text("id").is_empty() {
                true => entry.complain_nameless(complaints),
                false => rows.extend(T::read(entry, complaints)),
            },
        );
        let people = People::new(rows);
        super::complain_doubles(&people.by_id, &people.rows, old, T::ID, out);
        people
    }

    /// The row of an id that begins last.
    pub(super) fn latest(&self, id: &str) -> Option<&T> {
        self.by_id.latest(&self.rows, Key::Text(id))
    }

    /// The row of a patient number that begins last.
    pub(super) fn by_patient(&self, id: &str) -> Option<&T> {
        self.by_patient.latest(&self.rows, Key::Text(id))
    }

    /// The row of an id valid at an instant, else the one that begins last.
    pub(super) fn at(&self, id: &str, nanos: i64) -> Option<&T> {
        self.by_id.valid_or_latest(&self.rows, Key::Text(id), nanos)
    }
}

impl Row for Staff {
    fn span(&self) -> Range<i64> {
        self.employed.clone().unwrap_or(ALWAYS)
    }
}

impl Person for Staff {
    const LAYOUT: Layout = STAFF;
    const ID: (&'static str, &'static str) = ("staff number", "職員番号");

    fn id(&self) -> &str {
        &self.id
    }

    fn patient(&self) -> Option<&str> {
        Some(self.patient_id.as_str()).filter(|id| !id.is_empty())
    }

    fn read(entry: &Entry<'_>, complaints: &mut Complaints) -> Option<Staff> {
        Some(Staff {
            at: Some(entry.place()),
            id: entry.folded("id"),
            name: entry.text("name"),
            department: entry.text("department"),
            role: entry.text("role"),
            patient_id: entry.patient("patient_id", complaints),
            employed: entry.days("hired", "left", complaints),
        })
    }
}

impl Row for Account {
    fn span(&self) -> Range<i64> {
        self.valid.clone().unwrap_or(ALWAYS)
    }
}

impl Person for Account {
    const LAYOUT: Layout = ACCOUNTS;
    const ID: (&'static str, &'static str) = ("account", "利用者ID");

    fn id(&self) -> &str {
        &self.id
    }

    fn read(entry: &Entry<'_>, complaints: &mut Complaints) -> Option<Account> {
        let kind = entry.parsed("kind", complaints, |text| kind(text, &KINDS));
        let changed = entry.day("password_changed", complaints);
        Some(Account {
            at: Some(entry.place()),
            id: entry.folded("id"),
            kind: kind.unwrap_or("person").to_owned(),
            owner: entry.folded("owner"),
            valid: entry.days("valid_from", "valid_until", complaints),
            password_changed: changed.map(|day| day.start),
        })
    }
}

impl Row for Patient {
    fn span(&self) -> Range<i64> {
        ALWAYS
    }
}

impl Person for Patient {
    const LAYOUT: Layout = PATIENTS;
    const ID: (&'static str, &'static str) = ("patient number", "患者番号");

    fn id(&self) -> &str {
        &self.id
    }

    fn read(entry: &Entry<'_>, complaints: &mut Complaints) -> Option<Patient> {
        let restricted = entry.parsed("restricted", complaints, yes_or_no);
        let died = entry.day("deceased_on", complaints);
        let discharged = entry.day("discharged_on", complaints);
        Some(Patient {
            at: Some(entry.place()),
            id: entry.patient("id", complaints),
            restricted: restricted.unwrap_or(false),
            staff_id: entry.folded("staff_id"),
            deceased: died.map(|day| day.start),
            discharged: discharged.map(|day| day.start),
            household_of: several(&entry.text("household_of")),
        })
    }
}

/// The numbers of a cell that holds several, folded.
fn several(text: &str) -> Vec<String> {
    let parts = |c: char| c.is_whitespace() || ";,/|、，；／・".contains(c);
    let numbers = text.split(parts).filter(|part| !part.is_empty());
    numbers.map(|part| fold_key(part).into_owned()).collect()
}

/// The kind a word means; kinds are compared folded.
pub(super) fn kind(
    text: &str,
    kinds: &'static [(&'static str, &'static [&'static str])],
) -> Result<&'static str, Problem> {
    let folded = fold_key(text);
    let found = kinds
        .iter()
        .find(|(kind, words)| *kind == folded || words.contains(&&*folded));
    if let Some((kind, _)) = found {
        return Ok(kind);
    }
    let names: Vec<&str> = kinds.iter().map(|(kind, _)| *kind).collect();
    let words: Vec<&str> = kinds
        .iter()
        .filter_map(|(_, w)| w.iter().find(|w| !w.is_ascii()))
        .copied()
        .collect();
    let all = kinds
        .iter()
        .flat_map(|(kind, words)| words.iter().copied().chain([*kind]));
    let (en, ja) = match nearest(&folded, all) {
        Some(near) if near.chars().count() > 2 => (
            format!("is \"{near}\" meant? known kinds are {}", names.join(", ")),
            format!("「{near}」でしょうか。使える種別: {}", words.join("、")),
        ),
        _ => (
            format!("known kinds are {}", names.join(", ")),
            format!("使える種別: {}", words.join("、")),
        ),
    };
    Err(Problem::error("this kind is not known", "この種別は分かりません").help(en, ja))
}

fn yes_or_no(text: &str) -> Result<bool, Problem> {
    const YES: [&str; 14] = [
        "1",
        "true",
        "yes",
        "y",
        "x",
        "はい",
        "有",
        "有り",
        "あり",
        "要",
        "制限",
        "制限あり",
        "対象",
        "vip",
    ];
    const NO: [&str; 12] = [
        "0",
        "false",
        "no",
        "n",
        "いいえ",
        "無",
        "無し",
        "なし",
        "不要",
        "制限なし",
        "対象外",
        "×",
    ];
    let folded = fold_key(text);
    let circle = ["○", "〇", "◯", "●", "◎", "レ", "✓", "✔"].contains(&&*folded);
    if circle || YES.contains(&&*folded) {
        return Ok(true);
    }
    if NO.contains(&&*folded) {
        return Ok(false);
    }
    Err(Problem::error(
        "this is neither yes nor no",
        "はい・いいえのどちらか分かりません",
    )
    .help(
        "write 1 or yes, 0 or no; an empty cell means no",
        "1（あり）か 0（なし）を書いてください。空欄は「なし」です",
    ))
}
