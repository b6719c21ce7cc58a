//! Work A: what an rsyslog file holds where a YAMAHA RTX router and a Linux server report to it.
//!
//! Lines have no year and no zone (RFC 3164); the RTX sends no tag, so that two blanks follow its
//! address.

use std::io;

use crate::day::{Date, ROUTER, Spread};
use crate::hospital::{self, Planted, STRANGERS, TERMINALS};
use crate::out::{Out, clock, number};
use crate::random::Random;

/// Lines on a day.
const DAILY: u64 = 500_000;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const ROUTER_NAME: &[u8] = b" 10.20.0.1  ";
const SERVER_NAME: &[u8] = b" gw01 sshd[";

/// A line that was planted: when, what, and which count it ends.
struct Case {
    second: u32,
    text: String,
    ends: Option<fn(&mut Planted) -> &mut u32>,
}

struct Lines {
    random: Random,
    terminals: Vec<(Vec<u8>, Vec<u8>)>,
    date: Date,
    stamp: Vec<u8>,
}

pub fn write(out: &mut Out, seed: u64) -> io::Result<Planted> {
    let terminal = |number| {
        let (_, ip, mac) = hospital::terminal(number);
        let mac = mac.to_lowercase().replace('-', ":");
        (ip.into_bytes(), mac.into_bytes())
    };
    let mut lines = Lines {
        random: Random::new(seed),
        terminals: (0..TERMINALS + STRANGERS).map(terminal).collect(),
        date: Date::first(),
        stamp: Vec::new(),
    };
    let mut planted = Planted::default();
    loop {
        planted.days += 1;
        if !lines.day(out, &mut planted)? {
            return Ok(planted);
        }
        lines.date = lines.date.next();
    }
}

