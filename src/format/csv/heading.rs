//! The headings tables carry, in Japanese and English.
//!
//! Takes the beginning of a table; gives its heading row and what each heading means. Headings are
//! compared by NFKC, without blanks, brackets and joining signs, case folded.

use bumpalo::Bump;

use super::split;
use crate::event::Field;
use crate::format::words;

/// Rows at the beginning among which the heading is looked for.
pub(super) const LOOKED_AT: usize = 60;

/// What a heading means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A whole time.
    When,
    /// A date, or a whole time.
    Date,
    /// A clock, or a whole time.
    Clock,
    /// When an interval begins and ends.
    Start,
    End,
    /// When a session begins and ends.
    LoginAt,
    LogoutAt,
    /// A login name; a written name where an id stands beside it.
    LoginOrName,
    /// A field of ours.
    Is(Field),
}

use Meaning::{Clock, Date, End, Is, LoginAt, LoginOrName, LogoutAt, Start, When};

/// What each heading means; of several columns for one field, the heading further up counts.
const HEADINGS: &[(Meaning, &str)] = &[
    (
        When,
        "日時 操作日時 発生日時 アクセス日時 操作日時エージェント ログ日時 記録日時 処理日時 イベント日時 実行日時 実施日時 利用日時 使用日時 参照日時 閲覧日時 出力日時 日付時刻 日付と時刻 日付時間 タイムスタンプ 操作年月日時分秒 年月日時分秒 発生日付時刻 登録日時 作成日時 更新日時",
    ),
    (
        When,
        "timestamp @timestamp datetime dateandtime datetimestamp eventdatetime accessdatetime logdatetime operationdatetime actiondatetime recorded recordedat occurredat occurredon createdat createdon timecreated timegenerated datecreated eventtimestamp accesstimestamp instant",
    ),
    (
        Date,
        "日付 操作日 年月日 操作日付 操作年月日 発生日 発生日付 アクセス日 アクセス日付 処理日 処理日付 実施日 利用日 ログ日付 記録日 イベント日付 日",
    ),
    (
        Date,
        "date eventdate accessdate operationdate logdate actiondate day",
    ),
    (
        Clock,
        "時刻 時間 操作時刻 操作時間 発生時刻 発生時間 アクセス時刻 アクセス時間 処理時刻 処理時間 実施時刻 利用時刻 ログ時刻 記録時刻 イベント時刻 時分秒 時分",
    ),
    (
        Clock,
        "time eventtime accesstime operationtime logtime actiontime timeofday",
    ),
    (
        LoginAt,
        "ログイン日時 ログオン日時 ログイン時刻 ログオン時刻 logintime logindatetime loginat logontime",
    ),
    (
        LogoutAt,
        "ログアウト日時 ログオフ日時 ログアウト時刻 ログオフ時刻 logouttime logoutdatetime logoutat logofftime",
    ),
    (
        Start,
        "開始日時 開始時刻 開始時間 利用開始日時 利用開始時刻 参照開始日時 開始 startdatetime starttime startdate startedat start begintime",
    ),
    (
        End,
        "終了日時 終了時刻 終了時間 利用終了日時 利用終了時刻 参照終了日時 終了 enddatetime endtime enddate endedat end finishtime",
    ),
    (
        Is(Field::UserId),
        "利用者id ユーザーid ユーザid 職員番号 職員id ログインid ログオンid 利用者コード 利用者番号 ユーザーコード ユーザコード ユーザー番号 職員コード 職員no 社員番号 社員id 社員コード スタッフid スタッフコード 操作者id 操作者コード 操作者番号 操作者職員番号 実施者id 実施者コード 担当者id 担当者コード 入力者id 医師コード 医師id アカウントid アカウント アカウント名 ログインユーザー ログインユーザ ログインアカウント ログイン名 ログオン名 userid usercode userno useridentifier loginid login loginuser logonid account accountid accountname employeeid employeeno employeenumber empid staffid staffno staffcode staffnumber operatorid operatorcode uid samaccountname who",
    ),
    (
        LoginOrName,
        "ユーザー名 ユーザ名 ユーザー ユーザ 利用者 職員 操作者 実施者 担当者 入力者 username user usercodeusername loginname logonname operator actor staff employee",
    ),
    (
        Is(Field::UserFullName),
        "利用者名 氏名 利用者氏名 職員氏名 職員名 社員名 ユーザー氏名 ユーザ氏名 操作者名 操作者氏名 実施者名 実施者氏名 担当者名 担当者氏名 入力者名 スタッフ名 漢字氏名 表示名 表示ユーザー名 名前 fullname displayname userfullname name staffname employeename operatorname realname",
    ),
    (
        Is(Field::UserRole),
        "職種 職種名 役職 資格 ロール 利用者区分 ユーザー区分 職員区分 権限 権限名 role userrole roles jobtitle occupation profession title usertype jobtype",
    ),
    (
        Is(Field::UserDepartment),
        "部署 部署名 部門 部門名 所属 所属名 所属部署 所属部門 所属科 診療科 診療科名 病棟 病棟名 科 科名 組織 department dept departmentname deptname userdepartment ward unit division section clinic specialty organization",
    ),
    (
        Is(Field::UserDomain),
        "ドメイン名 ドメイン domain userdomain domainname realm",
    ),
    (
        Is(Field::UserEmail),
        "メールアドレス email mail emailaddress useremail",
    ),
    (
        Is(Field::HostName),
        "端末名 端末 端末id 端末番号 端末no 端末名称 端末コード 操作端末 操作端末名 使用端末 ログイン端末 コンピュータ名 コンピューター名 コンピュータ コンピューター ホスト名 ホスト pc名 pc pcid pc番号 クライアント名 クライアント クライアントpc クライアント端末 機器名 機器番号 マシン名 マシン ワークステーション ワークステーション名 発生元 hostname host terminal terminalname terminalid workstation workstationid workstationname computer computername machine machinename clientname client pcname device devicename station",
    ),
    (
        Is(Field::SourceIp),
        "ipアドレス ip 端末ip 端末ipアドレス クライアントip クライアントipアドレス 接続元ip 接続元ipアドレス 送信元ip 送信元ipアドレス アクセス元ip アクセス元ipアドレス ローカルipアドレス アクセス元 接続元 ipv4アドレス ipv4 ipaddress ipaddr ip clientip clientipaddress sourceip sourceipaddress srcip remoteip remoteaddr remoteaddress remoteipaddress useripaddress sourceaddress clientaddress",
    ),
    (
        Is(Field::SourceMac),
        "macアドレス mac 端末mac 端末macアドレス 物理アドレス クライアントmac macaddress macaddr physicaladdress hardwareaddress clientmac sourcemac",
    ),
    (
        Is(Field::EventAction),
        "操作種別詳細 操作 操作区分 操作種別 操作名 操作名称 操作情報 操作内容 イベント イベント名 イベント種別 イベント区分 イベント内容 処理 処理区分 処理種別 処理名 処理内容 アクション アクセス種別 アクセス区分 アクセス内容 動作 行為 ログ種別 ログ種類 種別 action accessaction actionname actiontype eventaction event eventname eventtype operation operationname operationtype activity activitytype accesstype logtype transaction verb",
    ),
    (
        Is(Field::EhrFunction),
        "機能 機能名 画面 画面名 画面id カテゴリ カテゴリー メニュー メニュー名 業務 業務名 アプリケーション アプリケーション名 アプリ アプリ名 システム システム名 サブシステム モジュール プログラム プログラム名 プログラムid 対象機能 function functionname screen screenname menu menuname category module modulename application applicationname app feature metricname page",
    ),
    (
        Is(Field::PatientId),
        "患者id 患者番号 患者no カルテ番号 カルテno カルテid 診察券番号 患者コード 対象患者id 対象患者番号 患者識別番号 患者 対象患者 patientid patientno patientnumber patientidentifier patid mrn medicalrecordnumber medicalrecordno chartno chartnumber chartid patient",
    ),
    (
        Is(Field::PatientName),
        "患者氏名 患者名 患者漢字氏名 対象患者名 対象患者氏名 patientname patientfullname patname",
    ),
    (
        Is(Field::EventOutcome),
        "結果 成否 処理結果 操作結果 実行結果 認証結果 ログイン結果 アクセス結果 結果区分 成功失敗 判定 可否 キーワード 状態 ステータス result outcome success succeeded status resultcode disposition",
    ),
    (
        Is(Field::EventReason),
        "理由 備考 失敗理由 アクセス理由 閲覧理由 参照理由 エラー内容 エラーメッセージ 詳細 詳細情報 コメント 補足 reason failurereason errormessage remarks remark note notes comment comments detail details",
    ),
    (
        Is(Field::Message),
        "メッセージ 内容 本文 説明 message description text",
    ),
    (
        Is(Field::EventCode),
        "操作コード イベントid イベントコード 処理コード 機能コード eventid eventcode actioncode operationcode metricid",
    ),
    (
        Is(Field::EventProvider),
        "ソース source provider providername",
    ),
    (
        Is(Field::PurposeOfUse),
        "利用目的 アクセス目的 目的 purpose purposeofuse purposeofevent",
    ),
    (
        Is(Field::SessionId),
        "セッションid セッション番号 セッション sessionid session sessionno",
    ),
    (
        Is(Field::HostDepartment),
        "設置場所 端末設置場所 端末部署 場所 terminallocation location workstationlocation",
    ),
    (
        Is(Field::UserTargetId),
        "対象職員番号 対象利用者id 対象ユーザーid 対象ユーザid targetuserid",
    ),
    (
        Is(Field::UserTargetName),
        "対象ユーザー 対象ユーザー名 対象利用者 対象職員 targetuser targetusername",
    ),
    (
        Is(Field::RecordKind),
        "文書種別 文書名 記録種別 帳票名 帳票 データ種別 recordtype recordkind documenttype documentname",
    ),
    (
        Is(Field::FileName),
        "ファイル名 ファイル filename file printfilename",
    ),
    (
        Is(Field::PrintPages),
        "ページ数 印刷ページ数 印刷枚数 枚数 pages printedpages pagecount",
    ),
];

