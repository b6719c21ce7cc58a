//! Format `jsonl`: JSON objects whose keys are ECS names, or are mapped to them by the config.
//!
//! Takes one object a record; gives one event. Keys may be flat (`"user.id"`) or nested
//! (`"user":{"id":…}`), arrays give several values, null is absent, numbers and booleans are text
//! exactly as they are written. A member that has no place in the field table is kept under its
//! dotted path, and so are the derived fields, which no log may claim. A field that is told twice
//! has two values; the time, the action and the outcome are the first that is told. Never guesses
//! a time: a record without one is rejected.

mod columns;
mod fill;
mod sources;
#[cfg(test)]
mod tests;

use bumpalo::Bump;

use crate::diagnostic::{Complaints, Text};
use crate::event::{Event, Field, FieldSet, LogSources, Reason, Reject, Zone};
use crate::format::json::Reader;
use crate::format::{Emit, Format, Parsed, Parser, Settings};
use crate::frame::Framing;

use columns::Columns;
use fill::Filler;

pub(super) struct Jsonl;

impl Format for Jsonl {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn about(&self) -> Text {
        Text::new(
            "JSON lines with ECS names, flat or nested",
            "ECSの名前を使ったJSON Lines（平坦・入れ子）",
        )
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn claims(&self, head: &str) -> Option<Text> {
        let key = first_telling_key(head)?;
        Some(Text::new(
            format!("JSON objects with the key \"{key}\""),
            format!("キー「{key}」を持つ JSON です"),
        ))
    }

    fn parser(
        &self,
        _head: &str,
        settings: &Settings<'_>,
        complaints: &mut Complaints,
    ) -> Option<Box<dyn Parser>> {
        Some(Box::new(JsonlParser {
            zone: settings.zone,
            columns: Columns::read(settings.section, complaints),
        }))
    }
}

struct JsonlParser {
    zone: Zone,
    columns: Columns,
}

impl Parser for JsonlParser {
    fn parse<'r>(
        &self,
        record: &'r str,
        event: &mut Event<'r>,
        emit: Emit<'_, 'r>,
    ) -> Result<Parsed<'r>, Reject> {
        let mut reader = Reader::new(record, event.arena());
        match reader.peek() {
            0 if reader.end().is_ok() => return Ok(Parsed::Blank),
            b'{' => {}
            _ => {
                // Broken JSON is named as such; whole JSON that is no object is another format.
                reader.skip()?;
                reader.end()?;
                return Err(Reason::NotThisFormat.into());
            }
        }
        let mut filler = Filler::new(event, &self.columns);
        filler.read(&mut reader)?;
        reader.end()?;
        filler.finish(&self.zone)?;
        emit(event);
        Ok(Parsed::Events)
    }

    fn fields(&self) -> FieldSet {
        let told = Field::ALL.iter().filter(|field| !field.is_derived());
        FieldSet::of(&told.copied().collect::<Vec<_>>())
    }

    fn log_sources(&self) -> LogSources {
        sources::all()
    }

    fn source_name(&self) -> String {
        "jsonl".to_owned()
    }
}

/// The first key of the first object that a log in ECS names would have.
fn first_telling_key(head: &str) -> Option<String> {
    let arena = Bump::new();
    let mut reader = Reader::new(head, &arena);
    let mut found = None;
    // A FHIR resource has members called `source` and `patient` too, but never `@timestamp`.
    let (mut is_resource, mut is_stamped) = (false, false);
    // The head is cut anywhere, so reading may end in an error after the key was seen.
    let _ = reader.each_element(|reader| {
        if reader.peek() != b'{' || found.is_some() {
            return Err(reader.malformed());
        }
        reader.members(|reader, key| {
            is_resource |= key == "resourceType";
            is_stamped |= key == "@timestamp";
            if found.is_none() && is_telling(key) {
                found = Some(key.to_owned());
            }
            reader.skip()
        })?;
        // Only the first object is asked.
        Err(reader.malformed())
    });
    found.filter(|_| is_stamped || !is_resource)
}

fn is_telling(key: &str) -> bool {
    let word = |part: &str| {
        matches!(
            part,
            "event" | "user" | "source" | "host" | "patient" | "observer" | "client"
        )
    };
    match key {
        "@timestamp" | "message" => true,
        _ => {
            word(key)
                || (Field::from_name(key).is_some() && key.split('.').next().is_some_and(word))
        }
    }
}
