//! A mail server of a few lines (RFC 5321, with STARTTLS and AUTH PLAIN): what it gets is kept.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// How a server behaves.
#[derive(Clone, Default)]
pub struct Manners {
    /// Encrypted from the beginning.
    pub whole: bool,
    /// Offers STARTTLS.
    pub starttls: bool,
    /// Who may log in: `user`, `password`.
    pub login: Option<(&'static str, &'static str)>,
    /// Recipients that are refused for good.
    pub unknown: &'static [&'static str],
    /// Recipients that are refused once, for the moment.
    pub busy_once: &'static [&'static str],
    /// Hangs up instead of greeting.
    pub mute: bool,
}

/// A message as a server got it.
#[derive(Debug)]
pub struct Got {
    pub from: String,
    pub to: Vec<String>,
    /// Whether the way was encrypted.
    pub encrypted: bool,
    /// Who had logged in.
    pub user: Option<String>,
    /// The message, CRLF and all.
    pub data: String,
}

/// Starts a server; gives its port and what it gets.
pub fn start(manners: Manners) -> (u16, Receiver<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("a port").port();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut busy: BTreeSet<String> =
            manners.busy_once.iter().map(|w| (*w).to_owned()).collect();
        for stream in listener.incoming() {
            let stream = stream.expect("a connection");
            stream
                .set_read_timeout(Some(Duration::from_secs(30)))
                .expect("a time limit");
            serve(stream, &manners, &mut busy, &sender);
        }
    });
    (port, receiver)
}

trait Both: Read + Write {}
impl<T: Read + Write> Both for T {}

fn serve(stream: TcpStream, manners: &Manners, busy: &mut BTreeSet<String>, sender: &Sender<Got>) {
    if manners.mute {
        return;
    }
    let mut way: Box<dyn Both> = match manners.whole {
        true => Box::new(encrypted(stream.try_clone().expect("a socket"))),
        false => Box::new(stream.try_clone().expect("a socket")),
    };
    let _ = way.write_all(b"220 test ready\r\n");
    if talk(
        &mut BufReader::new(way),
        manners,
        (manners.whole, busy),
        sender,
    ) {
        let mut way = BufReader::new(Box::new(encrypted(stream)) as Box<dyn Both>);
        talk(&mut way, manners, (true, busy), sender);
    }
}

fn encrypted(stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
    let read = |name: &str| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail/certificates");
        std::fs::read(format!("{folder}/{name}")).expect(name)
    };
    let certificate = CertificateDer::from_pem_slice(&read("server.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_slice(&read("server.key")).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate and its key");
    let connection = ServerConnection::new(Arc::new(config)).expect("a connection");
    StreamOwned::new(connection, stream)
}

/// Speaks until the end; true when the client wants to go on encrypted.
fn talk(
    way: &mut BufReader<Box<dyn Both>>,
    manners: &Manners,
    (encrypted, busy): (bool, &mut BTreeSet<String>),
    sender: &Sender<Got>,
) -> bool {
    let (mut from, mut to, mut user) = (String::new(), Vec::new(), None);
    loop {
        let mut line = String::new();
        // A client that does not trust us hangs up in the middle.
        if way.read_line(&mut line).unwrap_or(0) == 0 {
            return false;
        }
        let line = line.trim_end().to_owned();
        let upper = line.to_ascii_uppercase();
        let address = || {
            let inside = line.split(['<', '>']).nth(1);
            inside.expect("an address").to_owned()
        };
        let answer = if upper.starts_with("EHLO") {
            let starttls = manners.starttls && !encrypted;
            let offered = if starttls { "250-STARTTLS\r\n" } else { "" };
            let auth = match manners.login {
                Some(_) => "250-AUTH PLAIN LOGIN\r\n",
                None => "",
            };
            format!("250-test\r\n{offered}{auth}250 8BITMIME")
        } else if upper == "STARTTLS" && manners.starttls {
            let _ = way.get_mut().write_all(b"220 go on\r\n");
            return true;
        } else if let Some(words) = line.strip_prefix("AUTH PLAIN ") {
            let words = BASE64_STANDARD.decode(words).expect("base64");
            let words = String::from_utf8(words).expect("UTF-8");
            let told: Vec<&str> = words.split('\0').collect();
            match manners.login == Some((told[1], told[2])) {
                true => {
                    user = Some(told[1].to_owned());
                    "235 welcome".to_owned()
                }
                // Some servers repeat what they were told.
                false => format!("535 the password {} is wrong", told[2]),
            }
        } else if upper.starts_with("MAIL FROM") {
            (from, to) = (address(), Vec::new());
            "250 fine".to_owned()
        } else if upper.starts_with("RCPT TO") {
            let whom = address();
            if manners.unknown.contains(&whom.as_str()) {
                "550 5.1.1 nobody of this name \u{1b}[31mhere".to_owned()
            } else if busy.remove(&whom) {
                "451 come again".to_owned()
            } else {
                to.push(whom);
                "250 fine".to_owned()
            }
        } else if upper == "DATA" {
            let _ = way.get_mut().write_all(b"354 go on\r\n");
            let data = data(way);
            let got = Got {
                from: from.clone(),
                to: to.clone(),
                encrypted,
                user: user.clone(),
                data,
            };
            // A test that has ended asks no more.
            let _ = sender.send(got);
            "250 taken".to_owned()
        } else if upper == "QUIT" {
            let _ = way.get_mut().write_all(b"221 bye\r\n");
            return false;
        } else {
            "500 what".to_owned()
        };
        let _ = way.get_mut().write_all(format!("{answer}\r\n").as_bytes());
        let _ = way.get_mut().flush();
    }
}

/// The lines until the one with a dot alone; a dot that was doubled stands once.
fn data(way: &mut BufReader<Box<dyn Both>>) -> String {
    let mut all = String::new();
    loop {
        let mut line = String::new();
        way.read_line(&mut line).expect("a line");
        match line.as_str() {
            ".\r\n" => return all,
            line => all += line.strip_prefix('.').unwrap_or(line),
        }
    }
}

/// What came, at once or soon.
pub fn soon(receiver: &Receiver<Got>) -> Got {
    let came = receiver.recv_timeout(Duration::from_secs(20));
    came.expect("a message comes")
}
