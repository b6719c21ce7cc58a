//! `report --mail`: the page by mail, with its three sentences as the text.
//!
//! Takes the page, the report and the `mail` of the config; gives whom the server took it for. It
//! contacts that server alone, encrypted unless the config says otherwise, shows no password, and
//! each recipient stands alone: one that is refused keeps the page from nobody else.

use std::net::Ipv4Addr;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Attachment, Body, Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use super::super::args::Report;
use super::super::config::{Mail, PasswordPlace, Tls};
use super::super::memory::Stop;
use super::super::plan::Plan;
use super::super::{Exit, Streams, files, who};
use crate::alert::sha256_hex;
use crate::diagnostic::{Complaints, Lang, Problem};
use crate::report::{self, Weekly};
use crate::text::{one_line, shorten};

/// Longest wait for the server at one step.
const STEP: Duration = Duration::from_secs(20);
/// Pauses before a further try where another one may help.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];
/// Characters shown of what a server says.
const SAID: usize = 300;
/// Characters of a site's name in the subject.
const SITE: usize = 80;

/// A page that is to be sent.
pub(super) struct Letter<'l> {
    /// The numbers it was made from.
    pub(super) weekly: &'l Weekly,
    /// The page.
    pub(super) page: &'l [u8],
    /// `2026-W47`.
    pub(super) label: &'l str,
}

/// What became of a letter.
pub(super) struct Sent {
    /// Its name, the same for the same page.
    pub(super) message_id: String,
    /// Who got it.
    pub(super) taken: Vec<String>,
    /// Who did not, and why.
    pub(super) refused: Vec<(String, String)>,
}

impl Sent {
    /// How a command ends after it.
    pub(super) fn exit(&self) -> Exit {
        match (self.taken.is_empty(), self.refused.is_empty()) {
            (true, _) => Exit::Failed,
            (false, false) => Exit::Incomplete,
            (false, true) => Exit::Done,
        }
    }

    /// Says whom the page reached, and whom not.
    pub(super) fn tell(
        &self,
        streams: &mut Streams<'_>,
        lang: Lang,
        quiet: bool,
    ) -> std::io::Result<()> {
        for (whom, why) in &self.refused {
            let problem = Problem::error(
                format!("the report did not reach {whom}: {why}"),
                format!("報告書を {whom} に送れませんでした: {why}"),
            )
            .help(
                "what the server said stands above; the same command sends it again",
                "上はメールサーバの返答です。同じコマンドでもう一度送れます",
            );
            writeln!(streams.err, "{}", problem.render(lang))?;
        }
        if !self.taken.is_empty() && !quiet {
            let whom = self.taken.join(", ");
            let told = match lang {
                Lang::En => format!("the report was sent to {whom}"),
                Lang::Ja => format!("報告書を送りました: {whom}"),
            };
            writeln!(streams.err, "{told}")?;
        }
        Ok(())
    }
}

/// Complains about `--mail` where nothing says how, or where names would leave the house unasked.
pub(super) fn check(plan: &Plan, task: &Report, complaints: &mut Complaints) {
    if !task.mail {
        return;
    }
    match &plan.config.mail {
        // A mail: that is there and wrong was complained about.
        None if complaints.has_errors() => {}
        None => complaints.push(
            Problem::error(
                "--mail: the config names no mail server",
                "--mail: 設定にメールサーバがありません",
            )
            .help(
                "write mail: { server: smtp.example.jp, from: yomawari@example.jp, to: \
                 [officer@example.jp] } in yomawari.yaml",
                "yomawari.yaml に mail: { server: smtp.example.jp, from: yomawari@example.jp, to: \
                 [officer@example.jp] } のように書いてください",
            ),
        ),
        Some(mail) if task.names && !mail.names => complaints.push(
            Problem::error(
                "--names with --mail: by mail go ids alone",
                "--names と --mail: メールで送るのは ID だけです",
            )
            .at(mail.place.clone())
            .help(
                "leave --names out, or write names: true under mail",
                "--names を外すか、mail に names: true と書いてください",
            ),
        ),
        Some(_) => {}
    }
}

