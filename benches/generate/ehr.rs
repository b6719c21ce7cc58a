//! Work B: the access log of a records system, as it exports it: CSV with Japanese headings.

use std::io;

use crate::hospital::{
    self, Access, Act, DEPARTMENT_NAMES, PATIENTS, Planted, STAFF, STRANGERS, TERMINALS,
};
use crate::out::{Out, clock};

/// Rows on a day on which the clinics are open.
const WEEKDAY: u64 = 1_000_000;

const HEADINGS: &str =
    "日時,利用者ID,利用者名,職種,部署,端末名,IPアドレス,MACアドレス,操作,患者ID,機能,結果\r\n";

/// The parts of a row that never change, ready to be copied.
struct Parts {
    staff: Vec<Vec<u8>>,
    terminals: Vec<Vec<u8>>,
    patients: Vec<Vec<u8>>,
}

pub fn write(out: &mut Out, seed: u64) -> io::Result<Planted> {
    let parts = Parts::new();
    out.row().extend_from_slice(HEADINGS.as_bytes());
    let mut day: (u32, Vec<u8>) = (u32::MAX, Vec::new());
    hospital::live(seed, WEEKDAY, |date, access| {
        if day.0 != date.number {
            let text = format!("{}/{:02}/{:02} ", date.year, date.month, date.day);
            day = (date.number, text.into_bytes());
        }
        let row = out.row();
        row.extend_from_slice(&day.1);
        parts.append(row, access);
        out.end_row()
    })
}

impl Parts {
    fn new() -> Parts {
        let person = |staff| {
            let department = DEPARTMENT_NAMES[hospital::department_of(staff) as usize];
            let (account, name) = (hospital::account_of(staff), hospital::name_of(staff));
            let role = hospital::role_of(staff).1;
            format!(",{account},{name},{role},{department},").into_bytes()
        };
        let terminal = |number| {
            let (name, ip, mac) = hospital::terminal(number);
            format!("{name},{ip},{mac},").into_bytes()
        };
        Parts {
            staff: (0..STAFF).map(person).collect(),
            terminals: (0..TERMINALS + STRANGERS).map(terminal).collect(),
            patients: (0..PATIENTS)
                .map(|p| hospital::patient_id(p).into_bytes())
                .collect(),
        }
    }

    #[inline]
    fn append(&self, row: &mut Vec<u8>, access: &Access) {
        clock(row, access.second);
        row.extend_from_slice(&self.staff[access.staff as usize]);
        row.extend_from_slice(&self.terminals[access.terminal as usize]);
        let (action, function) = match access.act {
            Act::Login => ("ログイン,", ",認証,"),
            Act::Logout => ("ログアウト,", ",認証,"),
            Act::Search => ("患者検索,", ",患者一覧,"),
            Act::View => ("カルテ参照,", ",カルテ,"),
            Act::Edit => ("カルテ記載,", ",カルテ,"),
            Act::Order => ("処方,", ",オーダー,"),
            Act::Print => ("印刷,", ",帳票,"),
        };
        row.extend_from_slice(action.as_bytes());
        if let Some(patient) = access.patient {
            row.extend_from_slice(&self.patients[patient as usize]);
        }
        row.extend_from_slice(function.as_bytes());
        let outcome = if access.failed {
            "失敗\r\n"
        } else {
            "成功\r\n"
        };
        row.extend_from_slice(outcome.as_bytes());
    }
}
