//! The pass of `parse`: shows events and rejects instead of judging them.
//!
//! Takes a segment; tells somebody what became of each record, and gives the account. Keeps no
//! facts.

use std::io;

use bumpalo::Bump;

use crate::event::{Event, InputAccount, Reason, Reject};

use super::feed::Work;
use super::judge::Place;
use super::walk::{Pass, read_segment, sample};
use super::{At, Parsing};

/// What `parse` is told of each record.
type Show<'s> = &'s mut dyn FnMut(At<'_>, Parsing<'_, '_>) -> io::Result<()>;

/// The pass of `parse`: shows events and rejects.
struct Shower<'s, 'r> {
    work: &'r Work,
    account: InputAccount,
    place: Place,
    text: &'r str,
    show: Show<'s>,
    failure: Option<io::Error>,
}

impl<'r> Shower<'_, 'r> {
    fn give(&mut self, parsing: Parsing<'_, 'r>) {
        let sample = sample(self.work, self.place, "", Reason::NoTime.into());
        let at = At {
            path: &self.work.context.path,
            source: &self.work.context.source,
            line: sample.line,
            offset: sample.offset,
            text: self.text,
        };
        if self.failure.is_none()
            && let Err(error) = (self.show)(at, parsing)
        {
            self.failure = Some(error);
        }
    }
}

impl<'r> Pass<'r> for Shower<'_, 'r> {
    fn begin(&mut self, place: Place, text: &'r str) {
        self.place = place;
        self.text = text;
    }

    fn event(&mut self, event: &mut Event<'r>) {
        let Some(time) = event.time() else { return };
        self.account.untrusted += u64::from(!time.trusted);
        self.account.events += u64::from(event.repeat() - 1);
        if time.trusted {
            let day = time.local_seconds().div_euclid(86_400);
            self.account.event(time.nanos, day);
        } else {
            // A clock that is not to be trusted tells no day and no beginning.
            self.account.events += 1;
        }
        self.give(Parsing::Event(event));
    }

    fn reject(&mut self, reject: Reject) {
        let sample = sample(self.work, self.place, self.text, reject);
        self.account.reject(sample);
        self.give(Parsing::Reject(reject));
    }

    fn account(&mut self) -> &mut InputAccount {
        &mut self.account
    }
}

/// Shows what becomes of each record of a segment.
pub(super) fn show(work: &Work, show: Show<'_>) -> io::Result<InputAccount> {
    let arena = Bump::new();
    let mut shower = Shower {
        work,
        account: InputAccount::default(),
        place: Place::default(),
        text: "",
        show,
        failure: None,
    };
    read_segment(work, &arena, &mut shower);
    match shower.failure {
        Some(error) => Err(error),
        None => Ok(shower.account),
    }
}
