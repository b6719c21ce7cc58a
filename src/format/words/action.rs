//! What happened, in the words of logs.
//!
//! Takes the text of an action cell, and of the function it was done in where that helps; gives
//! our action, or nothing for a word that is not known.

use super::fold_word;
use super::lexicon::longest;
use crate::event::Action::{self, *};

/// Folded words; of words of equal length inside one cell the upper one counts, so acts that move
/// data out stand above mere viewing.
const ACTIONS: &[(&str, Action)] = &[
    // Coming and going.
    ("ログイン", Login), ("ログオン", Login), ("サインイン", Login), ("サインオン", Login),
    ("認証", Login), ("再ログイン", Login), ("利用者認証", Login), ("login", Login),
    ("log in", Login), ("logon", Login), ("log on", Login), ("logged in", Login),
    ("logged on", Login), ("sign in", Login), ("signin", Login), ("signed in", Login),
    ("sign on", Login), ("authentication", Login), ("authenticate", Login),
    ("session start", Login),
    ("ログアウト", Logout), ("ログオフ", Logout), ("サインアウト", Logout),
    ("サインオフ", Logout), ("終了", Logout), ("強制ログアウト", Logout),
    ("自動ログアウト", Logout), ("logout", Logout), ("log out", Logout), ("logoff", Logout),
    ("log off", Logout), ("logged out", Logout), ("logged off", Logout), ("sign out", Logout),
    ("signout", Logout), ("signed out", Logout), ("session end", Logout),
    ("session timeout", Logout), ("セッションタイムアウト", Logout),
    ("ロック", Lock), ("自動ロック", Lock), ("画面ロック", Lock), ("手動ロック", Lock),
    ("離席", Lock), ("lock", Lock), ("session lock", Lock), ("screen lock", Lock),
    ("ロック解除", Unlock), ("復帰", Unlock), ("着席", Unlock), ("アンロック", Unlock),
    ("画面ロック解除", Unlock), ("unlock", Unlock), ("session unlock", Unlock),
    ("強制解除", ForceUnlock), ("強制ロック解除", ForceUnlock),
    ("ロック強制解除", ForceUnlock), ("他者解除", ForceUnlock), ("force unlock", ForceUnlock),
    ("forced unlock", ForceUnlock), ("session force unlock", ForceUnlock),
    // Accounts and rights.
    ("アカウントロック", AccountLocked), ("アカウントのロック", AccountLocked),
    ("アカウントロックアウト", AccountLocked), ("ロックアウト", AccountLocked),
    ("利用停止", AccountLocked), ("account lock", AccountLocked),
    ("account locked", AccountLocked), ("lockout", AccountLocked),
    ("account lockout", AccountLocked), ("locked out", AccountLocked),
    ("パスワード変更", PasswordChange), ("パスワードの変更", PasswordChange),
    ("パスワード更新", PasswordChange), ("パスワード再設定", PasswordChange),
    ("パスワード初期化", PasswordChange), ("パスワードリセット", PasswordChange),
    ("パスワード設定", PasswordChange), ("暗証番号変更", PasswordChange),
    ("password change", PasswordChange), ("change password", PasswordChange),
    ("changed password", PasswordChange), ("password reset", PasswordChange),
    ("reset password", PasswordChange), ("password update", PasswordChange),
    ("職員登録", AccountChange), ("職員変更", AccountChange), ("職員削除", AccountChange),
    ("職員情報変更", AccountChange), ("利用者登録", AccountChange),
    ("利用者変更", AccountChange), ("利用者削除", AccountChange),
    ("利用者情報変更", AccountChange), ("ユーザー登録", AccountChange),
    ("ユーザ登録", AccountChange), ("ユーザー追加", AccountChange), ("ユーザ追加", AccountChange),
    ("ユーザー変更", AccountChange), ("ユーザ変更", AccountChange),
    ("ユーザー削除", AccountChange), ("ユーザ削除", AccountChange),
    ("アカウント作成", AccountChange), ("アカウント登録", AccountChange),
    ("アカウント追加", AccountChange), ("アカウント変更", AccountChange),
    ("アカウント削除", AccountChange), ("アカウント有効化", AccountChange),
    ("アカウント無効化", AccountChange), ("アカウントロック解除", AccountChange),
    ("account change", AccountChange), ("account changed", AccountChange),
    ("account created", AccountChange), ("account deleted", AccountChange),
    ("account unlocked", AccountChange), ("account create", AccountChange),
    ("account update", AccountChange), ("account delete", AccountChange),
    ("account disabled", AccountChange), ("account enabled", AccountChange),
    ("user created", AccountChange), ("user deleted", AccountChange),
    ("user added", AccountChange), ("create user", AccountChange), ("add user", AccountChange),
    ("delete user", AccountChange),
    ("権限変更", PrivilegeChange), ("権限付与", PrivilegeChange), ("権限昇格", PrivilegeChange),
    ("権限追加", PrivilegeChange), ("権限剥奪", PrivilegeChange), ("権限設定", PrivilegeChange),
    ("ロール変更", PrivilegeChange), ("昇格", PrivilegeChange),
    ("privilege change", PrivilegeChange), ("role change", PrivilegeChange),
    ("permission change", PrivilegeChange), ("role assigned", PrivilegeChange),
    // Emergency access.
    ("緊急アクセス", BreakGlass), ("緊急参照", BreakGlass), ("緊急閲覧", BreakGlass),
    ("緊急時アクセス", BreakGlass), ("緊急時参照", BreakGlass), ("緊急アクセス開始", BreakGlass),
    ("非常時", BreakGlass), ("非常時アクセス", BreakGlass), ("時間外参照", BreakGlass),
    ("vip参照", BreakGlass), ("vip閲覧", BreakGlass), ("閲覧理由入力", BreakGlass),
    ("break glass", BreakGlass), ("break the glass", BreakGlass), ("breakglass", BreakGlass),
    ("btg", BreakGlass), ("emergency access", BreakGlass), ("break glass start", BreakGlass),
    ("緊急アクセス終了", BreakGlassEnd), ("緊急アクセス解除", BreakGlassEnd),
    ("緊急参照終了", BreakGlassEnd), ("非常時終了", BreakGlassEnd),
    ("非常時アクセス終了", BreakGlassEnd), ("break glass end", BreakGlassEnd),
    ("emergency access end", BreakGlassEnd),
    // Watching the watcher.
    ("ログ消去", LogCleared), ("ログ削除", LogCleared), ("ログクリア", LogCleared),
    ("ログの消去", LogCleared), ("ログの削除", LogCleared), ("監査ログ消去", LogCleared),
    ("監査ログ削除", LogCleared), ("log cleared", LogCleared), ("log clear", LogCleared),
    ("audit log cleared", LogCleared), ("clear log", LogCleared), ("delete log", LogCleared),
    ("監査停止", AuditStopped), ("ログ停止", AuditStopped), ("監査ログ停止", AuditStopped),
    ("ログ取得停止", AuditStopped), ("audit stopped", AuditStopped), ("audit stop", AuditStopped),
    // Data that leaves or enters.
    ("持出", Export), ("持出し", Export), ("持ち出し", Export), ("書出", Export),
    ("書出し", Export), ("書き出し", Export), ("媒体", Export), ("媒体出力", Export),
    ("出力", Export), ("ファイル出力", Export), ("データ出力", Export), ("csv出力", Export),
    ("pdf出力", Export), ("excel出力", Export), ("エクセル出力", Export), ("外部出力", Export),
    ("外部媒体出力", Export), ("ダウンロード", Export), ("エクスポート", Export),
    ("抽出", Export), ("データ抽出", Export), ("コピー", Export), ("ファイルコピー", Export),
    ("外部メディアへのコピー", Export), ("ファイル保存", Export), ("メール送信", Export),
    ("画面コピー", Export), ("スクリーンショット", Export), ("export", Export),
    ("download", Export), ("extract", Export), ("extraction", Export), ("copy", Export),
    ("copied", Export), ("copy to media", Export), ("save as", Export), ("disclosure", Export),
    ("screenshot", Export),
    ("印刷", Print), ("発行", Print), ("プリント", Print), ("プリントアウト", Print),
    ("帳票出力", Print), ("帳票印刷", Print), ("帳票発行", Print), ("紙出力", Print),
    ("ラベル出力", Print), ("印刷操作", Print), ("再印刷", Print), ("再発行", Print),
    ("処方箋発行", Print), ("処方せん発行", Print), ("処方箋印刷", Print), ("print", Print),
    ("printed", Print), ("reprint", Print), ("printout", Print),
    ("取込", Import), ("取込み", Import), ("取り込み", Import), ("インポート", Import),
    ("アップロード", Import), ("読込", Import), ("読込み", Import), ("スキャン", Import),
    ("import", Import), ("upload", Import), ("scan", Import),
    // The house's own works.
    ("設定変更", ConfigChange), ("環境設定", ConfigChange), ("設定更新", ConfigChange),
    ("マスタ変更", ConfigChange), ("マスタ更新", ConfigChange), ("マスタ登録", ConfigChange),
    ("マスタ削除", ConfigChange), ("マスター変更", ConfigChange), ("マスター更新", ConfigChange),
    ("マスタメンテナンス", ConfigChange), ("マスターメンテナンス", ConfigChange),
    ("システム設定", ConfigChange), ("時刻変更", ConfigChange), ("config change", ConfigChange),
    ("configuration change", ConfigChange), ("settings change", ConfigChange),
    ("setting change", ConfigChange), ("settings changed", ConfigChange),
    ("再起動", Restart), ("システム起動", Restart), ("システム再起動", Restart),
    ("サーバ起動", Restart), ("サーバー起動", Restart), ("pc起動", Restart),
    ("電源オン", Restart), ("電源on", Restart), ("restart", Restart), ("reboot", Restart),
    ("system start", Restart), ("startup", Restart), ("poweron", Restart), ("power on", Restart),
    ("機器接続", DeviceAttached), ("usb接続", DeviceAttached), ("外部メディア接続", DeviceAttached),
    ("外部媒体接続", DeviceAttached), ("デバイス接続", DeviceAttached),
    ("媒体接続", DeviceAttached), ("device attached", DeviceAttached),
    ("usb connected", DeviceAttached), ("usb inserted", DeviceAttached),
    // Orders.
    ("オーダ", Order), ("オーダー", Order), ("オーダ入力", Order), ("オーダー入力", Order),
    ("オーダ登録", Order), ("オーダー登録", Order), ("オーダ発行", Order),
    ("オーダー発行", Order), ("オーダ修正", Order), ("オーダー修正", Order),
    ("オーダ取消", Order), ("オーダー取消", Order), ("オーダ中止", Order),
    ("オーダー中止", Order), ("処方", Order), ("処方入力", Order), ("処方登録", Order),
    ("処方変更", Order), ("処方オーダ", Order), ("処方オーダー", Order), ("注射", Order),
    ("注射入力", Order), ("指示入力", Order), ("指示登録", Order), ("検査依頼", Order),
    ("調剤", Order), ("order", Order), ("prescribe", Order), ("prescription", Order),
    ("order entry", Order),
    // Searching.
    ("検索", PatientSearch), ("患者検索", PatientSearch), ("患者照会", PatientSearch),
    ("一覧表示", PatientSearch), ("一覧参照", PatientSearch), ("患者一覧", PatientSearch),
    ("一覧", PatientSearch), ("名寄せ", PatientSearch), ("patient search", PatientSearch),
    ("search", PatientSearch), ("searches", PatientSearch), ("find", PatientSearch),
    ("lookup", PatientSearch), ("look up", PatientSearch), ("query", PatientSearch),
    ("list", PatientSearch),
    // Writing.
    ("登録", ChartEdit), ("新規", ChartEdit), ("入力", ChartEdit), ("記載", ChartEdit),
    ("記録", ChartEdit), ("記述", ChartEdit), ("作成", ChartEdit), ("カルテ記述", ChartEdit),
    ("カルテ入力", ChartEdit), ("カルテ記載", ChartEdit), ("カルテ登録", ChartEdit),
    ("カルテ更新", ChartEdit), ("カルテ修正", ChartEdit), ("カルテ変更", ChartEdit),
    ("カルテ作成", ChartEdit), ("カルテ削除", ChartEdit), ("カルテ編集", ChartEdit),
    ("カルテ保存", ChartEdit), ("カルテ確定", ChartEdit), ("事後入力", ChartEdit),
    ("新規登録", ChartEdit), ("更新", ChartEdit), ("修正", ChartEdit), ("変更", ChartEdit),
    ("訂正", ChartEdit), ("上書", ChartEdit), ("上書き", ChartEdit), ("追加", ChartEdit),
    ("追記", ChartEdit), ("編集", ChartEdit), ("保存", ChartEdit), ("確定", ChartEdit),
    ("承認", ChartEdit), ("削除", ChartEdit), ("取消", ChartEdit), ("取消し", ChartEdit),
    ("中止", ChartEdit), ("代行入力", ChartEdit), ("chart edit", ChartEdit),
    ("edit", ChartEdit), ("update", ChartEdit), ("create", ChartEdit), ("creation", ChartEdit),
    ("insert", ChartEdit), ("modify", ChartEdit), ("modified", ChartEdit), ("write", ChartEdit),
    ("written", ChartEdit), ("delete", ChartEdit), ("deletion", ChartEdit), ("save", ChartEdit),
    ("change", ChartEdit), ("replace", ChartEdit), ("amend", ChartEdit), ("sign", ChartEdit),
    ("record create", ChartEdit), ("record update", ChartEdit), ("record delete", ChartEdit),
    // Viewing.
    ("参照", ChartView), ("閲覧", ChartView), ("表示", ChartView), ("照会", ChartView),
    ("患者選択", ChartView), ("選択", ChartView), ("患者表示", ChartView),
    ("カルテ参照", ChartView), ("カルテ閲覧", ChartView), ("カルテ表示", ChartView),
    ("カルテ照会", ChartView), ("カルテオープン", ChartView), ("カルテ選択", ChartView),
    ("カルテを開く", ChartView), ("カルテ展開", ChartView), ("カルテ起動", ChartView),
    ("プレビュー", ChartView), ("開く", ChartView), ("オープン", ChartView),
    ("chart view", ChartView), ("patient view", ChartView), ("chart open", ChartView),
    ("chart opened", ChartView), ("view", ChartView), ("read", ChartView), ("open", ChartView),
    ("access", ChartView), ("display", ChartView), ("select", ChartView), ("browse", ChartView),
    ("inquiry", ChartView), ("patient selected", ChartView), ("show", ChartView),
    // Screens.
    ("起動", AppStart), ("画面起動", AppStart), ("起動開始", AppStart), ("app start", AppStart),
    ("launch", AppStart), ("launched", AppStart), ("start", AppStart), ("application start", AppStart),
    ("停止", AppStop), ("閉じる", AppStop), ("クローズ", AppStop), ("カルテクローズ", AppStop),
    ("カルテ終了", AppStop), ("カルテを閉じる", AppStop), ("画面終了", AppStop),
    ("メニュー終了", AppStop), ("患者終了", AppStop), ("app stop", AppStop), ("close", AppStop),
    ("exit", AppStop), ("patient close", AppStop), ("stop", AppStop), ("application stop", AppStop),
    ("application end", AppStop),
    // Windows and network words that PC-management tables hold.
    ("コマンド実行", Command), ("process start", Command), ("command", Command),
    ("vpn接続", VpnUp), ("vpn切断", VpnDown), ("vpn connect", VpnUp), ("vpn disconnect", VpnDown),
];

