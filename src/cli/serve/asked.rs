//! What a browser asks, and what it is answered, without sockets.
//!
//! Takes the parts of a request; gives them by name. An answer says its status, its page and its
//! cookies; the headers that every answer has are put on it here, and nowhere else.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hyper::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::http::{Method, Response, StatusCode};
use sha2::{Digest as _, Sha256};

use crate::diagnostic::Lang;
use crate::report::live::Page;

/// Most fields of a query or a form.
const FIELDS: usize = 32;

/// A request.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Fields,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// The address at which it came in.
    pub(super) local: SocketAddr,
}

impl Asked {
    /// A header that stands once and is text.
    pub(super) fn header(&self, name: HeaderName) -> Option<&str> {
        let mut all = self.headers.get_all(name).iter();
        let first = all.next()?.to_str().ok()?;
        all.next().is_none().then_some(first)
    }

    /// The values of a cookie: another program of this computer may have set one of its name.
    pub(super) fn cookies<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let all = self.headers.get_all(header::COOKIE).into_iter();
        let pairs = all.filter_map(|value| value.to_str().ok());
        let pairs = pairs.flat_map(|value| value.split(';'));
        pairs.filter_map(move |pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
    }

    /// The fields of a form.
    pub(super) fn form(&self) -> Fields {
        Fields::read(&self.body)
    }

    /// True when the body is a form as browsers send it.
    pub(super) fn is_form(&self) -> bool {
        let told = self.header(header::CONTENT_TYPE).unwrap_or_default();
        let told = told.split(';').next().unwrap_or_default().trim();
        told.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }

    /// The path with the query but for the language, to come back to.
    pub(super) fn itself(&self) -> String {
        let mut written = form_urlencoded::Serializer::new(String::new());
        let kept = self.query.0.iter();
        for (name, value) in kept.filter(|(name, _)| name != "lang" && name != "token") {
            written.append_pair(name, value);
        }
        match written.finish() {
            query if query.is_empty() => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }
}

/// Names and values of a query or a form.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn read(bytes: &[u8]) -> Fields {
        let all = form_urlencoded::parse(bytes).into_owned();
        Fields(all.take(FIELDS).collect())
    }

    /// The first value of a name; empty when there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    status: StatusCode,
    page: Option<Page>,
    headers: Vec<(HeaderName, String)>,
}

impl Answer {
    pub(super) fn page(status: StatusCode, page: Page) -> Answer {
        Answer {
            status,
            page: Some(page),
            headers: Vec::new(),
        }
    }

    /// An answer without a page.
    pub(super) fn bare(status: StatusCode) -> Answer {
        Answer {
            status,
            page: None,
            headers: Vec::new(),
        }
    }

    /// The way to another page.
    pub(super) fn elsewhere(to: &str) -> Answer {
        Answer::bare(StatusCode::SEE_OTHER).with(header::LOCATION, to.to_owned())
    }

    #[must_use]
    pub(super) fn with(mut self, name: HeaderName, value: String) -> Answer {
        self.headers.push((name, value));
        self
    }

    /// The same; where it may go better in a moment, with how long to wait, in seconds.
    #[must_use]
    pub(super) fn told_when_to_try_again(self) -> Answer {
        match self.status {
            StatusCode::SERVICE_UNAVAILABLE => self.with(header::RETRY_AFTER, "10".to_owned()),
            _ => self,
        }
    }

    /// The same, and the browser remembers the language.
    #[must_use]
    pub(super) fn in_language(self, lang: Lang) -> Answer {
        let code = match lang {
            Lang::Ja => "ja",
            Lang::En => "en",
        };
        let cookie = format!("{LANGUAGE}={code}; Path=/; HttpOnly; SameSite=Strict");
        self.with(header::SET_COOKIE, cookie)
    }

    /// The answer as it is sent, with the headers that every answer has.
    pub(super) fn whole(self) -> Response<String> {
        let (html, style) = match &self.page {
            Some(page) => (page.html().to_owned(), Some(page.style())),
            None => (String::new(), None),
        };
        let mut response = Response::new(html);
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        put(headers, header::CONTENT_SECURITY_POLICY, &policy(style));
        for (name, value) in ALWAYS {
            put(headers, HeaderName::from_static(name), value);
        }
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.append(name, value);
            }
        }
        response
    }
}

/// The cookie of the language.
pub(super) const LANGUAGE: &str = "yomawari-lang";

/// Headers of every answer beside the policy.
const ALWAYS: [(&str, &str); 8] = [
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
];

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// Nothing is loaded and nothing runs; the style is the one whose hash is named.
fn policy(style: Option<&str>) -> String {
    let style = match style {
        Some(style) => {
            let hash = BASE64_STANDARD.encode(Sha256::digest(style.as_bytes()));
            format!("style-src 'sha256-{hash}'; ")
        }
        None => String::new(),
    };
    format!(
        "default-src 'none'; {style}img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
