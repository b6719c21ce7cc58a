//! The slow twin: every event with all its derived fields, counted in plain maps.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::ops::RangeInclusive;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use yomawari::calendar::{Assignee, Calendars};
use yomawari::diagnostic::Complaints;
use yomawari::enrich::{House, derive_all};
use yomawari::event::{Action, Event, Field, Instant, LogSources, NANOS, Outcome, Zone};
use yomawari::input;
use yomawari::pipeline::{self, Beside, KnownRoll, Limits, Parsing, Plan, Recall, Rollbook};
use yomawari::pipeline::{SourceSettings, TakeRecalled, Tally, Task, Watch};
use yomawari::register::{RegisterFile, Registers};
use yomawari::rule::{Placeholders, RuleSet};
use yomawari::store::counts::{Kind, NameKey};
use yomawari::text::EncodingChoice;
use yomawari::yaml;

const CALENDAR: &str = "\
version: 1
holidays: JP
calendars:
  clinic:
    hours:
      - 平日 08:30-18:00
    grace: { before: 30m, after: 1h }
  ward:
    hours:
      - daily open
rosters:
  - file: roster.csv
    month: 2026-11
    codes: { 夜: 16:30-09:00, 休: none }
assign:
  - { department: 病棟, calendar: ward }
default: clinic
";
const ROSTER: &str = "氏名,職員番号,15,16,17,18\n夜勤,n1,夜,夜,休,夜\n";
const STAFF: &str = "id,name,department,role\nn1,夜勤,外来,看護師\nn2,病棟,病棟,医師\n";
const DEVICES: &str = "mac,ip,name,department,valid_from,valid_until\n\
    00-1D-73-10-20-31,,PC1,外来,2026-11-16,2026-11-16\n,10.20.1.2,,病棟,,\n,,PC3,,,\n";
const DECLARATIONS: &str = "kind,from,to,who,where\n\
    overtime,2026-11-16 20:00,2026-11-16 23:00,n2,\ndrill,2026-11-17,2026-11-17,,外来\n";

/// Counts of one input: what by which words.
type Counts = BTreeMap<String, u64>;

struct World {
    calendars: Calendars,
    registers: Registers,
    rules: RuleSet,
}

impl World {
    fn new(is_registered: bool) -> World {
        World::with(is_registered, CALENDAR)
    }

    fn with(is_registered: bool, calendar: &str) -> World {
        let zone = Zone::tokyo();
        let mut complaints = Complaints::new();
        let node = yaml::read("calendar.yaml", calendar, &mut complaints).remove(0);
        let load = |_: &str| Ok(ROSTER.as_bytes().to_vec());
        let calendars = Calendars::read_in(zone.tz(), &node, &load, &mut complaints);
        let mut registers = Registers::new(zone);
        let file = |text: &'static str| RegisterFile {
            name: "register.csv",
            bytes: text.as_bytes(),
        };
        if is_registered {
            registers.read_staff(&file(STAFF), &mut complaints);
            registers.read_devices(&file(DEVICES), &mut complaints);
        }
        registers.read_declarations(&file(DECLARATIONS), &mut complaints);
        let files = RuleSet::embedded_files();
        let rules = RuleSet::read(files, &Placeholders::new(), &mut complaints);
        assert!(!complaints.has_errors(), "the house can be read");
        World {
            calendars: calendars.expect("a calendar"),
            registers,
            rules,
        }
    }

    /// The same with one rule, which looks at nothing: what is counted does not hang on rules.
    fn with_one_rule(self) -> World {
        let rule = "title: None\nid: 0d8f3c1e-6f5a-4b7e-9d2c-1a2b3c4d5e6f\nname: none\n\
            status: stable\nlevel: low\nlogsource: { category: ehr }\n\
            detection: { one: { event.action: import }, condition: one }\n";
        let mut complaints = Complaints::new();
        let files = [("none.yml", rule)];
        let rules = RuleSet::read(&files, &Placeholders::new(), &mut complaints);
        World { rules, ..self }
    }

    fn house(&self) -> House<'_> {
        House {
            calendars: &self.calendars,
            registers: &self.registers,
        }
    }

    fn tally(&self, tasks: Vec<Task>, (threads, block): (usize, usize)) -> Tally {
        let plan = Plan {
            house: self.house(),
            rules: &self.rules,
            assumed: false,
            site: Zone::tokyo(),
            period: (i64::MIN, i64::MAX),
            evidence: 2,
        };
        let limits = Limits {
            threads,
            block,
            memory: 1 << 24,
        };
        let beside = Beside {
            past: Vec::new(),
            remembered: &mut NothingYet,
            key: 0,
        };
        let run = pipeline::run_beside(plan, tasks, limits, &Watch::default(), beside);
        run.expect("the temporary folder can be written").tally
    }
}