/// What the general words of [`is_general`] are done to, by words inside the function's name.
const SUBJECTS: &[(&str, Action)] = &[
    ("パスワード", PasswordChange), ("password", PasswordChange), ("権限", PrivilegeChange),
    ("ロール", PrivilegeChange), ("privilege", PrivilegeChange), ("permission", PrivilegeChange),
    ("職員", AccountChange), ("職員マスタ", AccountChange), ("利用者マスタ", AccountChange),
    ("ユーザーマスタ", AccountChange), ("ユーザマスタ", AccountChange), ("利用者", AccountChange), ("ユーザー", AccountChange),
    ("ユーザ", AccountChange), ("アカウント", AccountChange), ("user management", AccountChange),
    ("account", AccountChange), ("マスタ", ConfigChange), ("マスター", ConfigChange),
    ("設定", ConfigChange), ("setting", ConfigChange), ("config", ConfigChange),
    ("configuration", ConfigChange), ("オーダ", Order), ("オーダー", Order), ("処方", Order),
    ("注射", Order), ("order", Order), ("prescription", Order),
];

/// The words of actions, for a [`super::Lexicon`].
pub fn action_table() -> &'static [(&'static str, Action)] {
    ACTIONS
}

/// The action a word tells: the longest known word inside it; `None` when none is.
pub fn action(word: &str) -> Option<Action> {
    let folded = fold_word(word);
    Action::from_name(word.trim()).or_else(|| longest(ACTIONS, &folded))
}

