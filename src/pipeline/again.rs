//! Records read again, one at a time: what does a rule see in them?
//!
//! Takes an input's settings and the text of a record with the few lines before it; gives its
//! events with the derived fields, as a run sees them. Remembers nothing; what a record means only
//! beside others (a repeated message) is not told.

use std::sync::Arc;

use bumpalo::Bump;

use crate::enrich::{Enriched, House, Memo};
use crate::event::{Event, Field, Outcome, Zone};
use crate::frame::Framing;

use super::Task;
use super::feed::{self, Context};
use super::stepped;

/// An input whose records are read again.
pub struct Again {
    context: Arc<Context>,
    zone: Zone,
}

impl Again {
    /// Opens the input to learn its format; `None` when it cannot be read.
    pub fn open(task: &Task) -> Option<Again> {
        let context = feed::look(task).context?;
        let zone = task.source.zone;
        Some(Again { context, zone })
    }

    /// Shows the events of a record, of which `before` tells the lines right before it, in their
    /// order; none when it is a reject. `told` is the time that a run read in it or in a neighbor,
    /// nanoseconds since 1970: it tells the year, where none is printed.
    pub fn read(
        &self,
        (before, text): (&[&str], &str),
        told: i64,
        house: House<'_>,
        show: &mut dyn FnMut(&mut Enriched<'_, '_>),
    ) {
        let arena = Bump::new();
        let text = arena.alloc_str(text);
        let before: Vec<&str> = before.iter().map(|text| &*arena.alloc_str(text)).collect();
        let mut memo = Memo::new(house, &arena);
        let mut event = Event::new(&arena);
        event.begin(text);
        // A reject is no event, which is all that is asked here.
        let dated = self.zone.at_nanos(i128::from(told)).ok();
        let dated = dated.and_then(|told| self.context.parser.against(told));
        let parser = dated.as_deref().unwrap_or(&*self.context.parser);
        let _ = parser.parse(text, &mut event, &mut |event| {
            self.context.add_to(event);
            if !event.has(Field::EventOutcome) {
                event.set_outcome(Outcome::Unknown);
            }
            if event.time().is_some_and(|time| !time.trusted) {
                event.set(Field::TimeTrusted, "false");
            }
            if self.context.framing == Framing::Syslog {
                let before = before.iter().rev().copied();
                if let Some(seconds) = stepped::seconds(parser, event, before) {
                    event.set_made(Field::TimeSteppedBack, format_args!("{seconds}"));
                }
            }
            show(&mut Enriched::new(event, house, &mut memo));
        });
    }
}