/// The memory of a first run.
struct NothingYet;

impl Recall for NothingYet {
    fn recall(&mut self, _: TakeRecalled<'_>) -> io::Result<()> {
        Ok(())
    }
}

impl Rollbook for NothingYet {
    fn rolls(&mut self, _: &str, _: (i64, i64)) -> io::Result<Vec<KnownRoll>> {
        Ok(Vec::new())
    }

    fn hashes(&mut self, _: (i64, i64), _: RangeInclusive<u64>) -> io::Result<Vec<u64>> {
        Ok(Vec::new())
    }
}

fn tasks(path: &str) -> Vec<Task> {
    let zone = Zone::tokyo();
    let source = Arc::new(SourceSettings {
        name: None,
        format: None,
        encoding: EncodingChoice::Auto,
        zone,
        year: Some(2026),
        section: None,
        log_sources: LogSources::NONE,
        expected: None,
    });
    let now = Instant {
        nanos: 1_796_000_000 * NANOS,
        offset: 32_400,
        trusted: true,
        ambiguous: false,
    };
    let task = |input| Task {
        input,
        source: source.clone(),
        now,
        years: Vec::new(),
    };
    let found = input::find(&[path.to_owned()]);
    found.inputs.into_iter().map(task).collect()
}

fn outcome_word(outcome: Outcome) -> &'static str {
    outcome.name()
}

/// Words of a kind by the numbers that stand in the store.
fn words(kind: Kind) -> [&'static str; 4] {
    let number = kind.number() as usize;
    [
        outcome_word(kind.outcome()),
        ["open", "grace", "closed", "unknown"][number >> 2 & 3],
        ["", "after_hours", "holiday", "late_night"][number >> 4 & 3],
        ["", "roster", "declaration"][number >> 6],
    ]
}

/// What was counted of the first input, by words.
fn counted(tally: &Tally) -> Counts {
    let mut counts = Counts::new();
    let mut add = |what: String, n: u64| *counts.entry(what).or_default() += n;
    let name = |number: u32| match number {
        0 => "",
        1 => "*",
        number => &*tally.names[number as usize].text,
    };
    let Some(input) = tally.inputs.first() else {
        return counts;
    };
    for (hour, count) in input.hours.iter() {
        add(format!("{hour} records"), count.likeness.count);
        add(format!("{hour} rejects"), count.rejects);
        add(format!("{hour} patients"), count.with_patient);
        for (key, n) in count.acts.iter() {
            let action = key.action.map_or("", Action::name);
            add(format!("{hour} act {action} {:?}", words(key.kind)), n);
        }
        let what = |key: NameKey| {
            (
                name(key.name).to_owned(),
                name(key.department),
                words(key.kind),
            )
        };
        for (key, n) in count.users.iter() {
            let (user, department, [outcome, verdict, band, _]) = what(key);
            add(
                format!("{hour} user {user} {department} {outcome} {verdict} {band}"),
                n,
            );
        }
        for (key, n) in count.terminals.iter() {
            let (terminal, department, [_, verdict, band, _]) = what(key);
            add(
                format!("{hour} at {terminal} {department} {verdict} {band}"),
                n,
            );
        }
    }
    // A department may be known by the register of one event and only by the log of another.
    let mut spans: BTreeMap<(&str, &str), (i64, i64, bool)> = BTreeMap::new();
    for seen in &input.seen {
        let name = &tally.names[seen.name as usize];
        let told = (seen.span.0, seen.span.1, seen.vouched);
        let span = spans.entry((name.kind.word(), &name.text)).or_insert(told);
        *span = (span.0.min(told.0), span.1.max(told.1), span.2 | told.2);
    }
    for ((kind, name), (first, last, vouched)) in spans {
        let vouched = if vouched { "vouched" } else { "" };
        add(format!("{kind} {name} {first} {last} {vouched}"), 1);
    }
    counts.retain(|_, n| *n > 0);
    counts
}

