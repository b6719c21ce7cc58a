//! Requests to a web server.
//!
//! Takes an alert; gives whether the server took it. The one place that speaks HTTP: it follows no
//! redirect, asks no proxy, reads no answer but its status, and trusts the certificates that the
//! system trusts.

use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};

use super::door::Refusal;
use crate::alert::Alert;
use crate::cli::config::Secret;
use crate::event::Zone;
use crate::sink::webhook;
use crate::store::State;

/// Longest time for one request.
const WHOLE: Duration = Duration::from_secs(10);
/// Statuses that speak of the one request: bad content, too large, not understood.
const OF_THIS: [u16; 4] = [400, 413, 415, 422];

/// A web server.
pub(super) struct Web {
    agent: Agent,
    url: Secret,
    headers: Vec<(String, Secret)>,
}

impl Web {
    /// A server that is waited for so long at each step.
    pub(super) fn new(url: &Secret, headers: &[(String, Secret)], step: Duration) -> Web {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(provider)
            .build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("yomawari/", env!("CARGO_PKG_VERSION")))
            .timeout_resolve(Some(step))
            .timeout_connect(Some(step))
            .timeout_global(Some(WHOLE.min(step * 2)))
            .build();
        Web {
            agent: Agent::new_with_config(config),
            url: url.clone(),
            headers: headers.to_vec(),
        }
    }

    /// Sends one alert.
    pub(super) fn post(
        &self,
        (alert, state): (&Alert, Option<State>),
        zone: &Zone,
    ) -> Result<(), Refusal> {
        let mut request = self.agent.post(self.url.reveal());
        for (name, value) in &self.headers {
            request = request.header(name, value.reveal());
        }
        let answer = request
            .header("Content-Type", webhook::CONTENT_TYPE)
            .header("Idempotency-Key", webhook::key(alert, state))
            .send(&webhook::body(alert, state, zone)[..]);
        match answer {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => {
                let status = answer.status().as_u16();
                let reason = format!("the server answered with status {status}");
                match OF_THIS.contains(&status) {
                    true => Err(Refusal::OfThis(reason)),
                    false => Err(Refusal::OfAll(reason)),
                }
            }
            Err(error) => Err(Refusal::OfAll(reason(&error))),
        }
    }
}

/// Why there was no answer; the address is left out, for it may hold a token.
fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::BadUri(_) => "the address cannot be used".to_owned(),
        other => other.to_string(),
    }
}
