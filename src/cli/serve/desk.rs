//! The desk: which page answers which request.
//!
//! Takes a request; gives its answer. Whoever has not shown the token learns nothing but that it
//! is needed; a page that cannot be made says why.

use hyper::http::header;
use hyper::http::{Method, StatusCode};

use super::super::args::{PeriodOption, Serve};
use super::super::house::House;
use super::super::memory::{Memory, Stop, not_entered};
use super::super::plan::Plan;
use super::super::{Exit, value, weekly};
use super::asked::{Answer, Asked, LANGUAGE};
use super::gate::Gate;
use crate::diagnostic::{Lang, Problem};
use crate::report::live::{self, Frame, Page, Told, Weeks};
use crate::report::{Period, day_of};
use crate::sink::Reader;
use crate::store::Store;

/// What every page is made from.
pub(super) struct Desk {
    pub(super) plan: Plan,
    pub(super) house: House,
    pub(super) task: Serve,
    pub(super) gate: Gate,
}

/// A page that was asked for, or the answer in its place.
pub(super) type Made = Result<Page, Refused>;

/// Why there is no page.
pub(super) enum Refused {
    /// What is said, and with which status.
    Problem(StatusCode, Box<Problem>),
    /// Another answer.
    Answer(Box<Answer>),
}

impl From<Stop> for Refused {
    fn from(stop: Stop) -> Self {
        let (problem, status) = match stop {
            Stop::Told(problem, Exit::Mistake) => (problem, StatusCode::NOT_FOUND),
            Stop::Told(problem, _) => (problem, StatusCode::SERVICE_UNAVAILABLE),
            Stop::Io(error) => {
                let problem = Problem::error(error.to_string(), error.to_string());
                (Box::new(problem), StatusCode::INTERNAL_SERVER_ERROR)
            }
        };
        Refused::Problem(status, problem)
    }
}

impl Refused {
    pub(super) fn status(status: StatusCode) -> Refused {
        Refused::Answer(Box::new(Answer::bare(status)))
    }
}

impl Desk {
    pub(super) fn new(plan: Plan, house: House, task: Serve, gate: Gate) -> Desk {
        Desk {
            plan,
            house,
            task,
            gate,
        }
    }

    /// The answer to a request.
    pub(super) fn answer(&self, asked: &Asked) -> Answer {
        if !self.gate.is_called(asked) {
            return Answer::bare(StatusCode::MISDIRECTED_REQUEST);
        }
        let lang = self.lang(asked);
        let answer = match self.enter(asked, lang) {
            Some(answer) => answer,
            None => self.inside(asked, lang),
        };
        match tongue(asked.query.get("lang")) {
            Some(lang) => answer.in_language(lang),
            None => answer,
        }
    }

    /// What happens at the door; `None` for whoever is inside.
    fn enter(&self, asked: &Asked, lang: Lang) -> Option<Answer> {
        let is_entering = asked.path == "/enter" && asked.method == Method::POST;
        let form = match is_entering {
            true if !self.gate.is_from_here(asked) => {
                return Some(Answer::bare(StatusCode::FORBIDDEN));
            }
            true => asked.form(),
            false => asked.query.clone(),
        };
        let is_reading = matches!(asked.method, Method::GET | Method::HEAD);
        let token = form.get("token");
        if (is_entering || is_reading && asked.path == "/" && !token.is_empty())
            && self.gate.opens(token)
        {
            // The token leaves the address bar and the history with it.
            return Some(Answer::elsewhere("/").with(header::SET_COOKIE, self.gate.pass()));
        }
        if self.gate.knows(asked) && !is_entering && token_is_absent(asked) {
            return None;
        }
        let wrong = (!token.is_empty()).then(|| Told::Problem(wrong_token()));
        let told: Vec<Told> = wrong.into_iter().collect();
        let page = live::door(&self.outside(lang, &told));
        let challenge = "Token realm=\"yomawari\"".to_owned();
        Some(Answer::page(StatusCode::UNAUTHORIZED, page).with(header::WWW_AUTHENTICATE, challenge))
    }

    /// The answer to somebody who has shown the token.
    fn inside(&self, asked: &Asked, lang: Lang) -> Answer {
        let reading = matches!(asked.method, Method::GET | Method::HEAD);
        let only = |allowed: &str| {
            let answer = Answer::bare(StatusCode::METHOD_NOT_ALLOWED);
            Err(Refused::Answer(Box::new(
                answer.with(header::ALLOW, allowed.to_owned()),
            )))
        };
        let parts: Vec<&str> = asked.path.split('/').skip(1).collect();
        let made = match parts[..] {
            ["" | "alerts" | "week" | "alert"] | ["alert", _] if !reading => only("GET, HEAD"),
            [""] => Err(Refused::Answer(Box::new(Answer::elsewhere("/alerts")))),
            ["alerts"] => self.list(asked, lang),
            ["week"] => self.week(asked, lang),
            ["alert", id] if is_id(id) => self.alert(id, asked, lang),
            ["alert", id, "close"] if is_id(id) => match asked.method {
                Method::POST => self.close(id, asked, lang),
                _ => only("POST"),
            },
            ["enter"] => only("POST"),
            _ => Err(Refused::Problem(StatusCode::NOT_FOUND, Box::new(no_page()))),
        };
        match made {
            Ok(page) => Answer::page(StatusCode::OK, page),
            Err(Refused::Answer(answer)) => *answer,
            Err(Refused::Problem(status, problem)) => self.refused(lang, status, *problem),
        }
    }

