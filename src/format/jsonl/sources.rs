//! Which log sources an event of JSON lines satisfies.
//!
//! By what happened (an account's comings and goings are `authentication`, patients' records are
//! `ehr`, and so on for the network), by `patient.id` and `service.name: ehr`, by the first word
//! of `event.dataset` (`ehr.csv`, `fhir.auditevent`, `dhcp.lease`), and by a `logsource` object as
//! Sigma has it. What satisfies none of them is `Any`.

use crate::event::{Action, Event, Field, LOG_SOURCES, LogSourceId, LogSources};

/// The words of a `logsource` object.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Stated<'r> {
    category: &'r str,
    product: &'r str,
    service: &'r str,
}

impl<'r> Stated<'r> {
    /// Takes the value of a path, if it is one of a `logsource` object.
    #[inline]
    pub(super) fn take(&mut self, path: &str, value: &'r str) {
        match path {
            "logsource.category" => self.category = value,
            "logsource.product" => self.product = value,
            "logsource.service" => self.service = value,
            _ => {}
        }
    }

    /// The log sources of an event.
    pub(super) fn declared(&self, event: &Event<'_>) -> LogSources {
        let mut declared = event.action().map_or(LogSources::NONE, of_action);
        let patient = event.has(Field::PatientId) || event.get(Field::ServiceName) == Some("ehr");
        if patient {
            declared.insert(LogSourceId::Ehr);
        }
        let dataset = event.get(Field::EventDataset).unwrap_or("");
        match dataset.split('.').next() {
            Some("fhir" | "dicom") => declared.insert(LogSourceId::Ehr),
            Some(category) => declared = declared.union(exactly(category, "", "")),
            None => {}
        }
        declared = declared.union(exactly(self.category, self.product, self.service));
        if declared.is_empty() {
            declared.insert(LogSourceId::Any);
        }
        declared
    }
}

/// All log sources that can be declared.
pub(super) fn all() -> LogSources {
    let mut all = LogSources::NONE;
    LOG_SOURCES.iter().for_each(|(id, _)| all.insert(*id));
    all
}

/// The log source with exactly these words, if the table has it.
fn exactly(category: &str, product: &str, service: &str) -> LogSources {
    let mut found = LogSources::NONE;
    if category.is_empty() && product.is_empty() && service.is_empty() {
        return found;
    }
    for (id, source) in LOG_SOURCES {
        if (source.category, source.product, source.service) == (category, product, service) {
            found.insert(*id);
        }
    }
    found
}

fn of_action(action: Action) -> LogSources {
    let ids: &[LogSourceId] = match action {
        Action::PatientSearch
        | Action::ChartView
        | Action::ChartEdit
        | Action::Order
        | Action::BreakGlass
        | Action::BreakGlassEnd => &[LogSourceId::Ehr],
        Action::Login
        | Action::Logout
        | Action::Lock
        | Action::Unlock
        | Action::ForceUnlock
        | Action::AccountLocked
        | Action::PasswordChange => &[LogSourceId::Authentication],
        Action::DhcpLease | Action::DhcpRelease => &[LogSourceId::Dhcp],
        Action::WifiAssociate | Action::WifiDeauthenticate => &[LogSourceId::Wifi],
        Action::Allow | Action::Deny => &[LogSourceId::Firewall],
        Action::VpnUp | Action::VpnDown => &[LogSourceId::Vpn],
        Action::DnsQuery => &[LogSourceId::Dns],
        Action::HttpRequest => &[LogSourceId::Proxy],
        _ => &[],
    };
    LogSources::of(ids)
}
