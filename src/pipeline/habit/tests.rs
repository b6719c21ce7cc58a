//! What is remembered against what is asked anew.

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
use crate::spill::{Fact, Sheet};
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
    let mut sheet = Sheet::new(wiring.columns());
    let mut judging = Judging::new(plan, wiring, (&mut sheet, habits), &arena);
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
    let rows = |stream: usize| {
        let facts = sheet.facts(stream);
        let row = |i: usize| (*facts.row(i), facts.values(i).to_vec());
        (0..facts.len()).map(row).collect()
    };
    ((0..wiring.streams().len()).map(rows).collect(), counts)
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
