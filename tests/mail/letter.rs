//! A message taken apart (RFC 2045 to 2047), by another hand than the one that put it together.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// A message.
#[derive(Debug)]
pub struct Letter {
    pub headers: Vec<(String, String)>,
    pub parts: Vec<Part>,
}

/// A part of it.
#[derive(Debug)]
pub struct Part {
    pub headers: Vec<(String, String)>,
    pub bytes: Vec<u8>,
}

impl Letter {
    pub fn read(data: &str) -> Letter {
        assert!(data.is_ascii(), "a message is ASCII");
        assert!(data.split("\r\n").all(|line| line.len() <= 998));
        let (headers, body) = split(data);
        let form = value(&headers, "content-type").to_owned();
        assert!(form.starts_with("multipart/mixed"), "{form}");
        let boundary = form.split("boundary=").nth(1).expect("a boundary");
        let boundary = format!("--{}", boundary.trim_matches('"'));
        let (inside, _) = body.rsplit_once(&format!("{boundary}--")).expect("an end");
        let opening = format!("{boundary}\r\n");
        let parts = inside.split(&opening).skip(1).map(part).collect();
        Letter { headers, parts }
    }

    /// A header, with encoded words read.
    pub fn header(&self, name: &str) -> String {
        words(value(&self.headers, name))
    }
}

impl Part {
    pub fn header(&self, name: &str) -> &str {
        value(&self.headers, name)
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).expect("UTF-8")
    }
}

fn part(text: &str) -> Part {
    let (headers, body) = split(text);
    let body = body.strip_suffix("\r\n").unwrap_or(body);
    let bytes = match value(&headers, "content-transfer-encoding") {
        "base64" => BASE64_STANDARD
            .decode(body.replace("\r\n", ""))
            .expect("base64"),
        "quoted-printable" => quoted(&body.replace("=\r\n", "")),
        "7bit" => body.as_bytes().to_vec(),
        other => panic!("encoding {other}"),
    };
    Part { headers, bytes }
}

/// Headers, unfolded, and what follows them.
fn split(text: &str) -> (Vec<(String, String)>, &str) {
    let (head, body) = text.split_once("\r\n\r\n").expect("an empty line");
    let head = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let headers = head.split("\r\n").map(|line| {
        let (name, value) = line.split_once(": ").expect("a header");
        (name.to_ascii_lowercase(), value.to_owned())
    });
    (headers.collect(), body)
}

fn value<'h>(headers: &'h [(String, String)], name: &str) -> &'h str {
    let found: Vec<&str> = headers
        .iter()
        .filter(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
        .collect();
    assert_eq!(found.len(), 1, "{name} stands once: {headers:?}");
    found[0]
}

/// `=?utf-8?b?…?=` read; blanks between two such words do not count.
fn words(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    let mut was_word = false;
    while let Some(at) = rest.find("=?") {
        let between = &rest[..at];
        if !(was_word && between.trim().is_empty()) {
            bytes.extend_from_slice(between.as_bytes());
        }
        let inside = &rest[at + 2..];
        let end = inside.find("?=").expect("the end of a word");
        let told: Vec<&str> = inside[..end].splitn(3, '?').collect();
        assert!(told[0].eq_ignore_ascii_case("utf-8"));
        match told[1].to_ascii_lowercase().as_str() {
            "b" => bytes.extend(BASE64_STANDARD.decode(told[2]).expect("base64")),
            _ => bytes.extend(quoted(&told[2].replace('_', " "))),
        }
        rest = &inside[end + 2..];
        was_word = true;
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).expect("UTF-8")
}

fn quoted(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut all = text.bytes();
    while let Some(byte) = all.next() {
        match byte {
            b'=' => {
                let two = [all.next(), all.next()].map(|b| b.expect("a digit") as char);
                let two: String = two.iter().collect();
                bytes.push(u8::from_str_radix(&two, 16).expect("a number"));
            }
            byte => bytes.push(byte),
        }
    }
    bytes
}
