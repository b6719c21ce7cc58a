//! Facts about the room as a whole: files in, lookups and complaints out.

use proptest::prelude::*;

use crate::diagnostic::{Lang, Severity};
use crate::event::{Civil, Zone};

use super::columns::tests::check_layout;
use super::workbook::tests::{row, workbook};
use super::*;

type Read = fn(&mut Registers, &RegisterFile<'_>, &mut Complaints);

fn read(name: &str, bytes: &[u8], read: Read) -> (Registers, Vec<String>) {
    let mut registers = Registers::new(Zone::tokyo());
    let mut complaints = Complaints::new();
    read(
        &mut registers,
        &RegisterFile { name, bytes },
        &mut complaints,
    );
    let said = complaints.sorted();
    let said = said.iter().map(|p| p.render(Lang::En)).collect();
    (registers, said)
}

fn devices(text: &str) -> (Registers, Vec<String>) {
    read("devices.csv", text.as_bytes(), Registers::read_devices)
}

/// An instant of the Tokyo clock.
fn at(month: u32, day: u32, hour: u32) -> i64 {
    let civil = Civil {
        year: 2026,
        month,
        day,
        hour,
        minute: 0,
        second: 0,
        nanos: 0,
    };
    Zone::tokyo().resolve(&civil).unwrap().nanos
}

fn shown(known: Known<'_>) -> String {
    match known {
        Known::Yes(device) => device.name.clone(),
        Known::Randomised => "randomised".to_owned(),
        Known::No(Some(device)) => format!("no longer {}", device.name),
        Known::No(None) => "no".to_owned(),
    }
}

#[test]
fn headings_mean_one_column_each() {
    check_layout(&devices::LAYOUT);
    check_layout(&people::STAFF);
    check_layout(&people::ACCOUNTS);
    check_layout(&people::PATIENTS);
    check_layout(&declarations::LAYOUT);
}

#[test]
fn any_identifier_finds_a_device_and_the_strongest_decides() {
    let (registers, complaints) = devices(
        "mac,ip,name,department\n\
         00:a0:de:00:00:01,10.20.0.1,OPD-PC1,外来\n\
         ,10.20.0.2,OPD-PC2,外来\n\
         ,,WARD-PC3,病棟\n\
         00a0.de00.0004,,,\n",
    );
    assert_eq!(complaints, [""; 0]);
    let find = |mac, ip, name| shown(registers.device(mac, ip, name, 0));
    assert_eq!(find("00-A0-DE-00-00-01", "10.99.0.9", "other"), "opd-pc1");
    assert_eq!(find("", "10.20.0.1", ""), "opd-pc1");
    assert_eq!(find("", "::ffff:10.20.0.1", ""), "opd-pc1");
    assert_eq!(find("", "", " opd-pc1"), "opd-pc1");
    // The hardware decides when both sides name it, and the address before the name.
    assert_eq!(find("00-A0-DE-00-00-99", "10.20.0.1", ""), "no");
    assert_eq!(
        find("DA-A0-DE-00-00-99", "10.20.0.1", "OPD-PC1"),
        "randomised"
    );
    assert_eq!(find("", "10.20.0.77", "OPD-PC1"), "no");
    // Rows without hardware leave the decision to what they have.
    assert_eq!(find("00-A0-DE-00-00-99", "10.20.0.2", ""), "opd-pc2");
    assert_eq!(find("", "10.20.0.77", "ward-pc3"), "ward-pc3");
    assert_eq!(find("00:A0:DE:00:00:04", "", ""), "");
    assert_eq!(find("", "", ""), "no");
    assert_eq!(find("garbage", "garbage", "garbage"), "no");
    assert!(registers.has_devices());
    assert!(!Registers::default().has_devices());
}

#[test]
fn what_a_house_has_is_told() {
    let mut registers = Registers::default();
    assert!(!registers.has_patients() && !registers.has_declarations());
    assert!(!registers.has_network("guest"));
    let mut complaints = Complaints::new();
    let nodes = crate::yaml::read("y", "guest: 192.168.50.0/24", &mut complaints);
    registers.set_networks(&nodes[0], &mut complaints);
    let file = |bytes| RegisterFile {
        name: "r.csv",
        bytes,
    };
    registers.read_patients(&file(b"id,restricted\n7,yes\n"), &mut complaints);
    registers.read_declarations(&file(b"kind,from,to\n"), &mut complaints);
    assert!(!complaints.has_errors(), "{complaints:?}");
    assert!(registers.has_patients());
    assert!(registers.has_network("guest") && !registers.has_network("clinical"));
    // An empty list of declarations says that nothing is declared.
    assert!(registers.has_declarations());
    assert!(registers.declared("n1", "", 0).is_empty());
    assert!(registers.has_restricted() && !registers.has_deceased());
    assert!(!registers.has_staff_patients() && !registers.has_password_days());
    registers.read_patients(&file(b"id,deceased_on\n8,2026-11-01\n"), &mut complaints);
    assert!(registers.has_deceased() && !registers.has_staff_patients());
    registers.read_staff(&file(b"id,patient_id\nn1,\n"), &mut complaints);
    assert!(!registers.has_staff_patients());
    registers.read_staff(&file(b"id,patient_id\nn2,9\n"), &mut complaints);
    registers.read_accounts(
        &file(b"id,password_changed\nn1,2026-11-01\n"),
        &mut complaints,
    );
    assert!(registers.has_staff_patients() && registers.has_password_days());
}

#[test]
fn validity_is_whole_days_in_the_zone_of_the_site() {
    let (registers, complaints) = devices(
        "端末名,IPアドレス,有効開始日,有効終了日\n\
         old,10.0.0.1,2026/4/1,令和8年10月31日\n\
         new,10.0.0.1,R8.11.1,\n",
    );
    assert_eq!(complaints, [""; 0]);
    let find = |nanos| shown(registers.device("", "10.0.0.1", "", nanos));
    assert_eq!(find(at(4, 1, 0) - 1), "no longer new");
    assert_eq!(find(at(4, 1, 0)), "old");
    assert_eq!(find(at(11, 1, 0) - 1), "old");
    assert_eq!(find(at(11, 1, 0)), "new");
    assert_eq!(find(i64::MAX - 1), "new");
}

#[test]
fn all_mistakes_are_named_at_once_with_their_places() {
    let (registers, complaints) = devices(
        "mac,ip,name,colour,departmant\n\
         00:11:22:33:44,10.20.0.1,PC1\n\
         ,10.20.0.300,PC2\n\
         ,,\n\
         ,,,red,外来\n\
         01:00:5e:00:00:01,,PC3\n\
         0e:00:5e:00:00:01,dhcp,PC4\n\
         ,,pc1\n",
    );
    let heads: Vec<&str> = complaints.iter().filter_map(|c| c.lines().next()).collect();
    assert_eq!(
        heads,
        [
            "devices.csv:1:13: warning: this heading is not known; the column is not read",
            "devices.csv:1:20: warning: this heading is not known; the column is not read",
            "devices.csv:2:1: error: this is no hardware (MAC) address",
            "devices.csv:3:2: error: this is no IP address",
            "devices.csv:5: error: the row identifies nothing: mac, ip, name is needed",
            "devices.csv:6:1: error: no device can have this hardware address (it addresses a group, or nobody)",
            "devices.csv:7:1: warning: 0E-00-5E-00-00-01 is a randomised hardware address, which the device will change",
            "devices.csv:8:3: error: the same name stands at devices.csv:2:1 too, valid at the same time",
        ]
    );
    assert!(complaints[1].contains("if \"department\" is meant"));
    assert_eq!(shown(registers.device("", "", "PC4", 0)), "pc4");
}

#[test]
fn bad_dates_and_orders_are_named() {
    let (_, complaints) = devices(
        "name,valid_from,valid_until\n\
         a,2026-02-30,\n\
         b,2026-04-02,2026-04-01\n\
         c,11/1/2026,26/11/1\n",
    );
    let heads: Vec<&str> = complaints.iter().filter_map(|c| c.lines().next()).collect();
    assert_eq!(
        heads,
        [
            "devices.csv:2:3: error: this is no date",
            "devices.csv:3:14: error: this end does not come after the beginning, 2026-04-02",
            "devices.csv:4:3: error: this is no date",
            "devices.csv:4:13: error: this is no date",
        ]
    );
    assert!(complaints[0].contains("| 2026-02-30"));
}

#[test]
fn headings_are_found_below_a_title_and_doubles_refused() {
    let (registers, complaints) =
        devices("端末台帳,,\n令和8年度,,\n\nMAC アドレス（有線）,端末名\n00a0de000001,PC1\n");
    assert_eq!(complaints, [""; 0]);
    assert_eq!(
        shown(registers.device("00-A0-DE-00-00-01", "", "", 0)),
        "pc1"
    );
    let (_, complaints) =
        devices("MACアドレス(有線),MACアドレス(無線),端末名\n00a0de000001,,PC1\n");
    assert!(complaints[0].starts_with("devices.csv:1:13: error: two columns hold the same thing"));
    let (_, complaints) = devices("部署,管理者\n外来,佐藤\n");
    assert!(complaints[0].starts_with("devices.csv:1: error: none of the headings needed"));
    let (_, complaints) = devices("00:a0:de:00:00:01,10.0.0.1\n");
    assert!(complaints[0].starts_with("devices.csv:1: error: no row of headings"));
    let (_, complaints) = devices("");
    assert!(complaints[0].starts_with("devices.csv: error: the table is empty"));
}

#[test]
fn cp932_and_xlsx_say_the_same_as_utf8() {
    let text = "端末名,IPアドレス,部署,有効開始日\n①外来,10.20.0.1,髙橋内科,2026/11/1\n";
    let (cp932, _, broken) = encoding_rs::SHIFT_JIS.encode(text);
    assert!(!broken);
    let sheet = workbook(
        &(row(1, &["端末名", "IPアドレス", "部署", "有効開始日"])
            + &row(2, &["①外来", "10.20.0.1", "髙橋内科", "@46327"])),
    );
    let number = workbook(
        &(row(1, &["端末名", "IPアドレス", "部署", "有効開始日"])
            + &row(2, &["①外来", "10.20.0.1", "髙橋内科", "=46327"])),
    );
    for bytes in [text.as_bytes(), &cp932, &sheet, &number] {
        let (registers, complaints) = read("d", bytes, Registers::read_devices);
        assert_eq!(complaints, [""; 0]);
        let Known::Yes(device) = registers.device("", "10.20.0.1", "", at(11, 1, 0)) else {
            panic!("the device is registered");
        };
        assert_eq!(device.department, "髙橋内科");
        assert_eq!(device.valid, Some(at(11, 1, 0)..i64::MAX));
    }
}

#[test]
fn a_mistake_in_a_sheet_names_row_and_column() {
    let sheet = workbook(&(row(2, &["", "id", "restricted"]) + &row(4, &["", "=429", "maybe"])));
    let (registers, complaints) = read("p.xlsx", &sheet, Registers::read_patients);
    assert!(
        complaints[0].starts_with("p.xlsx:4:2: warning: the patient number is kept as a number")
    );
    assert!(complaints[1].starts_with("p.xlsx:4:3: error: this is neither yes nor no"));
    assert!(registers.patient("429").is_some());
}

#[test]
fn people_are_found_by_id_and_time() {
    let (registers, complaints) = read(
        "accounts.csv",
        "利用者ID,種別,職員番号,有効開始日,有効終了日\n\
         N1023,個人,1023,2026-04-01,2026-06-30\n\
         n1023,共用,,2026-07-01,\n\
         maint,保守業者,,,\n\
         btg,緊急,,,\n\
         x1,,,,\n"
            .as_bytes(),
        Registers::read_accounts,
    );
    assert_eq!(complaints, [""; 0]);
    let kind = |id| registers.account(id).map(|a| a.kind.as_str());
    assert_eq!(kind("n1023"), Some("shared"));
    assert_eq!(kind("maint"), Some("vendor"));
    assert_eq!(kind("btg"), Some("break-glass"));
    assert_eq!(kind("x1"), Some("person"));
    assert_eq!(kind("nobody"), None);
    let then = registers.account_at("n1023", at(6, 30, 23)).unwrap();
    assert_eq!(
        (then.kind.as_str(), then.owner.as_str()),
        ("person", "1023")
    );
    let before = registers.account_at("n1023", at(1, 1, 0)).unwrap();
    assert_eq!(before.kind, "shared");

    let (registers, complaints) = read(
        "staff.csv",
        "職員番号,氏名,部署,職種,採用日,退職日,患者番号\n\
         1023,佐藤 花子,3東,看護師,2020/4/1,2026/3/31,00000429\n"
            .as_bytes(),
        Registers::read_staff,
    );
    assert_eq!(complaints, [""; 0]);
    let staff = registers.staff("1023").unwrap();
    assert_eq!(
        (staff.name.as_str(), staff.patient_id.as_str()),
        ("佐藤 花子", "00000429")
    );
    assert_eq!(staff.employed.clone().unwrap().end, at(4, 1, 0));
}

#[test]
fn patients_keep_their_zeros() {
    let (registers, complaints) = read(
        "patients.csv",
        "患者番号,閲覧制限,職員番号,死亡日\n\
         ００００４２９,○,,\n\
         =\"0000430\",なし,1023,R8.11.1\n\
         0000430,,,\n"
            .as_bytes(),
        Registers::read_patients,
    );
    assert_eq!(complaints.len(), 1);
    assert!(complaints[0].starts_with(
        "patients.csv:4:1: error: the same patient number stands at patients.csv:3:1 too"
    ));
    assert!(registers.patient("0000429").unwrap().restricted);
    let patient = registers.patient("0000430").unwrap();
    assert!(registers.patient("429").is_none());
    assert_eq!(patient.id, "0000430");
}

#[test]
fn unknown_kinds_are_answered_with_the_nearest() {
    let (_, complaints) = read(
        "accounts.csv",
        b"id,kind\na,shard\nb,whatever\n",
        Registers::read_accounts,
    );
    assert!(complaints[0].starts_with("accounts.csv:2:3: error: this kind is not known"));
    assert!(complaints[0].contains("is \"shared\" meant?"));
    assert!(complaints[1].contains("known kinds are person, shared"));
}

#[test]
fn declarations_cover_persons_places_or_everybody() {
    let (mut registers, complaints) = read(
        "届出.csv",
        "種別,開始,終了,対象者,場所,承認者,届出日時\n\
         残業,2026-11-16 18:00,2026-11-16 22:00,N1023,外来,部長,2026-11-16\n\
         保守,2026/11/17,2026/11/17,,サーバ室,,\n\
         訓練,2026-11-16 20:00,2026-11-16 21:00,,,,\n\
         緊急,2026-11-18 24:00,2026-11-18 26:30,1023,,,\n"
            .as_bytes(),
        Registers::read_declarations,
    );
    assert_eq!(complaints, [""; 0]);
    let accounts = RegisterFile {
        name: "accounts.csv",
        bytes: b"id,owner\nn9,1023\n",
    };
    registers.read_accounts(&accounts, &mut Complaints::new());
    let kind = |who, place, nanos| {
        registers
            .declared(who, place, nanos)
            .first()
            .map(|d| d.kind.as_str())
    };
    assert_eq!(kind("n1023", "3東", at(11, 16, 18)), Some("overtime"));
    assert_eq!(kind("n1023", "3東", at(11, 16, 20)), Some("overtime"));
    assert_eq!(kind("n2", "外来", at(11, 16, 20)), Some("drill"));
    assert_eq!(kind("n2", "外来", at(11, 16, 18)), None);
    assert_eq!(kind("n1023", "", at(11, 16, 22)), None);
    assert_eq!(kind("", "サーバ室", at(11, 17, 0)), Some("maintenance"));
    assert_eq!(kind("", "サーバ室", at(11, 18, 0) - 1), Some("maintenance"));
    assert_eq!(kind("", "サーバ室", at(11, 18, 0)), None);
    assert_eq!(kind("n9", "", at(11, 19, 2)), Some("emergency"));
    let first = registers.declared("n1023", "", at(11, 16, 18))[0];
    assert_eq!(
        (first.approved_by.as_str(), first.filed),
        ("部長", Some(at(11, 16, 0)))
    );
}

#[test]
fn a_declaration_must_say_what_and_when() {
    let (_, complaints) = read(
        "d.csv",
        b"kind,from,to,who\nparty,2026-11-16,,n1\novertime,2026-11-16 22:00,2026-11-16 18:00,\n",
        Registers::read_declarations,
    );
    assert_eq!(complaints.len(), 3, "{complaints:?}");
    assert!(complaints[2].contains("this end does not come after the beginning"));
    let (_, complaints) = read("d.csv", b"kind,from\n", Registers::read_declarations);
    assert!(complaints[0].starts_with("d.csv:1: error: not all of the headings needed here"));
}

#[test]
fn a_second_file_adds_to_the_first() {
    let (mut registers, _) = devices("name\na\nb\nb\n");
    let mut complaints = Complaints::new();
    let more = RegisterFile {
        name: "more.csv",
        bytes: b"name\nc\na\n",
    };
    registers.read_devices(&more, &mut complaints);
    let said = complaints.sorted();
    assert_eq!(
        said.len(),
        1,
        "doubles of the first file are not told again"
    );
    assert_eq!(said[0].place.as_ref().unwrap().to_string(), "more.csv:3:1");
    assert!(said[0].message.en.contains("devices.csv:2:1"));
    assert_eq!(shown(registers.device("", "", "c", 0)), "c");
}

#[test]
fn a_wholly_wrong_file_does_not_flood() {
    let text = format!("mac\n{}", "nonsense\n".repeat(1_000));
    let (_, complaints) = devices(&text);
    assert_eq!(complaints.len(), 201);
    assert!(
        complaints[200]
            .contains("devices.csv:202: error: 800 more rows from here on have mistakes")
    );
}

proptest! {
    #[test]
    fn arbitrary_tables_never_panic(
        text in "(mac|ip|name|id|kind|from|to|[,\"\n年月0-9:.-]){0,60}",
        bytes: Vec<u8>,
    ) {
        for bytes in [text.as_bytes(), &bytes] {
            let reads: [Read; 5] = [
                Registers::read_devices,
                Registers::read_staff,
                Registers::read_accounts,
                Registers::read_patients,
                Registers::read_declarations,
            ];
            for way in reads {
                let (registers, _) = read("t", bytes, way);
                registers.device(&text, &text, &text, 0);
                registers.declared(&text, &text, 0);
            }
        }
    }

    /// The lookup by hashes equals a walk over the rows, word for word as documented.
    #[test]
    fn finding_a_device_equals_a_walk(
        rows in proptest::collection::vec((0..4u8, 0..4u8, 0..4u8), 0..8),
        (mac_no, ip_no, name_no) in (0..5u8, 0..5u8, 0..5u8),
    ) {
        let text = |kind: &str, no: u8| match (kind, no) {
            (_, 0) => String::new(),
            ("mac", no) => format!("00-A0-DE-00-00-0{no}"),
            ("ip", no) => format!("10.0.0.{no}"),
            (_, no) => format!("pc{no}"),
        };
        let mut csv = String::from("mac,ip,name\n");
        for (m, i, n) in &rows {
            csv += &format!("{},{},{}\n", text("mac", *m), text("ip", *i), text("name", *n));
        }
        let (registers, _) = devices(&csv);
        let found = registers.device(&text("mac", mac_no), &text("ip", ip_no), &text("name", name_no), 0);
        let named: Vec<_> = rows.iter().filter(|r| **r != (0, 0, 0)).collect();
        let decides = |log: u8, row: u8| log == 0 || row == 0 || log == row;
        let by_mac = named.iter().find(|r| mac_no != 0 && r.0 == mac_no);
        let by_ip = named.iter().find(|r| ip_no != 0 && r.1 == ip_no);
        let by_ip = by_ip.filter(|r| decides(mac_no, r.0));
        let by_name = named.iter().find(|r| name_no != 0 && r.2 == name_no);
        let by_name = by_name.filter(|r| decides(mac_no, r.0) && decides(ip_no, r.1));
        let walked = by_mac.or(by_ip).or(by_name);
        let Some((m, i, n)) = walked.copied() else {
            prop_assert_eq!(found, Known::No(None));
            return Ok(());
        };
        let Known::Yes(device) = found else {
            return Err(TestCaseError::fail("walked to a row that was not found"));
        };
        prop_assert_eq!(&device.mac, &text("mac", *m));
        prop_assert_eq!(device.ip, text("ip", *i).parse().ok());
        prop_assert_eq!(&device.name, &text("name", *n));
        prop_assert_eq!(device.at.as_ref().map(|p| p.file.clone()), Some("devices.csv".into()));
    }
}

#[test]
fn every_complaint_is_lower_case_without_a_full_stop_in_both_languages() {
    let mut registers = Registers::default();
    let mut complaints = Complaints::new();
    for bytes in [
        &b"mac,ip,mac,zzz\nx,y,,\n,,,1\n"[..],
        b"",
        b"\xd0\xcf\x11\xe0",
        b"PK\x03\x04",
        b"\x81\x20\xff",
        b"name,valid_from,valid_until\na,x,\nb,2026-02-02,2026-01-01\n",
    ] {
        registers.read_devices(&RegisterFile { name: "t", bytes }, &mut complaints);
    }
    for problem in complaints.sorted() {
        let help = problem
            .help
            .clone()
            .expect("every complaint says what to do");
        for text in [&problem.message, &help] {
            assert!(!text.en.ends_with('.') && !text.ja.ends_with('。'));
            assert!(!text.ja.is_empty() && !text.ja.is_ascii());
        }
        assert!(problem.severity == Severity::Error || problem.message.en.contains("heading"));
    }
}
