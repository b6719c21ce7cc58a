//! What was judged of records alike in who, from where, to where or by what.
//!
//! The same accounts come, and the same terminals are used, all day long: what the rules demand of
//! one side of an event is asked once and remembered, for as long as calendars and registers answer
//! alike. Who and from where are looked up at once where that is worth it, and what hangs on hours
//! by the calendar the event belongs to. Takes events; gives the answers and the hashes of what is worked out for them. Never
//! changes an answer, only how often it is asked for; holds a bounded number of them.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::calendar::CalendarId;
use crate::detect::{Column, Wiring};
use crate::enrich::{Enriched, Steady, rests_on, tells_hours};
use crate::event::{Event, Field, FieldSet, Instant, LogSources};
use crate::rule::{Few, FieldRef, Scope, Side, Standing, Told, recurring, tell_who_or_where};

use super::Plan;
use super::judge::Hashes;

/// Most records remembered of one side.
const MOST: usize = 4096;
/// Most records remembered of two sides together.
const MOST_BOTH: usize = 8192;
/// Longest key, in bytes: what is longer is asked anew each time.
const LONGEST: usize = 256;
/// After so many events a side must have been worth it.
const TRIAL: u32 = 1024;
/// What makes one side worth looking up: so many of them found.
const WORTH: Worth = Worth {
    found: TRIAL / 2,
    trials: 1,
};
/// The same of two sides together: what is not found costs as much as both of them, and there is
/// more to be learned.
const WORTH_BOTH: Worth = Worth {
    found: TRIAL / 4 * 3,
    trials: 8,
};
/// Most answers about hours remembered for an action and outcome.
const HOURS: usize = 16;
/// Most kinds of log sources remembered for an action and outcome.
const SOURCES: usize = 16;
/// So many events pass by a side that was not, before it is tried again; twice as many each time.
const REST: u32 = 8_192;
/// Most times that is doubled.
const DOUBLED: u32 = 7;

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
    key: Vec<u8>,
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

/// What is known of one side, or of several together.
#[derive(Debug)]
struct OneSide {
    /// Fields whose values decide.
    values: Vec<Field>,
    /// Fields of which it decides whether they are there; those above among them.
    presence: FieldSet,
    /// Fields whose hashes are kept.
    hashed: Vec<Field>,
    /// Answers by all they hang on. The hashes of keys differ from run to run, so that nobody can
    /// write a log whose keys all fall together.
    known: HashMap<Box<[u8]>, Known, RandomState>,
    /// True where the calendar of an event is remembered, too.
    assigns: bool,
    /// Most answers.
    most: usize,
    /// What makes it worth looking up.
    worth: Worth,
    /// Events looked up and found since the last trial began.
    tried: u32,
    found: u32,
    /// Events still to pass by.
    resting: u32,
    /// Trials that failed, one after the other.
    failed: u32,
}

/// What makes it worth looking up answers.
#[derive(Clone, Copy, Debug)]
struct Worth {
    /// Events of a trial that must be found.
    found: u32,
    /// Trials after which they must be.
    trials: u32,
}

/// What is remembered of equal values of one side.
#[derive(Debug)]
struct Known {
    hashes: Box<[(Field, u64)]>,
    /// The calendar of the event, where that is asked for.
    calendar: Option<CalendarId>,
    /// For each action and outcome met with, the detections whose demands are met.
    met: Vec<(usize, u64)>,
}

