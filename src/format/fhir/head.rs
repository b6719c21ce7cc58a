//! What the beginning of an input tells: whether it is FHIR at all, and who reported.
//!
//! Takes the beginning of an input, cut anywhere; gives the resource or the observer that stands in
//! it. Never fails where the input is cut.

use bumpalo::Bump;

use crate::format::json::{Read, Reader, Seen};

use super::draft::Source;
use super::who::keep;

/// The first `AuditEvent` or `Bundle` that the beginning of an input names as a resource type.
pub(super) fn resource_of_interest(head: &str) -> Option<&'static str> {
    if !head.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let mut pieces = head.split("\"resourceType\"");
    pieces.next();
    pieces.find_map(|after| {
        let value = after.trim_start().strip_prefix(':')?.trim_start();
        ["AuditEvent", "Bundle"].into_iter().find(|kind| {
            value
                .strip_prefix('"')
                .and_then(|value| value.strip_prefix(kind))
                .is_some_and(|rest| rest.starts_with('"'))
        })
    })
}

/// The name of the observer of the first whole AuditEvent, on a line or in a Bundle.
pub(super) fn first_observer(head: &str) -> Option<String> {
    let arena = Bump::new();
    let mut reader = Reader::new(head, &arena);
    let mut found = "";
    // The head is cut anywhere, so reading ends in an error as often as not.
    while found.is_empty() && look(&mut reader, &mut found).is_ok() {}
    (!found.is_empty()).then(|| found.to_owned())
}

/// Looks through one value: an AuditEvent, a Bundle of them, or an array of either.
fn look<'r>(reader: &mut Reader<'r>, found: &mut &'r str) -> Read<()> {
    match reader.peek() {
        b'{' => look_into(reader, found),
        b'[' => reader.elements(|reader| look(reader, found)),
        _ => reader.skip(),
    }
}

fn look_into<'r>(reader: &mut Reader<'r>, found: &mut &'r str) -> Read<()> {
    let mut seen = Seen::default();
    let (mut resource, mut source) = ("", Source::default());
    reader.members(|reader, key| match key {
        "resourceType" if seen.first(0) => keep(&mut resource, reader),
        "source" if seen.first(1) => source.read(reader),
        "entry" | "resource" => look(reader, found),
        _ => reader.skip(),
    })?;
    if found.is_empty() && resource == "AuditEvent" {
        *found = source.name();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn audit_events_and_bundles_are_claimed_and_nothing_else() {
        let kind = resource_of_interest;
        assert_eq!(
            kind(r#"{"id":"1","resourceType" : "AuditEvent""#),
            Some("AuditEvent")
        );
        assert_eq!(kind("[\n{\"resourceType\":\n\"Bundle\""), Some("Bundle"));
        assert_eq!(
            kind(r#"{"resourceType":"Patient"}{"resourceType":"AuditEvent","#),
            Some("AuditEvent")
        );
        assert_eq!(kind(r#"{"resourceType":"AuditEventX"}"#), None);
        assert_eq!(kind(r#"{"message":"{\"resourceType\":\"Bundle\"}"}"#), None);
        assert_eq!(kind(r#"<134>x {"resourceType":"AuditEvent"}"#), None);
    }

    #[test]
    fn the_first_observer_names_the_source_also_in_a_head_that_is_cut() {
        let event = r#"{"resourceType":"AuditEvent","source":{"observer":{"display":"ehr-prd"}}}"#;
        let bundle = format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{event}}},{{"re"#);
        for head in [
            event,
            &format!("{{\"resourceType\":\"Patient\"}}\n{event}\n{{\"a"),
            &bundle,
        ] {
            assert_eq!(first_observer(head).as_deref(), Some("ehr-prd"), "{head}");
        }
        assert_eq!(first_observer("{\"resourceType\":\"AuditEvent\"}"), None);
        assert_eq!(first_observer("not json"), None);
    }
}
