//! The slow twin: the same table read literally from a whole tree that serde_json made. The
//! property tests hold the pull reader against it.

use std::collections::BTreeMap;
use std::fmt;

use bumpalo::Bump;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::code::{self, About, Class};
use super::who::{issued, target};
use crate::event::{Outcome, Reason, Zone};
use crate::format::json::{ip, mac, moment, split_port};
use crate::format::words::split_account;
use crate::text::fold_width;

/// A JSON value as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json {
    Null,
    Scalar(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// The members of an object; of a doubled key the first.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members: Vec<(String, Box<RawValue>)> = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    if !members.iter().any(|(k, _)| *k == key) {
                        members.push((key, value));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

impl Json {
    /// Reads a text; the error is only that it is no JSON.
    pub(super) fn read(text: &str) -> Result<Json, ()> {
        let whole: &RawValue = serde_json::from_str(text).map_err(drop)?;
        let text = whole.get();
        match text.as_bytes().first() {
            Some(b'{') => {
                let Members(members) = serde_json::from_str(text).map_err(drop)?;
                let read = |(key, raw): (String, Box<RawValue>)| Ok((key, Json::read(raw.get())?));
                members
                    .into_iter()
                    .map(read)
                    .collect::<Result<_, ()>>()
                    .map(Json::Object)
            }
            Some(b'[') => {
                let items: Vec<Box<RawValue>> = serde_json::from_str(text).map_err(drop)?;
                let read = |raw: Box<RawValue>| Json::read(raw.get());
                items
                    .into_iter()
                    .map(read)
                    .collect::<Result<_, ()>>()
                    .map(Json::List)
            }
            Some(b'"') => serde_json::from_str(text).map(Json::Scalar).map_err(drop),
            Some(b'n') => Ok(Json::Null),
            _ => Ok(Json::Scalar(text.to_owned())),
        }
    }

    fn depth(&self) -> usize {
        match self {
            Json::List(items) => 1 + items.iter().map(Json::depth).max().unwrap_or(0),
            Json::Object(members) => 1 + members.iter().map(|m| m.1.depth()).max().unwrap_or(0),
            _ => 0,
        }
    }

    fn get(&self, key: &str) -> &Json {
        match self {
            Json::Object(members) => members
                .iter()
                .find(|(k, _)| k == key)
                .map_or(&Json::Null, |(_, value)| value),
            _ => &Json::Null,
        }
    }

    fn str(&self) -> &str {
        match self {
            Json::Scalar(text) => text.trim_ascii(),
            _ => "",
        }
    }

    fn items(&self) -> Vec<&Json> {
        match self {
            Json::List(items) => items.iter().collect(),
            other => vec![other],
        }
    }

    fn members(&self) -> &[(String, Json)] {
        match self {
            Json::Object(members) => members,
            _ => &[],
        }
    }

    /// Code and words of every coded value.
    fn coded(&self) -> Vec<(String, String)> {
        match self {
            Json::Null => Vec::new(),
            Json::Scalar(_) if self.str().is_empty() => Vec::new(),
            Json::Scalar(_) => vec![(self.str().to_owned(), String::new())],
            Json::List(items) => items.iter().flat_map(Json::coded).collect(),
            Json::Object(members) => {
                let inner = members.iter().filter(|(key, value)| {
                    key == "coding" || (key == "code" && !matches!(value, Json::Scalar(_)))
                });
                let mut all: Vec<_> = inner.flat_map(|(_, value)| value.coded()).collect();
                let words = [self.get("text").str(), self.get("display").str()];
                let words = words.into_iter().find(|w| !w.is_empty()).unwrap_or("");
                let own = (self.get("code").str().to_owned(), words.to_owned());
                if own != Default::default() {
                    all.push(own);
                }
                all
            }
        }
    }
}

#[derive(Clone, Default)]
struct Person {
    reference: String,
    kind: String,
    value: String,
    system: String,
    display: String,
}

impl Person {
    fn fill(slot: &mut String, json: &Json) {
        if slot.is_empty() {
            *slot = json.str().to_owned();
        }
    }

    fn take(&mut self, json: &Json) {
        match json {
            Json::List(items) => items.iter().for_each(|item| self.take(item)),
            Json::Object(members) => {
                for (key, value) in members {
                    match key.as_str() {
                        "reference" => Person::fill(&mut self.reference, value),
                        "type" => Person::fill(&mut self.kind, value),
                        "identifier" => self.take(value),
                        "value" => Person::fill(&mut self.value, value),
                        "system" => Person::fill(&mut self.system, value),
                        "display" => Person::fill(&mut self.display, value),
                        _ => {}
                    }
                }
            }
            scalar => Person::fill(&mut self.value, scalar),
        }
    }

    fn take_reference(&mut self, json: &Json) {
        match json {
            Json::Scalar(_) => Person::fill(&mut self.reference, json),
            other => self.take(other),
        }
    }

    fn resource(&self) -> &str {
        match target(&self.reference).kind {
            "" => self.kind.rsplit('/').next().unwrap(),
            kind => kind,
        }
    }

    fn name(&self) -> String {
        let id = target(&self.reference).id;
        let names = [self.display.as_str(), &self.value, id];
        names
            .into_iter()
            .find(|n| !n.is_empty())
            .unwrap_or("")
            .to_owned()
    }
}

/// What the twin found: fields by name, and the time in nanoseconds.
pub(super) type Fields = BTreeMap<String, Vec<String>>;

/// Reads a record the slow way; `Err` holds the reason, `None` for broken JSON.
pub(super) fn read(text: &str, zone: &Zone) -> Result<(Fields, i64), Option<Reason>> {
    let root = Json::read(&without_lone_surrogates(text)).map_err(|()| None)?;
    if root.depth() > 64 {
        return Err(Some(Reason::TooDeep));
    }
    if !matches!(root, Json::Object(_)) {
        return Err(Some(Reason::NotThisFormat));
    }
    match root.get("resourceType").str() {
        "AuditEvent" => {}
        "" => return Err(Some(Reason::NotThisFormat)),
        _ => return Err(Some(Reason::OtherResource)),
    }
    Twin::default().event(&root, zone)
}

#[derive(Default)]
struct Twin {
    fields: Fields,
    about: About,
    class: Class,
    code: String,
    best: u8,
    outcome: Option<Outcome>,
}

impl Twin {
    fn set(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.fields.insert(name.to_owned(), vec![value.to_owned()]);
        }
    }

    fn add(&mut self, name: &str, value: &str) {
        self.fields
            .entry(name.to_owned())
            .or_default()
            .push(value.to_owned());
    }

    fn has(&self, name: &str, value: &str) -> bool {
        self.fields
            .get(name)
            .is_some_and(|all| all.iter().any(|v| v == value))
    }

    fn event(mut self, root: &Json, zone: &Zone) -> Result<(Fields, i64), Option<Reason>> {
        // The members of `event` stand where `event` stands.
        let mut heads: Vec<(&str, &Json)> = Vec::new();
        for (key, value) in root.members() {
            match (key.as_str(), value) {
                ("event", Json::Object(inner)) => {
                    heads.extend(inner.iter().map(|(k, v)| (k.as_str(), v)));
                }
                _ => heads.push((key, value)),
            }
        }
        let mut breaks_glass = false;
        for (key, value) in root.members() {
            match key.as_str() {
                "event" => {
                    for (key, value) in value.members() {
                        self.head(key, value, &mut breaks_glass);
                    }
                }
                "agent" | "participant" => {
                    for agent in value.items() {
                        self.agent(agent, &mut breaks_glass);
                    }
                }
                "entity" | "object" => value.items().into_iter().for_each(|e| self.entity(e)),
                "patient" => {
                    let mut who = Person::default();
                    who.take(value);
                    self.touched(&who, "1", "", "");
                }
                _ => self.head(key, value, &mut breaks_glass),
            }
        }
        let nanos = self.times(&heads, zone)?;
        self.about.failed = self.outcome == Some(Outcome::Failure);
        let action = self.about.action(self.class);
        let code = std::mem::take(&mut self.code);
        self.set("event.code", &code);
        if let Some(action) = action {
            self.set("event.action", action.name());
            self.set("event.category", action.category());
        }
        if let Some(outcome) = self.outcome {
            self.set("event.outcome", outcome.name());
        }
        if breaks_glass || action.is_some_and(|a| a.name() == "break-glass") {
            self.set("break_glass", "true");
        }
        let source = root.get("source");
        let name = |key: &str| {
            let mut who = Person::default();
            who.take(source.get(key));
            who.name()
        };
        let names = [name("observer"), name("identifier"), name("site")];
        let observer = names
            .into_iter()
            .find(|n| !n.is_empty())
            .unwrap_or_default();
        self.set("observer.name", &observer);
        self.set("event.dataset", "fhir.auditevent");
        self.set("service.name", "ehr");
        Ok((self.fields, nanos))
    }

    fn head(&mut self, key: &str, value: &Json, breaks_glass: &mut bool) {
        match key {
            "type" | "subtype" | "category" | "code" => {
                for (code, _) in value.coded() {
                    self.about.authenticates |= code == "110114";
                    if code::class(&code) > self.class {
                        self.class = code::class(&code);
                        self.code = code;
                    }
                }
            }
            "action" => {
                for (code, _) in value.coded() {
                    if self.about.letter == 0 && code.len() == 1 {
                        self.about.letter = code.as_bytes()[0].to_ascii_uppercase();
                    }
                }
            }
            "outcome" => self.outcome(value),
            "outcomeDesc" => self.reason(value.str()),
            "purposeOfEvent" | "authorization" => self.purposes(value, breaks_glass),
            _ => {}
        }
    }

    fn reason(&mut self, reason: &str) {
        if !self.fields.contains_key("event.reason") {
            self.set("event.reason", reason);
        }
    }

    fn outcome(&mut self, value: &Json) {
        let codes = |value: &Json| {
            value
                .coded()
                .iter()
                .find_map(|(code, _)| code::outcome(code))
        };
        let Json::Object(members) = value else {
            self.outcome = self.outcome.or(codes(value));
            return;
        };
        for (key, value) in members {
            match key.as_str() {
                "code" | "coding" => self.outcome = self.outcome.or(codes(value)),
                "detail" => {
                    for (code, words) in value.coded() {
                        self.reason(if words.is_empty() { &code } else { &words });
                    }
                }
                "text" => self.reason(value.str()),
                _ => {}
            }
        }
    }

    fn purposes(&mut self, value: &Json, breaks_glass: &mut bool) {
        for (code, words) in value.coded() {
            let word = if code.is_empty() { words } else { code };
            *breaks_glass |= word == "ETREAT" || word == "BTG";
            if !self.has("purpose_of_use", &word) {
                self.add("purpose_of_use", &word);
            }
        }
    }

    fn agent(&mut self, agent: &Json, breaks_glass: &mut bool) {
        let mut who = Person::default();
        let (mut role, mut address) = (String::new(), String::new());
        let (mut codes, mut names) = (Vec::new(), (String::new(), String::new()));
        for (key, value) in agent.members() {
            match key.as_str() {
                "type" => codes.extend(value.coded().into_iter().map(|(code, _)| code)),
                "role" => {
                    for (code, words) in value.coded() {
                        let spoken = if words.is_empty() { &code } else { &words };
                        if role.is_empty() && !code.starts_with("1101") {
                            role = spoken.clone();
                        }
                        codes.push(code);
                    }
                }
                "who" | "userId" => who.take(value),
                "reference" => who.take_reference(value),
                "altId" => Person::fill(&mut names.0, value),
                "name" => Person::fill(&mut names.1, value),
                "networkString" | "networkUri" => Person::fill(&mut address, value),
                "network" if matches!(value, Json::Object(_)) => {
                    for (key, value) in value.members() {
                        if key == "address" || key == "identifier" {
                            Person::fill(&mut address, value);
                        }
                    }
                }
                "network" => Person::fill(&mut address, value),
                "media" => {
                    let paper = |(code, _): &(String, _)| code == "110038" || code == "110010";
                    self.about.on_paper |= value.coded().iter().any(paper);
                }
                "purposeOfUse" | "authorization" => self.purposes(value, breaks_glass),
                _ => {}
            }
        }
        let any = |list: &[&str]| codes.iter().any(|code| list.contains(&code.as_str()));
        let persons = [
            "Practitioner",
            "PractitionerRole",
            "Patient",
            "RelatedPerson",
            "Person",
        ];
        let person = persons.contains(&who.resource());
        let human = person
            || any(&[
                "humanuser",
                "IRCP",
                "AUT",
                "INF",
                "429577009",
                "UserSamlAgent",
                "UserOauthAgent",
            ]);
        let plain = |text: &str| !text.is_empty() && !text.contains("://");
        let named = !target(&who.reference).id.is_empty()
            || [&who.value, &names.0, &names.1, &who.display]
                .into_iter()
                .any(|n| plain(n));
        let never = any(&["110150", "110151", "110152"]) || (!who.resource().is_empty() && !person);
        let rank = match agent.get("requestor").str() {
            _ if never || !named => 0,
            "true" if human => 4,
            "true" => 3,
            _ if human => 2,
            _ if agent.get("requestor").scalar() => 0,
            _ if any(&["110153", "110154", "110155"]) => 0,
            _ => 1,
        };
        if rank <= self.best {
            return;
        }
        self.best = rank;
        for field in PERSON {
            self.fields.remove(*field);
        }
        let alternative = fold_width(&names.0);
        let ids = [
            issued(target(&who.reference).id, "").id,
            issued(&who.value, "").id,
            &names.0,
        ];
        let first = |list: &[&str]| list.iter().find(|t| plain(t)).map_or("", |t| *t).to_owned();
        let account = fold_width(&first(&ids)).into_owned();
        let (domain, id) = split_account(&account);
        let (_, alternative) = split_account(&alternative);
        let id = id.to_owned();
        let full_name = first(&[&names.1, &who.display]);
        self.set("user.id", &id);
        self.set("user.name", &first(&[alternative, &id, &full_name]));
        self.set("user.domain", domain.unwrap_or(""));
        if full_name != id {
            self.set("user.full_name", &full_name);
        }
        self.set("user.role", &role);
        self.address(&address);
    }

    fn address(&mut self, address: &str) {
        let arena = Bump::new();
        if let Some(ip) = ip(address, &arena) {
            return self.set("source.ip", ip);
        }
        if let Some(mac) = mac(address, &arena) {
            return self.set("source.mac", mac);
        }
        let rest = address.split_once("://").map(|(_, rest)| rest);
        let authority = rest.map_or(address, |rest| rest.split(['/', '?', '#']).next().unwrap());
        let (host, port) = split_port(authority);
        if let Some(ip) = ip(host, &arena) {
            self.set("source.ip", ip);
        } else if super::finish::is_host_name(host) {
            let host = &*fold_width(host);
            self.set("source.domain", host);
            self.set("host.name", host);
        } else {
            return;
        }
        self.set("source.port", port.unwrap_or(""));
    }

    fn entity(&mut self, entity: &Json) {
        let mut who = Person::default();
        for (key, value) in entity.members() {
            match key.as_str() {
                "what" | "identifier" => who.take(value),
                "reference" => who.take_reference(value),
                _ => {}
            }
        }
        let code = |key: &str| {
            let codes = entity.get(key).coded();
            codes
                .into_iter()
                .map(|c| c.0)
                .find(|c| !c.is_empty())
                .unwrap_or_default()
        };
        let (role, kind) = (code("role"), code("type"));
        self.touched(&who, &role, &kind, entity.get("name").str());
    }

    fn touched(&mut self, who: &Person, role: &str, kind: &str, name: &str) {
        if kind == "XrequestId" && !who.value.is_empty() {
            self.add("http.request.id", &who.value);
        }
        let of_reference = target(&who.reference);
        let id = match of_reference.id {
            "" => issued(&who.value, &who.system),
            id => issued(id, of_reference.system),
        };
        let resource = who.resource();
        if resource == "Patient" || (resource.is_empty() && role == "1") {
            self.about.patient = true;
            let patient = fold_width(id.id);
            if patient.is_empty() || self.has("patient.id", &patient) {
                return;
            }
            self.add("patient.id", &patient);
            if !self.fields.contains_key("patient.assigner") {
                self.set("patient.assigner", id.assigner);
            }
            let names = [who.display.as_str(), name];
            if let Some(name) = names.into_iter().find(|n| !n.is_empty()) {
                self.add("patient.name", name);
            }
            return;
        }
        let upper = kind.starts_with(|c: char| c.is_ascii_uppercase());
        let resource = if resource.is_empty() && upper {
            kind
        } else {
            resource
        };
        self.about.orders |= code::is_order(resource);
        if !self.fields.contains_key("record.kind") {
            self.set("record.kind", resource);
        }
        if role == "6" && !id.id.is_empty() {
            self.add("user.target.id", &fold_width(id.id));
        }
    }

    fn times(&mut self, heads: &[(&str, &Json)], zone: &Zone) -> Result<i64, Option<Reason>> {
        let first = |keys: &[(&str, &str)]| {
            heads
                .iter()
                .flat_map(|(head, value)| {
                    let found = keys.iter().filter(move |(key, _)| key == head);
                    found.map(move |(_, part)| match *part {
                        "" => value.str().to_owned(),
                        _ => value.get(part).str().to_owned(),
                    })
                })
                .find(|text| !text.is_empty())
        };
        let recorded = first(&[("recorded", ""), ("dateTime", "")]);
        let start = first(&[("occurredPeriod", "start"), ("period", "start")]);
        let end = first(&[("occurredPeriod", "end"), ("period", "end")]);
        let happened = first(&[("occurredDateTime", "")]).or(start);
        let read = |text: &Option<String>| text.as_ref().map(|text| moment(text, zone));
        let usable = |t: &Option<Result<_, _>>| matches!(t, Some(Ok((_, p))) if *p != crate::format::json::Precision::Date);
        let (recorded, happened) = ((read(&recorded), recorded), read(&happened));
        let chosen = match (&happened, &recorded.0) {
            (Some(Ok(time)), _) if usable(&happened) => time.0,
            (_, Some(Ok(time))) => time.0,
            (Some(Ok(time)), _) => time.0,
            (Some(Err(reason)), _) | (_, Some(Err(reason))) => return Err(Some(*reason)),
            (None, None) => return Err(Some(Reason::NoTime)),
        };
        if !chosen.trusted {
            self.set("time.trusted", "false");
        }
        let written =
            |(instant, precision): (crate::event::Instant, _), text: String| match precision
                == crate::format::json::Precision::Full
            {
                true => text,
                false => instant.rfc3339(),
            };
        if let (Some(Ok(time)), Some(text)) = recorded
            && time.0.nanos != chosen.nanos
        {
            self.set("event.created", &written(time, text));
        }
        if let (Some(Ok(time)), Some(text)) = (read(&end), end) {
            self.set("event.end", &written(time, text));
        }
        Ok(chosen.nanos)
    }
}