/// True when what this action means hangs on what it was done to: 登録 in 職員マスタ is another
/// act than 登録 in a chart, 終了 of a screen another than the end of a session.
#[inline]
pub fn is_general(action: Action) -> bool {
    matches!(action, ChartEdit | Logout)
}

/// The action of a general word, given the function it was done in. A word that names its object
/// itself (カルテ入力, ログアウト) keeps its meaning.
pub fn action_on(action: Action, word: &str, function: &str) -> Action {
    let word = fold_word(word);
    match action {
        Logout if word == "終了" => {
            let function = fold_word(function);
            let whole = ["システム", "ログ", "共通", "端末", "セッション", "管理メニュー", "電子カルテ"];
            if whole.iter().any(|part| function.contains(part)) {
                Logout
            } else {
                AppStop
            }
        }
        ChartEdit if !word.contains("カルテ") && !word.contains("chart") => {
            longest(SUBJECTS, &fold_word(function)).unwrap_or(ChartEdit)
        }
        _ => action,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_word_counts() {
        let table = [
            ("ログイン", Login), ("ﾛｸﾞｲﾝ", Login), ("ログイン失敗", Login), ("ログオフ", Logout),
            ("ロック解除", Unlock), ("アカウントロック解除", AccountChange), ("参照", ChartView),
            ("患者照会", PatientSearch), ("処方登録", Order), ("検査結果印刷", Print),
            ("ＣＳＶ出力", Export), ("カルテ入力", ChartEdit), ("起動", AppStart),
            ("緊急アクセス", BreakGlass), ("USER_LOGIN_FAILED", Login), ("VIEWED_CLINICAL_DASHBOARD", ChartView),
            ("Printer: Printing", Print), ("User Authentication: Login", Login),
            ("PATIENT-RECORD-SELECT", ChartView), ("chart-view", ChartView), ("VIEW", ChartView),
            ("break-glass-end", BreakGlassEnd), ("Password Changed", PasswordChange),
        ];
        for (word, expected) in table {
            assert_eq!(action(word), Some(expected), "{word}");
        }
        for word in ["", "border", "importance", "tokyo", "1", "共通"] {
            assert_eq!(action(word), None, "{word}");
        }
    }

    #[test]
    fn every_word_of_the_vocabulary_is_its_own() {
        for known in Action::ALL {
            assert_eq!(action(known.name()), Some(*known));
        }
        for (word, _) in ACTIONS.iter().chain(SUBJECTS) {
            assert_eq!(&fold_word(word), word);
        }
    }

    #[test]
    fn no_word_stands_twice() {
        let mut words: Vec<&str> = ACTIONS.iter().map(|(word, _)| *word).collect();
        words.sort_unstable();
        let twice: Vec<_> = words.windows(2).filter(|w| w[0] == w[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn general_words_hang_on_their_function() {
        assert_eq!(action_on(ChartEdit, "登録", "薬剤マスタ"), ConfigChange);
        assert_eq!(action_on(ChartEdit, "変更", "権限管理"), PrivilegeChange);
        assert_eq!(action_on(ChartEdit, "カルテ入力", "処方"), ChartEdit);
        assert_eq!(action_on(ChartEdit, "更新", "会計"), ChartEdit);
        assert_eq!(action_on(Logout, "終了", "入力メニュー"), AppStop);
        assert_eq!(action_on(Logout, "終了", "管理メニュー"), Logout);
        assert_eq!(action_on(Logout, "ログアウト", "入力メニュー"), Logout);
    }
}
