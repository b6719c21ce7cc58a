//! One alert, and closing it.
//!
//! Takes the id and, to close it, the form; gives the page as `alerts show` tells it, or the way
//! back to it. The checks of a decision are those of `alerts close`.

use hyper::http::StatusCode;

use super::super::alerts::{Whole, decide};
use super::super::args::{AlertsClose, Remark};
use super::super::memory::{Memory, Stop};
use super::asked::{Answer, Asked, Fields};
use super::desk::{Desk, Made, Refused};
use crate::diagnostic::{Lang, Problem};
use crate::report::live::{self, Closing, Told};
use crate::store::{DispositionWord, Store};

/// Characters of a note.
const NOTE: usize = 2_000;
/// Characters of a name.
const NAME: usize = 100;

impl Desk {
    /// The page of an alert. That somebody looked is written down.
    pub(super) fn alert(&self, id: &str, asked: &Asked, lang: Lang) -> Made {
        let memory = self.memory()?;
        let whole = Whole::read(&self.plan, &self.house, &memory, id)?;
        let note = serde_json::json!({ "alert": whole.kept.alert.id, "through": "serve" });
        let mut told: Vec<Told> = Vec::new();
        if asked.query.get("closed") == "1" {
            told.push(Told::Done(match lang {
                Lang::En => "The decision was written down.".to_owned(),
                Lang::Ja => "判断を記録しました。".to_owned(),
            }));
        }
        told.extend(self.enter_record("alerts show", &note));
        Ok(self.shown(&whole, &Closing::default(), (lang, &told)))
    }

    fn shown(&self, whole: &Whole, closing: &Closing, (lang, told): (Lang, &[Told])) -> live::Page {
        let closing = Closing {
            sign: self.gate.sign().to_owned(),
            ..closing.clone()
        };
        let itself = format!("/alert/{}", whole.kept.alert.id);
        let frame = self.frame(lang, &itself, told);
        let dossier = whole.dossier(&self.house);
        live::alert(&frame, &dossier, &closing, &self.reader(lang))
    }

    /// Closes an alert; the way back to it, or the form again with what is wrong.
    pub(super) fn close(&self, id: &str, asked: &Asked, lang: Lang) -> Made {
        if !asked.is_form() {
            return Err(Refused::status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let form = asked.form();
        if !self.gate.is_ours(asked, &form) {
            return Err(Refused::Problem(
                StatusCode::FORBIDDEN,
                Box::new(not_ours()),
            ));
        }
        match self.decide(id, &form, lang) {
            Ok(id) => {
                let to = format!("/alert/{id}?closed=1");
                Err(Refused::Answer(Box::new(Answer::elsewhere(&to))))
            }
            Err(refused) => self.form_again(id, &form, (lang, refused)),
        }
    }

    /// Writes the decision of a form down; gives the id of the alert that was asked for.
    fn decide(&self, id: &str, form: &Fields, lang: Lang) -> Result<String, Refused> {
        let task = self.decision(id, form).map_err(|problem| {
            Refused::Problem(StatusCode::UNPROCESSABLE_ENTITY, Box::new(problem))
        })?;
        let mut memory = Memory::open(&self.plan, &self.task.store, Store::look)?;
        match decide(&mut memory, &task, "serve", &self.reader(lang)) {
            Ok(_) => Ok(id.to_owned()),
            Err(Stop::Told(problem, super::super::Exit::Mistake)) => {
                Err(Refused::Problem(StatusCode::UNPROCESSABLE_ENTITY, problem))
            }
            Err(stop) => Err(stop.into()),
        }
    }

    fn decision(&self, id: &str, form: &Fields) -> Result<AlertsClose, Problem> {
        let word = DispositionWord::from_word(form.get("as")).ok_or_else(no_word)?;
        let by = form.get("by").trim();
        if by.is_empty() {
            return Err(nobody());
        }
        // Browsers end the lines of a form with both signs.
        let note = form.get("note").replace("\r\n", "\n").trim().to_owned();
        for (text, most) in [(by, NAME), (&note, NOTE)] {
            if text.chars().count() > most {
                return Err(too_long(most));
            }
        }
        Ok(AlertsClose {
            id: id.to_owned(),
            word,
            by: by.to_owned(),
            remark: Remark { note },
            store: self.task.store.clone(),
        })
    }

    /// The form as it was filled in, with what is wrong above it.
    fn form_again(&self, id: &str, form: &Fields, (lang, refused): (Lang, Refused)) -> Made {
        let Refused::Problem(status, problem) = refused else {
            return Err(refused);
        };
        let whole = Whole::read(&self.plan, &self.house, &self.memory()?, id)?;
        let closing = Closing {
            sign: String::new(),
            word: form.get("as").to_owned(),
            by: form.get("by").to_owned(),
            note: form.get("note").to_owned(),
        };
        let mut told = vec![Told::Problem(*problem)];
        // What cannot be written at present cannot be written down either.
        if status == StatusCode::UNPROCESSABLE_ENTITY {
            let note = serde_json::json!({ "alert": whole.kept.alert.id, "through": "serve" });
            told.extend(self.enter_record("alerts show", &note));
        }
        let page = self.shown(&whole, &closing, (lang, &told));
        let answer = Answer::page(status, page).told_when_to_try_again();
        Err(Refused::Answer(Box::new(answer)))
    }
}

fn not_ours() -> Problem {
    Problem::error(
        "this form is not one of this start's pages; nothing was written",
        "このフォームは今の起動のページのものではないため、何も書き込みませんでした",
    )
    .help(
        "open the alert again and decide there",
        "アラートを開き直してから記録してください",
    )
}

fn no_word() -> Problem {
    Problem::error(
        "no decision was chosen; nothing was written",
        "判断の区分が選ばれていないため、何も書き込みませんでした",
    )
    .help("choose one below", "下から一つ選んでください")
}

fn nobody() -> Problem {
    Problem::error(
        "nobody is named who decides; nothing was written",
        "判断した人の名前がないため、何も書き込みませんでした",
    )
    .help(
        "an alert is closed by somebody",
        "判断した人の名前を書いてください",
    )
}

fn too_long(most: usize) -> Problem {
    Problem::error(
        format!("more than {most} characters; nothing was written"),
        format!("{most}文字を超えているため、何も書き込みませんでした"),
    )
}
