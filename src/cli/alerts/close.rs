//! `alerts close`: what a person decided, written down with the run record.

use super::super::args::AlertsClose;
use super::super::memory::{Memory, Stop, entry};
use super::super::plan::Plan;
use super::super::{Exit, Streams};
use super::{find, is_account};
use crate::alert::Alert;
use crate::diagnostic::{Problem, Text};
use crate::sink::{Reader, kept};
use crate::store::{Disposition, DispositionWord, Kept, State, Store};
use crate::text::{fold_key, one_line};

/// The command under which a decision stands in the run record.
const CLOSE: &str = "alerts close";

pub(super) fn close(
    plan: &Plan,
    task: &AlertsClose,
    streams: &mut Streams<'_>,
) -> Result<Exit, Stop> {
    let mut memory = Memory::open(plan, &task.store, Store::look)?;
    let reader = Reader {
        lang: plan.lang,
        zone: plan.zone,
    };
    for text in decide(&mut memory, task, CLOSE, &reader)? {
        writeln!(streams.out, "{}", text.get(plan.lang))?;
    }
    Ok(Exit::Done)
}

/// Writes down what was decided, if it may be; gives what is said of it. `through` is the command
/// that was used.
pub(in crate::cli) fn decide(
    memory: &mut Memory,
    task: &AlertsClose,
    through: &str,
    reader: &Reader,
) -> Result<Vec<Text>, Stop> {
    let by = task.by.trim();
    if by.is_empty() {
        return Err(Stop::mistake(Problem::error(
            "--by is empty: an alert is closed by somebody",
            "--by が空です。対応を判断した人の名前が必要です",
        )));
    }
    let asked = find(memory, &task.id)?;
    let asked_id = asked.alert.id.clone();
    let live = memory.ask(|store| store.live(asked))?;
    refuse_retracted(&live)?;
    refuse_own_account(&live.alert, by)?;
    let decided = write(memory, (&live.alert.id, through), task, by)?;
    Ok(told((&asked_id, &live), (task.word, &decided), reader))
}

fn refuse_retracted(live: &Kept) -> Result<(), Stop> {
    let id = &live.alert.id;
    match live.state {
        State::Open | State::Closed => Ok(()),
        State::Retracted | State::Superseded => Err(Stop::mistake(Problem::error(
            format!(
                "alert {id} was retracted: what it told does not hold any more, so there is nothing to close"
            ),
            format!(
                "アラート {id} は取り下げられました。条件が成り立たなくなったため、対応は不要です"
            ),
        ))),
    }
}

/// Nobody closes an alert about their own account.
fn refuse_own_account(alert: &Alert, by: &str) -> Result<(), Stop> {
    let name = fold_key(by);
    let accounts = alert.key.iter().filter(|(field, _)| is_account(field));
    let mut values = accounts.filter_map(|(_, value)| value.as_deref());
    if !values.any(|value| fold_key(value) == name) {
        return Ok(());
    }
    let shown = one_line(by);
    Err(Stop::mistake(
        Problem::error(
            format!("the alert is about the account {shown}, which cannot close it"),
            format!(
                "このアラートは ID {shown} 自身についてのものなので、本人は対応済みにできません"
            ),
        )
        .help(
            "have somebody else look at it, and name them with --by",
            "別の人が確認し、その名前を --by に書いてください",
        ),
    ))
}

/// Writes the decision and its entry in the run record, both or neither.
fn write(
    memory: &mut Memory,
    (id, through): (&str, &str),
    task: &AlertsClose,
    by: &str,
) -> Result<Disposition, Stop> {
    let mut note = serde_json::json!({
        "alert": id,
        "as": task.word.name(),
        "by": by,
        "note": task.remark.note,
    });
    if through != CLOSE {
        note["through"] = through.into();
    }
    let mut entry = entry(CLOSE, &note);
    let decided = Disposition {
        at: entry.began,
        word: task.word.name().to_owned(),
        name: by.to_owned(),
        note: task.remark.note.clone(),
    };
    let closed = memory.change(|store| {
        let changing = store.change()?;
        let closed = changing.close(id, &decided)?;
        if closed {
            entry.alerts_digest = changing.alerts_digest()?;
            changing.append_run(&entry)?;
            changing.commit()?;
        }
        Ok(closed)
    })?;
    if closed {
        return Ok(decided);
    }
    Err(Stop::mistake(
        Problem::error(
            format!("a run changed alert {id} at this moment; nothing was written"),
            format!("実行中の処理がアラート {id} を変更したため、何も書き込みませんでした"),
        )
        .help("look at it again", "もう一度確認してください"),
    ))
}

fn told(
    (asked, live): (&str, &Kept),
    (word, decided): (DispositionWord, &Disposition),
    reader: &Reader,
) -> Vec<Text> {
    let id = &live.alert.id;
    let mut texts = Vec::new();
    if asked != id {
        texts.push(Text::new(
            format!("alert {asked} lives on as {id}, which is closed in its place"),
            format!("アラート {asked} は {id} に引き継がれているため、そちらを対応済みにします"),
        ));
    }
    if let (State::Closed, Some(before)) = (live.state, live.dispositions.last()) {
        let before = kept::decision(before, reader);
        texts.push(Text::new(
            format!("it was closed before ({before}); the latest holds"),
            format!("前の判断: {before}。新しい判断が有効です"),
        ));
    }
    let by = one_line(&decided.name);
    let (en, ja) = (
        word.word(crate::diagnostic::Lang::En),
        word.word(crate::diagnostic::Lang::Ja),
    );
    texts.push(Text::new(
        format!("closed {id} as {en}, by {by}"),
        format!("{id} を対応済みにしました: {ja}（{by}）"),
    ));
    texts
}
