//! One AuditEvent, member by member, in every shape from DSTU2 to R5 and between.
//!
//! No version label is asked for: drafts mix the shapes, so each member is read wherever and
//! however it is known to stand. What is a list goes to the event at once; what needs the whole
//! record to be judged is kept here.

use crate::event::{Event, Field, Outcome};
use crate::format::json::{Read, Reader, Seen};

use super::agent::{Agent, AgentNotes};
use super::code::{self, About, Class};
use super::concept::{Coded, coded};
use super::distinct::Distinct;
use super::entity::Entity;
use super::who::{Who, folded, keep, target};

/// A time as it is written, and the column it stands in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stamp<'r> {
    pub(super) text: &'r str,
    pub(super) column: usize,
}

impl<'r> Stamp<'r> {
    fn read(&mut self, reader: &mut Reader<'r>) -> Read<()> {
        let column = reader.column();
        if !self.text.is_empty() {
            return reader.skip();
        }
        self.column = column;
        keep(&mut self.text, reader)
    }
}

/// An AuditEvent while it is read.
pub(super) struct Draft<'e, 'r> {
    pub(super) event: &'e mut Event<'r>,
    pub(super) resource: &'r str,
    /// The greatest class among the codes, and the first code of that class.
    pub(super) class: Class,
    pub(super) code: &'r str,
    pub(super) recorded: Stamp<'r>,
    pub(super) occurred: Stamp<'r>,
    pub(super) period: (Stamp<'r>, Stamp<'r>),
    pub(super) outcome: Option<Outcome>,
    pub(super) reason: &'r str,
    pub(super) person: Agent<'r>,
    pub(super) person_rank: u8,
    pub(super) source: Source<'r>,
    pub(super) about: About,
    /// An emergency purpose was named.
    pub(super) breaks_glass: bool,
    purposes: Distinct<'r>,
    patients: Distinct<'r>,
}

/// Who reported.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Source<'r> {
    observer: Who<'r>,
    identifier: Who<'r>,
    site: Who<'r>,
}

impl<'e, 'r> Draft<'e, 'r> {
    pub(super) fn new(event: &'e mut Event<'r>) -> Self {
        Draft {
            event,
            resource: "",
            class: Class::None,
            code: "",
            recorded: Stamp::default(),
            occurred: Stamp::default(),
            period: Default::default(),
            outcome: None,
            reason: "",
            person: Agent::default(),
            person_rank: 0,
            source: Source::default(),
            about: About::default(),
            breaks_glass: false,
            purposes: Distinct::default(),
            patients: Distinct::default(),
        }
    }

    /// Reads the resource, which must be an object.
    pub(super) fn read(&mut self, reader: &mut Reader<'r>) -> Read<()> {
        let mut seen = Seen::default();
        reader.members(|reader, key| match key {
            "resourceType" if seen.first(32) => keep(&mut self.resource, reader),
            "agent" | "participant" if seen.first(33 + u32::from(key == "agent")) => {
                reader.each_element(|reader| self.read_agent(reader))
            }
            "entity" | "object" if seen.first(35 + u32::from(key == "entity")) => reader
                .each_element(|reader| {
                    let entity = Entity::read(reader)?;
                    self.take_entity(entity);
                    Ok(())
                }),
            "source" if seen.first(37) => self.source.read(reader),
            "patient" if seen.first(38) => {
                let entity = Entity::patient(reader)?;
                self.take_entity(entity);
                Ok(())
            }
            "event" if seen.first(39) && reader.peek() == b'{' => {
                let mut seen = Seen::default();
                reader.members(|reader, key| self.read_head(reader, key, &mut seen))
            }
            _ => self.read_head(reader, key, &mut seen),
        })
    }

    /// The members that DSTU2 has inside `event` and all others have beside `agent`.
    fn read_head(&mut self, reader: &mut Reader<'r>, key: &'r str, seen: &mut Seen) -> Read<()> {
        match key {
            "type" if seen.first(0) => self.read_codes(reader),
            "subtype" if seen.first(1) => self.read_codes(reader),
            "category" if seen.first(2) => self.read_codes(reader),
            "code" if seen.first(3) => self.read_codes(reader),
            "action" if seen.first(4) => self.read_letter(reader),
            "recorded" if seen.first(5) => self.recorded.read(reader),
            "dateTime" if seen.first(6) => self.recorded.read(reader),
            "outcome" if seen.first(7) => self.read_outcome(reader),
            "outcomeDesc" if seen.first(8) => keep(&mut self.reason, reader),
            "occurredDateTime" if seen.first(9) => self.occurred.read(reader),
            "occurredPeriod" if seen.first(10) => self.read_period(reader),
            "period" if seen.first(11) => self.read_period(reader),
            "purposeOfEvent" if seen.first(12) => self.read_purposes(reader),
            "authorization" if seen.first(13) => self.read_purposes(reader),
            _ => reader.skip(),
        }
    }

