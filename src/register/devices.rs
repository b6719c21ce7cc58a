//! The register of devices: is this terminal one of ours?
//!
//! Takes rows with a hardware address, an address or a name; gives the row that fits what a log
//! tells. Never believes a weaker identifier where a stronger one contradicts it.

use std::net::IpAddr;

use crate::diagnostic::{Complaints, Problem};
use crate::event::Zone;
use crate::text::{self, fold_key, fold_width};

use super::columns::{self, Column, Layout, Needs};
use super::entry::Entry;
use super::index::{ALWAYS, Index, Key, Row};
use super::mac::{is_impossible, is_randomised, mac};
use super::{Device, Known, RegisterFile};

pub(super) const LAYOUT: Layout = Layout {
    columns: &[
        Column {
            name: "mac",
            ja: "macアドレス",
            also: &[
                "macaddress",
                "macaddr",
                "物理アドレス",
                "ハードウェアアドレス",
                "ethernetアドレス",
            ],
        },
        Column {
            name: "ip",
            ja: "ipアドレス",
            also: &[
                "ipaddress",
                "ipaddr",
                "ipv4",
                "ipv4アドレス",
                "ipv6",
                "ipv6アドレス",
            ],
        },
        Column {
            name: "name",
            ja: "端末名",
            also: &[
                "hostname",
                "host",
                "computername",
                "device",
                "devicename",
                "terminal",
                "機器名",
                "機器名称",
                "端末名称",
                "ホスト名",
                "コンピュータ名",
                "コンピューター名",
                "pc名",
                "装置名",
                "名称",
            ],
        },
        Column {
            name: "department",
            ja: "部署",
            also: &[
                "dept",
                "ward",
                "location",
                "部門",
                "所属",
                "診療科",
                "病棟",
                "設置場所",
                "設置部署",
                "場所",
            ],
        },
        Column {
            name: "owner",
            ja: "管理者",
            also: &[
                "responsible",
                "管理責任者",
                "責任者",
                "使用者",
                "利用者",
                "所有者",
                "担当者",
            ],
        },
        Column {
            name: "valid_from",
            ja: "有効開始日",
            also: &[
                "from",
                "registered",
                "installed",
                "開始日",
                "登録日",
                "導入日",
                "設置日",
                "利用開始日",
                "使用開始日",
            ],
        },
        Column {
            name: "valid_until",
            ja: "有効終了日",
            also: &[
                "until",
                "to",
                "removed",
                "retired",
                "終了日",
                "廃止日",
                "廃棄日",
                "撤去日",
                "利用終了日",
                "使用終了日",
                "有効期限",
            ],
        },
        Column {
            name: "os",
            ja: "os名",
            also: &["operatingsystem", "基本ソフト", "オペレーティングシステム"],
        },
        Column {
            name: "version",
            ja: "バージョン",
            also: &[
                "osversion",
                "firmware",
                "版",
                "osバージョン",
                "ファームウェア",
            ],
        },
        Column {
            name: "support_until",
            ja: "サポート期限",
            also: &[
                "supportend",
                "endofsupport",
                "eos",
                "サポート終了日",
                "保守期限",
                "サポート終了",
            ],
        },
        Column {
            name: "vendor",
            ja: "ベンダー",
            also: &[
                "maker",
                "manufacturer",
                "メーカー",
                "製造元",
                "業者",
                "業者名",
                "保守業者",
                "製造販売業者",
            ],
        },
        Column {
            name: "remote_maintenance",
            ja: "リモート保守",
            also: &[
                "remote",
                "遠隔保守",
                "リモートメンテナンス",
                "リモートメンテナンスの有無",
                "リモート保守の有無",
                "遠隔保守の有無",
            ],
        },
    ],
    needs: Needs::Any(&["mac", "ip", "name"]),
};

/// The rows and the three ways to find them.
#[derive(Debug)]
pub(super) struct Devices {
    rows: Vec<Device>,
    by_mac: Index<Device>,
    by_ip: Index<Device>,
    by_name: Index<Device>,
}

impl Row for Device {
    fn span(&self) -> std::ops::Range<i64> {
        self.valid.clone().unwrap_or(ALWAYS)
    }
}

