//! What was touched: patients, records, accounts.
//!
//! Takes a reader that stands at an entity; gives what it names. Never sets a field.

use crate::format::json::{Read, Reader, Seen};

use super::concept::coded;
use super::who::{Issued, Who, issued, keep, target};

/// One entity (`object` before STU3).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Entity<'r> {
    pub(super) who: Who<'r>,
    pub(super) name: &'r str,
    /// Role code (HL7 object-role): 1 patient, 6 security user.
    pub(super) role: &'r str,
    /// Type code; a resource type where the log follows R4.
    kind: &'r str,
}

impl<'r> Entity<'r> {
    /// Reads one entity.
    pub(super) fn read(reader: &mut Reader<'r>) -> Read<Entity<'r>> {
        let mut entity = Entity::default();
        if reader.peek() != b'{' {
            reader.skip()?;
            return Ok(entity);
        }
        let mut seen = Seen::default();
        reader.members(|reader, key| match key {
            "what" if seen.first(0) => entity.who.read(reader),
            "role" if seen.first(1) => coded(reader, &mut |c| first(&mut entity.role, c.code)),
            "type" if seen.first(2) => coded(reader, &mut |c| first(&mut entity.kind, c.code)),
            "name" if seen.first(3) => keep(&mut entity.name, reader),
            "identifier" if seen.first(4) => entity.who.read(reader),
            "reference" if seen.first(5) => match reader.peek() {
                b'{' | b'[' => entity.who.read(reader),
                _ => keep(&mut entity.who.reference, reader),
            },
            _ => reader.skip(),
        })?;
        Ok(entity)
    }

    /// The entity that a `patient` member is (R5).
    pub(super) fn patient(reader: &mut Reader<'r>) -> Read<Entity<'r>> {
        let mut entity = Entity {
            role: "1",
            ..Entity::default()
        };
        entity.who.read(reader)?;
        Ok(entity)
    }

    /// The resource type that is named, or an empty text.
    pub(super) fn resource(&self) -> &'r str {
        match self.who.resource() {
            "" if self.kind.starts_with(|c: char| c.is_ascii_uppercase()) => self.kind,
            resource => resource,
        }
    }

    /// True for a patient: by role, or because a Patient resource was touched in another role.
    pub(super) fn is_patient(&self) -> bool {
        match self.who.resource() {
            "Patient" => true,
            "" => self.role == "1",
            _ => false,
        }
    }

    /// The number: by reference, else by identifier.
    pub(super) fn issued(&self) -> Issued<'r> {
        let target = target(self.who.reference);
        match target.id {
            "" => issued(self.who.value, self.who.system),
            id => issued(id, target.system),
        }
    }

    /// The identifier of an `XrequestId` entity (IHE BALP), by which the client's and the server's
    /// record of one access are known to be one.
    pub(super) fn request_id(&self) -> Option<&'r str> {
        (self.kind == "XrequestId" && !self.who.value.is_empty()).then_some(self.who.value)
    }
}

fn first<'r>(slot: &mut &'r str, text: &'r str) {
    if slot.is_empty() {
        *slot = text;
    }
}
