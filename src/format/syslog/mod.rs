//! Format `syslog`: what routers, access points, switches and Linux servers send and receivers
//! write, `Nov 16 08:30:05 rtx1220 [DHCPD] LAN1(port4) Allocates 192.0.2.4: 38:56:10:c6:f3:39`.
//!
//! Takes one message with whatever envelope it has; gives one event, with the fields of the device
//! that wrote it where that is known, and with the message alone where not. `last message repeated`
//! is handed on as a repeat. Never looks at another message.

mod cisco;
mod dated;
mod dhcp;
mod header;
mod hostapd;
mod linux;
mod netfilter;
mod pam;
mod scan;
mod sshd;
mod structured;
mod sudo;
mod time;
mod yamaha;

#[cfg(test)]
mod tests;

use crate::diagnostic::{Complaints, Problem, Text, nearest};
use crate::event::{
    Action, Event, Field, FieldSet, Instant, LogSourceId, LogSources, Outcome, Reason, Reject, Zone,
};
use crate::format::{Emit, Format, Parsed, Parser, Settings};
use crate::frame::Framing;
use crate::yaml::Node;

use header::{Line, Writer};
use time::Clock;

/// How many lines of an input are looked at to tell what it is.
const LOOKED_AT: usize = 20;

pub(super) struct Syslog;

impl Format for Syslog {
    fn name(&self) -> &'static str {
        "syslog"
    }

    fn about(&self) -> Text {
        Text::new(
            "syslog of routers and servers: YAMAHA RTX, sshd, sudo, DHCP, Wi-Fi, netfilter, Cisco IOS",
            "ルーターやサーバーのsyslog（YAMAHA RTX、sshd、sudo、DHCP、無線LAN、netfilter、Cisco IOS）",
        )
    }

    fn framing(&self) -> Framing {
        Framing::Syslog
    }

    fn claims(&self, head: &str) -> Option<Text> {
        // Any reference will do to see whether a line has a time.
        let reference = crate::event::Instant {
            nanos: 0,
            offset: 0,
            trusted: true,
            ambiguous: false,
        };
        let clock = Clock::new(crate::event::Zone::tokyo(), reference, None);
        let lines = first_lines(head);
        let like = lines.iter().filter(|l| is_syslog(l, &clock)).count();
        (like > 0 && like * 2 >= lines.len()).then(|| {
            Text::new(
                format!(
                    "{like} of the first {} lines begin as syslog messages do",
                    lines.len()
                ),
                format!(
                    "最初の{}行のうち{like}行がsyslogの形で始まります",
                    lines.len()
                ),
            )
        })
    }

    fn dated(&self, head: &str, zone: Zone) -> Option<Instant> {
        dated::reference(head, zone)
    }

    fn parser(
        &self,
        head: &str,
        settings: &Settings<'_>,
        complaints: &mut Complaints,
    ) -> Option<Box<dyn Parser>> {
        let clock = Clock::new(settings.zone, settings.reference, settings.year);
        let host = settings
            .section
            .and_then(|section| read_section(section, complaints));
        let lines: Vec<Line<'_>> = first_lines(head)
            .into_iter()
            .filter_map(|line| header::read(line, &clock).ok())
            .collect();
        let reporter = host.clone().or_else(|| {
            let first = lines.iter().find(|line| !line.host.is_empty())?;
            Some(first.host.into())
        });
        let source_name = match reporter {
            Some(host) => format!("syslog:{host}"),
            None => "syslog".to_owned(),
        };
        let inferred = lines.iter().any(|line| line.year_inferred);
        Some(Box::new(SyslogParser {
            infers_years: inferred,
            clock,
            host,
            source_name,
        }))
    }
}

/// The records to judge an input by: not blank, no comments, not cut off.
fn first_lines(head: &str) -> Vec<&str> {
    let mut rest = match head.rfind('\n') {
        Some(end) => &head[..end],
        None => head,
    };
    let mut records = Vec::new();
    while !rest.is_empty() && records.len() < LOOKED_AT {
        let (record, after) = counted_record(rest)
            .unwrap_or_else(|| rest.split_once(['\n', '\0']).unwrap_or((rest, "")));
        let record = record.trim_end_matches('\r');
        if !record.trim().is_empty() && !is_heading(record) {
            records.push(record);
        }
        rest = after;
    }
    records
}

