//! References and identifiers: one reader for a Reference, an Identifier and a bare string, and
//! what their texts name.
//!
//! Takes a reader that stands at such a value; gives its texts. Never decides who somebody is.

use bumpalo::Bump;

use crate::format::json::{Read, Reader, Seen};
use crate::text;

/// What a Reference or an Identifier says, whatever it looks like. Empty text: not told.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Who<'r> {
    /// `reference`.
    pub(super) reference: &'r str,
    /// `type` of the Reference.
    pub(super) kind: &'r str,
    /// `identifier.value`, or the bare string.
    pub(super) value: &'r str,
    /// `identifier.system`.
    pub(super) system: &'r str,
    /// `display`.
    pub(super) display: &'r str,
}

impl<'r> Who<'r> {
    /// Adds what the next value says to what is known; what is known first counts.
    pub(super) fn read(&mut self, reader: &mut Reader<'r>) -> Read<()> {
        match reader.peek() {
            b'{' => self.read_object(reader),
            b'[' => reader.elements(|reader| self.read(reader)),
            _ => keep(&mut self.value, reader),
        }
    }

    fn read_object(&mut self, reader: &mut Reader<'r>) -> Read<()> {
        let mut seen = Seen::default();
        reader.members(|reader, key| match key {
            "reference" if seen.first(0) => keep(&mut self.reference, reader),
            "type" if seen.first(1) => keep(&mut self.kind, reader),
            "identifier" if seen.first(2) => self.read(reader),
            "value" if seen.first(3) => keep(&mut self.value, reader),
            "system" if seen.first(4) => keep(&mut self.system, reader),
            "display" if seen.first(5) => keep(&mut self.display, reader),
            _ => reader.skip(),
        })
    }

    /// The resource type that is named, or an empty text.
    pub(super) fn resource(&self) -> &'r str {
        match target(self.reference).kind {
            "" if self.kind.is_empty() => "",
            "" => self.kind.rsplit('/').next().unwrap_or(""),
            kind => kind,
        }
    }
}

/// Reads a text into a slot that is still empty. Blank text is no text.
#[inline]
pub(super) fn keep<'r>(slot: &mut &'r str, reader: &mut Reader<'r>) -> Read<()> {
    let text = reader.text()?.unwrap_or("").trim_ascii();
    if slot.is_empty() {
        *slot = text;
    }
    Ok(())
}

/// What a reference points at. Empty text: not told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Target<'r> {
    /// Resource type.
    pub(super) kind: &'r str,
    /// Logical id, or the identifier of a conditional reference.
    pub(super) id: &'r str,
    /// Who issued the identifier.
    pub(super) system: &'r str,
}

/// Reads `Patient/1`, `https://host/fhir/Patient/1/_history/2`, `Patient?identifier=system|1`,
/// `urn:oid:1.2.3|1`, `urn:uuid:…` or a bare id. A reference into the resource itself (`#p1`) and
/// an address of no resource name nothing.
#[inline]
pub(super) fn target(reference: &str) -> Target<'_> {
    plain_target(reference).unwrap_or_else(|| any_target(reference))
}

/// The commonest form, `Patient/1`, with nothing in it that could mean something else, in one pass;
/// `None` sends the reference to [`any_target`], which gives the same for all that this one takes.
#[inline]
fn plain_target(reference: &str) -> Option<Target<'_>> {
    let bytes = reference.as_bytes();
    let slash = bytes.iter().position(|b| !b.is_ascii_alphabetic())?;
    let is_plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.');
    let plain = bytes[0].is_ascii_uppercase()
        && bytes[slash] == b'/'
        && bytes[slash + 1..].iter().all(is_plain);
    plain.then(|| Target {
        kind: &reference[..slash],
        id: &reference[slash + 1..],
        system: "",
    })
}

/// Any form.
fn any_target(reference: &str) -> Target<'_> {
    if reference.is_empty() || reference.starts_with('#') {
        return Target::default();
    }
    if let Some((path, query)) = reference.split_once('?') {
        let kind = resource_type(path.rsplit('/').next().unwrap_or(""));
        let asked = query.split_once('=').map_or("", |(_, asked)| asked);
        let (system, id) = asked.rsplit_once('|').unwrap_or(("", asked));
        return Target { kind, id, system };
    }
    if let Some((system, id)) = reference.rsplit_once('|') {
        return Target {
            kind: "",
            id,
            system,
        };
    }
    if let Some(id) = reference.strip_prefix("urn:uuid:") {
        return Target {
            id,
            ..Target::default()
        };
    }
    path_target(reference)
}