    fn read_codes(&mut self, reader: &mut Reader<'r>) -> Read<()> {
        coded(reader, &mut |coded| {
            let class = code::class(coded.code);
            self.about.authenticates |= coded.code == "110114";
            if class > self.class {
                (self.class, self.code) = (class, coded.code);
            }
        })
    }

    fn read_letter(&mut self, reader: &mut Reader<'r>) -> Read<()> {
        coded(reader, &mut |coded| {
            let letter = &mut self.about.letter;
            if *letter == 0 && coded.code.len() == 1 {
                *letter = coded.code.as_bytes()[0].to_ascii_uppercase();
            }
        })
    }

    fn read_purposes(&mut self, reader: &mut Reader<'r>) -> Read<()> {
        coded(reader, &mut |coded| self.purpose(coded))
    }

    fn read_period(&mut self, reader: &mut Reader<'r>) -> Read<()> {
        if reader.peek() != b'{' {
            return reader.skip();
        }
        let mut seen = Seen::default();
        reader.members(|reader, key| match key {
            "start" if seen.first(0) => self.period.0.read(reader),
            "end" if seen.first(1) => self.period.1.read(reader),
            _ => reader.skip(),
        })
    }

    /// A code (to R4), a coded value (drafts), or an object of `code` and `detail` (R5).
    fn read_outcome(&mut self, reader: &mut Reader<'r>) -> Read<()> {
        if reader.peek() != b'{' {
            return coded(reader, &mut |coded| self.take_outcome(coded));
        }
        let mut seen = Seen::default();
        reader.members(|reader, key| match key {
            "code" if seen.first(0) => coded(reader, &mut |coded| self.take_outcome(coded)),
            "coding" if seen.first(1) => coded(reader, &mut |coded| self.take_outcome(coded)),
            "detail" if seen.first(2) => coded(reader, &mut |coded| {
                if self.reason.is_empty() {
                    self.reason = coded.spoken();
                }
            }),
            "text" if seen.first(3) => keep(&mut self.reason, reader),
            _ => reader.skip(),
        })
    }

    fn take_outcome(&mut self, coded: Coded<'_>) {
        if self.outcome.is_none() {
            self.outcome = code::outcome(coded.code);
        }
    }

    fn read_agent(&mut self, reader: &mut Reader<'r>) -> Read<()> {
        let agent = Agent::read(reader, self)?;
        let rank = agent.rank();
        if rank > self.person_rank {
            (self.person, self.person_rank) = (agent, rank);
        }
        Ok(())
    }

    fn take_entity(&mut self, entity: Entity<'r>) {
        if let Some(id) = entity.request_id() {
            self.event.add_extra("http.request.id", id);
        }
        if entity.is_patient() {
            return self.take_patient(entity);
        }
        let resource = entity.resource();
        self.about.orders |= code::is_order(resource);
        if !resource.is_empty() && !self.event.has(Field::RecordKind) {
            self.event.set(Field::RecordKind, resource);
        }
        let id = entity.issued().id;
        if entity.role == "6" && !id.is_empty() {
            self.event
                .add(Field::UserTargetId, folded(id, self.event.arena()));
        }
    }

    fn take_patient(&mut self, entity: Entity<'r>) {
        self.about.patient = true;
        let issued = entity.issued();
        let id = folded(issued.id, self.event.arena());
        if id.is_empty() || !self.patients.is_new(id) {
            return;
        }
        self.event.add(Field::PatientId, id);
        if !issued.assigner.is_empty() && !self.event.has(Field::PatientAssigner) {
            self.event.set(Field::PatientAssigner, issued.assigner);
        }
        let name = match entity.who.display {
            "" => entity.name,
            display => display,
        };
        if !name.is_empty() {
            self.event.add(Field::PatientName, name);
        }
    }
}

impl<'r> AgentNotes<'r> for Draft<'_, 'r> {
    fn medium(&mut self, media: &'r str) {
        self.about.on_paper |= code::prints(media);
    }

    fn purpose(&mut self, purpose: Coded<'r>) {
        let word = match purpose.code {
            "" => purpose.words,
            code => code,
        };
        self.breaks_glass |= code::breaks_glass(word);
        if self.purposes.is_new(word) {
            self.event.add(Field::PurposeOfUse, word);
        }
    }
}

impl<'r> Source<'r> {
    pub(super) fn read(&mut self, reader: &mut Reader<'r>) -> Read<()> {
        if reader.peek() != b'{' {
            return reader.skip();
        }
        let mut seen = Seen::default();
        reader.members(|reader, key| match key {
            "observer" if seen.first(0) => self.observer.read(reader),
            "identifier" if seen.first(1) => self.identifier.read(reader),
            "site" if seen.first(2) => self.site.read(reader),
            _ => reader.skip(),
        })
    }

    /// The name of the observer, else the identifier (to STU3), else the site.
    pub(super) fn name(&self) -> &'r str {
        [self.observer, self.identifier, self.site]
            .iter()
            .flat_map(|who| [who.display, who.value, target(who.reference).id])
            .find(|name| !name.is_empty())
            .unwrap_or("")
    }
}