impl Json {
    fn scalar(&self) -> bool {
        matches!(self, Json::Scalar(_))
    }
}

const PERSON: &[&str] = &[
    "user.id",
    "user.domain",
    "user.name",
    "user.full_name",
    "user.role",
    "source.ip",
    "source.mac",
    "source.domain",
    "source.port",
    "host.name",
];

/// Replaces the escapes of lone surrogates, which serde_json refuses and we read as U+FFFD.
fn without_lone_surrogates(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let unit = |at: usize| -> Option<u32> {
        let head: String = chars.get(at..at + 6)?.iter().collect();
        let digits = head.strip_prefix("\\u")?;
        let hex = digits.chars().all(|c| c.is_ascii_hexdigit());
        hex.then(|| u32::from_str_radix(digits, 16).unwrap())
    };
    let (mut out, mut at) = (String::new(), 0);
    while at < chars.len() {
        let take = match unit(at) {
            Some(0xD800..=0xDBFF) if matches!(unit(at + 6), Some(0xDC00..=0xDFFF)) => 12,
            Some(0xD800..=0xDFFF) => {
                out.push_str("\\ufffd");
                at += 6;
                continue;
            }
            Some(_) => 6,
            None if chars[at] == '\\' => 2,
            None => 1,
        };
        out.extend(chars.iter().skip(at).take(take));
        at += take;
    }
    out
}
