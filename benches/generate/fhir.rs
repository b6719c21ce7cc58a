//! Work C: FHIR R4 AuditEvents, one a line, built as the IHE profile BALP ("basic audit log
//! patterns") has them: person and application as agents; patient, object and request as
//! entities. About 1.6 KB each.

use std::io;

use crate::day::Date;
use crate::hospital::{self, Access, Act, PATIENTS, Planted, STAFF, STRANGERS, TERMINALS};
use crate::out::{Out, clock, hex, number};
use crate::random::Random;

/// Events on a day on which the clinics are open.
const WEEKDAY: u64 = 200_000;

const ROLE: &str =
    r#""role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"#;

struct Parts {
    random: Random,
    staff: Vec<String>,
    terminals: Vec<String>,
    patients: Vec<String>,
}

pub fn write(out: &mut Out, seed: u64) -> io::Result<Planted> {
    let mut parts = Parts::new(seed);
    let mut day: (u32, Vec<u8>) = (u32::MAX, Vec::new());
    hospital::live(seed, WEEKDAY, |date, access| {
        if day.0 != date.number {
            day = (date.number, written(date));
        }
        parts.append(out.row(), &day.1, access);
        out.end_row()
    })
}

fn written(date: Date) -> Vec<u8> {
    format!("{}-{:02}-{:02}T", date.year, date.month, date.day).into_bytes()
}

/// How an act is coded.
struct Coding {
    profile: &'static str,
    kind: &'static str,
    action: &'static str,
    object: &'static str,
}

const fn coding(act: Act) -> Coding {
    match act {
        Act::Login => Coding {
            profile: "IHE.BasicAudit.Login",
            kind: r#""type":{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110114","display":"User Authentication"},"subtype":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110122","display":"Login"}]"#,
            action: "E",
            object: "",
        },
        Act::Logout => Coding {
            profile: "IHE.BasicAudit.Logout",
            kind: r#""type":{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110114","display":"User Authentication"},"subtype":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110123","display":"Logout"}]"#,
            action: "E",
            object: "",
        },
        Act::Search => Coding {
            profile: "IHE.BasicAudit.Query",
            kind: r#""type":{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest","display":"RESTful Operation"},"subtype":[{"system":"http://hl7.org/fhir/restful-interaction","code":"search-type","display":"search"}]"#,
            action: "E",
            object: "",
        },
        Act::View => Coding {
            profile: "IHE.BasicAudit.PatientRead",
            kind: r#""type":{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest","display":"RESTful Operation"},"subtype":[{"system":"http://hl7.org/fhir/restful-interaction","code":"read","display":"read"}]"#,
            action: "R",
            object: "Composition",
        },
        Act::Edit => Coding {
            profile: "IHE.BasicAudit.PatientUpdate",
            kind: r#""type":{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest","display":"RESTful Operation"},"subtype":[{"system":"http://hl7.org/fhir/restful-interaction","code":"update","display":"update"}]"#,
            action: "U",
            object: "Composition",
        },
        Act::Order => Coding {
            profile: "IHE.BasicAudit.PatientCreate",
            kind: r#""type":{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest","display":"RESTful Operation"},"subtype":[{"system":"http://hl7.org/fhir/restful-interaction","code":"create","display":"create"}]"#,
            action: "C",
            object: "MedicationRequest",
        },
        Act::Print => Coding {
            profile: "IHE.BasicAudit.PrivacyDisclosure.Source",
            kind: r#""type":{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110106","display":"Export"},"subtype":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110038","display":"Paper Document"}]"#,
            action: "R",
            object: "DocumentReference",
        },
    }
}

