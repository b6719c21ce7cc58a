//! Logs to be fed bit by bit, the same on every machine.

/// A small generator of numbers that are the same for a seed.
pub struct Random(pub u64);

impl Random {
    /// A number below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// A failed login at so many seconds after nine o'clock on 2026-11-16.
pub fn failure(seconds: u64, account: &str, address: &str) -> String {
    line(
        seconds,
        &format!("Failed password for {account} from {address} port 4022 ssh2"),
    )
}

/// Five failed logins in a second of a day, as most devices write the time: without a year.
pub fn yearless_burst(day: &str, time: &str, address: &str) -> String {
    let line = |number| {
        format!(
            "{day} {time} gw01 sshd[210{number}]: Failed password for n1 from {address} port 4022 \
             ssh2\n"
        )
    };
    (0..5).map(line).collect()
}

/// A login that succeeded.
pub fn success(seconds: u64, account: &str, address: &str) -> String {
    line(
        seconds,
        &format!("Accepted password for {account} from {address} port 4022 ssh2"),
    )
}

fn line(seconds: u64, said: &str) -> String {
    let hours = 9 + seconds / 3_600;
    let (day, hour) = (16 + hours / 24, hours % 24);
    let (minute, second) = (seconds / 60 % 60, seconds % 60);
    format!("2026-11-{day}T{hour:02}:{minute:02}:{second:02}+09:00 karte01 sshd[2101]: {said}\n")
}

/// So many lines of logins over some hours: bursts, sprays and ordinary days, now and then a line
/// that comes late.
pub fn logins(seed: u64, lines: u64) -> Vec<String> {
    let mut random = Random(seed);
    let mut clock = 0;
    let mut all = Vec::new();
    for _ in 0..lines {
        clock += match random.below(10) {
            0 => random.below(120),
            1..5 => random.below(4),
            _ => 0,
        };
        let address = format!("203.0.113.{}", random.below(6));
        let account = format!("n{}", random.below(9));
        let late = match random.below(12) {
            0 => random.below(40),
            _ => 0,
        };
        let at = clock.saturating_sub(late);
        all.push(match random.below(5) {
            0 => success(at, &account, &address),
            _ => failure(at, &account, &address),
        });
    }
    all
}