/// An octet-counted message and what follows it; its own line ends do not end it. What does not
/// end where it says, or holds a line that begins another message, is not counted.
fn counted_record(text: &str) -> Option<(&str, &str)> {
    let (length, message) = scan::cut(text, b' ')?;
    let length: usize = length.parse().ok().filter(|_| scan::is_number(length))?;
    let end = length.min(message.len());
    let (inside, after) = message.split_at_checked(end)?;
    let is_whole = matches!(
        after.as_bytes(),
        [] | [b'<' | b'\n' | b'\r' | b'\0' | b'1'..=b'9', ..]
    );
    let holds_another = inside.split('\n').skip(1).any(header::has_priority);
    (message.starts_with('<') && is_whole && !holds_another).then_some((inside, after))
}

/// True for a line that is a syslog message and nothing else: what begins with a bare date must
/// also have a tag, or be a known device's.
fn is_syslog(line: &str, clock: &Clock) -> bool {
    let begin = line.trim_start();
    if begin.starts_with(['{', '"']) {
        return false;
    }
    match header::read(line, clock) {
        Ok(read) => {
            let month_first = begin.as_bytes()[0].is_ascii_alphabetic();
            !read.priority.is_empty()
                || month_first
                || !read.tag.is_empty()
                || !read.level.is_empty()
                || read.writer != Writer::Unknown
        }
        Err(_) => false,
    }
}

/// Comments, and what `journalctl` prints between messages.
fn is_heading(record: &str) -> bool {
    record.starts_with('#') || (record.starts_with("-- ") && record.ends_with(" --"))
}

/// The settings of `syslog:`: `host`, the reporter of logs that print none.
fn read_section(section: &Node, complaints: &mut Complaints) -> Option<Box<str>> {
    let mut host = None;
    let Some(entries) = section.as_map() else {
        complaints.push(
            Problem::error(
                "`syslog` is not a mapping",
                "`syslog` はマッピングではありません",
            )
            .at(section.place.clone())
            .help(
                "write `syslog: { host: NAME }`",
                "`syslog: { host: 名前 }` と書いてください",
            ),
        );
        return None;
    };
    for (key, value) in entries {
        match (key.text.as_str(), value.as_str()) {
            ("host", Some(name)) if !name.is_empty() => host = Some(name.into()),
            ("host", _) => complaints.push(
                Problem::error("`host` is not a name", "`host` が名前ではありません")
                    .at(value.place.clone())
                    .help("write the name of the device", "機器の名前を書いてください"),
            ),
            (other, _) => {
                let near = nearest(other, ["host"]).unwrap_or("host");
                complaints.push(
                    Problem::error(
                        format!("unknown key `{other}` in `syslog`"),
                        format!("`syslog` に不明なキー `{other}` があります"),
                    )
                    .at(key.place.clone())
                    .help(format!("known: `{near}`"), format!("使えるキー：`{near}`")),
                );
            }
        }
    }
    host
}

struct SyslogParser {
    clock: Clock,
    /// Reporter of lines that print none.
    host: Option<Box<str>>,
    source_name: String,
    /// True when a line of the beginning printed no year.
    infers_years: bool,
}

impl Parser for SyslogParser {
    fn parse<'r>(
        &self,
        record: &'r str,
        event: &mut Event<'r>,
        emit: Emit<'_, 'r>,
    ) -> Result<Parsed<'r>, Reject> {
        if record.trim_ascii_start().is_empty() {
            return Ok(Parsed::Blank);
        }
        if is_heading(record) {
            return Ok(Parsed::Heading);
        }
        let mut line = Line::empty();
        header::read_into(record, &self.clock, &mut line)?;
        if let Some(count) = repeats(&line) {
            return Ok(Parsed::Repeat {
                count,
                reporter: (!line.host.is_empty()).then_some(line.host),
                time: line.time,
            });
        }
        if line.writer == Writer::YamahaConsole && yamaha::is_dump(line.text) {
            return Err(Reason::Continuation.into());
        }
        match passing(&line).filter(|action| !event.is_asked(Some(*action), Outcome::Unknown)) {
            Some(action) => {
                event.set_time(line.time);
                event.set_action(action);
            }
            None => {
                self.set_envelope(&line, event);
                read_message(&line, &self.clock, event);
            }
        }
        emit(event);
        Ok(Parsed::Events)
    }

    fn reporter<'r>(&self, record: &'r str) -> Option<&'r str> {
        let line = header::read(record, &self.clock).ok()?;
        (!line.host.is_empty()).then_some(line.host)
    }

    fn fields(&self) -> FieldSet {
        FieldSet::of(FIELDS)
    }

    fn log_sources(&self) -> LogSources {
        LogSources::of(SOURCES)
    }

    fn source_name(&self) -> String {
        self.source_name.clone()
    }

    fn infers_years(&self) -> bool {
        self.infers_years
    }

    fn against(&self, reference: Instant) -> Option<Box<dyn Parser>> {
        Some(Box::new(SyslogParser {
            clock: self.clock.against(reference)?,
            host: self.host.clone(),
            source_name: self.source_name.clone(),
            infers_years: self.infers_years,
        }))
    }
}

