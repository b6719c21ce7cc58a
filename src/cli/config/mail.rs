//! `mail`: how the weekly report is sent, and to whom.
//!
//! Takes the map under the key; gives it checked and all complaints. Never opens a file, looks a
//! host up or contacts anything, and never holds a password: that stands elsewhere.

use std::path::{Path, PathBuf};

use lettre::message::Mailbox;

use crate::cli::value::Mistake;
use crate::diagnostic::{Complaints, Place, Problem, Text};
use crate::yaml::{Node, Value};

use super::Named;
use super::address::is_host;
use super::keys::{entries, one_of, text, texts, word, wrong_kind};

const KEYS: &[&str] = &[
    "server",
    "port",
    "tls",
    "ca",
    "user",
    "password_file",
    "password_env",
    "from",
    "to",
    "names",
];
/// Most recipients: a report on accesses is for a few.
const MOST_RECIPIENTS: usize = 50;

/// How the report is sent by mail.
#[derive(Clone, Debug, PartialEq)]
pub struct Mail {
    /// Name or address of the server.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the way there is protected.
    pub tls: Tls,
    /// A file of certificates that are trusted besides those of the system.
    pub ca: Option<Named>,
    /// Who logs in; `None`: nobody.
    pub login: Option<Login>,
    /// The sender.
    pub from: Mailbox,
    /// The recipients, in the order written.
    pub to: Vec<Mailbox>,
    /// True when names of persons are sent too.
    pub names: bool,
    /// Where it stands.
    pub place: Place,
}

/// How the way to the server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// The connection begins in the clear and is then encrypted, or nothing is sent (RFC 3207).
    Starttls,
    /// The connection is encrypted from its beginning (RFC 8314).
    Whole,
    /// Nothing is encrypted.
    None,
}

impl Tls {
    /// The usual port.
    const fn port(self) -> u16 {
        match self {
            Tls::Starttls => 587,
            Tls::Whole => 465,
            Tls::None => 25,
        }
    }
}

/// Who logs in at the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub user: String,
    /// Where the password is.
    pub password: PasswordPlace,
}

/// Where a password is kept: never in the config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PasswordPlace {
    /// In a file of its own.
    File(PathBuf),
    /// In a variable of the environment.
    Variable(String),
}

/// Reads the map.
pub(super) fn read(node: &Node, folder: &Path, complaints: &mut Complaints) -> Option<Mail> {
    if node.as_map().is_none() {
        complaints.push(wrong_kind(node, "mail", "{ server: …, from: …, to: […] }"));
        return None;
    }
    let (known, had_password) = without_password(node, complaints);
    let all = entries(&known, "mail", KEYS, complaints);
    let find = |key: &str| {
        let found = all.iter().find(|(k, _)| k.text == key);
        found.map(|(_, value)| *value)
    };
    for (key, form) in [
        ("server", "smtp.example.jp"),
        ("from", "yomawari@example.jp"),
        ("to", "[officer@example.jp]"),
    ] {
        if find(key).is_none() {
            complaints.push(lacks(node, key, form));
        }
    }
    let server = find("server").and_then(|node| word(node, "mail.server", server, complaints));
    let tls = find("tls").and_then(|node| word(node, "mail.tls", tls, complaints));
    let tls = tls.unwrap_or(Tls::Starttls);
    let port = find("port").map(|node| port(node, complaints));
    let from = find("from").and_then(|node| word(node, "mail.from", mailbox, complaints));
    let to = find("to").map(|node| recipients(node, complaints));
    let ca = find("ca").and_then(|node| {
        let path = folder.join(text(node, "mail.ca", complaints)?);
        let place = node.place.clone();
        Some(Named { path, place })
    });
    let names = find("names").is_some_and(|node| yes_or_no(node, complaints));
    let login = match had_password {
        true => None,
        false => login(node, folder, &find, complaints),
    };
    let server = server?;
    if let (Some(_), Tls::None, false) = (&login, tls, is_here(&server)) {
        complaints.push(password_in_the_clear().at(node.place.clone()));
    }
    Some(Mail {
        server,
        port: port.unwrap_or(Some(tls.port()))?,
        tls,
        ca,
        login,
        from: from?,
        to: to?,
        names,
        place: node.place.clone(),
    })
}

/// The map without a password that stands in it, which is complained about and not shown; and
/// whether there was one.
fn without_password(node: &Node, complaints: &mut Complaints) -> (Node, bool) {
    let mut node = node.clone();
    let mut had_one = false;
    if let Value::Map(all) = &mut node.value {
        all.retain(|(key, _)| {
            let is_password = key.text == "password";
            had_one |= is_password;
            if is_password {
                complaints.push(password_here().at(key.place.clone()));
            }
            !is_password
        });
    }
    (node, had_one)
}

