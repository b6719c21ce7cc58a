//! Each form and each way, once: what was taken is not brought again.

use std::net::{TcpListener, UdpSocket};
use std::time::Duration;

use super::folder::House;
use super::night::{export, house, key, keys, scan, waiting};
use super::servers::{soon, tcp, uncounted, web};

/// `id/revision` in the structured data of a syslog message.
fn key_of(message: &str) -> String {
    let part = |name: &str| {
        let (_, rest) = message.split_once(&format!(" {name}=\"")).expect(name);
        rest.split('"').next().expect("a value").to_owned()
    };
    format!("{}/{}", part("id"), part("revision"))
}

#[test]
fn a_file_gets_each_alert_once_and_revisions_too() {
    let house = house("- { name: file, type: ndjson, path: out/alerts.ndjson }");
    std::fs::create_dir(house.at("out")).expect("a folder");
    let first = keys(&scan(&house));
    let lines = |house: &House| -> Vec<String> {
        let text = house.text("out/alerts.ndjson");
        let mut keys: Vec<String> = text.lines().map(key).collect();
        keys.sort();
        keys
    };
    assert!(first.len() >= 2, "{first:?}");
    assert_eq!(lines(&house), first);
    assert_eq!(scan(&house).out, "");
    assert_eq!(lines(&house), first);
    assert_eq!(waiting(&house, "file"), 0);
    // A record that arrives late revises an alert.
    let late = "2026-11-16 02:09:07,n7,夜間花子,pc3,10.20.1.3,カルテ参照,p8,成功\r\n";
    house.put("ehr.csv", export("2026-11-16") + late);
    let second = keys(&scan(&house));
    assert!(second.iter().any(|key| key.ends_with("/1")), "{second:?}");
    let mut both = [first, second].concat();
    both.sort();
    assert_eq!(lines(&house), both);
}

#[test]
fn a_file_makes_room_by_size() {
    let sink = "- { name: file, type: ndjson, path: a.ndjson, rotate: 1K, keep: 1 }";
    let house = house(sink);
    let all = keys(&scan(&house));
    let texts = [house.text("a.ndjson"), house.text("a.ndjson.1")];
    for text in &texts {
        assert!(text.ends_with('\n'));
        for line in text.lines() {
            assert!(all.contains(&key(line)));
        }
    }
    assert!(!house.has("a.ndjson.2"));
}

#[test]
fn datagrams_carry_one_message_each() {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port is free");
    let port = socket.local_addr().expect("a port").port();
    let patience = Some(Duration::from_secs(5));
    socket.set_read_timeout(patience).expect("a socket");
    let house = house(&format!(
        "- {{ name: siem, type: syslog, to: 'udp://127.0.0.1:{port}' }}"
    ));
    let all = keys(&scan(&house));
    let mut came = Vec::new();
    let mut buffer = [0; 1 << 16];
    for _ in &all {
        let length = socket.recv(&mut buffer).expect("a datagram");
        let message = std::str::from_utf8(&buffer[..length]).expect("UTF-8");
        assert!(message.starts_with("<8"), "{message}");
        assert!(message.contains(" yomawari - "), "{message}");
        assert!(message.contains("[yomawari@32473 id="), "{message}");
        assert!(message.contains("] \u{feff}"), "{message}");
        came.push(key_of(message));
    }
    came.sort();
    assert_eq!(came, all);
    assert_eq!(waiting(&house, "siem"), 0);
}

#[test]
fn streams_carry_counted_messages() {
    let [a, b] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port is free"));
    let port = |listener: &TcpListener| listener.local_addr().expect("a port").port();
    let house = house(&format!(
        "- {{ name: siem, type: syslog, to: 'tcp://127.0.0.1:{}' }}\n\
         - {{ name: arc, type: cef, to: 'tcp://localhost:{}', level: medium }}",
        port(&a),
        port(&b)
    ));
    let (siem, arc) = (tcp(a), tcp(b));
    let ran = scan(&house);
    let all = keys(&ran);
    let came = soon(&siem);
    let mut found: Vec<String> = uncounted(&came).into_iter().map(key_of).collect();
    found.sort();
    assert_eq!(found, all);
    let came = soon(&arc);
    let messages = uncounted(&came);
    let medium = ran
        .out
        .lines()
        .filter(|line| !line.contains("\"level\":\"low\""));
    let medium = medium.filter(|line| !line.contains("\"level\":\"informational\""));
    assert_eq!(messages.len(), medium.count());
    for message in messages {
        assert!(message.contains(" - CEF:0|Yomawari|Yomawari|"), "{message}");
        assert!(message.contains("|externalId="), "{message}");
    }
    assert_eq!(scan(&house).out, "");
    assert!(
        siem.recv_timeout(Duration::from_millis(200)).is_err(),
        "nothing comes twice"
    );
}

#[cfg(unix)]
#[test]
fn sockets_of_the_machine_take_streams_and_datagrams() {
    use std::os::unix::net::{UnixDatagram, UnixListener};

    let folder = tempfile::tempdir().expect("a folder");
    let (log, stream) = (folder.path().join("log"), folder.path().join("stream"));
    let house = house(&format!(
        "- {{ name: log, type: syslog, to: 'unix://{}' }}\n\
         - {{ name: stream, type: cef, to: 'unix://{}' }}",
        log.display(),
        stream.display()
    ));
    let datagrams = UnixDatagram::bind(&log).expect("a socket");
    let patience = Some(Duration::from_secs(5));
    datagrams.set_read_timeout(patience).expect("a socket");
    let listener = UnixListener::bind(&stream).expect("a socket");
    let reader = std::thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection");
        super::servers::whole(stream)
    });
    let all = keys(&scan(&house));
    let mut buffer = [0; 1 << 16];
    for _ in &all {
        datagrams.recv(&mut buffer).expect("a datagram");
    }
    let came = reader.join().expect("the reader ends");
    assert_eq!(uncounted(&came).len(), all.len());
    assert_eq!((waiting(&house, "log"), waiting(&house, "stream")), (0, 0));
}

#[test]
fn a_web_server_gets_a_request_an_alert_with_its_key() {
    let (port, requests) = web(&[200, 201, 204]);
    let house = house(&format!(
        "- name: hook\n  type: webhook\n  to: http://127.0.0.1:{port}/hook?t=1\n  \
         headers: {{ Authorization: \"Bearer secret-token\" }}"
    ));
    let ran = scan(&house);
    let all = keys(&ran);
    let mut came = Vec::new();
    for _ in &all {
        let request = soon(&requests);
        assert_eq!(request.line, "POST /hook?t=1 HTTP/1.1");
        assert_eq!(request.header("content-type"), "application/json");
        assert_eq!(request.header("authorization"), "Bearer secret-token");
        assert_eq!(request.header("idempotency-key"), key(&request.body));
        came.push(key(&request.body));
    }
    came.sort();
    assert_eq!(came, all);
    assert!(!ran.err.contains("secret-token"));
    assert_eq!(waiting(&house, "hook"), 0);
}

#[test]
fn without_a_store_alerts_are_brought_by_every_run() {
    let house = House::new().with("ehr.csv", export("2026-11-16")).with(
        "yomawari.yaml",
        "site: { timezone: Asia/Tokyo }\nsinks: [{ name: f, type: ndjson, path: a.ndjson }]\n",
    );
    let first = keys(&scan(&house)).len();
    assert_eq!(house.text("a.ndjson").lines().count(), first);
    scan(&house);
    assert_eq!(house.text("a.ndjson").lines().count(), 2 * first);
}
