//! Where sinks are: addresses, and the headers of web requests.
//!
//! Takes the words under `to` and the map under `headers`; gives them checked. What may be a token
//! is never shown. Never looks a host up.

use std::fmt;
use std::path::PathBuf;

use crate::cli::value::Mistake;
use crate::diagnostic::{Complaints, Problem, Text};
use crate::yaml::Node;

use super::keys::{text, wrong_kind};

/// Port of syslog where none is named.
const SYSLOG_PORT: u16 = 514;
/// Headers that the request sets itself.
const OWN_HEADERS: &[&str] = &[
    "connection",
    "content-length",
    "content-type",
    "host",
    "idempotency-key",
    "transfer-encoding",
];

/// Where messages are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `host:port`, a datagram a message.
    Udp(String),
    /// `host:port`, a stream of counted messages.
    Tcp(String),
    /// A socket of this machine.
    Unix(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Udp(at) => write!(f, "udp://{at}"),
            Address::Tcp(at) => write!(f, "tcp://{at}"),
            Address::Unix(path) => write!(f, "unix://{}", path.display()),
        }
    }
}

/// A text that is never shown: a token in a header or in an address.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Reads the address of a receiver of messages.
pub(super) fn address(text: &str) -> Result<Address, Mistake> {
    let mistake = || {
        Mistake(Text::new(
            format!(
                "\"{text}\" is no address: write udp://HOST:PORT, tcp://HOST:PORT or unix:///dev/log"
            ),
            format!(
                "「{text}」は宛先として読めません。udp://ホスト:ポート、tcp://ホスト:ポート、unix:///dev/log のように書いてください"
            ),
        ))
    };
    let (scheme, rest) = text.split_once("://").ok_or_else(mistake)?;
    match scheme {
        "udp" => Ok(Address::Udp(with_port(rest).ok_or_else(mistake)?)),
        "tcp" => Ok(Address::Tcp(with_port(rest).ok_or_else(mistake)?)),
        "unix" if rest.starts_with('/') => Ok(Address::Unix(rest.into())),
        _ => Err(mistake()),
    }
}

/// `host:port`, with the port of syslog where none is written; an address of version 6 stands in
/// brackets.
fn with_port(text: &str) -> Option<String> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
        _ => (text, SYSLOG_PORT),
    };
    let inside = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let is_host = match inside {
        Some(inside) => inside.parse::<std::net::Ipv6Addr>().is_ok(),
        None => is_host(host),
    };
    (is_host && port > 0).then(|| format!("{host}:{port}"))
}

pub(super) fn is_host(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.len() <= 253 && text.chars().all(allowed)
}

/// A web address. It may hold a token, and is not shown in the complaint.
pub(super) fn url(text: &str) -> Result<Secret, Mistake> {
    let mistake = || {
        Mistake(Text::new(
            "this is no web address: write https://HOST/PATH, without a user in it",
            "Web のアドレスとして読めません。利用者名を含めずに https://ホスト/パス の形で書いてください",
        ))
    };
    let rest = text.strip_prefix("https://");
    let rest = rest.or(text.strip_prefix("http://")).ok_or_else(mistake)?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_clean = text.bytes().all(|b| b.is_ascii_graphic()) && !text.contains('#');
    match with_port(host) {
        Some(_) if is_clean => Ok(Secret(text.to_owned())),
        _ => Err(mistake()),
    }
}

/// True when requests leave this machine without encryption.
pub(super) fn is_in_the_clear(url: &Secret) -> bool {
    url.0.strip_prefix("http://").is_some_and(|rest| {
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        let host = match host.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => host,
            _ => host,
        };
        let address = host.trim_start_matches('[').trim_end_matches(']');
        let address = address.parse::<std::net::IpAddr>();
        host != "localhost" && !address.is_ok_and(|address| address.is_loopback())
    })
}

/// What is said about it.
pub(super) fn in_the_clear() -> Problem {
    Problem::warning(
        "sinks.to: alerts and headers go to this web server unencrypted",
        "sinks.to: この Web サーバーへはアラートとヘッダーが暗号化されずに送られます",
    )
    .help("write https://", "https:// にしてください")
}

/// More headers. Their values are never shown.
pub(super) fn headers(node: &Node, complaints: &mut Complaints) -> Vec<(String, Secret)> {
    let Some(all) = node.as_map() else {
        complaints.push(wrong_kind(
            node,
            "sinks.headers",
            "{ Authorization: \"Bearer …\" }",
        ));
        return Vec::new();
    };
    let mut found: Vec<(String, Secret)> = Vec::new();
    for (key, value) in all {
        let name = key.text.as_str();
        let what = format!("sinks.headers.{name}");
        let Some(value_text) = text(value, &what, complaints) else {
            continue;
        };
        let is_known = found.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
        if OWN_HEADERS.contains(&name.to_ascii_lowercase().as_str()) || is_known {
            complaints.push(taken_header(name).at(key.place.clone()));
        } else if !is_token(name) {
            complaints.push(no_header(name).at(key.place.clone()));
        } else if !value_text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
            complaints.push(no_value(&what).at(value.place.clone()));
        } else {
            found.push((name.to_owned(), Secret(value_text)));
        }
    }
    found
}

/// A token of RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(allowed)
}

fn taken_header(name: &str) -> Problem {
    Problem::error(
        format!("header {name} is set already"),
        format!("ヘッダー {name} は既に決まっています"),
    )
    .help("leave it out", "この行を消してください")
}

fn no_header(name: &str) -> Problem {
    Problem::error(
        "this is no name of a header",
        "ヘッダーの名前として使えません",
    )
    .found(name)
    .help(
        "write letters, digits and -, such as Authorization",
        "Authorization のように英数字と - で書いてください",
    )
}

fn no_value(what: &str) -> Problem {
    Problem::error(
        format!("{what}: found signs that a header cannot hold"),
        format!("{what}: ヘッダーに書けない文字があります"),
    )
    .help(
        "write printable ASCII on one line",
        "1行の ASCII 文字で書いてください",
    )
}
