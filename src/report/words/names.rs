//! What acts, fields and the verdicts of the calendar are called.
//!
//! Takes the stable words of the vocabulary; gives those that a reader at a hospital uses.

use crate::alert::worded;
use crate::diagnostic::Lang;
use crate::event::Action;

/// An act by its word of the vocabulary; a word that is none stays as it is.
pub(in crate::report) fn action(word: &str, lang: Lang) -> &str {
    match (Action::from_name(word), lang) {
        (None, _) => word,
        (Some(action), Lang::Ja) => action.ja(),
        (Some(action), Lang::En) => english(action),
    }
}

const fn english(action: Action) -> &'static str {
    match action {
        Action::Login => "logged in",
        Action::Logout => "logged out",
        Action::Lock => "screen locked",
        Action::Unlock => "screen unlocked",
        Action::ForceUnlock => "unlocked by somebody else",
        Action::AccountLocked => "account locked",
        Action::PasswordChange => "password changed",
        Action::AccountChange => "accounts changed",
        Action::PrivilegeChange => "rights changed",
        Action::PatientSearch => "patient looked for",
        Action::ChartView => "chart viewed",
        Action::ChartEdit => "chart edited",
        Action::Order => "ordered",
        Action::Print => "printed",
        Action::Export => "exported",
        Action::Import => "imported",
        Action::BreakGlass => "emergency access begun",
        Action::BreakGlassEnd => "emergency access ended",
        Action::ConfigChange => "configuration changed",
        Action::Restart => "restarted",
        Action::LogCleared => "log cleared",
        Action::AuditStopped => "recording stopped",
        Action::DhcpLease => "address leased",
        Action::DhcpRelease => "address released",
        Action::WifiAssociate => "joined by radio",
        Action::WifiDeauthenticate => "left by radio",
        Action::Allow => "let through",
        Action::Deny => "refused",
        Action::VpnUp => "VPN up",
        Action::VpnDown => "VPN down",
        Action::DnsQuery => "name asked for",
        Action::HttpRequest => "HTTP request",
        Action::DeviceAttached => "device attached",
        Action::AppStart => "screen or function begun",
        Action::AppStop => "screen or function ended",
        Action::Command => "command run",
        Action::LinkUp => "link up",
        Action::LinkDown => "link down",
    }
}

/// A field of an alert's key or reason; a field that a rule of the house names stays as it is.
pub(in crate::report) fn field(field: &str, lang: Lang) -> &str {
    let (en, ja) = match field {
        "user.account" | "user.id" | "user.name" => ("account", "ID"),
        "user.full_name" => ("written name", "氏名"),
        "user.department" => ("department", "部署"),
        "user.role" => ("occupation", "職種"),
        "user.kind" => ("kind of account", "IDの種別"),
        "user.known" => ("account in the registers", "IDが台帳にあるか"),
        "user.active" => ("account in force", "IDが有効か"),
        "user.password_days" => (
            "days since the password was changed",
            "パスワード変更後の日数",
        ),
        "user.target.id" | "user.target.name" => ("account acted upon", "対象のID"),
        "patient.id" => ("patient", "患者"),
        "patient.restricted" => ("restricted chart", "閲覧制限のカルテ"),
        "patient.is_self" => ("own chart", "本人のカルテ"),
        "patient.is_staff" => ("chart of staff", "職員のカルテ"),
        "patient.deceased_days" => ("days since death", "死亡後の日数"),
        "patient.discharged_days" => ("days since discharge", "退院後の日数"),
        "patient.in_household" => ("chart of a relative", "家族のカルテ"),
        "source.terminal" | "host.name" => ("terminal", "端末"),
        "source.ip" | "client.ip" | "address" => ("address", "IPアドレス"),
        "source.mac" | "client.mac" => ("hardware address", "MACアドレス"),
        "source.network" => ("network", "ネットワーク"),
        "source.geo.country_iso_code" => ("country", "国"),
        "source.geo.expected" => ("country expected", "想定した国か"),
        "destination.ip" => ("destination", "接続先"),
        "destination.port" => ("port", "接続先ポート"),
        "destination.network" => ("network reached for", "接続先のネットワーク"),
        "device.id" => ("device", "機器"),
        "device.known" => ("device in the register", "機器が台帳にあるか"),
        "device.department" | "host.department" => ("department of the device", "機器の部署"),
        "device.own_department" => ("device of the own department", "自部署の機器か"),
        "device.supported" => ("device supported", "機器のサポート期間内か"),
        "device.fixed_address" => ("address by the register", "台帳のアドレス"),
        "observer.name" | "input.source" => ("source", "記録元"),
        "observer.product" => ("product", "製品"),
        "observer.version" => ("version", "版"),
        "service.name" => ("door", "接続の種類"),
        "wifi.ssid" => ("radio network", "無線LANの名前"),
        "wifi.bssid" => ("radio", "無線の電波元"),
        "wifi.bssid_known" => ("radio in the register", "電波元が台帳にあるか"),
        "wifi.cipher" => ("cipher", "無線の暗号方式"),
        "wifi.security" => ("protection of the radio network", "無線の保護方式"),
        "event.action" => ("act", "操作"),
        "event.outcome" => ("outcome", "結果"),
        "event.code" => ("word of the log", "ログの表記"),
        "event.kind" => ("kind of event", "出来事の種別"),
        "event.reason" => ("reason in the log", "ログの理由"),
        "event.dataset" => ("kind of log", "ログの種類"),
        "break_glass" => ("emergency access", "緊急時アクセス"),
        "purpose_of_use" => ("purpose", "利用目的"),
        "print.pages" => ("pages", "印刷枚数"),
        "url.original" => ("web address", "URL"),
        "user_agent.original" => ("browser", "ブラウザ"),
        "user_agent.legacy" => ("browser out of support", "サポート切れのブラウザか"),
        "rule.id" | "rule.name" => ("filter of the device", "機器のフィルタ"),
        "calendar.verdict" => ("business hours", "診療時間"),
        "calendar.band" => ("time of day", "時間帯"),
        "calendar.reason" => ("business hours, the line", "診療時間の根拠"),
        "calendar.closed_span" => ("closed stretch", "閉まっている時間"),
        "roster.on_duty" => ("on duty by the roster", "勤務表で勤務中か"),
        "declared" => ("declared", "届出"),
        "time.trusted" => ("clock to be trusted", "時計を信用できるか"),
        "time.stepped_back" => ("clock stepped back (seconds)", "時計が戻った秒数"),
        "time.written_after" => ("written after (seconds)", "記録までの秒数"),
        other => (other, other),
    };
    match lang {
        Lang::En => en,
        Lang::Ja => ja,
    }
}

