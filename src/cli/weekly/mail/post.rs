//! The mail server: the way to it, and one message to one recipient.
//!
//! Takes a message and a recipient; gives whether the server took it, or what it said. Tries again
//! where that may help, and never shows the password.

use std::net::Ipv4Addr;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::message::Mailbox;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use super::super::super::config::{Mail, PasswordPlace, Tls};
use super::super::super::memory::Stop;
use super::super::super::{files, who};
use crate::diagnostic::Problem;
use crate::text::{one_line, shorten};

/// Longest wait for the server at one step.
const STEP: Duration = Duration::from_secs(20);
/// Pauses before a further try where another one may help.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];
/// Characters shown of what a server says.
const SAID: usize = 300;

/// Why a letter was not taken.
pub(super) enum Refusal {
    /// For one recipient.
    OfThis(String),
    /// The server cannot be used.
    OfAll(String),
}

/// A server and how to come to it.
pub(super) struct Post<'m> {
    mail: &'m Mail,
    tls: Option<TlsParameters>,
    password: Option<String>,
    hello: ClientId,
}

impl Post<'_> {
    pub(super) fn of(mail: &Mail) -> Result<Post<'_>, Stop> {
        let password = match &mail.login {
            Some(login) => Some(password(&login.password, mail)?),
            None => None,
        };
        let tls = match mail.tls {
            Tls::None => None,
            Tls::Starttls | Tls::Whole => Some(parameters(mail)?),
        };
        Ok(Post {
            mail,
            tls,
            password,
            hello: hello(),
        })
    }

    /// Brings a message to one recipient over the way that is open, else over a new one.
    pub(super) fn bring(
        &self,
        way: &mut Option<SmtpConnection>,
        whom: &Mailbox,
        message: &[u8],
    ) -> Result<(), Refusal> {
        let envelope = Envelope::new(Some(self.mail.from.email.clone()), vec![whom.email.clone()])
            .map_err(|error| Refusal::OfThis(error.to_string()))?;
        let mut pauses = PAUSES.iter();
        loop {
            let tried = match way.take().filter(|way| !way.has_broken()) {
                Some(open) => Ok(open),
                None => self.open().map_err(|error| (error, true)),
            };
            let tried = tried.and_then(|mut open| {
                let sent = open.send(&envelope, message);
                *way = Some(open);
                sent.map_err(|error| (error, false))
            });
            let Err((error, of_all)) = tried else {
                return Ok(());
            };
            if let Some(pause) = pauses.next().filter(|_| may_pass(&error)) {
                std::thread::sleep(*pause);
                continue;
            }
            let why = self.said(&error);
            return Err(match of_all {
                true => Refusal::OfAll(why),
                false => Refusal::OfThis(why),
            });
        }
    }

    /// A connection on which the server knows us.
    fn open(&self) -> Result<SmtpConnection, Error> {
        let whole = self.tls.as_ref().filter(|_| self.mail.tls == Tls::Whole);
        let to = (self.mail.server.as_str(), self.mail.port);
        let mut way = SmtpConnection::connect(to, Some(STEP), &self.hello, whole, None)?;
        if let (Some(tls), Tls::Starttls) = (&self.tls, self.mail.tls) {
            // A server that does not offer it is refused: nothing goes in the clear instead.
            way.starttls(tls, &self.hello)?;
        }
        if let (Some(login), Some(password)) = (&self.mail.login, &self.password) {
            let known = Credentials::new(login.user.clone(), password.clone());
            way.auth(&[Mechanism::Plain, Mechanism::Login], &known)?;
        }
        Ok(way)
    }

    /// What a server or the system said, on one line and without the password.
    fn said(&self, error: &Error) -> String {
        let (server, port) = (&self.mail.server, self.mail.port);
        let mut said = format!("{server}:{port}: {error}");
        if let Some(password) = &self.password {
            said = said.replace(password.as_str(), "…");
        }
        one_line(&shorten(&said, SAID)).into_owned()
    }
}

/// True where the same may go well a moment later: no answer, or one that says so (4xx).
fn may_pass(error: &Error) -> bool {
    error.status().is_none() && !error.is_tls() && !error.is_client() || error.is_transient()
}

/// The name by which this computer greets a server.
fn hello() -> ClientId {
    let host = who::host();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    match !host.is_empty() && host.chars().all(is_plain) {
        true => ClientId::Domain(host),
        false => ClientId::Ipv4(Ipv4Addr::LOCALHOST),
    }
}

fn parameters(mail: &Mail) -> Result<TlsParameters, Stop> {
    let mut builder = TlsParameters::builder(mail.server.clone());
    if let Some(ca) = &mail.ca {
        let bytes = std::fs::read(&ca.path).map_err(|error| {
            Stop::mistake(files::unreadable(&ca.path, &error).at(ca.place.clone()))
        })?;
        let trusted = Certificate::from_pem(&bytes).map_err(|_| bad_certificates(mail))?;
        builder = builder.add_root_certificate(trusted);
    }
    builder.build().map_err(|error| {
        let why = one_line(&error.to_string()).into_owned();
        Stop::mistake(
            Problem::error(
                format!("no encrypted way to the mail server can be made: {why}"),
                format!("メールサーバへの暗号化通信を準備できません: {why}"),
            )
            .at(mail.place.clone()),
        )
    })
}

fn bad_certificates(mail: &Mail) -> Stop {
    Stop::mistake(
        Problem::error(
            "mail.ca holds no certificate in PEM form",
            "mail.ca のファイルに PEM 形式の証明書がありません",
        )
        .at(mail.place.clone()),
    )
}

/// The password, without the line feed that editors put after it.
fn password(place: &PasswordPlace, mail: &Mail) -> Result<String, Stop> {
    let found = match place {
        PasswordPlace::File(path) => std::fs::read_to_string(path).map_err(|error| {
            Stop::mistake(files::unreadable(path, &error).at(mail.place.clone()))
        })?,
        PasswordPlace::Variable(name) => std::env::var(name).unwrap_or_default(),
    };
    let password = found.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        let name = match place {
            PasswordPlace::File(path) => path.display().to_string(),
            PasswordPlace::Variable(name) => name.clone(),
        };
        return Err(Stop::mistake(
            Problem::error(
                format!("{name} holds no password for the mail server"),
                format!("{name} にメールサーバのパスワードがありません"),
            )
            .at(mail.place.clone()),
        ));
    }
    Ok(password.to_owned())
}
