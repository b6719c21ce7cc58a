//! The pages of a store as a person who works the list of alerts meets them: a week, the list, one
//! alert, and what is said where something does not go.
//!
//! ```text
//! Weekly ── week ──┐
//! Listing ── list ─┼── Page: HTML that loads nothing, runs nothing, and knows its own style
//! Dossier ── alert ┘
//! ```
//!
//! Takes what was asked and found; gives whole pages. Every text passes the escape function of the
//! report's page, which is the only door. Never asks a store, reads a clock or speaks HTTP.

mod alert;
mod list;
mod records;
mod week;

use std::fmt::Write as _;

use super::html::{STYLE, escape, lines};
use crate::diagnostic::{Lang, Problem, Severity};

pub use alert::{Closing, alert};
pub use list::{Listing, Status, Wanted, list};
pub use week::{Weeks, week};

const LIVE: &str = include_str!("live.css");
/// Characters of a message.
const MESSAGE: usize = 2_000;

/// A whole page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page(String);

impl Page {
    /// The HTML.
    pub fn html(&self) -> &str {
        &self.0
    }

    /// The style that stands in it, to the byte: a policy names its hash.
    pub fn style(&self) -> &str {
        let inside = self.0.split_once("<style>").map_or("", |(_, rest)| rest);
        inside.split_once("</style>").map_or("", |(style, _)| style)
    }
}

/// Where a page belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// To the list of alerts.
    Alerts,
    /// To the weeks.
    Week,
    /// To neither.
    Nowhere,
    /// Before all of them: there is no way on yet.
    Door,
}

/// What stands around a page.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'f> {
    /// Its language.
    pub lang: Lang,
    /// Name of the house; empty where nobody says it.
    pub site: &'f str,
    /// Path and query of the page itself, to which the other language is added.
    pub itself: &'f str,
    /// What is said above the page.
    pub told: &'f [Told],
}

/// A message above a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Something was done.
    Done(String),
    /// Something is wrong.
    Problem(Problem),
}

impl Frame<'_> {
    /// The words of the page's language.
    fn say<'t>(&self, en: &'t str, ja: &'t str) -> &'t str {
        match self.lang {
            Lang::En => en,
            Lang::Ja => ja,
        }
    }

    /// The ways to the other pages, and what is said above this one.
    fn top(&self, place: Place) -> String {
        let mut out = String::new();
        let current = |wanted: Place| match place == wanted {
            true => " aria-current=\"page\"",
            false => "",
        };
        let ways = match place {
            Place::Door => String::new(),
            _ => format!(
                "<a href=\"/alerts\"{}>{}</a> <a href=\"/week\"{}>{}</a> ",
                current(Place::Alerts),
                self.say("Alerts", "アラート"),
                current(Place::Week),
                self.say("Week", "週報"),
            ),
        };
        let _ = writeln!(
            out,
            "<nav class=\"desk\" aria-label=\"{}\"><strong>{} {}</strong> {ways}{}</nav>",
            self.say("Pages", "ページ"),
            self.say("Yomawari", "夜回り"),
            escape(self.site),
            self.tongue(),
        );
        for told in self.told {
            self.message(&mut out, told);
        }
        out
    }

    /// The way to the same page in the other language.
    fn tongue(&self) -> String {
        let (code, word) = match self.lang {
            Lang::Ja => ("en", "English"),
            Lang::En => ("ja", "日本語"),
        };
        let joint = if self.itself.contains('?') { '&' } else { '?' };
        let to = format!("{}{joint}lang={code}", self.itself);
        format!(
            "<a class=\"tongue\" lang=\"{code}\" hreflang=\"{code}\" href=\"{}\">{word}</a>",
            href(&to)
        )
    }

    fn message(&self, out: &mut String, told: &Told) {
        let (class, role, word, message, help) = match told {
            Told::Done(words) => ("good", "status", "○", words.as_str(), None),
            Told::Problem(problem) => {
                let help = problem.help.as_ref().map(|help| help.get(self.lang));
                let message = problem.message.get(self.lang);
                match problem.severity {
                    Severity::Error => ("bad", "alert", "●", message, help),
                    Severity::Warning => ("care", "status", "△", message, help),
                }
            }
        };
        let _ = write!(
            out,
            "<div class=\"told {class}\" role=\"{role}\"><p><span class=\"mark\">{word}</span> {}</p>",
            lines(message, MESSAGE)
        );
        if let Some(help) = help {
            let _ = write!(out, "<p>{}</p>", lines(help, MESSAGE));
        }
        out.push_str("</div>\n");
    }

    /// A page of our own: everything but what stands in its middle.
    fn page(&self, place: Place, title: &str, main: &str) -> Page {
        let lang = match self.lang {
            Lang::Ja => "ja",
            Lang::En => "en",
        };
        Page(format!(
            "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<link rel=\"icon\" href=\"data:,\">\n\
             <title>{title} – {}</title>\n<style>\n{STYLE}{LIVE}</style>\n</head>\n<body>\n\
             <a class=\"skip\" href=\"#content\">{}</a>\n{}<main id=\"content\">\n<h1>{title}</h1>\n\
             {main}</main>\n</body>\n</html>\n",
            self.say("Yomawari", "夜回り"),
            self.say("To the content", "本文へ"),
            self.top(place),
            title = escape(title),
        ))
    }
}