/// The count, when the line says that the message before it was repeated. Only the receiver and
/// the router itself say so; a program with a tag of its own does not speak for others.
#[inline]
fn repeats(line: &Line<'_>) -> Option<u32> {
    let speaks = || matches!(line.tag, "" | "syslogd" | "rsyslogd") || names_router(line);
    match line.text.as_bytes().first() {
        Some(b'l' | b'L' | b's' | b'S') if speaks() => header::repeat_phrase(line.text),
        _ => None,
    }
}

impl SyslogParser {
    #[inline]
    fn set_envelope<'r>(&self, line: &Line<'r>, event: &mut Event<'r>) {
        event.set_time(line.time);
        event.declare(LogSources::of(&[LogSourceId::Any]));
        event.set(Field::TimeSource, line.time_source);
        if line.year_inferred {
            event.set(Field::TimeYear, "inferred");
        }
        if !line.time.trusted {
            event.set(Field::TimeTrusted, "false");
        }
        if !line.host.is_empty() {
            event.set(Field::ObserverName, line.host);
            event.set(Field::SyslogHostname, line.host);
            if let Some(address) = scan::address(line.host) {
                event.set(Field::ObserverIp, address);
            }
        } else if let Some(host) = &self.host {
            event.set_copy(Field::ObserverName, host);
        }
        event.set(Field::Message, line.text);
        if !line.tag.is_empty() {
            event.set(Field::SyslogAppname, line.tag);
            event.set(Field::ProcessName, line.tag);
        }
        if !line.pid.is_empty() {
            event.set(Field::SyslogProcid, line.pid);
            if scan::is_number(line.pid) {
                event.set(Field::ProcessPid, line.pid);
            }
        }
        set_rare(line, event);
    }
}

/// The parts of an envelope that most lines do not have.
#[inline]
fn set_rare<'r>(line: &Line<'r>, event: &mut Event<'r>) {
    if let Ok(priority) = line.priority.parse::<usize>() {
        event.set(Field::SyslogPriority, line.priority);
        event.set(Field::SyslogFacility, NUMBERS[priority / 8]);
        event.set(Field::SyslogSeverity, NUMBERS[priority % 8]);
    }
    if let Some(received) = line.received {
        event.set_copy(Field::EventCreated, &received.rfc3339());
    }
    if !line.level.is_empty() {
        event.set(Field::LogLevel, line.level);
    }
    if !line.msgid.is_empty() {
        event.set(Field::SyslogMsgid, line.msgid);
    }
    if !line.sequence.is_empty() {
        event.set(Field::EventSequence, line.sequence);
    }
    if !line.data.is_empty() {
        structured::set_data(event, line.data);
    }
}

/// Facilities and severities, as text.
const NUMBERS: [&str; 24] = [
    "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16",
    "17", "18", "19", "20", "21", "22", "23",
];

/// What the commonest lines of a router say happened, seen before anything else is read: by far
/// most lines of a night, and most sites have no rule about them.
#[inline]
fn passing(line: &Line<'_>) -> Option<Action> {
    let router = match line.writer {
        Writer::YamahaConsole => true,
        Writer::Unknown => line.tag.is_empty(),
        Writer::Cisco { .. } => false,
    };
    router.then(|| yamaha::passing(line.text)).flatten()
}

/// Reads the message as the device or program writes it.
#[inline]
fn read_message<'r>(line: &Line<'r>, clock: &Clock, event: &mut Event<'r>) {
    match line.writer {
        Writer::Cisco { code } => cisco::read(code, line.text, event),
        Writer::YamahaConsole => {
            yamaha::set_maker(event);
            yamaha::read(line.text, clock, event);
        }
        Writer::Unknown if line.tag.is_empty() => {
            if !yamaha::read(line.text, clock, event) {
                linux::read_untagged(line.text, event);
            }
        }
        Writer::Unknown => {
            if !(names_router(line) && yamaha::read(line.text, clock, event)) {
                read_tagged(line, event);
            }
        }
    }
    if let Some(outcome) = undecided(event) {
        event.set_outcome(outcome);
    }
}