/// The verdict of the calendar on an instant; empty where it gave none.
pub(in crate::report) fn hours(verdict: &str, lang: Lang) -> &'static str {
    match (verdict, lang) {
        ("open", Lang::En) => "open",
        ("open", Lang::Ja) => "時間内",
        ("grace", Lang::En) => "around closing time",
        ("grace", Lang::Ja) => "前後の猶予",
        ("closed", Lang::En) => "closed",
        ("closed", Lang::Ja) => "時間外",
        (_, Lang::En) => "not known",
        (_, Lang::Ja) => "不明",
    }
}

/// Fields that say yes or no.
const TRUTHS: [&str; 15] = [
    "break_glass",
    "device.known",
    "device.own_department",
    "device.supported",
    "patient.in_household",
    "patient.is_self",
    "patient.is_staff",
    "patient.restricted",
    "roster.on_duty",
    "source.geo.expected",
    "time.trusted",
    "user.active",
    "user.known",
    "user_agent.legacy",
    "wifi.bssid_known",
];

/// What stands in a field of which the program knows the words; what the log or the house wrote
/// stays as it is.
pub(in crate::report) fn value<'v>(field: &str, value: &'v str, lang: Lang) -> &'v str {
    let (en, ja) = match (field, value) {
        ("calendar.verdict", _) => return hours(value, lang),
        ("calendar.band", "after_hours") => ("after hours", "時間外"),
        ("calendar.band", "holiday") => ("holiday", "休日"),
        ("calendar.band", "late_night") => ("late night", "深夜"),
        ("user.kind", _) => return worded(field, value, lang).unwrap_or(value),
        ("device.known", "randomised") => ("random hardware address", "乱数のMACアドレス"),
        (truth, "true") if TRUTHS.contains(&truth) => ("yes", "はい"),
        (truth, "false") if TRUTHS.contains(&truth) => ("no", "いいえ"),
        (truth, "unknown") if TRUTHS.contains(&truth) => ("not known", "不明"),
        _ => (value, value),
    };
    match lang {
        Lang::En => en,
        Lang::Ja => ja,
    }
}

/// How an act ended.
pub(in crate::report) fn outcome(word: &str, lang: Lang) -> &'static str {
    match (word, lang) {
        ("success", Lang::En) => "done",
        ("success", Lang::Ja) => "成功",
        ("failure", Lang::En) => "refused",
        ("failure", Lang::Ja) => "失敗",
        (_, Lang::En) => "not recorded",
        (_, Lang::Ja) => "記録なし",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    #[test]
    fn every_act_has_a_word_of_its_own_in_both_languages() {
        for lang in [Lang::En, Lang::Ja] {
            let words: std::collections::BTreeSet<&str> =
                Action::ALL.iter().map(|a| action(a.name(), lang)).collect();
            assert_eq!(words.len(), Action::ALL.len());
        }
        assert_eq!(action("their-own", Lang::Ja), "their-own");
    }

    #[test]
    fn what_a_log_wrote_is_not_put_into_other_words() {
        assert_eq!(value("user.kind", "admin", Lang::Ja), "管理者");
        assert_eq!(value("user.account", "admin", Lang::Ja), "admin");
        assert_eq!(value("their.own", "true", Lang::Ja), "true");
        for field in TRUTHS {
            assert!(crate::event::Field::from_name(field).is_some(), "{field}");
        }
    }

    #[test]
    fn every_field_by_which_our_rules_fold_has_a_word() {
        let rules = RuleSet::embedded();
        let folds = rules
            .detections
            .iter()
            .filter_map(|rule| rule.fold.as_ref());
        let groups = rules.correlations.iter().flat_map(|rule| &rule.group_by);
        for by in folds.flat_map(|fold| &fold.by).chain(groups) {
            assert_ne!(field(by.name(), Lang::Ja), by.name());
        }
    }
}