/// What a heading means and its rank: of two columns for one meaning the lower rank counts.
pub(super) fn meaning(folded: &str) -> Option<(Meaning, usize)> {
    let key: String = folded
        .chars()
        .filter(|c| {
            !matches!(
                c,
                '_' | '-' | '.' | '/' | ':' | '・' | '#' | '*' | '※' | '\''
            )
        })
        .collect();
    let entries = HEADINGS
        .iter()
        .flat_map(|(meaning, words)| words.split(' ').map(|word| (*meaning, word)));
    let by_table = entries
        .enumerate()
        .find(|(_, (_, word))| *word == key)
        .map(|(rank, (meaning, _))| (meaning, rank));
    // Our own field names are headings too, so that our exports can be read back.
    let by_name = || Field::from_name(folded).filter(|f| !f.is_derived());
    by_table.or_else(|| by_name().map(|field| (Is(field), 0)))
}

/// A heading row that was found.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Its number among the records of the head, from 0.
    pub(super) row: usize,
    /// The delimiter that shows it.
    pub(super) delimiter: u8,
    /// The headings, folded.
    pub(super) cells: Vec<String>,
}

/// The heading of a table: the first row that has, by the table above, a time and somebody or
/// something done, or that has all the `wanted` headings of a config. Of several delimiters the
/// one that shows the most known headings counts.
pub(super) fn find(records: &[&str], delimiters: &[u8], wanted: &[&str]) -> Option<Found> {
    records.iter().enumerate().find_map(|(row, record)| {
        let mut best: Option<(usize, Found)> = None;
        for &delimiter in delimiters {
            let Some(cells) = fold_row(record, delimiter) else {
                continue;
            };
            let configured =
                !wanted.is_empty() && wanted.iter().all(|w| cells.iter().any(|c| c == w));
            let known = match known_columns(&cells) {
                Some(known) => known,
                None if configured => wanted.len(),
                None => continue,
            };
            // The first of equals: commas go before the others.
            if best.as_ref().is_none_or(|(most, _)| known > *most) {
                best = Some((
                    known,
                    Found {
                        row,
                        delimiter,
                        cells,
                    },
                ));
            }
        }
        best.map(|(_, found)| found)
    })
}

/// The folded cells of a row.
pub(super) fn fold_row(record: &str, delimiter: u8) -> Option<Vec<String>> {
    let arena = Bump::new();
    let record = arena.alloc_str(record);
    let cells = split::cells(record, delimiter, &arena).ok()?;
    Some(cells.from(0).map(words::fold_heading).collect())
}

/// How many headings are known; `None` when the row is no heading.
fn known_columns(cells: &[String]) -> Option<usize> {
    let meanings: Vec<Meaning> = cells.iter().filter_map(|c| Some(meaning(c)?.0)).collect();
    let time = meanings
        .iter()
        .any(|m| matches!(m, When | Date | Clock | Start | LoginAt));
    let act = meanings.iter().any(|m| match m {
        LoginOrName => true,
        Is(field) => matches!(
            field,
            Field::UserId
                | Field::UserName
                | Field::UserFullName
                | Field::EventAction
                | Field::PatientId
                | Field::HostName
                | Field::EventOutcome
        ),
        _ => false,
    });
    // A sentence that happens to split into two known words is no heading.
    let enough = cells.len() >= 2 && meanings.len() * 4 >= cells.len();
    (time && act && enough).then_some(meanings.len())
}
