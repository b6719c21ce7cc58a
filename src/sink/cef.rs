//! Alerts in ArcSight's Common Event Format, version 0, inside a syslog message.
//!
//! Takes an alert, for whom it is written and the name of this machine; gives one line of at most
//! [`LARGEST`] bytes in which nothing acts. Never sends it.

use std::fmt::Write as _;
use std::net::IpAddr;

use crate::alert::{Alert, Level};
use crate::event::NANOS;
use crate::store::State;
use crate::text::{mac, one_line, shorten};

use super::Reader;
use super::syslog::{LARGEST, fit, header};

/// Characters of a value: the first number by which the message is not too long is taken. The
/// format allows 1023 for a sentence.
const VALUES: [usize; 4] = [1023, 240, 60, 15];
/// Nanoseconds of a millisecond.
const MILLI: i64 = NANOS / 1_000;

/// The message, without a frame of a transport. It carries no structured data and no byte order
/// mark, which readers of the format do not look for.
pub fn message((alert, state): (&Alert, Option<State>), reader: &Reader, host: &str) -> String {
    let envelope = header(alert, reader, host) + "- ";
    let all = VALUES
        .iter()
        .map(|limit| body((alert, state), reader, *limit));
    let room = LARGEST - envelope.len();
    let shortest = body((alert, state), reader, 1);
    let body = all.into_iter().find(|body| body.len() <= room);
    fit(envelope + &body.unwrap_or(shortest), LARGEST)
}

fn body((alert, state): (&Alert, Option<State>), reader: &Reader, limit: usize) -> String {
    let rule = &alert.rule;
    let head = [
        "CEF:0".to_owned(),
        "Yomawari".to_owned(),
        "Yomawari".to_owned(),
        env!("CARGO_PKG_VERSION").to_owned(),
        heading(&rule.name, limit),
        heading(&rule.title, limit),
        severity(rule.level).to_string(),
    ];
    let mut out = head.join("|");
    for (at, (name, value)) in extension((alert, state), reader).iter().enumerate() {
        let between = if at == 0 { '|' } else { ' ' };
        let _ = write!(out, "{between}{name}={}", escaped(value, limit));
    }
    out
}

/// From 0 to 10: 0–3 low, 4–6 medium, 7–8 high, 9–10 very high.
const fn severity(level: Level) -> u8 {
    match level {
        Level::Informational => 1,
        Level::Low => 3,
        Level::Medium => 5,
        Level::High => 8,
        Level::Critical => 10,
    }
}

/// The pairs of the extension, in the order they are written.
fn extension(
    (alert, state): (&Alert, Option<State>),
    reader: &Reader,
) -> Vec<(&'static str, String)> {
    let millis = |nanos: i64| nanos.div_euclid(MILLI).to_string();
    let mut all = vec![
        ("externalId", alert.id.clone()),
        ("rt", millis(alert.end)),
        ("start", millis(alert.start)),
        ("end", millis(alert.end)),
        ("cnt", alert.count.to_string()),
        ("msg", alert.summary.get(reader.lang).to_owned()),
    ];
    all.extend(actors(alert));
    let labeled = |all: &mut Vec<_>, value: (&'static str, String), label: (&'static str, &str)| {
        if !value.1.is_empty() {
            all.push(value);
            all.push((label.0, label.1.to_owned()));
        }
    };
    let revision = alert.revision.to_string();
    labeled(&mut all, ("cn1", revision), ("cn1Label", "revision"));
    let rule = alert.rule.id.clone();
    labeled(&mut all, ("cs1", rule), ("cs1Label", "ruleId"));
    labeled(&mut all, ("cs2", key(alert)), ("cs2Label", "key"));
    labeled(&mut all, ("cs3", reasons(alert)), ("cs3Label", "reasons"));
    let clauses = alert.clauses.join(" ");
    labeled(&mut all, ("cs4", clauses), ("cs4Label", "clauses"));
    let evidence = evidence(alert);
    labeled(&mut all, ("cs5", evidence), ("cs5Label", "evidence"));
    let state = state.map_or("", State::name).to_owned();
    labeled(&mut all, ("cs6", state), ("cs6Label", "state"));
    all
}

