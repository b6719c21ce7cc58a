//! Alerts as bodies of web requests: the object of the JSON lines, one a request.
//!
//! Takes an alert and the site's zone; gives the body and the key by which a receiver knows a
//! request it has seen. Never sends it.

use crate::alert::Alert;
use crate::event::Zone;
use crate::store::State;

use super::json;
use super::ndjson::Line;

/// What the body is.
pub const CONTENT_TYPE: &str = "application/json";

/// The body: one JSON object without a line feed.
pub fn body(alert: &Alert, state: Option<State>, zone: &Zone) -> Vec<u8> {
    let mut out = Vec::new();
    let line = Line::of(alert, zone).standing(state);
    json::write_line(&mut out, &line).expect("memory can always be written");
    out.pop();
    out
}

/// `id/revision`, with the state of an alert that does not stand any more behind it: the same for
/// the same message, however often it is sent.
pub fn key(alert: &Alert, state: Option<State>) -> String {
    let id: String = alert.id.chars().filter(char::is_ascii_graphic).collect();
    let state = state.map(|state| format!("/{}", state.name()));
    format!("{id}/{}{}", alert.revision, state.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn a_hostile_alert_is_a_harmless_object() {
        let mut alert = samples::hostile();
        alert.revision = 3;
        let told = String::from_utf8(body(&alert, None, &Zone::tokyo())).unwrap();
        assert!(!told.chars().any(char::is_control), "{told}");
        let read: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(read["summary"]["en"], alert.summary.en.as_str());
        assert_eq!(read["revision"], 3);
        alert.id = "00\r\nX: y".to_owned();
        assert_eq!(key(&alert, None), "00X:y/3");
        let gone = Some(State::Retracted);
        assert_eq!(key(&alert, gone), "00X:y/3/retracted");
        let told = String::from_utf8(body(&alert, gone, &Zone::tokyo())).unwrap();
        let read: serde_json::Value = serde_json::from_str(&told).unwrap();
        assert_eq!(read["state"], "retracted");
        alert = samples::hostile();
        alert.revision = 3;
        let told = String::from_utf8(body(&alert, None, &Zone::tokyo())).unwrap();
        samples::holds("alert-webhook-hostile", &told);
    }
}