/// The twin's notes.
#[derive(Default)]
struct Naive {
    counts: Counts,
    seen: BTreeMap<(&'static str, String), (i64, i64, bool)>,
    last: Option<i64>,
    leading: u64,
    record: Option<u64>,
}

impl Naive {
    fn add(&mut self, what: String, n: u64) {
        *self.counts.entry(what).or_default() += n;
    }

    fn reject(&mut self) {
        match self.last {
            Some(hour) => self.add(format!("{hour} rejects"), 1),
            None => self.leading += 1,
        }
    }

    fn event(&mut self, world: &World, event: &Event<'_>, offset: u64) {
        let time = event.time().expect("an event has a time");
        let n = u64::from(event.repeat());
        let hour = (time.nanos.div_euclid(NANOS) + 32_400).div_euclid(3_600);
        if self.last.is_none() {
            self.add(format!("{hour} rejects"), self.leading);
        }
        self.last = Some(hour);
        // A record that repeats another one is shown where that one stands.
        let is_repeat = event.has(Field::RepeatCount);
        if self.record.replace(offset) != Some(offset) || is_repeat {
            self.add(format!("{hour} records"), 1);
        }
        let derived = derive_all(event, world.house());
        let get = |field| derived.get(field).unwrap_or_default();
        let action = event.action().map_or("", Action::name);
        let outcome = outcome_word(event.outcome());
        if matches!(action, "allow" | "deny") {
            let (id, _) = world.calendars.assigned(&Assignee::default());
            let judged = world.calendars.judge(id, time.nanos);
            let band = judged.band.map_or("", |band| band.name());
            let words = [outcome, judged.verdict.name(), band, ""];
            return self.add(format!("{hour} act {action} {words:?}"), n);
        }
        let (verdict, band) = (get(Field::CalendarVerdict), get(Field::CalendarBand));
        let excuses = ["overtime", "emergency", "drill", "maintenance"];
        let explained = match verdict {
            "closed" if get(Field::RosterOnDuty) == "true" => "roster",
            "closed"
                if derived
                    .values(Field::Declared)
                    .any(|k| excuses.contains(&k)) =>
            {
                "declaration"
            }
            _ => "",
        };
        let words = [outcome, verdict, band, explained];
        self.add(format!("{hour} act {action} {words:?}"), n);
        if event.has(Field::PatientId) {
            self.add(format!("{hour} patients"), n);
        }
        let account = get(Field::UserAccount);
        let shown = match get(Field::UserKnown) {
            "false" => "*",
            _ => account,
        };
        let of_staff = world.registers.staff(account).map_or("", |s| &s.department);
        let department = match get(Field::UserDepartment) {
            "" => of_staff,
            told => told,
        };
        self.add(
            format!("{hour} user {shown} {department} {outcome} {verdict} {band}"),
            n,
        );
        let own = get(Field::SourceTerminal);
        let terminal = match get(Field::DeviceKnown) {
            "true" => get(Field::DeviceId),
            "false" | "randomised" if !own.is_empty() => "*",
            _ => own,
        };
        let place = match get(Field::DeviceDepartment) {
            "" => get(Field::HostDepartment),
            told => told,
        };
        self.add(format!("{hour} at {terminal} {place} {verdict} {band}"), n);
        let mac = [Field::SourceMac, Field::ClientMac].map(get);
        let mac = mac.into_iter().find(|m| !m.is_empty()).unwrap_or_default();
        let vouched = action != "login" || outcome != "failure";
        let names = [
            ("account", account, vouched),
            ("department", department, vouched),
            ("department", place, true),
            ("terminal", own, true),
            ("mac", mac, true),
            ("device", get(Field::DeviceId), true),
        ];
        for (kind, name, vouched) in names {
            let nanos = time.nanos;
            if name.is_empty() || !time.trusted {
                continue;
            }
            let seen = self.seen.entry((kind, name.to_owned()));
            let seen = seen.or_insert((nanos, nanos, vouched));
            *seen = (seen.0.min(nanos), seen.1.max(nanos), seen.2 | vouched);
        }
    }

