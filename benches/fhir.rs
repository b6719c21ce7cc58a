//! How fast AuditEvents are read: whole records through the public parser, on one core.
//!
//! `ordinary` are the events of the checked-in sample, `broad` events of about 1.6 KB as servers
//! write them (several agents and entities, displays, systems), `narrated` the same with a
//! generated narrative full of escapes, which is skipped, `tree` the same as `broad` read into
//! a serde_json tree, for comparison, and `lines` the JSON lines of the checked-in sample.

use std::hint::black_box;

use bumpalo::Bump;
use divan::Bencher;
use divan::counter::BytesCount;
use yomawari::diagnostic::Complaints;
use yomawari::event::{Event, Instant, Zone};
use yomawari::format::{Parser, Settings, named};

fn main() {
    divan::main();
}

fn parser(name: &str) -> Box<dyn Parser> {
    let settings = Settings {
        zone: Zone::tokyo(),
        reference: Instant {
            nanos: 0,
            offset: 0,
            trusted: true,
            ambiguous: false,
        },
        year: None,
        section: None,
    };
    named(name)
        .expect("the format is one of ours")
        .parser("", &settings, &mut Complaints::new())
        .expect("a parser can be made without a section")
}

/// Reads all records over and over; the throughput counts their bytes.
fn read(bencher: Bencher<'_, '_>, format: &str, records: &[String]) {
    let parser = parser(format);
    let bytes: usize = records.iter().map(String::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        let arena = Bump::new();
        let mut event = Event::new(&arena);
        let mut events = 0_u32;
        for record in records {
            event.begin(record);
            let parsed = parser.parse(record, &mut event, &mut |event| {
                black_box(event.time());
                events += 1;
            });
            parsed.expect("the records of the bench are whole");
        }
        events
    });
}

fn sample(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::to_owned);
    std::iter::repeat_n(lines.collect::<Vec<_>>(), 20)
        .flatten()
        .collect()
}

/// Events of about 1.6 KB; `text` stands before the rest, as servers write it.
fn broad(text: &str) -> Vec<String> {
    (0..600)
        .map(|n| {
            let (user, patient, second) = (n % 97, n % 211, n % 60);
            format!(
                r#"{{"resourceType":"AuditEvent","id":"{n:08}-5871-11ec-bf63-0242ac130002","meta":{{"versionId":"1","lastUpdated":"2026-11-16T09:14:{second:02}.120+09:00"}},{text}"type":{{"system":"http://terminology.hl7.org/CodeSystem/audit-event-type","code":"rest","display":"Restful Operation"}},"subtype":[{{"system":"http://hl7.org/fhir/restful-interaction","code":"read","display":"read"}}],"action":"R","recorded":"2026-11-16T09:14:{second:02}.118+09:00","outcome":"0","agent":[{{"type":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP","display":"information recipient"}}]}},"who":{{"identifier":{{"system":"urn:oid:1.2.392.999.1","value":"n{user:05}"}},"display":"佐藤 花"}},"requestor":true,"network":{{"address":"10.20.3.{user}","type":"2"}}}},{{"type":{{"coding":[{{"system":"http://dicom.nema.org/resources/ontology/DCM","code":"110153","display":"Source Role ID"}}]}},"who":{{"reference":"Device/ehr-app-1"}},"requestor":false,"network":{{"address":"http://ehr.sakura.example/fhir","type":"5"}}}}],"source":{{"site":"さくら総合病院","observer":{{"display":"ehr-prd"}},"type":[{{"system":"http://terminology.hl7.org/CodeSystem/security-source-type","code":"4","display":"Application Server"}}]}},"entity":[{{"what":{{"reference":"Observation/{n}"}},"type":{{"system":"http://terminology.hl7.org/CodeSystem/audit-entity-type","code":"2","display":"System Object"}},"role":{{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"4","display":"Domain Resource"}}}},{{"what":{{"reference":"Patient/{patient:08}"}},"role":{{"system":"http://terminology.hl7.org/CodeSystem/object-role","code":"1","display":"Patient"}}}}]}}"#
            )
        })
        .collect()
}

#[divan::bench]
fn ordinary(bencher: Bencher<'_, '_>) {
    read(
        bencher,
        "fhir",
        &sample(include_str!("../sample-logs/fhir/ordinary.ndjson")),
    );
}

#[divan::bench(name = "broad")]
fn broad_events(bencher: Bencher<'_, '_>) {
    read(bencher, "fhir", &broad(""));
}

#[divan::bench]
fn narrated(bencher: Bencher<'_, '_>) {
    let part = r#"<p><b>agent</b>: <a href=\"Device-1.html\">Device</a></p>\n"#;
    let text = format!(
        r#""text":{{"status":"generated","div":"<div>{}</div>"}},"#,
        part.repeat(40)
    );
    read(bencher, "fhir", &broad(&text));
}

#[divan::bench]
fn tree(bencher: Bencher<'_, '_>) {
    let records = broad("");
    let bytes: usize = records.iter().map(String::len).sum();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        for record in &records {
            let tree: serde_json::Value =
                serde_json::from_str(record).expect("the records of the bench are whole");
            black_box(&tree);
        }
    });
}

#[divan::bench]
fn lines(bencher: Bencher<'_, '_>) {
    read(
        bencher,
        "jsonl",
        &sample(include_str!("../sample-logs/jsonl/ordinary.ndjson")),
    );
}
