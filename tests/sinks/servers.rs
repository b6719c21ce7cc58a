//! Servers of a few lines: what a sink sends is kept as it came.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

/// A request as a server read it.
#[derive(Debug)]
pub struct Request {
    /// The first line.
    pub line: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Request {
    /// The value of a header.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }
}

/// A web server that answers with these statuses, the last one again and again.
pub fn web(statuses: &'static [u16]) -> (u16, Receiver<Request>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("a port").port();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut statuses = statuses.iter();
        let mut last = &200;
        for stream in listener.incoming() {
            let stream = stream.expect("a connection");
            last = statuses.next().unwrap_or(last);
            answer(stream, *last, &sender);
        }
    });
    (port, receiver)
}

/// Answers one request and hangs up.
fn answer(stream: TcpStream, status: u16, sender: &Sender<Request>) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).expect("a line");
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers: Vec<(String, String)> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().expect("a length"));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    let answer = format!(
        "HTTP/1.1 {status} Said\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    reader
        .get_mut()
        .write_all(answer.as_bytes())
        .expect("the client listens");
    let request = Request {
        line: lines[0].clone(),
        headers,
        body: String::from_utf8(body).expect("JSON is UTF-8"),
    };
    // A test that has ended asks no more.
    let _ = sender.send(request);
}

/// Everything one connection sends until it ends.
pub fn tcp(listener: TcpListener) -> Receiver<String> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = sender.send(whole(stream.expect("a connection")));
        }
    });
    receiver
}

/// Everything that a stream sends until it ends.
pub fn whole(mut stream: impl Read) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("UTF-8");
    text
}

/// What came, at once or soon.
pub fn soon<T>(receiver: &Receiver<T>) -> T {
    let came = receiver.recv_timeout(Duration::from_secs(20));
    came.expect("something comes")
}

/// The messages of a stream, each with its length in front.
pub fn uncounted(mut text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    while let Some((length, rest)) = text.split_once(' ') {
        let length: usize = length.parse().expect("a length");
        found.push(&rest[..length]);
        text = &rest[length..];
    }
    assert_eq!(text, "");
    found
}