    fn finish(mut self) -> Counts {
        for ((kind, name), (first, last, vouched)) in std::mem::take(&mut self.seen) {
            let vouched = if vouched { "vouched" } else { "" };
            self.add(format!("{kind} {name} {first} {last} {vouched}"), 1);
        }
        self.counts.retain(|_, n| *n > 0);
        self.counts
    }
}

fn naive(world: &World, path: &str) -> Counts {
    let mut naive = Naive::default();
    let read = pipeline::parse(
        tasks(path),
        1 << 20,
        &Watch::default(),
        &mut |at, parsing| {
            match parsing {
                Parsing::Event(event) => naive.event(world, event, at.offset),
                Parsing::Reject(_) => naive.reject(),
            }
            Ok(())
        },
    );
    read.expect("nothing is written");
    naive.finish()
}

/// A row of a records system: minute, account, department, terminal, action, patient, outcome.
type Row = (u32, usize, usize, usize, usize, usize, usize);

fn row() -> impl Strategy<Value = Row> {
    (
        0u32..4_320,
        0usize..6,
        0usize..3,
        0usize..6,
        0usize..6,
        0usize..3,
        0usize..3,
    )
}

fn csv(rows: &[Row]) -> String {
    let mut text = "日時,利用者ID,部署,端末名,IPアドレス,MACアドレス,操作,患者ID,結果\n".to_owned();
    for (minute, user, department, terminal, action, patient, outcome) in rows {
        let (day, hour, minute) = (16 + minute / 1_440, minute / 60 % 24, minute % 60);
        let time = match action {
            5 => "そのうち".to_owned(),
            _ => format!("2026/11/{day} {hour:02}:{minute:02}:07"),
        };
        let user = ["n1", "N2 ", "ｎ３", "", "guest", "n1"][*user];
        let department = ["外来", "病棟", ""][*department];
        let terminal = [
            "PC1,10.20.1.1,00-1D-73-10-20-31",
            "PC2,10.20.1.2,",
            "PC3,,",
            "PC4,10.20.1.4,02-1D-73-10-20-34",
            ",,",
            ",10.20.1.9,",
        ][*terminal];
        let action = [
            "ログイン",
            "カルテ参照",
            "印刷",
            "歩行",
            "ログアウト",
            "ログイン",
        ][*action];
        let patient = ["", "0012", "77"][*patient];
        let outcome = ["成功", "失敗", ""][*outcome];
        writeln!(
            text,
            "{time},{user},{department},{terminal},{action},{patient},{outcome}"
        )
        .expect("a text takes it");
    }
    text
}

/// A line of a router: minute and what it says.
fn syslog(lines: &[(u32, usize)]) -> String {
    let mut text = String::new();
    for (minute, what) in lines {
        let (day, hour, minute) = (16 + minute / 1_440, minute / 60 % 24, minute % 60);
        let what = [
            "LAN2 Rejected at IN(2100) filter: TCP 198.51.100.7:4431 > 203.0.113.5:22",
            "[DHCPD] LAN1(port4) Allocates 10.20.1.2: 00:1d:73:10:20:31",
            "Login failed for TELNET: 10.20.1.9",
            "'admin' succeeded for TELNET: 10.20.1.2",
            "[INSPECT] LAN2[out][1001] TCP 10.20.1.2:52011 > 203.0.113.9:443 (2026/11/16 09:30:00)",
            "last message repeated 3 times",
            "IP Commencing: UDP 10.20.1.2:123 > 203.0.113.9:123",
        ][*what];
        writeln!(
            text,
            "<134>Nov {day} {hour:02}:{minute:02}:11 rtx1220 {what}"
        )
        .expect("a text takes it");
    }
    text
}

/// What one case is about: rows of a records system, lines of a router, which house, and how the
/// work is spread.
type Case = (Vec<Row>, Vec<(u32, usize)>, usize, (usize, usize));

fn case() -> impl Strategy<Value = Case> {
    (
        prop::collection::vec(row(), 0..200),
        prop::collection::vec((0u32..4_320, 0usize..7), 0..120),
        0usize..4,
        (1usize..4, 200usize..6_000),
    )
}

#[test]
fn the_figures_are_those_of_a_plain_count() {
    // Reading the rules takes longer than a case.
    let by_terminal = CALENDAR.replace(
        "assign:\n",
        "assign:\n  - { terminal: 10.20.1.9, calendar: ward }\n  - { role: 看護師, calendar: ward }\n",
    );
    let by_role = by_terminal.replace("terminal: 10.20.1.9", "user: n2");
    let worlds = [
        World::new(false),
        World::new(true),
        World::with(true, &by_terminal),
        World::with(true, &by_role),
    ];
    let config = ProptestConfig::with_cases(60);
    let counted = TestRunner::new(config).run(&case(), |(rows, lines, world, how)| {
        let world = &worlds[world];
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in [("a.csv", csv(&rows)), ("b.log", syslog(&lines))] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("a file");
            let path = path.display().to_string();
            let tally = world.tally(tasks(&path), how);
            prop_assert_eq!(self::counted(&tally), naive(world, &path));
        }
        Ok(())
    });
    counted.expect("both count the same");
}

