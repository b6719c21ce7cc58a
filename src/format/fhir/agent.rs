//! Who took part, and which of them is the person.
//!
//! An AuditEvent lists programs, machines, media and people side by side. The person is the
//! requestor who is somebody: a Practitioner, Patient or the like, or a plain identifier or name;
//! never a device, a URL, an application or a destination. Without such a requestor it is an agent
//! that says it is human, and at last one that does not say whether it is the requestor. Of equals
//! the first counts.

use crate::format::json::{Read, Reader, Seen};

use super::concept::{Coded, coded};
use super::who::{Who, keep, names_somebody, target};

/// One agent, or what is known of the person so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Agent<'r> {
    pub(super) who: Who<'r>,
    pub(super) alt_id: &'r str,
    pub(super) name: &'r str,
    pub(super) role: &'r str,
    pub(super) address: &'r str,
    requestor: Option<bool>,
    /// Says that it is an application, a destination, a medium.
    machine: Machine,
    /// Says that it is human.
    human: bool,
}

/// What an agent's type says about machines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Machine {
    /// Nothing.
    #[default]
    No,
    /// A source or a medium: people stand there too when they are the requestor.
    Maybe,
    /// An application, its launcher or a destination: never a person.
    Yes,
}

/// What agents say about the event rather than about themselves.
pub(super) trait AgentNotes<'r> {
    /// A medium something was written to.
    fn medium(&mut self, media: &'r str);
    /// A purpose of use.
    fn purpose(&mut self, purpose: Coded<'r>);
}

impl<'r> Agent<'r> {
    /// Reads one agent (`participant` before STU3).
    pub(super) fn read(
        reader: &mut Reader<'r>,
        notes: &mut impl AgentNotes<'r>,
    ) -> Read<Agent<'r>> {
        let mut agent = Agent::default();
        if reader.peek() != b'{' {
            reader.skip()?;
            return Ok(agent);
        }
        let mut seen = Seen::default();
        reader.members(|reader, key| match key {
            "type" if seen.first(0) => coded(reader, &mut |coded| agent.take_type(coded.code)),
            "who" if seen.first(1) => agent.who.read(reader),
            "requestor" if seen.first(2) => agent.read_requestor(reader),
            "network" if seen.first(3) => agent.read_network(reader),
            "networkString" if seen.first(4) => keep(&mut agent.address, reader),
            "networkUri" if seen.first(5) => keep(&mut agent.address, reader),
            "altId" if seen.first(6) => keep(&mut agent.alt_id, reader),
            "name" if seen.first(7) => keep(&mut agent.name, reader),
            "role" if seen.first(8) => coded(reader, &mut |coded| agent.take_role(coded)),
            "userId" if seen.first(9) => agent.who.read(reader),
            "reference" if seen.first(10) => agent.read_reference(reader),
            "media" if seen.first(11) => coded(reader, &mut |coded| notes.medium(coded.code)),
            "purposeOfUse" if seen.first(12) => coded(reader, &mut |coded| notes.purpose(coded)),
            "authorization" if seen.first(13) => coded(reader, &mut |coded| notes.purpose(coded)),
            _ => reader.skip(),
        })?;
        Ok(agent)
    }

    /// STU3 has a Reference here, DSTU2 too; a bare text is a reference, not an identifier.
    fn read_reference(&mut self, reader: &mut Reader<'r>) -> Read<()> {
        match reader.peek() {
            b'{' | b'[' => self.who.read(reader),
            _ => keep(&mut self.who.reference, reader),
        }
    }

    fn read_requestor(&mut self, reader: &mut Reader<'r>) -> Read<()> {
        self.requestor = reader.text()?.map(|text| text == "true");
        Ok(())
    }

    /// `network.address`, `network.identifier` before STU3; the address tells its kind by shape.
    fn read_network(&mut self, reader: &mut Reader<'r>) -> Read<()> {
        if reader.peek() != b'{' {
            return keep(&mut self.address, reader);
        }
        let mut seen = Seen::default();
        reader.members(|reader, key| match key {
            "address" if seen.first(0) => keep(&mut self.address, reader),
            "identifier" if seen.first(1) => keep(&mut self.address, reader),
            _ => reader.skip(),
        })
    }

    fn take_type(&mut self, code: &str) {
        match code {
            "110150" | "110151" | "110152" => self.machine = Machine::Yes,
            "110153" | "110154" | "110155" if self.machine == Machine::No => {
                self.machine = Machine::Maybe;
            }
            "humanuser" | "IRCP" | "AUT" | "INF" | "429577009" | "UserSamlAgent"
            | "UserOauthAgent" => self.human = true,
            _ => {}
        }
    }

    fn take_role(&mut self, coded: Coded<'r>) {
        self.take_type(coded.code);
        if self.role.is_empty() && !coded.code.starts_with("1101") {
            self.role = coded.spoken();
        }
    }

    /// How surely this is the person: 0 is nobody.
    pub(super) fn rank(&self) -> u8 {
        let resource = self.who.resource();
        let person = matches!(
            resource,
            "Practitioner" | "PractitionerRole" | "Patient" | "RelatedPerson" | "Person"
        );
        let thing = !person && !resource.is_empty();
        if self.machine == Machine::Yes || thing || !self.is_named() {
            return 0;
        }
        match self.requestor {
            Some(true) if person || self.human => 4,
            Some(true) => 3,
            _ if person || self.human => 2,
            None if self.machine == Machine::No => 1,
            _ => 0,
        }
    }

    /// True when something names the agent that is not an address of a program.
    fn is_named(&self) -> bool {
        !target(self.who.reference).id.is_empty()
            || [self.who.value, self.alt_id, self.name, self.who.display]
                .into_iter()
                .any(names_somebody)
    }
}
