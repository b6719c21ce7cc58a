//! What the logs can show of guideline and checklist: a table, never a verdict.
//!
//! Takes the numbers of a report and the table `clauses.yaml`, which has a version and names its
//! texts; gives an item a row with the figures it rests on, and what logs cannot show. Never says
//! that a clause is met: that is for people.

use std::collections::BTreeMap;

use crate::diagnostic::{Complaints, Text};
use crate::yaml::{self, Node};

use super::model::{Adequacy, Changes, Evidenced, EvidencedItem, Listed, SeenTold, Weekly};
use super::number::{share, thousands};

const TABLE: &str = include_str!("clauses.yaml");

/// The table filled with the figures of a report. `alerts` are those of the stretch by clause.
pub(super) fn evidenced(
    weekly: &Weekly,
    adequacy: &Listed<Adequacy>,
    alerts: &BTreeMap<String, u64>,
) -> Evidenced {
    let mut complaints = Complaints::new();
    let documents = yaml::read("clauses.yaml", TABLE, &mut complaints);
    debug_assert!(complaints.is_empty(), "a test reads the same table");
    let Some(table) = documents.first() else {
        return Evidenced::default();
    };
    let list = |key: &str| table.get(key).and_then(Node::as_seq).unwrap_or_default();
    let figures = Figures { weekly, adequacy };
    let item = |node: &Node| {
        let id = word(node, "id");
        let of: Vec<String> = words(node, "of").into_iter().chain([id.clone()]).collect();
        EvidencedItem {
            label: word(node, "label"),
            asks: text(node.get("asks")),
            strength: word(node, "strength"),
            limit: text(node.get("limit")),
            alerts: of.iter().filter_map(|clause| alerts.get(clause)).sum(),
            figures: words(node, "figures")
                .iter()
                .filter_map(|name| figures.say(name))
                .collect(),
            id,
        }
    };
    Evidenced {
        version: word(table, "version"),
        texts: list("texts").iter().map(|node| text(Some(node))).collect(),
        items: list("items").iter().map(item).collect(),
        adequacy: adequacy.clone(),
    }
}

/// What people call a clause, `シス17①`; its id where the table does not know it.
pub(super) fn label(clause: &str) -> String {
    let documents = yaml::read("clauses.yaml", TABLE, &mut Complaints::new());
    let items = documents.first().and_then(|table| table.get("items"));
    let mut items = items.and_then(Node::as_seq).unwrap_or_default().iter();
    let found = items.find(|node| word(node, "id") == clause);
    found.map_or_else(|| clause.to_owned(), |node| word(node, "label"))
}