fn path_target(reference: &str) -> Target<'_> {
    let path = match reference.find("/_history") {
        Some(end) => reference.get(..end).unwrap_or(reference),
        None => reference,
    };
    let Some((before, id)) = path.rsplit_once('/') else {
        return Target {
            id: path,
            ..Target::default()
        };
    };
    match resource_type(before.rsplit('/').next().unwrap_or(before)) {
        "" => Target::default(),
        kind => Target {
            kind,
            id,
            system: "",
        },
    }
}

/// The word, if it looks like the name of a resource type.
fn resource_type(word: &str) -> &str {
    let shaped = word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.bytes().all(|b| b.is_ascii_alphabetic());
    if shaped { word } else { "" }
}

/// An identifier and who issued it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Issued<'r> {
    /// The identifier.
    pub(super) id: &'r str,
    /// Who issued it, or an empty text.
    pub(super) assigner: &'r str,
}

/// Parts an identifier that carries its issuer: HL7 CX (`27^^^MPI&1.2.3&ISO^PI`, the name goes
/// before the number) and `urn:oid:1.2.3|27`. `system` speaks where the text does not.
pub(super) fn issued<'r>(value: &'r str, system: &'r str) -> Issued<'r> {
    if value.bytes().any(|b| matches!(b, b'^' | b'|')) {
        return parted(value, system);
    }
    let assigner = system.strip_prefix("urn:oid:").unwrap_or(system);
    Issued {
        id: value,
        assigner,
    }
}

fn parted<'r>(value: &'r str, system: &'r str) -> Issued<'r> {
    if let Some((id, rest)) = value.split_once('^') {
        let authority = rest.split('^').nth(2).unwrap_or("");
        let mut parts = authority.split('&');
        let (name, number) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        let assigner = if name.is_empty() { number } else { name };
        return Issued { id, assigner };
    }
    let (system, id) = value.rsplit_once('|').unwrap_or((system, value));
    let assigner = system.strip_prefix("urn:oid:").unwrap_or(system);
    Issued { id, assigner }
}

/// True for what names a person or account: a text that is no address of a program.
#[inline]
pub(super) fn names_somebody(text: &str) -> bool {
    let is_url =
        |(at, byte): (usize, &u8)| *byte == b':' && text.as_bytes()[at..].starts_with(b"://");
    !text.is_empty() && !text.as_bytes().iter().enumerate().any(is_url)
}

/// An identifier with its width folded, as identifiers are compared.
#[inline]
pub(super) fn folded<'r>(id: &'r str, arena: &'r Bump) -> &'r str {
    if id.is_ascii() {
        return id;
    }
    match text::fold_width(id) {
        std::borrow::Cow::Borrowed(same) => same,
        std::borrow::Cow::Owned(folded) => arena.alloc_str(&folded),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn references_read_in_one_pass_are_read_alike(
            reference in "(#|Patient|urn:uuid:|urn:oid:1|[Aaあ/|?=_.0-]|/_history/){0,6}",
        ) {
            if let Some(quick) = plain_target(&reference) {
                prop_assert_eq!(quick, any_target(&reference));
            }
            prop_assert_eq!(issued(&reference, "s"), parted(&reference, "s"));
        }

        #[test]
        fn addresses_of_programs_name_nobody(text in "[a:/あ]{0,6}") {
            let named = !text.is_empty() && !text.contains("://");
            prop_assert_eq!(names_somebody(&text), named);
        }
    }

    #[test]
    fn references_of_all_shapes_name_their_target() {
        for (reference, kind, id, system) in [
            ("Patient/00123456", "Patient", "00123456", ""),
            (
                "https://h.example/fhir/Patient/1/_history/2",
                "Patient",
                "1",
                "",
            ),
            (
                "Patient?identifier=urn:oid:1.2|7",
                "Patient",
                "7",
                "urn:oid:1.2",
            ),
            (
                "urn:oid:1.3.6|IHERED-994",
                "",
                "IHERED-994",
                "urn:oid:1.3.6",
            ),
            ("urn:uuid:0af", "", "0af", ""),
            ("n01234", "", "n01234", ""),
            ("http://server.example.com/fhir", "", "", ""),
            ("#p1", "", "", ""),
            ("", "", "", ""),
        ] {
            assert_eq!(
                target(reference),
                Target { kind, id, system },
                "{reference}"
            );
        }
    }

    #[test]
    fn identifiers_part_from_their_issuer() {
        for (value, system, id, assigner) in [
            ("27^^^MPI&2.16.840.1&ISO^PI", "", "27", "MPI"),
            (
                "e3c^^^&2.16.840.1.113883.4.2&ISO",
                "x",
                "e3c",
                "2.16.840.1.113883.4.2",
            ),
            ("00012", "urn:oid:1.2.392", "00012", "1.2.392"),
            ("urn:oid:1.3.6|IHERED-994", "", "IHERED-994", "1.3.6"),
            ("00012", "", "00012", ""),
        ] {
            assert_eq!(issued(value, system), Issued { id, assigner }, "{value}");
        }
    }
}
