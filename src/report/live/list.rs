//! The list of alerts: what was looked for, and what was found of it.
//!
//! Takes a page of the list and how it was asked for; gives HTML. Never looks for anything itself.

use std::fmt::Write as _;

use super::super::html::{escape, escaped};
use super::super::words::names;
use super::{Frame, Page, Place, href, query};
use crate::alert::Level;
use crate::diagnostic::Lang;
use crate::rule::Titles;
use crate::sink::{Reader, kept, span};
use crate::store::{Kept, State};

/// Characters of a sentence.
const SENTENCE: usize = 240;
/// Characters of a value of a key.
const VALUE: usize = 60;

/// Which states are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Those that wait for a person.
    #[default]
    Open,
    /// Those that a person decided about.
    Closed,
    /// All, superseded and retracted ones too.
    All,
}

impl Status {
    /// All of them.
    pub const ALL: [Status; 3] = [Status::Open, Status::Closed, Status::All];

    /// `open`, `closed` or `all`.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Closed => "closed",
            Status::All => "all",
        }
    }

    /// The states it stands for; none: all.
    pub fn states(self) -> Vec<State> {
        match self {
            Status::Open => vec![State::Open],
            Status::Closed => vec![State::Closed],
            Status::All => Vec::new(),
        }
    }
}

/// How a list was asked for, as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Words that are looked for.
    pub words: String,
    /// Which states.
    pub status: Status,
    /// The least level.
    pub level: Option<Level>,
    /// Name of a rule; empty: any.
    pub rule: String,
    /// The first day, `2026-11-16`; empty: any.
    pub since: String,
    /// The last day.
    pub until: String,
}

impl Wanted {
    /// The address of a page of this list.
    pub fn address(&self, page: usize) -> String {
        let number = match page {
            1 => String::new(),
            page => page.to_string(),
        };
        let status = match self.status {
            Status::Open => "",
            status => status.name(),
        };
        query(
            "/alerts",
            &[
                ("q", &self.words),
                ("state", status),
                ("level", self.level.map_or("", Level::name)),
                ("rule", &self.rule),
                ("since", &self.since),
                ("until", &self.until),
                ("page", &number),
            ],
        )
    }
}

/// A page of the list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// How it was asked for.
    pub wanted: Wanted,
    /// The alerts of this page.
    pub rows: Vec<Kept>,
    /// How many there are on all pages.
    pub total: usize,
    /// Number of this page, from 1.
    pub page: usize,
    /// Number of pages.
    pub pages: usize,
    /// How many alerts stand before this page.
    pub before: usize,
    /// Name and title of the rules that have alerts.
    pub rules: Vec<(String, String)>,
}

/// The page of a list.
pub fn list(frame: &Frame<'_>, listing: &Listing, reader: &Reader) -> Page {
    let mut main = String::new();
    let titles = Titles::new(frame.lang);
    search(&mut main, frame, listing, &titles);
    found(&mut main, frame, listing);
    if !listing.rows.is_empty() {
        table(&mut main, frame, (listing, &titles), reader);
    }
    pages(&mut main, frame, listing);
    frame.page(Place::Alerts, frame.say("Alerts", "アラート"), &main)
}

fn search(out: &mut String, frame: &Frame<'_>, listing: &Listing, titles: &Titles) {
    let wanted = &listing.wanted;
    let _ = write!(
        out,
        "<form method=\"get\" action=\"/alerts\" role=\"search\" class=\"search\">\n\
         <p class=\"wide\"><label for=\"q\">{}</label><input id=\"q\" name=\"q\" type=\"search\" maxlength=\"200\" value=\"{}\"></p>\n",
        frame.say(
            "Words: in the sentence, the key, the rule, or the id",
            "ことば（内容・対象・ルール・アラートのID）"
        ),
        escape(&wanted.words)
    );
    let states = Status::ALL.map(|status| {
        let word = match status {
            Status::Open => frame.say("open", "未対応"),
            Status::Closed => frame.say("closed", "対応済み"),
            Status::All => frame.say("all", "すべて"),
        };
        (status.name().to_owned(), word.to_owned())
    });
    select(
        out,
        ("state", frame.say("State", "状態")),
        &states,
        wanted.status.name(),
    );
    let mut levels = vec![(String::new(), frame.say("all", "すべて").to_owned())];
    levels.extend(Level::ALL.iter().rev().map(|level| {
        let word = level.word(frame.lang);
        let word = match (level, frame.lang) {
            (Level::Critical, _) => word.to_owned(),
            (_, Lang::En) => format!("{word} and above"),
            (_, Lang::Ja) => format!("{word}以上"),
        };
        (level.name().to_owned(), word)
    }));
    let level = wanted.level.map_or("", Level::name);
    select(out, ("level", frame.say("Level", "重要度")), &levels, level);
    let mut rules = vec![(String::new(), frame.say("all", "すべて").to_owned())];
    let known = listing.rules.iter();
    rules.extend(known.map(|(name, own)| (name.clone(), titles.of(name, own).to_owned())));
    select(
        out,
        ("rule", frame.say("Rule", "ルール")),
        &rules,
        &wanted.rule,
    );
    for (name, word, value) in [
        ("since", frame.say("From", "開始日"), &wanted.since),
        ("until", frame.say("To", "終了日"), &wanted.until),
    ] {
        let _ = writeln!(
            out,
            "<p><label for=\"{name}\">{word}</label><input id=\"{name}\" name=\"{name}\" type=\"date\" value=\"{}\"></p>",
            escape(value)
        );
    }
    let _ = write!(
        out,
        "<p class=\"wide\"><button>{}</button> <a class=\"nowrap\" href=\"/alerts\">{}</a></p>\n</form>\n",
        frame.say("Search", "検索"),
        frame.say("all open ones", "未対応のすべて"),
    );
}

