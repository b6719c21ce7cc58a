//! Guards the command line as its users meet it: what stands on stdout and stderr, in which form,
//! and how the program ends. One house in a temporary folder for each test.

mod alerts;
mod commands;
mod failures;
#[path = "../folder/mod.rs"]
mod folder;
mod inputs;

use std::io::Write as _;

use folder::{House, Ran};

const HEADINGS: &str = "日時,利用者ID,利用者名,端末名,IPアドレス,操作,患者ID,結果";

/// An export in which account n7 opens charts at night and fails nine times to log in.
fn export() -> String {
    let mut rows = vec![HEADINGS.to_owned()];
    for i in 0..12 {
        rows.push(format!(
            "2026-11-16 02:{i:02}:07,n7,夜間花子,pc3,10.20.1.3,カルテ参照,p{i},成功"
        ));
    }
    for i in 0..9 {
        rows.push(format!(
            "2026-11-16 10:00:{i:02},n8,日中太郎,pc4,10.20.1.4,ログイン,,失敗"
        ));
    }
    rows.join("\r\n") + "\r\n"
}

fn house() -> House {
    House::new().with("ehr.csv", export())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).expect("memory is writable");
    out.finish().expect("memory is writable")
}

/// The alerts of stdout.
fn alerts(ran: &Ran) -> Vec<serde_json::Value> {
    let read = |line: &str| serde_json::from_str(line).expect("each line is an object");
    ran.out.lines().map(read).collect()
}

/// What the alerts say, without where it stands.
fn said(ran: &Ran) -> Vec<String> {
    alerts(ran)
        .iter()
        .map(|a| format!("{} {}", a["id"], a["summary"]["ja"]))
        .collect()
}

fn syslog() -> String {
    "Nov 16 02:03:04 rtx sshd[1]: Failed password for root from 203.0.113.9 port 22 ssh2\n"
        .to_owned()
}

fn rows(count: usize) -> String {
    let row = |i: usize| format!("2026-11-16 12:00:00,n1,a,pc1,10.0.0.1,印刷,p{i},成功\r\n");
    (0..count).map(row).collect()
}
