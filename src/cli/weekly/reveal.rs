//! `reveal`: whom a pseudonym stands for. Who asked is written down before the answer is given.

use std::collections::BTreeSet;

use super::super::args::Reveal;
use super::super::memory::{Memory, Stop, entry};
use super::super::plan::Plan;
use super::super::{Exit, Streams};
use super::key;
use crate::diagnostic::Problem;
use crate::register::Registers;
use crate::report::{Key, MaskKind, kind_of};
use crate::store::{Filter, Store};
use crate::text::one_line;

pub(super) fn reveal(
    plan: &Plan,
    task: &Reveal,
    registers: &Registers,
    streams: &mut Streams<'_>,
) -> Result<Exit, Stop> {
    let pseudonym = task.pseudonym.trim().to_uppercase();
    let Some(kind) = kind_of(&pseudonym) else {
        return Err(Stop::mistake(no_pseudonym(&task.pseudonym)));
    };
    let key = key::read(&task.key)?;
    let mut memory = Memory::open(plan, &task.store, Store::look)?;
    let found = search(&memory, registers, (&key, kind), &pseudonym)?;
    // The record holds the pseudonym and who asked, never the person.
    let note = serde_json::json!({ "pseudonym": pseudonym, "found": found.is_some() });
    memory.change(|store| {
        let mut entry = entry("reveal", &note);
        let changing = store.change()?;
        entry.alerts_digest = changing.alerts_digest()?;
        changing.append_run(&entry)?;
        changing.commit()
    })?;
    let Some(id) = found else {
        return Err(Stop::mistake(unknown(&pseudonym)));
    };
    let staff = registers.staff(registers.account(&id).map_or(&*id, |a| &a.owner));
    let name = match kind {
        MaskKind::Staff => staff
            .or_else(|| registers.staff(&id))
            .map(|staff| staff.name.clone()),
        MaskKind::Patient => None,
    };
    let name = name.filter(|name| !name.is_empty());
    let told = [Some(id), name]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    writeln!(streams.out, "{pseudonym} {}", one_line(&told))?;
    Ok(Exit::Done)
}

/// The id of a pseudonym, among all that the store and the registers know.
fn search(
    memory: &Memory,
    registers: &Registers,
    (key, kind): (&Key, MaskKind),
    pseudonym: &str,
) -> Result<Option<String>, Stop> {
    let mut ids: BTreeSet<String> = BTreeSet::new();
    match kind {
        MaskKind::Staff => {
            ids.extend(registers.accounts().iter().map(|row| row.id.clone()));
            ids.extend(registers.staff_rows().iter().map(|row| row.id.clone()));
        }
        MaskKind::Patient => ids.extend(registers.patients().iter().map(|row| row.id.clone())),
    }
    if let Some(id) = ids.iter().find(|id| key.pseudonym(kind, id) == pseudonym) {
        return Ok(Some(id.clone()));
    }
    let mut more: Vec<String> = match memory.ask(|store| store.has_aggregates())? {
        true => memory.ask(|store| store.seen_values("account"))?,
        false => Vec::new(),
    };
    for kept in memory.ask(|store| store.alerts(&Filter::default()))? {
        more.extend(kept.alert.key.into_iter().filter_map(|(_, value)| value));
    }
    Ok(more
        .into_iter()
        .find(|id| key.pseudonym(kind, id) == pseudonym))
}

fn no_pseudonym(word: &str) -> Problem {
    let shown = one_line(word);
    Problem::error(
        format!("\"{shown}\" is no pseudonym of a report"),
        format!("「{shown}」は報告書の仮名ではありません"),
    )
    .help(
        "write it as the page has it: S- or P- and ten letters and digits",
        "報告書のとおり S- か P- に続く10文字を書いてください",
    )
}

fn unknown(pseudonym: &str) -> Problem {
    Problem::error(
        format!("{pseudonym} stands for nobody in this store and these registers, with this key"),
        format!("この鍵では、{pseudonym} に当たる人がストアにも台帳にもありません"),
    )
    .help(
        "use the key and the store that the report was made with; the question was written down",
        "報告書を作ったときの鍵とストアを使ってください。照会したことは記録しました",
    )
}