#[test]
fn names_that_a_log_makes_up_are_bounded() {
    let mut text = "日時,利用者ID,端末名,操作,結果\n".to_owned();
    for number in 0..120_000u32 {
        let time = format!("2026/11/16 10:{:02}:{:02}", number / 60 % 60, number % 60);
        let name = number.wrapping_mul(2_654_435_761);
        writeln!(text, "{time},u{name:x},PC1,ログイン,成功").expect("a text takes it");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.csv");
    std::fs::write(&path, text).expect("a file");
    let world = World::new(false).with_one_rule();
    let path = path.display().to_string();
    let tallies = [(1, 1 << 20), (3, 70_000)].map(|how| world.tally(tasks(&path), how));
    for tally in &tallies {
        let accounts = tally.names.iter().filter(|n| n.kind.word() == "account");
        let named: Vec<_> = accounts.filter(|n| !n.known).collect();
        assert_eq!(named.len(), 50_000);
        let hours = &tally.inputs[0].hours;
        let counts = hours.iter().map(|(_, count)| count.users.sum(|_| true));
        let events: u64 = counts.sum();
        assert_eq!(events, 120_000);
    }
    let names = |tally: &Tally| {
        let kept = tally.names.iter().filter(|n| !n.known);
        let mut kept: Vec<_> = kept.map(|n| (n.kind, n.text.clone())).collect();
        kept.sort();
        kept
    };
    assert_eq!(names(&tallies[0]), names(&tallies[1]));
}
