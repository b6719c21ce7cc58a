//! What was judged of records alike in who, from where, to where or by what.
//!
//! The same accounts come, and the same terminals are used, all day long: what the rules demand of
//! one side of an event is asked once and remembered, for as long as calendars and registers answer
//! alike. Who and from where are looked up at once where that is worth it, and what hangs on hours
//! by the calendar the event belongs to. Takes events; gives the answers and the hashes of what is
//! worked out for them. Never changes an answer, only how often it is asked for; holds a bounded
//! number of them.

mod side;
#[cfg(test)]
mod tests;

use crate::calendar::CalendarId;
use crate::detect::{Column, Wiring};
use crate::enrich::{Enriched, Steady, rests_on, tells_hours};
use crate::event::{Event, Field, Instant, LogSources};
use crate::rule::{Few, FieldRef, Scope, Side, Standing, Told, recurring, tell_who_or_where};
use crate::spill::Sheet;

use super::Plan;
use super::judge::Hashes;
use side::{OneSide, WORTH, WORTH_BOTH};

/// Most records remembered of one side.
const MOST: usize = 4096;
/// Most records remembered of two sides together: those of a large hospital in a day.
const MOST_BOTH: usize = 7 << 13;
/// Most answers about hours remembered for an action and outcome.
const HOURS: usize = 16;
/// Most kinds of log sources remembered for an action and outcome.
const SOURCES: usize = 16;

/// The answers of one lane, over all its segments.
#[derive(Debug)]
pub(super) struct Habits {
    sides: [OneSide; 4],
    /// Who and from where together, hours aside: looked up at once, where that is worth it, instead
    /// of one after the other.
    both: OneSide,
    /// For each action and outcome what is demanded.
    places: Vec<Place>,
    steady: Steady,
}

/// What is demanded of events of one action and outcome.
#[derive(Debug, Default)]
struct Place {
    standing: Standing,
    /// For each side the detections that demand something of it, a bit each.
    demanding: [u64; 4],
    /// The sides to look at: of which something is demanded or a hash is kept.
    looks: [bool; 4],
    /// True where something is demanded of hours alone.
    asks_hours: bool,
    /// The detections whose demands on the destination are met where there is none, a bit each.
    nowhere: Option<u64>,
    /// The detections whose demands on hours are met, a bit each, by calendar, stretch of time and
    /// trust in the clock.
    hours: Vec<((CalendarId, i64, bool), u64)>,
    /// The detections tried on events of certain log sources, a bit each; events declare few kinds.
    heard: Vec<(LogSources, u64)>,
}

impl Habits {
    /// Nothing is known yet.
    pub(super) fn new(plan: Plan<'_>, wiring: &Wiring) -> Habits {
        let mut habits = Habits {
            sides: Side::ALL.map(|_| OneSide::new(MOST, WORTH)),
            both: OneSide::new(MOST_BOTH, WORTH_BOTH),
            places: Vec::new(),
            steady: Steady::new(plan.house),
        };
        for (at, few) in plan.rules.fews() {
            habits.places.resize_with(at + 1, Place::default);
            habits.places[at] = habits.place(few, (plan, wiring));
        }
        habits
    }

