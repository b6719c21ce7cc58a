//! What is said about the memory of a run, in the notices of its ledger.

use super::{Memory, Told};
use crate::diagnostic::Text;

/// What is said about the memory of a run.
pub(in super::super) fn summary(memory: &Memory<'_>, told: &Told) -> Text {
    let (shown, same) = (told.alerts.len(), told.same);
    let earlier = &memory.earlier;
    let (again, recalled, unjudged) = (
        earlier.again.len(),
        earlier.recalled.len(),
        earlier.unjudged,
    );
    let mut en = format!("store: {shown} alerts new or changed, {same} known already");
    let mut ja = format!("ストア：新規・変更のアラート{shown}件、既知{same}件");
    if told.retracted > 0 {
        en.push_str(&format!(", {} taken back", told.retracted));
        ja.push_str(&format!("、取り消し{}件", told.retracted));
    }
    if recalled > 0 {
        en.push_str(&format!("; inputs of earlier runs remembered: {recalled}"));
        ja.push_str(&format!("。以前の入力{recalled}件を記憶から判定しました"));
    }
    if again > 0 {
        en.push_str(&format!("; inputs of earlier runs read again: {again}"));
        ja.push_str(&format!("。以前の入力{again}件を読み直しました"));
    }
    if told.uncounted > 0 {
        let n = told.uncounted;
        en.push_str(&format!(
            "; {n} events are left out of the weekly figures: the times of their input lie more \
             than ten years apart"
        ));
        ja.push_str(&format!(
            "。入力の時刻が10年を超えて離れているため、{n}件は週報の集計に含みません"
        ));
    }
    if unjudged > 0 {
        en.push_str(&format!(
            "; {unjudged} inputs of earlier runs are gone and were read by other rules, calendars \
             or registers: where these changed, what began with them stays as it was"
        ));
        ja.push_str(&format!(
            "。以前の入力{unjudged}件は今のルール・カレンダー・台帳では判定し直せません（ファイルがない\
             ため）。変わった部分に関わるアラートは前回のままです"
        ));
    }
    Text::new(en, ja)
}
