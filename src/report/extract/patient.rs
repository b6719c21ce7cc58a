//! Who opened a chart: by account, and record by record.

use std::collections::BTreeSet;

use crate::diagnostic::Lang;
use crate::register::Registers;
use crate::report::document::{Block, Cell, Kind, Mark, Section, Table};
use crate::report::gather::{FEW, Persons};
use crate::report::number::thousands;
use crate::report::words::{Tongue, names, titled};
use crate::sink::openings::{OfAccount, Opening, Openings};

use super::{Basis, section};

/// Departments and terminals of an account that are listed.
const NAMED: usize = 4;

/// The same with persons told as asked: a name only where names are wanted, and where they are
/// masked no free words and no department of few people.
pub fn told(mut openings: Openings, persons: &Persons, registers: &Registers) -> Openings {
    let is_masked = persons.is_masked();
    openings.patient = persons.value("patient.id", &openings.patient, registers, 0);
    let mut few = BTreeSet::new();
    if is_masked {
        let named = openings.openings.iter().map(|o| o.department.clone());
        few = named.filter(|name| people(name, registers) < FEW).collect();
    }
    for opening in &mut openings.openings {
        if persons.word() != "names" {
            opening.person.clear();
        }
        if is_masked {
            opening.account = persons.account(&opening.account, registers, opening.time.nanos);
            if opening.purpose != BREAK_GLASS {
                opening.purpose.clear();
            }
            if few.contains(&opening.department) {
                opening.department.clear();
            }
        }
    }
    openings
}

/// What stands in the place of a purpose where the log tells of emergency access.
const BREAK_GLASS: &str = "break-glass";

/// How many people the register knows in a department.
fn people(department: &str, registers: &Registers) -> u64 {
    let rows = registers.staff_rows().iter();
    let of = rows.filter(|row| row.department == department);
    of.map(|row| &row.id).collect::<BTreeSet<_>>().len() as u64
}

pub(super) fn sections(
    openings: &Openings,
    basis: &Basis<'_>,
    (tongue, most): (Tongue, usize),
) -> Vec<Section> {
    let says_name = basis.identities == "names";
    let verdict = vec![
        basis.examined(tongue),
        found(openings, basis, tongue),
        basis.unseen(tongue, unseen(openings, tongue)),
        Block::Words(tongue.say(
            "A log shows which account opened which record, not who sat at the terminal or why: ask the owner of the account and the department.",
            "ログからわかるのは、どのIDで記録が開かれたかまでです。だれが何のために操作したかは、IDの持ち主と部署に確かめてください。",
        )),
    ];
    let part = |number: usize, id, title, short, blocks| {
        section(tongue, (number, id), (title, short), blocks)
    };
    vec![
        part(
            1,
            "verdict",
            ("In three sentences", "結論（三つの文）"),
            ("Verdict", "結論"),
            verdict,
        ),
        part(
            2,
            "accounts",
            ("Which accounts", "どのIDが開いたか"),
            ("Accounts", "ID"),
            vec![Block::Table(accounts(
                openings,
                basis,
                (tongue, most),
                says_name,
            ))],
        ),
        part(
            3,
            "records",
            ("Every record, in order of time", "すべての記録（時刻順）"),
            ("Records", "記録"),
            vec![Block::Table(records(
                openings,
                basis,
                (tongue, most),
                says_name,
            ))],
        ),
    ]
}

fn found(openings: &Openings, basis: &Basis<'_>, tongue: Tongue) -> Block {
    let (patient, all) = (&openings.patient, &openings.openings);
    let (Some(first), Some(last)) = (all.first(), all.last()) else {
        return Block::Sentence(
            Mark::Plain,
            match tongue.lang {
                Lang::Ja => format!(
                    "患者 {patient} の記録はありませんでした。これは上の記録を調べた結果であり、ログに残らない操作については何も言えません。"
                ),
                Lang::En => format!(
                    "No record names patient {patient}. This rests on the records above, and says nothing of what leaves no trace in them."
                ),
            },
        );
    };
    let count = |is: fn(&Opening) -> bool| all.iter().filter(|o| is(o)).count() as u64;
    let accounts = openings.accounts().len() as u64;
    let closed = count(|o| o.verdict == "closed");
    let refused = count(|o| o.outcome == "failure");
    let emergency = count(|o| o.purpose == BREAK_GLASS);
    let span = basis.span((first.time.nanos, last.time.nanos), tongue);
    let records = all.len() as u64 + openings.left_out;
    Block::Sentence(
        Mark::Plain,
        match tongue.lang {
            Lang::Ja => format!(
                "患者 {patient} の記録は{}件、開いたIDは{}つです（{span}）。うち時間外{}件、失敗{}件、緊急時アクセス{}件です。",
                thousands(records),
                thousands(accounts),
                thousands(closed),
                thousands(refused),
                thousands(emergency)
            ),
            Lang::En => format!(
                "{} of {} name patient {patient} ({span}): {} while closed, {} refused, {} by emergency access.",
                tongue.count(records, ("record", "records"), ""),
                tongue.count(accounts, ("account", "accounts"), ""),
                thousands(closed),
                thousands(refused),
                thousands(emergency)
            ),
        },
    )
}