/// True for a tag that receivers give a router, which sends none: its host's name, or its maker or
/// model.
#[inline]
fn names_router(line: &Line<'_>) -> bool {
    let tag = line.tag.as_bytes();
    let is_host = !tag.is_empty() && line.tag == line.host;
    is_host
        || yamaha::NAMES.iter().any(|name| {
            tag.get(..name.len())
                .is_some_and(|b| b.eq_ignore_ascii_case(name))
        })
}

/// A login whose end the log does not tell ends unknown, said aloud.
#[inline]
fn undecided(event: &Event<'_>) -> Option<Outcome> {
    (event.action() == Some(Action::Login) && event.outcome() == Outcome::Unknown)
        .then_some(Outcome::Unknown)
}

/// A message with a tag; one that rsyslog has folded (`message repeated 5 times: [ …]`) counts as
/// many times.
fn read_tagged<'r>(line: &Line<'r>, event: &mut Event<'r>) {
    let folded = folded_repeat(line.text);
    let text = folded.map_or(line.text, |(_, text)| text);
    if let Some((digits, _)) = folded {
        let count = header::repeat_count(digits);
        event.set_repeat(count);
        event.set_made(Field::RepeatCount, format_args!("{count}"));
        event.set(Field::Message, text);
    }
    linux::read(line.tag, text, event);
}

/// The digits and the text of `message repeated 5 times: [ text]`.
fn folded_repeat(text: &str) -> Option<(&str, &str)> {
    let (digits, rest) = scan::word(text.strip_prefix("message repeated ")?);
    let inside = rest
        .strip_prefix("times: [")?
        .trim_end()
        .strip_suffix(']')?;
    let positive = scan::is_number(digits) && digits.bytes().any(|b| b != b'0');
    positive.then(|| (digits, scan::skip_blanks(inside)))
}

/// Every field a message can fill.
const FIELDS: &[Field] = &[
    Field::EventAction,
    Field::EventOutcome,
    Field::EventCategory,
    Field::EventType,
    Field::EventCode,
    Field::EventReason,
    Field::EventCreated,
    Field::EventStart,
    Field::EventSequence,
    Field::EventProvider,
    Field::Message,
    Field::UserId,
    Field::UserName,
    Field::UserTargetName,
    Field::UserEffectiveName,
    Field::SessionId,
    Field::SourceIp,
    Field::SourcePort,
    Field::SourceMac,
    Field::SourceDomain,
    Field::DestinationIp,
    Field::DestinationPort,
    Field::DestinationMac,
    Field::ClientIp,
    Field::ClientMac,
    Field::ClientDomain,
    Field::HostName,
    Field::ObserverName,
    Field::ObserverIp,
    Field::ObserverMac,
    Field::ObserverVendor,
    Field::ObserverProduct,
    Field::ObserverVersion,
    Field::ObserverIngress,
    Field::ObserverEgress,
    Field::ServiceName,
    Field::NetworkTransport,
    Field::NetworkDirection,
    Field::NetworkPackets,
    Field::WifiSsid,
    Field::WifiBssid,
    Field::WifiSecurity,
    Field::RuleId,
    Field::RuleName,
    Field::ProcessName,
    Field::ProcessPid,
    Field::ProcessCommandLine,
    Field::ProcessWorkingDirectory,
    Field::DhcpLeaseSeconds,
    Field::DnsQuestionName,
    Field::DnsQuestionType,
    Field::LogLevel,
    Field::SyslogPriority,
    Field::SyslogFacility,
    Field::SyslogSeverity,
    Field::SyslogHostname,
    Field::SyslogAppname,
    Field::SyslogProcid,
    Field::SyslogMsgid,
    Field::RepeatCount,
    Field::TimeSource,
    Field::TimeYear,
    Field::TimeTrusted,
    Field::TimeSteppedBack,
];

/// Every log source a message can satisfy.
const SOURCES: &[LogSourceId] = &[
    LogSourceId::Authentication,
    LogSourceId::Dhcp,
    LogSourceId::Wifi,
    LogSourceId::Firewall,
    LogSourceId::Vpn,
    LogSourceId::Dns,
    LogSourceId::Router,
    LogSourceId::Yamaha,
    LogSourceId::LinuxAny,
    LogSourceId::LinuxSshd,
    LogSourceId::LinuxAuth,
    LogSourceId::LinuxSudo,
    LogSourceId::LinuxSyslog,
    LogSourceId::CiscoSyslog,
    LogSourceId::CiscoAaa,
    LogSourceId::Any,
];
