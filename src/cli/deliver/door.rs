//! The way to a sink: a file, a socket or a web server, open for one try.
//!
//! Takes alerts one by one; gives whether the sink took them. Waits for a server no longer than it
//! is told to, and never tries twice.

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs as _, UdpSocket};
#[cfg(unix)]
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::time::{Duration, Instant};

use super::Sinks;
use super::web::Web;
use crate::alert::Alert;
use crate::cli::config::{Address, Sink, Target};
use crate::sink::rotate::{Day, Rotating};
use crate::sink::{Reader, cef, ndjson, syslog};
use crate::store::{State, Waiting};

/// Longest wait for a server at one step.
const STEP: Duration = Duration::from_secs(5);
/// Longest wait for a server to hang up after us.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long an answer to a datagram that nobody listens for is waited for.
const ECHO: Duration = Duration::from_millis(100);

/// Why an alert was not taken.
pub(super) enum Refusal {
    /// The sink does not want this one; others may be taken.
    OfThis(String),
    /// The sink takes nothing at present.
    OfAll(String),
}

/// A sink that is open.
pub(super) struct Door<'d> {
    way: Way,
    form: Form,
    sinks: &'d Sinks,
}

/// What carries the messages.
enum Way {
    File(Box<Rotating>),
    Udp(UdpSocket),
    Tcp(TcpStream),
    #[cfg(unix)]
    Datagram(UnixDatagram),
    #[cfg(unix)]
    Stream(UnixStream),
    Web(Box<Web>),
}

/// What a message looks like.
#[derive(Clone, Copy)]
enum Form {
    Json,
    Syslog,
    Cef,
}

/// Where a sink is, without what may be secret.
pub(super) fn place(sink: &Sink) -> String {
    match &sink.target {
        Target::File { path, .. } => path.display().to_string(),
        Target::Syslog(address) | Target::Cef(address) => address.to_string(),
        Target::Webhook { url, .. } => {
            let server = url.reveal().splitn(4, '/').take(3);
            let server = server.collect::<Vec<_>>().join("/");
            server
                .split(['?', '#'])
                .next()
                .unwrap_or_default()
                .to_owned()
        }
    }
}

impl Door<'_> {
    /// Opens the way to a sink, waiting no longer than until the end; else the reason.
    pub(super) fn open<'d>(
        sink: &Sink,
        sinks: &'d Sinks,
        end: Instant,
    ) -> Result<Door<'d>, String> {
        let told = |error: io::Error| error.to_string();
        let (way, form) = match &sink.target {
            Target::File { path, rotation } => {
                let day = Day {
                    now: chrono::Utc::now().timestamp_nanos_opt().unwrap_or_default(),
                    zone: sinks.reader.zone,
                };
                let file = Rotating::open(path, *rotation, day).map_err(told)?;
                (Way::File(Box::new(file)), Form::Json)
            }
            Target::Syslog(address) => (Way::to(address, end).map_err(told)?, Form::Syslog),
            Target::Cef(address) => (Way::to(address, end).map_err(told)?, Form::Cef),
            Target::Webhook { url, headers } => {
                let web = Web::new(url, headers, step(end));
                (Way::Web(Box::new(web)), Form::Json)
            }
        };
        Ok(Door { way, form, sinks })
    }

    /// Brings an alert.
    pub(super) fn bring(&mut self, waiting: &Waiting) -> Result<(), Refusal> {
        let told = (&waiting.alert, waiting.gone);
        let Sinks { reader, host, .. } = self.sinks;
        if let Way::Web(web) = &self.way {
            return web.post(told, &reader.zone);
        }
        let message = self.form.of(told, reader, host);
        let sent = match &mut self.way {
            Way::File(file) => file.append(&message),
            Way::Udp(socket) => socket.send(&message).map(drop),
            Way::Tcp(stream) => stream.write_all(&counted(&message)),
            #[cfg(unix)]
            Way::Datagram(socket) => socket.send(&message).map(drop),
            #[cfg(unix)]
            Way::Stream(stream) => stream.write_all(&counted(&message)),
            Way::Web(_) => Ok(()),
        };
        sent.map_err(|error| Refusal::OfAll(error.to_string()))
    }

    /// Makes sure of what was brought; true when the sink surely has it, false when only
    /// [`Door::close`] can tell.
    pub(super) fn settle(&mut self) -> Result<bool, String> {
        match &mut self.way {
            Way::File(file) => file.settle().map(|()| true).map_err(|e| e.to_string()),
            Way::Web(_) => Ok(true),
            _ => Ok(false),
        }
    }

    /// Takes leave; an error when what was brought may not have arrived.
    pub(super) fn close(self) -> Result<(), String> {
        let closed = match self.way {
            Way::File(mut file) => file.settle(),
            Way::Udp(socket) => listen_for_refusal(&socket),
            Way::Tcp(mut stream) => stream
                .set_read_timeout(Some(FAREWELL))
                .and_then(|()| stream.shutdown(std::net::Shutdown::Write))
                .and_then(|()| wait_for_end(&mut stream)),
            #[cfg(unix)]
            Way::Datagram(_) => Ok(()),
            #[cfg(unix)]
            Way::Stream(mut stream) => stream
                .set_read_timeout(Some(FAREWELL))
                .and_then(|()| stream.shutdown(std::net::Shutdown::Write))
                .and_then(|()| wait_for_end(&mut stream)),
            Way::Web(_) => Ok(()),
        };
        closed.map_err(|error| error.to_string())
    }
}