    fn refused(&self, lang: Lang, status: StatusCode, problem: Problem) -> Answer {
        let title = match (status, lang) {
            (StatusCode::NOT_FOUND, Lang::En) => "Not here",
            (StatusCode::NOT_FOUND, Lang::Ja) => "見つかりません",
            (_, Lang::En) => "This does not go at present",
            (_, Lang::Ja) => "今は表示できません",
        };
        let told = [Told::Problem(problem)];
        let page = live::message(&self.frame(lang, "/alerts", &told), title, "");
        Answer::page(status, page).told_when_to_try_again()
    }

    /// The page of a week.
    fn week(&self, asked: &Asked, lang: Lang) -> Made {
        let memory = self.memory()?;
        let itself = asked.itself();
        if memory.ask(|store| store.runs())?.is_empty() {
            let title = match lang {
                Lang::En => "The week",
                Lang::Ja => "週報",
            };
            let told = [Told::Problem(empty())];
            return Ok(live::message(&self.frame(lang, &itself, &told), title, ""));
        }
        let (week, mut told) = wanted_week(asked.query.get("week"));
        let option = PeriodOption {
            week,
            now: self.task.now,
            ..PeriodOption::default()
        };
        let wanted = (&option, self.task.names);
        let (weekly, period) = weekly::at_this_moment(&self.plan, &self.house, &memory, wanted)?;
        let today = day_of(weekly.made.nanos, &self.plan.zone);
        let weeks = weeks(&memory, period, today)?;
        if self.task.names {
            let note = serde_json::json!({ "period": period.label(), "through": "serve" });
            told.extend(self.enter_record("report --names", &note));
        }
        Ok(live::week(
            &self.frame(lang, &itself, &told),
            &weekly,
            &weeks,
        ))
    }

    /// The store, for reading alone.
    pub(super) fn memory(&self) -> Result<Memory, Stop> {
        Memory::open(&self.plan, &self.task.store, Store::read_only)
    }

    /// Writes into the run record who looked at what; says what hindered it.
    pub(super) fn enter_record(&self, command: &str, note: &serde_json::Value) -> Option<Told> {
        let opened = Memory::open(&self.plan, &self.task.store, Store::look);
        let hindered = match opened {
            Ok(mut memory) => memory.enter(command, note),
            Err(Stop::Told(problem, _)) => Some(not_entered(&problem)),
            Err(Stop::Io(error)) => {
                let error = error.to_string();
                Some(not_entered(&Problem::error(error.clone(), error)))
            }
        };
        hindered.map(Told::Problem)
    }

    pub(super) fn frame<'f>(&'f self, lang: Lang, itself: &'f str, told: &'f [Told]) -> Frame<'f> {
        Frame {
            lang,
            site: self.plan.config.name.as_deref().unwrap_or_default(),
            itself,
            told,
        }
    }

    /// The frame for whoever is not inside: it does not tell the name of the house.
    fn outside<'f>(&self, lang: Lang, told: &'f [Told]) -> Frame<'f> {
        Frame {
            lang,
            site: "",
            itself: "/",
            told,
        }
    }

    pub(super) fn reader(&self, lang: Lang) -> Reader {
        Reader {
            lang,
            zone: self.plan.zone,
        }
    }

    /// The language: as asked, as remembered, as the config or the system says.
    fn lang(&self, asked: &Asked) -> Lang {
        let remembered = asked.cookies(LANGUAGE).find_map(tongue);
        let asked = tongue(asked.query.get("lang"));
        asked.or(remembered).unwrap_or(self.plan.lang)
    }
}

/// The weeks before and after, as far as the store tells anything of them.
fn weeks(memory: &Memory, period: Period, today: i64) -> Result<Weeks, Stop> {
    let known = memory.ask(|store| store.days_known())?;
    let label = |day: i64| Period::week_of(day).map(|week| week.label());
    let is_before = known.is_some_and(|(oldest, _)| oldest < period.first);
    Ok(Weeks {
        this: period.label(),
        before: is_before.then(|| label(period.first - 1)).flatten(),
        after: (period.end <= today).then(|| label(period.end)).flatten(),
    })
}

fn tongue(word: &str) -> Option<Lang> {
    match word {
        "ja" => Some(Lang::Ja),
        "en" => Some(Lang::En),
        _ => None,
    }
}

fn token_is_absent(asked: &Asked) -> bool {
    asked.query.get("token").is_empty()
}

/// True for what may be the id of an alert.
fn is_id(word: &str) -> bool {
    (1..=128).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// The week that is asked for; none, and why, where it is no week.
fn wanted_week(word: &str) -> (Option<(i32, u32)>, Vec<Told>) {
    if word.is_empty() {
        return (None, Vec::new());
    }
    match value::week(word) {
        Ok(week) => (Some(week), Vec::new()),
        Err(_) => (None, vec![Told::Problem(no_week())]),
    }
}

fn no_week() -> Problem {
    Problem::error(
        "this is no week; the last whole week is shown",
        "週として読めません。直近の終わった週を表示しています",
    )
    .help("write 2026-W47", "2026-W47 のように書いてください")
}

fn no_page() -> Problem {
    Problem::error("there is no such page", "このページはありません")
}

fn wrong_token() -> Problem {
    Problem::error(
        "this is not the token of this start",
        "このトークンでは開けません",
    )
    .help(
        "the program prints a new address whenever it is started",
        "アドレスは起動のたびに新しくなります",
    )
}

fn empty() -> Problem {
    Problem::warning(
        "the store holds no run yet, so there is nothing to show",
        "ストアにまだ実行の記録がないため、表示できることがありません",
    )
    .help(
        "`yomawari scan PATH --store FILE` fills it",
        "`yomawari scan PATH --store FILE` で記録されます",
    )
}