/// A page that says one thing: what was asked for is not here, or does not go.
pub fn message(frame: &Frame<'_>, title: &str, words: &str) -> Page {
    let main = format!(
        "<p>{}</p>\n<p><a href=\"/alerts\">{}</a></p>\n",
        lines(words, MESSAGE),
        frame.say("To the alerts", "アラートの一覧へ")
    );
    frame.page(Place::Nowhere, title, &main)
}

/// The page at the door, for whoever has not shown the token.
pub fn door(frame: &Frame<'_>) -> Page {
    let main = format!(
        "<p>{}</p>\n<form method=\"post\" action=\"/enter\" class=\"close\">\n\
         <p><label for=\"token\">{}</label>\n\
         <input id=\"token\" name=\"token\" type=\"password\" required autocomplete=\"off\" size=\"40\"></p>\n\
         <p><button>{}</button></p>\n</form>\n",
        frame.say(
            "Open the address that was printed when the program was started, or give the token that stands in it.",
            "プログラムの起動時に表示されたアドレスを開くか、その中のトークンを入力してください。"
        ),
        frame.say("Token", "トークン"),
        frame.say("Enter", "開く"),
    );
    frame.page(
        Place::Door,
        frame.say("The token is needed", "トークンが必要です"),
        &main,
    )
}

/// A local address as an attribute.
fn href(to: &str) -> String {
    super::html::escaped(to, 4_000)
}

/// A query of these names and values, those without a value left out.
fn query(path: &str, values: &[(&str, &str)]) -> String {
    let mut written = form_urlencoded::Serializer::new(String::new());
    for (name, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        written.append_pair(name, value);
    }
    let written = written.finish();
    match written.is_empty() {
        true => path.to_owned(),
        false => format!("{path}?{written}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_its_style_and_hostile_words_stay_words() {
        let told = [Told::Problem(Problem::error("<b>\u{1b}[31m", "x"))];
        let frame = Frame {
            lang: Lang::En,
            site: "<script>alert(1)</script>",
            itself: "/x?q=\"><img>",
            told: &told,
        };
        let page = message(&frame, "</title><script>", "\"'<svg onload=1>");
        assert_eq!(page.style(), format!("\n{STYLE}{LIVE}"));
        for acting in ["<script", "<svg", "<img", "<b>", "\u{1b}"] {
            assert!(!page.html().contains(acting), "{acting}");
        }
        assert!(
            page.html()
                .contains("/x?q=&quot;&gt;&lt;img&gt;&amp;lang=ja")
        );
    }

    #[test]
    fn a_query_is_written_so_that_it_is_read_back() {
        assert_eq!(query("/alerts", &[("q", ""), ("page", "")]), "/alerts");
        assert_eq!(
            query("/alerts", &[("q", "夜 &n7"), ("page", "2")]),
            "/alerts?q=%E5%A4%9C+%26n7&page=2"
        );
    }
}
