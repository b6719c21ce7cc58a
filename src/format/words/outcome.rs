//! How it ended, in the words of logs.
//!
//! Takes the text of an outcome cell, or of an action that tells its outcome (`ログイン失敗`);
//! gives success or failure, or nothing. Never maps a bare digit: `0` is success in one log and
//! failure in the next.

use crate::event::Outcome::{self, Failure, Success};

/// Folded words of outcome cells, the preferred of equal length first.
const OUTCOMES: &[(&str, Outcome)] = &[
    ("失敗", Failure),
    ("異常", Failure),
    ("エラー", Failure),
    ("拒否", Failure),
    ("違反", Failure),
    ("禁止", Failure),
    ("不可", Failure),
    ("不正", Failure),
    ("不成功", Failure),
    ("未成功", Failure),
    ("不許可", Failure),
    ("未許可", Failure),
    ("不合格", Failure),
    ("不一致", Failure),
    ("否認", Failure),
    ("却下", Failure),
    ("拒絶", Failure),
    ("遮断", Failure),
    ("無効", Failure),
    ("タイムアウト", Failure),
    ("監査の失敗", Failure),
    ("失敗の監査", Failure),
    ("ng", Failure),
    ("×", Failure),
    ("✕", Failure),
    ("✖", Failure),
    ("否", Failure),
    ("fail", Failure),
    ("failure", Failure),
    ("error", Failure),
    ("denied", Failure),
    ("deny", Failure),
    ("reject", Failure),
    ("rejected", Failure),
    ("refused", Failure),
    ("forbidden", Failure),
    ("invalid", Failure),
    ("unauthorized", Failure),
    ("unsuccessful", Failure),
    ("not success", Failure),
    ("not successful", Failure),
    ("not ok", Failure),
    ("not allowed", Failure),
    ("blocked", Failure),
    ("timeout", Failure),
    ("audit failure", Failure),
    ("false", Failure),
    ("成功", Success),
    ("正常", Success),
    ("正規", Success),
    ("許可", Success),
    ("可", Success),
    ("異常なし", Success),
    ("エラーなし", Success),
    ("監査の成功", Success),
    ("成功の監査", Success),
    ("正常終了", Success),
    ("完了", Success),
    ("承認", Success),
    ("有効", Success),
    ("○", Success),
    ("◯", Success),
    ("〇", Success),
    ("◎", Success),
    ("良", Success),
    ("ok", Success),
    ("success", Success),
    ("successful", Success),
    ("successfully", Success),
    ("succeed", Success),
    ("succeeded", Success),
    ("granted", Success),
    ("allow", Success),
    ("allowed", Success),
    ("accept", Success),
    ("accepted", Success),
    ("passed", Success),
    ("normal", Success),
    ("complete", Success),
    ("completed", Success),
    ("no error", Success),
    ("audit success", Success),
    ("permitted", Success),
    ("true", Success),
];

/// Folded words inside an action that tell its outcome beyond doubt.
const TOLD: &[(&str, Outcome)] = &[
    ("失敗", Failure),
    ("拒否", Failure),
    ("禁止", Failure),
    ("不成功", Failure),
    ("認証エラー", Failure),
    ("ログインエラー", Failure),
    ("ログオンエラー", Failure),
    ("パスワードエラー", Failure),
    ("パスワード誤り", Failure),
    ("fail", Failure),
    ("failure", Failure),
    ("denied", Failure),
    ("refused", Failure),
    ("rejected", Failure),
    ("unsuccessful", Failure),
    ("not successful", Failure),
    ("成功", Success),
    ("success", Success),
    ("successful", Success),
    ("succeeded", Success),
];

/// The words of outcome cells, for a [`super::Lexicon`].
pub fn outcome_table() -> &'static [(&'static str, Outcome)] {
    OUTCOMES
}

/// What a digit says under a heading that is a claim itself (`success`, as OpenEMR writes it):
/// 1 that it holds, 0 that it does not. Under any other heading a digit says nothing.
pub fn outcome_claimed(heading: &str, value: &str) -> Option<Outcome> {
    if !matches!(heading, "success" | "succeeded" | "成功") {
        return None;
    }
    match value {
        "1" | "１" => Some(Success),
        "0" | "０" => Some(Failure),
        _ => None,
    }
}

/// The words inside an action that tell its outcome, for a [`super::Lexicon`].
pub fn told_table() -> &'static [(&'static str, Outcome)] {
    TOLD
}

#[cfg(test)]
mod tests {
    use crate::format::words::fold_word;
    use crate::format::words::lexicon::longest;

    use super::*;

    fn outcome(word: &str) -> Option<Outcome> {
        longest(OUTCOMES, &fold_word(word))
    }

    fn outcome_told(word: &str) -> Option<Outcome> {
        longest(TOLD, &fold_word(word))
    }

    #[test]
    fn results_are_read_and_digits_are_not() {
        for word in [
            "成功",
            "正常終了",
            "○",
            "ＯＫ",
            "Succeeded",
            "成功の監査",
            "可",
            "異常なし",
        ] {
            assert_eq!(outcome(word), Some(Success), "{word}");
        }
        for word in [
            "失敗",
            "不成功",
            "×",
            "NG",
            "Failed",
            "監査の失敗",
            "不可",
            "失敗（パスワード誤り）",
            "Access denied",
            "unsuccessful",
        ] {
            assert_eq!(outcome(word), Some(Failure), "{word}");
        }
        for word in ["0", "1", "９", "", "保留", "tokyo"] {
            assert_eq!(outcome(word), None, "{word}");
        }
        assert_eq!(outcome_claimed("success", "1"), Some(Success));
        assert_eq!(outcome_claimed("success", "0"), Some(Failure));
        assert_eq!(outcome_claimed("success", "2"), None);
        assert_eq!(outcome_claimed("結果", "1"), None);
        assert_eq!(outcome_told("ログイン失敗"), Some(Failure));
        assert_eq!(outcome_told("USER_LOGIN_FAILED"), Some(Failure));
        assert_eq!(outcome_told("エラー一覧表示"), None);
    }

    #[test]
    fn the_tables_are_folded() {
        for (word, _) in OUTCOMES.iter().chain(TOLD) {
            assert_eq!(&fold_word(word), word);
        }
    }
}