fn word(node: &Node, key: &str) -> String {
    node.get(key)
        .and_then(Node::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn words(node: &Node, key: &str) -> Vec<String> {
    let items = node.get(key).and_then(Node::as_seq).unwrap_or_default();
    items
        .iter()
        .filter_map(Node::as_str)
        .map(str::to_owned)
        .collect()
}

fn text(node: Option<&Node>) -> Text {
    let of = |key| node.map(|node| word(node, key)).unwrap_or_default();
    Text::new(of("en"), of("ja"))
}

/// The figures that the table may name.
struct Figures<'w> {
    weekly: &'w Weekly,
    adequacy: &'w Listed<Adequacy>,
}

impl Figures<'_> {
    /// A figure in words; `None` for a name that is none.
    fn say(&self, name: &str) -> Option<Text> {
        let weekly = self.weekly;
        let examined = &weekly.examined;
        Some(match name {
            "nights" => {
                let (with, all) = (examined.days_with_records, examined.days);
                both(
                    format!("records of {with} of {all} days"),
                    format!("{all}日中{with}日の記録あり"),
                )
            }
            "records" => {
                let count = thousands(examined.records.now);
                both(
                    format!("{count} records read"),
                    format!("読み取った記録{count}件"),
                )
            }
            "sources" => {
                let (count, silent) = (examined.sources.len(), examined.silent.len());
                both(
                    format!("{count} sources gave records, {silent} were silent"),
                    format!("記録が届いた記録元{count}、届かなかった記録元{silent}"),
                )
            }
            "gaps" => {
                let count = examined.gaps.total;
                let missing = examined.missing.len();
                both(
                    format!("days without any record: {missing}; gaps of single sources: {count}"),
                    format!("記録がまったくない日{missing}、記録元ごとの欠け{count}"),
                )
            }
            "clock" => count(
                &weekly.examined.untrusted.now,
                ("events with an untrusted clock", "時計を信用できない記録"),
            ),
            "adequacy" => self.adequacy(),
            "runs" => {
                let (runs, without) = (
                    weekly.account.runs.total,
                    weekly.account.days_without_run.len(),
                );
                both(
                    format!("{runs} runs in the record; days without a run: {without}"),
                    format!("点検の実行{runs}回、実行のない日{without}"),
                )
            }
            "chain" => match weekly.account.broken {
                None => both(
                    "the run record is unbroken".to_owned(),
                    "実行記録の連鎖に切れ目なし".to_owned(),
                ),
                Some(run) => both(
                    format!("the run record is broken at entry {run}"),
                    format!("実行記録が{run}番で切れています"),
                ),
            },
            "signed" => {
                let count = weekly.signatures.len();
                both(
                    format!("signatures: {count}"),
                    format!("確認の署名{count}件"),
                )
            }
            "review" => match &weekly.standing.review {
                Some(review) => both(
                    format!("cycle decided: {}", review.cycle),
                    format!("機関が定めた周期: {}", review.cycle),
                ),
                None => both(
                    "no cycle is configured".to_owned(),
                    "周期が設定されていません".to_owned(),
                ),
            },
            _ => return self.say_more(name),
        })
    }

    fn say_more(&self, name: &str) -> Option<Text> {
        let weekly = self.weekly;
        let changes = &weekly.changes;
        let standing = &weekly.standing;
        let devices =
            |list: &Option<Listed<super::model::DeviceTold>>| list.as_ref().map(|l| l.total);
        Some(match name {
            "logins" => count(
                &weekly.examined.logins.now,
                ("logins that did not fail", "失敗以外のログイン"),
            ),
            "failed-logins" => count(
                &weekly.examined.failed_logins.now,
                ("failed logins", "ログイン失敗"),
            ),
            "off-hours" => count(
                &weekly.off_hours.total.now,
                ("records while closed", "時間外の記録"),
            ),
            "devices-new" => count(
                &changes.devices.total,
                (
                    "devices and terminals seen for the first time",
                    "初めて見えた端末・機器",
                ),
            ),
            "devices-unseen" => known(
                devices(&standing.unseen),
                (
                    "registered devices not seen for 90 days",
                    "台帳にあり90日以上見えない機器",
                ),
            ),
            "devices-unsupported" => known(
                devices(&standing.unsupported),
                (
                    "registered devices out of support",
                    "サポートが終了した登録機器",
                ),
            ),
            "accounts-new" => count(
                &changes.accounts.total,
                ("accounts seen for the first time", "初めて見えたID"),
            ),
            "accounts-unused" => unused(changes),
            "leavers" => known(
                changes.leavers.as_ref().map(|l| l.total),
                ("accounts used after their end", "退職・失効後に使われたID"),
            ),
            "rights" => self.actions(
                &["privilege-change", "account-change"],
                ("changes of accounts and rights", "IDと権限の変更"),
            ),
            "config-actions" => self.actions(
                &["config-change", "restart"],
                ("configuration changes and restarts", "設定変更と再起動"),
            ),
            "log-actions" => self.actions(
                &["log-cleared", "audit-stopped"],
                ("logs cleared or stopped", "ログの消去・停止"),
            ),
            "attached" => {
                self.actions(&["device-attached"], ("devices attached", "外部装置の接続"))
            }
            "break-glass" => {
                let clause = weekly
                    .alerts
                    .causes
                    .first
                    .iter()
                    .filter(|cause| cause.clauses.iter().any(|c| c == "mhlw-6.0/ops/11-1"));
                let open: u64 = clause.map(|cause| cause.count).sum();
                count(
                    &open,
                    (
                        "open alerts about emergency access",
                        "非常時アクセスの未対応アラート",
                    ),
                )
            }
            "maintenance" => maintenance(weekly),
            "documents" => {
                let there = standing.documents.iter().filter(|d| d.is_there).count();
                let overdue = standing.documents.iter().filter(|d| d.is_overdue).count();
                both(
                    format!("documents configured: {there}, overdue: {overdue}"),
                    format!("設定済みの文書{there}、見直し期限切れ{overdue}"),
                )
            }
            _ => return None,
        })
    }

    fn actions(&self, names: &[&str], (en, ja): (&str, &str)) -> Text {
        let rows = self.weekly.changes.actions.iter();
        let sum: u64 = rows
            .filter(|row| names.contains(&row.1.as_str()))
            .map(|row| row.2)
            .sum();
        count(&sum, (en, ja))
    }

    /// The shares of user, patient and time over all sources.
    fn adequacy(&self) -> Text {
        let all = &self.adequacy.first;
        let sum = |of: &dyn Fn(&Adequacy) -> u64| all.iter().map(of).sum::<u64>();
        let [user, patient, time] =
            [0, 1, 4].map(|at| share(sum(&|a| a.with[at]), sum(&|a| a.expected(at))));
        both(
            format!(
                "of the events {user} tell the user, {patient} the patient, {time} the time of day"
            ),
            format!("利用者{user}・患者{patient}・時刻{time}（記載のある割合）"),
        )
    }
}