fn select(
    out: &mut String,
    (name, label): (&str, &str),
    choices: &[(String, String)],
    chosen: &str,
) {
    let _ = write!(
        out,
        "<p><label for=\"{name}\">{label}</label><select id=\"{name}\" name=\"{name}\">"
    );
    for (value, word) in choices {
        let mark = if value == chosen { " selected" } else { "" };
        let (value, word) = (escape(value), escape(word));
        let _ = write!(out, "<option value=\"{value}\"{mark}>{word}</option>");
    }
    out.push_str("</select></p>\n");
}

fn found(out: &mut String, frame: &Frame<'_>, listing: &Listing) {
    let (total, first) = (listing.total, listing.before + 1);
    let last = listing.before + listing.rows.len();
    let words = match (
        frame.lang,
        listing.rows.is_empty(),
        listing.wanted == Wanted::default(),
    ) {
        (Lang::En, true, true) => "No alert waits for a person.".to_owned(),
        (Lang::Ja, true, true) => "人の確認を待っているアラートはありません。".to_owned(),
        (Lang::En, true, false) => "No alert was found.".to_owned(),
        (Lang::Ja, true, false) => "該当するアラートはありません。".to_owned(),
        (Lang::En, false, _) => {
            format!("{first} to {last} of {total}, worst first, then the newest first.")
        }
        (Lang::Ja, false, _) => {
            format!("{total}件のうち{first}〜{last}件目（重要度の高い順、新しい順）")
        }
    };
    let _ = writeln!(out, "<p role=\"status\">{words}</p>");
}

fn table(
    out: &mut String,
    frame: &Frame<'_>,
    (listing, titles): (&Listing, &Titles),
    reader: &Reader,
) {
    let caption = frame.say("Alerts", "アラートの一覧");
    let _ = write!(
        out,
        "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{caption}\">\n<table class=\"alerts\">\n<thead><tr>"
    );
    for word in [
        frame.say("Level", "重要度"),
        frame.say("What", "内容"),
        frame.say("When", "期間"),
        frame.say("Key", "対象"),
        frame.say("State", "状態"),
    ] {
        let _ = write!(out, "<th scope=\"col\">{word}</th>");
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for one in &listing.rows {
        row(out, frame, (one, titles), reader);
    }
    out.push_str("</tbody>\n</table>\n</div>\n");
}

fn row(out: &mut String, frame: &Frame<'_>, (one, titles): (&Kept, &Titles), reader: &Reader) {
    let alert = &one.alert;
    let level = alert.rule.level as usize;
    let key: Vec<String> = alert
        .key
        .iter()
        .map(|(field, value)| {
            let none = frame.say("not in the log", "記録なし");
            let value = escaped(value.as_deref().unwrap_or(none), VALUE);
            format!(
                "<span class=\"when-told\">{}</span><br>{value}",
                escaped(names::field(field, frame.lang), VALUE)
            )
        })
        .collect();
    let _ = writeln!(
        out,
        "<tr class=\"level{level}\"><td><span class=\"badge\">{}</span></td>\
         <td class=\"what\"><a href=\"{}\">{}</a><br>{}</td><td class=\"span\">{}</td>\
         <td class=\"key\">{}</td><td class=\"state\">{}</td></tr>",
        alert.rule.level.word(frame.lang),
        href(&format!("/alert/{}", alert.id)),
        escaped(titles.of(&alert.rule.name, &alert.rule.title), SENTENCE),
        escaped(alert.summary.get(frame.lang), SENTENCE),
        escape(&span(alert.start, alert.end, reader)),
        key.join("<br>"),
        escape(&standing(one, reader)),
    );
}

/// Where an alert stands; its revision only where there was one.
fn standing(one: &Kept, reader: &Reader) -> String {
    match (one.alert.revision, one.dispositions.is_empty()) {
        (0, true) => kept::state(one.state, reader.lang).to_owned(),
        _ => kept::standing(one, reader),
    }
}

fn pages(out: &mut String, frame: &Frame<'_>, listing: &Listing) {
    if listing.pages < 2 {
        return;
    }
    let _ = write!(
        out,
        "<nav class=\"pages\" aria-label=\"{}\">",
        frame.say("Pages of the list", "一覧のページ")
    );
    let mut way = |page: usize, rel: &str, word: &str| {
        let to = href(&listing.wanted.address(page));
        let _ = write!(out, "<a rel=\"{rel}\" href=\"{to}\">{word}</a> ");
    };
    if listing.page > 1 {
        way(1, "first", frame.say("first", "最初"));
        way(listing.page - 1, "prev", frame.say("← before", "← 前へ"));
    }
    if listing.page < listing.pages {
        way(listing.page + 1, "next", frame.say("next →", "次へ →"));
    }
    let (page, pages) = (listing.page, listing.pages);
    let _ = writeln!(out, "<span>{page} / {pages}</span></nav>");
}