impl Habits {
    /// Nothing is known yet.
    pub(super) fn new(plan: Plan<'_>, wiring: &Wiring) -> Habits {
        let mut habits = Habits {
            sides: Side::ALL.map(|_| OneSide::new(MOST, WORTH)),
            both: OneSide::new(MOST_BOTH, WORTH_BOTH),
            places: Vec::new(),
            steady: Steady::new(plan.house),
            key: Vec::new(),
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
        (enriched, hashes): (&mut Enriched<'_, '_>, &mut Hashes),
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
            let (event, key) = (enriched.event(), &mut self.key);
            self.both.write_key(key, registered, (event, time));
            let met = |event: &mut Enriched<'_, '_>| {
                place
                    .standing
                    .met(Scope::Both, few.candidates(), (plan.rules, event))
            };
            left &= self.both.met((key, at), met, (enriched, hashes));
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
            one.write_key(&mut self.key, stretch, (enriched.event(), time));
            let met = |event: &mut Enriched<'_, '_>| {
                place
                    .standing
                    .met(Scope::One(side), few.candidates(), (plan.rules, event))
            };
            let met = one.met((&self.key, at), met, (enriched, hashes));
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

impl OneSide {
    /// Nothing is known yet; so many answers are remembered.
    fn new(most: usize, worth: Worth) -> OneSide {
        OneSide {
            values: Vec::new(),
            presence: FieldSet::EMPTY,
            hashed: Vec::new(),
            known: HashMap::default(),
            assigns: false,
            most,
            worth,
            tried: 0,
            found: 0,
            resting: 0,
            failed: 0,
        }
    }

    /// Learns what has to be looked at.
    fn reads(&mut self, values: FieldSet, presence: FieldSet) {
        let known = self.values.iter().copied();
        let all = known.fold(values, |mut all, field| {
            all.insert(field);
            all
        });
        self.values = all.iter().collect();
        self.presence = self.presence.union(presence).union(values);
    }

    /// Learns whose hash has to be kept, and what that hangs on.
    fn hash(&mut self, field: Field, values: FieldSet) {
        if !self.hashed.contains(&field) {
            self.hashed.push(field);
            self.reads(values, FieldSet::EMPTY);
        }
    }

    /// True when an answer may be looked for. Where most values are the first of their kind,
    /// looking would cost more than it saves.
    #[inline]
    fn is_tried(&mut self) -> bool {
        if self.resting > 0 {
            self.resting -= 1;
            return false;
        }
        self.tried += 1;
        if self.tried > TRIAL {
            self.failed = match self.found < self.worth.found {
                true => self.failed + 1,
                false => 0,
            };
            if self.failed > 0 && self.failed.is_multiple_of(self.worth.trials) {
                let times = self.failed / self.worth.trials - 1;
                self.resting = REST << times.min(DOUBLED);
            }
            (self.tried, self.found) = (0, 0);
        }
        true
    }

    /// Writes all that an answer hangs on. No value holds the byte that parts them: it is UTF-8.
    #[inline]
    fn write_key(&self, key: &mut Vec<u8>, stretch: i64, (event, time): (&Event<'_>, Instant)) {
        key.clear();
        key.extend_from_slice(&stretch.to_le_bytes());
        let present = event.present().both(self.presence);
        key.extend_from_slice(&present.bits().to_le_bytes());
        key.push(u8::from(time.trusted));
        for field in &self.values {
            if let Some(value) = event.get(*field) {
                key.extend_from_slice(value.as_bytes());
                key.push(0xFF);
            }
        }
    }

    /// The detections whose demands are met, a bit each, by what is known of the key or asked now.
    #[inline]
    fn met<'r>(
        &mut self,
        (key, at): (&[u8], usize),
        ask: impl FnOnce(&mut Enriched<'_, 'r>) -> u64,
        (enriched, hashes): (&mut Enriched<'_, 'r>, &mut Hashes),
    ) -> u64 {
        if let Some(known) = self.known.get_mut(key) {
            self.found += 1;
            for (field, hash) in &known.hashes {
                hashes.note(*field, *hash);
            }
            if let Some(calendar) = known.calendar {
                enriched.assign_to(calendar);
            }
            let answer = known.met.iter().find(|(place, _)| *place == at);
            return answer.map(|(_, met)| *met).unwrap_or_else(|| {
                let met = ask(enriched);
                known.met.push((at, met));
                met
            });
        }
        let met = ask(enriched);
        if key.len() <= LONGEST {
            let of = |field: &Field| (*field, hashes.of(*field, enriched));
            let known = Known {
                hashes: self.hashed.iter().map(of).collect(),
                calendar: self.assigns.then(|| enriched.assigned()),
                met: vec![(at, met)],
            };
            if self.known.len() >= self.most {
                self.known.clear();
            }
            self.known.insert(key.into(), known);
        }
        met
    }
}

/// True for an event without lists whose derived fields are all still to be worked out.
#[inline]
fn is_plain(event: &Event<'_>) -> bool {
    !event.has_lists() && event.present().bits() >> Field::UserAccount as u32 == 0
}

#[cfg(test)]
mod tests {
    use bumpalo::Bump;
    use proptest::prelude::*;
    use proptest::test_runner::TestRunner;

    use super::*;
    use crate::calendar::Calendars;
    use crate::diagnostic::{Complaints, Lang};
    use crate::enrich::House;
    use crate::event::{Action, LogSourceId, LogSources, NANOS, Outcome, Zone};
    use crate::pipeline::collect::RuleCount;
    use crate::pipeline::judge::{Judging, RecordAt};
    use crate::register::{RegisterFile, Registers};
    use crate::rule::{Placeholders, RuleSet};
    use crate::spill::{Fact, Facts};
    use crate::yaml;

    const CALENDAR: &str = "version: 1\ncalendars:\n  clinic:\n    hours:\n      - \
        mon-fri 09:00-12:00\n  ward:\n    hours:\n      - daily open\nassign:\n  - \
        { department: 病棟, calendar: ward }\ndefault: clinic\n";
    const STAFF: &str = "id,name,department,role,hired,left\nn1,夜勤,外来,看護師,2026-11-16,2026-11-17\nn2,病棟,病棟,医師,,\n";
    const ACCOUNTS: &str =
        "id,kind,owner,valid_from,valid_until\nv1,vendor,,2026-11-16,2026-11-16\nn1,person,n1,,\n";
    const DEVICES: &str = "mac,ip,name,department,valid_from,valid_until,support_until\n\
        00-1D-73-10-20-31,,PC1,外来,2026-11-16,2026-11-16,\n,10.20.1.2,,病棟,,,2026-11-16\n,,PC3,,,,\n";

    struct World {
        calendars: Calendars,
        registers: Registers,
        rules: RuleSet,
        wiring: Wiring,
    }

    impl World {
        fn new() -> World {
            let mut complaints = Complaints::new();
            let node = yaml::read("calendar.yaml", CALENDAR, &mut complaints).remove(0);
            let load = |_: &str| Ok(Vec::new());
            let zone = Zone::tokyo();
            let calendars = Calendars::read_in(zone.tz(), &node, &load, &mut complaints);
            let mut registers = Registers::new(zone);
            let file = |text: &'static str| RegisterFile {
                name: "register.csv",
                bytes: text.as_bytes(),
            };
            registers.read_staff(&file(STAFF), &mut complaints);
            registers.read_accounts(&file(ACCOUNTS), &mut complaints);
            registers.read_devices(&file(DEVICES), &mut complaints);
            let files = RuleSet::embedded_files();
            let rules = RuleSet::read(files, &Placeholders::new(), &mut complaints);
            let shown: Vec<String> = complaints
                .sorted()
                .iter()
                .map(|p| p.render(Lang::En))
                .collect();
            assert!(!complaints.has_errors(), "{shown:?}");
            World {
                calendars: calendars.expect("a calendar"),
                registers,
                wiring: Wiring::new(&rules),
                rules,
            }
        }

        fn plan(&self) -> Plan<'_> {
            Plan {
                house: House {
                    calendars: &self.calendars,
                    registers: &self.registers,
                },
                rules: &self.rules,
                assumed: false,
                site: Zone::tokyo(),
                period: (i64::MIN, i64::MAX),
                evidence: 1,
            }
        }
    }

    /// Minutes since the evening of 2026-11-15, and what else an event tells.
    #[derive(Clone, Debug)]
    struct Told {
        minute: i64,
        trusted: bool,
        action: Option<Action>,
        outcome: Outcome,
        fields: Vec<(Field, &'static str)>,
    }

    fn told() -> impl Strategy<Value = Told> {
        let field = |field: Field, values: &'static [&'static str]| {
            prop::option::weighted(0.7, prop::sample::select(values))
                .prop_map(move |v| v.map(|v| (field, v)))
        };
        let fields = [
            field(Field::UserId, &["n1", "N2", "v1", "x"]).boxed(),
            field(Field::UserDepartment, &["外来", "病棟"]).boxed(),
            field(Field::SourceIp, &["10.20.1.2", "203.0.113.9"]).boxed(),
            field(
                Field::SourceMac,
                &["00-1D-73-10-20-31", "02-00-00-00-00-01"],
            )
            .boxed(),
            field(Field::HostName, &["PC3", "PC9"]).boxed(),
            field(Field::PatientId, &["1", "2"]).boxed(),
            field(Field::BreakGlass, &["true", "false"]).boxed(),
            field(Field::EventCode, &["時刻変更", "x"]).boxed(),
        ];
        let actions = [
            Some(Action::ChartView),
            Some(Action::Login),
            Some(Action::Print),
            None,
        ];
        (
            (0..4_320i64, any::<bool>()),
            prop::sample::select(actions.to_vec()),
            prop::sample::select(vec![Outcome::Success, Outcome::Failure, Outcome::Unknown]),
            fields,
        )
            .prop_map(|((minute, trusted), action, outcome, fields)| Told {
                minute,
                trusted,
                action,
                outcome,
                fields: fields.into_iter().flatten().collect(),
            })
    }

    /// The facts of a stream with their values.
    type Rows = Vec<(Fact, Vec<u64>)>;

    fn judged(
        world: &World,
        events: &[Told],
        habits: Option<&mut Habits>,
    ) -> (Vec<Rows>, Vec<RuleCount>) {
        let (plan, arena) = (world.plan(), Bump::new());
        let wiring = &world.wiring;
        let streams = wiring.streams().iter();
        let mut facts: Vec<Facts> = streams.map(|s| Facts::new(s.columns.len())).collect();
        let mut judging = Judging::new(plan, wiring, (&mut facts, habits), &arena);
        for told in events {
            let mut event = Event::new(&arena);
            event.begin("a record");
            let nanos = (1_794_733_200 + told.minute * 60) * NANOS;
            let time = Instant {
                trusted: told.trusted,
                ..Zone::tokyo().at_nanos(i128::from(nanos)).expect("in range")
            };
            event.set_time(time);
            told.action
                .into_iter()
                .for_each(|action| event.set_action(action));
            event.set_outcome(told.outcome);
            told.fields
                .iter()
                .for_each(|(field, value)| event.set(*field, value));
            event.declare(LogSources::of(&[LogSourceId::Ehr]));
            judging.judge(&mut event, time, &mut RecordAt::default());
        }
        let counts = judging.into_counts();
        let rows = |facts: &Facts| {
            (0..facts.len())
                .map(|i| (*facts.row(i), facts.values(i).to_vec()))
                .collect()
        };
        (facts.iter().map(rows).collect(), counts)
    }

    #[test]
    fn what_is_remembered_is_what_is_asked() {
        let world = World::new();
        let kinds = prop::collection::vec(told(), 1..12);
        let order = prop::collection::vec((any::<prop::sample::Index>(), 0..4_320i64), 1..80);
        let outcome = TestRunner::default().run(&(kinds, order), |(kinds, order)| {
            let told = |(kind, minute): &(prop::sample::Index, i64)| Told {
                minute: *minute,
                ..kind.get(&kinds).clone()
            };
            let events: Vec<Told> = order.iter().map(told).collect();
            let asked = judged(&world, &events, None);
            for together in [true, false] {
                let mut habits = Habits::new(world.plan(), &world.wiring);
                habits.both.resting = if together { 0 } else { u32::MAX };
                prop_assert_eq!(&judged(&world, &events, Some(&mut habits)), &asked);
                // Once more, by what was learned from the first time.
                prop_assert_eq!(&judged(&world, &events, Some(&mut habits)), &asked);
                let sides = habits.sides.iter().map(|side| side.found);
                prop_assert!(together || habits.both.found == 0);
                prop_assert!(sides.sum::<u32>() + habits.both.found > 0);
            }
            Ok(())
        });
        outcome.expect("what is remembered is what is asked");
    }
}