fn mac_of(device: &Device) -> Option<Key<'_>> {
    (!device.mac.is_empty()).then_some(Key::Text(&device.mac))
}

fn ip_of(device: &Device) -> Option<Key<'_>> {
    device.ip.map(Key::Ip)
}

fn name_of(device: &Device) -> Option<Key<'_>> {
    (!device.name.is_empty()).then_some(Key::Text(&device.name))
}

impl Default for Devices {
    fn default() -> Self {
        Devices::new(Vec::new())
    }
}

impl Devices {
    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    fn new(rows: Vec<Device>) -> Self {
        Devices {
            by_mac: Index::new(&rows, mac_of),
            by_ip: Index::new(&rows, ip_of),
            by_name: Index::new(&rows, name_of),
            rows,
        }
    }

    /// These devices and those of another file.
    pub(super) fn and(self, file: &RegisterFile<'_>, zone: Zone, out: &mut Complaints) -> Self {
        let mut rows = self.rows;
        let old = rows.len();
        columns::read(file, &LAYOUT, zone, out, &mut |entry, complaints| {
            rows.extend(device(entry, complaints));
        });
        let devices = Devices::new(rows);
        for (index, what) in [
            (&devices.by_mac, ("hardware address", "MACアドレス")),
            (&devices.by_ip, ("address", "IPアドレス")),
            (&devices.by_name, ("name", "端末名")),
        ] {
            super::complain_doubles(index, &devices.rows[..], old, what, out);
        }
        devices
    }

    /// All rows, in the order of the files.
    pub(super) fn all(&self) -> &[Device] {
        &self.rows
    }

    /// The device with any of these, valid at an instant.
    ///
    /// The strongest identifier that both the log and a row have decides: hardware address, then
    /// address, then name. So a registered address used by hardware that the register does not
    /// list is unknown if the address's row names other hardware, and known if that row names
    /// none. A row found and not valid at the time is given with [`Known::No`].
    pub(super) fn find(&self, mac_text: &str, ip: &str, name: &str, nanos: i64) -> Known<'_> {
        let hardware = match mac_text {
            "" => None,
            written => mac(written),
        };
        if let Some(hardware) = &hardware {
            let key = Key::Text(text::mac_text(hardware));
            match self.by_mac.look(&self.rows, key, nanos) {
                Some((device, true)) => return Known::Yes(device),
                Some((device, false)) => return Known::No(Some(device)),
                None => {}
            }
        }
        let asked = Asked {
            hardware,
            address: parse_ip(ip),
        };
        let found = self.by_address(&asked, nanos);
        match found.or_else(|| self.by_name(name, &asked, nanos)) {
            Some((device, true)) => Known::Yes(device),
            Some((device, false)) => Known::No(Some(device)),
            None if asked.hardware.is_some_and(|h| is_randomised(&h)) => Known::Randomised,
            None => Known::No(None),
        }
    }

    fn by_address(&self, asked: &Asked, nanos: i64) -> Option<(&Device, bool)> {
        let key = Key::Ip(asked.address?);
        let found = self.by_ip.look(&self.rows, key, nanos);
        found.filter(|(device, _)| asked.hardware_agrees(device))
    }

    fn by_name(&self, name: &str, asked: &Asked, nanos: i64) -> Option<(&Device, bool)> {
        if name.is_empty() || self.by_name.is_empty() {
            return None;
        }
        let found = with_folded(name, |name| {
            self.by_name.look(&self.rows, Key::Text(name), nanos)
        });
        found.filter(|(device, _)| asked.hardware_agrees(device) && asked.address_agrees(device))
    }
}

/// The strong identifiers a log gives.
struct Asked {
    hardware: Option<[u8; 17]>,
    address: Option<IpAddr>,
}

impl Asked {
    /// True unless both sides name hardware. It is asked once the hardware of the log was not
    /// found, so that a row that names any names another.
    fn hardware_agrees(&self, device: &Device) -> bool {
        self.hardware.is_none() || device.mac.is_empty()
    }

    fn address_agrees(&self, device: &Device) -> bool {
        self.address.is_none() || device.ip.is_none() || self.address == device.ip
    }
}

