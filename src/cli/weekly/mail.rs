//! `report --mail`: the page by mail, with its three sentences as the text.
//!
//! Takes the page, the report and the `mail` of the config; gives whom the server took it for. It
//! contacts that server alone, encrypted unless the config says otherwise, shows no password, and
//! each recipient stands alone: one that is refused keeps the page from nobody else.

mod message;
mod post;

use super::super::args::Report;
use super::super::config::Mail;
use super::super::memory::{Memory, Stop};
use super::super::plan::Plan;
use super::super::{Exit, Streams};
use crate::diagnostic::{Complaints, Lang, Problem};
use crate::report::Weekly;
use post::{Post, Refusal};

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
struct Sent {
    /// Its name, the same for the same page.
    message_id: String,
    /// Who got it.
    taken: Vec<String>,
    /// Who did not, and why.
    refused: Vec<(String, String)>,
}

impl Sent {
    /// How a command ends after it.
    fn exit(&self) -> Exit {
        match (self.taken.is_empty(), self.refused.is_empty()) {
            (true, _) => Exit::Failed,
            (false, false) => Exit::Incomplete,
            (false, true) => Exit::Done,
        }
    }

    /// Says whom the page reached, and whom not.
    fn tell(&self, streams: &mut Streams<'_>, lang: Lang, quiet: bool) -> std::io::Result<()> {
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

/// Sends a letter to everybody of the config, says whom it reached, and writes that down.
pub(super) fn bring(
    mail: &Mail,
    letter: &Letter<'_>,
    (memory, streams): (&mut Memory, &mut Streams<'_>),
    (lang, quiet): (Lang, bool),
) -> Result<Exit, Stop> {
    let sent = send(mail, letter, lang)?;
    sent.tell(streams, lang, quiet)?;
    let note = serde_json::json!({
        "period": letter.label,
        "message": sent.message_id,
        "to": sent.taken,
        "refused": sent.refused.len(),
    });
    memory.record("report --mail", &note, streams, lang)?;
    Ok(sent.exit())
}

/// Sends a letter to everybody of the config.
fn send(mail: &Mail, letter: &Letter<'_>, lang: Lang) -> Result<Sent, Stop> {
    let post = Post::of(mail)?;
    let message_id = message::message_id(mail, letter);
    let message = message::message(mail, letter, &message_id, lang)?.formatted();
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