/// The logs held against the work plan.
fn maintenance(weekly: &Weekly) -> Text {
    let Some(told) = &weekly.maintenance else {
        if weekly.has_work_plan {
            return both(
                "held against the work plan by `yomawari report`, not here".to_owned(),
                "yomawari report で照合します（この画面では照合していません）".to_owned(),
            );
        }
        return both(
            "no work plan is configured".to_owned(),
            "作業計画が設定されていません".to_owned(),
        );
    };
    if told.inputs == 0 {
        return both(
            "a work plan is configured, and no log of this period is at hand".to_owned(),
            "作業計画は設定済み、この期間のログは手元になし".to_owned(),
        );
    }
    let (sessions, rows, patients) = (told.sessions, told.rows, told.patients.total);
    let (all, fitting, to_ask) = (sessions.all, sessions.as_planned, sessions.to_ask);
    let (planned, done, not_done) = (rows.all, rows.done, rows.not_done);
    let unseen = told.not_examined.total;
    both(
        format!(
            "sessions: {all} ({fitting} as planned, {to_ask} to ask about)\nplan: {planned} rows, {done} done, {not_done} with nothing in the logs\npatients touched: {patients}; logs not at hand: {unseen}"
        ),
        format!(
            "接続・操作{all}件（計画どおり{fitting}・確認が必要{to_ask}）\n計画{planned}件（実施{done}・記録なし{not_done}）\n記録に触れた患者{patients}人、手元にないログ{unseen}本"
        ),
    )
}

fn unused(changes: &Changes) -> Text {
    let [a, b, c] = [0, 1, 2].map(|at: usize| {
        let list: &Listed<SeenTold> = &changes.unused[at];
        list.total
    });
    both(
        format!("accounts not used for 30 days: {a}, 60 days: {b}, 90 days: {c}"),
        format!("未使用のID 30日以上{a}・60日以上{b}・90日以上{c}"),
    )
}

fn count(count: &u64, (en, ja): (&str, &str)) -> Text {
    let count = thousands(*count);
    both(format!("{en}: {count}"), format!("{ja}{count}件"))
}

fn known(number: Option<u64>, (en, ja): (&str, &str)) -> Text {
    match number {
        Some(number) => count(&number, (en, ja)),
        None => both(
            format!("{en}: not known, no register is configured"),
            format!("{ja}: 台帳が設定されていないため不明"),
        ),
    }
}

fn both(en: String, ja: String) -> Text {
    Text::new(en, ja)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    fn items() -> Vec<Node> {
        let mut complaints = Complaints::new();
        let documents = yaml::read("clauses.yaml", TABLE, &mut complaints);
        assert!(complaints.is_empty(), "{complaints:?}");
        let items = documents[0]
            .get("items")
            .and_then(Node::as_seq)
            .expect("items");
        items.to_vec()
    }

    #[test]
    fn every_clause_that_a_rule_names_stands_in_the_table() {
        let known: Vec<String> = items().iter().map(|item| word(item, "id")).collect();
        let rules = RuleSet::embedded();
        let detections = rules.detections.iter().map(|rule| &rule.meta);
        for meta in detections.chain(rules.correlations.iter().map(|rule| &rule.meta)) {
            for clause in &meta.clauses {
                assert!(
                    known.contains(clause),
                    "{clause} of {} is not in the table",
                    meta.name
                );
            }
        }
    }

    #[test]
    fn the_table_is_whole_and_names_only_figures_there_are() {
        let weekly = crate::report::samples::empty();
        let adequacy = Listed::default();
        let figures = Figures {
            weekly: &weekly,
            adequacy: &adequacy,
        };
        let all = items();
        let ids: Vec<String> = all.iter().map(|item| word(item, "id")).collect();
        for item in &all {
            let id = word(item, "id");
            assert_eq!(ids.iter().filter(|other| **other == id).count(), 1, "{id}");
            assert!(
                ["strong", "partial", "weak", "none"].contains(&&*word(item, "strength")),
                "{id}"
            );
            for key in ["asks", "limit"] {
                let text = text(item.get(key));
                assert!(!text.ja.is_empty() && !text.en.is_empty(), "{id}: {key}");
            }
            for name in words(item, "figures") {
                assert!(figures.say(&name).is_some(), "{id}: {name} is no figure");
            }
            for clause in words(item, "of") {
                assert!(ids.contains(&clause), "{id}: {clause} is no clause");
            }
        }
    }
}
