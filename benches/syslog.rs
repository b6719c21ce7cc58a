//! Speed of the syslog format, in bytes of log a second on one core: lines of a YAMAHA router as
//! rsyslog writes them to a file, and lines of a Linux server.

use bumpalo::Bump;
use divan::Bencher;
use divan::counter::BytesCount;

use yomawari::diagnostic::Complaints;
use yomawari::event::{Civil, Event, Zone};
use yomawari::format::{Parser, Settings, named};

fn main() {
    divan::main();
}

const ROUTER: &[&str] = &[
    "Nov 16 08:30:05 rtx1220 [INSPECT] LAN2[out][101098] TCP 192.168.1.73:54791 > 203.0.113.13:443 (2026/11/16 08:28:57)",
    "Nov 16 08:30:06 rtx1220 PP[01] Rejected at IN(2000) filter: TCP 198.51.100.23:50122 > 203.0.113.1:445",
    "Nov 16 08:30:06 rtx1220 [INSPECT] LAN2[out][101098] UDP 192.168.1.14:61231 > 203.0.113.53:53 (2026/11/16 08:29:31)",
    "Nov 16 08:30:07 rtx1220 [DHCPD] LAN1(port4) Allocates 192.168.182.4: 38:56:10:c6:f3:39",
    "Nov 16 08:30:09 rtx1220 [INSPECT] LAN2[out][101099] TCP 192.168.1.20:49320 > 198.51.100.80:80 (2026/11/16 08:29:40)",
    "Nov 16 08:30:11 rtx1220 SSHD login failed, 192.0.2.66",
    "Nov 16 08:30:12 rtx1220 PP[01] Rejected at IN(2000) filter: UDP 198.51.100.99:5060 > 203.0.113.1:5060",
    "Nov 16 08:30:13 rtx1220 [INSPECT] LAN2[out][101098] TCP 192.168.1.73:54802 > 203.0.113.77:443 (2026/11/16 08:28:59)",
    "Nov 16 08:30:15 rtx1220 Login succeeded for HTTP: 192.168.182.200 admin",
    "Nov 16 08:30:16 rtx1220 [INSPECT] LAN2[out][101098] TCP 192.168.1.31:60211 > 203.0.113.40:443 (2026/11/16 08:29:02)",
];

const SERVER: &[&str] = &[
    "Nov 16 08:30:05 karte01 sshd[16378]: Failed password for invalid user admin from 192.0.2.9 port 50273 ssh2",
    "Nov 16 08:30:05 karte01 sshd[16378]: Connection closed by invalid user admin 192.0.2.9 port 50273 [preauth]",
    "Nov 16 08:30:06 karte01 CRON[2211]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)",
    "Nov 16 08:30:08 karte01 systemd[1]: Started Daily apt download activities, which nobody asks about.",
    "Nov 16 08:30:09 karte01 sudo:     taro : TTY=pts/0 ; PWD=/home/taro ; USER=root ; COMMAND=/usr/bin/less /var/log/auth.log",
    "Nov 16 08:30:11 karte01 kernel: [12345.678] [UFW BLOCK] IN=eth0 OUT= MAC=00:11:22:33:44:55:66:77:88:99:aa:bb:08:00 SRC=192.0.2.9 DST=10.0.0.5 LEN=40 TTL=242 ID=54321 PROTO=TCP SPT=44321 DPT=22 SYN URGP=0",
];

fn parser() -> Box<dyn Parser> {
    let zone = Zone::tokyo();
    let civil = Civil {
        year: 2026,
        month: 11,
        day: 17,
        hour: 12,
        minute: 0,
        second: 0,
        nanos: 0,
    };
    let reference = zone.resolve(&civil).expect("noon exists");
    let settings = Settings {
        zone,
        reference,
        year: None,
        section: None,
    };
    let format = named("syslog").expect("the format is in the table");
    format
        .parser(ROUTER[0], &settings, &mut Complaints::new())
        .expect("it has no settings to be wrong")
}

fn read_all(bencher: Bencher<'_, '_>, lines: &[&str]) {
    let lines: Vec<&str> = lines.iter().cycle().take(10_000).copied().collect();
    let bytes: usize = lines.iter().map(|line| line.len() + 1).sum();
    let parser = parser();
    bencher.counter(BytesCount::new(bytes)).bench(|| {
        let arena = Bump::with_capacity(1 << 20);
        let mut event = Event::new(&arena);
        let mut sum = 0;
        for &line in &lines {
            event.begin(line);
            let parsed = parser.parse(line, &mut event, &mut |event| {
                sum += event.time().map_or(0, |time| time.nanos & 1);
            });
            divan::black_box(parsed.is_ok());
        }
        sum
    });
}

#[divan::bench]
fn router_lines(bencher: Bencher<'_, '_>) {
    read_all(bencher, ROUTER);
}

#[divan::bench]
fn server_lines(bencher: Bencher<'_, '_>) {
    read_all(bencher, SERVER);
}