fn parse_ip(text: &str) -> Option<IpAddr> {
    if text.is_empty() {
        return None;
    }
    text.parse().ok().map(|ip: IpAddr| ip.to_canonical())
}

/// Calls `look` with the folded name; ordinary host names are folded without allocating.
fn with_folded<T>(name: &str, look: impl FnOnce(&str) -> T) -> T {
    let mut buffer = [0; 64];
    let trimmed = name.trim();
    if let Some(short) = buffer
        .get_mut(..trimmed.len())
        .filter(|_| trimmed.is_ascii())
    {
        short.copy_from_slice(trimmed.as_bytes());
        short.make_ascii_lowercase();
        if let Ok(folded) = std::str::from_utf8(short) {
            return look(folded);
        }
    }
    look(&fold_key(name))
}

fn device(entry: &Entry<'_>, complaints: &mut Complaints) -> Option<Device> {
    let named = ["mac", "ip", "name"]
        .iter()
        .any(|n| !entry.text(n).is_empty());
    if !named {
        entry.complain_nameless(complaints);
        return None;
    }
    let mac = entry.parsed("mac", complaints, read_mac);
    if let Some(mac) = mac.as_ref().filter(|m| is_randomised(m)) {
        let _ = entry.parsed("mac", complaints, |_| {
            Err::<(), _>(randomised(text::mac_text(mac)))
        });
    }
    let valid = entry.days("valid_from", "valid_until", complaints);
    let support = entry.day("support_until", complaints);
    let device = Device {
        at: Some(entry.place()),
        mac: mac.as_ref().map_or("", text::mac_text).to_owned(),
        ip: entry.parsed("ip", complaints, read_ip).flatten(),
        name: entry.folded("name"),
        department: entry.text("department"),
        valid,
        owner: entry.text("owner"),
        os: entry.text("os"),
        version: entry.text("version"),
        support_until: support.map(|day| day.end),
        vendor: entry.text("vendor"),
        remote_maintenance: entry.text("remote_maintenance"),
    };
    let found = !device.mac.is_empty() || device.ip.is_some() || !device.name.is_empty();
    found.then_some(device)
}

fn read_mac(text: &str) -> Result<[u8; 17], Problem> {
    let help = (
        "write six pairs of hexadecimal digits: 00-11-22-33-44-55",
        "16進数 2 桁を 6 組、00-11-22-33-44-55 のように書いてください",
    );
    let Some(mac) = mac(text) else {
        return Err(Problem::error(
            "this is no hardware (MAC) address",
            "MACアドレスとして読めません",
        )
        .help(help.0, help.1));
    };
    if is_impossible(&mac) {
        return Err(Problem::error(
            "no device can have this hardware address (it addresses a group, or nobody)",
            "端末が持つことのない MACアドレス（宛先専用または全て 0）です",
        )
        .help(help.0, help.1));
    }
    Ok(mac)
}

fn randomised(mac: &str) -> Problem {
    Problem::warning(
        format!("{mac} is a randomised hardware address, which the device will change"),
        format!("{mac} は端末が変えていくランダム MACアドレスです"),
    )
    .help(
        "switch off the private address for this network on the device, and register its own",
        "端末側でこのネットワークの「プライベートアドレス」を切り、本来の値を登録してください",
    )
}

/// An address; `None` where the cell says that it is given out by DHCP.
fn read_ip(text: &str) -> Result<Option<IpAddr>, Problem> {
    let folded = fold_width(text);
    let lower = folded.trim().to_lowercase();
    if ["dhcp", "自動", "自動取得", "動的"].contains(&lower.as_str()) {
        return Ok(None);
    }
    let parsed: Result<IpAddr, _> = folded.trim().parse();
    parsed.map(|ip| Some(ip.to_canonical())).map_err(|_| {
        Problem::error("this is no IP address", "IPアドレスとして読めません").help(
            "write one address such as 10.20.3.41 without a prefix length, or \"dhcp\"",
            "10.20.3.41 のように一つだけ書くか、自動割当なら DHCP と書いてください",
        )
    })
}