impl Lines {
    /// Writes a day; false when the file is full.
    fn day(&mut self, out: &mut Out, planted: &mut Planted) -> io::Result<bool> {
        let month = MONTHS[(self.date.month - 1) as usize];
        self.stamp = format!("{month} {:>2} ", self.date.day).into_bytes();
        let cases = self.plant();
        let mut cases = cases.into_iter().peekable();
        let mut spread = Spread::new(&ROUTER, DAILY);
        for second in 0..86_400 {
            while let Some(case) = cases.next_if(|c| c.second <= second) {
                self.begin(out.row(), case.second);
                out.row().extend_from_slice(case.text.as_bytes());
                out.row().push(b'\n');
                if let Some(counter) = case.ends {
                    *counter(planted) += 1;
                }
                if !out.end_row()? {
                    return Ok(false);
                }
            }
            for _ in 0..spread.in_second(second) {
                self.begin(out.row(), second);
                self.ordinary(out.row(), second);
                out.row().push(b'\n');
                if !out.end_row()? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    fn begin(&self, row: &mut Vec<u8>, second: u32) {
        row.extend_from_slice(&self.stamp);
        clock(row, second);
    }

    fn ordinary(&mut self, row: &mut Vec<u8>, second: u32) {
        match self.random.below(1_000) {
            0..620 => self.session(row, second),
            620..850 => self.reject(row),
            850..930 => self.lease(row),
            930..985 => self.shell(row),
            985..992 => {
                row.extend_from_slice(ROUTER_NAME);
                row.extend_from_slice(b"[IKE] respond IPsec phase to 198.51.100.");
                number(row, u64::from(self.random.between(1, 20)), 1);
            }
            992..996 => {
                row.extend_from_slice(ROUTER_NAME);
                row.extend_from_slice(b"SSHD login failed, ");
                self.foreign(row);
            }
            _ => {
                row.extend_from_slice(ROUTER_NAME);
                row.extend_from_slice(b"LAN1: PORT");
                number(row, u64::from(self.random.between(1, 8)), 1);
                row.extend_from_slice(b" link up (1000BASE-T Full Duplex)");
            }
        }
    }

    /// A session the inspector closes: the larger part of such a log.
    fn session(&mut self, row: &mut Vec<u8>, second: u32) {
        row.extend_from_slice(ROUTER_NAME);
        row.extend_from_slice(b"[INSPECT] LAN2[out][101098] ");
        let (protocol, port): (&[u8], u64) = match self.random.below(10) {
            0..6 => (b"TCP ", 443),
            6..8 => (b"UDP ", 443),
            8 => (b"UDP ", 53),
            _ => (b"TCP ", 80),
        };
        row.extend_from_slice(protocol);
        let terminal = self.random.below(TERMINALS) as usize;
        row.extend_from_slice(&self.terminals[terminal].0);
        self.port(row);
        row.extend_from_slice(b" > ");
        self.foreign(row);
        row.push(b':');
        number(row, port, 1);
        row.extend_from_slice(b" (");
        number(row, self.date.year as u64, 4);
        row.push(b'/');
        number(row, u64::from(self.date.month), 2);
        row.push(b'/');
        number(row, u64::from(self.date.day), 2);
        row.push(b' ');
        let begun = second.saturating_sub(self.random.below(300));
        clock(row, begun);
        row.push(b')');
    }

    fn reject(&mut self, row: &mut Vec<u8>) {
        row.extend_from_slice(ROUTER_NAME);
        row.extend_from_slice(b"PP[01] Rejected at IN(2000) filter: TCP ");
        self.foreign(row);
        self.port(row);
        row.extend_from_slice(b" > 198.51.100.7:");
        let port = [22, 23, 445, 3389, 5060, 8080, 1433, 6379][self.random.below(8) as usize];
        number(row, port, 1);
    }

    fn lease(&mut self, row: &mut Vec<u8>) {
        row.extend_from_slice(ROUTER_NAME);
        row.extend_from_slice(b"[DHCPD] LAN1(port");
        number(row, u64::from(self.random.between(1, 8)), 1);
        let verb: &[u8] = match self.random.below(3) {
            0 => b") Allocates ",
            _ => b") Extends ",
        };
        row.extend_from_slice(verb);
        let (ip, mac) = &self.terminals[self.random.below(TERMINALS) as usize];
        row.extend_from_slice(ip);
        row.extend_from_slice(b": ");
        row.extend_from_slice(mac);
    }

    /// A program of the house that copies files, and the noise of the Internet.
    fn shell(&mut self, row: &mut Vec<u8>) {
        row.extend_from_slice(SERVER_NAME);
        number(row, u64::from(self.random.between(1_000, 60_000)), 1);
        match self.random.below(20) {
            0 => {
                row.extend_from_slice(b"]: Failed password for invalid user ");
                let user: &[u8] =
                    [&b"admin"[..], b"test", b"oracle", b"ubuntu"][self.random.below(4) as usize];
                row.extend_from_slice(user);
                row.extend_from_slice(b" from ");
                self.foreign(row);
            }
            1..11 => {
                row.extend_from_slice(b"]: Connection closed by ");
                self.foreign(row);
            }
            _ => {
                row.extend_from_slice(b"]: Received disconnect from ");
                self.foreign(row);
            }
        }
        row.extend_from_slice(b" port ");
        number(row, u64::from(self.random.between(1_024, 65_535)), 1);
        row.extend_from_slice(b" ssh2");
    }

    /// An address of the Internet (from the range for benchmarks, RFC 2544): 131,072 of them, so
    /// that the noise rarely comes from one twice in a minute.
    fn foreign(&mut self, row: &mut Vec<u8>) {
        let bits = self.random.next();
        row.extend_from_slice(if bits & 1 == 0 {
            b"198.18."
        } else {
            b"198.19."
        });
        number(row, bits >> 8 & 255, 1);
        row.push(b'.');
        number(row, bits >> 16 & 255, 1);
    }

    fn port(&mut self, row: &mut Vec<u8>) {
        row.push(b':');
        number(row, u64::from(self.random.between(1_024, 65_535)), 1);
    }

    /// The day's cases in order of time.
    fn plant(&mut self) -> Vec<Case> {
        let mut plan = Vec::new();
        for _ in 0..self.random.between(3, 7) {
            let count = self.random.between(5, 12);
            self.failures(&mut plan, count, 60 / (count - 1), |p| &mut p.bursts);
        }
        for _ in 0..self.random.between(1, 2) {
            self.failures(&mut plan, 4, 20, |p| &mut p.near_misses);
            self.failures(&mut plan, 5, 16, |p| &mut p.near_misses);
        }
        self.logins(&mut plan);
        for _ in 0..self.random.between(0, 2) {
            let (ip, mac) = &self.terminals[(TERMINALS + self.random.below(STRANGERS)) as usize];
            let (ip, mac) = (String::from_utf8_lossy(ip), String::from_utf8_lossy(mac));
            plan.push(Case {
                second: self.random.between(8 * 3_600, 17 * 3_600),
                text: format!(" 10.20.0.1  [DHCPD] LAN1(port7) Allocates {ip}: {mac}"),
                ends: Some(|p| &mut p.strangers),
            });
        }
        plan.sort_by_key(|case| case.second);
        plan
    }

    /// So many refused logins from one address, so many seconds apart, at the router or the
    /// server.
    fn failures(
        &mut self,
        plan: &mut Vec<Case>,
        count: u32,
        gap: u32,
        counter: fn(&mut Planted) -> &mut u32,
    ) {
        let from = format!("203.0.113.{}", self.random.between(1, 254));
        let begin = self.random.below(86_400 - 100);
        let router = self.random.below(2) == 0;
        for i in 0..count {
            let port = self.random.between(1_024, 65_535);
            let text = match router {
                true => format!(" 10.20.0.1  SSHD login failed, {from}"),
                false => format!(
                    " gw01 sshd[{}]: Failed password for root from {from} port {port} ssh2",
                    2_000 + i
                ),
            };
            plan.push(Case {
                second: begin + i * gap,
                text,
                ends: (i + 1 == count).then_some(counter),
            });
        }
    }

    /// The administrator by day, and now and then at night.
    fn logins(&mut self, plan: &mut Vec<Case>) {
        let mut visit = |second, ends| {
            for (text, after, ends) in [
                ("Login succeeded for SSH: 10.20.0.5 admin", 0, None),
                (
                    "'administrator' succeeded for SSH: 10.20.0.5 admin",
                    4,
                    None,
                ),
                ("Logout from SSH: 10.20.0.5 admin", 240, ends),
            ] {
                plan.push(Case {
                    second: second + after,
                    text: format!(" 10.20.0.1  {text}"),
                    ends,
                });
            }
        };
        if self.date.is_open() {
            visit(self.random.between(9 * 3_600, 16 * 3_600), None);
        }
        if self.date.number % 3 == 1 {
            visit(self.random.below(5 * 3_600), Some(|p| &mut p.off_hours));
        }
    }
}