impl Form {
    fn of(self, told: (&Alert, Option<State>), reader: &Reader, host: &str) -> Vec<u8> {
        match self {
            Form::Syslog => syslog::message(told, reader, host).into_bytes(),
            Form::Cef => cef::message(told, reader, host).into_bytes(),
            Form::Json => {
                let mut line = Vec::new();
                let written = ndjson::write_gone(&mut line, told.0, told.1, &reader.zone);
                written.expect("memory can always be written");
                line
            }
        }
    }
}

impl Way {
    fn to(address: &Address, end: Instant) -> io::Result<Way> {
        match address {
            Address::Udp(at) => first_that_opens(at, udp).map(Way::Udp),
            Address::Tcp(at) => first_that_opens(at, |at| tcp(at, end)).map(Way::Tcp),
            Address::Unix(path) => unix(path, end),
        }
    }
}

fn step(end: Instant) -> Duration {
    let left = end.saturating_duration_since(Instant::now());
    left.clamp(Duration::from_millis(1), STEP)
}

/// A host may have several addresses, of which not all are answered.
fn first_that_opens<T>(at: &str, open: impl Fn(SocketAddr) -> io::Result<T>) -> io::Result<T> {
    let mut failure = io::Error::other("the host has no address");
    for address in at.to_socket_addrs()? {
        match open(address) {
            Ok(opened) => return Ok(opened),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn udp(to: SocketAddr) -> io::Result<UdpSocket> {
    let any = match to {
        SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(to)?;
    socket.set_write_timeout(Some(STEP))?;
    Ok(socket)
}

fn tcp(to: SocketAddr, end: Instant) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&to, step(end))?;
    stream.set_write_timeout(Some(step(end)))?;
    Ok(stream)
}

/// Sockets of this machine take datagrams (`/dev/log`) or streams, by the program behind them.
#[cfg(unix)]
fn unix(path: &Path, end: Instant) -> io::Result<Way> {
    let socket = UnixDatagram::unbound()?;
    if socket.connect(path).is_ok() {
        socket.set_write_timeout(Some(step(end)))?;
        return Ok(Way::Datagram(socket));
    }
    let stream = UnixStream::connect(path)?;
    stream.set_write_timeout(Some(step(end)))?;
    Ok(Way::Stream(stream))
}

#[cfg(not(unix))]
fn unix(_: &Path, _: Instant) -> io::Result<Way> {
    Err(io::Error::other("this system has no such sockets"))
}

/// A message with its length in front (RFC 6587, section 3.4.1).
fn counted(message: &[u8]) -> Vec<u8> {
    let mut framed = format!("{} ", message.len()).into_bytes();
    framed.extend_from_slice(message);
    framed
}

/// A machine on which nobody listens says so, if it says anything.
fn listen_for_refusal(socket: &UdpSocket) -> io::Result<()> {
    socket.set_read_timeout(Some(ECHO))?;
    match socket.recv(&mut [0]) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Err(error),
        _ => Ok(()),
    }
}

/// A server that hangs up after us has read what came before; one that was gone resets the
/// connection. One that keeps it open has it too, as far as can be known.
fn wait_for_end(stream: &mut impl io::Read) -> io::Result<()> {
    let begun = Instant::now();
    let mut answer = [0; 1024];
    while begun.elapsed() < FAREWELL {
        match stream.read(&mut answer) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => break,
                io::ErrorKind::Interrupted => {}
                _ => return Err(error),
            },
        }
    }
    Ok(())
}