/// Who and from where, by the fields of the key: each name of the format at most once.
fn actors(alert: &Alert) -> Vec<(&'static str, String)> {
    let mut all: Vec<(&'static str, String)> = Vec::new();
    let told = alert.key.iter();
    for (field, value) in told.filter_map(|(field, value)| Some((field, value.as_ref()?))) {
        for pair in actor(field, value) {
            if all.iter().all(|known| known.0 != pair.0) {
                all.push(pair);
            }
        }
    }
    all
}

fn actor(field: &str, value: &str) -> Vec<(&'static str, String)> {
    let own = |name| vec![(name, value.to_owned())];
    match field {
        "user.account" | "user.name" | "user.id" => own("suser"),
        "source.ip" | "client.ip" | "source.terminal" | "source.mac" | "client.mac"
        | "source.domain" => match value.parse() {
            // `src` is for addresses of version 4 alone.
            Ok(IpAddr::V4(_)) => own("src"),
            Ok(IpAddr::V6(_)) => vec![
                ("c6a2", value.to_owned()),
                ("c6a2Label", "Source IPv6 Address".to_owned()),
            ],
            Err(_) if mac(value).is_some() => own("smac"),
            Err(_) => own("shost"),
        },
        "destination.ip" => match value.parse() {
            Ok(IpAddr::V4(_)) => own("dst"),
            Ok(IpAddr::V6(_)) => vec![
                ("c6a3", value.to_owned()),
                ("c6a3Label", "Destination IPv6 Address".to_owned()),
            ],
            Err(_) => Vec::new(),
        },
        "host.name" | "observer.name" => own("dvchost"),
        _ => Vec::new(),
    }
}

fn key(alert: &Alert) -> String {
    let told = alert.key.iter();
    let told = told.map(|(field, value)| format!("{field}:{}", value.as_deref().unwrap_or("-")));
    told.collect::<Vec<_>>().join(" ")
}

fn reasons(alert: &Alert) -> String {
    let told = alert.reasons.iter().map(|reason| {
        let parts = [&reason.value, &reason.because, &reason.at];
        let parts = parts.into_iter().filter(|part| !part.is_empty());
        let parts: Vec<&str> = parts.map(String::as_str).collect();
        format!("{}:{}", reason.field, parts.join(" "))
    });
    told.collect::<Vec<_>>().join("; ")
}

/// The first record and how many there are.
fn evidence(alert: &Alert) -> String {
    alert.evidence.first().map_or_else(String::new, |first| {
        let (path, line) = (&first.path, first.line);
        format!("{path}:{line} ({})", alert.evidence_total)
    })
}

/// A value of the header: the backslash and the bar are escaped.
fn heading(text: &str, limit: usize) -> String {
    escape(&shorten(&one_line(text), limit), '|')
}

/// A value of the extension: the backslash, the sign of equality and line breaks are escaped.
fn escaped(text: &str, limit: usize) -> String {
    let text = text.replace("\r\n", "\n");
    let lines = shorten(&text, limit);
    let lines = lines.split(['\n', '\r']);
    let lines: Vec<String> = lines.map(|line| escape(&one_line(line), '=')).collect();
    lines.join("\\n")
}

fn escape(text: &str, sign: char) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c == '\\' || c == sign {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::samples;
    use super::*;
    use crate::diagnostic::Lang;
    use crate::event::Zone;

    fn reader(lang: Lang) -> Reader {
        Reader {
            lang,
            zone: Zone::tokyo(),
        }
    }

    #[test]
    fn an_alert_is_one_line() {
        let told = message(
            (&samples::ordinary(), None),
            &reader(Lang::Ja),
            "gw.example",
        );
        samples::holds("alert-cef", &told);
    }

    #[test]
    fn hostile_text_breaks_out_of_nothing() {
        let mut alert = samples::hostile();
        alert.rule.title = "a|b\\c\n=d".to_owned();
        alert.summary.en.push_str(" x=y|z suser=root\\");
        let told = message((&alert, None), &reader(Lang::En), "-");
        samples::holds("alert-cef-hostile", &told);
    }

    #[test]
    fn addresses_stand_where_the_format_wants_them() {
        for (field, value, names) in [
            ("source.terminal", "10.20.1.5", &["src"][..]),
            ("source.terminal", "2001:db8::1", &["c6a2", "c6a2Label"]),
            ("source.terminal", "00:11:22:33:44:55", &["smac"]),
            ("source.terminal", "PC1", &["shost"]),
            ("destination.ip", "10.0.0.1", &["dst"]),
            ("destination.ip", "nowhere", &[]),
            ("user.account", "n7", &["suser"]),
            ("patient.id", "7", &[]),
        ] {
            let found: Vec<&str> = actor(field, value).iter().map(|pair| pair.0).collect();
            assert_eq!(found, names, "{field} {value}");
        }
    }

    proptest! {
        #[test]
        fn a_message_is_one_bounded_line(
            text in any::<String>(),
            times in 0usize..600,
            keys in 0usize..40,
        ) {
            let mut alert = samples::ordinary();
            let long = text.repeat(times);
            alert.key = vec![("user.account".to_owned(), Some(long.clone())); keys];
            alert.summary.en.clone_from(&long);
            alert.rule.name.clone_from(&long);
            alert.rule.title.clone_from(&long);
            alert.id.clone_from(&long);
            let told = message((&alert, None), &reader(Lang::En), &long);
            prop_assert!(told.len() <= LARGEST);
            prop_assert!(!told.chars().any(char::is_control));
            // Bars stand before the seven values and the extension, and nowhere else unescaped in
            // the header.
            prop_assert!(told.contains("- CEF:0|Yomawari|Yomawari|"));
        }
    }
}