/// Sends a letter to everybody of the config.
pub(super) fn send(mail: &Mail, letter: &Letter<'_>, lang: Lang) -> Result<Sent, Stop> {
    let post = Post::of(mail)?;
    let message_id = message_id(mail, letter);
    let message = message(mail, letter, &message_id, lang)?.formatted();
    let mut sent = Sent {
        message_id,
        taken: Vec::new(),
        refused: Vec::new(),
    };
    let mut way = None;
    let mut recipients = mail.to.iter();
    for whom in recipients.by_ref() {
        let name = whom.email.to_string();
        match post.bring(&mut way, whom, &message) {
            Ok(()) => sent.taken.push(name),
            Err(Refusal::OfThis(why)) => sent.refused.push((name, why)),
            Err(Refusal::OfAll(why)) => {
                sent.refused.push((name, why.clone()));
                let rest = recipients.map(|whom| (whom.email.to_string(), why.clone()));
                sent.refused.extend(rest);
                break;
            }
        }
    }
    if let Some(mut way) = way {
        // Whether the server takes leave does not matter any more.
        let _ = way.quit();
    }
    Ok(sent)
}

/// Why a letter was not taken.
enum Refusal {
    /// For one recipient.
    OfThis(String),
    /// The server cannot be used.
    OfAll(String),
}

/// A server and how to come to it.
struct Post<'m> {
    mail: &'m Mail,
    tls: Option<TlsParameters>,
    password: Option<String>,
    hello: ClientId,
}

impl Post<'_> {
    fn of(mail: &Mail) -> Result<Post<'_>, Stop> {
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
    fn bring(
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

/// The name of a message: the same page of the same days has the same, so that a recipient of two
/// copies sees one.
fn message_id(mail: &Mail, letter: &Letter<'_>) -> String {
    let digest: String = sha256_hex(letter.page).chars().take(32).collect();
    let (label, domain) = (letter.label, mail.from.email.domain());
    format!("<yomawari.{label}.{digest}@{domain}>")
}

fn message(
    mail: &Mail,
    letter: &Letter<'_>,
    message_id: &str,
    lang: Lang,
) -> Result<Message, Stop> {
    let page = Body::new_with_encoding(letter.page.to_vec(), ContentTransferEncoding::Base64)
        .map_err(|_| unwritable("base64"))?;
    let form = ContentType::parse("text/html; charset=utf-8")
        .map_err(|error| unwritable(&error.to_string()))?;
    let attached = Attachment::new(format!("yomawari-{}.html", letter.label)).body(page, form);
    let mut builder = Message::builder()
        .from(mail.from.clone())
        .subject(subject(letter, lang))
        .date_now()
        .message_id(Some(message_id.to_owned()));
    for whom in &mail.to {
        builder = builder.to(whom.clone());
    }
    builder
        .multipart(
            MultiPart::mixed()
                .singlepart(SinglePart::plain(text(letter, lang)))
                .singlepart(attached),
        )
        .map_err(|error| unwritable(&error.to_string()))
}

fn unwritable(why: &str) -> Stop {
    let why = one_line(why);
    Stop::Told(
        Box::new(Problem::error(
            format!("the mail cannot be written: {why}"),
            format!("メールを作れません: {why}"),
        )),
        Exit::Failed,
    )
}

/// `夜回り週報 2026年第47週（11月16日〜11月22日） さくら総合病院`.
fn subject(letter: &Letter<'_>, lang: Lang) -> String {
    let weekly = letter.weekly;
    let title = weekly.period.title.get(lang);
    let site = weekly.site.as_deref().unwrap_or_default();
    let site = one_line(&shorten(site, SITE)).into_owned();
    let subject = match lang {
        Lang::Ja => format!("夜回り週報 {title} {site}"),
        Lang::En => format!("Yomawari report, {title} {site}"),
    };
    subject.trim_end().to_owned()
}

fn text(letter: &Letter<'_>, lang: Lang) -> String {
    let weekly = letter.weekly;
    let title = weekly.period.title.get(lang);
    let site = weekly.site.as_deref().unwrap_or_default();
    let mut lines = vec![
        format!("{} {title}", one_line(&shorten(site, SITE)))
            .trim()
            .to_owned(),
        String::new(),
    ];
    for sentence in report::sentences(weekly, lang) {
        lines.push(sentence);
        lines.push(String::new());
    }
    let label = letter.label;
    lines.push(match lang {
        Lang::En => format!(
            "The whole report is attached: yomawari-{label}.html opens in any browser and prints on A4. It tells of accesses to patients' records: keep it as you keep these."
        ),
        Lang::Ja => format!(
            "全体は添付の yomawari-{label}.html をブラウザで開いてご覧ください（A4で印刷できます）。診療記録へのアクセスに関する内容です。取扱いにご注意ください。"
        ),
    });
    lines.join("\r\n") + "\r\n"
}
