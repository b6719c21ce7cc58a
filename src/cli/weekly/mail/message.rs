//! The message: a subject, the three sentences, and the page.
//!
//! Takes a letter; gives it as mail (RFC 5322 and MIME). Never sends it.

use lettre::message::header::{ContentTransferEncoding, ContentType};
use lettre::message::{Attachment, Body, Message, MultiPart, SinglePart};

use super::super::super::Exit;
use super::super::super::config::Mail;
use super::super::super::memory::Stop;
use super::Letter;
use crate::alert::sha256_hex;
use crate::diagnostic::{Lang, Problem};
use crate::report;
use crate::text::{one_line, shorten};

/// Characters of a site's name.
const SITE: usize = 80;

/// The name of a message: the same page of the same days has the same, so that a recipient of two
/// copies sees one.
pub(super) fn message_id(mail: &Mail, letter: &Letter<'_>) -> String {
    let digest: String = sha256_hex(letter.page).chars().take(32).collect();
    let (label, domain) = (letter.label, mail.from.email.domain());
    format!("<yomawari.{label}.{digest}@{domain}>")
}

/// The message: the sentences as its text, and the page with it.
pub(super) fn message(
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