/// What this question in particular could not see.
fn unseen(openings: &Openings, tongue: Tongue) -> Vec<String> {
    let mut parts = Vec::new();
    let sources = openings.sources.iter();
    let nameless: Vec<String> = sources
        .filter(|(_, (events, naming))| *events > 0 && *naming == 0)
        .map(|(name, _)| name.clone())
        .collect();
    if !nameless.is_empty() {
        let names = tongue.list(&nameless, 6);
        parts.push(match tongue.lang {
            Lang::Ja => format!("患者を記録していない記録元（{names}）"),
            Lang::En => format!("sources that name no patient ({names})"),
        });
    }
    if openings.left_out > 0 {
        let n = thousands(openings.left_out);
        parts.push(match tongue.lang {
            Lang::Ja => format!("上限を超えたため一覧にない記録{n}件"),
            Lang::En => format!("{n} records beyond the bound, which stand in no list"),
        });
    }
    parts
}

fn account(name: &str, tongue: Tongue) -> String {
    match name {
        "" => tongue.say("not recorded", "記録なし"),
        name => name.to_owned(),
    }
}

fn told_or_dash(text: &str) -> Cell {
    Cell::text(if text.is_empty() { "–" } else { text })
}

fn accounts(
    openings: &Openings,
    basis: &Basis<'_>,
    (tongue, most): (Tongue, usize),
    says_name: bool,
) -> Table {
    let accounts = openings.accounts();
    let total = accounts.len();
    let some = |names: &BTreeSet<String>| {
        let names: Vec<String> = names.iter().cloned().collect();
        told_or_dash(&tongue.list(&names, NAMED))
    };
    let row = |(name, told): (&str, OfAccount)| {
        let mut row = vec![Cell::text(account(name, tongue))];
        row.extend(says_name.then(|| told_or_dash(&told.person)));
        row.extend([
            some(&told.departments),
            some(&told.terminals),
            Cell::Count(told.records),
            Cell::Count(told.closed),
            Cell::Time(basis.time(told.span.0)),
            Cell::Time(basis.time(told.span.1)),
        ]);
        row
    };
    let columns = [
        (("Account", "ID"), Kind::Text),
        NAME,
        (("Department", "部署"), Kind::Text),
        (("Terminals", "端末"), Kind::Text),
        (("Records", "記録"), Kind::Number),
        (("While closed", "うち時間外"), Kind::Number),
        (("First", "最初"), Kind::When),
        (("Last", "最後"), Kind::When),
    ];
    Table {
        caption: titled(&tongue, ("Accounts", "ID"), total as u64),
        columns: headings(&columns, tongue, says_name),
        rows: accounts.into_iter().take(most).map(row).collect(),
        more: tongue.more(total.saturating_sub(most) as u64),
        empty: tongue.say("none", "該当なし"),
    }
}

fn records(
    openings: &Openings,
    basis: &Basis<'_>,
    (tongue, most): (Tongue, usize),
    says_name: bool,
) -> Table {
    let all = &openings.openings;
    let row = |opening: &Opening| {
        let mut row = vec![
            Cell::Time(basis.time(opening.time.nanos)),
            Cell::text(account(&opening.account, tongue)),
        ];
        row.extend(says_name.then(|| told_or_dash(&opening.person)));
        row.extend([
            told_or_dash(&opening.department),
            told_or_dash(&opening.terminal),
            told_or_dash(names::action(&opening.action, tongue.lang)),
            Cell::text(names::outcome(&opening.outcome, tongue.lang)),
            Cell::text(names::hours(&opening.verdict, tongue.lang)),
            told_or_dash(&remarks(opening, tongue)),
            Cell::text(format!("{} {}", opening.source, opening.place)),
        ]);
        row
    };
    let more = tongue.more(all.len().saturating_sub(most) as u64);
    Table {
        caption: titled(&tongue, ("Records", "記録"), all.len() as u64),
        columns: headings(&RECORD, tongue, says_name),
        rows: all.iter().take(most).map(row).collect(),
        more: more.map(|more| {
            let all = tongue.say(
                "`--output-format csv` lists all",
                "すべての一覧は --output-format csv で出ます",
            );
            format!("{more}{}{all}", tongue.say(": ", "："))
        }),
        empty: tongue.say("none", "該当なし"),
    }
}

/// A heading in both languages, and what stands below it.
type Heading = ((&'static str, &'static str), Kind);

/// The column that stands only where names are told.
const NAME: Heading = (("Name", "氏名"), Kind::Text);
const RECORD: [Heading; 10] = [
    (("When", "日時"), Kind::When),
    (("Account", "ID"), Kind::Text),
    NAME,
    (("Department", "部署"), Kind::Text),
    (("Terminal", "端末"), Kind::Text),
    (("What", "操作"), Kind::Text),
    (("Outcome", "結果"), Kind::Text),
    (("Hours", "時間帯"), Kind::Text),
    (("Remarks", "備考"), Kind::Text),
    (("Record", "記録の場所"), Kind::Code),
];

fn headings(all: &[Heading], tongue: Tongue, says_name: bool) -> Vec<(String, Kind)> {
    let told = all.iter().filter(|one| says_name || **one != NAME);
    told.map(|((en, ja), kind)| (tongue.say(en, ja), *kind))
        .collect()
}

/// What else the record tells: why, and whether its clock is to be trusted.
fn remarks(opening: &Opening, tongue: Tongue) -> String {
    let purpose = match opening.purpose.as_str() {
        BREAK_GLASS => tongue.say("emergency access", "緊急時アクセス"),
        purpose => purpose.to_owned(),
    };
    let clock = match opening.time.trusted {
        true => String::new(),
        false => tongue.say("clock not trusted", "時計が不確か"),
    };
    let parts: Vec<String> = [purpose, clock]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(&tongue.say(", ", "、"))
}