    /// What is demanded in a place; the sides learn what they have to look at.
    fn place(&mut self, few: &Few, (plan, wiring): (Plan<'_>, &Wiring)) -> Place {
        let told = Told {
            rests_on: &|field| rests_on(plan.house, field),
            tells_hours: &tells_hours,
        };
        let standing = Standing::of(few, &told);
        let mut looks = Side::ALL.map(|side| standing.demanding(Scope::One(side)) != 0);
        for side in Side::ALL {
            let (values, presence) = standing.reads(Scope::One(side));
            self.sides[side as usize].reads(values, presence);
        }
        let (values, presence) = standing.reads(Scope::Both);
        self.both.reads(values, presence);
        if standing.demanding(Scope::Hours) != 0 {
            let (values, presence) = standing.reads(Scope::Hours);
            self.both.reads(values, presence);
            self.both.assigns = true;
        }
        let streams = few
            .candidates()
            .iter()
            .filter_map(|c| wiring.stream_of(c.rule));
        for column in streams.flat_map(|stream| &wiring.streams()[stream].columns) {
            let Column::Value(FieldRef::Known(field)) = column else {
                continue;
            };
            let Some(values) = recurring(*field, &told) else {
                continue;
            };
            if let Some(side) = Side::only_of(values) {
                looks[side as usize] = true;
                self.sides[side as usize].hash(*field, values);
            }
            if tell_who_or_where(values) && !tells_hours(*field) {
                self.both.hash(*field, values);
            }
        }
        Place {
            demanding: Side::ALL.map(|side| standing.demanding(Scope::One(side))),
            asks_hours: standing.demanding(Scope::Hours) != 0,
            standing,
            looks,
            nowhere: None,
            hours: Vec::new(),
            heard: Vec::new(),
        }
    }

    /// The detections that are left of a few for an event, and those of them that match in any
    /// case, a bit each; `None` where nothing of that is remembered. The hashes known with it are
    /// noted.
    #[inline]
    pub(super) fn left(
        &mut self,
        (at, few): (usize, &Few),
        (plan, time): (Plan<'_>, Instant),
        (enriched, hashes, sheet): (&mut Enriched<'_, '_>, &mut Hashes, &mut Sheet),
    ) -> Option<(u64, u64)> {
        let place = self.places.get_mut(at)?;
        if !is_plain(enriched.event()) {
            return None;
        }
        let mut left = place.heard(few, enriched.event().log_sources());
        let mut certain = place.standing.whole();
        let (stretch, registered) = self.steady.around(plan.house, time.nanos);
        let mut sides = Side::ALL.as_slice();
        let users = self.sides[Side::User as usize].presence;
        // Where nobody is named, both are no more than one.
        if !enriched.event().present().both(users).is_empty() && self.both.is_tried() {
            let key = self.both.key(registered, (enriched.event(), time));
            let met = |event: &mut Enriched<'_, '_>| {
                place
                    .standing
                    .met(Scope::Both, few.candidates(), (plan.rules, event))
            };
            left &= self.both.met((key, at), met, (enriched, hashes, sheet));
            left &= place.met_hours(few, (plan, stretch, time), enriched);
            certain = place.standing.whole_at_once();
            sides = &[Side::Destination, Side::Manner];
        }
        for &side in sides {
            let one = &mut self.sides[side as usize];
            if !place.looks[side as usize] {
                continue;
            }
            if side == Side::Destination
                && let Some(met) = place.nowhere
                && enriched.event().present().both(one.presence).is_empty()
            {
                left &= met;
                continue;
            }
            if !one.is_tried() {
                certain &= !place.demanding[side as usize];
                continue;
            }
            let key = one.key(stretch, (enriched.event(), time));
            let met = |event: &mut Enriched<'_, '_>| {
                place
                    .standing
                    .met(Scope::One(side), few.candidates(), (plan.rules, event))
            };
            let met = one.met((key, at), met, (enriched, hashes, sheet));
            if side == Side::Destination && enriched.event().present().both(one.presence).is_empty()
            {
                place.nowhere = Some(met);
            }
            left &= met;
        }
        Some((left, left & certain))
    }
}

impl Place {
    /// The detections whose demands on hours are met.
    #[inline]
    fn met_hours(
        &mut self,
        few: &Few,
        (plan, stretch, time): (Plan<'_>, i64, Instant),
        enriched: &mut Enriched<'_, '_>,
    ) -> u64 {
        if !self.asks_hours {
            return u64::MAX;
        }
        let key = (enriched.assigned(), stretch, time.trusted);
        let known = self.hours.iter().find(|(known, _)| *known == key);
        if let Some((_, met)) = known {
            return *met;
        }
        let asked = (plan.rules, enriched);
        let met = self.standing.met(Scope::Hours, few.candidates(), asked);
        if self.hours.len() >= HOURS {
            self.hours.clear();
        }
        self.hours.push((key, met));
        met
    }

    #[inline]
    fn heard(&mut self, few: &Few, log_sources: LogSources) -> u64 {
        let known = self.heard.iter().find(|(known, _)| *known == log_sources);
        if let Some((_, heard)) = known {
            return *heard;
        }
        let heard = few.heard(log_sources);
        if self.heard.len() >= SOURCES {
            self.heard.clear();
        }
        self.heard.push((log_sources, heard));
        heard
    }
}

/// True for an event without lists whose derived fields are all still to be worked out.
#[inline]
fn is_plain(event: &Event<'_>) -> bool {
    !event.has_lists() && event.present().bits() >> Field::UserAccount as u32 == 0
}
