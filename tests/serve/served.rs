//! The program while it serves, and browsers that ask it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http::Response;

use super::folder::House;
use super::keeper::STORE;

/// The time that is taken for now: the Monday after the alerts of [`super::keeper::export`].
pub const NOW: &str = "2026-11-23T07:00";

/// A program that serves; it is ended with the test.
pub struct Served {
    child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    /// The address with the token, where it is printed.
    pub address: String,
    pub port: u16,
}

/// An answer.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Got {
    /// The value of a header that stands once.
    pub fn header(&self, name: &str) -> &str {
        let found: Vec<&str> = self
            .headers
            .iter()
            .filter(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .collect();
        assert!(found.len() <= 1, "{name}: {found:?}");
        found.first().copied().unwrap_or_default()
    }

    /// True when the page holds this.
    pub fn shows(&self, words: &str) -> bool {
        self.body.contains(words)
    }
}

impl Served {
    /// Serves the store of a house, in English.
    pub fn start(house: &House) -> Served {
        Served::with(house, &["--lang", "en"])
    }

    /// The same with more words.
    pub fn with(house: &House, words: &[&str]) -> Served {
        let mut child = Command::new(env!("CARGO_BIN_EXE_yomawari"))
            .args([
                "serve",
                "--store",
                STORE,
                "--listen",
                "127.0.0.1:0",
                "--now",
                NOW,
            ])
            .args(words)
            .current_dir(house.at(""))
            .env_clear()
            .env("TZ", "Asia/Tokyo")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("it is piped"));
        let mut address = String::new();
        stderr.read_line(&mut address).expect("a line");
        let address = address.trim().to_owned();
        let rest = address.strip_prefix("http://127.0.0.1:").expect(&address);
        let port = rest.split('/').next().and_then(|port| port.parse().ok());
        Served {
            child,
            stderr,
            port: port.expect("a port"),
            address,
        }
    }

    pub fn at(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The token of the printed address.
    pub fn token(&self) -> &str {
        self.address.split("?token=").nth(1).expect("a token")
    }

    /// A browser that has shown the token.
    pub fn browser(&self) -> Browser<'_> {
        let got = Browser::new(self).get(&format!("/?token={}", self.token()));
        assert_eq!((got.status, got.header("location")), (303, "/"));
        let cookie = got.header("set-cookie").split(';').next();
        Browser {
            cookie: cookie.expect("a cookie").to_owned(),
            ..Browser::new(self)
        }
    }

    /// What is answered to these very bytes.
    pub fn raw(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .expect("a time limit");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = Vec::new();
        // Whoever is refused early may be hung up on.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Ends it by a signal; gives its exit status and what else it said.
    pub fn stop(mut self, signal: &str) -> (Option<i32>, String) {
        let ended = Command::new("kill")
            .args([signal, &self.child.id().to_string()])
            .status();
        assert!(ended.expect("kill is there").success());
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(20) {
            if let Some(status) = self.child.try_wait().expect("a child") {
                let mut said = String::new();
                self.stderr.read_to_string(&mut said).expect("UTF-8");
                return (status.code(), said);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it did not end");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A browser.
pub struct Browser<'s> {
    pub served: &'s Served,
    pub agent: Agent,
    pub cookie: String,
    /// More headers of each request.
    pub headers: Vec<(&'static str, String)>,
}

impl<'s> Browser<'s> {
    /// One that has shown nothing.
    pub fn new(served: &'s Served) -> Browser<'s> {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Browser {
            served,
            agent: Agent::new_with_config(config),
            cookie: String::new(),
            headers: Vec::new(),
        }
    }

    pub fn get(&self, path: &str) -> Got {
        let mut request = self.agent.get(self.served.at(path));
        for (name, value) in self.all_headers() {
            request = request.header(name, value);
        }
        got(request.call().expect(path))
    }

    /// Asks by another method, without a body.
    pub fn ask(&self, method: &str, path: &str) -> Got {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(self.served.at(path));
        for (name, value) in self.all_headers() {
            request = request.header(name, value);
        }
        let request = request.body(()).expect("a request");
        got(self.agent.run(request).expect(path))
    }

    /// Sends a form.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Got {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        self.send(path, "application/x-www-form-urlencoded", &form.finish())
    }

    /// Sends a body.
    pub fn send(&self, path: &str, form: &str, body: &str) -> Got {
        let mut request = self.agent.post(self.served.at(path));
        for (name, value) in self.all_headers() {
            request = request.header(name, value);
        }
        got(request.header("Content-Type", form).send(body).expect(path))
    }

    fn all_headers(&self) -> Vec<(&'static str, String)> {
        let mut all = self.headers.clone();
        if !self.cookie.is_empty() {
            all.push(("Cookie", self.cookie.clone()));
        }
        all
    }
}

fn got(mut answer: Response<ureq::Body>) -> Got {
    let headers = answer.headers().iter().map(|(name, value)| {
        let value = value.to_str().expect("a text").to_owned();
        (name.as_str().to_owned(), value)
    });
    Got {
        status: answer.status().as_u16(),
        headers: headers.collect(),
        body: answer.body_mut().read_to_string().expect("UTF-8"),
    }
}

/// The sign that stands in the form of a page.
pub fn sign(page: &Got) -> String {
    let rest = page.body.split("name=\"sign\" value=\"").nth(1);
    let sign = rest.and_then(|rest| rest.split('"').next());
    sign.expect("a form").to_owned()
}