impl Parts {
    fn new(seed: u64) -> Parts {
        let person = |staff| {
            let (account, name) = (hospital::account_of(staff), hospital::name_of(staff));
            format!(
                r#"{{"type":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}}]}},"who":{{"reference":"Practitioner/{account}","identifier":{{"system":"urn:oid:1.2.392.200250.1.99","value":"{account}"}},"display":"{name}"}},"requestor":true"#
            )
        };
        let terminal = |number| {
            let (_, ip, _) = hospital::terminal(number);
            format!(r#","network":{{"address":"{ip}","type":"2"}}"#)
        };
        Parts {
            random: Random::new(seed ^ 0xf41),
            staff: (0..STAFF).map(person).collect(),
            terminals: (0..TERMINALS + STRANGERS).map(terminal).collect(),
            patients: (0..PATIENTS).map(hospital::patient_id).collect(),
        }
    }

    fn append(&mut self, row: &mut Vec<u8>, day: &[u8], access: &Access) {
        let coding = coding(access.act);
        let request = self.random.next();
        let mut add = |text: &str| row.extend_from_slice(text.as_bytes());
        add(r#"{"resourceType":"AuditEvent","id":""#);
        hex(row, request, 16);
        let mut add = |text: &str| row.extend_from_slice(text.as_bytes());
        add(r#"","meta":{"profile":["https://profiles.ihe.net/ITI/BALP/StructureDefinition/"#);
        add(coding.profile);
        add(r#""]},"#);
        add(coding.kind);
        add(r#","action":""#);
        add(coding.action);
        add(r#"","recorded":""#);
        row.extend_from_slice(day);
        clock(row, access.second);
        row.push(b'.');
        number(row, request % 1_000, 3);
        let mut add = |text: &str| row.extend_from_slice(text.as_bytes());
        add(match access.failed {
            true => r#"+09:00","outcome":"4","outcomeDesc":"認証エラー","#,
            false => r#"+09:00","outcome":"0","#,
        });
        add(
            r#""purposeOfEvent":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}]}],"agent":["#,
        );
        add(&self.staff[access.staff as usize]);
        if access.act == Act::Print {
            add(
                r#","media":{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110038","display":"Paper Document"}"#,
            );
        }
        add(&self.terminals[access.terminal as usize]);
        add(
            r#"},{"type":{"coding":[{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110150","display":"Application"}]},"who":{"reference":"Device/ehr-web","display":"records system"},"requestor":false,"network":{"address":"10.20.250.10","type":"2"}}],"source":{"site":"さくら総合病院","observer":{"reference":"Device/ehr-fhir","display":"ehr-fhir"}},"entity":["#,
        );
        self.entities(row, access, coding.object, request);
        row.extend_from_slice(b"]}\n");
    }

    fn entities(&self, row: &mut Vec<u8>, access: &Access, object: &str, request: u64) {
        let mut add = |text: &str| row.extend_from_slice(text.as_bytes());
        if let Some(patient) = access.patient {
            add(r#"{"what":{"reference":"Patient/"#);
            add(&self.patients[patient as usize]);
            add(
                r#""},"role":{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"1","display":"Patient"}},{"what":{"reference":""#,
            );
            add(object);
            row.push(b'/');
            hex(row, request.rotate_left(24) & 0xffff_ffff, 8);
            let mut add = |text: &str| row.extend_from_slice(text.as_bytes());
            add(r#""},"#);
            add(ROLE);
            add(r#""4"}},"#);
        }
        let mut add = |text: &str| row.extend_from_slice(text.as_bytes());
        if access.act == Act::Search {
            add("{");
            add(ROLE);
            // "GET /Patient?name=佐藤" in base64, as the profile wants it.
            add(r#""24","display":"Query"},"query":"R0VUIC9QYXRpZW50P25hbWU95L2Q6Jek"},"#);
        }
        add(r#"{"what":{"identifier":{"system":"urn:ietf:rfc:3986","value":""#);
        hex(row, request.rotate_left(17), 16);
        let mut add = |text: &str| row.extend_from_slice(text.as_bytes());
        add(
            r#""}},"type":{"system":"https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType","code":"XrequestId"}}"#,
        );
    }
}
