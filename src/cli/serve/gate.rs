//! Who is let in: by which name the server was called, whether the token was shown, and whether a
//! form is one of ours.
//!
//! Takes a request; gives yes or no. Never answers, and never tells which part of a secret was
//! wrong.

use std::net::{IpAddr, SocketAddr};

use hyper::http::header;

use super::asked::{Asked, Fields};
use super::token::{derived, is_equal};

/// The doorkeeper.
#[derive(Debug)]
pub(super) struct Gate {
    token: String,
    session: String,
    sign: String,
    cookie: String,
    hosts: Vec<String>,
}

impl Gate {
    /// For a token, a secret of this start, and the names by which the server may be called. The
    /// port is in the name of the cookie, since browsers do not keep cookies apart by it.
    pub(super) fn new(token: String, secret: &str, port: u16, hosts: &[String]) -> Gate {
        let hosts = hosts.iter().map(|name| name.to_ascii_lowercase());
        Gate {
            token,
            session: derived("session", secret),
            sign: derived("form", secret),
            cookie: format!("yomawari-{port}"),
            hosts: hosts.collect(),
        }
    }

    /// True when the server was called by a name of its own. A page of another house that had its
    /// name point to this computer calls it by that name, and is refused.
    pub(super) fn is_called(&self, asked: &Asked) -> bool {
        let Some(host) = asked.header(header::HOST) else {
            return false;
        };
        self.is_name(host, asked.local)
    }

    fn is_name(&self, host: &str, local: SocketAddr) -> bool {
        let host = host.to_ascii_lowercase();
        let (name, port) = parts(&host);
        if self.hosts.iter().any(|known| known == name) {
            return true;
        }
        let is_here = match name.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) => address == local.ip().to_canonical() || address == local.ip(),
            Err(_) => name == "localhost" && local.ip().to_canonical().is_loopback(),
        };
        is_here && port.parse().unwrap_or(80) == local.port()
    }

    /// True when the token is the right one.
    pub(super) fn opens(&self, token: &str) -> bool {
        is_equal(token.trim(), &self.token)
    }

    /// True for a browser that has shown the token.
    pub(super) fn knows(&self, asked: &Asked) -> bool {
        let mut all = asked.cookies(&self.cookie).take(8);
        all.any(|value| is_equal(value, &self.session))
    }

    /// The cookie for a browser that has shown the token: no script sees it, and no other site's
    /// page makes the browser send it.
    pub(super) fn pass(&self) -> String {
        let (name, value) = (&self.cookie, &self.session);
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict")
    }

    /// The sign that stands in our forms.
    pub(super) fn sign(&self) -> &str {
        &self.sign
    }

    /// True for a form of ours, sent from a page of ours. Browsers say `null` for the origin of a
    /// page that tells no referrer; the sign is asked for in any case.
    pub(super) fn is_ours(&self, asked: &Asked, form: &Fields) -> bool {
        self.is_from_here(asked) && is_equal(form.get("sign"), &self.sign)
    }

    /// True unless the browser says that another site's page sent this.
    pub(super) fn is_from_here(&self, asked: &Asked) -> bool {
        let site = asked.headers.get("sec-fetch-site");
        let is_same_site = site.is_none_or(|site| site == "same-origin" || site == "none");
        let is_same_origin = match asked.headers.get(header::ORIGIN) {
            None => true,
            Some(origin) => {
                let origin = origin.to_str().unwrap_or("?");
                let host = asked.header(header::HOST).unwrap_or("?");
                let (name, _) = parts(host);
                let secure = self
                    .hosts
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(name));
                origin == "null"
                    || origin.strip_prefix("http://") == Some(host)
                    || secure && origin.strip_prefix("https://") == Some(host)
            }
        };
        is_same_site && is_same_origin
    }
}

/// Name and port; the port is empty where none is written.
fn parts(host: &str) -> (&str, &str) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, port),
        _ => (host, ""),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn gate() -> Gate {
        Gate::new(
            "t".repeat(64),
            "secret",
            8040,
            &["Yomawari.example".to_owned()],
        )
    }

    fn at(address: &str) -> SocketAddr {
        address.parse().expect("an address")
    }

    #[test]
    fn the_server_answers_to_its_own_names() {
        let gate = gate();
        let here = at("127.0.0.1:8040");
        for name in [
            "127.0.0.1:8040",
            "localhost:8040",
            "LOCALHOST:8040",
            "yomawari.example",
            "yomawari.example:443",
        ] {
            assert!(gate.is_name(name, here), "{name}");
        }
        for name in [
            "",
            "127.0.0.1",
            "127.0.0.1:8041",
            "127.0.0.2:8040",
            "attacker.example:8040",
            "localhost.attacker.example:8040",
            "127.0.0.1.attacker.example:8040",
            "[::1]:8040",
            "localhost:8040:8040",
        ] {
            assert!(!gate.is_name(name, here), "{name}");
        }
        assert!(gate.is_name("[::1]:8040", at("[::1]:8040")));
        assert!(gate.is_name("10.20.0.5:8040", at("10.20.0.5:8040")));
        assert!(!gate.is_name("localhost:8040", at("10.20.0.5:8040")));
        assert!(gate.is_name("10.20.0.5:80", at("[::ffff:10.20.0.5]:80")));
    }

    proptest! {
        #[test]
        fn no_other_token_opens(token in ".{0,80}") {
            prop_assume!(token.trim() != "t".repeat(64));
            prop_assert!(!gate().opens(&token));
        }

        #[test]
        fn no_other_name_is_answered_to(host in ".{0,40}") {
            prop_assume!(!host.to_ascii_lowercase().starts_with("yomawari.example"));
            let known = ["127.0.0.1:8040", "localhost:8040"];
            let is_known = known.contains(&host.to_ascii_lowercase().as_str());
            prop_assert_eq!(gate().is_name(&host, at("127.0.0.1:8040")), is_known);
        }
    }
}
