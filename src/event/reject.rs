//! Why a record gives no event. Data about the log, not an error of the program.
//!
//! Takes a reason and where in the record it lies; gives the reject. Never holds text of the log.

use crate::diagnostic::Lang;

macro_rules! reasons {
    ($($variant:ident $code:literal $en:literal $ja:literal;)*) => {
        /// Why a record was rejected.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Reason { $(#[doc = $en] $variant,)* }

        impl Reason {
            /// All reasons in table order.
            pub const ALL: &'static [Reason] = &[$(Reason::$variant,)*];

            /// A stable word for machines.
            pub const fn code(self) -> &'static str {
                match self { $(Reason::$variant => $code,)* }
            }

            /// A sentence for people.
            pub const fn text(self, lang: Lang) -> &'static str {
                match (self, lang) {
                    $((Reason::$variant, Lang::En) => $en, (Reason::$variant, Lang::Ja) => $ja,)*
                }
            }
        }
    };
}

reasons! {
    NoTime "no-time" "the record has no time" "時刻がありません";
    BadTime "bad-time" "the time is not readable" "時刻を読めません";
    NoDate "no-date" "the time has no date" "日付がありません";
    NonexistentTime "nonexistent-time" "this local time does not exist in the zone" "その地域に存在しない時刻です";
    TimeOutOfRange "time-out-of-range" "the time lies outside 1900 to 2199" "1900〜2199年の外の時刻です";
    HourOver24 "hour-over-24" "hours of 24 and more are not enabled for this source" "24時以降の表記はこのソースでは有効にしていません";
    NoUser "no-user" "the record names nobody" "利用者がありません";
    TooFewColumns "too-few-columns" "the row has fewer columns than the heading" "列が見出しより少ない行です";
    NotThisFormat "not-this-format" "the record does not have this format" "この形式の記録ではありません";
    MalformedJson "malformed-json" "not readable as JSON" "JSONとして読めません";
    OtherResource "other-resource" "a resource of another kind" "別の種類のリソースです";
    MalformedCsv "malformed-csv" "a quotation mark has no end" "引用符が閉じていません";
    MalformedSyslog "malformed-syslog" "the syslog header is broken" "syslogヘッダーが壊れています";
    Continuation "continuation" "a continuation line without a time of its own" "時刻のない継続行です";
    RepeatOfNothing "repeat-of-nothing" "repeats a message that was not found before it" "繰り返しの元の記録が見つかりません";
    TooLong "too-long" "the record is longer than 4 MiB" "記録が4MiBを超えています";
    Unfinished "unfinished" "the input ends in the middle of this record" "記録の途中で入力が終わっています";
    BadEncoding "bad-encoding" "the bytes are not text of the source's encoding" "文字コードに合わないバイト列です";
    TooDeep "too-deep" "nested too deeply" "入れ子が深すぎます";
}

/// A rejected record: the reason and the byte column inside the record, from 1 (0: the whole).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reject {
    /// Why.
    pub reason: Reason,
    /// Byte column inside the decoded record, from 1; 0 when the whole record is meant.
    pub column: u32,
}

impl From<Reason> for Reject {
    fn from(reason: Reason) -> Self {
        Reject { reason, column: 0 }
    }
}

impl Reject {
    /// A reject that points at a byte column, from 1.
    pub fn at(reason: Reason, column: usize) -> Self {
        Reject {
            reason,
            column: column.min(u32::MAX as usize) as u32,
        }
    }
}