fn login<'n>(
    node: &Node,
    folder: &Path,
    find: &dyn Fn(&str) -> Option<&'n Node>,
    complaints: &mut Complaints,
) -> Option<Login> {
    let user = find("user").and_then(|node| text(node, "mail.user", complaints));
    let file = find("password_file").and_then(|n| text(n, "mail.password_file", complaints));
    let variable = find("password_env").and_then(|n| text(n, "mail.password_env", complaints));
    let password = match (file, variable) {
        (Some(_), Some(_)) => {
            complaints.push(
                Problem::error(
                    "mail has both password_file and password_env",
                    "mail に password_file と password_env の両方があります",
                )
                .at(node.place.clone())
                .help("leave one of them out", "どちらか一方だけにしてください"),
            );
            return None;
        }
        (Some(file), None) => Some(PasswordPlace::File(folder.join(file))),
        (None, Some(variable)) => Some(PasswordPlace::Variable(variable)),
        (None, None) => None,
    };
    match (user, password) {
        (Some(user), Some(password)) => Some(Login { user, password }),
        (Some(_), None) => {
            complaints.push(lacks(node, "password_file", "mail-password"));
            None
        }
        (None, Some(_)) => {
            complaints.push(lacks(node, "user", "yomawari"));
            None
        }
        (None, None) => None,
    }
}

/// True for a server on this computer.
fn is_here(server: &str) -> bool {
    let address = server.parse::<std::net::IpAddr>();
    address.map_or(server == "localhost", |address| address.is_loopback())
}

fn server(text: &str) -> Result<String, Mistake> {
    let is_address = text.parse::<std::net::IpAddr>().is_ok();
    match is_address || is_host(text) {
        true => Ok(text.to_owned()),
        false => Err(Mistake(Text::new(
            format!(
                "\"{text}\" is no server: write its name alone, such as smtp.example.jp; the port stands under port"
            ),
            format!(
                "「{text}」はサーバ名として読めません。smtp.example.jp のように名前だけを書き、ポートは port に書いてください"
            ),
        ))),
    }
}

fn tls(text: &str) -> Result<Tls, Mistake> {
    let words = ["starttls", "tls", "none"];
    one_of(text, &words).map(|at| [Tls::Starttls, Tls::Whole, Tls::None][at])
}

fn port(node: &Node, complaints: &mut Complaints) -> Option<u16> {
    let number = node.as_i64().and_then(|n| u16::try_from(n).ok());
    let number = number.filter(|port| *port > 0);
    if number.is_none() {
        complaints.push(
            Problem::error(
                "mail.port: expected a whole number from 1 to 65535",
                "mail.port: 1〜65535 の整数で書いてください",
            )
            .at(node.place.clone()),
        );
    }
    number
}

fn mailbox(text: &str) -> Result<Mailbox, Mistake> {
    let is_clean = !text.chars().any(char::is_control);
    let found = is_clean.then(|| text.parse::<Mailbox>().ok()).flatten();
    found.ok_or_else(|| {
        Mistake(Text::new(
            format!(
                "\"{text}\" is no mail address: write officer@example.jp or 佐藤 <officer@example.jp>"
            ),
            format!(
                "「{text}」はメールアドレスとして読めません。officer@example.jp か 佐藤 <officer@example.jp> のように書いてください"
            ),
        ))
    })
}

fn recipients(node: &Node, complaints: &mut Complaints) -> Vec<Mailbox> {
    let mut found: Vec<Mailbox> = Vec::new();
    let written = texts(node, "mail.to", complaints);
    if written.is_empty() && node.as_seq().is_some_and(|items| items.is_empty()) {
        complaints.push(lacks(node, "to", "[officer@example.jp]"));
    }
    if written.len() > MOST_RECIPIENTS {
        complaints.push(
            Problem::error(
                format!("mail.to: more than {MOST_RECIPIENTS} recipients"),
                format!("mail.to: 宛先は{MOST_RECIPIENTS}件までです"),
            )
            .at(node.place.clone())
            .help(
                "send it to a list that the mail server keeps",
                "メールサーバ側のメーリングリスト宛てにしてください",
            ),
        );
    }
    for (text, place) in written {
        match mailbox(&text) {
            // An address that is written twice gets the report once.
            Ok(one) if found.iter().any(|known| known.email == one.email) => {}
            Ok(one) => found.push(one),
            Err(Mistake(message)) => complaints.push(
                Problem::error(
                    format!("mail.to: {}", message.en),
                    format!("mail.to: {}", message.ja),
                )
                .at(place),
            ),
        }
    }
    found
}

fn yes_or_no(node: &Node, complaints: &mut Complaints) -> bool {
    node.as_bool().unwrap_or_else(|| {
        complaints.push(
            Problem::error(
                "mail.names: expected true or false",
                "mail.names: true か false で書いてください",
            )
            .at(node.place.clone()),
        );
        false
    })
}

fn lacks(node: &Node, key: &str, form: &str) -> Problem {
    Problem::error(
        format!("mail without {key}"),
        format!("mail に {key} がありません"),
    )
    .at(node.place.clone())
    .help(
        format!("write {key}: {form}"),
        format!("{key}: {form} のように書いてください"),
    )
}

fn password_here() -> Problem {
    Problem::error(
        "a password stands in the config",
        "設定ファイルにパスワードが書かれています",
    )
    .help(
        "put it alone into a file that only you can read, and write password_file: FILE (or \
         password_env: VARIABLE); take it out here, and change it if others have read it",
        "本人だけが読めるファイルにパスワードだけを書き、password_file: ファイル名（または \
         password_env: 変数名）としてください。ここからは消し、見られたおそれがあれば変更してください",
    )
}

fn password_in_the_clear() -> Problem {
    Problem::error(
        "mail would send a password over the network in the clear",
        "mail の設定では、パスワードが暗号化されずにネットワークを流れます",
    )
    .help(
        "write tls: starttls or tls: tls",
        "tls: starttls か tls: tls にしてください",
    )
}
