//! What can happen: one vocabulary for all formats, with its ECS category.

macro_rules! actions {
    ($($variant:ident $name:literal $category:literal $ja:literal;)*) => {
        /// A word of `event.action`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Action { $(#[doc = $ja] $variant,)* }

        impl Action {
            /// All actions in table order.
            pub const ALL: &'static [Action] = &[$(Action::$variant,)*];

            /// The word as it stands in `event.action`.
            pub const fn name(self) -> &'static str {
                match self { $(Action::$variant => $name,)* }
            }

            /// What it is called in Japanese.
            pub const fn ja(self) -> &'static str {
                match self { $(Action::$variant => $ja,)* }
            }

            /// The ECS `event.category` that follows from it.
            pub const fn category(self) -> &'static str {
                match self { $(Action::$variant => $category,)* }
            }

            /// The action with this exact word.
            pub fn from_name(name: &str) -> Option<Action> {
                match name { $($name => Some(Action::$variant),)* _ => None }
            }
        }
    };
}

actions! {
    Login "login" "authentication" "ログイン";
    Logout "logout" "authentication" "ログアウト";
    Lock "lock" "session" "画面ロック";
    Unlock "unlock" "session" "ロック解除";
    ForceUnlock "force-unlock" "session" "他者による強制解除";
    AccountLocked "account-locked" "iam" "IDのロック";
    PasswordChange "password-change" "iam" "パスワード変更";
    AccountChange "account-change" "iam" "IDの変更";
    PrivilegeChange "privilege-change" "iam" "権限の変更";
    PatientSearch "patient-search" "database" "患者検索";
    ChartView "chart-view" "database" "カルテ参照";
    ChartEdit "chart-edit" "database" "カルテ記載";
    Order "order" "database" "オーダ";
    Print "print" "file" "印刷";
    Export "export" "file" "データ出力";
    Import "import" "file" "データ取込";
    BreakGlass "break-glass" "database" "緊急時アクセスの開始";
    BreakGlassEnd "break-glass-end" "database" "緊急時アクセスの終了";
    ConfigChange "config-change" "configuration" "設定変更";
    Restart "restart" "host" "再起動";
    LogCleared "log-cleared" "configuration" "ログの消去";
    AuditStopped "audit-stopped" "configuration" "記録の停止";
    DhcpLease "dhcp-lease" "network" "アドレス貸与";
    DhcpRelease "dhcp-release" "network" "アドレス返却";
    WifiAssociate "wifi-associate" "network" "無線接続";
    WifiDeauthenticate "wifi-deauthenticate" "network" "無線切断";
    Allow "allow" "network" "通過";
    Deny "deny" "network" "遮断";
    VpnUp "vpn-up" "network" "VPN接続";
    VpnDown "vpn-down" "network" "VPN切断";
    DnsQuery "dns-query" "network" "名前解決";
    HttpRequest "http-request" "web" "HTTP要求";
    DeviceAttached "device-attached" "host" "外部装置の接続";
    AppStart "app-start" "process" "画面・機能の起動";
    AppStop "app-stop" "process" "画面・機能の終了";
    Command "command" "process" "コマンド実行";
    LinkUp "link-up" "network" "リンクアップ";
    LinkDown "link-down" "network" "リンクダウン";
}

/// How an act ended. Absent in the log means unknown, never success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was tried and refused.
    Failure,
    /// The log does not tell.
    Unknown,
}

impl Outcome {
    /// The word as it stands in `event.outcome`.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Success => "success",
            Outcome::Failure => "failure",
            Outcome::Unknown => "unknown",
        }
    }
}
