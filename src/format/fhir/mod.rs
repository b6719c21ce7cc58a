//! Format `fhir`: FHIR AuditEvents as JSON, from DSTU2 to R5 (hl7.org/fhir/auditevent.html).
//!
//! Takes one AuditEvent a record (a line of a bulk export, a resource of a Bundle); gives one
//! event. Of a member that stands twice in one object the first counts. JSON broken anywhere in
//! the record rejects it, also in members nobody reads. Never guesses a person from a program,
//! an outcome from silence, or a time from the clock on the wall.

mod agent;
mod code;
mod concept;
mod distinct;
mod draft;
mod entity;
mod finish;
mod head;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin;
mod who;

use crate::diagnostic::{Complaints, Problem, Text};
use crate::event::{Event, Field, FieldSet, LogSourceId, LogSources, Reason, Reject, Zone};
use crate::format::json::Reader;
use crate::format::{Emit, Format, Parsed, Parser, Settings};
use crate::frame::Framing;

use draft::Draft;

pub(super) struct Fhir;

impl Format for Fhir {
    fn name(&self) -> &'static str {
        "fhir"
    }

    fn about(&self) -> Text {
        Text::new(
            "FHIR AuditEvent R4, R4B and R5: one a line, a Bundle, an array",
            "FHIR AuditEvent（R4・R4B・R5。1行1件、Bundle、配列）",
        )
    }

    fn framing(&self) -> Framing {
        Framing::Json
    }

    fn claims(&self, head: &str) -> Option<Text> {
        let kind = head::resource_of_interest(head)?;
        Some(Text::new(
            format!("a FHIR resource {kind} stands in it"),
            format!("FHIR のリソース {kind} があります"),
        ))
    }

    fn parser(
        &self,
        head: &str,
        settings: &Settings<'_>,
        complaints: &mut Complaints,
    ) -> Option<Box<dyn Parser>> {
        if let Some(section) = settings.section
            && !section.is_null()
        {
            complaints.push(
                Problem::error(
                    "the format fhir has no settings of its own",
                    "形式 fhir に固有の設定はありません",
                )
                .at(section.place.clone())
                .help(
                    "remove this section; zone and encoding belong to the source",
                    "この節を削除してください。タイムゾーンと文字コードはソースに書きます",
                ),
            );
        }
        Some(Box::new(FhirParser {
            zone: settings.zone,
            observer: head::first_observer(head),
        }))
    }
}

struct FhirParser {
    zone: Zone,
    observer: Option<String>,
}

impl Parser for FhirParser {
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
        let mut draft = Draft::new(event);
        draft.read(&mut reader)?;
        reader.end()?;
        draft.finish(&self.zone)?;
        emit(event);
        Ok(Parsed::Events)
    }

    fn fields(&self) -> FieldSet {
        FieldSet::of(FIELDS)
    }

    fn log_sources(&self) -> LogSources {
        LogSources::of(&[LogSourceId::Ehr, LogSourceId::Authentication])
    }

    fn source_name(&self) -> String {
        match &self.observer {
            Some(observer) => format!("fhir:{observer}"),
            None => "fhir".to_owned(),
        }
    }
}

/// The fields an AuditEvent can give.
const FIELDS: &[Field] = &[
    Field::EventAction,
    Field::EventOutcome,
    Field::EventCategory,
    Field::EventCode,
    Field::EventReason,
    Field::EventDataset,
    Field::EventCreated,
    Field::EventEnd,
    Field::RecordKind,
    Field::UserId,
    Field::UserName,
    Field::UserDomain,
    Field::UserFullName,
    Field::UserRole,
    Field::UserTargetId,
    Field::PatientId,
    Field::PatientName,
    Field::PatientAssigner,
    Field::PurposeOfUse,
    Field::BreakGlass,
    Field::SourceIp,
    Field::SourcePort,
    Field::SourceMac,
    Field::SourceDomain,
    Field::HostName,
    Field::ObserverName,
    Field::ServiceName,
    Field::TimeTrusted,
];
